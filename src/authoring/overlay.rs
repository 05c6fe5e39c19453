//! Rules of one's own upon another rulebook: added, replaced, withdrawn.

use std::collections::HashMap;
use std::string::{String, ToString};
use std::vec::Vec;

use chrono::NaiveDate;

use crate::rulebook::{Place, Placed, Problem, ProblemKind, Rulebook, RulebookError};
use crate::rules::Rule;
use crate::vocabulary::{Excerpt, nearest};

/// What changes in a rulebook from some day on: rules that are added, rules that replace others, and rules that are withdrawn.
///
/// A replaced rule stays in force up to the first day of the rule that replaces it, so that earlier days are answered as before.
///
/// ```
/// use csp_multichannel::authoring::Overlay;
/// use csp_multichannel::*;
///
/// let from = "2026-01-01".parse()?;
/// let letter = Rule::new("open-needs-a-letter", Effect::Require, Action::RecreateAndCancel, from)
///     .when(Channel::Open)
///     .with_requirement("letter_of_release")
///     .with_reason("we take over with a letter of release only")
///     .with_origin("northwind");
/// let ours = Overlay::new().adding(letter).withdrawing("no-resale-to-csp-partner", from);
/// let rulebook = ours.onto(Rulebook::partner_center())?;
/// assert_eq!(rulebook.rules().len(), Rulebook::partner_center().rules().len() + 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overlay {
    added: Vec<Addition>,
    withdrawn: Vec<Withdrawal>,
}

/// A rule, with the ids of those that it replaces.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Addition {
    placed: Placed,
    replaces: Vec<String>,
}

/// The id of a rule that is no longer in force from a day on.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Withdrawal {
    id: String,
    from: NaiveDate,
    place: Place,
}

impl Overlay {
    /// One that changes nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// With another rule, behind all others.
    #[must_use]
    pub fn adding(self, rule: Rule) -> Self {
        self.replacing([""; 0], rule)
    }

    /// With a rule that takes the place of others from its first day on.
    #[must_use]
    pub fn replacing(self, ids: impl IntoIterator<Item = impl Into<String>>, rule: Rule) -> Self {
        let place = Place::rule(self.added.len());
        self.replacing_at(place, ids.into_iter().map(Into::into).collect(), rule)
    }

    pub(super) fn replacing_at(mut self, place: Place, replaces: Vec<String>, rule: Rule) -> Self {
        self.added.push(Addition { placed: Placed { rule, place }, replaces });
        self
    }

    /// Without a rule from a day on, in UTC.
    #[must_use]
    pub fn withdrawing(self, id: impl Into<String>, from: NaiveDate) -> Self {
        let place = Place::whole().field("withdraw").item(self.withdrawn.len());
        self.withdrawing_at(place, id.into(), from)
    }

    pub(super) fn withdrawing_at(mut self, place: Place, id: String, from: NaiveDate) -> Self {
        self.withdrawn.push(Withdrawal { id, from, place });
        self
    }

    /// The rulebook that comes of it.
    ///
    /// # Errors
    ///
    /// [`RulebookError`] with everything that is wrong: what [`Rulebook::new`] refuses, and rules to replace or withdraw that there are not,
    /// or that have ended by then.
    pub fn onto(self, base: &Rulebook) -> Result<Rulebook, RulebookError> {
        self.compose(base, Vec::new())
    }

    /// As [`Overlay::onto`], with problems that were found before.
    pub(super) fn compose(self, base: &Rulebook, problems: Vec<Problem>) -> Result<Rulebook, RulebookError> {
        let mut register = Register {
            rows: base.rules().iter().map(Row::of).collect(),
            positions: base.rules().iter().map(Rule::id).zip(0..).collect(),
            problems,
        };
        for Withdrawal { id, from, place } in self.withdrawn {
            register.withdraw(&id, from, place.field("id"));
        }
        let mut last = Vec::new();
        for Addition { placed, replaces } in self.added {
            let place = placed.place.field("replaces");
            let from = placed.rule.validity().from();
            let replaced =
                replaces.iter().enumerate().filter_map(|(item, id)| register.withdraw(id, from, place.item(item)));
            match replaced.min().and_then(|first| register.rows.get_mut(first)) {
                Some(row) => row.replaced_by.push(placed),
                None => last.push(placed),
            }
        }
        let rules = register.rows.into_iter().flat_map(Row::into_rules).chain(last);
        Rulebook::build(rules.collect(), register.problems)
    }
}

/// The rules of the base, as they are changed.
struct Register<'b> {
    rows: Vec<Row<'b>>,
    /// By id.
    positions: HashMap<&'b str, usize>,
    problems: Vec<Problem>,
}

/// A rule of the base.
struct Row<'b> {
    rule: &'b Rule,
    /// The first day on which it is no longer in force.
    until: Option<NaiveDate>,
    replaced_by: Vec<Placed>,
}

impl Register<'_> {
    /// Ends a rule, if there is one that can be ended then; its position.
    fn withdraw(&mut self, id: &str, from: NaiveDate, place: Place) -> Option<usize> {
        let position = self.positions.get(id).copied();
        let Some((position, row)) = position.and_then(|position| Some((position, self.rows.get_mut(position)?))) else {
            // In the register's order, so that of several the same one is always told.
            let meant = nearest(id, self.rows.iter().map(|row| row.rule.id())).map(ToString::to_string);
            self.problems.push(Problem::new(place, ProblemKind::UnknownRule { id: Excerpt::of(id), meant }));
            return None;
        };
        if let Some(until) = row.until.filter(|until| *until <= from) {
            self.problems.push(Problem::new(place, ProblemKind::EndsAnyway { id: Excerpt::of(id), until, from }));
            return None;
        }
        row.until = Some(from);
        Some(position)
    }
}

impl<'b> Row<'b> {
    const fn of(rule: &'b Rule) -> Self {
        Self { rule, until: rule.validity().until(), replaced_by: Vec::new() }
    }

    /// The rule, unless it ends before it begins, and behind it those that replace it.
    fn into_rules(self) -> impl Iterator<Item = Placed> {
        let Self { rule, until, replaced_by } = self;
        let is_ever_in_force = until.is_none_or(|until| rule.validity().from() < until);
        let rule = is_ever_in_force.then(|| until.map_or_else(|| rule.clone(), |until| rule.clone().until(until)));
        // What is wrong with a rule of the base is in no place of the overlay.
        rule.map(|rule| Placed { rule, place: Place::whole() }).into_iter().chain(replaced_by)
    }
}
