//! Offers by identifier: the ones that public documents list, and what each identifier says.
//!
//! A channel is given only where an offer is sold in one channel or one program. Pay-as-you-go, for example, has none:
//! it was sold by Microsoft and in the Advisor program. Credits of members, students and trials are `direct`: the
//! holder signs up for them at Microsoft. An offer in CSP has the three channels of that program. Azure plans reuse the
//! quota ids of older offers, so most of these leave the service open.

use std::collections::HashMap;
use std::sync::LazyLock;

use csp_multichannel::{Cloud, Fact, Facts, Service};

/// The day on which the documents were read.
pub const OFFERS_READ: &str = "2026-11-27";

/// An offer that a public document lists, and what its identifier says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Offer {
    /// The offer number (in four digits), the product and SKU in the catalog, or the quota id of Azure subscriptions.
    pub id: &'static str,
    /// A plain name.
    pub name: &'static str,
    /// What the identifier says; the other facts are unknown.
    pub facts: Facts,
    /// The address of the document.
    pub source: &'static str,
}

/// A row for each offer below its document: the identifier, the possible services and channels, the name.
static OFFERS: LazyLock<Vec<Offer>> = LazyLock::new(|| {
    let mut source = "";
    let mut offers = Vec::new();
    for line in include_str!("offers.csv").lines().skip(1) {
        if let Some(document) = line.strip_prefix("# ") {
            source = document.split(' ').next().unwrap_or_default();
            continue;
        }
        let mut cells = line.splitn(4, ',');
        let mut cell = || cells.next().unwrap_or_default();
        let (id, services, channels, name) = (cell(), cell(), cell(), cell());
        let facts = Facts::UNKNOWN.with(cloud(id)).with(one_of(Fact::Service, services));
        offers.push(Offer { id, name, facts: facts.with(one_of(Fact::Channel, channels)), source });
    }
    offers
});

static BY_ID: LazyLock<HashMap<String, &Offer>> =
    LazyLock::new(|| OFFERS.iter().map(|offer| (canonical(offer.id), offer)).collect());

/// The values of a fact in a cell; a test shows that all are known.
fn one_of(fact: Fact, words: &str) -> Facts {
    let values = words.split_whitespace().filter_map(|word| Facts::parse(fact, word).ok());
    values.reduce(Facts::union).unwrap_or_default()
}

/// Returns all offers, grouped by document.
#[must_use]
pub fn offers() -> &'static [Offer] {
    &OFFERS
}

/// Finds an offer by its identifier.
///
/// Case, spaces around it, and zeros before the number don't matter. A catalog item (`product:sku:availability`) is
/// found by its product and SKU. A number that no document lists is not found.
///
/// ```
/// use csp_partner_center::offer;
///
/// let found = offer(" ms-azr-usgov-0017p ").unwrap();
/// assert_eq!(found.name, "Azure Government, Enterprise");
/// let facts = found.facts.to_string();
/// assert_eq!(facts, "channel: enterprise_agreement; service: azure; cloud: us_government");
/// assert_eq!(offer("MS-AZR-9999P"), None);
/// ```
#[must_use]
pub fn offer(id: &str) -> Option<&'static Offer> {
    let id = canonical(id);
    let mut id = id.as_str();
    loop {
        if let Some(found) = BY_ID.get(id) {
            return Some(found);
        }
        (id, _) = id.rsplit_once(':')?;
    }
}

/// What the identifier of an offer says: by the table, else the service and the cloud by how it begins.
pub(crate) fn facts(id: &str) -> Facts {
    let by_prefix = || cloud(id.trim()).map(|cloud| Facts::from(Service::Azure).with(cloud));
    offer(id).map(|offer| offer.facts).or_else(by_prefix).unwrap_or_default()
}

/// The cloud of an offer number that ends in `P`.
fn cloud(id: &str) -> Option<Cloud> {
    let (prefix, number) = id.rsplit_once('-')?;
    let digits = number.strip_suffix(['P', 'p'])?;
    if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    match prefix.to_ascii_uppercase().as_str() {
        "MS-AZR" => Some(Cloud::Public),
        "MS-AZR-USGOV" => Some(Cloud::UsGovernment),
        "MS-AZR-DE" => Some(Cloud::Germany),
        "MS-MC-AZR" => Some(Cloud::China),
        _ => None,
    }
}

/// In upper case, and without zeros before the number: some documents leave them out.
fn canonical(id: &str) -> String {
    let id = id.trim().to_ascii_uppercase();
    match id.rsplit_once('-') {
        Some((prefix, number)) => format!("{prefix}-{}", number.trim_start_matches('0')),
        None => id,
    }
}
