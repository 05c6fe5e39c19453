//! How long analysing a rulebook and running its scenarios takes, each beside what it cannot do without, in the same run.

#![allow(missing_docs, reason = "criterion's macros")]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use csp_multichannel::authoring::{Analysis, Suite};
use csp_multichannel::{Action, Assignment, Effect, Fact, Rule, Rulebook, Set, Value, Verdicts, parse_instant};

fn analysis(c: &mut Criterion) {
    let rulebook = Rulebook::partner_center();
    let cases: Vec<Assignment> = Assignment::all().collect();
    let mut verdicts = vec![Verdicts::default(); cases.len()];
    let mut group = c.benchmark_group("analysis");
    group.sample_size(10);
    group.bench_function("the register, 21 editions", |b| {
        b.iter(|| Analysis::of(black_box(rulebook)).findings().len());
    });
    group.bench_function("floor: every case decided in 21 editions", |b| {
        b.iter(|| rulebook.editions().map(|edition| edition.decide_all_known(&cases, &mut verdicts)).sum::<usize>());
    });
    let last = rulebook.editions().next_back().expect("an edition");
    group.bench_function("the last edition", |b| b.iter(|| Analysis::of_edition(black_box(last)).findings().len()));
    group.bench_function("floor: every case decided in it", |b| {
        b.iter(|| last.decide_all_known(black_box(&cases), &mut verdicts));
    });

    let outranked = outranked();
    group.bench_function("as many rules as can be, most of them idle", |b| {
        b.iter(|| Analysis::of(black_box(&outranked)).findings().len());
    });
    for (name, all_facts) in [("1,000 editions that name one fact", false), ("100 editions that name every fact", true)]
    {
        let rulebook = many_editions(if all_facts { 100 } else { 1000 }, all_facts);
        group.bench_function(name, |b| b.iter(|| Analysis::of(black_box(&rulebook)).findings().len()));
    }
    group.finish();
}

/// For each value a forbid, a permit and a require: in no two cases the same of them fire, and only forbids decide.
fn outranked() -> Rulebook {
    let from = "2020-01-01".parse().expect("a day");
    let values: Vec<Value> = Fact::ALL.iter().flat_map(|fact| fact.values().iter()).collect();
    let rules = [Effect::Forbid, Effect::Permit, Effect::Require].into_iter().flat_map(|effect| {
        values.iter().enumerate().map(move |(number, &value)| {
            let rule = Rule::new(format!("{effect}-{number}"), effect, Set::<Action>::all(), from).when(value);
            if effect == Effect::Require { rule.with_requirement("something") } else { rule }
        })
    });
    Rulebook::new(rules.collect::<Vec<_>>()).expect("a rulebook")
}

/// A rule a day.
fn many_editions(count: usize, all_facts: bool) -> Rulebook {
    let begin: chrono::NaiveDate = "2020-01-01".parse().expect("a day");
    let rules = begin.iter_days().zip(0..count).map(|(from, number)| {
        let until = from.succ_opt().expect("a day");
        let rule = Rule::new(format!("rule-{number}"), Effect::Permit, Action::Switch, from).until(until);
        let named = Fact::ALL.iter().take(if all_facts { Fact::ALL.len() } else { 1 });
        named.filter_map(|fact| fact.values().iter().last()).fold(rule, Rule::when)
    });
    Rulebook::new(rules.collect::<Vec<_>>()).expect("a rulebook")
}

fn scenarios(c: &mut Criterion) {
    let text = include_str!("../tests/data/scenarios.jsonl");
    let suite = Suite::read(text, |line| serde_json::from_slice(line));
    let rulebook = Rulebook::partner_center();
    let mut group = c.benchmark_group("79 scenarios");
    group.bench_function("read", |b| {
        b.iter(|| Suite::read(black_box(text), |line| serde_json::from_slice(line)).scenarios().len());
    });
    group.bench_function("run, with coverage", |b| b.iter(|| black_box(&suite).run(rulebook).failures().len()));
    let at = parse_instant("2018-08-31").expect("a day");
    let edition = rulebook.edition_at(at).expect("an edition");
    group.bench_function("floor: decided", |b| {
        b.iter(|| {
            let facts = suite.scenarios().map(|(_, scenario)| scenario.case.facts(scenario.as_of));
            facts.filter(|&facts| edition.decide(black_box(facts)).open().is_empty()).count()
        });
    });
    group.finish();
}

criterion_group!(benches, analysis, scenarios);
criterion_main!(benches);
