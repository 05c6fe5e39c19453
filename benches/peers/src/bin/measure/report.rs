//! What was measured, as tables in Markdown and as a chart.

use std::fmt::Write;

use crate::builds::Build;
use crate::times::Times;

/// A table of times.
pub fn of_times(times: &[Times]) -> String {
    let mut text = String::from(
        "| | input built before | ratio | built from facts | ratio | start |\n\
         | --- | --- | --- | --- | --- | --- |\n",
    );
    for Times { name, decision, decision_ratio, from_facts, from_facts_ratio, start, .. } in times {
        let [decision, from_facts, start] =
            [decision, from_facts, start].map(|&time| duration(time));
        let [ratio, other_ratio] = [decision_ratio, from_facts_ratio].map(|&ratio| grouped(ratio));
        let _ = writeln!(
            text,
            "| {name} | {decision} | {ratio} | {from_facts} | {other_ratio} | {start} |"
        );
    }
    text
}

/// A table of builds.
pub fn of_builds(builds: &[Build]) -> String {
    let mut text = String::from(
        "| | to build | crates | added to a program | memory |\n| --- | --- | --- | --- | --- |\n",
    );
    for Build { name, seconds, crates, size, memory } in builds {
        let [size, memory] = [size, memory].map(|&bytes| megabytes(bytes));
        let _ = writeln!(text, "| {name} | {seconds} s | {crates} | {size} | {memory} |");
    }
    text
}

/// Two digits at least, with a unit.
fn duration(nanoseconds: f64) -> String {
    let (value, unit) = match nanoseconds {
        ..1e3 => (nanoseconds, "ns"),
        1e3..1e6 => (nanoseconds / 1e3, "µs"),
        1e6..1e9 => (nanoseconds / 1e6, "ms"),
        _ => (nanoseconds / 1e9, "s"),
    };
    format!("{} {unit}", digits(value))
}

fn digits(value: f64) -> String {
    if value < 10.0 { format!("{value:.1}") } else { format!("{value:.0}") }
}

/// Two digits, with a comma between thousands.
fn grouped(value: f64) -> String {
    let power = 10_f64.powf((value.log10().floor() - 1.0).max(0.0));
    let text = digits((value / power).round() * power);
    if value < 1000.0 && text.len() <= 3 || text.contains('.') {
        return if value < 10.0 { digits(value) } else { text };
    }
    let (thousands, rest) = text.split_at(text.len() - 3);
    format!("{thousands},{rest}")
}

#[expect(clippy::cast_precision_loss, reason = "measurements")]
fn megabytes(bytes: u64) -> String {
    format!("{} MB", digits(bytes as f64 / 1e6))
}

const STYLE: &str = "text { font: 13px system-ui, sans-serif; fill: #1f2328 } line { stroke: #d1d9e0 } \
    .bar { fill: #8c959f } .ours { fill: #0969da } .whole { opacity: 0.5 } \
    @media (prefers-color-scheme: dark) { text { fill: #f0f6fc } line { stroke: #3d444d } \
    .bar { fill: #656c76 } .ours { fill: #4493f8 } }";

const TITLE: &str = "One decision by each peer: time on a logarithmic axis";
const NOTE: &str = "full color: its input was built before; faint: it is built from facts";

const WIDTH: f64 = 720.0;
/// Where bars begin, and the room after them for their figures.
const LEFT: f64 = 140.0;
const RIGHT: f64 = 80.0;
const TOP: f64 = 34.0;
const ROW: f64 = 26.0;

/// One decision by each peer, as bars on a logarithmic axis from 1 ns: with its input built before, and from facts.
pub fn chart(times: &[Times]) -> String {
    let longest = times.iter().map(|peer| peer.from_facts.log10()).fold(1.0, f64::max).ceil();
    let at = |nanoseconds: f64| LEFT + nanoseconds.log10() / longest * (WIDTH - LEFT - RIGHT);
    let tops = (0_u16..).map(|row| TOP + ROW * f64::from(row));
    let bottom = TOP + ROW * times.iter().fold(0.0, |rows, _| rows + 1.0);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {}\" role=\"img\" \
         aria-labelledby=\"title\">\n<title id=\"title\">{TITLE}</title>\n<style>{STYLE}</style>\n",
        bottom + 30.0,
    );
    for power in (0_u8..).map(f64::from).take_while(|&power| power <= longest) {
        let time = 10_f64.powf(power);
        let (x, label) = (at(time), duration(time).replace(".0", ""));
        let _ = writeln!(
            svg,
            "<line x1=\"{x:.1}\" y1=\"{}\" x2=\"{x:.1}\" y2=\"{bottom}\"/>\
             <text x=\"{x:.1}\" y=\"18\" text-anchor=\"middle\">{label}</text>",
            TOP - 8.0,
        );
    }
    for (peer, top) in times.iter().zip(tops) {
        let name = peer.name.replace('`', "");
        let class = if peer.feature == "library" { "ours" } else { "bar" };
        let (whole, part) = (at(peer.from_facts), at(peer.decision));
        let base = top + 15.0;
        let _ = writeln!(
            svg,
            "<text x=\"{}\" y=\"{base}\" text-anchor=\"end\">{name}</text>",
            LEFT - 8.0,
        );
        for (class, end) in [(format!("{class} whole"), whole), (class.into(), part)] {
            let (y, width) = (top + 2.0, end - LEFT);
            let _ = writeln!(
                svg,
                "<rect class=\"{class}\" x=\"{LEFT}\" y=\"{y}\" width=\"{width:.1}\" height=\"18\"/>",
            );
        }
        let mut label = duration(peer.decision);
        if peer.from_facts > 1.2 * peer.decision {
            let _ = write!(label, ", from facts {}", duration(peer.from_facts));
        }
        let x = whole.max(part) + 6.0;
        let _ = writeln!(svg, "<text x=\"{x:.1}\" y=\"{base}\">{label}</text>");
    }
    let _ = writeln!(svg, "<text x=\"{LEFT}\" y=\"{}\">{NOTE}</text>", bottom + 20.0);
    svg + "</svg>\n"
}
