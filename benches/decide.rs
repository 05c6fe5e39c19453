//! How long deciding takes, each measurement beside its floor or its rival in the same run.

#![allow(missing_docs, reason = "criterion's macros")]

mod rivals;

use std::hint::black_box;

use chrono::{DateTime, NaiveDate, Utc};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use csp_multichannel::{
    Action, AtTermEnd, Case, Channel, Cloud, Customer, DecisionRecord, Fact, Facts, Partner,
    Region, Relationship, Rulebook, Service, Status, TermPhase, Transfer, Verdicts, decide,
    parse_instant,
};
use rivals::{Chunks, DAY, Dense, Scan, bits, edition, records, scenario_lines, uniform};
use serde::Deserialize;

const CASES: usize = 4096;

/// Reads all five verdicts.
fn read(verdicts: Verdicts) -> usize {
    verdicts.iter().map(|(_, &verdict)| verdict as usize).sum()
}

/// Known cases one after the other, the five verdicts of each read.
fn known(c: &mut Criterion) {
    let edition = edition();
    let facts = uniform(CASES);
    let packed: Vec<u64> = facts.iter().map(|&facts| bits(facts)).collect();
    let (dense, chunks, scan) = (Dense::new(edition), Chunks::new(edition), Scan::new(edition));
    assert!(
        facts.iter().all(|&case| dense.verdicts(bits(case)) == edition.decide(case).verdicts())
    );
    assert!(
        facts.iter().all(|&case| chunks.verdicts(bits(case)) == edition.decide(case).verdicts())
    );
    assert!(facts.iter().all(|&case| scan.verdicts(case) == edition.decide(case).verdicts()));

    let mut group = c.benchmark_group("known case");
    group.throughput(Throughput::Elements(CASES as u64));
    group.bench_function("decide", |b| {
        b.iter(|| {
            facts
                .iter()
                .map(|&facts| read(edition.decide(black_box(facts)).verdicts()))
                .sum::<usize>()
        });
    });
    group.bench_function("floor: dense table", |b| {
        b.iter(|| packed.iter().map(|&bits| read(dense.verdicts(black_box(bits)))).sum::<usize>());
    });
    group.bench_function("rival: six bits at a time", |b| {
        b.iter(|| packed.iter().map(|&bits| read(chunks.verdicts(black_box(bits)))).sum::<usize>());
    });
    group.bench_function("rival: rule after rule", |b| {
        b.iter(|| facts.iter().map(|&facts| read(scan.verdicts(black_box(facts)))).sum::<usize>());
    });
    let mut verdicts = vec![Verdicts::default(); CASES];
    group.bench_function("slice", |b| {
        b.iter(|| edition.decide_all(black_box(&facts), &mut verdicts));
    });
    group.bench_function("rival: slice, one by one", |b| {
        b.iter(|| {
            for (facts, verdicts) in black_box(&facts).iter().zip(&mut verdicts) {
                *verdicts = edition.decide(*facts).verdicts();
            }
        });
    });
    group.finish();
}

/// Records as people have them: from dates to facts, from an instant to an edition, and the decision.
fn people(c: &mut Criterion) {
    let edition = edition();
    let at = parse_instant(DAY).expect("a day");
    let subscriptions = records(CASES);
    let facts: Vec<Facts> =
        subscriptions.iter().map(|subscription| subscription.facts_at(at)).collect();
    let known: Vec<Facts> = facts.iter().copied().filter(|facts| facts.is_known()).collect();
    let azure: Vec<Facts> = uniform(CASES * 4)
        .into_iter()
        .map(|facts| facts.without(Fact::TermPhase))
        .filter(|facts| facts.possible().is_subset(Service::USAGE_BASED))
        .collect();

    let mut group = c.benchmark_group("record");
    group.throughput(Throughput::Elements(known.len() as u64));
    group.bench_function("known", |b| {
        b.iter(|| {
            known
                .iter()
                .map(|&facts| read(edition.decide(black_box(facts)).verdicts()))
                .sum::<usize>()
        });
    });
    let dense = Dense::new(edition);
    let packed: Vec<u64> = known.iter().map(|&facts| bits(facts)).collect();
    group.bench_function("floor: known, dense table", |b| {
        b.iter(|| packed.iter().map(|&bits| read(dense.verdicts(black_box(bits)))).sum::<usize>());
    });
    group.throughput(Throughput::Elements(azure.len() as u64));
    group.bench_function("without a term (Azure)", |b| {
        b.iter(|| {
            azure
                .iter()
                .map(|&facts| read(edition.decide(black_box(facts)).verdicts()))
                .sum::<usize>()
        });
    });
    group.throughput(Throughput::Elements(facts.len() as u64));
    group.bench_function("as they come", |b| {
        b.iter(|| {
            facts
                .iter()
                .map(|&facts| read(edition.decide(black_box(facts)).verdicts()))
                .sum::<usize>()
        });
    });
    group.bench_function("as they come, with dates and edition", |b| {
        let decide =
            |subscription| decide(subscription, at).map_or(0, |decision| read(decision.verdicts()));
        b.iter(|| {
            subscriptions.iter().map(|subscription| decide(black_box(subscription))).sum::<usize>()
        });
    });
    group.finish();
}

/// Unknown facts: verdicts, what is possible and what they depend on.
fn unknown(c: &mut Criterion) {
    let edition = edition();
    // 40 cases of each of the 165 choices of three facts.
    let mut three = Vec::new();
    let mut cases = uniform(40 * 165).into_iter();
    for (i, &first) in Fact::ALL.iter().enumerate() {
        for (j, &second) in Fact::ALL.iter().enumerate().skip(i + 1) {
            for &third in &Fact::ALL[j + 1..] {
                let known = cases.by_ref().take(40);
                three
                    .extend(known.map(|facts| facts.without(first).without(second).without(third)));
            }
        }
    }
    assert_eq!(three.len(), 40 * 165);
    let depends_on = |facts: Facts| {
        let decision = edition.decide(facts);
        Action::ALL.iter().map(|&action| decision.depends_on(action).len()).sum::<usize>()
    };

    let mut group = c.benchmark_group("unknown facts");
    group.throughput(Throughput::Elements(three.len() as u64));
    group.bench_function("three, verdicts", |b| {
        b.iter(|| {
            three
                .iter()
                .map(|&facts| read(edition.decide(black_box(facts)).verdicts()))
                .sum::<usize>()
        });
    });
    group.bench_function("three, depends_on", |b| {
        b.iter(|| three.iter().map(|&facts| depends_on(black_box(facts))).sum::<usize>());
    });
    group.throughput(Throughput::Elements(1));
    group.bench_function("all eleven, verdicts", |b| {
        b.iter(|| read(edition.decide(black_box(Facts::UNKNOWN)).verdicts()));
    });
    group.bench_function("all eleven, depends_on", |b| {
        b.iter(|| depends_on(black_box(Facts::UNKNOWN)));
    });
    group.finish();
}

/// Rules arranged at run time, beside the copy of the rules alone.
fn arranging(c: &mut Criterion) {
    let rules = Rulebook::partner_center().rules();
    let mut group = c.benchmark_group("register at run time");
    group.bench_function("Rulebook::new", |b| b.iter(|| Rulebook::new(black_box(rules).to_vec())));
    group.bench_function("floor: copy of the rules", |b| b.iter(|| black_box(rules).to_vec()));
    group.finish();
}

/// A case as derived, without any check: the words of the facts, and the dates as text.
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
    region: Option<Region>,
    term_phase: Option<TermPhase>,
    at_term_end: Option<AtTermEnd>,
    status: Option<Status>,
    transfer: Option<Transfer>,
    term: Option<PlainTerm>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "read and left")]
struct PlainTerm {
    purchased_at: Option<DateTime<Utc>>,
    ends_on: NaiveDate,
    cancellable_until: Option<DateTime<Utc>>,
}

/// From a line of JSON to a line of JSON; beside it, reading and writing the same with nothing in between.
fn json(c: &mut Criterion) {
    let as_of = parse_instant(DAY).expect("a day");
    let edition = edition();
    // The plain structs know no lists.
    let lines: Vec<&str> =
        scenario_lines().into_iter().filter(|line| !line.contains('[')).collect();
    let read = |line| serde_json::from_str::<Case>(line).expect("a case");
    let decide = |line, output: &mut Vec<u8>| {
        let case = read(line);
        let decision = edition.decide(case.subscription.facts_at(as_of));
        serde_json::to_writer(output, &decision.record(case.id, as_of)).expect("JSON");
    };
    let records: Vec<DecisionRecord> = lines
        .iter()
        .map(|line| {
            let case = read(line);
            edition.decide(case.subscription.facts_at(as_of)).record(case.id, as_of)
        })
        .collect();

    let mut group = c.benchmark_group("JSON");
    group.throughput(Throughput::Elements(lines.len() as u64));
    let mut output = Vec::new();
    group.bench_function("line to line", |b| {
        b.iter(|| {
            output.clear();
            for line in &lines {
                decide(black_box(line), &mut output);
            }
        });
    });
    group.bench_function("floor: plain serde_json", |b| {
        b.iter(|| {
            output.clear();
            for (line, record) in lines.iter().zip(&records) {
                black_box(serde_json::from_str::<PlainCase>(black_box(line)).expect("a case"));
                serde_json::to_writer(&mut output, black_box(record)).expect("JSON");
            }
        });
    });
    group.bench_function("reading", |b| {
        b.iter(|| {
            for line in &lines {
                black_box(read(black_box(line)));
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

criterion_group!(benches, known, people, unknown, arranging, json);
criterion_main!(benches);
