//! Laws over all cases of all editions, proved by a solver.

use csp_multichannel::chrono::Datelike;
use csp_multichannel::{Rule, Rulebook};
use differential::answer_sets::{LAWS, Proof, library, prove, rules};

/// The register without one of its rules.
fn without(id: &str) -> Rulebook {
    let rules: Vec<Rule> = Rulebook::partner_center().rules().iter().filter(|rule| rule.id() != id).cloned().collect();
    assert_eq!(rules.len() + 1, Rulebook::partner_center().rules().len());
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

/// The law of that name, on what the library says of one rulebook and the rules of another.
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
    assert!(broken("agreement", &less, &says).contains("requirement too much"));
    let less = library(&without("auto-renew-off-first"));
    assert!(broken("agreement", &all, &less).contains(r#"broken((""#));

    let replaced = |from: &str, to: &str| {
        assert!(says.contains(from), "{from}");
        says.replace(from, to)
    };
    let swapped = replaced("\"denied\")", "\"allowed\")");
    assert!(broken("grounds", &all, &swapped).contains("granted"));
    let swapped = replaced("\"conditional\")", "\"allowed\")");
    assert!(broken("grounds", &all, &swapped).contains("allowed against a requirement"));
    let swapped = replaced("\"allowed\")", "\"not_covered\")").replace("\"denied\")", "\"not_covered\")");
    assert!(broken("grounds", &all, &swapped).contains("not covered, but forbidden"));
    let swapped = replaced("\"not_covered\")", "\"denied\")");
    assert!(broken("grounds", &all, &swapped).contains("denied"));

    let without_lines = |marks: &[&str]| {
        let left = says.lines().filter(|line| !marks.iter().all(|mark| line.contains(mark)));
        let left: String = left.flat_map(|line| [line, "\n"]).collect();
        assert!(left.len() < says.len(), "{marks:?}");
        left
    };
    assert!(broken("one verdict", &all, &without_lines(&["row(", ", 0, "])).contains("no verdict"));
    let more = format!("{says}row(Edition, Action, 1000, \"allowed\") :- edition(Edition), action(Action).\n");
    assert!(broken("one verdict", &all, &more).contains("two rows"));
    assert!(broken("one verdict", &all, &more).contains("two verdicts"));

    assert!(broken("editions", &all, &library(&without("license-switch"))).contains("left out"));
    assert!(broken("editions", &rules(&without("license-switch")), &says).contains("not in force"));
    assert!(broken("editions", &all, &without_lines(&["edition_until("])).contains("two editions"));
    let second = register.editions().nth(1).expect("an edition").since().num_days_from_ce();
    assert!(broken("editions", &all, &without_lines(&[&format!("edition({second})")])).contains("no edition"));
}
