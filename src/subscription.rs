//! A subscription: facts and optionally the dates of its term.

use alloc::string::String;

use chrono::{DateTime, Utc};

use crate::fact::Fact;
use crate::facts::Facts;
use crate::term::Term;

/// A subscription of a customer as the asking partner knows it: facts, and the dates of its term.
///
/// ```
/// use csp_multichannel::{Channel, Service, Subscription, Term, TermPhase, parse_instant};
///
/// let mail = Subscription::new()
///     .with(Channel::OtherCspPartner)
///     .with(Service::NewCommerceLicense)
///     .with_term(Term::parse("2026-06-01T09:00:00Z", "2027-05-31")?);
/// let facts = mail.facts_at(parse_instant("2026-07-01")?);
/// assert_eq!(facts.known(), Some(TermPhase::Committed));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subscription {
    /// The term phase is unknown here if there is a term.
    facts: Facts,
    term: Option<Term>,
}

impl Subscription {
    /// Creates a subscription with unknown facts only, and no dates.
    ///
    /// ```
    /// use csp_multichannel::{Facts, Subscription};
    ///
    /// assert_eq!(Subscription::new(), Subscription::from(Facts::UNKNOWN));
    /// ```
    #[must_use]
    pub const fn new() -> Self {
        Self { facts: Facts::UNKNOWN, term: None }
    }

    /// Replaces each fact that the argument narrows, as [`Facts::with`] does.
    ///
    /// A term phase replaces the dates of the term.
    ///
    /// ```
    /// use csp_multichannel::{Cloud, Region, Subscription, Term, TermPhase};
    ///
    /// let dated = Subscription::new().with_term(Term::ending("2026-12-31".parse()?));
    /// let stated = dated.with(Cloud::Public).with(TermPhase::Ended).with(None::<Region>);
    /// assert_eq!(stated.facts().to_string(), "cloud: public; term_phase: ended");
    /// assert_eq!(stated.term(), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with(self, known: impl Into<Facts>) -> Self {
        let known = known.into();
        let states_phase = known.narrowed().contains(Fact::TermPhase);
        Self { facts: self.facts.with(known), term: self.term.filter(|_| !states_phase) }
    }

    /// Makes a fact unknown again. Without the term phase, the dates of the term are also removed.
    ///
    /// ```
    /// use csp_multichannel::{Channel, Fact, Subscription, Term};
    ///
    /// let open = Subscription::new().with(Channel::Open);
    /// let dated = open.with_term(Term::ending("2026-12-31".parse()?));
    /// assert_eq!(dated.without(Fact::TermPhase), open);
    /// assert_eq!(open.without(Fact::Channel), Subscription::new());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn without(self, fact: Fact) -> Self {
        let keeps_term = fact != Fact::TermPhase;
        Self { facts: self.facts.without(fact), term: self.term.filter(|_| keeps_term) }
    }

    /// Sets the dates of the term, which replace a stated term phase. `None` changes nothing.
    ///
    /// Dates have no effect for a service that is certainly usage-based.
    ///
    /// ```
    /// use csp_multichannel::{Fact, Subscription, Term, TermPhase};
    ///
    /// let stated = Subscription::new().with(TermPhase::Committed);
    /// let term = Term::ending("2026-12-31".parse()?);
    /// assert_eq!(stated.with_term(term).term(), Some(term));
    /// assert_eq!(stated.with_term(term).facts().known(), None::<TermPhase>);
    /// assert_eq!(stated.with_term(None), stated);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_term(self, term: impl Into<Option<Term>>) -> Self {
        match term.into() {
            Some(term) => Self { facts: self.facts.without(Fact::TermPhase), term: Some(term) },
            None => self,
        }
    }

    /// Returns the facts, without those that follow from the dates of the term.
    #[must_use]
    pub const fn facts(self) -> Facts {
        self.facts
    }

    /// Returns the dates of the term, if they are known.
    #[must_use]
    pub const fn term(self) -> Option<Term> {
        self.term
    }

    /// Returns the facts at an instant, in UTC, with those that follow from the dates of the term.
    ///
    /// Dates exclude usage-based services and determine the term phase. For a term that ends before
    /// 2026-05-04, [`AtTermEnd::Extend`](crate::AtTermEnd::Extend) counts as `End` (ES).
    ///
    /// ```
    /// use csp_multichannel::{AtTermEnd, Service, Subscription, Term, parse_instant};
    ///
    /// let license = Subscription::new()
    ///     .with([Service::Azure, Service::NewCommerceLicense])
    ///     .with(AtTermEnd::Extend)
    ///     .with_term(Term::ending("2026-05-03".parse()?));
    /// assert_eq!(
    ///     license.facts_at(parse_instant("2026-05-04")?).to_string(),
    ///     "service: new_commerce_license; term_phase: ended; at_term_end: end",
    /// );
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn facts_at(self, at: DateTime<Utc>) -> Facts {
        self.term.map_or(self.facts, |term| term.settle(self.facts, at))
    }

    /// Returns the next instant, in UTC, at which the facts change without any action.
    ///
    /// At this instant, later than `after`, a cancellation window closes or opens again, or the
    /// term ends. The result is `None` if no dates are known, if they change nothing later, or if
    /// the change is after the year 9999.
    ///
    /// ```
    /// use csp_multichannel::{Service, Subscription, Term, parse_instant};
    ///
    /// let license = Subscription::new()
    ///     .with(Service::NewCommerceLicense)
    ///     .with_term(Term::parse("2026-06-01T09:00:00Z", "2027-05-31")?);
    /// let closes = license.next_change(parse_instant("2026-06-01T09:00:00Z")?);
    /// assert_eq!(closes, Some(parse_instant("2026-06-08T09:00:00Z")?));
    /// assert_eq!(license.next_change(closes.unwrap()), Some(parse_instant("2027-06-01")?));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn next_change(self, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let now = self.facts_at(after);
        let later = self.term?.turning_points().filter(|&at| at > after);
        later.filter(|&at| self.facts_at(at) != now).min()
    }
}

impl From<Facts> for Subscription {
    fn from(facts: Facts) -> Self {
        Self { facts, term: None }
    }
}

/// A case: a subscription with an id that the caller chooses.
///
/// With the feature `serde`, a case is [one JSON object](crate::guide::json):
///
/// ```
/// # #[cfg(feature = "serde")] {
/// use csp_multichannel::{Case, Channel};
///
/// let case: Case = serde_json::from_str(r#"{"id":"c-17","channel":"open"}"#)?;
/// assert_eq!(case.subscription.facts().known(), Some(Channel::Open));
/// assert_eq!(serde_json::to_string(&case)?, r#"{"id":"c-17","channel":"open"}"#);
/// # }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct Case {
    /// The id that the caller chooses. It may be empty, and ids may repeat.
    pub id: String,
    /// The subscription.
    pub subscription: Subscription,
}

impl Case {
    /// Creates a case from an id and a subscription, or from an id and facts.
    ///
    /// ```
    /// use csp_multichannel::{Case, Channel, Facts, Subscription};
    ///
    /// let case = Case::new("c-17", Facts::from(Channel::Open));
    /// assert_eq!(case.id, "c-17");
    /// assert_eq!(case.subscription, Subscription::new().with(Channel::Open));
    /// ```
    #[must_use]
    pub fn new(id: impl Into<String>, subscription: impl Into<Subscription>) -> Self {
        Self { id: id.into(), subscription: subscription.into() }
    }
}
