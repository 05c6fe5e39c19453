//! Rulebooks as data: they are read back equal, refused with every problem at its place, and
//! limited in size.

use chrono::NaiveDate;
use csp_multichannel::{Action, Channel, Effect, Facts, Rule, Rulebook, Verdict, parse_instant};
use csp_multichannel_rulebook::{DocumentError, Overlay, from_json, from_toml, to_json, to_toml};
use proptest::prelude::*;

const NORTHWIND: &str = include_str!("data/northwind.toml");

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

#[test]
fn the_register_reads_back_equal() {
    let register = Rulebook::partner_center();
    assert_eq!(&from_json(&to_json(register)).unwrap(), register);
    assert_eq!(&from_toml(&to_toml(register)).unwrap(), register);
    let northwind = from_toml(NORTHWIND).unwrap();
    assert_eq!(from_json(&to_json(&northwind)).unwrap(), northwind);
    assert_eq!(from_toml(&to_toml(&northwind)).unwrap(), northwind);
}

/// A document in code: every rule, edition and decision is the same.
#[test]
fn the_sample_is_what_its_overlay_is() {
    use csp_multichannel::{Basis, Cloud, Service, Source};
    let from = day("2026-01-01");
    let azure = [Service::Azure, Service::AzurePlan];
    let overlay = Overlay::new("northwind")
        .withdraw("no-resale-to-csp-partner", from)
        .add(
            Rule::new("no-open-licenses", Effect::Veto, Action::MOVES, from)
                .when(
                    Facts::from(Channel::Open)
                        .with([Service::License, Service::NewCommerceLicense]),
                )
                .with_reason("we do not take over licenses from volume licensing"),
        )
        .add(
            Rule::new("open-needs-a-letter", Effect::Require, Action::RecreateAndCancel, from)
                .when(Facts::from(Channel::Open).with(azure))
                .with_requirement("letter_of_release")
                .with_reason(
                    "we take over Azure from the Open program with a letter of release only",
                ),
        )
        .replace(
            ["azure-recreate"],
            Rule::new("azure-recreate-public", Effect::Permit, Action::RecreateAndCancel, from)
                .when(
                    Facts::from([
                        Channel::Advisor,
                        Channel::OwnAdvisor,
                        Channel::Open,
                        Channel::EnterpriseAgreement,
                    ])
                    .with(azure)
                    .with(Cloud::Public),
                )
                .with_basis(Basis::Inferred)
                .with_source(Source::new("NW", "northwind-services.pdf", ""))
                .with_reason(
                    "we create the new subscription in the public cloud, and cancel the old one",
                ),
        );
    let in_code = overlay.apply_to(Rulebook::partner_center()).unwrap();
    assert_eq!(from_toml(NORTHWIND).unwrap(), in_code);
}

/// Compares every case that it names, also where the register excludes it.
#[test]
fn a_veto_denies_everywhere() {
    let rulebook = from_toml(NORTHWIND).unwrap();
    let edition = rulebook.edition_at(parse_instant("2026-11-27").unwrap()).unwrap();
    let published = Rulebook::partner_center().editions().last().unwrap();
    let veto = rulebook.rules().iter().find(|rule| rule.id() == "no-open-licenses").unwrap();
    let mut overridden = std::collections::BTreeSet::new();
    for case in veto.condition().assignments() {
        let decision = edition.decide(case);
        for action in Action::MOVES {
            assert_eq!(decision.verdict(action), Verdict::Denied, "{action} in {case}");
            let reasons: Vec<&str> = decision.reasons(action).map(Rule::id).collect();
            assert_eq!(reasons, ["no-open-licenses"], "{action} in {case}");
            overridden.insert(published.decide(case).verdict(action));
        }
        let request = Action::RequestRelationship;
        assert_eq!(decision.verdict(request), published.decide(case).verdict(request));
    }
    let all = [Verdict::Allowed, Verdict::Conditional, Verdict::Denied, Verdict::NotCovered];
    assert_eq!(overridden.into_iter().collect::<Vec<_>>(), all);
}

fn problems(error: &DocumentError) -> Vec<String> {
    error.problems().iter().map(ToString::to_string).collect()
}

#[test]
fn every_problem_at_its_place() {
    let error = from_toml(include_str!("data/wrong.toml")).unwrap_err();
    let expected: Vec<&str> = include_str!("data/wrong.txt").lines().collect();
    assert_eq!(problems(&error), expected);
    for problem in error.problems() {
        let (line, column, path) = (problem.line(), problem.column(), problem.path());
        let text = format!("{line}:{column}: {path}: {}", problem.message());
        assert_eq!(problem.to_string(), text);
    }
}

/// What depends on a field that is wrong is not reported; what stands in a list is, at its place.
#[test]
fn problems_of_one_rule() {
    let rule = |more: &str| {
        let rule = format!(r#"{{"id": "own", "actions": "all", "reason": "x", {more}}}"#);
        let rulebook = format!(r#"{{"base": "partner_center", "name": "n", "rules": [{rule}]}}"#);
        problems(&from_json(&rulebook).unwrap_err())
    };
    for (more, expected) in [
        (
            r#""effect": "requires", "requirement": "letter", "from": "2026-01-01""#,
            "rules[0].effect: unknown effect `requires`, ",
        ),
        (
            r#""effect": "permit", "from": "2026-13-01", "until": "2016-12-01""#,
            "rules[0].from: `2026-13-01` is not a day, expected a day such as `2026-01-01`",
        ),
        (
            r#""effect": "permit", "from": "2026-01-01", "rulebook": """#,
            "rules[0].rulebook: is empty, expected text",
        ),
        (
            r#""effect": "permit", "from": "2026-01-01", "sources": [{"code": "", "page": "x"}]"#,
            "rules[0].sources[0].code: is empty, expected text",
        ),
        (
            r#""effect": "permit", "from": "2026-01-01T00:00:00Z""#,
            "rules[0].from: `2026-01-01T00:00:00Z` is not a day, expected a day such as `2026-01-01`",
        ),
        (
            r#""effect": "permit", "from": "2026-01-01", "replaces": ["azure-recreate", "azure-recreat"]"#,
            "1:171: rules[0].replaces[1]: is `azure-recreat`, which ",
        ),
    ] {
        let found = rule(more);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].contains(expected), "{found:?}");
    }
}

#[test]
fn problems_of_form() {
    for (text, expected) in [
        ("", "1:1: invalid JSON: expected an object"),
        ("{", "1:1: invalid JSON: "),
        ("[]", "1:1: found a list, expected an object"),
        ("{} {}", "1:4: invalid JSON: "),
        (r#"{"rules": []}"#, "1:1: 0 rules, expected 1 to "),
        (r#"{"rules": [], "rules": []}"#, "1:15: `rules` is given twice, expected once"),
        (r#"{"rules": 5}"#, "1:11: rules: found `5`, expected a list"),
        // Nothing else follows from a day that can't be read.
        (
            r#"{"base": "partner_center", "name": "n", "withdraw": [{"id": "no-term", "from": "soon"}, {"id": "no-term", "from": "2026-01-01"}]}"#,
            "1:80: withdraw[0].from: `soon` is not a day, expected a day such as `2026-01-01`",
        ),
        (
            r#"{"base": "partner_center", "name": " ", "withdraw": [{"id": "", "from": "2026-01-01"}]}"#,
            "1:36: name: is empty, expected text\n1:61: withdraw[0].id: is empty, expected text",
        ),
        ("{}", "1:1: `rules` are missing, expected a list of rules"),
    ] {
        let error = from_json(text).unwrap_err();
        assert!(error.to_string().starts_with(expected), "{text}: {error}");
        let lines = expected.lines().count();
        assert!(error.problems().len() == lines, "{text}: {error}");
    }
    let error = from_toml("rules = [").unwrap_err().to_string();
    assert_eq!(error, "1:10: invalid TOML: unclosed array, expected `]`");
    let bom = format!("\u{feff}{NORTHWIND}");
    assert_eq!(from_toml(&bom).unwrap(), from_toml(NORTHWIND).unwrap());
    let trailing = format!("{} x", to_json(Rulebook::partner_center()));
    assert!(from_json(&trailing).is_err());
}

/// A value can neither control a terminal nor look like another problem.
#[test]
fn a_problem_is_one_printable_line() {
    let rule = r#""effect": "permit", "actions": "all", "reason": "x""#;
    for (text, expected) in [
        (r#"{"rules": "\u001b[2J"}"#, r"1:11: rules: found `\u{1b}[2J`, expected a list"),
        (r#"{"\n": 1, "rules": []}"#, r"1:2: unknown field `\n`, expected one of "),
        (
            &format!(r#"{{"rules": [{{"id": "a", {rule}, "from": "a\nb"}}]}}"#),
            r"1:85: rules[0].from: `a\nb` is not a day, expected ",
        ),
        (
            r#"{"base": "partner_center", "name": "n", "withdraw": [{"id": "\u202e", "from": "2026-01-01"}]}"#,
            r"1:61: withdraw[0].id: is `\u{202e}`, which the base does not have, expected ",
        ),
    ] {
        let error = from_json(text).unwrap_err();
        let problems: Vec<String> = error.problems().iter().map(ToString::to_string).collect();
        assert!(problems[0].starts_with(expected), "{error}");
        assert!(!problems.concat().contains(char::is_control), "{error}");
    }
}

/// Refused in bounded time and memory.
#[test]
fn hostile_documents() {
    let rule = |number: usize, rest: &str| {
        format!(
            r#"{{"id": "r{number}", "effect": "permit", "actions": "all", "from": "2026-01-01", "reason": "x"{rest}}}"#
        )
    };
    let rules = |count: usize| {
        let rules: Vec<String> = (0..count).map(|number| rule(number, "")).collect();
        format!(r#"{{"rules": [{}]}}"#, rules.join(","))
    };
    for (text, expected) in [
        ("[".repeat(1 << 19), "1:"),
        (r#"{"a":"#.repeat(100_000), "1:"),
        (format!("{{\"rules\": [{}", "[[".repeat(50_000)), "1:"),
        (" ".repeat((1 << 20) + 1), "1:1: 1048577 bytes, expected at most 1048576"),
        // More rules than can be in force at once.
        (rules(129), "1:1: 129 rules are in force on 2026-01-01, expected at most 128"),
        ("\u{0}".repeat(1000), "1:1: invalid JSON"),
        (rule(0, "").replace('x', &"x".repeat(1 << 19)), "1:1: `rules` are missing"),
    ] {
        let error = from_json(&text).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{}: {}", &text[..20], &error[..error.len().min(200)]);
        let longest = error.lines().map(str::len).max().unwrap_or_default();
        assert!(longest < 1000, "a line of {longest}");
        let _ = from_toml(&text).unwrap_err();
    }
    assert!(from_json(&rules(128)).is_ok());
    let longest = rules(1);
    let longest = format!("{longest}{}", " ".repeat((1 << 20) - longest.len()));
    assert!(from_json(&longest).is_ok());
    let tables = "[[a]]\n".repeat(100_000);
    assert!(from_toml(&tables).is_err());
    let deep = format!("a = {}", "[".repeat(100_000));
    assert!(from_toml(&deep).is_err());
    let dotted = format!("{} = 1", vec!["a"; 100_000].join("."));
    assert!(from_toml(&dotted).is_err());
}

#[test]
fn overlays_name_what_the_base_does_not_have() {
    let from = day("2026-01-01");
    let rule = Rule::new("own", Effect::Permit, Action::Switch, from).with_reason("ours");
    let error = Overlay::new("own")
        .withdraw("azure-recreat", from)
        .replace(["license-no-swich"], rule.clone())
        .add(rule.with_reason(""))
        .apply_to(Rulebook::partner_center())
        .unwrap_err();
    let problems: Vec<String> = error.problems().iter().map(ToString::to_string).collect();
    assert_eq!(
        problems,
        [
            "rule `azure-recreat`: `id` is `azure-recreat`, which the base does not have, expected the id of one of \
             its rules; did you mean `azure-recreate`?",
            "rule `own`: `replaces[0]` is `license-no-swich`, which the base does not have, expected the id of one \
             of its rules; did you mean `license-no-switch`?",
            "rule `own`: `id` is already the id of another rule, expected a unique one",
            "rule `own`: `reason` is empty, expected a sentence for people",
        ],
    );
}

fn rule(id: &'static str) -> Rule {
    Rule::new(id, Effect::Permit, Action::Switch, day("2026-01-01")).with_reason("ours")
}

/// A third of an id can differ.
#[test]
fn nearest_ids() {
    let base = Rulebook::new([rule("azure-recreate"), rule("title")]).unwrap();
    for (id, near) in [
        ("azure-recr", Some("azure-recreate")),
        ("azure-rec", None),
        ("tittle", Some("title")),
        ("tilted", None),
    ] {
        let error =
            Overlay::new("own").withdraw(id, day("2026-01-02")).apply_to(&base).unwrap_err();
        let hint = error.problems()[0].message().split_once("; did you mean ");
        assert_eq!(hint.map(|(_, hint)| hint.trim_matches(['`', '?'])), near, "{id}");
    }
}

/// A rule can end earlier than it does, and not later; one that would end as it begins is left out.
#[test]
fn overlays_end_rules() {
    let base = Rulebook::new([rule("a").until(day("2026-07-01")), rule("b")]).unwrap();
    let withdrawn =
        |id: &str, from: &str| Overlay::new("own").withdraw(id, day(from)).apply_to(&base);
    for (id, from, rules) in [
        ("a", "2026-06-30", 2),
        ("a", "2026-01-02", 2),
        ("a", "2026-01-01", 1),
        ("b", "2026-07-02", 2),
        ("b", "2016-12-01", 1),
    ] {
        let rulebook = withdrawn(id, from).unwrap();
        assert_eq!(rulebook.rules().len(), rules, "{id} on {from}");
        let ended = rulebook.rules().iter().find(|rule| rule.id() == id);
        assert_eq!(
            ended.map(|rule| rule.validity().until()),
            (rules == 2).then_some(Some(day(from)))
        );
    }
    for from in ["2026-07-01", "2026-07-02"] {
        let error = withdrawn("a", from).unwrap_err();
        let [problem] = error.problems() else { panic!("{error}") };
        assert_eq!((problem.change(), problem.id(), problem.field()), (Some(0), "a", "id"));
        let expected =
            format!("is `a`, which ends on 2026-07-01 anyway, expected a rule in force on {from}");
        assert_eq!(problem.message(), expected);
    }
}

proptest! {
    /// A valid document with a random fault: never a panic, always a place in the text.
    #[test]
    fn damaged_documents(at in 0..NORTHWIND.len(), length in 0..40_usize, with in "\\PC{0,5}") {
        let end = (at + length).min(NORTHWIND.len());
        prop_assume!(NORTHWIND.is_char_boundary(at) && NORTHWIND.is_char_boundary(end));
        let toml = [&NORTHWIND[..at], &with, &NORTHWIND[end..]].concat();
        if let Err(error) = from_toml(&toml) {
            for problem in error.problems() {
                let line = toml.split('\n').nth(problem.line() - 1).expect("a line of the text");
                prop_assert!(problem.column() <= line.chars().count() + 1, "{problem}");
            }
        }
        let json = to_json(&from_toml(NORTHWIND).unwrap());
        let (at, end) = (at.min(json.len()), end.min(json.len()));
        if let Err(error) = from_json(&[&json[..at], &with, &json[end..]].concat()) {
            prop_assert!(!error.problems().is_empty());
        }
    }

    #[test]
    fn any_text(text in any::<String>()) {
        let _ = (from_json(&text), from_toml(&text));
    }
}
