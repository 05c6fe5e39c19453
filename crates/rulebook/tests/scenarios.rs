//! Scenarios: those of the policy, and those of the sample rulebooks.

use csp_multichannel::{Effect, Rulebook};
use csp_multichannel_rulebook::{
    CoverageLevel, RuleCoverage, ScenarioReport, Scenarios, from_json, from_toml,
};

/// The problems of a report, for a message.
fn problems(report: &ScenarioReport) -> Vec<String> {
    let failed = report.results.iter().filter(|result| !result.passed());
    let failed = failed.map(ToString::to_string);
    failed.chain(report.invalid.iter().map(ToString::to_string)).collect()
}

#[test]
fn the_scenarios_of_the_policy_pass() {
    let scenarios = Scenarios::read(include_str!("../../../tests/data/scenarios.jsonl"));
    let report = scenarios.run(Rulebook::partner_center());
    assert!(report.passed(), "{:#?}", problems(&report));
    assert!(report.results.len() >= 191, "{}", report.results.len());
    // Nearly every rule has an effect.
    let never = report.coverage.iter().filter(|rule| rule.level() != CoverageLevel::Counted);
    let never: Vec<&str> = never.map(|rule| &*rule.rule).collect();
    assert!(never.len() < report.coverage.len() / 20, "{never:?}");
}

#[test]
fn the_scenarios_of_the_samples_pass() {
    for (name, rulebook, scenarios, count) in [
        (
            "northwind",
            include_str!("data/northwind.toml"),
            include_str!("data/northwind-scenarios.jsonl"),
            21,
        ),
        ("shop", include_str!("data/shop.toml"), include_str!("data/shop-scenarios.jsonl"), 12),
        (
            "findings",
            include_str!("data/findings.toml"),
            include_str!("data/findings-scenarios.jsonl"),
            8,
        ),
    ] {
        let rulebook = from_toml(rulebook).unwrap();
        let report = Scenarios::read(scenarios).run(&rulebook);
        assert!(report.passed(), "{name}: {:#?}", problems(&report));
        assert_eq!(report.results.len(), count, "{name}");
        // The scenarios cover each rule of the sample.
        for rule in rulebook.rules().iter().filter(|rule| rule.rulebook() == Some(name)) {
            let coverage = report.coverage.iter().find(|of| of.rule == rule.id()).unwrap();
            let is_shown = coverage.level() != CoverageLevel::Never;
            assert!(is_shown && rule.effect() != Effect::Advise, "{name}: {}", rule.id());
        }
    }
}

/// Each named part of a decision is compared.
#[test]
fn what_differs_is_named() {
    let case =
        r#""as_of": "2026-11-27", "case": {"id": "a", "channel": "open", "service": "license"}"#;
    let run = |verdict: &str| {
        let line = format!(r#"{{{case}, "verdicts": {{"switch": {verdict}}}}}"#);
        let rulebook = from_toml(include_str!("data/northwind.toml")).unwrap();
        problems(&Scenarios::read(&line).run(&rulebook)).join("\n")
    };
    assert_eq!(run(r#"{"verdict": "denied"}"#), "");
    assert_eq!(run(r#"{"verdict": "denied", "rules": ["no-open-licenses"], "advice": []}"#), "");
    assert_eq!(
        run(r#"{"verdict": "allowed"}"#),
        "line 1, a: 1 difference\n  switch, verdict: expected allowed, found denied",
    );
    assert_eq!(
        run(
            r#"{"verdict": "denied", "rules": [], "requirements": ["letter_of_release"], "advice": ["x", "y"]}"#
        ),
        "line 1, a: 3 differences\n  \
         switch, rules: expected none, found no-open-licenses\n  \
         switch, requirements: expected letter_of_release, found none\n  \
         switch, advice: expected x, y, found none",
    );
    assert_eq!(
        run(r#"{"verdict": "denied", "possible": ["denied"], "depends_on": ["cloud"]}"#),
        "line 1, a: 2 differences\n  \
         switch, possible: expected denied, found none\n  \
         switch, depends_on: expected cloud, found none",
    );
    assert_eq!(
        run(r#"{"verdikt": "denied"}"#),
        "line 1: unknown field `verdikt`, expected one of `verdict`, `rules`, `requirements`, `advice`, \
         `possible`, `depends_on` at column 119",
    );
}

#[test]
fn lines_that_are_not_scenarios_do_not_lose_the_others() {
    let good = r#"{"as_of": "2026-11-27T12:00:00Z", "case": {"id": "a"}, "verdicts": {"switch": {"verdict": "undetermined"}}}"#;
    let text = format!(
        "\u{feff}{good}\n\nnothing\n{}\n{}\n{good}\r\n",
        good.replace("2026-11-27T12:00:00Z", "yesterday"),
        good.replace(r#"{"switch": {"verdict": "undetermined"}}"#, "{}"),
    );
    let twice = good.replace(
        r#""switch": {"verdict": "undetermined"}"#,
        r#""switch": {"verdict": "denied"}, "switch": {"verdict": "undetermined"}"#,
    );
    let refused = &Scenarios::read(&twice).invalid[0].error;
    assert!(refused.starts_with("`switch` is given twice, expected once"), "{refused}");
    let refused =
        &Scenarios::read(&good.replace(r#"{"switch": {"verdict": "undetermined"}}"#, "5"));
    let refused = &refused.invalid[0].error;
    assert!(
        refused.starts_with(
            "invalid type: integer `5`, expected an object with the expected verdict on some actions"
        ),
        "{refused}"
    );
    let list = r#"["w", "2026-11-27", null, {"id": "a"}, {"switch": {"verdict": "denied"}}]"#;
    for no_line in ["{", "[]", r#"["w", "2026-11-27"]"#, list] {
        let refused = &Scenarios::read(no_line).invalid[0].error;
        assert_eq!(refused, "not a scenario, expected a whole JSON object in each line");
    }
    for day in ["2026-8-20", "+12026-08-20", "2026-08-20T00:00:00Z"] {
        let dated = good.replace(r#""case""#, &format!(r#""edition": "{day}", "case""#));
        let refused = &Scenarios::read(&dated).invalid[0].error;
        let expected = format!("`{day}` is not a day, expected `edition` as a day");
        assert!(refused.starts_with(&expected), "{refused}");
    }
    let scenarios = Scenarios::read(&text);
    let lines: Vec<usize> = scenarios.scenarios.iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [1, 6]);
    let refused: Vec<String> = scenarios.invalid.iter().map(ToString::to_string).collect();
    assert_eq!(refused[0], "line 3: not a scenario, expected a whole JSON object in each line");
    assert!(
        refused[1].starts_with("line 4: invalid instant `yesterday`, expected a day"),
        "{}",
        refused[1]
    );
    assert!(refused[2].starts_with("line 5: no verdict, expected one"), "{}", refused[2]);
    let report = scenarios.run(Rulebook::partner_center());
    assert!(!report.passed());
    // Read back from JSON.
    let json = serde_json::to_string(&report).unwrap();
    assert_eq!(serde_json::from_str::<ScenarioReport>(&json).unwrap(), report);

    let early = Scenarios::read(&good.replace("2026-11-27", "2016-11-30"));
    assert_eq!(
        problems(&early.run(Rulebook::partner_center())),
        ["line 1, a: 1 difference\n  edition: expected an edition, from 2016-12-01 on, found none"],
    );
    assert!(!Scenarios::read("").run(Rulebook::partner_center()).passed(), "nothing is not a pass");
}

/// A rule counts where it has an effect on an action that the scenario names, and is in force.
#[test]
fn coverage_of_each_kind_of_rule() {
    let rulebook = from_json(
        r#"{"rules": [
        {"id": "permit", "effect": "permit", "actions": ["switch"], "when": {"region": "same"},
         "from": "2026-01-01", "reason": "x"},
        {"id": "require", "effect": "require", "actions": ["switch"], "when": {"channel": "open"},
         "requirement": "letter", "from": "2026-01-01", "reason": "x"},
        {"id": "advise", "effect": "advise", "actions": ["switch"], "when": {"channel": "open"},
         "from": "2026-01-01", "reason": "x"},
        {"id": "veto", "effect": "veto", "actions": ["switch"], "when": {"status": "deleted"},
         "from": "2026-01-01", "reason": "x"},
        {"id": "past", "effect": "forbid", "actions": ["switch"], "when": {"cloud": "china"},
         "from": "2026-01-01", "until": "2026-06-01", "reason": "x"},
        {"id": "unnamed", "effect": "permit", "actions": ["cancel_then_move"],
         "from": "2026-01-01", "reason": "x"}
    ]}"#,
    )
    .unwrap();
    let count = |as_of: &str, facts: &str, verdict: &str| -> Vec<(usize, usize)> {
        let line = format!(
            r#"{{"as_of": "{as_of}", "case": {{"id": "a", {facts}}}, "verdicts": {{"switch": {{"verdict": "{verdict}"}}}}}}"#
        );
        let report = Scenarios::read(&line).run(&rulebook);
        assert!(report.passed(), "{:?}", problems(&report));
        report.coverage.iter().map(|rule| (rule.counted, rule.applied)).collect()
    };
    let (counted, applied, neither) = ((1, 0), (0, 1), (0, 0));
    let open = r#""channel": "open", "region": "same", "cloud": "public", "status": "active""#;
    assert_eq!(
        count("2026-05-31", open, "conditional"),
        [counted, counted, counted, neither, neither, neither]
    );
    let deleted = open.replace("active", "deleted");
    assert_eq!(
        count("2026-05-31", &deleted, "denied"),
        [applied, applied, applied, counted, neither, neither]
    );
    let china = open.replace("public", "china");
    assert_eq!(
        count("2026-05-31", &china, "denied"),
        [applied, applied, applied, neither, counted, neither]
    );
    assert_eq!(
        count("2026-06-01", &china, "conditional"),
        [counted, counted, counted, neither, neither, neither]
    );
    let undetermined = r#""channel": "open", "cloud": "public", "status": "active""#;
    assert_eq!(count("2026-05-31", undetermined, "undetermined"), [neither; 6]);
    let direct = open.replace("open", "direct");
    assert_eq!(
        count("2026-05-31", &direct, "allowed"),
        [counted, neither, neither, neither, neither, neither]
    );

    let level = |counted, applied| {
        let of = serde_json::json!({"rule": "r", "counted": counted, "applied": applied});
        serde_json::from_value::<RuleCoverage>(of).unwrap().level()
    };
    assert_eq!(level(0, 0), CoverageLevel::Never);
    assert_eq!(level(0, 1), CoverageLevel::Applied);
    assert_eq!(level(1, 0), CoverageLevel::Counted);
    assert_eq!(level(2, 1), CoverageLevel::Counted);
}
