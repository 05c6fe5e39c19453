//! The JSON of records and decisions, as `docs/records.md` describes it; in any format of serde's.

#[cfg(feature = "std")]
mod answer;
#[cfg(feature = "std")]
mod case;
#[cfg(feature = "std")]
mod error;

#[cfg(feature = "std")]
pub use answer::{Answer, DecisionRecord, RefusedLine, VerdictRecord};
#[cfg(feature = "std")]
pub use error::{Expected, Field, RecordError, RecordKind, Refusal, Refused};

use serde::ser::{Serialize, SerializeMap, SerializeStruct, Serializer};

use crate::decision::{Decision, Verdicts};
use crate::rules::Rule;
use crate::vocabulary::{Action, Verdict};

impl Serialize for Decision<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut record = serializer.serialize_struct("Decision", 2)?;
        record.serialize_field("edition", &self.edition().since())?;
        record.serialize_field("verdicts", &VerdictsOf(self))?;
        record.end()
    }
}

/// The verdicts alone, by action.
impl Serialize for Verdicts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

/// The verdicts of a decision with their explanations, by action.
struct VerdictsOf<'d, 'r>(&'d Decision<'r>);

impl Serialize for VerdictsOf<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(Action::ALL.iter().map(|&action| (action, VerdictOn { decision: self.0, action })))
    }
}

struct VerdictOn<'d, 'r> {
    decision: &'d Decision<'r>,
    action: Action,
}

impl Serialize for VerdictOn<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { decision, action } = *self;
        let verdict = decision.verdict(action);
        let mut record = serializer.serialize_map(None)?;
        record.serialize_entry("verdict", &verdict)?;
        list(&mut record, "rules", decision.rules(action).map(Rule::id))?;
        if verdict == Verdict::Conditional {
            list(&mut record, "requirements", decision.requirements(action))?;
        }
        list(&mut record, "advice", decision.advice(action).map(Rule::id))?;
        if verdict == Verdict::Undetermined {
            list(&mut record, "possible", decision.possible(action).iter())?;
            list(&mut record, "depends_on", decision.depends_on(action).iter())?;
        }
        record.end()
    }
}

/// An entry with a list, left out where the list is empty.
fn list<M: SerializeMap, T: Serialize>(
    record: &mut M,
    name: &'static str,
    items: impl Iterator<Item = T> + Clone,
) -> Result<(), M::Error> {
    struct Items<I>(I);

    impl<T: Serialize, I: Iterator<Item = T> + Clone> Serialize for Items<I> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_seq(self.0.clone())
        }
    }

    if items.clone().next().is_none() { Ok(()) } else { record.serialize_entry(name, &Items(items)) }
}
