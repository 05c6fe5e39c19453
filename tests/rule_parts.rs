//! Every part of every rule counts: without it, a line of `data` is decided differently.
//!
//! A part is a condition on a fact, one of its values, or the first or last day of the rule. The lines are the
//! scenarios of the policy, and those of `rule-parts.jsonl`, which this test finds for the parts that no scenario of
//! the policy shows. `redundant-parts.txt` lists the parts without which every case is decided alike.
//!
//! `UPDATE_DOCUMENTS=1 cargo test --release --test rule_parts` finds them anew.

mod support;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Days, NaiveDate, NaiveTime, SecondsFormat, Utc};
use csp_multichannel::{Action, Case, Decision, Edition, Facts, Rule, Rulebook, Subscription};
use serde_json::Value;
use support::at;

/// A rule of the register without one of its parts.
struct Mutant {
    /// The rule, and the part.
    name: String,
    rulebook: Rulebook,
    /// Cases in which the part can count.
    region: Facts,
    /// The days on which it can count: the first of each edition, or the day that is left out.
    days: Vec<NaiveDate>,
}

fn mutants() -> Vec<Mutant> {
    let register = Rulebook::partner_center();
    // Editions with the same rules on the actions of a rule decide them alike.
    let distinct = |rule: &Rule| {
        let mut seen = BTreeSet::new();
        let related = |other: &&Rule| !other.actions().intersection(rule.actions()).is_empty();
        let new = |edition: &Edition<'static>| {
            let rules = edition.rules().filter(related);
            seen.insert(rules.map(Rule::id).collect::<Vec<_>>())
        };
        register.editions().filter(new).map(Edition::since).collect::<Vec<_>>()
    };
    let mut all = Vec::new();
    for (position, rule) in register.rules().iter().enumerate() {
        let (validity, condition) = (rule.validity(), rule.condition());
        let mut days = distinct(rule);
        days.retain(|&day| validity.covers(day));
        let mut add = |part: String, mutant: Rule, region: Facts, days: Vec<NaiveDate>| {
            let rules = register.rules().iter().enumerate();
            let rules = rules.map(|(at, rule)| if at == position { &mutant } else { rule });
            let rulebook = Rulebook::new(rules.cloned()).expect("a rulebook");
            all.push(Mutant { name: format!("{}: {part}", rule.id()), rulebook, region, days });
        };
        for fact in condition.narrowed() {
            let without = condition.without(fact);
            let admitted: BTreeSet<&str> = condition.possible_words(fact).collect();
            let others = fact.words().iter().filter(|word| !admitted.contains(*word));
            let others = others.map(|word| Facts::parse(fact, word).expect("a value"));
            let others = others.reduce(Facts::union).expect("a narrowed fact");
            let mutant = rebuilt(rule, without, validity.from(), validity.until());
            add(format!("{fact}"), mutant, condition.replace(fact, others), days.clone());
            for value in &admitted {
                let one = Facts::parse(fact, value).expect("a value");
                let rest = admitted.iter().filter(|other| *other != value);
                let rest = rest.map(|word| Facts::parse(fact, word).expect("a value"));
                let Some(rest) = rest.reduce(Facts::union) else { continue };
                let left = condition.replace(fact, rest);
                let mutant = rebuilt(rule, left, validity.from(), validity.until());
                add(format!("{fact} {value}"), mutant, condition.replace(fact, one), days.clone());
            }
        }
        let later = validity.from() + Days::new(1);
        if validity.until().is_none_or(|until| until > later) {
            let mutant = rebuilt(rule, condition, later, validity.until());
            add("first day".into(), mutant, condition, vec![validity.from()]);
        }
        if let Some(last) = validity.until().map(|until| until - Days::new(1)) {
            if last > validity.from() {
                let mutant = rebuilt(rule, condition, validity.from(), Some(last));
                add("last day".into(), mutant, condition, vec![last]);
            }
        }
    }
    all
}

fn rebuilt(rule: &Rule, condition: Facts, from: NaiveDate, until: Option<NaiveDate>) -> Rule {
    let mut new = Rule::new(rule.id().to_owned(), rule.effect(), rule.actions(), from)
        .when(condition)
        .with_basis(rule.basis())
        .with_reason(rule.reason().to_owned());
    for source in rule.sources() {
        new = new.with_source(source.clone());
    }
    if let Some(requirement) = rule.requirement() {
        new = new.with_requirement(requirement.to_owned());
    }
    until.map_or(new.clone(), |until| new.until(until))
}

/// A case and the instant at which it is decided.
type Line = (Subscription, DateTime<Utc>);

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

fn lines(name: &str) -> Vec<Line> {
    let text = std::fs::read_to_string(data(name)).expect("lines");
    let line = |line: &str| {
        let line: Value = serde_json::from_str(line).expect("a line of JSON");
        let case: Case = serde_json::from_value(line["case"].clone()).expect("a case");
        (case.subscription, at(line["as_of"].as_str().expect("an instant")))
    };
    text.lines().map(line).collect()
}

/// Whether a line is decided differently without the part.
fn differs(mutant: &Mutant, (subscription, at): &Line) -> bool {
    let original = Rulebook::partner_center().decide(subscription, *at).expect("an edition");
    let without = mutant.rulebook.decide(subscription, *at).expect("an edition");
    !is_alike(&original, &without)
}

/// Whether verdicts, rules, requirements and advice are the same.
fn is_alike(one: &Decision<'_>, other: &Decision<'_>) -> bool {
    one.verdicts() == other.verdicts()
        && Action::ALL.iter().all(|&action| {
            one.reasons(action).map(Rule::id).eq(other.reasons(action).map(Rule::id))
                && one.advice(action).map(Rule::id).eq(other.advice(action).map(Rule::id))
                && one.requirements(action).eq(other.requirements(action))
        })
}

#[test]
fn every_part_of_every_rule_counts() {
    let mutants = mutants();
    let mut known = lines("scenarios.jsonl");
    if std::env::var_os("UPDATE_DOCUMENTS").is_some() {
        find(&mutants, &known);
    }
    known.extend(lines("rule-parts.jsonl"));
    let redundant = std::fs::read_to_string(data("redundant-parts.txt")).expect("a list");
    let redundant: BTreeSet<&str> = redundant.lines().collect();
    let unnoticed = mutants.iter().filter(|mutant| !known.iter().any(|line| differs(mutant, line)));
    let unnoticed: BTreeSet<&str> = unnoticed.map(|mutant| &*mutant.name).collect();
    assert!(mutants.len() > 700, "{}", mutants.len());
    let new: Vec<&&str> = unnoticed.difference(&redundant).collect();
    assert!(new.is_empty(), "nothing shows these parts: UPDATE_DOCUMENTS=1\n{new:#?}");
    let gone: Vec<&&str> = redundant.difference(&unnoticed).collect();
    assert!(gone.is_empty(), "these parts count: UPDATE_DOCUMENTS=1\n{gone:#?}");
}

/// Writes a scenario for each part that none shows, and the list of those that no case shows.
fn find(mutants: &[Mutant], scenarios: &[Line]) {
    let (mut found, mut text, mut redundant) = (scenarios.to_vec(), String::new(), BTreeSet::new());
    for mutant in mutants {
        if found.iter().any(|line| differs(mutant, line)) {
            continue;
        }
        let of_day = |&day: &NaiveDate| {
            let at = day.and_time(NaiveTime::MIN).and_utc();
            let edition = Rulebook::partner_center().edition_at(at).expect("an edition");
            let without = mutant.rulebook.edition_at(at).expect("an edition");
            let differs = |&case: &Facts| !is_alike(&edition.decide(case), &without.decide(case));
            Some((edition, mutant.region.assignments().find(differs)?, at))
        };
        let Some((edition, facts, at)) = mutant.days.iter().rev().find_map(of_day) else {
            redundant.insert(&*mutant.name);
            continue;
        };
        let case = Case::new(format!("p-{:03}", found.len() - scenarios.len() + 1), facts);
        let record = edition.decide(facts).record(&*case.id, at);
        writeln!(
            text,
            r#"{{"why":"without {}","as_of":"{}","case":{},"edition":"{edition}","verdicts":{}}}"#,
            mutant.name,
            at.to_rfc3339_opts(SecondsFormat::Secs, true),
            serde_json::to_string(&case).expect("JSON"),
            serde_json::to_string(&record.verdicts).expect("JSON"),
        )
        .expect("a string");
        found.push((case.subscription, at));
    }
    std::fs::write(data("rule-parts.jsonl"), text).expect("written");
    let redundant: String = redundant.into_iter().flat_map(|name| [name, "\n"]).collect();
    std::fs::write(data("redundant-parts.txt"), redundant).expect("written");
}
