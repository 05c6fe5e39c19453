//! The origin of each fact: where it comes from, or why it is unknown.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Index;

use csp_multichannel::Fact;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

csp_multichannel::words! {
    /// A mapping rule: how one or more fields become facts.
    ///
    /// ```
    /// use csp_partner_center::MappingRule;
    ///
    /// assert_eq!("quota_id".parse(), Ok(MappingRule::QuotaId));
    /// assert_eq!(MappingRule::CloudName.to_string(), "cloud_name");
    /// assert_eq!(MappingRule::CloudName.meaning(), "`cloudName` of an Azure subscription.");
    /// ```
    #[non_exhaustive]
    pub enum MappingRule, mapping_rule {
        /// `offerId` is in the table of offers, or has the prefix of one cloud's offers.
        Offer = offer,
        /// `offerId` names an online service (`CFQ7TTC0…`) that is billed by license:
        /// a new-commerce license.
        NewCommerceOffer = new_commerce_offer,
        /// `offerId` is a GUID, as before new commerce: a traditional license if billed by license,
        /// otherwise a traditional license or Azure.
        TraditionalOffer = traditional_offer,
        /// `productType` names the kind of product.
        ProductType = product_type,
        /// `isMicrosoftProduct` is false and `publisherName` names another publisher:
        /// a marketplace offer.
        ThirdPartyPublisher = third_party_publisher,
        /// `billingType` or `unitType` excludes services that are never billed that way.
        BillingType = billing_type,
        /// `autoRenewEnabled`; `false` does not show whether the end of a new-commerce license is
        /// scheduled.
        AutoRenewEnabled = auto_renew_enabled,
        /// `status`, or `state` where it has the word of a state.
        Status = status,
        /// `isEligible` and `reason` of the eligibility.
        Eligibility = eligibility,
        /// `relationshipToPartner` of the customer.
        RelationshipToPartner = relationship_to_partner,
        /// The dates of the term: `commitmentEndDate` or `commitmentEndDateTime`,
        /// `effectiveStartDate` or `creationDate`, `cancellationAllowedUntilDate`.
        TermDates = term_dates,
        /// `nextLifecycleDateTime` of a directory subscription whose state is `Enabled`:
        /// the end of the term.
        NextLifecycleDate = next_lifecycle_date,
        /// `ownerTenantId` of a directory subscription: the asking partner, a known partner, or no
        /// owner.
        OwnerTenant = owner_tenant,
        /// The subscription is listed by Azure Resource Manager: paid by use.
        ResourceManager = resource_manager,
        /// `cloudName` of an Azure subscription.
        CloudName = cloud_name,
        /// `quotaId` of an Azure subscription is in the table of offers.
        QuotaId = quota_id,
    }
}

csp_multichannel::words! {
    /// The reason why a fact is unknown.
    ///
    /// ```
    /// use csp_multichannel::{Fact, parse_instant};
    /// use csp_partner_center::{Context, Origin, Record, UnknownReason};
    ///
    /// let record = Record::from_json(r#"{"id": "83ef9d05", "offerName": "Mail"}"#)?;
    /// let origins = Context::new().map(&record, parse_instant("2026-11-27")?)?.origins;
    /// assert_eq!(origins[Fact::Region], Origin::Unknown(UnknownReason::NoField));
    /// assert_eq!(origins[Fact::Status], Origin::Unknown(UnknownReason::FieldAbsent));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[non_exhaustive]
    pub enum UnknownReason, unknown_reason {
        /// No field contains the fact; supply it.
        NoField = no_field,
        /// The field is absent, or its value leaves the fact open.
        FieldAbsent = field_absent,
        /// The field has a value from which the fact can't be derived.
        UnknownValue = unknown_value,
        /// Fields contradict each other.
        Contradiction = contradiction,
        /// The fact depends on the service, which is unknown.
        ServiceUnknown = service_unknown,
        /// The owner's tenant is not among the known partners.
        OwnerUnknown = owner_unknown,
    }
}

/// The origin of a fact: where a case's fact comes from, or why it is unknown.
///
/// In JSON `"record"`, `"table"`, `"default"`, `{"rule":"offer"}` or `{"unknown":"no_field"}`.
///
/// ```
/// use csp_partner_center::{MappingRule, Origin, UnknownReason};
///
/// let origin: Origin = serde_json::from_str(r#"{"rule":"quota_id"}"#)?;
/// assert_eq!(origin, Origin::Rule(MappingRule::QuotaId));
/// assert_eq!(origin.to_string(), "rule quota_id");
///
/// let origin = Origin::Unknown(UnknownReason::FieldAbsent);
/// assert_eq!(origin.to_string(), "unknown: field absent");
/// assert_eq!(serde_json::to_string(&origin)?, r#"{"unknown":"field_absent"}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
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
    /// The defaults for all subscriptions state it.
    Default,
    /// The fact is unknown.
    Unknown(UnknownReason),
}

impl Origin {
    /// Returns the meaning as a sentence for people.
    ///
    /// ```
    /// use csp_partner_center::{Origin, UnknownReason};
    ///
    /// assert_eq!(Origin::Default.meaning(), "The defaults for all subscriptions state it.");
    /// let reason = Origin::Unknown(UnknownReason::NoField);
    /// assert_eq!(reason.meaning(), "No field contains the fact; supply it.");
    /// ```
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Record => "The record states it.",
            Self::Rule(rule) => rule.meaning(),
            Self::Table => "The table of facts states it for this subscription.",
            Self::Default => "The defaults for all subscriptions state it.",
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

/// The origins of all facts of a case.
///
/// In JSON an object with the facts as names.
///
/// ```
/// use csp_multichannel::Fact;
/// use csp_partner_center::{Origin, Origins};
///
/// let origins: Origins = serde_json::from_str(r#"{"channel": "table"}"#)?;
/// assert_eq!(origins[Fact::Channel], Origin::Table);
/// assert_eq!(origins[Fact::Region].to_string(), "unknown: no field");
/// let known = origins.iter().filter(|(_, origin)| !matches!(origin, Origin::Unknown(_)));
/// assert_eq!(known.map(|(fact, _)| fact).collect::<Vec<_>>(), [Fact::Channel]);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origins([Origin; Fact::ALL.len()]);

impl Origins {
    /// Returns each fact with its origin, in the order of the facts.
    pub fn iter(&self) -> impl Iterator<Item = (Fact, Origin)> {
        Fact::ALL.iter().copied().zip(self.0)
    }

    #[expect(clippy::indexing_slicing, reason = "each fact has a place")]
    pub(crate) fn set(&mut self, fact: Fact, origin: Origin) {
        self.0[fact as usize] = origin;
    }
}

/// No field contains any fact.
impl Default for Origins {
    fn default() -> Self {
        Self([Origin::Unknown(UnknownReason::NoField); Fact::ALL.len()])
    }
}

impl Index<Fact> for Origins {
    type Output = Origin;

    #[expect(clippy::indexing_slicing, reason = "each fact has a place")]
    fn index(&self, fact: Fact) -> &Origin {
        &self.0[fact as usize]
    }
}

impl Serialize for Origins {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl<'de> Deserialize<'de> for Origins {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut origins = Self::default();
        for (fact, origin) in BTreeMap::deserialize(deserializer)? {
            origins.set(fact, origin);
        }
        Ok(origins)
    }
}
