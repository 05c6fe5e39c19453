//! The engine against the reference, which reads the policy's own tables.

#[path = "../../tests/support/mod.rs"]
mod support;

pub(crate) use support::reference;

use std::sync::LazyLock;

use csp_multichannel::chrono::{Days, NaiveTime, TimeDelta};
use csp_multichannel::{Action, Compiled, Edition, Facts, Rulebook, Verdicts};
use reference::Policy;

/// The most assignments that a case may leave open: the reference goes through all of them.
const MOST: u32 = 24;

/// An edition as either side has it.
struct Both {
    edition: Edition<'static>,
    compiled: Compiled<'static>,
    in_force: Vec<usize>,
}

static POLICY: LazyLock<Policy> = LazyLock::new(support::policy);
static EDITIONS: LazyLock<Vec<Both>> = LazyLock::new(|| {
    let both = |edition: Edition<'static>| Both {
        edition,
        compiled: edition.compile(),
        in_force: POLICY.in_force(&edition.since().to_string()),
    };
    Rulebook::partner_center().editions().map(both).collect()
});

/// A byte for the edition, two for the instant within it, one for the fact that may be the most open, and two for the values of
/// each fact that are possible, a bit each.
pub fn run(bytes: &[u8]) {
    let byte = |at: usize| bytes.get(at).copied().unwrap_or_default();
    let word = |at: usize| u16::from_le_bytes([byte(at), byte(at + 1)]);
    let Both { edition, compiled, in_force } = &EDITIONS[usize::from(byte(0)) % EDITIONS.len()];

    let mut possible = [0_u16; 11];
    let mut most = MOST;
    for turn in 0..possible.len() {
        let fact = (usize::from(byte(3)) + turn) % possible.len();
        let all = (1 << POLICY.facts[fact].values.len()) - 1;
        let mut values = word(4 + 2 * fact) & all;
        if values == 0 {
            values = all;
        }
        while values.count_ones() > most {
            values &= values - 1;
        }
        most /= values.count_ones();
        possible[fact] = values;
    }

    let expected = POLICY.evaluate_unknown(in_force, &possible);
    let facts = Facts::UNKNOWN.given(support::values(&possible));
    let (facts, expected) = match (facts, expected) {
        (Ok(facts), Some(expected)) => (facts, expected),
        (Err(error), None) => return crate::assert_telling(&error.to_string()),
        (facts, expected) => panic!("{facts:?}, {expected:?}"),
    };

    // Any instant of the edition is its own.
    let since = edition.since();
    let last = edition.until().and_then(|until| until.pred_opt()).unwrap_or(since + Days::new(4_000));
    let day = since + Days::new(u64::from(word(1)) % (last - since + TimeDelta::days(1)).num_days().unsigned_abs());
    let at =
        day.and_time(NaiveTime::MIN).and_utc() + TimeDelta::nanoseconds(86_399_999_999_999) * i32::from(byte(1) & 1);
    assert_eq!(Rulebook::partner_center().edition_at(at), Ok(*edition), "{at:?}");

    let decision = edition.decide(facts);
    assert_eq!(decision.facts(), facts);
    for (&action, expected) in Action::ALL.iter().zip(&expected) {
        let place = || format!("{action} in {edition:?}: {facts}");
        assert_eq!(support::outcome(edition.rulebook(), &decision, action), expected.outcome, "{}", place());
        let verdicts = decision.possible(action).iter().map(support::verdict);
        if expected.possible.is_empty() {
            assert!(verdicts.eq([expected.outcome.verdict]), "{}", place());
        } else {
            assert!(verdicts.eq(expected.possible.iter().copied()), "{}", place());
        }
        assert_eq!(support::positions(decision.depends_on(action)), expected.depends_on, "{}", place());
    }
    let mut batch = [Verdicts::default()];
    assert_eq!((edition.decide_all(&[facts], &mut batch), batch), (1, [decision.verdicts()]));
    if let Some(known) = facts.assignment() {
        assert_eq!(compiled.verdicts(known), decision.verdicts());
        assert_eq!((edition.decide_all_known(&[known], &mut batch), batch), (1, [decision.verdicts()]));
    }
}
