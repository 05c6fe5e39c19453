//! The objects in JSON of any arrangement, one by one, in constant memory.

use std::io::{self, Read};
use std::ops::Range;

use memchr::memchr;

use crate::text::Decoded;

/// The longest object in bytes, so that no input needs more memory than another.
pub(crate) const LONGEST: usize = 1 << 20;

/// How much of a broken object is kept for a message.
const EXCERPT: usize = 256;

/// How many broken objects on one line are looked behind.
const MOST_BROKEN: usize = 100;

/// How deep lists and objects can be nested in each other.
const DEEPEST: usize = 64;

/// One part of an input; lines and columns from 1.
#[derive(Debug)]
pub(crate) enum Element<'b> {
    Object {
        text: &'b str,
        line: usize,
        column: usize,
    },
    /// The end of a page: its own fields, with an empty list in the place of what it listed.
    Page {
        text: &'b [u8],
        items: u64,
    },
    /// Something else in the place of an object, or its beginning.
    Broken {
        text: &'b [u8],
        error: &'static str,
        line: usize,
    },
}

/// The objects of an input: one by itself, one a line, in lists, and in pages, which are objects with a list named
/// `items` or `value`.
///
/// What is broken costs itself: reading continues with the next object that begins like the ones before.
pub(crate) struct Elements<R> {
    pub(crate) input: Decoded<R>,
    buffer: Vec<u8>,
    /// Where what is not used yet begins in the buffer.
    begin: usize,
    line: usize,
    column: usize,
    at_end: bool,
    open: Vec<Open>,
    /// The first key of the objects so far, by which the next one is found after a broken one.
    first_key: Vec<u8>,
    /// What was handed over last goes first.
    used: usize,
    /// The text of what is no whole object.
    kept: Vec<u8>,
    /// The line of the last broken object, and how many there were on it.
    broken: (usize, usize),
}

/// A list that is open.
enum Open {
    List,
    Page { text: Vec<u8>, items: u64, line: usize },
}

/// How a scan of an object ended.
enum End {
    /// At its closing brace, behind which this is.
    Whole(usize),
    /// At the bracket of the list of a page, behind which this is.
    Page(usize),
    Broken(&'static str),
}

impl<R: Read> Elements<R> {
    pub(crate) fn new(input: Decoded<R>, buffer: Vec<u8>) -> Self {
        Self {
            input,
            buffer,
            begin: 0,
            line: 1,
            column: 1,
            at_end: false,
            open: Vec::new(),
            first_key: Vec::new(),
            used: 0,
            kept: Vec::new(),
            broken: (0, 0),
        }
    }

    /// The next line and its number, if it looks like one object; such lines need no scan.
    ///
    /// If it is none, it has to be handed back.
    pub(crate) fn line(&mut self) -> io::Result<Option<(&str, usize)>> {
        self.consume(self.used);
        self.used = 0;
        if !self.open.is_empty() || self.next_significant()? != Some(b'{') {
            return Ok(None);
        }
        let end = loop {
            let rest = self.buffer.get(self.begin..).unwrap_or_default();
            match memchr(b'\n', rest) {
                Some(end) => break end,
                None if rest.len() < LONGEST && self.fill()? => {}
                None => return Ok(None),
            }
        };
        let line = self.buffer.get(self.begin..self.begin + end).unwrap_or_default();
        let line = line.trim_ascii_end();
        if !line.ends_with(b"}") {
            return Ok(None);
        }
        self.used = line.len();
        Ok(std::str::from_utf8(line).ok().map(|text| (text, self.line)))
    }

    /// Takes back what was handed over last.
    pub(crate) fn hand_back(&mut self) {
        self.used = 0;
    }

    /// The next part, `None` at the end.
    pub(crate) fn next(&mut self) -> io::Result<Option<Element<'_>>> {
        self.consume(self.used);
        self.used = 0;
        loop {
            let Some(byte) = self.next_significant()? else { return Ok(self.finish()) };
            match byte {
                b'[' if self.open.len() < DEEPEST => {
                    self.open.push(Open::List);
                    self.consume(1);
                }
                b']' => {
                    self.consume(1);
                    let Some(Open::Page { mut text, items, line }) = self.open.pop() else {
                        continue;
                    };
                    text.push(b']');
                    match self.scan(true)? {
                        End::Whole(end) => {
                            text.extend_from_slice(
                                self.buffer.get(self.begin..end).unwrap_or_default(),
                            );
                            self.used = end - self.begin;
                            self.kept = text;
                            return Ok(Some(Element::Page { text: &self.kept, items }));
                        }
                        // A second list.
                        End::Page(end) => self.open_page(end, text, items),
                        End::Broken(error) => {
                            self.kept = text;
                            self.resync(false)?;
                            return Ok(Some(Element::Broken { text: &self.kept, error, line }));
                        }
                    }
                }
                b'{' => {
                    if let Some(Open::Page { items, .. }) = self.open.last_mut() {
                        *items += 1;
                    }
                    match self.scan(false)? {
                        End::Page(end) => {
                            // A page is no item of the list that it is in.
                            if let Some(Open::Page { items, .. }) = self.open.last_mut() {
                                *items -= 1;
                            }
                            self.open_page(end, Vec::new(), 0);
                        }
                        end => return self.element(&end).map(Some),
                    }
                }
                _ => return self.garbage().map(Some),
            }
        }
    }

    /// Opens the list of a page, whose own fields so far begin with some text.
    fn open_page(&mut self, end: usize, mut text: Vec<u8>, items: u64) {
        text.extend_from_slice(self.buffer.get(self.begin..end).unwrap_or_default());
        self.open.push(Open::Page { text, items, line: self.line });
        self.consume(end - self.begin);
    }

    fn element(&mut self, end: &End) -> io::Result<Element<'_>> {
        let (line, column) = (self.line, self.column);
        match *end {
            End::Whole(end) | End::Page(end) => {
                self.used = end - self.begin;
                let text = self.buffer.get(self.begin..end).unwrap_or_default();
                // What was decoded is UTF-8.
                let text = std::str::from_utf8(text).unwrap_or_default();
                if self.first_key.is_empty() {
                    self.first_key = first_key(text.as_bytes()).to_vec();
                }
                Ok(Element::Object { text, line, column })
            }
            End::Broken(error) => {
                // As much as a message shows, however small the pieces are.
                while self.buffer.len() - self.begin < EXCERPT && self.fill()? {}
                let text = self.buffer.get(self.begin..).unwrap_or_default();
                if self.first_key.is_empty() {
                    self.first_key = first_key(text).to_vec();
                }
                let end = memchr(b'\n', text).unwrap_or(text.len()).min(EXCERPT);
                self.kept = text.get(..end).unwrap_or_default().to_vec();
                self.resync(true)?;
                Ok(Element::Broken { text: &self.kept, error, line })
            }
        }
    }

    /// What is no object and no list, up to the end of its line or to an object.
    fn garbage(&mut self) -> io::Result<Element<'_>> {
        let line = self.line;
        self.kept.clear();
        while let Some(byte) = self.peek()? {
            if matches!(byte, b'\n' | b'{' | b'[' | b']') || byte == b',' && !self.open.is_empty() {
                break;
            }
            if self.kept.len() < LONGEST {
                self.kept.push(byte);
            }
            self.consume(1);
        }
        // Too many lists in each other.
        while self.kept.is_empty() && self.peek()? == Some(b'[') {
            self.consume(1);
        }
        Ok(Element::Broken { text: &self.kept, error: "expected an object", line })
    }

    fn finish(&mut self) -> Option<Element<'_>> {
        let is_open = !self.open.is_empty();
        self.open.clear();
        is_open.then_some(Element::Broken { text: &[], error: TRUNCATED, line: self.line })
    }

    /// Scans the object at the beginning; `is_open` where its first bracket was passed.
    fn scan(&mut self, is_open: bool) -> io::Result<End> {
        let mut at = self.begin;
        // A bit for each level, the innermost the lowest: whether it is an object.
        let (mut depth, mut levels) = (usize::from(is_open), u64::from(is_open));
        let mut previous = if is_open { b'"' } else { b':' };
        let mut key = 0..0;
        loop {
            if at - self.begin > LONGEST {
                return Ok(End::Broken("longer than 1048576 bytes"));
            }
            let Some(&byte) = self.buffer.get(at) else {
                if self.fill()? {
                    continue;
                }
                return Ok(End::Broken("the input ends inside an object"));
            };
            at += 1;
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' => continue,
                b'"' => {
                    let Some(end) = self.string(at)? else {
                        return Ok(End::Broken("a string does not end on its line"));
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
                        return Ok(End::Broken("a bracket closes what it did not open"));
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
        let key = self.buffer.get(key.clone()).unwrap_or_default();
        key.eq_ignore_ascii_case(b"items") || key.eq_ignore_ascii_case(b"value")
    }

    /// The place of the quote that ends a string; `None` where the string goes on over the end of its line.
    fn string(&mut self, from: usize) -> io::Result<Option<usize>> {
        let mut at = from;
        loop {
            let rest = self.buffer.get(at..).unwrap_or_default();
            // Most strings are so short that a search for several bytes at once is slower.
            match rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | b'\n')) {
                Some(found) if rest.get(found) == Some(&b'"') => return Ok(Some(at + found)),
                // The character behind a backslash may come with the next piece.
                Some(found) if rest.get(found) == Some(&b'\\') => at += found + 2,
                Some(_) => return Ok(None),
                None => {
                    at = at.max(self.buffer.len());
                    if at - self.begin > LONGEST || !self.fill()? {
                        return Ok(None);
                    }
                }
            }
        }
    }

    /// Goes to the next object that begins like the others, behind a broken one.
    fn resync(&mut self, skip_first: bool) -> io::Result<()> {
        if skip_first {
            self.consume(1);
        }
        let (line, count) = self.broken;
        self.broken = (self.line, if line == self.line { count + 1 } else { 0 });
        let mut previous = b' ';
        let mut at_line_start = false;
        loop {
            let Some(byte) = self.peek()? else { return Ok(()) };
            // Where much of a line is broken, the rest of it is given up.
            let is_given_up = self.broken.0 == self.line && self.broken.1 > MOST_BROKEN;
            let follows = !is_given_up && (at_line_start || matches!(previous, b',' | b'[' | b'}'));
            if byte == b'{' && follows {
                // Its first key has to be there.
                while self.buffer.len() - self.begin < self.first_key.len() + 64 && self.fill()? {}
                let text = self.buffer.get(self.begin..).unwrap_or_default();
                if self.first_key.is_empty() && at_line_start
                    || !self.first_key.is_empty() && first_key(text) == self.first_key
                {
                    return Ok(());
                }
            }
            match byte {
                b'\n' => at_line_start = true,
                b' ' | b'\t' | b'\r' => {}
                _ => {
                    at_line_start = false;
                    previous = byte;
                }
            }
            self.consume(1);
        }
    }

    fn next_significant(&mut self) -> io::Result<Option<u8>> {
        while let Some(byte) = self.peek()? {
            // Files that were joined have a byte order mark inside.
            let rest = self.buffer.get(self.begin..).unwrap_or_default();
            let is_mark = rest.starts_with("\u{feff}".as_bytes());
            if !is_mark && !matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b',') {
                return Ok(Some(byte));
            }
            self.consume(if is_mark { 3 } else { 1 });
        }
        Ok(None)
    }

    fn peek(&mut self) -> io::Result<Option<u8>> {
        if self.begin == self.buffer.len() {
            self.buffer.clear();
            self.begin = 0;
            self.fill()?;
        }
        Ok(self.buffer.get(self.begin).copied())
    }

    /// Goes past some bytes.
    fn consume(&mut self, bytes: usize) {
        let end = (self.begin + bytes).min(self.buffer.len());
        let passed = self.buffer.get(self.begin..end).unwrap_or_default();
        match memchr::memrchr(b'\n', passed) {
            Some(last) => {
                self.line += memchr::memchr_iter(b'\n', passed).count();
                self.column = passed.len() - last;
            }
            None => self.column += passed.len(),
        }
        self.begin = end;
    }

    /// Reads on; returns whether there was more.
    fn fill(&mut self) -> io::Result<bool> {
        if self.at_end {
            return Ok(false);
        }
        self.at_end = self.input.read_into(&mut self.buffer)? == 0;
        Ok(!self.at_end)
    }

    /// Forgets what was used, between two parts.
    pub(crate) fn compact(&mut self) {
        if self.begin + self.used > self.buffer.len() / 2 {
            self.consume(self.used);
            self.used = 0;
            self.buffer.drain(..self.begin);
            self.begin = 0;
        }
    }
}

/// What an input that ends too early lacks.
pub(crate) const TRUNCATED: &str = "the input ends inside a list: what follows is missing";

/// The first key of an object, with its quotes.
fn first_key(text: &[u8]) -> &[u8] {
    let inner = text.strip_prefix(b"{").unwrap_or_default().trim_ascii_start();
    let Some(name) = inner.strip_prefix(b"\"") else { return &[] };
    let end = memchr(b'"', name).unwrap_or_default();
    name.get(..end).unwrap_or_default()
}
