//! Decision tables in Markdown.

use std::io::{self, Write};

use chrono::{NaiveDate, NaiveTime};

use super::Table;
use crate::text::span;

const HEAD: &str = "\
# Decision tables

Every case meets exactly one row of a table (hit policy UNIQUE). `any`: the fact does not matter.
";

/// Writes the tables of each action under its name, each under the days on which it holds.
pub(super) fn write(output: &mut dyn Write, tables: &[Table<'_>]) -> io::Result<()> {
    write!(output, "{HEAD}")?;
    for of_action in tables.chunk_by(|one, other| one.rows.action() == other.rows.action()) {
        for (position, table) in of_action.iter().enumerate() {
            if position == 0 {
                writeln!(output, "\n## {}", table.rows.action())?;
            }
            let midnight = |day: NaiveDate| day.and_time(NaiveTime::MIN).and_utc();
            writeln!(output, "\n### {}\n", span(midnight(table.from), table.until.map(midnight)))?;
            write!(output, "{}", table.rows)?;
        }
    }
    Ok(())
}
