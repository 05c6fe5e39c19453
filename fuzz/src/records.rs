//! Any bytes as the record of a case.

use std::fmt::Debug;

use csp_multichannel::{
    Answer, Case, DecisionRecord, Engagement, RecordError, Refusal, Refused, Rulebook, Subscription, Term,
};
use serde::de::{Deserialize, DeserializeOwned};
use serde::ser::Serialize;
use serde_json::{Deserializer, Value};

use crate::{assert_telling, hash};

type Read = Result<Case, Refused<serde_json::Error>>;

/// Reads a record in every way there is; what is a case reads back equal and is decided, all else is told.
pub fn run(bytes: &[u8]) {
    let read = Case::read(&mut Deserializer::from_slice(bytes));
    assert_same(&read, &Case::read(&mut Deserializer::from_reader(bytes)));

    let value = Value::deserialize(&mut Deserializer::from_slice(bytes));
    match (&read, &value) {
        (_, Ok(value)) => {
            // A value has each field once, and in an order of its own: its text says what it does.
            let of_value = Case::read(value);
            let text = value.to_string();
            assert_same(&of_value, &Case::read(&mut Deserializer::from_str(&text)));
            if read.is_ok() {
                assert_same(&read, &of_value);
            }
        }
        // Of a value, everything is read.
        (Err(Refused { reason: Refusal::Format(_), .. }), Err(_)) | (Ok(_), _) => {}
        (Err(refused), Err(_)) => assert!(matches!(refused.reason, Refusal::Record(_))),
    }

    match read {
        Ok(case) => {
            assert_reads_back(&case);
            assert_reads_back(&case.subscription);
            assert_reads_back(&case.engagement);
            if let Some(term) = case.subscription.term() {
                assert_reads_back(&term);
            }
            assert_eq!(case.subscription.or(Subscription::default()), Ok(case.subscription));
            assert_eq!(Engagement::new().or(case.engagement), case.engagement);
            assert_decided(&case, bytes);
        }
        Err(Refused { reason: Refusal::Record(error), .. }) => assert_names_what_is_wrong(&error),
        Err(_) => {}
    }
    // The records that stand alone are read as those in a case.
    let _ = Subscription::deserialize(&mut Deserializer::from_slice(bytes));
    let _ = Engagement::deserialize(&mut Deserializer::from_slice(bytes));
    if let Ok(term) = Term::deserialize(&mut Deserializer::from_slice(bytes)) {
        assert_reads_back(&term);
    }
}

/// The same case, or the same thing wrong with it; the wording of the format's own errors is the format's.
fn assert_same(read: &Read, other: &Read) {
    match (read, other) {
        (Ok(case), Ok(other)) => assert_eq!(case, other),
        (Err(refused), Err(other)) => {
            assert_eq!(refused.id, other.id);
            match (&refused.reason, &other.reason) {
                (Refusal::Record(error), Refusal::Record(other)) => assert_eq!(error, other),
                (Refusal::Format(_), Refusal::Format(_)) => {}
                (reason, other) => panic!("{reason:?} and {other:?}"),
            }
        }
        (read, other) => panic!("{read:?} and {other:?}"),
    }
}

fn assert_reads_back<T: Serialize + DeserializeOwned + PartialEq + Debug>(record: &T) {
    let text = serde_json::to_string(record).expect("JSON");
    let back: T = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
    assert_eq!(&back, record, "{text}");
}

fn assert_names_what_is_wrong(error: &RecordError) {
    let text = error.to_string();
    assert_telling(&text);
    let named = match error {
        RecordError::Value { field, found } => text.contains(field.as_str()) && text.contains(&found.to_string()),
        RecordError::UnknownField { given, .. } => text.contains(&given.to_string()),
        RecordError::NoObject { found, .. } => text.contains(&found.to_string()),
        RecordError::RepeatedField { field } | RecordError::MissingField { field } => text.contains(field.as_str()),
        _ => true,
    };
    assert!(named, "{text}: {error:?}");
}

/// Decided in some edition, at the purchase or on the edition's first day; the record of that reads back as it was written.
fn assert_decided(case: &Case, bytes: &[u8]) {
    let rulebook = Rulebook::partner_center();
    let editions = rulebook.editions();
    let first = usize::try_from(hash(bytes) % editions.len() as u64).expect("few editions");
    let since = editions.clone().nth(first).expect("an edition").since();
    let since = since.and_time(csp_multichannel::chrono::NaiveTime::MIN).and_utc();
    let purchase = case.subscription.term().map(|term| term.purchased_at());
    let as_of = purchase.filter(|&purchase| rulebook.edition_at(purchase).is_ok()).unwrap_or(since);

    let decision = rulebook.edition_at(as_of).expect("an edition").decide(case.facts(as_of));
    let answer = Answer { id: &case.id, as_of, decision };
    let text = serde_json::to_string(&answer).expect("JSON");
    let record: DecisionRecord = serde_json::from_str(&text).expect("its own record");
    assert_eq!(record, DecisionRecord::from(answer));
    assert_eq!(serde_json::to_string(&record).expect("JSON"), text);
}
