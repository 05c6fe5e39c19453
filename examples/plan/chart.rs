//! The ways as a chart over time: a lane a step, grouped by way.

use std::iter;

use chrono::{DateTime, TimeDelta, Utc};
use csp_multichannel::Case;
use csp_multichannel::guidance::{Deed, Obstacle, Plan, Plans, Step};

use crate::axis::Axis;
use crate::report::{deed, done, reason, when, who};
use crate::svg::{Svg, Type};
use crate::text::{self, counted, instant, printable, span, words};

const WIDTH: f64 = 1100.0;
const MARGIN: f64 = 32.0;
/// Where the names of steps begin, and the widest that they can be.
const NAMES: f64 = MARGIN + 28.0;
const WIDEST_NAME: f64 = 372.0;
/// Where time begins; before it stand the arrows from step to step.
const LEFT: f64 = 480.0;
const HEADER: f64 = 44.0;
const LANE: f64 = 42.0;
const BAR: f64 = 14.0;
/// What is left behind the last instant, where bars without an end go on.
const LEAST_ROOM: f64 = 56.0;

const HEADING: Type = Type::new(21.0, "strong");
const SUBTITLE: Type = Type::new(13.0, "muted");
const WAY: Type = Type::new(15.0, "strong");
const NAME: Type = Type::new(14.0, "");
const NUMBER: Type = Type::new(14.0, "muted").anchored("end");
const SMALL: Type = Type::new(12.0, "muted");
const ON_GRID: Type = Type::new(12.0, "muted halo");
const TICK: Type = Type::new(12.0, "muted").anchored("middle");
const NOW: Type = Type::new(12.0, "now").anchored("middle");

/// What the style sheet does not hold: how a bar without an end fades.
const FADE: &str = "<defs>\
    <linearGradient id=\"fading\"><stop offset=\"0.4\" stop-color=\"#fff\"/><stop offset=\"1\" stop-color=\"#fff\" stop-opacity=\"0\"/></linearGradient>\
    <mask id=\"fade\" maskContentUnits=\"objectBoundingBox\"><rect width=\"1\" height=\"1\" fill=\"url(#fading)\"/></mask>\
    </defs>\n";

/// Draws the ways of all cases, one case under the other.
pub(crate) fn draw(cases: &[&(Case, Plans<'_>)], as_of: DateTime<Utc>) -> String {
    let mut chart = Chart { svg: Svg::default(), y: MARGIN, as_of };
    for (at, (case, plans)) in cases.iter().copied().enumerate() {
        chart.y += if at > 0 { 32.0 } else { 0.0 };
        chart.case(case, plans);
    }
    if cases.iter().any(|(_, plans)| plans.ways().iter().any(|plan| !plan.steps().is_empty())) {
        chart.legend();
    }
    let title = match cases {
        [(case, plans)] => format!("Ways to {} {}", plans.goal(), printable(&case.id)),
        _ => format!("Ways for {}", counted(cases.len(), "case")),
    };
    let described: Vec<String> = cases.iter().map(|(case, plans)| describe(case, plans, as_of)).collect();
    let head = format!("<style>\n{}</style>\n{FADE}", include_str!("chart.css"));
    chart.svg.finish((WIDTH, (chart.y + MARGIN - 8.0).ceil()), &title, &described.join("\n"), &head)
}

/// The same in words.
fn describe(case: &Case, plans: &Plans<'_>, as_of: DateTime<Utc>) -> String {
    let count = counted(plans.ways().len(), "way");
    let asked = format!("{}: {count} to {} it, as of {}.", printable(&case.id), plans.goal(), instant(as_of));
    let obstacles = plans
        .obstacles()
        .iter()
        .map(|obstacle| format!("{}: {}.", sentence(&words(obstacle.action())), told(obstacle)));
    iter::once(asked).chain(plans.ways().iter().map(describe_way)).chain(obstacles).collect::<Vec<_>>().join(" ")
}

fn describe_way(plan: &Plan<'_>) -> String {
    let way = format!("{}, {}.", sentence(&words(plan.action())), done(plan));
    let steps = plan.steps().iter().enumerate();
    let steps = steps.map(|(at, step)| format!("{}. {}: {}, {}.", at + 1, who(step), deed(step), when(step)));
    iter::once(way).chain(steps).collect::<Vec<_>>().join(" ")
}

/// What stands in the way, in a line.
fn told(obstacle: &Obstacle<'_>) -> String {
    format!("{} {}: {}", words(obstacle.verdict()), span(obstacle.from(), obstacle.until()), words(reason(obstacle)))
}

/// Where drawing has come to.
struct Chart {
    svg: Svg,
    y: f64,
    as_of: DateTime<Utc>,
}

impl Chart {
    fn case(&mut self, case: &Case, plans: &Plans<'_>) {
        self.y += 14.0;
        let id = printable(&case.id);
        self.svg.text(HEADING, (MARGIN, self.y), &HEADING.fitted(&id, WIDTH - 2.0 * MARGIN));
        self.y += 24.0;
        let count = counted(plans.ways().len(), "way");
        let asked = sentence(&format!("{count} to {} it, as of {}", plans.goal(), instant(self.as_of)));
        self.svg.text(SUBTITLE, (MARGIN, self.y), &asked);
        self.y += 16.0;
        if !plans.ways().is_empty() {
            self.ways(plans.ways());
        }
        self.obstacles(plans);
        self.y += 24.0;
    }

    fn ways(&mut self, plans: &[Plan<'_>]) {
        let axis = axis(plans, self.as_of);
        let has_lanes = plans.iter().any(|plan| !plan.steps().is_empty());
        let top = self.y + if has_lanes { 46.0 } else { 16.0 };
        let height: f64 = plans.iter().map(height).sum();
        if has_lanes {
            self.grid(&axis, (top, top + height));
        }
        self.y = top;
        for plan in plans {
            self.plan(&axis, plan);
        }
        self.y = top + height;
    }

    /// The lines behind the bars, with what they stand for above them.
    fn grid(&mut self, axis: &Axis, (top, bottom): (f64, f64)) {
        let now = axis.x(self.as_of);
        for (at, label) in axis.ticks() {
            let x = axis.x(at);
            self.svg.path("grid", &format!("M{x:.1} {:.1}V{bottom:.1}", top - 8.0));
            // None that the line of the instant would run through.
            if x - TICK.width(&label) / 2.0 > now + 4.0 {
                self.svg.text(TICK, (x, top - 14.0), &label);
            }
        }
        self.svg.path("now", &format!("M{now:.1} {:.1}V{bottom:.1}", top - 26.0));
        self.svg.text(NOW, (now, top - 32.0), &format!("as of {}", instant(self.as_of)));
    }

    fn plan(&mut self, axis: &Axis, plan: &Plan<'_>) {
        self.svg.path("rule", &format!("M{MARGIN:.1} {:.1}H{:.1}", self.y, WIDTH - MARGIN));
        self.header(axis, plan);
        let top = self.y + HEADER;
        for (at, step) in plan.steps().iter().enumerate() {
            self.lane(axis, at, step, top + LANE * row(at));
        }
        self.arrows(axis, plan, top);
        self.y += height(plan);
    }

    /// The name of a way, and when it reaches the goal.
    fn header(&mut self, axis: &Axis, plan: &Plan<'_>) {
        let (middle, text) = (self.y + 24.0, done(plan));
        self.svg.text(WAY, (MARGIN, middle + 5.0), &sentence(&words(plan.action())));
        let x = plan.done().map_or(axis.left, |done| axis.x(done));
        if plan.done().is_some() {
            let (left, right) = (x - 6.0, x + 6.0);
            let (above, below) = (middle - 6.0, middle + 6.0);
            self.svg.path(
                "done",
                &format!("M{left:.1} {middle:.1}L{x:.1} {above:.1}L{right:.1} {middle:.1}L{x:.1} {below:.1}Z"),
            );
        }
        if x + 12.0 + ON_GRID.width(&text) <= WIDTH - MARGIN {
            self.svg.text(ON_GRID, (x + 12.0, middle + 4.0), &text);
        } else {
            self.svg.text(ON_GRID.anchored("end"), (x - 12.0, middle + 4.0), &text);
        }
    }

    fn lane(&mut self, axis: &Axis, at: usize, step: &Step<'_>, top: f64) {
        let (deed, who) = (deed(step), who(step));
        self.svg.begin(&format!("{}. {who}: {deed}, {}", at + 1, when(step)));
        self.svg.text(NUMBER, (NAMES - 8.0, top + 15.0), &format!("{}.", at + 1));
        self.svg.text(NAME, (NAMES, top + 15.0), &NAME.fitted(&sentence(&deed), WIDEST_NAME));
        self.svg.circle(step.actor().as_str(), (NAMES + 4.0, top + 28.0), 4.0);
        self.svg.text(SMALL, (NAMES + 14.0, top + 32.0), &who);
        self.bar(axis, step, top + LANE / 2.0);
        self.svg.end();
    }

    fn bar(&mut self, axis: &Axis, step: &Step<'_>, middle: f64) {
        let (x, end) = (axis.x(step.earliest()), bar_end(axis, step));
        let (thick, corner) = if is_wait(step) { (4.0, 2) } else { (BAR, 3) };
        let fade = if step.latest().is_none() { " mask=\"url(#fade)\"" } else { "" };
        let more = format!(" rx=\"{corner}\"{fade}");
        self.svg.rect(step.actor().as_str(), (x, middle - thick / 2.0), (end - x, thick), &more);
        if let Some(latest) = step.latest() {
            self.svg.text(ON_GRID, (end + gap(step), middle + 4.0), &text::end(latest));
        }
    }

    /// From each step to those that come after it: out of its bar, down a rail of its own, and into their bars.
    fn arrows(&mut self, axis: &Axis, plan: &Plan<'_>, top: f64) {
        let rails: Vec<f64> = rails(plan).into_iter().map(|rail| LEFT - 12.0 - 8.0 * row(rail)).collect();
        let middle = |step: usize| top + LANE * row(step) + LANE / 2.0;
        for ((at, step), &rail) in plan.steps().iter().enumerate().zip(&rails) {
            let (waits, others): (Vec<usize>, Vec<usize>) =
                step.after().iter().partition(|&&before| plan.steps().get(before).is_some_and(is_wait));
            for before in waits {
                self.drop_into(axis, step, middle(before), middle(at) - BAR / 2.0);
            }
            // Where several end in one bar, from the outermost on.
            if let Some(outermost) = others.iter().filter_map(|&before| rails.get(before).copied()).reduce(f64::min) {
                let (x, y) = (axis.x(step.earliest()), middle(at) - 3.0);
                self.svg.path("arrow", &format!("M{outermost:.1} {y:.1}H{:.1}", x - 5.0));
                self.head_right(x, y);
            }
            if let Some(last) = later(plan, at).last().filter(|_| !is_wait(step)) {
                let (from, to) = (middle(at) + 3.0, middle(last) - 3.0);
                self.svg.path("arrow", &format!("M{:.1} {from:.1}H{rail:.1}V{to:.1}", axis.x(step.earliest())));
            }
        }
    }

    /// From where waiting ends down into the bar that begins there.
    fn drop_into(&mut self, axis: &Axis, step: &Step<'_>, from: f64, to: f64) {
        let begins = axis.x(step.earliest());
        let x = begins + (bar_end(axis, step) - begins).min(12.0) / 2.0;
        self.svg.path("arrow", &format!("M{begins:.1} {from:.1}H{x:.1}V{:.1}", to - 5.0));
        self.head_down(x, to);
    }

    fn head_right(&mut self, x: f64, y: f64) {
        let (back, above, below) = (x - 6.0, y - 3.0, y + 3.0);
        self.svg.path("head", &format!("M{x:.1} {y:.1}L{back:.1} {above:.1}L{back:.1} {below:.1}Z"));
    }

    fn head_down(&mut self, x: f64, y: f64) {
        let (left, right, above) = (x - 3.0, x + 3.0, y - 6.0);
        self.svg.path("head", &format!("M{x:.1} {y:.1}L{left:.1} {above:.1}L{right:.1} {above:.1}Z"));
    }

    /// What stands in the other ways, an action after the other.
    fn obstacles(&mut self, plans: &Plans<'_>) {
        if plans.obstacles().is_empty() {
            return;
        }
        self.y += 16.0;
        self.svg.path("rule", &format!("M{MARGIN:.1} {:.1}H{:.1}", self.y, WIDTH - MARGIN));
        self.y += 29.0;
        let others = if plans.ways().is_empty() { "In the way" } else { "In the other ways" };
        self.svg.text(WAY, (MARGIN, self.y), others);
        self.y += 5.0;
        let mut before = None;
        for obstacle in plans.obstacles() {
            let action = obstacle.action();
            self.y += if before == Some(action) { 18.0 } else { 24.0 };
            if before != Some(action) {
                self.svg.text(NAME, (MARGIN, self.y), &sentence(&words(action)));
            }
            before = Some(action);
            let left = MARGIN + 200.0;
            for (number, line) in SUBTITLE.wrapped(&told(obstacle), WIDTH - MARGIN - left).iter().enumerate() {
                self.y += if number > 0 { 18.0 } else { 0.0 };
                self.svg.text(SUBTITLE, (left, self.y), line);
            }
        }
    }

    /// What the signs mean.
    fn legend(&mut self) {
        self.svg.path("rule", &format!("M{MARGIN:.1} {:.1}H{:.1}", self.y, WIDTH - MARGIN));
        let middle = self.y + 24.0;
        let mut x = MARGIN;
        self.svg.rect("time", (x, middle - 5.0), (36.0, 10.0), " rx=\"3\"");
        self.legend_text(&mut x, 44.0, middle, "can be done");
        self.svg.rect("time", (x, middle - 5.0), (36.0, 10.0), " rx=\"3\" mask=\"url(#fade)\"");
        self.legend_text(&mut x, 44.0, middle, "no end is known");
        self.svg.path("arrow", &format!("M{x:.1} {middle:.1}h20"));
        self.head_right(x + 26.0, middle);
        self.legend_text(&mut x, 34.0, middle, "only after");
        self.svg.path("done", &format!("M{x:.1} {middle:.1}l6 -6l6 6l-6 6Z"));
        self.legend_text(&mut x, 20.0, middle, "the goal can be reached");
        self.y = middle + 8.0;
    }

    fn legend_text(&mut self, x: &mut f64, sign: f64, middle: f64, text: &str) {
        self.svg.text(SMALL, (*x + sign, middle + 4.0), text);
        *x += sign + SMALL.width(text) + 28.0;
    }
}

/// How high a way is drawn.
fn height(plan: &Plan<'_>) -> f64 {
    HEADER + LANE * row(plan.steps().len()) + if plan.steps().is_empty() { 0.0 } else { 10.0 }
}

#[expect(clippy::cast_precision_loss, reason = "of a few steps")]
fn row(number: usize) -> f64 {
    number as f64
}

fn is_wait(step: &Step<'_>) -> bool {
    step.deed() == Deed::Wait
}

/// Where a bar ends: wide enough to be seen, and at the edge where it has no end.
fn bar_end(axis: &Axis, step: &Step<'_>) -> f64 {
    step.latest().map_or(WIDTH - MARGIN, |latest| axis.x(latest).max(axis.x(step.earliest()) + 3.0))
}

/// How far behind a bar its end is told: behind the arrow that waiting ends with.
fn gap(step: &Step<'_>) -> f64 {
    if is_wait(step) { 14.0 } else { 8.0 }
}

/// The time that all ways take, as wide as leaves room to tell behind each bar when it ends.
fn axis(plans: &[Plan<'_>], as_of: DateTime<Utc>) -> Axis {
    let steps = || plans.iter().flat_map(Plan::steps);
    let ends = steps().flat_map(|step| [Some(step.earliest()), step.latest()]).flatten();
    let last = ends.chain(plans.iter().filter_map(Plan::done)).max().filter(|&last| last > as_of);
    let until = last.unwrap_or(as_of + TimeDelta::days(90));
    let widest = Axis { from: as_of, until, left: LEFT, right: WIDTH - MARGIN - LEAST_ROOM };
    let right = steps().filter_map(|step| {
        let latest = step.latest()?;
        let room = gap(step) + 3.0 + ON_GRID.width(&text::end(latest));
        let share = (widest.x(latest) - LEFT) / (widest.right - LEFT);
        Some(LEFT + (WIDTH - MARGIN - room - LEFT) / share)
    });
    Axis { right: right.fold(widest.right, f64::min), ..widest }
}

/// The steps that come after another.
fn later<'p>(plan: &'p Plan<'_>, before: usize) -> impl Iterator<Item = usize> + 'p {
    plan.steps().iter().enumerate().filter(move |(_, step)| step.after().contains(&before)).map(|(at, _)| at)
}

/// For each step the rail on which its arrows run, the nearest first: no two that run side by side have the same one.
fn rails(plan: &Plan<'_>) -> Vec<usize> {
    let count = plan.steps().len();
    let last_after = |step| later(plan, step).last();
    let mut spans: Vec<(usize, usize)> = (0..count).filter_map(|step| Some((step, last_after(step)?))).collect();
    spans.sort_by_key(|&(from, to)| (to - from, from));
    let mut rails = vec![0; count];
    let mut taken: Vec<(usize, (usize, usize))> = Vec::new();
    for (from, to) in spans {
        let is_free =
            |rail: usize| !taken.iter().any(|&(other, (start, stop))| other == rail && from < stop && start < to);
        let rail = (0..count).find(|&rail| is_free(rail)).unwrap_or_default();
        rails[from] = rail;
        taken.push((rail, (from, to)));
    }
    rails
}

/// With a capital letter.
fn sentence(text: &str) -> String {
    let mut rest = text.chars();
    rest.next().map_or_else(String::new, |first| first.to_uppercase().chain(rest).collect())
}
