//! The table of offers: identifiers from public documents, and the facts that each determines.
//!
//! A channel is given only where an offer is sold in one channel or one program. Pay-as-you-go, for
//! example, has none: it was sold by Microsoft and in the Advisor program. Credits of members,
//! students and trials are `direct`: the holder signs up for them at Microsoft. An offer in CSP has
//! the three channels of that program. Azure plans reuse the quota ids of older offers, so most of
//! these leave the service open.

use std::collections::HashMap;
use std::sync::LazyLock;

use csp_multichannel::{Cloud, Fact, Facts, Service};

/// The day on which the documents with the [offers] were read.
pub const OFFERS_AS_OF: &str = "2026-11-27";

/// An offer in a public document, and the facts that its identifier determines.
///
/// ```
/// use csp_multichannel::Service;
/// use csp_partner_center::offer;
///
/// let offer = offer("DZH318Z0BQ36:004G").ok_or("not found")?;
/// assert_eq!(offer.facts, Service::AzureReservation.into());
/// assert!(offer.source.starts_with("https://learn.microsoft.com/"));
/// # Ok::<(), &str>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Offer {
    /// The offer number with four digits, the product and SKU in the catalog, or the quota id of an
    /// Azure subscription.
    pub id: &'static str,
    /// The name of the offer.
    pub name: &'static str,
    /// The facts that the identifier determines; the other facts are unknown.
    pub facts: Facts,
    /// The URL of the document.
    pub source: &'static str,
}

/// One row for each offer, below the URL of its document: the identifier, the possible services and
/// channels, and the name.
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

/// Returns the values of a fact in a cell; a test checks that all words are known.
fn one_of(fact: Fact, words: &str) -> Facts {
    let values = words.split_whitespace().filter_map(|word| Facts::parse(fact, word).ok());
    values.reduce(Facts::union).unwrap_or_default()
}

/// Returns all offers of the table, grouped by document.
///
/// ```
/// use csp_multichannel::Channel;
/// use csp_partner_center::{OFFERS_AS_OF, offers};
///
/// let open = offers().iter().filter(|offer| offer.facts.known() == Some(Channel::Open));
/// let ids: Vec<&str> = open.map(|offer| offer.id).collect();
/// assert_eq!(ids, ["MS-AZR-0111P", "AzureInOpen_2014-09-01"]);
/// assert_eq!((offers().len(), OFFERS_AS_OF), (108, "2026-11-27"));
/// ```
#[must_use]
pub fn offers() -> &'static [Offer] {
    &OFFERS
}

/// Finds an offer by its identifier.
///
/// Case, surrounding spaces and leading zeros of the number are ignored. A catalog item
/// (`product:sku:availability`) is found by its product and SKU. A number that is not in a document
/// is not found.
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

/// Returns the facts that an identifier determines: by the table, otherwise the service and the
/// cloud by its prefix.
pub(crate) fn facts(id: &str) -> Facts {
    let by_prefix = || cloud(id.trim()).map(|cloud| Facts::from(Service::Azure).with(cloud));
    offer(id).map(|offer| offer.facts).or_else(by_prefix).unwrap_or_default()
}

/// Returns the cloud of an offer number that ends in `P`.
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

/// Returns an identifier in upper case and without leading zeros, which some documents leave out.
fn canonical(id: &str) -> String {
    let id = id.trim().to_ascii_uppercase();
    match id.rsplit_once('-') {
        Some((prefix, number)) => format!("{prefix}-{}", number.trim_start_matches('0')),
        None => id,
    }
}
