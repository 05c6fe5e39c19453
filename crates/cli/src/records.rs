//! Records of cases from JSON Lines, from one JSON array, or from objects one after the other, in
//! constant memory.

use std::fmt;
use std::io::{self, BufRead, Cursor, Read};
use std::mem;

use csp_multichannel::Case;
use serde::Serialize;

use crate::text::printable;

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// The longest record in bytes, which bounds the memory; a case has some 400.
const LONGEST: usize = 1 << 20;

/// The error record of an invalid record, written in place of a decision.
#[derive(Debug, Serialize)]
pub(crate) struct RecordError {
    /// The id, if it was read before the error.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) id: Option<String>,
    /// The line on which the record begins, from 1.
    pub(crate) line: usize,
    pub(crate) error: String,
}

/// Writes `line 2 (c-18) is invalid: …`.
impl fmt::Display for RecordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, line, error } = self;
        let id = id.as_ref().map(|id| format!(" ({})", printable(id))).unwrap_or_default();
        write!(f, "line {line}{id} is invalid: {}", printable(error))
    }
}

/// The records of an input, one by one.
pub(crate) struct Records<R> {
    input: Input<R>,
    form: Form,
    /// The line and column of the next byte, from 1; the column only where it matters.
    line: usize,
    column: usize,
    record: Record,
}

/// An input, to which bytes can be given back.
struct Input<R> {
    given_back: Cursor<Vec<u8>>,
    rest: R,
}

impl<R: BufRead> Read for Input<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(buffer)?;
        self.consume(read);
        Ok(read)
    }
}

impl<R: BufRead> BufRead for Input<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        let given_back = self.given_back.fill_buf()?;
        if given_back.is_empty() { self.rest.fill_buf() } else { Ok(given_back) }
    }

    fn consume(&mut self, count: usize) {
        if self.given_back.position() < self.given_back.get_ref().len() as u64 {
            self.given_back.consume(count);
        } else {
            self.rest.consume(count);
        }
    }
}

/// The form of the remaining input.
#[derive(Clone, Copy)]
enum Form {
    Unknown,
    /// One object a line, or in any other layout.
    Lines,
    /// The elements of an array; the first one may be missing.
    Array {
        first: bool,
    },
    AfterArray,
    /// The end of an array without its closing bracket.
    UnclosedArray,
    End,
}

/// The text of one record, and its position.
#[derive(Default)]
struct Record {
    line: usize,
    column: usize,
    text: Vec<u8>,
    /// Whether the text is longer than the limit and was cut.
    is_cut: bool,
}

type Next = Option<Result<Case, RecordError>>;

impl<R: BufRead> Records<R> {
    /// Creates a reader; reads the first bytes, which can be a byte order mark.
    pub(crate) fn new(mut input: R) -> io::Result<Self> {
        let mut first = Vec::new();
        input.by_ref().take(BYTE_ORDER_MARK.len() as u64).read_to_end(&mut first)?;
        if first == BYTE_ORDER_MARK {
            first.clear();
        }
        let input = Input { given_back: Cursor::new(first), rest: input };
        Ok(Self { input, form: Form::Unknown, line: 1, column: 1, record: Record::default() })
    }

    /// Returns the next case or the error in its place; `None` at the end.
    pub(crate) fn next(&mut self) -> io::Result<Next> {
        if matches!(self.form, Form::Unknown) {
            self.detect_form()?;
        }
        match self.form {
            Form::Lines => self.next_line(),
            Form::Array { first } => self.next_element(first),
            Form::AfterArray => self.text_after_array(),
            Form::UnclosedArray => {
                self.begin_record();
                self.form = Form::End;
                Ok(Some(Err(self
                    .record
                    .refusal("invalid JSON: the array is not closed, expected `]`"))))
            }
            Form::Unknown | Form::End => Ok(None),
        }
    }

    /// Detects the form: an array begins with a bracket; anything else is lines.
    fn detect_form(&mut self) -> io::Result<()> {
        self.skip_space()?;
        self.form = if self.peek()? == Some(b'[') {
            self.take()?;
            Form::Array { first: true }
        } else {
            Form::Lines
        };
        Ok(())
    }

    fn next_line(&mut self) -> io::Result<Next> {
        loop {
            self.begin_record();
            if !self.input.given_back.fill_buf()?.is_empty() {
                return self.next_object();
            }
            if !self.read_line()? {
                return Ok(None);
            }
            let text = self.record.trimmed();
            let is_object = text.iter().find(|byte| !is_blank(**byte)) == Some(&b'{');
            let is_empty = text.is_empty() && !self.record.is_cut;
            let case = self.record.case();
            if is_object && case.is_err() {
                // It may be a part of an object, or several objects.
                self.input.given_back = Cursor::new(mem::take(&mut self.record.text));
                continue;
            }
            if self.record.text.last() != Some(&b'\n') {
                self.input.skip_until(b'\n')?;
            }
            (self.line, self.column) = (self.line + 1, 1);
            if !is_empty {
                return Ok(Some(case));
            }
        }
    }

    /// Reads the next line with its end, up to the longest; returns whether there is one.
    fn read_line(&mut self) -> io::Result<bool> {
        let Record { text, is_cut, .. } = &mut self.record;
        let longest_line = LONGEST + "\r\n".len();
        self.input.by_ref().take(longest_line as u64).read_until(b'\n', text)?;
        *is_cut = text.len() == longest_line && !text.ends_with(b"\r\n");
        // Files that were joined have a byte order mark each.
        if text.starts_with(BYTE_ORDER_MARK) {
            text.drain(..BYTE_ORDER_MARK.len());
        }
        Ok(!text.is_empty())
    }

    /// Returns the next object, up to another one or the end of its last line.
    fn next_object(&mut self) -> io::Result<Next> {
        let mut nesting = Nesting::new();
        while let Some(byte) = self.peek()?
            && !nesting.is_before_another(byte, self.column)
        {
            self.take()?;
            if byte == b'\n' && nesting.open == Nesting::NONE {
                break;
            }
            nesting.pass(byte);
            self.record.push(byte);
        }
        Ok(Some(self.record.case()))
    }

    /// Returns the next element of the array, up to the comma or bracket after it.
    fn next_element(&mut self, first: bool) -> io::Result<Next> {
        self.skip_space()?;
        self.begin_record();
        let mut nesting = Nesting::new();
        while let Some(byte) = self.peek()? {
            if nesting.is_before_another(byte, self.column) {
                self.form = Form::Array { first: false };
                return Ok(Some(self.record.case()));
            }
            self.take()?;
            if matches!(byte, b',' | b']') && nesting.is_closed() {
                self.form =
                    if byte == b',' { Form::Array { first: false } } else { Form::AfterArray };
                if !self.record.trimmed().is_empty() {
                    return Ok(Some(self.record.case()));
                }
                if first && byte == b']' {
                    return self.next();
                }
                let error = "invalid JSON: an element is missing, expected a case as an object";
                return Ok(Some(Err(self.record.refusal(error))));
            }
            nesting.pass(byte);
            self.record.push(byte);
        }
        // The bracket of the array can be a part of an element that is not closed.
        let has_bracket = nesting.previous == b']';
        self.form = if has_bracket { Form::End } else { Form::UnclosedArray };
        if self.record.trimmed().is_empty() { self.next() } else { Ok(Some(self.record.case())) }
    }

    fn text_after_array(&mut self) -> io::Result<Next> {
        self.skip_space()?;
        self.begin_record();
        self.form = Form::End;
        let error = "invalid JSON: text after the array, expected nothing";
        Ok(self.peek()?.map(|_| Err(self.record.refusal(error))))
    }

    fn begin_record(&mut self) {
        self.record.text.clear();
        self.record.is_cut = false;
        (self.record.line, self.record.column) = (self.line, self.column);
    }

    fn skip_space(&mut self) -> io::Result<()> {
        while self.peek()?.is_some_and(is_blank) {
            self.take()?;
        }
        Ok(())
    }

    fn peek(&mut self) -> io::Result<Option<u8>> {
        loop {
            match self.input.fill_buf() {
                Ok(buffer) => return Ok(buffer.first().copied()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Consumes the byte that was peeked.
    fn take(&mut self) -> io::Result<()> {
        if self.peek()? == Some(b'\n') {
            self.line += 1;
            self.column = 1;
        } else {
            self.column += 1;
        }
        self.input.consume(1);
        Ok(())
    }
}

/// The brackets that are open, and whether a string is.
struct Nesting {
    /// A bit for each open bracket, the innermost the lowest: 1 for an object, 0 for a list; above them another 1.
    open: u64,
    in_string: bool,
    is_escaped: bool,
    /// The last byte other than white space.
    previous: u8,
}

impl Nesting {
    const NONE: u64 = 1;

    const fn new() -> Self {
        Self { open: Self::NONE, in_string: false, is_escaped: false, previous: 0 }
    }

    const fn is_closed(&self) -> bool {
        self.open == Self::NONE && !self.in_string
    }

    /// Whether another object begins here, after one that is closed or not.
    ///
    /// An object in a case has a name, and nobody begins a line with it.
    const fn is_before_another(&self, byte: u8, column: usize) -> bool {
        let follows = match self.open {
            Self::NONE => self.previous == b'}',
            _ => column == 1 || self.previous != b':',
        };
        byte == b'{' && !self.in_string && follows
    }

    const fn pass(&mut self, byte: u8) {
        match byte {
            // No string continues on the next line.
            b'\n' => (self.in_string, self.is_escaped) = (false, false),
            _ if self.is_escaped => self.is_escaped = false,
            b'\\' if self.in_string => self.is_escaped = true,
            b'"' => self.in_string = !self.in_string,
            _ if self.in_string => {}
            // No case is nested so deeply that a bit is lost.
            b'{' | b'[' if self.open >> 63 == 0 => {
                self.open = self.open << 1 | (byte == b'{') as u64;
            }
            // It closes an object with all that is open inside.
            b'}' => {
                let outside = self.open >> self.open.trailing_zeros() >> 1;
                self.open = if outside == 0 { self.open } else { outside };
            }
            b']' if self.open & 1 == 0 => self.open >>= 1,
            _ => {}
        }
        if !is_blank(byte) {
            self.previous = byte;
        }
    }
}

/// Whether a byte is JSON white space.
const fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

impl Record {
    /// Appends a byte, if there is room.
    fn push(&mut self, byte: u8) {
        if self.text.len() < LONGEST {
            self.text.push(byte);
        } else {
            self.is_cut |= !is_blank(byte);
        }
    }

    /// Returns the text without white space at its end.
    fn trimmed(&self) -> &[u8] {
        let last = self.text.iter().rposition(|byte| !is_blank(*byte));
        self.text.get(..last.map_or(0, |last| last + 1)).unwrap_or_default()
    }

    fn case(&self) -> Result<Case, RecordError> {
        let mut id = None;
        let mut json = serde_json::Deserializer::from_slice(self.trimmed());
        let case = Case::read(&mut json, &mut id).and_then(|case| json.end().map(|()| case));
        if self.is_cut {
            let error = format!("the record is longer than {LONGEST} bytes");
            return Err(RecordError { id, ..self.refusal(&error) });
        }
        case.map_err(|error| RecordError { id, ..self.refusal(&self.describe(&error)) })
    }

    fn refusal(&self, error: &str) -> RecordError {
        RecordError { id: None, line: self.line, error: error.into() }
    }

    /// Formats an error with its position in the input instead of the record.
    fn describe(&self, error: &serde_json::Error) -> String {
        let text = error.to_string();
        let place = format!(" at line {} column {}", error.line(), error.column());
        let text = text.strip_suffix(&place).unwrap_or(&text);
        let kind = if error.is_data() { "" } else { "invalid JSON: " };
        match error.line() {
            0 | 1 => {
                let column = self.column + error.column().max(1) - 1;
                format!("{kind}{text}, at column {column}")
            }
            later => {
                let line = self.line + later - 1;
                format!("{kind}{text}, at line {line} column {}", error.column().max(1))
            }
        }
    }
}
