//! Procedures, compared with the page of the policy.

mod support;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate};
use csp_multichannel::{Action, Channel, Cloud, Facts, Partner, Service, Status};
use csp_multichannel_guidance::{Actor, Method, Procedure, StepKind, procedures};
use support::{at, rulebook};

const PAGE: &str = include_str!("../../../tests/data/procedures.md");

/// A section of the page.
struct Section {
    action: Action,
    method: Option<Method>,
    codes: BTreeSet<String>,
    text: String,
    /// The text of each numbered step.
    steps: BTreeMap<u8, String>,
}

fn sections() -> Vec<Section> {
    let sections: Vec<_> = PAGE
        .split("\n## ")
        .skip(1)
        .map(|text| {
            let (heading, body) = text.split_once('\n').expect("a heading");
            let action = heading.split('`').nth(1).expect("an action").parse().expect("an action");
            let method = match heading {
                _ if action != Action::Switch => None,
                _ if heading.contains("transfer request") => Some(Method::TransferRequest),
                _ if heading.contains("enterprise agreement") => Some(Method::BillingOwnership),
                _ => Some(Method::TransferForm),
            };
            let codes = heading.rsplit_once('(').expect("codes").1;
            let codes =
                codes.split(|c: char| !c.is_ascii_uppercase()).filter(|code| code.len() == 2);
            let numbered = body.lines().filter_map(|line| {
                let (number, text) = line.split_once(". ")?;
                Some((number.parse().ok()?, text.to_owned()))
            });
            Section {
                action,
                method,
                codes: codes.map(Into::into).collect(),
                text: body.to_owned(),
                steps: numbered.collect(),
            }
        })
        .collect();
    assert_eq!(sections.len(), 7);
    sections
}

const CHANNELS: [Channel; 3] =
    [Channel::OtherCspPartner, Channel::EnterpriseAgreement, Channel::McaEnterprise];

fn dates_in(text: &str) -> BTreeSet<NaiveDate> {
    let is_date =
        |word: &&str| word.len() == 10 && word.bytes().filter(|byte| *byte == b'-').count() == 2;
    let words = text.split(|c: char| !c.is_ascii_digit() && c != '-').filter(is_date);
    words.map(|word| word.parse().expect("a day")).collect()
}

fn days() -> impl Iterator<Item = NaiveDate> {
    let first: NaiveDate = "2016-12-01".parse().unwrap();
    first.iter_days().take_while(|day| *day < "2027-06-01".parse().unwrap())
}

impl Section {
    fn on(&self, day: NaiveDate, facts: Facts) -> Option<Procedure> {
        let midnight = day.and_hms_opt(0, 0, 0).unwrap().and_utc();
        let all = procedures(self.action, facts, midnight);
        all.into_iter().find(|procedure| procedure.method == self.method)
    }

    /// All forms that the procedure ever has.
    fn ever(&self) -> Vec<(NaiveDate, Procedure)> {
        let mut forms: Vec<(NaiveDate, Procedure)> = Vec::new();
        for day in days() {
            if let Some(procedure) = self.on(day, Facts::UNKNOWN) {
                if forms.last().is_none_or(|(_, last)| *last != procedure) {
                    forms.push((day, procedure));
                }
            }
        }
        assert!(!forms.is_empty(), "{}", self.action);
        forms
    }
}

#[test]
fn the_same_sections_and_sources() {
    let mut found = BTreeSet::new();
    for day in days() {
        for &action in Action::ALL {
            let all =
                procedures(action, Facts::UNKNOWN, day.and_hms_opt(0, 0, 0).unwrap().and_utc());
            found.extend(all.iter().map(|procedure| (procedure.action, procedure.method)));
        }
    }
    assert_eq!(found, sections().iter().map(|of| (of.action, of.method)).collect());
    for section in sections() {
        let forms = section.ever();
        let codes: BTreeSet<String> = forms
            .iter()
            .flat_map(|(_, form)| &form.sources)
            .map(|source| source.code.to_string())
            .collect();
        assert_eq!(codes, section.codes, "{} {:?}", section.action, section.method);
    }
}

/// Each step of the page has its parts, by the actors that it names, in its words.
#[test]
fn the_same_steps() {
    for section in sections() {
        let forms = section.ever();
        // Subscriptions bought from Microsoft have no partner.
        let direct = section.on(days().last().unwrap(), Facts::from(Channel::Direct));
        let forms = forms.iter().map(|(_, form)| form).chain(&direct);
        let steps: Vec<_> = forms.flat_map(|form| &form.steps).collect();
        let numbers: BTreeSet<u8> = steps.iter().map(|step| step.number).collect();
        assert_eq!(numbers, section.steps.keys().copied().collect(), "{}", section.action);
        for (number, text) in &section.steps {
            let text = text.to_lowercase();
            let names = |actor: Actor| match actor {
                Actor::Customer => text.contains("customer"),
                Actor::CurrentPartner => ["current partner", "current seller", "old partner"]
                    .iter()
                    .any(|name| text.contains(name)),
                Actor::NewPartner => text.contains("new partner"),
                Actor::IndirectProvider => section.text.contains("provider's"),
                Actor::Microsoft => text.contains("microsoft"),
                _ => false,
            };
            let of_number = || steps.iter().filter(|step| step.number == *number);
            for step in of_number() {
                // Facts that only the paragraph before the steps mentions.
                let said_before = step.text.starts_with("make sure that both hold the old offer");
                for &actor in &step.actors {
                    assert!(names(actor) || said_before, "{} {number}: {actor}", section.action);
                }
            }
            // Each actor before the first colon takes part, or any one of them.
            let leading = text.split(':').next().unwrap();
            for step in of_number() {
                let any = step.actors.len() > 1 && leading.contains(" or ");
                assert_eq!(step.by_any_actor, any, "{}: {}", section.action, step.text);
            }
            for (name, actor) in [
                ("new partner", Actor::NewPartner),
                ("current partner", Actor::CurrentPartner),
                ("customer", Actor::Customer),
                ("microsoft", Actor::Microsoft),
            ] {
                if leading.contains(name) {
                    assert!(
                        of_number().any(|step| step.actors.contains(&actor)),
                        "{}: {text}",
                        section.action
                    );
                }
            }
        }
        // The words of the page, and few others.
        let page: BTreeSet<String> = words(&section.text);
        for step in &steps {
            let step_words = words(&step.text);
            let own = step_words.difference(&page).count();
            assert!(
                own * 4 <= step_words.len(),
                "{}: {:?}",
                step.text,
                step_words.difference(&page)
            );
        }
    }
}

fn words(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| word.len() > 3);
    // Verbs have another form where the page names the actor before them.
    words.map(|word| word.to_lowercase().trim_end_matches(['s', 'd', 'e']).to_owned()).collect()
}

/// Every date of the page changes something in its procedure, or is named in it. Nothing else
/// changes on another day, unless a rule does.
#[test]
fn the_same_dates() {
    let of_rules: BTreeSet<NaiveDate> = rulebook()
        .rules()
        .iter()
        .flat_map(|rule| [Some(rule.validity().from()), rule.validity().until()])
        .flatten()
        .collect();
    for section in sections() {
        let forms = section.ever();
        let changes: BTreeSet<NaiveDate> = forms.iter().map(|(day, _)| *day).collect();
        let dates = dates_in(&section.text);
        for date in &dates {
            let next = *date + Days::new(1);
            let in_text = |(_, form): &(NaiveDate, Procedure)| {
                form.steps.iter().any(|step| step.text.contains(&date.to_string()))
            };
            let before = *date - Days::new(1);
            let changes = |facts| {
                let [before, on, next] = [before, *date, next].map(|day| section.on(day, facts));
                before != on || on != next
            };
            let mut cases = CHANNELS.iter().flat_map(|&channel| {
                Service::ALL.iter().map(move |&service| Facts::from(channel).with(service))
            });
            assert!(
                cases.any(changes) || forms.iter().any(in_text),
                "{} {:?}: nothing changes on {date}",
                section.action,
                section.method
            );
        }
        for change in changes {
            let before = change - Days::new(1);
            let known =
                dates.contains(&change) || dates.contains(&before) || of_rules.contains(&change);
            assert!(known, "{}: {change} is not on the page", section.action);
        }
    }
}

/// Procedures depend on cloud, service, channel and role.
#[test]
fn by_case() {
    let texts = |action, facts: Facts, day| {
        let procedures = procedures(action, facts, at(day));
        procedures.first().map_or(Vec::new(), |first| {
            first.steps.iter().map(|step| step.text.clone().into_owned()).collect()
        })
    };
    let accept = |cloud: Cloud, day| {
        let all =
            texts(Action::RequestRelationship, Facts::from(cloud).with(Partner::DirectBill), day);
        all.into_iter().find(|text| text.starts_with("accept in")).expect("where to accept")
    };
    assert_eq!(accept(Cloud::Public, "2018-10-31"), "accept in the Office admin portal");
    assert_eq!(accept(Cloud::Public, "2018-11-01"), "accept in Microsoft Store for Business");
    assert_eq!(accept(Cloud::Public, "2020-02-04"), "accept in the Microsoft 365 admin center");
    assert_eq!(accept(Cloud::UsGovernment, "2026-11-27"), "accept in the Office admin portal");
    assert!(accept(Cloud::China, "2026-11-27").ends_with("operated by 21Vianet"));

    let methods = |facts: Facts, day| -> Vec<Method> {
        let all = procedures(Action::Switch, facts, at(day)).into_iter();
        all.filter_map(|procedure| procedure.method).collect()
    };
    let azure = Facts::from(Service::Azure).with(Channel::OtherCspPartner).with(Cloud::Public);
    assert_eq!(methods(azure, "2021-07-21"), [Method::TransferForm]);
    assert_eq!(methods(azure, "2021-07-22"), [Method::TransferRequest, Method::TransferForm]);
    assert_eq!(methods(azure.with(Status::Suspended), "2021-07-22"), [Method::TransferForm]);
    assert_eq!(methods(azure.with(Cloud::UsGovernment), "2026-11-27"), [Method::TransferForm]);
    // In each cloud the form is for the old offer.
    let first = |cloud: Cloud, day| {
        let form = procedures(Action::Switch, azure.with(cloud), at(day)).pop().expect("the form");
        form.steps[0].text.to_string()
    };
    for cloud in [Cloud::Public, Cloud::UsGovernment] {
        assert!(first(cloud, "2021-07-22").starts_with("make sure that both hold the old offer"));
        assert!(first(cloud, "2021-07-21").starts_with("ask the current partner"));
    }
    let plan = azure.with(Service::AzurePlan);
    assert_eq!(methods(plan, "2020-09-28"), []);
    assert_eq!(methods(plan, "2020-09-29"), [Method::TransferRequest]);
    let savings = plan.with(Service::AzureSavingsPlan).with(Channel::EnterpriseAgreement);
    assert_eq!(methods(savings, "2024-03-25"), []);
    assert_eq!(methods(savings, "2024-03-26"), [Method::BillingOwnership]);
    assert_eq!(methods(savings.with(Cloud::UsGovernment), "2026-11-27"), []);
    assert_eq!(methods(azure.with(Channel::McaEnterprise), "2022-10-24"), []);
    assert_eq!(
        methods(azure.with(Channel::McaEnterprise), "2022-10-25"),
        [Method::BillingOwnership]
    );

    // An indirect reseller first uses the invitation of its provider, then one from Partner Center.
    let reseller = Facts::from(Partner::IndirectReseller).with(Cloud::Public);
    let first = |facts: Facts, day| {
        procedures(Action::RequestRelationship, facts, at(day))[0].steps[0].actors.clone()
    };
    assert_eq!(first(reseller, "2017-06-08"), [Actor::IndirectProvider]);
    assert_eq!(first(reseller, "2017-06-09"), [Actor::NewPartner]);
    assert_eq!(first(reseller.with(Cloud::China), "2026-11-27"), [Actor::IndirectProvider]);

    // The times that the documents give.
    let license = plan.with(Service::NewCommerceLicense);
    let request = &procedures(Action::Switch, license, at("2026-11-27"))[0];
    let takes: Vec<_> =
        request.steps.iter().filter_map(|step| Some((step.actors[0], step.takes?))).collect();
    assert_eq!(takes.len(), 2);
    assert_eq!((takes[0].0, takes[0].1.longest().num_days()), (Actor::CurrentPartner, 30));
    assert_eq!((takes[1].0, takes[1].1.shortest().num_minutes()), (Actor::Microsoft, 15));
    assert_eq!(takes[1].1.longest().num_days(), 3);
    assert!(request.steps.iter().any(|step| step.kind == StepKind::AcceptRelationship));
}
