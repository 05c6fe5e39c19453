//! Any bytes as a table of partner-center.

use std::collections::HashSet;
use std::sync::LazyLock;

use csp_partner_center::{Format, Item, Reader, columns};

use crate::hash;
use crate::reader::{self, items, lines};

const HEADER: &[u8] = b"id,channel,service,status,purchased_at,ends_on,offer id,customer name";
const GOOD: &[u8] = b"good,open,license,active,2026-03-01T09:00:00Z,2027-02-28,,Contoso";

static KNOWN: LazyLock<HashSet<String>> =
    LazyLock::new(|| columns().map(|(known, _)| name(known.as_bytes())).collect());

static IDS: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    let ids = columns().filter(|(_, field)| matches!(*field, "id" | "customerId"));
    ids.map(|(name, _)| name).collect()
});

/// Reads an input as rows between good ones; if it begins with a line feed, the rest of it as a table.
pub fn run(bytes: &[u8]) {
    match bytes.strip_prefix(b"\n") {
        // Kept inputs are all read.
        Some(table) if !cfg!(fuzzing) || is_fast(table) => reader::check(table, Format::Table),
        Some(_) => {}
        None => check_rows(bytes),
    }
}

/// Whether a table begins with identifiers, or with names of columns that are all known. Lines before the names, and
/// unknown names, take as long as many rows, so that one table in eight may have two.
fn is_fast(table: &[u8]) -> bool {
    let most = if hash(table).is_multiple_of(8) { 2 } else { 0 };
    let has_delimiter = |line: &&[u8]| name(line).starts_with("sep");
    let is_id = |line: &[u8]| name(line).len() == 32;
    let mut lines = table.split(|byte| *byte == b'\n').skip_while(has_delimiter).take(most + 1);
    let header = lines.find(|line| is_id(line) || cells(line).any(is_known));
    header.is_some_and(|header| {
        is_id(header) || cells(header).filter(|cell| !is_known(cell)).count() <= most
    })
}

fn cells(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    line.split(|byte| b",;\t|".contains(byte))
}

/// Whether a cell is the name of a column, in any encoding.
fn is_known(cell: &[u8]) -> bool {
    KNOWN.contains(&name(cell))
}

/// The letters and digits of a cell.
fn name(cell: &[u8]) -> String {
    let name = cell.iter().filter(|byte| byte.is_ascii_alphanumeric());
    name.map(|byte| char::from(byte.to_ascii_lowercase())).collect()
}

/// Whether some of the lines may be read differently than as rows of the good ones: any quotes, delimiters and line
/// feeds can be in a name, so that the letters of an identifier's name in this order suffice, or of `sep`.
fn may_have_header(bytes: &[u8]) -> bool {
    let is_other = |line: &&[u8]| *line != HEADER && *line != b"sep=,";
    let others: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').filter(is_other).collect();
    let letters = name(&others.concat());
    letters.contains("sep") || IDS.iter().any(|id| letters.contains(id))
}

fn check_rows(bytes: &[u8]) {
    let read = |first, last| {
        let input = [HEADER, first, bytes, last].join(&b'\n');
        let (found, error) = items(Reader::new(input.as_slice()));
        assert_eq!(error, None, "{}", bytes.escape_ascii());
        found
    };
    let shown = || bytes.escape_ascii();
    let between = read(GOOD, GOOD);
    let between: Vec<(usize, &Item)> = lines(&between).collect();
    if may_have_header(bytes) {
        assert!(matches!(between[..], [(2, Item::Record(_)), ..]), "{}", shown());
        return;
    }
    let line_count = bytes.split(|byte| *byte == b'\n').count();
    let [(2, Item::Record(first)), rows @ .., (at_last, Item::Record(last))] = &between[..] else {
        panic!("{}: {between:?}", shown())
    };
    if hash(bytes).is_multiple_of(2) {
        assert_eq!(rows, lines(&read(b"", b"")).collect::<Vec<_>>(), "{}", shown());
    }
    assert_eq!((first.id(), first.customer.as_deref()), ("good", Some("Contoso")));
    assert_eq!(*at_last, 3 + line_count, "{}", shown());
    assert_eq!(last.stated, first.stated, "{}", shown());
    assert!(rows.is_sorted_by_key(|(line, _)| line), "{}", shown());

    // Without quotes, each line that has a cell is one row.
    if let Ok(text) = str::from_utf8(bytes)
        && !text.contains('"')
    {
        let is_blank = |line: &str| line.split(',').all(|cell| cell.trim().is_empty());
        // Where files are joined, the header and the line with the delimiter come again.
        let is_type = |line: &str| {
            let is_around = |c: char| c.is_whitespace() || c == '\u{feff}';
            line.trim_start_matches(is_around).starts_with("#TYPE")
        };
        let is_repeated =
            |line: &str| line.as_bytes() == HEADER || line == "sep=," || is_type(line);
        let is_row = |line: &str| !is_blank(line) && !is_repeated(line);
        let expected: Vec<(usize, &str)> =
            (3..).zip(text.split('\n')).filter(|(_, line)| is_row(line)).collect();
        assert!(
            expected.iter().map(|(line, _)| *line).eq(rows.iter().map(|(line, _)| *line)),
            "{text:?}"
        );
        for ((_, row), (_, text)) in rows.iter().zip(expected) {
            let cell = text.split(',').next().unwrap_or_default();
            match row {
                Item::Record(record) => assert!(cell.contains(record.id()), "{text:?}"),
                Item::Invalid(error) => {
                    assert!(error.id.as_ref().is_none_or(|id| cell.contains(id)), "{text:?}");
                }
                _ => {}
            }
        }
    }
}
