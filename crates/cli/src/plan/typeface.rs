//! Estimated widths of texts.

/// The style of a text: size in pixels, CSS classes, and anchor.
#[derive(Clone, Copy)]
pub(crate) struct Typeface {
    pub(crate) size: f64,
    pub(crate) class: &'static str,
    pub(crate) anchor: &'static str,
}

impl Typeface {
    pub(crate) const fn new(size: f64, class: &'static str) -> Self {
        Self { size, class, anchor: "start" }
    }

    pub(crate) const fn anchored(self, anchor: &'static str) -> Self {
        Self { anchor, ..self }
    }

    /// Estimates the width of a text by the widths of Arial, with room for wider fonts.
    pub(crate) fn width(self, text: &str) -> f64 {
        let bold = if self.class.contains("strong") { 1.2 } else { 1.0 };
        text.chars().map(width).sum::<f64>() * self.size * bold * 1.15
    }

    /// Cuts a text to a width.
    pub(crate) fn fitted(self, text: &str, widest: f64) -> String {
        if self.width(text) <= widest {
            return text.into();
        }
        let mut fitted = String::new();
        for c in text.chars() {
            fitted.push(c);
            if self.width(&fitted) > widest - self.size {
                fitted.pop();
                break;
            }
        }
        fitted.push('…');
        fitted
    }

    /// Wraps a text to a width.
    pub(crate) fn wrapped(self, text: &str, widest: f64) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        for word in text.split(' ') {
            match lines.last_mut() {
                Some(line) if self.width(line) + self.width(" ") + self.width(word) <= widest => {
                    line.push(' ');
                    line.push_str(word);
                }
                _ => lines.push(self.fitted(word, widest)),
            }
        }
        lines
    }
}

/// Returns the width of a character relative to the size.
fn width(c: char) -> f64 {
    match c {
        'i' | 'j' | 'l' | '\'' | '|' => 0.222,
        ' ' | '.' | ',' | ':' | ';' | '!' | '/' | '\\' | 'f' | 't' | 'I' | '[' | ']' => 0.278,
        'r' | '(' | ')' | '-' | '`' => 0.333,
        'c' | 'k' | 's' | 'v' | 'x' | 'y' | 'z' | 'J' => 0.5,
        '{' | '}' | '*' => 0.6,
        'A' | 'B' | 'E' | 'K' | 'P' | 'S' | 'V' | 'X' | 'Y' | '&' => 0.667,
        'C' | 'D' | 'H' | 'N' | 'R' | 'U' | 'w' => 0.722,
        'G' | 'O' | 'Q' => 0.778,
        'm' | 'M' | '<' | '>' | '=' | '+' | '~' | '^' | '#' => 0.833,
        'W' | '@' | '%' => 0.95,
        _ if c.is_ascii() => 0.556,
        _ => 1.0,
    }
}
