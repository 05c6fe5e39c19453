//! Guidance: what to ask next, what to do next, and what would change the answer.
//!
//! A verdict is where a partner's work starts. From what is not known, this module leads on to the question worth asking
//! ([`Decision::questions`](crate::Decision::questions)); from a "no", to what would turn it
//! ([`Decision::counterfactuals`](crate::Decision::counterfactuals)); from a goal, to the shortest way there with its dates ([`Plans`]), each
//! action with its [procedure]; from a case, to every day on which its verdicts change ([`Calendar`]); and from two editions of
//! the policy, to the rules and cases in which they differ ([`Difference`]).
//!
//! Everything here may allocate, as deciding does not; all of it is worked out from the rules, so that rulebooks of one's own are
//! led on from as well. Each answer is a typed value that prints itself, and with the feature `serde` becomes JSON.

mod actor;
mod calendar;
mod counterfactual;
mod difference;
#[cfg(feature = "serde")]
mod json;
mod plan;
mod procedure;
mod question;

pub use actor::Actor;
pub use calendar::{Calendar, Period};
pub use counterfactual::{Counterfactual, Means, Way};
pub use difference::{Difference, Shift};
pub use plan::{Deed, Goal, Obstacle, Plan, Plans, Step};
pub use procedure::{ProcedureStep, procedure, procedures};
pub use question::{PossibleAnswer, Question, Weights};
