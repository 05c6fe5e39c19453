//! Analysis, differences and witnesses against trying every case, on random rulebooks.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use csp_multichannel::{Action, Effect, Fact, Facts, Rule, Rulebook, Set, Verdict};
use csp_multichannel_rulebook::{
    Analysis, ChangeKind, FindingKind, analyze, difference, witnesses,
};
use proptest::collection::vec;
use proptest::prelude::*;

/// The facts that the rules name. No other fact makes a difference.
const FACTS: [Fact; 4] = [Fact::Cloud, Fact::Relationship, Fact::Region, Fact::Status];
const ACTIONS: [Action; 2] = [Action::Switch, Action::CancelThenMove];

/// All cases that the rules can distinguish.
fn cases() -> Vec<Facts> {
    FACTS.iter().fold(vec![Facts::UNKNOWN], |cases, &fact| {
        cases.into_iter().flat_map(|case| case.split(fact)).collect()
    })
}

fn day(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 1, day).unwrap()
}

/// Some values of some facts.
fn condition() -> impl Strategy<Value = Facts> {
    vec((0..FACTS.len(), any::<u8>()), 0..4).prop_map(|parts| {
        parts.into_iter().fold(Facts::UNKNOWN, |condition, (fact, bits)| {
            let values = Facts::UNKNOWN.split(FACTS[fact]).enumerate();
            let some = values.filter(|(place, _)| bits >> place & 1 == 1).map(|(_, value)| value);
            let some = some.reduce(Facts::union).unwrap_or(Facts::UNKNOWN);
            condition.narrow(some).unwrap_or(condition)
        })
    })
}

fn rules() -> impl Strategy<Value = Vec<Rule>> {
    let rule = (0..Effect::ALL.len(), 1..4_u8, condition(), 0..2_u8, any::<bool>(), 0..3_u32);
    vec(rule, 1..9).prop_map(|rules| {
        let rules = rules.into_iter().enumerate();
        rules
            .map(|(number, (effect, actions, condition, name, is_own, until))| {
                let effect = Effect::ALL[effect];
                let named = ACTIONS.into_iter().enumerate();
                let named = named.filter(|(place, _)| actions >> place & 1 == 1);
                let actions: Set<Action> = named.map(|(_, action)| action).collect();
                let rule = Rule::new(format!("r-{number}"), effect, actions, day(1))
                    .when(condition)
                    .with_reason(format!("reason {name}"));
                let rule = if is_own { rule.with_rulebook("own") } else { rule };
                let rule = if until > 0 { rule.until(day(1 + until)) } else { rule };
                match effect {
                    Effect::Require => rule.with_requirement(format!("name-{name}")),
                    _ => rule,
                }
            })
            .collect()
    })
}

/// The rules that apply in a case, by the words of the policy alone.
fn applying(rules: &[Rule], action: Action, case: Facts) -> Vec<&Rule> {
    let applies = |rule: &&Rule| rule.actions().contains(action) && rule.condition().contains(case);
    rules.iter().filter(applies).collect()
}

fn with<'r>(rules: &[&'r Rule], effect: Effect) -> Vec<&'r Rule> {
    rules.iter().copied().filter(|rule| rule.effect() == effect).collect()
}

/// The verdict, the requirements, and the rules that have an effect.
fn decided(rules: &[Rule], action: Action, case: Facts) -> (Verdict, BTreeSet<&str>, Vec<&Rule>) {
    let all = applying(rules, action, case);
    for (effect, verdict) in [
        (Effect::Veto, Verdict::Denied),
        (Effect::Exclude, Verdict::NotCovered),
        (Effect::Forbid, Verdict::Denied),
    ] {
        let deciding = with(&all, effect);
        if !deciding.is_empty() {
            return (verdict, BTreeSet::new(), deciding);
        }
    }
    let permits = with(&all, Effect::Permit);
    if permits.is_empty() {
        return (Verdict::NotCovered, BTreeSet::new(), Vec::new());
    }
    let requires = with(&all, Effect::Require);
    let names = requires.iter().filter_map(|rule| rule.requirement()).collect();
    let verdict = if requires.is_empty() { Verdict::Allowed } else { Verdict::Conditional };
    (verdict, names, [permits, requires, with(&all, Effect::Advise)].concat())
}

/// The rules in force on the first day.
fn in_force(rulebook: &Rulebook) -> Vec<Rule> {
    rulebook.rules().to_vec()
}

fn found(analysis: &Analysis, kind: FindingKind, rule: &str, action: Action) -> Vec<Vec<String>> {
    let of = analysis.findings.iter().filter(|finding| {
        finding.kind == kind
            && finding.rule.as_deref() == Some(rule)
            && finding.actions.contains(action)
            && finding.periods[0].from == day(1)
    });
    of.map(|finding| finding.by.clone()).collect()
}

fn gap_cases(analysis: &Analysis, action: Action, on: NaiveDate) -> Vec<Facts> {
    let gaps: Vec<Facts> = analysis
        .findings
        .iter()
        .filter(|finding| finding.kind == FindingKind::Gap && finding.actions.contains(action))
        .filter(|finding| finding.periods.iter().any(|period| period.covers(on)))
        .map(|finding| finding.condition)
        .collect();
    let cases = cases().into_iter();
    cases
        .filter(|case| match gaps.iter().filter(|gap| gap.contains(*case)).count() {
            0 => false,
            1 => true,
            _ => panic!("{case} is in two gaps"),
        })
        .collect()
}

proptest! {
    #[test]
    fn findings_about_rules(rules in rules()) {
        let rulebook = Rulebook::new(rules).unwrap();
        let rules = in_force(&rulebook);
        let analysis = analyze(&rulebook);
        for rule in &rules {
            for action in rule.actions() {
                let counts = |case: &Facts| {
                    decided(&rules, action, *case).2.contains(&rule)
                };
                let dead = found(&analysis, FindingKind::Dead, rule.id(), action);
                prop_assert_eq!(dead.is_empty(), cases().iter().any(counts), "{} {}", rule.id(), action);
                let higher = |effect: Effect| match rule.effect() {
                    Effect::Require | Effect::Advise => effect < Effect::Permit,
                    own => effect < own,
                };
                // The cases in which the rule would have an effect without those that outrank it.
                let reaches = |case: &Facts| {
                    let all = applying(&rules, action, *case);
                    all.contains(&rule)
                        && (rule.effect() <= Effect::Permit || !with(&all, Effect::Permit).is_empty())
                };
                for by in &dead {
                    let is_outranked = |case: &Facts, without: Option<&String>| {
                        applying(&rules, action, *case).iter().any(|other| {
                            higher(other.effect())
                                && without.is_none_or(|id| id != other.id())
                                && by.iter().any(|id| id == other.id())
                        })
                    };
                    let reached: Vec<Facts> = cases().into_iter().filter(reaches).collect();
                    prop_assert!(reached.iter().all(|case| is_outranked(case, None)));
                    for id in by {
                        prop_assert!(!reached.iter().all(|case| is_outranked(case, Some(id))), "{id} is not needed");
                    }
                }
                let outranked = found(&analysis, FindingKind::Outranked, rule.id(), action);
                let mut by: Vec<&str> = Vec::new();
                if rule.rulebook().is_some() && rule.effect() <= Effect::Permit && dead.is_empty() {
                    for case in cases().iter().filter(|case| reaches(case)) {
                        let over = applying(&rules, action, *case);
                        let over: Vec<_> =
                            over.into_iter().filter(|other| higher(other.effect())).collect();
                        if over.iter().all(|other| other.rulebook().is_none()) {
                            by.extend(over.iter().map(|other| other.id()));
                        }
                    }
                }
                by.sort_unstable();
                by.dedup();
                let mut named: Vec<String> = outranked.concat();
                named.sort_unstable();
                prop_assert_eq!(named, by);
            }
        }
        // A rule with a finding applies in its example.
        for finding in analysis.findings.iter().filter(|finding| finding.rule.is_some()) {
            let rule = rules.iter().find(|rule| Some(rule.id()) == finding.rule.as_deref()).unwrap();
            prop_assert!(rule.condition().contains(finding.example), "{finding}");
        }
    }

    #[test]
    fn repeated_rules(rules in rules()) {
        let rulebook = Rulebook::new(rules).unwrap();
        let rules = in_force(&rulebook);
        let analysis = analyze(&rulebook);
        for (place, rule) in rules.iter().enumerate() {
            for action in rule.actions() {
                let (mut duplicate, mut subsumed) = (Vec::new(), Vec::new());
                for (other_place, other) in rules.iter().enumerate() {
                    let is_alike = other_place != place
                        && other.actions().contains(action)
                        && other.effect() == rule.effect()
                        && other.requirement() == rule.requirement()
                        && (rule.effect() != Effect::Advise || other.reason() == rule.reason());
                    let applies = |rule: &Rule| cases().into_iter().filter(|case| rule.condition().contains(*case)).collect::<Vec<_>>();
                    let (ours, theirs) = (applies(rule), applies(other));
                    if is_alike && ours == theirs && other_place < place {
                        duplicate.push(other.id().to_owned());
                    } else if is_alike && ours != theirs && ours.iter().all(|case| theirs.contains(case)) {
                        subsumed.push(other.id().to_owned());
                    }
                }
                prop_assert_eq!(found(&analysis, FindingKind::Duplicate, rule.id(), action).concat(), duplicate);
                prop_assert_eq!(found(&analysis, FindingKind::Subsumed, rule.id(), action).concat(), subsumed);
            }
        }
    }

    #[test]
    fn gaps_and_new_gaps(rules in rules(), others in rules()) {
        let (rulebook, other) = (Rulebook::new(rules).unwrap(), Rulebook::new(others).unwrap());
        let (analysis, before) = (analyze(&rulebook), analyze(&other));
        let new = analysis.new_since(&before);
        // Rules end on the second and the third day.
        for on in [1, 2, 3].map(day) {
            let uncovered = |rulebook: &Rulebook, action| -> Vec<Facts> {
                // Without a rule in force, there is no edition.
                let mut editions = rulebook.editions().filter(|edition| edition.since() <= on);
                let Some(edition) = editions.next_back().filter(|edition| edition.until().is_none_or(|until| on < until)) else {
                    return Vec::new();
                };
                let rules: Vec<Rule> = edition.rules().cloned().collect();
                let is_silent = |case: &Facts| {
                    applying(&rules, action, *case).iter().all(|rule| rule.effect() > Effect::Permit)
                };
                cases().into_iter().filter(is_silent).collect()
            };
            for &action in Action::ALL {
                let (now, earlier) = (uncovered(&rulebook, action), uncovered(&other, action));
                prop_assert_eq!(gap_cases(&analysis, action, on), now.clone());
                let begun: Vec<Facts> = now.into_iter().filter(|case| !earlier.contains(case)).collect();
                prop_assert_eq!(gap_cases(&new, action, on), begun, "new on {} on {}", action, on);
            }
        }
        for gap in analysis.findings.iter().filter(|finding| finding.kind == FindingKind::Gap) {
            for action in gap.actions {
                let uncovered = gap_cases(&analysis, action, gap.periods[0].from);
                prop_assert!(cases().into_iter().filter(|case| gap.example.contains(*case)).all(|case| uncovered.contains(&case)));
            }
        }
        prop_assert_eq!(analysis.new_since(&analysis).findings, []);
    }

    #[test]
    fn differences(rules in rules(), others in rules()) {
        let (from, to) = (Rulebook::new(rules).unwrap(), Rulebook::new(others).unwrap());
        let [before, after] = [&from, &to].map(|rulebook| rulebook.editions().next().unwrap());
        let difference = difference(before, after);
        let (mut differs, mut breaks) = (false, false);
        for action in ACTIONS {
            for case in cases() {
                let (was, is) = (decided(from.rules(), action, case), decided(to.rules(), action, case));
                let changes: Vec<_> = difference
                    .changes
                    .iter()
                    .filter(|change| change.action == action && change.condition.contains(case))
                    .collect();
                if (was.0, &was.1) == (is.0, &is.1) {
                    prop_assert!(changes.is_empty(), "{case}");
                    continue;
                }
                differs = true;
                breaks |= was.0 != Verdict::NotCovered;
                let [change] = changes[..] else { panic!("{case}: {changes:?}") };
                prop_assert_eq!((change.before, change.after), (was.0, is.0));
                let names = |names: &[String]| names.iter().cloned().collect::<BTreeSet<String>>();
                let owned = |names: BTreeSet<&str>| names.into_iter().map(Into::into).collect();
                prop_assert_eq!(names(&change.required_before), owned(was.1));
                prop_assert_eq!(names(&change.required_after), owned(is.1));
            }
        }
        let expected = match (breaks, differs, difference.ended.is_empty() && difference.begun.is_empty()) {
            (true, ..) => ChangeKind::Breaking,
            (_, true, _) => ChangeKind::Additive,
            (.., false) => ChangeKind::Wording,
            _ => ChangeKind::None,
        };
        prop_assert_eq!(difference.kind, expected);
        // No two conditions of one kind can be joined.
        for (place, one) in difference.changes.iter().enumerate() {
            for other in &difference.changes[place + 1..] {
                let kind = |of: &csp_multichannel_rulebook::VerdictChange| {
                    (of.action, of.before, of.after, of.required_before.clone(), of.required_after.clone())
                };
                let joins = |fact: &Fact| one.condition.without(*fact) == other.condition.without(*fact);
                prop_assert!(kind(one) != kind(other) || !Fact::ALL.iter().any(joins), "{one:?} {other:?}");
            }
        }
    }

    #[test]
    fn witnesses_differ_in_one_fact(rules in rules()) {
        let rulebook = Rulebook::new(rules).unwrap();
        let edition = rulebook.editions().next().unwrap();
        for rule in rulebook.rules() {
            let counts = |action, case: Facts| {
                decided(rulebook.rules(), action, case).2.contains(&rule)
            };
            let pair = witnesses(edition, rule.id());
            let has_edge = rule.actions().iter().any(|action| {
                let counting = cases().into_iter().filter(|case| counts(action, *case)).count();
                counting > 0 && counting < cases().len()
            });
            prop_assert_eq!(pair.is_some(), has_edge, "{}", rule.id());
            if let Some(pair) = pair {
                prop_assert!(counts(pair.action, pair.with) && !counts(pair.action, pair.without));
                prop_assert_eq!(pair.with.without(pair.fact), pair.without.without(pair.fact));
                prop_assert!(pair.with.is_known() && pair.without.is_known());
            }
        }
    }
}

/// Findings that differ in the action only are joined; gaps are sorted by action, then by day.
#[test]
fn findings_in_order() {
    let rule = |id: &str, action: Action, from, until| {
        Rule::new(id.to_owned(), Effect::Permit, action, day(from))
            .until(day(until))
            .with_reason("x")
    };
    let dead = Rule::new("dead", Effect::Permit, Action::MOVES, day(1))
        .when(csp_multichannel::Channel::ThisPartner)
        .with_reason("ours already");
    let base = Rulebook::partner_center();
    let rulebook = csp_multichannel_rulebook::Overlay::new("own").add(dead).apply_to(base).unwrap();
    let new = analyze(&rulebook).new_since(&analyze(base)).findings;
    let [finding] = &new[..] else { panic!("{new:?}") };
    assert_eq!((finding.kind, finding.actions), (FindingKind::Dead, Action::MOVES));

    let request = Action::RequestRelationship;
    let rulebook = [rule("a", Action::Switch, 1, 2), rule("b", request, 2, 3)];
    let findings = analyze(&Rulebook::new(rulebook).unwrap()).findings;
    let order: Vec<(Action, NaiveDate)> =
        findings.iter().map(|gap| (gap.actions.single().unwrap(), gap.periods[0].from)).collect();
    assert!(order.is_sorted(), "{order:?}");
    assert_eq!(order.len(), 5);
}

/// Gaps and changes on all 1,026,432 cases of today, by a custom rulebook with a base.
#[test]
fn every_case_of_today() {
    let northwind =
        csp_multichannel_rulebook::from_toml(include_str!("data/northwind.toml")).unwrap();
    let at = csp_multichannel::parse_instant("2026-11-27").unwrap();
    let [before, after] =
        [Rulebook::partner_center(), &northwind].map(|rulebook| rulebook.edition_at(at).unwrap());
    let difference = difference(before, after);
    let findings = csp_multichannel_rulebook::analyze_edition(after).findings;
    let gaps = findings.iter().filter(|finding| finding.kind == FindingKind::Gap);
    let gaps: Vec<_> = gaps.map(|gap| (gap.actions, gap.condition)).collect();
    let mut count = 0;
    for case in Facts::UNKNOWN.assignments() {
        let decisions = [before.decide(case), after.decide(case)];
        for &action in Action::ALL {
            let is_silent = decisions[1].verdict(action) == Verdict::NotCovered
                && decisions[1].reasons(action).len() == 0;
            let in_gaps =
                gaps.iter().filter(|(of, gap)| of.contains(action) && gap.contains(case)).count();
            assert_eq!(in_gaps, usize::from(is_silent), "{action} in {case}");

            let changes = difference.changes.iter();
            let changes = changes.filter(|of| of.action == action && of.condition.contains(case));
            let answers = decisions.map(|decision| {
                let required = decision.requirements(action).map(Into::into).collect();
                (decision.verdict(action), required)
            });
            let named: Vec<[(Verdict, BTreeSet<String>); 2]> = changes
                .map(|of| {
                    let set = |names: &[String]| names.iter().cloned().collect();
                    [(of.before, set(&of.required_before)), (of.after, set(&of.required_after))]
                })
                .collect();
            let differs = answers[0] != answers[1];
            assert_eq!(named, if differs { vec![answers] } else { vec![] }, "{action} in {case}");
        }
        count += 1;
    }
    assert_eq!(count, 1_026_432);
}
