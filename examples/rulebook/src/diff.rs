//! `rulebook diff`: what two rulebooks say otherwise.

use std::io::{self, Write};
use std::iter;

use chrono::{DateTime, Utc};
use clap::Args;
use csp_multichannel::guidance::{Difference, Shift};
use csp_multichannel::{Edition, parse_instant};

use crate::input::{self, Source, Written, or_now};
use crate::text::{labelled, printable};
use crate::{Failure, Outcome, output, rule};

/// What two rulebooks say otherwise: rules, and the cases that are answered otherwise
#[derive(Debug, Args)]
#[command(
    after_help = "Rules are the same where they say the same under the same id; when they begin and end does not matter.\n\n\
    Example: rulebook diff builtin northwind.toml --as-of 2026-11-24"
)]
pub(crate) struct Diff {
    /// The one: a file in TOML or JSON, `-` for standard input, `builtin` for the built-in register
    one: Source,

    /// The other
    other: Source,

    #[command(flatten)]
    written: Written,

    /// The instant at which to compare: a day, taken at 00:00 UTC, or an RFC 3339 instant [default: now]
    #[arg(long, value_name = "INSTANT", value_parser = parse_instant)]
    as_of: Option<DateTime<Utc>>,

    /// Exit with 1 where any case is answered otherwise
    #[arg(long)]
    exit_code: bool,

    /// Write one JSON object
    #[arg(long)]
    json: bool,
}

impl Diff {
    pub(crate) fn run(&self) -> Result<Outcome, Failure> {
        input::standard_once([&self.one, &self.other])?;
        let as_of = or_now(self.as_of);
        let [one, other] = [&self.one, &self.other].map(|source| self.written.rulebook(source));
        let (one, other) = (one?, other?);
        let difference = Difference::between(one.edition_at(as_of)?, other.edition_at(as_of)?);
        let cases = difference.cases();
        output::report(self.json, &difference, |output| {
            let edition = |source: &Source, edition: Edition<'_>| {
                format!("{}, edition of {}", printable(&source.to_string()), edition.since())
            };
            writeln!(output, "From {}", edition(&self.one, difference.from()))?;
            writeln!(output, "to   {}", edition(&self.other, difference.to()))?;
            write(output, &difference, &cases)
        })?;
        Ok(Outcome::of(cases.is_empty() || !self.exit_code))
    }
}

fn write(output: &mut Vec<u8>, difference: &Difference<'_>, cases: &[Shift]) -> io::Result<()> {
    let signed = difference.ended().map(|rule| ('-', rule)).chain(difference.begun().map(|rule| ('+', rule)));
    for (sign, rule) in signed {
        writeln!(output)?;
        rule::write(output, sign, rule)?;
    }
    if cases.is_empty() {
        return writeln!(output, "\nNo case is answered otherwise.");
    }
    writeln!(output, "\nCases that are answered otherwise")?;
    let kind = |shift: &Shift| (shift.action(), shift.before(), shift.after());
    let mut sorted: Vec<&Shift> = cases.iter().collect();
    sorted.sort_by_key(|shift| kind(shift));
    for alike in sorted.chunk_by(|one, other| kind(one) == kind(other)) {
        let Some((action, before, after)) = alike.first().map(|shift| kind(shift)) else { continue };
        writeln!(output, "\n{action:22}was {before}, is {after}")?;
        for shift in alike {
            let facts = rule::facts(shift.condition());
            if facts.is_empty() {
                labelled(output, "", "in every case")?;
            }
            for (fact, label) in facts.iter().zip(iter::once("where").chain(iter::repeat(""))) {
                labelled(output, label, fact)?;
            }
        }
    }
    Ok(())
}
