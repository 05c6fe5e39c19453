//! The dates of a term, and the facts that follow from them at an instant.

use alloc::string::String;

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};

use crate::fact::{Fact, Service, bits};
use crate::facts::{Facts, ones};
use crate::instant::{day, has_four_digits, midnight, parse_day, parse_rfc3339};
use crate::words::excerpt;

/// The dates of a subscription's term: its purchase or last renewal, and its last day, inclusive.
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

/// The cancellation window of a term: until when it can be cancelled.
///
/// ```
/// use csp_multichannel::{Cancellation, Term, parse_instant};
///
/// let term = Term::parse("2026-06-01T09:00:00Z", "2027-05-31")?;
/// assert_eq!(term.cancellation(), Cancellation::ByService);
/// assert_eq!(term.never_cancellable().cancellation(), Cancellation::Never);
/// let closes = parse_instant("2026-07-01T09:00:00Z")?;
/// assert_eq!(term.cancellable_until(closes).cancellation(), Cancellation::Until(closes));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Cancellation {
    /// The window that the policy derives for the service.
    ByService,
    /// The term can't be cancelled.
    Never,
    /// The term can be cancelled before this instant, in UTC, and not from this instant on.
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
    /// let last_day: NaiveDate = "2027-05-31".parse()?;
    /// let term = Term::new(purchase, last_day)?;
    /// assert_eq!((term.purchased_at(), term.ends_on()), (Some(purchase), last_day));
    ///
    /// assert_eq!(
    ///     Term::new(purchase, "2026-05-31".parse()?).unwrap_err().to_string(),
    ///     "`ends_on` is `2026-05-31`, expected the UTC day of `purchased_at` or a later one",
    /// );
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn new(purchased_at: DateTime<Utc>, ends_on: NaiveDate) -> Result<Self, TermError> {
        Self::ending(ends_on).with_purchase(purchased_at)
    }

    /// Reads a term from an RFC 3339 instant and a day, `YYYY-MM-DD`.
    ///
    /// # Errors
    ///
    /// [`TermError`] if either is invalid, or the last day is before the UTC day of the purchase.
    ///
    /// ```
    /// use csp_multichannel::{Term, parse_instant};
    ///
    /// let term = Term::parse("2026-06-01T09:00:00+02:00", "2027-05-31")?;
    /// assert_eq!(term.purchased_at(), Some(parse_instant("2026-06-01T07:00:00Z")?));
    ///
    /// assert_eq!(
    ///     Term::parse("2026-06-01T09:00:00Z", "2027-06-31").unwrap_err().to_string(),
    ///     "`ends_on` is `2027-06-31`, expected a day such as `2018-09-15`",
    /// );
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn parse(purchased_at: &str, ends_on: &str) -> Result<Self, TermError> {
        let purchase = parse_rfc3339(purchased_at)
            .ok_or_else(|| TermError::new("purchased_at", purchased_at, EXPECTED_INSTANT))?;
        let ends_on =
            parse_day(ends_on).ok_or_else(|| TermError::new("ends_on", ends_on, EXPECTED_DAY))?;
        Self::new(purchase, ends_on)
    }

    /// Creates a term of which only the last day is known, inclusive.
    ///
    /// ```
    /// use csp_multichannel::{AtTermEnd, Service, Subscription, Term, TermPhase, parse_instant};
    ///
    /// let software = Subscription::new()
    ///     .with(Service::Software)
    ///     .with(AtTermEnd::End)
    ///     .with_term(Term::ending("2024-06-30".parse()?));
    /// let facts = software.facts_at(parse_instant("2024-07-01")?);
    /// assert_eq!(facts.known(), Some(TermPhase::Ended));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
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

    /// Sets the instant, in UTC, before which the term can be cancelled. At the instant, it can't.
    ///
    /// ```
    /// use csp_multichannel::{Service, Subscription, Term, TermPhase, parse_instant};
    ///
    /// let term = Term::parse("2024-01-01T00:00:00Z", "2024-12-31")?;
    /// let closes = parse_instant("2024-02-01T00:00:00Z")?;
    /// let offer = Subscription::new()
    ///     .with(Service::Marketplace)
    ///     .with_term(term.cancellable_until(closes));
    /// assert_eq!(offer.facts_at(closes).known(), Some(TermPhase::Committed));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn cancellable_until(self, instant: DateTime<Utc>) -> Self {
        Self { cancellable: Cancellation::Until(instant), ..self }
    }

    /// Sets that the term can't be cancelled.
    ///
    /// ```
    /// use csp_multichannel::{Service, Subscription, Term, TermPhase, parse_instant};
    ///
    /// // Without this, a reservation can be cancelled at any time.
    /// let term = Term::ending("2026-12-31".parse()?).never_cancellable();
    /// let reservation = Subscription::new().with(Service::AzureReservation).with_term(term);
    /// let facts = reservation.facts_at(parse_instant("2026-01-01")?);
    /// assert_eq!(facts.known(), Some(TermPhase::Committed));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn never_cancellable(self) -> Self {
        Self { cancellable: Cancellation::Never, ..self }
    }

    /// Returns the instant of the purchase or last renewal, in UTC, if it is known.
    #[must_use]
    pub const fn purchased_at(self) -> Option<DateTime<Utc>> {
        self.purchased_at
    }

    /// Returns the last day of the term, inclusive, in UTC.
    #[must_use]
    pub const fn ends_on(self) -> NaiveDate {
        self.ends_on
    }

    /// Returns the cancellation window of the term.
    #[must_use]
    pub const fn cancellation(self) -> Cancellation {
        self.cancellable
    }

    /// Narrows facts by these dates at an instant, as the policy derives it (`terms.md`).
    ///
    /// Dates have no effect for a service that is certainly usage-based.
    pub(crate) fn settle(self, facts: Facts, at: DateTime<Utc>) -> Facts {
        let services = facts.bits() & Fact::Service.field() & !USAGE_BASED;
        if services == 0 {
            return facts;
        }
        let at_term_end = self.at_term_end(facts);
        let phases = self.phases(facts, services, at_term_end, at);
        facts.with(Facts::only(services | at_term_end | phases))
    }

    /// What happens at the end of the term: before there were extensions, it ends instead.
    fn at_term_end(self, facts: Facts) -> u64 {
        let stated = facts.bits() & Fact::AtTermEnd.field();
        if self.ends_on < EXTENSIONS_BEGIN && stated & bits::at_term_end::extend != 0 {
            stated & !bits::at_term_end::extend | bits::at_term_end::end
        } else {
            stated
        }
    }

    /// The instants at which the facts can change, unsorted.
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
            return phases_after_end(at_term_end);
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

fn phases_after_end(at_term_end: u64) -> u64 {
    let after = |ending, phases| if at_term_end & ending != 0 { phases } else { 0 };
    after(!bits::at_term_end::renew, bits::term_phase::ended)
        | after(bits::at_term_end::renew, RUNNING)
}

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

/// How long after its purchase a new-commerce license can be cancelled, by the rules of an instant
/// (CW).
///
/// The longer window also applies to earlier purchases, so a closed window can open again.
fn new_commerce_window(purchase: DateTime<Utc>, at: DateTime<Utc>) -> TimeDelta {
    const LONGER_FOR_PURCHASES_FROM: DateTime<Utc> = midnight(day(2022, 3, 12));
    let longer = at >= LONG_WINDOW_FROM && purchase >= LONGER_FOR_PURCHASES_FROM;
    TimeDelta::hours(if longer { LONG_WINDOW } else { SHORT_WINDOW })
}

pub(crate) const EXPECTED_INSTANT: &str = "an RFC 3339 instant such as `2018-09-15T12:30:00Z`";
pub(crate) const EXPECTED_DAY: &str = "a day such as `2018-09-15`";

/// An invalid date of a term.
///
/// ```
/// use csp_multichannel::Term;
///
/// let error = Term::parse("2026-06-01", "2027-05-31").unwrap_err();
/// assert_eq!((error.field(), error.given()), ("purchased_at", "2026-06-01"));
/// assert_eq!(error.expected(), "an RFC 3339 instant such as `2018-09-15T12:30:00Z`");
/// assert_eq!(
///     error.to_string(),
///     "`purchased_at` is `2026-06-01`, \
///      expected an RFC 3339 instant such as `2018-09-15T12:30:00Z`",
/// );
/// ```
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

    /// Returns the name of the invalid date: `purchased_at` or `ends_on`.
    #[must_use]
    pub const fn field(&self) -> &'static str {
        self.field
    }

    /// Returns the invalid value; only the beginning of a long one.
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
