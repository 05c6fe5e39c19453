//! Which rules scenarios exercise.

use core::fmt;
use std::collections::HashSet;
use std::vec::Vec;

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::Scenario;
use crate::decision::Decision;
use crate::rulebook::Rulebook;
use crate::rules::Rule;
use crate::vocabulary::{Effect, words};

/// Which rules of a rulebook some scenarios exercise, whether these turn out as expected or not.
///
/// Only the actions count of which a scenario expects a verdict, and with unknown facts only the rules that fire whatever they turn out
/// to be.
///
/// `Display` writes how many rules did what, and the ids of those that came to nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coverage<'r> {
    rules: Vec<RuleCoverage<'r>>,
}

impl<'r> Coverage<'r> {
    pub(super) fn of(rulebook: &'r Rulebook) -> Self {
        let none = |rule| RuleCoverage { rule, at_work: 0, only_fired: 0 };
        Self { rules: rulebook.rules().iter().map(none).collect() }
    }

    pub(super) fn count(&mut self, scenario: &Scenario, decision: &Decision<'_>) {
        let (mut at_work, mut fired) = (HashSet::new(), HashSet::new());
        for &action in scenario.verdicts.keys() {
            let deciding = decision.rules(action).chain(decision.requiring(action));
            at_work.extend(deciding.chain(decision.advice(action)).map(Rule::id));
            fired.extend(Effect::ALL.iter().flat_map(|&effect| decision.firing(action, effect)).map(Rule::id));
        }
        for of_rule in &mut self.rules {
            let id = of_rule.rule.id();
            if at_work.contains(id) {
                of_rule.at_work += 1;
            } else if fired.contains(id) {
                of_rule.only_fired += 1;
            }
        }
    }

    /// Each rule, in register order.
    #[must_use]
    pub fn rules(&self) -> &[RuleCoverage<'r>] {
        &self.rules
    }

    /// The rules that were exercised in a way, and in no better one, in register order.
    pub fn with(&self, exercise: Exercise) -> impl Iterator<Item = &'r Rule> + Clone {
        self.rules.iter().filter(move |of_rule| of_rule.exercise() == exercise).map(|of_rule| of_rule.rule)
    }
}

impl fmt::Display for Coverage<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("rules: ")?;
        for (at, &exercise) in Exercise::ALL.iter().enumerate() {
            let comma = if at == 0 { "" } else { ", " };
            write!(f, "{comma}{} {}", self.with(exercise).count(), exercise.in_words())?;
        }
        for exercise in [Exercise::OnlyFired, Exercise::NeverFired] {
            let ids: Vec<&str> = self.with(exercise).map(Rule::id).collect();
            if !ids.is_empty() {
                write!(f, "\n  {}: {}", exercise.in_words(), ids.join(", "))?;
            }
        }
        Ok(())
    }
}

impl Serialize for Coverage<'_> {
    /// A list of the rules.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.rules.serialize(serializer)
    }
}

/// How some scenarios exercise a rule; each of them counts once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RuleCoverage<'r> {
    rule: &'r Rule,
    at_work: usize,
    only_fired: usize,
}

impl<'r> RuleCoverage<'r> {
    /// The rule.
    #[must_use]
    pub const fn rule(&self) -> &'r Rule {
        self.rule
    }

    /// In how many scenarios it decided a verdict, made one conditional, or went with one as advice.
    #[must_use]
    pub const fn at_work(&self) -> usize {
        self.at_work
    }

    /// In how many scenarios it fired and came to nothing.
    #[must_use]
    pub const fn only_fired(&self) -> usize {
        self.only_fired
    }

    /// The best that any scenario made of it.
    #[must_use]
    pub fn exercise(&self) -> Exercise {
        match (self.at_work, self.only_fired) {
            (0, 0) => Exercise::NeverFired,
            (0, _) => Exercise::OnlyFired,
            _ if self.rule.effect() == Effect::Advise => Exercise::Advised,
            _ => Exercise::Decided,
        }
    }
}

impl Serialize for RuleCoverage<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut record = serializer.serialize_map(Some(4))?;
        record.serialize_entry("rule", self.rule.id())?;
        record.serialize_entry("exercise", &self.exercise())?;
        record.serialize_entry("at_work", &self.at_work)?;
        record.serialize_entry("only_fired", &self.only_fired)?;
        record.end()
    }
}

words! {
    /// What scenarios make of a rule, the best first.
    pub enum Exercise, exercise {
        /// It decided a verdict, or made one conditional.
        Decided = decided,
        /// It went with an open verdict, as advice.
        Advised = advised,
        /// It fired, and came to nothing.
        OnlyFired = only_fired,
        /// It never fired.
        NeverFired = never_fired,
    }
}

impl Exercise {
    const fn in_words(self) -> &'static str {
        match self {
            Self::Decided => "decided",
            Self::Advised => "advised",
            Self::OnlyFired => "only fired",
            Self::NeverFired => "never fired",
        }
    }
}
