//! Decide one case, and print why.

use csp_multichannel::{
    Action, AtTermEnd, Channel, Cloud, Customer, Partner, Region, Relationship, Service, Status,
    Subscription, Term, Transfer, Verdict, decide, parse_instant,
};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let office = Subscription::new()
        .with(Channel::OtherCspPartner)
        .with(Service::NewCommerceLicense)
        .with(Cloud::Public)
        .with(Partner::DirectBill)
        .with(Relationship::Active)
        .with(Customer::EndCustomer)
        .with(Region::Same)
        .with(AtTermEnd::Renew)
        .with(Status::Active)
        .with(Transfer::None)
        .with_term(Term::parse("2026-03-01T09:00:00Z", "2027-02-28")?);

    let decision = decide(&office, parse_instant("2026-11-27")?)?;

    assert_eq!(decision.verdict(Action::Switch), Verdict::Allowed);
    assert_eq!(decision.verdict(Action::WaitUntilTermEnd), Verdict::Conditional);
    assert!(decision.requirements(Action::WaitUntilTermEnd).eq(["set_to_end"]));
    println!("{decision}");
    Ok(())
}
