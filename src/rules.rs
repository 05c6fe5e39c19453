//! A rule, and the register of the policy's rules as data.

mod register;

pub(crate) use register::REGISTER;

use core::fmt;

use chrono::NaiveDate;

use crate::facts::{Facts, fmt_narrowed};
#[cfg(feature = "std")]
use crate::vocabulary::Given;
use crate::vocabulary::{ActionSet, Basis, Effect, Fact, FactSet, ValueSet};

/// Text of the built-in register, or of a rulebook of the user's own.
#[cfg(feature = "std")]
pub(crate) type Text = std::borrow::Cow<'static, str>;
#[cfg(not(feature = "std"))]
pub(crate) type Text = &'static str;

/// As [`Text`], for lists.
#[cfg(feature = "std")]
pub(crate) type List<T> = std::borrow::Cow<'static, [T]>;
#[cfg(not(feature = "std"))]
pub(crate) type List<T> = &'static [T];

const fn text(text: &'static str) -> Text {
    #[cfg(feature = "std")]
    let text = std::borrow::Cow::Borrowed(text);
    text
}

pub(crate) const fn list<T: Clone>(list: &'static [T]) -> List<T> {
    #[cfg(feature = "std")]
    let list = std::borrow::Cow::Borrowed(list);
    list
}

/// A rule: an effect on some actions, under a condition, between two days, with where it comes from.
///
/// The built-in ones are those of the policy's register; ids are public interface. With the feature
/// `std`, rules of one's own are made by `Rule::new`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Rule {
    id: Text,
    effect: Effect,
    requirement: Option<Text>,
    actions: ActionSet,
    condition: Condition,
    validity: Validity,
    basis: Basis,
    sources: List<Source>,
    reason: Text,
    origin: Option<Text>,
}

impl Rule {
    /// Its id, such as `license-no-switch`.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What it does when it fires.
    #[must_use]
    pub const fn effect(&self) -> Effect {
        self.effect
    }

    /// What has to be met, for a rule that requires, such as `active_relationship`.
    #[must_use]
    pub fn requirement(&self) -> Option<&str> {
        self.requirement.as_deref()
    }

    /// The actions that it speaks of.
    #[must_use]
    pub const fn actions(&self) -> ActionSet {
        self.actions
    }

    /// When it fires.
    #[must_use]
    pub const fn condition(&self) -> Condition {
        self.condition
    }

    /// The days on which it is in force.
    #[must_use]
    pub const fn validity(&self) -> Validity {
        self.validity
    }

    /// How firmly the documents carry it.
    #[must_use]
    pub const fn basis(&self) -> Basis {
        self.basis
    }

    /// The documents that it is taken from.
    #[must_use]
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// Why, in a sentence.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// The rulebook that it comes from; none for the built-in register, and where none is named.
    #[must_use]
    pub fn origin(&self) -> Option<&str> {
        self.origin.as_deref()
    }
}

/// Rules of one's own.
#[cfg(feature = "std")]
impl Rule {
    /// A rule that is in force from a day on and fires in every case.
    ///
    /// Its basis is `stated`, in the sense that whoever brings the rule states it; see [`Rule::with_basis`].
    ///
    /// ```
    /// use csp_multichannel::{Action, Basis, Channel, Effect, Rule};
    ///
    /// let rule = Rule::new("open-needs-a-letter", Effect::Require, Action::Switch, "2025-01-01".parse()?)
    ///     .when(Channel::Open)
    ///     .with_requirement("letter_of_release")
    ///     .with_reason("our house rule");
    /// assert_eq!(rule.condition().to_string(), "channel: open");
    /// # Ok::<(), chrono::ParseError>(())
    /// ```
    pub fn new(id: impl Into<Text>, effect: Effect, actions: impl Into<ActionSet>, from: NaiveDate) -> Self {
        Self {
            id: id.into(),
            effect,
            requirement: None,
            actions: actions.into(),
            condition: Condition::ALWAYS,
            validity: Validity { from, until: None },
            basis: Basis::Stated,
            sources: list(&[]),
            reason: text(""),
            origin: None,
        }
    }

    /// Fires only where each fact that `given` speaks of has a value that it admits.
    #[must_use]
    pub fn when(self, given: impl Given + Copy) -> Self {
        let named = given.facts().iter().fold(ValueSet::EMPTY, |named, fact| named.union(fact.values()));
        let refused = named.difference(given.values());
        Self { condition: Condition(self.condition.0.difference(refused)), ..self }
    }

    #[cfg(feature = "serde")]
    pub(crate) fn with_condition(self, condition: Condition) -> Self {
        Self { condition, ..self }
    }

    /// In force up to a day, exclusive.
    #[must_use]
    pub fn until(self, until: NaiveDate) -> Self {
        Self { validity: Validity { until: Some(until), ..self.validity }, ..self }
    }

    /// What has to be met.
    #[must_use]
    pub fn with_requirement(self, requirement: impl Into<Text>) -> Self {
        Self { requirement: Some(requirement.into()), ..self }
    }

    /// How firmly the documents carry it.
    #[must_use]
    pub fn with_basis(self, basis: Basis) -> Self {
        Self { basis, ..self }
    }

    /// A further document that it is taken from.
    #[must_use]
    pub fn with_source(mut self, code: impl Into<Text>, page: impl Into<Text>) -> Self {
        self.sources.to_mut().push(Source { code: code.into(), page: page.into() });
        self
    }

    /// Why, in a sentence.
    #[must_use]
    pub fn with_reason(self, reason: impl Into<Text>) -> Self {
        Self { reason: reason.into(), ..self }
    }

    /// The rulebook that it comes from, which decisions then name beside it.
    #[must_use]
    pub fn with_origin(self, origin: impl Into<Text>) -> Self {
        Self { origin: Some(origin.into()), ..self }
    }
}

/// For each fact, the values under which a rule fires; a fact with all of its values does not matter.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Condition(ValueSet);

impl Condition {
    /// Every case.
    pub const ALWAYS: Self = Self(Facts::UNKNOWN.values());

    /// The facts that `values` has values of must have one of these; others do not matter.
    #[must_use]
    pub const fn new(values: ValueSet) -> Self {
        let mut admitted = values;
        let mut facts = Fact::ALL;
        while let [fact, rest @ ..] = facts {
            if values.intersection(fact.values()).is_empty() {
                admitted = admitted.union(fact.values());
            }
            facts = rest;
        }
        Self(admitted)
    }

    /// Exactly these values; a fact without any is never met.
    #[cfg(all(feature = "std", feature = "serde"))]
    pub(crate) const fn admitting(values: ValueSet) -> Self {
        Self(values)
    }

    /// The values of `fact` under which the rule fires.
    #[must_use]
    pub const fn admitted(self, fact: Fact) -> ValueSet {
        self.0.intersection(fact.values())
    }

    /// The values of all facts under which the rule fires.
    #[must_use]
    pub const fn values(self) -> ValueSet {
        self.0
    }

    /// The facts that matter.
    #[must_use]
    pub fn facts(self) -> FactSet {
        Fact::ALL.iter().copied().filter(|&fact| self.admitted(fact) != fact.values()).collect()
    }

    /// Whether it is met under some possible assignment.
    #[must_use]
    pub fn may_be_met(self, facts: Facts) -> bool {
        let left = self.0.intersection(facts.values());
        let each = Fact::ALL.iter().all(|fact| !left.intersection(fact.values()).is_empty());
        each && Facts::tightened(left).is_some_and(|met| Fact::ALL.iter().all(|&fact| !met.possible(fact).is_empty()))
    }
}

/// Writes the facts that matter: `channel: open; service: license, new_commerce_license`.
impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt_narrowed(self.0, f)
    }
}

impl fmt::Debug for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Condition({self})")
    }
}

/// The days on which a rule is in force, in UTC: from the first, inclusive, up to the second, exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Validity {
    from: NaiveDate,
    until: Option<NaiveDate>,
}

impl Validity {
    #[cfg(feature = "std")]
    pub(crate) const fn new(from: NaiveDate, until: Option<NaiveDate>) -> Self {
        Self { from, until }
    }

    /// The first day.
    #[must_use]
    pub const fn from(self) -> NaiveDate {
        self.from
    }

    /// The first day on which it is no longer in force, if there is one.
    #[must_use]
    pub const fn until(self) -> Option<NaiveDate> {
        self.until
    }

    /// Whether it is in force on a day.
    #[must_use]
    pub const fn covers(self, day: NaiveDate) -> bool {
        !is_before(day, self.from) && self.lasts_beyond(day)
    }

    /// Whether it is in force on any day from `from` on, up to `until`, exclusive.
    pub(crate) const fn meets(self, from: NaiveDate, until: Option<NaiveDate>) -> bool {
        let begins = match until {
            Some(until) => is_before(self.from, until),
            None => true,
        };
        begins && self.lasts_beyond(from)
    }

    const fn lasts_beyond(self, day: NaiveDate) -> bool {
        match self.until {
            Some(until) => is_before(day, until),
            None => true,
        }
    }
}

/// `Ord` in a `const fn`.
pub(crate) const fn is_before(day: NaiveDate, other: NaiveDate) -> bool {
    day.to_epoch_days() < other.to_epoch_days()
}

/// A document that a rule is taken from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Source {
    code: Text,
    page: Text,
}

impl Source {
    /// Its short name in the register, such as `MC`.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.code
    }

    /// The page, such as `multichannel.md`.
    #[must_use]
    pub fn page(&self) -> &str {
        &self.page
    }
}
