//! The procedures are those of the policy's own page: each step with its actors, words and days.

#![cfg(feature = "std")]

use csp_multichannel::guidance::{Actor, ProcedureStep, procedures};
use csp_multichannel::{Action, Service, Value};

/// A section of the page: an action, for some services, with its numbered steps.
struct Section {
    action: Action,
    services: Vec<Service>,
    steps: Vec<(u8, &'static str)>,
    text: String,
}

fn sections() -> Vec<Section> {
    let page = include_str!("data/procedures.md");
    let sections = page.split("\n## ").skip(1).map(|section| {
        let (heading, body) = section.split_once('\n').expect("a heading");
        let action = heading.split('`').nth(1).expect("an action").parse().expect("an action");
        let services = match heading.split_once(", ").map(|(_, of)| of) {
            Some(of) if of.starts_with("Azure outside the Azure plan") => vec![Service::Azure],
            Some(of) if of.starts_with("Azure plan and reservations") => {
                vec![Service::AzurePlan, Service::AzureReservation, Service::NewCommerceLicense]
            }
            _ => Service::ALL.to_vec(),
        };
        let step = |line: &'static str| {
            let (number, text) = line.split_once(". ")?;
            Some((number.parse().ok()?, text))
        };
        Section { action, services, steps: body.lines().filter_map(step).collect(), text: body.to_lowercase() }
    });
    sections.collect()
}

fn of_section(section: &Section) -> impl Iterator<Item = &'static ProcedureStep> {
    let admits = |step: &ProcedureStep, service: Service| step.condition().values().contains(Value::from(service));
    procedures().iter().filter(move |step| {
        step.action() == section.action && section.services.iter().any(|&service| admits(step, service))
    })
}

/// Whom a line of the page names before its colon, and whether any one of them will do.
fn actors(line: &str) -> (Vec<Actor>, bool) {
    let who = line.split(':').next().unwrap_or_default().to_lowercase();
    let names = [
        ("customer", Actor::Customer),
        ("current partner", Actor::CurrentPartner),
        ("current seller", Actor::CurrentPartner),
        ("new partner", Actor::NewPartner),
        ("microsoft", Actor::Microsoft),
    ];
    let mut actors: Vec<Actor> = names.iter().filter(|(name, _)| who.contains(name)).map(|&(_, actor)| actor).collect();
    actors.sort_unstable();
    (actors, who.contains(" or "))
}

#[test]
fn each_step_of_the_page_is_there_with_its_actors() {
    let sections = sections();
    assert_eq!(sections.iter().map(|section| section.steps.len()).collect::<Vec<_>>(), [4, 3, 7, 6, 4, 2]);
    for section in &sections {
        for &(number, line) in &section.steps {
            let rows: Vec<_> = of_section(section).filter(|step| step.number() == number).collect();
            let mut found: Vec<Actor> = rows.iter().flat_map(|step| step.actors()).copied().collect();
            found.sort_unstable();
            found.dedup();
            let (mut named, any) = actors(line);
            // A second sentence of a line can have an actor of its own.
            if line.contains(". Microsoft ") && !line.contains("does not intervene") {
                named.push(Actor::Microsoft);
            }
            assert_eq!(found, named, "{} {number}: {line}", section.action);
            // Either one row is for any of them, or each has its own, by the case.
            let is_any =
                rows.iter().any(|step| step.is_for_any()) || rows.iter().all(|step| step.actors().len() < found.len());
            assert!(!any || is_any, "{line}");
            assert!(any || rows.iter().all(|step| !step.is_for_any()), "{line}");
        }
        let numbers = section.steps.iter().map(|&(number, _)| number);
        assert!(of_section(section).all(|step| numbers.clone().any(|number| number == step.number())));
    }
}

#[test]
fn nothing_is_said_that_the_page_does_not_say() {
    // Words that address the reader.
    const OWN: [&str; 2] = ["yourself", "your"];
    for section in &sections() {
        for step in of_section(section) {
            let words = step.text().split(|c: char| !c.is_alphanumeric()).map(str::to_lowercase);
            for word in words.filter(|word| word.len() > 3) {
                // The page has some verbs in another form: completes, retries, contacts, answers.
                let stem = word.trim_end_matches(['s', 'e']).trim_end_matches("ie").trim_end_matches('y');
                assert!(
                    section.text.contains(stem) || OWN.contains(&word.as_str()),
                    "{} {}: {word} in {}",
                    step.action(),
                    step.number(),
                    step.text()
                );
            }
        }
    }
}

#[test]
fn days_and_pages_are_those_of_the_page() {
    let page = include_str!("data/procedures.md");
    for step in procedures() {
        for day in [Some(step.validity().from()), step.validity().until()].into_iter().flatten() {
            // An end is told by the last day, or by the first day of what comes after.
            let told = [Some(day), day.pred_opt()].into_iter().flatten().any(|day| page.contains(&day.to_string()));
            assert!(told || day.to_string() == "2016-12-01", "{day}: {step}");
        }
    }
}
