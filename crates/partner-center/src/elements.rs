//! The objects in JSON of any layout, one by one, in constant memory.

use std::io::{self, Read};
use std::ops::Range;

use memchr::memchr;

use crate::text::{LONGEST, Text};

/// The number of bytes in which the first key of an object must end, and which a message can quote.
const EXCERPT: usize = 256;

/// The number of broken objects on one line after which the rest of the line is skipped.
const MOST_BROKEN: usize = 100;

/// The maximum nesting of lists and objects.
const DEEPEST: usize = 64;

/// One part of an input; lines and columns from 1.
#[derive(Debug)]
pub(crate) enum Element<'b> {
    Object {
        text: &'b str,
        line: usize,
        column: usize,
    },
    /// The end of a page: its own fields, with an empty list in place of its items.
    Page {
        text: &'b [u8],
        items: u64,
        line: usize,
        column: usize,
    },
    /// The text that is not a whole object, or its beginning.
    Broken {
        text: &'b [u8],
        error: &'static str,
        line: usize,
    },
}

/// A reader of the objects of an input: a single one, one per line, in lists, or in pages, which
/// are objects with a list named `items` or `value`.
///
/// After a broken object, reading continues with the next object that has the same first key, or that
/// begins a line without a space before it.
pub(crate) struct Elements<R> {
    pub(crate) text: Text<R>,
    open: Vec<Open>,
    /// The first key of the first object, used to find the next object after a broken one.
    first_key: Vec<u8>,
    /// Whether that object was whole: a broken one may have a broken key.
    is_key_certain: bool,
    /// The length of the part returned last, which is skipped before the next one.
    used: usize,
    /// The text of a part that is not a whole object.
    kept: Vec<u8>,
    /// The line of the last broken object, and the number of broken objects on it.
    broken: (usize, usize),
    /// Whether the end of the innermost list was skipped with a broken object.
    is_end_skipped: bool,
}

/// An open list.
enum Open {
    List,
    Page { text: Vec<u8>, items: u64, line: usize, column: usize },
}

/// The result of scanning an object; positions are counted from its beginning.
enum End {
    /// The object is whole; the position after its closing brace.
    Whole(usize),
    /// The object is a page; the position after the opening bracket of its list.
    Page(usize),
    Broken(&'static str),
}

impl<R: Read> Elements<R> {
    pub(crate) const fn new(text: Text<R>) -> Self {
        Self {
            text,
            open: Vec::new(),
            first_key: Vec::new(),
            is_key_certain: false,
            used: 0,
            kept: Vec::new(),
            broken: (0, 0),
            is_end_skipped: false,
        }
    }

    /// Returns the next line and its number, if it looks like one object; such lines need no scan.
    ///
    /// If it is not an object, the caller must hand it back.
    pub(crate) fn line(&mut self) -> io::Result<Option<(&str, usize)>> {
        self.text.consume(self.used);
        self.used = 0;
        if !self.open.is_empty() || self.next_significant()? != Some(b'{') {
            return Ok(None);
        }
        let end = loop {
            match memchr(b'\n', self.text.rest()) {
                Some(end) if end <= LONGEST => break end,
                None if self.text.rest().len() < LONGEST && self.text.fill()? => {}
                _ => return Ok(None),
            }
        };
        let line = self.text.next_bytes(end).trim_ascii_end();
        if line.last() != Some(&b'}') {
            return Ok(None);
        }
        self.used = line.len();
        Ok(std::str::from_utf8(self.text.next_bytes(self.used))
            .ok()
            .map(|text| (text, self.text.line)))
    }

    /// Takes back the part that was returned last.
    pub(crate) fn hand_back(&mut self) {
        self.used = 0;
    }

    /// Counts an item of the page that is open; a page inside is none.
    pub(crate) fn count_item(&mut self) {
        if let Some(Open::Page { items, .. }) = self.open.last_mut() {
            *items += 1;
        }
    }

    /// Reads the next part, or returns `None` at the end.
    pub(crate) fn next(&mut self) -> io::Result<Option<Element<'_>>> {
        self.text.consume(self.used);
        self.used = 0;
        loop {
            let Some(byte) = self.next_significant()? else { return Ok(self.finish()) };
            match byte {
                b'[' if self.open.len() < DEEPEST => {
                    self.open.push(Open::List);
                    self.text.consume(1);
                }
                b']' => {
                    self.text.consume(1);
                    let Some(Open::Page { mut text, items, line, column }) = self.open.pop() else {
                        continue;
                    };
                    text.push(b']');
                    let error = match self.scan(true)? {
                        End::Whole(end) => {
                            text.extend_from_slice(self.text.next_bytes(end));
                            self.used = end;
                            self.kept = text;
                            let text = &self.kept;
                            return Ok(Some(Element::Page { text, items, line, column }));
                        }
                        // A second list.
                        End::Page(end) if text.len() + end <= LONGEST => {
                            self.open_page(end, text, items, (line, column));
                            continue;
                        }
                        End::Page(_) => TOO_LONG,
                        End::Broken(error) => error,
                    };
                    text.truncate(EXCERPT);
                    self.kept = text;
                    self.resync()?;
                    return Ok(Some(Element::Broken { text: &self.kept, error, line }));
                }
                b'{' => match self.scan(false)? {
                    End::Page(end) => {
                        self.open_page(end, Vec::new(), 0, (self.text.line, self.text.column));
                    }
                    end => {
                        self.count_item();
                        return self.element(&end).map(Some);
                    }
                },
                _ => return self.garbage().map(Some),
            }
        }
    }

    /// Opens the list of a page; `text` is the text of its own fields so far.
    fn open_page(
        &mut self,
        end: usize,
        mut text: Vec<u8>,
        items: u64,
        (line, column): (usize, usize),
    ) {
        text.extend_from_slice(self.text.next_bytes(end));
        self.open.push(Open::Page { text, items, line, column });
        self.text.consume(end);
    }

    fn element(&mut self, end: &End) -> io::Result<Element<'_>> {
        let (line, column) = (self.text.line, self.text.column);
        match *end {
            End::Whole(end) | End::Page(end) => {
                self.used = end;
                if !self.is_key_certain {
                    self.first_key = first_key(self.text.rest()).to_vec();
                    self.is_key_certain = !self.first_key.is_empty();
                }
                // The decoder returns UTF-8.
                let text = std::str::from_utf8(self.text.next_bytes(end)).unwrap_or_default();
                Ok(Element::Object { text, line, column })
            }
            End::Broken(error) => {
                self.fill_excerpt()?;
                if self.first_key.is_empty() {
                    self.first_key = first_key(self.text.rest()).to_vec();
                }
                let end = memchr(b'\n', self.text.rest()).unwrap_or(EXCERPT).min(EXCERPT);
                self.kept = self.text.next_bytes(end).to_vec();
                self.text.consume(1);
                self.resync()?;
                Ok(Element::Broken { text: &self.kept, error, line })
            }
        }
    }

    /// Skips text that is neither an object nor a list, up to the end of its line or an object.
    fn garbage(&mut self) -> io::Result<Element<'_>> {
        let line = self.text.line;
        self.kept.clear();
        while let Some(byte) = self.text.peek()? {
            if matches!(byte, b'\n' | b'{' | b'[' | b']') || byte == b',' && !self.open.is_empty() {
                break;
            }
            if self.kept.len() < EXCERPT {
                self.kept.push(byte);
            }
            self.text.consume(1);
        }
        // Lists are nested too deeply.
        while self.kept.is_empty() && self.text.peek()? == Some(b'[') {
            self.text.consume(1);
        }
        Ok(Element::Broken { text: &self.kept, error: "expected an object", line })
    }

    fn finish(&mut self) -> Option<Element<'_>> {
        let innermost = self.open.pop();
        let is_open = innermost.is_some() && !self.is_end_skipped;
        self.open.clear();
        if let Some(Open::Page { mut text, items, line, column }) = innermost.filter(|_| !is_open) {
            text.extend_from_slice(b"]}");
            self.kept = text;
            return Some(Element::Page { text: &self.kept, items, line, column });
        }
        is_open.then_some(Element::Broken { text: &[], error: TRUNCATED, line: self.text.line })
    }

    /// Scans the object at the beginning; `is_open` if its opening bracket was already consumed.
    fn scan(&mut self, is_open: bool) -> io::Result<End> {
        let mut at = 0;
        // One bit per level, the innermost the lowest: 1 for an object, 0 for a list.
        let (mut depth, mut levels) = (usize::from(is_open), u64::from(is_open));
        let mut previous = if is_open { b'"' } else { b':' };
        let mut key = 0..0;
        loop {
            if at >= LONGEST {
                return Ok(End::Broken(TOO_LONG));
            }
            let Some(&byte) = self.text.rest_from(at).first() else {
                if self.text.fill()? {
                    continue;
                }
                return Ok(End::Broken("the input ends inside an object"));
            };
            at += 1;
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' => continue,
                b'"' => {
                    let end = match self.string(at)? {
                        Ok(end) => end,
                        Err(error) => return Ok(End::Broken(error)),
                    };
                    if depth == 1 {
                        key = at..end;
                    }
                    at = end + 1;
                }
                b'{' | b'[' => {
                    let in_list = depth > 0 && levels & 1 == 0;
                    let expected =
                        if in_list { matches!(previous, b'[' | b',') } else { previous == b':' };
                    if !expected || depth == DEEPEST {
                        return Ok(End::Broken(
                            "an object or a list begins where none is expected",
                        ));
                    }
                    if byte == b'[' && depth == 1 && self.is_list_name(&key) {
                        return Ok(End::Page(at));
                    }
                    depth += 1;
                    levels = levels << 1 | u64::from(byte == b'{');
                }
                b'}' | b']' => {
                    if levels & 1 != u64::from(byte == b'}') {
                        return Ok(End::Broken("a closing bracket does not match the opening one"));
                    }
                    depth -= 1;
                    levels >>= 1;
                    if depth == 0 {
                        return Ok(End::Whole(at));
                    }
                }
                _ => {}
            }
            previous = byte;
        }
    }

    /// Whether a key names the list of a page.
    fn is_list_name(&self, key: &Range<usize>) -> bool {
        let key = self.text.rest().get(key.clone()).unwrap_or_default();
        key.eq_ignore_ascii_case(b"items") || key.eq_ignore_ascii_case(b"value")
    }

    /// Returns the position of the quote that ends a string, or the error if there is none.
    fn string(&mut self, from: usize) -> io::Result<Result<usize, &'static str>> {
        let mut at = from;
        loop {
            let rest = self.text.rest_from(at);
            // Most strings are so short that a search for several bytes at once is slower.
            match rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | b'\n')) {
                Some(found) if rest.get(found) == Some(&b'"') => return Ok(Ok(at + found)),
                // The character after a backslash may be in the next piece.
                Some(found) if rest.get(found) == Some(&b'\\') => at += found + 2,
                Some(_) => return Ok(Err(UNCLOSED)),
                None => {
                    at = at.max(self.text.rest().len());
                    if at >= LONGEST {
                        return Ok(Err(TOO_LONG));
                    }
                    if !self.text.fill()? {
                        return Ok(Err(UNCLOSED));
                    }
                }
            }
        }
    }

    /// Skips a broken object, up to the next object with the same first key.
    fn resync(&mut self) -> io::Result<()> {
        let (line, count) = self.broken;
        self.broken = (self.text.line, if line == self.text.line { count + 1 } else { 1 });
        let (mut before, mut previous) = (b' ', b' ');
        let mut at_line_start = false;
        loop {
            let Some(byte) = self.text.peek()? else {
                self.is_end_skipped = match self.open.last() {
                    Some(Open::List) => previous == b']',
                    Some(Open::Page { .. }) => before == b']' && previous == b'}',
                    None => false,
                };
                return Ok(());
            };
            // After too many broken objects, the rest of the line is skipped.
            let is_given_up = self.broken.0 == self.text.line && self.broken.1 >= MOST_BROKEN;
            let follows = !is_given_up && (at_line_start || matches!(previous, b',' | b'[' | b'}'));
            if byte == b'{' && follows {
                self.fill_excerpt()?;
                // What is nested is indented, if it begins a line.
                if at_line_start && (!self.is_key_certain || self.text.column == 1)
                    || !self.first_key.is_empty() && first_key(self.text.rest()) == self.first_key
                {
                    return Ok(());
                }
            }
            match byte {
                b'\n' => at_line_start = true,
                b' ' | b'\t' | b'\r' => {}
                _ => {
                    at_line_start = false;
                    (before, previous) = (previous, byte);
                }
            }
            self.text.consume(1);
        }
    }

    fn next_significant(&mut self) -> io::Result<Option<u8>> {
        while let Some(byte) = self.text.peek()? {
            // Joined files have a byte order mark in the middle.
            let is_mark = self.text.rest().starts_with("\u{feff}".as_bytes());
            if !is_mark && !matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b',') {
                return Ok(Some(byte));
            }
            self.text.consume(if is_mark { 3 } else { 1 });
        }
        Ok(None)
    }

    /// Reads enough for a message and for the first key of an object, even if the pieces are small.
    fn fill_excerpt(&mut self) -> io::Result<()> {
        while self.text.rest().len() < EXCERPT && self.text.fill()? {}
        Ok(())
    }
}

/// The error for an object longer than [`LONGEST`].
const TOO_LONG: &str = "the object is longer than 1048576 bytes";

/// The error for a string without its last quote.
const UNCLOSED: &str = "a string does not end on its line";

/// The error for an input that ends too early.
pub(crate) const TRUNCATED: &str = "the input ends inside a list: what follows is missing";

/// Returns the first key of an object, without its quotes, if it ends on its line and in the excerpt.
fn first_key(text: &[u8]) -> &[u8] {
    let text = text.get(..EXCERPT).unwrap_or(text);
    let inner = text.strip_prefix(b"{").unwrap_or_default().trim_ascii_start();
    let Some(name) = inner.strip_prefix(b"\"") else { return &[] };
    let end = memchr::memchr2(b'"', b'\n', name).filter(|end| name.get(*end) == Some(&b'"'));
    name.get(..end.unwrap_or_default()).unwrap_or_default()
}
