//! Changes to a rulebook: rules that are added, replace others, or withdraw them.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use chrono::NaiveDate;
use csp_multichannel::{Rule, Rulebook};

/// Changes to a rulebook, in order: rules that are added, that replace others, or that are withdrawn.
///
/// ```
/// use chrono::NaiveDate;
/// use csp_multichannel::{Action, Channel, Effect, Rule, Rulebook, Verdict, Facts, parse_instant};
/// use csp_multichannel_rulebook::Overlay;
///
/// let from = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap();
/// let veto = Rule::new("no-volume-licensing", Effect::Veto, Action::MOVES, from)
///     .when(Channel::Open)
///     .with_reason("we do not take over licenses from volume licensing");
/// let rulebook = Overlay::new("northwind")
///     .add(veto)
///     .withdraw("no-resale-to-csp-partner", from)
///     .apply_to(Rulebook::partner_center())?;
///
/// let edition = rulebook.edition_at(parse_instant("2026-11-27")?)?;
/// let verdict = edition.decide(Facts::from(Channel::Open)).verdict(Action::Switch);
/// assert_eq!(verdict, Verdict::Denied);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overlay {
    name: String,
    changes: Vec<Change>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Change {
    Withdraw { id: String, from: NaiveDate },
    Add { rule: Rule, replaces: Vec<String> },
}

/// Changes that do not make a rulebook, with every problem.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", Lines(.problems))]
pub struct OverlayError {
    problems: Vec<OverlayProblem>,
}

impl OverlayError {
    /// Returns the problems, by the position of the change.
    #[must_use]
    pub fn problems(&self) -> &[OverlayProblem] {
        &self.problems
    }
}

/// Writes one thing a line.
pub(crate) struct Lines<'e, T>(pub(crate) &'e [T]);

impl<T: fmt::Display> fmt::Display for Lines<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, line) in self.0.iter().enumerate() {
            write!(f, "{}{line}", if at == 0 { "" } else { "\n" })?;
        }
        Ok(())
    }
}

/// One problem of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OverlayProblem {
    change: Option<usize>,
    field: Cow<'static, str>,
    id: String,
    reason: String,
}

impl OverlayProblem {
    /// Returns the position of the change, from 0; `None` if the problem is not one of a single change.
    #[must_use]
    pub const fn change(&self) -> Option<usize> {
        self.change
    }

    /// Returns the part of the change that is wrong: a part of the rule, or `replaces[0]`.
    #[must_use]
    pub fn field(&self) -> &str {
        &self.field
    }

    /// Returns the id of the rule, or of the one that is withdrawn.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Returns what is wrong, what would have been accepted, and the nearest id if one is near.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

impl fmt::Display for OverlayProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.change {
            Some(_) => write!(f, "rule `{}`: `{}` {}", self.id, self.field, self.reason),
            None => f.write_str(&self.reason),
        }
    }
}

impl Overlay {
    /// Creates an overlay without changes; decisions name its rules by this name.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), changes: Vec::new() }
    }

    /// Adds a rule, behind those of the base.
    #[must_use]
    #[expect(
        clippy::should_implement_trait,
        reason = "the word for it, beside `replace` and `withdraw`"
    )]
    pub fn add(self, rule: Rule) -> Self {
        self.replace([""; 0], rule)
    }

    /// Adds a rule in the place of others, which end when it begins.
    #[must_use]
    pub fn replace<T: Into<String>>(
        mut self,
        ids: impl IntoIterator<Item = T>,
        rule: Rule,
    ) -> Self {
        let replaces = ids.into_iter().map(Into::into).collect();
        let rule = if self.name.is_empty() || rule.rulebook().is_some() {
            rule
        } else {
            rule.with_rulebook(self.name.clone())
        };
        self.changes.push(Change::Add { rule, replaces });
        self
    }

    /// Withdraws a rule of the base from a day on, in UTC.
    #[must_use]
    pub fn withdraw(mut self, id: impl Into<String>, from: NaiveDate) -> Self {
        self.changes.push(Change::Withdraw { id: id.into(), from });
        self
    }

    /// Applies the changes to a rulebook, and arranges the result.
    ///
    /// A rule of the base that would end before it begins is left out.
    ///
    /// # Errors
    ///
    /// [`OverlayError`] with every problem: ids that the base does not have, rules that end anyway, and what is
    /// wrong with the rules themselves.
    pub fn apply_to(&self, base: &Rulebook) -> Result<Rulebook, OverlayError> {
        self.clone().apply_to_rules(base.rules())
    }

    /// The same on rules that need not be arranged; without any, the overlay is a rulebook of its own.
    pub(crate) fn apply_to_rules(self, base: &[Rule]) -> Result<Rulebook, OverlayError> {
        let mut rows = Rows::new(base);
        let mut last = Vec::new();
        for (change, of) in self.changes.into_iter().enumerate() {
            match of {
                Change::Withdraw { id, from } => {
                    rows.end(&id, from, change, &id, "id".into());
                }
                Change::Add { rule, replaces } => {
                    let from = rule.validity().from();
                    let ended = replaces.iter().enumerate().filter_map(|(place, id)| {
                        rows.end(id, from, change, rule.id(), format!("replaces[{place}]").into())
                    });
                    // Of several that are replaced the first gives the place.
                    match ended.min().and_then(|first| rows.all.get_mut(first)) {
                        Some(row) => row.replaced_by.push((rule, change)),
                        None => last.push((rule, change)),
                    }
                }
            }
        }
        let Rows { all, mut problems, .. } = rows;
        let last = last.into_iter().map(|(rule, change)| (rule, Some(change)));
        let rules = all.into_iter().flat_map(Row::into_rules).chain(last);
        let (rules, changes): (Vec<Rule>, Vec<Option<usize>>) = rules.unzip();
        match Rulebook::new(rules) {
            Ok(rulebook) if problems.is_empty() => return Ok(rulebook),
            Ok(_) => {}
            Err(error) => problems.extend(error.problems().iter().map(|problem| OverlayProblem {
                change: problem.position().and_then(|at| changes.get(at).copied().flatten()),
                field: problem.field().into(),
                id: problem.id().into(),
                reason: problem.reason().into(),
            })),
        }
        problems.sort_by_key(OverlayProblem::change);
        Err(OverlayError { problems })
    }
}

/// The rules of the base, as they are changed.
struct Rows<'b> {
    all: Vec<Row<'b>>,
    by_id: HashMap<&'b str, usize>,
    problems: Vec<OverlayProblem>,
}

/// A rule of the base.
struct Row<'b> {
    rule: &'b Rule,
    until: Option<NaiveDate>,
    replaced_by: Vec<(Rule, usize)>,
}

impl<'b> Rows<'b> {
    fn new(base: &'b [Rule]) -> Self {
        let row =
            |rule: &'b Rule| Row { rule, until: rule.validity().until(), replaced_by: Vec::new() };
        Self {
            all: base.iter().map(row).collect(),
            by_id: base.iter().map(Rule::id).zip(0..).collect(),
            problems: Vec::new(),
        }
    }

    /// Ends a rule on a day, if there is one that can end then; its position.
    fn end(
        &mut self,
        id: &str,
        from: NaiveDate,
        change: usize,
        of: &str,
        field: Cow<'static, str>,
    ) -> Option<usize> {
        let position = self.by_id.get(id).copied();
        let row = position.and_then(|position| self.all.get_mut(position));
        let reason = match row {
            Some(row) if row.until.is_none_or(|until| from < until) => {
                row.until = Some(from);
                return position;
            }
            Some(Row { until, .. }) => {
                let until = until.map(|until| until.to_string()).unwrap_or_default();
                format!(
                    "is `{id}`, which ends on {until} anyway, expected a rule in force on {from}"
                )
            }
            None => {
                let hint = nearest(id, self.all.iter().map(|row| row.rule.id()));
                format!(
                    "is `{id}`, which the base does not have, expected the id of one of its rules{hint}"
                )
            }
        };
        self.problems.push(OverlayProblem { change: Some(change), field, id: of.into(), reason });
        None
    }
}

impl Row<'_> {
    /// The rule, unless it ends before it begins, and behind it those that replace it.
    fn into_rules(self) -> impl Iterator<Item = (Rule, Option<usize>)> {
        let Self { rule, until, replaced_by } = self;
        let is_ever_in_force = until.is_none_or(|until| rule.validity().from() < until);
        let ended = match until {
            Some(until) => rule.clone().until(until),
            None => rule.clone(),
        };
        let replaced_by = replaced_by.into_iter().map(|(rule, change)| (rule, Some(change)));
        is_ever_in_force.then_some((ended, None)).into_iter().chain(replaced_by)
    }
}

/// What was probably meant, as the end of a sentence.
pub(crate) fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> String {
    let distance = |known: &&str| strsim::damerau_levenshtein(known, word);
    let near = known.filter(|known| distance(known) <= known.chars().count() / 3);
    near.min_by_key(distance).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default()
}
