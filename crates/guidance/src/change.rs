//! Minimal changes: the smallest sets of facts to change for an action to be allowed, and who can
//! change them.

use std::borrow::Cow;
use std::fmt;

use csp_multichannel::{Action, Decision, Edition, Effect, Fact, Facts, Rule, Set, Verdict};
use serde::{Deserialize, Serialize};

use crate::actor::Actor;

csp_multichannel::words! {
    /// The party that can change a fact to another value.
    ///
    /// Every [`Actor`] is one; for example:
    ///
    /// ```
    /// use csp_multichannel_guidance::{Actor, ChangedBy};
    ///
    /// assert_eq!(ChangedBy::from(Actor::Customer), ChangedBy::Customer);
    /// assert_eq!(ChangedBy::from(Actor::Microsoft), ChangedBy::Nobody);
    /// assert_eq!(
    ///     ChangedBy::FindingOut.meaning(),
    ///     "The fact is unknown and may already have the value: find out.",
    /// );
    /// ```
    #[non_exhaustive]
    pub enum ChangedBy, changed_by {
        /// The customer.
        Customer = customer,
        /// The partner or seller that holds the subscription now.
        CurrentPartner = current_partner,
        /// The asking partner.
        NewPartner = new_partner,
        /// The asking partner's indirect provider.
        IndirectProvider = indirect_provider,
        /// No party: it changes as time passes.
        Time = time,
        /// The fact is unknown and may already have the value: find out.
        FindingOut = finding_out,
        /// No party can change it, for example the cloud, or a deleted subscription.
        Nobody = nobody,
    }
}

impl From<Actor> for ChangedBy {
    fn from(actor: Actor) -> Self {
        match actor {
            Actor::Customer => Self::Customer,
            Actor::CurrentPartner => Self::CurrentPartner,
            Actor::NewPartner => Self::NewPartner,
            Actor::IndirectProvider => Self::IndirectProvider,
            Actor::Time => Self::Time,
            // Microsoft changes no facts.
            Actor::Microsoft => Self::Nobody,
        }
    }
}

impl ChangedBy {
    /// Returns who can change a fact to its value in `to`. If several values are possible, each of
    /// them must be changeable.
    fn of(fact: Fact, from: Facts, to: Facts) -> Self {
        if from.overlaps(to.about(fact)) {
            return Self::FindingOut;
        }
        let mut each = from.split(fact).map(|from| Actor::who_changes(fact, from, to));
        let first = each.next().flatten();
        if each.all(|by| by.is_some()) {
            first.map_or(Self::Nobody, Into::into)
        } else {
            Self::Nobody
        }
    }
}

/// A minimal change: a set of facts that, changed together, would make an action allowed, while no
/// part of it would.
///
/// An unknown fact counts as changed where it must have a certain value. `Display` writes the first
/// alternative.
///
/// ```
/// use csp_multichannel::*;
/// use csp_multichannel_guidance::minimal_changes;
///
/// let license: Case = serde_json::from_str(r#"{
///     "id": "mail", "channel": "other_csp_partner", "service": "new_commerce_license",
///     "cloud": "public", "partner": "direct_bill", "relationship": "none",
///     "customer": "end_customer", "region": "same", "status": "active",
///     "at_term_end": "renew", "term_phase": "committed"
/// }"#)?;
/// let decision = Rulebook::partner_center()
///     .decide(&license.subscription, parse_instant("2026-11-27")?)?;
/// let changes = minimal_changes(&decision, Action::WaitUntilTermEnd);
/// assert_eq!(
///     serde_json::to_string_pretty(&changes[0])?,
///     r#"{
///   "action": "wait_until_term_end",
///   "facts": [
///     "at_term_end"
///   ],
///   "alternatives": [
///     {
///       "changes": [
///         {
///           "fact": "at_term_end",
///           "value": "end",
///           "by": "current_partner"
///         }
///       ]
///     }
///   ]
/// }"#,
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct MinimalChange {
    /// The action that would be allowed.
    pub action: Action,
    /// The facts that have to change.
    pub facts: Set<Fact>,
    /// The values to which they can change, the possible alternatives first.
    pub alternatives: Vec<Alternative>,
}

/// An alternative of a minimal change: one value for each of its facts.
///
/// ```
/// use csp_multichannel::*;
/// use csp_multichannel_guidance::minimal_changes;
///
/// let case: Case = serde_json::from_str(r#"{
///     "id": "c-17", "channel": "other_csp_partner", "service": "azure_plan",
///     "cloud": "public", "partner": "direct_bill", "relationship": "none", "region": "same",
///     "customer": "end_customer", "status": "suspended", "transfer": "none"
/// }"#)?;
/// let decision = Rulebook::partner_center()
///     .decide(&case.subscription, parse_instant("2026-11-27")?)?;
/// let alternatives = minimal_changes(&decision, Action::Switch).remove(0).alternatives;
/// assert_eq!(
///     alternatives[0].to_string(),
///     "relationship: active (by customer); status: active (by current_partner)",
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Alternative {
    /// The changes, in the order of the table of facts.
    pub changes: Vec<Change>,
}

/// A change of one fact to a value.
///
/// ```
/// use csp_multichannel::Fact;
/// use csp_multichannel_guidance::{Change, ChangedBy};
///
/// let json = r#"{"fact":"relationship","value":"active","by":"customer"}"#;
/// let change: Change = serde_json::from_str(json)?;
/// assert_eq!(
///     (change.fact, &*change.value, change.by),
///     (Fact::Relationship, "active", ChangedBy::Customer),
/// );
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Change {
    /// The fact.
    pub fact: Fact,
    /// The value of the fact afterwards.
    pub value: Cow<'static, str>,
    /// The party that can change it.
    pub by: ChangedBy,
}

impl MinimalChange {
    /// Returns whether one of the alternatives [is possible](Alternative::is_possible).
    ///
    /// ```
    /// use csp_multichannel::*;
    /// use csp_multichannel_guidance::minimal_changes;
    ///
    /// // Azure has no term to wait for, and no one can make it another service.
    /// let edition = Rulebook::partner_center().edition_at(parse_instant("2026-11-27")?)?;
    /// let decision = edition.decide(Service::AzurePlan.into());
    /// let changes = minimal_changes(&decision, Action::WaitUntilTermEnd);
    /// assert!(!changes.is_empty() && changes.iter().all(|change| !change.is_possible()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn is_possible(&self) -> bool {
        self.alternatives.first().is_some_and(Alternative::is_possible)
    }
}

impl Alternative {
    /// Returns whether each change can be made, comes with time, or may already be so.
    ///
    /// ```
    /// use csp_multichannel_guidance::Alternative;
    ///
    /// let mut alternative: Alternative = serde_json::from_str(
    ///     r#"{"changes": [{"fact": "status", "value": "active", "by": "current_partner"}]}"#,
    /// )?;
    /// assert!(alternative.is_possible());
    /// alternative.changes.push(serde_json::from_str(
    ///     r#"{"fact": "cloud", "value": "public", "by": "nobody"}"#,
    /// )?);
    /// assert!(!alternative.is_possible());
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn is_possible(&self) -> bool {
        self.changes.iter().all(|change| change.by != ChangedBy::Nobody)
    }

    fn new(from: Facts, to: Facts, facts: Set<Fact>) -> Self {
        let change = |fact| {
            let value = to.possible_words(fact).next().unwrap_or_default().into();
            Change { fact, value, by: ChangedBy::of(fact, from, to) }
        };
        Self { changes: facts.iter().map(change).collect() }
    }
}

impl fmt::Display for MinimalChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.alternatives.first().map_or(Ok(()), |first| first.fmt(f))
    }
}

impl fmt::Display for Alternative {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, Change { fact, value, by }) in self.changes.iter().enumerate() {
            let separator = if at == 0 { "" } else { "; " };
            match by {
                ChangedBy::FindingOut => write!(f, "{separator}{fact}: {value} (find out)")?,
                _ => write!(f, "{separator}{fact}: {value} (by {by})")?,
            }
        }
        Ok(())
    }
}

/// Returns all minimal changes that would make an action allowed; none where it is allowed.
///
/// Possible changes come first, and among them those with the fewest facts.
///
/// ```
/// use csp_multichannel::*;
/// use csp_multichannel_guidance::minimal_changes;
///
/// let facts = Facts::UNKNOWN
///     .with(Service::Azure)
///     .with(Channel::OtherCspPartner)
///     .with(Cloud::Public)
///     .with(Partner::IndirectReseller)
///     .with(Relationship::None)
///     .with(Customer::EndCustomer)
///     .with(Region::Same)
///     .with(Status::Active)
///     .with(Transfer::Pending);
/// let edition = Rulebook::partner_center().edition_at(parse_instant("2026-11-27")?)?;
/// let changes = minimal_changes(&edition.decide(facts), Action::Switch);
/// assert_eq!(
///     changes[0].to_string(),
///     "partner: indirect_provider (by indirect_provider); \
///      relationship: active (by customer); transfer: none (by current_partner)",
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn minimal_changes(decision: &Decision<'_>, action: Action) -> Vec<MinimalChange> {
    let search = Search::new(decision.edition(), action);
    let mut found: Vec<(Set<Fact>, Vec<Facts>)> = Vec::new();
    let mut states = vec![State { facts: decision.facts(), changed: Set::EMPTY }];
    // Breadth first, by the number of changed facts, so that minimal sets come first.
    while !states.is_empty() {
        states.sort_unstable();
        states.dedup();
        states.retain(|state| !found.iter().any(|(smaller, _)| smaller.is_subset(state.changed)));
        let mut next = Vec::new();
        let smaller = found.len();
        for state in states {
            if !search.allows(state.facts) {
                search.expand(state, &mut next);
            } else if !state.changed.is_empty() {
                let of_level = found.get_mut(smaller..).unwrap_or_default();
                match of_level.iter_mut().find(|(facts, _)| *facts == state.changed) {
                    Some((_, values)) => values.push(state.facts),
                    None => found.push((state.changed, vec![state.facts])),
                }
            }
        }
        states = next;
    }
    let mut changes: Vec<_> = found
        .into_iter()
        .map(|(facts, values)| {
            let values = values.into_iter();
            let mut alternatives: Vec<_> =
                values.map(|to| Alternative::new(decision.facts(), to, facts)).collect();
            alternatives.sort_by_key(|alternative| !alternative.is_possible());
            MinimalChange { action, facts, alternatives }
        })
        .collect();
    changes.sort_by_key(|change| (!change.is_possible(), change.facts.len()));
    changes
}

/// Facts, with the set of those that have been changed to one value each.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct State {
    changed: Set<Fact>,
    facts: Facts,
}

impl State {
    /// Adds the states in which a further fact has a value that a condition admits, or does not
    /// admit.
    fn change(self, fact: Fact, to: Facts, admitted: bool, next: &mut Vec<Self>) {
        if self.changed.contains(fact) {
            return;
        }
        let changed = self.changed.union(fact.into());
        let values = Facts::UNKNOWN.split(fact).filter(|&value| to.overlaps(value) == admitted);
        next.extend(values.map(|value| Self { changed, facts: self.facts.with(value) }));
    }
}

/// The search through the changes that can matter.
struct Search<'r> {
    edition: Edition<'r>,
    action: Action,
    /// The conditions of the rules that veto, exclude, forbid or require.
    obstacles: Vec<Facts>,
    permits: Vec<Facts>,
}

impl<'r> Search<'r> {
    fn new(edition: Edition<'r>, action: Action) -> Self {
        let conditions = |permits: bool| {
            let rules = edition.rules().filter(|rule| rule.actions().contains(action));
            rules
                .filter(|rule| rule.effect() != Effect::Advise)
                .filter(|rule| (rule.effect() == Effect::Permit) == permits)
                .map(Rule::condition)
                .collect()
        };
        Self { edition, action, obstacles: conditions(false), permits: conditions(true) }
    }

    fn allows(&self, facts: Facts) -> bool {
        self.edition.decide(facts).verdict(self.action) == Verdict::Allowed
    }

    /// Adds enough states with one more changed fact to reach every minimal change.
    fn expand(&self, state: State, next: &mut Vec<State>) {
        // To avoid a rule that may be an obstacle, a fact that it names has to change. Such rules
        // are avoided one after the other.
        if let Some(obstacle) = self.obstacles.iter().find(|rule| rule.overlaps(state.facts)) {
            for fact in obstacle.narrowed() {
                state.change(fact, *obstacle, false, next);
            }
            return;
        }
        // Without an obstacle, some possible case is not permitted. For a permit to cover it, every
        // fact that the permit does not admit has to change, in any order: so the first one changes
        // next.
        let silent = state.facts.unknown().iter().fold(state.facts, |facts, fact| {
            facts.split(fact).find(|&facts| !self.allows(facts)).unwrap_or(facts)
        });
        for permit in &self.permits {
            let is_unmet = |fact: &Fact| !permit.overlaps(silent.about(*fact));
            if let Some(first) = permit.narrowed().iter().find(is_unmet) {
                state.change(first, *permit, true, next);
            }
        }
    }
}
