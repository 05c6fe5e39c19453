//! The table of verdicts, one case a row, as wide as the terminal.

use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, Table, Width, presets};
use csp_multichannel::{Action, Verdict, Verdicts};

use crate::text::{style, terminal_width, words};

/// The spaces between two columns.
const GAP: u16 = 2;

/// Returns the short form of a verdict.
const fn mark(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Allowed => "yes",
        Verdict::Conditional => "if",
        Verdict::Denied => "no",
        Verdict::NotCovered => "-",
        Verdict::Undetermined => "?",
    }
}

/// Draws the verdicts on cases: as words if they fit the width, otherwise as short forms with a
/// legend.
pub(crate) fn draw(head: &str, cases: &[(String, Verdicts)], width: Option<u16>) -> String {
    let word = |verdict: Verdict| words(verdict.as_str());
    let with_words = table(head, cases, width, word);
    let columns = with_words.column_max_content_widths().into_iter();
    let needed = columns.map(|width| usize::from(width + GAP)).sum::<usize>() - usize::from(GAP);
    if width.is_none_or(|width| needed <= usize::from(width)) {
        return colored(&with_words, cases, word);
    }
    let marked = table(head, cases, width, |verdict| mark(verdict).into());
    let mut drawn = colored(&marked, cases, |verdict| mark(verdict).into());
    drawn.push('\n');
    let line = |&verdict: &Verdict| format!("\n{:4}{}", mark(verdict), words(verdict.as_str()));
    drawn.extend(Verdict::ALL.iter().map(line));
    drawn
}

fn table(
    head: &str,
    cases: &[(String, Verdicts)],
    width: Option<u16>,
    text: impl Fn(Verdict) -> String,
) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    if let Some(width) = width {
        table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
    }
    let heads =
        Action::ALL.iter().map(|action| action.as_str().split('_').next().unwrap_or_default());
    table.set_header(std::iter::once(head).chain(heads));
    for (id, verdicts) in cases {
        let verdicts = verdicts.iter().map(|(_, &verdict)| text(verdict));
        table.add_row(std::iter::once(id.clone()).chain(verdicts));
    }
    let last = table.column_count().saturating_sub(1);
    for (number, column) in table.column_iter_mut().enumerate() {
        let gap = if number == last { 0 } else { GAP };
        column.set_padding((0, gap)).set_cell_alignment(CellAlignment::Left);
    }
    table
}

/// Colors the verdicts at the end of the first line of each row.
fn colored(
    table: &Table,
    cases: &[(String, Verdicts)],
    text: impl Fn(Verdict) -> String,
) -> String {
    let mut rows = cases.iter().map(|(_, verdicts)| verdicts).peekable();
    let color = |line: &str| {
        let Some(verdicts) = rows.peek() else { return line.to_owned() };
        let (mut left, mut right) = (line, String::new());
        for verdict in Action::ALL.iter().rev().map(|&action| *verdicts.on(action)) {
            let (text, style) = (text(verdict), style(verdict));
            let Some(before) = left.trim_end().strip_suffix(&text) else { return line.to_owned() };
            let gap = &left[left.trim_end().len()..];
            right = format!("{style}{text}{style:#}{gap}{right}");
            left = before;
        }
        rows.next();
        format!("{left}{right}")
    };
    let lines: Vec<_> = table.trim_fmt().lines().map(color).collect();
    lines.join("\n")
}

/// Lays out lines with `|` between their cells. A column fits its longest word; numbers are
/// right-aligned.
pub(crate) fn columns(text: &str) -> String {
    let rows = || text.lines().filter(|line| line.contains('|'));
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(terminal_width().unwrap_or(80));
    table.set_header(rows().next().unwrap_or_default().split('|'));
    table.add_rows(rows().skip(1).map(|row| row.split('|')));
    let last = table.column_count().saturating_sub(1);
    for (place, column) in table.column_iter_mut().enumerate() {
        let cells = || rows().filter_map(|row| row.split('|').nth(place));
        let words = cells().flat_map(str::split_whitespace).map(textwrap::core::display_width);
        let longest = u16::try_from(words.max().unwrap_or_default()).unwrap_or(u16::MAX).min(24);
        let gap = if place == last { 0 } else { 2 };
        column.set_padding((0, gap));
        column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(longest + gap)));
        let is_number = |cell: &str| cell.chars().all(|c| c.is_ascii_digit() || c == ',');
        if cells().skip(1).all(is_number) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.trim_fmt()
}

#[cfg(all(test, feature = "color"))]
mod tests {
    use csp_multichannel::{Action, Verdict, Verdicts};

    use super::draw;

    fn colored(id: &str, width: u16) -> String {
        let verdicts = Verdicts::from_fn(|action| match action {
            Action::RequestRelationship => Verdict::Allowed,
            Action::RecreateAndCancel => Verdict::NotCovered,
            Action::Switch => Verdict::Denied,
            Action::WaitUntilTermEnd => Verdict::Conditional,
            Action::CancelThenMove => Verdict::Undetermined,
        });
        draw("case", &[(id.into(), verdicts)], Some(width))
    }

    fn drawn(id: &str, width: u16) -> String {
        anstream::adapter::strip_str(&colored(id, width)).to_string()
    }

    #[test]
    fn words_where_they_fit() {
        assert_eq!(
            drawn("a", 80),
            "case  request  recreate     switch  wait         cancel\n\
             a     allowed  not covered  denied  conditional  undetermined"
        );
        assert_eq!(drawn("a", 61), drawn("a", 80));
    }

    #[test]
    fn marks_where_words_do_not_fit() {
        assert_eq!(
            drawn("a", 60),
            "case  request  recreate  switch  wait  cancel\n\
             a     yes      -         no      if    ?\n\n\
             yes allowed\nif  conditional\nno  denied\n-   not covered\n?   undetermined"
        );
        // Some characters are two columns wide. An id is broken only if nothing else helps.
        let wide = drawn(&"案件".repeat(12), 60);
        assert!(wide.contains("request  recreate  switch  wait  cancel"), "{wide}");
    }

    #[test]
    fn verdicts_are_colored() {
        assert!(colored("a", 80).contains("\u{1b}[92mallowed\u{1b}[0m"));
        assert!(colored("a", 40).contains("\u{1b}[91mno\u{1b}[0m"));
        // No part of an id is.
        assert!(colored("yes if no", 60).contains("\nyes if no  \u{1b}[92m"));
    }
}
