//! The program `multichannel`: what a CSP partner may do with subscriptions bought elsewhere.

// Not every command needs all that commands share.
#![cfg_attr(
    not(all(feature = "guidance", feature = "report", feature = "rulebook")),
    allow(dead_code)
)]

#[cfg(feature = "guidance")]
mod ask;
mod by_rulebook;
mod decide;
#[cfg(feature = "rulebook")]
mod difference;
mod input;
mod overview;
#[cfg(feature = "guidance")]
mod plan;
#[cfg(feature = "rulebook")]
mod policy;
mod records;
#[cfg(feature = "report")]
mod report;
#[cfg(feature = "rulebook")]
mod rulebook;
mod text;
#[cfg(feature = "report")]
mod unfinished;

use std::io;
use std::process::ExitCode;

#[cfg(feature = "shell")]
use clap::CommandFactory;
use clap::{Parser, Subcommand};

/// Decide what a CSP partner may do with Microsoft subscriptions bought elsewhere
#[derive(Parser)]
#[command(
    name = "multichannel",
    version,
    after_help = AFTER_HELP,
    args_conflicts_with_subcommands = true,
    disable_help_subcommand = true,
    max_term_width = 80
)]
struct Arguments {
    #[command(flatten)]
    as_of: input::AsOf,

    #[command(flatten)]
    by: by_rulebook::ByRulebook,

    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    #[command(after_help = EXIT_STATUS)]
    Decide(decide::Options),
    #[cfg(feature = "guidance")]
    #[command(after_help = EXIT_STATUS)]
    Ask(ask::Options),
    #[cfg(feature = "guidance")]
    #[command(after_help = EXIT_STATUS)]
    Plan(plan::Options),
    #[cfg(feature = "report")]
    #[command(after_help = EXIT_STATUS)]
    Report(Box<report::Options>),
    #[cfg(feature = "rulebook")]
    #[command(after_help = EXIT_STATUS)]
    Policy(policy::Options),
    #[cfg(feature = "rulebook")]
    #[command(after_help = EXIT_STATUS)]
    Rulebook(rulebook::Options),
    /// Write a shell completion script
    #[cfg(feature = "shell")]
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Write the manual page; with a directory, write one page for each command
    #[cfg(feature = "shell")]
    Man {
        /// The directory for the pages
        directory: Option<std::path::PathBuf>,
    },
}

const AFTER_HELP: &str = "\
Without a command, decides sample cases.

Exit status of all commands:
  0    success
  1    invalid records or answers, answers that end early, a failed scenario,
       or a finding or change that `--deny` names
  2    invalid arguments, an invalid rulebook, a file that can't be read or
       written, or an instant before the first edition
  130  interrupted (Ctrl-C)";

const EXIT_STATUS: &str = "Exit status: see `multichannel --help`.";

/// Why a run ends early.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("`{name}`: {error}")]
    NoEdition { name: String, error: csp_multichannel::BeforeFirstEdition },
    #[error(transparent)]
    Instant(#[from] csp_multichannel::BeforeFirstEdition),
    #[error("can't read `{name}`: {error}")]
    Input { name: String, error: io::Error },
    #[error("`{name}` has no record, expected a case")]
    NoCase { name: String },
    #[error("`{name}` has no scenario, expected one on each line")]
    NoScenario { name: String },
    #[error("`{name}`, {refusal}")]
    Case { name: String, refusal: records::RecordError },
    #[cfg(feature = "rulebook")]
    #[error(transparent)]
    Rule(#[from] policy::UnknownRule),
    #[cfg(feature = "rulebook")]
    #[error("`{name}` is not a valid rulebook: {}", text::counted(.error.problems().len(), "error"))]
    Rulebook { name: String, error: csp_multichannel_rulebook::DocumentError },
    #[error("`{name}` has an invalid byte at offset {offset}, expected UTF-8")]
    Utf8 { name: String, offset: usize },
    #[error("`{name}` is too long, expected at most {longest} bytes")]
    TooLong { name: String, longest: usize },
    #[error(
        "standard input can't be the rulebook and {0} at once, expected a file for one of them"
    )]
    StandardInputTwice(&'static str),
    #[error("can't write: {0}")]
    Output(#[from] io::Error),
    #[error("can't write `{name}`: {error}")]
    File { name: String, error: io::Error },
    #[error("`{0}` is already an input or output, expected another name")]
    SameFile(String),
    #[error("`{0}` has an unknown report format, expected `.html`, `.csv`, `.jsonl` or `.md`")]
    NoReport(String),
    #[error(
        "`--as-of` and `--action` are for decision tables, expected neither with `--to toml` or `--to json`"
    )]
    TablesOnly,
    #[error("`{0}` is for SQL only, expected `--to sql`")]
    SqlOnly(&'static str),
    #[error(
        "`--action` is for decision tables, expected none with `--to sql`, which has all actions"
    )]
    AllActions,
    #[error("the days are {from} and {to}, expected the earlier one first")]
    Order { from: chrono::NaiveDate, to: chrono::NaiveDate },
}

impl Failure {
    /// Returns the lines that follow the message.
    fn details(&self) -> Vec<String> {
        match self {
            #[cfg(feature = "rulebook")]
            Self::Rulebook { name, error } => {
                error.problems().iter().map(|problem| format!("{name}:{problem}")).collect()
            }
            _ => Vec::new(),
        }
    }
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let result = match arguments.command {
        None => decide::sample(arguments.as_of, arguments.by),
        Some(Command::Decide(options)) => decide::run(&options),
        #[cfg(feature = "guidance")]
        Some(Command::Ask(options)) => ask::run(&options),
        #[cfg(feature = "guidance")]
        Some(Command::Plan(options)) => plan::run(&options),
        #[cfg(feature = "report")]
        Some(Command::Report(options)) => report::run(&options),
        #[cfg(feature = "rulebook")]
        Some(Command::Policy(options)) => policy::run(&options).map(|()| 0),
        #[cfg(feature = "rulebook")]
        Some(Command::Rulebook(options)) => rulebook::run(&options),
        #[cfg(feature = "shell")]
        Some(Command::Completions { shell }) => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Arguments::command(), "multichannel", &mut script);
            io::Write::write_all(&mut text::stdout(), &script).map(|()| 0).map_err(Failure::Output)
        }
        #[cfg(feature = "shell")]
        Some(Command::Man { directory }) => manual(directory).map(|()| 0),
    };
    match result {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::from(1),
        // The reader of the output stopped early.
        Err(Failure::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
            ExitCode::SUCCESS
        }
        Err(failure) => {
            text::announce(format_args!("error: {}", text::printable(&failure.to_string())));
            for detail in failure.details() {
                text::announce(text::printable(&detail));
            }
            ExitCode::from(2)
        }
    }
}

#[cfg(feature = "shell")]
fn manual(directory: Option<std::path::PathBuf>) -> Result<(), Failure> {
    let Some(directory) = directory else {
        let mut page = Vec::new();
        clap_mangen::Man::new(Arguments::command()).render(&mut page)?;
        return Ok(io::Write::write_all(&mut text::stdout(), &page)?);
    };
    let written = clap_mangen::generate_to(Arguments::command(), &directory);
    written.map_err(|error| Failure::File { name: directory.display().to_string(), error })
}
