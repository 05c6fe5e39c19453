//! The analysis of a valid rulebook: dead, outranked, duplicate and subsumed rules, and gaps, exact
//! over every case.

use std::collections::HashMap;
use std::fmt;

use chrono::NaiveDate;
use csp_multichannel::{Action, Edition, Effect, Fact, Facts, Rule, Rulebook, Set};
use serde::{Deserialize, Serialize};

use crate::overlay::Lines;
use crate::partition::{Cases, outside, partition};

csp_multichannel::words! {
    /// The kind of a finding.
    ///
    /// ```
    /// use csp_multichannel_rulebook::FindingKind;
    ///
    /// assert_eq!(FindingKind::Gap.to_string(), "gap");
    /// assert_eq!(
    ///     FindingKind::Outranked.meaning(),
    ///     "A custom rule that the base overrides in some cases.",
    /// );
    /// ```
    pub enum FindingKind, finding {
        /// A rule that never decides or advises: in all of its cases, it is overridden or nothing
        /// is permitted.
        Dead = dead,
        /// A custom rule that the base overrides in some cases.
        Outranked = outranked,
        /// A rule that repeats the effect of an earlier one in the same cases.
        Duplicate = duplicate,
        /// A rule that has the effect of another one in fewer cases.
        Subsumed = subsumed,
        /// Cases that no rule covers.
        Gap = gap,
    }
}

/// An analysis: the findings in a valid rulebook, from [`analyze`]. No finding is an error.
///
/// `Display` writes the findings by rule, each with an example.
///
/// ```
/// use csp_multichannel_rulebook::{Analysis, analyze, from_json};
///
/// let rulebook = from_json(r#"{"rules": [{
///     "id": "everything", "effect": "permit", "actions": "all",
///     "from": "2026-01-01", "reason": "we do everything"
/// }, {
///     "id": "switch-at-home", "effect": "permit", "actions": ["switch"],
///     "when": {"region": "same"}, "from": "2026-01-01", "reason": "we switch at home"
/// }]}"#)?;
/// assert_eq!(
///     analyze(&rulebook).to_string(),
///     "`switch-at-home` does for switch what everything does in more cases, \
///      since 2026-01-01\n  for example: region: same",
/// );
/// assert_eq!(Analysis::default().to_string(), "nothing found");
/// # Ok::<(), csp_multichannel_rulebook::DocumentError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Analysis {
    /// The findings about rules, in the order of the rulebook, then the gaps by action.
    pub findings: Vec<Finding>,
}

/// A finding about a rule, or about cases that no rule covers.
///
/// `Display` writes a sentence, then the example in a separate line.
///
/// ```
/// use csp_multichannel_rulebook::{analyze, from_json};
///
/// let rulebook = from_json(r#"{"rules": [{
///     "id": "at-home-only", "effect": "veto", "actions": ["switch"],
///     "when": {"region": "other"}, "from": "2026-01-01", "reason": "we sell at home only"
/// }, {
///     "id": "azure-abroad", "effect": "permit", "actions": ["switch"],
///     "when": {"service": "azure", "region": "other"},
///     "from": "2026-07-01", "reason": "we switch Azure"
/// }]}"#)?;
/// assert_eq!(
///     serde_json::to_string_pretty(&analyze(&rulebook).findings[0])?,
///     r#"{
///   "kind": "dead",
///   "rule": "azure-abroad",
///   "actions": [
///     "switch"
///   ],
///   "by": [
///     "at-home-only"
///   ],
///   "condition": {
///     "service": "azure",
///     "region": "other"
///   },
///   "example": {
///     "service": "azure",
///     "region": "other"
///   },
///   "periods": [
///     {
///       "from": "2026-07-01"
///     }
///   ]
/// }"#,
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Finding {
    /// The kind of the finding.
    pub kind: FindingKind,
    /// The id of the rule; `None` for a gap.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// The actions to which the finding applies.
    pub actions: Set<Action>,
    /// The ids of the other rules. For a dead rule, these override it, and none can be left out.
    /// For a duplicate or subsumed one, these are the rules that it repeats.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub by: Vec<String>,
    /// The cases: those of the rule, or those that no rule covers.
    pub condition: Facts,
    /// The fewest facts that show the finding, whatever the other facts are.
    pub example: Facts,
    /// The days on which the finding applies, the earliest first.
    pub periods: Vec<FindingPeriod>,
}

/// A period of days, in UTC, in which a finding applies: from the first day, inclusive, to another,
/// exclusive.
///
/// `Display` writes both days inclusive.
///
/// ```
/// use csp_multichannel_rulebook::FindingPeriod;
///
/// let (from, until) = ("2026-01-01".parse().unwrap(), "2027-01-01".parse().unwrap());
/// let year = FindingPeriod { from, until: Some(until) };
/// assert_eq!(year.to_string(), "from 2026-01-01 through 2026-12-31");
/// assert_eq!(FindingPeriod { from, until: None }.to_string(), "since 2026-01-01");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct FindingPeriod {
    /// The first day.
    pub from: NaiveDate,
    /// The first day after the period, if it ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<NaiveDate>,
}

/// Analyzes all editions of a rulebook, over every case.
///
/// ```
/// use csp_multichannel::{Action, Channel, Effect, Rule, Rulebook};
/// use csp_multichannel_rulebook::analyze;
///
/// let from = "2026-01-01".parse().unwrap();
/// let rulebook = Rulebook::new([
///     Rule::new("closed", Effect::Veto, Action::Switch, from)
///         .with_reason("we switch nothing"),
///     Rule::new("open", Effect::Permit, Action::Switch, from)
///         .when(Channel::Open)
///         .with_reason("but we switch this"),
/// ])?;
/// assert_eq!(
///     analyze(&rulebook).findings[0].to_string(),
///     "`open` never decides switch, since 2026-01-01: \
///      everywhere it is overridden by closed\n  for example: channel: open",
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn analyze(rulebook: &Rulebook) -> Analysis {
    analyze_editions(rulebook.editions())
}

/// Analyzes one edition, over every case.
///
/// ```
/// use csp_multichannel::{Rulebook, parse_instant};
/// use csp_multichannel_rulebook::{FindingKind, analyze_edition};
///
/// // A rule of the published policy that others cover entirely.
/// let edition = Rulebook::partner_center().edition_at(parse_instant("2026-11-27")?)?;
/// let analysis = analyze_edition(edition);
/// let finding = analysis.findings.iter().find(|finding| finding.kind != FindingKind::Gap);
/// assert_eq!(
///     finding.map(ToString::to_string).unwrap_or_default(),
///     "`azure-ea-government` does for switch what azure-agreement-public-only does in more \
///      cases, since 2026-08-20\n  \
///      for example: channel: enterprise_agreement; service: azure; cloud: us_government",
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn analyze_edition(edition: Edition<'_>) -> Analysis {
    analyze_editions([edition])
}

fn analyze_editions<'r>(editions: impl IntoIterator<Item = Edition<'r>>) -> Analysis {
    let mut gaps: HashMap<Vec<Facts>, Vec<(Facts, Facts)>> = HashMap::new();
    let mut order: HashMap<&str, usize> = HashMap::new();
    let mut merged = Merged::default();
    for edition in editions {
        if order.is_empty() {
            order.extend(edition.rulebook().rules().iter().map(Rule::id).zip(0..));
        }
        let period = FindingPeriod { from: edition.since(), until: edition.until() };
        for finding in edition_findings(edition, &mut gaps) {
            merged.add(finding, period);
        }
    }
    let mut findings = merged.findings();
    findings.sort_by_key(|finding| match &finding.rule {
        Some(rule) => (order.get(&**rule).copied(), Set::EMPTY, finding.kind),
        None => (Some(usize::MAX), finding.actions, finding.kind),
    });
    Analysis { findings }
}

/// The findings, each once with all of its periods.
#[derive(Default)]
struct Merged {
    findings: Vec<Finding>,
    /// The position of each finding, by the finding without its periods.
    places: HashMap<Finding, usize>,
}

impl Merged {
    /// Adds a finding that applies in a period.
    fn add(&mut self, finding: Finding, period: FindingPeriod) {
        let Self { findings, places } = self;
        let place = *places.entry(finding).or_insert_with_key(|finding| {
            findings.push(finding.clone());
            findings.len() - 1
        });
        if let Some(known) = findings.get_mut(place) {
            known.periods.push(period);
        }
    }

    /// Returns the findings, with consecutive periods joined.
    fn findings(self) -> Vec<Finding> {
        let mut findings = self.findings;
        for finding in &mut findings {
            finding.periods.sort_unstable_by_key(|period| period.from);
            finding.periods.dedup_by(|later, earlier| {
                let follows = earlier.until == Some(later.from);
                if follows {
                    earlier.until = later.until;
                }
                follows
            });
        }
        findings
    }
}

/// Joins the findings about one rule that differ in the action only.
fn joined(findings: Vec<Finding>) -> Vec<Finding> {
    let mut places: HashMap<Finding, usize> = HashMap::with_capacity(findings.len());
    let mut joined: Vec<Finding> = Vec::with_capacity(findings.len());
    for finding in findings {
        let alike = Finding {
            actions: if finding.rule.is_some() { Set::EMPTY } else { finding.actions },
            ..finding.clone()
        };
        let place = *places.entry(alike).or_insert(joined.len());
        match joined.get_mut(place) {
            Some(known) => known.actions = known.actions.union(finding.actions),
            None => joined.push(finding),
        }
    }
    joined
}

/// Returns the findings in one edition, without their period.
fn edition_findings(
    edition: Edition<'_>,
    gaps: &mut HashMap<Vec<Facts>, Vec<(Facts, Facts)>>,
) -> Vec<Finding> {
    let mut all: Vec<Finding> = Vec::new();
    for rule in edition.rules() {
        let mut add = |kind, actions, by: &[&Rule], example| {
            all.push(Finding {
                kind,
                rule: Some(rule.id().into()),
                actions,
                by: by.iter().map(|rule| rule.id().into()).collect(),
                condition: rule.condition(),
                example: smallest(example),
                periods: Vec::new(),
            });
        };
        for (action, reach) in Reach::of_all(edition, rule) {
            if reach.live().is_none() {
                add(FindingKind::Dead, action.into(), &reach.outranking(), rule.condition());
            } else if let Some((by, example)) = reach.overridden_by_base() {
                add(FindingKind::Outranked, action.into(), &by, example);
            }
        }
        for (kind, other, actions) in repeated(edition, rule) {
            add(kind, actions, &[other], rule.condition());
        }
    }
    for &action in Action::ALL {
        let covering = edition
            .rules()
            .filter(|rule| decides_alone(rule.effect()) && rule.actions().contains(action));
        let conditions: Vec<Facts> = covering.map(Rule::condition).collect();
        let gaps = gaps.entry(conditions).or_insert_with_key(|conditions| find_gaps(conditions));
        all.extend(gaps.iter().map(|&(condition, example)| Finding {
            kind: FindingKind::Gap,
            rule: None,
            actions: action.into(),
            by: Vec::new(),
            condition,
            example,
            periods: Vec::new(),
        }));
    }
    joined(all)
}

const fn decides_alone(effect: Effect) -> bool {
    !matches!(effect, Effect::Require | Effect::Advise)
}

/// The cases in which a rule has an effect on an action, unless it is overridden.
pub(crate) struct Reach<'r> {
    rule: &'r Rule,
    /// The cases in which the rule would count. For a requirement or advice, these are permitted
    /// ones.
    scope: Vec<Facts>,
    /// The rules that can override it.
    over: Vec<&'r Rule>,
}

impl<'r> Reach<'r> {
    pub(crate) fn of_all(
        edition: Edition<'r>,
        rule: &'r Rule,
    ) -> impl Iterator<Item = (Action, Self)> {
        rule.actions().iter().map(move |action| (action, Self::new(edition, rule, action)))
    }

    fn new(edition: Edition<'r>, rule: &'r Rule, action: Action) -> Self {
        let condition = rule.condition();
        let meeting = edition.rules().filter(|other| {
            other.actions().contains(action) && other.condition().overlaps(condition)
        });
        let (scope, rank) = if decides_alone(rule.effect()) {
            (vec![condition], rule.effect())
        } else {
            let permits = meeting.clone().filter(|other| other.effect() == Effect::Permit);
            let both = permits.filter_map(|permit| condition.narrow(permit.condition()).ok());
            (both.collect(), Effect::Permit)
        };
        let over = meeting.filter(|other| other.effect() < rank);
        let over = over.filter(|other| scope.iter().any(|cases| cases.overlaps(other.condition())));
        Self { rule, over: over.collect(), scope }
    }

    /// Returns some cases in which the rule has an effect, if there are any.
    pub(crate) fn live(&self) -> Option<Facts> {
        self.live_without(|_| true)
    }

    fn live_without(&self, is_over: impl Fn(&Rule) -> bool) -> Option<Facts> {
        let over = self.over.iter().filter(|rule| is_over(rule));
        let over: Vec<Facts> = over.map(|rule| rule.condition()).collect();
        self.scope.iter().find_map(|&cases| outside(cases, &over))
    }

    /// Whether the rule has an effect in a case with all facts known.
    pub(crate) fn counts_in(&self, case: Facts) -> bool {
        self.scope.iter().any(|cases| cases.contains(case))
            && !self.over.iter().any(|rule| rule.condition().contains(case))
    }

    /// Returns some cases in which the rule has no effect, if there are any.
    pub(crate) fn other(&self) -> Option<Facts> {
        outside(Facts::UNKNOWN, &self.scope).or(self.over.first().map(|rule| rule.condition()))
    }

    /// Returns a minimal set of rules that together override a dead rule everywhere.
    fn outranking(&self) -> Vec<&'r Rule> {
        let mut needed = self.over.clone();
        for rule in &self.over {
            let is_needed = |other: &Rule| {
                other.id() != rule.id() && needed.iter().any(|of| of.id() == other.id())
            };
            if self.live_without(is_needed).is_none() {
                needed.retain(|other| other.id() != rule.id());
            }
        }
        needed
    }

    /// Returns the rules of the base that override a custom rule, with some cases as an example.
    fn overridden_by_base(&self) -> Option<(Vec<&'r Rule>, Facts)> {
        if self.rule.rulebook().is_none() || !decides_alone(self.rule.effect()) {
            return None;
        }
        let own = self.over.iter().filter(|rule| rule.rulebook().is_some());
        let own: Vec<Facts> = own.map(|rule| rule.condition()).collect();
        let base = self.over.iter().filter(|rule| rule.rulebook().is_none());
        let (by, examples): (Vec<&Rule>, Vec<Facts>) = base
            .filter_map(|rule| {
                let both = self.rule.condition().narrow(rule.condition()).ok()?;
                Some((*rule, outside(both, &own)?))
            })
            .unzip();
        examples.first().map(|example| (by, *example))
    }
}

/// Returns the rules that have the effect of a rule, in all of its cases.
fn repeated<'r>(
    edition: Edition<'r>,
    rule: &'r Rule,
) -> impl Iterator<Item = (FindingKind, &'r Rule, Set<Action>)> {
    let (cases, mut is_earlier) = (rule.condition(), true);
    edition.rules().filter_map(move |other| {
        if other.id() == rule.id() {
            is_earlier = false;
            return None;
        }
        let actions = rule.actions().intersection(other.actions());
        let says_the_same = other.effect() == rule.effect()
            && other.requirement() == rule.requirement()
            && (rule.effect() != Effect::Advise || other.reason() == rule.reason());
        if !says_the_same || actions.is_empty() || !other.condition().contains(cases) {
            return None;
        }
        match other.condition() == cases {
            true if is_earlier => Some((FindingKind::Duplicate, other, actions)),
            true => None,
            false => Some((FindingKind::Subsumed, other, actions)),
        }
    })
}

/// Returns the cases that no condition admits, as disjoint conditions, each with an example.
fn find_gaps(conditions: &[Facts]) -> Vec<(Facts, Facts)> {
    let example = |gap: Facts| {
        // A fact that matters for this gap may not matter for the example.
        gap.narrowed().iter().fold(smallest(gap), |example, fact| {
            let fewer = example.without(fact);
            let is_covered = conditions.iter().any(|condition| condition.overlaps(fewer));
            if is_covered { example } else { fewer }
        })
    };
    let gaps = left(Facts::UNKNOWN, conditions).into_iter();
    let mut gaps: Vec<(Facts, Facts)> = gaps.map(|gap| (gap, example(gap))).collect();
    gaps.sort_unstable();
    gaps
}

/// Returns the first value of each narrowed fact.
pub(crate) fn smallest(cases: Facts) -> Facts {
    cases.narrowed().iter().fold(cases, |cases, fact| cases.split(fact).next().unwrap_or(cases))
}

impl Analysis {
    /// Returns the findings that another analysis does not have, such as that of the base.
    ///
    /// Cases and days are compared, not wording. The cases of a gap are new if they were in no gap
    /// before. A finding about a rule is new on the actions and days on which the rule had no
    /// finding of this kind.
    ///
    /// ```
    /// use csp_multichannel::Rulebook;
    /// use csp_multichannel_rulebook::{analyze, from_toml};
    ///
    /// // A rule that covers some cases of an old gap makes no new one.
    /// let rulebook = from_toml(r#"
    /// name = "northwind"
    /// base = "partner_center"
    ///
    /// [[rules]]
    /// id = "azure-cancel"
    /// effect = "permit"
    /// actions = ["cancel_then_move"]
    /// when = { service = "azure", channel = "open" }
    /// from = 2026-01-01
    /// reason = "we cancel and buy again"
    /// "#)?;
    /// let published = analyze(Rulebook::partner_center());
    /// assert_eq!(
    ///     analyze(&rulebook).new_since(&published).to_string(),
    ///     "`azure-cancel` does not always decide cancel_then_move, since 2026-01-01: \
    ///      sometimes it is overridden by germany-withdrawn, china-moves, \
    ///      no-resale-to-csp-partner, subscription-deleted\n  \
    ///      for example: channel: open; service: azure; cloud: germany",
    /// );
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn new_since(&self, other: &Self) -> Self {
        let mut merged = Merged::default();
        for (finding, period) in self.findings.iter().flat_map(|finding| finding.parts(other)) {
            merged.add(finding, period);
        }
        Self { findings: joined(merged.findings()) }
    }
}

impl Finding {
    /// Returns the parts of the finding that another analysis does not have, for each action and
    /// period.
    fn parts(&self, other: &Analysis) -> Vec<(Self, FindingPeriod)> {
        let about_same = |of: &&Self| of.kind == self.kind && of.rule == self.rule;
        let known: Vec<&Self> = other.findings.iter().filter(about_same).collect();
        let mut days: Vec<NaiveDate> = known
            .iter()
            .flat_map(|known| &known.periods)
            .flat_map(|period| [Some(period.from), period.until])
            .flatten()
            .collect();
        days.sort_unstable();
        days.dedup();
        let mut parts = Vec::new();
        for period in self.periods.iter().flat_map(|period| period.cut(&days)) {
            let at_the_time =
                known.iter().filter(|known| known.periods.iter().any(|of| of.covers(period.from)));
            for action in self.actions {
                let known = at_the_time.clone().filter(|known| known.actions.contains(action));
                let known: Vec<Facts> = known.map(|known| known.condition).collect();
                let new = match self.kind {
                    FindingKind::Gap => left(self.condition, &known),
                    _ if known.is_empty() => vec![self.condition],
                    _ => Vec::new(),
                };
                parts.extend(new.into_iter().map(|condition| {
                    let is_gap = self.kind == FindingKind::Gap;
                    let example = if is_gap { smallest(condition) } else { self.example };
                    let (actions, periods) = (action.into(), Vec::new());
                    (Self { actions, condition, example, periods, ..self.clone() }, period)
                }));
            }
        }
        parts
    }
}

/// Returns the cases of a condition that no other condition admits, as disjoint conditions.
fn left(cases: Facts, others: &[Facts]) -> Vec<Facts> {
    let others: Vec<Facts> = others.iter().copied().filter(|of| of.overlaps(cases)).collect();
    let facts: Set<Fact> = others.iter().fold(Set::EMPTY, |facts, of| facts.union(of.narrowed()));
    let left = partition(facts, |part| match part.narrow(cases) {
        Err(_) => Cases::None,
        Ok(part) if others.iter().any(|of| of.contains(part)) => Cases::None,
        Ok(part) if others.iter().any(|of| of.overlaps(part)) => Cases::Mixed,
        Ok(_) => Cases::All(()),
    });
    left.into_iter().filter_map(|(part, ())| part.narrow(cases).ok()).collect()
}

impl FindingPeriod {
    /// Returns whether a day is in the period.
    ///
    /// ```
    /// use csp_multichannel_rulebook::FindingPeriod;
    ///
    /// let year: FindingPeriod =
    ///     serde_json::from_str(r#"{"from": "2026-01-01", "until": "2027-01-01"}"#)?;
    /// assert!(year.covers("2026-12-31".parse().unwrap()));
    /// assert!(!year.covers("2027-01-01".parse().unwrap()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn covers(self, day: NaiveDate) -> bool {
        self.from <= day && self.until.is_none_or(|until| day < until)
    }

    /// Returns the parts of the period between sorted days.
    fn cut(self, days: &[NaiveDate]) -> Vec<Self> {
        let mut parts = Vec::new();
        let mut from = self.from;
        for &day in days.iter().filter(|&&day| day != self.from && self.covers(day)) {
            parts.push(Self { from, until: Some(day) });
            from = day;
        }
        parts.push(Self { from, until: self.until });
        parts
    }
}

/// Writes `since 2026-01-01` or `from 2026-01-01 through 2026-06-30`.
impl fmt::Display for FindingPeriod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.until.and_then(|until| until.pred_opt()) {
            Some(last) => write!(f, "from {} through {last}", self.from),
            None => write!(f, "since {}", self.from),
        }
    }
}

impl fmt::Display for Analysis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.findings.is_empty() {
            f.write_str("nothing found")
        } else {
            Lines(&self.findings).fmt(f)
        }
    }
}

/// Writes one sentence, then the example in a separate line.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rule = self.rule.as_deref().unwrap_or_default();
        let (by, actions) = (self.by.join(", "), self.actions);
        let periods: Vec<String> = self.periods.iter().map(ToString::to_string).collect();
        let when = periods.join(", ");
        match self.kind {
            FindingKind::Dead if self.by.is_empty() => {
                write!(
                    f,
                    "`{rule}` never counts for {actions}, {when}: nothing is permitted where it applies"
                )
            }
            FindingKind::Dead => {
                write!(
                    f,
                    "`{rule}` never decides {actions}, {when}: everywhere it is overridden by {by}"
                )
            }
            FindingKind::Outranked => {
                write!(
                    f,
                    "`{rule}` does not always decide {actions}, {when}: sometimes it is overridden by {by}"
                )
            }
            FindingKind::Duplicate => {
                write!(f, "`{rule}` repeats {by} for {actions}, {when}")
            }
            FindingKind::Subsumed => {
                write!(f, "`{rule}` does for {actions} what {by} does in more cases, {when}")
            }
            FindingKind::Gap if self.condition == Facts::UNKNOWN => {
                return write!(f, "no rule covers {actions}, {when}");
            }
            FindingKind::Gap => {
                write!(f, "no rule covers {actions}, {when}, where {}", self.condition)
            }
        }?;
        write!(f, "\n  for example: {}", self.example)
    }
}
