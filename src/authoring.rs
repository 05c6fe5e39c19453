//! Rulebooks of one's own: bring rules as data, upon the built-in register or alone, and have them checked.
//!
//! A rulebook is data. An [`Overlay`] adds, replaces and withdraws rules of another rulebook from some day on;
//! [`Rulebook::read`](crate::Rulebook::read) takes rules, or such an overlay, from any format of serde's, and tells everything that is
//! wrong with them at once, each [`Problem`] with its place. What is loaded decides as fast as what is built in.

#[cfg(feature = "serde")]
mod data;
#[cfg(feature = "serde")]
mod document;
mod overlay;
mod table;

pub use crate::rulebook::{Accepted, Place, Problem, ProblemKind, Segment};
#[cfg(feature = "serde")]
pub use document::LoadError;
pub use overlay::Overlay;
pub use table::{DecisionTable, Row};
