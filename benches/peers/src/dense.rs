//! The floor: every case decided beforehand, and looked up.

use csp_multichannel::{Assignment, Facts, Verdicts};

use crate::{Peer, edition};

#[path = "../../../tests/rivals/mod.rs"]
mod rivals;

/// A table of all verdicts.
pub struct Dense(rivals::Dense);

impl std::fmt::Debug for Dense {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Dense")
    }
}

impl Peer for Dense {
    const NAME: &'static str = "floor: dense table";
    const FEATURE: &'static str = "dense";
    type Input = Assignment;
    type Answer = Verdicts;

    fn load(_: &str) -> Self {
        Self(rivals::Dense::new(edition()))
    }

    fn input(&self, case: Facts) -> Assignment {
        case.assignment().expect("everything is known")
    }

    fn decide(&self, case: &mut Assignment) -> Verdicts {
        self.0.verdicts(*case)
    }
}
