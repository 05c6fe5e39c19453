//! Procedures: who does what, in which order, to carry an action out; dated, as the rules are.

use core::fmt;
use std::vec::Vec;

use chrono::{DateTime, NaiveDate, Utc};

use super::{Actor, Deed};
use crate::facts::Facts;
use crate::records::date::day;
use crate::rules::{Condition, Validity};
use crate::vocabulary::register_words::{channel, cloud, partner, service};
use crate::vocabulary::{Action, AutoRenew, Basis, Relationship, ValueSet};

/// A step of a procedure: who does what, where the documents describe it.
///
/// `Display` writes `customer or current_partner: cancel the individual services, …`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProcedureStep {
    action: Action,
    part: Part,
    number: u8,
    actors: &'static [Actor],
    is_for_any: bool,
    text: &'static str,
    condition: Condition,
    validity: Validity,
    basis: Basis,
    page: &'static str,
}

/// What a step is a part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// The action itself.
    Act,
    Accept,
    TurnOffAutoRenew,
    Buy,
}

impl ProcedureStep {
    /// The action that it is a step of.
    #[must_use]
    pub const fn action(&self) -> Action {
        self.action
    }

    /// The deed that it describes: a procedure goes on to what others do for the action, and what a [plan](super::Plans) has as steps of their own.
    ///
    /// ```
    /// use csp_multichannel::guidance::{Deed, procedure};
    /// use csp_multichannel::{Action, AutoRenew, Facts, Service, parse_instant};
    ///
    /// let license = Facts::UNKNOWN.given(Service::License)?;
    /// let steps = procedure(Action::WaitUntilTermEnd, license, parse_instant("2018-09-15")?);
    /// assert_eq!(steps[1].deed(), Deed::Bring(AutoRenew::Off.into()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn deed(&self) -> Deed {
        match self.part {
            Part::Act => Deed::Act(self.action),
            Part::Accept => Deed::Bring(Relationship::Active.into()),
            Part::TurnOffAutoRenew => Deed::Bring(AutoRenew::Off.into()),
            Part::Buy => Deed::Buy,
        }
    }

    /// Its place in the procedure, from 1; several parts of a step have the same.
    #[must_use]
    pub const fn number(&self) -> u8 {
        self.number
    }

    /// Who takes it: all of them, or [any one](Self::is_for_any).
    #[must_use]
    pub const fn actors(&self) -> &'static [Actor] {
        self.actors
    }

    /// Whether any one of several actors can take it. Else all of them do, together.
    #[must_use]
    pub const fn is_for_any(&self) -> bool {
        self.is_for_any
    }

    /// What they do.
    #[must_use]
    pub const fn text(&self) -> &'static str {
        self.text
    }

    /// The cases in which it belongs to the procedure.
    #[must_use]
    pub const fn condition(&self) -> Condition {
        self.condition
    }

    /// The days on which it does, in UTC.
    #[must_use]
    pub const fn validity(&self) -> Validity {
        self.validity
    }

    /// How firmly the documents carry it.
    #[must_use]
    pub const fn basis(&self) -> Basis {
        self.basis
    }

    /// The page that describes it.
    #[must_use]
    pub const fn page(&self) -> &'static str {
        self.page
    }
}

impl fmt::Display for ProcedureStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let link = if self.is_for_any { " or " } else { " and " };
        for (at, actor) in self.actors.iter().enumerate() {
            write!(f, "{}{actor}", if at == 0 { "" } else { link })?;
        }
        write!(f, ": {}", self.text)
    }
}

/// The procedure for an action on a day, for what is known of a case: the steps that may belong to it, in order.
///
/// Whether one certainly does, its [`condition`](ProcedureStep::condition) tells. Empty where the documents describe none.
///
/// ```
/// use csp_multichannel::guidance::{Actor, procedure};
/// use csp_multichannel::{Action, Cloud, Facts, Partner, parse_instant};
///
/// let facts = Facts::UNKNOWN.given(Cloud::Public)?.given(Partner::DirectBill)?;
/// let steps = procedure(Action::RequestRelationship, facts, parse_instant("2019-06-01")?);
/// assert_eq!(steps[1].actors(), [Actor::Customer]);
/// assert_eq!(steps[2].to_string(), "customer: accept in the Microsoft Store for Business");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn procedure(action: Action, facts: Facts, at: DateTime<Utc>) -> Vec<ProcedureStep> {
    let day = at.date_naive();
    let belongs =
        |step: &&ProcedureStep| step.action == action && step.validity.covers(day) && step.condition.may_be_met(facts);
    PROCEDURES.iter().filter(belongs).cloned().collect()
}

/// All steps of all procedures, those of the past among them, in the order of the policy's page.
#[must_use]
pub const fn procedures() -> &'static [ProcedureStep] {
    PROCEDURES
}

const BEGINNING: NaiveDate = day(2016, 12, 1);

const RR: &str = "request-a-relationship-with-a-customer.md";
const MC: &str = "multichannel.md";
const SA: &str = "switch-azure-subscriptions-to-a-different-partner.md";
const TP: &str = "transfer-azure-subscriptions-under-azure-plan.md";
const TS: &str = "transition-seat-based-services.md";

const ALWAYS: ValueSet = ValueSet::EMPTY;
const NATIONAL: ValueSet = cloud::us_government.union(cloud::germany);
const AZURE: ValueSet = service::azure;
/// What the transfer tool covers.
const UNDER_PLAN: ValueSet = service::azure_plan.union(service::azure_reservation);
const LICENSE: ValueSet = service::license.union(service::new_commerce_license);

/// What was bought with a partner or seller who holds it.
const WITH_PARTNER: ValueSet = channel::all.difference(channel::direct);

/// A row: the step's number and actors, what they do; when, from which day up to which, basis and page. Rows are grouped by the action and what they
/// are a part of.
macro_rules! procedures {
    ($( $action:ident, $part:ident:
        $( $number:literal $actor:ident $($link:ident $other:ident)?, $text:literal; $when:expr, $from:expr, $until:expr, $basis:ident, $page:ident; )+
    )+) => {
        &[$($(
            ProcedureStep {
                action: Action::$action,
                part: Part::$part,
                number: $number,
                actors: &[Actor::$actor $(, Actor::$other)?],
                is_for_any: procedures!(@ $($link)?),
                text: $text,
                condition: Condition::new($when),
                validity: Validity::new($from, $until),
                basis: Basis::$basis,
                page: $page,
            },
        )+)+]
    };
    (@) => { false };
    (@ and) => { false };
    (@ or) => { true };
}

const PROCEDURES: &[ProcedureStep] = procedures! {
    RequestRelationship, Act:
        1 NewPartner, "open the request in Partner Center, keep the personal link in the message, and send it to the customer";
            ALWAYS, BEGINNING, None, Linked, RR;
        1 NewPartner, "you can send the invitation for yourself and your provider together: the provider needs the relationship to place orders";
            partner::indirect_reseller, day(2017, 6, 14), None, Linked, RR;
    RequestRelationship, Accept:
        2 Customer, "open the link, and accept";
            ALWAYS, BEGINNING, None, Linked, RR;
        2 Customer, "accept in the Office admin portal";
            ALWAYS, BEGINNING, Some(day(2018, 11, 1)), Linked, RR;
        2 Customer, "accept in the Office admin portal";
            NATIONAL, day(2018, 11, 1), None, Linked, RR;
        2 Customer, "accept in the Microsoft Store for Business";
            cloud::public, day(2018, 11, 1), Some(day(2020, 2, 4)), Linked, RR;
        2 Customer, "accept in the Microsoft 365 admin center";
            cloud::public, day(2020, 2, 4), None, Linked, RR;
        2 Customer, "accept as a Global admin";
            ALWAYS, day(2020, 9, 22), None, Linked, RR;
        3 Customer, "sign the Microsoft Customer Agreement";
            ALWAYS, day(2020, 2, 4), None, Linked, RR;
        4 NewPartner, "find the customer on the Customers page, and manage its services there";
            ALWAYS, BEGINNING, None, Linked, RR;

    RecreateAndCancel, Act:
        1 NewPartner, "create a new Azure subscription for the customer in Partner Center";
            ALWAYS, BEGINNING, None, Stated, MC;
        2 NewPartner, "move data and settings by hand";
            ALWAYS, BEGINNING, Some(day(2017, 6, 9)), Stated, MC;
        2 NewPartner, "enter the details of the old subscription by hand";
            ALWAYS, day(2017, 6, 9), None, Stated, MC;
        3 Customer or CurrentPartner, "cancel the individual services, or the whole old subscription";
            ALWAYS, BEGINNING, None, Stated, MC;

    Switch, Act:
        1 Customer, "ask the current partner in writing";
            AZURE, BEGINNING, None, Linked, SA;
        2 CurrentPartner, "open an Azure service ticket for the transfer; Microsoft does not intervene for the customer or the new partner";
            AZURE, BEGINNING, None, Linked, SA;
        3 CurrentPartner, "fill in and sign the transfer form (own contact and Microsoft id, the customer's Microsoft id, the subscription id), and send it to the customer";
            AZURE, BEGINNING, None, Linked, SA;
        4 Customer and NewPartner, "add the new partner's details, sign, confirm that the customer has an agreement with the new partner, and return the form";
            AZURE, BEGINNING, None, Linked, SA;
        5 CurrentPartner, "check the three signatures, and attach the form to the ticket";
            AZURE, BEGINNING, None, Linked, SA;
        5 Microsoft, "answer within 8 business hours, and contact the administrators of both partners";
            AZURE, BEGINNING, None, Linked, SA;
        6 NewPartner, "remove the old partner's role assignments";
            AZURE, BEGINNING, None, Linked, SA;
        7 NewPartner, "remove outdated access permissions";
            AZURE, BEGINNING, None, Linked, SA;
        1 Customer, "tell the current partner, and pass its name and Microsoft id to the new partner";
            UNDER_PLAN, day(2020, 9, 29), None, Linked, TP;
        2 NewPartner, "buy an Azure plan for the customer first";
            UNDER_PLAN, day(2021, 1, 5), None, Linked, TP;
        3 NewPartner, "create the transfer request; it can be cancelled only while it is pending";
            UNDER_PLAN, day(2020, 9, 29), None, Linked, TP;
        4 CurrentPartner, "select the items as an Admin agent, and accept within 30 days; without an answer the request expires and a new one is needed";
            UNDER_PLAN, day(2020, 9, 29), None, Linked, TP;
        5 Microsoft, "complete in about 15 minutes, or retry for 3 days";
            UNDER_PLAN, day(2020, 9, 29), None, Linked, TP;
        6 Customer, "remove the old partner's role assignments, and grant access to the new partner";
            UNDER_PLAN, day(2020, 9, 29), None, Linked, TP;
        1 Customer, "tell the current partner, and pass its name and Microsoft id to the new partner";
            service::new_commerce_license, day(2024, 6, 19), None, Reported, TP;
        3 NewPartner, "create the transfer request; it can be cancelled only while it is pending";
            service::new_commerce_license, day(2024, 6, 19), None, Reported, TP;
        4 CurrentPartner, "select the items as an Admin agent, and accept within 30 days; without an answer the request expires and a new one is needed";
            service::new_commerce_license, day(2024, 6, 19), None, Reported, TP;
        5 Microsoft, "complete in about 15 minutes, or retry for 3 days";
            service::new_commerce_license, day(2024, 6, 19), None, Reported, TP;
        6 Customer, "remove the old partner's role assignments, and grant access to the new partner";
            service::new_commerce_license, day(2024, 6, 19), None, Reported, TP;

    WaitUntilTermEnd, Accept:
        1 NewPartner, "have the relationship accepted";
            LICENSE, BEGINNING, None, Linked, TS;
    WaitUntilTermEnd, TurnOffAutoRenew:
        2 CurrentPartner or Customer, "turn off auto-renew";
            LICENSE, BEGINNING, None, Linked, TS;
    WaitUntilTermEnd, Buy:
        3 NewPartner, "buy the same offer, shortly before or within 30 days after the last day of the term";
            LICENSE, BEGINNING, None, Linked, TS;
    WaitUntilTermEnd, Act:
        4 Customer, "let the old subscription expire";
            LICENSE, BEGINNING, None, Linked, TS;

    CancelThenMove, Accept:
        1 NewPartner, "have the relationship accepted";
            LICENSE, BEGINNING, None, Linked, TS;
    CancelThenMove, Buy:
        1 NewPartner, "buy the same offer: not before the cancellation, for offers limited to one per customer";
            LICENSE, BEGINNING, None, Linked, TS;
    CancelThenMove, Act:
        2 CurrentPartner, "cancel while the cancellation window is open";
            LICENSE.union(WITH_PARTNER), BEGINNING, None, Linked, TS;
        2 Customer, "cancel while the cancellation window is open";
            LICENSE.union(channel::direct), BEGINNING, None, Linked, TS;
};
