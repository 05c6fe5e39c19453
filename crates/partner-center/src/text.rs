//! Text in any supported encoding, decoded to UTF-8 and read ahead piece by piece.

use std::io::{self, Read};

use encoding_rs::{Decoder, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use memchr::{memchr, memchr_iter, memrchr};

/// The longest object or row in bytes: a limit on the memory for any input.
pub(crate) const LONGEST: usize = 1 << 20;

/// The number of bytes to read at once.
const PIECE: usize = 1 << 16;

/// The text of an input that is not used yet, and its position; lines and columns from 1.
pub(crate) struct Text<R> {
    pub(crate) input: Decoded<R>,
    buffer: Vec<u8>,
    /// The start of the unused bytes in the buffer.
    begin: usize,
    pub(crate) line: usize,
    pub(crate) column: usize,
}

impl<R: Read> Text<R> {
    pub(crate) const fn new(input: R) -> Self {
        Self { input: Decoded::new(input), buffer: Vec::new(), begin: 0, line: 1, column: 1 }
    }

    /// Reads the next piece, and returns whether there was one.
    pub(crate) fn fill(&mut self) -> io::Result<bool> {
        self.buffer.drain(..self.begin);
        self.begin = 0;
        Ok(self.input.read_into(&mut self.buffer)? > 0)
    }

    /// Returns the next byte, or `None` at the end.
    pub(crate) fn peek(&mut self) -> io::Result<Option<u8>> {
        if self.rest().is_empty() {
            self.fill()?;
        }
        Ok(self.rest().first().copied())
    }

    /// Returns what was read and is not used yet.
    pub(crate) fn rest(&self) -> &[u8] {
        self.rest_from(0)
    }

    /// Returns the rest without so many bytes at its beginning.
    pub(crate) fn rest_from(&self, at: usize) -> &[u8] {
        self.buffer.get(self.begin + at..).unwrap_or_default()
    }

    /// Returns so many bytes of the rest, or fewer if there are fewer.
    pub(crate) fn next_bytes(&self, count: usize) -> &[u8] {
        self.rest().get(..count).unwrap_or(self.rest())
    }

    /// Passes over so many bytes of the rest.
    pub(crate) fn consume(&mut self, count: usize) {
        let passed = self.next_bytes(count);
        let length = passed.len();
        match memrchr(b'\n', passed) {
            Some(last) => {
                self.line += memchr_iter(b'\n', passed).count();
                self.column = length - last;
            }
            None => self.column += length,
        }
        self.begin += length;
    }
}

/// Returns the error for an input that is neither a table nor JSON.
pub(crate) fn invalid(error: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}

/// A decoder of UTF-8, UTF-16 or code page 1252, with or without a byte order mark.
pub(crate) struct Decoded<R> {
    input: R,
    encoding: Encoding,
    /// Bytes that were read and not decoded yet.
    raw: Vec<u8>,
    at_end: bool,
    /// Whether the text has a character beyond ASCII that is valid UTF-8.
    is_utf8: bool,
    /// Whether some bytes were not valid text.
    pub(crate) damaged: bool,
}

enum Encoding {
    Unknown,
    /// UTF-8, until an invalid byte is found.
    Utf8,
    Other(Decoder),
}

impl<R: Read> Decoded<R> {
    const fn new(input: R) -> Self {
        let encoding = Encoding::Unknown;
        Self { input, encoding, raw: Vec::new(), at_end: false, is_utf8: false, damaged: false }
    }

    /// Returns the encoding, if it was guessed.
    pub(crate) fn guessed(&self) -> Option<&'static str> {
        match &self.encoding {
            Encoding::Other(decoder) => {
                Some(decoder.encoding().name()).filter(|_| self.was_guessed())
            }
            _ => None,
        }
    }

    fn was_guessed(&self) -> bool {
        matches!(&self.encoding, Encoding::Other(decoder) if decoder.encoding() == WINDOWS_1252)
    }

    /// Appends the next piece of text to a buffer, and returns its length; 0 at the end.
    fn read_into(&mut self, text: &mut Vec<u8>) -> io::Result<usize> {
        let before = text.len();
        while text.len() == before && !self.at_end {
            self.read_raw()?;
            self.decode(text);
        }
        Ok(text.len() - before)
    }

    fn read_raw(&mut self) -> io::Result<()> {
        let kept = self.raw.len();
        self.raw.resize(kept + PIECE, 0);
        let read = loop {
            match self.input.read(self.raw.get_mut(kept..).unwrap_or_default()) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => break read,
            }
        };
        self.raw.truncate(kept + *read.as_ref().unwrap_or(&0));
        self.at_end = read? == 0;
        Ok(())
    }

    fn decode(&mut self, text: &mut Vec<u8>) {
        if matches!(self.encoding, Encoding::Unknown) {
            // Four bytes are enough to detect a byte order mark or UTF-16.
            if self.raw.len() < 4 && !self.at_end {
                return;
            }
            self.detect();
        }
        if matches!(self.encoding, Encoding::Utf8) {
            let (valid, is_cut) = match std::str::from_utf8(&self.raw) {
                Ok(text) => (text.len(), false),
                Err(error) => (error.valid_up_to(), error.error_len().is_none()),
            };
            let beginning = self.raw.get(..valid).unwrap_or_default();
            self.is_utf8 |= !beginning.is_ascii();
            // Zero bytes are parts of another encoding.
            self.damaged |= memchr(0, beginning).is_some();
            text.extend_from_slice(beginning);
            self.raw.drain(..valid);
            // An incomplete character at the end of a piece waits for the rest.
            if self.raw.is_empty() || is_cut && !self.at_end {
                return;
            }
            // Windows writes code page 1252 where it does not write Unicode.
            let encoding = if self.is_utf8 { UTF_8 } else { WINDOWS_1252 };
            self.encoding = Encoding::Other(encoding.new_decoder_without_bom_handling());
        }
        let Encoding::Other(decoder) = &mut self.encoding else { return };
        let most = decoder.max_utf8_buffer_length(self.raw.len()).unwrap_or_default();
        let before = text.len();
        text.resize(before + most, 0);
        let target = text.get_mut(before..).unwrap_or_default();
        let (_, _, written, damaged) = decoder.decode_to_utf8(&self.raw, target, self.at_end);
        self.damaged |= damaged;
        text.truncate(before + written);
        self.raw.clear();
    }

    fn detect(&mut self) {
        let (mark, decoder) = match *self.raw.as_slice() {
            [0xef, 0xbb, 0xbf, ..] => {
                self.is_utf8 = true;
                (3, None)
            }
            [0xff, 0xfe, ..] => (2, Some(UTF_16LE)),
            [0xfe, 0xff, ..] => (2, Some(UTF_16BE)),
            // Text begins with an ASCII character.
            [first, 0, ..] if first != 0 => (0, Some(UTF_16LE)),
            [0, second, ..] if second != 0 => (0, Some(UTF_16BE)),
            _ => (0, None),
        };
        self.raw.drain(..mark);
        self.encoding = decoder.map_or(Encoding::Utf8, |encoding| {
            Encoding::Other(encoding.new_decoder_without_bom_handling())
        });
    }
}
