//! The outputs of a report, and the formats CSV and JSON Lines.

use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::PathBuf;

use askama::Template;
use chrono::{DateTime, SecondsFormat, Utc};
use csp_multichannel::{Action, Cancellation, Fact};
use serde::Serialize;
use tempfile::NamedTempFile;

use super::Options;
use super::input::{Mapped, Noticed, Refused};
use super::people::{Markdown, Text, write_page};
use super::summary::{Entry, Summary};
use crate::text::{cells, inert, stderr, stdout, write_json};
use crate::{Failure, unfinished};

/// An open report.
struct Output {
    name: String,
    /// The format by its extension; empty for text.
    form: &'static str,
    file: BufWriter<Box<dyn Write>>,
    /// The temporary file and its target; `None` for a pipe.
    unfinished: Option<(NamedTempFile, PathBuf)>,
    /// Whether the reader closed the output.
    is_closed: bool,
}

/// The reports of a run.
pub(crate) struct Outputs(Vec<Output>);

impl Outputs {
    pub(crate) fn open(paths: &[PathBuf]) -> Result<Self, Failure> {
        if paths.is_empty() {
            let file: Box<dyn Write> = Box::new(stdout());
            let (name, file) = ("standard output".into(), BufWriter::new(file));
            let (unfinished, is_closed) = (None, false);
            return Ok(Self(vec![Output { name, form: "", file, unfinished, is_closed }]));
        }
        #[cfg(unix)]
        unfinished::remove_on_signals()?;
        let mut outputs = Self(Vec::new());
        for path in paths {
            let name = path.display().to_string();
            let extension = path.extension().map(std::ffi::OsStr::to_ascii_lowercase);
            let known = ["html", "md", "csv", "jsonl"].into_iter();
            let form =
                known.into_iter().find(|form| extension.as_ref().is_some_and(|of| of == form));
            let Some(form) = form else { return Err(Failure::NoReport(name)) };
            let opened = unfinished::open(path);
            let (file, unfinished) =
                opened.map_err(|error| Failure::File { name: name.clone(), error })?;
            let file = BufWriter::with_capacity(1 << 16, Box::new(file) as Box<dyn Write>);
            outputs.0.push(Output { name, form, file, unfinished, is_closed: false });
        }
        outputs.write("csv", header)?;
        Ok(outputs)
    }

    /// Writes to all reports; a closed pipe is not an error.
    fn each(
        &mut self,
        mut write: impl FnMut(&str, &mut BufWriter<Box<dyn Write>>) -> io::Result<()>,
    ) -> Result<(), Failure> {
        for Output { name, form, file, is_closed, .. } in &mut self.0 {
            match if *is_closed { Ok(()) } else { write(form, file) } {
                Err(error) if error.kind() == ErrorKind::BrokenPipe => *is_closed = true,
                written => written.map_err(|error| Failure::File { name: name.clone(), error })?,
            }
        }
        Ok(())
    }

    fn write(&mut self, format: &str, text: impl Fn() -> String) -> Result<(), Failure> {
        self.each(
            |form, file| if form == format { file.write_all(text().as_bytes()) } else { Ok(()) },
        )
    }

    pub(crate) fn entry(&mut self, entry: &Entry) -> Result<(), Failure> {
        self.write("csv", || row(entry))?;
        self.write("jsonl", || record(entry).unwrap_or_default())
    }

    pub(crate) fn refused(&mut self, refused: &Refused) -> Result<(), Failure> {
        let Refused { file, refusal } = refused;
        let id = refusal.id.as_deref().unwrap_or_default();
        self.write("csv", || {
            sparse_row(id, "", [file, &refusal.line.to_string(), &refusal.error])
        })?;
        self.each(|form, file| if form == "jsonl" { write_json(file, refused) } else { Ok(()) })
    }

    pub(crate) fn noticed(&mut self, noticed: &Noticed) -> Result<(), Failure> {
        self.write("csv", || sparse_row("", &noticed.message, [&noticed.file, "", ""]))?;
        self.each(|form, file| if form == "jsonl" { write_json(file, noticed) } else { Ok(()) })
    }

    /// Writes text, Markdown and HTML, and moves all reports to their targets.
    pub(crate) fn finish(mut self, summary: &Summary, options: &Options) -> Result<(), Failure> {
        let explain = options.explain;
        self.each(|form, file| {
            match form {
                "" => Text { summary, explain, is_brief: false }.write_into(file)?,
                "md" => Markdown { summary, explain }.write_into(file)?,
                "html" => write_page(file, summary)?,
                _ => {}
            }
            file.flush()
        })?;
        for Output { name, unfinished, .. } in self.0 {
            if let Some((file, place)) = unfinished {
                file.persist(place).map_err(|error| Failure::File { name, error: error.error })?;
            }
        }
        if !options.output.is_empty() {
            // The reports are complete even if standard error is closed.
            let _ = Text { summary, explain, is_brief: true }.write_into(&mut stderr());
        }
        Ok(())
    }
}

/// Formats the record of a decision with its mapped input.
fn record(entry: &Entry) -> serde_json::Result<String> {
    #[derive(Serialize)]
    struct Added<'a> {
        file: &'a str,
        line: usize,
        #[serde(flatten)]
        mapping: &'a csp_partner_center::Mapping,
    }

    let Mapped { mapping, file, line, .. } = &entry.mapped;
    let id = serde_json::to_string(&mapping.case.id)?;
    let added = serde_json::to_string(&Added { file, line: *line, mapping })?;
    let added = added.strip_prefix('{').unwrap_or(&added);
    Ok(format!("{{\"id\":{id}{},{added}\n", entry.outcome.json))
}

const NAMES: [&str; 3] = ["id", "customer_name", "name"];
const DATES: [&str; 3] = ["purchased_at", "ends_on", "cancellable_until"];
const OF_ACTION: [&str; 4] = ["", ".rules", ".requirements", ".depends_on"];
const LAST: [&str; 6] = ["origins", "notes", "changed", "file", "line", "error"];

fn header() -> String {
    let actions = Action::ALL.iter().flat_map(|action| OF_ACTION.map(|of| format!("{action}{of}")));
    let facts = Fact::ALL.iter().map(|fact| fact.as_str());
    let before = cells(NAMES.into_iter().chain(facts).chain(DATES));
    format!("{before},{},{}\n", cells(actions), cells(LAST))
}

fn row(entry: &Entry) -> String {
    let Mapped { mapping, file, line, .. } = &entry.mapped;
    let subscription = mapping.case.subscription;
    let names = [Some(&mapping.case.id), mapping.customer.as_ref(), mapping.name.as_ref()];
    let names = names.map(|name| inert(name.map_or("", String::as_str)));
    let (facts, narrowed) = (subscription.facts(), subscription.facts().narrowed());
    let facts = Fact::ALL.iter().map(|&fact| {
        let words = facts.possible_words(fact).filter(|_| narrowed.contains(fact));
        words.collect::<Vec<_>>().join(", ")
    });
    let dates = subscription.term().map_or_else(Default::default, |term| {
        let instant = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::AutoSi, true);
        let until = match term.cancellation() {
            Cancellation::Never => "null".into(),
            Cancellation::Until(until) => instant(until),
            _ => String::new(),
        };
        [term.purchased_at().map(instant).unwrap_or_default(), term.ends_on().to_string(), until]
    });
    let origins = mapping.origins.iter().map(|(fact, origin)| format!("{fact}: {origin}"));
    let origins = origins.collect::<Vec<_>>().join("; ");
    let notes: Vec<String> = mapping.notes.iter().map(ToString::to_string).collect();
    let (notes, line) = (notes.join("; "), line.to_string());
    let last = [&origins, &*inert(&notes), &entry.outcome.changed, &inert(file), &line, ""];
    let known = cells(facts.chain(dates));
    format!("{},{known},{},{}\n", cells(names), entry.outcome.cells, cells(last))
}

/// Formats a row without a decision.
fn sparse_row(id: &str, notes: &str, [file, line, error]: [&str; 3]) -> String {
    let of_actions = Action::ALL.len() * OF_ACTION.len();
    let empty = NAMES.len() + Fact::ALL.len() + DATES.len() + of_actions;
    let last = [inert(notes), "".into(), inert(file), line.into(), inert(error)];
    format!("{}{},{}\n", cells([inert(id)]), ",".repeat(empty), cells(last))
}
