//! `multichannel rulebook test`: scenarios with expected verdicts.

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use clap::Args;
use csp_multichannel_rulebook::{CoverageLevel, RuleCoverage, ScenarioReport, Scenarios};
use quick_junit::{NonSuccessKind, TestCase, TestCaseStatus, TestSuite};
use serde::Serialize;

use super::{load, name, read_text};
use crate::Failure;
use crate::input::{Source, refuse_same};
use crate::text::{counted, paragraph, printable, stdout, write_json};

/// Run scenarios: cases with expected verdicts
///
/// Only what a scenario states is compared. An empty list expects an empty list.
#[derive(Args)]
pub(super) struct Options {
    /// The rulebook
    file: PathBuf,

    /// Files with scenarios, as JSON, one on each line
    #[arg(required = true)]
    scenarios: Vec<PathBuf>,

    /// Show which rules counted, only applied, or never applied in the scenarios
    #[arg(long)]
    coverage: bool,

    /// Write one JSON record for each scenario file, with the coverage
    #[arg(long)]
    json: bool,

    /// Write the results to a `JUnit` XML file
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
}

/// The results of a scenario file as JSON.
#[derive(Serialize)]
struct Record<'a> {
    file: &'a str,
    passed: usize,
    failed: usize,
    #[serde(flatten)]
    report: &'a ScenarioReport,
}

/// The longest scenario file in bytes.
const LONGEST: usize = 1 << 28;

/// Runs the scenarios; returns the number of failed and invalid ones.
pub(super) fn run(options: &Options) -> Result<usize, Failure> {
    let sources = [&options.file].into_iter().chain(&options.scenarios);
    let standard = sources.filter(|path| matches!(Source::of(Some(path)), Source::StandardInput));
    if standard.count() > 1 {
        return Err(Failure::StandardInputTwice("scenarios"));
    }
    if let Some(path) = &options.junit {
        let read = [&options.file].into_iter().chain(&options.scenarios);
        let read: Vec<Source<'_>> = read.map(|path| Source::of(Some(path))).collect();
        refuse_same(&read.iter().map(Some).collect::<Vec<_>>(), &[path])?;
    }
    let rulebook = load(&options.file)?;
    let mut reports: Vec<(String, ScenarioReport)> = Vec::new();
    for path in &options.scenarios {
        let scenarios = Scenarios::read(&read_text(&Source::of(Some(path)), LONGEST)?);
        if scenarios == Scenarios::default() {
            return Err(Failure::NoScenario { name: name(path) });
        }
        reports.push((name(path), scenarios.run(&rulebook)));
    }
    if let Some(path) = &options.junit {
        let written = fs::write(path, junit(&name(&options.file), &reports));
        written.map_err(|error| Failure::File { name: path.display().to_string(), error })?;
    }
    let mut output = BufWriter::new(stdout());
    let mut wrong = 0;
    for (file, report) in &reports {
        let failed = report.results.iter().filter(|result| !result.passed()).count();
        let passed = report.results.len() - failed;
        wrong += failed + report.invalid.len();
        if options.json {
            write_json(&mut output, &Record { file, passed, failed, report })?;
        } else {
            write(&mut output, file, report)?;
            let invalid = report.invalid.len();
            writeln!(
                output,
                "{}: {passed} passed, {failed} failed, {invalid} invalid",
                printable(file)
            )?;
        }
    }
    if options.coverage && !options.json {
        write_coverage(&mut output, &reports)?;
    }
    output.flush()?;
    Ok(wrong)
}

/// Writes the failed and invalid scenarios, by line.
fn write(output: &mut impl Write, file: &str, report: &ScenarioReport) -> io::Result<()> {
    let failed = report.results.iter().filter(|result| !result.passed());
    let failed = failed.map(|result| {
        let why = result.why.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
        let differences = result.differences.iter().map(ToString::to_string).collect();
        (result.line, format!("{}{why}", result.id), differences)
    });
    let invalid = report.invalid.iter();
    let invalid = invalid.map(|invalid| (invalid.line, invalid.error.clone(), Vec::new()));
    let mut lines: Vec<(usize, String, Vec<String>)> = failed.chain(invalid).collect();
    lines.sort();
    for (line, text, differences) in lines {
        let lead = format!("{}:{line}: ", printable(file));
        writeln!(output, "{lead}{}", printable(&text))?;
        for difference in differences {
            writeln!(output, "{}", paragraph("    ", &printable(&difference)))?;
        }
    }
    Ok(())
}

/// Writes the coverage of all scenarios together, with the rules that did not count.
fn write_coverage(output: &mut impl Write, reports: &[(String, ScenarioReport)]) -> io::Result<()> {
    let Some(((_, first), others)) = reports.split_first() else { return Ok(()) };
    let mut rules: Vec<RuleCoverage> = first.coverage.clone();
    for (_, report) in others {
        for (rule, other) in rules.iter_mut().zip(&report.coverage) {
            rule.counted += other.counted;
            rule.applied += other.applied;
        }
    }
    // With a base, only the custom rules matter.
    let own = rules.iter().any(|rule| rule.rulebook.is_some());
    rules.retain(|rule| !own || rule.rulebook.is_some());
    let rule = if own { "custom rule" } else { "rule" };
    for (level, text) in [
        (CoverageLevel::Counted, "counted (decided, required or advised)"),
        (CoverageLevel::Applied, "only applied (without effect)"),
        (CoverageLevel::Never, "never applied"),
    ] {
        let of = rules.iter().filter(|rule| rule.level() == level);
        let ids: Vec<&str> = of.map(|rule| &*rule.rule).collect();
        if ids.is_empty() && level != CoverageLevel::Counted {
            continue;
        }
        writeln!(output, "{} {text}", counted(ids.len(), rule))?;
        if level != CoverageLevel::Counted {
            writeln!(output, "{}", paragraph("    ", &ids.join(", ")))?;
        }
    }
    Ok(())
}

/// Formats the results as XML. Control characters are escaped, as in text; XML forbids some.
fn junit(rulebook: &str, reports: &[(String, ScenarioReport)]) -> String {
    let mut junit = quick_junit::Report::new(printable(rulebook));
    for (file, report) in reports {
        let file = printable(file);
        let mut suite = TestSuite::new(&*file);
        for result in &report.results {
            let differences: Vec<String> =
                result.differences.iter().map(|of| printable(&of.to_string())).collect();
            let status = if let Some(first) = differences.first() {
                let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
                status.set_message(&**first);
                status.set_description(differences.join("\n"));
                status
            } else {
                TestCaseStatus::success()
            };
            let why = result.why.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
            let mut case = TestCase::new(printable(&format!("{}{why}", result.id)), status);
            case.set_classname(&*file);
            case.extra.insert("line".into(), result.line.to_string().into());
            suite.add_test_case(case);
        }
        for invalid in &report.invalid {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
            status.set_message(printable(&invalid.error));
            let mut case = TestCase::new(format!("line {}", invalid.line), status);
            case.set_classname(&*file);
            suite.add_test_case(case);
        }
        junit.add_test_suite(suite);
    }
    // Writing text to memory does not fail.
    junit.to_string().unwrap_or_default()
}
