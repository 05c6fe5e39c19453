//! `multichannel rulebook`.

mod analyze;
mod diff;
mod export;
mod test;

use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use csp_multichannel::Rulebook;
use csp_multichannel_rulebook::{DocumentProblem, from_json, from_toml};
use serde::Serialize;

use crate::Failure;
use crate::input::Source;
use crate::text::{counted, printable, stdout, write_json};

/// Check, analyze, test, compare and export custom rulebooks
///
/// A rulebook is a TOML or JSON file, `-` for standard input, or `partner_center` for the published
/// policy.
#[derive(Args)]
pub(crate) struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Report all errors in a rulebook, with their positions
    Check {
        /// The rulebook
        file: PathBuf,

        /// Write one JSON record
        #[arg(long)]
        json: bool,
    },
    Analyze(analyze::Options),
    Test(test::Options),
    Diff(diff::Options),
    Export(export::Options),
}

/// A valid rulebook as JSON.
#[derive(Serialize)]
struct Checked<'a> {
    file: &'a str,
    rules: usize,
    custom: usize,
    editions: usize,
}

/// An invalid rulebook as JSON.
#[derive(Serialize)]
struct Wrong<'a> {
    file: &'a str,
    errors: Vec<Problem<'a>>,
}

#[derive(Serialize)]
struct Problem<'a> {
    line: usize,
    column: usize,
    path: &'a str,
    message: &'a str,
}

impl<'a> From<&'a DocumentProblem> for Problem<'a> {
    fn from(problem: &'a DocumentProblem) -> Self {
        let (path, message) = (problem.path(), problem.message());
        Self { line: problem.line(), column: problem.column(), path, message }
    }
}

/// Runs a command; returns the number of denied findings, failed scenarios and invalid records.
pub(crate) fn run(options: &Options) -> Result<usize, Failure> {
    match &options.command {
        Command::Check { file, json } => check(file, *json).map(|()| 0),
        Command::Analyze(options) => analyze::run(options),
        Command::Test(options) => test::run(options),
        Command::Diff(options) => diff::run(options),
        Command::Export(options) => export::run(options).map(|()| 0),
    }
}

fn check(file: &Path, json: bool) -> Result<(), Failure> {
    let rulebook = load(file);
    if let (Err(Failure::Rulebook { name, error }), true) = (&rulebook, json) {
        let errors = error.problems().iter().map(Problem::from).collect();
        write_json(&mut stdout(), &Wrong { file: name, errors })?;
    }
    let rulebook = rulebook?;
    let file = &*name(file);
    let (rules, editions) = (rulebook.rules().len(), rulebook.editions().len());
    let custom = rulebook.rules().iter().filter(|rule| rule.rulebook().is_some()).count();
    let output = &mut stdout();
    if json {
        return Ok(write_json(output, &Checked { file, rules, custom, editions })?);
    }
    let custom = if custom == 0 { String::new() } else { format!(" ({custom} custom)") };
    let (rules, editions) = (counted(rules, "rule"), counted(editions, "edition"));
    Ok(writeln!(output, "{}: valid, {rules}{custom}, {editions}", printable(file))?)
}

/// Returns the name of a rulebook: its file, or `partner_center`.
fn name(path: &Path) -> String {
    if is_published(path) { PARTNER_CENTER.into() } else { Source::of(Some(path)).name() }
}

/// Reads two rulebooks, at most one from standard input.
fn load_two(one: &Path, other: &Path) -> Result<(Rulebook, Rulebook), Failure> {
    let both = [one, other].map(|path| matches!(Source::of(Some(path)), Source::StandardInput));
    if both == [true, true] {
        return Err(Failure::StandardInputTwice("the other rulebook"));
    }
    Ok((load(one)?, load(other)?))
}

/// The longest rulebook in bytes, as in the library.
pub(crate) const LONGEST: usize = 1 << 20;

/// The name of the published policy.
const PARTNER_CENTER: &str = "partner_center";

/// Whether a name is that of the published policy; a file of this name has priority.
pub(crate) fn is_published(path: &Path) -> bool {
    path == Path::new(PARTNER_CENTER) && !path.exists()
}

/// Reads a rulebook: a file, standard input for `-`, or the published policy by its name.
pub(crate) fn load(path: &Path) -> Result<Rulebook, Failure> {
    if is_published(path) {
        return Ok(Rulebook::partner_center().clone());
    }
    let source = Source::of(Some(path));
    let (name, text) = (source.name(), read_text(&source, LONGEST)?);
    let read = if is_json(path, &text) { from_json(&text) } else { from_toml(&text) };
    read.map_err(|error| Failure::Rulebook { name, error })
}

/// Reads a text of at most `longest` bytes.
fn read_text(source: &Source<'_>, longest: usize) -> Result<String, Failure> {
    let name = source.name();
    let most = u64::try_from(longest).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    match source.open(&[])?.take(most.saturating_add(1)).read_to_end(&mut bytes) {
        Err(error) => Err(Failure::Input { name, error }),
        Ok(_) if bytes.len() > longest => Err(Failure::TooLong { name, longest }),
        Ok(_) => String::from_utf8(bytes).map_err(|error| {
            let offset = error.utf8_error().valid_up_to();
            Failure::Utf8 { name, offset }
        }),
    }
}

/// Whether a document is JSON: by its extension, otherwise by its first character.
fn is_json(path: &Path, text: &str) -> bool {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("json") => true,
        Some("toml") => false,
        _ => text.trim_start_matches('\u{feff}').trim_start().starts_with('{'),
    }
}
