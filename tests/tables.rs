//! Decision tables say what the engine says: every case meets one row, and that has its verdict.

#![cfg(feature = "std")]

mod support;

use csp_multichannel::authoring::DecisionTable;
use csp_multichannel::{Action, Channel, Effect, Fact, FactSet, Facts, Rule, Rulebook, Verdict, parse_instant};

#[test]
fn each_case_meets_one_row_of_each_table() {
    let cases: Vec<Facts> = support::all_cases(&support::policy()).iter().map(support::facts).collect();
    let mut sizes = Vec::new();
    for at in ["2016-12-01", "2018-08-31", "2020-09-29", "2026-11-24"] {
        let edition =
            Rulebook::partner_center().edition_at(parse_instant(at).expect("an instant")).expect("an edition");
        let tables: Vec<_> = Action::ALL.iter().map(|&action| DecisionTable::of(edition, action)).collect();
        for &case in &cases {
            let decision = edition.decide(case);
            for table in &tables {
                let is_met = |fact: Fact, admitted| !case.possible(fact).intersection(admitted).is_empty();
                let mut met = table
                    .rows()
                    .iter()
                    .filter(|row| Fact::ALL.iter().all(|&fact| is_met(fact, row.condition().admitted(fact))));
                let row = met.next().expect("a row");
                assert_eq!(met.next(), None, "{case}");
                assert_eq!(row.verdict(), decision.verdict(table.action()), "{case}");
                assert!(row.requirements().iter().copied().eq(decision.requirements(table.action())), "{case}");
            }
        }
        for rows in tables.iter().map(DecisionTable::rows) {
            for (at, one) in rows.iter().enumerate() {
                for other in rows[at + 1..]
                    .iter()
                    .filter(|other| (other.verdict(), other.requirements()) == (one.verdict(), one.requirements()))
                {
                    let differs = |fact: &&Fact| one.condition().admitted(**fact) != other.condition().admitted(**fact);
                    assert!(
                        Fact::ALL.iter().filter(differs).count() > 1,
                        "{} and {} could be one",
                        one.condition(),
                        other.condition()
                    );
                }
            }
        }
        sizes.push(tables.iter().map(|table| table.rows().len()).collect::<Vec<_>>());
    }
    // No table grows without a word.
    assert_eq!(sizes, [[9, 8, 8, 9, 8], [8, 11, 10, 11, 10], [11, 12, 15, 11, 10], [13, 12, 18, 11, 10]]);
}

#[test]
fn a_table_is_written_in_markdown() {
    let from = "2026-01-01".parse().expect("a day");
    let rules = [
        Rule::new("p", Effect::Permit, Action::Switch, from).when(Channel::Open),
        Rule::new("r", Effect::Require, Action::Switch, from).with_requirement("a_form"),
    ];
    let rulebook = Rulebook::new(rules).expect("rules");
    let table = DecisionTable::of(rulebook.editions().next().expect("one"), Action::Switch);
    assert_eq!(table.facts(), FactSet::from(Fact::Channel));
    assert_eq!(table.rows().iter().filter(|row| row.verdict() == Verdict::Conditional).count(), 1);
    let text = "\
| channel | verdict | requirements |
| --- | --- | --- |
| open | conditional | a_form |
| direct, advisor, own_advisor, enterprise_agreement, third_party, syndication_partner, other_csp_partner, former_csp_partner, this_partner | not_covered |  |
";
    assert_eq!(table.to_string(), text);
}

#[test]
fn what_two_rules_ask_for_is_required_once() {
    let from = "2026-01-01".parse().expect("a day");
    let asking = |id: &'static str| Rule::new(id, Effect::Require, Action::Switch, from).with_requirement("a_form");
    let rulebook = Rulebook::new([
        Rule::new("p", Effect::Permit, Action::Switch, from),
        asking("of-all"),
        asking("again"),
        asking("of-some").when(Channel::Open),
    ]);
    let rulebook = rulebook.expect("rules");
    let table = DecisionTable::of(rulebook.editions().next().expect("one"), Action::Switch);
    assert_eq!(table.facts(), FactSet::EMPTY);
    let rows: Vec<_> = table.rows().iter().map(|row| (row.verdict(), row.requirements())).collect();
    assert_eq!(rows, [(Verdict::Conditional, ["a_form"].as_slice())]);
}
