//! The steps of a plan, laid out in time: from when, by when and before when, after which others, and why.

use chrono::{DateTime, Datelike, Days, NaiveDate, Utc};
use csp_multichannel::{
    Action, Decision, Effect, ExplainedRule, Facts, Partner, Rule, Service, Subscription, Term,
};

use crate::actor::Actor;
use crate::calendar::{Cause, midnight};
use crate::plan::{Plan, Prerequisite, Step};
use crate::procedure::{Method, Procedure, Takes, procedures};
use crate::search::{INDIRECT_PROVIDER, Reached, Search, is_gone, requiring};
use crate::step::StepKind;

/// The steps of a plan, laid out in time.
pub(crate) struct Schedule<'s, 'r> {
    search: &'s Search<'r>,
    action: Option<Action>,
    /// The period in which the goal is reached.
    end: usize,
    drafts: Vec<Draft>,
    /// The subscription when the goal is reached.
    last: Subscription,
    /// The last day of the term, where it is known and something is left.
    ends_on: Option<NaiveDate>,
}

/// A step with the period in which it is taken.
#[derive(Clone, Copy)]
struct Draft {
    kind: StepKind,
    period: usize,
}

impl<'s, 'r> Schedule<'s, 'r> {
    /// Lays out the steps to a state in which an action reaches the goal in a period.
    pub(crate) fn new(
        search: &'s Search<'r>,
        action: Option<Action>,
        (end, reached): (usize, &Reached),
    ) -> Self {
        let last = reached.subscription;
        let start = search.from(end);
        let gone = is_gone(last.facts_at(start), start);
        let acts: &[StepKind] = match action {
            None => &[StepKind::Buy],
            Some(Action::RequestRelationship) => &[],
            Some(Action::RecreateAndCancel) => &[StepKind::Recreate, StepKind::Cancel],
            Some(Action::Switch) => &[StepKind::Switch],
            Some(Action::WaitUntilTermEnd) if gone => &[StepKind::Buy],
            Some(Action::WaitUntilTermEnd) => &[StepKind::Buy, StepKind::LetTermEnd],
            Some(Action::CancelThenMove) => &[StepKind::Buy, StepKind::Cancel],
        };
        let mut drafts: Vec<Draft> = Vec::new();
        let acts = acts.iter().map(|&kind| (kind, end));
        for (kind, period) in reached.path.iter().copied().chain(acts) {
            let now = drafts.last().map_or(0, |last| last.period);
            if now < period {
                drafts.push(Draft { kind: StepKind::Wait, period: now });
            }
            drafts.push(Draft { kind, period });
        }
        let ends_on = last.term().map(Term::ends_on).filter(|_| !gone);
        Self { search, action, end, drafts, last, ends_on }
    }

    pub(crate) fn plan(&self) -> Plan {
        let steps = self.steps();
        let done = |step: &Step| Some(step.earliest? + step.takes.unwrap_or_default().least());
        let earliest = steps
            .iter()
            .map(done)
            .try_fold(self.search.from(0), |latest, done| Some(latest.max(done?)));
        let expected = steps.iter().map(|step| step.expected_by);
        // A term ends when it ends, whoever else has to act before.
        let expected_by = match steps.last() {
            Some(last) if last.kind == StepKind::LetTermEnd => last.expected_by,
            _ => expected
                .into_iter()
                .try_fold(self.search.from(0), |latest, by| Some(latest.max(by?))),
        };
        Plan {
            action: self.action,
            earliest,
            expected_by,
            prerequisites: self.prerequisites(),
            steps,
        }
    }

    /// What is required where the goal is reached, and no step brings about.
    fn prerequisites(&self) -> Vec<Prerequisite> {
        let Some(action) = self.action else { return Vec::new() };
        let decision = self.search.decide(self.end, self.last);
        let mut prerequisites: Vec<Prerequisite> = Vec::new();
        for rule in requiring(&decision, action) {
            let Some(requirement) = rule.requirement() else { continue };
            let is_new = prerequisites.iter().all(|other| other.requirement != requirement);
            if is_new && requirement != INDIRECT_PROVIDER && action != Action::RequestRelationship {
                prerequisites
                    .push(Prerequisite { requirement: requirement.into(), rule: rule.into() });
            }
        }
        prerequisites
    }

    /// The subscription before a step, if an earlier one were not taken.
    fn before(&self, at: usize, without: Option<usize>) -> Subscription {
        let start = self.search.start();
        let earlier = self.drafts.iter().enumerate().take(at);
        earlier
            .filter(|&(place, _)| Some(place) != without)
            .fold(start, |subscription, (_, draft)| {
                self.search.apply(draft.kind, draft.period, subscription)
            })
    }

    /// Whether a step can be taken in a period.
    fn can(&self, kind: StepKind, period: usize, subscription: Subscription) -> bool {
        match kind {
            StepKind::Wait => true,
            StepKind::Switch | StepKind::Recreate | StepKind::LetTermEnd | StepKind::Cancel => {
                self.search.is_open(self.action, period, subscription)
            }
            _ => self.search.can(kind, period, subscription),
        }
    }

    /// Whether a step has to come after an earlier one.
    fn needs(&self, at: usize, earlier: usize) -> bool {
        let (Some(step), Some(before)) = (self.drafts.get(at), self.drafts.get(earlier)) else {
            return false;
        };
        match (before.kind, step.kind) {
            (StepKind::Wait, kind) => !self.can(kind, before.period, self.before(at, None)),
            // The new subscription comes first, so that nobody loses service (TS, MC).
            (StepKind::Buy | StepKind::Recreate, StepKind::Cancel) => true,
            (_, kind) => !self.can(kind, step.period, self.before(at, Some(earlier))),
        }
    }

    fn steps(&self) -> Vec<Step> {
        let after = |at| (0..at).filter(|&earlier| self.needs(at, earlier)).collect();
        let after: Vec<Vec<usize>> = (0..self.drafts.len()).map(after).collect();
        let mut steps: Vec<Step> = Vec::new();
        for (at, (draft, after)) in self.drafts.iter().zip(&after).enumerate() {
            let expected_after = after.iter().filter_map(|&before| steps.get(before));
            let begins_by = expected_after.map(|before| before.expected_by);
            let step = self.step(at, *draft, after.clone(), begins_by.collect());
            steps.push(step);
        }
        // Too late for a step is too late for those that it needs.
        let mut too_late = vec![None; steps.len()];
        for (at, draft) in self.drafts.iter().enumerate().rev() {
            let own = self.own_deadline(at, *draft);
            let later = after.iter().zip(&too_late).filter(|(after, _)| after.contains(&at));
            let deadline = later.filter_map(|(_, deadline)| *deadline).chain(own).min();
            if let Some(place) = too_late.get_mut(at) {
                *place = deadline;
            }
        }
        for (step, deadline) in steps.iter_mut().zip(too_late) {
            let has_none = matches!(step.kind, StepKind::Wait | StepKind::LetTermEnd);
            step.deadline = deadline.filter(|_| !has_none);
        }
        steps
    }

    /// The first instant at which it is too late for a step, whatever comes after it.
    fn own_deadline(&self, at: usize, draft: Draft) -> Option<DateTime<Utc>> {
        let subscription = self.before(at, None);
        let stops = || {
            let later = draft.period + 1..self.search.periods.len();
            let closed = |&period: &usize| !self.can(draft.kind, period, subscription);
            later.into_iter().find(closed).map(|period| self.search.from(period))
        };
        match draft.kind {
            StepKind::Wait => None,
            StepKind::LetTermEnd => self.term_end(),
            StepKind::Buy if self.action == Some(Action::WaitUntilTermEnd) => {
                self.access_ends().into_iter().chain(stops()).min()
            }
            _ => stops(),
        }
    }

    /// 00:00 UTC after the last day of the term, where it is known and can be written.
    fn term_end(&self) -> Option<DateTime<Utc>> {
        days_after(self.ends_on?, 1)
    }

    /// When users lose access: with the term or, in new commerce until 2026-05-04, 30 days later (TS).
    fn access_ends(&self) -> Option<DateTime<Utc>> {
        let term = self.last.term()?;
        let facts = self.last.facts_at(self.search.from(self.end));
        let has_grace = facts.known() == Some(Service::NewCommerceLicense)
            && midnight(term.ends_on()) < midnight(GRACE_ENDS);
        let end = days_after(term.ends_on(), if has_grace { 31 } else { 1 })?;
        Some(end).filter(|&end| end > self.search.from(self.end))
    }

    fn step(
        &self,
        at: usize,
        draft: Draft,
        after: Vec<usize>,
        begins_by: Vec<Option<DateTime<Utc>>>,
    ) -> Step {
        let Draft { kind, period } = draft;
        let decision = self.search.decide(period, self.before(at, None));
        let facts = decision.facts();
        let from = self.search.from(period);
        let earliest = match kind {
            StepKind::LetTermEnd => self.term_end(),
            // Shortly before the last day (TS), if it can be bought then: earlier, both have to be paid.
            StepKind::Buy if self.action == Some(Action::WaitUntilTermEnd) => {
                let last_day = self.ends_on.map(midnight).filter(|&last_day| {
                    let deadline = self.own_deadline(at, draft);
                    from < last_day && deadline.is_none_or(|deadline| last_day < deadline)
                });
                Some(last_day.unwrap_or(from))
            }
            _ => Some(from),
        };
        let procedures = self.procedures(kind, facts, from);
        let actor = self.actor(at, kind, &decision, procedures.first());
        let takes = takes(kind, facts, from, procedures.first());
        let begins_by = begins_by.into_iter().fold(earliest, |latest, by| Some(latest?.max(by?)));
        let acts_alone = matches!(actor, Actor::NewPartner | Actor::IndirectProvider);
        let expected_by = match (kind, takes) {
            (StepKind::Wait, _) => {
                self.drafts.get(at + 1).map(|next| self.search.from(next.period))
            }
            (StepKind::LetTermEnd, _) => earliest,
            (_, Some(takes)) => begins_by.map(|begins| begins + takes.most()),
            (StepKind::Switch, None) => None,
            (_, None) => begins_by.filter(|_| acts_alone),
        };
        let (rules, advice) = self.reasons(at, kind, &decision);
        let procedures = by_provider(procedures, actor);
        Step {
            kind,
            actor,
            earliest,
            expected_by,
            deadline: None,
            takes,
            after,
            rules,
            advice,
            procedures,
            facts,
        }
    }

    /// Who takes a step, or begins it.
    fn actor(
        &self,
        at: usize,
        kind: StepKind,
        decision: &Decision<'_>,
        procedure: Option<&Procedure>,
    ) -> Actor {
        let facts = decision.facts();
        let through_provider = |action: Action| {
            let mut requirements = requiring(decision, action).filter_map(Rule::requirement);
            requirements.any(|requirement| requirement == INDIRECT_PROVIDER)
        };
        let partner = |by_provider| {
            if by_provider { Actor::IndirectProvider } else { Actor::NewPartner }
        };
        match kind {
            StepKind::RequestRelationship => partner(through_provider(Action::RequestRelationship)),
            StepKind::AcceptRelationship | StepKind::LetTermEnd => Actor::Customer,
            StepKind::SetToEnd
            | StepKind::Reactivate
            | StepKind::EndTransfer
            | StepKind::Cancel => Actor::holder(facts),
            StepKind::Recreate => partner(through_provider(Action::RecreateAndCancel)),
            // An indirect reseller orders through its provider (IR).
            StepKind::Buy => partner(facts.known() == Some(Partner::IndirectReseller)),
            StepKind::Switch => match procedure.and_then(|procedure| procedure.method) {
                Some(Method::TransferForm) => Actor::holder(facts),
                _ => partner(through_provider(Action::Switch)),
            },
            StepKind::Wait => {
                let next = self.drafts.get(at + 1);
                let next = next.and_then(|next| self.search.periods.get(next.period));
                let is_term = next.is_some_and(|next| next.causes.contains(Cause::Term));
                if is_term { Actor::Time } else { Actor::Microsoft }
            }
        }
    }

    /// The rules behind a step, and the advice before it.
    fn reasons(
        &self,
        at: usize,
        kind: StepKind,
        decision: &Decision<'r>,
    ) -> (Vec<ExplainedRule>, Vec<ExplainedRule>) {
        let explain = |rules: Vec<&Rule>| rules.into_iter().map(ExplainedRule::from).collect();
        let at_end = self.search.decide(self.end, self.last);
        let action = self.action.unwrap_or(Action::WaitUntilTermEnd);
        match kind {
            StepKind::Switch | StepKind::Recreate => (
                explain(decision.reasons(action).collect()),
                explain(decision.advice(action).collect()),
            ),
            StepKind::LetTermEnd | StepKind::Cancel => {
                (explain(decision.reasons(action).collect()), Vec::new())
            }
            StepKind::Buy => {
                let (purchase, buying) = Search::purchase(&at_end);
                let is_last = at + 1 == self.drafts.len();
                let rules = if is_last { purchase.reasons(buying).collect() } else { Vec::new() };
                let advice = match self.action {
                    Some(action) => at_end.advice(action),
                    None => purchase.advice(buying),
                };
                (explain(rules), explain(advice.collect()))
            }
            _ => {
                let (mut rules, mut advice): (Vec<&Rule>, Vec<&Rule>) = Default::default();
                for (later, draft) in self.drafts.iter().enumerate().skip(at + 1) {
                    if !self.needs(later, at) {
                        continue;
                    }
                    let action = match draft.kind {
                        StepKind::RequestRelationship => Action::RequestRelationship,
                        _ => action,
                    };
                    let (before, after) = self.around(at, later, *draft);
                    for rule in satisfied(action, &before, &after) {
                        let list =
                            if rule.effect() == Effect::Advise { &mut advice } else { &mut rules };
                        if !list.contains(&rule) {
                            list.push(rule);
                        }
                    }
                }
                if kind == StepKind::RequestRelationship {
                    rules.extend(decision.reasons(Action::RequestRelationship));
                    advice.extend(decision.advice(Action::RequestRelationship));
                }
                (explain(rules), explain(advice))
            }
        }
    }

    /// The decisions before a later step: without a step, and with it.
    fn around(&self, at: usize, later: usize, draft: Draft) -> (Decision<'r>, Decision<'r>) {
        let after = self.search.decide(draft.period, self.before(later, None));
        let without = match self.drafts.get(at) {
            Some(wait) if wait.kind == StepKind::Wait => {
                self.search.decide(wait.period, self.before(later, None))
            }
            _ => self.search.decide(draft.period, self.before(later, Some(at))),
        };
        (without, after)
    }

    /// How a step is carried out.
    fn procedures(&self, kind: StepKind, facts: Facts, at: DateTime<Utc>) -> Vec<Procedure> {
        let request = Some(Action::RequestRelationship);
        let action = self.action.filter(|&action| Some(action) != request);
        let all = [action, request].into_iter().flatten();
        let mut found: Vec<_> = all.flat_map(|action| procedures(action, facts, at)).collect();
        for procedure in &mut found {
            procedure.steps.retain(|step| step.kind == kind);
        }
        found.retain(|procedure| !procedure.steps.is_empty());
        found
    }
}

/// New-commerce terms that end before this day have 30 days in which users keep access (TS).
const GRACE_ENDS: NaiveDate = match NaiveDate::from_ymd_opt(2026, 5, 4) {
    Some(day) => day,
    None => NaiveDate::MAX,
};

/// 00:00 UTC some days after a day, where it can be written.
fn days_after(day: NaiveDate, days: u64) -> Option<DateTime<Utc>> {
    let day = day.checked_add_days(Days::new(days))?;
    (day.year() <= 9999).then_some(midnight(day))
}

/// How long a step takes by the documents: the parts of its procedure one after the other.
fn takes(
    kind: StepKind,
    facts: Facts,
    at: DateTime<Utc>,
    procedure: Option<&Procedure>,
) -> Option<Takes> {
    let steps = |procedure: &Procedure| procedure.steps.clone();
    if kind == StepKind::EndTransfer {
        // A request without an answer expires.
        let change = kind.change()?;
        let request = procedures(Action::Switch, facts.with(change), at).into_iter();
        let mut request =
            request.filter(|described| described.method == Some(Method::TransferRequest));
        let answer =
            steps(&request.next()?).into_iter().find(|step| step.actors == [Actor::CurrentPartner]);
        return answer?.takes;
    }
    steps(procedure?).iter().filter_map(|step| step.takes).reduce(Takes::then)
}

/// Procedures in which the provider does what the new partner would.
fn by_provider(mut procedures: Vec<Procedure>, actor: Actor) -> Vec<Procedure> {
    if actor == Actor::IndirectProvider {
        let steps = procedures.iter_mut().flat_map(|procedure| &mut procedure.steps);
        for actor in steps.flat_map(|step| &mut step.actors) {
            if *actor == Actor::NewPartner {
                *actor = Actor::IndirectProvider;
            }
        }
    }
    procedures
}

/// The rules on an action that are satisfied between two decisions: those that can fire before and not after,
/// and the permits that fire only after.
fn satisfied<'r>(
    action: Action,
    before: &Decision<'r>,
    after: &Decision<'r>,
) -> impl Iterator<Item = &'r Rule> + use<'r> {
    let (before, after) = (*before, *after);
    let fires = move |rule: &Rule, decision: &Decision<'_>| {
        let day = decision.edition().since();
        rule.validity().covers(day) && rule.condition().overlaps(decision.facts())
    };
    let same_edition = before.edition() == after.edition();
    let matters = move |rule: &&Rule| {
        rule.actions().contains(action)
            && match rule.effect() {
                // What to know changes with the policy as well, and nobody waits for that.
                Effect::Advise => same_edition && fires(rule, &before) && !fires(rule, &after),
                Effect::Permit => fires(rule, &after) && !fires(rule, &before),
                _ => fires(rule, &before) && !fires(rule, &after),
            }
    };
    before.edition().rulebook().rules().iter().filter(matters)
}
