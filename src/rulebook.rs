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

/// A rulebook: rules, and the editions into which their dates divide time.
///
/// The built-in one is [`Rulebook::partner_center`]. [`Rulebook::new`] creates a custom rulebook.
/// A service shares a rulebook by reference or in an `Arc`.
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

/// The first day after another, or of all days, on which a rule begins or ends.
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
    /// Returns the built-in rulebook: the policy in the documentation of Partner Center.
    ///
    /// It begins on 2016-12-01.
    ///
    /// ```
    /// use csp_multichannel::Rulebook;
    ///
    /// let policy = Rulebook::partner_center();
    /// assert_eq!(policy.rules()[0].id(), "not-bought-elsewhere");
    /// let first = policy.editions().next().ok_or("no edition")?;
    /// assert_eq!(first.to_string(), "2016-12-01");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn partner_center() -> &'static Self {
        &built_in::PARTNER_CENTER
    }

    /// Creates a rulebook from rules, and keeps their order.
    ///
    /// A rulebook can have any number of rules. At most 128 can be in force at once.
    ///
    /// # Errors
    ///
    /// [`RulebookError`] with every problem of the rules.
    ///
    /// ```
    /// use csp_multichannel::{Basis, Rulebook};
    ///
    /// // The policy without the rules that only third parties report.
    /// let rules = Rulebook::partner_center().rules().iter();
    /// let documented = rules.filter(|rule| rule.basis() != Basis::Reported);
    /// let rulebook = Rulebook::new(documented.cloned())?;
    /// assert!(rulebook.rules().iter().all(|rule| rule.id() != "license-switch"));
    ///
    /// let error = Rulebook::new([]).unwrap_err();
    /// assert_eq!(error.to_string(), "invalid rulebook: 0 rules, expected 1 to 4294967295");
    /// # Ok::<(), csp_multichannel::RulebookError>(())
    /// ```
    pub fn new(rules: impl IntoIterator<Item = Rule>) -> Result<Self, RulebookError> {
        let rules: Vec<Rule> = rules.into_iter().collect();
        let mut problems = problems(&rules);
        // Each day on which rules begin or end, with these rules: no others change between editions.
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
    ///
    /// ```
    /// use csp_multichannel::{Effect, Rulebook};
    ///
    /// // The built-in register has no vetoes: they are for custom rulebooks.
    /// let rules = Rulebook::partner_center().rules();
    /// assert!(rules.iter().all(|rule| rule.effect() != Effect::Veto));
    /// ```
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// Returns all editions, the earliest first.
    ///
    /// ```
    /// use csp_multichannel::{Action, Effect, Rule, Rulebook};
    ///
    /// let rule = Rule::new("freeze", Effect::Veto, Action::Switch, "2026-06-01".parse()?)
    ///     .until("2026-07-01".parse()?)
    ///     .with_reason("no transfers in June");
    /// let rulebook = Rulebook::new([rule])?;
    /// let editions: Vec<_> = rulebook.editions().map(|edition| edition.to_string()).collect();
    /// assert_eq!(editions, ["2026-06-01", "2026-07-01"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn editions(
        &self,
    ) -> impl ExactSizeIterator<Item = Edition<'_>> + DoubleEndedIterator + Clone {
        self.indexes.iter().map(|index| Edition { rulebook: self, index })
    }

    /// Returns the edition in force at an instant, on its UTC day.
    ///
    /// It begins on the latest day, not after that day, on which any rule begins or ends.
    ///
    /// # Errors
    ///
    /// [`BeforeFirstEdition`] if no edition is in force yet; for the built-in register, before
    /// 2016-12-01.
    ///
    /// ```
    /// use csp_multichannel::{Rulebook, parse_instant};
    ///
    /// let policy = Rulebook::partner_center();
    /// let edition = policy.edition_at(parse_instant("2018-10-31T23:59:59Z")?)?;
    /// assert_eq!(edition.to_string(), "2018-09-13");
    ///
    /// let earlier = parse_instant("2016-12-01T00:30:00+01:00")?;
    /// assert_eq!(
    ///     policy.edition_at(earlier).unwrap_err().to_string(),
    ///     "no rule is in force at 2016-11-30T23:30:00Z, \
    ///      expected 2016-12-01T00:00:00Z or a later instant",
    /// );
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
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
///
/// ```
/// use csp_multichannel::{Rulebook, parse_instant};
///
/// let asked = parse_instant("2010-07-01T12:00:00Z")?;
/// let error = Rulebook::partner_center().edition_at(asked).unwrap_err();
/// assert_eq!((error.asked(), error.first()), (asked, "2016-12-01".parse()?));
/// assert_eq!(
///     error.to_string(),
///     "no rule is in force at 2010-07-01T12:00:00Z, \
///      expected 2016-12-01T00:00:00Z or a later instant",
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
    /// Returns the instant of the question, in UTC.
    #[must_use]
    pub const fn asked(&self) -> DateTime<Utc> {
        self.asked
    }

    /// Returns the first day of the first edition, in UTC.
    #[must_use]
    pub const fn first(&self) -> NaiveDate {
        self.first
    }
}

/// An edition of a rulebook: the rules in force from one day until the next edition begins.
///
/// ```
/// use csp_multichannel::{Rulebook, parse_instant};
///
/// let edition = Rulebook::partner_center().edition_at(parse_instant("2018-09-15")?)?;
/// assert_eq!(edition.since(), "2018-09-13".parse()?);
/// assert_eq!(edition.until(), Some("2018-11-01".parse()?));
/// assert_eq!(edition.rulebook(), Rulebook::partner_center());
/// assert_eq!(edition.to_string(), "2018-09-13");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy)]
pub struct Edition<'r> {
    rulebook: &'r Rulebook,
    index: &'r Index,
}

impl<'r> Edition<'r> {
    /// Returns the first day of the edition, in UTC. It is also the name of the edition.
    #[must_use]
    pub const fn since(self) -> NaiveDate {
        self.index.since
    }

    /// Returns the first day of the next edition, in UTC, if there is one.
    ///
    /// ```
    /// use csp_multichannel::Rulebook;
    ///
    /// let mut editions = Rulebook::partner_center().editions();
    /// assert_eq!(editions.next().and_then(|first| first.until()), Some("2017-01-27".parse()?));
    /// assert_eq!(editions.next_back().and_then(|last| last.until()), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
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
    ///
    /// ```
    /// use csp_multichannel::{Rule, Rulebook, parse_instant};
    ///
    /// let edition = Rulebook::partner_center().edition_at(parse_instant("2018-09-15")?)?;
    /// let new = edition.rules().filter(|rule| rule.validity().from() == edition.since());
    /// assert!(new.map(Rule::id).eq(["transfer-other-region"]));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
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

/// Writes the first day, which is the name of the edition.
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
pub(crate) struct RuleIter<'r> {
    edition: Edition<'r>,
    mask: RuleMask,
}

impl<'r> Iterator for RuleIter<'r> {
    type Item = &'r Rule;

    fn next(&mut self) -> Option<&'r Rule> {
        // An empty mask has as many trailing zeros as an edition can have rules, so `get` is `None`.
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

#[cfg(test)]
mod tests {
    use super::{Index, REGISTER, Rulebook, next_edition};

    #[test]
    fn arranged_at_run_time_as_by_the_compiler() {
        let mut day = next_edition(REGISTER, None);
        for index in &*Rulebook::partner_center().indexes {
            assert_eq!(day, Some(index.since));
            assert_eq!(Index::new(REGISTER, index.since).as_ref(), Some(index));
            day = next_edition(REGISTER, day);
        }
        assert_eq!(day, None);
    }
}
