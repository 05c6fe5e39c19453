//! How long deciding takes, each measurement beside its floor or its rival in the same run.

#![allow(missing_docs, reason = "criterion's macros")]

mod cases;
#[path = "../tests/rivals/mod.rs"]
mod rivals;

use std::hint::black_box;
use std::thread;

use cases::{edition, facts, mixed, record, three_unknown};
use chrono::{DateTime, NaiveDate, Utc};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use csp_multichannel::{
    Action, Answer, Assignment, Case, Channel, Cloud, Customer, DecisionRecord, Fact, Facts, Market, Partner,
    Relationship, Rulebook, Service, Set, Status, Verdict, Verdicts, decide, parse_instant,
};
use rivals::{BitScan, Dense, Scan, words};
use serde::Deserialize;

/// The day on which cases are decided.
const DAY: &str = "2018-09-15";

/// Reads all five verdicts.
fn read(verdicts: Verdicts) -> usize {
    verdicts.iter().map(|(_, verdict)| verdict as usize).sum()
}

fn sum(verdicts: [Verdict; 5]) -> usize {
    verdicts.into_iter().map(|verdict| verdict as usize).sum()
}

/// Known cases one after the other, the five verdicts of each read.
fn one_known_case(c: &mut Criterion) {
    const CASES: usize = 4096;
    let edition = edition(DAY);
    let (dense, scan, bit_scan) = (Dense::new(edition), Scan::new(edition), BitScan::new(edition));
    let packed = mixed(CASES);
    let facts: Vec<Facts> = packed.iter().map(|&case| case.into()).collect();
    let words: Vec<_> = facts.iter().map(|&facts| words(facts)).collect();

    let mut group = c.benchmark_group("one known case");
    group.throughput(Throughput::Elements(CASES as u64));
    group.bench_function("decide", |b| {
        b.iter(|| facts.iter().map(|&facts| read(edition.decide(black_box(facts)).verdicts())).sum::<usize>());
    });
    group.bench_function("floor: dense table", |b| {
        let decide = |facts: Facts| dense.verdicts(facts.assignment().expect("known"));
        b.iter(|| facts.iter().map(|&facts| read(decide(black_box(facts)))).sum::<usize>());
    });
    group.bench_function("floor: dense table, packed", |b| {
        b.iter(|| packed.iter().map(|&case| read(dense.verdicts(black_box(case)))).sum::<usize>());
    });
    group.bench_function("rival: rule after rule", |b| {
        b.iter(|| words.iter().map(|words| sum(scan.verdicts(black_box(words)))).sum::<usize>());
    });
    group.bench_function("rival: rule after rule on bits", |b| {
        b.iter(|| facts.iter().map(|&facts| sum(bit_scan.verdicts(black_box(facts)))).sum::<usize>());
    });
    group.finish();
    from_records(c);
}

/// The front door: dates to facts, instant to edition, and the decision.
fn from_records(c: &mut Criterion) {
    let Case { subscription, engagement, .. } = record();
    let at = parse_instant(DAY).expect("a day");
    c.bench_function("one known case/from records, with dates and edition", |b| {
        b.iter(|| decide(black_box(&subscription), black_box(&engagement), black_box(at)).map(|d| read(d.verdicts())));
    });
}

/// The register loaded from data beside the one that is built in, and how long it takes to load.
fn rulebook_of_ones_own(c: &mut Criterion) {
    const CASES: usize = 4096;
    let built_in = edition(DAY);
    let text = serde_json::to_string(built_in.rulebook()).expect("JSON");
    let loaded: Rulebook = serde_json::from_str(&text).expect("a rulebook");
    let at = parse_instant(DAY).expect("a day");
    let loaded_edition = loaded.edition_at(at).expect("an edition");
    let facts: Vec<Facts> = mixed(CASES).into_iter().map(Into::into).collect();

    let mut group = c.benchmark_group("a rulebook from data");
    group.throughput(Throughput::Elements(CASES as u64));
    for (name, edition) in [("loaded", loaded_edition), ("rival: built in", built_in)] {
        group.bench_function(format!("one known case, {name}"), |b| {
            b.iter(|| facts.iter().map(|&facts| read(edition.decide(black_box(facts)).verdicts())).sum::<usize>());
        });
    }
    group.throughput(Throughput::Elements(1));
    group.bench_function("read it from JSON", |b| {
        b.iter(|| serde_json::from_str::<Rulebook>(black_box(&text)).expect("a rulebook"));
    });
    group.bench_function("floor: read the same JSON as any value", |b| {
        b.iter(|| serde_json::from_str::<serde_json::Value>(black_box(&text)).expect("JSON"));
    });
    group.finish();
}

/// A million cases over slices.
fn batch(c: &mut Criterion) {
    const CASES: usize = 1_000_000;
    let edition = edition(DAY);
    let dense = Dense::new(edition);
    let packed = mixed(CASES);
    let facts: Vec<Facts> = packed.iter().map(|&case| case.into()).collect();
    let mut verdicts = vec![Verdicts::default(); CASES];

    let mut group = c.benchmark_group("a million cases");
    group.throughput(Throughput::Elements(CASES as u64)).sample_size(20);
    group.bench_function("decide_all", |b| b.iter(|| edition.decide_all(black_box(&facts), &mut verdicts)));
    group.bench_function("floor: dense table", |b| {
        b.iter(|| {
            for (facts, verdicts) in black_box(&facts).iter().zip(&mut verdicts) {
                *verdicts = dense.verdicts(facts.assignment().expect("known"));
            }
        });
    });
    group
        .bench_function("decide_all_known", |b| b.iter(|| edition.decide_all_known(black_box(&packed), &mut verdicts)));
    group.bench_function("floor: dense table, packed", |b| {
        b.iter(|| {
            for (&case, verdicts) in black_box(&packed).iter().zip(&mut verdicts) {
                *verdicts = dense.verdicts(case);
            }
        });
    });
    let compiled = edition.compile();
    group.bench_function("compiled", |b| b.iter(|| compiled.decide_all_known(black_box(&packed), &mut verdicts)));
    let by_two_threads = |verdicts: &mut [Verdicts],
                          decide: &(dyn Fn(&[Assignment], &mut [Verdicts]) -> usize + Sync)| {
        thread::scope(|scope| {
            for (cases, verdicts) in black_box(&packed).chunks(CASES / 2).zip(verdicts.chunks_mut(CASES / 2)) {
                scope.spawn(move || decide(cases, verdicts));
            }
        });
    };
    group.bench_function("decide_all_known, by two threads", |b| {
        b.iter(|| by_two_threads(&mut verdicts, &|cases, verdicts| edition.decide_all_known(cases, verdicts)));
    });
    group.bench_function("compiled, by two threads", |b| {
        b.iter(|| by_two_threads(&mut verdicts, &|cases, verdicts| compiled.decide_all_known(cases, verdicts)));
    });
    group.bench_function("floor: two threads that do nothing", |b| b.iter(|| by_two_threads(&mut verdicts, &|_, _| 0)));
    let bytes: Vec<u32> = packed.iter().map(|case| case.to_bits()).collect();
    let mut copy = bytes.clone();
    group.bench_function("floor: copy of as many bytes", |b| b.iter(|| copy.copy_from_slice(black_box(&bytes))));
    group.bench_function("compiling", |b| b.iter(|| black_box(edition).compile()));
    group.finish();
}

/// Unknown facts: verdicts, what is possible and what they turn on.
fn unknown_facts(c: &mut Criterion) {
    let edition = edition(DAY);
    let mut group = c.benchmark_group("unknown facts");
    let one = ("channel", facts(Set::from(Fact::Channel)));
    for (name, facts) in [one].into_iter().chain(three_unknown()).chain([("all 11", Facts::UNKNOWN)]) {
        group.bench_with_input(BenchmarkId::new("decide", name), &facts, |b, &facts| {
            b.iter(|| edition.decide(black_box(facts)));
        });
        group.bench_with_input(BenchmarkId::new("decide, depends_on", name), &facts, |b, &facts| {
            b.iter(|| {
                let decision = edition.decide(black_box(facts));
                Action::ALL.iter().map(|&action| decision.depends_on(action).len()).sum::<usize>()
            });
        });
    }
    group.finish();
}

/// A rulebook of the built-in rules, arranged at run time; beside it the copy of the rules alone.
fn building(c: &mut Criterion) {
    let rules = Rulebook::partner_center().rules();
    let mut group = c.benchmark_group("65 rules at run time");
    group.bench_function("Rulebook::new", |b| b.iter(|| Rulebook::new(black_box(rules).to_vec())));
    group.bench_function("floor: copy of the rules", |b| b.iter(|| black_box(rules).to_vec()));
    group.finish();
}

/// The records of a case, as derived and without any check.
#[derive(Deserialize)]
#[expect(dead_code, reason = "read and left")]
struct PlainCase {
    id: String,
    channel: Option<Channel>,
    service: Option<Service>,
    cloud: Option<Cloud>,
    partner: Option<Partner>,
    relationship: Option<Relationship>,
    customer: Option<Customer>,
    market: Option<Market>,
    auto_renew: Option<bool>,
    status: Option<Status>,
    transfer_pending: Option<bool>,
    term: Option<PlainTerm>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "read and left")]
struct PlainTerm {
    purchased_at: DateTime<Utc>,
    ends_on: NaiveDate,
    cancellable_until: Option<DateTime<Utc>>,
}

/// From a line of JSON to a line of JSON; beside it, reading and writing the same with nothing in between.
fn json(c: &mut Criterion) {
    #[derive(Deserialize)]
    struct Scenario<'a> {
        #[serde(borrow)]
        case: &'a serde_json::value::RawValue,
    }
    let as_of = parse_instant(DAY).expect("a day");
    let edition = edition(DAY);
    let lines: Vec<&str> = include_str!("../tests/data/scenarios.jsonl")
        .lines()
        .map(|line| serde_json::from_str::<Scenario<'_>>(line).expect("a scenario").case.get())
        .collect();
    let decide = |line: &str, output: &mut Vec<u8>| {
        let case = Case::read(&mut serde_json::Deserializer::from_str(line)).expect("a case");
        let decision = edition.decide(case.facts(as_of));
        serde_json::to_writer(output, &Answer { id: &case.id, as_of, decision }).expect("JSON");
    };
    let written: Vec<DecisionRecord> = lines
        .iter()
        .map(|line| {
            let mut output = Vec::new();
            decide(line, &mut output);
            serde_json::from_slice(&output).expect("a record")
        })
        .collect();

    let mut group = c.benchmark_group("JSON, 79 lines");
    let mut output = Vec::new();
    group.throughput(Throughput::Elements(lines.len() as u64));
    group.bench_function("line to line", |b| {
        b.iter(|| {
            output.clear();
            for line in &lines {
                decide(black_box(line), &mut output);
            }
        });
    });
    group.bench_function("floor: plain serde_json of the same structs", |b| {
        b.iter(|| {
            output.clear();
            for (line, record) in lines.iter().zip(&written) {
                black_box(serde_json::from_str::<PlainCase>(black_box(line)).expect("a case"));
                serde_json::to_writer(&mut output, black_box(record)).expect("JSON");
            }
        });
    });
    group.bench_function("reading", |b| {
        b.iter(|| {
            for line in &lines {
                black_box(Case::read(&mut serde_json::Deserializer::from_str(black_box(line))).expect("a case"));
            }
        });
    });
    group.bench_function("floor: reading", |b| {
        b.iter(|| {
            for line in &lines {
                black_box(serde_json::from_str::<PlainCase>(black_box(line)).expect("a case"));
            }
        });
    });
    group.finish();
}

criterion_group!(benches, one_known_case, batch, unknown_facts, building, rulebook_of_ones_own, json);
criterion_main!(benches);
