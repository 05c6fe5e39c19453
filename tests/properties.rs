//! Laws of the library, a property each.

#![cfg(all(feature = "std", feature = "serde"))]

mod rivals;
mod support;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use csp_multichannel::authoring::{Problem, ProblemKind};
use csp_multichannel::*;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use support::{outcome, policy, positions, values, verdict};

/// Of each fact some of its values: often one, often all.
fn possible() -> impl Strategy<Value = [u16; 11]> {
    std::array::from_fn(|fact| {
        let size = u16::try_from(Fact::ALL[fact].values().len()).expect("few values");
        let all = (1_u16 << size) - 1;
        prop_oneof![3 => (0..size).prop_map(|value| 1 << value), 1 => Just(all), 1 => 1..=all]
    })
}

/// Facts without contradiction.
fn facts() -> impl Strategy<Value = Facts> {
    possible().prop_filter_map("contradictory", |possible| Facts::UNKNOWN.given(values(&possible)).ok())
}

fn edition() -> impl Strategy<Value = Edition<'static>> {
    select(Rulebook::partner_center().editions().collect::<Vec<_>>())
}

/// One of the possible assignments of some facts.
fn assignment_of(facts: Facts, choices: &[prop::sample::Index; 11]) -> Facts {
    Fact::ALL.iter().zip(choices).fold(facts, |facts, (&fact, choice)| {
        let values: Vec<Value> = facts.possible(fact).iter().collect();
        facts.given(*choice.get(&values)).expect("every value left is part of a possible assignment")
    })
}

fn choices() -> impl Strategy<Value = [prop::sample::Index; 11]> {
    std::array::from_fn(|_| any::<prop::sample::Index>())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_facts_are_decided_as_by_the_reference(possible in possible(), edition in edition()) {
        thread_local!(static POLICY: support::reference::Policy = policy());
        POLICY.with(|policy| {
            let expected = policy.evaluate_unknown(&policy.in_force(&edition.since().to_string()), &possible);
            let found = Facts::UNKNOWN.given(values(&possible)).map(|facts| edition.decide(facts));
            prop_assert_eq!(expected.is_none(), found.is_err());
            let (Some(expected), Ok(found)) = (expected, found) else { return Ok(()) };
            for (&action, expected) in Action::ALL.iter().zip(expected) {
                prop_assert_eq!(outcome(edition.rulebook(), &found, action), expected.outcome);
                prop_assert_eq!(positions(found.depends_on(action)), expected.depends_on);
                if !expected.possible.is_empty() {
                    prop_assert_eq!(found.possible(action).iter().map(verdict).collect::<Vec<_>>(), expected.possible);
                }
            }
            Ok(())
        })?;
    }

    #[test]
    fn what_becomes_known_changes_no_verdict_that_was_determined(
        facts in facts(), choices in choices(), edition in edition(),
    ) {
        let (before, after) = (edition.decide(facts), edition.decide(assignment_of(facts, &choices)));
        for &action in Action::ALL {
            prop_assert!(before.possible(action).contains(after.verdict(action)));
            if before.verdict(action) != Verdict::Undetermined {
                prop_assert_eq!(before.verdict(action), after.verdict(action));
                let after: Vec<_> = after.rules(action).chain(after.requiring(action)).chain(after.advice(action)).collect();
                let mut before = before.rules(action).chain(before.requiring(action)).chain(before.advice(action));
                prop_assert!(before.all(|rule| after.contains(&rule)));
            }
        }
    }

    #[test]
    fn a_fact_that_it_does_not_turn_on_can_be_anything(facts in facts(), choices in choices(), edition in edition()) {
        let known = assignment_of(facts, &choices);
        for &action in Action::ALL {
            let turns_on = edition.decide(facts).depends_on(action);
            // All that matters is known, all else is as it was.
            let settled = turns_on.iter().fold(facts, |settled, fact| {
                settled.given(known.possible(fact)).expect("less than an assignment")
            });
            let verdict = edition.decide(settled).verdict(action);
            if !turns_on.contains(Fact::Service) || settled.possible(Fact::Term).len() == 1 {
                prop_assert_eq!(verdict, edition.decide(known).verdict(action));
            }
        }
    }

    #[test]
    fn no_licence_is_switched_before_2024_06_19(facts in facts(), edition in edition()) {
        let licence = facts.given(Set::from([Service::License, Service::NewCommerceLicense]));
        let first = NaiveDate::from_ymd_opt(2024, 6, 19).expect("a day");
        if let (Ok(facts), true) = (licence, edition.since() < first) {
            let possible = edition.decide(facts).possible(Action::Switch);
            prop_assert!(!possible.contains(Verdict::Allowed) && !possible.contains(Verdict::Conditional));
        }
    }

    #[test]
    fn nothing_is_open_for_what_was_bought_from_the_asking_partner(facts in facts(), edition in edition()) {
        if let Ok(facts) = facts.given(Channel::ThisPartner) {
            let decision = edition.decide(facts);
            prop_assert!(Action::ALL.iter().all(|&action| decision.verdict(action) == Verdict::NotCovered));
            prop_assert!(decision.open().is_empty());
        }
    }

    #[test]
    fn actions_are_found_by_their_verdict(facts in facts(), edition in edition()) {
        let decision = edition.decide(facts);
        for &action in Action::ALL {
            let verdict = decision.verdict(action);
            for &other in Verdict::ALL {
                prop_assert_eq!(decision.verdicts().actions_with(other).contains(action), other == verdict);
            }
            prop_assert_eq!(decision.allowed().contains(action), verdict == Verdict::Allowed);
            let open = [Verdict::Allowed, Verdict::Conditional].contains(&verdict);
            prop_assert_eq!(decision.open().contains(action), open);
        }
    }

    #[test]
    fn advice_changes_no_verdict(facts in facts(), edition in edition()) {
        thread_local!(static WITHOUT: Rulebook = {
            let rules = Rulebook::partner_center().rules().iter();
            Rulebook::new(rules.filter(|rule| rule.effect() != Effect::Advise).cloned().collect::<Vec<_>>()).expect("rules")
        });
        WITHOUT.with(|without| {
            let at = edition.since().and_time(chrono::NaiveTime::MIN).and_utc();
            let without = without.edition_at(at).expect("an edition").decide(facts);
            prop_assert_eq!(without.verdicts(), edition.decide(facts).verdicts());
            Ok(())
        })?;
    }

    #[test]
    fn learning_in_any_order_leads_to_the_same_facts(possible in possible(), order in Just(Fact::ALL.to_vec()).prop_shuffle()) {
        let values = values(&possible);
        let at_once = Facts::UNKNOWN.given(values);
        let one_by_one = order.iter().try_fold(Facts::UNKNOWN, |facts, fact| facts.given(values.intersection(fact.values())));
        prop_assert_eq!(at_once.ok(), one_by_one.ok());
    }

    #[test]
    fn cases_survive_json(case in case()) {
        let json = serde_json::to_string(&case).expect("JSON");
        prop_assert_eq!(serde_json::from_str::<Case>(&json).expect("a case"), case.clone());
        let subscription = serde_json::to_string(&case.subscription).expect("JSON");
        prop_assert_eq!(serde_json::from_str::<Subscription>(&subscription).expect("one"), case.subscription);
        let engagement = serde_json::to_string(&case.engagement).expect("JSON");
        prop_assert_eq!(serde_json::from_str::<Engagement>(&engagement).expect("one"), case.engagement);
    }

    #[test]
    fn decisions_survive_json(case in case(), as_of in instant_in(2016..=2030)) {
        let Ok(decision) = decide(&case.subscription, &case.engagement, as_of) else { return Ok(()) };
        let answer = Answer { id: &case.id, as_of, decision };
        let json = serde_json::to_string(&answer).expect("JSON");
        let record: DecisionRecord = serde_json::from_str(&json).expect("a record");
        prop_assert_eq!(&record, &answer.into());
        prop_assert_eq!(serde_json::to_string(&record).expect("JSON"), json);
    }

    #[test]
    fn every_decision_prints_within_a_hundred_columns(facts in facts(), edition in edition()) {
        let text = edition.decide(facts).to_string();
        prop_assert!(text.lines().all(|line| line.chars().count() <= 100), "{}", text);
    }

    #[test]
    fn no_text_makes_a_parser_panic(text in any::<String>()) {
        let _ = parse_instant(&text);
        let _ = (text.parse::<Action>(), text.parse::<Channel>(), text.parse::<Verdict>());
        let _ = Case::read(&mut serde_json::Deserializer::from_str(&text));
        prop_assert!(text.parse::<Fact>().is_ok() || text.parse::<Fact>().unwrap_err().to_string().contains("expected"));
    }

    #[test]
    fn no_damaged_record_makes_the_reader_panic(case in case(), at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<bool>()) {
        let mut json = serde_json::to_vec(&case).expect("JSON");
        let at = at.index(json.len());
        if cut { json.truncate(at) } else { json[at] = byte }
        let _ = Case::read(&mut serde_json::Deserializer::from_slice(&json));
    }

    #[test]
    fn rulebooks_of_ones_own_decide_as_rule_after_rule(rules in rules(), facts in facts(), choices in choices()) {
        prop_assume!(!rules.is_empty());
        let rulebook = match Rulebook::new(rules.clone()) {
            Ok(rulebook) => rulebook,
            Err(error) => {
                let [ProblemKind::TooManyInForce { day, in_force }] = error.problems().iter().map(Problem::kind).collect::<Vec<_>>()[..]
                else {
                    return Err(TestCaseError::fail(error.to_string()));
                };
                prop_assert!(*in_force > 128);
                prop_assert_eq!(rules.iter().filter(|rule| rule.validity().covers(*day)).count(), *in_force);
                return Ok(());
            }
        };
        let known = assignment_of(facts, &choices);
        for edition in rulebook.editions() {
            let in_force: Vec<&str> = edition.rules().map(Rule::id).collect();
            let expected = rules.iter().filter(|rule| rule.validity().covers(edition.since())).map(Rule::id);
            prop_assert!(in_force.iter().copied().eq(expected));

            let decision = edition.decide(known);
            let (verdicts, firing) = rivals::Scan::new(edition).decide(&rivals::words(known));
            prop_assert!(decision.verdicts().iter().map(|(_, verdict)| verdict).eq(verdicts));
            for &action in Action::ALL {
                let advice = firing.iter().filter(|rule| rule.effect() == Effect::Advise && rule.actions().contains(action));
                if decision.open().contains(action) {
                    prop_assert!(decision.advice(action).eq(advice.copied()));
                }
            }
            // What is unknown: the verdict of the known case is among those that are possible.
            let unknown = edition.decide(facts);
            prop_assert!(Action::ALL.iter().all(|&action| unknown.possible(action).contains(decision.verdict(action))));
        }
    }
}

fn instant_in(years: std::ops::RangeInclusive<i32>) -> impl Strategy<Value = DateTime<Utc>> {
    let day = |year, month| {
        NaiveDate::from_ymd_opt(year, month, 1).expect("a day").and_time(chrono::NaiveTime::MIN).and_utc()
    };
    let (from, to) = (day(*years.start(), 1).timestamp(), day(*years.end(), 12).timestamp());
    let nanoseconds = prop_oneof![Just(0), Just(250_000_000), 0..1_000_000_000_u32];
    (from..to, nanoseconds)
        .prop_map(|(seconds, nanoseconds)| DateTime::from_timestamp(seconds, nanoseconds).expect("in range"))
}

prop_compose! {
    fn term()(
        purchased_at in instant_in(0..=9900),
        days in 0..2000_i64,
        until in prop::option::of(prop::option::of(instant_in(0..=9999))),
    ) -> Term {
        let cancellation = match until {
            None => Cancellation::ByService,
            Some(None) => Cancellation::Never,
            Some(Some(until)) => Cancellation::Until(until),
        };
        Term::new(purchased_at, purchased_at.date_naive() + TimeDelta::days(days), cancellation).expect("a term")
    }
}

fn known<T: Member + std::fmt::Debug>() -> impl Strategy<Value = Option<T>> {
    prop::option::of(select(T::MEMBERS))
}

prop_compose! {
    fn case()(
        id in any::<String>(),
        words in (known(), known::<Service>(), known(), known(), known(), known(), known(), known(), known(), known()),
        term in prop::option::of(term()),
    ) -> Case {
        let (channel, service, cloud, auto_renew, status, transfer, partner, relationship, customer, market) = words;
        let mut subscription = Subscription::new(service);
        subscription = channel.map_or(subscription, |word| subscription.with_channel(word));
        subscription = cloud.map_or(subscription, |word| subscription.with_cloud(word));
        subscription = auto_renew.map_or(subscription, |word| subscription.with_auto_renew(word));
        subscription = status.map_or(subscription, |word| subscription.with_status(word));
        subscription = transfer.map_or(subscription, |word| subscription.with_transfer(word));
        subscription = term.and_then(|term| subscription.with_term(term).ok()).unwrap_or(subscription);
        let mut engagement = Engagement::new();
        engagement = partner.map_or(engagement, |word| engagement.with_partner(word));
        engagement = relationship.map_or(engagement, |word| engagement.with_relationship(word));
        engagement = customer.map_or(engagement, |word| engagement.with_customer(word));
        engagement = market.map_or(engagement, |word| engagement.with_market(word));
        Case::new(id, subscription, engagement)
    }
}

/// Rules over a few years, so many that their rulebook needs several indexes, or has too many in force at once.
fn rules() -> impl Strategy<Value = Vec<Rule>> {
    let day = |days: i64| NaiveDate::from_ymd_opt(2020, 1, 1).expect("a day") + TimeDelta::days(days);
    let actions = subsequence(Action::ALL.to_vec(), 1..=5).prop_map(ActionSet::from_iter);
    let condition = (possible(), subsequence(Fact::ALL.to_vec(), 0..=3)).prop_map(|(possible, named)| {
        let values = values(&possible);
        named.into_iter().map(|fact| values.intersection(fact.values())).fold(ValueSet::EMPTY, ValueSet::union)
    });
    let dates = (0..40_i64, 1..12_i64);
    let rule = (select(Effect::ALL), actions, condition, dates);
    prop::collection::vec(rule, 1..400).prop_map(move |rows| {
        let rule = |(number, (effect, actions, condition, (from, length))): (
            usize,
            (Effect, ActionSet, ValueSet, (i64, i64)),
        )| {
            let rule =
                Rule::new(format!("r-{number}"), effect, actions, day(from)).when(condition).until(day(from + length));
            if effect == Effect::Require { rule.with_requirement(format!("q-{}", number % 3)) } else { rule }
        };
        let can_fire = |rule: &Rule| Rulebook::new(vec![rule.clone()]).is_ok();
        rows.into_iter().enumerate().map(rule).filter(can_fire).collect()
    })
}

/// The possible assignments of some facts.
fn assignments(facts: Facts) -> Vec<Facts> {
    let mut all = vec![facts];
    for &fact in Fact::ALL {
        all = all
            .into_iter()
            .flat_map(|facts| facts.possible(fact).iter().filter_map(move |value| facts.given(value).ok()))
            .collect();
    }
    all
}

/// Few rules over few facts, service and term often among them, so that all assignments can be gone through.
fn small_rulebook() -> impl Strategy<Value = Rulebook> {
    let day = NaiveDate::from_ymd_opt(2020, 1, 1).expect("a day");
    let facts = vec![Fact::Service, Fact::Term, Fact::Term, Fact::Service, Fact::Market, Fact::Relationship];
    let actions = subsequence(Action::ALL.to_vec(), 1..=5).prop_map(ActionSet::from_iter);
    let rule = (select(Effect::ALL), actions, possible(), subsequence(facts, 0..=3), 0..2);
    prop::collection::vec(rule, 1..12).prop_filter_map("a rule that never fires", move |rows| {
        let rules = rows.into_iter().enumerate().map(|(number, (effect, actions, possible, named, requirement))| {
            let values = values(&possible);
            let named = named.into_iter().map(|fact| values.intersection(fact.values()));
            let rule = Rule::new(format!("r-{number}"), effect, actions, day)
                .when(named.fold(ValueSet::EMPTY, ValueSet::union));
            if effect == Effect::Require { rule.with_requirement(format!("q-{requirement}")) } else { rule }
        });
        Rulebook::new(rules.collect::<Vec<_>>()).ok()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    /// What holds of all possible assignments, found by going through them one by one.
    #[test]
    fn rulebooks_of_ones_own_decide_unknown_facts_by_the_definition(
        rulebook in small_rulebook(), possible in possible(), choices in choices(),
    ) {
        // All that the rules do not turn on is known.
        let open = [Fact::Service, Fact::Term, Fact::Market, Fact::Relationship];
        let Ok(facts) = Facts::UNKNOWN.given(values(&possible)) else { return Ok(()) };
        let some = assignment_of(facts, &choices);
        let kept = Fact::ALL.iter().filter(|fact| !open.contains(fact)).map(|&fact| some.possible(fact));
        let facts = facts.given(kept.fold(ValueSet::EMPTY, ValueSet::union)).expect("part of an assignment");

        let edition = rulebook.editions().next().expect("an edition");
        let decision = edition.decide(facts);
        let known: Vec<Decision<'_>> = assignments(facts).into_iter().map(|facts| edition.decide(facts)).collect();
        for &action in Action::ALL {
            let verdicts: Set<Verdict> = known.iter().map(|known| known.verdict(action)).collect();
            prop_assert_eq!(decision.possible(action), verdicts);

            let differing = known.iter().flat_map(|one| known.iter().map(move |other| (one, other)));
            let differing = differing.filter(|(one, other)| one.verdict(action) != other.verdict(action));
            let turns_on: FactSet = differing.filter_map(|(one, other)| differ_in(one.facts(), other.facts())).collect();
            prop_assert_eq!(decision.depends_on(action), turns_on);

            let in_all = |of: &dyn Fn(&Decision<'_>) -> Vec<String>| {
                let mut common = of(&known[0]);
                for known in &known[1..] {
                    let found = of(known);
                    common.retain(|id| found.contains(id));
                }
                if verdicts.len() == 1 { common } else { Vec::new() }
            };
            let ids = |rules: Rules<'_>| rules.map(|rule| rule.id().to_owned()).collect::<Vec<_>>();
            prop_assert_eq!(ids(decision.rules(action)), in_all(&|known| ids(known.rules(action))));
            prop_assert_eq!(ids(decision.advice(action)), in_all(&|known| ids(known.advice(action))));
            prop_assert_eq!(ids(decision.requiring(action)), in_all(&|known| ids(known.requiring(action))));
            let sorted = |mut names: Vec<String>| { names.sort(); names };
            let requirements = decision.requirements(action).map(str::to_owned).collect();
            let expected = in_all(&|known| known.requirements(action).map(str::to_owned).collect());
            prop_assert_eq!(sorted(requirements), sorted(expected));
        }
    }
}

/// The fact that two assignments differ in alone; service where they differ in the term as well, by force.
fn differ_in(one: Facts, other: Facts) -> Option<Fact> {
    let differing: Vec<Fact> =
        Fact::ALL.iter().copied().filter(|&fact| one.possible(fact) != other.possible(fact)).collect();
    let usage_based = |facts: Facts| facts.known().is_some_and(Service::is_usage_based);
    match differing[..] {
        [fact] => Some(fact),
        [Fact::Service, Fact::Term] if usage_based(one) != usage_based(other) => Some(Fact::Service),
        _ => None,
    }
}

/// Of as many rules as fit, the last has its say as the first has, one by one and compiled.
#[test]
fn each_rule_of_a_full_rulebook() {
    let day = NaiveDate::from_ymd_opt(2020, 1, 1).expect("a day");
    let moves = [Action::Switch, Action::WaitUntilTermEnd, Action::CancelThenMove];
    let places = moves.iter().flat_map(|&action| {
        let of_action = |&channel| Cloud::ALL.iter().map(move |&cloud| (action, channel, cloud));
        Channel::ALL.iter().flat_map(of_action).collect::<Vec<_>>()
    });
    let places: Vec<(Action, Channel, Cloud)> = places.collect();
    assert_eq!(places.len(), 120);
    let rules = places.iter().enumerate().map(|(number, &(action, channel, cloud))| {
        Rule::new(format!("r-{number}"), Effect::Forbid, action, day).when(channel).when(cloud)
    });
    let rulebook = Rulebook::new(rules.collect::<Vec<_>>()).expect("rules");
    let edition = rulebook.editions().next().expect("one");
    let compiled = edition.compile();
    for case in Assignment::all().step_by(101) {
        let facts = Facts::from(case);
        let decision = edition.decide(facts);
        assert_eq!(compiled.verdicts(case), decision.verdicts(), "{facts}");
        for (number, &(action, channel, cloud)) in places.iter().enumerate() {
            if (facts.known(), facts.known()) == (Some(channel), Some(cloud)) {
                assert_eq!(decision.verdict(action), Verdict::Denied, "{facts}");
                assert!(decision.rules(action).map(Rule::id).eq([format!("r-{number}")]), "{facts}");
            }
        }
        assert_eq!(decision.verdicts().actions_with(Verdict::Denied), Set::from(moves), "{facts}");
    }
}

/// And of one rule, whether it decides or advises.
#[test]
fn a_single_rule_compiled() {
    let day = NaiveDate::from_ymd_opt(2020, 1, 1).expect("a day");
    for (effect, verdict) in [(Effect::Permit, Verdict::Allowed), (Effect::Advise, Verdict::NotCovered)] {
        let rulebook = Rulebook::new([Rule::new("only", effect, Action::Switch, day)]).expect("a rule");
        let compiled = rulebook.editions().next().expect("one").compile();
        let case = Assignment::all().next().expect("a case");
        assert_eq!(compiled.verdicts(case).verdict(Action::Switch), verdict);
    }
}

/// Two rules that ask for the same, each in other cases: together they ask for it in every case.
#[test]
fn a_requirement_that_different_rules_ask_for() {
    let day = NaiveDate::from_ymd_opt(2020, 1, 1).expect("a day");
    let asking = |id: &'static str, market| {
        Rule::new(id, Effect::Require, Action::Switch, day).when(market).with_requirement("letter")
    };
    let permit = Rule::new("permit", Effect::Permit, Action::Switch, day);
    let rulebook =
        Rulebook::new(vec![permit, asking("here", Market::Same), asking("abroad", Market::Other)]).expect("rules");
    let decision = rulebook.editions().next().expect("one").decide(Facts::UNKNOWN);
    assert_eq!(decision.verdict(Action::Switch), Verdict::Conditional);
    assert!(decision.requirements(Action::Switch).eq(["letter"]));
    assert_eq!(decision.requiring(Action::Switch).len(), 0);
    assert_eq!(serde_json::to_value(decision).expect("JSON")["verdicts"]["switch"]["requirements"][0], "letter");
}
