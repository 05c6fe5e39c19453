//! The sources of cases: a file, standard input, or a sample.

use std::cell::RefCell;
use std::error::Error;
use std::fs::File;
use std::io::{self, BufReader, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use chrono::{DateTime, SubsecRound, Utc};
use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use csp_multichannel::{Case, parse_instant};
use same_file::Handle;

use crate::Failure;
use crate::records::{RecordError, Records};
use crate::text::instant;

/// The instant of a run.
#[derive(Args, Clone, Copy)]
pub(crate) struct AsOf {
    /// The instant to decide for: a day (00:00 UTC) or an RFC 3339 instant [default: now]
    #[arg(long, value_name = "INSTANT", value_parser = parse_instant)]
    as_of: Option<DateTime<Utc>>,
}

impl AsOf {
    pub(crate) const fn of(as_of: Option<DateTime<Utc>>) -> Self {
        Self { as_of }
    }

    pub(crate) fn instant(self) -> DateTime<Utc> {
        self.as_of.unwrap_or_else(|| Utc::now().trunc_subsecs(0))
    }

    /// Returns the instant as text; only the day if it is now.
    pub(crate) fn text(self) -> String {
        self.as_of.map_or_else(|| self.instant().date_naive().to_string(), instant)
    }
}

/// Parses one of a fixed list of words, which help and completions show.
pub(crate) fn one_of<T>(
    values: &'static [T],
    word: fn(T) -> &'static str,
) -> impl TypedValueParser<Value = T>
where
    T: Copy + FromStr + Send + Sync + 'static,
    T::Err: Error + Send + Sync + 'static,
{
    let words = values.iter().map(|&value| PossibleValue::new(word(value)));
    PossibleValuesParser::new(words).try_map(|word| word.parse())
}

/// The cases of a run.
#[derive(Args)]
pub(crate) struct Input {
    /// The file with the cases, as JSON; `-` for standard input
    cases: Option<PathBuf>,
}

impl Input {
    pub(crate) const SAMPLE: Self = Self { cases: None };

    /// Returns the source: without a file, standard input, or the sample in a terminal.
    pub(crate) fn source(&self) -> Source<'_> {
        match &self.cases {
            None if io::stdin().is_terminal() => Source::Sample,
            path => Source::of(path.as_deref()),
        }
    }
}

/// A source of cases.
#[derive(Clone, PartialEq)]
pub(crate) enum Source<'p> {
    Sample,
    StandardInput,
    File(&'p Path),
}

/// An input that flushes the output before each read, so that no ready result is held back.
pub(crate) struct FlushFirst<'o, W: Write> {
    input: Box<dyn Read>,
    output: &'o RefCell<W>,
}

impl<W: Write> Read for FlushFirst<'_, W> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        // The next write reports a failed output.
        let _ = self.output.borrow_mut().flush();
        self.input.read(buffer)
    }
}

/// The cases of a source, one by one.
pub(crate) struct Cases<'o, W: Write> {
    name: String,
    records: Records<BufReader<FlushFirst<'o, W>>>,
    /// The number of invalid records so far.
    pub(crate) refused: usize,
}

impl<'p> Source<'p> {
    /// Creates the source for a path; standard input for `-` or no path.
    pub(crate) fn of(path: Option<&'p Path>) -> Self {
        path.filter(|path| *path != Path::new("-")).map_or(Self::StandardInput, Self::File)
    }

    /// Returns the handle of the input file, so that it is not overwritten.
    pub(crate) fn handle(&self) -> Option<Handle> {
        match self {
            Self::Sample => None,
            Self::StandardInput => Handle::stdin().ok(),
            Self::File(path) => handle(path),
        }
    }

    pub(crate) fn name(&self) -> String {
        match self {
            Self::Sample => "the sample".into(),
            Self::StandardInput => "standard input".into(),
            Self::File(path) => path.display().to_string(),
        }
    }

    /// Checks that the path can be a file of records; the error suggests the nearest name.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        let Self::File(path) = self else { return Ok(()) };
        let error = match path.metadata() {
            Ok(found) if found.is_dir() => "a folder, expected a file; several can be given".into(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let nearest = nearest(path).map(|name| format!("; did you mean `{name}`?"));
                format!("there is no such file{}", nearest.unwrap_or_default())
            }
            _ => return Ok(()),
        };
        Err(Failure::Input { name: self.name(), error: io::Error::other(error) })
    }

    pub(crate) fn open(&self, sample: &'static [u8]) -> Result<Box<dyn Read>, Failure> {
        let open = || -> io::Result<Box<dyn Read>> {
            Ok(match self {
                Self::Sample => Box::new(sample),
                Self::StandardInput => Box::new(io::stdin()),
                Self::File(path) => Box::new(File::open(path)?),
            })
        };
        open().map_err(|error| Failure::Input { name: self.name(), error })
    }

    /// Reads the cases; flushes the output before it waits for input.
    pub(crate) fn cases<'o, W: Write>(
        &self,
        sample: &'static [u8],
        output: &'o RefCell<W>,
    ) -> Result<Cases<'o, W>, Failure> {
        let name = self.name();
        let input = FlushFirst { input: self.open(sample)?, output };
        match Records::new(BufReader::new(input)) {
            Ok(records) => Ok(Cases { name, records, refused: 0 }),
            Err(error) => Err(Failure::Input { name, error }),
        }
    }
}

impl<W: Write> Cases<'_, W> {
    /// Returns the next case or the error in its place; `None` at the end.
    pub(crate) fn next(&mut self) -> Result<Option<Result<Case, RecordError>>, Failure> {
        let next = self.records.next();
        let next = next.map_err(|error| Failure::Input { name: self.name.clone(), error })?;
        self.refused += usize::from(matches!(next, Some(Err(_))));
        Ok(next)
    }
}

/// Returns the handle of a regular file; opening a pipe would disturb it.
fn handle(path: &Path) -> Option<Handle> {
    path.metadata().ok().filter(std::fs::Metadata::is_file)?;
    Handle::from_path(path).ok()
}

/// Returns the most similar name in the same folder.
fn nearest(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_str()?.to_lowercase();
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let entries = std::fs::read_dir(folder.unwrap_or(Path::new("."))).ok()?;
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let distance = |other: &str| strsim::damerau_levenshtein(&name, &other.to_lowercase());
    let (distance, nearest) = names.map(|name| (distance(&name), name)).min()?;
    let is_near = distance <= 1 + name.chars().count() / 5;
    is_near.then(|| path.with_file_name(nearest).display().to_string())
}

/// Checks that no input is overwritten and no file gets two outputs.
pub(crate) fn refuse_same(read: &[Option<&Source<'_>>], files: &[&Path]) -> Result<(), Failure> {
    let mut taken: Vec<Handle> = read.iter().flatten().filter_map(|read| read.handle()).collect();
    for (at, path) in files.iter().enumerate() {
        let handle = handle(path);
        let is_taken = handle.as_ref().is_some_and(|handle| taken.contains(handle));
        // A new file can only be compared by its name.
        let place = std::path::absolute(path).ok();
        let is_second = files.iter().take(at).any(|other| std::path::absolute(other).ok() == place);
        if is_taken || is_second || *path == Path::new("-") {
            return Err(Failure::SameFile(path.display().to_string()));
        }
        taken.extend(handle);
    }
    Ok(())
}
