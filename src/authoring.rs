//! Rulebooks of one's own: bring rules as data, upon the built-in register or alone, and have them checked.
//!
//! A rulebook is data. An [`Overlay`] adds, replaces and withdraws rules of another rulebook from some day on;
//! `Rulebook::read`, with the feature `serde`, takes rules, or such an overlay, from any format of serde's, and tells everything that is
//! wrong with them at once, each [`Problem`] with its place. What is loaded decides as fast as what is built in.
//!
//! Rules that are in order can still say something else than was meant. An [`Analysis`] tells which of them come to nothing, meet or repeat
//! each other, and of which cases none speaks; a `Suite` of scenarios, with the feature `serde`, whether worked cases are decided as expected.

mod analysis;
#[cfg(feature = "serde")]
mod data;
#[cfg(feature = "serde")]
mod document;
mod overlay;
#[cfg(feature = "serde")]
mod scenario;
mod table;

pub use crate::rulebook::{Accepted, Place, Problem, ProblemKind, Segment};
pub use analysis::{Analysis, Finding, FindingKind, Span};
#[cfg(feature = "serde")]
pub use document::LoadError;
pub use overlay::Overlay;
#[cfg(feature = "serde")]
pub use scenario::{
    Coverage, Exercise, Failure, Mismatch, Part, RefusedScenario, Report, RuleCoverage, Scenario, Suite,
};
pub use table::{DecisionTable, Row};
