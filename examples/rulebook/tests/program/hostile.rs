//! What nobody writes in good faith: a clear answer, soon, and never a panic.

use std::fs;
use std::time::{Duration, Instant};

use crate::support::{Folder, sample, told};

/// What is said of a text, in bounded time.
#[track_caller]
fn check(format: &str, text: impl AsRef<[u8]>) -> String {
    let begun = Instant::now();
    let (status, out, said) = told(&["check", "-", "--format", format], text);
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    assert_eq!((status, &*said), (1, ""));
    assert!(!out.is_empty());
    assert!(!out.contains(|c: char| c.is_control() && c != '\n'));
    out
}

fn rules(count: usize, id: impl Fn(usize) -> String) -> String {
    let rule = |number| {
        format!(
            "{{\"id\":\"{}\",\"effect\":\"permit\",\"actions\":[\"switch\"],\"from\":\"2026-01-01\",\"reason\":\"\"}}",
            id(number)
        )
    };
    format!("{{\"rules\":[{}]}}", (0..count).map(rule).collect::<Vec<_>>().join(","))
}

#[test]
fn cut_anywhere() {
    for (format, name) in [("toml", "northwind.toml"), ("json", "northwind.json")] {
        let text = fs::read(sample(name)).expect("a file");
        for length in (0..text.len()).step_by(41) {
            let (status, out, said) = told(&["check", "-", "--format", format], &text[..length]);
            assert!(said.is_empty(), "{said}");
            // TOML cut between two entries is TOML.
            assert!(status == 1 || format == "toml" && status == 0, "{length}: {status}: {out}");
        }
    }
}

#[test]
fn ten_thousand_rules() {
    let out = check("json", rules(10_000, |number| format!("r-{number}")));
    assert_eq!(out, "<standard input>:1:1: 10000 rules are in force on 2026-01-01, expected at most 128\n");
    // One line, and a problem in each rule.
    let out = check("json", rules(10_000, |_| "r".into()));
    assert_eq!(out.lines().count(), 9_999);
    let last = "<standard input>:1:819935: rules[9999].id (`r`): the id `r` is given twice, expected each once";
    assert_eq!(out.lines().last(), Some(last));

    let rule = "[[rules]]\nid = 'r'\neffect = 'permit'\nactions = ['switch']\nfrom = 2026-01-01\nreason = ''\n";
    let out = check("toml", rule.repeat(10_000));
    assert_eq!(out.lines().count(), 9_999);
    assert!(out.lines().last().expect("a line").starts_with("<standard input>:59996:6: rules[9999].id (`r`)"));
}

#[test]
fn ten_thousand_unknown_fields_of_one_object() {
    let fields: Vec<String> = (0..10_000).map(|number| format!("\"{number:050}\": 1,\n")).collect();
    let out = check("json", format!("{{\n{}\"rules\": []}}", fields.concat()));
    assert_eq!(out.lines().filter(|line| line.contains("there is no field")).count(), 10_000);
    assert!(out.lines().nth(9_999).expect("a line").starts_with("<standard input>:10001:1: "));
}

#[test]
fn as_deep_as_can_be() {
    let deep = 100_000;
    let nested = format!("{}{}", "[".repeat(deep), "]".repeat(deep));
    assert!(check("json", &nested).contains(": expected an object, found […]"));
    check("json", format!("{{\"rules\":[{nested}]}}"));
    check("json", "[".repeat(deep));
    check("json", "{\"rules\":".repeat(deep));
    check("toml", format!("rules = {nested}"));
    check("toml", "rules = [{".repeat(deep));
    check("toml", format!("rules{} = 1", ".a".repeat(deep)));
}

#[test]
fn repeated_fields() {
    assert!(
        check("toml", "[[rules]]\nid = 'a'\nid = 'b'\n")
            .starts_with("<standard input>:3:1: no valid TOML: duplicate key")
    );
    let out = check("json", "{\"rules\": [], \"rules\": 5}");
    assert!(out.contains(":1:15: rules: given twice, expected at most once"), "{out}");
}

#[test]
fn no_text() {
    for format in ["toml", "json"] {
        check(format, b"\0\0\0\0");
        check(format, [0xff, 0xfe, 0, 0x41]);
        check(format, (0..=255).collect::<Vec<u8>>());
        check(format, "\u{1b}[31m".repeat(1000));
        check(format, "\r\u{85}\u{2028}\u{202e}");
    }
}

#[test]
fn numbers_and_ids_without_an_end() {
    let id = "x".repeat(4_000_000);
    let out = check("json", rules(1, |_| id.clone()));
    assert!(out.len() < 1000, "{} bytes", out.len());
    check("json", format!("{{\"rules\": 1{}}}", "0".repeat(1_000_000)));
    check("json", "{\"name\": 1e999, \"rules\": []}");
    check("toml", format!("name = 1{}", "0".repeat(1_000_000)));
    check("toml", "name = 0x7fff_ffff_ffff_ffff_ffff");
}

#[test]
fn more_than_is_read() {
    let folder = Folder::new();
    let file = folder.write("long.json", " ".repeat((1 << 24) + 1));
    let (status, _, said) = told(&["check", &file], "");
    assert_eq!(status, 2);
    assert_eq!(said, format!("error: cannot read `{file}`: it is longer than 16777216 bytes\n"));
}
