//! The rows of a table, one by one, in constant memory.

use std::collections::VecDeque;
use std::io::{self, Read};

use memchr::memchr;

use crate::date::DateOrder;
use crate::note::{Note, NoteKind};
use crate::reader::Item;
use crate::record::RecordError;
use crate::service::is_guid;
use crate::table::{Cells, DELIMITERS, Header, bare, delimiter, is_type};
use crate::text::{LONGEST, Text, invalid};

/// A reader of the rows of a table.
pub(crate) struct Rows<R> {
    pub(crate) text: Text<R>,
    cells: Cells,
    header: Header,
    /// Notes on the header, to be returned before the rows below it.
    notes: VecDeque<Note>,
    /// The number of quotes that were not closed.
    strays: usize,
}

impl<R: Read> Rows<R> {
    /// Reads up to the end of the header; a note lists the lines before it.
    pub(crate) fn open(mut text: Text<R>) -> io::Result<Self> {
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
        let (cells, header, notes) = (Cells::by(None), Header::EMPTY, VecDeque::new());
        let mut rows = Self { text, cells, header, notes, strays: 0 };
        let mut given = None;
        let mut before: Vec<String> = Vec::new();
        while before.len() < MOST_BEFORE {
            let Some((end, is_closed)) = rows.record()? else { break };
            let record =
                std::str::from_utf8(rows.text.next_bytes(end)).unwrap_or_default().to_owned();
            // A list of identifiers needs no header.
            if before.is_empty() && is_guid(bare(&record)) {
                rows.header = Header::of_identifiers();
                return Ok(rows);
            }
            rows.text.consume(end + 1);
            if is_type(&record) || record.trim().is_empty() {
                continue;
            }
            if let Some(delimiter) = delimiter(&record) {
                given = Some(delimiter);
                rows.cells = Cells::by(given);
                continue;
            }
            let record = record.trim_end();
            if given.is_none() {
                rows.cells = Cells::of(record);
            }
            let mut names = Vec::new();
            rows.cells.split(record, is_closed, &mut names);
            if let Some(header) = Header::of(&names) {
                if header.kind.is_foreign() {
                    let kind = header.kind.with_article();
                    return Err(invalid(format!("each row is {kind}, expected a subscription")));
                }
                if let (Some(first), Some(last)) = (before.first(), before.last()) {
                    let lines =
                        if first == last { first.clone() } else { format!("{first} … {last}") };
                    rows.notes.push_back(Note::on(NoteKind::BeforeHeader, "lines", lines));
                }
                rows.notes.extend(header.notes());
                rows.header = header;
                return Ok(rows);
            }
            before.push(record.to_owned());
            rows.cells = Cells::by(given);
        }
        let Some(found) = before.first() else { return Ok(rows) };
        let found: String = found.chars().take(120).collect();
        Err(invalid(format!(
            "no column has the identifier of the subscription in `{found}`, expected `id` or `Subscription ID`"
        )))
    }

    /// Reads the next row that is not blank, or a note, or returns `None` at the end.
    pub(crate) fn next(&mut self, order: Option<DateOrder>) -> io::Result<Option<Item>> {
        loop {
            if let Some(note) = self.notes.pop_front() {
                return Ok(Some(Item::Note(note)));
            }
            let line = self.text.line;
            let Some((end, is_closed)) = self.record()? else { return Ok(None) };
            if end > LONGEST {
                self.skip_line()?;
                let error = format!("the row is longer than {LONGEST} bytes");
                return Ok(Some(Item::Invalid(RecordError::new(None, line, error))));
            }
            let row = self.row((end, is_closed), line, order);
            self.text.consume(end + 1);
            if row.is_some() {
                return Ok(row);
            }
        }
    }

    /// Reads the record that was found, unless it is blank or says how to read those below it.
    fn row(
        &mut self,
        (end, is_closed): (usize, bool),
        line: usize,
        order: Option<DateOrder>,
    ) -> Option<Item> {
        let record = std::str::from_utf8(self.text.next_bytes(end)).unwrap_or_default();
        if is_type(record) {
            return None;
        }
        let is_likely = |&byte: &u8| DELIMITERS.contains(&byte) || self.cells.is_delimiter(byte);
        if let Some(delimiter) = delimiter(record).filter(is_likely) {
            self.cells = Cells::by(Some(delimiter));
            return None;
        }
        let mut cells = Vec::with_capacity(self.header.len());
        self.cells.split(record, is_closed, &mut cells);
        if let Some(header) = self.header.of_row(&cells) {
            self.begin(header, line);
            return None;
        }
        if let Some((header, others)) = self.header.of_record(record, is_closed, &cells) {
            self.cells = others;
            self.begin(header, line);
            return None;
        }
        if self.header.is_blank(&cells) {
            return None;
        }
        let row = self.header.row(&cells, line, order);
        Some(row.map_or_else(Item::Invalid, |record| Item::Record(Box::new(record))))
    }

    /// Begins the rows below a header.
    fn begin(&mut self, header: Header, line: usize) {
        self.notes.extend(header.notes_below(&self.header, line));
        self.header = header;
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

    /// Returns the length of the next record, and whether its quotes are closed: of a line, or of several if a quoted
    /// cell spans lines.
    fn record(&mut self) -> io::Result<Option<(usize, bool)>> {
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
                let is_closed = quotes != Quotes::Inside;
                self.strays += usize::from(!is_closed);
                return Ok((!rest.is_empty()).then_some((first_end, is_closed)));
            }
            let line = rest.get(at..end).unwrap_or_default();
            let mut spans_lines = quotes == Quotes::Inside;
            if memchr(b'"', line).is_none() && !spans_lines {
                return Ok(Some((end, true)));
            }
            for &byte in line {
                quotes = quotes.pass(byte, self.cells.is_delimiter(byte));
                spans_lines &= quotes != Quotes::CellBegins;
                if spans_lines && quotes == Quotes::Stray {
                    self.strays += 1;
                    return Ok(Some((first_end, false)));
                }
            }
            if quotes != Quotes::Inside {
                return Ok(Some((end, true)));
            }
            at = end + 1;
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
    /// After a quote inside that did not end its cell: if lines are before it, the cell was not a quoted one.
    Stray,
}

impl Quotes {
    pub(crate) const fn pass(self, byte: u8, is_delimiter: bool) -> Self {
        match (self, byte) {
            (Self::Inside, b'"') | (Self::After, b'\r') => Self::After,
            (Self::Inside, _) | (Self::CellBegins | Self::After, b'"') => Self::Inside,
            _ if is_delimiter => Self::CellBegins,
            (Self::After | Self::Stray, _) => Self::Stray,
            _ => Self::Outside,
        }
    }
}
