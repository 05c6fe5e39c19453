//! The beginning of a text that was refused.

use core::fmt;

/// The beginning of a text that was refused, for an error to show: at most [`Excerpt::CAPACITY`] bytes,
/// kept in place, so that an error needs no allocator and does not grow with hostile input.
///
/// `Display` escapes control characters and ends in `…` where the text went on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Excerpt {
    bytes: [u8; Self::CAPACITY],
    length: u8,
    cut: bool,
}

impl Excerpt {
    /// How many bytes are kept.
    pub const CAPACITY: usize = 46;

    /// The beginning of `text`, cut between characters.
    #[must_use]
    pub fn of(text: &str) -> Self {
        // `str::floor_char_boundary` is younger than our oldest compiler.
        let most = text.len().min(Self::CAPACITY);
        let length = (0..=most).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
        let mut bytes = [0; Self::CAPACITY];
        for (kept, byte) in bytes.iter_mut().zip(text.bytes().take(length)) {
            *kept = byte;
        }
        Self { bytes, length: length as u8, cut: length < text.len() }
    }

    /// What was kept.
    #[must_use]
    pub fn as_str(&self) -> &str {
        let kept = self.bytes.get(..usize::from(self.length)).unwrap_or_default();
        core::str::from_utf8(kept).unwrap_or_default()
    }

    /// Whether the text was longer than what was kept.
    #[must_use]
    pub const fn is_cut(&self) -> bool {
        self.cut
    }
}

impl fmt::Display for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.as_str().chars() {
            if character.is_control() {
                write!(f, "{}", character.escape_default())?;
            } else {
                fmt::Write::write_char(f, character)?;
            }
        }
        f.write_str(if self.cut { "…" } else { "" })
    }
}

impl fmt::Debug for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}{}", self.as_str(), if self.cut { "…" } else { "" })
    }
}
