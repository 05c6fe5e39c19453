//! Procedures: who does what, in which order, to carry out an action. They are dated, as rules are.

use std::borrow::Cow;
use std::sync::LazyLock;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use csp_multichannel::{
    Action, Basis, Channel, Cloud, ExplainedSource, Facts, Partner, Rule, Rulebook, Service,
    Status, TermPhase,
};
use serde::{Deserialize, Serialize};

use crate::actor::Actor;
use crate::step::StepKind;

csp_multichannel::words! {
    /// The method by which a subscription is switched.
    ///
    /// ```
    /// use csp_multichannel::*;
    /// use csp_multichannel_guidance::{Method, procedures};
    ///
    /// // A license has had a method only since 2024-06-19.
    /// let methods = |day| -> Result<Vec<Option<Method>>, InstantError> {
    ///     let at = parse_instant(day)?;
    ///     let procedures = procedures(Action::Switch, Service::NewCommerceLicense, at);
    ///     Ok(procedures.into_iter().map(|procedure| procedure.method).collect())
    /// };
    /// assert_eq!(methods("2024-06-18")?, []);
    /// assert_eq!(methods("2024-06-19")?, [Some(Method::TransferRequest)]);
    /// # Ok::<(), InstantError>(())
    /// ```
    #[non_exhaustive]
    pub enum Method, method {
        /// The current partner opens an Azure service ticket, and all three sign a form.
        TransferForm = transfer_form,
        /// The new partner requests the transfer in Partner Center, and the current partner
        /// accepts.
        TransferRequest = transfer_request,
        /// The new partner requests billing ownership in the Azure portal, and the customer
        /// accepts.
        BillingOwnership = billing_ownership,
    }
}

/// A procedure: who does what, in which order, to carry out an action, from [`procedures`].
///
/// ```
/// use csp_multichannel::*;
/// use csp_multichannel_guidance::procedures;
///
/// let license = Facts::from(Service::License).with(Channel::Direct);
/// let at = parse_instant("2026-11-27")?;
/// let procedures = procedures(Action::CancelThenMove, license, at);
/// let steps = procedures[0].steps.iter().map(|step| {
///     let actors: Vec<&str> = step.actors.iter().map(|actor| actor.as_str()).collect();
///     format!("{}. {}: {}", step.number, actors.join(", "), step.text)
/// });
/// assert_eq!(
///     steps.collect::<Vec<_>>(),
///     [
///         "1. new_partner: have the relationship accepted",
///         "1. new_partner: buy the same product \
///          (offers limited to one per customer: after the cancellation)",
///         "2. customer: cancel while it can be cancelled",
///     ],
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Procedure {
    /// The action that the procedure carries out.
    pub action: Action,
    /// The method of an [`Action::Switch`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<Method>,
    /// The cases for which the documents describe it.
    pub condition: Facts,
    /// How firmly the documents support it for these cases.
    pub basis: Basis,
    /// The documents that describe it.
    pub sources: Vec<ExplainedSource>,
    /// The steps, in order.
    pub steps: Vec<ProcedureStep>,
}

/// A step of a procedure.
///
/// ```
/// use csp_multichannel::*;
/// use csp_multichannel_guidance::procedures;
///
/// let at = parse_instant("2026-11-27")?;
/// let procedures = procedures(Action::WaitUntilTermEnd, Service::NewCommerceLicense, at);
/// assert_eq!(
///     serde_json::to_string_pretty(&procedures[0].steps[2])?,
///     r#"{
///   "number": 2,
///   "actors": [
///     "current_partner",
///     "customer"
///   ],
///   "by_any_actor": true,
///   "text": "schedule the end as well, for a term that ends on or after 2026-05-04",
///   "kind": "set_to_end",
///   "condition": {
///     "service": "new_commerce_license"
///   },
///   "from": "2026-02-16"
/// }"#,
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ProcedureStep {
    /// The number of the step in the procedure, from 1. Parts of one step share its number.
    pub number: u8,
    /// The parties that take the step.
    pub actors: Vec<Actor>,
    /// Whether any one of several actors can take it. Otherwise, all of them take it together.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_any_actor: bool,
    /// What the actors do.
    pub text: Cow<'static, str>,
    /// The kind of the plan's step that it describes.
    pub kind: StepKind,
    /// The time it takes, where the documents limit it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub takes: Option<TimeNeeded>,
    /// The cases in which it belongs to the procedure.
    pub condition: Facts,
    /// The first day, in UTC, on which it belongs to the procedure.
    pub from: NaiveDate,
    /// The first day, in UTC, on which it no longer belongs to it, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<NaiveDate>,
}

/// The time that a step takes, as a range in seconds.
///
/// ```
/// use csp_multichannel::*;
/// use csp_multichannel_guidance::{TimeNeeded, procedures};
///
/// // Microsoft completes a transfer in about 15 minutes, and retries for 3 days.
/// let at = parse_instant("2026-11-27")?;
/// let procedures = procedures(Action::Switch, Service::NewCommerceLicense, at);
/// let mut steps = procedures[0].steps.iter();
/// let takes: TimeNeeded = steps.find(|step| step.number == 5).unwrap().takes.unwrap();
/// assert_eq!((takes.shortest_seconds, takes.longest_seconds), (900, 259_200));
/// assert_eq!((takes.shortest().num_minutes(), takes.longest().num_days()), (15, 3));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[non_exhaustive]
pub struct TimeNeeded {
    /// The shortest time, in seconds.
    pub shortest_seconds: u32,
    /// The longest time, in seconds.
    pub longest_seconds: u32,
}

impl TimeNeeded {
    /// Returns the shortest time as a duration.
    ///
    /// ```
    /// use csp_multichannel_guidance::TimeNeeded;
    ///
    /// let json = r#"{"shortest_seconds": 900, "longest_seconds": 259200}"#;
    /// let takes: TimeNeeded = serde_json::from_str(json)?;
    /// assert_eq!(takes.shortest().to_string(), "PT900S");
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn shortest(self) -> TimeDelta {
        TimeDelta::seconds(self.shortest_seconds.into())
    }

    /// Returns the longest time as a duration, for example to set a reminder.
    ///
    /// ```
    /// use csp_multichannel::parse_instant;
    /// use csp_multichannel_guidance::TimeNeeded;
    ///
    /// let json = r#"{"shortest_seconds": 0, "longest_seconds": 2592000}"#;
    /// let answer: TimeNeeded = serde_json::from_str(json)?;
    /// let requested = parse_instant("2026-11-27T09:00:00Z")?;
    /// assert_eq!(requested + answer.longest(), parse_instant("2026-12-27T09:00:00Z")?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn longest(self) -> TimeDelta {
        TimeDelta::seconds(self.longest_seconds.into())
    }

    /// Returns the time for two steps, one after the other.
    pub(crate) const fn then(self, next: Self) -> Self {
        Self {
            shortest_seconds: self.shortest_seconds + next.shortest_seconds,
            longest_seconds: self.longest_seconds + next.longest_seconds,
        }
    }
}

/// Returns the procedures that carry out an action at an instant, in UTC, the usual one first.
///
/// Several are returned where the documents describe several, or where unknown facts leave more
/// than one possible: each has a condition. The same holds for their steps. The result is empty
/// where the documents describe none.
///
/// ```
/// use csp_multichannel::*;
/// use csp_multichannel_guidance::{Actor, Method, procedures};
///
/// let azure = Facts::from(Service::AzurePlan).with(Channel::EnterpriseAgreement);
/// let procedures = procedures(Action::Switch, azure, parse_instant("2026-11-27")?);
/// assert_eq!(procedures.len(), 1);
/// assert_eq!(procedures[0].method, Some(Method::BillingOwnership));
/// let last = procedures[0].steps.last().unwrap();
/// assert_eq!(last.actors, [Actor::Customer]);
/// assert_eq!(
///     last.text,
///     "accept, as the enrollment administrator; the cost history does not come along",
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn procedures(action: Action, facts: impl Into<Facts>, at: DateTime<Utc>) -> Vec<Procedure> {
    let facts = facts.into();
    let day = at.date_naive();
    let of_action = PROCEDURES.iter().filter(|described| described.action == action);
    let applying = of_action.filter_map(|described| {
        let scopes = described.scopes.iter();
        let scopes: Vec<_> =
            scopes.filter(|scope| scope.from <= day && scope.condition.overlaps(facts)).collect();
        let condition = scopes.iter().map(|scope| scope.condition).reduce(Facts::union)?;
        let basis = scopes.iter().map(|scope| scope.basis).max()?;
        let mut sources: Vec<ExplainedSource> = Vec::new();
        for source in scopes.iter().flat_map(|scope| scope.sources).filter_map(|code| source(code))
        {
            if !sources.contains(&source) {
                sources.push(source);
            }
        }
        let in_force = |step: &&ProcedureStep| {
            step.from <= day
                && step.until.is_none_or(|until| day < until)
                && step.condition.overlaps(facts)
        };
        let mut steps: Vec<_> = described.steps.iter().filter(in_force).cloned().collect();
        // Without a current partner, the customer or the asking partner takes its steps.
        for step in &mut steps {
            for actor in &mut step.actors {
                if *actor == Actor::CurrentPartner {
                    *actor = Actor::holder(facts);
                }
            }
            step.actors.dedup();
            step.by_any_actor &= step.actors.len() > 1;
        }
        Some(Procedure { action, method: described.method, condition, basis, sources, steps })
    });
    applying.collect()
}

/// Returns a document by its short name.
fn source(code: &str) -> Option<ExplainedSource> {
    let mut sources = Rulebook::partner_center().rules().iter().flat_map(Rule::sources);
    sources.find(|source| source.code() == code).map(Into::into)
}

/// A procedure with all of its steps, past ones included.
struct Described {
    action: Action,
    method: Option<Method>,
    scopes: Vec<Scope>,
    steps: Vec<ProcedureStep>,
}

/// The cases for which a procedure is described from a day on.
struct Scope {
    condition: Facts,
    from: NaiveDate,
    basis: Basis,
    sources: &'static [&'static str],
}

fn described(
    action: Action,
    method: Option<Method>,
    scopes: Vec<Scope>,
    steps: Vec<ProcedureStep>,
) -> Described {
    Described { action, method, scopes, steps }
}

fn scope(
    condition: impl Into<Facts>,
    from: &str,
    basis: Basis,
    sources: &'static [&'static str],
) -> Scope {
    Scope { condition: condition.into(), from: day(from), basis, sources }
}

fn step(
    number: u8,
    actors: impl Into<Vec<Actor>>,
    kind: StepKind,
    text: &'static str,
) -> ProcedureStep {
    ProcedureStep {
        number,
        actors: actors.into(),
        by_any_actor: false,
        text: text.into(),
        kind,
        takes: None,
        condition: Facts::UNKNOWN,
        from: day(BEGINNING),
        until: None,
    }
}

impl ProcedureStep {
    fn by_any(self) -> Self {
        Self { by_any_actor: true, ..self }
    }

    fn takes(self, shortest_seconds: u32, longest_seconds: u32) -> Self {
        Self { takes: Some(TimeNeeded { shortest_seconds, longest_seconds }), ..self }
    }

    fn when(self, condition: impl Into<Facts>) -> Self {
        Self { condition: self.condition.with(condition), ..self }
    }

    fn from(self, from: &str) -> Self {
        Self { from: day(from), ..self }
    }

    fn until(self, until: &str) -> Self {
        Self { until: Some(day(until)), ..self }
    }
}

/// Parses a day of the table, `YYYY-MM-DD`.
fn day(text: &str) -> NaiveDate {
    text.parse().unwrap_or_default()
}

/// The first day of the policy.
const BEGINNING: &str = "2016-12-01";

const MINUTE: u32 = 60;
const DAY: u32 = 24 * 60 * MINUTE;

/// The policy's page on procedures, in its order. Only the transfer request comes before the
/// transfer form, because it is the usual one where both are described.
static PROCEDURES: LazyLock<Vec<Described>> = LazyLock::new(|| {
    use Actor::{CurrentPartner, Customer, IndirectProvider, Microsoft, NewPartner};
    use Basis::{Inferred, Linked, Reported, Stated};
    use StepKind::{
        AcceptRelationship, Buy, Cancel, LetTermEnd, Recreate, RequestRelationship, SetToEnd,
        Switch,
    };

    let not_china = [Cloud::Public, Cloud::UsGovernment, Cloud::Germany];
    let license = [Service::License, Service::NewCommerceLicense];
    let azure = [Service::Azure, Service::AzurePlan];
    let commitment = [Service::AzureReservation, Service::AzureSavingsPlan];
    let csp = [Channel::OtherCspPartner, Channel::FormerCspPartner];
    let in_csp = |services: Service| Facts::from(csp).with(Cloud::Public).with(services);
    let agreement = |channel: Channel| Facts::from(channel).with(Cloud::Public);
    vec![
        described(Action::RequestRelationship, None,
            vec![scope(Facts::UNKNOWN, BEGINNING, Linked, &["RR"])],
            vec![
                step(1, [NewPartner], RequestRelationship, "open the request in Partner Center, keep the personal link in the message, and send it to the customer")
                    .when([Partner::DirectBill, Partner::IndirectProvider]),
                step(1, [IndirectProvider], RequestRelationship, "send its own invitation to the customer, for the reseller to use")
                    .when(Partner::IndirectReseller).when(not_china).until("2017-06-09"),
                step(1, [IndirectProvider], RequestRelationship, "send its own invitation to the customer, for the reseller to use")
                    .when(Partner::IndirectReseller).when(Cloud::China),
                step(1, [NewPartner], RequestRelationship, "open the request in Partner Center, keep the personal link in the message, and send it to the customer")
                    .when(Partner::IndirectReseller).when(not_china).from("2017-06-09"),
                step(1, [NewPartner], RequestRelationship, "choose the invitation for itself and its provider together: the provider needs the relationship to place orders")
                    .when(Partner::IndirectReseller).when(not_china).from("2017-06-14"),
                step(1, [NewPartner], RequestRelationship, "leave administration out of the request, if it is not needed")
                    .when(Cloud::Public).from("2018-11-01").until("2023-10-09"),
                step(2, [Customer], AcceptRelationship, "open the link and accept"),
                step(2, [Customer], AcceptRelationship, "sign in as a Global admin")
                    .from("2020-09-22"),
                step(2, [Customer], AcceptRelationship, "accept in the Office admin portal")
                    .when(Cloud::Public).until("2018-11-01"),
                step(2, [Customer], AcceptRelationship, "accept in Microsoft Store for Business")
                    .when(Cloud::Public).from("2018-11-01").until("2020-02-04"),
                step(2, [Customer], AcceptRelationship, "accept in the Microsoft 365 admin center")
                    .when(Cloud::Public).from("2020-02-04"),
                step(2, [Customer], AcceptRelationship, "accept in the Office admin portal")
                    .when([Cloud::Germany, Cloud::UsGovernment]),
                step(2, [Customer], AcceptRelationship, "accept in the admin center of Office 365 operated by 21Vianet")
                    .when(Cloud::China),
                step(3, [Customer], AcceptRelationship, "sign the Microsoft Customer Agreement")
                    .when(Cloud::Public).from("2020-02-04"),
                step(4, [NewPartner], AcceptRelationship, "find the customer on the Customers page"),
                step(4, [NewPartner], AcceptRelationship, "ask for administration separately (granular delegated administration): the relationship grants none")
                    .when(not_china).from("2023-10-09"),
            ],
        ),
        described(Action::RecreateAndCancel, None,
            vec![scope(azure, BEGINNING, Stated, &["MC", "AS"])],
            vec![
                step(1, [NewPartner], Recreate, "create a new Azure subscription for the customer in Partner Center"),
                step(2, [NewPartner], Recreate, "move data and settings by hand")
                    .until("2017-06-09"),
                step(2, [NewPartner], Recreate, "enter the details of the old subscription by hand")
                    .from("2017-06-09"),
                step(2, [NewPartner], Recreate, "move the resources into the new subscription, if they can be moved")
                    .from("2020-01-27"),
                step(3, [Customer, CurrentPartner], Cancel, "cancel the individual services, or the whole old subscription")
                    .by_any(),
            ],
        ),
        described(Action::Switch, Some(Method::TransferRequest),
            vec![
                scope(in_csp(Service::AzurePlan), "2020-09-29", Linked, &["TP"]),
                // The transfer tool refuses a suspended subscription (EC).
                scope(in_csp(Service::Azure).with(Status::Active), "2021-07-22", Linked, &["TP"]),
                scope(in_csp(Service::AzureReservation), "2022-10-25", Inferred, &["TP"]),
                scope(in_csp(Service::AzureSavingsPlan), "2023-09-14", Linked, &["TP"]),
                scope(in_csp(Service::NewCommerceLicense), "2024-06-19", Reported, &["LT"]),
            ],
            vec![
                step(1, [Customer], Switch, "tell the current partner, and pass its name and Microsoft id to the new partner"),
                step(1, [Customer], AcceptRelationship, "accept the relationship with the new partner, and sign the Microsoft Customer Agreement"),
                step(2, [NewPartner], Switch, "have signed the Microsoft Partner Agreement"),
                step(2, [NewPartner], Switch, "buy an Azure plan for the customer first")
                    .when(azure).from("2021-01-05"),
                step(3, [NewPartner], Switch, "create the transfer request; it can be cancelled only while it is pending"),
                step(3, [NewPartner], Switch, "put at most 25 licenses in one request")
                    .when(Service::NewCommerceLicense),
                step(4, [CurrentPartner], Switch, "as an Admin agent, select the items and accept within 30 days, or refuse; without an answer the request expires and a new one is needed")
                    .takes(0, 30 * DAY),
                step(5, [Microsoft], Switch, "complete the transfer in about 15 minutes; retry for 3 days")
                    .takes(15 * MINUTE, 3 * DAY),
                step(6, [Customer], Switch, "remove the old partner's role assignments, and grant access to the new partner")
                    .when(azure),
                step(6, [CurrentPartner], Switch, "pay to the day of the transfer; quantity, price, term and billing stay the same")
                    .when(Service::NewCommerceLicense),
            ],
        ),
        described(Action::Switch, Some(Method::TransferForm),
            vec![scope(
                Facts::from(Service::Azure).with(Channel::OtherCspPartner),
                BEGINNING,
                Linked,
                &["SA"],
            )],
            vec![
                step(1, [CurrentPartner, NewPartner], Switch, "make sure that both hold the old offer with this customer: otherwise the transfer request applies")
                    .when(Cloud::Public).from("2021-07-22"),
                step(1, [CurrentPartner, NewPartner], Switch, "make sure that both hold the old offer with this customer")
                    .when(Cloud::UsGovernment).from("2021-07-22"),
                step(1, [Customer], Switch, "ask the current partner in writing"),
                step(2, [CurrentPartner], Switch, "open an Azure service ticket for the transfer; Microsoft does not intervene for the customer or the new partner"),
                step(3, [CurrentPartner], Switch, "fill in and sign the transfer form (own contact and Microsoft id, the customer's Microsoft id, the subscription id), and send it to the customer"),
                step(4, [Customer, NewPartner], Switch, "add the new partner's details, sign, confirm that the customer has an agreement with the new partner, and return the form"),
                step(5, [CurrentPartner], Switch, "check the three signatures, and attach the form to the ticket"),
                step(5, [Microsoft], Switch, "answer within 8 business hours, and contact the administrators of both partners"),
                step(6, [NewPartner], Switch, "remove the old partner's role assignments"),
                step(7, [NewPartner], Switch, "remove outdated access permissions"),
            ],
        ),
        described(Action::Switch, Some(Method::BillingOwnership),
            vec![
                scope(agreement(Channel::EnterpriseAgreement).with(azure), "2019-11-27", Linked, &["MO"]),
                scope(agreement(Channel::McaEnterprise).with(azure), "2022-10-25", Linked, &["AH", "MO"]),
                scope(agreement(Channel::McaEnterprise).with(commitment), "2022-10-25", Linked, &["AH", "MO"]),
                scope(agreement(Channel::EnterpriseAgreement).with(commitment), "2024-03-26", Linked, &["MO"]),
            ],
            vec![
                step(1, [NewPartner], Switch, "be a direct-bill partner certified as Azure Expert MSP")
                    .until("2026-08-20"),
                step(1, [NewPartner], Switch, "be direct-bill with the Azure Solutions Partner designation or Azure Expert MSP")
                    .when(Partner::DirectBill).from("2026-08-20"),
                step(1, [NewPartner], Switch, "be a distributor with the Frontier Distributor designation")
                    .when([Partner::IndirectProvider, Partner::IndirectReseller]).from("2026-08-20"),
                step(2, [Customer], AcceptRelationship, "accept the relationship and the Microsoft Customer Agreement"),
                step(2, [NewPartner], Switch, "set up an Azure plan"),
                step(3, [NewPartner], Switch, "request billing ownership in the Azure portal"),
                step(3, [Customer], Switch, "accept, as the enrollment administrator; the cost history does not come along"),
            ],
        ),
        described(Action::WaitUntilTermEnd, None,
            vec![
                scope(license, BEGINNING, Linked, &["TS"]),
                scope(commitment, "2018-05-11", Inferred, &["TS"]),
            ],
            vec![
                step(1, [NewPartner], AcceptRelationship, "have the relationship accepted"),
                step(2, [CurrentPartner, Customer], SetToEnd, "turn automatic renewal off")
                    .by_any(),
                step(2, [CurrentPartner, Customer], SetToEnd, "schedule the end as well, for a term that ends on or after 2026-05-04")
                    .by_any().when(Service::NewCommerceLicense).from("2026-02-16"),
                step(3, [NewPartner], Buy, "buy the same product shortly before the last day (an offer limited to one per customer: right after it)"),
                step(3, [NewPartner], Buy, "buy at the latest within 30 days after the last day")
                    .when(Service::NewCommerceLicense).until("2026-05-04"),
                step(4, [Customer], LetTermEnd, "let the old subscription expire"),
            ],
        ),
        described(Action::CancelThenMove, None,
            vec![
                scope(license, BEGINNING, Linked, &["TS"]),
                scope(Service::AzureReservation, "2018-05-11", Linked, &["RM"]),
                scope(
                    Facts::from(Service::NewCommerceLicense).with(TermPhase::Ended),
                    "2026-05-04",
                    Reported,
                    &["ES"],
                ),
            ],
            vec![
                step(1, [NewPartner], AcceptRelationship, "have the relationship accepted"),
                step(1, [NewPartner], Buy, "buy the same product (offers limited to one per customer: after the cancellation)"),
step(2, [CurrentPartner], Cancel, "cancel while it can be cancelled"),
            ],
        ),
    ]
});
