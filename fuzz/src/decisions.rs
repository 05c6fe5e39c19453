//! Any bytes as the record of a decision in JSON, or as a case that is decided.

use std::fmt::Debug;

use chrono::NaiveTime;
use csp_multichannel::{Case, DecisionRecord, ExplainedVerdict, Rulebook};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{assert_one_line, assert_reads_back, hash};

/// Reads a record in both forms, and decides a case; each record is written and read back equal.
pub fn run(bytes: &[u8]) {
    record::<DecisionRecord>(bytes);
    record::<DecisionRecord<ExplainedVerdict>>(bytes);
    let Ok(case) = serde_json::from_slice::<Case>(bytes) else { return };
    let editions = Rulebook::partner_center().editions();
    let place = hash(bytes) % editions.len() as u64;
    let edition = usize::try_from(place).ok().and_then(|place| editions.clone().nth(place));
    let edition = edition.expect("an edition");
    let first_day = edition.since().and_time(NaiveTime::MIN).and_utc();
    let bought = case.subscription.term().and_then(csp_multichannel::Term::purchased_at);
    let as_of = bought.unwrap_or(first_day);

    let decision = edition.decide(case.subscription.facts_at(as_of));
    let record = decision.record(case.id.clone(), as_of);
    let explained = decision.explained(case.id, as_of);
    assert_reads_back(&record);
    assert_reads_back(&explained);
    for ((action, record), (_, explained)) in record.verdicts.iter().zip(explained.verdicts.iter())
    {
        assert_eq!(decision.verdict(action), record.verdict);
        assert_eq!(record.verdict, explained.verdict);
        assert_eq!(record.depends_on, explained.depends_on);
        let possible = explained.possible.iter().map(|possible| possible.verdict);
        assert!(record.possible.iter().eq(possible));
        // Entries of some cases only are in the explained form alone.
        let always = explained.rules.iter().filter(|rule| rule.always).map(|rule| &rule.id);
        assert!(record.rules.iter().eq(always));
        let always = explained.advice.iter().filter(|rule| rule.always).map(|rule| &rule.id);
        assert!(record.advice.iter().eq(always));
        let always = explained.requirements.iter().filter(|entry| entry.always);
        assert!(record.requirements.iter().eq(always.map(|entry| &entry.id)));
    }
}

/// Reads a record from a slice and from a reader.
fn record<T: Serialize + DeserializeOwned + PartialEq + Debug>(bytes: &[u8]) {
    let found = serde_json::from_slice::<T>(bytes);
    match (&found, serde_json::from_reader::<_, T>(bytes)) {
        (Ok(record), Ok(other)) => {
            assert_eq!(record, &other);
            assert_reads_back(record);
        }
        (Err(error), Err(other)) => {
            assert_one_line(&error.to_string());
            assert_eq!(error.classify(), other.classify());
        }
        (_, other) => panic!("{found:?} and {other:?}"),
    }
}
