//! Rulebooks to read: the built-in register, files, standard input.

use std::borrow::Cow;
use std::ffi::OsString;
use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use chrono::{DateTime, SubsecRound, Utc};
use clap::{Args, ValueEnum};
use csp_multichannel::Rulebook;

use crate::Failure;
use crate::lines::Unreadable;
use crate::problem::{self, Located};

/// A rulebook that the command line names.
#[derive(Clone, Debug, Args)]
pub(crate) struct Input {
    /// A rulebook: a file in TOML or JSON, `-` for standard input, `builtin` for the built-in register
    #[arg(value_name = "FILE", default_value = Source::BUILT_IN)]
    pub(crate) file: Source,

    #[command(flatten)]
    pub(crate) written: Written,
}

/// What rulebooks are written in.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct Written {
    /// What a rulebook is written in [default: what the extension says, .toml or .json]
    #[arg(long, value_name = "FORMAT")]
    format: Option<Format>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Toml,
    Json,
}

/// Where a rulebook comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    BuiltIn,
    Standard,
    File(PathBuf),
}

impl Source {
    /// What the built-in register is called; a file of this name is `./builtin`.
    const BUILT_IN: &'static str = "builtin";

    /// The most that is read; the register takes some 30 KiB.
    const LONGEST: u64 = 1 << 24;

    /// A file, or standard input for `-`.
    pub(crate) fn of_path(path: PathBuf) -> Self {
        if path == Path::new("-") { Self::Standard } else { Self::File(path) }
    }

    pub(crate) fn open(&self) -> Result<Box<dyn Read>, Unreadable> {
        self.input().map_err(|error| Unreadable { name: self.to_string(), error })
    }

    /// All that there is to read.
    pub(crate) fn bytes(&self) -> Result<Vec<u8>, Unreadable> {
        self.read().map_err(|error| Unreadable { name: self.to_string(), error })
    }

    fn input(&self) -> io::Result<Box<dyn Read>> {
        Ok(match self {
            Self::File(path) => Box::new(File::open(path)?),
            Self::Standard => Box::new(io::stdin()),
            Self::BuiltIn => Box::new(io::empty()),
        })
    }

    fn read(&self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.input()?.take(Self::LONGEST + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > Self::LONGEST {
            return Err(io::Error::other(format!("it is longer than {} bytes", Self::LONGEST)));
        }
        Ok(bytes)
    }

    /// Whether it is the file at a path, whatever links and dots lead there.
    pub(crate) fn is(&self, path: &Path) -> bool {
        let Self::File(file) = self else { return false };
        matches!((file.canonicalize(), path.canonicalize()), (Ok(file), Ok(path)) if file == path)
    }
}

/// As the command line names it.
impl From<OsString> for Source {
    fn from(name: OsString) -> Self {
        if name == Self::BUILT_IN { Self::BuiltIn } else { Self::of_path(name.into()) }
    }
}

/// Its name, as problems and errors tell it.
impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BuiltIn => f.write_str(Self::BUILT_IN),
            Self::Standard => f.write_str("<standard input>"),
            Self::File(path) => path.display().fmt(f),
        }
    }
}

impl Input {
    /// The rulebook, to work with.
    pub(crate) fn rulebook(&self) -> Result<Cow<'static, Rulebook>, Failure> {
        self.written.rulebook(&self.file)
    }
}

impl Written {
    /// The rulebook of a source, to work with.
    pub(crate) fn rulebook(self, source: &Source) -> Result<Cow<'static, Rulebook>, Failure> {
        self.read(source)?.map_err(Failure::Rulebook)
    }

    /// The rulebook of a source, or what is wrong with it.
    pub(crate) fn read(self, source: &Source) -> Result<Result<Cow<'static, Rulebook>, Vec<Located>>, Failure> {
        if *source == Source::BuiltIn {
            return Ok(Ok(Cow::Borrowed(Rulebook::partner_center())));
        }
        // A file that is not there is told first; standard input is not waited for in vain.
        let (bytes, format) = if let Source::File(_) = source {
            (source.bytes()?, self.format(source)?)
        } else {
            let format = self.format(source)?;
            (source.bytes()?, format)
        };
        Ok(problem::read(&bytes, format, source).map(Cow::Owned))
    }

    fn format(self, source: &Source) -> Result<Format, Failure> {
        let told = || match source {
            Source::File(path) => match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
                "toml" => Some(Format::Toml),
                "json" => Some(Format::Json),
                _ => None,
            },
            Source::Standard | Source::BuiltIn => None,
        };
        self.format.or_else(told).ok_or_else(|| {
            Failure::Usage(format!("what `{source}` is written in is not told, expected --format toml or json"))
        })
    }
}

/// Refuses arguments of which several are standard input.
pub(crate) fn standard_once<'s>(sources: impl IntoIterator<Item = &'s Source>) -> Result<(), Failure> {
    if sources.into_iter().filter(|source| **source == Source::Standard).count() > 1 {
        return Err(Failure::Usage("standard input can be read once, expected files beside it".into()));
    }
    Ok(())
}

/// The instant asked about, or now.
pub(crate) fn or_now(as_of: Option<DateTime<Utc>>) -> DateTime<Utc> {
    as_of.unwrap_or_else(|| Utc::now().trunc_subsecs(0))
}
