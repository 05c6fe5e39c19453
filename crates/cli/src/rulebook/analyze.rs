//! `multichannel rulebook analyze`: dead, outranked, duplicate and subsumed rules, and gaps.

use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use chrono::{DateTime, Utc};
use clap::Args;
use csp_multichannel::{BeforeFirstEdition, Rulebook, parse_instant};
use csp_multichannel_rulebook::{Analysis, Finding, FindingKind, analyze, analyze_edition};
use serde::Serialize;

use super::{load, load_two};
use crate::Failure;
use crate::input::one_of;
use crate::text::{STRONG, counted, paragraph, stdout, write_json};

/// Find rules that are dead, outranked, duplicate or subsumed, and cases that no rule covers
///
/// Checks every case of every edition. A finding is not an error, unless `--deny` names its kind.
#[derive(Args)]
pub(super) struct Options {
    /// The rulebook
    file: PathBuf,

    /// Analyze only the edition of this day (00:00 UTC) or RFC 3339 instant [default: all editions]
    #[arg(long, value_name = "INSTANT", value_parser = parse_instant)]
    as_of: Option<DateTime<Utc>>,

    /// Omit findings that another rulebook also has, such as `partner_center`
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,

    /// Exit with 1 if a finding is of this kind; can be repeated
    #[arg(long, value_name = "KIND", value_parser = one_of(FindingKind::ALL, FindingKind::as_str))]
    deny: Vec<FindingKind>,

    /// Write one JSON record
    #[arg(long)]
    json: bool,
}

/// The findings as JSON.
#[derive(Serialize)]
struct Record<'a> {
    #[serde(flatten)]
    analysis: &'a Analysis,
    denied: usize,
}

/// Writes the findings; returns the number of denied ones.
pub(super) fn run(options: &Options) -> Result<usize, Failure> {
    let analyzed = |rulebook: &Rulebook| -> Result<Analysis, BeforeFirstEdition> {
        let edition = options.as_of.map(|at| rulebook.edition_at(at)).transpose()?;
        Ok(edition.map_or_else(|| analyze(rulebook), analyze_edition))
    };
    let analysis = match &options.baseline {
        Some(other) => {
            let (rulebook, other) = load_two(&options.file, other)?;
            // The same edition can begin on different days in the two rulebooks.
            analyzed(&rulebook)?.new_since(&analyze(&other))
        }
        None => analyzed(&load(&options.file)?)?,
    };
    let is_denied = |finding: &&Finding| options.deny.contains(&finding.kind);
    let denied = analysis.findings.iter().filter(is_denied).count();
    let mut output = BufWriter::new(stdout());
    if options.json {
        write_json(&mut output, &Record { analysis: &analysis, denied })?;
    } else {
        write(&mut output, &analysis)?;
    }
    output.flush()?;
    Ok(denied)
}

/// Writes the findings by rule, then the gaps, then the counts by kind.
fn write(output: &mut impl Write, analysis: &Analysis) -> io::Result<()> {
    for group in analysis.findings.chunk_by(|one, other| one.rule == other.rule) {
        if let Some(rule) = group.first().and_then(|finding| finding.rule.as_ref()) {
            writeln!(output, "{STRONG}{rule}{STRONG:#}")?;
        }
        for finding in group {
            let lead = format!("  {:10}", finding.kind);
            let text = finding.to_string();
            for (line, lead) in text.lines().zip([&*lead, "            "]) {
                writeln!(output, "{}", paragraph(lead, line.trim_start()))?;
            }
        }
        writeln!(output)?;
    }
    let count = |kind| analysis.findings.iter().filter(|finding| finding.kind == kind).count();
    let counts = FindingKind::ALL.iter().map(|&kind| (count(kind), kind));
    let counts =
        counts.filter(|(count, _)| *count > 0).map(|(count, kind)| format!("{count} {kind}"));
    let counts: Vec<String> = counts.collect();
    let colon = if counts.is_empty() { "" } else { ": " };
    let findings = counted(analysis.findings.len(), "finding");
    writeln!(output, "{findings}{colon}{}", counts.join(", "))
}
