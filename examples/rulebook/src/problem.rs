//! Reading a rulebook, with everything that is wrong told where it stands.

use std::collections::HashMap;
use std::fmt;

use csp_multichannel::Rulebook;
use csp_multichannel::authoring::{LoadError, Place, Problem, ProblemKind};
use serde::Serialize;
use serde_json::value::RawValue;
use toml::de::DeTable;

use crate::input::{Format, Source};
use crate::position::{self, Cursor, Outline};
use crate::text::printable;

/// A problem, with its line and column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Located {
    file: String,
    line: usize,
    column: usize,
    /// Its place in the data; none for what is wrong with the whole of it, or is no data at all.
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<String>,
    /// The id of the rule in which it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    message: String,
}

/// Writes ``northwind.toml:12:9: rules[3].when.channel (`open-needs-a-letter`): expected …``, as editors and build pipelines read it.
impl fmt::Display for Located {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, column, place, id, message } = self;
        let id = id.as_ref().map(|id| format!(" (`{id}`)")).unwrap_or_default();
        let place = place.as_ref().map(|place| format!("{place}{id}: ")).unwrap_or_default();
        f.write_str(&printable(&format!("{file}:{line}:{column}: {place}{message}")))
    }
}

/// A problem, with the byte at which it stands.
struct Found {
    at: usize,
    place: Option<String>,
    id: Option<String>,
    message: String,
}

impl Found {
    /// One of the format's own.
    fn of_format(at: usize, message: impl Into<String>) -> Self {
        Self { at, place: None, id: None, message: message.into() }
    }
}

/// Reads a rulebook; where it is none, what is wrong in the order of the text.
pub(crate) fn read(bytes: &[u8], format: Format, source: &Source) -> Result<Rulebook, Vec<Located>> {
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    let (text, found) = match str::from_utf8(bytes) {
        Ok(text) => (text, read_text(text, format)),
        Err(error) => {
            let (valid, _) = bytes.split_at(error.valid_up_to());
            let text = str::from_utf8(valid).unwrap_or_default();
            (text, Err(vec![Found::of_format(text.len(), "this is no UTF-8, expected text")]))
        }
    };
    found.map_err(|mut found| {
        found.sort_by_key(|found| found.at);
        let mut cursor = Cursor::of(text);
        let locate = |Found { at, place, id, message }| {
            let (line, column) = cursor.advance(at);
            Located { file: source.to_string(), line, column, place, id, message }
        };
        found.into_iter().map(locate).collect()
    })
}

fn read_text(text: &str, format: Format) -> Result<Rulebook, Vec<Found>> {
    match format {
        Format::Toml => read_toml(text),
        Format::Json => read_json(text),
    }
}

fn read_toml(text: &str) -> Result<Rulebook, Vec<Found>> {
    let found = |error: toml::de::Error| {
        Found::of_format(error.span().map_or(0, |span| span.start), format!("no valid TOML: {}", error.message()))
    };
    let (table, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        return Err(errors.into_iter().map(found).collect());
    }
    Rulebook::read(toml::Deserializer::from(table.clone())).map_err(|error| match error {
        LoadError::Format(error) => vec![found(error)],
        LoadError::Rulebook(error) => place(error.problems(), &Outline::of_toml(&table)),
    })
}

fn read_json(text: &str) -> Result<Rulebook, Vec<Found>> {
    let found = |error: serde_json::Error| {
        let at = position::byte(text, error.line(), error.column());
        Found::of_format(at, format!("no valid JSON: {}", message(&error)))
    };
    // Nothing may follow, and what is no JSON is told before what is no rulebook.
    serde_json::from_str::<&RawValue>(text).map_err(|error| vec![found(error)])?;
    Rulebook::read(&mut serde_json::Deserializer::from_str(text)).map_err(|error| match error {
        LoadError::Format(error) => vec![found(error)],
        LoadError::Rulebook(error) => place(error.problems(), &Outline::of_json(text)),
    })
}

/// What an error says, without the line and column.
pub(crate) fn message(error: &serde_json::Error) -> String {
    let message = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    message.strip_suffix(&place).unwrap_or(&message).to_owned()
}

/// Finds where problems stand.
fn place(problems: &[Problem], outline: &Outline) -> Vec<Found> {
    // Of fields with the same name, each problem is with another.
    let mut told: HashMap<&Place, usize> = HashMap::new();
    let mut at = |problem| {
        let spots = outline.spots(Problem::place(problem));
        let first_told = match problem.kind() {
            ProblemKind::UnknownField { .. } => 0,
            ProblemKind::RepeatedField => 1,
            _ => return spots.first().map(|spot| spot.value),
        };
        let number = told.entry(problem.place()).or_insert(first_told);
        *number += 1;
        spots.get(*number - 1).or(spots.last()).map(|spot| spot.name)
    };
    let found = problems.iter().map(|problem| Found {
        at: at(problem).unwrap_or_default(),
        place: (!problem.place().is_whole()).then(|| problem.place().to_string()),
        id: problem.id().map(ToString::to_string),
        message: problem.kind().to_string(),
    });
    found.collect()
}
