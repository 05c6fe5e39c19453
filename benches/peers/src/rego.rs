//! Rego, by `regorus`: the rules as sets of actions, compiled for its virtual machine.
//!
//! The differential test prints the register with ids, as `forbid[action] contains id`. The virtual machine drops
//! the key of such a set (microsoft/regorus#665). The interpreter that the test uses takes four times as long.

use std::collections::BTreeMap;
use std::fmt::Write;

use csp_multichannel::{Action, ByAction, Edition, Effect, Facts, Verdicts};
use regorus::languages::rego::compiler::Compiler;
use regorus::rvm::RegoVM;
use regorus::{Engine, Value};

use crate::{Peer, quoted, words};

const ENTRY_POINT: &str = "data.csp.verdicts";

const SEMANTICS: &str = r#"package csp

verdicts := {action: verdict(action) | some action in actions}

verdict(action) := "denied" if action in veto
else := "not_covered" if action in exclude
else := "denied" if action in forbid
else := "not_covered" if not action in permit
else := "conditional" if action in require
else := "allowed"
"#;

/// A virtual machine with its program.
pub struct Rego(RegoVM);

impl Peer for Rego {
    const NAME: &'static str = "regorus";
    const FEATURE: &'static str = "rego";
    type Input = Value;

    fn text(edition: Edition<'_>) -> String {
        let actions = quoted(Action::ALL.iter().map(|action| action.as_str()));
        let mut text = format!("{SEMANTICS}\nactions := {{{actions}}}\n");
        // Without a rule that has an effect, its name would be undefined.
        for effect in Effect::ALL {
            let _ = writeln!(text, "{effect} contains \"nothing\" if false");
        }
        for rule in edition.rules().filter(|rule| rule.effect() != Effect::Advise) {
            let conditions = rule.condition().narrowed().iter().map(|fact| {
                let admitted = quoted(rule.condition().possible_words(fact));
                format!("\tinput.{fact} in {{{admitted}}}\n")
            });
            let conditions: String = conditions.collect();
            for action in rule.actions() {
                let head = format!("{} contains \"{action}\"", rule.effect());
                let _ = writeln!(text, "# {}\n{head} if {{\n{conditions}}}", rule.id());
            }
        }
        text
    }

    fn load(text: &str) -> Self {
        let mut engine = Engine::new();
        engine.add_policy("register.rego".into(), text.into()).expect("valid rules");
        let policy = engine.compile_with_entrypoint(&ENTRY_POINT.into()).expect("a policy");
        let program = Compiler::compile_from_policy(&policy, &[ENTRY_POINT]).expect("a program");
        let mut machine = RegoVM::new_with_policy(policy);
        machine.load_program(program);
        Self(machine)
    }

    fn input(&self, case: Facts) -> Value {
        let facts = words(case).map(|(fact, word)| (fact.into(), word.into()));
        facts.collect::<BTreeMap<Value, Value>>().into()
    }

    fn decide(&mut self, input: &mut Value) -> Verdicts {
        self.0.set_input(input.clone());
        let verdicts = self.0.execute().expect("verdicts");
        ByAction::from_fn(|action| {
            let word = verdicts[action.as_str()].as_string().expect("a word");
            word.parse().expect("a verdict")
        })
    }
}
