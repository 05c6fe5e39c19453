//! Sets of the values of an enumeration.

use core::fmt;
use core::marker::PhantomData;

use crate::words::{Word, join};

/// A set of facts, actions, verdicts, values of one fact, or other words of one type.
///
/// It iterates in the order of the policy's tables.
///
/// ```
/// use csp_multichannel::{Channel, Set};
///
/// let mut set = Set::from([Channel::Open, Channel::Direct]);
/// set.extend([Channel::Advisor]);
/// assert_eq!(set.to_string(), "direct, advisor, open");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Set<T> {
    bits: u64,
    of: PhantomData<T>,
}

impl<T> Set<T> {
    /// The empty set.
    ///
    /// ```
    /// use csp_multichannel::{Action, Set};
    ///
    /// assert_eq!(Set::<Action>::EMPTY, [].into_iter().collect());
    /// ```
    pub const EMPTY: Self = Self::from_bits(0);

    pub(crate) const fn from_bits(bits: u64) -> Self {
        Self { bits, of: PhantomData }
    }

    pub(crate) const fn bits(&self) -> u64 {
        self.bits
    }

    /// Returns whether the set has no value.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.bits == 0
    }

    /// Returns the number of values in the set.
    ///
    /// ```
    /// use csp_multichannel::{Channel, Set};
    ///
    /// let set = Set::from([Channel::Open, Channel::Direct, Channel::Open]);
    /// assert_eq!((set.len(), set.is_empty()), (2, false));
    /// ```
    #[must_use]
    pub const fn len(&self) -> usize {
        self.bits.count_ones() as usize
    }
}

impl<T: Word> Set<T> {
    /// Creates the set of all values.
    ///
    /// ```
    /// use csp_multichannel::{Partner, Set};
    ///
    /// let resellers = Set::all().difference(Partner::IndirectProvider.into());
    /// assert_eq!(resellers, Set::from([Partner::DirectBill, Partner::IndirectReseller]));
    /// ```
    #[must_use]
    pub const fn all() -> Self {
        Self::from_bits((1 << T::VALUES.len()) - 1)
    }

    /// Returns the union: the values in either set.
    ///
    /// ```
    /// use csp_multichannel::{Action, Set};
    ///
    /// let all = Action::MOVES.union(Action::RequestRelationship.into());
    /// assert_eq!(all, Set::all());
    /// ```
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self::from_bits(self.bits | other.bits)
    }

    /// Returns the intersection: the values in both sets.
    ///
    /// ```
    /// use csp_multichannel::{Service, Set};
    ///
    /// let bought = Set::from([Service::License, Service::Azure]);
    /// assert_eq!(bought.intersection(Service::USAGE_BASED), Service::Azure.into());
    /// ```
    #[must_use]
    pub const fn intersection(self, other: Self) -> Self {
        Self::from_bits(self.bits & other.bits)
    }

    /// Returns the difference: the values in this set and not in the other.
    ///
    /// ```
    /// use csp_multichannel::{Service, Set};
    ///
    /// let bought = Set::from([Service::License, Service::Azure]);
    /// assert_eq!(bought.difference(Service::USAGE_BASED), Service::License.into());
    /// ```
    #[must_use]
    pub const fn difference(self, other: Self) -> Self {
        Self::from_bits(self.bits & !other.bits)
    }

    /// Returns whether all values of the set are also in the other.
    ///
    /// ```
    /// use csp_multichannel::{Service, Set};
    ///
    /// assert!(Set::from(Service::Azure).is_subset(Service::USAGE_BASED));
    /// assert!(!Set::from([Service::Azure, Service::License]).is_subset(Service::USAGE_BASED));
    /// ```
    #[must_use]
    pub const fn is_subset(self, other: Self) -> bool {
        self.bits & !other.bits == 0
    }

    /// Returns whether a value is in the set.
    ///
    /// ```
    /// use csp_multichannel::Action;
    ///
    /// assert!(Action::MOVES.contains(Action::Switch));
    /// assert!(!Action::MOVES.contains(Action::RequestRelationship));
    /// ```
    #[must_use]
    pub fn contains(self, value: T) -> bool {
        self.bits >> value.position() & 1 == 1
    }

    /// Returns the value, if the set has exactly one.
    ///
    /// ```
    /// use csp_multichannel::{Set, Status};
    ///
    /// assert_eq!(Set::from(Status::Active).single(), Some(Status::Active));
    /// assert_eq!(Set::from([Status::Active, Status::Deleted]).single(), None);
    /// ```
    #[must_use]
    pub fn single(self) -> Option<T> {
        if self.len() == 1 { self.iter().next() } else { None }
    }

    /// Returns an iterator over the values, in the order of the policy's tables.
    ///
    /// ```
    /// use csp_multichannel::{Fact, Set};
    ///
    /// let missing = Set::from([Fact::Region, Fact::Service]);
    /// let questions: Vec<_> = missing.iter().map(Fact::question).collect();
    /// assert_eq!(questions[0], "What did the customer buy?");
    /// assert_eq!(questions.len(), 2);
    /// ```
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
