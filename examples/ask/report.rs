//! What came of an interview: for people, or as JSON.

use std::io::{self, Write};

use csp_multichannel::guidance::{Goal, Plan, Plans, ProcedureStep, Question, Step};
use csp_multichannel::{Answer, Cancellation, Case, Fact, Facts, Rule, Rulebook, Term, TermPhase, Value, Verdict};
use serde::Serialize;

use crate::Ending;
use crate::interview::Interview;
use crate::text::{printable, wrapped};

/// The one object of `--json`.
#[derive(Serialize)]
struct Record<'a> {
    case: &'a Case,
    /// Told without dates, so that the case has no place for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    term_phase: Option<TermPhase>,
    decision: Answer<'a>,
    plans: Plans<'a>,
    questions: Vec<Question>,
}

/// A report on an interview, in lines of a width.
pub(crate) struct Report<'i, W> {
    pub(crate) output: W,
    pub(crate) width: usize,
    pub(crate) interview: &'i Interview,
    pub(crate) goal: Goal,
}

impl<W: Write> Report<'_, W> {
    pub(crate) fn write(mut self, ending: &Ending, json: bool) -> io::Result<()> {
        let case = self.interview.case();
        let (interview, rulebook) = (self.interview, Rulebook::partner_center());
        let plans = match interview.phase_beside_record() {
            None => Plans::of(&case, self.goal, interview.as_of(), rulebook),
            // Only the facts know it.
            Some(_) => Plans::of_facts(interview.told().facts(), self.goal, interview.as_of(), rulebook),
        };
        // There is an edition: it has been asked.
        let plans = plans.map_err(io::Error::other)?;
        if json {
            self.write_record(&case, plans)?;
        } else {
            self.write_prose(&case, &plans, matches!(ending, Ending::Finished))?;
        }
        self.output.flush()
    }

    fn write_record(&mut self, case: &Case, plans: Plans<'_>) -> io::Result<()> {
        let interview = self.interview;
        let decision = Answer { id: &case.id, as_of: interview.as_of(), decision: interview.decision() };
        let term_phase = interview.phase_beside_record();
        self.json(&Record { case, term_phase, decision, plans, questions: interview.questions() })
    }

    fn write_prose(&mut self, case: &Case, plans: &Plans<'_>, finished: bool) -> io::Result<()> {
        self.write_told(finished)?;
        self.write_left()?;
        self.write_decision()?;
        if finished {
            self.write_changes()?;
            self.write_plans(plans)?;
        }
        self.write_case(case)
    }

    fn line(&mut self, label: &str, margin: usize, text: &str) -> io::Result<()> {
        writeln!(self.output, "{}", wrapped(label, margin, text, self.width))
    }

    fn json(&mut self, record: &impl Serialize) -> io::Result<()> {
        writeln!(self.output, "{}", printable(&serde_json::to_string(record)?))
    }

    fn write_told(&mut self, finished: bool) -> io::Result<()> {
        let so_far = if finished { "" } else { " so far" };
        writeln!(self.output, "As of {:?}, told{so_far}:", self.interview.as_of())?;
        let told: Vec<String> = told(self.interview, self.width).collect();
        if told.is_empty() {
            writeln!(self.output, "    nothing")?;
        }
        told.iter().try_for_each(|line| writeln!(self.output, "{line}"))
    }

    fn write_left(&mut self) -> io::Result<()> {
        let left = self.interview.to_ask();
        if !left.is_empty() {
            writeln!(self.output, "Still to ask, at most:")?;
        }
        left.iter().try_for_each(|question| self.line(&label(question.fact()), MARGIN, question.text()))
    }

    /// The decision, its lines broken where they are wider than the report.
    fn write_decision(&mut self) -> io::Result<()> {
        /// Where it begins its explanations.
        const MARGIN: usize = 14;
        writeln!(self.output)?;
        for line in self.interview.decision().to_string().lines() {
            match line.split_at_checked(MARGIN).filter(|_| line.starts_with(' ')) {
                Some((label, text)) => self.line(label, MARGIN, text)?,
                None => writeln!(self.output, "{line}")?,
            }
        }
        writeln!(self.output)
    }

    /// For each action that is not allowed, what would make it so.
    fn write_changes(&mut self) -> io::Result<()> {
        let decision = self.interview.decision();
        let closed = self.interview.actions().iter().filter(|&action| decision.verdict(action) != Verdict::Allowed);
        let changes: Vec<_> = closed.filter_map(|action| decision.counterfactuals(action).into_iter().next()).collect();
        if changes.is_empty() {
            return Ok(());
        }
        writeln!(self.output, "What would change that:")?;
        changes.iter().try_for_each(|change| self.line("    ", 6, &change.to_string()))?;
        writeln!(self.output)
    }

    fn write_plans(&mut self, plans: &Plans<'_>) -> io::Result<()> {
        writeln!(self.output, "How to {} the subscription:", plans.goal())?;
        if let Some(phase) = self.interview.phase_beside_record() {
            self.line("    ", 6, &format!("without the dates of the term, no plan knows until when it is {phase}"))?;
        }
        for plan in plans.ways() {
            self.write_plan(plan)?;
            writeln!(self.output)?;
        }
        if plans.ways().is_empty() {
            writeln!(self.output, "    no way is known to lead there")?;
        }
        plans.obstacles().iter().try_for_each(|obstacle| self.line("    ", 6, &obstacle.to_string()))?;
        if plans.obstacles().is_empty() { Ok(()) } else { writeln!(self.output) }
    }

    fn write_plan(&mut self, plan: &Plan<'_>) -> io::Result<()> {
        self.line("    ", 6, plan.to_string().lines().next().unwrap_or_default())?;
        for (at, step) in plan.steps().iter().enumerate() {
            self.line(&format!("    {:2}. ", at + 1), 8, &step.to_string())?;
            let rules: Vec<&str> = step.rules().iter().copied().map(Rule::id).collect();
            if !rules.is_empty() {
                self.line("        by ", 11, &rules.join(", "))?;
            }
            self.write_procedure(step)?;
        }
        Ok(())
    }

    fn write_procedure(&mut self, step: &Step<'_>) -> io::Result<()> {
        let mut pages: Vec<String> = Vec::new();
        for part in step.procedure() {
            let text = format!("{part}{}", condition(part, step.state()));
            self.line(&format!("        {:2}. ", part.number()), 12, &text)?;
            let page = format!("{}, {}", part.basis(), part.page());
            if !pages.contains(&page) {
                pages.push(page);
            }
        }
        pages.iter().try_for_each(|page| self.line("            ", 12, page))
    }

    fn write_case(&mut self, case: &Case) -> io::Result<()> {
        if let Some(phase) = self.interview.phase_beside_record() {
            let lost = format!("A record has no place for `term: {phase}`: tell it again, or tell the dates.");
            self.line("", 0, &lost)?;
        }
        writeln!(self.output, "The case, to keep or to go on from with --case:")?;
        self.json(case)
    }
}

/// When a part of a procedure belongs to it, where that is not certain.
fn condition(part: &ProcedureStep, facts: Facts) -> String {
    let is_certain = facts.values().is_subset(part.condition().values());
    if is_certain { String::new() } else { format!(" ({})", part.condition()) }
}

/// Where the text behind the name of a fact begins.
const MARGIN: usize = 18;

/// The name of a fact, before what is said of it.
pub(crate) fn label(fact: Fact) -> String {
    format!("    {fact:14}")
}

/// The facts of which something was told.
pub(crate) fn told(interview: &Interview, width: usize) -> impl Iterator<Item = String> {
    Fact::ALL.iter().filter_map(move |&fact| fact_as_told(interview, fact, width))
}

/// A fact with what was told of it, if anything was.
pub(crate) fn fact_as_told(interview: &Interview, fact: Fact, width: usize) -> Option<String> {
    let told = interview.told();
    let possible = told.facts().possible(fact);
    let dates = told.term().filter(|_| fact == Fact::Term);
    let known = match possible.single() {
        Some(value) => Some(format!("{value} ({})", value.meaning())),
        None if dates.is_some() => Some(possible.iter().map(Value::as_str).collect::<Vec<_>>().join(" or ")),
        None => told.skipped().contains(fact).then(|| "not known".into()),
    };
    let said: Vec<String> = dates.map(as_text).into_iter().chain(known).collect();
    (!said.is_empty()).then(|| wrapped(&label(fact), MARGIN, &said.join("; "), width))
}

fn as_text(term: Term) -> String {
    let dates = format!("purchased {:?}, last day {}", term.purchased_at(), term.ends_on());
    match term.cancellation() {
        Cancellation::ByService => dates,
        Cancellation::Never => format!("{dates}, never cancellable"),
        Cancellation::Until(instant) => format!("{dates}, cancellable before {instant:?}"),
    }
}
