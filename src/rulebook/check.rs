//! What rules have to be like to make a rulebook.

use std::collections::HashSet;
use std::vec::Vec;

use super::Placed;
use super::problem::{Place, Problem, ProblemKind};
use crate::facts::Facts;
use crate::rules::{Rule, Source};
use crate::vocabulary::{Effect, Excerpt, Fact};

/// The longest name that is taken, in bytes.
const LONGEST_NAME: usize = 64;

/// Everything that is wrong with some rules, whenever they are in force.
pub(super) fn check(rules: &[Placed]) -> Vec<Problem> {
    if rules.is_empty() || u32::try_from(rules.len()).is_err() {
        return [Problem::new(Place::whole(), ProblemKind::NumberOfRules { rules: rules.len() })].into();
    }
    let mut ids = HashSet::new();
    let mut problems = Vec::new();
    for Placed { rule, place } in rules {
        let repeated = !ids.insert(rule.id());
        let repeated = repeated.then(|| ("id", ProblemKind::RepeatedId { id: Excerpt::of(rule.id()) }));
        let wrong = repeated.into_iter().chain(wrong(rule));
        problems.extend(wrong.map(|(field, kind)| Problem::new(place.field(field), kind).of(rule.id())));
    }
    problems
}

/// What is wrong with a rule by itself, each with the field in which it is.
fn wrong(rule: &Rule) -> Vec<(&'static str, ProblemKind)> {
    let mut wrong = Vec::new();
    for (of, name) in [("id", Some(rule.id())), ("requirement", rule.requirement())] {
        if let Some(given) = name.filter(|name| !is_name(name)) {
            wrong.push((of, ProblemKind::MalformedName { of, given: Excerpt::of(given) }));
        }
    }
    let sources = rule.sources().iter().flat_map(|source: &Source| [source.code(), source.page()]);
    let texts = [("reason", rule.reason()), ("origin", rule.origin().unwrap_or_default())];
    for (field, text) in texts.into_iter().chain(sources.map(|text| ("sources", text))) {
        if text.contains(char::is_control) {
            wrong.push((field, ProblemKind::ControlCharacter { found: Excerpt::of(text) }));
        }
    }
    let from = rule.validity().from();
    if let Some(until) = rule.validity().until().filter(|until| *until <= from) {
        wrong.push(("until", ProblemKind::EndsBeforeItBegins { from, until }));
    }
    if rule.actions().is_empty() {
        wrong.push(("actions", ProblemKind::NoActions));
    }
    if !can_fire(rule) {
        wrong.push(("when", ProblemKind::NeverFires));
    }
    if (rule.effect() == Effect::Require) != rule.requirement().is_some() {
        wrong.push(("requirement", ProblemKind::Requirement));
    }
    wrong
}

/// Whether a name can stand in reports, files and addresses as it is.
fn is_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    (1..=LONGEST_NAME).contains(&name.len()) && name.bytes().all(plain)
}

fn can_fire(rule: &Rule) -> bool {
    let met = Facts::tightened(rule.condition().values());
    met.is_some_and(|met| Fact::ALL.iter().all(|&fact| !met.possible(fact).is_empty()))
}
