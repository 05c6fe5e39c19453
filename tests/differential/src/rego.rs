//! The register as rules of Rego.

use std::collections::BTreeMap;
use std::fmt::Write;

use csp_multichannel::{Action, Decision, Edition, Effect, Fact, Facts, Rule, Verdict};
use regorus::{CompiledPolicy, Engine, Value};

/// What rules mean, for any of them.
pub const SEMANTICS: &str = include_str!("semantics.rego");

/// The rules that are in force in an edition, one of Rego's for each.
///
/// Together with [`SEMANTICS`], `data.csp.decisions` has for each action the verdict and what is behind it. A case is the input: of each fact its value.
#[must_use]
pub fn policy(edition: Edition<'_>) -> String {
    let mut text = String::from("package csp\n");
    let _ = write!(text, "\nactions := {}\n\nrequirement := {{", set(Action::ALL.iter().map(|action| action.as_str())));
    for (rule, requirement) in edition.rules().filter_map(|rule| Some((rule, rule.requirement()?))) {
        let _ = write!(text, "\n\t{:?}: {requirement:?},", rule.id());
    }
    text.push_str("\n}\n");
    for rule in edition.rules() {
        write_rule(&mut text, rule);
    }
    // An effect that no rule has would be a name that nothing defines.
    for effect in Effect::ALL.iter().filter(|effect| edition.rules().all(|rule| rule.effect() != **effect)) {
        let _ = write!(text, "\n{effect} := {{}}\n");
    }
    text
}

fn write_rule(text: &mut String, rule: &Rule) {
    let actions = set(rule.actions().iter().map(Action::as_str));
    let _ = write!(text, "\n{}[action] contains {:?} if {{\n", rule.effect(), rule.id());
    for fact in rule.condition().facts() {
        let admitted = set(rule.condition().admitted(fact).iter().map(csp_multichannel::Value::as_str));
        let _ = writeln!(text, "\tinput.{fact} in {admitted}");
    }
    let _ = write!(text, "\tsome action in {actions}\n}}\n");
}

fn set<'a>(words: impl Iterator<Item = &'a str>) -> String {
    format!("{{{}}}", words.map(|word| format!("{word:?}")).collect::<Vec<_>>().join(", "))
}

/// An edition, decided by an interpreter of Rego.
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
        engine.add_policy("semantics.rego".into(), SEMANTICS.into()).expect("the semantics are Rego");
        engine.add_policy("register.rego".into(), policy.into()).expect("the rules are Rego");
        let policy =
            engine.compile_with_entrypoint(&"data.csp.decisions".into()).expect("a policy that can be compiled");
        Self { policy }
    }

    /// What is decided on all actions.
    ///
    /// # Panics
    ///
    /// If the interpreter fails.
    #[must_use]
    pub fn decide(&self, case: Facts) -> Value {
        self.policy.eval_with_input(input(case)).expect("a decision")
    }
}

/// A case as the interpreter takes it.
///
/// # Panics
///
/// If any fact is unknown.
#[must_use]
pub fn input(case: Facts) -> Value {
    let value = |&fact: &Fact| case.possible(fact).single().expect("a known fact").as_str();
    object(Fact::ALL.iter().map(|fact| (fact.as_str(), value(fact).into())))
}

/// What the library has decided, in the interpreter's values.
#[must_use]
pub fn expected(decision: &Decision<'_>) -> Value {
    object(Action::ALL.iter().map(|&action| {
        let verdict = decision.verdict(action);
        let rules: Value = texts(decision.rules(action).map(Rule::id));
        let mut of_action = BTreeMap::from([("verdict", verdict.as_str().into())]);
        if decision.rules(action).next().is_some() {
            of_action.insert("rules", rules);
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
    texts.map(Value::from).collect::<std::collections::BTreeSet<Value>>().into()
}

fn object<'a>(entries: impl Iterator<Item = (&'a str, Value)>) -> Value {
    entries.map(|(name, value)| (name.into(), value)).collect::<BTreeMap<Value, Value>>().into()
}
