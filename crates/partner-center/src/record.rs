//! A record: one object or row that describes a subscription, a customer or an eligibility.

use std::collections::BTreeMap;

use csp_multichannel::{Case, Fact, Set, Subscription};
use serde::{Deserialize, Serialize};

use crate::context::UnexpectedKind;
use crate::mapping::is_state;
use crate::note::Note;
use crate::object::{Object, names, values};
use crate::resource::{Resource, ResourceKind};
use crate::stated::Stated;
use crate::value::FieldValue;

/// A record of an input: one JSON object or one row of a table.
///
/// ```
/// use csp_multichannel::Channel;
/// use csp_partner_center::{Item, Reader, ResourceKind};
///
/// let csv = "id,channel,customer name,offer id\n83ef9d05,open,Contoso,MS-AZR-0145P\n";
/// let Some(Item::Record(record)) = Reader::new(csv.as_bytes()).next()? else { panic!() };
/// assert_eq!((record.id(), record.line, record.kind), ("83ef9d05", 2, ResourceKind::Case));
/// assert_eq!(record.stated.facts(), Channel::Open.into());
/// assert_eq!(record.customer.as_deref(), Some("Contoso"));
/// let resource = record.resource.ok_or("no fields")?;
/// assert_eq!(resource.offer_id.text(), Some("MS-AZR-0145P"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Record {
    /// The line on which the record begins, from 1.
    pub line: usize,
    /// The kind of resource.
    pub kind: ResourceKind,
    pub(crate) id: String,
    /// The fields with the names of the APIs; a case has none.
    pub resource: Option<Box<Resource>>,
    /// The facts and dates that the record states in the words of a case.
    pub stated: Subscription,
    /// The facts that it states in words that no fact has.
    pub(crate) unreadable: Set<Fact>,
    /// The name of the customer, for people.
    pub customer: Option<String>,
    /// The notes made while reading the record.
    pub notes: Vec<Note>,
}

/// The error for one record that can't be read; the reader continues with the next record.
///
/// ```
/// use csp_partner_center::{Item, Reader};
///
/// let csv = "id,customer\n83ef9d05,end_custmer\n9d0583ef,end_customer\n";
/// let mut reader = Reader::new(csv.as_bytes());
/// let Some(Item::Invalid(refusal)) = reader.next()? else { panic!() };
/// assert_eq!((refusal.id.as_deref(), refusal.line), (Some("83ef9d05"), 2));
/// assert_eq!(
///     refusal.to_string(),
///     "unknown customer `end_custmer`, expected one of `end_customer`, `csp_tenant`; \
///      did you mean `end_customer`?",
/// );
/// assert!(matches!(reader.next()?, Some(Item::Record(_))));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{error}")]
#[non_exhaustive]
pub struct RecordError {
    /// The identifier, if it was read before the problem.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The line on which the record begins, from 1.
    pub line: usize,
    /// What is wrong, and what would be accepted.
    pub error: String,
}

impl RecordError {
    /// Creates the error for a record that begins on a line, from 1.
    ///
    /// ```
    /// use csp_partner_center::RecordError;
    ///
    /// let error =
    ///     RecordError::new(Some("83ef9d05".into()), 7, "a test, expected a subscription");
    /// assert_eq!(error.to_string(), "a test, expected a subscription");
    /// let json = r#"{"id":"83ef9d05","line":7,"error":"a test, expected a subscription"}"#;
    /// assert_eq!(serde_json::to_string(&error)?, json);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn new(id: Option<String>, line: usize, error: impl Into<String>) -> Self {
        Self { id, line, error: error.into() }
    }
}

impl Record {
    /// Reads a record from one JSON object.
    ///
    /// # Errors
    ///
    /// [`RecordError`] if the text is not a JSON object, if a case has a problem, or if the object is
    /// certainly not a subscription, a customer or an eligibility.
    ///
    /// ```
    /// use csp_partner_center::{Record, ResourceKind};
    ///
    /// let record = Record::from_json(r#"{"id": "83ef9d05", "isEligible": false}"#)?;
    /// assert_eq!(record.kind, ResourceKind::TransferEligibility);
    ///
    /// let response = r#"{"code": 900420, "description": "Unauthorized"}"#;
    /// let error = Record::from_json(response).unwrap_err();
    /// assert_eq!(error.to_string(), "an error response: 900420 Unauthorized");
    /// # Ok::<(), csp_partner_center::RecordError>(())
    /// ```
    pub fn from_json(text: &str) -> Result<Self, RecordError> {
        Self::read(text, 1, 1)
    }

    /// Reads a record that begins at this line and column, each from 1.
    pub(crate) fn read(text: &str, line: usize, column: usize) -> Result<Self, RecordError> {
        let Object { resource, stated } = Object::read(text).map_err(|error| {
            let id = read_case(text, line, column).err().and_then(|refusal| refusal.id);
            RecordError::new(id, line, describe(&error, line, column))
        })?;
        let (mut kind, mut fields) = (ResourceKind::Subscription, Vec::new());
        if !resource.is_subscription() {
            fields = names(text);
            kind = ResourceKind::of_object(&resource, &fields);
        }
        // The PowerShell module writes the identifier of a customer as `CustomerId`.
        let of_customer = resource.customer_id.text().filter(|_| kind == ResourceKind::Customer);
        let error = match (kind, resource.id().or(of_customer)) {
            (ResourceKind::Case, id) => match (read_case(text, line, column), id) {
                // A state in the words of an API does not make the record a case.
                (Err(_), Some(id)) if has_state(&fields, &resource.status) => {
                    let kind = ResourceKind::Subscription;
                    return Ok(Self::of(kind, line, id.into(), resource, stated));
                }
                (case, _) => return case,
            },
            (ResourceKind::ErrorResponse, _) => error_response(&values(text.as_bytes())),
            (ResourceKind::Unknown, _) => {
                let names = fields.iter().take(6).map(|name| format!("`{name}`"));
                let names = names.collect::<Vec<_>>().join(", ");
                let names = if names.is_empty() { "no fields" } else { &names };
                let of_type = resource.object_type().map(|name| format!(" of the type `{name}`"));
                let of_type = of_type.unwrap_or_default();
                format!("an object{of_type} with {names}, expected a subscription")
            }
            (
                kind @ (ResourceKind::Subscription
                | ResourceKind::Customer
                | ResourceKind::TransferEligibility
                | ResourceKind::DirectorySubscription
                | ResourceKind::AzureSubscription),
                Some(id),
            ) => {
                let id = id.into();
                return Ok(Self::of(kind, line, id, resource, stated));
            }
            (kind, _) if kind.is_foreign() || kind == ResourceKind::RelationshipRequest => {
                format!("{}, expected a subscription", kind.with_article())
            }
            _ => format!("{} without an `id`, expected a string", kind.with_article()),
        };
        Err(RecordError::new(resource.id().map(Into::into), line, error))
    }

    pub(crate) fn of(
        kind: ResourceKind,
        line: usize,
        id: String,
        resource: impl Into<Option<Box<Resource>>>,
        stated: Stated,
    ) -> Self {
        let Stated { facts, term, unreadable, customer, notes } = stated;
        let stated = Subscription::from(facts).with_term(term);
        Self { line, kind, id, resource: resource.into(), stated, unreadable, customer, notes }
    }

    /// Returns the identifier.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    pub(crate) fn expect(&self, expected: ResourceKind) -> Result<(), UnexpectedKind> {
        if self.kind == expected {
            Ok(())
        } else {
            Err(UnexpectedKind { kind: self.kind, expected })
        }
    }
}

/// Creates a record from a case, on line 1.
///
/// ```
/// use csp_multichannel::{Case, Subscription};
/// use csp_partner_center::{Context, Record};
///
/// let partner = Case::new("99999999-0000-4000-8000-000000000001", Subscription::new());
/// let mut context = Context::new();
/// context.add_partner(&Record::from(partner))?;
/// # Ok::<(), csp_partner_center::UnexpectedKind>(())
/// ```
impl From<Case> for Record {
    fn from(case: Case) -> Self {
        let stated = case.subscription;
        Self { stated, ..Self::of(ResourceKind::Case, 1, case.id, None, Stated::default()) }
    }
}

pub(crate) fn read_case(text: &str, line: usize, column: usize) -> Result<Record, RecordError> {
    let mut id = None;
    let mut json = serde_json::Deserializer::from_str(text);
    match Case::read(&mut json, &mut id).and_then(|case| json.end().map(|()| case)) {
        Ok(case) => Ok(Record { line, ..Record::from(case) }),
        Err(error) => Err(RecordError::new(id, line, describe(&error, line, column))),
    }
}

/// Whether an object has a state of an API beside nothing but fields of a case, or nothing but a state at all.
fn has_state(fields: &[String], status: &FieldValue) -> bool {
    let mut others = fields.iter().map(|name| name.to_ascii_lowercase());
    others.all(|name| match name.as_str() {
        "id" | "status" => true,
        name => is_state(status) && (name == "term" || name.parse::<Fact>().is_ok()),
    })
}

fn error_response(fields: &BTreeMap<String, FieldValue>) -> String {
    let inner = fields.get("error").and_then(FieldValue::object);
    let inner = inner.into_iter().flat_map(|inner| [&inner.code, &inner.message]);
    let texts = ["code", "description", "message", "error", "error_description"]
        .into_iter()
        .filter_map(|name| fields.get(name))
        .chain(inner);
    let texts = texts.filter(|value| !value.is_absent() && value.object().is_none());
    let texts: Vec<String> = texts.map(ToString::to_string).collect();
    format!("an error response: {}", texts.join(" "))
}

/// Returns the message of an error with its position in the input instead of in the record.
fn describe(error: &serde_json::Error, line: usize, column: usize) -> String {
    let text = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    let text = text.strip_suffix(&place).unwrap_or(&text);
    let kind = if error.is_data() { "" } else { "invalid JSON: " };
    match error.line() {
        0 | 1 => format!("{kind}{text}, at column {}", column + error.column().max(1) - 1),
        later => {
            format!("{kind}{text}, at line {} column {}", line + later - 1, error.column().max(1))
        }
    }
}
