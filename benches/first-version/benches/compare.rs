//! The library as it is now beside its own first version, and each beside its own dense table.
//!
//! Run `./run` in this package's folder; it extracts the first version from the repository's
//! history. Arguments go to `cargo bench`:
//! `./run -- "known case" --warm-up-time 1 --measurement-time 3`.
//!
//! The two do not decide the same cases: the vocabulary has grown, and in the first version service
//! and term depended on each other. Each draws from its own space, in the same steps.

#![allow(missing_docs, reason = "criterion's macros")]

#[path = "../../rivals/mod.rs"]
mod rivals;

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use csp_multichannel as now;
use rivals::{DAY, bits, edition, uniform};

const CASES: usize = 4096;

/// How many cases each choice of three facts gets, and how many choices there are.
const CASES_OF_THREE: usize = 40;
const THREES: usize = 165;

/// Reads all five verdicts.
fn read(verdicts: now::Verdicts) -> usize {
    verdicts.iter().map(|(_, &verdict)| verdict as usize).sum()
}

fn read_first(verdicts: first::Verdicts) -> usize {
    verdicts.iter().map(|(_, verdict)| verdict as usize).sum()
}

fn first_edition() -> first::Edition<'static> {
    let day = first::parse_instant(DAY).expect("a day");
    first::Rulebook::partner_center().edition_at(day).expect("an edition")
}

/// What `uniform` is for the present version.
fn first_uniform(count: usize) -> Vec<first::Facts> {
    let all: Vec<first::Assignment> = first::Assignment::all().collect();
    (0..count).map(|n| first::Facts::from(all[n * 104_729 % all.len()])).collect()
}

/// The dense table of the first version's own benchmark.
struct FirstDense {
    /// For each packed case, the place of its verdicts.
    places: Vec<u8>,
    verdicts: Vec<first::Verdicts>,
}

impl FirstDense {
    fn new(edition: first::Edition<'_>) -> Self {
        let mut dense =
            Self { places: vec![0; 1 << first::Assignment::BITS], verdicts: Vec::new() };
        for case in first::Assignment::all() {
            let decided = edition.decide(case.into()).verdicts();
            let place =
                dense.verdicts.iter().position(|&known| known == decided).unwrap_or_else(|| {
                    dense.verdicts.push(decided);
                    dense.verdicts.len() - 1
                });
            dense.places[case.to_bits() as usize] =
                place.try_into().expect("at most 256 different verdicts");
        }
        dense
    }

    #[inline]
    fn verdicts(&self, facts: first::Facts) -> first::Verdicts {
        let case = facts.assignment().expect("known");
        self.verdicts[usize::from(self.places[case.to_bits() as usize])]
    }
}

/// Known cases one after the other, the five verdicts of each read.
fn known(c: &mut Criterion) {
    let (edition, first_edition) = (edition(), first_edition());
    let (facts, first_facts) = (uniform(CASES), first_uniform(CASES));
    let packed: Vec<u64> = facts.iter().map(|&facts| bits(facts)).collect();
    let (dense, first_dense) = (rivals::Dense::new(edition), FirstDense::new(first_edition));
    for (&facts, &packed) in facts.iter().zip(&packed) {
        assert_eq!(dense.verdicts(packed), edition.decide(facts).verdicts());
    }
    for &facts in &first_facts {
        assert_eq!(first_dense.verdicts(facts), first_edition.decide(facts).verdicts());
    }

    let mut group = c.benchmark_group("known case");
    group.throughput(Throughput::Elements(CASES as u64));
    group.bench_function("now", |b| {
        b.iter(|| {
            facts
                .iter()
                .map(|&facts| read(edition.decide(black_box(facts)).verdicts()))
                .sum::<usize>()
        });
    });
    group.bench_function("now: dense table", |b| {
        b.iter(|| packed.iter().map(|&bits| read(dense.verdicts(black_box(bits)))).sum::<usize>());
    });
    group.bench_function("first", |b| {
        b.iter(|| {
            first_facts
                .iter()
                .map(|&facts| read_first(first_edition.decide(black_box(facts)).verdicts()))
                .sum::<usize>()
        });
    });
    group.bench_function("first: dense table", |b| {
        b.iter(|| {
            first_facts
                .iter()
                .map(|&facts| read_first(first_dense.verdicts(black_box(facts))))
                .sum::<usize>()
        });
    });
    group.finish();
}

/// All choices of three.
fn threes<T: Copy>(of: &[T]) -> Vec<[T; 3]> {
    let mut threes = Vec::new();
    for (i, &a) in of.iter().enumerate() {
        for (j, &b) in of.iter().enumerate().skip(i + 1) {
            threes.extend(of[j + 1..].iter().map(|&c| [a, b, c]));
        }
    }
    assert_eq!(threes.len(), THREES);
    threes
}

/// Unknown facts, with what the five verdicts depend on.
fn unknown(c: &mut Criterion) {
    let (edition, first_edition) = (edition(), first_edition());
    let depends_on = |facts: now::Facts| {
        let decision = edition.decide(facts);
        now::Action::ALL.iter().map(|&action| decision.depends_on(action).len()).sum::<usize>()
    };
    let first_depends_on = |facts: first::Facts| {
        let decision = first_edition.decide(facts);
        first::Action::ALL.iter().map(|&action| decision.depends_on(action).len()).sum::<usize>()
    };

    let cases = uniform(CASES_OF_THREE * THREES);
    let three: Vec<now::Facts> = cases
        .chunks(CASES_OF_THREE)
        .zip(threes(now::Fact::ALL))
        .flat_map(|(cases, [a, b, c])| {
            cases.iter().map(move |facts| facts.without(a).without(b).without(c))
        })
        .collect();
    // Fewer than three stay unknown where the service implies the term, or the term the service.
    let first_cases = first_uniform(CASES_OF_THREE * THREES);
    let first_three: Vec<first::Facts> = first_cases
        .chunks(CASES_OF_THREE)
        .zip(threes(first::Fact::ALL))
        .flat_map(|(cases, [a, b, c])| {
            let unknown = a.values().union(b.values()).union(c.values());
            cases.iter().map(move |facts| {
                let known = facts.values().difference(unknown);
                first::Facts::UNKNOWN.given(known).expect("what is known of a case")
            })
        })
        .collect();

    let mut group = c.benchmark_group("three unknown facts, with depends_on");
    group.throughput(Throughput::Elements((CASES_OF_THREE * THREES) as u64));
    group.bench_function("now", |b| {
        b.iter(|| three.iter().map(|&facts| depends_on(black_box(facts))).sum::<usize>());
    });
    group.bench_function("first", |b| {
        b.iter(|| {
            first_three.iter().map(|&facts| first_depends_on(black_box(facts))).sum::<usize>()
        });
    });
    group.finish();

    let mut group = c.benchmark_group("all eleven unknown, with depends_on");
    group.bench_function("now", |b| b.iter(|| depends_on(black_box(now::Facts::UNKNOWN))));
    group.bench_function("first", |b| {
        b.iter(|| first_depends_on(black_box(first::Facts::UNKNOWN)));
    });
    group.finish();
}

/// The record of the first version's own benchmark: a suspended license of another partner.
fn subscription() -> now::Subscription {
    now::Subscription::new()
        .with(now::Service::License)
        .with(now::Channel::OtherCspPartner)
        .with(now::Cloud::Public)
        .with(now::AtTermEnd::Renew)
        .with(now::Status::Suspended)
        .with(now::Transfer::Pending)
        .with(now::Partner::IndirectReseller)
        .with(now::Relationship::None)
        .with(now::Customer::EndCustomer)
        .with(now::Region::Same)
        .with_term(now::Term::parse("2026-06-01T00:00:00Z", "2027-05-31").expect("a term"))
}

fn first_subscription() -> (first::Subscription, first::Engagement) {
    let purchase = first::parse_instant("2026-06-01").expect("a day");
    let ends_on = "2027-05-31".parse().expect("a day");
    let term = first::Term::new(purchase, ends_on, first::Cancellation::ByService);
    let subscription = first::Subscription::new(first::Service::License)
        .with_channel(first::Channel::OtherCspPartner)
        .with_cloud(first::Cloud::Public)
        .with_auto_renew(first::AutoRenew::On)
        .with_status(first::Status::Suspended)
        .with_transfer(first::Transfer::Pending)
        .with_term(term.expect("a term"))
        .expect("a service with a term");
    let engagement = first::Engagement::new()
        .with_partner(first::Partner::IndirectReseller)
        .with_relationship(first::Relationship::None)
        .with_customer(first::Customer::EndCustomer)
        .with_market(first::Market::Same);
    (subscription, engagement)
}

/// From dates to facts, from an instant to an edition, and the decision.
fn record(c: &mut Criterion) {
    let at = now::parse_instant(DAY).expect("a day");
    let subscription = subscription();
    assert!(subscription.facts_at(at).is_known());
    let (first_subscription, engagement) = first_subscription();
    let facts = first::Facts::of(&first_subscription, &engagement, at);
    assert!(facts.assignment().is_some());

    let mut group = c.benchmark_group("record to decision");
    group.bench_function("now", |b| {
        b.iter(|| {
            now::decide(black_box(&subscription), black_box(at))
                .map(|decision| read(decision.verdicts()))
        });
    });
    group.bench_function("first", |b| {
        b.iter(|| {
            first::decide(black_box(&first_subscription), black_box(&engagement), black_box(at))
                .map(|decision| read_first(decision.verdicts()))
        });
    });
    group.finish();
}

criterion_group!(benches, known, unknown, record);
criterion_main!(benches);
