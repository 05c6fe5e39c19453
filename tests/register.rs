//! The register against the policy's own tables.

mod support;

use csp_multichannel::{Condition, Facts, Rule, Rulebook};
use support::reference;

fn pairs() -> impl Iterator<Item = (&'static Rule, reference::Rule)> {
    let policy = support::policy();
    let rules = Rulebook::partner_center().rules();
    assert_eq!((rules.len(), policy.rules.len()), (65, 65));
    rules.iter().zip(policy.rules)
}

#[test]
fn ids_in_register_order() {
    for (rule, row) in pairs() {
        assert_eq!(rule.id(), row.id);
    }
}

#[test]
fn effects_requirements_and_actions() {
    for (rule, row) in pairs() {
        assert_eq!(rule.effect().as_str(), row.effect, "{}", row.id);
        assert_eq!(rule.requirement(), row.requirement.as_deref(), "{}", row.id);
        let mut actions: Vec<&str> = row.actions.iter().map(|&action| reference::ACTIONS[action]).collect();
        actions.sort_by_key(|action| reference::ACTIONS.iter().position(|other| other == action));
        assert!(rule.actions().iter().map(csp_multichannel::Action::as_str).eq(actions), "{}", row.id);
    }
}

#[test]
fn conditions() {
    for (rule, row) in pairs() {
        assert_eq!(rule.condition(), Condition::new(support::values(&row.condition)), "{}", row.id);
    }
}

#[test]
fn dates() {
    for (rule, row) in pairs() {
        assert_eq!(rule.validity().from().to_string(), row.from, "{}", row.id);
        assert_eq!(rule.validity().until().map(|day| day.to_string()), row.until, "{}", row.id);
    }
}

#[test]
fn basis_sources_and_reasons() {
    for (rule, row) in pairs() {
        assert_eq!(rule.basis().as_str(), row.basis, "{}", row.id);
        assert!(rule.sources().iter().map(csp_multichannel::Source::code).eq(&row.sources), "{}", row.id);
        assert_eq!(rule.reason(), row.reason, "{}", row.id);
    }
}

/// The line of `rules.md` that says what the codes stand for.
#[test]
fn sources_have_the_pages_of_the_legend() {
    let text = include_str!("data/rules.md");
    let legend = text.split("Sources: ").nth(1).and_then(|rest| rest.split("\n\n").next()).expect("a legend");
    let legend =
        legend.replace('\n', " ").replace("the 21Vianet edition of MC", "the 21Vianet edition of multichannel.md");
    let mut entries: Vec<(&str, String)> = legend
        .trim_end_matches('.')
        .split(" · ")
        .filter_map(|entry| entry.trim().split_once(' '))
        .map(|(code, page)| (code, page.replace('`', "")))
        .collect();
    entries.sort();

    let rules = Rulebook::partner_center().rules();
    let mut sources: Vec<_> = rules.iter().flat_map(Rule::sources).map(|s| (s.code(), s.page().to_owned())).collect();
    sources.sort();
    sources.dedup();
    assert_eq!(sources, entries);
}

#[test]
fn every_word_of_the_policy_is_one_of_ours() {
    let policy = support::policy();
    let words: Vec<Vec<&str>> = csp_multichannel::Fact::ALL
        .iter()
        .map(|fact| Facts::UNKNOWN.possible(*fact).iter().map(csp_multichannel::Value::as_str).collect())
        .collect();
    for ((fact, words), row) in csp_multichannel::Fact::ALL.iter().zip(words).zip(&policy.facts) {
        assert_eq!(fact.as_str(), row.name);
        assert_eq!(words, row.values);
    }
}

/// The index built at compile time is the one that the same function builds at run time.
#[cfg(feature = "std")]
#[test]
fn built_at_compile_time_as_at_run_time() {
    let built_in = Rulebook::partner_center();
    assert_eq!(Rulebook::new(built_in.rules()).as_ref(), Ok(built_in));
}

#[test]
fn how_many_rules_are_in_force() {
    let count = |day: &str| {
        let at = csp_multichannel::parse_instant(day).expect("a day");
        Rulebook::partner_center().edition_at(at).map(|edition| edition.rules().count())
    };
    assert_eq!((count("2016-12-01"), count("2018-08-31"), count("2026-05-04")), (Ok(32), Ok(42), Ok(55)));
}

#[test]
fn an_edition_lasts_until_the_next_one() {
    let editions: Vec<_> = Rulebook::partner_center().editions().collect();
    assert_eq!(editions.len(), 21);
    let next = editions.iter().skip(1).map(|edition| Some(edition.since())).chain([None]);
    assert!(editions.iter().map(|edition| edition.until()).eq(next));
}

#[cfg(feature = "std")]
#[test]
fn editions_are_equal_by_day_and_rulebook() {
    let built_in = Rulebook::partner_center();
    let again = Rulebook::new(built_in.rules()).expect("rules");
    let other = Rulebook::new(&built_in.rules()[1..]).expect("rules");
    let [first, second] = [0, 1].map(|at| built_in.editions().nth(at).expect("an edition"));
    assert_ne!(first, second);
    assert_eq!(again.editions().next(), Some(first));
    let without = other.editions().next().expect("an edition");
    assert_eq!(without.since(), first.since());
    assert_ne!(without, first);
}
