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

/// Every part of every law can be broken, so that its proof says something.
#[test]
fn the_laws_can_be_broken() {
    let register = Rulebook::partner_center();
    let (all, says) = (&rules(register), &library(register));
    let replaced = |from: &str, to: &str| {
        assert!(says.contains(from), "{from}");
        says.replace(from, to)
    };
    let without_lines = |marks: &[&str]| {
        let left = says.lines().filter(|line| !marks.iter().all(|mark| line.contains(mark)));
        let left: String = left.flat_map(|line| [line, "\n"]).collect();
        assert!(left.len() < says.len(), "{marks:?}");
        left
    };
    let edition = |nth: usize| {
        let day = register.editions().nth(nth).expect("an edition").since().num_days_from_ce();
        format!("edition({day})")
    };
    let less = without("license-switch");
    let fewer_requirements = &without_lines(&["row_requires("]);
    let denied_to_allowed = &replaced(r#""denied")"#, r#""allowed")"#);
    let denied_to_not_covered = &replaced(r#""denied")"#, r#""not_covered")"#);
    let not_covered_to_allowed = &replaced(r#""not_covered")"#, r#""allowed")"#);
    let not_covered_to_denied = &replaced(r#""not_covered")"#, r#""denied")"#);
    let conditional_to_allowed = &replaced(r#""conditional")"#, r#""allowed")"#);
    let row = r#"row(Edition, Action, 1000, "allowed") :- edition(Edition), action(Action)."#;
    let more_rows = &format!("{says}{row}\n");
    // Each part, with rules and a library that break it.
    let broken = [
        ("no edition", all, &without_lines(&[&edition(1)])),
        ("two editions", all, &without_lines(&["edition_until("])),
        ("not in force", &rules(&less), says),
        ("left out", all, &library(&less)),
        ("before the first edition", all, &without_lines(&[&edition(0)])),
        ("no verdict", all, &without_lines(&["row(", ", 0, "])),
        ("two rows", all, more_rows),
        ("two verdicts", all, more_rows),
        ("granted without a permit", all, not_covered_to_allowed),
        ("granted against a forbid", all, denied_to_allowed),
        ("granted where excluded", all, not_covered_to_allowed),
        ("denied without a forbid", all, not_covered_to_denied),
        ("denied where excluded", all, not_covered_to_denied),
        ("allowed against a requirement", all, conditional_to_allowed),
        ("conditional on nothing", all, fewer_requirements),
        ("not covered, but forbidden", all, denied_to_not_covered),
        ("verdict", &rules(&less), says),
        ("requirement too much", &rules(&without("auto-renew-off-first")), says),
        ("requirement missing", all, fewer_requirements),
    ];
    let heads = |law: &'static str| {
        law.lines().filter_map(move |line| {
            let (head, _) = line.strip_prefix("broken(").and_then(|_| line.split_once(" :- "))?;
            Some((law, head, head.split('"').nth(1).expect("the name of a part")))
        })
    };
    let parts: Vec<_> = LAWS.iter().flat_map(|(_, law)| heads(law)).collect();
    assert!(parts.iter().map(|part| part.2).eq(broken.iter().map(|part| part.0)));
    for ((law, head, name), (_, rules, library)) in parts.into_iter().zip(broken) {
        // No other part will do.
        let law = format!("{law}\nis_broken :- {head}.\n:- not is_broken.\n");
        let proof = prove(&law, rules, library).expect("a solver");
        assert!(matches!(proof, Proof::Broken(_)), "{name} holds");
    }
}
