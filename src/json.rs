//! Cases, decisions and explained decisions as JSON, in any format of serde's.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Unexpected, Visitor};
use serde::ser::{SerializeMap, Serializer};
use serde::{Deserialize, Serialize};

use crate::fact::{Fact, Service};
use crate::facts::Facts;
use crate::instant::{Rfc3339, has_four_digits, parse_day, parse_rfc3339};
use crate::set::Set;
use crate::subscription::{Case, Subscription};
use crate::term::{Cancellation, EXPECTED_DAY, EXPECTED_INSTANT, Term};
use crate::words::{DidYouMean, OneOf, Word, excerpt, nearest, position_of};

impl<T: Word + Serialize> Serialize for Set<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(*self)
    }
}

impl<'de, T: Word + Deserialize<'de>> Deserialize<'de> for Set<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Vec::<T>::deserialize(deserializer)?.into_iter().collect())
    }
}

impl Serialize for Rfc3339 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        can_be_read(self.without_leap().year())?;
        serializer.collect_str(self)
    }
}

/// Returns an error for a year that can be written but not read.
fn can_be_read<E: serde::ser::Error>(year: i32) -> Result<(), E> {
    if has_four_digits(year) {
        Ok(())
    } else {
        Err(E::custom(format_args!("year {year} can't be written, expected 0 to 9999")))
    }
}

/// Reads a string and parses it.
pub(crate) struct Parsed<T> {
    field: &'static str,
    expected: &'static str,
    parse: fn(&str) -> Option<T>,
}

pub(crate) fn instant(field: &'static str) -> Parsed<DateTime<Utc>> {
    Parsed { field, expected: EXPECTED_INSTANT, parse: parse_rfc3339 }
}

pub(crate) fn day(field: &'static str) -> Parsed<NaiveDate> {
    Parsed { field, expected: EXPECTED_DAY, parse: parse_day }
}

fn text(field: &'static str) -> Parsed<String> {
    Parsed { field, expected: "a string", parse: |text| Some(text.into()) }
}

impl<'de, T> DeserializeSeed<'de> for Parsed<T> {
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<T> Visitor<'_> for Parsed<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` as {}", self.field, self.expected)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        let Self { field, expected, parse } = self;
        parse(text).ok_or_else(|| {
            E::custom(format!("`{field}` is `{}`, expected {expected}", excerpt(text)))
        })
    }
}

/// Reads a value, or `null` as `None`.
pub(crate) struct OrNull<T>(pub(crate) T);

impl<'de, T: DeserializeSeed<'de>> DeserializeSeed<'de> for OrNull<T> {
    type Value = Option<T::Value>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_option(self)
    }
}

impl<'de, T: DeserializeSeed<'de>> Visitor<'de> for OrNull<T> {
    type Value = Option<T::Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value or `null`")
    }

    fn visit_none<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        self.0.deserialize(deserializer).map(Some)
    }
}

/// Reads the possible values of a fact as bits: a word, or a list of words outside a list.
#[derive(Clone, Copy)]
struct Values {
    fact: Fact,
    in_list: bool,
}

impl<'de> DeserializeSeed<'de> for Values {
    type Value = u64;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<u64, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Values {
    type Value = u64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let or_list = if self.in_list { "" } else { ", or a list of these" };
        write!(f, "`{}` as {}{or_list}", self.fact, OneOf(self.fact.words()))
    }

    fn visit_str<E: Error>(self, word: &str) -> Result<u64, E> {
        let facts = Facts::parse(self.fact, word).map_err(E::custom)?;
        Ok(facts.bits() & self.fact.field())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<u64, A::Error> {
        let Self { fact, in_list } = self;
        if in_list {
            return Err(A::Error::invalid_type(Unexpected::Seq, &self));
        }
        let mut values = 0;
        while let Some(value) = list.next_element_seed(Self { fact, in_list: true })? {
            if values & value != 0 {
                let word = Facts::only(value).possible_words(fact).next().unwrap_or_default();
                return Err(A::Error::custom(format!(
                    "`{fact}` has `{word}` twice, expected once"
                )));
            }
            values |= value;
        }
        if values == 0 {
            let expected = OneOf(fact.words());
            return Err(A::Error::custom(format!(
                "`{fact}` is an empty list, expected {expected}"
            )));
        }
        Ok(values)
    }
}

/// Reads the fields of an object, each at most once; `read` gets the position of its name.
pub(crate) fn read_fields<'de, A: MapAccess<'de>>(
    mut map: A,
    names: &[&'static str],
    mut read: impl FnMut(usize, &mut A) -> Result<(), A::Error>,
) -> Result<(), A::Error> {
    let mut seen = 0_u64;
    while let Some(field) = map.next_key_seed(FieldName(names))? {
        if seen >> field & 1 == 1 {
            let name = names.get(field).copied().unwrap_or_default();
            return Err(A::Error::custom(format!("`{name}` is given twice, expected once")));
        }
        seen |= 1 << field;
        read(field, &mut map)?;
    }
    Ok(())
}

/// Reads the name of a field as its position.
struct FieldName<'n>(&'n [&'static str]);

impl<'de> DeserializeSeed<'de> for FieldName<'_> {
    type Value = usize;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<usize, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl Visitor<'_> for FieldName<'_> {
    type Value = usize;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", OneOf(self.0))
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<usize, E> {
        position_of(self.0, name).ok_or_else(|| {
            let meant = DidYouMean(nearest(name, self.0));
            let name = excerpt(name);
            E::custom(format!("unknown field `{name}`, expected {}{meant}", OneOf(self.0)))
        })
    }
}

/// The names of all fields: the id, each fact, the term.
const FIELDS: [&str; Fact::COUNT + 2] = {
    let mut fields = ["id"; Fact::COUNT + 2];
    let mut facts = Fact::ALL;
    while let [fact, rest @ ..] = facts {
        #[expect(clippy::indexing_slicing, reason = "at compile time")]
        {
            fields[Fact::COUNT - rest.len()] = fact.as_str();
        }
        facts = rest;
    }
    let [.., term] = &mut fields;
    *term = "term";
    fields
};
const TERM_FIELDS: [&str; 3] = ["purchased_at", "ends_on", "cancellable_until"];

/// Reads facts, a subscription or a case, which differ in the fields around the facts.
struct Record<'i> {
    /// Receives the id as soon as it is read; `None` for a record without an id.
    id: Option<&'i mut Option<String>>,
    has_term: bool,
}

impl<'de> DeserializeSeed<'de> for Record<'_> {
    type Value = Subscription;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Subscription, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Record<'_> {
    type Value = Subscription;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let record = match self {
            Self { id: Some(_), .. } => "a case",
            Self { has_term: true, .. } => "a subscription",
            _ => "facts",
        };
        write!(f, "{record} as an object")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Subscription, E> {
        Err(E::invalid_type(Unexpected::Str(&excerpt(text)), &self))
    }

    fn visit_map<A: MapAccess<'de>>(mut self, map: A) -> Result<Subscription, A::Error> {
        let mut facts = Facts::UNKNOWN;
        let mut term = None;
        let first = usize::from(self.id.is_some());
        let end = FIELDS.len() - usize::from(!self.has_term);
        let names = FIELDS.get(1 - first..end).unwrap_or_default();
        read_fields(map, names, |field, map| {
            match (field.checked_sub(first).map(|fact| Fact::ALL.get(fact)), &mut self.id) {
                (Some(Some(&fact)), _) => {
                    let values = map.next_value_seed(OrNull(Values { fact, in_list: false }))?;
                    facts = values.map_or(facts, |values| facts.replace(fact, Facts::only(values)));
                }
                (Some(None), _) => term = map.next_value_seed(OrNull(TermVisitor))?,
                (None, Some(id)) => **id = Some(map.next_value_seed(text("id"))?),
                (None, None) => {}
            }
            Ok(())
        })?;

        if let Self { id: Some(None), .. } = self {
            return Err(A::Error::custom("`id` is missing, expected a string"));
        }
        if let Some(term) = term {
            let phase = facts.narrowed().contains(Fact::TermPhase);
            let usage_based = facts.possible().is_subset(Service::USAGE_BASED);
            if phase || usage_based {
                let services = facts.possible::<Service>();
                return Err(A::Error::custom(if phase {
                    "`term` and `term_phase` are both given, expected one of the two".into()
                } else {
                    format!("`term` is given for a usage-based service ({services}), expected none")
                }));
            }
            return Ok(Subscription::from(facts).with_term(term));
        }
        Ok(facts.into())
    }
}

/// Reads the dates of a term.
struct TermVisitor;

impl<'de> DeserializeSeed<'de> for TermVisitor {
    type Value = Term;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Term, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for TermVisitor {
    type Value = Term;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("`term` as an object")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Term, E> {
        Err(E::invalid_type(Unexpected::Str(&excerpt(text)), &self))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Term, A::Error> {
        let (mut purchased_at, mut ends_on, mut cancellable) = (None, None, None);
        let [of_purchase, of_end, of_window] = TERM_FIELDS;
        read_fields(map, &TERM_FIELDS, |field, map| {
            match field {
                0 => purchased_at = map.next_value_seed(OrNull(instant(of_purchase)))?,
                1 => ends_on = map.next_value_seed(OrNull(day(of_end)))?,
                _ => cancellable = Some(map.next_value_seed(OrNull(instant(of_window)))?),
            }
            Ok(())
        })?;

        let missing =
            || A::Error::custom(format!("`{of_end}` is missing, expected {EXPECTED_DAY}"));
        let term = Term::ending(ends_on.ok_or_else(missing)?);
        let term = match purchased_at {
            Some(purchase) => term.with_purchase(purchase).map_err(A::Error::custom)?,
            None => term,
        };
        Ok(match cancellable {
            None => term,
            Some(None) => term.never_cancellable(),
            Some(Some(instant)) => term.cancellable_until(instant),
        })
    }
}

impl Case {
    /// Reads a case, and keeps its id if the rest is invalid.
    ///
    /// The id is written to `id` as soon as it is read, so that an error can be reported with it.
    /// Otherwise this is the same as `Deserialize`.
    ///
    /// # Errors
    ///
    /// The first problem in the order of the text. The message has the field, the invalid value and
    /// what would be accepted.
    ///
    /// ```
    /// use csp_multichannel::{Case, Cloud, Facts};
    ///
    /// let mut id = None;
    /// let mut read = |text| {
    ///     let mut json = serde_json::Deserializer::from_str(text);
    ///     let case = Case::read(&mut json, &mut id)?;
    ///     // Text after the record is an error.
    ///     json.end().map(|()| case)
    /// };
    /// let case = read(r#"{"id":"c-16","cloud":"public"}"#)?;
    /// assert_eq!(case, Case::new("c-16", Facts::from(Cloud::Public)));
    ///
    /// let error = read(r#"{"id":"c-17","cloud":"publik"}"#).unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "unknown cloud `publik`, expected one of `public`, `us_government`, `germany`, \
    ///      `china`; did you mean `public`? at line 1 column 29",
    /// );
    /// assert_eq!(id.as_deref(), Some("c-17"));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn read<'de, D: Deserializer<'de>>(
        deserializer: D,
        id: &mut Option<String>,
    ) -> Result<Self, D::Error> {
        *id = None;
        let record = Record { id: Some(id), has_term: true };
        let subscription = record.deserialize(deserializer)?;
        Ok(Self::new(id.clone().unwrap_or_default(), subscription))
    }
}

impl<'de> Deserialize<'de> for Case {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::read(deserializer, &mut None)
    }
}

impl<'de> Deserialize<'de> for Subscription {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Record { id: None, has_term: true }.deserialize(deserializer)
    }
}

impl<'de> Deserialize<'de> for Facts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Record { id: None, has_term: false }.deserialize(deserializer)?.facts())
    }
}

impl<'de> Deserialize<'de> for Term {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        TermVisitor.deserialize(deserializer)
    }
}

impl Serialize for Case {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        write_record(serializer, Some(&self.id), self.subscription)
    }
}

impl Serialize for Subscription {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        write_record(serializer, None, *self)
    }
}

impl Serialize for Facts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        write_record(serializer, None, (*self).into())
    }
}

/// Writes the narrowed facts in the order of their table, each as one word or a list of words.
fn write_record<S: Serializer>(
    serializer: S,
    id: Option<&str>,
    subscription: Subscription,
) -> Result<S::Ok, S::Error> {
    struct Words(Facts, Fact);

    impl Serialize for Words {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut words = self.0.possible_words(self.1);
            match (words.next(), words.next()) {
                (Some(word), None) => serializer.serialize_str(word),
                _ => serializer.collect_seq(self.0.possible_words(self.1)),
            }
        }
    }

    let mut map = serializer.serialize_map(None)?;
    if let Some(id) = id {
        map.serialize_entry("id", id)?;
    }
    let facts = subscription.facts();
    for fact in facts.narrowed() {
        map.serialize_entry(&fact, &Words(facts, fact))?;
    }
    // Dates have no effect for usage, and reading refuses them.
    let has_term = !facts.possible().is_subset(Service::USAGE_BASED);
    if let Some(term) = subscription.term().filter(|_| has_term) {
        map.serialize_entry("term", &term)?;
    }
    map.end()
}

impl Serialize for Term {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        can_be_read(self.ends_on().year())?;
        let [purchased_at, ends_on, cancellable_until] = TERM_FIELDS;
        let mut map = serializer.serialize_map(None)?;
        if let Some(instant) = self.purchased_at() {
            map.serialize_entry(purchased_at, &Rfc3339(instant))?;
        }
        map.serialize_entry(ends_on, &self.ends_on())?;
        match self.cancellation() {
            Cancellation::ByService => {}
            Cancellation::Never => map.serialize_entry(cancellable_until, &())?,
            Cancellation::Until(instant) => {
                map.serialize_entry(cancellable_until, &Rfc3339(instant))?;
            }
        }
        map.end()
    }
}
