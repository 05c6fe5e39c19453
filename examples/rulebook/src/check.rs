//! `rulebook check`: is it a rulebook, and if not, why?

use std::io::Write;

use clap::Args;
use serde::Serialize;

use crate::input::{Source, Written};
use crate::problem::Located;
use crate::text::{counted, printable};
use crate::{Failure, Outcome, output};

/// Read a rulebook, and tell everything that is wrong with it, each with its line and column
#[derive(Debug, Args)]
#[command(after_help = "Example: rulebook check northwind.toml")]
pub(crate) struct Check {
    /// A rulebook: a file in TOML or JSON, `-` for standard input, `builtin` for the built-in register
    #[arg(value_name = "FILE")]
    file: Source,

    #[command(flatten)]
    written: Written,

    /// Write one JSON object
    #[arg(long)]
    json: bool,
}

/// What was found, as JSON.
#[derive(Serialize)]
struct Record {
    file: String,
    /// How many rules and editions there are, where it is in order.
    #[serde(skip_serializing_if = "Option::is_none")]
    rules: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    editions: Option<usize>,
    problems: Vec<Located>,
}

impl Check {
    pub(crate) fn run(&self) -> Result<Outcome, Failure> {
        let file = self.file.to_string();
        let record = match self.written.read(&self.file)? {
            Ok(rulebook) => Record {
                file,
                rules: Some(rulebook.rules().len()),
                editions: Some(rulebook.editions().len()),
                problems: Vec::new(),
            },
            Err(problems) => Record { file, rules: None, editions: None, problems },
        };
        output::report(self.json, &record, |output| {
            for problem in &record.problems {
                writeln!(output, "{problem}")?;
            }
            if let (Some(rules), Some(editions)) = (record.rules, record.editions) {
                let (rules, editions) = (counted(rules, "rule"), counted(editions, "edition"));
                writeln!(output, "{}: in order, {rules} in {editions}", printable(&record.file))?;
            }
            Ok(())
        })?;
        Ok(Outcome::of(record.problems.is_empty()))
    }
}
