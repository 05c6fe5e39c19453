//! The problems of an invalid rulebook.

use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use crate::rule::{Effect, Rule};
use crate::words::{excerpt, is_invisible, join};

/// An invalid rulebook, with every problem of its rules.
///
/// ```
/// use csp_multichannel::{Action, Effect, Rule, Rulebook};
///
/// let rule = Rule::new("new rule", Effect::Permit, Action::Switch, "2026-01-01".parse()?);
/// let error = Rulebook::new([rule.until("2025-01-01".parse()?)]).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "invalid rulebook: \
///      rule `new rule`: `id` is `new rule`, \
///      expected 1 to 64 letters, digits, `-`, `_` or `.`\n\
///      rule `new rule`: `until` is 2025-01-01, expected a day after 2026-01-01\n\
///      rule `new rule`: `reason` is empty, expected a sentence for people",
/// );
/// let fields: Vec<_> = error.problems().iter().map(|problem| problem.field()).collect();
/// assert_eq!(fields, ["id", "until", "reason"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("invalid rulebook: {}", Lines(.problems))]
pub struct RulebookError {
    problems: Vec<RuleProblem>,
}

impl RulebookError {
    pub(crate) const fn new(problems: Vec<RuleProblem>) -> Self {
        Self { problems }
    }

    /// Returns the problems, in the order of the rules.
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

/// One problem of an invalid rulebook.
///
/// ```
/// use csp_multichannel::{Action, Effect, Rule, Rulebook};
///
/// let rule = Rule::new("escort", Effect::Require, Action::Switch, "2026-01-01".parse()?)
///     .with_reason("a manager has to be present");
/// let error = Rulebook::new([rule]).unwrap_err();
/// let problem = &error.problems()[0];
/// assert_eq!((problem.position(), problem.id()), (Some(0), "escort"));
/// assert_eq!(problem.field(), "requirement");
/// assert_eq!(problem.message(), "is missing, expected what has to be met");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct RuleProblem {
    position: Option<usize>,
    id: String,
    field: &'static str,
    message: String,
}

impl RuleProblem {
    /// A problem of the rulebook as a whole.
    pub(crate) const fn of_all(message: String) -> Self {
        Self { position: None, id: String::new(), field: "", message }
    }

    /// Returns the position of the rule, from 0; `None` for a problem of the rulebook as a whole.
    ///
    /// ```
    /// use csp_multichannel::Rulebook;
    ///
    /// let error = Rulebook::new([]).unwrap_err();
    /// assert_eq!(error.problems()[0].position(), None);
    /// assert_eq!(error.problems()[0].to_string(), "0 rules, expected 1 to 4294967295");
    /// ```
    #[must_use]
    pub const fn position(&self) -> Option<usize> {
        self.position
    }

    /// Returns the id of the rule; only the beginning of a long one.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Returns the invalid part of the rule: `id`, `actions`, `until`, `reason`, `requirement`,
    /// `sources` or `rulebook`. It is empty for a problem of the rulebook as a whole.
    #[must_use]
    pub const fn field(&self) -> &'static str {
        self.field
    }

    /// Returns the message: what is wrong, and what would be accepted.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for RuleProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.position {
            Some(_) => write!(f, "rule `{}`: `{}` {}", self.id, self.field, self.message),
            None => f.write_str(&self.message),
        }
    }
}

/// All problems of rules, except too many in force at once.
pub(crate) fn problems(rules: &[Rule]) -> Vec<RuleProblem> {
    if rules.is_empty() || u32::try_from(rules.len()).is_err() {
        let message = alloc::format!("{} rules, expected 1 to {}", rules.len(), u32::MAX);
        return Vec::from([RuleProblem::of_all(message)]);
    }
    let mut first_with = BTreeMap::new();
    let mut problems = Vec::new();
    for (position, rule) in rules.iter().enumerate() {
        let first = *first_with.entry(rule.id()).or_insert(position);
        let mut add = |field, message: &str| {
            let (id, message) = (excerpt(rule.id()), message.to_string());
            problems.push(RuleProblem { position: Some(position), id, field, message });
        };
        if first != position {
            add("id", "is already the id of another rule, expected a unique one");
        }
        check(rule, add);
    }
    problems
}

/// Adds the field and message of each problem that a rule has by itself.
fn check(rule: &Rule, mut add: impl FnMut(&'static str, &str)) {
    const EXPECTED_NAME: &str = "expected 1 to 64 letters, digits, `-`, `_` or `.`";
    let is_name = |name: &str| {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        (1..=64).contains(&name.len()) && name.bytes().all(plain)
    };
    if !is_name(&rule.id) {
        add("id", &alloc::format!("is `{}`, {EXPECTED_NAME}", excerpt(&rule.id)));
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
        [source.code(), source.page(), source.url().unwrap_or_default(), source.newest_text()]
    });
    let texts = [("reason", rule.reason()), ("rulebook", rule.rulebook().unwrap_or_default())];
    for (field, text) in texts.into_iter().chain(sources.map(|text| ("sources", text))) {
        if text.contains(is_invisible) {
            let excerpt = excerpt(text);
            add(field, &alloc::format!("has an invisible character in `{excerpt}`, expected none"));
        }
    }
}
