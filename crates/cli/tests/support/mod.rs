//! Helpers to run the program.

#![allow(dead_code, reason = "each test uses a part")]

use std::io::Write;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

pub fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_multichannel"));
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs the program with standard input.
pub fn run(arguments: &[&str], input: &[u8]) -> Output {
    let mut child = program(arguments).stdin(Stdio::piped()).spawn().expect("the program starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    let input = input.to_vec();
    let writer = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().expect("the program ends");
    let _ = writer.join();
    output
}

pub fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("UTF-8")
}

/// Parses the output as JSON Lines.
pub fn lines(output: &Output) -> Vec<Value> {
    text(&output.stdout).lines().map(|line| serde_json::from_str(line).expect(line)).collect()
}

pub const MAIL: &str = r#"{"id":"c-17","channel":"other_csp_partner","service":"license","cloud":"public","partner":"direct_bill","relationship":"none","customer":"end_customer","region":"same","at_term_end":"renew","status":"active","transfer":"none","term":{"purchased_at":"2018-01-10T09:00:00Z","ends_on":"2019-01-09","cancellable_until":"2018-02-09T09:00:00Z"}}"#;
