//! Decision tables, by `zen-engine`: one for each action, of which the first row that is met decides.

use csp_multichannel::{Action, ByAction, Edition, Fact, Facts, Verdicts};
use serde_json::{Map, Value, json};
use tokio::runtime::{Builder, Runtime};
use zen_engine::model::DecisionContent;
use zen_engine::{Decision, DecisionEngine, Variable};

use crate::rows::rows;
use crate::{Peer, quoted, words};

/// A graph of tables, compiled.
pub struct Zen {
    decision: Decision,
    runtime: Runtime,
}

impl Peer for Zen {
    const NAME: &'static str = "zen-engine";
    const FEATURE: &'static str = "zen";
    type Input = Variable;

    fn text(edition: Edition<'_>) -> String {
        let end = |name, kind| json!({"id": name, "name": name, "type": kind, "content": {}});
        let mut nodes = vec![end("case", "inputNode"), end("verdicts", "outputNode")];
        let mut edges = Vec::new();
        for &action in Action::ALL {
            nodes.push(table(edition, action));
            edges.push(edge("case", action.as_str()));
            edges.push(edge(action.as_str(), "verdicts"));
        }
        json!({"nodes": nodes, "edges": edges}).to_string()
    }

    fn load(text: &str) -> Self {
        let content: DecisionContent = serde_json::from_str(text).expect("a graph");
        let engine = DecisionEngine::default();
        let mut decision = engine.create_decision(content.into()).expect("a decision");
        decision.compile();
        Self { decision, runtime: Builder::new_current_thread().build().expect("a runtime") }
    }

    fn input(&self, case: Facts) -> Variable {
        let facts = words(case).map(|(fact, word)| (fact.into(), word.into()));
        Value::Object(facts.collect()).into()
    }

    fn decide(&mut self, input: &mut Variable) -> Verdicts {
        let decided = self.decision.evaluate(input.shallow_clone());
        let verdicts = self.runtime.block_on(decided).expect("verdicts").result;
        ByAction::from_fn(|action| {
            let word = verdicts.dot(action.as_str()).expect("a verdict for each action");
            word.as_str().expect("a word").parse().expect("a verdict")
        })
    }
}

fn edge(from: &str, to: &str) -> Value {
    json!({"id": format!("{from}-{to}"), "type": "edge", "sourceId": from, "targetId": to})
}

fn table(edition: Edition<'_>, action: Action) -> Value {
    let rows =
        rows(edition, action).into_iter().enumerate().map(|(place, (condition, verdict))| {
            let mut row = Map::new();
            row.insert("_id".into(), format!("{action}-{place}").into());
            row.insert("verdict".into(), format!("\"{verdict}\"").into());
            // A cell that is missing admits everything.
            for fact in condition.narrowed() {
                row.insert(fact.as_str().into(), quoted(condition.possible_words(fact)).into());
            }
            Value::Object(row)
        });
    let column = |id: &str, field: &str| json!({"id": id, "name": id, "field": field});
    let facts = Fact::ALL.iter().map(|fact| column(fact.as_str(), fact.as_str()));
    json!({
        "id": action.as_str(),
        "name": action.as_str(),
        "type": "decisionTableNode",
        "content": {
            "hitPolicy": "first",
            "inputs": facts.collect::<Vec<_>>(),
            "outputs": [column("verdict", action.as_str())],
            "rules": rows.collect::<Vec<_>>(),
        },
    })
}
