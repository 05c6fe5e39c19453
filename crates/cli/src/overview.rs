//! The table of verdicts, one case a row, as wide as the terminal.

use std::env;

use comfy_table::{Cell, CellAlignment, Color, ContentArrangement, Table, presets};
use csp_multichannel::{Action, Verdict, Verdicts};

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

const fn color(verdict: Verdict) -> Color {
    match verdict {
        Verdict::Allowed => Color::Green,
        Verdict::Conditional => Color::Yellow,
        Verdict::Denied => Color::Red,
        Verdict::NotCovered => Color::DarkGrey,
        Verdict::Undetermined => Color::Cyan,
    }
}

fn words(name: &str) -> String {
    name.replace('_', " ")
}

/// Draws the verdicts on some cases: as words where these fit the terminal, else as marks with a legend.
pub(crate) fn draw(cases: &[(String, Verdicts)]) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    let ids = cases.iter().map(|(id, _)| id.chars().count()).max().unwrap_or_default();
    let verdicts =
        Verdict::ALL.iter().map(|verdict| verdict.as_str().len()).max().unwrap_or_default();
    let needed = ids + Action::ALL.len() * (verdicts + usize::from(GAP));
    let has_room = table.width().is_none_or(|width| needed <= usize::from(width));
    let has_color = env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());

    let heads =
        Action::ALL.iter().map(|action| action.as_str().split('_').next().unwrap_or_default());
    table.set_header(std::iter::once("case").chain(heads));
    for (id, verdicts) in cases {
        let mut row = vec![Cell::new(id)];
        for (_, &verdict) in verdicts.iter() {
            let text = if has_room { words(verdict.as_str()) } else { mark(verdict).into() };
            let cell = Cell::new(text);
            row.push(if has_color { cell.fg(color(verdict)) } else { cell });
        }
        table.add_row(row);
    }
    let last = table.column_count().saturating_sub(1);
    for (number, column) in table.column_iter_mut().enumerate() {
        column
            .set_padding((0, if number == last { 0 } else { GAP }))
            .set_cell_alignment(CellAlignment::Left);
    }

    let mut drawn = table.trim_fmt();
    if !has_room {
        drawn.push('\n');
        let legend = Verdict::ALL
            .iter()
            .map(|&verdict| format!("\n{:4}{}", mark(verdict), words(verdict.as_str())));
        drawn.extend(legend);
    }
    drawn
}
