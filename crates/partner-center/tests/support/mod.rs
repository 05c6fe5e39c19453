//! Shared code of the tests: the transcript of an input, one line for each item.

#![allow(dead_code, reason = "each test file uses a part")]

use std::fmt::Write as _;
use std::io::Read;
use std::path::{Path, PathBuf};

use csp_multichannel::chrono::{DateTime, Utc};
use csp_multichannel::{
    Cancellation, Channel, Cloud, Customer, Fact, Facts, Partner, Region, Relationship, Term,
    parse_instant,
};
use csp_partner_center::{Context, Item, Mapping, Reader, Record};

/// Parses an instant or a day.
#[track_caller]
pub fn at(text: &str) -> DateTime<Utc> {
    parse_instant(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// Returns the defaults in the readme of the inputs, `P`.
pub fn defaults() -> Facts {
    Facts::from(Channel::OtherCspPartner)
        .with(Cloud::Public)
        .with(Partner::DirectBill)
        .with(Customer::EndCustomer)
        .with(Region::Same)
        .with(Relationship::Active)
}

/// Returns the path of a file or a folder of test data.
pub fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

/// Returns the names of the files in a folder of test data.
pub fn files(folder: &str) -> Vec<String> {
    let entries = std::fs::read_dir(data(folder)).expect("a folder");
    let mut names: Vec<String> = entries
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("UTF-8"))
        .collect();
    names.sort();
    names
}

/// Returns the bytes of a file of test data.
#[track_caller]
pub fn read(name: &str) -> Vec<u8> {
    std::fs::read(data(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// An input that returns pieces of at most some bytes.
pub struct Pieces<'b>(pub &'b [u8], pub usize);

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let most = buffer.len().min(self.1);
        Read::read(&mut self.0, &mut buffer[..most])
    }
}

/// Returns all items of an input, and the error that ends it.
pub fn parts(mut reader: Reader<impl Read>) -> (Vec<Item>, Option<String>) {
    let mut items = Vec::new();
    loop {
        match reader.next() {
            Ok(Some(item)) => items.push(item),
            Ok(None) => return (items, None),
            Err(error) => return (items, Some(error.to_string())),
        }
    }
}

/// Returns the records of an input.
pub fn records(bytes: &[u8]) -> Vec<Record> {
    let (items, _) = parts(Reader::new(bytes));
    let records = items.into_iter().filter_map(|item| match item {
        Item::Record(record) => Some(*record),
        _ => None,
    });
    records.collect()
}

/// Maps one JSON object with an empty context.
#[track_caller]
pub fn mapped(json: &str, as_of: &str) -> Mapping {
    mapped_in(&Context::new(), json, as_of)
}

/// Maps one JSON object in a context.
#[track_caller]
pub fn mapped_in(context: &Context, json: &str, as_of: &str) -> Mapping {
    let record = Record::from_json(json).unwrap_or_else(|error| panic!("{json}: {error}"));
    context.map(&record, at(as_of)).unwrap_or_else(|error| panic!("{json}: {error}"))
}

/// Returns the facts at an instant, except those that equal the defaults.
pub fn known(mapping: &Mapping, defaults: Facts, as_of: DateTime<Utc>) -> Facts {
    let facts = mapping.case.subscription.facts_at(as_of);
    let supplied = |fact: &Fact| {
        defaults.narrowed().contains(*fact) && facts.about(*fact) == defaults.about(*fact)
    };
    Fact::ALL.iter().filter(|fact| supplied(fact)).fold(facts, |facts, &fact| facts.without(fact))
}

/// Prints the dates of a term: `2026-06-01T09:00:00Z to 2027-05-31, until 2026-06-08T09:00:00Z`.
pub fn dates(term: Term) -> String {
    let instant = |at: DateTime<Utc>| format!("{at:?}");
    let from = term.purchased_at().map(|from| instant(from) + " ").unwrap_or_default();
    let until = match term.cancellation() {
        Cancellation::Never => ", never".into(),
        Cancellation::Until(until) => format!(", until {}", instant(until)),
        _ => String::new(),
    };
    format!("{from}to {}{until}", term.ends_on())
}

/// Prints the facts and dates of a mapping, and its notes on separate lines.
pub fn summary(mapping: &Mapping, defaults: Facts, as_of: DateTime<Utc>) -> String {
    let mut text = format!("{}: {}", mapping.case.id, known(mapping, defaults, as_of));
    if let Some(term) = mapping.case.subscription.term() {
        write!(text, " [{}]", dates(term)).unwrap();
    }
    for note in &mapping.notes {
        write!(text, "\n  {note}").unwrap();
    }
    text
}

/// Prints each item of an input on one or more lines.
pub fn transcript(
    reader: Reader<impl Read>,
    context: &Context,
    defaults: Facts,
    as_of: DateTime<Utc>,
) -> String {
    let (items, error) = parts(reader);
    let lines = items.into_iter().map(|item| match item {
        Item::Record(record) => match context.map(&record, as_of) {
            Ok(mapping) => format!("{} {}", record.line, summary(&mapping, defaults, as_of)),
            Err(error) => format!("{} {}: {error}", record.line, record.id()),
        },
        Item::Invalid(refusal) => {
            let id = refusal.id.as_deref().map(|id| format!("{id}: ")).unwrap_or_default();
            format!("{} refused: {id}{}", refusal.line, refusal.error)
        }
        Item::Page { items, total, has_next } => {
            let total = total.map(|total| format!(" of {total}")).unwrap_or_default();
            format!("page: {items}{total}{}", if has_next { ", and another page" } else { "" })
        }
        Item::Note(note) => format!("note: {note}"),
        other => panic!("{other:?}"),
    });
    lines.chain(error.map(|error| format!("error: {error}"))).collect::<Vec<_>>().join("\n")
}

/// Compares the transcripts of files with the expected ones, in blocks that begin with `== ` and
/// the name of the file. Fails for a file of the folder without a block.
///
/// `UPDATE_EXPECTED=1` rewrites the expected transcripts: review the changes.
///
/// After the name, `eligibility`, `customers`, `facts` and `partners` name a file to read first.
pub fn assert_transcripts(folder: &str, expected: &str, beside: &[&str]) {
    let as_of = at("2026-08-12");
    let mut failures = Vec::new();
    let mut written = String::new();
    let mut unread = files(folder);
    unread.retain(|name| !beside.contains(&name.as_str()));
    for block in format!("\n{expected}").split("\n== ").skip(1) {
        let (heading, expected) = block.split_once('\n').unwrap_or((block, ""));
        let mut words = heading.split(' ');
        let name = words.next().expect("a name");
        let mut context = Context::new().with_defaults(defaults());
        unread.retain(|file| file != name);
        while let Some((option, file)) = words.next().zip(words.next()) {
            unread.retain(|unread| unread != file);
            for record in records(&read(&format!("{folder}/{file}"))) {
                match option {
                    "eligibility" => context.add_eligibility(record),
                    "customers" => context.add_customer(record),
                    "facts" => context.add_facts(record),
                    "partners" => context.add_partner(&record),
                    other => panic!("{other}"),
                }
                .unwrap_or_else(|error| panic!("{file}: {error}"));
            }
        }
        let bytes = read(&format!("{folder}/{name}"));
        let found = transcript(Reader::new(bytes.as_slice()), &context, defaults(), as_of);
        written.extend(["== ", heading, "\n", &found, "\n\n"]);
        if found != expected.trim_end() {
            failures.push(format!("== {heading}\n{found}\n-- expected\n{}\n", expected.trim_end()));
        }
    }
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        let path = format!("{}/tests/data/{folder}.expected", env!("CARGO_MANIFEST_DIR"));
        return std::fs::write(path, format!("{}\n", written.trim_end())).expect("the file");
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(unread.is_empty(), "nothing is expected of {unread:?}");
}
