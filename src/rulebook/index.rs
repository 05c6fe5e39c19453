//! The index over the rules of an edition: which of them fire, by bit vectors.
//!
//! Deciding is packet classification (T. V. Lakshman and D. Stiliadis, SIGCOMM 1998): for each value
//! of a fact, a mask of the rules that admit it; the rules that fire are the AND of one mask a fact.
//! The masks of a group of facts are united beforehand, by AND, so that three loads remain.

use chrono::NaiveDate;

use crate::facts::Assignment;
use crate::rules::Rule;
use crate::vocabulary::{Action, ActionSet, Effect, Fact, Value};

/// A set of rules of one index, a bit each, from the lowest up: those that decide before those that
/// advise, both in register order.
pub(crate) type RuleMask = u128;

/// The effects that some rules have on actions: a lane an effect, in it a bit an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Effects(u32);

impl Effects {
    const LANE: u32 = Action::ALL.len() as u32;
    const NONE: Self = Self(0);

    /// The effects of one rule. Advice has none on verdicts.
    const fn of(rule: &Rule) -> Self {
        match rule.effect() {
            Effect::Advise => Self::NONE,
            effect => Self((rule.actions().bits() as u32) << (effect as u32 * Self::LANE)),
        }
    }

    const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The actions that have this effect.
    pub(crate) const fn on(self, effect: Effect) -> ActionSet {
        ActionSet::from_bits((self.0 >> (effect as u32 * Self::LANE)) as u64 & ((1 << Self::LANE) - 1))
    }
}

/// The rules in force during some consecutive editions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Index {
    /// Where each rule stands in the rulebook.
    rules: [u32; Index::CAPACITY],
    len: u32,
    /// How many of them decide.
    deciding: u32,
    /// The rules that admit a value.
    admitting: [RuleMask; Value::COUNT],
    /// The rules that admit the values of a group of facts.
    groups: [[RuleMask; 1 << Assignment::GROUP_BITS]; Assignment::GROUPS],
    /// The rules that speak of an action, by effect.
    speaking: [[RuleMask; Effect::ALL.len()]; Action::ALL.len()],
    /// For each byte of a mask, the effects of the rules in it.
    effects: [[Effects; 1 << u8::BITS]; Index::CAPACITY / u8::BITS as usize],
}

#[expect(
    clippy::indexing_slicing,
    reason = "enumerations index arrays with an entry a variant, groups are masked to their table's length, and the rest runs at build time, within bounds checked by the loops"
)]
impl Index {
    /// How many rules it can hold.
    pub(crate) const CAPACITY: usize = RuleMask::BITS as usize;

    /// The index over the rules in force on any day from `from` on, up to `until`, exclusive.
    ///
    /// None where they are more than it can hold.
    pub(crate) const fn new(rules: &[Rule], from: NaiveDate, until: Option<NaiveDate>) -> Option<Self> {
        let mut index = Self {
            rules: [0; Self::CAPACITY],
            len: 0,
            deciding: 0,
            admitting: [0; Value::COUNT],
            groups: [[0; 1 << Assignment::GROUP_BITS]; Assignment::GROUPS],
            speaking: [[0; Effect::ALL.len()]; Action::ALL.len()],
            effects: [[Effects::NONE; 1 << u8::BITS]; Self::CAPACITY / u8::BITS as usize],
        };
        let mut advice = false;
        loop {
            let mut position = 0;
            while position < rules.len() {
                let rule = &rules[position];
                if matches!(rule.effect(), Effect::Advise) == advice && rule.validity().meets(from, until) {
                    if index.len as usize == Self::CAPACITY {
                        return None;
                    }
                    index.rules[index.len as usize] = position as u32;
                    index.enter(rule, index.len);
                    index.len += 1;
                }
                position += 1;
            }
            if advice {
                break;
            }
            index.deciding = index.len;
            advice = true;
        }
        index.combine_values();
        index.combine_effects();
        Some(index)
    }

    const fn enter(&mut self, rule: &Rule, place: u32) {
        let bit = 1 << place;
        self.effects[place as usize / u8::BITS as usize][1 << (place % u8::BITS)] = Effects::of(rule);
        let mut value = 0;
        while value < Value::COUNT {
            if rule.condition().values().bits() >> value & 1 == 1 {
                self.admitting[value] |= bit;
            }
            value += 1;
        }
        let mut action = 0;
        while action < Action::ALL.len() {
            if rule.actions().bits() >> action & 1 == 1 {
                self.speaking[action][rule.effect() as usize] |= bit;
            }
            action += 1;
        }
    }

    /// ANDs the masks of the facts of each group, for each combination of their values.
    const fn combine_values(&mut self) {
        let mut group = 0;
        while group < Assignment::GROUPS {
            let mut fields = 0;
            while fields < 1 << Assignment::GROUP_BITS {
                self.groups[group][fields as usize] = self.admitting_all(group as u32, fields);
                fields += 1;
            }
            group += 1;
        }
    }

    /// Unites the effects of the single rules of each byte, for each combination of them.
    const fn combine_effects(&mut self) {
        let mut byte = 0;
        while byte < self.effects.len() {
            let of_byte = &mut self.effects[byte];
            let mut rules = 1;
            while rules < of_byte.len() {
                let but_lowest = rules & (rules - 1);
                of_byte[rules] = of_byte[but_lowest].union(of_byte[rules ^ but_lowest]);
                rules += 1;
            }
            byte += 1;
        }
    }

    /// The rules that admit the values in the fields of a group; none where a field holds no value.
    const fn admitting_all(&self, group: u32, fields: u32) -> RuleMask {
        let mut admitting = RuleMask::MAX;
        let mut fact = 0;
        while fact < Fact::COUNT {
            let of = Fact::ALL[fact];
            let shift = Assignment::shift(of);
            if shift / Assignment::GROUP_BITS == group {
                let value = fields >> (shift % Assignment::GROUP_BITS) & Assignment::field(of);
                admitting &= if value < of.size() { self.admitting[(of.offset() + value) as usize] } else { 0 };
            }
            fact += 1;
        }
        admitting
    }

    /// The rules that fire, those of other editions among them.
    #[inline]
    pub(crate) fn firing(&self, assignment: Assignment) -> RuleMask {
        let mut firing = RuleMask::MAX;
        for (group, table) in self.groups.iter().enumerate() {
            firing &= table[assignment.group(group)];
        }
        firing
    }

    /// For each group of facts, the rules that admit their values.
    #[cfg(feature = "std")]
    pub(crate) fn groups(&self) -> [&[RuleMask; 1 << Assignment::GROUP_BITS]; Assignment::GROUPS] {
        self.groups.each_ref()
    }

    /// The rules that decide.
    #[cfg(feature = "std")]
    pub(crate) fn deciding(&self) -> RuleMask {
        RuleMask::MAX.checked_shr(RuleMask::BITS - self.deciding).unwrap_or_default()
    }

    /// The rules that admit a value.
    #[inline]
    pub(crate) fn admitting(&self, value: Value) -> RuleMask {
        self.admitting[value.index()]
    }

    /// The effects of some rules, on verdicts.
    #[inline]
    pub(crate) fn effects(&self, mask: RuleMask) -> Effects {
        let (low, high) = (mask as u64, (mask >> u64::BITS) as u64);
        let (of_low, of_high) = self.effects.split_at(self.effects.len() / 2);
        let unite = |effects: Effects, (of_byte, byte): (&[Effects; 1 << u8::BITS], u8)| {
            effects.union(of_byte[usize::from(byte)])
        };
        let effects = of_low.iter().zip(low.to_le_bytes()).fold(Effects::NONE, unite);
        // Rules that decide come first; where they all lie in the low half, the high one has no effects.
        if self.deciding <= u64::BITS { effects } else { of_high.iter().zip(high.to_le_bytes()).fold(effects, unite) }
    }

    /// The rules with an effect on an action.
    #[inline]
    pub(crate) fn speaking(&self, action: Action, effect: Effect) -> RuleMask {
        self.speaking[action as usize][effect as usize]
    }

    /// The rules in force on a day.
    pub(crate) const fn in_force(&self, rules: &[Rule], day: NaiveDate) -> RuleMask {
        let mut in_force = 0;
        let mut place = 0;
        while place < self.len {
            if rules[self.rules[place as usize] as usize].validity().covers(day) {
                in_force |= 1 << place;
            }
            place += 1;
        }
        in_force
    }
}

impl Index {
    /// The rules of a mask, in register order.
    pub(crate) fn rules<'r>(&'r self, rules: &'r [Rule], mask: RuleMask) -> Rules<'r> {
        Rules { all: rules, index: self, mask }
    }
}

/// Some rules of a rulebook, in register order.
#[derive(Clone, Debug)]
pub struct Rules<'r> {
    all: &'r [Rule],
    index: &'r Index,
    mask: RuleMask,
}

impl<'r> Iterator for Rules<'r> {
    type Item = &'r Rule;

    fn next(&mut self) -> Option<&'r Rule> {
        // Of an empty mask the zeros are as many as there can be rules, and there is no such place.
        let position = self.index.rules.get(self.mask.trailing_zeros() as usize)?;
        self.mask &= self.mask - 1;
        self.all.get(*position as usize)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let count = self.mask.count_ones() as usize;
        (count, Some(count))
    }
}

impl ExactSizeIterator for Rules<'_> {}

impl core::iter::FusedIterator for Rules<'_> {}
