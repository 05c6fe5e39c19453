//! The register in other rules engines, beside the library: held to agree with it, then measured.
//!
//! Each peer decides one edition, that of [`DAY`]. What the engines read is printed from the rules at run time, in each engine's own terms; nothing is
//! shared with the library's index.

#[cfg(feature = "by_hand")]
pub mod by_hand;
#[cfg(feature = "cedar")]
pub mod cedar;
#[cfg(feature = "dense")]
pub mod dense;
#[cfg(any(feature = "library", feature = "compiled"))]
pub mod library;
#[cfg(feature = "loaded")]
pub mod loaded;
#[cfg(feature = "rego")]
pub mod rego;
#[cfg(feature = "rhai")]
pub mod rhai;
#[cfg(feature = "zen")]
pub mod zen;

use std::fmt::Debug;

use csp_multichannel::{Action, Edition, Fact, FactValue, Facts, Rulebook, Verdict, Verdicts, parse_instant};

/// The day whose edition is decided; the same as in the library's own measurements.
pub const DAY: &str = "2018-09-15";

/// The edition that is decided.
#[must_use]
pub fn edition() -> Edition<'static> {
    of_the_day(Rulebook::partner_center())
}

/// Of a rulebook, the edition of [`DAY`].
///
/// # Panics
///
/// If the rulebook has none; the built-in register has one.
#[must_use]
pub fn of_the_day(rulebook: &Rulebook) -> Edition<'_> {
    rulebook.edition_at(parse_instant(DAY).expect("a day")).expect("an edition")
}

/// One way to decide the edition.
pub trait Peer: Sized + 'static {
    /// What it is called in tables.
    const NAME: &'static str;
    /// The feature that builds it.
    const FEATURE: &'static str;
    /// A case as it takes it.
    type Input;
    /// The verdicts as it gives them.
    type Answer: Answer;

    /// What it reads at start; empty for those that have the rules in them.
    #[must_use]
    fn text(_: Edition<'_>) -> String {
        String::new()
    }

    /// From text to ready.
    fn load(text: &str) -> Self;

    /// A case of which everything is known, as it takes it.
    fn input(&self, case: Facts) -> Self::Input;

    /// Decides. The case is the same afterwards: a peer may only have used it as its working place.
    fn decide(&self, input: &mut Self::Input) -> Self::Answer;

    /// Decides many, by what it has for that.
    fn decide_all(&self, cases: &[Facts], answers: &mut Vec<Self::Answer>) {
        answers.clear();
        answers.extend(cases.iter().map(|&case| self.decide(&mut self.input(case))));
    }
}

/// Verdicts as a peer gives them.
pub trait Answer: Copy + Debug + Send {
    /// A verdict for each action.
    fn read(self) -> [Verdict; 5];
}

impl Answer for [Verdict; 5] {
    fn read(self) -> Self {
        self
    }
}

impl Answer for Verdicts {
    #[inline]
    fn read(self) -> [Verdict; 5] {
        std::array::from_fn(|action| self.verdict(Action::ALL[action]))
    }
}

/// Something to be done with each peer.
pub trait Visitor {
    /// Does it.
    fn visit<P: Peer>(&mut self);
}

/// Visits all peers whose features are on, from what is nearest to the hardware to what is farthest.
pub fn visit_all(visitor: &mut impl Visitor) {
    #[cfg(feature = "dense")]
    visitor.visit::<dense::Dense>();
    #[cfg(feature = "compiled")]
    visitor.visit::<library::Compiled>();
    #[cfg(feature = "library")]
    visitor.visit::<library::Library>();
    #[cfg(feature = "loaded")]
    visitor.visit::<loaded::Loaded>();
    #[cfg(feature = "by_hand")]
    visitor.visit::<by_hand::ByHand>();
    #[cfg(feature = "rhai")]
    visitor.visit::<rhai::Rhai>();
    #[cfg(feature = "zen")]
    visitor.visit::<zen::Zen>();
    #[cfg(feature = "rego")]
    visitor.visit::<rego::Rego>();
    #[cfg(feature = "cedar")]
    visitor.visit::<cedar::Cedar>();
    let _ = visitor;
}

/// The value of a fact.
///
/// # Panics
///
/// If it is unknown.
#[must_use]
pub fn known<T: FactValue>(case: Facts) -> T {
    case.known().expect("everything is known")
}

/// The facts by name, each with the word of its value.
///
/// # Panics
///
/// If any is unknown.
pub fn words(case: Facts) -> impl Iterator<Item = (&'static str, &'static str)> {
    let word = move |fact| case.possible(fact).single().expect("everything is known").as_str();
    Fact::ALL.iter().map(move |&fact| (fact.as_str(), word(fact)))
}

/// A verdict from its word.
///
/// # Panics
///
/// If it is none: a peer that answers anything else does not decide this policy.
#[must_use]
pub fn verdict(word: &str) -> Verdict {
    word.parse().expect("the word of a verdict")
}
