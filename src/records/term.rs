//! The term of a subscription: its dates, and the phase that they mean at an instant.

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, TimeDelta, Utc};

use super::date::{day, in_years};
use crate::vocabulary::{Service, Set, TermPhase};

/// The dates of a subscription's term.
///
/// `purchased_at` is an instant in UTC, of the purchase or the last renewal; `ends_on` is the last
/// day of the term, inclusive.
///
/// ```
/// use csp_multichannel::{Cancellation, Service, Set, Term, TermPhase, parse_instant};
///
/// let term = Term::new(
///     parse_instant("2022-03-14T10:00:00Z")?,
///     "2023-03-13".parse()?,
///     Cancellation::ByService,
/// )?;
/// let phases = |at| parse_instant(at).map(|at| term.phases(Service::NewCommerceLicense, at));
/// assert_eq!(phases("2022-03-17T09:59:59Z")?, Set::from(TermPhase::Cancellable));
/// assert_eq!(phases("2022-03-17T10:00:00Z")?, Set::from(TermPhase::Committed));
/// assert_eq!(phases("2023-03-13T23:59:59Z")?, Set::from(TermPhase::Committed));
/// assert_eq!(phases("2023-03-14T00:00:00Z")?, Set::from(TermPhase::Ended));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Term {
    purchased_at: DateTime<Utc>,
    ends_on: NaiveDate,
    cancellation: Cancellation,
}

/// Until when a term can be cancelled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Cancellation {
    /// As the policy has it for the service.
    #[default]
    ByService,
    /// Not at all.
    Never,
    /// Before this instant, in UTC; at it, no more.
    Until(DateTime<Utc>),
}

/// New commerce: from this instant on, the window of 168 hours is live.
const LONG_WINDOW_LIVE: DateTime<Utc> = day(2022, 3, 19).and_time(NaiveTime::MIN).and_utc();
/// New commerce: the purchases that have it, those before it was live among them.
const LONG_WINDOW_PURCHASES: DateTime<Utc> = day(2022, 3, 12).and_time(NaiveTime::MIN).and_utc();
const LONG_WINDOW: TimeDelta = TimeDelta::hours(168);
const SHORT_WINDOW: TimeDelta = TimeDelta::hours(72);

impl Term {
    /// A term.
    ///
    /// # Errors
    ///
    /// [`TermError::EndsBeforePurchase`] where `ends_on` lies before the UTC day of `purchased_at`;
    /// [`TermError::YearOutOfRange`] where a year is not of 0 to 9999, those that can be written as text.
    /// An instant until which it can be cancelled may lie before the purchase.
    pub fn new(purchased_at: DateTime<Utc>, ends_on: NaiveDate, cancellation: Cancellation) -> Result<Self, TermError> {
        let until = match cancellation {
            Cancellation::Until(instant) => Some(instant.year()),
            Cancellation::ByService | Cancellation::Never => None,
        };
        let mut years = [Some(purchased_at.year()), Some(ends_on.year()), until].into_iter().flatten();
        if let Some(year) = years.find(|&year| !in_years(year)) {
            return Err(TermError::YearOutOfRange { year });
        }
        if ends_on < purchased_at.date_naive() {
            return Err(TermError::EndsBeforePurchase { purchased_at, ends_on });
        }
        Ok(Self { purchased_at, ends_on, cancellation })
    }

    /// When it was bought or last renewed.
    #[must_use]
    pub const fn purchased_at(&self) -> DateTime<Utc> {
        self.purchased_at
    }

    /// Its last day, inclusive.
    #[must_use]
    pub const fn ends_on(&self) -> NaiveDate {
        self.ends_on
    }

    /// Until when it can be cancelled.
    #[must_use]
    pub const fn cancellation(&self) -> Cancellation {
        self.cancellation
    }

    /// The phases that are possible at an instant, by the [rules for terms](crate::records_as_json#terms).
    ///
    /// Several where the policy derives no cancellation window: for `software`, `marketplace` and an
    /// unknown service. An instant before the purchase is no error.
    #[must_use]
    pub fn phases(&self, service: impl Into<Option<Service>>, at: DateTime<Utc>) -> Set<TermPhase> {
        let service = service.into();
        if service.is_some_and(Service::is_usage_based) {
            return TermPhase::None.into();
        }
        if at.date_naive() > self.ends_on {
            return TermPhase::Ended.into();
        }
        let cancellable = match self.cancellation {
            Cancellation::Never => false,
            Cancellation::Until(closes) => at < closes,
            Cancellation::ByService => match service {
                Some(Service::License | Service::AzureReservation) => true,
                Some(Service::NewCommerceLicense) => at - self.purchased_at < self.new_commerce_window(at),
                _ => return Set::from([TermPhase::Cancellable, TermPhase::Committed]),
            },
        };
        if cancellable { TermPhase::Cancellable.into() } else { TermPhase::Committed.into() }
    }

    /// The next instant after `at` at which other phases are possible, with these phases; none once the term has ended.
    ///
    /// ```
    /// use csp_multichannel::{Cancellation, Service, Term, parse_instant};
    ///
    /// let term = Term::new(parse_instant("2026-06-01T09:00:00Z")?, "2027-05-31".parse()?, Cancellation::ByService)?;
    /// let mut at = parse_instant("2026-06-02")?;
    /// let mut changes = Vec::new();
    /// while let Some((next, phases)) = term.next_change(Service::NewCommerceLicense, at) {
    ///     changes.push(format!("{next:?} {phases}"));
    ///     at = next;
    /// }
    /// assert_eq!(changes, ["2026-06-08T09:00:00Z committed", "2027-06-01T00:00:00Z ended"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn next_change(
        &self,
        service: impl Into<Option<Service>>,
        at: DateTime<Utc>,
    ) -> Option<(DateTime<Utc>, Set<TermPhase>)> {
        let service = service.into();
        let until = match self.cancellation {
            Cancellation::Until(instant) => Some(instant),
            Cancellation::ByService | Cancellation::Never => None,
        };
        // All at which the phase can change, whether it does or not.
        let candidates = [
            until,
            self.purchased_at.checked_add_signed(SHORT_WINDOW),
            self.purchased_at.checked_add_signed(LONG_WINDOW),
            Some(LONG_WINDOW_LIVE),
            self.ends_on.succ_opt().map(|day| day.and_time(NaiveTime::MIN).and_utc()),
        ];
        let now = self.phases(service, at);
        let later = candidates.into_iter().flatten().filter(|&candidate| candidate > at);
        let changes = later.map(|candidate| (candidate, self.phases(service, candidate)));
        changes.filter(|&(_, phases)| phases != now).min_by_key(|&(candidate, _)| candidate)
    }

    /// How long after its purchase a new-commerce term could be cancelled, by the rules of the instant.
    /// Because the longer window reaches back, one that has closed can open again.
    fn new_commerce_window(&self, at: DateTime<Utc>) -> TimeDelta {
        let long = LONG_WINDOW_LIVE <= at && LONG_WINDOW_PURCHASES <= self.purchased_at;
        if long { LONG_WINDOW } else { SHORT_WINDOW }
    }
}

/// Dates that are no term.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TermError {
    /// The last day lies before the day of the purchase.
    #[error("`ends_on` {ends_on} is before `purchased_at` {purchased_at:?}, expected its UTC day or a later one")]
    EndsBeforePurchase {
        /// When it was bought.
        purchased_at: DateTime<Utc>,
        /// The last day, inclusive.
        ends_on: NaiveDate,
    },
    /// A date has a year that cannot be written as text.
    #[error("year {year} is out of range, expected 0 to 9999")]
    YearOutOfRange {
        /// The year.
        year: i32,
    },
}
