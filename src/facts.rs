//! What is known of a case: for each fact, the values that are still possible.

use core::fmt;

use crate::vocabulary::{Fact, FactSet, FactValue, Service, Set, TermPhase, Value, ValueSet};

/// What is known of a case: for each fact, the values that are still possible.
///
/// There is always a possible assignment of one value to each fact, and every value that a fact
/// still has occurs in one. Usage-based services have no term and all others have one, so learning
/// the service narrows the term, and the other way round.
///
/// ```
/// use csp_multichannel::{Channel, Fact, Facts, Service, TermPhase};
///
/// let facts = Facts::UNKNOWN.given(Channel::Open)?.given(Service::AzurePlan)?;
/// assert_eq!(facts.known(), Some(Channel::Open));
/// assert_eq!(facts.known(), Some(TermPhase::None));
/// assert!(facts.unknown().contains(Fact::Cloud));
/// # Ok::<(), csp_multichannel::Contradiction>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Facts(ValueSet);

/// The services and phases that go together.
const USAGE_BASED: ValueSet = Service::values(Service::USAGE_BASED);
const TERM_BASED: ValueSet = Fact::Service.values().difference(USAGE_BASED);
const NO_TERM: ValueSet = TermPhase::values(Set::from_bits(1 << TermPhase::None as u8));
const A_TERM: ValueSet = Fact::Term.values().difference(NO_TERM);

impl Facts {
    /// Nothing is known: every value of every fact is possible.
    pub const UNKNOWN: Self = Self(ValueSet::from_bits((1 << Value::COUNT) - 1));

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

    /// These facts and what else is known now: of each fact that `values` has values of, only those
    /// remain possible.
    ///
    /// Takes a value (`Channel::Open`), a set of values (`Set::from([Channel::Open, Channel::Direct])`)
    /// or values of several facts (a [`ValueSet`]).
    ///
    /// # Errors
    ///
    /// [`Contradiction`] where that leaves no possible assignment: a fact without any value, a term on a
    /// usage-based service, or none on another.
    ///
    /// ```
    /// use csp_multichannel::{Facts, Service, TermPhase};
    ///
    /// let ended = Facts::UNKNOWN.given(TermPhase::Ended)?;
    /// assert_eq!(
    ///     ended.given(Service::Azure).unwrap_err().to_string(),
    ///     "contradictory facts: `service` cannot be `azure`, expected one of `license`, \
    ///      `new_commerce_license`, `azure_reservation`, `software`, `marketplace`",
    /// );
    /// # Ok::<(), csp_multichannel::Contradiction>(())
    /// ```
    pub fn given(self, values: impl Into<ValueSet>) -> Result<Self, Contradiction> {
        let given = values.into();
        let mut narrowed = self.0;
        for &fact in Fact::ALL {
            let of_fact = given.intersection(fact.values());
            if of_fact.is_empty() {
                continue;
            }
            let possible = self.possible(fact);
            if possible.intersection(of_fact).is_empty() {
                return Err(Contradiction { fact, given: of_fact, possible });
            }
            narrowed = narrowed.difference(fact.values().difference(of_fact));
        }
        Self::tightened(narrowed).ok_or_else(|| Contradiction {
            fact: Fact::Term,
            given: narrowed.intersection(Fact::Term.values()),
            possible: if narrowed.intersection(USAGE_BASED).is_empty() { A_TERM } else { NO_TERM },
        })
    }

    /// Leaves out the services that no possible phase goes with, and the phases that no possible service goes with.
    ///
    /// None where no service is left. Of every fact there must be a value.
    pub(crate) fn tightened(mut values: ValueSet) -> Option<Self> {
        for (services, phases) in [(USAGE_BASED, NO_TERM), (TERM_BASED, A_TERM)] {
            if values.intersection(phases).is_empty() {
                values = values.difference(services);
            }
            if values.intersection(services).is_empty() {
                values = values.difference(phases);
            }
        }
        if values.intersection(Fact::Service.values()).is_empty() { None } else { Some(Self(values)) }
    }

    /// The values that are still possible, of all facts.
    #[must_use]
    pub const fn values(self) -> ValueSet {
        self.0
    }

    /// The values of `fact` that are still possible.
    #[must_use]
    pub const fn possible(self, fact: Fact) -> ValueSet {
        self.0.intersection(fact.values())
    }

    /// The value of a fact, where only one is possible.
    #[must_use]
    pub fn known<T: FactValue>(self) -> Option<T> {
        self.0.of::<T>().single()
    }

    /// The facts of which several values are still possible.
    #[must_use]
    pub fn unknown(self) -> FactSet {
        Fact::ALL.iter().copied().filter(|&fact| self.possible(fact).len() > 1).collect()
    }

    /// The one possible assignment, where every fact is known.
    #[must_use]
    #[inline]
    pub fn assignment(self) -> Option<Assignment> {
        // Each fact has a value, so taking one from each fact's bits, as from a number, borrows from no other fact.
        // Where a fact has one value, none of its bits survives that.
        let values = self.0.bits();
        if values & values.wrapping_sub(Self::FIRST_VALUES) == 0 { Some(Assignment::first_of(self)) } else { None }
    }
}

impl Default for Facts {
    fn default() -> Self {
        Self::UNKNOWN
    }
}

/// Writes the facts of which something is known: `channel: open; cloud: public, germany`.
impl fmt::Display for Facts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt_narrowed(self.0, f)
    }
}

/// Writes the facts that do not have all of their values, with the values that they have.
pub(crate) fn fmt_narrowed(values: ValueSet, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut separator = "";
    for &fact in Fact::ALL {
        let of_fact = values.intersection(fact.values());
        if of_fact != fact.values() {
            write!(f, "{separator}{fact}: {of_fact}")?;
            separator = "; ";
        }
    }
    Ok(())
}

impl fmt::Debug for Facts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Facts({self})")
    }
}

/// Facts that leave no possible assignment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("contradictory facts: `{fact}` cannot be {given:#}, expected one of {possible:#}")]
pub struct Contradiction {
    fact: Fact,
    given: ValueSet,
    possible: ValueSet,
}

impl Contradiction {
    /// The fact that cannot be as it was given.
    #[must_use]
    pub const fn fact(&self) -> Fact {
        self.fact
    }

    /// The values that were given for it.
    #[must_use]
    pub const fn given(&self) -> ValueSet {
        self.given
    }

    /// The values that would have been accepted.
    #[must_use]
    pub const fn possible(&self) -> ValueSet {
        self.possible
    }
}

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

    /// Where each fact's field begins: from the lowest bit up, the next group where one would not fit.
    #[expect(clippy::indexing_slicing, reason = "at compile time")]
    const SHIFTS: [u32; Fact::COUNT] = {
        let mut shifts = [0; Fact::COUNT];
        let mut next = 0;
        let mut fact = 0;
        while fact < Fact::COUNT {
            let width = Self::width(Fact::ALL[fact]);
            let room = Self::GROUP_BITS - next % Self::GROUP_BITS;
            if width > room {
                next += room;
            }
            shifts[fact] = next;
            next += width;
            fact += 1;
        }
        assert!(next <= Self::BITS, "the facts need wider groups, or more");
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
    fn first_of(facts: Facts) -> Self {
        // With a bit above all others, no shift leaves zero, which would have to be looked out for.
        let values = facts.0.bits() | 1 << (u64::BITS - 1);
        let field = |&fact: &Fact| (values >> fact.offset()).trailing_zeros() << Self::shift(fact);
        Self(Fact::ALL.iter().map(field).fold(0, |packed, field| packed | field))
    }

    /// As an integer, for a column of cases. The layout changes with the vocabulary: keep it no longer than the program runs.
    ///
    /// ```
    /// use csp_multichannel::Assignment;
    ///
    /// let possible = (0..1 << Assignment::BITS).filter_map(Assignment::from_bits);
    /// assert_eq!(possible.count(), 293_760);
    /// ```
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
