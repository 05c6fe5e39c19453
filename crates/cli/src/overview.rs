//! The table of verdicts, one case a row, as wide as the terminal.

use anstyle::Ansi256Color;
use comfy_table::{Cell, CellAlignment, Color, ContentArrangement, Table, presets};
use csp_multichannel::{Action, Verdict, Verdicts};

use crate::text::{color, words};

/// Columns of blanks between two columns of the table.
const GAP: u16 = 2;

/// What stands for a verdict where its word has no room.
const fn mark(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Allowed => "yes",
        Verdict::Conditional => "if",
        Verdict::Denied => "no",
        Verdict::NotCovered => "-",
        Verdict::Undetermined => "?",
    }
}

/// Draws the verdicts on some cases: as words where these fit in a number of columns, if there is a limit, else as
/// marks with a legend.
pub(crate) fn draw(cases: &[(String, Verdicts)], width: Option<u16>, has_color: bool) -> String {
    let with_words = table(cases, width, has_color, |verdict| words(verdict.as_str()));
    let columns = with_words.column_max_content_widths().into_iter();
    let needed = columns.map(|width| usize::from(width + GAP)).sum::<usize>() - usize::from(GAP);
    if width.is_none_or(|width| needed <= usize::from(width)) {
        return with_words.trim_fmt();
    }
    let mut drawn = table(cases, width, has_color, |verdict| mark(verdict).into()).trim_fmt();
    drawn.push('\n');
    let line = |&verdict: &Verdict| format!("\n{:4}{}", mark(verdict), words(verdict.as_str()));
    drawn.extend(Verdict::ALL.iter().map(line));
    drawn
}

fn table(
    cases: &[(String, Verdicts)],
    width: Option<u16>,
    has_color: bool,
    text: impl Fn(Verdict) -> String,
) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    if let Some(width) = width {
        table.set_width(width);
    }
    if has_color {
        table.enforce_styling();
    }
    let heads =
        Action::ALL.iter().map(|action| action.as_str().split('_').next().unwrap_or_default());
    table.set_header(std::iter::once("case").chain(heads));
    for (id, verdicts) in cases {
        let verdicts = verdicts.iter().map(|(_, &verdict)| {
            let cell = Cell::new(text(verdict));
            let color = Color::AnsiValue(Ansi256Color::from(color(verdict)).index());
            if has_color { cell.fg(color) } else { cell }
        });
        table.add_row(std::iter::once(Cell::new(id)).chain(verdicts));
    }
    let last = table.column_count().saturating_sub(1);
    for (number, column) in table.column_iter_mut().enumerate() {
        let gap = if number == last { 0 } else { GAP };
        column.set_padding((0, gap)).set_cell_alignment(CellAlignment::Left);
    }
    table
}

#[cfg(test)]
mod tests {
    use csp_multichannel::{Action, Verdict, Verdicts};

    use super::draw;

    fn drawn(id: &str, width: u16, has_color: bool) -> String {
        let verdicts = Verdicts::from_fn(|action| match action {
            Action::RequestRelationship => Verdict::Allowed,
            Action::RecreateAndCancel => Verdict::NotCovered,
            Action::Switch => Verdict::Denied,
            Action::WaitUntilTermEnd => Verdict::Conditional,
            Action::CancelThenMove => Verdict::Undetermined,
        });
        draw(&[(id.into(), verdicts)], Some(width), has_color)
    }

    #[test]
    fn words_where_they_fit() {
        assert_eq!(
            drawn("a", 80, false),
            "case  request  recreate     switch  wait         cancel\n\
             a     allowed  not covered  denied  conditional  undetermined"
        );
        assert_eq!(drawn("a", 61, false), drawn("a", 80, false));
    }

    #[test]
    fn marks_where_words_do_not_fit() {
        assert_eq!(
            drawn("a", 60, false),
            "case  request  recreate  switch  wait  cancel\n\
             a     yes      -         no      if    ?\n\n\
             yes allowed\nif  conditional\nno  denied\n-   not covered\n?   undetermined"
        );
        // An id can be as wide as two columns a character, and is broken where nothing else helps.
        let wide = drawn(&"案件".repeat(12), 60, false);
        assert!(wide.contains("request  recreate  switch  wait  cancel"), "{wide}");
    }

    #[test]
    fn colors_on_demand() {
        assert!(!drawn("a", 80, false).contains('\u{1b}'));
        assert!(drawn("a", 80, true).contains("\u{1b}[38;5;10mallowed"));
        assert!(drawn("a", 40, true).contains("\u{1b}[38;5;9mno"));
    }
}
