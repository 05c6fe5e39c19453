//! Procedures, held against the policy's own text.

#![cfg(feature = "std")]

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use csp_multichannel::guidance::{Actor, ProcedureStep, procedure, procedures};
use csp_multichannel::*;

fn at(text: &str) -> DateTime<Utc> {
    parse_instant(text).expect("an instant")
}

/// A procedure, as the policy's text has it.
struct Section<'t> {
    action: Action,
    page: String,
    services: Set<Service>,
    header: &'t str,
    /// Each with its number.
    steps: Vec<(u8, String)>,
}

/// The procedures of the policy's text.
fn sections() -> Vec<Section<'static>> {
    let rules = include_str!("data/rules.md");
    let page = |code: &str| {
        let named = rules.split_once(&format!("{code} `")).expect("a source").1;
        named.split('`').next().expect("a page").to_owned()
    };
    let text = include_str!("data/procedures.md");
    let section = |section: &'static str| {
        let (header, lines) = section.split_once('\n').expect("steps");
        let action = header.split('`').nth(1).expect("an action").parse().expect("an action");
        let code = header.split_once('(').expect("a source").1.get(..2).expect("a source");
        let services = match code {
            "SA" => Service::Azure.into(),
            "TP" => Set::from([Service::AzurePlan, Service::AzureReservation, Service::NewCommerceLicense]),
            "TS" => Service::LICENSE_BASED,
            _ => Set::all(),
        };
        let mut steps: Vec<(u8, String)> = Vec::new();
        for line in lines.lines().filter(|line| !line.is_empty()) {
            match line.split_once(". ").map(|(number, step)| (number.parse(), step)) {
                Some((Ok(number), step)) => steps.push((number, step.into())),
                // What can be done in the first step besides.
                _ => steps[0].1 += line,
            }
        }
        Section { action, page: page(code), services, header, steps }
    };
    text.split("\n## ").skip(1).map(section).collect()
}

/// The days that a text names: from the one on which something begins, or after the one on which it ends.
fn days(text: &str) -> BTreeSet<NaiveDate> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let day = |pair: &[&str]| {
        let day: NaiveDate = pair[1].get(..10)?.parse().ok()?;
        match pair[0].trim_start_matches('(') {
            "from" => Some(day),
            "until" => day.succ_opt(),
            word => panic!("{word} {day}"),
        }
    };
    words.windows(2).filter_map(day).collect()
}

/// The words that carry a text, by their first four letters, and numbers; without days and the forms of grammar.
fn words(text: &str) -> BTreeSet<String> {
    const GRAMMAR: [&str; 7] = ["from", "itse", "name", "only", "unti", "wher", "your"];
    let is_day = |word: &&str| word.trim_matches(|c: char| !c.is_ascii_digit()).parse::<NaiveDate>().is_ok();
    let words = text
        .split_whitespace()
        .filter(|word| !is_day(word))
        .flat_map(|word| word.split(|c: char| !c.is_alphanumeric()));
    let carry = words.filter(|word| word.len() > 3 || word.parse::<u8>().is_ok());
    let stems = carry.map(|word| word.to_lowercase().chars().take(4).collect::<String>());
    stems.filter(|stem| !GRAMMAR.contains(&stem.as_str())).collect()
}

/// Whose holder is the customer: what was bought from Microsoft.
const WITHOUT_PARTNER: &str = " for subscriptions without a partner";

/// Who takes a step, by the words before its colon, each with whether any one of them can.
fn actors(who: &str) -> Vec<(Vec<Actor>, bool)> {
    let actor = |name: &str| match name.to_lowercase().as_str() {
        "customer" => Actor::Customer,
        "current partner" | "current seller" => Actor::CurrentPartner,
        "new partner" => Actor::NewPartner,
        "microsoft" => Actor::Microsoft,
        name => panic!("unknown actor {name}"),
    };
    let who = who.split(" (").next().expect("a name");
    if let Some(who) = who.strip_suffix(WITHOUT_PARTNER) {
        let (partner, other) = who.split_once(", or the ").expect("two");
        return vec![(vec![actor(partner)], false), (vec![actor(other)], false)];
    }
    let who = who.split(", from ").next().expect("a name");
    match (who.split_once(" or "), who.split_once(" and ")) {
        (Some((one, other)), _) => vec![(vec![actor(one), actor(other)], true)],
        (_, Some((one, other))) => vec![(vec![actor(one), actor(other)], false)],
        _ => vec![(vec![actor(who)], false)],
    }
}

/// What the text tells of a step's condition in words: the services stand in its header, and of subscriptions without a partner before the colon.
fn told_in_words(row: &ProcedureStep) -> Condition {
    let facts = row.condition().facts().intersection(FactSet::from([Fact::Cloud, Fact::Partner]));
    Condition::new(facts.iter().fold(ValueSet::EMPTY, |values, fact| values.union(row.condition().admitted(fact))))
}

/// Section by section: for which services, with which steps, by which page; and nothing else.
#[test]
fn procedures_are_those_of_the_policy() {
    let mut rows_told = 0;
    for section in sections() {
        let Section { action, page, services, header, steps } = &section;
        let of_section = |row: &&ProcedureStep| row.action() == *action && row.page() == page;
        let rows: Vec<&ProcedureStep> = procedures().iter().filter(of_section).collect();
        rows_told += rows.len();
        let numbers: BTreeSet<u8> = rows.iter().map(|row| row.number()).collect();
        assert!(numbers.iter().eq(steps.iter().map(|(number, _)| number)), "{header}: {numbers:?}");
        let admitted = rows.iter().map(|row| row.condition().values().of::<Service>());
        assert_eq!(admitted.fold(Set::EMPTY, Set::union), *services, "{header}");
        assert!(days(header).is_subset(&rows.iter().copied().flat_map(begins_and_ends).collect()), "{header}");
        for (number, text) in steps {
            let rows: Vec<&ProcedureStep> = rows.iter().copied().filter(|row| row.number() == *number).collect();
            is_told(&section, text, &rows);
        }
    }
    assert_eq!(rows_told, procedures().len());
}

/// The days on which a step begins and ends, but for the first of all.
fn begins_and_ends(row: &ProcedureStep) -> impl Iterator<Item = NaiveDate> {
    let days = [Some(row.validity().from()), row.validity().until()].into_iter().flatten();
    days.filter(|&day| day != at("2016-12-01").date_naive())
}

/// Who, what, from when to when, and how firmly: all that the text of a step says, and nothing else.
#[track_caller]
fn is_told(section: &Section<'_>, text: &str, rows: &[&ProcedureStep]) {
    let who = text.split_once(':').expect("who").0;
    let expected = actors(who);
    let of = |row: &ProcedureStep| (row.actors().to_vec(), row.is_for_any());
    assert!(expected.iter().all(|expected| rows.iter().any(|row| of(row) == *expected)), "{text}");
    for row in rows {
        // What Microsoft does is told within the steps of others.
        let within = row.actors() == [Actor::Microsoft] && text.contains(". Microsoft ");
        assert!(expected.contains(&of(row)) || within, "{row}");
        let direct = row.condition().values().of() == Set::from([Channel::Direct]);
        assert_eq!(direct, who.ends_with(WITHOUT_PARTNER) && row.actors() == [Actor::Customer], "{row}");
        let new_commerce = row.condition().values().of::<Service>().single() == Some(Service::NewCommerceLicense);
        let basis = match section.page.as_str() {
            "multichannel.md" => Basis::Stated,
            _ if new_commerce => Basis::Reported,
            _ => Basis::Linked,
        };
        assert_eq!(row.basis(), basis, "{row}");
    }
    let begin_or_end: BTreeSet<NaiveDate> = rows.iter().copied().flat_map(begins_and_ends).collect();
    assert_eq!(&begin_or_end - &days(section.header), days(text), "{text}");
    // Whoever holds the subscription has one name here.
    let text = text.replace(WITHOUT_PARTNER, "").replace("current seller", "current partner");
    let told: Vec<String> = rows.iter().map(|row| format!("{row} {}", told_in_words(row))).collect();
    assert_eq!(words(&text), words(&told.join(" ")), "{text}");
}

/// Every action that is allowed to someone has a procedure, but for the transfer of traditional licenses and what the tool did not do yet.
#[test]
fn procedures_have_every_step_once() {
    for step in procedures() {
        assert!(!step.actors().is_empty() && !step.text().is_empty());
        assert!(step.to_string().contains(step.text()), "{step}");
        assert!(step.page().contains(".md"));
    }
    let of = |action, service: Service, day| {
        let facts = Facts::UNKNOWN
            .given(service)
            .and_then(|facts| facts.given(Cloud::Public))
            .and_then(|facts| facts.given(Partner::DirectBill))
            .expect("possible");
        let steps = procedure(action, facts, at(day));
        let numbers: Vec<u8> = steps.iter().map(ProcedureStep::number).collect();
        assert!(numbers.is_sorted());
        for step in steps {
            assert!(facts.values().is_subset(step.condition().values().union(unsettled(facts))), "{step}");
        }
        numbers
    };
    assert_eq!(of(Action::RequestRelationship, Service::License, "2018-08-31"), [1, 2, 2, 4]);
    assert_eq!(of(Action::RequestRelationship, Service::License, "2020-10-01"), [1, 2, 2, 2, 3, 4]);
    assert_eq!(of(Action::RecreateAndCancel, Service::Azure, "2017-01-01"), [1, 2, 3]);
    assert_eq!(of(Action::Switch, Service::Azure, "2018-08-31"), [1, 2, 3, 4, 5, 5, 6, 7]);
    assert_eq!(of(Action::Switch, Service::AzurePlan, "2020-09-28"), [0_u8; 0]);
    assert_eq!(of(Action::Switch, Service::AzurePlan, "2020-09-29"), [1, 3, 4, 5, 6]);
    assert_eq!(of(Action::Switch, Service::AzureReservation, "2021-01-05"), [1, 2, 3, 4, 5, 6]);
    assert_eq!(of(Action::Switch, Service::NewCommerceLicense, "2026-11-24"), [1, 3, 4, 5, 6]);
    assert_eq!(of(Action::Switch, Service::License, "2026-11-24"), [0_u8; 0]);
    assert_eq!(of(Action::WaitUntilTermEnd, Service::License, "2018-08-31"), [1, 2, 3, 4]);
    assert_eq!(of(Action::CancelThenMove, Service::NewCommerceLicense, "2026-11-24"), [1, 1, 2, 2]);
}

/// The values of facts that are unknown.
fn unsettled(facts: Facts) -> ValueSet {
    facts.unknown().iter().fold(ValueSet::EMPTY, |values, fact| values.union(fact.values()))
}
