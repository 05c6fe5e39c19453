//! Any bytes as a rulebook in JSON: an error, or a rulebook that reads back equal and decides.

#![no_main]

use csp_multichannel::authoring::{DecisionTable, LoadError};
use csp_multichannel::{Action, Facts, Rulebook};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    match Rulebook::read(&mut serde_json::Deserializer::from_slice(bytes)) {
        Ok(rulebook) => {
            let text = serde_json::to_string(&rulebook).expect("JSON");
            assert_eq!(serde_json::from_str::<Rulebook>(&text).expect("the same"), rulebook);
            for edition in rulebook.editions() {
                assert_eq!(edition.decide(Facts::UNKNOWN).verdicts().iter().count(), Action::ALL.len());
            }
            if let Some(last) = rulebook.editions().next_back().filter(|last| last.rules().count() < 8) {
                assert!(!DecisionTable::of(last, Action::Switch).rows().is_empty());
            }
        }
        Err(LoadError::Rulebook(error)) => {
            assert!(!error.problems().is_empty());
            assert!(error.problems().iter().all(|problem| !problem.to_string().contains(char::is_control)));
        }
        Err(LoadError::Format(_)) => {}
    }
});
