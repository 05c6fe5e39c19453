//! For a terminal: what all comes to, then the subscriptions by customer.

use std::ffi::OsStr;
use std::io::{self, IsTerminal, Write};
use std::rc::Rc;

use chrono::{DateTime, Utc};
use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{Attribute, Cell, CellAlignment, Color, ContentArrangement, Table};
use csp_multichannel::{Action, Fact, Verdict};

use super::{Listing, Report, counted, printable, words};
use crate::entry::{Entry, Refused};
use crate::outcome::{Outcome, Way};
use crate::summary::Summary;

pub(super) struct Terminal {
    listing: Listing,
}

impl Terminal {
    pub(super) fn of(listing: Listing) -> Self {
        Self { listing }
    }
}

impl Report for Terminal {
    fn entry(&mut self, entry: &Entry, outcome: &Rc<Outcome>, _: DateTime<Utc>) -> io::Result<()> {
        self.listing.add(entry, outcome);
        Ok(())
    }

    fn refused(&mut self, refused: &Refused) -> io::Result<()> {
        self.listing.add_refused(refused);
        Ok(())
    }

    fn finish(self: Box<Self>, summary: &Summary) -> io::Result<()> {
        let mut output = io::BufWriter::new(io::stdout().lock());
        summarise(&mut output, summary)?;
        if !self.listing.refused.is_empty() {
            writeln!(output, "\nRefused")?;
        }
        for refused in &self.listing.refused {
            writeln!(output, "{}", printable(&refused.to_string()))?;
        }
        let more = summary.refused - self.listing.refused.len() as u64;
        if more > 0 {
            writeln!(output, "and {more} more: --output report.csv or report.jsonl has all of them")?;
        }
        for (customer, entries) in &self.listing.customers {
            let mut table = table();
            let facts = [Fact::Service, Fact::Channel].map(words);
            table.set_header(headings(
                ["subscription".into()].into_iter().chain(facts).chain(Action::ALL.iter().map(words)),
            ));
            for (entry, outcome) in entries {
                let facts = [Fact::Service, Fact::Channel]
                    .map(|fact| entry.values(fact).map_or_else(|| Cell::new("?"), |values| Cell::new(words(values))));
                let verdicts = outcome.decision.verdicts().iter().map(|(_, verdict)| verdict_cell(verdict));
                table.add_row([Cell::new(shown(entry.title()))].into_iter().chain(facts).chain(verdicts));
            }
            writeln!(output, "\n{}\n{table}", shown(customer))?;
        }
        if self.listing.more > 0 {
            writeln!(
                output,
                "\nNot listed here: {}. --output report.csv or report.jsonl has all of them",
                counted(self.listing.more)
            )?;
        }
        output.flush()
    }
}

fn summarise(output: &mut impl Write, summary: &Summary) -> io::Result<()> {
    let Summary { as_of, edition, decided, refused, .. } = summary;
    writeln!(
        output,
        "As of {as_of:?}, by the edition of {}: {} decided, {refused} refused",
        edition.since(),
        counted(*decided)
    )?;

    let mut ways = table();
    ways.set_header(headings(["action".to_owned()].into_iter().chain(Verdict::ALL.iter().map(words))));
    for &action in Action::ALL {
        let counts = Verdict::ALL.iter().map(|&verdict| {
            let count = summary.with(action, verdict);
            number(count).fg(if count > 0 { color(verdict) } else { Color::Reset })
        });
        ways.add_row([Cell::new(words(action))].into_iter().chain(counts));
    }
    let of = |way| summary.ways(way);
    section(output, "Ways open", &ways)?;
    writeln!(
        output,
        "A way is open for {}, only on conditions for {} more; for {} it cannot be told yet, for {} none is open.",
        of(Way::Open),
        of(Way::OnConditions),
        of(Way::NotYetKnown),
        of(Way::None)
    )?;

    let mut in_the_way = columns(["subscriptions", "rule", "reason"]);
    for (rule, count) in summary.in_the_way() {
        in_the_way.add_row([number(count), Cell::new(rule.id()), Cell::new(rule.reason())]);
    }
    section(output, "What stands in the way", &in_the_way)?;

    let mut required = columns(["subscriptions", "requirement", "reason"]);
    for (name, reason, count) in summary.required() {
        required.add_row([number(count), Cell::new(words(name)), Cell::new(reason)]);
    }
    section(output, "What has to be met first", &required)?;

    let mut missing = columns(["subscriptions", "fact", "one of"]);
    for (fact, count) in summary.missing() {
        missing.add_row([number(count), Cell::new(fact), Cell::new(fact.values().to_string())]);
    }
    section(output, "Facts worth asking for", &missing)?;

    let mut soonest = columns(["when", "what", "subscription", "customer"]);
    for change in summary.soonest() {
        let texts = [shown(&change.title), shown(&change.customer)];
        soonest.add_row([change.when(), change.kind.as_str().into()].into_iter().chain(texts));
    }
    section(output, "Next to close", &soonest)
}

fn section(output: &mut impl Write, heading: &str, table: &Table) -> io::Result<()> {
    if table.is_empty() { Ok(()) } else { writeln!(output, "\n{heading}\n{table}") }
}

/// A table as wide as the terminal, or of a width that can be read elsewhere; with colour on a terminal that has not refused it.
fn table() -> Table {
    let mut table = Table::new();
    table.load_preset(UTF8_FULL_CONDENSED).set_content_arrangement(ContentArrangement::Dynamic);
    if !io::stdout().is_terminal() {
        table.set_width(120);
    }
    let is = |name, refuses: fn(&OsStr) -> bool| std::env::var_os(name).is_some_and(|value| refuses(&value));
    if is("NO_COLOR", |value| !value.is_empty()) || is("TERM", |value| value == "dumb") {
        table.force_no_tty();
    }
    table
}

fn columns<const N: usize>(names: [&str; N]) -> Table {
    let mut table = table();
    table.set_header(headings(names.map(Into::into)));
    table
}

fn headings(names: impl IntoIterator<Item = String>) -> Vec<Cell> {
    names.into_iter().map(|name| Cell::new(name).add_attribute(Attribute::Bold)).collect()
}

/// A name without what steers a terminal, cut to what a cell can show.
fn shown(name: &str) -> String {
    const MOST: usize = 120;
    let cut: String = name.chars().take(MOST).collect();
    let more = if cut.len() < name.len() { "…" } else { "" };
    format!("{}{more}", printable(&cut))
}

fn number(count: u64) -> Cell {
    Cell::new(count).set_alignment(CellAlignment::Right)
}

fn verdict_cell(verdict: Verdict) -> Cell {
    Cell::new(words(verdict)).fg(color(verdict))
}

fn color(verdict: Verdict) -> Color {
    match verdict {
        Verdict::Allowed => Color::Green,
        Verdict::Conditional => Color::Yellow,
        Verdict::Denied => Color::Red,
        Verdict::NotCovered => Color::DarkGrey,
        Verdict::Undetermined => Color::Blue,
    }
}
