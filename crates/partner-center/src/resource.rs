//! The fields of one resource, and its kind.

use csp_multichannel::{Fact, Facts, Transfer};

use crate::value::FieldValue;

csp_multichannel::words! {
    /// The kind of resource that a record describes.
    ///
    /// ```
    /// use csp_partner_center::{Record, ResourceKind};
    ///
    /// let customer = Record::from_json(r#"{"id": "c1", "companyProfile": {}}"#)?;
    /// assert_eq!(customer.kind, ResourceKind::Customer);
    ///
    /// let error = Record::from_json(r#"{"id": "o1", "lineItems": 2}"#).unwrap_err();
    /// assert_eq!(error.to_string(), "an order, expected a subscription");
    /// # Ok::<(), csp_partner_center::RecordError>(())
    /// ```
    #[non_exhaustive]
    pub enum ResourceKind, resource_kind {
        /// A subscription of Partner Center.
        Subscription = subscription,
        /// A customer of Partner Center.
        Customer = customer,
        /// The eligibility of a subscription for a transfer.
        TransferEligibility = transfer_eligibility,
        /// A subscription in the customer's directory (Microsoft Graph), from any seller.
        DirectorySubscription = directory_subscription,
        /// An Azure subscription as listed by the Azure CLI or Azure Resource Manager.
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
        /// A product that a customer subscribes to, possibly through several subscriptions.
        LicenseSku = license_sku,
        /// An eligibility for something other than a transfer to another partner.
        OtherEligibility = other_eligibility,
        /// The partner's invitation, which is the same for all customers.
        RelationshipRequest = relationship_request,
        /// A decision of this library.
        Decision = decision,
        /// An error response of an API.
        ErrorResponse = error_response,
        /// Anything else.
        Unknown = unknown,
    }
}

impl ResourceKind {
    /// The kind of an object that has one of these fields, in lower case; the first match counts.
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
        (Self::TransferEligibility, "iseligible reason"),
        (Self::Case, "channel cloud region relationship term term_phase at_term_end transfer"),
        (Self::ErrorResponse, "error code statuscode message"),
        (Self::RelationshipRequest, "url"),
    ];

    /// Returns the kind of an object: by its type if it names one, otherwise by its fields, which
    /// are in lower case.
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
            // The type that an object states counts more than its fields.
            _ => Some(Self::Unknown),
        };
        let has = |name: &str| fields.iter().any(|field| field == name);
        let by_fields = Self::BY_FIELDS.iter().find(|(_, names)| names.split(' ').any(has));
        let by_fields = by_fields.map(|(kind, _)| *kind);
        // A subscription can have the relationship of its customer beside its own fields.
        let of_subscription =
            Self::BY_FIELDS.iter().filter(|(kind, _)| *kind == Self::Subscription);
        let is_subscription = !has("companyprofile")
            && of_subscription.flat_map(|(_, names)| names.split(' ')).any(has);
        let by_fields = match by_fields {
            Some(Self::Customer) if is_subscription => Some(Self::Subscription),
            kind => kind,
        };
        // With the identifier of a plan as well, it is an entitlement of that plan.
        let is_named = has("friendlyname") && !(has("id") && has("subscriptionid"));
        let is_case =
            has("id") && fields.iter().all(|field| field == "id" || field.parse::<Fact>().is_ok());
        by_type
            .or(by_fields.filter(|kind| !is_named || *kind != Self::Case))
            .or(is_named.then_some(Self::Subscription))
            .or(is_case.then_some(Self::Case))
            .unwrap_or(Self::Unknown)
    }

    /// Returns the kind of an object, which has fields of these names.
    pub(crate) fn of_object(resource: &Resource, names: &[String]) -> Self {
        if resource.id.text().is_some_and(is_of_azure) {
            return Self::AzureSubscription;
        }
        let names: Vec<String> = names.iter().map(|name| name.to_ascii_lowercase()).collect();
        Self::of(resource.object_type(), &names)
    }

    /// Whether no fact can be derived from resources of this kind.
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

    /// Returns the name with its article, for messages.
    ///
    /// ```
    /// use csp_partner_center::ResourceKind;
    ///
    /// assert_eq!(ResourceKind::Order.with_article(), "an order");
    /// assert_eq!(ResourceKind::LicenseSku.with_article(), "a license SKU");
    /// assert_eq!(ResourceKind::AzureSubscription.with_article(), "an Azure subscription");
    /// ```
    #[must_use]
    pub fn with_article(self) -> String {
        match self {
            Self::AzureSubscription => return "an Azure subscription".into(),
            Self::LicenseSku => return "a license SKU".into(),
            Self::OtherEligibility => return "another kind of eligibility".into(),
            _ => {}
        }
        let name = self.as_str().replace('_', " ");
        let article = if name.starts_with(['a', 'e', 'i', 'o']) { "an" } else { "a" };
        format!("{article} {name}")
    }
}

/// Whether an identifier is that of a subscription in Azure Resource Manager: a path. Those of what is in it are longer.
pub(crate) fn is_of_azure(id: &str) -> bool {
    id.trim().strip_prefix("/subscriptions/").is_some_and(|id| !id.contains('/'))
}

/// Declares [`Resource`] with the names of its fields in JSON.
macro_rules! resource {
    ($( $(#[doc = $doc:literal])* $field:ident = $name:literal, )+) => {
        /// The fields of a resource of any kind, as far as facts or the kind are derived from them.
        ///
        /// Fields are named as in JSON, in any case: the SDK and its PowerShell module begin them with a
        /// capital. Parsing accepts every JSON object, unless it has a field twice.
        ///
        /// ```
        /// use csp_partner_center::{FieldValue, Resource};
        ///
        /// let subscription: Resource =
        ///     serde_json::from_str(r#"{"SubscriptionId": "83ef9d05", "AutoRenewEnabled": true}"#)?;
        /// assert_eq!(subscription.id(), Some("83ef9d05"));
        /// assert_eq!(subscription.auto_renew_enabled, FieldValue::Bool(true));
        /// assert_eq!(subscription.status, FieldValue::Absent);
        /// # Ok::<(), serde_json::Error>(())
        /// ```
        #[derive(Clone, Debug, Default, PartialEq, Eq)]
        #[non_exhaustive]
        #[allow(missing_docs, reason = "the fields are those of the interfaces")]
        pub struct Resource {
            $( $(#[doc = $doc])* pub $field: FieldValue, )+
        }

        impl Resource {
            const NAMES: &[&str] = &[$($name),+];

            /// Returns the name of a field in its usual spelling, for a name in any case.
            pub(crate) fn name_of(name: &str) -> Option<&'static str> {
                match name {
                    $( $name => Some($name), )+
                    _ => Self::NAMES.iter().copied().find(|known| known.eq_ignore_ascii_case(name)),
                }
            }

            /// Returns the field with a name in its usual spelling.
            pub(crate) fn field_mut(&mut self, name: &str) -> Option<&mut FieldValue> {
                match name {
                    $( $name => Some(&mut self.$field), )+
                    _ => None,
                }
            }
        }
    };
}

resource! {
    // All kinds.
    id = "id",
    subscription_id = "subscriptionId",
    customer_id = "customerId",
    name = "name",
    display_name = "displayName",
    status = "status",
    links = "links",
    attributes = "attributes",

    // Subscriptions.
    offer_id = "offerId",
    offer_name = "offerName",
    friendly_name = "friendlyName",
    quantity = "quantity",
    unit_type = "unitType",
    parent_subscription_id = "parentSubscriptionId",
    creation_date = "creationDate",
    effective_start_date = "effectiveStartDate",
    commitment_end_date = "commitmentEndDate",
    commitment_end_date_time = "commitmentEndDateTime",
    cancellation_allowed_until_date = "cancellationAllowedUntilDate",
    auto_renew_enabled = "autoRenewEnabled",
    billing_type = "billingType",
    billing_cycle = "billingCycle",
    term_duration = "termDuration",
    is_trial = "isTrial",
    is_microsoft_product = "isMicrosoftProduct",
    publisher_name = "publisherName",
    product_type = "productType",

    // Customers.
    company_profile = "companyProfile",
    relationship_to_partner = "relationshipToPartner",

    // Eligibilities.
    is_eligible = "isEligible",
    reason = "reason",

    // Directory subscriptions.
    commerce_subscription_id = "commerceSubscriptionId",
    next_lifecycle_date_time = "nextLifecycleDateTime",
    owner_tenant_id = "ownerTenantId",
    sku_part_number = "skuPartNumber",

    // Azure subscriptions.
    state = "state",
    cloud_name = "cloudName",
    environment_name = "environmentName",
    quota_id = "quotaId",
    subscription_policies = "subscriptionPolicies",

    // Lines of an invoice or an order, which have many of the fields above.
    charge_start_date = "chargeStartDate",
    line_item_number = "lineItemNumber",
}

impl Resource {
    /// Returns the identifier: `subscriptionId` if present, otherwise `id`.
    ///
    /// With `subscriptionId` present, `id` is a path or the identifier of something else.
    ///
    /// ```
    /// use csp_partner_center::Resource;
    ///
    /// let azure: Resource = serde_json::from_str(r#"{"id": "/subscriptions/83ef9d05"}"#)?;
    /// assert_eq!(azure.id(), Some("83ef9d05"));
    /// assert_eq!(Resource::default().id(), None);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        let id = self.subscription_id.text().or_else(|| self.id.text())?;
        Some(id.strip_prefix("/subscriptions/").unwrap_or(id))
    }

    /// Returns the identifier of the customer: `customerId`, or the one in the link to the
    /// resource.
    ///
    /// ```
    /// use csp_partner_center::Resource;
    ///
    /// let subscription: Resource = serde_json::from_str(
    ///     r#"{"links": {"self": {"uri": "/customers/c1/subscriptions/83ef9d05"}}}"#,
    /// )?;
    /// assert_eq!(subscription.customer_id(), Some("c1"));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn customer_id(&self) -> Option<&str> {
        self.customer_id.text().or_else(|| {
            let path = self.links.object()?.itself.object()?.uri.text()?.split('?').next()?;
            let mut segments = path.split('/');
            segments.find(|segment| segment.eq_ignore_ascii_case("customers"))?;
            segments.next().filter(|id| !id.is_empty())
        })
    }

    /// Returns a name for people: of the company, the subscription, the offer or the SKU.
    ///
    /// ```
    /// use csp_partner_center::Resource;
    ///
    /// let subscription: Resource =
    ///     serde_json::from_str(r#"{"friendlyName": "Sales", "offerName": "Business Basic"}"#)?;
    /// assert_eq!(subscription.name(), Some("Sales"));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        let company = self.company_profile.object().and_then(|profile| profile.company_name.text());
        let names = [&self.friendly_name, &self.offer_name, &self.name, &self.display_name];
        let others = names.into_iter().chain([&self.sku_part_number]);
        company.or_else(|| others.into_iter().find_map(FieldValue::text))
    }

    /// Returns the product type: `productType.id`, or `productType` if it is a string.
    ///
    /// ```
    /// use csp_partner_center::Resource;
    ///
    /// for json in [r#"{"productType": {"id": "Azure"}}"#, r#"{"productType": "Azure"}"#] {
    ///     assert_eq!(serde_json::from_str::<Resource>(json)?.product_type(), Some("Azure"));
    /// }
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn product_type(&self) -> Option<&str> {
        self.product_type.object().map_or(&self.product_type, |object| &object.id).text()
    }

    /// Returns the text after a phrase in the reason of an eligibility, in lower case.
    pub(crate) fn reason_has(&self, phrase: &str) -> Option<String> {
        let reason = self.reason.text()?.to_lowercase();
        reason.split_once(phrase).map(|(_, rest)| rest.into())
    }

    /// Returns the result of Partner Center's check for a transfer, if it has one.
    pub(crate) fn transfer(&self) -> Option<Facts> {
        let is_pending = self.reason_has("already part of another transfer").is_some();
        Some(match self.is_eligible.as_bool() {
            Some(true) if is_pending => [Transfer::None, Transfer::Pending].into(),
            Some(true) => Transfer::None.into(),
            _ if is_pending => Transfer::Pending.into(),
            Some(false) => Transfer::Ineligible.into(),
            None => return None,
        })
    }

    /// Returns the type that the resource states in `attributes.objectType`.
    pub(crate) fn object_type(&self) -> Option<&str> {
        self.attributes.object()?.object_type.text()
    }

    /// Whether it has a date of a term.
    pub(crate) fn has_dates(&self) -> bool {
        let dates = [
            &self.creation_date,
            &self.effective_start_date,
            &self.commitment_end_date,
            &self.commitment_end_date_time,
            &self.cancellation_allowed_until_date,
        ];
        !dates.into_iter().all(FieldValue::is_absent)
    }

    /// Whether the resource is certainly a subscription of Partner Center.
    pub(crate) fn is_subscription(&self) -> bool {
        let of_others =
            [&self.charge_start_date, &self.line_item_number, &self.state, &self.cloud_name];
        self.offer_id != FieldValue::Absent
            && of_others.into_iter().all(|value| *value == FieldValue::Absent)
            && self.object_type().is_none_or(|name| name.eq_ignore_ascii_case("Subscription"))
    }
}
