//! What is wrong with rules that do not make a rulebook.

use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use crate::rule::{Effect, Rule};
use crate::words::{excerpt, is_invisible, join};

/// Rules that do not make a rulebook, with every problem.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("invalid rulebook: {}", Lines(.problems))]
pub struct RulebookError {
    problems: Vec<RuleProblem>,
}

impl RulebookError {
    pub(crate) const fn new(problems: Vec<RuleProblem>) -> Self {
        Self { problems }
    }

    /// Returns the problems, by the position of the rule.
    #[must_use]
    pub fn problems(&self) -> &[RuleProblem] {
        &self.problems
    }
}

struct Lines<'e>(&'e [RuleProblem]);

impl fmt::Display for Lines<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        join(f, self.0, "\n")
    }
}

/// One problem of a rulebook.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct RuleProblem {
    position: Option<usize>,
    id: String,
    field: &'static str,
    reason: String,
}

impl RuleProblem {
    /// A problem that is not one of a single rule.
    pub(crate) const fn of_all(reason: String) -> Self {
        Self { position: None, id: String::new(), field: "", reason }
    }

    /// Returns the position of the rule, from 0; `None` if the problem is not one of a single rule.
    #[must_use]
    pub const fn position(&self) -> Option<usize> {
        self.position
    }

    /// Returns the id of the rule; only the beginning of a long one.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Returns the part of the rule that is wrong: `id`, `actions`, `until`, `reason`, `requirement`,
    /// `sources` or `rulebook`.
    #[must_use]
    pub const fn field(&self) -> &'static str {
        self.field
    }

    /// Returns what is wrong, and what would have been accepted.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

impl fmt::Display for RuleProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.position {
            Some(_) => write!(f, "rule `{}`: `{}` {}", self.id, self.field, self.reason),
            None => f.write_str(&self.reason),
        }
    }
}

/// All problems of rules, except that too many are in force.
pub(crate) fn problems(rules: &[Rule]) -> Vec<RuleProblem> {
    if rules.is_empty() || u32::try_from(rules.len()).is_err() {
        let reason = alloc::format!("{} rules, expected 1 to {}", rules.len(), u32::MAX);
        return Vec::from([RuleProblem::of_all(reason)]);
    }
    let mut first_with = BTreeMap::new();
    let mut problems = Vec::new();
    for (position, rule) in rules.iter().enumerate() {
        let first = *first_with.entry(rule.id()).or_insert(position);
        let mut add = |field, reason: &str| {
            let (id, reason) = (excerpt(rule.id()), reason.to_string());
            problems.push(RuleProblem { position: Some(position), id, field, reason });
        };
        if first != position {
            add("id", "is already the id of another rule, expected a unique one");
        }
        check(rule, add);
    }
    problems
}

/// Passes on what is wrong with a rule by itself: the field and the reason.
fn check(rule: &Rule, mut add: impl FnMut(&'static str, &str)) {
    const EXPECTED_NAME: &str = "expected 1 to 64 letters, digits, `-`, `_` or `.`";
    let is_name = |name: &str| {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        (1..=64).contains(&name.len()) && name.bytes().all(plain)
    };
    if !is_name(&rule.id) {
        add("id", &alloc::format!("is not a name, {EXPECTED_NAME}"));
    }
    match (rule.effect, rule.requirement()) {
        (Effect::Require, None) => add("requirement", "is missing, expected what has to be met"),
        (Effect::Require, Some(name)) if !is_name(name) => {
            add("requirement", &alloc::format!("is `{}`, {EXPECTED_NAME}", excerpt(name)));
        }
        (effect, Some(_)) if effect != Effect::Require => {
            add("requirement", &alloc::format!("is set, expected none with the effect `{effect}`"));
        }
        _ => {}
    }
    if rule.actions.is_empty() {
        add("actions", "are missing, expected at least one");
    }
    let (from, until) = (rule.validity.from, rule.validity.until);
    if let Some(until) = until.filter(|until| *until <= from) {
        add("until", &alloc::format!("is {until}, expected a day after {from}"));
    }
    if rule.reason.trim().is_empty() {
        add("reason", "is empty, expected a sentence for people");
    }
    let sources = rule.sources.iter();
    let sources = sources.flat_map(|source| {
        [source.code(), source.page(), source.url().unwrap_or_default(), source.read()]
    });
    let texts = [("reason", rule.reason()), ("rulebook", rule.rulebook().unwrap_or_default())];
    for (field, text) in texts.into_iter().chain(sources.map(|text| ("sources", text))) {
        if text.contains(is_invisible) {
            let excerpt = excerpt(text);
            add(field, &alloc::format!("has an invisible character in `{excerpt}`, expected none"));
        }
    }
}
