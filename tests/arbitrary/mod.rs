//! Cases of all kinds, for properties.

use chrono::{DateTime, TimeDelta, Utc};
use csp_multichannel::*;
use proptest::prelude::*;

use crate::support;

/// Some possible facts: of each fact a few values, or all.
pub fn some_facts() -> impl Strategy<Value = Facts> {
    proptest::array::uniform11(prop_oneof![2 => any::<u16>().prop_map(|at| 1 << (at % 10)), 1 => any::<u16>()])
        .prop_filter_map("possible", |positions| Facts::UNKNOWN.given(support::values(&positions)).ok())
}

/// Cases with what is certain of some facts, and with dates or without.
pub fn some_case() -> impl Strategy<Value = Case> {
    let day = -400..4_000_i64;
    let term = prop::option::of((day, 0..1_200_u64, 0..3_u8, 0..2_000_000_i64));
    (some_facts(), term).prop_map(|(facts, term)| {
        let mut subscription = Subscription::new(facts.known::<Service>());
        let mut engagement = Engagement::new();
        macro_rules! told {
            ($( $record:ident.$with:ident: $Type:ident; )+) => {
                $( if let Some(value) = facts.known::<$Type>() { $record = $record.$with(value); } )+
            };
        }
        told! {
            subscription.with_channel: Channel; subscription.with_cloud: Cloud; subscription.with_auto_renew: AutoRenew;
            subscription.with_status: Status; subscription.with_transfer: Transfer;
            engagement.with_partner: Partner; engagement.with_relationship: Relationship;
            engagement.with_customer: Customer; engagement.with_market: Market;
        }
        if let Some((day, length, kind, seconds)) = term {
            let purchased = first() + TimeDelta::days(day) + TimeDelta::seconds(seconds % 86_400);
            let ends = purchased.date_naive() + chrono::Days::new(length);
            let cancellation = match kind {
                0 => Cancellation::ByService,
                1 => Cancellation::Never,
                _ => Cancellation::Until(purchased + TimeDelta::seconds(seconds)),
            };
            let term = Term::new(purchased, ends, cancellation).expect("a term");
            subscription = subscription.with_term(term).unwrap_or(subscription);
        }
        Case::new("c", subscription, engagement)
    })
}

/// Instants of the policy's twelve years, up to 2029.
pub fn some_instant() -> impl Strategy<Value = DateTime<Utc>> {
    (0..4_500 * 86_400_i64).prop_map(|seconds| first() + TimeDelta::seconds(seconds))
}

/// The first instant on which any rule is in force.
fn first() -> DateTime<Utc> {
    parse_instant("2016-12-01").expect("a day")
}
