//! What is known of a case: for each fact, the values that are still possible.

mod assignment;

pub use assignment::Assignment;

use core::fmt;

use crate::vocabulary::{Fact, FactSet, FactValue, Given, Service, Set, TermPhase, Value, ValueSet};

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

    /// These facts and what else is known now: of each fact that it speaks of, only the values that it admits
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
    pub fn given(self, given: impl Given + Copy) -> Result<Self, Contradiction> {
        let mut narrowed = self.0;
        for fact in given.facts() {
            let admitted = given.values().intersection(fact.values());
            let possible = self.possible(fact);
            if possible.intersection(admitted).is_empty() {
                return Err(Contradiction { fact, given: admitted, possible });
            }
            narrowed = narrowed.difference(fact.values().difference(admitted));
        }
        Self::tightened(narrowed).ok_or_else(|| {
            let phases = if narrowed.intersection(USAGE_BASED).is_empty() { A_TERM } else { NO_TERM };
            Contradiction {
                fact: Fact::Term,
                given: narrowed.intersection(Fact::Term.values()),
                possible: self.0.intersection(phases),
            }
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

/// Writes the facts of which something is known: `channel: open; cloud: public, germany`; or `nothing known`.
impl fmt::Display for Facts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::UNKNOWN { f.write_str("nothing known") } else { fmt_narrowed(self.0, f) }
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
#[error("contradictory facts: `{fact}` cannot be {}, expected one of {possible:#}", OrNothing(.given))]
pub struct Contradiction {
    fact: Fact,
    given: ValueSet,
    possible: ValueSet,
}

struct OrNothing<'a>(&'a ValueSet);

impl fmt::Display for OrNothing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { f.write_str("nothing") } else { write!(f, "{:#}", self.0) }
    }
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
