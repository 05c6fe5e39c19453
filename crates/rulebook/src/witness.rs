//! Witnesses: cases that show where a rule ends.

use csp_multichannel::{Action, Edition, Fact, Facts};
use serde::{Deserialize, Serialize};

use crate::analysis::Reach;

/// Witnesses of a rule: two cases that differ in one fact. In one the rule has an effect, in the
/// other it has none.
///
/// ```
/// use csp_multichannel::{Fact, Region, parse_instant};
/// use csp_multichannel_rulebook::{from_json, witnesses};
///
/// let rulebook = from_json(r#"{"rules": [{
///     "id": "switch-at-home", "effect": "permit", "actions": ["switch"],
///     "when": {"region": "same"}, "from": "2026-01-01", "reason": "we sell at home only"
/// }]}"#)?;
/// let edition = rulebook.edition_at(parse_instant("2026-11-27")?)?;
/// let pair = witnesses(edition, "switch-at-home").unwrap();
/// assert_eq!(pair.fact, Fact::Region);
/// assert_eq!(pair.with.known(), Some(Region::Same));
/// assert_eq!(pair.without, pair.with.with(Region::Other));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Witnesses {
    /// The action.
    pub action: Action,
    /// A case in which the rule has an effect, with all facts known.
    pub with: Facts,
    /// The nearest case in which it has none.
    pub without: Facts,
    /// The fact in which the cases differ.
    pub fact: Fact,
}

/// Returns two cases that show where a rule of an edition ends, for the first action on which it
/// has an effect.
///
/// `None` if the edition has no such rule, or if the rule has an effect in no case or in every
/// case.
///
/// ```
/// use csp_multichannel::{Rulebook, parse_instant};
/// use csp_multichannel_rulebook::witnesses;
///
/// let edition = Rulebook::partner_center().edition_at(parse_instant("2026-11-27")?)?;
/// let pair = witnesses(edition, "license-switch").unwrap();
/// let decides = |case| {
///     edition.decide(case).reasons(pair.action).any(|rule| rule.id() == "license-switch")
/// };
/// assert!(decides(pair.with) && !decides(pair.without));
/// assert_eq!(witnesses(edition, "no-such-rule"), None);
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
