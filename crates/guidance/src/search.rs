//! The search for plans: every state that steps can reach, and the shortest path to the goal.

use chrono::{DateTime, NaiveDate, Utc};
use csp_multichannel::{
    Action, AtTermEnd, BeforeFirstEdition, Decision, Edition, Effect, ExplainedRule, Fact, Facts,
    Relationship, Rule, Rulebook, Service, Set, Status, Subscription, Term, TermPhase, Verdict,
};

use crate::actor::Actor;
use crate::calendar::{ExpiryCause, midnight, moments};
use crate::plan::Obstacle;
use crate::step::StepKind;

/// The requirement that is met when an indirect reseller's provider acts.
pub(crate) const INDIRECT_PROVIDER: &str = "indirect_provider";

/// All states that can be reached from an instant on.
pub(crate) struct Search<'r> {
    pub(crate) periods: Vec<Period<'r>>,
    /// The last day of the term, if it is known.
    pub(crate) ended_on: Option<NaiveDate>,
    /// Each state once, in the order in which it is reached.
    reached: Vec<Reached>,
}

/// A period in which neither the policy nor the facts change, if nothing is done.
pub(crate) struct Period<'r> {
    pub(crate) from: DateTime<Utc>,
    pub(crate) causes: Set<ExpiryCause>,
    edition: Edition<'r>,
}

/// A state that can be reached.
pub(crate) struct Reached {
    pub(crate) subscription: Subscription,
    /// The steps to it.
    pub(crate) path: Vec<Draft>,
}

/// A step with the position of the period in which it is taken.
#[derive(Clone, Copy)]
pub(crate) struct Draft {
    pub(crate) kind: StepKind,
    pub(crate) period: usize,
}

impl Reached {
    /// Returns the first period in which the state is reached.
    fn since(&self) -> usize {
        self.path.last().map_or(0, |last| last.period)
    }
}

/// Whether a plan for this action buys the successor, and so needs a relationship.
const fn buys(action: Action) -> bool {
    matches!(action, Action::WaitUntilTermEnd | Action::CancelThenMove)
}

fn has_relationship(facts: Facts) -> bool {
    facts.known() == Some(Relationship::Active)
}

/// Returns the rules that require something for an action in some possible case.
pub(crate) fn requiring<'r>(
    decision: &Decision<'r>,
    action: Action,
) -> impl Iterator<Item = &'r Rule> + use<'r> {
    let facts = decision.facts();
    decision.edition().rules().filter(move |rule| {
        rule.effect() == Effect::Require
            && rule.actions().contains(action)
            && rule.condition().overlaps(facts)
    })
}

/// Whether steps can meet what a rule requires for an action: a possible change of a fact stops the
/// rule from firing.
fn can_be_met(rule: &Rule, action: Action, facts: Facts) -> bool {
    // A request begins the relationship, so no step on the relationship can precede it.
    let is_of_request =
        |to: Facts| action == Action::RequestRelationship && fact_of(to) == Fact::Relationship;
    let mut changes = StepKind::PREPARING.iter().filter_map(|kind| kind.change());
    changes.any(|to| !rule.condition().overlaps(to) && !is_of_request(to) && can_change(facts, to))
}

/// Whether a fact can be changed to a value from each of its possible values, or already has it.
fn can_change(facts: Facts, to: Facts) -> bool {
    let fact = fact_of(to);
    facts
        .split(fact)
        .all(|from| to.contains(from.about(fact)) || Actor::who_changes(fact, from, to).is_some())
}

/// Whether an action is permitted, without a requirement that a step would have to meet first.
fn is_permitted(decision: &Decision<'_>, action: Action) -> bool {
    match decision.verdict(action) {
        Verdict::Allowed => true,
        Verdict::Conditional => {
            !requiring(decision, action).any(|rule| can_be_met(rule, action, decision.facts()))
        }
        Verdict::Denied | Verdict::NotCovered | Verdict::Undetermined => false,
    }
}

impl<'r> Search<'r> {
    pub(crate) fn new(
        subscription: Subscription,
        at: DateTime<Utc>,
        rulebook: &'r Rulebook,
    ) -> Result<Self, BeforeFirstEdition> {
        let ended_on = subscription.term().map(Term::ends_on);
        let facts = subscription.facts_at(at);
        // A deleted subscription does not change, and a term that is over is not extended.
        let subscription = if is_over(facts, at) {
            facts.with(AtTermEnd::End).into()
        } else if is_gone(facts, at) {
            facts.into()
        } else {
            subscription
        };
        let states = [subscription, subscription.with(AtTermEnd::End)];
        let periods = moments(&states, at, rulebook)
            .map(|(from, causes)| Ok(Period { from, causes, edition: rulebook.edition_at(from)? }));
        let periods: Vec<_> = periods.collect::<Result<_, _>>()?;
        let mut search =
            Self { periods, ended_on, reached: vec![Reached { subscription, path: Vec::new() }] };
        for period in 0..search.periods.len() {
            // New states are appended, and expanded in the same period.
            let mut turn = 0;
            while let Some(from) = search.reached.get(turn) {
                let from = from.subscription;
                for kind in StepKind::PREPARING {
                    if search.can(kind, period, from) {
                        let draft = Draft { kind, period };
                        search.reach(turn, draft, search.apply(kind, period, from));
                    }
                }
                turn += 1;
            }
        }
        Ok(search)
    }

    fn reach(&mut self, from: usize, step: Draft, subscription: Subscription) {
        if self.reached.iter().all(|other| other.subscription != subscription) {
            let before = self.reached.get(from).map_or(&[][..], |from| &from.path);
            let path = before.iter().copied().chain([step]).collect();
            self.reached.push(Reached { subscription, path });
        }
    }

    /// Returns the subscription after a step.
    pub(crate) fn apply(&self, kind: StepKind, period: usize, to: Subscription) -> Subscription {
        let Some(change) = kind.change() else { return to };
        let Some(from) = self.periods.get(period).map(|period| period.from) else { return to };
        match to.term() {
            // The dates belong to the previous term, but the one that followed is set to end.
            Some(term) if kind == StepKind::SetToEnd && term.ends_on() < from.date_naive() => {
                Subscription::from(to.facts_at(from)).with(change)
            }
            _ => to.with(change),
        }
    }

    /// Returns the decision on a subscription in a period.
    #[expect(clippy::indexing_slicing, reason = "periods are named by their places")]
    pub(crate) fn decide(&self, period: usize, subscription: Subscription) -> Decision<'r> {
        let period = &self.periods[period];
        period.edition.decide(subscription.facts_at(period.from))
    }

    /// Whether a step that opens others, or buys, can be taken in a period.
    pub(crate) fn can(&self, kind: StepKind, period: usize, subscription: Subscription) -> bool {
        let decision = self.decide(period, subscription);
        let facts = decision.facts();
        match kind {
            StepKind::RequestRelationship => {
                facts.known() == Some(Relationship::None)
                    && is_permitted(&decision, Action::RequestRelationship)
            }
            StepKind::AcceptRelationship => facts.known() == Some(Relationship::Requested),
            StepKind::Buy => {
                let (purchase, action) = Self::purchase(&decision);
                has_relationship(facts) && is_permitted(&purchase, action)
            }
            // An unknown fact can be made certain.
            _ => kind
                .change()
                .is_some_and(|to| !to.contains(facts.about(fact_of(to))) && can_change(facts, to)),
        }
    }

    /// Returns the decision on buying the product from the asking partner, and its action: as if
    /// the old subscription had ended, or an Azure subscription were created anew.
    pub(crate) fn purchase(decision: &Decision<'r>) -> (Decision<'r>, Action) {
        let facts = decision.facts().with(Status::Active);
        let services: Set<Service> = facts.possible();
        let (facts, action) = if services.is_subset(Service::USAGE_BASED) {
            (facts, Action::RecreateAndCancel)
        } else {
            (facts.with(TermPhase::Ended).with(AtTermEnd::End), Action::WaitUntilTermEnd)
        };
        (decision.edition().decide(facts), action)
    }

    /// Whether an action reaches its goal in a period. `None` stands for a purchase.
    pub(crate) fn reaches(
        &self,
        action: Option<Action>,
        period: usize,
        subscription: Subscription,
    ) -> bool {
        let can_buy = || self.can(StepKind::Buy, period, subscription);
        match action {
            None => can_buy(),
            Some(Action::RequestRelationship) => {
                has_relationship(self.decide(period, subscription).facts())
            }
            Some(action) => {
                self.is_open(action, period, subscription) && (!buys(action) || can_buy())
            }
        }
    }

    /// Whether an action is open in a period. Waiting must be open in each period until the term
    /// ends.
    pub(crate) fn is_open(
        &self,
        action: Action,
        period: usize,
        subscription: Subscription,
    ) -> bool {
        let last = match action {
            Action::WaitUntilTermEnd => self.last_of_term(period, subscription),
            _ => period,
        };
        (period..=last).all(|period| is_permitted(&self.decide(period, subscription), action))
    }

    /// Returns the last period of the term that runs in a period, or the same period if its end is
    /// unknown.
    pub(crate) fn last_of_term(&self, period: usize, subscription: Subscription) -> usize {
        let ends_on = subscription.term().map(Term::ends_on);
        let runs = |period: &Period<'_>| {
            ends_on.is_some_and(|ends_on| period.from.date_naive() <= ends_on)
        };
        let running = self.periods.partition_point(runs);
        running.saturating_sub(1).max(period)
    }

    /// Returns the period of an instant, or the first one.
    pub(crate) fn period_at(&self, at: DateTime<Utc>) -> usize {
        self.periods.partition_point(|period| period.from <= at).saturating_sub(1)
    }

    /// Returns the subscription at the beginning.
    pub(crate) fn start(&self) -> Subscription {
        self.reached.first().map_or_else(Subscription::new, |start| start.subscription)
    }

    /// Returns the first instant of a period.
    #[expect(clippy::indexing_slicing, reason = "periods are named by their places")]
    pub(crate) fn from(&self, period: usize) -> DateTime<Utc> {
        self.periods[period].from
    }

    /// Returns the states that are reached by the end of a period.
    fn states(&self, period: usize) -> impl Iterator<Item = &Reached> {
        self.reached.iter().filter(move |reached| reached.since() <= period)
    }

    /// Returns the first period in which an action reaches its goal, and its state with the fewest
    /// steps.
    pub(crate) fn shortest(&self, action: Option<Action>) -> Option<(usize, &Reached)> {
        (0..self.periods.len()).find_map(|period| {
            let reaches = |state: &&Reached| self.reaches(action, period, state.subscription);
            Some((
                period,
                self.states(period).filter(reaches).min_by_key(|state| state.path.len())?,
            ))
        })
    }

    /// Returns the obstacles to an action that reaches its goal in no state.
    pub(crate) fn obstacles(&self, action: Action) -> Vec<Obstacle> {
        let mut obstacles: Vec<Obstacle> = Vec::new();
        for next in (0..self.periods.len()).filter_map(|period| self.obstacle(action, period)) {
            match obstacles.last_mut() {
                Some(last) if last.is_like(&next) => last.extend(next.until),
                _ => obstacles.push(next),
            }
        }
        obstacles
    }

    /// Returns the obstacle in the best state: one with a relationship where that is needed, then
    /// one with the fewest rules.
    fn obstacle(&self, action: Action, period: usize) -> Option<Obstacle> {
        let decisions = self.states(period).map(|state| self.decide(period, state.subscription));
        let best = decisions.min_by_key(|decision| {
            let verdict = decision.verdict(action);
            let is_closed = matches!(verdict, Verdict::Denied | Verdict::NotCovered);
            let rules = if is_closed { decision.reasons(action).len() } else { 0 };
            (buys(action) && !has_relationship(decision.facts()), is_closed, rules, verdict)
        })?;
        let verdict = best.verdict(action);
        if is_permitted(&best, action) && has_relationship(best.facts()) {
            let (purchase, buying) = Self::purchase(&best);
            // It is open here, but not as long as it has to be.
            if !buys(action) || is_permitted(&purchase, buying) {
                return None;
            }
            return Some(Obstacle {
                action,
                from: self.from(period),
                until: self.periods.get(period + 1).map(|next| next.from),
                verdict: purchase.verdict(buying),
                rules: purchase.explained("", self.from(period)).verdicts.on(buying).rules.clone(),
                depends_on: purchase.depends_on(buying),
                relationship: None,
            });
        }
        let rules: Vec<ExplainedRule> = match verdict {
            Verdict::Denied | Verdict::NotCovered => {
                // Where no rule decides in every possible case, these are the rules of some cases.
                best.explained("", self.from(period)).verdicts.on(action).rules.clone()
            }
            Verdict::Allowed | Verdict::Conditional => requiring(&best, action)
                .filter(|rule| can_be_met(rule, action, best.facts()))
                .map(Into::into)
                .collect(),
            Verdict::Undetermined => Vec::new(),
        };
        let is_permitted = matches!(verdict, Verdict::Allowed | Verdict::Conditional);
        let needs_relationship = action == Action::RequestRelationship || is_permitted;
        let relationship: Set<Relationship> = best.facts().possible();
        let is_unknown = needs_relationship && relationship.len() > 1;
        let is_missing = is_permitted
            && action != Action::RequestRelationship
            && !relationship.contains(Relationship::Active);
        let unknown = if is_unknown { Fact::Relationship.into() } else { Set::EMPTY };
        Some(Obstacle {
            action,
            from: self.from(period),
            until: self.periods.get(period + 1).map(|next| next.from),
            verdict,
            rules,
            depends_on: best.depends_on(action).union(unknown),
            relationship: if is_missing {
                self.obstacle(Action::RequestRelationship, period).map(Box::new)
            } else {
                None
            },
        })
    }
}

/// The first last day of new-commerce terms that can be extended (ES). Users keep access for 30
/// days after an earlier one (TS).
pub(crate) const EXTENSIONS_BEGIN: NaiveDate = match NaiveDate::from_ymd_opt(2026, 5, 4) {
    Some(day) => day,
    None => NaiveDate::MAX,
};

/// Returns the only fact that is narrowed.
fn fact_of(facts: Facts) -> Fact {
    facts.narrowed().iter().next().unwrap_or(Fact::Channel)
}

/// Whether nothing is left to move at an instant: the subscription is deleted, or its term is over.
pub(crate) fn is_gone(facts: Facts, at: DateTime<Utc>) -> bool {
    facts.known() == Some(Status::Deleted) || is_over(facts, at)
}

/// Whether the term is certainly over at an instant, without an extended service term.
fn is_over(facts: Facts, at: DateTime<Utc>) -> bool {
    let services: Set<Service> = facts.possible();
    let ends: Set<AtTermEnd> = facts.possible();
    let has_term = services.intersection(Service::USAGE_BASED).is_empty();
    let may_be_extended = at >= midnight(EXTENSIONS_BEGIN)
        && services.contains(Service::NewCommerceLicense)
        && ends.contains(AtTermEnd::Extend);
    facts.known() == Some(TermPhase::Ended) && has_term && !may_be_extended
}

impl Obstacle {
    /// Whether two obstacles differ in their periods only.
    fn is_like(&self, other: &Self) -> bool {
        let of_action = (self.verdict, &self.rules, self.depends_on)
            == (other.verdict, &other.rules, other.depends_on);
        of_action
            && match (&self.relationship, &other.relationship) {
                (Some(one), Some(other)) => one.is_like(other),
                (None, None) => true,
                _ => false,
            }
    }

    fn extend(&mut self, until: Option<DateTime<Utc>>) {
        self.until = until;
        if let Some(relationship) = &mut self.relationship {
            relationship.extend(until);
        }
    }
}
