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

mod document;
mod overlay;
mod tree;
mod write;

pub use document::{DocumentError, DocumentProblem, from_json, from_toml};
pub use overlay::{Overlay, OverlayError, OverlayProblem};
pub use write::{to_json, to_toml};
