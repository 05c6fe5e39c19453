//! Between the library and the reference evaluator: cases and outcomes of the one as those of the other.

#![allow(dead_code, reason = "each test binary uses a part")]

#[path = "../reference/mod.rs"]
pub mod reference;

use csp_multichannel::{Action, Decision, Fact, FactSet, Facts, Rule, Rulebook, Rules, ValueSet, Verdict};
use reference::{Outcome, Policy};

/// The policy as the reference evaluator reads it, from its own text.
pub fn policy() -> Policy {
    Policy::parse(include_str!("../data/facts.md"), include_str!("../data/rules.md"))
}

/// The values at some positions of each fact, as bits.
pub fn values(positions: &[u16; 11]) -> ValueSet {
    let of_fact = |(&fact, &positions): (&Fact, &u16)| {
        fact.values().iter().enumerate().filter(move |(at, _)| positions >> at & 1 == 1).map(|(_, value)| value)
    };
    Fact::ALL.iter().zip(positions).flat_map(of_fact).collect()
}

/// The facts of a case with everything known, by positions.
pub fn facts(case: &[u8; 11]) -> Facts {
    Facts::UNKNOWN.given(values(&case.map(|position| 1 << position))).expect("a possible case")
}

/// All cases with everything known that are possible.
pub fn all_cases(policy: &Policy) -> Vec<[u8; 11]> {
    let mut cases = vec![[0; 11]];
    for (at, fact) in policy.facts.iter().enumerate() {
        let choices = 0..u8::try_from(fact.values.len()).expect("few values");
        cases = cases
            .into_iter()
            .flat_map(|case: [u8; 11]| choices.clone().map(move |choice| with(case, at, choice)))
            .collect();
    }
    cases.retain(|case| policy.is_possible(case));
    cases
}

fn with(mut case: [u8; 11], at: usize, choice: u8) -> [u8; 11] {
    case[at] = choice;
    case
}

/// What a decision says of an action, in the reference evaluator's words.
pub fn outcome(rulebook: &Rulebook, decision: &Decision<'_>, action: Action) -> Outcome {
    Outcome {
        verdict: verdict(decision.verdict(action)),
        rules: bits(rulebook, decision.rules(action)),
        requirements: bits(rulebook, decision.requiring(action)),
        advice: bits(rulebook, decision.advice(action)),
    }
}

pub fn verdict(verdict: Verdict) -> reference::Verdict {
    match verdict {
        Verdict::Allowed => reference::Verdict::Allowed,
        Verdict::Conditional => reference::Verdict::Conditional,
        Verdict::Denied => reference::Verdict::Denied,
        Verdict::NotCovered => reference::Verdict::NotCovered,
        Verdict::Undetermined => reference::Verdict::Undetermined,
    }
}

/// The positions of some rules in the rulebook, as bits; also that they come in order.
fn bits(rulebook: &Rulebook, rules: Rules<'_>) -> u128 {
    let first = std::ptr::from_ref(&rulebook.rules()[0]).addr();
    let mut bits = 0_u128;
    for rule in rules {
        let position = (std::ptr::from_ref(rule).addr() - first) / size_of::<Rule>();
        assert_eq!(bits >> position, 0, "{} is out of order", rule.id());
        bits |= 1 << position;
    }
    bits
}

/// The positions of some facts.
pub fn positions(facts: FactSet) -> Vec<usize> {
    facts.iter().map(|fact| fact as usize).collect()
}
