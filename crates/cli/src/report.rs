//! `multichannel report`: verdicts, obstacles and dates of all subscriptions of a portfolio.

#![expect(clippy::trivially_copy_pass_by_ref, reason = "templates pass references")]

mod input;
mod output;
mod people;
mod summary;

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches};
use csp_multichannel::{Fact, Facts, parse_instant};
use csp_partner_center::{DateOrder, Format};

use crate::Failure;
use crate::by_rulebook::ByRulebook;
use crate::input::{AsOf, one_of};
use input::{Inputs, Part};
use output::Outputs;
use summary::Summary;

/// Report on all subscriptions: possible moves, obstacles and unknown facts
///
/// Reads JSON or CSV: subscriptions as listed by Partner Center, its PowerShell module, Microsoft
/// Graph or Azure, cases, and tables. Without a file, reads standard input; in a terminal, reports
/// on a sample portfolio.
#[derive(Args)]
pub(crate) struct Options {
    /// Files with subscriptions, of any format; `-` for standard input
    files: Vec<PathBuf>,

    #[command(flatten)]
    as_of: AsOf,

    #[command(flatten)]
    by: ByRulebook,

    /// Write a .html, .md, .csv or .jsonl file; can be repeated [default: text on standard output]
    #[arg(short, long, value_name = "FILE")]
    output: Vec<PathBuf>,

    /// Show totals and customers, without the list of subscriptions (.csv and .jsonl always have
    /// it)
    #[arg(long)]
    summary: bool,

    /// Show the facts and reasons of each subscription (.html always has them)
    #[arg(long, conflicts_with = "summary")]
    explain: bool,

    /// Show the verdicts that differ from those on this day, and the rules behind both
    #[arg(long, value_name = "DAY", value_parser = parse_instant)]
    compare: Option<DateTime<Utc>>,

    /// A table of further facts, by subscription id
    #[arg(long, value_name = "FILE")]
    facts: Vec<PathBuf>,

    /// Customers from Partner Center: their names and relationships
    #[arg(long, value_name = "FILE")]
    customers: Vec<PathBuf>,

    /// Transfer eligibility from Partner Center
    #[arg(long, value_name = "FILE")]
    eligibility: Vec<PathBuf>,

    /// The tenant id of the asking partner, which identifies its own subscriptions
    #[arg(long, value_name = "TENANT")]
    own_tenant: Option<String>,

    /// The tenant ids of other partners: one a line, or a table with `tenant` and, optionally,
    /// `channel`
    #[arg(long, value_name = "FILE")]
    other_tenants: Option<PathBuf>,

    /// The order of day and month in dates such as 3/4/2026
    #[arg(long, value_name = "ORDER", value_parser = one_of(DateOrder::ALL, DateOrder::as_str))]
    date_order: Option<DateOrder>,

    /// The format of all files [default: by extension or content]
    #[arg(long, value_name = "FORMAT", value_parser = one_of(Format::ALL, Format::as_str))]
    format: Option<Format>,

    #[command(flatten)]
    known: Known,
}

/// The facts of all subscriptions: one flag for each fact.
struct Known(Facts);

impl Args for Known {
    fn augment_args(command: Command) -> Command {
        let heading = "Facts of all subscriptions, unless the input states them";
        Fact::ALL.iter().fold(command.next_help_heading(heading), |command, &fact| {
            let values = fact.words().iter().zip(fact.meanings());
            let values = values.map(|(word, meaning)| PossibleValue::new(*word).help(*meaning));
            let flag = Arg::new(fact.as_str())
                .long(fact.as_str().replace('_', "-"))
                .value_name("WORD,...")
                .help(fact.question())
                .value_parser(PossibleValuesParser::new(values))
                .value_delimiter(',')
                .action(ArgAction::Append);
            command.arg(flag)
        })
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Known {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut known = Facts::UNKNOWN;
        for &fact in Fact::ALL {
            let words = matches.get_many::<String>(fact.as_str()).into_iter().flatten();
            let values = words.map(|word| Facts::parse(fact, word)).collect::<Result<Vec<_>, _>>();
            let values = values
                .map_err(|error| clap::Error::raw(clap::error::ErrorKind::InvalidValue, error))?;
            known = known.with(values.into_iter().reduce(Facts::union));
        }
        Ok(Self(known))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

/// Decides all subscriptions, and writes the reports; returns the number of invalid records.
pub(crate) fn run(options: &Options) -> Result<usize, Failure> {
    let as_of = options.as_of.instant();
    let inputs = Inputs::new(options)?;
    let rulebook = options.by.rulebook(&[])?;
    let edition = rulebook.edition_at(as_of)?;
    let then = options.compare.map(|day| rulebook.edition_at(day).map(|edition| (day, edition)));
    let mut summary = Summary::new((as_of, edition), then.transpose()?, options.summary);
    let mut outputs = Outputs::open(&options.output)?;
    inputs.read(options, as_of, &mut |part| {
        match part {
            Part::Mapped(mapped) => {
                if let Some(entry) = summary.decide(*mapped) {
                    outputs.entry(&entry)?;
                    summary.keep(entry);
                }
            }
            Part::Refused(refused) => {
                outputs.refused(&refused)?;
                summary.refuse(refused);
            }
            Part::Noticed(noticed) => {
                outputs.noticed(&noticed)?;
                summary.notice(noticed);
            }
        }
        Ok(())
    })?;
    summary.finish();
    outputs.finish(&summary, options)?;
    Ok(summary.refused)
}
