//! What was measured, as Markdown.

use std::fmt::Write;

use crate::builds::Build;
use crate::times::Times;

/// Both tables.
pub fn of(times: &[Times], builds: &[Build]) -> String {
    let mut text = String::from(
        "| | one decision | the case prepared | a million | start to first decision |\n| --- | --- | --- | --- | --- |\n",
    );
    for peer in times {
        let scaled = if peer.in_part { " \\*" } else { "" };
        let _ = writeln!(
            text,
            "| {} | {} | {} | {}{scaled} | {} |",
            peer.name,
            duration(peer.decision),
            duration(peer.prepared),
            duration(peer.batch),
            duration(peer.start),
        );
    }
    text.push_str("\n\\* a part of it was timed, as much as takes 2 s.\n\n");
    text.push_str("| | added to a program | crates | built in | memory, one decision | ten thousand |\n| --- | --- | --- | --- | --- | --- |\n");
    for (peer, build) in times.iter().zip(builds) {
        let [first, more] = build.memory.map(|kib| size(kib * 1024));
        let _ = writeln!(
            text,
            "| {} | {} | {} | {:.0} s | {first} | {more} |",
            peer.name,
            size(build.size),
            build.crates,
            build.time.as_secs_f64(),
        );
    }
    text
}

/// Three digits, with a unit.
pub fn duration(nanoseconds: f64) -> String {
    let (value, unit) = match nanoseconds {
        ..1e3 => (nanoseconds, "ns"),
        1e3..1e6 => (nanoseconds / 1e3, "µs"),
        1e6..1e9 => (nanoseconds / 1e6, "ms"),
        _ => (nanoseconds / 1e9, "s"),
    };
    let digits = match value {
        ..10.0 => 2,
        ..100.0 => 1,
        _ => 0,
    };
    format!("{value:.digits$} {unit}")
}

fn size(bytes: u64) -> String {
    let kib = bytes as f64 / 1024.0;
    if kib < 1024.0 { format!("{kib:.0} KiB") } else { format!("{:.1} MiB", kib / 1024.0) }
}
