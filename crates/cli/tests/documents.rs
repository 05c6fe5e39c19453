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

/// Runs the commands of a page in a directory, and returns how many there are.
fn run_commands(page: &'static str, directory: &Path) -> usize {
    let program = Path::new(env!("CARGO_BIN_EXE_multichannel"));
    let path =
        format!("{}:{}", program.parent().unwrap().display(), std::env::var("PATH").unwrap());
    let commands = blocks(page, "console").into_iter().flat_map(|block| {
        let block = block.strip_prefix("$ ").expect("a prompt");
        block.split("\n$ ").map(|one| one.split_once('\n').unwrap_or((one, "")))
    });
    let mut count = 0;
    for (command, expected) in commands {
        // Of an interview the page shows what stands on standard error: the result is long.
        let redirect =
            if command.contains("multichannel ask") { "2>&1 1>/dev/null" } else { "2>&1" };
        let output = Command::new("sh")
            .args(["-c", &format!("{{ {command}; }} {redirect}")])
            .current_dir(directory)
            .env("PATH", &path)
            .output()
            .expect("a shell");
        assert_eq!(text(&output.stdout).trim_end(), expected.trim_end(), "{command}");
        count += 1;
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
fn rulebooks() {
    const PAGE: &str = include_str!("../../../docs/rulebooks.md");
    let directory = directory("rulebooks");
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../rulebook/tests/data");
    for file in fs::read_dir(samples).expect("the samples") {
        let file = file.expect("a sample");
        fs::copy(file.path(), directory.join(file.file_name())).expect("a copy");
    }
    // The files that the page shows are those that its commands read.
    let shown = [blocks(PAGE, "toml"), blocks(PAGE, "json")].concat();
    let names = ["veto.toml", "northwind.toml", "portfolio.jsonl", "veto-scenarios.jsonl"];
    for (shown, name) in shown.iter().zip(names) {
        assert_eq!(*shown, fs::read_to_string(directory.join(name)).expect("a file"), "{name}");
    }
    assert_eq!((shown.len(), run_commands(PAGE, &directory)), (4, 10));
}
