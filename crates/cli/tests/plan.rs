//! `multichannel plan` in terminals and pipes.

mod support;

use std::fs;
use std::path::PathBuf;

use icalendar::{Calendar, Component};
use serde_json::{Value, json};
use support::{lines, program, run, text};

const OFFICE: &str = include_str!("../src/plan/sample.json");

/// A file in the directory of this test.
fn scratch(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name)
}

#[test]
fn plans_for_people() {
    let output = run(&["plan", "--as-of", "2026-11-27"], OFFICE.as_bytes());
    assert_eq!(output.status.code(), Some(0));
    let expected = "\
office
Plans to move the subscription, as of 2026-11-27: 2

switch: possible from 2026-11-27
  1. new partner: request the relationship
     from now
  2. customer: accept the relationship
     after 1
  3. new partner: transfer the subscription
     after 2, takes up to 33 days

wait until term end: possible from 2027-03-01
  1. new partner: request the relationship
     from now, until 2027-02-28
  2. customer: accept the relationship
     after 1, until 2027-02-28
  3. current partner: set the subscription to end with its term
     from now, until 2027-02-28
     advice    for terms that end on or after 2026-05-04, turning automatic
               renewal off is not enough: unless its end is scheduled, the
               subscription continues as a paid extended service term, which can
               be cancelled at any time
               extended-service-term: reported, extended-service-terms.md
  4. new partner: buy the same product
     on 2027-02-28, after 2
  5. customer: let the subscription end with its term
     from 2027-03-01, after 3

cancel then move: denied until 2027-02-28
  the subscription can't be cancelled any more: its cancellation window has
  closed, or it has none

Not covered by any rule: recreate and cancel

The verdicts hold until 2027-02-28 if nothing is done; then the term phase
changes.
";
    assert_eq!(text(&output.stdout), expected);
}

/// Lines have at most 80 columns, without control characters and, in a pipe, without color.
#[test]
fn eighty_columns() {
    let cases = include_str!("../../../tests/data/scenarios.jsonl");
    let case = |line| serde_json::from_str::<Value>(line).expect("a scenario")["case"].to_string();
    let cases: Vec<String> = cases.lines().map(case).collect();
    let cases = cases.join("\n");
    for arguments in [&["plan", "--explain"][..], &["plan"], &["plan", "--goal", "manage"]] {
        let output = run(arguments, cases.as_bytes());
        assert_eq!(output.status.code(), Some(0));
        let written = text(&output.stdout);
        assert!(written.lines().all(|line| line.chars().count() <= 80));
        assert!(!written.contains('\u{1b}'));
        assert!(written.lines().count() > 1000 || arguments.contains(&"manage"));
    }
}

#[test]
fn records() {
    let input = format!("{}\n{{\"id\":\"b\",\"cloud\":\"publik\"}}\n", OFFICE.replace('\n', " "));
    let output =
        run(&["plan", "--json", "--goal", "manage", "--as-of", "2026-11-27"], input.as_bytes());
    assert_eq!(output.status.code(), Some(1));
    let lines = lines(&output);
    assert_eq!(lines[0]["id"], "office");
    assert_eq!(lines[0]["goal"], "manage");
    assert_eq!(lines[0]["as_of"], "2026-11-27T00:00:00Z");
    let kinds: Vec<_> = lines[0]["plans"][0]["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| &step["kind"])
        .collect();
    assert_eq!(kinds, [&json!("request_relationship"), &json!("accept_relationship")]);
    assert_eq!(lines[0]["expiry"], json!({"until": "2027-03-01T00:00:00Z", "causes": ["term"]}));
    assert_eq!(lines[1]["line"], 2);
    let goal = program(&["plan", "--goal", "mvoe"]).output().expect("the program ends");
    assert_eq!(goal.status.code(), Some(2));
    assert!(
        text(&goal.stderr).contains("a similar value exists: 'move'"),
        "{}",
        text(&goal.stderr)
    );
}

/// A calendar file contains every deadline and expected date of the plans, and the end of the term.
#[test]
fn calendar_files() {
    let path = scratch("plan.ics");
    let case = r#"{"id":"a, b","channel":"other_csp_partner","service":"new_commerce_license","cloud":"public","partner":"direct_bill","relationship":"active","customer":"end_customer","region":"same","at_term_end":"end","status":"active","transfer":"none","term":{"purchased_at":"2026-11-25T09:00:00Z","ends_on":"2027-11-24"}}"#;
    let arguments = ["plan", "--as-of", "2026-11-27", "--ics", path.to_str().unwrap()];
    assert_eq!(run(&arguments, case.as_bytes()).status.code(), Some(0));
    let written = fs::read_to_string(&path).expect("a file");
    assert!(written.lines().all(|line| line.len() <= 75) && written.contains("\r\n"));
    let calendar: Calendar = written.parse().expect("a calendar");
    let dates: Vec<(String, String)> = calendar
        .events()
        .map(|event| {
            let start = event.property_value("DTSTART").expect("a start").to_owned();
            (start, event.get_summary().expect("a summary").to_owned())
        })
        .collect();
    for (start, summary) in [
        ("20261230", "a, b: new partner: transfer the subscription (expected to be done by now)"),
        (
            "20261202T090000Z",
            "a, b: current partner: cancel the old subscription (too late from now on)",
        ),
        ("20271124", "a, b: new partner: buy the same product (possible from now on)"),
        (
            "20271125",
            "a, b: customer: let the subscription end with its term (possible from now on)",
        ),
        // The changes of verdicts if nothing is done: by the window, and by the term.
        ("20261202T090000Z", "a, b: cancel then move denied"),
        ("20271125", "a, b: switch denied"),
    ] {
        let found = dates.iter().any(|(at, what)| at == start && what == summary);
        assert!(found, "{start} {summary}: {dates:#?}");
    }
    let mut ids: Vec<_> =
        calendar.events().map(|event| event.get_uid().unwrap().to_owned()).collect();
    let count = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), count);
    // The same run writes the same file.
    assert_eq!(run(&arguments, case.as_bytes()).status.code(), Some(0));
    assert_eq!(fs::read_to_string(&path).expect("a file"), written);
}

/// A chart is well-formed and has a text description; a hostile id stays text.
#[test]
fn charts() {
    let path = scratch("plan.svg");
    let hostile =
        OFFICE.replace("\"office\"", r#""</text><script>alert(1)</script>\u001b[31m\u202e""#);
    let arguments = ["plan", "--as-of", "2026-11-27", "--svg", path.to_str().unwrap()];
    assert_eq!(run(&arguments, hostile.as_bytes()).status.code(), Some(0));
    let written = fs::read_to_string(&path).expect("a file");
    let chart = roxmltree::Document::parse(&written).expect("XML");
    let named = |name: &str| chart.descendants().filter(|node| node.has_tag_name(name)).count();
    assert_eq!(named("script"), 0);
    assert!(!written.contains('\u{1b}') && !written.contains('\u{202e}'));
    let description =
        chart.descendants().find(|node| node.has_tag_name("desc")).expect("a description");
    let description: String = description.descendants().filter_map(|node| node.text()).collect();
    for said in [
        "Plans to move the subscription, as of 2026-11-27: 2",
        "3. new partner: transfer the subscription, after 2",
    ] {
        assert!(description.contains(said), "{description}");
    }
    // A lane for each step of both plans, with a tooltip.
    let titles = chart.descendants().filter(|node| node.has_tag_name("g"));
    assert_eq!(titles.count(), 8);
}

/// Whatever is drawn is inside its chart: on any day, with long names, for steps that wait, and where nothing is left.
#[test]
fn charts_of_all_scenarios() {
    let scenarios = include_str!("../../../tests/data/scenarios.jsonl");
    let wide = "W@%{GQ日本".repeat(30);
    let cases = scenarios.lines().map(|line| {
        let scenario: Value = serde_json::from_str(line).expect("a scenario");
        let mut case = scenario["case"].clone();
        case["id"] = json!(format!("{} {wide}", scenario["case"]["id"]));
        format!("{case}\n")
    });
    let cases: String = cases.collect();
    let path = scratch("scenarios.svg");
    let mut drawn = 0;
    for as_of in ["2016-12-01", "2018-12-05", "2022-10-25", "2026-11-27", "2027-02-25T12:30:00Z"] {
        let arguments = ["plan", "--as-of", as_of, "--svg", path.to_str().unwrap()];
        assert_eq!(run(&arguments, cases.as_bytes()).status.code(), Some(0));
        let written = fs::read_to_string(&path).expect("a file");
        let chart = roxmltree::Document::parse(&written).expect("XML");
        let number = |text: &str| text.parse::<f64>().unwrap_or_else(|_| panic!("{text}"));
        let size = chart.root_element().attribute("viewBox").expect("a size");
        let size: Vec<f64> = size.split(' ').map(number).collect();
        for node in chart.descendants() {
            for (name, most) in [("x", size[2]), ("width", size[2]), ("y", size[3])] {
                let Some(value) = node.attribute(name).map(number) else { continue };
                assert!((0.0..=most).contains(&value), "{as_of}: {node:?}");
                drawn += 1;
            }
            let path = node.attribute("d").unwrap_or_default();
            let points = path.split(|c: char| c.is_ascii_alphabetic() || c == ' ');
            let mut points = points.filter(|point| !point.is_empty()).map(number);
            assert!(points.all(|point| (-10.0..=size[3].max(size[2])).contains(&point)), "{path}");
        }
    }
    assert!(drawn > 10_000, "{drawn}");
}

#[test]
fn an_input_is_not_overwritten() {
    let path = scratch("case.json");
    fs::write(&path, OFFICE).expect("a file");
    let path = path.to_str().unwrap();
    // Under another name, through standard input, or one file for both.
    let linked = scratch("linked.json");
    let _ = fs::remove_file(&linked);
    fs::hard_link(path, &linked).expect("a link");
    let (linked, both) = (linked.to_str().unwrap(), scratch("both.txt"));
    let both = both.to_str().unwrap();
    for arguments in [
        &["plan", path, "--svg", path][..],
        &["plan", path, "--ics", path],
        &["plan", path, "--svg", linked],
        &["plan", path, "--svg", both, "--ics", both],
        &["plan", path, "--svg", "-"],
    ] {
        let output = run(arguments, b"");
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(text(&output.stderr).contains("expected another name"));
    }
    let file = fs::File::open(path).expect("a file");
    let output = program(&["plan", "--svg", path]).stdin(file).output().expect("the program ends");
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(fs::read_to_string(path).expect("a file"), OFFICE);
}

#[test]
fn failures() {
    for (arguments, error) in [
        (
            &["plan", "--as-of", "2016-11-30", "-"][..],
            "no rule is in force at 2016-11-30T00:00:00Z",
        ),
        (&["plan", "no such file"], "can't read `no such file`"),
        (
            &["plan", "--svg", "no such directory/a.svg", "-"],
            "can't write `no such directory/a.svg`",
        ),
    ] {
        let output = run(arguments, OFFICE.as_bytes());
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(text(&output.stderr).contains(error), "{}", text(&output.stderr));
    }
}

/// An obstacle that begins later says when.
#[test]
fn an_obstacle_to_come() {
    let case = r#"{"id":"x","channel":"other_csp_partner","service":"license","cloud":"germany","partner":"direct_bill",
        "relationship":"active","customer":"end_customer","region":"same","at_term_end":"end","status":"active",
        "transfer":"none","term":{"purchased_at":"2018-03-02T09:00:00Z","ends_on":"2019-03-01"}}"#;
    let output = run(&["plan", "--as-of", "2018-09-15"], case.as_bytes());
    let printed = text(&output.stdout);
    assert!(printed.contains("wait until term end: not covered from 2018-12-05"), "{printed}");
}

/// A fact is asked for even if the verdicts of today don't depend on it: only those after some steps, or on a later day.
#[test]
fn questions_about_later() {
    let license = json!({
        "id": "office", "channel": "direct", "service": "new_commerce_license", "cloud": "public",
        "partner": "direct_bill", "relationship": "active", "customer": "end_customer",
        "region": "same", "status": "suspended", "transfer": "none",
        "term": {"purchased_at": "2026-03-01T09:00:00Z", "ends_on": "2027-02-28"},
    });
    let azure = json!({
        "id": "azure", "channel": "enterprise_agreement", "service": "azure", "cloud": "public",
        "partner": "direct_bill", "relationship": "active", "customer": "end_customer",
        "region": "same", "status": "suspended",
    });
    let request = json!({
        "id": "request", "channel": "direct", "service": "license", "cloud": "public",
        "relationship": "none", "customer": "end_customer", "region": "same", "at_term_end": "end",
        "status": "active", "transfer": "none",
        "term": {"purchased_at": "2016-06-02T09:00:00Z", "ends_on": "2017-06-01"},
    });
    // Which phase the term is in can't be given beside its dates.
    let dated = json!({
        "id": "dated", "channel": "other_csp_partner", "service": "new_commerce_license",
        "cloud": "public", "partner": "direct_bill", "relationship": "active",
        "customer": "end_customer", "region": "same", "at_term_end": "renew", "status": "active",
        "transfer": "none", "term": {"ends_on": "2027-02-28"},
    });
    for (case, as_of, question) in [
        (license, "2026-11-27", Some("What happens when the term ends: ")),
        (azure, "2026-11-27", Some("Is a transfer of the subscription open, ")),
        (request, "2017-03-30", Some("Which role does the asking partner have")),
        (dated, "2026-11-27", None),
    ] {
        let output = run(&["plan", "--as-of", as_of], case.to_string().as_bytes());
        let written = text(&output.stdout);
        let found = written.split_once("Next question: ").map(|(_, question)| question);
        assert_eq!(found.is_some(), question.is_some(), "{written}");
        let (found, question) = (found.unwrap_or_default(), question.unwrap_or_default());
        assert!(found.starts_with(question), "{written}");
    }
}
