//! Scenarios: cases with the verdicts that a rulebook is expected to give.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, NaiveDate, Utc};
use csp_multichannel::{
    Action, BeforeFirstEdition, Case, Decision, Effect, Fact, Rule, Rulebook, Set, Verdict,
    parse_instant,
};
use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

/// A scenario: a case at an instant, with the expected verdicts.
///
/// Parts that a scenario leaves out are not compared. An empty list expects an empty list.
///
/// ```
/// use csp_multichannel::{Action, parse_instant};
/// use csp_multichannel_rulebook::Scenario;
///
/// let scenario: Scenario = serde_json::from_str(r#"{
///     "why": "our subscriptions need no switch",
///     "as_of": "2026-11-27",
///     "case": {"id": "ours", "channel": "this_partner"},
///     "verdicts": {"switch": {"verdict": "not_covered", "requirements": []}}
/// }"#)?;
/// assert_eq!(scenario.as_of, parse_instant("2026-11-27")?);
/// let expected = &scenario.verdicts[&Action::Switch];
/// assert_eq!((&expected.requirements, &expected.rules), (&Some(Vec::new()), &None));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Scenario {
    /// The purpose of the scenario, a sentence for people.
    pub why: Option<String>,
    /// The instant, in UTC.
    #[serde(deserialize_with = "instant")]
    pub as_of: DateTime<Utc>,
    /// The first day, in UTC, of the edition that is expected to decide.
    #[serde(default, deserialize_with = "day")]
    pub edition: Option<NaiveDate>,
    /// The case, with its id.
    pub case: Case,
    /// The expected verdicts by action; at least one.
    #[serde(deserialize_with = "at_least_one")]
    pub verdicts: BTreeMap<Action, ExpectedVerdict>,
}

/// The expected verdict on an action, with the parts of the decision to compare.
///
/// ```
/// use csp_multichannel::Verdict;
/// use csp_multichannel_rulebook::ExpectedVerdict;
///
/// let expected: ExpectedVerdict =
///     serde_json::from_str(r#"{"verdict": "denied", "rules": ["no-term"]}"#)?;
/// assert_eq!(expected.verdict, Verdict::Denied);
/// assert_eq!(expected.rules, Some(vec!["no-term".to_owned()]));
/// assert_eq!(
///     serde_json::from_str::<ExpectedVerdict>("\"denied\"").unwrap_err().to_string(),
///     "invalid type: string \"denied\", expected an object such as \
///      `{\"verdict\": \"denied\"}` at line 1 column 8",
/// );
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object such as `{\"verdict\": \"denied\"}`")]
#[non_exhaustive]
pub struct ExpectedVerdict {
    /// The verdict.
    pub verdict: Verdict,
    /// The ids of the rules that decide it, in any order.
    pub rules: Option<Vec<String>>,
    /// The requirements that have to be met first, in any order.
    pub requirements: Option<Vec<String>>,
    /// The ids of the rules that advise, in any order.
    pub advice: Option<Vec<String>>,
    /// The possible verdicts, where the verdict is `undetermined`.
    pub possible: Option<Set<Verdict>>,
    /// The unknown facts on which the verdict depends, where it is `undetermined`.
    pub depends_on: Option<Set<Fact>>,
}

fn instant<'de, D: Deserializer<'de>>(deserializer: D) -> Result<DateTime<Utc>, D::Error> {
    parse_instant(&String::deserialize(deserializer)?).map_err(D::Error::custom)
}

/// As exact as the day of a case.
fn day<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<NaiveDate>, D::Error> {
    let Some(text) = Option::<String>::deserialize(deserializer)? else { return Ok(None) };
    match parse_instant(&text) {
        Ok(at) if text.len() == "2026-01-01".len() => Ok(Some(at.date_naive())),
        _ => Err(D::Error::custom(format!(
            "`{text}` is not a day, expected `edition` as a day such as `2026-01-01`"
        ))),
    }
}

fn at_least_one<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<Action, ExpectedVerdict>, D::Error> {
    struct Verdicts;

    impl<'de> Visitor<'de> for Verdicts {
        type Value = BTreeMap<Action, ExpectedVerdict>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object with the expected verdict on some actions")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut verdicts = BTreeMap::new();
            while let Some((action, expected)) = map.next_entry::<Action, ExpectedVerdict>()? {
                if verdicts.insert(action, expected).is_some() {
                    let twice = format_args!("`{action}` is given twice, expected once");
                    return Err(A::Error::custom(twice));
                }
            }
            if verdicts.is_empty() {
                return Err(A::Error::custom("no verdict, expected one on at least one action"));
            }
            Ok(verdicts)
        }
    }

    deserializer.deserialize_map(Verdicts)
}

/// Scenarios that belong together, such as those of a file.
///
/// ```
/// use csp_multichannel::Rulebook;
/// use csp_multichannel_rulebook::Scenarios;
///
/// let scenarios = Scenarios::read(concat!(
///     r#"{"as_of": "2018-09-15", "case": {"id": "ours", "channel": "this_partner"}, "#,
///     r#""verdicts": {"switch": {"verdict": "denied"}}}"#,
/// ));
/// let report = scenarios.run(Rulebook::partner_center());
/// assert_eq!(
///     report.results[0].to_string(),
///     "line 1, ours: 1 difference\n  switch, verdict: expected denied, found not_covered",
/// );
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scenarios {
    /// The scenarios, each with its line, from 1.
    pub scenarios: Vec<(usize, Scenario)>,
    /// The invalid lines, with their errors.
    pub invalid: Vec<InvalidLine>,
}

/// A line that is not a valid scenario, with its error.
///
/// `Display` writes `line 3: …`.
///
/// ```
/// use csp_multichannel_rulebook::{InvalidLine, Scenarios};
///
/// let scenarios = Scenarios::read("\n[]\n");
/// let [invalid]: &[InvalidLine] = &scenarios.invalid else { panic!("one line") };
/// assert_eq!(
///     invalid.to_string(),
///     "line 2: not a scenario, expected a whole JSON object in each line",
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct InvalidLine {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong, and what would be accepted.
    pub error: String,
}

impl Scenarios {
    /// Reads scenarios from JSON, one a line. An invalid line becomes an error, and the next one is
    /// read.
    ///
    /// ```
    /// use csp_multichannel_rulebook::Scenarios;
    ///
    /// let scenarios = Scenarios::read(
    ///     r#"
    /// {"as_of":"2026-11-27","case":{"id":"a"},"verdicts":{"switch":{"verdict":"denied"}}}
    /// {"as_of":"2026-11-27","case":{"id":"b"},"verdicts":{"switch":{"verdict":"invalid"}}}
    /// "#,
    /// );
    /// let (line, first) = &scenarios.scenarios[0];
    /// assert_eq!((*line, &*first.case.id), (2, "a"));
    /// assert_eq!(
    ///     scenarios.invalid[0].to_string(),
    ///     "line 3: unknown verdict `invalid`, expected one of `allowed`, `conditional`, \
    ///      `denied`, `not_covered`, `undetermined` at column 81",
    /// );
    /// ```
    #[must_use]
    pub fn read(text: &str) -> Self {
        let mut all = Self::default();
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        for (line, text) in (1..).zip(text.lines()) {
            if text.trim().is_empty() {
                continue;
            }
            let is_object = text.trim_start().starts_with('{');
            let error = match serde_json::from_str(text) {
                Ok(scenario) if is_object => {
                    all.scenarios.push((line, scenario));
                    continue;
                }
                Err(error) if is_object && !error.is_eof() => {
                    // The line within the JSON is always 1.
                    error.to_string().replace(" at line 1 column ", " at column ")
                }
                _ => "not a scenario, expected a whole JSON object in each line".into(),
            };
            all.invalid.push(InvalidLine { line, error });
        }
        all
    }

    /// Decides all scenarios by a rulebook, and compares the decisions with what is expected.
    ///
    /// ```
    /// use csp_multichannel_rulebook::{Scenarios, from_json};
    ///
    /// let rulebook = from_json(r#"{"rules": [{
    ///     "id": "switch-at-home", "effect": "permit", "actions": ["switch"],
    ///     "when": {"region": "same"}, "from": "2026-01-01", "reason": "we sell at home only"
    /// }]}"#)?;
    /// let report = Scenarios::read(concat!(
    ///     r#"{"as_of": "2026-11-27", "case": {"id": "home", "region": "same"}, "#,
    ///     r#""verdicts": {"switch": {"verdict": "allowed"}}}"#,
    ///     "\n",
    ///     r#"{"as_of": "2026-11-27", "case": {"id": "away", "region": "other"}, "#,
    ///     r#""verdicts": {"switch": {"verdict": "denied"}}}"#,
    /// ))
    /// .run(&rulebook);
    /// assert_eq!(
    ///     report.results.iter().map(ToString::to_string).collect::<Vec<_>>(),
    ///     [
    ///         "line 1, home: passed",
    ///         "line 2, away: 1 difference\n  \
    ///          switch, verdict: expected denied, found not_covered",
    ///     ],
    /// );
    /// # Ok::<(), csp_multichannel_rulebook::DocumentError>(())
    /// ```
    #[must_use]
    pub fn run(&self, rulebook: &Rulebook) -> ScenarioReport {
        let rules = rulebook.rules().iter();
        let mut coverage: Vec<RuleCoverage> = rules.map(RuleCoverage::new).collect();
        let run = |(line, scenario): &(usize, Scenario)| {
            let decision = rulebook.decide(&scenario.case.subscription, scenario.as_of);
            let differences = match decision {
                Ok(decision) => {
                    coverage.iter_mut().zip(rulebook.rules()).for_each(|(of, rule)| {
                        of.count(rule, scenario, &decision);
                    });
                    scenario.differences(&decision)
                }
                Err(early) => vec![Mismatch::early(&early)],
            };
            ScenarioResult {
                line: *line,
                id: scenario.case.id.clone(),
                why: scenario.why.clone(),
                as_of: scenario.as_of,
                differences,
            }
        };
        let results = self.scenarios.iter().map(run).collect();
        ScenarioReport { results, invalid: self.invalid.clone(), coverage }
    }
}

fn ids<'r>(rules: impl Iterator<Item = &'r Rule>) -> Vec<String> {
    rules.map(|rule| rule.id().into()).collect()
}

impl Scenario {
    fn differences(&self, decision: &Decision<'_>) -> Vec<Mismatch> {
        let mut all = Vec::new();
        if let Some(edition) = self.edition {
            let found = decision.edition().since();
            all.extend(Mismatch::of(None, "edition", &[edition], &[found]));
        }
        for (&action, expected) in &self.verdicts {
            let found = decision.verdict(action);
            let mut add = |field, expected: &[String], found: Vec<String>| {
                all.extend(Mismatch::of(Some(action), field, expected, &found));
            };
            add("verdict", &[expected.verdict.to_string()], vec![found.to_string()]);
            if let Some(expected) = &expected.rules {
                add("rules", expected, ids(decision.reasons(action)));
            }
            if let Some(expected) = &expected.requirements {
                add(
                    "requirements",
                    expected,
                    decision.requirements(action).map(Into::into).collect(),
                );
            }
            if let Some(expected) = &expected.advice {
                add("advice", expected, ids(decision.advice(action)));
            }
            let is_open = found == Verdict::Undetermined;
            if let Some(expected) = expected.possible {
                let found = if is_open { decision.possible(action) } else { Set::EMPTY };
                add("possible", &words(expected), words(found));
            }
            if let Some(expected) = expected.depends_on {
                add("depends_on", &words(expected), words(decision.depends_on(action)));
            }
        }
        all
    }
}

fn words<T: ToString>(words: impl IntoIterator<Item = T>) -> Vec<String> {
    words.into_iter().map(|word| word.to_string()).collect()
}

/// The report on scenarios: the results, the invalid lines, and the coverage of the rules, from
/// [`Scenarios::run`].
///
/// ```
/// use csp_multichannel_rulebook::{Scenarios, from_json};
///
/// let rulebook = from_json(r#"{"rules": [{
///     "id": "switch-at-home", "effect": "permit", "actions": ["switch"],
///     "when": {"region": "same"}, "from": "2026-01-01", "reason": "we sell at home only"
/// }]}"#)?;
/// let scenarios = Scenarios::read(concat!(
///     r#"{"as_of": "2026-11-27", "case": {"id": "away", "region": "other"}, "#,
///     r#""verdicts": {"switch": {"verdict": "denied"}}}"#,
/// ));
/// assert_eq!(
///     serde_json::to_string_pretty(&scenarios.run(&rulebook))?,
///     r#"{
///   "results": [
///     {
///       "line": 1,
///       "id": "away",
///       "as_of": "2026-11-27T00:00:00Z",
///       "differences": [
///         {
///           "action": "switch",
///           "field": "verdict",
///           "expected": [
///             "denied"
///           ],
///           "found": [
///             "not_covered"
///           ]
///         }
///       ]
///     }
///   ],
///   "invalid": [],
///   "coverage": [
///     {
///       "rule": "switch-at-home",
///       "counted": 0,
///       "applied": 0
///     }
///   ]
/// }"#,
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ScenarioReport {
    /// The result of each scenario, in order.
    pub results: Vec<ScenarioResult>,
    /// The invalid lines, with their errors.
    pub invalid: Vec<InvalidLine>,
    /// The coverage of each rule, in the order of the rulebook.
    pub coverage: Vec<RuleCoverage>,
}

/// The result of a scenario: what differs from the expected decision.
///
/// `Display` writes one difference a line.
///
/// ```
/// use csp_multichannel_rulebook::ScenarioResult;
///
/// let result: ScenarioResult = serde_json::from_str(r#"{
///     "line": 4, "id": "mail", "as_of": "2026-11-27T00:00:00Z",
///     "differences": [
///         {"field": "edition", "expected": ["2026-05-04"], "found": ["2026-08-20"]},
///         {"action": "switch", "field": "advice", "expected": ["call-first"], "found": []}
///     ]
/// }"#)?;
/// assert_eq!(
///     result.to_string(),
///     "line 4, mail: 2 differences\n  \
///      edition: expected 2026-05-04, found 2026-08-20\n  \
///      switch, advice: expected call-first, found none",
/// );
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ScenarioResult {
    /// The line of the scenario, from 1.
    pub line: usize,
    /// The id of the case.
    pub id: String,
    /// The purpose of the scenario.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// The instant, in UTC.
    pub as_of: DateTime<Utc>,
    /// The differences from what is expected; empty if the scenario passed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub differences: Vec<Mismatch>,
}

/// A difference between an expected and a found part of a decision.
///
/// ```
/// use csp_multichannel_rulebook::Mismatch;
///
/// let mismatch: Mismatch = serde_json::from_str(
///     r#"{"action": "switch", "field": "rules", "expected": ["a", "b"], "found": ["a"]}"#,
/// )?;
/// assert_eq!(mismatch.to_string(), "switch, rules: expected a, b, found a");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Mismatch {
    /// The action; `None` for the edition.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<Action>,
    /// The name of the compared field.
    pub field: String,
    /// The expected words.
    pub expected: Vec<String>,
    /// The words that were found.
    pub found: Vec<String>,
}

impl Mismatch {
    /// Returns the difference between two lists, regardless of order, if there is one.
    fn of<T: ToString>(
        action: Option<Action>,
        field: &str,
        expected: &[T],
        found: &[T],
    ) -> Option<Self> {
        let written = |list: &[T]| list.iter().map(ToString::to_string).collect();
        let sorted = |list: &[T]| {
            let mut sorted: Vec<String> = written(list);
            sorted.sort_unstable();
            sorted.dedup();
            sorted
        };
        let (expected_words, found_words) = (written(expected), written(found));
        let field = field.into();
        (sorted(expected) != sorted(found)).then_some(Self {
            action,
            field,
            expected: expected_words,
            found: found_words,
        })
    }

    fn early(error: &BeforeFirstEdition) -> Self {
        let (expected, found) = (format!("an edition, from {} on", error.first()), "none".into());
        let field = "edition".into();
        Self { action: None, field, expected: vec![expected], found: vec![found] }
    }
}

csp_multichannel::words! {
    /// The level to which scenarios cover a rule, the highest first.
    ///
    /// ```
    /// use csp_multichannel_rulebook::CoverageLevel;
    ///
    /// assert_eq!("applied".parse(), Ok(CoverageLevel::Applied));
    /// assert_eq!(CoverageLevel::Applied.meaning(), "The rule applied, but had no effect.");
    /// ```
    pub enum CoverageLevel, level {
        /// The rule decided, required or advised.
        Counted = counted,
        /// The rule applied, but had no effect.
        Applied = applied,
        /// The rule never applied.
        Never = never,
    }
}

/// The coverage of a rule: in how many scenarios it had an effect, or applied without one.
///
/// Only the actions with an expected verdict count. Where facts are unknown, only determined
/// verdicts count, and only rules that apply in every possible case.
///
/// ```
/// use csp_multichannel_rulebook::{CoverageLevel, Scenarios, from_json};
///
/// let rulebook = from_json(r#"{"rules": [{
///     "id": "switch-at-home", "effect": "permit", "actions": ["switch"],
///     "when": {"region": "same"}, "from": "2026-01-01", "reason": "we sell at home only"
/// }]}"#)?;
/// let report = Scenarios::read(concat!(
///     r#"{"as_of": "2026-11-27", "case": {"id": "home", "region": "same"}, "#,
///     r#""verdicts": {"switch": {"verdict": "allowed"}}}"#,
/// ))
/// .run(&rulebook);
/// let coverage = &report.coverage[0];
/// assert_eq!(coverage.rule, "switch-at-home");
/// assert_eq!((coverage.counted, coverage.applied), (1, 0));
/// assert_eq!(coverage.level(), CoverageLevel::Counted);
/// # Ok::<(), csp_multichannel_rulebook::DocumentError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RuleCoverage {
    /// The id of the rule.
    pub rule: String,
    /// The custom rulebook that adds the rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rulebook: Option<String>,
    /// The number of scenarios in which the rule decided, required or advised.
    pub counted: usize,
    /// The number of scenarios in which the rule applied, but had no effect.
    pub applied: usize,
}

impl RuleCoverage {
    fn new(rule: &Rule) -> Self {
        let (id, rulebook) = (rule.id().into(), rule.rulebook().map(Into::into));
        Self { rule: id, rulebook, counted: 0, applied: 0 }
    }

    fn count(&mut self, rule: &Rule, scenario: &Scenario, decision: &Decision<'_>) {
        let is_about = |action: &Action| {
            rule.actions().contains(*action) && decision.verdict(*action) != Verdict::Undetermined
        };
        let mut actions = scenario.verdicts.keys().copied().filter(is_about).peekable();
        let is_in_force = rule.validity().covers(scenario.as_of.date_naive());
        if actions.peek().is_none() || !is_in_force || !rule.condition().contains(decision.facts())
        {
            return;
        }
        let counts = actions.any(|action| match rule.effect() {
            Effect::Advise => decision.advice(action).any(|other| other == rule),
            Effect::Require => decision.verdict(action) == Verdict::Conditional,
            _ => decision.reasons(action).any(|other| other == rule),
        });
        *(if counts { &mut self.counted } else { &mut self.applied }) += 1;
    }

    /// Returns the level to which the scenarios cover the rule.
    ///
    /// ```
    /// use csp_multichannel_rulebook::{CoverageLevel, RuleCoverage};
    ///
    /// let overridden: RuleCoverage =
    ///     serde_json::from_str(r#"{"rule": "switch-at-home", "counted": 0, "applied": 3}"#)?;
    /// assert_eq!(overridden.level(), CoverageLevel::Applied);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub const fn level(&self) -> CoverageLevel {
        match (self.counted, self.applied) {
            (0, 0) => CoverageLevel::Never,
            (0, _) => CoverageLevel::Applied,
            _ => CoverageLevel::Counted,
        }
    }
}

impl ScenarioReport {
    /// Returns whether at least one scenario was run, all passed, and every line was valid.
    ///
    /// ```
    /// use csp_multichannel::Rulebook;
    /// use csp_multichannel_rulebook::Scenarios;
    ///
    /// let passed = |text: &str| Scenarios::read(text).run(Rulebook::partner_center()).passed();
    /// assert!(passed(concat!(
    ///     r#"{"as_of": "2026-11-27", "case": {"id": "ours", "channel": "this_partner"}, "#,
    ///     r#""verdicts": {"switch": {"verdict": "not_covered"}}}"#,
    /// )));
    /// assert!(!passed("{}"));
    /// assert!(!passed(""));
    /// ```
    #[must_use]
    pub fn passed(&self) -> bool {
        !self.results.is_empty()
            && self.invalid.is_empty()
            && self.results.iter().all(ScenarioResult::passed)
    }
}

impl ScenarioResult {
    /// Returns whether the scenario passed: nothing differs from what is expected.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.differences.is_empty()
    }
}

/// Writes the differences, one a line.
impl fmt::Display for ScenarioResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, id, differences, .. } = self;
        match differences.len() {
            0 => write!(f, "line {line}, {id}: passed"),
            1 => write!(f, "line {line}, {id}: 1 difference"),
            count => write!(f, "line {line}, {id}: {count} differences"),
        }?;
        differences.iter().try_for_each(|difference| write!(f, "\n  {difference}"))
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let listed =
            |list: &[String]| if list.is_empty() { "none".into() } else { list.join(", ") };
        if let Some(action) = self.action {
            write!(f, "{action}, ")?;
        }
        let (expected, found) = (listed(&self.expected), listed(&self.found));
        write!(f, "{}: expected {expected}, found {found}", self.field)
    }
}

impl fmt::Display for InvalidLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.error)
    }
}
