//! `rulebook diff`.

use serde_json::Value;

use crate::support::{TODAY, sample, told, written};

#[test]
fn rules_and_cases_that_are_otherwise_are_told() {
    let file = sample("northwind.toml");
    let text = written(&["diff", "builtin", &file, "--as-of", TODAY]);
    assert!(text.starts_with(&format!(
        "From builtin, edition of 2026-05-04\nto   {file}, edition of 2026-05-04\n\n- no-resale-to-csp-partner\n"
    )));
    assert!(text.contains(
        "\n+ open-needs-a-letter\n    require   letter_of_release for recreate_and_cancel, where channel: open; service: azure,\n"
    ));
    assert!(text.contains("\nrecreate_and_cancel   was allowed, is not_covered\n    where     channel: advisor,"));
    assert!(text.contains("\nswitch                was denied, is allowed\n"));
    assert!(!text.contains("request_relationship"), "Northwind changes nothing there");
}

#[test]
fn the_same_in_json() {
    let difference = |one: &str, other: &str| {
        let text = written(&["diff", one, other, "--as-of", TODAY, "--json"]);
        serde_json::from_str::<Value>(&text).expect("JSON")
    };
    let file = sample("northwind.json");
    let there = difference("builtin", &file);
    let ids = |difference: &Value, rules: &str| {
        let rules = difference[rules].as_array().expect("rules");
        rules.iter().map(|rule| rule["id"].as_str().expect("an id").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(ids(&there, "ended"), ["no-resale-to-csp-partner", "azure-recreate"]);
    assert_eq!(ids(&there, "begun"), ["azure-recreate-public", "open-needs-a-letter"]);
    let back = difference(&file, "builtin");
    assert_eq!((ids(&back, "begun"), ids(&back, "ended")), (ids(&there, "ended"), ids(&there, "begun")));
    assert_eq!(back["cases"].as_array().map(Vec::len), there["cases"].as_array().map(Vec::len));
}

#[test]
fn the_exit_status_tells_if_asked() {
    let (toml, json) = (sample("northwind.toml"), sample("northwind.json"));
    let status = |arguments: &[&str]| told(&[&["diff"], arguments].concat(), "").0;
    assert_eq!(status(&["builtin", &toml, "--as-of", TODAY]), 0);
    assert_eq!(status(&["builtin", &toml, "--as-of", TODAY, "--exit-code"]), 1);
    assert_eq!(status(&["builtin", &toml, "--as-of", TODAY, "--exit-code", "--json"]), 1);
    // In either format, and before Northwind's rules begin.
    assert_eq!(status(&[&json, &toml, "--as-of", TODAY, "--exit-code"]), 0);
    assert_eq!(status(&["builtin", &toml, "--as-of", "2025-12-31", "--exit-code"]), 0);
    assert!(written(&["diff", &json, &toml, "--as-of", TODAY]).ends_with("\n\nNo case is answered otherwise.\n"));

    let (status, _, said) = told(&["diff", "builtin", &sample("standalone.toml"), "--as-of", "2025-12-31"], "");
    assert_eq!(status, 2);
    assert!(said.contains("no rule is in force at 2025-12-31T00:00:00Z"), "{said}");
}
