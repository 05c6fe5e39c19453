//! The record of one decision.

use std::collections::BTreeMap;
use std::string::String;
use std::vec::Vec;

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use serde::ser::SerializeStruct;
use serde::{Deserialize, Serialize, Serializer};

use super::VerdictsOf;
use crate::decision::Decision;
use crate::records::date::{in_years, parse_day, parse_rfc3339};
use crate::rules::Rule;
use crate::vocabulary::{Action, Fact, Verdict};

/// A decision with the id of its case and the instant asked about: the record of one decision, to be written.
///
/// ```
/// use csp_multichannel::{Answer, Engagement, Subscription, decide, parse_instant};
///
/// let as_of = parse_instant("2018-09-15")?;
/// let decision = decide(&Subscription::default(), &Engagement::default(), as_of)?;
/// let line = serde_json::to_string(&Answer { id: "c-17", as_of, decision })?;
/// assert!(line.starts_with(r#"{"id":"c-17","as_of":"2018-09-15T00:00:00Z","edition":"2018-09-13","verdicts":{"#));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer<'a> {
    /// The id of the case.
    pub id: &'a str,
    /// The instant asked about, in UTC.
    pub as_of: DateTime<Utc>,
    /// The decision.
    pub decision: Decision<'a>,
}

impl Serialize for Answer<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if !in_years(self.as_of.year()) {
            return Err(serde::ser::Error::custom("`as_of` is out of range, expected a year of 0 to 9999"));
        }
        let mut record = serializer.serialize_struct("Answer", 4)?;
        record.serialize_field("id", self.id)?;
        record.serialize_field("as_of", &self.as_of)?;
        record.serialize_field("edition", &self.decision.edition().since())?;
        record.serialize_field("verdicts", &VerdictsOf(&self.decision))?;
        record.end()
    }
}

/// The record of one decision, as it was read: what an [`Answer`] writes, without the rules themselves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct DecisionRecord {
    /// The id of the case.
    pub id: String,
    /// The instant asked about, in UTC.
    #[serde(deserialize_with = "instant")]
    pub as_of: DateTime<Utc>,
    /// The first day of the edition that decided.
    #[serde(deserialize_with = "day")]
    pub edition: NaiveDate,
    /// The verdict on each action.
    pub verdicts: BTreeMap<Action, VerdictRecord>,
}

/// The verdict on one action, as it was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct VerdictRecord {
    /// The verdict.
    pub verdict: Verdict,
    /// The ids of the rules that decide it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<String>,
    /// What has to be met first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub requirements: Vec<String>,
    /// The ids of the advice.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub advice: Vec<String>,
    /// The verdicts that are possible, where it is undetermined.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub possible: Vec<Verdict>,
    /// The facts on which it turns, where it is undetermined.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub depends_on: Vec<Fact>,
}

fn instant<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<DateTime<Utc>, D::Error> {
    let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
    parse_rfc3339(&text).ok_or_else(|| serde::de::Error::custom(std::format_args!("`{text}` is no RFC 3339 instant")))
}

fn day<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<NaiveDate, D::Error> {
    let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
    parse_day(&text).ok_or_else(|| serde::de::Error::custom(std::format_args!("`{text}` is no day")))
}

/// The answer to a line that is no case, in the place of its decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RefusedLine {
    /// The id, where one could be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The number of the line, from 1.
    pub line: u64,
    /// What was wrong: free text.
    pub error: String,
}

impl From<Answer<'_>> for DecisionRecord {
    fn from(Answer { id, as_of, decision }: Answer<'_>) -> Self {
        let verdict = |action| {
            let verdict = decision.verdict(action);
            let undetermined = verdict == Verdict::Undetermined;
            VerdictRecord {
                verdict,
                rules: decision.rules(action).map(|rule| rule.id().into()).collect(),
                requirements: decision.requirements(action).map(Into::into).collect(),
                advice: decision.advice(action).map(|rule: &Rule| rule.id().into()).collect(),
                possible: if undetermined { decision.possible(action).iter().collect() } else { Vec::new() },
                depends_on: decision.depends_on(action).iter().collect(),
            }
        };
        Self {
            id: id.into(),
            as_of,
            edition: decision.edition().since(),
            verdicts: Action::ALL.iter().map(|&action| (action, verdict(action))).collect(),
        }
    }
}
