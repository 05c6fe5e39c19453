//! Plans: how to reach a goal, step by step.

use chrono::{DateTime, Utc};
use csp_multichannel::{
    Action, AtTermEnd, BeforeFirstEdition, ExplainedRule, Fact, Facts, Rulebook, Service, Set,
    Status, Subscription, Term, Transfer, Verdict, rfc3339,
};
use serde::{Deserialize, Serialize};

use crate::actor::Actor;
use crate::procedure::{Procedure, TimeNeeded};
use crate::schedule::Schedule;
use crate::search::{Search, is_gone};
use crate::step::{Goal, StepKind};

/// The plans that reach a goal, and the obstacles to the other actions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Plans {
    /// The goal.
    pub goal: Goal,
    /// Whether nothing is left to move: the term is over, or the subscription deleted. The only plan, if there
    /// is one, is to buy the same product from the asking partner.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub nothing_left: bool,
    /// The plans: those first that can be done on the earliest day, and of these the ones with the fewest
    /// steps.
    pub plans: Vec<Plan>,
    /// The obstacles to the actions that do not reach the goal, period by period.
    pub obstacles: Vec<Obstacle>,
}

/// Steps, in order, that reach a goal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Plan {
    /// The action that reaches the goal; none where nothing is left to move and the product is bought anew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<Action>,
    /// The first instant, in UTC, at which the goal can be reached. None where the plan waits for the end of a
    /// term that is not known.
    #[serde(default, with = "rfc3339::option", skip_serializing_if = "Option::is_none")]
    pub earliest: Option<DateTime<Utc>>,
    /// By when, in UTC, the goal is expected to be reached if the asking partner acts at once. None where
    /// others have to act and no document says how long they can take.
    #[serde(default, with = "rfc3339::option", skip_serializing_if = "Option::is_none")]
    pub expected_by: Option<DateTime<Utc>>,
    /// What must be so, and no step brings about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prerequisites: Vec<Prerequisite>,
    /// The steps; none where the goal is reached already.
    pub steps: Vec<Step>,
}

/// A requirement that no step of a plan brings about, such as a designation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Prerequisite {
    /// What is required, for example `azure_designation`.
    pub requirement: String,
    /// The rule that requires it.
    pub rule: ExplainedRule,
}

/// A step of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Step {
    /// What is done.
    pub kind: StepKind,
    /// Who does it, or begins it.
    pub actor: Actor,
    /// The first instant, in UTC, at which it can be done; for a purchase that replaces a term, the last day,
    /// because both would have to be paid before. None where that depends on a term that is not known.
    #[serde(default, with = "rfc3339::option", skip_serializing_if = "Option::is_none")]
    pub earliest: Option<DateTime<Utc>>,
    /// By when, in UTC, it is expected to be done if the asking partner acts at once. None where others have
    /// to act and no document limits how long they can take, or where the limit lies after the deadline.
    #[serde(default, with = "rfc3339::option", skip_serializing_if = "Option::is_none")]
    pub expected_by: Option<DateTime<Utc>>,
    /// The first instant, in UTC, at which it is too late to begin: the policy no longer permits it, or a step
    /// after it, or users lose access. It can become possible again later.
    #[serde(default, with = "rfc3339::option", skip_serializing_if = "Option::is_none")]
    pub deadline: Option<DateTime<Utc>>,
    /// How long it takes, where the documents say so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub takes: Option<TimeNeeded>,
    /// The steps of the plan that have to be done before, by their places, from 0.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub after: Vec<usize>,
    /// The rules behind it: those that permit it, or those that it satisfies for a later step.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<ExplainedRule>,
    /// What to know before it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub advice: Vec<ExplainedRule>,
    /// How it is carried out, by the documents of the day on which it can be done first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub procedures: Vec<Procedure>,
    /// What is known just before it.
    pub facts: Facts,
}

impl Step {
    /// Returns what is done, as people write it.
    #[must_use]
    pub fn text(&self) -> &'static str {
        match self.kind {
            StepKind::RequestRelationship => "request the relationship",
            StepKind::AcceptRelationship => "accept the relationship",
            StepKind::SetToEnd if self.facts.known::<AtTermEnd>().is_none() => {
                "make sure that the subscription ends with its term"
            }
            StepKind::SetToEnd => "set the subscription to end with its term",
            StepKind::Reactivate if self.facts.known::<Status>().is_none() => {
                "make sure that the subscription is active"
            }
            StepKind::Reactivate => "reactivate the subscription",
            StepKind::EndTransfer if self.facts.known::<Transfer>().is_none() => {
                "make sure that no transfer request is open"
            }
            StepKind::EndTransfer => "refuse or cancel the open transfer request, or let it expire",
            StepKind::Wait if self.actor == Actor::Time => "wait for the term",
            StepKind::Wait => "wait for the policy to change",
            StepKind::Switch => "transfer the subscription",
            StepKind::Recreate => "create a new Azure subscription",
            StepKind::Buy => match self.facts.known() {
                Some(Service::Azure | Service::AzurePlan) => "create a new Azure subscription",
                Some(Service::AzureReservation) => "buy a new reservation",
                Some(Service::AzureSavingsPlan) => "buy a new savings plan",
                _ => "buy the same product",
            },
            StepKind::LetTermEnd => "let the subscription end with its term",
            StepKind::Cancel => "cancel the old subscription",
        }
    }
}

/// An obstacle to an action in a period, whatever is changed that somebody can change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Obstacle {
    /// The action.
    pub action: Action,
    /// The first instant of the period, in UTC.
    #[serde(with = "rfc3339")]
    pub from: DateTime<Utc>,
    /// The first instant after it, if it ends.
    #[serde(default, with = "rfc3339::option", skip_serializing_if = "Option::is_none")]
    pub until: Option<DateTime<Utc>>,
    /// The verdict in the best state that can be reached. `allowed` or `conditional` where a relationship is
    /// missing to buy, or a requirement can't be met.
    pub verdict: Verdict,
    /// The rules that exclude, forbid or require in that state. None where the documents are silent, or only a
    /// [relationship](Self::relationship) is missing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<ExplainedRule>,
    /// The unknown facts on which it depends whether this is an obstacle.
    #[serde(default, skip_serializing_if = "Set::is_empty")]
    pub depends_on: Set<Fact>,
    /// The obstacle to requesting a relationship, where that is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relationship: Option<Box<Obstacle>>,
}

/// Plans how to reach a goal for a subscription, from an instant on, in UTC.
///
/// For each action that reaches the goal: the plan that can be done earliest, with the fewest steps. A step
/// changes a fact that somebody can change, waits for the term or the policy, or acts. Before a purchase that
/// lies ahead there is nothing to plan, so a plan begins with the purchase at the earliest.
///
/// # Errors
///
/// [`BeforeFirstEdition`] for an instant before the rulebook's first edition.
///
/// ```
/// use csp_multichannel::*;
/// use csp_multichannel_guidance::{Goal, StepKind, plans};
///
/// let azure = Subscription::new()
///     .with(Channel::OtherCspPartner)
///     .with(Service::AzurePlan)
///     .with(Cloud::Public)
///     .with(Partner::DirectBill)
///     .with(Relationship::None)
///     .with(Customer::EndCustomer)
///     .with(Region::Same)
///     .with(Status::Active)
///     .with(Transfer::None);
/// let now = parse_instant("2026-11-27")?;
/// let plans = plans(&azure, Goal::Move, now, Rulebook::partner_center())?.plans;
/// let switch = plans.iter().find(|plan| plan.action == Some(Action::Switch)).unwrap();
/// assert!(switch.steps.iter().map(|step| step.kind).eq([
///     StepKind::RequestRelationship,
///     StepKind::AcceptRelationship,
///     StepKind::Switch,
/// ]));
/// assert_eq!(switch.steps[2].takes.unwrap().most().num_days(), 33);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn plans(
    subscription: &Subscription,
    goal: Goal,
    at: DateTime<Utc>,
    rulebook: &Rulebook,
) -> Result<Plans, BeforeFirstEdition> {
    rulebook.edition_at(at)?;
    let purchase = subscription.term().and_then(Term::purchased_at);
    let at = purchase.map_or(at, |purchase| at.max(purchase));
    let search = Search::new(*subscription, at, rulebook)?;
    let nothing_left = goal == Goal::Move && is_gone(subscription.facts_at(at), at);
    let mut plans = Vec::new();
    let mut obstacles = Vec::new();
    for action in goal.actions() {
        match search.shortest(Some(action)) {
            Some(end) => plans.push(Schedule::new(&search, Some(action), end).plan()),
            None => obstacles.extend(search.obstacles(action)),
        }
    }
    if nothing_left && plans.is_empty() {
        plans.extend(search.shortest(None).map(|end| Schedule::new(&search, None, end).plan()));
    }
    // Minutes do not matter.
    let day = |plan: &Plan| plan.earliest.map(|at| at.date_naive());
    plans.sort_by_key(|plan| (plan.earliest.is_none(), day(plan), plan.steps.len()));
    Ok(Plans { goal, nothing_left, plans, obstacles })
}
