//! Deciding with unknown facts, exactly: over the possible assignments, without walking those that
//! make no difference.
//!
//! The unknown facts span a space, a [`Dimension`] each. Going through it dimension by dimension, the
//! verdict on an action is often settled long before the last: then it is for all that is left at once.

use super::Verdicts;
use crate::facts::Facts;
use crate::rulebook::{Edition, RuleMask};
use crate::vocabulary::{Action, Effect, Fact, FactSet, Service, TermPhase, Value};

/// The rules that fire under every possible assignment, and the verdicts.
pub(super) fn decide(edition: Edition<'_>, facts: Facts) -> (RuleMask, Verdicts) {
    let space = Space::new(edition, facts);
    let questions = Action::ALL.iter().map(|&action| space.question(action));
    (space.certain(), questions.fold(Verdicts::default(), |verdicts, question| verdicts.union(question.possible())))
}

/// The unknown facts on which the verdict on an action turns.
pub(super) fn depends_on(edition: Edition<'_>, facts: Facts, action: Action) -> FactSet {
    Space::new(edition, facts).question(action).depends_on()
}

/// Whether every possible assignment makes at least one of some rules fire.
pub(super) fn one_always_fires(edition: Edition<'_>, facts: Facts, rules: RuleMask) -> bool {
    fn in_all(space: &Space<'_>, left: &[Dimension], firing: RuleMask) -> bool {
        match left {
            _ if firing & !varying(left) != 0 => true,
            _ if firing == 0 => false,
            [] => true,
            [first, rest @ ..] => space.distinct(first, firing).all(|firing| in_all(space, rest, firing)),
        }
    }
    let space = Space::new(edition, facts);
    in_all(&space, space.dimensions(), space.firing & rules)
}

/// The possible assignments, as the rules that they let fire.
struct Space<'r> {
    edition: Edition<'r>,
    facts: Facts,
    /// The rules that no fact keeps from firing altogether.
    firing: RuleMask,
    /// The rules that some possible phase of a term admits and another does not.
    turning_on_term: RuleMask,
    /// The facts of which several values are possible; service and term are one.
    dimensions: [Dimension; Fact::COUNT - 1],
    len: usize,
    /// The rules that admit each of their values, a dimension after the other.
    admitting: [RuleMask; CAPACITY],
}

/// The possible values of a fact, or the possible pairs of service and term.
#[derive(Clone, Copy)]
struct Dimension {
    /// What the values are of; for pairs, the service.
    fact: Fact,
    /// Where its values stand in the space.
    first: usize,
    end: usize,
    /// The rules that admit some of them and not others.
    varying: RuleMask,
}

/// How many pairs of service and term are possible.
const PAIRS: usize = {
    let usage_based = Service::USAGE_BASED.len();
    usage_based + (Service::ALL.len() - usage_based) * (TermPhase::ALL.len() - 1)
};
/// All pairs, and the values of all other facts.
const CAPACITY: usize = PAIRS + Value::COUNT - Service::ALL.len() - TermPhase::ALL.len();
/// No dimension has more values.
const MOST_VALUES: usize = {
    let mut most = PAIRS;
    let mut facts = Fact::ALL;
    while let [fact, rest @ ..] = facts {
        if fact.size() as usize > most {
            most = fact.size() as usize;
        }
        facts = rest;
    }
    most
};

/// The pairs of service and term that are possible: usage-based services have none, all others have one.
fn pairs(facts: Facts) -> impl Iterator<Item = (Service, TermPhase)> {
    facts.values().of().iter().flat_map(move |service: Service| {
        let phases = facts.values().of().iter();
        phases
            .filter(move |&phase| service.is_usage_based() == (phase == TermPhase::None))
            .map(move |phase| (service, phase))
    })
}

impl<'r> Space<'r> {
    fn new(edition: Edition<'r>, facts: Facts) -> Self {
        let mut space = Self {
            edition,
            facts,
            firing: edition.in_force(),
            turning_on_term: 0,
            dimensions: [Dimension { fact: Fact::Service, first: 0, end: 0, varying: 0 }; Fact::COUNT - 1],
            len: 0,
            admitting: [0; CAPACITY],
        };
        let admitting = |value| edition.index().admitting(value);
        for &fact in Fact::ALL {
            let values = facts.possible(fact);
            match fact {
                Fact::Service => space.enter(
                    fact,
                    pairs(facts).map(|(service, phase)| admitting(service.into()) & admitting(phase.into())),
                ),
                Fact::Term => {
                    let mut phases = values.difference(TermPhase::None.into()).iter().map(admitting);
                    let first = phases.next().unwrap_or_default();
                    space.turning_on_term = phases.fold(0, |differing, admitting| differing | (first ^ admitting));
                }
                _ => space.enter(fact, values.iter().map(admitting)),
            }
        }
        space
    }

    fn enter(&mut self, fact: Fact, values: impl Iterator<Item = RuleMask>) {
        let first = self.dimensions().last().map_or(0, |last| last.end);
        let (mut any, mut all) = (0, RuleMask::MAX);
        let mut end = first;
        for (slot, admitting) in self.admitting.iter_mut().skip(first).zip(values) {
            *slot = admitting;
            any |= admitting;
            all &= admitting;
            end += 1;
        }
        self.firing &= any;
        // A fact that is known has done its part.
        if let (Some(slot), true) = (self.dimensions.get_mut(self.len), end > first + 1) {
            *slot = Dimension { fact, first, end, varying: any & !all };
            self.len += 1;
        }
    }

    fn dimensions(&self) -> &[Dimension] {
        self.dimensions.get(..self.len).unwrap_or_default()
    }

    /// The rules that admit each value of a dimension.
    fn admitting(&self, dimension: &Dimension) -> &[RuleMask] {
        self.admitting.get(dimension.first..dimension.end).unwrap_or_default()
    }

    /// Those of a dimension's values that let different ones of some rules fire.
    ///
    /// Values that rules treat alike stand side by side mostly, so neighbours are compared and no others.
    fn distinct(&self, dimension: &Dimension, firing: RuleMask) -> impl Iterator<Item = RuleMask> {
        let mut last = None;
        let firing = self.admitting(dimension).iter().map(move |admitting| admitting & firing);
        firing.filter(move |&firing| last.replace(firing) != Some(firing))
    }

    fn certain(&self) -> RuleMask {
        self.firing & !varying(self.dimensions())
    }

    fn question(&self, action: Action) -> Question<'_> {
        let index = self.edition.index();
        let speaking = |effect| index.speaking(action, effect);
        let forbidding = self.certain() & speaking(Effect::Forbid);
        // Where something forbids for certain, only what excludes can still make a difference.
        let deciding = if forbidding == 0 {
            speaking(Effect::Exclude) | speaking(Effect::Forbid) | speaking(Effect::Permit) | speaking(Effect::Require)
        } else {
            speaking(Effect::Exclude) | forbidding
        };
        Question { space: self, action, firing: self.firing & deciding }
    }
}

fn varying(dimensions: &[Dimension]) -> RuleMask {
    dimensions.iter().fold(0, |mask, dimension| mask | dimension.varying)
}

/// What the verdict on one action can be, over a space.
struct Question<'s> {
    space: &'s Space<'s>,
    action: Action,
    /// The rules that can decide it.
    firing: RuleMask,
}

impl Question<'_> {
    /// The verdicts that occur.
    fn possible(&self) -> Verdicts {
        let mut found = Verdicts::default();
        self.collect(self.space.dimensions(), self.firing, &mut found);
        found
    }

    /// Adds the verdicts that occur. `firing` are the rules that every value chosen so far admits; those that vary over the
    /// dimensions left may still drop out.
    ///
    /// The outlook is never less than what occurs: where it is one verdict, that one does; where it is part of what was
    /// found, nothing is left to find.
    fn collect(&self, left: &[Dimension], firing: RuleMask, found: &mut Verdicts) {
        let outlook = self.outlook(firing & !varying(left), firing);
        if outlook.len() == 1 {
            *found = found.union(outlook);
        }
        if outlook.is_subset(*found) {
            return;
        }
        if let [first, rest @ ..] = left {
            for firing in self.space.distinct(first, firing) {
                self.collect(rest, firing, found);
            }
        }
    }

    /// The facts of which another value alone can change the verdict.
    fn depends_on(&self) -> FactSet {
        let mut found = FactSet::EMPTY;
        for dimension in self.space.dimensions() {
            if dimension.varying & self.firing != 0 {
                self.compare_along(dimension, self.space.dimensions(), self.firing, &mut found);
            }
        }
        found
    }

    /// Adds the facts of a dimension that change the verdict, under some values of the dimensions left.
    fn compare_along(&self, along: &Dimension, left: &[Dimension], firing: RuleMask, found: &mut FactSet) {
        let settled = self.outlook(firing & !(varying(left) | along.varying), firing).len() == 1;
        if settled || self.sought(along).is_subset(*found) {
            return;
        }
        match left {
            [first, rest @ ..] if first.fact == along.fact => self.compare_along(along, rest, firing, found),
            [first, rest @ ..] => {
                for firing in self.space.distinct(first, firing) {
                    self.compare_along(along, rest, firing, found);
                }
            }
            [] => *found = found.union(self.differences(along, firing)),
        }
    }

    /// The facts that a dimension can tell of.
    fn sought(&self, along: &Dimension) -> FactSet {
        match along.fact {
            Fact::Service => {
                let service = self.space.facts.possible(Fact::Service).len() > 1;
                let term = self.space.turning_on_term & self.firing != 0;
                let facts = [(Fact::Service, service), (Fact::Term, term)];
                facts.into_iter().filter_map(|(fact, sought)| sought.then_some(fact)).collect()
            }
            fact => fact.into(),
        }
    }

    /// The facts of a dimension of which two values that differ in nothing else have different verdicts.
    fn differences(&self, along: &Dimension, firing: RuleMask) -> FactSet {
        let admitting = self.space.admitting(along);
        let mut verdicts = [Verdicts::default(); MOST_VALUES];
        let mut last = None;
        for (slot, admitting) in verdicts.iter_mut().zip(admitting) {
            let firing = firing & admitting;
            *slot = match last {
                Some((same, verdict)) if same == firing => verdict,
                _ => self.outlook(firing, firing),
            };
            last = Some((firing, *slot));
        }
        let [first, ..] = verdicts;
        let verdicts = || verdicts.into_iter().take(admitting.len());
        if verdicts().all(|verdict| verdict == first) {
            return FactSet::EMPTY;
        }
        if along.fact != Fact::Service {
            return along.fact.into();
        }
        let facts = self.space.facts;
        let of_pairs = || pairs(facts).zip(verdicts());
        let mut found = FactSet::EMPTY;
        for ((service, phase), one) in of_pairs() {
            for ((other_service, other_phase), _) in of_pairs().filter(|&(_, verdict)| verdict != one) {
                if service == other_service {
                    found = found.union(Fact::Term.into());
                // A usage-based service and another differ in the term as well, by force.
                } else if phase == other_phase || service.is_usage_based() != other_service.is_usage_based() {
                    found = found.union(Fact::Service.into());
                }
            }
            if self.sought(along).is_subset(found) {
                break;
            }
        }
        found
    }

    /// The verdicts that are possible with the rules of `certain`, and any number of those of `firing` besides.
    fn outlook(&self, certain: RuleMask, firing: RuleMask) -> Verdicts {
        let index = self.space.edition.index();
        Verdicts::possible_with(index.effects(certain), index.effects(firing)).on(self.action)
    }
}
