//! Rules, and the editions into which their dates divide time.

use alloc::borrow::Cow;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use core::fmt;

use chrono::{DateTime, NaiveDate, Utc};

use crate::index::{Index, RuleMask};
use crate::instant::{Rfc3339, midnight};
use crate::problem::{RuleProblem, RulebookError, problems};
use crate::register::REGISTER;
use crate::rule::{Rule, is_before};

/// Rules, and the editions into which their dates divide time.
///
/// A service shares one by reference or in an `Arc`. Custom rulebooks come from [`Rulebook::new`].
///
/// ```
/// use csp_multichannel::{Rulebook, parse_instant};
///
/// let edition = Rulebook::partner_center().edition_at(parse_instant("2018-09-15")?)?;
/// assert_eq!(edition.since().to_string(), "2018-09-13");
/// assert!(edition.rules().any(|rule| rule.id() == "license-no-switch"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rulebook {
    rules: Cow<'static, [Rule]>,
    /// One for each edition, the earliest first.
    indexes: Cow<'static, [Index]>,
}

/// The first day after another, or of all, on which a rule begins or ends.
const fn next_edition(rules: &[Rule], after: Option<NaiveDate>) -> Option<NaiveDate> {
    let mut next = None;
    let mut rest = rules;
    while let [rule, tail @ ..] = rest {
        next = earliest(next, Some(rule.validity.from), after);
        next = earliest(next, rule.validity.until, after);
        rest = tail;
    }
    next
}

/// The earlier of two days, if it is after a third.
const fn earliest(
    best: Option<NaiveDate>,
    candidate: Option<NaiveDate>,
    after: Option<NaiveDate>,
) -> Option<NaiveDate> {
    match (candidate, best, after) {
        (Some(day), _, Some(after)) if !is_before(after, day) => best,
        (Some(day), Some(best), _) if !is_before(day, best) => Some(best),
        (None, ..) => best,
        _ => candidate,
    }
}

/// The built-in register, arranged at compile time by the function that arranges custom rules.
#[expect(clippy::indexing_slicing, clippy::panic, reason = "at compile time")]
mod built_in {
    use super::{Cow, Index, NaiveDate, REGISTER, Rulebook, next_edition};

    const EDITIONS: usize = {
        let mut count = 0;
        let mut day = next_edition(REGISTER, None);
        while day.is_some() {
            count += 1;
            day = next_edition(REGISTER, day);
        }
        count
    };

    const fn arranged(day: Option<NaiveDate>) -> Index {
        match day {
            Some(day) => match Index::new(REGISTER, day) {
                Some(index) => index,
                None => panic!("more rules are in force than an edition can have"),
            },
            None => panic!("the register is empty"),
        }
    }

    static INDEXES: [Index; EDITIONS] = {
        let mut indexes = [const { arranged(next_edition(REGISTER, None)) }; EDITIONS];
        let mut day = next_edition(REGISTER, None);
        let mut number = 0;
        while number < EDITIONS {
            indexes[number] = arranged(day);
            day = next_edition(REGISTER, day);
            number += 1;
        }
        indexes
    };

    pub(super) static PARTNER_CENTER: Rulebook =
        Rulebook { rules: Cow::Borrowed(REGISTER), indexes: Cow::Borrowed(&INDEXES) };
}

impl Rulebook {
    /// Returns the policy that Partner Center's documentation has published since 2016-12-01.
    #[must_use]
    pub fn partner_center() -> &'static Self {
        &built_in::PARTNER_CENTER
    }

    /// Arranges rules, in their order, into a rulebook.
    ///
    /// Any number of rules can be in force over time, at most 128 at once.
    ///
    /// # Errors
    ///
    /// [`RulebookError`] with every problem.
    ///
    /// ```
    /// use csp_multichannel::{Basis, Rulebook};
    ///
    /// // The policy without what only third parties report.
    /// let rules = Rulebook::partner_center().rules().iter();
    /// let rulebook = Rulebook::new(rules.filter(|rule| rule.basis() != Basis::Reported).cloned())?;
    /// assert!(rulebook.rules().iter().all(|rule| rule.id() != "license-switch"));
    ///
    /// let error = Rulebook::new([]).unwrap_err();
    /// assert_eq!(error.to_string(), "invalid rulebook: 0 rules, expected 1 to 4294967295");
    /// # Ok::<(), csp_multichannel::RulebookError>(())
    /// ```
    pub fn new(rules: impl IntoIterator<Item = Rule>) -> Result<Self, RulebookError> {
        let rules: Vec<Rule> = rules.into_iter().collect();
        let mut problems = problems(&rules);
        // Each day on which rules begin or end, with these rules: what is in force changes by no more.
        let mut days: BTreeMap<NaiveDate, Vec<u32>> = BTreeMap::new();
        for (position, rule) in (0..).zip(&rules) {
            for day in [Some(rule.validity.from), rule.validity.until].into_iter().flatten() {
                days.entry(day).or_default().push(position);
            }
        }
        let mut in_force: BTreeSet<u32> = BTreeSet::new();
        let mut indexes = Vec::with_capacity(days.len());
        for (day, changing) in days {
            for position in changing {
                let rule = rules.get(position as usize);
                if rule.is_some_and(|rule| rule.validity.covers(day)) {
                    in_force.insert(position);
                } else {
                    in_force.remove(&position);
                }
            }
            if let Some(index) = Index::of(&rules, in_force.iter().copied(), day) {
                indexes.push(index);
            } else {
                problems.push(RuleProblem::of_all(alloc::format!(
                    "{} rules are in force on {day}, expected at most {}",
                    in_force.len(),
                    Index::CAPACITY,
                )));
                break;
            }
        }
        if problems.is_empty() {
            Ok(Self { rules: rules.into(), indexes: indexes.into() })
        } else {
            Err(RulebookError::new(problems))
        }
    }

    /// Returns all rules, in register order.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// Returns all editions, the earliest first.
    #[must_use]
    pub fn editions(
        &self,
    ) -> impl ExactSizeIterator<Item = Edition<'_>> + DoubleEndedIterator + Clone {
        self.indexes.iter().map(|index| Edition { rulebook: self, index })
    }

    /// Returns the edition in force at an instant: that of the latest day, at or before the instant's UTC day,
    /// on which any rule begins or ends.
    ///
    /// # Errors
    ///
    /// [`BeforeFirstEdition`] for an earlier instant; for the built-in register, before 2016-12-01.
    pub fn edition_at(&self, at: DateTime<Utc>) -> Result<Edition<'_>, BeforeFirstEdition> {
        let day = at.date_naive();
        let later = self.indexes.partition_point(|index| index.since <= day);
        let index = later.checked_sub(1).and_then(|place| self.indexes.get(place));
        index.map(|index| Edition { rulebook: self, index }).ok_or_else(|| {
            let first = self.indexes.first().map_or(day, |index| index.since);
            BeforeFirstEdition { asked: at, first }
        })
    }
}

/// An instant before the first edition of a rulebook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "no rule is in force at {}, expected {} or a later instant",
    Rfc3339(*.asked),
    Rfc3339(midnight(*.first))
)]
pub struct BeforeFirstEdition {
    asked: DateTime<Utc>,
    first: NaiveDate,
}

impl BeforeFirstEdition {
    /// Returns the instant asked about, in UTC.
    #[must_use]
    pub const fn asked(&self) -> DateTime<Utc> {
        self.asked
    }

    /// Returns the first day, in UTC, for which there is an answer.
    #[must_use]
    pub const fn first(&self) -> NaiveDate {
        self.first
    }
}

/// The rules of a rulebook that are in force from one day until the next edition begins.
#[derive(Clone, Copy)]
pub struct Edition<'r> {
    rulebook: &'r Rulebook,
    index: &'r Index,
}

impl<'r> Edition<'r> {
    /// Returns the first day, in UTC, which names the edition.
    #[must_use]
    pub const fn since(self) -> NaiveDate {
        self.index.since
    }

    /// Returns the first day of the next edition, in UTC, if there is one.
    #[must_use]
    pub fn until(self) -> Option<NaiveDate> {
        let indexes = &self.rulebook.indexes;
        let later = indexes.partition_point(|index| index.since <= self.since());
        indexes.get(later).map(|index| index.since)
    }

    /// Returns the rulebook to which the edition belongs.
    #[must_use]
    pub const fn rulebook(self) -> &'r Rulebook {
        self.rulebook
    }

    /// Returns the rules in force, in register order.
    pub fn rules(self) -> impl Iterator<Item = &'r Rule> + Clone {
        let since = self.since();
        self.rulebook.rules.iter().filter(move |rule| rule.validity.covers(since))
    }

    pub(crate) const fn index(self) -> &'r Index {
        self.index
    }

    /// The rules of a mask, in register order.
    pub(crate) const fn rules_in(self, mask: RuleMask) -> RuleIter<'r> {
        RuleIter { edition: self, mask }
    }
}

impl PartialEq for Edition<'_> {
    fn eq(&self, other: &Self) -> bool {
        let same_rulebook = || self.rulebook == other.rulebook;
        core::ptr::eq(self.index, other.index) || self.since() == other.since() && same_rulebook()
    }
}

impl Eq for Edition<'_> {}

impl core::hash::Hash for Edition<'_> {
    fn hash<H: core::hash::Hasher>(&self, state: &mut H) {
        self.since().hash(state);
    }
}

/// Writes the first day, which names the edition.
impl fmt::Display for Edition<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.since().fmt(f)
    }
}

impl fmt::Debug for Edition<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Edition({})", self.since())
    }
}

/// Some rules of an edition, in register order.
#[derive(Clone)]
pub struct RuleIter<'r> {
    edition: Edition<'r>,
    mask: RuleMask,
}

impl<'r> Iterator for RuleIter<'r> {
    type Item = &'r Rule;

    fn next(&mut self) -> Option<&'r Rule> {
        // The zeros of an empty mask are as many as an edition can have rules.
        let position = self.edition.index.rules.get(self.mask.trailing_zeros() as usize)?;
        self.mask &= self.mask - 1;
        self.edition.rulebook.rules.get(*position as usize)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let count = self.mask.count_ones() as usize;
        (count, Some(count))
    }
}

impl ExactSizeIterator for RuleIter<'_> {}
impl core::iter::FusedIterator for RuleIter<'_> {}

impl fmt::Debug for RuleIter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.clone().map(Rule::id)).finish()
    }
}
