//! How fast subscriptions go from a file to decisions, each format beside the plain parser of that format on the same file.

#![allow(missing_docs, reason = "criterion's macros")]

use std::fmt::Write as _;
use std::fs::{self, File};
use std::hint::black_box;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use chrono::{DateTime, NaiveDate, Utc};
use clap::Parser;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use csp_multichannel::{Channel, Cloud, Customer, Market, Partner, Relationship, Service, Status};
use portfolio::{Options, run};
use serde::Deserialize;

const SUBSCRIPTIONS: usize = 20_000;

/// The resources of a page, as derived and without any check.
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

/// The record of a case, as derived and without any check; its term in a JSON object, or in the columns of a table.
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
    market: Option<Market>,
    auto_renew: Option<bool>,
    status: Option<Status>,
    transfer_pending: Option<bool>,
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

/// The same subscriptions in all three formats: five services and seven channels, half with a relationship.
fn write_files(folder: &Path) -> [PathBuf; 3] {
    const CHANNELS: [&str; 7] =
        ["direct", "advisor", "open", "enterprise_agreement", "third_party", "other_csp_partner", "former_csp_partner"];
    const SERVICES: [(&str, &str, &str); 5] = [
        ("license", "195416C1-3447-423A-B37B-EE59A99A19C4", ""),
        ("new_commerce_license", "CFQ7TTC0LH18:0001:CFQ7TTC0K971", r#""productType":{"id":"OnlineServicesNCE"},"#),
        ("azure", "MS-AZR-0145P", ""),
        ("azure_plan", "DZH318Z0BPS6:0001:DZH318Z0BML6", ""),
        ("azure_reservation", "DZH318Z0BQ3Q:0001:DZH318Z0BML7", r#""productType":{"id":"AzureReservation"},"#),
    ];
    let mut rest = format!(r#"{{"totalCount":{SUBSCRIPTIONS},"items":["#);
    let mut jsonl = String::new();
    let mut csv = "id,channel,service,cloud,partner,relationship,customer,market,auto_renew,status,transfer_pending,\
                   purchased_at,ends_on\n"
        .to_owned();
    for number in 0..SUBSCRIPTIONS {
        let id = format!("{number:08x}-68e9-4762-94ee-31ece98783b9");
        let (service, offer, product_type) = SERVICES[number % 5];
        let channel = CHANNELS[number % 7];
        let relationship = if number % 2 == 0 { "none" } else { "active" };
        let auto_renew = number % 3 == 0;
        let (purchased, ends) = (format!("2026-{:02}-{:02}T09:13:05Z", number % 12 + 1, number % 28 + 1), "2027-12-31");
        let usage = service == "azure" || service == "azure_plan";
        let billing = if usage { "usage" } else { "license" };
        let term = if usage {
            String::new()
        } else {
            format!(r#","term":{{"purchased_at":"{purchased}","ends_on":"{ends}"}}"#)
        };
        let dates = if usage { ",".to_owned() } else { format!("{purchased},{ends}") };
        let comma = if number == 0 { "" } else { "," };
        write!(
            rest,
            r#"{comma}{{"id":"{id}","offerId":"{offer}","offerName":"Offer {number}","friendlyName":"Subscription {number}","quantity":{number},"unitType":"Licenses","creationDate":"{purchased}","effectiveStartDate":"{purchased}","commitmentEndDate":"{ends}T00:00:00Z","status":"active","autoRenewEnabled":{auto_renew},"billingType":"{billing}","billingCycle":"monthly","termDuration":"P1Y","isTrial":false,"isMicrosoftProduct":true,"publisherName":"Microsoft",{product_type}"orderId":"order-{number}","links":{{"self":{{"uri":"/customers/c-{}/subscriptions/{id}","method":"GET","headers":[]}}}},"attributes":{{"etag":"e","objectType":"Subscription"}}}}"#,
            number % 50
        )
        .expect("a string");
        writeln!(
            jsonl,
            r#"{{"id":"{id}","channel":"{channel}","service":"{service}","cloud":"public","partner":"direct_bill","relationship":"{relationship}","customer":"end_customer","market":"same","auto_renew":{auto_renew},"status":"active","transfer_pending":false{term}}}"#
        )
        .expect("a string");
        writeln!(
            csv,
            "{id},{channel},{service},public,direct_bill,{relationship},end_customer,same,{auto_renew},active,false,{dates}"
        )
        .expect("a string");
    }
    rest.push_str("]}");
    [("rest.json", rest), ("cases.jsonl", jsonl), ("cases.csv", csv)].map(|(name, text)| {
        let path = folder.join(name);
        fs::write(&path, text).expect("a file");
        path
    })
}

fn plain_rest(path: &Path) -> usize {
    let file = BufReader::with_capacity(1 << 16, File::open(path).expect("the file"));
    let page: PlainPage = serde_json::from_reader(file).expect("a page");
    page.items.len()
}

fn plain_jsonl(path: &Path) -> usize {
    let mut file = BufReader::with_capacity(1 << 16, File::open(path).expect("the file"));
    let mut line = Vec::new();
    let mut count = 0;
    while file.read_until(b'\n', &mut line).expect("a line") > 0 {
        black_box(serde_json::from_slice::<PlainCase>(&line).expect("a case"));
        count += 1;
        line.clear();
    }
    count
}

fn plain_csv(path: &Path) -> usize {
    let mut table = csv::Reader::from_path(path).expect("the file");
    table.deserialize::<PlainCase>().inspect(|case| assert!(black_box(case).is_ok())).count()
}

fn formats(c: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a folder");
    let [rest, jsonl, csv] = write_files(folder.path());
    let output = folder.path().join("report");
    let mut group = c.benchmark_group("20,000 subscriptions");
    group.throughput(Throughput::Elements(SUBSCRIPTIONS as u64)).sample_size(20);
    for (name, path, plain) in
        [("REST", rest, plain_rest as fn(&Path) -> usize), ("JSON Lines", jsonl, plain_jsonl), ("CSV", csv, plain_csv)]
    {
        for (kind, what) in [("md", "decided and summed up"), ("jsonl", "to jsonl"), ("csv", "to csv")] {
            let output = output.with_extension(kind);
            let arguments =
                "portfolio --as-of 2026-11-24 --channel open --partner direct_bill --cloud public --summary -o"
                    .split(' ');
            let arguments = arguments.map(Into::into).chain([output.into_os_string(), path.clone().into_os_string()]);
            let options = Options::try_parse_from(arguments).expect("arguments");
            group.bench_function(format!("{name}: {what}"), |b| {
                b.iter(|| assert_eq!(run(&options).expect("decisions").refused, 0));
            });
        }
        group.bench_function(format!("{name}: floor, plain parser"), |b| {
            b.iter(|| assert_eq!(plain(black_box(&path)), SUBSCRIPTIONS));
        });
    }
    group.finish();
}

criterion_group!(benches, formats);
criterion_main!(benches);
