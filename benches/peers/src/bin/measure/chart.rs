//! One decision by each peer, as a picture: bars on a logarithmic axis.

use std::fmt::Write;

use crate::tables::duration;
use crate::times::Times;

const WIDTH: f64 = 760.0;
/// Where the bars begin, and how much is left for the figures behind them.
const LEFT: f64 = 200.0;
const RIGHT: f64 = 80.0;
const ROW: f64 = 26.0;
const TOP: f64 = 34.0;
const STYLE: &str = "text { font: 13px system-ui, sans-serif; fill: #1f2328 } .bar { fill: #8c959f } .ours { fill: #0969da } line { stroke: #d1d9e0 } \
    @media (prefers-color-scheme: dark) { text { fill: #f0f6fc } .bar { fill: #656c76 } .ours { fill: #4493f8 } line { stroke: #3d444d } }";

/// The chart, as SVG.
pub fn of(times: &[Times]) -> String {
    // Whole powers of ten, so that the axis has a line at each end.
    let powers = times.iter().map(|peer| peer.decision.log10());
    let first = powers.clone().fold(f64::INFINITY, f64::min).floor();
    let last = powers.fold(f64::NEG_INFINITY, f64::max).ceil();
    let at = |nanoseconds: f64| LEFT + (nanoseconds.log10() - first) / (last - first) * (WIDTH - LEFT - RIGHT);
    let bottom = TOP + ROW * times.len() as f64;
    let mut svg = String::new();
    let _ = writeln!(
        svg,
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {:.0}" role="img" aria-labelledby="title">
<title id="title">One decision, from typed facts to five verdicts: time on a logarithmic axis</title>
<style>{STYLE}</style>"#,
        bottom + 10.0
    );
    for power in first as i32..=last as i32 {
        let (x, label) = (at(10_f64.powi(power)), duration(10_f64.powi(power)).replace(".00", "").replace(".0", ""));
        let _ = writeln!(
            svg,
            r#"<line x1="{x:.1}" y1="{:.0}" x2="{x:.1}" y2="{bottom:.0}"/><text x="{x:.1}" y="18" text-anchor="middle">{label}</text>"#,
            TOP - 8.0
        );
    }
    for (row, peer) in times.iter().enumerate() {
        let y = TOP + ROW * row as f64;
        let class = if peer.name.starts_with("the library") { "ours" } else { "bar" };
        let end = at(peer.decision);
        let _ = writeln!(
            svg,
            r#"<text x="{:.0}" y="{:.0}" text-anchor="end">{}</text><rect class="{class}" x="{LEFT:.0}" y="{:.0}" width="{:.1}" height="18" rx="2"/><text x="{:.1}" y="{:.0}">{}</text>"#,
            LEFT - 8.0,
            y + 15.0,
            peer.name,
            y + 2.0,
            end - LEFT,
            end + 6.0,
            y + 15.0,
            duration(peer.decision)
        );
    }
    svg.push_str("</svg>\n");
    svg
}
