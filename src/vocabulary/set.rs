//! Small sets as bits.

use core::fmt;
use core::marker::PhantomData;

use super::{Action, Fact, Value};

/// Implemented by types of this crate alone: their lists are closed.
pub trait Sealed {}

/// What a [`Set`] can hold: a closed list of at most 64 members of this crate's own.
pub trait Member: Copy + fmt::Display + Sealed + 'static {
    /// All members; each stands at its own position.
    const MEMBERS: &'static [Self];

    /// Its place in [`Member::MEMBERS`].
    fn position(self) -> u32;
}

/// A set of actions.
pub type ActionSet = Set<Action>;
/// A set of facts.
pub type FactSet = Set<Fact>;
/// A set of values, of one fact or of several.
pub type ValueSet = Set<Value>;

/// A set over a closed list, iterated in the order of that list.
///
/// ```
/// use csp_multichannel::{Channel, Set};
///
/// let set = Set::from([Channel::Open, Channel::Direct]);
/// assert!(set.contains(Channel::Open));
/// assert_eq!(set.to_string(), "direct, open");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Set<T> {
    bits: u64,
    members: PhantomData<T>,
}

impl<T: Copy> Set<T> {
    /// The set without members.
    pub const EMPTY: Self = Self::from_bits(0);

    pub(crate) const fn from_bits(bits: u64) -> Self {
        Self { bits, members: PhantomData }
    }

    pub(crate) const fn bits(self) -> u64 {
        self.bits
    }

    /// What is in either.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self::from_bits(self.bits | other.bits)
    }

    /// What is in both.
    #[must_use]
    pub const fn intersection(self, other: Self) -> Self {
        Self::from_bits(self.bits & other.bits)
    }

    /// What is in this one and not in the other.
    #[must_use]
    pub const fn difference(self, other: Self) -> Self {
        Self::from_bits(self.bits & !other.bits)
    }

    /// Whether all of this one is in the other.
    #[must_use]
    pub const fn is_subset(self, other: Self) -> bool {
        self.bits & !other.bits == 0
    }

    /// Whether there is no member.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.bits == 0
    }

    /// How many members there are.
    #[must_use]
    pub const fn len(self) -> usize {
        self.bits.count_ones() as usize
    }
}

impl<T: Member> Set<T> {
    /// The set with one member.
    #[must_use]
    pub fn only(member: T) -> Self {
        Self::from_bits(1 << member.position())
    }

    /// The set with all members.
    #[must_use]
    pub fn all() -> Self {
        T::MEMBERS.iter().copied().collect()
    }

    /// Whether `member` is in it.
    #[must_use]
    pub fn contains(self, member: T) -> bool {
        self.bits >> member.position() & 1 == 1
    }

    /// Its members, in the order of [`Member::MEMBERS`].
    #[must_use]
    pub const fn iter(self) -> SetIter<T> {
        SetIter { rest: self }
    }

    /// Its member, where it has exactly one.
    #[must_use]
    pub fn single(self) -> Option<T> {
        let mut members = self.iter();
        members.next().filter(|_| members.next().is_none())
    }
}

impl<T: Copy> Default for Set<T> {
    fn default() -> Self {
        Self::EMPTY
    }
}

impl<T: Member> From<T> for Set<T> {
    fn from(member: T) -> Self {
        Self::only(member)
    }
}

impl<T: Member, const N: usize> From<[T; N]> for Set<T> {
    fn from(members: [T; N]) -> Self {
        members.into_iter().collect()
    }
}

impl<T: Member> FromIterator<T> for Set<T> {
    fn from_iter<I: IntoIterator<Item = T>>(members: I) -> Self {
        members.into_iter().fold(Self::EMPTY, |set, member| set.union(Self::only(member)))
    }
}

impl<T: Member> Extend<T> for Set<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, members: I) {
        *self = self.union(members.into_iter().collect());
    }
}

impl<T: Member> IntoIterator for Set<T> {
    type Item = T;
    type IntoIter = SetIter<T>;

    fn into_iter(self) -> SetIter<T> {
        self.iter()
    }
}

/// Writes `a, b`, and with `{:#}` each in backticks.
impl<T: Member> fmt::Display for Set<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = if f.alternate() { "`" } else { "" };
        for (i, member) in self.iter().enumerate() {
            let comma = if i == 0 { "" } else { ", " };
            write!(f, "{comma}{mark}{member}{mark}")?;
        }
        Ok(())
    }
}

impl<T: Member + fmt::Debug> fmt::Debug for Set<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

#[cfg(feature = "serde")]
impl<T: Member + serde::Serialize> serde::Serialize for Set<T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

#[cfg(feature = "serde")]
impl<'de, T: Member + serde::Deserialize<'de>> serde::Deserialize<'de> for Set<T> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct List<T>(PhantomData<T>);

        impl<'de, T: Member + serde::Deserialize<'de>> serde::de::Visitor<'de> for List<T> {
            type Value = Set<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list")
            }

            fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut list: A) -> Result<Set<T>, A::Error> {
                let mut members = Set::EMPTY;
                while let Some(member) = list.next_element()? {
                    members = members.union(Set::only(member));
                }
                Ok(members)
            }
        }

        deserializer.deserialize_seq(List(PhantomData))
    }
}

/// The members of a [`Set`], in order.
#[derive(Clone)]
pub struct SetIter<T> {
    rest: Set<T>,
}

impl<T: Member> Iterator for SetIter<T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        let member = T::MEMBERS.get(self.rest.bits.trailing_zeros() as usize).copied()?;
        self.rest.bits &= self.rest.bits - 1;
        Some(member)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.rest.len(), Some(self.rest.len()))
    }
}

impl<T: Member> ExactSizeIterator for SetIter<T> {}

impl<T: Member> core::iter::FusedIterator for SetIter<T> {}

impl<T: Member + fmt::Debug> fmt::Debug for SetIter<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SetIter({:?})", self.rest)
    }
}
