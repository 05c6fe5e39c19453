//! The program: see `portfolio --help`.

use std::io;
use std::process::ExitCode;

use clap::Parser;
use portfolio::{Failure, Options, Unwritable, run};

fn main() -> ExitCode {
    let options = Options::parse();
    match run(&options) {
        Ok(run) => {
            for note in &run.notes {
                eprintln!("{note}");
            }
            ExitCode::from(u8::from(run.refused > 0))
        }
        Err(Failure::Output(Unwritable { error, .. })) if error.kind() == io::ErrorKind::BrokenPipe => {
            ExitCode::SUCCESS
        }
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::from(2)
        }
    }
}
