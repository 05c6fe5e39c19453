//! What rules that are in order say besides: which are idle, which meet or repeat each other, and where all of them are silent.

mod edition;
#[cfg(feature = "serde")]
mod json;

use core::fmt;
use std::collections::HashMap;
use std::vec::Vec;

use chrono::NaiveDate;

use crate::facts::Facts;
use crate::rulebook::{Edition, Rulebook};
use crate::rules::{Condition, Rule};
use crate::vocabulary::{ActionSet, Effect};
use edition::{Found, Searches};

/// What there is to know of a rulebook whose rules are in order: findings, each with the days on which it holds and an example.
///
/// Found by going through every case with all facts known, in every edition: exact, and never sampled. No finding is an error. A rule
/// that can never fire, or is never in force, is one, and makes no rulebook: see [`ProblemKind`](super::ProblemKind).
///
/// The time grows with the editions, and in each with the cases that its rules can tell apart: at most 293,760, fewer where they name few
/// facts. The built-in register takes a fraction of a second. An edition takes at most some ten milliseconds where its rules are like those,
/// and seconds where it has as many rules as it can and most of them are idle; so thousands of editions can take minutes, and
/// [`Analysis::of_edition`] analyses one alone.
///
/// ```
/// use csp_multichannel::authoring::{Analysis, FindingKind};
/// use csp_multichannel::*;
///
/// let from = "2026-01-01".parse()?;
/// let rulebook = Rulebook::new([
///     Rule::new("only-azure", Effect::Forbid, Action::Switch, from).when(Set::<Service>::all().difference(Service::USAGE_BASED)),
///     Rule::new("azure", Effect::Permit, Action::Switch, from).when(Service::USAGE_BASED),
///     Rule::new("open-licenses", Effect::Permit, Action::Switch, from).when(Channel::Open).when(Service::LICENSE_BASED),
/// ])?;
/// let analysis = Analysis::of(&rulebook);
/// let idle = analysis.findings().iter().find(|finding| matches!(finding.kind(), FindingKind::Idle { .. }));
/// assert_eq!(
///     idle.map(ToString::to_string).as_deref(),
///     Some(
///         "permit open-licenses never decides switch: it is outranked by only-azure\n  \
///          since 2026-01-01: channel: open; service: license; cloud: public; partner: direct_bill; relationship: none; \
///          customer: end_customer; market: same; term: cancellable; auto_renew: on; status: active; transfer: none"
///     )
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Analysis<'r> {
    findings: Vec<Finding<'r>>,
}

impl<'r> Analysis<'r> {
    /// The findings in all editions of a rulebook.
    #[must_use]
    pub fn of(rulebook: &'r Rulebook) -> Self {
        Self::of_editions(rulebook.editions())
    }

    /// The findings in one edition, on its days.
    #[must_use]
    pub fn of_edition(edition: Edition<'r>) -> Self {
        Self::of_editions([edition])
    }

    fn of_editions(editions: impl IntoIterator<Item = Edition<'r>>) -> Self {
        let mut searches = Searches::default();
        let mut findings: Vec<Finding<'r>> = Vec::new();
        let mut places = HashMap::new();
        for edition in editions {
            for Found { kind, actions, example } in searches.run(edition) {
                let place = *places.entry((kind.clone(), actions)).or_insert_with(|| {
                    findings.push(Finding { kind, actions, spans: Vec::new() });
                    findings.len() - 1
                });
                if let Some(finding) = findings.get_mut(place) {
                    finding.hold(edition, example);
                }
            }
        }
        findings.sort_by_key(|finding| finding.kind.rank());
        Self { findings }
    }

    /// The findings by kind, in the order of [`FindingKind`]'s variants; of each kind those that hold earlier come first, and in one
    /// edition they come by action.
    #[must_use]
    pub fn findings(&self) -> &[Finding<'r>] {
        &self.findings
    }
}

/// Writes the findings, each with its spans in lines of their own.
impl fmt::Display for Analysis<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.findings.is_empty() {
            return f.write_str("no findings");
        }
        for (at, finding) in self.findings.iter().enumerate() {
            write!(f, "{}{finding}", if at == 0 { "" } else { "\n" })?;
        }
        Ok(())
    }
}

/// Something to know of a rulebook, with the days on which it is so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding<'r> {
    kind: FindingKind<'r>,
    actions: ActionSet,
    spans: Vec<Span>,
}

impl<'r> Finding<'r> {
    /// What it is.
    #[must_use]
    pub const fn kind(&self) -> &FindingKind<'r> {
        &self.kind
    }

    /// The actions on which it is so, with the same examples.
    #[must_use]
    pub const fn actions(&self) -> ActionSet {
        self.actions
    }

    /// The days on which it is so, in their order; several spans where it is not so in between, or has another example.
    #[must_use]
    pub fn spans(&self) -> &[Span] {
        &self.spans
    }

    /// It is so in an edition, later than those before.
    fn hold(&mut self, edition: Edition<'r>, example: Facts) {
        let until = edition.until();
        match self.spans.last_mut() {
            Some(last) if last.until == Some(edition.since()) && last.example == example => last.until = until,
            _ => self.spans.push(Span { from: edition.since(), until, example }),
        }
    }
}

/// Writes what it is, and a line for each span with its example.
impl fmt::Display for Finding<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.describe(self.actions, f)?;
        for span in &self.spans {
            write!(f, "\n  {span}")?;
        }
        Ok(())
    }
}

/// Consecutive editions in which a finding holds, with a case that shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    from: NaiveDate,
    until: Option<NaiveDate>,
    example: Facts,
}

impl Span {
    /// The first day, in UTC.
    #[must_use]
    pub const fn from(&self) -> NaiveDate {
        self.from
    }

    /// The first day, in UTC, on which it is no longer so, if there is one.
    #[must_use]
    pub const fn until(&self) -> Option<NaiveDate> {
        self.until
    }

    /// The first of the cases that show it, with all facts known.
    ///
    /// Cases come in the order of the policy's tables: by the value of the first fact, `channel`, then by that of the second, up to the last.
    #[must_use]
    pub const fn example(&self) -> Facts {
        self.example
    }
}

/// Writes `since 2024-06-19: channel: open; …` or `from 2016-12-01 until 2024-06-19: channel: open; …`, the second day exclusive.
impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { from, until, example } = self;
        match until {
            Some(until) => write!(f, "from {from} until {until}: {example}"),
            None => write!(f, "since {from}: {example}"),
        }
    }
}

/// What an [`Analysis`] finds. Cases are those with all facts known that are possible; a rule's cases are those in which it fires.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FindingKind<'r> {
    /// A rule that fires, and on these actions never comes to anything: a forbid or permit that decides no verdict, a require that makes
    /// none conditional, advice that goes with none that is open.
    ///
    /// An exclusion is never idle: it decides wherever it fires. The example is its first case.
    Idle {
        /// The rule.
        rule: &'r Rule,
        /// Rules of which at least one outranks it in each of its cases; for a require or advice, in each in which something is permitted,
        /// and none where nothing ever is. None of them could be left out.
        by: Vec<&'r Rule>,
    },
    /// A permit and a forbid that both fire in a case that no rule excludes, and each fires in some case without the other.
    ///
    /// The forbid decides. Where one is the exception to the other, its cases are among the other's, and that is no finding.
    Meeting {
        /// The permit.
        permit: &'r Rule,
        /// The forbid.
        forbid: &'r Rule,
    },
    /// Cases of which no rule speaks: none excludes, forbids or permits, and the verdict is `not_covered` without a rule.
    ///
    /// The gaps of an action in an edition hold all such cases, do not overlap, and no two of them can be joined to one. That is all that
    /// is claimed: another way of dividing the cases may need fewer.
    Gap {
        /// The cases.
        condition: Condition,
    },
    /// Two rules that say the same in the same cases: the same effect, with the same requirement, or as advice for the same reason.
    Same {
        /// The rule that comes first.
        rule: &'r Rule,
        /// The other.
        other: &'r Rule,
    },
    /// A rule all of whose cases are among another's that says the same, in more cases.
    Covered {
        /// The rule that fires in fewer cases.
        rule: &'r Rule,
        /// The other.
        by: &'r Rule,
    },
    /// A require that makes verdicts conditional, in none of whose cases changes that someone can make, or time makes, lead to one in which
    /// the action is open without it.
    ///
    /// Who can change what is told by [`Means`](crate::guidance::Means). A note and no more: what is required may be met outside of the facts, as a letter is.
    Unmeetable {
        /// The rule.
        rule: &'r Rule,
    },
}

impl FindingKind<'_> {
    /// The word for it: `idle`, `meeting`, `gap`, `same`, `covered` or `unmeetable`.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Idle { .. } => "idle",
            Self::Meeting { .. } => "meeting",
            Self::Gap { .. } => "gap",
            Self::Same { .. } => "same",
            Self::Covered { .. } => "covered",
            Self::Unmeetable { .. } => "unmeetable",
        }
    }

    /// Its place among the variants.
    const fn rank(&self) -> u8 {
        match self {
            Self::Idle { .. } => 0,
            Self::Meeting { .. } => 1,
            Self::Gap { .. } => 2,
            Self::Same { .. } => 3,
            Self::Covered { .. } => 4,
            Self::Unmeetable { .. } => 5,
        }
    }

    /// Writes it as a sentence on some actions.
    fn describe(&self, actions: ActionSet, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Idle { rule, by } => {
                let (effect, id) = (rule.effect(), rule.id());
                match effect {
                    Effect::Require => write!(f, "{effect} {id} never makes {actions} conditional: ")?,
                    Effect::Advise => write!(f, "{effect} {id} never goes with an open {actions}: ")?,
                    _ => write!(f, "{effect} {id} never decides {actions}: ")?,
                }
                match (effect, by.is_empty()) {
                    (_, true) => f.write_str("nothing is permitted where it fires"),
                    (Effect::Require | Effect::Advise, false) => {
                        write!(f, "where something is permitted, it is outranked by {}", Ids(by))
                    }
                    _ => write!(f, "it is outranked by {}", Ids(by)),
                }
            }
            Self::Meeting { permit, forbid } => {
                write!(f, "permit {} and forbid {} meet on {actions}", permit.id(), forbid.id())
            }
            Self::Gap { condition } if *condition == Condition::ALWAYS => write!(f, "no rule speaks of {actions}"),
            Self::Gap { condition } => write!(f, "no rule speaks of {actions} where {condition}"),
            Self::Same { rule, other } => {
                write!(f, "{} {} and {} say the same of {actions}", rule.effect(), rule.id(), other.id())
            }
            Self::Covered { rule, by } => {
                write!(f, "{} {} says of {actions} what {} says in more cases", rule.effect(), rule.id(), by.id())
            }
            Self::Unmeetable { rule } => {
                write!(f, "require {} is met by no change that someone can make, for {actions}", rule.id())
            }
        }
    }
}

/// Writes the ids of some rules: `a, b`.
struct Ids<'a, 'r>(&'a [&'r Rule]);

impl fmt::Display for Ids<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, rule) in self.0.iter().enumerate() {
            write!(f, "{}{}", if at == 0 { "" } else { ", " }, rule.id())?;
        }
        Ok(())
    }
}
