//! The dates of a term, checked against each other.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use csp_multichannel::{Cancellation, Facts, Service, Set, Subscription, Term, TermPhase};

use crate::date::Date;
use crate::mapping::Draft;
use crate::note::{Note, NoteKind};
use crate::origin::UnknownReason;
use crate::resource::Resource;
use crate::value::FieldValue;

/// The most days of a term of one month.
const MONTH: i64 = 31;
/// The most days of a term of one year.
const YEAR: i64 = 366;

/// Returns the last day, inclusive, of a term that ends at an instant: the day of the moment
/// before.
pub(crate) fn last_day(end: Date) -> NaiveDate {
    (end.at - TimeDelta::nanoseconds(1)).date_naive()
}

/// Reads the term of a subscription whose possible services all have one, or the reason why it is
/// unknown.
///
/// The term is unknown where the fields lead to different phases at the instant.
pub(crate) fn read(
    draft: &mut Draft,
    resource: &Resource,
    services: Set<Service>,
    as_of: DateTime<Utc>,
) -> Result<Term, UnknownReason> {
    let known = Facts::try_from(services).unwrap_or_default();
    let phases = |term: Term| -> Set<TermPhase> {
        Subscription::from(known).with_term(term).facts_at(as_of).possible()
    };
    let (ends_on, day) = ends_on(draft, resource)?.ok_or(UnknownReason::FieldAbsent)?;
    if phases(Term::ending(day)) != phases(Term::ending(ends_on)) {
        draft.note(Note::on(NoteKind::Contradiction, "commitmentEndDateTime", ends_on));
        return Err(UnknownReason::Contradiction);
    }
    let created = draft.date("creationDate", &resource.creation_date);
    let effective = draft.date("effectiveStartDate", &resource.effective_start_date);
    let until = cancellation(draft, resource, services);
    let is_read = created.is_ok() && effective.is_ok() && until.is_ok();
    let mut until = until.unwrap_or(Cancellation::ByService);
    let mut starts = [effective, created].into_iter().flatten().flatten().map(|start| start.at);
    let Some(from) = starts.next() else {
        return Ok(with_cancellation(Term::ending(ends_on), until));
    };
    let Ok(term) = Term::new(from, ends_on) else {
        draft.note(Note::on(NoteKind::EndsBeforeStart, "commitmentEndDate", ends_on));
        return Err(UnknownReason::Contradiction);
    };
    let stated = phases(with_cancellation(term, until));
    if let Cancellation::Until(at) = until
        && at < from
    {
        let (field, day) = ("cancellationAllowedUntilDate", at.date_naive());
        draft.note(Note::on(NoteKind::CancellationBeforePurchase, field, day));
        until = Cancellation::ByService;
    }
    if !services.contains(Service::NewCommerceLicense) {
        return Ok(with_cancellation(term, until));
    }
    // Only the window of a new-commerce license depends on when exactly the current term began.
    if !is_read {
        return Ok(with_cancellation(Term::ending(ends_on), until));
    }
    let differs = |created: &DateTime<Utc>| {
        Term::new(*created, ends_on).is_ok_and(|other| phases(other) != phases(term))
    };
    let created = starts.next().filter(differs);
    let doubt = match created {
        Some(created) => {
            let days = format!("{} and {}", created.date_naive(), from.date_naive());
            Some(Note::on(NoteKind::PurchaseAmbiguous, "effectiveStartDate", days))
        }
        None => renewal(draft, resource, from, ends_on),
    };
    if let Some(note) = doubt {
        draft.note(note);
        return Ok(with_cancellation(Term::ending(ends_on), until));
    }
    if !stated.is_subset(phases(term)) {
        draft.note(Note::on(
            NoteKind::CancellationContradicts,
            "cancellationAllowedUntilDate",
            &resource.cancellation_allowed_until_date,
        ));
        return Ok(Term::ending(ends_on));
    }
    Ok(with_cancellation(term, until))
}

/// Returns the last day of the term, inclusive, by the more exact field and by the less exact one.
///
/// `commitmentEndDateTime` is the instant of the end, and more exact. `commitmentEndDate` is the
/// last day.
pub(crate) fn ends_on(
    draft: &mut Draft,
    resource: &Resource,
) -> Result<Option<(NaiveDate, NaiveDate)>, UnknownReason> {
    let day = draft.date("commitmentEndDate", &resource.commitment_end_date);
    let day = day.map(|day| day.map(|day| day.at.date_naive()));
    let instant = draft.date("commitmentEndDateTime", &resource.commitment_end_date_time)?;
    let exact = instant.map(|end| if end.has_time { last_day(end) } else { end.at.date_naive() });
    let Some(exact) = exact else { return Ok(day?.map(|day| (day, day))) };
    Ok(Some((exact, day.ok().flatten().unwrap_or(exact))))
}

/// Reads the cancellation window, if it is stated and does not follow from the service.
///
/// Where some of the services have a fixed window and others don't, a stated one is not used.
fn cancellation(
    draft: &mut Draft,
    resource: &Resource,
    services: Set<Service>,
) -> Result<Cancellation, UnknownReason> {
    let value = &resource.cancellation_allowed_until_date;
    let until = match value.text() {
        Some(text) if is_never(text) => Cancellation::Never,
        // The SDK writes `null` for unknown values, and then has no product type either.
        _ if *value == FieldValue::Null && resource.product_type().is_some() => Cancellation::Never,
        _ => draft
            .date("cancellationAllowedUntilDate", value)?
            .map_or(Cancellation::ByService, |date| Cancellation::Until(date.at)),
    };
    let fixed = [Service::License, Service::AzureReservation, Service::AzureSavingsPlan];
    match services.intersection(fixed.into()) {
        none if none.is_empty() => Ok(until),
        all if all == services || until == Cancellation::ByService => Ok(Cancellation::ByService),
        _ => Err(UnknownReason::ServiceUnknown),
    }
}

/// Whether a text says that a subscription can't be cancelled.
pub(crate) fn is_never(text: &str) -> bool {
    text.eq_ignore_ascii_case("never")
}

/// Returns a term with its cancellation window.
pub(crate) fn with_cancellation(term: Term, cancellation: Cancellation) -> Term {
    match cancellation {
        Cancellation::Never => term.never_cancellable(),
        Cancellation::Until(until) => term.cancellable_until(until),
        _ => term,
    }
}

/// Returns a note if the dates span, or may span, more than the term that was bought.
fn renewal(
    draft: &mut Draft,
    resource: &Resource,
    from: DateTime<Utc>,
    ends_on: NaiveDate,
) -> Option<Note> {
    let days = (ends_on - from.date_naive()).num_days();
    let sold_for = duration(&resource.term_duration);
    if sold_for.is_none() && !resource.term_duration.is_absent() {
        draft.note(Note::undocumented("termDuration", &resource.term_duration));
    }
    // Annual billing implies a term of at least a year.
    let least = match resource.billing_cycle.word().as_deref() {
        Some("annual" | "2") => YEAR,
        _ => MONTH,
    };
    let most = sold_for.unwrap_or(least);
    if days <= most {
        None
    } else if sold_for.is_some() || days > YEAR {
        let span = format!("{} to {ends_on}", from.date_naive());
        Some(Note::on(NoteKind::Renewed, "commitmentEndDate", span))
    } else {
        Some(Note::new(NoteKind::DurationUnknown))
    }
}

/// Returns the most days of a duration such as `P1Y`, `P12M` or `P36M`.
fn duration(value: &FieldValue) -> Option<i64> {
    let text = value.text()?.to_ascii_uppercase();
    let number = |unit| text.strip_prefix('P')?.strip_suffix(unit)?.parse::<i64>().ok();
    let months = number('M')
        .or_else(|| number('Y')?.checked_mul(12))
        .filter(|months| (1..=120).contains(months))?;
    // A year has at most 366 days, and a month 31.
    Some(if months % 12 == 0 { months / 12 * 365 + 1 } else { months * MONTH })
}
