//! Regression tests: no fact is derived that the record does not support, and no negative answer is
//! lost.

use csp_multichannel::{
    AtTermEnd, Channel, Fact, Facts, Relationship, Service, Status, TermPhase, Transfer,
    parse_instant,
};
use csp_partner_center::{Context, Item, Mapping, NoteKind, Reader, Record};

fn record(json: &str) -> Record {
    Record::from_json(json).expect(json)
}

fn records(text: &str) -> Vec<Record> {
    let mut reader = Reader::new(text.as_bytes());
    let mut records = Vec::new();
    while let Some(item) = reader.next().expect("no error") {
        if let Item::Record(record) = item {
            records.push(*record);
        }
    }
    records
}

fn mapped(context: &Context, json: &str) -> Mapping {
    context.map(&record(json), parse_instant("2026-08-12").expect("a day")).expect("a subscription")
}

fn facts(context: &Context, json: &str) -> Facts {
    mapped(context, json).case.subscription.facts()
}

#[test]
fn a_second_row_that_says_no_is_not_lost() {
    for (one, other) in [
        ("id,status,isEligible\ns1,active,true\n", "id,status,isEligible\ns1,active,false\n"),
        ("id,transfer\ns1,none\n", "id,transfer\ns1,ineligible\n"),
        ("id,offerId\ns1,x\n", "id,offerId,isEligible\ns1,,false\n"),
    ] {
        let mut context = Context::new();
        for row in [one, other].into_iter().flat_map(records) {
            context.add_facts(row).expect("a row");
        }
        let known = facts(&context, r#"{"id":"s1","offerId":"MS-AZR-0145P"}"#);
        assert_eq!(known.known(), Some(Transfer::Ineligible), "{one}{other}");
    }
}

#[test]
fn a_no_counts_for_an_identifier_in_any_spelling() {
    for id in ["83EF", "{83ef}", " 83ef ", "{83EF} "] {
        let mut context = Context::new();
        context
            .add_eligibility(record(&format!(r#"{{"id":"{id}","isEligible":false}}"#)))
            .expect(id);
        let known = facts(&context, r#"{"id":"83ef","offerId":"MS-AZR-0145P"}"#);
        assert_eq!(known.known(), Some(Transfer::Ineligible), "{id}");
    }
}

#[test]
fn a_no_counts_in_every_kind_of_record() {
    let context = Context::new().with_defaults(Transfer::None.into());
    for json in [
        r#"{"id":"a","offerId":"MS-AZR-0145P","isEligible":false}"#,
        r#"{"id":"a","status":"Enabled","skuPartNumber":"E3","isEligible":false}"#,
        r#"{"id":"a","cloudName":"AzureCloud","state":"Enabled","isEligible":"False"}"#,
    ] {
        assert_eq!(facts(&context, json).known(), Some(Transfer::Ineligible), "{json}");
    }
}

/// After a contradiction, neither a third field nor a default decides.
#[test]
fn of_values_that_contradict_each_other_no_later_one_wins() {
    for words in ["none reseller reseller", "reseller none none", "reseller none reseller"] {
        let mut context = Context::new().with_defaults(Relationship::Active.into());
        for word in words.split(' ') {
            let customer = format!(r#"{{"id":"c","relationshipToPartner":"{word}"}}"#);
            context.add_customer(record(&customer)).expect(word);
        }
        let mapping = mapped(&context, r#"{"id":"a","offerId":"x","customerId":"c"}"#);
        let fact = mapping.case.subscription.facts().about(Fact::Relationship);
        assert_eq!(fact, Facts::UNKNOWN, "{words}");
        assert_eq!(mapping.notes[0].kind, NoteKind::Contradiction, "{words}");
    }
    for states in ["active suspended active", "suspended active suspended"] {
        let mut context = Context::new().with_defaults(Status::Active.into());
        let mut states = states.split(' ');
        let own = states.next().expect("a state");
        for state in states {
            let reason = format!("Subscription: a is in state: {state}");
            let json = serde_json::json!({"id": "a", "isEligible": false, "reason": reason});
            context.add_eligibility(record(&json.to_string())).expect(state);
        }
        let known = facts(&context, &format!(r#"{{"id":"a","offerId":"x","status":"{own}"}}"#));
        let known = known.about(Fact::Status);
        assert_eq!(known, Facts::from([Status::Active, Status::Suspended]), "{own}");
    }
}

/// A default names the service of an offer that is not known, and never one of two that are.
#[test]
fn a_default_decides_no_contradiction_about_the_service() {
    let context = Context::new().with_defaults(Service::License.into());
    let usage = r#""unitType":"Usage-based","billingType":"license""#;
    let product = r#""productType":{"id":"OnlineServicesNCE"}"#;
    for (fields, service) in [
        (r#""offerId":"x""#.to_owned(), Some(Service::License)),
        (format!(r#""offerId":"x",{usage}"#), None),
        (format!(r#""offerId":"DZH318Z0BQ36:004G",{product}"#), None),
    ] {
        let known = facts(&context, &format!(r#"{{"id":"a",{fields}}}"#));
        assert_eq!(known.known(), service, "{fields}");
    }
}

#[test]
fn only_a_record_without_an_owner_was_bought_directly() {
    let context = Context::new().with_partner_tenant("t0");
    let owner = |owner: &str| {
        let json = format!(
            r#"{{"id":"a","status":"Enabled","skuPartNumber":"E3","ownerTenantId":{owner}}}"#
        );
        facts(&context, &json).known::<Channel>()
    };
    assert_eq!(owner("null"), Some(Channel::Direct));
    assert_eq!(owner("\"T0\""), Some(Channel::ThisPartner));
    for odd in [r#"{"id":"t1"}"#, r#""@{id=t1}""#, "7", r#"["t1"]"#, r#""-""#] {
        assert_eq!(owner(odd), None, "{odd}");
    }
    // An object with only a few selected properties.
    let selected = r#"{"Id":"a","Status":"Enabled","OwnerTenantId":null,"SkuPartNumber":null,"NextLifecycleDateTime":null}"#;
    assert_eq!(facts(&context, selected).known::<Channel>(), None);
}

#[test]
fn fields_count_in_any_case() {
    let mut context = Context::new();
    context
        .add_eligibility(record(r#"{"id":"a","ISELIGIBLE":false,"reason":"nope"}"#))
        .expect("one");
    let known = facts(&context, r#"{"OFFERID":"MS-AZR-0145P","ID":"a","STATUS":"deleted"}"#);
    assert_eq!(known.known(), Some(Transfer::Ineligible));
    assert_eq!(known.known(), Some(Status::Deleted));
}

#[test]
fn what_nobody_can_read_is_not_overruled_by_what_holds_for_all() {
    let defaults = Facts::from(Channel::OtherCspPartner).with(Status::Active).with(Transfer::None);
    let context = Context::new().with_defaults(defaults);
    for (json, fact) in [
        (r#"{"id":"a","offerId":"x","channel":"EA"}"#, Fact::Channel),
        (r#"{"id":"a","offerId":"x","status":"Cancelled"}"#, Fact::Status),
        (r#"{"id":"a","offerId":"x","isEligible":"perhaps"}"#, Fact::Transfer),
    ] {
        let mapping = mapped(&context, json);
        assert!(!mapping.case.subscription.facts().narrowed().contains(fact), "{json}");
        assert_eq!(mapping.notes[0].kind, NoteKind::Undocumented, "{json}");
    }
}

#[test]
fn of_two_rows_for_a_partner_either_counts() {
    let mut context = Context::new();
    for row in records("tenant,channel\nt1,other_csp_partner\nt1,former_csp_partner\n") {
        context.add_partner(&row).expect("a row");
    }
    let known = facts(&context, r#"{"id":"a","status":"Enabled","ownerTenantId":"t1"}"#);
    assert_eq!(known, known.with([Channel::OtherCspPartner, Channel::FormerCspPartner]));
    assert_eq!(known.possible::<Channel>().len(), 2);
}

#[test]
fn a_list_of_tenants_needs_no_header() {
    let rows =
        records("99999999-0000-4000-8000-000000000001\n99999999-0000-4000-8000-000000000002\n");
    assert_eq!(rows.iter().map(Record::id).collect::<Vec<_>>().len(), 2);
}

#[test]
fn in_use_past_its_next_date_it_is_not_said_to_have_ended() {
    let context = Context::new().with_defaults(AtTermEnd::End.into());
    let mapping = mapped(
        &context,
        r#"{"id":"a","status":"Enabled","skuPartNumber":"X","nextLifecycleDateTime":"2026-01-01T00:00:00Z"}"#,
    );
    assert_eq!(mapping.notes[0].kind, NoteKind::OlderThanRenewal);
    let at = parse_instant("2026-08-12").expect("a day");
    assert_eq!(mapping.case.subscription.facts_at(at).known::<TermPhase>(), None);
}

/// The last day of a term belongs to the term.
#[test]
fn on_the_last_day_a_renewal_is_still_to_come() {
    let json = r#"{"id":"a","offerId":"195416C1-3447-423A-B37B-EE59A99A19C4","billingType":"license","status":"suspended","autoRenewEnabled":true,"commitmentEndDate":"2026-08-12"}"#;
    for (day, expected) in [("2026-08-12", Some(AtTermEnd::Renew)), ("2026-08-13", None)] {
        let at = parse_instant(day).expect("a day");
        let mapping = Context::new().map(&record(json), at).expect("a subscription");
        assert_eq!(mapping.case.subscription.facts().known::<AtTermEnd>(), expected, "{day}");
    }
}

#[test]
fn no_value_costs_its_record() {
    for (json, id) in [
        (r#"{"id":"a","offerId":"x","quantity":1e400}"#, "a"),
        (r#"{"id":"a","offerId":"x","friendlyName":"x\ud83d"}"#, "a"),
        (r#"{"id":"a","offerId":"x","items":[]}"#, "a"),
    ] {
        assert_eq!(records(json).iter().map(Record::id).collect::<Vec<_>>(), [id], "{json}");
    }
}

#[test]
fn columns_of_dates_complete_each_other() {
    let context = Context::new();
    let at = parse_instant("2026-08-12").expect("a day");
    for header in [
        "purchase date,end date",
        "start date,ends on",
        "start date,end date",
        "purchased at,ends on",
    ] {
        let csv = format!(
            "id,service,status,{header}\ns1,new_commerce_license,active,2026-08-10,2027-08-09\n"
        );
        let [row] = &records(&csv)[..] else { panic!("{csv}") };
        let term = context.map(row, at).expect("a case").case.subscription.term().expect(header);
        assert_eq!(term.ends_on().to_string(), "2027-08-09", "{header}");
    }
}
