//! `--rulebook`: decisions, interviews, plans and the policy by a custom rulebook.

mod support;

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use support::{lines, program, run, text};

const NORTHWIND: &str = r#"
name = "northwind"
base = "partner_center"

[[rules]]
id = "no-open-licenses"
effect = "veto"
actions = "moves"
when = { channel = "open" }
from = 2026-01-01
reason = "we do not take over licenses from volume licensing"
"#;

const REASON: &str = "we do not take over licenses from volume licensing";

const OPEN: &str = r#"{"id":"seats","channel":"open","service":"new_commerce_license","cloud":"public","partner":"direct_bill","relationship":"active","customer":"end_customer","region":"same","term_phase":"cancellable","at_term_end":"end","status":"active","transfer":"none"}"#;

const MOVES: [&str; 4] =
    ["recreate_and_cancel", "switch", "wait_until_term_end", "cancel_then_move"];

/// Writes a file for one test, and returns its path.
fn file(name: &str, content: impl AsRef<[u8]>) -> String {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, content).expect("a file");
    path.to_str().expect("UTF-8").into()
}

/// Runs a command as of 2026-11-27 by a rulebook.
fn by(rulebook: &str, arguments: &[&str], input: &str) -> std::process::Output {
    let common = ["--as-of", "2026-11-27", "--rulebook", rulebook];
    run(&[arguments, &common].concat(), input.as_bytes())
}

#[test]
fn decisions() {
    let rulebook = file("decisions.toml", NORTHWIND);
    let table = by(&rulebook, &["decide"], OPEN);
    assert_eq!(table.status.code(), Some(0), "{}", text(&table.stderr));
    let row = text(&table.stdout).lines().nth(1).expect("a row");
    assert_eq!(
        row.split_whitespace().collect::<Vec<_>>(),
        ["seats", "denied", "denied", "denied", "denied", "denied"]
    );
    let record = &lines(&by(&rulebook, &["decide", "--json"], OPEN))[0];
    let published = &lines(&by("partner_center", &["decide", "--json"], OPEN))[0];
    let denied = json!({"verdict": "denied", "rules": ["no-open-licenses"]});
    for action in MOVES {
        assert_eq!(record["verdicts"][action], denied, "{action}");
        assert_ne!(published["verdicts"][action], denied, "{action}");
    }
    let request = "request_relationship";
    assert_eq!(record["verdicts"][request], published["verdicts"][request]);
    assert_eq!(published["verdicts"]["wait_until_term_end"]["verdict"], "allowed");
    let explained = by(&rulebook, &["decide", "--explain"], OPEN);
    let expected = format!(
        "\nswitch                denied\n    because     {REASON}\n                \
         no-open-licenses: stated in northwind\n"
    );
    assert!(text(&explained.stdout).contains(&expected), "{}", text(&explained.stdout));
    let explained = &lines(&by(&rulebook, &["decide", "--json", "--explain"], OPEN))[0];
    assert_eq!(explained["verdicts"]["switch"]["rules"][0]["rulebook"], "northwind");
    // The sample is also decided by it.
    let sample = by(&rulebook, &[], "");
    let row = text(&sample.stdout).lines().find(|line| line.starts_with("seats-ea"));
    assert_eq!(sample.status.code(), Some(0));
    assert!(row.is_some_and(|row| row.contains("allowed")), "{}", text(&sample.stdout));
}

#[test]
fn plans() {
    let rulebook = file("plans.toml", NORTHWIND);
    let published = &lines(&by("partner_center", &["plan", "--json"], OPEN))[0];
    assert_ne!(published["plans"], json!([]));
    let record = &lines(&by(&rulebook, &["plan", "--json"], OPEN))[0];
    assert_eq!(record["plans"], json!([]));
    for action in MOVES {
        let obstacle = record["obstacles"].as_array().and_then(|obstacles| {
            obstacles.iter().find(|obstacle: &&Value| obstacle["action"] == action)
        });
        let rule = &obstacle.expect(action)["rules"][0];
        assert_eq!(
            (&rule["id"], &rule["rulebook"]),
            (&json!("no-open-licenses"), &json!("northwind"))
        );
    }
    let printed = by(&rulebook, &["plan"], OPEN);
    let printed = text(&printed.stdout);
    assert!(
        printed.contains("Plans to move the subscription, as of 2026-11-27: none"),
        "{printed}"
    );
    assert!(printed.contains(&format!("\nswitch: denied\n  {REASON}\n")), "{printed}");
    let explained = by(&rulebook, &["plan", "--explain"], OPEN);
    assert!(text(&explained.stdout).contains("no-open-licenses: stated in northwind"));
    // The next question also depends on the rulebook.
    let asks = |rulebook: &str| {
        let output = by(rulebook, &["plan"], r#"{"id":"seats","channel":"open"}"#);
        text(&output.stdout).contains("Next question: ")
    };
    assert!(asks("partner_center") && !asks(&rulebook));
}

#[test]
fn interviews() {
    let rulebook = file("interviews.toml", NORTHWIND);
    let ask = |rulebook: &str| {
        by(rulebook, &["ask", "--json", "--action", "switch"], "channel: open\nquit\n")
    };
    let output = ask(&rulebook);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let record = &lines(&output)[0];
    assert_eq!(
        record["decision"]["verdicts"]["switch"],
        json!({"verdict": "denied", "rules": ["no-open-licenses"]})
    );
    assert_eq!(record["questions"], json!([]));
    assert_eq!(record["plans"]["plans"], json!([]));
    assert_ne!(
        lines(&ask("partner_center"))[0]["decision"]["verdicts"]["switch"]["rules"],
        json!(["no-open-licenses"])
    );
}

#[test]
fn policy() {
    let rulebook = file("policy.toml", NORTHWIND);
    let written = |arguments: &[&str]| {
        let output = program(&[arguments, &["--rulebook", &rulebook]].concat()).output();
        let output = output.expect("the program ends");
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        text(&output.stdout).to_owned()
    };
    let rule = format!(
        "no-open-licenses\n    veto every move, where channel: open\n    because {REASON}\n    \
         stated in northwind; from 2026-01-01\n"
    );
    let alone = written(&["policy", "rule", "no-open-licenses"]);
    assert!(alone.starts_with(&rule), "{alone}");
    assert!(alone.ends_with("    but not with channel: direct\n"), "{alone}");
    assert!(written(&["policy", "rules", "--as-of", "2026-11-27"]).contains(&rule));
    assert!(!written(&["policy", "rules", "--as-of", "2025-11-27"]).contains(&rule));
    for arguments in [&["policy"][..], &["policy", "editions"]] {
        assert!(written(arguments).contains("\n2026-01-01  91 rules\n  + no-open-licenses\n"));
    }
    let record: Value =
        serde_json::from_str(&written(&["policy", "rule", "no-open-licenses", "--json"])).unwrap();
    assert_eq!((&record["effect"], &record["rulebook"]), (&json!("veto"), &json!("northwind")));
    let difference = written(&["policy", "diff", "2025-12-31", "2026-01-01"]);
    assert!(difference.contains("no rules ended, 1 rule\nbegan\n"), "{difference}");
    assert!(difference.contains("+ no-open-licenses\n") && difference.contains("is denied"));
    // The option is accepted on both sides of the subcommand.
    let before = program(&["policy", "--rulebook", &rulebook, "rule", "no-open-licenses"]).output();
    assert_eq!(text(&before.expect("the program ends").stdout), alone);
    let published = program(&["policy", "rule", "no-open-licenses"]).output();
    assert_eq!(published.expect("the program ends").status.code(), Some(2));
}

/// The format depends on the extension, otherwise on the first character.
#[test]
fn formats() {
    let json = r#"{"name":"northwind","base":"partner_center","rules":[{"id":"no-open-licenses","effect":"veto","actions":"moves","when":{"channel":"open"},"from":"2026-01-01","reason":"we do not take over licenses from volume licensing"}]}"#;
    let expected = by(&file("formats.toml", NORTHWIND), &["decide", "--json"], OPEN).stdout;
    let case = file("formats-case.json", OPEN);
    for (name, content) in [
        ("formats.json", json.to_owned()),
        ("formats-of-json", format!("\n {json}")),
        ("formats-of-toml.txt", NORTHWIND.to_owned()),
        ("formats-with-mark", format!("\u{feff}{json}")),
    ] {
        let output = by(&file(name, &content), &["decide", "--json"], OPEN);
        assert_eq!(text(&output.stdout), text(&expected), "{name}: {}", text(&output.stderr));
        let piped = by("-", &["decide", "--json", &case], &content);
        assert_eq!(text(&piped.stdout), text(&expected), "{name}: {}", text(&piped.stderr));
    }
    let output = by(&file("formats-wrong.toml", json), &["decide"], OPEN);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("formats-wrong.toml:1:1: invalid TOML"));
}

/// All errors are reported, each on a line that begins with its position.
#[test]
fn problems() {
    let wrong = NORTHWIND
        .replace("\"veto\"", "\"vetto\"")
        .replace("{ channel", "{ chanel")
        .replace("2026-01-01", "\"1.1.2026\"");
    let rulebook = file("problems.toml", &wrong);
    let places = ["7:10: rules[0].effect: ", "9:10: rules[0].when: ", "10:8: rules[0].from: "];
    for arguments in [&["decide"][..], &["plan"], &["ask"], &["policy", "rules"], &[]] {
        let output = by(&rulebook, arguments, OPEN);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(output.stdout.is_empty(), "{arguments:?}");
        let written: Vec<&str> = text(&output.stderr).lines().collect();
        assert_eq!(written[0], format!("error: `{rulebook}` is not a valid rulebook: 3 errors"));
        assert_eq!(written.len(), 1 + places.len(), "{written:?}");
        for (line, place) in written[1..].iter().zip(places) {
            assert!(line.starts_with(&format!("{rulebook}:{place}")), "{line}");
        }
        assert!(written[1].ends_with("did you mean `veto`?"), "{}", written[1]);
    }
    let piped = by("-", &["policy", "rules"], &wrong);
    let expected = "error: `standard input` is not a valid rulebook: 3 errors\n\
                    standard input:7:10: rules[0].effect: unknown effect `vetto`, ";
    assert!(text(&piped.stderr).starts_with(expected), "{}", text(&piped.stderr));
    // Quoted text can neither control the terminal nor begin a line.
    let hostile = NORTHWIND.replace("\"veto\"", r#""\u001b[31m\nerror: \u202e""#);
    let output = by("-", &["policy", "rules"], &hostile);
    let written = text(&output.stderr);
    assert_eq!(written.lines().count(), 2, "{written}");
    assert!(!written.contains(['\u{1b}', '\u{202e}']), "{written}");
}

#[test]
fn failures() {
    let case = file("failures-case.json", OPEN);
    let binary = file("failures-binary.toml", b"name = \"\xff\"");
    let long = file("failures-long.toml", "#".repeat((1 << 20) + 1));
    for (arguments, message) in [
        (&["decide", "--rulebook", "no-such.toml"][..], "error: can't read `no-such.toml`: "),
        (&["decide", "--rulebook", &binary], "has an invalid byte at offset 8, expected UTF-8"),
        (&["decide", "--rulebook", &long], "is too long, expected at most 1048576 bytes"),
        (&["decide", "--rulebook", "-"], "can't be the rulebook and the cases at once"),
        (&["decide", "-", "--rulebook", "-"], "can't be the rulebook and the cases at once"),
        (&["plan", "-", "--rulebook", "-"], "can't be the rulebook and the cases at once"),
        (&["ask", "--rulebook", "-"], "can't be the rulebook and the answers at once"),
        (
            &["ask", &case, "--case", "-", "--rulebook", "-"],
            "can't be the rulebook and the case at once, expected a file for one of them",
        ),
    ] {
        let output = run(arguments, NORTHWIND.as_bytes());
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(text(&output.stderr).contains(message), "{arguments:?}: {}", text(&output.stderr));
        assert_eq!(text(&output.stderr).lines().count(), 1);
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn a_rulebook_is_not_overwritten() {
    let rulebook = file("kept.toml", NORTHWIND);
    let case = file("kept-case.json", OPEN);
    for option in ["--ics", "--svg"] {
        let output = by(&rulebook, &["plan", &case, option, &rulebook], "");
        assert_eq!(output.status.code(), Some(2), "{option}");
        assert!(text(&output.stderr).contains("expected another name"), "{}", text(&output.stderr));
    }
    let read = fs::File::open(&rulebook).expect("a file");
    let arguments = ["plan", &case, "--rulebook", "-", "--svg", &rulebook];
    let output = program(&arguments).stdin(read).output().expect("the program ends");
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(fs::read_to_string(&rulebook).expect("a file"), NORTHWIND);
}

/// A file with the name of the published policy has priority.
#[test]
fn the_published_policy_by_name() {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("named");
    fs::create_dir_all(&directory).expect("a directory");
    let rule = || {
        let arguments = ["policy", "rule", "no-open-licenses", "--rulebook", "partner_center"];
        program(&arguments).current_dir(&directory).status().expect("the program ends").code()
    };
    let path = directory.join("partner_center");
    let _ = fs::remove_file(&path);
    assert_eq!(rule(), Some(2));
    fs::write(&path, NORTHWIND).expect("a file");
    assert_eq!(rule(), Some(0));
}
