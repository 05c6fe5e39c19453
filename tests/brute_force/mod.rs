//! What guidance finds by thinking, found by trying everything: for tests to hold it against, and benches to time it beside.

#![allow(dead_code, reason = "tests and benches each use a part")]
#![allow(clippy::wildcard_imports, reason = "most of the vocabulary")]

use std::collections::BTreeSet;

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
