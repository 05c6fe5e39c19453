//! What would turn a verdict: the smallest sets of facts that, changed, would make an action allowed.

use core::fmt;
use std::vec::Vec;

use super::Actor;
use crate::decision::Decision;
use crate::facts::Facts;
use crate::rulebook::Edition;
use crate::rules::Condition;
use crate::vocabulary::{Action, Effect, Fact, FactSet, TermPhase, Value, ValueSet, Verdict};

/// Facts that, changed, would make an action allowed; with only some of them changed it would not be.
///
/// A service that is paid by use has no term and every other has one, so another service can bring another term by force: that counts as
/// changing the service alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counterfactual {
    action: Action,
    facts: FactSet,
    ways: Vec<Way>,
}

/// Values to which the facts of a [`Counterfactual`] can change, one for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Way {
    values: ValueSet,
    is_possible: bool,
}

impl Way {
    /// The values, with that of the term where another service brings it.
    #[must_use]
    pub const fn values(self) -> ValueSet {
        self.values
    }

    /// Whether someone can make each of the changes, or time does, or it may already be so.
    #[must_use]
    pub const fn is_possible(self) -> bool {
        self.is_possible
    }
}

impl Counterfactual {
    /// The action that it would make allowed.
    #[must_use]
    pub const fn action(&self) -> Action {
        self.action
    }

    /// The facts that have to change.
    #[must_use]
    pub const fn facts(&self) -> FactSet {
        self.facts
    }

    /// All values that they can change to, those first that someone can bring about.
    #[must_use]
    pub fn ways(&self) -> &[Way] {
        &self.ways
    }

    /// Whether there is a way that someone can bring about.
    #[must_use]
    pub fn is_possible(&self) -> bool {
        self.ways.first().is_some_and(|way| way.is_possible)
    }
}

/// How a fact comes to have another value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Means {
    /// Someone changes it, or time does.
    By(Actor),
    /// It is unknown, and may have that value already.
    Learning,
    /// Nobody can change it: where, in which cloud, by whom it was bought, and what is deleted.
    None,
}

impl Means {
    /// How a fact of which `from` is possible comes to be `to`.
    ///
    /// ```
    /// use csp_multichannel::guidance::{Actor, Means};
    /// use csp_multichannel::{Cloud, Facts, Relationship};
    ///
    /// let facts = Facts::UNKNOWN.given(Relationship::Requested)?.given(Cloud::China)?;
    /// assert_eq!(Means::of(facts, Relationship::Active), Means::By(Actor::Customer));
    /// assert_eq!(Means::of(facts, Cloud::Public), Means::None);
    /// # Ok::<(), csp_multichannel::Contradiction>(())
    /// ```
    #[must_use]
    pub fn of(from: Facts, to: impl Into<Value>) -> Self {
        let to = to.into();
        let possible = from.possible(to.fact());
        match possible.single() {
            Some(from) => changed_by(from, to).map_or(Self::None, Self::By),
            None if possible.contains(to) => Self::Learning,
            // Whichever of the possible values it has, someone has to be able to.
            None => {
                let mut actors = possible.iter().map(|from| changed_by(from, to));
                let first = actors.next().flatten();
                first.filter(|_| actors.all(|actor| actor.is_some())).map_or(Self::None, Self::By)
            }
        }
    }
}

/// Who can change a fact from one value to another.
fn changed_by(from: Value, to: Value) -> Option<Actor> {
    match (from.fact(), from.as_str(), to.as_str()) {
        (Fact::Relationship, "none", "requested") => Some(Actor::NewPartner),
        (Fact::Relationship, "none" | "requested", "active") => Some(Actor::Customer),
        (Fact::AutoRenew, ..)
        | (Fact::Status, "suspended", "active")
        | (Fact::Status, "active", "suspended")
        | (Fact::Transfer, "pending", "none") => Some(Actor::CurrentPartner),
        // An indirect reseller acts through its provider.
        (Fact::Partner, "indirect_reseller", "indirect_provider") => Some(Actor::IndirectProvider),
        (Fact::Term, "cancellable", "committed" | "ended") | (Fact::Term, "committed", "ended") => Some(Actor::Time),
        _ => None,
    }
}

/// Writes `switch would be allowed with relationship: active; status: active`: the values of all ways of the better kind where they can be
/// combined freely, else those of the first way and how many others there are.
impl fmt::Display for Counterfactual {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} would be allowed with ", self.action)?;
        let ways = || self.ways.iter().filter(|way| way.is_possible == self.is_possible());
        let all = ways().fold(ValueSet::EMPTY, |all, way| all.union(way.values));
        let combinations: usize = self.facts.iter().map(|fact| all.intersection(fact.values()).len()).product();
        let free = combinations == ways().count();
        let first = self.ways.first().map_or(ValueSet::EMPTY, |way| way.values);
        for (at, fact) in self.facts.iter().enumerate() {
            let separator = if at == 0 { "" } else { "; " };
            let values = if free { all } else { first }.intersection(fact.values());
            write!(f, "{separator}{fact}: {values}")?;
        }
        if !free {
            write!(f, ", and in {} other ways", ways().count() - 1)?;
        }
        f.write_str(if self.is_possible() { "" } else { " (nobody can change that)" })
    }
}

impl Decision<'_> {
    /// What would make an action allowed: all smallest sets of facts that, changed, would. None where it is allowed.
    ///
    /// Those that someone can bring about come first; of each kind those with the fewest facts. A fact that is unknown counts as
    /// changed where it has to have one certain value.
    ///
    /// ```
    /// use csp_multichannel::*;
    ///
    /// let edition = Rulebook::partner_center().edition_at(parse_instant("2026-11-24")?)?;
    /// let facts = [Service::Azure.into(), Channel::OtherCspPartner.into(), Cloud::Public.into(), Partner::IndirectReseller.into(),
    ///     Relationship::None.into(), Customer::EndCustomer.into(), Market::Same.into(), Status::Suspended.into(), Transfer::None.into()];
    /// let decision = edition.decide(Facts::UNKNOWN.given(ValueSet::from_iter(facts))?);
    /// let changes = decision.counterfactuals(Action::Switch);
    /// assert_eq!(
    ///     changes[0].to_string(),
    ///     "switch would be allowed with partner: indirect_provider; relationship: active; status: active",
    /// );
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn counterfactuals(&self, action: Action) -> Vec<Counterfactual> {
        if self.verdict(action) == Verdict::Allowed {
            return Vec::new();
        }
        let mut search = Search::of(self, action);
        // Sets of one size after another, so that none is found that holds a smaller one.
        for size in 1..=Fact::ALL.len() {
            search.change(
                Changed { facts: self.facts(), sets: FactSet::EMPTY, done: FactSet::EMPTY, values: ValueSet::EMPTY },
                size,
            );
        }
        search.found.sort_by_key(|found| {
            (!found.is_possible(), found.facts.len(), found.facts.iter().map(|fact| fact as u8).collect::<Vec<_>>())
        });
        search.found
    }
}

/// A rule on the action, as the search needs it.
struct Bar {
    condition: Condition,
    /// The facts that its condition names.
    names: FactSet,
}

impl Bar {
    fn of(condition: Condition) -> Self {
        Self { condition, names: condition.facts() }
    }
}

/// Where a search stands.
#[derive(Clone, Copy)]
struct Changed {
    facts: Facts,
    /// The facts that count as changed.
    sets: FactSet,
    /// Those and the term, where another service brought it.
    done: FactSet,
    values: ValueSet,
}

/// A search through the changes that can matter: as long as a rule stands in the way, one of the facts that it names has to change.
struct Search<'r> {
    edition: Edition<'r>,
    action: Action,
    from: Facts,
    /// What excludes, forbids or requires.
    bars: Vec<Bar>,
    /// The facts that permits name.
    permitted_by: FactSet,
    found: Vec<Counterfactual>,
}

/// They change together, where the one does not go with the other.
fn together(facts: FactSet) -> FactSet {
    let both = FactSet::from([Fact::Service, Fact::Term]);
    if facts.intersection(both).is_empty() { facts } else { facts.union(both) }
}

impl<'r> Search<'r> {
    fn of(decision: &Decision<'r>, action: Action) -> Self {
        let edition = decision.edition();
        let rules = || edition.rules().filter(|rule| rule.actions().contains(action));
        let barring = |effect| matches!(effect, Effect::Exclude | Effect::Forbid | Effect::Require);
        let permits = rules().filter(|rule| rule.effect() == Effect::Permit);
        let named = permits.map(|rule| rule.condition().facts());
        Self {
            edition,
            action,
            from: decision.facts(),
            bars: rules().filter(|rule| barring(rule.effect())).map(|rule| Bar::of(rule.condition())).collect(),
            permitted_by: together(named.fold(FactSet::EMPTY, FactSet::union)),
            found: Vec::new(),
        }
    }

    /// Changes `size` more facts, in every way that can matter.
    fn change(&mut self, at: Changed, size: usize) {
        if self.found.iter().any(|found| found.facts != at.sets && found.facts.is_subset(at.sets)) {
            return;
        }
        let allowed = self.edition.decide(at.facts).verdict(self.action) == Verdict::Allowed;
        match (allowed, size) {
            (true, 0) => self.find(at),
            (true, _) | (false, 0) => {}
            (false, _) => {
                let bar = self.bars.iter().position(|bar| bar.condition.may_be_met(at.facts));
                let candidates = match bar.and_then(|bar| self.bars.get(bar)) {
                    Some(bar) => together(bar.names),
                    None => self.permitted_by,
                };
                for fact in candidates.difference(at.done) {
                    for next in self.changes(at, fact) {
                        if bar
                            .and_then(|bar| self.bars.get(bar))
                            .is_none_or(|bar| !bar.condition.may_be_met(next.facts))
                        {
                            self.change(next, size - 1);
                        }
                    }
                }
            }
        }
    }

    /// All that one more fact can change to.
    fn changes(&self, at: Changed, fact: Fact) -> Vec<Changed> {
        let mut changes = Vec::new();
        let sets = at.sets.union(fact.into());
        for value in fact.values() {
            if self.from.possible(fact).single() == Some(value) {
                continue;
            }
            let given =
                |facts: ValueSet, value: Value| facts.difference(value.fact().values()).union(ValueSet::only(value));
            let with_value = given(at.facts.values(), value);
            let values = at.values.union(ValueSet::only(value));
            match Facts::tightened(with_value)
                .filter(|facts| !facts.possible(Fact::Term).is_empty() && !facts.possible(fact).is_empty())
            {
                Some(facts) => changes.push(Changed { facts, sets, done: at.done.union(fact.into()), values }),
                // Another service brings another term.
                None if fact == Fact::Service && !at.done.contains(Fact::Term) => {
                    for phase in TermPhase::ALL.iter().map(|&phase| Value::from(phase)) {
                        if let Some(facts) = Facts::tightened(given(with_value, phase))
                            .filter(|facts| !facts.possible(Fact::Term).is_empty())
                        {
                            changes.push(Changed {
                                facts,
                                sets,
                                done: at.done.union(FactSet::from([fact, Fact::Term])),
                                values: values.union(ValueSet::only(phase)),
                            });
                        }
                    }
                }
                None => {}
            }
        }
        changes
    }

    fn find(&mut self, at: Changed) {
        let is_possible = at.values.iter().all(|value| {
            // The term that another service brings is no change of its own.
            !at.sets.contains(value.fact()) || Means::of(self.from, value) != Means::None
        });
        let way = Way { values: at.values, is_possible };
        match self.found.iter_mut().find(|found| found.facts == at.sets) {
            Some(found) if found.ways.contains(&way) => {}
            Some(found) => {
                found.ways.push(way);
                found.ways.sort_by_key(|way| !way.is_possible);
            }
            None => self.found.push(Counterfactual { action: self.action, facts: at.sets, ways: [way].into() }),
        }
    }
}
