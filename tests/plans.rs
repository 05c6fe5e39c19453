//! Plans, held against brute force and the engine: every step, the shortest way, and what stands in the others.

#![cfg(feature = "std")]

mod arbitrary;
mod brute_force;
mod support;

use std::collections::{BTreeSet, HashMap};

use arbitrary::{some_case, some_instant};
use brute_force::{changed, reachable, reaches};
use chrono::{DateTime, Days, NaiveTime, TimeDelta, Utc};
use csp_multichannel::guidance::{Actor, Calendar, Deed, Goal, Means, Obstacle, Plan, Plans, Step};
use csp_multichannel::*;
use proptest::prelude::*;

fn book() -> &'static Rulebook {
    Rulebook::partner_center()
}

fn at(text: &str) -> DateTime<Utc> {
    parse_instant(text).expect("an instant")
}

const MOMENT: TimeDelta = TimeDelta::nanoseconds(1);

// Every step is allowed, none too early and none too late.

/// A plan with what its case is in each of its steps.
struct Followed<'p> {
    case: &'p Case,
    plan: &'p Plan<'static>,
    /// What the steps before each have changed.
    states: Vec<ValueSet>,
}

impl<'p> Followed<'p> {
    fn of(case: &'p Case, plan: &'p Plan<'static>) -> Self {
        let mut state = ValueSet::EMPTY;
        let mut states = Vec::new();
        for step in plan.steps() {
            states.push(state);
            if let Some(value) = step.deed().changes() {
                let kept: ValueSet = state.iter().filter(|other| other.fact() != value.fact()).collect();
                state = kept.union(value.into());
            }
        }
        Self { case, plan, states }
    }

    fn decision(&self, number: usize, at: DateTime<Utc>) -> Decision<'static> {
        decision_in(self.case, self.states[number], at)
    }

    /// Whether a step can be taken at an instant, after those before it.
    fn can(&self, number: usize, at: DateTime<Utc>) -> bool {
        let decision = self.decision(number, at);
        let facts = decision.facts();
        match self.plan.steps()[number].deed() {
            Deed::Act(action) => decision.verdict(action) == Verdict::Allowed,
            // As long as nothing but the term stands in the way of the move: not the policy of that day.
            Deed::Buy => {
                let of_term = |rule: &Rule| ["term-over", "cancellation-window-closed"].contains(&rule.id());
                let action = self.plan.action();
                let free = match decision.verdict(action) {
                    Verdict::Allowed => true,
                    Verdict::Denied => decision.rules(action).all(of_term),
                    _ => false,
                };
                let last = self.case.subscription.term().expect("a term").ends_on();
                let closes = (last + Days::new(31)).and_time(NaiveTime::MIN).and_utc();
                let in_time = action != Action::WaitUntilTermEnd || at < closes;
                facts.known() == Some(Relationship::Active) && free && in_time
            }
            Deed::Bring(value) if value == Relationship::Active.into() => {
                facts.known() == Some(Relationship::Requested)
            }
            Deed::Bring(value) => {
                Means::of(facts, value) != Means::None && facts.possible(value.fact()) != ValueSet::only(value)
            }
            _ => true,
        }
    }

    /// A step and all that come after it because of it.
    fn led_to(&self, number: usize) -> BTreeSet<usize> {
        let mut led_to = BTreeSet::from([number]);
        for (later, step) in self.plan.steps().iter().enumerate().skip(number) {
            if step.after().iter().any(|before| led_to.contains(before)) {
                led_to.insert(later);
            }
        }
        led_to
    }

    fn step(&self, number: usize) -> Result<(), TestCaseError> {
        let (plan, step) = (self.plan, &self.plan.steps()[number]);
        let (earliest, last) = (step.earliest(), step.latest().map(|latest| latest - MOMENT));
        prop_assert_eq!(step.state(), self.decision(number, earliest).facts());
        for at in [Some(earliest), last].into_iter().flatten() {
            prop_assert!(self.can(number, at), "{} at {:?} in {}", step, at, plan);
        }
        prop_assert!(last.is_none_or(|last| earliest <= last), "{}", plan);
        prop_assert!(step.after().iter().all(|&before| before < number), "{}", plan);

        // It cannot be taken earlier, or what comes before it cannot.
        let start = plan.steps()[0].earliest();
        let before = step.after().iter().map(|&before| &plan.steps()[before]);
        let follows_on =
            before.filter(|before| before.deed() != Deed::Wait).any(|before| before.earliest() == earliest);
        if earliest > start && !follows_on {
            prop_assert!(!self.can(number, earliest - MOMENT), "{} could come earlier in {}", step, plan);
        }

        // Nor later, or what comes after it cannot.
        if let Some(latest) = step.latest().filter(|_| step.deed() != Deed::Wait) {
            let too_late = |&later: &usize| !self.can(later, latest);
            prop_assert!(self.led_to(number).iter().any(too_late), "{} could come later in {}", step, plan);
        }

        // Each tells where it comes from.
        prop_assert!(!step.rules().is_empty() || !step.procedure().is_empty(), "{} has no source in {}", step, plan);
        for row in step.procedure() {
            prop_assert!(row.deed() == step.deed() && row.validity().covers(earliest.date_naive()));
            prop_assert!(row.condition().may_be_met(step.state()));
        }
        Ok(())
    }
}

fn follow(case: &Case, goal: Goal, from: DateTime<Utc>) -> Result<(), TestCaseError> {
    let plans = Plans::of(case, goal, from, book()).expect("an edition");
    let term = case.subscription.term();
    let start = term.map_or(from, |term| from.max(term.purchased_at()));
    for plan in plans.ways() {
        let followed = Followed::of(case, plan);
        prop_assert!(plan.steps().first().is_none_or(|first| first.earliest() >= start));
        prop_assert!(plan.steps().is_sorted_by_key(Step::earliest), "{}", plan);
        for number in 0..plan.steps().len() {
            followed.step(number)?;
        }
        let last = plan.steps().last().map(Step::deed);
        if goal == Goal::Move {
            prop_assert_eq!(last, Some(Deed::Act(plan.action())));
        } else if let Some(last) = last {
            prop_assert_eq!(last, Deed::Bring(Relationship::Active.into()));
        }
        // No step is idle: without it, some later one or the goal fails.
        let used: BTreeSet<usize> = plan.steps().iter().flat_map(|step| step.after().iter().copied()).collect();
        for (number, step) in plan.steps().iter().enumerate() {
            let reaches_goal = number + 1 == plan.steps().len() || step.deed() == Deed::Buy;
            prop_assert!(reaches_goal || used.contains(&number), "{} is idle in {}", step, plan);
        }
    }
    prop_assert!(plans.ways().is_sorted_by_key(|plan| (plan.done().is_none(), plan.done(), plan.steps().len())));

    let states = all_states(case, start);
    for action in goals(goal) {
        // The shortest of all sequences of steps.
        let plan = plans.ways().iter().find(|plan| plan.action() == action);
        let fewest = fewest_changes(case, action, &states);
        prop_assert_eq!(plan.is_some(), fewest.is_some(), "{} {}", action, plans);
        if let Some((plan, (instant, count))) = plan.zip(fewest) {
            let of_path = |step: &&Step<'_>| step.deed().changes().is_some();
            prop_assert_eq!(plan.steps().iter().filter(of_path).count(), count, "{}", plan);
            let reached = plan.steps().last().map_or(start, Step::earliest);
            prop_assert_eq!(reached, instant, "{}", plan);
            if action != Action::WaitUntilTermEnd {
                prop_assert_eq!(plan.done(), Some(instant));
            }
        }
        // The others are told until the end of time.
        let told: Vec<_> = plans.obstacles().iter().filter(|obstacle| obstacle.action() == action).collect();
        prop_assert_eq!(told.is_empty(), plan.is_some());
        if let (Some(first), Some(last)) = (told.first(), told.last()) {
            prop_assert_eq!((first.from(), last.until()), (start, None));
            prop_assert!(told.windows(2).all(|pair| pair[0].until() == Some(pair[1].from())));
        }
    }
    let states = if plans.obstacles().is_empty() { Vec::new() } else { reachable(case, start) };
    plans.obstacles().iter().try_for_each(|obstacle| stands_in_the_way(obstacle, &states))
}

fn goals(goal: Goal) -> Vec<Action> {
    match goal {
        Goal::Manage => vec![Action::RequestRelationship],
        Goal::Move => Action::MOVES.iter().collect(),
    }
}

/// The fewest changes that lead to each state, period by period: by trying all changes from all states, as long as that makes anything shorter.
fn all_states(case: &Case, start: DateTime<Utc>) -> Vec<(DateTime<Utc>, HashMap<ValueSet, usize>)> {
    let calendar = Calendar::of(case, book());
    let mut fewest = HashMap::from([(ValueSet::EMPTY, 0)]);
    let mut all = Vec::new();
    for period in calendar.periods().iter().filter(|period| period.until().is_none_or(|until| start < until)) {
        let at = period.from().max(start);
        loop {
            let before = fewest.clone();
            for (&state, &count) in &before {
                for value in one_step(&decision_in(case, state, at)) {
                    let kept: ValueSet = state.iter().filter(|other| other.fact() != value.fact()).collect();
                    let shorter = fewest.entry(kept.union(value.into())).or_insert(usize::MAX);
                    *shorter = (*shorter).min(count + 1);
                }
            }
            if fewest == before {
                break;
            }
        }
        all.push((at, fewest.clone()));
    }
    all
}

fn decision_in(case: &Case, state: ValueSet, at: DateTime<Utc>) -> Decision<'static> {
    let facts = changed(case.facts(at), state).expect("possible");
    book().edition_at(at).expect("an edition").decide(facts)
}

/// The first instant at which an action reaches its goal in some state, and the fewest changes that lead to one.
fn fewest_changes(
    case: &Case,
    action: Action,
    states: &[(DateTime<Utc>, HashMap<ValueSet, usize>)],
) -> Option<(DateTime<Utc>, usize)> {
    states.iter().find_map(|(at, states)| {
        let reached = states.iter().filter(|(state, _)| reaches(action, &decision_in(case, **state, *at)));
        Some((*at, reached.map(|(_, &count)| count).min()?))
    })
}

/// What somebody can change, as the procedures have it.
fn one_step(decision: &Decision<'_>) -> Vec<Value> {
    let facts = decision.facts();
    let is = |value: Value| facts.possible(value.fact()).single() == Some(value);
    let may_request = decision.verdict(Action::RequestRelationship) == Verdict::Allowed;
    let steps: [(bool, Value); 6] = [
        (is(Relationship::None.into()) && may_request, Relationship::Requested.into()),
        (is(Relationship::Requested.into()), Relationship::Active.into()),
        (facts.values().contains(AutoRenew::On.into()), AutoRenew::Off.into()),
        (is(Partner::IndirectReseller.into()), Partner::IndirectProvider.into()),
        (is(Status::Suspended.into()), Status::Active.into()),
        (is(Transfer::Pending.into()), Transfer::None.into()),
    ];
    steps.into_iter().filter(|(can, _)| *can).map(|(_, value)| value).collect()
}

/// What is told to stand in the way does, in some state that can be reached then, and in none does less; where only a relationship is missing, why.
fn stands_in_the_way(
    obstacle: &Obstacle<'_>,
    states: &[(DateTime<Utc>, Decision<'static>)],
) -> Result<(), TestCaseError> {
    let (action, verdict) = (obstacle.action(), obstacle.verdict());
    let told: Vec<&str> = obstacle.rules().iter().map(|rule| rule.id()).collect();
    let is_closed = |verdict| matches!(verdict, Verdict::Denied | Verdict::NotCovered);
    let is_open = |verdict| matches!(verdict, Verdict::Allowed | Verdict::Conditional);
    let mut is_found = false;
    for (_, decision) in states.iter().filter(|(at, _)| *at == obstacle.from()) {
        let of_state = decision.verdict(action);
        let rules = if is_closed(of_state) { decision.rules(action) } else { decision.requiring(action) };
        is_found |= of_state == verdict && rules.clone().map(Rule::id).eq(told.iter().copied());
        let does_less = is_closed(verdict) && (!is_closed(of_state) || rules.len() < told.len());
        prop_assert!(!does_less, "less than {} stands in the way of {}", obstacle, decision.facts());
    }
    prop_assert!(is_found, "{} is of no state", obstacle);
    if is_open(verdict) && action != Action::RequestRelationship {
        let is_known = !obstacle.turns_on().contains(Fact::Relationship);
        prop_assert_eq!(obstacle.relationship().is_some(), is_known, "{}", obstacle);
    }
    match obstacle.relationship() {
        Some(relationship) => {
            prop_assert!(is_open(verdict) && !is_open(relationship.verdict()), "{}", obstacle);
            prop_assert_eq!((relationship.from(), relationship.until()), (obstacle.from(), obstacle.until()));
            stands_in_the_way(relationship, states)
        }
        None => Ok(()),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn every_step_of_a_plan_is_allowed(case in some_case(), from in some_instant(), manage in any::<bool>()) {
        follow(&case, if manage { Goal::Manage } else { Goal::Move }, from)?;
    }
}

/// All cases with everything known.
fn known() -> Vec<Facts> {
    support::all_cases(&support::policy()).iter().map(support::facts).collect()
}

/// A case in the middle of 2018 with these facts, whose dates give its phase of the term.
fn case_of(facts: Facts) -> Case {
    macro_rules! told {
        ($record:expr; $( $with:ident )+) => { $record$( .$with(facts.known().expect("known")) )+ };
    }
    let subscription = told! {
        Subscription::new(facts.known::<Service>());
        with_channel with_cloud with_auto_renew with_status with_transfer
    };
    let engagement = told! { Engagement::new(); with_partner with_relationship with_customer with_market };
    let (purchased, ends, cancellation) = match facts.known().expect("known") {
        TermPhase::None => return Case::new("c", subscription, engagement),
        TermPhase::Cancellable => ("2018-01-01", "2019-12-31", Cancellation::Until(at("2018-12-24"))),
        TermPhase::Committed => ("2018-01-01", "2018-11-20", Cancellation::Never),
        _ => ("2017-01-01", "2018-01-31", Cancellation::Never),
    };
    let term = Term::new(at(purchased), ends.parse().expect("a day"), cancellation).expect("a term");
    Case::new("c", subscription.with_term(term).expect("a term"), engagement)
}

/// The same for known cases from everywhere in the space, with a term in each phase that dates can give.
#[test]
fn every_step_of_a_plan_is_allowed_over_the_space() {
    for (number, facts) in known().into_iter().enumerate() {
        let goal = if number % 5 == 0 { Goal::Manage } else { Goal::Move };
        let from = ["2016-12-01", "2018-08-31", "2018-09-15", "2022-06-01"][number % 4];
        if number % 7 == 0 {
            follow(&case_of(facts), goal, at(from)).expect("every step is allowed");
        }
    }
}

// Dates.

/// A license that another partner holds, and all is as it should be, but for what a test changes.
fn license(purchased: &str, ends: &str) -> (Subscription, Engagement) {
    let term = Term::new(at(purchased), ends.parse().expect("a day"), Cancellation::ByService).expect("a term");
    let subscription = Subscription::new(Service::License)
        .with_channel(Channel::OtherCspPartner)
        .with_cloud(Cloud::Public)
        .with_auto_renew(AutoRenew::On)
        .with_status(Status::Active)
        .with_transfer(Transfer::None)
        .with_term(term)
        .expect("a term");
    let engagement = Engagement::new()
        .with_partner(Partner::DirectBill)
        .with_relationship(Relationship::None)
        .with_customer(Customer::EndCustomer)
        .with_market(Market::Same);
    (subscription, engagement)
}

fn plans((subscription, engagement): (Subscription, Engagement), from: &str) -> Plans<'static> {
    Plans::of(&Case::new("c", subscription, engagement), Goal::Move, at(from), book()).expect("an edition")
}

/// The way by an action.
#[track_caller]
fn way(plans: &Plans<'static>, action: Action) -> Plan<'static> {
    plans.ways().iter().find(|plan| plan.action() == action).expect("a way").clone()
}

/// The step with a deed.
#[track_caller]
fn step(plan: &Plan<'static>, deed: &str) -> Step<'static> {
    plan.steps().iter().find(|step| step.deed().to_string() == deed).expect("a step").clone()
}

fn latest(plan: &Plan<'static>, deed: &str) -> Option<DateTime<Utc>> {
    step(plan, deed).latest()
}

/// Nobody needs a relationship to wait or to cancel: it has time until the successor is bought.
#[test]
fn the_relationship_has_as_much_time_as_buying() {
    let plans = plans(license("2018-03-01", "2019-02-28"), "2018-09-15");
    let wait = way(&plans, Action::WaitUntilTermEnd);
    for deed in ["request the relationship", "accept the relationship", "buy the same offer"] {
        assert_eq!(latest(&wait, deed), Some(at("2019-03-31")), "{deed}");
    }
    for deed in ["turn off auto-renew", "let the term end, and the subscription expire"] {
        assert_eq!(latest(&wait, deed), Some(at("2019-03-01")), "{deed}");
    }
    let cancel = way(&plans, Action::CancelThenMove);
    for deed in ["request the relationship", "accept the relationship", "buy the same offer"] {
        assert_eq!(latest(&cancel, deed), None, "{deed}");
    }
    assert_eq!(latest(&cancel, "cancel the old subscription"), Some(at("2019-03-01")));
    assert!(step(&cancel, "cancel the old subscription").after().is_empty());
}

/// As long as the request is allowed: not in another market from 2019-01-16 on (`request-other-market`).
#[test]
fn the_request_has_as_much_time_as_the_policy_gives_it() {
    let (subscription, engagement) = license("2018-03-01", "2019-02-28");
    let azure = Subscription::new(Service::Azure)
        .with_channel(Channel::OtherCspPartner)
        .with_cloud(Cloud::Public)
        .with_status(Status::Active);
    let elsewhere = plans((azure, engagement.with_market(Market::Other)), "2018-08-31");
    let switch = way(&elsewhere, Action::Switch);
    assert_eq!(latest(&switch, "request the relationship"), Some(at("2018-09-13")));
    let managed = Case::new("c", subscription, engagement.with_market(Market::Other));
    let managed = Plans::of(&managed, Goal::Manage, at("2018-08-31"), book()).expect("an edition");
    assert_eq!(latest(&managed.ways()[0], "request the relationship"), Some(at("2019-01-16")));
    assert_eq!(latest(&managed.ways()[0], "accept the relationship"), None);
}

/// Nothing is bought where the policy no longer applies (`germany-withdrawn`), nor from another market (`license-move-other-market`).
#[test]
fn buying_ends_where_the_policy_does() {
    let (subscription, engagement) = license("2018-03-01", "2018-11-15");
    let germany = plans((subscription.with_cloud(Cloud::Germany), engagement), "2018-09-15");
    for action in [Action::WaitUntilTermEnd, Action::CancelThenMove] {
        assert_eq!(latest(&way(&germany, action), "buy the same offer"), Some(at("2018-12-05")), "{action}");
        assert_eq!(latest(&way(&germany, action), "request the relationship"), Some(at("2018-12-05")), "{action}");
    }
    let (subscription, engagement) = license("2018-03-01", "2018-08-20");
    let market = plans((subscription, engagement.with_market(Market::Other)), "2018-08-01");
    for action in [Action::WaitUntilTermEnd, Action::CancelThenMove] {
        assert_eq!(latest(&way(&market, action), "buy the same offer"), Some(at("2018-08-31")), "{action}");
    }
}

/// Nothing can be done with what is not bought yet.
#[test]
fn plans_begin_with_the_purchase() {
    let plans = plans(license("2027-01-10T09:00:00Z", "2028-01-09"), "2026-11-24");
    assert_eq!(plans.ways().len(), 3);
    for plan in plans.ways() {
        assert!(plan.steps().iter().all(|step| step.earliest() == at("2027-01-10T09:00:00Z")), "{plan}");
    }
    assert_eq!(plans.obstacles()[0].from(), at("2027-01-10T09:00:00Z"));
    let before_first = license("2027-01-10T09:00:00Z", "2028-01-09");
    let case = Case::new("c", before_first.0, before_first.1);
    assert!(Plans::of(&case, Goal::Move, at("2016-11-30"), book()).is_err());
}

/// What lies after the year 9999 is no date that anybody could write.
#[test]
fn no_year_after_9999_is_written() {
    let plans = plans(license("2026-03-01", "9999-12-31"), "2026-11-24");
    let wait = way(&plans, Action::WaitUntilTermEnd);
    assert_eq!(
        (wait.done(), latest(&wait, "turn off auto-renew"), latest(&wait, "buy the same offer")),
        (None, None, None)
    );
    assert_eq!(plans.ways().last(), Some(&wait));
    let last_month = self::plans(license("2026-03-01", "9999-12-15"), "2026-11-24");
    let wait = way(&last_month, Action::WaitUntilTermEnd);
    assert_eq!((wait.done(), latest(&wait, "buy the same offer")), (Some(at("9999-12-16")), None));
    assert_eq!(latest(&wait, "turn off auto-renew"), Some(at("9999-12-16")));
}

/// What is written can be read again, and what could not be is refused.
#[cfg(feature = "serde")]
#[test]
fn instants_in_json_can_be_read() {
    let (subscription, engagement) = license("2026-03-01", "9999-12-31");
    let case = Case::new("c", subscription, engagement);
    let json = |rulebook: &Rulebook| {
        let plans = Plans::of(&case, Goal::Move, at("2026-11-24"), rulebook).expect("an edition");
        serde_json::to_string(&(plans, Calendar::of(&case, rulebook)))
    };
    let told = json(book()).expect("JSON");
    let instants = told.split('"').filter(|text| text.ends_with('Z') && text.contains("T0"));
    assert_eq!(instants.filter(|text| parse_instant(text).is_err()).collect::<Vec<_>>(), [""; 0]);
    let late = Rule::new("late", Effect::Advise, Action::Switch, chrono::NaiveDate::MAX);
    let rules: Vec<Rule> = book().rules().iter().cloned().chain([late]).collect();
    let error = json(&Rulebook::new(rules).expect("a rulebook")).expect_err("no year 9999");
    assert_eq!(error.to_string(), "an instant is out of range, expected a year of 0 to 9999");
}

/// What stands in the way of the relationship, where only that is missing: who asks in the Advisor program after 2024-06-19 gets no answer.
#[test]
fn without_a_relationship_it_is_told_why() {
    let (subscription, engagement) = license("2024-03-01", "2027-02-28");
    let advisor = (subscription.with_channel(Channel::Advisor), engagement);
    let of_wait = |plans: &Plans<'_>| {
        let of_wait = plans.obstacles().iter().find(|obstacle| obstacle.action() == Action::WaitUntilTermEnd);
        of_wait.expect("an obstacle").to_string()
    };
    let told = "wait_until_term_end allowed from 2026-11-24T00:00:00Z until 2027-03-01T00:00:00Z: without a relationship nothing can be bought; \
         request_relationship not_covered from 2026-11-24T00:00:00Z until 2027-03-01T00:00:00Z";
    assert_eq!(of_wait(&plans(advisor, "2026-11-24")), format!("{told}: the documents are silent"));
    // By a rule, where there is one.
    let since = "2025-01-01".parse().expect("a day");
    let house = Rule::new("no-requests", Effect::Forbid, Action::RequestRelationship, since);
    let rules: Vec<Rule> = book().rules().iter().cloned().chain([house]).collect();
    let rulebook = Rulebook::new(rules).expect("a rulebook");
    let case = Case::new("c", subscription, engagement);
    let forbidden = Plans::of(&case, Goal::Move, at("2026-11-24"), &rulebook).expect("an edition");
    assert_eq!(of_wait(&forbidden), format!("{}: no-requests", told.replace("not_covered", "denied")));
    // Who may have one already, has to say.
    let unknown = Subscription::new(Service::License).or(subscription).expect("a license");
    let asked = Engagement::new().with_customer(Customer::EndCustomer).with_market(Market::Same);
    let told = of_wait(&plans((unknown, asked), "2026-11-24"));
    assert!(told.ends_with(" until 2027-03-01T00:00:00Z: turns on relationship"), "{told}");
}

/// What a step waits for is named: the rules that go and come with an edition, or the phase of the term.
#[test]
fn what_is_waited_for() {
    let ids = |step: &Step<'_>| step.rules().iter().map(|rule| rule.id().to_owned()).collect::<Vec<_>>();
    let licenses = way(&plans(license("2018-03-01", "2025-02-28"), "2018-09-15"), Action::Switch);
    assert_eq!(ids(&step(&licenses, "wait")), ["license-no-switch", "license-switch"]);
    let (subscription, engagement) = license("2022-03-14T10:00:00Z", "2023-03-13");
    let window = Subscription::new(Service::NewCommerceLicense).or(subscription).expect("a license");
    let window = way(&plans((window, engagement), "2022-03-18"), Action::CancelThenMove);
    assert_eq!(ids(&step(&window, "wait")), ["cancellation-window-closed", "license-cancel"]);
    let text = "\
cancel_then_move, done from 2022-03-19T00:00:00Z on
  1. new_partner: request the relationship, from 2022-03-18T00:00:00Z
  2. customer: accept the relationship, from 2022-03-18T00:00:00Z, after 1
  3. new_partner: buy the same offer, from 2022-03-18T00:00:00Z, after 2
  4. time: wait, from 2022-03-18T00:00:00Z, before 2022-03-19T00:00:00Z
  5. current_partner: cancel the old subscription, from 2022-03-19T00:00:00Z, before 2022-03-21T10:00:00Z, after 4";
    assert_eq!(window.to_string(), text);
    // Meanwhile the successor can be bought.
    assert_eq!(step(&window, "buy the same offer").earliest(), at("2022-03-18"));
}

/// For an indirect reseller its provider buys.
#[test]
fn who_buys() {
    let (subscription, engagement) = license("2026-03-01", "2027-02-28");
    let buyer = |partner| {
        let plans = plans((subscription, engagement.with_partner(partner)), "2026-11-24");
        step(&way(&plans, Action::WaitUntilTermEnd), "buy the same offer").actor()
    };
    assert_eq!(buyer(Partner::DirectBill), Actor::NewPartner);
    assert_eq!(buyer(Partner::IndirectReseller), Actor::IndirectProvider);
}

/// Where only the phase of the term is known, and not its dates.
#[test]
fn plans_of_facts() {
    let (subscription, engagement) = license("2026-03-01", "2027-02-28");
    let facts = Case::new("c", subscription, engagement).facts(at("2026-11-24"));
    let plans = Plans::of_facts(facts, Goal::Move, at("2026-11-24"), book()).expect("an edition");
    let dated = self::plans((subscription, engagement), "2026-11-24");
    for plan in dated.ways() {
        let same = way(&plans, plan.action());
        let deeds = |plan: &Plan<'_>| plan.steps().iter().map(Step::deed).collect::<Vec<_>>();
        assert_eq!(deeds(&same), deeds(plan));
        assert!(same.steps().iter().all(|step| step.latest().is_none()));
    }
    assert_eq!(way(&plans, Action::WaitUntilTermEnd).done(), None);
    assert!(Plans::of_facts(facts, Goal::Move, at("2016-11-30"), book()).is_err());
    let first = Plans::of_facts(facts, Goal::Move, at("2018-09-15"), book()).expect("an edition");
    assert_eq!(way(&first, Action::Switch).done(), Some(at("2024-06-19")));
}

/// Only who buys the successor needs a relationship; what a rulebook permits without one is a way.
#[test]
fn a_way_without_a_relationship() {
    let from = "2026-01-01".parse().expect("a day");
    let moves = [Action::Switch, Action::WaitUntilTermEnd];
    let rulebook = Rulebook::new([Rule::new("anybody", Effect::Permit, Set::from(moves), from)]).expect("a rulebook");
    let facts = Facts::UNKNOWN.given(Relationship::None).expect("possible");
    let plans = Plans::of_facts(facts, Goal::Move, at("2026-11-24"), &rulebook).expect("an edition");
    let ways: Vec<_> = plans.ways().iter().map(|plan| (plan.action(), plan.steps().len())).collect();
    assert_eq!(ways, [(Action::Switch, 1)]);
    let text = "\
switch, done from 2026-11-24T00:00:00Z on
  1. new_partner: transfer the subscription, from 2026-11-24T00:00:00Z

recreate_and_cancel not_covered from 2026-11-24T00:00:00Z: the documents are silent
wait_until_term_end allowed from 2026-11-24T00:00:00Z: without a relationship nothing can be bought; \
                request_relationship not_covered from 2026-11-24T00:00:00Z: the documents are silent
cancel_then_move not_covered from 2026-11-24T00:00:00Z: the documents are silent";
    assert_eq!(plans.to_string(), text);
    assert_eq!([Goal::Move, Goal::Manage].map(|goal| goal.to_string()), ["move", "manage"]);
    assert!(plans.obstacles().iter().any(|obstacle| obstacle.action() == Action::WaitUntilTermEnd));
}

/// On the day on which an edition begins, the one before it is over.
#[test]
fn plans_on_the_edge_of_an_edition() {
    let bought = license("2018-03-01", "2025-02-28");
    let switch = |from| way(&plans(bought, from), Action::Switch).steps().iter().map(Step::deed).collect::<Vec<_>>();
    assert!(switch("2024-06-18T23:59:59.999999999Z").contains(&Deed::Wait));
    assert!(!switch("2024-06-19").contains(&Deed::Wait));
}

/// Each value that a step can bring has words of its own; any other is told as it is.
#[test]
fn deeds_in_words() {
    let words = |value: Value| Deed::Bring(value).to_string();
    assert_eq!(words(Transfer::None.into()), "end the open transfer");
    assert_eq!(words(Transfer::Pending.into()), "bring transfer to pending");
    assert_eq!(words(Channel::Open.into()), "bring channel to open");
}

/// Obstacles that differ in the relationship alone are two: until it can be had, and from then on.
#[test]
fn a_relationship_that_can_be_had_later() {
    let [begin, later] = ["2026-01-01", "2026-07-01"];
    let day = |text: &str| text.parse().expect("a day");
    let rules = [
        Rule::new("wait", Effect::Permit, Action::WaitUntilTermEnd, day(begin)),
        Rule::new("form", Effect::Require, Action::WaitUntilTermEnd, day(begin)).with_requirement("a_form"),
        Rule::new("request", Effect::Permit, Action::RequestRelationship, day(later)),
    ];
    let rulebook = Rulebook::new(rules).expect("a rulebook");
    let facts = Facts::UNKNOWN.given(Relationship::None).expect("possible");
    let plans = Plans::of_facts(facts, Goal::Move, at(begin), &rulebook).expect("an edition");
    let of_wait = plans.obstacles().iter().filter(|obstacle| obstacle.action() == Action::WaitUntilTermEnd);
    let spans: Vec<_> =
        of_wait.map(|obstacle| (obstacle.from(), obstacle.until(), obstacle.relationship().is_some())).collect();
    assert_eq!(spans, [(at(begin), Some(at(later)), true), (at(later), None, false)]);
}
