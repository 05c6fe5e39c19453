//! Laws that hold for the built-in register in every case, one property each.

mod support;

use csp_multichannel::{
    Action, Case, Channel, Customer, DecisionRecord, Edition, Effect, ExplainedVerdict, Fact,
    Facts, Rule, Rulebook, Subscription, Term, Transfer, Verdict,
};
use proptest::prelude::*;
use proptest::sample::Index;
use support::at;
use support::reference::FACTS;

/// Facts of which some are known, some are narrowed and some are unknown.
fn facts() -> impl Strategy<Value = Facts> {
    any::<[u16; FACTS]>().prop_map(|bits| {
        let words = std::array::from_fn(|fact| {
            let words = Fact::ALL[fact].words();
            let chosen = words
                .iter()
                .enumerate()
                .filter(|(i, _)| bits[fact] >> i & 1 == 1)
                .map(|(_, word)| *word);
            let chosen: Vec<&str> = chosen.collect();
            // Often exactly one.
            match (chosen.first(), bits[fact] >> 15) {
                (None, _) => words.to_vec(),
                (Some(first), 1) => vec![*first],
                _ => chosen,
            }
        });
        support::facts_of(&words)
    })
}

/// One possible value for each fact.
fn one_of(facts: Facts, picks: &[Index; FACTS]) -> Facts {
    Fact::ALL.iter().zip(picks).fold(facts, |facts, (&fact, pick)| {
        let values: Vec<Facts> = facts.split(fact).collect();
        *pick.get(&values)
    })
}

fn known() -> impl Strategy<Value = Facts> {
    any::<[Index; FACTS]>().prop_map(|picks| one_of(Facts::UNKNOWN, &picks))
}

fn edition() -> impl Strategy<Value = Edition<'static>> {
    let editions: Vec<_> = Rulebook::partner_center().editions().collect();
    prop::sample::select(editions)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// What becomes known settles a verdict, and changes none that is settled.
    #[test]
    fn knowing_more_changes_no_determined_verdict(edition in edition(), before in facts(), more in facts()) {
        // Fact by fact, as far as the two do not contradict each other.
        let after = Fact::ALL.iter().fold(before, |facts, &fact| {
            let others = Fact::ALL.iter().filter(|&&other| other != fact);
            let of_fact = others.fold(more, |more, &other| more.without(other));
            facts.narrow(of_fact).unwrap_or(facts)
        });
        prop_assert!(before.contains(after));
        let (before, after) = (edition.decide(before), edition.decide(after));
        for &action in Action::ALL {
            prop_assert!(after.possible(action).is_subset(before.possible(action)));
            if before.verdict(action) != Verdict::Undetermined {
                prop_assert_eq!(before.verdict(action), after.verdict(action));
            }
        }
    }

    /// The verdict under unknown facts is the one that all cases share.
    #[test]
    fn a_determined_verdict_is_that_of_each_case(
        edition in edition(),
        facts in facts(),
        picks in any::<[Index; FACTS]>(),
    ) {
        let decision = edition.decide(facts);
        let case = one_of(facts, &picks);
        for (action, &verdict) in decision.verdicts().iter() {
            let in_case = edition.decide(case).verdict(action);
            prop_assert!(verdict == in_case || verdict == Verdict::Undetermined);
            prop_assert!(decision.possible(action).contains(in_case));
        }
    }

    #[test]
    fn what_partner_center_refuses_is_not_switched(case in known()) {
        for (day, transfer) in [("2020-04-12", Transfer::Ineligible), ("2020-01-29", Transfer::Pending)] {
            let editions = Rulebook::partner_center().editions();
            for edition in editions.filter(|edition| edition.since().to_string().as_str() >= day) {
                let verdict = edition.decide(case.with(transfer)).verdict(Action::Switch);
                prop_assert!(!matches!(verdict, Verdict::Allowed | Verdict::Conditional), "{edition}: {case}");
            }
        }
    }

    /// Nothing is for the asking partner's own subscriptions.
    #[test]
    fn own_subscriptions_are_not_covered(edition in edition(), facts in facts()) {
        let decision = edition.decide(facts.with(Channel::ThisPartner));
        prop_assert!(decision.verdicts().iter().all(|(_, &verdict)| verdict == Verdict::NotCovered));
    }

    /// A CSP partner can't resell to the tenant of another.
    #[test]
    fn no_move_from_a_partner_tenant(facts in facts()) {
        let edition = support::edition("2026-11-27");
        let decision = edition.decide(facts.with(Customer::CspTenant));
        prop_assert!(decision.allowed().union(decision.conditional()).intersection(Action::MOVES).is_empty());
    }

    #[test]
    fn advice_changes_no_verdict(edition in edition(), facts in facts()) {
        let rules = edition.rules().filter(|rule| rule.effect() != Effect::Advise).cloned();
        let without = Rulebook::new(rules).expect("valid rules");
        let at = edition.since().and_hms_opt(0, 0, 0).expect("midnight").and_utc();
        let decision = without.edition_at(at).expect("an edition").decide(facts);
        prop_assert_eq!(decision.verdicts(), edition.decide(facts).verdicts());
    }

    /// A veto denies whatever other rules say, and is the only reason.
    #[test]
    fn a_veto_always_wins(edition in edition(), facts in facts()) {
        let from = edition.since();
        let veto = Rule::new("house-veto", Effect::Veto, Action::MOVES, from).with_reason("not by us");
        let rules = edition.rules().cloned().chain([veto]);
        let rulebook = Rulebook::new(rules).expect("valid rules");
        let at = from.and_hms_opt(0, 0, 0).expect("midnight").and_utc();
        let decision = rulebook.edition_at(at).expect("an edition").decide(facts);
        for action in Action::MOVES {
            prop_assert_eq!(decision.verdict(action), Verdict::Denied);
            prop_assert!(decision.reasons(action).map(Rule::id).eq(["house-veto"]));
        }
        let request = Action::RequestRelationship;
        prop_assert_eq!(decision.verdict(request), edition.decide(facts).verdict(request));
    }

    #[test]
    fn set_laws(one in facts(), other in facts()) {
        prop_assert_eq!(one.overlaps(other), one.narrow(other).is_ok());
        prop_assert_eq!(one.contains(other), one.union(other) == one);
        if let Ok(both) = one.narrow(other) {
            prop_assert!(one.contains(both) && other.contains(both));
        }
        prop_assert!(one.with(other).narrowed().is_subset(one.narrowed().union(other.narrowed())));
        prop_assert_eq!(one.unknown().len(), words(one).iter().filter(|words| words.len() > 1).count());
        prop_assert_eq!(one.is_known(), one.unknown().is_empty());
    }

    #[test]
    fn cases_are_all_choices_of_a_value(facts in facts()) {
        let counted = words(facts).iter().map(Vec::len).product::<usize>();
        prop_assert_eq!(facts.assignments().count(), counted);
        let sample: Vec<Facts> = facts.assignments().take(1_000).collect();
        prop_assert!(sample.iter().all(|case| case.is_known() && facts.contains(*case)));
        prop_assert!(sample.windows(2).all(|pair| pair[0] != pair[1]));
    }

    /// Records survive a round trip through JSON.
    #[test]
    fn cases_round_trip(
        id in ".*",
        facts in facts(),
        purchase in prop::option::of(0_i64..200_000_000_000),
        nanoseconds in 0_u32..1_000_000_000,
        days in 0_i64..4_000,
        window in prop::option::of(prop::option::of(0_i64..200_000_000_000)),
    ) {
        let instant = |seconds| chrono::DateTime::from_timestamp(seconds, nanoseconds).expect("an instant");
        let start = purchase.map_or(at("2020-02-29"), instant).date_naive();
        let ends_on = start + chrono::TimeDelta::days(days);
        let term = purchase.map_or(Term::ending(ends_on), |purchase| Term::new(instant(purchase), ends_on).expect("a term"));
        let term = match window {
            None => term,
            Some(None) => term.never_cancellable(),
            Some(Some(until)) => term.cancellable_until(instant(until)),
        };
        let usage_based = facts.possible().is_subset(csp_multichannel::Service::USAGE_BASED);
        let subscription = Subscription::from(facts);
        for subscription in [subscription, subscription.with_term(term)] {
            let text = serde_json::to_string(&Case::new(id.clone(), subscription)).expect("JSON");
            // Dates mean nothing for usage, and are left out.
            let kept = if usage_based { subscription.without(Fact::TermPhase) } else { subscription };
            let kept = if subscription.term().is_some() { kept } else { subscription };
            prop_assert_eq!(serde_json::from_str::<Case>(&text).expect("a case"), Case::new(id.clone(), kept));
        }
    }

    #[test]
    fn decisions_round_trip(edition in edition(), facts in facts()) {
        let as_of = at("2026-11-27T12:30:00.25Z");
        let decision = edition.decide(facts);
        let record = decision.record("a", as_of);
        let text = serde_json::to_string(&record).expect("JSON");
        prop_assert_eq!(serde_json::from_str::<DecisionRecord>(&text).expect("a record"), record);
        let explained = decision.explained("a", as_of);
        let text = serde_json::to_string(&explained).expect("JSON");
        prop_assert_eq!(serde_json::from_str::<DecisionRecord<ExplainedVerdict>>(&text).expect("a record"), explained);
    }

    #[test]
    fn no_input_makes_a_reader_panic(text in "\\PC*|[\\[\\]{}:,\"a-z0-9_ -]{0,60}", cut in any::<Index>()) {
        let _ = serde_json::from_str::<Case>(&text);
        let whole = r#"{"id":"a","channel":["open","direct"],"term":{"purchased_at":"2018-01-10T09:00:00Z","ends_on":"2019-01-09"}}"#;
        let mut changed = whole.to_owned();
        changed.replace_range(cut.index(whole.len())..whole.len(), &text);
        let _ = serde_json::from_str::<Case>(&changed);
        let _ = serde_json::from_str::<DecisionRecord>(&text);
        let _ = serde_json::from_str::<DecisionRecord<ExplainedVerdict>>(&text);
    }
}

fn words(facts: Facts) -> [Vec<&'static str>; FACTS] {
    support::words_of(facts)
}
