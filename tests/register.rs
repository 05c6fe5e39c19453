//! The register and the table of facts against the policy's own tables.

mod support;

use csp_multichannel::{
    Action, AtTermEnd, Effect, Fact, Facts, Rule, Rulebook, Service, Source, TermPhase,
};
use support::reference::{Policy, quoted, table};
use support::{all_values, facts_of, rule_of};

#[test]
fn rules_are_those_of_the_table() {
    let policy = Policy::read();
    let rules = Rulebook::partner_center().rules();
    assert_eq!(rules.len(), policy.rules.len());
    for (rule, row) in rules.iter().zip(&policy.rules) {
        let plain = rule_of(row);
        assert_eq!(rule.id(), row.id);
        assert_eq!(rule.effect(), plain.effect(), "{}", row.id);
        assert_eq!(rule.requirement(), row.requirement.as_deref(), "{}", row.id);
        assert_eq!(rule.actions(), plain.actions(), "{}", row.id);
        assert_eq!(rule.condition(), plain.condition(), "{}", row.id);
        assert_eq!(rule.validity(), plain.validity(), "{}", row.id);
        assert_eq!(rule.basis().as_str(), row.basis, "{}", row.id);
        assert!(rule.sources().iter().map(Source::code).eq(&row.sources), "{}", row.id);
        assert_eq!(rule.reason(), row.reason, "{}", row.id);
        assert_eq!(rule.rulebook(), None);
    }
}

#[test]
fn editions_are_the_days_on_which_rules_begin_or_end() {
    let policy = Policy::read();
    let editions: Vec<_> = Rulebook::partner_center().editions().collect();
    assert!(editions.iter().map(ToString::to_string).eq(policy.editions().iter().copied()));
    for (edition, next) in editions.iter().zip(editions.iter().skip(1)) {
        assert_eq!(edition.until(), Some(next.since()));
    }
    assert_eq!(editions.last().and_then(|last| last.until()), None);
    for (edition, day) in editions.iter().zip(policy.editions()) {
        assert!(edition.rules().map(Rule::id).eq(policy.in_force(day).iter().map(|rule| &rule.id)));
    }
}

/// The same rules through `Rulebook::new`, which arranges at run time.
#[test]
fn arranged_at_run_time_as_at_compile_time() {
    let built_in = Rulebook::partner_center();
    assert_eq!(&Rulebook::new(built_in.rules().to_vec()).unwrap(), built_in);
}

#[test]
fn sources_are_those_of_the_table() {
    let rows = table(include_str!("data/sources.md"), "| code | page | url | read |");
    for rule in Rulebook::partner_center().rules() {
        for source in rule.sources() {
            let row = rows.iter().find(|row| row[0] == source.code()).expect("the code is listed");
            assert_eq!(source.page(), row[1].replace('`', ""));
            assert_eq!(source.url(), Some(row[2]).filter(|url| *url != "–"), "{}", source.code());
            assert_eq!(source.newest_text(), row[3]);
        }
    }
}

/// Names, order, meanings: those of `facts.md`, but for capitals and full stops.
#[test]
fn facts_are_those_of_the_table() {
    let facts_md = include_str!("data/facts.md");
    let plain = |text: &str| text.trim_end_matches('.').to_lowercase();
    let policy = Policy::read();
    let facts = table(facts_md, "| fact | values | meaning |");
    assert_eq!(Fact::ALL.len(), facts.len());
    for (fact, ((name, values), row)) in Fact::ALL.iter().zip(policy.facts.iter().zip(facts)) {
        assert_eq!(
            (fact.as_str(), fact.words()),
            (name.as_str(), &*values.iter().map(String::as_str).collect::<Vec<_>>())
        );
        assert!(fact.question().ends_with('?'), "{fact}");
        let start = plain(row[2]);
        let start = start.split([';', '.']).next().unwrap_or_default();
        assert!(plain(fact.meaning()).contains(start), "{fact}: {start}");
    }

    // The table of meanings, in the order of the facts' values; a row can explain several of them.
    let mut meanings: Vec<(String, String)> = Vec::new();
    for row in table(facts_md, "| value | meaning |") {
        let words: Vec<String> = row[0].split(", ").map(quoted).collect();
        let text = row[1].split_once(": ").filter(|_| row[1].starts_with("of `"));
        let text = text.map_or(row[1], |(_, text)| text);
        let texts: Vec<&str> =
            if words.len() > 1 { text.split("; ").collect() } else { vec![text] };
        for (i, word) in words.iter().enumerate() {
            meanings.push((word.clone(), texts.get(i).copied().unwrap_or(text).to_owned()));
        }
    }
    let values = Fact::ALL.iter().flat_map(|fact| fact.words().iter().zip(fact.meanings()));
    assert_eq!(values.clone().count(), meanings.len());
    for ((word, ours), (row, theirs)) in values.zip(&meanings) {
        assert_eq!(word, row);
        let expected =
            REWORDED.iter().find(|(reworded, from, _)| reworded == word && from == theirs);
        let expected = expected.map_or(theirs.as_str(), |(_, _, to)| to);
        assert_eq!(plain(ours), plain(expected), "{word}");
    }
}

/// Meanings that are sentences here, or say more: the word, the policy's text, ours.
const REWORDED: [(&str, &str, &str); 8] = [
    (
        "syndication_partner",
        "from a Syndication Partner",
        "From a Syndication Partner: a company, often a telecommunications provider, that alone sells Office 365 to \
         this customer and supports it. Ask the seller: the customer is in its directory with a contract of the type \
         `SyndicationPartner`, and in Partner Center with the relationship `syndication`",
    ),
    ("none", "none", "there is no relationship"),
    ("requested", "requested and not accepted yet", "it was requested and is not accepted yet"),
    ("active", "accepted", "the customer has accepted it"),
    ("active", "in use", "it is in use"),
    (
        "suspended",
        "disabled (by the partner, for non-payment, or after its end) but not yet deleted",
        "it is disabled (by the partner, for non-payment, or after its end) but not yet deleted",
    ),
    ("deleted", "gone", "it is gone"),
    (
        "ineligible",
        "Partner Center's own eligibility check refuses it (no rule uses `pending` before 2020-01-29, nor \
         `ineligible` before 2020-04-12)",
        "Partner Center's own eligibility check refuses it",
    ),
];

/// The facts are independent of each other, which rests on this: in AZURE no rule looks at the term.
#[test]
fn no_rule_names_the_term_of_azure() {
    for rule in Rulebook::partner_center().rules() {
        let condition = rule.condition();
        let names_term = [Fact::TermPhase, Fact::AtTermEnd]
            .iter()
            .any(|&fact| condition.narrowed().contains(fact));
        let azure = condition.possible().intersection(Service::USAGE_BASED);
        assert!(!names_term || azure.is_empty(), "{}", rule.id());
    }
}

/// So with Azure the verdicts are the same whatever the term.
#[test]
fn the_term_of_azure_changes_no_verdict() {
    for edition in Rulebook::partner_center().editions() {
        for case in Facts::from([Service::Azure, Service::AzurePlan]).assignments().step_by(331) {
            let known = edition.decide(case).verdicts();
            let without = case.without(Fact::TermPhase).without(Fact::AtTermEnd);
            assert_eq!(edition.decide(without).verdicts(), known);
            let other = case.with(TermPhase::Ended).with(AtTermEnd::Extend);
            assert_eq!(edition.decide(other).verdicts(), known);
        }
    }
}

#[test]
fn every_rule_has_a_case_that_it_decides_or_advises() {
    for edition in Rulebook::partner_center().editions() {
        for rule in edition.rules() {
            let speaks =
                |decision: csp_multichannel::Decision<'_>, action: Action| match rule.effect() {
                    Effect::Advise => decision.advice(action).any(|advice| advice == rule),
                    Effect::Require => {
                        decision.requirements(action).any(|name| Some(name) == rule.requirement())
                    }
                    _ => decision.reasons(action).any(|reason| reason == rule),
                };
            let mut cases = rule.condition().assignments();
            let decides = cases.any(|case| {
                let decision = edition.decide(case);
                rule.actions().iter().any(|action| speaks(decision, action))
            });
            assert!(decides, "{} in {edition}", rule.id());
        }
    }
}

#[test]
fn the_words_of_the_reference_are_the_facts_of_the_library() {
    let policy = Policy::read();
    assert_eq!(facts_of(&all_values(&policy)), Facts::UNKNOWN);
    assert!(
        Action::ALL
            .iter()
            .map(|action| action.as_str())
            .eq(policy.actions.iter().map(String::as_str))
    );
}
