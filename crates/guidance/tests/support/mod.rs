//! Shared by the tests: random facts and terms, and cases of the policy's scenarios.

#![allow(dead_code, reason = "each test uses a part")]

pub mod brute_force;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use csp_multichannel::{
    Action, Case, Edition, Fact, Facts, Rulebook, Subscription, Term, Verdict, parse_instant,
};
use proptest::prelude::*;
use serde_json::Value;

pub fn at(text: &str) -> DateTime<Utc> {
    parse_instant(text).expect("an instant")
}

pub fn rulebook() -> &'static Rulebook {
    Rulebook::partner_center()
}

pub fn edition(day: &str) -> Edition<'static> {
    rulebook().edition_at(at(day)).expect("an edition")
}

/// The cases of the policy's scenarios, each with the instant asked about.
pub fn policy_cases() -> Vec<(Case, DateTime<Utc>)> {
    let text = include_str!("../../../../tests/data/scenarios.jsonl");
    let cases: Vec<_> = text
        .lines()
        .map(|line| {
            let scenario: Value = serde_json::from_str(line).expect("a scenario");
            let case = serde_json::from_value(scenario["case"].clone()).expect("a case");
            (case, at(scenario["as_of"].as_str().expect("an instant")))
        })
        .collect();
    assert!(cases.len() > 100);
    cases
}

/// Facts with a limited number of unknown ones.
pub fn any_facts(most_unknown: usize) -> impl Strategy<Value = Facts> {
    let values = prop::array::uniform11(any::<prop::sample::Index>());
    let unknown = prop::collection::vec((0..Fact::ALL.len(), 1..=u16::MAX), 0..=most_unknown);
    (values, unknown).prop_map(|(values, unknown)| {
        let known = Fact::ALL.iter().zip(values).fold(Facts::UNKNOWN, |facts, (&fact, index)| {
            facts.with(value(fact, index.index(fact.words().len())))
        });
        unknown.into_iter().fold(known, |facts, (fact, values)| {
            let fact = Fact::ALL[fact];
            let some = (0..fact.words().len()).filter(|place| values >> place & 1 == 1);
            some.map(|place| value(fact, place))
                .reduce(Facts::union)
                .map_or(facts, |of| facts.with(of))
        })
    })
}

fn value(fact: Fact, place: usize) -> Facts {
    Facts::parse(fact, fact.words()[place]).expect("a word of the fact")
}

/// An instant since the policy began.
pub fn any_instant() -> impl Strategy<Value = DateTime<Utc>> {
    (1_480_550_400_i64..1_830_000_000)
        .prop_map(|seconds| DateTime::from_timestamp(seconds, 0).unwrap())
}

/// A subscription with or without dates.
pub fn any_subscription(most_unknown: usize) -> impl Strategy<Value = Subscription> {
    let until = prop::option::of(prop::option::of(any_instant()));
    let term = (any_instant(), 0..1200_i64, any::<bool>(), until);
    (any_facts(most_unknown), prop::option::of(term)).prop_map(|(facts, term)| {
        let term = term.map(|(purchase, days, has_purchase, until)| {
            let ends_on: NaiveDate = purchase.date_naive() + TimeDelta::days(days);
            let term = if has_purchase {
                Term::new(purchase, ends_on).expect("a term")
            } else {
                Term::ending(ends_on)
            };
            match until {
                None => term,
                Some(None) => term.never_cancellable(),
                Some(Some(instant)) => term.cancellable_until(instant),
            }
        });
        Subscription::from(facts).with_term(term)
    })
}

/// Every instant at which the facts or the policy can change, computed from dates and windows.
pub fn edges(subscription: &Subscription) -> Vec<DateTime<Utc>> {
    let midnight = |day: NaiveDate| day.and_hms_opt(0, 0, 0).unwrap().and_utc();
    let mut edges: Vec<_> =
        rulebook().editions().map(|edition| midnight(edition.since())).collect();
    if let Some(term) = subscription.term() {
        edges.push(midnight(term.ends_on().succ_opt().unwrap()));
        edges.extend(term.purchased_at());
        edges.extend(term.purchased_at().map(|purchase| purchase + TimeDelta::hours(72)));
        edges.extend(term.purchased_at().map(|purchase| purchase + TimeDelta::hours(168)));
        edges.push(at("2022-03-19"));
        if let csp_multichannel::Cancellation::Until(until) = term.cancellation() {
            edges.push(until);
        }
    }
    edges.sort();
    edges.dedup();
    edges
}

/// The answer on each action: the possible verdicts and the requirements.
pub fn answers(subscription: &Subscription, at: DateTime<Utc>) -> Vec<(Vec<Verdict>, Vec<String>)> {
    let decision = rulebook().decide(subscription, at).expect("an edition");
    let answer = |&action: &Action| {
        let requirements = decision.requirements(action).map(Into::into).collect();
        (decision.possible(action).iter().collect(), requirements)
    };
    Action::ALL.iter().map(answer).collect()
}
