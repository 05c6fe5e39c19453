//! Scenario tests for rulebooks: what is run, what is told of failures, and which rules were exercised.

#![cfg(all(feature = "std", feature = "serde"))]

mod support;

use std::collections::{BTreeMap, BTreeSet};

use csp_multichannel::authoring::{Exercise, Failure, Mismatch, Overlay, Part, Report, Scenario, Suite};
use csp_multichannel::{Action, Channel, Effect, Facts, Rule, Rulebook, Service, parse_instant};
use proptest::prelude::*;
use serde_json::{Value, json};

const POLICY: &str = include_str!("data/scenarios.jsonl");

fn read(lines: impl AsRef<[u8]>) -> Suite {
    Suite::read(lines, |line| serde_json::from_slice(line))
}

/// What is wrong with the only line.
fn refused(line: &str) -> String {
    let suite = read(line);
    assert_eq!(suite.scenarios().len(), 0, "{line}");
    let [refused] = suite.refused() else { panic!("{line}: {:?}", suite.refused()) };
    assert_eq!(refused.line, 1);
    refused.error.clone()
}

fn day(text: &str) -> chrono::NaiveDate {
    text.parse().expect("a day")
}

#[test]
fn the_scenarios_of_the_policy_turn_out_as_expected() {
    let suite = read(POLICY);
    assert_eq!((suite.scenarios().len(), suite.refused().len()), (79, 0));
    assert!(suite.scenarios().map(|(line, _)| line).eq(1..=79));
    let report = suite.run(Rulebook::partner_center());
    assert!(report.is_success(), "{report}");
    assert!(suite.scenarios().all(|(_, scenario)| scenario.run(Rulebook::partner_center()).is_empty()));

    // They read back as they are written.
    for (_, scenario) in suite.scenarios() {
        let json = serde_json::to_string(scenario).expect("JSON");
        assert_eq!(serde_json::from_str::<Scenario>(&json).expect("a scenario"), *scenario);
    }
}

/// Each scenario in which something else is expected fails, and tells just that.
#[test]
fn no_expectation_goes_unchecked() {
    for line in POLICY.lines() {
        let scenario: Value = serde_json::from_str(line).expect("JSON");
        let run = |scenario: &Value| {
            let scenario: Scenario = serde_json::from_value(scenario.clone()).expect("a scenario");
            scenario.run(Rulebook::partner_center())
        };
        let mut other = scenario.clone();
        other["edition"] = json!("2016-12-02");
        assert!(matches!(run(&other)[..], [Mismatch::Edition { expected, .. }] if expected == day("2016-12-02")));

        for &action in Action::ALL {
            for &part in Part::ALL {
                let mut other = scenario.clone();
                let verdict = other["verdicts"][action.as_str()].as_object_mut().expect("a verdict");
                let list = verdict.get(part.as_str()).cloned();
                let wrong = match part {
                    Part::Verdict => json!(if list == Some(json!("denied")) { "allowed" } else { "denied" }),
                    Part::Possible => json!(["undetermined"]),
                    Part::DependsOn => json!(["channel", "channel"]),
                    // One more than there are.
                    _ => list
                        .unwrap_or(json!([]))
                        .as_array()
                        .map(|of| of.iter().cloned().chain([json!("x")]))
                        .into_iter()
                        .flatten()
                        .collect(),
                };
                verdict.insert(part.as_str().into(), wrong);
                let [Mismatch::Verdict { action: at, part: of, .. }] = run(&other)[..] else { panic!("{other}") };
                assert_eq!((at, of), (action, part));
                // One less: the list is expected to be empty.
                if part != Part::Verdict {
                    let mut other = scenario.clone();
                    let verdict = other["verdicts"][action.as_str()].as_object_mut().expect("a verdict");
                    let was_there = verdict.remove(part.as_str()).is_some();
                    assert_eq!(run(&other).len(), usize::from(was_there), "{other}");
                }
            }
        }
    }
}

/// Which rules were exercised, by the reference evaluator's account of all 79 scenarios.
#[test]
fn coverage_is_that_of_an_independent_count() {
    let policy = support::policy();
    let suite = read(POLICY);
    let report = suite.run(Rulebook::partner_center());
    let mut at_work = vec![0; policy.rules.len()];
    let mut only_fired = at_work.clone();
    for (_, scenario) in suite.scenarios() {
        let facts = scenario.case.facts(scenario.as_of);
        let in_force = policy.in_force(&scenario.as_of.date_naive().to_string());
        let possible: [u16; 11] = std::array::from_fn(|at| {
            let values = csp_multichannel::Fact::ALL[at].values().iter().enumerate();
            values.filter(|&(_, value)| facts.values().contains(value)).fold(0, |bits, (at, _)| bits | 1 << at)
        });
        let outcomes = policy.evaluate_unknown(&in_force, &possible).expect("a possible case");
        let working = outcomes.iter().fold(0, |bits, of_action| {
            bits | of_action.outcome.rules | of_action.outcome.requirements | of_action.outcome.advice
        });
        // Whatever the facts turn out to be, the rule fires: it admits all that is possible. Of the values of service and term
        // that are left each occurs in a case.
        let fires =
            |rule: &support::reference::Rule| rule.condition.iter().zip(possible).all(|(of, left)| left & !of == 0);
        for at in in_force {
            match () {
                () if working >> at & 1 == 1 => at_work[at] += 1,
                () if fires(&policy.rules[at]) => only_fired[at] += 1,
                () => {}
            }
        }
    }
    let found: Vec<_> =
        report.coverage().rules().iter().map(|of| (of.rule().id(), of.at_work(), of.only_fired())).collect();
    let expected: Vec<_> =
        (0..policy.rules.len()).map(|at| (policy.rules[at].id.as_str(), at_work[at], only_fired[at])).collect();
    assert_eq!(found, expected);

    // Each rule is exercised in one way.
    let with = |exercise| report.coverage().with(exercise).map(Rule::id).collect::<BTreeSet<_>>();
    let all: Vec<_> = Exercise::ALL.iter().flat_map(|&exercise| with(exercise)).collect();
    assert_eq!((all.len(), all.iter().collect::<BTreeSet<_>>().len()), (65, 65));
    let text = "\
scenarios: 79 as expected, 0 otherwise, 0 refused
rules: 44 decided, 16 advised, 3 only fired, 2 never fired
  only fired: no-migration-path, channels-coexist, traditional-license-transfer
  never fired: subscription-deleted, license-request-china";
    assert_eq!(report.to_string(), text);
}

/// A few lines about Azure from the Open program, of which some are as the policy has it.
fn about_open() -> String {
    let case = json!({"id": "open-1", "channel": "open", "service": "azure", "cloud": "public", "partner": "direct_bill",
        "relationship": "active", "customer": "end_customer", "market": "same", "status": "active"});
    let recreated = json!({"verdict": "allowed", "rules": ["azure-recreate"], "advice": ["channels-coexist"]});
    let line = |case: &Value, verdicts: Value| json!({"why": "as the policy has it", "as_of": "2026-06-01", "edition": "2026-05-04", "case": case, "verdicts": verdicts});
    let mut deleted = case.clone();
    deleted["id"] = json!("open-2");
    deleted["status"] = json!("deleted");
    [
        line(&case, json!({"recreate_and_cancel": recreated, "switch": {"verdict": "denied", "rules": ["azure-no-partner-to-switch-from"]}})),
        line(&deleted, json!({"recreate_and_cancel": {"verdict": "denied", "rules": ["subscription-deleted"]}})),
    ]
    .map(|line| line.to_string())
    .join("\n")
}

#[test]
fn on_a_changed_rulebook_the_differences_are_told_in_a_few_lines() {
    let letter = Rule::new("open-needs-a-letter", Effect::Require, Action::RecreateAndCancel, day("2026-01-01"))
        .when(Channel::Open)
        .with_requirement("letter_of_release");
    let with_letter = Overlay::new().adding(letter).onto(Rulebook::partner_center()).expect("a rulebook");
    let suite = read(about_open());
    let report = suite.run(&with_letter);
    assert!(!report.is_success());
    let [failure] = report.failures() else { panic!("{report}") };
    assert_eq!((failure.line(), failure.scenario().case.id.as_str()), (1, "open-1"));
    let text = "\
line 1, open-1 as of 2026-06-01T00:00:00Z: as the policy has it
  recreate_and_cancel verdict: expected allowed, found conditional
  recreate_and_cancel requirements: expected none, found letter_of_release";
    assert_eq!(failure.to_string(), text);

    let further_down = read(format!("\n\n{}", about_open()));
    assert_eq!(further_down.run(&with_letter).failures().first().map(Failure::line), Some(3));

    // Only actions of which something is expected count.
    let exercised = |report: &Report<'_>, exercise| {
        report.coverage().with(exercise).map(|rule| rule.id().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(
        exercised(&report, Exercise::Decided),
        ["azure-no-partner-to-switch-from", "subscription-deleted", "azure-recreate", "open-needs-a-letter"]
    );
    assert_eq!(exercised(&report, Exercise::Advised), ["channels-coexist"]);
    // Fired on an action that is looked at, and came to nothing.
    assert_eq!(exercised(&report, Exercise::OnlyFired), ["current-partner-starts", "access-stays-behind"]);
    let counts: BTreeMap<_, _> =
        report.coverage().rules().iter().map(|of| (of.rule().id(), (of.at_work(), of.only_fired()))).collect();
    assert_eq!((counts["azure-recreate"], counts["subscription-deleted"], counts["no-term"]), ((1, 1), (1, 0), (0, 0)));

    let summary = "scenarios: 1 as expected, 1 otherwise, 0 refused\nrules: 4 decided, 1 advised, 2 only fired, 59 never fired\n  \
                   only fired: current-partner-starts, access-stays-behind\n  never fired: not-bought-elsewhere, ";
    assert!(report.to_string().starts_with(&format!("{text}\n{summary}")), "{report}");

    // A rule that replaces another, another edition, and one that begins later.
    let narrower = Rule::new("public-only", Effect::Permit, Action::RecreateAndCancel, day("2026-05-20"))
        .when(Service::USAGE_BASED);
    let replaced =
        Overlay::new().replacing(["azure-recreate"], narrower).onto(Rulebook::partner_center()).expect("a rulebook");
    assert_eq!(
        suite.run(&replaced).failures().iter().map(ToString::to_string).collect::<Vec<_>>(),
        [
            "line 1, open-1 as of 2026-06-01T00:00:00Z: as the policy has it\n  \
             edition: expected 2026-05-04, found 2026-05-20\n  \
             recreate_and_cancel rules: expected azure-recreate, found public-only",
            "line 2, open-2 as of 2026-06-01T00:00:00Z: as the policy has it\n  \
             edition: expected 2026-05-04, found 2026-05-20",
        ]
    );
    let later =
        Rulebook::new([Rule::new("later", Effect::Permit, Action::Switch, day("2027-01-01"))]).expect("a rulebook");
    let report = suite.run(&later);
    let early =
        "edition: no rule is in force at 2026-06-01T00:00:00Z, expected an instant at or after 2027-01-01T00:00:00Z";
    assert!(report.failures().iter().all(|failure| failure.mismatches().iter().map(ToString::to_string).eq([early])));
    assert_eq!(report.failures().len(), 2);
    assert_eq!(
        report.coverage().to_string(),
        "rules: 0 decided, 0 advised, 0 only fired, 1 never fired\n  never fired: later"
    );
}

#[test]
fn what_is_not_written_down_is_not_looked_at_and_order_does_not_matter() {
    let mut scenario: Value = serde_json::from_str(about_open().lines().next().expect("a line")).expect("JSON");
    let fields = scenario.as_object_mut().expect("an object");
    fields.remove("why");
    fields.remove("edition");
    scenario["verdicts"] = json!({"switch": {"verdict": "denied", "rules": ["azure-no-partner-to-switch-from"]}});
    assert!(read(scenario.to_string()).run(Rulebook::partner_center()).is_success());

    scenario["as_of"] = json!("2018-09-15T02:00:00+02:00");
    scenario["case"] =
        json!({"id": "s", "service": "license", "channel": "open", "market": "other", "cloud": "public"});
    scenario["verdicts"] =
        json!({"switch": {"verdict": "denied", "rules": ["transfer-other-market", "license-no-switch"]}});
    let suite = read(scenario.to_string());
    assert_eq!(suite.scenarios().next().map(|(_, scenario)| scenario.as_of), parse_instant("2018-09-15").ok());
    assert!(suite.run(Rulebook::partner_center()).is_success());
    // But how often does.
    scenario["verdicts"]["switch"]["rules"] = json!(["license-no-switch", "license-no-switch"]);
    let report = suite_of(&scenario);
    let text = report.run(Rulebook::partner_center()).failures()[0].to_string();
    assert!(
        text.ends_with("expected license-no-switch, license-no-switch, found license-no-switch, transfer-other-market"),
        "{text}"
    );

    // With unknown facts: what is possible, and on what it turns.
    scenario["case"] = json!({"id": "s", "service": "azure", "channel": "other_csp_partner", "cloud": "public"});
    scenario["verdicts"] = json!({"switch": {"verdict": "undetermined", "possible": ["denied", "conditional", "allowed"],
        "depends_on": ["market", "partner", "customer", "relationship"]}});
    assert!(suite_of(&scenario).run(Rulebook::partner_center()).is_success());
}

fn suite_of(scenario: &Value) -> Suite {
    serde_json::from_value::<Scenario>(scenario.clone()).into_iter().collect()
}

#[test]
fn nothing_that_was_run_is_no_success() {
    for lines in ["", "\n\n", "no scenario"] {
        assert!(!read(lines).run(Rulebook::partner_center()).is_success(), "{lines:?}");
    }
    let report = Suite::default();
    let report = report.run(Rulebook::partner_center());
    assert!(
        report.to_string().starts_with("scenarios: 0 as expected, 0 otherwise, 0 refused\nrules: 0 decided, "),
        "{report}"
    );
}

#[test]
fn bad_lines_are_refused_and_do_not_cost_the_others() {
    let good = about_open();
    let good: Vec<&str> = good.lines().collect();
    let lines = [
        b"\xef\xbb\xbf".as_slice(),
        good[0].as_bytes(),
        b"\r\n\r\n \t\n{\"as_of\": \"2026-06-01\"\n\xff\xfe\n",
        good[1].as_bytes(),
        b" trailing\n[]\n",
        good[1].as_bytes(),
    ]
    .concat();
    let suite = read(lines);
    assert_eq!(
        suite.scenarios().map(|(line, scenario)| (line, scenario.case.id.as_str())).collect::<Vec<_>>(),
        [(1, "open-1"), (8, "open-2")]
    );
    assert_eq!(suite.refused().iter().map(|refused| refused.line).collect::<Vec<_>>(), [4, 5, 6, 7]);
    let report = suite.run(Rulebook::partner_center());
    assert!(!report.is_success() && report.failures().is_empty());
    assert!(
        report
            .to_string()
            .starts_with("line 4: EOF while parsing an object at line 1 column 22\nline 5: expected value"),
        "{report}"
    );
    assert!(report.to_string().contains("\nscenarios: 2 as expected, 0 otherwise, 4 refused\n"), "{report}");
}

#[test]
fn what_is_wrong_with_a_line_is_told() {
    let scenario: Value = serde_json::from_str(about_open().lines().next().expect("a line")).expect("JSON");
    let with = |field: &str, value: Value| {
        let mut scenario = scenario.clone();
        scenario[field] = value;
        refused(&scenario.to_string())
    };
    let without = |field: &str| {
        let mut scenario = scenario.clone();
        scenario.as_object_mut().expect("an object").remove(field);
        refused(&scenario.to_string())
    };
    for (found, expected) in [
        (
            refused(r#"["w", "2018-09-15", {"id": "s"}, null, {}]"#),
            "invalid type: sequence, expected a scenario as an object",
        ),
        (refused("5"), "invalid type: integer `5`, expected a scenario as an object"),
        (
            with("verdict", json!("denied")),
            "unknown field `verdict`, expected one of `why`, `as_of`, `case`, `edition`, `verdicts`",
        ),
        (with("why", json!(5)), "invalid type: integer `5`, expected a string"),
        (
            with("as_of", json!("15.9.2018")),
            "`15.9.2018` is no instant, expected a day such as `2018-09-15` or an RFC 3339",
        ),
        (with("as_of", json!(null)), "invalid type: null, expected a string"),
        (with("edition", json!("2018-9-13")), "`2018-9-13` is no day, expected one such as `2018-09-15`"),
        (with("case", json!({"id": "s", "channel": "opne"})), "`channel` is \"opne\", expected one of `direct`"),
        (with("case", json!({"channel": "open"})), "`id` is missing, expected a string"),
        (with("verdicts", json!({})), "no verdict is expected, expected one at least"),
        (
            with("verdicts", json!([])),
            "invalid type: sequence, expected an object with a verdict for each of some actions",
        ),
        (
            with("verdicts", json!({"swich": {"verdict": "denied"}})),
            "unknown action `swich`, expected one of `request_relationship`",
        ),
        (with("verdicts", json!({"switch": {"verdict": "no"}})), "unknown verdict `no`, expected one of `allowed`"),
        (with("verdicts", json!({"switch": {}})), "missing field `verdict`"),
        (
            with("verdicts", json!({"switch": {"verdict": "denied", "rule": []}})),
            "unknown field `rule`, expected one of `verdict`",
        ),
        (
            with("verdicts", json!({"switch": {"verdict": "denied", "rules": "r"}})),
            "invalid type: string \"r\", expected a sequence",
        ),
        (without("as_of"), "missing field `as_of`"),
        (without("case"), "missing field `case`"),
        (without("verdicts"), "missing field `verdicts`"),
    ] {
        assert!(found.starts_with(expected), "{found}");
    }
    let twice = r#"{"as_of": "2018-09-15", "as_of": "2018-09-15", "case": {"id": "s"}, "verdicts": {"switch": {"verdict": "denied"}}}"#;
    assert!(refused(twice).starts_with("duplicate field `as_of`"));
    let twice = r#"{"as_of": "2018-09-15", "case": {"id": "s"}, "verdicts": {"switch": {"verdict": "denied"}, "switch": {"verdict": "allowed"}}}"#;
    assert!(refused(twice).starts_with("`switch` is given twice, expected at most once"));
    // An absent edition and reason may be `null`.
    let mut null = scenario.clone();
    (null["why"], null["edition"]) = (Value::Null, Value::Null);
    assert!(read(null.to_string()).run(Rulebook::partner_center()).is_success());
}

/// What a terminal would obey is written so that it does not.
#[test]
fn no_text_of_a_scenario_reaches_a_terminal_as_it_is() {
    let scenario = json!({"why": "a\u{1b}[31m\nb", "as_of": "2018-09-15", "case": {"id": "\u{7}s"},
        "verdicts": {"switch": {"verdict": "denied", "rules": ["\u{1b}]0;x\u{7}"]}}});
    let lines = format!("{scenario}\n{{\"\\u001b[2J\": 1}}");
    let suite = read(lines);
    let report = suite.run(Rulebook::partner_center());
    assert_eq!((report.failures().len(), suite.refused().len()), (1, 1));
    let text = report.to_string();
    assert!(!text.replace('\n', "").contains(char::is_control), "{text:?}");
    assert!(text.contains(r"\u{7}s as of 2018-09-15T00:00:00Z: a\u{1b}[31m\nb"), "{text}");
}

#[test]
fn a_report_as_json() {
    let lines = format!("{}\n{{}}", about_open());
    let suite = read(lines);
    let early =
        Rulebook::new([Rule::new("later", Effect::Permit, Action::Switch, day("2027-01-01"))]).expect("a rulebook");
    let found = serde_json::to_value(suite.run(&early)).expect("JSON");
    let error = "no rule is in force at 2026-06-01T00:00:00Z, expected an instant at or after 2027-01-01T00:00:00Z";
    assert_eq!(found["failures"][1]["mismatches"], json!([{"part": "edition", "error": error}]));
    assert_eq!(found["coverage"], json!([{"rule": "later", "exercise": "never_fired", "at_work": 0, "only_fired": 0}]));
    assert_eq!(found["run"], json!(2));
    assert_eq!(found["refused"][0]["line"], json!(3));

    let rules = Rulebook::partner_center().rules().iter().filter(|rule| rule.id() != "azure-recreate").cloned();
    let without = Rulebook::new(rules.collect::<Vec<_>>()).expect("a rulebook");
    let mut line: Value = serde_json::from_str(about_open().lines().next().expect("a line")).expect("JSON");
    line["edition"] = json!("2026-05-03");
    let suite = suite_of(&line);
    let found = serde_json::to_value(&suite.run(&without).failures()[0]).expect("JSON");
    let part = |part: &str, expected: &[&str], found: &[&str]| json!({"action": "recreate_and_cancel", "part": part, "expected": expected, "found": found});
    assert_eq!(
        found,
        json!({"line": 1, "id": "open-1", "why": "as the policy has it", "as_of": "2026-06-01T00:00:00Z", "mismatches": [
            {"part": "edition", "expected": "2026-05-03", "found": "2026-05-04"},
            part("verdict", &["allowed"], &["not_covered"]),
            part("rules", &["azure-recreate"], &[]),
            part("advice", &["channels-coexist"], &[]),
        ]})
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    /// Whatever is in a file: no panic, and every line that is not blank is a scenario or refused.
    #[test]
    fn no_file_is_a_panic(cuts in prop::collection::vec((0..79_usize, any::<prop::sample::Index>(), any::<u8>()), 0..6), junk in prop::collection::vec(any::<u8>(), 0..40)) {
        let mut lines: Vec<Vec<u8>> = POLICY.lines().map(|line| line.as_bytes().to_vec()).collect();
        for (line, at, byte) in cuts {
            let at = at.index(lines[line].len());
            lines[line][at] = byte;
        }
        lines.push(junk);
        let text = lines.join(&b'\n');
        let suite = read(&text);
        let blank = |line: &&[u8]| line.trim_ascii().is_empty();
        let count = text.split(|&byte| byte == b'\n').filter(|line| !blank(line)).count();
        prop_assert_eq!(suite.scenarios().len() + suite.refused().len(), count);
        let report = suite.run(Rulebook::partner_center());
        prop_assert!(!report.to_string().replace('\n', "").contains(char::is_control));
    }
}

/// Nothing known: rules that fire in some cases only are not exercised by what is expected then.
#[test]
fn with_unknown_facts_only_what_is_certain_counts() {
    let scenario =
        json!({"as_of": "2018-09-15", "case": {"id": "s"}, "verdicts": {"switch": {"verdict": "undetermined"}}});
    let always = Rule::new("always", Effect::Advise, Action::Switch, day("2016-12-01"));
    let rulebook = Overlay::new().adding(always).onto(Rulebook::partner_center()).expect("a rulebook");
    let suite = suite_of(&scenario);
    let coverage = suite.run(&rulebook);
    assert!(coverage.coverage().with(Exercise::OnlyFired).map(Rule::id).eq(["always"]));
    assert_eq!(coverage.coverage().with(Exercise::NeverFired).count(), 65);
    assert_eq!(Facts::UNKNOWN, suite.scenarios().next().map(|(_, s)| s.case.facts(s.as_of)).expect("one"));
}
