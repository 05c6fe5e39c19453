//! What would turn a verdict: the smallest sets of facts that, changed, would make an action allowed.

use core::fmt;
use std::collections::HashSet;
use std::vec::Vec;

use super::Actor;
use super::actor::holder;
use crate::decision::Decision;
use crate::facts::Facts;
use crate::rulebook::Edition;
use crate::rules::{Condition, Rule};
use crate::vocabulary::{Action, Effect, Fact, FactSet, Given, Value, ValueSet, Verdict};

/// Facts that, changed, would make an action allowed; with only some of them changed it would not be.
///
/// A service that is paid by use has no term and every other has one, so another service can bring another term by force: that counts as
/// changing the service alone.
///
/// `Display` writes for each fact the values of all ways of the better kind, and who can bring them about, where these values can be
/// combined freely: `switch would be allowed with relationship: active (by customer); status: active (by current_partner)`. Else it
/// writes the first way, and how many others there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counterfactual {
    action: Action,
    facts: FactSet,
    ways: Vec<Way>,
}

/// Values to which the facts of a [`Counterfactual`] can change, one for each, and who can bring each about.
///
/// `Display` writes `relationship: active (by customer); status: active (by current_partner)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Way {
    from: Facts,
    values: ValueSet,
}

impl Way {
    /// The values, with that of the term where another service brings it.
    #[must_use]
    pub const fn values(self) -> ValueSet {
        self.values
    }

    /// Each of the values, with the means by which its fact comes to have it.
    ///
    /// ```
    /// use csp_multichannel::guidance::{Actor, Means};
    /// use csp_multichannel::*;
    ///
    /// let edition = Rulebook::partner_center().edition_at(parse_instant("2018-09-15")?)?;
    /// let facts = [Service::Azure.into(), Channel::Open.into(), Cloud::Public.into(), Partner::DirectBill.into(),
    ///     Relationship::Requested.into(), Customer::EndCustomer.into(), Market::Same.into(), Status::Active.into()];
    /// let decision = edition.decide(Facts::UNKNOWN.given(ValueSet::from_iter(facts))?);
    /// let changes = decision.counterfactuals(Action::RecreateAndCancel);
    /// assert!(changes[0].ways()[0].changes().eq([(Relationship::Active.into(), Means::By(Actor::Customer))]));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn changes(self) -> impl Iterator<Item = (Value, Means)> + Clone + use<> {
        self.values.iter().map(move |value| (value, Means::of(self.from, value)))
    }

    /// Whether someone can make each of the changes, or time does, or it may already be so.
    #[must_use]
    pub fn is_possible(self) -> bool {
        // The term that another service brings is no change of its own, but then nobody can change the service either.
        self.changes().all(|(_, means)| means != Means::None)
    }
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt_changes(self.from, self.values, f)
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
        self.ways.first().is_some_and(|way| way.is_possible())
    }
}

/// How a fact comes to have another value.
///
/// Written as the [`Actor`]'s word where someone changes it, `learning` and `none`.
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
    /// Who holds the subscription depends on where it was bought: what was bought from Microsoft has no partner, and its customer does
    /// what a partner would. Where several values are possible and `to` is not among them, each of them has to be one that someone can
    /// change. The value that a fact has already is none that it changes to: `None`.
    ///
    /// ```
    /// use csp_multichannel::guidance::{Actor, Means};
    /// use csp_multichannel::{AutoRenew, Channel, Cloud, Facts, Relationship};
    ///
    /// let facts = Facts::UNKNOWN.given(Relationship::Requested)?.given(Cloud::China)?.given(AutoRenew::On)?;
    /// assert_eq!(Means::of(facts, Relationship::Active), Means::By(Actor::Customer));
    /// assert_eq!(Means::of(facts, Cloud::Public), Means::None);
    /// assert_eq!(Means::of(facts.given(Channel::Open)?, AutoRenew::Off), Means::By(Actor::CurrentPartner));
    /// assert_eq!(Means::of(facts.given(Channel::Direct)?, AutoRenew::Off), Means::By(Actor::Customer));
    /// # Ok::<(), csp_multichannel::Contradiction>(())
    /// ```
    #[must_use]
    pub fn of(from: Facts, to: impl Into<Value>) -> Self {
        let to = to.into();
        let possible = from.possible(to.fact());
        let changed_by = |value| changed_by(value, to, holder(from));
        match possible.single() {
            Some(value) => changed_by(value).map_or(Self::None, Self::By),
            None if possible.contains(to) => Self::Learning,
            // Whichever of the possible values it has, someone has to be able to.
            None => {
                let mut actors = possible.iter().map(changed_by);
                let first = actors.next().flatten();
                first.filter(|_| actors.all(|actor| actor.is_some())).map_or(Self::None, Self::By)
            }
        }
    }

    /// The word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::By(actor) => actor.as_str(),
            Self::Learning => "learning",
            Self::None => "none",
        }
    }
}

impl fmt::Display for Means {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Who can change a fact from one value to another, where `holder` holds the subscription.
fn changed_by(from: Value, to: Value, holder: Actor) -> Option<Actor> {
    match (from.fact(), from.as_str(), to.as_str()) {
        (Fact::Relationship, "none", "requested") => Some(Actor::NewPartner),
        (Fact::Relationship, "none" | "requested", "active") => Some(Actor::Customer),
        (Fact::AutoRenew, "on", "off")
        | (Fact::AutoRenew, "off", "on")
        | (Fact::Status, "suspended", "active")
        | (Fact::Status, "active", "suspended")
        // Whoever asked for the transfer, without the holder nothing comes of it: Azure is handed over by its partner's own ticket (SA),
        // and for all else an unanswered request expires (TP, step 4). To cancel a request is up to the partner that made it (TP, step 3),
        // and who that is, the facts do not tell.
        | (Fact::Transfer, "pending", "none") => Some(holder),
        // An indirect reseller acts through its provider.
        (Fact::Partner, "indirect_reseller", "indirect_provider") => Some(Actor::IndirectProvider),
        (Fact::Term, "cancellable", "committed" | "ended") | (Fact::Term, "committed", "ended") => Some(Actor::Time),
        _ => None,
    }
}

/// Writes for each fact the values that it can change to, those with the same means together.
fn fmt_changes(from: Facts, to: ValueSet, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let changes: Vec<(Value, Means)> = to.iter().map(|value| (value, Means::of(from, value))).collect();
    let alike = |one: &(Value, Means), other: &(Value, Means)| (one.0.fact(), one.1) == (other.0.fact(), other.1);
    let mut last = None;
    for changes in changes.chunk_by(alike) {
        let Some(&(first, means)) = changes.first() else { continue };
        match last.replace(first.fact()) {
            Some(fact) if fact == first.fact() => f.write_str(", ")?,
            Some(_) => write!(f, "; {}: ", first.fact())?,
            None => write!(f, "{}: ", first.fact())?,
        }
        let values: ValueSet = changes.iter().map(|&(value, _)| value).collect();
        match means {
            Means::By(actor) => write!(f, "{values} (by {actor})")?,
            Means::Learning => write!(f, "{values} (to be learned)")?,
            Means::None => write!(f, "{values} (by nobody)")?,
        }
    }
    Ok(())
}

impl fmt::Display for Counterfactual {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} would be allowed with ", self.action)?;
        let Some(&first) = self.ways.first() else { return Ok(()) };
        let alike = || self.ways.iter().filter(|way| way.is_possible() == first.is_possible());
        let all = alike().fold(ValueSet::EMPTY, |all, way| all.union(way.values));
        let facts = Given::facts(all);
        let combinations: usize = facts.iter().map(|fact| all.intersection(fact.values()).len()).product();
        // A term that only some services bring goes with these alone.
        let is_free = alike().all(|way| Given::facts(way.values) == facts) && alike().count() == combinations;
        match alike().count() {
            _ if is_free => fmt_changes(first.from, all, f),
            2 => write!(f, "{first}, and in another way"),
            count => write!(f, "{first}, and in {} other ways", count - 1),
        }
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
    ///     "switch would be allowed with partner: indirect_provider (by indirect_provider); \
    ///      relationship: active (by customer); status: active (by current_partner)",
    /// );
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn counterfactuals(&self, action: Action) -> Vec<Counterfactual> {
        if self.verdict(action) == Verdict::Allowed {
            return Vec::new();
        }
        Search::of(self, action).run()
    }
}

/// A state of the search: some facts have been changed.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct State {
    facts: Facts,
    /// The facts that count as changed.
    changed: FactSet,
    /// The values that they were given, and that of the term where another service brought it.
    values: ValueSet,
}

/// A search through the changes that can matter, fact by fact.
struct Search<'r> {
    edition: Edition<'r>,
    action: Action,
    from: Facts,
    /// When a rule excludes, forbids or requires.
    bars: Vec<Condition>,
    permits: Vec<Condition>,
}

/// A fact, with the one that it can change along with.
fn together(facts: FactSet) -> FactSet {
    let both = FactSet::from([Fact::Service, Fact::Term]);
    if facts.intersection(both).is_empty() { facts } else { facts.union(both) }
}

impl<'r> Search<'r> {
    fn of(decision: &Decision<'r>, action: Action) -> Self {
        let edition = decision.edition();
        let conditions = |effects: &[Effect]| {
            let rules = edition.rules().filter(|rule| rule.actions().contains(action));
            rules.filter(|rule| effects.contains(&rule.effect())).map(Rule::condition).collect()
        };
        Self {
            edition,
            action,
            from: decision.facts(),
            bars: conditions(&[Effect::Exclude, Effect::Forbid, Effect::Require]),
            permits: conditions(&[Effect::Permit]),
        }
    }

    /// From all states with so many facts changed to those with one more, so that no set is found that holds a smaller one.
    fn run(&self) -> Vec<Counterfactual> {
        let mut found: Vec<Counterfactual> = Vec::new();
        let start = State { facts: self.from, changed: FactSet::EMPTY, values: ValueSet::EMPTY };
        let mut states = HashSet::from([start]);
        while !states.is_empty() {
            let holds_smaller = |state: &State| found.iter().any(|smaller| smaller.facts.is_subset(state.changed));
            states.retain(|state| !holds_smaller(state));
            let (allowed, others): (Vec<State>, Vec<State>) =
                states.into_iter().partition(|state| self.allows(state.facts));
            for State { changed, values, .. } in allowed {
                let way = Way { from: self.from, values };
                match found.iter_mut().find(|found| found.facts == changed) {
                    Some(found) => found.ways.push(way),
                    None => found.push(Counterfactual { action: self.action, facts: changed, ways: [way].into() }),
                }
            }
            states = others.into_iter().flat_map(|state| self.next(state)).collect();
        }
        for one in &mut found {
            one.ways.sort_by_cached_key(|way| (!way.is_possible(), way.values.iter().collect::<Vec<_>>()));
        }
        found.sort_by_cached_key(|one| (!one.is_possible(), one.facts.len(), one.facts.iter().collect::<Vec<_>>()));
        found
    }

    fn allows(&self, facts: Facts) -> bool {
        self.edition.decide(facts).verdict(self.action) == Verdict::Allowed
    }

    /// States with one more fact changed: enough of them that every set with these changes is found through one of them.
    fn next(&self, state: State) -> Vec<State> {
        // A rule that may stand in the way has to be got out of it, by a fact that it names: first one such rule, then the next.
        if let Some(bar) = self.bars.iter().find(|bar| bar.may_be_met(state.facts)) {
            let mut next = state.with(together(bar.facts()), Facts::UNKNOWN.values());
            next.retain(|next| !bar.may_be_met(next.facts));
            return next;
        }
        // None stands in the way, so there is a case that no permit speaks of. For a permit to speak of it, all facts have to change that
        // are not as it admits them, to what it admits: no matter in which order, so the first of them is changed now.
        let silent = self.silent(state.facts);
        let unmet = |permit: &Condition| -> FactSet {
            let differs = |fact: &Fact| permit.admitted(*fact).intersection(silent.possible(*fact)).is_empty();
            Fact::ALL.iter().copied().filter(differs).collect()
        };
        let open = |unmet: &FactSet| unmet.intersection(state.done()).is_empty();
        let permits = self.permits.iter().map(|permit| (permit, unmet(permit))).filter(|(_, unmet)| open(unmet));
        let next = permits.filter_map(|(permit, unmet)| {
            let first = unmet.iter().next()?;
            Some(state.with(together(first.into()), permit.values()))
        });
        next.flatten().collect()
    }

    /// A possible assignment under which the action is not allowed, where there is one.
    fn silent(&self, facts: Facts) -> Facts {
        facts.unknown().iter().fold(facts, |facts, fact| {
            let mut told = facts.possible(fact).iter().filter_map(|value| facts.given(value).ok());
            told.find(|&told| !self.allows(told)).unwrap_or(facts)
        })
    }
}

impl State {
    /// The facts that have been given a value.
    fn done(self) -> FactSet {
        Given::facts(self.values)
    }

    /// All states with one more of some facts changed, to one of some values.
    fn with(self, facts: FactSet, to: ValueSet) -> Vec<Self> {
        let given =
            |facts: ValueSet, value: Value| facts.difference(value.fact().values()).union(ValueSet::only(value));
        let done = self.done();
        let mut states = Vec::new();
        for fact in facts.difference(done) {
            let changed = self.changed.union(fact.into());
            let other = to.intersection(fact.values()).iter();
            for value in other.filter(|&value| self.facts.possible(fact) != ValueSet::only(value)) {
                let with_value = given(self.facts.values(), value);
                let values = self.values.union(ValueSet::only(value));
                match Facts::tightened(with_value) {
                    Some(facts) => states.push(Self { facts, changed, values }),
                    // Another service brings another term.
                    None if fact == Fact::Service && !done.contains(Fact::Term) => {
                        let phases = to.intersection(Fact::Term.values()).iter();
                        states.extend(phases.filter_map(|phase| {
                            let facts = Facts::tightened(given(with_value, phase))?;
                            Some(Self { facts, changed, values: values.union(ValueSet::only(phase)) })
                        }));
                    }
                    None => {}
                }
            }
        }
        states
    }
}
