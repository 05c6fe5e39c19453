//! A rule: an effect on actions under a condition, between two days, with its sources.

use alloc::borrow::Cow;

use chrono::NaiveDate;

use crate::facts::Facts;
use crate::set::Set;
use crate::words;

words! {
    /// What the customer and the asking partner may want to do.
    ///
    /// Exhaustive on purpose, as [`Verdict`] is: a decision answers for every action.
    pub enum Action, action {
        /// Ask the customer for a reseller relationship (until 2023-10-08, and in `china` still,
        /// permission to manage comes with it). It concerns the customer, whatever the state of the
        /// subscription.
        RequestRelationship = request_relationship,
        /// Create a new Azure subscription with the asking partner, then cancel single services or the
        /// whole old subscription.
        RecreateAndCancel = recreate_and_cancel,
        /// Transfer the subscription to the asking partner.
        Switch = switch,
        /// Let the term run out, then buy from the asking partner.
        WaitUntilTermEnd = wait_until_term_end,
        /// Cancel the subscription instead of letting it run out, and buy from the asking partner.
        CancelThenMove = cancel_then_move,
    }
}

impl Action {
    /// The actions that move a subscription (MOVES in the policy): all but the request.
    pub const MOVES: Set<Self> =
        Set::all().difference(Set::from_bits(1 << Self::RequestRelationship as u32));
}

words! {
    /// The answer for one action.
    ///
    /// Exhaustive on purpose: a new verdict is one that every caller has to handle.
    pub enum Verdict, verdict {
        /// A rule permits it, and nothing is required first.
        Allowed = allowed,
        /// A rule permits it once the requirements are met.
        Conditional = conditional,
        /// A rule forbids it.
        Denied = denied,
        /// The policy does not cover the case: a rule excludes it and says why, or the documents are
        /// silent. This is neither a permission nor a prohibition.
        NotCovered = not_covered,
        /// The verdict depends on facts that are not known.
        Undetermined = undetermined,
    }
}

words! {
    /// What a rule does when it fires, in the order in which effects override each other.
    #[non_exhaustive]
    pub enum Effect, effect {
        /// Denies, whatever other rules say. For custom rulebooks; the built-in register has none.
        Veto = veto,
        /// Takes the case out of what the policy covers.
        Exclude = exclude,
        /// Denies.
        Forbid = forbid,
        /// Allows.
        Permit = permit,
        /// Makes what is permitted conditional on a requirement.
        Require = require,
        /// Says what to know before acting; changes no verdict.
        Advise = advise,
    }
}

words! {
    /// How firmly the documents support a rule.
    #[non_exhaustive]
    pub enum Basis, basis {
        /// The multi-channel page itself says it.
        Stated = stated,
        /// A page that it links to, or another page of Microsoft's documentation, says it.
        Linked = linked,
        /// It follows from those by a reading that the policy's history explains.
        Inferred = inferred,
        /// Only third parties, or undated copies of a page, say it.
        Reported = reported,
    }
}

/// A text of the built-in register, or of a custom rulebook.
pub(crate) type Text = Cow<'static, str>;

/// A rule: an effect on actions under a condition, between two days, with its sources.
///
/// The built-in rules are those of [`Rulebook::partner_center`](crate::Rulebook::partner_center);
/// their ids are public interface. Custom rules are built from [`Rule::new`]:
///
/// ```
/// use chrono::NaiveDate;
/// use csp_multichannel::{Action, Channel, Effect, Rule};
///
/// let from = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap();
/// let rule = Rule::new("no-open-licenses", Effect::Veto, Action::MOVES, from)
///     .when(Channel::Open)
///     .with_reason("we do not take over licenses from volume licensing");
/// assert_eq!(rule.condition().to_string(), "channel: open");
/// assert_eq!(rule.validity().until(), None);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Rule {
    pub(crate) id: Text,
    pub(crate) effect: Effect,
    pub(crate) actions: Set<Action>,
    pub(crate) condition: Facts,
    pub(crate) validity: Validity,
    pub(crate) basis: Basis,
    pub(crate) sources: Cow<'static, [Source]>,
    pub(crate) reason: Text,
    pub(crate) requirement: Option<Text>,
    pub(crate) rulebook: Option<Text>,
}

impl Rule {
    /// Creates a rule that is in force from a day on, in UTC, and fires in every case.
    ///
    /// Its basis is [`Basis::Stated`] and its reason is empty until they are set.
    #[must_use]
    pub fn new(
        id: impl Into<Cow<'static, str>>,
        effect: Effect,
        actions: impl Into<Set<Action>>,
        from: NaiveDate,
    ) -> Self {
        Self {
            id: id.into(),
            effect,
            actions: actions.into(),
            condition: Facts::UNKNOWN,
            validity: Validity { from, until: None },
            basis: Basis::Stated,
            sources: Cow::Borrowed(&[]),
            reason: Cow::Borrowed(""),
            requirement: None,
            rulebook: None,
        }
    }

    /// Sets the condition of each fact that the argument narrows: it must have one of these values.
    ///
    /// A condition that was set for the same fact before is replaced.
    #[must_use]
    pub fn when(self, condition: impl Into<Facts>) -> Self {
        Self { condition: self.condition.with(condition), ..self }
    }

    /// Sets the first day on which the rule is no longer in force, in UTC.
    #[must_use]
    pub fn until(self, until: NaiveDate) -> Self {
        Self { validity: Validity { until: Some(until), ..self.validity }, ..self }
    }

    /// Sets how firmly the documents support the rule.
    #[must_use]
    pub fn with_basis(self, basis: Basis) -> Self {
        Self { basis, ..self }
    }

    /// Adds a document from which the rule is taken.
    #[must_use]
    pub fn with_source(mut self, source: Source) -> Self {
        self.sources.to_mut().push(source);
        self
    }

    /// Sets the reason, a sentence for people.
    #[must_use]
    pub fn with_reason(self, reason: impl Into<Cow<'static, str>>) -> Self {
        Self { reason: reason.into(), ..self }
    }

    /// Sets what has to be met, for the effect [`Effect::Require`].
    #[must_use]
    pub fn with_requirement(self, requirement: impl Into<Cow<'static, str>>) -> Self {
        Self { requirement: Some(requirement.into()), ..self }
    }

    /// Sets the name of the custom rulebook that brings the rule; decisions mention it.
    #[must_use]
    pub fn with_rulebook(self, rulebook: impl Into<Cow<'static, str>>) -> Self {
        Self { rulebook: Some(rulebook.into()), ..self }
    }

    /// Returns the id, for example `license-no-switch`.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Returns what the rule does when it fires.
    #[must_use]
    pub const fn effect(&self) -> Effect {
        self.effect
    }

    /// Returns the actions on which it has its effect.
    #[must_use]
    pub const fn actions(&self) -> Set<Action> {
        self.actions
    }

    /// Returns the values that the rule admits; a fact with all of its values does not matter.
    #[must_use]
    pub const fn condition(&self) -> Facts {
        self.condition
    }

    /// Returns the days on which the rule is in force.
    #[must_use]
    pub const fn validity(&self) -> Validity {
        self.validity
    }

    /// Returns how firmly the documents support it.
    #[must_use]
    pub const fn basis(&self) -> Basis {
        self.basis
    }

    /// Returns the documents from which it is taken.
    #[must_use]
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// Returns the reason, a sentence for people.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// Returns what has to be met, for the effect [`Effect::Require`]; for example `active_relationship`.
    #[must_use]
    pub fn requirement(&self) -> Option<&str> {
        self.requirement.as_deref()
    }

    /// Returns the custom rulebook that brings the rule; `None` for the built-in register.
    #[must_use]
    pub fn rulebook(&self) -> Option<&str> {
        self.rulebook.as_deref()
    }
}

/// The days on which a rule is in force, in UTC: from the first, inclusive, until the second, exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Validity {
    pub(crate) from: NaiveDate,
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub(crate) until: Option<NaiveDate>,
}

impl Validity {
    /// Returns the first day.
    #[must_use]
    pub const fn from(self) -> NaiveDate {
        self.from
    }

    /// Returns the first day on which the rule is no longer in force, if there is one.
    #[must_use]
    pub const fn until(self) -> Option<NaiveDate> {
        self.until
    }

    /// Returns whether the rule is in force on a day.
    #[must_use]
    pub const fn covers(self, day: NaiveDate) -> bool {
        let over = match self.until {
            Some(until) => !is_before(day, until),
            None => false,
        };
        !is_before(day, self.from) && !over
    }
}

/// `<` in a `const fn`.
pub(crate) const fn is_before(day: NaiveDate, other: NaiveDate) -> bool {
    day.to_epoch_days() < other.to_epoch_days()
}

/// A document from which rules are taken.
///
/// ```
/// use csp_multichannel::Rulebook;
///
/// let rule = &Rulebook::partner_center().rules()[0];
/// let source = &rule.sources()[0];
/// assert_eq!((source.code(), source.page()), ("MC", "multichannel.md"));
/// assert_eq!(source.read(), "2021-05-19; undated copies up to 2026");
/// assert!(source.url().is_some_and(|url| url.ends_with("/multichannel.md")));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Source {
    pub(crate) code: Text,
    pub(crate) page: Text,
    pub(crate) url: Option<Text>,
    pub(crate) read: Text,
}

impl Source {
    /// Creates a source from its code, its page, and the day of its newest text that was read.
    #[must_use]
    pub fn new(
        code: impl Into<Cow<'static, str>>,
        page: impl Into<Cow<'static, str>>,
        read: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self { code: code.into(), page: page.into(), url: None, read: read.into() }
    }

    /// Sets the address where the text can be read.
    #[must_use]
    pub fn with_url(self, url: impl Into<Cow<'static, str>>) -> Self {
        Self { url: Some(url.into()), ..self }
    }

    /// Returns the short name, for example `MC`.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.code
    }

    /// Returns the page, for example `multichannel.md`.
    #[must_use]
    pub fn page(&self) -> &str {
        &self.page
    }

    /// Returns the address where the text can be read today, if one is known.
    #[must_use]
    pub fn url(&self) -> Option<&str> {
        self.url.as_deref()
    }

    /// Returns the day of the newest text that was read, with a remark where there is one.
    #[must_use]
    pub fn read(&self) -> &str {
        &self.read
    }
}
