//! Rules arranged into editions, and indexed for deciding.

#[cfg(feature = "std")]
mod check;
mod index;
#[cfg(feature = "std")]
mod problem;

pub use index::Rules;
pub(crate) use index::{Effects, Index, RuleMask};
#[cfg(feature = "std")]
pub use problem::{Accepted, Place, Problem, ProblemKind, RulebookError, Segment};

use core::fmt;
#[cfg(feature = "std")]
use std::{collections::BTreeMap, vec::Vec};

use chrono::{DateTime, NaiveDate, Utc};

use crate::rules::{List, REGISTER, Rule, is_before, list};

/// Rules, and the editions that their dates divide time into.
///
/// ```
/// use csp_multichannel::{Rulebook, parse_instant};
///
/// let rulebook = Rulebook::partner_center();
/// let edition = rulebook.edition_at(parse_instant("2018-09-15")?)?;
/// assert_eq!(edition.since().to_string(), "2018-09-13");
/// assert!(edition.rules().any(|rule| rule.id() == "license-no-switch"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rulebook {
    rules: List<Rule>,
    indexes: List<Index>,
    editions: List<Entry>,
}

/// An edition: the rules in force from a day on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Entry {
    since: NaiveDate,
    /// Which index its rules are in; as many consecutive editions share one as it can hold.
    index: usize,
    in_force: RuleMask,
}

impl Entry {
    const fn new(rules: &[Rule], since: NaiveDate, number: usize, index: &Index) -> Self {
        Self { since, index: number, in_force: index.in_force(rules, since) }
    }
}

/// The first day after another, or of all, on which a rule begins or ends.
const fn next_edition(rules: &[Rule], after: Option<NaiveDate>) -> Option<NaiveDate> {
    let mut next = None;
    let mut rest = rules;
    while let [rule, tail @ ..] = rest {
        next = earlier_after(after, next, Some(rule.validity().from()));
        next = earlier_after(after, next, rule.validity().until());
        rest = tail;
    }
    next
}

/// The earlier of two days, of those after a third.
const fn earlier_after(
    after: Option<NaiveDate>,
    best: Option<NaiveDate>,
    candidate: Option<NaiveDate>,
) -> Option<NaiveDate> {
    match (after, candidate, best) {
        (_, None, _) => best,
        (Some(after), Some(day), _) if !is_before(after, day) => best,
        (_, Some(day), Some(earliest)) if !is_before(day, earliest) => best,
        _ => candidate,
    }
}

/// The built-in register, arranged at compile time.
#[expect(clippy::indexing_slicing, reason = "at compile time")]
mod built_in {
    use super::{Entry, Index, REGISTER, Rulebook, list, next_edition};

    const COUNT: usize = {
        let mut count = 0;
        let mut day = next_edition(REGISTER, None);
        while day.is_some() {
            count += 1;
            day = next_edition(REGISTER, day);
        }
        count
    };

    static INDEX: [Index; 1] = match next_edition(REGISTER, None) {
        Some(first) => match Index::new(REGISTER, first, None) {
            Some(index) => [index],
            None => panic!("the register needs several indexes"),
        },
        None => panic!("the register is empty"),
    };

    static EDITIONS: [Entry; COUNT] = {
        let Some(mut day) = next_edition(REGISTER, None) else { panic!("the register is empty") };
        let mut editions = [Entry { since: day, index: 0, in_force: 0 }; COUNT];
        let mut number = 0;
        while number < COUNT {
            editions[number] = Entry::new(REGISTER, day, 0, &INDEX[0]);
            if let Some(next) = next_edition(REGISTER, Some(day)) {
                day = next;
            }
            number += 1;
        }
        editions
    };

    pub(super) static PARTNER_CENTER: Rulebook =
        Rulebook { rules: list(REGISTER), indexes: list(&INDEX), editions: list(&EDITIONS) };
}

impl Rulebook {
    /// The policy that Partner Center's documentation has published since 2016-12-01.
    #[must_use]
    pub fn partner_center() -> &'static Self {
        &built_in::PARTNER_CENTER
    }

    /// Its rules, in register order.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// Its editions, the earliest first.
    #[must_use]
    pub fn editions(&self) -> impl ExactSizeIterator<Item = Edition<'_>> + DoubleEndedIterator + Clone {
        self.editions.iter().map(|entry| self.edition(entry))
    }

    /// The edition in force at an instant: that of the latest day, at or before the instant's day in UTC,
    /// on which any rule begins or ends.
    ///
    /// # Errors
    ///
    /// [`BeforeFirstEdition`] for an earlier instant; for the built-in register, before 2016-12-01.
    pub fn edition_at(&self, at: DateTime<Utc>) -> Result<Edition<'_>, BeforeFirstEdition> {
        let day = at.date_naive();
        let later = self.editions.partition_point(|entry| entry.since <= day);
        match later.checked_sub(1).and_then(|number| self.editions.get(number)) {
            Some(entry) => Ok(self.edition(entry)),
            None => {
                Err(BeforeFirstEdition { asked: at, first: self.editions.first().map_or(day, |entry| entry.since) })
            }
        }
    }

    #[expect(clippy::indexing_slicing, reason = "the index stands where the edition was built with it")]
    fn edition<'r>(&'r self, entry: &'r Entry) -> Edition<'r> {
        Edition { rulebook: self, index: &self.indexes[entry.index], entry }
    }
}

/// An instant before the first edition of a rulebook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no rule is in force at {asked:?}, expected an instant at or after {first}T00:00:00Z")]
pub struct BeforeFirstEdition {
    asked: DateTime<Utc>,
    first: NaiveDate,
}

impl BeforeFirstEdition {
    /// The instant that was asked about.
    #[must_use]
    pub const fn asked(&self) -> DateTime<Utc> {
        self.asked
    }

    /// The first day, in UTC, that can be asked about.
    #[must_use]
    pub const fn first(&self) -> NaiveDate {
        self.first
    }
}

/// The rules of a rulebook that are in force from one day on, up to the next edition.
#[derive(Clone, Copy)]
pub struct Edition<'r> {
    rulebook: &'r Rulebook,
    index: &'r Index,
    entry: &'r Entry,
}

impl<'r> Edition<'r> {
    /// Its first day, in UTC, which names it.
    #[must_use]
    pub const fn since(self) -> NaiveDate {
        self.entry.since
    }

    /// The first day, in UTC, of the next edition; none for the last one.
    #[must_use]
    pub fn until(self) -> Option<NaiveDate> {
        let later = self.rulebook.editions.partition_point(|entry| entry.since <= self.since());
        self.rulebook.editions.get(later).map(|entry| entry.since)
    }

    /// The rulebook that it belongs to.
    #[must_use]
    pub const fn rulebook(self) -> &'r Rulebook {
        self.rulebook
    }

    /// The rules in force, in register order.
    pub fn rules(self) -> impl Iterator<Item = &'r Rule> + Clone + use<'r> {
        self.rulebook.rules.iter().filter(move |rule| rule.validity().covers(self.since()))
    }

    pub(crate) const fn index(self) -> &'r Index {
        self.index
    }

    pub(crate) const fn in_force(self) -> RuleMask {
        self.entry.in_force
    }

    pub(crate) fn rules_in(self, mask: RuleMask) -> Rules<'r> {
        self.index.rules(&self.rulebook.rules, mask)
    }

    /// Those of a mask that meet a test.
    pub(crate) fn rules_where(self, mut mask: RuleMask, test: impl Fn(&Rule) -> bool) -> RuleMask {
        let mut met = 0;
        for rule in self.rules_in(mask) {
            let lowest = mask & mask.wrapping_neg();
            met |= if test(rule) { lowest } else { 0 };
            mask ^= lowest;
        }
        met
    }
}

impl PartialEq for Edition<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.since() == other.since()
            && (core::ptr::eq(self.rulebook, other.rulebook) || self.rulebook == other.rulebook)
    }
}

impl Eq for Edition<'_> {}

impl fmt::Debug for Edition<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Edition({})", self.since())
    }
}

/// Rulebooks of one's own.
#[cfg(feature = "std")]
impl Rulebook {
    /// A rulebook of the given rules, in their order.
    ///
    /// # Errors
    ///
    /// [`RulebookError`] with everything that is wrong.
    ///
    /// ```
    /// use csp_multichannel::{Basis, Rule, Rulebook};
    ///
    /// // The policy without what only third parties report.
    /// let sourced = Rulebook::partner_center().rules().iter();
    /// let sourced = sourced.filter(|rule| rule.basis() != Basis::Reported).cloned();
    /// let rulebook = Rulebook::new(sourced.collect::<Vec<Rule>>())?;
    /// assert_eq!(rulebook.editions().len(), 20);
    /// # Ok::<(), csp_multichannel::RulebookError>(())
    /// ```
    pub fn new(rules: impl Into<Vec<Rule>>) -> Result<Self, RulebookError> {
        let rules = rules.into().into_iter().enumerate();
        Self::build(rules.map(|(position, rule)| Placed { rule, place: Place::rule(position) }).collect(), Vec::new())
    }

    /// A rulebook of rules, if neither they nor what was read before has problems.
    pub(crate) fn build(rules: Vec<Placed>, mut problems: Vec<Problem>) -> Result<Self, RulebookError> {
        // Where rules could not be read, it is not for want of them.
        if problems.is_empty() || !rules.is_empty() {
            problems.extend(check::check(&rules));
        }
        let rules: Vec<Rule> = rules.into_iter().map(|placed| placed.rule).collect();
        if problems.is_empty() { Self::arranged(rules) } else { Err(RulebookError::new(problems)) }
    }

    /// Arranges rules into editions.
    fn arranged(rules: Vec<Rule>) -> Result<Self, RulebookError> {
        // For each day on which an edition begins, how many rules begin.
        let mut beginning: BTreeMap<NaiveDate, usize> = BTreeMap::new();
        for validity in rules.iter().map(Rule::validity) {
            *beginning.entry(validity.from()).or_default() += 1;
            if let Some(until) = validity.until() {
                beginning.entry(until).or_default();
            }
        }
        let days: Vec<(NaiveDate, usize)> = beginning.into_iter().collect();
        let mut indexes = Vec::new();
        let mut editions = Vec::with_capacity(days.len());
        while let Some(rest @ &[(first, _), ref later @ ..]) = days.get(editions.len()..) {
            let in_force = rules.iter().filter(|rule| rule.validity().covers(first)).count();
            // As many editions as one index can hold.
            let held = later.iter().scan(in_force, |held, (_, begin)| {
                *held += begin;
                Some(*held)
            });
            let count = 1 + held.take_while(|held| *held <= Index::CAPACITY).count();
            let Some(index) = Index::new(&rules, first, rest.get(count).map(|&(day, _)| day)) else {
                let kind = ProblemKind::TooManyInForce { day: first, in_force };
                return Err(RulebookError::new([Problem::new(Place::whole(), kind)].into()));
            };
            editions.extend(rest.iter().take(count).map(|&(day, _)| Entry::new(&rules, day, indexes.len(), &index)));
            indexes.push(index);
        }
        Ok(Self { rules: rules.into(), indexes: indexes.into(), editions: editions.into() })
    }
}

/// A rule, with its place in the data that it comes from.
#[cfg(feature = "std")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Placed {
    pub(crate) rule: Rule,
    pub(crate) place: Place,
}
