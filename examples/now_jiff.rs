//! Decide as of now, and for an instant of `jiff`'s: a count of seconds since 1970 becomes an instant in UTC.

use csp_multichannel::chrono::{DateTime, Utc};
use csp_multichannel::{Action, Service, Subscription, Verdict, decide};
use jiff::Timestamp;

/// Every instant of jiff's is one of chrono's.
fn utc(at: Timestamp) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(at.as_second(), u32::try_from(at.subsec_nanosecond()).ok()?)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let software = Subscription::new().with(Service::Software);

    let decision = decide(&software, utc(Timestamp::now()).ok_or("the clock is far off")?)?;
    println!("{}", decision.edition());
    assert_eq!(decision.verdict(Action::Switch), Verdict::NotCovered);

    // Midnight in Madrid is 22:00 the day before in UTC.
    let summer: Timestamp = "2018-09-15T00:00+02:00[Europe/Madrid]".parse()?;
    assert_eq!(utc(summer).ok_or("an instant")?.to_string(), "2018-09-14 22:00:00 UTC");
    Ok(())
}
