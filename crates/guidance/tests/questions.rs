//! Questions, compared with deciding all possible cases.

mod support;

use std::collections::BTreeMap;

use csp_multichannel::{
    Action, Channel, Cloud, Effect, Fact, Facts, Rule, Service, Set, Status, Verdict,
};
use csp_multichannel_guidance::{Weights, questions};
use proptest::prelude::*;
use support::brute_force::missing;
use support::{any_facts, any_instant, edition, rulebook};

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn by_brute_force(
        facts in any_facts(4),
        at in any_instant(),
        actions in prop::collection::vec(prop::sample::select(Action::ALL), 1..=5),
        weight in 0..5_u32,
    ) {
        let decision = rulebook().edition_at(at).unwrap().decide(facts);
        let actions: Set<Action> = actions.into_iter().collect();
        let weights = Weights::UNIFORM.with(Cloud::Public, weight).with(Status::Active, 10 * weight);
        let questions = questions(&decision, actions, &weights);

        let of_action: BTreeMap<Action, Set<Fact>> =
            actions.iter().map(|action| (action, missing(&decision, action))).collect();
        let all = of_action.values().fold(Set::EMPTY, |all: Set<Fact>, of| all.union(*of));
        prop_assert_eq!(questions.iter().map(|question| question.fact).collect::<Set<_>>(), all);
        prop_assert_eq!(questions.len(), all.len());
        prop_assert!(questions.iter().map(|question| question.expected_undetermined).is_sorted());

        for question in &questions {
            let fact = question.fact;
            let possible: BTreeMap<_, _> = of_action.iter().filter(|(_, of)| of.contains(fact))
                .map(|(&action, _)| (action, decision.possible(action))).collect();
            prop_assert_eq!(&question.possible, &possible);
            let total: f32 = question.answers.iter().map(|answer| answer.likelihood).sum();
            prop_assert!((total - 1.0).abs() < 1e-4, "{}", total);
            let mut expected = 0.0;
            let words: Vec<_> = facts.possible_words(fact).collect();
            prop_assert!(question.answers.iter().map(|answer| &*answer.value).eq(words));
            for answer in &question.answers {
                let after = decision.edition().decide(facts.with(Facts::parse(fact, &answer.value).unwrap()));
                prop_assert_eq!(answer.verdicts, after.verdicts());
                let open = actions.iter().filter(|&action| after.verdict(action) == Verdict::Undetermined);
                expected += open.map(|_| answer.likelihood).sum::<f32>();
            }
            prop_assert!((question.expected_undetermined - expected).abs() < 1e-4);
            // A rule needs the fact if its condition holds for one value in some case, and for
            // another in none.
            let needed: Vec<&str> = decision.edition().rules().filter(|rule| {
                let met = |value: Facts| value.assignments().any(|case| rule.condition().contains(case));
                rule.effect() != Effect::Advise
                    && rule.actions().iter().any(|action| possible.contains_key(&action))
                    && facts.split(fact).any(met)
                    && !facts.split(fact).all(met)
            }).map(Rule::id).collect();
            prop_assert!(question.rules.iter().map(|rule| &*rule.id).eq(needed));
        }
    }

    /// Asking the first question repeatedly determines every verdict, in at most as many questions
    /// as there were.
    #[test]
    fn interviews_end(case in any_facts(0), known in any_facts(4), at in any_instant()) {
        let edition = rulebook().edition_at(at).unwrap();
        // Every answer is one of the possible values.
        let mut facts = known.union(case);
        let mut left = questions(&edition.decide(facts), Set::all(), &Weights::UNIFORM).len();
        loop {
            let questions = questions(&edition.decide(facts), Set::all(), &Weights::UNIFORM);
            prop_assert!(questions.len() <= left);
            let Some(first) = questions.first() else { break };
            facts = facts.with(case.about(first.fact));
            left -= 1;
        }
        prop_assert_eq!(edition.decide(facts).verdicts(), edition.decide(case).verdicts());
        prop_assert!(edition.decide(facts).verdicts().iter().all(|(_, &verdict)| verdict != Verdict::Undetermined));
    }
}

#[test]
fn why_it_is_asked() {
    let facts = Facts::from(Service::AzurePlan).with(Channel::OtherCspPartner).with(Cloud::Public);
    let questions =
        questions(&edition("2026-11-27").decide(facts), Action::Switch, &Weights::UNIFORM);
    let transfer = questions.iter().find(|question| question.fact == Fact::Transfer).unwrap();
    assert_eq!(
        transfer.to_string(),
        "switch (allowed, conditional, denied) depends on `transfer`, by transfer-pending, transfer-ineligible"
    );
    let text: Vec<_> = questions.iter().map(ToString::to_string).collect();
    assert!(
        text.iter().all(|text| text.starts_with("switch (") && !text.contains('\n')),
        "{text:#?}"
    );
    // The verdicts after an answer, and the first question.
    assert_eq!(transfer.answers[1].value, "pending");
    assert_eq!(*transfer.answers[1].verdicts.on(Action::Switch), Verdict::Denied);
    assert_eq!(transfer.answers[1].meaning, "It is part of an open transfer request.");
}

/// If all possible values of a fact have the weight 0, they are equally likely.
#[test]
fn weights() {
    let facts = Facts::UNKNOWN.with([Status::Suspended, Status::Deleted]);
    let weights = Weights::UNIFORM.with(Status::Suspended, 0).with(Status::Deleted, 0);
    let of_status = |weights: &Weights| {
        let questions = questions(&edition("2026-11-27").decide(facts), Action::Switch, weights);
        let question =
            questions.into_iter().find(|question| question.fact == Fact::Status).unwrap();
        question.answers.iter().map(|answer| answer.likelihood).collect::<Vec<_>>()
    };
    assert_eq!(of_status(&weights), [0.5, 0.5]);
    assert_eq!(of_status(&weights.with(Status::Deleted, 3)), [0.0, 1.0]);
    let error =
        serde_json::from_str::<Weights>(r#"{"cloud":{"publik":2}}"#).unwrap_err().to_string();
    assert!(error.contains("did you mean `public`?"), "{error}");
    assert!(serde_json::from_str::<Weights>(r#"{"clod":{}}"#).is_err());
}
