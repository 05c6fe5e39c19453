//! Worked cases for guidance: questions, changes, plans, calendars and differences, each with what is expected, as printed.

#![cfg(all(feature = "std", feature = "serde"))]

use csp_multichannel::guidance::{Calendar, Counterfactual, Difference, Goal, Plan, Plans, Question, Weights};
use csp_multichannel::*;
use serde::Deserialize;

/// A line of `guidance-scenarios.jsonl`.
#[derive(Debug, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
enum Scenario {
    /// The ways to a goal, each step as `actor: deed`, and what stands in the others.
    Plan { why: String, as_of: String, case: Case, plan: String, ways: Vec<Way>, obstacles: Vec<String> },
    /// What would make an action allowed: the sets that someone can bring about, and the facts of the others.
    Change { why: String, as_of: String, case: Case, change: Action, possible: Vec<String>, others: Vec<FactSet> },
    /// The ids of the questions worth asking, in order.
    Questions { why: String, as_of: String, case: Case, questions: Vec<Action>, ids: Vec<String> },
    /// The periods between which a verdict changes.
    Calendar { why: String, case: Case, calendar: Vec<String> },
    /// The cases that two days answer otherwise.
    Difference { why: String, difference: [String; 2], cases: Vec<String> },
}

/// A way to a goal.
#[derive(Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Way {
    action: Action,
    steps: Vec<String>,
    /// Empty where the end of the term is not known.
    #[serde(default)]
    done: String,
}

fn edition(day: &str) -> Edition<'static> {
    let at = parse_instant(day).expect("a day");
    Rulebook::partner_center().edition_at(at).expect("an edition")
}

fn lines(text: &impl ToString) -> Vec<String> {
    text.to_string().lines().map(Into::into).collect()
}

fn way(plan: &Plan<'_>) -> Way {
    let step = |step: &guidance::Step<'_>| {
        let days = format!("from {:?}", step.earliest());
        let before = step.latest().map_or_else(String::new, |latest| format!(", before {latest:?}"));
        format!("{}: {}, {days}{before}", step.actor(), step.deed()).replace("T00:00:00Z", "")
    };
    let done = plan.done().map_or_else(String::new, |done| format!("{done:?}").replace("T00:00:00Z", ""));
    Way { action: plan.action(), steps: plan.steps().iter().map(step).collect(), done }
}

#[test]
fn scenarios() {
    let text = include_str!("data/guidance-scenarios.jsonl");
    let mut kinds = [0; 5];
    for line in text.lines() {
        let scenario: Scenario = serde_json::from_str(line).expect("a scenario");
        let decide = |case: &Case, as_of: &str| edition(as_of).decide(case.facts(parse_instant(as_of).expect("a day")));
        match scenario {
            Scenario::Plan { why, as_of, case, plan, ways, obstacles } => {
                let goal: Goal = plan.parse().expect("a goal");
                let at = parse_instant(&as_of).expect("a day");
                let plans = Plans::of(&case, goal, at, Rulebook::partner_center()).expect("an edition");
                assert_eq!(plans.ways().iter().map(way).collect::<Vec<_>>(), ways, "{why}");
                let told: Vec<String> = plans.obstacles().iter().map(ToString::to_string).collect();
                assert_eq!(told, obstacles, "{why}");
                kinds[0] += 1;
            }
            Scenario::Change { why, as_of, case, change, possible, others } => {
                let found = decide(&case, &as_of).counterfactuals(change);
                let (able, unable): (Vec<_>, Vec<_>) = found.iter().partition(|one| one.is_possible());
                assert_eq!(able.iter().map(ToString::to_string).collect::<Vec<_>>(), possible, "{why}");
                assert_eq!(unable.into_iter().map(Counterfactual::facts).collect::<Vec<_>>(), others, "{why}");
                kinds[1] += 1;
            }
            Scenario::Questions { why, as_of, case, questions, ids } => {
                let actions = questions.into_iter().collect::<ActionSet>();
                let asked = decide(&case, &as_of).questions(actions, &Weights::EVEN);
                assert_eq!(asked.iter().map(Question::id).collect::<Vec<_>>(), ids, "{why}");
                kinds[2] += 1;
            }
            Scenario::Calendar { why, case, calendar } => {
                assert_eq!(lines(&Calendar::of(&case, Rulebook::partner_center())), calendar, "{why}");
                kinds[3] += 1;
            }
            Scenario::Difference { why, difference: [from, to], cases } => {
                let difference = Difference::between(edition(&from), edition(&to));
                assert_eq!(difference.cases().iter().map(ToString::to_string).collect::<Vec<_>>(), cases, "{why}");
                kinds[4] += 1;
            }
        }
    }
    assert_eq!(kinds, [21, 8, 5, 3, 6]);
}
