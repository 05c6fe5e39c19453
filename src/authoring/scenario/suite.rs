//! Many scenarios at once, and what comes of running them.

use core::fmt;
use std::string::{String, ToString};
use std::vec::Vec;

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::{Coverage, Mismatch, Plain, Scenario};
use crate::rulebook::Rulebook;

/// Scenarios that belong together, such as those of a file, and the lines of it that are none.
///
/// ```
/// use csp_multichannel::Rulebook;
/// use csp_multichannel::authoring::Suite;
///
/// let lines = r#"{"as_of": "2018-09-15", "case": {"id": "s-1", "channel": "this_partner"}, "verdicts": {"switch": {"verdict": "denied"}}}
///
/// {"as_of": "2018-09-15", "case": {"id": "s-2"}, "verdict": "denied"}"#;
/// let suite = Suite::read(lines, |line| serde_json::from_slice(line));
/// let report = suite.run(Rulebook::partner_center());
///
/// assert!(!report.is_success());
/// assert_eq!(
///     report.failures()[0].to_string(),
///     "line 1, s-1 as of 2018-09-15T00:00:00Z\n  \
///      switch verdict: expected denied, found not_covered\n  \
///      switch rules: expected none, found not-bought-elsewhere"
/// );
/// assert!(suite.refused()[0].to_string().starts_with("line 3: unknown field `verdict`, expected one of `why`, "));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Suite {
    scenarios: Vec<(u64, Scenario)>,
    refused: Vec<RefusedScenario>,
}

impl Suite {
    /// Reads a scenario a line, each by `read`; blank lines are skipped, and counted.
    ///
    /// A line that is refused does not cost the others: see [`Suite::refused`].
    pub fn read<E: fmt::Display>(lines: impl AsRef<[u8]>, mut read: impl FnMut(&[u8]) -> Result<Scenario, E>) -> Self {
        let lines = lines.as_ref();
        let lines = lines.strip_prefix("\u{feff}".as_bytes()).unwrap_or(lines);
        let mut suite = Self::default();
        for (line, bytes) in (1..).zip(lines.split(|&byte| byte == b'\n')) {
            if bytes.trim_ascii().is_empty() {
                continue;
            }
            match read(bytes.trim_ascii_end()) {
                Ok(scenario) => suite.scenarios.push((line, scenario)),
                Err(error) => suite.refused.push(RefusedScenario { line, error: error.to_string() }),
            }
        }
        suite
    }

    /// The scenarios, each with the number of its line, from 1.
    #[must_use]
    pub fn scenarios(&self) -> impl ExactSizeIterator<Item = (u64, &Scenario)> + Clone {
        self.scenarios.iter().map(|(line, scenario)| (*line, scenario))
    }

    /// The lines that are no scenarios.
    #[must_use]
    pub fn refused(&self) -> &[RefusedScenario] {
        &self.refused
    }

    /// Runs all scenarios against a rulebook, whether those before fail or not.
    #[must_use]
    pub fn run<'a>(&'a self, rulebook: &'a Rulebook) -> Report<'a> {
        let mut report = Report { suite: self, failures: Vec::new(), coverage: Coverage::of(rulebook) };
        for &(line, ref scenario) in &self.scenarios {
            let mismatches = match scenario.decide(rulebook) {
                Ok(decision) => {
                    report.coverage.count(scenario, &decision);
                    scenario.compare(decision)
                }
                Err(early) => [Mismatch::NoEdition(early)].into(),
            };
            if !mismatches.is_empty() {
                report.failures.push(Failure { line, scenario, mismatches });
            }
        }
        report
    }
}

/// Numbered from 1, as if they had been read from lines.
impl FromIterator<Scenario> for Suite {
    fn from_iter<I: IntoIterator<Item = Scenario>>(scenarios: I) -> Self {
        Self { scenarios: (1..).zip(scenarios).collect(), refused: Vec::new() }
    }
}

/// A line that is no scenario.
///
/// `Display` writes `line 3: unknown field …`.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct RefusedScenario {
    /// The number of the line, from 1.
    pub line: u64,
    /// What is wrong: free text.
    pub error: String,
}

impl fmt::Display for RefusedScenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, Plain(&self.error))
    }
}

/// What came of running a [`Suite`] against a rulebook.
///
/// `Display` writes the lines that were refused, the failures, a line with the numbers, and the coverage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report<'a> {
    suite: &'a Suite,
    failures: Vec<Failure<'a>>,
    coverage: Coverage<'a>,
}

impl<'a> Report<'a> {
    /// The scenarios that were run.
    #[must_use]
    pub const fn suite(&self) -> &'a Suite {
        self.suite
    }

    /// The scenarios that something is otherwise in, in their order.
    #[must_use]
    pub fn failures(&self) -> &[Failure<'a>] {
        &self.failures
    }

    /// Which rules the scenarios exercise.
    #[must_use]
    pub const fn coverage(&self) -> &Coverage<'a> {
        &self.coverage
    }

    /// Whether there are scenarios, all turned out as expected, and no line was refused.
    #[must_use]
    pub fn is_success(&self) -> bool {
        !self.suite.scenarios.is_empty() && self.failures.is_empty() && self.suite.refused.is_empty()
    }
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { suite, failures, coverage } = self;
        for refused in &suite.refused {
            writeln!(f, "{refused}")?;
        }
        for failure in failures {
            writeln!(f, "{failure}")?;
        }
        let (run, refused) = (suite.scenarios.len(), suite.refused.len());
        let passed = run - failures.len();
        writeln!(f, "scenarios: {passed} as expected, {} otherwise, {refused} refused", failures.len())?;
        coverage.fmt(f)
    }
}

impl Serialize for Report<'_> {
    /// How many scenarios were run, the failures, the lines that were refused, and the coverage.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut record = serializer.serialize_map(Some(4))?;
        record.serialize_entry("run", &self.suite.scenarios.len())?;
        record.serialize_entry("failures", &self.failures)?;
        record.serialize_entry("refused", &self.suite.refused)?;
        record.serialize_entry("coverage", &self.coverage)?;
        record.end()
    }
}

/// A scenario in which something is otherwise than expected.
///
/// `Display` writes a line for the scenario and one for each [`Mismatch`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure<'a> {
    line: u64,
    scenario: &'a Scenario,
    mismatches: Vec<Mismatch>,
}

impl<'a> Failure<'a> {
    /// The number of its line, from 1.
    #[must_use]
    pub const fn line(&self) -> u64 {
        self.line
    }

    /// The scenario.
    #[must_use]
    pub const fn scenario(&self) -> &'a Scenario {
        self.scenario
    }

    /// What is otherwise, never nothing: the edition first, then by action.
    #[must_use]
    pub fn mismatches(&self) -> &[Mismatch] {
        &self.mismatches
    }
}

impl fmt::Display for Failure<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Scenario { why, as_of, case, .. } = self.scenario;
        write!(f, "line {}, {} as of {as_of:?}", self.line, Plain(&case.id))?;
        if let Some(why) = why {
            write!(f, ": {}", Plain(why))?;
        }
        for mismatch in &self.mismatches {
            write!(f, "\n  {mismatch}")?;
        }
        Ok(())
    }
}

impl Serialize for Failure<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut record = serializer.serialize_map(None)?;
        record.serialize_entry("line", &self.line)?;
        record.serialize_entry("id", &self.scenario.case.id)?;
        if let Some(why) = &self.scenario.why {
            record.serialize_entry("why", why)?;
        }
        record.serialize_entry("as_of", &self.scenario.as_of)?;
        record.serialize_entry("mismatches", &self.mismatches)?;
        record.end()
    }
}
