//! Plans the ways to manage or move a subscription: text for people, JSON Lines, or a chart as SVG.

mod axis;
mod cases;
mod chart;
mod procedure;
mod report;
mod svg;
mod text;

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use cases::{Cases, Unreadable};
use chrono::{DateTime, SubsecRound, Utc};
use clap::Parser;
use csp_multichannel::guidance::{Goal, Plans};
use csp_multichannel::{BeforeFirstEdition, Case, RefusedLine, Rulebook, parse_instant};
use serde::Serialize;

/// Say step by step which ways lead to managing or moving a subscription, and what stands in the others.
#[derive(Parser)]
#[command(
    after_help = "Exit status: 0, all cases were planned; 1, some were refused; 2, unusable arguments, files that cannot be read or \
    written, or an instant before the first edition.\n\n\
    Example: plan --goal move --as-of 2026-11-24 --svg ways.svg case.json"
)]
struct Options {
    /// A case as JSON, or JSON Lines with a case each; `-` for standard input [default: a sample]
    #[arg(value_name = "CASE.json")]
    cases: Option<PathBuf>,

    /// What to reach: manage, move
    #[arg(long, default_value = "move")]
    goal: Goal,

    /// The instant from which to plan: a day, taken at 00:00 UTC, or an RFC 3339 instant [default: now]
    #[arg(long, value_name = "INSTANT", value_parser = parse_instant)]
    as_of: Option<DateTime<Utc>>,

    /// Write one JSON line a case, as each is read
    #[arg(long)]
    json: bool,

    /// Draw a chart of the ways as well
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
}

const SAMPLE: &str = include_str!("case.json");

fn main() -> ExitCode {
    let options = Options::parse();
    match run(&options) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::from(1),
        Err(Failure::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::from(2)
        }
    }
}

/// Why nothing more can be planned.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Instant(#[from] BeforeFirstEdition),
    #[error(transparent)]
    Input(#[from] Unreadable),
    #[error("cannot write: {0}")]
    Output(#[from] io::Error),
    #[error("cannot write `{}`: {error}", .path.display())]
    Chart { path: PathBuf, error: io::Error },
    #[error("`{}` is read and cannot be written as well, expected another name", .0.display())]
    SameFile(PathBuf),
}

/// The plans for a case, as JSON.
#[derive(Serialize)]
struct Record<'a> {
    id: &'a str,
    as_of: DateTime<Utc>,
    #[serde(flatten)]
    plans: &'a Plans<'a>,
}

/// A case with the ways to the goal, or why there is none.
type Planned = Result<(Case, Plans<'static>), RefusedLine>;

/// Plans all cases; returns how many were refused.
fn run(options: &Options) -> Result<usize, Failure> {
    let as_of = options.as_of.unwrap_or_else(|| Utc::now().trunc_subsecs(0));
    let rulebook = Rulebook::partner_center();
    rulebook.edition_at(as_of)?;
    if let (Some(read), Some(written)) = (&options.cases, &options.svg) {
        differ(read, written)?;
    }
    let plan = |case: Result<Case, RefusedLine>| -> Result<Planned, BeforeFirstEdition> {
        Ok(match case {
            Ok(case) => {
                let plans = Plans::of(&case, options.goal, as_of, rulebook)?;
                Ok((case, plans))
            }
            Err(refusal) => Err(refusal),
        })
    };

    let mut cases = Cases::open(options.cases.as_deref(), SAMPLE)?;
    let output = BufWriter::new(io::stdout().lock());
    let mut teller = Teller { output, as_of, json: options.json, told: 0, refused: 0 };
    if let Some(path) = &options.svg {
        // The chart comes first: whoever reads the rest may go away.
        let mut all = Vec::new();
        while let Some(case) = cases.next(|| Ok::<_, Failure>(()))? {
            all.push(plan(case)?);
        }
        let planned: Vec<_> = all.iter().flatten().collect();
        let chart = chart::draw(&planned, as_of);
        fs::write(path, chart).map_err(|error| Failure::Chart { path: path.clone(), error })?;
        all.iter().try_for_each(|planned| teller.tell(planned))?;
    } else {
        while let Some(case) = cases.next(|| teller.output.flush().map_err(Failure::Output))? {
            teller.tell(&plan(case)?)?;
        }
    }
    teller.output.flush()?;
    Ok(teller.refused)
}

/// Tells of cases, one after the other.
struct Teller<W> {
    output: W,
    as_of: DateTime<Utc>,
    json: bool,
    told: usize,
    refused: usize,
}

impl<W: Write> Teller<W> {
    fn tell(&mut self, planned: &Planned) -> io::Result<()> {
        let Self { output, as_of, .. } = self;
        if !self.json && self.told > 0 {
            output.write_all(b"\n\n")?;
        }
        self.told += 1;
        match planned {
            Ok((case, plans)) if self.json => write_json(output, &Record { id: &case.id, as_of: *as_of, plans }),
            Ok((case, plans)) => report::write(output, case, plans, *as_of),
            Err(refusal) => {
                self.refused += 1;
                if self.json { write_json(output, refusal) } else { text::write_refused(output, refusal) }
            }
        }
    }
}

/// A chart must not take the place of the cases that it shows.
fn differ(read: &Path, written: &Path) -> Result<(), Failure> {
    match (read.canonicalize(), written.canonicalize()) {
        (Ok(one), Ok(other)) if one == other => Err(Failure::SameFile(written.into())),
        _ => Ok(()),
    }
}

fn write_json(output: &mut impl Write, record: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *output, record)?;
    output.write_all(b"\n")
}
