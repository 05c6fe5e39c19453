//! `multichannel plan`: the steps to a goal.

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
use csp_multichannel::{Case, Rulebook};
use csp_multichannel_guidance::{Expiry, Goal, Period, Plans, calendar, expiry, plans};
use serde::Serialize;

use crate::Failure;
use crate::by_rulebook::ByRulebook;
use crate::input::{AsOf, Input, one_of, refuse_same};
use crate::records::RecordError;
use crate::text::{paragraph, stdout, write_json};

/// Plan step by step how to move or manage subscriptions, and list the obstacles
///
/// Reads JSON, as `multichannel decide` does. Without a file, reads standard input; in a terminal,
/// plans a sample case.
#[derive(Args)]
pub(crate) struct Options {
    #[command(flatten)]
    input: Input,

    #[command(flatten)]
    as_of: AsOf,

    #[command(flatten)]
    by: ByRulebook,

    /// The goal of the plans
    #[arg(long, default_value = Goal::Move.as_str(), value_parser = one_of(Goal::ALL, Goal::as_str))]
    goal: Goal,

    /// Write one JSON record for each case, as soon as it is planned
    #[arg(long, conflicts_with = "explain")]
    json: bool,

    /// Add the reasons, advice and procedures of each step
    #[arg(long)]
    explain: bool,

    /// Write the dates of steps and of changed verdicts to a calendar file
    #[arg(long, value_name = "FILE")]
    ics: Option<PathBuf>,

    /// Draw the plans as a chart in an SVG file
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
}

const SAMPLE: &[u8] = include_bytes!("plan/sample.json");

/// A case with its plans.
pub(crate) struct Planned {
    pub(crate) case: Case,
    pub(crate) plans: Plans,
    /// How long the verdicts hold.
    pub(crate) expiry: Expiry,
    /// The periods with different verdicts.
    periods: Vec<Period>,
}

/// The plans for a case as JSON.
#[derive(Serialize)]
struct Record<'a> {
    id: &'a str,
    as_of: DateTime<Utc>,
    #[serde(flatten)]
    plans: &'a Plans,
    expiry: Expiry,
}

/// Plans for one case.
pub(crate) fn plan_for(
    case: Case,
    goal: Goal,
    as_of: DateTime<Utc>,
    rulebook: &Rulebook,
) -> Result<Planned, Failure> {
    let plans = plans(&case.subscription, goal, as_of, rulebook)?;
    let expiry = expiry(&case.subscription, as_of, rulebook)?;
    let periods = calendar(&case.subscription, as_of, rulebook)?;
    Ok(Planned { case, plans, expiry, periods })
}

/// Plans for the cases of the input; returns the number of invalid records.
pub(crate) fn run(options: &Options) -> Result<usize, Failure> {
    let as_of = options.as_of.instant();
    let source = options.input.source();
    let files: Vec<&Path> =
        [&options.ics, &options.svg].into_iter().flatten().map(|path| &**path).collect();
    refuse_same(&[Some(&source), options.by.source().as_ref()], &files)?;
    let rulebook = options.by.rulebook(&[("the cases", &source)])?;
    rulebook.edition_at(as_of)?;
    let output = RefCell::new(BufWriter::new(stdout()));
    let mut cases = source.cases(SAMPLE, &output)?;
    let mut kept = Vec::new();
    let mut written = 0;
    while let Some(next) = cases.next()? {
        let planned = next
            .map(|case| plan_for(case, options.goal, as_of, rulebook))
            .map_or_else(|refusal| Ok(Err(refusal)), |planned| planned.map(Ok))?;
        if files.is_empty() {
            write(&mut *output.borrow_mut(), &planned, options, (as_of, rulebook), written)?;
            written += 1;
        } else {
            kept.push(planned);
        }
    }
    // Files come first: the reader of standard output can stop early.
    let planned: Vec<&Planned> = kept.iter().flatten().collect();
    if let Some(path) = &options.ics {
        write_file(path, &calendar::of_plans(&planned, as_of))?;
    }
    if let Some(path) = &options.svg {
        write_file(path, &chart::draw(&planned, as_of))?;
    }
    let output = &mut *output.borrow_mut();
    for planned in &kept {
        write(output, planned, options, (as_of, rulebook), written)?;
        written += 1;
    }
    if !options.json && written != 1 {
        let planned = written - cases.refused;
        let line = if written == 0 { "" } else { "\n" };
        writeln!(output, "{line}{planned} planned, {} invalid", cases.refused)?;
    }
    output.flush()?;
    Ok(cases.refused)
}

/// Writes the plans for a case, or the error in its place.
fn write(
    output: &mut impl Write,
    planned: &Result<Planned, RecordError>,
    options: &Options,
    (as_of, rulebook): (DateTime<Utc>, &Rulebook),
    before: usize,
) -> io::Result<()> {
    match planned {
        Ok(Planned { case, plans, expiry, .. }) if options.json => {
            write_json(output, &Record { id: &case.id, as_of, plans, expiry: *expiry })
        }
        Err(refusal) if options.json => write_json(output, refusal),
        planned => {
            if before > 0 {
                output.write_all(b"\n\n")?;
            }
            match planned {
                Ok(planned) => {
                    let missing = report::missing_fact(planned, as_of, rulebook);
                    let day = options.as_of.text();
                    report::write(output, planned, as_of, &day, missing, options.explain)
                }
                Err(refusal) => writeln!(output, "{}", paragraph("", &refusal.to_string())),
            }
        }
    }
}

fn write_file(path: &Path, text: &str) -> Result<(), Failure> {
    let written = fs::write(path, text);
    written.map_err(|error| Failure::File { name: path.display().to_string(), error })
}
