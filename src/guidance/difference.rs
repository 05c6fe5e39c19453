//! What changed in the policy between two days: rules, and the cases that are answered otherwise.

use core::fmt;
use std::vec::Vec;

use crate::facts::Facts;
use crate::partition::{self, Cases, partition};
use crate::rulebook::Edition;
use crate::rules::{Condition, Rule};
use crate::vocabulary::{Action, ActionSet, Effect, FactSet, Verdict};

impl<'r> Edition<'r> {
    /// The edition before; none for the first one.
    #[must_use]
    pub fn previous(self) -> Option<Self> {
        self.rulebook().editions().take_while(|edition| edition.since() < self.since()).last()
    }

    /// The rules that begin with it, in register order; each with its reason and sources.
    pub fn begun(self) -> impl Iterator<Item = &'r Rule> + Clone + use<'r> {
        self.rulebook().rules().iter().filter(move |rule| rule.validity().from() == self.since())
    }

    /// The rules that end with it, in register order.
    pub fn ended(self) -> impl Iterator<Item = &'r Rule> + Clone + use<'r> {
        self.rulebook().rules().iter().filter(move |rule| rule.validity().until() == Some(self.since()))
    }
}

/// Writes the days between which it is in force, and a line for each rule that ends or begins with it:
/// `+ forbid azure-plan-not-switchable: the manual switch excludes … (linked, switch-azure-subscriptions-to-a-different-partner.md)`.
impl fmt::Display for Edition<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "edition of {}", self.since())?;
        if let Some(until) = self.until() {
            write!(f, ", until {until}")?;
        }
        fmt_rules(self.ended(), self.begun(), f)
    }
}

/// The difference between two editions, of one rulebook or of two.
///
/// ```
/// use csp_multichannel::guidance::Difference;
/// use csp_multichannel::{Action, Rulebook, parse_instant};
///
/// let at = |day| parse_instant(day).map(|at| Rulebook::partner_center().edition_at(at));
/// let difference = Difference::between(at("2023-09-14")??, at("2024-06-19")??);
/// let of_switching: Vec<String> =
///     difference.cases().iter().filter(|shift| shift.action() == Action::Switch).map(ToString::to_string).collect();
/// assert!(of_switching.iter().any(|shift| shift.contains("channel: other_csp_partner") && shift.ends_with("switch was denied, is allowed")));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Difference<'r> {
    from: Edition<'r>,
    to: Edition<'r>,
}

/// Cases in which the verdict on an action changed, all in the same way.
///
/// `Display` writes ``service: license; channel: other_csp_partner: switch was denied, is allowed``.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shift {
    condition: Condition,
    action: Action,
    before: Verdict,
    after: Verdict,
}

impl Shift {
    /// The cases.
    #[must_use]
    pub const fn condition(&self) -> Condition {
        self.condition
    }

    /// The action.
    #[must_use]
    pub const fn action(&self) -> Action {
        self.action
    }

    /// The verdict before.
    #[must_use]
    pub const fn before(&self) -> Verdict {
        self.before
    }

    /// The verdict after.
    #[must_use]
    pub const fn after(&self) -> Verdict {
        self.after
    }
}

impl fmt::Display for Shift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { condition, action, before, after } = self;
        if *condition != Condition::ALWAYS {
            write!(f, "{condition}: ")?;
        }
        write!(f, "{action} was {before}, is {after}")
    }
}

impl<'r> Difference<'r> {
    /// The difference between two editions, in either direction; also between one of a rulebook and one of another.
    #[must_use]
    pub const fn between(from: Edition<'r>, to: Edition<'r>) -> Self {
        Self { from, to }
    }

    /// The edition before.
    #[must_use]
    pub const fn from(&self) -> Edition<'r> {
        self.from
    }

    /// The edition after.
    #[must_use]
    pub const fn to(&self) -> Edition<'r> {
        self.to
    }

    /// The rules in force after, and not before, in register order.
    ///
    /// A rule of another rulebook is the same where it has the same id and says the same; when it began and will end does not matter. One
    /// that says something else under the same id has ended and begun.
    pub fn begun(&self) -> impl Iterator<Item = &'r Rule> + Clone + use<'r> {
        missing(self.to, self.from)
    }

    /// The rules in force before, and not after, in register order; the same as in [`Difference::begun`].
    pub fn ended(&self) -> impl Iterator<Item = &'r Rule> + Clone + use<'r> {
        missing(self.from, self.to)
    }

    /// The actions on which the verdict differs, for some case that is possible with what is known.
    #[must_use]
    pub fn touched(&self, facts: Facts) -> ActionSet {
        if facts.assignment().is_some() {
            let (before, after) = (self.from.decide(facts).verdicts(), self.to.decide(facts).verdicts());
            let differs = |action: &Action| before.verdict(*action) != after.verdict(*action);
            return Action::ALL.iter().copied().filter(differs).collect();
        }
        let differs = |on: &OnAction<'_>| partition::any(facts, on.named, |facts| on.differing_in(facts));
        self.by_action().filter(differs).map(|on| on.action).collect()
    }

    /// All cases with everything known whose verdicts differ: as conditions without overlap, of which no two can be joined.
    ///
    /// That no two can be joined is all that is claimed: another way of dividing the cases may need fewer conditions.
    #[must_use]
    pub fn cases(&self) -> Vec<Shift> {
        let shifts = |on: OnAction<'_>| {
            let parts = partition(Facts::UNKNOWN, on.named, |facts| on.differing_in(facts));
            let shift = move |(condition, (before, after))| Shift { condition, action: on.action, before, after };
            parts.into_iter().map(shift)
        };
        self.by_action().flat_map(shifts).collect()
    }

    /// Each action on which some rule makes a difference.
    fn by_action(&self) -> impl Iterator<Item = OnAction<'r>> + use<'r> {
        let Self { from, to } = *self;
        let decides = |rule: &&Rule| rule.effect() != Effect::Advise;
        let differing: Vec<&Rule> = self.begun().chain(self.ended()).filter(decides).collect();
        Action::ALL.iter().filter_map(move |&action| {
            let of_action = |rule: &&Rule| rule.actions().contains(action);
            let differing: Vec<Condition> = differing.iter().copied().filter(of_action).map(Rule::condition).collect();
            let rules = from.rules().chain(to.rules()).filter(decides).filter(of_action);
            let named = rules.fold(FactSet::EMPTY, |facts, rule| facts.union(rule.condition().facts()));
            (!differing.is_empty()).then_some(OnAction { from, to, action, named, differing })
        })
    }
}

/// The difference in the verdict on one action.
struct OnAction<'r> {
    from: Edition<'r>,
    to: Edition<'r>,
    action: Action,
    /// The facts that can matter.
    named: FactSet,
    /// When a rule fires that makes a difference.
    differing: Vec<Condition>,
}

impl OnAction<'_> {
    /// The verdicts before and after, where they differ.
    fn differing_in(&self, facts: Facts) -> Cases<(Verdict, Verdict)> {
        if !self.differing.iter().any(|condition| condition.may_be_met(facts)) {
            return Cases::None;
        }
        let verdict = |edition: Edition<'_>| edition.decide(facts).verdict(self.action);
        match (verdict(self.from), verdict(self.to)) {
            (Verdict::Undetermined, _) | (_, Verdict::Undetermined) => Cases::Mixed,
            (before, after) if before == after => Cases::None,
            verdicts => Cases::All(verdicts),
        }
    }
}

/// The rules of an edition that another does not have.
fn missing<'r>(edition: Edition<'r>, other: Edition<'r>) -> impl Iterator<Item = &'r Rule> + Clone + use<'r> {
    edition.rules().filter(move |rule| !other.rules().any(|of_other| says_the_same(rule, of_other)))
}

/// Whether two rules are the same, but for the days on which they are in force.
fn says_the_same(one: &Rule, other: &Rule) -> bool {
    core::ptr::eq(one, other)
        || one.id() == other.id()
            && (one.effect(), one.requirement()) == (other.effect(), other.requirement())
            && (one.actions(), one.condition()) == (other.actions(), other.condition())
            && (one.basis(), one.sources(), one.reason()) == (other.basis(), other.sources(), other.reason())
            && one.origin() == other.origin()
}

/// Writes the rules and the cases, a line each.
impl fmt::Display for Difference<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "from the edition of {} to that of {}", self.from.since(), self.to.since())?;
        fmt_rules(self.ended(), self.begun(), f)?;
        for shift in self.cases() {
            write!(f, "\n{shift}")?;
        }
        Ok(())
    }
}

/// Writes a line for each rule: what it does, why, and by which pages.
fn fmt_rules<'r>(
    ended: impl Iterator<Item = &'r Rule>,
    begun: impl Iterator<Item = &'r Rule>,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    for (sign, rule) in ended.map(|rule| ('-', rule)).chain(begun.map(|rule| ('+', rule))) {
        write!(f, "\n{sign} {} {}: {} ({}", rule.effect(), rule.id(), rule.reason(), rule.basis())?;
        for source in rule.sources() {
            write!(f, ", {}", source.page())?;
        }
        f.write_str(")")?;
    }
    Ok(())
}
