//! Exact decisions with unknown facts, without visiting cases that make no difference.
//!
//! Each unknown fact is a dimension of the space of possible cases. Two masks describe the space:
//! the rules that fire in all of its cases, and those that fire in some. If only one verdict is
//! possible by these masks, it is the verdict of the whole space. Otherwise the space is split
//! along a dimension.

use core::cmp::Reverse;

use crate::fact::Fact;
use crate::facts::{Facts, ones};
use crate::index::{Index, RuleMask, RulesByEffect};
use crate::rule::Verdict;
use crate::set::Set;

/// The verdicts that are possible if all rules of `certain` fire, and any rules of `firing`.
///
/// This is an upper bound of the verdicts of the cases, because the rules of `firing` can depend on
/// each other.
#[inline]
pub(crate) fn outlook(
    certain: RuleMask,
    firing: RuleMask,
    effects: &RulesByEffect,
) -> Set<Verdict> {
    let [veto, exclude, forbid, permit, require, _] = effects;
    let excluded = certain & exclude != 0;
    let forbidden = certain & forbid != 0;
    let open = !excluded && !forbidden && firing & permit != 0;
    let if_so = |so, verdict: Verdict| if so { verdict.into() } else { Set::EMPTY };
    if certain & veto != 0 {
        return Verdict::Denied.into();
    }
    if_so(open && certain & require == 0, Verdict::Allowed)
        .union(if_so(open && firing & require != 0, Verdict::Conditional))
        .union(if_so(firing & veto != 0 || !excluded && firing & forbid != 0, Verdict::Denied))
        .union(if_so(
            firing & exclude != 0 || !forbidden && certain & permit == 0,
            Verdict::NotCovered,
        ))
}

/// The possible cases of some facts, as a space with a dimension for each unknown fact.
pub(crate) struct Space<'r> {
    index: &'r Index,
    /// The rules that fire in some case.
    firing: RuleMask,
    dimensions: [Dimension; Fact::COUNT],
    len: usize,
}

/// An unknown fact with its possible values.
#[derive(Clone, Copy)]
struct Dimension {
    fact: Fact,
    values: u64,
    /// The rules that admit some of the values and not others.
    varying: RuleMask,
}

impl Dimension {
    /// Whether it makes a difference to some of the given rules.
    fn varies(&self, rules: RuleMask) -> bool {
        self.varying & rules != 0
    }
}

impl<'r> Space<'r> {
    pub(crate) fn new(index: &'r Index, facts: Facts) -> Self {
        let (_, firing) = index.masks(facts);
        let nothing = Dimension { fact: Fact::Channel, values: 0, varying: 0 };
        let mut space = Self { index, firing, dimensions: [nothing; Fact::COUNT], len: 0 };
        let dimensions = facts.unknown_values().map(|(fact, values)| {
            let (all, any) = index.admitting_all_and_any(fact, values);
            Dimension { fact, values, varying: any & !all }
        });
        let dimensions = dimensions.filter(|dimension| dimension.varies(firing));
        for (place, dimension) in space.dimensions.iter_mut().zip(dimensions) {
            *place = dimension;
            space.len += 1;
        }
        // A split along the dimension with the most varying rules determines most verdicts early.
        if let Some(dimensions) = space.dimensions.get_mut(..space.len) {
            dimensions.sort_unstable_by_key(|dimension| Reverse(dimension.varying.count_ones()));
        }
        space
    }

    /// The verdicts that occur in some case, by the rules that can decide an action.
    pub(crate) fn verdicts(&self, effects: &RulesByEffect) -> Set<Verdict> {
        let question = Question { space: self, effects };
        let mut found = Set::EMPTY;
        question.collect(self.dimensions(), self.firing & relevant(effects), &mut found);
        found
    }

    /// The facts that decide: two cases that differ only in such a fact have different verdicts.
    pub(crate) fn deciding_facts(&self, effects: &RulesByEffect) -> Set<Fact> {
        let question = Question { space: self, effects };
        let firing = self.firing & relevant(effects);
        let decides = |along: &&Dimension| {
            along.varies(firing) && question.differs(along, self.dimensions(), firing)
        };
        self.dimensions().iter().filter(decides).map(|dimension| dimension.fact).collect()
    }

    /// Whether at least one of some rules fires in every case.
    pub(crate) fn one_fires(&self, rules: RuleMask) -> bool {
        fn in_all(space: &Space<'_>, left: &[Dimension], firing: RuleMask) -> bool {
            match left {
                _ if firing & !varying(left) != 0 => true,
                _ if firing == 0 => false,
                [] => true,
                [first, rest @ ..] => {
                    space.along(first, firing).all(|firing| in_all(space, rest, firing))
                }
            }
        }
        in_all(self, self.dimensions(), self.firing & rules)
    }

    fn dimensions(&self) -> &[Dimension] {
        self.dimensions.get(..self.len).unwrap_or_default()
    }

    /// For each value of a dimension, the given rules that admit it, without equal neighbors.
    fn along(&self, dimension: &Dimension, firing: RuleMask) -> impl Iterator<Item = RuleMask> {
        let mut last = None;
        let all = dimension.values;
        let values = if dimension.varies(firing) { all } else { all & all.wrapping_neg() };
        ones(values)
            .map(move |value| self.index.admitting(value) & firing)
            .filter(move |&firing| last.replace(firing) != Some(firing))
    }
}

/// The rules that can decide an action: all except advice.
fn relevant(effects: &RulesByEffect) -> RuleMask {
    let [deciding @ .., _] = effects;
    deciding.iter().fold(0, |relevant, rules| relevant | rules)
}

fn varying(dimensions: &[Dimension]) -> RuleMask {
    dimensions.iter().fold(0, |varying, dimension| varying | dimension.varying)
}

/// The question for the verdicts on one action in a space.
struct Question<'s> {
    space: &'s Space<'s>,
    effects: &'s RulesByEffect,
}

impl Question<'_> {
    /// Adds the verdicts that occur to `found`.
    ///
    /// The rules of `firing` admit every value chosen so far. Those that vary over the remaining
    /// dimensions may not fire in the end.
    fn collect(&self, left: &[Dimension], firing: RuleMask, found: &mut Set<Verdict>) {
        let outlook = outlook(firing & !varying(left), firing, self.effects);
        if outlook.len() == 1 {
            *found = found.union(outlook);
        } else if !outlook.is_subset(*found) {
            let [first, rest @ ..] = left else { return };
            for firing in self.space.along(first, firing) {
                self.collect(rest, firing, found);
            }
        }
    }

    /// Whether two values of a dimension have different verdicts, with equal values in the others.
    fn differs(&self, along: &Dimension, left: &[Dimension], firing: RuleMask) -> bool {
        let open = varying(left) | along.varying;
        if outlook(firing & !open, firing, self.effects).len() == 1 {
            return false;
        }
        match left {
            [first, rest @ ..] if first.fact == along.fact || !first.varies(firing) => {
                self.differs(along, rest, firing)
            }
            [first, rest @ ..] => {
                self.space.along(first, firing).any(|firing| self.differs(along, rest, firing))
            }
            [] => {
                let firing = self.space.along(along, firing);
                let mut verdicts = firing.map(|firing| outlook(firing, firing, self.effects));
                let first = verdicts.next();
                verdicts.any(|verdict| Some(verdict) != first)
            }
        }
    }
}
