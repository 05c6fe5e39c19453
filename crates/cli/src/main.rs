//! The program `multichannel`: what a CSP partner may do with subscriptions that were bought elsewhere, and how.

mod ask;
mod decide;
mod difference;
mod input;
mod overview;
mod plan;
mod policy;
mod records;
mod report;
mod rulebook;
mod text;
mod unfinished;

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

/// Decide what a CSP partner may do with Microsoft subscriptions that were bought elsewhere, and how.
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
    by: rulebook::ByRulebook,

    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    #[command(after_help = EXIT_STATUS)]
    Decide(decide::Options),
    #[command(after_help = EXIT_STATUS)]
    Ask(ask::Options),
    #[command(after_help = EXIT_STATUS)]
    Plan(plan::Options),
    #[command(after_help = EXIT_STATUS)]
    Report(Box<report::Options>),
    #[command(after_help = EXIT_STATUS)]
    Policy(policy::Options),
    #[command(after_help = EXIT_STATUS)]
    Rulebook(rulebook::Options),
    /// Write a script that completes the arguments in a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Write the manual page; with a directory, one page for each command
    Man {
        /// The directory
        directory: Option<PathBuf>,
    },
}

const AFTER_HELP: &str = "\
Without a command, decides sample cases.

Exit status, of all commands:
  0    nothing was refused
  1    some records or answers were refused, the answers ended early, a scenario
       failed, or something was found that is denied
  2    unusable arguments or files, or an instant before the first edition
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
    #[error("`{name}` has no case, expected a record of one")]
    NoCase { name: String },
    #[error("`{name}` has no scenario, expected one a line")]
    NoScenario { name: String },
    #[error("`{name}`, {refusal}")]
    Case { name: String, refusal: records::Refusal },
    #[error(transparent)]
    Rule(#[from] policy::UnknownRule),
    #[error("`{name}` is not a rulebook: {}", text::counted(.error.problems().len(), "problem"))]
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
    #[error("`{0}` is read or written already, expected another name")]
    SameFile(String),
    #[error("`{0}` names no format of a report, expected `.html`, `.csv`, `.jsonl` or `.md`")]
    NoReport(String),
    #[error("`--as-of` and `--action` are for decision tables, expected none with data")]
    TablesOnly,
    #[error("`{0}` is for SQL, expected `--to sql` with it")]
    SqlOnly(&'static str),
    #[error("`--action` chooses decision tables, expected none with SQL, which has all actions")]
    AllActions,
    #[error("the days are {from} and {to}, expected the earlier one first")]
    Order { from: chrono::NaiveDate, to: chrono::NaiveDate },
}

impl Failure {
    /// Returns the details that follow the message, one a line.
    fn details(&self) -> Vec<String> {
        match self {
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
        Some(Command::Ask(options)) => ask::run(&options),
        Some(Command::Plan(options)) => plan::run(&options),
        Some(Command::Report(options)) => report::run(&options),
        Some(Command::Policy(options)) => policy::run(&options).map(|()| 0),
        Some(Command::Rulebook(options)) => rulebook::run(&options),
        Some(Command::Completions { shell }) => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Arguments::command(), "multichannel", &mut script);
            io::Write::write_all(&mut io::stdout(), &script).map(|()| 0).map_err(Failure::Output)
        }
        Some(Command::Man { directory }) => manual(directory).map(|()| 0),
    };
    match result {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::from(1),
        // Whoever reads the output has seen enough.
        Err(Failure::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
            ExitCode::SUCCESS
        }
        Err(failure) => {
            eprintln!("error: {}", text::printable(&failure.to_string()));
            for detail in failure.details() {
                eprintln!("{}", text::printable(&detail));
            }
            ExitCode::from(2)
        }
    }
}

fn manual(directory: Option<PathBuf>) -> Result<(), Failure> {
    let Some(directory) = directory else {
        let mut page = Vec::new();
        clap_mangen::Man::new(Arguments::command()).render(&mut page)?;
        return Ok(io::Write::write_all(&mut io::stdout(), &page)?);
    };
    let written = clap_mangen::generate_to(Arguments::command(), &directory);
    written.map_err(|error| Failure::File { name: directory.display().to_string(), error })
}
