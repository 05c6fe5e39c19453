//! A script, by rhai: rule after rule, each an `if` that notes its effect on its actions.

use std::fmt::Write;

use csp_multichannel::{Action, Edition, Effect, Facts, Rule, Verdict};
use rhai::{AST, Array, Engine, OptimizationLevel, Scope};

use crate::{Peer, verdict, words};

/// What rules mean, for any of them: of the effects on an action the one that counts most.
const MEANING: &str = r#"
fn verdict(effects) {
    if (effects & EXCLUDE) != 0 { "not_covered" }
    else if (effects & FORBID) != 0 { "denied" }
    else if (effects & PERMIT) == 0 { "not_covered" }
    else if (effects & REQUIRE) != 0 { "conditional" }
    else { "allowed" }
}
"#;

/// A script, parsed and optimized once.
#[derive(Debug)]
pub struct Rhai {
    engine: Engine,
    script: AST,
}

impl Peer for Rhai {
    const NAME: &'static str = "rhai";
    const FEATURE: &'static str = "rhai";
    type Input = Scope<'static>;
    type Answer = [Verdict; 5];

    fn text(edition: Edition<'_>) -> String {
        let mut text = MEANING.to_owned();
        for effect in Effect::ALL {
            text = text.replace(&effect.as_str().to_uppercase(), &bit(*effect).to_string());
        }
        for action in Action::ALL {
            let _ = writeln!(text, "let on_{action} = 0;");
        }
        for rule in edition.rules().filter(|rule| rule.effect() != Effect::Advise) {
            write_rule(&mut text, rule);
        }
        let verdicts: Vec<String> = Action::ALL.iter().map(|action| format!("verdict(on_{action})")).collect();
        let _ = writeln!(text, "[{}]", verdicts.join(", "));
        text
    }

    fn load(text: &str) -> Self {
        let mut engine = Engine::new();
        engine.set_optimization_level(OptimizationLevel::Full);
        let script = engine.compile(text).expect("the register is a script");
        Self { engine, script }
    }

    fn input(&self, case: Facts) -> Scope<'static> {
        let mut scope = Scope::new();
        for (fact, word) in words(case) {
            scope.push_constant(fact, word);
        }
        scope
    }

    fn decide(&self, scope: &mut Scope<'static>) -> [Verdict; 5] {
        let facts = scope.len();
        let verdicts: Array = self.engine.eval_ast_with_scope(scope, &self.script).expect("verdicts");
        scope.rewind(facts);
        std::array::from_fn(|action| verdict(&verdicts[action].as_immutable_string_ref().expect("a word")))
    }
}

fn write_rule(text: &mut String, rule: &Rule) {
    let conditions: Vec<String> = rule
        .condition()
        .facts()
        .iter()
        .map(|fact| {
            let admitted = rule.condition().admitted(fact);
            let words: Vec<String> = admitted.iter().map(|value| format!("{fact} == \"{value}\"")).collect();
            format!("({})", words.join(" || "))
        })
        .collect();
    let condition = if conditions.is_empty() { "true".into() } else { conditions.join(" && ") };
    let _ = writeln!(text, "// {}\nif {condition} {{", rule.id());
    for action in rule.actions() {
        let _ = writeln!(text, "    on_{action} |= {};", bit(rule.effect()));
    }
    text.push_str("}\n");
}

/// Effects as bits of one number.
fn bit(effect: Effect) -> u32 {
    1 << effect as u32
}
