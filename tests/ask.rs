//! The example program `ask`, run as a user would: through pipes, from files, and in a terminal.

#![cfg(all(feature = "std", feature = "serde"))]

mod programs;

use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use csp_multichannel::guidance::Weights;
use csp_multichannel::{
    Action, ActionSet, Assignment, Case, DecisionRecord, Edition, Fact, Facts, Rulebook, Set, Value, Verdict,
    parse_instant,
};
use programs::program;
use serde_json::Value as Json;

const DAY: &str = "2026-11-24";

/// What a run says, and how it ends.
struct Ended {
    status: Option<i32>,
    told: String,
    errors: String,
}

/// A text as if all of it stood in one line.
fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn run_on(day: &str, arguments: &[&str], input: &[u8]) -> Ended {
    let output = programs::run("ask", &[&["--as-of", day], arguments].concat(), input);
    let text = |bytes| String::from_utf8(bytes).expect("text");
    Ended { status: output.status.code(), told: text(output.stdout), errors: text(output.stderr) }
}

fn run(arguments: &[&str], input: &[u8]) -> Ended {
    run_on(DAY, arguments, input)
}

fn answered(arguments: &[&str], lines: &[&str]) -> Ended {
    run(arguments, lines.iter().flat_map(|line| [line, "\n"]).collect::<String>().as_bytes())
}

impl Ended {
    /// The one object of `--json`.
    fn json(&self) -> Json {
        assert_eq!(self.told.lines().count(), 1, "{}", self.told);
        serde_json::from_str(&self.told).expect("JSON")
    }

    /// The record with which the prose ends.
    fn record(&self) -> &str {
        let record = self.told.lines().last().expect("a line");
        serde_json::from_str::<Case>(record).expect("a case");
        record
    }
}

/// A file for one test.
fn file(name: &str, content: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("ask-{}-{name}", std::process::id()));
    std::fs::write(&path, content).expect("a directory for temporary files");
    path
}

fn path(path: &Path) -> &str {
    path.to_str().expect("text")
}

fn edition(day: &str) -> Edition<'static> {
    Rulebook::partner_center().edition_at(parse_instant(day).expect("a day")).expect("an edition")
}

/// The answers that settle the verdicts on a case, each as the value of the fact that is asked for; by the library itself.
fn answers(edition: Edition<'_>, case: Facts, actions: ActionSet) -> Vec<(Facts, Value)> {
    let mut facts = Facts::UNKNOWN;
    let mut answers = Vec::new();
    while let Some(question) = edition.decide(facts).questions(actions, &Weights::EVEN).first() {
        let value = case.possible(question.fact()).single().expect("a known fact");
        answers.push((facts, value));
        facts = facts.given(value).expect("a possible answer");
    }
    answers
}

/// Known cases from everywhere in the space.
fn cases(step: usize) -> impl Iterator<Item = Facts> {
    Assignment::all().step_by(step).map(Facts::from)
}

// Full interviews.

/// By number, word and name in turn: the questions are those of the library, no more than there are facts, and the verdicts are those on the case.
#[test]
fn every_interview_ends_in_verdicts() {
    for day in ["2018-09-15", DAY] {
        for case in cases(14_983) {
            let answers = answers(edition(day), case, Set::all());
            let written = answers.iter().enumerate().map(|(at, &(facts, value))| {
                let place = facts.possible(value.fact()).iter().position(|other| other == value).expect("possible");
                match at % 3 {
                    0 => format!("{}\n", place + 1),
                    1 => format!("{value}\n"),
                    _ => format!("{}: {value}\n", value.fact()),
                }
            });
            let ended = run_on(day, &["--json"], written.collect::<String>().as_bytes());
            assert_eq!(ended.status, Some(0), "{case}: {}", ended.errors);
            assert!(answers.len() <= Fact::ALL.len());
            let json = ended.json();
            assert_eq!(json["questions"], Json::Array(Vec::new()));
            for (action, verdict) in edition(day).decide(case).verdicts().iter() {
                assert_ne!(verdict, Verdict::Undetermined);
                assert_eq!(json["decision"]["verdicts"][action.as_str()]["verdict"], verdict.as_str(), "{case}");
            }
        }
    }
}

/// Only what is asked about has to be settled.
#[test]
fn an_interview_about_one_action() {
    for case in cases(99_991) {
        let answers = answers(edition(DAY), case, Action::Switch.into());
        let words: Vec<&str> = answers.iter().map(|(_, value)| value.as_str()).collect();
        let ended = answered(&["--json", "--action", "switch"], &words);
        assert_eq!(ended.status, Some(0), "{case}: {}", ended.errors);
        let verdict = edition(DAY).decide(case).verdict(Action::Switch);
        assert_eq!(ended.json()["decision"]["verdicts"]["switch"]["verdict"], verdict.as_str());
    }
    let both =
        answered(&["--action", "switch", "--action", "request_relationship"], &["channel: open", "service: azure"]);
    assert_eq!(both.status, Some(1));
}

/// An interview in which everything matters, each answer by its name.
const INTERVIEW: [&str; 11] = [
    "channel: other_csp_partner",
    "service: new_commerce_license",
    "cloud: public",
    "term: 2026-11-20 2027-11-19",
    "auto_renew: yes",
    "partner: direct_bill",
    "relationship: none",
    "customer: end_customer",
    "market: same",
    "status: active",
    "transfer: none",
];

#[test]
fn a_report_in_prose() {
    let ended = answered(&[], &INTERVIEW);
    assert_eq!((ended.status, ended.errors.as_str()), (Some(0), ""));
    let case: Case = serde_json::from_str(ended.record()).expect("a case");
    let decision = edition(DAY).decide(case.facts(parse_instant(DAY).expect("a day")));
    assert!(
        ended.told.starts_with("As of 2026-11-24T00:00:00Z, told:\n    channel       other_csp_partner (from another")
    );
    assert!(ended.told.contains(&format!("\n{decision}\n")), "{}", ended.told);
    let changes = ended.told.split_once("\nWhat would change that:\n").expect("changes").1;
    for &action in Action::ALL {
        let is_told = changes.contains(&format!("    {action} would be allowed with "));
        assert_eq!(is_told, decision.verdict(action) != Verdict::Allowed, "{action}");
    }
    let plans = changes.split_once("\nHow to move the subscription:\n").expect("plans").1;
    for line in [
        "    switch, done from 2026-11-24T00:00:00Z on\n",
        "     1. new_partner: request the relationship, from 2026-11-24T00:00:00Z\n        by license-request\n",
        "         2. customer: accept in the Microsoft 365 admin center\n",
        "     3. new_partner: transfer the subscription, from 2026-11-24T00:00:00Z, after 2\n",
        "            reported, transfer-azure-subscriptions-under-azure-plan.md\n",
        "    wait_until_term_end, done from 2027-11-20T00:00:00Z on\n",
        "    recreate_and_cancel not_covered from 2026-11-24T00:00:00Z: the documents are silent\n",
    ] {
        assert!(plans.contains(line), "{line}{plans}");
    }
    assert!(ended.told.lines().rev().skip(1).all(|line| line.chars().count() <= 100));

    let manage = answered(&["--goal", "manage"], &INTERVIEW);
    assert!(manage.told.contains("\nHow to manage the subscription:\n    request_relationship, done from "));
}

#[test]
fn a_report_as_json() {
    let ended = answered(&["--json"], &INTERVIEW);
    let json = ended.json();
    let keys: Vec<&String> = json.as_object().expect("an object").keys().collect();
    assert_eq!(keys, ["case", "decision", "plans", "questions"]);
    let case: Case = serde_json::from_value(json["case"].clone()).expect("a case");
    assert_eq!(case.subscription.term().map(|term| term.ends_on().to_string()).as_deref(), Some("2027-11-19"));
    let decision: DecisionRecord = serde_json::from_value(json["decision"].clone()).expect("a decision");
    assert_eq!(decision.id, case.id);
    assert_eq!(json["plans"]["goal"], "move");
    assert_eq!(json["plans"]["ways"][2]["done"], "2027-11-20T00:00:00Z");
    assert_eq!(json["questions"], Json::Array(Vec::new()));

    let ended = answered(&["--json"], &INTERVIEW[..3]);
    let left = ended.json()["questions"].as_array().expect("a list").len();
    assert_eq!((ended.status, left), (Some(1), 8));
}

/// Cut anywhere, the record of what was told goes on to the same end.
#[test]
fn an_interview_goes_on_where_it_ended() {
    let whole = answered(&["--json"], &INTERVIEW).json();
    for (at, end) in (0..INTERVIEW.len()).flat_map(|at| [(at, "quit"), (at, "# the end")]) {
        let (first, rest) = INTERVIEW.split_at(at);
        let ended = answered(&[], &[first, &[end]].concat());
        assert_eq!(ended.status, Some(i32::from(end != "quit")), "{}", ended.errors);
        assert!(ended.told.contains(", told so far:\n") && ended.told.contains("\nStill to ask, at most:\n"));
        assert!(ended.told.contains("\nby the edition of 2026-05-04\n"));
        assert_eq!(ended.errors.is_empty(), end == "quit");

        // A byte order mark, as some editors leave it.
        let record = file("continued.json", &format!("\u{feff}{}\r\n", ended.record()));
        let ended = answered(&["--json", "--case", path(&record)], rest);
        assert_eq!(ended.status, Some(0));
        assert_eq!(ended.json(), whole, "cut at {at}");
    }
}

#[test]
fn answers_from_a_file() {
    let answers =
        file("answers.txt", &format!("\u{feff}# Mail.\r\n\r\n  \r\n{} # from the old one\r\n", INTERVIEW.join("\r\n")));
    let whole = answered(&["--json"], &INTERVIEW).told;
    assert_eq!(run(&["--json", path(&answers)], b"not read").told, whole);
    assert_eq!(answered(&["--json", "-"], &INTERVIEW).told, whole);
}

// What is wrong.

#[test]
fn a_wrong_line_is_told_and_nothing_before_it_is_lost() {
    for (wrong, error) in [
        ("opne", "`opne` is no answer, expected 1 to 7, one of `license`, "),
        ("0", "`0` is no answer, expected 1 to 7"),
        ("8", "`8` is no answer, expected 1 to 7"),
        ("yes", "`yes` is no answer"),
        ("2026-01-10 2027-01-09", "`2026-01-10 2027-01-09` is no answer, expected 1 to 7"),
        ("colour: blue", "unknown fact `colour`, expected one of `channel`, `service`, "),
        (
            "cloud: sky",
            "`sky` is no answer, expected 1 to 4, one of `public`, `us_government`, `germany`, `china`, `?`, ",
        ),
        ("cloud:", "`` is no answer, expected 1 to 4"),
        ("channel: direct", "`channel` cannot be `direct` with what is told, expected `open`, `back`, "),
        ("channel: ?", "`channel` is known, expected `open`, "),
        ("term: 2026-01-10", "`2026-01-10` has not two dates or three, expected purchase, last day, "),
        ("term: 2026-01-10 2027-01-09 never ever", "has not two dates or three"),
        ("term: 2026-13-10 2027-01-09", "`2026-13-10` is no instant, expected a day such as "),
        ("term: 2026-01-10 2027-1-09", "`2027-1-09` is no day, expected one such as `2027-01-09`"),
        ("term: 2026-01-10 2027-01-09T00:00:00Z", "`2027-01-09T00:00:00Z` is no day"),
        ("term: 2026-01-10 2027-01-09 nevr", "`nevr` is no instant, expected a day such as "),
        (
            "term: 2026-01-10 2026-01-09",
            "`ends_on` 2026-01-09 is before `purchased_at` 2026-01-10T00:00:00Z, expected ",
        ),
        (
            "term: running",
            "`running` is no answer, expected 1 to 4, one of `none`, `cancellable`, `committed`, `ended`, dates such as ",
        ),
    ] {
        let ended = answered(&[], &["# A case.", "channel: open", "", wrong, "cloud: public"]);
        assert_eq!(ended.status, Some(1), "{wrong}");
        assert!(
            ended.errors.starts_with("error: line 4: ") && ended.errors.contains(error),
            "{wrong}: {}",
            ended.errors
        );
        assert_eq!(ended.errors.lines().count(), 1);
        assert_eq!(ended.record(), r#"{"id":"interview","channel":"open"}"#);
    }
}

#[test]
fn what_does_not_go_together_is_refused() {
    for (lines, error) in [
        (&["service: azure", "term: committed"][..], "`term` cannot be `committed` with what is told, expected `none`"),
        (&["service: azure", "term: 2026-01-10 2027-01-09"], "what is paid by use has no term, expected no dates"),
        (&["term: none", "term: 2026-01-10 2027-01-09"], "what is paid by use has no term, expected no dates"),
        (
            &["term: none", "service: license"],
            "`service` cannot be `license` with what is told, expected 1 to 2, one of `azure`, `azure_plan`",
        ),
        (
            &["term: 2026-01-10 2027-01-09", "service: azure"],
            "`service` cannot be `azure` with what is told, expected 1 to 5",
        ),
        (&["term: 2026-01-10 2027-01-09", "term: 2026-01-11 2027-01-09"], "the dates of the term are told"),
        (
            &["term: committed", "service: license", "term: 2026-01-10 2027-01-09"],
            "with that, `term` cannot be `committed` as told, only `cancellable`",
        ),
        (
            &["term: 2026-01-10 2027-01-09", "term: committed", "service: license"],
            "with that, `term` cannot be `committed` as told, only `cancellable`",
        ),
        (&["back"], "nothing has been answered yet, expected an answer"),
        (&["channel: this_partner", "why"], "nothing is left to ask, expected `fact: answer`, `back` or `quit`"),
        (&["channel: this_partner", "azure"], "nothing is left to ask, expected `fact: answer`, `back` or `quit`"),
    ] {
        let ended = answered(&[], lines);
        assert_eq!(ended.status, Some(1), "{lines:?}");
        assert!(
            ended.errors.starts_with(&format!("error: line {}: {error}", lines.len())),
            "{lines:?}: {}",
            ended.errors
        );
    }
}

#[test]
fn input_does_not_steer_the_terminal_or_take_all_memory() {
    let ended = run(&[], b"channel: open\n\x1b[31mred\x07\n");
    assert!(
        ended.errors.contains(r"`\u{1b}[31mred\u{7}` is no answer") && !ended.errors.contains('\x1b'),
        "{}",
        ended.errors
    );

    let case = file("steering.json", r#"{"id":"\u001b[31m\u009bred"}"#);
    let ended = run(&["--case", path(&case)], b"");
    assert!(!ended.told.contains(['\x1b', '\u{9b}']));
    assert_eq!(serde_json::from_str::<Case>(ended.record()).expect("a case").id, "\u{1b}[31m\u{9b}red");

    let long = |length| [b"channel: open", vec![b' '; length].as_slice(), b"#\nservice: azure\n"].concat();
    assert!(run(&[], &long(900)).record().contains("azure"));
    for input in [[b"channel: open\n".as_slice(), &vec![b'x'; 3 << 20], b"\n"].concat(), long(2_000)] {
        let ended = run(&[], &input);
        assert_eq!(ended.status, Some(1));
        assert!(ended.errors.contains(": the line is longer than 1024 bytes"), "{}", ended.errors);
    }
    let ended = run(&[], b"channel: \xff\n");
    assert!(ended.errors.starts_with("error: line 1: the line is no UTF-8"), "{}", ended.errors);
    let excerpt = run(&[], &[b'x'; 1_000]).errors;
    assert!(excerpt.len() < 500, "{excerpt}");
}

#[test]
fn unusable_arguments() {
    let wrong = file("wrong.json", r#"{"id":"c-1","channel":"opne"}"#);
    let broken = file("broken.json", "{\"id\":\"c-1\"}\n{}");
    let long = file("long.json", &" ".repeat(2 << 20));
    for (arguments, error) in [
        (&["no-such-file.txt"][..], "cannot read `no-such-file.txt`"),
        (&["src"], "cannot read `src`"),
        (&["--case", "no-such-file.json"], "cannot read `no-such-file.json`"),
        (&["--case", "src"], "cannot read `src`"),
        (&["--case", path(&wrong)], "is no record of a case: `channel` is \"opne\", expected one of `direct`, "),
        (&["--case", path(&broken)], "is no record of a case: no valid JSON: trailing characters at line 2 column 1"),
        (&["--case", path(&long)], "is no record of a case: it is longer than 1048576 bytes"),
        (&["--action", "swich"], "unknown action `swich`, expected one of `request_relationship`, "),
        (&["--goal", "stay"], "unknown goal `stay`, expected one of `manage`, `move`"),
        (&["--yaml"], "unexpected argument '--yaml'"),
        (&["-", "-"], "unexpected argument '-'"),
    ] {
        let ended = run(arguments, b"");
        assert_eq!((ended.status, ended.told.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(ended.errors.contains(error), "{arguments:?}: {}", ended.errors);
    }
    for (day, error) in
        [("yesterday", "`yesterday` is no instant"), ("2016-11-30", "no rule is in force at 2016-11-30")]
    {
        let ended = run_on(day, &[], b"");
        assert_eq!((ended.status, ended.told.as_str()), (Some(2), ""));
        assert!(ended.errors.contains(error), "{}", ended.errors);
    }
}

// Answers.

#[test]
fn answers_are_taken_back() {
    let record = |lines: &[&str]| {
        let ended = answered(&[], lines);
        ended.record().to_owned()
    };
    assert_eq!(record(&["open", "back"]), r#"{"id":"interview"}"#);
    assert_eq!(record(&["open", "azure", "back", "back", "direct"]), r#"{"id":"interview","channel":"direct"}"#);
    assert_eq!(record(&["open", "?", "back", "license"]), r#"{"id":"interview","channel":"open","service":"license"}"#);
    assert_eq!(
        record(&["open", "license", "term: 2026-01-10 2027-01-09", "back", "term: 2026-01-11 2027-01-10"]),
        r#"{"id":"interview","channel":"open","service":"license","term":{"purchased_at":"2026-01-11T00:00:00Z","ends_on":"2027-01-10"}}"#,
    );
    // Not beyond what the record knew.
    let case = file("known.json", r#"{"id":"c-1","channel":"open"}"#);
    let ended = answered(&["--case", path(&case)], &["azure", "back", "back"]);
    assert!(ended.errors.starts_with("error: line 3: nothing has been answered yet"));
    assert_eq!(ended.record(), r#"{"id":"c-1","channel":"open"}"#);
    // Also what settled all.
    let ended = answered(&[], &["this_partner", "BACK", "  Direct "]);
    assert_eq!((ended.status, ended.record()), (Some(1), r#"{"id":"interview","channel":"direct"}"#));
}

/// What is not known is not asked again, and the interview ends when nothing else matters.
#[test]
fn what_is_not_known_is_skipped() {
    let ended = answered(&["--json"], &["?"; 11]);
    assert_eq!(ended.status, Some(0), "{}", ended.errors);
    assert_eq!(ended.json()["questions"].as_array().expect("a list").len(), 11);
    assert_eq!(answered(&[], &["skip"; 10]).status, Some(1));
    assert_eq!(
        answered(&[], &["?"; 12]).errors.lines().next().map(|line| line.starts_with("error: line 12: nothing is left")),
        Some(true)
    );

    let lines = INTERVIEW.map(|line| if line.starts_with("status") { "status: skip" } else { line });
    let ended = answered(&[], &lines);
    assert_eq!(ended.status, Some(0));
    assert!(ended.told.contains("\n    status        not known\n") && ended.told.contains("turns on  status\n"));
    assert!(!ended.record().contains("status"));
    let known_after_all = answered(&["--json"], &[&lines[..], &["status: active"]].concat());
    assert_eq!(known_after_all.json(), answered(&["--json"], &INTERVIEW).json());
}

#[test]
fn dates_become_a_term() {
    let known = ["channel: open", "service: new_commerce_license", "cloud: public"];
    for (dates, phase, record) in [
        ("2026-11-20 2027-11-19", "cancellable", r#""ends_on":"2027-11-19"}"#),
        ("2026-11-10T12:00:00+02:00 2027-11-19", "committed", r#"{"purchased_at":"2026-11-10T10:00:00Z","#),
        ("2026-11-10 2027-11-19 2026-12-01", "cancellable", r#""cancellable_until":"2026-12-01T00:00:00Z"}"#),
        ("2026-11-10 2027-11-19 2026-11-24", "committed", r#""cancellable_until":"2026-11-24T00:00:00Z"}"#),
        ("2026-11-20   2027-11-19 Never", "committed", r#""cancellable_until":null}"#),
        ("2025-11-20 2026-11-19", "ended", r#""ends_on":"2026-11-19"}"#),
    ] {
        let ended = answered(&[], &[&known[..], &[&format!("term: {dates}")]].concat());
        assert!(flat(&ended.told).contains(&format!("; {phase} (")), "{dates}: {}", ended.told);
        assert!(ended.record().contains(record), "{}", ended.record());
        let asked = ended.told.split_once("Still to ask").expect("questions").1;
        assert!(!asked.contains("Where is the subscription in its term?"));
    }
    // Asked for the term, no name is needed.
    let lines = ["other_csp_partner", "license", "public", "2026-01-10 2027-01-09"];
    let ended = answered(&["--action", "cancel_then_move"], &lines);
    assert!(ended.record().contains(r#""ends_on":"2027-01-09""#), "{}{}", ended.told, ended.errors);
    // Without a service the dates leave the phase open; the service tells it, not another question.
    let ended = answered(&[], &["term: 2026-01-10 2027-01-09"]);
    assert!(ended.told.contains("; cancellable or committed\n"));
    let ended =
        answered(&["--json"], &["term: 2026-01-10 2027-01-09", "service: license", "channel: open", "cloud: public"]);
    assert_eq!(ended.json().get("term_phase"), None);
}

/// A record has no place for a phase without dates, and the plan does not know its end: that is told.
#[test]
fn a_phase_is_not_lost_without_a_word() {
    let lines = INTERVIEW.map(|line| if line.starts_with("term") { "term: committed" } else { line });
    let ended = answered(&[], &lines);
    assert_eq!(ended.status, Some(0));
    assert!(ended.told.contains("    without the dates of the term, no plan knows until when it is committed\n"));
    assert!(ended.told.contains("\n    wait_until_term_end\n     1. "), "{}", ended.told);
    assert!(ended.told.contains("\nA record has no place for `term: committed`: tell it again, or tell the dates.\n"));
    assert_eq!(answered(&["--json"], &lines).json()["term_phase"], "committed");
    let dated = answered(&["--json"], &[&lines[..], &["term: 2026-01-10 2027-01-09"]].concat());
    assert_eq!((dated.status, dated.json().get("term_phase")), (Some(0), None), "{}", dated.errors);
}

#[test]
fn why_tells_what_each_answer_leads_to() {
    let ended = answered(&["--json"], &["why", "channel: open", "quit"]);
    assert_eq!(ended.status, Some(0));
    assert_eq!(ended.json()["case"]["channel"], "open");
    assert!(
        ended.errors.starts_with("Where did the customer buy the subscription? (channel)\n    direct: "),
        "{}",
        ended.errors
    );
    assert!(
        flat(&ended.errors)
            .contains(" this_partner: request_relationship not_covered, recreate_and_cancel not_covered, ")
    );
    // Once all is settled, there is nothing to quit.
    let ended = answered(&[], &["this_partner", "quit", "not read"]);
    assert_eq!(ended.status, Some(0));
    assert!(ended.told.contains(", told:\n") && ended.told.contains("\nHow to move"));
}

#[test]
fn an_input_without_answers() {
    let ended = run(&[], b"");
    assert_eq!((ended.status, ended.record()), (Some(1), r#"{"id":"interview"}"#));
    assert!(ended.told.contains("told so far:\n    nothing\n"));
    assert_eq!(ended.errors, "error: the answers ended before the questions did\n");
    // Where the record settles all, none is needed.
    let case = file("settled.json", r#"{"id":"c-1","channel":"this_partner"}"#);
    let ended = run(&["--case", path(&case)], b"");
    assert_eq!((ended.status, ended.errors.as_str()), (Some(0), ""));
    assert!(ended.told.contains("    no way is known to lead there\n"));
}

/// The help's own example.
#[cfg(unix)]
#[test]
fn the_help_shows_an_example_that_works() {
    let help = run(&["--help"], b"");
    assert_eq!(help.status, Some(0));
    let example = help.told.split_once("Example: ").expect("an example").1.trim();
    let directory = program("ask").parent().expect("a directory").to_owned();
    let command = format!("PATH={}:$PATH; {example}", directory.display());
    let output = Command::new("sh").args(["-c", &command]).output().expect("a shell");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let mut child = started(&["--as-of", DAY]);
    drop(child.stdout.take());
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(b"this_partner\n").expect("a reader");
    drop(stdin);
    let output = child.wait_with_output().expect("it ends");
    assert_eq!((output.status.code(), output.stderr.len()), (Some(0), 0));
}

fn started(arguments: &[&str]) -> std::process::Child {
    Command::new(program("ask"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the example, which `cargo test` or `cargo build --example ask` builds")
}

/// Ctrl-C while the program waits for a line.
#[cfg(unix)]
#[test]
fn an_interrupt_loses_nothing() {
    let mut child = started(&["--as-of", DAY]);
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(b"open\nwhy\n").expect("a reader");
    // What `why` tells shows that the line before it was taken.
    let mut line = String::new();
    BufReader::new(child.stderr.as_mut().expect("a pipe")).read_line(&mut line).expect("text");
    assert_eq!(line, "What was bought? (service)\n");
    let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill");
    assert!(killed.success());
    let output = child.wait_with_output().expect("it ends");
    let told = String::from_utf8(output.stdout).expect("text");
    assert_eq!(
        (output.status.code(), told.lines().last()),
        (Some(130), Some(r#"{"id":"interview","channel":"open"}"#))
    );
    drop(stdin);
}

// In a terminal.

/// A terminal of 60 columns, in a tmux of its own.
struct Terminal {
    socket: String,
}

impl Terminal {
    /// Starts the program; none where there is no tmux.
    fn start(name: &str, arguments: &str) -> Option<Self> {
        let terminal = Self { socket: format!("ask-{}-{name}", std::process::id()) };
        // The shell outlives Ctrl-C to tell the exit status, and then keeps the screen.
        let command = format!(
            "trap : INT; '{}' --as-of {DAY} {arguments}; echo \"status $?\"; exec sleep 60",
            program("ask").display()
        );
        let started = terminal
            .tmux()
            .args(["-f", "/dev/null", "new-session", "-d", "-x", "60", "-y", "45", "sh", "-c", &command])
            .output();
        if started.as_ref().is_err_and(|error| error.kind() == ErrorKind::NotFound) {
            println!("skipped: there is no tmux");
            return None;
        }
        let output = started.expect("tmux");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Some(terminal)
    }

    fn tmux(&self) -> Command {
        let mut tmux = Command::new("tmux");
        tmux.args(["-u", "-L", &self.socket]);
        tmux
    }

    fn keys(&self, keys: &[&str]) {
        assert!(self.tmux().arg("send-keys").args(keys).status().expect("tmux").success());
    }

    /// All that has been written, lines that were broken by the terminal joined again.
    fn text(&self) -> String {
        let output = self.tmux().args(["capture-pane", "-p", "-J", "-S", "-"]).output().expect("tmux");
        String::from_utf8(output.stdout).expect("text")
    }

    /// Waits for the text to end so.
    fn shows(&self, end: &str) -> String {
        let since = Instant::now();
        loop {
            let text = self.text();
            if text.trim_end().ends_with(end) {
                return text;
            }
            assert!(since.elapsed() < Duration::from_secs(30), "no `{end}`:\n{text}");
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Enters a line, and waits for the prompt.
    fn enter(&self, line: &str, prompt: &str) -> String {
        self.keys(&[line, "Enter"]);
        self.shows(prompt)
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.tmux().arg("kill-server").status();
    }
}

#[test]
fn ctrl_c_in_a_terminal() {
    let Some(terminal) = Terminal::start("c", "") else { return };
    terminal.shows("At most 10 questions after this one.\nchannel>");
    let refused = terminal.enter("nonsense", "or `quit`\nchannel>");
    assert!(
        refused.contains("channel> nonsense\n    `nonsense` is no answer, expected 1 to 10, one of\n    `direct`, "),
        "{refused}"
    );
    terminal.enter("8", "service>");
    let lines = terminal.enter("why", "not_covered\nservice>");
    assert!(lines.contains("\n    license: nothing is settled yet\n"));
    terminal.keys(&["half a li", "C-c"]);
    let text = terminal.shows("status 130");
    assert!(text.contains("told so far:\n    channel       other_csp_partner (from another partner of\n"), "{text}");
    let (prose, record) = text.split_once("\n{").expect("a record");
    assert!(record.starts_with("\"id\":\"interview\",\"channel\":\"other_csp_partner\"}\n"), "{text}");
    assert!(prose.lines().all(|line| line.trim_end().chars().count() <= 60), "{prose}");
}

#[test]
fn ctrl_d_in_a_terminal() {
    let Some(terminal) = Terminal::start("d", "--action cancel_then_move") else { return };
    terminal.shows("channel>");
    terminal.enter("other_csp_partner", "service>");
    let back = terminal.enter("back", "channel>");
    assert!(back.contains("\n    channel       taken back\n\nWhere did the customer buy"));
    terminal.enter("open", "service>");
    terminal.enter("license", "cloud>");
    let text = terminal.enter("?", "term>");
    assert!(text.contains("\n    cloud         not known\n"), "{text}");
    let text = terminal.enter("2026-01-10 2027-01-09", "status>");
    assert!(text.contains(
        "\n    term          purchased 2026-01-10T00:00:00Z, last day\n                  2027-01-09; cancellable ("
    ));
    terminal.keys(&["C-d"]);
    let text = terminal.shows("error: the answers ended before the questions did\nstatus 1");
    assert!(
        text.contains(r#""service":"license","term":{"purchased_at":"2026-01-10T00:00:00Z","ends_on":"2027-01-09"}}"#),
        "{text}"
    );
}

/// The last answer can be taken back, too; and the result goes where it is sent, without the dialogue.
#[test]
fn an_interview_in_a_terminal() {
    let known = INTERVIEW.iter().filter(|line| !line.starts_with("market")).copied().collect::<Vec<_>>();
    let known = file("terminal.json", answered(&[], &known).record());
    let result = file("terminal-result.json", "");
    let arguments = format!("--case {} --json > {}", path(&known), path(&result));
    let Some(terminal) = Terminal::start("e", &arguments) else { return };
    let text = terminal.shows("This is the last question.\nmarket>");
    assert!(text.contains("`quit` ends.\n    channel       other_csp_partner ("), "{text}");
    terminal.enter("no", "done>");
    terminal.enter("back", "market>");
    terminal.enter("yes", "done>");
    terminal.enter("what now", "done>");
    terminal.enter("", "status 0");
    let written = std::fs::read_to_string(&result).expect("a file");
    let json: Json = serde_json::from_str(&written).expect("JSON");
    assert_eq!(json, answered(&["--json"], &INTERVIEW).json());
}
