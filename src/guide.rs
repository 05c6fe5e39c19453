//! Guides: the formats, the program, your own rules, your data, and how fast it is.

/// Cases, decisions and explained decisions as JSON.
#[cfg_attr(feature = "serde", doc = include_str!("../docs/json.md"))]
pub mod json {}

/// The program `multichannel`: its commands, and its exit status.
#[doc = include_str!("../docs/program.md")]
pub mod program {}

/// Your own rules: a rulebook in TOML or JSON, checked, tested, analyzed and compared.
#[doc = include_str!("../docs/rulebooks.md")]
pub mod rulebooks {}

/// From your data to decisions: what each format says, by the crate `csp-partner-center`.
#[doc = include_str!("../docs/from-your-data.md")]
pub mod from_your_data {}

/// How fast it is, and how that was measured.
#[doc = include_str!("../docs/performance.md")]
pub mod performance {}
