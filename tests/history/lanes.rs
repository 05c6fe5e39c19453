//! The verdicts over the years for one profile, channel by service.

use chrono::NaiveDate;
use csp_multichannel::*;

/// What the lanes of an action take for granted. A relationship is requested where there is none; all else is done where there is one.
pub fn assumed(action: Action) -> Facts {
    let relationship = if action == Action::RequestRelationship { Relationship::None } else { Relationship::Active };
    let values = [
        Cloud::Public.into(),
        Partner::DirectBill.into(),
        relationship.into(),
        Customer::EndCustomer.into(),
        Market::Same.into(),
        AutoRenew::Off.into(),
        Status::Active.into(),
        Transfer::None.into(),
    ];
    let terms = Set::from([TermPhase::None, TermPhase::Cancellable]);
    Facts::UNKNOWN.given(ValueSet::from_iter(values)).and_then(|facts| facts.given(terms)).expect("possible")
}

/// What the lanes of all actions take for granted.
pub fn common() -> Facts {
    let values = Action::ALL.iter().map(|&action| assumed(action).values()).fold(ValueSet::EMPTY, ValueSet::union);
    Facts::UNKNOWN.given(values).expect("possible")
}

/// A verdict and the days on which it holds: from the first, inclusive, up to the second, exclusive.
#[derive(Clone, PartialEq)]
pub struct Span {
    pub verdict: Verdict,
    pub from: NaiveDate,
    pub until: Option<NaiveDate>,
}

/// The verdicts on an action over the years.
#[derive(Clone, PartialEq)]
pub struct Lane {
    pub action: Action,
    pub spans: Vec<Span>,
}

impl Lane {
    fn of(action: Action, channel: Channel, service: Service) -> Self {
        let facts = assumed(action).given(channel).and_then(|facts| facts.given(service)).expect("possible");
        let mut spans: Vec<Span> = Vec::new();
        for edition in Rulebook::partner_center().editions() {
            let verdict = edition.decide(facts).verdict(action);
            match spans.last_mut() {
                Some(last) if last.verdict == verdict => last.until = edition.until(),
                _ => spans.push(Span { verdict, from: edition.since(), until: edition.until() }),
            }
        }
        Self { action, spans }
    }

    /// Whether the policy has never spoken of the action.
    fn is_silent(&self) -> bool {
        self.spans.iter().all(|span| span.verdict == Verdict::NotCovered)
    }
}

/// Channels with the same history.
#[derive(Clone, PartialEq)]
pub struct Group {
    pub channels: Set<Channel>,
    pub lanes: Vec<Lane>,
}

/// Services with the same history, whatever the channel.
#[derive(Clone, PartialEq)]
pub struct Section {
    pub services: Set<Service>,
    pub groups: Vec<Group>,
}

/// All combinations of service and channel but those of which the policy has never spoken.
pub fn sections() -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    for &service in Service::ALL {
        let groups: Vec<Group> =
            groups(service).into_iter().filter(|group| !group.lanes.iter().all(Lane::is_silent)).collect();
        match sections.iter_mut().find(|section| section.groups == groups) {
            Some(section) => section.services = section.services.union(service.into()),
            None => sections.push(Section { services: service.into(), groups }),
        }
    }
    sections.retain(|section| !section.groups.is_empty());
    sections
}

fn groups(service: Service) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for &channel in Channel::ALL {
        let lanes: Vec<Lane> = Action::ALL.iter().map(|&action| Lane::of(action, channel, service)).collect();
        match groups.iter_mut().find(|group| group.lanes == lanes) {
            Some(group) => group.channels = group.channels.union(channel.into()),
            None => groups.push(Group { channels: channel.into(), lanes }),
        }
    }
    groups
}

/// The services and the channels that the sections leave out, each whatever the other.
pub fn left_out() -> (Set<Service>, Set<Channel>) {
    let sections = sections();
    let services = sections.iter().fold(Set::<Service>::all(), |rest, section| rest.difference(section.services));
    let told = |section: &Section| section.groups.iter().fold(Set::EMPTY, |all, group| group.channels.union(all));
    let channels = sections.iter().fold(Set::<Channel>::all(), |rest, section| rest.difference(told(section)));
    for section in &sections {
        let rest = Set::<Channel>::all().difference(told(section));
        assert!(rest == channels, "for {} other channels are left out than for the rest: {rest}", section.services);
    }
    (services, channels)
}

/// The days on which a verdict of the lanes changes, in order.
pub fn turns() -> Vec<NaiveDate> {
    let sections = sections();
    let lanes = sections.iter().flat_map(|section| &section.groups).flat_map(|group| &group.lanes);
    let days = lanes.flat_map(|lane| lane.spans.iter().skip(1)).map(|span| span.from);
    days.collect::<std::collections::BTreeSet<_>>().into_iter().collect()
}

/// How many of all cases have another verdict than in the edition before.
pub struct Change {
    pub edition: Edition<'static>,
    /// For each action, in the order of the policy's table.
    pub of_actions: Vec<usize>,
    /// On any action.
    pub of_any: usize,
    /// How many cases there are.
    pub cases: usize,
}

/// What each edition changes but the first, before which nothing is said.
pub fn changes() -> Vec<Change> {
    let cases: Vec<Assignment> = Assignment::all().collect();
    let decide = |edition: Edition<'static>| {
        let mut verdicts = vec![Verdicts::default(); cases.len()];
        edition.decide_all_known(&cases, &mut verdicts);
        verdicts
    };
    let mut editions = Rulebook::partner_center().editions();
    let mut before = decide(editions.next().expect("an edition"));
    let mut changes = Vec::new();
    for edition in editions {
        let after = decide(edition);
        let count = |differ: &dyn Fn(&Verdicts, &Verdicts) -> bool| {
            before.iter().zip(&after).filter(|(before, after)| differ(before, after)).count()
        };
        let of_action = |&action: &Action| {
            count(&|before: &Verdicts, after: &Verdicts| before.verdict(action) != after.verdict(action))
        };
        let of_actions = Action::ALL.iter().map(of_action).collect();
        let of_any = count(&|before, after| before != after);
        changes.push(Change { edition, of_actions, of_any, cases: cases.len() });
        before = after;
    }
    changes
}
