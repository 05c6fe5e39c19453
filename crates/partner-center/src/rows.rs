//! The rows of a table, one by one, in constant memory.

use std::io::{self, Read};

use memchr::memchr;

use crate::date::DateOrder;
use crate::note::{Note, NoteKind};
use crate::record::{Record, RecordError};
use crate::service::is_guid;
use crate::table::{Cells, Header};
use crate::text::{LONGEST, Text, invalid};

/// A reader of the rows of a table.
pub(crate) struct Rows<R> {
    pub(crate) text: Text<R>,
    cells: Cells,
    header: Header,
    /// The number of quotes that were not closed.
    strays: usize,
}

impl<R: Read> Rows<R> {
    /// Reads up to the end of the header; a note lists the lines before it.
    pub(crate) fn open(mut text: Text<R>) -> io::Result<(Self, Vec<Note>)> {
        /// Some exports have a title and a date above the names of the columns.
        const MOST_BEFORE: usize = 10;
        let has_line = |text: &Text<R>| memchr(b'\n', text.rest()).is_some();
        while !has_line(&text) && text.rest().len() < LONGEST_CELL && text.fill()? {}
        let first_return = memchr(b'\r', text.rest());
        if !has_line(&text) && first_return.is_some_and(|at| at + 1 < text.rest().len()) {
            return Err(invalid(
                "lines end with a carriage return alone, expected a line feed".into(),
            ));
        }
        let (cells, header) = (Cells::by(None), Header::EMPTY);
        let mut rows = Self { text, cells, header, strays: 0 };
        let mut delimiter = None;
        let mut before: Vec<String> = Vec::new();
        while before.len() < MOST_BEFORE {
            let Some(end) = rows.record()? else { break };
            let record = rows.text.next_bytes(end).to_vec();
            // A list of identifiers needs no header.
            if before.is_empty() && std::str::from_utf8(record.trim_ascii()).is_ok_and(is_guid) {
                rows.header = Header::of_identifiers();
                return Ok((rows, Vec::new()));
            }
            rows.text.consume(end + 1);
            let record = record.trim_ascii_end();
            if record.starts_with(b"#TYPE") || record.is_empty() {
                continue;
            }
            let unquoted = record.strip_prefix(b"\"").and_then(|record| record.strip_suffix(b"\""));
            let (first, given) = unquoted.unwrap_or(record).split_at_checked(4).unwrap_or_default();
            if first.eq_ignore_ascii_case(b"sep=") {
                // A tab at the end of its line was trimmed.
                delimiter = Some(given.first().copied().unwrap_or(b'\t'));
                rows.cells = Cells::by(delimiter);
                continue;
            }
            if delimiter.is_none() {
                rows.cells = Cells::of(record);
            }
            let mut names = Vec::new();
            rows.cells.split(record, &mut names);
            if let Some(header) = Header::of(&names) {
                let (header, mut notes) = header.map_err(|kind| {
                    invalid(format!("each row is {}, expected a subscription", kind.with_article()))
                })?;
                rows.header = header;
                if let (Some(first), Some(last)) = (before.first(), before.last()) {
                    let lines =
                        if first == last { first.clone() } else { format!("{first} … {last}") };
                    notes.insert(0, Note::on(NoteKind::BeforeHeader, "lines", lines));
                }
                return Ok((rows, notes));
            }
            before.push(String::from_utf8_lossy(record).into_owned());
            rows.cells = Cells::by(delimiter);
        }
        let Some(found) = before.first() else { return Ok((rows, Vec::new())) };
        let found: String = found.chars().take(120).collect();
        Err(invalid(format!(
            "no column has the identifier of the subscription in `{found}`, expected `id` or `Subscription ID`"
        )))
    }

    /// Reads the next row that is not blank, or returns `None` at the end.
    pub(crate) fn next(
        &mut self,
        order: Option<DateOrder>,
    ) -> io::Result<Option<Result<Record, RecordError>>> {
        loop {
            let line = self.text.line;
            let Some(end) = self.record()? else { return Ok(None) };
            if end > LONGEST {
                self.skip_line()?;
                let error = format!("the row is longer than {LONGEST} bytes");
                return Ok(Some(Err(RecordError::new(None, line, error))));
            }
            let mut cells = Vec::with_capacity(self.header.len());
            self.cells.split(self.text.next_bytes(end), &mut cells);
            let mut row = None;
            if let Some(header) = self.header.of_row(&cells) {
                self.header = header;
            } else if !self.header.is_blank(&cells) {
                row = Some(self.header.row(&cells, line, order));
            }
            self.text.consume(end + 1);
            if row.is_some() {
                return Ok(row);
            }
        }
    }

    /// Skips the rest of a line of any length, up to its end.
    fn skip_line(&mut self) -> io::Result<()> {
        loop {
            let end = memchr(b'\n', self.text.rest());
            self.text.consume(end.unwrap_or(self.text.rest().len()));
            if end.is_some() || !self.text.fill()? {
                return Ok(());
            }
        }
    }

    /// Returns the length of the next record: of a line, or of several if a quoted cell spans lines.
    fn record(&mut self) -> io::Result<Option<usize>> {
        let mut at = 0;
        let mut first_end = None;
        let mut quotes = Quotes::CellBegins;
        loop {
            let end = memchr(b'\n', self.text.rest_from(at)).map(|end| at + end);
            let most = match first_end {
                None => LONGEST,
                Some(_) if self.strays < MOST_STRAYS => LONGEST_CELL,
                Some(_) => 0,
            };
            if end.is_none() && self.text.rest().len() <= most && self.text.fill()? {
                continue;
            }
            let rest = self.text.rest();
            let end = end.unwrap_or(rest.len());
            let first_end = *first_end.get_or_insert(end);
            if at >= rest.len() || end > most {
                // An unclosed quote is an ordinary character of its line.
                self.strays += usize::from(quotes == Quotes::Inside);
                return Ok((!rest.is_empty()).then_some(first_end));
            }
            let line = rest.get(at..end).unwrap_or_default();
            if memchr(b'"', line).is_none() && quotes != Quotes::Inside {
                return Ok(Some(end));
            }
            let cells = &self.cells;
            let pass = |quotes: Quotes, &byte| quotes.pass(byte, cells.is_delimiter(byte));
            quotes = line.iter().fold(quotes, pass);
            match quotes {
                Quotes::Inside => at = end + 1,
                Quotes::Stray if at > 0 => {
                    self.strays += 1;
                    return Ok(Some(first_end));
                }
                _ => return Ok(Some(end)),
            }
        }
    }
}

/// The longest cell that spans lines, in bytes: a limit on the time that an unclosed quote costs.
const LONGEST_CELL: usize = 1 << 14;

/// The number of unclosed quotes after which no cell may span lines.
const MOST_STRAYS: usize = 100;

/// The position of a byte relative to quoted cells.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quotes {
    CellBegins,
    Inside,
    /// After a quote inside; a second quote makes both one character.
    After,
    Outside,
    /// After a quote inside that did not end its cell: the cell was not a quoted one.
    Stray,
}

impl Quotes {
    pub(crate) const fn pass(self, byte: u8, is_delimiter: bool) -> Self {
        match (self, byte) {
            (Self::Stray, _) => Self::Stray,
            (Self::Inside, b'"') | (Self::After, b'\r') => Self::After,
            (Self::Inside, _) | (Self::CellBegins | Self::After, b'"') => Self::Inside,
            _ if is_delimiter => Self::CellBegins,
            (Self::After, _) => Self::Stray,
            _ => Self::Outside,
        }
    }
}
