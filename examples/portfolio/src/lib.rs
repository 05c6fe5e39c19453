//! From Partner Center's records to a report on a whole customer base.

mod entry;
mod input;
#[path = "../../decide/lines.rs"]
mod lines;
mod options;
mod outcome;
mod output;
mod summary;
mod supplied;

use std::io::{self, IsTerminal};
use std::path::PathBuf;

use chrono::{SubsecRound, Utc};
use csp_multichannel::{BeforeFirstEdition, Rulebook};
use indicatif::{ProgressBar, ProgressStyle};

use entry::{Place, Refused};
use input::{Input, Reading};
pub use lines::Unreadable;
pub use options::Options;
use options::sample;
use outcome::Outcomes;
use output::Output;
pub use output::{Unwritable, printable};
use summary::Summary;
use supplied::Supplied;

/// Why nothing more can be decided.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// There is no policy yet at the instant asked about.
    #[error(transparent)]
    Instant(#[from] BeforeFirstEdition),
    /// Input that cannot be read.
    #[error(transparent)]
    Input(#[from] Unreadable),
    /// A report that cannot be written.
    #[error(transparent)]
    Output(#[from] Unwritable),
    /// Arguments that cannot be used.
    #[error("{0}")]
    Usage(String),
}

/// Decides all subscriptions, and writes the reports; returns how that went.
///
/// # Errors
///
/// [`Failure`], where nothing more can be decided.
pub fn run(options: &Options) -> Result<Run, Failure> {
    let as_of = options.as_of.unwrap_or_else(|| Utc::now().trunc_subsecs(0));
    let edition = Rulebook::partner_center().edition_at(as_of)?;
    let inputs = options.inputs()?;
    let mut outputs = Output::open_all(&options.output, !options.summary)?;
    let mut outcomes = Outcomes::of(edition);
    let mut summary = Summary::of(edition, as_of);

    let supplied = supply(options, &mut |refused| {
        summary.add_refused(&refused);
        outputs.iter_mut().try_for_each(|output| output.refused(&refused))
    })?;
    let progress = progress(&inputs);
    for (input, format) in inputs {
        let reading = Reading { file: input.name().into(), supplied: &supplied, as_of };
        input::read(input.open(&progress)?, format, &reading, &mut |entry| {
            match entry {
                Ok(entry) => {
                    let outcome = outcomes.decide(entry.facts);
                    summary.add(&entry, &outcome);
                    for output in &mut outputs {
                        output.entry(&entry, &outcome, as_of)?;
                    }
                    summary.count(&mut outcomes, false);
                }
                Err(refused) => {
                    summary.add_refused(&refused);
                    for output in &mut outputs {
                        output.refused(&refused)?;
                    }
                }
            }
            Ok(())
        })?;
    }
    progress.finish_and_clear();
    summary.count(&mut outcomes, true);
    for output in outputs {
        output.finish(&summary)?;
    }
    Ok(Run::of(options, &summary, &supplied))
}

/// How a run went.
#[derive(Debug)]
pub struct Run {
    /// How many subscriptions were decided.
    pub decided: u64,
    /// How many were refused.
    pub refused: u64,
    /// What the reports do not tell, for standard error: what was written where, and facts that were of no use.
    pub notes: Vec<String>,
}

impl Run {
    fn of(options: &Options, summary: &Summary, supplied: &Supplied) -> Self {
        let Summary { decided, refused, .. } = *summary;
        let mut notes = Vec::new();
        let unused = supplied.unused();
        if let Some(first) = unused.first() {
            let first = output::printable(first);
            notes.push(format!("facts that are of no subscription: {}, such as those of `{first}`", unused.len()));
        }
        for (flag, paths) in [("customers", &options.customers), ("eligibility", &options.eligibility)] {
            if !paths.is_empty() && supplied.useless().any(|useless| useless == flag) {
                notes.push(format!("nothing in --{flag} is of any subscription"));
            }
        }
        if decided + refused == 0 {
            notes.push("nothing was read: there is no subscription in what was given".into());
        }
        if !options.output.is_empty() {
            let told = summary.first_refused.iter();
            notes.extend(told.map(|refused| format!("refused: {}", output::printable(&refused.to_string()))));
            let name = |path: &PathBuf| format!("`{}`", output::printable(&path.display().to_string()));
            let names: Vec<_> = options.output.iter().map(name).collect();
            notes.push(format!("{decided} decided, {refused} refused: {}", names.join(", ")));
        }
        Self { decided, refused, notes }
    }
}

/// Reads what is known beside the subscriptions; what is wrong in it is told like a subscription that is.
fn supply(options: &Options, refused: &mut dyn FnMut(Refused) -> Result<(), Unwritable>) -> Result<Supplied, Failure> {
    let mut supplied = options.supplied();
    let silent = ProgressBar::hidden();
    let of_sample = options.files.is_empty();
    let [facts, customers, eligibility] = [
        (&options.facts, sample::FACTS),
        (&options.customers, sample::CUSTOMERS),
        (&options.eligibility, sample::ELIGIBILITY),
    ]
    .map(|(paths, (name, text))| {
        let files = paths.iter().cloned().map(Input::File);
        files.chain(of_sample.then_some(Input::Sample(name, text))).collect::<Vec<_>>()
    });
    for input in facts {
        input::csv::rows(input.open(&silent)?, &input.name(), &mut |line, row| {
            match row {
                Ok(row) => {
                    let added = supplied.add_facts(row);
                    let place = Place::Line(line);
                    let file = input.name();
                    let wrong =
                        added.map_err(|(id, error)| Refused { file, place, id: Some(id), error: error.to_string() });
                    wrong.or_else(&mut *refused)?;
                }
                Err(error) => refused(error)?,
            }
            Ok(())
        })?;
    }
    for input in customers {
        input::rest::resources(input.open(&silent)?, &input.name(), &mut |customer| {
            match customer {
                Ok(customer) => supplied.add_customer(customer),
                Err(error) => refused(error)?,
            }
            Ok(())
        })?;
    }
    for input in eligibility {
        input::rest::resources(input.open(&silent)?, &input.name(), &mut |eligibility| {
            match eligibility {
                Ok(eligibility) => supplied.add_eligibility(eligibility),
                Err(error) => refused(error)?,
            }
            Ok(())
        })?;
    }
    Ok(supplied)
}

/// A bar on standard error, where that is a terminal and the input does not come from one.
fn progress(inputs: &[(Input, input::Format)]) -> ProgressBar {
    let typed = io::stdin().is_terminal() && inputs.iter().any(|(input, _)| matches!(input, Input::Standard));
    if typed || !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bytes: Option<u64> = inputs.iter().map(|(input, _)| input.len()).sum();
    let (progress, template) = match bytes {
        Some(bytes) => (ProgressBar::new(bytes), "{bar:40} {percent:>3} % of {total_bytes}, {eta} left"),
        None => (ProgressBar::no_length(), "{spinner} {bytes} read, {elapsed}"),
    };
    progress.with_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()))
}
