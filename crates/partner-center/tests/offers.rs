//! The tables of offers and quota ids.

use std::collections::HashSet;

use csp_multichannel::{Fact, Facts};
use csp_partner_center::{OFFERS_AS_OF, offer, offers};

#[track_caller]
fn assert_offer(id: &str, facts: &str) {
    assert_eq!(offer(id).expect(id).facts.to_string(), facts);
}

/// An offer number has four digits; a product has twelve characters, an SKU four.
fn is_canonical(id: &str) -> bool {
    let prefixes = ["MS-AZR-USGOV-", "MS-AZR-DE-", "MS-MC-AZR-", "MS-AZR-"];
    let all =
        |part: &str, length, of: fn(char) -> bool| part.len() == length && part.chars().all(of);
    let capital = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit();
    if let Some(number) = prefixes.iter().find_map(|prefix| id.strip_prefix(prefix)) {
        let digits = number.strip_suffix('P').or_else(|| number.strip_suffix('G'));
        return digits.is_some_and(|digits| all(digits, 4, |c| c.is_ascii_digit()));
    }
    match id.split_once(':') {
        Some((product, sku)) => all(product, 12, capital) && all(sku, 4, capital),
        None => all(id, 12, capital),
    }
}

/// A name, `_`, and a day.
fn is_canonical_quota(id: &str) -> bool {
    id.rsplit_once('_').is_some_and(|(name, day)| {
        !name.is_empty() && day.parse::<csp_multichannel::chrono::NaiveDate>().is_ok()
    })
}

#[test]
fn rows_are_unique_and_canonical() {
    let mut seen = HashSet::new();
    for row in offers() {
        assert!(is_canonical(row.id) || is_canonical_quota(row.id), "{}", row.id);
        assert_eq!(offer(row.id), Some(row));
        assert!(seen.insert(row.id), "{} is there twice", row.id);
        assert!(!row.name.is_empty() && row.name.trim() == row.name, "{}", row.id);
        assert!(row.source.starts_with("https://"), "{}: {}", row.id, row.source);
        assert!(!row.source.contains(char::is_whitespace), "{}: {}", row.id, row.source);
    }
    assert!(seen.len() > 100);
    // The library ignores unknown words in a cell, so all words must be known.
    for line in
        include_str!("../src/offers.csv").lines().skip(1).filter(|line| !line.starts_with('#'))
    {
        let cells: Vec<&str> = line.splitn(4, ',').collect();
        for (fact, words) in [(Fact::Service, cells[1]), (Fact::Channel, cells[2])] {
            for word in words.split_whitespace() {
                assert!(Facts::parse(fact, word).is_ok(), "{line}");
            }
        }
    }
    assert!(OFFERS_AS_OF.parse::<csp_multichannel::chrono::NaiveDate>().is_ok());
}

#[test]
fn well_known_offers() {
    assert_offer("MS-AZR-0003P", "service: azure; cloud: public");
    assert_offer("MS-AZR-0017P", "channel: enterprise_agreement; service: azure; cloud: public");
    assert_offer("MS-AZR-0044P", "channel: direct; service: azure; cloud: public");
    assert_offer("MS-AZR-0111P", "channel: open; service: azure; cloud: public");
    assert_offer("MS-AZR-0148P", "channel: enterprise_agreement; service: azure; cloud: public");
    let csp =
        "channel: other_csp_partner, former_csp_partner, this_partner; service: azure; cloud: ";
    assert_offer("MS-AZR-0145P", &format!("{csp}public"));
    assert_offer("MS-AZR-USGOV-0145P", &format!("{csp}us_government"));
    assert_offer("MS-AZR-DE-0145P", &format!("{csp}germany"));
    assert_offer("MS-MC-AZR-0033P", "service: azure; cloud: china");
    assert_offer("MS-AZR-0017G", "service: azure_plan");
    assert_offer("MS-AZR-0041P", "cloud: public");
}

#[test]
fn catalog_items() {
    assert_offer("DZH318Z0BPS6", "service: azure_plan");
    assert_offer("DZH318Z0BPS6:0001:DZH318Z0BML6", "service: azure_plan");
    assert_eq!(offer("DZH318Z0BPS6:0002:DZH318Z0BML6").unwrap().name, "Azure plan, dev/test");
    assert_offer("DZH318Z0BQ36:004G:DZH318Z08C0S", "service: azure_reservation");
    // Also sold by use.
    assert_eq!(offer("DZH318Z0BQ36"), None);
    assert_eq!(offer("DZH318Z0BQ36:00G1"), None);
}

#[test]
fn well_known_quota_ids() {
    let by_microsoft = "channel: direct, enterprise_agreement, mca_enterprise; ";
    let either = "service: azure, azure_plan";
    assert_offer("EnterpriseAgreement_2014-09-01", &format!("{by_microsoft}{either}"));
    assert_offer("PayAsYouGo_2014-09-01", either);
    assert_offer("AzureInOpen_2014-09-01", "channel: open; service: azure");
    let csp = "channel: other_csp_partner, former_csp_partner, this_partner; ";
    assert_offer(" csp_2015-05-01 ", &format!("{csp}{either}"));
    assert_eq!(offer("Default_2014-09-01").unwrap().facts, Facts::UNKNOWN);
}

#[test]
fn case_spaces_and_leading_zeros_do_not_matter() {
    for id in [" ms-azr-0159p\t", "MS-AZR-159P", "MS-AZR-00159P"] {
        assert_eq!(offer(id).map(|offer| offer.id), Some("MS-AZR-0159P"), "{id}");
    }
    assert_eq!(offer("MS-MC-AZR-33P"), offer("MS-MC-AZR-0033P"));
}

#[test]
fn unknown_identifiers_are_not_found() {
    for id in [
        "",
        "-",
        ":",
        "MS-AZR-",
        "MS-AZR-P",
        "MS-AZR-9999P",
        "MS-AZR-0003",
        "MS-AZR-0003G",
        "MS-AZR-FR-0003P",
        "MS-AZR-0003P-",
        "xMS-AZR-0003P",
        "0003P",
        "Azure plan",
        "DZH318Z0BPS",
        "DZH318Z0BPS6-0001",
        "é-",
    ] {
        assert_eq!(offer(id), None, "{id}");
    }
    for id in ["", "PayAsYouGo", "PayAsYouGo_2014"] {
        assert_eq!(offer(id), None, "{id}");
    }
}
