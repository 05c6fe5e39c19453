//! The time that guidance takes, compared with brute force for questions and minimal changes.

#![allow(missing_docs, reason = "criterion's macros")]

#[path = "../tests/support/brute_force.rs"]
mod brute_force;

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use csp_multichannel::{
    Action, AtTermEnd, Channel, Cloud, Customer, Edition, Fact, Facts, Partner, Region,
    Relationship, Rulebook, Service, Set, Status, Subscription, Term, TermPhase, Transfer,
    parse_instant,
};
use csp_multichannel_guidance::{Goal, Weights, expiry, minimal_changes, plans, questions};

const DAY: &str = "2026-11-27";

fn edition() -> Edition<'static> {
    let day = parse_instant(DAY).expect("a day");
    Rulebook::partner_center().edition_at(day).expect("an edition")
}

/// An ordinary license of another partner; only a request for the relationship is allowed.
fn license() -> Facts {
    Facts::UNKNOWN
        .with(Channel::OtherCspPartner)
        .with(Service::NewCommerceLicense)
        .with(Cloud::Public)
        .with(Partner::DirectBill)
        .with(Relationship::None)
        .with(Customer::EndCustomer)
        .with(Region::Same)
        .with(TermPhase::Committed)
        .with(AtTermEnd::Renew)
        .with(Status::Active)
        .with(Transfer::None)
}

/// The same license, with three unknown facts.
fn three_unknown() -> Facts {
    license().without(Fact::Relationship).without(Fact::TermPhase).without(Fact::AtTermEnd)
}

/// A case with obstacles to every action.
fn obstructed() -> Facts {
    Facts::UNKNOWN
        .with(Channel::Direct)
        .with(Service::Software)
        .with(Cloud::Germany)
        .with(Partner::IndirectReseller)
        .with(Relationship::None)
        .with(Customer::CspTenant)
        .with(Region::Other)
        .with(TermPhase::Ended)
        .with(AtTermEnd::Renew)
        .with(Status::Deleted)
        .with(Transfer::Pending)
}

fn asking(c: &mut Criterion) {
    let mut group = c.benchmark_group("questions about all actions");
    let decision = edition().decide(three_unknown());
    group.bench_function("three facts unknown", |b| {
        b.iter(|| questions(black_box(&decision), Set::all(), &Weights::UNIFORM));
    });
    group.bench_function("rival: comparing all cases, for what is missing alone", |b| {
        b.iter(|| {
            let missing = |&action| brute_force::missing(black_box(&decision), action);
            Action::ALL.iter().map(missing).fold(Set::EMPTY, Set::union)
        });
    });
    let decision = edition().decide(Facts::UNKNOWN);
    group.bench_function("all eleven unknown", |b| {
        b.iter(|| questions(black_box(&decision), Set::all(), &Weights::UNIFORM));
    });
    group.finish();
}

fn changing(c: &mut Criterion) {
    let mut group = c.benchmark_group("minimal changes");
    group.sample_size(20);
    for (name, facts) in [("known", license()), ("three facts unknown", three_unknown())] {
        let decision = edition().decide(facts);
        group.bench_function(format!("{name}, all actions"), |b| {
            b.iter(|| {
                let changes = |&action| minimal_changes(black_box(&decision), action).len();
                Action::ALL.iter().map(changes).sum::<usize>()
            });
        });
        group.bench_function(format!("{name}, switch"), |b| {
            b.iter(|| minimal_changes(black_box(&decision), Action::Switch));
        });
        group.bench_function(format!("rival: {name}, switch, every change of every set"), |b| {
            b.iter(|| brute_force::minimal_changes(black_box(&decision), Action::Switch));
        });
    }
    let decision = edition().decide(obstructed());
    group.bench_function("all obstacles, switch", |b| {
        b.iter(|| minimal_changes(black_box(&decision), Action::Switch));
    });
    group.finish();
}

fn planning(c: &mut Criterion) {
    let mut group = c.benchmark_group("plans");
    let rulebook = Rulebook::partner_center();
    let term = Term::parse("2026-03-01T09:00:00Z", "2027-02-28").expect("a term");
    let dated = Subscription::from(license()).with_term(term);
    let today = parse_instant(DAY).expect("a day");
    let early = parse_instant("2016-12-01").expect("a day");
    group.bench_function("a license with dates", |b| {
        b.iter(|| plans(black_box(&dated), Goal::Move, today, rulebook));
    });
    group.bench_function("a license without dates", |b| {
        b.iter(|| plans(black_box(&license().into()), Goal::Move, today, rulebook));
    });
    group.bench_function("through all editions", |b| {
        b.iter(|| plans(black_box(&license().into()), Goal::Move, early, rulebook));
    });
    group.bench_function("expiry", |b| b.iter(|| expiry(black_box(&dated), today, rulebook)));
    group.finish();
}

criterion_group!(benches, asking, changing, planning);
criterion_main!(benches);
