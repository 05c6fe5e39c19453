//! The program: see `portfolio --help`.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;
use portfolio::{Options, run};

fn main() -> ExitCode {
    let options = Options::parse();
    // What cannot be told on standard error is told by the exit status.
    let mut told = io::stderr();
    match run(&options) {
        Ok(run) => {
            for note in &run.notes {
                let _ = writeln!(told, "{note}");
            }
            ExitCode::from(u8::from(run.refused > 0))
        }
        Err(failure) => {
            let _ = writeln!(told, "error: {}", portfolio::printable(&failure.to_string()));
            ExitCode::from(2)
        }
    }
}
