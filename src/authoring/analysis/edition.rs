//! The findings in one edition.

use core::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use std::vec::Vec;

use super::FindingKind;
use crate::facts::{Assignment, Facts};
use crate::guidance::Means;
use crate::partition::{Cases, partition};
use crate::rulebook::{Edition, RuleMask};
use crate::rules::{Condition, Rule};
use crate::vocabulary::{Action, ActionSet, Effect, Fact, FactSet, Set, Value, ValueSet, Verdict};

/// A finding in one edition.
pub(super) struct Found<'r> {
    pub(super) kind: FindingKind<'r>,
    pub(super) actions: ActionSet,
    pub(super) example: Facts,
}

/// Searches one edition after the other, and keeps what the next one is likely to need again.
#[derive(Default)]
pub(super) struct Searches {
    /// The cases that the last edition told apart, by the facts that its rules name.
    cases: Option<(FactSet, Rc<[Assignment]>)>,
    /// The gaps that some conditions leave.
    gaps: HashMap<Vec<Condition>, Vec<Condition>>,
}

impl Searches {
    /// All findings in an edition.
    pub(super) fn run<'r>(&mut self, edition: Edition<'r>) -> Vec<Found<'r>> {
        let search = Search::new(edition, self.cases(named(edition.rules().map(Rule::condition))));
        let mut found = search.idle();
        found.extend(search.meetings());
        for &action in Action::ALL {
            let deciding = [Effect::Exclude, Effect::Forbid, Effect::Permit];
            let speaking = deciding.iter().fold(0, |mask, &effect| mask | search.speaking(action, effect));
            let conditions: Vec<Condition> = edition.rules_in(speaking).map(Rule::condition).collect();
            let gaps = self.gaps.entry(conditions).or_insert_with_key(|conditions| gaps(conditions));
            found.extend(gaps.iter().filter_map(|&condition| {
                let example = first(Facts::tightened(condition.values())?);
                Some(Found { kind: FindingKind::Gap { condition }, actions: action.into(), example })
            }));
        }
        found.extend(search.repeated());
        found.extend(search.unmeetable());
        united(found)
    }

    /// All cases that rules can tell apart that name these facts, in order.
    fn cases(&mut self, named: FactSet) -> Rc<[Assignment]> {
        match &self.cases {
            Some((of, cases)) if *of == named => Rc::clone(cases),
            _ => {
                let cases: Rc<[Assignment]> = told_apart(named).into();
                self.cases = Some((named, Rc::clone(&cases)));
                cases
            }
        }
    }
}

/// The facts that some conditions name.
fn named(conditions: impl IntoIterator<Item = Condition>) -> FactSet {
    conditions.into_iter().fold(FactSet::EMPTY, |named, condition| named.union(condition.facts()))
}

/// All cases in which the other facts have their first values, in the order of the policy's tables.
fn told_apart(named: FactSet) -> Vec<Assignment> {
    // Each of these two can tell the other.
    let both = FactSet::from([Fact::Service, Fact::Term]);
    let named = if named.intersection(both).is_empty() { named } else { named.union(both) };
    let mut cases = std::vec![Facts::UNKNOWN];
    for &fact in Fact::ALL {
        let wanted = if named.contains(fact) { usize::MAX } else { 1 };
        let each = |facts: Facts| {
            let values = facts.possible(fact).iter().take(wanted);
            values.filter_map(move |value| facts.given(value).ok())
        };
        cases = cases.into_iter().flat_map(each).collect();
    }
    cases.into_iter().filter_map(Facts::assignment).collect()
}

/// The first case that is possible with some facts.
fn first(facts: Facts) -> Facts {
    Fact::ALL.iter().fold(facts, |facts, &fact| {
        let value = facts.possible(fact).iter().next();
        value.and_then(|value| facts.given(value).ok()).unwrap_or(facts)
    })
}

/// The cases that meet none of some conditions.
fn gaps(conditions: &[Condition]) -> Vec<Condition> {
    let cases = |facts: Facts| {
        if conditions.iter().any(|condition| facts.values().is_subset(condition.values())) {
            Cases::None
        } else if conditions.iter().any(|condition| condition.may_be_met(facts)) {
            Cases::Mixed
        } else {
            Cases::All(())
        }
    };
    let parts = partition(Facts::UNKNOWN, named(conditions.iter().copied()), cases);
    parts.into_iter().map(|(condition, ())| condition).collect()
}

/// Unites what is found on several actions with the same example.
fn united(found: Vec<Found<'_>>) -> Vec<Found<'_>> {
    let mut united: Vec<Found<'_>> = Vec::with_capacity(found.len());
    let mut places = HashMap::new();
    for one in found {
        let place = *places.entry((one.kind.clone(), one.example)).or_insert(united.len());
        match united.get_mut(place) {
            Some(other) => other.actions = other.actions.union(one.actions),
            None => united.push(one),
        }
    }
    united
}

/// The search through the cases of one edition.
struct Search<'r> {
    edition: Edition<'r>,
    cases: Rc<[Assignment]>,
    /// The sets of rules that fire together, each with the first case in which they do, in the order of these.
    firing: Vec<(RuleMask, Assignment)>,
}

impl<'r> Search<'r> {
    fn new(edition: Edition<'r>, cases: Rc<[Assignment]>) -> Self {
        let mut seen = HashSet::new();
        let firing = cases.iter().map(|&case| (edition.index().firing(case) & edition.in_force(), case));
        let firing = firing.filter(|&(firing, _)| seen.insert(firing)).collect();
        Self { edition, cases, firing }
    }

    /// The rules with an effect on an action.
    fn speaking(&self, action: Action, effect: Effect) -> RuleMask {
        self.edition.index().speaking(action, effect) & self.edition.in_force()
    }

    /// Those of the rules that fire that come to something on an action: they decide the verdict, or go with one that is open.
    fn at_work(&self, action: Action, firing: RuleMask) -> RuleMask {
        let of = |effect| firing & self.speaking(action, effect);
        match [Effect::Exclude, Effect::Forbid, Effect::Permit].map(of) {
            [0, 0, 0] => 0,
            [0, 0, permits] => permits | of(Effect::Require) | of(Effect::Advise),
            [0, forbids, _] => forbids,
            [exclusions, ..] => exclusions,
        }
    }

    /// Those that come to something in some case.
    fn ever_at_work(&self, action: Action) -> RuleMask {
        self.firing.iter().fold(0, |ever, &(firing, _)| ever | self.at_work(action, firing))
    }

    /// The rules of a mask, each with its own.
    fn each(&self, mut mask: RuleMask) -> impl Iterator<Item = (RuleMask, &'r Rule)> + use<'r> {
        self.edition.rules_in(mask).map(move |rule| {
            let lowest = mask & mask.wrapping_neg();
            mask ^= lowest;
            (lowest, rule)
        })
    }

    fn idle(&self) -> Vec<Found<'r>> {
        let mut found = Vec::new();
        for &action in Action::ALL {
            let speaking = Effect::ALL.iter().fold(0, |mask, &effect| mask | self.speaking(action, effect));
            for (mask, rule) in self.each(speaking & !self.ever_at_work(action)) {
                let Some(&(_, example)) = self.firing.iter().find(|(firing, _)| firing & mask != 0) else { continue };
                let by = self.outranking(action, mask, rule.effect());
                let by = self.edition.rules_in(by).collect();
                found.push(Found {
                    kind: FindingKind::Idle { rule, by },
                    actions: action.into(),
                    example: example.into(),
                });
            }
        }
        found
    }

    /// A few rules of which one at least keeps an idle rule from coming to anything, wherever it could.
    fn outranking(&self, action: Action, idle: RuleMask, effect: Effect) -> RuleMask {
        let [exclusions, forbids, permits] =
            [Effect::Exclude, Effect::Forbid, Effect::Permit].map(|effect| self.speaking(action, effect));
        let (outranking, needed) = match effect {
            Effect::Exclude => (0, 0),
            Effect::Forbid => (exclusions, RuleMask::MAX),
            Effect::Permit => (exclusions | forbids, RuleMask::MAX),
            Effect::Require | Effect::Advise => (exclusions | forbids, permits),
        };
        let cases = self.firing.iter().map(|&(firing, _)| firing);
        let cases = cases.filter(|firing| firing & idle != 0 && firing & needed != 0);
        let sets: HashSet<RuleMask> = cases.map(|firing| firing & outranking).collect();
        self.few_of_each(&sets)
    }

    /// A few rules of which one at least is in each set: always the one that is in the most sets that are left, and then without those that
    /// are of no use. Of two in as many, the one that comes first in the register.
    fn few_of_each(&self, sets: &HashSet<RuleMask>) -> RuleMask {
        let mut left: Vec<RuleMask> = sets.iter().copied().collect();
        let mut few = 0;
        loop {
            left.retain(|set| set & few == 0);
            let candidates = left.iter().fold(0, |all, set| all | set);
            let in_sets = |mask: RuleMask| left.iter().filter(|&&set| set & mask != 0).count();
            let candidates = self.each(candidates).map(|(mask, _)| mask);
            let Some(best) = candidates.min_by_key(|&mask| Reverse(in_sets(mask))) else { break };
            few |= best;
        }
        let chosen: Vec<RuleMask> = self.each(few).map(|(mask, _)| mask).collect();
        for mask in chosen.into_iter().rev() {
            if sets.iter().all(|set| set & few & !mask != 0) {
                few &= !mask;
            }
        }
        few
    }

    fn meetings(&self) -> Vec<Found<'r>> {
        let mut found = Vec::new();
        for &action in Action::ALL {
            let [exclusions, forbids, permits] =
                [Effect::Exclude, Effect::Forbid, Effect::Permit].map(|effect| self.speaking(action, effect));
            let meeting = self.firing.iter().filter(|(firing, _)| firing & exclusions == 0);
            for (permit_mask, permit) in self.each(permits) {
                let mut met = 0;
                let mut of_permit = Vec::new();
                for &(firing, example) in meeting.clone().filter(|(firing, _)| firing & permit_mask != 0) {
                    of_permit.extend(self.each(firing & forbids & !met).map(|(mask, forbid)| (mask, forbid, example)));
                    met |= firing & forbids;
                }
                of_permit.sort_by_key(|&(mask, ..)| mask);
                for (_, forbid, example) in of_permit {
                    if !is_within(permit, forbid) && !is_within(forbid, permit) {
                        let kind = FindingKind::Meeting { permit, forbid };
                        found.push(Found { kind, actions: action.into(), example: example.into() });
                    }
                }
            }
        }
        found
    }

    fn repeated(&self) -> Vec<Found<'r>> {
        let rules: Vec<&Rule> = self.edition.rules().collect();
        let mut found = Vec::new();
        for (at, &one) in rules.iter().enumerate() {
            for &other in rules.iter().skip(at + 1).filter(|other| says_the_same(one, other)) {
                let actions = one.actions().intersection(other.actions());
                let (kind, rule) = match (is_within(one, other), is_within(other, one)) {
                    (true, true) => (FindingKind::Same { rule: one, other }, one),
                    (true, false) => (FindingKind::Covered { rule: one, by: other }, one),
                    (false, true) => (FindingKind::Covered { rule: other, by: one }, other),
                    (false, false) => continue,
                };
                let Some(cases) = Facts::tightened(rule.condition().values()) else { continue };
                if !actions.is_empty() {
                    found.push(Found { kind, actions, example: first(cases) });
                }
            }
        }
        found
    }

    fn unmeetable(&self) -> Vec<Found<'r>> {
        let reach = Reach::new();
        let mut found = Vec::new();
        for &action in Action::ALL {
            let requiring = self.ever_at_work(action) & self.speaking(action, Effect::Require);
            for (mask, rule) in self.each(requiring) {
                let is_required = |case: &Assignment| {
                    let firing = self.edition.index().firing(*case) & self.edition.in_force();
                    self.at_work(action, firing) & mask != 0
                };
                let mut required = self.cases.iter().copied().filter(is_required).map(Facts::from);
                let Some(example) = required.clone().next() else { continue };
                let condition = rule.condition();
                // What does not help all cases together helps none of them.
                let all = Facts::tightened(condition.values()).map_or(ValueSet::EMPTY, |all| reach.from(all));
                let mut tried = HashSet::new();
                let mut is_met = |case: Facts| {
                    let within_reach = reach.from(case);
                    tried.insert(within_reach) && self.is_open_without(action, condition, within_reach)
                };
                if !self.is_open_without(action, condition, all) || !required.any(&mut is_met) {
                    found.push(Found { kind: FindingKind::Unmeetable { rule }, actions: action.into(), example });
                }
            }
        }
        found
    }

    /// Whether an action is open in some case of those with these values that does not meet a condition.
    fn is_open_without(&self, action: Action, condition: Condition, values: ValueSet) -> bool {
        let open = Set::from([Verdict::Allowed, Verdict::Conditional]);
        condition.facts().iter().any(|fact| {
            let other = values.intersection(fact.values()).difference(condition.values());
            let changed = values.difference(fact.values()).union(other);
            let changed = if other.is_empty() { None } else { Facts::tightened(changed) };
            changed.is_some_and(|facts| !self.edition.decide(facts).possible(action).intersection(open).is_empty())
        })
    }
}

/// What someone can change facts to, or time does.
struct Reach {
    /// For each value, those that its fact can change to.
    changes: Vec<ValueSet>,
}

impl Reach {
    fn new() -> Self {
        // What can be changed in several steps can be changed in one, and whether it can does not depend on other facts.
        let changes = |from: Value| {
            let from = Facts::UNKNOWN.given(from).unwrap_or(Facts::UNKNOWN);
            ValueSet::all().iter().filter(|&to| matches!(Means::of(from, to), Means::By(_))).collect()
        };
        Self { changes: ValueSet::all().iter().map(changes).collect() }
    }

    /// The values of some facts, and all that they can change to.
    fn from(&self, facts: Facts) -> ValueSet {
        let changes = facts.values().iter().filter_map(|value| self.changes.get(value.index()));
        changes.fold(facts.values(), |all, &changes| all.union(changes))
    }
}

/// Whether all cases of a rule are cases of another.
fn is_within(rule: &Rule, other: &Rule) -> bool {
    // Every value that is left occurs in a case.
    let cases = |rule: &Rule| Facts::tightened(rule.condition().values()).map(Facts::values);
    cases(rule).zip(cases(other)).is_some_and(|(of_rule, of_other)| of_rule.is_subset(of_other))
}

/// Whether two rules say the same where both fire.
fn says_the_same(one: &Rule, other: &Rule) -> bool {
    let is_said = (one.effect(), one.requirement()) == (other.effect(), other.requirement());
    // What advice says is its reason.
    is_said && (one.effect() != Effect::Advise || one.reason() == other.reason())
}
