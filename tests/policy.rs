//! The example program `policy`, run as a user would.

#![cfg(all(feature = "std", feature = "serde"))]

mod programs;

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use csp_multichannel::guidance::{Calendar, Difference, procedure};
use csp_multichannel::*;
use programs::program;
use serde_json::{Value, json};

fn run(arguments: &[&str], input: &str) -> Output {
    programs::run("policy", arguments, input.as_bytes())
}

#[track_caller]
fn text(output: Output, status: i32) -> String {
    assert_eq!(output.status.code(), Some(status), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

fn records(lines: &str) -> Vec<Value> {
    lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

fn edition(day: &str) -> Edition<'static> {
    Rulebook::partner_center().edition_at(parse_instant(day).expect("a day")).expect("an edition")
}

/// Licenses from another partner whose cancellation window closes, and opens again.
const SEATS: &str = r#"{"id":"seats","channel":"other_csp_partner","service":"new_commerce_license","cloud":"public","partner":"direct_bill","relationship":"none","customer":"end_customer","market":"same","auto_renew":true,"status":"active","transfer_pending":false,"term":{"purchased_at":"2022-03-14T10:00:00Z","ends_on":"2023-03-13"}}"#;

const PORTFOLIO: &str = include_str!("../examples/decide/portfolio.jsonl");

// Editions.

#[test]
fn every_edition_with_what_begins_and_ends() {
    let told = text(run(&["editions"], ""), 0);
    let editions: Vec<&str> = told.split("\n\n\n").collect();
    assert_eq!(editions.len(), 21);
    assert!(
        editions[0].starts_with("2016-12-01: 32 rules, from 2016-12-01 to 2017-01-26\n\n+ not-bought-elsewhere\n"),
        "{}",
        editions[0]
    );
    let transfer = editions.iter().find(|edition| edition.starts_with("2017-06-09")).expect("an edition");
    assert_eq!(
        *transfer,
        "\
2017-06-09: 31 rules, from 2017-06-09 to 2017-07-17

- us-government-not-yet-listed
    exclude   every action, where cloud: us_government
    because   the page does not apply to this cloud yet
              stated, multichannel.md

- no-migration-path
    advise    recreate_and_cancel, where service: azure, azure_plan
    because   there is no supported migration, and CSP may not offer every service yet
              stated, multichannel.md"
    );
    assert!(
        told.contains("\n    require   active_relationship for recreate_and_cancel, switch, where relationship: none,")
    );
    assert!(told.contains("\n    exclude   every move, where cloud: china\n"));
    assert!(
        told.contains(
            "\n    exclude   request_relationship, where channel: all but direct, own_advisor; cloud: china\n"
        )
    );
    assert!(told.contains("2026-05-04 on\n") && told.lines().all(|line| line.chars().count() <= 100));
    // Each rule begins once, and ends at most once.
    for rule in Rulebook::partner_center().rules() {
        let count = |sign| told.matches(&format!("\n{sign} {}\n", rule.id())).count();
        assert_eq!((count('+'), count('-')), (1, usize::from(rule.validity().until().is_some())), "{}", rule.id());
    }
}

#[test]
fn editions_as_json() {
    let editions = records(&text(run(&["editions", "--json"], ""), 0));
    assert_eq!(editions.len(), 21);
    for (record, edition) in editions.iter().zip(Rulebook::partner_center().editions()) {
        assert_eq!(record["since"], json!(edition.since()));
        assert_eq!(record.get("until"), edition.until().map(|until| json!(until)).as_ref());
        assert_eq!(record["rules"], json!(edition.rules().count()));
        let ids = |name: &str| -> Vec<String> {
            record[name]
                .as_array()
                .expect("a list")
                .iter()
                .map(|rule| rule["id"].as_str().expect("an id").into())
                .collect()
        };
        assert_eq!(ids("begun"), edition.begun().map(Rule::id).collect::<Vec<_>>());
        assert_eq!(ids("ended"), edition.ended().map(Rule::id).collect::<Vec<_>>());
    }
    assert_eq!(
        editions.iter().find(|edition| edition["since"] == "2018-05-25").expect("an edition")["begun"][0],
        json!({
            "id": "reservation-not-switchable", "effect": "forbid", "actions": ["switch"],
            "when": {"channel": ["other_csp_partner"], "service": ["azure_reservation"]},
            "from": "2018-05-25", "until": "2023-09-14", "basis": "linked",
            "sources": [
                {"code": "RI", "page": "azure-reservations.md"},
                {"code": "TP", "page": "transfer-azure-subscriptions-under-azure-plan.md"},
            ],
            "reason": "the partner of a reservation can't be changed",
        })
    );
}

// Differences.

#[test]
fn the_difference_in_words() {
    assert_eq!(
        text(run(&["diff", "2018-09-01", "2018-09-20T12:00:00Z"], ""), 0),
        "\
From the edition of 2018-08-31 to that of 2018-09-13

+ transfer-other-market
    forbid    switch, where market: other
    because   the new partner and the customer must be in the same country or region
              linked, switch-azure-subscriptions-to-a-different-partner.md


Cases that are answered otherwise

switch                was allowed, is denied
    where     channel: other_csp_partner
              service: azure
              cloud: all but china
              partner: direct_bill, indirect_provider
              relationship: active
              customer: end_customer
              market: other

switch                was conditional, is denied
    where     channel: other_csp_partner
              service: azure
              cloud: all but china
              partner: direct_bill, indirect_provider
              relationship: none, requested
              customer: end_customer
              market: other

switch                was not_covered, is denied
    where     channel: other_csp_partner
              service: azure_plan
              cloud: all but china
              partner: direct_bill, indirect_provider
              customer: end_customer
              market: other
"
    );
    // Backwards, what began ends.
    let back = text(run(&["diff", "2018-09-13", "2018-08-31"], ""), 0);
    assert!(
        back.contains("\n- transfer-other-market\n")
            && back.contains("\nswitch                was denied, is allowed\n"),
        "{back}"
    );
}

#[test]
fn no_difference() {
    assert_eq!(
        text(run(&["diff", "2018-08-31", "2018-09-12"], ""), 0),
        "The edition of 2018-08-31 holds on both days.\n"
    );
    let advice = text(run(&["diff", "2019-11-18", "2019-11-19"], ""), 0);
    assert!(advice.ends_with("\n\n\nNo case is answered otherwise.\n"), "{advice}");
}

/// Grouped by action: none comes back after another.
#[test]
fn shifts_are_grouped() {
    let told = text(run(&["diff", "2016-12-01", "2026-05-04"], ""), 0);
    let heads: Vec<&str> = told.lines().filter(|line| line.contains(" was ") && !line.starts_with(' ')).collect();
    let mut distinct = heads.clone();
    distinct.dedup();
    assert_eq!((heads.is_empty(), &heads), (false, &distinct));
    let actions: Vec<Action> =
        heads.iter().map(|head| head.split(' ').next().expect("a word").parse().expect("an action")).collect();
    assert!(actions.is_sorted());
    let shifts = Difference::between(edition("2016-12-01"), edition("2026-05-04")).cases();
    assert_eq!(told.matches("\n    where  ").count(), shifts.len());
}

#[test]
fn cases_that_are_touched() {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("policy-touched.jsonl");
    fs::write(&file, format!("{PORTFOLIO}no case\n{{\"id\":\"c-2\",\"cloud\":\"sky\"}}\n"))
        .expect("a file that can be written");
    let file = file.to_str().expect("a name");
    let told = text(run(&["diff", "2023-09-14", "2026-11-24", "--cases", file], ""), 1);
    let (_, cases) = told.split_once("\n\n\nCases of the file that are touched\n\n").expect("the cases");
    assert_eq!(
        cases,
        "\
mail-from-other-partner
    switch                was denied, is allowed
seats-from-some-reseller
    request_relationship  was and is undetermined (allowed, denied, not_covered), in other cases
    switch                was undetermined (denied, not_covered), is undetermined (allowed, conditional, denied, not_covered)
line 13 refused: no valid JSON: expected ident at column 2
line 14 (c-2) refused: `cloud` is \"sky\", expected one of `public`, `us_government`, `germany`, `china`

2 of 12 cases touched, 2 lines refused
"
    );

    let lines = records(&text(run(&["diff", "2023-09-14", "2026-11-24", "--json", "--cases", file], ""), 1));
    let difference = Difference::between(edition("2023-09-14"), edition("2026-11-24"));
    assert_eq!(lines[0], serde_json::to_value(difference).expect("JSON"));
    assert_eq!(
        lines[1..],
        [
            json!({"id": "mail-from-other-partner", "touched": [{"action": "switch", "before": "denied", "after": "allowed"}]}),
            json!({"id": "seats-from-some-reseller", "touched": [
                {
                    "action": "request_relationship",
                    "before": "undetermined", "possible_before": ["allowed", "denied", "not_covered"],
                    "after": "undetermined", "possible_after": ["allowed", "denied", "not_covered"],
                },
                {
                    "action": "switch",
                    "before": "undetermined", "possible_before": ["denied", "not_covered"],
                    "after": "undetermined", "possible_after": ["allowed", "conditional", "denied", "not_covered"],
                },
            ]}),
            json!({"line": 13, "error": "no valid JSON: expected ident at column 2"}),
            json!({"id": "c-2", "line": 14, "error": "`cloud` is \"sky\", expected one of `public`, `us_government`, `germany`, `china`"}),
        ]
    );
}

/// What is possible can be the same, and not in the same cases.
#[test]
fn a_case_of_which_nothing_is_known() {
    let told = text(run(&["diff", "2018-08-31", "2018-09-13", "--cases", "-"], r#"{"id":"?"}"#), 0);
    let switch = "?\n    switch                was and is undetermined (allowed, conditional, denied, not_covered), in other cases\n";
    assert!(told.contains(switch) && told.ends_with("\n1 of 1 case touched, no line refused\n"), "{told}");
}

/// The policy's difference alone: a term stands in both editions where it is at the second instant.
#[test]
fn a_difference_is_not_one_of_time() {
    let told = text(run(&["diff", "2022-03-18", "2022-03-20", "--cases", "-"], SEATS), 0);
    assert!(told.ends_with("\n0 of 1 case touched, no line refused\n"), "{told}");
}

// Calendars.

#[test]
fn the_calendar_of_a_case() {
    assert_eq!(
        text(run(&["calendar", "--from", "2022-03-15", "-"], SEATS), 0),
        "\
seats
┌──────────────────────┬─────────────────────┬──────────────┬──────────────┬──────────────┬──────────────┬──────────────┐
│ from                 ┆ why                 ┆ request      ┆ recreate and ┆ switch       ┆ wait until   ┆ cancel then  │
│                      ┆                     ┆ relationship ┆ cancel       ┆              ┆ term end     ┆ move         │
╞══════════════════════╪═════════════════════╪══════════════╪══════════════╪══════════════╪══════════════╪══════════════╡
│ 2016-12-01           ┆ the first edition   ┆ allowed      ┆ not covered  ┆ denied       ┆ conditional  ┆ allowed      │
│ 2022-03-17 10:00 UTC ┆ term: committed     ┆              ┆              ┆              ┆              ┆ denied       │
│ 2022-03-19           ┆ term: cancellable   ┆              ┆              ┆              ┆              ┆ allowed      │
│ 2022-03-21 10:00 UTC ┆ term: committed     ┆              ┆              ┆              ┆              ┆ denied       │
│ 2023-03-14           ┆ term: ended         ┆              ┆              ┆              ┆ denied       ┆              │
│ 2024-06-19           ┆ edition:            ┆              ┆              ┆ conditional  ┆              ┆              │
│                      ┆ - license-no-switch ┆              ┆              ┆              ┆              ┆              │
│                      ┆ + license-switch    ┆              ┆              ┆              ┆              ┆              │
└──────────────────────┴─────────────────────┴──────────────┴──────────────┴──────────────┴──────────────┴──────────────┘
"
    );
}

/// What is possible is told where that is what changes.
#[test]
fn a_calendar_of_what_is_not_known() {
    let told = text(run(&["calendar", "--from", "2024-01-01", "-"], r#"{"id":"?","service":"license"}"#), 0);
    assert!(told.contains("┆ undetermined ┆"), "{told}");
    assert!(told.contains("+ license-switch"), "{told}");
    assert!(!told.contains("+ traditional-license-transfer"), "advice changes no verdict: {told}");
}

#[test]
fn the_calendar_within_limits() {
    let rows = |limits: &[&str]| {
        let lines = text(run(&[&["calendar", "--json"], limits, &["-"]].concat(), SEATS), 0);
        records(&lines)[0]["periods"].as_array().expect("a list").clone()
    };
    let case: Case = serde_json::from_str(SEATS).expect("a case");
    let calendar = Calendar::of(&case, Rulebook::partner_center());
    let all = rows(&[]);
    assert_eq!(Value::Array(all.clone()), serde_json::to_value(&calendar).expect("JSON"));
    assert_eq!(all.len(), 6);
    // The one in which the first instant lies is told, the one that begins with the last is not.
    assert_eq!(rows(&["--from", "2022-03-18", "--until", "2023-03-14"]), all[1..4]);
    assert_eq!(rows(&["--from", "2022-03-19", "--until", "2023-03-14T00:00:01Z"]), all[2..5]);
    assert_eq!(rows(&["--from", "2016-01-01"]), all);
    assert_eq!(rows(&["--from", "2030-01-01"]), all[5..]);
}

#[test]
fn several_calendars_and_a_bad_line() {
    let input = format!("{SEATS}\n{{\"id\":\"c-2\",\"cloud\":\"sky\"}}\n{SEATS}\n");
    let told = text(run(&["calendar", "-"], &input), 1);
    assert_eq!(told.matches("seats\n┌").count(), 2);
    assert!(told.contains("\n\n\nline 2 (c-2) refused: `cloud` is \"sky\""), "{told}");
    let lines = records(&text(run(&["calendar", "--json", "-"], &input), 1));
    assert_eq!((lines.len(), &lines[1]["line"], &lines[2]["id"]), (3, &json!(2), &json!("seats")));
    // One case over several lines.
    let spread = SEATS.replace(',', ",\n  ");
    assert_eq!(text(run(&["calendar", "-"], &spread), 0), text(run(&["calendar", "-"], SEATS), 0));
    let hostile = text(run(&["calendar", "-"], r#"{"id":"\u001b[31mred"}"#), 0);
    assert!(hostile.starts_with("\\u{1b}[31mred\n"), "{hostile}");
}

// Procedures.

#[test]
fn a_procedure_in_words() {
    let arguments = ["procedure", "switch", "--service", "new_commerce_license", "--as-of", "2026-11-24"];
    assert_eq!(
        text(run(&arguments, ""), 0),
        "\
switch, as of 2026-11-24
    service: new_commerce_license; term: cancellable, committed, ended

reported, transfer-azure-subscriptions-under-azure-plan.md:
1. customer: tell the current partner, and pass its name and Microsoft id to the new partner
3. new partner: create the transfer request; it can be cancelled only while it is pending
4. current partner: select the items as an Admin agent, and accept within 30 days; without an answer
   the request expires and a new one is needed
5. Microsoft: complete in about 15 minutes, or retry for 3 days
6. customer: remove the old partner's role assignments, and grant access to the new partner
"
    );
    let arguments = ["procedure", "request_relationship", "--cloud", "public", "--as-of", "2019-01-01"];
    assert_eq!(
        text(run(&arguments, ""), 0),
        "\
request_relationship, as of 2019-01-01
    cloud: public

linked, request-a-relationship-with-a-customer.md:
1. new partner: open the request in Partner Center, keep the personal link in the message, and send
   it to the customer
1. new partner: you can send the invitation for yourself and your provider together: the provider
   needs the relationship to place orders, where partner: indirect_reseller
2. customer: open the link, and accept
2. customer: accept in the Microsoft Store for Business
4. new partner: find the customer on the Customers page, and manage its services there
"
    );
    assert_eq!(
        text(run(&["procedure", "switch", "--service", "license", "--as-of", "2026-11-24"], ""), 0),
        "switch, as of 2026-11-24\n    service: license; term: cancellable, committed, ended\n\nThe documents describe no procedure.\n"
    );
}

/// Where the service is not told, the procedure of each page on its own.
#[test]
fn procedures_of_several_services() {
    let told = text(run(&["procedure", "switch", "--as-of", "2026-11-24"], ""), 0);
    let pages: Vec<&str> = told.lines().filter(|line| line.ends_with(':')).collect();
    assert_eq!(
        pages,
        [
            "linked, switch-azure-subscriptions-to-a-different-partner.md, where service: azure:",
            "linked, transfer-azure-subscriptions-under-azure-plan.md, where service: azure_plan, azure_reservation:",
            "reported, transfer-azure-subscriptions-under-azure-plan.md, where service: new_commerce_license:",
        ]
    );
    assert_eq!(told.matches("\n\n").count(), 3);
}

#[test]
fn a_procedure_as_json() {
    let arguments =
        ["procedure", "switch", "--json", "--service", "azure", "--partner", "direct_bill", "--as-of", "2018-09-15"];
    let lines = records(&text(run(&arguments, ""), 0));
    let facts =
        Facts::UNKNOWN.given(Service::Azure).and_then(|facts| facts.given(Partner::DirectBill)).expect("possible");
    let steps = procedure(Action::Switch, facts, parse_instant("2018-09-15").expect("a day"));
    assert_eq!(lines, steps.iter().map(|step| serde_json::to_value(step).expect("JSON")).collect::<Vec<_>>());
    assert_eq!(lines.len(), 8);
}

// Arguments.

#[test]
fn help_shows_examples() {
    for (arguments, example) in [
        (&["--help"][..], "Example: policy diff 2023-09-14 2024-06-19\n"),
        (&["editions", "--help"], "Example: policy editions\n"),
        (&["diff", "--help"], "Example: policy diff 2023-09-14 2024-06-19 --cases portfolio.jsonl\n"),
        (&["calendar", "--help"], "Example: policy calendar --from 2022-01-01 --until 2025-01-01 case.json\n"),
        (&["procedure", "--help"], "Example: policy procedure switch --service azure_plan --as-of 2026-11-24\n"),
    ] {
        let help = text(run(arguments, ""), 0);
        assert!(help.ends_with(example), "{help}");
    }
}

#[test]
fn unusable_arguments() {
    let before = "no rule is in force at 2016-11-30T00:00:00Z, expected an instant at or after 2016-12-01";
    for (arguments, error) in [
        (&[][..], "Usage: policy <COMMAND>"),
        (&["amend"], "unrecognized subcommand 'amend'"),
        (&["diff", "2018-09-15"], "required arguments"),
        (&["diff", "2018-09-15", "today"], "`today` is no instant, expected a day such as `2018-09-15`"),
        (&["diff", "2016-11-30", "2018-09-15"], before),
        (&["diff", "2018-09-15", "2016-11-30"], before),
        (&["diff", "2018-09-15", "2018-09-16", "--cases", "no-such-file"], "cannot read `no-such-file`"),
        (&["calendar"], "required arguments"),
        (&["calendar", "no-such-file"], "cannot read `no-such-file`"),
        (&["calendar", "--until", "2016-11-30", "-"], before),
        (
            &["calendar", "--from", "2018-09-15", "--until", "2018-09-15", "-"],
            "`--until` 2018-09-15 is not after `--from` 2018-09-15, expected a later instant",
        ),
        (&["procedure", "sell"], "`sell`"),
        (&["procedure", "switch", "--service", "mail"], "`mail`"),
        (&["procedure", "switch", "--as-of", "2016-11-30"], before),
    ] {
        let output = run(arguments, "");
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let said = String::from_utf8(output.stderr).expect("text");
        assert!(said.contains(error), "{said}");
    }
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    for arguments in [&["editions"][..], &["editions", "--json"], &["diff", "2016-12-01", "2026-05-04"]] {
        let mut child = Command::new(program("policy"))
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the example, which `cargo test` or `cargo build --example policy` builds");
        drop(child.stdout.take());
        let output = child.wait_with_output().expect("it ends");
        assert_eq!((output.status.code(), output.stderr), (Some(0), Vec::new()), "{arguments:?}");
    }
}
