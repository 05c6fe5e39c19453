//! The plans for a case, to be read.

use std::io::{self, Write};

use chrono::{DateTime, Utc};
use csp_multichannel::guidance::{Actor, Deed, Obstacle, Plan, Plans, ProcedureStep, Question, Step, Weights};
use csp_multichannel::{Action, ActionSet, Case, Facts, Rule, Rulebook, Verdict};

use crate::procedure::{self, Leads};
use crate::text::{counted, instant, labelled, name, paragraph, printable, source, span};

const HOW: Leads<'_> = Leads { first: "    how       ", further: "              ", between: "" };

/// Writes what is asked, the ways, what stands in the others, and what to ask next.
pub(crate) fn write(output: &mut impl Write, case: &Case, plans: &Plans<'_>, as_of: DateTime<Utc>) -> io::Result<()> {
    let facts = case.facts(as_of);
    writeln!(output, "{}", printable(&case.id))?;
    write_known(output, facts)?;
    let count = counted(plans.ways().len(), "way");
    writeln!(output, "\nTo {} it, as of {}: {count}", plans.goal(), instant(as_of))?;
    for (at, plan) in plans.ways().iter().enumerate() {
        write_plan(output, plan, plans.ways().get(..at).unwrap_or_default())?;
    }
    write_obstacles(output, plans)?;
    match next_question(plans, facts, as_of) {
        Some(question) => write_question(output, &question),
        None => Ok(()),
    }
}

/// When the goal is reached on a way.
pub(crate) fn done(plan: &Plan<'_>) -> String {
    match plan.done() {
        _ if plan.steps().is_empty() => "reached already".into(),
        Some(done) => format!("done from {} on", instant(done)),
        None => "done when the term ends".into(),
    }
}

/// Who takes a step.
pub(crate) fn who(step: &Step<'_>) -> String {
    name(step.actor())
}

/// What is done in a step.
pub(crate) fn deed(step: &Step<'_>) -> String {
    match (step.deed(), step.actor()) {
        (Deed::Wait, Actor::Microsoft) => "wait for the policy to change".into(),
        (Deed::Wait, _) => "wait for the term".into(),
        (deed, _) => deed.to_string(),
    }
}

/// When a step can be done, and after which others.
pub(crate) fn when(step: &Step<'_>) -> String {
    let span = span(step.earliest(), step.latest());
    if step.after().is_empty() {
        return span;
    }
    let after: Vec<String> = step.after().iter().map(|before| (before + 1).to_string()).collect();
    format!("{span}, after {}", after.join(", "))
}

/// What is known, a few facts a line.
fn write_known(output: &mut impl Write, facts: Facts) -> io::Result<()> {
    let text = facts.to_string();
    let facts: Vec<&str> = text.split("; ").collect();
    facts.chunks(4).try_for_each(|few| writeln!(output, "    {}", few.join("; ")))
}

/// A rule's reason, and on a line of its own where it comes from.
fn explain(output: &mut impl Write, label: &str, rule: &Rule) -> io::Result<()> {
    labelled(output, label, rule.reason())?;
    labelled(output, "", &origin(rule))
}

fn origin(rule: &Rule) -> String {
    format!("{}: {}", rule.id(), source(rule))
}

/// Writes a way; what a way before it told of the same step, is not told again.
fn write_plan(output: &mut impl Write, plan: &Plan<'_>, before: &[Plan<'_>]) -> io::Result<()> {
    writeln!(output, "\n\n{:22}{}", plan.action(), done(plan))?;
    let mut known: Vec<&str> = Vec::new();
    for (at, step) in plan.steps().iter().enumerate() {
        writeln!(output)?;
        paragraph(output, &format!("{:2}. ", at + 1), &format!("{}: {}", who(step), deed(step)))?;
        labelled(output, "when", &when(step))?;
        if let Some(place) = told_before(step, before) {
            labelled(output, "see", &place)?;
            continue;
        }
        for rule in step.rules() {
            explain(output, "because", rule)?;
        }
        for rule in step.advice().iter().filter(|rule| !known.contains(&rule.id())) {
            explain(output, "know", rule)?;
        }
        known.extend(step.advice().iter().map(|rule| rule.id()));
        procedure::write(output, &HOW, step.procedure(), step.state())?;
    }
    Ok(())
}

/// Where the same was told of a step: `switch, step 1`.
fn told_before(step: &Step<'_>, before: &[Plan<'_>]) -> Option<String> {
    let ids = |rules: &[&Rule]| rules.iter().map(|rule| rule.id().to_owned()).collect::<Vec<_>>();
    let rows = |step: &Step<'_>| {
        let row = |row: &ProcedureStep| (row.number(), row.to_string(), row.page());
        step.procedure().iter().map(row).collect::<Vec<_>>()
    };
    let told = |step: &Step<'_>| (step.deed(), ids(step.rules()), ids(step.advice()), rows(step));
    let is_worth_it = !step.rules().is_empty() || !step.advice().is_empty();
    let is_told = |other: &Step<'_>| told(other) == told(step);
    let mut places = before.iter().filter_map(|plan| Some((plan, plan.steps().iter().position(is_told)?)));
    places.next().filter(|_| is_worth_it).map(|(plan, at)| format!("{}, step {}", plan.action(), at + 1))
}

fn write_obstacles(output: &mut impl Write, plans: &Plans<'_>) -> io::Result<()> {
    if plans.obstacles().is_empty() {
        return Ok(());
    }
    let others = if plans.ways().is_empty() { "way" } else { "other ways" };
    writeln!(output, "\n\nWhat stands in the {others}")?;
    let mut before = None;
    for obstacle in plans.obstacles() {
        let action = obstacle.action();
        let name = if before == Some(action) { "" } else { action.as_str() };
        before = Some(action);
        writeln!(output, "\n{name:22}{} {}", obstacle.verdict(), span(obstacle.from(), obstacle.until()))?;
        write_reasons(output, obstacle)?;
    }
    Ok(())
}

fn write_reasons(output: &mut impl Write, obstacle: &Obstacle<'_>) -> io::Result<()> {
    for rule in obstacle.rules() {
        match rule.requirement() {
            Some(requirement) => {
                labelled(output, "requires", &format!("{requirement}: {}", rule.reason()))?;
                labelled(output, "", &origin(rule))?;
            }
            None => explain(output, "because", rule)?,
        }
    }
    if let Some((label, reason)) = without_rules(obstacle) {
        labelled(output, label, &reason)?;
    }
    let Some(relationship) = obstacle.relationship() else { return Ok(()) };
    labelled(output, "and", &format!("{} {}", relationship.action(), relationship.verdict()))?;
    write_reasons(output, relationship)
}

/// Why, where no rule says so.
fn without_rules(obstacle: &Obstacle<'_>) -> Option<(&'static str, String)> {
    match obstacle.verdict() {
        Verdict::Undetermined => Some(("turns on", obstacle.turns_on().to_string())),
        _ if !obstacle.rules().is_empty() => None,
        Verdict::NotCovered => Some(("because", "the documents are silent".into())),
        _ => Some(("because", "without a relationship nothing can be bought".into())),
    }
}

/// Why an action does not lead to the goal, in a line.
pub(crate) fn reason(obstacle: &Obstacle<'_>) -> String {
    match without_rules(obstacle) {
        Some(("because", reason)) => reason,
        Some((label, reason)) => format!("{label} {reason}"),
        None => obstacle.rules().iter().map(|rule| rule.reason()).collect::<Vec<_>>().join("; "),
    }
}

/// What to ask next, where that can open a way: for the actions that nothing rules out, and for the relationship that they need.
fn next_question(plans: &Plans<'_>, facts: Facts, as_of: DateTime<Utc>) -> Option<Question> {
    let ruled_out = |obstacle: &&Obstacle<'_>| matches!(obstacle.verdict(), Verdict::Denied | Verdict::NotCovered);
    let may_open: ActionSet =
        plans.obstacles().iter().filter(|obstacle| !ruled_out(obstacle)).map(Obstacle::action).collect();
    if may_open.is_empty() {
        return None;
    }
    let asked = may_open.union(Action::RequestRelationship.into());
    let edition = Rulebook::partner_center().edition_at(as_of).ok()?;
    edition.decide(facts).questions(asked, &Weights::EVEN).into_iter().next()
}

fn write_question(output: &mut impl Write, question: &Question) -> io::Result<()> {
    writeln!(output, "\n\nTo ask next: {}", question.text())?;
    for answer in question.answers() {
        writeln!(output, "    {:22}{}", answer.value(), answer.value().meaning())?;
    }
    Ok(())
}
