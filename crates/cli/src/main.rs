//! The program `multichannel`: decides what a CSP partner may do with subscriptions that were bought
//! elsewhere.

mod decide;
mod overview;
mod records;

use std::io;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Decide what a CSP partner may do with Microsoft subscriptions that were bought elsewhere.
#[derive(Parser)]
#[command(name = "multichannel", version, after_help = EXIT_STATUS)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    Decide(decide::Options),
}

const EXIT_STATUS: &str = "\
Without a command, decides sample cases.

Exit status:
  0  all cases were decided
  1  some cases were refused
  2  unusable arguments, input that can't be read, or an instant before the first edition";

/// Why a run ends early.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Instant(#[from] csp_multichannel::BeforeFirstEdition),
    #[error("can't read `{name}`: {error}")]
    Input { name: String, error: io::Error },
    #[error("can't write: {0}")]
    Output(#[from] io::Error),
}

fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        None => decide::sample(),
        Some(Command::Decide(options)) => decide::run(&options),
    };
    match result {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::from(1),
        // Whoever reads the output has seen enough.
        Err(Failure::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
            ExitCode::SUCCESS
        }
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::from(2)
        }
    }
}
