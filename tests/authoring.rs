//! Rulebooks of one's own, from data: they read back equal, compose, and tell all that is wrong.

#![cfg(all(feature = "std", feature = "serde"))]

use chrono::NaiveDate;
use csp_multichannel::authoring::{LoadError, Overlay, ProblemKind, Segment};
use csp_multichannel::{
    Action, Basis, Channel, Cloud, Effect, Excerpt, Facts, Rule, Rulebook, RulebookError, Service, Set, Verdict,
    parse_instant,
};
use proptest::prelude::*;
use serde_json::{Value, json};

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

fn load(data: &Value) -> Result<Rulebook, RulebookError> {
    Rulebook::read(data).map_err(|error| match error {
        LoadError::Rulebook(error) => error,
        LoadError::Format(error) => panic!("{error}"),
    })
}

fn refused(data: &Value) -> Vec<String> {
    let error = load(data).expect_err("refused");
    assert_eq!(error.to_string().lines().count(), error.problems().len());
    error.to_string().lines().map(Into::into).collect()
}

/// A rule that is in order.
fn rule() -> Value {
    json!({"id": "open-needs-a-letter", "effect": "require", "requirement": "letter_of_release",
        "actions": ["recreate_and_cancel"], "when": {"channel": ["open"]}, "from": "2026-01-01", "reason": "our own"})
}

/// The same with one field otherwise, or without it.
fn with(field: &str, value: Value) -> Value {
    let mut rule = rule();
    rule[field] = value;
    json!({"rules": [rule]})
}

#[test]
fn the_register_reads_back_equal_from_json_and_as_text() {
    let built_in = Rulebook::partner_center();
    let data = serde_json::to_value(built_in).expect("JSON");
    assert_eq!(load(&data).as_ref(), Ok(built_in));
    let text = serde_json::to_string(built_in).expect("JSON");
    assert_eq!(serde_json::from_str::<Rulebook>(&text).expect("a rulebook"), *built_in);
}

#[test]
fn an_overlay_adds_replaces_and_withdraws_from_a_day_on() {
    let document = json!({
        "name": "northwind",
        "base": "partner_center",
        "withdraw": [{"id": "no-resale-to-csp-partner", "from": "2026-02-01"}],
        "rules": [
            rule(),
            {"id": "open-only-public", "effect": "permit", "actions": ["recreate_and_cancel"],
                "when": {"service": ["azure", "azure_plan"], "cloud": ["public"], "channel": ["advisor", "open"]},
                "from": "2026-01-01", "basis": "inferred", "sources": [{"code": "NW", "page": "northwind.pdf"}],
                "reason": "in the public cloud only", "replaces": ["azure-recreate"], "origin": "northwind legal"},
        ],
    });
    let rulebook = load(&document).expect("a rulebook");
    let base = Rulebook::partner_center();
    assert_eq!(rulebook.rules().len(), base.rules().len() + 2);

    // The same by hand.
    let letter = Rule::new("open-needs-a-letter", Effect::Require, Action::RecreateAndCancel, day("2026-01-01"))
        .when(Channel::Open)
        .with_requirement("letter_of_release")
        .with_reason("our own")
        .with_origin("northwind");
    let narrower = Rule::new("open-only-public", Effect::Permit, Action::RecreateAndCancel, day("2026-01-01"))
        .when(Set::from([Service::Azure, Service::AzurePlan]))
        .when(Cloud::Public)
        .when(Set::from([Channel::Advisor, Channel::Open]))
        .with_basis(Basis::Inferred)
        .with_source("NW", "northwind.pdf")
        .with_reason("in the public cloud only")
        .with_origin("northwind legal");
    let overlay = Overlay::new()
        .withdrawing("no-resale-to-csp-partner", day("2026-02-01"))
        .adding(letter)
        .replacing(["azure-recreate"], narrower);
    assert_eq!(overlay.onto(base).as_ref(), Ok(&rulebook));

    // What replaces stands behind what it replaces, and takes over on its first day; what is added stands last.
    let position = |id: &str| rulebook.rules().iter().position(|rule| rule.id() == id).expect("the rule");
    assert_eq!(position("open-only-public"), position("azure-recreate") + 1);
    assert_eq!(position("open-needs-a-letter"), rulebook.rules().len() - 1);
    assert_eq!(rulebook.rules()[position("azure-recreate")].validity().until(), Some(day("2026-01-01")));
    let facts = Facts::UNKNOWN.given(Channel::EnterpriseAgreement).and_then(|facts| facts.given(Service::Azure));
    let facts = facts.and_then(|facts| facts.given(Cloud::Public)).expect("facts");
    let possible = |at: &str| {
        let edition = rulebook.edition_at(parse_instant(at).expect("an instant")).expect("an edition");
        edition.decide(facts).possible(Action::RecreateAndCancel)
    };
    assert!(possible("2025-12-31T23:59:59Z").contains(Verdict::Allowed));
    assert!(!possible("2026-01-01").contains(Verdict::Allowed));

    // Earlier days are answered as before.
    let edition = |rulebook: &Rulebook, at: &str| {
        let edition = rulebook.edition_at(parse_instant(at).expect("an instant")).expect("an edition");
        edition.rules().map(|rule| rule.id().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(edition(&rulebook, "2025-12-31"), edition(base, "2025-12-31"));
    assert!(!edition(&rulebook, "2026-02-01").contains(&"no-resale-to-csp-partner".to_owned()));

    // A decision names whose rule it was.
    let open = Facts::UNKNOWN.given(Channel::Open).and_then(|facts| facts.given(Service::Azure)).expect("facts");
    let open = open.given(Cloud::Public).expect("facts");
    let decided = rulebook.edition_at(parse_instant("2026-01-01").expect("an instant")).expect("one").decide(open);
    assert_eq!(decided.requiring(Action::RecreateAndCancel).len(), 0, "the market is unknown");
    let text = serde_json::to_value(&rulebook).expect("JSON").to_string();
    assert!(text.contains(r#""origin":"northwind legal""#));
    assert_eq!(serde_json::from_str::<Rulebook>(&text).expect("a rulebook"), rulebook);
}

#[test]
fn a_rule_that_is_withdrawn_before_it_begins_is_none() {
    let base = Rulebook::partner_center();
    let first = |id: &str| base.rules().iter().find(|rule| rule.id() == id).expect("the rule").validity().from();
    let without = Overlay::new().withdrawing("azure-recreate", first("azure-recreate")).onto(base).expect("rules");
    assert_eq!(without.rules().len(), base.rules().len() - 1);
    assert_eq!(Overlay::new().onto(base).as_ref(), Ok(base));
}

/// Of several rules that may be meant, the same one is told whenever it is asked: the first of the register.
#[test]
fn of_several_rules_that_may_be_meant_the_first_is_told() {
    let withdrawing = json!({"base": "partner_center", "withdraw": [{"id": "license-nVch", "from": "2026-01-01"}]});
    for _ in 0..32 {
        let told = refused(&withdrawing);
        assert!(told[0].ends_with("; `license-switch` is probably meant"), "{told:?}");
    }
}

#[test]
fn everything_that_is_wrong_is_told_with_its_place_and_what_was_probably_meant() {
    let text = r#"{
        "nam": "x",
        "rules": [
            {"id": "a", "effect": "forbit", "actions": ["switch", "swich", 3], "when": {"chanel": ["open"], "cloud": ["Public"], "market": "same"},
             "from": "2026-13-01", "until": 5, "reason": null, "sources": [{"code": "X"}, "Y"], "basis": "states", "replaces": "b"},
            {"id": "a", "id": "b", "effect": "permit", "actions": [], "from": "2026-01-01", "until": "2025-01-01", "reason": "r"},
            [],
            {"effect": "permit", "actions": ["switch"], "from": "2026-01-01", "reason": "two\nlines"},
            {"id": "a b", "effect": "permit", "actions": ["switch"], "when": {"service": ["azure"], "term": ["ended"]}, "from": "2026-01-01",
             "reason": "r\u001b[31m", "requirement": "r"}
        ],
        "rules": []
    }"#;
    let error = Rulebook::read(&mut serde_json::Deserializer::from_str(text)).expect_err("refused");
    let LoadError::Rulebook(error) = error else { panic!("{error}") };
    let expected = include_str!("data/problems.txt");
    assert_eq!(error.to_string(), expected.trim_end(), "\n{error}\n");
    let ids: Vec<_> = error.problems().iter().map(|problem| problem.id().map(Excerpt::as_str)).collect();
    assert_eq!(ids[..3], [None, None, Some("a")]);
    let path = error.problems()[3].place().path();
    assert!(matches!(path, [Segment::Field(rules), Segment::Item(0), Segment::Field(_), ..] if rules == "rules"));
}

#[test]
fn replacing_needs_a_base_and_a_rule_that_is_in_force() {
    let mut replacing = rule();
    replacing["replaces"] = json!(["azure-recreate"]);
    let withdraw = json!([{"id": "azure-recreate", "from": "2026-01-01"}]);
    assert_eq!(
        refused(&json!({"rules": [replacing], "withdraw": withdraw})),
        [
            "withdraw[0] (`azure-recreate`): there is nothing to replace or withdraw from, expected a `base`",
            "rules[0].replaces (`open-needs-a-letter`): there is nothing to replace or withdraw from, expected a `base`",
        ]
    );
    let withdraw = json!([
        {"id": "azure-recreat", "from": "2026-01-01"},
        {"id": "license-no-switch", "from": "2026-01-01"},
        {"id": "azure-recreate", "from": "2026-01-01"},
    ]);
    assert_eq!(
        refused(&json!({"base": "partner_center", "rules": [replacing], "withdraw": withdraw})),
        [
            "withdraw[0].id: there is no rule `azure-recreat` to replace or withdraw; `azure-recreate` is probably meant",
            "withdraw[1].id: `license-no-switch` ends on 2024-06-19 by itself, expected an earlier day than 2026-01-01 to replace or withdraw it",
            "rules[0].replaces[0]: `azure-recreate` ends on 2026-01-01 by itself, expected an earlier day than 2026-01-01 to replace or withdraw it",
        ]
    );
    assert_eq!(
        refused(&json!({"base": "partner_centre"})),
        ["base: expected one of `partner_center`, found \"partner_centre\"; `partner_center` is probably meant"]
    );
    let taken = json!({"base": "partner_center", "rules": [{"id": "azure-switch", "effect": "permit", "actions": ["switch"], "from": "2026-01-01", "reason": ""}]});
    assert_eq!(
        refused(&taken),
        ["rules[0].id (`azure-switch`): the id `azure-switch` is given twice, expected each once"]
    );
}

#[test]
fn each_field_can_be_wrong_in_each_way() {
    let wrong = [
        json!(null),
        json!(true),
        json!(5),
        json!(1.5),
        json!("x\u{7}"),
        json!([]),
        json!([[]]),
        json!({}),
        json!({"a": {"b": 1}}),
    ];
    let fields = [
        "id",
        "effect",
        "requirement",
        "actions",
        "when",
        "from",
        "until",
        "basis",
        "sources",
        "reason",
        "replaces",
        "origin",
    ];
    let optional = ["when", "until", "basis", "sources", "replaces", "origin"];
    for field in fields {
        for value in &wrong {
            let result = load(&with(field, value.clone()));
            let accepted = optional.contains(&field) && value.is_null()
                || field == "when" && *value == json!({})
                || ["sources", "replaces"].contains(&field) && *value == json!([]);
            assert_eq!(result.is_ok(), accepted, "{field}: {value}: {result:?}");
            for problem in result.err().iter().flat_map(RulebookError::problems) {
                assert!(problem.place().to_string().starts_with("rules[0]"), "{problem}");
                assert!(!problem.to_string().contains(char::is_control), "{problem:?}");
            }
        }
    }
}

#[test]
fn a_day_may_come_as_an_object_around_its_text() {
    let days = |value: Value| load(&with("from", value)).map(|rulebook| rulebook.rules()[0].validity().from());
    assert_eq!(days(json!({"a format's own date": "2026-03-01"})), Ok(day("2026-03-01")));
    for wrong in [json!({"one": "2026-03-01", "other": "2026-03-01"}), json!({"one": 5}), json!({"one": "March"})] {
        assert!(days(wrong).is_err());
    }
}

#[test]
fn ten_thousand_rules_are_refused_or_taken_in_bounded_time() {
    let begin = day("2020-01-01");
    let rule = |number: usize, from: NaiveDate| Rule::new(format!("r-{number}"), Effect::Permit, Action::Switch, from);
    let all = (0..10_000).map(|number| rule(number, begin)).collect::<Vec<_>>();
    let error = Rulebook::new(all).expect_err("too many at once");
    let [problem] = error.problems() else { panic!("{error}") };
    assert_eq!(*problem.kind(), ProblemKind::TooManyInForce { day: begin, in_force: 10_000 });

    let days = begin.iter_days().zip(0..10_000);
    let spread = days.map(|(from, number)| rule(number, from).until(from.succ_opt().expect("a day")));
    assert_eq!(Rulebook::new(spread.collect::<Vec<_>>()).expect("rules").editions().len(), 10_001);

    let repeated = (0..10_000).map(|_| rule(0, begin)).collect::<Vec<_>>();
    assert_eq!(Rulebook::new(repeated).expect_err("one id").problems().len(), 9_999);
}

/// Any JSON, with the words of rulebooks in it.
fn hostile() -> impl Strategy<Value = Value> {
    const WORDS: &[&str] = &[
        "rules",
        "id",
        "effect",
        "forbid",
        "switch",
        "when",
        "channel",
        "open",
        "2026-01-01",
        "withdraw",
        "base",
        "partner_center",
        "x\u{0}",
    ];
    let word = || prop::sample::select(WORDS).prop_map(str::to_owned);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        word().prop_map(Value::from),
    ];
    leaf.prop_recursive(12, 64, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((word(), inner), 0..6).prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn no_data_is_a_panic(data in hostile(), field in prop::sample::select(vec!["rules", "withdraw", "base", "name"]), wrapped in any::<bool>()) {
        let data = if wrapped { json!({field: [data]}) } else { data };
        if let Err(error) = Rulebook::read(&data) {
            prop_assert!(!error.to_string().is_empty());
        }
    }

    #[test]
    fn no_text_is_a_panic(cut in 0_usize..40_000, put in any::<char>()) {
        let mut text = serde_json::to_string(Rulebook::partner_center()).expect("JSON");
        let cut = cut.min(text.len());
        prop_assume!(text.is_char_boundary(cut));
        // Cut short, and with something else in it.
        prop_assert_eq!(serde_json::from_str::<Rulebook>(&text[..cut]).is_ok(), cut == text.len());
        text.insert(cut, put);
        let _ = serde_json::from_str::<Rulebook>(&text);
    }
}
