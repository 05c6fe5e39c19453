//! Reports: for a terminal, as a page, and for other tools.

mod csv;
mod html;
mod json_lines;
mod markdown;
mod terminal;

use std::collections::BTreeMap;
use std::fmt::Display;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use chrono::{DateTime, Utc};
use tempfile::NamedTempFile;

use crate::Failure;
use crate::entry::{Entry, Refused};
use crate::outcome::Outcome;
use crate::summary::Summary;

/// Output that cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write `{name}`: {error}")]
pub struct Unwritable {
    /// What it is called.
    pub name: String,
    /// Why.
    pub error: io::Error,
}

/// A report that is being written.
pub(crate) struct Output {
    name: String,
    report: Box<dyn Report>,
    /// Where it is written until it is whole, and the place that it takes then; none for what is no file.
    unfinished: Option<(NamedTempFile, PathBuf)>,
}

const STANDARD: &str = "standard output";

/// What a report does with a portfolio: each subscription as it is decided, and what all come to at the end.
trait Report {
    fn entry(&mut self, entry: &Entry, outcome: &Rc<Outcome>, as_of: DateTime<Utc>) -> io::Result<()>;

    fn refused(&mut self, refused: &Refused) -> io::Result<()>;

    fn finish(self: Box<Self>, summary: &Summary) -> io::Result<()>;
}

impl Output {
    /// The reports at some paths, each of the kind that its extension says; without any, one for the terminal.
    pub(crate) fn open_all(paths: &[PathBuf], lists: bool) -> Result<Vec<Self>, Failure> {
        if paths.is_empty() {
            let report = Box::new(terminal::Terminal::of(Listing::of(lists)));
            return Ok(vec![Self { name: STANDARD.into(), report, unfinished: None }]);
        }
        let places: Vec<PathBuf> = paths.iter().map(|path| place(path)).collect();
        for (at, path) in paths.iter().enumerate() {
            if places[..at].contains(&places[at]) {
                let name = path.display();
                return Err(Failure::Usage(format!("`{name}` is to be written twice, expected each report once")));
            }
        }
        paths.iter().zip(places).map(|(path, place)| Self::open(path, place, lists)).collect()
    }

    fn open(path: &Path, place: PathBuf, lists: bool) -> Result<Self, Failure> {
        let name = path.display().to_string();
        let extension = path.extension().and_then(|extension| extension.to_str()).map(str::to_ascii_lowercase);
        let kind = extension.as_deref().filter(|kind| ["html", "csv", "jsonl", "md"].contains(kind));
        let Some(kind) = kind else {
            return Err(Failure::Usage(format!(
                "`{name}` does not say what to write, expected a name that ends in .html, .csv, .jsonl or .md"
            )));
        };
        let unwritable = |error| Unwritable { name: name.clone(), error };
        // A pipe or a device has no place to take.
        let (file, unfinished) = if place.metadata().is_ok_and(|found| !found.is_file()) {
            (File::create(&place).map_err(unwritable)?, None)
        } else {
            let beside = place.parent().unwrap_or(Path::new("."));
            let unfinished = unfinished(beside).map_err(unwritable)?;
            (unfinished.reopen().map_err(unwritable)?, Some((unfinished, place)))
        };
        let file: Box<dyn Write> = Box::new(BufWriter::with_capacity(1 << 16, file));
        let report: Box<dyn Report> = match kind {
            "html" => Box::new(html::Html::to(file, Listing::of(lists))),
            "csv" => Box::new(csv::Csv::to(file).map_err(|error| Unwritable { name: name.clone(), error })?),
            "jsonl" => Box::new(json_lines::JsonLines::to(file)),
            _ => Box::new(markdown::Markdown::to(file, Listing::of(lists))),
        };
        Ok(Self { name, report, unfinished })
    }

    pub(crate) fn entry(
        &mut self,
        entry: &Entry,
        outcome: &Rc<Outcome>,
        as_of: DateTime<Utc>,
    ) -> Result<(), Unwritable> {
        let written = self.report.entry(entry, outcome, as_of);
        written.map_err(|error| Unwritable { name: self.name.clone(), error })
    }

    pub(crate) fn refused(&mut self, refused: &Refused) -> Result<(), Unwritable> {
        let written = self.report.refused(refused);
        written.map_err(|error| Unwritable { name: self.name.clone(), error })
    }

    pub(crate) fn finish(self, summary: &Summary) -> Result<(), Unwritable> {
        let written = self.report.finish(summary).and_then(|()| match self.unfinished {
            Some((unfinished, place)) => unfinished.persist(place).map(drop).map_err(|error| error.error),
            None => Ok(()),
        });
        match written {
            // A reader that goes away has read enough.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe && self.name == STANDARD => Ok(()),
            written => written.map_err(|error| Unwritable { name: self.name, error }),
        }
    }
}

/// The place that a path names, whatever links and dots lead there.
fn place(path: &Path) -> PathBuf {
    let folder = || Some(path.parent()?.canonicalize().ok()?.join(path.file_name()?));
    let here = || std::path::absolute(path).ok();
    path.canonicalize()
        .ok()
        .or_else(|| folder().filter(|folder| folder.is_absolute()))
        .or_else(here)
        .unwrap_or_else(|| path.into())
}

/// A file to write to, with the permissions of any new file.
fn unfinished(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.prefix(".portfolio-").tempfile_in(folder)
}

/// The subscriptions that a report for people lists, by customer: the first ones, so that memory does not grow with the portfolio.
struct Listing {
    most: usize,
    customers: BTreeMap<Rc<str>, Vec<(Entry, Rc<Outcome>)>>,
    listed: usize,
    /// How many more there are.
    more: u64,
    refused: Vec<Refused>,
}

impl Listing {
    /// As many as people can scroll through, and a page stays quick with.
    const MOST: usize = 10_000;

    /// One that lists subscriptions, or none.
    fn of(lists: bool) -> Self {
        let most = if lists { Self::MOST } else { 0 };
        Self { most, customers: BTreeMap::new(), listed: 0, more: 0, refused: Vec::new() }
    }

    fn add(&mut self, entry: &Entry, outcome: &Rc<Outcome>) {
        if self.listed == self.most {
            self.more += 1;
            return;
        }
        self.listed += 1;
        let customer = self.customers.entry(Rc::clone(&entry.customer)).or_default();
        customer.push((entry.clone(), Rc::clone(outcome)));
    }

    fn add_refused(&mut self, refused: &Refused) {
        // A summary tells the first ones itself.
        if self.refused.len() < self.most.max(Summary::TOLD) {
            self.refused.push(refused.clone());
        }
    }
}

/// Words of the policy, for people.
fn words(word: impl Display) -> String {
    let names = [("csp", "CSP"), ("us", "US"), ("germany", "Germany"), ("china", "China"), ("azure", "Azure")];
    let text = word.to_string().replace('_', " ");
    let parts = text.split(' ').map(|part| {
        let (part, comma) = part.split_once(',').map_or((part, ""), |(part, _)| (part, ","));
        let name = names.iter().find(|(word, _)| *word == part).map_or(part, |(_, name)| name);
        format!("{name}{comma}")
    });
    parts.collect::<Vec<_>>().join(" ")
}

/// `1 subscription`, `2 subscriptions`.
fn counted(count: u64) -> String {
    if count == 1 { "1 subscription".into() } else { format!("{count} subscriptions") }
}

/// Text without what would steer a terminal, break its line, or turn the direction of what follows.
#[must_use]
pub fn printable(text: &str) -> String {
    let steers = |c: char| {
        c.is_control()
            || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().map(|c| if steers(c) { c.escape_default().to_string() } else { c.into() }).collect()
}
