//! What changed in the policy between two days: rules, and the cases that are answered otherwise.

use core::fmt;
use std::collections::HashMap;
use std::vec::Vec;

use crate::facts::Facts;
use crate::rulebook::Edition;
use crate::rules::{Condition, Rule};
use crate::vocabulary::{Action, ActionSet, Effect, Fact, FactSet, ValueSet, Verdict};

impl<'r> Edition<'r> {
    /// The edition before; none for the first one.
    #[must_use]
    pub fn previous(self) -> Option<Self> {
        self.rulebook().editions().take_while(|edition| edition.since() < self.since()).last()
    }

    /// The rules that begin with it, in register order; each with its reason and sources.
    pub fn begun(self) -> impl Iterator<Item = &'r Rule> + Clone + use<'r> {
        self.rulebook().rules().iter().filter(move |rule| rule.validity().from() == self.since())
    }

    /// The rules that end with it, in register order.
    pub fn ended(self) -> impl Iterator<Item = &'r Rule> + Clone + use<'r> {
        self.rulebook().rules().iter().filter(move |rule| rule.validity().until() == Some(self.since()))
    }
}

/// The difference between two editions of a rulebook.
///
/// ```
/// use csp_multichannel::guidance::Difference;
/// use csp_multichannel::{Action, Rulebook, parse_instant};
///
/// let at = |day| parse_instant(day).map(|at| Rulebook::partner_center().edition_at(at));
/// let difference = Difference::between(at("2023-09-14")??, at("2024-06-19")??);
/// let of_switching: Vec<String> =
///     difference.cases().iter().filter(|shift| shift.action() == Action::Switch).map(ToString::to_string).collect();
/// assert!(of_switching.iter().any(|shift| shift.contains("channel: other_csp_partner") && shift.ends_with("switch was denied, is allowed")));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Difference<'r> {
    from: Edition<'r>,
    to: Edition<'r>,
}

/// Cases in which the verdict on an action changed, all in the same way.
///
/// `Display` writes ``service: license; channel: other_csp_partner: switch was denied, is allowed``.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shift {
    condition: Condition,
    action: Action,
    before: Verdict,
    after: Verdict,
}

impl Shift {
    /// The cases.
    #[must_use]
    pub const fn condition(&self) -> Condition {
        self.condition
    }

    /// The action.
    #[must_use]
    pub const fn action(&self) -> Action {
        self.action
    }

    /// The verdict before.
    #[must_use]
    pub const fn before(&self) -> Verdict {
        self.before
    }

    /// The verdict after.
    #[must_use]
    pub const fn after(&self) -> Verdict {
        self.after
    }
}

impl fmt::Display for Shift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { condition, action, before, after } = self;
        if *condition != Condition::ALWAYS {
            write!(f, "{condition}: ")?;
        }
        write!(f, "{action} was {before}, is {after}")
    }
}

impl<'r> Difference<'r> {
    /// The difference between two editions, in either direction.
    #[must_use]
    pub const fn between(from: Edition<'r>, to: Edition<'r>) -> Self {
        Self { from, to }
    }

    /// The edition before.
    #[must_use]
    pub const fn from(&self) -> Edition<'r> {
        self.from
    }

    /// The edition after.
    #[must_use]
    pub const fn to(&self) -> Edition<'r> {
        self.to
    }

    /// The rules in force after, and not before, in register order.
    pub fn begun(&self) -> impl Iterator<Item = &'r Rule> + Clone + use<'r> {
        let from = self.from;
        self.to.rules().filter(move |rule| !rule.validity().covers(from.since()))
    }

    /// The rules in force before, and not after, in register order.
    pub fn ended(&self) -> impl Iterator<Item = &'r Rule> + Clone + use<'r> {
        let to = self.to;
        self.from.rules().filter(move |rule| !rule.validity().covers(to.since()))
    }

    /// The actions on which the verdict differs, for some case that is possible with what is known.
    #[must_use]
    pub fn touched(&self, facts: Facts) -> ActionSet {
        let differs = |action: &Action| match facts.assignment() {
            Some(_) => self.from.decide(facts).verdict(*action) != self.to.decide(facts).verdict(*action),
            None => self.split(*action).is_some_and(|(mut split, named)| {
                let order: Vec<Fact> = named.iter().collect();
                !split.parts(facts, &order).is_empty()
            }),
        };
        Action::ALL.iter().copied().filter(differs).collect()
    }

    /// All cases with everything known whose verdicts differ: as conditions without overlap, of which no two can be joined.
    #[must_use]
    pub fn cases(&self) -> Vec<Shift> {
        Action::ALL.iter().flat_map(|&action| self.cases_of(action)).collect()
    }

    /// What tells cases apart, and the facts that matter; none where no rule on the action makes a difference.
    fn split(&self, action: Action) -> Option<(Split<'r>, FactSet)> {
        let decides = |rule: &&Rule| rule.actions().contains(action) && rule.effect() != Effect::Advise;
        let changed: Vec<Condition> = self.begun().chain(self.ended()).filter(decides).map(Rule::condition).collect();
        let rules = self.from.rules().chain(self.to.rules()).filter(decides);
        let named = rules.fold(FactSet::EMPTY, |facts, rule| facts.union(rule.condition().facts()));
        let split = Split { from: self.from, to: self.to, action, changed, verdicts: HashMap::new() };
        (!split.changed.is_empty()).then_some((split, named))
    }

    fn cases_of(&self, action: Action) -> Vec<Shift> {
        let Some((mut split, named)) = self.split(action) else { return Vec::new() };
        // The order in which facts are told apart decides how many conditions there are: move each fact to where it does best.
        let mut order: Vec<Fact> = named.iter().collect();
        let mut best = split.shifts(&order);
        for fact in named {
            for place in 0..order.len() {
                let mut moved: Vec<Fact> = order.iter().copied().filter(|&other| other != fact).collect();
                moved.insert(place, fact);
                let shifts = split.shifts(&moved);
                if shifts.len() < best.len() {
                    (order, best) = (moved, shifts);
                }
            }
        }
        best
    }
}

/// Tells cases apart, fact by fact, until each verdict is certain before and after.
struct Split<'r> {
    from: Edition<'r>,
    to: Edition<'r>,
    action: Action,
    /// The conditions of the rules that make the difference.
    changed: Vec<Condition>,
    /// The verdicts before and after for what was known, because facts are told apart in one order after another; none where no rule
    /// makes a difference.
    verdicts: HashMap<Facts, Option<(Verdict, Verdict)>>,
}

/// Verdicts that differ, and the cases in which they do.
type Part = (ValueSet, Verdict, Verdict);

impl Split<'_> {
    fn shifts(&mut self, order: &[Fact]) -> Vec<Shift> {
        let parts = joined(self.parts(Facts::UNKNOWN, order));
        // What was joined may no longer need to tell both service and term.
        let relaxed = |(values, before, after)| (Facts::tightened(values).map_or(values, relaxed), before, after);
        let parts = joined(parts.into_iter().map(relaxed).collect());
        let shift =
            |(values, before, after)| Shift { condition: Condition::new(values), action: self.action, before, after };
        parts.into_iter().map(shift).collect()
    }

    fn verdicts(&mut self, facts: Facts) -> Option<(Verdict, Verdict)> {
        let Self { from, to, action, changed, verdicts } = self;
        *verdicts.entry(facts).or_insert_with(|| {
            let differs = changed.iter().any(|condition| condition.may_be_met(facts));
            differs.then(|| (from.decide(facts).verdict(*action), to.decide(facts).verdict(*action)))
        })
    }

    fn parts(&mut self, facts: Facts, order: &[Fact]) -> Vec<Part> {
        let Some((before, after)) = self.verdicts(facts) else { return Vec::new() };
        if before != Verdict::Undetermined && after != Verdict::Undetermined {
            return if before == after { Vec::new() } else { [(relaxed(facts), before, after)].into() };
        }
        let Some((&fact, rest)) = order.split_first() else { return Vec::new() };
        let mut groups: Vec<(ValueSet, Vec<Part>)> = Vec::new();
        for value in facts.possible(fact) {
            let Ok(given) = facts.given(value) else { continue };
            // What the values have in common, they are told together.
            let parts: Vec<Part> = self
                .parts(given, rest)
                .into_iter()
                .map(|(values, before, after)| (values.union(fact.values()), before, after))
                .collect();
            match groups.iter_mut().find(|(_, of_group)| *of_group == parts) {
                Some((values, _)) => *values = values.union(ValueSet::only(value)),
                None => groups.push((ValueSet::only(value), parts)),
            }
        }
        let with = |values: ValueSet, of_group: ValueSet| {
            let of_fact = if of_group == facts.possible(fact) { fact.values() } else { of_group };
            values.difference(fact.values()).union(of_fact)
        };
        let parts = groups.into_iter().flat_map(|(of_group, parts)| {
            parts.into_iter().map(move |(values, before, after)| (with(values, of_group), before, after))
        });
        parts.collect()
    }
}

/// The values of all facts; all of those of the term where the service tells it, and the other way round.
fn relaxed(facts: Facts) -> ValueSet {
    let mut values = facts.values();
    for fact in [Fact::Term, Fact::Service] {
        let wider = values.union(fact.values());
        if Facts::tightened(wider) == Some(facts) {
            values = wider;
        }
    }
    values
}

/// Joins parts that differ in one fact only, as long as there are any.
fn joined(mut parts: Vec<Part>) -> Vec<Part> {
    let joins = |&(one, ..): &Part, &(other, ..): &Part| {
        let differ = |fact: &&Fact| one.intersection(fact.values()) != other.intersection(fact.values());
        Fact::ALL.iter().filter(differ).count() <= 1
    };
    let pair = |parts: &[Part]| {
        let mut pairs = parts.iter().enumerate().flat_map(|(at, one)| {
            parts.iter().enumerate().skip(at + 1).map(move |(later, other)| (at, later, one, other))
        });
        let same = |one: &Part, other: &Part| (one.1, one.2) == (other.1, other.2);
        pairs.find(|(.., one, other)| same(one, other) && joins(one, other)).map(|(at, later, ..)| (at, later))
    };
    while let Some((at, later)) = pair(&parts) {
        let (values, ..) = parts.remove(later);
        if let Some((joined, ..)) = parts.get_mut(at) {
            *joined = joined.union(values);
        }
    }
    parts
}

/// Writes the rules and the cases, a line each.
impl fmt::Display for Difference<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "from the edition of {} to that of {}", self.from.since(), self.to.since())?;
        for (sign, rule) in self.ended().map(|rule| ('-', rule)).chain(self.begun().map(|rule| ('+', rule))) {
            write!(f, "\n{sign} {} {}: {}", rule.effect(), rule.id(), rule.reason())?;
        }
        for shift in self.cases() {
            write!(f, "\n{shift}")?;
        }
        Ok(())
    }
}
