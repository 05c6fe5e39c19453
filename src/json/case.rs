//! The record of one case: written, and read so that an error can be matched and does not cost the id.

use core::fmt;
use core::str::FromStr;
use std::borrow::Cow;
use std::boxed::Box;
use std::string::{String, ToString};

use chrono::{DateTime, NaiveDate, Utc};
use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::error::{Field, RecordError, RecordKind, Refusal, Refused};
use crate::records::date::{parse_day, parse_rfc3339};
use crate::records::{Cancellation, Case, Engagement, Subscription, Term};
use crate::vocabulary::{AutoRenew, Excerpt, Transfer};

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
    /// assert!(refused.reason.to_string().starts_with("`channel` is \"opne\", expected one of `direct`, "));
    /// assert!(matches!(refused.reason, Refusal::Record(RecordError::Value { field: Field::Channel, .. })));
    /// ```
    pub fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, Refused<D::Error>> {
        let mut id = None;
        let read = read_record(deserializer, RecordKind::Case, &mut id);
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
            read_record(deserializer, RecordKind::Subscription, &mut None)?.map_err(D::Error::custom)?;
        Ok(subscription)
    }
}

impl<'de> Deserialize<'de> for Engagement {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (_, engagement) =
            read_record(deserializer, RecordKind::Engagement, &mut None)?.map_err(D::Error::custom)?;
        Ok(engagement)
    }
}

impl<'de> Deserialize<'de> for Term {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let read = match deserializer.deserialize_any(Any(TermFields))? {
            Raw::Object(read) => read,
            other => Err(RecordError::NoObject { record: RecordKind::Term, found: other.found() }.into()),
        };
        read.map_err(D::Error::custom)
    }
}

impl Serialize for Case {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        write_record(serializer, RecordKind::Case, &self.id, &self.subscription, self.engagement)
    }
}

impl Serialize for Subscription {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        write_record(serializer, RecordKind::Subscription, "", self, Engagement::new())
    }
}

impl Serialize for Engagement {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        write_record(serializer, RecordKind::Engagement, "", &Subscription::default(), *self)
    }
}

impl Serialize for Term {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut record = serializer.serialize_map(None)?;
        record.serialize_entry(&Field::PurchasedAt, &self.purchased_at())?;
        record.serialize_entry(&Field::EndsOn, &self.ends_on())?;
        match self.cancellation() {
            Cancellation::ByService => {}
            Cancellation::Never => record.serialize_entry(&Field::CancellableUntil, &())?,
            Cancellation::Until(instant) => record.serialize_entry(&Field::CancellableUntil, &instant)?,
        }
        record.end()
    }
}

/// Writes the fields of a record that are known, in the order of the policy's table.
fn write_record<S: Serializer>(
    serializer: S,
    record: RecordKind,
    id: &str,
    subscription: &Subscription,
    engagement: Engagement,
) -> Result<S::Ok, S::Error> {
    struct Known<M>(M, Field);

    impl<M: SerializeMap> Known<&mut M> {
        fn write<T: Serialize>(self, known: Option<T>) -> Result<(), M::Error> {
            known.map_or(Ok(()), |value| self.0.serialize_entry(&self.1, &value))
        }
    }

    let mut map = serializer.serialize_map(None)?;
    for field in record.fields() {
        let known = Known(&mut map, field);
        match field {
            Field::Id => known.write(Some(id)),
            Field::Channel => known.write(subscription.channel),
            Field::Service => known.write(subscription.service),
            Field::Cloud => known.write(subscription.cloud),
            Field::Partner => known.write(engagement.partner),
            Field::Relationship => known.write(engagement.relationship),
            Field::Customer => known.write(engagement.customer),
            Field::Market => known.write(engagement.market),
            Field::AutoRenew => known.write(subscription.auto_renew.map(|auto_renew| auto_renew == AutoRenew::On)),
            Field::Status => known.write(subscription.status),
            Field::TransferPending => known.write(subscription.transfer.map(|transfer| transfer == Transfer::Pending)),
            Field::Term => known.write(subscription.term()),
            Field::PurchasedAt | Field::EndsOn | Field::CancellableUntil => Ok(()),
        }?;
    }
    map.end()
}

/// A format's error outside, an error of the record inside: with the latter, what follows can still be read.
type Read<T, E> = Result<Result<T, Wrong>, E>;

/// Boxed: an error is several times the size of what is read, and moves with it.
type Wrong = Box<RecordError>;

/// Reads all fields of a record, each by `read`, and keeps the first error.
fn read_fields<'de, A: MapAccess<'de>>(
    record: RecordKind,
    mut entries: A,
    mut read: impl FnMut(Field, &mut A) -> Read<(), A::Error>,
) -> Read<(), A::Error> {
    let mut left = record.fields();
    let mut first_error = None;
    let mut unknown = String::new();
    while let Some(field) = entries.next_key_seed(FieldName { unknown: &mut unknown })? {
        let error = match field {
            Some(field) if left.contains(field) => {
                left = left.difference(field.into());
                if let Err(error) = read(field, &mut entries)? {
                    first_error.get_or_insert(error);
                }
                continue;
            }
            Some(field) if record.fields().contains(field) => RecordError::RepeatedField { field },
            Some(field) => RecordError::UnknownField { record, given: Excerpt::of(field.as_str()) },
            None => RecordError::UnknownField { record, given: Excerpt::of(&unknown) },
        };
        entries.next_value::<IgnoredAny>()?;
        first_error.get_or_insert_with(|| error.into());
    }
    Ok(first_error.map_or(Ok(()), Err))
}

/// Reads the name of a field, whether there is such a field or not.
struct FieldName<'n> {
    /// Where the name goes if there is not.
    unknown: &'n mut String,
}

impl<'de> DeserializeSeed<'de> for FieldName<'_> {
    type Value = Option<Field>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl Visitor<'_> for FieldName<'_> {
    type Value = Option<Field>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a field")
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        let field = name.parse().ok();
        if field.is_none() {
            self.unknown.replace_range(.., name);
        }
        Ok(field)
    }
}

/// Reads a record with fields of a case.
fn read_record<'de, D: Deserializer<'de>>(
    deserializer: D,
    record: RecordKind,
    id: &mut Option<String>,
) -> Read<(Subscription, Engagement), D::Error> {
    Ok(match deserializer.deserialize_any(Any(CaseFields { record, id }))? {
        Raw::Object(read) => read,
        other => Err(RecordError::NoObject { record, found: other.found() }.into()),
    })
}

struct CaseFields<'r> {
    record: RecordKind,
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

        let read = read_fields(RecordKind::Term, entries, |field, entries| {
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
    True,
    False,
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
            Self::True => *known = Some(on),
            Self::False => *known = Some(off),
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
            Self::True => Excerpt::of("true"),
            Self::False => Excerpt::of("false"),
            Self::Text(text) => Excerpt::of(&std::format!("{text:?}")),
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
        Ok(if flag { Raw::True } else { Raw::False })
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
