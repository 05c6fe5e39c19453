//! The example program `decide`, run as a user would.

#![cfg(all(feature = "std", feature = "serde"))]

mod programs;

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Output, Stdio};

use programs::program;

fn run(arguments: &[&str], input: &[u8]) -> Output {
    programs::run("decide", arguments, input)
}

fn lines(bytes: &[u8]) -> Vec<&str> {
    std::str::from_utf8(bytes).expect("text").lines().collect()
}

#[test]
fn the_sample_is_a_dozen_cases_of_all_verdicts() {
    let output = run(&["--as-of", "2026-11-23"], b"");
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("text");
    assert!(text.starts_with("As of 2026-11-23T00:00:00Z: 12 decided, 0 refused\n"));
    for verdict in ["allowed", "conditional", "denied", "not_covered", "undetermined"] {
        assert!(text.lines().any(|line| line.ends_with(verdict)), "no case is {verdict}");
    }
}

#[test]
fn one_line_a_case_in_order_and_bad_lines_in_place() {
    let input = concat!(
        "\u{feff}{\"id\":\"c-1\",\"channel\":\"open\",\"service\":\"azure\"}\r\n",
        "\n",
        "   \n",
        "{\"channel\":\"opne\",\"id\":\"c-2\"}\n",
        "not json\n",
        "{\"id\":\"c-3\"} {\"id\":\"c-4\"}\n",
        "{\"id\":\"c-1\"}",
    );
    let output = run(&["--json", "--as-of", "2018-09-15", "-"], input.as_bytes());
    assert_eq!(output.status.code(), Some(1));
    let lines = lines(&output.stdout);
    assert_eq!(lines.len(), 5);
    assert!(lines[0].starts_with(r#"{"id":"c-1","as_of":"2018-09-15T00:00:00Z","edition":"2018-09-13","verdicts":{"#));
    assert!(lines[1].starts_with(r#"{"id":"c-2","line":4,"error":"`channel` is \"opne\", expected one of `direct`, "#));
    assert_eq!(lines[2], r#"{"line":5,"error":"no valid JSON: expected ident at column 2"}"#);
    assert_eq!(lines[3], r#"{"id":"c-3","line":6,"error":"no valid JSON: trailing characters at column 14"}"#);
    assert!(lines[4].starts_with(r#"{"id":"c-1","as_of""#));
}

#[test]
fn what_is_no_utf8_costs_its_line_alone() {
    let output = run(&["--json", "-"], b"{\"id\":\"\xff\"}\n{\"id\":\"c-2\"}\n");
    assert_eq!(output.status.code(), Some(1));
    let lines = lines(&output.stdout);
    assert!(lines[0].starts_with(r#"{"line":1,"error":"#));
    assert!(lines[1].starts_with(r#"{"id":"c-2","as_of""#));
}

#[test]
fn a_line_without_end_is_refused_and_the_next_one_decided() {
    let mut input = vec![b'x'; 3 << 20];
    input.extend(b"\n{\"id\":\"c-2\"}\n");
    let output = run(&["--json", "-"], &input);
    assert_eq!(output.status.code(), Some(1));
    let lines = lines(&output.stdout);
    assert_eq!(lines[0], r#"{"line":1,"error":"the line is longer than 1048576 bytes"}"#);
    assert!(lines[1].starts_with(r#"{"id":"c-2","as_of""#));
}

/// At most a line of 1 MiB, its end not counted.
#[test]
fn the_longest_line() {
    let line = |length: usize, end: &str| {
        let json = r#"{"id":"c-1"}"#;
        format!("{}{json}{end}", " ".repeat(length - json.len()))
    };
    for (length, end, status) in [(1 << 20, "\n", 0), (1 << 20, "\r\n", 0), ((1 << 20) + 1, "\n", 1)] {
        let output = run(&["--json", "-"], format!("{}{{\"id\":\"c-2\"}}\n", line(length, end)).as_bytes());
        assert_eq!((output.status.code(), lines(&output.stdout).len()), (Some(status), 2), "{length} {end:?}");
    }
    assert_eq!(run(&["--json", "-"], line(1 << 20, "").as_bytes()).status.code(), Some(0));
    // Spaces count, before and after.
    let padded = format!("{{\"id\":\"c-1\"}}{}junk\n{{\"id\":\"c-2\"}}\n", " ".repeat(3 << 20));
    let output = run(&["--json", "-"], padded.as_bytes());
    let answers = lines(&output.stdout);
    assert_eq!(answers[0], r#"{"line":1,"error":"the line is longer than 1048576 bytes"}"#);
    assert!(answers.len() == 2 && answers[1].starts_with(r#"{"id":"c-2","as_of""#), "{answers:?}");
}

/// A service at the other end of a pipe gets its answer before it asks for the next.
#[test]
fn an_answer_does_not_wait_for_the_next_case() {
    let mut child = Command::new(program("decide"))
        .args(["--json", "--as-of", "2018-09-15", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the example, which `cargo test` or `cargo build --example decide` builds");
    let mut stdin = child.stdin.take().expect("a pipe");
    let mut answers = BufReader::new(child.stdout.take().expect("a pipe"));
    // Behind the case, a blank line, and the beginning of the next case.
    for (asked, id) in [("{\"id\":\"c-1\"}\n\n", "c-1"), ("{\"id\":\"c-2\"}\n{\"id\":", "c-2"), ("\"c-3\"}\n", "c-3")] {
        stdin.write_all(asked.as_bytes()).expect("a reader");
        let mut answer = String::new();
        answers.read_line(&mut answer).expect("text");
        assert!(answer.starts_with(&format!(r#"{{"id":"{id}","as_of""#)), "{answer}");
    }
    drop(stdin);
    assert!(child.wait().expect("it ends").success());
}

#[test]
fn an_id_does_not_steer_the_terminal() {
    let output = run(&["--as-of", "2018-09-15", "-"], br#"{"id":"\u001b[31mred\nnext"}"#);
    let text = String::from_utf8(output.stdout).expect("text");
    assert!(!text.contains('\u{1b}') && text.contains("\n\\u{1b}[31mred\\nnext\n    nothing known\n"), "{text}");
}

#[test]
fn an_instant_with_fraction_and_offset() {
    let output = run(&["--json", "--as-of", "2018-09-15T02:00:00.250+02:00", "-"], b"{\"id\":\"c-1\"}\n");
    assert_eq!(output.status.code(), Some(0));
    assert!(lines(&output.stdout)[0].starts_with(r#"{"id":"c-1","as_of":"2018-09-15T00:00:00.250Z","edition""#));
}

#[test]
fn unusable_arguments() {
    for (arguments, error) in [
        (&["--as-of", "yesterday"][..], "`yesterday` is no instant, expected a day such as `2018-09-15`"),
        (
            &["--as-of", "2016-11-30"],
            "no rule is in force at 2016-11-30T00:00:00Z, expected an instant at or after 2016-12-01",
        ),
        (&["no-such-file.jsonl"], "cannot read `no-such-file.jsonl`"),
        (&["--yaml"], "unexpected argument '--yaml'"),
        (&["-", "-"], "unexpected argument '-'"),
    ] {
        let output = run(arguments, b"");
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert_eq!(output.stdout, b"", "{arguments:?}");
        let said = String::from_utf8(output.stderr).expect("text");
        assert!(said.contains(error), "{said}");
    }
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let mut child = Command::new(program("decide"))
        .args(["--json", "--as-of", "2018-09-15", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the example, which `cargo test` or `cargo build --example decide` builds");
    drop(child.stdout.take());
    let mut stdin = child.stdin.take().expect("a pipe");
    let _ = stdin.write_all(&b"{\"id\":\"c-1\"}\n".repeat(1000));
    drop(stdin);
    let output = child.wait_with_output().expect("it ends");
    assert_eq!((output.status.code(), lines(&output.stderr).len()), (Some(0), 0));
}

/// The JSON blocks of a document.
fn json_blocks(text: &str) -> Vec<&str> {
    text.split("```json\n").skip(1).filter_map(|rest| rest.split("```").next()).collect()
}

/// The documents print what the program prints.
#[test]
fn the_documents_show_what_is_printed() {
    let run = |input: &str| {
        let output = run(&["--json", "--as-of", "2018-09-15", "-"], input.as_bytes());
        String::from_utf8(output.stdout).expect("text")
    };
    let [cases, decisions] = json_blocks(include_str!("../README.md"))[..] else { panic!("two blocks of JSON") };
    assert_eq!(run(cases), decisions);

    let records = json_blocks(include_str!("../docs/records.md"));
    let [case, decision, refused] = records[..] else { panic!("three blocks of JSON") };
    assert_eq!(run(&format!("{case}{}", r#"{"id":"c-18","channel":"opne"}"#)), format!("{decision}{refused}"));
}

/// `docs/records.md` names every field and every word.
#[test]
fn the_documents_name_every_field_and_word() {
    use csp_multichannel::{Fact, Facts, Field, RecordKind, Value};

    let text = include_str!("../docs/records.md");
    let fields = RecordKind::Case.fields().iter().chain(RecordKind::Term.fields());
    // The term's phases are no words of a record, and flags are `true` and `false` there.
    let facts = Fact::ALL.iter().filter(|fact| !matches!(fact, Fact::Term | Fact::AutoRenew | Fact::Transfer));
    let words = facts.flat_map(|&fact| Facts::UNKNOWN.possible(fact)).map(Value::as_str);
    for word in fields.map(Field::as_str).chain(words) {
        assert!(text.contains(&format!("`{word}`")), "{word}");
    }
}
