//! JSON Lines with a case each, read in bounded memory.

use std::io::{self, BufRead, BufReader, Read};

use csp_multichannel::{Case, Refusal, Refused, RefusedLine};

/// Input that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("cannot read `{name}`: {error}")]
pub struct Unreadable {
    /// What it is called.
    pub name: String,
    /// Why.
    pub error: io::Error,
}

/// Lines of bounded length, so that no input takes more memory than another.
pub(crate) struct Lines {
    name: String,
    input: BufReader<Box<dyn Read>>,
    bytes: Vec<u8>,
    number: u64,
}

pub(crate) struct Line<'a> {
    /// Its number, from 1.
    pub(crate) number: u64,
    /// None of a line that is too long.
    bytes: Option<&'a [u8]>,
}

impl Lines {
    /// The longest line that is read; a case takes some 400 bytes.
    const LONGEST: usize = 1 << 20;

    pub(crate) fn of(input: Box<dyn Read>, name: String) -> Self {
        Self { name, input: BufReader::with_capacity(1 << 16, input), bytes: Vec::new(), number: 0 }
    }

    /// The next line that is not blank; `before_waiting` is called before one that has yet to arrive.
    pub(crate) fn next<E: From<Unreadable>>(
        &mut self,
        mut before_waiting: impl FnMut() -> Result<(), E>,
    ) -> Result<Option<Line<'_>>, E> {
        let unreadable = |error| Unreadable { name: self.name.clone(), error };
        loop {
            if !self.input.buffer().contains(&b'\n') {
                before_waiting()?;
            }
            self.bytes.clear();
            // One more than is accepted, and the end of the line.
            let longest = Self::LONGEST as u64 + 2;
            let read = self.input.by_ref().take(longest).read_until(b'\n', &mut self.bytes).map_err(unreadable)?;
            if read == 0 {
                return Ok(None);
            }
            self.number += 1;
            let line = self.bytes.strip_suffix(b"\n").unwrap_or(&self.bytes);
            if line.strip_suffix(b"\r").unwrap_or(line).len() > Self::LONGEST {
                if !self.bytes.ends_with(b"\n") {
                    self.input.skip_until(b'\n').map_err(unreadable)?;
                }
                return Ok(Some(Line { number: self.number, bytes: None }));
            }
            if self.number == 1 && self.bytes.starts_with("\u{feff}".as_bytes()) {
                self.bytes.drain(..3);
            }
            if !self.bytes.trim_ascii().is_empty() {
                return Ok(Some(Line { number: self.number, bytes: Some(&self.bytes) }));
            }
        }
    }
}

impl Line<'_> {
    /// The case in it, or why there is none.
    pub(crate) fn case(&self) -> Result<Case, RefusedLine> {
        let line = self.number;
        let Some(bytes) = self.bytes else {
            let error = format!("the line is longer than {} bytes", Lines::LONGEST);
            return Err(RefusedLine { id: None, line, error });
        };
        let mut json = serde_json::Deserializer::from_slice(bytes.trim_ascii_end());
        let case = Case::read(&mut json).and_then(|case| match json.end() {
            Ok(()) => Ok(case),
            Err(error) => Err(Refused { id: Some(case.id), reason: Refusal::Format(error) }),
        });
        case.map_err(|Refused { id, reason }| RefusedLine { id, line, error: wording(&reason) })
    }
}

/// What was wrong; within its line, a line has columns only.
fn wording(reason: &Refusal<serde_json::Error>) -> String {
    match reason {
        Refusal::Record(error) => error.to_string(),
        Refusal::Format(error) => {
            let text = error.to_string();
            let place = format!(" at line {} column {}", error.line(), error.column());
            let text = text.strip_suffix(&place).unwrap_or(&text);
            format!("no valid JSON: {text} at column {}", error.column())
        }
    }
}
