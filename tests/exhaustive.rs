//! The engine against the reference evaluator, over every case of every edition.

mod support;

use std::collections::BTreeSet;
use std::sync::Mutex;

use csp_multichannel::{Action, Edition, Fact, Facts, Rulebook, Set, Verdict, Verdicts};
use support::reference::{self, FACTS, Policy, Rule};
use support::{all_values, assert_decided, assert_decided_unknown, case_of, facts_of};

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
#[ignore = "takes minutes: cargo test --release --test exhaustive every_case -- --ignored --nocapture"]
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
            let of_fact = |(fact, words)| Vec::into_iter(words).map(move |word| Some((fact, word)));
            let one = nothing.clone().into_iter().enumerate().flat_map(of_fact);
            for known in std::iter::once(None).chain(one) {
                let (mut facts, mut possible) = (Facts::UNKNOWN, nothing.clone());
                if let Some((fact, word)) = known {
                    facts = Facts::parse(Fact::ALL[fact], word).expect("a value");
                    possible[fact] = vec![word];
                }
                let expected = reference::decide_unknown(&on_action, action.as_str(), &possible);
                assert_decided_unknown(&edition.decide(facts), action, &expected);
                compared += 1;
            }
        }
        compared
    });
}

/// Partial cases with each class of values, or all of them, possible; in each edition.
#[test]
fn partial_cases() {
    let compared =
        compare_partial_cases(true, |chosen, all| chosen == all || chosen.is_power_of_two());
    println!("{compared} partial cases compared");
    assert_eq!(compared, 12_596_874);
}

/// Partial cases with any classes of values possible; in one of the editions whose verdicts on an action follow
/// from the same rules.
#[test]
#[ignore = "takes an hour: cargo test --release --test exhaustive every_partial -- --ignored --nocapture"]
fn every_partial_case() {
    let compared = compare_partial_cases(false, |_, _| true);
    println!("{compared} partial cases compared");
    assert_eq!(compared, 27_050_991_585);
}

/// Compares the possible verdicts on partial cases with those of their completions, for each action and edition.
///
/// A partial case is a choice of classes for each fact. A class has the values that no rule distinguishes, of the rules
/// that the choices for the facts before leave open. Which choices are compared depends on the bits of those chosen, and of
/// all.
fn compare_partial_cases(each_edition: bool, is_compared: fn(usize, usize) -> bool) -> usize {
    let policy = Policy::read();
    let seen = Mutex::new(BTreeSet::new());
    in_every_edition(&policy, |edition, in_force| {
        let compare = |&action: &Action| {
            let decides = |rule: &&&Rule| rule.is_on(action.as_str()) && rule.effect != "advise";
            let deciding: Vec<&Rule> = in_force.iter().filter(decides).copied().collect();
            let ids: Vec<String> = deciding.iter().map(|rule| rule.id.clone()).collect();
            if !seen.lock().expect("no panic").insert((action, ids)) && !each_edition {
                return 0;
            }
            let classes = classes(&policy, &deciding, action);
            let mut cases: Vec<Vec<&str>> = vec![Vec::new()];
            for classes in &classes {
                let words = || classes.iter().map(|class| class[0]);
                let longer = |case: Vec<_>| words().map(move |word| [&case[..], &[word]].concat());
                cases = cases.into_iter().flat_map(longer).collect();
            }
            let verdict = |case: Vec<&str>| {
                let case = case.try_into().expect("a value of each fact");
                let verdict = reference::decide(&deciding, action.as_str(), &case).verdict;
                Set::from(verdict.parse::<Verdict>().expect("a verdict"))
            };
            let verdicts: Vec<Set<Verdict>> = cases.into_iter().map(verdict).collect();
            let classes = std::array::from_fn(|fact| {
                let class = |words: &Vec<&str>| {
                    let value = |word: &&str| Facts::parse(Fact::ALL[fact], word).expect("a value");
                    let admits = |rule: &&Rule| u128::from(rule.admits(fact, words[0]));
                    let admitting =
                        deciding.iter().fold(0, |rules, rule| rules << 1 | admits(rule));
                    (words.iter().map(value).collect(), admitting)
                };
                classes[fact].iter().map(class).collect()
            });
            // Each edition begins with other values of the classes.
            let before = in_force.len();
            let search = Partial { edition, action, classes, is_compared, before };
            search.compare(Facts::UNKNOWN, &verdicts, (0, u128::MAX), 0)
        };
        Action::ALL.iter().map(compare).sum()
    })
}

/// The comparison of partial cases for one action.
struct Partial<'a> {
    edition: Edition<'a>,
    action: Action,
    /// For each fact the values that no rule distinguishes, and the rules that admit them.
    classes: [Vec<(Vec<Facts>, u128)>; FACTS],
    is_compared: fn(usize, usize) -> bool,
    /// The turn of the first comparison.
    before: usize,
}

impl Partial<'_> {
    /// Compares all choices for the facts from one on, and returns how many are compared with those before.
    ///
    /// For each combination of their classes, `verdicts` has the verdicts of the completions, the last fact varying
    /// first. The facts before leave the rules of `open` open.
    fn compare(
        &self,
        facts: Facts,
        verdicts: &[Set<Verdict>],
        (fact, open): (usize, u128),
        mut compared: usize,
    ) -> usize {
        let Some(distinct) = self.classes.get(fact) else {
            let possible = self.edition.decide(facts).possible(self.action);
            assert_eq!(possible, verdicts[0], "{}: {facts}, {}", self.edition, self.action);
            return compared + 1;
        };
        let rest = verdicts.len() / distinct.len();
        // The values that no open rule distinguishes, the rules that admit them, and the place of their verdicts.
        let mut classes: Vec<(Vec<Facts>, u128, usize)> = Vec::new();
        for (place, (values, admitting)) in distinct.iter().enumerate() {
            let is_same = |class: &&mut (_, u128, _)| (class.1 ^ admitting) & open == 0;
            match classes.iter_mut().find(is_same) {
                Some(class) => class.0.extend(values),
                None => classes.push((values.clone(), *admitting, place * rest)),
            }
        }
        let mut joined = vec![Set::EMPTY; rest];
        let all = (1 << classes.len()) - 1;
        for chosen in (1..=all).filter(|&chosen| (self.is_compared)(chosen, all)) {
            joined.fill(Set::EMPTY);
            let (mut some, mut admitted): (Option<Facts>, _) = (None, 0);
            let classes = classes.iter().enumerate().filter(|(at, _)| chosen >> at & 1 == 1);
            for (_, (values, admitting, place)) in classes {
                // Each time another value of the class, or all of them.
                let turn = (self.before + compared) % (values.len() + 1);
                let known = values.get(turn).copied();
                let known = known.or_else(|| values.iter().copied().reduce(Facts::union));
                some = [some, known].into_iter().flatten().reduce(Facts::union);
                admitted |= admitting;
                for (joined, verdict) in joined.iter_mut().zip(&verdicts[*place..]) {
                    *joined = joined.union(*verdict);
                }
            }
            // With all classes nothing is known of the fact.
            let known = some.filter(|_| chosen < all).map_or(facts, |some| facts.with(some));
            compared = self.compare(known, &joined, (fact + 1, open & admitted), compared);
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
    let on_action: Vec<&&Rule> =
        in_force.iter().filter(|rule| rule.is_on(action.as_str())).collect();
    let values = all_values(policy);
    std::array::from_fn(|fact| {
        let mut classes: Vec<(Vec<bool>, Vec<&str>)> = Vec::new();
        for &value in &values[fact] {
            let admitting = on_action.iter().map(|rule| rule.admits(fact, value)).collect();
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
    // The newest have the most rules, and take longest.
    let left = Mutex::new(editions.into_iter().zip(days).rev());
    let run = || {
        let next = || left.lock().expect("no panic").next();
        let compare = |(edition, day)| compare(edition, &policy.in_force(day));
        std::iter::from_fn(next).map(compare).sum::<usize>()
    };
    std::thread::scope(|scope| {
        let other = scope.spawn(run);
        run() + other.join().expect("the other thread's assertions hold")
    })
}
