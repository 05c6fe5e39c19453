//! The pages on data match the code: their tables are generated, and their examples are tested.
//!
//! `UPDATE_DOCUMENTS=1 cargo test -p csp-partner-center --test documents` regenerates the tables.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use csp_multichannel::{Fact, parse_instant};
use csp_partner_center::{
    Context, Item, MappingRule, NoteKind, OFFERS_AS_OF, Reader, ResourceKind, UnknownReason,
    columns, offers,
};

const PAGES: [&str; 2] = ["data-formats.md", "where-a-fact-comes-from.md"];

fn table<'a>(heads: [&str; 2], rows: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut table = format!("| {} | {} |\n| --- | --- |\n", heads[0], heads[1]);
    for (name, meaning) in rows {
        writeln!(table, "| `{name}` | {} |", meaning.trim_end_matches('.')).expect("a string");
    }
    table
}

/// Returns the table of column names by their contents, in the order of the code.
fn column_table() -> String {
    let mut held: Vec<(&str, Vec<String>)> = Vec::new();
    for (name, holds) in columns() {
        match held.iter_mut().find(|(known, _)| *known == holds) {
            Some((_, names)) => names.push(format!("`{name}`")),
            None => held.push((holds, vec![format!("`{name}`")])),
        }
    }
    let mut table = "| holds | names |\n| --- | --- |\n".to_owned();
    for (holds, names) in held {
        writeln!(table, "| `{holds}` | {} |", names.join(", ")).expect("a string");
    }
    table
}

/// Returns the table with the number of offers in each document.
fn offer_table() -> String {
    let mut documents: BTreeMap<&str, usize> = BTreeMap::new();
    for offer in offers() {
        *documents.entry(offer.source).or_default() += 1;
    }
    let count = offers().len();
    let mut table = format!("{count} identifiers, from these documents as of {OFFERS_AS_OF}:\n\n");
    table += "| document | identifiers |\n| --- | --- |\n";
    for (source, count) in documents {
        writeln!(table, "| <{source}> | {count} |").expect("a string");
    }
    table
}

#[test]
fn the_tables_are_those_of_the_code() {
    let generated = [
        (
            "kinds",
            table(
                ["kind", "what it is"],
                ResourceKind::ALL.iter().map(|kind| (kind.as_str(), kind.meaning())),
            ),
        ),
        (
            "rules",
            table(
                ["rule", "what counts"],
                MappingRule::ALL.iter().map(|rule| (rule.as_str(), rule.meaning())),
            ),
        ),
        ("columns", column_table()),
        ("offers", offer_table()),
        (
            "unknown",
            table(
                ["reason", "meaning"],
                UnknownReason::ALL.iter().map(|reason| (reason.as_str(), reason.meaning())),
            ),
        ),
        (
            "notes",
            table(
                ["note", "meaning"],
                NoteKind::ALL.iter().map(|note| (note.as_str(), note.meaning())),
            ),
        ),
    ];
    let mut found = 0;
    for page in PAGES {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(page);
        let written = std::fs::read_to_string(&path).expect("a page");
        let mut expected = written.clone();
        for (name, table) in &generated {
            let begin = format!("<!-- {name} -->\n");
            let Some((before, rest)) = expected.split_once(&begin) else { continue };
            let (_, after) = rest.split_once("<!-- end -->").expect(name);
            expected = format!("{before}{begin}{table}<!-- end -->{after}");
            found += 1;
        }
        if std::env::var_os("UPDATE_DOCUMENTS").is_some() {
            std::fs::write(&path, &expected).expect("a page");
        } else {
            assert!(written == expected, "{page} is not current: UPDATE_DOCUMENTS=1");
        }
    }
    assert_eq!(found, generated.len(), "each table stands on one page");
}

/// Reads a table with an identifier and one more column, and returns the date, the fact or the
/// error.
fn cell(column: &str, cell: &str) -> String {
    let csv = format!("id;{column}\nx;{cell}\n");
    let mut reader = Reader::new(csv.as_bytes());
    match reader.next().expect("no error").expect("a row") {
        Item::Record(record) => {
            let as_of = parse_instant("2026-11-27").expect("an instant");
            let mapping = Context::new().map(&record, as_of).expect("a case");
            let subscription = mapping.case.subscription;
            match subscription.term() {
                Some(term) => term.ends_on().to_string(),
                None => subscription.facts().about(Fact::AtTermEnd).to_string(),
            }
        }
        Item::Invalid(refusal) => refusal.error,
        item => panic!("{item:?}"),
    }
}

#[test]
fn the_cells_are_read_as_the_guide_says() {
    for day in ["2026-03-04", "2026-03-04T09:00", "04.03.2026 09:00", "4 Mar 2026"] {
        assert_eq!(cell("ends_on", day), "2026-03-04", "{day}");
    }
    for day in ["28/02/2026", "2/28/2026"] {
        assert_eq!(cell("ends_on", day), "2026-02-28", "{day}");
    }
    assert_eq!(
        cell("ends_on", "3/4/2026"),
        "`ends_on` is `3/4/2026`, expected `2026-04-03` or `2026-03-04`, or one order of day and month for all dates"
    );
    for on in ["true", "WAHR", "vrai", "sí", "1"] {
        assert_eq!(cell("Auto renew", on), "at_term_end: renew", "{on}");
    }
}
