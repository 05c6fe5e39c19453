//! Decision tables as text: for readers, for spreadsheets and for other engines.

mod dmn;
mod sql;

use std::fmt::Write as _;
use std::io::{self, Write};

use chrono::NaiveDate;
use csp_multichannel::{Action, Edition, Fact};
use serde::{Deserialize, Serialize};

use crate::table::{DecisionTable, Row, decision_table};
pub use dmn::to_dmn;
pub use sql::{Sql, to_sql};

/// A decision table with the days on which it holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DatedTable {
    /// The first day.
    pub from: NaiveDate,
    /// The first day after, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<NaiveDate>,
    /// The table.
    pub table: DecisionTable,
}

/// Returns the decision tables of an action in some editions, the earliest first.
///
/// Editions that follow each other and have the same table share one.
///
/// ```
/// use csp_multichannel::{Action, Rulebook};
/// use csp_multichannel_rulebook::decision_tables;
///
/// let editions = Rulebook::partner_center().editions();
/// let tables = decision_tables(editions.clone(), Action::Switch);
/// assert!(tables.len() < editions.len());
/// ```
pub fn decision_tables<'r>(
    editions: impl IntoIterator<Item = Edition<'r>>,
    action: Action,
) -> Vec<DatedTable> {
    let mut tables: Vec<DatedTable> = Vec::new();
    for edition in editions {
        let (from, until) = (edition.since(), edition.until());
        let table = decision_table(edition, action);
        match tables.last_mut() {
            Some(last) if last.until == Some(from) && last.table == table => last.until = until,
            _ => tables.push(DatedTable { from, until, table }),
        }
    }
    tables
}

const HEAD: &str = "\
# Decision tables

Every case meets exactly one row of a table (hit policy UNIQUE). `any` means that the fact does not matter.
";

/// Writes decision tables in Markdown: a heading for each action, and one for the days of each table.
///
/// Tables of the same action are expected next to each other.
///
/// ```
/// use csp_multichannel::{Action, Rulebook};
/// use csp_multichannel_rulebook::{decision_tables, to_markdown};
///
/// let editions = Rulebook::partner_center().editions();
/// let text = to_markdown(&decision_tables(editions, Action::RequestRelationship));
/// assert!(text.contains("\n## request_relationship\n\n### from 2016-12-01"));
/// ```
#[must_use]
pub fn to_markdown(tables: &[DatedTable]) -> String {
    let mut text = HEAD.to_owned();
    let mut action = None;
    for dated in tables {
        // Text can always be written to a string.
        let _ = dated.write_markdown(&mut text, action == Some(dated.table.action));
        action = Some(dated.table.action);
    }
    text
}

impl DatedTable {
    fn write_markdown(&self, text: &mut String, is_further: bool) -> std::fmt::Result {
        if !is_further {
            writeln!(text, "\n## {}", self.table.action)?;
        }
        write!(text, "\n### from {}", self.from)?;
        if let Some(last) = self.until.and_then(|until| until.pred_opt()) {
            write!(text, " to {last}")?;
        }
        write!(text, "\n\n{}", self.table)
    }
}

/// Writes decision tables as one table in CSV, for spreadsheets.
///
/// A line has the action, the first day, the first day after, the admitted values of each fact, the verdict and
/// the requirements. A cell with several words separates them by `, `; a fact that does not matter is `any`. A name
/// that a spreadsheet would take for a formula gets a `'` before it.
///
/// ```
/// use csp_multichannel::{Action, Rulebook};
/// use csp_multichannel_rulebook::{decision_tables, to_csv};
///
/// let editions = Rulebook::partner_center().editions();
/// let text = to_csv(&decision_tables(editions, Action::RequestRelationship));
/// assert!(text.starts_with("action,from,until,channel,service,"));
/// ```
#[must_use]
pub fn to_csv(tables: &[DatedTable]) -> String {
    in_memory(|bytes| {
        let mut csv = csv::Writer::from_writer(bytes);
        let facts = Fact::ALL.iter().map(|fact| fact.as_str());
        let columns = ["action", "from", "until"].into_iter().chain(facts);
        csv.write_record(columns.chain(["verdict", "requirements"]))?;
        for dated in tables {
            for row in &dated.table.rows {
                csv.write_record(dated.cells(row))?;
            }
        }
        csv.flush()
    })
}

impl DatedTable {
    fn cells(&self, row: &Row) -> Vec<String> {
        let until = self.until.map(|until| until.to_string()).unwrap_or_default();
        let mut cells = vec![self.table.action.to_string(), self.from.to_string(), until];
        let admitted = |&fact| row.admitted(fact).map_or("any".into(), |words| words.join(", "));
        cells.extend(Fact::ALL.iter().map(admitted));
        let mut names = row.requirements.join(", ");
        if names.starts_with(['-', '+', '=', '@']) {
            names.insert(0, '\'');
        }
        cells.extend([row.verdict.to_string(), names]);
        cells
    }
}

/// The text that is written.
fn in_memory(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> String {
    let mut bytes = Vec::new();
    // Memory can always be written to, and only text is.
    let written = write(&mut bytes).ok().and_then(|()| String::from_utf8(bytes).ok());
    written.unwrap_or_default()
}
