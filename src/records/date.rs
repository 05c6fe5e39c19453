//! Days and instants as text, more strictly than `chrono` reads them.

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, Timelike, Utc};

use crate::vocabulary::Excerpt;

/// A day of the program's own.
#[expect(clippy::panic, reason = "at compile time")]
pub(crate) const fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    match NaiveDate::from_ymd_opt(year, month, day) {
        Some(day) => day,
        None => panic!("no such day"),
    }
}

/// A day written `YYYY-MM-DD`, in exactly that form.
pub(crate) fn parse_day(text: &str) -> Option<NaiveDate> {
    let &[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = text.as_bytes() else { return None };
    let year = number(&[y1, y2, y3, y4])?.try_into().ok()?;
    NaiveDate::from_ymd_opt(year, number(&[m1, m2])?, number(&[d1, d2])?)
}

fn number(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |value, &digit| Some(value * 10 + char::from(digit).to_digit(10)?))
}

/// An RFC 3339 instant with any offset, as UTC, where it can be kept as it is: in years that can be written,
/// to the nanosecond, a leap second only where there can be one.
pub(crate) fn parse_rfc3339(text: &str) -> Option<DateTime<Utc>> {
    let fraction = text.bytes().skip_while(|&byte| byte != b'.').skip(1).take_while(u8::is_ascii_digit);
    if !text.is_ascii() || fraction.skip(9).any(|digit| digit != b'0') {
        return None;
    }
    let instant = DateTime::parse_from_rfc3339(text).ok()?.to_utc();
    let leaps = instant.nanosecond() >= 1_000_000_000;
    let may_leap =
        instant.num_seconds_from_midnight() == 86_399 && matches!((instant.month(), instant.day()), (6, 30) | (12, 31));
    (in_years(instant.year()) && (may_leap || !leaps)).then_some(instant)
}

/// An instant as Partner Center's interface writes it: with an offset, without one in UTC, or only a day, at 00:00 UTC;
/// in the reference's own examples with spaces after the colons.
#[cfg(all(feature = "serde", feature = "std"))]
pub(crate) fn parse_interface_instant(text: &str) -> Option<DateTime<Utc>> {
    let parse = |text: &str| {
        parse_rfc3339(text)
            .or_else(|| parse_rfc3339(&std::format!("{text}Z")))
            .or_else(|| Some(parse_day(text)?.and_time(NaiveTime::MIN).and_utc()))
    };
    parse(text).or_else(|| if text.contains(": ") { parse(&text.replace(": ", ":")) } else { None })
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

/// A text that is neither a day nor an RFC 3339 instant of the years 0 to 9999, to the nanosecond.
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
