//! The library against an interpreter of Rego: verdicts, rules, requirements and advice.

use std::thread;

use csp_multichannel::{Edition, Facts, Rulebook};
use differential::rego::{self, Rego};

/// The distance between the cases of a sample: a prime, so that each value is met in each edition.
const SAMPLE: usize = 499;

/// Compares cases of all editions on two threads, and returns their number.
fn compare(every: usize) -> usize {
    let editions: Vec<Edition<'_>> = Rulebook::partner_center().editions().collect();
    let half = |odd: usize| -> usize {
        let editions = editions.iter().skip(odd).step_by(2);
        editions.map(|&edition| compare_in(edition, every)).sum()
    };
    thread::scope(|scope| {
        let other = scope.spawn(|| half(1));
        half(0) + other.join().expect("the other thread's assertions hold")
    })
}

fn compare_in(edition: Edition<'_>, every: usize) -> usize {
    let interpreter = Rego::new(edition);
    let cases = Facts::UNKNOWN.assignments().step_by(every);
    let compare = |case| {
        let decided = edition.decide(case);
        assert_eq!(interpreter.decide(case), rego::expected(&decided), "{edition}: {case}");
    };
    cases.map(compare).count()
}

#[test]
fn a_sample_of_all_editions() {
    let editions = Rulebook::partner_center().editions().count();
    let cases = Facts::UNKNOWN.assignments().count();
    assert_eq!(compare(SAMPLE), editions * cases.div_ceil(SAMPLE));
}

#[test]
#[ignore = "takes half an hour"]
fn all_cases_of_all_editions() {
    let editions = Rulebook::partner_center().editions().count();
    assert_eq!(compare(1), editions * Facts::UNKNOWN.assignments().count());
}

/// The comparison can fail: a rule that is left out is noticed.
#[test]
fn a_missing_rule_is_noticed() {
    let edition = Rulebook::partner_center().editions().next_back().expect("an edition");
    let all = rego::policy(edition);
    let start = all.find("\nforbid[action] contains \"").expect("a rule that forbids");
    let end = start + all[start..].find("\n}\n").expect("its end") + "\n}\n".len();
    let less = Rego::compile(&[&all[..start], &all[end..]].concat());
    let differs = |case| less.decide(case) != rego::expected(&edition.decide(case));
    assert!(Facts::UNKNOWN.assignments().step_by(SAMPLE).any(differs));
}
