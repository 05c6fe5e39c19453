//! SVG, written element by element.

use std::fmt::Write;

/// A drawing from top to bottom.
#[derive(Default)]
pub(crate) struct Svg {
    body: String,
}

/// How a text is set: size in pixels, classes of the style sheet, and which of its ends stands at its place.
#[derive(Clone, Copy)]
pub(crate) struct Type {
    pub(crate) size: f64,
    pub(crate) class: &'static str,
    pub(crate) anchor: &'static str,
}

impl Type {
    pub(crate) const fn new(size: f64, class: &'static str) -> Self {
        Self { size, class, anchor: "start" }
    }

    pub(crate) const fn anchored(self, anchor: &'static str) -> Self {
        Self { anchor, ..self }
    }

    /// About how wide a text is, in the widths of Arial, with room for wider fonts.
    pub(crate) fn width(self, text: &str) -> f64 {
        let bold = if self.class.contains("strong") { 1.2 } else { 1.0 };
        text.chars().map(width).sum::<f64>() * self.size * bold * 1.15
    }

    /// A text, cut off where it would be wider than that.
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

    /// A text as lines that are no wider than that, where their words are not.
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

/// How wide a character is, as a share of the type's size.
fn width(c: char) -> f64 {
    match c {
        'i' | 'j' | 'l' | '\'' | '|' => 0.222,
        ' ' | '.' | ',' | ':' | ';' | '!' | '/' | '\\' | 'f' | 't' | 'I' | '[' | ']' | '·' => 0.278,
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

impl Svg {
    pub(crate) fn rect(&mut self, class: &str, at: (f64, f64), (width, height): (f64, f64), more: &str) {
        let (x, y) = at;
        self.push(format_args!(
            r#"<rect class="{class}" x="{x:.1}" y="{y:.1}" width="{width:.1}" height="{height:.1}"{more}/>"#
        ));
    }

    pub(crate) fn circle(&mut self, class: &str, (x, y): (f64, f64), radius: f64) {
        self.push(format_args!(r#"<circle class="{class}" cx="{x:.1}" cy="{y:.1}" r="{radius:.1}"/>"#));
    }

    pub(crate) fn path(&mut self, class: &str, path: &str) {
        self.push(format_args!(r#"<path class="{class}" d="{path}"/>"#));
    }

    pub(crate) fn text(&mut self, style: Type, (x, y): (f64, f64), text: &str) {
        let Type { size, class, anchor } = style;
        let text = escaped(text);
        self.push(format_args!(
            r#"<text class="{class}" x="{x:.1}" y="{y:.1}" font-size="{size}" text-anchor="{anchor}">{text}</text>"#
        ));
    }

    /// Begins a group with a title, which a pointer shows.
    pub(crate) fn begin(&mut self, title: &str) {
        self.push(format_args!("<g><title>{}</title>", escaped(title)));
    }

    pub(crate) fn end(&mut self) {
        self.push(format_args!("</g>"));
    }

    fn push(&mut self, element: std::fmt::Arguments<'_>) {
        // A string takes all that is written.
        let _ = writeln!(self.body, "{element}");
    }

    /// The document: on paper of a size, with a title and a description for those who do not see it.
    pub(crate) fn finish(self, (width, height): (f64, f64), title: &str, description: &str, head: &str) -> String {
        let (title, description, body) = (escaped(title), escaped(description), self.body);
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
             role=\"img\" aria-labelledby=\"title description\" lang=\"en\">\n\
             <title id=\"title\">{title}</title>\n<desc id=\"description\">{description}</desc>\n\
             {head}<rect class=\"paper\" width=\"{width}\" height=\"{height}\"/>\n{body}</svg>\n"
        )
    }
}

/// A text as XML has it, in elements and attributes.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ => escaped.push(c),
        }
    }
    escaped
}
