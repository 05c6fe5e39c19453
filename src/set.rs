//! Sets of values of a closed type.

use core::fmt;
use core::marker::PhantomData;

use crate::words::{Word, join};

/// A set of values of one type: facts, actions, verdicts, or the values of one fact.
///
/// Iterates in the order of the policy's tables.
///
/// ```
/// use csp_multichannel::{Channel, Set};
///
/// let set = Set::from([Channel::Open, Channel::Direct]);
/// assert!(set.contains(Channel::Open));
/// assert_eq!(set.to_string(), "direct, open");
/// assert_eq!(set.difference(Channel::Open.into()).single(), Some(Channel::Direct));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Set<T> {
    bits: u64,
    of: PhantomData<T>,
}

impl<T> Set<T> {
    /// The set without values.
    pub const EMPTY: Self = Self::from_bits(0);

    pub(crate) const fn from_bits(bits: u64) -> Self {
        Self { bits, of: PhantomData }
    }

    pub(crate) const fn bits(&self) -> u64 {
        self.bits
    }

    /// Returns whether there is no value in it.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.bits == 0
    }

    /// Counts the values in it.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.bits.count_ones() as usize
    }
}

impl<T: Word> Set<T> {
    /// Creates the set of all values.
    #[must_use]
    pub const fn all() -> Self {
        Self::from_bits((1 << T::VALUES.len()) - 1)
    }

    /// Joins two sets: the values in either.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self::from_bits(self.bits | other.bits)
    }

    /// Intersects two sets: the values in both.
    #[must_use]
    pub const fn intersection(self, other: Self) -> Self {
        Self::from_bits(self.bits & other.bits)
    }

    /// Subtracts a set: the values in this one and not in the other.
    #[must_use]
    pub const fn difference(self, other: Self) -> Self {
        Self::from_bits(self.bits & !other.bits)
    }

    /// Returns whether all of its values are in the other as well.
    #[must_use]
    pub const fn is_subset(self, other: Self) -> bool {
        self.bits & !other.bits == 0
    }

    /// Returns whether a value is in it.
    #[must_use]
    pub fn contains(self, value: T) -> bool {
        self.bits >> value.position() & 1 == 1
    }

    /// Returns its value, if there is exactly one.
    #[must_use]
    pub fn single(self) -> Option<T> {
        if self.len() == 1 { self.iter().next() } else { None }
    }

    /// Iterates over its values, in the order of the policy's tables.
    #[must_use]
    pub const fn iter(self) -> Iter<T> {
        Iter { rest: self }
    }
}

impl<T> Default for Set<T> {
    fn default() -> Self {
        Self::EMPTY
    }
}

impl<T: Word> From<T> for Set<T> {
    #[inline]
    fn from(value: T) -> Self {
        Self::from_bits(1 << value.position())
    }
}

impl<T: Word, const N: usize> From<[T; N]> for Set<T> {
    fn from(values: [T; N]) -> Self {
        values.into_iter().collect()
    }
}

impl<T: Word> FromIterator<T> for Set<T> {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        values.into_iter().fold(Self::EMPTY, |set, value| set.union(value.into()))
    }
}

impl<T: Word> Extend<T> for Set<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, values: I) {
        *self = self.union(values.into_iter().collect());
    }
}

impl<T: Word> IntoIterator for Set<T> {
    type Item = T;
    type IntoIter = Iter<T>;

    fn into_iter(self) -> Iter<T> {
        self.iter()
    }
}

/// Writes `a, b`.
impl<T: Word> fmt::Display for Set<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        join(f, *self, ", ")
    }
}

impl<T: Word> fmt::Debug for Set<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

/// The values of a [`Set`], in order.
#[derive(Clone, Debug)]
pub struct Iter<T: Word> {
    rest: Set<T>,
}

impl<T: Word> Iterator for Iter<T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        // The zeros of an empty set are as many as there are bits, and no type has so many values.
        let value = T::VALUES.get(self.rest.bits.trailing_zeros() as usize).copied()?;
        self.rest.bits &= self.rest.bits - 1;
        Some(value)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.rest.len(), Some(self.rest.len()))
    }
}

impl<T: Word> ExactSizeIterator for Iter<T> {}
impl<T: Word> core::iter::FusedIterator for Iter<T> {}
