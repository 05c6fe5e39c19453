//! All editions of the policy.

use std::io::Write;

use chrono::NaiveDate;
use csp_multichannel::{ActionSet, Basis, Condition, Edition, Effect, Rule, Rulebook};
use serde::Serialize;

use crate::text::span;
use crate::{Failure, rule, write_json};

/// An edition as JSON.
#[derive(Serialize)]
struct Record<'r> {
    since: NaiveDate,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<NaiveDate>,
    rules: usize,
    begun: Vec<RuleRecord<'r>>,
    ended: Vec<RuleRecord<'r>>,
}

/// A rule as JSON.
#[derive(Serialize)]
struct RuleRecord<'r> {
    id: &'r str,
    effect: Effect,
    #[serde(skip_serializing_if = "Option::is_none")]
    requirement: Option<&'r str>,
    actions: ActionSet,
    condition: Condition,
    reason: &'r str,
    basis: Basis,
    pages: Vec<&'r str>,
}

impl<'r> RuleRecord<'r> {
    fn of(rule: &'r Rule) -> Self {
        Self {
            id: rule.id(),
            effect: rule.effect(),
            requirement: rule.requirement(),
            actions: rule.actions(),
            condition: rule.condition(),
            reason: rule.reason(),
            basis: rule.basis(),
            pages: rule.sources().iter().map(csp_multichannel::Source::page).collect(),
        }
    }
}

/// Writes what begins and ends with each, the earliest first.
pub(crate) fn write(output: &mut impl Write, json: bool) -> Result<usize, Failure> {
    for (number, edition) in Rulebook::partner_center().editions().enumerate() {
        if json {
            write_json(output, &record(edition))?;
        } else {
            output.write_all(if number == 0 { b"" } else { b"\n\n" })?;
            write_edition(output, edition)?;
        }
    }
    Ok(0)
}

fn record(edition: Edition<'_>) -> Record<'_> {
    Record {
        since: edition.since(),
        until: edition.until(),
        rules: edition.rules().count(),
        begun: edition.begun().map(RuleRecord::of).collect(),
        ended: edition.ended().map(RuleRecord::of).collect(),
    }
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
