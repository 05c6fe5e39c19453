//! What guidance finds by thinking, found by trying everything: for tests to hold it against, and benches to time it beside.

#![allow(dead_code, reason = "tests and benches each use a part")]
#![allow(clippy::wildcard_imports, reason = "most of the vocabulary")]

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use csp_multichannel::guidance::Calendar;
use csp_multichannel::*;

/// All assignments that are possible.
pub fn assignments(facts: Facts) -> Vec<Facts> {
    let mut all = vec![facts];
    for &fact in Fact::ALL {
        let each = |facts: Facts| facts.possible(fact).iter().filter_map(move |value| facts.given(value).ok());
        all = all.into_iter().flat_map(each).collect();
    }
    all
}

/// The facts in which two cases differ; the term not, where another service brings it.
pub fn difference(one: Facts, other: Facts) -> FactSet {
    let differ: FactSet =
        Fact::ALL.iter().copied().filter(|&fact| one.possible(fact) != other.possible(fact)).collect();
    let is_usage_based = |facts: Facts| facts.known::<Service>().is_some_and(Service::is_usage_based);
    if is_usage_based(one) == is_usage_based(other) { differ } else { differ.difference(Fact::Term.into()) }
}

/// All smallest sets of facts, with the values of each way, by looking at every other case.
pub fn smallest_changes(from: Facts, allowed: &[Facts]) -> BTreeSet<(Vec<Fact>, Vec<Vec<Value>>)> {
    let sets: Vec<(FactSet, Facts)> = allowed.iter().map(|&to| (difference(from, to), to)).collect();
    let distinct: BTreeSet<Vec<Fact>> = sets.iter().map(|(set, _)| set.iter().collect()).collect();
    let distinct: Vec<FactSet> = distinct.into_iter().map(|set| set.into_iter().collect()).collect();
    let smallest = |set: &&FactSet| !distinct.iter().any(|other| other != *set && other.is_subset(**set));
    let with_ways = |set: &FactSet| {
        let ways = sets.iter().filter(|(other, _)| other == set).map(|&(_, to)| {
            let brought = difference(from, to) != set.union(Fact::Term.into())
                && from.possible(Fact::Term) != to.possible(Fact::Term);
            let named = if brought { set.union(Fact::Term.into()) } else { *set };
            named.iter().map(|fact| to.possible(fact).single().expect("known")).collect::<Vec<_>>()
        });
        let ways: BTreeSet<Vec<Value>> = ways.collect();
        (set.iter().collect(), ways.into_iter().collect())
    };
    distinct.iter().filter(smallest).map(with_ways).collect()
}

/// The same where facts may be unknown, and rules name a few facts only: by giving these facts values in every way.
pub fn smallest_changes_in(
    decision: &Decision<'_>,
    action: Action,
    named: FactSet,
) -> BTreeSet<(Vec<Fact>, Vec<Vec<Value>>)> {
    let from = decision.facts();
    let mut given = vec![ValueSet::EMPTY];
    for fact in named.union(Set::from([Fact::Service, Fact::Term])) {
        let others = fact.values().iter().filter(|&value| from.possible(fact).single() != Some(value));
        let with = |values: ValueSet| others.clone().map(move |value| values.union(ValueSet::only(value)));
        given = given.into_iter().flat_map(|values| std::iter::once(values).chain(with(values))).collect();
    }
    let allowed = |facts| decision.edition().decide(facts).verdict(action) == Verdict::Allowed;
    let mut sets: BTreeMap<Vec<Fact>, BTreeSet<Vec<Value>>> = BTreeMap::new();
    for values in given.into_iter().filter(|&values| changed(from, values).is_some_and(allowed)) {
        let service: ValueSet = values.iter().filter(|value| value.fact() == Fact::Service).collect();
        // Without another term there is no such service: that is no change of its own.
        let brought = if changed(from, service).is_none() { Fact::Term.into() } else { FactSet::EMPTY };
        let set = values.iter().map(Value::fact).collect::<FactSet>().difference(brought);
        sets.entry(set.iter().collect()).or_default().insert(values.iter().collect());
    }
    let is_subset = |one: &[Fact], other: &[Fact]| one.iter().all(|fact| other.contains(fact));
    let smallest = |set: &[Fact]| !sets.keys().any(|other| other != set && is_subset(other, set));
    let smallest = sets.iter().filter(|(set, _)| smallest(set));
    smallest.map(|(set, ways)| (set.clone(), ways.iter().cloned().collect())).collect()
}

/// The facts with some of them given other values, and the term that another service brings.
pub fn changed(facts: Facts, values: ValueSet) -> Option<Facts> {
    let unknown = Facts::UNKNOWN.values();
    let touched: FactSet = values.iter().map(Value::fact).collect();
    let untouched = Fact::ALL.iter().filter(|fact| !touched.contains(**fact));
    let kept = untouched.fold(ValueSet::EMPTY, |kept, &fact| kept.union(facts.possible(fact)));
    let all = kept.union(values);
    let given = all.iter().map(Value::fact).collect::<FactSet>();
    assert_eq!(given, unknown.iter().map(Value::fact).collect());
    Facts::UNKNOWN.given(all).ok()
}

pub fn reaches(action: Action, decision: &Decision<'_>) -> bool {
    let related = decision.facts().known() == Some(Relationship::Active);
    let allowed = decision.verdict(action) == Verdict::Allowed;
    match action {
        Action::RequestRelationship => related,
        Action::WaitUntilTermEnd | Action::CancelThenMove => related && allowed,
        _ => allowed,
    }
}

/// Every state that can be reached, with its decision, in every period: by trying everything, as long as something new comes of it.
pub fn reachable(case: &Case, from: DateTime<Utc>) -> Vec<(DateTime<Utc>, Decision<'static>)> {
    let calendar = Calendar::of(case, Rulebook::partner_center());
    let mut states = vec![ValueSet::EMPTY];
    let mut all = Vec::new();
    for period in calendar.periods().iter().filter(|period| period.until().is_none_or(|until| from < until)) {
        let at = period.from().max(from);
        let mut next = 0;
        while next < states.len() {
            let state = states[next];
            let facts = changed(case.facts(at), state).expect("possible");
            let decision = Rulebook::partner_center().edition_at(at).expect("an edition").decide(facts);
            all.push((at, decision));
            let mut values = Vec::new();
            match facts.known() {
                Some(Relationship::None) if decision.verdict(Action::RequestRelationship) == Verdict::Allowed => {
                    values.push(Relationship::Requested.into());
                }
                Some(Relationship::Requested) => values.push(Relationship::Active.into()),
                _ => {}
            }
            if facts.values().contains(AutoRenew::On.into()) {
                values.push(AutoRenew::Off.into());
            }
            for (is, becomes) in [
                (Value::from(Partner::IndirectReseller), Value::from(Partner::IndirectProvider)),
                (Status::Suspended.into(), Status::Active.into()),
                (Transfer::Pending.into(), Transfer::None.into()),
            ] {
                if facts.possible(is.fact()).single() == Some(is) {
                    values.push(becomes);
                }
            }
            for value in values {
                let kept: ValueSet = state.iter().filter(|other| other.fact() != value.fact()).collect();
                let new = kept.union(ValueSet::only(value));
                if !states.contains(&new) {
                    states.push(new);
                }
            }
            next += 1;
        }
    }
    all
}

/// A hundred rules that take half of the values of each fact and begin in 2019: before and after, hundreds of conditions differ.
pub fn many_conditions() -> Rulebook {
    let from = |day: &str| day.parse().expect("a day");
    let mut state = 1_u64;
    let mut half = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state >> 63 == 1
    };
    // Half of the services might not go with half of the phases.
    let named = Fact::ALL.iter().filter(|fact| ![Fact::Service, Fact::Term].contains(fact));
    let effects = [Effect::Permit, Effect::Forbid, Effect::Permit, Effect::Exclude];
    let rule = |number: usize| {
        let admitted: ValueSet = named.clone().flat_map(|fact| fact.values()).filter(|_| half()).collect();
        let effect = effects[number % effects.len()];
        Rule::new(format!("rule-{number}"), effect, Action::Switch, from("2019-01-01")).when(admitted)
    };
    let first = Rule::new("first", Effect::Advise, Action::Switch, from("2018-01-01"));
    Rulebook::new([first].into_iter().chain((0..100).map(rule)).collect::<Vec<Rule>>()).expect("a rulebook")
}
