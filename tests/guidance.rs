//! Guidance, held against brute force: every answer, every change, every step.

#![cfg(feature = "std")]
#![allow(clippy::cast_precision_loss, reason = "of numbers of assignments, which are below 2^19")]

mod arbitrary;
mod brute_force;
mod support;

use std::collections::BTreeSet;

use arbitrary::{some_case, some_facts, some_instant};
use brute_force::{assignments, changed, many_conditions, smallest_changes, smallest_changes_in};
use chrono::{DateTime, TimeDelta, Utc};
use csp_multichannel::guidance::{
    Actor, Calendar, Counterfactual, Difference, Means, PossibleAnswer, Question, Shift, Weights,
};
use csp_multichannel::*;
use proptest::prelude::*;

fn book() -> &'static Rulebook {
    Rulebook::partner_center()
}

fn at(text: &str) -> DateTime<Utc> {
    parse_instant(text).expect("an instant")
}

fn edition(day: &str) -> Edition<'static> {
    book().edition_at(at(day)).expect("an edition")
}

/// All cases with everything known.
fn known() -> Vec<Facts> {
    support::all_cases(&support::policy()).iter().map(support::facts).collect()
}

fn some_edition() -> impl Strategy<Value = Edition<'static>> {
    (0..book().editions().len()).prop_map(|number| book().editions().nth(number).expect("an edition"))
}

fn some_actions() -> impl Strategy<Value = ActionSet> {
    (1..32_u8).prop_map(|bits| Action::ALL.iter().copied().filter(|&action| bits >> action as u8 & 1 == 1).collect())
}

fn undetermined(decision: &Decision<'_>, actions: ActionSet) -> ActionSet {
    decision.verdicts().actions_with(Verdict::Undetermined).intersection(actions)
}

// Questions.

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    /// Always answering the first question, in any way, settles all verdicts, after at most as many questions as the verdicts turn on facts.
    #[test]
    fn questions_end(edition in some_edition(), facts in some_facts(), actions in some_actions(), answers in proptest::array::uniform11(any::<prop::sample::Index>())) {
        let mut decision = edition.decide(facts);
        let most = actions.iter().fold(FactSet::EMPTY, |all, action| all.union(decision.depends_on(action))).len();
        let mut asked = 0;
        while let Some(question) = decision.questions(actions, &Weights::EVEN).first() {
            prop_assert!(!undetermined(&decision, actions).is_empty());
            let answer = answers[asked].get(question.answers());
            decision = edition.decide(decision.facts().given(answer.value()).expect("a possible answer"));
            prop_assert_eq!(decision.verdicts(), answer.verdicts());
            prop_assert_eq!(decision.facts().assignments(), answer.assignments());
            asked += 1;
        }
        prop_assert!(asked <= most, "{asked} questions, {most} facts");
        prop_assert!(undetermined(&decision, actions).is_empty());
    }

    /// What is expected to be left, by counting assignments; and the questions come in that order.
    #[test]
    fn questions_come_in_order(edition in some_edition(), facts in some_facts(), actions in some_actions(), weight in 0..5_u32, seed in any::<prop::sample::Index>()) {
        let facts = narrowed(facts, 2_000);
        let value = *seed.get(&facts.values().iter().collect::<Vec<_>>());
        let weights = Weights::EVEN.with(value, weight);
        let decision = edition.decide(facts);
        let questions = decision.questions(actions, &weights);
        let all = assignments(facts);
        prop_assert_eq!(all.len() as u64, facts.assignments());
        // An assignment weighs what its values weigh together.
        let weigh = |facts: Facts| -> f64 {
            Fact::ALL.iter().map(|&fact| f64::from(weights.of(facts.possible(fact).single().expect("known")))).product()
        };
        for question in &questions {
            let total: f64 = all.iter().map(|&facts| weigh(facts)).sum();
            let mut expected = 0.0;
            for answer in question.answers() {
                let with = |facts: &&Facts| facts.values().contains(answer.value());
                let mass: f64 = all.iter().filter(with).map(|&facts| weigh(facts)).sum();
                prop_assert_eq!(answer.assignments(), all.iter().filter(with).count() as u64);
                if total > 0.0 {
                    prop_assert!((answer.likelihood() - mass / total).abs() < 1e-9);
                }
                let open = undetermined(&edition.decide(facts.given(answer.value()).expect("possible")), actions);
                expected += answer.likelihood() * (answer.assignments() * open.len() as u64) as f64;
            }
            prop_assert!((question.expected_left() - expected).abs() < 1e-6 * expected.max(1.0));
        }
        prop_assert!(questions.is_sorted_by(|one, other| one.expected_left() <= other.expected_left()));
        let asked: FactSet = questions.iter().map(Question::fact).collect();
        let turns_on = actions.iter().fold(FactSet::EMPTY, |all, action| all.union(decision.depends_on(action)));
        prop_assert_eq!(asked, turns_on);
    }
}

/// The facts, with so many known that at most `most` assignments are left.
fn narrowed(mut facts: Facts, most: u64) -> Facts {
    for &fact in Fact::ALL {
        if facts.assignments() > most {
            let first = facts.possible(fact).iter().next().expect("a value");
            facts = facts.given(first).unwrap_or(facts);
        }
    }
    facts
}

#[test]
fn every_question_and_answer_has_its_wording() {
    let decision = edition("2026-11-24").decide(Facts::UNKNOWN);
    let questions = decision.questions(Set::all(), &Weights::EVEN);
    assert_eq!(questions.len(), Fact::ALL.len());
    let ids: BTreeSet<_> = questions.iter().map(Question::id).collect();
    let texts: BTreeSet<_> = questions.iter().map(Question::text).collect();
    assert_eq!((ids.len(), texts.len()), (11, 11));
    for question in &questions {
        assert_eq!(question.id(), format!("ask-{}", question.fact().as_str().replace('_', "-")));
        assert!(question.text().ends_with('?'));
        let meanings: BTreeSet<_> = question.answers().iter().map(|answer| answer.value().meaning()).collect();
        assert_eq!(meanings.len(), question.answers().len());
        assert!(!meanings.contains(""));
        let total: f64 = question.answers().iter().map(PossibleAnswer::likelihood).sum();
        assert!((total - 1.0).abs() < 1e-9);
    }
}

// Counterfactuals.

fn as_sets(found: &[Counterfactual]) -> BTreeSet<(Vec<Fact>, Vec<Vec<Value>>)> {
    let of = |one: &Counterfactual| {
        let ways: BTreeSet<Vec<Value>> = one.ways().iter().map(|way| way.values().iter().collect()).collect();
        (one.facts().iter().collect(), ways.into_iter().collect())
    };
    found.iter().map(of).collect()
}

/// All smallest sets, and none other, for cases from everywhere in the space.
#[test]
fn counterfactuals_are_those_of_brute_force() {
    let known = known();
    for day in ["2016-12-01", "2018-08-31", "2022-06-01", "2026-11-24"] {
        let edition = edition(day);
        for &action in Action::ALL {
            let allowed: Vec<Facts> = known
                .iter()
                .copied()
                .filter(|&facts| edition.decide(facts).verdict(action) == Verdict::Allowed)
                .collect();
            assert!(!allowed.is_empty());
            for &from in known.iter().step_by(9_973) {
                let decision = edition.decide(from);
                let found = decision.counterfactuals(action);
                if decision.verdict(action) == Verdict::Allowed {
                    assert_eq!(found, []);
                    continue;
                }
                assert_eq!(as_sets(&found), smallest_changes(from, &allowed), "{day} {action} {from}");
                assert!(found.is_sorted_by_key(|one| (!one.is_possible(), one.facts().len())));
                for one in &found {
                    assert!(one.ways().is_sorted_by_key(|way| !way.is_possible()));
                    for way in one.ways() {
                        let possible = one.facts().iter().all(|fact| {
                            let to = way.values().intersection(fact.values()).single().expect("a value");
                            Means::of(from, to) != Means::None
                        });
                        assert_eq!(way.is_possible(), possible);
                    }
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// With unknown facts: each way makes the action allowed, no set holds a smaller one that can, and none of one or two facts is missed.
    #[test]
    fn counterfactuals_with_unknown_facts(edition in some_edition(), facts in some_facts(), action in proptest::sample::select(Action::ALL)) {
        let decision = edition.decide(facts);
        let found = decision.counterfactuals(action);
        let allowed = |facts: Facts| edition.decide(facts).verdict(action) == Verdict::Allowed;
        prop_assert!(!allowed(facts) || found.is_empty());
        for one in &found {
            for way in one.ways() {
                let to = changed(facts, way.values());
                prop_assert!(to.is_some_and(allowed), "{one} {way:?}");
            }
            prop_assert!(!found.iter().any(|other| other.facts() != one.facts() && other.facts().is_subset(one.facts())));
        }
        if allowed(facts) {
            return Ok(());
        }
        let mut small = BTreeSet::new();
        let values: Vec<Value> = Facts::UNKNOWN.values().iter().filter(|value| facts.possible(value.fact()).single() != Some(*value)).collect();
        for &one in &values {
            for &other in &values {
                let both: ValueSet = [one, other].into_iter().collect();
                if one == other || one.fact() != other.fact() {
                    // Another service can bring another term; what that is, is free.
                    let service = both.iter().any(|value| value.fact() == Fact::Service);
                    let phases = if service { TermPhase::ALL.iter().map(|&phase| Some(phase)).chain([None]).collect() } else { vec![None] };
                    for phase in phases {
                        let with_phase = phase.map_or(both, |phase| both.union(phase.into()));
                        let brought = phase.is_some() && changed(facts, both).is_none();
                        if (phase.is_none() || brought) && changed(facts, with_phase).is_some_and(allowed) {
                            let set: FactSet = both.iter().map(Value::fact).collect();
                            small.insert(set.iter().collect::<Vec<_>>());
                        }
                    }
                }
            }
        }
        for set in small {
            let set: FactSet = set.into_iter().collect();
            prop_assert!(found.iter().any(|one| one.facts().is_subset(set)), "{set} is missed of {found:?}");
        }
    }
}

/// A rule that names service and term stands in the way only where both can be together.
#[test]
fn a_rule_that_no_case_meets_is_in_nobodys_way() {
    let from = "2016-12-01".parse().expect("a day");
    let forbid = Rule::new("forbid", Effect::Forbid, Action::Switch, from)
        .when(Set::from([Service::Azure, Service::License]))
        .when(TermPhase::Committed);
    let permit = Rule::new("permit", Effect::Permit, Action::Switch, from).when(Channel::Direct);
    let rulebook = Rulebook::new(vec![forbid, permit]).expect("a rulebook");
    let facts = Facts::UNKNOWN
        .given(Channel::Open)
        .and_then(|facts| facts.given(Set::from([Service::Azure, Service::AzureReservation])))
        .and_then(|facts| facts.given(Set::from([TermPhase::None, TermPhase::Committed])))
        .expect("possible");
    let found =
        rulebook.edition_at(at("2018-08-31")).expect("an edition").decide(facts).counterfactuals(Action::Switch);
    assert_eq!(found.iter().map(Counterfactual::facts).collect::<Vec<_>>(), [Fact::Channel.into()]);
}

// Calendars.

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    /// At every instant, and just before and at each change, the calendar has the decision of that instant.
    #[test]
    fn calendars_are_right_at_every_instant(case in some_case(), instants in prop::collection::vec(some_instant(), 20)) {
        let calendar = Calendar::of(&case, book());
        let decide = |at: DateTime<Utc>| book().edition_at(at).expect("an edition").decide(case.facts(at));
        let edges = calendar.periods().iter().skip(1).flat_map(|period| [period.from(), period.from() - TimeDelta::nanoseconds(1)]);
        for at in instants.into_iter().chain(edges) {
            let period = calendar.periods().iter().find(|period| period.contains(at)).expect("a period");
            prop_assert_eq!(period.decision(), decide(at));
            for &action in Action::ALL {
                let holding = calendar.holding(action, at).expect("a period");
                prop_assert_eq!(holding.decision().possible(action), decide(at).possible(action));
                // It begins and ends where the verdict does.
                if let Some(until) = holding.until() {
                    prop_assert!(decide(until).possible(action) != decide(at).possible(action));
                }
                if holding.from() > at_first() {
                    prop_assert!(decide(holding.from() - TimeDelta::nanoseconds(1)).possible(action) != decide(at).possible(action));
                }
            }
        }
        for period in calendar.periods() {
            let begins = |edition: Edition<'_>| edition.since().and_time(chrono::NaiveTime::MIN).and_utc() == period.from();
            prop_assert_eq!(period.begins_with_edition(), book().editions().any(begins));
        }
        let changes = calendar.changes();
        prop_assert!(changes.windows(2).all(|pair| pair[0].until() == Some(pair[1].from())));
        for pair in changes.windows(2) {
            let differs = |action: &Action| pair[0].decision().possible(*action) != pair[1].decision().possible(*action);
            prop_assert!(Action::ALL.iter().any(differs));
        }
        prop_assert_eq!(changes.last().and_then(guidance::Period::until), None);
    }
}

fn at_first() -> DateTime<Utc> {
    at("2016-12-01")
}

// Differences.

/// Over the whole space: every case whose verdict differs is in exactly one condition, with its verdicts, and no other case is.
#[track_caller]
fn is_a_partition(known: &[Facts], from: Edition<'_>, to: Edition<'_>) {
    let difference = Difference::between(from, to);
    let shifts = difference.cases();
    for &facts in known {
        let (before, after) = (from.decide(facts).verdicts(), to.decide(facts).verdicts());
        let mut touched = ActionSet::EMPTY;
        for &action in Action::ALL {
            let of_case =
                |shift: &&Shift| shift.action() == action && facts.values().is_subset(shift.condition().values());
            let mut of_case = shifts.iter().filter(of_case);
            let shift = of_case.next();
            assert_eq!(of_case.next(), None, "{facts} is told twice");
            let differs = before.verdict(action) != after.verdict(action);
            assert_eq!(shift.is_some(), differs, "{facts} {action}");
            if let Some(shift) = shift {
                assert_eq!((shift.before(), shift.after()), (before.verdict(action), after.verdict(action)));
                touched = touched.union(action.into());
            }
        }
        assert_eq!(difference.touched(facts), touched);
    }
    // No two can be joined: they differ in more than one fact.
    for (at, one) in shifts.iter().enumerate() {
        for other in &shifts[at + 1..] {
            if (one.action(), one.before(), one.after()) == (other.action(), other.before(), other.after()) {
                let differ = |fact: &&Fact| one.condition().admitted(**fact) != other.condition().admitted(**fact);
                assert!(Fact::ALL.iter().filter(differ).count() > 1, "{one} and {other} can be joined");
            }
        }
    }
}

#[test]
fn differences_between_all_editions_that_follow_each_other() {
    let known = known();
    let editions: Vec<_> = book().editions().collect();
    for pair in editions.windows(2) {
        is_a_partition(&known, pair[0], pair[1]);
    }
}

#[test]
fn differences_over_years() {
    let known = known();
    for (from, to) in [("2016-12-01", "2026-11-24"), ("2018-08-31", "2024-06-19"), ("2024-06-19", "2018-08-31")] {
        is_a_partition(&known, edition(from), edition(to));
    }
    assert_eq!(Difference::between(edition("2018-09-01"), edition("2018-08-31")).cases(), []);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    /// What is touched of unknown facts: whatever is touched of an assignment.
    #[test]
    fn what_is_touched(from in some_edition(), to in some_edition(), facts in some_facts()) {
        let facts = narrowed(facts, 2_000);
        let difference = Difference::between(from, to);
        let each = assignments(facts).into_iter().map(|facts| difference.touched(facts));
        prop_assert_eq!(difference.touched(facts), each.fold(ActionSet::EMPTY, ActionSet::union));
    }
}

#[test]
fn editions_say_what_begins_and_ends() {
    let mut begun = BTreeSet::new();
    for edition in book().editions() {
        let previous = edition.previous();
        assert_eq!(previous.and_then(Edition::until), previous.map(|_| edition.since()));
        let in_force = |edition: Option<Edition<'static>>| -> BTreeSet<&str> {
            edition.map_or_else(BTreeSet::new, |edition| edition.rules().map(Rule::id).collect())
        };
        let (before, now) = (in_force(previous), in_force(Some(edition)));
        assert!(edition.begun().map(Rule::id).eq(edition.rules().map(Rule::id).filter(|id| !before.contains(id))));
        let ended: BTreeSet<&str> = edition.ended().map(Rule::id).collect();
        assert_eq!(ended, before.difference(&now).copied().collect());
        assert!(edition.begun().count() + ended.len() > 0);
        begun.extend(edition.begun().map(Rule::id));
    }
    assert_eq!(begun.len(), book().rules().len());
}

// Who can change what.

/// In every state: the means of each value of each way are those of the state, and the way is possible where all of them are.
#[test]
fn every_change_names_who_can_make_it() {
    let known = known();
    for facts in known.into_iter().step_by(1_009) {
        let holder = match facts.known().expect("known") {
            Channel::Direct => Actor::Customer,
            Channel::ThisPartner => Actor::NewPartner,
            _ => Actor::CurrentPartner,
        };
        for value in Facts::UNKNOWN.values() {
            let from = facts.possible(value.fact()).single().expect("known");
            let means = Means::of(facts, value);
            let is_held = match value.fact() {
                Fact::AutoRenew => from != value,
                Fact::Status => from != value && ![from, value].contains(&Status::Deleted.into()),
                Fact::Transfer => from == Transfer::Pending.into() && from != value,
                _ => false,
            };
            let expected = match (value.fact(), from.as_str(), value.as_str()) {
                _ if is_held => Means::By(holder),
                (Fact::Relationship, "none", "requested") => Means::By(Actor::NewPartner),
                (Fact::Relationship, "none" | "requested", "active") => Means::By(Actor::Customer),
                (Fact::Partner, "indirect_reseller", "indirect_provider") => Means::By(Actor::IndirectProvider),
                (Fact::Term, "cancellable", "committed") | (Fact::Term, "cancellable" | "committed", "ended") => {
                    Means::By(Actor::Time)
                }
                _ => Means::None,
            };
            assert_eq!(means, expected, "{} {from} {value} where {facts}", value.fact());
        }
        for &action in Action::ALL {
            for way in edition("2026-11-24").decide(facts).counterfactuals(action).iter().flat_map(Counterfactual::ways)
            {
                assert!(way.changes().eq(way.values().iter().map(|value| (value, Means::of(facts, value)))));
                assert_eq!(way.is_possible(), way.changes().all(|(_, means)| means != Means::None));
            }
        }
    }
}

/// A fact that may have the value already has to be learned; of several values without it, each has to be one that can be changed.
#[test]
fn means_of_unknown_facts() {
    let of = |possible: ValueSet, to: Value| Means::of(Facts::UNKNOWN.given(possible).expect("possible"), to);
    let status = |statuses: &[Status]| statuses.iter().map(|&status| status.into()).collect();
    assert_eq!(of(status(&[Status::Active, Status::Deleted]), Status::Active.into()), Means::Learning);
    assert_eq!(of(status(&[Status::Suspended, Status::Deleted]), Status::Active.into()), Means::None);
    let relationship = Set::from([Relationship::None, Relationship::Requested]);
    assert_eq!(of(relationship.into(), Relationship::Active.into()), Means::By(Actor::Customer));
    // Who holds the subscription is not known either: the current partner, or without one the customer, by the actor's own meaning.
    assert_eq!(of(AutoRenew::On.into(), AutoRenew::Off.into()), Means::By(Actor::CurrentPartner));
}

#[test]
fn changes_in_words() {
    let means = [Means::By(Actor::Customer), Means::Learning, Means::None].map(|means| means.to_string());
    assert_eq!(means, ["customer", "learning", "none"]);
    let told = |facts: &[Value], action, day| -> Vec<String> {
        let facts = Facts::UNKNOWN.given(facts.iter().copied().collect::<ValueSet>()).expect("possible");
        edition(day).decide(facts).counterfactuals(action).iter().map(ToString::to_string).collect()
    };
    let of = |channel: Channel| {
        [
            channel.into(),
            Service::License.into(),
            Cloud::Public.into(),
            Partner::DirectBill.into(),
            Relationship::Active.into(),
            Customer::EndCustomer.into(),
            Market::Same.into(),
            TermPhase::Committed.into(),
            AutoRenew::On.into(),
            Status::Active.into(),
            Transfer::None.into(),
        ]
    };
    let wait = Action::WaitUntilTermEnd;
    assert_eq!(
        told(&of(Channel::Direct), wait, "2018-09-15"),
        ["wait_until_term_end would be allowed with auto_renew: off (by customer)"]
    );
    assert_eq!(
        told(&of(Channel::Open), wait, "2018-09-15"),
        ["wait_until_term_end would be allowed with auto_renew: off (by current_partner)"]
    );
    // Each value of each fact goes with each of the others.
    let software = [Channel::Open.into(), Service::Software.into(), TermPhase::Ended.into(), Cloud::Public.into()];
    assert_eq!(
        told(&software, Action::CancelThenMove, "2018-09-15")[0],
        "cancel_then_move would be allowed with service: license, new_commerce_license (by nobody); \
         customer: end_customer (to be learned); market: same (to be learned); term: cancellable (by nobody); \
         status: active, suspended (to be learned)"
    );
    // Values of one fact with other means are told apart, and a way that nobody can go says why not.
    let from = "2018-01-01".parse().expect("a day");
    let permit = |id: &'static str| Rule::new(id, Effect::Permit, Action::Switch, from);
    let decide = |rules: Vec<Rule>, facts: Facts| {
        let rulebook = Rulebook::new(rules).expect("a rulebook");
        let edition = rulebook.edition_at(at("2018-09-15")).expect("an edition");
        let found = edition.decide(facts).counterfactuals(Action::Switch);
        found.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let requested =
        permit("requested").when(Set::from([Relationship::Requested, Relationship::Active])).when(Cloud::Public);
    let none = Facts::UNKNOWN.given(Relationship::None).expect("possible");
    assert_eq!(
        decide(vec![requested.clone()], none),
        ["switch would be allowed with cloud: public (to be learned); relationship: requested (by new_partner), \
          active (by customer)"]
    );
    assert_eq!(
        decide(vec![requested], none.given(Cloud::Germany).expect("possible")),
        ["switch would be allowed with cloud: public (by nobody); relationship: requested (by new_partner), \
          active (by customer)"]
    );
    // One service brings a term of its own, the other does not: these values cannot be combined.
    let rules = [
        permit("plan").when(Service::AzurePlan),
        permit("license").when(Service::License).when(Set::from([TermPhase::Cancellable, TermPhase::Committed])),
    ];
    let azure = Facts::UNKNOWN.given(Service::Azure).expect("possible");
    assert_eq!(
        decide(rules.to_vec(), azure),
        [
            "switch would be allowed with service: license (by nobody); term: cancellable (by nobody), and in 2 other ways"
        ]
    );
    assert_eq!(
        decide(vec![rules[0].clone(), rules[1].clone().when(TermPhase::Cancellable)], azure),
        [
            "switch would be allowed with service: license (by nobody); term: cancellable (by nobody), and in another way"
        ]
    );
}

// Rulebooks of one's own.

/// A condition on some facts, each with the values at some positions.
fn some_condition(facts: &'static [Fact]) -> impl Strategy<Value = ValueSet> {
    prop::collection::vec((prop::sample::select(facts), any::<u16>()), 0..=facts.len()).prop_map(|named| {
        let admitted = |&(fact, bits): &(Fact, u16)| -> ValueSet {
            let values = fact.values().iter().enumerate();
            values.filter(|&(at, _)| bits >> at & 1 == 1).map(|(_, value)| value).collect()
        };
        named.iter().fold(ValueSet::EMPTY, |all, named| all.union(admitted(named)))
    })
}

/// Rules on switching that name some facts, of every effect that matters: from 2018 on, or from 2019.
fn some_rules(facts: &'static [Fact], most: usize) -> impl Strategy<Value = Vec<Rule>> {
    let effects = vec![Effect::Permit, Effect::Permit, Effect::Exclude, Effect::Forbid, Effect::Require];
    let rule = (prop::sample::select(effects), some_condition(facts), any::<bool>());
    prop::collection::vec(rule, 2..=most).prop_filter_map("a rulebook", |rules| {
        let rule = |(number, (effect, condition, later)): (usize, (Effect, ValueSet, bool))| {
            let from = if number > 0 && later { "2019-01-01" } else { "2018-01-01" };
            let rule = Rule::new(format!("rule-{number}"), effect, Action::Switch, from.parse().expect("a day"));
            let rule = rule.when(condition);
            if effect == Effect::Require { rule.with_requirement("something") } else { rule }
        };
        let rules: Vec<Rule> = rules.into_iter().enumerate().map(rule).collect();
        Rulebook::new(rules.clone()).is_ok().then_some(rules)
    })
}

const FOUR: &[Fact] = &[Fact::Service, Fact::Relationship, Fact::Term, Fact::Status];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Whatever the rules, and whatever is known: all smallest sets of changes with all ways, and none other.
    #[test]
    fn counterfactuals_by_any_rules(rules in some_rules(FOUR, 8), facts in some_facts(), anything in any::<bool>()) {
        let rulebook = Rulebook::new(rules).expect("a rulebook");
        let edition = rulebook.edition_at(at("2019-01-01")).expect("an edition");
        let facts = if anything { facts } else { narrowed(facts, 1) };
        let decision = edition.decide(facts);
        let found = decision.counterfactuals(Action::Switch);
        if decision.verdict(Action::Switch) == Verdict::Allowed {
            prop_assert_eq!(found, []);
        } else {
            let expected = smallest_changes_in(&decision, Action::Switch, FOUR.iter().copied().collect());
            prop_assert_eq!(as_sets(&found), expected, "{}", facts);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    /// The same where rules name any facts, from a case with everything known: by looking at every other case.
    #[test]
    fn counterfactuals_by_any_rules_on_all_facts(rules in some_rules(Fact::ALL, 12), facts in some_facts()) {
        let rulebook = Rulebook::new(rules).expect("a rulebook");
        let facts = narrowed(facts, 1);
        are_the_smallest_changes(&rulebook.edition_at(at("2019-01-01")).expect("an edition").decide(facts));
    }
}

#[track_caller]
fn are_the_smallest_changes(decision: &Decision<'_>) {
    let allows = |facts: &Facts| decision.edition().decide(*facts).verdict(Action::Switch) == Verdict::Allowed;
    let allowed: Vec<Facts> = known().into_iter().filter(allows).collect();
    let found = decision.counterfactuals(Action::Switch);
    if decision.verdict(Action::Switch) == Verdict::Allowed {
        assert_eq!(found, []);
    } else {
        assert_eq!(as_sets(&found), smallest_changes(decision.facts(), &allowed), "{}", decision.facts());
    }
}

/// Of the ways to change a fact, and of the facts to change, those that someone can come first, whatever their order in the policy's table.
#[test]
fn what_someone_can_change_comes_first() {
    let phases = Set::from([TermPhase::Cancellable, TermPhase::Ended]);
    let permit = |id| Rule::new(id, Effect::Permit, Action::Switch, "2020-01-01".parse().expect("a day"));
    let rulebook = Rulebook::new([permit("a").when(phases), permit("b").when(Channel::Open)]).expect("a rulebook");
    let facts = Facts::UNKNOWN.given(Service::License).and_then(|facts| facts.given(TermPhase::Committed));
    let facts = facts.and_then(|facts| facts.given(Channel::Direct));
    let decision = rulebook.editions().next().expect("one").decide(facts.expect("possible"));
    let found = decision.counterfactuals(Action::Switch);
    let ways: Vec<_> = found.iter().flat_map(Counterfactual::ways).collect();
    let ways: Vec<_> = ways.iter().map(|way| (way.values().to_string(), way.is_possible())).collect();
    let expected = [("ended", true), ("cancellable", false), ("open", false)];
    assert_eq!(ways, expected.map(|(value, is_possible)| (value.to_owned(), is_possible)));
}

/// Nine facts that all have to change: they are not tried in every order, which would take minutes.
#[test]
fn changes_of_nine_facts() {
    let nine: ValueSet = ValueSet::from_iter([
        Channel::Open.into(),
        Cloud::Public.into(),
        Partner::DirectBill.into(),
        Relationship::Active.into(),
        Customer::EndCustomer.into(),
        Market::Same.into(),
        AutoRenew::Off.into(),
        Status::Active.into(),
        Transfer::None.into(),
    ]);
    let of_nine = |values: ValueSet| nine.iter().map(move |value| value.fact().values().intersection(values));
    let others = of_nine(Facts::UNKNOWN.values().difference(nine)).fold(ValueSet::EMPTY, ValueSet::union);
    let wrong: ValueSet = of_nine(others).filter_map(|values| values.iter().next()).collect();
    // One way, and as many as there are other values.
    for (admitted, start, ways) in [(nine, wrong, 1), (others, nine, 9 * 3 * 2 * 2 * 2)] {
        let from = "2018-01-01".parse().expect("a day");
        let permit = Rule::new("permit", Effect::Permit, Action::Switch, from).when(admitted);
        let rulebook = Rulebook::new(vec![permit]).expect("a rulebook");
        let facts = Facts::UNKNOWN.given(start).and_then(|facts| facts.given(Service::Azure)).expect("possible");
        let decision = rulebook.edition_at(at("2018-09-15")).expect("an edition").decide(facts);
        are_the_smallest_changes(&decision);
        let found = decision.counterfactuals(Action::Switch);
        assert_eq!(found.iter().map(|one| (one.facts().len(), one.ways().len())).collect::<Vec<_>>(), [(9, ways)]);
    }
}

/// Hundreds of conditions: joining them is not tried pair by pair, over and over, which would take minutes.
#[test]
fn differences_of_many_conditions() {
    let rulebook = many_conditions();
    let [before, after] = ["2018-01-01", "2019-01-01"].map(|day| rulebook.edition_at(at(day)).expect("an edition"));
    let count = Difference::between(before, after).cases().len();
    assert!(count > 500, "{count}");
    is_a_partition(&known(), before, after);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]

    /// Rules that name any facts: the difference is complete and without overlap, and what is touched is told.
    #[test]
    fn differences_by_any_rules_on_all_facts(rules in some_rules(Fact::ALL, 16)) {
        let rulebook = Rulebook::new(rules).expect("a rulebook");
        let edition = |day| rulebook.edition_at(at(day)).expect("an edition");
        is_a_partition(&known(), edition("2018-01-01"), edition("2019-01-01"));
    }
}

/// Between rulebooks, a rule is the same where it has the same id and says the same, on whatever days.
#[test]
fn differences_between_rulebooks() {
    let day = "2026-11-24";
    let own = |rules: Vec<Rule>| Rulebook::new(rules).expect("a rulebook");
    let ids = |rules: Vec<&Rule>| rules.into_iter().map(|rule| rule.id().to_owned()).collect::<Vec<_>>();
    let all = || book().rules().iter().cloned();
    let ours = edition(day);

    let copy = own(all().collect());
    let difference = Difference::between(ours, copy.edition_at(at(day)).expect("an edition"));
    assert_eq!((difference.begun().count(), difference.ended().count()), (0, 0));
    assert_eq!(difference.cases(), []);

    // One more, one less, one that says something else under the same id, and one that ends later than now.
    let letter = Rule::new("letter", Effect::Require, Action::Switch, "2025-01-01".parse().expect("a day"))
        .when(Cloud::Public)
        .with_requirement("letter_of_release");
    let rules = all().filter(|rule| rule.id() != "transfer-pending").map(|rule| match rule.id() {
        "transfer-not-active" => {
            Rule::new("transfer-not-active", Effect::Forbid, Action::Switch, rule.validity().from())
                .when(Status::Deleted)
                .with_reason(rule.reason().to_owned())
        }
        "azure-switch" => rule.until("2030-01-01".parse().expect("a day")),
        _ => rule,
    });
    let overlay = own(rules.chain([letter]).collect());
    let theirs = overlay.edition_at(at(day)).expect("an edition");
    let difference = Difference::between(ours, theirs);
    assert_eq!(ids(difference.begun().collect()), ["transfer-not-active", "letter"]);
    assert_eq!(ids(difference.ended().collect()), ["transfer-not-active", "transfer-pending"]);
    assert!(difference.cases().iter().any(|shift| {
        (shift.before(), shift.after()) == (Verdict::Allowed, Verdict::Conditional)
            && shift.condition().admitted(Fact::Cloud) == Cloud::Public.into()
    }));
    let known = known();
    is_a_partition(&known, ours, theirs);
    is_a_partition(&known, theirs, ours);
    assert_eq!(Difference::between(theirs, ours).begun().collect::<Vec<_>>(), difference.ended().collect::<Vec<_>>());
}

/// Whatever else two rules of one id say differently, they are not the same.
#[test]
fn rules_that_are_the_same() {
    let day = |day: &str| day.parse().expect("a day");
    let new = |id: &'static str, effect, actions: ActionSet, from| Rule::new(id, effect, actions, day(from));
    let (switch, from) = (ActionSet::from(Action::Switch), "2018-01-01");
    let of = |rule: Rule| rule.when(Cloud::Public).with_source("MC", "multichannel.md").with_reason("so it is");
    let rule = of(new("rule", Effect::Require, switch, from).with_requirement("letter"));
    let is_the_same = |other: Rule| {
        let books = [rule.clone(), other].map(|rule| Rulebook::new(vec![rule]).expect("a rulebook"));
        let [one, other] = books.each_ref().map(|book| book.editions().next().expect("an edition"));
        let difference = Difference::between(one, other);
        assert_eq!(difference.begun().count(), difference.ended().count());
        difference.begun().count() == 0
    };
    assert!(is_the_same(rule.clone()));
    assert!(is_the_same(rule.clone().until(day("2030-01-01"))));
    assert!(is_the_same(of(new("rule", Effect::Require, switch, "2019-01-01").with_requirement("letter"))));
    for other in [
        of(new("other", Effect::Require, switch, from).with_requirement("letter")),
        of(new("rule", Effect::Forbid, switch, from)),
        of(new("rule", Effect::Require, switch, from).with_requirement("stamp")),
        of(new("rule", Effect::Require, Set::all(), from).with_requirement("letter")),
        rule.clone().when(Channel::Open),
        rule.clone().with_basis(Basis::Reported),
        rule.clone().with_source("RR", "request-a-relationship-with-a-customer.md"),
        rule.clone().with_reason("because"),
        rule.clone().with_origin("ours"),
    ] {
        assert!(!is_the_same(other.clone()), "{other:?}");
    }
}

// Editions and weights as text and as JSON.

/// The last edition has no end.
#[test]
fn the_last_edition_in_words() {
    let last = book().editions().next_back().expect("an edition");
    assert!(last.to_string().starts_with("edition of 2026-05-04\n+ advise extended-service-term: "), "{last}");
}

#[test]
fn an_answer_in_words() {
    let facts = Facts::UNKNOWN.given(Service::Software).expect("possible");
    let questions = edition("2018-09-15").decide(Facts::UNKNOWN).questions(Action::Switch, &Weights::EVEN);
    let service = questions.iter().find(|question| question.fact() == Fact::Service).expect("a question");
    let software = service.answers().iter().find(|answer| answer.value() == Service::Software.into());
    let software = software.expect("an answer");
    assert_eq!(software.verdicts(), edition("2018-09-15").decide(facts).verdicts());
    assert_eq!(
        software.to_string(),
        "software: request_relationship not_covered, recreate_and_cancel not_covered, switch not_covered, \
         wait_until_term_end not_covered, cancel_then_move not_covered"
    );
    assert!(service.to_string().ends_with("\n    software: switch not_covered\n    marketplace: switch not_covered"));
}

/// What is left open is named, unless it is everything.
#[test]
fn answers_that_leave_something_open() {
    let from = "2020-01-01".parse().expect("a day");
    let on = |id, action| Rule::new(id, Effect::Permit, action, from);
    let rulebook = Rulebook::new([
        on("a", Action::Switch).when(Channel::Open).when(Cloud::Public),
        on("b", Action::WaitUntilTermEnd).when(Cloud::Public).when(Channel::Open).when(Status::Active),
    ]);
    let rulebook = rulebook.expect("a rulebook");
    let decision = rulebook.editions().next().expect("one").decide(Facts::UNKNOWN);
    let told = |actions: ActionSet, fact: Fact| {
        let questions = decision.questions(actions, &Weights::EVEN);
        let question = questions.iter().find(|question| question.fact() == fact).expect("a question");
        question.to_string().lines().skip(1).map(|line| line.trim().to_owned()).collect::<Vec<_>>()
    };
    let both = Set::from([Action::Switch, Action::WaitUntilTermEnd]);
    let of_channel = told(both, Fact::Channel);
    assert!(of_channel.contains(&"open: nothing is settled yet".to_owned()), "{of_channel:?}");
    let known = decision.facts().given(Channel::Open).expect("possible");
    let questions = decision.edition().decide(known).questions(both, &Weights::EVEN);
    let cloud = questions.iter().find(|question| question.fact() == Fact::Cloud).expect("a question").to_string();
    assert!(cloud.contains("\n    public: switch allowed; wait_until_term_end not settled yet\n"), "{cloud}");
}

#[test]
fn a_difference_in_words() {
    let day = |text: &str| text.parse().expect("a day");
    let rules = [
        Rule::new("a", Effect::Permit, Action::Switch, day("2020-01-01")).with_reason("so it was"),
        Rule::new("b", Effect::Forbid, Action::Switch, day("2021-01-01"))
            .when(Channel::Open)
            .with_reason("no more")
            .with_source("P", "page.md"),
    ];
    let rulebook = Rulebook::new(rules).expect("a rulebook");
    let [from, to] = [0, 1].map(|number| rulebook.editions().nth(number).expect("an edition"));
    assert_eq!(
        Difference::between(from, to).to_string(),
        "from the edition of 2020-01-01 to that of 2021-01-01\n+ forbid b: no more (stated, page.md)\n\
         channel: open: switch was allowed, is denied"
    );
}

#[test]
fn a_period_in_words() {
    let calendar = Calendar::of_facts(Facts::UNKNOWN.given(Service::Software).expect("possible"), book());
    assert_eq!(
        calendar.periods()[0].to_string(),
        "2016-12-01T00:00:00Z edition: request_relationship not_covered, recreate_and_cancel not_covered, \
         switch not_covered, wait_until_term_end not_covered, cancel_then_move not_covered"
    );
}

#[test]
fn weights_in_words() {
    assert_eq!(Weights::EVEN.to_string(), "even");
    let weights = Weights::EVEN.with(Cloud::Public, 50).with(Channel::Open, 0).with(Cloud::China, 2);
    assert_eq!(weights.to_string(), "channel: open 0; cloud: public 50, china 2");
}

/// Where weights say nothing of a fact, it is named, and its answers are as likely as without weights.
#[test]
fn weights_that_say_nothing() {
    let statuses = Set::from([Status::Suspended, Status::Deleted]);
    let facts = Facts::UNKNOWN.given(statuses).and_then(|facts| facts.given(Channel::OtherCspPartner));
    let facts = facts.and_then(|facts| facts.given(Set::from([Service::License, Service::Azure]))).expect("possible");
    let weights = Weights::EVEN.with(Status::Suspended, 0).with(Status::Deleted, 0).with(TermPhase::None, 0);
    assert_eq!(weights.silent_on(facts), Fact::Status.into());
    let likelihoods = |weights: &Weights, fact: Fact| -> Vec<f64> {
        let questions = edition("2026-11-24").decide(facts).questions(Set::all(), weights);
        let question = questions.into_iter().find(|question| question.fact() == fact).expect("a question");
        question.answers().iter().map(PossibleAnswer::likelihood).collect()
    };
    assert_eq!(likelihoods(&weights, Fact::Status), [0.5, 0.5]);
    // A service weighs nothing where none of its phases does.
    assert_eq!(likelihoods(&weights, Fact::Service), [1.0, 0.0]);
    let nothing = weights.with(Service::License, 0);
    assert_eq!(nothing.silent_on(facts), [Fact::Service, Fact::Term, Fact::Status].into());
    assert_eq!(likelihoods(&nothing, Fact::Service), likelihoods(&Weights::EVEN, Fact::Service));
    // What is known is not asked for.
    assert!(weights.silent_on(facts.given(Status::Deleted).expect("possible")).is_empty());
}

#[cfg(feature = "serde")]
mod json {
    use serde_json::{from_value, json, to_value};

    use super::*;

    #[test]
    fn an_edition() {
        let edition = edition("2018-12-05");
        let rules = |rules: Vec<&Rule>| to_value(rules).expect("JSON");
        assert_eq!(
            to_value(edition).expect("JSON"),
            json!({
                "since": "2018-12-05", "until": "2019-01-16",
                "begun": rules(edition.begun().collect()), "ended": rules(edition.ended().collect()),
            })
        );
        let begun = &to_value(edition).expect("JSON")["begun"][0];
        for (field, value) in [
            ("id", json!("germany-withdrawn")),
            ("reason", json!("the page no longer applies to this cloud")),
            ("basis", json!("stated")),
            ("sources", json!([{"code": "MC", "page": "multichannel.md"}])),
        ] {
            assert_eq!(begun[field], value, "{begun}");
        }
        let last = to_value(book().editions().next_back()).expect("JSON");
        assert_eq!(last.get("until"), None);
    }

    #[test]
    fn changes() {
        let facts = Facts::UNKNOWN.given(Relationship::None).and_then(|facts| facts.given(AutoRenew::On));
        let means = |to: Value| to_value(Means::of(facts.expect("possible"), to)).expect("JSON");
        assert_eq!(means(Relationship::Active.into()), json!("customer"));
        assert_eq!(means(Cloud::Public.into()), json!("learning"));
        assert_eq!(means(AutoRenew::On.into()), json!("none"));
    }

    #[test]
    fn weights() {
        let weights = Weights::EVEN.with(Cloud::Public, 50).with(Relationship::None, 0).with(Transfer::None, 7);
        let record = json!({"cloud": {"public": 50}, "relationship": {"none": 0}, "transfer": {"none": 7}});
        assert_eq!(to_value(weights).expect("JSON"), record);
        assert_eq!(from_value::<Weights>(record).expect("weights"), weights);
        assert_eq!(from_value::<Weights>(json!({})).expect("weights"), Weights::EVEN);
        let error = |text: &str| serde_json::from_str::<Weights>(text).expect_err("an error").to_string();
        for (text, expected) in [
            (
                r#"{"cloud": {"sky": 1}}"#,
                "unknown cloud `sky`, expected one of `public`, `us_government`, `germany`, `china`",
            ),
            (r#"{"cloud": {"public": -1}}"#, "invalid value: integer `-1`, expected u32"),
            (r#"{"cloud": {"public": 1, "public": 2}}"#, "`public` is given twice, expected once"),
            (r#"{"market": {}, "market": {}}"#, "`market` is given twice, expected once"),
            (r#"{"market": 1}"#, "invalid type: integer `1`, expected an object"),
        ] {
            assert!(error(text).starts_with(expected), "{}", error(text));
        }
        assert!(error(r#"{"clouds": {}}"#).starts_with("unknown fact `clouds`, expected one of `channel`, "));
    }
}
