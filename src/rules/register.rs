//! The rule register: the policy's tables as data, in register order.
//!
//! A row is a rule: its id, the actions, the condition (for each fact that matters, the values that
//! it admits); the days between which it is in force (the second exclusive, or none), its basis and
//! sources; the reason. To change a rule, change its row.

use super::{Condition, Rule, Source, Validity, list, text};
use crate::records::date::day;
use crate::vocabulary::{ActionSet, Basis, Effect, ValueSet};

/// The pages that the rules are taken from.
mod source {
    use super::{Source, text};

    macro_rules! sources {
        ($( $code:ident: $page:literal; )+) => {
            $( pub(super) const $code: Source = Source { code: text(stringify!($code)), page: text($page) }; )+
        };
    }

    sources! {
        MC: "multichannel.md";
        RR: "request-a-relationship-with-a-customer.md";
        SA: "switch-azure-subscriptions-to-a-different-partner.md";
        TP: "transfer-azure-subscriptions-under-azure-plan.md";
        TS: "transition-seat-based-services.md";
        CN: "the 21Vianet edition of multichannel.md";
        CW: "new-commerce-cancellation-policy.md";
        RI: "azure-reservations.md";
        TE: "the REST reference of transfer eligibility";
        EC: "the REST error codes";
        US: "partner-center-for-microsoft-us-govt-cloud.md";
        AL: "add-licenses-or-services-to-an-existing-subscription.md";
    }
}

/// `channel(ELSEWHERE but advisor, own_advisor)`: words and groups of one fact, and what they leave out.
macro_rules! values {
    ($fact:ident($word:ident but $($except:ident),+)) => {
        values!($fact($word)).difference(values!($fact($($except),+)))
    };
    ($fact:ident($($word:ident),+)) => {
        ValueSet::EMPTY$(.union(words::$fact::$word))+
    };
}

/// The words of each fact, with the groups that the policy gives names to.
mod words {
    pub(super) use crate::vocabulary::register_words::{
        auto_renew, cloud, customer, market, partner, relationship, status, term, transfer,
    };

    pub(super) mod service {
        pub(in super::super) use crate::vocabulary::register_words::service::*;
        use crate::vocabulary::{Service, ValueSet};

        pub(in super::super) const LICENSE: ValueSet = Service::values(Service::LICENSE_BASED);
        pub(in super::super) const AZURE: ValueSet = Service::values(Service::USAGE_BASED);
    }

    pub(super) mod channel {
        use crate::vocabulary::ValueSet;
        pub(in super::super) use crate::vocabulary::register_words::channel::*;

        pub(in super::super) const ELSEWHERE: ValueSet = all.difference(this_partner.union(syndication_partner));
        pub(in super::super) const OTHER_CHANNEL: ValueSet = ELSEWHERE.difference(other_csp_partner);
    }
}

/// The words of the actions, with the groups that the policy gives names to.
#[expect(non_upper_case_globals, reason = "the policy's own spelling")]
mod actions {
    use crate::vocabulary::{Action, ActionSet};

    pub(super) const ALL: ActionSet = Action::EVERY;
    pub(super) const MOVES: ActionSet = Action::MOVES;
    pub(super) const request_relationship: ActionSet = Action::RequestRelationship.alone();
    pub(super) const recreate_and_cancel: ActionSet = Action::RecreateAndCancel.alone();
    pub(super) const switch: ActionSet = Action::Switch.alone();
    pub(super) const wait_until_term_end: ActionSet = Action::WaitUntilTermEnd.alone();
    pub(super) const cancel_then_move: ActionSet = Action::CancelThenMove.alone();
}

macro_rules! register {
    ($(
        $effect:ident {
            $(
                $id:literal $(requires $requirement:literal)?:
                $($action:ident),+ $(if $($fact:ident($($values:tt)+))+)?,
                $year:literal-$month:literal-$day:literal .. $($to_year:literal-$to_month:literal-$to_day:literal)?,
                $basis:ident in $($source:ident),+,
                $reason:literal;
            )+
        }
    )+) => {
        &[$($(
            Rule {
                id: text($id),
                effect: Effect::$effect,
                requirement: register!(@requirement $($requirement)?),
                actions: ActionSet::EMPTY$(.union(actions::$action))+,
                condition: Condition::new(ValueSet::EMPTY$($(.union(values!($fact($($values)+))))+)?),
                validity: Validity {
                    from: day($year, $month, $day),
                    until: register!(@until $($to_year, $to_month, $to_day)?),
                },
                basis: Basis::$basis,
                sources: list(const { &[$(source::$source),+] }),
                reason: text($reason),
                origin: None,
            },
        )+)+]
    };
    (@requirement $requirement:literal) => { Some(text($requirement)) };
    (@requirement) => { None };
    (@until $year:literal, $month:literal, $day:literal) => { Some(day($year, $month, $day)) };
    (@until) => { None };
}

#[expect(clippy::zero_prefixed_literal, reason = "months and days")]
pub(crate) const REGISTER: &[Rule] = register! {
    exclude {
        "not-bought-elsewhere": ALL if channel(this_partner),
            2016-12-01 .., stated in MC,
            "multi-channel support is for subscriptions bought elsewhere";
        "syndication-seller": ALL if channel(syndication_partner),
            2016-12-01 .., stated in MC,
            "the third parties that the page means are neither in CSP nor Syndication Partners";
        "germany-not-yet-listed": ALL if cloud(germany),
            2016-12-01 .. 2017-01-27, stated in MC,
            "the page does not apply to this cloud yet";
        "germany-withdrawn": ALL if cloud(germany),
            2018-12-05 .., stated in MC,
            "the page no longer applies to this cloud";
        "us-government-not-yet-listed": ALL if cloud(us_government),
            2016-12-01 .. 2017-06-09, stated in MC,
            "the page does not apply to this cloud yet";
        "service-not-covered": ALL if service(software, marketplace),
            2016-12-01 .., inferred in MC,
            "the page speaks of license-based (per seat) and usage-based (Azure) services only";
        "china-moves": MOVES if cloud(china),
            2016-12-01 .., stated in CN,
            "the page for 21Vianet speaks of requesting permissions only";
        "china-services": request_relationship if cloud(china) service(all but LICENSE),
            2016-12-01 .., stated in CN,
            "the page for 21Vianet speaks of license-based services only";
        "china-channels": request_relationship if cloud(china) channel(all but direct, own_advisor),
            2016-12-01 .., stated in CN,
            "the page for 21Vianet names these two channels only";
    }

    forbid {
        "relationship-in-place": request_relationship if relationship(active),
            2016-12-01 .., inferred in RR,
            "the relationship is in place, there is nothing to request";
        "relationship-pending": request_relationship if relationship(requested),
            2016-12-01 .., inferred in RR,
            "the request waits for the customer's acceptance";
        "request-other-market": request_relationship if market(other),
            2019-01-16 .., linked in RR,
            "a relationship can be requested only in the partner's own country or region";
        "recreate-other-market": recreate_and_cancel if market(other),
            2019-01-16 .., linked in RR,
            "a partner sells only in its own country or region";
        "license-move-other-market": wait_until_term_end, cancel_then_move if service(LICENSE) market(other),
            2018-08-31 .., linked in TS,
            "the partner to buy from must be in the same country or region";
        "license-no-switch": switch if service(LICENSE) channel(ELSEWHERE),
            2016-12-01 .. 2024-06-19, stated in MC,
            "license-based subscriptions can't be switched to a different partner: wait until the end of the term, or cancel";
        "license-no-switch-from-channel": switch if service(LICENSE) channel(OTHER_CHANNEL but former_csp_partner),
            2024-06-19 .., reported in MC,
            "license transfers run between CSP partners only";
        "azure-no-partner-to-switch-from": switch if service(AZURE, azure_reservation) channel(OTHER_CHANNEL),
            2016-12-01 .., inferred in MC, SA,
            "a switch hands over from one CSP partner to another, and no CSP partner holds this subscription";
        "azure-plan-not-switchable": switch if service(azure_plan) channel(other_csp_partner),
            2020-05-12 .. 2020-09-29, linked in SA,
            "the manual switch excludes the Azure plan, and its own transfer does not exist yet";
        "reservation-not-switchable": switch if service(azure_reservation) channel(other_csp_partner),
            2018-05-25 .. 2023-09-14, linked in RI, TP,
            "the partner of a reservation can't be changed";
        "reseller-cannot-transfer": switch if partner(indirect_reseller),
            2018-08-31 .., linked in SA,
            "only direct-bill partners and indirect providers can transfer a subscription";
        "transfer-other-market": switch if market(other),
            2018-09-13 .., linked in SA,
            "the new partner and the customer must be in the same country or region";
        "us-government-no-transfer-tool": switch if cloud(us_government) service(azure_plan, azure_reservation, LICENSE),
            2020-09-29 .., linked in EC,
            "the transfer tool refuses national clouds";
        "transfer-not-active": switch if status(suspended, deleted),
            2020-04-10 .., linked in TE,
            "only active subscriptions are eligible for transfer";
        "transfer-pending": switch if transfer(pending),
            2020-04-10 .., linked in TE,
            "the subscription is already part of another transfer request";
        "no-resale-to-csp-partner": MOVES if customer(csp_tenant),
            2017-03-30 .., stated in MC,
            "a CSP partner can't resell online services to another CSP partner";
        "subscription-deleted": recreate_and_cancel, wait_until_term_end, cancel_then_move if status(deleted),
            2016-12-01 .., inferred in TE,
            "the subscription no longer exists";
        "term-over": wait_until_term_end, cancel_then_move if term(ended),
            2016-12-01 .., inferred in MC,
            "the term has ended: nothing to wait for, nothing to cancel";
        "no-term": wait_until_term_end if term(none),
            2016-12-01 .., inferred in MC,
            "the service has no term to wait for";
        "cancellation-window-closed": cancel_then_move if term(committed),
            2016-12-01 .., linked in CW,
            "the cancellation window has closed";
    }

    permit {
        "license-request": request_relationship if service(LICENSE) channel(ELSEWHERE but advisor, own_advisor),
            2016-12-01 .., stated in MC,
            "to support license-based services, request the customer's permission to manage them";
        "license-request-advisor": request_relationship if service(LICENSE) channel(advisor, own_advisor),
            2016-12-01 .. 2024-06-19, stated in MC,
            "the same, for subscriptions bought in the Advisor program";
        "license-request-china": request_relationship if service(LICENSE) channel(own_advisor) cloud(china),
            2024-06-19 .., stated in CN,
            "the page for 21Vianet still names this channel";
        "azure-request": request_relationship if service(AZURE, azure_reservation) channel(ELSEWHERE),
            2016-12-01 .., linked in SA, RR,
            "creating or switching an Azure subscription needs the relationship first";
        "azure-recreate": recreate_and_cancel if service(AZURE) channel(advisor, own_advisor, open, enterprise_agreement),
            2016-12-01 .., stated in MC,
            "create a new Azure subscription in Partner Center, enter its details, cancel the old services or subscription";
        "azure-recreate-other-channel": recreate_and_cancel if service(AZURE) channel(direct, third_party, former_csp_partner),
            2016-12-01 .., inferred in MC,
            "the page names its channels as examples, and these are channels as well";
        "azure-switch": switch if service(azure) channel(other_csp_partner),
            2016-12-01 .., stated in MC,
            "Azure services can be switched from another partner";
        "azure-plan-switch": switch if service(azure_plan) channel(other_csp_partner),
            2020-09-29 .., linked in TP,
            "subscriptions under an Azure plan can be transferred";
        "reservation-switch": switch if service(azure_reservation) channel(other_csp_partner),
            2023-09-14 .., linked in TP,
            "active reservations can be transferred";
        "license-switch": switch if service(LICENSE) channel(other_csp_partner, former_csp_partner),
            2024-06-19 .., reported in MC,
            "license-based subscriptions can be transferred from one partner to another";
        "license-wait": wait_until_term_end if service(LICENSE) channel(other_csp_partner) term(cancellable, committed),
            2016-12-01 .., stated in MC,
            "wait until the end of the subscription period";
        "license-wait-other-channel": wait_until_term_end if service(LICENSE) channel(OTHER_CHANNEL) term(cancellable, committed),
            2016-12-01 .., linked in TS,
            "the same, for subscriptions from other channels";
        "license-cancel": cancel_then_move if service(LICENSE) channel(other_csp_partner) term(cancellable),
            2016-12-01 .., stated in MC,
            "cancel before moving";
        "license-cancel-other-channel": cancel_then_move if service(LICENSE) channel(OTHER_CHANNEL) term(cancellable),
            2016-12-01 .., linked in TS,
            "the same, for subscriptions from other channels";
    }

    require {
        "relationship-first" requires "active_relationship": recreate_and_cancel, switch if relationship(none, requested),
            2016-12-01 .., linked in SA, RR,
            "the customer must have accepted the reseller relationship";
        "through-provider" requires "indirect_provider": recreate_and_cancel if partner(indirect_reseller),
            2018-08-31 .., linked in SA,
            "an indirect reseller orders through its indirect provider";
        "auto-renew-off-first" requires "auto_renew_off": wait_until_term_end if auto_renew(on),
            2016-12-01 .., inferred in TS,
            "a term that renews by itself does not end";
    }

    advise {
        "request-grants-administration-only": request_relationship,
            2016-12-01 .., linked in RR,
            "the relationship grants administration; it moves no subscription and no invoice";
        "one-administrator-per-service": request_relationship,
            2016-12-01 .. 2018-08-31, linked in RR,
            "only one transacting partner can hold administration of a service";
        "customer-agreement": request_relationship if cloud(public),
            2020-02-04 .., linked in RR,
            "on acceptance the customer signs the Microsoft Customer Agreement";
        "no-migration-path": recreate_and_cancel if service(AZURE),
            2016-12-01 .. 2017-06-09, stated in MC,
            "there is no supported migration, and CSP may not offer every service yet";
        "channels-coexist": recreate_and_cancel if service(AZURE),
            2019-11-19 .., stated in MC,
            "Azure in CSP can coexist with other channels";
        "reservations-stay-behind": recreate_and_cancel if service(AZURE) channel(direct, enterprise_agreement),
            2018-05-25 .., linked in RI,
            "reservations do not come along";
        "current-partner-starts": switch if service(azure),
            2016-12-01 .., linked in SA,
            "only the current partner can open the transfer";
        "thirty-days-to-accept": switch if service(azure_plan, azure_reservation, new_commerce_license),
            2020-09-29 .., linked in TP,
            "the current partner has 30 days to accept, then the request expires";
        "access-stays-behind": switch if service(AZURE),
            2020-09-29 .., linked in TP,
            "role assignments do not change: the old partner keeps its access and the new one gets none";
        "traditional-license-transfer": switch if service(license),
            2024-06-19 .., reported in MC,
            "the transfer tool covers new-commerce licenses; traditional ones may be refused";
        "relationship-before-buying": wait_until_term_end, cancel_then_move if service(LICENSE) relationship(none, requested),
            2017-08-23 .., linked in TS,
            "waiting and cancelling need no relationship, but buying afterwards does: have it accepted meanwhile";
        "buy-through-provider": wait_until_term_end, cancel_then_move if service(LICENSE) partner(indirect_reseller),
            2018-08-31 .., linked in SA,
            "an indirect reseller buys through its indirect provider";
        "buy-same-offer-first": wait_until_term_end, cancel_then_move if service(LICENSE),
            2017-08-23 .., linked in TS,
            "with the same offer bought before the old one ends, nobody loses service or has to be assigned anew";
        "one-subscription-per-customer": cancel_then_move if service(LICENSE),
            2017-11-03 .., linked in AL,
            "offers limited to one per customer can't overlap: cancel first";
        "no-refund": cancel_then_move if service(LICENSE) channel(direct, advisor, own_advisor, open),
            2017-08-23 .., linked in TS,
            "what is cancelled may not be refunded";
        "extended-service-term": wait_until_term_end if service(new_commerce_license),
            2026-05-04 .., reported in CW,
            "without an explicit end the subscription runs on as a paid extended service term";
        "us-government-contradiction": ALL if cloud(us_government),
            2017-07-18 .., linked in US,
            "other pages say that multi-channel and relationship requests do not exist in this cloud";
        "switch-public-cloud-only": switch if cloud(us_government, germany),
            2017-01-27 .. 2020-03-30, linked in SA,
            "the page on switching does not name this cloud";
        "germany-closing": request_relationship, recreate_and_cancel if cloud(germany),
            2018-08-31 .. 2018-12-05, linked in MC,
            "Microsoft Cloud Germany accepts no new customers or services";
    }
};
