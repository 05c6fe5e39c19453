//! `rulebook export`: a rulebook as data, or as decision tables.

mod csv;
mod data;
mod dmn;
mod markdown;

use std::io::{self, Write};
use std::path::PathBuf;

use chrono::{DateTime, NaiveDate, Utc};
use clap::{Args, ValueEnum};
use csp_multichannel::authoring::DecisionTable;
use csp_multichannel::{Action, BeforeFirstEdition, Edition, Rulebook, parse_instant};

use crate::input::{Input, or_now};
use crate::{Failure, Outcome, output};

/// Write a rulebook as data, or as decision tables, one an action: a row for each answer, and exactly one row for each case
#[derive(Debug, Args)]
#[command(after_help = "Example: rulebook export northwind.toml --to dmn --as-of 2026-11-24 --output northwind.dmn")]
pub(crate) struct Export {
    #[command(flatten)]
    rulebook: Input,

    /// What to write
    #[arg(long, value_name = "FORM")]
    to: Form,

    /// The instant to write tables for: a day, taken at 00:00 UTC, or an RFC 3339 instant [default: all of time; for DMN, now]
    #[arg(long, value_name = "INSTANT", value_parser = parse_instant)]
    as_of: Option<DateTime<Utc>>,

    /// The action to write a table for: `request_relationship`, `recreate_and_cancel`, `switch`, `wait_until_term_end` or `cancel_then_move`
    /// [default: one for each]
    #[arg(long)]
    action: Option<Action>,

    /// The file to write, which is whole or as it was [default: standard output]
    #[arg(short, long, value_name = "PATH")]
    output: Option<PathBuf>,
}

/// What a rulebook can be written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Form {
    /// All rules, as data that reads back equal
    Toml,
    /// The same
    Json,
    /// Decision tables, to be read
    Markdown,
    /// Decision tables, for spreadsheets
    Csv,
    /// Decision tables, for engines: DMN 1.3
    Dmn,
}

/// A decision table with the days on which it holds: of editions one after another that say the same.
struct Table<'r> {
    from: NaiveDate,
    until: Option<NaiveDate>,
    rows: DecisionTable<'r>,
}

impl Export {
    pub(crate) fn run(&self) -> Result<Outcome, Failure> {
        if let Some(path) = self.output.as_deref().filter(|path| self.rulebook.file.is(path)) {
            let name = path.display();
            return Err(Failure::Usage(format!(
                "`{name}` is read and cannot be written as well, expected another name"
            )));
        }
        let rulebook = self.rulebook.rulebook()?;
        match self.to {
            Form::Toml | Form::Json if self.as_of.is_some() || self.action.is_some() => {
                Err(Failure::Usage("--as-of and --action are for decision tables, expected none with data".into()))
            }
            Form::Toml => self.write(|output| data::write_toml(output, &rulebook)),
            Form::Json => self.write(|output| data::write_json(output, &rulebook)),
            Form::Markdown => {
                let tables = self.tables(&rulebook)?;
                self.write(|output| markdown::write(output, &tables))
            }
            Form::Csv => {
                let tables = self.tables(&rulebook)?;
                self.write(|output| csv::write(output, &tables))
            }
            Form::Dmn => {
                let edition = rulebook.edition_at(or_now(self.as_of))?;
                let tables: Vec<_> = self.actions().map(|action| DecisionTable::of(edition, action)).collect();
                self.write(|output| dmn::write(output, edition, &tables))
            }
        }
    }

    fn write(&self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<Outcome, Failure> {
        match &self.output {
            Some(path) => output::save(path, write)?,
            None => output::print(write)?,
        }
        Ok(Outcome::InOrder)
    }

    fn actions(&self) -> impl Iterator<Item = Action> {
        let named = self.action;
        Action::ALL.iter().copied().filter(move |action| named.is_none_or(|named| named == *action))
    }

    /// The tables of each action, the earliest first.
    fn tables<'r>(&self, rulebook: &'r Rulebook) -> Result<Vec<Table<'r>>, BeforeFirstEdition> {
        let editions: Vec<Edition<'r>> = match self.as_of {
            Some(as_of) => vec![rulebook.edition_at(as_of)?],
            None => rulebook.editions().collect(),
        };
        Ok(self.actions().flat_map(|action| Table::of(action, &editions)).collect())
    }
}

impl<'r> Table<'r> {
    fn of(action: Action, editions: &[Edition<'r>]) -> Vec<Self> {
        let mut tables: Vec<Self> = Vec::new();
        for &edition in editions {
            let rows = DecisionTable::of(edition, action);
            match tables.last_mut() {
                Some(last) if last.rows.rows() == rows.rows() => last.until = edition.until(),
                _ => tables.push(Self { from: edition.since(), until: edition.until(), rows }),
            }
        }
        tables
    }
}
