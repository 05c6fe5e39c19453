//! Decides a portfolio: JSON Lines in, a table for people or JSON Lines out.

mod lines;

use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::iter;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use chrono::{DateTime, SubsecRound, Utc};
use clap::Parser;
use comfy_table::{ColumnConstraint, ContentArrangement, Table, Width};
use csp_multichannel::{
    Action, Answer, BeforeFirstEdition, Case, Decision, Facts, RefusedLine, Rulebook, parse_instant,
};
use lines::{Lines, Unreadable};
use serde::Serialize;

/// Say which ways are open to manage or move subscriptions that were bought elsewhere.
#[derive(Parser)]
#[command(
    after_help = "Exit status: 0, all lines were decided; 1, some were refused; 2, unusable arguments, input that cannot be read, or \
    an instant before the first edition.\n\n\
    Example: decide --json --as-of 2018-09-15 cases.jsonl"
)]
struct Options {
    /// JSON Lines with a case each, `-` for standard input [default: a sample portfolio]
    cases: Option<PathBuf>,

    /// The instant to decide for: a day, taken at 00:00 UTC, or an RFC 3339 instant [default: now]
    #[arg(long, value_name = "INSTANT", value_parser = parse_instant)]
    as_of: Option<DateTime<Utc>>,

    /// Write one JSON line a case, as each is read
    #[arg(long)]
    json: bool,
}

const SAMPLE: &str = include_str!("portfolio.jsonl");

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

/// Why nothing more can be decided.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Instant(#[from] BeforeFirstEdition),
    #[error(transparent)]
    Input(#[from] Unreadable),
    #[error("cannot write: {0}")]
    Output(#[from] io::Error),
}

/// Decides all lines; returns how many were refused.
fn run(options: &Options) -> Result<usize, Failure> {
    let as_of = options.as_of.unwrap_or_else(|| Utc::now().trunc_subsecs(0));
    let edition = Rulebook::partner_center().edition_at(as_of)?;
    let name = options.cases.as_ref().map_or("the sample".into(), |path| path.display().to_string());

    let input = open(options.cases.as_deref()).map_err(|error| Unreadable { name: name.clone(), error })?;
    let mut lines = Lines::of(input, name);
    let mut output = BufWriter::new(io::stdout().lock());
    let mut refused = 0;
    let mut report = Report::default();
    while let Some(line) = lines.next(|| output.flush().map_err(Failure::Output))? {
        let result = line.case().map(|case| {
            let decision = edition.decide(case.facts(as_of));
            (case, decision)
        });
        refused += usize::from(result.is_err());
        if !options.json {
            report.add(result);
            continue;
        }
        match result {
            Ok((case, decision)) => write_json(&mut output, &Answer { id: &case.id, as_of, decision })?,
            Err(refusal) => write_json(&mut output, &refusal)?,
        }
    }
    if !options.json {
        report.write(&mut output, as_of)?;
    }
    output.flush()?;
    Ok(refused)
}

fn open(path: Option<&Path>) -> io::Result<Box<dyn Read>> {
    Ok(match path {
        None => Box::new(SAMPLE.as_bytes()),
        Some(path) if path == Path::new("-") => Box::new(io::stdin()),
        Some(path) => Box::new(File::open(path)?),
    })
}

fn write_json(output: &mut impl Write, record: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *output, record)?;
    output.write_all(b"\n")
}

/// What people read: an overview, then each case.
#[derive(Default)]
struct Report<'r> {
    cases: Vec<(Case, Decision<'r>)>,
    refused: Vec<RefusedLine>,
}

impl<'r> Report<'r> {
    fn add(&mut self, result: Result<(Case, Decision<'r>), RefusedLine>) {
        match result {
            Ok(case) => self.cases.push(case),
            Err(refused) => self.refused.push(refused),
        }
    }

    fn write(&self, output: &mut impl Write, as_of: DateTime<Utc>) -> io::Result<()> {
        writeln!(output, "As of {as_of:?}: {} decided, {} refused", self.cases.len(), self.refused.len())?;
        for RefusedLine { id, line, error } in &self.refused {
            let id = id.as_ref().map(|id| format!(" ({})", printable(id))).unwrap_or_default();
            writeln!(output, "line {line}{id} refused: {error}")?;
        }
        writeln!(output, "\n{}", self.overview())?;
        for (case, decision) in &self.cases {
            writeln!(output, "\n\n{}", printable(&case.id))?;
            for known in known(decision.facts()) {
                writeln!(output, "    {known}")?;
            }
            writeln!(output, "\n{decision}")?;
        }
        Ok(())
    }

    fn overview(&self) -> Table {
        let words = |word: &str| word.replace('_', " ");
        let mut overview = Table::new();
        overview.load_preset(comfy_table::presets::UTF8_FULL_CONDENSED);
        overview.set_content_arrangement(ContentArrangement::Dynamic).set_width(120);
        overview.set_header(iter::once("case".into()).chain(Action::ALL.iter().map(|action| words(action.as_str()))));
        // Wide enough for every single word; the rest is for ids.
        let of_verdicts = ColumnConstraint::Absolute(Width::Fixed(14));
        overview
            .set_constraints(iter::once(ColumnConstraint::ContentWidth).chain(Action::ALL.iter().map(|_| of_verdicts)));
        for (case, decision) in &self.cases {
            let verdicts = decision.verdicts().iter().map(|(_, verdict)| words(verdict.as_str()));
            overview.add_row(iter::once(printable(&case.id)).chain(verdicts));
        }
        overview
    }
}

/// What is known, a few facts a line.
fn known(facts: Facts) -> Vec<String> {
    let text = facts.to_string();
    let facts: Vec<&str> = text.split("; ").collect();
    facts.chunks(4).map(|few| few.join("; ")).collect()
}

/// An id without what would steer a terminal.
fn printable(id: &str) -> String {
    id.chars().map(|c| if c.is_control() { c.escape_default().to_string() } else { c.into() }).collect()
}
