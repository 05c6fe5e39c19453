//! What people read: a decision as text.

use core::fmt;

use crate::decision::Decision;
use crate::fact::Fact;
use crate::rule::{Action, Rule, Source, Verdict};

/// The number of columns that a line fills at most.
const WIDTH: usize = 80;
/// The column at which explanations begin.
const MARGIN: usize = 16;

/// Writes each action with its verdict, the reasons, requirements and advice, in at most 80 columns.
///
/// ```
/// use csp_multichannel::{Channel, Facts, Rulebook, parse_instant};
///
/// let edition = Rulebook::partner_center().edition_at(parse_instant("2018-09-15")?)?;
/// let decision = edition.decide(Facts::from(Channel::SyndicationPartner));
/// assert!(decision.to_string().contains(
///     "\
/// switch                not_covered
///     because     the page covers sellers that are not Syndication Partners, and
///                 no page describes a move away from one
///                 syndication-seller: inferred, multichannel.md
/// "
/// ));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
impl fmt::Display for Decision<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "edition {}", self.edition())?;
        for &action in Action::ALL {
            let verdict = self.verdict(action);
            write!(f, "\n\n{action:22}{verdict}")?;
            for rule in self.reasons(action) {
                explain(f, "because", None, rule)?;
            }
            if verdict == Verdict::NotCovered && self.reasons(action).len() == 0 {
                list(f, "because", core::iter::once("no rule covers this case"))?;
            }
            for (rule, _) in self.required(action, verdict) {
                explain(f, "requires", rule.requirement(), rule)?;
            }
            for rule in self.advice(action) {
                explain(f, "note", None, rule)?;
            }
            if verdict == Verdict::Undetermined {
                list(f, "possible", self.possible(action).iter().map(Verdict::as_str))?;
                list(f, "depends on", self.depends_on(action).iter().map(Fact::as_str))?;
            }
        }
        Ok(())
    }
}

/// The reason of a rule, then its id, basis and sources.
fn explain(
    f: &mut fmt::Formatter<'_>,
    label: &str,
    requirement: Option<&str>,
    rule: &Rule,
) -> fmt::Result {
    let mut line = Line::begin(f, label)?;
    if let Some(requirement) = requirement {
        line.write(requirement, ":")?;
    }
    rule.reason().split(' ').try_for_each(|word| line.write(word, ""))?;
    line.break_line()?;
    line.write(rule.id(), ":")?;
    let comma = if rule.sources().is_empty() { "" } else { "," };
    match rule.rulebook() {
        Some(rulebook) => {
            line.write(rule.basis().as_str(), " in")?;
            line.write(rulebook, comma)?;
        }
        None => line.write(rule.basis().as_str(), comma)?,
    }
    separated(&mut line, rule.sources().iter().map(Source::page))
}

fn list<'a>(
    f: &mut fmt::Formatter<'_>,
    label: &str,
    words: impl Iterator<Item = &'a str>,
) -> fmt::Result {
    separated(&mut Line::begin(f, label)?, words)
}

/// Words with commas between them.
fn separated<'a>(line: &mut Line<'_, '_>, words: impl Iterator<Item = &'a str>) -> fmt::Result {
    let mut words = words.peekable();
    while let Some(word) = words.next() {
        line.write(word, if words.peek().is_some() { "," } else { "" })?;
    }
    Ok(())
}

/// Words behind a label, broken into lines.
struct Line<'f, 'b> {
    f: &'f mut fmt::Formatter<'b>,
    column: usize,
}

impl<'f, 'b> Line<'f, 'b> {
    fn begin(f: &'f mut fmt::Formatter<'b>, label: &str) -> Result<Self, fmt::Error> {
        write!(f, "\n    {label:12}")?;
        Ok(Self { f, column: MARGIN })
    }

    /// Writes a word and what clings to it, on the next line if it does not fit.
    fn write(&mut self, word: &str, suffix: &str) -> fmt::Result {
        let width = word.chars().count() + suffix.len();
        if self.column > MARGIN && self.column + 1 + width > WIDTH {
            self.break_line()?;
        }
        if self.column > MARGIN {
            self.f.write_str(" ")?;
            self.column += 1;
        }
        self.column += width;
        write!(self.f, "{word}{suffix}")
    }

    fn break_line(&mut self) -> fmt::Result {
        self.column = MARGIN;
        write!(self.f, "\n{:MARGIN$}", "")
    }
}
