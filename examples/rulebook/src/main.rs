//! The program: see `rulebook --help`.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;
use rulebook::{Failure, Options, Outcome, run};

fn main() -> ExitCode {
    let failure = match run(&Options::parse()) {
        Ok(Outcome::InOrder) => return ExitCode::SUCCESS,
        Ok(Outcome::NotInOrder) => return ExitCode::from(1),
        Err(failure) => failure,
    };
    if failure.is_closed_pipe() {
        // A reader that goes away has read enough.
        return ExitCode::SUCCESS;
    }
    // What cannot be told on standard error is told by the exit status.
    let mut told = io::stderr();
    if let Failure::Rulebook(problems) = &failure {
        for problem in problems {
            let _ = writeln!(told, "{problem}");
        }
    }
    let _ = writeln!(told, "error: {}", rulebook::printable(&failure.to_string()));
    ExitCode::from(2)
}
