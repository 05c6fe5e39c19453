#![cfg_attr(feature = "serde", doc = "[`DecisionRecord`]: DecisionRecord")]
#![doc = include_str!("links.md")]
//!
#![doc = include_str!("../README.md")]
#![no_std]
#![forbid(unsafe_code)]
#![deny(missing_docs, missing_debug_implementations)]
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

extern crate alloc;
#[cfg(test)]
extern crate std;

mod decision;
mod display;
mod fact;
mod facts;
pub mod guide;
mod index;
mod instant;
#[cfg(feature = "serde")]
mod json;
mod problem;
#[cfg(feature = "serde")]
mod record;
mod register;
mod rule;
mod rulebook;
mod set;
mod subscription;
mod term;
mod unknown;
mod words;

pub use decision::{ByAction, Decision, Verdicts};
pub use fact::{
    AtTermEnd, Channel, Cloud, Customer, Fact, FactValue, Partner, Region, Relationship, Service,
    Status, TermPhase, Transfer,
};
pub use facts::{Contradiction, Facts, NoValue};
pub use instant::{InstantError, parse_instant};
pub use problem::{RuleProblem, RulebookError};
#[cfg(feature = "serde")]
pub use record::{
    DecisionRecord, ExplainedRequirement, ExplainedRule, ExplainedSource, ExplainedVerdict,
    PossibleVerdict, VerdictRecord,
};
pub use rule::{Action, Basis, Effect, Rule, Source, Validity, Verdict};
pub use rulebook::{BeforeFirstEdition, Edition, Rulebook};
pub use set::Set;
pub use subscription::{Case, Subscription};
pub use term::{Cancellation, Term, TermError};
pub use words::UnknownWord;

/// What the expansion of [`words!`] names.
#[doc(hidden)]
pub mod __words {
    pub use crate::words::Word;
    #[cfg(feature = "serde")]
    pub use crate::words::{WordVisitor, serde};
}

/// Days and instants are `chrono`'s.
pub use chrono;

use chrono::{DateTime, Utc};

/// Decides a subscription at an instant, in UTC, by the published policy.
///
/// Short for [`Rulebook::partner_center`] and [`Rulebook::decide`]. To decide many cases at one instant, look
/// the edition up once with [`Rulebook::edition_at`].
///
/// # Errors
///
/// [`BeforeFirstEdition`] for an instant before 2016-12-01.
///
/// ```
/// use csp_multichannel::{Action, Channel, Service, Subscription, Verdict};
/// use csp_multichannel::{decide, parse_instant};
///
/// let azure = Subscription::new().with(Service::Azure).with(Channel::ThisPartner);
/// let decision = decide(&azure, parse_instant("2018-09-15")?)?;
/// assert_eq!(decision.verdict(Action::Switch), Verdict::NotCovered);
///
/// let error = decide(&azure, parse_instant("2016-11-30")?).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "no rule is in force at 2016-11-30T00:00:00Z, expected 2016-12-01T00:00:00Z or a \
///      later instant",
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn decide(
    subscription: &Subscription,
    at: DateTime<Utc>,
) -> Result<Decision<'static>, BeforeFirstEdition> {
    Rulebook::partner_center().decide(subscription, at)
}
