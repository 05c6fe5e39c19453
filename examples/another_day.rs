//! Ask about any day since the policy began: when did it start to allow an action?

use csp_multichannel::{
    Action, Channel, Cloud, Customer, Facts, Partner, Region, Relationship, Rulebook, Service,
    Status, Transfer, Verdict,
};

fn main() {
    let plan = Facts::UNKNOWN
        .with(Channel::OtherCspPartner)
        .with(Service::AzurePlan)
        .with(Cloud::Public)
        .with(Partner::DirectBill)
        .with(Relationship::Active)
        .with(Customer::EndCustomer)
        .with(Region::Same)
        .with(Status::Active)
        .with(Transfer::None);

    let mut history = Vec::new();
    for edition in Rulebook::partner_center().editions() {
        let verdict = edition.decide(plan).verdict(Action::Switch);
        if history.last().is_none_or(|&(_, last): &(String, Verdict)| last != verdict) {
            history.push((edition.to_string(), verdict));
        }
    }
    for (day, verdict) in &history {
        println!("from {day}: {verdict}");
    }
    assert_eq!(
        history,
        [
            ("2016-12-01".into(), Verdict::NotCovered),
            ("2019-11-01".into(), Verdict::Denied),
            ("2020-09-29".into(), Verdict::Allowed),
        ]
    );
}
