//! The resources, field by field, as the reference documents them.

use core::marker::PhantomData;
use std::string::String;
use std::vec::Vec;

use chrono::{DateTime, Utc};
use serde::de::{DeserializeSeed, Error, MapAccess};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::read::{Item, Open, Resource, ResourceError, resource};
use crate::json::Expected;
use crate::vocabulary::words;

words! {
    /// The state of a subscription, as the interface tells it.
    #[non_exhaustive]
    pub enum SubscriptionStatus, status {
        /// Nothing is told.
        None = none,
        /// In use.
        Active = active,
        /// Ordered, and not yet provisioned.
        Pending = pending,
        /// Suspended.
        Suspended = suspended,
        /// Its term has ended without renewal; users keep access for a while.
        Expired = expired,
        /// Expired some time ago; users have lost access.
        Disabled = disabled,
        /// Deleted.
        Deleted = deleted,
    }
}

words! {
    /// How a subscription is billed.
    #[non_exhaustive]
    pub enum BillingType, billing_type {
        /// Nothing is told.
        None = none,
        /// By use.
        Usage = usage,
        /// By license.
        License = license,
        /// As a benefit that comes with something else.
        Benefit = benefit,
    }
}

words! {
    /// How often the partner is billed.
    #[non_exhaustive]
    pub enum BillingCycle, billing_cycle {
        /// Nothing is told.
        Unknown = unknown,
        /// Every month.
        Monthly = monthly,
        /// Every year.
        Annual = annual,
        /// Every three years.
        Triennial = triennial,
        /// Not at all, for trials say.
        None = none,
        /// Once.
        OneTime = one_time,
    }
}

words! {
    /// How long a term is, as an ISO 8601 duration.
    #[non_exhaustive]
    pub enum TermDuration, term_duration {
        /// A month.
        P1M = P1M,
        /// A year.
        P1Y = P1Y,
        /// Three years.
        P3Y = P3Y,
    }
}

words! {
    /// The program in which the partner serves a customer.
    #[non_exhaustive]
    pub enum RelationshipToPartner, relationship_to_partner {
        /// None.
        None = none,
        /// As a reseller of the Cloud Solution Provider program.
        Reseller = reseller,
        /// As an Advisor.
        Advisor = advisor,
        /// As a Syndication Partner.
        Syndication = syndication,
        /// Microsoft's own support.
        MicrosoftSupport = microsoft_support,
    }
}

resource! {
    /// A subscription, as Partner Center returns it: the reference's `Subscription` resource.
    ///
    /// Instants are in UTC; one that comes without an offset is taken as UTC, a day at 00:00.
    pub struct Subscription = "Subscription" {
        required {
            /// The subscription's identifier.
            id: String = "id",
        }
        optional {
            /// The offer: a GUID, the name of an Azure offer, or product, SKU and availability between colons.
            offer_id: String = "offerId",
            /// What the offer is called.
            offer_name: String = "offerName",
            /// What the partner calls it.
            friendly_name: String = "friendlyName",
            /// The entitlement: of Azure, the Azure subscription's identifier.
            entitlement_id: String = "entitlementId",
            /// The order that began it.
            order_id: String = "orderId",
            /// How many units there are, such as licenses.
            quantity: u64 = "quantity",
            /// What the units are: `Licenses`, `Usage-based`, `Benefit`.
            unit_type: String = "unitType",
            /// The subscription that it is an add-on of.
            parent_subscription_id: String = "parentSubscriptionId",
            /// When it was created.
            creation_date: DateTime<Utc> = "creationDate",
            /// When its term began; can lie before or after the creation.
            effective_start_date: DateTime<Utc> = "effectiveStartDate",
            /// The last day of its term: the UTC day of this instant, inclusive.
            commitment_end_date: DateTime<Utc> = "commitmentEndDate",
            /// The end of its term.
            commitment_end_date_time: DateTime<Utc> = "commitmentEndDateTime",
            /// Its state.
            status: Open<SubscriptionStatus> = "status",
            /// Whether its term renews by itself.
            auto_renew_enabled: bool = "autoRenewEnabled",
            /// How it is billed.
            billing_type: Open<BillingType> = "billingType",
            /// How often it is billed.
            billing_cycle: Open<BillingCycle> = "billingCycle",
            /// How long its term is.
            term_duration: Open<TermDuration> = "termDuration",
            /// Whether it is a trial.
            is_trial: bool = "isTrial",
            /// Whether the product is Microsoft's own.
            is_microsoft_product: bool = "isMicrosoftProduct",
            /// Who publishes the product.
            publisher_name: String = "publisherName",
            /// What kind of product it is.
            product_type: ProductType = "productType",
            /// Until when what is refunded.
            refund_options: Vec<RefundOption> = "refundOptions",
            /// Until when it can be cancelled; `Some(None)`, which is `null`, where it cannot be.
            cancellation_allowed_until_date: Option<DateTime<Utc>> = "cancellationAllowedUntilDate",
            /// Its metadata.
            attributes: Attributes = "attributes",
            /// Where it and what belongs to it can be found.
            links: Links = "links",
        }
    }
}

impl Subscription {
    /// The customer whose subscription it is, as its own link has it: `…/customers/{id}/subscriptions/{id}`.
    #[must_use]
    pub fn customer_id(&self) -> Option<&str> {
        self.links.as_ref()?.itself.as_ref()?.customer_id()
    }
}

resource! {
    /// The kind of a product.
    pub struct ProductType = "productType" {
        required {}
        optional {
            /// The kind, such as `OnlineServicesNCE`, `Software`, `AzureReservation`.
            id: String = "id",
            /// What it is called.
            display_name: String = "displayName",
        }
    }
}

resource! {
    /// A refund that is possible.
    pub struct RefundOption = "refundOptions" {
        required {}
        optional {
            /// `Full` or `Partial`.
            kind: String = "type",
            /// When it is no longer possible; never, where it is absent.
            expires_after: DateTime<Utc> = "expiresAfter",
            /// The same, as the reference's examples call it.
            expires_at: DateTime<Utc> = "expiresAt",
        }
    }
}

resource! {
    /// The metadata of a resource.
    pub struct Attributes = "attributes" {
        required {}
        optional {
            /// The version of the resource.
            etag: String = "etag",
            /// The kind of the resource.
            object_type: String = "objectType",
        }
    }
}

resource! {
    /// The links of a resource, or of a page of them.
    pub struct Links = "links" {
        required {}
        optional {
            /// To itself.
            itself: Link = "self",
            /// To the next page.
            next: Link = "next",
            /// To the page before.
            previous: Link = "previous",
            /// To the offer.
            offer: Link = "offer",
            /// To the subscription that it is an add-on of.
            parent_subscription: Link = "parentSubscription",
            /// To the product.
            product: Link = "product",
            /// To the product's SKU.
            sku: Link = "sku",
            /// To the SKU's availability.
            availability: Link = "availability",
        }
    }
}

resource! {
    /// A link.
    pub struct Link = "link" {
        required {}
        optional {
            /// Where it leads to.
            uri: String = "uri",
            /// The method of the request.
            method: String = "method",
        }
    }
}

impl Link {
    /// The customer in a link `…/customers/{id}/…`.
    #[must_use]
    pub fn customer_id(&self) -> Option<&str> {
        let (path, _) = self.uri.as_ref()?.split_once('?').unwrap_or((self.uri.as_ref()?, ""));
        let mut segments = path.split('/');
        segments.find(|segment| segment.eq_ignore_ascii_case("customers"))?;
        segments.next().filter(|id| !id.is_empty())
    }
}

resource! {
    /// A customer of the partner's: of the reference's `Customer` resource, what says something of a case.
    pub struct Customer = "Customer" {
        required {
            /// The customer's identifier.
            id: String = "id",
        }
        optional {
            /// The program in which the partner serves it.
            relationship_to_partner: Open<RelationshipToPartner> = "relationshipToPartner",
            /// Who it is.
            company_profile: CompanyProfile = "companyProfile",
        }
    }
}

resource! {
    /// Who a customer is.
    pub struct CompanyProfile = "companyProfile" {
        required {}
        optional {
            /// The customer's tenant.
            tenant_id: String = "tenantId",
            /// The customer's domain.
            domain: String = "domain",
            /// The company's name.
            company_name: String = "companyName",
        }
    }
}

resource! {
    /// Whether a subscription can be transferred: the reference's `TransferEligibility` resource.
    pub struct TransferEligibility = "TransferEligibility" {
        required {
            /// The subscription's identifier.
            id: String = "id",
        }
        optional {
            /// Whether it can.
            is_eligible: bool = "isEligible",
            /// Why it cannot.
            reason: String = "reason",
        }
    }
}

resource! {
    /// The invitation by which a customer accepts the partner as its reseller.
    ///
    /// It exists whether or not it was sent, so it says nothing of a case.
    pub struct RelationshipRequest = "RelationshipRequest" {
        required {}
        optional {
            /// Where the customer accepts.
            url: String = "url",
            /// Its metadata.
            attributes: Attributes = "attributes",
        }
    }
}
