//! Every command that the page on the program shows is run, and prints what the page shows.

#![cfg(unix)]

mod support;

use std::fs;
use std::path::Path;
use std::process::Command;

use support::text;

const PAGE: &str = include_str!("../../../docs/program.md");

/// The code blocks in some language.
fn blocks(language: &str) -> Vec<&'static str> {
    let begin = format!("```{language}\n");
    PAGE.split(&begin).skip(1).map(|rest| rest.split("```").next().expect("an end")).collect()
}

#[test]
fn the_page_shows_what_is_printed() {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("page");
    fs::create_dir_all(&directory).expect("a directory");
    let [case] = blocks("json")[..] else { panic!("one case") };
    fs::write(directory.join("office.json"), case).expect("a file");
    let program = Path::new(env!("CARGO_BIN_EXE_multichannel"));
    let path =
        format!("{}:{}", program.parent().unwrap().display(), std::env::var("PATH").unwrap());
    let commands = blocks("console");
    assert_eq!(commands.len(), 3);
    for block in commands {
        let (command, expected) = block.split_once('\n').expect("a command");
        let command = command.strip_prefix("$ ").expect("a prompt");
        // Of an interview the page shows what stands on standard error: the result is long.
        let redirect =
            if command.contains("multichannel ask") { "2>&1 1>/dev/null" } else { "2>&1" };
        let output = Command::new("sh")
            .args(["-c", &format!("{{ {command}; }} {redirect}")])
            .current_dir(&directory)
            .env("PATH", &path)
            .output()
            .expect("a shell");
        let printed = &output.stdout;
        assert_eq!(text(printed), expected, "{command}");
    }
}
