//! Guidance as text, each form of a line.

use csp_multichannel_guidance::{Obstacle, Plan, Plans, Question, Step};
use serde_json::{Map, Value, json};

fn step(kind: &str, facts: &Value) -> Step {
    let step = json!({"kind": kind, "actor": "customer", "facts": facts});
    serde_json::from_value(step).expect("a step")
}

fn with(mut object: Value, more: &Value) -> Value {
    object.as_object_mut().expect("an object").extend(more.as_object().expect("fields").clone());
    object
}

#[test]
fn what_is_done() {
    for (kind, facts, text) in [
        ("request_relationship", json!({}), "request the relationship"),
        ("accept_relationship", json!({}), "accept the relationship"),
        ("set_to_end", json!({}), "make sure that the subscription ends with its term"),
        (
            "set_to_end",
            json!({"at_term_end": "renew"}),
            "set the subscription to end with its term",
        ),
        ("reactivate", json!({}), "make sure that the subscription is active"),
        ("reactivate", json!({"status": "suspended"}), "reactivate the subscription"),
        ("end_transfer", json!({}), "make sure that no transfer request is open"),
        (
            "end_transfer",
            json!({"transfer": "pending"}),
            "refuse or cancel the open transfer request, or let it expire",
        ),
        ("wait", json!({}), "wait for the policy to change"),
        ("switch", json!({}), "transfer the subscription"),
        ("recreate", json!({}), "create a new Azure subscription"),
        ("buy", json!({}), "buy the same product"),
        ("buy", json!({"service": "azure"}), "create a new Azure subscription"),
        ("buy", json!({"service": "azure_plan"}), "create a new Azure subscription"),
        ("buy", json!({"service": "azure_reservation"}), "buy a new reservation"),
        ("buy", json!({"service": "azure_savings_plan"}), "buy a new savings plan"),
        ("buy", json!({"service": "license"}), "buy the same product"),
        ("let_term_end", json!({}), "let the subscription end with its term"),
        ("cancel", json!({}), "cancel the old subscription"),
    ] {
        assert_eq!(step(kind, &facts).text(), text, "{kind} {facts}");
    }
    let wait = json!({"kind": "wait", "actor": "time", "facts": {}});
    let wait: Step = serde_json::from_value(wait).unwrap();
    assert_eq!(wait.text(), "wait for the term");
}

#[test]
fn steps() {
    let (first, later) = ("2026-11-27T00:00:00Z", "2026-12-30T00:00:00Z");
    let plain = step("cancel", &json!({}));
    assert_eq!(plain.to_string(), "customer: cancel the old subscription");
    for (more, text) in [
        (json!({"earliest": first}), ", from 2026-11-27T00:00:00Z"),
        (json!({"expected_by": later}), ", by 2026-12-30T00:00:00Z"),
        (json!({"deadline": later}), ", before 2026-12-30T00:00:00Z"),
        (json!({"after": [0, 2]}), ", after 1, 3"),
        // What takes no time.
        (json!({"earliest": first, "expected_by": first}), ", from 2026-11-27T00:00:00Z"),
        (
            json!({"earliest": first, "expected_by": later, "deadline": later, "after": [1]}),
            ", from 2026-11-27T00:00:00Z, by 2026-12-30T00:00:00Z, before 2026-12-30T00:00:00Z, after 2",
        ),
    ] {
        let step = with(serde_json::to_value(&plain).unwrap(), &more);
        let step: Step = serde_json::from_value(step).unwrap();
        assert_eq!(step.to_string(), format!("{plain}{text}"));
    }
}

fn rule(id: &str) -> Value {
    json!({
        "id": id, "reason": "as agreed", "basis": "stated", "in_force": {"from": "2026-01-01"},
    })
}

#[test]
fn obstacles() {
    let from = "2026-11-27T00:00:00Z";
    let obstacle = |verdict: &str, more: Value| {
        with(json!({"action": "switch", "from": from, "verdict": verdict}), &more)
    };
    let missing = ": a purchase requires the relationship";
    for (obstacle, text) in [
        (obstacle("allowed", json!({})), format!("allowed from {from}{missing}")),
        (obstacle("conditional", json!({})), format!("conditional from {from}{missing}")),
        (
            obstacle("not_covered", json!({})),
            format!("not_covered from {from}: no rule covers this case"),
        ),
        (obstacle("denied", json!({})), format!("denied from {from}")),
        (
            obstacle("denied", json!({"until": "2026-12-01T00:00:00Z"})),
            format!("denied from {from} until 2026-12-01T00:00:00Z"),
        ),
        (
            obstacle("denied", json!({"rules": [rule("one"), rule("two")]})),
            format!("denied from {from}: one, two"),
        ),
        (
            obstacle("undetermined", json!({"depends_on": ["channel", "status"]})),
            format!("undetermined from {from}: depends on channel, status"),
        ),
        (
            obstacle("denied", json!({"relationship": obstacle("denied", json!({}))})),
            format!("denied from {from}; switch denied from {from}"),
        ),
    ] {
        let obstacle: Obstacle = serde_json::from_value(obstacle).unwrap();
        assert_eq!(obstacle.to_string(), format!("switch {text}"));
    }
}

#[test]
fn plans() {
    let cancel = step("cancel", &json!({}));
    let plan = json!({
        "action": "switch", "earliest": "2026-11-27T00:00:00Z", "expected_by": "2026-12-30T00:00:00Z",
        "prerequisites": [{"requirement": "azure_designation", "rule": rule("designation")}],
        "steps": [cancel, cancel],
    });
    let text = "switch, from 2026-11-27T00:00:00Z, by 2026-12-30T00:00:00Z\
                \n  required: azure_designation\
                \n  1. customer: cancel the old subscription\
                \n  2. customer: cancel the old subscription";
    let of = |plan: &Value| serde_json::from_value::<Plan>(plan.clone()).unwrap().to_string();
    assert_eq!(of(&plan), text);
    let purchase = json!({"steps": [step("buy", &json!({}))]});
    let bought = "buy a new subscription\n  1. customer: buy the same product";
    assert_eq!(of(&purchase), bought);
    let reached = json!({"action": "switch", "earliest": "2026-11-27T00:00:00Z", "steps": []});
    assert_eq!(of(&reached), "switch: reached already");

    let obstacle = json!({"action": "switch", "from": "2026-11-27T00:00:00Z", "verdict": "denied"});
    let denied = "switch denied from 2026-11-27T00:00:00Z";
    for (nothing_to_move, plans, obstacles, expected) in [
        (false, vec![], vec![], String::new()),
        (true, vec![], vec![], "nothing is left to move".into()),
        (false, vec![&plan], vec![], text.into()),
        (false, vec![&plan, &purchase], vec![], format!("{text}\n\n{bought}")),
        (true, vec![&purchase], vec![], format!("nothing is left to move\n\n{bought}")),
        (false, vec![], vec![&obstacle, &obstacle], format!("{denied}\n{denied}")),
        (
            true,
            vec![&purchase],
            vec![&obstacle, &obstacle],
            format!("nothing is left to move\n\n{bought}\n\n{denied}\n{denied}"),
        ),
    ] {
        let plans = json!({
            "goal": "move", "nothing_to_move": nothing_to_move, "plans": plans, "obstacles": obstacles,
        });
        assert_eq!(serde_json::from_value::<Plans>(plans).unwrap().to_string(), expected);
    }
}

#[test]
fn why_a_question_is_asked() {
    let actions = ["request_relationship", "switch", "cancel_then_move"];
    for (possible, rules, text) in [
        (1, 0, "request_relationship (allowed, denied) depends on `status`"),
        (
            2,
            1,
            "request_relationship (allowed, denied) and switch (allowed, denied) depend on `status`, by r",
        ),
        (
            3,
            3,
            "request_relationship (allowed, denied), switch (allowed, denied) and \
             cancel_then_move (allowed, denied) depend on `status`, by r, r, r",
        ),
        (
            1,
            4,
            "request_relationship (allowed, denied) depends on `status`, by r, r, r and another rule",
        ),
        (
            1,
            6,
            "request_relationship (allowed, denied) depends on `status`, by r, r, r and 3 other rules",
        ),
    ] {
        let verdicts = |action: &&str| ((*action).to_owned(), json!(["allowed", "denied"]));
        let question = json!({
            "fact": "status", "text": "?", "answers": [], "expected_undetermined": 0.0,
            "possible": actions.iter().take(possible).map(verdicts).collect::<Map<_, _>>(),
            "rules": vec![rule("r"); rules],
        });
        assert_eq!(serde_json::from_value::<Question>(question).unwrap().to_string(), text);
    }
}
