//! `multichannel decide` in terminals and pipes.

mod support;

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;

use serde_json::json;
use support::{MAIL, lines, program, run, text};

/// The documented example, literally.
#[test]
fn a_record_of_a_decision() {
    let output = run(&["decide", "--json", "--as-of", "2018-09-15"], MAIL.as_bytes());
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(
        text(&output.stdout),
        concat!(
            r#"{"id":"c-17","as_of":"2018-09-15T00:00:00Z","edition":"2018-09-13","verdicts":{"#,
            r#""request_relationship":{"verdict":"allowed","rules":["license-request"],"advice":["request-grants-administration-only"]},"#,
            r#""recreate_and_cancel":{"verdict":"not_covered"},"#,
            r#""switch":{"verdict":"denied","rules":["license-no-switch"]},"#,
            r#""wait_until_term_end":{"verdict":"conditional","rules":["license-wait"],"requirements":["set_to_end"],"advice":["relationship-before-buying","buy-same-offer-first"]},"#,
            r#""cancel_then_move":{"verdict":"denied","rules":["cancellation-window-closed"]}}}"#,
            "\n"
        )
    );
}

#[test]
fn invalid_records_get_error_records_in_their_place() {
    let input = format!("{{\"id\":\"a\",\"cloud\":\"publik\"}}\n\n{MAIL}\nno JSON\n");
    let output = run(
        &["decide", "--json", "-", "--as-of", "2018-09-15T12:00:00.50+02:00"],
        input.as_bytes(),
    );
    assert_eq!(output.status.code(), Some(1));
    let lines = lines(&output);
    assert_eq!(
        lines[0],
        json!({"id": "a", "line": 1, "error": "unknown cloud `publik`, expected one of `public`, `us_government`, \
            `germany`, `china`; did you mean `public`?, at column 26"})
    );
    assert_eq!(lines[1]["as_of"], "2018-09-15T10:00:00.5Z");
    assert_eq!(lines[2], json!({"line": 4, "error": "invalid JSON: expected ident, at column 2"}));
    assert_eq!(lines.len(), 3);
}

#[test]
fn arrays_are_read_like_lines() {
    let array = run(
        &["decide", "--json", "--as-of", "2018-09-15"],
        format!("[{MAIL},\n{MAIL}]").as_bytes(),
    );
    let plain =
        run(&["decide", "--json", "--as-of", "2018-09-15"], format!("{MAIL}\n{MAIL}").as_bytes());
    assert_eq!(text(&array.stdout), text(&plain.stdout));
    assert_eq!(lines(&array).len(), 2);
}

#[test]
fn the_explained_form() {
    let output = run(&["decide", "--json", "--explain", "--as-of", "2018-09-15"], MAIL.as_bytes());
    let explained = &lines(&output)[0];
    assert_eq!(
        explained["verdicts"]["switch"],
        json!({"verdict": "denied", "rules": [{
            "id": "license-no-switch",
            "reason": "license-based subscriptions can't be switched to a different partner: wait until the term \
                ends, or cancel first",
            "basis": "stated",
            "sources": [{"code": "MC", "page": "multichannel.md", "url": "https://github.com/MicrosoftDocs/\
                partner-center-pr.it-it/commits/live-sxs/partner-center/multichannel.md"}],
            "in_force": {"from": "2016-12-01", "until": "2024-06-19"},
        }]})
    );
    let requirement = &explained["verdicts"]["wait_until_term_end"]["requirements"][0];
    assert_eq!(
        (&requirement["id"], &requirement["rule"]),
        (&json!("set_to_end"), &json!("auto-renew-off-first"))
    );
}

/// An open pipe gets each result without delay.
#[test]
fn answers_do_not_wait_for_the_end_of_the_input() {
    let mut child = program(&["decide", "--json", "--as-of", "2018-09-15"])
        .stdin(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    let mut answers = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    for id in ["a", "b"] {
        writeln!(stdin, r#"{{"id":"{id}"}}"#).expect("the pipe is open");
        let answer = answers.next().expect("an answer").expect("UTF-8");
        assert!(answer.starts_with(&format!(r#"{{"id":"{id}","#)), "{answer}");
    }
    drop(stdin);
    assert!(answers.next().is_none());
    assert_eq!(child.wait().expect("the program ends").code(), Some(0));
}

#[test]
fn an_empty_input_has_no_answers() {
    let output = run(&["decide", "--json"], b"");
    assert_eq!((output.status.code(), output.stdout.len()), (Some(0), 0));
    let output = run(&["decide"], b"");
    assert!(text(&output.stdout).starts_with("0 decided, 0 invalid, as of "));
}

/// Without arguments, the program reads no input.
#[test]
fn without_arguments_the_sample_is_decided() {
    let mut child = program(&[]).stdin(Stdio::piped()).spawn().expect("the program starts");
    let _open = child.stdin.take();
    let output = child.wait_with_output().expect("the program ends without input");
    assert_eq!(output.status.code(), Some(0));
    let printed = text(&output.stdout);
    assert!(printed.starts_with("case"), "{printed}");
    assert!(printed.contains("\nreseller   undetermined"), "{printed}");
    let after = "\nfor the reasons: `multichannel decide --explain`\nfor your own cases: `multichannel decide FILE`\n";
    assert!(printed.ends_with(after), "{printed}");
    assert!(printed.contains("\n12 decided, 0 invalid, as of "), "{printed}");
    assert!(!printed.contains('\u{1b}'), "colors are for terminals");
    assert!(printed.lines().all(|line| line.chars().count() <= 80), "{printed}");
}

#[test]
fn reasons_for_people() {
    let output = run(&["decide", "--explain", "--as-of", "2018-09-15"], MAIL.as_bytes());
    let printed = text(&output.stdout);
    assert!(printed.starts_with("c-17\n    channel: other_csp_partner\n"), "{printed}");
    assert!(printed.contains(
        "\nswitch                denied\n    because     license-based subscriptions can't"
    ));
    assert!(
        printed.ends_with("\n1 decided, 0 invalid, as of 2018-09-15 (edition 2018-09-13)\n"),
        "{printed}"
    );
    assert!(printed.lines().all(|line| line.chars().count() <= 80), "{printed}");
}

/// Text shows a limited number of cases, and counts all.
#[test]
fn many_cases_are_not_all_shown() {
    let lines = format!("{MAIL}\n").repeat(1500) + &"x\n".repeat(1200);
    let output = run(&["decide", "--as-of", "2018-09-15T10:30:00Z"], lines.as_bytes());
    let printed = text(&output.stdout);
    assert_eq!(printed.matches("\nc-17").count(), 1000);
    assert_eq!(printed.matches(" is invalid: ").count(), 1000);
    assert!(printed.ends_with(
        "\n700 more are not shown; `--json` writes all\n\
         1500 decided, 1200 invalid, as of 2018-09-15 10:30 UTC (edition 2018-09-13)\n\
         for the reasons, add `--explain`\n"
    ));
}

/// An id can't control the terminal.
#[test]
fn control_characters_are_shown() {
    let output = run(&["decide"], br#"{"id":"\u001b[2J"}"#);
    assert!(text(&output.stdout).contains(r"\u{1b}[2J"));
}

#[test]
fn failures() {
    for (arguments, message) in [
        (
            &["decide", "no-such-file"][..],
            "error: can't read `no-such-file`: No such file or directory",
        ),
        (
            &["decide", "--as-of", "2016-11-30"],
            "error: no rule is in force at 2016-11-30T00:00:00Z, expected",
        ),
        (
            &["decide", "--as-of", "today"],
            "error: invalid value 'today' for '--as-of <INSTANT>': invalid instant",
        ),
        (&["decied"], "error: unrecognized subcommand 'decied'"),
    ] {
        let output = run(arguments, b"");
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(
            text(&output.stderr).starts_with(message),
            "{arguments:?}: {}",
            text(&output.stderr)
        );
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn a_closed_pipe_is_no_failure() {
    let mut child =
        program(&["decide", "--json"]).stdin(Stdio::piped()).spawn().expect("the program starts");
    drop(child.stdout.take());
    let mut stdin = child.stdin.take().expect("a pipe");
    // The program can end before the input is written.
    let _ = stdin.write_all(format!("{MAIL}\n").repeat(10_000).as_bytes());
    drop(stdin);
    let output = child.wait_with_output().expect("the program ends");
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), ""));
}

#[test]
fn a_full_disk_is_a_failure() {
    let Ok(full) = File::options().write(true).open("/dev/full") else { return };
    let status =
        program(&[]).stdout(full).stderr(Stdio::null()).status().expect("the program ends");
    assert_eq!(status.code(), Some(2));
    // Nor does it matter to the status whether anybody reads why.
    let Ok(full) = File::options().write(true).open("/dev/full") else { return };
    let status = program(&["decide", "no such file"]).stderr(full).status().expect("an end");
    assert_eq!(status.code(), Some(2));
}

/// The documented command prints the documented output.
#[test]
fn the_page_on_json_shows_what_is_printed() {
    let page = include_str!("../../../docs/json.md");
    let block_after = |text: &str| {
        let (_, after) = page.split_once(text).expect(text);
        let (_, block) = after.split_once("```json\n").expect("a block");
        block.split_once("```").expect("the end of the block").0
    };
    let plain = |text: &str| text.split_whitespace().collect::<String>();
    let output = run(
        &["decide", "--json", "--as-of", "2018-09-15"],
        block_after("For these two lines").as_bytes(),
    );
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        plain(text(&output.stdout)),
        plain(block_after("`multichannel decide --json --as-of 2018-09-15` writes"))
    );
}
