//! Decision tables as CSV: all of them in one, a row each.

use std::io::{self, Write};

use csp_multichannel::Fact;

use super::Table;

/// The columns before and after the facts.
const FIRST: [&str; 3] = ["action", "from", "until"];
const LAST: [&str; 2] = ["verdict", "requirements"];

pub(super) fn write(output: &mut dyn Write, tables: &[Table<'_>]) -> io::Result<()> {
    let mut csv = ::csv::Writer::from_writer(output);
    csv.write_record(FIRST.into_iter().chain(Fact::ALL.iter().map(|fact| fact.as_str())).chain(LAST))?;
    for table in tables {
        for row in table.rows.rows() {
            csv.write_field(table.rows.action().as_str())?;
            csv.write_field(table.from.to_string())?;
            csv.write_field(table.until.map(|day| day.to_string()).unwrap_or_default())?;
            for &fact in Fact::ALL {
                let admitted = row.condition().admitted(fact);
                let is_any = admitted == fact.values();
                csv.write_field(if is_any { "any".into() } else { admitted.to_string() })?;
            }
            csv.write_field(row.verdict().as_str())?;
            csv.write_field(inert(&row.requirements().join(", ")))?;
            csv.write_record(None::<&[u8]>)?;
        }
    }
    csv.flush()
}

/// Text that a spreadsheet takes as text. Words of the vocabulary and days begin with a letter or a digit; a requirement's name can begin
/// with `-`, of all that begins a formula.
fn inert(names: &str) -> String {
    if names.starts_with('-') { format!("'{names}") } else { names.into() }
}
