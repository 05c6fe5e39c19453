//! A subscription: facts and, perhaps, the dates of its term.

use alloc::string::String;

use chrono::{DateTime, Utc};

use crate::fact::Fact;
use crate::facts::Facts;
use crate::term::Term;

/// A subscription that a customer bought somewhere, and the partner that asks about it, as far as known.
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
    /// The term phase is unknown here where there is a term.
    facts: Facts,
    term: Option<Term>,
}

impl Subscription {
    /// Creates a subscription of which nothing is known.
    #[must_use]
    pub const fn new() -> Self {
        Self { facts: Facts::UNKNOWN, term: None }
    }

    /// Replaces each fact that the argument narrows, as [`Facts::with`] does.
    ///
    /// A term phase replaces the dates of the term.
    #[must_use]
    pub fn with(self, known: impl Into<Facts>) -> Self {
        let known = known.into();
        let states_phase = known.narrowed().contains(Fact::TermPhase);
        Self { facts: self.facts.with(known), term: self.term.filter(|_| !states_phase) }
    }

    /// Makes a fact unknown again; without the term phase, the dates of the term go as well.
    #[must_use]
    pub fn without(self, fact: Fact) -> Self {
        let keeps_term = fact != Fact::TermPhase;
        Self { facts: self.facts.without(fact), term: self.term.filter(|_| keeps_term) }
    }

    /// Sets the dates of the term, in place of a stated term phase; `None` changes nothing.
    ///
    /// Dates mean nothing for a service that is certainly usage-based.
    #[must_use]
    pub fn with_term(self, term: impl Into<Option<Term>>) -> Self {
        match term.into() {
            Some(term) => Self { facts: self.facts.without(Fact::TermPhase), term: Some(term) },
            None => self,
        }
    }

    /// Returns what is known apart from the dates of the term.
    #[must_use]
    pub const fn facts(self) -> Facts {
        self.facts
    }

    /// Returns the dates of the term, if they are known.
    #[must_use]
    pub const fn term(self) -> Option<Term> {
        self.term
    }

    /// Returns what is known at an instant: the dates of the term become facts.
    ///
    /// Dates exclude usage-based services and settle the term phase. For a term that ends before
    /// 2026-05-04, [`AtTermEnd::Extend`](crate::AtTermEnd::Extend) counts as `End` (ES).
    #[must_use]
    pub fn facts_at(self, at: DateTime<Utc>) -> Facts {
        self.term.map_or(self.facts, |term| term.settle(self.facts, at))
    }

    /// Returns the first instant after another, in UTC, at which what is known changes if nothing is done:
    /// a cancellation window closes or opens again, or the term ends.
    ///
    /// `None` where no dates are known, where they change nothing later, and beyond the year 9999.
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

/// A subscription with an id of the caller's: the record of one case.
///
/// With the feature `serde`, [one JSON object](crate::guide::json):
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
    /// The caller's id; it may be empty, and ids may repeat.
    pub id: String,
    /// What is known.
    pub subscription: Subscription,
}

impl Case {
    /// Creates a case.
    #[must_use]
    pub fn new(id: impl Into<String>, subscription: impl Into<Subscription>) -> Self {
        Self { id: id.into(), subscription: subscription.into() }
    }
}
