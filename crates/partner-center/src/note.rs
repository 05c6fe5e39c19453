//! Notes on records and inputs.

use std::borrow::Cow;
use std::fmt;

use csp_multichannel::{Fact, Facts};
use serde::{Deserialize, Serialize};

use crate::value::FieldValue;

csp_multichannel::words! {
    /// The kind of a [`Note`].
    ///
    /// ```
    /// use csp_multichannel::parse_instant;
    /// use csp_partner_center::{Context, NoteKind, Record};
    ///
    /// let add_on = r#"{"id": "83ef", "offerId": "x", "parentSubscriptionId": "9d05"}"#;
    /// let record = Record::from_json(add_on)?;
    /// let mapping = Context::new().map(&record, parse_instant("2026-11-27")?)?;
    /// let kinds: Vec<NoteKind> = mapping.notes.iter().map(|note| note.kind).collect();
    /// assert_eq!(kinds, [NoteKind::AddOn]);
    /// assert_eq!(NoteKind::AddOn.meaning(), "An add-on of another subscription.");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[non_exhaustive]
    pub enum NoteKind, note_kind {
        /// The value is not documented, so no fact is derived from it.
        Undocumented = undocumented,
        /// The date can't be used.
        UnusableDate = unusable_date,
        /// An object or a list was cut off when the file was written; it counts as absent.
        Flattened = flattened,
        /// Another source states this value; it differs and is not used.
        Differs = differs,
        /// Fields contradict each other; each of their values stays possible.
        Contradiction = contradiction,
        /// The subscription is in use after its end, so the list is older than the renewal.
        OlderThanRenewal = older_than_renewal,
        /// The dates span more than one term, so the subscription was renewed; no cancellation
        /// window is derived.
        Renewed = renewed,
        /// The duration of the term is unknown, so it may have been renewed; no cancellation window
        /// is derived.
        DurationUnknown = duration_unknown,
        /// The term ends before it begins; its dates are not used.
        EndsBeforeStart = ends_before_start,
        /// Two fields name different days of purchase; no cancellation window is derived.
        PurchaseAmbiguous = purchase_ambiguous,
        /// The date is before the purchase and is not used.
        CancellationBeforePurchase = cancellation_before_purchase,
        /// The date contradicts the cancellation window derived from the purchase; neither is used.
        CancellationContradicts = cancellation_contradicts,
        /// The service is paid by use and has no term; the dates of a term are not used.
        UsageHasNoTerm = usage_has_no_term,
        /// A trial, which the policy does not mention.
        Trial = trial,
        /// An add-on of another subscription.
        AddOn = add_on,
        /// A provider's tenant also owns the subscriptions of its indirect resellers; state the
        /// channel.
        OwnerMayBeProvider = owner_may_be_provider,
        /// A subscription listed by Azure Resource Manager, which does not show where it was
        /// bought.
        ResourceManager = resource_manager,
        /// The input is not UTF-8; its encoding was guessed.
        GuessedEncoding = guessed_encoding,
        /// Some bytes of the input are not valid text and were replaced.
        DamagedText = damaged_text,
        /// The end of the input is missing; everything before it was read.
        Truncated = truncated,
        /// The column is ignored.
        ExtraColumn = extra_column,
        /// The lines before the header are ignored.
        BeforeHeader = before_header,
        /// The rows below this header have other columns.
        OtherHeader = other_header,
        /// The input has no records.
        Empty = empty,
    }
}

/// A note: something in a record or an input that a person may want to check.
///
/// In JSON an object with the kind as `note`, and the other fields where they apply.
///
/// ```
/// use csp_partner_center::{Item, Note, NoteKind, Reader};
///
/// let mut reader = Reader::new("id,channel,stauts\n83ef,open,active\n".as_bytes());
/// let Some(Item::Note(note)) = reader.next()? else { panic!() };
/// assert_eq!(note.kind, NoteKind::ExtraColumn);
/// assert_eq!(note.to_string(), "`stauts`: the column is ignored; did you mean `status`?");
///
/// let json = r#"{"note":"extra_column","field":"stauts","nearest":"status"}"#;
/// assert_eq!(serde_json::from_str::<Note>(json)?, note);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Note {
    /// The kind.
    #[serde(rename = "note")]
    pub kind: NoteKind,
    /// The field, the fact or the column that the note is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<Cow<'static, str>>,
    /// The value that was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// What would be accepted, such as `a date from 2000 to 2100`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
    /// The known word or column name nearest to an unknown one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nearest: Option<Cow<'static, str>>,
}

impl Note {
    pub(crate) const fn new(kind: NoteKind) -> Self {
        Self { kind, field: None, value: None, expected: None, nearest: None }
    }

    pub(crate) fn on(
        kind: NoteKind,
        field: impl Into<Cow<'static, str>>,
        value: impl fmt::Display,
    ) -> Self {
        Self {
            field: Some(field.into()),
            value: Some(excerpt(value.to_string())),
            ..Self::new(kind)
        }
    }

    pub(crate) fn undocumented(field: &'static str, value: &FieldValue) -> Self {
        Self::on(NoteKind::Undocumented, field, value)
    }
}

/// Returns the beginning of a value that is longer than people read.
fn excerpt(mut value: String) -> String {
    const LONGEST: usize = 200;
    if let Some((end, _)) = value.char_indices().nth(LONGEST) {
        value.truncate(end);
        value.push('…');
    }
    value
}

/// Writes the field, the value, the meaning, what was expected, and the nearest match.
impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let meaning = self.kind.meaning().trim_end_matches('.');
        let on = [self.field.as_deref(), self.value.as_deref()];
        let on: Vec<String> = on.into_iter().flatten().map(|text| format!("`{text}`")).collect();
        let mut rest = meaning.chars();
        match rest.next().filter(|_| !on.is_empty()) {
            Some(first) => {
                let first = first.to_ascii_lowercase();
                write!(f, "{}: {first}{}", on.join(" "), rest.as_str())?;
            }
            None => f.write_str(meaning)?,
        }
        if let Some(expected) = &self.expected {
            write!(f, ", expected {expected}")?;
        }
        self.nearest.as_ref().map_or(Ok(()), |nearest| write!(f, "; did you mean `{nearest}`?"))
    }
}

/// The possible values of one fact, separated by commas.
pub(crate) fn words(facts: Facts, fact: Fact) -> String {
    facts.possible_words(fact).collect::<Vec<_>>().join(", ")
}
