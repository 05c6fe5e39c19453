//! Records of decisions: owned, and read and written as JSON.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::marker::PhantomData;

use chrono::{DateTime, NaiveDate, Utc};
use serde::de::{DeserializeSeed, Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::decision::{ByAction, Decision, ones};
use crate::fact::Fact;
use crate::facts::Facts;
use crate::index::RuleMask;
use crate::instant::Rfc3339;
use crate::json::{day, instant, read_fields};
use crate::rule::{Action, Basis, Effect, Rule, Source, Text, Validity, Verdict};
use crate::set::Set;
use crate::unknown::Space;
use crate::words::Word;

impl<T: Serialize> Serialize for ByAction<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for ByAction<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Entries<T> {
            type Value = ByAction<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object with an entry for each action")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<ByAction<T>, A::Error> {
                let mut entries: BTreeMap<usize, T> = BTreeMap::new();
                read_fields(map, Action::WORDS, |action, map| {
                    entries.insert(action, map.next_value()?);
                    Ok(())
                })?;
                let entries: Vec<T> = entries.into_values().collect();
                <[T; Action::ALL.len()]>::try_from(entries).map(ByAction).map_err(|_| {
                    let every = Set::<Action>::all();
                    A::Error::custom(format_args!("an action is missing, expected each of {every}"))
                })
            }
        }

        deserializer.deserialize_map(Entries(PhantomData))
    }
}

/// The record of one decision: the verdict on each action, with the ids of the rules behind it.
///
/// A record can be written as JSON and read again without loss. With [`ExplainedVerdict`] it has
/// reasons and sources instead of ids.
///
/// ```
/// use csp_multichannel::{DecisionRecord, Service, Subscription, decide, parse_instant};
/// use serde_json::json;
///
/// let as_of = parse_instant("2018-09-15")?;
/// let software = Subscription::new().with(Service::Software);
/// let record = decide(&software, as_of)?.record("c-17", as_of);
/// let json = serde_json::to_value(&record)?;
/// let excluded = json!({"verdict": "not_covered", "rules": ["service-not-covered"]});
/// assert_eq!(
///     json,
///     json!({
///         "id": "c-17",
///         "as_of": "2018-09-15T00:00:00Z",
///         "edition": "2018-09-13",
///         "verdicts": {
///             "request_relationship": excluded,
///             "recreate_and_cancel": excluded,
///             "switch": excluded,
///             "wait_until_term_end": excluded,
///             "cancel_then_move": excluded,
///         },
///     }),
/// );
/// assert_eq!(serde_json::from_value::<DecisionRecord>(json)?, record);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DecisionRecord<V = VerdictRecord> {
    /// The id of the case.
    pub id: String,
    /// The instant of the question, in UTC.
    #[serde(serialize_with = "write_instant", deserialize_with = "read_instant")]
    pub as_of: DateTime<Utc>,
    /// The first day of the edition with which the case was decided, in UTC.
    #[serde(deserialize_with = "read_day")]
    pub edition: NaiveDate,
    /// The verdict on each action.
    pub verdicts: ByAction<V>,
}

/// The record of the verdict on one action, with the ids of rules and requirements.
///
/// ```
/// use csp_multichannel::{
///     Action, Channel, Cloud, Service, Subscription, decide, parse_instant,
/// };
///
/// let as_of = parse_instant("2018-09-15")?;
/// let azure = Subscription::new()
///     .with(Channel::OtherCspPartner)
///     .with(Service::Azure)
///     .with(Cloud::Public);
/// let record = decide(&azure, as_of)?.record("c-17", as_of);
/// assert_eq!(
///     serde_json::to_string(record.verdicts.on(Action::CancelThenMove))?,
///     concat!(
///         r#"{"verdict":"undetermined","possible":["denied","not_covered"],"#,
///         r#""depends_on":["customer","status"]}"#,
///     ),
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct VerdictRecord {
    /// The verdict.
    pub verdict: Verdict,
    /// The rules that decide the verdict.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<Text>,
    /// The requirements that have to be met first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub requirements: Vec<Text>,
    /// The rules with advice to know before acting.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub advice: Vec<Text>,
    /// The possible verdicts, if the verdict is undetermined.
    #[serde(default, skip_serializing_if = "Set::is_empty")]
    pub possible: Set<Verdict>,
    /// The unknown facts on which the verdict depends, if it is undetermined.
    #[serde(default, skip_serializing_if = "Set::is_empty")]
    pub depends_on: Set<Fact>,
}

/// The record of the verdict on one action, with reasons and sources.
///
/// A list has the entries that apply in every possible case. If there are none, it has those that
/// apply in some cases, each with `always` false.
///
/// ```
/// use csp_multichannel::{Action, Effect, Facts, Rule, Rulebook, Source, parse_instant};
///
/// let rule = Rule::new("freeze", Effect::Veto, Action::Switch, "2026-01-01".parse()?)
///     .with_reason("no transfers during the migration")
///     .with_source(Source::new("H1", "handbook.md", "2026-01-15"))
///     .with_rulebook("northwind");
/// let rulebook = Rulebook::new([rule])?;
/// let as_of = parse_instant("2026-06-01")?;
/// let record = rulebook.edition_at(as_of)?.decide(Facts::UNKNOWN).explained("c-17", as_of);
/// assert_eq!(
///     serde_json::to_string_pretty(record.verdicts.on(Action::Switch))?,
///     r#"{
///   "verdict": "denied",
///   "rules": [
///     {
///       "id": "freeze",
///       "reason": "no transfers during the migration",
///       "basis": "stated",
///       "sources": [
///         {
///           "code": "H1",
///           "page": "handbook.md"
///         }
///       ],
///       "in_force": {
///         "from": "2026-01-01"
///       },
///       "rulebook": "northwind"
///     }
///   ]
/// }"#,
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ExplainedVerdict {
    /// The verdict.
    pub verdict: Verdict,
    /// The rules that decide the verdict.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<ExplainedRule>,
    /// The requirements that have to be met first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub requirements: Vec<ExplainedRequirement>,
    /// The advice to know before acting.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub advice: Vec<ExplainedRule>,
    /// The possible verdicts, if the verdict is undetermined.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub possible: Vec<PossibleVerdict>,
    /// The unknown facts on which the verdict depends, if it is undetermined.
    #[serde(default, skip_serializing_if = "Set::is_empty")]
    pub depends_on: Set<Fact>,
}

/// A possible verdict of an undetermined one, with the rules that decide it.
///
/// ```
/// use csp_multichannel::{
///     Action, Customer, Facts, Rulebook, Service, Verdict, parse_instant,
/// };
///
/// let as_of = parse_instant("2018-09-15")?;
/// let edition = Rulebook::partner_center().edition_at(as_of)?;
/// let facts = Facts::from(Service::Azure).with(Customer::EndCustomer);
/// let record = edition.decide(facts).explained("c-17", as_of);
/// let denied = &record.verdicts.on(Action::WaitUntilTermEnd).possible[0];
/// assert_eq!(denied.verdict, Verdict::Denied);
/// let rules: Vec<_> = denied.rules.iter().map(|rule| &rule.reason[..]).collect();
/// assert_eq!(rules, ["usage-based services have no term to wait for"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PossibleVerdict {
    /// The verdict.
    pub verdict: Verdict,
    /// The rules that decide the verdict in some possible case.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<ExplainedRule>,
}

/// A rule behind a verdict, with its reason and sources.
///
/// ```
/// use csp_multichannel::{Action, Channel, Effect, ExplainedRule, Rule};
///
/// let rule = Rule::new("no-open", Effect::Veto, Action::Switch, "2026-01-01".parse()?)
///     .when(Channel::Open)
///     .with_reason("no licenses from volume licensing");
/// assert_eq!(
///     serde_json::to_string_pretty(&ExplainedRule::from(&rule))?,
///     r#"{
///   "id": "no-open",
///   "reason": "no licenses from volume licensing",
///   "basis": "stated",
///   "in_force": {
///     "from": "2026-01-01"
///   }
/// }"#,
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ExplainedRule {
    /// The id of the rule.
    pub id: Text,
    /// The reason of the rule, a sentence for people.
    pub reason: Text,
    /// The basis: how firmly the documents support the rule.
    pub basis: Basis,
    /// The documents from which the rule is taken.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<ExplainedSource>,
    /// The days on which it is in force.
    pub in_force: Validity,
    /// The name of the custom rulebook that contains the rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rulebook: Option<Text>,
    /// Whether the rule applies in every possible case.
    #[serde(default = "always", skip_serializing_if = "is_true")]
    pub always: bool,
}

/// A document from which a rule is taken, with its address.
///
/// ```
/// use csp_multichannel::{ExplainedSource, Source};
///
/// let source = Source::new("H1", "handbook.md", "2026-01-15");
/// assert_eq!(
///     serde_json::to_string(&ExplainedSource::from(&source))?,
///     r#"{"code":"H1","page":"handbook.md"}"#,
/// );
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ExplainedSource {
    /// The short name of the document, for example `MC`.
    pub code: Text,
    /// The page, for example `multichannel.md`.
    pub page: Text,
    /// The address where the text can be read today, if one is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<Text>,
}

/// A requirement that has to be met first, with the rule that requires it.
///
/// ```
/// use csp_multichannel::{Action, Effect, Facts, Rule, Rulebook, parse_instant};
///
/// let from = "2026-01-01".parse()?;
/// let permit = Rule::new("transfer", Effect::Permit, Action::Switch, from)
///     .with_reason("transfers are part of the contract");
/// let signed = Rule::new("signature", Effect::Require, Action::Switch, from)
///     .with_requirement("signed_contract")
///     .with_reason("the contract has to be signed first");
/// let rulebook = Rulebook::new([permit, signed])?;
/// let as_of = parse_instant("2026-06-01")?;
/// let record = rulebook.edition_at(as_of)?.decide(Facts::UNKNOWN).explained("c-17", as_of);
/// assert_eq!(
///     serde_json::to_string_pretty(&record.verdicts.on(Action::Switch).requirements[0])?,
///     r#"{
///   "id": "signed_contract",
///   "reason": "the contract has to be signed first",
///   "rule": "signature"
/// }"#,
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ExplainedRequirement {
    /// The requirement, for example `active_relationship`.
    pub id: Text,
    /// The reason of the rule.
    pub reason: Text,
    /// The first rule, in register order, that requires it in some possible case.
    pub rule: Text,
    /// Whether the requirement has to be met in every possible case.
    #[serde(default = "always", skip_serializing_if = "is_true")]
    pub always: bool,
}

fn write_instant<S: Serializer>(at: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
    Rfc3339(*at).serialize(serializer)
}

/// Reads an instant, more strictly than `chrono` does.
fn read_instant<'de, D: Deserializer<'de>>(deserializer: D) -> Result<DateTime<Utc>, D::Error> {
    instant("as_of").deserialize(deserializer)
}

/// Reads a day, more strictly than `chrono` does.
fn read_day<'de, D: Deserializer<'de>>(deserializer: D) -> Result<NaiveDate, D::Error> {
    day("edition").deserialize(deserializer)
}

const fn always() -> bool {
    true
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes fields by reference")]
const fn is_true(always: &bool) -> bool {
    *always
}

impl From<&Source> for ExplainedSource {
    fn from(source: &Source) -> Self {
        Self { code: source.code.clone(), page: source.page.clone(), url: source.url.clone() }
    }
}

/// Explains a rule that applies in every possible case.
impl From<&Rule> for ExplainedRule {
    fn from(rule: &Rule) -> Self {
        Self {
            id: rule.id.clone(),
            reason: rule.reason.clone(),
            basis: rule.basis,
            sources: rule.sources.iter().map(Into::into).collect(),
            in_force: rule.validity,
            rulebook: rule.rulebook.clone(),
            always: true,
        }
    }
}

impl Decision<'_> {
    /// Returns the record of this decision, with the id of a case and the instant of the question.
    ///
    /// ```
    /// use csp_multichannel::{Action, Channel, Facts, Rulebook, parse_instant};
    ///
    /// let as_of = parse_instant("2018-09-15")?;
    /// let edition = Rulebook::partner_center().edition_at(as_of)?;
    /// let facts = Facts::from(Channel::SyndicationPartner);
    /// let record = edition.decide(facts).record("c-17", as_of);
    /// assert_eq!((&record.id[..], record.as_of), ("c-17", as_of));
    /// assert_eq!(record.edition, edition.since());
    /// assert_eq!(record.verdicts.on(Action::Switch).rules, ["syndication-seller"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn record(&self, id: impl Into<String>, as_of: DateTime<Utc>) -> DecisionRecord {
        let space = self.space();
        self.in_record(id.into(), as_of, |action| {
            let possible = self.possible_in(space.as_ref(), action);
            let undetermined = possible.len() > 1;
            let verdict = possible.single().unwrap_or(Verdict::Undetermined);
            let ids = |rules: RuleMask| {
                self.edition().rules_in(rules).map(|rule| rule.id.clone()).collect()
            };
            let required = self.required(action, verdict);
            VerdictRecord {
                verdict,
                rules: ids(self.deciding(action, verdict)),
                requirements: required.filter_map(|(rule, _)| rule.requirement.clone()).collect(),
                advice: ids(self.advising(action, verdict) & self.certain),
                possible: if undetermined { possible } else { Set::EMPTY },
                depends_on: if undetermined { self.depends_on(action) } else { Set::EMPTY },
            }
        })
    }

    /// Returns the record of this decision with reasons and sources.
    ///
    /// It also has the id of the case and the instant of the question.
    ///
    /// ```
    /// use csp_multichannel::{Action, Channel, Facts, Rulebook, parse_instant};
    ///
    /// let as_of = parse_instant("2018-09-15")?;
    /// let edition = Rulebook::partner_center().edition_at(as_of)?;
    /// let record = edition.decide(Facts::from(Channel::ThisPartner)).explained("c-17", as_of);
    /// let [rule] = &record.verdicts.on(Action::Switch).rules[..] else { panic!("one rule") };
    /// assert_eq!(rule.reason, "multi-channel support is for subscriptions bought elsewhere");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn explained(
        &self,
        id: impl Into<String>,
        as_of: DateTime<Utc>,
    ) -> DecisionRecord<ExplainedVerdict> {
        self.in_record(id.into(), as_of, |action| self.explained_verdict(action))
    }

    fn in_record<V>(
        &self,
        id: String,
        as_of: DateTime<Utc>,
        verdict: impl FnMut(Action) -> V,
    ) -> DecisionRecord<V> {
        DecisionRecord {
            id,
            as_of,
            edition: self.edition().since(),
            verdicts: ByAction::from_fn(verdict),
        }
    }

    fn explained_verdict(&self, action: Action) -> ExplainedVerdict {
        let verdict = self.verdict(action);
        let undetermined = verdict == Verdict::Undetermined;
        let mut rules = self.explain(self.deciding(action, verdict), true);
        if rules.is_empty() {
            rules = self.explain(self.deciding_in_some_case(action, verdict), false);
        }
        let advising = self.advising(action, verdict);
        let mut advice = self.explain(advising & self.certain, true);
        if advice.is_empty() {
            advice = self.explain(advising, false);
        }
        let requirement = |rule: &Rule, always| ExplainedRequirement {
            id: rule.requirement.clone().unwrap_or_default(),
            reason: rule.reason.clone(),
            rule: rule.id.clone(),
            always,
        };
        let required = self.required(action, verdict);
        let mut requirements: Vec<_> = required.map(|(rule, _)| requirement(rule, true)).collect();
        if requirements.is_empty() && verdict == Verdict::Conditional {
            let some = self.requirements_in(self.requiring(action));
            requirements = some.map(|(rule, _)| requirement(rule, false)).collect();
        }
        let possible = |verdict| PossibleVerdict {
            verdict,
            rules: self.explain(self.deciding_in_some_case(action, verdict), false),
        };
        let (verdicts, depends_on) = if undetermined {
            (self.possible(action), self.depends_on(action))
        } else {
            Default::default()
        };
        ExplainedVerdict {
            verdict,
            rules,
            requirements,
            advice,
            possible: verdicts.iter().map(possible).collect(),
            depends_on,
        }
    }

    fn explain(&self, rules: RuleMask, always: bool) -> Vec<ExplainedRule> {
        let explain = |rule| ExplainedRule { always, ..ExplainedRule::from(rule) };
        self.edition().rules_in(rules).map(explain).collect()
    }

    /// The rules that decide a verdict on an action in some possible case.
    fn deciding_in_some_case(&self, action: Action, verdict: Verdict) -> RuleMask {
        let with = |effect| self.firing & self.rules_with(action, effect);
        let [veto, exclude, forbid] = [Effect::Veto, Effect::Exclude, Effect::Forbid].map(with);
        let [permit, require] = [Effect::Permit, Effect::Require].map(with);
        let unless = |rules, overriding| {
            let decides = |&rule: &RuleMask| self.occurs(rule, overriding);
            ones(rules).filter(decides).fold(0, |deciding, rule| deciding | rule)
        };
        match verdict {
            Verdict::Denied => veto | unless(forbid, veto | exclude),
            Verdict::NotCovered => unless(exclude, veto),
            Verdict::Allowed => unless(permit, veto | exclude | forbid | require),
            Verdict::Conditional => {
                let requires = |&permit: &RuleMask| {
                    ones(require).any(|rule| self.occurs(permit | rule, veto | exclude | forbid))
                };
                ones(permit).filter(requires).fold(0, |deciding, permit| deciding | permit)
            }
            Verdict::Undetermined => 0,
        }
    }

    /// Whether in some possible case all rules of one mask fire, and none of another.
    fn occurs(&self, all: RuleMask, none: RuleMask) -> bool {
        let mut rules = self.edition().rules_in(all);
        let facts = rules.try_fold(self.facts(), |facts: Facts, rule| facts.narrow(rule.condition));
        facts.is_ok_and(|facts| !Space::new(self.edition().index(), facts).one_fires(none))
    }
}
