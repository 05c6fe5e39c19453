//! The library with rules of one's own: the same register, read.

use csp_multichannel::{Edition, Facts, Rulebook, Verdicts, parse_instant};

use crate::{DAY, Peer};

/// With the register read from JSON, as a rulebook of one's own is.
#[derive(Debug)]
pub struct Loaded(Rulebook);

impl Peer for Loaded {
    const NAME: &'static str = "the library, rules from JSON";
    const FEATURE: &'static str = "loaded";
    type Input = Facts;
    type Answer = Verdicts;

    fn text(edition: Edition<'_>) -> String {
        serde_json::to_string(edition.rulebook()).expect("JSON")
    }

    fn load(text: &str) -> Self {
        Self(serde_json::from_str(text).expect("a rulebook"))
    }

    fn input(&self, case: Facts) -> Facts {
        case
    }

    fn decide(&self, case: &mut Facts) -> Verdicts {
        let at = parse_instant(DAY).expect("a day");
        self.0.edition_at(at).expect("an edition").decide(*case).verdicts()
    }
}
