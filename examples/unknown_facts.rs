//! Decide with facts that are not known, and see which ones matter.

use csp_multichannel::{
    Action, Channel, Cloud, Facts, Rulebook, Service, Set, Verdict, parse_instant,
};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let edition = Rulebook::partner_center().edition_at(parse_instant("2026-11-27")?)?;
    let azure =
        Facts::from(Cloud::Public).with(Service::Azure).with([Channel::Open, Channel::Direct]);

    let decision = edition.decide(azure);
    for &action in Action::ALL {
        let verdict = decision.verdict(action);
        println!("{action}: {verdict}, depends on: {}", decision.depends_on(action));
    }

    // Whoever asks, and whatever the customer is: Azure from these channels can't be switched.
    assert_eq!(decision.verdict(Action::Switch), Verdict::Denied);
    assert!(
        decision.reasons(Action::Switch).any(|rule| rule.id() == "azure-no-transfer-from-channel")
    );

    let request = Action::RequestRelationship;
    assert_eq!(decision.verdict(request), Verdict::Undetermined);
    assert_eq!(decision.possible(request), Set::from([Verdict::Allowed, Verdict::Denied]));
    assert_eq!(decision.depends_on(request).to_string(), "relationship, region");
    Ok(())
}
