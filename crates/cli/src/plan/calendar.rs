//! The dates of plans and of changed verdicts as a calendar file (RFC 5545).

use std::collections::HashMap;

use chrono::{DateTime, NaiveTime, Utc};
use csp_multichannel::Action;
use csp_multichannel_guidance::{Plan, Step};
use icalendar::{Calendar, Component, Event, EventLike};

use crate::plan::Planned;
use crate::plan::report::{causes, name, required, title};
use crate::text::words;

/// Returns the calendar of plans. Events keep their ids, so that a later file replaces them.
pub(crate) fn of_plans(planned: &[&Planned], as_of: DateTime<Utc>) -> String {
    let mut calendar = Calendar::empty();
    calendar.append_property(("VERSION", "2.0"));
    calendar.append_property(("PRODID", "-//csp-multichannel//multichannel//EN"));
    calendar.name("Plans for Microsoft subscriptions");
    let mut dates = Dates { calendar, as_of, seen: HashMap::new() };
    for planned in planned {
        let id = name(&planned.case.id);
        for plan in &planned.plans.plans {
            dates.plan(&id, plan);
        }
        dates.changes(&id, planned);
    }
    dates.calendar.done().to_string()
}

struct Dates {
    calendar: Calendar,
    as_of: DateTime<Utc>,
    /// The uses of each event id: case ids can repeat, and a plan can wait twice.
    seen: HashMap<String, usize>,
}

impl Dates {
    fn plan(&mut self, id: &str, plan: &Plan) {
        for (number, step) in plan.steps.iter().enumerate() {
            let what = format!("{}: {}", words(step.actor), step.text());
            let about = about(id, plan, step);
            // Words of the policy, so that an event keeps its id when a title changes.
            let action = plan.action.map_or("buy", Action::as_str);
            let of_step = format!("{id}/{action}/{}", step.kind);
            // A step that is possible now has no event, unless it is the first.
            let earliest = step.earliest.filter(|&earliest| number == 0 || earliest > self.as_of);
            let by = step.expected_by.filter(|by| Some(*by) != step.earliest);
            for (at, kind, meaning) in [
                (earliest, "from", "possible from now on"),
                (by, "by", "expected to be done by now"),
            ] {
                if let Some(at) = at {
                    let summary = format!("{id}: {what} ({meaning})");
                    self.event(&format!("{of_step}/{kind}"), at, &summary, &about);
                }
            }
            // The last day, or the first instant that is too late.
            let deadline = step.deadline.map(|deadline| match deadline.date_naive().pred_opt() {
                Some(day) if deadline.time() == NaiveTime::MIN => {
                    (day.and_time(NaiveTime::MIN).and_utc(), "last day")
                }
                _ => (deadline, "too late from now on"),
            });
            if let Some((at, meaning)) = deadline {
                let summary = format!("{id}: {what} ({meaning})");
                self.event(&format!("{of_step}/last"), at, &summary, &about);
            }
        }
    }

    /// Adds the changes of verdicts that happen if nothing is done.
    fn changes(&mut self, id: &str, planned: &Planned) {
        for (before, after) in planned.periods.iter().zip(planned.periods.iter().skip(1)) {
            let changed = Action::ALL
                .iter()
                .filter(|action| before.outcomes.on(**action) != after.outcomes.on(**action));
            let changed: Vec<String> = changed
                .map(|&action| {
                    format!("{} {}", words(action), words(after.outcomes.on(action).verdict))
                })
                .collect();
            let summary = format!("{id}: {}", changed.join(", "));
            let identity = format!("{id}/change/{}", after.from.timestamp());
            self.event(&identity, after.from, &summary, &causes(after.causes));
        }
    }

    fn event(&mut self, identity: &str, at: DateTime<Utc>, summary: &str, about: &str) {
        let seen = self.seen.entry(identity.into()).or_default();
        *seen += 1;
        let nth = if *seen > 1 { format!("/{seen}") } else { String::new() };
        let mut event = Event::with_uid(&format!("{identity}{nth}@csp-multichannel"));
        event.summary(summary).description(about).timestamp(self.as_of);
        if at.time() == NaiveTime::MIN {
            // Without an end, the event lasts all day; TRANSPARENT shows the time as free.
            event.starts(at.date_naive()).append_property(("TRANSP", "TRANSPARENT"));
        } else {
            event.starts(at);
        }
        self.calendar.push(event.done());
    }
}

/// Returns the reasons and advice of a step.
fn about(id: &str, plan: &Plan, step: &Step) -> String {
    let head = format!("{id}, {}", title(plan));
    let rules = step.rules.iter().chain(&step.advice);
    let rules = rules.map(|rule| format!("{} ({})", rule.reason, rule.id));
    let lines: Vec<String> =
        [Some(head), required(plan)].into_iter().flatten().chain(rules).collect();
    lines.join("\n")
}
