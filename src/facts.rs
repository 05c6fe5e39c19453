//! The facts that are known about a case.

use core::fmt;

use crate::fact::{Fact, FactValue};
use crate::set::Set;
use crate::words::{Quoted, UnknownWord, join, position_of};

/// The facts that are known about a case: the values of each fact that are still possible.
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
    /// No fact is known: every value of every fact is possible. As a condition, it is always met.
    ///
    /// ```
    /// use csp_multichannel::{Facts, Set};
    ///
    /// assert_eq!(Facts::UNKNOWN.unknown(), Set::all());
    /// assert_eq!(Facts::UNKNOWN.to_string(), "nothing known");
    /// ```
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

    /// Reads one value of a fact. The other facts are unknown.
    ///
    /// # Errors
    ///
    /// [`UnknownWord`] if the fact has no such value.
    ///
    /// ```
    /// use csp_multichannel::{Channel, Fact, Facts};
    ///
    /// assert_eq!(Facts::parse(Fact::Channel, "open")?, Facts::from(Channel::Open));
    /// assert_eq!(
    ///     Facts::parse(Fact::Status, "activ").unwrap_err().to_string(),
    ///     "unknown status `activ`, expected one of `active`, `suspended`, `deleted`; \
    ///      did you mean `active`?",
    /// );
    /// # Ok::<(), csp_multichannel::UnknownWord>(())
    /// ```
    pub fn parse(fact: Fact, word: &str) -> Result<Self, UnknownWord> {
        match position_of(fact.words(), word) {
            Some(position) => Ok(Self::only(1 << (fact.offset() + position))),
            None => Err(UnknownWord::new(fact.as_str(), word, fact.words())),
        }
    }

    /// Replaces each fact that the argument narrows, and leaves the others unchanged.
    ///
    /// The argument is a value, an array of the values that are still possible, an `Option` of
    /// either (`None` changes nothing), or other facts.
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

    /// Replaces one fact by the same fact of other facts.
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
    ///
    /// ```
    /// use csp_multichannel::{Channel, Cloud, Fact, Facts};
    ///
    /// let facts = Facts::from(Channel::Open).with(Cloud::Public);
    /// assert_eq!(facts.without(Fact::Channel), Facts::from(Cloud::Public));
    /// ```
    #[must_use]
    pub const fn without(self, fact: Fact) -> Self {
        Self(self.0 | fact.field())
    }

    /// Keeps one fact, and makes the others unknown.
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

    /// Keeps only the values that the argument also admits, such as those from a second source.
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

    /// Returns the union: for each fact, the values that are possible in either.
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

    /// Returns the value of a fact, if exactly one is possible.
    ///
    /// ```
    /// use csp_multichannel::{Channel, Facts, Region, Service};
    ///
    /// let facts = Facts::from(Channel::Open).with([Service::License, Service::Software]);
    /// assert_eq!(facts.known(), Some(Channel::Open));
    /// assert_eq!(facts.known(), None::<Service>);
    /// assert_eq!(facts.known(), None::<Region>);
    /// ```
    #[must_use]
    pub fn known<T: FactValue>(self) -> Option<T> {
        self.possible().single()
    }

    /// Returns the values of a fact that are still possible.
    ///
    /// ```
    /// use csp_multichannel::{Facts, Region, Service, Set};
    ///
    /// let facts = Facts::from([Service::License, Service::Software]);
    /// assert_eq!(facts.possible(), Set::from([Service::License, Service::Software]));
    /// assert_eq!(facts.possible(), Set::<Region>::all());
    /// ```
    #[must_use]
    pub const fn possible<T: FactValue>(self) -> Set<T> {
        Set::from_bits((self.0 & T::FACT.field()) >> T::FACT.offset())
    }

    /// Returns the words for the values of `fact` that are still possible.
    ///
    /// ```
    /// use csp_multichannel::{Cloud, Fact, Facts};
    ///
    /// let facts = Facts::from([Cloud::China, Cloud::Public]);
    /// assert!(facts.possible_words(Fact::Cloud).eq(["public", "china"]));
    /// assert!(facts.possible_words(Fact::Region).eq(["same", "other"]));
    /// ```
    pub fn possible_words(self, fact: Fact) -> impl Iterator<Item = &'static str> + Clone {
        let possible = self.0 >> fact.offset();
        let words = fact.words().iter().enumerate();
        words.filter(move |&(at, _)| possible >> at & 1 == 1).map(|(_, &word)| word)
    }

    /// Returns the unknown facts: those with more than one possible value.
    ///
    /// ```
    /// use csp_multichannel::{Cloud, Facts, Region};
    ///
    /// let facts = Facts::from(Cloud::Public).with(Region::Same);
    /// assert_eq!(
    ///     facts.unknown().to_string(),
    ///     "channel, service, partner, relationship, customer, term_phase, at_term_end, status, \
    ///      transfer",
    /// );
    /// ```
    #[must_use]
    pub fn unknown(self) -> Set<Fact> {
        self.unknown_values().map(|(fact, _)| fact).collect()
    }

    /// Returns whether every fact has exactly one possible value.
    ///
    /// ```
    /// use csp_multichannel::{Channel, Facts};
    ///
    /// let case = Facts::UNKNOWN.assignments().next().ok_or("no case")?;
    /// assert!(case.is_known());
    /// assert!(!case.with([Channel::Direct, Channel::Open]).is_known());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    #[inline]
    pub const fn is_known(self) -> bool {
        self.further_values() == 0
    }

    /// The possible values of each fact except its first: none of a known fact.
    #[inline]
    const fn further_values(self) -> u64 {
        // Every fact has a bit, so the subtraction borrows from no other fact. It clears the lowest
        // bit of the fact and leaves the higher ones set.
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

    /// Returns the facts of which some value is not possible: those that a condition names.
    ///
    /// ```
    /// use csp_multichannel::{Channel, Cloud, Fact, Facts, Set};
    ///
    /// let facts = Facts::from(Channel::Open).with([Cloud::Public, Cloud::China]);
    /// assert_eq!(facts.narrowed(), Set::from([Fact::Channel, Fact::Cloud]));
    /// ```
    #[must_use]
    pub fn narrowed(self) -> Set<Fact> {
        let narrowed = |fact: &Fact| self.0 & fact.field() != fact.field();
        Fact::ALL.iter().copied().filter(narrowed).collect()
    }

    /// Returns whether all values that are possible in the other facts are possible here.
    ///
    /// This shows whether a condition is met in every possible case.
    ///
    /// ```
    /// use csp_multichannel::{Cloud, Facts, Region};
    ///
    /// let condition = Facts::from([Cloud::Public, Cloud::UsGovernment]);
    /// assert!(condition.contains(Facts::from(Cloud::Public).with(Region::Same)));
    /// assert!(!condition.contains(Facts::from([Cloud::Public, Cloud::China])));
    /// ```
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        other.0 & !self.0 == 0
    }

    /// Returns whether each fact has a value that is possible in both.
    ///
    /// This shows whether a condition is met in some possible case.
    ///
    /// ```
    /// use csp_multichannel::{Cloud, Facts};
    ///
    /// let condition = Facts::from([Cloud::Public, Cloud::UsGovernment]);
    /// assert!(condition.overlaps(Facts::from([Cloud::Public, Cloud::China])));
    /// assert!(!condition.overlaps(Facts::from(Cloud::Germany)));
    /// ```
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

    /// Splits the facts on one fact: returns them with each of its possible values alone.
    ///
    /// ```
    /// use csp_multichannel::{Channel, Fact, Facts, Region};
    ///
    /// let facts = Facts::from(Channel::Open);
    /// let cases = [Region::Same, Region::Other].map(|region| facts.with(region));
    /// assert!(facts.split(Fact::Region).eq(cases));
    /// ```
    pub fn split(self, fact: Fact) -> impl Iterator<Item = Self> + Clone {
        let others = self.0 & !fact.field();
        ones(self.0 & fact.field()).map(move |value| Self(others | value))
    }

    /// Returns all possible cases: each choice of one possible value for every fact.
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
            // As in counting, the last fact with another value takes it, and those after it start again.
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

/// Takes the set of the possible values of one fact.
///
/// ```
/// use csp_multichannel::{Facts, Region, Set};
///
/// let facts = Facts::try_from(Set::from(Region::Same))?;
/// assert_eq!(facts, Facts::from(Region::Same));
/// assert_eq!(
///     Facts::try_from(Set::<Region>::EMPTY).unwrap_err().to_string(),
///     "no value of `region`, expected at least one of `same`, `other`",
/// );
/// # Ok::<(), csp_multichannel::NoValue>(())
/// ```
impl<T: FactValue> TryFrom<Set<T>> for Facts {
    type Error = NoValue;

    fn try_from(values: Set<T>) -> Result<Self, NoValue> {
        if values.is_empty() {
            return Err(NoValue { fact: T::FACT });
        }
        Ok(Self::only(values.bits() << T::FACT.offset()))
    }
}

/// Writes the narrowed facts, as `channel: open; cloud: public, china`, or `nothing known`.
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

/// A contradiction between two sources: no value of a fact is possible in both.
///
/// ```
/// use csp_multichannel::{Channel, Cloud, Fact, Facts};
///
/// let facts = Facts::from([Channel::Direct, Channel::Open]);
/// let other = Facts::from(Channel::Advisor).with(Cloud::Public);
/// let error = facts.narrow(other).unwrap_err();
/// assert_eq!(error.fact(), Fact::Channel);
/// assert_eq!((error.possible(), error.given()), (facts, other));
/// assert_eq!(
///     error.to_string(),
///     "contradictory facts: `channel` can't be `advisor`, expected one of `direct`, `open`",
/// );
/// ```
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

    /// Returns the facts of the second source: the argument of [`Facts::narrow`].
    #[must_use]
    pub const fn given(&self) -> Facts {
        self.given
    }

    /// Returns the facts of the first source.
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
///
/// ```
/// use csp_multichannel::{Fact, Facts, Set, Status};
///
/// let error = Facts::try_from(Set::<Status>::EMPTY).unwrap_err();
/// assert_eq!(error.fact(), Fact::Status);
/// assert_eq!(
///     error.to_string(),
///     "no value of `status`, expected at least one of `active`, `suspended`, `deleted`",
/// );
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no value of `{fact}`, expected at least one of {}", QuotedWords(Facts::UNKNOWN, *.fact))]
pub struct NoValue {
    fact: Fact,
}

impl NoValue {
    /// Returns the fact without a value.
    #[must_use]
    pub const fn fact(&self) -> Fact {
        self.fact
    }
}
