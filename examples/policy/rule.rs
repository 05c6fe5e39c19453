//! A rule, to be read.

use std::io::{self, Write};

use csp_multichannel::{Action, Condition, Fact, Rule, Set};

use crate::text::{labelled, source};

/// Writes a rule behind a sign: what it does in which cases, why, and by which pages.
pub(crate) fn write(output: &mut impl Write, sign: char, rule: &Rule) -> io::Result<()> {
    writeln!(output, "{sign} {}", rule.id())?;
    labelled(output, rule.effect().as_str(), &does(rule))?;
    labelled(output, "because", rule.reason())?;
    labelled(output, "", &source(rule))
}

/// What it speaks of: `active_relationship for recreate_and_cancel, switch, where relationship: none, requested`.
fn does(rule: &Rule) -> String {
    let actions = match rule.actions() {
        all if all == Set::all() => "every action".into(),
        moves if moves == Action::MOVES => "every move".into(),
        actions => actions.to_string(),
    };
    let requirement = rule.requirement().map(|requirement| format!("{requirement} for ")).unwrap_or_default();
    match facts(rule.condition()).join("; ") {
        facts if facts.is_empty() => format!("{requirement}{actions}"),
        facts => format!("{requirement}{actions}, where {facts}"),
    }
}

/// The facts of a condition in words: `channel: all but direct, own_advisor`, `cloud: china`; of each what is shorter.
pub(crate) fn facts(condition: Condition) -> Vec<String> {
    let told = |fact: Fact| {
        let admitted = condition.admitted(fact);
        let others = fact.values().difference(admitted);
        if others.len() * 2 < admitted.len() {
            format!("{fact}: all but {others}")
        } else {
            format!("{fact}: {admitted}")
        }
    };
    condition.facts().iter().map(told).collect()
}
