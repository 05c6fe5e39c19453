//! How time and size grow: with rules, with editions, and with unknown facts.

#![allow(missing_docs, reason = "criterion's macros")]

mod cases;

use std::hint::black_box;

use cases::{edition, facts, mixed};
use chrono::{Datelike, NaiveDate};
use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use csp_multichannel::guidance::Weights;
use csp_multichannel::{Action, Edition, Effect, Fact, Facts, Rule, Rulebook, Set};

/// How many years a copy of the register lasts.
const ERA: i32 = 12;

/// The built-in rules some times over, with other ids, and dates one behind the other.
fn copies(count: i32) -> Vec<Rule> {
    let register = Rulebook::partner_center().rules();
    let later = |day: NaiveDate, copy: i32| day.with_year(day.year() + copy * ERA).expect("no 29 February");
    let first = register.iter().map(|rule| rule.validity().from()).min().expect("rules");
    let copied = |rule: &Rule, copy: i32| {
        let validity = rule.validity();
        let until = validity.until().map_or_else(|| later(first, copy + 1), |until| later(until, copy));
        let from = later(validity.from(), copy);
        let mut copied = Rule::new(format!("{}-{copy}", rule.id()), rule.effect(), rule.actions(), from)
            .when(rule.condition().values())
            .until(until);
        if let Some(requirement) = rule.requirement() {
            copied = copied.with_requirement(requirement.to_owned());
        }
        copied
    };
    (0..count).flat_map(|copy| register.iter().map(move |rule| copied(rule, copy))).collect()
}

/// The built-in rules, and an advice a day until there are as many editions.
fn with_editions(count: usize) -> Vec<Rule> {
    let register = Rulebook::partner_center();
    let last = register.editions().next_back().expect("an edition").since();
    let days = last.iter_days().skip(1).take(count - register.editions().len());
    let advice = days.map(|day| {
        let id = format!("advice-{day}");
        Rule::new(id, Effect::Advise, Action::Switch, day).until(day.succ_opt().expect("a day"))
    });
    register.rules().iter().cloned().chain(advice).collect()
}

/// What it takes to arrange rules, to find an edition, and to decide by it.
fn rulebook(c: &mut Criterion, group: &str, rules: &[Rule]) {
    let mut arranged = None;
    let size = allocation_counter::measure(|| arranged = Some(Rulebook::new(rules.to_vec()).expect("a rulebook")));
    let rulebook = arranged.expect("a rulebook");
    let editions: Vec<Edition<'_>> = rulebook.editions().collect();
    println!("{group}: {} rules, {} editions, {} KiB", rules.len(), editions.len(), size.bytes_current / 1024);

    let cases: Vec<Facts> = mixed(256).into_iter().map(Into::into).collect();
    let days: Vec<_> =
        editions.iter().map(|edition| edition.since().and_hms_opt(0, 0, 0).expect("midnight").and_utc()).collect();
    let of_case = |number: usize| number * 7919 % days.len();
    let three = facts(Set::from([Fact::Channel, Fact::Service, Fact::Term]));
    let mut group = c.benchmark_group(group);
    group.sample_size(20);
    group.bench_function("arranged", |b| {
        b.iter_batched(|| rules.to_vec(), |rules| Rulebook::new(rules).expect("a rulebook"), BatchSize::LargeInput);
    });
    group.throughput(Throughput::Elements(cases.len() as u64));
    group.bench_function("an edition found", |b| {
        b.iter(|| {
            (0..cases.len()).filter(|&number| rulebook.edition_at(black_box(days[of_case(number)])).is_ok()).count()
        });
    });
    group.bench_function("a case decided, in any edition", |b| {
        b.iter(|| {
            let decided = cases.iter().enumerate();
            decided
                .map(|(number, &facts)| editions[of_case(number)].decide(black_box(facts)).open().len())
                .sum::<usize>()
        });
    });
    group.throughput(Throughput::Elements(1));
    group.bench_function("a case with three facts unknown, in the last edition", |b| {
        let last = editions.last().expect("an edition");
        b.iter(|| last.decide(black_box(three)).open().len());
    });
    group.finish();
}

fn rules(c: &mut Criterion) {
    for count in [1, 10, 100] {
        rulebook(c, &format!("{} rules", 65 * count), &copies(count));
    }
}

fn editions(c: &mut Criterion) {
    for count in [21, 200] {
        rulebook(c, &format!("{count} editions"), &with_editions(count));
    }
}

/// One more fact unknown at a time, in the order of the vocabulary from its end, so that what matters most becomes unknown last.
fn unknown_facts(c: &mut Criterion) {
    let edition = edition("2018-09-15");
    let mut group = c.benchmark_group("unknown facts");
    for count in 0..=Fact::ALL.len() {
        let unknown: Set<Fact> = Fact::ALL.iter().rev().take(count).copied().collect();
        let facts = facts(unknown);
        let assignments = facts.assignments();
        let name = |what: &str| BenchmarkId::new(what, format!("{count} unknown, {assignments} assignments"));
        group.bench_function(name("verdicts"), |b| b.iter(|| edition.decide(black_box(facts)).verdicts()));
        group.bench_function(name("and what they turn on"), |b| {
            b.iter(|| {
                let decision = edition.decide(black_box(facts));
                Action::ALL.iter().map(|&action| decision.depends_on(action).len()).sum::<usize>()
            });
        });
        group.bench_function(name("and the next question"), |b| {
            b.iter(|| edition.decide(black_box(facts)).questions(Set::<Action>::all(), &Weights::EVEN).len());
        });
    }
    group.finish();
}

criterion_group!(benches, rules, editions, unknown_facts);
criterion_main!(benches);
