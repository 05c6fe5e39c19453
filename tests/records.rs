//! Bad input: each kind that the policy's `facts.md` names is refused, with the field, what it holds and what it may hold.

#![cfg(all(feature = "std", feature = "serde"))]

use csp_multichannel::*;

/// Reads a line as a case.
#[track_caller]
fn read(json: &str) -> Result<Case, Refused<serde_json::Error>> {
    Case::read(&mut serde_json::Deserializer::from_str(json))
}

/// Asserts what is said of a record with these fields, besides an id.
#[track_caller]
fn refused(fields: &str, error: &str) -> RecordError {
    // The id is told wherever it stands.
    let before = read(&format!(r#"{{"id":"c-1",{fields}}}"#)).expect_err("refused");
    let after = read(&format!(r#"{{{fields},"id":"c-1"}}"#)).expect_err("refused");
    assert_eq!(before.reason.to_string(), error);
    assert_eq!(after.reason.to_string(), error);
    assert_eq!((before.id.as_deref(), after.id.as_deref()), (Some("c-1"), Some("c-1")));
    let through_serde = serde_json::from_str::<Case>(&format!(r#"{{"id":"c-1",{fields}}}"#)).expect_err("refused");
    assert!(through_serde.to_string().starts_with(error), "{through_serde}");
    match before.reason {
        Refusal::Record(error) => error,
        Refusal::Format(error) => panic!("an error of the format: {error}"),
    }
}

const CASE_FIELDS: &str = "`id`, `channel`, `service`, `cloud`, `partner`, `relationship`, `customer`, `market`, \
     `auto_renew`, `status`, `transfer_pending`, `term`";

#[test]
fn everything_but_the_id_may_be_absent_or_null() {
    let bare = Case::new("", Subscription::default(), Engagement::new());
    assert_eq!(read(r#"{"id":""}"#).expect("a case"), bare);
    let nulls = CASE_FIELDS.split(", ").skip(1).map(|field| format!(",\"{}\":null", field.replace('`', "")));
    assert_eq!(read(&format!(r#"{{"id":""{}}}"#, nulls.collect::<String>())).expect("a case"), bare);
}

#[test]
fn a_missing_id() {
    for json in ["{}", r#"{"channel":"open"}"#] {
        let error = read(json).expect_err("refused");
        assert_eq!(error.reason.to_string(), "`id` is missing, expected a string");
        assert_eq!(error.id, None);
        assert!(matches!(error.reason, Refusal::Record(RecordError::MissingField { field: Field::Id })));
    }
}

#[test]
fn an_id_that_is_no_string() {
    for (value, found) in
        [("7", "7"), ("null", "null"), ("[\"c-1\"]", "[…]"), ("{}", "{…}"), ("1.5", "1.5"), ("true", "true")]
    {
        let error = read(&format!(r#"{{"id":{value}}}"#)).expect_err("refused");
        assert_eq!(error.reason.to_string(), format!("`id` is {found}, expected a string"));
        assert_eq!(error.id, None);
    }
}

#[test]
fn an_unknown_field() {
    let error = refused(r#""chanel":"open""#, &format!("a case has no field `chanel`, expected one of {CASE_FIELDS}"));
    assert!(matches!(error, RecordError::UnknownField { record: RecordKind::Case, .. }));
    refused(
        r#""term":{"purchased_at":"2018-01-10T09:00:00Z","ends":"2019-01-09"}"#,
        "a term has no field `ends`, expected one of `purchased_at`, `ends_on`, `cancellable_until`",
    );
}

#[test]
fn a_field_given_twice() {
    let error = refused(r#""channel":"open","channel":"open""#, "`channel` is given twice, expected at most once");
    assert!(matches!(error, RecordError::RepeatedField { field: Field::Channel }));
    refused(r#""market":null,"market":"same""#, "`market` is given twice, expected at most once");
    refused(
        r#""term":{"ends_on":"2019-01-09","ends_on":"2019-01-09","purchased_at":"2018-01-10T09:00:00Z"}"#,
        "`ends_on` is given twice, expected at most once",
    );
    let twice = read(r#"{"id":"first","id":"second"}"#).expect_err("refused");
    assert_eq!(
        (twice.id.as_deref(), twice.reason.to_string().as_str()),
        (Some("first"), "`id` is given twice, expected at most once")
    );
}

#[test]
fn an_unknown_value_or_one_of_the_wrong_type_in_every_field() {
    let words = [
        ("channel", Facts::UNKNOWN.possible(Fact::Channel)),
        ("service", Facts::UNKNOWN.possible(Fact::Service)),
        ("cloud", Facts::UNKNOWN.possible(Fact::Cloud)),
        ("partner", Facts::UNKNOWN.possible(Fact::Partner)),
        ("relationship", Facts::UNKNOWN.possible(Fact::Relationship)),
        ("customer", Facts::UNKNOWN.possible(Fact::Customer)),
        ("market", Facts::UNKNOWN.possible(Fact::Market)),
        ("status", Facts::UNKNOWN.possible(Fact::Status)),
    ];
    for (field, accepted) in words {
        let accepted: Vec<String> = accepted.iter().map(|word| format!("`{word}`")).collect();
        for (value, found) in [
            ("\"Open\"", "\"Open\""),
            ("\"\"", "\"\""),
            ("0", "0"),
            ("-1", "-1"),
            ("true", "true"),
            ("[]", "[…]"),
            ("{\"a\":1}", "{…}"),
        ] {
            let error = refused(
                &format!("\"{field}\":{value}"),
                &format!("`{field}` is {found}, expected one of {}", accepted.join(", ")),
            );
            assert!(matches!(error, RecordError::Value { field: of, .. } if of.as_str() == field));
        }
    }
    for field in ["auto_renew", "transfer_pending"] {
        for (value, found) in [("\"on\"", "\"on\""), ("1", "1"), ("\"true\"", "\"true\"")] {
            refused(&format!("\"{field}\":{value}"), &format!("`{field}` is {found}, expected `true` or `false`"));
        }
    }
    refused(r#""term":"2019-01-09""#, "`term` is \"2019-01-09\", expected an object");
}

#[test]
fn malformed_dates() {
    let day = "a day such as `2018-09-15`";
    let instant = "an RFC 3339 instant such as `2018-09-15T12:30:00Z`";
    for bad in ["\"2019-1-9\"", "\"2019-02-29\"", "\"09.01.2019\"", "\"2019-01-09T00:00:00Z\"", "20190109", "\"\""] {
        refused(
            &format!(r#""term":{{"purchased_at":"2018-01-10T09:00:00Z","ends_on":{bad}}}"#),
            &format!("`ends_on` is {bad}, expected {day}"),
        );
    }
    for bad in ["\"2018-01-10\"", "\"2018-01-10T09:00:00\"", "\"2018-01-10T25:00:00Z\"", "true", "\"now\""] {
        refused(
            &format!(r#""term":{{"purchased_at":{bad},"ends_on":"2019-01-09"}}"#),
            &format!("`purchased_at` is {bad}, expected {instant}"),
        );
        refused(
            &format!(
                r#""term":{{"purchased_at":"2018-01-10T09:00:00Z","ends_on":"2019-01-09","cancellable_until":{bad}}}"#
            ),
            &format!("`cancellable_until` is {bad}, expected {instant}, or `null`"),
        );
    }
}

#[test]
fn a_term_needs_both_of_its_dates() {
    for fields in [r#""ends_on":"2019-01-09""#, r#""ends_on":"2019-01-09","purchased_at":null"#] {
        refused(
            &format!("\"term\":{{{fields}}}"),
            "`purchased_at` is missing, expected an RFC 3339 instant such as `2018-09-15T12:30:00Z`",
        );
    }
    refused(
        r#""term":{"purchased_at":"2018-01-10T09:00:00Z"}"#,
        "`ends_on` is missing, expected a day such as `2018-09-15`",
    );
}

#[test]
fn a_term_that_ends_before_it_begins() {
    // 2018-01-10 in the purchase's own offset is 2018-01-11 in UTC.
    let error = refused(
        r#""term":{"purchased_at":"2018-01-10T23:00:00-02:00","ends_on":"2018-01-10"}"#,
        "`ends_on` 2018-01-10 is before `purchased_at` 2018-01-11T01:00:00Z, expected its UTC day or a later one",
    );
    assert!(matches!(error, RecordError::Term(TermError::EndsBeforePurchase { .. })));
    assert!(read(r#"{"id":"","term":{"purchased_at":"2018-01-10T23:00:00Z","ends_on":"2018-01-10"}}"#).is_ok());
}

#[test]
fn a_term_on_a_usage_based_service() {
    for service in ["azure", "azure_plan"] {
        let term = r#""term":{"purchased_at":"2018-01-10T09:00:00Z","ends_on":"2019-01-09"}"#;
        let message =
            format!("the usage-based service `{service}` has no term, expected none, or a service that has one");
        let error = refused(&format!(r#""service":"{service}",{term}"#), &message);
        assert!(matches!(error, RecordError::UsageHasNoTerm(_)));
        refused(&format!(r#"{term},"service":"{service}""#), &message);
    }
}

#[test]
fn what_is_no_object() {
    for (json, found) in [("[\"c-1\"]", "[…]"), ("7", "7"), ("\"c-1\"", "\"c-1\""), ("null", "null")] {
        assert_eq!(
            read(json).expect_err("refused").reason.to_string(),
            format!("expected a case as an object, found {found}")
        );
    }
}

#[test]
fn what_is_no_json_still_tells_the_id() {
    let cut = read(r#"{"id":"c-9","channel":"op"#).expect_err("refused");
    assert_eq!(cut.id.as_deref(), Some("c-9"));
    assert!(matches!(cut.reason, Refusal::Format(_)));
}

#[test]
fn the_first_thing_wrong_is_told() {
    let error = read(r#"{"cloud":"sky","market":"fish","id":"c-1","status":9}"#).expect_err("refused");
    assert!(error.reason.to_string().starts_with("`cloud` is \"sky\""));
}

#[test]
fn what_is_refused_is_shown_in_part_where_it_is_long() {
    let long = "x".repeat(1_000_000);
    let error = read(&format!(r#"{{"id":"c-1","channel":"{long}"}}"#)).expect_err("refused").reason.to_string();
    assert!(error.starts_with(&format!("`channel` is \"{}…, expected one of", "x".repeat(45))));
}

#[test]
fn what_is_not_refused() {
    for term in [
        // A cancellation instant before the purchase; instants with any offset and fraction.
        r#"{"purchased_at":"2018-01-10T09:00:00Z","ends_on":"2019-01-09","cancellable_until":"2017-01-01T00:00:00Z"}"#,
        r#"{"purchased_at":"2018-01-10T09:00:00.123456789+05:45","ends_on":"2019-01-09","cancellable_until":null}"#,
    ] {
        read(&format!(r#"{{"id":"c-1","term":{term}}}"#)).expect("a case");
    }
    let case =
        read(r#"{"id":"c-1","term":{"purchased_at":"2018-01-10T09:00:00.123456789+05:45","ends_on":"2019-01-09"}}"#);
    let term = case.expect("a case").subscription.term().expect("a term");
    assert_eq!(term.purchased_at().to_rfc3339(), "2018-01-10T03:15:00.123456789+00:00");
}

#[test]
fn contradictory_facts() {
    let over = Facts::UNKNOWN.given(TermPhase::Ended).expect("possible");
    let error = over.given(Set::from([Service::Azure, Service::AzurePlan])).expect_err("contradictory");
    assert_eq!(error.fact(), Fact::Service);
    assert_eq!(error.given(), Set::from([Service::Azure, Service::AzurePlan]).into());
    assert_eq!(
        error.to_string(),
        "contradictory facts: `service` cannot be `azure`, `azure_plan`, expected one of `license`, \
         `new_commerce_license`, `azure_reservation`, `software`, `marketplace`"
    );
    let error =
        Facts::UNKNOWN.given(Cloud::China).and_then(|facts| facts.given(Cloud::Public)).expect_err("contradictory");
    assert_eq!(error.to_string(), "contradictory facts: `cloud` cannot be `public`, expected one of `china`");

    let both: ValueSet = ValueSet::from(Service::Azure).union(TermPhase::Ended.into());
    let error = Facts::UNKNOWN.given(both).expect_err("contradictory");
    assert_eq!(error.to_string(), "contradictory facts: `term` cannot be `ended`, expected one of `none`");
    let both: ValueSet = ValueSet::from(Service::License).union(TermPhase::None.into());
    let error = Facts::UNKNOWN.given(both).expect_err("contradictory");
    assert_eq!(
        error.to_string(),
        "contradictory facts: `term` cannot be `none`, expected one of `cancellable`, `committed`, `ended`"
    );
}

/// A set that comes out empty is no leave to assume anything.
#[test]
fn facts_without_any_value() {
    let error = Facts::UNKNOWN.given(Set::<Channel>::EMPTY).expect_err("contradictory");
    assert!(
        error.to_string().starts_with("contradictory facts: `channel` cannot be nothing, expected one of `direct`, ")
    );
    assert_eq!(Facts::UNKNOWN.given(ValueSet::EMPTY), Ok(Facts::UNKNOWN));
}

#[test]
fn dates_that_are_no_term() {
    let instant = |text| parse_instant(text).expect("an instant");
    let late = chrono::NaiveDate::from_ymd_opt(10_000, 1, 1).expect("a day");
    let error = Term::new(instant("2018-01-10"), late, Cancellation::ByService).expect_err("refused");
    assert_eq!(error, TermError::YearOutOfRange { year: 10_000 });
    assert_eq!(error.to_string(), "year 10000 is out of range, expected 0 to 9999");
}

#[test]
fn rules_that_make_no_rulebook() {
    let day = |text: &str| text.parse().expect("a day");
    let rule = |id: &'static str| Rule::new(id, Effect::Permit, Action::Switch, day("2020-01-01"));
    let error = |rules: Vec<Rule>| Rulebook::new(rules).expect_err("refused").to_string();

    assert_eq!(error(vec![]), "0 rules, expected 1 to 4294967295");
    assert_eq!(
        error(vec![rule("a"), rule("b"), rule("a")]),
        "rules[2].id (`a`): the id `a` is given twice, expected each once"
    );
    assert_eq!(
        error(vec![rule("a").until(day("2020-01-01"))]),
        "rules[0].until (`a`): in force from 2020-01-01 until 2020-01-01, expected a later end"
    );
    let never = "rules[0].when (`a`): the rule never fires, expected a condition that some case can meet";
    assert_eq!(error(vec![rule("a").when(Channel::Open).when(Channel::Direct)]), never);
    assert_eq!(error(vec![rule("a").when(Set::<Channel>::EMPTY)]), never);
    assert_eq!(error(vec![rule("a").when(Service::Azure).when(TermPhase::Ended)]), never);
    let idle = Rule::new("a", Effect::Permit, ActionSet::EMPTY, day("2020-01-01"));
    assert_eq!(error(vec![idle]), "rules[0].actions (`a`): the rule speaks of no action, expected at least one");
    let needs = "rules[0].requirement (`a`): expected a requirement with the effect `require`, and only there";
    assert_eq!(error(vec![rule("a").with_requirement("b")]), needs);
    assert_eq!(error(vec![Rule::new("a", Effect::Require, Action::Switch, day("2020-01-01"))]), needs);

    let many = |count: usize| -> Vec<Rule> {
        (0..count).map(|n| Rule::new(format!("r-{n}"), Effect::Permit, Action::Switch, day("2020-01-01"))).collect()
    };
    assert_eq!(error(many(129)), "129 rules are in force on 2020-01-01, expected at most 128");
    let full = Rulebook::new(many(128)).expect("as many as can be");
    let edition = full.editions().next().expect("one");
    assert_eq!(edition.decide(Facts::UNKNOWN).rules(Action::Switch).len(), 128);
}

/// Likewise a subscription; of two terms the first counts, and that of another none where the service has none.
#[test]
fn subscriptions_fill_each_other_in() {
    let term = |ends_on: &str| {
        let bought = parse_instant("2026-03-01").expect("an instant");
        Term::new(bought, ends_on.parse().expect("a day"), Cancellation::ByService).expect("a term")
    };
    let with = |ends_on: &str| Subscription::default().with_term(term(ends_on)).expect("no service");
    let told = Subscription::new(Service::License).with_channel(Channel::Open).with_status(Status::Active);
    let other = with("2027-02-28").with_channel(Channel::Advisor).with_cloud(Cloud::China);
    assert_eq!(told.or(other), told.with_cloud(Cloud::China).with_term(term("2027-02-28")));
    assert_eq!(with("2027-02-28").or(with("2028-02-28")), Ok(with("2027-02-28")));
    assert_eq!(Subscription::default().or(told), Ok(told));
    let azure = Subscription::new(Service::Azure);
    assert_eq!(azure.or(with("2027-02-28")), Ok(azure));
    assert_eq!(with("2027-02-28").or(azure).map_err(|error| error.service()), Err(Service::Azure));
}

/// What one engagement does not tell, another may; what it tells, it keeps.
#[test]
fn engagements_fill_each_other_in() {
    let told = Engagement::new().with_partner(Partner::DirectBill).with_customer(Customer::EndCustomer);
    let other = Engagement::new().with_partner(Partner::IndirectReseller).with_market(Market::Same);
    let both = Engagement::new()
        .with_partner(Partner::DirectBill)
        .with_customer(Customer::EndCustomer)
        .with_market(Market::Same);
    assert_eq!(told.or(other), both);
    assert_eq!(Engagement::new().or(told), told);
    assert_eq!(told.or(Engagement::new()), told);
    let related = Engagement::new().with_relationship(Relationship::Active);
    assert_eq!(related.or(both), both.with_relationship(Relationship::Active));
}

#[test]
fn the_fields_of_each_record() {
    let fields = |record: RecordKind| format!("{:#}", record.fields());
    assert_eq!(fields(RecordKind::Case), CASE_FIELDS);
    assert_eq!(fields(RecordKind::Engagement), "`partner`, `relationship`, `customer`, `market`");
    assert_eq!(
        fields(RecordKind::Subscription),
        "`channel`, `service`, `cloud`, `auto_renew`, `status`, `transfer_pending`, `term`"
    );
    assert_eq!(fields(RecordKind::Term), "`purchased_at`, `ends_on`, `cancellable_until`");
}

/// A subscription and an engagement alone are records too, and so is a term.
#[test]
fn the_parts_of_a_case_alone() {
    let of_subscription = r#"{"channel":"open","service":"license","cloud":"public","auto_renew":true,"status":"active","transfer_pending":true,"term":{"purchased_at":"2026-03-01T00:00:00Z","ends_on":"2027-02-28"}}"#;
    let of_engagement =
        r#"{"partner":"direct_bill","relationship":"active","customer":"end_customer","market":"same"}"#;
    let subscription: Subscription = serde_json::from_str(of_subscription).expect("a subscription");
    let engagement: Engagement = serde_json::from_str(of_engagement).expect("an engagement");
    assert_eq!(subscription.service(), Some(Service::License));
    assert_eq!(serde_json::to_string(&subscription).expect("JSON"), of_subscription);
    assert_eq!(serde_json::to_string(&engagement).expect("JSON"), of_engagement);
    let whole = format!(
        r#"{{"id":"c-1",{},{}}}"#,
        of_subscription.trim_matches(['{', '}']).replace("02-28\"", "02-28\"}"),
        of_engagement.trim_matches(['{', '}'])
    );
    assert_eq!(read(&whole).expect("a case"), Case::new("c-1", subscription, engagement));

    // Off is told as well, and each has its own fields only.
    let off: Subscription = serde_json::from_str(r#"{"auto_renew":false,"transfer_pending":false}"#).expect("one");
    assert_eq!(off, Subscription::default().with_auto_renew(AutoRenew::Off).with_transfer(Transfer::None));
    assert_eq!(serde_json::to_string(&off).expect("JSON"), r#"{"auto_renew":false,"transfer_pending":false}"#);
    let wrong = serde_json::from_str::<Engagement>(r#"{"channel":"open"}"#).expect_err("refused").to_string();
    assert!(wrong.starts_with("an engagement has no field `channel`, expected one of `partner`, "), "{wrong}");
    let wrong = serde_json::from_str::<Subscription>(r#"{"id":"c-1"}"#).expect_err("refused").to_string();
    assert!(wrong.starts_with("a subscription has no field `id`, expected one of `channel`, "), "{wrong}");
}

/// Formats other than JSON can have names that are no text, and values that JSON has not.
#[test]
fn what_json_cannot_write() {
    use serde::de::value::{Error, MapDeserializer};

    let told = |refused: Refused<Error>| refused.reason.to_string();
    let names = Case::read(MapDeserializer::new([(true, "c-1")].into_iter())).map_err(told);
    assert_eq!(names, Err("invalid type: boolean `true`, expected the name of a field".to_owned()));
    let values = Case::read(MapDeserializer::new([("channel", b"open".as_slice())].into_iter())).map_err(told);
    assert_eq!(values, Err("invalid type: byte array, expected a value".to_owned()));
}
