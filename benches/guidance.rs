//! How long guidance takes, each measurement beside the same found by trying everything, in the same run.

#![allow(missing_docs, reason = "criterion's macros")]
#![allow(clippy::wildcard_imports, reason = "most of the vocabulary")]

#[path = "../tests/brute_force/mod.rs"]
mod brute_force;
mod cases;

use std::hint::black_box;

use brute_force::{assignments, many_conditions, reachable, reaches, smallest_changes};
use cases::{edition, facts, record, three_unknown};
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use csp_multichannel::guidance::{Calendar, Difference, Goal, Plans, Question, Weights, procedure};
use csp_multichannel::*;

fn questions(c: &mut Criterion) {
    let edition = edition("2026-11-24");
    let mut group = c.benchmark_group("next question, all actions");
    let all = [("all 11", Facts::UNKNOWN)];
    for (name, facts) in three_unknown().into_iter().chain(all) {
        let decision = edition.decide(facts);
        group.bench_with_input(BenchmarkId::new("questions", name), &decision, |b, decision| {
            b.iter(|| black_box(decision).questions(Set::all(), &Weights::EVEN).first().map(Question::fact));
        });
        if name != "all 11" {
            // Every assignment is decided once for each answer that it goes with.
            group.bench_with_input(BenchmarkId::new("brute force", name), &facts, |b, &facts| {
                b.iter(|| {
                    let all = assignments(black_box(facts));
                    let of = |fact: Fact| {
                        facts
                            .possible(fact)
                            .iter()
                            .map(|value| {
                                let with = all.iter().filter(|facts| facts.values().contains(value));
                                with.map(|&facts| edition.decide(facts).open().len()).sum::<usize>()
                            })
                            .sum::<usize>()
                    };
                    facts.unknown().iter().map(of).min()
                });
            });
        }
    }
    group.finish();
}

fn counterfactuals(c: &mut Criterion) {
    let edition = edition("2026-11-24");
    let known: Vec<Facts> = Assignment::all().map(Facts::from).collect();
    let mut group = c.benchmark_group("what would change it, switch");
    group.sample_size(20);
    for (name, facts) in three_unknown() {
        let decision = edition.decide(facts);
        group.bench_with_input(BenchmarkId::new("counterfactuals, 3 unknown", name), &decision, |b, decision| {
            b.iter(|| black_box(decision).counterfactuals(Action::Switch).len());
        });
    }
    let far = Facts::UNKNOWN
        .given(ValueSet::from_iter([
            Channel::Direct.into(),
            Service::Software.into(),
            Cloud::Germany.into(),
            Partner::IndirectReseller.into(),
            Relationship::None.into(),
            Customer::CspTenant.into(),
            Market::Other.into(),
            TermPhase::Ended.into(),
            AutoRenew::On.into(),
            Status::Deleted.into(),
            Transfer::Pending.into(),
        ]))
        .expect("possible");
    for (name, facts) in [("nothing unknown", facts(FactSet::EMPTY)), ("everything in the way", far)] {
        let decision = edition.decide(facts);
        group.bench_with_input(BenchmarkId::new("counterfactuals", name), &decision, |b, decision| {
            b.iter(|| black_box(decision).counterfactuals(Action::Switch).len());
        });
        group.bench_with_input(BenchmarkId::new("brute force", name), &facts, |b, &facts| {
            b.iter(|| {
                let allowed = known.iter().copied();
                let allowed: Vec<Facts> = allowed
                    .filter(|&facts| edition.decide(facts).verdict(Action::Switch) == Verdict::Allowed)
                    .collect();
                smallest_changes(black_box(facts), &allowed).len()
            });
        });
    }
    // A permit that names all facts but two, and a case that has all of them wrong.
    let right = facts(Set::from([Fact::Service, Fact::Term])).values();
    let right: ValueSet = right.iter().filter(|value| ![Fact::Service, Fact::Term].contains(&value.fact())).collect();
    let wrong = |value: Value| value.fact().values().iter().find(|&other| other != value);
    let wrong: ValueSet = right.iter().filter_map(wrong).collect();
    let since = "2018-01-01".parse().expect("a day");
    let permit = Rule::new("permit", Effect::Permit, Action::Switch, since).when(right);
    let rulebook = Rulebook::new(vec![permit]).expect("a rulebook");
    let edition = rulebook.editions().next().expect("an edition");
    let decision = edition.decide(Facts::UNKNOWN.given(wrong).expect("possible"));
    group.bench_with_input(BenchmarkId::new("counterfactuals", "nine facts at once"), &decision, |b, decision| {
        b.iter(|| black_box(decision).counterfactuals(Action::Switch).len());
    });
    group.finish();
}

fn plans(c: &mut Criterion) {
    let at = parse_instant("2018-09-15").expect("a day");
    let case = record();
    let mut group = c.benchmark_group("plans for one case");
    group.bench_function("Plans::of", |b| {
        b.iter(|| {
            Plans::of(black_box(&case), Goal::Move, at, Rulebook::partner_center()).map(|plans| plans.ways().len())
        });
    });
    group.bench_function("brute force, without steps", |b| {
        b.iter(|| {
            let states = reachable(black_box(&case), at);
            let reached = |&action: &Action| states.iter().any(|(_, decision)| reaches(action, decision));
            Action::ALL.iter().filter(|action| reached(action)).count()
        });
    });
    group.bench_function("Calendar::of", |b| {
        b.iter(|| Calendar::of(black_box(&case), Rulebook::partner_center()).changes().len());
    });
    group.bench_function("procedure", |b| b.iter(|| procedure(Action::Switch, black_box(case.facts(at)), at).len()));
    group.finish();
}

fn differences(c: &mut Criterion) {
    let known: Vec<Facts> = Assignment::all().map(Facts::from).collect();
    let mut group = c.benchmark_group("difference of two editions");
    group.sample_size(10);
    for (from, to) in [("2020-09-28", "2020-09-29"), ("2018-08-31", "2024-06-19"), ("2016-12-01", "2026-11-24")] {
        let name = format!("{from} {to}");
        let difference = Difference::between(edition(from), edition(to));
        group.bench_with_input(BenchmarkId::new("cases", &name), &difference, |b, difference| {
            b.iter(|| black_box(difference).cases().len());
        });
        group.bench_with_input(
            BenchmarkId::new("brute force, without conditions", &name),
            &difference,
            |b, difference| {
                b.iter(|| known.iter().filter(|&&facts| !black_box(difference).touched(facts).is_empty()).count());
            },
        );
    }
    let rulebook = many_conditions();
    let [before, after] = ["2018-01-01", "2019-01-01"]
        .map(|day| rulebook.edition_at(parse_instant(day).expect("a day")).expect("an edition"));
    let difference = Difference::between(before, after);
    let name = format!("a hundred rules, {} conditions", difference.cases().len());
    group.bench_with_input(BenchmarkId::new("cases", name), &difference, |b, difference| {
        b.iter(|| black_box(difference).cases().len());
    });
    group.finish();
}

criterion_group!(benches, questions, counterfactuals, plans, differences);
criterion_main!(benches);
