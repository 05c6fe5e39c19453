//! `rulebook analyse`: what rules that are in order say besides.

use std::collections::BTreeMap;
use std::io::{self, Write};

use chrono::{DateTime, NaiveDate, Utc};
use clap::Args;
use clap::builder::PossibleValuesParser;
use csp_multichannel::authoring::{Analysis, Finding, Span};
use csp_multichannel::{BeforeFirstEdition, Rulebook, parse_instant};
use serde::Serialize;

use crate::input::{self, Input, Source};
use crate::text::{counted, printable};
use crate::{Failure, Outcome, output};

/// Find what a rulebook that is in order says besides: rules that never decide or say the same, rules that meet, and cases without a rule
///
/// Every case is gone through in every edition, and nothing is sampled. No finding is an error, unless it is denied.
#[derive(Debug, Args)]
#[command(after_help = "Example: rulebook analyse northwind.toml --beyond builtin --deny idle,meeting,same")]
pub(crate) struct Analyse {
    #[command(flatten)]
    rulebook: Input,

    /// Analyse one edition, that of an instant: a day, taken at 00:00 UTC, or an RFC 3339 instant [default: all of time]
    #[arg(long, value_name = "INSTANT", value_parser = parse_instant)]
    as_of: Option<DateTime<Utc>>,

    /// Leave out what is found in the same words, on the same days, in another rulebook, such as the one that is built upon
    #[arg(long, value_name = "FILE")]
    beyond: Option<Source>,

    /// Exit with 1 where there are findings of these kinds, `any` for all
    #[arg(long, value_name = "KIND", value_delimiter = ',', value_parser = PossibleValuesParser::new(KINDS))]
    deny: Vec<String>,

    /// Write one JSON object
    #[arg(long)]
    json: bool,
}

/// The kinds of findings, and a word for all of them.
const KINDS: [&str; 7] = ["idle", "meeting", "gap", "same", "covered", "unmeetable", ANY];
const ANY: &str = "any";

/// What was found, as JSON.
#[derive(Serialize)]
struct Record<'a, 'r> {
    file: String,
    findings: &'a [&'a Finding<'r>],
    /// How many of them are denied.
    denied: usize,
}

impl Analyse {
    pub(crate) fn run(&self) -> Result<Outcome, Failure> {
        let Input { file, written } = &self.rulebook;
        input::standard_once([file].into_iter().chain(&self.beyond))?;
        let rulebook = written.rulebook(file)?;
        let analysis = self.analysis(&rulebook)?;
        let base = self.beyond.as_ref().map(|base| written.rulebook(base)).transpose()?;
        let known = base.as_deref().map(|base| self.analysis(base)).transpose()?;

        let is_known = |finding: &&Finding<'_>| known.as_ref().is_some_and(|known| holds(known, finding));
        let findings: Vec<&Finding<'_>> = analysis.findings().iter().filter(|finding| !is_known(finding)).collect();
        let denied = findings.iter().filter(|finding| self.denies(finding)).count();
        let record = Record { file: file.to_string(), findings: &findings, denied };
        output::report(self.json, &record, |output| write(output, file, &findings))?;
        Ok(Outcome::of(denied == 0))
    }

    fn analysis<'r>(&self, rulebook: &'r Rulebook) -> Result<Analysis<'r>, BeforeFirstEdition> {
        let edition = self.as_of.map(|as_of| rulebook.edition_at(as_of)).transpose()?;
        Ok(edition.map_or_else(|| Analysis::of(rulebook), Analysis::of_edition))
    }

    fn denies(&self, finding: &Finding<'_>) -> bool {
        self.deny.iter().any(|kind| kind == ANY || kind == finding.kind().as_str())
    }
}

fn write(output: &mut Vec<u8>, file: &Source, findings: &[&Finding<'_>]) -> io::Result<()> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for finding in findings {
        writeln!(output, "{}: {finding}", finding.kind().as_str())?;
        *counts.entry(finding.kind().as_str()).or_default() += 1;
    }
    let kinds = KINDS.iter().filter_map(|kind| Some(format!("{} {kind}", counts.get(kind)?)));
    let kinds = kinds.collect::<Vec<_>>().join(", ");
    let between = if kinds.is_empty() { "" } else { ": " };
    writeln!(output, "{}: {}{between}{kinds}", printable(&file.to_string()), counted(findings.len(), "finding"))
}

/// Whether an analysis says the same on all days of a finding.
fn holds(analysis: &Analysis<'_>, finding: &Finding<'_>) -> bool {
    // What it says, without the days and examples below.
    let said = |finding: &Finding<'_>| finding.to_string().lines().next().map(ToOwned::to_owned);
    let mut alike = analysis.findings().iter().filter(|other| said(other) == said(finding));
    alike.any(|other| finding.spans().iter().all(|span| covers(other.spans(), span)))
}

/// Whether spans, in their order, have all days of another.
fn covers(spans: &[Span], span: &Span) -> bool {
    let mut from: NaiveDate = span.from();
    for held in spans {
        match held.until() {
            _ if held.from() > from => return false,
            None => return true,
            Some(until) => from = from.max(until),
        }
        if span.until().is_some_and(|until| until <= from) {
            return true;
        }
    }
    false
}
