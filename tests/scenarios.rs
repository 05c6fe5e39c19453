//! Worked cases with their expected records, and the edges of editions, windows and terms.

#![cfg(all(feature = "std", feature = "serde"))]

mod support;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use csp_multichannel::{
    Action, Answer, Basis, BeforeFirstEdition, Cancellation, Case, Channel, DecisionRecord, Effect, Engagement, Facts,
    Rule, Rulebook, Service, Set, Subscription, Term, TermPhase, decide, parse_instant,
};
use serde::Deserialize;
use serde_json::value::RawValue;
use support::reference;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Scenario<'a> {
    why: String,
    as_of: String,
    case: Case,
    edition: NaiveDate,
    #[serde(borrow)]
    verdicts: &'a RawValue,
}

/// All of `scenarios.jsonl`, the records compared as text: every id, every list, every order.
#[test]
fn scenarios() {
    let mut count = 0;
    for line in include_str!("data/scenarios.jsonl").lines() {
        let scenario: Scenario<'_> = serde_json::from_str(line).expect("a scenario");
        let Scenario { why, as_of, case, edition, verdicts } = scenario;
        let instant = parse_instant(&as_of).expect("an instant");
        let decision = decide(&case.subscription, &case.engagement, instant).expect("an edition");
        let written = serde_json::to_string(&Answer { id: &case.id, as_of: instant, decision }).expect("JSON");
        let id = serde_json::to_string(&case.id).expect("JSON");
        let expected = format!(r#"{{"id":{id},"as_of":"{as_of}","edition":"{edition}","verdicts":{verdicts}}}"#);
        assert_eq!(written, expected, "{why}");

        let read: DecisionRecord = serde_json::from_str(&written).expect("a record");
        assert_eq!(read, Answer { id: &case.id, as_of: instant, decision }.into(), "{why}");
        count += 1;
    }
    assert_eq!(count, 79);
}

/// The two records that `facts.md` prints.
#[test]
fn the_example_of_the_policy() {
    let text = include_str!("data/facts.md");
    let mut blocks = text.split("```json\n").skip(1).filter_map(|rest| rest.split("\n```").next());
    let case: Case = serde_json::from_str(blocks.next().expect("a case")).expect("a case");
    let expected: serde_json::Value = serde_json::from_str(blocks.next().expect("a decision")).expect("a decision");

    let as_of = parse_instant("2018-09-15").expect("a day");
    let decision = decide(&case.subscription, &case.engagement, as_of).expect("an edition");
    let found = serde_json::to_value(Answer { id: &case.id, as_of, decision }).expect("JSON");
    assert_eq!(found, expected);
}

const SECOND: TimeDelta = TimeDelta::seconds(1);

fn around(instant: DateTime<Utc>) -> [DateTime<Utc>; 3] {
    [instant - SECOND, instant, instant + SECOND]
}

fn instant(text: &str) -> DateTime<Utc> {
    parse_instant(text).expect("an instant")
}

#[test]
fn a_second_around_every_edition() {
    let rulebook = Rulebook::partner_center();
    let mut before: Result<_, BeforeFirstEdition> = Err(rulebook.edition_at(instant("2016-11-30")).unwrap_err());
    for edition in rulebook.editions() {
        let [earlier, at, later] = around(instant(&edition.since().to_string()));
        match before {
            Ok(before) => assert_eq!(rulebook.edition_at(earlier), Ok(before)),
            Err(_) => assert_eq!(
                rulebook.edition_at(earlier).unwrap_err().to_string(),
                "no rule is in force at 2016-11-30T23:59:59Z, expected an instant at or after 2016-12-01T00:00:00Z"
            ),
        }
        assert_eq!(rulebook.edition_at(at), Ok(edition));
        assert_eq!(rulebook.edition_at(later), Ok(edition));
        before = Ok(edition);
    }
}

/// Every edge of every window and term, and all combinations of dates around them, against the reference evaluator.
#[test]
fn a_second_around_every_window() {
    let edges =
        ["2022-03-11", "2022-03-12", "2022-03-13", "2022-03-14T10:00:00Z", "2022-03-16", "2022-03-19", "2022-03-22"];
    let purchases: Vec<_> = edges.into_iter().map(instant).flat_map(around).collect();
    let services = Service::ALL.iter().copied().map(Some).chain([None]);
    let mut compared = 0;
    for service in services {
        for &purchased_at in &purchases {
            let ends_on = purchased_at.date_naive() + TimeDelta::days(9);
            let until = purchased_at + TimeDelta::hours(30);
            for cancellation in [Cancellation::ByService, Cancellation::Never, Cancellation::Until(until)] {
                let term = Term::new(purchased_at, ends_on, cancellation).expect("a term");
                let end = instant(&ends_on.succ_opt().expect("a day").to_string());
                let windows = [72, 168].map(|hours| purchased_at + TimeDelta::hours(hours));
                let asked = windows.into_iter().chain([purchased_at, until, end, instant("2022-03-19")]);
                for at in asked.flat_map(around) {
                    assert_eq!(
                        phases(&term, service, at),
                        expected_phases(&term, service, at),
                        "{service:?} {term:?} {at}"
                    );
                    compared += 1;
                }
            }
        }
    }
    assert_eq!(compared, 8 * 21 * 3 * 18);
}

fn phases(term: &Term, service: Option<Service>, at: DateTime<Utc>) -> u8 {
    term.phases(service, at).iter().fold(0, |bits, phase| bits | 1 << phase as u8)
}

fn expected_phases(term: &Term, service: Option<Service>, at: DateTime<Utc>) -> u8 {
    let nanoseconds = |instant: DateTime<Utc>| {
        i128::from(instant.timestamp()) * 1_000_000_000 + i128::from(instant.timestamp_subsec_nanos())
    };
    let dates = reference::Dates {
        purchased_at: nanoseconds(term.purchased_at()),
        ends_on: i64::from(term.ends_on().to_epoch_days()),
        cancellable_until: match term.cancellation() {
            Cancellation::ByService => reference::Cancellable::Derive,
            Cancellation::Never => reference::Cancellable::Never,
            Cancellation::Until(until) => reference::Cancellable::Until(nanoseconds(until)),
        },
    };
    reference::phases(service.map(Service::as_str), Some(&dates), nanoseconds(at))
}

/// `policy/terms.md`, word for word: open until 03-17T10:00Z, and again from 03-19T00:00Z to 03-21T10:00Z.
#[test]
fn a_window_that_closes_and_opens_again() {
    let term =
        Term::new(instant("2022-03-14T10:00:00Z"), "2023-03-13".parse().expect("a day"), Cancellation::ByService);
    let phase = |at| term.expect("a term").phases(Service::NewCommerceLicense, at).single().expect("one phase");
    for (edge, before, after) in [
        ("2022-03-17T10:00:00Z", TermPhase::Cancellable, TermPhase::Committed),
        ("2022-03-19T00:00:00Z", TermPhase::Committed, TermPhase::Cancellable),
        ("2022-03-21T10:00:00Z", TermPhase::Cancellable, TermPhase::Committed),
        ("2023-03-14T00:00:00Z", TermPhase::Committed, TermPhase::Ended),
    ] {
        assert_eq!(around(instant(edge)).map(phase), [before, after, after], "{edge}");
    }
}

/// From each change to the next: those that looking at every hour finds, and no others.
#[test]
fn a_term_tells_its_changes() {
    const HOUR: TimeDelta = TimeDelta::hours(1);
    let mut changes = 0;
    let services = Service::ALL.iter().map(|&service| Some(service)).chain([None]);
    for (service, bought) in services.flat_map(|of| ["2022-03-14T10:00:00Z", "2023-03-14"].map(|at| (of, at))) {
        for (ends_on, cancellation) in [
            ("2022-03-18", Cancellation::ByService),
            ("2023-03-31", Cancellation::ByService),
            ("2023-03-31", Cancellation::Never),
            ("2023-03-31", Cancellation::Until(instant("2023-03-20T07:00:00Z"))),
        ] {
            let Ok(term) = Term::new(instant(bought), ends_on.parse().expect("a day"), cancellation) else { continue };
            let start = instant("2022-03-10");
            let mut expected = Vec::new();
            let mut before = term.phases(service, start);
            for at in std::iter::successors(Some(start), |&at| (at < instant("2023-04-10")).then_some(at + HOUR)) {
                let phases = term.phases(service, at);
                expected.extend((phases != before).then_some((at, phases)));
                before = phases;
            }
            let told =
                std::iter::successors(term.next_change(service, start), |&(at, _)| term.next_change(service, at));
            assert_eq!(told.collect::<Vec<_>>(), expected, "{service:?} {bought} {ends_on} {cancellation:?}");
            changes += expected.len();
        }
    }
    assert!(changes > 50, "{changes}");
}

/// Asked about an instant before the purchase: not refused, and a window that is yet to open has not closed.
#[test]
fn before_the_purchase() {
    let bought = instant("2024-05-01");
    let term = Term::new(bought, "2025-04-30".parse().expect("a day"), Cancellation::ByService).expect("a term");
    for service in [Service::License, Service::NewCommerceLicense, Service::AzureReservation] {
        assert_eq!(term.phases(service, bought - SECOND), Set::from(TermPhase::Cancellable));
    }
}

#[test]
fn a_usage_based_service_has_no_term() {
    let term =
        Term::new(instant("2024-05-01"), "2025-04-30".parse().expect("a day"), Cancellation::Never).expect("a term");
    for service in [Service::Azure, Service::AzurePlan] {
        let refused = Subscription::new(service).with_term(term).unwrap_err();
        assert_eq!(refused.service(), service);
        assert_eq!(
            refused.to_string(),
            format!("the usage-based service `{service}` has no term, expected none, or a service that has one")
        );
        assert_eq!(term.phases(service, instant("2024-06-01")), Set::from(TermPhase::None));
    }
}

#[test]
fn deciding_needs_an_edition() {
    let refused =
        decide(&Subscription::default(), &Engagement::new(), instant("2016-11-30T23:59:59.999Z")).unwrap_err();
    assert_eq!(refused.asked(), instant("2016-11-30T23:59:59.999Z"));
    assert_eq!(refused.first().to_string(), "2016-12-01");
}

/// What a terminal shows, to the letter: every kind of line, and lines that are full to the last of a hundred columns.
#[test]
fn a_decision_as_text() {
    let from = "2026-01-01".parse().expect("a day");
    // Fourteen columns are the margin's.
    let full = format!("{} {} {}", "a".repeat(20), "b".repeat(20), "c".repeat(44));
    let page = "p".repeat(67);
    let [fits, wraps] = [format!("{} {}", "d".repeat(20), "e".repeat(20)), "f".repeat(45)];
    let rulebook = Rulebook::new([
        Rule::new("permit", Effect::Permit, Action::Switch, from)
            .with_reason(format!("{full} {fits} {wraps}"))
            .with_basis(Basis::Linked)
            .with_source("A", page.clone())
            .with_source("B", "b.md"),
        Rule::new("require", Effect::Require, Action::Switch, from)
            .with_requirement("a_form")
            .with_reason("so they say")
            .with_origin("our own"),
        Rule::new("advise", Effect::Advise, Action::Switch, from)
            .with_reason("it helps")
            .with_source("A", "a.md")
            .with_origin("our own"),
        Rule::new("forbid", Effect::Forbid, Action::WaitUntilTermEnd, from).with_reason("no"),
        Rule::new("exclude", Effect::Exclude, Action::CancelThenMove, from).with_reason("not here"),
        Rule::new("some", Effect::Permit, Action::RecreateAndCancel, from).when(Channel::Open).when(Service::Azure),
    ]);
    let rulebook = rulebook.expect("rules");
    let edition = rulebook.editions().next().expect("one");
    let text = edition.decide(Facts::UNKNOWN).to_string();
    let expected = format!(
        "\
by the edition of 2026-01-01

request_relationship  not_covered
    because   the documents are silent

recreate_and_cancel   undetermined
    possible  allowed, not_covered
    turns on  channel, service

switch                conditional
    because   {full}
              {fits}
              {wraps}
              permit: linked,
              {page} and b.md
    requires  a_form: so they say
              require: stated by our own
    know      it helps
              advise: stated by our own, a.md

wait_until_term_end   denied
    because   no
              forbid: stated

cancel_then_move      not_covered
    because   not here
              exclude: stated"
    );
    assert_eq!(text, expected);
    assert_eq!(text.lines().map(|line| line.chars().count()).max(), Some(100));
}
