//! Days and instants as text.

use alloc::string::String;
use core::fmt;

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, TimeDelta, Timelike, Utc};

use crate::words::excerpt;

/// Reads an instant from a day, which counts as 00:00 UTC, or from an RFC 3339 instant.
///
/// The library never reads the clock. The current instant is `chrono::Utc::now()`, with the feature
/// `now` of `chrono`, or comes from the standard library:
///
/// ```
/// use std::time::{SystemTime, UNIX_EPOCH};
///
/// use csp_multichannel::chrono::DateTime;
///
/// let seconds = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs().try_into()?;
/// let now = DateTime::from_timestamp(seconds, 0).ok_or("the clock is far off")?;
/// # assert!(csp_multichannel::decide(&csp_multichannel::Subscription::new(), now).is_ok());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// [`InstantError`] for any other text, and for years before 0 or after 9999 in UTC.
///
/// ```
/// use csp_multichannel::parse_instant;
///
/// assert_eq!(parse_instant("2018-09-15")?, parse_instant("2018-09-15T02:00:00+02:00")?);
/// assert_eq!(
///     parse_instant("15.9.2018").unwrap_err().to_string(),
///     "invalid instant `15.9.2018`, expected a day such as `2018-09-15` or an RFC 3339 \
///      instant such as `2018-09-15T12:30:00Z`",
/// );
/// # Ok::<(), csp_multichannel::InstantError>(())
/// ```
pub fn parse_instant(text: &str) -> Result<DateTime<Utc>, InstantError> {
    parse_day(text)
        .map(midnight)
        .or_else(|| parse_rfc3339(text))
        .ok_or_else(|| InstantError { given: excerpt(text) })
}

/// An invalid instant: a text that is neither a day nor an RFC 3339 instant.
///
/// ```
/// use csp_multichannel::parse_instant;
///
/// // A day that the month does not have.
/// let error = parse_instant("2018-02-30").unwrap_err();
/// assert_eq!(error.given(), "2018-02-30");
/// assert_eq!(
///     error.to_string(),
///     "invalid instant `2018-02-30`, expected a day such as `2018-09-15` or an RFC 3339 \
///      instant such as `2018-09-15T12:30:00Z`",
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "invalid instant `{given}`, expected a day such as `2018-09-15` or an RFC 3339 instant such as \
     `2018-09-15T12:30:00Z`"
)]
pub struct InstantError {
    given: String,
}

impl InstantError {
    /// Returns the invalid text; only the beginning of a long one.
    #[must_use]
    pub fn given(&self) -> &str {
        &self.given
    }
}

/// A day that is written in the code.
#[expect(clippy::panic, reason = "at compile time")]
pub(crate) const fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    match NaiveDate::from_ymd_opt(year, month, day) {
        Some(day) => day,
        None => panic!("no such day"),
    }
}

/// 00:00 UTC on a day.
pub(crate) const fn midnight(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::MIN).and_utc()
}

/// Whether a year has four digits, as RFC 3339 requires.
pub(crate) const fn has_four_digits(year: i32) -> bool {
    0 <= year && year <= 9999
}

/// Reads a day written exactly as `YYYY-MM-DD`.
pub(crate) fn parse_day(text: &str) -> Option<NaiveDate> {
    if !is_shaped(text, "0000-00-00") {
        return None;
    }
    let mut parts = text.split('-');
    let year = parts.next()?.parse().ok()?;
    NaiveDate::from_ymd_opt(year, parts.next()?.parse().ok()?, parts.next()?.parse().ok()?)
}

/// Reads an RFC 3339 instant with at most nine digits after the point, so without loss.
///
/// A leap second can only be the last one of June or December. It counts as the next second.
pub(crate) fn parse_rfc3339(text: &str) -> Option<DateTime<Utc>> {
    let (seconds, rest) = text.split_at_checked("0000-00-00T00:00:00".len())?;
    let (fraction, offset) = rest.split_at_checked(rest.find(['Z', 'z', '+', '-'])?)?;
    let digits = fraction.trim_end_matches('0');
    let shaped = is_shaped(seconds, "0000-00-00T00:00:00")
        && (is_shaped(offset, "Z") || is_shaped(offset, "+00:00") || is_shaped(offset, "-00:00"))
        && (fraction.is_empty() || fraction.starts_with('.'))
        && fraction.bytes().skip(1).all(|digit| digit.is_ascii_digit())
        && digits.len() <= ".000000000".len();
    if !shaped {
        return None;
    }
    // The shape is checked above because chrono accepts others. It reads the numbers correctly.
    let mut instant = DateTime::parse_from_rfc3339(text).ok()?.to_utc();
    if instant.nanosecond() >= 1_000_000_000 {
        let ends_a_day = instant.num_seconds_from_midnight() == 86_399;
        let is_last = matches!((instant.month(), instant.day()), (6, 30) | (12, 31));
        if !ends_a_day || !is_last || instant.nanosecond() > 1_000_000_000 {
            return None;
        }
        instant = midnight(instant.date_naive().succ_opt()?);
    }
    has_four_digits(instant.year()).then_some(instant)
}

/// Whether a text has the characters of a pattern: a digit for each `0`, letters in any case.
fn is_shaped(text: &str, pattern: &str) -> bool {
    let fits = |(byte, like): (u8, u8)| match like {
        b'0' => byte.is_ascii_digit(),
        _ => byte.eq_ignore_ascii_case(&like),
    };
    text.len() == pattern.len() && text.bytes().zip(pattern.bytes()).all(fits)
}

/// Writes an instant as RFC 3339 in UTC, with a fraction only if it is not zero.
pub(crate) struct Rfc3339(pub(crate) DateTime<Utc>);

impl Rfc3339 {
    /// The instant as it is written. A leap second, which `chrono` supports, counts as the next
    /// second.
    pub(crate) fn without_leap(&self) -> DateTime<Utc> {
        let leap = i64::from(self.0.nanosecond() / 1_000_000_000);
        self.0.checked_add_signed(TimeDelta::seconds(leap)).unwrap_or(self.0)
    }
}

impl fmt::Display for Rfc3339 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let instant = self.without_leap();
        let (day, time) = (instant.date_naive(), instant.time());
        write!(f, "{day}T{:02}:{:02}:{:02}", time.hour(), time.minute(), time.second())?;
        let (mut fraction, mut width) = (time.nanosecond() % 1_000_000_000, 9);
        if fraction > 0 {
            while fraction % 10 == 0 {
                fraction /= 10;
                width -= 1;
            }
            write!(f, ".{fraction:0width$}")?;
        }
        f.write_str("Z")
    }
}
