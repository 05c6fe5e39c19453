//! The search for ways: every state to which steps can lead, the shortest path to the goal, and what stands in the way of others.

use std::boxed::Box;
use std::vec::Vec;

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, Utc};

use super::{Deed, Obstacle};
use crate::decision::Decision;
use crate::facts::Facts;
use crate::guidance::{Calendar, Period};
use crate::records::date::in_years;
use crate::vocabulary::{
    Action, AutoRenew, Fact, FactSet, Partner, Relationship, Set, Status, Transfer, Value, ValueSet, Verdict,
};

/// All states that can be reached from an instant on.
pub(super) struct Search<'r> {
    at: DateTime<Utc>,
    /// The last day of the term, inclusive, where it is known.
    last_day: Option<NaiveDate>,
    /// The periods that end after the instant.
    pub(super) periods: Vec<Period<'r>>,
    /// Each state once, in the order in which they are reached.
    reached: Vec<Reached>,
}

/// A state that can be reached.
pub(super) struct Reached {
    /// The facts that steps have changed. They make the state: all paths to it have the same steps, in one order or another.
    pub(super) changes: ValueSet,
    /// The steps, each with the period in which it is taken.
    pub(super) path: Vec<(Deed, usize)>,
}

impl Reached {
    /// The first period in which it is.
    pub(super) fn since(&self) -> usize {
        self.path.last().map_or(0, |&(_, period)| period)
    }
}

/// Values of facts, with that of one fact changed.
pub(super) fn with(values: ValueSet, value: Value) -> ValueSet {
    values.difference(value.fact().values()).union(ValueSet::only(value))
}

/// What can be done on the way.
fn deeds() -> [Deed; 6] {
    [
        Deed::Act(Action::RequestRelationship),
        Deed::Bring(Relationship::Active.into()),
        Deed::Bring(AutoRenew::Off.into()),
        Deed::Bring(Partner::IndirectProvider.into()),
        Deed::Bring(Status::Active.into()),
        Deed::Bring(Transfer::None.into()),
    ]
}

/// Whether whoever takes this way buys the successor, and needs a relationship for it.
pub(super) fn buys(action: Action) -> bool {
    matches!(action, Action::WaitUntilTermEnd | Action::CancelThenMove)
}

pub(super) fn is_related(decision: &Decision<'_>) -> bool {
    decision.facts().known() == Some(Relationship::Active)
}

/// Whether nothing excludes or forbids an action, and something permits it, whatever is required first.
pub(super) fn is_open(action: Action, decision: &Decision<'_>) -> bool {
    decision.possible(action).is_subset(Set::from([Verdict::Allowed, Verdict::Conditional]))
}

/// Whether an action reaches its goal in a state.
fn reaches(action: Action, decision: &Decision<'_>) -> bool {
    let allowed = decision.verdict(action) == Verdict::Allowed;
    match action {
        Action::RequestRelationship => is_related(decision),
        _ if buys(action) => is_related(decision) && allowed,
        _ => allowed,
    }
}

impl<'r> Search<'r> {
    /// What can be reached in the periods of a calendar that end after an instant.
    pub(super) fn of(calendar: &Calendar<'r>, at: DateTime<Utc>, last_day: Option<NaiveDate>) -> Self {
        let to_come = |period: &&Period<'_>| period.until().is_none_or(|until| at < until);
        let periods = calendar.periods().iter().filter(to_come).copied().collect();
        let start = Reached { changes: ValueSet::EMPTY, path: Vec::new() };
        let mut search = Self { at, last_day, periods, reached: [start].into() };
        for period in 0..search.periods.len() {
            // What is reached is appended, and has its turn in the same period.
            let mut turn = 0;
            while let Some(changes) = search.reached.get(turn).map(|from| from.changes) {
                let facts = search.facts(period, changes);
                for deed in deeds() {
                    if let Some(value) = deed.changes().filter(|_| search.can(deed, period, facts)) {
                        search.reach(turn, (deed, period), with(changes, value));
                    }
                }
                turn += 1;
            }
        }
        search
    }

    /// Notes a state that a step leads to, unless it has been reached already.
    fn reach(&mut self, from: usize, step: (Deed, usize), changes: ValueSet) {
        if self.reached.iter().all(|other| other.changes != changes) {
            let before = self.reached.get(from).into_iter().flat_map(|from| &from.path);
            let path = before.copied().chain([step]).collect();
            self.reached.push(Reached { changes, path });
        }
    }

    /// From when on something can be done in a period.
    pub(super) fn from(&self, period: usize) -> DateTime<Utc> {
        self.periods.get(period).map_or(self.at, |period| period.from().max(self.at))
    }

    /// The first instant from a period on at which something no longer holds.
    pub(super) fn ends(&self, period: usize, holds: impl Fn(usize) -> bool) -> Option<DateTime<Utc>> {
        let last = (period..self.periods.len()).take_while(|&period| holds(period)).last()?;
        self.periods.get(last)?.until()
    }

    /// What is known in a period, with some facts changed.
    #[expect(clippy::indexing_slicing, reason = "periods are named by their places")]
    pub(super) fn facts(&self, period: usize, changes: ValueSet) -> Facts {
        let facts = self.periods[period].decision().facts();
        // Steps change neither service nor term, so nothing here is contradictory.
        Facts::tightened(changes.iter().fold(facts.values(), with)).unwrap_or(facts)
    }

    /// The decision by the edition of a period.
    #[expect(clippy::indexing_slicing, reason = "periods are named by their places")]
    pub(super) fn decide(&self, period: usize, facts: Facts) -> Decision<'r> {
        self.periods[period].decision().edition().decide(facts)
    }

    /// The decision in a period, with some facts changed.
    pub(super) fn decision(&self, period: usize, changes: ValueSet) -> Decision<'r> {
        self.decide(period, self.facts(period, changes))
    }

    /// Whether a step on the way can be taken in a period, as far as is known then.
    pub(super) fn can(&self, deed: Deed, period: usize, facts: Facts) -> bool {
        let is = |value: Value| facts.possible(value.fact()).single() == Some(value);
        match deed {
            Deed::Act(action) => {
                is(Relationship::None.into()) && self.decide(period, facts).verdict(action) == Verdict::Allowed
            }
            Deed::Bring(value) if value == Relationship::Active.into() => is(Relationship::Requested.into()),
            // Whether it renews or not: what is unknown can be made certain.
            Deed::Bring(value) if value == AutoRenew::Off.into() => facts.values().contains(AutoRenew::On.into()),
            Deed::Bring(value) if value == Partner::IndirectProvider.into() => is(Partner::IndirectReseller.into()),
            Deed::Bring(value) if value == Status::Active.into() => is(Status::Suspended.into()),
            Deed::Bring(value) if value == Transfer::None.into() => is(Transfer::Pending.into()),
            Deed::Bring(_) | Deed::Buy | Deed::Wait => false,
        }
    }

    /// The states that are reached by the end of a period.
    fn states(&self, period: usize) -> impl Iterator<Item = &Reached> {
        self.reached.iter().filter(move |reached| reached.since() <= period)
    }

    /// The first period in which some state allows an action to reach its goal, and of these states the one with the fewest steps.
    pub(super) fn shortest(&self, action: Action) -> Option<(usize, &Reached)> {
        (0..self.periods.len()).find_map(|period| {
            let reached = |state: &&Reached| reaches(action, &self.decision(period, state.changes));
            Some((period, self.states(period).filter(reached).min_by_key(|state| state.path.len())?))
        })
    }

    /// 00:00 UTC after the last day of the term and some days more, where that is known and can be written.
    pub(super) fn midnight_after(&self, days: u64) -> Option<DateTime<Utc>> {
        let day = self.last_day?.checked_add_days(Days::new(days + 1))?;
        in_years(day.year()).then_some(day.and_time(NaiveTime::MIN).and_utc())
    }

    /// What stands in the way of an action that reaches its goal in no state.
    pub(super) fn obstacles(&self, action: Action) -> Vec<Obstacle<'r>> {
        let mut obstacles: Vec<Obstacle<'r>> = Vec::new();
        for next in (0..self.periods.len()).filter_map(|period| self.obstacle(action, period)) {
            match obstacles.last_mut() {
                Some(last) if last.is_like(&next) => last.goes_on(next.until),
                _ => obstacles.push(next),
            }
        }
        obstacles
    }

    /// The state in which the least stands in the way of an action: with a relationship where it needs one, then with the fewest rules, then with the
    /// best verdict.
    fn best(&self, action: Action, period: usize) -> Option<Decision<'r>> {
        self.states(period).map(|state| self.decision(period, state.changes)).min_by_key(|decision| {
            let verdict = decision.verdict(action);
            let is_closed = matches!(verdict, Verdict::Denied | Verdict::NotCovered);
            let rules = if is_closed { decision.rules(action).len() } else { 0 };
            (buys(action) && !is_related(decision), is_closed, rules, verdict)
        })
    }

    fn obstacle(&self, action: Action, period: usize) -> Option<Obstacle<'r>> {
        let best = self.best(action, period)?;
        let facts = best.facts();
        let verdict = best.verdict(action);
        let rules = match verdict {
            Verdict::Denied | Verdict::NotCovered => best.rules(action),
            _ => best.requiring(action),
        };
        let request = Action::RequestRelationship;
        let needs_relationship = action == request || is_open(action, &best);
        let lacks_relationship =
            action != request && needs_relationship && !facts.values().contains(Relationship::Active.into());
        // Where a relationship is needed and unknown, there may be one already.
        let unknown =
            if needs_relationship { facts.unknown().intersection(Fact::Relationship.into()) } else { FactSet::EMPTY };
        Some(Obstacle {
            action,
            from: self.from(period),
            until: self.periods.get(period).and_then(Period::until),
            verdict,
            rules: rules.collect(),
            turns_on: best.depends_on(action).union(unknown),
            relationship: if lacks_relationship { self.obstacle(request, period).map(Box::new) } else { None },
        })
    }
}

impl Obstacle<'_> {
    /// Whether the same stands in the way, whenever that is.
    fn is_like(&self, other: &Self) -> bool {
        let of_action = (self.verdict, &self.rules, self.turns_on) == (other.verdict, &other.rules, other.turns_on);
        of_action
            && match (self.relationship(), other.relationship()) {
                (Some(one), Some(other)) => one.is_like(other),
                (one, other) => one.is_none() && other.is_none(),
            }
    }

    /// Lasts longer.
    fn goes_on(&mut self, until: Option<DateTime<Utc>>) {
        self.until = until;
        if let Some(relationship) = &mut self.relationship {
            relationship.goes_on(until);
        }
    }
}
