//! Laws over all cases of all editions, proved by a solver.

use csp_multichannel::chrono::Datelike;
use csp_multichannel::{Rule, Rulebook};
use differential::answer_sets::{LAWS, Proof, library, prove, rules};

/// The register without one of its rules.
fn without(id: &str) -> Rulebook {
    let all = Rulebook::partner_center().rules();
    let rules: Vec<Rule> = all.iter().filter(|rule| rule.id() != id).cloned().collect();
    assert_eq!(rules.len() + 1, all.len(), "{id}");
    Rulebook::new(rules).expect("a rulebook")
}

#[test]
fn the_laws_hold() {
    let register = Rulebook::partner_center();
    let (rules, library) = (rules(register), library(register));
    for (name, law) in LAWS {
        assert_eq!(prove(law, &rules, &library).expect("a solver"), Proof::Holds, "{name}");
    }
}

/// Returns the case that breaks a law, for what the library says of one rulebook and the rules of another.
fn broken(name: &str, rules: &str, library: &str) -> String {
    let (_, law) = LAWS.iter().find(|law| law.0 == name).expect("a law");
    match prove(law, rules, library).expect("a solver") {
        Proof::Broken(case) => case,
        Proof::Holds => panic!("\"{name}\" holds"),
    }
}

/// Each part of each law can be broken, so that its proof says something.
#[test]
fn the_laws_can_be_broken() {
    let register = Rulebook::partner_center();
    let (all, says) = (rules(register), library(register));

    let less = rules(&without("license-switch"));
    assert!(broken("agreement", &less, &says).contains(r#"broken(("verdict","switch"))"#));
    let less = rules(&without("auto-renew-off-first"));
    let case = broken("agreement", &less, &says);
    assert!(case.contains("requirement too much") || case.contains("verdict"), "{case}");
    let less = library(&without("auto-renew-off-first"));
    assert!(broken("agreement", &all, &less).contains(r#"broken((""#));

    let replaced = |from: &str, to: &str| {
        assert!(says.contains(from), "{from}");
        says.replace(from, to)
    };
    let swapped = replaced("\"denied\")", "\"allowed\")");
    assert!(broken("reasons", &all, &swapped).contains("granted"));
    let swapped = replaced("\"conditional\")", "\"allowed\")");
    assert!(broken("reasons", &all, &swapped).contains("allowed against a requirement"));
    let silent = replaced("\"allowed\")", "\"not_covered\")");
    let silent = silent.replace("\"denied\")", "\"not_covered\")");
    assert!(broken("reasons", &all, &silent).contains("not covered, but forbidden"));
    let swapped = replaced("\"not_covered\")", "\"denied\")");
    assert!(broken("reasons", &all, &swapped).contains("denied"));

    let without_lines = |marks: &[&str]| {
        let left = says.lines().filter(|line| !marks.iter().all(|mark| line.contains(mark)));
        let left: String = left.flat_map(|line| [line, "\n"]).collect();
        assert!(left.len() < says.len(), "{marks:?}");
        left
    };
    let no_row = without_lines(&["row(", ", 0, "]);
    assert!(broken("one verdict", &all, &no_row).contains("no verdict"));
    let row = "row(Edition, Action, 1000, \"allowed\") :- edition(Edition), action(Action).\n";
    let more = broken("one verdict", &all, &format!("{says}{row}"));
    assert!(more.contains("two rows") || more.contains("two verdicts"), "{more}");

    let less = without("license-switch");
    assert!(broken("editions", &all, &library(&less)).contains("left out"));
    assert!(broken("editions", &rules(&less), &says).contains("not in force"));
    let endless = without_lines(&["edition_until("]);
    assert!(broken("editions", &all, &endless).contains("two editions"));
    let second = register.editions().nth(1).expect("an edition").since().num_days_from_ce();
    let without_second = without_lines(&[&format!("edition({second})")]);
    assert!(broken("editions", &all, &without_second).contains("no edition"));
}
