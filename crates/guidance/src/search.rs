//! The search for plans: every state to which steps lead, and the shortest path to the goal.

use chrono::{DateTime, NaiveDate, Utc};
use csp_multichannel::{
    Action, AtTermEnd, BeforeFirstEdition, Decision, Edition, Effect, ExplainedRule, Fact, Facts,
    Relationship, Rule, Rulebook, Service, Set, Status, Subscription, TermPhase, Verdict,
};

use crate::actor::Actor;
use crate::calendar::{Cause, midnight, moments};
use crate::plan::Obstacle;
use crate::step::StepKind;

/// The requirement that is met by who acts: an indirect reseller's provider.
pub(crate) const INDIRECT_PROVIDER: &str = "indirect_provider";

/// All states that can be reached from an instant on.
pub(crate) struct Search<'r> {
    pub(crate) periods: Vec<Period<'r>>,
    /// Each state once, in the order in which they are reached.
    reached: Vec<Reached>,
}

/// A period in which neither the policy nor what is known changes, if nothing is done.
pub(crate) struct Period<'r> {
    pub(crate) from: DateTime<Utc>,
    pub(crate) causes: Set<Cause>,
    edition: Edition<'r>,
}

/// A state that can be reached.
pub(crate) struct Reached {
    pub(crate) subscription: Subscription,
    /// The steps to it, each with the place of the period in which it is taken.
    pub(crate) path: Vec<(StepKind, usize)>,
}

impl Reached {
    /// The first period in which it is.
    fn since(&self) -> usize {
        self.path.last().map_or(0, |&(_, period)| period)
    }
}

/// Whether a plan for this action buys the successor, and so needs a relationship.
pub(crate) const fn buys(action: Action) -> bool {
    matches!(action, Action::WaitUntilTermEnd | Action::CancelThenMove)
}

fn has_relationship(facts: Facts) -> bool {
    facts.known() == Some(Relationship::Active)
}

/// The rules that require something for an action in some possible case.
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

/// Whether a step can bring about what a rule requires.
fn can_be_met(rule: &Rule) -> bool {
    let changes = StepKind::PREPARING.iter().filter_map(|kind| kind.change());
    changes.into_iter().any(|change| !rule.condition().overlaps(change))
}

/// Whether an action is permitted, and nothing is required that a step would have to bring about first.
fn is_permitted(decision: &Decision<'_>, action: Action) -> bool {
    match decision.verdict(action) {
        Verdict::Allowed => true,
        Verdict::Conditional => !requiring(decision, action).any(can_be_met),
        Verdict::Denied | Verdict::NotCovered | Verdict::Undetermined => false,
    }
}

impl<'r> Search<'r> {
    pub(crate) fn new(
        subscription: Subscription,
        at: DateTime<Utc>,
        rulebook: &'r Rulebook,
    ) -> Result<Self, BeforeFirstEdition> {
        let states = [subscription, subscription.with(AtTermEnd::End)];
        // Where nothing is left to move, time changes nothing.
        let count = if is_gone(subscription.facts_at(at), at) { 1 } else { usize::MAX };
        let periods = moments(&states, at, rulebook)
            .take(count)
            .map(|(from, causes)| Ok(Period { from, causes, edition: rulebook.edition_at(from)? }));
        let periods: Vec<_> = periods.collect::<Result<_, _>>()?;
        let mut search =
            Self { periods, reached: vec![Reached { subscription, path: Vec::new() }] };
        for period in 0..search.periods.len() {
            // What is reached is appended, and has its turn in the same period.
            let mut turn = 0;
            while let Some(from) = search.reached.get(turn) {
                let from = from.subscription;
                for kind in StepKind::PREPARING {
                    if search.can(kind, period, from) {
                        search.reach(turn, (kind, period), search.apply(kind, period, from));
                    }
                }
                turn += 1;
            }
        }
        Ok(search)
    }

    fn reach(&mut self, from: usize, step: (StepKind, usize), subscription: Subscription) {
        if self.reached.iter().all(|other| other.subscription != subscription) {
            let before = self.reached.get(from).map_or(&[][..], |from| &from.path);
            let path = before.iter().copied().chain([step]).collect();
            self.reached.push(Reached { subscription, path });
        }
    }

    /// The subscription after a step.
    pub(crate) fn apply(&self, kind: StepKind, period: usize, to: Subscription) -> Subscription {
        let Some(change) = kind.change() else { return to };
        let Some(from) = self.periods.get(period).map(|period| period.from) else { return to };
        match to.term() {
            // The dates are those of the term before: what is set to end is the one that followed.
            Some(term) if kind == StepKind::SetToEnd && term.ends_on() < from.date_naive() => {
                Subscription::from(to.facts_at(from)).with(change)
            }
            _ => to.with(change),
        }
    }

    /// The decision on a subscription in a period.
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
            _ => kind.change().is_some_and(|to| {
                // What is unknown can be made certain, if that is possible from each value.
                let is_so = |facts: Facts| to.contains(facts.about(fact_of(to)));
                let mut each = facts.split(fact_of(to));
                let can = |from: Facts| Actor::who_changes(fact_of(to), from, to).is_some();
                !is_so(facts) && each.all(|from| is_so(from) || can(from))
            }),
        }
    }

    /// The decision on buying the product from the asking partner, and its action: as if the old subscription had
    /// ended, or an Azure subscription were created anew.
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

    /// Whether an action, or without one a purchase, reaches its goal in a period.
    pub(crate) fn reaches(
        &self,
        action: Option<Action>,
        period: usize,
        subscription: Subscription,
    ) -> bool {
        let Some(action) = action else { return self.can(StepKind::Buy, period, subscription) };
        let decision = self.decide(period, subscription);
        match action {
            Action::RequestRelationship => has_relationship(decision.facts()),
            Action::RecreateAndCancel | Action::Switch => is_permitted(&decision, action),
            Action::WaitUntilTermEnd | Action::CancelThenMove => {
                is_permitted(&decision, action) && has_relationship(decision.facts())
            }
        }
    }

    /// Whether an action, or without one a purchase, is open in a period.
    pub(crate) fn is_open(
        &self,
        action: Option<Action>,
        period: usize,
        subscription: Subscription,
    ) -> bool {
        match action {
            Some(action) => is_permitted(&self.decide(period, subscription), action),
            None => self.can(StepKind::Buy, period, subscription),
        }
    }

    /// The subscription at the beginning.
    pub(crate) fn start(&self) -> Subscription {
        self.reached.first().map_or_else(Subscription::new, |start| start.subscription)
    }

    /// The first instant of a period.
    #[expect(clippy::indexing_slicing, reason = "periods are named by their places")]
    pub(crate) fn from(&self, period: usize) -> DateTime<Utc> {
        self.periods[period].from
    }

    /// The states that are reached by the end of a period.
    fn states(&self, period: usize) -> impl Iterator<Item = &Reached> {
        self.reached.iter().filter(move |reached| reached.since() <= period)
    }

    /// The first period in which an action reaches its goal in some state, and the state with the fewest steps.
    pub(crate) fn shortest(&self, action: Option<Action>) -> Option<(usize, &Reached)> {
        (0..self.periods.len()).find_map(|period| {
            let reaches = |state: &&Reached| self.reaches(action, period, state.subscription);
            Some((
                period,
                self.states(period).filter(reaches).min_by_key(|state| state.path.len())?,
            ))
        })
    }

    /// The obstacles to an action that reaches its goal in no state.
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

    /// The obstacle in the state with the least of them: with a relationship where that is needed, then with the
    /// fewest rules.
    fn obstacle(&self, action: Action, period: usize) -> Option<Obstacle> {
        let decisions = self.states(period).map(|state| self.decide(period, state.subscription));
        let best = decisions.min_by_key(|decision| {
            let verdict = decision.verdict(action);
            let is_closed = matches!(verdict, Verdict::Denied | Verdict::NotCovered);
            let rules = if is_closed { decision.reasons(action).len() } else { 0 };
            (buys(action) && !has_relationship(decision.facts()), is_closed, rules, verdict)
        })?;
        let verdict = best.verdict(action);
        let rules: Vec<ExplainedRule> = match verdict {
            Verdict::Denied | Verdict::NotCovered => {
                // Where no rule decides in every possible case, these are those of some.
                best.explained("", self.from(period)).verdicts.on(action).rules.clone()
            }
            Verdict::Allowed | Verdict::Conditional => {
                requiring(&best, action).filter(|rule| can_be_met(rule)).map(Into::into).collect()
            }
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

/// Terms that end on or after this day can be extended (ES).
const EXTENSIONS_BEGIN: NaiveDate = match NaiveDate::from_ymd_opt(2026, 5, 4) {
    Some(day) => day,
    None => NaiveDate::MAX,
};

/// The one fact that some facts name.
fn fact_of(facts: Facts) -> Fact {
    facts.narrowed().iter().next().unwrap_or(Fact::Channel)
}

/// Whether nothing is left to move at an instant: the subscription is deleted, or its term is certainly over
/// without an extended service term.
pub(crate) fn is_gone(facts: Facts, at: DateTime<Utc>) -> bool {
    let services: Set<Service> = facts.possible();
    let ends: Set<AtTermEnd> = facts.possible();
    let has_term = services.intersection(Service::USAGE_BASED).is_empty();
    let may_be_extended = at >= midnight(EXTENSIONS_BEGIN)
        && services.contains(Service::NewCommerceLicense)
        && ends.contains(AtTermEnd::Extend);
    let is_over = facts.known() == Some(TermPhase::Ended) && has_term && !may_be_extended;
    is_over || facts.known() == Some(Status::Deleted)
}

impl Obstacle {
    /// Whether the obstacle is the same, whenever it is.
    fn is_like(&self, other: &Self) -> bool {
        let of_action = (self.verdict, &self.rules, self.depends_on)
            == (other.verdict, &other.rules, other.depends_on);
        of_action
            && match (&self.relationship, &other.relationship) {
                (Some(one), Some(other)) => one.is_like(other),
                (one, other) => one.is_none() && other.is_none(),
            }
    }

    fn extend(&mut self, until: Option<DateTime<Utc>>) {
        self.until = until;
        if let Some(relationship) = &mut self.relationship {
            relationship.extend(until);
        }
    }
}
