//! Other ways to decide, to measure and to test the engine against.

#![allow(dead_code, reason = "each user needs a part")]

use csp_multichannel::{Action, Assignment, Edition, Effect, Fact, Facts, Rule, Verdict, Verdicts};

/// Rule after rule: of each the facts that it names, of each fact the values that it admits.
pub struct Scan<'r> {
    rules: Vec<Row<'r>>,
}

struct Row<'r> {
    rule: &'r Rule,
    effect: Effect,
    actions: [bool; 5],
    conditions: Vec<(usize, Vec<&'static str>)>,
}

/// The words of a case, a fact each.
pub type Words = [&'static str; 11];

/// The words of a case of which everything is known.
pub fn words(facts: Facts) -> Words {
    std::array::from_fn(|fact| {
        let value = Fact::ALL.get(fact).and_then(|&fact| facts.possible(fact).single());
        value.expect("everything is known").as_str()
    })
}

impl<'r> Scan<'r> {
    pub fn new(edition: Edition<'r>) -> Self {
        Self { rules: edition.rules().map(Row::new).collect() }
    }

    /// The verdicts, and the rules that fire.
    pub fn decide(&self, case: &Words) -> ([Verdict; 5], Vec<&'r Rule>) {
        let firing: Vec<&Row<'_>> = self.rules.iter().filter(|row| row.fires(case)).collect();
        let verdicts = std::array::from_fn(|action| {
            let has = |effect| firing.iter().any(|row| row.effect == effect && row.actions[action]);
            verdict([Effect::Exclude, Effect::Forbid, Effect::Permit, Effect::Require].map(has))
        });
        (verdicts, firing.into_iter().map(|row| row.rule).collect())
    }

    /// The verdicts alone, without an allocation.
    pub fn verdicts(&self, case: &Words) -> [Verdict; 5] {
        let mut has = [[false; 5]; 5];
        for row in self.rules.iter().filter(|row| row.fires(case)) {
            for (has, applies) in has.iter_mut().zip(row.actions) {
                has[row.effect as usize] |= applies;
            }
        }
        has.map(|[effects @ .., _]| verdict(effects))
    }
}

impl<'r> Row<'r> {
    fn new(rule: &'r Rule) -> Self {
        let admitted = |fact: Fact| rule.condition().admitted(fact);
        let named = Fact::ALL.iter().filter(|&&fact| admitted(fact) != fact.values());
        let conditions = named
            .map(|&fact| (fact as usize, admitted(fact).iter().map(csp_multichannel::Value::as_str).collect()))
            .collect();
        let actions = std::array::from_fn(|action| rule.actions().contains(Action::ALL[action]));
        Self { rule, effect: rule.effect(), actions, conditions }
    }

    fn fires(&self, case: &Words) -> bool {
        self.conditions.iter().all(|(fact, admitted)| admitted.contains(&case[*fact]))
    }
}

/// Rule after rule too, each condition a single operation on bits: what the library's own types make of it.
pub struct BitScan<'r> {
    rules: Vec<&'r Rule>,
}

impl<'r> BitScan<'r> {
    pub fn new(edition: Edition<'r>) -> Self {
        Self { rules: edition.rules().collect() }
    }

    pub fn verdicts(&self, facts: Facts) -> [Verdict; 5] {
        let mut has = [[false; 5]; 5];
        for rule in self.rules.iter().filter(|rule| facts.values().is_subset(rule.condition().values())) {
            for action in rule.actions() {
                has[action as usize][rule.effect() as usize] = true;
            }
        }
        has.map(|[effects @ .., _]| verdict(effects))
    }
}

/// The verdict where there are rules that exclude, forbid, permit, require.
fn verdict(effects: [bool; 4]) -> Verdict {
    match effects {
        [true, ..] | [_, false, false, _] => Verdict::NotCovered,
        [_, true, ..] => Verdict::Denied,
        [.., true] => Verdict::Conditional,
        _ => Verdict::Allowed,
    }
}

/// Every case decided beforehand: the least that deciding can cost.
///
/// It knows no rules, no reasons and no unknown facts, and takes 2 MiB an edition.
pub struct Dense {
    /// For each packed case, the place of its verdicts.
    places: Vec<u8>,
    /// The different verdicts that occur.
    verdicts: Vec<Verdicts>,
}

impl Dense {
    pub fn new(edition: Edition<'_>) -> Self {
        let mut dense = Self { places: vec![0; 1 << Assignment::BITS], verdicts: Vec::new() };
        for case in Assignment::all() {
            let decided = edition.decide(case.into()).verdicts();
            let place = dense.verdicts.iter().position(|&verdicts| verdicts == decided).unwrap_or_else(|| {
                dense.verdicts.push(decided);
                dense.verdicts.len() - 1
            });
            dense.places[case.to_bits() as usize] = place.try_into().expect("at most 256 different verdicts");
        }
        dense
    }

    #[inline]
    pub fn verdicts(&self, case: Assignment) -> Verdicts {
        self.verdicts[usize::from(self.places[case.to_bits() as usize])]
    }
}
