//! All cases told apart by some answer: as few readable conditions as can be found, complete and without overlap.

use core::hash::Hash;
use std::collections::HashMap;
use std::vec::Vec;

use crate::facts::Facts;
use crate::rules::Condition;
use crate::vocabulary::{Fact, FactSet, ValueSet};

/// What the cases that are possible with some facts have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cases<T> {
    /// All of them have this.
    All(T),
    /// None of them is wanted.
    None,
    /// They have to be told apart.
    Mixed,
}

/// Conditions without overlap that together hold all cases that are wanted, each with what its cases have in common.
///
/// `named` are the facts that can make a difference. No two of the conditions can be joined to one.
pub(crate) fn partition<T: Copy + Eq + Hash>(
    within: Facts,
    named: FactSet,
    cases: impl Fn(Facts) -> Cases<T>,
) -> Vec<(Condition, T)> {
    let mut split = Split { cases, known: HashMap::new(), visits: 0 };
    // The order in which facts are told apart decides how many conditions there are: move each fact to where it does best.
    let mut order: Vec<Fact> = named.iter().collect();
    let mut best = split.parts_in(within, &order);
    for fact in named {
        for place in 0..order.len() {
            let mut moved: Vec<Fact> = order.iter().copied().filter(|&other| other != fact).collect();
            moved.insert(place, fact);
            // Rulebooks can be such that one order alone takes long.
            if moved == order || split.visits > Split::<T, ()>::ENOUGH {
                continue;
            }
            let parts = split.parts_in(within, &moved);
            if parts.len() < best.len() {
                (order, best) = (moved, parts);
            }
        }
    }
    best.into_iter().map(|(values, common)| (Condition::new(values), common)).collect()
}

/// Whether any case is wanted, of those that are possible.
pub(crate) fn any<T: Copy + Eq + Hash>(within: Facts, named: FactSet, cases: impl Fn(Facts) -> Cases<T>) -> bool {
    let order: Vec<Fact> = named.iter().collect();
    !Split { cases, known: HashMap::new(), visits: 0 }.parts(within, &order).is_empty()
}

/// The values of some cases, and what they have in common.
type Part<T> = (ValueSet, T);

/// Tells cases apart, fact by fact.
struct Split<T, C> {
    cases: C,
    /// What was found before, because facts are told apart in one order after another.
    known: HashMap<Facts, Cases<T>>,
    visits: usize,
}

impl<T> Split<T, ()> {
    /// How many sets of cases are looked at before no other order is tried.
    const ENOUGH: usize = 1 << 20;
}

impl<T: Copy + Eq + Hash, C: Fn(Facts) -> Cases<T>> Split<T, C> {
    fn parts_in(&mut self, within: Facts, order: &[Fact]) -> Vec<Part<T>> {
        let parts = joined(self.parts(within, order));
        // What was joined may no longer need to tell both service and term.
        let relaxed = |(values, common)| (Facts::tightened(values).map_or(values, relaxed), common);
        joined(parts.into_iter().map(relaxed).collect())
    }

    fn parts(&mut self, facts: Facts, order: &[Fact]) -> Vec<Part<T>> {
        self.visits += 1;
        match *self.known.entry(facts).or_insert_with(|| (self.cases)(facts)) {
            Cases::All(common) => return [(relaxed(facts), common)].into(),
            Cases::None => return Vec::new(),
            Cases::Mixed => {}
        }
        let Some((&fact, rest)) = order.split_first() else { return Vec::new() };
        let mut groups: Vec<(ValueSet, Vec<Part<T>>)> = Vec::new();
        for value in facts.possible(fact) {
            let Ok(given) = facts.given(value) else { continue };
            // What the values have in common, they are told together.
            let parts = self.parts(given, rest).into_iter();
            let parts: Vec<Part<T>> = parts.map(|(values, common)| (values.union(fact.values()), common)).collect();
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
            parts.into_iter().map(move |(values, common)| (with(values, of_group), common))
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
fn joined<T: Copy + Eq + Hash>(mut parts: Vec<Part<T>>) -> Vec<Part<T>> {
    loop {
        let before = parts.len();
        for fact in Fact::ALL {
            let mut joined: Vec<Part<T>> = Vec::with_capacity(parts.len());
            let mut places: HashMap<Part<T>, usize> = HashMap::with_capacity(parts.len());
            for (values, common) in parts {
                let place = *places.entry((values.difference(fact.values()), common)).or_insert(joined.len());
                match joined.get_mut(place) {
                    Some((others, _)) => *others = others.union(values),
                    None => joined.push((values, common)),
                }
            }
            parts = joined;
        }
        if parts.len() == before {
            return parts;
        }
    }
}
