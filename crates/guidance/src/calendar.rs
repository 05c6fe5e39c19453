//! The periods in which the answers on a subscription stay the same, if nothing is done.

use std::{iter, slice};

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use csp_multichannel::{
    Action, AtTermEnd, BeforeFirstEdition, ByAction, Decision, Edition, Fact, Facts, Rulebook,
    Service, Set, Subscription, TermPhase, Verdict,
};
use serde::{Deserialize, Serialize};

csp_multichannel::words! {
    /// The cause of a change that comes with time.
    ///
    /// ```
    /// use csp_multichannel_guidance::ExpiryCause;
    ///
    /// let causes = ExpiryCause::ALL.iter().map(|cause| format!("{cause}: {}", cause.meaning()));
    /// assert_eq!(
    ///     causes.collect::<Vec<_>>(),
    ///     [
    ///         "edition: An edition of the policy begins.",
    ///         "term: A cancellation window closes or opens, or the term ends.",
    ///     ],
    /// );
    /// ```
    #[non_exhaustive]
    pub enum ExpiryCause, cause {
        /// An edition of the policy begins.
        Edition = edition,
        /// A cancellation window closes or opens, or the term ends.
        Term = term,
    }
}

csp_multichannel::words! {
    /// A date of a term that can be missing from a record.
    ///
    /// ```
    /// use csp_multichannel::*;
    /// use csp_multichannel_guidance::{TermDate, expiry};
    ///
    /// // The last day alone does not show when the cancellation window closed.
    /// let license = Subscription::new()
    ///     .with(Service::NewCommerceLicense)
    ///     .with_term(Term::ending(parse_instant("2027-02-28")?.date_naive()));
    /// let expiry = expiry(&license, parse_instant("2026-11-27")?, Rulebook::partner_center())?;
    /// let missing = Set::from([TermDate::PurchasedAt, TermDate::CancellableUntil]);
    /// assert_eq!(expiry.unknown_dates, missing);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[non_exhaustive]
    pub enum TermDate, date {
        /// The instant of the purchase or last renewal.
        PurchasedAt = purchased_at,
        /// The last day of the term.
        EndsOn = ends_on,
        /// The instant until which the subscription can be cancelled.
        CancellableUntil = cancellable_until,
    }
}

/// A period in which the answers on a subscription stay the same, from the [`calendar`].
///
/// In UTC, half-open: `from` is in the period, `until` is not.
///
/// ```
/// use csp_multichannel::*;
/// use csp_multichannel_guidance::{Period, calendar};
///
/// let license = Subscription::new()
///     .with(Service::NewCommerceLicense)
///     .with_term(Term::parse("2026-03-01T09:00:00Z", "2027-02-28")?);
/// let now = parse_instant("2026-11-27")?;
/// let periods: Vec<Period> = calendar(&license, now, Rulebook::partner_center())?;
/// let first = &periods[0];
/// assert_eq!((first.from, first.until), (now, Some(parse_instant("2027-03-01")?)));
/// assert_eq!(first.edition.to_string(), "2026-08-20");
/// let facts = Facts::from(Service::NewCommerceLicense).with(TermPhase::Committed);
/// assert_eq!(first.facts, facts);
/// assert_eq!(periods[1].causes.to_string(), "term");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Period {
    /// The first instant of the period.
    pub from: DateTime<Utc>,
    /// The first instant after the period, if it ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<DateTime<Utc>>,
    /// The causes of the change with which the period begins. Empty for the first period.
    pub causes: Set<ExpiryCause>,
    /// The first day, in UTC, of the edition that is in force when the period begins.
    pub edition: NaiveDate,
    /// The facts when the period begins.
    pub facts: Facts,
    /// The answer for each action.
    pub outcomes: ByAction<Outcome>,
}

/// The answer for one action: the verdict, the possible verdicts and the requirements.
///
/// ```
/// use csp_multichannel::*;
/// use csp_multichannel_guidance::calendar;
///
/// let azure: Case = serde_json::from_str(r#"{
///     "id": "c-17", "channel": "other_csp_partner", "service": "azure_plan",
///     "cloud": "public", "partner": "direct_bill", "relationship": "none",
///     "customer": "end_customer", "region": "same", "status": "active"
/// }"#)?;
/// let now = parse_instant("2026-11-27")?;
/// let periods = calendar(&azure.subscription, now, Rulebook::partner_center())?;
/// let outcomes = &periods[0].outcomes;
/// assert_eq!(
///     serde_json::to_string(outcomes.on(Action::Switch))?,
///     r#"{"verdict":"undetermined","possible":["conditional","denied"]}"#,
/// );
/// assert_eq!(
///     serde_json::to_string(outcomes.on(Action::RecreateAndCancel))?,
///     r#"{"verdict":"conditional","requirements":["active_relationship"]}"#,
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Outcome {
    /// The verdict; `undetermined` where several verdicts are possible.
    pub verdict: Verdict,
    /// The possible verdicts, where the verdict is `undetermined`.
    #[serde(default, skip_serializing_if = "Set::is_empty")]
    pub possible: Set<Verdict>,
    /// The requirements that have to be met first.
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

/// Returns the periods in which the answers on a subscription stay the same, from an instant in UTC
/// on, if nothing is done.
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
///     .with(Cloud::Public)
///     .with(Relationship::Active)
///     .with(Customer::EndCustomer)
///     .with(Region::Same)
///     .with(AtTermEnd::End)
///     .with(Status::Active)
///     .with_term(Term::parse("2026-05-30T09:00:00Z", "2027-05-29")?);
/// let rulebook = Rulebook::partner_center();
/// let verdicts = calendar(&mail, parse_instant("2026-06-01")?, rulebook)?
///     .into_iter()
///     .map(|period| {
///         let outcome = period.outcomes.on(Action::CancelThenMove);
///         format!("{:?} ({}): {}", period.from, period.causes, outcome.verdict)
///     });
/// assert_eq!(
///     verdicts.collect::<Vec<_>>(),
///     [
///         "2026-06-01T00:00:00Z (): allowed",
///         "2026-06-06T09:00:00Z (term): denied",
///         "2027-05-30T00:00:00Z (term): denied",
///     ],
/// );
///
/// let early = calendar(&mail, parse_instant("2016-11-30")?, rulebook).unwrap_err();
/// assert_eq!(
///     early.to_string(),
///     "no rule is in force at 2016-11-30T00:00:00Z, \
///      expected 2016-12-01T00:00:00Z or a later instant",
/// );
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

/// Returns an instant, then each one at which an edition begins or the facts of a subscription
/// change.
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

/// Returns 00:00 UTC on a day.
pub(crate) const fn midnight(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::MIN).and_utc()
}

/// The instant until which the answers on a subscription hold, if nothing is done, from [`expiry`].
///
/// ```
/// use csp_multichannel::*;
/// use csp_multichannel_guidance::expiry;
///
/// let azure: Case = serde_json::from_str(r#"{
///     "id": "c-17", "channel": "enterprise_agreement", "service": "azure_plan",
///     "cloud": "public", "partner": "direct_bill", "relationship": "active",
///     "customer": "end_customer", "region": "same", "status": "active", "transfer": "none"
/// }"#)?;
/// let june = parse_instant("2026-06-01")?;
/// let expiry = expiry(&azure.subscription, june, Rulebook::partner_center())?;
/// assert_eq!(
///     serde_json::to_string(&expiry)?,
///     r#"{"until":"2026-08-20T00:00:00Z","causes":["edition"]}"#,
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Expiry {
    /// The first instant, in UTC, at which the answer for some action changes, by the known dates.
    /// `None` where they bring no change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<DateTime<Utc>>,
    /// The causes of the change at that instant.
    #[serde(default, skip_serializing_if = "Set::is_empty")]
    pub causes: Set<ExpiryCause>,
    /// The unknown dates that can bring an earlier change.
    #[serde(default, skip_serializing_if = "Set::is_empty")]
    pub unknown_dates: Set<TermDate>,
}

/// Returns how long the answers on a subscription at an instant, in UTC, stay the same if nothing
/// is done.
///
/// An answer is the verdict on an action with its requirements. It can change with the phase of the
/// term, or with an edition of the rulebook. Editions that Microsoft publishes later are unknown
/// here.
///
/// # Errors
///
/// [`BeforeFirstEdition`] for an instant before the rulebook's first edition.
///
/// ```
/// use csp_multichannel::*;
/// use csp_multichannel_guidance::{ExpiryCause, TermDate, expiry};
///
/// let license =
///     Subscription::new().with(Channel::OtherCspPartner).with(Service::NewCommerceLicense);
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
///
/// let early = expiry(&license, parse_instant("2016-11-30T23:59:59Z")?, rulebook);
/// assert_eq!(
///     early.unwrap_err().to_string(),
///     "no rule is in force at 2016-11-30T23:59:59Z, \
///      expected 2016-12-01T00:00:00Z or a later instant",
/// );
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

/// Whether two decisions give different answers for some action.
fn differs(one: &Decision<'_>, other: &Decision<'_>) -> bool {
    let mut actions = Action::ALL.iter();
    actions.any(|&action| Outcome::new(one, action) != Outcome::new(other, action))
}

/// Returns the unknown dates on which a later answer depends.
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
    // A term that renews does not end. Whether it can then be cancelled is unknown.
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
    // After the last day, a term that renews has other dates.
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
