//! Plans: the ways to a goal, step by step, found by search over the facts that steps change.

use core::fmt;
use core::str::FromStr;
use std::boxed::Box;
use std::vec::Vec;

use chrono::{DateTime, Days, NaiveTime, Utc};

use super::actor::holder;
use super::calendar::is_writable;
use super::procedure::{ProcedureStep, procedure};
use super::{Actor, Calendar, Period};
use crate::decision::Decision;
use crate::facts::Facts;
use crate::records::Case;
use crate::rulebook::{BeforeFirstEdition, Rulebook, Rules};
use crate::rules::Rule;
use crate::vocabulary::{
    Action, AutoRenew, Effect, Fact, FactSet, Partner, Relationship, Service, Status, Transfer, UnknownWord, Value,
    ValueSet, Verdict,
};

/// What a plan is to reach.
///
/// Written `manage` and `move`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Goal {
    /// Manage the subscription where it is: with an active relationship.
    Manage,
    /// Bring the subscription to the asking partner.
    Move,
}

impl Goal {
    const WORDS: &'static [&'static str] = &["manage", "move"];

    /// The word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Manage => "manage",
            Self::Move => "move",
        }
    }

    /// The actions that reach it.
    fn actions(self) -> &'static [Action] {
        match self {
            Self::Manage => &[Action::RequestRelationship],
            Self::Move => {
                &[Action::RecreateAndCancel, Action::Switch, Action::WaitUntilTermEnd, Action::CancelThenMove]
            }
        }
    }
}

impl fmt::Display for Goal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Goal {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        match word {
            "manage" => Ok(Self::Manage),
            "move" => Ok(Self::Move),
            _ => Err(UnknownWord::new("goal", word, Self::WORDS)),
        }
    }
}

/// What is done in a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Deed {
    /// One of the five actions, which the policy allows at that time.
    Act(Action),
    /// A fact is brought to a value: the relationship is accepted, auto-renew turned off.
    Bring(Value),
    /// The same offer is bought from the asking partner.
    Buy,
    /// Nothing, until the term or the policy has changed.
    Wait,
}

impl Deed {
    /// Its kind: `act`, `bring`, `buy` or `wait`.
    #[must_use]
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Act(_) => "act",
            Self::Bring(_) => "bring",
            Self::Buy => "buy",
            Self::Wait => "wait",
        }
    }
}

impl fmt::Display for Deed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::Act(Action::RequestRelationship) => "request the relationship",
            Self::Act(Action::RecreateAndCancel) => "create a new subscription, and cancel the old one",
            Self::Act(Action::Switch) => "transfer the subscription",
            Self::Act(Action::WaitUntilTermEnd) => "let the term end, and the subscription expire",
            Self::Act(Action::CancelThenMove) => "cancel the old subscription",
            Self::Bring(value) if *value == Relationship::Active.into() => "accept the relationship",
            Self::Bring(value) if *value == AutoRenew::Off.into() => "turn off auto-renew",
            Self::Bring(value) if *value == Partner::IndirectProvider.into() => "act through the indirect provider",
            Self::Bring(value) if *value == Status::Active.into() => "reactivate the subscription",
            Self::Bring(value) if *value == Transfer::None.into() => "end the open transfer",
            Self::Bring(value) => return write!(f, "bring {} to {value}", value.fact()),
            Self::Buy => "buy the same offer",
            Self::Wait => "wait",
        };
        f.write_str(text)
    }
}

/// A step of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step<'r> {
    deed: Deed,
    actor: Actor,
    earliest: DateTime<Utc>,
    latest: Option<DateTime<Utc>>,
    after: Vec<usize>,
    rules: Vec<&'r Rule>,
    advice: Vec<&'r Rule>,
    procedure: Vec<ProcedureStep>,
    state: Facts,
}

impl<'r> Step<'r> {
    /// What is done.
    #[must_use]
    pub const fn deed(&self) -> Deed {
        self.deed
    }

    /// Who does it, or begins it.
    #[must_use]
    pub const fn actor(&self) -> Actor {
        self.actor
    }

    /// The first instant at which it can be done, in UTC.
    #[must_use]
    pub const fn earliest(&self) -> DateTime<Utc> {
        self.earliest
    }

    /// The first instant at which it is too late, in UTC; none where no end is known.
    #[must_use]
    pub const fn latest(&self) -> Option<DateTime<Utc>> {
        self.latest
    }

    /// The steps of the plan, by their positions, that have to be done before.
    #[must_use]
    pub fn after(&self) -> &[usize] {
        &self.after
    }

    /// The rules behind it, with their sources and basis: those that permit it, or those that it is done to meet.
    #[must_use]
    pub fn rules(&self) -> &[&'r Rule] {
        &self.rules
    }

    /// What to know before it.
    #[must_use]
    pub fn advice(&self) -> &[&'r Rule] {
        &self.advice
    }

    /// How it is carried out, where the documents describe it; each part with its page.
    #[must_use]
    pub fn procedure(&self) -> &[ProcedureStep] {
        &self.procedure
    }

    /// What is known just before it, at its earliest instant.
    #[must_use]
    pub const fn state(&self) -> Facts {
        self.state
    }
}

/// A way to the goal: steps in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan<'r> {
    action: Action,
    steps: Vec<Step<'r>>,
    done: Option<DateTime<Utc>>,
}

impl<'r> Plan<'r> {
    /// The action that reaches the goal.
    #[must_use]
    pub const fn action(&self) -> Action {
        self.action
    }

    /// Its steps; none where the goal is reached already.
    #[must_use]
    pub fn steps(&self) -> &[Step<'r>] {
        &self.steps
    }

    /// The earliest instant at which the goal is reached, in UTC; none where the end of the term is not known.
    #[must_use]
    pub const fn done(&self) -> Option<DateTime<Utc>> {
        self.done
    }
}

/// Why an action does not reach the goal in a period, whatever is changed that can be changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Obstacle<'r> {
    action: Action,
    from: DateTime<Utc>,
    until: Option<DateTime<Utc>>,
    verdict: Verdict,
    rules: Vec<&'r Rule>,
    turns_on: FactSet,
    relationship: Option<Box<Obstacle<'r>>>,
}

impl<'r> Obstacle<'r> {
    /// The action.
    #[must_use]
    pub const fn action(&self) -> Action {
        self.action
    }

    /// The first instant of the period, in UTC.
    #[must_use]
    pub const fn from(&self) -> DateTime<Utc> {
        self.from
    }

    /// The first instant after it; none where it does not end.
    #[must_use]
    pub const fn until(&self) -> Option<DateTime<Utc>> {
        self.until
    }

    /// The verdict in the best state that can be reached. `allowed` and `conditional` where only the relationship, without which
    /// nothing can be bought, or what is required cannot be had.
    #[must_use]
    pub const fn verdict(&self) -> Verdict {
        self.verdict
    }

    /// The rules that stand in the way in that state; none where the documents are silent.
    #[must_use]
    pub fn rules(&self) -> &[&'r Rule] {
        &self.rules
    }

    /// The unknown facts on which an undetermined verdict turns, or whether anything can be bought.
    #[must_use]
    pub const fn turns_on(&self) -> FactSet {
        self.turns_on
    }

    /// What stands in the way of the relationship in that state, where there is none and the action would be open with one.
    #[must_use]
    pub fn relationship(&self) -> Option<&Self> {
        self.relationship.as_deref()
    }
}

impl<'r> Obstacle<'r> {
    /// What a decision puts in the way of an action.
    fn of(action: Action, decision: &Decision<'r>, from: DateTime<Utc>, until: Option<DateTime<Utc>>) -> Self {
        let verdict = decision.verdict(action);
        let rules: Vec<&Rule> = match verdict {
            Verdict::Denied | Verdict::NotCovered => decision.rules(action).collect(),
            Verdict::Conditional => decision.requiring(action).collect(),
            Verdict::Allowed | Verdict::Undetermined => Vec::new(),
        };
        // Without a relationship nothing can be bought; whether there is one may be unknown.
        let is_open = matches!(verdict, Verdict::Allowed | Verdict::Conditional);
        let unknown = decision.facts().unknown().intersection(Fact::Relationship.into());
        let turns_on = if is_open { unknown } else { decision.depends_on(action) };
        Self { action, from, until, verdict, rules, turns_on, relationship: None }
    }

    /// Whether the same stands in the way, whenever that is.
    fn is_like(&self, other: &Self) -> bool {
        let alike = |one: &Self, other: &Self| {
            (one.verdict, &one.rules, one.turns_on) == (other.verdict, &other.rules, other.turns_on)
        };
        let relationships = match (self.relationship(), other.relationship()) {
            (Some(one), Some(other)) => alike(one, other),
            (one, other) => one.is_none() && other.is_none(),
        };
        alike(self, other) && relationships
    }

    fn extend(&mut self, until: Option<DateTime<Utc>>) {
        self.until = until;
        if let Some(relationship) = &mut self.relationship {
            relationship.until = until;
        }
    }
}

/// The ways to a goal, and what stands in every other way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plans<'r> {
    goal: Goal,
    ways: Vec<Plan<'r>>,
    obstacles: Vec<Obstacle<'r>>,
}

impl<'r> Plans<'r> {
    /// The ways to a goal for a case, from an instant on, or from the purchase of the subscription where that is later.
    ///
    /// It takes a case, as a plan needs the days of the term: a phase alone does not tell when the next one begins.
    ///
    /// For each action that reaches the goal, the way that ends earliest, and among those the one with the fewest steps. A step changes a fact
    /// that someone can change, or waits for the term or the policy to change; which steps are needed is found by search.
    ///
    /// # Errors
    ///
    /// [`BeforeFirstEdition`] for an instant before the rulebook's first edition.
    ///
    /// ```
    /// use csp_multichannel::guidance::{Goal, Plans};
    /// use csp_multichannel::*;
    ///
    /// let azure = Subscription::new(Service::AzurePlan)
    ///     .with_channel(Channel::OtherCspPartner).with_cloud(Cloud::Public)
    ///     .with_status(Status::Active).with_transfer(Transfer::None);
    /// let ours = Engagement::new()
    ///     .with_partner(Partner::DirectBill).with_relationship(Relationship::None)
    ///     .with_customer(Customer::EndCustomer).with_market(Market::Same);
    /// let plans = Plans::of(&Case::new("c-1", azure, ours), Goal::Move, parse_instant("2026-11-24")?, Rulebook::partner_center())?;
    ///
    /// let steps: Vec<String> = plans.ways()[0].steps().iter().map(|step| step.deed().to_string()).collect();
    /// assert_eq!(steps, ["request the relationship", "accept the relationship", "transfer the subscription"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn of(case: &Case, goal: Goal, at: DateTime<Utc>, rulebook: &'r Rulebook) -> Result<Self, BeforeFirstEdition> {
        rulebook.edition_at(at)?;
        // Before it is bought, nothing can be done about it.
        let at = case.subscription.term().map_or(at, |term| at.max(term.purchased_at()));
        let calendar = Calendar::of(case, rulebook);
        let ends = |period: &&Period<'_>| period.until().is_none_or(|until| at < until);
        let periods: Vec<Period<'r>> = calendar.periods().iter().filter(ends).copied().collect();
        let search = Search::of(case, at, periods);

        let mut plans = Vec::new();
        let mut obstacles = Vec::new();
        for &action in goal.actions() {
            match search.plan(action) {
                Some(plan) => plans.push(plan),
                None => obstacles.extend(search.obstacles(action)),
            }
        }
        plans.sort_by_key(|plan| (plan.done.is_none(), plan.done, plan.steps.len()));
        Ok(Self { goal, ways: plans, obstacles })
    }

    /// The goal.
    #[must_use]
    pub const fn goal(&self) -> Goal {
        self.goal
    }

    /// The ways, those first that end earliest, and of these the ones with the fewest steps.
    #[must_use]
    pub fn ways(&self) -> &[Plan<'r>] {
        &self.ways
    }

    /// What stands in the way of the actions that do not reach the goal, period by period.
    #[must_use]
    pub fn obstacles(&self) -> &[Obstacle<'r>] {
        &self.obstacles
    }
}

/// Writes the ways, a step a line, and then what stands in the way of the other actions.
impl fmt::Display for Plans<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for plan in &self.ways {
            write!(f, "{separator}{plan}")?;
            separator = "\n\n";
        }
        for obstacle in &self.obstacles {
            write!(f, "{separator}{obstacle}")?;
            separator = "\n";
        }
        Ok(())
    }
}

/// Writes `switch, done from 2026-11-24T00:00:00Z on`, and a line a step: `  2. customer: accept the relationship, after 1`.
impl fmt::Display for Plan<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.action)?;
        if let Some(done) = self.done {
            write!(f, ", done from {done:?} on")?;
        }
        if self.steps.is_empty() {
            f.write_str(": reached already")?;
        }
        for (at, step) in self.steps.iter().enumerate() {
            write!(f, "\n  {}. {step}", at + 1)?;
        }
        Ok(())
    }
}

impl fmt::Display for Step<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}, from {:?}", self.actor, self.deed, self.earliest)?;
        if let Some(latest) = self.latest {
            write!(f, ", before {latest:?}")?;
        }
        for (at, step) in self.after.iter().enumerate() {
            write!(f, "{}{}", if at == 0 { ", after " } else { ", " }, step + 1)?;
        }
        Ok(())
    }
}

/// Writes `switch denied from … until …: azure-no-partner-to-switch-from`.
impl fmt::Display for Obstacle<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} from {:?}", self.action, self.verdict, self.from)?;
        if let Some(until) = self.until {
            write!(f, " until {until:?}")?;
        }
        let silent = self.verdict == Verdict::NotCovered && self.rules.is_empty();
        if silent {
            f.write_str(": the documents are silent")?;
        }
        for (at, rule) in self.rules.iter().enumerate() {
            write!(f, "{}{}", if at == 0 { ": " } else { ", " }, rule.id())?;
        }
        if !self.turns_on.is_empty() {
            write!(f, ": turns on {}", self.turns_on)?;
        }
        let is_open = matches!(self.verdict, Verdict::Allowed | Verdict::Conditional);
        if is_open && self.rules.is_empty() && self.turns_on.is_empty() {
            f.write_str(": without a relationship nothing can be bought")?;
        }
        self.relationship().map_or(Ok(()), |relationship| write!(f, "; {relationship}"))
    }
}

/// How long after the last day of the term the same offer can be bought (TS, step 3 of waiting).
const DAYS_TO_BUY: u64 = 30;

/// Steps that lead to a state, each with the period in which it is taken.
type Path = Vec<(Deed, usize)>;

/// A state that can be reached: the facts that steps have changed, and the shortest path.
#[derive(Clone)]
struct Reached {
    changed: ValueSet,
    path: Path,
}

/// All states that can be reached, period by period.
struct Search<'c, 'r> {
    case: &'c Case,
    at: DateTime<Utc>,
    periods: Vec<Period<'r>>,
    layers: Vec<Vec<Reached>>,
}

/// The facts with some of them changed.
fn with(facts: Facts, changed: ValueSet) -> Facts {
    let values = changed
        .iter()
        .fold(facts.values(), |values, value| values.difference(value.fact().values()).union(ValueSet::only(value)));
    // Steps change neither service nor term.
    Facts::tightened(values).unwrap_or(facts)
}

/// The fact that a deed changes, and to what.
fn effect(deed: Deed) -> Option<Value> {
    match deed {
        Deed::Act(Action::RequestRelationship) => Some(Relationship::Requested.into()),
        Deed::Bring(value) => Some(value),
        _ => None,
    }
}

/// Whether something can be done, in a state.
fn can(deed: Deed, decision: &Decision<'_>) -> bool {
    let facts = decision.facts();
    let is = |value: Value| facts.possible(value.fact()).single() == Some(value);
    match deed {
        Deed::Act(Action::RequestRelationship) => {
            is(Relationship::None.into()) && decision.verdict(Action::RequestRelationship) == Verdict::Allowed
        }
        Deed::Bring(value) if value == Relationship::Active.into() => is(Relationship::Requested.into()),
        // Whether it renews or not: what is unknown can be made certain.
        Deed::Bring(value) if value == AutoRenew::Off.into() => facts.values().contains(AutoRenew::On.into()),
        Deed::Bring(value) if value == Partner::IndirectProvider.into() => is(Partner::IndirectReseller.into()),
        Deed::Bring(value) if value == Status::Active.into() => is(Status::Suspended.into()),
        Deed::Bring(value) if value == Transfer::None.into() => is(Transfer::Pending.into()),
        _ => false,
    }
}

/// Whether an action reaches its goal in a state.
fn reaches(action: Action, decision: &Decision<'_>) -> bool {
    let related = decision.facts().known() == Some(Relationship::Active);
    match action {
        Action::RequestRelationship => related,
        Action::WaitUntilTermEnd | Action::CancelThenMove => related && decision.verdict(action) == Verdict::Allowed,
        Action::RecreateAndCancel | Action::Switch => decision.verdict(action) == Verdict::Allowed,
    }
}

/// How a deed of a plan is carried out: the steps of a procedure that tell of it. The request's go on with what the customer does to accept.
fn unfolded(deed: Deed, plan: Action, facts: Facts, at: DateTime<Utc>) -> Vec<ProcedureStep> {
    let (action, numbers) = match deed {
        Deed::Act(Action::RequestRelationship) => (Action::RequestRelationship, 1..=1),
        Deed::Bring(value) if value == Relationship::Active.into() => (Action::RequestRelationship, 2..=u8::MAX),
        Deed::Bring(value) if value == AutoRenew::Off.into() => (Action::WaitUntilTermEnd, 2..=2),
        Deed::Buy if plan == Action::WaitUntilTermEnd => (plan, 3..=3),
        Deed::Buy => (plan, 1..=1),
        Deed::Act(Action::WaitUntilTermEnd) => (plan, 4..=4),
        Deed::Act(Action::CancelThenMove) => (plan, 2..=2),
        Deed::Act(action) => (action, 1..=u8::MAX),
        Deed::Bring(_) | Deed::Wait => return Vec::new(),
    };
    procedure(action, facts, at).into_iter().filter(|step| numbers.contains(&step.number())).collect()
}

/// Who begins a deed.
fn actor(deed: Deed, facts: Facts) -> Actor {
    let current = holder(facts);
    let ours =
        if facts.known() == Some(Partner::IndirectReseller) { Actor::IndirectProvider } else { Actor::NewPartner };
    match deed {
        Deed::Act(Action::RequestRelationship | Action::RecreateAndCancel) => Actor::NewPartner,
        Deed::Act(Action::WaitUntilTermEnd) => Actor::Customer,
        Deed::Bring(value) if value == Relationship::Active.into() => Actor::Customer,
        Deed::Bring(value) if value == Partner::IndirectProvider.into() => Actor::IndirectProvider,
        // Azure outside the Azure plan is handed over by its partner; for all else the new one makes a transfer request.
        Deed::Act(Action::Switch) if facts.known() != Some(Service::Azure) => Actor::NewPartner,
        Deed::Act(Action::Switch | Action::CancelThenMove) | Deed::Bring(_) => current,
        Deed::Buy => ours,
        Deed::Wait => Actor::Time,
    }
}

impl<'c, 'r> Search<'c, 'r> {
    fn of(case: &'c Case, at: DateTime<Utc>, periods: Vec<Period<'r>>) -> Self {
        let mut search = Self { case, at, periods, layers: Vec::new() };
        let mut layer: Vec<Reached> = [Reached { changed: ValueSet::EMPTY, path: Path::new() }].into();
        for period in 0..search.periods.len() {
            // What is behind `next` has been extended; new states are appended, so paths grow step by step.
            let mut next = 0;
            while let Some(reached) = layer.get(next).cloned() {
                let decision = search.decide(period, reached.changed);
                for deed in Self::deeds() {
                    let Some(value) = effect(deed).filter(|_| can(deed, &decision)) else { continue };
                    let changed = reached.changed.difference(value.fact().values()).union(ValueSet::only(value));
                    let path: Path = reached.path.iter().copied().chain([(deed, period)]).collect();
                    match layer.iter_mut().find(|other| other.changed == changed) {
                        Some(other) if other.path.len() <= path.len() => {}
                        Some(other) => other.path = path,
                        None => layer.push(Reached { changed, path }),
                    }
                }
                next += 1;
            }
            layer.sort_by_key(|reached| reached.path.len());
            search.layers.push(layer.clone());
        }
        search
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

    /// From when on something can be done in a period.
    fn from(&self, period: usize) -> DateTime<Utc> {
        self.periods.get(period).map_or(self.at, |period| period.from().max(self.at))
    }

    #[expect(clippy::indexing_slicing, reason = "there is a layer for each period")]
    fn decide(&self, period: usize, changed: ValueSet) -> Decision<'r> {
        let facts = with(self.case.facts(self.from(period)), changed);
        self.periods[period].decision().edition().decide(facts)
    }

    fn plan(&self, action: Action) -> Option<Plan<'r>> {
        let mut layers = self.layers.iter().enumerate();
        let (period, reached) = layers.find_map(|(period, layer)| {
            let reached = layer.iter().find(|reached| reaches(action, &self.decide(period, reached.changed)));
            Some((period, reached?))
        })?;
        Some(self.unfold(action, period, reached))
    }

    /// The first instant from a period on at which something no longer holds.
    fn ends(&self, period: usize, holds: impl Fn(usize) -> bool) -> Option<DateTime<Utc>> {
        let last = (period..self.periods.len()).take_while(|&period| holds(period)).last()?;
        self.periods.get(last)?.until()
    }

    fn unfold(&self, action: Action, period: usize, reached: &Reached) -> Plan<'r> {
        let latest = self.ends(period, |period| reaches(action, &self.decide(period, reached.changed)));
        let act = (action != Action::RequestRelationship).then_some(Deed::Act(action));
        let buys = matches!(action, Action::WaitUntilTermEnd | Action::CancelThenMove).then_some(Deed::Buy);
        // What is bought can be bought as soon as there is the relationship, whatever the action has to wait for, and on when the term is over
        // or cancelled: as long as the policy speaks of such a case.
        let speaks = |period| self.decide(period, reached.changed).firing(action, Effect::Exclude).len() == 0;
        let ready = reached.path.last().map_or(0, |&(_, period)| period);
        let ready = (ready..period).find(|&period| speaks(period)).unwrap_or(period);
        let after_term = if action == Action::WaitUntilTermEnd { self.midnight_after(DAYS_TO_BUY) } else { None };
        let buying = self.ends(ready, speaks).into_iter().chain(after_term).min();
        // The relationship is for buying, where something is bought.
        let related = if buys.is_some() { buying } else { latest };
        let ends = buys.map(|deed| (deed, ready)).into_iter().chain(act.map(|deed| (deed, period)));
        let deeds = reached.path.iter().copied().chain(ends);

        let mut steps: Vec<Step<'r>> = Vec::new();
        let mut changed = ValueSet::EMPTY;
        let mut now = 0;
        for (deed, at) in deeds {
            if at > now {
                steps.push(self.wait(action, now, at, changed));
                now = at;
            }
            let decision = self.decide(at, changed);
            let next = effect(deed)
                .map_or(changed, |value| changed.difference(value.fact().values()).union(ValueSet::only(value)));
            let (rules, advice) = match deed {
                Deed::Act(action) => (decision.rules(action).collect(), decision.advice(action).collect()),
                Deed::Bring(value) => {
                    // What it is done to meet may come into force later.
                    let without = self.decide(period, reached.changed.difference(value.fact().values()));
                    (met(action, &without, &self.decide(period, reached.changed)), Vec::new())
                }
                Deed::Buy => (Vec::new(), self.decide(period, changed).advice(action).collect()),
                Deed::Wait => (Vec::new(), Vec::new()),
            };
            let until = match deed {
                Deed::Act(Action::RequestRelationship) => {
                    let allowed = self.ends(at, |period| can(deed, &self.decide(period, changed)));
                    allowed.into_iter().chain(related).min()
                }
                Deed::Bring(value) if value == Relationship::Active.into() => related,
                Deed::Buy => buying,
                _ => latest,
            };
            let after = self.after(&steps, deed, at, changed);
            let earliest = self.from(at);
            let procedure = unfolded(deed, action, decision.facts(), earliest);
            let actor = actor(deed, decision.facts());
            steps.push(Step {
                deed,
                actor,
                earliest,
                latest: until,
                after,
                rules,
                advice,
                procedure,
                state: decision.facts(),
            });
            changed = next;
        }
        let done = match action {
            Action::WaitUntilTermEnd => self.midnight_after(0),
            _ => Some(self.from(period)),
        };
        Plan { action, steps, done }
    }

    /// The first instant of the day that is so many days behind the last one of the term; none in years that RFC 3339 cannot write.
    fn midnight_after(&self, days: u64) -> Option<DateTime<Utc>> {
        let day = self.case.subscription.term()?.ends_on().checked_add_days(Days::new(days + 1))?;
        Some(day.and_time(NaiveTime::MIN).and_utc()).filter(|at| is_writable(*at))
    }

    /// The step of waiting from one period for another, for the sake of an action.
    fn wait(&self, action: Action, from: usize, until: usize, changed: ValueSet) -> Step<'r> {
        let (before, after) = (self.decide(from, changed), self.decide(until, changed));
        let actions = [action, Action::RequestRelationship];
        let actions = actions.iter().take(if action == Action::RequestRelationship { 1 } else { 2 });
        let turned = actions.flat_map(|&action| turned(action, &before, &after)).fold(Vec::new(), |mut rules, rule| {
            if !rules.contains(&rule) {
                rules.push(rule);
            }
            rules
        });
        let by_edition = self.periods.get(until).is_some_and(|period| period.begins_with_phases().is_none());
        Step {
            deed: Deed::Wait,
            actor: if by_edition { Actor::Microsoft } else { Actor::Time },
            earliest: self.from(from),
            latest: Some(self.from(until)),
            after: Vec::new(),
            rules: turned,
            advice: Vec::new(),
            procedure: Vec::new(),
            state: before.facts(),
        }
    }

    /// The steps without which a deed could not be done, or the goal not be reached by it.
    fn after(&self, steps: &[Step<'r>], deed: Deed, period: usize, changed: ValueSet) -> Vec<usize> {
        let fails = |facts: Facts, period: &Period<'r>| {
            let decision = period.decision().edition().decide(facts);
            match deed {
                Deed::Act(Action::RequestRelationship) | Deed::Bring(_) => !can(deed, &decision),
                Deed::Buy => facts.known() != Some(Relationship::Active),
                // Waiting and cancelling need no relationship, only buying does.
                Deed::Act(action) => decision.verdict(action) != Verdict::Allowed,
                Deed::Wait => false,
            }
        };
        let needed = |&(_, step): &(usize, &Step<'r>)| match effect(step.deed) {
            // Without waiting: in the period before.
            None => self.periods.iter().find(|period| period.contains(step.earliest)).is_some_and(|before| {
                step.deed == Deed::Wait && fails(with(self.case.facts(step.earliest), changed), before)
            }),
            // Without what the step changed, as far as a later step has not changed it again.
            Some(value) if changed.contains(value) => {
                let before = step.state.possible(value.fact());
                let facts = with(self.case.facts(self.from(period)), changed.difference(ValueSet::only(value)));
                let values = facts.values().difference(value.fact().values()).union(before);
                Facts::tightened(values)
                    .zip(self.periods.get(period))
                    .is_some_and(|(facts, period)| fails(facts, period))
            }
            Some(_) => false,
        };
        steps.iter().enumerate().filter(needed).map(|(at, _)| at).collect()
    }

    fn obstacles(&self, action: Action) -> Vec<Obstacle<'r>> {
        let mut obstacles: Vec<Obstacle<'r>> = Vec::new();
        for (number, layer) in self.layers.iter().enumerate() {
            // The state in which the fewest rules stand in the way, of those the one with the best verdict.
            let best = layer.iter().map(|reached| self.decide(number, reached.changed)).min_by_key(|decision| {
                let verdict = decision.verdict(action);
                let closed = verdict == Verdict::Denied || verdict == Verdict::NotCovered;
                (closed, if closed { decision.rules(action).len() } else { 0 }, verdict)
            });
            let Some(decision) = best else { continue };
            let until = self.periods.get(number).and_then(Period::until);
            let mut obstacle = Obstacle::of(action, &decision, self.from(number), until);
            if matches!(obstacle.verdict, Verdict::Allowed | Verdict::Conditional)
                && !decision.facts().values().contains(Relationship::Active.into())
            {
                let relationship = Obstacle::of(Action::RequestRelationship, &decision, obstacle.from, until);
                obstacle.relationship = Some(relationship.into());
            }
            match obstacles.last_mut() {
                Some(last) if last.is_like(&obstacle) => last.extend(until),
                _ => obstacles.push(obstacle),
            }
        }
        obstacles
    }
}

/// The rules on an action that end its being closed: those that close it, and fire no longer, and those that permit it, and fire now.
fn turned<'r>(action: Action, before: &Decision<'r>, after: &Decision<'r>) -> Vec<&'r Rule> {
    let lost = |effect| difference(before.firing(action, effect), after.firing(action, effect));
    let closing = [Effect::Exclude, Effect::Forbid, Effect::Require].into_iter().flat_map(lost);
    closing.chain(difference(after.firing(action, Effect::Permit), before.firing(action, Effect::Permit))).collect()
}

/// The rules that are not among others.
fn difference<'r>(rules: Rules<'r>, others: Rules<'r>) -> impl Iterator<Item = &'r Rule> {
    rules.filter(move |rule| !others.clone().any(|other| core::ptr::eq(*rule, other)))
}

/// The rules on an action that a change meets: they fire before it and not after it.
fn met<'r>(action: Action, before: &Decision<'r>, after: &Decision<'r>) -> Vec<&'r Rule> {
    let effects = [Effect::Forbid, Effect::Require, Effect::Advise];
    let fires = |decision: &Decision<'r>, rule: &Rule| {
        effects.iter().any(|&effect| decision.firing(action, effect).any(|other| other.id() == rule.id()))
    };
    let before = effects.into_iter().flat_map(|effect| before.firing(action, effect));
    before.filter(|rule| !fires(after, rule)).collect()
}
