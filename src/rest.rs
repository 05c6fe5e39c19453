//! Partner Center's own records: resources of its REST interface, and what they say of a case.
//!
//! A partner holds no records of ours. It holds what Partner Center returns: here are the resources that matter, as
//! documented between 2018 and today, and a mapping from them to a [`Case`](crate::Case) that tells for each fact where it came from.
//!
//! ```
//! use csp_multichannel::*;
//!
//! let page: rest::Collection<rest::Subscription> = serde_json::from_str(
//!     r#"{"totalCount": 1, "items": [{
//!         "id": "83ef9d05-4169-4ef9-9657-0e86b1eab1de",
//!         "offerId": "CFQ7TTC0LH18:0001:CFQ7TTC0K971",
//!         "productType": {"id": "OnlineServicesNCE"},
//!         "billingType": "license",
//!         "effectiveStartDate": "2026-06-01T09:00:00Z",
//!         "commitmentEndDate": "2027-05-31T00:00:00Z",
//!         "cancellationAllowedUntilDate": "2026-06-08T09:00:00Z",
//!         "status": "active",
//!         "autoRenewEnabled": true
//!     }]}"#,
//! )?;
//! let subscription = page.items[0].as_ref().expect("a subscription");
//! // No field names the channel of a subscription that was bought elsewhere: say what you know.
//! let elsewhere = Subscription::new(None).with_channel(Channel::OtherCspPartner).with_cloud(Cloud::Public);
//! let mapped = rest::Mapped::of(subscription).with_supplied(&elsewhere, &Engagement::new());
//!
//! assert_eq!(mapped.case().subscription.service(), Some(Service::NewCommerceLicense));
//! assert_eq!(mapped.origin(Fact::Service).to_string(), "derived by `new_commerce_product_type` from `productType`");
//! assert_eq!(mapped.origin(Fact::AutoRenew).to_string(), "taken from `autoRenewEnabled`");
//! assert_eq!(mapped.origin(Fact::Channel).to_string(), "supplied");
//! assert_eq!(mapped.origin(Fact::Market).to_string(), "unknown: no field tells it");
//! # Ok::<(), serde_json::Error>(())
//! ```
//!
//! # How resources are read
//!
//! - Names of fields match whatever their case, because the interface is inconsistent about it. Fields that are not listed here are
//!   ignored; `null` is as good as absent, but for `cancellationAllowedUntilDate`.
//! - A word that is not documented is kept ([`Open::Other`]) and told ([`Remark`]); it says nothing of the case.
//! - What is no resource (no object, no `id`, a value of the wrong type, a malformed date) is refused with its field and what would have
//!   been accepted; in a [`Collection`] it costs that one item.
//!
//! # How they are mapped
//!
//! The guide [from Partner Center to decisions](crate::from_partner_center) has the whole table.

mod collection;
mod mapping;
mod read;
mod resources;

pub use collection::{Collection, Page, read_each};
pub use mapping::{Derivation, Gap, Mapped, Origin, Remark};
pub use read::{Open, RefusedResource, Resource, ResourceError};
pub use resources::{
    Attributes, BillingCycle, BillingType, CompanyProfile, Customer, Link, Links, ProductType, RefundOption,
    RelationshipRequest, RelationshipToPartner, Subscription, SubscriptionStatus, TermDuration, TransferEligibility,
};
