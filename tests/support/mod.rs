//! What tests share: the policy's words as the library's facts, and comparisons with the reference.

#![allow(dead_code, reason = "each test uses a part")]

#[path = "../reference/mod.rs"]
pub mod reference;

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use csp_multichannel::{
    Action, Decision, Edition, Effect, Fact, Facts, Rule, Rulebook, Set, Verdict, parse_instant,
};
use reference::{Case, FACTS, Outcome, Policy, UnknownOutcome};

pub fn at(text: &str) -> DateTime<Utc> {
    parse_instant(text).expect("an instant")
}

pub fn edition(day: &str) -> Edition<'static> {
    Rulebook::partner_center().edition_at(at(day)).expect("an edition")
}

/// All values of all facts, as the reference has them.
pub fn all_values(policy: &Policy) -> [Vec<&str>; FACTS] {
    std::array::from_fn(|fact| policy.facts[fact].1.iter().map(String::as_str).collect())
}

/// The facts in which each fact has one of some words.
pub fn facts_of(possible: &[Vec<&str>; FACTS]) -> Facts {
    Fact::ALL.iter().zip(possible).fold(Facts::UNKNOWN, |facts, (fact, words)| {
        let words =
            words.iter().map(|word| Facts::parse(*fact, word).expect("a word of the policy"));
        facts.with(words.reduce(Facts::union).expect("a possible value"))
    })
}

/// The words that are possible, as the reference has them.
pub fn words_of(facts: Facts) -> [Vec<&'static str>; FACTS] {
    std::array::from_fn(|fact| facts.possible_words(Fact::ALL[fact]).collect())
}

/// The one word for each fact of a known case.
pub fn case_of(facts: Facts) -> Case<'static> {
    words_of(facts).map(|words| {
        assert_eq!(words.len(), 1, "{facts}");
        words[0]
    })
}

/// A rule of the reference as one of the library's.
pub fn rule_of(rule: &reference::Rule) -> Rule {
    let effect: Effect = rule.effect.parse().expect("an effect");
    let actions: Set<Action> =
        rule.actions.iter().map(|action| action.parse::<Action>().unwrap()).collect();
    let mut condition = Facts::UNKNOWN;
    for (fact, admitted) in &rule.condition {
        let words = admitted.iter().map(|word| Facts::parse(Fact::ALL[*fact], word).unwrap());
        condition = condition.with(words.reduce(Facts::union).unwrap());
    }
    let mut built = Rule::new(rule.id.clone(), effect, actions, rule.from.parse().unwrap())
        .when(condition)
        .with_reason(rule.reason.clone());
    if let Some(until) = &rule.until {
        built = built.until(until.parse().unwrap());
    }
    match &rule.requirement {
        Some(requirement) => built.with_requirement(requirement.clone()),
        None => built,
    }
}

/// Asserts that a decision on known facts is that of the reference. All verdicts at once have a path of their own.
pub fn assert_decided(decision: &Decision<'_>, action: Action, expected: &Outcome<'_>) {
    let same = decision.verdict(action).as_str() == expected.verdict
        && decision.verdicts().on(action).as_str() == expected.verdict
        && decision.reasons(action).map(Rule::id).eq(expected.rules.iter().copied())
        && decision.requirements(action).eq(expected.requirements.iter().copied())
        && decision.advice(action).map(Rule::id).eq(expected.advice.iter().copied());
    assert!(same, "{action}, {}: expected {expected:?}, found {decision:?}", decision.facts());
}

/// Asserts that a decision with unknown facts is that of the reference, the explained form included.
pub fn assert_decided_unknown(
    decision: &Decision<'_>,
    action: Action,
    expected: &UnknownOutcome<'_>,
) {
    let place = format!("{action}, {}, {}", decision.edition(), decision.facts());
    assert_decided(decision, action, &expected.common);
    let undetermined = expected.possible.len() > 1;
    let possible: Vec<&str> = expected.possible.iter().map(|(verdict, _)| *verdict).collect();
    assert!(decision.possible(action).iter().map(Verdict::as_str).eq(possible), "{place}");
    let depends_on: Vec<&str> =
        expected.depends_on.iter().map(|&fact| Fact::ALL[fact].as_str()).collect();
    assert!(decision.depends_on(action).iter().map(Fact::as_str).eq(depends_on), "{place}");

    let record = decision.explained("", at("2026-11-27"));
    let explained = record.verdicts.on(action);
    let rules = |rules: &[csp_multichannel::ExplainedRule]| -> (Vec<String>, Vec<bool>) {
        rules.iter().map(|rule| (rule.id.to_string(), rule.always)).unzip()
    };
    let some = |ids: &BTreeSet<&str>| -> BTreeSet<String> {
        ids.iter().map(ToString::to_string).collect()
    };
    // Where nothing is common, what some assignment has.
    let check = |found: (Vec<String>, Vec<bool>), common: &[&str], some: &BTreeSet<String>| {
        let (ids, always) = found;
        if common.is_empty() {
            let ids: BTreeSet<String> = ids.into_iter().collect();
            assert_eq!(&ids, some, "{place}");
            assert!(always.iter().all(|always| !always), "{place}");
        } else {
            assert_eq!(ids, common, "{place}");
            assert!(always.iter().all(|always| *always), "{place}");
        }
    };
    if undetermined {
        assert!(explained.rules.is_empty() && explained.requirements.is_empty());
        assert!(explained.advice.is_empty());
        assert_eq!(explained.possible.len(), expected.possible.len(), "{place}");
        for (found, (verdict, deciding)) in explained.possible.iter().zip(&expected.possible) {
            assert_eq!(found.verdict.as_str(), *verdict, "{place}");
            check(rules(&found.rules), &[], &some(deciding));
        }
    } else {
        assert!(explained.possible.is_empty());
        check(rules(&explained.rules), &expected.common.rules, &some(&expected.possible[0].1));
        check(rules(&explained.advice), &expected.common.advice, &some(&expected.some_advice));
        let requirements = explained.requirements.iter();
        let requirements = requirements.map(|entry| (entry.id.to_string(), entry.always)).unzip();
        check(requirements, &expected.common.requirements, &some(&expected.some_requirements));
    }
}
