//! What makes two editions differ: each part of a rule but its days.

use csp_multichannel::{Action, Basis, Channel, Effect, Rule, Rulebook, Source};
use csp_multichannel_rulebook::{ChangeKind, Difference, difference};

fn rule(id: &'static str, effect: Effect, action: Action) -> Rule {
    let day = "2026-01-01".parse().expect("a day");
    Rule::new(id, effect, action, day).with_reason("as agreed")
}

fn between(before: &Rule, after: &Rule) -> Difference {
    let of = |rule: &Rule| Rulebook::new([rule.clone()]).expect("a rulebook");
    let (before, after) = (of(before), of(after));
    difference(before.editions().next().unwrap(), after.editions().next().unwrap())
}

#[test]
fn each_part_counts() {
    let require = rule("r", Effect::Require, Action::Switch).with_requirement("contract");
    let source = |code| Source::new(code, "page", "2026-01-01");
    let in_words = [
        require.clone().with_basis(Basis::Inferred),
        require.clone().with_source(source("H")),
        require.clone().with_reason("as said"),
        require.clone().with_rulebook("northwind"),
        require.clone().with_requirement("nda"),
        require.clone().when(Channel::Open),
        rule("s", Effect::Require, Action::Switch).with_requirement("contract"),
        rule("r", Effect::Require, Action::CancelThenMove).with_requirement("contract"),
        rule("r", Effect::Advise, Action::Switch),
    ];
    for other in &in_words {
        let difference = between(&require, other);
        let ids = |rules: &[csp_multichannel::ExplainedRule]| -> Vec<String> {
            rules.iter().map(|rule| rule.id.to_string()).collect()
        };
        assert_eq!(ids(&difference.ended), [require.id()], "{other:?}");
        assert_eq!(ids(&difference.begun), [other.id()], "{other:?}");
        // Without a permit, nothing is covered.
        assert_eq!(difference.kind, ChangeKind::Wording, "{other:?}");
    }
    let sourced = |code| rule("r", Effect::Permit, Action::Switch).with_source(source(code));
    assert_eq!(between(&sourced("H"), &sourced("I")).kind, ChangeKind::Wording);

    let until = require.clone().until("2026-02-01".parse().unwrap());
    let same = between(&require, &until);
    assert_eq!((same.kind, same.ended.len(), same.begun.len()), (ChangeKind::None, 0, 0));
}

#[test]
fn kinds_of_changes() {
    let permit = rule("permit", Effect::Permit, Action::Switch);
    let narrow = permit.clone().when(Channel::Open);
    assert_eq!(between(&narrow, &permit).kind, ChangeKind::Additive);
    assert_eq!(between(&permit, &narrow).kind, ChangeKind::Breaking);
    let [change] = &between(&narrow, &permit).changes[..] else { panic!("one change") };
    assert!(!change.condition.possible::<Channel>().contains(Channel::Open));
}

/// Two editions can have 254 requirements.
#[test]
fn many_requirements() {
    let day = "2026-01-01".parse().expect("a day");
    let names = |letter: &str| -> Vec<String> {
        (0..127).map(|number| format!("{letter}-{number}")).collect()
    };
    let rulebook = |names: &[String]| {
        let require = |name: &String| {
            Rule::new(name.clone(), Effect::Require, Action::Switch, day)
                .with_requirement(name.clone())
                .with_reason("as agreed")
        };
        let permit = rule("permit", Effect::Permit, Action::Switch);
        Rulebook::new(names.iter().map(require).chain([permit])).expect("a rulebook")
    };
    let (before, after) = (names("before"), names("after"));
    let [from, to] = [&before, &after].map(|names| rulebook(names));
    let difference = difference(from.editions().next().unwrap(), to.editions().next().unwrap());
    let [change] = &difference.changes[..] else { panic!("one change") };
    assert_eq!((&change.required_before, &change.required_after), (&before, &after));
}
