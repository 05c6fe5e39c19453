//! Any text as days and instants, and what they mean for a term.

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use csp_multichannel::{Fact, Facts, Subscription, Term, parse_instant};
use csp_partner_center::{Context, DateOrder, FieldValue, Record};

use crate::assert_one_line;
use crate::engine::reference::{self, Dates, FACTS};

/// Takes up to five lines: an instant of purchase, the last day, until when the term can be cancelled, the instant of
/// the question, and words of facts. An empty line is an unknown one, and `null` is "never".
pub fn run(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    let mut lines = text.splitn(5, '\n');
    let [purchase, end, until, at, words] = [(); 5].map(|()| lines.next().unwrap_or_default());
    for text in [purchase, end] {
        partner_center(text);
    }
    let [bought, ends, closes, asked] = [purchase, end, until, at].map(instant);
    let parsed = Term::parse(purchase, end);
    let is_day = |text: &str| text.len() == "2018-09-15".len();
    let ends_on = ends.filter(|_| is_day(end)).map(|at| at.date_naive());
    let of_purchase = bought.filter(|_| !is_day(purchase)).zip(ends_on);
    assert_eq!(
        parsed.as_ref().ok(),
        of_purchase.and_then(|(at, ends_on)| Term::new(at, ends_on).ok()).as_ref()
    );
    match &parsed {
        Ok(term) => {
            assert!(term.purchased_at().is_some_and(|at| at.date_naive() <= term.ends_on()));
        }
        Err(error) => assert_one_line(&error.to_string()),
    }
    let (Some(ends_on), Some(at)) = (ends_on, asked) else { return };
    let dates = Dates {
        purchased_at: bought.filter(|at| at.date_naive() <= ends_on),
        ends_on,
        cancellable_until: if until == "null" { Some(None) } else { closes.map(Some) },
    };
    check_term(dates, at, facts(words));
}

/// The facts with these words, those that decide a phase.
fn facts(words: &str) -> Facts {
    let of_fact = |facts: Facts, fact: Fact| {
        let known = words.split(' ').filter_map(|word| Facts::parse(fact, word).ok());
        facts.with(known.reduce(Facts::union))
    };
    [Fact::Channel, Fact::Service, Fact::AtTermEnd].into_iter().fold(Facts::UNKNOWN, of_fact)
}

/// Reads an instant as the library does and by a second calendar.
fn instant(text: &str) -> Option<DateTime<Utc>> {
    let parsed = parse_instant(text);
    let expected = by_hand(text);
    let found = parsed.as_ref().ok().map(nanoseconds);
    assert_eq!(found, expected, "{text:?}: {parsed:?}");
    match parsed {
        Ok(at) => Some(at),
        Err(error) => {
            assert_one_line(&error.to_string());
            None
        }
    }
}

const SECOND: i128 = 1_000_000_000;
const DAY: i128 = 86_400 * SECOND;

fn nanoseconds(at: &DateTime<Utc>) -> i128 {
    i128::from(at.timestamp()) * SECOND + i128::from(at.timestamp_subsec_nanos())
}

/// A second reading of RFC 3339, by columns, as nanoseconds since 1970.
fn by_hand(text: &str) -> Option<i128> {
    let number = |at: usize, length: usize| digits(text.get(at..at + length)?);
    let mark =
        |at: usize, marks: &[u8]| text.as_bytes().get(at).filter(|mark| marks.contains(mark));

    let (year, month, day) = (number(0, 4)?, number(5, 2)?, number(8, 2)?);
    mark(4, b"-").and(mark(7, b"-"))?;
    let midnight = i128::from(day_number(year, month, day)?) * DAY;
    if text.len() == 10 {
        return Some(midnight);
    }
    mark(10, b"Tt").and(mark(13, b":")).and(mark(16, b":"))?;
    let (hour, minute, second) = (number(11, 2)?, number(14, 2)?, number(17, 2)?);
    let rest = text.get(19..)?;
    let (fraction, offset) = match rest.strip_prefix('.') {
        Some(rest) => rest.split_at(rest.bytes().take_while(u8::is_ascii_digit).count()),
        None => ("0", rest),
    };
    if fraction.is_empty() || fraction.bytes().skip(9).any(|digit| digit != b'0') {
        return None;
    }
    let nine = fraction.bytes().chain([b'0'; 9]).take(9);
    let fraction = nine.fold(0, |number, digit| number * 10 + i128::from(digit - b'0'));
    let ahead = match offset.split_at_checked(1)? {
        ("Z" | "z", "") => 0,
        (sign @ ("+" | "-"), offset) => {
            let (hours, minutes) = offset
                .split_once(':')
                .filter(|(hours, _)| hours.len() == 2 && offset.len() == 5)?;
            let (hours, minutes) = (digits(hours)?, digits(minutes)?);
            let minutes = (hours < 24 && minutes < 60).then_some(hours * 60 + minutes)?;
            if sign == "+" { minutes } else { -minutes }
        }
        _ => return None,
    };
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let at = midnight + i128::from((hour * 60 + minute - ahead) * 60 + second) * SECOND + fraction;
    // A leap second is the first instant after the last second of a June or December in UTC.
    let begins =
        |month| day_number(year + i64::from(month == 13), if month == 13 { 1 } else { month }, 1);
    let leaps = || [begins(1), begins(7), begins(13)].contains(&i64::try_from(at / DAY).ok());
    if second == 60 && !(fraction == 0 && at.rem_euclid(DAY) == 0 && leaps()) {
        return None;
    }
    let years = day_number(0, 1, 1)?..day_number(9_999, 12, 31)? + 1;
    years.contains(&i64::try_from(at.div_euclid(DAY)).ok()?).then_some(at)
}

fn digits(text: &str) -> Option<i64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

/// Returns the days since 1970, counted from March on so that the odd day is the last.
fn day_number(year: i64, month: i64, day: i64) -> Option<i64> {
    let is_leap_year = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 => 28 + i64::from(is_leap_year),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if !(1..=days).contains(&day) {
        return None;
    }
    let (year, month) = if month < 3 { (year - 1, month + 9) } else { (year, month - 3) };
    let before = year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    Some(before + (153 * month + 2) / 5 + day - 719_469)
}

/// What partner-center makes of a text: an instant, or what would be accepted.
type Read = Result<DateTime<Utc>, String>;

/// Reads a text as a date of partner-center, without and with each order of day and month.
fn partner_center(text: &str) {
    let Some(trimmed) = FieldValue::from(text).text().map(str::to_owned) else { return };
    let json = serde_json::to_string(text).expect("JSON");
    let record = format!(
        r#"{{"id":"a","offerId":"0A1B2C3D-1111-4222-8333-444455556666","billingType":"license","effectiveStartDate":{json},"commitmentEndDate":"2100-12-31"}}"#
    );
    let record = Record::from_json(&record).expect("a record");
    let read = |order: Option<DateOrder>| -> Read {
        let context = Context::new().with_date_order(order);
        let at = parse_instant("2026-08-12").expect("a day");
        let mapping = context.map(&record, at).expect("a subscription");
        match (mapping.case.subscription.term().and_then(Term::purchased_at), &mapping.notes[..]) {
            (Some(at), []) => {
                assert!(at.timestamp_subsec_nanos() < 1_000_000_000, "{text:?} is a leap second");
                Ok(at)
            }
            (None, [note]) => Err(note.expected.clone().expect("what would be accepted")),
            found => panic!("{text:?}: {found:?}"),
        }
    };
    let free = read(None);
    let [day_first, month_first] =
        [DateOrder::DayFirst, DateOrder::MonthFirst].map(|order| read(Some(order)));

    // An order changes only what is ambiguous.
    let is_ambiguous =
        free.as_ref().is_err_and(|expected| expected.contains("one order of day and month"));
    if is_ambiguous {
        let expected = free.as_ref().expect_err("ambiguous");
        for (at, other) in [(&day_first, &month_first), (&month_first, &day_first)] {
            if let Ok(at) = at {
                assert!(
                    expected.contains(&at.date_naive().to_string()) || text.contains(':'),
                    "{text:?}: {expected}"
                );
                assert_ne!(Ok(at), other.as_ref(), "{text:?}");
            }
        }
    } else {
        assert_eq!((&free, &free), (&day_first, &month_first), "{text:?}");
    }
    let years = day_number(2000, 1, 1)..day_number(2101, 1, 1);
    let in_range = |day: &i64| years.contains(&Some(*day));
    if let Some(expected) = by_hand(&trimmed) {
        let day = i64::try_from(expected.div_euclid(DAY)).ok();
        let expected = day.filter(in_range).map(|_| expected);
        assert_eq!(free.as_ref().ok().map(nanoseconds), expected, "{text:?}");
    }
    if let Some(Numbers { days, seconds }) = Numbers::of(&trimmed) {
        for (found, day) in [day_first, month_first].iter().zip(days) {
            let at = |day| i128::from(day) * DAY + i128::from(seconds) * SECOND;
            let expected = day.filter(in_range).map(at);
            assert_eq!(found.as_ref().ok().map(nanoseconds), expected, "{text:?}: {found:?}");
        }
        assert_eq!(is_ambiguous, days[0] != days[1], "{text:?}");
    }
}

/// A date in three numbers with the same separators, such as 3/4/2026, and optionally a time such as 09:30.
struct Numbers {
    /// With the day first and with the month first, where both are common; as days since 1970.
    days: [Option<i64>; 2],
    seconds: i64,
}

impl Numbers {
    fn of(text: &str) -> Option<Self> {
        let (date, time) = text.split_once(' ').unwrap_or((text, "00:00"));
        let separator =
            date.chars().find(|c| !c.is_ascii_digit()).filter(|c| "/-.".contains(*c))?;
        let parts: Vec<&str> = date.split(separator).collect();
        let numbers = parts.iter().map(|part| digits(part)).collect::<Option<Vec<i64>>>()?;
        let [one, two, three] = numbers[..] else { return None };
        let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
        let days = match lengths[..] {
            [4, 1 | 2, 1 | 2] => [day_number(one, two, three); 2],
            [1 | 2, 1 | 2, 4] if separator == '.' => [day_number(three, two, one); 2],
            [1 | 2, 1 | 2, 4] => {
                let [day_first, month_first] =
                    [day_number(three, two, one), day_number(three, one, two)];
                [day_first.or(month_first), month_first.or(day_first)]
            }
            _ => return None,
        };
        let (hour, minute) =
            time.split_once(':').filter(|(hour, _)| hour.len() == 2 && time.len() == 5)?;
        let (hour, minute) = (digits(hour)?, digits(minute)?);
        let seconds = (hour < 24 && minute < 60).then_some((hour * 60 + minute) * 60)?;
        Some(Self { days, seconds })
    }
}

/// The facts at an instant, and the next change of them, are those of the reference.
fn check_term(dates: Dates, at: DateTime<Utc>, facts: Facts) {
    let term = match dates.purchased_at {
        Some(purchase) => Term::new(purchase, dates.ends_on).expect("a term"),
        None => Term::ending(dates.ends_on),
    };
    let term = match dates.cancellable_until {
        None => term,
        Some(None) => term.never_cancellable(),
        Some(Some(until)) => term.cancellable_until(until),
    };
    let subscription = Subscription::from(facts).with_term(term);
    let possible: [Vec<&str>; FACTS] =
        std::array::from_fn(|fact| facts.possible_words(Fact::ALL[fact]).collect());
    let check = |at: DateTime<Utc>| {
        let settled = reference::settle(&possible, dates, at);
        let found = subscription.facts_at(at);
        for (fact, words) in Fact::ALL.iter().zip(&settled) {
            let mut found: Vec<&str> = found.possible_words(*fact).collect();
            let mut words = words.clone();
            found.sort_unstable();
            words.sort_unstable();
            assert_eq!(found, words, "{fact} of {facts} with {term:?} at {at:?}");
        }
        found
    };
    let now = check(at);
    if let Some(next) = subscription.next_change(at) {
        assert!(next > at);
        assert_ne!(check(next), now, "{subscription:?} after {at:?}");
        assert_eq!(check(next - TimeDelta::nanoseconds(1)), now, "{subscription:?} after {at:?}");
    } else {
        let after = dates.ends_on.and_time(NaiveTime::MIN).and_utc() + TimeDelta::days(1);
        assert_eq!(check(after.max(at)), now, "{subscription:?} after {at:?}");
    }
}
