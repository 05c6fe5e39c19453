//! The difference between two editions: their rules, and the cases that are decided differently.

use csp_multichannel::{Action, Edition, Effect, ExplainedRule, Facts, Rule, Verdict};
use serde::{Deserialize, Serialize};

use crate::partition::{Cases, Question, named, partition, requirements};

csp_multichannel::words! {
    /// The kind of a change as a whole, the weakest first.
    ///
    /// ```
    /// use csp_multichannel_rulebook::ChangeKind;
    ///
    /// assert!(ChangeKind::Additive < ChangeKind::Breaking);
    /// assert_eq!(
    ///     ChangeKind::ALL.iter().map(|kind| kind.as_str()).collect::<Vec<_>>(),
    ///     ["none", "wording", "additive", "breaking"],
    /// );
    /// ```
    pub enum ChangeKind, change {
        /// Nothing differs.
        None = none,
        /// Only reasons, sources or advice differ, but no verdict and no requirement.
        Wording = wording,
        /// Only cases that were not covered before have a verdict now.
        Additive = additive,
        /// Some case that had a verdict has another one, or other requirements.
        Breaking = breaking,
    }
}

/// The difference between two editions, of one rulebook or of two, from [`difference`].
///
/// ```
/// use csp_multichannel::parse_instant;
/// use csp_multichannel_rulebook::{difference, from_json};
///
/// let rulebook = from_json(r#"{"rules": [{
///     "id": "switch", "effect": "permit", "actions": ["switch"],
///     "from": "2026-01-01", "until": "2027-01-01", "reason": "we switch everything"
/// }, {
///     "id": "switch-at-home", "effect": "permit", "actions": ["switch"],
///     "when": {"region": "same"}, "from": "2027-01-01", "reason": "we sell at home only"
/// }]}"#)?;
/// let at = |day| parse_instant(day).map(|at| rulebook.edition_at(at));
/// assert_eq!(
///     serde_json::to_string_pretty(&difference(at("2026-12-31")??, at("2027-01-01")??))?,
///     r#"{
///   "kind": "breaking",
///   "ended": [
///     {
///       "id": "switch",
///       "reason": "we switch everything",
///       "basis": "stated",
///       "in_force": {
///         "from": "2026-01-01",
///         "until": "2027-01-01"
///       }
///     }
///   ],
///   "begun": [
///     {
///       "id": "switch-at-home",
///       "reason": "we sell at home only",
///       "basis": "stated",
///       "in_force": {
///         "from": "2027-01-01"
///       }
///     }
///   ],
///   "changes": [
///     {
///       "action": "switch",
///       "before": "allowed",
///       "after": "not_covered",
///       "condition": {
///         "region": "other"
///       }
///     }
///   ]
/// }"#,
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Difference {
    /// The kind of the change as a whole.
    pub kind: ChangeKind,
    /// The rules that are in force before only.
    pub ended: Vec<ExplainedRule>,
    /// The rules that are in force after only.
    pub begun: Vec<ExplainedRule>,
    /// The cases that are decided differently, as disjoint conditions for each action.
    pub changes: Vec<VerdictChange>,
}

/// A change of the verdict on an action, or of its requirements, with the cases in which it occurs.
///
/// ```
/// use csp_multichannel::{Rulebook, Verdict, parse_instant};
/// use csp_multichannel_rulebook::difference;
///
/// let policy = Rulebook::partner_center();
/// let before = policy.edition_at(parse_instant("2026-08-19")?)?;
/// let after = policy.edition_at(parse_instant("2026-08-20")?)?;
/// let changes = difference(before, after).changes;
/// let opened = changes.iter().find(|change| change.before == Verdict::Denied).unwrap();
/// assert_eq!(opened.after, Verdict::Conditional);
/// assert_eq!(opened.required_after, ["active_relationship", "azure_designation"]);
/// assert_eq!(
///     opened.condition.to_string(),
///     "channel: enterprise_agreement, mca_enterprise; \
///      service: azure_reservation, azure_savings_plan; cloud: public; \
///      partner: indirect_provider; relationship: none, requested; \
///      customer: end_customer; region: same; term_phase: cancellable, committed; \
///      status: active; transfer: none",
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct VerdictChange {
    /// The action.
    pub action: Action,
    /// The verdict before.
    pub before: Verdict,
    /// The requirements before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub required_before: Vec<String>,
    /// The verdict after.
    pub after: Verdict,
    /// The requirements after.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub required_after: Vec<String>,
    /// The cases with this change.
    pub condition: Facts,
}

/// Compares two editions, of one rulebook or of two, over every case with all facts known.
///
/// A rule is the same in both editions if it differs in its days only.
///
/// ```
/// use csp_multichannel::{Rulebook, parse_instant};
/// use csp_multichannel_rulebook::{ChangeKind, difference};
///
/// let at = |day| parse_instant(day).map(|at| Rulebook::partner_center().edition_at(at));
/// let difference = difference(at("2026-08-19")??, at("2026-08-20")??);
/// assert_eq!(difference.kind, ChangeKind::Breaking);
/// assert_eq!(difference.ended[0].id, "azure-ea-wrong-partner");
/// assert_eq!(
///     difference.begun.iter().map(|rule| &*rule.id).collect::<Vec<_>>(),
///     ["azure-ea-switch-distributor", "azure-designation-first"],
/// );
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

/// Returns the rules of an edition that another one does not have.
fn missing<'r>(edition: Edition<'r>, other: Edition<'_>) -> Vec<&'r Rule> {
    let is_missing = |rule: &&Rule| !other.rules().any(|other| is_same(rule, other));
    edition.rules().filter(is_missing).collect()
}

/// Whether two rules differ in their days only.
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
    /// Creates a change on an action, from the verdicts before and after, each with its
    /// requirements.
    ///
    /// ```
    /// use csp_multichannel::{Action, Facts, Region, Verdict};
    /// use csp_multichannel_rulebook::VerdictChange;
    ///
    /// let change = VerdictChange::new(
    ///     Action::Switch,
    ///     (Verdict::Allowed, Vec::new()),
    ///     (Verdict::Conditional, vec!["letter".into()]),
    ///     Facts::from(Region::Other),
    /// );
    /// assert_eq!(
    ///     serde_json::to_string(&change)?,
    ///     concat!(
    ///         r#"{"action":"switch","before":"allowed","after":"conditional","#,
    ///         r#""required_after":["letter"],"condition":{"region":"other"}}"#,
    ///     ),
    /// );
    /// # Ok::<(), serde_json::Error>(())
    /// ```
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
