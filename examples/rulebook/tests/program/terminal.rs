//! Terminals, pipes and files.

use std::fs::{self, File};
use std::io::Read;
use std::process::{Command, Stdio};

use crate::support::{Folder, TODAY, sample, told, written};

fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_rulebook"))
}

#[test]
fn nothing_in_a_file_steers_the_terminal() {
    let folder = Folder::new();
    let name = "\u{1b}[2J\u{202e}\r.toml";
    let wrong = r#"
        [[rules]]
        id = "a\u202E"
        effect = "\u001b[31m"
        actions = []
        reason = "\u001b"
        "\u001b]0;x\u0007" = 1
    "#;
    let named = folder.write(name, wrong);
    let scenarios = r#"{"why": "\u001b[1m", "as_of": "2026-11-24", "case": {"id": "\u001b[2J\u202e"}, "verdicts": {"switch": {"verdict": "denied", "rules": ["\u001b"]}}}
        {"\u001b": 1}"#;
    let scenarios = folder.write("s.jsonl", scenarios);
    let cases = folder.write("c.jsonl", "{\"id\": \"\\u001b[2J\\u202e\"}\n{\"id\": \"a\", \"\\u001b\": 1}\n");
    let sound = r#"
        [[rules]]
        id = "a"
        effect = "permit"
        actions = ["switch"]
        reason = "\u202E"
        from = 2026-01-01
    "#;
    let sound = folder.write("sound.toml", sound);
    let commands: [&[&str]; 8] = [
        &["check", &named],
        &["diff", "builtin", &sound, "--as-of", TODAY, "--exit-code"],
        &["decide", &sound, &cases, "--as-of", TODAY],
        &["analyse", &named],
        &["diff", "builtin", &named],
        &["test", "builtin", &scenarios],
        &["decide", &cases, "--as-of", TODAY],
        &["check", "/no/\u{1b}[2J"],
    ];
    for command in commands {
        let (status, out, said) = told(command, "");
        assert_ne!(status, 0, "{command:?}");
        for text in [&out, &said] {
            let steers = |c: char| c.is_control() && c != '\n' || c == '\u{202e}';
            assert!(!text.contains(steers), "{command:?}: {text:?}");
        }
        let is_shown = [&out, &said].into_iter().any(|text| text.contains("\\u{1b}") || text.contains("\\u{202e}"));
        assert!(is_shown, "{command:?}: {out}{said}");
    }
}

#[test]
fn a_reader_that_goes_away_has_read_enough() {
    let commands: [&[&str]; 4] = [
        &["export", "--to", "json"],
        &["export", "--to", "dmn", "--as-of", TODAY],
        &["analyse", "--as-of", TODAY],
        &["diff", "builtin", &sample("northwind.toml"), "--as-of", TODAY],
    ];
    for command in commands {
        let mut child =
            program().args(command).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program");
        // Closed before anything is written.
        drop(child.stdout.take());
        let mut said = String::new();
        child.stderr.take().expect("a pipe").read_to_string(&mut said).expect("text");
        assert_eq!((child.wait().expect("it ends").code(), &*said), (Some(0), ""), "{command:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn what_cannot_be_written_is_told_by_the_exit_status() {
    let full = || File::options().write(true).open("/dev/full").expect("a full device");
    let output = program().args(["export", "--to", "json"]).stdout(full()).output().expect("the program");
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).expect("text");
    assert_eq!(said, "error: cannot write `standard output`: No space left on device (os error 28)\n");
    let status = program().args(["check", "/no/such.toml"]).stderr(full()).status().expect("the program");
    assert_eq!(status.code(), Some(2));
}

#[test]
fn a_file_is_written_whole_or_not_at_all() {
    let folder = Folder::new();
    let file = folder.write("tables.csv", "as it was");
    let (status, _, _) = told(&["export", &sample("wrong.toml"), "--to", "csv", "--output", &file], "");
    assert_eq!((status, &*folder.read("tables.csv")), (2, "as it was"));
    assert_eq!(written(&["export", "--to", "csv", "--as-of", TODAY, "--output", &file]), "");
    assert_eq!(folder.read("tables.csv"), written(&["export", "--to", "csv", "--as-of", TODAY]));
    assert_eq!(fs::read_dir(folder.path("")).expect("a folder").count(), 1, "nothing is left behind");

    let nowhere = folder.name("no/such/folder.csv");
    let (status, _, said) = told(&["export", "--to", "csv", "--output", &nowhere], "");
    assert_eq!(status, 2);
    assert!(said.starts_with(&format!("error: cannot write `{nowhere}`: ")), "{said}");
}

#[cfg(unix)]
#[test]
fn a_link_stays_a_link_and_a_device_a_device() {
    let folder = Folder::new();
    folder.write("tables.json", "as it was");
    std::os::unix::fs::symlink("tables.json", folder.path("link.json")).expect("a link");
    written(&["export", "--to", "json", "--output", &folder.name("link.json")]);
    assert!(folder.path("link.json").is_symlink());
    assert!(folder.read("tables.json").starts_with("{\n"));
    written(&["export", "--to", "json", "--output", "/dev/null"]);
}

#[test]
fn what_is_read_is_not_written() {
    let folder = Folder::new();
    let text = fs::read_to_string(sample("northwind.toml")).expect("a file");
    let file = folder.write("northwind.toml", &text);
    let same = folder.name("./northwind.toml");
    let (status, _, said) = told(&["export", &file, "--to", "toml", "--output", &same], "");
    assert_eq!(status, 2);
    assert!(said.contains("is read and cannot be written as well"), "{said}");
    assert_eq!(folder.read("northwind.toml"), text);
}
