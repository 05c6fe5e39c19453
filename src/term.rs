//! The dates of a term, and the facts that they settle at an instant.

use alloc::string::String;

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};

use crate::fact::{Fact, Service, bits};
use crate::facts::{Facts, ones};
use crate::instant::{day, has_four_digits, midnight, parse_day, parse_rfc3339};
use crate::words::excerpt;

/// The dates of a subscription's term: the purchase or last renewal, and the last day, inclusive.
///
/// Instants are in UTC. The term runs to the end of its last day.
///
/// ```
/// use csp_multichannel::{Service, Set, Subscription, Term, TermPhase, parse_instant};
///
/// let term = Term::parse("2022-03-14T10:00:00Z", "2023-03-13")?;
/// let license = Subscription::new().with(Service::NewCommerceLicense).with_term(term);
/// let phases = |at| parse_instant(at).map(|at| license.facts_at(at).possible());
/// assert_eq!(phases("2022-03-17T09:59:59Z")?, Set::from(TermPhase::Cancellable));
/// assert_eq!(phases("2022-03-17T10:00:00Z")?, Set::from(TermPhase::Committed));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Term {
    purchased_at: Option<DateTime<Utc>>,
    ends_on: NaiveDate,
    cancellable: Cancellation,
}

/// Until when a term can be cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Cancellation {
    /// As the policy derives it for the service.
    ByService,
    /// Not at all.
    Never,
    /// Before this instant, in UTC; at it, no more.
    Until(DateTime<Utc>),
}

impl Term {
    /// Creates a term from its purchase or last renewal and its last day, inclusive.
    ///
    /// # Errors
    ///
    /// [`TermError`] if the last day is before the UTC day of the purchase.
    ///
    /// ```
    /// use chrono::NaiveDate;
    /// use csp_multichannel::{Term, parse_instant};
    ///
    /// let purchase = parse_instant("2026-06-01T09:00:00Z")?;
    /// assert!(Term::new(purchase, NaiveDate::from_ymd_opt(2027, 5, 31).unwrap()).is_ok());
    /// assert!(Term::new(purchase, NaiveDate::from_ymd_opt(2026, 5, 31).unwrap()).is_err());
    /// # Ok::<(), csp_multichannel::InstantError>(())
    /// ```
    pub fn new(purchased_at: DateTime<Utc>, ends_on: NaiveDate) -> Result<Self, TermError> {
        Self::ending(ends_on).with_purchase(purchased_at)
    }

    /// Reads a term from an RFC 3339 instant and a day, `YYYY-MM-DD`.
    ///
    /// # Errors
    ///
    /// [`TermError`] if either is malformed, or the last day is before the UTC day of the purchase.
    ///
    /// ```
    /// use csp_multichannel::Term;
    ///
    /// assert!(Term::parse("2026-06-01T09:00:00Z", "2027-05-31").is_ok());
    /// assert_eq!(
    ///     Term::parse("2026-06-01T09:00:00Z", "2027-06-31").unwrap_err().to_string(),
    ///     "`ends_on` is `2027-06-31`, expected a day such as `2018-09-15`",
    /// );
    /// ```
    pub fn parse(purchased_at: &str, ends_on: &str) -> Result<Self, TermError> {
        let purchase = parse_rfc3339(purchased_at)
            .ok_or_else(|| TermError::new("purchased_at", purchased_at, EXPECTED_INSTANT))?;
        let ends_on =
            parse_day(ends_on).ok_or_else(|| TermError::new("ends_on", ends_on, EXPECTED_DAY))?;
        Self::new(purchase, ends_on)
    }

    /// Creates a term of which only the last day is known, inclusive.
    #[must_use]
    pub const fn ending(ends_on: NaiveDate) -> Self {
        Self { purchased_at: None, ends_on, cancellable: Cancellation::ByService }
    }

    pub(crate) fn with_purchase(self, instant: DateTime<Utc>) -> Result<Self, TermError> {
        if self.ends_on < instant.date_naive() {
            let expected = "the UTC day of `purchased_at` or a later one";
            return Err(TermError::new("ends_on", &alloc::format!("{}", self.ends_on), expected));
        }
        Ok(Self { purchased_at: Some(instant), ..self })
    }

    /// Sets the instant before which the term can be cancelled; at the instant, it can't.
    #[must_use]
    pub const fn cancellable_until(self, instant: DateTime<Utc>) -> Self {
        Self { cancellable: Cancellation::Until(instant), ..self }
    }

    /// Rules out that the term can be cancelled.
    #[must_use]
    pub const fn never_cancellable(self) -> Self {
        Self { cancellable: Cancellation::Never, ..self }
    }

    /// Returns the purchase or last renewal, if it is known.
    #[must_use]
    pub const fn purchased_at(self) -> Option<DateTime<Utc>> {
        self.purchased_at
    }

    /// Returns the last day, inclusive.
    #[must_use]
    pub const fn ends_on(self) -> NaiveDate {
        self.ends_on
    }

    /// Returns until when the term can be cancelled.
    #[must_use]
    pub const fn cancellation(self) -> Cancellation {
        self.cancellable
    }

    /// Narrows facts by these dates at an instant, as the policy derives it (`terms.md`).
    ///
    /// Dates mean nothing for a service that is certainly usage-based.
    pub(crate) fn settle(self, facts: Facts, at: DateTime<Utc>) -> Facts {
        let services = facts.bits() & Fact::Service.field() & !USAGE_BASED;
        if services == 0 {
            return facts;
        }
        let mut at_term_end = facts.bits() & Fact::AtTermEnd.field();
        if self.ends_on < EXTENSIONS_BEGIN && at_term_end & bits::at_term_end::extend != 0 {
            at_term_end = at_term_end & !bits::at_term_end::extend | bits::at_term_end::end;
        }
        let phases = self.phases(facts, services, at_term_end, at);
        facts.with(Facts::only(services | at_term_end | phases))
    }

    /// The instants at which the facts can change, in no order.
    pub(crate) fn turning_points(self) -> impl Iterator<Item = DateTime<Utc>> + Clone {
        let closes = match self.cancellable {
            Cancellation::Until(closes) => [Some(closes), None, None],
            Cancellation::Never => [None; 3],
            Cancellation::ByService => {
                let after = |hours| self.purchased_at?.checked_add_signed(TimeDelta::hours(hours));
                [after(SHORT_WINDOW), after(LONG_WINDOW), Some(LONG_WINDOW_FROM)]
            }
        };
        let over = self.ends_on.succ_opt().map(midnight);
        closes.into_iter().chain([over]).flatten().filter(|at| has_four_digits(at.year()))
    }

    fn phases(self, facts: Facts, services: u64, at_term_end: u64, at: DateTime<Utc>) -> u64 {
        let phase = |cancellable| {
            if cancellable { bits::term_phase::cancellable } else { bits::term_phase::committed }
        };
        if at.date_naive() > self.ends_on {
            let ended = at_term_end & !bits::at_term_end::renew != 0;
            let renewed = at_term_end & bits::at_term_end::renew != 0;
            return if ended { bits::term_phase::ended } else { 0 }
                | if renewed { RUNNING } else { 0 };
        }
        match self.cancellable {
            Cancellation::Never => phase(false),
            Cancellation::Until(closes) => phase(at < closes),
            Cancellation::ByService => ones(services).fold(0, |phases, service| {
                phases
                    | match service {
                        bits::service::license => license_phases(facts),
                        bits::service::azure_reservation => phase(true),
                        bits::service::azure_savings_plan => phase(false),
                        bits::service::new_commerce_license => {
                            self.purchased_at.map_or(RUNNING, |purchase| {
                                phase(at - purchase < new_commerce_window(purchase, at))
                            })
                        }
                        // No window is derived for software and marketplace offers.
                        _ => RUNNING,
                    }
            }),
        }
    }
}

const USAGE_BASED: u64 = Service::USAGE_BASED.bits() << Fact::Service.offset();
const RUNNING: u64 = bits::term_phase::cancellable | bits::term_phase::committed;

/// Terms that end on or after this day can be extended (ES).
const EXTENSIONS_BEGIN: NaiveDate = day(2026, 5, 4);

/// Licenses from these channels are cancelled under the agreement of purchase.
const CANCELLED_UNDER_AGREEMENT: u64 = bits::channel::open
    | bits::channel::enterprise_agreement
    | bits::channel::mca_enterprise
    | bits::channel::third_party;

/// A traditional license from CSP, Microsoft or the Advisor program can be cancelled at any time.
fn license_phases(facts: Facts) -> u64 {
    let agreement = facts.bits() & CANCELLED_UNDER_AGREEMENT != 0;
    if agreement { RUNNING } else { bits::term_phase::cancellable }
}

/// For how many hours after its purchase a new-commerce license can be cancelled (CW).
const SHORT_WINDOW: i64 = 72;
/// The same since [`LONG_WINDOW_FROM`].
const LONG_WINDOW: i64 = 168;
const LONG_WINDOW_FROM: DateTime<Utc> = midnight(day(2022, 3, 19));

/// How long after its purchase a new-commerce license can be cancelled, by the rules of an instant (CW).
///
/// The longer window holds for earlier purchases as well, so a window that has closed can open again.
fn new_commerce_window(purchase: DateTime<Utc>, at: DateTime<Utc>) -> TimeDelta {
    const LONGER_FOR_PURCHASES_FROM: DateTime<Utc> = midnight(day(2022, 3, 12));
    let longer = at >= LONG_WINDOW_FROM && purchase >= LONGER_FOR_PURCHASES_FROM;
    TimeDelta::hours(if longer { LONG_WINDOW } else { SHORT_WINDOW })
}

pub(crate) const EXPECTED_INSTANT: &str = "an RFC 3339 instant such as `2018-09-15T12:30:00Z`";
pub(crate) const EXPECTED_DAY: &str = "a day such as `2018-09-15`";

/// Dates that do not make a term.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{field}` is `{given}`, expected {expected}")]
pub struct TermError {
    field: &'static str,
    given: String,
    expected: &'static str,
}

impl TermError {
    fn new(field: &'static str, given: &str, expected: &'static str) -> Self {
        Self { field, given: excerpt(given), expected }
    }

    /// Returns the date at fault: `purchased_at` or `ends_on`.
    #[must_use]
    pub const fn field(&self) -> &'static str {
        self.field
    }

    /// Returns the offending value; only the beginning of a long one.
    #[must_use]
    pub fn given(&self) -> &str {
        &self.given
    }

    /// Returns what would have been accepted.
    #[must_use]
    pub const fn expected(&self) -> &'static str {
        self.expected
    }
}
