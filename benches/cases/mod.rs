//! Cases to measure by.

#![allow(dead_code, reason = "each bench needs a part")]
#![allow(clippy::wildcard_imports, reason = "most of the vocabulary")]

use csp_multichannel::*;

/// The built-in edition on a day.
pub fn edition(day: &str) -> Edition<'static> {
    Rulebook::partner_center().edition_at(parse_instant(day).expect("a day")).expect("an edition")
}

/// Known cases in no order, over the whole space.
pub fn mixed(count: usize) -> Vec<Assignment> {
    let all: Vec<Assignment> = Assignment::all().collect();
    // Steps of a prime walk through all of them, far from neighbour to neighbour.
    (0..count).map(|n| all[n * 104_729 % all.len()]).collect()
}

/// A license of another partner, with some facts unknown.
pub fn facts(unknown: FactSet) -> Facts {
    let known: [Value; 11] = [
        Channel::OtherCspPartner.into(),
        Service::License.into(),
        Cloud::Public.into(),
        Partner::DirectBill.into(),
        Relationship::None.into(),
        Customer::EndCustomer.into(),
        Market::Same.into(),
        TermPhase::Cancellable.into(),
        AutoRenew::On.into(),
        Status::Active.into(),
        Transfer::None.into(),
    ];
    let known = known.into_iter().filter(|value| !unknown.contains(value.fact()));
    Facts::UNKNOWN.given(known.collect::<ValueSet>()).expect("possible")
}

/// Three facts of it unknown, in ways that take more and less time.
pub fn three_unknown() -> [(&'static str, Facts); 3] {
    [
        ("relationship, term, auto_renew", facts(Set::from([Fact::Relationship, Fact::Term, Fact::AutoRenew]))),
        ("channel, service, cloud", facts(Set::from([Fact::Channel, Fact::Service, Fact::Cloud]))),
        ("channel, service, term", facts(Set::from([Fact::Channel, Fact::Service, Fact::Term]))),
    ]
}

/// A license of another partner by its records, in the middle of its term.
pub fn record() -> Case {
    let [from, ends_on] = ["2018-03-01", "2019-02-28"];
    let term = Term::new(parse_instant(from).expect("a day"), ends_on.parse().expect("a day"), Cancellation::ByService);
    let subscription = Subscription::new(Service::License)
        .with_channel(Channel::OtherCspPartner)
        .with_cloud(Cloud::Public)
        .with_auto_renew(AutoRenew::On)
        .with_status(Status::Suspended)
        .with_transfer(Transfer::Pending)
        .with_term(term.expect("a term"))
        .expect("a term");
    let engagement = Engagement::new()
        .with_partner(Partner::IndirectReseller)
        .with_relationship(Relationship::None)
        .with_customer(Customer::EndCustomer)
        .with_market(Market::Same);
    Case::new("c", subscription, engagement)
}
