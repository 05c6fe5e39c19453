//! `rulebook test`.

use std::fs;

use serde_json::Value;

use crate::support::{Folder, sample, told, written};

#[test]
fn a_rulebook_says_what_it_is_meant_to() {
    let scenarios = sample("northwind-scenarios.jsonl");
    for name in ["northwind.toml", "northwind.json"] {
        let text = written(&["test", &sample(name), &scenarios]);
        assert_eq!(text, format!("{scenarios}: 5 as expected, 0 otherwise, 0 refused\n"));
    }
}

#[test]
fn what_is_otherwise_is_told_line_by_line() {
    let scenarios = sample("northwind-scenarios.jsonl");
    let (status, out, _) = told(&["test", "builtin", &scenarios], "");
    assert_eq!(status, 1);
    let first = "nw-1 as of 2026-11-24T00:00:00Z: from the Open program only with a letter
    recreate_and_cancel verdict: expected conditional, found allowed
    recreate_and_cancel rules: expected azure-recreate-public, found azure-recreate
    recreate_and_cancel requirements: expected letter_of_release, found none
";
    assert!(out.starts_with(&format!("{scenarios}:1: {first}{scenarios}:2: nw-2 ")), "{out}");
    assert!(out.ends_with(&format!("{scenarios}: 1 as expected, 4 otherwise, 0 refused\n")), "{out}");
}

#[test]
fn lines_that_are_no_scenarios_are_told_among_the_others() {
    let folder = Folder::new();
    let mut lines = fs::read_to_string(sample("northwind-scenarios.jsonl")).expect("a file");
    lines.push_str("\n{\"as_of\": \"2026-11-24\", \"case\": {\"id\": \"a\"}, \"verdict\": {}}\n");
    lines.insert_str(0, "{\"as_of\": \"2026-13-24\"}\n");
    let file = folder.write("s.jsonl", lines);
    let (status, out, _) = told(&["test", &sample("northwind.toml"), &file], "");
    assert_eq!(status, 1);
    let told: Vec<&str> = out.lines().map(|line| line.strip_prefix(&*file).expect("the file")).collect();
    assert_eq!(told.len(), 3, "{out}");
    assert!(told[0].starts_with(":1: no scenario: "), "{out}");
    assert!(told[1].starts_with(":8: no scenario: unknown field `verdict`, expected one of `why`, "), "{out}");
    assert!(told[1].ends_with(" at column 54"), "{out}");
    assert_eq!(told[2], ": 5 as expected, 0 otherwise, 2 refused");
}

#[test]
fn a_file_without_scenarios_is_no_success() {
    let (status, out, _) = told(&["test", "builtin", "-"], "\n \n");
    assert_eq!((status, &*out), (1, "<standard input>: 0 as expected, 0 otherwise, 0 refused\n"));
    assert_eq!(told(&["test", "builtin", "/no/such.jsonl"], "").0, 2);
    assert_eq!(told(&["test", "builtin"], "").0, 2);
}

#[test]
fn coverage_is_that_of_all_files_together() {
    let folder = Folder::new();
    let text = fs::read_to_string(sample("northwind-scenarios.jsonl")).expect("a file");
    let (one, other) = text.split_at(text.find("{\"why\": \"the policy as published").expect("the fourth"));
    let (one, other) = (folder.write("one.jsonl", one), folder.write("other.jsonl", other));
    let northwind = sample("northwind.toml");
    let parts = written(&["test", &northwind, &one, &other, "--coverage"]);
    let whole = written(&["test", &northwind, &sample("northwind-scenarios.jsonl"), "--coverage"]);
    let coverage = |text: &str| text[text.find("\nrules: ").expect("coverage")..].to_owned();
    assert_eq!(coverage(&parts), coverage(&whole));
    assert!(parts.starts_with(&format!("{one}: 3 as expected, 0 otherwise, 0 refused\n{other}: 2 as expected")));
    assert!(coverage(&whole).starts_with("\nrules: 5 decided, 4 advised, 0 only fired, 58 never fired\n"));
}

#[test]
fn the_same_in_json() {
    let scenarios = sample("northwind-scenarios.jsonl");
    let (status, out, _) = told(&["test", "builtin", &scenarios, "--json", "--coverage"], "");
    let record: Value = serde_json::from_str(&out).expect("JSON");
    let of_file = &record["scenarios"][0];
    assert_eq!((status, &of_file["run"], &of_file["file"]), (1, &5.into(), &scenarios.into()));
    let lines = of_file["failures"].as_array().expect("failures").iter().map(|failure| failure["line"].as_u64());
    assert_eq!(lines.collect::<Vec<_>>(), [Some(1), Some(2), Some(3), Some(5)]);
    let of_rules = record["coverage"].as_array().expect("coverage");
    let recreate = of_rules.iter().find(|of_rule| of_rule["rule"] == "azure-recreate").expect("the rule");
    assert_eq!((of_rules.len(), &recreate["exercise"]), (65, &"decided".into()));
}
