//! Files of subscriptions, in three formats, read one subscription after another.

pub(crate) mod csv;
mod json_lines;
pub(crate) mod rest;

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use chrono::{DateTime, Utc};
use clap::ValueEnum;
use indicatif::ProgressBar;

use crate::Failure;
use crate::entry::{Entry, Refused};
use crate::lines::Unreadable;
use crate::supplied::Supplied;

/// What a file is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Resources of Partner Center's REST interface, as JSON: pages, lists, or one after another
    Rest,
    /// JSON Lines, a record of a case each
    Jsonl,
    /// CSV, a column for each field of the record
    Csv,
}

impl Format {
    /// What the extension of a path says.
    pub(crate) fn of(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "json" => Some(Self::Rest),
            "jsonl" | "ndjson" => Some(Self::Jsonl),
            "csv" | "tsv" => Some(Self::Csv),
            _ => None,
        }
    }
}

/// Where subscriptions come from.
pub(crate) enum Input {
    File(PathBuf),
    Standard,
    /// A file of the sample that is built in.
    Sample(&'static str, &'static str),
}

impl Input {
    pub(crate) fn name(&self) -> String {
        match self {
            Self::File(path) => path.display().to_string(),
            Self::Standard => "standard input".into(),
            Self::Sample(name, _) => (*name).into(),
        }
    }

    pub(crate) fn format(&self) -> Option<Format> {
        match self {
            Self::File(path) => Format::of(path),
            Self::Standard => None,
            Self::Sample(name, _) => Format::of(Path::new(name)),
        }
    }

    /// How many bytes there are, where that is known beforehand.
    pub(crate) fn len(&self) -> Option<u64> {
        match self {
            Self::File(path) => path.metadata().ok().filter(std::fs::Metadata::is_file).map(|file| file.len()),
            Self::Standard => None,
            Self::Sample(_, text) => Some(text.len() as u64),
        }
    }

    pub(crate) fn open(&self, progress: &ProgressBar) -> Result<Box<dyn Read>, Unreadable> {
        let input: Box<dyn Read> = match self {
            Self::File(path) => Box::new(File::open(path).map_err(|error| Unreadable { name: self.name(), error })?),
            Self::Standard => Box::new(io::stdin()),
            Self::Sample(_, text) => Box::new(text.as_bytes()),
        };
        Ok(if progress.is_hidden() { input } else { Box::new(progress.wrap_read(input)) })
    }
}

/// What every reader needs beside its input.
pub(crate) struct Reading<'a> {
    /// How errors and, for want of a name, groups call the input.
    pub(crate) file: Rc<str>,
    pub(crate) supplied: &'a Supplied,
    pub(crate) as_of: DateTime<Utc>,
}

/// Reads all subscriptions of an input, handing each over as soon as it is read.
pub(crate) fn read(
    input: Box<dyn Read>,
    format: Format,
    reading: &Reading<'_>,
    each: &mut dyn FnMut(Result<Entry, Refused>) -> Result<(), Failure>,
) -> Result<(), Failure> {
    match format {
        Format::Rest => rest::read(input, reading, each),
        Format::Jsonl => json_lines::read(input, reading, each),
        Format::Csv => csv::read(input, reading, each),
    }
}

/// How many bytes of a file are read at once.
const BUFFER: usize = 1 << 16;

/// Buffers an input, and leaves out the mark of its encoding that some programs write first.
fn buffered(input: Box<dyn Read>, file: &str) -> Result<BufReader<Box<dyn Read>>, Unreadable> {
    let mut input = BufReader::with_capacity(BUFFER, input);
    let mark = "\u{feff}".as_bytes();
    let begins = input.fill_buf().map_err(|error| Unreadable { name: file.into(), error })?.starts_with(mark);
    if begins {
        input.consume(mark.len());
    }
    Ok(input)
}
