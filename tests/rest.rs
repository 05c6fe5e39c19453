//! Partner Center's resources: every field and word of them, collections, and what they say of a case.

#![cfg(all(feature = "std", feature = "serde"))]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

use chrono::{DateTime, SecondsFormat, Utc};
use csp_multichannel::rest::{
    Attributes, BillingCycle, BillingType, Collection, CompanyProfile, Customer, Derivation, Gap, Link, Links, Mapped,
    Origin, ProductType, RefundOption, RefusedResource, RelationshipRequest, RelationshipToPartner, Remark, Resource,
    ResourceError, Subscription, SubscriptionStatus, TermDuration, TransferEligibility, read_each,
};
use csp_multichannel::{Case, Engagement, Fact, Service, parse_instant};
use proptest::prelude::*;
use proptest::sample::select;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

#[track_caller]
fn read<T: DeserializeOwned>(json: impl Into<Value>) -> T {
    serde_json::from_value(json.into()).expect("a resource")
}

#[track_caller]
fn written(value: impl Serialize) -> Value {
    serde_json::to_value(value).expect("JSON")
}

#[track_caller]
fn collection<T: Resource>(json: &str) -> Collection<T> {
    serde_json::from_str(json).expect("a collection")
}

fn instant(text: &str) -> DateTime<Utc> {
    parse_instant(text).expect("an instant")
}

// Each resource with all of its fields, as documented.

fn link() -> Value {
    json!({"uri": "/customers/d8202a51/subscriptions/83ef9d05", "method": "GET"})
}

fn links() -> Value {
    Links::FIELDS.iter().map(|&field| (field.to_owned(), link())).collect::<Map<_, _>>().into()
}

fn attributes() -> Value {
    json!({"etag": "W/1", "objectType": "Subscription"})
}

fn refund_option() -> Value {
    json!({"type": "Partial", "expiresAfter": "2026-06-15T09:00:00Z", "expiresAt": "2026-06-15T09:00:00Z"})
}

fn product_type() -> Value {
    json!({"id": "OnlineServicesNCE", "displayName": "Online services"})
}

fn subscription() -> Value {
    json!({
        "id": "83ef9d05-4169-4ef9-9657-0e86b1eab1de",
        "offerId": "CFQ7TTC0LH18:0001:CFQ7TTC0K971",
        "offerName": "Business Basic",
        "friendlyName": "Mail",
        "entitlementId": "42226ed6-070a-4e0f-b80c-4cdfb3e97aa7",
        "orderId": "34b37d7340cc",
        "quantity": 15,
        "unitType": "Licenses",
        "parentSubscriptionId": "1c2b75c1-74a5-472a-a729-7f8cefc477f9",
        "creationDate": "2026-06-01T09:00:00.096672800Z",
        "effectiveStartDate": "2026-06-01T09:00:00Z",
        "commitmentEndDate": "2027-05-31T00:00:00Z",
        "commitmentEndDateTime": "2027-05-31T23:59:59Z",
        "status": "active",
        "autoRenewEnabled": true,
        "billingType": "license",
        "billingCycle": "one_time",
        "termDuration": "P1Y",
        "isTrial": false,
        "isMicrosoftProduct": true,
        "publisherName": "Microsoft Corporation",
        "productType": product_type(),
        "refundOptions": [refund_option(), refund_option()],
        "cancellationAllowedUntilDate": "2026-06-08T09:00:00Z",
        "attributes": attributes(),
        "links": links(),
    })
}

fn company_profile() -> Value {
    json!({"tenantId": "d8202a51", "domain": "contoso.onmicrosoft.com", "companyName": "Contoso"})
}

fn customer() -> Value {
    json!({"id": "d8202a51", "relationshipToPartner": "reseller", "companyProfile": company_profile()})
}

fn eligibility() -> Value {
    json!({"id": "548FA265", "isEligible": false, "reason": "Subscription: 548FA265 is in state: Deleted"})
}

fn relationship_request() -> Value {
    json!({"url": "https://admin.example/invitation", "attributes": attributes()})
}

#[test]
fn every_field_of_every_resource() {
    every_field::<Subscription>(&subscription(), &["id"]);
    every_field::<Customer>(&customer(), &["id"]);
    every_field::<CompanyProfile>(&company_profile(), &[]);
    every_field::<TransferEligibility>(&eligibility(), &["id"]);
    every_field::<RelationshipRequest>(&relationship_request(), &[]);
    every_field::<ProductType>(&product_type(), &[]);
    every_field::<RefundOption>(&refund_option(), &[]);
    every_field::<Attributes>(&attributes(), &[]);
    every_field::<Links>(&links(), &[]);
    every_field::<Link>(&link(), &[]);
}

/// Holds a resource against a record with all of its fields: each is read whatever its case, at most once, into the place of
/// its name, and written as it is documented.
#[track_caller]
fn every_field<T>(json: &Value, required: &[&str])
where
    T: Resource + Serialize + DeserializeOwned + PartialEq + Debug,
{
    let record = json.as_object().expect("an object");
    let documented: BTreeSet<&str> = T::FIELDS.iter().copied().collect();
    assert_eq!(record.keys().map(String::as_str).collect::<BTreeSet<_>>(), documented, "{}", T::NAME);

    let whole: T = read(json.clone());
    assert_eq!(written(&whole), *json);
    assert_eq!(read::<T>(written(&whole)), whole);
    assert_eq!(whole.undocumented().count(), 0);

    for (field, value) in record {
        let mut without = record.clone();
        without.remove(field);
        for spelling in [field.to_uppercase(), field.to_lowercase(), capitalized(field)] {
            let mut respelled = without.clone();
            respelled.insert(spelling.clone(), value.clone());
            assert_eq!(read::<T>(respelled), whole, "{spelling}");

            let entries = record.iter().chain([(&spelling, value)]);
            let twice = entries.map(|(name, value)| format!("{name:?}:{value}")).collect::<Vec<_>>().join(",");
            let twice = serde_json::from_str::<T>(&format!("{{{twice}}}")).expect_err("refused").to_string();
            let expected = format!("`{field}` of the {} is given twice, expected at most once", T::NAME);
            assert!(twice.starts_with(&expected), "{twice}");
        }
        if !required.contains(&field.as_str()) {
            optional_field::<T>(field, without);
        }
    }
}

/// Without a field, its place alone is empty; with `null`, as well.
#[track_caller]
fn optional_field<T>(field: &str, mut without: Map<String, Value>)
where
    T: Resource + Serialize + DeserializeOwned + PartialEq + Debug,
{
    let absent: T = read(without.clone());
    assert_eq!(written(&absent), Value::Object(without.clone()));
    let shown = format!("{absent:?}");
    assert!(shown.contains(&format!(" {}: None", name_in_rust(field))), "{shown}");
    assert_eq!(shown.matches(": None").count(), 1, "{shown}");

    without.insert(field.to_owned(), Value::Null);
    let null: T = read(without.clone());
    if field == "cancellationAllowedUntilDate" {
        assert_eq!(written(&null), Value::Object(without));
        assert!(format!("{null:?}").contains("cancellation_allowed_until_date: Some(None)"));
    } else {
        assert_eq!(null, absent, "{field}");
    }
}

fn capitalized(text: &str) -> String {
    text[..1].to_uppercase() + &text[1..]
}

fn name_in_rust(field: &str) -> String {
    match field {
        "self" => "itself".to_owned(),
        "type" => "kind".to_owned(),
        _ => field.chars().fold(String::new(), |name, letter| match letter {
            'A'..='Z' => name + "_" + &letter.to_lowercase().to_string(),
            _ => name + &letter.to_string(),
        }),
    }
}

/// It has no name of its own outside of the crate.
#[test]
fn every_field_of_a_company_profile() {
    for (field, value) in company_profile().as_object().expect("an object") {
        for spelling in [field.clone(), field.to_uppercase(), field.to_lowercase(), capitalized(field)] {
            let customer: Customer = read(json!({"id": "", "companyProfile": {spelling: value}}));
            assert_eq!(written(customer), json!({"id": "", "companyProfile": {field: value}}));
        }
    }
}

#[test]
fn unknown_fields_are_ignored_whatever_they_hold() {
    let whole: Subscription = read(subscription());
    let nested = json!({"id": "other", "items": [{"id": 7}, [[]], null], "links": {"next": 1}});
    for unknown in [json!(null), json!(true), json!(-1.5e300), json!("text"), json!([[nested]]), nested] {
        let mut record = subscription();
        for name in ["contractType", "idd", "offer_id", "", "Ünïcode"] {
            record[name] = unknown.clone();
        }
        assert_eq!(read::<Subscription>(record.clone()), whole);
        assert_eq!(collection(&record.to_string()).items, [Ok(whole.clone())]);
        assert_eq!(
            collection(&json!({"items": [record], "continuationToken": unknown}).to_string()).items,
            [Ok(whole.clone())]
        );
    }
}

#[test]
fn the_customer_of_a_subscription_is_in_its_link() {
    for (uri, expected) in [
        ("/customers/d8202a51/subscriptions/83ef9d05", Some("d8202a51")),
        ("https://api.example/v1/Customers/d8202a51?x=1", Some("d8202a51")),
        ("/subscriptions?key=1", None),
        ("/customers/", None),
        ("/v1/customers?size=40", None),
        ("/customers", None),
        ("", None),
    ] {
        let subscription: Subscription = read(json!({"id": "", "links": {"self": {"uri": uri}}}));
        assert_eq!(subscription.customer_id(), expected, "{uri}");
    }
    assert_eq!(read::<Subscription>(json!({"id": "", "links": {"next": link()}})).customer_id(), None);
}

// Words.

/// The spellings in which a documented word is read.
fn spellings(word: &str) -> [String; 5] {
    let pascal: String = word.split('_').map(capitalized).collect();
    [word.to_owned(), word.to_uppercase(), word.to_lowercase(), pascal.to_lowercase(), pascal]
}

/// Reads every documented word in every spelling, and keeps and tells those that are not.
#[track_caller]
fn words<T: Resource + Serialize + DeserializeOwned>(field: &'static str, listed: &str, documented: &[&str]) {
    assert_eq!(listed.split(' ').collect::<Vec<_>>(), documented);
    for word in documented {
        for spelling in spellings(word) {
            let resource: T = read(json!({"id": "", field: spelling}));
            assert_eq!(written(&resource)[field], **word);
            assert_eq!(resource.undocumented().count(), 0, "{spelling}");
        }
    }
    for other in ["", " ", "paused", &format!("{}s", documented[0]), &format!(" {}", documented[0]), "ſ"] {
        let resource: T = read(json!({"id": "", field: other}));
        assert_eq!(written(&resource)[field], other);
        assert!(resource.undocumented().eq([(field, other)]));
    }
}

#[test]
fn every_documented_word_is_read() {
    fn spelled<T: Copy>(all: &[T], spelling: fn(T) -> &'static str) -> Vec<&'static str> {
        all.iter().copied().map(spelling).collect()
    }

    let statuses = spelled(SubscriptionStatus::ALL, SubscriptionStatus::as_str);
    words::<Subscription>("status", "none active pending suspended expired disabled deleted", &statuses);
    let types = spelled(BillingType::ALL, BillingType::as_str);
    words::<Subscription>("billingType", "none usage license benefit", &types);
    let cycles = spelled(BillingCycle::ALL, BillingCycle::as_str);
    words::<Subscription>("billingCycle", "unknown monthly annual triennial none one_time", &cycles);
    words::<Subscription>("termDuration", "P1M P1Y P3Y", &spelled(TermDuration::ALL, TermDuration::as_str));
    let programs = spelled(RelationshipToPartner::ALL, RelationshipToPartner::as_str);
    words::<Customer>("relationshipToPartner", "none reseller advisor syndication microsoft_support", &programs);
}

// Dates.

#[test]
fn dates_in_every_format_of_the_interface() {
    for (text, expected) in [
        ("2015-11-25T06:41:12Z", "2015-11-25T06:41:12Z"),
        ("2015-11-25t06:41:12z", "2015-11-25T06:41:12Z"),
        ("2015-11-25T06:41:12+05:45", "2015-11-25T00:56:12Z"),
        ("2021-01-14T16:57:15.0966728Z", "2021-01-14T16:57:15.096672800Z"),
        ("2019-01-09T00:21:45.9263727+00:00", "2019-01-09T00:21:45.926372700Z"),
        ("2019-01-09T00:21:45.9263727-08:00", "2019-01-09T08:21:45.926372700Z"),
        ("2016-02-04T00:00:00", "2016-02-04T00:00:00Z"),
        ("2016-02-04T23:59:59.9999999", "2016-02-04T23:59:59.999999900Z"),
        ("2016-02-04", "2016-02-04T00:00:00Z"),
        ("2015-11-25T06: 41: 12Z", "2015-11-25T06:41:12Z"),
        ("9999-12-10T00:00:00Z", "9999-12-10T00:00:00Z"),
        ("0001-01-01T00:00:00", "0001-01-01T00:00:00Z"),
    ] {
        let subscription: Subscription =
            read(json!({"id": "", "creationDate": text, "cancellationAllowedUntilDate": text}));
        assert_eq!(subscription.creation_date, Some(instant(expected)), "{text}");
        assert_eq!(subscription.cancellation_allowed_until_date, Some(Some(instant(expected))), "{text}");
    }
}

#[test]
fn a_malformed_date_with_many_spaces_is_refused() {
    let json = json!([{"id": "a", "creationDate": format!("2015:{}", " ".repeat(100_000))}]).to_string();
    assert!(collection::<Subscription>(&json).items[0].is_err());
}

#[test]
fn null_means_something_for_the_last_date_for_cancelling_alone() {
    let until = |json| read::<Subscription>(json).cancellation_allowed_until_date;
    assert_eq!(until(json!({"id": ""})), None);
    assert_eq!(until(json!({"id": "", "cancellationAllowedUntilDate": null})), Some(None));
    assert_eq!(
        until(json!({"id": "", "CANCELLATIONALLOWEDUNTILDATE": "2026-06-08"})),
        Some(Some(instant("2026-06-08")))
    );
}

// Errors.

/// Asserts what is said of a record, as an item and by itself.
#[track_caller]
fn refused<T: Resource + DeserializeOwned + Debug>(json: &str, error: &str) -> RefusedResource {
    let mut items = collection::<T>(&format!("[{json}]")).items;
    let refused = items.pop().expect("an item").expect_err("refused");
    assert_eq!(refused.to_string(), error);
    let alone = serde_json::from_str::<T>(json).expect_err("refused").to_string();
    assert!(alone.starts_with(error), "{alone}");
    refused
}

const INSTANT: &str = "an RFC 3339 instant such as `2018-09-15T12:30:00Z`";

#[test]
fn values_of_the_wrong_type_and_malformed_dates() {
    let kinds: [(&[&str], &str, &[&str]); 7] = [
        (&["offerId", "status", "billingType", "unitType"], "a string", &["17", "true", "[…]", "{…}"]),
        (&["autoRenewEnabled", "isTrial", "isMicrosoftProduct"], "`true` or `false`", &["\"true\"", "1", "[…]"]),
        (&["quantity"], "a whole number", &["-1", "1.5", "\"15\"", "false", "{…}"]),
        (
            &["creationDate", "effectiveStartDate", "commitmentEndDate", "commitmentEndDateTime"],
            INSTANT,
            &[
                "\"25.11.2015\"",
                "\"2015-02-29\"",
                "\"2015-11-25T06:41\"",
                "\"2015-11-25T25:00:00Z\"",
                "\"\"",
                "\": \"",
                "\"10000-01-01\"",
                "\"2015-11-25T06:41:12.0123456789Z\"",
                "1448433672",
                "{…}",
            ],
        ),
        (&["cancellationAllowedUntilDate"], &format!("{INSTANT}, or `null`"), &["\"never\"", "false", "0"]),
        (&["links", "attributes", "productType"], "an object", &["\"SaaS\"", "[…]", "7"]),
        (&["refundOptions"], "a list of objects", &["\"Full\"", "{…}", "true"]),
    ];
    for (fields, expected, values) in kinds {
        for field in fields {
            for value in values {
                let json = value.replace('…', if value.starts_with('[') { "1, [2]" } else { "\"a\": {\"b\": 1}" });
                let error = format!("`{field}` of the Subscription is {value}, expected {expected}");
                let refused = refused::<Subscription>(&format!(r#"{{"{field}":{json},"id":"s-1"}}"#), &error);
                assert_eq!(refused.id.as_deref(), Some("s-1"));
                let ResourceError::Value { resource, field: of, found, expected: what } = *refused.reason else {
                    panic!("another error")
                };
                assert_eq!(
                    (resource, of, found.as_str(), what.to_string().as_str()),
                    ("Subscription", *field, *value, expected)
                );
            }
        }
    }
}

#[test]
fn what_is_wrong_further_down_is_told_with_its_own_field() {
    for (json, error) in [
        (r#"{"id":"s-1","links":{"self":{"uri":[1]}}}"#, "`uri` of the link is […], expected a string"),
        (r#"{"id":"s-1","links":{"NEXT":"/page"}}"#, "`next` of the links is \"/page\", expected an object"),
        (r#"{"id":"s-1","productType":{"id":1}}"#, "`id` of the productType is 1, expected a string"),
        (r#"{"id":"s-1","attributes":{"etag":{}}}"#, "`etag` of the attributes is {…}, expected a string"),
        (
            r#"{"refundOptions":[{"type":"Full"},{"expiresAfter":"soon"},{"type":7}],"id":"s-1"}"#,
            &format!("`expiresAfter` of the refundOptions is \"soon\", expected {INSTANT}"),
        ),
        (
            r#"{"refundOptions":[{},17,"soon"],"id":"s-1"}"#,
            "`refundOptions` of the Subscription is [17], expected a list of objects",
        ),
        (
            r#"{"attributes":{"etag":"a","ETag":"b"},"id":"s-1"}"#,
            "`etag` of the attributes is given twice, expected at most once",
        ),
    ] {
        assert_eq!(refused::<Subscription>(json, error).id.as_deref(), Some("s-1"));
    }
    refused::<Customer>(r#"{"companyProfile":{"domain":0}}"#, "`domain` of the companyProfile is 0, expected a string");
}

#[test]
fn a_field_given_twice() {
    let error = "`offerId` of the Subscription is given twice, expected at most once";
    let twice = refused::<Subscription>(r#"{"id":"s-1","offerId":"a","OfferID":"a"}"#, error);
    assert_eq!(*twice.reason, ResourceError::RepeatedField { resource: "Subscription", field: "offerId" });
    let ids =
        refused::<Customer>(r#"{"id":"c-1","ID":"c-2"}"#, "`id` of the Customer is given twice, expected at most once");
    assert_eq!(ids.id.as_deref(), Some("c-1"));
    // `null` is none.
    assert_eq!(read::<Subscription>(json!({"id": "", "offerId": null, "OFFERID": "a"})).offer_id.as_deref(), Some("a"));
}

#[test]
fn a_missing_id() {
    for json in ["{}", r#"{"id":null}"#, r#"{"offerId":"MS-AZR-0145P"}"#] {
        let missing = refused::<Subscription>(json, "`id` of the Subscription is missing, expected a string");
        assert_eq!(missing.id, None);
        let ResourceError::MissingField { resource: "Subscription", field: "id", expected } = *missing.reason else {
            panic!("another error")
        };
        assert_eq!(expected.to_string(), "a string");
    }
    refused::<Customer>("{}", "`id` of the Customer is missing, expected a string");
    refused::<TransferEligibility>("{}", "`id` of the TransferEligibility is missing, expected a string");
    assert_eq!(refused::<Subscription>(r#"{"id":17}"#, "`id` of the Subscription is 17, expected a string").id, None);
}

#[test]
fn what_is_no_object() {
    for (json, found) in [
        ("null", "null"),
        ("17", "17"),
        ("-1", "-1"),
        ("1.5", "1.5"),
        ("true", "true"),
        ("\"83ef9d05\"", "\"83ef9d05\""),
        (r#"[{"id":"a"}]"#, "[…]"),
    ] {
        let none = refused::<Subscription>(json, &format!("expected a Subscription as an object, found {found}"));
        assert_eq!(none.id, None);
        assert!(matches!(*none.reason, ResourceError::NoObject { resource: "Subscription", .. }));
    }
}

#[test]
fn the_first_thing_wrong_is_told_in_part_where_it_is_long() {
    refused::<Subscription>(
        r#"{"quantity":-1,"id":"s-1","offerId":7}"#,
        "`quantity` of the Subscription is -1, expected a whole number",
    );
    refused::<Subscription>(
        &json!({"id": "s-1", "creationDate": "x".repeat(1_000_000)}).to_string(),
        &format!("`creationDate` of the Subscription is \"{}…, expected {INSTANT}", "x".repeat(45)),
    );
}

// Collections.

fn ids<T: Resource>(collection: &Collection<T>, id: fn(&T) -> &str) -> Vec<String> {
    collection.items.iter().map(|item| id(item.as_ref().expect("an item")).to_owned()).collect()
}

#[test]
fn a_collection_is_a_list_or_a_page_in_any_case_and_order() {
    let list = r#"[{"id": "a"}, {"id": "b"}]"#;
    assert_eq!(ids(&collection::<Subscription>(list), |item| &item.id), ["a", "b"]);

    let entries = [
        format!(r#""items": {list}"#),
        r#""totalCount": 37"#.to_owned(),
        r#""links": {"self": {"uri": "/1"}, "next": {"uri": "/2", "method": "GET"}}"#.to_owned(),
        r#""attributes": {"objectType": "Collection"}"#.to_owned(),
    ];
    let orders = [
        [0, 1, 2, 3],
        [1, 0, 2, 3],
        [1, 2, 0, 3],
        [0, 2, 1, 3],
        [2, 0, 1, 3],
        [2, 1, 0, 3],
        [3, 0, 1, 2],
        [3, 2, 1, 0],
        [2, 3, 1, 0],
    ];
    for order in orders {
        let page = format!("{{{}}}", order.map(|at| entries[at].as_str()).join(", "));
        let upper = page.replace("items", "ITEMS").replace("totalCount", "TotalCount").replace("links", "Links");
        for page in [page, upper] {
            let read = collection::<Subscription>(&page);
            assert_eq!(ids(&read, |item| &item.id), ["a", "b"], "{page}");
            assert_eq!(read.page.total_count, Some(37), "{page}");
            assert_eq!(read.page.next().and_then(|next| next.uri.as_deref()), Some("/2"), "{page}");

            let others = collection::<TransferEligibility>(&page);
            assert_eq!(
                (ids(&others, |item| &item.id), others.page),
                (vec!["a".into(), "b".into()], read.page),
                "{page}"
            );
        }
    }
}

#[test]
fn what_a_page_leaves_out() {
    for (json, total_count) in [
        (r#"{"items": []}"#, None),
        (r#"{"totalCount": 0}"#, Some(0)),
        (r#"{"items": [], "totalCount": null, "links": null}"#, None),
        ("[]", None),
    ] {
        let read = collection::<Subscription>(json);
        assert_eq!((read.items.len(), read.page.total_count, read.page.next()), (0, total_count, None), "{json}");
    }
    let last = collection::<Subscription>(r#"{"items": [], "links": {"self": {"uri": "/1"}}}"#);
    assert_eq!(last.page.next(), None);
}

#[test]
fn a_resource_alone_is_a_collection_of_itself() {
    let alone = collection::<Subscription>(&subscription().to_string());
    assert_eq!(alone.items, [Ok(read(subscription()))]);
    assert_eq!(alone.page.links, None);
    assert_eq!(collection::<Customer>(&customer().to_string()).items, [Ok(read(customer()))]);
    let request = collection::<RelationshipRequest>(&relationship_request().to_string());
    assert_eq!(request.items, [Ok(read(relationship_request()))]);

    let refused = collection::<Subscription>(r#"{"id": "a", "quantity": "many"}"#).items.pop().expect("one");
    let refused = refused.expect_err("refused");
    assert_eq!(refused.id.as_deref(), Some("a"));
    assert_eq!(refused.to_string(), "`quantity` of the Subscription is \"many\", expected a whole number");
    let nothing = collection::<Subscription>("{}").items.pop().expect("one").expect_err("refused");
    assert_eq!(nothing.to_string(), "`id` of the Subscription is missing, expected a string");
}

#[test]
fn one_bad_item_among_ten_thousand_costs_that_one() {
    const AT: usize = 4_711;
    for (bad, id, error) in [
        (
            r#"{"quantity": "many", "id": "bad"}"#,
            Some("bad"),
            "`quantity` of the Subscription is \"many\", expected a whole number",
        ),
        (r#"{"id": ["bad"], "offerId": "x"}"#, None, "`id` of the Subscription is […], expected a string"),
        ("null", None, "expected a Subscription as an object, found null"),
        (r#"[{"id": "bad"}]"#, None, "expected a Subscription as an object, found […]"),
    ] {
        let item = |at| if at == AT { bad.to_owned() } else { format!(r#"{{"id": "s-{at}", "quantity": {at}}}"#) };
        let items = (0..10_000).map(item).collect::<Vec<_>>().join(",");
        let read = collection::<Subscription>(&format!(r#"{{"totalCount": 10000, "items": [{items}]}}"#));
        assert_eq!(read.items.len(), 10_000);
        for (at, item) in read.items.iter().enumerate() {
            match item {
                Ok(subscription) => assert_eq!(subscription.id, format!("s-{at}")),
                Err(refused) => {
                    assert_eq!((at, refused.id.as_deref(), refused.to_string().as_str()), (AT, id, error));
                }
            }
        }
        assert_eq!(read.items.iter().filter(|item| item.is_err()).count(), 1);
    }
}

/// Formats other than JSON can have names that are no text, and values that JSON has not.
#[test]
fn what_json_cannot_write() {
    use serde::de::value::{Error, MapDeserializer};

    let told = |page: Result<_, Error>| page.map(drop).map_err(|error| error.to_string());
    let names = MapDeserializer::new([(true, "a")].into_iter());
    let no_name = Err("invalid type: boolean `true`, expected the name of a field".to_owned());
    assert_eq!(told(read_each(names.clone(), |item| item.map(|_: Subscription| ()))), no_name);
    assert_eq!(Link::deserialize(names).map_err(|error: Error| error.to_string()).map(drop), no_name);
    let values = MapDeserializer::new([("id", b"a".as_slice())].into_iter());
    let no_value = Err("invalid type: byte array, expected a value".to_owned());
    assert_eq!(told(read_each(values, |item| item.map(|_: Subscription| ()))), no_value);
}

#[test]
fn what_is_no_collection_is_an_error_of_the_format() {
    let expected = "expected a Customer, a list of them, or an object with such a list as `items`";
    for (json, found) in
        [("\"c-1\"", "string \"c-1\""), ("17", "integer `17`"), ("null", "null"), ("true", "boolean `true`")]
    {
        let error = serde_json::from_str::<Collection<Customer>>(json).expect_err("refused").to_string();
        assert!(error.starts_with(&format!("invalid type: {found}, {expected}")), "{error}");
    }
    for (json, error) in [
        (r#"{"items": {"id": "a"}}"#, "invalid type: map, expected `items` as a list of Customer"),
        (r#"{"items": "none"}"#, "invalid type: string \"none\", expected `items` as a list of Customer"),
        (r#"{"totalCount": "all", "items": []}"#, "`totalCount` of the page is \"all\", expected a whole number"),
        (r#"{"items": [], "links": 7}"#, "`links` of the page is 7, expected an object"),
        (r#"{"items": [], "links": {"next": {"uri": 7}}}"#, "`uri` of the link is 7, expected a string"),
        (r#"{"totalCount": 1, "TOTALCOUNT": 1}"#, "`totalCount` of the page is given twice, expected at most once"),
    ] {
        let found = serde_json::from_str::<Collection<Customer>>(json).expect_err("refused").to_string();
        assert!(found.starts_with(error), "{found}");
    }
}

/// Reads item after item, until `enough` of them; their ids, and how it ended.
fn read_until(json: &str, enough: usize) -> (Vec<Option<String>>, Result<(), String>) {
    let mut ids = Vec::new();
    let read = read_each(&mut serde_json::Deserializer::from_str(json), |item: Result<Subscription, _>| {
        ids.push(item.map_or_else(|refused| refused.id, |subscription| Some(subscription.id)));
        if ids.len() == enough { Err("enough") } else { Ok(()) }
    });
    (ids, read.map(drop).map_err(|error| error.to_string()))
}

#[test]
fn reading_ends_where_the_caller_says() {
    for json in [
        r#"[{"id": "a"}, {"id": "b", "quantity": ""}, {"id": "c"}]"#,
        r#"{"items": [{"id": "a"}, {"id": "b", "quantity": ""}, {"id": "c"}]}"#,
    ] {
        let (ids, read) = read_until(json, 2);
        assert_eq!(ids, [Some("a".to_owned()), Some("b".to_owned())]);
        assert!(read.expect_err("the caller's error").starts_with("enough"));
        assert_eq!(read_until(json, 4).1, Ok(()));
    }
    assert!(read_until(r#"{"id": "a"}"#, 1).1.expect_err("the caller's error").starts_with("enough"));
}

#[test]
fn a_page_that_is_cut_off_gives_what_was_read_and_an_error() {
    let page = r#"{"items": [{"id": "a"}, {"id": "b"}, {"id": "c"}], "totalCount": 3}"#;
    for (cut, read) in [(9, 0), (25, 1), (36, 2), (47, 2), (48, 3), (page.len() - 1, 3)] {
        let (ids, ended) = read_until(&page[..cut], usize::MAX);
        assert_eq!(ids.len(), read, "{}", &page[..cut]);
        assert!(ended.expect_err("cut off").contains("EOF"));
    }
}

// What they say of a case.

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Scenario {
    why: String,
    subscription: Map<String, Value>,
    customer: Option<Customer>,
    eligibility: Option<TransferEligibility>,
    /// A record of ours without an id.
    supplied: Option<Map<String, Value>>,
    case: Value,
    origins: BTreeMap<String, String>,
    remarks: Vec<String>,
    as_of: String,
    facts: String,
}

impl Scenario {
    fn read() -> Vec<Self> {
        let lines = include_str!("data/rest-scenarios.jsonl").lines();
        lines.map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))).collect()
    }

    fn map<'s>(&self, subscription: &'s Subscription) -> Mapped<'s> {
        let mut mapped = Mapped::of(subscription);
        if let Some(customer) = &self.customer {
            mapped = mapped.with_customer(customer);
        }
        if let Some(eligibility) = &self.eligibility {
            mapped = mapped.with_eligibility(eligibility);
        }
        if let Some(supplied) = &self.supplied {
            let mut supplied = supplied.clone();
            supplied.insert("id".to_owned(), "".into());
            let supplied: Case = read(supplied);
            mapped = mapped.with_supplied(&supplied.subscription, &supplied.engagement);
        }
        mapped
    }
}

/// How a remark's kind is called.
fn kind(remark: &Remark) -> &'static str {
    match remark {
        Remark::Undocumented { .. } => "undocumented",
        Remark::Differs { .. } => "differs",
        Remark::Excluded { .. } => "excluded",
        Remark::TermDiffers => "term differs",
        Remark::EndIsFarAway { .. } => "end is far away",
        Remark::EndsBeforeItBegins { .. } => "ends before it begins",
        Remark::PurchaseIsAmbiguous { .. } => "purchase is ambiguous",
        Remark::RenewedSince { .. } => "renewed since",
        Remark::UsageHasNoTerm => "usage has no term",
        Remark::Trial => "trial",
        Remark::AddOn => "add-on",
        _ => panic!("{remark:?} has no scenario"),
    }
}

/// All of `rest-scenarios.jsonl`: the record, every origin and remark as they are printed, and what is known.
#[test]
fn scenarios() {
    let scenarios = Scenario::read();
    for scenario in &scenarios {
        let why = &scenario.why;
        let subscription: Subscription = read(scenario.subscription.clone());
        let mapped = scenario.map(&subscription);

        assert_eq!(written(mapped.case()), scenario.case, "{why}");
        let origins: BTreeMap<String, String> =
            mapped.origins().map(|(fact, origin)| (fact.to_string(), origin.to_string())).collect();
        assert_eq!(origins, scenario.origins, "{why}");
        assert_eq!(mapped.remarks().iter().map(ToString::to_string).collect::<Vec<_>>(), scenario.remarks, "{why}");
        assert_eq!(mapped.facts(instant(&scenario.as_of)).to_string(), scenario.facts, "{why}");

        let json = written(mapped.case()).to_string();
        let case = Case::read(&mut serde_json::Deserializer::from_str(&json)).expect("a case");
        assert_eq!((&case, written(&case).to_string()), (mapped.case(), json), "{why}");
        assert_eq!(read::<Subscription>(written(&subscription)), subscription, "{why}");
    }
    assert_eq!(scenarios.len(), 77);
}

/// What the scenarios have of some kind, beside all that there is of it.
#[track_caller]
fn covered<T: ToString>(what: &str, found: impl IntoIterator<Item = impl ToString>, all: impl IntoIterator<Item = T>) {
    let found: BTreeSet<String> = found.into_iter().map(|one| one.to_string()).collect();
    let missing: Vec<String> = all.into_iter().map(|one| one.to_string()).filter(|one| !found.contains(one)).collect();
    assert!(missing.is_empty(), "no scenario for the {what} {missing:?}");
}

#[test]
fn every_rule_gap_remark_and_word_has_a_scenario() {
    let scenarios = Scenario::read();
    let subscriptions: Vec<Subscription> =
        scenarios.iter().map(|scenario| read(scenario.subscription.clone())).collect();
    let mapped: Vec<Mapped<'_>> =
        scenarios.iter().zip(&subscriptions).map(|(scenario, subscription)| scenario.map(subscription)).collect();
    let origins: Vec<Origin> = mapped.iter().flat_map(Mapped::origins).map(|(_, origin)| origin).collect();

    let rules = origins.iter().filter_map(|origin| if let Origin::Derived { by } = origin { Some(by) } else { None });
    covered("rule", rules, Derivation::ALL);
    let gaps = origins.iter().filter_map(|origin| match origin {
        Origin::Unknown { because } => Some(because),
        _ => None,
    });
    covered("gap", gaps, Gap::ALL);
    let kinds = origins.iter().map(|origin| match origin {
        Origin::Taken { .. } => "taken",
        Origin::Derived { .. } => "derived",
        Origin::Narrowed { .. } => "narrowed",
        Origin::Supplied => "supplied",
        Origin::Unknown { .. } => "unknown",
        _ => panic!("{origin:?} has no scenario"),
    });
    covered("origin", kinds, ["taken", "derived", "narrowed", "supplied", "unknown"]);
    let remarks = mapped.iter().flat_map(Mapped::remarks).map(kind);
    covered(
        "remark",
        remarks,
        [
            "undocumented",
            "differs",
            "excluded",
            "term differs",
            "end is far away",
            "ends before it begins",
            "purchase is ambiguous",
            "renewed since",
            "usage has no term",
            "trial",
            "add-on",
        ],
    );

    covered("status", subscriptions.iter().filter_map(|one| one.status.as_ref()), SubscriptionStatus::ALL);
    covered("billing type", subscriptions.iter().filter_map(|one| one.billing_type.as_ref()), BillingType::ALL);
    let programs = scenarios.iter().filter_map(|one| one.customer.as_ref()?.relationship_to_partner.as_ref());
    covered("program", programs, RelationshipToPartner::ALL);
    covered("service", mapped.iter().filter_map(|mapped| mapped.case().subscription.service()), Service::ALL);
}

fn told(subscription: Value) -> BTreeMap<String, String> {
    let subscription: Subscription = read(subscription);
    Mapped::of(&subscription).origins().map(|(fact, origin)| (fact.to_string(), origin.to_string())).collect()
}

#[test]
fn the_azure_plan_has_an_old_name_which_names_no_cloud() {
    let told = told(json!({"id": "a", "offerId": "MS-AZR-0017G"}));
    assert_eq!(told["service"], "derived by `azure_plan_product` from `offerId`");
    assert_eq!(told["cloud"], "unknown: no field tells it");
}

#[test]
fn what_is_supplied_twice_is_still_a_record() {
    let subscription: Subscription = read(json!({"id": "a"}));
    let dates: csp_multichannel::Subscription =
        read(json!({"term": {"purchased_at": "2018-03-01T00:00:00Z", "ends_on": "2019-02-28"}}));
    let azure = csp_multichannel::Subscription::new(Service::Azure);
    let mapped = Mapped::of(&subscription).with_supplied(&dates, &Engagement::new());
    let mapped = mapped.with_supplied(&azure, &Engagement::new());
    assert_eq!(&read::<Case>(written(mapped.case())), mapped.case());
}

#[test]
fn what_no_field_tells_is_absent() {
    let absent = "unknown: field is absent";
    for silent in [
        json!({"id": "a", "offerId": "2828BE95-46BA-4F91-B2FD-0BEF192ECF60", "billingType": "none"}),
        json!({"id": "a", "offerId": "CFQ7TTC0LH18:0001:CFQ7TTC0K971"}),
        json!({"id": "a", "productType": {}}),
    ] {
        assert_eq!(told(silent.clone())["service"], absent, "{silent}");
    }
    let (subscription, silent) = (read(json!({"id": "a"})), read(json!({"id": "a"})));
    assert_eq!(Mapped::of(&subscription).with_eligibility(&silent).origin(Fact::Transfer).to_string(), absent);
}

#[test]
fn eligible_and_in_a_transfer_is_a_contradiction() {
    let subscription: Subscription = read(json!({"id": "a"}));
    let both: TransferEligibility =
        read(json!({"id": "a", "isEligible": true, "reason": "already part of another transfer request"}));
    let origin = Mapped::of(&subscription).with_eligibility(&both).origin(Fact::Transfer);
    assert_eq!(origin.to_string(), "unknown: fields contradict");
}

#[test]
fn a_reason_that_names_no_transfer() {
    let subscription: Subscription = read(json!({"id": "a"}));
    let told = |eligibility: Value| {
        Mapped::of(&subscription).with_eligibility(&read(eligibility)).origin(Fact::Transfer).to_string()
    };
    assert_eq!(told(json!({"id": "a"})), "unknown: field is absent");
    assert_eq!(told(json!({"id": "a", "reason": "some other"})), "unknown: no such value");
}

/// To the minute, and to the day.
#[test]
fn how_near_and_how_long_tells_of_one_purchase() {
    let remarks = |created: &str, ends_on: &str| {
        let subscription: Subscription = read(json!({
            "id": "a", "offerId": "CFQ7TTC0LH18:0001:CFQ7TTC0K971", "billingType": "license", "termDuration": "P1M",
            "creationDate": created, "effectiveStartDate": "2022-03-10T10:00:00Z", "commitmentEndDate": ends_on,
        }));
        let mapped = Mapped::of(&subscription);
        assert_eq!(mapped.case().subscription.service(), Some(Service::NewCommerceLicense));
        mapped.remarks().iter().map(kind).collect::<Vec<_>>()
    };
    assert_eq!(remarks("2022-03-10T10:01:00Z", "2022-04-09"), [""; 0]);
    assert_eq!(remarks("2022-03-10T10:01:00.001Z", "2022-04-09"), ["purchase is ambiguous"]);
    assert_eq!(remarks("2022-03-10T10:00:00Z", "2022-04-10"), [""; 0]);
    assert_eq!(remarks("2022-03-10T10:00:00Z", "2022-04-11"), ["renewed since"]);
}

#[test]
fn customers_one_after_another() {
    let subscription: Subscription = read(json!({"id": "a"}));
    let (none, silent) = (read(json!({"id": "c", "relationshipToPartner": "none"})), read(json!({"id": "c"})));
    let mapped = Mapped::of(&subscription).with_customer(&none).with_customer(&silent);
    assert_eq!(mapped.origin(Fact::Relationship).to_string(), "narrowed by `relationshipToPartner`");

    let reseller: Customer = read(json!({"id": "c", "relationshipToPartner": "reseller"}));
    let mapped = Mapped::of(&subscription).with_customer(&reseller).with_customer(&none);
    assert_eq!(mapped.remarks().len(), 1);
}

// Whatever comes.

/// The letters of a text, each in either case.
fn recased(text: &str, case: u64) -> String {
    let letter = |(at, letter): (usize, char)| {
        if case >> (at % 64) & 1 == 1 { letter.to_ascii_uppercase() } else { letter.to_ascii_lowercase() }
    };
    text.chars().enumerate().map(letter).collect()
}

fn key() -> impl Strategy<Value = String> {
    let page = ["items", "totalCount", "links"];
    let names = [Subscription::FIELDS, Customer::FIELDS, TransferEligibility::FIELDS, Links::FIELDS, &page].concat();
    prop_oneof![4 => (select(names), any::<u64>()).prop_map(|(name, case)| recased(name, case)), 1 => any::<String>()]
}

fn date() -> impl Strategy<Value = String> {
    let seconds = prop_oneof![3 => 1_400_000_000..1_900_000_000_i64, 1 => -62_167_219_200..253_402_300_800_i64];
    let nanoseconds = prop_oneof![Just(0), 0..1_000_000_000_u32];
    (seconds, nanoseconds).prop_map(|(seconds, nanoseconds)| {
        let instant = DateTime::from_timestamp(seconds, nanoseconds).expect("in range");
        instant.to_rfc3339_opts(SecondsFormat::AutoSi, true)
    })
}

fn text() -> impl Strategy<Value = String> {
    const KNOWN: &[&str] = &[
        "Active",
        "deleted",
        "EXPIRED",
        "none",
        "Usage",
        "license",
        "benefit",
        "Licenses",
        "usage-based",
        "reseller",
        "OnlineServicesNCE",
        "Software",
        "AzureReservation",
        "Azure",
        "MS-AZR-0145P",
        "MS-AZR-DE-0145P",
        "MS-AZR-0017G",
        "DZH318Z0BPS6:0001:DZH318Z0BML6",
        "CFQ7TTC0LH18:0001:CFQ7TTC0K971",
        "195416C1-3447-423A-B37B-EE59A99A19C4",
        "is in state: Deleted",
        "Is In State: suspended",
        "subscription is already part of another transfer request",
    ];
    prop_oneof![4 => select(KNOWN).prop_map(str::to_owned), 1 => any::<String>(), 2 => date()]
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 96, 12, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            // Often with an id, so that it is some resource.
            (prop::collection::btree_map(key(), inner, 0..12), prop::option::weighted(0.8, text())).prop_map(
                |(mut entries, id)| {
                    entries.extend(id.map(|id| ("id".to_owned(), id.into())));
                    entries.into_iter().collect::<Map<_, _>>().into()
                },
            ),
        ]
    })
}

/// A resource with some of its fields, each of the type that `whole` has.
fn any_resource<T: Resource + DeserializeOwned + Debug>(whole: &Value) -> impl Strategy<Value = T> + use<T> {
    let field = |&field: &&'static str| {
        let value = match &whole[field] {
            Value::Bool(_) => any::<bool>().prop_map(Value::from).boxed(),
            Value::Number(_) => any::<u64>().prop_map(Value::from).boxed(),
            Value::String(_) if field == "cancellationAllowedUntilDate" => {
                prop::option::of(date()).prop_map(Value::from).boxed()
            }
            Value::String(_) if field.contains("Date") => date().prop_map(Value::from).boxed(),
            Value::String(_) => text().prop_map(Value::from).boxed(),
            Value::Object(_) if field == "productType" => text().prop_map(|id| json!({"id": id})).boxed(),
            other => Just(other.clone()).boxed(),
        };
        let value = if field == "id" { value.prop_map(Some).boxed() } else { prop::option::of(value).boxed() };
        value.prop_map(move |value| Some((field.to_owned(), value?)))
    };
    let fields: Vec<_> = T::FIELDS.iter().map(field).collect();
    fields.prop_map(|entries| read(entries.into_iter().flatten().collect::<Map<_, _>>()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn no_json_makes_reading_or_mapping_panic(json in any_json(), other in any_json(), at in date()) {
        let json = json.to_string();
        let other = other.to_string();
        let Ok(subscriptions) = serde_json::from_str::<Collection<Subscription>>(&json) else { return Ok(()) };
        let customers = serde_json::from_str::<Collection<Customer>>(&other).map_or(vec![], |read| read.items);
        let eligibility = serde_json::from_str::<Collection<TransferEligibility>>(&other);
        let eligibility = eligibility.map_or(vec![], |read| read.items);
        for subscription in subscriptions.items.iter().flatten() {
            let mapped = Mapped::of(subscription);
            let mapped = customers.iter().flatten().fold(mapped, Mapped::with_customer);
            let mapped = eligibility.iter().flatten().fold(mapped, Mapped::with_eligibility);
            let _ = mapped.facts(instant(&at)).to_string();
        }
    }

    #[test]
    fn subscriptions_survive_json(subscription in any_resource::<Subscription>(&subscription())) {
        prop_assert_eq!(read::<Subscription>(written(&subscription)), subscription);
    }

    /// And its record survives JSON, and no source unsays another.
    #[test]
    fn every_fact_that_a_case_knows_has_an_origin(
        subscription in any_resource::<Subscription>(&subscription()),
        customer in any_resource::<Customer>(&customer()),
        eligibility in any_resource::<TransferEligibility>(&eligibility()),
        supplied in any_resource::<Subscription>(&subscription()),
        more in any_resource::<Subscription>(&subscription()),
        at in date(),
    ) {
        let at = instant(&at);
        let [supplied, more] = [&supplied, &more].map(|known| Mapped::of(known).into_case());
        let one = Mapped::of(&subscription);
        let two = one.clone().with_customer(&customer);
        let three = two.clone().with_eligibility(&eligibility);
        let four = three.clone().with_supplied(&supplied.subscription, &supplied.engagement);
        let five = four.clone().with_supplied(&more.subscription, &more.engagement);
        for mapped in [&one, &two, &three, &four, &five] {
            let case = mapped.case();
            let json = written(case);
            prop_assert_eq!(&read::<Case>(json.clone()), case);
            for (fact, origin) in mapped.origins() {
                let field = if fact == Fact::Transfer { "transfer_pending" } else { fact.as_str() };
                let told = match origin {
                    Origin::Derived { by: Derivation::UsageHasNoTerm } => {
                        prop_assert!(case.subscription.service().is_some_and(Service::is_usage_based));
                        false
                    }
                    Origin::Taken { .. } | Origin::Derived { .. } | Origin::Supplied => true,
                    _ => false,
                };
                prop_assert_eq!(json.get(field).is_some(), told, "{}: {}", fact, origin);
                let known = mapped.facts(at).possible(fact);
                prop_assert!(known.is_subset(case.facts(at).possible(fact)));
            }
        }
        for (before, after) in [(&one, &two), (&two, &three), (&three, &four), (&four, &five)] {
            for (field, value) in written(before.case()).as_object().expect("an object") {
                prop_assert_eq!(&written(after.case())[field], value);
            }
            prop_assert!(after.facts(at).values().is_subset(before.facts(at).values()));
            prop_assert!(after.remarks().starts_with(before.remarks()));
        }
    }
}

// What a reviewer found.

#[test]
fn an_end_to_the_second_comes_before_a_day() {
    // An add-on as the reference prints it: the instant is the end itself.
    let subscription: Subscription = read(json!({
        "id": "a", "offerId": "2828BE95-46BA-4F91-B2FD-0BEF192ECF60", "billingType": "license",
        "effectiveStartDate": "2017-01-25T00:00:00Z",
        "commitmentEndDate": "2018-02-10T00:00:00Z", "commitmentEndDateTime": "2018-02-10T00:00:00Z",
    }));
    let facts = Mapped::of(&subscription).facts(instant("2018-02-10"));
    assert_eq!(facts.possible(Fact::Term).to_string(), "ended");
}

#[test]
fn a_traditional_license_without_a_date_for_cancelling_can_be_cancelled() {
    let subscription: Subscription = read(json!({
        "id": "a", "offerId": "2828BE95-46BA-4F91-B2FD-0BEF192ECF60", "billingType": "license",
        "effectiveStartDate": "2017-01-25", "commitmentEndDate": "2018-02-10", "cancellationAllowedUntilDate": null,
    }));
    let facts = Mapped::of(&subscription).facts(instant("2017-06-01"));
    assert!(facts.possible(Fact::Term).to_string().contains("cancellable"));
}

#[test]
fn the_links_of_a_resource_alone_are_its_own() {
    let refused = collection::<Subscription>(r#"{"id": "a", "links": 7}"#).items.pop().expect("one");
    assert_eq!(refused.expect_err("refused").to_string(), "`links` of the Subscription is 7, expected an object");
}

// The guide.

const GUIDE: &str = include_str!("../docs/from-partner-center.md");

/// A row of a table of the guide that names all of these.
#[track_caller]
fn in_a_row(names: &[&str]) {
    let mut rows = GUIDE.lines().filter(|line| line.starts_with('|'));
    let row = rows.find(|row| names.iter().all(|name| row.contains(&format!("`{name}`"))));
    assert!(row.is_some(), "no table of the guide has {names:?} in a row");
}

#[test]
fn the_guide_has_every_rule_gap_and_fact() {
    for by in Derivation::ALL {
        in_a_row(&[by.as_str(), by.field()]);
    }
    for gap in Gap::ALL {
        in_a_row(&[gap.as_str(), &Origin::Unknown { because: *gap }.to_string()]);
    }
    for fact in Fact::ALL {
        assert!(GUIDE.contains(&format!("\n| `{fact}` | ")), "no row of the guide begins with `{fact}`");
    }
}

/// A field is read in mapping where some scenario would be mapped otherwise without it.
#[test]
fn the_guide_names_every_field_that_tells_something() {
    let mut telling = BTreeSet::new();
    for scenario in Scenario::read() {
        let whole: Subscription = read(scenario.subscription.clone());
        for field in scenario.subscription.keys().filter(|&field| field != "id") {
            let mut without = scenario.subscription.clone();
            without.remove(field);
            let without: Subscription = read(without);
            let (whole, without) = (scenario.map(&whole), scenario.map(&without));
            if (whole.case(), whole.remarks()) != (without.case(), without.remarks())
                || whole.origins().ne(without.origins())
            {
                telling.insert(field.clone());
            }
        }
    }
    let (read, silent): (Vec<&str>, Vec<&str>) =
        Subscription::FIELDS.iter().filter(|&&field| field != "id").partition(|&&field| telling.contains(field));
    for field in read {
        in_a_row(&[field]);
    }
    let sentence = GUIDE.lines().find(|line| line.starts_with("Nothing is taken from")).expect("the sentence");
    let named: BTreeSet<&str> = sentence.split('`').skip(1).step_by(2).collect();
    assert_eq!(named, silent.into_iter().collect());
}
