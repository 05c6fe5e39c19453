#![doc = include_str!("links.md")]
//!
#![doc = include_str!("../README.md")]
#![deny(missing_docs)]
#![warn(unreachable_pub)]
// No input panics.
#![cfg_attr(
    not(test),
    deny(
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::todo,
        clippy::unreachable,
        clippy::unwrap_used
    )
)]

mod analysis;
mod difference;
mod document;
mod export;
mod overlay;
mod partition;
mod scenario;
mod table;
mod tree;
mod witness;
mod write;

pub use analysis::{Analysis, Finding, FindingKind, FindingPeriod, analyze, analyze_edition};
pub use difference::{ChangeKind, Difference, VerdictChange, difference};
pub use document::{DocumentError, DocumentProblem, from_json, from_toml};
pub use export::{DatedTable, Sql, decision_tables, to_csv, to_dmn, to_markdown, to_sql};
pub use overlay::{Overlay, OverlayError, OverlayProblem};
pub use scenario::{
    CoverageLevel, ExpectedVerdict, InvalidLine, Mismatch, RuleCoverage, Scenario, ScenarioReport,
    ScenarioResult, Scenarios,
};
pub use table::{DecisionTable, TableRow, decision_table};
pub use witness::{Witnesses, witnesses};
pub use write::{to_json, to_toml};
