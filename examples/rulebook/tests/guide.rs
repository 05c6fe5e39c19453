//! The guide shows what the program writes.

use std::path::Path;
use std::process::Command;

const GUIDE: &str = include_str!("../../../docs/rulebooks.md");

/// The blocks of a kind.
fn blocks(kind: &str) -> Vec<&'static str> {
    let begin = format!("```{kind}\n");
    GUIDE.split(begin.as_str()).skip(1).filter_map(|block| block.split("\n```").next()).collect()
}

#[test]
fn what_is_typed_gives_what_is_shown() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let blocks = blocks("console");
    assert_eq!(blocks.len(), 7);
    for block in blocks {
        let (typed, shown) = block.split_once('\n').expect("a command, and what it writes");
        let arguments = typed.strip_prefix("$ cargo run -q -p rulebook -- ").expect("the program").split(' ');
        let output = Command::new(env!("CARGO_BIN_EXE_rulebook")).args(arguments).current_dir(&root).output();
        let written = String::from_utf8(output.expect("the program").stdout).expect("text");
        // `…` stands for lines that are left out.
        let mut rest = written.as_str();
        for lines in shown.split('…').map(|lines| lines.trim_matches('\n')).filter(|lines| !lines.is_empty()) {
            let at = rest.find(lines).unwrap_or_else(|| panic!("{typed}\nwrites\n{written}\nand not\n{lines}"));
            rest = &rest[at + lines.len()..];
        }
        assert!(shown.ends_with('…') || rest.trim().is_empty(), "{typed}\nwrites more:\n{rest}");
    }
}

#[test]
fn files_are_those_of_the_sample() {
    let rulebook = include_str!("../sample/northwind.toml");
    assert_eq!(blocks("toml"), [rulebook.trim_end()]);
    let scenarios = include_str!("../sample/northwind-scenarios.jsonl");
    assert_eq!(blocks("json"), [scenarios.lines().next().expect("a scenario")]);
}
