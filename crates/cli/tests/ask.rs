//! `multichannel ask`: in a pipe, and in a real terminal.

mod support;

use serde_json::json;
use support::{lines, run, text};

const ANSWERS: &str = "\
# an interview
cloud: public
service: new_commerce_license
channel: other_csp_partner
partner: direct_bill
relationship: active
customer: end_customer
region: same
term: 2026-03-01T09:00:00Z 2027-02-28
at_term_end: renew, extend
status: active
transfer: none
";

#[test]
fn in_a_pipe() {
    let output = run(&["ask", "--json", "--as-of", "2026-11-27"], ANSWERS.as_bytes());
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(text(&output.stderr), "");
    let record = &lines(&output)[0];
    assert_eq!(
        record["case"],
        json!({"id": "interview", "channel": "other_csp_partner", "service": "new_commerce_license",
            "cloud": "public", "partner": "direct_bill", "relationship": "active", "customer": "end_customer",
            "region": "same", "at_term_end": ["renew", "extend"], "status": "active", "transfer": "none",
            "term": {"purchased_at": "2026-03-01T09:00:00Z", "ends_on": "2027-02-28"}})
    );
    assert_eq!(record["decision"]["verdicts"]["switch"]["verdict"], "allowed");
    assert_eq!(record["plans"]["plans"][0]["action"], "switch");
    assert_eq!(record["questions"], json!([]));
}

/// Numbers, `?`, `back`, `why`, and dates with their variants.
#[test]
fn answers() {
    let ask = |answers: &str| {
        run(
            &["ask", "--json", "--action", "wait_until_term_end", "--as-of", "2026-11-27"],
            answers.as_bytes(),
        )
    };
    let case = |answers: &str| lines(&ask(answers))[0]["case"].clone();
    // The first question is about the cloud, and its first answer the public one.
    assert_eq!(case("1\nquit\n"), json!({"id": "interview", "cloud": "public"}));
    assert_eq!(case("1, 2\nquit\n")["cloud"], json!(["public", "us_government"]));
    assert_eq!(case("1\nback\nquit\n"), json!({"id": "interview"}));
    assert_eq!(case("?\nquit\n"), json!({"id": "interview"}));
    assert_eq!(case("cloud: china # the fact is named\nquit\n")["cloud"], "china");
    let term = |dates: &str| case(&format!("term: {dates}\nquit\n"))["term"].clone();
    assert_eq!(
        term("2026-01-10 2027-01-09"),
        json!({"purchased_at": "2026-01-10T00:00:00Z", "ends_on": "2027-01-09"})
    );
    assert_eq!(
        term("? 2027-01-09 never"),
        json!({"ends_on": "2027-01-09", "cancellable_until": null})
    );
    assert_eq!(
        term("? 2027-01-09 2026-12-01T10:30:00+01:00"),
        json!({"ends_on": "2027-01-09", "cancellable_until": "2026-12-01T09:30:00Z"})
    );
    assert_eq!(case("term_phase: committed\nquit\n")["term_phase"], "committed");
    let why = ask("why\nquit\n");
    let why = text(&why.stderr);
    assert!(
        why.starts_with("wait_until_term_end (") && why.contains("`cloud`, by germany-withdrawn"),
        "{why}"
    );
    assert!(why.lines().all(|line| line.chars().count() <= 80), "{why}");
}

#[test]
fn wrong_answers_end_a_pipe() {
    for (answers, error) in [
        ("cloud: publik\n", "line 1: unknown cloud `publik`, expected one of `public`"),
        ("\n7\n", "line 2: invalid answer `7`, expected 1 to 4"),
        ("clod: public\n", "line 1: unknown fact `clod`"),
        ("term: 2027-01-09\n", "line 1: invalid dates `2027-01-09`, expected the purchase"),
        (
            "term: 2026-01-10 9.1.2027\n",
            "line 1: invalid last day `9.1.2027`, expected a day such as",
        ),
        ("term: x\n", "line 1: invalid dates `x`, expected the purchase"),
        (
            "term: 2027-01-10 2027-01-09\n",
            "the last day `2027-01-09` is before the purchase, expected the same day or a later one",
        ),
        (
            "service: azure\nterm: 2026-01-10 2027-01-09\n",
            "line 2: unexpected dates: `azure` has no term",
        ),
        (
            "term: 2026-03-01 2027-02-28\nterm_phase: cancellable\n",
            "line 2: `term_phase: cancellable` contradicts the dates of the term, expected `term: ?` first",
        ),
        (
            "channel: this_partner\nrelationship: active\nx\n",
            "line 3: no question is left, expected `FACT: ANSWER`, `back` or `quit`",
        ),
        ("back\n", "line 1: there is no answer to undo"),
        ("cloud: public", "the answers end before the last question"),
    ] {
        let output = run(&["ask", "--as-of", "2026-11-27", "-"], answers.as_bytes());
        assert_eq!(output.status.code(), Some(1), "{answers}");
        assert!(text(&output.stderr).contains(error), "{answers}: {}", text(&output.stderr));
        // Earlier answers are kept.
        assert!(text(&output.stdout).contains("Plans to move the subscription, as of 2026-11-27"));
    }
    let invalid = run(&["ask", "-"], b"\xff\n");
    assert!(text(&invalid.stderr).contains("line 1: invalid answer, expected UTF-8"));
}

/// A question that is left open takes nothing away that is known: several values, or dates that leave it open.
#[test]
fn an_open_question_keeps_what_is_known() {
    let answers =
        "channel: direct, open\nservice: license\nterm: ? 2027-02-28\n?\n?\n?\n?\n?\n?\n?\n?\n?\n";
    let output = run(&["ask", "--json", "--as-of", "2026-11-27", "-"], answers.as_bytes());
    let case = &lines(&output)[0]["case"];
    assert_eq!(case["term"], json!({"ends_on": "2027-02-28"}), "{case}");
    assert_eq!(case["channel"], json!(["direct", "open"]), "{case}");
}

#[test]
fn from_a_record_and_a_file() {
    let directory = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"));
    let (case, answers) = (directory.join("known.json"), directory.join("answers.txt"));
    std::fs::write(&case, r#"{"id":"c-17","cloud":"public","channel":"open"}"#).expect("a file");
    std::fs::write(&answers, "service: license\nquit\n").expect("a file");
    let arguments = ["ask", "--json", "--case", case.to_str().unwrap(), answers.to_str().unwrap()];
    let output = run(&arguments, b"");
    assert_eq!(
        lines(&output)[0]["case"],
        json!({"id": "c-17", "channel": "open", "service": "license", "cloud": "public"})
    );
    std::fs::write(&case, "\n").expect("a file");
    let output = run(&arguments, b"");
    assert_eq!(output.status.code(), Some(2));
    assert!(
        text(&output.stderr).contains("has no record, expected a case"),
        "{}",
        text(&output.stderr)
    );
    std::fs::write(&case, r#"{"cloud":"public"}"#).expect("a file");
    let output = run(&arguments, b"");
    assert_eq!(output.status.code(), Some(2));
    assert!(
        text(&output.stderr).contains("line 1 is invalid: `id` is missing"),
        "{}",
        text(&output.stderr)
    );
}

#[cfg(unix)]
mod in_a_terminal {
    use std::process::Command;

    use rexpect::session::{PtySession, spawn_command};

    fn ask(arguments: &[&str]) -> PtySession {
        let mut command = Command::new(env!("CARGO_BIN_EXE_multichannel"));
        command.arg("ask").args(["--as-of", "2026-11-27"]).args(arguments).env("TERM", "xterm");
        spawn_command(command, Some(10_000)).expect("a terminal")
    }

    /// The exit status: `Exited(…, 0)`, or `Signaled(…, SIGINT, …)`.
    fn status(session: &PtySession) -> String {
        format!("{:?}", session.process().wait().expect("a status"))
    }

    #[test]
    fn an_interview() -> Result<(), rexpect::error::Error> {
        let mut session = ask(&["--action", "wait_until_term_end"]);
        session.exp_string("In which cloud is the subscription (GCC is in the public one)?")?;
        session.exp_string("[public]")?;
        session.exp_string("cloud> ")?;
        // An invalid answer is explained, and the question is repeated.
        session.send_line("publik")?;
        session.exp_string("unknown cloud `publik`, expected one of `public`")?;
        session.exp_string("cloud> ")?;
        session.send_line("why")?;
        session.exp_string("`cloud`, by germany-withdrawn")?;
        session.exp_string("cloud> ")?;
        session.send_line("1")?;
        session.exp_string("cloud: public")?;
        session.exp_string("> ")?;
        session.send_line("back")?;
        session.exp_string("cloud: answer undone")?;
        session.exp_string("cloud> ")?;
        session.send_line("china")?;
        // No question is left, so the result follows.
        session.exp_string("Plans to move the subscription, as of 2026-11-27: none")?;
        session.exp_string("not covered")?;
        session.exp_eof()?;
        assert!(status(&session).ends_with(", 0)"), "exit status");
        Ok(())
    }

    #[test]
    fn the_end_of_the_input() -> Result<(), rexpect::error::Error> {
        let mut session = ask(&[]);
        session.exp_string("> ")?;
        session.send_control('d')?;
        session.exp_string("Plans to move the subscription")?;
        session.exp_string("error: the answers end before the last question")?;
        session.exp_eof()?;
        assert!(status(&session).ends_with(", 1)"), "exit status");
        Ok(())
    }

    /// Ctrl-C ends the program by a signal: a shell reports 130.
    #[test]
    fn interrupted() -> Result<(), rexpect::error::Error> {
        let mut session = ask(&[]);
        session.exp_string("> ")?;
        session.send_control('c')?;
        session.exp_eof()?;
        let status = status(&session);
        assert!(status.starts_with("Signaled") && status.contains("SIGINT"), "{status}");
        Ok(())
    }

    #[test]
    fn quit() -> Result<(), rexpect::error::Error> {
        let mut session = ask(&[]);
        session.exp_string("> ")?;
        session.send_line("quit")?;
        session.exp_string("Next question")?;
        session.exp_eof()?;
        assert!(status(&session).ends_with(", 0)"), "exit status");
        Ok(())
    }
}

/// Standard input has either the case or the answers.
#[test]
fn a_case_and_answers_from_one_input() {
    let output =
        run(&["ask", "--as-of", "2026-11-27", "--case", "-"], b"{\"id\":\"x\"}\ncloud: public\n");
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty(), "nothing is lost in silence");
}
