//! A DMN engine accepts what is exported, and decides as the library does: `cargo test --manifest-path tests/dmn/Cargo.toml`.

#![cfg(test)]

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use clap::Parser;
use csp_multichannel::authoring::DecisionTable;
use csp_multichannel::{Action, Assignment, Decision, Edition, Fact, Facts, Rulebook, Verdict, parse_instant};
use dsntk_feel::context::FeelContext;
use dsntk_feel::values::Value;
use dsntk_model_evaluator::ModelEvaluator;
use rulebook::{Options, Outcome};

const TODAY: &str = "2026-11-24";

/// A file of the sample.
fn sample(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/rulebook/sample").join(name).display().to_string()
}

/// A rulebook of the sample.
fn load(name: &str) -> Rulebook {
    toml::from_str(&fs::read_to_string(sample(name)).expect("a file")).expect("a rulebook")
}

/// A rulebook in DMN, as the program writes it.
fn exported(file: &str, as_of: &str) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let output = folder.path().join("tables.dmn");
    let arguments = ["rulebook", "export", file, "--to", "dmn", "--as-of", as_of, "--output"];
    let options =
        Options::try_parse_from(arguments.map(Into::into).into_iter().chain([output.clone().into_os_string()]));
    assert_eq!(rulebook::run(&options.expect("arguments")).expect("a table"), Outcome::InOrder);
    fs::read_to_string(output).expect("a file")
}

/// The verdict on an action, and what is required first.
type Answer = (String, Vec<String>);

/// What the engine says of a case.
fn evaluate(engine: &ModelEvaluator, edition: Edition<'_>, action: Action, case: Facts) -> Answer {
    let mut input = FeelContext::new();
    for &fact in Fact::ALL {
        let value = case.possible(fact).single().expect("a known fact");
        input.set_entry(&fact.as_str().into(), Value::String(value.as_str().into()));
    }
    let namespace = format!("urn:csp-multichannel:edition:{}", edition.since());
    let name = format!("csp-multichannel {}", edition.since());
    let Value::Context(answer) = engine.evaluate_invocable(&namespace, &name, action.as_str(), &input) else {
        panic!("no answer on {action} in {case}");
    };
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => panic!("{other} in the answer on {action} in {case}"),
    };
    match (answer.get_entry(&"verdict".into()), answer.get_entry(&"requirements".into())) {
        (Some(verdict), Some(Value::List(requirements))) => (text(verdict), requirements.iter().map(text).collect()),
        _ => panic!("{answer:?} on {action} in {case}"),
    }
}

fn expected(decision: &Decision<'_>, action: Action) -> Answer {
    let requirements = decision.requirements(action).map(ToOwned::to_owned).collect();
    (decision.verdict(action).to_string(), requirements)
}

/// Compares every so many cases, and the first of each row; all verdicts that were met.
fn compare(rulebook: &Rulebook, file: &str, as_of: &str, every: usize) -> HashSet<Answer> {
    let definitions = dsntk_model::parse(&exported(file, as_of)).expect("a DMN model");
    let engine = ModelEvaluator::new(&[definitions]).expect("a model that can be evaluated");

    let edition = rulebook.edition_at(parse_instant(as_of).expect("an instant")).expect("an edition");
    let cases = Assignment::all().map(Facts::from);
    let mut met = HashSet::new();
    for &action in Action::ALL {
        let table = DecisionTable::of(edition, action);
        let mut left: Vec<_> = table.rows().iter().map(|row| row.condition().values()).collect();
        for (position, case) in cases.clone().enumerate() {
            let row = left.iter().position(|admitted| case.values().is_subset(*admitted));
            if row.is_none() && position % every != 0 {
                continue;
            }
            row.map(|row| left.swap_remove(row));
            let answer = evaluate(&engine, edition, action, case);
            assert_eq!(answer, expected(&edition.decide(case), action), "{action} in {case}");
            met.insert(answer);
        }
        assert!(left.is_empty(), "{} rows of {action} are of no case", left.len());
    }
    met
}

/// A number without a factor in common with those of any fact's values, so that the cases are spread evenly.
const SPREAD: usize = 499;

#[test]
fn an_engine_decides_by_the_register_as_it_is_and_as_it_was() {
    for as_of in ["2016-12-01", TODAY] {
        let met = compare(Rulebook::partner_center(), "builtin", as_of, SPREAD);
        let verdicts: HashSet<&str> = met.iter().map(|(verdict, _)| &**verdict).collect();
        let known = Verdict::ALL.iter().filter(|verdict| **verdict != Verdict::Undetermined);
        assert_eq!(verdicts, known.map(|verdict| verdict.as_str()).collect());
    }
}

#[test]
fn an_engine_decides_by_rules_of_ones_own() {
    let northwind = sample("northwind.toml");
    let met = compare(&load("northwind.toml"), &northwind, TODAY, SPREAD);
    assert!(met.contains(&("conditional".into(), vec!["active_relationship".into(), "letter_of_release".into()])));
    // Four of its tables are of one row, and turn on nothing.
    let standalone = sample("standalone.toml");
    compare(&load("standalone.toml"), &standalone, TODAY, SPREAD);
}

/// The engine refuses what is no model, so that it says something that it accepts ours.
#[test]
fn an_engine_refuses_what_is_no_model() {
    let text = exported("builtin", TODAY);
    assert!(dsntk_model::parse(&text).is_ok());
    assert!(dsntk_model::parse(&text.replace("hitPolicy=\"UNIQUE\"", "hitPolicy=\"SOME\"")).is_err());
    let unended = text.replace("<text>\"allowed\"</text>", "<text>\"allowed</text>");
    let engine = dsntk_model::parse(&unended).and_then(|model| ModelEvaluator::new(&[model]));
    assert!(engine.is_err());
}
