//! The library with rules of one's own: the same register, read.

use csp_multichannel::{Edition, Facts, Verdicts};

use crate::{Peer, of_the_day};

/// With the register read from JSON, as a rulebook of one's own is.
#[derive(Debug)]
pub struct Loaded(Edition<'static>);

impl Peer for Loaded {
    const NAME: &'static str = "the library, rules from JSON";
    const FEATURE: &'static str = "loaded";
    type Input = Facts;
    type Answer = Verdicts;

    fn text(edition: Edition<'_>) -> String {
        serde_json::to_string(edition.rulebook()).expect("JSON")
    }

    fn load(text: &str) -> Self {
        // One for the whole run of a program, as the built-in one is.
        Self(of_the_day(Box::leak(Box::new(serde_json::from_str(text).expect("a rulebook")))))
    }

    fn input(&self, case: Facts) -> Facts {
        case
    }

    fn decide(&self, case: &mut Facts) -> Verdicts {
        self.0.decide(*case).verdicts()
    }
}
