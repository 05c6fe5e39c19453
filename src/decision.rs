//! Deciding, and what a decision can be asked for.

use core::fmt;

use chrono::{DateTime, Utc};

use crate::fact::Fact;
use crate::facts::Facts;
use crate::index::{RuleMask, RulesByEffect};
use crate::rule::{Action, Effect, Rule, Verdict};
use crate::rulebook::{BeforeFirstEdition, Edition, RuleIter, Rulebook};
use crate::set::Set;
use crate::subscription::Subscription;
use crate::unknown::{Space, outlook};

impl Rulebook {
    /// Decides a subscription at an instant, in UTC.
    ///
    /// # Errors
    ///
    /// [`BeforeFirstEdition`] for an instant before the first rule is in force.
    pub fn decide(
        &self,
        subscription: &Subscription,
        at: DateTime<Utc>,
    ) -> Result<Decision<'_>, BeforeFirstEdition> {
        Ok(self.edition_at(at)?.decide(subscription.facts_at(at)))
    }
}

impl<'r> Edition<'r> {
    /// Decides a case: a verdict on each action, and the rules behind it.
    ///
    /// Allocates nothing. With unknown facts the verdicts are exact: those on which all possible cases
    /// agree, else [`Verdict::Undetermined`].
    ///
    /// ```
    /// use csp_multichannel::{Action, Channel, Facts, Rulebook, Verdict, parse_instant};
    ///
    /// let edition = Rulebook::partner_center().edition_at(parse_instant("2018-09-15")?)?;
    /// let decision = edition.decide(Facts::from(Channel::ThisPartner));
    /// assert_eq!(decision.verdict(Action::Switch), Verdict::NotCovered);
    /// let reason = decision.reasons(Action::Switch).next().map(|rule| rule.id());
    /// assert_eq!(reason, Some("not-bought-elsewhere"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    #[inline]
    pub fn decide(self, facts: Facts) -> Decision<'r> {
        let (certain, firing) = self.index().masks(facts);
        Decision { edition: self, facts, certain, firing }
    }

    /// Decides many cases; returns how many were decided, the length of the shorter slice.
    ///
    /// ```
    /// use csp_multichannel::{Action, Channel, Facts, Rulebook, Verdict, Verdicts, parse_instant};
    ///
    /// let edition = Rulebook::partner_center().edition_at(parse_instant("2018-09-15")?)?;
    /// let facts = [Channel::ThisPartner, Channel::SyndicationPartner].map(Facts::from);
    /// let mut verdicts = [Verdicts::default(); 2];
    /// assert_eq!(edition.decide_all(&facts, &mut verdicts), 2);
    /// assert!(verdicts.iter().all(|of| *of.on(Action::Switch) == Verdict::NotCovered));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[inline]
    pub fn decide_all(self, facts: &[Facts], verdicts: &mut [Verdicts]) -> usize {
        for (facts, verdicts) in facts.iter().zip(&mut *verdicts) {
            *verdicts = self.decide(*facts).verdicts();
        }
        facts.len().min(verdicts.len())
    }
}

/// The decision on one case: for each action a verdict, the rules behind it, and what it depends on.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Decision<'r> {
    edition: Edition<'r>,
    facts: Facts,
    /// The rules that fire in every possible case.
    pub(crate) certain: RuleMask,
    /// The rules that fire in some possible case.
    pub(crate) firing: RuleMask,
}

impl<'r> Decision<'r> {
    /// Returns the edition that decided.
    #[must_use]
    pub const fn edition(&self) -> Edition<'r> {
        self.edition
    }

    /// Returns the facts that were decided.
    #[must_use]
    pub const fn facts(&self) -> Facts {
        self.facts
    }

    /// Returns the verdict on an action.
    ///
    /// Vetoes override all other rules; exclusions override forbids; forbids override permits. Without any
    /// of these the documents are silent, and the verdict is `not_covered`.
    #[must_use]
    #[inline]
    pub fn verdict(&self, action: Action) -> Verdict {
        self.possible(action).single().unwrap_or(Verdict::Undetermined)
    }

    /// Returns the verdicts on all actions, to keep.
    #[must_use]
    #[inline]
    pub fn verdicts(&self) -> Verdicts {
        let index = self.edition.index();
        let mut verdicts = ByAction([Verdict::NotCovered; Action::ALL.len()]);
        if self.certain != self.firing {
            return self.one_by_one();
        }
        if index.any_sweeps(self.certain) {
            return if index.any_vetoes(self.certain) { self.one_by_one() } else { verdicts };
        }
        for (verdict, effects) in verdicts.0.iter_mut().zip(index.effects()) {
            *verdict = without_veto(self.certain, effects);
        }
        verdicts
    }

    /// The verdicts on all actions, each on its own; out of the way of known cases.
    #[cold]
    fn one_by_one(self) -> Verdicts {
        let space = self.space();
        Verdicts::from_fn(|action| {
            self.possible_in(space.as_ref(), action).single().unwrap_or(Verdict::Undetermined)
        })
    }

    /// Returns the actions that are allowed.
    #[must_use]
    pub fn allowed(&self) -> Set<Action> {
        self.verdicts().actions_with(Verdict::Allowed)
    }

    /// Returns the actions that are allowed once their requirements are met.
    #[must_use]
    pub fn conditional(&self) -> Set<Action> {
        self.verdicts().actions_with(Verdict::Conditional)
    }

    /// Returns the rules that decide the verdict in every possible case, in register order.
    ///
    /// These are the permits of `allowed` and `conditional`, the vetoes or else the forbids of `denied`, the
    /// exclusions of `not_covered`. An undetermined verdict has none.
    #[must_use]
    pub fn reasons(&self, action: Action) -> RuleIter<'r> {
        self.edition.rules_in(self.deciding(action, self.verdict(action)))
    }

    /// Returns what has to be met first in every possible case, in the register order of the first rule that requires
    /// it in some case.
    ///
    /// Only a `conditional` verdict has requirements.
    pub fn requirements(&self, action: Action) -> impl Iterator<Item = &'r str> + Clone {
        self.required(action, self.verdict(action)).filter_map(|(rule, _)| rule.requirement())
    }

    /// Returns the advice that applies in every possible case, in register order.
    ///
    /// Only the verdicts `allowed` and `conditional` have advice.
    #[must_use]
    pub fn advice(&self, action: Action) -> RuleIter<'r> {
        self.edition.rules_in(self.advising(action, self.verdict(action)) & self.certain)
    }

    /// Returns the verdicts that some possible case has: several where it is undetermined, else the one.
    #[must_use]
    pub fn possible(&self, action: Action) -> Set<Verdict> {
        let outlook = self.outlook(action);
        if outlook.len() == 1 { outlook } else { self.possible_in(self.space().as_ref(), action) }
    }

    /// Returns the unknown facts on which an undetermined verdict depends: their value alone can change it.
    #[must_use]
    pub fn depends_on(&self, action: Action) -> Set<Fact> {
        let effects = self.edition.index().effects_on(action);
        if self.outlook(action).len() == 1 {
            return Set::EMPTY;
        }
        self.space().map_or(Set::EMPTY, |space| space.deciding_facts(effects))
    }

    /// The verdicts that the two masks leave open, without a search.
    fn outlook(&self, action: Action) -> Set<Verdict> {
        outlook(self.certain, self.firing, self.edition.index().effects_on(action))
    }

    /// The space of possible cases, where different rules fire in them.
    pub(crate) fn space(&self) -> Option<Space<'r>> {
        let varies = self.certain != self.firing;
        varies.then(|| Space::new(self.edition.index(), self.facts))
    }

    pub(crate) fn possible_in(&self, space: Option<&Space<'_>>, action: Action) -> Set<Verdict> {
        let effects = self.edition.index().effects_on(action);
        match space {
            Some(space) => space.verdicts(effects),
            None => by_rank(self.certain, effects).into(),
        }
    }

    /// The rules that have an effect on an action.
    pub(crate) const fn rules_with(&self, action: Action, effect: Effect) -> RuleMask {
        self.edition.index().rules_with(action, effect)
    }

    /// The rules that decide the verdict on an action in every possible case.
    pub(crate) const fn deciding(&self, action: Action, verdict: Verdict) -> RuleMask {
        let veto = self.rules_with(action, Effect::Veto);
        self.certain
            & match verdict {
                Verdict::Allowed | Verdict::Conditional => self.rules_with(action, Effect::Permit),
                // Where a veto fires, it decides alone.
                Verdict::Denied if self.firing & veto != 0 => veto,
                Verdict::Denied => self.rules_with(action, Effect::Forbid),
                Verdict::NotCovered => self.rules_with(action, Effect::Exclude),
                Verdict::Undetermined => 0,
            }
    }

    /// The advice on an action in some possible case, where its verdict has any.
    pub(crate) const fn advising(&self, action: Action, verdict: Verdict) -> RuleMask {
        match verdict {
            Verdict::Allowed | Verdict::Conditional => {
                self.firing & self.rules_with(action, Effect::Advise)
            }
            Verdict::Denied | Verdict::NotCovered | Verdict::Undetermined => 0,
        }
    }

    /// What is required in every possible case: for each requirement its first rule.
    pub(crate) fn required(
        &self,
        action: Action,
        verdict: Verdict,
    ) -> impl Iterator<Item = (&'r Rule, RuleMask)> + Clone + use<'r> {
        let conditional = verdict == Verdict::Conditional;
        let Self { edition, facts, certain, .. } = *self;
        let requirements =
            self.requirements_in(if conditional { self.requiring(action) } else { 0 });
        requirements.filter(move |&(_, same)| {
            same & certain != 0 || Space::new(edition.index(), facts).one_fires(same)
        })
    }

    /// The rules that require something for an action in some possible case.
    pub(crate) const fn requiring(&self, action: Action) -> RuleMask {
        self.firing & self.rules_with(action, Effect::Require)
    }

    /// For each requirement of some rules its first rule, and all that require the same.
    pub(crate) fn requirements_in(
        &self,
        rules: RuleMask,
    ) -> impl Iterator<Item = (&'r Rule, RuleMask)> + Clone + use<'r> {
        let edition = self.edition;
        let requirement = move |rule| edition.rules_in(rule).next().and_then(Rule::requirement);
        ones(rules).filter_map(move |rule| {
            let same = ones(rules).filter(|&other| requirement(other) == requirement(rule));
            let same = same.fold(0, |same, other| same | other);
            let is_first = same & (rule - 1) == 0;
            edition.rules_in(rule).next().filter(|_| is_first).map(|rule| (rule, same))
        })
    }
}

/// The bits of a mask, one at a time.
pub(crate) fn ones(mask: RuleMask) -> impl Iterator<Item = RuleMask> + Clone {
    let next = |rest: &RuleMask| Some(rest & (rest - 1)).filter(|&rest| rest != 0);
    let rests = core::iter::successors(Some(mask).filter(|&mask| mask != 0), next);
    rests.map(|rest| rest & rest.wrapping_neg())
}

/// The verdict on an action, from all rules that fire.
#[inline]
const fn by_rank(fired: RuleMask, effects: &RulesByEffect) -> Verdict {
    let [veto, ..] = effects;
    if fired & *veto != 0 { Verdict::Denied } else { without_veto(fired, effects) }
}

/// The same, where no veto fires.
#[inline]
const fn without_veto(fired: RuleMask, effects: &RulesByEffect) -> Verdict {
    let [_, exclude, forbid, permit, require, _] = effects;
    if fired & *exclude != 0 {
        Verdict::NotCovered
    } else if fired & *forbid != 0 {
        Verdict::Denied
    } else if fired & *permit == 0 {
        Verdict::NotCovered
    } else if fired & *require != 0 {
        Verdict::Conditional
    } else {
        Verdict::Allowed
    }
}

impl fmt::Debug for Decision<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decision")
            .field("edition", &self.edition)
            .field("facts", &self.facts)
            .field("verdicts", &self.verdicts())
            .field("certain", &self.edition.rules_in(self.certain))
            .finish_non_exhaustive()
    }
}

/// An entry for each action.
///
/// ```
/// use csp_multichannel::{Action, Facts, Rulebook, Service, Verdict, parse_instant};
///
/// let edition = Rulebook::partner_center().edition_at(parse_instant("2018-09-15")?)?;
/// let verdicts = edition.decide(Facts::from(Service::Software)).verdicts();
/// assert_eq!(*verdicts.on(Action::Switch), Verdict::NotCovered);
/// assert!(verdicts.iter().all(|(_, &verdict)| verdict == Verdict::NotCovered));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ByAction<T>(pub(crate) [T; Action::ALL.len()]);

/// The verdicts on all actions, without the rules behind them: to keep.
///
/// The default is `not_covered` everywhere, for filling a slice to decide into.
pub type Verdicts = ByAction<Verdict>;

impl<T> ByAction<T> {
    /// Makes the entry for each action.
    #[must_use]
    #[inline]
    pub fn from_fn(mut entry: impl FnMut(Action) -> T) -> Self {
        Self([
            entry(Action::RequestRelationship),
            entry(Action::RecreateAndCancel),
            entry(Action::Switch),
            entry(Action::WaitUntilTermEnd),
            entry(Action::CancelThenMove),
        ])
    }

    /// Returns the entry for an action.
    #[must_use]
    #[inline]
    pub const fn on(&self, action: Action) -> &T {
        let [
            request_relationship,
            recreate_and_cancel,
            switch,
            wait_until_term_end,
            cancel_then_move,
        ] = &self.0;
        match action {
            Action::RequestRelationship => request_relationship,
            Action::RecreateAndCancel => recreate_and_cancel,
            Action::Switch => switch,
            Action::WaitUntilTermEnd => wait_until_term_end,
            Action::CancelThenMove => cancel_then_move,
        }
    }

    /// Iterates over each action with its entry, in the order of the policy's table.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (Action, &T)> + Clone {
        Action::ALL.iter().copied().zip(&self.0)
    }
}

impl Verdicts {
    /// Returns the actions with a verdict.
    #[must_use]
    pub fn actions_with(&self, verdict: Verdict) -> Set<Action> {
        self.iter().filter(|&(_, on)| *on == verdict).map(|(action, _)| action).collect()
    }
}

impl Default for Verdicts {
    fn default() -> Self {
        Self::from_fn(|_| Verdict::NotCovered)
    }
}
