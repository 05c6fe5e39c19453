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
