//! The engine against the reference evaluator, over every case of every edition.

mod support;

use csp_multichannel::{Action, Assignment, Edition, Facts, Rulebook, Verdicts};
use support::reference::Policy;
use support::{all_cases, facts, outcome, policy, positions, verdict};

/// 293,760 possible combinations of known facts in each of 21 editions: 6,168,960 cases, each with verdict,
/// rules, requirements and advice of five actions.
#[test]
fn known_facts() {
    let policy = policy();
    let cases = all_cases(&policy);
    let known: Vec<Facts> = cases.iter().map(facts).collect();
    let packed: Vec<Assignment> = known.iter().map(|facts| facts.assignment().expect("all is known")).collect();
    assert_eq!(cases.len(), 293_760);
    assert!(packed.iter().map(|&assignment| Facts::from(assignment)).eq(known.iter().copied()));

    let decided = in_every_edition(&policy, |policy, edition, in_force| {
        let mut verdicts = vec![Verdicts::default(); known.len()];
        let mut verdicts_of_packed = verdicts.clone();
        assert_eq!(edition.decide_all(&known, &mut verdicts), known.len());
        assert_eq!(edition.decide_all_known(&packed, &mut verdicts_of_packed), known.len());
        assert_eq!(verdicts, verdicts_of_packed);
        #[cfg(feature = "std")]
        {
            verdicts_of_packed.fill(Verdicts::default());
            assert_eq!(edition.compile().decide_all_known(&packed, &mut verdicts_of_packed), known.len());
            assert_eq!(verdicts, verdicts_of_packed);
        }

        let mut at_work = 0;
        for ((case, &facts), &in_batch) in cases.iter().zip(&known).zip(&verdicts) {
            let decision = edition.decide(facts);
            let expected = policy.evaluate(in_force, case);
            assert_eq!(decision.verdicts(), in_batch);
            for (&action, expected) in Action::ALL.iter().zip(expected) {
                let found = outcome(edition.rulebook(), &decision, action);
                assert_eq!(found, expected, "{action} in {edition:?}: {facts}");
                at_work |= found.rules | found.requirements | found.advice;
            }
        }
        // Every rule in force decides or advises some case: none is there in vain.
        let idle = in_force.iter().filter(|&rule| at_work >> rule & 1 == 0);
        let idle: Vec<&str> = idle.map(|&rule| policy.rules[rule].id.as_str()).collect();
        assert_eq!(idle, [""; 0], "idle in {edition:?}");
        cases.len()
    });
    assert_eq!(decided, 6_168_960);
}

/// Nothing known at all, and one fact known: 43 cases an edition, each over up to 293,760 assignments.
#[test]
fn nothing_known_or_one_fact() {
    let policy = policy();
    let all: [u16; 11] = std::array::from_fn(|at| (1 << policy.facts[at].values.len()) - 1);
    let mut cases = vec![all];
    for at in 0..all.len() {
        cases.extend((0..policy.facts[at].values.len()).map(|value| {
            let mut case = all;
            case[at] = 1 << value;
            case
        }));
    }
    assert_eq!(cases.len(), 43);

    in_every_edition(&policy, |policy, edition, in_force| {
        for case in &cases {
            compare_unknown(policy, edition, in_force, case);
        }
        cases.len()
    });
}

/// One unknown fact at a time, over a sample of the cases that leaves out no value of any fact.
#[test]
fn one_fact_unknown() {
    let policy = policy();
    let cases = all_cases(&policy);
    in_every_edition(&policy, |policy, edition, in_force| {
        let sample = cases.iter().step_by(1009);
        let mut compared = 0;
        for case in sample {
            for at in 0..case.len() {
                let mut possible = case.map(|position| 1 << position);
                possible[at] = (1 << policy.facts[at].values.len()) - 1;
                compare_unknown(policy, edition, in_force, &possible);
                compared += 1;
            }
        }
        compared
    });
}

fn compare_unknown(policy: &Policy, edition: Edition<'_>, in_force: &[usize], possible: &[u16; 11]) {
    let facts = Facts::UNKNOWN.given(support::values(possible)).expect("a possible case");
    let expected = policy.evaluate_unknown(in_force, possible).expect("a possible case");
    let decision = edition.decide(facts);
    for (&action, expected) in Action::ALL.iter().zip(expected) {
        let place = format!("{action} in {edition:?}: {facts}");
        assert_eq!(outcome(edition.rulebook(), &decision, action), expected.outcome, "{place}");
        let verdicts: Vec<_> = decision.possible(action).iter().map(verdict).collect();
        if expected.possible.is_empty() {
            assert_eq!(verdicts, [expected.outcome.verdict], "{place}");
        } else {
            assert_eq!(verdicts, expected.possible, "{place}");
        }
        assert_eq!(positions(decision.depends_on(action)), expected.depends_on, "{place}");
    }
}

/// Runs a comparison in every edition, on two threads; returns how many cases there were.
fn in_every_edition(policy: &Policy, compare: impl Fn(&Policy, Edition<'_>, &[usize]) -> usize + Sync) -> usize {
    let dates = policy.edition_dates();
    let editions: Vec<_> = Rulebook::partner_center().editions().collect();
    assert_eq!(dates, editions.iter().map(|edition| edition.since().to_string()).collect::<Vec<_>>());
    assert_eq!(dates.len(), 21);

    let run = |odd: usize| {
        let places = (0..dates.len()).filter(|place| place % 2 == odd);
        places.map(|place| compare(policy, editions[place], &policy.in_force(&dates[place]))).sum::<usize>()
    };
    std::thread::scope(|scope| {
        let other = scope.spawn(|| run(1));
        run(0) + other.join().expect("the other thread's assertions hold")
    })
}
