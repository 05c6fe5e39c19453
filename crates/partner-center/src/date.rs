//! Dates in the formats of people and programs.

use std::fmt;

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, NaiveTime, Timelike, Utc};
use csp_multichannel::parse_instant;

csp_multichannel::words! {
    /// The order of day and month in ambiguous dates such as 3/4/2026.
    ///
    /// ```
    /// use csp_partner_center::DateOrder;
    ///
    /// assert_eq!("month_first".parse(), Ok(DateOrder::MonthFirst));
    /// assert_eq!(DateOrder::MonthFirst.meaning(), "Month, day, year: 3/4/2026 is in March.");
    /// let error = "day-first".parse::<DateOrder>().unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "unknown date_order `day-first`, expected one of `day_first`, `month_first`; \
    ///      did you mean `day_first`?",
    /// );
    /// ```
    #[non_exhaustive]
    pub enum DateOrder, date_order {
        /// Day, month, year: 3/4/2026 is in April.
        DayFirst = day_first,
        /// Month, day, year: 3/4/2026 is in March.
        MonthFirst = month_first,
    }
}

/// A day or an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Date {
    /// In UTC; a day without a time begins at 00:00.
    pub(crate) at: DateTime<Utc>,
    /// Whether the text has a time of day.
    pub(crate) has_time: bool,
}

/// The reason why a text can't be used as a date, printed as what would be accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoDate {
    /// The year is before 2000 or after 2100: a default, or a placeholder for "never".
    OutOfRange,
    /// Day and month can be in either order.
    Ambiguous { day_first: NaiveDate, month_first: NaiveDate },
    /// The text is not a date.
    Malformed,
}

impl fmt::Display for NoDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OutOfRange => f.write_str("a date from 2000 to 2100"),
            Self::Ambiguous { day_first, month_first } => {
                write!(
                    f,
                    "`{day_first}` or `{month_first}`, or one order of day and month for all dates"
                )
            }
            Self::Malformed => f.write_str("a date such as `2026-09-15` or `2026-09-15T12:30:00Z`"),
        }
    }
}

/// Reads a day or an instant; without an offset it is in UTC.
pub(crate) fn parse(text: &str, order: Option<DateOrder>) -> Result<Date, NoDate> {
    let date = parse_any(text.trim(), order)?;
    // Some APIs write the year 1 or 9999 for no date.
    if (2000..=2100).contains(&date.at.year()) { Ok(date) } else { Err(NoDate::OutOfRange) }
}

fn parse_any(text: &str, order: Option<DateOrder>) -> Result<Date, NoDate> {
    if let Ok(at) = parse_instant(text) {
        return Ok(Date { at, has_time: text.len() > "2026-09-15".len() });
    }
    if let Some(ticks) = text.strip_prefix("/Date(").and_then(|text| text.strip_suffix(")/")) {
        // The number is in UTC; the offset shows only in which zone it was written.
        let end = ticks
            .char_indices()
            .skip(1)
            .find(|(_, c)| matches!(c, '+' | '-'))
            .map_or(ticks.len(), |(at, _)| at);
        let milliseconds =
            ticks.get(..end).and_then(|ticks| ticks.parse().ok()).ok_or(NoDate::Malformed)?;
        let at = DateTime::from_timestamp_millis(milliseconds).ok_or(NoDate::OutOfRange)?;
        return Ok(Date { at, has_time: true });
    }
    let (day, rest) = parse_day(text, order)?;
    let rest = rest.trim_start_matches([' ', 'T', 't', ',', '\u{a0}', '\u{202f}']);
    if rest.is_empty() {
        return Ok(Date { at: day.and_time(NaiveTime::MIN).and_utc(), has_time: false });
    }
    let (time, offset) = parse_time(rest).ok_or(NoDate::Malformed)?;
    let local = day.and_time(time);
    let at = match offset {
        Some(offset) => {
            local.and_local_timezone(offset).single().ok_or(NoDate::Malformed)?.to_utc()
        }
        None => local.and_utc(),
    };
    Ok(Date { at, has_time: true })
}

/// Reads the day at the beginning of a text, and returns it with the rest.
fn parse_day(text: &str, order: Option<DateOrder>) -> Result<(NaiveDate, &str), NoDate> {
    const CERTAIN: &[&str] = &[
        "%Y-%m-%d",
        "%Y/%m/%d",
        "%Y.%m.%d",
        "%d.%m.%Y",
        "%d %b %Y",
        "%d %B %Y",
        "%d-%b-%Y",
        "%b %d, %Y",
        "%B %d, %Y",
    ];
    let begins_with_year = text.bytes().take_while(u8::is_ascii_digit).count() == 4;
    let read = |format: &&str| {
        let read = NaiveDate::parse_and_remainder(text, format).ok()?;
        // The four digits of a year are where the format has them.
        let four = text.split(|c: char| !c.is_ascii_digit()).any(|digits| digits.len() == 4);
        (four && format.starts_with("%Y") == begins_with_year).then_some(read)
    };
    if let Some(certain) = CERTAIN.iter().find_map(read) {
        return Ok(certain);
    }
    let separator =
        text.find(['/', '-']).and_then(|at| text.get(at..=at)).ok_or(NoDate::Malformed)?;
    let [day_first, month_first] =
        [["%d", "%m", "%Y"], ["%m", "%d", "%Y"]].map(|parts| read(&parts.join(separator).as_str()));
    match (day_first, month_first, order) {
        (Some((day_first, _)), Some((month_first, _)), None) if day_first != month_first => {
            Err(NoDate::Ambiguous { day_first, month_first })
        }
        (Some(_), Some(day), Some(DateOrder::MonthFirst))
        | (Some(day), _, _)
        | (None, Some(day), _) => Ok(day),
        (None, None, _) => Err(NoDate::Malformed),
    }
}

/// Reads a time of day and the offset after it.
fn parse_time(text: &str) -> Option<(NaiveTime, Option<FixedOffset>)> {
    const FORMATS: &[&str] = &["%I:%M:%S%.f %p", "%I:%M %p", "%H:%M:%S%.f", "%H:%M"];
    // Some programs write a narrow space before AM or PM.
    let text = text.replace('\u{202f}', " ");
    let read = |format: &&str| NaiveTime::parse_and_remainder(&text, format).ok();
    let (time, rest) = FORMATS.iter().find_map(read)?;
    // `chrono` accepts second 60 in every minute.
    if time.nanosecond() >= 1_000_000_000 {
        return None;
    }
    let offset = match rest.trim() {
        "" => None,
        "Z" | "z" | "UTC" | "GMT" => FixedOffset::east_opt(0),
        offset => Some(offset.parse().ok()?),
    };
    Some((time, offset))
}
