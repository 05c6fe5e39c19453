//! Plan how to move a subscription: who does what, from when, by when, before when.

use csp_multichannel::{
    Action, AtTermEnd, Channel, Cloud, Customer, Partner, Region, Relationship, Rulebook, Service,
    Status, Subscription, Term, Transfer, parse_instant,
};
use csp_multichannel_guidance::{Goal, StepKind, plans};

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

    let now = parse_instant("2026-11-27")?;
    let plans = plans(&office, Goal::Move, now, Rulebook::partner_center())?;
    println!("{plans}");

    let [switch, wait] = &plans.plans[..] else { panic!("two plans") };
    assert_eq!(switch.action, Some(Action::Switch));
    // The current partner has 30 days to accept; Microsoft retries for 3.
    assert_eq!(switch.expected_by, Some(parse_instant("2026-12-30")?));
    assert_eq!(wait.steps[0].kind, StepKind::SetToEnd);
    assert_eq!(wait.steps[0].deadline, Some(parse_instant("2027-03-01")?));
    Ok(())
}
