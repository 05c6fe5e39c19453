//! The index of an edition: which rules fire, and what effects they have.

use chrono::NaiveDate;

use crate::fact::Fact;
use crate::facts::Facts;
use crate::rule::{Action, Effect, Rule};

/// A set of rules in force: a bit each, in register order from the lowest.
pub(crate) type RuleMask = u128;

/// The rules with each effect.
pub(crate) type RulesByEffect = [RuleMask; Effect::ALL.len()];

/// The rules in force from one day on, arranged for deciding.
///
/// Deciding is packet classification by bit vectors (T. V. Lakshman and D. Stiliadis, SIGCOMM
/// 1998): the rules that fire are the AND of one mask for each fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Index {
    pub(crate) since: NaiveDate,
    /// The position of each rule in the rulebook.
    pub(crate) rules: [u32; Index::CAPACITY],
    /// For each value of each fact, the rules that admit it. The last entry, for no value, has all
    /// rules.
    admitting: [RuleMask; Fact::BITS + 1],
    /// For each action and effect, the rules that have it.
    effects: [RulesByEffect; Action::ALL.len()],
    /// For each fact, the rules that do not name it.
    indifferent: [RuleMask; Fact::COUNT],
    /// All vetoes.
    vetoes: RuleMask,
    /// The rules that can decide all actions at once: vetoes, and exclusions from all actions.
    sweeping: RuleMask,
}

// Each edition adds this much to a rulebook.
const _: () = assert!(size_of::<Index>() <= 2048);

#[expect(
    clippy::indexing_slicing,
    reason = "enumerations index arrays with an entry for each variant"
)]
impl Index {
    /// The number of rules that can be in force at once.
    pub(crate) const CAPACITY: usize = RuleMask::BITS as usize;

    /// Arranges the rules in force on a day; `None` if there are too many.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "`Rulebook::new` counts the rules in a `u32`"
    )]
    pub(crate) const fn new(rules: &[Rule], since: NaiveDate) -> Option<Self> {
        let mut index = Self::empty(since);
        let mut place = 0;
        let mut position = 0;
        while position < rules.len() {
            let rule = &rules[position];
            if rule.validity.covers(since) {
                if place == Self::CAPACITY {
                    return None;
                }
                index.place(rule, position as u32, place);
                place += 1;
            }
            position += 1;
        }
        Some(index.complete())
    }

    /// Arranges the rules at some positions, in order; `None` if there are too many.
    pub(crate) fn of(
        rules: &[Rule],
        in_force: impl IntoIterator<Item = u32>,
        since: NaiveDate,
    ) -> Option<Self> {
        let mut index = Self::empty(since);
        for (place, position) in in_force.into_iter().enumerate() {
            if place == Self::CAPACITY {
                return None;
            }
            index.place(rules.get(position as usize)?, position, place);
        }
        Some(index.complete())
    }

    const fn empty(since: NaiveDate) -> Self {
        Self {
            since,
            rules: [0; Self::CAPACITY],
            admitting: [0; Fact::BITS + 1],
            indifferent: [0; Fact::COUNT],
            effects: [[0; Effect::ALL.len()]; Action::ALL.len()],
            vetoes: 0,
            sweeping: RuleMask::MAX,
        }
    }

    const fn place(&mut self, rule: &Rule, position: u32, place: usize) {
        self.rules[place] = position;
        self.enter(rule, 1 << place);
    }

    const fn complete(mut self) -> Self {
        let mut effects = self.effects.as_slice();
        while let [[veto, exclude, ..], rest @ ..] = effects {
            self.vetoes |= *veto;
            self.sweeping &= *exclude;
            effects = rest;
        }
        self.sweeping |= self.vetoes;
        self
    }

    const fn enter(&mut self, rule: &Rule, bit: RuleMask) {
        let mut admitted = rule.condition.bits() | Self::NO_VALUE;
        while admitted != 0 {
            self.admitting[admitted.trailing_zeros() as usize] |= bit;
            admitted &= admitted - 1;
        }
        let mut fact = 0;
        while fact < Fact::COUNT {
            if rule.condition.bits() & Fact::FIELDS[fact] == Fact::FIELDS[fact] {
                self.indifferent[fact] |= bit;
            }
            fact += 1;
        }
        let mut actions = rule.actions.bits();
        while actions != 0 {
            self.effects[actions.trailing_zeros() as usize][rule.effect as usize] |= bit;
            actions &= actions - 1;
        }
    }

    /// A bit above those of all values.
    const NO_VALUE: u64 = 1 << Fact::BITS;

    /// The rules that admit the first of some values, given as bits; without a value, all rules.
    #[inline]
    pub(crate) const fn admitting(&self, values: u64) -> RuleMask {
        self.admitting[(values | Self::NO_VALUE).trailing_zeros() as usize]
    }

    /// For each action and effect, the rules that have it.
    #[inline]
    pub(crate) const fn effects(&self) -> &[RulesByEffect; Action::ALL.len()] {
        &self.effects
    }

    /// For each effect, the rules that have it on an action.
    #[inline]
    pub(crate) const fn effects_on(&self, action: Action) -> &RulesByEffect {
        &self.effects[action as usize]
    }

    /// The rules that have an effect on an action.
    pub(crate) const fn rules_with(&self, action: Action, effect: Effect) -> RuleMask {
        self.effects[action as usize][effect as usize]
    }

    /// Whether some rule of a mask is a veto.
    #[inline]
    pub(crate) const fn any_vetoes(&self, rules: RuleMask) -> bool {
        rules & self.vetoes != 0
    }

    /// Whether some rule of a mask is a veto, or excludes from all actions.
    #[inline]
    pub(crate) const fn any_sweeps(&self, rules: RuleMask) -> bool {
        rules & self.sweeping != 0
    }

    /// The rules that fire in all possible cases, and those that fire in some.
    #[inline]
    pub(crate) fn masks(&self, facts: Facts) -> (RuleMask, RuleMask) {
        if facts.is_known() {
            let firing = self.admitting_each(facts.bits());
            (firing, firing)
        } else {
            self.masks_of_unknown(facts)
        }
    }

    /// The rules that admit the first value of each fact, or any where a fact has no value.
    #[inline]
    fn admitting_each(&self, values: u64) -> RuleMask {
        let mut admitting = RuleMask::MAX;
        for field in Fact::FIELDS {
            admitting &= self.admitting(values & field);
        }
        admitting
    }

    // Not inlined into the path of known cases.
    #[inline(never)]
    fn masks_of_unknown(&self, facts: Facts) -> (RuleMask, RuleMask) {
        let (mut certain, mut firing) = (RuleMask::MAX, RuleMask::MAX);
        let mut known = facts.bits();
        for (fact, values) in facts.unknown_values() {
            let (all, any) = self.admitting_all_and_any(fact, values);
            certain &= all;
            firing &= any;
            known &= !values;
        }
        let admitting = self.admitting_each(known);
        (certain & admitting, firing & admitting)
    }

    /// The rules that admit all of some values of a fact, and those that admit any.
    #[inline]
    pub(crate) const fn admitting_all_and_any(
        &self,
        fact: Fact,
        mut values: u64,
    ) -> (RuleMask, RuleMask) {
        if values == fact.field() {
            // Every rule admits some value of each fact.
            return (self.indifferent[fact as usize], RuleMask::MAX);
        }
        let (mut all, mut any) = (RuleMask::MAX, 0);
        while values != 0 {
            let admitting = self.admitting(values);
            all &= admitting;
            any |= admitting;
            values &= values - 1;
        }
        (all, any)
    }
}
