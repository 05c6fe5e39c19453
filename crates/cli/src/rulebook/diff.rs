//! `multichannel rulebook diff`: the effects of a change to a rulebook.

use std::cell::RefCell;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use chrono::{DateTime, NaiveTime, Utc};
use clap::Args;
use csp_multichannel::{Action, BeforeFirstEdition, Decision, Edition, Rulebook, Subscription};
use csp_multichannel_rulebook::{ChangeKind, VerdictChange, difference};
use serde::Serialize;

use super::{load_two, name};
use crate::Failure;
use crate::difference::{self, Record, write_change};
use crate::input::{AsOf, Cases, Source, one_of};
use crate::text::{counted, paragraph, printable, stdout, write_json};

/// Compare two rulebooks: the rules that changed, and the cases with other verdicts
///
/// Compares the rulebooks at `--as-of` and on every later day. The last line is the kind of the
/// change: `none`; `wording`: reasons, sources or advice; `additive`: verdicts only on cases that
/// were not covered; `breaking`: another verdict.
#[derive(Args)]
pub(super) struct Options {
    /// The old rulebook
    old: PathBuf,

    /// The new rulebook
    new: PathBuf,

    /// Your own cases, as JSON: shows those whose verdicts change at `--as-of`
    cases: Option<PathBuf>,

    #[command(flatten)]
    as_of: AsOf,

    /// Exit with 1 if the change is of this kind or a stronger one
    #[arg(long, value_name = "KIND", value_parser = one_of(DENIABLE, ChangeKind::as_str))]
    deny: Option<ChangeKind>,

    /// Write JSON: one record for each day with a new difference, one for each case that changes,
    /// and one with the kind
    #[arg(long)]
    json: bool,
}

/// The kinds of a change that can be denied.
const DENIABLE: &[ChangeKind] = &[ChangeKind::Wording, ChangeKind::Additive, ChangeKind::Breaking];

/// A case that changes, as JSON.
#[derive(Serialize)]
struct CaseRecord<'a> {
    id: &'a str,
    changes: &'a [VerdictChange],
}

/// The kind of the whole change, as JSON.
#[derive(Serialize)]
struct Summary {
    kind: ChangeKind,
    #[serde(flatten)]
    portfolio: Option<Portfolio>,
}

/// The numbers of cases.
#[derive(Clone, Copy, Default, Serialize)]
struct Portfolio {
    compared: usize,
    #[serde(rename = "changed")]
    differing: usize,
    invalid: usize,
}

/// Writes the difference; returns the number of invalid records, plus 1 if the change is denied.
pub(super) fn run(options: &Options) -> Result<usize, Failure> {
    let Options { json, as_of, .. } = *options;
    let as_of = as_of.instant();
    let cases = options.cases.as_deref().map(|path| Source::of(Some(path)));
    let standard = |path: &PathBuf| matches!(Source::of(Some(path)), Source::StandardInput);
    if matches!(cases, Some(Source::StandardInput))
        && [&options.old, &options.new].into_iter().any(standard)
    {
        return Err(Failure::StandardInputTwice("the cases"));
    }
    let (old, new) = load_two(&options.old, &options.new)?;
    let output = RefCell::new(BufWriter::new(stdout()));
    // Opens the cases before anything is written.
    let cases = cases.map(|cases| cases.cases(&[], &output)).transpose()?;
    let mut kind = ChangeKind::None;
    let mut last = None;
    for day in days(&old, &new, as_of) {
        let from = edition(&options.old, &old, day)?;
        let to = edition(&options.new, &new, day)?;
        let difference = difference(from, to);
        kind = kind.max(difference.kind);
        // Most editions have the same difference as the one before.
        if last.as_ref() == Some(&difference) {
            continue;
        }
        let output = &mut *output.borrow_mut();
        if json {
            write_json(output, &Record::new(from, to, &difference))?;
        } else {
            let names = format!("From {} to {}", name(&options.old), name(&options.new));
            let lead = format!("{}, as of {}", printable(&names), day.date_naive());
            difference::write(output, &lead, from, to, &difference)?;
            writeln!(output)?;
        }
        last = Some(difference);
    }
    let portfolio = cases.map(|cases| compare(cases, &old, &new, (as_of, json), &output));
    let portfolio = portfolio.transpose()?;
    let output = &mut *output.borrow_mut();
    if json {
        write_json(output, &Summary { kind, portfolio })?;
    } else {
        if let Some(Portfolio { compared, differing, invalid }) = portfolio {
            let subscriptions = counted(compared, "subscription");
            writeln!(
                output,
                "{differing} of {subscriptions} changed as of {}, {invalid} invalid\n",
                options.as_of.text()
            )?;
        }
        writeln!(output, "{kind}")?;
    }
    output.flush()?;
    let is_denied = options.deny.is_some_and(|denied| kind >= denied);
    Ok(portfolio.map_or(0, |of| of.invalid) + usize::from(is_denied))
}

fn edition<'r>(
    path: &Path,
    rulebook: &'r Rulebook,
    day: DateTime<Utc>,
) -> Result<Edition<'r>, Failure> {
    let edition = rulebook.edition_at(day);
    edition.map_err(|error| Failure::NoEdition { name: name(path), error })
}

/// Writes the cases that change.
fn compare<W: Write>(
    mut cases: Cases<'_, W>,
    old: &Rulebook,
    new: &Rulebook,
    (as_of, json): (DateTime<Utc>, bool),
    output: &RefCell<W>,
) -> Result<Portfolio, Failure> {
    let mut all = Portfolio::default();
    while let Some(next) = cases.next()? {
        let output = &mut *output.borrow_mut();
        match next {
            Ok(case) => {
                all.compared += 1;
                let changes = changes(old, new, &case.subscription, as_of)?;
                all.differing += usize::from(!changes.is_empty());
                if !changes.is_empty() && json {
                    write_json(output, &CaseRecord { id: &case.id, changes: &changes })?;
                } else if !changes.is_empty() {
                    writeln!(output, "{}", printable(&case.id))?;
                    changes.iter().try_for_each(|change| write_change(output, "    ", change))?;
                }
            }
            Err(refusal) if json => write_json(output, &refusal)?,
            Err(refusal) => writeln!(output, "{}", paragraph("", &refusal.to_string()))?,
        }
    }
    all.invalid = cases.refused;
    Ok(all)
}

/// Returns an instant, and the later days on which an edition of either rulebook begins.
fn days(old: &Rulebook, new: &Rulebook, as_of: DateTime<Utc>) -> Vec<DateTime<Utc>> {
    let editions = old.editions().chain(new.editions());
    let begun = editions.map(|edition| edition.since().and_time(NaiveTime::MIN).and_utc());
    let mut days: Vec<_> = begun.filter(|day| *day > as_of).chain([as_of]).collect();
    days.sort_unstable();
    days.dedup();
    days
}

/// Returns the changed verdicts of a subscription.
fn changes(
    old: &Rulebook,
    new: &Rulebook,
    subscription: &Subscription,
    as_of: DateTime<Utc>,
) -> Result<Vec<VerdictChange>, BeforeFirstEdition> {
    let (before, after) = (old.decide(subscription, as_of)?, new.decide(subscription, as_of)?);
    let facts = before.facts();
    let answer = |decision: &Decision<'_>, action: Action| {
        let required: Vec<String> = decision.requirements(action).map(Into::into).collect();
        (decision.verdict(action), required)
    };
    let changes = Action::ALL.iter().filter_map(|&action| {
        let (before, after) = (answer(&before, action), answer(&after, action));
        // The order of requirements does not matter.
        let same = |one: &[String], other: &[String]| one.iter().all(|name| other.contains(name));
        let is_same = before.0 == after.0 && same(&before.1, &after.1) && same(&after.1, &before.1);
        (!is_same).then(|| VerdictChange::new(action, before, after, facts))
    });
    Ok(changes.collect())
}
