//! What changed between two editions: rules, and the cases that are decided differently.

use std::collections::BTreeMap;
use std::io::{self, Write};

use csp_multichannel::{Action, Edition, Effect, Fact, Facts, Rule, Verdict};
use serde::Serialize;

use super::{RuleRecord, write_rule};
use crate::text::{STRONG, counted, paragraph, words, write_json};

/// The difference as JSON.
#[derive(Serialize)]
struct Record<'r> {
    from: String,
    to: String,
    ended: Vec<RuleRecord<'r>>,
    begun: Vec<RuleRecord<'r>>,
    cases: Vec<Change>,
}

/// Cases in which the verdict on an action changes, all in the same way.
#[derive(Serialize)]
struct Change {
    action: Action,
    before: Verdict,
    after: Verdict,
    condition: Facts,
}

/// Writes the rules that are in force in one of two editions only, and the cases that change.
pub(super) fn write(
    output: &mut impl Write,
    from: Edition<'_>,
    to: Edition<'_>,
    json: bool,
) -> io::Result<()> {
    let ended: Vec<_> =
        from.rules().filter(|rule| !to.rules().any(|other| other == *rule)).collect();
    let begun: Vec<_> =
        to.rules().filter(|rule| !from.rules().any(|other| other == *rule)).collect();
    let cases: Vec<Change> = Action::ALL
        .iter()
        .flat_map(|&action| changes(from, to, action, &[&ended[..], &begun].concat()))
        .collect();
    if json {
        let records = |rules: Vec<_>| rules.into_iter().map(RuleRecord::from).collect();
        let (ended, begun) = (records(ended), records(begun));
        let record = Record { from: from.to_string(), to: to.to_string(), ended, begun, cases };
        return write_json(output, &record);
    }
    let (ended_count, begun_count) = (counted(ended.len(), "rule"), counted(begun.len(), "rule"));
    let text = format!(
        "From the edition of {from} to that of {to}: {ended_count} ended, {begun_count} began"
    );
    writeln!(output, "{}", paragraph("", &text))?;
    if !ended.is_empty() || !begun.is_empty() {
        writeln!(output)?;
    }
    for (sign, rules) in [("- ", ended), ("+ ", begun)] {
        for rule in rules {
            write_rule(output, sign, rule, false)?;
        }
    }
    if cases.is_empty() {
        return writeln!(output, "\nNo case is decided differently.");
    }
    let kind = |change: &Change| (change.action, change.before, change.after);
    for alike in cases.chunk_by(|one, other| kind(one) == kind(other)) {
        let Some(Change { action, before, after, .. }) = alike.first() else { continue };
        let (before, after) = (words(before), words(after));
        writeln!(output, "\n{STRONG}{}{STRONG:#}: was {before}, is {after}", words(action))?;
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

/// The cases in which the verdict on an action changes: as disjoint conditions, of which no two that differ in one
/// fact alone could be joined.
fn changes(from: Edition<'_>, to: Edition<'_>, action: Action, rules: &[&Rule]) -> Vec<Change> {
    let deciding =
        |rule: &&&Rule| rule.effect() != Effect::Advise && rule.actions().contains(action);
    let rules: Vec<Facts> = rules.iter().filter(deciding).map(|rule| rule.condition()).collect();
    let mut changes: Vec<_> = Comparison { from, to, action, rules }
        .differing(Facts::UNKNOWN)
        .into_iter()
        .map(|((before, after), condition)| Change { action, before, after, condition })
        .collect();
    changes.sort_by_key(|change| (change.before, change.after, change.condition));
    changes
}

/// A comparison of two editions on one action.
struct Comparison<'r> {
    from: Edition<'r>,
    to: Edition<'r>,
    action: Action,
    /// When a rule fires that is in force in one edition only.
    rules: Vec<Facts>,
}

/// Cases with their verdicts before and after.
type Differing = Vec<((Verdict, Verdict), Facts)>;

impl Comparison<'_> {
    fn differing(&self, facts: Facts) -> Differing {
        if !self.rules.iter().any(|condition| condition.overlaps(facts)) {
            return Vec::new();
        }
        let (before, after) = (self.from.decide(facts), self.to.decide(facts));
        let verdicts = (before.verdict(self.action), after.verdict(self.action));
        let open = before.depends_on(self.action).union(after.depends_on(self.action));
        // What the rules that differ name comes first, so that conditions read like theirs.
        let named =
            |fact: &Fact| self.rules.iter().any(|condition| condition.narrowed().contains(*fact));
        match open.iter().find(named).or_else(|| open.iter().next()) {
            None if verdicts.0 == verdicts.1 => Vec::new(),
            None => vec![(verdicts, facts)],
            Some(fact) => {
                let parts = facts.split(fact).flat_map(|facts| self.differing(facts));
                Fact::ALL.iter().fold(parts.collect(), |parts, &fact| join(parts, fact))
            }
        }
    }
}

/// Joins conditions that differ in one fact alone.
fn join(parts: Differing, fact: Fact) -> Differing {
    let mut joined: BTreeMap<_, Facts> = BTreeMap::new();
    for (verdicts, facts) in parts {
        let others = (verdicts, facts.without(fact));
        joined.entry(others).and_modify(|joined| *joined = joined.union(facts)).or_insert(facts);
    }
    joined.into_iter().map(|((verdicts, _), facts)| (verdicts, facts)).collect()
}
