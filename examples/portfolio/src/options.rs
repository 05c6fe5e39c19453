//! The command line.

use std::fmt::Display;
use std::path::PathBuf;

use chrono::{DateTime, Utc};
use clap::{Args, Parser};
use csp_multichannel::{
    AutoRenew, Channel, Cloud, Customer, Engagement, Market, Partner, Relationship, Service, Status, Subscription,
    Transfer, parse_instant,
};

use crate::Failure;
use crate::input::{Format, Input};
use crate::supplied::Supplied;

/// Say for a whole customer base which ways are open to manage or move subscriptions that were bought elsewhere.
#[derive(Debug, Parser)]
#[command(
    name = "portfolio",
    version,
    after_help = "Facts in a record come first, then those of --facts, then the flags; none of them changes what is known already.\n\n\
    Exit status: 0, all subscriptions were decided; 1, some were refused; 2, unusable arguments, files that cannot be read \
    or written, or an instant before the first edition.\n\n\
    Example: portfolio --channel open --partner direct_bill --output report.html subscriptions-*.json"
)]
pub struct Options {
    /// Files of subscriptions, `-` for standard input [default: a sample portfolio]
    #[arg(value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,

    /// What the files are written in [default: what the extension says: .json, .jsonl or .ndjson, .csv or .tsv]
    #[arg(long)]
    format: Option<Format>,

    /// The instant to decide for: a day, taken at 00:00 UTC, or an RFC 3339 instant [default: now]
    #[arg(long, value_name = "INSTANT", value_parser = parse_instant)]
    pub(crate) as_of: Option<DateTime<Utc>>,

    /// Write a report: .html, .csv, .jsonl or .md; may be given several times [default: to the terminal]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Vec<PathBuf>,

    /// Tell what all comes to, and list no subscriptions in reports for people; .csv and .jsonl have all the same
    #[arg(long)]
    pub(crate) summary: bool,

    /// CSV with what is known beside the records, by subscription: `id` and columns named as the fields of a record
    #[arg(long, value_name = "FILE")]
    pub(crate) facts: Vec<PathBuf>,

    /// Partner Center's customers, as REST JSON: names, and whether there is a relationship
    #[arg(long, value_name = "FILE")]
    pub(crate) customers: Vec<PathBuf>,

    /// Partner Center's transfer eligibility, as REST JSON
    #[arg(long, value_name = "FILE")]
    pub(crate) eligibility: Vec<PathBuf>,

    #[command(flatten)]
    known: Known,
}

/// What is known of every subscription, where nothing more is known of it.
#[derive(Debug, Args)]
#[command(next_help_heading = "Facts, for all subscriptions where nothing else tells them")]
struct Known {
    #[arg(long, help = one_of("Where it was bought", Channel::ALL))]
    channel: Option<Channel>,
    #[arg(long, help = one_of("What was bought", Service::ALL))]
    service: Option<Service>,
    #[arg(long, help = one_of("The cloud instance", Cloud::ALL))]
    cloud: Option<Cloud>,
    #[arg(long, help = one_of("The asking partner's role", Partner::ALL))]
    partner: Option<Partner>,
    #[arg(long, help = one_of("The reseller relationship", Relationship::ALL))]
    relationship: Option<Relationship>,
    #[arg(long, help = one_of("What the customer is", Customer::ALL))]
    customer: Option<Customer>,
    #[arg(long, help = one_of("Whether partner and customer are in the same country or region", Market::ALL))]
    market: Option<Market>,
    /// Whether the term renews by itself: on, off
    #[arg(long)]
    auto_renew: Option<AutoRenew>,
    #[arg(long, help = one_of("The state of the subscription", Status::ALL))]
    status: Option<Status>,
    /// Whether it is part of an open transfer request: none, pending
    #[arg(long)]
    transfer: Option<Transfer>,
}

/// Help that names the words that are accepted.
fn one_of(what: &str, words: &[impl Display]) -> String {
    let words: Vec<String> = words.iter().map(ToString::to_string).collect();
    format!("{what}: {}", words.join(", "))
}

/// Sets what is known.
macro_rules! known {
    ($record:expr, $known:expr; $( $fact:ident: $with:ident, )+) => {{
        let mut record = $record;
        $( if let Some(value) = $known.$fact { record = record.$with(value); } )+
        record
    }};
}

impl Options {
    /// What the flags say of every subscription.
    pub(crate) fn supplied(&self) -> Supplied {
        let known = &self.known;
        Supplied::of_all(
            known! { Subscription::new(known.service), known;
                channel: with_channel, cloud: with_cloud, auto_renew: with_auto_renew, status: with_status,
                transfer: with_transfer,
            },
            known! { Engagement::new(), known;
                partner: with_partner, relationship: with_relationship, customer: with_customer, market: with_market,
            },
        )
    }

    /// Where subscriptions come from, each with its format.
    pub(crate) fn inputs(&self) -> Result<Vec<(Input, Format)>, Failure> {
        let read = [&self.files, &self.facts, &self.customers, &self.eligibility].into_iter().flatten();
        let read: Vec<_> = read.filter_map(|path| path.canonicalize().ok()).collect();
        if let Some(path) = self.output.iter().find(|path| path.canonicalize().is_ok_and(|path| read.contains(&path))) {
            let name = path.display();
            return Err(Failure::Usage(format!(
                "`{name}` is read and cannot be written as well, expected another name"
            )));
        }
        if self.files.is_empty() {
            return Ok(sample::SUBSCRIPTIONS.map(|(name, text)| (Input::Sample(name, text), Format::Rest)).into());
        }
        let input = |path: &PathBuf| {
            let input = if path.as_os_str() == "-" { Input::Standard } else { Input::File(path.clone()) };
            let format = self.format.or_else(|| input.format()).ok_or_else(|| {
                let name = input.name();
                Failure::Usage(format!("what {name} is written in is not told, expected --format rest, jsonl or csv"))
            })?;
            Ok((input, format))
        };
        self.files.iter().map(input).collect()
    }
}

/// The sample portfolio.
pub(crate) mod sample {
    macro_rules! file {
        ($name:literal) => {
            ($name, include_str!(concat!("../sample/", $name)))
        };
    }

    pub(crate) const SUBSCRIPTIONS: [(&str, &str); 2] = [file!("subscriptions-1.json"), file!("subscriptions-2.json")];
    pub(crate) const CUSTOMERS: (&str, &str) = file!("customers.json");
    pub(crate) const ELIGIBILITY: (&str, &str) = file!("eligibility.json");
    pub(crate) const FACTS: (&str, &str) = file!("facts.csv");
}
