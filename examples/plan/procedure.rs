//! Procedures, to be read.

use std::io::{self, Write};

use csp_multichannel::guidance::ProcedureStep;
use csp_multichannel::{Condition, Fact, Facts, ValueSet};

use crate::text::{name, paragraph};

/// What stands before lines.
pub(crate) struct Leads<'a> {
    /// Before the first.
    pub(crate) first: &'a str,
    /// Before those after it.
    pub(crate) further: &'a str,
    /// Between what stands on one page and what on the next.
    pub(crate) between: &'a str,
}

/// Writes who does what, page by page.
pub(crate) fn write(
    output: &mut impl Write,
    leads: &Leads<'_>,
    steps: &[ProcedureStep],
    facts: Facts,
) -> io::Result<()> {
    let Leads { first, further, between } = leads;
    let same = |one: &ProcedureStep, other: &ProcedureStep| (one.page(), one.basis()) == (other.page(), other.basis());
    for (number, steps) in steps.chunk_by(same).enumerate() {
        let Some(page) = steps.first() else { continue };
        let cases: Vec<String> = steps.iter().map(|step| cases(step.condition(), facts)).collect();
        // What all have in common is told once.
        let common = cases.first().filter(|first| cases.iter().all(|case| case == *first));
        let (between, lead) = if number == 0 { ("", first) } else { (*between, further) };
        let all = common.map_or("", String::as_str);
        writeln!(output, "{between}{lead}{}, {}{all}:", page.basis(), page.page())?;
        for (step, case) in steps.iter().zip(&cases) {
            let case = if common.is_some() { "" } else { case };
            paragraph(
                output,
                &format!("{further}{}. ", step.number()),
                &format!("{}: {}{case}", who(step), step.text()),
            )?;
        }
    }
    Ok(())
}

fn who(step: &ProcedureStep) -> String {
    let separator = if step.is_for_any() { " or " } else { " and " };
    step.actors().iter().copied().map(name).collect::<Vec<_>>().join(separator)
}

/// In which cases a step belongs to a procedure, as far as what is known leaves that open: `, where cloud: public`.
fn cases(condition: Condition, facts: Facts) -> String {
    let is_open = |fact: &Fact| !facts.possible(*fact).is_subset(condition.values());
    let values = condition.facts().iter().filter(is_open).map(|fact| condition.admitted(fact));
    let open = values.fold(ValueSet::EMPTY, ValueSet::union);
    if open.is_empty() { String::new() } else { format!(", where {}", Condition::new(open)) }
}
