//! What a portfolio comes to: in memory that does not grow with it.

use std::collections::{BTreeMap, BinaryHeap};
use std::rc::Rc;

use chrono::{DateTime, Datelike, Months, NaiveDate, TimeDelta, Utc};
use csp_multichannel::{Action, Edition, Fact, Rule, Rulebook, TermPhase, Verdict};

use crate::entry::{Entry, Refused};
use crate::outcome::{Outcome, Outcomes, Way};

pub(crate) struct Summary {
    pub(crate) as_of: DateTime<Utc>,
    pub(crate) edition: Edition<'static>,
    pub(crate) decided: u64,
    pub(crate) refused: u64,
    /// The first of those that were refused.
    pub(crate) first_refused: Vec<Refused>,
    /// How many subscriptions have each verdict on each action.
    verdicts: [[u64; Verdict::ALL.len()]; Action::ALL.len()],
    /// How many subscriptions have a way that far open.
    ways: [u64; 4],
    /// For each rule, how many subscriptions it denies or excludes an action for.
    in_the_way: BTreeMap<&'static str, u64>,
    /// For each requirement, how many subscriptions it has to be met for.
    required: BTreeMap<&'static str, u64>,
    /// For each fact, on how many subscriptions a verdict turns on it.
    missing: [u64; Fact::ALL.len()],
    /// The calendar months from the one asked about on.
    pub(crate) months: Vec<Month>,
    soonest: BinaryHeap<Change>,
}

/// What changes in a calendar month.
pub(crate) struct Month {
    /// Its first day.
    pub(crate) first: NaiveDate,
    /// How many windows for cancelling close.
    pub(crate) closing: u64,
    /// How many terms end.
    pub(crate) ending: u64,
}

/// A change of phase that is to come.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Change {
    /// The first instant at which the new phase holds.
    pub(crate) at: DateTime<Utc>,
    pub(crate) kind: ChangeKind,
    pub(crate) customer: Rc<str>,
    pub(crate) title: String,
    pub(crate) id: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ChangeKind {
    /// The window for cancelling closes.
    WindowCloses,
    /// It opens, or opens again.
    WindowOpens,
    TermEnds,
}

impl Change {
    /// When, for people.
    pub(crate) fn when(&self) -> String {
        self.kind.when(self.at)
    }
}

impl ChangeKind {
    /// The day that it counts for: of a term its last one, of a window that on which it closes.
    fn day(self, at: DateTime<Utc>) -> NaiveDate {
        match self {
            Self::TermEnds => (at - TimeDelta::nanoseconds(1)).date_naive(),
            Self::WindowCloses | Self::WindowOpens => at.date_naive(),
        }
    }

    /// When, for people: of a term its last day, of a window the minute at which it is closed.
    pub(crate) fn when(self, at: DateTime<Utc>) -> String {
        match self {
            Self::TermEnds => self.day(at).to_string(),
            Self::WindowCloses | Self::WindowOpens => at.format("%Y-%m-%d %H:%M UTC").to_string(),
        }
    }

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::WindowCloses => "cancellation window closes",
            Self::WindowOpens => "cancellation window opens",
            Self::TermEnds => "term ends",
        }
    }
}

/// What a requirement is called, in words.
fn reason_of_requirement(name: &str) -> &'static str {
    let rule = Rulebook::partner_center().rules().iter().find(|rule| rule.requirement() == Some(name));
    rule.map_or("", Rule::reason)
}

impl Summary {
    /// How many of the refused, of what is in the way and of the changes are told.
    pub(crate) const TOLD: usize = 12;
    const MONTHS: u32 = 12;

    pub(crate) fn of(edition: Edition<'static>, as_of: DateTime<Utc>) -> Self {
        let this_month = as_of.date_naive().with_day(1).unwrap_or_default();
        let months = (0..Self::MONTHS).filter_map(|months| this_month.checked_add_months(Months::new(months)));
        Self {
            as_of,
            edition,
            decided: 0,
            refused: 0,
            first_refused: Vec::new(),
            verdicts: Default::default(),
            ways: [0; 4],
            in_the_way: BTreeMap::new(),
            required: BTreeMap::new(),
            missing: [0; Fact::ALL.len()],
            months: months.map(|first| Month { first, closing: 0, ending: 0 }).collect(),
            soonest: BinaryHeap::new(),
        }
    }

    pub(crate) fn add(&mut self, entry: &Entry, outcome: &Outcome) {
        self.decided += 1;
        outcome.count.set(outcome.count.get() + 1);
        for (at, kind) in changes(entry, self.as_of) {
            let Some(month) = self.month(kind.day(at)) else { break };
            match kind {
                ChangeKind::WindowCloses => month.closing += 1,
                ChangeKind::TermEnds => month.ending += 1,
                ChangeKind::WindowOpens => {}
            }
            if self.soonest.len() < Self::TOLD || self.soonest.peek().is_some_and(|last| at < last.at) {
                self.soonest.push(Change {
                    at,
                    kind,
                    customer: Rc::clone(&entry.customer),
                    title: entry.title().to_owned(),
                    id: entry.case.id.clone(),
                });
                if self.soonest.len() > Self::TOLD {
                    self.soonest.pop();
                }
            }
        }
    }

    /// The month of a day, where it is one of those that are counted.
    fn month(&mut self, day: NaiveDate) -> Option<&mut Month> {
        let number = |day: NaiveDate| day.year() * 12 + day.month0().cast_signed();
        let first = self.months.first()?.first;
        self.months.get_mut(usize::try_from(number(day) - number(first)).ok()?)
    }

    pub(crate) fn add_refused(&mut self, refused: &Refused) {
        self.refused += 1;
        if self.first_refused.len() < Self::TOLD {
            self.first_refused.push(refused.clone());
        }
    }

    /// Counts the outcomes that the memory no longer has room for, or all at the end.
    pub(crate) fn count(&mut self, outcomes: &mut Outcomes, at_the_end: bool) {
        for outcome in outcomes.drain(at_the_end) {
            let count = outcome.count.get();
            for (action, verdict) in outcome.decision.verdicts().iter() {
                self.verdicts[action as usize][verdict as usize] += count;
            }
            self.ways[outcome.way() as usize] += count;
            for fact in outcome.depends_on() {
                self.missing[fact as usize] += count;
            }
            let of_actions = |verdicts: &'static [Verdict]| {
                let decision = outcome.decision;
                Action::ALL.iter().copied().filter(move |&action| verdicts.contains(&decision.verdict(action)))
            };
            let closed = of_actions(&[Verdict::Denied, Verdict::NotCovered]);
            let mut rules: Vec<&str> = closed.flat_map(|action| outcome.decision.rules(action)).map(Rule::id).collect();
            rules.sort_unstable();
            rules.dedup();
            for rule in rules {
                *self.in_the_way.entry(rule).or_default() += count;
            }
            let conditional = of_actions(&[Verdict::Conditional]);
            let mut names: Vec<&str> = conditional.flat_map(|action| outcome.decision.requirements(action)).collect();
            names.sort_unstable();
            names.dedup();
            for name in names {
                *self.required.entry(name).or_default() += count;
            }
        }
    }

    /// How many subscriptions have a verdict on an action.
    pub(crate) fn with(&self, action: Action, verdict: Verdict) -> u64 {
        self.verdicts[action as usize][verdict as usize]
    }

    /// How many subscriptions have a way that far open.
    pub(crate) fn ways(&self, way: Way) -> u64 {
        self.ways[way as usize]
    }

    /// The rules that deny or exclude, those first that do so for most subscriptions.
    pub(crate) fn in_the_way(&self) -> Vec<(&'static Rule, u64)> {
        let rules = Rulebook::partner_center().rules().iter();
        let mut counted: Vec<_> = rules.filter_map(|rule| Some((rule, *self.in_the_way.get(rule.id())?))).collect();
        counted.sort_by_key(|&(_, count)| std::cmp::Reverse(count));
        counted.truncate(Self::TOLD);
        counted
    }

    /// The requirements, each with its reason, those first that most subscriptions need.
    pub(crate) fn required(&self) -> Vec<(&'static str, &'static str, u64)> {
        let named = self.required.iter().map(|(&name, &count)| (name, reason_of_requirement(name), count));
        let mut named: Vec<_> = named.collect();
        named.sort_by_key(|&(.., count)| std::cmp::Reverse(count));
        named
    }

    /// The facts that would settle something, those first that would for most subscriptions.
    pub(crate) fn missing(&self) -> Vec<(Fact, u64)> {
        let facts = Fact::ALL.iter().map(|&fact| (fact, self.missing[fact as usize]));
        let mut facts: Vec<_> = facts.filter(|&(_, count)| count > 0).collect();
        facts.sort_by_key(|&(_, count)| std::cmp::Reverse(count));
        facts
    }

    /// The next changes, the soonest first.
    pub(crate) fn soonest(&self) -> Vec<Change> {
        self.soonest.clone().into_sorted_vec()
    }
}

/// The changes of an entry's phase after an instant, in order.
pub(crate) fn changes(entry: &Entry, from: DateTime<Utc>) -> impl Iterator<Item = (DateTime<Utc>, ChangeKind)> + use<> {
    let subscription = entry.case.subscription;
    let mut at = Some(from);
    std::iter::from_fn(move || {
        let (next, phases) = subscription.term()?.next_change(subscription.service(), at?)?;
        at = Some(next);
        let kind = if phases.contains(TermPhase::Ended) {
            ChangeKind::TermEnds
        } else if phases.contains(TermPhase::Cancellable) {
            ChangeKind::WindowOpens
        } else {
            ChangeKind::WindowCloses
        };
        Some((next, kind))
    })
}
