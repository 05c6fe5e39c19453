//! `multichannel decide` reads records as lines, one array, or one object, with errors in place.

mod support;

use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;
use std::time::Duration;

use support::{lines, program, run};

/// The longest record in bytes.
const LONGEST: usize = 1 << 20;

/// The ids of the cases of an input, and the errors with their lines.
fn read(input: &[u8]) -> Vec<String> {
    let answers = lines(&run(&["decide", "--json", "--as-of", "2026-11-27"], input));
    let id = |answer: &serde_json::Value| answer["id"].as_str().map(ToOwned::to_owned);
    let answer = |answer: &serde_json::Value| match answer["error"].as_str() {
        None => id(answer).expect("an id"),
        Some(error) => {
            let id = id(answer).map(|id| format!(" {id}")).unwrap_or_default();
            format!("{}{id}: {error}", answer["line"])
        }
    };
    answers.iter().map(answer).collect()
}

#[test]
fn one_record_a_line() {
    assert_eq!(read(b""), [""; 0]);
    assert_eq!(read(b" \t\r\n\n"), [""; 0]);
    assert_eq!(read(b"{\"id\":\"a\"}\r\n \n{\"id\":\"b\"}"), ["a", "b"]);
    assert_eq!(read("\u{feff}\n{\"id\":\"a\"}\n".as_bytes()), ["a"]);
    assert_eq!(
        read(b"{\"id\":\"a\"} x\n{\"chanel\":1,\"id\":\"x\"}\n{\"id\":\"b\",\"id\":\"c\"}\n\x0c\n{}\n{\"id\":\"d\"}"),
        [
            "1 a: invalid JSON: trailing characters, at column 12",
            "2: unknown field `chanel`, expected one of `id`, `channel`, `service`, `cloud`, `partner`, \
             `relationship`, `customer`, `region`, `term_phase`, `at_term_end`, `status`, `transfer`, \
             `term`; did you mean `channel`?, at column 9",
            "3 b: `id` is given twice, expected once, at column 14",
            "4: invalid JSON: expected value, at column 1",
            "5: `id` is missing, expected a string, at column 2",
            "d",
        ]
    );
}

#[test]
fn one_object_over_many_lines() {
    assert_eq!(read(b"\n{\n  \"id\": \"a\"\n}\n"), ["a"]);
    assert_eq!(
        read(b"{\n  \"id\": \"a\",\n  \"cloud\": 5\n}\n{\n}"),
        [
            "1 a: invalid type: integer `5`, expected `cloud` as one of `public`, `us_government`, `germany`, \
          `china`, or a list of these, at line 3 column 12",
            "5: `id` is missing, expected a string, at line 6 column 1",
        ]
    );
    // Whatever the layout, and one after the other.
    let case = "{ \"id\": \"a\",\n\n \"term\":\n  { \"ends_on\": \"2027-01-01\" }, \"service\": [\n  \"license\" ] }\n";
    assert_eq!(read(case.repeat(2).as_bytes()), ["a", "a"]);
    assert_eq!(read(format!("[{case},\n{case}]").as_bytes()), ["a", "a"]);
    // A line that is not closed loses itself alone.
    for line in [
        r#"{"id":"x","service":["license","#,
        "INFO [main",
        r#"{"id":"#,
        r#"{"id":"x","term":{"#,
        "[[[{",
    ] {
        let records = read(
            format!("{{\"id\":\"a\"}}\n{line}\n{{\"id\":\"b\"}}\n{{\"id\":\"c\"}}").as_bytes(),
        );
        assert_eq!([&records[0], &records[2], &records[3]], ["a", "b", "c"], "{line}");
        let array = format!("[{{\"id\":\"a\"}},\n{line}\n{{\"id\":\"b\"}},\n{{\"id\":\"c\"}}]");
        let records = read(array.as_bytes());
        assert_eq!(records.last().map(String::as_str), Some("c"), "{records:?}");
    }
    // However deep, in time that grows with the length.
    let deep = format!("[{}{}]", "[".repeat(200_000), "}".repeat(200_000));
    assert_eq!(read(deep.as_bytes()).len(), 1);
    // An object that is not closed ends where the next one begins.
    assert_eq!(
        read(
            b"{\"id\":\"a\",\n\"channel\":\"open\",\n {\"id\":\"b\"}\n{\"id\":\"c\n{\"id\":\"d\"}"
        ),
        [
            "1 a: invalid JSON: EOF while parsing a value, at line 2 column 17",
            "b",
            "4: invalid JSON: EOF while parsing a string, at column 8",
            "d",
        ]
    );
}

#[test]
fn one_array() {
    assert_eq!(read(b"[]"), [""; 0]);
    assert_eq!(read(b" [ ] \n"), [""; 0]);
    assert_eq!(
        read(
            b"[{\"id\":\"a,]\\\"}\"},\n {\"id\":7}, 8,\n{\"id\":\"b\",\n\"cloud\":[\"public\"]} ]"
        ),
        [
            "a,]\"}",
            "2: invalid type: integer `7`, expected `id` as a string, at column 8",
            "2: invalid type: integer `8`, expected a case as an object, at column 12",
            "b",
        ]
    );
    assert_eq!(
        read(b"[{\"id\":\"a\"},]{"),
        [
            "a",
            "1: invalid JSON: an element is missing, expected a case as an object",
            "1: invalid JSON: text after the array, expected nothing",
        ]
    );
    assert_eq!(
        read(b"[{\"id\":\"a\"}\n,{\"id\":"),
        [
            "a",
            "2: invalid JSON: EOF while parsing a value, at column 7",
            "2: invalid JSON: the array is not closed, expected `]`",
        ]
    );
    // The last element counts although the array is not closed.
    assert_eq!(
        read(b"[{\"id\":\"a\"}\n"),
        ["a", "2: invalid JSON: the array is not closed, expected `]`"]
    );
    // What is not closed loses its own record alone.
    for (text, error) in [
        (
            "[{\"id\":\"a},\n{\"id\":\"b\"},\n{\"id\":\"c\"}]",
            "1: invalid JSON: EOF while parsing a string",
        ),
        ("[{\"id\":\"a\",\n{\"id\":\"b\"},{\"id\":\"c\"}]", "1 a: invalid JSON: EOF while parsing"),
        (
            "[{\"service\":[\"license\"},{\"id\":\"b\"},\n{\"id\":\"c\"}]",
            "1: invalid JSON: expected `,` or `]`",
        ),
        (
            "[{\"id\":\"a\"]},{\"id\":\"b\"},{\"id\":\"c\"}]",
            "1 a: invalid JSON: expected `,` or `}`",
        ),
        (
            "[{\"service\":[\"license\", {\"id\":\"b\"},{\"id\":\"c\"}]",
            "1: invalid JSON: EOF while parsing",
        ),
        ("[{\"id\":7} {\"id\":\"b\"}\n{\"id\":\"c\"}]", "1: invalid type: integer `7`"),
    ] {
        let read = read(text.as_bytes());
        assert!(read[0].starts_with(error), "{read:?}");
        assert_eq!(read[1..], ["b", "c"]);
    }
    let last = read(b"[{\"id\":\"a\"},\n{\"id\":\"b]\n]");
    assert_eq!(last.len(), 2, "the array is closed: {last:?}");
}

/// Files that do not end in a line feed were joined.
#[test]
fn objects_on_one_line() {
    assert_eq!(
        read(b"{\"id\":\"a\"}{\"id\":\"b\"} {\"id\":\"c\"}\n{\"id\":\"d\"}"),
        ["a", "b", "c", "d"]
    );
    assert_eq!(
        read(
            b"{\n\"id\":\"a\"\n}{\r\n\"id\":\"b\",\n\"cloud\":5\n}{\"id\":\"c\",\"cloud\":5}{\n}\n"
        ),
        [
            "a",
            "3 b: invalid type: integer `5`, expected `cloud` as one of `public`, `us_government`, `germany`, \
             `china`, or a list of these, at line 5 column 9",
            "6 c: invalid type: integer `5`, expected `cloud` as one of `public`, `us_government`, `germany`, \
             `china`, or a list of these, at column 20",
            "6: `id` is missing, expected a string, at line 7 column 1",
        ]
    );
    assert_eq!(
        read(b"{\"id\":\"a\",\"cloud\":5}{\"id\":\"b\"\n {\"id\":\"c\"}\n")[1..],
        ["1 b: invalid JSON: EOF while parsing an object, at column 29", "c"]
    );
    // Other text is a part of the record.
    assert_eq!(
        read(b"{\"id\":\"a\"} [] {\"id\":\"b\"}\n{\"id\":\"c\"}"),
        ["1 a: invalid JSON: trailing characters, at column 12", "c"]
    );
    // All together may be longer than one record, in time that grows with the length.
    for layout in ["{\"id\":\"a\"BLANK}", "{\n\"id\":\"a\"\nBLANK}", "{\"id\":\"a\"}BLANK"] {
        let object = layout.replace("BLANK", &" ".repeat(500));
        let many = 5 * LONGEST / 4 / object.len();
        assert_eq!(read(object.repeat(many).as_bytes()), vec!["a"; many]);
    }
    // Each file has its byte order mark.
    assert_eq!(
        read("\u{feff}{\"id\":\"a\"}\n\u{feff}{\n\"id\":\"b\"}\n\u{feff}".as_bytes()),
        ["a", "b"]
    );
}

/// A byte order mark is ignored even if it arrives byte by byte.
#[test]
fn a_byte_order_mark_in_pieces() {
    for text in ["\u{feff}{\"id\":\"a\"}", "\u{feff}[{\"id\":\"a\"}]"] {
        let mut child =
            program(&["decide", "--json"]).stdin(Stdio::piped()).spawn().expect("it starts");
        let mut stdin = child.stdin.take().expect("a pipe");
        for byte in text.bytes() {
            stdin.write_all(&[byte]).and_then(|()| stdin.flush()).expect("the pipe is open");
            std::thread::sleep(Duration::from_millis(1));
        }
        drop(stdin);
        let output = child.wait_with_output().expect("it ends");
        assert_eq!(lines(&output)[0]["id"], "a");
    }
}

/// An invalid record is answered before the next one is written.
#[test]
fn answers_do_not_wait() {
    let mut child =
        program(&["decide", "--json"]).stdin(Stdio::piped()).spawn().expect("it starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    let mut answers = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    for record in [r#"{"id":"a","channel":"opn"}"#, "x", r#"{"id":"b"}"#] {
        writeln!(stdin, "{record}").and_then(|()| stdin.flush()).expect("the pipe is open");
        // The test ends only if there is an answer.
        let answer = answers.next().expect("an answer").expect("text");
        assert_eq!(answer.contains("error"), record != r#"{"id":"b"}"#, "{answer}");
    }
    // What is complete does not wait for the rest of its line.
    writeln!(stdin, r#"{{"id":"c"}}{{"id":"d","#)
        .and_then(|()| stdin.flush())
        .expect("the pipe is open");
    assert!(answers.next().expect("an answer").expect("text").contains("\"c\""));
    drop(stdin);
    assert!(child.wait().is_ok());
}

/// Only JSON white space is skipped, and no cut record.
#[test]
fn what_is_blank() {
    assert_eq!(read(b"{\x0c\n{\"id\":\"b\"}").last().map(String::as_str), Some("b"));
    let blanks = " ".repeat(LONGEST + 1);
    let lost = format!("{{\"id\":\"a\"}}\n{blanks}{{\"id\":\"lost\"}}\n{{\"id\":\"b\"}}");
    assert_eq!(read(lost.as_bytes()), ["a", "2: the record is longer than 1048576 bytes", "b"]);
}

/// An error at the end of a line is reported for that line.
#[test]
fn places_of_problems() {
    assert_eq!(
        read(b"{\"id\":\"a\"\n\r\n{\"id\":\"b\r\n"),
        [
            "1 a: invalid JSON: EOF while parsing an object, at column 9",
            "3: invalid JSON: EOF while parsing a string, at column 8",
        ]
    );
}

#[test]
fn long_records_are_invalid_alone() {
    let long = format!("{{\"id\":\"{}\"}}", "x".repeat(LONGEST));
    let exact = format!("{{\"id\":\"{}\"}}\r\n", "x".repeat(LONGEST - 9));
    assert_eq!(read(exact.as_bytes())[0].len(), LONGEST - 9);
    let error = "the record is longer than 1048576 bytes";
    assert_eq!(
        read(format!("{long}\n{{\"id\":\"a\"}}").as_bytes()),
        [format!("1: {error}"), "a".into()]
    );
    assert_eq!(
        read(format!("[{long},\n{{\"id\":\"a\"}}]").as_bytes()),
        [format!("1: {error}"), "a".into()]
    );
    let (begin, end) = long.split_at(1);
    assert_eq!(read(format!("{begin}\n{end}").as_bytes()), [format!("1: {error}")]);
    let blank = format!("{begin}\n{}\n\"id\":\"a\"}}", " ".repeat(LONGEST));
    assert_eq!(read(blank.as_bytes())[0], format!("1: {error}"));
}
