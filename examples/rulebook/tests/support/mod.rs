//! The program, run as a user would, and all cases.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use csp_multichannel::{Assignment, Facts, Rulebook};
use tempfile::TempDir;

pub const TODAY: &str = "2026-11-24";

/// A file of the sample.
pub fn sample(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("sample").join(name).display().to_string()
}

pub fn run(arguments: &[&str], input: impl AsRef<[u8]>) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_rulebook"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program");
    let mut stdin = child.stdin.take().expect("a pipe");
    let input = input.as_ref().to_vec();
    let writer = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().expect("it ends");
    // A program that refuses its arguments does not read its input.
    let _ = writer.join().expect("no panic");
    output
}

/// What it writes, where it has nothing to complain about.
#[track_caller]
pub fn written(arguments: &[&str]) -> String {
    let output = run(arguments, "");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!((output.status.code(), &*said), (Some(0), ""), "{arguments:?}");
    String::from_utf8(output.stdout).expect("text")
}

/// The exit status, and what it writes to standard output and standard error.
pub fn told(arguments: &[&str], input: impl AsRef<[u8]>) -> (i32, String, String) {
    let Output { status, stdout, stderr } = run(arguments, input);
    let text = |bytes| String::from_utf8(bytes).expect("text");
    (status.code().expect("an exit status"), text(stdout), text(stderr))
}

/// A folder of a test's own, and files in it.
pub struct Folder(TempDir);

impl Folder {
    pub fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn name(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }

    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) -> String {
        fs::write(self.path(name), text).expect("a file");
        self.name(name)
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).expect("a file")
    }
}

/// The rulebook of a TOML file.
pub fn load(path: &str) -> Rulebook {
    toml::from_str(&fs::read_to_string(path).expect("a file")).expect("a rulebook")
}

/// All cases with all facts known.
pub fn all_cases() -> impl Iterator<Item = Facts> {
    Assignment::all().map(Facts::from)
}
