//! Guidance as it is now beside that of the first version.
//!
//! `./run --bench guidance` in this package's folder. The two decide by registers of 94 and 55 rules in force.

#![allow(missing_docs, reason = "criterion's macros")]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use csp_multichannel as now;
use csp_multichannel_guidance::{Goal, Weights, minimal_changes, plans, questions};
use first::guidance as first_guidance;

const DAY: &str = "2026-11-24";

fn license() -> now::Facts {
    now::Facts::UNKNOWN
        .with(now::Channel::OtherCspPartner)
        .with(now::Service::NewCommerceLicense)
        .with(now::Cloud::Public)
        .with(now::Partner::DirectBill)
        .with(now::Relationship::None)
        .with(now::Customer::EndCustomer)
        .with(now::Region::Same)
        .with(now::TermPhase::Committed)
        .with(now::AtTermEnd::Renew)
        .with(now::Status::Active)
        .with(now::Transfer::None)
}

/// The same case in the first version, without some facts.
fn first_license(unknown: &[first::Fact]) -> first::Facts {
    let known: [first::Value; 11] = [
        first::Channel::OtherCspPartner.into(),
        first::Service::NewCommerceLicense.into(),
        first::Cloud::Public.into(),
        first::Partner::DirectBill.into(),
        first::Relationship::None.into(),
        first::Customer::EndCustomer.into(),
        first::Market::Same.into(),
        first::TermPhase::Committed.into(),
        first::AutoRenew::On.into(),
        first::Status::Active.into(),
        first::Transfer::None.into(),
    ];
    let known = known.into_iter().filter(|value| !unknown.contains(&value.fact()));
    first::Facts::UNKNOWN.given(first::ValueSet::from_iter(known)).expect("a case")
}

fn guidance(c: &mut Criterion) {
    let at = now::parse_instant(DAY).expect("a day");
    let first_at = first::parse_instant(DAY).expect("a day");
    let (book, first_book) = (now::Rulebook::partner_center(), first::Rulebook::partner_center());
    let edition = book.edition_at(at).expect("an edition");
    let first_edition = first_book.edition_at(first_at).expect("an edition");
    let three = license()
        .without(now::Fact::Relationship)
        .without(now::Fact::TermPhase)
        .without(now::Fact::AtTermEnd);
    let first_three =
        first_license(&[first::Fact::Relationship, first::Fact::Term, first::Fact::AutoRenew]);

    for (name, facts, first_facts) in [
        ("three unknown", three, first_three),
        ("all unknown", now::Facts::UNKNOWN, first::Facts::UNKNOWN),
    ] {
        let mut group = c.benchmark_group(format!("questions, {name}"));
        let (decision, first_decision) = (edition.decide(facts), first_edition.decide(first_facts));
        group.bench_function("now", |b| {
            b.iter(|| questions(black_box(&decision), now::Set::all(), &Weights::UNIFORM));
        });
        group.bench_function("first", |b| {
            b.iter(|| {
                black_box(first_decision)
                    .questions(first::Set::all(), &first_guidance::Weights::EVEN)
            });
        });
        group.finish();
    }

    let mut group = c.benchmark_group("minimal changes, three unknown, switch");
    let (decision, first_decision) = (edition.decide(three), first_edition.decide(first_three));
    group.bench_function("now", |b| {
        b.iter(|| minimal_changes(black_box(&decision), now::Action::Switch));
    });
    group.bench_function("first", |b| {
        b.iter(|| black_box(first_decision).counterfactuals(first::Action::Switch));
    });
    group.finish();

    let mut group = c.benchmark_group("plans");
    let (known, first_known) = (license(), first_license(&[]));
    group.bench_function("now", |b| {
        b.iter(|| plans(black_box(&known.into()), Goal::Move, at, book));
    });
    group.bench_function("first", |b| {
        b.iter(|| {
            let goal = first_guidance::Goal::Move;
            first_guidance::Plans::of_facts(black_box(first_known), goal, first_at, first_book)
        });
    });
    group.finish();
}

criterion_group!(benches, guidance);
criterion_main!(benches);
