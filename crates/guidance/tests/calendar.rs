//! How long answers hold, compared with deciding at every instant of a possible change.

mod support;

use csp_multichannel::{Channel, Facts, Service, Set, Subscription, Term, TermPhase};
use csp_multichannel_guidance::{ExpiryCause, TermDate, calendar, expiry};
use proptest::prelude::*;
use support::{answers, any_instant, any_subscription, at, edges, rulebook};

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// An answer changes when it expires, and not before.
    #[test]
    fn expiry_is_exact(subscription in any_subscription(4), now in any_instant()) {
        let expiry = expiry(&subscription, now, rulebook()).unwrap();
        let answer = answers(&subscription, now);
        for edge in edges(&subscription).into_iter().filter(|&edge| edge > now) {
            match expiry.until {
                Some(until) if edge > until => {}
                Some(until) if edge == until => prop_assert_ne!(answers(&subscription, edge), answer.clone()),
                _ => prop_assert_eq!(answers(&subscription, edge), answer.clone(), "{}", edge),
            }
        }
        prop_assert!(expiry.until.is_none_or(|until| edges(&subscription).contains(&until)));
        prop_assert_eq!(expiry.until.is_some(), !expiry.causes.is_empty());
    }

    /// The periods of a calendar follow each other, and within each the answers are those of its
    /// beginning.
    #[test]
    fn calendars_are_exact(subscription in any_subscription(4), now in any_instant()) {
        let periods = calendar(&subscription, now, rulebook()).unwrap();
        prop_assert_eq!(periods[0].from, now);
        for (period, next) in periods.iter().zip(periods.iter().skip(1).map(Some).chain([None])) {
            prop_assert_eq!(period.until, next.map(|next| next.from));
            prop_assert_eq!(period.facts, subscription.facts_at(period.from));
            let of_period: Vec<_> = period.outcomes.iter().map(|(_, answer)| {
                let possible = if answer.possible.is_empty() { answer.verdict.into() } else { answer.possible };
                (possible.iter().collect::<Vec<_>>(), answer.requirements.clone())
            }).collect();
            prop_assert_eq!(&of_period, &answers(&subscription, period.from));
            prop_assert!(next.is_none_or(|next| answers(&subscription, next.from) != of_period));
            let within = |edge: &chrono::DateTime<chrono::Utc>| {
                period.from <= *edge && period.until.is_none_or(|until| *edge < until)
            };
            for edge in edges(&subscription).into_iter().filter(within) {
                prop_assert_eq!(&of_period, &answers(&subscription, edge), "{}", edge);
            }
        }
        let expiry = expiry(&subscription, now, rulebook()).unwrap();
        prop_assert_eq!((periods[0].until, expiry.until), (expiry.until, periods[0].until));
    }

    /// A date is reported as unknown only if the phase that it brings could change the answer.
    #[test]
    fn unknown_dates_matter(subscription in any_subscription(4), now in any_instant()) {
        let expiry = expiry(&subscription, now, rulebook()).unwrap();
        let facts = subscription.facts_at(now);
        let in_phase = |phase: TermPhase| answers(&Subscription::from(facts.with(phase)), now);
        let phases: Vec<_> = TermPhase::ALL.iter().map(|&phase| in_phase(phase)).collect();
        if phases.iter().all(|phase| *phase == phases[0]) {
            prop_assert!(expiry.unknown_dates.is_empty());
        }
        let knows_dates = subscription.term().is_some_and(|term| now.date_naive() <= term.ends_on());
        prop_assert!(!(knows_dates && expiry.unknown_dates.contains(TermDate::EndsOn)));
        let is_usage = facts.possible::<Service>().is_subset(Service::USAGE_BASED);
        prop_assert!(!is_usage || expiry.unknown_dates.is_empty());
    }
}

#[test]
fn the_dates_that_are_not_known() {
    let license =
        Subscription::new().with(Channel::OtherCspPartner).with(Service::NewCommerceLicense);
    let dates = |subscription: Subscription| {
        expiry(&subscription, at("2026-11-27"), rulebook()).unwrap().unknown_dates
    };
    let all = Set::all();
    let end = Set::from(TermDate::EndsOn);
    let window = Set::from([TermDate::PurchasedAt, TermDate::CancellableUntil]);
    let ends = Term::ending("2027-02-28".parse().unwrap());
    assert_eq!(dates(license), all);
    assert_eq!(dates(license.with(TermPhase::Committed)), end);
    assert_eq!(dates(license.with(TermPhase::Ended)), Set::EMPTY);
    assert_eq!(dates(license.with_term(ends)), window);
    assert_eq!(dates(license.with_term(ends.never_cancellable())), Set::EMPTY);
    assert_eq!(dates(license.with_term(ends.cancellable_until(at("2026-12-01")))), Set::EMPTY);
    // What follows from the purchase is known, but not for software.
    let bought = Term::parse("2026-03-01T09:00:00Z", "2027-02-28").unwrap();
    let either = license.with([Service::NewCommerceLicense, Service::Software]);
    assert_eq!(dates(either.with_term(bought)), TermDate::CancellableUntil.into());
    // After its last day a license that renews has other dates.
    let over = Term::ending("2026-02-28".parse().unwrap());
    assert_eq!(dates(license.with_term(over)), all);
    assert_eq!(dates(license.with(csp_multichannel::AtTermEnd::End).with_term(over)), Set::EMPTY);
    assert_eq!(dates(Subscription::from(Facts::from(Service::AzurePlan))), Set::EMPTY);
    assert_eq!(dates(Subscription::from(Facts::from(Service::Software))), Set::EMPTY);
}

#[test]
fn what_ends_an_answer() {
    let license = Subscription::new()
        .with(Channel::OtherCspPartner)
        .with(Service::NewCommerceLicense)
        .with_term(Term::parse("2026-04-27T00:00:00Z", "2027-04-26").unwrap());
    // On the same instant the window closes, and an edition begins.
    let expiry = expiry(&license, at("2026-05-01"), rulebook()).unwrap();
    assert_eq!(expiry.until, Some(at("2026-05-04")));
    assert_eq!(expiry.causes, Set::from([ExpiryCause::Edition, ExpiryCause::Term]));
}

#[test]
fn before_the_first_edition() {
    assert!(expiry(&Subscription::new(), at("2016-11-30"), rulebook()).is_err());
    assert!(calendar(&Subscription::new(), at("2016-11-30"), rulebook()).is_err());
}
