//! Unknown facts against enumeration: the built-in rules, and random rules with every effect.

mod support;

use csp_multichannel::{Action, Rulebook};
use proptest::prelude::*;
use proptest::sample::{Index, subsequence};
use support::reference::{self, FACTS, Policy, Rule};
use support::{all_values, assert_decided_unknown, facts_of, rule_of};

/// Some possible values of each fact: mostly one, sometimes several, at most a few thousand cases in all.
fn partial() -> impl Strategy<Value = [Vec<&'static str>; FACTS]> {
    let policy: &'static Policy = Box::leak(Box::new(Policy::read()));
    let values = all_values(policy);
    let facts: Vec<_> = values
        .into_iter()
        .map(|values| {
            let count = values.len();
            prop_oneof![
                2 => subsequence(values.clone(), 1),
                1 => subsequence(values.clone(), 1..=count),
                1 => Just(values),
            ]
        })
        .collect();
    facts
        .prop_map(|facts| <[Vec<&'static str>; FACTS]>::try_from(facts).expect("all facts"))
        .prop_filter("too many cases", |facts| {
            facts.iter().map(Vec::len).product::<usize>() <= 2_000
        })
}

/// Some rules for two actions, of all effects, on few facts so that they meet often.
fn rules() -> impl Strategy<Value = Vec<Rule>> {
    let policy: &'static Policy = Box::leak(Box::new(Policy::read()));
    let effects = ["veto", "exclude", "forbid", "permit", "permit", "require", "require", "advise"];
    let rule = (
        prop::sample::select(effects.to_vec()),
        subsequence(vec!["switch", "request_relationship"], 1..=2),
        subsequence(vec![2_usize, 3, 4, 5, 6], 0..=3),
        prop::collection::vec(any::<[Index; 2]>(), 3),
        prop::sample::select(vec!["letter", "audit"]),
    );
    prop::collection::vec(rule, 1..14).prop_map(move |rules| {
        let rules = rules.into_iter().enumerate().map(
            |(number, (effect, actions, facts, picks, requirement))| Rule {
                id: format!("rule-{number}"),
                effect: effect.into(),
                requirement: (effect == "require").then(|| requirement.into()),
                actions: actions.into_iter().map(Into::into).collect(),
                condition: facts
                    .into_iter()
                    .zip(picks)
                    .map(|(fact, picks)| {
                        let values = &policy.facts[fact].1;
                        let mut admitted: Vec<String> =
                            picks.iter().map(|pick| pick.get(values).clone()).collect();
                        admitted.dedup();
                        (fact, admitted)
                    })
                    .collect(),
                from: "2020-01-01".into(),
                until: None,
                basis: "stated".into(),
                sources: Vec::new(),
                reason: "because".into(),
            },
        );
        rules.collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn built_in_rules(possible in partial(), edition in any::<Index>()) {
        let policy = Policy::read();
        let editions: Vec<_> = Rulebook::partner_center().editions().collect();
        let number = edition.index(editions.len());
        let in_force = policy.in_force(policy.editions()[number]);
        let decision = editions[number].decide(facts_of(&possible));
        for &action in Action::ALL {
            let expected = reference::decide_unknown(&in_force, action.as_str(), &possible);
            assert_decided_unknown(&decision, action, &expected);
        }
    }

    #[test]
    fn random_rules(possible in partial(), rules in rules()) {
        let rulebook = Rulebook::new(rules.iter().map(rule_of)).expect("valid rules");
        let in_force: Vec<&Rule> = rules.iter().collect();
        let decision = rulebook.editions().next_back().expect("an edition").decide(facts_of(&possible));
        for &action in Action::ALL {
            let expected = reference::decide_unknown(&in_force, action.as_str(), &possible);
            assert_decided_unknown(&decision, action, &expected);
        }
    }
}
