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

mod actor;
mod calendar;
mod change;
mod display;
mod plan;
mod procedure;
mod question;
mod schedule;
mod search;
mod step;

pub use actor::Actor;
pub use calendar::{Expiry, ExpiryCause, Outcome, Period, TermDate, calendar, expiry};
pub use change::{Alternative, Change, ChangedBy, MinimalChange, minimal_changes};
pub use plan::{Obstacle, Plan, Plans, Prerequisite, Step, plans};
pub use procedure::{Method, Procedure, ProcedureStep, TimeNeeded, procedures};
pub use question::{PossibleAnswer, Question, Weights, questions};
pub use step::{Goal, StepKind};
