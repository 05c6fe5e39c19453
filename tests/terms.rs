//! Dates to facts, against the steps of `terms.md`.

mod support;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use csp_multichannel::{
    AtTermEnd, Channel, Fact, Facts, InstantError, Service, Subscription, Term, TermPhase,
    parse_instant,
};
use proptest::prelude::*;
use support::reference::{self, Dates, FACTS};
use support::{at, facts_of, words_of};

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

fn term_of(dates: Dates) -> Term {
    let term = match dates.purchased_at {
        Some(purchase) => Term::new(purchase, dates.ends_on).expect("a term"),
        None => Term::ending(dates.ends_on),
    };
    match dates.cancellable_until {
        None => term,
        Some(None) => term.never_cancellable(),
        Some(Some(instant)) => term.cancellable_until(instant),
    }
}

fn assert_settled(facts: Facts, dates: Dates, t: DateTime<Utc>) {
    let settled = Subscription::from(facts).with_term(term_of(dates)).facts_at(t);
    // Dates take the place of a stated phase.
    let possible = words_of(facts.without(Fact::TermPhase));
    assert_eq!(
        settled,
        facts_of(&reference::settle(&possible, dates, t)),
        "{facts}, {dates:?}, {t}"
    );
}

/// Every service, end of term and channel, with every kind of dates, around every instant at which
/// anything changes: a second before, at, and a second after.
#[test]
fn every_edge() {
    let windows = [at("2022-03-12"), at("2022-03-19"), at("2026-05-04")];
    let purchases = [
        "2018-03-01T09:00:00Z",
        "2022-03-11T23:59:59Z",
        "2022-03-12",
        "2022-03-14T10:00:00Z",
        "2026-06-01T09:00:00Z",
    ];
    let ends = ["2019-02-28", "2022-03-15", "2023-03-13", "2026-05-03", "2026-05-04", "2027-05-31"];
    let mut possible: Vec<Facts> = Service::ALL.iter().map(|&service| service.into()).collect();
    possible.extend([
        Facts::UNKNOWN,
        Facts::from([Service::License, Service::Azure]),
        Facts::from([Service::Azure, Service::AzurePlan]),
        Facts::from(Service::License).with([Channel::Direct, Channel::ThirdParty]),
    ]);
    possible
        .extend(Channel::ALL.iter().map(|&channel| Facts::from(Service::License).with(channel)));
    let at_term_end: [Facts; 6] = [
        AtTermEnd::Renew.into(),
        AtTermEnd::Extend.into(),
        AtTermEnd::End.into(),
        [AtTermEnd::Extend, AtTermEnd::End].into(),
        [AtTermEnd::Renew, AtTermEnd::Extend].into(),
        Facts::UNKNOWN,
    ];
    let mut compared = 0;
    for end in ends {
        let ends_on = day(end);
        for purchased_at in [None].into_iter().chain(purchases.map(|text| Some(at(text)))) {
            if purchased_at.is_some_and(|purchase| purchase.date_naive() > ends_on) {
                continue;
            }
            let until = at("2022-04-01T12:00:00Z");
            for cancellable_until in [None, Some(None), Some(Some(until))] {
                let dates = Dates { purchased_at, ends_on, cancellable_until };
                let mut edges = vec![
                    until,
                    ends_on.succ_opt().unwrap().and_hms_opt(0, 0, 0).unwrap().and_utc(),
                ];
                edges.extend(windows);
                if let Some(purchase) = purchased_at {
                    edges.extend([0, 72, 168].map(|hours| purchase + TimeDelta::hours(hours)));
                }
                for edge in edges {
                    for seconds in [-1, 0, 1] {
                        for facts in &possible {
                            for end in at_term_end {
                                assert_settled(
                                    facts.with(end),
                                    dates,
                                    edge + TimeDelta::seconds(seconds),
                                );
                                compared += 1;
                            }
                        }
                    }
                }
            }
        }
    }
    assert!(compared > 100_000, "{compared}");
}

/// The example of `terms.md`: a window that closes and opens again.
#[test]
fn a_window_opens_again() {
    let license = Subscription::new()
        .with(Service::NewCommerceLicense)
        .with_term(Term::parse("2022-03-14T10:00:00Z", "2023-03-13").unwrap());
    for (instant, phase) in [
        ("2022-03-14T09:59:59Z", TermPhase::Cancellable),
        ("2022-03-17T09:59:59Z", TermPhase::Cancellable),
        ("2022-03-17T10:00:00Z", TermPhase::Committed),
        ("2022-03-18T23:59:59Z", TermPhase::Committed),
        ("2022-03-19T00:00:00Z", TermPhase::Cancellable),
        ("2022-03-21T09:59:59Z", TermPhase::Cancellable),
        ("2022-03-21T10:00:00Z", TermPhase::Committed),
    ] {
        assert_eq!(license.facts_at(at(instant)).known(), Some(phase), "{instant}");
    }
}

#[test]
fn of_dates_and_a_stated_phase_the_last_one_stands() {
    let term = Term::ending(day("2027-05-31"));
    let now = at("2026-11-27");
    let known = |subscription: Subscription| subscription.facts_at(now).known();
    let license = Subscription::new().with(Service::AzureReservation);
    assert_eq!(known(license.with(TermPhase::Ended).with_term(term)), Some(TermPhase::Cancellable));
    assert_eq!(known(license.with_term(term).with(TermPhase::Ended)), Some(TermPhase::Ended));
    assert_eq!(
        known(license.with_term(term).with(Facts::from(TermPhase::Ended))),
        Some(TermPhase::Ended)
    );
    assert_eq!(license.with_term(term).with(TermPhase::Ended).term(), None);
    assert_eq!(
        known(license.with_term(term).with(None::<TermPhase>)),
        Some(TermPhase::Cancellable)
    );
    assert_eq!(known(license.with(TermPhase::Ended).with_term(None)), Some(TermPhase::Ended));
    assert_eq!(known(license.with_term(term).without(Fact::TermPhase)), None::<TermPhase>);
    assert_eq!(license.with_term(term).without(Fact::Cloud).term(), Some(term));
}

#[test]
fn dates_mean_nothing_for_usage() {
    let azure = Subscription::new().with(Service::AzurePlan);
    let with_term = azure.with_term(Term::ending(day("2020-01-01")));
    assert_eq!(with_term.facts_at(at("2026-11-27")), azure.facts());
}

#[test]
fn terms_that_are_none() {
    for (purchased_at, ends_on, field, message) in [
        (
            "2026-06-01",
            "2027-05-31",
            "purchased_at",
            "`purchased_at` is `2026-06-01`, expected an RFC 3339 instant such as `2018-09-15T12:30:00Z`",
        ),
        (
            "2026-06-01T09:00:00Z",
            "31.5.2027",
            "ends_on",
            "`ends_on` is `31.5.2027`, expected a day such as `2018-09-15`",
        ),
        (
            "2026-06-01T09:00:00Z",
            "2026-05-31",
            "ends_on",
            "`ends_on` is `2026-05-31`, expected the UTC day of `purchased_at` or a later one",
        ),
        (
            "2026-06-01T23:30:00-01:00",
            "2026-06-01",
            "ends_on",
            "`ends_on` is `2026-06-01`, expected the UTC day of `purchased_at` or a later one",
        ),
    ] {
        let error = Term::parse(purchased_at, ends_on).unwrap_err();
        assert_eq!((error.field(), error.to_string().as_str()), (field, message));
    }
    assert!(Term::parse("2026-06-01T23:59:59Z", "2026-06-01").is_ok());
}

#[test]
fn instants() {
    let same =
        |one: &str, other: &str| assert_eq!(parse_instant(one), parse_instant(other), "{one}");
    same("2018-09-15", "2018-09-15T00:00:00Z");
    same("2018-09-15t02:30:00.500000000000+02:30", "2018-09-15T00:00:00.5z");
    same("2018-09-15T00:00:00-00:00", "2018-09-15");
    same("2016-12-31T23:59:60Z", "2017-01-01");
    same("2017-01-01T00:59:60.000+01:00", "2017-01-01");
    same("2015-06-30T16:59:60-07:00", "2015-07-01");
    same("0000-01-01T00:00:00Z", "0000-01-01");
    assert!(parse_instant("9999-12-31T23:59:59.999999999Z").is_ok());
    for text in [
        "",
        "2018-9-15",
        "2018-09-31",
        "+2018-09-15",
        "12018-09-15",
        "2018-09-15 00:00:00Z",
        "2018-09-15T00:00Z",
        "2018-09-15T00:00:00",
        "2018-09-15T24:00:00Z",
        "2018-09-15T00:00:00.Z",
        "2018-09-15T00:00:00.1x2Z",
        "2018-09-15T00:00:00.1234567891Z",
        "2018-09-15T00:00:00+0200",
        "2018-09-15T00:00:00+24:00",
        "2018-09-15T00:00:00+02:60",
        "2018-09-15T00:00:00 Z",
        "2018-09-15T00:00:00−02:00",
        "2016-12-31T23:59:60.5Z",
        "2016-12-30T23:59:60Z",
        "2016-12-31T22:59:60Z",
        "2016-03-31T23:59:60Z",
        "2018-09-15T00:00:61Z",
        "0000-01-01T00:00:00+00:01",
        "9999-12-31T23:59:60Z",
        "9999-12-31T23:59:59-00:01",
        "٢٠١٨-09-15",
        "2018-09-15\n",
    ] {
        let error: InstantError = parse_instant(text).expect_err(text);
        assert_eq!(error.given(), text.replace('\n', r"\n"));
        assert!(error.to_string().contains("expected a day such as"), "{error}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_terms(
        bits in any::<[u16; FACTS]>(),
        purchase in prop::option::of(1_640_000_000_i64..1_800_000_000),
        length in 0..1200_i64,
        until in prop::option::of(prop::option::of(1_640_000_000_i64..1_800_000_000)),
        now in 1_640_000_000_i64..1_800_000_000,
        later in 0..200_000_000_i64,
    ) {
        let instant = |seconds| DateTime::from_timestamp(seconds, 0).unwrap();
        let purchased_at = purchase.map(instant);
        let start = purchased_at.unwrap_or(instant(1_700_000_000)).date_naive();
        let dates = Dates {
            purchased_at,
            ends_on: start + TimeDelta::days(length),
            cancellable_until: until.map(|until| until.map(instant)),
        };
        let possible = std::array::from_fn(|fact| {
            let words = Fact::ALL[fact].words();
            let some: Vec<&str> = words.iter().enumerate().filter(|(i, _)| bits[fact] >> i & 1 == 1).map(|(_, word)| *word).collect();
            if some.is_empty() { words.to_vec() } else { some }
        });
        assert_settled(facts_of(&possible), dates, instant(now));

        // Nothing changes before the next change, and something does then.
        let subscription = Subscription::from(facts_of(&possible)).with_term(term_of(dates));
        let (now, later) = (instant(now), instant(now + later));
        let facts = subscription.facts_at(now);
        let next = subscription.next_change(now);
        let until = next.map_or(later, |next| later.min(next - TimeDelta::nanoseconds(1)));
        prop_assert_eq!(subscription.facts_at(until), facts);
        if let Some(next) = next {
            prop_assert!(next > now);
            prop_assert_ne!(subscription.facts_at(next), facts);
        }
    }

    #[test]
    fn any_text_is_an_instant_or_an_error(text in "\\PC*|[0-9TtZz:.+-]{0,35}") {
        let _ = parse_instant(&text);
        let _ = Term::parse(&text, &text);
    }
}
