//! `rulebook analyse`.

use std::collections::BTreeMap;

use csp_multichannel::Rulebook;
use csp_multichannel::authoring::Analysis;
use serde_json::Value;

use crate::support::{Folder, TODAY, sample, told, written};

/// How many findings of each kind there are.
fn kinds(record: &Value) -> BTreeMap<String, usize> {
    let mut kinds = BTreeMap::new();
    for finding in record["findings"].as_array().expect("findings") {
        *kinds.entry(finding["kind"].as_str().expect("a kind").to_owned()).or_default() += 1;
    }
    kinds
}

fn record(arguments: &[&str]) -> Value {
    let (_, out, said) = told(&[&["analyse", "--json"], arguments].concat(), "");
    assert_eq!(said, "");
    serde_json::from_str(&out).expect("JSON")
}

#[test]
fn the_librarys_analysis_is_told() {
    let analysis = Analysis::of(Rulebook::partner_center());
    let record = record(&[]);
    assert_eq!(record["findings"], serde_json::to_value(&analysis).expect("JSON"));
    assert_eq!((&record["file"], &record["denied"]), (&"builtin".into(), &0.into()));

    let text = written(&["analyse"]);
    for finding in analysis.findings() {
        assert!(text.contains(&format!("{}: {finding}\n", finding.kind().as_str())), "{finding}");
    }
    let told: Vec<String> = kinds(&record).iter().map(|(kind, count)| format!("{count} {kind}")).collect();
    let last = text.lines().last().expect("a line");
    assert!(last.starts_with(&format!("builtin: {} findings: ", analysis.findings().len())), "{last}");
    assert!(told.iter().all(|kind| last.contains(kind)), "{last}: {told:?}");
}

#[test]
fn one_edition_has_its_own_findings() {
    let edition = record(&["--as-of", TODAY]);
    let spans = |finding: &Value| finding["spans"].as_array().expect("spans").clone();
    let findings = edition["findings"].as_array().expect("findings");
    assert!(!findings.is_empty());
    assert!(findings.iter().flat_map(spans).all(|span| span["from"] == "2026-05-04"));
}

#[test]
fn what_the_base_has_as_well_is_left_out() {
    let file = sample("northwind.toml");
    let (all, own) = (kinds(&record(&[&file])), kinds(&record(&[&file, "--beyond", "builtin"])));
    assert!(own.values().sum::<usize>() < all.values().sum::<usize>() / 5, "{own:?} of {all:?}");
    // The letter is met outside of the facts, and the base has nothing of the kind.
    assert_eq!((all["unmeetable"], own["unmeetable"]), (1, 1));
    assert!(own["meeting"] < all["meeting"]);
    let nothing = written(&["analyse", "--beyond", "builtin"]);
    assert_eq!(nothing, "builtin: no finding\n");
    // In an edition that Northwind does not touch, too.
    let before = written(&["analyse", &file, "--beyond", "builtin", "--as-of", "2025-12-31"]);
    assert_eq!(before, format!("{file}: no finding\n"));
}

#[test]
fn what_the_base_has_on_some_of_the_days_is_told() {
    let folder = Folder::new();
    let rule = |id: &str, statuses: &str, until: &str| {
        format!(
            "[[rules]]\nid = '{id}'\neffect = 'permit'\nactions = ['switch']\nwhen.status = [{statuses}]\nreason = ''\n{until}\n"
        )
    };
    let silent = rule("p", "'active'", "from = 2026-01-01");
    let speaks = silent.clone() + &rule("q", "'suspended', 'deleted'", "from = 2026-06-01\nuntil = 2026-09-01");
    let (silent, speaks) = (folder.write("silent.toml", silent), folder.write("speaks.toml", speaks));
    let gap = "gap: no rule speaks of switch where status: suspended, deleted\n  since 2026-01-01: ";
    let told = written(&["analyse", &silent, "--beyond", &speaks]);
    assert!(told.starts_with(gap) && told.ends_with("silent.toml: 1 finding: 1 gap\n"), "{told}");
    assert_eq!(written(&["analyse", &speaks, "--beyond", &silent]), format!("{speaks}: no finding\n"));
}

#[test]
fn what_is_denied_is_told_by_the_exit_status() {
    let file = sample("northwind.toml");
    let denied = |kinds: &[&str]| {
        let deny = kinds.iter().flat_map(|kind| ["--deny", kind]).collect::<Vec<_>>();
        let (status, out, _) = told(&[&["analyse", &file, "--json"], &deny[..]].concat(), "");
        let record: Value = serde_json::from_str(&out).expect("JSON");
        (status, record["denied"].as_u64().expect("a number"))
    };
    let of = kinds(&record(&[&file]));
    let number = |kind: &str| of[kind] as u64;
    assert_eq!(denied(&[]), (0, 0));
    assert_eq!(denied(&["idle"]), (0, 0));
    assert_eq!(denied(&["unmeetable"]), (1, 1));
    assert_eq!(denied(&["idle,meeting", "unmeetable"]), (1, number("meeting") + 1));
    assert_eq!(denied(&["any"]), (1, of.values().sum::<usize>() as u64));
    assert_eq!(told(&["analyse", "--deny", "gaps"], "").0, 2);
}
