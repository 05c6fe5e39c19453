//! The register in two other languages, for engines that others have written, and the library compared with them.
//!
//! - [`rego`]: as rules of Rego, for an interpreter that decides case by case;
//! - [`answer_sets`]: as facts of an answer-set program, for a solver that proves laws over all cases at once.
//!
//! What rules mean is written by hand from the policy (`rules.md`), in `semantics.rego` and `semantics.lp`. Printed
//! is only what the rules say, read from the rules: nothing is shared with the library's index.

pub mod answer_sets;
pub mod rego;
