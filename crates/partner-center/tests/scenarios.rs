//! Scenarios of the mapping, one per line: the data on one subscription, and the expected case.

mod support;

use std::collections::{BTreeMap, BTreeSet};

use csp_multichannel::{Case, Fact, Facts};
use csp_partner_center::{
    Context, DateOrder, Item, MappingRule, NoteKind, Origin, Reader, Record, UnknownReason,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use support::{at, dates, parts};

const SCENARIOS: &str = include_str!("data/mapping-scenarios.jsonl");

/// The data of a scenario, and the expected outcome.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Scenario {
    why: String,
    /// The record. Alternatively a whole input, whose characters are bytes if `bytes` is true.
    record: Option<Map<String, Value>>,
    input: Option<String>,
    #[serde(default)]
    bytes: bool,
    #[serde(default)]
    customers: Vec<Value>,
    #[serde(default)]
    eligibility: Vec<Value>,
    table: Option<Value>,
    defaults: Option<Map<String, Value>>,
    date_order: Option<DateOrder>,
    partner_tenant: Option<String>,
    #[serde(default)]
    partners: Vec<Value>,
    as_of: String,
    #[serde(flatten)]
    expected: Outcome,
}

/// The outcome for a record: its facts and dates as printed, the origins of some facts, and the
/// notes.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Outcome {
    facts: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    term: Option<String>,
    #[serde(default)]
    origins: BTreeMap<Fact, String>,
    #[serde(default)]
    notes: Vec<String>,
}

/// An outcome, and the kinds of its notes.
type Found = (Outcome, Vec<NoteKind>);

#[track_caller]
fn record(json: &Value) -> Record {
    Record::from_json(&json.to_string()).unwrap_or_else(|error| panic!("{json}: {error}"))
}

#[track_caller]
fn scenarios() -> Vec<Scenario> {
    let read = |line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}"));
    SCENARIOS.lines().map(read).collect()
}

impl Scenario {
    fn input(&self) -> Vec<u8> {
        let text = self.input.clone().or_else(|| {
            self.record.as_ref().map(|record| serde_json::to_string(record).expect("an object"))
        });
        let text = text.expect("a record or an input");
        if self.bytes {
            text.chars().map(|c| u8::try_from(c).expect("a byte")).collect()
        } else {
            text.into_bytes()
        }
    }

    #[track_caller]
    fn context(&self) -> Context {
        let mut context = Context::new().with_date_order(self.date_order);
        if let Some(tenant) = &self.partner_tenant {
            context = context.with_partner_tenant(tenant);
        }
        if let Some(defaults) = &self.defaults {
            let mut case = defaults.clone();
            case.insert("id".into(), "defaults".into());
            let case: Case = serde_json::from_value(case.into()).expect("facts");
            context = context.with_defaults(case.subscription.facts());
        }
        for customer in &self.customers {
            context.add_customer(record(customer)).expect("a customer");
        }
        for eligibility in &self.eligibility {
            context.add_eligibility(record(eligibility)).expect("an eligibility");
        }
        for partner in &self.partners {
            context.add_partner(&record(partner)).expect("a tenant");
        }
        if let Some(row) = &self.table {
            context.add_facts(record(row)).expect("facts");
        }
        context
    }

    /// Returns the outcome, with the origins of the facts for which one is expected.
    #[track_caller]
    fn outcome(&self) -> Found {
        let input = self.input();
        let reader = Reader::new(input.as_slice()).with_date_order(self.date_order);
        let (items, error) = parts(reader);
        assert_eq!(error, None, "{}", self.why);
        let mut outcome = Outcome {
            facts: Facts::UNKNOWN.to_string(),
            term: None,
            origins: BTreeMap::new(),
            notes: Vec::new(),
        };
        let (mut notes, mut records) = (Vec::new(), 0);
        for item in items {
            match item {
                Item::Record(record) => {
                    records += 1;
                    let as_of = at(&self.as_of);
                    let mapping = self.context().map(&record, as_of).expect("a subscription");
                    let subscription = mapping.case.subscription;
                    outcome.facts = subscription.facts_at(as_of).to_string();
                    outcome.term = subscription.term().map(dates);
                    outcome.origins = self
                        .expected
                        .origins
                        .keys()
                        .map(|fact| (*fact, mapping.origins[*fact].to_string()))
                        .collect();
                    notes.extend(mapping.notes);
                }
                Item::Note(note) => notes.push(note),
                other => panic!("{}: {other:?}", self.why),
            }
        }
        assert_eq!(records, usize::from(self.input.as_deref() != Some("[]")), "{}", self.why);
        outcome.notes = notes.iter().map(ToString::to_string).collect();
        (outcome, notes.iter().map(|note| note.kind).collect())
    }
}

#[test]
fn each_scenario_has_its_outcome() {
    let scenarios = scenarios();
    assert!(scenarios.len() > 120, "{}", scenarios.len());
    let mut failures = Vec::new();
    for scenario in &scenarios {
        let (found, _) = scenario.outcome();
        if found != scenario.expected {
            let [found, expected] = [&found, &scenario.expected]
                .map(|outcome| serde_json::to_string(outcome).expect("JSON"));
            failures.push(format!("{}\n  found    {found}\n  expected {expected}", scenario.why));
        }
    }
    assert!(failures.is_empty(), "{} differ\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn each_rule_each_reason_and_each_note_has_a_scenario() {
    let scenarios = scenarios();
    let origins: BTreeSet<&str> = scenarios
        .iter()
        .flat_map(|scenario| scenario.expected.origins.values())
        .map(String::as_str)
        .collect();
    let rules = MappingRule::ALL.iter().map(|rule| Origin::Rule(*rule));
    let reasons = UnknownReason::ALL.iter().map(|reason| Origin::Unknown(*reason));
    let stated = [Origin::Record, Origin::Table, Origin::Default];
    for origin in rules.chain(reasons).chain(stated) {
        assert!(
            origins.contains(origin.to_string().as_str()),
            "no scenario has the origin {origin}"
        );
    }
    let kinds: BTreeSet<NoteKind> =
        scenarios.iter().flat_map(|scenario| scenario.outcome().1).collect();
    for kind in NoteKind::ALL {
        assert!(kinds.contains(kind), "no scenario has the note {kind}");
    }
}

#[test]
fn each_scenario_says_why() {
    let scenarios = scenarios();
    let whys: BTreeSet<&str> = scenarios.iter().map(|scenario| scenario.why.as_str()).collect();
    assert_eq!(whys.len(), scenarios.len(), "two scenarios for one reason");
}
