//! Plans: the ways to a goal, step by step, found by search over the facts that steps change.

mod display;
mod layout;
mod search;

use core::fmt;
use core::str::FromStr;
use std::boxed::Box;
use std::vec::Vec;

use chrono::{DateTime, NaiveDate, Utc};

use super::{Actor, Calendar, ProcedureStep};
use crate::facts::Facts;
use crate::records::{Case, Term};
use crate::rulebook::{BeforeFirstEdition, Rulebook};
use crate::rules::Rule;
use crate::vocabulary::{Action, FactSet, Relationship, UnknownWord, Value, Verdict};
use layout::Layout;
use search::Search;

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
///
/// ```
/// use csp_multichannel::guidance::Deed;
/// use csp_multichannel::{Action, AutoRenew, Relationship};
///
/// assert_eq!(Deed::Bring(AutoRenew::Off.into()).to_string(), "turn off auto-renew");
/// assert_eq!(Deed::Act(Action::RequestRelationship).changes(), Some(Relationship::Requested.into()));
/// assert_eq!(Deed::Act(Action::Switch).changes(), None);
/// ```
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

    /// The value that a fact has once it is done; none where it changes no fact.
    #[must_use]
    pub fn changes(self) -> Option<Value> {
        match self {
            Self::Act(Action::RequestRelationship) => Some(Relationship::Requested.into()),
            Self::Bring(value) => Some(value),
            Self::Act(_) | Self::Buy | Self::Wait => None,
        }
    }
}

/// A step of a plan.
///
/// Each names where it comes from: [`rules`](Self::rules), the rows of a [`procedure`](Self::procedure), or both.
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

    /// The first instant at which it is too late, in UTC: for itself, or for a step that comes after it. None where no end is known, or where it
    /// lies after the year 9999.
    #[must_use]
    pub const fn latest(&self) -> Option<DateTime<Utc>> {
        self.latest
    }

    /// The steps of the plan, by their positions, that have to be done before.
    #[must_use]
    pub fn after(&self) -> &[usize] {
        &self.after
    }

    /// The rules behind it, with their sources and basis.
    ///
    /// Of an action, those that permit it. Of what is done or waited for to open an action, the rules on that action that it meets: those that
    /// stand in the way before and not after, and those that permit it only after.
    #[must_use]
    pub fn rules(&self) -> &[&'r Rule] {
        &self.rules
    }

    /// What to know before it.
    #[must_use]
    pub fn advice(&self) -> &[&'r Rule] {
        &self.advice
    }

    /// How it is carried out, by the documents of the day of `earliest`: the rows that describe [this deed](ProcedureStep::deed) in the procedures
    /// of the plan's action and of the request.
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

    /// The earliest instant at which the goal is reached, in UTC; none where the plan waits for the end of a term that is not known, or that lies
    /// after the year 9999.
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

    /// The rules that stand in the way in that state: what excludes, forbids or requires. None where the documents are silent, or where only a
    /// [relationship](Self::relationship) is missing.
    #[must_use]
    pub fn rules(&self) -> &[&'r Rule] {
        &self.rules
    }

    /// The unknown facts on which it turns whether this stands in the way: those of an undetermined verdict, and the relationship where it is unknown
    /// and needed.
    #[must_use]
    pub const fn turns_on(&self) -> FactSet {
        self.turns_on
    }

    /// What stands in the way of requesting a relationship, where there is none and the action would be open with one.
    #[must_use]
    pub fn relationship(&self) -> Option<&Self> {
        self.relationship.as_deref()
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
    /// The ways to a goal for a case, from an instant on, in UTC; from the purchase on, where the term begins later.
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
        let term = case.subscription.term();
        // What is not bought yet can be neither managed nor moved.
        let at = term.map_or(at, |term| at.max(term.purchased_at()));
        Ok(Self::found(goal, at, &Calendar::of(case, rulebook), term.as_ref().map(Term::ends_on)))
    }

    /// The same for facts, where the dates of the term are not known.
    ///
    /// All that is known is taken to stay as it is, the phase of the term as well: only the policy changes with time. When the phase ends nobody
    /// knows then, and neither [`Step::latest`] nor [`Plan::done`] tells.
    ///
    /// # Errors
    ///
    /// [`BeforeFirstEdition`] for an instant before the rulebook's first edition.
    ///
    /// ```
    /// use csp_multichannel::guidance::{Goal, Plans};
    /// use csp_multichannel::*;
    ///
    /// let facts = [Service::License.into(), Channel::Direct.into(), Cloud::Public.into(), Customer::EndCustomer.into(), Market::Same.into(),
    ///     Relationship::Active.into(), Status::Active.into(), TermPhase::Committed.into()];
    /// let facts = Facts::UNKNOWN.given(ValueSet::from_iter(facts))?;
    /// let plans = Plans::of_facts(facts, Goal::Move, parse_instant("2026-11-24")?, Rulebook::partner_center())?;
    ///
    /// assert_eq!((plans.ways()[0].action(), plans.ways()[0].done()), (Action::WaitUntilTermEnd, None));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn of_facts(
        facts: Facts,
        goal: Goal,
        at: DateTime<Utc>,
        rulebook: &'r Rulebook,
    ) -> Result<Self, BeforeFirstEdition> {
        rulebook.edition_at(at)?;
        Ok(Self::found(goal, at, &Calendar::of_facts(facts, rulebook), None))
    }

    fn found(goal: Goal, at: DateTime<Utc>, calendar: &Calendar<'r>, last_day: Option<NaiveDate>) -> Self {
        let search = Search::of(calendar, at, last_day);
        let mut ways = Vec::new();
        let mut obstacles = Vec::new();
        for &action in goal.actions() {
            match search.shortest(action) {
                Some((period, reached)) => ways.push(Layout::of(&search, action, period, reached).plan()),
                None => obstacles.extend(search.obstacles(action)),
            }
        }
        ways.sort_by_key(|plan| (plan.done.is_none(), plan.done, plan.steps.len()));
        Self { goal, ways, obstacles }
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

    /// What stands in the way of the actions that do not reach the goal, period by period, action after action.
    #[must_use]
    pub fn obstacles(&self) -> &[Obstacle<'r>] {
        &self.obstacles
    }
}
