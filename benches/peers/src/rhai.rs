//! A script, by `rhai`: for each action its rows one after the other, left at the first that is met.

use std::fmt::Write;

use csp_multichannel::{Action, ByAction, Edition, Facts, Verdicts};
use rhai::{AST, Array, Engine, OptimizationLevel, Scope};

use crate::rows::rows;
use crate::{Peer, words};

/// A script, compiled and optimized once.
pub struct Rhai {
    engine: Engine,
    script: AST,
}

impl Peer for Rhai {
    const NAME: &'static str = "rhai";
    const FEATURE: &'static str = "rhai";
    type Input = Scope<'static>;

    fn text(edition: Edition<'_>) -> String {
        let mut text = String::new();
        for &action in Action::ALL {
            let _ = writeln!(text, "let on_{action} = loop {{");
            for (condition, verdict) in rows(edition, action) {
                let _ =
                    writeln!(text, "    if {} {{ break \"{verdict}\"; }}", expression(condition));
            }
            text.push_str("};\n");
        }
        let verdicts: Vec<String> =
            Action::ALL.iter().map(|action| format!("on_{action}")).collect();
        let _ = writeln!(text, "[{}]", verdicts.join(", "));
        text
    }

    fn load(text: &str) -> Self {
        let mut engine = Engine::new();
        engine.set_optimization_level(OptimizationLevel::Full);
        let script = engine.compile(text).expect("a script");
        Self { engine, script }
    }

    fn input(&self, case: Facts) -> Scope<'static> {
        let mut scope = Scope::new();
        for (fact, word) in words(case) {
            scope.push_constant(fact, word);
        }
        scope
    }

    fn decide(&mut self, scope: &mut Scope<'static>) -> Verdicts {
        let facts = scope.len();
        let verdicts: Array =
            self.engine.eval_ast_with_scope(scope, &self.script).expect("verdicts");
        scope.rewind(facts);
        ByAction::from_fn(|action| {
            let word = verdicts[action as usize].as_immutable_string_ref().expect("a word");
            word.parse().expect("a verdict")
        })
    }
}

/// A condition as an expression: for each fact that it names, one of some words.
fn expression(condition: Facts) -> String {
    let facts = condition.narrowed().iter().map(|fact| {
        let words = condition.possible_words(fact);
        let words: Vec<String> = words.map(|word| format!("{fact} == \"{word}\"")).collect();
        format!("({})", words.join(" || "))
    });
    let facts: Vec<String> = facts.collect();
    if facts.is_empty() { "true".into() } else { facts.join(" && ") }
}
