//! Guidance as JSON: the round trip, and the form that a service would expect.

mod support;

use csp_multichannel::{Action, Set};
use csp_multichannel_guidance::{
    Expiry, Goal, MinimalChange, Period, Plans, Procedure, Question, StepKind, Weights, calendar,
    expiry, minimal_changes, plans, procedures, questions,
};
use proptest::prelude::*;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use support::{any_instant, any_subscription, policy_cases, rulebook};

fn assert_read_back<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(written: &T) {
    let json = serde_json::to_string(written).expect("JSON");
    assert_eq!(&serde_json::from_str::<T>(&json).expect("what was written"), written, "{json}");
    let value = serde_json::to_value(written).expect("JSON");
    assert_eq!(&serde_json::from_value::<T>(value).expect("what was written"), written);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn all_of_it_is_read_back(subscription in any_subscription(3), at in any_instant()) {
        let decision = rulebook().decide(&subscription, at).unwrap();
        assert_read_back::<Expiry>(&expiry(&subscription, at, rulebook()).unwrap());
        assert_read_back::<Vec<Period>>(&calendar(&subscription, at, rulebook()).unwrap());
        assert_read_back::<Vec<Question>>(&questions(&decision, Set::all(), &Weights::UNIFORM));
        for &action in Action::ALL {
            assert_read_back::<Vec<MinimalChange>>(&minimal_changes(&decision, action));
            assert_read_back::<Vec<Procedure>>(&procedures(action, decision.facts(), at));
        }
        for &goal in Goal::ALL {
            assert_read_back::<Plans>(&plans(&subscription, goal, at, rulebook()).unwrap());
        }
    }
}

/// The query string of a service.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Query {
    goal: Goal,
    action: Option<Action>,
}

#[test]
fn a_goal_in_a_query_string() {
    let query = Query { goal: Goal::Move, action: Some(Action::Switch) };
    assert_eq!(serde_urlencoded::to_string(&query).unwrap(), "goal=move&action=switch");
    assert_eq!(serde_urlencoded::from_str::<Query>("goal=move&action=switch").unwrap(), query);
    assert_eq!(
        serde_urlencoded::from_str::<Query>("goal=mvoe").unwrap_err().to_string(),
        "unknown goal `mvoe`, expected one of `manage`, `move`; did you mean `move`?"
    );
}

#[test]
fn words() {
    for &kind in StepKind::ALL {
        assert_eq!(serde_json::to_value(kind).unwrap(), json!(kind.as_str()));
        assert_eq!(kind.as_str().parse(), Ok(kind));
    }
}

/// A step is self-contained: it has its rules with reasons and pages, and its procedures.
#[test]
fn the_shape_of_a_plan() {
    let cases = policy_cases();
    let (case, at) = cases.iter().find(|(case, _)| case.id == "s-129").expect("s-129");
    let plans = plans(&case.subscription, Goal::Move, *at, rulebook()).unwrap();
    let json = serde_json::to_value(&plans).unwrap();
    let switch = &json["plans"][0];
    assert_eq!(switch["action"], "switch");
    assert_eq!(switch["earliest"], "2026-06-01T00:15:00Z");
    assert_eq!(switch["expected_by"], "2026-07-04T00:00:00Z");
    let step = &switch["steps"][0];
    assert_eq!(step["takes"], json!({"shortest_seconds": 900, "longest_seconds": 2_851_200}));
    assert_eq!(step["rules"][0]["id"], "license-switch");
    assert_eq!(step["rules"][0]["basis"], "reported");
    assert_eq!(step["rules"][0]["sources"][0]["code"], "LT");
    assert_eq!(step["procedures"][0]["method"], "transfer_request");
    assert_eq!(step["procedures"][0]["steps"][0]["actors"], json!(["customer"]));
    assert_eq!(step["facts"]["channel"], "other_csp_partner");
    // Absent parts are left out.
    let absent = |value: &Value, names: &[&str]| names.iter().all(|name| value.get(name).is_none());
    assert!(absent(step, &["deadline", "after"]), "{step}");
    assert!(absent(&json, &["nothing_to_move"]));
    assert!(absent(switch, &["prerequisites"]));
}

/// A later version can add fields, so readers ignore unknown ones.
#[test]
fn unknown_fields_are_ignored() {
    let expiry = r#"{"until":"2026-12-02T09:00:00Z","causes":["term"],"later":1}"#;
    assert!(serde_json::from_str::<Expiry>(expiry).is_ok());
}
