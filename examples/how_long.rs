//! Ask how long an answer holds if nothing is done, and what comes after it.

use csp_multichannel::{
    Action, AtTermEnd, Channel, Cloud, Customer, Region, Relationship, Rulebook, Service, Set,
    Status, Subscription, Term, Verdict, parse_instant,
};
use csp_multichannel_guidance::{ExpiryCause, calendar, expiry};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let license = Subscription::new()
        .with(Channel::Direct)
        .with(Service::NewCommerceLicense)
        .with(Cloud::Public)
        .with(Relationship::Active)
        .with(Customer::EndCustomer)
        .with(Region::Same)
        .with(AtTermEnd::End)
        .with(Status::Active)
        .with_term(Term::parse("2026-11-25T09:00:00Z", "2027-11-24")?);
    let (now, rulebook) = (parse_instant("2026-11-27")?, Rulebook::partner_center());

    let expiry = expiry(&license, now, rulebook)?;
    assert_eq!(expiry.until, Some(parse_instant("2026-12-02T09:00:00Z")?));
    assert_eq!(expiry.causes, Set::from(ExpiryCause::Term));

    let periods = calendar(&license, now, rulebook)?;
    let cancelling =
        periods.iter().map(|period| period.outcomes.on(Action::CancelThenMove).verdict);
    for period in &periods {
        println!("{}: {}", period.from, period.outcomes.on(Action::CancelThenMove).verdict);
    }
    assert!(cancelling.eq([Verdict::Allowed, Verdict::Denied]));
    Ok(())
}
