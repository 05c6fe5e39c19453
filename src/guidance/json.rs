//! Guidance as JSON, in any format of serde's: words as everywhere, an absent end left out.
//!
//! What is told of a case names rules by their ids, as the record of a decision does; what is told of the policy itself, its editions and
//! their differences, has the rules as a rulebook has them.

use core::fmt;
use core::marker::PhantomData;
use std::collections::BTreeMap;
use std::string::{String, ToString};
use std::vec::Vec;

use chrono::{DateTime, Datelike, Utc};
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use serde::ser::{self, Serialize, SerializeMap, SerializeStruct, Serializer};

use super::{
    Calendar, Counterfactual, Deed, Difference, Goal, Means, Obstacle, Period, Plan, Plans, PossibleAnswer,
    ProcedureStep, Question, Shift, Step, Way, Weights,
};
use crate::facts::Facts;
use crate::records::date::in_years;
use crate::rulebook::Edition;
use crate::rules::{Condition, Rule};
use crate::vocabulary::{Excerpt, Fact, Value, ValueSet, Verdict};

/// The facts of a set of values, with those that it has of each.
struct ByFact(ValueSet);

impl Serialize for ByFact {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let named = Fact::ALL.iter().map(|&fact| (fact, self.0.intersection(fact.values())));
        // All values of a fact say nothing of it.
        let named = named.filter(|(fact, values)| !values.is_empty() && *values != fact.values());
        serializer.collect_map(named.map(|(fact, values)| (fact, values.iter().map(Value::as_str).collect::<Vec<_>>())))
    }
}

fn ids<'r>(rules: impl IntoIterator<Item = &'r Rule>) -> Vec<&'r str> {
    rules.into_iter().map(Rule::id).collect()
}

impl Serialize for Condition {
    /// The facts that matter, each with the values that it admits.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        ByFact(self.values()).serialize(serializer)
    }
}

impl Serialize for Facts {
    /// The facts of which something is known, each with the values that are possible.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        ByFact(self.values()).serialize(serializer)
    }
}

/// An instant, where RFC 3339 can write it.
struct Instant(DateTime<Utc>);

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if !in_years(self.0.year()) {
            return Err(ser::Error::custom("an instant is out of range, expected a year of 0 to 9999"));
        }
        self.0.serialize(serializer)
    }
}

/// Writes an entry where there is something to write.
fn some<M: SerializeMap, T: Serialize>(map: &mut M, name: &'static str, value: Option<T>) -> Result<(), M::Error> {
    value.map_or(Ok(()), |value| map.serialize_entry(name, &value))
}

fn list<M: SerializeMap, T: Serialize>(map: &mut M, name: &'static str, items: &[T]) -> Result<(), M::Error> {
    some(map, name, (!items.is_empty()).then_some(items))
}

impl Serialize for Question {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut record = serializer.serialize_struct("Question", 5)?;
        record.serialize_field("id", self.id())?;
        record.serialize_field("fact", &self.fact())?;
        record.serialize_field("text", self.text())?;
        record.serialize_field("expected_left", &self.expected_left())?;
        record.serialize_field("answers", self.answers())?;
        record.end()
    }
}

impl Serialize for PossibleAnswer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut record = serializer.serialize_struct("PossibleAnswer", 5)?;
        record.serialize_field("value", self.value().as_str())?;
        record.serialize_field("meaning", self.value().meaning())?;
        record.serialize_field("likelihood", &self.likelihood())?;
        record.serialize_field("assignments", &self.assignments())?;
        record.serialize_field("verdicts", &self.verdicts())?;
        record.end()
    }
}

impl Serialize for Weights {
    /// The weights that are not 1, by fact and value.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let uneven = |fact: Fact| {
            let weights = fact.values().iter().map(|value| (value.as_str(), self.of(value)));
            weights.filter(|&(_, weight)| weight != 1).collect::<BTreeMap<_, _>>()
        };
        let facts = Fact::ALL.iter().map(|&fact| (fact, uneven(fact)));
        serializer.collect_map(facts.filter(|(_, weights)| !weights.is_empty()))
    }
}

impl<'de> Deserialize<'de> for Weights {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut weights = Self::EVEN;
        for (fact, of_fact) in Object::<Fact, Object<String, u32>>::deserialize(deserializer)?.0 {
            for (word, weight) in of_fact.0 {
                let value = fact.values().iter().find(|value| value.as_str() == word);
                let value = value.ok_or_else(|| {
                    let word = Excerpt::of(&word);
                    D::Error::custom(format_args!("unknown {fact} `{word}`, expected one of {:#}", fact.values()))
                })?;
                weights = weights.with(value, weight);
            }
        }
        Ok(weights)
    }
}

/// The entries of an object, of which none is given twice.
struct Object<K, V>(BTreeMap<K, V>);

impl<'de, K, V> Deserialize<'de> for Object<K, V>
where
    K: Deserialize<'de> + Ord + ToString,
    V: Deserialize<'de>,
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries<K, V>(PhantomData<(K, V)>);

        impl<'de, K: Deserialize<'de> + Ord + ToString, V: Deserialize<'de>> Visitor<'de> for Entries<K, V> {
            type Value = Object<K, V>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = BTreeMap::new();
                while let Some((key, value)) = map.next_entry::<K, V>()? {
                    if entries.contains_key(&key) {
                        let key = Excerpt::of(&key.to_string());
                        return Err(A::Error::custom(format_args!("`{key}` is given twice, expected once")));
                    }
                    entries.insert(key, value);
                }
                Ok(Object(entries))
            }
        }

        deserializer.deserialize_map(Entries(PhantomData))
    }
}

impl Serialize for Counterfactual {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut record = serializer.serialize_struct("Counterfactual", 4)?;
        record.serialize_field("action", &self.action())?;
        record.serialize_field("facts", &self.facts())?;
        record.serialize_field("is_possible", &self.is_possible())?;
        record.serialize_field("ways", self.ways())?;
        record.end()
    }
}

impl Serialize for Way {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut record = serializer.serialize_struct("Way", 2)?;
        record.serialize_field("changes", &self.changes().map(Change).collect::<Vec<_>>())?;
        record.serialize_field("is_possible", &self.is_possible())?;
        record.end()
    }
}

/// A value that a fact can change to, and by which means.
struct Change((Value, Means));

impl Serialize for Change {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self((value, means)) = self;
        let mut record = serializer.serialize_struct("Change", 3)?;
        record.serialize_field("fact", &value.fact())?;
        record.serialize_field("value", value.as_str())?;
        record.serialize_field("means", means)?;
        record.end()
    }
}

impl Serialize for Means {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl Serialize for Calendar<'_> {
    /// The periods between which a verdict changes.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.changes())
    }
}

impl Serialize for Period<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut record = serializer.serialize_map(None)?;
        record.serialize_entry("from", &Instant(self.from()))?;
        some(&mut record, "until", self.until().map(Instant))?;
        some(&mut record, "term", self.begins_with_phases())?;
        record.serialize_entry("edition", &self.decision().edition().since())?;
        record.serialize_entry("begins_with_edition", &self.begins_with_edition())?;
        record.serialize_entry("verdicts", &self.decision().verdicts())?;
        let undetermined = self.decision().verdicts().actions_with(Verdict::Undetermined);
        let possible = undetermined.iter().map(|action| (action, self.decision().possible(action)));
        some(&mut record, "possible", (!undetermined.is_empty()).then(|| possible.collect::<BTreeMap<_, _>>()))?;
        record.end()
    }
}

impl Serialize for Edition<'_> {
    /// The days between which it is in force, and the rules that begin and end with it.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut record = serializer.serialize_map(None)?;
        record.serialize_entry("since", &self.since())?;
        some(&mut record, "until", self.until())?;
        record.serialize_entry("begun", &self.begun().collect::<Vec<_>>())?;
        record.serialize_entry("ended", &self.ended().collect::<Vec<_>>())?;
        record.end()
    }
}

impl Serialize for Difference<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut record = serializer.serialize_struct("Difference", 5)?;
        record.serialize_field("from", &self.from().since())?;
        record.serialize_field("to", &self.to().since())?;
        record.serialize_field("begun", &self.begun().collect::<Vec<_>>())?;
        record.serialize_field("ended", &self.ended().collect::<Vec<_>>())?;
        record.serialize_field("cases", &self.cases())?;
        record.end()
    }
}

impl Serialize for Shift {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut record = serializer.serialize_struct("Shift", 4)?;
        record.serialize_field("condition", &self.condition())?;
        record.serialize_field("action", &self.action())?;
        record.serialize_field("before", &self.before())?;
        record.serialize_field("after", &self.after())?;
        record.end()
    }
}

impl Serialize for Goal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl Serialize for Plans<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut record = serializer.serialize_struct("Plans", 3)?;
        record.serialize_field("goal", &self.goal())?;
        record.serialize_field("ways", self.ways())?;
        record.serialize_field("obstacles", self.obstacles())?;
        record.end()
    }
}

impl Serialize for Plan<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut record = serializer.serialize_map(None)?;
        record.serialize_entry("action", &self.action())?;
        some(&mut record, "done", self.done().map(Instant))?;
        record.serialize_entry("steps", self.steps())?;
        record.end()
    }
}

impl Serialize for Deed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut record = serializer.serialize_map(None)?;
        deed(&mut record, *self)?;
        record.end()
    }
}

/// What is done, in words, by its kind, and with what it is done to.
fn deed<M: SerializeMap>(record: &mut M, deed: Deed) -> Result<(), M::Error> {
    record.serialize_entry("deed", &deed.to_string())?;
    record.serialize_entry("kind", deed.kind())?;
    match deed {
        Deed::Act(action) => record.serialize_entry("action", &action),
        Deed::Bring(value) => record.serialize_entry("brings", &ByFact(ValueSet::only(value))),
        Deed::Buy | Deed::Wait => Ok(()),
    }
}

impl Serialize for Step<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut record = serializer.serialize_map(None)?;
        deed(&mut record, self.deed())?;
        record.serialize_entry("actor", &self.actor())?;
        record.serialize_entry("earliest", &Instant(self.earliest()))?;
        some(&mut record, "latest", self.latest().map(Instant))?;
        list(&mut record, "after", self.after())?;
        list(&mut record, "rules", &ids(self.rules().iter().copied()))?;
        list(&mut record, "advice", &ids(self.advice().iter().copied()))?;
        list(&mut record, "procedure", self.procedure())?;
        record.serialize_entry("state", &self.state())?;
        record.end()
    }
}

impl Serialize for Obstacle<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut record = serializer.serialize_map(None)?;
        record.serialize_entry("action", &self.action())?;
        record.serialize_entry("from", &Instant(self.from()))?;
        some(&mut record, "until", self.until().map(Instant))?;
        record.serialize_entry("verdict", &self.verdict())?;
        list(&mut record, "rules", &ids(self.rules().iter().copied()))?;
        some(&mut record, "turns_on", (!self.turns_on().is_empty()).then_some(self.turns_on()))?;
        some(&mut record, "relationship", self.relationship())?;
        record.end()
    }
}

impl Serialize for ProcedureStep {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut record = serializer.serialize_struct("ProcedureStep", 7)?;
        record.serialize_field("number", &self.number())?;
        record.serialize_field("actors", self.actors())?;
        record.serialize_field("is_for_any", &self.is_for_any())?;
        record.serialize_field("text", self.text())?;
        record.serialize_field("condition", &self.condition())?;
        record.serialize_field("basis", &self.basis())?;
        record.serialize_field("page", self.page())?;
        record.end()
    }
}
