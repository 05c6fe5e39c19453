//! Files in the formats that people have: the whole result for each, as described in their readme.

mod support;

use csp_multichannel::{Action, Fact, Rulebook, Service, TermPhase, Transfer, Verdict};
use csp_partner_center::{Context, Mapping};
use support::{assert_transcripts, at, data, defaults, files, read, records};

const AS_OF: &str = "2026-08-12";

/// The subscriptions of a file, mapped with the defaults and with the eligibility in another file.
fn mappings(name: &str, eligibility: Option<&str>) -> Vec<Mapping> {
    let mut context = Context::new().with_defaults(defaults());
    for record in eligibility.iter().flat_map(|name| records(&read(&format!("field/{name}")))) {
        context.add_eligibility(record).expect("an eligibility");
    }
    let records = records(&read(&format!("field/{name}")));
    let mapped = records.iter().map(|record| context.map(record, at(AS_OF)));
    mapped.map(|mapping| mapping.expect("a subscription")).collect()
}

/// The verdict on an action, and the rules that decide it.
fn verdict(mapping: &Mapping, action: Action) -> (Verdict, Vec<&'static str>) {
    let rulebook = Rulebook::partner_center();
    let decision = rulebook.decide(&mapping.case.subscription, at(AS_OF)).expect("an edition");
    (decision.verdict(action), decision.reasons(action).map(csp_multichannel::Rule::id).collect())
}

#[track_caller]
fn assert_origins(mapping: &Mapping, expected: &[(Fact, &str)]) {
    for (fact, origin) in expected {
        assert_eq!(mapping.origins[*fact].to_string(), *origin, "{fact} of {}", mapping.case.id);
    }
}

#[test]
fn each_file_gives_what_is_expected() {
    assert_transcripts("field", include_str!("data/field.expected"), &["README.md"]);
}

#[test]
fn each_file_of_the_readme_is_there_and_no_other() {
    let readme = std::fs::read_to_string(data("field/README.md")).expect("a readme");
    let files = files("field");
    assert_eq!(files.len(), 25);
    for file in files.iter().filter(|file| *file != "README.md") {
        let (kind, _) = file.split_once('-').expect("a number");
        let kind = format!("`{kind}");
        assert!(readme.contains(&kind), "{file}");
    }
    let rows = readme.lines().filter(|line| line.starts_with("| `"));
    let named = rows.flat_map(|row| row.split('|').nth(1).expect("a cell").split('`'));
    for name in named.filter(|name| name.ends_with("json") || name.ends_with("csv")) {
        assert!(files.iter().any(|file| file == name), "{name}");
    }
}

#[test]
fn a_no_of_partner_center_denies_the_switch() {
    let subscriptions = mappings("25-subscriptions.json", Some("25-noneligible-other-reason.json"));
    assert_eq!(subscriptions.len(), 4);
    for mapping in &subscriptions {
        let (found, rules) = verdict(mapping, Action::Switch);
        assert_eq!(found, Verdict::Denied, "{}", mapping.case.id);
        assert!(rules.contains(&"transfer-ineligible"), "{}: {rules:?}", mapping.case.id);
        assert_origins(mapping, &[(Fact::Transfer, "rule eligibility")]);
    }
}

#[test]
fn an_answer_with_its_reason_is_pending_none_or_no() {
    let subscriptions = mappings("24-subscriptions.json", Some("24-eligibility.json"));
    let transfers: Vec<Option<Transfer>> =
        subscriptions.iter().map(|mapping| mapping.case.subscription.facts().known()).collect();
    let (none, ineligible) = (Some(Transfer::None), Some(Transfer::Ineligible));
    assert_eq!(transfers, [ineligible, Some(Transfer::Pending), none, none, ineligible]);
    for mapping in [0, 1, 4].map(|index| &subscriptions[index]) {
        assert_eq!(verdict(mapping, Action::Switch).0, Verdict::Denied, "{}", mapping.case.id);
    }
    assert_origins(
        &subscriptions[0],
        &[(Fact::Status, "rule status"), (Fact::TermPhase, "rule term_dates")],
    );
    assert_eq!(subscriptions[0].customer.as_deref(), Some("b44b0000-0000-4000-8000-0000000000c1"));
}

#[test]
fn a_list_older_than_the_renewal_is_not_ended() {
    for mapping in mappings("27-active-autorenew-past-end.json", None) {
        let facts = mapping.case.subscription.facts_at(at(AS_OF));
        let phases = facts.possible::<TermPhase>();
        assert_eq!(phases, [TermPhase::Cancellable, TermPhase::Committed].into());
        assert_origins(&mapping, &[(Fact::AtTermEnd, "rule auto_renew_enabled")]);
    }
}

#[test]
fn default_dates_end_nothing() {
    let subscriptions = mappings("13-dotnet-minvalue-dates.json", None);
    for mapping in &subscriptions[..2] {
        let facts = mapping.case.subscription.facts_at(at(AS_OF));
        assert!(!facts.narrowed().contains(Fact::TermPhase), "{}", mapping.case.id);
        assert_origins(mapping, &[(Fact::TermPhase, "unknown: field absent")]);
        let found = verdict(mapping, Action::WaitUntilTermEnd).0;
        assert_ne!(found, Verdict::Denied, "{}", mapping.case.id);
    }
}

#[test]
fn the_default_of_a_class_makes_nothing_a_marketplace_offer() {
    for name in
        ["02-psmodule-converttojson51.json", "14-sdk-roundtrip-ismicrosoftproduct-false.json"]
    {
        for mapping in mappings(name, None) {
            let services = mapping.case.subscription.facts().possible::<Service>();
            assert!(!services.contains(Service::Marketplace), "{}", mapping.case.id);
        }
    }
}

#[test]
fn origins_say_where_each_fact_is_from() {
    let [license] = mappings("02-psmodule-converttojson51.json", None).try_into().unwrap();
    assert_origins(
        &license,
        &[
            (Fact::Channel, "default"),
            (Fact::Service, "rule traditional_offer"),
            (Fact::TermPhase, "rule term_dates"),
            (Fact::AtTermEnd, "rule auto_renew_enabled"),
            (Fact::Status, "rule status"),
            (Fact::Transfer, "unknown: field absent"),
        ],
    );
    let [direct, _] = mappings("09-graph-directory-subscriptions.json", None).try_into().unwrap();
    assert_origins(&direct, &[(Fact::TermPhase, "rule next_lifecycle_date")]);
    let offers = mappings("38-china-offer.json", None);
    assert_origins(&offers[0], &[(Fact::Channel, "rule offer"), (Fact::Cloud, "rule offer")]);
    let [ours, _] = mappings("10-az-account-list.json", None).try_into().unwrap();
    assert_origins(
        &ours,
        &[(Fact::Service, "rule resource_manager"), (Fact::Cloud, "rule cloud_name")],
    );
    let [table] = mappings("08-german-excel-facts.csv", None).try_into().unwrap();
    assert_origins(&table, &[(Fact::Channel, "record"), (Fact::TermPhase, "record")]);
}
