//! One JSON object: the fields of a resource, and facts beside them.

use std::collections::BTreeMap;
use std::fmt;

use csp_multichannel::Fact;
use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::note::{Note, NoteKind};
use crate::resource::Resource;
use crate::stated::Stated;
use crate::value::FieldValue;

/// The fields of a resource, and what people add to them in the words of a case.
#[derive(Default)]
pub(crate) struct Object {
    pub(crate) resource: Box<Resource>,
    pub(crate) stated: Stated,
}

impl Object {
    /// Reads an object; a value that is not valid becomes a note.
    pub(crate) fn read(text: &str) -> Result<Self, serde_json::Error> {
        let read = |keeps_invalid| {
            let mut json = serde_json::Deserializer::from_str(text);
            let object = json.deserialize_map(Fields { keeps_invalid })?;
            json.end().map(|()| object)
        };
        // Most objects have valid values only, which need not be checked one by one.
        read(false).or_else(|_| read(true))
    }
}

/// The name of a field, in any case.
enum Name {
    Field(&'static str),
    Fact(Fact),
    /// The dates of a case.
    Term,
    Other,
}

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AnyName;

        impl Visitor<'_> for AnyName {
            type Value = Name;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a field")
            }

            fn visit_str<E>(self, name: &str) -> Result<Name, E> {
                let fact =
                    || Fact::ALL.iter().find(|fact| fact.as_str().eq_ignore_ascii_case(name));
                Ok(match Resource::name_of(name) {
                    Some(name) => Name::Field(name),
                    None if name.eq_ignore_ascii_case("term") => Name::Term,
                    None => fact().map_or(Name::Other, |&fact| Name::Fact(fact)),
                })
            }
        }

        deserializer.deserialize_identifier(AnyName)
    }
}

/// The reading of an object; invalid values are kept as notes, or are an error.
struct Fields {
    keeps_invalid: bool,
}

impl<'de> Visitor<'de> for Fields {
    type Value = Object;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object, A::Error> {
        let mut object = Object::default();
        let Object { resource, stated } = &mut object;
        while let Some(name) = map.next_key()? {
            match name {
                Name::Field(name) => {
                    let value = if self.keeps_invalid {
                        let text = map.next_value::<&RawValue>()?.get();
                        serde_json::from_str(text).unwrap_or_else(|_| {
                            stated.notes.push(Note::on(NoteKind::Undocumented, name, text));
                            FieldValue::Other
                        })
                    } else {
                        map.next_value()?
                    };
                    resource.set(name, value)?;
                }
                Name::Fact(fact) => stated.read_json(fact, map.next_value::<&RawValue>()?.get())?,
                Name::Term => stated.read_term(map.next_value::<&RawValue>()?.get())?,
                Name::Other => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        if stated.term.is_some() && stated.facts.narrowed().contains(Fact::TermPhase) {
            return Err(A::Error::custom("both `term` and `term_phase`, expected one of them"));
        }
        Ok(object)
    }
}

impl Resource {
    /// Sets a field, which must not have been set before.
    fn set<E: Error>(&mut self, name: &'static str, value: FieldValue) -> Result<(), E> {
        match self.field_mut(name) {
            Some(field @ FieldValue::Absent) => *field = value,
            _ => return Err(E::duplicate_field(name)),
        }
        Ok(())
    }
}

impl<'de> Deserialize<'de> for Resource {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;

        impl<'de> Visitor<'de> for Fields {
            type Value = Resource;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Resource, A::Error> {
                let mut resource = Resource::default();
                while let Some(name) = map.next_key()? {
                    match name {
                        Name::Field(name) => resource.set(name, map.next_value()?)?,
                        _ => drop(map.next_value::<IgnoredAny>()?),
                    }
                }
                Ok(resource)
            }
        }

        deserializer.deserialize_map(Fields)
    }
}

/// Returns the names of the fields of an object.
pub(crate) fn names(text: &str) -> Vec<String> {
    let fields: BTreeMap<String, &RawValue> = serde_json::from_str(text).unwrap_or_default();
    fields.into_keys().collect()
}

/// Returns the fields of an object, without those whose values are not valid.
pub(crate) fn values(text: &[u8]) -> BTreeMap<String, FieldValue> {
    let fields: BTreeMap<String, &RawValue> = serde_json::from_slice(text).unwrap_or_default();
    let fields = fields.into_iter();
    fields
        .filter_map(|(name, value)| Some((name, serde_json::from_str(value.get()).ok()?)))
        .collect()
}
