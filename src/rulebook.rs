//! Rules arranged into editions, and indexed for deciding.

mod index;

pub use index::Rules;
pub(crate) use index::{Effects, Index, RuleMask};

use core::fmt;

use chrono::{DateTime, NaiveDate, Utc};

#[cfg(feature = "std")]
use crate::facts::Facts;
use crate::rules::{List, REGISTER, Rule, is_before, list};
#[cfg(feature = "std")]
use crate::{
    rules::Validity,
    vocabulary::{Effect, Fact},
};

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
    /// [`RulebookError`] for the first thing wrong.
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
    pub fn new(rules: impl Into<std::vec::Vec<Rule>>) -> Result<Self, RulebookError> {
        let rules = rules.into();
        check(&rules)?;
        let validities = || rules.iter().map(Rule::validity);
        let days = validities().map(Validity::from).chain(validities().filter_map(Validity::until));
        let days: std::vec::Vec<NaiveDate> = days.collect::<std::collections::BTreeSet<_>>().into_iter().collect();
        let mut indexes = std::vec::Vec::new();
        let mut editions = std::vec::Vec::with_capacity(days.len());
        while let Some(rest @ &[first, ref later @ ..]) = days.get(editions.len()..) {
            // As many editions as one index can hold.
            let holds =
                |until| rules.iter().filter(|rule| rule.validity().meets(first, until)).count() <= Index::CAPACITY;
            let bounded = later.partition_point(|&until| holds(Some(until)));
            let count = if bounded == later.len() && holds(None) { rest.len() } else { bounded };
            let index = if count == 0 { None } else { Index::new(&rules, first, rest.get(count).copied()) };
            let Some(index) = index else {
                let in_force = rules.iter().filter(|rule| rule.validity().covers(first)).count();
                return Err(RulebookError::TooManyInForce { day: first, in_force });
            };
            editions.extend(rest.iter().take(count).map(|&day| Entry::new(&rules, day, indexes.len(), &index)));
            indexes.push(index);
        }
        Ok(Self { rules: rules.into(), indexes: indexes.into(), editions: editions.into() })
    }
}

#[cfg(feature = "std")]
fn check(rules: &[Rule]) -> Result<(), RulebookError> {
    let id = |rule: &Rule| std::string::String::from(rule.id());
    if rules.is_empty() || u32::try_from(rules.len()).is_err() {
        return Err(RulebookError::NumberOfRules { rules: rules.len() });
    }
    let mut ids = std::collections::HashSet::new();
    for rule in rules {
        if !ids.insert(rule.id()) {
            return Err(RulebookError::RepeatedId { id: id(rule) });
        }
        let from = rule.validity().from();
        if let Some(until) = rule.validity().until().filter(|until| *until <= from) {
            return Err(RulebookError::EndsBeforeItBegins { id: id(rule), from, until });
        }
        if rule.actions().is_empty() {
            return Err(RulebookError::NoActions { id: id(rule) });
        }
        if Facts::tightened(rule.condition().values())
            .is_none_or(|possible| Fact::ALL.iter().any(|&fact| possible.possible(fact).is_empty()))
        {
            return Err(RulebookError::NeverFires { id: id(rule) });
        }
        if (rule.effect() == Effect::Require) != rule.requirement().is_some() {
            return Err(RulebookError::Requirement { id: id(rule) });
        }
    }
    Ok(())
}

/// Rules that make no rulebook.
#[cfg(feature = "std")]
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RulebookError {
    /// There are none, or too many to number.
    #[error("{rules} rules, expected 1 to 4294967295")]
    NumberOfRules {
        /// How many there are.
        rules: usize,
    },
    /// Two rules have the same id.
    #[error("rule id `{id}` is given twice, expected each once")]
    RepeatedId {
        /// The id.
        id: std::string::String,
    },
    /// A rule is never in force.
    #[error("rule `{id}` is in force from {from} until {until}, expected a later end")]
    EndsBeforeItBegins {
        /// The rule's id.
        id: std::string::String,
        /// Its first day.
        from: NaiveDate,
        /// The first day on which it is no longer in force.
        until: NaiveDate,
    },
    /// A rule speaks of no action.
    #[error("rule `{id}` speaks of no action, expected at least one")]
    NoActions {
        /// The rule's id.
        id: std::string::String,
    },
    /// A rule's condition leaves a fact without a value, or has a term on a usage-based service.
    #[error("rule `{id}` never fires, expected a condition that some case can meet")]
    NeverFires {
        /// The rule's id.
        id: std::string::String,
    },
    /// A rule that requires does not name what, or another does.
    #[error("rule `{id}`: expected a requirement with the effect `require`, and only there")]
    Requirement {
        /// The rule's id.
        id: std::string::String,
    },
    /// More rules are in force at once than an index can hold.
    #[error("{in_force} rules are in force on {day}, expected at most {}", Index::CAPACITY)]
    TooManyInForce {
        /// The first such day.
        day: NaiveDate,
        /// How many are in force.
        in_force: usize,
    },
}
