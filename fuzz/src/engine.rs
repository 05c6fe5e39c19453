//! The engine against the reference, which reads the policy's own tables.

#[path = "../../tests/support/mod.rs"]
#[allow(clippy::pedantic, missing_docs, reason = "test code of the library")]
mod support;

use std::sync::LazyLock;

use chrono::{Days, NaiveTime};
use csp_multichannel::{Action, Edition, Rulebook, Verdicts};
pub(crate) use support::reference;
use support::reference::{FACTS, Policy, Rule};

/// The most assignments that a case may leave open: the reference decides each of them.
const MOST: u32 = 12;

/// An edition, and the rules in force in the reference for each action.
struct Both {
    edition: Edition<'static>,
    in_force: Vec<Vec<&'static Rule>>,
}

static POLICY: LazyLock<Policy> = LazyLock::new(Policy::read);
static EDITIONS: LazyLock<Vec<Both>> = LazyLock::new(|| {
    let both = |edition: Edition<'static>| {
        let in_force = POLICY.in_force(&edition.to_string());
        let on = |action: &Action| {
            in_force.iter().copied().filter(|rule| rule.is_on(action.as_str())).collect()
        };
        Both { edition, in_force: Action::ALL.iter().map(on).collect() }
    };
    Rulebook::partner_center().editions().map(both).collect()
});

/// Takes a byte for the edition, one for the action, one for the day and one for the fact that may be the most
/// open. Then two for each fact: a bit for each possible value.
pub fn run(bytes: &[u8]) {
    let byte = |at: usize| usize::from(bytes.get(at).copied().unwrap_or_default());
    let Both { edition, in_force } = &EDITIONS[byte(0) % EDITIONS.len()];
    let number = byte(1) % Action::ALL.len();
    let (action, in_force) = (Action::ALL[number], &in_force[number]);

    let mut possible: [Vec<&str>; FACTS] = Default::default();
    let mut most = MOST as usize;
    for turn in 0..FACTS {
        let fact = (byte(3) + turn) % FACTS;
        let bits = byte(4 + 2 * fact) | byte(5 + 2 * fact) << 8;
        let values = &POLICY.facts[fact].1;
        let chosen = values.iter().enumerate().filter(|(value, _)| bits >> value & 1 == 1);
        possible[fact] = chosen.map(|(_, word)| word.as_str()).take(most).collect();
        if possible[fact].is_empty() {
            possible[fact] = values.iter().map(String::as_str).take(most).collect();
        }
        most /= possible[fact].len();
    }

    let facts = support::facts_of(&possible);
    let decision = edition.decide(facts);
    let expected = reference::decide_unknown(in_force, action.as_str(), &possible);
    support::assert_decided_unknown(&decision, action, &expected);

    let mut verdicts = [Verdicts::default()];
    assert_eq!(
        (edition.decide_all(&[facts], &mut verdicts), verdicts[0]),
        (1, decision.verdicts())
    );
    // Every day of an edition is its own.
    let last = edition.until().unwrap_or(edition.since() + Days::new(4_000));
    let days = (last - edition.since()).num_days().unsigned_abs();
    let day = edition.since() + Days::new(byte(2) as u64 % days);
    let at = day.and_time(NaiveTime::MIN).and_utc();
    assert!(
        Rulebook::partner_center()
            .edition_at(at)
            .is_ok_and(|found| found.since() == edition.since()),
        "{at}"
    );
}
