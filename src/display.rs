//! A decision as text for people.

use core::fmt;

use crate::decision::Decision;
use crate::fact::Fact;
use crate::rule::{Action, Rule, Source, Verdict};

/// The largest number of columns in a line.
const WIDTH: usize = 80;
/// The column at which explanations begin.
const MARGIN: usize = 16;

/// Writes each action with its verdict, reasons, requirements and advice, in at most 80 columns.
///
/// ```
/// use csp_multichannel::{
///     Channel, Cloud, Facts, Relationship, Rulebook, Service, parse_instant,
/// };
///
/// let edition = Rulebook::partner_center().edition_at(parse_instant("2018-09-15")?)?;
/// let facts = Facts::from(Channel::Direct)
///     .with(Service::Azure)
///     .with(Cloud::Public)
///     .with(Relationship::Requested);
/// let decision = edition.decide(facts);
/// assert_eq!(
///     decision.to_string(),
///     "\
/// edition 2018-09-13
///
/// request_relationship  denied
///     because     the request is waiting for the customer to accept it
///                 relationship-pending: inferred,
///                 request-a-relationship-with-a-customer.md
///
/// recreate_and_cancel   undetermined
///     possible    conditional, denied
///     depends on  customer, region, status
///
/// switch                denied
///     because     a switch runs from one CSP partner to another, and no CSP
///                 partner holds this subscription
///                 azure-no-partner-to-switch-from: inferred, multichannel.md,
///                 switch-azure-subscriptions-to-a-different-partner.md
///
/// wait_until_term_end   denied
///     because     usage-based services have no term to wait for
///                 no-term: inferred, multichannel.md
///
/// cancel_then_move      undetermined
///     possible    denied, not_covered
///     depends on  customer, status"
/// );
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
                explain(f, "advice", None, rule)?;
            }
            if verdict == Verdict::Undetermined {
                list(f, "possible", self.possible(action).iter().map(Verdict::as_str))?;
                list(f, "depends on", self.depends_on(action).iter().map(Fact::as_str))?;
            }
        }
        Ok(())
    }
}

/// Writes the reason of a rule, then its id, basis and sources.
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

/// Writes words with commas between them.
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

    /// Writes a word with its suffix, on the next line if it does not fit.
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
