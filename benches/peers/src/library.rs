//! The library itself, as it comes and compiled.

use csp_multichannel::{Assignment, Edition, Facts, Verdicts};

use crate::{Peer, edition};

/// As it comes, with the register built in.
#[derive(Debug)]
pub struct Library(Edition<'static>);

impl Peer for Library {
    const NAME: &'static str = "the library";
    const FEATURE: &'static str = "library";
    type Input = Facts;
    type Answer = Verdicts;

    fn load(_: &str) -> Self {
        Self(edition())
    }

    fn input(&self, case: Facts) -> Facts {
        case
    }

    fn decide(&self, case: &mut Facts) -> Verdicts {
        self.0.decide(*case).verdicts()
    }

    fn decide_all(&self, cases: &[Facts], answers: &mut Vec<Verdicts>) {
        answers.resize(cases.len(), Verdicts::default());
        self.0.decide_all(cases, answers);
    }
}

/// Its edition compiled, for many cases.
#[derive(Debug)]
pub struct Compiled(csp_multichannel::Compiled<'static>);

impl Peer for Compiled {
    const NAME: &'static str = "the library, compiled";
    const FEATURE: &'static str = "compiled";
    type Input = Assignment;
    type Answer = Verdicts;

    fn load(_: &str) -> Self {
        Self(edition().compile())
    }

    fn input(&self, case: Facts) -> Assignment {
        case.assignment().expect("everything is known")
    }

    fn decide(&self, case: &mut Assignment) -> Verdicts {
        self.0.verdicts(*case)
    }
}
