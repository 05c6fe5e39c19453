//! When the verdicts on a case change.

use std::io::{self, Write};

use chrono::{DateTime, Utc};
use comfy_table::{ColumnConstraint, ContentArrangement, Table, Width};
use csp_multichannel::guidance::Period;
use csp_multichannel::{Action, ActionSet, Case, Effect, Rule, Rulebook, Verdict, guidance};
use serde::Serialize;

use crate::cases::Cases;
use crate::text::{instant, printable, words, write_refused};
use crate::{Calendar, Failure, write_json};

/// The calendar of a case, as JSON.
#[derive(Serialize)]
struct Record<'a> {
    id: &'a str,
    periods: &'a [Period<'a>],
}

/// Writes the calendars of all cases; returns how many lines were no cases.
pub(crate) fn write(output: &mut impl Write, options: &Calendar) -> Result<usize, Failure> {
    let rulebook = Rulebook::partner_center();
    if let Some(until) = options.until {
        rulebook.edition_at(until)?;
        if let Some(from) = options.from.filter(|&from| until <= from) {
            return Err(Failure::Limits { from, until });
        }
    }
    let mut cases = Cases::open(Some(&options.cases), "")?;
    let mut refused = 0;
    let mut is_first = true;
    while let Some(case) = cases.next(|| output.flush().map_err(Failure::Output))? {
        if !options.json && !is_first {
            output.write_all(b"\n\n")?;
        }
        is_first = false;
        match case {
            Ok(case) => {
                let periods = periods(&case, rulebook, options);
                if options.json {
                    write_json(output, &Record { id: &case.id, periods: &periods })?;
                } else {
                    write_table(output, &case, &periods)?;
                }
            }
            Err(refusal) => {
                refused += 1;
                if options.json {
                    write_json(output, &refusal)?;
                } else {
                    write_refused(output, &refusal)?;
                }
            }
        }
    }
    Ok(refused)
}

/// The periods between which a verdict changes, within the limits.
fn periods<'r>(case: &Case, rulebook: &'r Rulebook, options: &Calendar) -> Vec<Period<'r>> {
    let mut periods = guidance::Calendar::of(case, rulebook).changes();
    let ended = |until: DateTime<Utc>| options.from.is_some_and(|from| until <= from);
    periods
        .retain(|period| !period.until().is_some_and(ended) && options.until.is_none_or(|until| period.from() < until));
    periods
}

fn write_table(output: &mut impl Write, case: &Case, periods: &[Period<'_>]) -> io::Result<()> {
    let mut table = Table::new();
    table.load_preset(comfy_table::presets::UTF8_FULL_CONDENSED);
    table.set_content_arrangement(ContentArrangement::Dynamic).set_width(130);
    let actions = Action::ALL.iter().map(words);
    table.set_header(["from".into(), "why".into()].into_iter().chain(actions));
    // Wide enough for every single word; the rest is for the reasons.
    let of_verdicts = ColumnConstraint::Absolute(Width::Fixed(14));
    table.set_constraints(
        [ColumnConstraint::ContentWidth; 2].into_iter().chain(Action::ALL.iter().map(|_| of_verdicts)),
    );
    let mut before: Option<&Period<'_>> = None;
    for period in periods {
        let changed = changed(before, period);
        // What is as before is not told again.
        let told = |action| if changed.contains(action) { verdict(period, action) } else { String::new() };
        let cells = Action::ALL.iter().copied().map(told);
        table.add_row([instant(period.from()), why(case, period, changed)].into_iter().chain(cells));
        before = Some(period);
    }
    writeln!(output, "{}\n{table}", printable(&case.id))
}

fn verdict(period: &Period<'_>, action: Action) -> String {
    match (period.decision().verdict(action), period.decision().possible(action)) {
        (verdict @ Verdict::Undetermined, possible) => words(format!("{verdict}\n{possible}")),
        (verdict, _) => words(verdict),
    }
}

/// The actions on which the verdict is another than before, or what is possible; at first, all.
fn changed(before: Option<&Period<'_>>, period: &Period<'_>) -> ActionSet {
    let differs = |action: Action| {
        before.is_none_or(|before| before.decision().possible(action) != period.decision().possible(action))
    };
    Action::ALL.iter().copied().filter(|&action| differs(action)).collect()
}

/// What a period begins with: a phase of the term, or rules of an edition that bear on what changed.
fn why(case: &Case, period: &Period<'_>, changed: ActionSet) -> String {
    let mut reasons = Vec::new();
    if let Some(phases) = period.begins_with_phases() {
        reasons.push(format!("term: {phases}"));
    }
    if period.begins_with_edition() {
        let edition = period.decision().edition();
        let facts = case.facts(period.from());
        let bears = |rule: &&Rule| {
            rule.effect() != Effect::Advise
                && !rule.actions().intersection(changed).is_empty()
                && rule.condition().may_be_met(facts)
        };
        let ended = edition.ended().filter(bears).map(|rule| format!("- {}", rule.id()));
        let begun = edition.begun().filter(bears).map(|rule| format!("+ {}", rule.id()));
        match edition.previous() {
            Some(_) => reasons.extend(["edition:".into()].into_iter().chain(ended).chain(begun)),
            None => reasons.push("the first edition".into()),
        }
    }
    reasons.join("\n")
}
