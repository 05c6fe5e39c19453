//! The engine against the reference evaluator, over every case of every edition.

mod support;

use std::collections::BTreeSet;
use std::sync::Mutex;

use csp_multichannel::{Action, Edition, Fact, Facts, Rulebook, Set, Verdict, Verdicts};
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
            let on_action: Vec<&Rule> =
                in_force.iter().copied().filter(|rule| rule.is_on(action.as_str())).collect();
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

/// Partial cases with each class of values, or all of them, possible; in each edition.
#[test]
fn partial_cases() {
    let compared =
        compare_partial_cases(true, |_, classes, chosen| chosen == 1 || chosen == classes);
    println!("{compared} partial cases compared");
    assert_eq!(compared, 52_378_026);
}

/// Partial cases with any classes of values possible; where these are more than a thousand million, with one class,
/// two or all of each fact. In the first of the editions with the same rules on an action.
#[test]
#[ignore = "takes half an hour: cargo test --release --test exhaustive every_partial -- --ignored --nocapture"]
fn every_partial_case() {
    const MOST: u64 = 1_000_000_000;
    let compared = compare_partial_cases(false, |choices, classes, chosen| {
        choices <= MOST || chosen <= 2 || chosen == classes
    });
    println!("{compared} partial cases compared");
    assert_eq!(compared, 5_691_258_162);
}

/// Compares the possible verdicts on partial cases with those of their completions, for each action and edition.
///
/// A partial case is a choice of classes of values for each fact. It is compared depending on the number of choices
/// in all, the number of classes of a fact, and how many of them are chosen.
fn compare_partial_cases(each_edition: bool, is_compared: fn(u64, u32, u32) -> bool) -> usize {
    let policy = Policy::read();
    let seen = Mutex::new(BTreeSet::new());
    in_every_edition(&policy, |edition, in_force| {
        let compare = |&action: &Action| {
            let on_action: Vec<&Rule> =
                in_force.iter().copied().filter(|rule| rule.is_on(action.as_str())).collect();
            let ids: Vec<String> = on_action.iter().map(|rule| rule.id.clone()).collect();
            if !seen.lock().expect("no panic").insert((action, ids)) && !each_edition {
                return 0;
            }
            let values = representatives(&policy, &on_action, action);
            let mut cases: Vec<Vec<&str>> = vec![Vec::new()];
            for values in &values {
                let longer =
                    |case: Vec<_>| values.iter().map(move |value| [&case[..], &[*value]].concat());
                cases = cases.into_iter().flat_map(longer).collect();
            }
            let verdict = |case: Vec<&str>| {
                let case = case.try_into().expect("a value of each fact");
                let verdict = reference::decide(&on_action, action.as_str(), &case).verdict;
                Set::from(verdict.parse::<Verdict>().expect("a verdict"))
            };
            let verdicts: Vec<Set<Verdict>> = cases.into_iter().map(verdict).collect();
            let choices = values.iter().map(|values| (1 << values.len()) - 1).product();
            let search = Partial { edition, action, values: &values, choices, is_compared };
            search.compare(Facts::UNKNOWN, &verdicts, 0)
        };
        Action::ALL.iter().map(compare).sum()
    })
}

/// The comparison of partial cases for one action.
struct Partial<'a> {
    edition: Edition<'a>,
    action: Action,
    /// For each fact one value of each class.
    values: &'a [Vec<&'a str>; FACTS],
    choices: u64,
    is_compared: fn(u64, u32, u32) -> bool,
}

impl Partial<'_> {
    /// Compares all choices for the facts from one on. For each combination of their classes, `verdicts` has the
    /// verdicts of the completions, the last fact varying first.
    fn compare(&self, facts: Facts, verdicts: &[Set<Verdict>], fact: usize) -> usize {
        let Some(values) = self.values.get(fact) else {
            let possible = self.edition.decide(facts).possible(self.action);
            assert_eq!(possible, verdicts[0], "{}: {facts}, {}", self.edition, self.action);
            return 1;
        };
        let rest = verdicts.len() / values.len();
        let mut compared = 0;
        let classes = u32::try_from(values.len()).expect("few");
        let is_compared =
            |chosen: &u32| (self.is_compared)(self.choices, classes, chosen.count_ones());
        for chosen in (1..1 << classes).filter(is_compared) {
            let mut some: Option<Facts> = None;
            let mut joined = vec![Set::EMPTY; rest];
            for (class, value) in values.iter().enumerate().filter(|(at, _)| chosen >> at & 1 == 1)
            {
                let value = Facts::parse(Fact::ALL[fact], value).expect("a value");
                some = Some(some.map_or(value, |some| some.union(value)));
                for (joined, verdict) in joined.iter_mut().zip(&verdicts[class * rest..]) {
                    *joined = joined.union(*verdict);
                }
            }
            // With all classes nothing is known of the fact.
            let is_unknown = chosen.count_ones() == classes;
            let known = some.filter(|_| !is_unknown).map_or(facts, |some| facts.with(some));
            compared += self.compare(known, &joined, fact + 1);
        }
        compared
    }
}

/// A batch has the verdicts of its cases.
#[test]
fn batches() {
    let edition = support::edition("2026-11-27");
    let facts: Vec<Facts> =
        Facts::UNKNOWN.assignments().step_by(101).chain([Facts::UNKNOWN]).collect();
    let mut verdicts = vec![Verdicts::default(); facts.len() + 1];
    assert_eq!(edition.decide_all(&facts, &mut verdicts), facts.len());
    let same = |(&facts, of): (&Facts, &Verdicts)| {
        let decision = edition.decide(facts);
        Action::ALL.iter().all(|&action| *of.on(action) == decision.verdict(action))
    };
    assert!(facts.iter().zip(&verdicts).all(same));
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
        let on_action = in_force.iter().filter(|rule| rule.is_on(action.as_str()));
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
