//! Data of any serde format as it stands, so that all that is wrong with it can be told at once.

use core::fmt;
use std::borrow::ToOwned;
use std::string::{String, ToString};
use std::vec::Vec;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::vocabulary::Excerpt;

/// A value, with what it holds.
#[derive(Debug)]
pub(super) enum Data {
    Null,
    Flag(bool),
    Number(String),
    Text(String),
    List(Vec<Data>),
    /// Fields in their order, those that are repeated as well.
    Object(Vec<(String, Data)>),
    /// Something so deep within others that no rulebook has anything there.
    Deep,
}

impl Data {
    /// How deep values are kept: a rule's sources have their fields at the fifth level.
    const DEPTH: usize = 8;

    /// What it is, as in JSON.
    pub(super) fn excerpt(&self) -> Excerpt {
        match self {
            Self::Null => Excerpt::of("null"),
            Self::Flag(flag) => Excerpt::of(&flag.to_string()),
            Self::Number(number) => Excerpt::of(number),
            Self::Text(text) => Excerpt::of(&std::format!("{:?}", Excerpt::of(text))),
            Self::List(items) if items.is_empty() => Excerpt::of("[]"),
            Self::List(_) => Excerpt::of("[…]"),
            Self::Object(_) | Self::Deep => Excerpt::of("{…}"),
        }
    }
}

impl<'de> Deserialize<'de> for Data {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Level(0).deserialize(deserializer)
    }
}

/// Reads a value that lies within so many others.
#[derive(Clone, Copy)]
struct Level(usize);

impl<'de> DeserializeSeed<'de> for Level {
    type Value = Data;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Data, D::Error> {
        if self.0 > Data::DEPTH {
            return deserializer.deserialize_ignored_any(IgnoredAny).map(|_| Data::Deep);
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Level {
    type Value = Data;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Data, E> {
        Ok(Data::Flag(flag))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Data, E> {
        Ok(Data::Number(number.to_string()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Data, E> {
        Ok(Data::Number(number.to_string()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Data, E> {
        Ok(Data::Number(number.to_string()))
    }

    fn visit_str<E>(self, text: &str) -> Result<Data, E> {
        Ok(Data::Text(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Data, E> {
        Ok(Data::Text(text))
    }

    fn visit_unit<E>(self) -> Result<Data, E> {
        Ok(Data::Null)
    }

    fn visit_none<E>(self) -> Result<Data, E> {
        Ok(Data::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Data, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Data, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Data, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(Self(self.0 + 1))? {
            list.push(item);
        }
        Ok(Data::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Data, A::Error> {
        let mut object = Vec::new();
        while let Some(name) = entries.next_key()? {
            object.push((name, entries.next_value_seed(Self(self.0 + 1))?));
        }
        Ok(Data::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use std::format;
    use std::string::{String, ToString};

    use serde::Deserialize;
    use serde::de::IntoDeserializer;
    use serde::de::value::{BytesDeserializer, Error};

    use super::Data;

    /// How many values lie around the first that is left out.
    fn depth(data: &Data) -> Option<usize> {
        match data {
            Data::Deep => Some(0),
            Data::List(items) => items.iter().find_map(depth).map(|inner| inner + 1),
            Data::Object(fields) => fields.iter().find_map(|(_, value)| depth(value)).map(|inner| inner + 1),
            _ => None,
        }
    }

    #[test]
    fn what_lies_deeper_than_anything_is_left_out() {
        let within = |inner: &str, open: &str, close: &str, times| {
            let document = format!("{}{inner}{}", open.repeat(times), close.repeat(times));
            serde_json::from_str::<Data>(&document).expect("JSON")
        };
        for (open, close) in [("[", "]"), (r#"{"in":"#, "}")] {
            assert_eq!(depth(&within("1", open, close, Data::DEPTH)), None, "{open}");
            for more in 1..20 {
                assert_eq!(depth(&within("1", open, close, Data::DEPTH + more)), Some(Data::DEPTH + 1), "{open}");
            }
        }
    }

    #[test]
    fn values_are_told_as_in_json() {
        for (given, told) in [
            ("null", "null"),
            ("true", "true"),
            ("-1", "-1"),
            ("1.5", "1.5"),
            (r#""word""#, r#""word""#),
            ("[]", "[]"),
            ("[1]", "[…]"),
            ("{}", "{…}"),
        ] {
            let data = serde_json::from_str::<Data>(given).expect("JSON");
            assert_eq!(data.excerpt().to_string(), told);
        }
    }

    #[test]
    fn bytes_are_no_value() {
        let bytes: BytesDeserializer<'_, Error> = b"value".as_slice().into_deserializer();
        let told = Data::deserialize(bytes).map_or_else(|error| error.to_string(), |_| String::new());
        assert_eq!(told, "invalid type: byte array, expected a value");
    }
}
