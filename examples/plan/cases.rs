//! Cases from a file, from standard input or from a sample: JSON Lines, or one case that spans lines.

#[path = "../decide/lines.rs"]
mod lines;

use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::path::Path;

use csp_multichannel::{Case, Refusal, Refused, RefusedLine};
use lines::Lines;
pub(crate) use lines::Unreadable;
use serde::de::IgnoredAny;

/// A case, or why there is none.
type Result<T> = std::result::Result<T, RefusedLine>;

/// The cases of an input, each read when it is asked for.
pub(crate) enum Cases {
    /// JSON Lines.
    Lines(Lines),
    /// A case that spans lines, until it is taken.
    One(Option<Result<Case>>),
}

impl Cases {
    /// The longest case that may span lines, as the longest line.
    const LONGEST: u64 = 1 << 20;

    /// Those of a file, of standard input for `-`, or of the sample where no file is named.
    pub(crate) fn open(path: Option<&Path>, sample: &'static str) -> std::result::Result<Self, Unreadable> {
        let name = path.map_or("the sample".into(), |path| path.display().to_string());
        let read = input(path, sample).and_then(|input| Self::of(input, name.clone()));
        read.map_err(|error| Unreadable { name, error })
    }

    fn of(input: Box<dyn Read>, name: String) -> io::Result<Self> {
        let mut input = BufReader::new(input);
        let mut text = Vec::new();
        let mut line = Vec::new();
        // Blank lines are kept: they count.
        while line.trim_ascii().is_empty() {
            text.append(&mut line);
            if input.by_ref().take(Self::LONGEST).read_until(b'\n', &mut line)? == 0 {
                break;
            }
        }
        let is_cut_off = is_cut_off(&line);
        text.append(&mut line);
        if is_cut_off {
            input.by_ref().take(Self::LONGEST).read_to_end(&mut text)?;
            if spans_lines(&text) {
                return Ok(Self::One(Some(one(&text))));
            }
        }
        Ok(Self::Lines(Lines::of(Box::new(Cursor::new(text).chain(input)), name)))
    }

    /// The next case; `before_waiting` is called before one that has yet to arrive.
    pub(crate) fn next<E: From<Unreadable>>(
        &mut self,
        before_waiting: impl FnMut() -> std::result::Result<(), E>,
    ) -> std::result::Result<Option<Result<Case>>, E> {
        match self {
            Self::One(case) => Ok(case.take()),
            Self::Lines(lines) => Ok(lines.next(before_waiting)?.map(|line| line.case())),
        }
    }
}

fn input(path: Option<&Path>, sample: &'static str) -> io::Result<Box<dyn Read>> {
    Ok(match path {
        None => Box::new(sample.as_bytes()),
        Some(path) if path == Path::new("-") => Box::new(io::stdin()),
        Some(path) => Box::new(File::open(path)?),
    })
}

fn without_mark(text: &[u8]) -> &[u8] {
    text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(text)
}

/// Whether what begins here goes on in the next line, if it is JSON at all.
fn is_cut_off(line: &[u8]) -> bool {
    serde_json::from_slice::<IgnoredAny>(without_mark(line)).is_err_and(|error| error.is_eof())
}

/// Whether a text is one case over several lines; a line that was cut off by mistake costs no more than itself.
fn spans_lines(text: &[u8]) -> bool {
    let text = without_mark(text).trim_ascii();
    let mut lines = text.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii);
    let opens = lines.next() == Some(b"{") && lines.next().is_some_and(|next| !next.starts_with(b"{"));
    opens || serde_json::from_slice::<IgnoredAny>(text).is_ok()
}

/// The one case of a text.
fn one(text: &[u8]) -> Result<Case> {
    let text = without_mark(text);
    let begins = text.len() - text.trim_ascii_start().len();
    let blank = text.iter().take(begins).filter(|&&byte| byte == b'\n').count();
    let mut json = serde_json::Deserializer::from_slice(text);
    let case = Case::read(&mut json).and_then(|case| match json.end() {
        Ok(()) => Ok(case),
        Err(error) => Err(Refused { id: Some(case.id), reason: Refusal::Format(error) }),
    });
    case.map_err(|Refused { id, reason }| match reason {
        Refusal::Record(error) => RefusedLine { id, line: blank as u64 + 1, error: error.to_string() },
        Refusal::Format(error) => RefusedLine { id, line: error.line() as u64, error: wording(&error) },
    })
}

/// What is no JSON; the line is told beside it.
fn wording(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    format!("no valid JSON: {} at column {}", text.strip_suffix(&place).unwrap_or(&text), error.column())
}
