//! Decision tables: an edition as rows that people and other engines read.

use core::fmt;
use std::vec::Vec;

use crate::decision::Decision;
use crate::facts::Facts;
use crate::partition::{Cases, partition};
use crate::rulebook::Edition;
use crate::rules::{Condition, Rule};
use crate::vocabulary::{Action, Effect, Fact, FactSet, Verdict};

/// What an edition says on an action, as a decision table: complete, without overlap (the hit policy UNIQUE), and of no two rows that could
/// be joined to one.
///
/// Every case with all facts known meets the condition of exactly one row. `Display` writes it in Markdown.
///
/// ```
/// use csp_multichannel::authoring::DecisionTable;
/// use csp_multichannel::{Action, Channel, Fact, FactSet, Rulebook, Verdict, parse_instant};
///
/// let edition = Rulebook::partner_center().edition_at(parse_instant("2016-12-01")?)?;
/// let table = DecisionTable::of(edition, Action::RequestRelationship);
/// assert!(table.rows().iter().any(|row| row.verdict() == Verdict::Allowed));
/// assert_eq!(table.facts(), FactSet::from([Fact::Channel, Fact::Service, Fact::Cloud, Fact::Relationship]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecisionTable<'r> {
    edition: Edition<'r>,
    action: Action,
    rows: Vec<Row<'r>>,
}

/// A row of a decision table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row<'r> {
    condition: Condition,
    verdict: Verdict,
    requirements: Vec<&'r str>,
}

impl<'r> Row<'r> {
    /// The cases that it answers.
    #[must_use]
    pub const fn condition(&self) -> Condition {
        self.condition
    }

    /// The verdict; never `undetermined`.
    #[must_use]
    pub const fn verdict(&self) -> Verdict {
        self.verdict
    }

    /// What has to be met where the verdict is `conditional`, in register order.
    #[must_use]
    pub fn requirements(&self) -> &[&'r str] {
        &self.requirements
    }
}

impl<'r> DecisionTable<'r> {
    /// The table of an action.
    #[must_use]
    pub fn of(edition: Edition<'r>, action: Action) -> Self {
        let rules = || edition.rules().filter(move |rule| rule.actions().contains(action));
        let deciding = rules().filter(|rule| rule.effect() != Effect::Advise);
        let named = deciding.fold(FactSet::EMPTY, |facts, rule| facts.union(rule.condition().facts()));
        let requiring: Vec<&Rule> = rules().filter(|rule| rule.effect() == Effect::Require).collect();
        let mut requirements: Vec<&'r str> = Vec::new();
        for requirement in edition.rules().filter_map(Rule::requirement) {
            if !requirements.contains(&requirement) {
                requirements.push(requirement);
            }
        }

        // What is required is a set of names, a bit each: as many as rules can be in force at once.
        let bit = |rule: &Rule| {
            let position = requirements.iter().position(|name| rule.requirement() == Some(name));
            position.map_or(0_u128, |position| 1 << position)
        };
        let cases = |facts: Facts| {
            let decision: Decision<'r> = edition.decide(facts);
            match decision.verdict(action) {
                Verdict::Undetermined => Cases::Mixed,
                Verdict::Conditional => {
                    let certain = decision.requiring(action).fold(0, |all, rule| all | bit(rule));
                    let possible = requiring.iter().filter(|rule| rule.condition().may_be_met(facts));
                    let possible = possible.fold(0, |all, rule| all | bit(rule));
                    if certain == possible { Cases::All((Verdict::Conditional, certain)) } else { Cases::Mixed }
                }
                verdict => Cases::All((verdict, 0)),
            }
        };
        let rows = partition(Facts::UNKNOWN, named, cases).into_iter().map(|(condition, (verdict, required))| Row {
            condition,
            verdict,
            requirements: (0..)
                .zip(&requirements)
                .filter(|(at, _)| required >> at & 1 == 1)
                .map(|(_, name)| *name)
                .collect(),
        });
        let mut rows: Vec<Row<'r>> = rows.collect();
        rows.sort_by(|one, other| (one.verdict, &one.requirements).cmp(&(other.verdict, &other.requirements)));
        Self { edition, action, rows }
    }

    /// The edition.
    #[must_use]
    pub const fn edition(&self) -> Edition<'r> {
        self.edition
    }

    /// The action.
    #[must_use]
    pub const fn action(&self) -> Action {
        self.action
    }

    /// The rows, by verdict; their order does not matter.
    #[must_use]
    pub fn rows(&self) -> &[Row<'r>] {
        &self.rows
    }

    /// The facts that matter in some row: its columns.
    #[must_use]
    pub fn facts(&self) -> FactSet {
        self.rows.iter().fold(FactSet::EMPTY, |facts, row| facts.union(row.condition.facts()))
    }
}

/// Writes a table in Markdown: a column a fact, then the verdict and what is required; `any` where a fact does not matter.
impl fmt::Display for DecisionTable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let facts: Vec<Fact> = self.facts().iter().collect();
        for fact in &facts {
            write!(f, "| {fact} ")?;
        }
        f.write_str("| verdict | requirements |\n")?;
        for _ in 0..facts.len() + 2 {
            f.write_str("| --- ")?;
        }
        f.write_str("|\n")?;
        for row in &self.rows {
            for &fact in &facts {
                let admitted = row.condition.admitted(fact);
                if admitted == fact.values() { f.write_str("| any ")? } else { write!(f, "| {admitted} ")? }
            }
            writeln!(f, "| {} | {} |", row.verdict, row.requirements.join(", "))?;
        }
        Ok(())
    }
}
