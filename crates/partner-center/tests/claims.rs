//! Regression tests: no fact is derived that the record does not support, and no negative answer is
//! lost.

use csp_multichannel::{
    AtTermEnd, Channel, Cloud, Customer, Fact, Facts, Region, Relationship, Service, Status,
    TermPhase, Transfer, parse_instant,
};
use csp_partner_center::{
    Context, Item, Mapping, NoteKind, Origin, Reader, Record, ResourceKind, UnknownReason,
};

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

/// What people add to the fields of an API counts as what the API returned.
#[test]
fn an_object_states_facts_beside_its_fields() {
    let defaults = Facts::from(Region::Same).with(Cloud::Public).with(Transfer::None);
    let context = Context::new().with_defaults(defaults);
    for offer in
        [r#""offerId":"x""#, r#""OfferId":"x""#, r#""status":"Enabled","skuPartNumber":"X""#]
    {
        let json = format!(
            r#"{{"id":"a",{offer},"region":"other","Transfer":"ineligible","CLOUD":["china","germany"],
                "service":"New commerce license","customer":"Contoso",
                "term":{{"purchased_at":"2026-01-01T00:00:00Z","ends_on":"2026-12-31"}}}}"#
        );
        let record = record(&json);
        assert_eq!(record.customer.as_deref(), Some("Contoso"), "{json}");
        let mapping = mapped(&context, &json);
        let known = mapping.case.subscription;
        let expected = Facts::from(Region::Other)
            .with(Transfer::Ineligible)
            .with([Cloud::China, Cloud::Germany])
            .with(Service::NewCommerceLicense);
        assert_eq!(known.facts().without(Fact::Status), expected, "{json}");
        assert_eq!(mapping.origins[Fact::Region], Origin::Record);
        let term = known.term().expect("dates");
        assert_eq!(term.ends_on().to_string(), "2026-12-31");
        assert!(term.purchased_at().is_some());
    }
    // Neither an object nor nothing is a word of a fact.
    let json =
        r#"{"id":"a","offerId":"x","customer":{"id":"c"},"region":null,"cloud":" ","term":"P1Y"}"#;
    let mapping = mapped(&context, json);
    assert_eq!(mapping.case.subscription.facts(), defaults);
    assert_eq!(mapping.notes, []);
}

#[test]
fn words_that_no_fact_has_are_not_replaced_by_what_holds_for_all() {
    let defaults = Facts::from(Channel::OtherCspPartner)
        .with(Service::License)
        .with(Region::Same)
        .with(Cloud::Public)
        .with(TermPhase::Ended);
    let context = Context::new().with_defaults(defaults);
    let as_of = parse_instant("2026-08-12").expect("a day");
    let json = r#"{"id":"a","offerName":"Mail","service":7,"channel":"EA","region":["EMEA"],"cloud":"Azure China",
        "term":{"ends_on":"soon"}}"#;
    let csv = "id,Name,Service,Bought from,Region,Cloud,End date\na,Mail,x,EA,EMEA,Azure China,3/4/2026\n";
    let rows = records(csv);
    for record in [record(json), rows[0].clone()] {
        let mapping = context.map(&record, as_of).expect("a subscription");
        let known = mapping.case.subscription.facts();
        let kept = known.without(Fact::TermPhase);
        assert_eq!(kept, Facts::UNKNOWN, "{record:?}");
        let unknown = [Fact::Service, Fact::Channel, Fact::Region, Fact::Cloud];
        for fact in unknown {
            assert_eq!(mapping.origins[fact], Origin::Unknown(UnknownReason::UnknownValue));
        }
        assert!(mapping.notes.len() >= unknown.len(), "{:?}", mapping.notes);
    }
    assert_eq!(facts(&context, json).known::<TermPhase>(), None);
    // In the table of facts it is the same, also for the tenant of a partner.
    let mut with_table = context.clone();
    with_table.add_facts(rows[0].clone()).expect("a row");
    let known = facts(&with_table, r#"{"id":"a","offerName":"Mail"}"#);
    assert_eq!(known.without(Fact::TermPhase), Facts::UNKNOWN);
    let mut with_partner = context;
    for partner in records("tenant,Bought from\nt1,other_csp_partner\nt1,EA\n") {
        with_partner.add_partner(&partner).expect("a row");
    }
    let owned = r#"{"id":"a","status":"Enabled","ownerTenantId":"t1"}"#;
    assert_eq!(facts(&with_partner, owned).known::<Channel>(), None);
}

#[test]
fn names_of_fields_are_in_any_case_and_only_once() {
    let context = Context::new().with_defaults(Facts::from(Status::Active).with(Transfer::None));
    for json in [
        r#"{"id":"a","offerId":"MS-AZR-0145P","STATUS":"deleted","ISELIGIBLE":false}"#,
        r#"{"ID":"a","OFFERID":"MS-AZR-0145P","Status":"deleted","isEligible":false}"#,
    ] {
        let known = facts(&context, json);
        assert_eq!(known.known(), Some(Status::Deleted), "{json}");
        assert_eq!(known.known(), Some(Transfer::Ineligible), "{json}");
    }
    for (fields, name) in [
        (r#""isEligible":true,"iseligible":false"#, "isEligible"),
        (r#""Region":"same","region":"other""#, "region"),
        (r#""cloud":"x","cloud":"public""#, "cloud"),
        (r#""customer":"Contoso","customer":"end_customer""#, "customer"),
        (r#""term":{"ends_on":"2027-01-01"},"term":{}"#, "term"),
    ] {
        let json = format!(r#"{{"id":"a","offerId":"x",{fields}}}"#);
        let error = Record::from_json(&json).expect_err(&json).to_string();
        assert!(error.starts_with(&format!("duplicate field `{name}`")), "{error}");
    }
}

/// An invalid value costs itself, not the record.
#[test]
fn a_value_that_is_not_valid_becomes_a_note() {
    let context = Context::new();
    for unused in [r#""x":"\ud83d""#, r#""x":1e400"#, r#""refundOptions":{"id":"a","Id":"b"}"#] {
        let json = format!(r#"{{"id":"a","offerName":"Mail","isEligible":false,{unused}}}"#);
        let mapping = mapped(&context, &json);
        assert_eq!(mapping.case.subscription.facts().known(), Some(Transfer::Ineligible));
        assert_eq!(mapping.notes, [], "{json}");
    }
    let context = Context::new().with_defaults(Status::Active.into());
    let mapping = mapped(&context, r#"{"id":"a","offerName":"\ud83d","status":1e400}"#);
    assert_eq!(mapping.case.subscription.facts().known::<Status>(), None);
    let notes: Vec<String> = mapping.notes.iter().map(ToString::to_string).collect();
    let undocumented = "the value is not documented, so no fact is derived from it";
    assert!(notes.contains(&format!("`status` `1e400`: {undocumented}")), "{notes:?}");
}

#[test]
fn of_two_negative_answers_the_one_without_a_way_out_counts() {
    let pending = "subscription is already part of another transfer request id : 1";
    for order in [[pending, "a trial"], ["a trial", pending]] {
        let mut context = Context::new();
        for reason in order {
            let answer = format!(r#"{{"id":"a","isEligible":false,"reason":"{reason}"}}"#);
            context.add_eligibility(record(&answer)).expect("an eligibility");
        }
        let known = facts(&context, r#"{"id":"a","offerId":"x"}"#);
        assert_eq!(known.known(), Some(Transfer::Ineligible), "{order:?}");
    }
    // Nor does a later positive answer replace a negative statement.
    let mut context = Context::new();
    context.add_eligibility(record(r#"{"id":"a","isEligible":true}"#)).expect("an eligibility");
    let known = facts(&context, r#"{"id":"a","offerId":"x","transfer":"ineligible"}"#);
    assert_eq!(known.known(), Some(Transfer::Ineligible));
    let known = facts(&context, r#"{"id":"a","offerId":"x","transfer":"none"}"#);
    assert_eq!(known.known(), Some(Transfer::None));
}

/// A date that may be any day is not replaced by another derivation.
#[test]
fn dates_that_cannot_be_read_leave_the_phase_open() {
    const LICENSE: &str = r#""offerId":"CFQ7TTC0LH18:0001:X","billingType":"license","status":"active",
        "autoRenewEnabled":true,"termDuration":"P1Y""#;
    let either = Facts::from([TermPhase::Cancellable, TermPhase::Committed]);
    let at = parse_instant("2026-08-12").expect("a day");
    let context = Context::new().with_defaults(TermPhase::Ended.into());
    for (dates, expected) in [
        // In the window, and after it.
        (r#""effectiveStartDate":"2026-08-10","commitmentEndDate":"2027-08-09""#, "cancellable"),
        (r#""effectiveStartDate":"2026-06-10","commitmentEndDate":"2027-06-09""#, "committed"),
        (
            r#""creationDate":"2026-06-10","effectiveStartDate":"8/11/2026","commitmentEndDate":"2027-06-09""#,
            "",
        ),
        (
            r#""creationDate":"8/11/2026","effectiveStartDate":"2026-06-10","commitmentEndDate":"2027-06-09""#,
            "",
        ),
        (
            r#""effectiveStartDate":"2026-08-10","commitmentEndDate":"2027-08-09","cancellationAllowedUntilDate":"8/11/2026""#,
            "",
        ),
        // The exact end counts.
        (
            r#""effectiveStartDate":"2026-06-10","commitmentEndDate":"6/9/2027","commitmentEndDateTime":"2027-06-10T00:00:00Z""#,
            "committed",
        ),
    ] {
        let mapping = mapped(&context, &format!(r#"{{"id":"a",{LICENSE},{dates}}}"#));
        let known = mapping.case.subscription.facts_at(at).about(Fact::TermPhase);
        let expected = expected.parse().map_or(either, |phase: TermPhase| phase.into());
        assert_eq!(known, expected, "{dates}");
    }
    let mapping =
        mapped(&context, &format!(r#"{{"id":"a",{LICENSE},"commitmentEndDate":"8/11/2026"}}"#));
    let origin = mapping.origins[Fact::TermPhase];
    assert_eq!(origin, Origin::Unknown(UnknownReason::UnknownValue));
    assert_eq!(mapping.case.subscription.facts().known::<TermPhase>(), None);
    // Whether the day counts depends on the service.
    let either_license = r#"{"id":"a","offerName":"Mail","service":["license","new_commerce_license"],"termDuration":"P1Y",
        "channel":"other_csp_partner",
        "effectiveStartDate":"2026-08-10","commitmentEndDate":"2027-08-09","cancellationAllowedUntilDate":"2026-08-11"}"#;
    let known = |json: &str| mapped(&Context::new(), json).case.subscription.facts_at(at);
    assert_eq!(known(either_license).about(Fact::TermPhase), either);
    // Without it, both can be cancelled two days after the purchase.
    let undated = either_license.replace(r#","cancellationAllowedUntilDate":"2026-08-11""#, "");
    assert_eq!(known(&undated).known(), Some(TermPhase::Cancellable));
}

#[test]
fn a_state_is_one_of_a_subscription_or_of_a_country() {
    let context = Context::new().with_defaults(Status::Active.into());
    for (word, expected) in [
        ("Suspended", Some(Status::Suspended)),
        ("LockedOut", None),
        ("Washington", Some(Status::Active)),
    ] {
        for record in [
            record(&format!(r#"{{"id":"a","offerName":"Mail","state":"{word}"}}"#)),
            records(&format!("Subscription ID,Product,State\na,Mail,{word}\n")).remove(0),
        ] {
            let as_of = parse_instant("2026-08-12").expect("a day");
            let mapping = context.map(&record, as_of).expect("a subscription");
            assert_eq!(mapping.case.subscription.facts().known(), expected, "{word}");
        }
    }
}

/// Another source of the same subscription does not end a doubt; only a stated fact does.
#[test]
fn a_contradiction_stays_one_beside_a_row() {
    let records_of = |csv: &str| records(csv).remove(0);
    let defaults = Facts::from(Service::AzurePlan).with(TermPhase::Committed).with(AtTermEnd::End);
    for (json, fact) in [
        (
            r#"{"id":"a","offerId":"195416C1-3447-423A-B37B-EE59A99A19C4","billingType":"usage","unitType":"Licenses"}"#,
            Fact::Service,
        ),
        (
            r#"{"id":"a","status":"Enabled","skuPartNumber":"X","nextLifecycleDateTime":"2026-05-01T00:00:00Z",
                "service":"new_commerce_license"}"#,
            Fact::TermPhase,
        ),
        (
            r#"{"id":"a","service":"license","offerName":"x","status":"suspended","autoRenewEnabled":true,
                "commitmentEndDate":"2026-08-01"}"#,
            Fact::AtTermEnd,
        ),
    ] {
        for row in ["id,Customer ID\na,c1\n", "id,Name\na,x\n", "id,Offer ID\na,MS-AZR-0017G\n"] {
            let mut context = Context::new().with_defaults(defaults);
            context.add_facts(records_of(row)).expect("a row");
            let mapping = mapped(&context, json);
            let known = mapping.case.subscription.facts();
            assert!(!known.narrowed().contains(fact), "{json} {row}: {known}");
            let origin = mapping.origins[fact];
            assert_eq!(origin, Origin::Unknown(UnknownReason::Contradiction), "{json} {row}");
        }
        let mut context = Context::new().with_defaults(defaults);
        let row = format!("id,{fact}\na,{}\n", fact.words()[0]);
        context.add_facts(records_of(&row)).expect("a row");
        assert!(facts(&context, json).narrowed().contains(fact), "{row}");
        // Nor does a field of a row settle it, and nothing is noted twice.
        let mut context = Context::new();
        let fields =
            "id,Offer ID,Billing type,End date,Auto renew\na,MS-AZR-0017G,usage,2027-01-01,yes\n";
        context.add_facts(records_of(fields)).expect("a row");
        let mapping = mapped(&context, json);
        let has_dates = mapping.case.subscription.term().is_some();
        assert_eq!(has_dates, fact == Fact::AtTermEnd, "{json}");
        let about = |note: &&csp_partner_center::Note| note.field.as_deref() == Some(fact.as_str());
        assert!(mapping.notes.iter().filter(about).count() <= 1, "{:?}", mapping.notes);
    }
}

/// A record of a customer, or an eligibility, states facts as well.
#[test]
fn customers_and_eligibilities_state_facts() {
    let subscription = r#"{"id":"a","offerId":"MS-AZR-0145P","customerId":"c1"}"#;
    let defaults = Facts::from(Region::Same).with(Transfer::None);
    for customer in [
        records("Customer ID,Relationship to partner,Region\nc1,reseller,other\n").remove(0),
        record(r#"{"id":"c1","relationshipToPartner":"reseller","region":"other"}"#),
    ] {
        let mut context = Context::new().with_defaults(defaults);
        context.add_customer(customer).expect("a customer");
        assert_eq!(facts(&context, subscription).known(), Some(Region::Other));
    }
    for answer in [
        records("id,isEligible,Region\na,false,other\n").remove(0),
        record(r#"{"id":"a","isEligible":false,"region":"other"}"#),
    ] {
        let mut context = Context::new().with_defaults(defaults);
        context.add_eligibility(answer).expect("an eligibility");
        let known = facts(&context, subscription);
        assert_eq!(known.known(), Some(Region::Other));
        assert_eq!(known.known(), Some(Transfer::Ineligible));
    }
    let mut context = Context::new().with_defaults(defaults);
    context
        .add_customer(record(r#"{"id":"c1","companyProfile":{},"region":"EMEA"}"#))
        .expect("one");
    let mapping = mapped(&context, subscription);
    assert_eq!(mapping.case.subscription.facts().known::<Region>(), None);
    assert_eq!(
        mapping.notes[0].to_string(),
        "`region` `EMEA`: the value is not documented, so no fact is derived from it"
    );
}

/// Dates that a record states count; those of its fields complete them, or are noted.
#[test]
fn stated_dates_are_not_overruled() {
    const LICENSE: &str = r#""id":"a","offerId":"CFQ7TTC0LH18:0001:X","billingType":"license","autoRenewEnabled":true"#;
    const TERM: &str = r#""term":{"purchased_at":"2026-08-10T00:00:00Z","ends_on":"2027-08-09"}"#;
    for (json, ends_on, has_purchase, kinds) in [
        (
            format!(r#"{{{LICENSE},"commitmentEndDate":"2026-09-01",{TERM}}}"#),
            "2027-08-09",
            true,
            &[NoteKind::Differs] as &[_],
        ),
        (
            r#"{"id":"a","status":"Enabled","skuPartNumber":"X","nextLifecycleDateTime":"2027-05-01T00:00:00Z",
                "term":{"ends_on":"2026-12-31"}}"#
                .into(),
            "2026-12-31",
            false,
            &[NoteKind::Differs],
        ),
        (
            format!(
                r#"{{{LICENSE},"termDuration":"P1Y","effectiveStartDate":"2026-06-10","commitmentEndDate":"2027-06-09",
                    "term":{{"ends_on":"2027-06-09"}}}}"#
            ),
            "2027-06-09",
            true,
            &[],
        ),
        (format!(r#"{{{LICENSE},"commitmentEndDate":"2027-08-09",{TERM}}}"#), "2027-08-09", true, &[]),
    ] {
        let mapping = mapped(&Context::new(), &json);
        let term = mapping.case.subscription.term().expect(&json);
        assert_eq!(term.ends_on().to_string(), ends_on, "{json}");
        assert_eq!(term.purchased_at().is_some(), has_purchase, "{json}");
        let found: Vec<NoteKind> = mapping.notes.iter().map(|note| note.kind).collect();
        assert_eq!(found, kinds, "{json}");
    }
    // A purchase completes an end and a window.
    let windowed = format!(
        r#"{{{LICENSE},"termDuration":"P1Y","effectiveStartDate":"2026-06-10","commitmentEndDate":"2027-06-09",
            "cancellationAllowedUntilDate":"never","term":{{"ends_on":"2027-06-09","cancellable_until":null}}}}"#
    );
    let mapping = mapped(&Context::new(), &windowed);
    assert!(mapping.case.subscription.term().is_some_and(|term| term.purchased_at().is_some()));
    assert_eq!(mapping.notes, []);
    let both = format!(r#"{{{LICENSE},"term_phase":"committed",{TERM}}}"#);
    let error = Record::from_json(&both).expect_err("both").to_string();
    assert!(error.starts_with("both `term` and `term_phase`, expected one of them"), "{error}");
}

/// What can't be read may be a no.
#[test]
fn states_and_answers_that_cannot_be_read_are_not_outvoted() {
    let context = Context::new().with_defaults(Facts::from(Status::Active).with(Transfer::None));
    let known =
        facts(&context, r#"{"id":"a","offerId":"x","status":"Cancelled","state":"Enabled"}"#);
    assert_eq!(known.known::<Status>(), None);
    let known = facts(&context, r#"{"id":"a","offerName":"Mail","state":1}"#);
    assert_eq!(known.known(), Some(Status::Active), "a number has no meaning");
    let azure =
        r#"{"id":"/subscriptions/s1","subscriptionId":"s1","state":"Enabled","status":"deleted"}"#;
    assert_eq!(facts(&context, azure).possible::<Status>().len(), 2);
    let known =
        facts(&context, r#"{"id":"a","offerId":"x","transfer":"not eligible","isEligible":true}"#);
    assert_eq!(known.known::<Transfer>(), None);
    for answers in [["perhaps", "true"], ["true", "perhaps"]] {
        let mut context = context.clone();
        for answer in answers {
            let json = format!(r#"{{"id":"a","isEligible":"{answer}"}}"#);
            context.add_eligibility(record(&json)).expect("an eligibility");
        }
        assert_eq!(facts(&context, r#"{"id":"a","offerId":"x"}"#).known::<Transfer>(), None);
    }
    let pending = r#"{"id":"a","offerId":"x","transfer":"ineligible","isEligible":false,
        "reason":"subscription is already part of another transfer request id : 1"}"#;
    assert_eq!(facts(&context, pending).known(), Some(Transfer::Ineligible));
}

/// Other interfaces have fields of the same names, with something else in them.
#[test]
fn fields_with_the_name_of_a_fact_can_be_something_else() {
    let context = Context::new().with_defaults(TermPhase::Committed.into());
    let mapping = mapped(
        &context,
        r#"{"id":"a","offerId":"offer1","term":{"startDate":"2026-03-01","endDate":"2027-02-28","termUnit":"P1Y"},
            "customer":10045}"#,
    );
    assert_eq!(mapping.notes, []);
    assert_eq!(mapping.case.subscription.facts().known(), Some(TermPhase::Committed));
    assert_eq!(mapping.customer.as_deref(), Some("10045"));
    let long = format!(r#"{{"id":"a","offerId":"x","region":"{}"}}"#, "x".repeat(5000));
    let value = mapped(&context, &long).notes[0].value.clone().expect("a value");
    assert_eq!(value.chars().count(), 201);
}

/// Whoever says that no transfer is possible, it is not; and what rules it out counts before what makes it wait.
#[test]
fn a_no_counts_whoever_gives_it() {
    let subscription = r#"{"id":"a","offerName":"x","customerId":"c1"}"#;
    let defaults = Transfer::None.into();
    let yes = r#"{"id":"a","isEligible":true}"#;
    for (json, answers, rows) in [
        (
            subscription,
            &[r#"{"id":"a","isEligible":true,"transfer":"ineligible"}"#] as &[_],
            &[] as &[&str],
        ),
        (subscription, &[yes], &["id,transfer\na,ineligible\n"]),
        (subscription, &[], &["id,transfer\na,pending\n", "id,transfer\na,ineligible\n"]),
        (
            r#"{"id":"a","offerName":"x","transfer":"none"}"#,
            &[yes],
            &["id,transfer\na,ineligible\n"],
        ),
    ] {
        let mut context = Context::new().with_defaults(defaults);
        for answer in answers {
            context.add_eligibility(record(answer)).expect("an eligibility");
        }
        for row in rows {
            context.add_facts(records(row).remove(0)).expect("a row");
        }
        assert_eq!(
            facts(&context, json).known(),
            Some(Transfer::Ineligible),
            "{answers:?} {rows:?}"
        );
    }
}

/// What customers and eligibilities state fills in what fields leave open, and either of two counts.
#[test]
fn customers_state_less_than_fields() {
    let map = |customers: &[&str], json: &str| {
        let mut context = Context::new();
        for customer in customers {
            context.add_customer(record(customer)).expect("a customer");
        }
        mapped(&context, json).case.subscription.facts()
    };
    let license =
        r#"{"id":"a","offerId":"CFQ7TTC0LH18:0001:X","billingType":"license","customerId":"c1"}"#;
    let known = map(&[r#"{"id":"c1","companyProfile":{},"service":"azure_plan"}"#], license);
    assert_eq!(known.known(), Some(Service::NewCommerceLicense));
    let same = r#"{"id":"c1","companyProfile":{},"region":"same"}"#;
    let other = r#"{"id":"c1","companyProfile":{},"region":"other"}"#;
    for customers in [[same, other], [other, same]] {
        assert_eq!(map(&customers, license).known::<Region>(), None);
    }
    assert_eq!(map(&[same, same], license).known(), Some(Region::Same));
}

#[test]
fn each_value_that_contradicts_is_noted() {
    let notes = |json: &str, customers: &[&str]| -> Vec<String> {
        let mut context = Context::new();
        for customer in customers {
            context.add_customer(record(customer)).expect("a customer");
        }
        let notes = mapped(&context, json).notes;
        let of = notes.iter().filter(|note| note.kind == NoteKind::Contradiction);
        of.filter_map(|note| note.value.clone()).collect()
    };
    let region = |word: &str| format!(r#"{{"id":"c1","companyProfile":{{}},"region":"{word}"}}"#);
    let of = r#"{"id":"a","offerId":"x","customerId":"c1"}"#;
    assert_eq!(notes(of, &[&region("same"), &region("same")]), [""; 0]);
    assert_eq!(notes(of, &[&region("same"), &region("other")]), ["same, other"]);
    let two = r#"{"id":"/subscriptions/s","subscriptionId":"s","cloudName":"AzureChinaCloud","offerId":"MS-AZR-DE-0003P"}"#;
    assert_eq!(notes(two, &[]), ["germany, china"]);
    let mut context = Context::new();
    context.add_facts(records("id,Offer ID\ns,MS-AZR-0145P\n").remove(0)).expect("a row");
    let values = mapped(&context, two).notes.into_iter().filter_map(|note| note.value);
    assert_eq!(values.collect::<Vec<_>>(), ["germany, china", "public, germany, china"]);
}

/// A status is read wherever it stands.
#[test]
fn a_status_is_not_passed_over() {
    let context = Context::new().with_defaults(Status::Active.into());
    let status = |json: &str| facts(&context, json).known::<Status>();
    let azure = r#""id":"/subscriptions/s1","subscriptionId":"s1""#;
    assert_eq!(status(&format!(r#"{{{azure},"status":"Cancelled"}}"#)), None);
    assert_eq!(status(&format!(r#"{{{azure},"status":"Cancelled","state":"Enabled"}}"#)), None);
    assert_eq!(
        status(r#"{"id":"a","skuPartNumber":"X","status":"Enabled","state":"Deleted"}"#),
        None
    );
    let reason = r#""isEligible":false,"reason":"Subscription: a is in state: Active""#;
    assert_eq!(
        status(&format!(r#"{{"id":"a","offerId":"x","status":"Cancelled",{reason}}}"#)),
        None
    );
    let mut with_answer = context.clone();
    let answer = r#"{"id":"a","isEligible":true,"status":"deleted"}"#;
    with_answer.add_eligibility(record(answer)).expect("an eligibility");
    let known = facts(&with_answer, r#"{"id":"a","offerName":"x"}"#);
    assert_eq!(known.known(), Some(Status::Deleted));
    // In a table and in an object alike.
    let as_of = parse_instant("2026-08-12").expect("a day");
    let row = records("Subscription ID,Product,Status,State\na,Mail,Active,Deleted\nb,Mail,,1\n");
    let known = |row: &Record| context.map(row, as_of).expect("one").case.subscription.facts();
    assert_eq!(known(&row[0]).possible::<Status>().len(), 2);
    assert_eq!(known(&row[1]).known(), Some(Status::Active), "a number has no meaning");
}

#[test]
fn names_of_customers_and_words_of_the_fact() {
    let defaults = Facts::from(Customer::EndCustomer).with(Relationship::Active);
    let context = Context::new().with_defaults(defaults);
    for customer in [r#"["csp_tenant","Contoso"]"#, r#"["csp_tenant",5]"#, "[]", "true"] {
        let json = format!(r#"{{"id":"a","offerId":"x","customer":{customer}}}"#);
        assert_eq!(facts(&context, &json).known::<Customer>(), None, "{json}");
    }
    let none = r#"{"id":"a","offerId":"x","relationshipToPartner":"none"}"#;
    assert!(!facts(&context, none).possible::<Relationship>().contains(Relationship::Active));
    let rows = records("Subscription ID,Offer ID,Relationship to partner\na,x,reseller\n");
    assert_eq!(rows[0].kind, ResourceKind::Case, "the relationship is a column of a subscription");
    let named = r#"{"id":"a","offerName":"x","relationshipToPartner":"none"}"#;
    assert_eq!(record(named).kind, ResourceKind::Subscription);
    let customer =
        r#"{"id":"c","companyProfile":{},"offerName":"x","relationshipToPartner":"none"}"#;
    assert_eq!(record(customer).kind, ResourceKind::Customer);
    let facts_and_answer = records("id,isEligible,channel\na,true,open\n");
    assert_eq!(facts_and_answer[0].kind, ResourceKind::Case);
    let mut context = Context::new();
    let companies = records("Customer ID,Company,Relationship to partner\nc1,Contoso,reseller\n");
    context.add_customer(companies[0].clone()).expect("a customer");
    let mapping = mapped(&context, r#"{"id":"a","offerId":"x","customerId":"c1"}"#);
    assert_eq!(mapping.customer.as_deref(), Some("Contoso"));
    for rows in ["t1,former_csp_partner\nt1,", "t1,\nt1,former_csp_partner"] {
        let mut context = Context::new();
        for partner in records(&format!("tenant,channel\n{rows}\n")) {
            context.add_partner(&partner).expect("a row");
        }
        let known = facts(&context, r#"{"id":"a","status":"Enabled","ownerTenantId":"t1"}"#);
        assert_eq!(known.known(), Some(Channel::FormerCspPartner), "{rows}");
    }
    let typo = r#"{"id":"a","status":"Expired","region":"same","chanel":"open"}"#;
    assert!(Record::from_json(typo).is_err(), "a name that no case has");
}
