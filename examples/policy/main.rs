//! Looks into the policy itself: its editions, what changed between two, a case's calendar, the procedures.

mod calendar;
#[path = "../plan/cases.rs"]
mod cases;
mod diff;
mod editions;
#[path = "../plan/procedure.rs"]
mod procedure;
mod rule;
#[path = "../plan/text.rs"]
mod text;

use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use cases::Unreadable;
use chrono::{DateTime, SubsecRound, Utc};
use clap::{Args, Parser, Subcommand};
use csp_multichannel::{
    Action, BeforeFirstEdition, Channel, Cloud, Contradiction, Facts, Partner, Rulebook, Service, parse_instant,
};
use procedure::Leads;
use serde::Serialize;

/// Look into the policy: its editions, what changed, when a case is answered otherwise, and how to carry an action out.
#[derive(Parser)]
#[command(
    after_help = "Exit status: 0; 1, some lines were no cases; 2, unusable arguments, input that cannot be read, or an instant \
    before the first edition.\n\n\
    Example: policy diff 2023-09-14 2024-06-19"
)]
struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// All editions: what begins and ends with each, why, and by which pages
    #[command(after_help = "Example: policy editions")]
    Editions {
        /// Write one JSON line an edition
        #[arg(long)]
        json: bool,
    },
    Diff(Diff),
    Calendar(Calendar),
    Procedure(Procedure),
}

/// What changed between two days: rules, and the cases that are answered otherwise
#[derive(Args)]
#[command(after_help = "Example: policy diff 2023-09-14 2024-06-19 --cases portfolio.jsonl")]
struct Diff {
    /// The one day, or an RFC 3339 instant
    #[arg(value_parser = parse_instant)]
    from: DateTime<Utc>,

    /// The other; terms are taken to be where they are at this instant
    #[arg(value_parser = parse_instant)]
    to: DateTime<Utc>,

    /// Write the difference as one JSON line, and one for each case that it touches
    #[arg(long)]
    json: bool,

    /// Cases as JSON Lines, `-` for standard input: list those that it touches, and how
    #[arg(long, value_name = "FILE.jsonl")]
    cases: Option<PathBuf>,
}

/// Every instant at which the verdicts on a case change, if nothing changes but time
#[derive(Args)]
#[command(after_help = "Example: policy calendar --from 2022-01-01 --until 2025-01-01 case.json")]
struct Calendar {
    /// A case as JSON, or JSON Lines with a case each; `-` for standard input
    #[arg(value_name = "CASE.json")]
    cases: PathBuf,

    /// Write one JSON line a case
    #[arg(long)]
    json: bool,

    /// Begin with the verdicts at this instant
    #[arg(long, value_name = "INSTANT", value_parser = parse_instant)]
    from: Option<DateTime<Utc>>,

    /// Leave out what changes at or after this instant
    #[arg(long, value_name = "INSTANT", value_parser = parse_instant)]
    until: Option<DateTime<Utc>>,
}

/// How an action is carried out: who does what, in which order
#[derive(Args)]
#[command(after_help = "Example: policy procedure switch --service azure_plan --as-of 2026-11-24")]
struct Procedure {
    /// `request_relationship`, `recreate_and_cancel`, `switch`, `wait_until_term_end` or `cancel_then_move`
    action: Action,

    /// The instant to tell it for: a day, taken at 00:00 UTC, or an RFC 3339 instant [default: now]
    #[arg(long, value_name = "INSTANT", value_parser = parse_instant)]
    as_of: Option<DateTime<Utc>>,

    /// What was bought
    #[arg(long)]
    service: Option<Service>,

    /// The cloud instance
    #[arg(long)]
    cloud: Option<Cloud>,

    /// Where it was bought
    #[arg(long)]
    channel: Option<Channel>,

    /// The asking partner's role
    #[arg(long)]
    partner: Option<Partner>,

    /// Write one JSON line a step
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    let options = Options::parse();
    match run(&options.command) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::from(1),
        Err(Failure::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::from(2)
        }
    }
}

/// Why nothing more can be told.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Instant(#[from] BeforeFirstEdition),
    #[error(transparent)]
    Input(#[from] Unreadable),
    #[error(transparent)]
    Facts(#[from] Contradiction),
    #[error("`--until` {} is not after `--from` {}, expected a later instant", text::instant(*.until), text::instant(*.from))]
    Limits { from: DateTime<Utc>, until: DateTime<Utc> },
    #[error("cannot write: {0}")]
    Output(#[from] io::Error),
}

/// Does as it is told; returns how many lines were refused.
fn run(command: &Command) -> Result<usize, Failure> {
    let mut output = BufWriter::new(io::stdout().lock());
    let refused = match command {
        Command::Editions { json } => editions::write(&mut output, *json)?,
        Command::Diff(diff) => diff::write(&mut output, diff)?,
        Command::Calendar(calendar) => calendar::write(&mut output, calendar)?,
        Command::Procedure(procedure) => write_procedure(&mut output, procedure)?,
    };
    output.flush()?;
    Ok(refused)
}

fn write_procedure(output: &mut impl Write, options: &Procedure) -> Result<usize, Failure> {
    let as_of = options.as_of.unwrap_or_else(|| Utc::now().trunc_subsecs(0));
    Rulebook::partner_center().edition_at(as_of)?;
    let facts = options.facts()?;
    let steps = csp_multichannel::guidance::procedure(options.action, facts, as_of);
    if options.json {
        steps.iter().try_for_each(|step| write_json(output, step))?;
        return Ok(0);
    }
    writeln!(output, "{}, as of {}\n    {facts}\n", options.action, text::instant(as_of))?;
    if steps.is_empty() {
        writeln!(output, "The documents describe no procedure.")?;
    }
    procedure::write(output, &Leads { first: "", further: "", between: "\n" }, &steps, facts)?;
    Ok(0)
}

impl Procedure {
    fn facts(&self) -> Result<Facts, Contradiction> {
        let facts = self.service.map_or(Ok(Facts::UNKNOWN), |service| Facts::UNKNOWN.given(service))?;
        let facts = self.cloud.map_or(Ok(facts), |cloud| facts.given(cloud))?;
        let facts = self.channel.map_or(Ok(facts), |channel| facts.given(channel))?;
        self.partner.map_or(Ok(facts), |partner| facts.given(partner))
    }
}

fn write_json(output: &mut impl Write, record: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *output, record)?;
    output.write_all(b"\n")
}
