//! Decision tables: an edition as rows that people and other engines read.

use std::fmt;

use csp_multichannel::{Action, Edition, Effect, Fact, Facts, Rule, Set, Verdict};
use serde::{Deserialize, Serialize};

use crate::partition::{Cases, Question, named, partition, requirements};

/// What an edition decides on an action, as a decision table: complete and without overlap (hit policy UNIQUE), and
/// of no two rows that could be joined.
///
/// Every case with all facts known meets the condition of exactly one row. `Display` writes it in Markdown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DecisionTable {
    /// The action.
    pub action: Action,
    /// The rows, by verdict; their order does not matter.
    pub rows: Vec<Row>,
}

/// A row of a decision table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Row {
    /// The cases that it answers.
    pub condition: Facts,
    /// The verdict; never `undetermined`.
    pub verdict: Verdict,
    /// What has to be met first, where the verdict is `conditional`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub requirements: Vec<String>,
}

/// Returns the decision table of an edition for an action.
///
/// ```
/// use csp_multichannel::{Action, Fact, Rulebook, Set, parse_instant};
/// use csp_multichannel_rulebook::decision_table;
///
/// let edition = Rulebook::partner_center().edition_at(parse_instant("2016-12-01")?)?;
/// let table = decision_table(edition, Action::RequestRelationship);
/// let facts = Set::from([Fact::Channel, Fact::Service, Fact::Cloud, Fact::Partner, Fact::Relationship]);
/// assert_eq!(table.facts(), facts);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn decision_table(edition: Edition<'_>, action: Action) -> DecisionTable {
    let decides = |rule: &&Rule| rule.effect() != Effect::Advise && rule.actions().contains(action);
    let names = requirements(edition.rules());
    let question = Question { action, requirements: &names };
    let rows = partition(named(edition.rules().filter(decides)), |facts| {
        question.answer(edition, facts).map_or(Cases::Mixed, Cases::All)
    });
    let row = |(condition, (verdict, required))| Row {
        condition,
        verdict,
        requirements: question.names(required),
    };
    let mut rows: Vec<Row> = rows.into_iter().map(row).collect();
    rows.sort_by(|one, other| {
        (one.verdict, &one.requirements, one.condition).cmp(&(
            other.verdict,
            &other.requirements,
            other.condition,
        ))
    });
    DecisionTable { action, rows }
}

impl DecisionTable {
    /// Returns the facts that matter in some row: its columns.
    #[must_use]
    pub fn facts(&self) -> Set<Fact> {
        self.rows.iter().fold(Set::EMPTY, |facts, row| facts.union(row.condition.narrowed()))
    }
}

impl Row {
    /// Returns the values of a fact that the row admits, or `None` where it does not matter.
    #[must_use]
    pub fn admitted(&self, fact: Fact) -> Option<Vec<&'static str>> {
        let admits_some = self.condition.narrowed().contains(fact);
        admits_some.then(|| self.condition.possible_words(fact).collect())
    }
}

/// Writes a table in Markdown: a column for each fact, then the verdict and what is required.
impl fmt::Display for DecisionTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let facts = self.facts();
        for fact in facts {
            write!(f, "| {fact} ")?;
        }
        f.write_str("| verdict | requirements |\n")?;
        for _ in 0..facts.len() + 2 {
            f.write_str("| --- ")?;
        }
        f.write_str("|\n")?;
        for row in &self.rows {
            for fact in facts {
                let admitted = row.admitted(fact).map_or("any".into(), |words| words.join(", "));
                write!(f, "| {admitted} ")?;
            }
            writeln!(f, "| {} | {} |", row.verdict, row.requirements.join(", "))?;
        }
        Ok(())
    }
}
