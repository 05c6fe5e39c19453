//! Every command that the documents show is run, and prints what they show.

#![cfg(unix)]

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use support::text;

/// The code blocks of a page in some language.
fn blocks(page: &'static str, language: &str) -> Vec<&'static str> {
    let begin = format!("```{language}\n");
    page.split(&begin).skip(1).map(|rest| rest.split("```").next().expect("an end")).collect()
}

fn directory(name: &str) -> PathBuf {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&directory).expect("a directory");
    directory
}

/// Lines that are wrapped in the document for reading, as they are in a file: those that begin with a space continue.
fn unwrapped(block: &str) -> String {
    block.replace("\n ", " ")
}

/// Runs the commands of a page in a directory, and returns how many there are.
fn run_commands(page: &'static str, directory: &Path) -> usize {
    let program = Path::new(env!("CARGO_BIN_EXE_multichannel"));
    let path =
        format!("{}:{}", program.parent().unwrap().display(), std::env::var("PATH").unwrap());
    let mut count = 0;
    for block in blocks(page, "console") {
        let block = block.strip_prefix("$ ").expect("a prompt");
        for one in block.split("\n$ ") {
            // A line that ends in `\` continues on the next.
            let end = one.match_indices('\n').find(|(at, _)| !one[..*at].ends_with('\\'));
            let (command, expected) = end.map_or((one, ""), |(at, _)| one.split_at(at));
            // Of an interview the page shows standard error: the result is long.
            let redirect =
                if command.contains("multichannel ask") { "2>&1 1>/dev/null" } else { "2>&1" };
            let output = Command::new("sh")
                .args(["-c", &format!("{{ {command}; }} {redirect}")])
                .current_dir(directory)
                .env("PATH", &path)
                .output()
                .expect("a shell");
            let output = text(&output.stdout);
            let without_trailing = |text: &str| -> String {
                text.trim().lines().map(|line| line.trim_end().to_owned() + "\n").collect()
            };
            assert_eq!(without_trailing(output), without_trailing(expected), "{command}");
            count += 1;
        }
    }
    count
}

#[test]
fn the_program() {
    const PAGE: &str = include_str!("../../../docs/program.md");
    let directory = directory("program");
    let [case] = blocks(PAGE, "json")[..] else { panic!("one case") };
    fs::write(directory.join("office.json"), case).expect("a file");
    let [table] = blocks(PAGE, "csv")[..] else { panic!("one table") };
    fs::write(directory.join("portfolio.csv"), table).expect("a file");
    assert_eq!(run_commands(PAGE, &directory), 5);
}

#[test]
fn any_day() {
    const PAGE: &str = include_str!("../../../docs/any-day-since-2016.md");
    assert_eq!(run_commands(PAGE, &directory("any-day")), 1);
}

#[test]
fn data() {
    const PAGE: &str = include_str!("../../../docs/from-your-data.md");
    let directory = directory("data");
    let [table] = blocks(PAGE, "csv")[..] else { panic!("one table") };
    fs::write(directory.join("facts.csv"), table).expect("a file");
    let [resources] = blocks(PAGE, "json")[..] else { panic!("one page of resources") };
    fs::write(directory.join("subscriptions.json"), resources).expect("a file");
    assert_eq!(run_commands(PAGE, &directory), 1);
}

#[test]
fn rulebooks() {
    const GUIDE: &str = include_str!("../../../docs/your-own-rules.md");
    const FORMAT: &str = include_str!("../../../docs/rulebook-format.md");
    let directory = directory("rulebooks");
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../rulebook/tests/data");
    for file in fs::read_dir(samples).expect("the samples") {
        let file = file.expect("a sample");
        fs::copy(file.path(), directory.join(file.file_name())).expect("a copy");
    }
    // The files that the pages show are those that their commands read.
    let shown = [(GUIDE, "toml"), (GUIDE, "json"), (FORMAT, "toml"), (FORMAT, "json")];
    let names = ["veto.toml", "portfolio.jsonl", "northwind.toml", "veto-scenarios.jsonl"];
    for ((page, language), name) in shown.into_iter().zip(names) {
        let [shown] = blocks(page, language)[..] else { panic!("one block for {name}") };
        let shown = if language == "json" { unwrapped(shown) } else { shown.into() };
        assert_eq!(shown, fs::read_to_string(directory.join(name)).expect("a file"), "{name}");
    }
    assert_eq!((run_commands(GUIDE, &directory), run_commands(FORMAT, &directory)), (5, 7));
}
