//! Decide as of now: the library reads no clock, `chrono` does with its feature `now`.

use chrono::Utc;
use csp_multichannel::{Action, Service, Subscription, Verdict, decide};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let decision = decide(&Subscription::new().with(Service::Software), Utc::now())?;

    println!("{}", decision.edition());
    assert_eq!(decision.verdict(Action::Switch), Verdict::NotCovered);
    Ok(())
}
