//! Any bytes as a rulebook in JSON.

use csp_multichannel::authoring::{DecisionTable, LoadError};
use csp_multichannel::{Action, Decision, Effect, Fact, Facts, Rule, Rulebook, ValueSet, Verdict};
use serde_json::Deserializer;

use crate::hash;

/// How many editions of a rulebook are tried, and how many cases in each.
const TRIED: usize = 2;

/// The most rules that are written and read back: more than inputs have by themselves, fewer than with those of the policy.
const SMALL: usize = 32;

/// The most rules of an edition of which tables are made: they take long where there are many.
const FEW: usize = 6;

/// Reads the bytes as a rulebook. What is one reads back equal, and decides as its rules say one by one; all else is told.
pub fn run(bytes: &[u8]) {
    let read = Rulebook::read(&mut Deserializer::from_slice(bytes));
    match &read {
        Ok(rulebook) => {
            if rulebook.rules().len() <= SMALL {
                let text = serde_json::to_string(rulebook).expect("JSON");
                assert_eq!(serde_json::from_str::<Rulebook>(&text).expect("the same"), *rulebook, "{text}");
            }
            assert!(rulebook.editions().is_sorted_by(|one, next| one.since() < next.since()));
            assert!(rulebook.rules().iter().all(|rule| !rule.reason().contains(char::is_control)));
            let mut choice = hash(bytes);
            for edition in rulebook.editions().rev().take(TRIED) {
                let open = edition.decide(Facts::UNKNOWN);
                (0..TRIED).for_each(|_| assert_decides(&open, &mut choice));
            }
        }
        Err(LoadError::Rulebook(error)) => {
            assert!(!error.problems().is_empty());
            for problem in error.problems() {
                let text = problem.to_string();
                assert!(!text.contains(char::is_control), "{text:?}");
                assert!(text.contains("expected") || text.contains('`'), "{text:?}");
            }
            // A reader hands over text of its own, a slice lends it; and what is told does not change from one time to the next.
            match Rulebook::read(&mut Deserializer::from_reader(bytes)) {
                Err(LoadError::Rulebook(again)) => assert_eq!(error, &again),
                found => panic!("{found:?}"),
            }
        }
        Err(LoadError::Format(_)) => {}
    }
}

/// A case, of those that a rule of an edition admits, is decided as the rules say one by one; with nothing known, as possible.
fn assert_decides(open: &Decision<'_>, choice: &mut u64) {
    let edition = open.edition();
    let rules: Vec<&Rule> = edition.rules().collect();
    assert!(rules.iter().all(|rule| rule.validity().covers(edition.since())));
    let Some(admitting) = rules.get(pick(choice, rules.len().max(1))) else {
        assert!(Action::ALL.iter().all(|&action| open.verdict(action) == Verdict::NotCovered));
        return;
    };
    let case = some_case(admitting, choice);
    let decision = edition.decide(case);
    let fired: Vec<&Rule> = rules.iter().copied().filter(|rule| fires(rule, case)).collect();
    assert!(fired.iter().any(|rule| rule.id() == admitting.id()));

    for &action in Action::ALL {
        let of = |effect| {
            fired.iter().copied().filter(move |rule| rule.effect() == effect && rule.actions().contains(action))
        };
        let any = |effect| of(effect).next().is_some();
        let (verdict, by) = if any(Effect::Exclude) {
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
        assert_eq!(decision.verdict(action), verdict, "{action} in {edition:?}: {case}");
        assert!(decision.rules(action).eq(of(by)), "{action} in {edition:?}: {case}");
        assert!(open.possible(action).contains(verdict), "{action} in {edition:?}: {case}");
        if matches!(verdict, Verdict::Allowed | Verdict::Conditional) {
            assert!(decision.requiring(action).eq(of(Effect::Require)), "{action} in {edition:?}: {case}");
            assert!(decision.advice(action).eq(of(Effect::Advise)), "{action} in {edition:?}: {case}");
        }
        if edition.rules().count() <= FEW {
            let table = DecisionTable::of(edition, action);
            let mut met = table.rows().iter().filter(|row| row.condition().may_be_met(case));
            assert_eq!(met.next().map(csp_multichannel::authoring::Row::verdict), Some(verdict), "{case}: {table}");
            assert!(met.next().is_none(), "{case}: {table}");
        }
    }
}

fn fires(rule: &Rule, case: Facts) -> bool {
    Fact::ALL.iter().all(|&fact| case.possible(fact).is_subset(rule.condition().admitted(fact)))
}

/// A case with everything known that meets the condition of a rule.
fn some_case(rule: &Rule, choice: &mut u64) -> Facts {
    let admitted = rule.condition().values();
    let mut case = Facts::UNKNOWN.given(admitted).expect("a rule that can fire");
    for &fact in Fact::ALL {
        let possible = case.possible(fact);
        let value = possible.iter().nth(pick(choice, possible.len())).expect("a value");
        case = case.given(ValueSet::only(value)).expect("a possible value");
    }
    case
}

/// A number below another.
fn pick(choice: &mut u64, below: usize) -> usize {
    *choice = choice.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
    (*choice >> 33) as usize % below
}
