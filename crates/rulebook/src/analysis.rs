//! Findings in a valid rulebook: dead, outranked, duplicate and subsumed rules, and gaps; exact over every case.

use std::collections::HashMap;
use std::fmt;

use chrono::NaiveDate;
use csp_multichannel::{Action, Edition, Effect, Fact, Facts, Rule, Rulebook, Set};
use serde::{Deserialize, Serialize};

use crate::overlay::Lines;
use crate::partition::{Cases, outside, partition};

csp_multichannel::words! {
    /// The kind of a finding.
    pub enum FindingKind, finding {
        /// A rule that never decides or advises: in all of its cases it is overridden, or nothing is permitted.
        Dead = dead,
        /// A custom rule that the base overrides in some cases.
        Outranked = outranked,
        /// A rule that has the effect of an earlier one in the same cases.
        Duplicate = duplicate,
        /// A rule that has the effect of another one in fewer cases.
        Subsumed = subsumed,
        /// Cases that no rule covers.
        Gap = gap,
    }
}

/// The findings in a valid rulebook. None of them is an error.
///
/// `Display` writes the findings by rule, each with an example.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Analysis {
    /// The findings about rules, in the order of the rulebook, then the gaps by action.
    pub findings: Vec<Finding>,
}

/// A finding about a rule, or about cases without one.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Finding {
    /// The kind.
    pub kind: FindingKind,
    /// The id of the rule; a gap has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// The actions on which it is so.
    pub actions: Set<Action>,
    /// The ids of the other rules: those that override it, none of which could be left out if it is dead; those that
    /// it repeats, or by which it is subsumed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub by: Vec<String>,
    /// The cases: those of the rule, or those that no rule covers.
    pub condition: Facts,
    /// As few facts as show it: it is so whatever the other facts are.
    pub example: Facts,
    /// When it is so, in the order of time.
    pub periods: Vec<Period>,
}

/// Days, in UTC: from the first, inclusive, until the second, exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Period {
    /// The first day.
    pub from: NaiveDate,
    /// The first day on which it is over, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<NaiveDate>,
}

/// Analyzes all editions of a rulebook.
///
/// ```
/// use chrono::NaiveDate;
/// use csp_multichannel::{Action, Channel, Effect, Rule, Rulebook};
/// use csp_multichannel_rulebook::{FindingKind, analyze};
///
/// let from = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap();
/// let rulebook = Rulebook::new([
///     Rule::new("none", Effect::Veto, Action::Switch, from).with_reason("we take over nothing"),
///     Rule::new("open", Effect::Permit, Action::Switch, from).when(Channel::Open).with_reason("or this"),
/// ])?;
/// let finding = &analyze(&rulebook).findings[0];
/// assert_eq!((finding.kind, finding.rule.as_deref()), (FindingKind::Dead, Some("open")));
/// assert_eq!(
///     finding.to_string(),
///     "`open` never decides switch, since 2026-01-01: everywhere it is overridden by none\n  \
///      for example: channel: open",
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn analyze(rulebook: &Rulebook) -> Analysis {
    analyze_editions(rulebook.editions())
}

/// Analyzes one edition.
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
        let period = Period { from: edition.since(), until: edition.until() };
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

/// Findings, each once with all of its periods.
#[derive(Default)]
struct Merged {
    findings: Vec<Finding>,
    /// By the finding without its periods, its place.
    places: HashMap<Finding, usize>,
}

impl Merged {
    /// Adds a finding that is so in a period.
    fn add(&mut self, finding: Finding, period: Period) {
        let Self { findings, places } = self;
        let place = *places.entry(finding).or_insert_with_key(|finding| {
            findings.push(finding.clone());
            findings.len() - 1
        });
        if let Some(known) = findings.get_mut(place) {
            known.periods.push(period);
        }
    }

    /// The findings; periods that follow each other are one.
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

/// The same findings, but what is so of a rule on several actions in the same way is one.
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

/// The findings in one edition, without their period.
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
    /// The cases in which it would count: those of a requirement or an advice are permitted as well.
    scope: Vec<Facts>,
    /// The rules that would override it.
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

    /// Some cases in which the rule has an effect, if there are any.
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

    /// Some cases in which the rule has no effect, if there are any.
    pub(crate) fn other(&self) -> Option<Facts> {
        outside(Facts::UNKNOWN, &self.scope).or(self.over.first().map(|rule| rule.condition()))
    }

    /// Rules that together override a dead rule everywhere, none of which could be left out.
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

    /// The rules of the base that override a custom rule, with some cases in which one does.
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

/// The rules that have the effect of a rule, in all of its cases.
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

/// The cases that none of some conditions admits, as disjoint conditions, each with an example.
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

/// The first value of each fact that is narrowed.
pub(crate) fn smallest(cases: Facts) -> Facts {
    cases.narrowed().iter().fold(cases, |cases, fact| cases.split(fact).next().unwrap_or(cases))
}

impl Analysis {
    /// Returns what is not found in another analysis as well, such as that of the base.
    ///
    /// Cases and days are compared, not wording. The cases of a gap are new if they were in no gap before; a finding
    /// about a rule is new on the actions and days on which the rule had no finding of this kind.
    ///
    /// ```
    /// use csp_multichannel::Rulebook;
    /// use csp_multichannel_rulebook::{analyze, from_toml};
    ///
    /// // A permit that covers some cases of an old gap makes no new one.
    /// let rulebook = from_toml(r#"
    /// name = "northwind"
    /// base = "partner_center"
    ///
    /// [[rules]]
    /// id = "software-switch"
    /// effect = "permit"
    /// actions = ["cancel_then_move"]
    /// when = { service = "azure", channel = "open" }
    /// from = 2026-01-01
    /// reason = "we cancel and buy again"
    /// "#)?;
    /// let findings = analyze(&rulebook).new_since(&analyze(Rulebook::partner_center())).findings;
    /// assert!(findings.iter().all(|finding| finding.rule.is_some()));
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
    /// What of it another analysis does not have: for each action the parts, each with a period.
    fn parts(&self, other: &Analysis) -> Vec<(Self, Period)> {
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

/// The cases of a condition that none of some others admits, as disjoint conditions.
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

impl Period {
    /// Returns whether a day is in the period.
    #[must_use]
    pub fn covers(self, day: NaiveDate) -> bool {
        self.from <= day && self.until.is_none_or(|until| day < until)
    }

    /// The parts of the period between some days, which are in order.
    fn cut(self, days: &[NaiveDate]) -> Vec<Self> {
        let mut parts = Vec::new();
        let mut from = self.from;
        for &day in days.iter().filter(|&&day| day > self.from && self.covers(day)) {
            parts.push(Self { from, until: Some(day) });
            from = day;
        }
        parts.push(Self { from, until: self.until });
        parts
    }
}

/// Writes `since 2026-01-01` or `from 2026-01-01 through 2026-06-30`.
impl fmt::Display for Period {
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

/// Writes one sentence, and the example in a line of its own.
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
