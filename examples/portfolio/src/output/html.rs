//! One page that needs nothing else: what all comes to, pictures of it, and a table to filter, each verdict opening to its reasons.

#![expect(clippy::trivially_copy_pass_by_ref, reason = "templates hand over references")]

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::HashMap;
use std::fmt::{Display, Write as _};
use std::io::{self, Write};
use std::rc::Rc;

use askama::Template;
use chrono::{DateTime, NaiveDate, Utc};
use csp_multichannel::{Action, Decision, Fact, Rule, Verdict, Verdicts};

use super::{Listing, Report, words};
use crate::entry::{Entry, Refused};
use crate::outcome::{Outcome, Way};
use crate::summary::{ChangeKind, Summary, changes};

pub(super) struct Html {
    file: Box<dyn Write>,
    listing: Listing,
}

impl Html {
    pub(super) fn to(file: Box<dyn Write>, listing: Listing) -> Self {
        Self { file, listing }
    }
}

impl Report for Html {
    fn entry(&mut self, entry: &Entry, outcome: &Rc<Outcome>, _: DateTime<Utc>) -> io::Result<()> {
        self.listing.add(entry, outcome);
        Ok(())
    }

    fn refused(&mut self, refused: &Refused) -> io::Result<()> {
        self.listing.add_refused(refused);
        Ok(())
    }

    fn finish(mut self: Box<Self>, summary: &Summary) -> io::Result<()> {
        let page = Page::of(summary, &self.listing);
        page.write_into(&mut self.file).map_err(io::Error::other)?;
        self.file.flush()
    }
}

/// How far a way can be open, in words.
const WAYS: [(Way, &str, &str); 4] = [
    (Way::Open, "a way is open", "something is allowed"),
    (Way::OnConditions, "only on conditions", "something is allowed, once what is required has been met"),
    (Way::NotYetKnown, "cannot be told yet", "it turns on facts that are not known"),
    (Way::None, "no way is open", "everything is denied or not covered"),
];

/// What the template shows.
#[derive(Template)]
#[template(path = "report.html", whitespace = "minimize")]
struct Page<'a> {
    summary: &'a Summary,
    listing: &'a Listing,
    bars: Vec<Bar>,
    months: Vec<Column>,
    customers: Vec<Group<'a>>,
    /// By action; numbered from 1 over all of them.
    reasons: Vec<(Action, Vec<Reasons>)>,
}

impl<'a> Page<'a> {
    fn of(summary: &'a Summary, listing: &'a Listing) -> Self {
        let mut numbering = Numbering::default();
        let group = |(name, entries): (&'a Rc<str>, &'a Vec<(Entry, Rc<Outcome>)>)| {
            let rows = entries.iter().map(|(entry, outcome)| Row {
                entry,
                verdicts: outcome.decision.verdicts(),
                reasons: numbering.count(outcome),
                changes: coming(entry, summary.as_of),
            });
            Group { name, rows: rows.collect() }
        };
        let mut customers: Vec<Group<'_>> = listing.customers.iter().map(group).collect();
        let (reasons, places) = numbering.sorted();
        for row in customers.iter_mut().flat_map(|group| &mut group.rows) {
            for number in &mut row.reasons {
                *number = places[*number];
            }
        }
        Self {
            summary,
            listing,
            bars: Action::ALL.iter().map(|&action| Bar::of(summary, action)).collect(),
            months: Column::of_all(summary),
            customers,
            reasons,
        }
    }

    /// Of all that were decided, in hundredths, rounded; neither none nor all where it is not.
    fn share(&self, way: Way) -> String {
        let count = self.summary.ways(way);
        let all = self.summary.decided.max(1);
        match (count * 100 + all / 2) / all {
            0 if count > 0 => "<1".into(),
            100 if count < all => ">99".into(),
            share => share.to_string(),
        }
    }
}

/// The subscriptions of a customer.
struct Group<'a> {
    name: &'a str,
    rows: Vec<Row<'a>>,
}

struct Row<'a> {
    entry: &'a Entry,
    verdicts: Verdicts,
    /// For each verdict the number of its reasons.
    reasons: Vec<usize>,
    changes: Vec<String>,
}

impl Row<'_> {
    /// What the filter compares: a letter for each verdict.
    fn letters(&self) -> String {
        self.verdicts.iter().map(|(_, verdict)| letter(&verdict)).collect()
    }

    fn cells(&self) -> impl Iterator<Item = (Verdict, usize)> {
        self.verdicts.iter().map(|(_, verdict)| verdict).zip(self.reasons.iter().copied())
    }

    /// What it is and where it was bought, in short.
    fn about(&self) -> String {
        let fact = |fact| self.values(fact).unwrap_or_else(|| format!("{fact} unknown"));
        format!("{} · {}", fact(Fact::Service), fact(Fact::Channel))
    }

    /// Each fact with its values and where they come from.
    fn facts(&self) -> impl Iterator<Item = (Fact, Option<String>, String)> {
        let source = |fact| self.entry.source(fact).to_string().replace('`', "");
        Fact::ALL.iter().map(move |&fact| (fact, self.values(fact), source(fact)))
    }

    fn values(&self, fact: Fact) -> Option<String> {
        self.entry.values(fact).map(|values| words(values).replace(", ", " or "))
    }
}

/// What changes for a subscription after an instant, and when.
fn coming(entry: &Entry, from: DateTime<Utc>) -> Vec<String> {
    let change = |(at, kind): (DateTime<Utc>, ChangeKind)| format!("{} {}", kind.as_str(), kind.when(at));
    changes(entry, from).map(change).collect()
}

/// Why a verdict is as it is; told once for all subscriptions that have it for the same reasons.
struct Reasons {
    number: usize,
    /// How many subscriptions of the table have it.
    count: u64,
    why: Why,
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct Why {
    action: Action,
    verdict: Verdict,
    because: Vec<&'static Rule>,
    /// What is required, with the rules that require it whatever else is the case.
    requires: Vec<(&'static str, Vec<&'static Rule>)>,
    know: Vec<&'static Rule>,
    possible: Vec<Verdict>,
    turns_on: Vec<Fact>,
}

impl Why {
    fn of(decision: &Decision<'static>, action: Action) -> Self {
        let requiring = |name| decision.requiring(action).filter(|rule| rule.requirement() == Some(name)).collect();
        let verdict = decision.verdict(action);
        let possible =
            if verdict == Verdict::Undetermined { decision.possible(action).iter().collect() } else { Vec::new() };
        Self {
            action,
            verdict,
            because: decision.rules(action).collect(),
            requires: decision.requirements(action).map(|name| (name, requiring(name))).collect(),
            know: decision.advice(action).collect(),
            possible,
            turns_on: decision.depends_on(action).iter().collect(),
        }
    }
}

/// Numbers reasons as they are met.
#[derive(Default)]
struct Numbering {
    reasons: Vec<Reasons>,
    by_why: HashMap<Why, usize>,
    by_outcome: HashMap<*const Outcome, Vec<usize>>,
}

impl Numbering {
    /// The numbers of an outcome's reasons, counted once more.
    fn count(&mut self, outcome: &Rc<Outcome>) -> Vec<usize> {
        let numbers = self.by_outcome.entry(Rc::as_ptr(outcome)).or_insert_with(|| {
            let number = |&action: &Action| {
                let why = Why::of(&outcome.decision, action);
                *self.by_why.entry(why).or_insert_with_key(|why| {
                    let number = self.reasons.len();
                    self.reasons.push(Reasons { number, count: 0, why: why.clone() });
                    number
                })
            };
            Action::ALL.iter().map(number).collect()
        });
        for &number in numbers.iter() {
            self.reasons[number].count += 1;
        }
        numbers.clone()
    }

    /// By action and verdict, the most frequent first, numbered anew from 1; and for each number the new one.
    fn sorted(self) -> (Vec<(Action, Vec<Reasons>)>, Vec<usize>) {
        let mut reasons = self.reasons;
        reasons.sort_by_key(|reasons| (reasons.why.action, reasons.why.verdict, Reverse(reasons.count)));
        let mut places = vec![0; reasons.len()];
        let mut by_action = Vec::<(Action, Vec<Reasons>)>::new();
        for (place, mut reasons) in (1..).zip(reasons) {
            places[reasons.number] = place;
            reasons.number = place;
            match by_action.last_mut() {
                Some((action, same)) if *action == reasons.why.action => same.push(reasons),
                _ => by_action.push((reasons.why.action, vec![reasons])),
            }
        }
        (by_action, places)
    }
}

/// The verdicts on an action, over the whole portfolio.
struct Bar {
    action: Action,
    /// In the order of [`Verdict::ALL`].
    parts: Vec<Part>,
}

struct Part {
    verdict: Verdict,
    count: u64,
    /// Where it begins and how wide it is, in hundredths of the bar.
    from: f64,
    width: f64,
}

impl Bar {
    fn of(summary: &Summary, action: Action) -> Self {
        let mut before = 0;
        let parts = Verdict::ALL.iter().map(|&verdict| {
            let count = summary.with(action, verdict);
            let from = part(before, summary.decided, 100.0);
            before += count;
            Part { verdict, count, from, width: part(count, summary.decided, 100.0) }
        });
        Self { action, parts: parts.collect() }
    }
}

/// A month of the timeline: a column of two parts.
struct Column {
    first: NaiveDate,
    closing: u64,
    ending: u64,
    /// Where it begins and how wide it is, in hundredths of the picture.
    from: f64,
    width: f64,
    /// In pixels.
    closing_height: f64,
    ending_height: f64,
}

impl Column {
    /// The height of the highest column, and of the room for its label above, in pixels.
    const HIGHEST: f64 = 290.0;
    const LABEL: f64 = 20.0;

    fn of_all(summary: &Summary) -> Vec<Self> {
        let months = &summary.months;
        let most = months.iter().map(|month| month.closing + month.ending).max().unwrap_or_default();
        let count = months.len() as u64;
        let column = |(month, place): (&crate::summary::Month, u64)| Self {
            first: month.first,
            closing: month.closing,
            ending: month.ending,
            from: part(place, count, 100.0),
            width: part(1, count, 100.0),
            closing_height: part(month.closing, most, Self::HIGHEST),
            ending_height: part(month.ending, most, Self::HIGHEST),
        };
        months.iter().zip(0..).map(column).collect()
    }

    fn all(&self) -> u64 {
        self.closing + self.ending
    }

    fn middle(&self) -> f64 {
        self.from + self.width / 2.0
    }

    fn bar_from(&self) -> f64 {
        self.from + self.width * 0.15
    }

    fn bar_width(&self) -> f64 {
        self.width * 0.7
    }

    fn ending_top(&self) -> f64 {
        Self::LABEL + Self::HIGHEST - self.ending_height
    }

    fn closing_top(&self) -> f64 {
        self.ending_top() - self.closing_height
    }
}

/// A part of a whole, as a part of a length.
#[expect(clippy::cast_precision_loss, reason = "of lengths that are drawn")]
fn part(count: u64, of: u64, length: f64) -> f64 {
    count as f64 / of.max(1) as f64 * length
}

/// A verdict's class and its place in a row's letters.
const fn letter(verdict: &Verdict) -> char {
    match verdict {
        Verdict::Allowed => 'a',
        Verdict::Conditional => 'c',
        Verdict::Denied => 'd',
        Verdict::NotCovered => 'n',
        Verdict::Undetermined => 'u',
    }
}

const fn about_action(action: &Action) -> &'static str {
    match action {
        Action::RequestRelationship => "ask the customer for permission to manage",
        Action::RecreateAndCancel => "create it anew in Azure, cancel the old one",
        Action::Switch => "transfer it to the asking partner",
        Action::WaitUntilTermEnd => "let the term run out, then buy anew",
        Action::CancelThenMove => "cancel before the term ends, then buy anew",
    }
}

const fn about_verdict(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Allowed => "a rule permits it, and nothing is required first",
        Verdict::Conditional => "as allowed, once what is required has been met",
        Verdict::Denied => "a rule forbids it",
        Verdict::NotCovered => "the policy does not speak of such a case: no permission and no prohibition",
        Verdict::Undetermined => "it turns on facts that are not known",
    }
}

/// Words as the beginning of a line.
fn title(word: impl Display) -> String {
    let words = words(word);
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// A count with its thousands parted.
fn number(count: impl Display) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 subscription`, `2 subscriptions`.
fn subscriptions(count: impl Display) -> String {
    let count = number(count);
    let noun = if count == "1" { "subscription" } else { "subscriptions" };
    format!("{count} {noun}")
}

/// An instant, for people: as much of the time as there is.
fn instant(at: &DateTime<Utc>) -> String {
    let format = if at.timestamp() % 60 == 0 { "%Y-%m-%d %H:%M UTC" } else { "%Y-%m-%d %H:%M:%S UTC" };
    at.format(format).to_string()
}

/// Text with control characters in sight, as their pictures where they have one.
fn plain(text: &str) -> Cow<'_, str> {
    if !text.contains(char::is_control) {
        return text.into();
    }
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\0'..='\x1f' => shown.extend(char::from_u32('\u{2400}' as u32 + c as u32)),
            '\x7f' => shown.push('\u{2421}'),
            c if c.is_control() => drop(write!(shown, "{}", c.escape_unicode())),
            c => shown.push(c),
        }
    }
    shown.into()
}

/// Text parted at its backticks, each part with whether it is code.
fn parts(text: &str) -> impl Iterator<Item = (bool, &str)> {
    text.split('`').enumerate().map(|(place, part)| (place % 2 == 1, part))
}
