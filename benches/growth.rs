//! How time grows: with rules in force, with all rules and editions, and with unknown facts.

#![allow(missing_docs, reason = "criterion's macros")]

mod rivals;

use std::hint::black_box;

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use csp_multichannel::{Action, Edition, Effect, Fact, Facts, Rule, Rulebook, Verdicts};
use csp_multichannel_guidance::{Weights, questions};
use rivals::{Dense, Scan, bits, edition, uniform};

const CASES: usize = 4096;

/// How many years a copy of the register lasts.
const ERA: i32 = 12;

fn read(verdicts: Verdicts) -> usize {
    verdicts.iter().map(|(_, &verdict)| verdict as usize).sum()
}

/// A rule with another number in its id and other days.
fn copy(rule: &Rule, number: usize, from: NaiveDate, until: Option<NaiveDate>) -> Rule {
    let copy = Rule::new(format!("{}-{number}", rule.id()), rule.effect(), rule.actions(), from)
        .when(rule.condition())
        .with_reason(rule.reason().to_owned());
    let copy = until.into_iter().fold(copy, Rule::until);
    rule.requirement().map(str::to_owned).into_iter().fold(copy, Rule::with_requirement)
}

/// So many rules that are all in force: some of those of today, or all of them and some again.
fn in_force(count: usize) -> Vec<Rule> {
    let (rules, day) = (edition().rules().collect::<Vec<_>>(), edition().since());
    let place = |number| number * rules.len().max(count) / count % rules.len();
    (0..count).map(|number| copy(rules[place(number)], number, day, None)).collect()
}

/// So many rules: the register again and again, each time in another era.
fn eras(count: usize) -> Vec<Rule> {
    let register = Rulebook::partner_center().rules();
    let later =
        |day: NaiveDate, era: i32| day.with_year(day.year() + era * ERA).expect("no 29 February");
    let first = register.iter().map(|rule| rule.validity().from()).min().expect("a rule");
    let mut era = -1;
    let numbered = register.iter().cycle().enumerate().take(count);
    let shifted = numbered.map(|(number, rule)| {
        era += i32::from(number % register.len() == 0);
        let until = rule.validity().until().map_or(later(first, era + 1), |day| later(day, era));
        copy(rule, number, later(rule.validity().from(), era), Some(until))
    });
    shifted.collect()
}

/// So many editions: the register, and after it an advice on each day.
fn days(count: usize) -> Vec<Rule> {
    let register = Rulebook::partner_center();
    // The end of the last advice makes one more edition.
    let more = (count - register.editions().len()).saturating_sub(1);
    let days = edition().since().iter_days().skip(1).take(more);
    let advice = days.map(|day| {
        let rule = Rule::new(format!("advice-{day}"), Effect::Advise, Action::Switch, day);
        rule.until(day.succ_opt().expect("a day")).with_reason("for the day")
    });
    register.rules().iter().cloned().chain(advice).collect()
}

fn rules_in_force(c: &mut Criterion) {
    let facts = uniform(CASES);
    let packed: Vec<u64> = facts.iter().map(|&facts| bits(facts)).collect();
    for count in [30, 60, 94, 128] {
        let rulebook = Rulebook::new(in_force(count)).expect("a rulebook");
        let edition = rulebook.editions().next().expect("an edition");
        let (dense, scan) = (Dense::new(edition), Scan::new(edition));
        let mut group = c.benchmark_group(format!("{count} rules in force"));
        group.throughput(Throughput::Elements(CASES as u64));
        let decide = |facts: &Facts| read(edition.decide(black_box(*facts)).verdicts());
        group.bench_function("decide", |b| b.iter(|| facts.iter().map(decide).sum::<usize>()));
        let look_up = |bits: &u64| read(dense.verdicts(black_box(*bits)));
        group.bench_function("floor: dense table", |b| {
            b.iter(|| packed.iter().map(look_up).sum::<usize>());
        });
        let decide = |facts: &Facts| read(scan.verdicts(black_box(*facts)));
        group.bench_function("rival: rule after rule", |b| {
            b.iter(|| facts.iter().map(decide).sum::<usize>());
        });
        group.finish();
    }
}

/// What it takes to arrange rules, to find an edition, and to decide in any of them.
fn rulebook(c: &mut Criterion, name: &str, rules: &[Rule]) {
    let mut arranged = None;
    let memory = allocation_counter::measure(|| arranged = Some(Rulebook::new(rules.to_vec())));
    let rulebook = arranged.expect("a result").expect("a rulebook");
    let editions: Vec<Edition<'_>> = rulebook.editions().collect();
    let (rules_count, kib) = (rules.len(), memory.bytes_current / 1024);
    println!("{name}: {rules_count} rules, {} editions, {kib} KiB", editions.len());

    let facts = uniform(CASES);
    let since: Vec<NaiveDate> = editions.iter().map(|edition| edition.since()).collect();
    // Far from neighbor to neighbor.
    let places: Vec<usize> = (0..CASES).map(|n| n * 104_729 % editions.len()).collect();
    let midnight = |place: &usize| since[*place].and_hms_opt(0, 0, 0).expect("midnight").and_utc();
    let instants: Vec<DateTime<Utc>> = places.iter().map(midnight).collect();

    let mut group = c.benchmark_group(name);
    group.sample_size(20);
    let copies = || rules.to_vec();
    group.bench_function("arranged", |b| {
        b.iter_batched(copies, Rulebook::new, BatchSize::LargeInput);
    });
    group.bench_function("floor: copy of the rules", |b| {
        b.iter_batched(|| (), |()| copies(), BatchSize::LargeInput);
    });
    group.throughput(Throughput::Elements(CASES as u64));
    let find = |at: &DateTime<Utc>| rulebook.edition_at(black_box(*at)).is_ok();
    group.bench_function("an edition found", |b| {
        b.iter(|| instants.iter().filter(|at| find(at)).count());
    });
    let halve = |at: &DateTime<Utc>| {
        let day = black_box(*at).date_naive();
        since.partition_point(|since| *since <= day)
    };
    group.bench_function("floor: halving of a list of days", |b| {
        b.iter(|| instants.iter().map(halve).sum::<usize>());
    });
    group.bench_function("decided, each case in another edition", |b| {
        let decide = |(&facts, &place): (&Facts, &usize)| {
            read(editions[place].decide(black_box(facts)).verdicts())
        };
        b.iter(|| facts.iter().zip(&places).map(decide).sum::<usize>());
    });
    group.bench_function("floor: decided, all in one edition", |b| {
        let one = editions[editions.len() / 2];
        let decide = |&facts| read(one.decide(black_box(facts)).verdicts());
        b.iter(|| facts.iter().map(decide).sum::<usize>());
    });
    group.finish();
}

fn all_rules(c: &mut Criterion) {
    for count in [30, 124, 300, 1000, 3000] {
        rulebook(c, &format!("{count} rules"), &eras(count));
    }
}

fn editions(c: &mut Criterion) {
    for count in [37, 370, 3700] {
        rulebook(c, &format!("{count} editions"), &days(count));
    }
}

/// The same number of facts unknown in each case, beginning with another fact each time.
fn unknown_facts(c: &mut Criterion) {
    let edition = edition();
    let known = uniform(4 * Fact::ALL.len());
    for count in 0..=Fact::ALL.len() {
        let facts = known.iter().enumerate().map(|(number, &facts)| {
            let unknown = Fact::ALL.iter().cycle().skip(number).take(count);
            unknown.fold(facts, |facts, &fact| facts.without(fact))
        });
        let facts: Vec<Facts> = facts.collect();
        let values = |facts: &Facts| -> usize {
            facts.unknown().iter().map(|fact| fact.words().len()).product()
        };
        let possible: usize = facts.iter().map(values).sum();
        let name = format!("{count} unknown facts");
        println!("{name}: {} possible cases on average", possible / facts.len());

        let mut group = c.benchmark_group(name);
        group.sample_size(10);
        group.throughput(Throughput::Elements(facts.len() as u64));
        let verdicts = |facts: &Facts| read(edition.decide(black_box(*facts)).verdicts());
        group.bench_function("verdicts", |b| b.iter(|| facts.iter().map(verdicts).sum::<usize>()));
        let depends_on = |facts: &Facts| {
            let decision = edition.decide(black_box(*facts));
            Action::ALL.iter().map(|&action| decision.depends_on(action).len()).sum::<usize>()
        };
        group.bench_function("depends_on", |b| {
            b.iter(|| facts.iter().map(depends_on).sum::<usize>());
        });
        let ask = |facts: &Facts| {
            let decision = edition.decide(black_box(*facts));
            questions(&decision, csp_multichannel::Set::all(), &Weights::UNIFORM).len()
        };
        group.bench_function("questions", |b| b.iter(|| facts.iter().map(ask).sum::<usize>()));
        let each = |facts: &Facts| facts.assignments().map(|case| verdicts(&case)).sum::<usize>();
        group.bench_function("rival: each possible case", |b| {
            b.iter(|| facts.iter().map(each).sum::<usize>());
        });
        group.finish();
    }
}

criterion_group!(benches, rules_in_force, all_rules, editions, unknown_facts);
criterion_main!(benches);
