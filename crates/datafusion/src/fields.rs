//! The fields of the struct of facts, and how their values are read.

use std::error::Error;
use std::sync::LazyLock;

use csp_multichannel::chrono::{DateTime, Utc};
use csp_multichannel::{Fact, Facts, UnknownWord, parse_instant};
use datafusion::arrow::array::{Array, AsArray};
use datafusion::arrow::datatypes::{
    DataType, Date32Type, Date64Type, TimeUnit, TimestampMicrosecondType, TimestampMillisecondType,
    TimestampNanosecondType, TimestampSecondType,
};
use datafusion::common::{Result as Planned, plan_datafusion_err, plan_err};

use crate::codes::Codes;

/// Why a row can't be decided.
pub(crate) type Refusal = Box<dyn Error + Send + Sync>;

/// The last day of the term.
pub(crate) const ENDS_ON: &str = "ends_on";
/// The purchase or last renewal.
pub(crate) const PURCHASED_AT: &str = "purchased_at";
/// The first instant at which the term can no longer be cancelled.
pub(crate) const CANCELLABLE_UNTIL: &str = "cancellable_until";

const DATES: [&str; 3] = [PURCHASED_AT, ENDS_ON, CANCELLABLE_UNTIL];

static FIELDS: LazyLock<Vec<&str>> =
    LazyLock::new(|| Fact::ALL.iter().map(|fact| fact.as_str()).chain(DATES).collect());

/// Checks the types of the instant and the facts during planning.
///
/// # Errors
///
/// A planning error with the invalid field and the accepted types.
pub(crate) fn check_types(as_of: &DataType, facts: &DataType) -> Planned<()> {
    if !is_instant(as_of) && !is_text(as_of) {
        return plan_err!("`as_of` is {as_of}, expected a date, a timestamp or a text");
    }
    let DataType::Struct(fields) = facts else {
        return plan_err!(
            "the facts are {facts}, expected a struct such as named_struct('channel', channel)"
        );
    };
    for (place, field) in fields.iter().enumerate() {
        let (name, kind) = (field.name().as_str(), field.data_type());
        let (fits, expected) = if DATES.contains(&name) {
            (is_instant(kind), "a date or a timestamp")
        } else if name.parse::<Fact>().is_ok() {
            (is_words(kind), "a text, a dictionary of texts, or a list of these")
        } else {
            return Err(plan_datafusion_err!("{}", UnknownWord::new("field", name, &FIELDS)));
        };
        if !fits && !kind.is_null() {
            return plan_err!("`{name}` is {kind}, expected {expected}");
        }
        if fields.iter().take(place).any(|earlier| earlier.name() == name) {
            return plan_err!("`{name}` is given twice, expected once");
        }
    }
    let has = |name: &str| fields.find(name).is_some();
    match DATES.iter().find(|name| has(name)) {
        Some(name) if !has(ENDS_ON) => plan_err!("`{name}` is given without `{ENDS_ON}`"),
        _ => Ok(()),
    }
}

fn is_text(kind: &DataType) -> bool {
    matches!(of_dictionary(kind), DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View)
}

/// Returns the value type of a dictionary type; other types unchanged.
fn of_dictionary(kind: &DataType) -> &DataType {
    if let DataType::Dictionary(_, values) = kind { values } else { kind }
}

fn is_words(kind: &DataType) -> bool {
    match kind {
        DataType::List(item) | DataType::LargeList(item) => {
            is_text(item.data_type()) || item.data_type().is_null()
        }
        other => is_text(other),
    }
}

fn is_instant(kind: &DataType) -> bool {
    matches!(of_dictionary(kind), DataType::Date32 | DataType::Date64 | DataType::Timestamp(..))
}

/// Reads the value of a fact in a row: a word, or a list of possible words.
///
/// # Errors
///
/// If a word is unknown, or a list is empty.
pub(crate) fn facts_in(fact: Fact, column: &dyn Array, row: usize) -> Result<Facts, Refusal> {
    match column.data_type() {
        DataType::List(_) => words_in(fact, &column.as_list::<i32>().value(row)),
        DataType::LargeList(_) => words_in(fact, &column.as_list::<i64>().value(row)),
        _ => match text_in(column, row) {
            Some(word) => Ok(Facts::parse(fact, word)?),
            None => Err(format!("`{fact}` is {}, expected a text", column.data_type()).into()),
        },
    }
}

/// Reads possible words; `NULL` in the list is any word.
fn words_in(fact: Fact, words: &dyn Array) -> Result<Facts, Refusal> {
    let codes = Codes::new(words);
    let facts = codes.places().map(|place| match place {
        Some(place) => facts_in(fact, codes.values, place),
        None => Ok(Facts::UNKNOWN),
    });
    let joined = facts.reduce(|joined, facts| Ok(joined?.union(facts?)));
    joined.unwrap_or_else(|| {
        let words = fact.words().join("`, `");
        Err(format!("`{fact}` is an empty list, expected at least one of `{words}`").into())
    })
}

/// Reads a date, at 00:00 UTC, a timestamp, in UTC, or a text of either.
///
/// # Errors
///
/// If a text is not an instant, or an instant is out of range.
pub(crate) fn instant_in(column: &dyn Array, row: usize) -> Result<DateTime<Utc>, Refusal> {
    macro_rules! instant {
        ($Type:ty) => {
            column.as_primitive::<$Type>().value_as_datetime(row)
        };
    }
    let instant = match column.data_type() {
        DataType::Date32 => instant!(Date32Type),
        DataType::Date64 => instant!(Date64Type),
        DataType::Timestamp(TimeUnit::Second, _) => instant!(TimestampSecondType),
        DataType::Timestamp(TimeUnit::Millisecond, _) => instant!(TimestampMillisecondType),
        DataType::Timestamp(TimeUnit::Microsecond, _) => instant!(TimestampMicrosecondType),
        DataType::Timestamp(TimeUnit::Nanosecond, _) => instant!(TimestampNanosecondType),
        other => match text_in(column, row) {
            Some(text) => return Ok(parse_instant(text)?),
            None => return Err(format!("{other}, expected a date or a timestamp").into()),
        },
    };
    instant
        .map(|instant| instant.and_utc())
        .ok_or_else(|| "an instant is beyond the calendar".into())
}

fn text_in(column: &dyn Array, row: usize) -> Option<&str> {
    match column.data_type() {
        DataType::Utf8 => Some(column.as_string::<i32>().value(row)),
        DataType::LargeUtf8 => Some(column.as_string::<i64>().value(row)),
        DataType::Utf8View => Some(column.as_string_view().value(row)),
        _ => None,
    }
}
