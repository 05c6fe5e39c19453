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
}

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
            return Ok(vec![Self { name: "standard output".into(), report }]);
        }
        paths.iter().map(|path| Self::open(path, lists)).collect()
    }

    fn open(path: &Path, lists: bool) -> Result<Self, Failure> {
        let name = path.display().to_string();
        let extension = path.extension().and_then(|extension| extension.to_str()).map(str::to_ascii_lowercase);
        let kind = extension.as_deref().filter(|kind| ["html", "csv", "jsonl", "md"].contains(kind));
        let Some(kind) = kind else {
            return Err(Failure::Usage(format!(
                "`{name}` does not say what to write, expected a name that ends in .html, .csv, .jsonl or .md"
            )));
        };
        let file = File::create(path).map_err(|error| Unwritable { name: name.clone(), error })?;
        let file: Box<dyn Write> = Box::new(BufWriter::with_capacity(1 << 16, file));
        let report: Box<dyn Report> = match kind {
            "html" => Box::new(html::Html::to(file, Listing::of(lists))),
            "csv" => Box::new(csv::Csv::to(file).map_err(|error| Unwritable { name: name.clone(), error })?),
            "jsonl" => Box::new(json_lines::JsonLines::to(file)),
            _ => Box::new(markdown::Markdown::to(file, Listing::of(lists))),
        };
        Ok(Self { name, report })
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
        self.report.finish(summary).map_err(|error| Unwritable { name: self.name, error })
    }
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
        if self.refused.len() < Self::MOST {
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

/// Text without what would steer a terminal, or turn the direction of what follows.
pub(crate) fn printable(text: &str) -> String {
    let steers = |c: char| {
        c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().map(|c| if steers(c) { c.escape_default().to_string() } else { c.into() }).collect()
}
