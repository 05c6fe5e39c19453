//! `rulebook check`.

use std::fs;

use serde_json::{Value, json};

use crate::support::{Folder, run, sample, told, written};

/// Where each problem stands, and in which rule: `line:column place id`.
fn places(output: &str) -> Vec<String> {
    let output: Value = serde_json::from_str(output).expect("JSON");
    let problems = output["problems"].as_array().expect("problems");
    let text = |value: &Value| value.as_str().map(|text| format!(" {text}")).unwrap_or_default();
    let place = |problem: &Value| {
        let (line, column) = (&problem["line"], &problem["column"]);
        format!("{line}:{column}{}{}", text(&problem["place"]), text(&problem["id"]))
    };
    problems.iter().map(place).collect()
}

#[test]
fn what_is_in_order_is_told_so() {
    assert_eq!(written(&["check", "builtin"]), "builtin: in order, 65 rules in 21 editions\n");
    for name in ["northwind.toml", "northwind.json"] {
        let file = sample(name);
        assert_eq!(written(&["check", &file]), format!("{file}: in order, 67 rules in 22 editions\n"));
        let record: Value = serde_json::from_str(&written(&["check", "--json", &file])).expect("JSON");
        assert_eq!(record, json!({"file": file, "rules": 67, "editions": 22, "problems": []}));
    }
    let (status, out, _) =
        told(&["check", "-", "--format", "toml"], fs::read(sample("standalone.toml")).expect("a file"));
    assert_eq!((status, &*out), (0, "<standard input>: in order, 3 rules in 2 editions\n"));
}

#[test]
fn all_that_is_wrong_is_told_at_once_with_line_and_column() {
    let expected = [
        "3:8 base",
        "4:20 withdraw[0].id",
        "8:10 rules[0].effect open needs a letter",
        "9:35 rules[0].actions[1] open needs a letter",
        "10:10 rules[0].when.chanel open needs a letter",
        "10:38 rules[0].when.cloud[0] open needs a letter",
        "11:8 rules[0].from open needs a letter",
        "17:15 rules[1].requirement azure-term",
        "18:11 rules[1].actions azure-term",
        "19:8 rules[1].when azure-term",
        "21:9 rules[1].until azure-term",
        "23:1 rules[1].colour azure-term",
        "25:1 rules[2] azure-term",
        "30:9 rules[2].until azure-term",
    ];
    let (status, out, said) = told(&["check", "--json", &sample("wrong.toml")], "");
    assert_eq!((status, &*said), (1, ""));
    assert_eq!(places(&out), expected);

    let expected = [
        "3:11 base",
        "4:23 withdraw[0].id",
        "8:17 rules[0].effect open needs a letter",
        "9:42 rules[0].actions[1] open needs a letter",
        "10:16 rules[0].when.chanel open needs a letter",
        "10:46 rules[0].when.cloud[0] open needs a letter",
        "11:15 rules[0].from open needs a letter",
        "16:7 rules[1].id azure-term",
        "18:22 rules[1].requirement azure-term",
        "19:18 rules[1].actions azure-term",
        "20:15 rules[1].when azure-term",
        "22:16 rules[1].until azure-term",
        "24:7 rules[1].colour azure-term",
        "26:5 rules[2] azure-term",
        "31:16 rules[2].until azure-term",
    ];
    let (status, out, said) = told(&["check", "--json", &sample("wrong.json")], "");
    assert_eq!((status, &*said), (1, ""));
    assert_eq!(places(&out), expected);
}

#[test]
fn for_people_each_problem_is_a_line() {
    let file = sample("wrong.toml");
    let (status, out, _) = told(&["check", &file], "");
    assert_eq!((status, out.lines().count()), (1, 14));
    let line = out.lines().nth(5).expect("a line");
    let expected = "10:38: rules[0].when.cloud[0] (`open needs a letter`): expected one of `public`, `us_government`, `germany`, \
        `china`, found \"Public\"; `public` is probably meant";
    assert_eq!(line, format!("{file}:{expected}"));
}

/// Each line under what is in it, the column that it tells, and the beginning of what it says.
#[test]
fn what_is_no_data_at_all_has_a_place_as_well() {
    let cases: [(&str, &[u8], &str); 12] = [
        ("toml", b"rules = [\n", "1:10: no valid TOML: unclosed array, expected `]`"),
        ("toml", b"a = 1\na = 2\n", "2:1: no valid TOML: duplicate key"),
        ("toml", b"x = \"\xc3\xa4\" y\n", "1:9: no valid TOML: unexpected key or value"),
        ("toml", b"name = \"\xff\"", "1:9: this is no UTF-8, expected text"),
        ("toml", b"name = 'a\0b'", "1:10: no valid TOML: invalid"),
        ("toml", b"", "1:1: 0 rules, expected 1 to 4294967295"),
        ("json", b"", "1:1: no valid JSON: EOF while parsing a value"),
        ("json", b"{\"rules\": [\n  {]}", "2:4: no valid JSON: key must be a string"),
        ("json", b"{} {}", "1:4: no valid JSON: trailing characters"),
        ("json", b"[1]", "1:1: expected an object, found"),
        ("json", b"\n{\"name\": \"\\ud800\"}", "2:17: no valid JSON: unexpected end of hex escape"),
        ("json", b"\xef\xbb\xbf{\"base\": 1}", "1:10: base: expected one of `partner_center`, found 1"),
    ];
    for (format, text, expected) in cases {
        let (status, out, said) = told(&["check", "-", "--format", format], text);
        assert_eq!((status, &*said), (1, ""), "{}", text.escape_ascii());
        let first = out.lines().next().expect("a problem");
        let expected = format!("<standard input>:{expected}");
        assert!(first.starts_with(&expected), "{}\n    {first}\n    {expected}", text.escape_ascii());
    }
}

/// With the same name there are as many fields as problems, and each problem has a field of its own.
#[test]
fn fields_of_the_same_name_are_told_apart() {
    let text = "{\"rules\": [{\"x\": 1, \"x\": 2,\n \"id\": \"a\",\n \"id\": \"b\", \"id\": \"c\"}]}";
    let (status, out, _) = told(&["check", "--json", "-", "--format", "json"], text);
    assert_eq!(status, 1);
    let places = places(&out);
    let expected = ["1:13 rules[0].x a", "1:21 rules[0].x a", "3:2 rules[0].id a", "3:13 rules[0].id a"];
    assert_eq!(places.iter().filter(|place| place.contains("].")).collect::<Vec<_>>(), expected);
}

#[test]
fn what_cannot_be_used_is_refused_with_2() {
    let folder = Folder::new();
    let unnamed = folder.write("rules", "");
    let refused = [
        (vec!["check"], "the following required arguments were not provided"),
        (vec!["check", "/no/such.toml"], "error: cannot read `/no/such.toml`: No such file or directory"),
        (vec!["check", "/no/such"], "error: cannot read `/no/such`: No such file or directory"),
        (vec!["check", &unnamed], "is written in is not told, expected --format toml or json"),
        (vec!["check", "-"], "is written in is not told, expected --format toml or json"),
        (vec!["check", "--format", "yaml", &unnamed], "invalid value 'yaml'"),
        (vec!["diff", "-", "-", "--format", "toml"], "error: standard input can be read once"),
    ];
    for (arguments, expected) in refused {
        let (status, out, said) = told(&arguments, "");
        assert_eq!((status, &*out), (2, ""), "{arguments:?}");
        assert!(said.contains(expected), "{arguments:?}: {said}");
    }
}

/// Only `check` answers a rulebook that is none; the others cannot work with it.
#[test]
fn no_command_works_with_what_is_not_in_order() {
    let (wrong, scenarios) = (sample("wrong.toml"), sample("northwind-scenarios.jsonl"));
    let commands: [&[&str]; 5] = [
        &["analyse", &wrong],
        &["test", &wrong, &scenarios],
        &["diff", "builtin", &wrong],
        &["export", &wrong, "--to", "json"],
        &["decide", &wrong, &scenarios],
    ];
    let (_, problems, _) = told(&["check", &wrong], "");
    for command in commands {
        let output = run(command, "");
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{command:?}");
        let said = String::from_utf8(output.stderr).expect("text");
        assert_eq!(said, format!("{problems}error: the rulebook is not in order: 14 problems\n"), "{command:?}");
    }
}

#[test]
fn each_command_shows_an_example() {
    for command in ["check", "analyse", "test", "diff", "export", "decide"] {
        let help = written(&[command, "--help"]);
        assert!(help.contains(&format!("Example: rulebook {command} ")), "{command}");
    }
    assert!(written(&["--help"]).contains("Exit status: 0, "));
}
