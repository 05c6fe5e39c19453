//! A rule: an effect on actions under a condition, between two days, with its sources.

use alloc::borrow::Cow;

use chrono::NaiveDate;

use crate::facts::Facts;
use crate::set::Set;
use crate::words;

words! {
    /// An action of the customer or the asking partner, on which a decision has a verdict.
    ///
    /// The enumeration is exhaustive, like [`Verdict`], because a decision has a verdict on every
    /// action.
    pub enum Action, action,
    for example csp_multichannel::Switch = switch, "Transfer the subscription to the asking partner." {
        /// Ask the customer for a reseller relationship (until 2023-10-08, and in `china` still,
        /// permission to manage comes with it). It concerns the customer, whatever the state of the
        /// subscription.
        RequestRelationship = request_relationship,
        /// Create a new Azure subscription with the asking partner, then cancel single services or
        /// the whole old subscription.
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
    /// The actions that move a subscription (MOVES in the policy): all except the request.
    ///
    /// ```
    /// use csp_multichannel::Action;
    ///
    /// assert_eq!(
    ///     Action::MOVES.to_string(),
    ///     "recreate_and_cancel, switch, wait_until_term_end, cancel_then_move",
    /// );
    /// ```
    pub const MOVES: Set<Self> =
        Set::all().difference(Set::from_bits(1 << Self::RequestRelationship as u32));
}

words! {
    /// The verdict on one action.
    ///
    /// The enumeration is exhaustive, so that every caller handles every verdict.
    pub enum Verdict, verdict,
    for example csp_multichannel::Conditional = conditional, "A rule permits it once the requirements are met." {
        /// A rule permits it, and nothing is required first.
        Allowed = allowed,
        /// A rule permits it once the requirements are met.
        Conditional = conditional,
        /// A rule forbids it.
        Denied = denied,
        /// The policy does not cover the case: a rule excludes it and says why, or the documents
        /// are silent. This is neither a permission nor a prohibition.
        NotCovered = not_covered,
        /// The verdict depends on facts that are not known.
        Undetermined = undetermined,
    }
}

words! {
    /// The effect of a rule that fires, in the order in which effects override each other.
    #[non_exhaustive]
    pub enum Effect, effect,
    for example csp_multichannel::Exclude = exclude, "Takes the case out of what the policy covers." {
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
    /// The basis of a rule: how firmly the documents support it.
    #[non_exhaustive]
    pub enum Basis, basis,
    for example csp_multichannel::Stated = stated, "The multi-channel page itself says it." {
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
/// The built-in rules are those of [`Rulebook::partner_center`](crate::Rulebook::partner_center).
/// Their ids are public interface. Custom rules start with [`Rule::new`]:
///
/// ```
/// use csp_multichannel::{Action, Basis, Channel, Effect, Facts, Rule};
///
/// let from = "2026-01-01".parse()?;
/// let rule = Rule::new("no-open-licenses", Effect::Veto, Action::MOVES, from)
///     .when(Channel::Open)
///     .with_reason("we do not take over licenses from volume licensing");
/// assert_eq!((rule.id(), rule.effect()), ("no-open-licenses", Effect::Veto));
/// assert_eq!(rule.actions(), Action::MOVES);
/// assert_eq!(rule.condition(), Facts::from(Channel::Open));
/// assert_eq!((rule.validity().from(), rule.validity().until()), (from, None));
/// assert_eq!((rule.basis(), rule.sources()), (Basis::Stated, &[][..]));
/// assert_eq!((rule.requirement(), rule.rulebook()), (None, None));
/// # Ok::<(), Box<dyn std::error::Error>>(())
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
    /// Its basis is [`Basis::Stated`] until it is set. Its reason is empty until it is set, and
    /// [`Rulebook::new`](crate::Rulebook::new) refuses an empty one.
    ///
    /// ```
    /// use csp_multichannel::{Action, Effect, Rule, Rulebook};
    ///
    /// let from = "2026-01-01".parse()?;
    /// let rule = Rule::new("switch-freeze", Effect::Veto, Action::Switch, from);
    /// let frozen = rule.clone().with_reason("no transfers during the migration");
    /// assert_eq!(Rulebook::new([frozen.clone()])?.rules(), [frozen]);
    ///
    /// assert_eq!(
    ///     Rulebook::new([rule]).unwrap_err().to_string(),
    ///     "invalid rulebook: rule `switch-freeze`: `reason` is empty, \
    ///      expected a sentence for people",
    /// );
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
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

    /// Sets the values that the rule admits, for each fact that the argument narrows.
    ///
    /// They replace values that were set for the same fact before.
    ///
    /// ```
    /// use csp_multichannel::{Action, Cloud, Effect, Region, Rule};
    ///
    /// let rule = Rule::new("abroad", Effect::Forbid, Action::Switch, "2026-01-01".parse()?)
    ///     .when(Cloud::Public)
    ///     .when(Region::Other)
    ///     .when([Cloud::Germany, Cloud::China]);
    /// assert_eq!(rule.condition().to_string(), "cloud: germany, china; region: other");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn when(self, condition: impl Into<Facts>) -> Self {
        Self { condition: self.condition.with(condition), ..self }
    }

    /// Sets the first day on which the rule is no longer in force, in UTC.
    ///
    /// ```
    /// use csp_multichannel::{Action, Effect, Rule};
    ///
    /// let until = "2026-07-01".parse()?;
    /// let rule = Rule::new("freeze", Effect::Veto, Action::Switch, "2026-06-01".parse()?);
    /// let rule = rule.until(until);
    /// assert!(rule.validity().covers("2026-06-30".parse()?));
    /// assert!(!rule.validity().covers(until));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn until(self, until: NaiveDate) -> Self {
        Self { validity: Validity { until: Some(until), ..self.validity }, ..self }
    }

    /// Sets the basis: how firmly the documents support the rule.
    #[must_use]
    pub fn with_basis(self, basis: Basis) -> Self {
        Self { basis, ..self }
    }

    /// Adds a document from which the rule is taken.
    ///
    /// ```
    /// use csp_multichannel::{Action, Basis, Effect, Rule, Source};
    ///
    /// let contract = Source::new("C1", "contract with Northwind", "2026-01-15");
    /// let rule = Rule::new("c1", Effect::Forbid, Action::Switch, "2026-02-01".parse()?)
    ///     .with_source(contract.clone())
    ///     .with_basis(Basis::Inferred);
    /// assert_eq!((rule.sources(), rule.basis()), (&[contract][..], Basis::Inferred));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
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

    /// Sets the requirement that has to be met, for the effect [`Effect::Require`].
    ///
    /// ```
    /// use csp_multichannel::{Action, Effect, Rule, Rulebook};
    ///
    /// let from = "2026-01-01".parse()?;
    /// let rule = |id: &'static str, effect| {
    ///     Rule::new(id, effect, Action::Switch, from).with_reason("by contract")
    /// };
    /// let signed = rule("signed", Effect::Require).with_requirement("signed_contract");
    /// assert!(Rulebook::new([signed]).is_ok());
    ///
    /// let on_permit = rule("free", Effect::Permit).with_requirement("signed_contract");
    /// assert_eq!(
    ///     Rulebook::new([on_permit]).unwrap_err().to_string(),
    ///     "invalid rulebook: rule `free`: `requirement` is set, \
    ///      expected none with the effect `permit`",
    /// );
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_requirement(self, requirement: impl Into<Cow<'static, str>>) -> Self {
        Self { requirement: Some(requirement.into()), ..self }
    }

    /// Sets the name of the custom rulebook that contains the rule. Decisions mention it.
    ///
    /// ```
    /// use csp_multichannel::{Action, Effect, Facts, Rule, Rulebook};
    ///
    /// let rule = Rule::new("freeze", Effect::Veto, Action::Switch, "2026-06-01".parse()?)
    ///     .with_reason("no transfers in June")
    ///     .with_rulebook("northwind");
    /// let rulebook = Rulebook::new([rule])?;
    /// let edition = rulebook.editions().next().ok_or("no edition")?;
    /// let decision = edition.decide(Facts::UNKNOWN);
    /// let origin = decision.reasons(Action::Switch).next().and_then(Rule::rulebook);
    /// assert_eq!(origin, Some("northwind"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_rulebook(self, rulebook: impl Into<Cow<'static, str>>) -> Self {
        Self { rulebook: Some(rulebook.into()), ..self }
    }

    /// Returns the id, for example `license-no-switch`.
    ///
    /// ```
    /// use csp_multichannel::{Rule, Rulebook};
    ///
    /// let rules = Rulebook::partner_center().rules();
    /// let pending = rules.iter().find(|rule| rule.id() == "transfer-pending");
    /// assert_eq!(
    ///     pending.map(Rule::reason),
    ///     Some("the subscription is already part of another transfer request"),
    /// );
    /// ```
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Returns the effect of the rule when it fires.
    #[must_use]
    pub const fn effect(&self) -> Effect {
        self.effect
    }

    /// Returns the actions on which the rule has its effect.
    #[must_use]
    pub const fn actions(&self) -> Set<Action> {
        self.actions
    }

    /// Returns the condition: the values that the rule admits.
    ///
    /// A fact with all of its values does not matter.
    ///
    /// ```
    /// use csp_multichannel::{Fact, Rulebook, Set};
    ///
    /// let rules = Rulebook::partner_center().rules();
    /// let named = |id| rules.iter().find(|rule| rule.id() == id).map(|rule| rule.condition());
    /// let condition = named("relationship-first").ok_or("no such rule")?;
    /// assert_eq!(condition.to_string(), "relationship: none, requested");
    /// assert_eq!(condition.narrowed(), Set::from(Fact::Relationship));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn condition(&self) -> Facts {
        self.condition
    }

    /// Returns the days on which the rule is in force.
    #[must_use]
    pub const fn validity(&self) -> Validity {
        self.validity
    }

    /// Returns the basis: how firmly the documents support the rule.
    ///
    /// ```
    /// use csp_multichannel::{Basis, Rulebook};
    ///
    /// let rules = Rulebook::partner_center().rules();
    /// let by_id = |id| rules.iter().find(|rule| rule.id() == id);
    /// assert_eq!(by_id("license-no-switch").map(|rule| rule.basis()), Some(Basis::Stated));
    /// assert_eq!(by_id("license-switch").map(|rule| rule.basis()), Some(Basis::Reported));
    /// ```
    #[must_use]
    pub const fn basis(&self) -> Basis {
        self.basis
    }

    /// Returns the documents from which the rule is taken.
    ///
    /// ```
    /// use csp_multichannel::{Rulebook, Source};
    ///
    /// let rules = Rulebook::partner_center().rules();
    /// let rule = rules.iter().find(|rule| rule.id() == "license-wait-other-channel");
    /// let sources = rule.ok_or("no such rule")?.sources();
    /// let pages: Vec<_> = sources.iter().map(Source::page).collect();
    /// assert_eq!(pages, ["multichannel.md", "transition-seat-based-services.md"]);
    /// # Ok::<(), &str>(())
    /// ```
    #[must_use]
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// Returns the reason, a sentence for people.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// Returns the requirement that has to be met, for the effect [`Effect::Require`].
    ///
    /// ```
    /// use csp_multichannel::{Rule, Rulebook};
    ///
    /// let rules = Rulebook::partner_center().rules();
    /// let rule = rules.iter().find(|rule| rule.id() == "relationship-first");
    /// assert_eq!(rule.and_then(Rule::requirement), Some("active_relationship"));
    /// ```
    #[must_use]
    pub fn requirement(&self) -> Option<&str> {
        self.requirement.as_deref()
    }

    /// Returns the name of the custom rulebook that contains the rule; `None` for built-in rules.
    #[must_use]
    pub fn rulebook(&self) -> Option<&str> {
        self.rulebook.as_deref()
    }
}

/// The days on which a rule is in force, in UTC: a first day, inclusive, and an end, exclusive.
///
/// ```
/// use csp_multichannel::Rulebook;
///
/// let rules = Rulebook::partner_center().rules();
/// let rule = rules.iter().find(|rule| rule.id() == "license-no-switch");
/// let validity = rule.ok_or("no such rule")?.validity();
/// assert_eq!(validity.from(), "2016-12-01".parse()?);
/// assert_eq!(validity.until(), Some("2024-06-19".parse()?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Validity {
    pub(crate) from: NaiveDate,
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub(crate) until: Option<NaiveDate>,
}

impl Validity {
    /// Returns the first day on which the rule is in force.
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
    ///
    /// ```
    /// use csp_multichannel::Rulebook;
    ///
    /// let rules = Rulebook::partner_center().rules();
    /// let rule = rules.iter().find(|rule| rule.id() == "license-no-switch");
    /// let validity = rule.ok_or("no such rule")?.validity();
    /// assert!(validity.covers("2024-06-18".parse()?));
    /// assert!(!validity.covers("2024-06-19".parse()?));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
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
/// assert_eq!(source.newest_text(), "2021-05-19; undated copies up to 2026");
/// assert_eq!(
///     source.url(),
///     Some(
///         "https://github.com/MicrosoftDocs/partner-center-pr.it-it/commits/live-sxs/\
///          partner-center/multichannel.md"
///     ),
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Source {
    pub(crate) code: Text,
    pub(crate) page: Text,
    pub(crate) url: Option<Text>,
    pub(crate) newest_text: Text,
}

impl Source {
    /// Creates a source from its code, its page, and the day of its newest text that was read.
    ///
    /// ```
    /// use csp_multichannel::Source;
    ///
    /// let source = Source::new("C1", "contract with Northwind", "2026-01-15");
    /// assert_eq!((source.code(), source.page()), ("C1", "contract with Northwind"));
    /// assert_eq!((source.newest_text(), source.url()), ("2026-01-15", None));
    /// ```
    #[must_use]
    pub fn new(
        code: impl Into<Cow<'static, str>>,
        page: impl Into<Cow<'static, str>>,
        newest_text: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self { code: code.into(), page: page.into(), url: None, newest_text: newest_text.into() }
    }

    /// Sets the address where the text can be read.
    ///
    /// ```
    /// use csp_multichannel::Source;
    ///
    /// let source = Source::new("H1", "handbook.md", "2026-01-15")
    ///     .with_url("https://northwind.example/handbook.md");
    /// assert_eq!(source.url(), Some("https://northwind.example/handbook.md"));
    /// ```
    #[must_use]
    pub fn with_url(self, url: impl Into<Cow<'static, str>>) -> Self {
        Self { url: Some(url.into()), ..self }
    }

    /// Returns the code, a short name such as `MC`.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.code
    }

    /// Returns the page, such as `multichannel.md`.
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
    pub fn newest_text(&self) -> &str {
        &self.newest_text
    }
}
