//! Verdicts, and the rules behind them.

#[cfg(feature = "std")]
mod compiled;
mod display;
mod unknown;

#[cfg(feature = "std")]
pub use compiled::Compiled;

use core::fmt;

use crate::facts::{Assignment, Facts};
use crate::rulebook::{Edition, Effects, RuleMask, Rules};
use crate::rules::Rule;
use crate::vocabulary::{Action, ActionSet, Effect, FactSet, Set, Verdict};

/// The verdicts on all five actions, packed: for each verdict, the actions on which it is possible.
///
/// ```
/// use csp_multichannel::{Action, Channel, Facts, Rulebook, Verdict, parse_instant};
///
/// let edition = Rulebook::partner_center().edition_at(parse_instant("2018-08-31")?)?;
/// let verdicts = edition.decide(Facts::UNKNOWN.given(Channel::ThisPartner)?).verdicts();
/// assert!(verdicts.iter().all(|(_, verdict)| verdict == Verdict::NotCovered));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// The default is undecided, with no verdict possible: for filling a slice to decide into.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Verdicts(u32);

impl Verdicts {
    /// How many bits the actions of a verdict take.
    const LANE: u32 = Action::ALL.len() as u32;
    /// The bits of the first action.
    const FIRST: u32 = 1 | 1 << Self::LANE | 1 << (2 * Self::LANE) | 1 << (3 * Self::LANE);

    /// Those that are possible, if the rules with the effects of `certain` fire, and of those with the effects
    /// of `firing` any number besides.
    ///
    /// Where both are the same, each action has one verdict: an exclusion comes before what
    /// forbids, that before what permits; without any of them the documents are silent.
    #[inline]
    fn possible_with(certain: Effects, firing: Effects) -> Self {
        let excluded = certain.on(Effect::Exclude);
        let forbidden = certain.on(Effect::Forbid);
        let spoken_of = forbidden.union(certain.on(Effect::Permit));
        let open = firing.on(Effect::Permit).difference(excluded).difference(forbidden);
        Self::default()
            .with(Verdict::Allowed, open.difference(certain.on(Effect::Require)))
            .with(Verdict::Conditional, open.intersection(firing.on(Effect::Require)))
            .with(Verdict::Denied, firing.on(Effect::Forbid).difference(excluded))
            .with(Verdict::NotCovered, firing.on(Effect::Exclude).union(Action::EVERY.difference(spoken_of)))
    }

    const fn with(self, verdict: Verdict, actions: ActionSet) -> Self {
        Self(self.0 | (actions.bits() as u32) << (verdict as u32 * Self::LANE))
    }

    /// Those on one action.
    const fn on(self, action: Action) -> Self {
        Self(self.0 & Self::FIRST << action as u32)
    }

    const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    const fn is_subset(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }

    /// How many there are, over all actions.
    const fn len(self) -> u32 {
        self.0.count_ones()
    }

    /// The verdict on an action.
    #[must_use]
    #[inline]
    #[expect(clippy::indexing_slicing, reason = "as many verdicts can be possible as the table has entries for")]
    pub const fn verdict(self, action: Action) -> Verdict {
        // A table, because branches on verdicts are hard to foresee.
        const BY_POSSIBLE: [Verdict; 16] = {
            let mut verdicts = [Verdict::Undetermined; 16];
            verdicts[1 << Verdict::Allowed as u8] = Verdict::Allowed;
            verdicts[1 << Verdict::Conditional as u8] = Verdict::Conditional;
            verdicts[1 << Verdict::Denied as u8] = Verdict::Denied;
            verdicts[1 << Verdict::NotCovered as u8] = Verdict::NotCovered;
            verdicts
        };
        BY_POSSIBLE[self.possible(action).bits() as usize & 0b1111]
    }

    /// The verdicts that are possible on an action: several where it is undetermined, else the one.
    #[must_use]
    #[inline]
    pub const fn possible(self, action: Action) -> Set<Verdict> {
        // Brings the action's bits of the four lanes side by side, from bit 12 on; all other products fall elsewhere.
        const GATHER: u32 = 1 << 12 | 1 << 8 | 1 << 4 | 1;
        const { assert!(Self::LANE == 5) };
        let of_lanes = self.0 >> action as u32 & Self::FIRST;
        Set::from_bits((((of_lanes * GATHER) >> 12) & 0b1111) as u64)
    }

    /// The actions with a verdict.
    #[must_use]
    pub fn actions_with(self, verdict: Verdict) -> ActionSet {
        self.iter().filter(|&(_, of)| of == verdict).map(|(action, _)| action).collect()
    }

    /// Each action with its verdict, in the order of the policy's table.
    #[must_use]
    pub fn iter(self) -> impl ExactSizeIterator<Item = (Action, Verdict)> {
        Action::ALL.iter().map(move |&action| (action, self.verdict(action)))
    }
}

impl fmt::Debug for Verdicts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl<'r> Edition<'r> {
    /// Decides a case: five verdicts, and the rules behind them.
    ///
    /// Never fails and allocates nothing. With unknown facts the verdicts are exact: those that all
    /// possible assignments agree on, or [`Verdict::Undetermined`].
    #[must_use]
    #[inline]
    pub fn decide(self, facts: Facts) -> Decision<'r> {
        let (firing, verdicts) = match facts.assignment() {
            Some(assignment) => self.decide_known(assignment),
            None => unknown::decide(self, facts),
        };
        Decision { edition: self, facts, firing, verdicts }
    }

    /// The verdicts of many cases, each in the place of its case: as many as the shorter slice holds.
    ///
    /// Returns how many these are.
    ///
    /// ```
    /// use csp_multichannel::{Action, Channel, Facts, Rulebook, Verdict, Verdicts, parse_instant};
    ///
    /// let edition = Rulebook::partner_center().edition_at(parse_instant("2018-09-15")?)?;
    /// let cases = [Facts::UNKNOWN.given(Channel::Open)?, Facts::UNKNOWN.given(Channel::ThisPartner)?];
    /// let mut verdicts = [Verdicts::default(); 2];
    /// assert_eq!(edition.decide_all(&cases, &mut verdicts), 2);
    /// assert_eq!(verdicts.map(|of| of.verdict(Action::Switch)), [Verdict::Undetermined, Verdict::NotCovered]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn decide_all(self, cases: &[Facts], verdicts: &mut [Verdicts]) -> usize {
        each(cases, verdicts, |&facts| self.decide(facts).verdicts)
    }

    /// As [`Edition::decide_all`], for cases of which everything is known, in four bytes each.
    pub fn decide_all_known(self, cases: &[Assignment], verdicts: &mut [Verdicts]) -> usize {
        each(cases, verdicts, |&assignment| self.decide_known(assignment).1)
    }

    #[inline]
    fn decide_known(self, assignment: Assignment) -> (RuleMask, Verdicts) {
        let firing = self.index().firing(assignment) & self.in_force();
        let effects = self.index().effects(firing);
        (firing, Verdicts::possible_with(effects, effects))
    }
}

fn each<T>(cases: &[T], verdicts: &mut [Verdicts], decide: impl Fn(&T) -> Verdicts) -> usize {
    for (case, verdict) in cases.iter().zip(verdicts.iter_mut()) {
        *verdict = decide(case);
    }
    cases.len().min(verdicts.len())
}

/// What the policy says of a case: a verdict on each action, with the rules that made it.
///
/// Copyable; the explanations cost nothing until they are read. `Display` writes a table for a
/// terminal; with the feature `serde` it becomes [JSON](crate::records_as_json), without id and instant.
///
/// ```
/// use csp_multichannel::*;
///
/// let edition = Rulebook::partner_center().edition_at(parse_instant("2018-09-15")?)?;
/// let facts = Facts::UNKNOWN.given(Channel::OtherCspPartner)?.given(Service::Azure)?.given(Cloud::Public)?;
/// let decision = edition.decide(facts);
///
/// assert_eq!(decision.verdict(Action::Switch), Verdict::Undetermined);
/// assert_eq!(decision.possible(Action::Switch).to_string(), "allowed, conditional, denied");
/// assert_eq!(decision.depends_on(Action::Switch).to_string(), "partner, relationship, customer, market");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Decision<'r> {
    edition: Edition<'r>,
    facts: Facts,
    /// The rules that fire under every possible assignment.
    firing: RuleMask,
    verdicts: Verdicts,
}

impl<'r> Decision<'r> {
    /// The edition that decided.
    #[must_use]
    pub const fn edition(&self) -> Edition<'r> {
        self.edition
    }

    /// What was known.
    #[must_use]
    pub const fn facts(&self) -> Facts {
        self.facts
    }

    /// The verdict on an action.
    #[must_use]
    pub fn verdict(&self, action: Action) -> Verdict {
        self.verdicts.verdict(action)
    }

    /// The verdicts on all actions.
    #[must_use]
    pub const fn verdicts(&self) -> Verdicts {
        self.verdicts
    }

    /// The actions that are allowed without a condition.
    #[must_use]
    pub fn allowed(&self) -> ActionSet {
        self.verdicts.actions_with(Verdict::Allowed)
    }

    /// The actions that are open: allowed, or conditional.
    #[must_use]
    pub fn open(&self) -> ActionSet {
        self.allowed().union(self.verdicts.actions_with(Verdict::Conditional))
    }

    /// The rules that decide the verdict, in register order: the permits of `allowed` and `conditional`,
    /// the forbids of `denied`, the exclusions of `not_covered` (none where the documents are silent).
    ///
    /// With unknown facts, those that apply whatever the facts turn out to be.
    #[must_use]
    pub fn rules(&self, action: Action) -> Rules<'r> {
        match self.verdict(action) {
            Verdict::Allowed | Verdict::Conditional => self.firing(action, Effect::Permit),
            Verdict::Denied => self.firing(action, Effect::Forbid),
            Verdict::NotCovered => self.firing(action, Effect::Exclude),
            Verdict::Undetermined => self.edition.rules_in(0),
        }
    }

    /// The rules that require something first, in register order; none unless the verdict is `conditional`.
    ///
    /// With unknown facts, those that apply whatever the facts turn out to be: where different rules ask for the same,
    /// each in other cases, it is among the [`requirements`](Self::requirements) and none of them is here.
    #[must_use]
    pub fn requiring(&self, action: Action) -> Rules<'r> {
        match self.verdict(action) {
            Verdict::Conditional => self.firing(action, Effect::Require),
            _ => self.edition.rules_in(0),
        }
    }

    /// What has to be met before a conditional action, in register order, each once.
    ///
    /// With unknown facts, what has to be met whatever the facts turn out to be.
    pub fn requirements(&self, action: Action) -> impl Iterator<Item = &'r str> + Clone + use<'r> {
        let decision = *self;
        let requiring = self.edition.index().speaking(action, Effect::Require);
        let candidates = match self.verdict(action) {
            Verdict::Conditional if self.facts.assignment().is_some() => self.firing & requiring,
            Verdict::Conditional => self.edition.in_force() & requiring,
            _ => 0,
        };
        let asking_for = move |name| decision.edition.rules_where(candidates, |rule| rule.requirement() == Some(name));
        let rules = decision.edition.rules_in(candidates);
        let names = rules.clone().enumerate().filter_map(move |(place, rule)| {
            let name = rule.requirement()?;
            let repeated = rules.clone().take(place).any(|earlier| earlier.requirement() == Some(name));
            (!repeated).then_some(name)
        });
        names.filter(move |name| {
            let asking = asking_for(*name);
            asking & decision.firing != 0 || unknown::one_always_fires(decision.edition, decision.facts, asking)
        })
    }

    /// What to know before acting, in register order; none on a verdict other than `allowed` and `conditional`.
    #[must_use]
    pub fn advice(&self, action: Action) -> Rules<'r> {
        match self.verdict(action) {
            Verdict::Allowed | Verdict::Conditional => self.firing(action, Effect::Advise),
            _ => self.edition.rules_in(0),
        }
    }

    /// The verdicts that are possible: several where it is undetermined, else the one.
    #[must_use]
    pub fn possible(&self, action: Action) -> Set<Verdict> {
        self.verdicts.possible(action)
    }

    /// The unknown facts on which an undetermined verdict turns: those of which another value alone can
    /// change it. None on another verdict.
    ///
    /// Found when asked for, in time that grows with the possible assignments of the facts that matter.
    #[must_use]
    pub fn depends_on(&self, action: Action) -> FactSet {
        match self.verdict(action) {
            Verdict::Undetermined => unknown::depends_on(self.edition, self.facts, action),
            _ => FactSet::EMPTY,
        }
    }

    /// The rules on an action that fire whatever the facts turn out to be.
    pub(crate) fn firing(&self, action: Action, effect: Effect) -> Rules<'r> {
        self.edition.rules_in(self.firing & self.edition.index().speaking(action, effect))
    }
}

impl fmt::Debug for Decision<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decision")
            .field("edition", &self.edition)
            .field("facts", &self.facts)
            .field("verdicts", &self.verdicts)
            .field("firing", &DebugIds(self.edition.rules_in(self.firing)))
            .finish()
    }
}

struct DebugIds<'r>(Rules<'r>);

impl fmt::Debug for DebugIds<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.clone().map(Rule::id)).finish()
    }
}
