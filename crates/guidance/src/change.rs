//! What would make an action allowed: the smallest sets of facts to change, and who can change them.

use std::borrow::Cow;
use std::fmt;

use csp_multichannel::{Action, Decision, Edition, Effect, Fact, Facts, Rule, Set, Verdict};
use serde::{Deserialize, Serialize};

use crate::actor::Actor;

csp_multichannel::words! {
    /// The party that can change a fact to another value.
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
        /// Nobody has to: it comes with time.
        Time = time,
        /// The fact is unknown and may have the value already: find out.
        FindingOut = finding_out,
        /// Nobody can: for example, in which cloud or by whom something was bought, and what is deleted.
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
            // Facts are not Microsoft's to change.
            Actor::Microsoft => Self::Nobody,
        }
    }
}

impl ChangedBy {
    /// Who can change a fact to the value that it has in `to`. If several values are possible, somebody must be
    /// able to change each of them.
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

/// A minimal set of facts that, changed together, would make an action allowed.
///
/// No smaller set of them would. An unknown fact counts as changed where it must have a certain value.
///
/// `Display` writes the first alternative.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct MinimalChange {
    /// The action.
    pub action: Action,
    /// The facts that have to change.
    pub facts: Set<Fact>,
    /// The values to which they can change: those first that somebody can bring about.
    pub alternatives: Vec<Alternative>,
}

/// Values to which the facts of a minimal change can change: one for each fact.
///
/// `Display` writes `relationship: active (by customer); status: active (by current_partner)`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Alternative {
    /// The changes, in the order of the table of facts.
    pub changes: Vec<Change>,
}

/// A fact that changes to a value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Change {
    /// The fact.
    pub fact: Fact,
    /// The value that it has afterwards.
    pub value: Cow<'static, str>,
    /// Who can change it.
    pub by: ChangedBy,
}

impl MinimalChange {
    /// Returns whether somebody, or time, can bring one of the alternatives about, or it may be so already.
    #[must_use]
    pub fn is_possible(&self) -> bool {
        self.alternatives.first().is_some_and(Alternative::is_possible)
    }
}

impl Alternative {
    /// Returns whether somebody, or time, can bring about each of the changes, or it may be so already.
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

/// Returns all minimal sets of facts that, changed, would make an action allowed: none where it is allowed.
///
/// Those that somebody can bring about come first, and among them those with the fewest facts.
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
///     "partner: indirect_provider (by indirect_provider); relationship: active (by customer); \
///      transfer: none (by current_partner)",
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn minimal_changes(decision: &Decision<'_>, action: Action) -> Vec<MinimalChange> {
    let search = Search::new(decision.edition(), action);
    let mut found: Vec<(Set<Fact>, Vec<Facts>)> = Vec::new();
    let mut states = vec![State { facts: decision.facts(), changed: Set::EMPTY }];
    // From all states with so many facts changed to those with one more, so that minimal sets come first.
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

/// Facts of which some have been changed, to one value each.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct State {
    changed: Set<Fact>,
    facts: Facts,
}

impl State {
    /// Adds the states in which a further fact has one of the values that a condition admits, or of the others.
    fn change(self, fact: Fact, to: Facts, admitted: bool, next: &mut Vec<Self>) {
        if self.changed.contains(fact) {
            return;
        }
        let changed = self.changed.union(fact.into());
        let current = self.facts.possible_words(fact).count();
        for value in Facts::UNKNOWN.split(fact) {
            let facts = self.facts.with(value);
            let is_change = current > 1 || facts != self.facts;
            if is_change && to.overlaps(value) == admitted {
                next.push(Self { changed, facts });
            }
        }
    }
}

/// A search through the changes that can matter.
struct Search<'r> {
    edition: Edition<'r>,
    action: Action,
    /// When a rule vetoes, excludes, forbids or requires.
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

    /// Adds states with one more fact changed: enough of them that every minimal set is found through one.
    fn expand(&self, state: State, next: &mut Vec<State>) {
        // A rule that may be an obstacle has to be avoided by a fact that it names: first one such rule, then
        // the next.
        if let Some(obstacle) = self.obstacles.iter().find(|rule| rule.overlaps(state.facts)) {
            for fact in obstacle.narrowed() {
                state.change(fact, *obstacle, false, next);
            }
            return;
        }
        // There is no obstacle, so a possible case is not permitted. For a permit to cover it, every fact that the
        // permit does not admit there has to change; the order does not matter, so the first one does.
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
