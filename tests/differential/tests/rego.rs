//! The library against an interpreter of Rego: verdicts, rules, requirements and advice.

use std::thread;

use csp_multichannel::{Assignment, Edition, Facts, Rulebook};
use differential::rego::{self, Rego};

/// Of each edition, every case at this distance from the one before.
///
/// A number without a factor in common with those of any fact's values, so that each value is met in each edition.
const SAMPLE: usize = 499;

/// Compares cases of all editions, on two threads; how many there were.
fn compare(every: usize) -> usize {
    let editions: Vec<Edition<'_>> = Rulebook::partner_center().editions().collect();
    let half =
        |odd: usize| editions.iter().skip(odd).step_by(2).map(|&edition| compare_in(edition, every)).sum::<usize>();
    thread::scope(|scope| {
        let other = scope.spawn(|| half(1));
        half(0) + other.join().expect("the other thread's assertions hold")
    })
}

fn compare_in(edition: Edition<'_>, every: usize) -> usize {
    let interpreter = Rego::new(edition);
    let cases = Assignment::all().map(Facts::from);
    cases
        .step_by(every)
        .map(|case| {
            let decided = edition.decide(case);
            assert_eq!(interpreter.decide(case), rego::expected(&decided), "in {edition:?}: {case}");
        })
        .count()
}

#[test]
fn a_sample_of_all_editions() {
    assert_eq!(compare(SAMPLE), 21 * 293_760_usize.div_ceil(SAMPLE));
}

#[test]
#[ignore = "takes minutes"]
fn all_cases_of_all_editions() {
    assert_eq!(compare(1), 6_168_960);
}

/// The comparison can fail: each rule that is left out is missed, but for those that the sample does not meet.
#[test]
fn a_rule_less_is_noticed() {
    let edition = Rulebook::partner_center().editions().next_back().expect("an edition");
    let all = rego::policy(edition);
    let marker = "\nforbid[action] contains \"";
    let start = all.find(marker).expect("a rule that forbids");
    let end = start + all[start..].find("\n}\n").expect("its end") + "\n}\n".len();
    let less = Rego::compile(&[&all[..start], &all[end..]].concat());
    let differs = Assignment::all()
        .map(Facts::from)
        .step_by(SAMPLE)
        .any(|case| less.decide(case) != rego::expected(&edition.decide(case)));
    assert!(differs);
}
