//! What an interface or a table says of one thing, and what that thing is.

use csp_multichannel::Fact;
use serde::Deserialize;

use crate::value::Value;

csp_multichannel::words! {
    /// The kinds of things that people hold.
    #[non_exhaustive]
    pub enum ResourceKind, resource_kind {
        /// A subscription of Partner Center.
        Subscription = subscription,
        /// A customer of Partner Center.
        Customer = customer,
        /// The eligibility of a subscription for a transfer.
        TransferEligibility = transfer_eligibility,
        /// A subscription of the customer's directory (Microsoft Graph), whoever sold it.
        DirectorySubscription = directory_subscription,
        /// An Azure subscription as the command line or the resource manager lists it.
        AzureSubscription = azure_subscription,
        /// A case, or a row of a table of facts.
        Case = case,
        /// An order.
        Order = order,
        /// A request for a transfer.
        Transfer = transfer,
        /// An entitlement, which belongs to an order.
        Entitlement = entitlement,
        /// An invoice, or a line of one.
        Invoice = invoice,
        /// A product to which a customer is subscribed, of which several subscriptions can be the source.
        LicenseSku = license_sku,
        /// The eligibility for something else than a transfer to another partner.
        OtherEligibility = other_eligibility,
        /// The partner's invitation, which is the same for all customers.
        RelationshipRequest = relationship_request,
        /// A decision of this library.
        Decision = decision,
        /// The answer of an interface that refused a request.
        ErrorResponse = error_response,
        /// Something else.
        Unknown = unknown,
    }
}

impl ResourceKind {
    /// What an object is that has one of some fields, in lower case; the first row counts.
    const BY_FIELDS: &[(Self, &str)] = &[
        (Self::Decision, "verdicts"),
        (
            Self::OtherEligibility,
            "eligibilities currentsubscriptionid catalogitemid ismoveeligible",
        ),
        (Self::Customer, "companyprofile relationshiptopartner billingprofile"),
        (
            Self::Transfer,
            "transfertype sourcepartnername sourcepartnertenantid targetpartnertenantid",
        ),
        (Self::Order, "lineitems referencecustomerid lineitemnumber"),
        (Self::Entitlement, "entitlementtype referenceorder entitledartifacts"),
        (Self::Invoice, "invoicedate chargestartdate chargetype invoicenumber totalcharges"),
        (Self::LicenseSku, "capabilitystatus prepaidunits"),
        (
            Self::DirectorySubscription,
            "nextlifecycledatetime ownertenantid commercesubscriptionid skupartnumber",
        ),
        (
            Self::AzureSubscription,
            "subscriptionpolicies quotaid hometenantid managedbytenants cloudname environmentname",
        ),
        (
            Self::Subscription,
            "offerid offername billingtype unittype commitmentenddate effectivestartdate autorenewenabled \
             termduration producttype",
        ),
        (Self::Case, "channel cloud region relationship term term_phase at_term_end transfer"),
        (Self::TransferEligibility, "iseligible reason"),
        (Self::ErrorResponse, "error code statuscode message"),
        (Self::RelationshipRequest, "url"),
    ];

    /// What an object is: by its type where it names one, else by its fields, in lower case.
    pub(crate) fn of(object_type: Option<&str>, fields: &[String]) -> Self {
        let by_type = match object_type.unwrap_or_default() {
            "" => None,
            name if name.eq_ignore_ascii_case("Subscription") => Some(Self::Subscription),
            "Customer" => Some(Self::Customer),
            "Order" => Some(Self::Order),
            "TransferEntity" => Some(Self::Transfer),
            "Invoice" | "InvoiceDetail" | "OneTimeInvoiceLineItem" => Some(Self::Invoice),
            "TransitionEligibility" => Some(Self::OtherEligibility),
            "RelationshipRequest" => Some(Self::RelationshipRequest),
            // What says of itself that it is something else is believed.
            _ => Some(Self::Unknown),
        };
        let has = |name: &str| fields.iter().any(|field| field == name);
        let by_fields = Self::BY_FIELDS.iter().find(|(_, names)| names.split(' ').any(has));
        // Beside the identifier of a plan, it is one of the entitlements under that.
        let is_named = has("friendlyname") && !(has("id") && has("subscriptionid"));
        let is_case =
            has("id") && fields.iter().all(|field| field == "id" || field.parse::<Fact>().is_ok());
        by_type
            .or_else(|| by_fields.map(|(kind, _)| *kind))
            .or(is_named.then_some(Self::Subscription))
            .or(is_case.then_some(Self::Case))
            .unwrap_or(Self::Unknown)
    }

    /// Whether nothing can be taken from it.
    pub(crate) const fn is_foreign(self) -> bool {
        matches!(
            self,
            Self::Order
                | Self::Transfer
                | Self::Entitlement
                | Self::Invoice
                | Self::LicenseSku
                | Self::OtherEligibility
                | Self::Decision
        )
    }

    /// Returns the name for people, with its article: `an order`.
    #[must_use]
    pub fn with_article(self) -> String {
        let name = self.as_str().replace('_', " ");
        let article = if name.starts_with(['a', 'e', 'i', 'o']) { "an" } else { "a" };
        format!("{article} {name}")
    }
}

/// The fields of any resource from which something is taken, or by which its kind is known.
///
/// Fields are named as in JSON, or with a capital as the SDK and its PowerShell module write them.
///
/// ```
/// use csp_partner_center::Resource;
///
/// let subscription: Resource =
///     serde_json::from_str(r#"{"SubscriptionId": "83ef9d05", "AutoRenewEnabled": true}"#)?;
/// assert_eq!(subscription.id(), Some("83ef9d05"));
/// assert_eq!(subscription.auto_renew_enabled.switch(), Some(true));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
#[non_exhaustive]
#[allow(missing_docs, reason = "the fields are those of the interfaces")]
#[rustfmt::skip]
pub struct Resource {
    // Of all.
    #[serde(alias = "Id", alias = "ID")] pub id: Value,
    #[serde(alias = "SubscriptionId")] pub subscription_id: Value,
    #[serde(alias = "CustomerId")] pub customer_id: Value,
    #[serde(alias = "Name")] pub name: Value,
    #[serde(alias = "DisplayName")] pub display_name: Value,
    #[serde(alias = "Status")] pub status: Value,
    #[serde(alias = "Links")] pub links: Value,
    #[serde(alias = "Attributes")] pub attributes: Value,

    // Of a subscription.
    #[serde(alias = "OfferId")] pub offer_id: Value,
    #[serde(alias = "OfferName")] pub offer_name: Value,
    #[serde(alias = "FriendlyName")] pub friendly_name: Value,
    #[serde(alias = "Quantity")] pub quantity: Value,
    #[serde(alias = "UnitType")] pub unit_type: Value,
    #[serde(alias = "ParentSubscriptionId")] pub parent_subscription_id: Value,
    #[serde(alias = "CreationDate")] pub creation_date: Value,
    #[serde(alias = "EffectiveStartDate")] pub effective_start_date: Value,
    #[serde(alias = "CommitmentEndDate")] pub commitment_end_date: Value,
    #[serde(alias = "CommitmentEndDateTime")] pub commitment_end_date_time: Value,
    #[serde(alias = "CancellationAllowedUntilDate")] pub cancellation_allowed_until_date: Value,
    #[serde(alias = "AutoRenewEnabled")] pub auto_renew_enabled: Value,
    #[serde(alias = "BillingType")] pub billing_type: Value,
    #[serde(alias = "BillingCycle")] pub billing_cycle: Value,
    #[serde(alias = "TermDuration")] pub term_duration: Value,
    #[serde(alias = "IsTrial")] pub is_trial: Value,
    #[serde(alias = "IsMicrosoftProduct")] pub is_microsoft_product: Value,
    #[serde(alias = "PublisherName")] pub publisher_name: Value,
    #[serde(alias = "ProductType")] pub product_type: Value,
    /// In no interface, and often added to what one returns.
    pub channel: Value,

    // Of a customer.
    #[serde(alias = "CompanyProfile")] pub company_profile: Value,
    #[serde(alias = "RelationshipToPartner")] pub relationship_to_partner: Value,

    // Of an eligibility.
    #[serde(alias = "IsEligible")] pub is_eligible: Value,
    #[serde(alias = "Reason")] pub reason: Value,

    // Of the directory.
    #[serde(alias = "CommerceSubscriptionId")] pub commerce_subscription_id: Value,
    #[serde(alias = "NextLifecycleDateTime")] pub next_lifecycle_date_time: Value,
    #[serde(alias = "OwnerTenantId")] pub owner_tenant_id: Value,
    #[serde(alias = "SkuPartNumber")] pub sku_part_number: Value,

    // Of Azure.
    #[serde(alias = "State")] pub state: Value,
    #[serde(alias = "CloudName")] pub cloud_name: Value,
    #[serde(alias = "EnvironmentName")] pub environment_name: Value,
    #[serde(alias = "QuotaId")] pub quota_id: Value,
    #[serde(alias = "SubscriptionPolicies")] pub subscription_policies: Value,

    // Of a line of an invoice or an order, which has much of the above.
    #[serde(alias = "ChargeStartDate")] pub charge_start_date: Value,
    #[serde(alias = "LineItemNumber")] pub line_item_number: Value,
}

impl Resource {
    /// Returns the identifier: `id`, or as the PowerShell module names it.
    ///
    /// Beside `subscriptionId`, `id` is a path or that of something else.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        let id = self.subscription_id.text().or_else(|| self.id.text())?;
        Some(id.strip_prefix("/subscriptions/").unwrap_or(id))
    }

    /// Returns the customer: `customerId`, or the one in its own link, `…/customers/{id}/subscriptions/{id}`.
    #[must_use]
    pub fn customer_id(&self) -> Option<&str> {
        self.customer_id.text().or_else(|| {
            let path = self.links.object()?.itself.object()?.uri.text()?.split('?').next()?;
            let mut segments = path.split('/');
            segments.find(|segment| segment.eq_ignore_ascii_case("customers"))?;
            segments.next().filter(|id| !id.is_empty())
        })
    }

    /// Returns what it is called, for people.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        let company = self.company_profile.object().and_then(|profile| profile.company_name.text());
        let names = [&self.friendly_name, &self.offer_name, &self.name, &self.display_name];
        let others = names.into_iter().chain([&self.sku_part_number]);
        company.or_else(|| others.into_iter().find_map(Value::text))
    }

    /// Returns the type of the product: `productType.id`, or `productType` itself where it is a string.
    #[must_use]
    pub fn product_type(&self) -> Option<&str> {
        self.product_type.object().map_or(&self.product_type, |object| &object.id).text()
    }

    /// What follows a phrase in the reason of an eligibility, in lower case.
    pub(crate) fn reason_has(&self, phrase: &str) -> Option<String> {
        let reason = self.reason.text()?.to_lowercase();
        reason.split_once(phrase).map(|(_, rest)| rest.into())
    }

    /// What it is, as `attributes.objectType` says.
    pub(crate) fn object_type(&self) -> Option<&str> {
        self.attributes.object()?.object_type.text()
    }

    /// Whether it certainly is a subscription of Partner Center.
    pub(crate) fn is_subscription(&self) -> bool {
        let of_others =
            [&self.charge_start_date, &self.line_item_number, &self.state, &self.cloud_name];
        self.offer_id != Value::Absent
            && of_others.into_iter().all(|value| *value == Value::Absent)
            && self.object_type().is_none_or(|name| name.eq_ignore_ascii_case("Subscription"))
    }
}
