//! When the answers on a subscription change, if nothing is done.

use std::{iter, slice};

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use csp_multichannel::{
    Action, AtTermEnd, BeforeFirstEdition, ByAction, Decision, Edition, Fact, Facts, Rulebook,
    Service, Set, Subscription, TermPhase, Verdict, rfc3339,
};
use serde::{Deserialize, Serialize};

csp_multichannel::words! {
    /// The cause of a change that nobody makes.
    #[non_exhaustive]
    pub enum ExpiryCause, cause {
        /// An edition of the policy begins.
        Edition = edition,
        /// A cancellation window closes or opens, or the term ends.
        Term = term,
    }
}

csp_multichannel::words! {
    /// A date of a term that a record can leave out.
    #[non_exhaustive]
    pub enum TermDate, date {
        /// The purchase or last renewal.
        PurchasedAt = purchased_at,
        /// The last day.
        EndsOn = ends_on,
        /// Until when the subscription can be cancelled.
        CancellableUntil = cancellable_until,
    }
}

/// A period in which the answers on a subscription stay the same: half-open, in UTC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Period {
    /// The first instant.
    #[serde(with = "rfc3339")]
    pub from: DateTime<Utc>,
    /// The first instant after the period, if it ends.
    #[serde(default, with = "rfc3339::option", skip_serializing_if = "Option::is_none")]
    pub until: Option<DateTime<Utc>>,
    /// What begins with the period.
    pub causes: Set<ExpiryCause>,
    /// The first day of the edition that is in force when the period begins.
    pub edition: NaiveDate,
    /// What is known when the period begins.
    pub facts: Facts,
    /// The answer for each action.
    pub outcomes: ByAction<Outcome>,
}

/// The answer for one action: the possible verdicts and what is required.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Outcome {
    /// The verdict.
    pub verdict: Verdict,
    /// The verdicts that are possible, where it is undetermined.
    #[serde(default, skip_serializing_if = "Set::is_empty")]
    pub possible: Set<Verdict>,
    /// What has to be met first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub requirements: Vec<String>,
}

impl Outcome {
    fn new(decision: &Decision<'_>, action: Action) -> Self {
        let possible = decision.possible(action);
        let verdict = possible.single().unwrap_or(Verdict::Undetermined);
        Self {
            verdict,
            possible: if possible.len() > 1 { possible } else { Set::EMPTY },
            requirements: decision.requirements(action).map(Into::into).collect(),
        }
    }
}

/// Returns the periods in which the answers on a subscription stay the same, from an instant in UTC on, if
/// nothing is done.
///
/// # Errors
///
/// [`BeforeFirstEdition`] for an instant before the rulebook's first edition.
///
/// ```
/// use csp_multichannel::*;
/// use csp_multichannel_guidance::calendar;
///
/// let mail = Subscription::new()
///     .with(Channel::OtherCspPartner)
///     .with(Service::NewCommerceLicense)
///     .with(AtTermEnd::End)
///     .with_term(Term::parse("2026-06-01T09:00:00Z", "2027-05-31")?);
/// let periods = calendar(&mail, parse_instant("2026-09-01")?, Rulebook::partner_center())?;
/// assert_eq!(periods[0].until, Some(parse_instant("2027-06-01")?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn calendar(
    subscription: &Subscription,
    from: DateTime<Utc>,
    rulebook: &Rulebook,
) -> Result<Vec<Period>, BeforeFirstEdition> {
    rulebook.edition_at(from)?;
    let mut periods: Vec<Period> = Vec::new();
    for (at, causes) in moments(slice::from_ref(subscription), from, rulebook) {
        let decision = rulebook.decide(subscription, at)?;
        let outcomes = ByAction::from_fn(|action| Outcome::new(&decision, action));
        if let Some(last) = periods.last_mut() {
            if last.outcomes == outcomes {
                continue;
            }
            last.until = Some(at);
        }
        let edition = decision.edition().since();
        periods.push(Period {
            from: at,
            until: None,
            causes,
            edition,
            facts: decision.facts(),
            outcomes,
        });
    }
    Ok(periods)
}

/// An instant, and each at which an edition begins or what is known of one of some subscriptions changes.
pub(crate) fn moments<'s>(
    subscriptions: &'s [Subscription],
    from: DateTime<Utc>,
    rulebook: &'s Rulebook,
) -> impl Iterator<Item = (DateTime<Utc>, Set<ExpiryCause>)> + 's {
    let next = move |&(at, _): &(DateTime<Utc>, Set<ExpiryCause>)| {
        let edition = rulebook.edition_at(at).ok().and_then(Edition::until).map(midnight);
        let term = subscriptions.iter().filter_map(|of| of.next_change(at)).min();
        let next = [edition, term].into_iter().flatten().min()?;
        let is_next = |cause: &ExpiryCause| match cause {
            ExpiryCause::Edition => edition == Some(next),
            ExpiryCause::Term => term == Some(next),
        };
        Some((next, ExpiryCause::ALL.iter().copied().filter(is_next).collect()))
    };
    iter::successors(Some((from, Set::EMPTY)), next)
}

/// 00:00 UTC on a day.
pub(crate) const fn midnight(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::MIN).and_utc()
}

/// The time until which the answers hold if nothing is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Expiry {
    /// The first instant, in UTC, at which the answer for some action changes, by the dates that are known.
    /// `None` where they bring no change.
    #[serde(default, with = "rfc3339::option", skip_serializing_if = "Option::is_none")]
    pub until: Option<DateTime<Utc>>,
    /// What ends it.
    #[serde(default, skip_serializing_if = "Set::is_empty")]
    pub causes: Set<ExpiryCause>,
    /// The dates that are not known and can bring an earlier change.
    #[serde(default, skip_serializing_if = "Set::is_empty")]
    pub unknown_dates: Set<TermDate>,
}

/// Returns how long the answers on a subscription at an instant, in UTC, stay the same if nothing is done.
///
/// An answer is the verdict on each action with what is required. It can change with the phase of the term,
/// or with an edition of the rulebook. A rulebook knows nothing of what Microsoft publishes later.
///
/// # Errors
///
/// [`BeforeFirstEdition`] for an instant before the rulebook's first edition.
///
/// ```
/// use csp_multichannel::*;
/// use csp_multichannel_guidance::{ExpiryCause, TermDate, expiry};
///
/// let license = Subscription::new().with(Channel::OtherCspPartner).with(Service::NewCommerceLicense);
/// let now = parse_instant("2026-11-27")?;
/// let rulebook = Rulebook::partner_center();
///
/// let dated = license.with_term(Term::parse("2026-11-25T09:00:00Z", "2027-11-24")?);
/// let answer = expiry(&dated, now, rulebook)?;
/// assert_eq!(answer.until, Some(parse_instant("2026-12-02T09:00:00Z")?));
/// assert_eq!(answer.causes, Set::from(ExpiryCause::Term));
///
/// let answer = expiry(&license.with(TermPhase::Committed), now, rulebook)?;
/// assert_eq!((answer.until, answer.unknown_dates), (None, Set::from(TermDate::EndsOn)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn expiry(
    subscription: &Subscription,
    at: DateTime<Utc>,
    rulebook: &Rulebook,
) -> Result<Expiry, BeforeFirstEdition> {
    let now = rulebook.decide(subscription, at)?;
    let mut later = moments(slice::from_ref(subscription), at, rulebook).skip(1);
    let end = later.find(|&(at, _)| {
        rulebook.decide(subscription, at).is_ok_and(|later| differs(&now, &later))
    });
    let (until, causes) = end.map_or((None, Set::EMPTY), |(at, causes)| (Some(at), causes));
    Ok(Expiry { until, causes, unknown_dates: unknown_dates(subscription, at, &now) })
}

/// Whether two decisions answer differently for some action.
fn differs(one: &Decision<'_>, other: &Decision<'_>) -> bool {
    let mut actions = Action::ALL.iter();
    actions.any(|&action| Outcome::new(one, action) != Outcome::new(other, action))
}

/// The dates that are not known and on which a later answer depends.
fn unknown_dates(
    subscription: &Subscription,
    at: DateTime<Utc>,
    now: &Decision<'_>,
) -> Set<TermDate> {
    let facts = now.facts();
    let services: Set<Service> = facts.possible();
    if services.is_subset(Service::USAGE_BASED) {
        return Set::EMPTY;
    }
    let phases: Set<TermPhase> = facts.possible();
    let in_phase = |phase: TermPhase| now.edition().decide(facts.with(phase));
    let matters = |one, other| differs(&in_phase(one), &in_phase(other));
    let may_close = phases.contains(TermPhase::Cancellable)
        && matters(TermPhase::Cancellable, TermPhase::Committed);
    // What renews does not end: it runs on, and whether it can be cancelled is not known.
    let ends: Set<AtTermEnd> = facts.possible();
    let renewed = [TermPhase::Cancellable, TermPhase::Committed];
    let after_end = match (ends.contains(AtTermEnd::Renew), ends.len()) {
        (true, 1) => facts.with(renewed),
        (true, _) => facts.without(Fact::TermPhase),
        (false, _) => facts.with(TermPhase::Ended),
    };
    let after_end = now.edition().decide(after_end);
    let running = phases.difference(TermPhase::Ended.into());
    let may_end = running.iter().any(|phase| differs(&in_phase(phase), &after_end));
    // After its last day, a term that renews has other dates.
    let term = subscription.term().filter(|term| at.date_naive() <= term.ends_on());
    let closing_is_known = term.is_some() && phases.len() == 1;
    let has_window = services.contains(Service::NewCommerceLicense)
        && term.is_none_or(|term| term.purchased_at().is_none());
    let unknown = |date: &TermDate| match date {
        TermDate::PurchasedAt => may_close && !closing_is_known && has_window,
        TermDate::EndsOn => may_end && term.is_none(),
        TermDate::CancellableUntil => may_close && !closing_is_known,
    };
    TermDate::ALL.iter().copied().filter(unknown).collect()
}
