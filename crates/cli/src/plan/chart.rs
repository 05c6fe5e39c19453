//! Plans as a chart over time, with a lane for each step.

use chrono::{DateTime, TimeDelta, Utc};
use csp_multichannel::Verdict;
use csp_multichannel_guidance::{Obstacle, Plan, Plans, Step, StepKind};
use svg::Document;
use svg::node::element::{Circle, Description, Group, Path, Rectangle, Style, Text, Title};
use svg::node::{Blob, Node};

use crate::plan::Planned;
use crate::plan::axis::Axis;
use crate::plan::report::{done, heading, name, reason, required, title, when};
use crate::plan::typeface::Typeface;
use crate::text::{counted, end, instant, words};

const WIDTH: f64 = 1100.0;
const MARGIN: f64 = 32.0;
/// The left edge and the greatest width of step names.
const NAMES: f64 = MARGIN + 28.0;
const WIDEST_NAME: f64 = 372.0;
/// The left edge of the time axis; the arrows between steps are left of it.
const LEFT: f64 = 480.0;
const HEADER: f64 = 44.0;
const LANE: f64 = 42.0;
const BAR: f64 = 14.0;
/// The least room after the last instant, for bars without an end.
const LEAST_ROOM: f64 = 56.0;

const HEADING: Typeface = Typeface::new(21.0, "strong");
const SUBTITLE: Typeface = Typeface::new(13.0, "muted");
const PLAN: Typeface = Typeface::new(15.0, "strong");
const NAME: Typeface = Typeface::new(14.0, "");
const NUMBER: Typeface = Typeface::new(14.0, "muted").anchored("end");
const SMALL: Typeface = Typeface::new(12.0, "muted");
const ON_GRID: Typeface = Typeface::new(12.0, "muted halo");
const TICK: Typeface = Typeface::new(12.0, "muted").anchored("middle");
const NOW: Typeface = Typeface::new(12.0, "now").anchored("middle");

/// The fading of bars without an end.
const FADE: &str = "<defs>\
    <linearGradient id=\"csp-plan-fading\"><stop offset=\"0.4\" stop-color=\"#fff\"/>\
    <stop offset=\"1\" stop-color=\"#fff\" stop-opacity=\"0\"/></linearGradient>\
    <mask id=\"csp-plan-fade\" maskContentUnits=\"objectBoundingBox\">\
    <rect width=\"1\" height=\"1\" fill=\"url(#csp-plan-fading)\"/></mask></defs>";

/// Draws the plans for all cases, from top to bottom.
pub(crate) fn draw(cases: &[&Planned], as_of: DateTime<Utc>) -> String {
    let mut chart = Chart { nodes: Vec::new(), y: MARGIN, as_of };
    for (at, planned) in cases.iter().enumerate() {
        chart.y += if at > 0 { 32.0 } else { 0.0 };
        chart.case(planned);
    }
    let has_steps =
        |planned: &&Planned| planned.plans.plans.iter().any(|plan| !plan.steps.is_empty());
    if cases.iter().any(has_steps) {
        chart.legend();
    }
    let name = match cases {
        [planned] => format!("Plans for {}", name(&planned.case.id)),
        _ => format!("Plans for {}", counted(cases.len(), "case")),
    };
    let described: Vec<_> = cases.iter().map(|planned| describe(planned, as_of)).collect();
    let (width, height) = (WIDTH, (chart.y + MARGIN - 8.0).ceil());
    let mut document = Document::new()
        .set("width", width)
        .set("height", height)
        .set("viewBox", (0, 0, width, height))
        .set("role", "img")
        .set("class", "csp-plan")
        .set("aria-labelledby", "csp-plan-title csp-plan-description")
        .set("lang", "en")
        .add(Title::new(name).set("id", "csp-plan-title"))
        .add(
            Description::new()
                .set("id", "csp-plan-description")
                .add(svg::node::Text::new(described.join("\n"))),
        )
        .add(Style::new(include_str!("chart.css")))
        .add(Blob::new(FADE))
        .add(Rectangle::new().set("class", "paper").set("width", width).set("height", height));
    for node in chart.nodes {
        document.append(node);
    }
    format!("{document}\n")
}

/// Describes the plans as text.
fn describe(planned: &Planned, as_of: DateTime<Utc>) -> String {
    let Plans { plans, obstacles, .. } = &planned.plans;
    let (id, heading) = (name(&planned.case.id), heading(&planned.plans, &instant(as_of)));
    let mut sentences = vec![format!("{id}. {heading}.")];
    for plan in plans {
        sentences.push(format!("{}: {}.", sentence(&title(plan)), done_and_required(plan)));
        sentences.extend(plan.steps.iter().enumerate().map(|(at, step)| {
            format!("{}. {}: {}, {}.", at + 1, words(step.actor), step.text(), when(step, as_of))
        }));
    }
    sentences.extend(obstacles.iter().map(|obstacle| {
        format!(
            "{}: {}, {}.",
            sentence(&words(obstacle.action)),
            words(obstacle.verdict),
            reason(obstacle)
        )
    }));
    sentences.join(" ")
}

/// A chart being drawn from top to bottom.
struct Chart {
    nodes: Vec<Box<dyn Node>>,
    y: f64,
    as_of: DateTime<Utc>,
}

impl Chart {
    fn case(&mut self, planned: &Planned) {
        let plans = &planned.plans;
        self.y += 14.0;
        let id = name(&planned.case.id);
        self.text(HEADING, (MARGIN, self.y), &HEADING.fitted(&id, WIDTH - 2.0 * MARGIN));
        self.y += 24.0;
        self.text(SUBTITLE, (MARGIN, self.y), &heading(plans, &instant(self.as_of)));
        if plans.nothing_to_move {
            self.y += 18.0;
            self.text(
                SUBTITLE,
                (MARGIN, self.y),
                "Nothing is left to move: the customer can buy a new subscription",
            );
        }
        self.y += 16.0;
        if !plans.plans.is_empty() {
            self.plans(&plans.plans);
        }
        self.obstacles(plans);
        self.y += 24.0;
    }

    fn plans(&mut self, plans: &[Plan]) {
        let axis = axis(plans, self.as_of);
        let has_lanes = plans.iter().any(|plan| !plan.steps.is_empty());
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

    /// Draws the grid lines behind the bars, with labels above.
    fn grid(&mut self, axis: &Axis, (top, bottom): (f64, f64)) {
        let now = axis.x(self.as_of);
        for (at, label) in axis.ticks() {
            let x = axis.x(at);
            self.path("grid", &format!("M{x:.1} {:.1}V{bottom:.1}", top - 8.0));
            // Omits labels that the line of the instant would cross.
            if x - TICK.width(&label) / 2.0 > now + 4.0 {
                self.text(TICK, (x, top - 14.0), &label);
            }
        }
        self.path("now", &format!("M{now:.1} {:.1}V{bottom:.1}", top - 26.0));
        self.text(NOW, (now, top - 32.0), &format!("as of {}", instant(self.as_of)));
    }

    fn plan(&mut self, axis: &Axis, plan: &Plan) {
        self.path("rule", &format!("M{MARGIN:.1} {:.1}H{:.1}", self.y, WIDTH - MARGIN));
        self.header(axis, plan);
        let top = self.y + HEADER;
        for (at, step) in plan.steps.iter().enumerate() {
            self.lane(axis, at, step, top + LANE * row(at));
        }
        self.arrows(axis, plan, top);
        self.y += height(plan);
    }

    /// Draws the name of a plan, and its earliest and expected ends.
    fn header(&mut self, axis: &Axis, plan: &Plan) {
        let (middle, text) = (self.y + 24.0, done_and_required(plan));
        self.text(PLAN, (MARGIN, middle + 5.0), &sentence(&title(plan)));
        let mut last = axis.left;
        for (class, at) in [("expected", plan.expected_by), ("done", plan.earliest)] {
            if let Some(x) = at.map(|at| axis.x(at)) {
                self.diamond(class, x, middle);
                last = last.max(x);
            }
        }
        if last + 12.0 + ON_GRID.width(&text) <= WIDTH - MARGIN {
            self.text(ON_GRID, (last + 12.0, middle + 4.0), &text);
        } else {
            let first = plan.earliest.map_or(last, |at| axis.x(at));
            self.text(ON_GRID.anchored("end"), (first - 12.0, middle + 4.0), &text);
        }
    }

    fn diamond(&mut self, class: &str, x: f64, y: f64) {
        let left = x - 6.0;
        self.path(class, &format!("M{left:.1} {y:.1}l6 -6l6 6l-6 6Z"));
    }

    fn lane(&mut self, axis: &Axis, at: usize, step: &Step, top: f64) {
        let (what, who) = (step.text(), words(step.actor));
        let outer = std::mem::take(&mut self.nodes);
        self.text(NUMBER, (NAMES - 8.0, top + 15.0), &format!("{}.", at + 1));
        self.text(NAME, (NAMES, top + 15.0), &NAME.fitted(&sentence(what), WIDEST_NAME));
        let (x, y) = (NAMES + 4.0, top + 28.0);
        self.add(
            Circle::new().set("class", step.actor.as_str()).set("cx", x).set("cy", y).set("r", 4),
        );
        self.text(SMALL, (NAMES + 14.0, top + 32.0), &who);
        self.bar(axis, step, top + LANE / 2.0);
        let title = format!("{}. {who}: {what}, {}", at + 1, when(step, self.as_of));
        let mut group = Group::new().add(Title::new(title));
        for node in std::mem::replace(&mut self.nodes, outer) {
            group.append(node);
        }
        self.add(group);
    }

    /// Draws when a step is possible and, in full color, its longest duration.
    fn bar(&mut self, axis: &Axis, step: &Step, middle: f64) {
        let (x, bar_end) = (start(axis, step), bar_end(axis, step));
        let class = step.actor.as_str();
        if step.earliest.is_none() {
            self.text(ON_GRID, (x + 8.0, middle + 4.0), "when the term ends");
            return;
        }
        if step.kind == StepKind::Wait {
            self.rect(class, (x, middle - 2.0), (bar_end - x, 4.0), 2, false);
        } else {
            let fades = step.deadline.is_none() && step.kind != StepKind::LetTermEnd;
            let light = format!("{class} light");
            self.rect(&light, (x, middle - BAR / 2.0), (bar_end - x, BAR), 3, fades);
            let expected = can_take(step).map_or(x, |by| axis.x(by));
            let expected = expected.min(bar_end).max(x + 3.0);
            self.rect(class, (x, middle - BAR / 2.0), (expected - x, BAR), 3, false);
        }
        if let Some(text) = end_text(step) {
            self.text(ON_GRID, (bar_end + gap(step), middle + 4.0), &text);
        }
    }

    /// Draws arrows from each step to those that depend on it: out of its bar, down a rail, and
    /// into their bars.
    fn arrows(&mut self, axis: &Axis, plan: &Plan, top: f64) {
        let rails: Vec<f64> =
            rails(plan).into_iter().map(|rail| LEFT - 12.0 - 8.0 * row(rail)).collect();
        let middle = |step: usize| top + LANE * row(step) + LANE / 2.0;
        for ((at, step), &rail) in plan.steps.iter().enumerate().zip(&rails) {
            let (waits, others): (Vec<usize>, Vec<usize>) =
                step.after.iter().partition(|&&before| plan.steps.get(before).is_some_and(is_wait));
            for before in waits {
                self.drop_into(axis, step, middle(before), middle(at) - BAR / 2.0);
            }
            // Several arrows into one bar share a line from the outermost rail.
            let outermost =
                others.iter().filter_map(|&before| rails.get(before).copied()).reduce(f64::min);
            if let Some(outermost) = outermost {
                let (x, y) = (start(axis, step), middle(at) - 3.0);
                self.path("arrow", &format!("M{outermost:.1} {y:.1}H{:.1}", x - 5.0));
                self.path("head", &format!("M{x:.1} {y:.1}l-6 -3v6Z"));
            }
            if let Some(last) = later(plan, at).last().filter(|_| !is_wait(step)) {
                let (from, to) = (middle(at) + 3.0, middle(last) - 3.0);
                self.path(
                    "arrow",
                    &format!("M{:.1} {from:.1}H{rail:.1}V{to:.1}", start(axis, step)),
                );
            }
        }
    }

    /// Draws an arrow from the end of a wait down into the bar that begins there.
    fn drop_into(&mut self, axis: &Axis, step: &Step, from: f64, to: f64) {
        let begins = start(axis, step);
        let x = begins + (bar_end(axis, step) - begins).min(12.0) / 2.0;
        self.path("arrow", &format!("M{begins:.1} {from:.1}H{x:.1}V{:.1}", to - 5.0));
        self.path("head", &format!("M{x:.1} {to:.1}l-3 -6h6Z"));
    }

    /// Draws the obstacles to the other actions.
    fn obstacles(&mut self, plans: &Plans) {
        if plans.obstacles.is_empty() {
            return;
        }
        self.y += 16.0;
        self.path("rule", &format!("M{MARGIN:.1} {:.1}H{:.1}", self.y, WIDTH - MARGIN));
        self.y += 29.0;
        self.text(PLAN, (MARGIN, self.y), "Obstacles");
        self.y += 5.0;
        let is_silent = |obstacle: &&Obstacle| {
            obstacle.verdict == Verdict::NotCovered && obstacle.rules.is_empty()
        };
        let (silent, others): (Vec<_>, Vec<_>) = plans.obstacles.iter().partition(is_silent);
        let mut before = None;
        for obstacle in others.into_iter().chain(silent) {
            let is_first = before != Some(obstacle.action);
            before = Some(obstacle.action);
            self.y += if is_first { 24.0 } else { 18.0 };
            if is_first {
                self.text(NAME, (MARGIN, self.y), &sentence(&words(obstacle.action)));
            }
            let then = if is_first { "" } else { "then " };
            let until = obstacle.until.map(|until| format!(" {}", end(until))).unwrap_or_default();
            let text = format!("{then}{}{until}: {}", words(obstacle.verdict), reason(obstacle));
            let left = MARGIN + 200.0;
            for (number, line) in SUBTITLE.wrapped(&text, WIDTH - MARGIN - left).iter().enumerate()
            {
                self.y += if number > 0 { 18.0 } else { 0.0 };
                self.text(SUBTITLE, (left, self.y), line);
            }
        }
    }

    /// Draws the legend.
    fn legend(&mut self) {
        self.path("rule", &format!("M{MARGIN:.1} {:.1}H{:.1}", self.y, WIDTH - MARGIN));
        let middle = self.y + 24.0;
        let mut x = MARGIN;
        self.rect("time light", (x, middle - 5.0), (36.0, 10.0), 3, false);
        self.legend_text(&mut x, 44.0, middle, "possible");
        self.rect("time light", (x, middle - 5.0), (36.0, 10.0), 3, true);
        self.legend_text(&mut x, 44.0, middle, "no known end");
        self.rect("time", (x, middle - 5.0), (36.0, 10.0), 3, false);
        self.legend_text(&mut x, 44.0, middle, "longest duration");
        self.path("arrow", &format!("M{x:.1} {middle:.1}h20"));
        self.path("head", &format!("M{:.1} {middle:.1}l-6 -3v6Z", x + 26.0));
        self.legend_text(&mut x, 34.0, middle, "then");
        self.diamond("done", x + 6.0, middle);
        self.legend_text(&mut x, 20.0, middle, "earliest completion");
        self.diamond("expected", x + 6.0, middle);
        self.legend_text(&mut x, 20.0, middle, "expected completion");
        self.y = middle + 8.0;
    }

    fn legend_text(&mut self, x: &mut f64, sign: f64, middle: f64, text: &str) {
        self.text(SMALL, (*x + sign, middle + 4.0), text);
        *x += sign + SMALL.width(text) + 24.0;
    }

    fn add(&mut self, node: impl Into<Box<dyn Node>>) {
        self.nodes.push(node.into());
    }

    fn path(&mut self, class: &str, path: &str) {
        self.add(Path::new().set("class", class).set("d", path));
    }

    fn text(&mut self, style: Typeface, (x, y): (f64, f64), text: &str) {
        let Typeface { size, class, anchor } = style;
        self.add(
            Text::new(text)
                .set("class", class)
                .set("x", tenth(x))
                .set("y", tenth(y))
                .set("font-size", size)
                .set("text-anchor", anchor),
        );
    }

    fn rect(
        &mut self,
        class: &str,
        (x, y): (f64, f64),
        (width, height): (f64, f64),
        corner: u8,
        fades: bool,
    ) {
        let rect = Rectangle::new()
            .set("class", class)
            .set("x", tenth(x))
            .set("y", tenth(y))
            .set("width", tenth(width))
            .set("height", tenth(height))
            .set("rx", corner);
        self.add(if fades { rect.set("mask", "url(#csp-plan-fade)") } else { rect });
    }
}

/// Rounds a coordinate to a tenth.
fn tenth(coordinate: f64) -> f64 {
    (coordinate * 10.0).round() / 10.0
}

/// Returns the height of a plan.
fn height(plan: &Plan) -> f64 {
    HEADER + LANE * row(plan.steps.len()) + if plan.steps.is_empty() { 0.0 } else { 10.0 }
}

#[expect(clippy::cast_precision_loss, reason = "plans have few steps")]
const fn row(number: usize) -> f64 {
    number as f64
}

fn is_wait(step: &Step) -> bool {
    step.kind == StepKind::Wait
}

/// Returns the latest end of a step that begins as early as possible.
fn can_take(step: &Step) -> Option<DateTime<Utc>> {
    let takes = step.takes.and_then(|takes| step.earliest?.checked_add_signed(takes.longest()));
    step.expected_by.or(takes)
}

/// Returns the end of a bar, if it is known.
fn ends(step: &Step) -> Option<DateTime<Utc>> {
    match step.kind {
        StepKind::Wait => step.expected_by,
        StepKind::LetTermEnd => step.earliest,
        _ => step.deadline,
    }
}

/// Returns the text after a bar.
fn end_text(step: &Step) -> Option<String> {
    match step.kind {
        _ if step.earliest.is_none() => None,
        StepKind::LetTermEnd => step.earliest.map(|at| format!("on {}", instant(at))),
        _ => ends(step).map(end),
    }
}

fn start(axis: &Axis, step: &Step) -> f64 {
    step.earliest.map_or(axis.left, |at| axis.x(at))
}

/// Returns the right edge of a bar: at least a visible width, and the edge of the chart without an
/// end.
fn bar_end(axis: &Axis, step: &Step) -> f64 {
    ends(step).map_or(WIDTH - MARGIN, |end| axis.x(end).max(start(axis, step) + 3.0))
}

/// Returns the gap between a bar and its text, with room for the arrow after a wait.
fn gap(step: &Step) -> f64 {
    if is_wait(step) { 14.0 } else { 8.0 }
}

/// Creates the axis for all plans, with room for the text after each bar.
fn axis(plans: &[Plan], as_of: DateTime<Utc>) -> Axis {
    let steps = || plans.iter().flat_map(|plan| &plan.steps);
    let of_steps = steps().flat_map(|step| [step.earliest, can_take(step), step.deadline]);
    let of_plans = plans.iter().flat_map(|plan| [plan.earliest, plan.expected_by]);
    let last = of_steps.chain(of_plans).flatten().max().filter(|&last| last > as_of);
    let until =
        last.map_or(as_of + TimeDelta::days(90), |last| last.max(as_of + TimeDelta::days(7)));
    let widest = Axis { from: as_of, until, left: LEFT, right: WIDTH - MARGIN - LEAST_ROOM };
    let right = steps().filter_map(|step| {
        let room = gap(step) + 3.0 + ON_GRID.width(&end_text(step)?);
        let share = (widest.x(ends(step)?) - LEFT) / (widest.right - LEFT);
        Some(LEFT + (WIDTH - MARGIN - room - LEFT) / share)
    });
    Axis { right: right.fold(widest.right, f64::min), ..widest }
}

/// Returns the steps that depend on a step.
fn later(plan: &Plan, before: usize) -> impl Iterator<Item = usize> + '_ {
    let after = plan.steps.iter().enumerate();
    after.filter(move |(_, step)| step.after.contains(&before)).map(|(at, _)| at)
}

/// Assigns a rail to the arrows of each step, the nearest free one; overlapping arrows get
/// different rails.
fn rails(plan: &Plan) -> Vec<usize> {
    let count = plan.steps.len();
    let last_after = |step| later(plan, step).last();
    let mut spans: Vec<(usize, usize)> =
        (0..count).filter_map(|step| Some((step, last_after(step)?))).collect();
    spans.sort_by_key(|&(from, to)| (to - from, from));
    let mut rails = vec![0; count];
    let mut taken: Vec<(usize, (usize, usize))> = Vec::new();
    for (from, to) in spans {
        let overlaps = |&(start, stop): &(usize, usize)| from < stop && start < to;
        let is_free =
            |rail: usize| !taken.iter().any(|(other, span)| *other == rail && overlaps(span));
        let rail = (0..count).find(|&rail| is_free(rail)).unwrap_or_default();
        rails[from] = rail;
        taken.push((rail, (from, to)));
    }
    rails
}

/// Describes when the goal is reached, and its requirements.
fn done_and_required(plan: &Plan) -> String {
    [Some(done(plan)), required(plan)].into_iter().flatten().collect::<Vec<_>>().join("; ")
}

/// Capitalizes the first letter.
fn sentence(text: &str) -> String {
    let mut rest = text.chars();
    rest.next().map_or_else(String::new, |first| first.to_uppercase().chain(rest).collect())
}
