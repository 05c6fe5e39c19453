//! All editions of the policy.

use std::io::Write;

use chrono::NaiveDate;
use csp_multichannel::{Edition, Rulebook};
use serde::Serialize;

use crate::text::span;
use crate::{Failure, rule, write_json};

/// An edition as JSON, with how many rules are in force.
#[derive(Serialize)]
struct Record<'r> {
    #[serde(flatten)]
    edition: Edition<'r>,
    rules: usize,
}

/// Writes what begins and ends with each, the earliest first.
pub(crate) fn write(output: &mut impl Write, json: bool) -> Result<usize, Failure> {
    for (number, edition) in Rulebook::partner_center().editions().enumerate() {
        if json {
            write_json(output, &Record { edition, rules: edition.rules().count() })?;
        } else {
            output.write_all(if number == 0 { b"" } else { b"\n\n" })?;
            write_edition(output, edition)?;
        }
    }
    Ok(0)
}

fn write_edition(output: &mut impl Write, edition: Edition<'_>) -> std::io::Result<()> {
    let midnight = |day: NaiveDate| day.and_time(chrono::NaiveTime::MIN).and_utc();
    let span = span(midnight(edition.since()), edition.until().map(midnight));
    writeln!(output, "{}: {} rules, {span}", edition.since(), edition.rules().count())?;
    let signed = edition.ended().map(|rule| ('-', rule)).chain(edition.begun().map(|rule| ('+', rule)));
    for (sign, rule) in signed {
        writeln!(output)?;
        rule::write(output, sign, rule)?;
    }
    Ok(())
}
