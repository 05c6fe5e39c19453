//! What is known of a case.

use core::fmt;

use crate::fact::{Fact, FactValue};
use crate::set::Set;
use crate::words::{Quoted, UnknownWord, join, position_of};

/// What is known of a case: for each fact, the values that are still possible.
///
/// Every fact has at least one possible value, and any combination of values is a case. As the
/// [condition](crate::Rule::condition) of a rule, facts are the values that the rule admits.
///
/// ```
/// use csp_multichannel::{Channel, Cloud, Fact, Facts, Set};
///
/// let facts = Facts::UNKNOWN.with(Channel::Open).with([Cloud::Public, Cloud::China]);
/// assert_eq!(facts.known(), Some(Channel::Open));
/// assert_eq!(facts.possible(), Set::from([Cloud::Public, Cloud::China]));
/// assert!(facts.unknown().contains(Fact::Cloud));
/// assert_eq!(facts.to_string(), "channel: open; cloud: public, china");
/// ```
///
/// An empty array does not compile:
///
/// ```compile_fail
/// let facts = csp_multichannel::Facts::from([csp_multichannel::Channel::Open; 0]);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Facts(u64);

impl Facts {
    /// Nothing is known: every value of every fact is possible. As a condition: always met.
    pub const UNKNOWN: Self = Self((1 << Fact::BITS) - 1);

    /// The first value of each fact.
    const FIRST_VALUES: u64 = {
        let mut first = 0;
        let mut facts = Fact::ALL;
        while let [fact, rest @ ..] = facts {
            first |= 1 << fact.offset();
            facts = rest;
        }
        first
    };

    /// The facts that have bits among `values` have only these values; the others are unknown.
    pub(crate) const fn only(values: u64) -> Self {
        let mut bits = values;
        let mut facts = Fact::ALL;
        while let [fact, rest @ ..] = facts {
            if values & fact.field() == 0 {
                bits |= fact.field();
            }
            facts = rest;
        }
        Self(bits)
    }

    pub(crate) const fn bits(self) -> u64 {
        self.0
    }

    /// Reads one value of a fact: facts of which nothing else is known.
    ///
    /// # Errors
    ///
    /// [`UnknownWord`] if the fact has no such value.
    ///
    /// ```
    /// use csp_multichannel::{Channel, Fact, Facts};
    ///
    /// assert_eq!(Facts::parse(Fact::Channel, "open")?, Facts::from(Channel::Open));
    /// let error = Facts::parse(Fact::Channel, "opne").unwrap_err();
    /// assert_eq!(error.nearest(), Some("open"));
    /// # Ok::<(), csp_multichannel::UnknownWord>(())
    /// ```
    pub fn parse(fact: Fact, word: &str) -> Result<Self, UnknownWord> {
        match position_of(fact.words(), word) {
            Some(position) => Ok(Self::only(1 << (fact.offset() + position))),
            None => Err(UnknownWord::new(fact.as_str(), word, fact.words())),
        }
    }

    /// Replaces each fact that the argument narrows, and leaves the others as they are.
    ///
    /// Takes a value, an array of the values that are still possible, an `Option` of either
    /// (`None` changes nothing), or other facts.
    ///
    /// ```
    /// use csp_multichannel::{Channel, Facts, Region, Service};
    ///
    /// let ours = Facts::UNKNOWN.with(Region::Same).with(Channel::Open);
    /// let facts = Facts::from(Channel::Direct).with(ours).with(None::<Service>);
    /// assert_eq!(facts.to_string(), "channel: open; region: same");
    /// ```
    #[must_use]
    pub fn with(self, known: impl Into<Self>) -> Self {
        let known = known.into().0;
        let mut bits = self.0;
        for field in Fact::FIELDS {
            if known & field != field {
                bits = bits & !field | known & field;
            }
        }
        Self(bits)
    }

    /// Replaces what is known of one fact by what other facts say of it.
    ///
    /// ```
    /// use csp_multichannel::{Channel, Cloud, Fact, Facts};
    ///
    /// let ours = Facts::from(Channel::Open).with(Cloud::Public);
    /// let facts = Facts::from(Channel::Direct).replace(Fact::Channel, ours);
    /// assert_eq!(facts, Facts::from(Channel::Open));
    /// ```
    #[must_use]
    #[inline]
    pub const fn replace(self, fact: Fact, by: Self) -> Self {
        Self(self.0 & !fact.field() | by.0 & fact.field())
    }

    /// Makes a fact unknown again.
    #[must_use]
    pub const fn without(self, fact: Fact) -> Self {
        Self(self.0 | fact.field())
    }

    /// Keeps what is known of one fact, and makes the others unknown.
    ///
    /// ```
    /// use csp_multichannel::{Channel, Cloud, Fact, Facts};
    ///
    /// let facts = Facts::from(Channel::Open).with(Cloud::Public);
    /// assert_eq!(facts.about(Fact::Cloud), Facts::from(Cloud::Public));
    /// ```
    #[must_use]
    pub const fn about(self, fact: Fact) -> Self {
        Self(Self::UNKNOWN.0 & !fact.field() | self.0 & fact.field())
    }

    /// Keeps only the values that the argument admits as well: evidence from a second source.
    ///
    /// # Errors
    ///
    /// [`Contradiction`] if a fact would be left without a value.
    ///
    /// ```
    /// use csp_multichannel::{Channel, Facts};
    ///
    /// let facts = Facts::from([Channel::Direct, Channel::Open]);
    /// assert_eq!(facts.narrow([Channel::Open, Channel::Advisor])?, Facts::from(Channel::Open));
    /// assert_eq!(
    ///     facts.narrow(Channel::Advisor).unwrap_err().to_string(),
    ///     "contradictory facts: `channel` can't be `advisor`, expected one of `direct`, `open`",
    /// );
    /// # Ok::<(), csp_multichannel::Contradiction>(())
    /// ```
    pub fn narrow(self, known: impl Into<Self>) -> Result<Self, Contradiction> {
        let known = known.into();
        let empty = |fact: &&Fact| self.0 & known.0 & fact.field() == 0;
        match Fact::ALL.iter().find(empty) {
            Some(&fact) => Err(Contradiction { fact, given: known, possible: self }),
            None => Ok(Self(self.0 & known.0)),
        }
    }

    /// Joins two: for each fact the values that are possible in either.
    ///
    /// ```
    /// use csp_multichannel::{Channel, Fact, Facts};
    ///
    /// let facts = Facts::parse(Fact::Channel, "open")?.union(Facts::from(Channel::Direct));
    /// assert_eq!(facts, Facts::from([Channel::Open, Channel::Direct]));
    /// # Ok::<(), csp_multichannel::UnknownWord>(())
    /// ```
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Returns the value of a fact, if only one is possible.
    #[must_use]
    pub fn known<T: FactValue>(self) -> Option<T> {
        self.possible().single()
    }

    /// Returns the values of a fact that are still possible.
    #[must_use]
    pub const fn possible<T: FactValue>(self) -> Set<T> {
        Set::from_bits((self.0 & T::FACT.field()) >> T::FACT.offset())
    }

    /// Returns the words for the values of `fact` that are still possible.
    pub fn possible_words(self, fact: Fact) -> impl Iterator<Item = &'static str> + Clone {
        let possible = self.0 >> fact.offset();
        let words = fact.words().iter().enumerate();
        words.filter(move |&(at, _)| possible >> at & 1 == 1).map(|(_, &word)| word)
    }

    /// Returns the facts that have more than one possible value.
    #[must_use]
    pub fn unknown(self) -> Set<Fact> {
        self.unknown_values().map(|(fact, _)| fact).collect()
    }

    /// Returns whether every fact has exactly one possible value.
    #[must_use]
    #[inline]
    pub const fn is_known(self) -> bool {
        self.further_values() == 0
    }

    /// The possible values of each fact but its first: none of a known fact.
    #[inline]
    const fn further_values(self) -> u64 {
        // Taking a fact's lowest possible place away, as from a number, borrows from no other fact, because
        // each has a bit; it turns the first bit of the fact off and leaves those above.
        self.0 & self.0.wrapping_sub(Self::FIRST_VALUES)
    }

    /// The unknown facts, each with its possible values.
    #[inline]
    pub(crate) fn unknown_values(self) -> impl Iterator<Item = (Fact, u64)> {
        let mut rest = self.further_values();
        core::iter::from_fn(move || {
            if rest == 0 {
                return None;
            }
            let fact = Fact::of_lowest(rest);
            rest &= !fact.field();
            Some((fact, self.0 & fact.field()))
        })
    }

    /// Returns the facts that are not fully unknown: those that a condition names.
    #[must_use]
    pub fn narrowed(self) -> Set<Fact> {
        let narrowed = |fact: &Fact| self.0 & fact.field() != fact.field();
        Fact::ALL.iter().copied().filter(narrowed).collect()
    }

    /// Returns whether all values of the other facts are possible here: as a condition, whether it is met
    /// under every assignment.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        other.0 & !self.0 == 0
    }

    /// Returns whether each fact has a value that is possible in both: as a condition, whether it is met
    /// under some assignment.
    #[must_use]
    pub const fn overlaps(self, other: Self) -> bool {
        let both = self.0 & other.0;
        let mut facts = Fact::ALL;
        while let [fact, rest @ ..] = facts {
            if both & fact.field() == 0 {
                return false;
            }
            facts = rest;
        }
        true
    }

    /// Splits on a fact: these facts with each of its possible values alone.
    pub fn split(self, fact: Fact) -> impl Iterator<Item = Self> + Clone {
        let others = self.0 & !fact.field();
        ones(self.0 & fact.field()).map(move |value| Self(others | value))
    }

    /// Returns all assignments that are still possible: each choice of one value for each fact.
    ///
    /// ```
    /// use csp_multichannel::{Channel, Facts};
    ///
    /// assert_eq!(Facts::UNKNOWN.assignments().count(), 1_026_432);
    /// assert_eq!(Facts::from(Channel::Open).assignments().count(), 93_312);
    /// ```
    pub fn assignments(self) -> impl Iterator<Item = Self> + Clone {
        let first = Fact::ALL.iter().fold(0, |case, fact| case | lowest(self.0 & fact.field()));
        core::iter::successors(Some(Self(first)), move |case| {
            // Like counting: the last fact that has a further value takes it, those after it start anew.
            let mut next = case.0;
            for fact in Fact::ALL.iter().rev() {
                let possible = self.0 & fact.field();
                let value = next & fact.field();
                let further = possible & !(value | (value - 1));
                next ^= value;
                if further != 0 {
                    return Some(Self(next | lowest(further)));
                }
                next |= lowest(possible);
            }
            None
        })
    }
}

/// The lowest bit that is set.
const fn lowest(bits: u64) -> u64 {
    bits & bits.wrapping_neg()
}

/// The bits that are set, one at a time.
pub(crate) fn ones(bits: u64) -> impl Iterator<Item = u64> + Clone {
    let next = |rest: &u64| Some(rest & (rest - 1)).filter(|&rest| rest != 0);
    core::iter::successors(Some(bits).filter(|&bits| bits != 0), next).map(lowest)
}

impl Default for Facts {
    fn default() -> Self {
        Self::UNKNOWN
    }
}

impl<T: FactValue> From<T> for Facts {
    fn from(value: T) -> Self {
        Self::only(1 << (T::FACT.offset() + value.position()))
    }
}

impl<T: FactValue, const N: usize> From<[T; N]> for Facts {
    fn from(values: [T; N]) -> Self {
        const { assert!(N > 0, "at least one value must be possible") };
        Self::only(Set::from(values).bits() << T::FACT.offset())
    }
}

impl<T: Into<Self>> From<Option<T>> for Facts {
    fn from(known: Option<T>) -> Self {
        known.map_or(Self::UNKNOWN, Into::into)
    }
}

impl<T: FactValue> TryFrom<Set<T>> for Facts {
    type Error = NoValue;

    fn try_from(values: Set<T>) -> Result<Self, NoValue> {
        if values.is_empty() {
            return Err(NoValue { fact: T::FACT });
        }
        Ok(Self::only(values.bits() << T::FACT.offset()))
    }
}

/// Writes the facts that are narrowed, `channel: open; cloud: public, china`, or `nothing known`.
impl fmt::Display for Facts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::UNKNOWN {
            return f.write_str("nothing known");
        }
        for (i, fact) in self.narrowed().iter().enumerate() {
            write!(f, "{}{fact}: ", if i == 0 { "" } else { "; " })?;
            join(f, self.possible_words(fact), ", ")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Facts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Facts({self})")
    }
}

/// Facts from two sources that can't both be right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "contradictory facts: `{fact}` can't be {}, expected one of {}",
    QuotedWords(*.given, *.fact),
    QuotedWords(*.possible, *.fact)
)]
pub struct Contradiction {
    fact: Fact,
    given: Facts,
    possible: Facts,
}

impl Contradiction {
    /// Returns the first fact that is left without a value.
    #[must_use]
    pub const fn fact(&self) -> Fact {
        self.fact
    }

    /// Returns what the second source says.
    #[must_use]
    pub const fn given(&self) -> Facts {
        self.given
    }

    /// Returns what was possible before.
    #[must_use]
    pub const fn possible(&self) -> Facts {
        self.possible
    }
}

/// Writes the possible words for a fact, each in backticks.
struct QuotedWords(Facts, Fact);

impl fmt::Display for QuotedWords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        join(f, self.0.possible_words(self.1).map(Quoted), ", ")
    }
}

/// An empty set of values: at least one value of a fact must be possible.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no value of `{fact}`, expected at least one of {}", QuotedWords(Facts::UNKNOWN, *.fact))]
pub struct NoValue {
    fact: Fact,
}

impl NoValue {
    /// Returns the fact.
    #[must_use]
    pub const fn fact(&self) -> Fact {
        self.fact
    }
}
