//! Scenarios: what a rulebook is expected to decide, and whether it does.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, NaiveDate, Utc};
use csp_multichannel::{
    Action, BeforeFirstEdition, Case, Decision, Effect, Fact, Rule, Rulebook, Set, Verdict,
    parse_instant, rfc3339,
};
use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

/// A case at an instant, with what is expected of its decision.
///
/// What a scenario does not name is not compared. A list that is empty expects that there is nothing.
///
/// ```
/// use csp_multichannel::Rulebook;
/// use csp_multichannel_rulebook::Scenarios;
///
/// let scenarios = Scenarios::read(r#"
/// {"as_of": "2018-09-15", "case": {"id": "ours", "channel": "this_partner"}, "verdicts": {"switch": {"verdict": "denied", "requirements": []}}}
/// {"as_of": "2018-09-15", "verdict": "denied"}
/// "#);
/// let report = scenarios.run(Rulebook::partner_center());
/// assert!(!report.passed());
/// assert_eq!(
///     report.results[0].to_string(),
///     "line 2, ours: 1 difference\n  switch, verdict: expected denied, found not_covered",
/// );
/// assert!(report.refused[0].to_string().starts_with("line 3: unknown field `verdict`, expected one of "));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Scenario {
    /// What it shows, a sentence for people.
    pub why: Option<String>,
    /// The instant, in UTC.
    #[serde(deserialize_with = "instant")]
    pub as_of: DateTime<Utc>,
    /// The first day of the edition that decides.
    pub edition: Option<NaiveDate>,
    /// The case.
    pub case: Case,
    /// What is expected, by action; at least one.
    #[serde(deserialize_with = "at_least_one")]
    pub verdicts: BTreeMap<Action, Expected>,
}

/// What is expected on an action.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object such as `{\"verdict\": \"denied\"}`")]
#[non_exhaustive]
pub struct Expected {
    /// The verdict.
    pub verdict: Verdict,
    /// The ids of the rules that decide it, in any order.
    pub rules: Option<Vec<String>>,
    /// What has to be met first, in any order.
    pub requirements: Option<Vec<String>>,
    /// The ids of the rules that advise, in any order.
    pub advice: Option<Vec<String>>,
    /// The verdicts that are possible, where it is undetermined.
    pub possible: Option<Set<Verdict>>,
    /// The unknown facts on which it depends, where it is undetermined.
    pub depends_on: Option<Set<Fact>>,
}

fn instant<'de, D: Deserializer<'de>>(deserializer: D) -> Result<DateTime<Utc>, D::Error> {
    parse_instant(&String::deserialize(deserializer)?).map_err(D::Error::custom)
}

fn at_least_one<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<Action, Expected>, D::Error> {
    struct Verdicts;

    impl<'de> Visitor<'de> for Verdicts {
        type Value = BTreeMap<Action, Expected>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object with what is expected on some actions")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut verdicts = BTreeMap::new();
            while let Some((action, expected)) = map.next_entry::<Action, Expected>()? {
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
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scenarios {
    /// The scenarios, each with its line, from 1.
    pub scenarios: Vec<(usize, Scenario)>,
    /// The lines that can't be read.
    pub refused: Vec<RefusedLine>,
}

/// A line that is not a scenario.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RefusedLine {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong, and what would have been accepted.
    pub error: String,
}

impl Scenarios {
    /// Reads scenarios as JSON, one a line; what is wrong in one line does not lose the others.
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
                    // A line is one line of JSON.
                    error.to_string().replace(" at line 1 column ", " at column ")
                }
                _ => "not a scenario, expected a whole JSON object in each line".into(),
            };
            all.refused.push(RefusedLine { line, error });
        }
        all
    }

    /// Decides all scenarios by a rulebook, and compares what they name.
    #[must_use]
    pub fn run(&self, rulebook: &Rulebook) -> Report {
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
        Report { results, refused: self.refused.clone(), coverage }
    }
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
            let ids = |rules: csp_multichannel::RuleIter<'_>| {
                rules.map(|rule| rule.id().into()).collect()
            };
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

/// The results of scenarios.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Report {
    /// The result of each scenario, in order.
    pub results: Vec<ScenarioResult>,
    /// The lines that can't be read.
    pub refused: Vec<RefusedLine>,
    /// How far the scenarios cover each rule, in the order of the rulebook.
    pub coverage: Vec<RuleCoverage>,
}

/// The result of a scenario.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ScenarioResult {
    /// Its line, from 1.
    pub line: usize,
    /// The id of its case.
    pub id: String,
    /// What it shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// The instant, in UTC.
    #[serde(with = "rfc3339")]
    pub as_of: DateTime<Utc>,
    /// What is not as expected; nothing if it passed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub differences: Vec<Mismatch>,
}

/// Something that is not as expected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Mismatch {
    /// The action; `None` for the edition.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<Action>,
    /// What is compared, by the name of the field.
    pub field: String,
    /// What was expected.
    pub expected: Vec<String>,
    /// What was found.
    pub found: Vec<String>,
}

impl Mismatch {
    /// The difference between two lists, whose order does not matter, if there is one.
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
    /// How far scenarios cover a rule, the furthest first.
    pub enum Exercise, exercise {
        /// It decided, required or advised.
        Counted = counted,
        /// It applied, and had no effect.
        Applied = applied,
        /// It never applied.
        Never = never,
    }
}

/// How far scenarios cover a rule. Only the actions count on which they expect a verdict, and where facts are unknown only determined
/// verdicts, and rules that apply whatever the facts are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RuleCoverage {
    /// The id of the rule.
    pub rule: String,
    /// The custom rulebook that brings it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rulebook: Option<String>,
    /// In how many scenarios it decided, required or advised.
    pub counted: usize,
    /// In how many it applied, and had no effect.
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

    /// Returns how far the scenarios cover the rule.
    #[must_use]
    pub const fn exercise(&self) -> Exercise {
        match (self.counted, self.applied) {
            (0, 0) => Exercise::Never,
            (0, _) => Exercise::Applied,
            _ => Exercise::Counted,
        }
    }
}

impl Report {
    /// Returns whether there are scenarios, all passed, and every line could be read.
    #[must_use]
    pub fn passed(&self) -> bool {
        !self.results.is_empty()
            && self.refused.is_empty()
            && self.results.iter().all(ScenarioResult::passed)
    }
}

impl ScenarioResult {
    /// Returns whether everything is as expected.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.differences.is_empty()
    }
}

/// Writes what is not as expected, a line each.
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

impl fmt::Display for RefusedLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.error)
    }
}
