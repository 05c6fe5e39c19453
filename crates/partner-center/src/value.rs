//! The value of a field of any type: an unexpected type never makes a resource invalid.

use std::fmt;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// The value of a field of a resource, of any JSON type.
///
/// Parsing accepts every value. An unexpected type, such as a number in place of a date, therefore
/// does not make the resource invalid; the code that uses the field decides.
///
/// ```
/// use csp_partner_center::FieldValue;
///
/// let value: FieldValue = serde_json::from_str(r#"" Active ""#)?;
/// assert_eq!(value, FieldValue::Text(" Active ".into()));
/// assert_eq!(value.text(), Some("Active"));
///
/// let fraction: FieldValue = serde_json::from_str("1.5")?;
/// assert_eq!(fraction, FieldValue::Other);
/// assert_eq!(fraction.to_string(), "a list or a fraction");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum FieldValue {
    /// The field is absent.
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
    /// An object; only some of its fields are kept.
    Object(Box<NestedObject>),
    /// A list, or a number that is not a whole number of 64 bits.
    Other,
}

/// An object inside a resource, such as `productType` or `links`, with the fields that are needed.
///
/// ```
/// use csp_partner_center::NestedObject;
///
/// let links: NestedObject =
///     serde_json::from_str(r#"{"self": {"uri": "/customers/c1"}, "next": null}"#)?;
/// let itself = links.itself.object().ok_or("no link")?;
/// assert_eq!(itself.uri.text(), Some("/customers/c1"));
/// assert!(links.next.is_absent());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
#[non_exhaustive]
#[allow(missing_docs, reason = "the fields are those of the interface")]
pub struct NestedObject {
    #[serde(alias = "Id")]
    pub id: FieldValue,
    #[serde(alias = "Uri")]
    pub uri: FieldValue,
    #[serde(rename = "self", alias = "Self")]
    pub itself: FieldValue,
    #[serde(alias = "Next")]
    pub next: FieldValue,
    #[serde(alias = "ObjectType")]
    pub object_type: FieldValue,
    #[serde(alias = "CompanyName")]
    pub company_name: FieldValue,
    #[serde(alias = "QuotaId")]
    pub quota_id: FieldValue,
    pub code: FieldValue,
    pub message: FieldValue,
    /// A date, as an old PowerShell writes it inside an object.
    pub value: FieldValue,
}

impl FieldValue {
    /// Returns the text without surrounding spaces.
    ///
    /// Returns `None` for other types, and for text that is empty or
    /// [flattened](Self::is_flattened).
    ///
    /// ```
    /// use csp_partner_center::FieldValue;
    ///
    /// assert_eq!(FieldValue::from(" Contoso ").text(), Some("Contoso"));
    /// assert_eq!(FieldValue::from("  ").text(), None);
    /// assert_eq!(FieldValue::from("@{id=Azure}").text(), None);
    /// assert_eq!(FieldValue::Integer(7).text(), None);
    /// ```
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) if !is_flattened(text) => {
                Some(text.trim()).filter(|text| !text.is_empty())
            }
            _ => None,
        }
    }

    /// Returns the object, or `None` for any other type.
    ///
    /// ```
    /// use csp_partner_center::FieldValue;
    ///
    /// let product: FieldValue = serde_json::from_str(r#"{"id": "Azure"}"#)?;
    /// assert_eq!(product.object().and_then(|product| product.id.text()), Some("Azure"));
    /// assert_eq!(FieldValue::from("Azure").object(), None);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn object(&self) -> Option<&NestedObject> {
        if let Self::Object(object) = self { Some(object) } else { None }
    }

    /// Returns the value as a boolean.
    ///
    /// Accepts `true`, `"False"`, `yes`, `1`, and the words of spreadsheets in other languages.
    ///
    /// ```
    /// use csp_partner_center::FieldValue;
    ///
    /// assert_eq!(FieldValue::from("WAHR").as_bool(), Some(true));
    /// assert_eq!(FieldValue::Integer(0).as_bool(), Some(false));
    /// assert_eq!(FieldValue::from("perhaps").as_bool(), None);
    /// ```
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
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

    /// Returns a word in lower case with its letters and digits only, or a number or boolean as
    /// text.
    ///
    /// The documentation of Partner Center spells the same word in several ways.
    ///
    /// ```
    /// use csp_partner_center::FieldValue;
    ///
    /// assert_eq!(FieldValue::from("Usage-based").word().as_deref(), Some("usagebased"));
    /// assert_eq!(FieldValue::Integer(2).word().as_deref(), Some("2"));
    /// assert_eq!(FieldValue::Null.word(), None);
    /// ```
    #[must_use]
    pub fn word(&self) -> Option<String> {
        match self {
            Self::Integer(_) | Self::Bool(_) => Some(self.to_string()),
            _ => self.text().map(plain),
        }
    }

    /// Returns whether PowerShell wrote this text in place of an object or a list, such as `@{…}`.
    ///
    /// ```
    /// use csp_partner_center::FieldValue;
    ///
    /// assert!(FieldValue::from("@{id=OnlineServicesNCE}").is_flattened());
    /// assert!(FieldValue::from("System.Object[]").is_flattened());
    /// assert!(!FieldValue::from("OnlineServicesNCE").is_flattened());
    /// ```
    #[must_use]
    pub fn is_flattened(&self) -> bool {
        matches!(self, Self::Text(text) if is_flattened(text))
    }

    /// Returns whether there is no value: no field, `null`, or text that is empty or flattened.
    ///
    /// ```
    /// use csp_partner_center::FieldValue;
    ///
    /// assert!(FieldValue::Absent.is_absent() && FieldValue::from(" ").is_absent());
    /// assert!(FieldValue::from("@{id=Azure}").is_absent());
    /// assert!(!FieldValue::Integer(0).is_absent());
    /// ```
    #[must_use]
    pub fn is_absent(&self) -> bool {
        match self {
            Self::Absent | Self::Null => true,
            Self::Text(text) => text.trim().is_empty() || is_flattened(text),
            _ => false,
        }
    }
}

/// The words for true, in the languages in which spreadsheets write them.
const ON: &str = "true yes y on 1 enabled wahr ja vrai oui activé verdadero sí vero sì waar sant sand sann \
    verdadeiro sim prawda tak tosi ano pravda igaz истина";
/// The words for false.
const OFF: &str = "false no n off 0 disabled falsch nein faux non désactivé falso onwaar nee falskt falsk usann \
    nej nei não fałsz nie epätosi ei ne nepravda hamis ложь";

/// The letters and digits of a text, in lower case.
pub(crate) fn plain(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Whether PowerShell wrote this for an object or a list: below its maximum depth, or in a cell.
fn is_flattened(text: &str) -> bool {
    let is_type = |name| text.starts_with(name) && !text.contains(' ');
    text.starts_with("@{") || is_type("System.") || is_type("Microsoft.")
}

impl From<&str> for FieldValue {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

/// Writes the value unchanged, or a description such as `an object`.
impl fmt::Display for FieldValue {
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

impl<'de> Deserialize<'de> for FieldValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue)
    }
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = FieldValue;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_unit<E>(self) -> Result<FieldValue, E> {
        Ok(FieldValue::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<FieldValue, E> {
        Ok(FieldValue::Bool(value))
    }

    fn visit_i64<E>(self, number: i64) -> Result<FieldValue, E> {
        Ok(FieldValue::Integer(number))
    }

    fn visit_u64<E>(self, number: u64) -> Result<FieldValue, E> {
        Ok(i64::try_from(number).map_or(FieldValue::Other, FieldValue::Integer))
    }

    fn visit_f64<E>(self, _: f64) -> Result<FieldValue, E> {
        Ok(FieldValue::Other)
    }

    fn visit_str<E>(self, text: &str) -> Result<FieldValue, E> {
        Ok(FieldValue::Text(text.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<FieldValue, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(FieldValue::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<FieldValue, A::Error> {
        let fields = NestedObject::deserialize(MapAccessDeserializer::new(entries))?;
        Ok(FieldValue::Object(Box::new(fields)))
    }
}
