//! The register in other engines, beside the library: held to agree with it, then measured.
//!
//! Each peer decides known cases in one edition, that of [`DAY`]: five verdicts. What an engine reads is printed
//! from the rules, in its own language. The policy is in each text once more, and shares nothing with the
//! library's index.

#[cfg(feature = "by_hand")]
mod by_hand;
#[cfg(feature = "cedar")]
mod cedar;
#[cfg(feature = "dense")]
mod dense;
#[cfg(feature = "library")]
mod library;
#[cfg(feature = "rego")]
mod rego;
#[cfg(feature = "rhai")]
mod rhai;
#[cfg(any(feature = "rhai", feature = "zen"))]
mod rows;
#[cfg(feature = "zen")]
mod zen;

use csp_multichannel::{Edition, Facts, Rulebook, Verdicts, parse_instant};

/// The day whose edition is decided, as in the library's own benchmarks.
pub const DAY: &str = "2026-11-27";

/// Returns the edition that is decided.
///
/// # Panics
///
/// Never: the register has an edition on that day.
#[must_use]
pub fn edition() -> Edition<'static> {
    Rulebook::partner_center().edition_at(parse_instant(DAY).expect("a day")).expect("an edition")
}

/// A way to decide the edition.
pub trait Peer: Sized {
    /// Its name in tables.
    const NAME: &'static str;
    /// The feature that builds it.
    const FEATURE: &'static str;
    /// A case as it takes it.
    type Input;

    /// Prints what it reads at start; nothing if the rules are built in.
    #[must_use]
    fn text(_: Edition<'_>) -> String {
        String::new()
    }

    /// Makes it ready to decide.
    fn load(text: &str) -> Self;

    /// Turns a known case into its input.
    fn input(&self, case: Facts) -> Self::Input;

    /// Decides. Afterwards the input is what it was.
    fn decide(&mut self, input: &mut Self::Input) -> Verdicts;
}

/// What is done with each peer.
pub trait Visitor {
    /// Does it with one.
    fn visit<P: Peer>(&mut self);
}

/// Visits all peers whose features are on, the nearest to the hardware first.
pub fn visit_all(visitor: &mut impl Visitor) {
    #[cfg(feature = "dense")]
    visitor.visit::<dense::Dense>();
    #[cfg(feature = "by_hand")]
    visitor.visit::<by_hand::ByHand>();
    #[cfg(feature = "library")]
    visitor.visit::<library::Library>();
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

/// The name of each fact, with the word for its value.
#[cfg(any(feature = "cedar", feature = "rego", feature = "rhai", feature = "zen"))]
fn words(case: Facts) -> impl Iterator<Item = (&'static str, &'static str)> {
    let word = move |fact| case.possible_words(fact).next().expect("a value");
    csp_multichannel::Fact::ALL.iter().map(move |&fact| (fact.as_str(), word(fact)))
}

/// The value of a fact of a known case.
#[cfg(any(feature = "by_hand", feature = "dense"))]
fn known<T: csp_multichannel::FactValue>(case: Facts) -> T {
    case.known().expect("a known case")
}

/// Words in quotes, with commas.
#[cfg(any(feature = "cedar", feature = "rego", feature = "zen"))]
fn quoted<'a>(words: impl Iterator<Item = &'a str>) -> String {
    words.map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(", ")
}
