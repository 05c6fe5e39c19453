//! Decision tables as text: Markdown, CSV, DMN and SQL.

mod dmn;
mod sql;

use std::fmt::Write as _;
use std::io::{self, Write};

use chrono::NaiveDate;
use csp_multichannel::{Action, Edition, Fact};
use serde::{Deserialize, Serialize};

use crate::table::{DecisionTable, TableRow, decision_table};
pub use dmn::to_dmn;
pub use sql::{Sql, to_sql};

/// A decision table with the days, in UTC, on which it is in force, from [`decision_tables`].
///
/// ```
/// use csp_multichannel::Action;
/// use csp_multichannel_rulebook::{DatedTable, decision_tables, from_json};
///
/// let rulebook = from_json(r#"{"rules": [{
///     "id": "switch-at-home", "effect": "permit", "actions": ["switch"],
///     "when": {"region": "same"}, "from": "2026-01-01", "until": "2027-01-01",
///     "reason": "we sell at home only"
/// }]}"#)?;
/// let tables: Vec<DatedTable> = decision_tables(rulebook.editions(), Action::Switch);
/// let days = tables.iter().map(|dated| (dated.from.to_string(), dated.until.is_some()));
/// assert_eq!(
///     days.collect::<Vec<_>>(),
///     [("2026-01-01".to_owned(), true), ("2027-01-01".to_owned(), false)],
/// );
/// assert_eq!(tables[0].table.rows.len(), 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DatedTable {
    /// The first day.
    pub from: NaiveDate,
    /// The first day on which it is no longer in force, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<NaiveDate>,
    /// The table.
    pub table: DecisionTable,
}

/// Returns the decision tables of an action in some editions, the earliest first.
///
/// Consecutive editions with the same table share one.
///
/// ```
/// use csp_multichannel::{Action, Rulebook};
/// use csp_multichannel_rulebook::decision_tables;
///
/// let editions = Rulebook::partner_center().editions();
/// let tables = decision_tables(editions, Action::RequestRelationship);
/// assert_eq!(
///     tables.iter().map(|table| table.from.to_string()).collect::<Vec<_>>(),
///     [
///         "2016-12-01", "2017-01-27", "2017-06-09", "2018-05-11", "2018-12-05",
///         "2019-01-16", "2019-11-01", "2021-10-14", "2022-10-25",
///     ],
/// );
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

/// Writes decision tables in Markdown: a heading for each action, and one for the days of each
/// table.
///
/// Tables of the same action are expected next to each other.
///
/// ```
/// use csp_multichannel::Action;
/// use csp_multichannel_rulebook::{decision_tables, from_json, to_markdown};
///
/// let rulebook = from_json(r#"{"rules": [{
///     "id": "switch-at-home", "effect": "permit", "actions": ["switch"],
///     "when": {"region": "same"}, "from": "2026-01-01", "reason": "we sell at home only"
/// }]}"#)?;
/// let text = to_markdown(&decision_tables(rulebook.editions(), Action::Switch));
/// assert_eq!(
///     text.lines().collect::<Vec<_>>(),
///     [
///         "# Decision tables",
///         "",
///         "Every case meets exactly one row of a table (hit policy UNIQUE). \
///          `any` means that the fact does not matter.",
///         "",
///         "## switch",
///         "",
///         "### from 2026-01-01",
///         "",
///         "| region | verdict | requirements |",
///         "| --- | --- | --- |",
///         "| same | allowed |  |",
///         "| other | not_covered |  |",
///     ],
/// );
/// # Ok::<(), csp_multichannel_rulebook::DocumentError>(())
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
/// A line has the action, the first day, the first day after, the admitted values of each fact, the
/// verdict and the requirements. Several words in a cell are separated by `, `. The word `any`
/// stands for all values of a fact. A name that a spreadsheet would read as a formula gets a `'`
/// before it.
///
/// ```
/// use csp_multichannel::Action;
/// use csp_multichannel_rulebook::{decision_tables, from_json, to_csv};
///
/// let rulebook = from_json(r#"{"rules": [{
///     "id": "switch-at-home", "effect": "permit", "actions": ["switch"],
///     "when": {"region": "same"}, "from": "2026-01-01", "reason": "we sell at home only"
/// }]}"#)?;
/// let text = to_csv(&decision_tables(rulebook.editions(), Action::Switch));
/// assert_eq!(
///     text.lines().collect::<Vec<_>>(),
///     [
///         "action,from,until,channel,service,cloud,partner,relationship,customer,region,\
///          term_phase,at_term_end,status,transfer,verdict,requirements",
///         "switch,2026-01-01,,any,any,any,any,any,any,same,any,any,any,any,allowed,",
///         "switch,2026-01-01,,any,any,any,any,any,any,other,any,any,any,any,not_covered,",
///     ],
/// );
/// # Ok::<(), csp_multichannel_rulebook::DocumentError>(())
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
    fn cells(&self, row: &TableRow) -> Vec<String> {
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

/// Returns the written text.
fn in_memory(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> String {
    let mut bytes = Vec::new();
    // Writing to memory can't fail, and only UTF-8 is written.
    let written = write(&mut bytes).ok().and_then(|()| String::from_utf8(bytes).ok());
    written.unwrap_or_default()
}
