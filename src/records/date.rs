//! Days and instants as text, more strictly than `chrono` reads them.

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, Utc};

use crate::vocabulary::Excerpt;

/// A day written `YYYY-MM-DD`, in exactly that form.
pub(crate) fn parse_day(text: &str) -> Option<NaiveDate> {
    let &[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = text.as_bytes() else { return None };
    let year = number(&[y1, y2, y3, y4])?.try_into().ok()?;
    NaiveDate::from_ymd_opt(year, number(&[m1, m2])?, number(&[d1, d2])?)
}

fn number(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |value, &digit| Some(value * 10 + char::from(digit).to_digit(10)?))
}

/// An RFC 3339 instant with any offset, as UTC.
pub(crate) fn parse_rfc3339(text: &str) -> Option<DateTime<Utc>> {
    let instant = DateTime::parse_from_rfc3339(text).ok()?.to_utc();
    in_years(instant.year()).then_some(instant)
}

/// Whether a year can be written in RFC 3339.
pub(crate) const fn in_years(year: i32) -> bool {
    0 <= year && year <= 9999
}

/// The instant that a text asks about: an RFC 3339 instant, or a day, which is taken at 00:00 UTC.
///
/// # Errors
///
/// [`InvalidInstant`] for anything else.
///
/// ```
/// use csp_multichannel::parse_instant;
///
/// assert_eq!(parse_instant("2018-09-15"), parse_instant("2018-09-15T02:00:00+02:00"));
/// assert_eq!(
///     parse_instant("15.9.2018").unwrap_err().to_string(),
///     "`15.9.2018` is no instant, expected a day such as `2018-09-15` or an RFC 3339 instant \
///      such as `2018-09-15T12:30:00Z`",
/// );
/// ```
pub fn parse_instant(text: &str) -> Result<DateTime<Utc>, InvalidInstant> {
    parse_day(text)
        .map(|day| day.and_time(NaiveTime::MIN).and_utc())
        .or_else(|| parse_rfc3339(text))
        .ok_or(InvalidInstant { given: Excerpt::of(text) })
}

/// A text that is neither a day nor an RFC 3339 instant of the years 0 to 9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{given}` is no instant, expected {EXPECTED}")]
pub struct InvalidInstant {
    given: Excerpt,
}

const EXPECTED: &str = "a day such as `2018-09-15` or an RFC 3339 instant such as `2018-09-15T12:30:00Z`";

impl InvalidInstant {
    /// The text that was given.
    #[must_use]
    pub const fn given(&self) -> &Excerpt {
        &self.given
    }
}
