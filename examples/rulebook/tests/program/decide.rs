//! `rulebook decide`.

use csp_multichannel::{Action, Answer, Case, DecisionRecord, Verdict, parse_instant};

use crate::support::{Folder, TODAY, load, sample, told, written};

const CASES: &str = r#"{"id":"c-1","channel":"open","service":"azure","cloud":"public","partner":"direct_bill","relationship":"active","customer":"csp_tenant","market":"same","status":"active"}
{"id":"c-2","channel":"advisor"}
"#;

#[test]
fn cases_are_decided_by_rules_of_ones_own() {
    let folder = Folder::new();
    let (file, cases) = (sample("northwind.toml"), folder.write("cases.jsonl", CASES));
    let text = written(&["decide", &file, &cases, "--as-of", TODAY, "--json"]);
    let rulebook = load(&file);
    let as_of = parse_instant(TODAY).expect("an instant");
    let edition = rulebook.edition_at(as_of).expect("an edition");
    for (line, answer) in CASES.lines().zip(text.lines()) {
        let case: Case = serde_json::from_str(line).expect("a case");
        let decision = edition.decide(case.facts(as_of));
        assert_eq!(answer, serde_json::to_string(&Answer { id: &case.id, as_of, decision }).expect("JSON"));
    }
    assert_eq!(text.lines().count(), 2);
    let first: DecisionRecord = serde_json::from_str(text.lines().next().expect("a line")).expect("a record");
    assert_eq!(first.verdicts[&Action::RecreateAndCancel].requirements, ["letter_of_release"]);

    // Without a rulebook it is the built-in register that decides.
    let text = written(&["decide", &cases, "--as-of", TODAY, "--json"]);
    let first: DecisionRecord = serde_json::from_str(text.lines().next().expect("a line")).expect("a record");
    assert_eq!(first.verdicts[&Action::RecreateAndCancel].verdict, Verdict::Denied);
    assert_eq!(text, written(&["decide", "builtin", &cases, "--as-of", TODAY, "--json"]));
}

#[test]
fn people_read_whose_rule_it_was() {
    let (status, out, _) = told(&["decide", &sample("northwind.toml"), "-", "--as-of", TODAY], CASES);
    assert_eq!(status, 0);
    assert!(out.starts_with("c-1\n    channel: open; service: azure; cloud: public; "), "{out}");
    assert!(out.contains("requires  letter_of_release: we take over Azure from the Open program with"), "{out}");
    assert!(out.contains("northwind"), "{out}");
}

#[test]
fn lines_that_are_no_cases_are_answered_in_their_place() {
    let lines = format!("{{\"id\":\"c-0\",\"cloud\":\"sky\"}}\n{CASES}");
    let (status, out, _) = told(&["decide", "-", "--as-of", TODAY, "--json"], &lines);
    assert_eq!((status, out.lines().count()), (1, 3));
    assert!(
        out.starts_with("{\"id\":\"c-0\",\"line\":1,\"error\":\"`cloud` is \\\"sky\\\", expected one of "),
        "{out}"
    );
    let (status, out, _) = told(&["decide", "-", "--as-of", TODAY], &lines);
    assert_eq!(status, 1);
    assert!(out.starts_with("line 1 (c-0) refused: `cloud` is \"sky\", expected one of "), "{out}");
}

#[test]
fn what_cannot_be_decided_is_refused_with_2() {
    let file = sample("standalone.toml");
    let refused: [(&[&str], &str); 5] = [
        (&["decide"], "required arguments were not provided"),
        (&["decide", "/no/such.jsonl"], "error: cannot read `/no/such.jsonl`: "),
        (
            &["decide", &file, "-", "--as-of", "2025-12-31"],
            "error: no rule is in force at 2025-12-31T00:00:00Z, expected an instant at or after 2026-01-01T00:00:00Z",
        ),
        (&["decide", "-", "-", "--format", "toml"], "error: standard input can be read once"),
        (&["decide", &file, "-", "--as-of", "yesterday"], "invalid value 'yesterday'"),
    ];
    for (arguments, expected) in refused {
        let (status, out, said) = told(arguments, "");
        assert_eq!((status, &*out), (2, ""), "{arguments:?}");
        assert!(said.contains(expected), "{arguments:?}: {said}");
    }
}
