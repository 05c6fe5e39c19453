//! CSV, a column for each field of the record, and two for people.

use std::cell;
use std::io::{self, BufRead, Read};
use std::rc::Rc;

use csp_multichannel::{Case, Field, RecordKind, Refusal};
use csv::{ReaderBuilder, StringRecord};
use serde::de::value::{Error as ValueError, MapDeserializer};
use serde::de::{self, IntoDeserializer};

use super::{BUFFER, Reading, buffered};
use crate::Failure;
use crate::entry::{Entry, Place, Refused};
use crate::lines::Unreadable;

/// A record of a case, with names for people.
pub(crate) struct Row {
    pub(crate) case: Case,
    /// Of the subscription.
    pub(crate) name: Option<String>,
    /// Of the customer.
    pub(crate) customer: Option<Rc<str>>,
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    Field(Field),
    Name,
    CustomerName,
}

impl Column {
    fn of(header: &str) -> Option<Self> {
        match header {
            "name" => Some(Self::Name),
            "customer_name" => Some(Self::CustomerName),
            _ => header.parse().ok().filter(|field| *field != Field::Term).map(Self::Field),
        }
    }
}

/// The columns there can be, as text.
pub(crate) fn columns() -> String {
    let fields = RecordKind::Case.fields().iter().filter(|field| *field != Field::Term);
    let fields = fields.chain(RecordKind::Term.fields().iter()).map(Field::as_str);
    fields.chain(["name", "customer_name"]).map(|column| format!("`{column}`")).collect::<Vec<_>>().join(", ")
}

pub(super) fn read(
    input: Box<dyn Read>,
    reading: &Reading<'_>,
    each: &mut dyn FnMut(Result<Entry, Refused>) -> Result<(), Failure>,
) -> Result<(), Failure> {
    rows(input, &reading.file, &mut |line, row| {
        each(row.and_then(|row| {
            reading.supplied.complete(row, &reading.file, reading.as_of).map_err(|(id, error)| Refused {
                file: reading.file.to_string(),
                place: Place::Line(line),
                id: Some(id),
                error: error.to_string(),
            })
        }))
    })
}

/// Reads all rows of a file, with the line on which each begins. Cells are parted by what parts the headers: commas, semicolons or tabs.
pub(crate) fn rows(
    input: Box<dyn Read>,
    file: &str,
    each: &mut dyn FnMut(u64, Result<Row, Refused>) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut input = buffered(input, file)?;
    let unreadable = |error| Unreadable { name: file.into(), error };
    let first_line = input.fill_buf().map_err(unreadable)?.split(|byte| b"\r\n".contains(byte));
    let first_line = first_line.into_iter().find(|line| !line.trim_ascii().is_empty()).unwrap_or_default();
    let delimiter = [b',', b';', b'\t'].into_iter().find(|delimiter| first_line.contains(delimiter)).unwrap_or(b',');
    let progress = Rc::new(Progress::default());
    progress.begin_row();
    let mut table = ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .buffer_capacity(BUFFER)
        .from_reader(Lines { input, end: END, progress: Rc::clone(&progress) });
    let refused = |line, id: Option<&str>, error| Refused {
        file: file.into(),
        place: Place::Line(line),
        id: id.map(Into::into),
        error,
    };

    let columns = match table.headers().map_err(csv::Error::into_kind) {
        Ok(header) if progress.ended.get() && !is_end(header) => Err(UNCLOSED.into()),
        Ok(header) => headers(header.iter().filter(|_| !progress.ended.get())),
        Err(csv::ErrorKind::Io(error)) => return Err(unreadable(error).into()),
        Err(_) => Err("the headers are no UTF-8, expected text".into()),
    };
    let columns = match columns {
        Ok(columns) => columns,
        Err(error) => return each(1, Err(refused(1, None, error))),
    };
    let mut record = StringRecord::new();
    loop {
        progress.begin_row();
        let is_text = match table.read_record(&mut record).map_err(csv::Error::into_kind) {
            Ok(_) => true,
            Err(csv::ErrorKind::Io(error)) => return Err(unreadable(error).into()),
            Err(_) => false,
        };
        let line = progress.begins.get();
        if progress.ended.get() && is_text && is_end(&record) {
            return Ok(());
        }
        if progress.ended.get() || progress.room.get() == 0 {
            // Of its last cell, nobody knows where it ends.
            let id = cell(&record, columns.id).filter(|_| columns.id + 1 < record.len());
            return each(line, Err(refused(line, id, UNCLOSED.into())));
        }
        let row = if is_text {
            row(&columns, &record).map_err(|(id, error)| refused(line, id, error))
        } else {
            Err(refused(line, None, "the row is no UTF-8, expected text".into()))
        };
        each(line, row)?;
    }
}

/// The longest row that is read, so that no input takes more memory than another.
const LONGEST: usize = 1 << 20;

/// What is put behind an input: a row of its own, unless a quote before it is not closed.
const END: &[u8] = b"\n\x03\n";

const UNCLOSED: &str =
    "a quote is not closed, or the row is longer than 1048576 bytes; nothing behind it in this file was read";

/// Whether a row is the end by itself.
fn is_end(row: &StringRecord) -> bool {
    row.len() == 1 && row.as_slice().as_bytes() == END.trim_ascii()
}

/// An input that hands over one line at a time, so that it shows on which a row begins; it ends where a row is too long.
struct Lines<R> {
    input: R,
    /// What is yet to be handed over behind it.
    end: &'static [u8],
    progress: Rc<Progress>,
}

/// How far an input has been read.
#[derive(Default)]
struct Progress {
    /// How much may be read before the next row begins.
    room: cell::Cell<usize>,
    /// The number of the line that was handed over last, and its last byte.
    line: cell::Cell<u64>,
    last: cell::Cell<u8>,
    /// On which line the row begins: the first one that is not blank.
    begins: cell::Cell<u64>,
    /// Whether the row has what is put behind the input.
    ended: cell::Cell<bool>,
}

impl Progress {
    fn begin_row(&self) {
        self.room.set(LONGEST);
        self.begins.set(0);
    }
}

impl<R: BufRead> Read for Lines<R> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let Progress { room, last, line, begins, ended } = self.progress.as_ref();
        let input = self.input.fill_buf()?;
        let (is_end, rest) = if input.is_empty() { (true, self.end) } else { (false, input) };
        let most = rest.len().min(bytes.len()).min(room.get());
        let breaks = |byte: &u8| b"\r\n".contains(byte);
        let length = rest[..most].iter().position(breaks).map_or(most, |at| at + 1);
        let Some(&first) = rest[..length].first() else { return Ok(0) };
        bytes[..length].copy_from_slice(&rest[..length]);

        // Both bytes of a break may come apart.
        if line.get() == 0 || last.get() == b'\n' || last.get() == b'\r' && first != b'\n' {
            line.set(line.get() + 1);
        }
        if begins.get() == 0 && !breaks(&first) {
            begins.set(line.get());
        }
        ended.set(ended.get() || is_end && !breaks(&first));
        last.set(rest[length - 1]);
        room.set(room.get() - length);
        if is_end {
            self.end = &self.end[length..];
        } else {
            self.input.consume(length);
        }
        Ok(length)
    }
}

/// Which cells of a row hold what.
struct Columns {
    count: usize,
    id: usize,
    name: Option<usize>,
    customer: Option<usize>,
    of_case: Vec<(usize, Field)>,
    of_term: Vec<(usize, Field)>,
}

fn headers<'h>(headers: impl Iterator<Item = &'h str>) -> Result<Columns, String> {
    let mut found = Vec::new();
    for header in headers {
        let name = header.trim().to_ascii_lowercase();
        let column = Column::of(&name)
            .ok_or_else(|| format!("there is no column {header:?}, expected some of {}", columns()))?;
        if found.contains(&column) {
            return Err(format!("column `{name}` is given twice, expected at most once"));
        }
        found.push(column);
    }
    let at = |wanted| found.iter().position(|&column| column == wanted);
    let fields = |record: RecordKind| {
        let fields = found.iter().enumerate().filter_map(|(at, &column)| match column {
            Column::Field(field) if record.fields().contains(field) => Some((at, field)),
            _ => None,
        });
        fields.collect()
    };
    Ok(Columns {
        count: found.len(),
        id: at(Column::Field(Field::Id))
            .ok_or_else(|| format!("there is no column `id`, expected it among some of {}", columns()))?,
        name: at(Column::Name),
        customer: at(Column::CustomerName),
        of_case: fields(RecordKind::Case),
        of_term: fields(RecordKind::Term),
    })
}

/// What a cell holds, unless it is empty.
fn cell(record: &StringRecord, at: usize) -> Option<&str> {
    record.get(at).map(str::trim_ascii).filter(|cell| !cell.is_empty())
}

/// The case in a row, or what is wrong, with the id where there is one.
fn row<'r>(columns: &Columns, record: &'r StringRecord) -> Result<Row, (Option<&'r str>, String)> {
    let cell = |at| cell(record, at);
    let id = cell(columns.id);
    if record.len() != columns.count {
        return Err((
            id,
            format!("the row has {} cells, expected {}, as there are columns", record.len(), columns.count),
        ));
    }
    let told = |&(at, field): &(usize, Field)| Some((field.as_str(), Cell { field, text: cell(at)? }));
    let term: Vec<_> = columns.of_term.iter().filter_map(told).collect();
    let term = (!term.is_empty()).then_some((Field::Term.as_str(), Cells::Term(term)));
    let fields = columns.of_case.iter().filter_map(told).map(|(name, cell)| (name, Cells::One(cell)));
    let case = Case::read(MapDeserializer::<_, ValueError>::new(fields.chain(term)));
    let case = case.map_err(|refused| {
        let error = match refused.reason {
            Refusal::Record(error) => error.to_string(),
            Refusal::Format(error) => error.to_string(),
        };
        (id, error)
    })?;
    let text = |at: Option<usize>| at.and_then(cell);
    Ok(Row { case, name: text(columns.name).map(Into::into), customer: text(columns.customer).map(Into::into) })
}

/// The value of a field of a case.
enum Cells<'r> {
    One(Cell<'r>),
    /// The fields of the term.
    Term(Vec<(&'static str, Cell<'r>)>),
}

#[derive(Clone, Copy)]
struct Cell<'r> {
    field: Field,
    text: &'r str,
}

impl<'de> IntoDeserializer<'de, ValueError> for Cells<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> IntoDeserializer<'de, ValueError> for Cell<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> de::Deserializer<'de> for Cells<'de> {
    type Error = ValueError;

    fn deserialize_any<V: de::Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        match self {
            Self::One(cell) => cell.deserialize_any(visitor),
            Self::Term(fields) => visitor.visit_map(MapDeserializer::new(fields.into_iter())),
        }
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl<'de> de::Deserializer<'de> for Cell<'de> {
    type Error = ValueError;

    fn deserialize_any<V: de::Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        let is = |word: &str| self.text.eq_ignore_ascii_case(word);
        match self.field {
            Field::AutoRenew | Field::TransferPending if is("true") => visitor.visit_bool(true),
            Field::AutoRenew | Field::TransferPending if is("false") => visitor.visit_bool(false),
            Field::CancellableUntil if is("null") => visitor.visit_unit(),
            _ => visitor.visit_borrowed_str(self.text),
        }
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}
