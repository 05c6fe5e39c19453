//! What has been told of a case.

use chrono::{DateTime, Utc};
use csp_multichannel::{
    Case, Contradiction, Engagement, Fact, FactSet, FactValue, Facts, Subscription, Term, TermPhase, Value, ValueSet,
};

/// What has been told of a case; it never contradicts itself.
#[derive(Clone, Copy)]
pub(crate) struct Told {
    /// At most one of each fact.
    values: ValueSet,
    /// The dates of the term, beside its phase or instead of it.
    term: Option<Term>,
    /// What was asked for and is not known.
    skipped: FactSet,
    /// What is known of the case, with what follows.
    facts: Facts,
}

impl Told {
    /// What the record of a case tells.
    pub(crate) fn of(case: &Case, at: DateTime<Utc>) -> Self {
        let facts = case.facts(at);
        // The phase comes from the dates, and from the service.
        let told = Fact::ALL.iter().filter(|fact| **fact != Fact::Term);
        let values = told.filter_map(|&fact| facts.possible(fact).single()).collect();
        Self { values, term: case.subscription.term(), skipped: FactSet::EMPTY, facts }
    }

    /// The same, and a value of a fact.
    pub(crate) fn with_value(self, value: Value, at: DateTime<Utc>) -> Result<Self, Contradiction> {
        let values = self.values.union(ValueSet::only(value));
        Self { values, ..self }.known(value.fact()).checked(at)
    }

    /// The same, and the dates of the term: of a service that has one.
    pub(crate) fn with_term(self, term: Term, at: DateTime<Utc>) -> Result<Self, Contradiction> {
        Self { term: Some(term), ..self }.known(Fact::Term).checked(at)
    }

    /// The same, and that a fact is not known.
    pub(crate) fn without(self, fact: Fact) -> Self {
        Self { skipped: self.skipped.union(fact.into()), ..self }
    }

    fn known(self, fact: Fact) -> Self {
        Self { skipped: self.skipped.difference(fact.into()), ..self }
    }

    fn checked(self, at: DateTime<Utc>) -> Result<Self, Contradiction> {
        let facts = self.case("").facts(at).given(self.values)?;
        Ok(Self { facts, ..self })
    }

    /// What is known, with what follows.
    pub(crate) const fn facts(&self) -> Facts {
        self.facts
    }

    /// The dates of the term.
    pub(crate) const fn term(&self) -> Option<Term> {
        self.term
    }

    /// What was asked for and is not known.
    pub(crate) const fn skipped(&self) -> FactSet {
        self.skipped
    }

    /// Its record. A phase of the term has no place there, only dates have.
    pub(crate) fn case(&self, id: &str) -> Case {
        macro_rules! with {
            ($record:expr; $( $with:ident )+) => {{
                let mut record = $record;
                $( if let Some(value) = self.value() { record = record.$with(value); } )+
                record
            }};
        }
        let subscription = with! {
            Subscription::new(self.value());
            with_channel with_cloud with_auto_renew with_status with_transfer
        };
        let engagement = with! { Engagement::new(); with_partner with_relationship with_customer with_market };
        let dated = self.term.and_then(|term| subscription.with_term(term).ok());
        Case::new(id, dated.unwrap_or(subscription), engagement)
    }

    fn value<T: FactValue>(&self) -> Option<T> {
        self.values.of().single()
    }

    /// The phase of the term, where it was told and the record does not tell it.
    pub(crate) fn phase_beside_record(&self, at: DateTime<Utc>) -> Option<TermPhase> {
        let recorded = self.case("").facts(at).known();
        self.value().filter(|phase| recorded != Some(*phase))
    }
}
