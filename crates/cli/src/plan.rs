//! `multichannel plan`: how to reach a goal, step by step.

mod axis;
mod calendar;
mod chart;
pub(crate) mod report;
mod typeface;

use std::cell::RefCell;
use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use clap::Args;
use csp_multichannel::{Case, Rulebook, rfc3339};
use csp_multichannel_guidance::{Goal, Period, Plans, calendar, plans};
use serde::Serialize;

use crate::Failure;
use crate::input::{AsOf, Input};
use crate::records::Refusal;
use crate::text::printable;

/// Plan how to manage or move subscriptions, step by step, and name the obstacles
///
/// Reads records of cases as `multichannel decide` does. Without a file, plans a sample case where standard input is
/// a terminal.
#[derive(Args)]
pub(crate) struct Options {
    #[command(flatten)]
    input: Input,

    #[command(flatten)]
    as_of: AsOf,

    /// What to reach: `manage` or `move`
    #[arg(long, default_value_t = Goal::Move)]
    goal: Goal,

    /// Write one JSON record for each case, as soon as it is read
    #[arg(long)]
    json: bool,

    /// Write for each step the reasons, the advice, and how it is done
    #[arg(long)]
    explain: bool,

    /// Write the dates of the plans, and when the answers change, as a calendar file
    #[arg(long, value_name = "FILE")]
    ics: Option<PathBuf>,

    /// Draw the plans as a chart
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
}

const SAMPLE: &[u8] = include_bytes!("plan/sample.json");

/// A case with its plans.
pub(crate) struct Planned {
    pub(crate) case: Case,
    pub(crate) plans: Plans,
    /// How long the answers on the case hold, and what follows.
    pub(crate) periods: Vec<Period>,
}

/// The plans for a case as JSON.
#[derive(Serialize)]
pub(crate) struct Record<'a> {
    pub(crate) id: &'a str,
    #[serde(with = "rfc3339")]
    pub(crate) as_of: DateTime<Utc>,
    #[serde(flatten)]
    pub(crate) plans: &'a Plans,
}

/// Plans for a case at an instant.
pub(crate) fn plan_for(case: Case, goal: Goal, as_of: DateTime<Utc>) -> Result<Planned, Failure> {
    let rulebook = Rulebook::partner_center();
    let plans = plans(&case.subscription, goal, as_of, rulebook)?;
    let periods = calendar(&case.subscription, as_of, rulebook)?;
    Ok(Planned { case, plans, periods })
}

/// Plans for the cases of the input; returns the number of refused records.
pub(crate) fn run(options: &Options) -> Result<usize, Failure> {
    let as_of = options.as_of.instant();
    Rulebook::partner_center().edition_at(as_of)?;
    for written in [&options.ics, &options.svg].into_iter().flatten() {
        differ(options.input.path(), written)?;
    }
    let output = RefCell::new(BufWriter::new(anstream::AutoStream::auto(io::stdout().lock())));
    let mut cases = options.input.source().cases(SAMPLE, &output)?;
    let mut kept = Vec::new();
    let mut count = 0;
    while let Some(next) = cases.next()? {
        let planned = match next {
            Ok(case) => Ok(plan_for(case, options.goal, as_of)?),
            Err(refusal) => Err(refusal),
        };
        let output = &mut *output.borrow_mut();
        if options.json {
            write_json(output, planned.as_ref(), as_of)?;
        } else {
            write_text(output, planned.as_ref(), options, as_of, count > 0)?;
        }
        count += 1;
        if options.ics.is_some() || options.svg.is_some() {
            kept.extend(planned);
        }
    }
    output.borrow_mut().flush()?;
    if let Some(path) = &options.ics {
        write_file(path, &calendar::of_plans(&kept, as_of))?;
    }
    if let Some(path) = &options.svg {
        write_file(path, &chart::draw(&kept, as_of))?;
    }
    Ok(cases.refused)
}

fn write_json(
    output: &mut impl Write,
    planned: Result<&Planned, &Refusal>,
    as_of: DateTime<Utc>,
) -> Result<(), Failure> {
    let written = match planned {
        Ok(Planned { case, plans, .. }) => {
            serde_json::to_writer(&mut *output, &Record { id: &case.id, as_of, plans })
        }
        Err(refusal) => serde_json::to_writer(&mut *output, refusal),
    };
    written.map_err(io::Error::from)?;
    Ok(output.write_all(b"\n")?)
}

fn write_text(
    output: &mut impl Write,
    planned: Result<&Planned, &Refusal>,
    options: &Options,
    as_of: DateTime<Utc>,
    is_next: bool,
) -> Result<(), Failure> {
    if is_next {
        output.write_all(b"\n\n")?;
    }
    match planned {
        Ok(planned) => {
            report::write(output, planned, as_of, &options.as_of.text(as_of), options.explain)?;
        }
        Err(Refusal { id, line, error }) => {
            let id = id.as_ref().map(|id| format!(" ({})", printable(id))).unwrap_or_default();
            writeln!(output, "line {line}{id} refused: {}", printable(error))?;
        }
    }
    Ok(())
}

/// A file that is written must not take the place of the cases.
fn differ(read: Option<&Path>, written: &Path) -> Result<(), Failure> {
    match (read.map(Path::canonicalize), written.canonicalize()) {
        (Some(Ok(one)), Ok(other)) if one == other => {
            Err(Failure::SameFile(written.display().to_string()))
        }
        _ => Ok(()),
    }
}

fn write_file(path: &Path, text: &str) -> Result<(), Failure> {
    let written = fs::write(path, text);
    written.map_err(|error| Failure::File { name: path.display().to_string(), error })
}
