//! How a resource is read: its fields in any case and order, what is wrong with it told without losing what follows.

use core::fmt;
use core::marker::PhantomData;
use std::boxed::Box;
use std::string::{String, ToString};
use std::vec::Vec;

use chrono::{DateTime, Utc};
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Serialize, Serializer};

use super::resources::Links;
use crate::json::Expected;
use crate::records::date::parse_interface_instant;
use crate::vocabulary::{Excerpt, Words};

/// What is wrong with a resource; the first thing, where there are several.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ResourceError {
    /// It is no object.
    #[error("expected a {resource} as an object, found {found}")]
    NoObject {
        /// The resource that was looked for.
        resource: &'static str,
        /// What stands in its place, as in JSON.
        found: Excerpt,
    },
    /// A value of the wrong type, or a malformed date.
    #[error("`{field}` of the {resource} is {found}, expected {expected}")]
    Value {
        /// The resource.
        resource: &'static str,
        /// The field, as it is documented.
        field: &'static str,
        /// What it holds, as in JSON.
        found: Excerpt,
        /// What would have been accepted.
        expected: Expected,
    },
    /// A field that was given twice, perhaps in different case.
    #[error("`{field}` of the {resource} is given twice, expected at most once")]
    RepeatedField {
        /// The resource.
        resource: &'static str,
        /// The field, as it is documented.
        field: &'static str,
    },
    /// A field that is required.
    #[error("`{field}` of the {resource} is missing, expected {expected}")]
    MissingField {
        /// The resource.
        resource: &'static str,
        /// The field, as it is documented.
        field: &'static str,
        /// What would have been accepted.
        expected: Expected,
    },
}

/// A resource that was refused, with its id where one could be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
#[non_exhaustive]
pub struct RefusedResource {
    /// The id of the resource.
    pub id: Option<String>,
    /// What is wrong.
    pub reason: Box<ResourceError>,
}

/// A word of the interface: one of those documented, or another that is kept as it came.
///
/// Documented words match whatever their case, with or without underscores.
///
/// ```
/// use csp_multichannel::rest::{BillingCycle, Open};
///
/// assert_eq!(Open::of("OneTime"), Open::Documented(BillingCycle::OneTime));
/// assert_eq!(Open::<BillingCycle>::of("weekly"), Open::Other("weekly".to_owned()));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Open<T> {
    /// A documented word.
    Documented(T),
    /// Another word.
    Other(String),
}

#[expect(private_bounds, reason = "the lists of words are closed")]
impl<T: Words> Open<T> {
    /// The word that a text is.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let position = T::SPELLINGS.iter().position(|spelling| same_word(spelling, text));
        match position.and_then(|position| T::MEMBERS.get(position)) {
            Some(&word) => Self::Documented(word),
            None => Self::Other(text.into()),
        }
    }

    /// The documented word, if it is one.
    #[must_use]
    pub fn documented(&self) -> Option<T> {
        match self {
            Self::Documented(word) => Some(*word),
            Self::Other(_) => None,
        }
    }
}

/// Whether two spellings differ in case and underscores only.
fn same_word(spelling: &str, text: &str) -> bool {
    fn letters(text: &str) -> impl Iterator<Item = u8> {
        text.bytes().filter(|&byte| byte != b'_').map(|byte| byte.to_ascii_lowercase())
    }

    spelling == text || letters(spelling).eq(letters(text))
}

impl<T: fmt::Display> fmt::Display for Open<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Documented(word) => word.fmt(f),
            Self::Other(word) => f.pad(word),
        }
    }
}

impl<T: fmt::Display> Serialize for Open<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A format's error outside, an error of the resource inside: with the latter, what follows can still be read.
pub(super) type Read<T, E> = Result<Result<T, Wrong>, E>;

/// Boxed: an error is several times the size of what is read, and moves with it.
pub(super) type Wrong = Box<ResourceError>;

/// What stands in the place of a value.
pub(super) enum Found<T> {
    Value(T),
    Null,
    /// Something else, as in JSON.
    Other(Excerpt),
    /// An object with something wrong in it.
    Wrong(Wrong),
}

/// What a field may hold: each kind of value is taken, or refused.
pub(super) trait Value: Sized {
    const EXPECTED: Expected;

    /// `null` is as good as absent, unless it means something.
    fn null() -> Option<Self> {
        None
    }

    fn flag(_: bool) -> Option<Self> {
        None
    }

    fn number(_: u64) -> Option<Self> {
        None
    }

    fn text(_: &str) -> Option<Self> {
        None
    }

    fn object<'de, A: MapAccess<'de>>(mut entries: A) -> Result<Found<Self>, A::Error> {
        while entries.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Found::Other(Excerpt::of("{…}")))
    }

    fn list<'de, A: SeqAccess<'de>>(mut items: A) -> Result<Found<Self>, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Found::Other(Excerpt::of("[…]")))
    }

    /// The word that is not documented, if it is one.
    fn undocumented(&self) -> Option<&str> {
        None
    }
}

impl Value for String {
    const EXPECTED: Expected = Expected::Text;

    fn text(text: &str) -> Option<Self> {
        Some(text.into())
    }
}

impl Value for bool {
    const EXPECTED: Expected = Expected::Flag;

    fn flag(flag: bool) -> Option<Self> {
        Some(flag)
    }
}

impl Value for u64 {
    const EXPECTED: Expected = Expected::Count;

    fn number(number: u64) -> Option<Self> {
        Some(number)
    }
}

impl Value for DateTime<Utc> {
    const EXPECTED: Expected = Expected::Instant;

    fn text(text: &str) -> Option<Self> {
        parse_interface_instant(text)
    }
}

/// An instant for which `null` means something.
impl Value for Option<DateTime<Utc>> {
    const EXPECTED: Expected = Expected::InstantOrNull;

    fn null() -> Option<Self> {
        Some(None)
    }

    fn text(text: &str) -> Option<Self> {
        parse_interface_instant(text).map(Some)
    }
}

impl<T: Words> Value for Open<T> {
    const EXPECTED: Expected = Expected::Text;

    fn text(text: &str) -> Option<Self> {
        Some(Self::of(text))
    }

    fn undocumented(&self) -> Option<&str> {
        match self {
            Self::Documented(_) => None,
            Self::Other(word) => Some(word),
        }
    }
}

impl<T: Value> Value for Vec<T> {
    const EXPECTED: Expected = Expected::List;

    fn list<'de, A: SeqAccess<'de>>(mut items: A) -> Result<Found<Self>, A::Error> {
        let mut list = Self::new();
        let mut wrong = None;
        while let Some(found) = items.next_element_seed(ValueOf(PhantomData))? {
            match found {
                Found::Value(value) => list.push(value),
                Found::Null => {}
                Found::Other(_) | Found::Wrong(_) => wrong = wrong.or(Some(found)),
            }
        }
        Ok(match wrong {
            Some(Found::Wrong(wrong)) => Found::Wrong(wrong),
            Some(Found::Other(found)) => Found::Other(Excerpt::of(&std::format!("[{found}]"))),
            _ => Found::Value(list),
        })
    }
}

/// Reads a value of any type.
pub(super) struct ValueOf<T>(pub(super) PhantomData<T>);

impl<'de, T: Value> DeserializeSeed<'de> for ValueOf<T> {
    type Value = Found<T>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Found<T>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

fn or_other<T>(value: Option<T>, found: impl FnOnce() -> String) -> Found<T> {
    value.map_or_else(|| Found::Other(Excerpt::of(&found())), Found::Value)
}

impl<'de, T: Value> Visitor<'de> for ValueOf<T> {
    type Value = Found<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Found<T>, E> {
        Ok(or_other(T::flag(flag), || flag.to_string()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Found<T>, E> {
        Ok(or_other(number.try_into().ok().and_then(T::number), || number.to_string()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Found<T>, E> {
        Ok(or_other(T::number(number), || number.to_string()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Found<T>, E> {
        // Written as a fraction, a whole number is one all the same.
        let whole = number.to_string().parse().ok();
        Ok(or_other(whole.and_then(T::number), || number.to_string()))
    }

    fn visit_str<E>(self, text: &str) -> Result<Found<T>, E> {
        Ok(or_other(T::text(text), || std::format!("{text:?}")))
    }

    fn visit_unit<E>(self) -> Result<Found<T>, E> {
        Ok(T::null().map_or(Found::Null, Found::Value))
    }

    fn visit_none<E>(self) -> Result<Found<T>, E> {
        Ok(T::null().map_or(Found::Null, Found::Value))
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Found<T>, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<Found<T>, A::Error> {
        T::list(items)
    }

    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<Found<T>, A::Error> {
        T::object(entries)
    }
}

/// A resource of Partner Center's REST interface that this crate reads.
#[expect(private_bounds, reason = "the list of resources is closed")]
pub trait Resource: Value {
    /// Its name in the reference.
    const NAME: &'static str;

    /// The fields that are read, as they are documented.
    const FIELDS: &'static [&'static str];

    /// The words in it that are not documented, each with its field.
    fn undocumented(&self) -> impl Iterator<Item = (&'static str, &str)>;

    #[doc(hidden)]
    type Fields: Fields<Resource = Self>;
}

/// The fields of a resource that have been read so far.
pub(super) trait Fields: Default {
    type Resource: Resource;

    /// Reads the value of the field at a position of [`Resource::FIELDS`].
    fn read<'de, A: MapAccess<'de>>(&mut self, position: usize, entries: &mut A) -> Read<(), A::Error>;

    /// The resource, where all is there that is required.
    fn finish(self) -> Result<Self::Resource, Wrong>;

    /// The id, where it has one that was read.
    fn id(&self) -> Option<&str>;

    /// Where its links go, where it has any: a page has links as well.
    fn links(&mut self) -> Option<&mut Option<Links>>;
}

/// Reads one field into its place.
pub(super) fn read_field<'de, T: Value, A: MapAccess<'de>>(
    resource: &'static str,
    field: &'static str,
    place: &mut Option<T>,
    entries: &mut A,
) -> Read<(), A::Error> {
    let found = entries.next_value_seed(ValueOf(PhantomData))?;
    Ok(match found {
        Found::Value(_) if place.is_some() => Err(ResourceError::RepeatedField { resource, field }.into()),
        Found::Value(value) => {
            *place = Some(value);
            Ok(())
        }
        Found::Null => Ok(()),
        Found::Wrong(wrong) => Err(wrong),
        Found::Other(found) => Err(ResourceError::Value { resource, field, found, expected: T::EXPECTED }.into()),
    })
}

/// The name of a field, as its position in a list of names, whatever its case; none for a name that is not in it.
pub(super) struct FieldOf(pub(super) &'static [&'static str]);

impl<'de> DeserializeSeed<'de> for FieldOf {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<usize>, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl Visitor<'_> for FieldOf {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a field")
    }

    fn visit_str<E>(self, name: &str) -> Result<Option<usize>, E> {
        Ok(self.0.iter().position(|field| field.eq_ignore_ascii_case(name)))
    }
}

/// A resource that is being read: its fields, and the first thing that is wrong with them.
pub(super) struct Reading<T: Resource> {
    fields: T::Fields,
    wrong: Option<Wrong>,
}

impl<T: Resource> Default for Reading<T> {
    fn default() -> Self {
        Self { fields: T::Fields::default(), wrong: None }
    }
}

impl<T: Resource> Reading<T> {
    pub(super) fn read<'de, A: MapAccess<'de>>(&mut self, position: usize, entries: &mut A) -> Result<(), A::Error> {
        if let Err(wrong) = self.fields.read(position, entries)? {
            self.wrong.get_or_insert(wrong);
        }
        Ok(())
    }

    pub(super) fn links(&mut self) -> Option<&mut Option<Links>> {
        self.fields.links()
    }

    /// All of an object.
    pub(super) fn all<'de, A: MapAccess<'de>>(mut self, mut entries: A) -> Result<Self, A::Error> {
        while let Some(position) = entries.next_key_seed(FieldOf(T::FIELDS))? {
            match position {
                Some(position) => self.read(position, &mut entries)?,
                None => drop(entries.next_value::<IgnoredAny>()?),
            }
        }
        Ok(self)
    }

    pub(super) fn finish(self) -> Result<T, RefusedResource> {
        let id = self.fields.id().map(Into::into);
        let read = match self.wrong {
            Some(wrong) => Err(wrong),
            None => self.fields.finish(),
        };
        read.map_err(|reason| RefusedResource { id, reason })
    }

    /// Something is wrong with a field that was read elsewhere.
    pub(super) fn fail(&mut self, wrong: Wrong) {
        self.wrong.get_or_insert(wrong);
    }
}

/// A resource in a place where it can be refused by itself.
pub(super) struct Item<T>(pub(super) PhantomData<T>);

impl<'de, T: Resource> DeserializeSeed<'de> for Item<T> {
    type Value = Result<T, RefusedResource>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        Ok(match ValueOf::<Unfinished<T>>(PhantomData).deserialize(deserializer)? {
            Found::Value(Unfinished(reading)) => reading.finish(),
            Found::Null => Err(no_object::<T>(Excerpt::of("null"))),
            Found::Other(found) => Err(no_object::<T>(found)),
            Found::Wrong(reason) => Err(RefusedResource { id: None, reason }),
        })
    }
}

pub(super) fn no_object<T: Resource>(found: Excerpt) -> RefusedResource {
    RefusedResource { id: None, reason: ResourceError::NoObject { resource: T::NAME, found }.into() }
}

struct Unfinished<T: Resource>(Reading<T>);

impl<T: Resource> Value for Unfinished<T> {
    const EXPECTED: Expected = Expected::Object;

    fn object<'de, A: MapAccess<'de>>(entries: A) -> Result<Found<Self>, A::Error> {
        Ok(Found::Value(Self(Reading::default().all(entries)?)))
    }
}

/// A resource: a type with its fields, how they are spelled, how they are read and written.
macro_rules! resource {
    (@links $this:ident links $( $rest:ident )*) => { Some(&mut $this.links) };
    (@links $this:ident $other:ident $( $rest:ident )*) => { resource!(@links $this $( $rest )*) };
    (@links $this:ident) => { None };

    (
        $(#[$meta:meta])*
        pub struct $Resource:ident = $name:literal {
            required { $( $(#[$required_meta:meta])* $required:ident: $Required:ty = $required_name:literal, )* }
            optional { $( $(#[$optional_meta:meta])* $optional:ident: $Optional:ty = $optional_name:literal, )* }
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub struct $Resource {
            $( $(#[$required_meta])* pub $required: $Required, )*
            $( $(#[$optional_meta])* pub $optional: Option<$Optional>, )*
        }

        const _: () = {
            use crate::rest::read::{Fields, Found, Read, Reading, Value, Wrong, read_field};

            #[derive(Debug, Default)]
            pub struct FieldsRead {
                $( $required: Option<$Required>, )*
                $( $optional: Option<$Optional>, )*
            }

            #[allow(non_camel_case_types, reason = "the positions of the fields, by their names")]
            enum Position { $( $required, )* $( $optional, )* }

            impl Fields for FieldsRead {
                type Resource = $Resource;

                fn read<'de, A: MapAccess<'de>>(&mut self, position: usize, entries: &mut A) -> Read<(), A::Error> {
                    match position {
                        $( at if at == Position::$required as usize => {
                            read_field($name, $required_name, &mut self.$required, entries)
                        } )*
                        $( at if at == Position::$optional as usize => {
                            read_field($name, $optional_name, &mut self.$optional, entries)
                        } )*
                        _ => Ok(Ok(())),
                    }
                }

                fn finish(self) -> Result<$Resource, Wrong> {
                    Ok($Resource {
                        $( $required: self.$required.ok_or_else(|| ResourceError::MissingField {
                            resource: $name,
                            field: $required_name,
                            expected: <$Required as Value>::EXPECTED,
                        })?, )*
                        $( $optional: self.$optional, )*
                    })
                }

                fn id(&self) -> Option<&str> {
                    [$( self.$required.as_deref(), )*].into_iter().next().flatten()
                }

                fn links(&mut self) -> Option<&mut Option<Links>> {
                    resource!(@links self $( $optional )*)
                }
            }

            impl Resource for $Resource {
                const NAME: &'static str = $name;
                const FIELDS: &'static [&'static str] = &[$( $required_name, )* $( $optional_name, )*];

                fn undocumented(&self) -> impl Iterator<Item = (&'static str, &str)> {
                    let words = [
                        $( ($required_name, Value::undocumented(&self.$required)), )*
                        $( ($optional_name, self.$optional.as_ref().and_then(Value::undocumented)), )*
                    ];
                    words.into_iter().filter_map(|(field, word)| Some((field, word?)))
                }

                type Fields = FieldsRead;
            }

            impl Value for $Resource {
                const EXPECTED: Expected = Expected::Object;

                fn object<'de, A: MapAccess<'de>>(entries: A) -> Result<Found<Self>, A::Error> {
                    Ok(match Reading::<Self>::default().all(entries)?.finish() {
                        Ok(resource) => Found::Value(resource),
                        Err(refused) => Found::Wrong(refused.reason),
                    })
                }
            }

            impl<'de> Deserialize<'de> for $Resource {
                fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    Item(PhantomData).deserialize(deserializer)?.map_err(D::Error::custom)
                }
            }

            impl Serialize for $Resource {
                fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                    let mut record = serializer.serialize_map(None)?;
                    $( record.serialize_entry($required_name, &self.$required)?; )*
                    $(
                        if let Some(value) = &self.$optional {
                            record.serialize_entry($optional_name, value)?;
                        }
                    )*
                    record.end()
                }
            }
        };
    };
}

pub(super) use resource;
