//! Plans as text.

use std::io::{self, Write};

use chrono::{DateTime, NaiveTime, Utc};
use csp_multichannel::{Action, ExplainedRule, Fact, Facts, Rulebook, Set, Verdict};
use csp_multichannel_guidance::{
    Expiry, ExpiryCause, Obstacle, Plan, Plans, Procedure, Step, StepKind, Weights, questions,
};

use crate::plan::Planned;
use crate::text::{STRONG, end, instant, origin, paragraph, printable, span, style, words};

/// Writes the plans for a case, the obstacles to the other actions, and the next question.
pub(crate) fn write(
    output: &mut impl Write,
    planned: &Planned,
    as_of: DateTime<Utc>,
    day: &str,
    missing: Option<Fact>,
    explain: bool,
) -> io::Result<()> {
    let Planned { case, plans, expiry, .. } = planned;
    let facts = case.subscription.facts_at(as_of);
    writeln!(output, "{STRONG}{}{STRONG:#}", name(&case.id))?;
    if explain {
        writeln!(output, "{}", paragraph("    ", &facts.to_string()))?;
    }
    writeln!(output, "{}", paragraph("", &heading(plans, day)))?;
    if plans.nothing_to_move {
        let text = "Nothing is left to move: the term has ended, or the subscription is deleted. The customer can buy a new one.";
        writeln!(output, "{}", paragraph("", text))?;
    }
    for plan in &plans.plans {
        write_plan(output, plan, as_of, explain)?;
    }
    write_obstacles(output, &plans.obstacles, as_of, explain)?;
    if let Some(text) = holds(expiry) {
        writeln!(output, "\n{}", paragraph("", &text))?;
    }
    missing.map_or(Ok(()), |missing| write_question(output, missing, facts))
}

/// Formats the goal, the instant and the number of plans.
pub(crate) fn heading(plans: &Plans, day: &str) -> String {
    let count = match plans.plans.len() {
        0 => "none".into(),
        count => count.to_string(),
    };
    format!("Plans to {} the subscription, as of {day}: {count}", plans.goal)
}

/// Formats the id of a case.
pub(crate) fn name(id: &str) -> String {
    if id.is_empty() { "(no id)".into() } else { printable(id) }
}

/// Describes how long the verdicts hold, if anything is known about that.
fn holds(expiry: &Expiry) -> Option<String> {
    let unknown = expiry.unknown_dates;
    match (expiry.until.map(end), unknown.is_empty()) {
        (Some(until), is_certain) => {
            let then = format!(
                "The verdicts hold {until} if nothing is done; then {}.",
                causes(expiry.causes)
            );
            let earlier =
                format!(" They can change earlier, depending on unknown dates: {unknown}.");
            Some(if is_certain { then } else { then + &earlier })
        }
        (None, false) => {
            Some(format!("How long the verdicts hold depends on unknown dates: {unknown}."))
        }
        (None, true) => None,
    }
}

/// Describes why verdicts change.
pub(crate) fn causes(causes: Set<ExpiryCause>) -> String {
    let causes: Vec<_> = causes
        .iter()
        .map(|cause| match cause {
            ExpiryCause::Edition => "the policy changes",
            _ => "the term phase changes",
        })
        .collect();
    causes.join(", and ")
}

/// Lists the requirements that no step meets, in one line.
pub(crate) fn required(plan: &Plan) -> Option<String> {
    let required: Vec<_> = plan.prerequisites.iter().map(|of| &*of.requirement).collect();
    (!required.is_empty()).then(|| format!("required: {}", words(required.join(", "))))
}

/// Returns the name of a plan.
pub(crate) fn title(plan: &Plan) -> String {
    match (plan.action, plan.steps.last().map(|step| step.kind)) {
        // The term has ended already.
        (None, _) | (_, Some(StepKind::Buy)) => "buy a new subscription".into(),
        (Some(action), _) => words(action),
    }
}

/// Describes when the goal is reached.
pub(crate) fn done(plan: &Plan) -> String {
    match (plan.earliest, plan.expected_by) {
        _ if plan.steps.is_empty() => "reached already".into(),
        (None, _) => "when the term ends".into(),
        (Some(earliest), Some(by)) if earliest.date_naive() == by.date_naive() => {
            format!("possible on {}", earliest.date_naive())
        }
        (Some(earliest), Some(by)) => {
            format!("possible from {}, expected by {}", earliest.date_naive(), by.date_naive())
        }
        (Some(earliest), None) => format!("possible from {}", earliest.date_naive()),
    }
}

/// Describes when a step is possible, and after which other steps.
pub(crate) fn when(step: &Step, as_of: DateTime<Utc>) -> String {
    let last_day = step.deadline.filter(|deadline| deadline.time() == NaiveTime::MIN);
    let last_day = last_day.and_then(|deadline| deadline.date_naive().pred_opt());
    let within_a_day =
        step.earliest.is_some_and(|at| at != as_of && last_day == Some(at.date_naive()));
    let earliest = match step.earliest {
        None => Some("when the term ends".into()),
        Some(at) if within_a_day => Some(format!("on {}", at.date_naive())),
        Some(at) if at != as_of => Some(format!("from {}", instant(at))),
        // As soon as the steps before it are done.
        Some(_) if !step.after.is_empty() => None,
        Some(_) => Some("from now".into()),
    };
    let deadline = step.deadline.filter(|_| !within_a_day).map(end);
    let by = step.expected_by.filter(|by| Some(*by) != step.earliest);
    let by = by.map(|by| format!("expected by {}", by.date_naive()));
    let takes = step.takes.filter(|_| step.expected_by.is_none());
    let takes = takes.map(|takes| format!("takes up to {}", span(takes.longest())));
    let after: Vec<_> = step.after.iter().map(|step| (step + 1).to_string()).collect();
    let after = (!after.is_empty()).then(|| format!("after {}", after.join(", ")));
    let parts = [earliest, after, by, takes, deadline];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn write_plan(
    output: &mut impl Write,
    plan: &Plan,
    as_of: DateTime<Utc>,
    explain: bool,
) -> io::Result<()> {
    let style = style(Verdict::Allowed).bold();
    let heading = paragraph("", &format!("{}: {}", title(plan), done(plan)));
    writeln!(output, "\n{style}{}{style:#}", heading.replacen(": ", &format!("{style:#}: "), 1))?;
    for prerequisite in &plan.prerequisites {
        let rule = &prerequisite.rule;
        let text = format!("{} ({})", rule.reason, prerequisite.requirement);
        writeln!(output, "{}", paragraph("  required: ", &text))?;
        if explain {
            writeln!(output, "{}", paragraph("            ", &origin(rule)))?;
        }
    }
    for (number, step) in plan.steps.iter().enumerate() {
        let text = format!("{}: {}", words(step.actor), step.text());
        writeln!(output, "{}", paragraph(&format!("  {}. ", number + 1), &text))?;
        writeln!(output, "{}", paragraph("     ", &when(step, as_of)))?;
        if explain {
            for rule in &step.rules {
                explain_rule(output, "because", rule)?;
            }
        }
        // Without this step, an extended service term has to be paid.
        if explain || step.kind == StepKind::SetToEnd {
            for rule in &step.advice {
                explain_rule(output, "advice", rule)?;
            }
        }
        if explain {
            for procedure in &step.procedures {
                write_procedure(output, procedure)?;
            }
        }
    }
    Ok(())
}

/// Writes the reason of a rule, and its origin below.
fn explain_rule(output: &mut impl Write, label: &str, rule: &ExplainedRule) -> io::Result<()> {
    writeln!(output, "{}", paragraph(&format!("     {label:10}"), &rule.reason))?;
    writeln!(output, "{}", paragraph(&" ".repeat(15), &origin(rule)))
}

fn write_procedure(output: &mut impl Write, procedure: &Procedure) -> io::Result<()> {
    let method = procedure.method.map(|method| format!("{}, ", words(method))).unwrap_or_default();
    let pages: Vec<_> = procedure.sources.iter().map(|source| &*source.page).collect();
    let text = format!("{method}{}, {}:", procedure.basis, pages.join(", "));
    writeln!(output, "{}", paragraph("     how       ", &text))?;
    for step in &procedure.steps {
        let actors: Vec<_> = step.actors.iter().map(words).collect();
        let text = format!(
            "{}: {}",
            actors.join(if step.by_any_actor { " or " } else { " and " }),
            step.text
        );
        writeln!(output, "{}", paragraph(&format!("{:15}- ", ""), &text))?;
    }
    Ok(())
}

/// Describes why an action does not lead to the goal.
pub(crate) fn reason(obstacle: &Obstacle) -> String {
    let reasons: Vec<_> = obstacle.rules.iter().map(|rule| &*rule.reason).collect();
    let reason = match obstacle.verdict {
        Verdict::Undetermined => format!("depends on {}", obstacle.depends_on),
        _ if !obstacle.depends_on.is_empty() => {
            format!("a purchase requires the relationship: depends on {}", obstacle.depends_on)
        }
        _ if !reasons.is_empty() => reasons.join("; "),
        Verdict::NotCovered => "no rule covers this case".into(),
        _ => "a purchase requires the relationship".into(),
    };
    match &obstacle.relationship {
        Some(request) => {
            format!(
                "{reason}; the request is {}: {}",
                words(request.verdict),
                self::reason(request)
            )
        }
        None => reason,
    }
}

fn write_obstacles(
    output: &mut impl Write,
    obstacles: &[Obstacle],
    as_of: DateTime<Utc>,
    explain: bool,
) -> io::Result<()> {
    // Actions that no rule covers come last, in one line.
    let is_silent = |action: Action| {
        let mut of_action = obstacles.iter().filter(|obstacle| obstacle.action == action);
        of_action.all(|of| of.verdict == Verdict::NotCovered && of.rules.is_empty())
    };
    let mut silent: Vec<String> = Vec::new();
    let mut before: Option<Action> = None;
    for obstacle in obstacles {
        let is_first = before != Some(obstacle.action);
        if is_silent(obstacle.action) {
            if is_first {
                silent.push(words(obstacle.action));
            }
            before = Some(obstacle.action);
            continue;
        }
        // Later obstacles are shown with `--explain` only.
        if !is_first && !explain {
            continue;
        }
        before = Some(obstacle.action);
        let style = style(obstacle.verdict);
        let from = Some(obstacle.from).filter(|&from| is_first && from > as_of);
        let from = from.map(|from| format!(" from {}", instant(from))).unwrap_or_default();
        let until = obstacle.until.map(|until| format!(" {}", end(until))).unwrap_or_default();
        let action = if is_first {
            format!("\n{style}{}{style:#}: ", words(obstacle.action))
        } else {
            "  then: ".into()
        };
        writeln!(output, "{action}{}{from}{until}", words(obstacle.verdict))?;
        if !explain || obstacle.rules.is_empty() {
            writeln!(output, "{}", paragraph("  ", &reason(obstacle)))?;
        } else {
            for rule in &obstacle.rules {
                explain_rule(output, "because", rule)?;
            }
        }
    }
    if !silent.is_empty() {
        let text = format!("Not covered by any rule: {}", silent.join(", "));
        writeln!(output, "\n{}", paragraph("", &text))?;
    }
    Ok(())
}

/// Returns the fact to ask for, if an action depends on unknown ones.
pub(crate) fn missing_fact(
    planned: &Planned,
    as_of: DateTime<Utc>,
    rulebook: &Rulebook,
) -> Option<Fact> {
    let Planned { case, plans, .. } = planned;
    let missing = |obstacle: &Obstacle| {
        let of_request = obstacle.relationship.as_ref().map(|request| request.depends_on);
        obstacle.depends_on.union(of_request.unwrap_or(Set::EMPTY))
    };
    let open = || plans.obstacles.iter().filter(|obstacle| !missing(obstacle).is_empty());
    let actions: Set<Action> = open().map(|obstacle| obstacle.action).collect();
    if actions.is_empty() {
        return None;
    }
    let asked = actions.union(Action::RequestRelationship.into());
    let decision = rulebook.decide(&case.subscription, as_of).ok()?;
    let questions = questions(&decision, asked, &Weights::UNIFORM);
    let now = questions.iter().map(|question| question.fact);
    // An obstacle can depend on a fact only later, or only after some steps.
    let later = open().flat_map(missing).filter(|fact| *fact != Fact::TermPhase);
    // A phase can't be given beside dates.
    let has_dates = case.subscription.term().is_some();
    now.filter(|fact| *fact != Fact::TermPhase || !has_dates).chain(later).next()
}

/// Writes the question for a fact, and the possible answers.
fn write_question(output: &mut impl Write, fact: Fact, facts: Facts) -> io::Result<()> {
    writeln!(output, "\n{}", paragraph("Next question: ", fact.question()))?;
    let possible: Vec<&str> = facts.possible_words(fact).collect();
    let answers = fact.words().iter().zip(fact.meanings());
    for (value, meaning) in answers.filter(|(value, _)| possible.contains(value)) {
        writeln!(output, "{}", paragraph("    ", &format!("{value}: {meaning}")))?;
    }
    Ok(())
}
