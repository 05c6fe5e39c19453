//! Text in lines.

use std::iter;

/// How wide a line in a terminal gets, whose own width is not known.
pub(crate) const NARROW: usize = 60;
/// How wide any other line gets: as wide as a decision's.
pub(crate) const WIDE: usize = 100;

/// A text behind a label, broken into lines of at most `width` columns; those after the first begin at `margin`.
pub(crate) fn wrapped(label: &str, margin: usize, text: &str, width: usize) -> String {
    let mut lines = String::from(label);
    let mut column = label.chars().count();
    let mut is_first = true;
    for word in text.split(' ') {
        let length = word.chars().count();
        if is_first {
            // It stands where it is, whatever its width.
        } else if column + 1 + length > width {
            lines.push('\n');
            lines.extend(iter::repeat_n(' ', margin));
            column = margin;
        } else {
            lines.push(' ');
            column += 1;
        }
        lines.push_str(word);
        column += length;
        is_first = false;
    }
    lines
}

/// A JSON text without what would steer a terminal: in JSON, control characters stand in strings only.
pub(crate) fn printable(json: &str) -> String {
    let escape = |c: char| if c.is_control() { format!("\\u{:04x}", u32::from(c)) } else { c.into() };
    json.chars().map(escape).collect()
}
