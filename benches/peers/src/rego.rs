//! Rego, by regorus: the rules as sets of actions, compiled for its virtual machine.

use std::cell::RefCell;
use std::fmt::Write;

use csp_multichannel::{Action, Edition, Effect, Facts, Rule, Verdict};
use regorus::languages::rego::compiler::Compiler;
use regorus::rvm::RegoVM;
use regorus::{Engine, Value};

use crate::{Peer, verdict, words};

const ENTRY_POINT: &str = "data.csp.verdicts";

/// What rules mean, for any of them: beside the sets of actions that are excluded, forbidden, permitted and required something for.
const MEANING: &str = r#"
verdicts := [verdict(action) | some action in actions]

verdict(action) := "not_covered" if action in exclude
else := "denied" if action in forbid
else := "not_covered" if not action in permit
else := "conditional" if action in require
else := "allowed"
"#;

/// A program for regorus's virtual machine.
#[derive(Debug)]
pub struct Rego {
    machine: RefCell<RegoVM>,
}

impl Peer for Rego {
    const NAME: &'static str = "regorus";
    const FEATURE: &'static str = "rego";
    type Input = Value;
    type Answer = [Verdict; 5];

    fn text(edition: Edition<'_>) -> String {
        let actions = quoted(Action::ALL.iter().map(|action| action.as_str()));
        let mut text = format!("package csp\n\nactions := [{actions}]\n{MEANING}");
        for rule in edition.rules().filter(|rule| rule.effect() != Effect::Advise) {
            write_rule(&mut text, rule);
        }
        text
    }

    fn load(text: &str) -> Self {
        let mut engine = Engine::new();
        engine.add_policy("register.rego".into(), text.into()).expect("the register is Rego");
        let policy = engine.compile_with_entrypoint(&ENTRY_POINT.into()).expect("a policy that can be compiled");
        let program = Compiler::compile_from_policy(&policy, &[ENTRY_POINT]).expect("a program");
        let mut machine = RegoVM::new_with_policy(policy);
        machine.load_program(program);
        Self { machine: RefCell::new(machine) }
    }

    fn input(&self, case: Facts) -> Value {
        let entries = words(case).map(|(fact, word)| (fact.into(), word.into()));
        entries.collect::<std::collections::BTreeMap<Value, Value>>().into()
    }

    fn decide(&self, input: &mut Value) -> [Verdict; 5] {
        let mut machine = self.machine.borrow_mut();
        machine.set_input(input.clone());
        let verdicts = machine.execute().expect("verdicts");
        let verdicts = verdicts.as_array().expect("one for each action");
        std::array::from_fn(|action| verdict(verdicts[action].as_string().expect("a word")))
    }
}

fn write_rule(text: &mut String, rule: &Rule) {
    for action in rule.actions() {
        let _ = write!(text, "\n# {}\n{} contains \"{action}\" if {{\n", rule.id(), rule.effect());
        for fact in rule.condition().facts() {
            let admitted = rule.condition().admitted(fact);
            let _ = writeln!(
                text,
                "\tinput.{fact} in {{{}}}",
                quoted(admitted.iter().map(csp_multichannel::Value::as_str))
            );
        }
        text.push_str("}\n");
    }
}

fn quoted<'a>(words: impl Iterator<Item = &'a str>) -> String {
    words.map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(", ")
}
