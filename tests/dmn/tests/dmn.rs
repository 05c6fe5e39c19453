//! A DMN engine accepts the exported decision tables, and decides by them as the library does.

use std::collections::BTreeSet;

use csp_multichannel::{Action, Edition, Fact, Facts, Rulebook, Verdict, parse_instant};
use csp_multichannel_rulebook::{decision_table, from_toml, to_dmn};
use dsntk_feel::context::FeelContext;
use dsntk_feel::values::Value;
use dsntk_model_evaluator::ModelEvaluator;

/// Shares no factor with the number of values of any fact, so that the cases are spread evenly.
const EVERY: usize = 499;

/// The published policy, with a veto and a requirement.
const NORTHWIND: &str = include_str!("../../../crates/rulebook/tests/data/release.toml");

/// The verdict on an action, and what is required first.
type Answer = (String, Vec<String>);

fn edition<'r>(rulebook: &'r Rulebook, day: &str) -> Edition<'r> {
    rulebook.edition_at(parse_instant(day).expect("a day")).expect("an edition")
}

fn exported(edition: Edition<'_>) -> String {
    let tables: Vec<_> =
        Action::ALL.iter().map(|&action| decision_table(edition, action)).collect();
    to_dmn(edition, &tables)
}

/// What the engine answers on an action.
fn evaluate(
    engine: &ModelEvaluator,
    edition: Edition<'_>,
    action: Action,
    input: &FeelContext,
) -> Answer {
    let namespace = format!("urn:csp-multichannel:edition:{edition}");
    let name = format!("csp-multichannel {edition}");
    let answer = engine.evaluate_invocable(&namespace, &name, action.as_str(), input);
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => panic!("{other} in the answer on {action} to {input}"),
    };
    let Value::Context(answer) = answer else { panic!("{answer} on {action} to {input}") };
    match (answer.get_entry(&"verdict".into()), answer.get_entry(&"requirements".into())) {
        (Some(verdict), Some(Value::List(requirements))) => {
            (text(verdict), requirements.iter().map(text).collect())
        }
        _ => panic!("{answer} on {action} to {input}"),
    }
}

fn input(case: Facts) -> FeelContext {
    let mut input = FeelContext::new();
    for &fact in Fact::ALL {
        let word = case.possible_words(fact).next().expect("a value");
        input.set_entry(&fact.as_str().into(), Value::String(word.into()));
    }
    input
}

/// Compares every 499th case and the first of each row, and returns all answers.
fn compare(edition: Edition<'_>) -> BTreeSet<Answer> {
    let model = dsntk_model::parse(&exported(edition)).expect("a DMN model");
    let engine = ModelEvaluator::new(&[model]).expect("a model that can be evaluated");
    let mut answers = BTreeSet::new();
    let mut check = |case, actions: &[Action]| {
        let (input, decision) = (input(case), edition.decide(case));
        for &action in actions {
            let answer = evaluate(&engine, edition, action, &input);
            let requirements = decision.requirements(action).map(ToOwned::to_owned).collect();
            let expected = (decision.verdict(action).to_string(), requirements);
            assert_eq!(answer, expected, "{action}, {case}");
            answers.insert(answer);
        }
    };
    for case in Facts::UNKNOWN.assignments().step_by(EVERY) {
        check(case, Action::ALL);
    }
    for &action in Action::ALL {
        for row in decision_table(edition, action).rows {
            check(row.condition.assignments().next().expect("a case"), &[action]);
        }
    }
    answers
}

#[test]
fn the_published_policy() {
    for day in ["2016-12-01", "2026-11-27"] {
        let answers = compare(edition(Rulebook::partner_center(), day));
        let verdicts: BTreeSet<&str> = answers.iter().map(|(verdict, _)| &**verdict).collect();
        let known = Verdict::ALL.iter().filter(|verdict| **verdict != Verdict::Undetermined);
        assert_eq!(verdicts, known.map(|verdict| verdict.as_str()).collect());
    }
}

#[test]
fn a_custom_rulebook() {
    let rulebook = from_toml(NORTHWIND).expect("a rulebook");
    let answers = compare(edition(&rulebook, "2026-11-27"));
    let both = ["active_relationship", "letter_of_release"].map(ToOwned::to_owned).to_vec();
    assert!(answers.contains(&("conditional".into(), both)), "{answers:?}");
}

/// Four tables have one row and no input.
#[test]
fn a_rulebook_of_one_rule() {
    let text = NORTHWIND.replace("base = \"partner_center\"\n", "");
    let text =
        text.replace("actions = [\"switch\", \"recreate_and_cancel\"]", "actions = \"switch\"");
    let text = text.replace("actions = \"moves\"", "actions = \"switch\"");
    let rulebook = from_toml(&text).expect("a rulebook");
    compare(edition(&rulebook, "2026-11-27"));
}

/// The engine rejects invalid models, so that what it accepts means something.
#[test]
fn invalid_models_are_rejected() {
    let text = exported(edition(Rulebook::partner_center(), "2026-11-27"));
    assert!(dsntk_model::parse(&text).is_ok());
    let policy = text.replace("hitPolicy=\"UNIQUE\"", "hitPolicy=\"SOME\"");
    assert!(dsntk_model::parse(&policy).is_err());
    let unended = text.replace("<text>\"allowed\"</text>", "<text>\"allowed</text>");
    assert_ne!(unended, text);
    let engine = dsntk_model::parse(&unended).and_then(|model| ModelEvaluator::new(&[model]));
    assert!(engine.is_err());
}
