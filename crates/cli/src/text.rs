//! Text output: words, instants, paragraphs.

use std::borrow::Cow;
use std::fmt::Display;
use std::io::{self, StderrLock, StdoutLock, Write};

use anstyle::{AnsiColor, Style};
use chrono::{DateTime, NaiveTime, TimeDelta, Timelike, Utc};
use csp_multichannel::{ExplainedRule, Verdict};
use serde::Serialize;

/// The style of headings.
pub(crate) const STRONG: Style = styled(Style::new().bold());

/// The style of a verdict.
pub(crate) const fn style(verdict: Verdict) -> Style {
    let color = match verdict {
        Verdict::Allowed => AnsiColor::BrightGreen,
        Verdict::Conditional => AnsiColor::BrightYellow,
        Verdict::Denied => AnsiColor::BrightRed,
        Verdict::NotCovered => AnsiColor::BrightBlack,
        Verdict::Undetermined => AnsiColor::BrightCyan,
    };
    styled(color.on_default())
}

const fn styled(style: Style) -> Style {
    if cfg!(feature = "color") { style } else { Style::new() }
}

/// Standard output, without styles unless it is a terminal.
#[cfg(feature = "color")]
pub(crate) fn stdout() -> anstream::AutoStream<StdoutLock<'static>> {
    anstream::AutoStream::auto(io::stdout().lock())
}

/// Standard output.
#[cfg(not(feature = "color"))]
pub(crate) fn stdout() -> StdoutLock<'static> {
    io::stdout().lock()
}

/// Writes a line to standard error; a closed stream is not an error.
pub(crate) fn announce(line: impl Display) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// Standard error, without styles unless it is a terminal.
#[cfg(feature = "color")]
pub(crate) fn stderr() -> anstream::AutoStream<StderrLock<'static>> {
    anstream::AutoStream::auto(io::stderr().lock())
}

/// Standard error.
#[cfg(not(feature = "color"))]
pub(crate) fn stderr() -> StderrLock<'static> {
    io::stderr().lock()
}

/// Returns the line width: that of the terminal, at most 80 columns.
fn width() -> usize {
    const WIDEST: usize = 80;
    const NARROWEST: usize = 40;
    terminal_width().map_or(WIDEST, |width| usize::from(width).clamp(NARROWEST, WIDEST))
}

/// Returns the width of the terminal, if the output is one and reports it.
pub(crate) fn terminal_width() -> Option<u16> {
    // Some terminals report a width of 0.
    let (terminal_size::Width(width), _) = terminal_size::terminal_size_of(io::stdout())?;
    (width > 0).then_some(width)
}

/// Formats a paragraph after a lead, with a hanging indent.
pub(crate) fn paragraph(lead: &str, text: &str) -> String {
    let indent = " ".repeat(lead.chars().count());
    let options = textwrap::Options::new(width())
        .initial_indent(lead)
        .subsequent_indent(&indent)
        .word_splitter(textwrap::WordSplitter::NoHyphenation);
    textwrap::fill(text, options)
}

/// Formats a word of the policy with spaces instead of underscores.
pub(crate) fn words(word: impl Display) -> String {
    match word.to_string().as_str() {
        "microsoft" => "Microsoft".into(),
        word => word.replace('_', " "),
    }
}

/// Formats a count with its noun: `1 plan`, `3 plans`, `no plans`.
pub(crate) fn counted(count: usize, thing: &str) -> String {
    match count {
        0 => format!("no {thing}s"),
        1 => format!("1 {thing}"),
        _ => format!("{count} {thing}s"),
    }
}

/// Writes a JSON record as one line.
pub(crate) fn write_json(output: &mut impl Write, record: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *output, record)?;
    output.write_all(b"\n")
}

/// Formats an instant in UTC; only the day at midnight.
pub(crate) fn instant(at: DateTime<Utc>) -> String {
    let (day, time) = (at.date_naive(), at.time());
    match time {
        NaiveTime::MIN => day.to_string(),
        _ if time.second() == 0 && time.nanosecond() == 0 => {
            format!("{day} {} UTC", time.format("%H:%M"))
        }
        _ => format!("{day} {} UTC", time.format("%H:%M:%S")),
    }
}

/// Formats an exclusive end: `until` its last day (inclusive), or `before 2019-02-28 09:00 UTC`.
pub(crate) fn end(at: DateTime<Utc>) -> String {
    match at.date_naive().pred_opt() {
        Some(last) if at.time() == NaiveTime::MIN => format!("until {last}"),
        _ => format!("before {}", instant(at)),
    }
}

/// Formats a time span in its largest unit: `33 days`, `15 minutes`.
pub(crate) fn span(time: TimeDelta) -> String {
    let (count, unit) = match (time.num_days(), time.num_hours(), time.num_minutes()) {
        (0, 0, minutes) => (minutes, "minute"),
        (0, hours, _) => (hours, "hour"),
        (days, ..) => (days, "day"),
    };
    counted(count.unsigned_abs().try_into().unwrap_or(usize::MAX), unit)
}

/// Formats the origin of a rule: `license-wait: stated, multichannel.md`.
pub(crate) fn origin(rule: &ExplainedRule) -> String {
    let pages = rule.sources.iter().map(|source| format!(", {}", source.page));
    let rulebook = rule.rulebook.as_ref().map(|rulebook| format!(" in {rulebook}"));
    let rulebook = rulebook.unwrap_or_default();
    format!("{}: {}{rulebook}{}", rule.id, rule.basis, pages.collect::<String>())
}

/// Escapes characters that could control a terminal, change the text direction, or break XML.
pub(crate) fn printable(text: &str) -> String {
    let steers = |c: char| {
        c.is_control()
            || matches!(c, '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}')
            || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
            || matches!(c, '\u{fffe}' | '\u{ffff}')
    };
    text.chars()
        .map(|c| if steers(c) { c.escape_default().to_string() } else { c.into() })
        .collect()
}

/// Formats cells of CSV, quoted where necessary.
pub(crate) fn cells(texts: impl IntoIterator<Item = impl AsRef<str>>) -> String {
    let mut cells = String::new();
    for (place, text) in texts.into_iter().enumerate() {
        let text = text.as_ref();
        cells.push_str(if place > 0 { "," } else { "" });
        if text.contains(['"', ',', '\n', '\r']) {
            cells.extend(["\"", &text.replace('"', "\"\""), "\""]);
        } else {
            cells.push_str(text);
        }
    }
    cells
}

/// Makes text safe for spreadsheets and terminals.
///
/// An apostrophe precedes anything that begins like a formula, also after characters that could
/// separate cells. Control characters are escaped.
pub(crate) fn inert(text: &str) -> Cow<'_, str> {
    let runs = |c: char| matches!(c, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠');
    let is_invisible = |c: char| matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}');
    let is_blank = |c: char| c.is_whitespace() || c.is_control() || is_invisible(c);
    let begins = |part: &str| part.trim_start_matches(is_blank).starts_with(runs);
    let separators = [';', '\t', '\n', '\r'];
    if !text.split(separators).any(begins) && !text.contains(char::is_control) {
        return text.into();
    }
    let mut safe = String::new();
    for part in text.split_inclusive(separators) {
        safe.push_str(if begins(part) { "'" } else { "" });
        for c in part.chars() {
            let is_kept = !c.is_control() || c == '\n' || c == '\t';
            if is_kept { safe.push(c) } else { safe.extend(c.escape_default()) }
        }
    }
    safe.into()
}

/// Formats a count with thousands separators.
pub(crate) fn thousands(count: impl Display) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        let separates = place > 0 && (digits.len() - place).is_multiple_of(3);
        text.extend(separates.then_some(',').into_iter().chain([digit]));
    }
    text
}

/// Escapes text for Markdown, also in table cells.
pub(crate) fn escaped(text: impl Display) -> String {
    let mut escaped = String::new();
    for c in printable(&text.to_string()).chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            // Prevents links from addresses and mentions.
            ':' if escaped.ends_with(char::is_alphanumeric) => escaped.push_str("&#58;"),
            '@' => escaped.push_str("&#64;"),
            '.' if escaped.to_ascii_lowercase().ends_with("www") => escaped.push_str("&#46;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '~' | '!' => escaped.extend(['\\', c]),
            _ => escaped.push(c),
        }
    }
    escaped
}
