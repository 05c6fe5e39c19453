//! Plans, compared with trying every order of steps at every instant of a change.

mod support;

use std::collections::{BTreeMap, BTreeSet, HashSet};

use chrono::{DateTime, Datelike, Utc};
use csp_multichannel::{
    Action, AtTermEnd, Channel, Cloud, Customer, Effect, Fact, Facts, Partner, Region,
    Relationship, Rule, Rulebook, Service, Set, Status, Subscription, Term, TermPhase, Transfer,
    Verdict,
};
use csp_multichannel_guidance::{Actor, Goal, Plan, Plans, StepKind, plans};
use proptest::prelude::*;
use support::{any_instant, any_subscription, at, edges, rulebook};

/// The steps that change something, as a person would list them.
const CHANGES: [StepKind; 5] = [
    StepKind::RequestRelationship,
    StepKind::AcceptRelationship,
    StepKind::SetToEnd,
    StepKind::Reactivate,
    StepKind::EndTransfer,
];

/// The requirements that no step can meet.
const GIVEN: [&str; 3] = ["indirect_provider", "azure_expert_msp", "azure_designation"];

fn verdict(facts: Facts, action: Action, at: DateTime<Utc>) -> (Verdict, BTreeSet<String>) {
    let decision = rulebook().edition_at(at).unwrap().decide(facts);
    // The requirements of all possible cases.
    let mut requirements = BTreeSet::new();
    for rule in decision.edition().rules().filter(|rule| rule.condition().overlaps(facts)) {
        if rule.actions().contains(action) {
            requirements.extend(rule.requirement().map(Into::into));
        }
    }
    (decision.verdict(action), requirements)
}

fn is_open(facts: Facts, action: Action, at: DateTime<Utc>) -> bool {
    let (verdict, requirements) = verdict(facts, action, at);
    match verdict {
        Verdict::Allowed => true,
        Verdict::Conditional => {
            requirements.iter().all(|requirement| GIVEN.contains(&requirement.as_str()))
        }
        _ => false,
    }
}

fn is_running(facts: Facts) -> bool {
    facts.possible::<Service>().is_subset(Service::USAGE_BASED)
        || !facts.possible::<TermPhase>().contains(TermPhase::Ended)
}

/// Whether the term has certainly ended, and the subscription is not in an extended service term.
fn is_over(facts: Facts, at: DateTime<Utc>) -> bool {
    let service: Set<Service> = facts.possible();
    let extended = service.contains(Service::NewCommerceLicense)
        && facts.possible::<AtTermEnd>().contains(AtTermEnd::Extend)
        && at >= support::at("2026-05-04");
    let has_term = !service.contains(Service::Azure) && !service.contains(Service::AzurePlan);
    facts.known() == Some(TermPhase::Ended) && has_term && !extended
}

/// Whether a step that changes a fact can be taken.
fn can(kind: StepKind, facts: Facts, at: DateTime<Utc>) -> bool {
    let status: Set<Status> = facts.possible();
    let transfer: Set<Transfer> = facts.possible();
    match kind {
        StepKind::RequestRelationship => {
            facts.known() == Some(Relationship::None)
                && is_open(facts, Action::RequestRelationship, at)
        }
        StepKind::AcceptRelationship => facts.known() == Some(Relationship::Requested),
        StepKind::SetToEnd => is_running(facts) && facts.known() != Some(AtTermEnd::End),
        StepKind::Reactivate => {
            is_running(facts)
                && status.contains(Status::Suspended)
                && !status.contains(Status::Deleted)
        }
        StepKind::EndTransfer => {
            transfer.contains(Transfer::Pending) && !transfer.contains(Transfer::Ineligible)
        }
        other => panic!("{other} changes nothing"),
    }
}

fn apply(kind: StepKind, subscription: Subscription, at: DateTime<Utc>) -> Subscription {
    match kind {
        StepKind::RequestRelationship => subscription.with(Relationship::Requested),
        StepKind::AcceptRelationship => subscription.with(Relationship::Active),
        StepKind::SetToEnd => {
            let is_past = subscription.term().is_some_and(|term| term.ends_on() < at.date_naive());
            let subscription =
                if is_past { subscription.facts_at(at).into() } else { subscription };
            subscription.with(AtTermEnd::End)
        }
        StepKind::Reactivate => subscription.with(Status::Active),
        StepKind::EndTransfer => subscription.with(Transfer::None),
        _ => subscription,
    }
}

/// Whether the product can be bought: as if the old subscription had ended, or Azure were bought
/// anew.
fn can_buy(facts: Facts, at: DateTime<Utc>) -> bool {
    let buyer = facts.with(Status::Active);
    let ended = buyer.with(TermPhase::Ended).with(AtTermEnd::End);
    let is_usage = buyer.possible::<Service>().is_subset(Service::USAGE_BASED);
    facts.known() == Some(Relationship::Active)
        && if is_usage {
            is_open(buyer, Action::RecreateAndCancel, at)
        } else {
            is_open(ended, Action::WaitUntilTermEnd, at)
        }
}

/// Whether waiting stays open until the term ends, if its end is known.
fn stays_open(subscription: Subscription, at: DateTime<Utc>) -> bool {
    let last_day = subscription.term().map(Term::ends_on);
    let runs = |edge: &DateTime<Utc>| last_day.is_some_and(|day| edge.date_naive() <= day);
    let later = edges(&subscription).into_iter().filter(|&edge| edge > at).take_while(runs);
    let mut all = std::iter::once(at).chain(later);
    all.all(|at| is_open(subscription.facts_at(at), Action::WaitUntilTermEnd, at))
}

fn reaches(action: Action, subscription: Subscription, at: DateTime<Utc>) -> bool {
    let facts = subscription.facts_at(at);
    let is_related = facts.known() == Some(Relationship::Active);
    match action {
        Action::RequestRelationship => is_related,
        Action::RecreateAndCancel | Action::Switch => is_open(facts, action, at),
        Action::WaitUntilTermEnd => can_buy(facts, at) && stays_open(subscription, at),
        Action::CancelThenMove => can_buy(facts, at) && is_open(facts, action, at),
    }
}

/// The instants from a beginning on at which anything changes.
fn instants(subscription: &Subscription, from: DateTime<Utc>) -> Vec<DateTime<Utc>> {
    let later = edges(subscription).into_iter().filter(|&edge| edge > from);
    std::iter::once(from).chain(later).collect()
}

/// When an action reaches its goal first, and with how few steps.
fn by_brute_force(
    subscription: Subscription,
    from: DateTime<Utc>,
) -> BTreeMap<Action, (DateTime<Utc>, usize)> {
    let mut found = BTreeMap::new();
    let mut states = HashSet::from([(subscription, 0)]);
    for at in instants(&subscription, from) {
        let mut new: Vec<_> = states.iter().copied().collect();
        while let Some((subscription, steps)) = new.pop() {
            for kind in CHANGES {
                if can(kind, subscription.facts_at(at), at) {
                    let next = (apply(kind, subscription, at), steps + 1);
                    if steps < CHANGES.len() && states.insert(next) {
                        new.push(next);
                    }
                }
            }
        }
        for &action in Action::ALL {
            let reached = |&&(state, _): &&(Subscription, usize)| reaches(action, state, at);
            let fewest = states.iter().filter(reached).map(|&(_, steps)| steps).min();
            if let Some(fewest) = fewest {
                found.entry(action).or_insert((at, fewest));
            }
        }
    }
    found
}

/// Takes the steps of a plan one by one, and checks that each can be taken as described.
fn follow(plan: &Plan, start: Subscription, from: DateTime<Utc>) -> (DateTime<Utc>, usize) {
    let mut now = from;
    let mut subscription = start;
    let mut changes = 0;
    let mut states = Vec::new();
    for (place, step) in plan.steps.iter().enumerate() {
        let facts = subscription.facts_at(now);
        assert_eq!(step.facts, facts, "{step}");
        assert!(step.after.iter().all(|&before| before < place));
        states.push((step.kind, now));
        if CHANGES.contains(&step.kind) {
            assert!(can(step.kind, facts, now), "{step}: {facts}");
            assert_eq!(step.earliest, Some(now));
            changes += 1;
        }
        match step.kind {
            StepKind::Wait => {
                now = step.expected_by.expect("waiting ends");
                assert!(matches!(step.actor, Actor::Time | Actor::Microsoft));
            }
            StepKind::Switch | StepKind::Recreate => {
                assert!(is_open(facts, plan.action.unwrap(), now), "{step}: {facts}");
                assert!(step.earliest >= Some(now));
            }
            StepKind::Cancel => {
                assert!(is_open(facts, plan.action.unwrap(), now), "{step}: {facts}");
            }
            StepKind::LetTermEnd => {
                assert!(stays_open(subscription, now), "{step}: {facts}");
                assert!(step.earliest.is_none_or(|earliest| earliest >= now));
            }
            StepKind::Buy => {
                assert_eq!(facts.known(), Some(Relationship::Active), "{step}: {facts}");
                // Without the end of the term, the day of the purchase is unknown.
                if let Some(earliest) = step.earliest {
                    assert!(earliest >= now);
                    assert!(can_buy(subscription.facts_at(earliest), earliest), "{step}");
                }
            }
            _ => {}
        }
        if let Some(earliest) = step.earliest {
            assert!(step.deadline.is_none_or(|deadline| earliest < deadline), "{step}");
            assert!(step.expected_by.is_none_or(|by| earliest <= by), "{step}");
        }
        // Nothing is expected after it is too late.
        let expected = step.expected_by.zip(step.deadline);
        assert!(expected.is_none_or(|(by, deadline)| by <= deadline), "{step}");
        subscription = apply(step.kind, subscription, now);
        // The steps that it names are enough before it.
        let mut needed: BTreeSet<usize> = BTreeSet::from([place]);
        for at in (0..=place).rev() {
            if needed.contains(&at) {
                needed.extend(&plan.steps[at].after);
            }
        }
        let mut at = from;
        let mut alone = start;
        for &before in needed.iter().filter(|&&before| before < place) {
            let (kind, when) = states[before];
            alone = apply(kind, alone, when);
            at = if kind == StepKind::Wait {
                plan.steps[before].expected_by.unwrap()
            } else {
                at.max(when)
            };
        }
        let facts = alone.facts_at(at);
        match step.kind {
            kind if CHANGES.contains(&kind) => assert!(can(kind, facts, at), "{step}: {facts}"),
            StepKind::Switch | StepKind::Recreate | StepKind::Cancel => {
                assert!(is_open(facts, plan.action.unwrap(), at), "{step}: {facts}");
            }
            StepKind::LetTermEnd => assert!(stays_open(alone, at), "{step}: {facts}"),
            _ => {}
        }
    }
    (now, changes)
}

fn assert_right(subscription: Subscription, from: DateTime<Utc>) -> Plans {
    let moves = plans(&subscription, Goal::Move, from, rulebook()).unwrap();
    let manage = plans(&subscription, Goal::Manage, from, rulebook()).unwrap();
    let purchase = subscription.term().and_then(Term::purchased_at);
    let from = purchase.map_or(from, |purchase| from.max(purchase));
    let facts = subscription.facts_at(from);
    let is_deleted = facts.known() == Some(Status::Deleted);
    assert_eq!(moves.nothing_to_move, is_deleted || is_over(facts, from));
    // A deleted subscription does not change, and a term that is over is not extended.
    let subscription = match (is_over(facts, from), is_deleted) {
        (true, _) => facts.with(AtTermEnd::End).into(),
        (false, true) => facts.into(),
        (false, false) => subscription,
    };

    let all = || manage.plans.iter().chain(&moves.plans);
    let found: BTreeMap<Action, (DateTime<Utc>, usize)> =
        all().filter_map(|plan| Some((plan.action?, follow(plan, subscription, from)))).collect();
    assert_eq!(found, by_brute_force(subscription, from), "{facts} at {from}");

    // Every action has a plan, or obstacles from the beginning on.
    for &action in Action::ALL {
        let mut obstacles = manage.obstacles.iter().chain(&moves.obstacles);
        let first = obstacles.find(|obstacle| obstacle.action == action);
        assert_ne!(found.contains_key(&action), first.is_some(), "{action}: {facts} at {from}");
    }
    for plan in &moves.plans {
        // An ended subscription is not reactivated, and no step acts on a deleted one.
        if moves.nothing_to_move {
            let kinds: HashSet<_> = plan.steps.iter().map(|step| step.kind).collect();
            let old =
                [StepKind::Reactivate, StepKind::Cancel, StepKind::Switch, StepKind::LetTermEnd];
            assert!(old.iter().all(|kind| !kinds.contains(kind)), "{plan}");
            assert!(kinds.contains(&StepKind::Buy));
        }
        // An indirect reseller does not order, create or take over by itself (IR; SA since
        // 2018-08-31).
        for step in &plan.steps {
            let is_reseller = step.facts.known() == Some(Partner::IndirectReseller);
            if step.kind == StepKind::Buy && is_reseller {
                assert_eq!(step.actor, Actor::IndirectProvider);
            }
            // No date is expected for steps of others without a limit, nor for later steps.
            let others = [Actor::Customer, Actor::CurrentPartner];
            let is_act = !matches!(step.kind, StepKind::LetTermEnd | StepKind::Wait);
            let has_none = |step: &csp_multichannel_guidance::Step| step.expected_by.is_none();
            if step.kind != StepKind::Wait
                && step.after.iter().any(|&before| has_none(&plan.steps[before]))
            {
                assert_eq!(step.expected_by, None, "{step}");
            }
            if is_act && others.contains(&step.actor) && step.takes.is_none() {
                assert_eq!(step.expected_by, None, "{step}");
            }
        }
    }
    moves
}

/// Every known case of an end customer in the public cloud and the same region, without dates:
/// today.
#[test]
fn every_case_of_today() {
    let ordinary = Facts::from(Cloud::Public).with(Customer::EndCustomer).with(Region::Same);
    // The partner's role matters to who acts, and is covered by the random cases.
    let ordinary = ordinary.with([Partner::DirectBill, Partner::IndirectReseller]);
    let mut counts = BTreeMap::new();
    for case in ordinary.assignments() {
        let plans = assert_right(case.into(), at("2026-11-27"));
        *counts.entry(plans.plans.len()).or_insert(0) += 1;
    }
    assert!(counts.len() > 2, "{counts:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn random_cases(subscription in any_subscription(3), from in any_instant()) {
        assert_right(subscription, from);
    }

    /// Ordinary cases, for which something can be planned more often.
    #[test]
    fn ordinary_cases(subscription in any_subscription(2), from in any_instant(), csp in any::<bool>()) {
        let channel = if csp { Channel::OtherCspPartner } else { Channel::Direct };
        let ordinary = Facts::from(Cloud::Public).with(Customer::EndCustomer).with(Region::Same).with(channel);
        assert_right(subscription.with(ordinary), from);
    }
}

#[test]
fn before_the_first_edition() {
    assert!(plans(&Subscription::new(), Goal::Move, at("2016-11-30"), rulebook()).is_err());
}

#[test]
fn a_fact_that_is_unknown_is_asked_for() {
    let unknown =
        Subscription::new().with(Service::NewCommerceLicense).with(Channel::OtherCspPartner);
    let plans = plans(&unknown, Goal::Move, at("2026-11-27"), rulebook()).unwrap();
    assert!(plans.plans.is_empty());
    let asked =
        plans.obstacles.iter().fold(Set::EMPTY, |all: Set<Fact>, of| all.union(of.depends_on));
    assert!(asked.contains(Fact::Cloud) && asked.contains(Fact::TermPhase), "{asked}");
}

/// The published policy with another rule.
fn with_rules(rules: impl IntoIterator<Item = Rule>) -> Rulebook {
    let rules = rules.into_iter().map(|rule| rule.with_reason("a rule of the house"));
    Rulebook::new(rulebook().rules().iter().cloned().chain(rules)).expect("a rulebook")
}

fn license() -> Facts {
    Facts::from(Service::NewCommerceLicense)
        .with(Channel::OtherCspPartner)
        .with(Cloud::Public)
        .with(Partner::DirectBill)
        .with(Relationship::None)
        .with(Customer::EndCustomer)
        .with(Region::Same)
        .with(TermPhase::Committed)
        .with(AtTermEnd::End)
        .with(Status::Active)
        .with(Transfer::None)
}

/// The last instant of a purchase is that of access: the end of the term or, in new commerce until
/// 2026-05-04, 30 days later (TS).
#[test]
fn access_ends() {
    let deadline = |rulebook, action, facts: Facts, ends_on: &str, now: &str| {
        let subscription =
            Subscription::from(facts.with(Relationship::Active).with(AtTermEnd::End))
                .with_term(Term::ending(ends_on.parse().unwrap()));
        let found = plans(&subscription, Goal::Move, at(now), rulebook).unwrap();
        let plan = found
            .plans
            .iter()
            .find(|plan| plan.action == action)
            .unwrap_or_else(|| panic!("{found}"));
        let buy = plan.steps.iter().find(|step| step.kind == StepKind::Buy).expect("a purchase");
        buy.deadline
    };
    let wait = Some(Action::WaitUntilTermEnd);
    for (ends_on, now, expected) in [
        ("2026-05-03", "2026-05-01", Some("2026-06-03")),
        ("2026-05-04", "2026-05-01", Some("2026-05-05")),
        ("2026-05-01", "2026-05-03", Some("2026-06-01")),
        ("2026-05-01", "2026-05-04", None),
    ] {
        let found = deadline(rulebook(), wait, license(), ends_on, now);
        assert_eq!(found, expected.map(at), "{ends_on}, at {now}");
    }
    let classic = license().with(Service::License);
    for (now, expected) in [("2026-05-01", Some("2026-05-04")), ("2026-05-04", None)] {
        let found = deadline(rulebook(), wait, classic, "2026-05-03", now);
        assert_eq!(found, expected.map(at), "at {now}");
    }
    // Where only a new purchase is left, it can wait.
    let veto =
        Rule::new("gone", Effect::Veto, Action::WaitUntilTermEnd, "2026-01-01".parse().unwrap());
    let house = with_rules([veto.when(Status::Deleted)]);
    let deleted = license().with(Status::Deleted);
    assert_eq!(deadline(&house, None, deleted, "2026-05-01", "2026-05-03"), None);
}

fn plan_of(
    action: Action,
    facts: impl Into<Subscription>,
    rules: impl IntoIterator<Item = Rule>,
) -> Plan {
    let found = plans(&facts.into(), Goal::Move, at("2026-11-27"), &with_rules(rules)).unwrap();
    found.plans.into_iter().find(|plan| plan.action == Some(action)).expect("a plan")
}

/// A purchase waits for the last day, unless it is too late then.
#[test]
fn purchase_on_the_last_day() {
    let facts = license().with(Relationship::Active).with(AtTermEnd::End);
    let subscription =
        Subscription::from(facts).with_term(Term::ending("2026-12-31".parse().unwrap()));
    let earliest = |closes: &str| {
        let close =
            Rule::new("closed", Effect::Veto, Action::WaitUntilTermEnd, closes.parse().unwrap());
        let close = close.when(TermPhase::Ended);
        let plan = plan_of(Action::WaitUntilTermEnd, subscription, [close]);
        let buy = plan.steps.iter().find(|step| step.kind == StepKind::Buy).expect("a purchase");
        assert_eq!(buy.deadline, Some(at(closes)));
        buy.earliest
    };
    assert_eq!(earliest("2027-01-01"), Some(at("2026-12-31")));
    assert_eq!(earliest("2026-12-31"), Some(at("2026-11-27")));
}

/// A step that opens the request has the rules on the request as its reason.
#[test]
fn reasons_of_a_step_before_the_request() {
    let day = "2026-01-01".parse().unwrap();
    let forbid = Rule::new("in-use", Effect::Forbid, Action::RequestRelationship, day);
    let suspended = license().with(Status::Suspended).with(AtTermEnd::End);
    let plan = plan_of(Action::WaitUntilTermEnd, suspended, [forbid.when(Status::Suspended)]);
    assert_eq!(plan.steps[0].kind, StepKind::Reactivate, "{plan}");
    assert!(plan.steps[0].rules.iter().any(|rule| rule.id == "in-use"), "{plan}");
}

/// Advice changes with the policy as well, but no step waits for that.
#[test]
fn waiting_for_the_policy() {
    let day = |day: &str| day.parse().unwrap();
    let rule = |id: &'static str, effect| Rule::new(id, effect, Action::Switch, day("2026-01-01"));
    let until = |id, effect| rule(id, effect).until(day("2027-01-01"));
    let rules = [until("freeze", Effect::Veto), until("hint", Effect::Advise)];
    let plan = plan_of(Action::Switch, license().with(Relationship::Active), rules);
    let wait = &plan.steps[0];
    assert_eq!((wait.kind, &*wait.rules[0].id), (StepKind::Wait, "freeze"), "{plan}");
    assert!(wait.advice.is_empty(), "{plan}");

    // The wait needs no other step.
    let freeze = until("freeze", Effect::Veto);
    let suspended = license().with(Relationship::Active).with(Status::Suspended);
    let plan = plan_of(Action::Switch, suspended, [freeze]);
    let steps: Vec<_> = plan.steps.iter().map(|step| (step.kind, &step.after[..])).collect();
    let expected: [(StepKind, &[usize]); 3] =
        [(StepKind::Reactivate, &[]), (StepKind::Wait, &[]), (StepKind::Switch, &[0, 1])];
    assert_eq!(steps, expected, "{plan}");
}

/// On its last day, a term can still be set to end.
#[test]
fn set_to_end_on_the_last_day() {
    let facts = license().with(Relationship::Active).with(AtTermEnd::Renew);
    let subscription =
        Subscription::from(facts).with_term(Term::ending("2026-11-27".parse().unwrap()));
    let plan = plan_of(Action::WaitUntilTermEnd, subscription, []);
    let end = plan.steps.iter().find(|step| step.kind == StepKind::LetTermEnd).expect("an end");
    assert_eq!(end.earliest, Some(at("2026-11-28")), "{plan}");
}

/// Which state an obstacle is reported of, and what it says of the relationship.
#[test]
fn obstacles_and_the_relationship() {
    let day = |day: &str| day.parse().unwrap();
    let veto = |action: Action, from| Rule::new("veto", Effect::Veto, action, day(from));
    let term = Term::parse("2026-07-01T09:00:00Z", "2027-06-30").unwrap();
    let obstacles = |facts: Facts, action: Action, rules: &[Rule]| -> Vec<String> {
        let subscription = Subscription::from(facts.with(AtTermEnd::End)).with_term(term);
        let rulebook = with_rules(rules.iter().cloned());
        let found = plans(&subscription, Goal::Move, at("2026-11-27"), &rulebook).unwrap();
        let of_action = found.obstacles.iter().filter(|obstacle| obstacle.action == action);
        of_action.map(ToString::to_string).collect()
    };
    let (wait, cancel) = (Action::WaitUntilTermEnd, Action::CancelThenMove);
    // With a relationship it is open, but not as long as it has to be.
    let later = veto(wait, "2027-01-01");
    // An edition with the same obstacle, and one with another.
    let other = Rule::new("other", Effect::Advise, wait, day("2027-02-01"));
    let more = Rule::new("more", Effect::Veto, wait, day("2027-03-01"));
    assert_eq!(
        obstacles(license(), wait, &[later, other, more]),
        [
            "wait_until_term_end denied from 2027-01-01T00:00:00Z until 2027-03-01T00:00:00Z: veto",
            "wait_until_term_end denied from 2027-03-01T00:00:00Z: veto, more"
        ]
    );
    let never = [veto(Action::RequestRelationship, "2026-01-01")];
    assert_eq!(
        obstacles(license(), wait, &never),
        ["wait_until_term_end allowed from 2026-11-27T00:00:00Z: \
             a purchase requires the relationship; \
             request_relationship denied from 2026-11-27T00:00:00Z: veto"]
    );
    let closed = "cancel_then_move denied from 2026-11-27T00:00:00Z until 2027-07-01T00:00:00Z: \
                  cancellation-window-closed";
    assert_eq!(obstacles(license(), cancel, &never)[0], closed);
    let unknown = license().without(Fact::Relationship);
    assert_eq!(obstacles(unknown, cancel, &[])[0], closed);
}

/// Through a provider, the provider takes the asking partner's part in a procedure, and no other.
#[test]
fn procedures_through_a_provider() {
    let actors = |partner: Partner| -> BTreeSet<Actor> {
        let facts = license().with(Relationship::Active).with(partner);
        let plan = plan_of(Action::Switch, facts, []);
        let procedures = plan.steps.into_iter().flat_map(|step| step.procedures);
        procedures.flat_map(|of| of.steps).flat_map(|step| step.actors).collect()
    };
    let direct = actors(Partner::DirectBill);
    assert!(direct.len() > 1 && direct.contains(&Actor::NewPartner), "{direct:?}");
    let mut through = direct;
    through.remove(&Actor::NewPartner);
    through.insert(Actor::IndirectProvider);
    assert_eq!(actors(Partner::IndirectReseller), through);
}

/// Requirements of a custom rulebook are prerequisites of the plans, unless a step meets them.
#[test]
fn custom_requirements() {
    let day = "2026-01-01".parse().unwrap();
    let require = |requirement: &'static str, actions: Set<Action>| {
        Rule::new(requirement, Effect::Require, actions, day).with_requirement(requirement)
    };
    let prerequisites =
        |rules: &[&Rule], facts: Facts, goal| -> Vec<(Option<Action>, Vec<String>)> {
            let rulebook = with_rules(rules.iter().copied().cloned());
            let found = plans(&facts.into(), goal, at("2026-11-27"), &rulebook).unwrap();
            let of = |plan: Plan| plan.prerequisites.into_iter().map(|of| of.requirement).collect();
            found.plans.into_iter().map(|plan| (plan.action, of(plan))).collect()
        };
    let request = Action::RequestRelationship;
    let consent = require("consent", request.into());
    assert_eq!(
        prerequisites(&[&consent], license(), Goal::Manage),
        [(Some(request), vec!["consent".into()])]
    );
    let of_moves = prerequisites(&[&consent], license(), Goal::Move);
    assert!(of_moves.len() == 2 && of_moves.iter().all(|(_, of)| of == &["consent"]));
    // Also where nothing is left but to buy.
    let check = require("credit_check", Action::WaitUntilTermEnd.into());
    let deleted = license().with(Status::Deleted).with(Relationship::Active);
    assert_eq!(
        prerequisites(&[&check], deleted, Goal::Move),
        [(None, vec!["credit_check".into()])]
    );
    // No step ends a relationship to avoid a requirement.
    let nda = require("nda", Action::Switch.into()).when(Relationship::Active);
    let switch = prerequisites(&[&nda], license(), Goal::Move);
    assert!(switch.contains(&(Some(Action::Switch), vec!["nda".into()])), "{switch:?}");
    // Each requirement once, in the order of the steps.
    let both = require("consent", Set::from([request, Action::Switch]));
    let switch = prerequisites(&[&nda, &both], license(), Goal::Move);
    let expected = vec!["consent".into(), "nda".into()];
    assert!(switch.contains(&(Some(Action::Switch), expected)), "{switch:?}");
    // A request begins the relationship, so no step ends its lack.
    let at_first = require("consent", request.into()).when(Relationship::None);
    let expected = [(Some(request), vec!["consent".into()])];
    assert_eq!(prerequisites(&[&at_first], license(), Goal::Manage), expected);
    // A requirement that a step meets is not a prerequisite.
    let in_use = require("in_use", request.into()).when(Status::Suspended);
    let suspended = license().with(Status::Suspended);
    assert_eq!(prerequisites(&[&in_use], suspended, Goal::Manage), [(Some(request), vec![])]);
    let active = require("in_use", Action::Switch.into()).when(Status::Suspended);
    assert!(prerequisites(&[&active], suspended, Goal::Move).iter().all(|(_, of)| of.is_empty()));
}

/// A veto is an obstacle until it ends, and concerns no other action.
#[test]
fn custom_vetoes() {
    let from = "2026-01-01".parse().unwrap();
    let until = "2026-12-24".parse().unwrap();
    let veto = Rule::new("closed", Effect::Veto, Action::Switch, from).until(until);
    let facts = license().with(Relationship::Active);
    let found = plans(&facts.into(), Goal::Move, at("2026-11-27"), &with_rules([veto])).unwrap();
    let switch = found.plans.iter().find(|plan| plan.action == Some(Action::Switch)).unwrap();
    assert_eq!(switch.steps[0].kind, StepKind::Wait);
    assert_eq!(switch.steps[0].rules[0].id, "closed");
    assert_eq!(switch.steps[1].earliest, Some(at("2026-12-24")));
    let veto = Rule::new("never", Effect::Veto, Action::WaitUntilTermEnd, from);
    let open = facts.with(TermPhase::Cancellable);
    let found = plans(&open.into(), Goal::Move, at("2026-11-27"), &with_rules([veto])).unwrap();
    assert!(found.obstacles.iter().any(|of| of.rules.iter().any(|rule| rule.id == "never")));
}

/// Where only the purchase is closed, its rules are the obstacle.
#[test]
fn an_obstacle_to_the_purchase() {
    let open = license().with(Relationship::Active).with(TermPhase::Cancellable);
    for (facts, dates) in [(open, Some("2027-11-24")), (open.with(Service::License), None)] {
        let day = "2026-01-01".parse().unwrap();
        let veto = Rule::new("house", Effect::Veto, Action::WaitUntilTermEnd, day);
        let veto = if dates.is_some() { veto } else { veto.when(TermPhase::Ended) };
        let bought = "2026-11-25T09:00:00Z".parse().unwrap();
        let term = dates.map(|last| Term::new(bought, last.parse().unwrap()).unwrap());
        let subscription = Subscription::from(facts).with_term(term);
        let house = with_rules([veto]);
        let found = plans(&subscription, Goal::Move, at("2026-11-27"), &house).unwrap();
        for action in [Action::CancelThenMove, Action::WaitUntilTermEnd] {
            let obstacle = found.obstacles.iter().find(|obstacle| obstacle.action == action);
            let obstacle = obstacle.unwrap_or_else(|| panic!("{action}: {found:?}"));
            assert_eq!(obstacle.verdict, Verdict::Denied, "{action}");
            assert_eq!(obstacle.rules[0].id, "house", "{action}: {obstacle:?}");
            // As long as the subscription can be cancelled.
            if action == Action::CancelThenMove && dates.is_some() {
                assert_eq!(obstacle.until, Some("2026-12-02T09:00:00Z".parse().unwrap()));
            }
        }
    }
}

/// An indirect reseller's provider signs the form, and does what the new partner would.
#[test]
fn the_provider_signs_the_form() {
    let azure =
        license().with(Service::Azure).with(Partner::IndirectReseller).with(Relationship::Active);
    let found = plans(&azure.into(), Goal::Move, at("2020-06-10"), rulebook()).unwrap();
    let switch = found.plans.iter().find(|plan| plan.action == Some(Action::Switch)).unwrap();
    let [step] = &switch.steps[..] else { panic!("one step") };
    assert_eq!(step.actor, Actor::CurrentPartner);
    let actors: HashSet<_> =
        step.procedures[0].steps.iter().flat_map(|step| step.actors.clone()).collect();
    assert!(actors.contains(&Actor::IndirectProvider) && !actors.contains(&Actor::NewPartner));
}

/// A party acts only where it certainly does: the provider for a reseller, the administrator under an agreement.
#[test]
fn who_acts() {
    let agreement = license()
        .with(Service::AzurePlan)
        .with(Channel::EnterpriseAgreement)
        .with(Relationship::Active)
        .without(Fact::TermPhase)
        .without(Fact::AtTermEnd);
    let actors = |facts: Facts| -> Vec<Actor> {
        plan_of(Action::Switch, facts, []).steps.iter().map(|step| step.actor).collect()
    };
    assert_eq!(actors(agreement.without(Fact::Partner)), [Actor::NewPartner]);
    let pending = agreement.with(Partner::DirectBill).with(Transfer::Pending);
    assert_eq!(actors(pending), [Actor::Customer, Actor::NewPartner]);
    let held = pending.with(Channel::OtherCspPartner);
    assert_eq!(actors(held), [Actor::CurrentPartner, Actor::NewPartner]);
}

/// A purchase on the last day follows the documents and the rules of that day.
#[test]
fn a_purchase_by_the_rules_of_its_day() {
    let facts = license().with(Relationship::Active).with(AtTermEnd::End);
    let wait = |facts: Facts, ends_on: &str, from: &str, rules: Vec<Rule>| {
        let term = Term::ending(ends_on.parse().unwrap());
        let subscription = Subscription::from(facts).with_term(term);
        let found = plans(&subscription, Goal::Move, at(from), &with_rules(rules)).unwrap();
        let wait = |plan: &Plan| plan.action == Some(Action::WaitUntilTermEnd);
        found.plans.into_iter().find(wait).expect("a plan")
    };
    let bought = |plan: &Plan| {
        let is_purchase = |step: &&csp_multichannel_guidance::Step| step.kind == StepKind::Buy;
        plan.steps.iter().find(is_purchase).expect("a purchase").clone()
    };
    let check = Rule::new(
        "check",
        Effect::Require,
        Action::WaitUntilTermEnd,
        "2027-01-01".parse().unwrap(),
    )
    .with_requirement("credit_check");
    let plan = wait(facts, "2027-05-31", "2026-11-27", vec![check]);
    let required: Vec<&str> =
        plan.prerequisites.iter().map(|required| &*required.requirement).collect();
    assert!(required.contains(&"credit_check"), "{required:?}");

    // Users lost access 30 days after the last day, until 2026-05-04.
    let new = facts.with(Service::NewCommerceLicense);
    for (ends_on, days) in [("2026-08-31", false), ("2026-04-30", true)] {
        let buy = bought(&wait(new, ends_on, "2025-10-01", Vec::new()));
        let mut texts = buy.procedures.iter().flat_map(|procedure| &procedure.steps);
        assert_eq!(texts.any(|step| step.text.contains("30 days")), days, "{ends_on}");
    }
    for (ends_on, is_advised) in [("2018-02-28", true), ("2017-08-01", false)] {
        let old = facts.with(Service::License);
        let buy = bought(&wait(old, ends_on, "2017-05-01", Vec::new()));
        let advised = buy.advice.iter().any(|rule| rule.id == "buy-same-offer-first");
        assert_eq!(advised, is_advised, "{ends_on}: {:?}", buy.advice);
    }
}

/// A time that holds in one possible case only is not expected.
#[test]
fn no_time_without_a_certain_procedure() {
    let azure = license()
        .with(Service::Azure)
        .with(Relationship::Active)
        .without(Fact::TermPhase)
        .without(Fact::AtTermEnd);
    let expected = |facts: Facts| {
        let plan = plan_of(Action::Switch, facts, []);
        (plan.steps[0].takes.is_some(), plan.expected_by.is_some())
    };
    assert_eq!(expected(azure), (true, true));
    assert_eq!(expected(azure.with([Status::Active, Status::Suspended])), (false, false));
    assert_eq!(expected(azure.with([Cloud::Public, Cloud::UsGovernment])), (false, false));
}

/// Dates near the year 9999 cause no error.
#[test]
fn the_end_of_time() {
    let last = chrono::NaiveDate::from_ymd_opt(9999, 12, 31).unwrap();
    let plan = license().with(Service::AzurePlan).with(Relationship::Active);
    let dated = Subscription::from(license().with(Relationship::Active));
    for day in [last, chrono::NaiveDate::MAX] {
        let dated = dated.with_term(Term::ending(day));
        for from in [at("2026-11-27"), at("9999-12-31"), DateTime::<Utc>::MAX_UTC] {
            for subscription in [dated, plan.into()] {
                let found = plans(&subscription, Goal::Move, from, rulebook()).unwrap();
                let instants = found.plans.iter().flat_map(|plan| {
                    let of =
                        |step: &csp_multichannel_guidance::Step| [step.expected_by, step.deadline];
                    plan.steps.iter().flat_map(of).chain([plan.expected_by]).collect::<Vec<_>>()
                });
                if from < DateTime::<Utc>::MAX_UTC {
                    assert!(instants.flatten().all(|at| at.year() <= 9999));
                }
            }
        }
    }
}
