//! A field as it came, whatever its type: no field can cost its resource.

use std::fmt;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// A field of a resource as it came.
///
/// Whether it can be used is decided where it is used: a number, an empty string or an object in the place of a date
/// does not make the resource invalid.
///
/// ```
/// use csp_partner_center::Value;
///
/// let value: Value = serde_json::from_str(r#"" Active ""#)?;
/// assert_eq!(value.text(), Some("Active"));
/// assert_eq!(Value::from("").text(), None);
/// assert!(serde_json::from_str::<Value>(r#""@{id=OnlineServicesNCE}""#)?.is_flattened());
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Value {
    /// The field is not there.
    #[default]
    Absent,
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// A string.
    Text(String),
    /// An object, of which some fields are kept.
    Object(Box<Nested>),
    /// A list, or a number that is not whole.
    Other,
}

/// The fields that are needed of objects inside a resource, such as `productType` and `links`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
#[non_exhaustive]
#[allow(missing_docs, reason = "the fields are those of the interface")]
pub struct Nested {
    #[serde(alias = "Id")]
    pub id: Value,
    #[serde(alias = "Uri")]
    pub uri: Value,
    #[serde(rename = "self", alias = "Self")]
    pub itself: Value,
    #[serde(alias = "Next")]
    pub next: Value,
    #[serde(alias = "ObjectType")]
    pub object_type: Value,
    #[serde(alias = "CompanyName")]
    pub company_name: Value,
    #[serde(alias = "QuotaId")]
    pub quota_id: Value,
    pub code: Value,
    pub message: Value,
    /// A date as an old PowerShell writes it.
    pub value: Value,
}

impl Value {
    /// Returns the text without spaces around it; `None` if there is none, or if it is empty or flattened.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) if !is_flattened(text) => {
                Some(text.trim()).filter(|text| !text.is_empty())
            }
            _ => None,
        }
    }

    /// Returns the object, if it is one.
    #[must_use]
    pub fn object(&self) -> Option<&Nested> {
        if let Self::Object(object) = self { Some(object) } else { None }
    }

    /// Returns the value of a switch: `true`, `"False"`, `yes`, `1`, or the same as spreadsheets write it in other
    /// languages.
    #[must_use]
    pub fn switch(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            Self::Integer(number @ (0 | 1)) => Some(*number == 1),
            _ => {
                let text = self.text()?.to_lowercase();
                let is = |words: &str| words.split(' ').any(|word| word == text);
                if is(ON) { Some(true) } else { is(OFF).then_some(false) }
            }
        }
    }

    /// Returns the letters and digits of a word in lower case, or a number: words are documented in several spellings.
    #[must_use]
    pub fn word(&self) -> Option<String> {
        match self {
            Self::Integer(_) | Self::Bool(_) => Some(self.to_string()),
            _ => self.text().map(plain),
        }
    }

    /// Returns whether it is what PowerShell writes in the place of an object or a list, such as `@{…}`.
    #[must_use]
    pub fn is_flattened(&self) -> bool {
        matches!(self, Self::Text(text) if is_flattened(text))
    }

    /// Returns whether nothing is there: no field, `null`, or an empty string.
    #[must_use]
    pub fn is_absent(&self) -> bool {
        match self {
            Self::Absent | Self::Null => true,
            Self::Text(text) => text.trim().is_empty() || is_flattened(text),
            _ => false,
        }
    }
}

/// In the languages of spreadsheets.
const ON: &str = "true yes y on 1 enabled wahr ja vrai oui activé verdadero sí vero sì waar sant sand sann \
    verdadeiro sim prawda tak tosi ano pravda igaz истина";
const OFF: &str = "false no n off 0 disabled falsch nein faux non désactivé falso onwaar nee falskt falsk usann \
    nej nei não fałsz nie epätosi ei ne nepravda hamis ложь";

/// The letters and digits of a text, in lower case.
pub(crate) fn plain(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// What PowerShell writes for an object or a list where it can't write it: beyond a depth, or in a cell.
fn is_flattened(text: &str) -> bool {
    let is_type = |name| text.starts_with(name) && !text.contains(' ');
    text.starts_with("@{") || is_type("System.") || is_type("Microsoft.")
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

/// Writes the value as it came.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent => f.write_str("nothing"),
            Self::Null => f.write_str("null"),
            Self::Bool(value) => value.fmt(f),
            Self::Integer(number) => number.fmt(f),
            Self::Text(text) => f.write_str(text),
            Self::Object(_) => f.write_str("an object"),
            Self::Other => f.write_str("a list or a fraction"),
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue)
    }
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(Value::Integer(number))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(i64::try_from(number).map_or(Value::Other, Value::Integer))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Value, E> {
        Ok(Value::Other)
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Text(text.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Value::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<Value, A::Error> {
        let fields = Nested::deserialize(MapAccessDeserializer::new(entries))?;
        Ok(Value::Object(Box::new(fields)))
    }
}
