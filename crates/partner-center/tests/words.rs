//! Every documented word and number of each field, and the facts derived from it.

mod support;

use csp_multichannel::{Cancellation, Channel, Fact, Facts, Service};
use csp_partner_center::{Context, FieldValue, Mapping, Reader, Record, Resource, offers};
use serde_json::json;
use support::{at, mapped, transcript};

const AS_OF: &str = "2026-06-03";

/// Asserts the facts and the notes of a record with some fields.
#[track_caller]
fn assert_maps(fields: &str, facts: &str, notes: &[&str]) {
    let json = format!(r#"{{"id":"a",{fields}}}"#);
    assert_mapping(&mapped(&json, AS_OF), facts, notes, fields);
}

#[track_caller]
fn assert_mapping(mapping: &Mapping, facts: &str, notes: &[&str], shown: &str) {
    let known = mapping.case.subscription.facts_at(at(AS_OF)).to_string();
    let found: Vec<String> = mapping.notes.iter().map(ToString::to_string).collect();
    assert_eq!(known, facts, "{shown}");
    assert_eq!(found, notes, "{shown}");
}

/// Asserts the facts for each value of one field, with other fields unchanged.
#[track_caller]
fn assert_values(beside: &str, field: &str, rows: &[(&[serde_json::Value], &str)]) {
    for (values, facts) in rows {
        for value in *values {
            assert_maps(&format!("{beside},{}:{value}", json!(field)), facts, &[]);
        }
    }
}

/// Asserts that undocumented values give a note and no fact.
#[track_caller]
fn assert_undocumented(beside: &str, field: &str, facts: &str, values: &[serde_json::Value]) {
    for value in values {
        let shown = value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
        let note = format!(
            "`{field}` `{shown}`: the value is not documented, so no fact is derived from it"
        );
        assert_maps(&format!("{beside},{}:{value}", json!(field)), facts, &[&note]);
    }
}

const NAMED: &str = r#""offerName":"Mail""#;
const GUID: &str = r#""offerId":"195416C1-3447-423A-B37B-EE59A99A19C4""#;
const CATALOG: &str = r#""offerId":"CFQ7TTC0LH18:0001:CFQ7TTC0K971""#;
const LICENSE: &str = r#""offerId":"195416C1-3447-423A-B37B-EE59A99A19C4","billingType":"license""#;
const NEW: &str = r#""offerId":"CFQ7TTC0LH18:0001:CFQ7TTC0K971","billingType":"license""#;
const ALL_BUT_USE: &str = "service: license, new_commerce_license, azure_reservation, azure_savings_plan, software, marketplace";

#[test]
fn status() {
    assert_values(
        NAMED,
        "status",
        &[
            (
                &[
                    json!("active"),
                    json!("Active"),
                    json!("ACTIVE"),
                    json!(" active "),
                    json!(1),
                    json!("1"),
                ],
                "status: active",
            ),
            (&[json!("suspended"), json!("Suspended"), json!(2)], "status: suspended"),
            (&[json!("deleted"), json!("Deleted"), json!(3)], "status: deleted"),
            (&[json!("expired"), json!("Expired"), json!(4)], "status: suspended, deleted"),
            (&[json!("disabled"), json!("Disabled"), json!(6)], "status: suspended, deleted"),
            (
                &[json!("none"), json!("None"), json!(0), json!("pending"), json!(5)],
                "nothing known",
            ),
            (&[json!(null), json!(""), json!(" ")], "nothing known"),
        ],
    );
    let odd = [json!("paused"), json!("enabled"), json!(7), json!(-1), json!(true)];
    assert_undocumented(NAMED, "status", "nothing known", &odd);
    let note = "`status` `a list or a fraction`: the value is not documented, so no fact is derived from it";
    for odd in ["1.5", "1e300", "[1]"] {
        assert_maps(&format!(r#"{NAMED},"status":{odd}"#), "nothing known", &[note]);
    }
}

#[test]
fn billing_type() {
    assert_values(
        GUID,
        "billingType",
        &[
            (&[json!("license"), json!("License"), json!(2), json!("2")], "service: license"),
            (&[json!("usage"), json!("Usage"), json!(1)], "service: azure"),
            (
                &[json!("benefit"), json!("Benefit"), json!("none"), json!("None"), json!(0)],
                "service: license, azure",
            ),
        ],
    );
    assert_values(
        CATALOG,
        "billingType",
        &[
            (&[json!("license"), json!(2)], "service: new_commerce_license"),
            (&[json!("usage"), json!(1)], "service: azure, azure_plan, marketplace"),
            (&[json!("benefit"), json!("none"), json!(0)], "nothing known"),
        ],
    );
    assert_values(NAMED, "billingType", &[(&[json!("license")], ALL_BUT_USE)]);
    let odd = [json!("barter"), json!(3), json!(-1)];
    assert_undocumented(GUID, "billingType", "service: license, azure", &odd);
}

/// A value that can't be used becomes a note, as in every other field.
#[test]
fn billing_type_of_a_wrong_type() {
    assert_undocumented(GUID, "billingType", "service: license, azure", &[json!(false)]);
}

#[test]
fn unit_type() {
    assert_values(
        GUID,
        "unitType",
        &[
            (
                &[json!("License"), json!("Licenses"), json!("licenses"), json!("License(s)")],
                "service: license",
            ),
            (
                &[json!("Usage-based"), json!("usage_based"), json!("UsageBased"), json!("Usage")],
                "service: azure",
            ),
            (&[json!("Benefit"), json!("none"), json!(""), json!(null)], "service: license, azure"),
        ],
    );
    // The billing type and the units agree, or the service is unknown.
    assert_values(
        LICENSE,
        "unitType",
        &[(&[json!("Licenses"), json!("none")], "service: license")],
    );
    for unit in ["Usage-based", "Benefit"] {
        let note = format!(
            "`unitType` `{unit}`: fields contradict each other; each of their values stays possible"
        );
        assert_maps(&format!(r#"{LICENSE},"unitType":"{unit}""#), "nothing known", &[&note]);
    }
}

#[test]
fn product_type() {
    let rows = [
        ("OnlineServicesNCE", "service: new_commerce_license"),
        ("onlineservicesnce", "service: new_commerce_license"),
        ("Software", "service: software"),
        ("SoftwarePerpetual", "service: software"),
        ("AzureReservation", "service: azure_reservation"),
        ("AzureReservations", "service: azure_reservation"),
        ("AzureReservationsVM", "service: azure_reservation"),
        ("AzureReservationsSQL", "service: azure_reservation"),
        ("AzureSavingsPlan", "service: azure_savings_plan"),
        ("OnlineServices", "nothing known"),
        ("Azure", "nothing known"),
        ("SaaS", "nothing known"),
        ("", "nothing known"),
    ];
    for (id, facts) in rows {
        let object = format!(r#"{NAMED},"productType":{{"id":"{id}","displayName":"{id}"}}"#);
        assert_maps(&object, facts, &[]);
        assert_maps(&format!(r#"{NAMED},"ProductType":{{"Id":"{id}"}}"#), facts, &[]);
        assert_maps(&format!(r#"{NAMED},"productType":"{id}""#), facts, &[]);
    }
}

/// Software by subscription is software, as in price lists.
#[test]
fn product_type_of_software_by_subscription() {
    for id in ["SoftwareSubscription", "SoftwareSubscriptions"] {
        assert_maps(&format!(r#"{NAMED},"productType":{{"id":"{id}"}}"#), "service: software", &[]);
    }
}

const UNKNOWN_DURATION: &str = "The duration of the term is unknown, so it may have been renewed; no cancellation window is derived";

/// Annual billing implies a term of at least a year; other cycles leave the duration open.
#[test]
fn billing_cycle() {
    let year = r#","effectiveStartDate":"2026-06-01T09:00:00Z","commitmentEndDate":"2027-05-31""#;
    for word in [json!("annual"), json!("Annual"), json!(2)] {
        let fields = format!(r#"{NEW}{year},"billingCycle":{word}"#);
        assert_maps(&fields, "service: new_commerce_license; term_phase: cancellable", &[]);
    }
    let others = ["monthly", "Monthly", "none", "unknown", "one_time", "OneTime", "oneTime"];
    let others = others.into_iter().chain(["triennial", "biennial", ""]).map(|word| json!(word));
    for word in others.chain([json!(0), json!(1), json!(3), json!(4), json!(5), json!(6)]) {
        let fields = format!(r#"{NEW}{year},"billingCycle":{word}"#);
        assert_maps(
            &fields,
            "service: new_commerce_license; term_phase: cancellable, committed",
            &[UNKNOWN_DURATION],
        );
    }
}

#[track_caller]
fn assert_term(duration: &serde_json::Value, ends_on: &str, notes: &[&str]) {
    let phases = if notes.is_empty() { "cancellable" } else { "cancellable, committed" };
    let fields = format!(
        r#"{NEW},"effectiveStartDate":"2026-06-01T09:00:00Z","commitmentEndDate":"{ends_on}","termDuration":{duration}"#
    );
    let facts = format!("service: new_commerce_license; term_phase: {phases}");
    assert_maps(&fields, &facts, notes);
}

#[test]
fn term_duration() {
    for (words, longest, renewed) in [
        (&["P1M", "p1m"][..], "2026-07-02", "2026-07-03"),
        (&["P1Y", "P12M", " p1y "], "2027-06-02", "2027-06-03"),
        (&["P2Y", "P24M"], "2028-06-01", "2028-06-02"),
        (&["P3Y", "P36M"], "2029-06-01", "2029-06-02"),
        (&["P6M"], "2026-12-04", "2026-12-05"),
        (&["P5Y"], "2031-06-01", "2031-06-02"),
    ] {
        let note = format!(
            "`commitmentEndDate` `2026-06-01 to {renewed}`: the dates span more than one term, so the subscription was renewed; no cancellation window is derived"
        );
        for word in words {
            assert_term(&json!(word), longest, &[]);
            assert_term(&json!(word), renewed, &[&note]);
        }
    }
    for nothing in [json!(null), json!("")] {
        assert_term(&nothing, "2026-07-02", &[]);
        assert_term(&nothing, "2027-06-02", &[UNKNOWN_DURATION]);
        assert_term(
            &nothing,
            "2027-06-03",
            &[
                "`commitmentEndDate` `2026-06-01 to 2027-06-03`: the dates span more than one term, so the subscription was renewed; no cancellation window is derived",
            ],
        );
    }
    for odd in
        ["P", "P1", "P1W", "P365D", "PT1H", "P0M", "P-1Y", "P11Y", "P1Y1M", "1 Year", "Annual"]
    {
        let note = format!(
            "`termDuration` `{odd}`: the value is not documented, so no fact is derived from it"
        );
        assert_term(&json!(odd), "2027-05-31", &[&note, UNKNOWN_DURATION]);
    }
    let note = "`termDuration` `12`: the value is not documented, so no fact is derived from it";
    assert_term(&json!(12), "2027-05-31", &[note, UNKNOWN_DURATION]);
}

/// A time is the instant of the end, and a day alone is the last day.
#[test]
fn the_end_of_a_term_is_a_day_or_an_instant() {
    for (end, last) in [
        ("2027-05-31", "2027-05-31"),
        ("2027-05-31T00:00:00Z", "2027-05-30"),
        ("2027-05-31T00:00:01Z", "2027-05-31"),
        ("2027-06-01 00:00", "2027-05-31"),
    ] {
        let json = format!(r#"{{"id":"a",{NEW},"commitmentEndDateTime":"{end}"}}"#);
        let term = mapped(&json, AS_OF).case.subscription.term().expect(end);
        assert_eq!(term.ends_on().to_string(), last, "{end}");
    }
}

#[test]
fn a_window_can_end_when_it_begins() {
    let dates = r#""effectiveStartDate":"2026-06-01T09:00:00Z","commitmentEndDate":"2027-05-31","termDuration":"P1Y""#;
    for (until, is_used) in [("2026-06-01T09:00:00Z", true), ("2026-06-01T08:59:59Z", false)] {
        let json = format!(
            r#"{{"id":"a",{NEW},{dates},"productType":{{"id":"OnlineServicesNCE"}},"cancellationAllowedUntilDate":"{until}"}}"#
        );
        let mapping = mapped(&json, "2026-08-12");
        let cancellation = mapping.case.subscription.term().expect(until).cancellation();
        assert_eq!(cancellation == Cancellation::Until(at(until)), is_used, "{until}");
        assert_eq!(mapping.notes.is_empty(), is_used, "{until}");
    }
}

#[test]
fn relationship_to_partner() {
    for (words, facts) in [
        (&[json!("reseller"), json!("Reseller"), json!(1)][..], "relationship: active"),
        (&[json!("none"), json!("None"), json!(5)], "relationship: none, requested"),
        (&[json!("unknown"), json!("Unknown"), json!(0)], "nothing known"),
        (&[json!("advisor"), json!("Advisor"), json!(2)], "nothing known"),
        (&[json!("syndication"), json!("Syndication"), json!(3)], "nothing known"),
        (
            &[
                json!("microsoft_support"),
                json!("microsoftSupport"),
                json!("MicrosoftSupport"),
                json!(4),
            ],
            "nothing known",
        ),
        (&[json!(null), json!("")], "nothing known"),
    ] {
        for word in words {
            assert_relationship(word, facts, &[]);
        }
    }
    for (word, shown) in [(json!("wholesaler"), "wholesaler"), (json!(6), "6"), (json!(-1), "-1")] {
        let note = format!(
            "`relationshipToPartner` `{shown}`: the value is not documented, so no fact is derived from it"
        );
        assert_relationship(&word, "nothing known", &[&note]);
    }
}

#[track_caller]
fn assert_relationship(word: &serde_json::Value, facts: &str, notes: &[&str]) {
    let mut context = Context::new();
    let customer = format!(r#"{{"id":"c1","relationshipToPartner":{word}}}"#);
    context.add_customer(Record::from_json(&customer).expect("a customer")).expect("a customer");
    let record = Record::from_json(r#"{"id":"a","offerName":"Mail","customerId":"C1"}"#);
    let mapping = context.map(&record.expect("a record"), at(AS_OF)).expect("a mapping");
    assert_mapping(&mapping, facts, notes, &word.to_string());
}

#[test]
fn states_of_the_directory() {
    let directory = r#""skuPartNumber":"O365""#;
    assert_values(
        directory,
        "status",
        &[
            (&[json!("Enabled"), json!("enabled")], "status: active"),
            (&[json!("Warning"), json!("warning")], "status: active, suspended"),
            (&[json!("Suspended"), json!("suspended")], "status: suspended"),
            (
                &[json!("LockedOut"), json!("lockedOut"), json!("locked out")],
                "status: suspended, deleted",
            ),
            (&[json!("Deleted"), json!("deleted")], "status: deleted"),
            (&[json!(null), json!("")], "nothing known"),
        ],
    );
    let odd = [json!("active"), json!("Enabled,Warning"), json!(1)];
    assert_undocumented(directory, "status", "nothing known", &odd);
}

const LISTED: &str =
    "A subscription listed by Azure Resource Manager, which does not show where it was bought";

#[test]
fn states_of_azure() {
    for (words, status) in [
        (&["Enabled", "enabled"][..], "active"),
        (&["Warned", "PastDue", "Past Due"], "active, suspended"),
        (&["Disabled"], "suspended"),
        (&["Deleted"], "deleted"),
    ] {
        for word in words {
            let facts = format!("service: azure, azure_plan; status: {status}");
            assert_maps(&format!(r#""homeTenantId":"t","state":"{word}""#), &facts, &[LISTED]);
            assert_maps(&format!(r#""HomeTenantId":"t","State":"{word}""#), &facts, &[LISTED]);
        }
    }
    let note = "`state` `Odd`: the value is not documented, so no fact is derived from it";
    let odd = r#""homeTenantId":"t","state":"Odd""#;
    assert_maps(odd, "service: azure, azure_plan", &[LISTED, note]);
}

#[test]
fn names_of_clouds() {
    for (word, cloud) in [
        ("AzureCloud", "public"),
        ("azurecloud", "public"),
        ("AzureUSGovernment", "us_government"),
        ("AzureGermanCloud", "germany"),
        ("AzureChinaCloud", "china"),
    ] {
        let facts = format!("service: azure, azure_plan; cloud: {cloud}");
        assert_maps(&format!(r#""cloudName":"{word}""#), &facts, &[LISTED]);
        assert_maps(&format!(r#""environmentName":"{word}""#), &facts, &[LISTED]);
        assert_maps(&format!(r#""cloudName":"","EnvironmentName":"{word}""#), &facts, &[LISTED]);
    }
    let note = "`cloudName` `Hub`: the value is not documented, so no fact is derived from it";
    assert_maps(r#""cloudName":"Hub""#, "service: azure, azure_plan", &[LISTED, note]);
}

#[track_caller]
fn assert_switches(rows: &[(&str, &str)]) {
    for (on, off) in rows {
        for (word, expected) in [(on, true), (off, false)] {
            let capital: String = word.chars().take(1).flat_map(char::to_uppercase).collect();
            let capital = capital + &word.chars().skip(1).collect::<String>().to_lowercase();
            for word in [(*word).to_owned(), word.to_lowercase(), capital, format!(" {word} ")] {
                assert_eq!(FieldValue::from(word.as_str()).as_bool(), Some(expected), "{word}");
            }
        }
    }
}

#[test]
fn switches() {
    assert_switches(&[
        ("TRUE", "FALSE"),
        ("YES", "NO"),
        ("Y", "N"),
        ("ON", "OFF"),
        ("1", "0"),
        ("ENABLED", "DISABLED"),
        ("WAHR", "FALSCH"),
        ("JA", "NEIN"),
        ("VRAI", "FAUX"),
        ("OUI", "NON"),
        ("ACTIVÉ", "DÉSACTIVÉ"),
        ("VERDADERO", "FALSO"),
        ("SÍ", "NO"),
        ("VERO", "FALSO"),
        ("SÌ", "NO"),
        ("VERDADEIRO", "FALSO"),
        ("SIM", "NÃO"),
        ("WAAR", "ONWAAR"),
        ("JA", "NEE"),
        ("SANT", "FALSKT"),
        ("SAND", "FALSK"),
        ("SANN", "USANN"),
        ("JA", "NEJ"),
        ("JA", "NEI"),
        ("TOSI", "EPÄTOSI"),
        ("PRAWDA", "FAŁSZ"),
        ("TAK", "NIE"),
        ("ANO", "NE"),
    ]);
    let on = "service: license; at_term_end: renew";
    let off = "service: license; at_term_end: end";
    assert_values(
        LICENSE,
        "autoRenewEnabled",
        &[
            (&[json!(true), json!(1), json!("True"), json!("WAHR")], on),
            (&[json!(false), json!(0), json!("False"), json!("FALSCH")], off),
        ],
    );
    let odd = [json!(2), json!("perhaps"), json!("truefalse"), json!("true false")];
    assert_undocumented(LICENSE, "autoRenewEnabled", "service: license", &odd);
}

/// The words of spreadsheets in Czech, Hungarian and Russian.
#[test]
fn switches_of_eastern_europe() {
    assert_switches(&[("PRAVDA", "NEPRAVDA"), ("IGAZ", "HAMIS"), ("ИСТИНА", "ЛОЖЬ")]);
}

#[test]
fn quota_ids() {
    let rows = [
        (
            "CSP_2015-05-01",
            "channel: other_csp_partner, former_csp_partner, this_partner; service: azure, azure_plan",
        ),
        (
            "csp_mg_2017-12-01",
            "channel: other_csp_partner, former_csp_partner, this_partner; service: azure, azure_plan",
        ),
        (
            "EnterpriseAgreement_2014-09-01",
            "channel: direct, enterprise_agreement, mca_enterprise; service: azure, azure_plan",
        ),
        ("AzureInOpen_2014-09-01", "channel: open; service: azure"),
        ("PayAsYouGo_2014-09-01", "service: azure, azure_plan"),
        ("Internal_2014-09-01", "service: azure, azure_plan"),
        ("", "service: azure, azure_plan"),
    ];
    for (id, facts) in rows {
        for fields in [
            format!(r#""quotaId":"{id}""#),
            format!(r#""subscriptionPolicies":{{"quotaId":"{id}","spendingLimit":"Off"}}"#),
            format!(r#""SubscriptionPolicies":{{"QuotaId":"{id}"}}"#),
        ] {
            assert_maps(&fields, facts, &[LISTED]);
        }
    }
    // Each quota id of the table determines the facts of the table.
    let quotas: Vec<_> = offers().iter().filter(|offer| offer.id.contains('_')).collect();
    assert!(quotas.len() > 14, "{}", quotas.len());
    let listed = Facts::from([Service::Azure, Service::AzurePlan]);
    for quota in quotas {
        let service = quota.facts.about(Fact::Service).narrow(listed).expect("Azure");
        let facts = service.with(quota.facts.about(Fact::Channel)).to_string();
        assert_maps(&format!(r#""quotaId":"{}""#, quota.id), &facts, &[LISTED]);
    }
}

/// Each offer of the table determines the facts of the table.
#[test]
fn offers_of_the_table() {
    let mut channels = 0;
    for offer in offers().iter().filter(|offer| !offer.id.contains('_')) {
        let facts = offer.facts.to_string();
        let sku = offer.id.to_lowercase();
        assert_maps(&format!(r#""offerId":"{sku}""#), &facts, &[]);
        channels += usize::from(offer.facts.possible::<Channel>().len() < Channel::ALL.len());
    }
    assert!(channels > 30, "{channels}");
}

/// Returns the transcript of an input, by lines.
fn read(input: &str) -> Vec<String> {
    let reader = Reader::new(input.as_bytes());
    let text = transcript(reader, &Context::new(), Facts::UNKNOWN, at(AS_OF));
    text.lines().map(Into::into).collect()
}

/// The type that an object states counts more than its fields, which are those of a subscription
/// here.
#[test]
fn object_types_are_believed() {
    let object = |name: &str, offer: &str| {
        format!(
            r#"{{"id":"a","status":"active",{offer}"unitType":"Licenses","attributes":{{"objectType":"{name}"}}}}"#
        )
    };
    let offer = r#""offerId":"MS-AZR-0145P","#;
    assert_eq!(read(&object("Subscription", "")), [format!("1 a: {ALL_BUT_USE}; status: active")]);
    for (name, found) in [
        ("Customer", "1 a: a customer, expected a subscription"),
        ("Order", "1 refused: a: an order, expected a subscription"),
        ("TransferEntity", "1 refused: a: a transfer, expected a subscription"),
        ("Invoice", "1 refused: a: an invoice, expected a subscription"),
        ("OneTimeInvoiceLineItem", "1 refused: a: an invoice, expected a subscription"),
        (
            "TransitionEligibility",
            "1 refused: a: another kind of eligibility, expected a subscription",
        ),
        ("RelationshipRequest", "1 refused: a: a relationship request, expected a subscription"),
    ] {
        assert_eq!(read(&object(name, "")), [found], "{name}");
        assert_eq!(read(&object(name, offer)), [found], "{name} with an offer");
    }
}

/// Offers, usage records and others have some fields of subscriptions, and another type.
#[test]
fn objects_of_another_type_are_no_subscriptions() {
    for name in ["Offer", "SubscriptionMonthlyUsageRecord", "LicenseBasedLineItem", "Upgrade"] {
        for offer in ["", r#""offerId":"MS-AZR-0145P","#] {
            let object = format!(
                r#"{{"id":"a",{offer}"unitType":"Licenses","attributes":{{"objectType":"{name}"}}}}"#
            );
            let found = read(&object);
            assert!(found[0].starts_with("1 refused: a: "), "{name}: {found:?}");
        }
    }
}

/// A line item of an order has an offer and a subscription.
#[test]
fn an_item_of_an_order_is_no_subscription() {
    let item = r#"{"lineItemNumber":0,"offerId":"MS-AZR-0145P","subscriptionId":"a","quantity":1}"#;
    let found = read(item);
    assert!(found[0].starts_with("1 refused: a: "), "{found:?}");
}

/// A fact that somebody added to a resource is not dropped silently.
#[test]
fn facts_inside_a_resource_are_not_lost_in_silence() {
    let found = read(r#"{"id":"a","offerId":"MS-AZR-0111P","channel":"direct"}"#).join("\n");
    assert!(found.contains("channel") && found.contains("direct"), "{found}");
}

/// Selected fields of the module's object are a subscription, as the same columns of a table are.
#[test]
fn selected_fields_of_the_module_are_a_subscription() {
    let found = read(r#"{"SubscriptionId":"a","FriendlyName":"Mail","Status":"Suspended"}"#);
    assert_eq!(found, ["1 a: status: suspended"]);
}

/// A subscription with a state and an identifier is not necessarily one of Azure.
/// A state in the words of an API does not make the record a case, which has only those of the policy.
#[test]
fn a_state_alone_is_one_of_a_subscription() {
    for (record, line) in [
        (r#"{"id":"a","status":"Expired"}"#, "a: status: suspended, deleted"),
        (r#"{"id":"a","status":"suspended"}"#, "a: status: suspended"),
        (r#"{"Id":"a","Status":2}"#, "a: status: suspended"),
        (
            r#"{"id":"a","status":"Expired","region":"same"}"#,
            "a: region: same; status: suspended, deleted",
        ),
        (
            r#"{"id":"a","friendlyName":"Mail","status":"active","region":"other"}"#,
            "a: region: other; status: active",
        ),
    ] {
        assert_eq!(read(record), [format!("1 {line}")]);
    }
    let refused = &read(r#"{"id":"a","status":"Expird","region":"same"}"#)[0];
    assert!(refused.starts_with("1 refused: a: unknown status `Expird`"), "{refused}");
    // A group of resources is none.
    let group =
        &read(r#"{"id":"/subscriptions/x/resourceGroups/g","name":"g","location":"westeurope"}"#)
            [0];
    assert!(group.starts_with("1 refused: "), "{group}");
}

#[test]
fn a_state_beside_an_identifier_is_no_sign_of_azure() {
    let found = read(
        r#"{"id":"a","subscriptionId":"a","startDate":"2020-01-01","nextLifecycleDate":"2027-01-01","state":"active"}"#,
    );
    assert!(!found.join("\n").contains("service: azure"), "{found:?}");
}

#[test]
fn answers_of_interfaces_that_refused_are_named() {
    for (body, shown) in [
        (
            r#"{"code":900420,"description":"Unauthorized","data":[],"source":"x"}"#,
            "900420 Unauthorized",
        ),
        (r#"{"code":"3000","description":"Bad","errorName":"x","isRetryable":false}"#, "3000 Bad"),
        (
            r#"{"error":{"code":"SubscriptionNotFound","message":"It is not there."}}"#,
            "SubscriptionNotFound It is not there.",
        ),
        (
            r#"{"error":"invalid_grant","error_description":"AADSTS50076"}"#,
            "invalid_grant AADSTS50076",
        ),
    ] {
        assert_eq!(read(body), [format!("1 refused: an error response: {shown}")], "{body}");
    }
}

/// Gateways and frameworks answer with only a message.
#[test]
fn answers_of_gateways_are_named() {
    for body in [
        r#"{"statusCode":429,"message":"Rate limit is exceeded."}"#,
        r#"{"Message":"An error has occurred."}"#,
    ] {
        let found = read(body);
        assert!(found[0].starts_with("1 refused: an error response: "), "{found:?}");
    }
}

/// Anything but an object says what was expected; a resource by itself has fields in any case, once.
#[test]
fn what_is_no_object() {
    let error = Record::from_json("[]").unwrap_err().to_string();
    assert!(error.starts_with("invalid type: sequence, expected an object"), "{error}");
    let error = serde_json::from_str::<Resource>("[]").unwrap_err().to_string();
    assert!(error.starts_with("invalid type: sequence, expected an object"), "{error}");
    let resource: Resource =
        serde_json::from_str(r#"{"OFFERID":"x","other":[1],"region":"same"}"#).unwrap();
    assert_eq!(resource.offer_id.text(), Some("x"));
    let error = serde_json::from_str::<Resource>(r#"{"OFFERID":"x","offerId":"x"}"#).unwrap_err();
    assert!(error.to_string().starts_with("duplicate field `offerId`"), "{error}");
}
