//! The throughput from a file to verdicts, for each format next to its plain parser.

#![allow(missing_docs, reason = "criterion's macros")]

use std::fmt::Write as _;
use std::hint::black_box;
use std::io::{BufRead, BufReader};

use chrono::{DateTime, NaiveDate, Utc};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use csp_multichannel::{
    AtTermEnd, Channel, Cloud, Customer, Edition, Partner, Region, Relationship, Rulebook, Service,
    Status, Transfer, parse_instant,
};
use csp_partner_center::{Context, Item, Reader};
use serde::Deserialize;

const SUBSCRIPTIONS: usize = 20_000;

/// A page, with derived deserialization and without checks.
#[derive(Deserialize)]
struct PlainPage {
    items: Vec<PlainSubscription>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "read and left")]
struct PlainSubscription {
    id: String,
    offer_id: String,
    offer_name: String,
    friendly_name: String,
    quantity: u64,
    unit_type: String,
    creation_date: DateTime<Utc>,
    effective_start_date: DateTime<Utc>,
    commitment_end_date: DateTime<Utc>,
    status: String,
    auto_renew_enabled: bool,
    billing_type: String,
    billing_cycle: String,
    term_duration: String,
    is_trial: bool,
    is_microsoft_product: bool,
    publisher_name: String,
    product_type: Option<PlainProductType>,
    order_id: String,
    links: PlainLinks,
    attributes: PlainAttributes,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "read and left")]
struct PlainProductType {
    id: String,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "read and left")]
struct PlainLinks {
    #[serde(rename = "self")]
    itself: PlainLink,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "read and left")]
struct PlainLink {
    uri: String,
    method: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "read and left")]
struct PlainAttributes {
    etag: String,
    object_type: String,
}

/// A case, with derived deserialization and without checks; its term is an object in JSON, or
/// columns of a table.
#[derive(Deserialize)]
#[expect(dead_code, reason = "read and left")]
struct PlainCase {
    id: String,
    channel: Option<Channel>,
    service: Option<Service>,
    cloud: Option<Cloud>,
    partner: Option<Partner>,
    relationship: Option<Relationship>,
    customer: Option<Customer>,
    region: Option<Region>,
    at_term_end: Option<AtTermEnd>,
    status: Option<Status>,
    transfer: Option<Transfer>,
    term: Option<PlainTerm>,
    purchased_at: Option<DateTime<Utc>>,
    ends_on: Option<NaiveDate>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "read and left")]
struct PlainTerm {
    purchased_at: DateTime<Utc>,
    ends_on: NaiveDate,
}

/// The same subscriptions in three formats: five services and seven channels, half with a
/// relationship.
fn texts() -> [String; 3] {
    const CHANNELS: [&str; 7] = [
        "direct",
        "advisor",
        "open",
        "enterprise_agreement",
        "third_party",
        "other_csp_partner",
        "former_csp_partner",
    ];
    const SERVICES: [(&str, &str, &str); 5] = [
        ("license", "195416C1-3447-423A-B37B-EE59A99A19C4", ""),
        (
            "new_commerce_license",
            "CFQ7TTC0LH18:0001:CFQ7TTC0K971",
            r#""productType":{"id":"OnlineServicesNCE"},"#,
        ),
        ("azure", "MS-AZR-0003P", ""),
        ("azure_plan", "DZH318Z0BPS6:0001:DZH318Z0BML6", ""),
        (
            "azure_reservation",
            "DZH318Z0BQ3Q:0001:DZH318Z0BML7",
            r#""productType":{"id":"AzureReservation"},"#,
        ),
    ];
    let mut rest = format!(r#"{{"totalCount":{SUBSCRIPTIONS},"items":["#);
    let mut lines = String::new();
    let mut table = "id,channel,service,cloud,partner,relationship,customer,region,at_term_end,status,transfer,\
                     purchased_at,ends_on\n"
        .to_owned();
    for number in 0..SUBSCRIPTIONS {
        let id = format!("{number:08x}-68e9-4762-94ee-31ece98783b9");
        let (service, offer, product_type) = SERVICES[number % 5];
        let channel = CHANNELS[number % 7];
        let relationship = if number % 2 == 0 { "none" } else { "active" };
        let (renews, at_end) = if number % 3 == 0 { (true, "renew") } else { (false, "end") };
        let (month, day) = (number % 12 + 1, number % 28 + 1);
        let (purchased, ends) = (format!("2026-{month:02}-{day:02}T09:13:05Z"), "2027-12-31");
        let usage = service == "azure" || service == "azure_plan";
        let (billing, units) =
            if usage { ("usage", "Usage-based") } else { ("license", "Licenses") };
        let (term, dates) = if usage {
            (String::new(), ",".to_owned())
        } else {
            let term = format!(r#","term":{{"purchased_at":"{purchased}","ends_on":"{ends}"}}"#);
            (term, format!("{purchased},{ends}"))
        };
        let comma = if number == 0 { "" } else { "," };
        write!(
            rest,
            r#"{comma}{{"id":"{id}","offerId":"{offer}","offerName":"Offer {number}","friendlyName":"Subscription {number}","quantity":{number},"unitType":"{units}","creationDate":"{purchased}","effectiveStartDate":"{purchased}","commitmentEndDate":"{ends}T00:00:00Z","status":"active","autoRenewEnabled":{renews},"billingType":"{billing}","billingCycle":"monthly","termDuration":"P3Y","isTrial":false,"isMicrosoftProduct":true,"publisherName":"Microsoft",{product_type}"orderId":"order-{number}","links":{{"self":{{"uri":"/customers/c-{}/subscriptions/{id}","method":"GET","headers":[]}}}},"attributes":{{"etag":"e","objectType":"Subscription"}}}}"#,
            number % 50
        )
        .expect("a string");
        writeln!(
            lines,
            r#"{{"id":"{id}","channel":"{channel}","service":"{service}","cloud":"public","partner":"direct_bill","relationship":"{relationship}","customer":"end_customer","region":"same","at_term_end":"{at_end}","status":"active","transfer":"none"{term}}}"#
        )
        .expect("a string");
        writeln!(
            table,
            "{id},{channel},{service},public,direct_bill,{relationship},end_customer,same,{at_end},active,none,{dates}"
        )
        .expect("a string");
    }
    rest.push_str("]}");
    [rest, lines, table]
}

fn plain_rest(text: &str) -> usize {
    let page: PlainPage = serde_json::from_reader(BufReader::new(text.as_bytes())).expect("a page");
    page.items.len()
}

fn plain_lines(text: &str) -> usize {
    let mut input = BufReader::new(text.as_bytes());
    let mut line = Vec::new();
    let mut count = 0;
    while input.read_until(b'\n', &mut line).expect("a line") > 0 {
        black_box(serde_json::from_slice::<PlainCase>(&line).expect("a case"));
        count += 1;
        line.clear();
    }
    count
}

fn plain_table(text: &str) -> usize {
    let mut table = csv::Reader::from_reader(text.as_bytes());
    table.deserialize::<PlainCase>().inspect(|case| assert!(black_box(case).is_ok())).count()
}

/// Reads and maps; also decides if an edition is given.
fn mapped(text: &str, edition: Option<Edition<'_>>) -> usize {
    let as_of = parse_instant("2026-11-24").expect("an instant");
    let context = Context::new();
    let mut reader = Reader::new(text.as_bytes());
    let mut count = 0;
    while let Some(item) = reader.next().expect("no error") {
        if let Item::Record(record) = item {
            let mapping = context.map(&record, as_of).expect("a subscription");
            let facts = mapping.case.subscription.facts_at(as_of);
            black_box((edition.map(|edition| edition.decide(facts).verdicts()), mapping));
            count += 1;
        }
    }
    count
}

fn formats(c: &mut Criterion) {
    let [rest, lines, table] = texts();
    let as_of = parse_instant("2026-11-24").expect("an instant");
    let edition = Rulebook::partner_center().edition_at(as_of).expect("an edition");
    let mut group = c.benchmark_group("20,000 subscriptions");
    group.throughput(Throughput::Elements(SUBSCRIPTIONS as u64)).sample_size(20);
    for (name, text, plain) in [
        ("REST", rest, plain_rest as fn(&str) -> usize),
        ("JSON Lines", lines, plain_lines),
        ("CSV", table, plain_table),
    ] {
        group.bench_function(format!("{name}: read and mapped"), |b| {
            b.iter(|| assert_eq!(mapped(black_box(&text), None), SUBSCRIPTIONS));
        });
        group.bench_function(format!("{name}: read, mapped and decided"), |b| {
            b.iter(|| assert_eq!(mapped(black_box(&text), Some(edition)), SUBSCRIPTIONS));
        });
        group.bench_function(format!("{name}: plain parser"), |b| {
            b.iter(|| assert_eq!(plain(black_box(&text)), SUBSCRIPTIONS));
        });
    }
    group.finish();
}

criterion_group!(benches, formats);
criterion_main!(benches);
