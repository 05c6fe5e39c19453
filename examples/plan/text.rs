//! Text for people: paragraphs, dates, names.

use std::fmt::Display;
use std::io::{self, Write};

use chrono::{DateTime, NaiveTime, Timelike, Utc};
use csp_multichannel::guidance::Actor;
use csp_multichannel::{RefusedLine, Rule, Source};

/// How many columns a line may fill.
const WIDTH: usize = 100;

/// Words behind a lead, broken into lines that stand where the first word does.
pub(crate) fn paragraph(output: &mut impl Write, lead: &str, text: &str) -> io::Result<()> {
    let margin = lead.chars().count();
    write!(output, "{lead}")?;
    let mut column = margin;
    for word in text.split(' ') {
        let width = word.chars().count();
        if column == margin {
            // The first word stands where it is, whatever its width.
        } else if column + 1 + width > WIDTH {
            write!(output, "\n{:margin$}", "")?;
            column = margin;
        } else {
            output.write_all(b" ")?;
            column += 1;
        }
        column += width;
        output.write_all(word.as_bytes())?;
    }
    output.write_all(b"\n")
}

/// A paragraph behind a label, as a printed decision has them.
pub(crate) fn labelled(output: &mut impl Write, label: &str, text: &str) -> io::Result<()> {
    paragraph(output, &format!("    {label:10}"), text)
}

/// How firmly the documents carry a rule, and which do: `stated, multichannel.md`.
pub(crate) fn source(rule: &Rule) -> String {
    let pages: Vec<&str> = rule.sources().iter().map(Source::page).collect();
    let separator = if pages.is_empty() { "" } else { ", " };
    format!("{}{separator}{}", rule.basis(), pages.join(" and "))
}

/// An actor as people write it.
pub(crate) fn name(actor: Actor) -> String {
    if actor == Actor::Microsoft { "Microsoft".into() } else { words(actor) }
}

/// An instant: its day where it is a midnight, else with the time.
pub(crate) fn instant(at: DateTime<Utc>) -> String {
    let (day, time) = (at.date_naive(), at.time());
    match time {
        NaiveTime::MIN => day.to_string(),
        _ if time.second() == 0 && time.nanosecond() == 0 => format!("{day} {} UTC", time.format("%H:%M")),
        _ => format!("{day} {time} UTC"),
    }
}

/// From an instant up to another, exclusive: a midnight is told as the last day before it.
pub(crate) fn span(from: DateTime<Utc>, until: Option<DateTime<Utc>>) -> String {
    let first = instant(from);
    match until.map(end) {
        None => format!("from {first} on"),
        Some(end) if end == format!("to {first}") => format!("on {first}"),
        Some(end) if end.starts_with("to ") => format!("from {first} {end}"),
        Some(end) => format!("from {first}, {end}"),
    }
}

/// An exclusive end: `to 2019-02-28`, or `before 2019-02-28 09:00 UTC`.
pub(crate) fn end(until: DateTime<Utc>) -> String {
    match until.date_naive().pred_opt() {
        Some(last) if until.time() == NaiveTime::MIN => format!("to {last}"),
        _ => format!("before {}", instant(until)),
    }
}

/// A word of the vocabulary as people write it.
pub(crate) fn words(word: impl Display) -> String {
    word.to_string().replace('_', " ")
}

/// A number of things: `1 way`, `3 ways`, `no way`.
pub(crate) fn counted(count: usize, thing: &str) -> String {
    match count {
        0 => format!("no {thing}"),
        1 => format!("1 {thing}"),
        _ => format!("{count} {thing}s"),
    }
}

/// A text of the caller's without what would steer a terminal, turn the text around or be no XML.
pub(crate) fn printable(text: &str) -> String {
    let steers = |c: char| {
        c.is_control()
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
            || matches!(c, '\u{fffe}' | '\u{ffff}')
    };
    text.chars().map(|c| if steers(c) { c.escape_default().to_string() } else { c.into() }).collect()
}

/// Why a line is no case.
pub(crate) fn write_refused(output: &mut impl Write, refused: &RefusedLine) -> io::Result<()> {
    let RefusedLine { id, line, error } = refused;
    let id = id.as_ref().map(|id| format!(" ({})", printable(id))).unwrap_or_default();
    writeln!(output, "line {line}{id} refused: {error}")
}
