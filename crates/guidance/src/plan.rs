//! Plans: the steps that reach a goal.

use chrono::{DateTime, Utc};
use csp_multichannel::{
    Action, AtTermEnd, BeforeFirstEdition, ExplainedRule, Fact, Facts, Rulebook, Service, Set,
    Status, Subscription, Term, Transfer, Verdict,
};
use serde::{Deserialize, Serialize};

use crate::actor::Actor;
use crate::procedure::{Procedure, TimeNeeded};
use crate::schedule::Schedule;
use crate::search::{Search, is_gone};
use crate::step::{Goal, StepKind};

/// The plans that reach a goal, and the obstacles to the other actions, from [`plans`].
///
/// `Display` writes one step a line.
///
/// ```
/// use csp_multichannel::*;
/// use csp_multichannel_guidance::{Goal, plans};
///
/// let azure: Case = serde_json::from_str(r#"{
///     "id": "c-17", "channel": "other_csp_partner", "service": "azure_plan",
///     "cloud": "public", "partner": "direct_bill", "relationship": "requested",
///     "customer": "end_customer", "region": "same", "status": "active", "transfer": "none"
/// }"#)?;
/// let now = parse_instant("2026-11-27")?;
/// let plans = plans(&azure.subscription, Goal::Move, now, Rulebook::partner_center())?;
/// assert_eq!(
///     plans.to_string(),
///     "\
/// switch, from 2026-11-27T00:15:00Z
///   1. customer: accept the relationship, from 2026-11-27T00:00:00Z
///   2. new_partner: transfer the subscription, from 2026-11-27T00:00:00Z, after 1
///
/// recreate_and_cancel, from 2026-11-27T00:00:00Z
///   1. customer: accept the relationship, from 2026-11-27T00:00:00Z
///   2. new_partner: create a new Azure subscription, from 2026-11-27T00:00:00Z, after 1
///   3. current_partner: cancel the old subscription, from 2026-11-27T00:00:00Z, after 1, 2
///
/// wait_until_term_end denied from 2026-11-27T00:00:00Z: no-term
/// cancel_then_move not_covered from 2026-11-27T00:00:00Z: no rule covers this case",
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Plans {
    /// The goal.
    pub goal: Goal,
    /// Whether nothing is left to move: the term is over, or the subscription deleted. The only
    /// possible plan is then to buy the same product from the asking partner.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub nothing_to_move: bool,
    /// The plans, by the earliest day on which they can be done, then by the number of steps.
    pub plans: Vec<Plan>,
    /// The obstacles to the actions that do not reach the goal, period by period.
    pub obstacles: Vec<Obstacle>,
}

/// A plan: the steps, in order, that reach a goal by one action.
///
/// `Display` writes one step a line.
///
/// ```
/// use csp_multichannel::*;
/// use csp_multichannel_guidance::{Goal, plans};
///
/// let license: Case = serde_json::from_str(r#"{
///     "id": "mail", "channel": "other_csp_partner", "service": "new_commerce_license",
///     "cloud": "public", "partner": "direct_bill", "relationship": "active",
///     "customer": "end_customer", "region": "same", "status": "active", "transfer": "none",
///     "at_term_end": "end", "term": {"ends_on": "2027-02-28"}
/// }"#)?;
/// let now = parse_instant("2026-11-27")?;
/// let plan = plans(&license.subscription, Goal::Move, now, Rulebook::partner_center())?
///     .plans
///     .remove(0);
/// // The current partner accepts within 30 days, and Microsoft retries for 3 days.
/// assert_eq!(plan.action, Some(Action::Switch));
/// assert_eq!(plan.earliest, Some(parse_instant("2026-11-27T00:15:00Z")?));
/// assert_eq!(plan.expected_by, Some(parse_instant("2026-12-30")?));
/// assert_eq!((plan.prerequisites.len(), plan.steps.len()), (0, 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Plan {
    /// The action that reaches the goal. `None` where nothing is left to move and the product is
    /// bought anew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<Action>,
    /// The first instant, in UTC, at which the goal can be reached. `None` where the plan waits for
    /// an unknown end of the term.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub earliest: Option<DateTime<Utc>>,
    /// The instant, in UTC, by which the goal is expected to be reached if the asking partner acts
    /// at once. `None` where others have to act and no document limits how long they can take.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_by: Option<DateTime<Utc>>,
    /// The requirements that no step can meet.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prerequisites: Vec<Prerequisite>,
    /// The steps; empty where the goal is already reached.
    pub steps: Vec<Step>,
}

/// A requirement that no step of a plan can meet, such as a designation.
///
/// ```
/// use csp_multichannel::*;
/// use csp_multichannel_guidance::{Goal, plans};
///
/// let azure: Case = serde_json::from_str(r#"{
///     "id": "c-17", "channel": "enterprise_agreement", "service": "azure_plan",
///     "cloud": "public", "partner": "direct_bill", "relationship": "active",
///     "customer": "end_customer", "region": "same", "status": "active", "transfer": "none"
/// }"#)?;
/// let now = parse_instant("2026-11-27")?;
/// let plans = plans(&azure.subscription, Goal::Move, now, Rulebook::partner_center())?;
/// let switch = plans.plans.iter().find(|plan| plan.action == Some(Action::Switch)).unwrap();
/// let prerequisite = &switch.prerequisites[0];
/// assert_eq!(prerequisite.requirement, "azure_designation");
/// assert_eq!(
///     prerequisite.rule.reason,
///     "a direct-bill partner must hold the Azure Solutions Partner designation or be an \
///      Azure Expert MSP; a distributor must hold the Frontier Distributor designation",
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Prerequisite {
    /// The requirement, for example `azure_designation`.
    pub requirement: String,
    /// The rule that requires it.
    pub rule: ExplainedRule,
}

/// A step of a plan: what is done, by which party, when, and why.
///
/// `Display` writes one line.
///
/// ```
/// use csp_multichannel::*;
/// use csp_multichannel_guidance::{Actor, Goal, StepKind, plans};
///
/// let azure: Case = serde_json::from_str(r#"{
///     "id": "c-17", "channel": "other_csp_partner", "service": "azure_plan",
///     "cloud": "public", "partner": "indirect_reseller", "relationship": "requested",
///     "customer": "end_customer", "region": "same", "status": "active", "transfer": "none"
/// }"#)?;
/// let now = parse_instant("2026-11-27")?;
/// let plans = plans(&azure.subscription, Goal::Move, now, Rulebook::partner_center())?;
/// let switch = plans.plans.iter().find(|plan| plan.action == Some(Action::Switch)).unwrap();
/// let [accept, transfer] = &switch.steps[..] else { panic!("{switch}") };
/// assert_eq!((accept.kind, accept.actor), (StepKind::AcceptRelationship, Actor::Customer));
/// assert_eq!(transfer.after, [0]);
/// assert_eq!(
///     transfer.to_string(),
///     "indirect_provider: transfer the subscription, from 2026-11-27T00:00:00Z, after 1",
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Step {
    /// The kind of the step.
    pub kind: StepKind,
    /// The party that takes the step, or begins it.
    pub actor: Actor,
    /// The first instant, in UTC, at which it can be done. For a purchase that replaces a term,
    /// this is the last day: earlier, both would have to be paid. `None` where the last day is
    /// unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub earliest: Option<DateTime<Utc>>,
    /// The instant, in UTC, by which it is expected to be done if the asking partner acts at once.
    /// `None` where others have to act and no document limits how long they can take, or where the
    /// limit is after the deadline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_by: Option<DateTime<Utc>>,
    /// The first instant, in UTC, at which it is too late to begin: the policy no longer permits it
    /// or a later step, or users lose access. It can become possible again later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline: Option<DateTime<Utc>>,
    /// The time it takes, where the documents limit it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub takes: Option<TimeNeeded>,
    /// The earlier steps that it needs, by their positions in the plan, from 0.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub after: Vec<usize>,
    /// The rules that permit it, or that it satisfies for a later step.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<ExplainedRule>,
    /// The advice to read before it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub advice: Vec<ExplainedRule>,
    /// The procedures that describe it, by the documents of the first day on which it can be done.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub procedures: Vec<Procedure>,
    /// The facts just before it.
    pub facts: Facts,
}

impl Step {
    /// Returns what is done, in plain English; it depends on the kind and on the facts.
    ///
    /// ```
    /// use csp_multichannel::Status;
    /// use csp_multichannel_guidance::Step;
    ///
    /// let mut step: Step = serde_json::from_str(
    ///     r#"{"kind": "reactivate", "actor": "customer", "facts": {"status": "suspended"}}"#,
    /// )?;
    /// assert_eq!(step.text(), "reactivate the subscription");
    /// step.facts = [Status::Active, Status::Suspended].into();
    /// assert_eq!(step.text(), "make sure that the subscription is active");
    /// # Ok::<(), serde_json::Error>(())
    /// ```
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

/// An obstacle to an action in a period, which no possible change removes.
///
/// `Display` writes one line.
///
/// ```
/// use csp_multichannel::*;
/// use csp_multichannel_guidance::{Goal, plans};
///
/// let license: Case = serde_json::from_str(r#"{
///     "id": "mail", "channel": "open", "service": "new_commerce_license", "cloud": "public",
///     "partner": "direct_bill", "relationship": "active", "customer": "end_customer",
///     "region": "same", "at_term_end": "renew", "status": "active", "transfer": "none",
///     "term": {"purchased_at": "2026-03-01T09:00:00Z", "ends_on": "2027-02-28"}
/// }"#)?;
/// let now = parse_instant("2026-11-27")?;
/// let rulebook = Rulebook::partner_center();
/// let obstacles = plans(&license.subscription, Goal::Move, now, rulebook)?.obstacles;
/// assert_eq!(
///     obstacles.iter().map(ToString::to_string).collect::<Vec<_>>(),
///     [
///         "recreate_and_cancel not_covered from 2026-11-27T00:00:00Z: \
///          no rule covers this case",
///         "switch denied from 2026-11-27T00:00:00Z: license-no-switch-from-channel",
///         "cancel_then_move denied from 2026-11-27T00:00:00Z until 2027-03-01T00:00:00Z: \
///          cancellation-window-closed",
///         "cancel_then_move undetermined from 2027-03-01T00:00:00Z: depends on term_phase",
///     ],
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Obstacle {
    /// The action that the obstacle prevents.
    pub action: Action,
    /// The first instant of the period, in UTC.
    pub from: DateTime<Utc>,
    /// The first instant after the period, in UTC, if it ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<DateTime<Utc>>,
    /// The verdict in the best state that steps can reach. `allowed` or `conditional` where a
    /// purchase lacks the relationship, or a requirement can't be met.
    pub verdict: Verdict,
    /// The rules that exclude, forbid or require in that state. Empty where no rule covers the
    /// case, or where only a [relationship](Self::relationship) is missing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<ExplainedRule>,
    /// The unknown facts on which the obstacle depends.
    #[serde(default, skip_serializing_if = "Set::is_empty")]
    pub depends_on: Set<Fact>,
    /// The obstacle to requesting a relationship, where one is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relationship: Option<Box<Obstacle>>,
}

/// Returns the plans that reach a goal for a subscription, from an instant in UTC on.
///
/// For each action that reaches the goal, this is the plan that can be done earliest, with the
/// fewest steps. A step changes a fact, waits for the term or the policy, or carries out the
/// action. A plan begins at the purchase of the subscription if that is in the future.
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
/// let rulebook = Rulebook::partner_center();
/// let found = plans(&azure, Goal::Move, now, rulebook)?.plans;
/// let switch = found.iter().find(|plan| plan.action == Some(Action::Switch)).unwrap();
/// assert!(switch.steps.iter().map(|step| step.kind).eq([
///     StepKind::RequestRelationship,
///     StepKind::AcceptRelationship,
///     StepKind::Switch,
/// ]));
/// assert_eq!(switch.steps[2].takes.unwrap().longest().num_days(), 33);
///
/// let early = plans(&azure, Goal::Move, parse_instant("2016-11-30")?, rulebook);
/// assert_eq!(
///     early.unwrap_err().to_string(),
///     "no rule is in force at 2016-11-30T00:00:00Z, \
///      expected 2016-12-01T00:00:00Z or a later instant",
/// );
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
    let nothing_to_move = goal == Goal::Move && is_gone(subscription.facts_at(at), at);
    let mut plans = Vec::new();
    let mut obstacles = Vec::new();
    for action in goal.actions() {
        match search.shortest(Some(action)) {
            Some(end) => plans.push(Schedule::new(&search, Some(action), end).plan()),
            None => obstacles.extend(search.obstacles(action)),
        }
    }
    if nothing_to_move && plans.is_empty() {
        plans.extend(search.shortest(None).map(|end| Schedule::new(&search, None, end).plan()));
    }
    // Minutes do not count: a shorter plan on the same day comes first.
    let day = |plan: &Plan| plan.earliest.map(|at| at.date_naive());
    plans.sort_by_key(|plan| (plan.earliest.is_none(), day(plan), plan.steps.len()));
    Ok(Plans { goal, nothing_to_move, plans, obstacles })
}
