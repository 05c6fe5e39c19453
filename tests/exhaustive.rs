//! The engine against the reference evaluator, over every case of every edition.

mod support;

use csp_multichannel::{Action, Edition, Fact, Facts, Rulebook, Verdicts};
use support::reference::{self, FACTS, Policy, Rule};
use support::{all_values, assert_decided, assert_decided_unknown, case_of, facts_of, words_of};

/// For each action, all cases of each edition, as far as any rule of the edition on the action distinguishes them.
#[test]
fn every_class_of_cases() {
    let policy = Policy::read();
    let compared = in_every_edition(&policy, |edition, in_force| {
        let mut compared = 0;
        for &action in Action::ALL {
            let classes = classes(&policy, in_force, action);
            let sizes: Vec<usize> = classes.iter().map(Vec::len).collect();
            for number in 0..sizes.iter().product() {
                let mut rest = number;
                let case: [Vec<&str>; FACTS] = std::array::from_fn(|fact| {
                    let class = &classes[fact][rest % sizes[fact]];
                    rest /= sizes[fact];
                    // Each time another value of the class.
                    vec![class[(number + fact) % class.len()]]
                });
                let decision = edition.decide(facts_of(&case));
                let case = case.map(|words| words[0]);
                let expected = reference::decide(in_force, action.as_str(), &case);
                assert_decided(&decision, action, &expected);
                compared += 1;
            }
        }
        compared
    });
    println!("{compared} classes of cases compared");
    assert!(compared > 1_000_000, "{compared}");
}

/// All cases of all editions, one by one.
#[test]
#[ignore = "takes minutes: cargo test --release --test exhaustive -- --ignored --nocapture"]
fn every_case() {
    let policy = Policy::read();
    let compared = in_every_edition(&policy, |edition, in_force| {
        let mut compared = 0;
        for facts in Facts::UNKNOWN.assignments() {
            let decision = edition.decide(facts);
            let case = case_of(facts);
            for &action in Action::ALL {
                let expected = reference::decide(in_force, action.as_str(), &case);
                assert_decided(&decision, action, &expected);
            }
            compared += 1;
        }
        compared
    });
    println!("{compared} cases compared");
    assert_eq!(compared, policy.editions().len() * 1_026_432);
}

/// Nothing known, and one fact known: over classes of values, whose number is bounded.
#[test]
fn nothing_known_or_one_fact() {
    let policy = Policy::read();
    in_every_edition(&policy, |edition, in_force| {
        let mut compared = 0;
        for &action in Action::ALL {
            let on_action: Vec<&Rule> = in_force
                .iter()
                .copied()
                .filter(|rule| rule.actions.iter().any(|on| on == action.as_str()))
                .collect();
            let nothing = representatives(&policy, &on_action, action);
            for fact in 0..=Fact::ALL.len() {
                let values = nothing.get(fact).map_or(vec![""], Clone::clone);
                for value in values {
                    let mut possible = nothing.clone();
                    if !value.is_empty() {
                        possible[fact] = vec![value];
                    }
                    let facts = facts_of(&possible);
                    let expected =
                        reference::decide_unknown(&on_action, action.as_str(), &words_of(facts));
                    assert_decided_unknown(&edition.decide(facts), action, &expected);
                    compared += 1;
                }
            }
        }
        compared
    });
}

/// A batch has the verdicts of its cases.
#[test]
fn batches() {
    let edition = support::edition("2026-11-27");
    let facts: Vec<Facts> =
        Facts::UNKNOWN.assignments().step_by(101).chain([Facts::UNKNOWN]).collect();
    let mut verdicts = vec![Verdicts::default(); facts.len() + 1];
    assert_eq!(edition.decide_all(&facts, &mut verdicts), facts.len());
    assert!(
        facts.iter().zip(&verdicts).all(|(&facts, of)| edition.decide(facts).verdicts() == *of)
    );
    assert_eq!(verdicts.last(), Some(&Verdicts::default()));
    assert_eq!(edition.decide_all(&facts, &mut verdicts[..7]), 7);
}

/// For each fact its values, those together that no rule on the action distinguishes.
fn classes<'p>(
    policy: &'p Policy,
    in_force: &[&Rule],
    action: Action,
) -> [Vec<Vec<&'p str>>; FACTS] {
    let admitting = |fact: usize, value: &str| -> Vec<bool> {
        let on_action =
            in_force.iter().filter(|rule| rule.actions.iter().any(|on| on == action.as_str()));
        let admits = |rule: &&Rule| {
            let named = rule.condition.iter().find(|(named, _)| *named == fact);
            named.is_none_or(|(_, admitted)| admitted.iter().any(|word| word == value))
        };
        on_action.map(admits).collect()
    };
    let values = all_values(policy);
    std::array::from_fn(|fact| {
        let mut classes: Vec<(Vec<bool>, Vec<&str>)> = Vec::new();
        for &value in &values[fact] {
            let admitting = admitting(fact, value);
            match classes.iter_mut().find(|(of, _)| *of == admitting) {
                Some((_, class)) => class.push(value),
                None => classes.push((admitting, vec![value])),
            }
        }
        classes.into_iter().map(|(_, class)| class).collect()
    })
}

/// One value of each class.
fn representatives<'p>(
    policy: &'p Policy,
    in_force: &[&Rule],
    action: Action,
) -> [Vec<&'p str>; FACTS] {
    classes(policy, in_force, action).map(|classes| classes.iter().map(|class| class[0]).collect())
}

/// Runs a comparison in every edition, on two threads; returns how many cases there were.
fn in_every_edition(
    policy: &Policy,
    compare: impl Fn(Edition<'_>, &[&Rule]) -> usize + Sync,
) -> usize {
    let days = policy.editions();
    let editions: Vec<Edition<'_>> = Rulebook::partner_center().editions().collect();
    assert!(editions.iter().map(ToString::to_string).eq(days.iter().copied()));
    let run = |odd: usize| -> usize {
        let numbers = (0..days.len()).filter(|number| number % 2 == odd);
        numbers.map(|number| compare(editions[number], &policy.in_force(days[number]))).sum()
    };
    std::thread::scope(|scope| {
        let other = scope.spawn(|| run(1));
        run(0) + other.join().expect("the other thread's assertions hold")
    })
}
