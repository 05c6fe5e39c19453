//! The calendar of a case: from when to when its verdicts hold, if nothing changes but time.

use core::fmt;
use std::vec::Vec;

use chrono::{DateTime, Datelike, NaiveTime, Utc};

use crate::decision::Decision;
use crate::facts::Facts;
use crate::records::Case;
use crate::records::date::in_years;
use crate::rulebook::Rulebook;
use crate::vocabulary::{Action, ActionSet, Set, TermPhase};

/// The verdicts on a case over all time, from the first edition on: a period after the other, as its term runs and the policy changes.
///
/// What the term does after the year 9999 is left out: no record could tell when.
///
/// ```
/// use csp_multichannel::guidance::Calendar;
/// use csp_multichannel::*;
///
/// let term = Term::new(parse_instant("2018-03-01T09:00:00Z")?, "2019-02-28".parse()?, Cancellation::ByService)?;
/// let mail = Subscription::new(Service::License)
///     .with_channel(Channel::OtherCspPartner)
///     .with_cloud(Cloud::Public)
///     .with_auto_renew(AutoRenew::Off)
///     .with_status(Status::Active)
///     .with_term(term)?;
/// let ours = Engagement::new().with_customer(Customer::EndCustomer).with_market(Market::Same);
/// let calendar = Calendar::of(&Case::new("mail", mail, ours), Rulebook::partner_center());
///
/// let until = calendar.holding(Action::WaitUntilTermEnd, parse_instant("2018-09-15")?).and_then(|period| period.until());
/// assert_eq!(until, Some(parse_instant("2019-03-01")?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar<'r> {
    periods: Vec<Period<'r>>,
}

/// A period in which nothing changes: half-open, in UTC.
///
/// `Display` writes what it begins with and its verdicts: `2019-03-01T00:00:00Z term ended: request_relationship allowed, …`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period<'r> {
    from: DateTime<Utc>,
    until: Option<DateTime<Utc>>,
    decision: Decision<'r>,
    begins: Begins,
}

/// What a period begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Begins {
    edition: bool,
    phases: Option<Set<TermPhase>>,
}

impl<'r> Period<'r> {
    /// Its first instant.
    #[must_use]
    pub const fn from(&self) -> DateTime<Utc> {
        self.from
    }

    /// The first instant after it; none where it does not end.
    #[must_use]
    pub const fn until(&self) -> Option<DateTime<Utc>> {
        self.until
    }

    /// The decision in it.
    #[must_use]
    pub const fn decision(&self) -> Decision<'r> {
        self.decision
    }

    /// Whether an edition of the policy begins with it.
    #[must_use]
    pub const fn begins_with_edition(&self) -> bool {
        self.begins.edition
    }

    /// The phases of the term that begin with it, where they do.
    #[must_use]
    pub const fn begins_with_phases(&self) -> Option<Set<TermPhase>> {
        self.begins.phases
    }

    /// Whether an instant lies in it.
    #[must_use]
    pub fn contains(&self, at: DateTime<Utc>) -> bool {
        self.from <= at && self.until.is_none_or(|until| at < until)
    }
}

impl<'r> Calendar<'r> {
    /// The calendar of a case.
    #[must_use]
    pub fn of(case: &Case, rulebook: &'r Rulebook) -> Self {
        let mut instants = editions(rulebook);
        let service = case.subscription.service();
        let mut next = instants.first().map(|&(first, _)| first);
        while let Some((at, phases)) = next.and_then(|at| case.subscription.term()?.next_change(service, at)) {
            if !in_years(at.year()) {
                break;
            }
            match instants.iter_mut().find(|(instant, _)| *instant == at) {
                Some((_, begins)) => begins.phases = Some(phases),
                None => instants.push((at, Begins { edition: false, phases: Some(phases) })),
            }
            next = Some(at);
        }
        instants.sort_by_key(|&(at, _)| at);
        Self::between(&instants, |at| case.facts(at), rulebook)
    }

    /// The calendar of facts that stay as they are, while the policy changes.
    ///
    /// ```
    /// use csp_multichannel::guidance::Calendar;
    /// use csp_multichannel::{Action, Facts, Rulebook, Service, parse_instant};
    ///
    /// let calendar = Calendar::of_facts(Facts::UNKNOWN.given(Service::Software)?, Rulebook::partner_center());
    /// let holding = calendar.holding(Action::Switch, parse_instant("2018-09-15")?);
    /// assert_eq!(holding.and_then(|period| period.until()), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn of_facts(facts: Facts, rulebook: &'r Rulebook) -> Self {
        Self::between(&editions(rulebook), |_| facts, rulebook)
    }

    /// The periods that begin at some instants, in order.
    fn between(
        instants: &[(DateTime<Utc>, Begins)],
        facts: impl Fn(DateTime<Utc>) -> Facts,
        rulebook: &'r Rulebook,
    ) -> Self {
        let ends = instants.iter().skip(1).map(|&(at, _)| Some(at)).chain([None]);
        let periods = instants.iter().zip(ends).filter_map(|(&(from, begins), until)| {
            let decision = rulebook.edition_at(from).ok()?.decide(facts(from));
            Some(Period { from, until, decision, begins })
        });
        Self { periods: periods.collect() }
    }

    /// All periods, the earliest first: one for each edition and each change of the term's phase, whether or not a verdict changes.
    #[must_use]
    pub fn periods(&self) -> &[Period<'r>] {
        &self.periods
    }

    /// The periods between which some verdict changes, or what is possible where it is undetermined.
    #[must_use]
    pub fn changes(&self) -> Vec<Period<'r>> {
        self.joined(Set::all())
    }

    /// The period in which the verdict on an action is as it is at an instant; none before the first edition.
    #[must_use]
    pub fn holding(&self, action: Action, at: DateTime<Utc>) -> Option<Period<'r>> {
        self.joined(action.into()).into_iter().find(|period| period.contains(at))
    }

    /// The periods, joined where no verdict on some actions changes.
    fn joined(&self, actions: ActionSet) -> Vec<Period<'r>> {
        let same = |one: &Period<'_>, other: &Period<'_>| {
            actions.iter().all(|action| one.decision.possible(action) == other.decision.possible(action))
        };
        let mut joined: Vec<Period<'r>> = Vec::new();
        for period in &self.periods {
            match joined.last_mut() {
                Some(last) if same(last, period) => last.until = period.until,
                _ => joined.push(*period),
            }
        }
        joined
    }
}

/// When the editions of a rulebook begin.
fn editions(rulebook: &Rulebook) -> Vec<(DateTime<Utc>, Begins)> {
    let days = rulebook.editions().map(|edition| edition.since().and_time(NaiveTime::MIN).and_utc());
    days.map(|at| (at, Begins { edition: true, phases: None })).collect()
}

impl Period<'_> {
    /// Writes what it begins with, and the verdicts on some actions.
    fn fmt_with(&self, actions: ActionSet, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.from)?;
        if self.begins.edition {
            f.write_str(" edition")?;
        }
        if let Some(phases) = self.begins.phases {
            write!(f, " term {phases}")?;
        }
        for (at, action) in actions.iter().enumerate() {
            let separator = if at == 0 { ": " } else { ", " };
            write!(f, "{separator}{action} {}", self.decision.verdict(action))?;
        }
        Ok(())
    }
}

impl fmt::Display for Period<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.fmt_with(Set::all(), f)
    }
}

/// Writes the periods between which a verdict changes, a line each, with the verdicts that do: `2019-03-01T00:00:00Z term ended: …`.
impl fmt::Display for Calendar<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut before: Option<Period<'_>> = None;
        for period in self.changes() {
            if before.is_some() {
                f.write_str("\n")?;
            }
            let changes = |action: Action| {
                before.is_none_or(|before| before.decision.possible(action) != period.decision.possible(action))
            };
            period.fmt_with(Action::ALL.iter().copied().filter(|&action| changes(action)).collect(), f)?;
            before = Some(period);
        }
        Ok(())
    }
}
