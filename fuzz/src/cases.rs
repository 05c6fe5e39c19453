//! Any bytes as a case in JSON.

use csp_multichannel::{Case, Facts, Subscription, Term};
use serde_json::de::Read;
use serde_json::{Deserializer, Error, Value};

use crate::{assert_one_line, assert_reads_back};

type Found = (Option<String>, Result<Case, Error>);

/// Reads a case from a slice, a reader and a value; all agree, and what is read is written and read back equal.
pub fn run(bytes: &[u8]) {
    let found = read(Deserializer::from_slice(bytes));
    assert_same(&found, &read(Deserializer::from_reader(bytes)));
    if let Ok(value) = serde_json::from_slice::<Value>(bytes) {
        // A value has each field once, in its own order.
        let mut id = None;
        let of_value = (Case::read(&value, &mut id), id);
        let of_value = (of_value.1, of_value.0);
        assert_same(&of_value, &read(Deserializer::from_str(&value.to_string())));
        if found.1.is_ok() {
            assert_same(&found, &of_value);
        }
    }

    match &found.1 {
        Ok(case) => {
            assert_eq!(found.0.as_ref(), Some(&case.id));
            assert_reads_back(case);
            assert_reads_back(&case.subscription);
            assert_reads_back(&case.subscription.facts());
        }
        Err(error) => {
            let text = error.to_string();
            assert_one_line(&text);
            assert!(!error.is_data() || text.contains("expected"), "{text}");
            assert!(text.len() < 1_000, "{text}");
        }
    }
    alone::<Subscription>(bytes);
    alone::<Facts>(bytes);
    alone::<Term>(bytes);
}

fn read<'de, R: Read<'de>>(mut json: Deserializer<R>) -> Found {
    let mut id = None;
    let case = Case::read(&mut json, &mut id).and_then(|case| json.end().map(|()| case));
    (id, case)
}

/// Asserts that two ways of reading return the same case, or the same problem.
fn assert_same((id, found): &Found, (other_id, other): &Found) {
    assert_eq!(id, other_id);
    match (found, other) {
        (Ok(case), Ok(other)) => assert_eq!(case, other),
        (Err(error), Err(other)) => assert_eq!(problem(error), problem(other)),
        _ => panic!("{found:?} and {other:?}"),
    }
}

/// Returns what is wrong, without the place.
fn problem(error: &Error) -> String {
    let text = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    text.strip_suffix(&place).unwrap_or(&text).to_owned()
}

/// Reads a part of a case alone.
fn alone<T>(bytes: &[u8])
where
    T: serde::Serialize + serde::de::DeserializeOwned + PartialEq + std::fmt::Debug,
{
    match T::deserialize(&mut Deserializer::from_slice(bytes)) {
        Ok(part) => assert_reads_back(&part),
        Err(error) => assert_one_line(&error.to_string()),
    }
}
