//! Where each fact comes from, and what was noticed on the way.

use std::borrow::Cow;
use std::fmt;

use csp_multichannel::{Fact, Facts};
use serde::{Deserialize, Serialize};

use crate::value::Value;

csp_multichannel::words! {
    /// The rules by which fields become facts.
    #[non_exhaustive]
    pub enum MappingRule, mapping_rule {
        /// `offerId` is in the table of offers, or begins as the offers of one cloud do.
        Offer = offer,
        /// `offerId` names a product of the online services (`CFQ7TTC0…`), and it is billed by license: a new-commerce license.
        NewCommerceOffer = new_commerce_offer,
        /// `offerId` is a GUID, as before new commerce: a traditional license if it is billed by license, else that or Azure.
        TraditionalOffer = traditional_offer,
        /// `productType` names the kind of the product.
        ProductType = product_type,
        /// `isMicrosoftProduct` is false, and `publisherName` names another publisher: a marketplace offer.
        ThirdPartyPublisher = third_party_publisher,
        /// `billingType` or `unitType` excludes services that are never billed like this.
        BillingType = billing_type,
        /// `autoRenewEnabled`; false leaves open whether the end of a new-commerce license is scheduled.
        AutoRenewEnabled = auto_renew_enabled,
        /// `status`, or `state` of an Azure subscription.
        Status = status,
        /// `isEligible` and `reason` of the eligibility.
        Eligibility = eligibility,
        /// `relationshipToPartner` of the customer.
        RelationshipToPartner = relationship_to_partner,
        /// The dates of the term: `commitmentEndDate` or `commitmentEndDateTime`, `effectiveStartDate` or `creationDate`, `cancellationAllowedUntilDate`.
        TermDates = term_dates,
        /// `nextLifecycleDateTime` of the directory, while the state is `Enabled`: the end of the term.
        NextLifecycleDate = next_lifecycle_date,
        /// `ownerTenantId` of the directory: the asking partner, a known partner, or nobody.
        OwnerTenant = owner_tenant,
        /// It is a subscription of Azure's resource manager: paid by use.
        ResourceManager = resource_manager,
        /// `cloudName` of an Azure subscription.
        CloudName = cloud_name,
        /// `quotaId` of an Azure subscription is in the table of offers.
        QuotaId = quota_id,
    }
}

csp_multichannel::words! {
    /// Why a fact is unknown.
    #[non_exhaustive]
    pub enum UnknownReason, unknown_reason {
        /// No field names it: supply it.
        NoField = no_field,
        /// The field that could name it is absent, or says nothing.
        FieldAbsent = field_absent,
        /// The field has a value from which nothing follows.
        UnknownValue = unknown_value,
        /// Fields contradict each other.
        Contradiction = contradiction,
        /// It depends on the service, which is unknown.
        ServiceUnknown = service_unknown,
        /// The owner is a tenant that is not among the known partners.
        OwnerUnknown = owner_unknown,
    }
}

/// Where a fact of a case comes from.
///
/// In JSON `"record"`, `"table"`, `"default"`, `{"rule":"offer"}` or `{"unknown":"no_field"}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Origin {
    /// The record states it.
    Record,
    /// A rule derives it from fields of a resource.
    Rule(MappingRule),
    /// The table of facts states it for this subscription.
    Table,
    /// It was given for all subscriptions.
    Default,
    /// Nothing is known of it.
    Unknown(UnknownReason),
}

impl Origin {
    /// Returns what it means, as a sentence for people.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Record => "The record states it.",
            Self::Rule(rule) => rule.meaning(),
            Self::Table => "The table of facts states it for this subscription.",
            Self::Default => "It was given for all subscriptions.",
            Self::Unknown(reason) => reason.meaning(),
        }
    }
}

/// Writes `record`, `table`, `default`, `rule offer` or `unknown: no field`.
impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Record => f.write_str("record"),
            Self::Rule(rule) => write!(f, "rule {rule}"),
            Self::Table => f.write_str("table"),
            Self::Default => f.write_str("default"),
            Self::Unknown(reason) => write!(f, "unknown: {}", reason.as_str().replace('_', " ")),
        }
    }
}

csp_multichannel::words! {
    /// The kinds of notes.
    #[non_exhaustive]
    pub enum NoteKind, note_kind {
        /// The value is not documented, and nothing follows from it.
        Undocumented = undocumented,
        /// The date can't be used.
        UnusableDate = unusable_date,
        /// An object or a list was cut when it was written, and counts as absent.
        Flattened = flattened,
        /// Another source states it differently, and does not count.
        Differs = differs,
        /// Fields contradict each other, and each of their values is possible.
        Contradiction = contradiction,
        /// In use, and past its end: the list is older than the renewal.
        OlderThanRenewal = older_than_renewal,
        /// The dates span more than one term: it was renewed, and no cancellation window is derived.
        Renewed = renewed,
        /// Without its duration the term may have been renewed: no cancellation window is derived.
        DurationUnknown = duration_unknown,
        /// The term ends before it begins; its dates are not used.
        EndsBeforeStart = ends_before_start,
        /// Two fields name different days of purchase: no cancellation window is derived.
        PurchaseAmbiguous = purchase_ambiguous,
        /// The date is before the purchase, and not used.
        CancellationBeforePurchase = cancellation_before_purchase,
        /// It differs from the cancellation window that follows from the purchase: neither is claimed.
        CancellationContradicts = cancellation_contradicts,
        /// Dates of a term are given for a service that is paid by use; they are not used.
        UsageHasNoTerm = usage_has_no_term,
        /// A trial, which the policy does not mention.
        Trial = trial,
        /// An add-on of another subscription.
        AddOn = add_on,
        /// An indirect reseller's own subscriptions have its provider's tenant as owner: state the channel.
        OwnerMayBeProvider = owner_may_be_provider,
        /// An Azure subscription as the resource manager lists it: where it was bought is not said.
        ResourceManager = resource_manager,
        /// The input is not UTF-8; its encoding was guessed.
        GuessedEncoding = guessed_encoding,
        /// Some bytes of the input are no text, and were replaced.
        DamagedText = damaged_text,
        /// The end of the input is missing; what comes before it was read.
        Truncated = truncated,
        /// The column is ignored.
        ExtraColumn = extra_column,
        /// The lines before the header are ignored.
        BeforeHeader = before_header,
        /// The input has no records.
        Empty = empty,
    }
}

/// Something that a person may want to look into, noticed in a record or an input.
///
/// Printed as `` `status` `paused`: the value is not documented, and nothing follows from it``. In JSON an object with
/// the kind as `note`, and the field and the value where there are some.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Note {
    /// The kind.
    #[serde(rename = "note")]
    pub kind: NoteKind,
    /// The field, the fact or the column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<Cow<'static, str>>,
    /// The value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// What would be accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
}

impl Note {
    pub(crate) const fn new(kind: NoteKind) -> Self {
        Self { kind, field: None, value: None, expected: None }
    }

    pub(crate) fn on(
        kind: NoteKind,
        field: impl Into<Cow<'static, str>>,
        value: impl fmt::Display,
    ) -> Self {
        Self { field: Some(field.into()), value: Some(value.to_string()), ..Self::new(kind) }
    }

    pub(crate) fn undocumented(field: &'static str, value: &Value) -> Self {
        Self::on(NoteKind::Undocumented, field, value)
    }
}

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
        self.expected.as_ref().map_or(Ok(()), |expected| write!(f, ", expected {expected}"))
    }
}

/// What is known of one fact, in words.
pub(crate) fn words(facts: Facts, fact: Fact) -> String {
    facts.possible_words(fact).collect::<Vec<_>>().join(", ")
}
