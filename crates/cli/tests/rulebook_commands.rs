//! `multichannel rulebook`: custom rulebooks are checked, analyzed, tested, compared and exported.

mod support;

use std::fs::{self, File};
use std::path::Path;
use std::process::{Child, Output};

use csp_multichannel::{Action, Edition, Rulebook, parse_instant};
use csp_multichannel_rulebook::{
    Analysis, FindingKind, ScenarioReport, Scenarios, Sql, analyze, analyze_edition,
    decision_table, decision_tables, from_json, from_toml, to_csv, to_dmn, to_markdown, to_sql,
};
use serde_json::{Value, json};
use support::{lines, program, run, text};

/// A rule of a rulebook without a base.
const SHOP: &str = r#"
[[rules]]
id = "switch"
effect = "permit"
actions = ["switch"]
when = { channel = "direct" }
from = 2026-01-01
reason = "we switch"
"#;

const LATER: &str = r#"
[[rules]]
id = "no-switch-abroad"
effect = "forbid"
actions = ["switch"]
when = { region = "other" }
from = 2027-01-01
reason = "from 2027 we sell at home only"
"#;

/// Characters, as JSON, that control a terminal, change the text direction, begin a line, or are
/// invalid in XML.
const HOSTILE: &str = r"\u001b[31m\u202e\n\u009b\u0000\uffff<b>";

/// The path of a sample.
fn sample(name: &str) -> String {
    format!("{}/../rulebook/tests/data/{name}", env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(path).expect(path)
}

/// A sample, read by the library.
fn rulebook(name: &str) -> Rulebook {
    from_toml(&read(&sample(name))).expect(name)
}

/// Writes a file for one test, and returns its path.
fn file(name: &str, content: impl AsRef<[u8]>) -> String {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("rulebook-commands");
    fs::create_dir_all(&directory).expect("a directory");
    let path = directory.join(name);
    fs::write(&path, content).expect("a file");
    path.to_str().expect("UTF-8").into()
}

/// Runs a subcommand without input, and expects an exit status.
fn output(arguments: &[&str], status: i32) -> Output {
    let output = program(&[&["rulebook"], arguments].concat()).output().expect("the program ends");
    assert_eq!(output.status.code(), Some(status), "{arguments:?}: {}", text(&output.stderr));
    assert_eq!(output.stderr.is_empty(), status != 2, "{arguments:?}: {}", text(&output.stderr));
    output
}

/// The output of a subcommand.
fn written(arguments: &[&str], status: i32) -> String {
    text(&output(arguments, status).stdout).into()
}

/// The output of a subcommand as JSON values.
fn records(arguments: &[&str], status: i32) -> Vec<Value> {
    lines(&output(&[arguments, &["--json"]].concat(), status))
}

/// The error of a subcommand that fails without output.
fn error(arguments: &[&str]) -> String {
    let output = output(arguments, 2);
    assert_eq!(text(&output.stdout), "", "{arguments:?}");
    text(&output.stderr).into()
}

fn in_one_line(printed: &str) -> String {
    printed.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn assert_narrow(printed: &str) {
    assert_ne!(printed, "");
    for line in printed.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
}

fn assert_harmless(printed: &str) {
    let harmful = |c: char| c.is_control() && c != '\n' || matches!(c, '\u{202e}' | '\u{ffff}');
    assert!(!printed.contains(harmful), "{printed:?}");
}

#[test]
fn check() {
    for (name, expected) in [
        ("northwind.toml", "valid, 127 rules (3 custom), 38 editions"),
        ("shop.toml", "valid, 3 rules, 2 editions"),
    ] {
        let path = sample(name);
        assert_eq!(written(&["check", &path], 0), format!("{path}: {expected}\n"));
    }
    let path = sample("northwind.toml");
    let record = json!({"file": path, "rules": 127, "custom": 3, "editions": 38});
    assert_eq!(records(&["check", &path], 0), [record]);
    let published = records(&["check", "partner_center"], 0);
    assert_eq!(
        (&published[0]["file"], &published[0]["custom"]),
        (&json!("partner_center"), &json!(0))
    );
}

#[test]
fn problems() {
    let path = sample("wrong.toml");
    let problems = read(&sample("wrong.txt"));
    let count = problems.lines().count();
    let mut expected = vec![format!("error: `{path}` is not a valid rulebook: {count} errors\n")];
    expected.extend(problems.lines().map(|problem| format!("{path}:{problem}\n")));
    let expected = expected.concat();
    assert_eq!(error(&["check", &path]), expected);
    let record = &lines(&output(&["check", &path, "--json"], 2))[0];
    assert_eq!(record["file"], path);
    let listed = record["errors"].as_array().expect("errors").iter().map(|problem| {
        let word = |field: &str| problem[field].as_str().expect("a text");
        format!("{}:{}: {}: {}", problem["line"], problem["column"], word("path"), word("message"))
    });
    assert!(listed.eq(problems.lines()));
    // Every other subcommand reports the same errors.
    let (right, scenarios) = (sample("veto.toml"), sample("veto-scenarios.jsonl"));
    for arguments in [
        &["analyze", &path][..],
        &["analyze", &right, "--baseline", &path],
        &["test", &path, &scenarios],
        &["diff", &path, &right],
        &["diff", &right, &path],
        &["export", &path, "--to", "json"],
    ] {
        assert_eq!(error(arguments), expected, "{arguments:?}");
    }
}

#[test]
fn unusable_files_and_arguments() {
    let (veto, binary) = (sample("veto.toml"), file("binary.toml", b"name = \"\xff\""));
    let (empty, before) = (file("empty.jsonl", "\n\n"), "2016-11-30");
    for (arguments, message) in [
        (&["check", "no-such.toml"][..], "error: can't read `no-such.toml`: "),
        (&["check", &binary], "has an invalid byte at offset 8, expected UTF-8"),
        (&["check"], "error: the following required arguments were not provided"),
        (&["analyze", &veto, "--baseline", "no-such.toml"], "can't read `no-such.toml`: "),
        (&["analyze", &veto, "--deny", "gaps"], "invalid value 'gaps' for '--deny <KIND>'"),
        (&["analyze", &veto, "--as-of", before], "no rule is in force at 2016-11-30T00:00:00Z"),
        (&["test", &veto], "error: the following required arguments were not provided"),
        (&["test", &veto, "no-such.jsonl"], "can't read `no-such.jsonl`: "),
        (&["test", &veto, &binary], "has an invalid byte at offset 8, expected UTF-8"),
        (&["test", &veto, &empty], "empty.jsonl` has no scenario, expected "),
        (&["diff", &veto], "error: the following required arguments were not provided"),
        (&["diff", &veto, "partner_center", "no-such.jsonl"], "can't read `no-such.jsonl`: "),
        (&["diff", &veto, &veto, "--as-of", before], "no rule is in force at 2016-11-30T00:00:00Z"),
        (&["diff", &veto, &veto, "--deny", "harmless"], "invalid value 'harmless'"),
        (&["export", &veto], "error: the following required arguments were not provided"),
        (&["export", &veto, "--to", "xml"], "invalid value 'xml' for '--to <FORM>'"),
        (&["export", &veto, "--to", "csv", "--as-of", before], "no rule is in force at"),
        (&["export", &veto, "--to", "csv", "-o", "/no/such/file"], "can't write `/no/such/file`: "),
        (&["approve", &veto], "error: unrecognized subcommand 'approve'"),
    ] {
        let error = error(arguments);
        assert!(error.starts_with("error: ") && error.contains(message), "{arguments:?}: {error}");
    }
}

#[test]
fn findings() {
    let path = sample("findings.toml");
    let new = &["analyze", &path, "--baseline", "partner_center"][..];
    let printed = written(new, 0);
    assert_narrow(&printed);
    let expected = "\
own-customers
  dead      `own-customers` never decides switch, since 2026-01-01: everywhere
            it is overridden by not-bought-elsewhere
            for example: channel: this_partner

every-license
  outranked `every-license` does not always decide switch, from 2026-01-01
            through 2026-05-03: sometimes it is overridden by
";
    assert!(printed.starts_with(expected), "{printed}");
    for expected in [
        "\n  duplicate `every-license-again` repeats every-license for switch, since\n",
        "\n  subsumed  `direct-license` does for switch what every-license does in more\n",
        "\n            for example: channel: direct; service: license; cloud: public\n",
        "\n\n9 findings: 2 dead, 4 outranked, 1 duplicate, 2 subsumed\n",
    ] {
        assert!(printed.contains(expected), "{expected}\n{printed}");
    }
    // Rules come in the order of the rulebook.
    let rules = ["own-customers", "every-license", "every-license-again", "direct-license"];
    let headings: Vec<&str> = printed.lines().filter(|line| rules.contains(line)).collect();
    assert_eq!(headings, rules);
    // JSON contains the findings of the library.
    let library =
        analyze(&rulebook("findings.toml")).new_since(&analyze(Rulebook::partner_center()));
    let record = &records(new, 0)[0];
    assert_eq!(serde_json::from_value::<Analysis>(record.clone()).expect("an analysis"), library);
    assert_eq!(record["denied"], 0);
    for kind in
        [FindingKind::Dead, FindingKind::Outranked, FindingKind::Duplicate, FindingKind::Subsumed]
    {
        let deny = [new, &["--deny", kind.as_str()]].concat();
        let count = library.findings.iter().filter(|finding| finding.kind == kind).count();
        assert!(count > 0);
        assert_eq!(written(&deny, 1), printed, "{kind}");
        assert_eq!(records(&deny, 1)[0]["denied"], count, "{kind}");
    }
    assert_eq!(written(&[new, &["--deny", "gap"]].concat(), 0), printed);
    let both = [new, &["--deny", "gap", "--deny", "dead", "--deny", "subsumed"]].concat();
    assert_eq!(records(&both, 1)[0]["denied"], 4);
}

#[test]
fn findings_of_one_edition() {
    let path = sample("findings.toml");
    let analysis = |arguments: &[&str]| -> Analysis {
        let record = records(&[&["analyze", &path], arguments].concat(), 0).remove(0);
        serde_json::from_value(record).expect("an analysis")
    };
    let rulebook = rulebook("findings.toml");
    let at = |day| analyze_edition(rulebook.edition_at(parse_instant(day).unwrap()).unwrap());
    let (early, late) = (at("2026-02-01"), at("2026-11-27"));
    assert_ne!(early, late);
    assert_eq!(analysis(&["--as-of", "2026-02-01"]), early);
    assert_eq!(analysis(&["--as-of", "2026-11-27"]), late);
    assert_eq!(analysis(&[]), analyze(&rulebook));
    let new = ["--baseline", "partner_center", "--as-of", "2026-11-27"];
    assert_eq!(analysis(&new), late.new_since(&analyze(Rulebook::partner_center())));
}

#[test]
fn gaps() {
    let path = sample("shop.toml");
    let printed = written(&["analyze", &path], 0);
    assert_narrow(&printed);
    assert!(
        printed.starts_with("  gap       no rule covers request_relationship, since 2026-01-01\n"),
        "{printed}"
    );
    assert!(
        printed.contains(
            "\n            other_csp_partner, former_csp_partner; region: same; status:\n            \
             suspended, deleted\n            for example: region: same; status: suspended\n"
        ),
        "{printed}"
    );
    assert!(printed.ends_with("\n\n6 findings: 6 gap\n"), "{printed}");
    assert_eq!(records(&["analyze", &path, "--deny", "gap"], 1)[0]["denied"], 6);
    // Compared with itself, a rulebook has no new findings.
    let same = ["analyze", &path, "--baseline", &path, "--deny", "gap"];
    assert_eq!(written(&same, 0), "no findings\n");
    assert_eq!(records(&same, 0), [json!({"findings": [], "denied": 0})]);
}

#[test]
fn scenarios() {
    let (northwind, right) = (sample("northwind.toml"), sample("northwind-scenarios.jsonl"));
    let count = read(&right).lines().count();
    let passed = format!("{right}: {count} passed, 0 failed, 0 invalid\n");
    assert_eq!(written(&["test", &northwind, &right], 0), passed);
    let (veto, one_fails) = (sample("veto.toml"), sample("veto-scenarios.jsonl"));
    let failed = format!(
        "{one_fails}:2: servers: Azure is not a license\n    \
         recreate_and_cancel, verdict: expected denied, found undetermined\n\
         {one_fails}: 1 passed, 1 failed, 0 invalid\n"
    );
    assert_eq!(written(&["test", &veto, &one_fails], 1), failed);
    // Invalid lines are reported among failed ones, and the rest is kept.
    let failing = read(&one_fails).lines().nth(1).expect("a line").to_owned();
    let mixed = file("mixed.jsonl", format!("no JSON\n\n{failing}\n{{\"verdict\": 1}}\n"));
    let printed = written(&["test", &veto, &mixed], 1);
    let places: Vec<&str> = printed.lines().filter_map(|line| line.strip_prefix(&*mixed)).collect();
    assert_eq!(places[0], ":1: not a scenario, expected a whole JSON object in each line");
    assert_eq!(places[1], ":3: servers: Azure is not a license");
    assert!(places[2].starts_with(":4: unknown field `verdict`, expected one of `why`, `as_of`"));
    assert_eq!(places[3], ": 0 passed, 1 failed, 2 invalid");
    assert_eq!(places.len(), 4);
    // An invalid line alone fails the test.
    let refused = file("refused.jsonl", "no JSON");
    let printed = written(&["test", &veto, &refused], 1);
    assert!(printed.ends_with(": 0 passed, 0 failed, 1 invalid\n"), "{printed}");
    // Files come in the order of the arguments.
    let veto_passes = file("passes.jsonl", read(&one_fails).lines().next().expect("a line"));
    let both = written(&["test", &veto, &one_fails, &veto_passes], 1);
    assert_eq!(both, format!("{failed}{veto_passes}: 1 passed, 0 failed, 0 invalid\n"));
    for (name, passed, failed, found) in [
        ("northwind", count, 0, records(&["test", &northwind, &right], 0)),
        ("veto", 1, 1, records(&["test", &veto, &one_fails, &veto_passes], 1)),
    ] {
        let rulebook = rulebook(&format!("{name}.toml"));
        let path = sample(&format!("{name}-scenarios.jsonl"));
        let record = &found[0];
        assert_eq!(record["file"], path);
        assert_eq!((&record["passed"], &record["failed"]), (&json!(passed), &json!(failed)));
        let report: ScenarioReport = serde_json::from_value(record.clone()).expect("a report");
        assert_eq!(report, Scenarios::read(&read(&path)).run(&rulebook));
    }
    let found = records(&["test", &veto, &one_fails, &veto_passes], 1);
    assert_eq!((found.len(), &found[1]["file"]), (2, &json!(veto_passes)));
}

#[test]
fn coverage() {
    let (northwind, path) = (sample("northwind.toml"), sample("northwind-scenarios.jsonl"));
    let printed = written(&["test", &northwind, &path, "--coverage"], 0);
    assert!(
        printed.contains("\n3 custom rules counted (decided, required or advised)\n"),
        "{printed}"
    );
    // In each file another rule counts: two together.
    let all = read(&path);
    let with = |rule: &str| {
        let rule = format!("\"rules\": [\"{rule}\"]");
        all.lines().find(|line| line.contains(&rule)).expect("a scenario").to_owned()
    };
    let one = file("coverage-1.jsonl", with("no-open-licenses"));
    let two = file("coverage-2.jsonl", with("azure-recreate-public"));
    let covered = |files: &[&str]| {
        let printed = written(&[&["test", &*northwind], files, &["--coverage"]].concat(), 0);
        let after = printed.lines().skip(files.len()).collect::<Vec<_>>().join("\n");
        assert_narrow(&after);
        after
    };
    assert_eq!(
        covered(&[&one]),
        "1 custom rule counted (decided, required or advised)\n\
         2 custom rules never applied\n    azure-recreate-public, open-needs-a-letter"
    );
    let of_both = covered(&[&one, &two]);
    assert!(!of_both.contains("no-open-licenses") && !of_both.contains("azure-recreate-public"));
    // Without a base all rules count.
    let (shop, scenarios) = (sample("shop.toml"), sample("shop-scenarios.jsonl"));
    let printed = written(&["test", &shop, &scenarios, "--coverage"], 0);
    assert!(printed.contains("\n3 rules counted (decided, required or advised)\n"), "{printed}");
}

#[test]
fn junit() {
    let (veto, scenarios) = (sample("veto.toml"), sample("veto-scenarios.jsonl"));
    let refused = file("junit.jsonl", "no JSON\n");
    let path = file("junit.xml", "");
    let printed = written(&["test", &veto, &scenarios, &refused, "--junit", &path], 1);
    assert_eq!(printed, written(&["test", &veto, &scenarios, &refused], 1));
    let xml = read(&path);
    let document = roxmltree::Document::parse(&xml).expect("XML");
    let root = document.root_element();
    let counts = |node: &roxmltree::Node<'_, '_>| {
        ["tests", "failures", "errors"].map(|name| node.attribute(name).map(str::to_owned))
    };
    let numbers = |numbers: [&str; 3]| numbers.map(|number| Some(number.to_owned()));
    assert_eq!(root.attribute("name"), Some(&*veto));
    assert_eq!(counts(&root), numbers(["3", "1", "1"]));
    let suites: Vec<_> = root.children().filter(|node| node.has_tag_name("testsuite")).collect();
    assert_eq!(suites.len(), 2);
    assert_eq!(suites[0].attribute("name"), Some(&*scenarios));
    assert_eq!(counts(&suites[0]), numbers(["2", "1", "0"]));
    assert_eq!(counts(&suites[1]), numbers(["1", "0", "1"]));
    let cases: Vec<_> = root.descendants().filter(|node| node.has_tag_name("testcase")).collect();
    let names = cases.iter().map(|case| (case.attribute("name"), case.attribute("line")));
    assert_eq!(
        names.collect::<Vec<_>>(),
        [
            (Some("seats: never, whatever the policy says"), Some("1")),
            (Some("servers: Azure is not a license"), Some("2")),
            (Some("line 1"), None),
        ]
    );
    assert!(cases[0].children().all(|node| node.is_text()));
    let message = |case: &roxmltree::Node<'_, '_>, tag| {
        let node = case.children().find(|node| node.has_tag_name(tag)).expect("an element");
        node.attribute("message").map(str::to_owned)
    };
    assert_eq!(
        message(&cases[1], "failure").as_deref(),
        Some("recreate_and_cancel, verdict: expected denied, found undetermined")
    );
    assert_eq!(
        message(&cases[2], "error").as_deref(),
        Some("not a scenario, expected a whole JSON object in each line")
    );
    // No input is overwritten.
    let kept = file("junit-kept.jsonl", read(&scenarios));
    let kept_rulebook = file("junit-kept.toml", read(&veto));
    for path in [&kept, &kept_rulebook] {
        let error = error(&["test", &kept_rulebook, &kept, "--junit", path]);
        assert!(error.contains("is already an input or output, expected another name"), "{error}");
    }
    assert_eq!((read(&kept), read(&kept_rulebook)), (read(&scenarios), read(&veto)));
}

#[test]
fn kinds_of_changes() {
    let old = file("old.toml", SHOP);
    let second = r#"
        [[rules]]
        id = "cancel"
        effect = "permit"
        actions = ["cancel_then_move"]
        from = 2026-01-01
        reason = "we cancel"
    "#;
    let variants = [
        ("none", format!("# The same.\n{SHOP}"), "no rules ended, no rules began"),
        ("wording", SHOP.replace("we switch", "we do it"), "1 rule ended, 1 rule began"),
        ("additive", format!("{SHOP}{second}"), "no rules ended, 1 rule began"),
        ("breaking", SHOP.replace("permit", "forbid"), "1 rule ended, 1 rule began"),
    ];
    for (place, (kind, content, counts)) in variants.iter().enumerate() {
        let new = file(&format!("{kind}.toml"), content);
        let diff = ["diff", &old, &new, "--as-of", "2026-11-27"];
        let printed = written(&diff, 0);
        let lead = format!("From {old} to {new}, as of 2026-11-27: {counts} ");
        assert!(in_one_line(&printed).starts_with(&lead), "{printed}");
        assert!(printed.ends_with(&format!("\n\n{kind}\n")), "{printed}");
        let unchanged = printed.contains("\nNo case is decided differently.\n");
        assert_eq!(unchanged, place < 2, "{printed}");
        let found = records(&diff, 0);
        assert_eq!(found.len(), 2);
        assert_eq!((&found[0]["kind"], &found[1]), (&json!(kind), &json!({"kind": kind})));
        // A change is denied by its own kind, and by each weaker one.
        for (denied, (word, ..)) in variants.iter().enumerate().skip(1) {
            let deny = [&diff[..], &["--deny", word]].concat();
            assert_eq!(written(&deny, i32::from(denied <= place)), printed, "{kind} {word}");
        }
    }
    let breaking = written(&["diff", &old, &file("breaking-too.toml", &variants[3].1)], 0);
    let expected = "\nswitch: was allowed, is denied\n  where channel: direct\n";
    assert!(breaking.contains(expected), "{breaking}");
}

#[test]
fn later_days() {
    let old = file("now.toml", SHOP);
    let new = file("later.toml", format!("{SHOP}{LATER}"));
    let diff = |as_of| {
        let arguments = ["diff", &old, &new, "--as-of", as_of];
        let found = records(&arguments, 0);
        let days = found.iter().filter_map(|record| record["to"].as_str().map(str::to_owned));
        let kinds = found.iter().filter_map(|record| record["kind"].as_str().map(str::to_owned));
        let printed = written(&arguments, 0);
        (days.collect::<Vec<_>>().join(" "), kinds.collect::<Vec<_>>().join(" "), printed)
    };
    let (days, kinds, printed) = diff("2026-11-27");
    assert_eq!((&*days, &*kinds), ("2026-01-01 2027-01-01", "none breaking breaking"));
    let lead = ", as of 2027-01-01: no rules ended, 1 rule began";
    assert!(in_one_line(&printed).contains(lead), "{printed}");
    assert!(printed.contains("\n+ no-switch-abroad\n    forbid switch, where region: other\n"));
    assert!(printed.ends_with("\n\nbreaking\n"), "{printed}");
    let (days, kinds, _) = diff("2027-06-01");
    assert_eq!((&*days, &*kinds), ("2027-01-01", "breaking breaking"));
    // The whole change is denied.
    written(&["diff", &old, &new, "--as-of", "2026-11-27", "--deny", "breaking"], 1);
    // The days are those of either rulebook.
    let back = records(&["diff", &new, &old, "--as-of", "2026-11-27"], 0);
    assert_eq!(back.len(), 3);
    assert_eq!(back[1]["ended"][0]["id"], "no-switch-abroad");
}

#[test]
fn portfolios() {
    let (veto, cases) = (sample("veto.toml"), sample("portfolio.jsonl"));
    let with_refused =
        file("portfolio.jsonl", read(&cases) + "{\"id\":\"x\",\"cloud\":\"publik\"}\n");
    let as_of = ["--as-of", "2026-11-27"];
    let diff = |cases: &'_ str, others: &[&str], status| {
        let arguments = [&["diff", "partner_center", &*veto, cases][..], &as_of, others].concat();
        (written(&arguments, status), records(&arguments, status))
    };
    let (printed, found) = diff(&cases, &[], 0);
    let expected = "
seats
    recreate and cancel: was not covered, is denied
    wait until term end: was allowed, is denied
1 of 2 subscriptions changed as of 2026-11-27, 0 invalid

breaking
";
    assert!(printed.ends_with(expected), "{printed}");
    assert_narrow(&printed.lines().skip(2).collect::<Vec<_>>().join("\n"));
    assert_eq!(found.len(), 3);
    assert_eq!(found[1]["id"], "seats");
    let changes = found[1]["changes"].as_array().expect("changes").iter();
    let changes: Vec<Value> =
        changes.map(|of| json!([of["action"], of["before"], of["after"]])).collect();
    assert_eq!(
        json!(changes),
        json!([
            ["recreate_and_cancel", "not_covered", "denied"],
            ["wait_until_term_end", "allowed", "denied"],
        ])
    );
    let whole = json!({"kind": "breaking", "compared": 2, "changed": 1, "invalid": 0});
    assert_eq!(found[2], whole);
    // An invalid record gets an error record in its place.
    let (printed, found) = diff(&with_refused, &[], 1);
    assert!(printed.contains("\nline 3 (x) is invalid: unknown cloud `publik`, expected one of"));
    assert!(
        printed.contains("\n1 of 2 subscriptions changed as of 2026-11-27, 1 invalid\n"),
        "{printed}"
    );
    assert_eq!((&found[2]["id"], &found[2]["line"]), (&json!("x"), &json!(3)));
    assert_eq!(found[3]["invalid"], 1);
    // The portfolio is compared as of the instant: in 2025 the rule is not in force yet.
    let arguments = ["diff", "partner_center", &veto, &cases, "--as-of", "2025-11-27"];
    assert_eq!(records(&arguments, 0).pop().expect("the whole")["changed"], 0);
    diff(&cases, &["--deny", "breaking"], 1);
}

/// The order of rules does not matter.
#[test]
fn the_order_of_rules_is_no_change() {
    let rule = |id: &str, effect: &str| {
        format!(
            "[[rules]]\nid = \"{id}\"\n{effect}\nactions = [\"switch\"]\nfrom = 2026-01-01\n\
             reason = \"so\"\n"
        )
    };
    let permit = rule("permit", "effect = \"permit\"");
    let [one, two] =
        ["one", "two"].map(|id| rule(id, &format!("effect = \"require\"\nrequirement = \"{id}\"")));
    let old = file("order-old.toml", format!("{permit}{one}{two}"));
    let new = file("order-new.toml", format!("{permit}{two}{one}"));
    let cases = sample("portfolio.jsonl");
    let both =
        |old: &str, new: &str| records(&["diff", old, new, &cases], 0).pop().expect("the whole");
    let expected = json!({"kind": "none", "compared": 2, "changed": 0, "invalid": 0});
    assert_eq!(both(&old, &new), expected);
    // A missing requirement is a change.
    let fewer = file("order-fewer.toml", format!("{permit}{two}"));
    assert_eq!(both(&old, &fewer)["changed"], 2);
    assert_eq!(both(&fewer, &old)["changed"], 2);
}

#[test]
fn differences_are_narrow() {
    let northwind = sample("northwind.toml");
    let cases = sample("portfolio.jsonl");
    let arguments = ["diff", "partner_center", &northwind, &cases, "--as-of", "2026-11-27"];
    let printed = written(&arguments, 0);
    // Only the name of the file can be longer.
    let (_, after) = printed.split_once("\n\n").expect("the difference");
    assert_narrow(after);
    let expected = "
recreate and cancel: was conditional on active_relationship, is conditional on
  active_relationship, letter_of_release
  where channel: open; service: azure, azure_plan; cloud: public; partner:
";
    assert!(after.contains(expected), "{after}");
}

#[test]
fn exported_data_reads_back_equal() {
    for name in ["northwind.toml", "shop.toml", "findings.toml"] {
        let (path, rulebook) = (sample(name), rulebook(name));
        let toml = written(&["export", &path, "--to", "toml"], 0);
        assert_eq!(from_toml(&toml).expect(name), rulebook);
        let json = written(&["export", &path, "--to", "json"], 0);
        assert_eq!(from_json(&json).expect(name), rulebook);
        assert_eq!(json.lines().last(), Some("}"));
        // Round trip.
        let exported = file(&format!("exported-{name}.json"), &json);
        let last = records(&["diff", &path, &exported], 0).pop();
        assert_eq!(last, Some(json!({"kind": "none"})));
    }
    let published = written(&["export", "partner_center", "--to", "toml"], 0);
    assert_eq!(&from_toml(&published).expect("the policy"), Rulebook::partner_center());
}

#[test]
fn exported_tables() {
    let (path, northwind) = (sample("northwind.toml"), rulebook("northwind.toml"));
    let export = |others: &[&str]| written(&[&["export", &path, "--to"][..], others].concat(), 0);
    let tables = |editions: &[Edition<'_>], actions: &[Action]| -> Vec<_> {
        let of = |&action| decision_tables(editions.iter().copied(), action);
        actions.iter().flat_map(of).collect()
    };
    let all: Vec<Edition<'_>> = northwind.editions().collect();
    let one = northwind.edition_at(parse_instant("2026-11-27").unwrap()).unwrap();
    assert_eq!(export(&["markdown"]), to_markdown(&tables(&all, Action::ALL)));
    assert_eq!(export(&["csv"]), to_csv(&tables(&all, Action::ALL)));
    let as_of = ["--as-of", "2026-11-27"];
    let markdown = export(&[&["markdown"][..], &as_of].concat());
    assert_eq!(markdown, to_markdown(&tables(&[one], Action::ALL)));
    // Actions are written in their fixed order, each once.
    let some = [Action::Switch, Action::CancelThenMove];
    let of = ["--action", "cancel_then_move", "--action", "switch", "--action", "switch"];
    assert_eq!(export(&[&["csv"][..], &as_of, &of].concat()), to_csv(&tables(&[one], &some)));
    for (arguments, actions) in [(&[][..], Action::ALL), (&of, &some)] {
        let tables: Vec<_> = actions.iter().map(|&action| decision_table(one, action)).collect();
        let dmn = export(&[&["dmn"][..], &as_of, arguments].concat());
        assert_eq!(dmn, to_dmn(one, &tables));
        let document = roxmltree::Document::parse(&dmn).expect("XML");
        let decisions =
            document.descendants().filter(|node| node.tag_name().name() == "decisionTable").count();
        assert_eq!(decisions, actions.len());
    }
    for form in ["toml", "json"] {
        for option in [&as_of[..], &["--action", "switch"]] {
            let error = error(&[&["export", &path, "--to", form], option].concat());
            let expected = "error: `--as-of` and `--action` are for decision tables, expected neither with `--to toml` or `--to json`\n";
            assert_eq!(error, expected);
        }
    }
}

/// The results of the query are compared with the library in `tests/sql`.
#[test]
fn exported_sql() {
    let path = sample("northwind.toml");
    let sql = ["export", &path, "--to", "sql"];
    let northwind = rulebook("northwind.toml");
    let at = parse_instant("2026-11-27T12:00:00Z").unwrap();
    let edition = northwind.edition_at(at).unwrap();
    let as_of = ["--as-of", "2026-11-27T12:00:00Z"];
    assert_eq!(written(&[&sql[..], &as_of].concat(), 0), to_sql(edition, &Sql::new()));
    let all = ["--table", "lake.\"c\".x", "--view", "v\"; --", "--reasons", "--dates"];
    let printed = written(&[&sql[..], &as_of, &all].concat(), 0);
    let options = Sql::new().from_table("lake.\"c\".x").as_view("v\"; --").with_reasons();
    assert_eq!(printed, to_sql(edition, &options.with_dates_at(at)));
    // Quotes in names are escaped.
    assert!(printed.contains("CREATE VIEW \"v\"\"; --\" AS\n"), "{printed}");
    assert!(printed.contains("FROM \"lake\".\"\"\"c\"\"\".\"x\" t\n"), "{printed}");
    assert!(printed.contains("2026-11-27 12:00:00"));

    for option in [&["--table", "t"][..], &["--view", "v"], &["--reasons"], &["--dates"]] {
        let error = error(&[&["export", &path, "--to", "csv"], option].concat());
        let expected = format!("error: `{}` is for SQL only, expected `--to sql`\n", option[0]);
        assert_eq!(error, expected);
    }
    assert_eq!(
        error(&[&sql[..], &["--action", "switch"]].concat()),
        "error: `--action` is for decision tables, expected none with `--to sql`, which has all actions\n"
    );
}

#[test]
fn exports_do_not_overwrite_the_rulebook() {
    let path = file("kept.toml", SHOP);
    let written_to = file("written.json", "what was there before, and is longer than nothing");
    assert_eq!(written(&["export", &path, "--to", "json", "--output", &written_to], 0), "");
    assert_eq!(read(&written_to), written(&["export", &path, "--to", "json"], 0));
    let directory = Path::new(&path).parent().expect("a directory");
    let detour = directory.join(".").join("kept.toml");
    for output in [&*path, detour.to_str().expect("UTF-8"), "-"] {
        let error = error(&["export", &path, "--to", "json", "-o", output]);
        assert!(
            error.ends_with("is already an input or output, expected another name\n"),
            "{error}"
        );
    }
    let arguments = ["rulebook", "export", "-", "--to", "json", "-o", &path];
    let input = File::open(&path).expect("a file");
    let output = program(&arguments).stdin(input).output().expect("the program ends");
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(read(&path), SHOP);
}

#[test]
fn standard_input() {
    let path = file("piped.toml", SHOP);
    let scenario = r#"{"as_of":"2026-11-27","case":{"id":"a"},"verdicts":{"switch":{"verdict":"undetermined"}}}"#;
    let (scenarios, cases) = (file("piped.jsonl", scenario), sample("portfolio.jsonl"));
    for arguments in [
        &["check", &path][..],
        &["check", &path, "--json"],
        &["analyze", &path],
        &["analyze", "partner_center", "--baseline", &path],
        &["test", &path, &scenarios],
        &["test", &path, &scenarios, "--json"],
        &["diff", &path, "partner_center"],
        &["diff", "partner_center", &path],
        &["export", &path, "--to", "csv"],
    ] {
        let expected = written(arguments, 0).replace(&path, "standard input");
        let piped: Vec<&str> = arguments
            .iter()
            .map(|&argument| if argument == path { "-" } else { argument })
            .collect();
        let output = run(&[&["rulebook"], &piped[..]].concat(), SHOP.as_bytes());
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", text(&output.stderr));
        // A shorter name can change the line breaks.
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(words(text(&output.stdout)), words(&expected), "{arguments:?}");
    }
    for (arguments, input) in [
        (&["rulebook", "test", &path, "-"][..], scenario.as_bytes()),
        (&["rulebook", "diff", &path, &path, "-"], read(&cases).as_bytes()),
    ] {
        let output = run(arguments, input);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", text(&output.stderr));
    }
    for arguments in [
        &["analyze", "-", "--baseline", "-"][..],
        &["test", "-", "-"],
        &["test", &path, "-", "-"],
        &["diff", "-", "-"],
        &["diff", "-", &path, "-"],
        &["diff", &path, "-", "-"],
    ] {
        let output = run(&[&["rulebook"], arguments].concat(), SHOP.as_bytes());
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert_eq!(text(&output.stdout), "");
        let error = text(&output.stderr);
        assert!(error.starts_with("error: standard input can't be "), "{error}");
        assert!(error.ends_with(" at once, expected a file for one of them\n"), "{error}");
    }
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let northwind = sample("northwind.toml");
    let (scenarios, cases) = (sample("veto-scenarios.jsonl"), sample("portfolio.jsonl"));
    for arguments in [
        &["check", &northwind][..],
        &["check", &northwind, "--json"],
        &["analyze", &northwind],
        &["analyze", &northwind, "--json"],
        &["test", &northwind, &scenarios],
        &["test", &northwind, &scenarios, "--coverage"],
        &["test", &northwind, &scenarios, "--json"],
        &["diff", "partner_center", &northwind, &cases],
        &["diff", "partner_center", &northwind, &cases, "--json"],
        &["export", &northwind, "--to", "toml"],
        &["export", &northwind, "--to", "json"],
        &["export", &northwind, "--to", "markdown"],
        &["export", &northwind, "--to", "csv"],
        &["export", &northwind, "--to", "dmn"],
        &["export", &northwind, "--to", "sql"],
    ] {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let mut command = program(&[&["rulebook"], arguments].concat());
        let child = command.stdout(writer).spawn().expect("the program starts");
        let output = child.wait_with_output().expect("the program ends");
        assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), ""), "{arguments:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_a_failure() {
    let northwind = sample("northwind.toml");
    for arguments in [
        &["check", &northwind][..],
        &["analyze", &northwind],
        &["diff", "partner_center", &northwind],
        &["export", &northwind, "--to", "csv"],
    ] {
        let full = File::options().write(true).open("/dev/full").expect("a device");
        let mut command = program(&[&["rulebook"], arguments].concat());
        let output = command.stdout(full).spawn().and_then(Child::wait_with_output);
        let output = output.expect("the program ends");
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(text(&output.stderr).starts_with("error: can't write: "), "{arguments:?}");
    }
}

/// Input text never controls a terminal, begins a line, or breaks XML.
#[cfg(unix)]
#[test]
fn hostile_text() {
    let veto = sample("veto.toml");
    let scenario = format!(
        r#"{{"why":"why{HOSTILE}","as_of":"2026-11-27","case":{{"id":"id{HOSTILE}"}},"verdicts":{{"switch":{{"verdict":"denied","rules":["rule{HOSTILE}"]}}}}}}"#
    );
    let refused = format!(r#"{{"field{HOSTILE}":1}}"#);
    let hostile = "\u{1b}[31m\u{202e}\n<b>";
    let scenarios = file(&format!("s{hostile}.jsonl"), format!("{scenario}\n{refused}\n"));
    let junit = file("hostile.xml", "");
    let printed = written(&["test", &veto, &scenarios, "--junit", &junit], 1);
    assert_harmless(&printed);
    let shown = r"\u{1b}[31m\u{202e}\n\u{9b}\u{0}\u{ffff}<b>";
    assert!(
        printed.contains(&format!(r"s\u{{1b}}[31m\u{{202e}}\n<b>.jsonl:1: id{shown}: why{shown}"))
    );
    assert!(printed.contains(&format!("expected rule{shown},\n    found none\n")), "{printed}");
    assert!(printed.contains(&format!("unknown field `field{shown}`")), "{printed}");
    assert_eq!(printed.lines().count(), 6);
    let xml = read(&junit);
    assert_harmless(&xml);
    let document = roxmltree::Document::parse(&xml).expect("XML");
    let case = document.descendants().find(|node| node.has_tag_name("testcase"));
    assert_eq!(
        case.and_then(|case| case.attribute("name")),
        Some(&*format!("id{shown}: why{shown}"))
    );
    // JSON keeps the original text.
    let record = &records(&["test", &veto, &scenarios], 1)[0];
    let id: Value = serde_json::from_str(&format!("\"id{HOSTILE}\"")).expect("a string");
    assert_eq!((&record["results"][0]["id"], &record["file"]), (&id, &json!(scenarios)));

    let cases = read(&sample("portfolio.jsonl")).replace("seats", &format!("seats{HOSTILE}"));
    let cases = file(
        "hostile-cases.jsonl",
        format!("{cases}{{\"id\":\"x{HOSTILE}\",\"cloud\":\"{HOSTILE}\"}}\n"),
    );
    let rulebook = file(&format!("r{hostile}.toml"), read(&veto));
    let as_of = ["--as-of", "2026-11-27"];
    let printed =
        written(&[&["diff", "partner_center", &rulebook, &cases][..], &as_of].concat(), 1);
    assert_harmless(&printed);
    assert!(printed.contains(&format!("\nseats{shown}\n")), "{printed}");
    // A long path is wrapped.
    assert!(printed.replace('\n', "").contains(r"\u{1b}[31m\u{202e}\n<b>.toml"), "{printed}");
    assert_harmless(&written(&["check", &rulebook], 0));
    let wrong = file(&format!("w{hostile}.toml"), format!("base = \"{HOSTILE}\""));
    for arguments in [
        &["check", &*wrong][..],
        &["analyze", &wrong],
        &["export", &wrong, "--to", "csv"],
        &["export", &rulebook, "--to", "csv", "-o", &rulebook],
        &["test", &veto, &format!("no{hostile}")],
        &["diff", &veto, &format!("no{hostile}")],
    ] {
        let error = error(arguments);
        assert_harmless(&error);
        assert!(error.contains(r"\u{1b}[31m\u{202e}\n"), "{error}");
    }
}
