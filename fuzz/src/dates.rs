//! Any text as days and instants, and what they mean for a term.

use csp_multichannel::chrono::{DateTime, NaiveDate, NaiveTime, SecondsFormat, TimeDelta, Timelike, Utc};
use csp_multichannel::{Cancellation, Service, Set, Term, TermPhase, parse_instant, rest};
use serde::de::DeserializeOwned;
use serde::de::value::{Error, MapDeserializer};

use crate::assert_telling;
use crate::decide::reference::{self, Cancellable, Dates};

/// Up to four lines: when it was bought, its last day, until when it can be cancelled, and when that is asked.
pub fn run(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    let mut lines = text.splitn(4, '\n');
    let [bought, ends, until, at] = [(); 4].map(|()| lines.next().unwrap_or_default());
    let [bought_at, ends_at, until_at, at] = [bought, ends, until, at].map(instant);

    for (one, other) in [(bought_at, until_at), (until_at, at)] {
        if let (Some(one), Some(other)) = (one, other) {
            assert_ordered(one, other);
        }
    }
    let Some(purchased_at) = bought_at else { return };
    let cancellable = [("purchased_at", bought), ("ends_on", ends), ("cancellable_until", until)];
    let fields = if until_at.is_some() { &cancellable[..] } else { &cancellable[..2] };
    let read = read::<Term>(fields);
    let Some(ends_on) = ends_at.filter(|_| ends.len() == "2018-09-15".len()).map(|day| day.date_naive()) else {
        return assert_telling(&read.expect_err("no day"));
    };
    let cancellation = until_at.map_or(Cancellation::ByService, Cancellation::Until);
    match Term::new(purchased_at, ends_on, cancellation) {
        // Either may be written in more ways than one, but an instant of a record is not written as a day.
        Ok(term) => {
            let as_record = bought.len() > ends.len() && (until_at.is_none() || until.len() > ends.len());
            assert_eq!(read.ok(), as_record.then_some(term));
            if let Some(at) = at {
                for cancellation in [cancellation, Cancellation::ByService, Cancellation::Never] {
                    let term = Term::new(purchased_at, ends_on, cancellation).expect("dates of a term");
                    assert_phases(&term, at);
                }
            }
        }
        Err(error) => {
            assert!(ends_on < purchased_at.date_naive());
            assert_telling(&error.to_string());
            assert_telling(&read.expect_err("no term"));
        }
    }
}

fn read<T: DeserializeOwned>(fields: &[(&'static str, &str)]) -> Result<T, String> {
    T::deserialize(MapDeserializer::<_, Error>::new(fields.iter().copied())).map_err(|error| error.to_string())
}

/// Reads an instant as the library does and by a reading of its own, which have to agree.
fn instant(text: &str) -> Option<DateTime<Utc>> {
    let parsed = parse_instant(text);
    let expected = by_hand(text);
    assert_eq!(parsed.as_ref().ok().map(nanoseconds), expected, "{text:?}: {parsed:?}");

    // Partner Center's instants may lack the offset, or have spaces.
    let resource = read::<rest::Subscription>(&[("id", "s"), ("creationDate", text)]);
    let of_interface = resource.as_ref().ok().and_then(|subscription| subscription.creation_date);
    let spaced = text.replace(": ", ":");
    let accepted = [text, &spaced].into_iter().find_map(|text| by_hand(text).or_else(|| by_hand(&format!("{text}Z"))));
    assert_eq!(of_interface.as_ref().map(nanoseconds), accepted, "{text:?}: {of_interface:?}");
    if let Err(error) = &resource {
        assert_telling(error);
    }

    let Ok(instant) = parsed else {
        assert_telling(&parsed.expect_err("no instant").to_string());
        return None;
    };
    let written = instant.to_rfc3339_opts(SecondsFormat::AutoSi, true);
    assert_eq!(parse_instant(&written), Ok(instant), "{text:?} is written {written:?}");
    if text.len() == "2018-09-15".len() {
        assert_eq!(
            NaiveDate::parse_from_str(text, "%Y-%m-%d").map(|day| day.and_time(NaiveTime::MIN).and_utc()),
            Ok(instant)
        );
    } else {
        assert_eq!(DateTime::parse_from_rfc3339(text).map(|instant| instant.to_utc()), Ok(instant));
    }
    Some(instant)
}

/// Nanoseconds since 1970, and within a leap second how far it has gone: as the text says, without a calendar of `chrono`'s.
type Nanoseconds = (i128, u32);

const SECOND: i128 = 1_000_000_000;
const DAY: i128 = 86_400 * SECOND;

fn nanoseconds(instant: &DateTime<Utc>) -> Nanoseconds {
    let leap = instant.nanosecond().saturating_sub(999_999_999);
    (i128::from(instant.timestamp()) * SECOND + i128::from(instant.nanosecond() - leap), leap)
}

/// A second reading of RFC 3339, and of days: by columns.
fn by_hand(text: &str) -> Option<Nanoseconds> {
    let number = |at: usize, length: usize| {
        let digits = text.as_bytes().get(at..at + length)?;
        digits
            .iter()
            .try_fold(0_i64, |number, digit| digit.is_ascii_digit().then(|| number * 10 + i64::from(digit - b'0')))
    };
    let mark = |at: usize, marks: &[u8]| text.as_bytes().get(at).filter(|mark| marks.contains(mark)).copied();

    let (year, month, day) = (number(0, 4)?, number(5, 2)?, number(8, 2)?);
    let is_leap_year = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 => 28 + i64::from(is_leap_year),
        4 | 6 | 9 | 11 => 30,
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        _ => return None,
    };
    mark(4, b"-").and(mark(7, b"-")).filter(|_| (1..=days).contains(&day))?;
    let midnight = i128::from(days_since_1970(year, month, day)) * DAY;
    if text.len() == 10 {
        return Some((midnight, 0));
    }

    mark(10, b"Tt ").and(mark(13, b":")).and(mark(16, b":"))?;
    let (hour, minute, second) = (number(11, 2)?, number(14, 2)?, number(17, 2)?);
    let rest = text.get(19..)?;
    let (fraction, offset) = match rest.strip_prefix('.') {
        Some(rest) => rest.split_at(rest.bytes().take_while(u8::is_ascii_digit).count()),
        None => ("0", rest),
    };
    if fraction.is_empty() || fraction.bytes().skip(9).any(|digit| digit != b'0') {
        return None;
    }
    let fraction =
        fraction.bytes().chain([b'0'; 9]).take(9).fold(0, |number, digit| number * 10 + i128::from(digit - b'0'));
    let ahead = match *offset.as_bytes() {
        [b'Z' | b'z'] => 0,
        [sign @ (b'+' | b'-'), _, _, b':', _, _] => {
            let at = text.len() - 5;
            let (hours, minutes) = (number(at, 2)?, number(at + 3, 2)?);
            let minutes = (hours < 24 && minutes < 60).then_some(hours * 60 + minutes)?;
            if sign == b'+' { minutes } else { -minutes }
        }
        _ => return None,
    };
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let leaps = second == 60;
    let seconds = (hour * 60 + minute - ahead) * 60 + second - i64::from(leaps);
    let instant = midnight + i128::from(seconds) * SECOND;
    // In UTC it lies in the years 0 to 9999, and leaps only at the end of a June or December.
    let utc_day = i64::try_from(instant.div_euclid(DAY)).expect("few days");
    if !(days_since_1970(0, 1, 1)..days_since_1970(10_000, 1, 1)).contains(&utc_day) {
        return None;
    }
    if !leaps {
        return Some((instant + fraction, 0));
    }
    let tomorrow = [(year, 1, 1), (year, 7, 1), (year + 1, 1, 1)];
    let ends = tomorrow.into_iter().any(|(year, month, day)| days_since_1970(year, month, day) == utc_day + 1);
    let leap = u32::try_from(fraction + 1).expect("a fraction");
    (ends && instant.rem_euclid(DAY) == DAY - SECOND).then_some((instant + SECOND - 1, leap))
}

/// Counts leap years, from March on so that the odd day comes last.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month < 3 { (year - 1, month + 9) } else { (year, month - 3) };
    let before = year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    before + (153 * month + 2) / 5 + day - 719_469
}

/// Instants sort as what they say; those written alike in UTC sort as text.
fn assert_ordered(one: DateTime<Utc>, other: DateTime<Utc>) {
    assert_eq!(one.cmp(&other), nanoseconds(&one).cmp(&nanoseconds(&other)), "{one:?}, {other:?}");
    let [one_text, other_text] = [one, other].map(|instant| instant.to_rfc3339_opts(SecondsFormat::Nanos, true));
    assert_eq!(one.cmp(&other), one_text.cmp(&other_text));
}

/// The phases at an instant, and when the next ones begin, are those of the reference.
fn assert_phases(term: &Term, at: DateTime<Utc>) {
    let leaps = |instant: &DateTime<Utc>| instant.nanosecond() >= 1_000_000_000;
    let until = match term.cancellation() {
        Cancellation::Until(until) => Some(until),
        _ => None,
    };
    // The reference counts no leap seconds.
    if [Some(term.purchased_at()), until, Some(at)].iter().flatten().any(leaps) {
        return;
    }
    let (midnight, _) = nanoseconds(&term.ends_on().and_time(NaiveTime::MIN).and_utc());
    let dates = Dates {
        purchased_at: nanoseconds(&term.purchased_at()).0,
        ends_on: i64::try_from(midnight / DAY).expect("few days"),
        cancellable_until: match term.cancellation() {
            Cancellation::ByService => Cancellable::Derive,
            Cancellation::Never => Cancellable::Never,
            Cancellation::Until(until) => Cancellable::Until(nanoseconds(&until).0),
        },
    };
    for service in Service::ALL.iter().copied().map(Some).chain([None]) {
        let expected = |at: &DateTime<Utc>| {
            let bits = reference::phases(service.map(Service::as_str), Some(&dates), nanoseconds(at).0);
            TermPhase::ALL.iter().copied().filter(|&phase| bits >> phase as u8 & 1 == 1).collect::<Set<TermPhase>>()
        };
        let phases = term.phases(service, at);
        assert_eq!(phases, expected(&at), "{term:?} of {service:?} at {at:?}");
        if let Some((next, later)) = term.next_change(service, at) {
            assert!(next > at && later != phases, "{term:?} of {service:?} after {at:?}: {next:?}");
            assert_eq!(later, expected(&next), "{term:?} of {service:?} at {next:?}");
            assert_eq!(
                phases,
                expected(&(next - TimeDelta::nanoseconds(1))),
                "{term:?} of {service:?} before {next:?}"
            );
        } else {
            let end = term.ends_on().and_time(NaiveTime::MIN).and_utc() + TimeDelta::days(1);
            assert_eq!(phases, expected(&end.max(at)), "{term:?} of {service:?} after {at:?}");
        }
    }
}
