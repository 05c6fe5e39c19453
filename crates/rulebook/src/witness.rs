//! Cases that show where a rule ends.

use csp_multichannel::{Action, Edition, Fact, Facts};
use serde::{Deserialize, Serialize};

use crate::analysis::Reach;

/// Two cases that differ in one fact: in one a rule decides, requires or advises, in the other it does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Witnesses {
    /// The action.
    pub action: Action,
    /// A case in which the rule counts, with all facts known.
    pub with: Facts,
    /// The nearest case in which it does not.
    pub without: Facts,
    /// The fact in which they differ.
    pub fact: Fact,
}

/// Returns two cases that show where a rule of an edition ends, for the first action on which it counts.
///
/// `None` if the edition has no such rule, or the rule counts in no case or in every one.
///
/// ```
/// use csp_multichannel::{Action, Rulebook, parse_instant};
/// use csp_multichannel_rulebook::witnesses;
///
/// let edition = Rulebook::partner_center().edition_at(parse_instant("2026-11-27")?)?;
/// let Some(pair) = witnesses(edition, "license-switch") else { panic!("it decides in some cases") };
/// let decides = |case| edition.decide(case).reasons(pair.action).any(|rule| rule.id() == "license-switch");
/// assert!(decides(pair.with) && !decides(pair.without));
/// assert_eq!(pair.with.without(pair.fact), pair.without.without(pair.fact));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn witnesses(edition: Edition<'_>, id: &str) -> Option<Witnesses> {
    let rule = edition.rules().find(|rule| rule.id() == id)?;
    Reach::of_all(edition, rule).find_map(|(action, reach)| {
        let with = reach.live()?.assignments().next()?;
        let pair = |with, without, fact| Witnesses { action, with, without, fact };
        // Where the rule itself names facts, it ends with each of them.
        let condition = rule.condition();
        if let Some(fact) = condition.narrowed().iter().last() {
            let value = Facts::UNKNOWN.split(fact).find(|value| !value.overlaps(condition))?;
            return Some(pair(with, with.with(value.about(fact)), fact));
        }
        // On the way to a case in which it does not count, it ends at some fact.
        let other = reach.other()?;
        let mut case = with;
        other.narrowed().iter().find_map(|fact| {
            let value = other.split(fact).next()?.about(fact);
            let before = case;
            case = case.with(value);
            let ends = reach.counts_in(before) && !reach.counts_in(case);
            ends.then(|| pair(before, case, fact))
        })
    })
}
