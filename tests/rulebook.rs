//! Custom rules: what is refused, and what every problem says.

use std::collections::HashSet;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

use chrono::NaiveDate;
use csp_multichannel::{
    Action, Basis, Effect, Facts, Rule, Rulebook, Set, Source, Verdict, Verdicts,
};

fn day(year: i32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, 1, 1).unwrap()
}

fn rule(id: impl Into<String>, effect: Effect) -> Rule {
    Rule::new(id.into(), effect, Action::Switch, day(2020)).with_reason("because")
}

#[test]
fn all_problems_are_reported_at_once() {
    let error = Rulebook::new([
        rule("", Effect::Permit).with_reason(" "),
        rule("a", Effect::Require),
        rule("a", Effect::Require).with_requirement("two words"),
        rule("b", Effect::Forbid).with_requirement("letter").until(day(2020)),
        Rule::new("c", Effect::Permit, Set::EMPTY, day(2020))
            .with_reason("a\tb")
            .with_rulebook("x\n"),
        rule("d", Effect::Permit).with_source(Source::new("\u{7f}", "page", "2026")),
        rule("e", Effect::Permit).with_reason("turned \u{202e}around"),
    ])
    .unwrap_err();
    assert_eq!(
        error.to_string(),
        "invalid rulebook: \
         rule ``: `id` is ``, expected 1 to 64 letters, digits, `-`, `_` or `.`\n\
         rule ``: `reason` is empty, expected a sentence for people\n\
         rule `a`: `requirement` is missing, expected what has to be met\n\
         rule `a`: `id` is already the id of another rule, expected a unique one\n\
         rule `a`: `requirement` is `two words`, expected 1 to 64 letters, digits, `-`, `_` or `.`\n\
         rule `b`: `requirement` is set, expected none with the effect `forbid`\n\
         rule `b`: `until` is 2020-01-01, expected a day after 2020-01-01\n\
         rule `c`: `actions` are missing, expected at least one\n\
         rule `c`: `reason` has an invisible character in `a\\tb`, expected none\n\
         rule `c`: `rulebook` has an invisible character in `x\\n`, expected none\n\
         rule `d`: `sources` has an invisible character in `\\u{7f}`, expected none\n\
         rule `e`: `reason` has an invisible character in `turned \\u{202e}around`, expected none"
    );
    let places: Vec<_> =
        error.problems().iter().map(|problem| (problem.position(), problem.field())).collect();
    assert_eq!(places[2], (Some(1), "requirement"));
    assert_eq!(places.last(), Some(&(Some(6), "reason")));
    assert_eq!(error.problems()[2].id(), "a");
    assert_eq!(error.problems()[2].message(), "is missing, expected what has to be met");
}

#[test]
fn at_most_128_rules_are_in_force_at_once() {
    let rules = |count: usize| (0..count).map(|number| rule(format!("r{number}"), Effect::Permit));
    let full = Rulebook::new(rules(128)).expect("128 rules fit");
    let edition = full.editions().next().expect("an edition");
    let decision = edition.decide(Facts::UNKNOWN);
    assert_eq!(decision.reasons(Action::Switch).len(), 128);
    assert_eq!(decision.reasons(Action::Switch).last().map(Rule::id), Some("r127"));

    let error = Rulebook::new(rules(129)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "invalid rulebook: 129 rules are in force on 2020-01-01, expected at most 128"
    );
    assert_eq!(error.problems()[0].position(), None);

    // Over time there can be any number.
    let years = (0..300).map(|number| {
        let from = day(2000 + number);
        Rule::new(format!("r{number}"), Effect::Forbid, Action::Switch, from)
            .with_reason("because")
            .until(day(2001 + number))
    });
    let long = Rulebook::new(years).expect("one rule at a time");
    assert_eq!(long.editions().len(), 301);
    for (number, edition) in long.editions().enumerate() {
        let decision = edition.decide(Facts::UNKNOWN);
        assert_eq!(decision.reasons(Action::Switch).len(), usize::from(number < 300), "{edition}");
    }
}

/// With no rule in force an edition is silent.
#[test]
fn an_edition_without_rules_covers_nothing() {
    let rulebook = Rulebook::new([rule("a", Effect::Permit).until(day(2021))]).unwrap();
    let silent = rulebook.editions().next_back().expect("an edition");
    assert_eq!(silent.rules().count(), 0);
    assert_eq!(silent.decide(Facts::UNKNOWN).verdict(Action::Switch), Verdict::NotCovered);
}

/// A rulebook can be shared between threads.
#[test]
fn shared_between_threads() {
    let shared = std::sync::Arc::new(Rulebook::new([rule("a", Effect::Permit)]).unwrap());
    let other = std::sync::Arc::clone(&shared);
    let verdict = std::thread::spawn(move || {
        let edition = other.editions().next().expect("an edition");
        edition.decide(Facts::UNKNOWN).verdict(Action::Switch)
    });
    assert_eq!(verdict.join().unwrap(), Verdict::Allowed);
}

/// A veto decides alone, also if all facts are known and a rule excludes all actions.
#[test]
fn vetoes_override_exclusions() {
    let exclude = Rule::new("exclude", Effect::Exclude, Set::all(), day(2020));
    let rulebook =
        Rulebook::new([rule("veto", Effect::Veto), exclude.with_reason("because")]).unwrap();
    let edition = rulebook.editions().next().expect("an edition");
    for facts in Facts::UNKNOWN.assignments().take(3).chain([Facts::UNKNOWN]) {
        let decision = edition.decide(facts);
        let expected = Verdicts::from_fn(|action| match action {
            Action::Switch => Verdict::Denied,
            _ => Verdict::NotCovered,
        });
        assert_eq!(decision.verdicts(), expected);
        assert_eq!(decision.verdict(Action::Switch), Verdict::Denied);
        assert!(decision.reasons(Action::Switch).map(Rule::id).eq(["veto"]));
    }
}

#[test]
fn a_basis() {
    let plain = rule("a", Effect::Permit);
    assert_eq!(plain.basis(), Basis::Stated);
    assert_eq!(plain.with_basis(Basis::Inferred).basis(), Basis::Inferred);
}

/// A veto decides where it is the only rule.
#[test]
fn a_veto_alone() {
    let rulebook = Rulebook::new([rule("veto", Effect::Veto)]).unwrap();
    let decision = rulebook.editions().next().expect("an edition").decide(Facts::UNKNOWN);
    assert_eq!(*decision.verdicts().on(Action::Switch), Verdict::Denied);
}

/// Editions are equal if they decide by the same rules.
#[test]
fn equal_editions() {
    let rules = [rule("a", Effect::Permit).until(day(2021)), rule("b", Effect::Forbid)];
    let rulebook = Rulebook::new(rules.clone()).unwrap();
    let (copy, other) = (rulebook.clone(), Rulebook::new([rules[0].clone()]).unwrap());
    let first = rulebook.editions().next();
    assert_eq!(first, copy.editions().next());
    assert_ne!(first, copy.editions().next_back());
    assert_ne!(first, other.editions().next());
    let hash = |edition| BuildHasherDefault::<DefaultHasher>::new().hash_one(edition);
    assert_ne!(hash(first), hash(copy.editions().next_back()));
    let editions: HashSet<_> = rulebook.editions().chain(copy.editions()).collect();
    assert_eq!(editions.len(), 2);
}
