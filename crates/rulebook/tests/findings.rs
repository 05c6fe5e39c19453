//! Findings: their periods, what is new, and their text.

use chrono::NaiveDate;
use csp_multichannel::{Action, Channel, Effect, Facts, Rule, Rulebook, Set};
use csp_multichannel_rulebook::{Analysis, Finding, FindingKind, FindingPeriod, analyze};
use serde_json::{Value, json};

fn day(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 1, day).expect("a day")
}

fn rule(id: &'static str, effect: Effect, from: u32) -> Rule {
    Rule::new(id, effect, Action::Switch, day(from)).with_reason("x")
}

fn analysis(rules: impl IntoIterator<Item = Rule>) -> Analysis {
    analyze(&Rulebook::new(rules).expect("a rulebook"))
}

fn gaps(analysis: &Analysis, action: Action) -> Vec<&Finding> {
    let is_gap = |gap: &&Finding| gap.kind == FindingKind::Gap && gap.actions == action.into();
    analysis.findings.iter().filter(is_gap).collect()
}

/// Editions that follow each other are one period.
#[test]
fn periods_are_joined() {
    let found = analysis([
        rule("begin", Effect::Advise, 1),
        rule("permit", Effect::Permit, 2).until(day(3)),
        rule("later", Effect::Advise, 5),
    ]);
    let period = |from, until: Option<u32>| {
        let period = json!({"from": day(from), "until": until.map(day)});
        serde_json::from_value::<FindingPeriod>(period).expect("a period")
    };
    let [switch] = gaps(&found, Action::Switch)[..] else { panic!("{found}") };
    assert_eq!(switch.periods, [period(1, Some(2)), period(3, None)]);
    let [request] = gaps(&found, Action::RequestRelationship)[..] else { panic!("{found}") };
    assert_eq!(request.periods, [period(1, None)]);
}

/// A finding is new if the other analysis has none of its kind about its rule at that time.
#[test]
fn what_is_new() {
    let wide = rule("wide", Effect::Permit, 1);
    let one = rule("one", Effect::Permit, 1).when(Channel::Open);
    let two = rule("two", Effect::Permit, 1).when(Channel::Direct);
    let before = analysis([wide.clone(), one.clone().until(day(4))]);
    let now = analysis([wide, one, two]);
    let new = now.new_since(&before);
    let new: Vec<_> =
        new.findings.iter().map(|of| (of.rule.as_deref(), of.periods[0].from)).collect();
    assert_eq!(new, [(Some("one"), day(4)), (Some("two"), day(1))]);
    assert_eq!(before.new_since(&now).to_string(), "nothing found");

    // Of a gap, the example is a case that is new.
    let others = Set::<Channel>::all().difference(Channel::Direct.into());
    let others = Facts::try_from(others).expect("a channel");
    let before = analysis([rule("most", Effect::Permit, 1).when(others)]);
    let now = analysis([rule("none", Effect::Advise, 1)]);
    let new = now.new_since(&before);
    let [gap] = gaps(&new, Action::Switch)[..] else { panic!("{new}") };
    assert_eq!(gap.condition, others);
    assert!(gap.condition.contains(gap.example), "{gap}");
    assert_ne!(gap.example, gap.condition);
}

#[test]
fn text() {
    let finding = |kind: &str, more: Value| {
        let mut finding = json!({
            "kind": kind, "rule": "r", "actions": ["switch"], "condition": {"channel": "open"},
            "example": {"channel": "open", "cloud": "public"}, "periods": [{"from": "2026-01-01"}],
        });
        finding.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        finding
    };
    let by = |by: &[&str]| json!({"by": by});
    let example = "\n  for example: channel: open; cloud: public";
    let periods = json!([{"from": "2026-01-01", "until": "2026-01-03"}, {"from": "2026-01-05"}]);
    let cases = [
        (
            finding("dead", json!({})),
            "`r` never counts for switch, since 2026-01-01: nothing is permitted where it applies",
        ),
        (
            finding("dead", by(&["a", "b"])),
            "`r` never decides switch, since 2026-01-01: everywhere it is overridden by a, b",
        ),
        (
            finding("outranked", by(&["a"])),
            "`r` does not always decide switch, since 2026-01-01: sometimes it is overridden by a",
        ),
        (finding("duplicate", by(&["a"])), "`r` repeats a for switch, since 2026-01-01"),
        (
            finding("subsumed", by(&["a"])),
            "`r` does for switch what a does in more cases, since 2026-01-01",
        ),
        (
            finding("gap", json!({"periods": periods, "rule": null})),
            "no rule covers switch, from 2026-01-01 through 2026-01-02, since 2026-01-05, where channel: open",
        ),
    ];
    for (finding, text) in &cases {
        let finding: Finding = serde_json::from_value(finding.clone()).unwrap();
        assert_eq!(finding.to_string(), format!("{text}{example}"));
    }
    let all = finding("gap", json!({"rule": null, "condition": {}}));
    let nothing = "no rule covers switch, since 2026-01-01";
    let analysis = json!({"findings": [cases[3].0, all]});
    let analysis: Analysis = serde_json::from_value(analysis).unwrap();
    assert_eq!(analysis.findings[1].to_string(), nothing);
    assert_eq!(analysis.to_string(), format!("{}{example}\n{nothing}", cases[3].1));
    assert_eq!(Analysis::default().to_string(), "nothing found");
}
