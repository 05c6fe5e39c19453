//! What differs between two editions: rules, and the cases that are decided differently.

use csp_multichannel::{Action, Edition, Effect, ExplainedRule, Facts, Rule, Verdict};
use serde::{Deserialize, Serialize};

use crate::partition::{Cases, Question, named, partition, requirements};

csp_multichannel::words! {
    /// The kind of a change as a whole, the weakest first.
    pub enum ChangeKind, change {
        /// Nothing differs.
        None = none,
        /// Only reasons, sources or advice differ: no verdict, and no requirement.
        Wording = wording,
        /// Only cases that were not covered have a verdict now.
        Additive = additive,
        /// Some case that had a verdict has another one, or other requirements.
        Breaking = breaking,
    }
}

/// The difference between two editions, of one rulebook or of two.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Difference {
    /// The kind of the change as a whole.
    pub kind: ChangeKind,
    /// The rules in force before, and not after.
    pub ended: Vec<ExplainedRule>,
    /// The rules in force after, and not before.
    pub begun: Vec<ExplainedRule>,
    /// The cases that are decided differently: disjoint conditions for each action.
    pub changes: Vec<VerdictChange>,
}

/// Cases in which the verdict on an action, or what is required for it, differs in the same way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct VerdictChange {
    /// The action.
    pub action: Action,
    /// The verdict before.
    pub before: Verdict,
    /// What was required before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub required_before: Vec<String>,
    /// The verdict after.
    pub after: Verdict,
    /// What is required after.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub required_after: Vec<String>,
    /// The cases.
    pub condition: Facts,
}

/// Compares two editions, of one rulebook or of two: over every case with all facts known.
///
/// A rule is the same in both if it differs in nothing but the days on which it is in force.
///
/// ```
/// use csp_multichannel::{Action, Rulebook, Verdict, parse_instant};
/// use csp_multichannel_rulebook::{ChangeKind, difference};
///
/// let at = |day| parse_instant(day).map(|at| Rulebook::partner_center().edition_at(at));
/// let difference = difference(at("2026-08-19")??, at("2026-08-20")??);
/// assert_eq!(difference.kind, ChangeKind::Breaking);
/// assert_eq!(difference.begun[0].id, "azure-ea-switch-distributor");
/// let opened = difference.changes.iter().find(|change| change.before == Verdict::Denied);
/// assert_eq!(opened.map(|change| (change.action, change.after)), Some((Action::Switch, Verdict::Conditional)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn difference(from: Edition<'_>, to: Edition<'_>) -> Difference {
    let ended = missing(from, to);
    let begun = missing(to, from);
    let differing: Vec<&Rule> = ended.iter().chain(&begun).copied().collect();
    let changes: Vec<VerdictChange> =
        Action::ALL.iter().flat_map(|&action| on_action(from, to, action, &differing)).collect();
    let kind = if changes.iter().any(|change| change.before != Verdict::NotCovered) {
        ChangeKind::Breaking
    } else if !changes.is_empty() {
        ChangeKind::Additive
    } else if !differing.is_empty() {
        ChangeKind::Wording
    } else {
        ChangeKind::None
    };
    let explained = |rules: Vec<&Rule>| rules.into_iter().map(Into::into).collect();
    Difference { kind, ended: explained(ended), begun: explained(begun), changes }
}

/// The rules of an edition that another does not have.
fn missing<'r>(edition: Edition<'r>, other: Edition<'_>) -> Vec<&'r Rule> {
    let is_missing = |rule: &&Rule| !other.rules().any(|other| is_same(rule, other));
    edition.rules().filter(is_missing).collect()
}

/// Whether two rules differ in nothing but their days.
fn is_same(one: &Rule, other: &Rule) -> bool {
    one.id() == other.id()
        && (one.effect(), one.requirement()) == (other.effect(), other.requirement())
        && (one.actions(), one.condition()) == (other.actions(), other.condition())
        && (one.basis(), one.sources(), one.reason())
            == (other.basis(), other.sources(), other.reason())
        && one.rulebook() == other.rulebook()
}

fn on_action(
    from: Edition<'_>,
    to: Edition<'_>,
    action: Action,
    differing: &[&Rule],
) -> Vec<VerdictChange> {
    let decides = |rule: &&Rule| rule.effect() != Effect::Advise && rule.actions().contains(action);
    let differing: Vec<Facts> =
        differing.iter().copied().filter(decides).map(Rule::condition).collect();
    if differing.is_empty() {
        return Vec::new();
    }
    let names = requirements(from.rules().chain(to.rules()));
    let question = Question { action, requirements: &names };
    let facts = named(from.rules().chain(to.rules()).filter(decides));
    let changes = partition(facts, |facts| {
        if !differing.iter().any(|condition| condition.overlaps(facts)) {
            return Cases::None;
        }
        match (question.answer(from, facts), question.answer(to, facts)) {
            (Some(before), Some(after)) if before == after => Cases::None,
            (Some(before), Some(after)) => Cases::All((before, after)),
            _ => Cases::Mixed,
        }
    });
    let answer = |(verdict, required)| (verdict, question.names(required));
    let mut changes: Vec<VerdictChange> = changes
        .into_iter()
        .map(|(condition, (before, after))| {
            VerdictChange::new(action, answer(before), answer(after), condition)
        })
        .collect();
    changes.sort_by(|one, other| {
        let key = |change: &VerdictChange| {
            let required = (change.required_before.clone(), change.required_after.clone());
            (change.before, change.after, required, change.condition)
        };
        key(one).cmp(&key(other))
    });
    changes
}

impl VerdictChange {
    /// Creates a change on an action: the verdicts before and after, each with what is required.
    #[must_use]
    pub fn new(
        action: Action,
        (before, required_before): (Verdict, Vec<String>),
        (after, required_after): (Verdict, Vec<String>),
        condition: Facts,
    ) -> Self {
        Self { action, before, required_before, after, required_after, condition }
    }
}
