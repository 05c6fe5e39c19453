//! `multichannel report`: what can be done next with all subscriptions of a portfolio.

#![expect(clippy::trivially_copy_pass_by_ref, reason = "templates hand over references")]

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
use crate::input::{AsOf, one_of};
use crate::rulebook::ByRulebook;
use input::{Inputs, Part};
use output::Outputs;
use summary::Summary;

/// Report on all subscriptions: what can be done next, what is in the way, and what is not known
///
/// Reads subscriptions as Partner Center, its PowerShell module, the directory or Azure list them, cases, and tables, in
/// JSON or CSV. Without a file, reads standard input, or a sample portfolio where that is a terminal.
#[derive(Args)]
pub(crate) struct Options {
    /// Files of subscriptions, of any format; `-` for standard input
    files: Vec<PathBuf>,

    #[command(flatten)]
    as_of: AsOf,

    #[command(flatten)]
    by: ByRulebook,

    /// Write a report: .html, .csv, .jsonl or .md; can be repeated [default: text to standard output]
    #[arg(short, long, value_name = "FILE")]
    output: Vec<PathBuf>,

    /// Show totals and customers, and list no subscriptions (.csv and .jsonl always do)
    #[arg(long)]
    summary: bool,

    /// Show each subscription with its facts, their origins, and the reasons of each verdict
    #[arg(long, conflicts_with = "summary")]
    explain: bool,

    /// Show which verdicts differ from those of a day, and the rules behind both
    #[arg(long, value_name = "DAY", value_parser = parse_instant)]
    compare: Option<DateTime<Utc>>,

    /// A table of facts that the records do not state, by subscription
    #[arg(long, value_name = "FILE")]
    facts: Vec<PathBuf>,

    /// Partner Center's customers: their names, and whether there is a relationship
    #[arg(long, value_name = "FILE")]
    customers: Vec<PathBuf>,

    /// Partner Center's transfer eligibility of the subscriptions
    #[arg(long, value_name = "FILE")]
    eligibility: Vec<PathBuf>,

    /// The asking partner's tenant: what it owns in a directory is its own
    #[arg(long, value_name = "TENANT")]
    partner_tenant: Option<String>,

    /// The tenants of other partners: a table with `tenant` and, where it is known, `channel`, or one tenant a line
    #[arg(long, value_name = "FILE")]
    partner_tenants: Option<PathBuf>,

    /// How to read dates such as 3/4/2026
    #[arg(long, value_name = "ORDER", value_parser = one_of(DateOrder::ALL, DateOrder::as_str))]
    date_order: Option<DateOrder>,

    /// The format of all files [default: by the extension of each, else found out]
    #[arg(long, value_name = "FORMAT", value_parser = one_of(Format::ALL, Format::as_str))]
    format: Option<Format>,

    #[command(flatten)]
    known: Known,
}

/// What holds for all subscriptions: one flag for each fact.
struct Known(Facts);

impl Args for Known {
    fn augment_args(command: Command) -> Command {
        let heading = "Facts of all subscriptions, where nothing else states them";
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

/// Decides all subscriptions, and writes the reports; returns how many records were refused.
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
