//! The time to read, arrange, apply, analyze and compare rulebooks.

#![allow(missing_docs, reason = "criterion's macros")]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use csp_multichannel::{Action, Facts, Rulebook};
use csp_multichannel_rulebook::{
    analyze, analyze_edition, decision_table, difference, from_json, from_toml, to_json, to_toml,
};

fn read(criterion: &mut Criterion) {
    let register = Rulebook::partner_center();
    let (json, toml) = (to_json(register), to_toml(register));
    let mut group = criterion.benchmark_group("the register");
    group.bench_function("read from JSON, arranged and checked", |bencher| {
        bencher.iter(|| from_json(black_box(&json)).expect("in order"));
    });
    group.bench_function("floor: JSON alone", |bencher| {
        bencher.iter(|| serde_json::from_str::<serde_json::Value>(black_box(&json)).expect("JSON"));
    });
    group.bench_function("read from TOML, arranged and checked", |bencher| {
        bencher.iter(|| from_toml(black_box(&toml)).expect("in order"));
    });
    group.bench_function("floor: TOML alone", |bencher| {
        bencher.iter(|| toml::from_str::<toml::Table>(black_box(&toml)).expect("TOML"));
    });
    group.bench_function("arranged and checked", |bencher| {
        let rules = register.rules().to_vec();
        bencher.iter_batched(
            || rules.clone(),
            |rules| Rulebook::new(rules).expect("in order"),
            criterion::BatchSize::SmallInput,
        );
    });
    group.finish();
}

fn decide(criterion: &mut Criterion) {
    let loaded = from_json(&to_json(Rulebook::partner_center())).expect("in order");
    let cases: Vec<Facts> = Facts::UNKNOWN.assignments().step_by(251).take(4096).collect();
    let mut group = criterion.benchmark_group("4096 known cases");
    for (name, rulebook) in [("loaded", &loaded), ("built in", Rulebook::partner_center())] {
        let edition = rulebook.editions().next_back().expect("an edition");
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                for case in black_box(&cases) {
                    black_box(edition.decide(*case).verdicts());
                }
            });
        });
    }
    group.finish();
}

fn analysis(criterion: &mut Criterion) {
    let register = Rulebook::partner_center();
    let editions: Vec<_> = register.editions().collect();
    let [first, .., last] = editions[..] else { return };
    let mut group = criterion.benchmark_group("over every case");
    group.sample_size(10);
    group.bench_function("analysis of one edition", |bencher| {
        bencher.iter(|| analyze_edition(black_box(last)));
    });
    group.bench_function("analysis of all editions", |bencher| {
        bencher.iter(|| analyze(black_box(register)));
    });
    group.bench_function("difference of the first and the last edition", |bencher| {
        bencher.iter(|| difference(black_box(first), last));
    });
    group.bench_function("decision table of the switch", |bencher| {
        bencher.iter(|| decision_table(black_box(last), Action::Switch));
    });
    group.bench_function("floor: every case decided once", |bencher| {
        bencher.iter(|| {
            for case in Facts::UNKNOWN.assignments() {
                black_box(last.decide(case).verdicts());
            }
        });
    });
    group.finish();
}

criterion_group!(benches, read, decide, analysis);
criterion_main!(benches);
