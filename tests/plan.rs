//! The example program `plan`, run as a user would.

#![cfg(all(feature = "std", feature = "serde"))]

mod programs;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use csp_multichannel::guidance::{Deed, Goal, Plan, Plans};
use csp_multichannel::{Case, Rulebook, parse_instant};
use programs::program;
use serde_json::{Value, json};

fn run(arguments: &[&str], input: &str) -> Output {
    programs::run("plan", arguments, input.as_bytes())
}

#[track_caller]
fn text(output: Output, status: i32) -> String {
    assert_eq!(output.status.code(), Some(status), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

/// A case of which all is known, with other fields in the place of its own.
fn case(id: &str, others: Value) -> String {
    let mut case = json!({
        "id": id, "channel": "other_csp_partner", "service": "license", "cloud": "public", "partner": "direct_bill",
        "relationship": "none", "customer": "end_customer", "market": "same", "auto_renew": true, "status": "active",
        "transfer_pending": false, "term": {"purchased_at": "2023-06-01T09:00:00Z", "ends_on": "2025-05-31"},
    });
    let Value::Object(others) = others else { panic!("fields") };
    case.as_object_mut().expect("an object").extend(others);
    case.to_string()
}

/// Three ways at once: to cancel, to wait for the policy, to wait for the term.
fn several() -> String {
    case("mail", json!({}))
}

/// One way of six steps, none of which has an end.
fn open() -> String {
    let others = json!({"service": "azure", "partner": "indirect_reseller", "status": "suspended", "transfer_pending": true, "term": null});
    case("azure", others)
}

/// A window that has closed and opens again.
fn window() -> String {
    let term = json!({"purchased_at": "2022-03-14T10:00:00Z", "ends_on": "2023-03-13"});
    case("window", json!({"service": "new_commerce_license", "relationship": "requested", "term": term}))
}

/// No way.
fn none() -> String {
    case(
        "abroad",
        json!({"market": "other", "term": {"purchased_at": "2026-11-23T09:30:00Z", "ends_on": "2026-12-22"}}),
    )
}

const HOSTILE: &str = "</text><script>alert('1')</script>&amp;\" onload=\"x\" \u{0}\u{1b}[31m\u{202e}]]>\u{ffff} \u{540d}\u{524d} and on and on and on";

// Text.

#[test]
fn a_way_of_one_step() {
    let others =
        json!({"channel": "open", "service": "azure", "relationship": "active", "term": null, "auto_renew": null});
    let output = run(&["--as-of", "2026-11-24", "-"], &case("shop", others));
    assert_eq!(
        text(output, 0),
        "\
shop
    channel: open; service: azure; cloud: public; partner: direct_bill
    relationship: active; customer: end_customer; market: same; term: none
    status: active; transfer: none

To move it, as of 2026-11-24: 1 way


recreate_and_cancel   done from 2026-11-24 on

 1. new partner: create a new subscription, and cancel the old one
    when      from 2026-11-24 on
    because   create a new Azure subscription in Partner Center, enter its details, cancel the old
              services or subscription
              azure-recreate: stated, multichannel.md
    know      Azure in CSP can coexist with other channels
              channels-coexist: stated, multichannel.md
    how       stated, multichannel.md:
              1. new partner: create a new Azure subscription for the customer in Partner Center
              2. new partner: enter the details of the old subscription by hand
              3. customer or current partner: cancel the individual services, or the whole old
                 subscription


What stands in the other ways

switch                denied from 2026-11-24 on
    because   a switch hands over from one CSP partner to another, and no CSP partner holds this
              subscription
              azure-no-partner-to-switch-from: inferred, multichannel.md and
              switch-azure-subscriptions-to-a-different-partner.md

wait_until_term_end   denied from 2026-11-24 on
    because   the service has no term to wait for
              no-term: inferred, multichannel.md

cancel_then_move      not_covered from 2026-11-24 on
    because   the documents are silent
"
    );
}

/// Where a fact is missing, it is asked for; where none can help, nothing is.
#[test]
fn what_to_ask_next() {
    let unknown = case("seats", json!({"channel": "open", "relationship": null}));
    assert_eq!(
        text(run(&["--as-of", "2024-01-15", "-"], &unknown), 0),
        "\
seats
    channel: open; service: license; cloud: public; partner: direct_bill
    customer: end_customer; market: same; term: cancellable; auto_renew: on
    status: active; transfer: none

To move it, as of 2024-01-15: no way


What stands in the way

recreate_and_cancel   not_covered from 2024-01-15 on
    because   the documents are silent

switch                denied from 2024-01-15 to 2024-06-18
    because   license-based subscriptions can't be switched to a different partner: wait until the
              end of the term, or cancel
              license-no-switch: stated, multichannel.md

                      denied from 2024-06-19 on
    because   license transfers run between CSP partners only
              license-no-switch-from-channel: reported, multichannel.md

wait_until_term_end   allowed from 2024-01-15 to 2025-05-31
    because   without a relationship nothing can be bought

                      denied from 2025-06-01 on
    because   the term has ended: nothing to wait for, nothing to cancel
              term-over: inferred, multichannel.md

cancel_then_move      allowed from 2024-01-15 to 2025-05-31
    because   without a relationship nothing can be bought

                      denied from 2025-06-01 on
    because   the term has ended: nothing to wait for, nothing to cancel
              term-over: inferred, multichannel.md


To ask next: Is there a reseller relationship between you and the customer?
    none                  no
    requested             it has been asked for, and not accepted yet
    active                yes, the customer has accepted it
"
    );
    let nothing = text(run(&["--as-of", "2024-01-15", "-"], r#"{"id":"?"}"#), 0);
    assert!(nothing.starts_with("?\n    nothing known\n") && nothing.contains("\n    turns on  "), "{nothing}");
    assert!(nothing.contains("\n\nTo ask next: "), "{nothing}");
    let china = text(run(&["--as-of", "2024-01-15", "-"], r#"{"id":"?","cloud":"china"}"#), 0);
    assert!(!china.contains("To ask next"), "{china}");
}

/// The steps with their dates: days where they are midnights, an exclusive end as the day before it.
#[test]
fn every_way_with_its_dates() {
    fn lines(text: &str) -> Vec<&str> {
        let is_step =
            |line: &&str| line.starts_with("    when") || line.starts_with("    see") || line.get(2..4) == Some(". ");
        let is_way = |line: &&str| line.contains("  done from ");
        text.lines().filter(|line| is_step(line) || is_way(line)).collect()
    }
    let report = text(run(&["--as-of", "2024-01-15", "-"], &several()), 0);
    assert_eq!(
        lines(&report),
        [
            "cancel_then_move      done from 2024-01-15 on",
            " 1. new partner: request the relationship",
            "    when      from 2024-01-15 on",
            " 2. customer: accept the relationship",
            "    when      from 2024-01-15 on, after 1",
            " 3. new partner: buy the same offer",
            "    when      from 2024-01-15 on, after 2",
            " 4. current partner: cancel the old subscription",
            "    when      from 2024-01-15 to 2025-05-31",
            "switch                done from 2024-06-19 on",
            " 1. new partner: request the relationship",
            "    when      from 2024-01-15 on",
            "    see       cancel_then_move, step 1",
            " 2. customer: accept the relationship",
            "    when      from 2024-01-15 on, after 1",
            " 3. Microsoft: wait for the policy to change",
            "    when      from 2024-01-15 to 2024-06-18",
            " 4. new partner: transfer the subscription",
            "    when      from 2024-06-19 on, after 2, 3",
            "wait_until_term_end   done from 2025-06-01 on",
            " 1. new partner: request the relationship",
            "    when      from 2024-01-15 to 2025-06-30",
            "    see       cancel_then_move, step 1",
            " 2. customer: accept the relationship",
            "    when      from 2024-01-15 to 2025-06-30, after 1",
            "    see       cancel_then_move, step 2",
            " 3. current partner: turn off auto-renew",
            "    when      from 2024-01-15 to 2025-05-31",
            " 4. new partner: buy the same offer",
            "    when      from 2024-01-15 to 2025-06-30, after 2",
            " 5. customer: let the term end, and the subscription expire",
            "    when      from 2024-01-15 to 2025-05-31, after 3",
        ]
    );
    let report = text(run(&["--as-of", "2022-03-18T06:30:15Z", "-"], &window()), 0);
    for line in [
        ". customer: accept the relationship\n    when      from 2022-03-18 06:30:15 UTC on\n",
        ". time: wait for the term\n    when      from 2022-03-18 06:30:15 UTC to 2022-03-18\n",
        ". current partner: cancel the old subscription\n    when      from 2022-03-19, before 2022-03-21 10:00 UTC, after 3\n",
    ] {
        assert!(report.contains(line), "{line} in {report}");
    }
}

/// What was bought from Microsoft, the customer itself cancels.
#[test]
fn without_a_partner_the_customer_acts() {
    let report = text(run(&["--as-of", "2024-01-15", "-"], &case("direct", json!({"channel": "direct"}))), 0);
    assert!(report.contains("\n 4. customer: cancel the old subscription\n"), "{report}");
    assert!(report.contains("\n 3. customer: turn off auto-renew\n"), "{report}");
}

#[test]
fn a_goal_that_is_reached() {
    let managed = case("ours", json!({"relationship": "active"}));
    let report = text(run(&["--goal", "manage", "--as-of", "2024-01-15", "-"], &managed), 0);
    assert!(
        report.ends_with("To manage it, as of 2024-01-15: 1 way\n\n\nrequest_relationship  reached already\n"),
        "{report}"
    );
}

/// No line but what cannot be broken is wider than a terminal.
#[test]
fn lines_are_broken() {
    let report = text(run(&["--as-of", "2024-01-15", "-"], &format!("{}\n{}", several(), open())), 0);
    assert!(report.lines().all(|line| line.chars().count() <= 100 && !line.ends_with(' ')), "{report}");
}

#[test]
fn an_id_does_not_steer_the_terminal() {
    let report = text(run(&["--as-of", "2024-01-15", "-"], &case("\u{1b}[31mred\nnext\u{202e}", json!({}))), 0);
    assert!(report.starts_with("\\u{1b}[31mred\\nnext\\u{202e}\n    channel"), "{report}");
}

// Input.

/// The sample is a case over several lines, and a file of one is read like it.
#[test]
fn one_case_over_several_lines() {
    let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/plan/case.json");
    let by_default = text(run(&["--as-of", "2026-11-24"], ""), 0);
    assert!(by_default.starts_with("mail-from-other-partner\n") && by_default.contains(": 3 ways\n"), "{by_default}");
    assert_eq!(text(run(&["--as-of", "2026-11-24", sample], ""), 0), by_default);
    let with_mark = format!("\u{feff}{}", fs::read_to_string(sample).expect("the sample"));
    assert_eq!(text(run(&["--as-of", "2026-11-24", "-"], &with_mark), 0), by_default);

    for (input, refused) in [
        (
            "\n{\n  \"id\": \"c-1\",\n  \"channel\": \"opne\"\n}\n",
            "line 2 (c-1) refused: `channel` is \"opne\", expected one of ",
        ),
        (
            "{\n  \"id\": \"c-1\"\n  \"channel\": \"open\"\n}\n",
            "line 3 (c-1) refused: no valid JSON: expected `,` or `}` at column 3\n",
        ),
        ("{\n  \"id\": \"c-1\"\n}\n{}\n", "line 4 (c-1) refused: no valid JSON: trailing characters at column 1\n"),
        ("{\n  \"id\": \"c-1\",", "line 2 (c-1) refused: no valid JSON: "),
    ] {
        let report = text(run(&["--as-of", "2026-11-24", "-"], input), 1);
        assert!(report.starts_with(refused) && report.lines().count() == 1, "{report}");
    }
}

/// A line that is no case costs itself alone.
#[test]
fn bad_lines_in_their_place() {
    let input =
        format!("{}\n\nnot json\n{{\"id\":\"cut off\n{}\n{{\"id\":\"c-2\",\"cloud\":\"sky\"}}\n", several(), open());
    let report = text(run(&["--as-of", "2024-01-15", "-"], &input), 1);
    let begins: Vec<&str> = report.split("\n\n\n").filter_map(|part| part.lines().next()).collect();
    let told = ["mail", "line 3 refused: no valid JSON: expected ident at column 2", "azure"];
    assert!(told.iter().all(|line| begins.contains(line)), "{begins:?}");
    assert!(report.ends_with(
        "\nline 6 (c-2) refused: `cloud` is \"sky\", expected one of `public`, `us_government`, `germany`, `china`\n"
    ));

    // The first line, too.
    for first in ["{\"id\":\"cut", "{", "{\"id\":"] {
        let output = run(&["--json", "--as-of", "2024-01-15", "-"], &format!("{first}\n{}\n", several()));
        let records = records(&text(output, 1));
        assert_eq!((records.len(), &records[0]["line"], &records[1]["id"]), (2, &json!(1), &json!("mail")), "{first}");
    }
    assert_eq!(text(run(&["--as-of", "2024-01-15", "-"], ""), 0), "");
    assert_eq!(text(run(&["--as-of", "2024-01-15", "-"], "\n \n"), 0), "");
}

// JSON.

fn records(lines: &str) -> Vec<Value> {
    lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

#[test]
fn json_is_that_of_the_library() {
    let input = [several(), open(), window(), none(), r#"{"id":"\u0000"}"#.into()].join("\n");
    for (goal, at) in [(Goal::Move, "2022-03-18"), (Goal::Manage, "2024-01-15T12:00:00Z")] {
        let output = run(&["--json", "--goal", goal.as_str(), "--as-of", at, "-"], &input);
        let records = records(&text(output, 0));
        assert_eq!(records.len(), 5);
        let at = parse_instant(at).expect("an instant");
        for (record, line) in records.iter().zip(input.lines()) {
            let case: Case = serde_json::from_str(line).expect("a case");
            let plans = Plans::of(&case, goal, at, Rulebook::partner_center()).expect("an edition");
            let mut expected = serde_json::to_value(&plans).expect("JSON");
            let object = expected.as_object_mut().expect("an object");
            object.insert("id".into(), json!(case.id));
            object.insert("as_of".into(), json!(at));
            assert_eq!(record, &expected);
        }
    }
    let output = run(&["--json", "--as-of", "2024-01-15", "-"], "{\"id\":\"c-1\",\"cloud\":\"sky\"}");
    let refused = "{\"id\":\"c-1\",\"line\":1,\"error\":\"`cloud` is \\\"sky\\\", expected one of `public`, `us_government`, `germany`, `china`\"}\n";
    assert_eq!(text(output, 1), refused);
}

// Arguments.

#[test]
fn help_shows_an_example() {
    let help = text(run(&["--help"], ""), 0);
    assert!(help.ends_with("Example: plan --goal move --as-of 2026-11-24 --svg ways.svg case.json\n"), "{help}");
}

#[test]
fn unusable_arguments() {
    let file = written("unusable", &several());
    let file = file.to_str().expect("a name");
    for (arguments, error) in [
        (&["--as-of", "yesterday"][..], "`yesterday` is no instant, expected a day such as `2018-09-15`"),
        (
            &["--as-of", "2016-11-30"],
            "no rule is in force at 2016-11-30T00:00:00Z, expected an instant at or after 2016-12-01",
        ),
        (&["--goal", "sell"], "unknown goal `sell`, expected one of `manage`, `move`"),
        (&["no-such-file.json"], "cannot read `no-such-file.json`"),
        (&["--svg", "no-such-folder/ways.svg", "--as-of", "2024-01-15"], "cannot write `no-such-folder/ways.svg`"),
        (&["--svg", file, file], "is read and cannot be written as well, expected another name"),
        (&["--yaml"], "unexpected argument '--yaml'"),
    ] {
        let output = run(arguments, "");
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let said = String::from_utf8(output.stderr).expect("text");
        assert!(said.contains(error), "{said}");
    }
    assert_eq!(fs::read_to_string(file).expect("the case"), several());
}

/// Whoever reads the text may go away; the chart is drawn all the same.
#[test]
fn a_reader_that_goes_away_is_no_error() {
    let file = written("broken-pipe", &format!("{}\n", several()).repeat(100));
    let chart = Path::new(env!("CARGO_TARGET_TMPDIR")).join("plan-broken-pipe.svg");
    let _ = fs::remove_file(&chart);
    for with_chart in [false, true] {
        let mut command = Command::new(program("plan"));
        command.args(["--as-of", "2024-01-15"]).arg(&file).stdout(Stdio::piped()).stderr(Stdio::piped());
        if with_chart {
            command.arg("--svg").arg(&chart);
        }
        let mut child =
            command.spawn().expect("the example, which `cargo test` or `cargo build --example plan` builds");
        drop(child.stdout.take());
        let output = child.wait_with_output().expect("it ends");
        assert_eq!((output.status.code(), output.stderr), (Some(0), Vec::new()));
    }
    assert!(fs::read_to_string(chart).expect("the chart").ends_with("</svg>\n"));
}

// The chart.

fn written(name: &str, text: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("plan-{name}"));
    fs::write(&path, text).expect("a file that can be written");
    path
}

fn chart(name: &str, arguments: &[&str], input: &str) -> String {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("plan-{name}.svg"));
    let _ = fs::remove_file(&path);
    let svg = ["--svg", path.to_str().expect("a name"), "-"];
    let output = run(&[arguments, &svg].concat(), input);
    assert!(output.status.code().is_some_and(|code| code < 2), "{}", String::from_utf8_lossy(&output.stderr));
    let chart = fs::read_to_string(&path).expect("the chart");
    well_formed_elsewhere(&path);
    chart
}

/// What Python's parser says of a document, where there is Python.
fn well_formed_elsewhere(path: &Path) {
    let parse = "import sys, xml.dom.minidom; xml.dom.minidom.parse(sys.argv[1])";
    match Command::new("python3").args(["-c", parse]).arg(path).output() {
        Ok(output) => assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr)),
        Err(error) => eprintln!("skipped: no second parser: {error}"),
    }
}

/// An element with its attributes, and the text that it begins with.
#[derive(Debug)]
struct Element {
    name: String,
    attributes: Vec<(String, String)>,
    text: String,
    /// The elements that it is in.
    within: Vec<String>,
}

impl Element {
    fn get(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    fn number(&self, name: &str) -> f64 {
        self.get(name).map_or(0.0, |value| value.parse().expect("a number"))
    }
}

/// The elements of a document; panics where it is not well-formed.
fn elements(document: &str) -> Vec<Element> {
    let mut elements: Vec<Element> = Vec::new();
    let mut open: Vec<String> = Vec::new();
    let mut rest = document;
    while let Some((text, markup)) = rest.split_once('<') {
        match elements.last_mut() {
            Some(element) if element.text.is_empty() => element.text = unescaped(text),
            _ => assert_eq!(unescaped(text).trim(), "", "text outside of an element's beginning"),
        }
        let (tag, after) = markup.split_once('>').expect("the end of a tag");
        rest = after;
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop().as_deref(), Some(name));
            continue;
        }
        let (tag, is_empty) = tag.strip_suffix('/').map_or((tag, false), |tag| (tag, true));
        let (name, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
        assert!(name.chars().all(|c| c.is_ascii_alphanumeric()), "{name}");
        elements.push(Element {
            name: name.into(),
            attributes: pairs(attributes),
            text: String::new(),
            within: open.clone(),
        });
        if !is_empty {
            open.push(name.into());
        }
    }
    assert!(open.is_empty() && rest.trim().is_empty());
    elements
}

fn pairs(mut text: &str) -> Vec<(String, String)> {
    let mut pairs: Vec<(String, String)> = Vec::new();
    while let Some((name, rest)) = text.trim_start().split_once("=\"") {
        let (value, rest) = rest.split_once('"').expect("the end of a value");
        assert!(
            name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
                && !pairs.iter().any(|(other, _)| other == name)
        );
        pairs.push((name.into(), unescaped(value)));
        text = rest;
    }
    assert_eq!(text, "");
    pairs
}

fn unescaped(text: &str) -> String {
    let plain = text.chars().all(|c| !c.is_control() || c == '\n');
    assert!(plain && !text.contains(['<', '>', '\u{fffe}', '\u{ffff}']), "{text:?}");
    let mut parts = text.split('&');
    let mut whole = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once(';').expect("the end of an entity");
        whole.push(match name {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "#39" => '\'',
            _ => panic!("no entity of XML: {name}"),
        });
        whole.push_str(rest);
    }
    whole
}

/// About how wide a character is, as a share of its size.
fn width(c: char) -> f64 {
    match c {
        'i' | 'j' | 'l' | 'f' | 't' | ' ' | '.' | ',' | ':' | ';' | '\'' => 0.33,
        _ if c.is_ascii() => 0.6,
        _ => 1.0,
    }
}

/// From left, top to right, bottom.
type Box = [f64; 4];

/// About where a text stands, in a font that is rather wide.
fn box_of(element: &Element) -> Box {
    let (x, y, size) = (element.number("x"), element.number("y"), element.number("font-size"));
    let bold = if element.get("class").is_some_and(|class| class.contains("strong")) { 1.1 } else { 1.0 };
    let width: f64 = element.text.chars().map(width).sum::<f64>() * size * bold;
    let left = match element.get("text-anchor") {
        Some("middle") => x - width / 2.0,
        Some("end") => x - width,
        _ => x,
    };
    [left, y - 0.75 * size, left + width, y + 0.2 * size]
}

fn overlap(one: Box, other: Box) -> bool {
    one[0] < other[2] && other[0] < one[2] && one[1] < other[3] && other[1] < one[3]
}

/// The points that a path goes through.
fn points(path: &str) -> Vec<(f64, f64)> {
    let mut points: Vec<(f64, f64)> = Vec::new();
    let mut at = (0.0, 0.0);
    let commands = path.char_indices().filter(|(_, c)| c.is_ascii_alphabetic()).map(|(place, _)| place);
    let ends: Vec<usize> = commands.chain([path.len()]).collect();
    for place in ends.windows(2) {
        let (command, numbers) = path[place[0]..place[1]].split_at(1);
        let numbers: Vec<f64> = numbers.split_whitespace().map(|number| number.parse().expect("a number")).collect();
        at = match (command, &numbers[..]) {
            ("M" | "L", &[x, y]) => (x, y),
            ("l", &[x, y]) => (at.0 + x, at.1 + y),
            ("H", &[x]) => (x, at.1),
            ("h", &[x]) => (at.0 + x, at.1),
            ("V", &[y]) => (at.0, y),
            ("Z", &[]) => at,
            _ => panic!("unexpected in a path: {path}"),
        };
        points.push(at);
    }
    points
}

/// Everything lies in the drawing, no text on another nor on a bar or the line of the instant.
#[track_caller]
fn well_laid_out(elements: &[Element]) {
    let view: Vec<f64> =
        elements[0].get("viewBox").expect("a box").split(' ').map(|n| n.parse().expect("a number")).collect();
    let [_, _, width, height] = view[..] else { panic!("four numbers") };
    assert_eq!((elements[0].number("width"), elements[0].number("height")), (width, height));
    let inside = |(x, y): (f64, f64)| (0.0..=width).contains(&x) && (0.0..=height).contains(&y);
    let drawn = || elements.iter().filter(|element| !element.within.iter().any(|outer| outer == "defs"));
    let mut texts: Vec<(Box, &str)> = Vec::new();
    let mut bars: Vec<Box> = Vec::new();
    for element in drawn() {
        let corner = (element.number("x"), element.number("y"));
        match element.name.as_str() {
            "text" => texts.push((box_of(element), &element.text)),
            "rect" => {
                let end = (corner.0 + element.number("width"), corner.1 + element.number("height"));
                assert!(inside(corner) && inside(end) && element.number("width") > 0.0, "{element:?}");
                if element.get("class") != Some("paper") {
                    bars.push([corner.0, corner.1, end.0, end.1]);
                }
            }
            "circle" => assert!(inside((element.number("cx"), element.number("cy")))),
            "path" => {
                let points = points(element.get("d").expect("a path"));
                assert!(points.iter().copied().all(inside), "{element:?}");
                // Nor on the line of the instant.
                if let ([(x, top), (_, bottom)], Some("now")) = (&points[..], element.get("class")) {
                    bars.push([*x, *top, *x + 1.0, *bottom]);
                }
            }
            _ => {}
        }
    }
    for (number, &(place, text)) in texts.iter().enumerate() {
        assert!(inside((place[0], place[1])) && inside((place[2], place[3])), "{text} at {place:?}");
        let other = texts.iter().skip(number + 1).find(|&&(other, _)| overlap(place, other));
        assert!(other.is_none(), "{text} overlaps {other:?}");
        assert!(!bars.iter().any(|&bar| overlap(place, bar)), "{text} on a bar");
    }
}

/// All kinds of charts.
fn charts() -> Vec<(&'static str, &'static str, &'static str, String)> {
    let long = json!({"channel": "direct", "relationship": "active", "term": {"purchased_at": "2026-11-23T09:30:00Z", "ends_on": "9999-12-31"}});
    let day = json!({"service": "new_commerce_license", "channel": "open", "term": {"purchased_at": "2026-11-23T09:30:00Z", "ends_on": "2026-11-24"}});
    vec![
        ("several", "move", "2024-01-15", several()),
        ("sample", "move", "2026-11-24", include_str!("../examples/plan/case.json").into()),
        ("open", "move", "2026-11-24", open()),
        ("window", "move", "2022-03-18T06:30:15.5Z", window()),
        ("none", "move", "2026-11-24", none()),
        ("manage", "manage", "2018-09-15", several()),
        ("reached", "manage", "2018-09-15", case("ours", json!({"relationship": "active"}))),
        ("hostile", "move", "2026-11-24", case(HOSTILE, long)),
        ("hours", "move", "2026-11-24T08:15:30Z", case("hours", day)),
        ("nothing", "move", "2018-09-15", r#"{"id":""}"#.into()),
        ("all", "move", "2018-09-15", [several(), "no case".into(), open(), window(), none(), several()].join("\n")),
        ("portfolio", "move", "2026-11-24", include_str!("../examples/decide/portfolio.jsonl").into()),
        ("empty", "move", "2026-11-24", String::new()),
    ]
}

#[test]
fn charts_are_well_formed_and_well_laid_out() {
    for (name, goal, at, input) in charts() {
        let arguments = ["--goal", goal, "--as-of", at];
        let svg = chart(name, &arguments, &input);
        assert_eq!(svg, chart(&format!("{name}-again"), &arguments, &input));
        let elements = elements(&svg);
        let names: Vec<&str> = elements.iter().map(|element| element.name.as_str()).collect();
        assert_eq!(names[..3], ["svg", "title", "desc"]);
        assert_eq!(elements[0].get("aria-labelledby"), Some("title description"));
        assert!(!names.iter().any(|name| ["script", "foreignObject", "image", "a", "use"].contains(name)));
        assert!(elements.iter().flat_map(|element| &element.attributes).all(|(name, _)| !name.starts_with("on")));
        // But for the namespace, no address.
        assert_eq!(svg.matches("://").count(), 1, "{name}");
        assert!(svg.contains("@media (prefers-color-scheme: dark)"));
        well_laid_out(&elements);
    }
}

/// A bar a step, from its earliest to its latest instant, in the places that the axis gives them.
#[test]
fn bars_stand_where_their_steps_do() {
    let elements = elements(&chart("bars", &["--as-of", "2024-01-15"], &several()));
    let bars: Vec<&Element> = elements
        .iter()
        .filter(|element| element.name == "rect" && element.within.last().is_some_and(|outer| outer == "g"))
        .collect();
    let case: Case = serde_json::from_str(&several()).expect("a case");
    let at = parse_instant("2024-01-15").expect("a day");
    let plans = Plans::of(&case, Goal::Move, at, Rulebook::partner_center()).expect("an edition");
    let steps: Vec<_> = plans.ways().iter().flat_map(Plan::steps).collect();
    assert_eq!((bars.len(), steps.len()), (13, 13));

    // The axis, from a bar that has both ends, the first of them where it begins.
    let whole = steps.iter().position(|step| step.earliest() == at && step.latest().is_some()).expect("a bar");
    let (left, width) = (bars[whole].number("x"), bars[whole].number("width"));
    let days =
        |instant: chrono::DateTime<chrono::Utc>| f64::from(i32::try_from((instant - at).num_days()).expect("a few"));
    let scale = width / days(steps[whole].latest().expect("an end"));
    for (bar, step) in bars.iter().zip(&steps) {
        let (x, end) = (bar.number("x"), bar.number("x") + bar.number("width"));
        assert!((x - left - days(step.earliest()) * scale).abs() < 0.2, "{step}");
        assert_eq!(bar.get("class"), Some(step.actor().as_str()));
        match step.latest() {
            Some(latest) => {
                assert!((end - left - days(latest) * scale).abs() < 0.3, "{step}");
                assert_eq!(bar.get("mask"), None);
            }
            None => assert_eq!((end, bar.get("mask")), (1068.0, Some("url(#fade)"))),
        }
    }
    // An arrow's head into each bar for what comes before it: from above where it waits, from the left for the rest.
    let heads = elements.iter().filter(|element| element.get("class") == Some("head")).count();
    let waits = plans.ways().iter().flat_map(Plan::steps).filter(|step| step.deed() == Deed::Wait).count();
    assert_eq!(heads, steps.iter().filter(|step| !step.after().is_empty()).count() + waits + 1);
    let texts: Vec<&str> =
        elements.iter().filter(|element| element.name == "text").map(|element| element.text.as_str()).collect();
    let ticks: Vec<&str> = texts[2..].iter().copied().take_while(|text| !text.starts_with("as of")).collect();
    assert_eq!(ticks, ["2024-04", "2024-07", "2024-10", "2025-01", "2025-04", "2025-07"]);
    for text in [
        "mail",
        "3 ways to move it, as of 2024-01-15",
        "as of 2024-01-15",
        "done from 2025-06-01 on",
        "to 2025-06-30",
        "no end is known",
    ] {
        assert!(texts.contains(&text), "{text}");
    }
}

/// Those who do not see the chart are told the same.
#[test]
fn the_chart_in_words() {
    let elements = elements(&chart(
        "words",
        &["--as-of", "2026-11-24"],
        &case("ours", json!({"relationship": "active", "channel": "open", "service": "azure_plan", "term": null})),
    ));
    assert_eq!(elements[1].text, "Ways to move ours");
    assert_eq!(
        elements[2].text,
        "ours: 1 way to move it, as of 2026-11-24. Recreate and cancel, done from 2026-11-24 on. \
         1. new partner: create a new subscription, and cancel the old one, from 2026-11-24 on. \
         Switch: denied from 2026-11-24 on: a switch hands over from one CSP partner to another, and no CSP partner holds this subscription. \
         Wait until term end: denied from 2026-11-24 on: the service has no term to wait for. \
         Cancel then move: not covered from 2026-11-24 on: the documents are silent."
    );
}

#[test]
fn an_id_is_text_in_the_chart() {
    let svg = chart("id", &["--as-of", "2026-11-24"], &case(HOSTILE, json!({})));
    assert!(!svg.contains("<script") && !svg.contains("onload=\""), "{svg}");
    let elements = elements(&svg);
    let printable = HOSTILE
        .replace('\u{0}', "\\u{0}")
        .replace('\u{1b}', "\\u{1b}")
        .replace('\u{202e}', "\\u{202e}")
        .replace('\u{ffff}', "\\u{ffff}");
    assert_eq!(elements[1].text, format!("Ways to move {printable}"));
    // The heading is cut off where the chart ends.
    let heading = elements.iter().find(|element| element.name == "text").expect("a heading");
    let begins = heading.text.strip_suffix('…').expect("cut off");
    assert!(printable.starts_with(begins) && begins.len() > 30, "{begins}");
}
