//! `rulebook test`: does a rulebook say what it is meant to?

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;
use csp_multichannel::authoring::{Coverage, Failure as Otherwise, RefusedScenario, Report, Scenario, Suite};
use serde::Serialize;

use crate::input::{self, Source, Written};
use crate::lines::Unreadable;
use crate::text::printable;
use crate::{Failure, Outcome, output, problem};

/// Run scenarios against a rulebook: cases, each with the verdicts that are expected of it
#[derive(Debug, Args)]
#[command(after_help = "Example: rulebook test northwind.toml northwind-scenarios.jsonl --coverage")]
pub(crate) struct Test {
    /// A rulebook: a file in TOML or JSON, `-` for standard input, `builtin` for the built-in register
    #[arg(value_name = "FILE")]
    file: Source,

    /// JSON Lines with a scenario each, `-` for standard input
    #[arg(value_name = "SCENARIOS", required = true)]
    scenarios: Vec<PathBuf>,

    #[command(flatten)]
    written: Written,

    /// Tell which rules decided, advised, only fired, or never did
    #[arg(long)]
    coverage: bool,

    /// Write one JSON object
    #[arg(long)]
    json: bool,
}

/// What came of it, as JSON.
#[derive(Serialize)]
struct Record<'a> {
    file: String,
    scenarios: Vec<OfFile<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    coverage: Option<&'a Coverage<'a>>,
}

/// What came of one file of scenarios.
#[derive(Serialize)]
struct OfFile<'a> {
    file: String,
    run: usize,
    failures: &'a [Otherwise<'a>],
    refused: &'a [RefusedScenario],
}

impl Test {
    pub(crate) fn run(&self) -> Result<Outcome, Failure> {
        let sources: Vec<Source> = self.scenarios.iter().cloned().map(Source::of_path).collect();
        input::standard_once(sources.iter().chain([&self.file]))?;
        let rulebook = self.written.rulebook(&self.file)?;
        let suites = sources.iter().map(read).collect::<Result<Vec<Suite>, Unreadable>>()?;
        let reports: Vec<Report<'_>> = suites.iter().map(|suite| suite.run(&rulebook)).collect();

        // What one file leaves out another may have.
        let all: Suite = suites.iter().flat_map(Suite::scenarios).map(|(_, scenario)| scenario.clone()).collect();
        let of_all = all.run(&rulebook);
        let coverage = self.coverage.then_some(of_all.coverage());
        let record = Record {
            file: self.file.to_string(),
            scenarios: sources.iter().zip(&reports).map(|(source, report)| of_file(source, report)).collect(),
            coverage,
        };
        output::report(self.json, &record, |output| {
            for (source, report) in sources.iter().zip(&reports) {
                write(output, source, report)?;
            }
            coverage.map_or(Ok(()), |coverage| writeln!(output, "{coverage}"))
        })?;
        Ok(Outcome::of(reports.iter().all(Report::is_success)))
    }
}

fn read(source: &Source) -> Result<Suite, Unreadable> {
    let lines = source.bytes()?;
    Ok(Suite::read(lines, |line| {
        serde_json::from_slice::<Scenario>(line)
            .map_err(|error| format!("{} at column {}", problem::message(&error), error.column()))
    }))
}

fn of_file<'a>(source: &Source, report: &'a Report<'a>) -> OfFile<'a> {
    OfFile {
        file: source.to_string(),
        run: report.suite().scenarios().len(),
        failures: report.failures(),
        refused: report.suite().refused(),
    }
}

/// Writes what is otherwise than expected, in the order of the lines, as editors and build pipelines read it, and how many.
fn write(output: &mut Vec<u8>, source: &Source, report: &Report<'_>) -> io::Result<()> {
    let file = printable(&source.to_string());
    let (failures, refused) = (report.failures(), report.suite().refused());
    let mut told: Vec<(u64, String)> =
        refused.iter().map(|refused| (refused.line, format!("no scenario: {}", printable(&refused.error)))).collect();
    told.extend(failures.iter().map(|failure| (failure.line(), describe(failure))));
    told.sort_by_key(|(line, _)| *line);
    for (line, what) in told {
        writeln!(output, "{file}:{line}: {what}")?;
    }
    let run = report.suite().scenarios().len();
    let as_expected = run - failures.len();
    writeln!(output, "{file}: {as_expected} as expected, {} otherwise, {} refused", failures.len(), refused.len())
}

/// A scenario, and a line for each thing that is otherwise in it.
fn describe(failure: &Otherwise<'_>) -> String {
    let Scenario { why, as_of, case, .. } = failure.scenario();
    let why = why.as_ref().map(|why| format!(": {}", printable(why))).unwrap_or_default();
    let mut lines = vec![format!("{} as of {as_of:?}{why}", printable(&case.id))];
    lines.extend(failure.mismatches().iter().map(|mismatch| format!("    {mismatch}")));
    lines.join("\n")
}
