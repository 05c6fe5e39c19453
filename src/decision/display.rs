//! A decision as a table for a terminal.

use core::fmt;

use super::Decision;
use crate::rules::Rule;
use crate::vocabulary::{Action, Fact, Verdict};

/// How many columns a line may fill.
const WIDTH: usize = 100;
/// Where explanations begin.
const MARGIN: usize = 14;

impl fmt::Display for Decision<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "by the edition of {}", self.edition.since())?;
        for &action in Action::ALL {
            let verdict = self.verdict(action);
            write!(f, "\n\n{action:22}{verdict}")?;
            for rule in self.rules(action) {
                explain(f, "because", "", rule)?;
            }
            for rule in self.requiring(action) {
                explain(f, "requires", rule.requirement().unwrap_or_default(), rule)?;
            }
            for rule in self.advice(action) {
                explain(f, "know", "", rule)?;
            }
            if verdict == Verdict::NotCovered && self.rules(action).len() == 0 {
                line(f, "because", ["the documents are silent"])?;
            }
            if verdict == Verdict::Undetermined {
                line(f, "possible", self.possible(action).iter().map(Verdict::as_str))?;
                line(f, "turns on", self.depends_on(action).iter().map(Fact::as_str))?;
            }
        }
        Ok(())
    }
}

/// A label and a list.
fn line<'a>(f: &mut fmt::Formatter<'_>, label: &str, items: impl IntoIterator<Item = &'a str>) -> fmt::Result {
    let mut paragraph = Paragraph::begin(f, label)?;
    let mut items = items.into_iter().peekable();
    while let Some(item) = items.next() {
        paragraph.write(item, if items.peek().is_some() { "," } else { "" })?;
    }
    Ok(())
}

/// A rule's reason, and on a line of its own its id, basis and sources, with the rulebook that it comes from.
fn explain(f: &mut fmt::Formatter<'_>, label: &str, topic: &str, rule: &Rule) -> fmt::Result {
    let mut paragraph = Paragraph::begin(f, label)?;
    if !topic.is_empty() {
        paragraph.write(topic, ":")?;
    }
    for word in rule.reason().split(' ') {
        paragraph.write(word, "")?;
    }
    let mut paragraph = Paragraph::begin(f, "")?;
    paragraph.write(rule.id(), ":")?;
    let more = if rule.sources().is_empty() { "" } else { "," };
    match rule.origin() {
        Some(origin) => {
            paragraph.write(rule.basis().as_str(), " by")?;
            paragraph.write(origin, more)?;
        }
        None => paragraph.write(rule.basis().as_str(), more)?,
    }
    for (i, source) in rule.sources().iter().enumerate() {
        let more = i + 1 < rule.sources().len();
        paragraph.write(source.page(), if more { " and" } else { "" })?;
    }
    Ok(())
}

/// Words, broken into lines behind a label.
struct Paragraph<'f, 'b> {
    f: &'f mut fmt::Formatter<'b>,
    column: usize,
}

impl<'f, 'b> Paragraph<'f, 'b> {
    fn begin(f: &'f mut fmt::Formatter<'b>, label: &str) -> Result<Self, fmt::Error> {
        write!(f, "\n    {label:10}")?;
        Ok(Self { f, column: MARGIN })
    }

    /// Writes a word with what follows it, on the next line where it would not fit.
    fn write(&mut self, word: &str, suffix: &str) -> fmt::Result {
        let width = word.chars().count() + suffix.chars().count();
        if self.column == MARGIN {
            // The first word stands where it is, whatever its width.
        } else if self.column + 1 + width > WIDTH {
            write!(self.f, "\n{:MARGIN$}", "")?;
            self.column = MARGIN;
        } else {
            self.f.write_str(" ")?;
            self.column += 1;
        }
        self.column += width;
        write!(self.f, "{word}{suffix}")
    }
}
