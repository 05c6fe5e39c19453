//! Decisions: how they are made, and what they contain.

use core::fmt;

use chrono::{DateTime, Utc};

use crate::fact::Fact;
use crate::facts::Facts;
use crate::index::{RuleMask, RulesByEffect};
use crate::rule::{Action, Effect, Rule, Verdict};
use crate::rulebook::{BeforeFirstEdition, Edition, Rulebook};
use crate::set::Set;
use crate::subscription::Subscription;
use crate::unknown::{Space, outlook};

impl Rulebook {
    /// Decides a subscription at an instant, in UTC.
    ///
    /// # Errors
    ///
    /// [`BeforeFirstEdition`] for an instant before the first rule is in force.
    ///
    /// ```
    /// use csp_multichannel::{
    ///     Action, Effect, Rule, Rulebook, Subscription, Verdict, parse_instant,
    /// };
    ///
    /// let rule = Rule::new("freeze", Effect::Veto, Action::Switch, "2026-06-01".parse()?);
    /// let rulebook = Rulebook::new([rule.with_reason("no transfers during the migration")])?;
    /// let decision = rulebook.decide(&Subscription::new(), parse_instant("2026-06-01")?)?;
    /// assert_eq!(decision.verdict(Action::Switch), Verdict::Denied);
    ///
    /// let earlier = parse_instant("2026-05-31T23:59:59Z")?;
    /// assert_eq!(
    ///     rulebook.decide(&Subscription::new(), earlier).unwrap_err().to_string(),
    ///     "no rule is in force at 2026-05-31T23:59:59Z, \
    ///      expected 2026-06-01T00:00:00Z or a later instant",
    /// );
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn decide(
        &self,
        subscription: &Subscription,
        at: DateTime<Utc>,
    ) -> Result<Decision<'_>, BeforeFirstEdition> {
        Ok(self.edition_at(at)?.decide(subscription.facts_at(at)))
    }
}

impl<'r> Edition<'r> {
    /// Decides a case: finds the verdict on each action, and the rules behind it.
    ///
    /// This allocates no memory. With unknown facts the verdicts are exact: an action has the
    /// verdict of all possible cases, or otherwise [`Verdict::Undetermined`].
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

    /// Decides many cases, and returns the number of decided ones, the length of the shorter slice.
    ///
    /// ```
    /// use csp_multichannel::{Channel, Facts, Rulebook, Verdict, Verdicts, parse_instant};
    ///
    /// let edition = Rulebook::partner_center().edition_at(parse_instant("2018-09-15")?)?;
    /// let facts = [Channel::ThisPartner, Channel::SyndicationPartner].map(Facts::from);
    /// let mut verdicts = [Verdicts::default(); 2];
    /// assert_eq!(edition.decide_all(&facts, &mut verdicts), 2);
    /// assert_eq!(verdicts, [Verdicts::from_fn(|_| Verdict::NotCovered); 2]);
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

/// The decision on one case: the verdict on each action, with the rules and facts behind it.
///
/// ```
/// use csp_multichannel::{Action, Channel, Facts, Rulebook, Service, Verdict, parse_instant};
///
/// let edition = Rulebook::partner_center().edition_at(parse_instant("2018-09-15")?)?;
/// let facts = Facts::from(Channel::Direct).with(Service::Azure);
/// let decision = edition.decide(facts);
/// assert_eq!((decision.edition(), decision.facts()), (edition, facts));
/// assert_eq!(decision.verdict(Action::Switch), Verdict::Undetermined);
/// assert_eq!(decision.possible(Action::Switch).to_string(), "denied, not_covered");
/// assert_eq!(decision.depends_on(Action::Switch).to_string(), "cloud");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
    /// Returns the edition with which the case was decided.
    #[must_use]
    pub const fn edition(&self) -> Edition<'r> {
        self.edition
    }

    /// Returns the facts of the case.
    #[must_use]
    pub const fn facts(&self) -> Facts {
        self.facts
    }

    /// Returns the verdict on an action.
    ///
    /// Vetoes override all other rules, exclusions override forbids, and forbids override permits.
    /// Without any of these the documents are silent, and the verdict is `not_covered`.
    ///
    /// ```
    /// use csp_multichannel::{Action, Facts, Rulebook, Service, Verdict, parse_instant};
    ///
    /// // Azure plans are sold since 2019-11-01.
    /// let verdict = |at| {
    ///     let edition = Rulebook::partner_center().edition_at(parse_instant(at)?)?;
    ///     let decision = edition.decide(Facts::from(Service::AzurePlan));
    ///     Ok::<_, Box<dyn std::error::Error>>(decision.verdict(Action::Switch))
    /// };
    /// assert_eq!(verdict("2019-10-31")?, Verdict::NotCovered);
    /// assert_eq!(verdict("2019-11-01")?, Verdict::Undetermined);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    #[inline]
    pub fn verdict(&self, action: Action) -> Verdict {
        self.possible(action).single().unwrap_or(Verdict::Undetermined)
    }

    /// Returns the verdicts on all actions, without the rules behind them.
    ///
    /// ```
    /// use csp_multichannel::{
    ///     Channel, Cloud, Facts, Relationship, Rulebook, Service, parse_instant,
    /// };
    ///
    /// let edition = Rulebook::partner_center().edition_at(parse_instant("2018-09-15")?)?;
    /// let facts = Facts::from(Channel::Direct)
    ///     .with(Service::Azure)
    ///     .with(Cloud::Public)
    ///     .with(Relationship::None);
    /// let verdicts = edition.decide(facts).verdicts();
    /// let words: Vec<_> = verdicts.iter().map(|(_, verdict)| verdict.as_str()).collect();
    /// assert_eq!(words, ["allowed", "undetermined", "denied", "denied", "undetermined"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
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

    /// The verdicts on all actions, each computed separately. Known cases do not need this.
    #[cold]
    fn one_by_one(self) -> Verdicts {
        let space = self.space();
        Verdicts::from_fn(|action| {
            self.possible_in(space.as_ref(), action).single().unwrap_or(Verdict::Undetermined)
        })
    }

    /// Returns the actions that are allowed.
    ///
    /// ```
    /// use csp_multichannel::{
    ///     Action, Channel, Cloud, Facts, Relationship, Rulebook, Service, Set, parse_instant,
    /// };
    ///
    /// let edition = Rulebook::partner_center().edition_at(parse_instant("2018-09-15")?)?;
    /// let facts = Facts::from(Channel::Direct)
    ///     .with(Service::Azure)
    ///     .with(Cloud::Public)
    ///     .with(Relationship::None);
    /// let allowed = edition.decide(facts).allowed();
    /// assert_eq!(allowed, Set::from(Action::RequestRelationship));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn allowed(&self) -> Set<Action> {
        self.actions_with(Verdict::Allowed)
    }

    /// Returns the actions that are allowed once their requirements are met.
    ///
    /// ```
    /// use csp_multichannel::{Action, Effect, Facts, Rule, Rulebook, Set};
    ///
    /// let rule = |id: &'static str, effect| -> Result<Rule, Box<dyn std::error::Error>> {
    ///     let from = "2026-01-01".parse()?;
    ///     Ok(Rule::new(id, effect, Action::Switch, from).with_reason("by contract"))
    /// };
    /// let signed = rule("signed", Effect::Require)?.with_requirement("signed_contract");
    /// let rulebook = Rulebook::new([rule("transfer", Effect::Permit)?, signed])?;
    /// let edition = rulebook.editions().next().ok_or("no edition")?;
    /// assert_eq!(edition.decide(Facts::UNKNOWN).conditional(), Set::from(Action::Switch));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn conditional(&self) -> Set<Action> {
        self.actions_with(Verdict::Conditional)
    }

    fn actions_with(&self, verdict: Verdict) -> Set<Action> {
        let verdicts = self.verdicts();
        verdicts.iter().filter(|&(_, on)| *on == verdict).map(|(action, _)| action).collect()
    }

    /// Returns the rules that decide the verdict in every possible case, in register order.
    ///
    /// These are the permits of `allowed` and `conditional`, the vetoes or otherwise the forbids of
    /// `denied`, and the exclusions of `not_covered`. An undetermined verdict has none.
    ///
    /// ```
    /// use csp_multichannel::{
    ///     Action, Channel, Cloud, Facts, Region, Rule, Rulebook, Service, parse_instant,
    /// };
    ///
    /// let edition = Rulebook::partner_center().edition_at(parse_instant("2018-09-15")?)?;
    /// let facts = Facts::from(Channel::Direct)
    ///     .with(Service::License)
    ///     .with(Cloud::Public)
    ///     .with(Region::Other);
    /// let decision = edition.decide(facts);
    /// let reasons: Vec<_> = decision.reasons(Action::Switch).map(Rule::id).collect();
    /// assert_eq!(reasons, ["license-no-switch", "transfer-other-region"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn reasons(
        &self,
        action: Action,
    ) -> impl ExactSizeIterator<Item = &'r Rule> + Clone + fmt::Debug + use<'r> {
        self.edition.rules_in(self.deciding(action, self.verdict(action)))
    }

    /// Returns the requirements that have to be met first in every possible case.
    ///
    /// Only a `conditional` verdict has requirements. They are in the register order of the first
    /// rule that requires them in some possible case.
    ///
    /// ```
    /// use csp_multichannel::{Action, Facts, Rulebook, parse_instant};
    /// # use csp_multichannel::{Channel, Cloud, Customer, Partner, Region, Relationship};
    /// # use csp_multichannel::{Service, Status, Transfer};
    ///
    /// # let facts = Facts::from(Channel::OtherCspPartner)
    /// #     .with(Service::AzurePlan)
    /// #     .with(Cloud::Public)
    /// #     .with(Region::Same)
    /// #     .with(Customer::EndCustomer)
    /// #     .with(Status::Active)
    /// #     .with(Transfer::None);
    /// let edition = Rulebook::partner_center().edition_at(parse_instant("2024-01-01")?)?;
    /// // The other facts permit the transfer of an Azure plan.
    /// let facts = facts.with(Relationship::None).with(Partner::IndirectReseller);
    /// let decision = edition.decide(facts);
    /// let requirements: Vec<_> = decision.requirements(Action::Switch).collect();
    /// assert_eq!(requirements, ["active_relationship", "indirect_provider"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn requirements(&self, action: Action) -> impl Iterator<Item = &'r str> + Clone {
        self.required(action, self.verdict(action)).filter_map(|(rule, _)| rule.requirement())
    }

    /// Returns the advice that applies in every possible case, in register order.
    ///
    /// Only the verdicts `allowed` and `conditional` have advice.
    ///
    /// ```
    /// use csp_multichannel::{Action, Facts, Rule, Rulebook, parse_instant};
    /// # use csp_multichannel::{Channel, Cloud, Relationship, Service};
    ///
    /// # let azure = Facts::from(Channel::Direct)
    /// #     .with(Service::Azure)
    /// #     .with(Cloud::Public)
    /// #     .with(Relationship::None);
    /// let edition = Rulebook::partner_center().edition_at(parse_instant("2018-09-15")?)?;
    /// let decision = edition.decide(azure);
    /// let advice = decision.advice(Action::RequestRelationship).next();
    /// assert_eq!(
    ///     advice.map(Rule::reason),
    ///     Some(
    ///         "the relationship grants administrative access; it moves no subscription and \
    ///          does not change who bills"
    ///     ),
    /// );
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn advice(
        &self,
        action: Action,
    ) -> impl ExactSizeIterator<Item = &'r Rule> + Clone + fmt::Debug + use<'r> {
        self.edition.rules_in(self.advising(action, self.verdict(action)) & self.certain)
    }

    /// Returns the verdicts of the possible cases: several if the verdict is undetermined.
    ///
    /// ```
    /// use csp_multichannel::{Action, Facts, Rulebook, Service, Set, Verdict, parse_instant};
    ///
    /// let edition = Rulebook::partner_center().edition_at(parse_instant("2018-09-15")?)?;
    /// let decision = edition.decide(Facts::from(Service::Azure));
    /// assert_eq!(
    ///     decision.possible(Action::WaitUntilTermEnd),
    ///     Set::from([Verdict::Denied, Verdict::NotCovered]),
    /// );
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn possible(&self, action: Action) -> Set<Verdict> {
        let outlook = self.outlook(action);
        if outlook.len() == 1 { outlook } else { self.possible_in(self.space().as_ref(), action) }
    }

    /// Returns the unknown facts on which an undetermined verdict depends.
    ///
    /// The verdict depends on a fact if another value of this fact alone can change it.
    ///
    /// ```
    /// use csp_multichannel::{Action, Fact, Facts, Rulebook, Service, Set, parse_instant};
    ///
    /// let edition = Rulebook::partner_center().edition_at(parse_instant("2018-09-15")?)?;
    /// let decision = edition.decide(Facts::from(Service::Azure));
    /// assert_eq!(
    ///     decision.depends_on(Action::WaitUntilTermEnd),
    ///     Set::from([Fact::Channel, Fact::Cloud]),
    /// );
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn depends_on(&self, action: Action) -> Set<Fact> {
        let effects = self.edition.index().effects_on(action);
        if self.outlook(action).len() == 1 {
            return Set::EMPTY;
        }
        self.space().map_or(Set::EMPTY, |space| space.deciding_facts(effects))
    }

    /// The verdicts that are possible by the two masks alone, without a search.
    fn outlook(&self, action: Action) -> Set<Verdict> {
        outlook(self.certain, self.firing, self.edition.index().effects_on(action))
    }

    /// The space of possible cases, if different rules fire in them.
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
                // If a veto fires, it decides alone.
                Verdict::Denied if self.firing & veto != 0 => veto,
                Verdict::Denied => self.rules_with(action, Effect::Forbid),
                Verdict::NotCovered => self.rules_with(action, Effect::Exclude),
                Verdict::Undetermined => 0,
            }
    }

    /// The advice on an action in some possible case, if its verdict has advice.
    pub(crate) const fn advising(&self, action: Action, verdict: Verdict) -> RuleMask {
        match verdict {
            Verdict::Allowed | Verdict::Conditional => {
                self.firing & self.rules_with(action, Effect::Advise)
            }
            Verdict::Denied | Verdict::NotCovered | Verdict::Undetermined => 0,
        }
    }

    /// The requirements in every possible case, each as its first rule.
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

    /// Each requirement of some rules as its first rule, with all rules that require the same.
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

/// The verdict on an action if no veto fires.
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

/// A table with an entry for each action.
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

/// The verdicts on all actions, without the rules behind them.
///
/// The default is `not_covered` for every action. It fills the slice for [`Edition::decide_all`].
///
/// ```
/// use csp_multichannel::{Verdict, Verdicts};
///
/// let verdicts = [Verdicts::default(); 3];
/// assert_eq!(verdicts[2], Verdicts::from_fn(|_| Verdict::NotCovered));
/// ```
pub type Verdicts = ByAction<Verdict>;

impl<T> ByAction<T> {
    /// Creates a table by making the entry for each action.
    ///
    /// ```
    /// use csp_multichannel::{Action, ByAction, Facts, Rulebook, parse_instant};
    ///
    /// let edition = Rulebook::partner_center().edition_at(parse_instant("2018-09-15")?)?;
    /// let decision = edition.decide(Facts::UNKNOWN);
    /// let missing = ByAction::from_fn(|action| decision.depends_on(action).len());
    /// assert_eq!(*missing.on(Action::RequestRelationship), 5);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
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
    ///
    /// ```
    /// use csp_multichannel::{Action, ByAction};
    ///
    /// let lengths = ByAction::from_fn(|action| action.as_str().len());
    /// assert_eq!(lengths.on(Action::Switch), &6);
    /// ```
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

    /// Returns an iterator over the actions with their entries, in the order of the policy's table.
    ///
    /// ```
    /// use csp_multichannel::{Action, ByAction};
    ///
    /// let moves = ByAction::from_fn(|action| Action::MOVES.contains(action));
    /// let others: Vec<_> = moves.iter().filter(|&(_, is_move)| !is_move).collect();
    /// assert_eq!(others, [(Action::RequestRelationship, &false)]);
    /// ```
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (Action, &T)> + Clone {
        Action::ALL.iter().copied().zip(&self.0)
    }
}

impl Default for Verdicts {
    fn default() -> Self {
        Self::from_fn(|_| Verdict::NotCovered)
    }
}
