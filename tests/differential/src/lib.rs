//! The register once more, in two languages that others have written engines for, to hold the library against them.
//!
//! - [`rego`]: as rules of Rego, for an interpreter that decides case by case;
//!
//! What rules mean stands in `semantics.rego` and `semantics.lp`, written by hand from `docs/semantics.md`. What is printed here is only what the rules say,
//! read from the rules themselves: nothing is shared with the library's index.

pub mod answer_sets;
pub mod rego;
