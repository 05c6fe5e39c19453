//! The reader of inputs in any format, one record at a time.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::io::{self, Read};

use memchr::memrchr;

use crate::date::DateOrder;
use crate::elements::{Element, Elements, TRUNCATED};
use crate::note::{Note, NoteKind};
use crate::object::values;
use crate::record::{Record, RecordError, read_case};
use crate::resource::{ResourceKind, is_of_azure};
use crate::rows::Rows;
use crate::text::{LONGEST, Text, invalid};
use crate::value::FieldValue;

csp_multichannel::words! {
    /// The format of an input.
    ///
    /// ```
    /// use csp_partner_center::Format;
    ///
    /// assert_eq!("table".parse(), Ok(Format::Table));
    /// let error = "csv".parse::<Format>().unwrap_err();
    /// assert_eq!(error.to_string(), "unknown format `csv`, expected one of `json`, `table`");
    /// ```
    #[non_exhaustive]
    pub enum Format, format {
        /// JSON: objects, lists, pages, or one object per line.
        Json = json,
        /// A table: cells separated by commas, semicolons, tabs or bars.
        Table = table,
    }
}

/// A part of an input, as returned by [`Reader::next`].
///
/// ```
/// use csp_partner_center::{Item, Reader};
///
/// let page = r#"{"totalCount": 37, "items": [{"id": "83ef", "offerName": "Mail"}]}"#;
/// let mut reader = Reader::new(page.as_bytes());
/// assert!(matches!(reader.next()?, Some(Item::Record(record)) if record.id() == "83ef"));
/// let end = Item::Page { items: 1, total: Some(37), has_next: false };
/// assert_eq!(reader.next()?, Some(end));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Item {
    /// A record.
    Record(Box<Record>),
    /// The error for a record that can't be read.
    Invalid(RecordError),
    /// The end of a page.
    Page {
        /// The number of items that the page lists.
        items: u64,
        /// The number of items in all pages, if the page states it.
        total: Option<u64>,
        /// Whether another page follows.
        has_next: bool,
    },
    /// A note on the input as a whole.
    Note(Note),
}

/// A streaming reader of the records of an input, in constant memory.
///
/// The format and the encoding are detected from the input. An invalid record gets a [`RecordError`] in
/// its place, and reading continues.
///
/// ```
/// use csp_partner_center::{Item, Reader};
///
/// let csv = "sep=;\nSubscription ID;Channel;notes\ns1;open;call Bob\n";
/// let mut reader = Reader::new(csv.as_bytes());
/// let Some(Item::Note(note)) = reader.next()? else { panic!() };
/// assert_eq!(note.to_string(), "`notes`: the column is ignored");
/// let Some(Item::Record(record)) = reader.next()? else { panic!() };
/// assert_eq!((record.id(), record.line), ("s1", 3));
/// assert_eq!(record.stated.facts().to_string(), "channel: open");
/// assert_eq!(reader.next()?, None);
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct Reader<R> {
    source: Source<R>,
    order: Option<DateOrder>,
    format: Option<Format>,
    /// Items to return before reading on.
    waiting: VecDeque<Item>,
    is_empty: bool,
}

enum Source<R> {
    Unopened(R),
    Json(Box<Elements<R>>, ResourceKind),
    Table(Box<Rows<R>>),
    Ended,
}

impl<R> fmt::Debug for Reader<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader").field("format", &self.format).finish_non_exhaustive()
    }
}

impl<R: Read> Reader<R> {
    /// Creates a reader of an input in any format and encoding.
    ///
    /// ```
    /// use csp_partner_center::{Item, Reader};
    ///
    /// let utf16: Vec<u8> = "[{\"id\": \"83ef\", \"channel\": \"open\"}]"
    ///     .encode_utf16()
    ///     .flat_map(u16::to_le_bytes)
    ///     .collect();
    /// let Some(Item::Record(record)) = Reader::new(utf16.as_slice()).next()? else { panic!() };
    /// assert_eq!(record.id(), "83ef");
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub const fn new(input: R) -> Self {
        let source = Source::Unopened(input);
        Self { source, order: None, format: None, waiting: VecDeque::new(), is_empty: true }
    }

    /// Sets the order of day and month in ambiguous dates of a table of facts.
    ///
    /// Without it, such a row is refused. Dates in fields of resources depend on
    /// [`Context::with_date_order`](crate::Context::with_date_order) instead.
    ///
    /// ```
    /// use csp_partner_center::{DateOrder, Item, Reader};
    ///
    /// let csv = "id,ends_on\n83ef,3/4/2027\n".as_bytes();
    /// let Some(Item::Invalid(refusal)) = Reader::new(csv).next()? else { panic!() };
    /// assert_eq!(
    ///     refusal.to_string(),
    ///     "`ends_on` is `3/4/2027`, expected `2027-04-03` or `2027-03-04`, \
    ///      or one order of day and month for all dates",
    /// );
    ///
    /// let mut reader = Reader::new(csv).with_date_order(DateOrder::DayFirst);
    /// let Some(Item::Record(record)) = reader.next()? else { panic!() };
    /// let ends_on = record.stated.term().map(|term| term.ends_on().to_string());
    /// assert_eq!(ends_on.as_deref(), Some("2027-04-03"));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn with_date_order(self, order: impl Into<Option<DateOrder>>) -> Self {
        Self { order: order.into(), ..self }
    }

    /// Sets the format, which is otherwise detected from the input.
    ///
    /// ```
    /// use csp_partner_center::{Format, Item, Reader};
    ///
    /// let mut reader = Reader::new("id\n".as_bytes()).with_format(Format::Json);
    /// let Some(Item::Invalid(refusal)) = reader.next()? else { panic!() };
    /// assert_eq!(refusal.to_string(), "invalid JSON: expected an object, at `id`");
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn with_format(self, format: impl Into<Option<Format>>) -> Self {
        Self { format: format.into(), ..self }
    }

    /// Reads the next part of the input, or returns `None` at the end.
    ///
    /// # Errors
    ///
    /// An error of the input, or one of the kind [`InvalidData`](io::ErrorKind::InvalidData) if the
    /// input is not text or is a table without a column for the identifier.
    ///
    /// ```
    /// use csp_partner_center::{Item, Reader};
    ///
    /// let mut ids = Vec::new();
    /// let mut reader = Reader::new("id,channel\na,open\nb,direct\n".as_bytes());
    /// while let Some(item) = reader.next()? {
    ///     let Item::Record(record) = item else { continue };
    ///     ids.push(record.id().to_owned());
    /// }
    /// assert_eq!(ids, ["a", "b"]);
    ///
    /// let error = Reader::new("name,company\n".as_bytes()).next().unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "no column has the identifier of the subscription in `name,company`, \
    ///      expected `id` or `Subscription ID`",
    /// );
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[expect(clippy::should_implement_trait, reason = "a fallible `next` that borrows the reader")]
    pub fn next(&mut self) -> io::Result<Option<Item>> {
        if matches!(self.source, Source::Unopened(_)) {
            self.open()?;
        }
        if let Some(item) = self.waiting.pop_front() {
            return Ok(Some(item));
        }
        let next = match &mut self.source {
            Source::Json(elements, kind) => next_of_json(elements, kind)?,
            Source::Table(rows) => rows.next(self.order)?,
            Source::Unopened(_) | Source::Ended => return Ok(None),
        };
        if next.is_none() {
            self.end();
            return Ok(self.waiting.pop_front());
        }
        self.is_empty &= matches!(next, Some(Item::Note(_)));
        Ok(next)
    }

    /// Queues the notes that are known only at the end.
    fn end(&mut self) {
        let input = match std::mem::replace(&mut self.source, Source::Ended) {
            Source::Json(elements, _) => elements.text.input,
            Source::Table(rows) => rows.text.input,
            Source::Unopened(_) | Source::Ended => return,
        };
        let guessed =
            input.guessed().map(|name| Note::on(NoteKind::GuessedEncoding, "encoding", name));
        let damaged = input.damaged.then_some(Note::new(NoteKind::DamagedText));
        let empty = self.is_empty.then_some(Note::new(NoteKind::Empty));
        self.waiting.extend([guessed, damaged, empty].into_iter().flatten().map(Item::Note));
    }

    /// Detects the format.
    fn open(&mut self) -> io::Result<()> {
        let Source::Unopened(input) = std::mem::replace(&mut self.source, Source::Ended) else {
            return Ok(());
        };
        let mut text = Text::new(input);
        while text.rest().trim_ascii_start().len() <= "null".len() && text.fill()? {
            let blank = text.rest().len() - text.rest().trim_ascii_start().len();
            // Only lines are passed over, because a table can begin with an empty cell.
            let lines = memrchr(b'\n', text.next_bytes(blank)).unwrap_or_default();
            text.consume(if blank >= LONGEST { blank } else { lines });
        }
        if let Some(found) = no_text(text.rest()) {
            return Err(invalid(format!("{found}, expected text: save it as CSV or JSON")));
        }
        let beginning = text.rest().trim_ascii_start();
        let is_null = beginning
            .strip_prefix(b"null")
            .is_some_and(|rest| rest.first().is_none_or(u8::is_ascii_whitespace));
        let begins_as_json = is_null || matches!(beginning.first(), Some(b'{' | b'[') | None);
        let before = text.rest().len() - beginning.len();
        let format =
            self.format.unwrap_or(if begins_as_json { Format::Json } else { Format::Table });
        self.source = if format == Format::Json {
            if is_null {
                text.consume(before + "null".len());
            }
            Source::Json(Box::new(Elements::new(text)), ResourceKind::Subscription)
        } else {
            Source::Table(Box::new(Rows::open(text)?))
        };
        Ok(())
    }
}

/// Returns a description of an input that is not text.
fn no_text(beginning: &[u8]) -> Option<&'static str> {
    Some(match beginning.trim_ascii_start() {
        [b'P', b'K', 3, 4, ..] => "a spreadsheet file or an archive",
        // The first bytes of an old spreadsheet file, decoded as code page 1252.
        text if text.starts_with("ÐÏ\u{11}à".as_bytes()) => "an old spreadsheet file",
        [0x1f, ..] => "a compressed file",
        [b'%', b'P', b'D', b'F', ..] => "a PDF file",
        [b'<', ..] => "a page of HTML or XML",
        _ => return None,
    })
}

fn next_of_json<R: Read>(
    elements: &mut Elements<R>,
    kind: &mut ResourceKind,
) -> io::Result<Option<Item>> {
    if *kind == ResourceKind::Case {
        if let Some((text, line)) = elements.line()?
            && let Ok(case) = read_case(text, line, 1)
            && !is_of_azure(case.id())
        {
            return Ok(Some(Item::Record(Box::new(case))));
        }
        elements.hand_back();
    }
    let Some(element) = elements.next()? else { return Ok(None) };
    Ok(Some(match element {
        Element::Object { text, line, column } => match Record::read(text, line, column) {
            Ok(record) => {
                *kind = record.kind;
                Item::Record(Box::new(record))
            }
            Err(refusal) => Item::Invalid(refusal),
        },
        // A resource can have an empty list of that name.
        Element::Page { text, items: 0, line, column } if !is_page(text) => {
            let text = String::from_utf8_lossy(text);
            let record = Record::read(&text, line, column);
            elements.count_item();
            record.map_or_else(Item::Invalid, |record| Item::Record(Box::new(record)))
        }
        Element::Page { text, items, .. } => page(&values(text), items),
        Element::Broken { error: TRUNCATED, .. } => Item::Note(Note::new(NoteKind::Truncated)),
        Element::Broken { text, error, line } => {
            let text = String::from_utf8_lossy(text);
            let beginning: String = text.chars().take(60).flat_map(char::escape_debug).collect();
            let error = format!("invalid JSON: {error}, at `{beginning}`");
            Item::Invalid(RecordError::new(None, line, error))
        }
    }))
}

/// Whether an object with an empty list has only fields that say nothing of a resource.
fn is_page(text: &[u8]) -> bool {
    let fields = values(text);
    let names: Vec<String> = fields.keys().map(|name| name.to_ascii_lowercase()).collect();
    if names.iter().any(|name| name == "id") {
        return false;
    }
    let says_nothing = |value: &FieldValue| value.is_absent() || *value == FieldValue::Integer(0);
    let errors = ["error", "code", "statuscode", "message"];
    let is_error = |(name, value): (&String, &FieldValue)| {
        !says_nothing(value) && errors.iter().any(|error| error.eq_ignore_ascii_case(name))
    };
    match ResourceKind::of(None, &names) {
        ResourceKind::ErrorResponse => !fields.iter().any(is_error),
        ResourceKind::Unknown | ResourceKind::Case | ResourceKind::RelationshipRequest => true,
        _ => false,
    }
}

/// Returns the end of a page: its counts and whether another page follows.
fn page(fields: &BTreeMap<String, FieldValue>, items: u64) -> Item {
    let named = |name: &'static str| {
        let named = fields.iter().filter(move |(field, _)| field.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value)
    };
    let totals = ["totalCount", "count", "@odata.count"].into_iter().flat_map(named);
    let total = totals.filter_map(|total| total.word()?.parse().ok()).max();
    let mut links = named("links").filter_map(FieldValue::object);
    let mut next = ["@odata.nextLink", "nextLink", "continuationToken"].into_iter().flat_map(named);
    let has_next =
        links.any(|links| !links.next.is_absent()) || next.any(|next| next.text().is_some());
    Item::Page { items, total, has_next }
}
