//! The register as rules of Rego.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use csp_multichannel::{Action, Decision, Edition, Effect, Fact, Facts, Rule, Verdict};
use regorus::{CompiledPolicy, Engine, Value};

/// What rules mean.
pub const SEMANTICS: &str = include_str!("semantics.rego");

/// Prints the rules that are in force in an edition, a rule of Rego for each.
///
/// With [`SEMANTICS`], `data.csp.decisions` has for each action the verdict and the rules behind it. The input is
/// a case: the value of each fact.
#[must_use]
pub fn policy(edition: Edition<'_>) -> String {
    let mut text = String::from("package csp\n");
    let actions = set(Action::ALL.iter().map(|action| action.as_str()));
    let _ = write!(text, "\nactions := {actions}\n\nrequirement := {{");
    for rule in edition.rules() {
        if let Some(requirement) = rule.requirement() {
            let _ = write!(text, "\n\t{:?}: {requirement:?},", rule.id());
        }
    }
    text.push_str("\n}\n");
    for rule in edition.rules() {
        write_rule(&mut text, rule);
    }
    // An effect that no rule has would be an undefined name.
    for effect in Effect::ALL {
        if edition.rules().all(|rule| rule.effect() != *effect) {
            let _ = write!(text, "\n{effect} := {{}}\n");
        }
    }
    text
}

fn write_rule(text: &mut String, rule: &Rule) {
    let _ = write!(text, "\n{}[action] contains {:?} if {{\n", rule.effect(), rule.id());
    for fact in rule.condition().narrowed() {
        let admitted = set(rule.condition().possible_words(fact));
        let _ = writeln!(text, "\tinput.{fact} in {admitted}");
    }
    let actions = set(rule.actions().iter().map(Action::as_str));
    let _ = write!(text, "\tsome action in {actions}\n}}\n");
}

fn set<'a>(words: impl Iterator<Item = &'a str>) -> String {
    format!("{{{}}}", words.map(|word| format!("{word:?}")).collect::<Vec<_>>().join(", "))
}

/// An edition that an interpreter of Rego decides by.
#[derive(Debug)]
pub struct Rego {
    policy: CompiledPolicy,
}

impl Rego {
    /// Compiles an edition.
    ///
    /// # Panics
    ///
    /// If the interpreter refuses the text.
    #[must_use]
    pub fn new(edition: Edition<'_>) -> Self {
        Self::compile(&policy(edition))
    }

    /// Compiles what [`policy`] has printed.
    ///
    /// # Panics
    ///
    /// If the interpreter refuses the text.
    #[must_use]
    pub fn compile(policy: &str) -> Self {
        let mut engine = Engine::new();
        engine.add_policy("semantics.rego".into(), SEMANTICS.into()).expect("valid semantics");
        engine.add_policy("register.rego".into(), policy.into()).expect("valid rules");
        let entrypoint = "data.csp.decisions".into();
        Self { policy: engine.compile_with_entrypoint(&entrypoint).expect("a policy") }
    }

    /// Decides a case: what it returns for all actions.
    ///
    /// # Panics
    ///
    /// If the interpreter fails.
    #[must_use]
    pub fn decide(&self, case: Facts) -> Value {
        self.policy.eval_with_input(input(case)).expect("a decision")
    }
}

/// Returns a case as the interpreter takes it.
///
/// # Panics
///
/// If a fact is unknown.
#[must_use]
pub fn input(case: Facts) -> Value {
    let value = |fact| {
        let mut possible = case.possible_words(fact);
        let value = possible.next().filter(|_| possible.next().is_none());
        value.expect("a known fact")
    };
    object(Fact::ALL.iter().map(|&fact| (fact.as_str(), value(fact).into())))
}

/// Returns what the library has decided, as values of the interpreter.
#[must_use]
pub fn expected(decision: &Decision<'_>) -> Value {
    object(Action::ALL.iter().map(|&action| {
        let verdict = decision.verdict(action);
        let mut of_action = BTreeMap::from([("verdict", verdict.as_str().into())]);
        if decision.reasons(action).len() > 0 {
            of_action.insert("rules", texts(decision.reasons(action).map(Rule::id)));
        }
        if verdict == Verdict::Conditional {
            of_action.insert("requirements", texts(decision.requirements(action)));
        }
        if matches!(verdict, Verdict::Allowed | Verdict::Conditional) {
            of_action.insert("advice", texts(decision.advice(action).map(Rule::id)));
        }
        (action.as_str(), object(of_action.into_iter()))
    }))
}

fn texts<'a>(texts: impl Iterator<Item = &'a str>) -> Value {
    texts.map(Value::from).collect::<BTreeSet<Value>>().into()
}

fn object<'a>(entries: impl Iterator<Item = (&'a str, Value)>) -> Value {
    entries.map(|(name, value)| (name.into(), value)).collect::<BTreeMap<Value, Value>>().into()
}
