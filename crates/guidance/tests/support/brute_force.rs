//! Questions and minimal changes by brute force, to compare results and speed with.

use std::collections::{BTreeMap, BTreeSet};

use csp_multichannel::{Action, Decision, Fact, Facts, Set, Verdict};

/// The facts for which two possible cases that differ in nothing else have different verdicts on an
/// action.
pub fn missing(decision: &Decision<'_>, action: Action) -> Set<Fact> {
    let verdict = |case: Facts| decision.edition().decide(case).verdict(action);
    let differs = |fact: &Fact| {
        let mut cases = decision.facts().assignments();
        cases.any(|case| {
            let mut others =
                decision.facts().split(*fact).map(|value| case.with(value.about(*fact)));
            others.any(|other| verdict(other) != verdict(case))
        })
    };
    decision.facts().unknown().iter().filter(differs).collect()
}

/// Every minimal set of facts with every choice of values that makes an action allowed.
pub fn minimal_changes(
    decision: &Decision<'_>,
    action: Action,
) -> BTreeMap<Vec<Fact>, BTreeSet<Facts>> {
    let mut found = BTreeMap::new();
    if decision.verdict(action) == Verdict::Allowed {
        return found;
    }
    let mut subsets: Vec<Set<Fact>> = (1..1_u32 << Fact::ALL.len())
        .map(|bits| {
            let facts = Fact::ALL.iter().enumerate().filter(|(place, _)| bits >> place & 1 == 1);
            facts.map(|(_, &fact)| fact).collect()
        })
        .collect();
    subsets.sort_by_key(Set::len);
    let mut minimal: Vec<Set<Fact>> = Vec::new();
    for subset in subsets {
        if minimal.iter().any(|smaller| smaller.is_subset(subset)) {
            continue;
        }
        let facts = decision.facts();
        let mut choices = vec![facts];
        for fact in subset {
            let others = |choice: Facts| {
                let values = Facts::UNKNOWN.split(fact);
                // A fact that is known changes to another value.
                values
                    .filter(move |&value| facts.about(fact) != value)
                    .map(move |value| choice.with(value))
            };
            choices = choices.into_iter().flat_map(others).collect();
        }
        let allowed =
            |choice: &Facts| decision.edition().decide(*choice).verdict(action) == Verdict::Allowed;
        let allowed: BTreeSet<Facts> = choices.into_iter().filter(allowed).collect();
        if !allowed.is_empty() {
            minimal.push(subset);
            found.insert(subset.iter().collect(), allowed);
        }
    }
    found
}
