//! The policy's scenarios, whole records compared to the letter.

use csp_multichannel::{Case, DecisionRecord, Rulebook, parse_instant};
use serde::Deserialize;
use serde_json::value::RawValue;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Scenario<'s> {
    why: &'s str,
    as_of: &'s str,
    #[serde(borrow)]
    case: &'s RawValue,
    edition: &'s str,
    #[serde(borrow)]
    verdicts: &'s RawValue,
}

#[test]
fn scenarios_of_the_policy() {
    let compared = compare(include_str!("data/scenarios.jsonl"));
    assert!(compared >= 191, "{compared}");
}

/// Found by `rule_parts.rs`: they show what the others do not.
#[test]
fn scenarios_of_parts_of_rules() {
    let compared = compare(include_str!("data/rule-parts.jsonl"));
    assert!(compared >= 100, "{compared}");
}

fn compare(lines: &str) -> usize {
    let mut compared = 0;
    for line in lines.lines() {
        let scenario: Scenario<'_> = serde_json::from_str(line).expect(line);
        let case: Case = serde_json::from_str(scenario.case.get()).expect(scenario.why);
        let as_of = parse_instant(scenario.as_of).expect("an instant");
        let decision = Rulebook::partner_center().decide(&case.subscription, as_of).unwrap();
        let record = decision.record(&*case.id, as_of);
        let written = serde_json::to_string(&record).unwrap();
        let expected = format!(
            r#"{{"id":"{}","as_of":"{}","edition":"{}","verdicts":{}}}"#,
            case.id, scenario.as_of, scenario.edition, scenario.verdicts
        );
        assert_eq!(written, expected, "{}", scenario.why);
        assert_eq!(serde_json::from_str::<DecisionRecord>(&written).unwrap(), record);
        compared += 1;
    }
    compared
}
