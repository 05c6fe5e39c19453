//! What may be done with a Microsoft subscription that was bought elsewhere.
//!
//! A customer has subscriptions from Microsoft, from a program, a reseller or another partner, and wants to
//! hire a partner of the Cloud Solution Provider program (CSP) to manage them, or to take them over. This
//! crate says which ways are open on a given day, on what conditions, why, and by which page.
//!
//! ```
//! use csp_multichannel::*;
//!
//! let term = Term::new(parse_instant("2018-03-01T09:00:00Z")?, "2019-02-28".parse()?, Cancellation::ByService)?;
//! let mail = Subscription::new(Service::License)
//!     .with_channel(Channel::OtherCspPartner)
//!     .with_cloud(Cloud::Public)
//!     .with_auto_renew(AutoRenew::On)
//!     .with_status(Status::Active)
//!     .with_term(term)?;
//! let ours = Engagement::new().with_customer(Customer::EndCustomer).with_market(Market::Same);
//!
//! let decision = decide(&mail, &ours, parse_instant("2018-09-15")?)?;
//!
//! assert_eq!(decision.verdict(Action::Switch), Verdict::Denied);
//! assert_eq!(decision.verdict(Action::WaitUntilTermEnd), Verdict::Conditional);
//! assert!(decision.requirements(Action::WaitUntilTermEnd).eq(["auto_renew_off"]));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Facts
//!
//! A decision turns on eleven [facts](Fact): where the subscription was bought ([`Channel`]), what it is
//! ([`Service`]), its [`Cloud`], [`TermPhase`], [`AutoRenew`], [`Status`] and [`Transfer`]; the [`Partner`] that asks,
//! its [`Relationship`] with the [`Customer`], and their [`Market`]. Each is a closed set of words with one spelling.
//!
//! A service of yours holds a [`Subscription`] and an [`Engagement`], with the dates of a [`Term`];
//! [`decide`] turns them into [`Facts`] at the instant that you ask about. Nothing here reads a clock: instants are
//! arguments, in UTC, and the last day of a term belongs to it.
//!
//! # Verdicts
//!
//! A [`Decision`] holds one [`Verdict`] for each [`Action`]:
//!
//! | verdict | when | behind it |
//! | --- | --- | --- |
//! | `allowed` | a permit fires | [`rules`](Decision::rules): the permits; [`advice`](Decision::advice) |
//! | `conditional` | the same, and something is required first | as above; [`requirements`](Decision::requirements) |
//! | `denied` | a forbid fires | the forbids |
//! | `not_covered` | an exclusion fires, or the documents are silent | the exclusions, or no rule |
//! | `undetermined` | it turns on facts that are not known | [`possible`](Decision::possible), [`depends_on`](Decision::depends_on) |
//!
//! An exclusion comes before a forbid, a forbid before a permit. Print a decision to read all of it.
//!
//! ```
//! # use csp_multichannel::*;
//! let edition = Rulebook::partner_center().edition_at(parse_instant("2018-09-15")?)?;
//! let decision = edition.decide(Facts::UNKNOWN.given(Channel::SyndicationPartner)?);
//! assert!(decision.to_string().contains(
//!     "\
//! switch                not_covered
//!     because   the third parties that the page means are neither in CSP nor Syndication Partners
//!               syndication-seller: stated, multichannel.md
//! "
//! ));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Editions
//!
//! The policy has changed twenty times since 2016, and the answer for a day is the one that the documents gave on that day.
//! A [`Rulebook`] divides time into [editions](Edition), one for each day on which a rule begins or ends.
//! [`Rulebook::partner_center`] is the published policy, arranged at compile time.
//!
//! ```
//! # use csp_multichannel::*;
//! let license = Facts::UNKNOWN
//!     .given(Service::NewCommerceLicense)?
//!     .given(Channel::OtherCspPartner)?
//!     .given(Cloud::Public)?
//!     .given(Partner::DirectBill)?
//!     .given(Relationship::Active)?
//!     .given(Customer::EndCustomer)?
//!     .given(Market::Same)?
//!     .given(Status::Active)?
//!     .given(Transfer::None)?;
//! let switchable = Rulebook::partner_center().editions().find(|edition| {
//!     edition.decide(license).verdict(Action::Switch) == Verdict::Allowed
//! });
//! assert_eq!(switchable.map(|edition| edition.since().to_string()).as_deref(), Some("2024-06-19"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Unknown facts
//!
//! Every fact may be unknown. The verdict is then the one that all possible assignments of values agree on, with the rules that
//! fire under every one of them. Where they do not agree it is `undetermined`, with the verdicts that
//! remain possible and the unknown facts on which it turns: ask for these.
//! Facts that contradict each other are refused when [`Facts`] are built.
//!
//! ```
//! # use csp_multichannel::*;
//! let edition = Rulebook::partner_center().edition_at(parse_instant("2018-09-15")?)?;
//! let azure = Facts::UNKNOWN.given(Service::Azure)?.given(Channel::OtherCspPartner)?.given(Cloud::Public)?;
//! assert_eq!(edition.decide(azure).depends_on(Action::Switch).to_string(), "partner, relationship, customer, market");
//! // Whoever the partner is, and whatever its relationship: Azure has no term to wait for.
//! assert_eq!(edition.decide(azure).verdict(Action::WaitUntilTermEnd), Verdict::Denied);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Sources and their basis
//!
//! Each [`Rule`] names the [pages](Rule::sources) that it is taken from and its [`Basis`]: the multi-channel page states it, a linked page
//! does, it follows by a reading, or it is only reported. A service that must not rest on reports filters the rules and builds a
//! [`Rulebook`] of its own.
//!
//! # Guidance
//!
//! From a verdict, the module `guidance` leads on: to the question worth asking, to what would turn a "no", to the steps and days of a way to
//! the goal, and to what changed in the policy.
//!
//! # Partner Center's records
//!
//! The module `rest` reads what Partner Center's REST interface returns, and maps it to a case, with the origin of each fact.
//!
//! # Rules of one's own
//!
//! The module `authoring` reads rulebooks from data, alone or as changes to the built-in register, tells everything that is wrong with them at
//! once, analyses them over every case, runs scenarios against them, and makes decision tables of them.
//!
//! # What it is not
//!
//! It is not affiliated with Microsoft. Its answers follow published documents, not contracts: they are no legal advice,
//! and the agreements between Microsoft, partner and customer come first. It knows no prices, no offers and no products
//! beyond the seven kinds of [`Service`].
//!
//! # Features
//!
//! | feature | default | without it |
//! | --- | --- | --- |
//! | `std` | yes | `no_std`, and no allocator is needed: no rulebooks of one's own, no cases with ids, no records as JSON |
//! | `serde` | yes | no JSON at all |
#![cfg_attr(docsrs, feature(doc_cfg))]
#![no_std]
#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![warn(unreachable_pub)]
#![allow(
    clippy::cast_possible_truncation,
    reason = "of positions in short closed lists, and of numbers of rules, which `Rulebook::new` checks"
)]
#![cfg_attr(
    not(feature = "std"),
    allow(clippy::needless_borrow, clippy::needless_option_as_deref, reason = "texts and lists are references then")
)]
// No input panics.
#![cfg_attr(
    not(test),
    deny(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, clippy::unreachable)
)]

#[cfg(feature = "std")]
extern crate std;

#[cfg(feature = "std")]
pub mod authoring;
mod decision;
mod facts;
#[cfg(feature = "std")]
pub mod guidance;
#[cfg(feature = "serde")]
mod json;
#[cfg(feature = "std")]
mod partition;
mod records;
#[cfg(all(feature = "serde", feature = "std"))]
pub mod rest;
mod rulebook;
mod rules;
mod vocabulary;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

/// Records, dates and decisions, as JSON and in their meaning.
#[doc = include_str!("../docs/records.md")]
pub mod records_as_json {}

/// Which ways were open on the founding day, channel by service.
#[doc = include_str!("../docs/decision-table.md")]
pub mod decision_table {}

/// What to ask next.
#[cfg(all(feature = "serde", feature = "std"))]
#[doc = include_str!("../docs/questions.md")]
pub mod next_question {}

/// What would turn a verdict, and how long it holds.
#[cfg(all(feature = "serde", feature = "std"))]
#[doc = include_str!("../docs/what-would-change-it.md")]
pub mod what_would_change_it {}

/// The ways to a goal, step by step.
#[cfg(all(feature = "serde", feature = "std"))]
#[doc = include_str!("../docs/plans.md")]
pub mod plans {}

/// What changed in the policy, and for whom.
#[cfg(all(feature = "serde", feature = "std"))]
#[doc = include_str!("../docs/policy-changes.md")]
pub mod policy_changes {}

/// From an empty file to rules of one's own that are checked, tested and in use.
#[cfg(all(feature = "serde", feature = "std"))]
#[doc = include_str!("../docs/rulebooks.md")]
pub mod rules_of_ones_own {}

/// What rules mean, to the letter.
#[doc = include_str!("../docs/semantics.md")]
pub mod semantics {}

/// How Partner Center's own records become cases, field by field.
#[cfg(all(feature = "serde", feature = "std"))]
#[doc = include_str!("../docs/from-partner-center.md")]
pub mod from_partner_center {}

#[cfg(feature = "std")]
pub use decision::Compiled;
pub use decision::{Decision, Verdicts};
pub use facts::{Assignment, Contradiction, Facts};
#[cfg(all(feature = "serde", feature = "std"))]
pub use json::{
    Answer, DecisionRecord, Expected, Field, RecordError, RecordKind, Refusal, Refused, RefusedLine, VerdictRecord,
};
#[cfg(feature = "std")]
pub use records::Case;
pub use records::{
    Cancellation, Engagement, InvalidInstant, Subscription, Term, TermError, UsageHasNoTerm, parse_instant,
};
#[cfg(feature = "std")]
pub use rulebook::RulebookError;
pub use rulebook::{BeforeFirstEdition, Edition, Rulebook, Rules};
pub use rules::{Condition, Rule, Source, Validity};
pub use vocabulary::{
    Action, ActionSet, AutoRenew, Basis, Channel, Cloud, Customer, Effect, Excerpt, Fact, FactSet, FactValue, Given,
    Market, Member, Partner, Relationship, Service, Set, SetIter, Status, TermPhase, Transfer, UnknownWord, Value,
    ValueSet, Verdict,
};

/// Its days and instants are part of this crate's interface.
pub use chrono;

use chrono::{DateTime, Utc};

/// Decides a case at an instant, by the published policy.
///
/// Short for [`Rulebook::edition_at`], [`Facts::of`] and [`Edition::decide`]; deciding many cases at one instant, look
/// the edition up once.
///
/// # Errors
///
/// [`BeforeFirstEdition`] for an instant before 2016-12-01, in UTC.
///
/// ```
/// use csp_multichannel::{Action, Channel, Engagement, Service, Subscription, Verdict, decide, parse_instant};
///
/// let azure = Subscription::new(Service::Azure).with_channel(Channel::ThisPartner);
/// let decision = decide(&azure, &Engagement::new(), parse_instant("2018-09-15")?)?;
/// assert_eq!(decision.verdict(Action::Switch), Verdict::NotCovered);
/// assert_eq!(decision.rules(Action::Switch).next().map(|rule| rule.id()), Some("not-bought-elsewhere"));
///
/// let early = decide(&azure, &Engagement::new(), parse_instant("2016-11-30")?).unwrap_err();
/// assert_eq!(early.first().to_string(), "2016-12-01");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn decide(
    subscription: &Subscription,
    engagement: &Engagement,
    at: DateTime<Utc>,
) -> Result<Decision<'static>, BeforeFirstEdition> {
    let edition = Rulebook::partner_center().edition_at(at)?;
    Ok(edition.decide(Facts::of(subscription, engagement, at)))
}
