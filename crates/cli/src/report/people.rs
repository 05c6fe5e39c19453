//! Reports for readers: text, Markdown, and one self-contained HTML page. The templates have the
//! content.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::fmt::Display;
use std::io::{self, Write};
use std::rc::Rc;

use askama::Template;
use csp_multichannel::{Action, Basis, ExplainedSource, ExplainedVerdict, Verdict};

use super::summary::{BestMove, Customer, Entry, Outcome, Summary, by_count};
use crate::overview;
use crate::text::{
    STRONG, escaped, instant, origin, paragraph, printable, terminal_width, thousands, words,
};

/// A report as text; with `is_brief` only totals, notes and errors, beside other reports.
#[derive(Template)]
#[template(path = "report.txt", escape = "none")]
pub(crate) struct Text<'a> {
    pub(crate) summary: &'a Summary,
    pub(crate) explain: bool,
    pub(crate) is_brief: bool,
}

/// A report as Markdown.
#[derive(Template)]
#[template(path = "report.md", escape = "none")]
pub(crate) struct Markdown<'a> {
    pub(crate) summary: &'a Summary,
    pub(crate) explain: bool,
}

/// A report as an HTML page.
#[derive(Template)]
#[template(path = "report.html", whitespace = "minimize")]
struct Page<'a> {
    summary: &'a Summary,
    customers: Vec<(String, &'a Customer)>,
    /// By action: the reasons of verdicts, and the number of listed subscriptions.
    reasons: Vec<(Action, ExplainedVerdict, usize)>,
    /// For each outcome, the numbers of its reasons, from 1, by action.
    numbers: HashMap<*const Outcome, Vec<usize>>,
}

pub(crate) fn write_page(output: &mut impl Write, summary: &Summary) -> io::Result<()> {
    let customers = summary.customers();
    let mut outcomes: HashMap<*const Outcome, (&Outcome, usize)> = HashMap::new();
    for entry in customers.iter().flat_map(|(_, customer)| customer.entries()) {
        outcomes.entry(Rc::as_ptr(&entry.outcome)).or_insert((&entry.outcome, 0)).1 += 1;
    }
    let mut counts: HashMap<(Action, ExplainedVerdict), usize> = HashMap::new();
    let mut explained = Vec::new();
    for (pointer, (outcome, count)) in outcomes {
        let all = outcome.explained();
        for of in &all {
            *counts.entry(of.clone()).or_default() += count;
        }
        explained.push((pointer, all));
    }
    let counts = counts.into_iter().map(|((action, why), count)| (action, why, count));
    let mut reasons: Vec<_> = counts.collect();
    // Equal counts are ordered by text, so that the page is reproducible.
    reasons.sort_by_cached_key(|(action, why, count)| {
        let text = serde_json::to_string(why).unwrap_or_default();
        (*action, why.verdict, Reverse(*count), text)
    });
    let places = reasons.iter().zip(1..);
    let places: HashMap<_, usize> =
        places.map(|((action, why, _), place)| ((*action, why.clone()), place)).collect();
    let number = |of| places.get(of).copied().unwrap_or_default();
    let numbers = explained.iter();
    let numbers = numbers.map(|(pointer, all)| (*pointer, all.iter().map(number).collect()));
    let numbers = numbers.collect();
    Page { summary, customers, reasons, numbers }.write_into(output)
}

impl Page<'_> {
    /// Returns for each action the verdict, the one on the compared day, and the number of its
    /// reasons.
    fn cells(&self, entry: &Entry) -> Vec<(Verdict, Option<Verdict>, usize)> {
        let numbers = self.numbers.get(&Rc::as_ptr(&entry.outcome)).into_iter().flatten();
        let verdicts = entry.outcome.decision.verdicts();
        let cells = verdicts.iter().zip(numbers);
        cells
            .map(|((action, verdict), number)| (*verdict, entry.outcome.was(action), *number))
            .collect()
    }

    /// Returns the most changes in a month.
    fn most(&self) -> u64 {
        self.summary
            .months
            .values()
            .map(|(closing, ending)| closing + ending)
            .max()
            .unwrap_or(0)
            .max(1)
    }
}

/// Formats a paragraph after a lead of a fixed width.
fn item(lead: impl Display, text: impl Display) -> String {
    paragraph(&format!("{lead:>8}  "), &shown(text))
}

/// Escapes control characters, and shortens long text.
fn shown(text: impl Display) -> String {
    const MOST: usize = 600;
    let mut text = printable(&text.to_string());
    if let Some((end, _)) = text.char_indices().nth(MOST) {
        text.truncate(end);
        text.push('…');
    }
    text
}

/// Formats a table cell.
fn cell(text: impl Display) -> String {
    let text: String = text.to_string().chars().take(80).collect();
    shown(text.replace('|', "¦"))
}

fn strong(text: impl Display) -> String {
    format!("{STRONG}{}{STRONG:#}", shown(text))
}

/// Draws the verdicts on a customer's subscriptions as a table, optionally with the legend.
fn verdicts(customer: &Customer, with_legend: bool) -> String {
    let rows = customer.entries().into_iter();
    let name = |entry: &Entry| cell(entry.title());
    let rows: Vec<_> = rows.map(|entry| (name(entry), entry.outcome.decision.verdicts())).collect();
    let width = Some(terminal_width().unwrap_or(80));
    let drawn = overview::draw("subscription", &rows, width);
    match drawn.split_once("\n\n") {
        Some((table, legend)) => [table, if with_legend { legend } else { "" }].join("\n\n"),
        None => drawn,
    }
}

mod filters {
    #![expect(
        clippy::inline_always,
        clippy::unnecessary_wraps,
        clippy::unused_self,
        reason = "required by askama"
    )]

    #[askama::filter_fn]
    pub(super) fn columns(
        text: impl std::fmt::Display,
        _: &dyn askama::Values,
    ) -> askama::Result<String> {
        Ok(crate::overview::columns(&text.to_string()))
    }
}

/// Returns the address of a source; a custom rulebook can contain any text instead.
fn address(source: &ExplainedSource) -> Option<&str> {
    let is_address = |url: &&str| url.starts_with("http") && !url.contains([' ', '<', '>', '|']);
    source.url.as_deref().filter(is_address)
}

/// Returns the letter of a verdict: its class, and its code in a row.
const fn letter(verdict: &Verdict) -> char {
    match verdict {
        Verdict::Allowed => 'a',
        Verdict::Conditional => 'c',
        Verdict::Denied => 'd',
        Verdict::NotCovered => 'n',
        Verdict::Undetermined => 'u',
    }
}

/// Returns the first sentence of a meaning, without full stop and parentheses.
fn meaning(text: &str) -> &str {
    let sentence = text.split_once(". ").map_or(text, |(sentence, _)| sentence);
    sentence.split_once(" (").map_or(sentence, |(words, _)| words).trim_end_matches('.')
}

/// Splits text at its backticks; each part has a flag for code.
fn parts(text: &str) -> impl Iterator<Item = (bool, &str)> {
    text.split('`').enumerate().map(|(place, part)| (place % 2 == 1, part))
}
