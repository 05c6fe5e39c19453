//! The difference between two editions, as text.

use std::io::{self, Write};

use csp_multichannel::{Edition, ExplainedRule, Facts, Rule, Verdict};
use csp_multichannel_rulebook::{Difference, VerdictChange};
use serde::Serialize;

use crate::policy::{RuleRecord, write_rule};
use crate::text::{STRONG, counted, paragraph, words};

/// A difference as JSON; its rules have conditions and effects.
#[derive(Serialize)]
pub(crate) struct Record<'r> {
    from: String,
    to: String,
    kind: &'static str,
    ended: Vec<RuleRecord<'r>>,
    begun: Vec<RuleRecord<'r>>,
    changes: &'r [VerdictChange],
}

/// Returns the rules of an edition that a difference names.
fn named<'r>(edition: Edition<'r>, rules: &[ExplainedRule]) -> Vec<&'r Rule> {
    edition.rules().filter(|rule| rules.iter().any(|named| named.id == rule.id())).collect()
}

impl<'r> Record<'r> {
    pub(crate) fn new(from: Edition<'r>, to: Edition<'r>, difference: &'r Difference) -> Self {
        let records = |edition, rules| named(edition, rules).into_iter().map(Into::into).collect();
        Self {
            from: from.to_string(),
            to: to.to_string(),
            kind: difference.kind.as_str(),
            ended: records(from, &difference.ended),
            begun: records(to, &difference.begun),
            changes: &difference.changes,
        }
    }
}

/// Writes the rules in force in only one of two editions, and the cases that change, after `lead`.
pub(crate) fn write(
    output: &mut impl Write,
    lead: &str,
    from: Edition<'_>,
    to: Edition<'_>,
    difference: &Difference,
) -> io::Result<()> {
    let (ended, begun) = (named(from, &difference.ended), named(to, &difference.begun));
    let (ended_count, begun_count) = (counted(ended.len(), "rule"), counted(begun.len(), "rule"));
    let text = format!("{lead}: {ended_count} ended, {begun_count} began");
    writeln!(output, "{}", paragraph("", &text))?;
    if !ended.is_empty() || !begun.is_empty() {
        writeln!(output)?;
    }
    for (sign, rules) in [("- ", ended), ("+ ", begun)] {
        for rule in rules {
            write_rule(output, sign, rule)?;
        }
    }
    if difference.changes.is_empty() {
        return writeln!(output, "\nNo case is decided differently.");
    }
    let kind = |change: &VerdictChange| {
        let required = (change.required_before.clone(), change.required_after.clone());
        (change.action, change.before, change.after, required)
    };
    for alike in difference.changes.chunk_by(|one, other| kind(one) == kind(other)) {
        let Some(change) = alike.first() else { continue };
        writeln!(output)?;
        write_change(output, "", change)?;
        for change in alike {
            let condition = if change.condition == Facts::UNKNOWN {
                "in every case".into()
            } else {
                change.condition.to_string()
            };
            writeln!(output, "{}", paragraph("  where ", &condition))?;
        }
    }
    Ok(())
}

/// Writes the verdict before and after a change.
pub(crate) fn write_change(
    output: &mut impl Write,
    indent: &str,
    change: &VerdictChange,
) -> io::Result<()> {
    let answer = |verdict: Verdict, required: &[String]| {
        let on = if required.is_empty() {
            String::new()
        } else {
            format!(" on {}", required.join(", "))
        };
        format!("{}{on}", words(verdict))
    };
    let before = answer(change.before, &change.required_before);
    let after = answer(change.after, &change.required_after);
    let action = words(change.action);
    let text = format!("{action}: was {before}, is {after}");
    // Further lines are indented more.
    let text = paragraph(&format!("{indent}  "), &text);
    let (_, text) = text.split_at(text.find(&action).unwrap_or_default() + action.len());
    writeln!(output, "{indent}{STRONG}{action}{STRONG:#}{text}")
}
