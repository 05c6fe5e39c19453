//! The schedule of a plan: the earliest instant, deadline, order and reasons of each step.

use chrono::{DateTime, Datelike, Days, NaiveDate, TimeDelta, Utc};
use csp_multichannel::{
    Action, Decision, Effect, ExplainedRule, Facts, Partner, Rule, Service, Subscription, Term,
};

use crate::actor::Actor;
use crate::calendar::{ExpiryCause, midnight};
use crate::plan::{Plan, Prerequisite, Step};
use crate::procedure::{Method, Procedure, TimeNeeded, procedures};
use crate::search::{
    Draft, EXTENSIONS_BEGIN, INDIRECT_PROVIDER, Reached, Search, is_gone, requiring,
};
use crate::step::StepKind;

/// The schedule of a plan.
pub(crate) struct Schedule<'s, 'r> {
    search: &'s Search<'r>,
    action: Option<Action>,
    /// The period in which the goal is reached.
    end: usize,
    drafts: Vec<Draft>,
    /// The subscription when the goal is reached.
    last: Subscription,
    /// Whether nothing is left to move.
    gone: bool,
    /// The last day of the term that is to end, where it is known.
    ends_on: Option<NaiveDate>,
}

impl<'s, 'r> Schedule<'s, 'r> {
    /// Creates the schedule of the steps to a state in which an action reaches the goal in a
    /// period.
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
        let acts = acts.iter().map(|&kind| Draft { kind, period: end });
        let mut drafts: Vec<Draft> = Vec::new();
        for draft in reached.path.iter().copied().chain(acts) {
            let now = drafts.last().map_or(0, |last| last.period);
            if now < draft.period {
                drafts.push(Draft { kind: StepKind::Wait, period: now });
            }
            drafts.push(draft);
        }
        let ends_on = last.term().map(Term::ends_on);
        Self { search, action, end, drafts, last, gone, ends_on }
    }

    pub(crate) fn plan(&self) -> Plan {
        let steps = self.steps();
        let from = self.search.from(0);
        let done = |step: &Step| add(step.earliest?, step.takes.unwrap_or_default().shortest());
        let earliest = latest(from, steps.iter().map(done));
        let expected_by = latest(from, steps.iter().map(|step| step.expected_by));
        let prerequisites = self.prerequisites(&steps);
        Plan { action: self.action, earliest, expected_by, prerequisites, steps }
    }

    /// Returns the requirements of the request, the purchase and the action that no step can meet.
    fn prerequisites(&self, steps: &[Step]) -> Vec<Prerequisite> {
        let mut prerequisites: Vec<Prerequisite> = Vec::new();
        for (at, (draft, step)) in self.drafts.iter().zip(steps).enumerate() {
            let period = self.period_of(*draft, step.earliest);
            let decision = self.search.decide(period, self.before(at, None));
            let (decision, action) = match (draft.kind, self.action) {
                (StepKind::RequestRelationship, _) => (decision, Action::RequestRelationship),
                (StepKind::Buy, _) => Search::purchase(&decision),
                (kind, Some(action)) if kind.acts() => (decision, action),
                _ => continue,
            };
            for rule in requiring(&decision, action) {
                let Some(requirement) = rule.requirement() else { continue };
                let is_new = prerequisites.iter().all(|other| other.requirement != requirement);
                if is_new && requirement != INDIRECT_PROVIDER {
                    let requirement = requirement.into();
                    prerequisites.push(Prerequisite { requirement, rule: rule.into() });
                }
            }
        }
        prerequisites
    }

    /// Returns the period in which a step is taken: a purchase can be later than what it follows.
    fn period_of(&self, draft: Draft, earliest: Option<DateTime<Utc>>) -> usize {
        match earliest.filter(|_| draft.kind == StepKind::Buy) {
            Some(earliest) => self.search.period_at(earliest).max(draft.period),
            None => draft.period,
        }
    }

    /// Returns the subscription before a step, with one earlier step optionally left out.
    fn before(&self, at: usize, without: Option<usize>) -> Subscription {
        let start = self.search.start();
        let earlier = self.drafts.iter().enumerate().take(at);
        earlier
            .filter(|&(place, _)| Some(place) != without)
            .fold(start, |subscription, (_, draft)| {
                self.search.apply(draft.kind, draft.period, subscription)
            })
    }

    /// Whether a step that changes something can be taken in a period.
    fn can(&self, kind: StepKind, period: usize, subscription: Subscription) -> bool {
        if kind.acts() {
            self.action.is_some_and(|action| self.search.is_open(action, period, subscription))
        } else {
            self.search.can(kind, period, subscription)
        }
    }

    /// Whether a step has to come after an earlier one.
    fn needs(&self, at: usize, earlier: usize) -> bool {
        let (Some(step), Some(before)) = (self.drafts.get(at), self.drafts.get(earlier)) else {
            return false;
        };
        let now = self.before(at, None);
        match (before.kind, step.kind) {
            // The new subscription comes first, so that no one loses service (TS, MC).
            (StepKind::Buy | StepKind::Recreate, StepKind::Cancel) => true,
            _ if !self.can(step.kind, step.period, now) => false,
            (StepKind::Wait, kind) => !self.can(kind, before.period, now),
            (_, kind) => !self.can(kind, step.period, self.before(at, Some(earlier))),
        }
    }

    fn steps(&self) -> Vec<Step> {
        let after = |at| (0..at).filter(|&earlier| self.needs(at, earlier)).collect();
        let after: Vec<Vec<usize>> = (0..self.drafts.len()).map(after).collect();
        // The deadline of a step is also one of the steps that it needs.
        let mut deadlines = vec![None; self.drafts.len()];
        for (at, draft) in self.drafts.iter().enumerate().rev() {
            let later = after.iter().zip(&deadlines).filter(|(after, _)| after.contains(&at));
            let later = later.filter_map(|(_, deadline)| *deadline);
            let deadline = later.chain(self.own_deadline(at, *draft)).min();
            if let Some(place) = deadlines.get_mut(at) {
                *place = deadline;
            }
        }
        let mut steps: Vec<Step> = Vec::new();
        for (at, ((draft, after), deadline)) in
            self.drafts.iter().zip(after).zip(deadlines).enumerate()
        {
            let before = after.iter().filter_map(|&before| steps.get(before));
            let begins_by = before.map(|before| before.expected_by).collect();
            let step = self.step(at, *draft, after, deadline, begins_by);
            steps.push(step);
        }
        steps
    }

    /// Returns the first instant at which it is too late for a step, regardless of later steps.
    fn own_deadline(&self, at: usize, draft: Draft) -> Option<DateTime<Utc>> {
        let subscription = self.before(at, None);
        let stops = || {
            let closed = |&period: &usize| !self.can(draft.kind, period, subscription);
            let mut periods = draft.period..self.search.periods.len();
            periods.find(closed).map(|period| self.search.from(period))
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

    /// Returns 00:00 UTC after the last day of the term, if that is known and through the year
    /// 9999.
    fn term_end(&self) -> Option<DateTime<Utc>> {
        days_after(self.ends_on?, 1)
    }

    /// Returns when users lose access: with the term or, in new commerce until 2026-05-04, 30 days
    /// later (TS).
    fn access_ends(&self) -> Option<DateTime<Utc>> {
        let now = self.search.from(self.end);
        let ends_on = if self.gone { self.search.ended_on? } else { self.ends_on? };
        let has_grace = self.last.facts_at(now).known() == Some(Service::NewCommerceLicense)
            && ends_on < EXTENSIONS_BEGIN
            && now < midnight(EXTENSIONS_BEGIN);
        days_after(ends_on, if has_grace { 31 } else { 1 }).filter(|&end| end > now)
    }

    fn step(
        &self,
        at: usize,
        draft: Draft,
        after: Vec<usize>,
        deadline: Option<DateTime<Utc>>,
        begins_by: Vec<Option<DateTime<Utc>>>,
    ) -> Step {
        let Draft { kind, period } = draft;
        let decision = self.search.decide(period, self.before(at, None));
        let facts = decision.facts();
        let from = self.search.from(period);
        let earliest = match kind {
            StepKind::LetTermEnd => self.term_end(),
            // Shortly before the last day (TS), if it can be bought then. Earlier, both have to be
            // paid.
            StepKind::Buy if self.action == Some(Action::WaitUntilTermEnd) && !self.gone => {
                let last_day = self.ends_on.and_then(|ends_on| days_after(ends_on, 0));
                let in_time = |day| deadline.is_none_or(|deadline| day < deadline);
                last_day.map(|day| if in_time(day) { day.max(from) } else { from })
            }
            _ => Some(from),
        };
        let through_provider = is_through_provider(kind, &decision);
        let then = earliest.filter(|_| kind == StepKind::Buy).unwrap_or(from);
        let procedures = self.procedures(kind, facts, then, through_provider);
        // In some of the possible cases it can be another one.
        let certain = procedures.first().filter(|first| first.condition.contains(facts));
        let actor = self.actor(at, kind, facts, certain, through_provider);
        let takes = takes(kind, facts, then, certain);
        let begins_by = earliest.and_then(|earliest| latest(earliest, begins_by));
        let acts_alone = matches!(actor, Actor::NewPartner | Actor::IndirectProvider);
        let expected_by = match (kind, takes) {
            (StepKind::Wait, _) => {
                self.drafts.get(at + 1).map(|next| self.search.from(next.period))
            }
            (StepKind::LetTermEnd, _) => begins_by,
            (_, Some(takes)) => begins_by.and_then(|begins| add(begins, takes.longest())),
            (StepKind::Switch, None) => None,
            (_, None) => begins_by.filter(|_| acts_alone),
        };
        // The outcome is unknown if the step can last past its deadline.
        let expected_by = expected_by.filter(|&by| deadline.is_none_or(|deadline| by <= deadline));
        let has_deadline = !matches!(kind, StepKind::Wait | StepKind::LetTermEnd);
        let deadline = deadline.filter(|_| has_deadline);
        let (rules, advice) = self.reasons(at, draft, earliest, &decision);
        Step {
            kind,
            actor,
            earliest,
            expected_by,
            deadline,
            takes,
            after,
            rules,
            advice,
            procedures,
            facts,
        }
    }

    /// Returns the party that takes a step, or begins it.
    fn actor(
        &self,
        at: usize,
        kind: StepKind,
        facts: Facts,
        procedure: Option<&Procedure>,
        through_provider: bool,
    ) -> Actor {
        let is_form =
            procedure.and_then(|procedure| procedure.method) == Some(Method::TransferForm);
        match kind {
            StepKind::AcceptRelationship | StepKind::LetTermEnd => Actor::Customer,
            StepKind::SetToEnd | StepKind::Reactivate | StepKind::Cancel => Actor::holder(facts),
            StepKind::EndTransfer => Actor::asked(facts),
            StepKind::Switch if is_form => Actor::holder(facts),
            StepKind::RequestRelationship
            | StepKind::Recreate
            | StepKind::Buy
            | StepKind::Switch => {
                if through_provider {
                    Actor::IndirectProvider
                } else {
                    Actor::NewPartner
                }
            }
            StepKind::Wait => {
                let next = self.drafts.get(at + 1);
                let next = next.and_then(|next| self.search.periods.get(next.period));
                let is_term = next.is_some_and(|next| next.causes.contains(ExpiryCause::Term));
                if is_term { Actor::Time } else { Actor::Microsoft }
            }
        }
    }

    /// Returns the rules behind a step, and the advice before it.
    fn reasons(
        &self,
        at: usize,
        draft: Draft,
        earliest: Option<DateTime<Utc>>,
        decision: &Decision<'r>,
    ) -> (Vec<ExplainedRule>, Vec<ExplainedRule>) {
        let explain = |rules: Vec<&Rule>| rules.into_iter().map(ExplainedRule::from).collect();
        let action = self.action.unwrap_or(Action::WaitUntilTermEnd);
        match draft.kind {
            StepKind::Switch | StepKind::Recreate => (
                explain(decision.reasons(action).collect()),
                explain(decision.advice(action).collect()),
            ),
            StepKind::LetTermEnd | StepKind::Cancel => {
                (explain(decision.reasons(action).collect()), Vec::new())
            }
            StepKind::Buy => {
                let at_end = self.search.decide(self.period_of(draft, earliest), self.last);
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
                for (later, draft) in self.drafts.iter().enumerate().skip(at) {
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
                if draft.kind == StepKind::RequestRelationship {
                    rules.extend(decision.reasons(Action::RequestRelationship));
                    advice.extend(decision.advice(Action::RequestRelationship));
                }
                (explain(rules), explain(advice))
            }
        }
    }

    /// Returns the decisions before a later step: without a step, and with it.
    fn around(&self, at: usize, later: usize, draft: Draft) -> (Decision<'r>, Decision<'r>) {
        let now = self.before(later, None);
        // The policy of the last day applies to a term that is left to end.
        let period = match draft.kind {
            StepKind::LetTermEnd => self.search.last_of_term(draft.period, now),
            _ => draft.period,
        };
        let after = self.search.decide(period, now);
        let without = match self.drafts.get(at) {
            Some(wait) if wait.kind == StepKind::Wait => self.search.decide(wait.period, now),
            _ => self.search.decide(period, self.before(later, Some(at))),
        };
        (without, after)
    }

    /// Returns the procedures that describe a step.
    fn procedures(
        &self,
        kind: StepKind,
        facts: Facts,
        at: DateTime<Utc>,
        through_provider: bool,
    ) -> Vec<Procedure> {
        let request = Some(Action::RequestRelationship);
        let action = self.action.filter(|&action| Some(action) != request);
        let all = [action, request].into_iter().flatten();
        let mut found: Vec<_> = all.flat_map(|action| procedures(action, facts, at)).collect();
        for procedure in &mut found {
            procedure.steps.retain(|step| step.kind == kind);
            for actor in procedure.steps.iter_mut().flat_map(|step| &mut step.actors) {
                if through_provider && *actor == Actor::NewPartner {
                    *actor = Actor::IndirectProvider;
                }
            }
        }
        found.retain(|procedure| !procedure.steps.is_empty());
        found
    }
}

/// Returns 00:00 UTC some days after a day, through the year 9999.
fn days_after(day: NaiveDate, days: u64) -> Option<DateTime<Utc>> {
    let day = day.checked_add_days(Days::new(days))?;
    (day.year() <= 9999).then_some(midnight(day))
}

/// Returns an instant some time later, through the year 9999.
fn add(at: DateTime<Utc>, time: TimeDelta) -> Option<DateTime<Utc>> {
    at.checked_add_signed(time).filter(|at| at.year() <= 9999)
}

/// Whether the asking partner's indirect provider takes a step in its place.
fn is_through_provider(kind: StepKind, decision: &Decision<'_>) -> bool {
    let requires =
        |action| decision.requirements(action).any(|requirement| requirement == INDIRECT_PROVIDER);
    match kind {
        StepKind::RequestRelationship => requires(Action::RequestRelationship),
        StepKind::Recreate => requires(Action::RecreateAndCancel),
        StepKind::Switch => requires(Action::Switch),
        // An indirect reseller orders through its provider (IR).
        StepKind::Buy => decision.facts().known() == Some(Partner::IndirectReseller),
        _ => false,
    }
}

/// Returns the latest of some instants, if all are known.
fn latest(
    first: DateTime<Utc>,
    others: impl IntoIterator<Item = Option<DateTime<Utc>>>,
) -> Option<DateTime<Utc>> {
    others.into_iter().try_fold(first, |latest, other| Some(latest.max(other?)))
}

/// Returns the time that a step takes by the documents: the sum of the parts of its procedure.
fn takes(
    kind: StepKind,
    facts: Facts,
    at: DateTime<Utc>,
    procedure: Option<&Procedure>,
) -> Option<TimeNeeded> {
    if kind != StepKind::EndTransfer {
        return procedure?.steps.iter().filter_map(|step| step.takes).reduce(TimeNeeded::then);
    }
    // An unanswered request expires.
    let closed = facts.with(kind.change());
    let mut described = procedures(Action::Switch, closed, at).into_iter();
    let request = described.find(|of| of.method == Some(Method::TransferRequest))?;
    let mut answers = request.steps.iter().filter(|step| step.actors != [Actor::Microsoft]);
    answers.find_map(|step| step.takes)
}

/// Returns the rules on an action that are satisfied between two decisions: those that can fire
/// before and not after, and the permits that fire only after.
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
                // Advice also changes with the policy, but no step waits for that.
                Effect::Advise => same_edition && fires(rule, &before) && !fires(rule, &after),
                Effect::Permit => fires(rule, &after) && !fires(rule, &before),
                _ => fires(rule, &before) && !fires(rule, &after),
            }
    };
    before.edition().rulebook().rules().iter().filter(matters)
}
