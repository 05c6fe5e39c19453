//! What is known of a case of which everything is known, packed into an integer.

use core::fmt;

use super::Facts;
use crate::vocabulary::{Fact, ValueSet};

/// One value for each fact, packed into an integer: what [`Facts`] are when all is known.
///
/// Each fact has a field of its own that holds the position of its value. The fields lie in
/// groups of equal width, none across a border, so that each group is an index
/// into a table of the engine as it stands.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Assignment(u32);

impl Assignment {
    /// How many groups of facts there are.
    pub(crate) const GROUPS: usize = 3;
    /// How many bits a group has.
    pub(crate) const GROUP_BITS: u32 = 7;

    /// How many bits [`Assignment::to_bits`] has at most.
    pub const BITS: u32 = Self::GROUPS as u32 * Self::GROUP_BITS;

    /// Where each fact's field begins, from the lowest bit up.
    #[expect(clippy::indexing_slicing, reason = "at compile time")]
    const SHIFTS: [u32; Fact::COUNT] = {
        let mut shifts = [0; Fact::COUNT];
        let mut next = 0;
        let mut fact = 0;
        while fact < Fact::COUNT {
            let last = next + Self::width(Fact::ALL[fact]) - 1;
            assert!(next / Self::GROUP_BITS == last / Self::GROUP_BITS, "a field lies across the border of two groups");
            assert!(last < Self::BITS, "the facts need wider groups, or more");
            shifts[fact] = next;
            next = last + 1;
            fact += 1;
        }
        shifts
    };

    const fn width(fact: Fact) -> u32 {
        (fact.size() - 1).ilog2() + 1
    }

    /// Where the field of `fact` begins.
    #[expect(clippy::indexing_slicing, reason = "the array has an entry for each fact")]
    pub(crate) const fn shift(fact: Fact) -> u32 {
        Self::SHIFTS[fact as usize]
    }

    /// How wide the field of `fact` is, as a mask from the lowest bit.
    pub(crate) const fn field(fact: Fact) -> u32 {
        (1 << Self::width(fact)) - 1
    }

    /// The first possible value of each fact.
    #[inline]
    pub(super) fn first_of(facts: Facts) -> Self {
        // With a bit above all others, no shift leaves zero, which would have to be looked out for.
        let values = facts.0.bits() | 1 << (u64::BITS - 1);
        let field = |&fact: &Fact| (values >> fact.offset()).trailing_zeros() << Self::shift(fact);
        Self(Fact::ALL.iter().map(field).fold(0, |packed, field| packed | field))
    }

    /// All that are possible, in the order of [`Assignment::to_bits`].
    ///
    /// ```
    /// use csp_multichannel::{Assignment, Facts, Rulebook, Verdict, Action};
    ///
    /// assert_eq!(Assignment::all().count(), 293_760);
    ///
    /// let edition = Rulebook::partner_center().editions().next_back().expect("an edition");
    /// let allowed = |case: &Assignment| edition.decide(Facts::from(*case)).verdict(Action::Switch) == Verdict::Allowed;
    /// println!("switching is allowed in {} cases", Assignment::all().filter(allowed).count());
    /// ```
    pub fn all() -> impl Iterator<Item = Self> + Clone {
        (0..1 << Self::BITS).filter_map(Self::from_bits)
    }

    /// As an integer, for a column of cases. The layout changes with the vocabulary: keep it no longer than the program runs.
    #[must_use]
    pub const fn to_bits(self) -> u32 {
        self.0
    }

    /// From an integer that [`Assignment::to_bits`] gave; `None` for one that is no possible assignment.
    #[must_use]
    pub fn from_bits(bits: u32) -> Option<Self> {
        let mut values = 0;
        for &fact in Fact::ALL {
            let value = bits >> Self::shift(fact) & Self::field(fact);
            if value >= fact.size() {
                return None;
            }
            values |= 1 << (fact.offset() + value);
        }
        let assignment = Facts::tightened(ValueSet::from_bits(values))?.assignment()?;
        (assignment.0 == bits).then_some(assignment)
    }

    /// The fields of a group, as an index.
    pub(crate) const fn group(self, group: usize) -> usize {
        (self.0 >> (group as u32 * Self::GROUP_BITS)) as usize & ((1 << Self::GROUP_BITS) - 1)
    }
}

impl From<Assignment> for Facts {
    fn from(assignment: Assignment) -> Self {
        let mut values = 0;
        for &fact in Fact::ALL {
            let value = assignment.0 >> Assignment::shift(fact) & Assignment::field(fact);
            values |= 1 << (fact.offset() + value);
        }
        Self(ValueSet::from_bits(values))
    }
}

impl fmt::Debug for Assignment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Assignment({})", Facts::from(*self))
    }
}
