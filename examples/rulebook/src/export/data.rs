//! Rulebooks as data.

use std::io::{self, Write};

use csp_multichannel::Rulebook;
use toml::Value;
use toml::value::Datetime;

pub(super) fn write_json(output: &mut dyn Write, rulebook: &Rulebook) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *output, rulebook)?;
    output.write_all(b"\n")
}

/// Writes a table for each rule, with a field a line, as one would by hand: `toml`'s own layout has a table for each condition and source.
pub(super) fn write_toml(output: &mut dyn Write, rulebook: &Rulebook) -> io::Result<()> {
    for (position, rule) in rulebook.rules().iter().enumerate() {
        writeln!(output, "{}[[rules]]", if position == 0 { "" } else { "\n" })?;
        for (field, value) in toml::Table::try_from(rule).map_err(io::Error::other)? {
            let day = if field == "from" || field == "until" { day(&value) } else { None };
            writeln!(output, "{field} = {}", day.unwrap_or(value))?;
        }
    }
    Ok(())
}

/// A day as TOML has them.
fn day(value: &Value) -> Option<Value> {
    value.as_str()?.parse::<Datetime>().ok().map(Value::Datetime)
}
