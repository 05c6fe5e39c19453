//! The rule register: the tables of the policy (`rules.md`) as data, in register order.
//!
//! A row is a rule. It has the id, the actions, the admitted values of each fact that matters, the
//! days between which the rule is in force (the second exclusive), the basis, the sources and the
//! reason. To change a rule, change its row.

use alloc::borrow::Cow;

use crate::facts::Facts;
use crate::instant::day;
use crate::rule::{Action, Basis, Effect, Rule, Source, Text, Validity};
use crate::set::Set;

const fn text(text: &'static str) -> Text {
    Cow::Borrowed(text)
}

/// The documents from which the rules are taken (`sources.md`).
mod source {
    use super::{Source, text};

    macro_rules! sources {
        ($( $code:ident: $page:literal $(at $url:literal)? read $read:literal; )+) => {
            $(
                pub(super) const $code: Source = Source {
                    code: text(stringify!($code)),
                    page: text($page),
                    url: sources!(@url $($url)?),
                    newest_text: text($read),
                };
            )+
        };
        (@url $url:literal) => { Some(text($url)) };
        (@url) => { None };
    }

    sources! {
        MC: "multichannel.md"
            at "https://github.com/MicrosoftDocs/partner-center-pr.it-it/commits/live-sxs/partner-center/multichannel.md"
            read "2021-05-19; undated copies up to 2026";
        RR: "request-a-relationship-with-a-customer.md"
            at "https://github.com/MicrosoftDocs/partner-center-pr.it-it/commits/live-sxs/partner-center/request-a-relationship-with-a-customer.md"
            read "2021-06-23";
        SA: "switch-azure-subscriptions-to-a-different-partner.md"
            at "https://github.com/MicrosoftDocs/partner-center-pr.it-it/commits/live-sxs/partner-center/switch-azure-subscriptions-to-a-different-partner.md"
            read "2021-07-22";
        TP: "transfer-azure-subscriptions-under-azure-plan.md"
            at "https://learn.microsoft.com/partner-center/transfer-azure-subscriptions-under-azure-plan"
            read "2023-09-14";
        TS: "transition-seat-based-services.md"
            at "https://github.com/MicrosoftDocs/partner-center-pr.it-it/commits/live-sxs/partner-center/transition-seat-based-services.md"
            read "2023-01-11; undated copies up to 2026";
        CN: "multichannel.md, edition of 21Vianet"
            at "https://github.com/MicrosoftDocs/partner-center-pr.it-it/commits/live/Archive/China-multichannel.md"
            read "2019-04-23";
        CR: "request-a-relationship-with-a-customer.md, edition of 21Vianet"
            read "2016-10-20";
        CM: "multipartner.md, edition of 21Vianet"
            at "https://github.com/MicrosoftDocs/partner-center-pr.it-it/commits/live/Archive/China-multipartner.md"
            read "2016-10-20";
        CW: "new-commerce-cancellation-policy.md"
            at "https://learn.microsoft.com/partner-center/customers/new-commerce-cancellation-policy"
            read "2026";
        RI: "azure-reservations.md"
            at "https://github.com/MicrosoftDocs/partner-center-pr.it-it/commits/live-sxs/partner-center/azure-reservations.md"
            read "2021-05-20";
        RB: "azure-reservations-buying.md"
            at "https://github.com/MicrosoftDocs/partner-center-pr.it-it/commits/live-sxs/partner-center/azure-reservations-buying.md"
            read "2023-10-23";
        RM: "azure-reservations-manage.md"
            at "https://github.com/MicrosoftDocs/partner-center-pr.it-it/commits/live-sxs/partner-center/azure-reservations-manage.md"
            read "2021-05-20";
        TE: "get-customer-s-subscriptions-transfer-eligibility.md"
            at "https://github.com/kvamseek/partner-center/blob/85eb3c40f4925934e4e7100d4a97d951aa679052/developer/get-customer-s-subscriptions-transfer-eligibility.md"
            read "2023-10-23";
        EC: "error-codes.md"
            at "https://github.com/kvamseek/partner-center/blob/85eb3c40f4925934e4e7100d4a97d951aa679052/developer/error-codes.md"
            read "2023-10-23";
        US: "partner-center-for-microsoft-us-govt-cloud.md"
            at "https://github.com/MicrosoftDocs/partner-center-pr.it-it/commits/live-sxs/partner-center/partner-center-for-microsoft-us-govt-cloud.md"
            read "2021-11";
        DE: "partner-center-for-microsoft-cloud-germany.md"
            at "https://github.com/MicrosoftDocs/partner-center-pr.it-it/commits/live-sxs/partner-center/partner-center-for-microsoft-cloud-germany.md"
            read "2021-05-19";
        MP: "multipartner.md"
            at "https://github.com/MicrosoftDocs/partner-center-pr.it-it/commits/live-sxs/partner-center/multipartner.md"
            read "2023-09-26";
        IR: "indirect-reseller-tasks-in-partner-center.md"
            at "https://github.com/MicrosoftDocs/partner-center-pr.it-it/commits/live-sxs/partner-center/indirect-reseller-tasks-in-partner-center.md"
            read "2021-07-16";
        RA: "regional-authorization-overview.md"
            at "https://github.com/MicrosoftDocs/partner-center-pr.it-it/commits/live-sxs/partner-center/regional-authorization-overview.md"
            read "2021-05-20";
        NS: "create-a-new-subscription.md"
            at "https://github.com/MicrosoftDocs/partner-center-pr.it-it/commits/live-sxs/partner-center/create-a-new-subscription.md"
            read "2021-10-04";
        TD: "transition-direct-to-indirect.md"
            at "https://github.com/MicrosoftDocs/partner-center-pr.it-it/commits/live-sxs/partner-center/transition-direct-to-indirect.md"
            read "2021-06-23";
        MO: "mpa-request-ownership.md"
            at "https://learn.microsoft.com/azure/cost-management-billing/manage/mpa-request-ownership"
            read "2026-07-16";
        AH: "subscription-transfer.md"
            at "https://learn.microsoft.com/azure/cost-management-billing/manage/subscription-transfer"
            read "2026-08-20";
        AS: "transfer-subscriptions-subscribers-csp.md"
            at "https://learn.microsoft.com/azure/cost-management-billing/manage/transfer-subscriptions-subscribers-csp"
            read "2026-08-20";
        LT: "transfer-subscriptions.md"
            at "https://learn.microsoft.com/partner-center/customers/transfer-subscriptions"
            read "undated copies up to 2026";
        ES: "extended-service-terms.md"
            read "undated copies up to 2026";
        AN: "the announcements of Partner Center"
            read "2026";
    }
}

/// The words for the values of each fact, and the groups to which the policy gives names.
mod words {
    pub(super) use crate::fact::bits::{
        at_term_end, cloud, customer, partner, region, relationship, status, term_phase, transfer,
    };

    pub(super) mod service {
        pub(in super::super) use crate::fact::bits::service::*;

        use crate::fact::{Fact, Service};

        pub(in super::super) const LICENSE: u64 = license | new_commerce_license;
        pub(in super::super) const AZURE: u64 =
            Service::USAGE_BASED.bits() << Fact::Service.offset();
        pub(in super::super) const COMMITMENT: u64 = azure_reservation | azure_savings_plan;
    }

    pub(super) mod channel {
        pub(in super::super) use crate::fact::bits::channel::*;

        pub(in super::super) const AGREEMENT: u64 = enterprise_agreement | mca_enterprise;
        pub(in super::super) const OTHER_CHANNEL: u64 =
            direct | advisor | own_advisor | open | AGREEMENT | third_party | former_csp_partner;
        pub(in super::super) const ELSEWHERE: u64 = OTHER_CHANNEL | other_csp_partner;
    }
}

/// The words for the actions, and their groups.
#[expect(non_upper_case_globals, reason = "the words of the policy")]
mod actions {
    use super::{Action, Set};

    const fn only(action: Action) -> Set<Action> {
        Set::from_bits(1 << action as u32)
    }

    pub(super) const ALL: Set<Action> = Set::all();
    pub(super) const MOVES: Set<Action> = Action::MOVES;
    pub(super) const request_relationship: Set<Action> = only(Action::RequestRelationship);
    pub(super) const recreate_and_cancel: Set<Action> = only(Action::RecreateAndCancel);
    pub(super) const switch: Set<Action> = only(Action::Switch);
    pub(super) const wait_until_term_end: Set<Action> = only(Action::WaitUntilTermEnd);
    pub(super) const cancel_then_move: Set<Action> = only(Action::CancelThenMove);
}

/// `channel(ELSEWHERE but advisor)`: values and groups of one fact, without those after `but`.
macro_rules! values {
    ($fact:ident($($word:ident),+ but $($except:ident),+)) => {
        values!($fact($($word),+)) & !values!($fact($($except),+))
    };
    ($fact:ident($($word:ident),+)) => { $(words::$fact::$word)|+ };
}

macro_rules! register {
    ($(
        $Effect:ident {
            $(
                $id:literal $(requires $requirement:literal)?:
                $($action:ident),+ $(if $($fact:ident($($values:tt)+))&+)?,
                $year:literal-$month:literal-$day:literal .. $($to_year:literal-$to_month:literal-$to_day:literal)?,
                $basis:ident in $($source:ident),+,
                $reason:literal;
            )+
        }
    )+) => {
        &[$($(
            Rule {
                id: text($id),
                effect: Effect::$Effect,
                actions: Set::EMPTY$(.union(actions::$action))+,
                condition: Facts::only(0 $($(| values!($fact($($values)+)))+)?),
                validity: Validity {
                    from: day($year, $month, $day),
                    until: register!(@until $($to_year, $to_month, $to_day)?),
                },
                basis: register!(@basis $basis),
                sources: Cow::Borrowed(const { &[$(source::$source),+] }),
                reason: text($reason),
                requirement: register!(@requirement $($requirement)?),
                rulebook: None,
            },
        )+)+]
    };
    (@basis stated) => { Basis::Stated };
    (@basis linked) => { Basis::Linked };
    (@basis inferred) => { Basis::Inferred };
    (@basis reported) => { Basis::Reported };
    (@requirement $requirement:literal) => { Some(text($requirement)) };
    (@requirement) => { None };
    (@until $year:literal, $month:literal, $day:literal) => { Some(day($year, $month, $day)) };
    (@until) => { None };
}

#[expect(clippy::zero_prefixed_literal, reason = "months and days")]
pub(crate) const REGISTER: &[Rule] = register! {
    Exclude {
        "not-bought-elsewhere": ALL if channel(this_partner),
            2016-12-01 .., stated in MC,
            "multi-channel support is for subscriptions bought elsewhere";
        "syndication-seller": ALL if channel(syndication_partner),
            2016-12-01 .., inferred in MC,
            "the page covers sellers that are not Syndication Partners, and no page describes a move away from one";
        "germany-not-yet-listed": ALL if cloud(germany),
            2016-12-01 .. 2017-01-27, inferred in MC,
            "the page does not name any cloud yet and is read as covering the public cloud only";
        "germany-withdrawn": ALL if cloud(germany),
            2018-12-05 .., stated in MC,
            "the page no longer applies to this cloud";
        "us-government-not-yet-listed": ALL if cloud(us_government),
            2016-12-01 .. 2017-06-09, inferred in MC,
            "the page does not list this cloud yet";
        "service-not-covered": ALL if service(software, marketplace),
            2016-12-01 .., inferred in MC,
            "the page covers only license-based (per-seat) and usage-based (Azure) services";
        "azure-plan-not-sold-yet": ALL if service(azure_plan),
            2016-12-01 .. 2019-11-01, linked in AN,
            "the Azure plan has been sold since 2019-11-01";
        "new-commerce-not-sold-yet": ALL if service(new_commerce_license),
            2016-12-01 .. 2021-10-14, linked in AN,
            "new-commerce licenses have been sold since 2021-10-14";
        "reservation-not-sold-yet": ALL if service(azure_reservation),
            2016-12-01 .. 2018-05-11, inferred in RI,
            "no page mentions reservations before 2018-05-11";
        "savings-plan-not-sold-yet": ALL if service(azure_savings_plan),
            2016-12-01 .. 2022-10-25, inferred in AH,
            "no page mentions savings plans before 2022-10-25";
        "china-moves": MOVES if cloud(china),
            2016-12-01 .., inferred in CN, CR,
            "the pages for 21Vianet describe only how to request permissions";
        "china-services": request_relationship if cloud(china) & service(all but LICENSE),
            2016-12-01 .., inferred in CN,
            "the page for 21Vianet covers license-based services only";
        "china-channels": request_relationship if cloud(china) & channel(all but direct, own_advisor, other_csp_partner),
            2016-12-01 .., inferred in CN, CM,
            "the pages for 21Vianet name only purchases from 21Vianet, from the partner as an Advisor, and from other partners";
    }
    Forbid {
        "relationship-in-place": request_relationship if relationship(active),
            2016-12-01 .., inferred in RR,
            "the relationship already exists: there is nothing to request";
        "relationship-pending": request_relationship if relationship(requested),
            2016-12-01 .., inferred in RR,
            "the request is waiting for the customer to accept it";
        "request-other-region": request_relationship if region(other),
            2019-01-16 .., linked in RR,
            "a relationship can be requested only within the partner's own region";
        "recreate-other-region": recreate_and_cancel if service(AZURE) & region(other),
            2016-12-01 .., linked in RA,
            "a partner can sell only to customers in its own region";
        "license-move-other-region": wait_until_term_end, cancel_then_move if service(LICENSE, COMMITMENT) & region(other),
            2016-12-01 .., linked in RA, TS,
            "the new partner must be able to sell in the customer's region";
        "license-no-switch": switch if service(LICENSE) & channel(ELSEWHERE),
            2016-12-01 .. 2024-06-19, stated in MC,
            "license-based subscriptions can't be switched to a different partner: wait until the term ends, or cancel first";
        "license-no-switch-from-channel": switch if service(LICENSE) & channel(OTHER_CHANNEL but former_csp_partner),
            2024-06-19 .., reported in LT,
            "a license transfer moves only what was bought from a CSP partner, including one that has since lost its authorization";
        "traditional-license-no-switch": switch if service(license) & channel(other_csp_partner, former_csp_partner),
            2024-06-19 .., reported in LT,
            "only new-commerce licenses can be transferred; a traditional license must run out or be cancelled";
        "azure-no-partner-to-switch-from": switch if service(AZURE, COMMITMENT) & channel(OTHER_CHANNEL),
            2016-12-01 .. 2019-11-27, inferred in MC, SA,
            "a switch runs from one CSP partner to another, and no CSP partner holds this subscription";
        "azure-no-transfer-from-channel": switch if service(AZURE, COMMITMENT) & channel(OTHER_CHANNEL but AGREEMENT, former_csp_partner),
            2019-11-27 .., linked in MO, AS,
            "of Azure bought outside CSP, only what was bought under an enterprise agreement with Microsoft can be transferred";
        "azure-former-partner-no-switch": switch if service(AZURE, COMMITMENT) & channel(former_csp_partner),
            2019-11-27 .. 2024-06-19, inferred in SA, TP,
            "a transfer needs a current partner in good standing, and this one is losing or has lost its authorization";
        "azure-mca-enterprise-no-switch": switch if service(AZURE, COMMITMENT) & channel(mca_enterprise),
            2019-11-27 .. 2022-10-25, inferred in MO,
            "the page on billing ownership names Enterprise Agreements only";
        "azure-ea-wrong-partner": switch if service(AZURE, COMMITMENT) & channel(AGREEMENT) & partner(indirect_provider, indirect_reseller),
            2019-11-27 .. 2026-08-20, linked in MO,
            "only direct-bill partners can take over Azure bought under an enterprise agreement with Microsoft";
        "azure-ea-commitment-stays": switch if service(COMMITMENT) & channel(enterprise_agreement),
            2019-11-27 .. 2024-03-26, linked in RB, MO,
            "reservations and savings plans under an Enterprise Agreement do not move to CSP";
        "azure-agreement-public-only": switch if service(AZURE, COMMITMENT) & channel(AGREEMENT) & cloud(us_government),
            2019-11-27 .., inferred in MO,
            "the transfer of billing ownership is described for the public cloud only";
        "azure-ea-government": switch if service(AZURE, COMMITMENT) & channel(enterprise_agreement) & cloud(us_government),
            2022-07-18 .., linked in AH,
            "a government Enterprise Agreement can't be transferred to CSP";
        "azure-plan-no-transfer-yet": switch if service(azure_plan) & channel(other_csp_partner),
            2019-11-01 .. 2020-05-12, inferred in TD, SA,
            "no page describes a transfer of an Azure plan yet, and the first transfer tool leaves it out";
        "azure-plan-not-switchable": switch if service(azure_plan) & channel(other_csp_partner),
            2020-05-12 .. 2020-09-29, linked in SA,
            "the manual switch excludes the Azure plan, and the transfer tool does not cover it yet";
        "reservation-not-switchable": switch if service(azure_reservation) & channel(other_csp_partner),
            2018-05-11 .. 2022-10-25, linked in RI, TP,
            "the partner of a reservation can't be changed, and no transfer includes it";
        "savings-plan-not-switchable": switch if service(azure_savings_plan) & channel(other_csp_partner),
            2022-10-25 .. 2023-09-14, linked in AN,
            "transfers do not include savings plans yet";
        "transfer-other-region-early": switch if region(other),
            2016-12-01 .. 2018-09-13, linked in RA,
            "a partner can sell only to customers in its own region";
        "transfer-other-region": switch if region(other),
            2018-09-13 .., linked in SA,
            "the new partner and the customer must be in the same region";
        "us-government-no-transfer-tool": switch if cloud(us_government) & service(azure_plan, COMMITMENT, LICENSE),
            2020-09-29 .., linked in EC,
            "the transfer tool does not work in national clouds";
        "us-government-former-partner": switch if cloud(us_government) & service(azure) & channel(former_csp_partner),
            2024-06-19 .., inferred in EC, SA,
            "the transfer tool does not work in this cloud, and the manual form needs a partner that is still in CSP";
        "transfer-not-active": switch if service(all but azure) & status(suspended, deleted),
            2020-04-12 .., linked in TE, TP,
            "only active subscriptions can be transferred";
        "azure-not-active-no-manual-form": switch if service(azure) & channel(AGREEMENT, former_csp_partner) & status(suspended, deleted),
            2020-04-12 .., inferred in TE, SA,
            "only active subscriptions can be transferred, and the manual form applies only between two CSP partners";
        "transfer-pending": switch if transfer(pending),
            2020-01-29 .., linked in TD, TE,
            "the subscription is already part of another transfer request";
        "transfer-ineligible": switch if transfer(ineligible),
            2020-04-12 .., linked in TE,
            "Partner Center's own check says that the subscription can't be transferred";
        "commitment-term-over-no-switch": switch if service(COMMITMENT) & term_phase(ended),
            2022-10-25 .., inferred in TP,
            "the term is over: nothing is left to transfer";
        "license-term-over-no-switch-early": switch if service(new_commerce_license) & term_phase(ended),
            2024-06-19 .. 2026-05-04, inferred in LT,
            "the term is over: nothing is left to transfer";
        "license-term-over-no-switch": switch if service(new_commerce_license) & term_phase(ended) & at_term_end(renew, end),
            2026-05-04 .., inferred in LT, ES,
            "the term is over: nothing is left to transfer";
        "no-resale-to-csp-partner": MOVES if customer(csp_tenant),
            2017-03-30 .., linked in MP, MC,
            "a CSP partner can't resell to the tenant that another CSP partner uses for its CSP business";
        "subscription-deleted": recreate_and_cancel, switch, cancel_then_move if status(deleted),
            2016-12-01 .., inferred in MC,
            "the subscription no longer exists";
        "subscription-deleted-early": wait_until_term_end if service(all but AZURE) & status(deleted) & term_phase(cancellable, committed),
            2016-12-01 .., inferred in MC,
            "the subscription was deleted before its term ended";
        "term-over": cancel_then_move if service(all but AZURE) & term_phase(ended),
            2016-12-01 .. 2026-05-04, inferred in MC,
            "the term has ended: nothing is left to cancel";
        "term-over-unless-extended": cancel_then_move if service(new_commerce_license) & term_phase(ended) & at_term_end(renew, end),
            2026-05-04 .., inferred in MC, ES,
            "the term has ended without an extension: nothing is left to cancel";
        "term-over-later": cancel_then_move if service(all but AZURE, new_commerce_license) & term_phase(ended),
            2026-05-04 .., inferred in MC,
            "the term has ended: nothing is left to cancel";
        "extended-term-runs-on": wait_until_term_end if service(new_commerce_license) & term_phase(ended) & at_term_end(extend) & status(active, suspended),
            2026-05-04 .., reported in ES,
            "the subscription continues month by month as an extended service term: cancel it instead";
        "no-term": wait_until_term_end if service(AZURE),
            2016-12-01 .., inferred in MC,
            "usage-based services have no term to wait for";
        "cancellation-window-closed": cancel_then_move if service(all but AZURE) & term_phase(committed),
            2016-12-01 .., inferred in MC, NS, CW,
            "the subscription can't be cancelled any more: its cancellation window has closed, or it has none";
    }
    Permit {
        "license-request": request_relationship if service(LICENSE) & channel(ELSEWHERE but advisor, own_advisor),
            2016-12-01 .., linked in MC, MP,
            "to support license-based services, request a reseller relationship with the customer";
        "license-request-advisor": request_relationship if service(LICENSE) & channel(advisor, own_advisor),
            2016-12-01 .. 2024-06-19, stated in MC,
            "to support licenses bought in the Advisor program, request a reseller relationship with the customer";
        "license-request-china": request_relationship if service(LICENSE) & channel(own_advisor) & cloud(china),
            2024-06-19 .., inferred in CN,
            "the last known page for 21Vianet, from 2019, names this channel";
        "license-request-advisor-later": request_relationship if service(LICENSE) & channel(advisor, own_advisor) & cloud(public, us_government),
            2024-06-19 .., linked in TS,
            "the page no longer names the Advisor program, but every move of licenses begins with this request";
        "azure-request": request_relationship if service(AZURE, COMMITMENT) & channel(ELSEWHERE),
            2016-12-01 .., linked in SA, RR,
            "creating or switching an Azure subscription requires the relationship";
        "azure-recreate": recreate_and_cancel if service(AZURE) & channel(advisor, own_advisor, open, enterprise_agreement),
            2016-12-01 .., stated in MC,
            "create a new Azure subscription in Partner Center, enter the details by hand, then cancel the old services or the old subscription";
        "azure-recreate-other-channel": recreate_and_cancel if service(AZURE) & channel(direct, mca_enterprise, third_party, former_csp_partner),
            2016-12-01 .., inferred in MC, AS,
            "the page names its channels only as examples, and this is another such channel";
        "azure-recreate-beside": recreate_and_cancel if service(AZURE) & channel(other_csp_partner),
            2019-11-19 .., inferred in MP, AS,
            "a customer can hold Azure from a second CSP partner: create a new subscription beside the old one, then cancel";
        "azure-switch": switch if service(azure) & channel(other_csp_partner),
            2016-12-01 .., stated in MC,
            "Azure services can be switched from one partner to another";
        "azure-plan-switch": switch if service(azure_plan) & channel(other_csp_partner),
            2020-09-29 .., linked in TP,
            "subscriptions under an Azure plan can be transferred";
        "azure-ea-switch": switch if service(AZURE) & channel(enterprise_agreement) & cloud(public) & partner(direct_bill),
            2019-11-27 .., linked in MO,
            "Azure under a direct Enterprise Agreement moves to an Azure plan by a transfer of billing ownership";
        "azure-ea-commitment-switch": switch if service(COMMITMENT) & channel(enterprise_agreement) & cloud(public) & partner(direct_bill),
            2024-03-26 .., linked in MO,
            "reservations and savings plans move with the billing ownership";
        "azure-mca-enterprise-switch": switch if service(AZURE, COMMITMENT) & channel(mca_enterprise) & cloud(public) & partner(direct_bill),
            2022-10-25 .., linked in AH, MO,
            "Azure bought under an enterprise Microsoft Customer Agreement moves to CSP by a transfer of billing ownership";
        "azure-ea-switch-distributor": switch if service(AZURE, COMMITMENT) & channel(AGREEMENT) & cloud(public) & partner(indirect_provider, indirect_reseller),
            2026-08-20 .., linked in AH,
            "distributors can also take over Azure bought under an enterprise agreement with Microsoft";
        "azure-former-partner-switch": switch if service(AZURE, COMMITMENT) & channel(former_csp_partner),
            2024-06-19 .., reported in LT,
            "a partner that loses its authorization can still hand over what it holds";
        "reservation-switch": switch if service(azure_reservation) & channel(other_csp_partner),
            2022-10-25 .., linked in AH, TP,
            "active reservations can be transferred";
        "savings-plan-switch": switch if service(azure_savings_plan) & channel(other_csp_partner),
            2023-09-14 .., linked in AN, TP,
            "active savings plans can be transferred";
        "license-switch": switch if service(new_commerce_license) & channel(other_csp_partner, former_csp_partner),
            2024-06-19 .., reported in LT,
            "new-commerce licenses can be transferred from one CSP partner to another";
        "license-wait": wait_until_term_end if service(LICENSE) & channel(other_csp_partner) & term_phase(cancellable, committed),
            2016-12-01 .., stated in MC,
            "wait until the end of the subscription period, then buy from the new partner";
        "license-wait-other-channel": wait_until_term_end if service(LICENSE) & channel(OTHER_CHANNEL) & term_phase(cancellable, committed),
            2016-12-01 .., inferred in MC, TS,
            "a license from another channel can run to the end of its term and then be bought from the new partner";
        "commitment-wait": wait_until_term_end if service(COMMITMENT) & channel(ELSEWHERE) & term_phase(cancellable, committed),
            2018-05-11 .., inferred in RI, RM,
            "a reservation or savings plan ends with its term, and a new one can be bought from the new partner";
        "term-run-out": wait_until_term_end if service(LICENSE, COMMITMENT) & channel(ELSEWHERE) & term_phase(ended),
            2016-12-01 .., inferred in MC, TS,
            "the term is over: buy from the new partner now";
        "license-cancel": cancel_then_move if service(LICENSE) & channel(other_csp_partner) & term_phase(cancellable),
            2016-12-01 .., stated in MC,
            "cancel the subscription, then buy from the new partner";
        "license-cancel-other-channel": cancel_then_move if service(LICENSE) & channel(OTHER_CHANNEL) & term_phase(cancellable),
            2016-12-01 .., inferred in MC, TS,
            "a license from another channel can be cancelled and then bought from the new partner";
        "reservation-cancel": cancel_then_move if service(azure_reservation) & channel(ELSEWHERE) & term_phase(cancellable),
            2018-05-11 .., linked in RI, RM,
            "a reservation can be cancelled, and a new one bought from the new partner";
        "extended-term-cancel": cancel_then_move if service(new_commerce_license) & channel(ELSEWHERE) & term_phase(ended) & at_term_end(extend),
            2026-05-04 .., reported in ES,
            "an extended service term can be cancelled on any day";
    }
    Require {
        "relationship-first" requires "active_relationship": recreate_and_cancel, switch if relationship(none, requested),
            2016-12-01 .., linked in SA, RR,
            "the customer must have accepted the reseller relationship";
        "invitation-from-provider" requires "indirect_provider": request_relationship if partner(indirect_reseller),
            2016-12-01 .. 2017-06-09, stated in MC,
            "an indirect reseller has no invitation of its own and uses its provider's";
        "invitation-from-provider-china" requires "indirect_provider": request_relationship if partner(indirect_reseller) & cloud(china),
            2017-06-09 .., stated in CN,
            "with 21Vianet an indirect reseller still uses its provider's invitation";
        "through-provider" requires "indirect_provider": recreate_and_cancel if partner(indirect_reseller),
            2017-06-09 .., linked in IR,
            "an indirect reseller orders through its indirect provider";
        "transfer-through-provider" requires "indirect_provider": switch if partner(indirect_reseller),
            2018-08-31 .., linked in SA, LT,
            "only direct-bill partners and indirect providers can take over a subscription: an indirect reseller's provider does it";
        "auto-renew-off-first" requires "set_to_end": wait_until_term_end if service(all but AZURE) & term_phase(cancellable, committed) & at_term_end(renew),
            2016-12-01 .., inferred in MC, TS,
            "a subscription that renews automatically does not end: set it to end with its term";
        "extension-off-first" requires "set_to_end": wait_until_term_end if service(new_commerce_license) & term_phase(cancellable, committed) & at_term_end(extend),
            2026-02-16 .., reported in ES,
            "unless its end is scheduled, the subscription continues as a paid extended service term: set it to end with its term";
        "azure-expert-msp-first" requires "azure_expert_msp": switch if service(AZURE, COMMITMENT) & channel(AGREEMENT),
            2019-11-27 .. 2026-08-20, linked in MO,
            "the partner must be certified as an Azure Expert MSP";
        "azure-designation-first" requires "azure_designation": switch if service(AZURE, COMMITMENT) & channel(AGREEMENT),
            2026-08-20 .., linked in AH,
            "a direct-bill partner must hold the Azure Solutions Partner designation or be an Azure Expert MSP; a distributor must hold the Frontier Distributor designation";
    }
    Advise {
        "request-grants-administration-only": request_relationship,
            2016-12-01 .. 2023-10-09, linked in RR,
            "the relationship grants administrative access; it moves no subscription and does not change who bills";
        "administration-optional": request_relationship if cloud(public),
            2018-11-01 .. 2023-10-09, linked in RR,
            "the request can leave administration out";
        "request-grants-no-administration": request_relationship if cloud(all but china),
            2023-10-09 .., linked in AN,
            "the relationship lets the partner sell; administration must be requested separately, and no subscription or invoice moves";
        "request-grants-administration-china": request_relationship if cloud(china),
            2023-10-09 .., linked in CR,
            "the relationship grants administrative access; it moves no subscription and does not change who bills";
        "one-administrator-per-service": request_relationship,
            2016-12-01 .. 2018-08-31, linked in RR,
            "only one selling partner can administer a service";
        "customer-agreement": request_relationship if cloud(public),
            2020-02-04 .., linked in RR,
            "when accepting, the customer signs the Microsoft Customer Agreement";
        "no-migration-path": recreate_and_cancel if service(AZURE),
            2016-12-01 .. 2017-06-09, stated in MC,
            "there is no supported migration, and CSP might not offer every service yet";
        "channels-coexist": recreate_and_cancel if service(AZURE),
            2019-11-19 .., stated in MC,
            "Azure in CSP can coexist with Azure from other channels";
        "resources-can-move": recreate_and_cancel if service(AZURE) & channel(ELSEWHERE),
            2020-01-27 .., linked in AS,
            "the resources can be moved from the old subscription into the new one";
        "reservations-stay-behind": recreate_and_cancel if service(AZURE) & channel(direct, enterprise_agreement),
            2018-05-11 .., linked in RI, RB,
            "reservations are not carried over";
        "current-partner-starts": switch if service(azure) & channel(other_csp_partner),
            2016-12-01 .. 2021-07-22, linked in SA,
            "only the current partner can start the transfer";
        "current-partner-starts-us-government": switch if service(azure) & channel(other_csp_partner) & cloud(us_government),
            2021-07-22 .., linked in SA,
            "only the current partner can start the transfer";
        "converts-to-azure-plan": switch if service(azure) & channel(other_csp_partner, former_csp_partner) & cloud(public),
            2021-07-22 .., linked in TP, SA,
            "the transfer tool converts an active subscription to an Azure plan: the new partner first buys an Azure plan for the customer and opens the request, the current one has 30 days to accept and keeps its role assignments; unconverted, it moves only by the manual form, between partners that both still hold the old offer with this customer";
        "suspended-not-converted": switch if service(azure) & channel(other_csp_partner) & cloud(public) & status(suspended),
            2021-07-22 .., linked in EC,
            "the transfer tool refuses a suspended subscription: reactivate it first, or use the manual form";
        "ea-azure-plan-first": switch if service(AZURE, COMMITMENT) & channel(AGREEMENT),
            2019-11-27 .., linked in MO,
            "the customer first needs an Azure plan from the partner, under the Microsoft Customer Agreement; an indirect Enterprise Agreement does not qualify, and cost history stays behind";
        "new-partner-starts": switch if service(azure_plan, COMMITMENT, new_commerce_license) & channel(other_csp_partner, former_csp_partner),
            2020-09-29 .., linked in TP, LT,
            "the new partner opens the request; the current partner selects what to transfer and may refuse";
        "thirty-days-to-accept": switch if service(azure_plan, COMMITMENT, new_commerce_license) & channel(other_csp_partner, former_csp_partner),
            2020-09-29 .., linked in TP, LT,
            "the current partner has 30 days to accept before the request expires";
        "agreements-first": switch if service(azure_plan, COMMITMENT, new_commerce_license) & channel(other_csp_partner, former_csp_partner) & cloud(public),
            2020-09-29 .., linked in TP,
            "the customer signs the Microsoft Customer Agreement, and the new partner must already have signed the Microsoft Partner Agreement";
        "buy-azure-plan-first": switch if service(azure_plan) & channel(other_csp_partner, former_csp_partner),
            2021-01-05 .., linked in TP,
            "the new partner must first buy an Azure plan for the customer";
        "access-stays-behind": switch if service(azure_plan) & channel(other_csp_partner, former_csp_partner),
            2020-09-29 .., linked in TP,
            "role assignments do not change: the old partner keeps its access and the new one gets none";
        "license-terms-stay": switch if service(new_commerce_license),
            2024-06-19 .., reported in LT,
            "the whole subscription moves: quantity, price, term and billing stay the same";
        "reservation-paid-upfront": switch if service(azure_reservation) & channel(other_csp_partner, former_csp_partner),
            2023-09-14 .., linked in TP,
            "a reservation paid upfront can't be cancelled or exchanged after the transfer, and one in another currency is cancelled";
        "relationship-before-buying": wait_until_term_end, cancel_then_move if service(LICENSE, COMMITMENT) & relationship(none, requested),
            2017-08-23 .., linked in TS,
            "buying from the new partner requires the relationship: have it accepted first";
        "buy-through-provider": wait_until_term_end, cancel_then_move if service(LICENSE, COMMITMENT) & partner(indirect_reseller),
            2017-06-09 .., linked in IR,
            "an indirect reseller buys through its indirect provider";
        "buy-same-offer-first": wait_until_term_end, cancel_then_move if service(LICENSE) & term_phase(cancellable, committed),
            2017-08-23 .., linked in TS,
            "the purchase need not wait: buy the same product shortly before the old subscription ends, and nobody loses service or needs a new assignment (if the offer is limited to one per customer, buy it afterwards)";
        "one-subscription-per-customer": cancel_then_move if service(LICENSE),
            2017-10-17 .., linked in NS,
            "some offers are limited to one per customer: for those, cancel first, then buy";
        "buy-within-thirty-days": wait_until_term_end if service(new_commerce_license) & term_phase(ended),
            2023-01-11 .. 2026-05-04, linked in TS,
            "buy the same product within 30 days of the last day, while users keep access";
        "renews-into-new-commerce": wait_until_term_end if service(license) & channel(other_csp_partner, former_csp_partner) & at_term_end(renew),
            2024-01-11 .., reported in AN,
            "a traditional license now renews as a new-commerce license for one year, with seven days to cancel";
        "agreement-decides-cancellation": cancel_then_move if service(LICENSE) & channel(open, AGREEMENT, third_party) & term_phase(cancellable),
            2016-12-01 .., inferred in MC,
            "whether and when this subscription can be cancelled is decided by the agreement under which it was bought";
        "no-refund": cancel_then_move if service(LICENSE) & channel(OTHER_CHANNEL),
            2017-08-23 .., linked in TS,
            "a cancelled subscription might not be refunded";
        "direct-credit": cancel_then_move if service(LICENSE) & channel(direct),
            2020-06-22 .., linked in TS,
            "for purchases in the Microsoft 365 admin center, Microsoft's billing support may issue a credit";
        "reservation-refund": cancel_then_move if service(azure_reservation),
            2018-05-11 .., linked in RM,
            "refunds are prorated, less an early termination fee, up to 50,000 USD a year";
        "extended-service-term": wait_until_term_end if service(new_commerce_license) & term_phase(cancellable, committed) & at_term_end(renew, extend),
            2026-02-16 .., reported in ES,
            "for terms that end on or after 2026-05-04, turning automatic renewal off is not enough: unless its end is scheduled, the subscription continues as a paid extended service term, which can be cancelled at any time";
        "us-government-contradiction": ALL if cloud(us_government),
            2017-06-09 .., linked in US,
            "the pages on this cloud say that multi-channel support, several partners and relationship requests do not exist there";
        "switch-public-cloud-only": switch if cloud(us_government, germany),
            2017-01-27 .. 2020-03-30, linked in SA,
            "the page on switching does not name this cloud";
        "germany-closing": request_relationship, recreate_and_cancel, wait_until_term_end, cancel_then_move if cloud(germany),
            2018-08-31 .. 2018-12-05, linked in DE,
            "Microsoft Cloud Germany accepts no new customers or services";
    }
};
