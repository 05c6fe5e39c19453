//! The JSON Schemas of `docs` against a validator: they accept what is written, and refuse what readers refuse.

use csp_multichannel::{Case, Rulebook, parse_instant};
use jsonschema::Validator;
use serde_json::{Value, json};

fn validator(schema: &str) -> Validator {
    let schema: Value = serde_json::from_str(schema).expect("JSON");
    jsonschema::meta::validate(&schema).expect("a valid schema");
    jsonschema::validator_for(&schema).expect("a valid schema")
}

fn cases() -> Validator {
    validator(include_str!("../../../docs/case.schema.json"))
}

fn scenarios() -> impl Iterator<Item = Value> {
    let lines = include_str!("../../data/scenarios.jsonl").lines();
    lines.map(|line| serde_json::from_str(line).expect("JSON"))
}

#[test]
fn cases_of_scenarios_are_valid() {
    let validator = cases();
    for scenario in scenarios() {
        let errors: Vec<String> =
            validator.iter_errors(&scenario["case"]).map(|error| error.to_string()).collect();
        assert_eq!(errors, [""; 0], "{}", scenario["case"]);
    }
}

/// The schema and the reader accept and refuse the same, apart from what no schema can say (dates against
/// each other, days of a month).
#[test]
fn the_schema_and_the_reader_agree() {
    let validator = cases();
    for (case, valid) in [
        (json!({"id": ""}), true),
        (json!({"id": "a", "channel": ["open", "direct"], "cloud": null}), true),
        (json!({"id": "a", "term": {"ends_on": "2019-01-09", "cancellable_until": null}}), true),
        (json!({"id": "a", "term": null}), true),
        (json!({}), false),
        (json!({"id": null}), false),
        (json!({"id": 5}), false),
        (json!([]), false),
        (json!({"id": "a", "color": 1}), false),
        (json!({"id": "a", "channel": "opne"}), false),
        (json!({"id": "a", "channel": []}), false),
        (json!({"id": "a", "channel": ["open", "open"]}), false),
        (json!({"id": "a", "channel": ["open", null]}), false),
        (json!({"id": "a", "term": {}}), false),
        (json!({"id": "a", "term": {"ends_on": "9.1.2019"}}), false),
        (
            json!({"id": "a", "term": {"ends_on": "2019-01-09", "purchased_at": "2018-01-10"}}),
            false,
        ),
        (json!({"id": "a", "term": {"ends_on": "2019-01-09", "until": null}}), false),
        (json!({"id": "a", "term": {"ends_on": "2019-01-09"}, "term_phase": "ended"}), false),
        (json!({"id": "a", "term": {"ends_on": "2019-01-09"}, "term_phase": null}), true),
        (json!({"id": "a", "term": {"ends_on": "2019-01-09"}, "service": "azure"}), false),
        (json!({"id": "a", "term": {"ends_on": "2019-01-09"}, "service": ["azure_plan"]}), false),
        (
            json!({"id": "a", "term": {"ends_on": "2019-01-09"}, "service": ["azure", "license"]}),
            true,
        ),
        (json!({"id": "a", "term": null, "service": "azure", "term_phase": "ended"}), true),
    ] {
        assert_eq!(validator.is_valid(&case), valid, "{case}");
        assert_eq!(serde_json::from_value::<Case>(case.clone()).is_ok(), valid, "{case}");
    }
}

#[test]
fn decisions_are_valid() {
    let plain = validator(include_str!("../../../docs/decision.schema.json"));
    let explained = validator(include_str!("../../../docs/explained-decision.schema.json"));
    for scenario in scenarios() {
        let case: Case = serde_json::from_value(scenario["case"].clone()).expect("a case");
        let as_of = parse_instant(scenario["as_of"].as_str().expect("text")).expect("an instant");
        let decision =
            Rulebook::partner_center().decide(&case.subscription, as_of).expect("an edition");
        for (validator, record) in [
            (&plain, serde_json::to_value(decision.record("a", as_of))),
            (&explained, serde_json::to_value(decision.explained("a", as_of))),
        ] {
            let record = record.expect("JSON");
            let errors: Vec<String> =
                validator.iter_errors(&record).map(|error| error.to_string()).collect();
            assert_eq!(errors, [""; 0], "{record}");
        }
    }
    assert!(!plain.is_valid(&json!({"id": "a"})));
    assert!(!explained.is_valid(&json!({"id": "a"})));
}

/// The schema and the reader of rulebooks accept and refuse the same, apart from what no schema can say: ids that the
/// base has, days that do not exist or follow each other, what is given twice.
#[test]
fn rulebooks() {
    let validator = validator(include_str!("../../../docs/rulebook.schema.json"));
    let agree = |document: &Value, valid: bool| {
        assert_eq!(validator.is_valid(document), valid, "{document}");
        let read = csp_multichannel_rulebook::from_json(&document.to_string());
        assert_eq!(read.is_ok(), valid, "{document}: {read:?}");
    };
    let register = csp_multichannel_rulebook::to_json(Rulebook::partner_center());
    agree(&serde_json::from_str(&register).expect("JSON"), true);
    let rule = json!({
        "id": "own", "effect": "permit", "actions": "moves", "from": "2026-01-01", "reason": "ours",
    });
    let with = |field: &str, value: Value| {
        let mut rule = rule.clone();
        rule[field] = value;
        json!({"name": "own", "base": "partner_center", "rules": [rule]})
    };
    for (document, valid) in [
        (json!({"rules": [rule]}), true),
        (json!({}), false),
        (json!([]), false),
        (json!({"name": "own", "base": "partner_center", "withdraw": []}), true),
        (json!({"base": "partner_center", "rules": [rule]}), false),
        (json!({"rules": [rule], "withdraw": []}), false),
        (json!({"base": "other", "rules": [rule]}), false),
        (json!({"rules": [rule], "rulez": []}), false),
        (with("id", json!("two words")), false),
        (with("effect", json!("require")), false),
        (with("effect", json!("veto")), true),
        (with("requirement", json!("letter")), false),
        (with("actions", json!(["switch", "all"])), true),
        (with("actions", json!([])), false),
        (with("actions", json!("swich")), false),
        (with("when", json!({"channel": "open"})), true),
        (with("when", json!({"channel": ["open", "direct"], "cloud": "china"})), true),
        (with("when", json!({"channel": []})), false),
        (with("when", json!({"chanel": "open"})), false),
        (with("when", json!({"channel": "opne"})), false),
        (with("from", json!("1.1.2026")), false),
        (with("until", json!("2027-01-01")), true),
        (with("basis", json!("inferred")), true),
        (with("basis", json!("known")), false),
        (with("reason", json!(" ")), false),
        (with("sources", json!([{"code": "NW", "page": "services.pdf"}])), true),
        (with("sources", json!([{"code": "NW"}])), false),
        (with("replaces", json!(["azure-recreate"])), true),
        (with("colour", json!("red")), false),
    ] {
        agree(&document, valid);
    }
    let mut required = with("effect", json!("require"));
    required["rules"][0]["requirement"] = json!("letter");
    agree(&required, true);
}
