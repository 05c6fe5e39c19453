//! The rules on an action as rows of a table, of which the first that a case meets decides.

use csp_multichannel::{Action, Edition, Effect, Facts, Rule, Verdict};

/// Returns the condition and the verdict of each row. The last row has no condition.
pub fn rows(edition: Edition<'_>, action: Action) -> Vec<(Facts, Verdict)> {
    let conditions = |effect| {
        let rules = edition.rules();
        let rules =
            rules.filter(move |rule| rule.effect() == effect && rule.actions().contains(action));
        rules.map(Rule::condition)
    };
    let both = |permitted: Facts| {
        conditions(Effect::Require).filter_map(move |required| permitted.narrow(required).ok())
    };
    let conditional = conditions(Effect::Permit).flat_map(both);
    let with = |verdict| move |condition| (condition, verdict);
    conditions(Effect::Veto)
        .map(with(Verdict::Denied))
        .chain(conditions(Effect::Exclude).map(with(Verdict::NotCovered)))
        .chain(conditions(Effect::Forbid).map(with(Verdict::Denied)))
        .chain(conditional.map(with(Verdict::Conditional)))
        .chain(conditions(Effect::Permit).map(with(Verdict::Allowed)))
        .chain([(Facts::UNKNOWN, Verdict::NotCovered)])
        .collect()
}
