//! The rows of a batch as cases.

use std::collections::BTreeMap;
use std::sync::Arc;

use csp_multichannel::chrono::{DateTime, Utc};
use csp_multichannel::{Edition, Fact, Facts, Rulebook, Service, Subscription, Term};
use datafusion::arrow::array::{Array, ArrayRef, AsArray, BooleanArray, StructArray};
use datafusion::arrow::compute::{nullif, take};

use crate::codes::Codes;
use crate::fields::{CANCELLABLE_UNTIL, ENDS_ON, PURCHASED_AT, Refusal, facts_in, instant_in};

/// The rows of a batch as cases.
pub(crate) struct Cases<'a, 'r> {
    /// The instant of each row, and the edition that decides it.
    days: Column<'a, (DateTime<Utc>, Edition<'r>)>,
    /// The known facts of each row.
    facts: Vec<Facts>,
    /// The errors of invalid rows.
    pub(crate) refused: BTreeMap<usize, Refusal>,
}

/// The known facts of a case, and the edition that decides it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Case<'r> {
    pub(crate) edition: Edition<'r>,
    pub(crate) facts: Facts,
}

impl<'a, 'r> Cases<'a, 'r> {
    /// Reads a batch with [checked types](crate::fields::check_types).
    ///
    /// # Errors
    ///
    /// If the engine can't process a column. Invalid rows are in [`refused`](Self::refused).
    pub(crate) fn new(
        rulebook: &'r Rulebook,
        as_of: &'a dyn Array,
        facts: &StructArray,
    ) -> datafusion::common::Result<Self> {
        let days = Column::new(as_of, |values, place| {
            let place = place.ok_or("`as_of` is NULL, expected a day or an instant")?;
            let at = instant_in(values, place)?;
            Ok((at, rulebook.edition_at(at)?))
        });
        let rows = as_of.len();
        let mut cases = Self { days, facts: vec![Facts::UNKNOWN; rows], refused: BTreeMap::new() };
        for (row, day) in cases.days.rows().enumerate() {
            if let Err(problem) = day {
                cases.refused.insert(row, problem.to_string().into());
            }
        }
        // Ignores columns of type NULL.
        let says = |(_, column): &(&str, ArrayRef)| !column.data_type().is_null();
        let names = facts.column_names().into_iter();
        let mut columns: BTreeMap<&str, ArrayRef> =
            names.zip(facts.columns().iter().cloned()).filter(says).collect();
        if let Some(nulls) = facts.nulls() {
            // A `NULL` struct is unknown in each field.
            let is_null = BooleanArray::new(!nulls.inner(), None);
            for column in columns.values_mut() {
                *column = nullif(column, &is_null)?;
            }
        }
        for fact in Fact::ALL {
            if let Some(column) = columns.get(fact.as_str()) {
                cases.know(*fact, column);
            }
        }
        if let Some(dates) = Dates::new(&columns)? {
            cases.settle(&dates);
        }
        Ok(cases)
    }

    /// Adds the values of a fact from a column.
    fn know(&mut self, fact: Fact, column: &dyn Array) {
        let column = Column::new(column, |values, place| match place {
            Some(place) => facts_in(fact, values, place),
            None => Ok(Facts::UNKNOWN),
        });
        let all: Option<Vec<Facts>> =
            column.values.iter().map(|of| of.as_ref().ok().copied()).collect();
        if let Some(values) = all {
            // The common case, without a branch for each row.
            for (known, code) in self.facts.iter_mut().zip(&column.codes.of_rows) {
                let value = values.get(*code as usize).copied().unwrap_or_default();
                *known = known.replace(fact, value);
            }
            return;
        }
        for (row, (known, value)) in self.facts.iter_mut().zip(column.rows()).enumerate() {
            match value {
                Ok(value) => *known = known.replace(fact, *value),
                Err(problem) => {
                    self.refused.entry(row).or_insert_with(|| problem.to_string().into());
                }
            }
        }
    }

    /// Derives the term phase from the dates of the terms.
    fn settle(&mut self, dates: &Dates) {
        for (row, (facts, day)) in self.facts.iter_mut().zip(self.days.rows()).enumerate() {
            let Ok((at, _)) = day else { continue };
            match dates.settle(row, *facts, *at) {
                Ok(settled) => *facts = settled,
                Err(problem) => drop(self.refused.entry(row).or_insert(problem)),
            }
        }
    }

    /// Returns the cases of the rows; `None` for invalid rows.
    pub(crate) fn rows(&self) -> impl Iterator<Item = Option<Case<'r>>> {
        let all = self.refused.is_empty();
        let rows = self.facts.iter().zip(self.days.rows()).enumerate();
        rows.map(move |(row, (&facts, day))| {
            let (_, edition) = *day.as_ref().ok()?;
            (all || !self.refused.contains_key(&row)).then_some(Case { edition, facts })
        })
    }
}

/// A column; each distinct value is read once.
struct Column<'a, T> {
    codes: Codes<'a>,
    /// The value of each code, or its error.
    values: Vec<Result<T, Refusal>>,
}

impl<'a, T> Column<'a, T> {
    /// Reads values by their index in an array; `None` is `NULL`.
    fn new(
        column: &'a dyn Array,
        read: impl Fn(&dyn Array, Option<usize>) -> Result<T, Refusal>,
    ) -> Self {
        let codes = Codes::new(column);
        let values = codes.places.iter().map(|&place| read(codes.values, place)).collect();
        Self { codes, values }
    }

    /// Returns the values of the rows.
    fn rows(&self) -> impl Iterator<Item = &Result<T, Refusal>> {
        self.codes.of_rows.iter().filter_map(|&code| self.values.get(code as usize))
    }
}

/// The dates of the terms.
struct Dates {
    ends_on: ArrayRef,
    purchased_at: Option<ArrayRef>,
    cancellable_until: Option<ArrayRef>,
}

impl Dates {
    fn new(columns: &BTreeMap<&str, ArrayRef>) -> datafusion::common::Result<Option<Self>> {
        // Most dates are distinct, so dictionaries save nothing.
        let plain = |name| {
            let plain = |column: &ArrayRef| match column.as_any_dictionary_opt() {
                Some(dictionary) => take(dictionary.values(), dictionary.keys(), None),
                None => Ok(Arc::clone(column)),
            };
            columns.get(name).map(plain).transpose()
        };
        let (purchased_at, cancellable_until) = (plain(PURCHASED_AT)?, plain(CANCELLABLE_UNTIL)?);
        let dates = |ends_on| Self { ends_on, purchased_at, cancellable_until };
        Ok(plain(ENDS_ON)?.map(dates))
    }

    /// Derives the term phase of a row at an instant.
    fn settle(&self, row: usize, facts: Facts, at: DateTime<Utc>) -> Result<Facts, Refusal> {
        let read = |column: &Option<ArrayRef>| match column {
            Some(column) if column.is_valid(row) => instant_in(column, row).map(Some),
            _ => Ok(None),
        };
        if !self.ends_on.is_valid(row) {
            return Ok(facts);
        }
        if facts.narrowed().contains(Fact::TermPhase) {
            return Err("`ends_on` and `term_phase` are both given, expected one of the two".into());
        }
        // Usage-based services have no term.
        if facts.possible().is_subset(Service::USAGE_BASED) {
            return Ok(facts);
        }
        let ends_on = instant_in(&self.ends_on, row)?.date_naive();
        let mut term = match read(&self.purchased_at)? {
            Some(purchase) => Term::new(purchase, ends_on)?,
            None => Term::ending(ends_on),
        };
        if let Some(closes) = read(&self.cancellable_until)? {
            term = term.cancellable_until(closes);
        }
        Ok(Subscription::from(facts).with_term(term).facts_at(at))
    }
}
