//! What holds for inputs of partner-center in any format.

use std::io::{self, Read};

use chrono::{DateTime, Utc};
use csp_multichannel::{Fact, Facts, Transfer, parse_instant};
use csp_partner_center::{
    Context, Format, Item, Mapping, NoteKind, Origin, Reader, Record, ResourceKind,
};

use crate::{assert_one_line, assert_reads_back, hash, pick};

/// The items of an input, and the error that ends it.
pub(crate) type Items = (Vec<Item>, Option<String>);

/// An input that returns at most so many bytes at once.
struct Pieces<'b>(&'b [u8], usize);

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = buffer.len().min(self.1);
        self.0.read(&mut buffer[..most])
    }
}

/// Reads an input of any format and checks what holds for all of them.
pub(crate) fn check(bytes: &[u8], format: Format) {
    let found = items(Reader::new(bytes).with_format(format));
    let mut choice = hash(bytes);

    // The format is detected, where the first byte shows it.
    let begins_as_json = matches!(bytes.first(), Some(b'{' | b'['));
    let is_shown = bytes.first().is_some_and(u8::is_ascii_alphanumeric) || begins_as_json;
    let is_detected = is_shown && begins_as_json == (format == Format::Json);
    let format = Some(format).filter(|_| !is_detected);
    // A few pieces, of a few bytes where the input is short. For a quarter of the inputs, to save time.
    let piece = bytes.len() / 4 + 1 + pick(&mut choice, 4);
    match (pick(&mut choice, 8), str::from_utf8(bytes)) {
        // The first bytes of UTF-8 may be those of UTF-16.
        (0, Ok(text)) if !text.contains(['\0', '\u{feff}']) => {
            // The same text in another encoding, with its mark.
            let marked = [0xfeff].into_iter().chain(text.encode_utf16());
            let is_big = pick(&mut choice, 2) == 0;
            let bytes = |unit: u16| if is_big { unit.to_be_bytes() } else { unit.to_le_bytes() };
            let utf16: Vec<u8> = marked.flat_map(bytes).collect();
            let other = items(Reader::new(Pieces(&utf16, 2 * piece)).with_format(format));
            assert_eq!(other, found, "{text:?} in UTF-16");
        }
        (1, _) => {
            let other = items(Reader::new(Pieces(bytes, piece)).with_format(format));
            assert_eq!(other, found, "{} by {piece}", bytes.escape_ascii());
        }
        _ => {}
    }
    if let Some(error) = &found.1 {
        assert!(error.contains("expected"), "{error:?}");
    }
    found.0.iter().for_each(check_item);
    check_mappings(&found.0, choice);
}

pub(crate) fn items(mut reader: Reader<impl Read>) -> Items {
    let mut items = Vec::new();
    loop {
        match reader.next() {
            Ok(Some(item)) => items.push(item),
            Ok(None) => {
                assert!(matches!(reader.next(), Ok(None)), "an item after the end");
                return (items, None);
            }
            Err(error) => return (items, Some(error.to_string())),
        }
    }
}

/// Returns the records and errors, which have a line.
pub(crate) fn lines(items: &[Item]) -> impl Iterator<Item = (usize, &Item)> {
    items.iter().filter_map(|item| match item {
        Item::Record(record) => Some((record.line, item)),
        Item::Invalid(error) => Some((error.line, item)),
        _ => None,
    })
}

fn check_item(item: &Item) {
    match item {
        Item::Record(record) => {
            assert!(record.line > 0);
            record.notes.iter().for_each(assert_reads_back);
        }
        Item::Invalid(error) => {
            assert!(error.line > 0 && !error.error.is_empty());
            assert_reads_back(error);
        }
        Item::Note(note) => assert_reads_back(note),
        _ => {}
    }
}

/// Maps each record with the others as its context.
fn check_mappings(items: &[Item], mut choice: u64) {
    let records = || {
        items.iter().filter_map(|item| match item {
            Item::Record(record) => Some(&**record),
            _ => None,
        })
    };
    let mut alone = Context::new().with_partner_tenant("b44b0000");
    for record in records() {
        let added = match record.kind {
            ResourceKind::Customer => alone.add_customer(record.clone()),
            ResourceKind::TransferEligibility => alone.add_eligibility(record.clone()),
            ResourceKind::Case => alone.add_partner(record),
            _ => Ok(()),
        };
        added.expect("a record of that kind");
    }
    let as_of = ["2016-12-01", "2021-06-01", "2022-03-19", "2026-08-12", "2027-03-03"];
    let as_of = parse_instant(as_of[pick(&mut choice, as_of.len())]).expect("an instant");
    let defaults = some_facts(&mut choice);
    let mut supplied = alone.clone().with_defaults(defaults);
    let mut has_fields = false;
    for record in records().filter(|record| record.kind == ResourceKind::Case) {
        has_fields |= record.resource.is_some();
        supplied.add_facts(record.clone()).expect("a case");
    }
    for record in records() {
        let (alone, supplied) = match (alone.map(record, as_of), supplied.map(record, as_of)) {
            (Ok(alone), Ok(supplied)) => (alone, supplied),
            (Err(error), Err(_)) => {
                assert_eq!(error.kind(), record.kind);
                assert_one_line(&error.to_string());
                continue;
            }
            found => panic!("{found:?}"),
        };
        check_mapping(record, &alone);
        check_mapping(record, &supplied);
        // The fields of a row count as much as those of the record.
        if !has_fields {
            assert_kept(&alone, &supplied, as_of);
        }
    }
}

/// Some facts, each known or not.
fn some_facts(choice: &mut u64) -> Facts {
    let mut facts = Facts::UNKNOWN;
    for &fact in Fact::ALL {
        let word = fact.words().get(pick(choice, 2 * fact.words().len()));
        facts = facts.with(word.and_then(|word| Facts::parse(fact, word).ok()));
    }
    facts
}

fn check_mapping(record: &Record, mapping: &Mapping) {
    assert_eq!(mapping.case.id, record.id());
    assert_reads_back(mapping);
    assert_reads_back(&mapping.case);

    let subscription = mapping.case.subscription;
    let narrowed = subscription.facts().narrowed();
    for (fact, origin) in mapping.origins.iter() {
        let is_known =
            narrowed.contains(fact) || fact == Fact::TermPhase && subscription.term().is_some();
        assert_eq!(
            is_known,
            !matches!(origin, Origin::Unknown(_)),
            "{fact}: {origin}, {mapping:?}"
        );
    }
    // What the record states is kept, unless dates replace a phase, a no an answer, or fields contradict its status.
    let is_contradicted = mapping.notes.iter().any(|note| note.kind == NoteKind::Contradiction);
    let (stated, facts) = (record.stated.facts(), subscription.facts());
    for fact in stated.narrowed() {
        let is_phase = fact == Fact::TermPhase && subscription.term().is_some();
        let is_doubted = is_no(facts, fact) || is_contradicted && fact == Fact::Status;
        assert!(
            is_phase || is_doubted || is_within(facts, stated, fact),
            "{fact}: {stated}, then {facts}"
        );
    }
}

/// Asserts that supplied facts never change what fields of the record state.
fn assert_kept(alone: &Mapping, supplied: &Mapping, as_of: DateTime<Utc>) {
    let [before, after] =
        [alone, supplied].map(|mapping| mapping.case.subscription.facts_at(as_of));
    let has_no_term = supplied.notes.iter().any(|note| note.kind == NoteKind::UsageHasNoTerm);
    for (fact, origin) in alone.origins.iter() {
        let is_derived = matches!(origin, Origin::Rule(_) | Origin::Record);
        if is_derived && !(has_no_term && fact == Fact::TermPhase) && !is_no(after, fact) {
            assert!(is_within(after, before, fact), "{fact}: {before}, then {after}");
        }
    }
}

/// Whether a fact says that no transfer is possible now, which counts whoever says it.
fn is_no(facts: Facts, fact: Fact) -> bool {
    let transfer = facts.known();
    fact == Fact::Transfer && matches!(transfer, Some(Transfer::Pending | Transfer::Ineligible))
}

/// Whether the possible values of a fact are among others.
fn is_within(facts: Facts, others: Facts, fact: Fact) -> bool {
    others.about(fact).contains(facts.about(fact))
}
