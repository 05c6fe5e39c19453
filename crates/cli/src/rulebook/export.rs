//! `multichannel rulebook export`: a rulebook as TOML or JSON, decision tables, or SQL.

use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;

use chrono::{DateTime, Utc};
use clap::{Args, ValueEnum};
use csp_multichannel::{Action, Edition, parse_instant};
use csp_multichannel_rulebook::{
    DatedTable, Sql, decision_table, decision_tables, to_csv, to_dmn, to_json, to_markdown, to_sql,
    to_toml,
};

use super::load;
use crate::Failure;
use crate::input::{AsOf, Source, one_of, refuse_same};

/// Write a rulebook as TOML or JSON, as decision tables, or as SQL
///
/// TOML and JSON read back as an equal rulebook. There is one decision table for each action; every
/// case matches exactly one of its rows.
#[derive(Args)]
pub(super) struct Options {
    /// The rulebook
    file: PathBuf,

    /// The format to write
    #[arg(long, value_name = "FORM")]
    to: Form,

    /// The day (00:00 UTC) or RFC 3339 instant of the tables [default: all editions; for DMN and
    /// SQL, now]
    #[arg(long, value_name = "INSTANT", value_parser = parse_instant)]
    as_of: Option<DateTime<Utc>>,

    /// Write only the table of this action; can be repeated
    #[arg(long, value_parser = one_of(Action::ALL, Action::as_str))]
    action: Vec<Action>,

    /// SQL only: the table with the cases, such as `sales.cases` [default: cases]
    #[arg(long, value_name = "NAME")]
    table: Option<String>,

    /// SQL only: create a view of this name instead of a query
    #[arg(long, value_name = "NAME")]
    view: Option<String>,

    /// SQL only: add the ids of the deciding rules
    #[arg(long)]
    reasons: bool,

    /// SQL only: derive the term phase from `purchased_at`, `ends_on` and `cancellable_until`
    #[arg(long)]
    dates: bool,

    /// The file to write [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// All rules, as TOML
    Toml,
    /// All rules, as JSON
    Json,
    /// Decision tables, as Markdown
    Markdown,
    /// Decision tables, as CSV
    Csv,
    /// Decision tables, as DMN 1.3 for decision engines
    Dmn,
    /// A query that decides the rows of a table
    Sql,
}

impl Options {
    /// Returns a given option that is for SQL only.
    const fn sql_only(&self) -> Option<&'static str> {
        match self {
            Self { table: Some(_), .. } => Some("--table"),
            Self { view: Some(_), .. } => Some("--view"),
            Self { reasons: true, .. } => Some("--reasons"),
            Self { dates: true, .. } => Some("--dates"),
            _ => None,
        }
    }

    fn sql(&self, as_of: DateTime<Utc>) -> Sql {
        let mut sql = Sql::new();
        if let Some(table) = &self.table {
            sql = sql.from_table(table);
        }
        if let Some(view) = &self.view {
            sql = sql.as_view(view);
        }
        if self.reasons {
            sql = sql.with_reasons();
        }
        if self.dates { sql.with_dates_at(as_of) } else { sql }
    }
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
    let is_sql = options.to == Form::Sql;
    if let (false, Some(option)) = (is_sql, options.sql_only()) {
        return Err(Failure::SqlOnly(option));
    }
    if is_sql && !options.action.is_empty() {
        return Err(Failure::AllActions);
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
        Form::Sql => {
            let as_of = AsOf::of(options.as_of).instant();
            to_sql(rulebook.edition_at(as_of)?, &options.sql(as_of))
        }
    };
    match &options.output {
        Some(path) => fs::write(path, text)
            .map_err(|error| Failure::File { name: path.display().to_string(), error }),
        None => Ok(io::stdout().write_all(text.as_bytes())?),
    }
}
