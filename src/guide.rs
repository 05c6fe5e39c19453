//! Guides: the formats, the program, and how fast it is.

/// Cases, decisions and explained decisions as JSON.
#[cfg_attr(feature = "serde", doc = include_str!("../docs/json.md"))]
pub mod json {}

/// The program `multichannel`: its commands, and its exit status.
#[doc = include_str!("../docs/program.md")]
pub mod program {}

/// How fast it is, and how that was measured.
#[doc = include_str!("../docs/performance.md")]
pub mod performance {}
