//! `multichannel policy`, completions and man pages.

mod support;

use csp_multichannel::{Action, Decision, Edition, Facts, Rulebook, Verdict, parse_instant};
use csp_multichannel_rulebook::VerdictChange;
use serde_json::Value;
use support::{lines, program, text};

fn written(arguments: &[&str]) -> String {
    let output = program(arguments).output().expect("the program ends");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    text(&output.stdout).to_owned()
}

#[test]
fn editions() {
    let listed = written(&["policy"]);
    let rulebook = Rulebook::partner_center();
    for edition in rulebook.editions() {
        let count = edition.rules().count();
        assert!(listed.contains(&format!("{edition}  {count} rules")), "{edition}");
    }
    let output = program(&["policy", "editions", "--json"]).output().expect("the program ends");
    let records = lines(&output);
    assert_eq!(records.len(), rulebook.editions().len());
    // The rules that began and ended add up to those in force.
    let mut in_force = 0;
    for record in &records {
        let count = |key: &str| record[key].as_array().unwrap().len();
        in_force = in_force + count("begun") - count("ended");
        assert_eq!(record["rules"], in_force);
    }
}

#[test]
fn rules() {
    let output =
        program(&["policy", "rules", "--json", "--as-of", "2018-09-15", "--action", "switch"])
            .output();
    let records = lines(&output.expect("the program ends"));
    let edition =
        Rulebook::partner_center().edition_at(parse_instant("2018-09-15").unwrap()).unwrap();
    let expected = edition
        .rules()
        .filter(|rule| rule.actions().contains(Action::Switch))
        .map(csp_multichannel::Rule::id);
    assert!(records.iter().map(|record| record["id"].as_str().unwrap()).eq(expected));
    assert_eq!(
        written(&["policy", "rule", "extension-off-first"]),
        "\
extension-off-first
    require set_to_end for wait_until_term_end, where service:
    new_commerce_license; term_phase: cancellable, committed; at_term_end:
    extend
    because unless its end is scheduled, the subscription continues as a paid
            extended service term: set it to end with its term
    reported, extended-service-terms.md; from 2026-02-16
    for example wait until term end, where channel: other_csp_partner; service:
                new_commerce_license; cloud: public; partner: direct_bill;
                relationship: none; customer: end_customer; region: same;
                term_phase: cancellable; at_term_end: extend; status: active;
                transfer: none
    but not with at_term_end: renew
"
    );
    let unknown =
        program(&["policy", "rule", "license-no-swich"]).output().expect("the program ends");
    assert_eq!(unknown.status.code(), Some(2));
    assert!(text(&unknown.stderr).contains("did you mean `license-no-switch`?"));
}

/// A difference names exactly the cases that change, compared with deciding every case.
#[test]
fn differences() {
    for (from, to) in
        [("2026-08-19", "2026-08-20"), ("2023-09-14", "2024-06-19"), ("2026-05-03", "2026-08-20")]
    {
        let output =
            program(&["policy", "diff", from, to, "--json"]).output().expect("the program ends");
        let record: Value = lines(&output).remove(0);
        let edition = |day: &str| -> Edition<'static> {
            Rulebook::partner_center().edition_at(parse_instant(day).unwrap()).unwrap()
        };
        let (before, after) = (edition(from), edition(to));
        let changes: Vec<VerdictChange> =
            serde_json::from_value(record["changes"].clone()).expect("changes");
        assert!(!changes.is_empty());
        for case in Facts::UNKNOWN.assignments().step_by(7) {
            let (one, other) = (before.decide(case), after.decide(case));
            for &action in Action::ALL {
                let named: Vec<_> = changes
                    .iter()
                    .filter(|change| change.action == action && change.condition.contains(case))
                    .collect();
                let answer = |decision: &Decision<'_>| -> (Verdict, Vec<String>) {
                    let required = decision.requirements(action).map(Into::into).collect();
                    (decision.verdict(action), required)
                };
                let differs = answer(&one) != answer(&other);
                assert_eq!(named.len(), usize::from(differs), "{action} {case}");
                for change in named {
                    assert_eq!((change.before, change.required_before.clone()), answer(&one));
                    assert_eq!((change.after, change.required_after.clone()), answer(&other));
                }
            }
        }
    }
    let reversed = program(&["policy", "diff", "2026-08-20", "2026-05-03"]).output();
    let reversed = reversed.expect("the program ends");
    assert_eq!(reversed.status.code(), Some(2));
    assert!(text(&reversed.stderr).contains("expected the earlier one first"));
    assert!(
        written(&["policy", "diff", "2026-11-01", "2026-11-27"])
            .ends_with("No case is decided differently.\n")
    );
}

#[test]
fn eighty_columns() {
    for arguments in [
        &["policy"][..],
        &["policy", "rules"],
        &["policy", "diff", "2016-12-01", "2026-11-27"],
        &["--help"],
        &["plan", "--help"],
        &["ask", "--help"],
        &["policy", "--help"],
        &["decide", "--help"],
    ] {
        let written = written(arguments);
        let widest = written.lines().max_by_key(|line| line.chars().count()).expect("a line");
        let is_help = arguments.contains(&"--help");
        assert!(
            widest.chars().count() <= if is_help { 100 } else { 80 },
            "{arguments:?}: {widest}"
        );
    }
}

#[test]
fn completions_and_manual() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(written(&["completions", shell]).contains("multichannel"));
    }
    assert!(written(&["man"]).contains(".SH SUBCOMMANDS"));
    let directory = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("man");
    std::fs::create_dir_all(&directory).expect("a directory");
    written(&["man", directory.to_str().unwrap()]);
    for page in [
        "multichannel.1",
        "multichannel-plan.1",
        "multichannel-ask.1",
        "multichannel-policy-diff.1",
        "multichannel-decide.1",
    ] {
        assert!(directory.join(page).is_file(), "{page}");
    }
    assert!(written(&["--version"]).starts_with("multichannel "));
}
