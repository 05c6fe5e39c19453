//! `multichannel rulebook export`: a rulebook as data, or as decision tables.

use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;

use chrono::{DateTime, Utc};
use clap::{Args, ValueEnum};
use csp_multichannel::{Action, Edition, parse_instant};
use csp_multichannel_rulebook::{
    DatedTable, decision_table, decision_tables, to_csv, to_dmn, to_json, to_markdown, to_toml,
};

use super::load;
use crate::Failure;
use crate::input::{AsOf, Source, one_of, refuse_same};

/// Write a rulebook as data that reads back equal, or as decision tables: one an action
///
/// Every case meets exactly one row of a table.
#[derive(Args)]
pub(super) struct Options {
    /// The rulebook
    file: PathBuf,

    /// What to write
    #[arg(long, value_name = "FORM")]
    to: Form,

    /// The instant of the tables: a day, taken at 00:00 UTC, or an RFC 3339 instant [default: all; of DMN, now]
    #[arg(long, value_name = "INSTANT", value_parser = parse_instant)]
    as_of: Option<DateTime<Utc>>,

    /// Only the table of this action; can be repeated
    #[arg(long, value_parser = one_of(Action::ALL, Action::as_str))]
    action: Vec<Action>,

    /// The file to write [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// All rules, as data
    Toml,
    /// The same
    Json,
    /// Decision tables, for people
    Markdown,
    /// Decision tables, for spreadsheets
    Csv,
    /// Decision tables, for decision engines: DMN 1.3
    Dmn,
}

pub(super) fn run(options: &Options) -> Result<(), Failure> {
    if let Some(path) = &options.output {
        refuse_same(&[Some(&Source::of(Some(&options.file)))], &[path])?;
    }
    if matches!(options.to, Form::Toml | Form::Json)
        && (options.as_of.is_some() || !options.action.is_empty())
    {
        return Err(Failure::TablesOnly);
    }
    let rulebook = load(&options.file)?;
    let actions: Vec<Action> = if options.action.is_empty() {
        Action::ALL.to_vec()
    } else {
        Action::ALL.iter().copied().filter(|action| options.action.contains(action)).collect()
    };
    let tables = || -> Result<Vec<DatedTable>, Failure> {
        let editions: Vec<Edition<'_>> = match options.as_of {
            Some(at) => vec![rulebook.edition_at(at)?],
            None => rulebook.editions().collect(),
        };
        Ok(actions
            .iter()
            .flat_map(|&action| decision_tables(editions.iter().copied(), action))
            .collect())
    };
    let text = match options.to {
        Form::Toml => to_toml(&rulebook),
        Form::Json => to_json(&rulebook) + "\n",
        Form::Markdown => to_markdown(&tables()?),
        Form::Csv => to_csv(&tables()?),
        Form::Dmn => {
            let edition = rulebook.edition_at(AsOf::of(options.as_of).instant())?;
            let tables: Vec<_> =
                actions.iter().map(|&action| decision_table(edition, action)).collect();
            to_dmn(edition, &tables)
        }
    };
    match &options.output {
        Some(path) => fs::write(path, text)
            .map_err(|error| Failure::File { name: path.display().to_string(), error }),
        None => Ok(io::stdout().write_all(text.as_bytes())?),
    }
}
