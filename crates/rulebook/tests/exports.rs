//! Exported decision tables, read back, answer every case as the library does.

use std::collections::{BTreeSet, HashSet};

use chrono::NaiveDate;
use csp_multichannel::{
    Action, Edition, Effect, Fact, Facts, Region, Rule, Rulebook, Set, Verdict, parse_instant,
};
use csp_multichannel_rulebook::{
    DatedTable, decision_table, decision_tables, from_toml, to_csv, to_dmn, to_markdown,
};
use proptest::prelude::*;

/// A row, read from text.
#[derive(Debug, PartialEq)]
struct Row {
    action: Action,
    from: NaiveDate,
    /// The first day on which the row is no longer in force.
    until: Option<NaiveDate>,
    condition: Facts,
    verdict: Verdict,
    requirements: Vec<String>,
}

impl Row {
    /// Reads the cells below the names of columns.
    fn read(
        action: Action,
        (from, until): (NaiveDate, Option<NaiveDate>),
        columns: &[&str],
        cells: &[&str],
    ) -> Self {
        assert_eq!(columns.len(), cells.len(), "{cells:?}");
        let cell = |column: &str| {
            columns.iter().position(|name| *name == column).map_or("any", |at| cells[at])
        };
        let condition = Fact::ALL.iter().filter(|fact| cell(fact.as_str()) != "any");
        let condition = condition.fold(Facts::UNKNOWN, |condition, &fact| {
            let words = cell(fact.as_str()).split(", ");
            let values = words.map(|word| Facts::parse(fact, word).expect("a value"));
            condition.with(values.reduce(Facts::union).expect("a value"))
        });
        let names = cell("requirements").trim_start_matches('\'').split(", ");
        let requirements = names.filter(|name| !name.is_empty()).map(ToOwned::to_owned).collect();
        let verdict = cell("verdict").parse().expect("a verdict");
        Self { action, from, until, condition, verdict, requirements }
    }
}

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

fn read_csv(text: &str) -> Vec<Row> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let columns = reader.headers().expect("columns").clone();
    let columns: Vec<&str> = columns.iter().collect();
    assert_eq!(columns[..3], ["action", "from", "until"]);
    let facts: Vec<&str> = Fact::ALL.iter().map(|fact| fact.as_str()).collect();
    assert_eq!(columns[3..], [&facts[..], &["verdict", "requirements"]].concat());
    let row = |record: csv::StringRecord| {
        let cells: Vec<&str> = record.iter().collect();
        let until = Some(cells[2]).filter(|until| !until.is_empty()).map(day);
        let action = cells[0].parse().expect("an action");
        Row::read(action, (day(cells[1]), until), &columns[3..], &cells[3..])
    };
    reader.records().map(|record| row(record.expect("a row"))).collect()
}

fn read_markdown(text: &str) -> Vec<Row> {
    let (mut action, mut days, mut columns) = (None, None, Vec::new());
    let mut rows = Vec::new();
    for line in text.lines() {
        if let Some(heading) = line.strip_prefix("## ") {
            action = heading.parse().ok();
        } else if let Some(heading) = line.strip_prefix("### from ") {
            let (from, to) = heading.split_once(" to ").unzip();
            let until = to.map(|to| day(to).succ_opt().expect("a next day"));
            days = Some((day(from.unwrap_or(heading)), until));
            columns.clear();
        } else if let Some(cells) = line.strip_prefix("| ").and_then(|line| line.strip_suffix(" |"))
        {
            let cells: Vec<&str> = cells.split(" | ").map(str::trim).collect();
            if columns.is_empty() {
                columns = cells;
            } else if cells[0] != "---" {
                let (action, days) = (action.expect("an action"), days.expect("days"));
                rows.push(Row::read(action, days, &columns, &cells));
            }
        }
    }
    rows
}

fn tables(rulebook: &Rulebook) -> Vec<DatedTable> {
    Action::ALL.iter().flat_map(|&action| decision_tables(rulebook.editions(), action)).collect()
}

/// Writes and reads the tables of all editions.
fn read(rulebook: &Rulebook) -> Vec<Row> {
    let tables = tables(rulebook);
    let rows = read_csv(&to_csv(&tables));
    assert_eq!(rows, read_markdown(&to_markdown(&tables)));
    rows
}

/// Compares some cases: each meets one row, and the row has the answer of the library.
fn compare(rows: &[Row], edition: Edition<'_>, cases: impl Iterator<Item = Facts>) {
    let since = edition.since();
    let holds = |row: &&Row| row.from <= since && row.until.is_none_or(|until| since < until);
    let rows: Vec<&Row> = rows.iter().filter(holds).collect();
    let rows: Vec<(Action, Vec<&Row>)> = Action::ALL
        .iter()
        .map(|&action| (action, rows.iter().copied().filter(|row| row.action == action).collect()))
        .collect();
    for case in cases {
        let decision = edition.decide(case);
        for (action, rows) in &rows {
            let mut met = rows.iter().filter(|row| row.condition.contains(case));
            let (Some(row), None) = (met.next(), met.next()) else {
                panic!("not one row of {action} on {since} for {case}");
            };
            assert_eq!(row.verdict, decision.verdict(*action), "{action}, {since}, {case}");
            // Several rules can require the same, in an order that depends on the case.
            let found: BTreeSet<&str> = row.requirements.iter().map(String::as_str).collect();
            let expected: BTreeSet<&str> = decision.requirements(*action).collect();
            assert_eq!(found, expected, "{action}, {since}, {case}");
        }
    }
    for (_, rows) in &rows {
        assert_minimal(rows);
    }
}

/// No two rows with the same answer differ in one fact alone.
fn assert_minimal(rows: &[&Row]) {
    let mut others = HashSet::new();
    for row in rows {
        for &fact in Fact::ALL {
            let other = (fact, row.condition.without(fact), row.verdict, &row.requirements);
            assert!(others.insert(other), "{row:?} could be joined");
        }
    }
}

/// The cases that differ in the facts that the rules of an edition name.
fn cases_told_apart(edition: Edition<'_>) -> impl Iterator<Item = Facts> {
    let named = edition.rules().flat_map(|rule| rule.condition().narrowed());
    let first = Facts::UNKNOWN.assignments().next().expect("a case");
    named.fold(first, Facts::without).assignments()
}

#[test]
fn the_published_policy() {
    let rulebook = Rulebook::partner_center();
    let rows = read(rulebook);
    for edition in rulebook.editions() {
        // The step shares no factor with the number of values of any fact.
        compare(&rows, edition, Facts::UNKNOWN.assignments().step_by(499));
    }
    let last = rulebook.editions().next_back().expect("an edition");
    compare(&rows, last, Facts::UNKNOWN.assignments());
}

/// A table ends where the next begins, and differs from it.
#[test]
fn a_table_as_text() {
    let rule = |id: &'static str, effect| {
        Rule::new(id, effect, Action::Switch, day("2026-01-01")).with_reason("as agreed")
    };
    let require = |name: &'static str| rule(name, Effect::Require).with_requirement(name);
    let rulebook = Rulebook::new([
        rule("permit", Effect::Permit).when(Region::Same),
        require("letter"),
        require("nda"),
    ]);
    let rulebook = rulebook.expect("a rulebook");
    let edition = rulebook.editions().next().expect("an edition");
    let expected = "\
| region | verdict | requirements |
| --- | --- | --- |
| same | conditional | letter, nda |
| other | not_covered |  |
";
    assert_eq!(decision_table(edition, Action::Switch).to_string(), expected);
    let nothing = "| verdict | requirements |\n| --- | --- |\n| not_covered |  |\n";
    assert_eq!(decision_table(edition, Action::CancelThenMove).to_string(), nothing);
}

/// Each type and each input that DMN refers to is defined, with the words that a fact can have.
#[test]
fn dmn_refers_to_what_it_defines() {
    let edition = Rulebook::partner_center().editions().last().expect("an edition");
    let table = decision_table(edition, Action::Switch);
    let dmn = to_dmn(edition, std::slice::from_ref(&table));
    let between = |start: &str, end: &str| -> Vec<String> {
        let starts = dmn.split(start).skip(1);
        starts.map(|rest| rest.split(end).next().expect("an end").to_owned()).collect()
    };
    let mut expected: Vec<String> = table.facts().iter().map(|fact| format!("t_{fact}")).collect();
    expected.extend(["t_verdict", "t_requirements", "t_answer"].map(ToOwned::to_owned));
    assert_eq!(between("<itemDefinition name=\"", "\""), expected);
    for name in [between("typeRef=\"", "\""), between("<typeRef>", "<")].concat() {
        assert!(name == "string" || expected.contains(&name), "{name}");
    }
    let inputs = between("<inputData id=\"", "\"");
    let facts: Vec<String> = table.facts().iter().map(|fact| format!("input_{fact}")).collect();
    assert_eq!(inputs, facts);
    assert_eq!(between("href=\"#", "\""), inputs);
    let variables = table.facts().iter().map(|fact| fact.to_string()).chain(["switch".into()]);
    assert_eq!(between("<variable name=\"", "\""), variables.collect::<Vec<_>>());
    assert_eq!(between("<output id=\"switch_table_", "\""), ["verdict", "requirements"]);
    let of_types = between("<allowedValues>", "</allowedValues>");
    let words = |words: &[&str]| format!("<text>\"{}\"</text>", words.join("\", \""));
    let mut expected: Vec<String> = table.facts().iter().map(|fact| words(fact.words())).collect();
    expected.push(words(&["allowed", "conditional", "denied", "not_covered"]));
    assert_eq!(of_types.iter().map(|of| of.trim()).collect::<Vec<_>>(), expected);
}

/// How many rows a table needs depends on the order of the facts, which is chosen well.
#[test]
fn tables_have_few_rows() {
    let editions = Rulebook::partner_center().editions();
    let rows = |action: &Action| -> usize {
        editions.clone().map(|edition| decision_table(edition, *action).rows.len()).sum()
    };
    assert_eq!(Action::ALL.iter().map(rows).collect::<Vec<_>>(), [418, 446, 945, 380, 378]);
}

#[test]
fn tables_follow_each_other() {
    let editions = Rulebook::partner_center().editions();
    for &action in Action::ALL {
        let tables = decision_tables(editions.clone(), action);
        assert_eq!(tables[0].from, day("2016-12-01"));
        assert_eq!(tables[tables.len() - 1].until, None);
        for pair in tables.windows(2) {
            assert_eq!(pair[0].until, Some(pair[1].from));
            assert_ne!(pair[0].table, pair[1].table);
        }
    }
    // A missing edition separates two tables.
    let apart: Vec<_> = editions.step_by(2).collect();
    assert_eq!(decision_tables(apart.clone(), Action::RequestRelationship).len(), apart.len());
}

#[test]
fn a_custom_rulebook() {
    let rulebook = from_toml(include_str!("data/release.toml")).expect("a rulebook");
    let rows = read(&rulebook);
    let at = parse_instant("2026-11-27").expect("a day");
    let edition = rulebook.edition_at(at).expect("an edition");
    compare(&rows, edition, Facts::UNKNOWN.assignments().step_by(7));
    let both = ["active_relationship", "letter_of_release"];
    assert!(rows.iter().any(|row| row.requirements == both));
}

/// A name can begin with `-`: of all cells, only that of the requirements begins a formula.
#[test]
fn a_spreadsheet_takes_names_as_text() {
    let rules = ["permit", "require"].map(|effect| {
        let effect: Effect = effect.parse().expect("an effect");
        let rule = Rule::new(effect.as_str(), effect, Action::Switch, day("2026-01-01"));
        let rule = rule.with_reason("a reason");
        if effect == Effect::Require { rule.with_requirement("-1") } else { rule }
    });
    let rulebook = Rulebook::new(rules).expect("rules");
    let text = to_csv(&tables(&rulebook));
    assert!(text.contains(",conditional,'-1\n"), "{text}");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    for record in reader.records() {
        let record = record.expect("a row");
        assert!(record.iter().all(|cell| !cell.starts_with(['=', '+', '-', '@'])), "{record:?}");
    }
    assert!(read_csv(&text).iter().any(|row| row.requirements == ["-1"]));
    // Markdown and DMN have the name itself.
    assert!(to_markdown(&tables(&rulebook)).contains("| conditional | -1 |"));
    let edition = rulebook.editions().next().expect("an edition");
    let dmn = to_dmn(edition, &[decision_table(edition, Action::Switch)]);
    assert!(dmn.contains("<text>[\"-1\"]</text>"), "{dmn}");
}

fn any_rules() -> impl Strategy<Value = Vec<Rule>> {
    let actions = prop::sample::subsequence(Action::ALL.to_vec(), 1..=Action::ALL.len());
    let facts = [Fact::Channel, Fact::Service, Fact::Partner, Fact::Region];
    let facts = prop::sample::subsequence(facts.to_vec(), 0..=2);
    let values = prop::array::uniform2(1..u16::MAX);
    let days = (1u32..=3, prop::option::of(4u32..=5));
    let name = prop::sample::select(&["one", "-two", "three.3"]);
    let parts = (prop::sample::select(Effect::ALL), actions, facts, values, days, name);
    let rule = |(at, (effect, actions, facts, values, (from, until), name))| {
        let on = |day| NaiveDate::from_ymd_opt(2026, 1, day).expect("a day");
        let facts: Vec<Fact> = facts;
        let condition = facts.iter().zip(values).fold(Facts::UNKNOWN, |condition, (fact, some)| {
            let words = fact.words().iter().enumerate().filter(|(at, _)| some >> at & 1 == 1);
            let values = words.map(|(_, word)| Facts::parse(*fact, word).expect("a value"));
            values.reduce(Facts::union).map_or(condition, |values| condition.with(values))
        });
        let actions: Set<Action> = Vec::into_iter(actions).collect();
        let id: usize = at;
        let mut rule = Rule::new(id.to_string(), effect, actions, on(from)).when(condition);
        rule = rule.with_reason("a reason");
        if effect == Effect::Require {
            rule = rule.with_requirement(name);
        }
        Option::into_iter(until).fold(rule, |rule, day| rule.until(on(day)))
    };
    let rules = prop::collection::vec(parts, 1..8);
    rules.prop_map(move |rules| rules.into_iter().enumerate().map(rule).collect())
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 48,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_rulebook(rules in any_rules()) {
        let rulebook = Rulebook::new(rules).expect("rules");
        let rows = read(&rulebook);
        for edition in rulebook.editions() {
            compare(&rows, edition, cases_told_apart(edition));
        }
    }
}
