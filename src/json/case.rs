//! Reading the record of one case, so that an error can be matched and does not cost the id.

use core::fmt;
use core::str::FromStr;
use std::borrow::Cow;
use std::boxed::Box;
use std::string::{String, ToString};

use chrono::{DateTime, NaiveDate, Utc};
use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::records::date::{parse_day, parse_rfc3339};
use crate::records::{Cancellation, Case, Engagement, Subscription, Term, TermError, UsageHasNoTerm};
use crate::vocabulary::{
    AutoRenew, Channel, Cloud, Customer, Excerpt, Market, Member, OneOf, Partner, Relationship, Service, Set, Status,
    Transfer, UnknownWord, words,
};

words! {
    /// The records that a case is read from.
    #[non_exhaustive]
    pub enum Record, record {
        /// A [`Case`](crate::Case).
        Case = case,
        /// A [`Subscription`](crate::Subscription).
        Subscription = subscription,
        /// An [`Engagement`](crate::Engagement).
        Engagement = engagement,
        /// A [`Term`](crate::Term).
        Term = term,
    }
}

words! {
    /// The fields of these records.
    #[non_exhaustive]
    pub enum Field, field {
        /// The caller's id.
        Id = id,
        /// See [`Channel`].
        Channel = channel,
        /// See [`Service`].
        Service = service,
        /// See [`Cloud`].
        Cloud = cloud,
        /// See [`Partner`].
        Partner = partner,
        /// See [`Relationship`].
        Relationship = relationship,
        /// See [`Customer`].
        Customer = customer,
        /// See [`Market`].
        Market = market,
        /// See [`AutoRenew`].
        AutoRenew = auto_renew,
        /// See [`Status`].
        Status = status,
        /// See [`Transfer`].
        TransferPending = transfer_pending,
        /// See [`Term`](crate::Term).
        Term = term,
        /// See [`Term`](crate::Term).
        PurchasedAt = purchased_at,
        /// See [`Term`](crate::Term).
        EndsOn = ends_on,
        /// See [`Cancellation`](crate::Cancellation).
        CancellableUntil = cancellable_until,
    }
}

impl Record {
    /// The fields that it may have.
    #[must_use]
    pub const fn fields(self) -> Set<Field> {
        const ALL: u64 = (1 << Field::ALL.len()) - 1;
        const ID: u64 = 1 << Field::Id as u8;
        const TERM: u64 = 1 << Field::PurchasedAt as u8 | 1 << Field::EndsOn as u8 | 1 << Field::CancellableUntil as u8;
        const ENGAGEMENT: u64 = 1 << Field::Partner as u8
            | 1 << Field::Relationship as u8
            | 1 << Field::Customer as u8
            | 1 << Field::Market as u8;
        Set::from_bits(match self {
            Self::Case => ALL & !TERM,
            Self::Subscription => ALL & !TERM & !ENGAGEMENT & !ID,
            Self::Engagement => ENGAGEMENT,
            Self::Term => TERM,
        })
    }
}

impl Field {
    /// What it may hold.
    #[must_use]
    pub const fn expected(self) -> Expected {
        match self {
            Self::Id => Expected::Text,
            Self::Channel => Expected::OneOf(Channel::WORDS),
            Self::Service => Expected::OneOf(Service::WORDS),
            Self::Cloud => Expected::OneOf(Cloud::WORDS),
            Self::Partner => Expected::OneOf(Partner::WORDS),
            Self::Relationship => Expected::OneOf(Relationship::WORDS),
            Self::Customer => Expected::OneOf(Customer::WORDS),
            Self::Market => Expected::OneOf(Market::WORDS),
            Self::Status => Expected::OneOf(Status::WORDS),
            Self::AutoRenew | Self::TransferPending => Expected::Flag,
            Self::Term => Expected::Object,
            Self::PurchasedAt => Expected::Instant,
            Self::EndsOn => Expected::Day,
            Self::CancellableUntil => Expected::InstantOrNull,
        }
    }
}

/// What a field may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Expected {
    /// A string.
    Text,
    /// `true` or `false`.
    Flag,
    /// One of some words.
    OneOf(&'static [&'static str]),
    /// A day, `YYYY-MM-DD`.
    Day,
    /// An RFC 3339 instant of the years 0 to 9999.
    Instant,
    /// The same, or `null`.
    InstantOrNull,
    /// An object.
    Object,
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OneOf(words) => return OneOf(words).fmt(f),
            Self::Text => "a string",
            Self::Flag => "`true` or `false`",
            Self::Day => "a day such as `2018-09-15`",
            Self::Instant => "an RFC 3339 instant such as `2018-09-15T12:30:00Z`",
            Self::InstantOrNull => "an RFC 3339 instant such as `2018-09-15T12:30:00Z`, or `null`",
            Self::Object => "an object",
        })
    }
}

/// What is wrong with the record of a case; the first thing, where there are several.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// The record itself is no object.
    #[error("a {record} is {found}, expected an object")]
    NoObject {
        /// The record.
        record: Record,
        /// What stands in its place, as JSON.
        found: Excerpt,
    },
    /// A value of the wrong type, a word that is none of those accepted, a malformed date.
    #[error("`{field}` is {found}, expected {}", .field.expected())]
    Value {
        /// The field.
        field: Field,
        /// What it holds, as JSON.
        found: Excerpt,
    },
    /// A field that the record does not have.
    #[error("a {record} has no field `{given}`, expected one of {:#}", .record.fields())]
    UnknownField {
        /// The record.
        record: Record,
        /// The field.
        given: Excerpt,
    },
    /// A field that was given twice.
    #[error("`{field}` is given twice, expected at most once")]
    RepeatedField {
        /// The field.
        field: Field,
    },
    /// A field that is required.
    #[error("`{field}` is missing, expected {}", .field.expected())]
    MissingField {
        /// The field.
        field: Field,
    },
    /// The dates are no term.
    #[error("`term`: {0}")]
    Term(#[from] TermError),
    /// A usage-based service with a term.
    #[error("`term`: {0}")]
    UsageHasNoTerm(#[from] UsageHasNoTerm),
}

/// A record that was refused, with its id where one could be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct Refused<E> {
    /// The id of the case.
    pub id: Option<String>,
    /// What is wrong.
    pub reason: Refusal<E>,
}

/// Why a record was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal<E> {
    /// It is no record of a case.
    #[error("{0}")]
    Record(RecordError),
    /// The format's own error: it is no JSON, say.
    #[error("{0}")]
    Format(E),
}

impl Case {
    /// Reads the record of a case, from any format that describes itself.
    ///
    /// As its `Deserialize`, but with an error that can be matched and that tells the id, wherever it stands.
    ///
    /// # Errors
    ///
    /// [`Refused`], with the first thing wrong.
    ///
    /// ```
    /// use csp_multichannel::{Case, Field, RecordError, Refusal};
    ///
    /// let line = r#"{"channel":"opne","id":"c-17"}"#;
    /// let refused = Case::read(&mut serde_json::Deserializer::from_str(line)).unwrap_err();
    /// assert_eq!(refused.id.as_deref(), Some("c-17"));
    /// assert!(refused.to_string().starts_with("`channel` is \"opne\", expected one of `direct`, "));
    /// assert!(matches!(refused.reason, Refusal::Record(RecordError::Value { field: Field::Channel, .. })));
    /// ```
    pub fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, Refused<D::Error>> {
        let mut id = None;
        let read = read_record(deserializer, Record::Case, &mut id);
        let (subscription, engagement) = match read {
            Ok(Ok(records)) => records,
            Ok(Err(error)) => return Err(Refused { id, reason: Refusal::Record(*error) }),
            Err(error) => return Err(Refused { id, reason: Refusal::Format(error) }),
        };
        match id {
            Some(id) => Ok(Self::new(id, subscription, engagement)),
            None => Err(Refused { id, reason: Refusal::Record(RecordError::MissingField { field: Field::Id }) }),
        }
    }
}

impl<'de> Deserialize<'de> for Case {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::read(deserializer).map_err(|refused| match refused.reason {
            Refusal::Record(error) => D::Error::custom(error),
            Refusal::Format(error) => error,
        })
    }
}

impl<'de> Deserialize<'de> for Subscription {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (subscription, _) =
            read_record(deserializer, Record::Subscription, &mut None)?.map_err(D::Error::custom)?;
        Ok(subscription)
    }
}

impl<'de> Deserialize<'de> for Engagement {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (_, engagement) = read_record(deserializer, Record::Engagement, &mut None)?.map_err(D::Error::custom)?;
        Ok(engagement)
    }
}

impl<'de> Deserialize<'de> for Term {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let read = match deserializer.deserialize_any(Any(TermFields))? {
            Raw::Object(read) => read,
            other => Err(RecordError::NoObject { record: Record::Term, found: other.found() }.into()),
        };
        read.map_err(D::Error::custom)
    }
}

impl Serialize for Case {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut record = serializer.serialize_map(None)?;
        record.serialize_entry("id", &self.id)?;
        super::entries_of_subscription(&mut record, &self.subscription)?;
        super::entries_of_engagement(&mut record, self.engagement)?;
        record.end()
    }
}

/// A format's error outside, an error of the record inside: with the latter, what follows can still be read.
type Read<T, E> = Result<Result<T, Wrong>, E>;

/// Boxed: an error is several times the size of what is read, and moves with it.
type Wrong = Box<RecordError>;

/// Reads all fields of a record, each by `read`, and keeps the first error.
fn read_fields<'de, A: MapAccess<'de>>(
    record: Record,
    mut entries: A,
    mut read: impl FnMut(Field, &mut A) -> Read<(), A::Error>,
) -> Read<(), A::Error> {
    let mut left = record.fields();
    let mut first_error = None;
    while let Some(name) = entries.next_key_seed(FieldName)? {
        let error = match name {
            Ok(field) if left.contains(field) => {
                left = left.difference(field.into());
                if let Err(error) = read(field, &mut entries)? {
                    first_error.get_or_insert(error);
                }
                continue;
            }
            Ok(field) if record.fields().contains(field) => RecordError::RepeatedField { field },
            Ok(field) => RecordError::UnknownField { record, given: Excerpt::of(field.as_str()) },
            Err(unknown) => RecordError::UnknownField { record, given: Excerpt::of(&unknown) },
        };
        entries.next_value::<IgnoredAny>()?;
        first_error.get_or_insert_with(|| error.into());
    }
    Ok(first_error.map_or(Ok(()), Err))
}

/// Reads the name of a field, whether there is such a field or not.
struct FieldName;

impl<'de> DeserializeSeed<'de> for FieldName {
    type Value = Result<Field, String>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl Visitor<'_> for FieldName {
    type Value = Result<Field, String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a field")
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(name.parse().map_err(|_: UnknownWord| name.into()))
    }
}

/// Reads a record with fields of a case.
fn read_record<'de, D: Deserializer<'de>>(
    deserializer: D,
    record: Record,
    id: &mut Option<String>,
) -> Read<(Subscription, Engagement), D::Error> {
    Ok(match deserializer.deserialize_any(Any(CaseFields { record, id }))? {
        Raw::Object(read) => read,
        other => Err(RecordError::NoObject { record, found: other.found() }.into()),
    })
}

struct CaseFields<'r> {
    record: Record,
    /// Where the id goes as soon as it is read, so that it outlives an error.
    id: &'r mut Option<String>,
}

impl<'de> Object<'de> for CaseFields<'_> {
    type Read = Result<(Subscription, Engagement), Wrong>;

    fn read<A: MapAccess<'de>>(self, entries: A) -> Result<Self::Read, A::Error> {
        let mut subscription = Subscription::default();
        let mut engagement = Engagement::new();
        let mut term = None;

        let read = read_fields(self.record, entries, |field, entries| {
            if field == Field::Term {
                return Ok(match entries.next_value_seed(Any(TermFields))? {
                    Raw::Null => Ok(()),
                    Raw::Object(read) => read.map(|read| term = Some(read)),
                    other => Err(other.refused(field)),
                });
            }
            let raw = entries.next_value_seed(Any(Nothing))?;
            if matches!(raw, Raw::Null) && field != Field::Id {
                return Ok(Ok(()));
            }
            Ok(match field {
                Field::Id => raw.text(field).map(|id| *self.id = Some(id)),
                Field::Channel => raw.word(field, &mut subscription.channel),
                Field::Service => raw.word(field, &mut subscription.service),
                Field::Cloud => raw.word(field, &mut subscription.cloud),
                Field::Partner => raw.word(field, &mut engagement.partner),
                Field::Relationship => raw.word(field, &mut engagement.relationship),
                Field::Customer => raw.word(field, &mut engagement.customer),
                Field::Market => raw.word(field, &mut engagement.market),
                Field::Status => raw.word(field, &mut subscription.status),
                Field::AutoRenew => raw.flag(field, AutoRenew::On, AutoRenew::Off, &mut subscription.auto_renew),
                Field::TransferPending => {
                    raw.flag(field, Transfer::Pending, Transfer::None, &mut subscription.transfer)
                }
                Field::Term | Field::PurchasedAt | Field::EndsOn | Field::CancellableUntil => Ok(()),
            })
        })?;

        Ok(read.and_then(|()| match term {
            Some(term) => Ok((subscription.with_term(term).map_err(RecordError::from)?, engagement)),
            None => Ok((subscription, engagement)),
        }))
    }
}

struct TermFields;

impl<'de> Object<'de> for TermFields {
    type Read = Result<Term, Wrong>;

    fn read<A: MapAccess<'de>>(self, entries: A) -> Result<Self::Read, A::Error> {
        let mut purchased_at = None;
        let mut ends_on = None;
        let mut cancellation = Cancellation::ByService;

        let read = read_fields(Record::Term, entries, |field, entries| {
            let raw = entries.next_value_seed(Any(Nothing))?;
            Ok(match (field, &raw) {
                (Field::CancellableUntil, Raw::Null) => {
                    cancellation = Cancellation::Never;
                    Ok(())
                }
                (_, Raw::Null) => Ok(()),
                (Field::PurchasedAt, _) => raw.instant(field).map(|instant| purchased_at = Some(instant)),
                (Field::EndsOn, _) => raw.day(field).map(|day| ends_on = Some(day)),
                _ => raw.instant(field).map(|instant| cancellation = Cancellation::Until(instant)),
            })
        })?;

        Ok(read.and_then(|()| {
            let purchased_at = purchased_at.ok_or(RecordError::MissingField { field: Field::PurchasedAt })?;
            let ends_on = ends_on.ok_or(RecordError::MissingField { field: Field::EndsOn })?;
            Ok(Term::new(purchased_at, ends_on, cancellation).map_err(RecordError::from)?)
        }))
    }
}

/// How an object is read where a value of any type may stand.
trait Object<'de> {
    type Read;

    fn read<A: MapAccess<'de>>(self, entries: A) -> Result<Self::Read, A::Error>;
}

/// An object whose content does not matter.
struct Nothing;

impl<'de> Object<'de> for Nothing {
    type Read = ();

    fn read<A: MapAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        while entries.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(())
    }
}

/// A value of any type, as it was read.
enum Raw<'de, O> {
    Null,
    Flag(bool),
    Text(Cow<'de, str>),
    Object(O),
    /// A number, or a list that was left out.
    Other(String),
}

impl<O> Raw<'_, O> {
    fn text(self, field: Field) -> Result<String, Wrong> {
        match self {
            Self::Text(text) => Ok(text.into_owned()),
            other => Err(other.refused(field)),
        }
    }

    /// The one value for `true`, the other for `false`.
    fn flag<T>(self, field: Field, on: T, off: T, known: &mut Option<T>) -> Result<(), Wrong> {
        match self {
            Self::Flag(flag) => *known = Some(if flag { on } else { off }),
            other => return Err(other.refused(field)),
        }
        Ok(())
    }

    fn word<T: FromStr>(self, field: Field, known: &mut Option<T>) -> Result<(), Wrong> {
        *known = Some(self.parsed(field, |text| text.parse().ok())?);
        Ok(())
    }

    fn day(self, field: Field) -> Result<NaiveDate, Wrong> {
        self.parsed(field, parse_day)
    }

    fn instant(self, field: Field) -> Result<DateTime<Utc>, Wrong> {
        self.parsed(field, parse_rfc3339)
    }

    fn parsed<T>(self, field: Field, parse: impl Fn(&str) -> Option<T>) -> Result<T, Wrong> {
        let parsed = if let Self::Text(text) = &self { parse(text) } else { None };
        parsed.ok_or_else(|| self.refused(field))
    }

    /// The error that this stands where the field expects something else.
    #[cold]
    #[expect(clippy::unnecessary_box_returns, reason = "it is wanted boxed")]
    fn refused(&self, field: Field) -> Wrong {
        RecordError::Value { field, found: self.found() }.into()
    }

    /// What it was, as JSON.
    fn found(&self) -> Excerpt {
        match self {
            Self::Null => Excerpt::of("null"),
            Self::Flag(flag) => Excerpt::of(if *flag { "true" } else { "false" }),
            Self::Text(text) => Excerpt::of(&std::format!("\"{text}\"")),
            Self::Object(_) => Excerpt::of("{…}"),
            Self::Other(found) => Excerpt::of(found),
        }
    }
}

/// Reads a value of any type, an object in its own way.
struct Any<O>(O);

impl<'de, O: Object<'de>> DeserializeSeed<'de> for Any<O> {
    type Value = Raw<'de, O::Read>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, O: Object<'de>> Visitor<'de> for Any<O> {
    type Value = Raw<'de, O::Read>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Self::Value, E> {
        Ok(Raw::Flag(flag))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Raw::Other(number.to_string()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Raw::Other(number.to_string()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
        Ok(Raw::Other(number.to_string()))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Raw::Text(Cow::Owned(text.into())))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Raw::Text(Cow::Borrowed(text)))
    }

    fn visit_string<E>(self, text: String) -> Result<Self::Value, E> {
        Ok(Raw::Text(Cow::Owned(text)))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Raw::Null)
    }

    fn visit_none<E>(self) -> Result<Self::Value, E> {
        Ok(Raw::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Raw::Other("[…]".into()))
    }

    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<Self::Value, A::Error> {
        self.0.read(entries).map(Raw::Object)
    }
}
