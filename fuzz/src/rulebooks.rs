//! Any bytes as a rulebook in TOML and JSON.

use csp_multichannel::{Action, Edition, Effect, Fact, Facts, Rule, Rulebook, Verdict};
use csp_multichannel_rulebook::{DocumentError, from_json, from_toml, to_json, to_toml};

use crate::{assert_one_line, hash, pick};

/// The most rules that are written and read back: fewer than those of the base, which take too long.
const FEW: usize = 32;

/// Reads a document. A rulebook is written and read back equal and decides as its rules say one by one; problems have
/// their place.
pub fn run(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    for read in [from_toml, from_json] {
        let found = read(text);
        match &found {
            Ok(rulebook) => check(rulebook, hash(bytes)),
            Err(error) => {
                check_problems(text, error);
                assert_eq!(read(text), found);
            }
        }
    }
}

fn check(rulebook: &Rulebook, mut choice: u64) {
    if rulebook.rules().len() <= FEW {
        let (toml, json) = (to_toml(rulebook), to_json(rulebook));
        assert_eq!(from_toml(&toml).as_ref(), Ok(rulebook), "{toml}");
        assert_eq!(from_json(&json).as_ref(), Ok(rulebook), "{json}");
    }
    assert!(rulebook.editions().is_sorted_by(|one, next| one.since() < next.since()));
    let editions = rulebook.editions();
    let place = pick(&mut choice, editions.len());
    let edition = editions.clone().nth(place).expect("an edition");
    check_decision(edition, &mut choice);
}

fn check_problems(text: &str, error: &DocumentError) {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    assert!(!error.problems().is_empty() && error.problems().is_sorted());
    for problem in error.problems() {
        assert_one_line(&problem.to_string());
        let line = text.split('\n').nth(problem.line() - 1);
        let columns = line.map(|line| 1..=line.chars().count() + 1);
        assert!(columns.is_some_and(|columns| columns.contains(&problem.column())), "{problem}");
    }
}

/// Decides a case that a rule admits, or one that no rule names, as the rules say one by one.
fn check_decision(edition: Edition<'_>, choice: &mut u64) {
    let rules = edition.rulebook().rules().iter();
    let rules: Vec<&Rule> = rules.filter(|rule| rule.validity().covers(edition.since())).collect();
    let admitted =
        rules.get(pick(choice, rules.len() + 1)).map_or(Facts::UNKNOWN, |rule| rule.condition());
    let mut case = admitted;
    for &fact in Fact::ALL {
        let words: Vec<&str> = admitted.possible_words(fact).collect();
        case = case.with(Facts::parse(fact, words[pick(choice, words.len())]).expect("a word"));
    }
    let fired: Vec<&Rule> =
        rules.iter().filter(|rule| rule.condition().contains(case)).copied().collect();
    let (decision, unknown) = (edition.decide(case), edition.decide(admitted));
    for &action in Action::ALL {
        let with = |effect: Effect| {
            let is_on =
                move |rule: &&Rule| rule.effect() == effect && rule.actions().contains(action);
            fired.iter().copied().filter(is_on)
        };
        let any = |effect| with(effect).next().is_some();
        let (verdict, effect) = if any(Effect::Veto) {
            (Verdict::Denied, Effect::Veto)
        } else if any(Effect::Exclude) {
            (Verdict::NotCovered, Effect::Exclude)
        } else if any(Effect::Forbid) {
            (Verdict::Denied, Effect::Forbid)
        } else if !any(Effect::Permit) {
            (Verdict::NotCovered, Effect::Exclude)
        } else if any(Effect::Require) {
            (Verdict::Conditional, Effect::Permit)
        } else {
            (Verdict::Allowed, Effect::Permit)
        };
        let place = format_args!("{action}, {edition}, {case}");
        assert_eq!(decision.verdict(action), verdict, "{place}");
        assert!(decision.reasons(action).eq(with(effect)), "{place}");
        assert!(unknown.possible(action).contains(verdict), "{place}");
        if effect == Effect::Permit {
            let mut required: Vec<&str> = Vec::new();
            for requirement in with(Effect::Require).filter_map(Rule::requirement) {
                if !required.contains(&requirement) {
                    required.push(requirement);
                }
            }
            assert!(decision.requirements(action).eq(required), "{place}");
            assert!(decision.advice(action).eq(with(Effect::Advise)), "{place}");
        }
    }
}
