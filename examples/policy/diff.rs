//! What changed between two editions.

use std::io::{self, Write};
use std::iter;

use chrono::{DateTime, Utc};
use csp_multichannel::guidance::{Difference, Shift};
use csp_multichannel::{Action, Case, Decision, Rulebook, Set, Verdict};
use serde::Serialize;

use crate::cases::Cases;
use crate::text::{counted, labelled, printable, write_refused};
use crate::{Diff, Failure, rule, write_json};

/// A case that the difference touches, as JSON.
#[derive(Serialize)]
struct Record<'a> {
    id: &'a str,
    touched: Vec<Touched>,
}

/// How a verdict differs; what is possible, where it is undetermined.
#[derive(Serialize)]
struct Touched {
    action: Action,
    before: Verdict,
    #[serde(skip_serializing_if = "Option::is_none")]
    possible_before: Option<Set<Verdict>>,
    after: Verdict,
    #[serde(skip_serializing_if = "Option::is_none")]
    possible_after: Option<Set<Verdict>>,
}

/// Writes the difference, and the cases that it touches; returns how many lines were no cases.
pub(crate) fn write(output: &mut impl Write, options: &Diff) -> Result<usize, Failure> {
    let rulebook = Rulebook::partner_center();
    let difference = Difference::between(rulebook.edition_at(options.from)?, rulebook.edition_at(options.to)?);
    if options.json {
        write_json(output, &difference)?;
    } else {
        write_difference(output, &difference)?;
    }
    match &options.cases {
        Some(path) => {
            let cases = Cases::open(Some(path), "")?;
            write_cases(output, &difference, cases, options)
        }
        None => Ok(0),
    }
}

fn write_difference(output: &mut impl Write, difference: &Difference<'_>) -> io::Result<()> {
    let (from, to) = (difference.from().since(), difference.to().since());
    if from == to {
        return writeln!(output, "The edition of {from} holds on both days.");
    }
    writeln!(output, "From the edition of {from} to that of {to}")?;
    let signed = difference.ended().map(|rule| ('-', rule)).chain(difference.begun().map(|rule| ('+', rule)));
    for (sign, rule) in signed {
        writeln!(output)?;
        rule::write(output, sign, rule)?;
    }
    writeln!(output)?;
    write_shifts(output, &difference.cases())
}

/// Writes in which cases the verdict on an action changes, and how.
fn write_shifts(output: &mut impl Write, shifts: &[Shift]) -> io::Result<()> {
    if shifts.is_empty() {
        return writeln!(output, "\nNo case is answered otherwise.");
    }
    writeln!(output, "\nCases that are answered otherwise")?;
    let kind = |shift: &Shift| (shift.action(), shift.before(), shift.after());
    let mut sorted: Vec<&Shift> = shifts.iter().collect();
    sorted.sort_by_key(|shift| kind(shift));
    for alike in sorted.chunk_by(|one, other| kind(one) == kind(other)) {
        if let Some(shift) = alike.first() {
            writeln!(output, "\n{:22}was {}, is {}", shift.action(), shift.before(), shift.after())?;
        }
        for shift in alike {
            write_condition(output, shift)?;
        }
    }
    Ok(())
}

/// Writes the cases of a shift, a fact a line.
fn write_condition(output: &mut impl Write, shift: &Shift) -> io::Result<()> {
    let facts = rule::facts(shift.condition());
    if facts.is_empty() {
        return labelled(output, "", "in every case");
    }
    let labels = iter::once("where").chain(iter::repeat(""));
    facts.iter().zip(labels).try_for_each(|(fact, label)| labelled(output, label, fact))
}

fn write_cases(
    output: &mut impl Write,
    difference: &Difference<'_>,
    mut cases: Cases,
    options: &Diff,
) -> Result<usize, Failure> {
    let (mut all, mut touched, mut refused) = (0, 0, 0);
    if !options.json {
        writeln!(output, "\n\nCases of the file that are touched\n")?;
    }
    while let Some(case) = cases.next(|| output.flush().map_err(Failure::Output))? {
        match case {
            Ok(case) => {
                all += 1;
                let how = how(difference, &case, options.to);
                touched += usize::from(!how.is_empty());
                write_case(output, &case, how, options.json)?;
            }
            Err(refusal) if options.json => {
                refused += 1;
                write_json(output, &refusal)?;
            }
            Err(refusal) => {
                refused += 1;
                write_refused(output, &refusal)?;
            }
        }
    }
    if !options.json {
        writeln!(output, "\n{touched} of {} touched, {} refused", counted(all, "case"), counted(refused, "line"))?;
    }
    Ok(refused)
}

fn write_case(output: &mut impl Write, case: &Case, how: Vec<Touched>, json: bool) -> io::Result<()> {
    if how.is_empty() {
        return Ok(());
    }
    if json {
        return write_json(output, &Record { id: &case.id, touched: how });
    }
    writeln!(output, "{}", printable(&case.id))?;
    for Touched { action, before, possible_before, after, possible_after } in how {
        let before = verdict(before, possible_before);
        let after = verdict(after, possible_after);
        if before == after {
            // All is possible that was, and of some cases that are possible something else is true.
            writeln!(output, "    {action:22}was and is {after}, in other cases")?;
        } else {
            writeln!(output, "    {action:22}was {before}, is {after}")?;
        }
    }
    Ok(())
}

/// A verdict in words: `undetermined (allowed, denied)`.
fn verdict(verdict: Verdict, possible: Option<Set<Verdict>>) -> String {
    possible.map_or_else(|| verdict.to_string(), |possible| format!("{verdict} ({possible})"))
}

/// How the verdicts on a case differ, with its term where it is at an instant.
fn how(difference: &Difference<'_>, case: &Case, at: DateTime<Utc>) -> Vec<Touched> {
    let facts = case.facts(at);
    let (before, after) = (difference.from().decide(facts), difference.to().decide(facts));
    let possible = |decision: &Decision<'_>, action| {
        (decision.verdict(action) == Verdict::Undetermined).then(|| decision.possible(action))
    };
    let touched = difference.touched(facts).iter().map(|action| Touched {
        action,
        before: before.verdict(action),
        possible_before: possible(&before, action),
        after: after.verdict(action),
        possible_after: possible(&after, action),
    });
    touched.collect()
}
