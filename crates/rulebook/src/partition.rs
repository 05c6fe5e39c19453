//! Partitions of all cases into few disjoint conditions, by a common property.

use std::collections::HashMap;
use std::hash::Hash;

use csp_multichannel::{Action, Decision, Edition, Effect, Fact, Facts, Rule, Set, Verdict};

/// The common property of the possible cases of some facts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cases<T> {
    /// All cases have this property.
    All(T),
    /// No case is wanted.
    None,
    /// The cases have to be split.
    Mixed,
}

/// Returns disjoint conditions that together hold all wanted cases, each with the common property
/// of its cases.
///
/// `named` are the facts that can make a difference. No two conditions can be joined.
pub(crate) fn partition<T: Copy + Eq + Hash>(
    named: Set<Fact>,
    cases: impl Fn(Facts) -> Cases<T>,
) -> Vec<(Facts, T)> {
    let mut split = Split { cases, known: HashMap::new(), visits: 0 };
    // The number of conditions depends on the order in which facts are split: each fact moves to
    // its best position.
    let mut order: Vec<Fact> = named.iter().collect();
    let mut best = joined(split.parts(Facts::UNKNOWN, &order));
    for fact in named {
        for place in 0..order.len() {
            let mut moved: Vec<Fact> = order.iter().copied().filter(|&of| of != fact).collect();
            moved.insert(place, fact);
            // For some rulebooks, one order alone takes long.
            if moved == order || split.visits > ENOUGH {
                continue;
            }
            let parts = joined(split.parts(Facts::UNKNOWN, &moved));
            if parts.len() < best.len() {
                (order, best) = (moved, parts);
            }
        }
    }
    best
}

/// The number of visited sets of cases after which no other order is tried.
const ENOUGH: usize = 1 << 16;

struct Split<T, C> {
    cases: C,
    /// Earlier results, which other orders share.
    known: HashMap<Facts, Cases<T>>,
    visits: usize,
}

impl<T: Copy + Eq + Hash, C: Fn(Facts) -> Cases<T>> Split<T, C> {
    fn parts(&mut self, facts: Facts, order: &[Fact]) -> Vec<(Facts, T)> {
        self.visits += 1;
        let cases = &self.cases;
        match *self.known.entry(facts).or_insert_with(|| cases(facts)) {
            Cases::All(common) => return vec![(facts, common)],
            Cases::None => return Vec::new(),
            Cases::Mixed => {}
        }
        let Some((&fact, rest)) = order.split_first() else { return Vec::new() };
        // Values with the same conditions on the other facts are joined.
        let mut groups: Vec<(Facts, Vec<(Facts, T)>)> = Vec::new();
        for value in facts.split(fact) {
            let parts = self.parts(value, rest).into_iter();
            let parts: Vec<_> = parts.map(|(part, common)| (part.without(fact), common)).collect();
            match groups.iter_mut().find(|(_, of_group)| *of_group == parts) {
                Some((values, _)) => *values = values.union(value),
                None => groups.push((value, parts)),
            }
        }
        let with = |(values, parts): (Facts, Vec<(Facts, T)>)| {
            parts.into_iter().map(move |(part, common)| (part.with(values.about(fact)), common))
        };
        groups.into_iter().flat_map(with).collect()
    }
}

/// Joins conditions that differ in one fact only, as long as there are any.
fn joined<T: Copy + Eq + Hash>(mut parts: Vec<(Facts, T)>) -> Vec<(Facts, T)> {
    loop {
        let before = parts.len();
        for &fact in Fact::ALL {
            let mut places: HashMap<(Facts, T), usize> = HashMap::with_capacity(parts.len());
            let mut joined: Vec<(Facts, T)> = Vec::with_capacity(parts.len());
            for (part, common) in parts {
                let place = *places.entry((part.without(fact), common)).or_insert(joined.len());
                match joined.get_mut(place) {
                    Some((others, _)) => *others = others.union(part),
                    None => joined.push((part, common)),
                }
            }
            parts = joined;
        }
        if parts.len() == before {
            return parts;
        }
    }
}

/// A verdict, with the requirements of a conditional one: a bit for each name.
pub(crate) type Answer = (Verdict, Names);

/// A set of at most 256 names: two editions together have no more in force.
pub(crate) type Names = [u128; 2];

/// A question to an edition about one action.
pub(crate) struct Question<'n> {
    pub(crate) action: Action,
    /// The names of all requirements.
    pub(crate) requirements: &'n [&'n str],
}

impl Question<'_> {
    /// Returns the answer of all possible cases of some facts, if they agree.
    pub(crate) fn answer(&self, edition: Edition<'_>, facts: Facts) -> Option<Answer> {
        let decision: Decision<'_> = edition.decide(facts);
        match decision.verdict(self.action) {
            Verdict::Undetermined => None,
            Verdict::Conditional => {
                let certain = self.all(decision.requirements(self.action));
                let possible = edition.rules().filter(|rule| {
                    rule.effect() == Effect::Require
                        && rule.actions().contains(self.action)
                        && rule.condition().overlaps(facts)
                });
                let possible = self.all(possible.filter_map(Rule::requirement));
                (certain == possible).then_some((Verdict::Conditional, certain))
            }
            verdict => Some((verdict, [0; 2])),
        }
    }

    fn all<'n>(&self, names: impl Iterator<Item = &'n str>) -> Names {
        let mut all = [0; 2];
        for name in names {
            let place = self.requirements.iter().position(|known| *known == name);
            let part = place.and_then(|place| Some((place % 128, all.get_mut(place / 128)?)));
            if let Some((place, part)) = part {
                *part |= 1 << place;
            }
        }
        all
    }

    /// Returns the names of some requirements.
    pub(crate) fn names(&self, all: Names) -> Vec<String> {
        let is_in =
            |place: usize| all.get(place / 128).is_some_and(|part| part >> (place % 128) & 1 == 1);
        let names = self.requirements.iter().enumerate();
        names.filter(|(place, _)| is_in(*place)).map(|(_, name)| (*name).to_owned()).collect()
    }
}

/// Returns the names of all requirements of some rules, each once.
pub(crate) fn requirements<'r>(rules: impl Iterator<Item = &'r Rule>) -> Vec<&'r str> {
    let mut names: Vec<&str> = Vec::new();
    for name in rules.filter_map(Rule::requirement) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// Returns the facts that some rules name.
pub(crate) fn named<'r>(rules: impl Iterator<Item = &'r Rule>) -> Set<Fact> {
    rules.fold(Set::EMPTY, |facts, rule| facts.union(rule.condition().narrowed()))
}

/// Returns cases of a condition that no other condition admits, if there are any.
pub(crate) fn outside(within: Facts, others: &[Facts]) -> Option<Facts> {
    let Some((other, rest)) = others.split_first() else { return Some(within) };
    if !other.overlaps(within) {
        return outside(within, rest);
    }
    // The cases that the other condition does not admit by one fact, then by the next.
    let mut left = within;
    for fact in other.narrowed() {
        let beyond = left.split(fact).filter(|value| !other.overlaps(value.about(fact)));
        if let Some(beyond) = beyond.reduce(Facts::union)
            && let Some(found) = outside(beyond, rest)
        {
            return Some(found);
        }
        left = left.narrow(other.about(fact)).ok()?;
    }
    None
}
