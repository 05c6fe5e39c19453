//! The steps of a way, laid out in time: from when to when each can be taken, after which others, and why.

use core::iter;
use std::vec::Vec;

use chrono::{DateTime, Utc};

use super::search::{Reached, Search, buys, is_open, is_related, with};
use super::{Deed, Plan, Step};
use crate::decision::Decision;
use crate::facts::Facts;
use crate::guidance::actor::holder;
use crate::guidance::{Actor, ProcedureStep, procedure};
use crate::rules::Rule;
use crate::vocabulary::{Action, Effect, Fact, Partner, Relationship, Service, ValueSet, Verdict};

/// The steps of a plan, laid out in time.
pub(super) struct Layout<'s, 'r> {
    search: &'s Search<'r>,
    action: Action,
    /// The period in which the goal is reached.
    period: usize,
    drafts: Vec<Draft>,
}

/// A step as it is laid out.
#[derive(Clone, Copy)]
struct Draft {
    deed: Deed,
    period: usize,
    /// The facts that the steps before it have changed.
    changes: ValueSet,
}

impl Draft {
    /// The same step if an earlier one were not taken.
    fn without(self, earlier: &Self) -> Self {
        match earlier.deed.changes() {
            None if earlier.deed == Deed::Wait => Self { period: earlier.period, ..self },
            // Unless a step between the two changes it again.
            Some(value) if self.changes.contains(value) => {
                let of_fact = value.fact().values();
                let before = earlier.changes.intersection(of_fact);
                Self { changes: self.changes.difference(of_fact).union(before), ..self }
            }
            _ => self,
        }
    }
}

impl<'s, 'r> Layout<'s, 'r> {
    /// A way that an action ends in a period, in a state that is reached by then.
    pub(super) fn of(search: &'s Search<'r>, action: Action, period: usize, reached: &Reached) -> Self {
        let mut layout = Self { search, action, period, drafts: Vec::new() };
        let buys = buys(action).then(|| {
            // As soon as there is the relationship, whatever the action has to wait for.
            let periods = (reached.since()..=period).rev();
            let can = |&period: &usize| layout.can(Deed::Buy, period, reached.changes);
            (Deed::Buy, periods.take_while(can).last().unwrap_or(period))
        });
        let acts = action.is_move().then_some((Deed::Act(action), period));
        let mut now = Draft { deed: Deed::Wait, period: 0, changes: ValueSet::EMPTY };
        for (deed, period) in reached.path.iter().copied().chain(buys).chain(acts) {
            let waits = (now.period < period).then_some(now);
            now.period = period;
            layout.drafts.extend(waits.into_iter().chain([Draft { deed, ..now }]));
            now.changes = deed.changes().map_or(now.changes, |value| with(now.changes, value));
        }
        layout
    }

    /// Whether a deed can be done in a period, in a state.
    fn can(&self, deed: Deed, period: usize, changes: ValueSet) -> bool {
        match deed {
            Deed::Act(action) => self.search.decision(period, changes).verdict(action) == Verdict::Allowed,
            // What is bought belongs to the move, and can be bought before and after the old term is let go. So buying is open as long as
            // the move would be if the term stood still: until an exclusion begins (`germany-withdrawn`), or what forbids to buy here
            // (`license-move-other-market`).
            Deed::Buy => {
                let others = self.search.facts(period, changes).values().difference(Fact::Term.values());
                let term = self.search.facts(self.period, changes).possible(Fact::Term);
                let decision = |facts| self.search.decide(period, facts);
                let is_open = |decision: Decision<'_>| is_related(&decision) && is_open(self.action, &decision);
                Facts::tightened(others.union(term)).map(decision).is_some_and(is_open)
            }
            Deed::Bring(_) => self.search.can(deed, period, self.search.facts(period, changes)),
            Deed::Wait => true,
        }
    }

    /// The first instant at which a step can no longer be taken, whatever comes after it.
    fn own_end(&self, at: usize, draft: &Draft) -> Option<DateTime<Utc>> {
        let allowed = || self.search.ends(draft.period, |period| self.can(draft.deed, period, draft.changes));
        match draft.deed {
            Deed::Wait => self.drafts.get(at + 1).map(|next| self.search.from(next.period)),
            // Within 30 days after the last day of the term: `transition-seat-based-services.md`.
            Deed::Buy if self.action == Action::WaitUntilTermEnd => {
                [allowed(), self.search.midnight_after(30)].into_iter().flatten().min()
            }
            _ => allowed(),
        }
    }

    /// The plan that comes of it.
    pub(super) fn plan(&self) -> Plan<'r> {
        let done = match self.action {
            Action::WaitUntilTermEnd => self.search.midnight_after(0),
            _ => Some(self.search.from(self.period)),
        };
        Plan { action: self.action, steps: self.steps(), done }
    }

    fn steps(&self) -> Vec<Step<'r>> {
        let mut steps: Vec<Step<'r>> = Vec::new();
        // From the last one on, so that each knows what comes after it.
        for (at, draft) in self.drafts.iter().enumerate().rev() {
            let later = || steps.iter().zip(self.drafts.iter().rev()).filter(|(step, _)| step.after.contains(&at));
            let own = self.own_end(at, draft);
            let latest = later().map(|(step, _)| step.latest).chain([own]).flatten().min();
            let opened: Vec<&Draft> = later().map(|(_, later)| later).collect();
            let step = self.step(at, draft, latest, &opened);
            steps.push(step);
        }
        steps.reverse();
        steps
    }

    /// A step, with the steps that come after it because of it.
    fn step(&self, at: usize, draft: &Draft, latest: Option<DateTime<Utc>>, opened: &[&Draft]) -> Step<'r> {
        let decision = self.search.decision(draft.period, draft.changes);
        let earliest = self.search.from(draft.period);
        let (rules, advice) = match draft.deed {
            Deed::Act(action) => (decision.rules(action).collect(), decision.advice(action).collect()),
            Deed::Buy => (Vec::new(), self.search.decision(self.period, draft.changes).advice(self.action).collect()),
            Deed::Bring(_) | Deed::Wait => (self.met(draft, opened), Vec::new()),
        };
        let is_needed = |(_, earlier): &(usize, &Draft)| {
            let without = draft.without(earlier);
            !self.can(without.deed, without.period, without.changes)
        };
        let after = self.drafts.iter().take(at).enumerate().filter(is_needed).map(|(earlier, _)| earlier).collect();
        Step {
            deed: draft.deed,
            actor: self.actor(at, draft.deed, decision.facts()),
            earliest,
            latest,
            after,
            rules,
            advice,
            procedure: self.procedure(draft.deed, decision.facts(), earliest),
            state: decision.facts(),
        }
    }

    /// Who begins a step.
    fn actor(&self, at: usize, deed: Deed, facts: Facts) -> Actor {
        match deed {
            Deed::Act(Action::WaitUntilTermEnd) => Actor::Customer,
            Deed::Bring(value) if value == Relationship::Active.into() => Actor::Customer,
            Deed::Bring(value) if value == Partner::IndirectProvider.into() => Actor::IndirectProvider,
            Deed::Buy if facts.known() == Some(Partner::IndirectReseller) => Actor::IndirectProvider,
            // Azure outside the Azure plan is handed over by its partner; for all else the new one makes a transfer request.
            Deed::Act(Action::Switch) if facts.known() == Some(Service::Azure) => holder(facts),
            Deed::Act(Action::CancelThenMove) | Deed::Bring(_) => holder(facts),
            Deed::Act(_) | Deed::Buy => Actor::NewPartner,
            Deed::Wait => self.waits_for(at),
        }
    }

    /// Who brings about what is waited for: the phase of the term comes with time, an edition from Microsoft.
    fn waits_for(&self, at: usize) -> Actor {
        let next = self.drafts.get(at + 1).and_then(|next| self.search.periods.get(next.period));
        let by_term = next.is_some_and(|next| next.begins_with_phases().is_some());
        if by_term { Actor::Time } else { Actor::Microsoft }
    }

    /// The rules that a step meets, on the actions that it opens.
    fn met(&self, draft: &Draft, opened: &[&Draft]) -> Vec<&'r Rule> {
        let mut rules: Vec<&'r Rule> = Vec::new();
        for later in opened {
            let action = match later.deed {
                Deed::Act(action) => action,
                Deed::Bring(_) | Deed::Buy | Deed::Wait => self.action,
            };
            let without = later.without(draft);
            let before = self.search.decision(without.period, without.changes);
            let after = self.search.decision(later.period, later.changes);
            for rule in met(action, &before, &after) {
                if !rules.contains(&rule) {
                    rules.push(rule);
                }
            }
        }
        rules
    }

    /// How a deed is carried out.
    fn procedure(&self, deed: Deed, facts: Facts, at: DateTime<Utc>) -> Vec<ProcedureStep> {
        // A move goes on from the request.
        let request = (self.action != Action::RequestRelationship).then_some(Action::RequestRelationship);
        let steps = iter::once(self.action).chain(request).flat_map(|action| procedure(action, facts, at));
        steps.filter(|step| step.deed() == deed).collect()
    }
}

/// The rules on an action that are met between two states: those that may stand in its way before and cannot after, and those that
/// permit it only after.
fn met<'r>(action: Action, before: &Decision<'r>, after: &Decision<'r>) -> impl Iterator<Item = &'r Rule> {
    let (before, after) = (*before, *after);
    let may_fire = |rule: &Rule, decision: &Decision<'_>| {
        rule.validity().covers(decision.edition().since()) && rule.condition().may_be_met(decision.facts())
    };
    let stands = move |rule: &Rule| match rule.effect() {
        Effect::Exclude | Effect::Forbid | Effect::Require => true,
        // What to know changes with the policy as well, and nobody waits for that.
        Effect::Advise => before.edition() == after.edition(),
        Effect::Permit => false,
    };
    let bars = before.edition().rules().filter(move |rule| {
        rule.actions().contains(action) && stands(rule) && may_fire(rule, &before) && !may_fire(rule, &after)
    });
    let permits = after.firing(action, Effect::Permit);
    let permits =
        permits.filter(move |rule| before.firing(action, Effect::Permit).all(|other| other.id() != rule.id()));
    bars.chain(permits)
}
