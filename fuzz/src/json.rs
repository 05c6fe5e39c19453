//! Any bytes as JSON of partner-center.

use csp_partner_center::{Format, Item, Reader, Record};

use crate::reader::{self, items, lines};

/// Objects without and with the fields of a case: cases are read on a faster path.
const GOOD: [&str; 2] = [
    r#"{"id":"good","offerId":"MS-AZR-0145P","status":"active"}"#,
    r#"{"id":"good","channel":"open","status":"active"}"#,
];

/// Reads an input, and the same input between good records.
pub fn run(bytes: &[u8]) {
    reader::check(bytes, Format::Json);
    let good = GOOD[bytes.len() % 2];
    let record = Record::from_json(good).expect("a record");

    // Whatever is on the lines between, both are read.
    let input = [good.as_bytes(), bytes, good.as_bytes()].join(&b'\n');
    let (found, error) = items(Reader::new(input.as_slice()));
    assert_eq!(error, None);
    let records: Vec<&Record> = found.iter().filter_map(as_record).collect();
    let shown = || bytes.escape_ascii();
    let line_count = bytes.split(|byte| *byte == b'\n').count();
    let [first, .., last] = &records[..] else { panic!("{}: {found:?}", shown()) };
    assert_eq!(**first, record, "{}", shown());
    assert_eq!(last.line, 2 + line_count, "{}", shown());
    assert_eq!(on_first_line(last), record, "{}", shown());

    // One object is read as if it was alone, on the same line.
    let is_object = bytes.starts_with(b"{")
        && bytes.iter().filter(|byte| b"[{".contains(byte)).count() < 64
        && serde_json::from_slice::<serde::de::IgnoredAny>(bytes).is_ok();
    if !is_object {
        return;
    }
    let (alone, _) = items(Reader::new([b"\n", bytes].concat().as_slice()));
    let [alone @ (Item::Record(_) | Item::Invalid(_))] = &alone[..] else { return };
    let between: Vec<&Item> = lines(&found).map(|(_, item)| item).collect();
    assert_eq!(between[1..between.len() - 1], [alone], "{}", shown());

    // An item of a page has its place on the line in the error.
    let page =
        [br#"{"totalCount":3,"items":["#, good.as_bytes(), b",", bytes, b",", good.as_bytes()];
    let page = [page.concat(), b"]}".to_vec()].concat();
    let (found, _) = items(Reader::new(page.as_slice()));
    let [Item::Record(first), item, Item::Record(last), end] = &found[..] else {
        panic!("{}: {found:?}", shown())
    };
    let end_of_page = Item::Page { items: 3, total: Some(3), has_next: false };
    assert_eq!((first.id(), last.id(), end), ("good", "good", &end_of_page));
    match (alone, item) {
        (Item::Record(alone), Item::Record(item)) => {
            assert_eq!(on_first_line(alone), on_first_line(item));
        }
        (Item::Invalid(alone), Item::Invalid(item)) => assert_eq!(alone.id, item.id),
        found => panic!("{found:?}"),
    }
}

fn on_first_line(record: &Record) -> Record {
    let mut record = record.clone();
    record.line = 1;
    record
}

fn as_record(item: &Item) -> Option<&Record> {
    if let Item::Record(record) = item { Some(record) } else { None }
}
