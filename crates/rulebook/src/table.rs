//! Decision tables: the verdicts of an edition as rows.

use std::fmt;

use csp_multichannel::{Action, Edition, Effect, Fact, Facts, Rule, Set, Verdict};
use serde::{Deserialize, Serialize};

use crate::partition::{Cases, Question, named, partition, requirements};

/// A decision table: the verdicts of an edition on an action, from [`decision_table`].
///
/// It is complete and without overlap (hit policy UNIQUE), and no two rows can be joined: every
/// case with all facts known meets the condition of exactly one row. `Display` writes it in
/// Markdown.
///
/// ```
/// use csp_multichannel::{Action, parse_instant};
/// use csp_multichannel_rulebook::{decision_table, from_json};
///
/// let rulebook = from_json(r#"{"rules": [{
///     "id": "switch", "effect": "permit", "actions": ["switch"],
///     "from": "2026-01-01", "reason": "we switch everything"
/// }, {
///     "id": "letter", "effect": "require", "requirement": "letter_of_release",
///     "actions": ["switch"], "when": {"status": ["active", "suspended"], "region": "other"},
///     "from": "2026-01-01", "reason": "abroad, we need a letter of release"
/// }]}"#)?;
/// let edition = rulebook.edition_at(parse_instant("2026-11-27")?)?;
/// assert_eq!(
///     decision_table(edition, Action::Switch).to_string(),
///     "\
/// | region | status | verdict | requirements |
/// | --- | --- | --- | --- |
/// | other | deleted | allowed |  |
/// | same | any | allowed |  |
/// | other | active, suspended | conditional | letter_of_release |
/// ",
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DecisionTable {
    /// The action.
    pub action: Action,
    /// The rows, by verdict. Their order has no meaning.
    pub rows: Vec<TableRow>,
}

/// A row of a decision table.
///
/// ```
/// use csp_multichannel::{Action, parse_instant};
/// use csp_multichannel_rulebook::{decision_table, from_json};
///
/// let rulebook = from_json(r#"{"rules": [{
///     "id": "switch-at-home", "effect": "permit", "actions": ["switch"],
///     "when": {"region": "same"}, "from": "2026-01-01", "reason": "we sell at home only"
/// }]}"#)?;
/// let edition = rulebook.edition_at(parse_instant("2026-11-27")?)?;
/// let rows = decision_table(edition, Action::Switch).rows;
/// assert_eq!(
///     serde_json::to_string(&rows)?,
///     concat!(
///         r#"[{"condition":{"region":"same"},"verdict":"allowed"},"#,
///         r#"{"condition":{"region":"other"},"verdict":"not_covered"}]"#,
///     ),
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TableRow {
    /// The condition of the row.
    pub condition: Facts,
    /// The verdict; never `undetermined`.
    pub verdict: Verdict,
    /// The requirements that have to be met first, where the verdict is `conditional`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub requirements: Vec<String>,
}

/// Returns the decision table of an edition for an action.
///
/// ```
/// use csp_multichannel::{Action, Rulebook, parse_instant};
/// use csp_multichannel_rulebook::decision_table;
///
/// let edition = Rulebook::partner_center().edition_at(parse_instant("2016-12-01")?)?;
/// let table = decision_table(edition, Action::RequestRelationship);
/// assert_eq!(table.rows.len(), 11);
/// assert_eq!(table.facts().to_string(), "channel, service, cloud, partner, relationship");
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
    let row = |(condition, (verdict, required))| TableRow {
        condition,
        verdict,
        requirements: question.names(required),
    };
    let mut rows: Vec<TableRow> = rows.into_iter().map(row).collect();
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
    /// Returns the facts that matter in some row: the columns of the table.
    ///
    /// ```
    /// use csp_multichannel::{Action, Fact, Set, parse_instant};
    /// use csp_multichannel_rulebook::{decision_table, from_json};
    ///
    /// let rulebook = from_json(r#"{"rules": [{
    ///     "id": "switch-at-home", "effect": "permit", "actions": ["switch"],
    ///     "when": {"region": "same"}, "from": "2026-01-01", "reason": "we sell at home only"
    /// }]}"#)?;
    /// let edition = rulebook.edition_at(parse_instant("2026-11-27")?)?;
    /// assert_eq!(decision_table(edition, Action::Switch).facts(), Set::from(Fact::Region));
    /// assert_eq!(decision_table(edition, Action::CancelThenMove).facts(), Set::EMPTY);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn facts(&self) -> Set<Fact> {
        self.rows.iter().fold(Set::EMPTY, |facts, row| facts.union(row.condition.narrowed()))
    }
}

impl TableRow {
    /// Returns the values of a fact that the row admits, or `None` where it admits all.
    ///
    /// ```
    /// use csp_multichannel::Fact;
    /// use csp_multichannel_rulebook::TableRow;
    ///
    /// let row: TableRow = serde_json::from_str(
    ///     r#"{"condition": {"status": ["active", "suspended"]}, "verdict": "allowed"}"#,
    /// )?;
    /// assert_eq!(row.admitted(Fact::Status), Some(vec!["active", "suspended"]));
    /// assert_eq!(row.admitted(Fact::Region), None);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn admitted(&self, fact: Fact) -> Option<Vec<&'static str>> {
        let admits_some = self.condition.narrowed().contains(fact);
        admits_some.then(|| self.condition.possible_words(fact).collect())
    }
}

/// Writes a table in Markdown: a column for each fact, then the verdict and the requirements.
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
