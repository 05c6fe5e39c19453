//! Decide as of now: the library reads no clock, `chrono` does with its feature `now`.

use csp_multichannel::chrono::DateTime;
use csp_multichannel::{Action, Service, Subscription, Verdict, decide};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // `chrono::Utc::now()` is the same, in a package that depends on chrono with that feature.
    let since_1970 = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?;
    let seconds = i64::try_from(since_1970.as_secs())?;
    let now = DateTime::from_timestamp(seconds, 0).ok_or("the clock is far off")?;

    let decision = decide(&Subscription::new().with(Service::Software), now)?;

    println!("{}", decision.edition());
    assert_eq!(decision.verdict(Action::Switch), Verdict::NotCovered);
    Ok(())
}
