//! `rulebook export`: what is written reads back as the same.

use chrono::NaiveDate;
use csp_multichannel::authoring::DecisionTable;
use csp_multichannel::{Action, Edition, Fact, Facts, Rulebook, ValueSet, Verdict, parse_instant};

use crate::support::{Folder, TODAY, all_cases, load, sample, told, written};

/// A decision table as a reader of a report has it.
#[derive(Debug)]
struct Table {
    action: Action,
    from: NaiveDate,
    /// The last day, where there is one.
    to: Option<NaiveDate>,
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    admitted: ValueSet,
    verdict: Verdict,
    requirements: Vec<String>,
}

impl Row {
    /// From the cells below the names of columns: facts, then what is answered.
    fn read(columns: &[&str], cells: &[&str]) -> Self {
        assert_eq!(columns.len(), cells.len(), "{cells:?}");
        let cell = |column: &str| columns.iter().position(|name| *name == column).map_or("any", |at| cells[at]);
        let list = |cell: &str| cell.split(", ").filter(|word| !word.is_empty()).map(str::to_owned).collect::<Vec<_>>();
        let admitted = Fact::ALL.iter().flat_map(|&fact| {
            let words = list(cell(fact.as_str()));
            let value = |word: &String| {
                fact.values().iter().find(|value| value.as_str() == word).unwrap_or_else(|| panic!("{fact} `{word}`"))
            };
            if words == ["any"] { fact.values() } else { words.iter().map(value).collect() }
        });
        Self {
            admitted: admitted.collect(),
            verdict: cell("verdict").parse().expect("a verdict"),
            requirements: list(cell("requirements").trim_start_matches('\'')),
        }
    }
}

fn read_csv(text: &str) -> Vec<Table> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let columns = reader.headers().expect("columns").clone();
    let columns: Vec<&str> = columns.iter().collect();
    assert_eq!(columns[..3], ["action", "from", "until"]);
    let mut tables: Vec<Table> = Vec::new();
    for record in reader.records() {
        let record = record.expect("a row");
        let cells: Vec<&str> = record.iter().collect();
        let action = cells[0].parse().expect("an action");
        let from = cells[1].parse().expect("a day");
        let to = (!cells[2].is_empty()).then(|| cells[2].parse::<NaiveDate>().expect("a day"));
        let to = to.and_then(|until| until.pred_opt());
        let row = Row::read(&columns[3..], &cells[3..]);
        match tables.last_mut().filter(|last| (last.action, last.from, last.to) == (action, from, to)) {
            Some(last) => last.rows.push(row),
            None => tables.push(Table { action, from, to, rows: vec![row] }),
        }
    }
    tables
}

fn read_markdown(text: &str) -> Vec<Table> {
    let mut tables: Vec<Table> = Vec::new();
    let mut action = None;
    let mut columns: Vec<&str> = Vec::new();
    for line in text.lines() {
        if let Some(heading) = line.strip_prefix("## ") {
            action = Some(heading.parse().expect("an action"));
        } else if let Some(days) = line.strip_prefix("### ") {
            let mut days = days.split(' ').filter_map(|word| word.parse::<NaiveDate>().ok());
            let from = days.next().expect("a day");
            let is_one_day = line.starts_with("### on ");
            let to = if is_one_day { Some(from) } else { days.next() };
            tables.push(Table { action: action.expect("an action"), from, to, rows: Vec::new() });
            columns.clear();
        } else if let Some(cells) = line.strip_prefix("| ").and_then(|line| line.strip_suffix(" |")) {
            let cells: Vec<&str> = cells.split(" | ").map(str::trim).collect();
            match cells[..] {
                _ if columns.is_empty() => columns = cells,
                ["---", ..] => {}
                _ => tables.last_mut().expect("a heading").rows.push(Row::read(&columns, &cells)),
            }
        }
    }
    tables
}

/// Looks up every case in the tables of an edition's day; all cases that there are.
fn compare(tables: &[Table], edition: Edition<'_>) {
    let day = edition.since();
    for &action in Action::ALL {
        let of_day =
            |table: &&Table| table.action == action && table.from <= day && table.to.is_none_or(|to| day <= to);
        let mut of_day = tables.iter().filter(of_day);
        let table = of_day.next().expect("a table");
        assert!(of_day.next().is_none(), "two tables of {action} on {day}");
        for case in all_cases() {
            let mut met = table.rows.iter().filter(|row| case.values().is_subset(row.admitted));
            let row = met.next().unwrap_or_else(|| panic!("no row of {action} for {case}"));
            assert!(met.next().is_none(), "two rows of {action} for {case}");
            let decision = edition.decide(case);
            assert_eq!(row.verdict, decision.verdict(action), "{action} in {case}");
            assert!(decision.requirements(action).eq(&row.requirements), "{action} in {case}");
        }
    }
}

#[test]
fn tables_of_all_of_time_answer_every_case() {
    let csv = read_csv(&written(&["export", "--to", "csv"]));
    let markdown = read_markdown(&written(&["export", "--to", "markdown"]));
    for tables in [&csv, &markdown] {
        let mut editions = Rulebook::partner_center().editions();
        compare(tables, editions.next().expect("the first"));
        compare(tables, editions.next_back().expect("the last"));
    }
    // Each action has a table for each day, and where it changes another one begins.
    let mut described = Vec::new();
    for tables in [csv, markdown] {
        for pair in tables.windows(2).filter(|pair| pair[0].action == pair[1].action) {
            assert_eq!(pair[0].to.and_then(|to| to.succ_opt()), Some(pair[1].from));
        }
        let describe = |table: &Table| (table.action, table.from, table.to, table.rows.len());
        described.push(tables.iter().map(describe).collect::<Vec<_>>());
    }
    assert_eq!(described[0], described[1]);
    let changed: Vec<_> = Rulebook::partner_center()
        .editions()
        .map(|edition| (edition.since(), DecisionTable::of(edition, Action::Switch)))
        .collect::<Vec<_>>()
        .chunk_by(|(_, one), (_, other)| one.rows() == other.rows())
        .map(|alike| alike[0].0)
        .collect();
    let told = described[0].iter().filter(|(action, ..)| *action == Action::Switch).map(|(_, from, ..)| *from);
    assert_eq!(told.collect::<Vec<_>>(), changed);
    assert!(changed.len() > 5 && changed.len() < Rulebook::partner_center().editions().len());
}

#[test]
fn tables_of_one_edition_answer_every_case() {
    for (name, as_of) in [("northwind.toml", TODAY), ("standalone.toml", "2026-06-01")] {
        let file = sample(name);
        let rulebook = load(&file);
        let edition = rulebook.edition_at(parse_instant(as_of).expect("an instant")).expect("an edition");
        compare(&read_csv(&written(&["export", &file, "--to", "csv", "--as-of", as_of])), edition);
        compare(&read_markdown(&written(&["export", &file, "--to", "markdown", "--as-of", as_of])), edition);
    }
}

#[test]
fn one_action_alone() {
    let all = written(&["export", "--to", "csv"]);
    let switch = written(&["export", "--to", "csv", "--action", "switch"]);
    let of_switch = |line: &&str| line.starts_with("switch,") || line.starts_with("action,");
    assert_eq!(switch.lines().collect::<Vec<_>>(), all.lines().filter(of_switch).collect::<Vec<_>>());
    let markdown = written(&["export", "--to", "markdown", "--action", "switch", "--as-of", TODAY]);
    assert_eq!(markdown.lines().filter(|line| line.starts_with("## ")).collect::<Vec<_>>(), ["## switch"]);
    let dmn = written(&["export", "--to", "dmn", "--action", "switch", "--as-of", TODAY]);
    assert_eq!(dmn.matches("<decision ").count(), 1);
}

/// The only text in a table that is not of the vocabulary is the name of a requirement, which can begin with `-`.
#[test]
fn a_spreadsheet_takes_names_as_text() {
    let folder = Folder::new();
    let rule = |id: &str, more: &str| {
        format!("[[rules]]\nid = '{id}'\nactions = ['switch']\nfrom = 2026-01-01\nreason = ''\n{more}\n")
    };
    let rules = rule("p", "effect = 'permit'") + &rule("r", "effect = 'require'\nrequirement = '-1'");
    let file = folder.write("minus.toml", rules);
    let text = written(&["export", &file, "--to", "csv"]);
    assert!(text.contains(",conditional,'-1\n"), "{text}");
    assert_eq!(read_csv(&text)[2].rows[0].requirements, ["-1"]);
    let mut cells = csv::Reader::from_reader(text.as_bytes());
    let mut cells =
        cells.records().flat_map(|record| record.expect("a row").iter().map(str::to_owned).collect::<Vec<_>>());
    assert_eq!(cells.find(|cell| cell.starts_with(['=', '+', '-', '@', '\t', '\r'])), None);
    // Other names cannot begin a formula.
    let file = folder.write("equals.toml", rule("r", "effect = 'require'\nrequirement = '=1'"));
    assert_eq!(told(&["check", &file], "").0, 1);
}

/// To a file and back, in one format or the other.
fn back(from: &str, to: &str) -> Rulebook {
    let folder = Folder::new();
    let output = folder.name(&format!("rules.{to}"));
    written(&["export", from, "--to", to, "--output", &output]);
    assert_eq!(written(&["check", &output]).lines().count(), 1);
    let text = folder.read(&format!("rules.{to}"));
    if to == "toml" {
        toml::from_str(&text).expect("a rulebook")
    } else {
        serde_json::from_str(&text).expect("a rulebook")
    }
}

#[test]
fn data_reads_back_equal() {
    for to in ["toml", "json"] {
        assert_eq!(&back("builtin", to), Rulebook::partner_center());
        for name in ["northwind.toml", "standalone.toml"] {
            assert_eq!(back(&sample(name), to), load(&sample(name)));
        }
    }
    // What is exported needs no base, and keeps whose rule it was.
    let northwind = written(&["export", &sample("northwind.toml"), "--to", "toml"]);
    assert!(!northwind.contains("\nbase = "));
    assert_eq!(northwind.matches("origin = \"northwind\"").count(), 2);
    // As one would write it by hand.
    assert!(
        northwind
            .contains("\nwhen = { channel = [\"open\"], service = [\"azure\", \"azure_plan\"] }\nfrom = 2026-01-01\n")
    );
}

#[test]
fn days_are_dates_or_strings() {
    let text = std::fs::read_to_string(sample("northwind.toml")).expect("a file");
    let folder = Folder::new();
    let strings = text.replace("from = 2026-01-01", "from = \"2026-01-01\"");
    assert_ne!(strings, text);
    assert_eq!(load(&folder.write("strings.toml", strings)), load(&sample("northwind.toml")));
    for day in ["2026-01-01T00:00:00Z", "00:00:00", "2026-01-01 00:00:00", "20260101"] {
        let file = folder.write("wrong.toml", text.replace("from = 2026-01-01", &format!("from = {day}")));
        let (status, out, _) = told(&["check", &file], "");
        assert_eq!((status, out.lines().count()), (1, 3), "{day}: {out}");
        assert!(out.lines().all(|line| line.contains("from") && line.contains("expected a day")), "{out}");
    }
}

#[test]
fn what_makes_no_sense_is_refused() {
    let refused: [&[&str]; 5] = [
        &["export"],
        &["export", "--to", "toml", "--as-of", TODAY],
        &["export", "--to", "json", "--action", "switch"],
        &["export", "--to", "csv", "--action", "swich"],
        &["export", "--to", "dmn", "--as-of", "2016-11-30"],
    ];
    for arguments in refused {
        let (status, out, said) = told(arguments, "");
        assert_eq!((status, &*out), (2, ""), "{arguments:?}");
        assert!(said.starts_with("error: "), "{said}");
    }
    assert!(all_cases().all(|case: Facts| case.assignment().is_some()));
}
