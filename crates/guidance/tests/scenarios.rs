//! Guidance for the cases of `data/scenarios.jsonl`: each named part must match; `null` means
//! absent.

mod support;

use csp_multichannel::{Action, Case, Set};
use csp_multichannel_guidance::{Goal, Weights, expiry, minimal_changes, plans, questions};
use serde_json::{Value, json};
use support::{at, rulebook};

/// Returns how a value differs from the expected one, if it does. An object may have further
/// fields.
fn difference(expected: &Value, found: &Value, place: &str) -> Option<String> {
    match (expected, found) {
        (Value::Object(expected), Value::Object(found)) => {
            expected.iter().find_map(|(key, value)| {
                let found = found.get(key).unwrap_or(&Value::Null);
                difference(value, found, &format!("{place}.{key}"))
            })
        }
        (Value::Array(expected), Value::Array(found)) if expected.len() == found.len() => {
            let mut pairs = expected.iter().zip(found).enumerate();
            pairs.find_map(|(at, (expected, found))| {
                difference(expected, found, &format!("{place}[{at}]"))
            })
        }
        _ if expected == found => None,
        _ => Some(format!("{place}: expected {expected}, found {found}")),
    }
}

fn guidance(scenario: &Value) -> Value {
    let case: Case = serde_json::from_value(scenario["case"].clone()).expect("a case");
    let subscription = case.subscription;
    let now = at(scenario["as_of"].as_str().expect("an instant"));
    let goal =
        scenario.get("goal").map_or(Goal::Move, |goal| goal.as_str().unwrap().parse().unwrap());
    let decision = rulebook().decide(&subscription, now).expect("an edition");
    let changes: serde_json::Map<String, Value> = Action::ALL
        .iter()
        .map(|action| (action.to_string(), json!(minimal_changes(&decision, *action))))
        .collect();
    json!({
        "plans": plans(&subscription, goal, now, rulebook()).unwrap(),
        "expiry": expiry(&subscription, now, rulebook()).unwrap(),
        "questions": questions(&decision, Set::all(), &Weights::UNIFORM),
        "changes": changes,
    })
}

#[test]
fn scenarios() {
    let text = include_str!("data/scenarios.jsonl");
    let scenarios: Vec<Value> =
        text.lines().map(|line| serde_json::from_str(line).expect("a scenario")).collect();
    assert!(scenarios.len() >= 50);
    let mut failures = Vec::new();
    for scenario in &scenarios {
        let expected = scenario["expect"].as_object().expect("expectations");
        assert!(!expected.is_empty());
        if let Some(difference) = difference(&scenario["expect"], &guidance(scenario), "") {
            failures.push(format!("{} ({}): {difference}", scenario["id"], scenario["why"]));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    // They include the policy's scenarios on ended and extended terms.
    for id in 129..=137 {
        assert!(scenarios.iter().any(|scenario| scenario["case"]["id"] == format!("s-{id}")));
    }
}

/// An unmet expectation is reported.
#[test]
fn a_difference_is_found() {
    let found = json!({"a": [{"b": 1, "c": 2}]});
    assert_eq!(difference(&json!({"a": [{"b": 1}]}), &found, ""), None);
    assert_eq!(
        difference(&json!({"a": [{"b": 3}]}), &found, "").as_deref(),
        Some(".a[0].b: expected 3, found 1")
    );
    assert!(difference(&json!({"a": []}), &found, "").is_some());
    assert!(difference(&json!({"a": [{"c": null}]}), &found, "").is_some());
}
