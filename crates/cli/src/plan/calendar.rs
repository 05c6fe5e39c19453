//! The dates of plans, and of the changes ahead, as a calendar file (RFC 5545).

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use csp_multichannel::Action;
use csp_multichannel_guidance::{ExpiryCause, Plan, Step};
use icalendar::{Calendar, Component, Event, EventLike};

use crate::plan::Planned;
use crate::plan::report::title;
use crate::text::{printable, words};

/// The calendar of some plans. It depends on nothing else, so that a later file for the same cases replaces its events.
pub(crate) fn of_plans(planned: &[Planned], as_of: DateTime<Utc>) -> String {
    let mut dates = Dates { calendar: Calendar::new(), as_of };
    for planned in planned {
        let id = printable(&planned.case.id);
        for plan in &planned.plans.plans {
            dates.plan(&id, plan);
        }
        dates.changes(&id, planned);
    }
    dates.calendar.name("Plans for Microsoft subscriptions").done().to_string()
}

struct Dates {
    calendar: Calendar,
    as_of: DateTime<Utc>,
}

impl Dates {
    fn plan(&mut self, id: &str, plan: &Plan) {
        for (number, step) in plan.steps.iter().enumerate() {
            let what = format!("{}: {}", words(step.actor), step.text());
            let about = about(id, plan, step);
            let name = format!("{id}/{}/{}", title(plan), number + 1);
            // What can be done at once has no date of its own, but for the first step.
            let earliest = step.earliest.filter(|&earliest| number == 0 || earliest > self.as_of);
            let last = step.deadline.map(|deadline| deadline - TimeDelta::seconds(1));
            let by = step.expected_by.filter(|by| Some(*by) != step.earliest);
            let days = [
                (earliest, "from", "from now on"),
                (by, "by", "expected by now"),
                (last, "last", "last day"),
            ];
            for (at, kind, meaning) in days {
                if let Some(at) = at {
                    self.event(
                        &format!("{name}/{kind}"),
                        at,
                        &format!("{id}: {what} ({meaning})"),
                        &about,
                    );
                }
            }
        }
    }

    /// When the answers on a case change if nothing is done.
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
            let cause = |cause: &ExpiryCause| match cause {
                ExpiryCause::Edition => "the policy changes",
                _ => "the term changes its phase",
            };
            let causes: Vec<_> = after.causes.iter().map(|of| cause(&of)).collect();
            let summary = format!("{id}: {}", changed.join(", "));
            let name = format!("{id}/change/{}", after.from.timestamp());
            self.event(&name, after.from, &summary, &causes.join(", "));
        }
    }

    fn event(&mut self, name: &str, at: DateTime<Utc>, summary: &str, about: &str) {
        let mut event = Event::with_uid(&format!("{}@csp-multichannel", name.replace(' ', "-")));
        event.summary(summary).description(about).timestamp(self.as_of);
        let end_of_day = NaiveTime::from_hms_opt(23, 59, 59);
        if at.time() == NaiveTime::MIN || Some(at.time()) == end_of_day {
            // Without an end, an event on a day lasts for the day.
            event.starts(at.date_naive());
        } else {
            event.starts(at);
        }
        self.calendar.push(event.done());
    }
}

/// The reasons of a step, and what to know before it.
fn about(id: &str, plan: &Plan, step: &Step) -> String {
    let mut lines = vec![format!("{id}, {}", title(plan))];
    lines.extend(
        step.rules.iter().chain(&step.advice).map(|rule| format!("{} ({})", rule.reason, rule.id)),
    );
    lines.join("\n")
}
