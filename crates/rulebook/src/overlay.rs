//! Overlays: changes to a rulebook that add rules, replace others, or withdraw them.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use chrono::NaiveDate;
use csp_multichannel::{Rule, Rulebook};

/// An overlay: changes to a rulebook, in order. They add rules, replace others, or withdraw them.
///
/// ```
/// use csp_multichannel::{
///     Action, Channel, Effect, Facts, Rule, Rulebook, Verdict, parse_instant,
/// };
/// use csp_multichannel_rulebook::Overlay;
///
/// let from = "2026-01-01".parse().unwrap();
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

/// The error of an overlay whose result is not a rulebook, with every problem.
///
/// `Display` writes one problem a line.
///
/// ```
/// use csp_multichannel::{Action, Effect, Rule, Rulebook};
/// use csp_multichannel_rulebook::Overlay;
///
/// let from = "2026-01-01".parse().unwrap();
/// let error = Overlay::new("northwind")
///     .add(Rule::new("our-switch", Effect::Permit, Action::Switch, from))
///     .withdraw("license-swich", from)
///     .apply_to(Rulebook::partner_center())
///     .unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "rule `our-switch`: `reason` is empty, expected a sentence for people\n\
///      rule `license-swich`: `id` is `license-swich`, which the base does not have, \
///      expected the id of one of its rules; did you mean `license-switch`?",
/// );
/// assert_eq!(error.problems().len(), 2);
/// ```
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

/// Writes one item a line.
pub(crate) struct Lines<'e, T>(pub(crate) &'e [T]);

impl<T: fmt::Display> fmt::Display for Lines<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, line) in self.0.iter().enumerate() {
            write!(f, "{}{line}", if at == 0 { "" } else { "\n" })?;
        }
        Ok(())
    }
}

/// A problem of a change in an overlay.
///
/// `Display` writes ``rule `our-switch`: `reason` is empty, …``.
///
/// ```
/// use csp_multichannel::Rulebook;
/// use csp_multichannel_rulebook::Overlay;
///
/// let error = Overlay::new("northwind")
///     .withdraw("azure-recreate", "2026-01-01".parse().unwrap())
///     .withdraw("azure-recreate", "2026-07-01".parse().unwrap())
///     .apply_to(Rulebook::partner_center())
///     .unwrap_err();
/// let [problem] = error.problems() else { panic!("{error}") };
/// assert_eq!((problem.change(), problem.field()), (Some(1), "id"));
/// assert_eq!(problem.id(), "azure-recreate");
/// assert_eq!(
///     problem.message(),
///     "is `azure-recreate`, which ends on 2026-01-01 anyway, \
///      expected a rule in force on 2026-07-01",
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OverlayProblem {
    change: Option<usize>,
    field: Cow<'static, str>,
    id: String,
    message: String,
}

impl OverlayProblem {
    /// Returns the position of the change, from 0; `None` for a problem of the rulebook as a whole.
    #[must_use]
    pub const fn change(&self) -> Option<usize> {
        self.change
    }

    /// Returns the invalid part of the change: a part of the rule, or an item such as
    /// `replaces[0]`.
    #[must_use]
    pub fn field(&self) -> &str {
        &self.field
    }

    /// Returns the id of the rule that is added or withdrawn.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Returns what is wrong, what would be accepted, and the nearest id if one is near.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for OverlayProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.change {
            Some(_) => write!(f, "rule `{}`: `{}` {}", self.id, self.field, self.message),
            None => f.write_str(&self.message),
        }
    }
}

impl Overlay {
    /// Creates an overlay without changes. Decisions name its rules by this name.
    ///
    /// ```
    /// use csp_multichannel::Rulebook;
    /// use csp_multichannel_rulebook::Overlay;
    ///
    /// let unchanged = Overlay::new("northwind").apply_to(Rulebook::partner_center())?;
    /// assert_eq!(&unchanged, Rulebook::partner_center());
    /// # Ok::<(), csp_multichannel_rulebook::OverlayError>(())
    /// ```
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), changes: Vec::new() }
    }

    /// Adds a rule after those of the base.
    ///
    /// ```
    /// use csp_multichannel::{Action, Effect, Rule, Rulebook};
    /// use csp_multichannel_rulebook::Overlay;
    ///
    /// let from = "2026-01-01".parse().unwrap();
    /// let rule = Rule::new("our-advice", Effect::Advise, Action::Switch, from)
    ///     .with_reason("call the account team first");
    /// let rulebook = Overlay::new("northwind").add(rule).apply_to(Rulebook::partner_center())?;
    /// let last = rulebook.rules().last().unwrap();
    /// assert_eq!((last.id(), last.rulebook()), ("our-advice", Some("northwind")));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    #[expect(clippy::should_implement_trait, reason = "the name matches `replace` and `withdraw`")]
    pub fn add(self, rule: Rule) -> Self {
        self.replace([""; 0], rule)
    }

    /// Adds a rule in the place of others, which end when it begins.
    ///
    /// ```
    /// use csp_multichannel::{Action, Effect, Rule, Rulebook};
    /// use csp_multichannel_rulebook::Overlay;
    ///
    /// let from = "2027-01-01".parse().unwrap();
    /// let rule = Rule::new("our-recreate", Effect::Permit, Action::RecreateAndCancel, from)
    ///     .with_reason("from 2027, we recreate every subscription");
    /// let rulebook = Overlay::new("northwind")
    ///     .replace(["azure-recreate"], rule)
    ///     .apply_to(Rulebook::partner_center())?;
    /// let replaced = rulebook.rules().iter().find(|rule| rule.id() == "azure-recreate");
    /// assert_eq!(replaced.and_then(|rule| rule.validity().until()), Some(from));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
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
    ///
    /// ```
    /// use csp_multichannel::{Rulebook, parse_instant};
    /// use csp_multichannel_rulebook::Overlay;
    ///
    /// let rulebook = Overlay::new("northwind")
    ///     .withdraw("no-resale-to-csp-partner", "2026-01-01".parse().unwrap())
    ///     .apply_to(Rulebook::partner_center())?;
    /// let in_force = |day| -> Result<bool, Box<dyn std::error::Error>> {
    ///     let mut rules = rulebook.edition_at(parse_instant(day)?)?.rules();
    ///     Ok(rules.any(|rule| rule.id() == "no-resale-to-csp-partner"))
    /// };
    /// assert!(in_force("2025-12-31")?);
    /// assert!(!in_force("2026-01-01")?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn withdraw(mut self, id: impl Into<String>, from: NaiveDate) -> Self {
        self.changes.push(Change::Withdraw { id: id.into(), from });
        self
    }

    /// Applies the changes to a rulebook.
    ///
    /// A rule of the base that would end before it begins is left out.
    ///
    /// # Errors
    ///
    /// [`OverlayError`] with every problem: ids that the base does not have, rules that end earlier
    /// anyway, and problems of the rules themselves.
    ///
    /// ```
    /// use csp_multichannel::Rulebook;
    /// use csp_multichannel_rulebook::Overlay;
    ///
    /// let (policy, from) = (Rulebook::partner_center(), "2016-12-01".parse().unwrap());
    /// let overlay = Overlay::new("northwind");
    /// let shorter = overlay.clone().withdraw("azure-recreate", from).apply_to(policy)?;
    /// assert_eq!(shorter.rules().len(), policy.rules().len() - 1);
    ///
    /// let unknown = overlay.withdraw("azure-recreation", from).apply_to(policy);
    /// assert_eq!(
    ///     unknown.unwrap_err().to_string(),
    ///     "rule `azure-recreation`: `id` is `azure-recreation`, which the base does not have, \
    ///      expected the id of one of its rules; did you mean `azure-recreate`?",
    /// );
    /// # Ok::<(), csp_multichannel_rulebook::OverlayError>(())
    /// ```
    pub fn apply_to(&self, base: &Rulebook) -> Result<Rulebook, OverlayError> {
        self.clone().apply_to_rules(base.rules())
    }

    /// Does the same on rules; with none, the overlay is a rulebook without a base.
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
                    // The rule takes the place of the first one that it replaces.
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
                message: problem.message().into(),
            })),
        }
        problems.sort_by_key(OverlayProblem::change);
        Err(OverlayError { problems })
    }
}

/// The rules of the base, with their changes.
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

    /// Ends a rule on a day, and returns its position, if it exists and can end then.
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
        let message = match row {
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
        let (id, message) = (printable(of), printable(&message));
        self.problems.push(OverlayProblem { change: Some(change), field, id, message });
        None
    }
}

impl Row<'_> {
    /// Returns the rule, unless it ends before it begins, then those that replace it.
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

/// Escapes characters that are invisible or end a line, so that a message is one printable line.
pub(crate) fn printable(text: &str) -> String {
    let is_invisible = |c: char| {
        c.is_control()
            || matches!(
                c,
                '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{fffe}' | '\u{ffff}'
            )
            || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let mut printable = String::with_capacity(text.len());
    for c in text.chars() {
        if is_invisible(c) { printable.extend(c.escape_default()) } else { printable.push(c) }
    }
    printable
}

/// Returns the nearest match as the end of a message, if one is near.
pub(crate) fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> String {
    let distance = |known: &&str| strsim::damerau_levenshtein(known, word);
    let near = known.filter(|known| distance(known) <= known.chars().count() / 3);
    near.min_by_key(distance).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default()
}
