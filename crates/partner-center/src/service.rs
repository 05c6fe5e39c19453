//! The service, derived from the offer, the product type, the publisher and the billing.

use csp_multichannel::{Fact, Facts, Service, Set};

use crate::mapping::Draft;
use crate::note::{Note, NoteKind, words};
use crate::offer;
use crate::origin::{MappingRule, UnknownReason};
use crate::resource::Resource;

/// How a resource is billed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Billing {
    Usage,
    License,
    Benefit,
}

/// The services that one field allows, and the rule.
type Evidence = Option<(Facts, MappingRule)>;

/// Reads the service of a resource; where fields contradict each other, it is unknown.
pub(crate) fn read(draft: &mut Draft, resource: &Resource) {
    let [by_type, by_units] = billing(draft, resource);
    if by_type.zip(by_units).is_some_and(|(one, other)| one != other) {
        draft.note(Note::on(NoteKind::Contradiction, "unitType", &resource.unit_type));
        return draft.unknown(Fact::Service, UnknownReason::Contradiction);
    }
    let billing = by_type.or(by_units);
    let offer = by_offer(resource, billing);
    let product = by_product_type(resource);
    let all = [offer, product, by_publisher(resource), by_billing(billing)];
    let mut facts = Facts::UNKNOWN;
    let mut origin = None;
    for (known, rule) in all.into_iter().flatten() {
        let Ok(narrowed) = facts.narrow(known) else {
            let either = words(facts.union(known), Fact::Service);
            draft.note(Note::on(NoteKind::Contradiction, "service", either));
            return draft.unknown(Fact::Service, UnknownReason::Contradiction);
        };
        facts = narrowed;
        origin = origin.or(Some(rule));
    }
    if let Some(rule) = origin {
        return draft.narrow(Fact::Service, facts, rule);
    }
    let absent = resource.offer_id.is_absent() && resource.product_type().is_none();
    let reason = if absent { UnknownReason::FieldAbsent } else { UnknownReason::UnknownValue };
    draft.unknown(Fact::Service, reason);
}

fn by_offer(resource: &Resource, billing: Option<Billing>) -> Evidence {
    let offer = resource.offer_id.text()?;
    let facts = offer::facts(offer).about(Fact::Service);
    if facts != Facts::UNKNOWN {
        return Some((facts, MappingRule::Offer));
    }
    let is_license = billing == Some(Billing::License);
    // Product, SKU and availability in the catalog of new commerce; only online services are
    // licenses.
    if offer.contains(':') && offer.to_ascii_uppercase().starts_with("CFQ7TTC0") {
        return is_license
            .then_some((Service::NewCommerceLicense.into(), MappingRule::NewCommerceOffer));
    }
    if is_guid(offer) {
        let traditional = if is_license {
            Facts::from(Service::License)
        } else {
            [Service::License, Service::Azure].into()
        };
        return Some((traditional, MappingRule::TraditionalOffer));
    }
    None
}

fn by_product_type(resource: &Resource) -> Evidence {
    let product_type = resource.product_type()?.to_ascii_lowercase();
    let service = match product_type.as_str() {
        "onlineservicesnce" => Service::NewCommerceLicense,
        _ if product_type.starts_with("software") => Service::Software,
        _ if product_type.starts_with("azurereservation") => Service::AzureReservation,
        _ if product_type.starts_with("azuresavingsplan") => Service::AzureSavingsPlan,
        _ => return None,
    };
    Some((service.into(), MappingRule::ProductType))
}

/// `isMicrosoftProduct` is false by default in the SDK's classes, so it counts only with a
/// publisher.
fn by_publisher(resource: &Resource) -> Evidence {
    let publisher = resource.publisher_name.text()?;
    let is_other = resource.is_microsoft_product.as_bool() == Some(false)
        && !publisher.to_ascii_lowercase().starts_with("microsoft");
    is_other.then_some((Service::Marketplace.into(), MappingRule::ThirdPartyPublisher))
}

/// A service billed by license is not paid by use, and the reverse. Marketplace offers are billed
/// in every way.
fn by_billing(billing: Option<Billing>) -> Evidence {
    let paid_by_use = Service::USAGE_BASED.union(Service::Marketplace.into());
    let services = match billing? {
        Billing::Usage => paid_by_use,
        Billing::License => Set::all().difference(Service::USAGE_BASED),
        Billing::Benefit => return None,
    };
    Some((Facts::try_from(services).ok()?, MappingRule::BillingType))
}

/// Returns how the resource is billed: by `billingType`, and by `unitType`.
fn billing(draft: &mut Draft, resource: &Resource) -> [Option<Billing>; 2] {
    let by_type = match resource.billing_type.word().as_deref() {
        // 0 is the default of the SDK's enumeration.
        None | Some("none" | "0") => None,
        Some("usage" | "1") => Some(Billing::Usage),
        Some("license" | "2") => Some(Billing::License),
        Some("benefit") => Some(Billing::Benefit),
        Some(_) => {
            draft.note(Note::undocumented("billingType", &resource.billing_type));
            None
        }
    };
    let by_units = match resource.unit_type.word().as_deref() {
        Some("license" | "licenses") => Some(Billing::License),
        Some("usagebased" | "usage") => Some(Billing::Usage),
        Some("benefit") => Some(Billing::Benefit),
        _ => None,
    };
    [by_type, by_units]
}

/// Whether a text is a GUID: groups of 8, 4, 4, 4 and 12 hexadecimal digits.
pub(crate) fn is_guid(text: &str) -> bool {
    let groups = text
        .split('-')
        .map(|group| (group.len(), group.bytes().all(|byte| byte.is_ascii_hexdigit())));
    groups.eq([8, 4, 4, 4, 12].map(|length| (length, true)))
}
