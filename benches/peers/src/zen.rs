//! Decision tables, by zen-engine: one for each action, the first row that is met decides.
//!
//! Rows stand in the order in which effects rank: what excludes, what forbids, what permits and requires something, what permits. Where nothing is met, the
//! last row says that the policy is silent.

use csp_multichannel::{Action, Edition, Effect, Fact, Facts, Rule, ValueSet, Verdict};
use serde_json::{Map, Value, json};
use tokio::runtime::{Builder, Runtime};
use zen_engine::model::DecisionContent;
use zen_engine::{Decision, DecisionEngine, Variable};

use crate::{Peer, verdict, words};

/// A decision graph, compiled.
#[derive(Debug)]
pub struct Zen {
    decision: Decision,
    runtime: Runtime,
}

impl Peer for Zen {
    const NAME: &'static str = "zen-engine";
    const FEATURE: &'static str = "zen";
    type Input = Variable;
    type Answer = [Verdict; 5];

    fn text(edition: Edition<'_>) -> String {
        let mut nodes = vec![json!({"id": "case", "name": "case", "type": "inputNode", "content": {}})];
        let mut edges = Vec::new();
        for &action in Action::ALL {
            nodes.push(table(edition, action));
            edges.push(edge("case", action.as_str()));
            edges.push(edge(action.as_str(), "verdicts"));
        }
        nodes.push(json!({"id": "verdicts", "name": "verdicts", "type": "outputNode", "content": {}}));
        json!({"nodes": nodes, "edges": edges}).to_string()
    }

    fn load(text: &str) -> Self {
        let content: DecisionContent = serde_json::from_str(text).expect("a decision graph");
        let mut decision = DecisionEngine::default().create_decision(content.into()).expect("a graph");
        decision.compile();
        Self { decision, runtime: Builder::new_current_thread().build().expect("a runtime") }
    }

    fn input(&self, case: Facts) -> Variable {
        let facts = words(case).map(|(fact, word)| (fact.into(), word.into()));
        Value::Object(facts.collect()).into()
    }

    fn decide(&self, input: &mut Variable) -> [Verdict; 5] {
        let decided = self.runtime.block_on(self.decision.evaluate(input.shallow_clone())).expect("verdicts");
        let of = |action: &Action| {
            verdict(decided.result.dot(action.as_str()).expect("each action").as_str().expect("a word"))
        };
        std::array::from_fn(|action| of(&Action::ALL[action]))
    }
}

fn edge(from: &str, to: &str) -> Value {
    json!({"id": format!("{from}-{to}"), "type": "edge", "sourceId": from, "targetId": to})
}

fn table(edition: Edition<'_>, action: Action) -> Value {
    let rows: Vec<Value> = rows(edition, action)
        .into_iter()
        .enumerate()
        .map(|(position, (admitted, verdict))| row(position, action, admitted, verdict))
        .collect();
    let inputs: Vec<Value> = Fact::ALL
        .iter()
        .map(|fact| json!({"id": fact.as_str(), "name": fact.as_str(), "field": fact.as_str()}))
        .collect();
    json!({
        "id": action.as_str(),
        "name": action.as_str(),
        "type": "decisionTableNode",
        "content": {
            "hitPolicy": "first",
            "inputs": inputs,
            "outputs": [{"id": "verdict", "name": "verdict", "field": action.as_str()}],
            "rules": rows,
        },
    })
}

/// The values that each row admits, and its verdict.
fn rows(edition: Edition<'_>, action: Action) -> Vec<(ValueSet, Verdict)> {
    let admitted = |effect| {
        let rules = edition.rules().filter(move |rule| rule.effect() == effect && rule.actions().contains(action));
        rules.map(|rule: &Rule| rule.condition().values())
    };
    let conditional = admitted(Effect::Permit)
        .flat_map(|permitted| admitted(Effect::Require).map(move |required| permitted.intersection(required)))
        .filter(|both| Fact::ALL.iter().all(|fact| !both.intersection(fact.values()).is_empty()));
    let with = |verdict| move |values| (values, verdict);
    let everything = Facts::UNKNOWN.values();
    admitted(Effect::Exclude)
        .map(with(Verdict::NotCovered))
        .chain(admitted(Effect::Forbid).map(with(Verdict::Denied)))
        .chain(conditional.map(with(Verdict::Conditional)))
        .chain(admitted(Effect::Permit).map(with(Verdict::Allowed)))
        .chain([(everything, Verdict::NotCovered)])
        .collect()
}

fn row(position: usize, action: Action, admitted: ValueSet, verdict: Verdict) -> Value {
    let mut row = Map::from_iter([
        ("_id".into(), format!("{action}-{position}").into()),
        ("verdict".into(), format!("\"{verdict}\"").into()),
    ]);
    for &fact in Fact::ALL {
        let of_fact = admitted.intersection(fact.values());
        // An empty cell admits everything.
        if of_fact != fact.values() {
            let words: Vec<String> = of_fact.iter().map(|value| format!("\"{value}\"")).collect();
            row.insert(fact.as_str().into(), words.join(", ").into());
        }
    }
    row.into()
}
