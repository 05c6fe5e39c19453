//! Minimal changes, compared with trying every change of every set of facts.

mod support;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use csp_multichannel::{
    Action, Case, Cloud, Decision, Effect, Fact, Facts, Region, Rule, Rulebook, Set, Status,
};
use csp_multichannel_guidance::{ChangedBy, minimal_changes};
use proptest::prelude::*;
use support::{any_facts, any_instant, brute_force, edition, policy_cases, rulebook};

fn assert_minimal(decision: &Decision<'_>, action: Action) {
    let changes = minimal_changes(decision, action);
    let found: BTreeMap<Vec<Fact>, BTreeSet<Facts>> = changes
        .iter()
        .map(|change| {
            let to = change.alternatives.iter().map(|alternative| {
                assert_eq!(
                    alternative.changes.iter().map(|change| change.fact).collect::<Set<_>>(),
                    change.facts
                );
                alternative.changes.iter().fold(decision.facts(), |facts, change| {
                    facts.with(Facts::parse(change.fact, &change.value).expect("a value"))
                })
            });
            (change.facts.iter().collect(), to.collect())
        })
        .collect();
    assert_eq!(
        found,
        brute_force::minimal_changes(decision, action),
        "{action}: {}",
        decision.facts()
    );
    // Possible changes come first, then the smallest.
    let order = changes.iter().map(|change| (!change.is_possible(), change.facts.len()));
    assert!(order.is_sorted());
    for change in &changes {
        assert!(
            change.alternatives.iter().map(|alternative| !alternative.is_possible()).is_sorted()
        );
        for change in change.alternatives.iter().flat_map(|alternative| &alternative.changes) {
            let unknown = decision.facts().unknown().contains(change.fact);
            let is_possible =
                decision.facts().possible_words(change.fact).any(|word| word == change.value);
            assert_eq!(change.by == ChangedBy::FindingOut, unknown && is_possible);
        }
    }
}

/// Cases of the policy's scenarios, every action.
#[test]
fn policy_scenarios() {
    assert_minimal_in(policy_cases().into_iter().step_by(9));
}

#[test]
#[ignore = "takes a minute"]
fn all_policy_scenarios() {
    assert_minimal_in(policy_cases());
}

fn assert_minimal_in(cases: impl IntoIterator<Item = (Case, DateTime<Utc>)>) {
    for (case, at) in cases {
        let decision = rulebook().decide(&case.subscription, at).expect("an edition");
        for &action in Action::ALL {
            assert_minimal(&decision, action);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn random_cases(facts in any_facts(4), at in any_instant(), action in prop::sample::select(Action::ALL)) {
        assert_minimal(&rulebook().edition_at(at).unwrap().decide(facts), action);
    }
}

/// Rules that only permit: what is unknown has to be found out, and what they do not admit has to change.
#[test]
fn rules_without_obstacles() {
    let permit = |id: &'static str, condition: Facts| {
        let rule = Rule::new(id, Effect::Permit, Action::Switch, "2026-01-01".parse().unwrap());
        rule.when(condition).with_reason("a rule of the house")
    };
    let rules = [
        permit("active", Facts::from(Status::Active).with(Region::Same)),
        permit("suspended", Facts::from(Status::Suspended).with(Cloud::Public)),
    ];
    let house = Rulebook::new(rules).expect("a rulebook");
    let edition = house.edition_at(support::at("2026-11-27")).expect("an edition");
    let unknown = Facts::UNKNOWN;
    for facts in [
        unknown,
        unknown.with(Region::Same).with(Cloud::Public),
        unknown.with(Region::Other).with(Cloud::China),
        Facts::from(Status::Active).with(Cloud::Public),
        Facts::from(Status::Suspended).with(Region::Other),
        Facts::from(Status::Deleted).with(Region::Same),
    ] {
        assert_minimal(&edition.decide(facts), Action::Switch);
    }
}

/// Who can change a fact: the direction matters, an unknown fact can be found out, and an ended
/// term can't change.
#[test]
fn who_changes_what() {
    use csp_multichannel::{
        AtTermEnd, Channel, Partner, Relationship, Service, Status, TermPhase, Transfer,
    };

    let license = Facts::from(Service::NewCommerceLicense)
        .with(Channel::OtherCspPartner)
        .with(csp_multichannel::Cloud::Public)
        .with(Partner::DirectBill)
        .with(Relationship::Active)
        .with(csp_multichannel::Customer::EndCustomer)
        .with(csp_multichannel::Region::Same)
        .with(TermPhase::Committed)
        .with(AtTermEnd::End)
        .with(Status::Active)
        .with(Transfer::None);
    let first = |facts: Facts, action| {
        minimal_changes(&edition("2026-11-27").decide(facts), action)[0].to_string()
    };
    let switch = |facts: Facts| first(facts, Action::Switch);
    assert_eq!(switch(license.with(Status::Suspended)), "status: active (by current_partner)");
    assert_eq!(switch(license.with(Transfer::Pending)), "transfer: none (by current_partner)");
    assert_eq!(switch(license.with(Relationship::None)), "relationship: active (by customer)");
    assert_eq!(switch(license.without(Fact::Transfer)), "transfer: none (find out)");
    assert_eq!(
        switch(license.with(Partner::IndirectReseller)),
        "partner: indirect_provider (by indirect_provider)"
    );
    assert_eq!(
        first(license.with(AtTermEnd::Renew), Action::WaitUntilTermEnd),
        "at_term_end: end (by current_partner)"
    );
    let ended = license.with(TermPhase::Ended).with(Status::Suspended);
    let changes = minimal_changes(&edition("2026-11-27").decide(ended), Action::Switch);
    assert!(!changes[0].is_possible(), "{}", changes[0]);
    let direct = license.with(Channel::Direct).with(AtTermEnd::Renew);
    assert_eq!(first(direct, Action::WaitUntilTermEnd), "at_term_end: end (by customer)");
}

/// Each fact from each value to each other, for subscriptions of every kind that matters.
#[test]
fn who_changes_each_value() {
    let of = |fact: Fact, words: &[&str]| -> Vec<Facts> {
        let unknown = Facts::UNKNOWN.about(fact);
        let parse = |word: &&str| Facts::parse(fact, word).expect("a word of the fact");
        words.iter().map(parse).chain([unknown]).collect()
    };
    let mut subscriptions = vec![Facts::UNKNOWN];
    for values in [
        of(Fact::Service, &["license", "new_commerce_license", "azure_plan", "software"]),
        of(Fact::Channel, &["direct", "mca_enterprise", "own_advisor", "this_partner", "open"]),
        of(Fact::TermPhase, Fact::TermPhase.words()),
        of(Fact::AtTermEnd, Fact::AtTermEnd.words()),
    ] {
        let with_each = |facts: Facts| values.iter().map(move |value| facts.with(*value));
        subscriptions = subscriptions.into_iter().flat_map(with_each).collect();
    }

    let from_then = chrono::NaiveDate::from_ymd_opt(2026, 1, 1).unwrap();
    let mut by = BTreeMap::new();
    for &fact in Fact::ALL {
        for &to in fact.words() {
            let condition = Facts::parse(fact, to).unwrap();
            let rule = Rule::new("only-so", Effect::Permit, Action::Switch, from_then)
                .when(condition)
                .with_reason("only so");
            let rulebook = Rulebook::new([rule]).unwrap();
            let edition = rulebook.editions().next().unwrap();
            for &from in fact.words().iter().filter(|&&from| from != to) {
                for facts in &subscriptions {
                    let facts = facts.with(Facts::parse(fact, from).unwrap());
                    let changes = minimal_changes(&edition.decide(facts), Action::Switch);
                    let [change] = &changes[0].alternatives[0].changes[..] else { panic!() };
                    assert_eq!((change.fact, &*change.value), (fact, to));
                    let expected = changed_by(facts, fact, from, to);
                    assert_eq!(change.by, expected, "{facts}: {fact} from {from} to {to}");
                    *by.entry(change.by).or_insert(0) += 1;
                }
            }
        }
    }
    assert_eq!(by.len(), 6, "{by:?}");
}

fn changed_by(facts: Facts, fact: Fact, from: &str, to: &str) -> ChangedBy {
    let all_of =
        |fact, words: &[&str]| facts.possible_words(fact).all(|word| words.contains(&word));
    let holder = if all_of(Fact::Channel, &["direct", "mca_enterprise"]) {
        ChangedBy::Customer
    } else if all_of(Fact::Channel, &["this_partner", "own_advisor"]) {
        ChangedBy::NewPartner
    } else {
        ChangedBy::CurrentPartner
    };
    let runs = all_of(Fact::Service, &["azure", "azure_plan"])
        || all_of(Fact::TermPhase, &["cancellable", "committed"]);
    let ends = all_of(Fact::AtTermEnd, &["extend", "end"]);
    let renews = all_of(Fact::AtTermEnd, &["renew"]);
    let license = all_of(Fact::Service, &["license", "new_commerce_license"]);
    match (fact, from, to) {
        (Fact::Relationship, "none", "requested") => ChangedBy::NewPartner,
        (Fact::Relationship, _, "active") => ChangedBy::Customer,
        (Fact::Partner, "indirect_reseller", "indirect_provider") => ChangedBy::IndirectProvider,
        (Fact::TermPhase, "cancellable", "committed") => ChangedBy::Time,
        (Fact::TermPhase, _, "ended") if ends => ChangedBy::Time,
        (Fact::TermPhase, "committed", "cancellable") if renews && license => ChangedBy::Time,
        (Fact::AtTermEnd, _, _) if runs => holder,
        (Fact::Status, "active", "suspended") | (Fact::Status, "suspended", "active") if runs => {
            holder
        }
        (Fact::Transfer, "pending", "none") => holder,
        _ => ChangedBy::Nobody,
    }
}
