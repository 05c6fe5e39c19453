//! Scenario tests for rulebooks: worked cases with the verdicts that are expected of them, and which rules they exercise.

mod coverage;
mod suite;

pub use coverage::{Coverage, Exercise, RuleCoverage};
pub use suite::{Failure, RefusedScenario, Report, Suite};

use core::fmt;
use std::collections::BTreeMap;
use std::string::{String, ToString};
use std::vec::Vec;

use chrono::{DateTime, NaiveDate, Utc};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::decision::Decision;
use crate::json::{Answer, DecisionRecord, VerdictRecord};
use crate::records::date::parse_day;
use crate::records::{Case, parse_instant};
use crate::rulebook::{BeforeFirstEdition, Rulebook};
use crate::vocabulary::{Action, words};

/// A worked case: what is known of it, the instant asked about, and the verdicts that are expected.
///
/// As data it is an object with the fields below, in any format of serde's; any other field, and one that is given twice, is refused.
///
/// ```
/// use csp_multichannel::Rulebook;
/// use csp_multichannel::authoring::Scenario;
///
/// let scenario: Scenario = serde_json::from_str(
///     r#"{"why": "licenses are not switched yet", "as_of": "2018-09-15", "case": {"id": "s-1", "service": "license", "channel": "open"},
///         "verdicts": {"switch": {"verdict": "denied", "rules": ["license-no-switch"]}}}"#,
/// )?;
/// let mismatches = scenario.run(Rulebook::partner_center());
/// assert_eq!(mismatches[0].to_string(), "switch verdict: expected denied, found undetermined");
/// assert_eq!(mismatches[1].to_string(), "switch rules: expected license-no-switch, found none");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, remote = "Self")]
#[non_exhaustive]
pub struct Scenario {
    /// What it shows, in a sentence; optional.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// The instant asked about, in UTC; as data, an RFC 3339 instant or a day, which is taken at 00:00 UTC.
    #[serde(deserialize_with = "instant")]
    pub as_of: DateTime<Utc>,
    /// What is known.
    pub case: Case,
    /// The first day, in UTC, of the edition that is expected to decide; optional, and then not looked at.
    #[serde(default, deserialize_with = "day", skip_serializing_if = "Option::is_none")]
    pub edition: Option<NaiveDate>,
    /// The verdicts that are expected, at least one; actions without one are not looked at.
    ///
    /// Each is that of a [`DecisionRecord`], and complete: a list that is left out is expected to be empty. The order in a list does not matter.
    #[serde(deserialize_with = "verdicts")]
    pub verdicts: BTreeMap<Action, VerdictRecord>,
}

impl Scenario {
    /// Decides the case by a rulebook, and compares: what is otherwise than expected, or nothing.
    #[must_use]
    pub fn run(&self, rulebook: &Rulebook) -> Vec<Mismatch> {
        match self.decide(rulebook) {
            Ok(decision) => self.compare(decision),
            Err(early) => [Mismatch::NoEdition(early)].into(),
        }
    }

    fn decide<'r>(&self, rulebook: &'r Rulebook) -> Result<Decision<'r>, BeforeFirstEdition> {
        Ok(rulebook.edition_at(self.as_of)?.decide(self.case.facts(self.as_of)))
    }

    fn compare(&self, decision: Decision<'_>) -> Vec<Mismatch> {
        let found = DecisionRecord::from(Answer { id: &self.case.id, as_of: self.as_of, decision });
        let edition = self.edition.filter(|expected| *expected != found.edition);
        let edition = edition.map(|expected| Mismatch::Edition { expected, found: found.edition });
        let verdicts = self.verdicts.iter().filter_map(|(&action, expected)| {
            let found = found.verdicts.get(&action)?;
            Some(Part::ALL.iter().filter_map(move |&part| part.compare(action, expected, found)))
        });
        edition.into_iter().chain(verdicts.flatten()).collect()
    }
}

words! {
    /// A part of a verdict, named as in a [`VerdictRecord`].
    #[non_exhaustive]
    pub enum Part, part {
        /// The verdict itself.
        Verdict = verdict,
        /// The ids of the rules that decide it.
        Rules = rules,
        /// What has to be met first.
        Requirements = requirements,
        /// The ids of the advice.
        Advice = advice,
        /// The verdicts that are possible, where it is undetermined.
        Possible = possible,
        /// The facts on which it turns, where it is undetermined.
        DependsOn = depends_on,
    }
}

impl Part {
    /// The words of this part.
    fn of(self, record: &VerdictRecord) -> Vec<String> {
        fn words<T: ToString>(list: &[T]) -> Vec<String> {
            list.iter().map(T::to_string).collect()
        }
        match self {
            Self::Verdict => words(&[record.verdict]),
            Self::Rules => words(&record.rules),
            Self::Requirements => words(&record.requirements),
            Self::Advice => words(&record.advice),
            Self::Possible => words(&record.possible),
            Self::DependsOn => words(&record.depends_on),
        }
    }

    fn compare(self, action: Action, expected: &VerdictRecord, found: &VerdictRecord) -> Option<Mismatch> {
        let sorted = |mut words: Vec<String>| {
            words.sort_unstable();
            words
        };
        let (expected, found) = (self.of(expected), self.of(found));
        let differ = sorted(expected.clone()) != sorted(found.clone());
        differ.then_some(Mismatch::Verdict { action, part: self, expected, found })
    }
}

/// Something that is otherwise than a scenario expects.
///
/// `Display` writes it in a line: `switch rules: expected license-no-switch, found none`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Mismatch {
    /// The rulebook begins later.
    NoEdition(BeforeFirstEdition),
    /// Another edition decides.
    Edition {
        /// Its first day.
        expected: NaiveDate,
        /// The first day of the edition that decides.
        found: NaiveDate,
    },
    /// A part of a verdict is another.
    Verdict {
        /// The action.
        action: Action,
        /// The part.
        part: Part,
        /// The words that are expected, as the scenario has them.
        expected: Vec<String>,
        /// The words that the decision has, in its order.
        found: Vec<String>,
    },
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoEdition(early) => write!(f, "edition: {early}"),
            Self::Edition { expected, found } => write!(f, "edition: expected {expected}, found {found}"),
            Self::Verdict { action, part, expected, found } => {
                write!(f, "{action} {part}: expected {}, found {}", Listed(expected), Listed(found))
            }
        }
    }
}

impl Serialize for Mismatch {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut record = serializer.serialize_map(None)?;
        match self {
            Self::NoEdition(early) => {
                record.serialize_entry("part", "edition")?;
                record.serialize_entry("error", &early.to_string())?;
            }
            Self::Edition { expected, found } => {
                record.serialize_entry("part", "edition")?;
                record.serialize_entry("expected", expected)?;
                record.serialize_entry("found", found)?;
            }
            Self::Verdict { action, part, expected, found } => {
                record.serialize_entry("action", action)?;
                record.serialize_entry("part", part)?;
                record.serialize_entry("expected", expected)?;
                record.serialize_entry("found", found)?;
            }
        }
        record.end()
    }
}

/// Writes a list, or that there is nothing in it.
struct Listed<'a>(&'a [String]);

impl fmt::Display for Listed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("none");
        }
        for (at, word) in self.0.iter().enumerate() {
            write!(f, "{}{}", if at == 0 { "" } else { ", " }, Plain(word))?;
        }
        Ok(())
    }
}

/// Writes text of whatever origin in one line, and so that it cannot command a terminal.
struct Plain<'a>(&'a str);

impl fmt::Display for Plain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            if character.is_control() {
                write!(f, "{}", character.escape_default())?;
            } else {
                fmt::Write::write_char(f, character)?;
            }
        }
        Ok(())
    }
}

impl Serialize for Scenario {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Self::serialize(self, serializer)
    }
}

/// An object only: what is derived reads a list of its fields as well.
impl<'de> Deserialize<'de> for Scenario {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AnObject;

        impl<'de> Visitor<'de> for AnObject {
            type Value = Scenario;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a scenario as an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<Scenario, A::Error> {
                Scenario::deserialize(MapAccessDeserializer::new(entries))
            }
        }

        deserializer.deserialize_map(AnObject)
    }
}

fn instant<'de, D: Deserializer<'de>>(deserializer: D) -> Result<DateTime<Utc>, D::Error> {
    let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
    parse_instant(&text).map_err(D::Error::custom)
}

fn day<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<NaiveDate>, D::Error> {
    let text = Option::<std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
    let refused = |text: &str| D::Error::custom(format_args!("`{text}` is no day, expected one such as `2018-09-15`"));
    text.map(|text| parse_day(&text).ok_or_else(|| refused(&text))).transpose()
}

/// At least one verdict, and none twice.
fn verdicts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<Action, VerdictRecord>, D::Error> {
    struct ByAction;

    impl<'de> Visitor<'de> for ByAction {
        type Value = BTreeMap<Action, VerdictRecord>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object with a verdict for each of some actions")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
            let mut verdicts = BTreeMap::new();
            while let Some((action, verdict)) = entries.next_entry::<Action, VerdictRecord>()? {
                if verdicts.insert(action, verdict).is_some() {
                    return Err(A::Error::custom(format_args!("`{action}` is given twice, expected at most once")));
                }
            }
            if verdicts.is_empty() {
                Err(A::Error::custom("no verdict is expected, expected one at least"))
            } else {
                Ok(verdicts)
            }
        }
    }

    deserializer.deserialize_map(ByAction)
}
