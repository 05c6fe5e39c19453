//! A second reading of the policy: it takes the register from the policy's own tables (`facts.md`,
//! `rules.md`) and decides cases from the definitions in their prose, as plainly as they are written.
//!
//! It is the yardstick that the library is held against, so it shares nothing with it, neither code
//! nor data. It is test code: on a text that it does not understand it panics, and never skips.

#![allow(dead_code, reason = "each test binary uses a part")]
#![allow(clippy::indexing_slicing, clippy::panic, reason = "shall fail a test")]

use std::array::from_fn;
use std::collections::BTreeSet;

use Verdict::{Allowed, Conditional, Denied, NotCovered, Undetermined};

/// In the order of `facts.md`.
pub const ACTIONS: [&str; 5] =
    ["request_relationship", "recreate_and_cancel", "switch", "wait_until_term_end", "cancel_then_move"];

const SERVICE: usize = 1;
const TERM: usize = 7;

#[derive(Clone, Debug)]
pub struct Fact {
    pub name: String,
    pub values: Vec<String>,
}

#[derive(Clone, Debug)]
pub struct Rule {
    pub id: String,
    /// One of [`EFFECTS`].
    pub effect: String,
    /// Positions in [`ACTIONS`].
    pub actions: Vec<usize>,
    /// The admitted values of each fact, bit = index; all of them where the rule does not name it.
    pub condition: [u16; 11],
    pub from: String,
    pub until: Option<String>,
    pub basis: String,
    pub sources: Vec<String>,
    pub reason: String,
    /// With `require` only.
    pub requirement: Option<String>,
    /// The facts that `condition` restricts: the others need no look.
    named: Vec<usize>,
}

#[derive(Clone, Debug)]
pub struct Policy {
    pub facts: Vec<Fact>,
    /// In register order.
    pub rules: Vec<Rule>,
    /// For each of [`EFFECTS`] the rules that have it, bit = register position.
    by_effect: [u128; 5],
    /// The services in AZURE, bit = index of the value.
    azure: u16,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    Allowed,
    Conditional,
    Denied,
    NotCovered,
    Undetermined,
}

impl Verdict {
    pub fn as_str(self) -> &'static str {
        match self {
            Verdict::Allowed => "allowed",
            Verdict::Conditional => "conditional",
            Verdict::Denied => "denied",
            Verdict::NotCovered => "not_covered",
            Verdict::Undetermined => "undetermined",
        }
    }
}

/// What is decided on one action. Sets of rules are bits, bit = register position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    pub verdict: Verdict,
    /// The rules that decide the verdict.
    pub rules: u128,
    /// The `require` rules that fire; only with `conditional`.
    pub requirements: u128,
    /// The `advise` rules that fire; only with `allowed` and `conditional`.
    pub advice: u128,
}

impl Outcome {
    /// What holds under both.
    fn common(self, other: Outcome) -> Outcome {
        let agree = self.verdict == other.verdict;
        let both = |one: u128, other: u128| if agree { one & other } else { 0 };
        Outcome {
            verdict: if agree { self.verdict } else { Undetermined },
            rules: both(self.rules, other.rules),
            requirements: both(self.requirements, other.requirements),
            advice: both(self.advice, other.advice),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownOutcome {
    pub outcome: Outcome,
    /// The verdicts that occur; only with `undetermined`.
    pub possible: Vec<Verdict>,
    /// Positions of the facts on which the verdict turns; only with `undetermined`.
    pub depends_on: Vec<usize>,
}

impl Policy {
    /// All dates on which any rule begins or ends.
    pub fn edition_dates(&self) -> Vec<String> {
        let begins = self.rules.iter().map(|rule| rule.from.clone());
        let ends = self.rules.iter().filter_map(|rule| rule.until.clone());
        let dates: BTreeSet<String> = begins.chain(ends).collect();
        dates.into_iter().collect()
    }

    /// The first date is inclusive, the second exclusive. ISO dates sort as text.
    pub fn in_force(&self, day: &str) -> Vec<usize> {
        let over = |rule: &Rule| rule.until.as_deref().is_some_and(|until| until <= day);
        let holds = |&at: &usize| *self.rules[at].from <= *day && !over(&self.rules[at]);
        (0..self.rules.len()).filter(holds).collect()
    }

    /// The term is `none`, its first value, exactly for the services in AZURE.
    pub fn is_possible(&self, case: &[u8; 11]) -> bool {
        self.is_azure(case) == (case[TERM] == 0)
    }

    fn is_azure(&self, case: &[u8; 11]) -> bool {
        self.azure >> case[SERVICE] & 1 == 1
    }

    /// All facts known: `case` holds the index of each fact's value.
    pub fn evaluate(&self, in_force: &[usize], case: &[u8; 11]) -> [Outcome; 5] {
        let mut fired = [0; 5];
        for &position in in_force {
            let rule = &self.rules[position];
            if rule.admits(case) {
                for &action in &rule.actions {
                    fired[action] |= 1 << position;
                }
            }
        }
        fired.map(|rules| self.outcome(rules))
    }

    /// From the rules that fire on one action to its verdict: the four steps, in their order.
    fn outcome(&self, fired: u128) -> Outcome {
        let of_effect = self.by_effect.map(|rules| fired & rules);
        let [excludes, forbids, permits, requirements, advice] = of_effect;
        let (verdict, rules) = if excludes != 0 {
            (NotCovered, excludes)
        } else if forbids != 0 {
            (Denied, forbids)
        } else if permits != 0 {
            let free = requirements == 0;
            (if free { Allowed } else { Conditional }, permits)
        } else {
            (NotCovered, 0)
        };
        let goes = matches!(verdict, Allowed | Conditional);
        Outcome {
            verdict,
            rules,
            requirements: if goes { requirements } else { 0 },
            advice: if goes { advice } else { 0 },
        }
    }

    /// Some facts unknown: `possible` holds the values of each that still are, bit = index.
    /// `None`: contradictory, no assignment is possible.
    pub fn evaluate_unknown(&self, in_force: &[usize], possible: &[u16; 11]) -> Option<[UnknownOutcome; 5]> {
        let mut masks = self.facts.iter().map(Fact::all).zip(possible);
        assert!(masks.all(|(all, values)| values & !all == 0));
        let space = Space::of(possible);
        let mut verdicts = vec![None; space.cases.len()];
        let mut common: Option<[Outcome; 5]> = None;
        for (place, case) in space.cases.iter().enumerate() {
            if self.is_possible(case) {
                let outcomes = self.evaluate(in_force, case);
                verdicts[place] = Some(outcomes.map(|outcome| outcome.verdict));
                let before = common.unwrap_or(outcomes);
                common = Some(from_fn(|action| before[action].common(outcomes[action])));
            }
        }
        let common = common?;
        let turning = self.turning_facts(&space, &verdicts);
        Some(from_fn(|action| {
            let occurring = verdicts.iter().flatten().map(|row| row[action]);
            let mut occurring: BTreeSet<Verdict> = occurring.collect();
            if occurring.len() == 1 {
                occurring.clear();
            }
            let turns = |fact: &usize| turning[action] >> fact & 1 == 1;
            UnknownOutcome {
                outcome: common[action],
                possible: occurring.into_iter().collect(),
                depends_on: (0..11).filter(turns).collect(),
            }
        }))
    }

    /// For each action the facts, bit = position, for which two possible assignments that differ in
    /// that fact alone have different verdicts. An assignment without verdicts is not possible.
    fn turning_facts(&self, space: &Space, verdicts: &[Option<[Verdict; 5]>]) -> [u16; 5] {
        let mut turning = [0; 5];
        let mut compare = |fact: usize, one: &[Verdict; 5], there: usize| {
            if let Some(other) = &verdicts[there] {
                for action in 0..5 {
                    if one[action] != other[action] {
                        turning[action] |= 1 << fact;
                    }
                }
            }
        };
        for (here, case) in space.cases.iter().enumerate() {
            let Some(one) = &verdicts[here] else { continue };
            for fact in 0..11 {
                for there in space.varying(fact, here) {
                    compare(fact, one, there);
                }
            }
            // From AZURE to another service the term changes by force: that counts as differing in
            // the service alone.
            if self.is_azure(case) {
                for service in space.varying(SERVICE, here) {
                    for there in space.varying(TERM, service) {
                        if !self.is_azure(&space.cases[there]) {
                            compare(SERVICE, one, there);
                        }
                    }
                }
            }
        }
        turning
    }
}

impl Rule {
    fn admits(&self, case: &[u8; 11]) -> bool {
        for &fact in &self.named {
            if self.condition[fact] >> case[fact] & 1 == 0 {
                return false;
            }
        }
        true
    }
}

impl Fact {
    fn all(&self) -> u16 {
        (1 << self.values.len()) - 1
    }
}

/// Every choice of one still possible value for each fact. The last fact turns fastest, so a
/// choice's place is a number with a digit for each fact: below its `count`, worth its `stride`.
struct Space {
    cases: Vec<[u8; 11]>,
    counts: [usize; 11],
    strides: [usize; 11],
}

impl Space {
    fn of(possible: &[u16; 11]) -> Space {
        let mut cases = vec![[0; 11]];
        for (fact, values) in possible.iter().enumerate() {
            let mut longer = Vec::new();
            for mut case in cases {
                for value in (0..16).filter(|value| values >> value & 1 == 1) {
                    case[fact] = value;
                    longer.push(case);
                }
            }
            cases = longer;
        }
        let counts = possible.map(|values| values.count_ones() as usize);
        let strides = from_fn(|fact| counts[fact + 1..].iter().product());
        Space { cases, counts, strides }
    }

    /// The places of the choices that agree with this one in every other fact, itself included.
    fn varying(&self, fact: usize, here: usize) -> impl Iterator<Item = usize> + use<> {
        let (count, stride) = (self.counts[fact], self.strides[fact]);
        let first = here - here / stride % count * stride;
        (0..count).map(move |digit| first + digit * stride)
    }
}

// From dates to the term phase: `terms.md`.

pub enum Cancellable {
    /// The field is absent.
    Derive,
    /// The field is `null`.
    Never,
    Until(i128),
}

/// Instants are UTC nanoseconds since 1970, `ends_on` is in days since 1970.
pub struct Dates {
    pub purchased_at: i128,
    pub ends_on: i64,
    pub cancellable_until: Cancellable,
}

const NONE: u8 = 0b0001;
const CANCELLABLE: u8 = 0b0010;
const COMMITTED: u8 = 0b0100;
const ENDED: u8 = 0b1000;

const HOUR: i128 = 3_600_000_000_000;
const DAY: i128 = 24 * HOUR;
/// Purchases from 2022-03-12T00:00Z on have the longer window, …
const LONGER_FOR_PURCHASES_FROM: i128 = 19_063 * DAY;
/// … once 2022-03-19T00:00Z is there.
const LONGER_FROM: i128 = 19_070 * DAY;

/// The phases still possible at an instant, bit = index of the value of `term`.
pub fn phases(service: Option<&str>, dates: Option<&Dates>, at: i128) -> u8 {
    if matches!(service, Some("azure" | "azure_plan")) {
        return NONE;
    }
    let Some(dates) = dates else {
        let none = if service.is_none() { NONE } else { 0 };
        return none | CANCELLABLE | COMMITTED | ENDED;
    };
    if at >= (i128::from(dates.ends_on) + 1) * DAY {
        return ENDED;
    }
    match dates.cancellable_until {
        Cancellable::Never => COMMITTED,
        Cancellable::Until(closes) => cancellable_if(at < closes),
        Cancellable::Derive => derived_phases(service, dates.purchased_at, at),
    }
}

fn derived_phases(service: Option<&str>, purchased_at: i128, at: i128) -> u8 {
    match service {
        Some("license" | "azure_reservation") => CANCELLABLE,
        Some("new_commerce_license") => {
            let longer = at >= LONGER_FROM && purchased_at >= LONGER_FOR_PURCHASES_FROM;
            let window = if longer { 168 * HOUR } else { 72 * HOUR };
            // An instant before the purchase is not refused, and to call the window closed would be untrue.
            cancellable_if(at < purchased_at + window)
        }
        Some("software" | "marketplace") | None => CANCELLABLE | COMMITTED,
        Some(other) => panic!("no such service: {other}"),
    }
}

fn cancellable_if(open: bool) -> u8 {
    if open { CANCELLABLE } else { COMMITTED }
}

// Reading the tables.

/// The sections of the register.
const EFFECTS: [&str; 5] = ["exclude", "forbid", "permit", "require", "advise"];

/// The names of groups and the values in them.
type Groups = Vec<(String, Vec<String>)>;

impl Policy {
    pub fn parse(facts_md: &str, rules_md: &str) -> Policy {
        let facts = parse_facts(facts_md);
        let groups = parse_groups(facts_md);
        let rules = parse_rules(rules_md, &facts, &groups);
        let mut by_effect = [0; 5];
        for (position, rule) in rules.iter().enumerate() {
            by_effect[position_of(&rule.effect, &EFFECTS)] |= 1 << position;
        }
        assert!(!by_effect.contains(&0), "a section is missing");
        let azure = listed("AZURE", &facts[SERVICE], &groups);
        Policy { facts, rules, by_effect, azure }
    }
}

fn parse_facts(facts_md: &str) -> Vec<Fact> {
    let mut facts = Vec::new();
    for row in table(facts_md, "| fact | values | meaning |") {
        let name = quoted(row[0]);
        let values = distinct(row[1].split(' ').map(quoted).collect());
        assert!(values.len() < 16, "too many for a mask: {values:?}");
        facts.push(Fact { name, values });
    }
    assert_eq!(facts.len(), 11, "number of facts");
    assert_eq!(facts[SERVICE].name, "service");
    assert_eq!(facts[TERM].name, "term");
    let phases = ["none", "cancellable", "committed", "ended"];
    assert_eq!(facts[TERM].values, phases);

    let actions = table(facts_md, "| action | meaning |");
    let actions: Vec<String> = actions.iter().map(|row| quoted(row[0])).collect();
    assert_eq!(actions, ACTIONS);
    assert!(facts_md.contains("\nMOVES = the last four. ALL = all five.\n"));
    facts
}

/// Lines such as ``- ELSEWHERE = OTHER_CHANNEL and `other_csp_partner` ``.
fn parse_groups(facts_md: &str) -> Groups {
    let (_, list) = halves(facts_md, "\nGroups used in `rules.md`:\n\n");
    let mut groups = Groups::new();
    for line in list.lines().take_while(|line| !line.is_empty()) {
        let (name, members) = halves(line, " = ");
        let ("", name) = halves(name, "- ") else { panic!("not an item: {line}") };
        let values = values_of(&members.replace(" and ", ", "), &groups);
        groups.push((name.to_owned(), values));
    }
    groups
}

/// Each line from the first section of the register on is understood, or refused.
fn parse_rules(rules_md: &str, facts: &[Fact], groups: &Groups) -> Vec<Rule> {
    let mut effect = EFFECTS[0];
    let mut rules = Vec::new();
    for line in rules_md.lines().skip_while(|line| *line != "## Exclude") {
        if let Some(heading) = line.strip_prefix("## ") {
            effect = EFFECTS[position_of(&heading.to_lowercase(), &EFFECTS)];
        } else if line.starts_with("| id |") {
            // The column more, or its lack, shows in the rows.
            let line = line.replace("| requirement |", "|");
            let columns = "actions | condition | in force | basis | source | reason";
            assert_eq!(line, format!("| id | {columns} |"));
        } else if !line.is_empty() && !is_ruler(line) {
            rules.push(parse_rule(effect, cells(line), facts, groups));
        }
    }
    assert!(!rules.is_empty() && rules.len() <= 128, "number of rules");
    distinct(rules.iter().map(|rule| rule.id.clone()).collect());
    // A bit stands for the rule as well as for what it requires.
    let requirements = rules.iter().filter_map(|rule| rule.requirement.clone());
    distinct(requirements.collect());
    rules
}

fn parse_rule(effect: &str, mut row: Vec<&str>, facts: &[Fact], groups: &Groups) -> Rule {
    let requirement = (effect == "require").then(|| quoted(row.remove(1)));
    let [id, actions, condition, dates, basis, sources, reason] = row[..] else { panic!("not a rule: {row:?}") };
    let condition = parse_condition(condition, facts, groups);
    let (from, until) = parse_dates(dates);
    position_of(basis, &["stated", "linked", "inferred", "reported"]);
    assert!(!reason.is_empty(), "no reason: {row:?}");
    let restricted = |&fact: &usize| condition[fact] != facts[fact].all();
    Rule {
        id: quoted(id),
        effect: effect.to_owned(),
        actions: parse_actions(actions),
        condition,
        from,
        until,
        basis: basis.to_owned(),
        sources: sources.split(", ").map(str::to_owned).collect(),
        reason: reason.to_owned(),
        requirement,
        named: (0..11).filter(restricted).collect(),
    }
}

fn parse_actions(text: &str) -> Vec<usize> {
    match text {
        "ALL" => (0..5).collect(),
        "MOVES" => (1..5).collect(),
        list => {
            let names = distinct(list.split(", ").map(quoted).collect());
            let position = |name: &String| position_of(name, &ACTIONS);
            names.iter().map(position).collect()
        }
    }
}

/// ``cloud `china`; service all but LICENSE``: the facts named, each once, and what is admitted.
fn parse_condition(text: &str, facts: &[Fact], groups: &Groups) -> [u16; 11] {
    let names: Vec<String> = facts.iter().map(|fact| fact.name.clone()).collect();
    let mut condition = from_fn(|fact| facts[fact].all());
    let mut restricted = Vec::new();
    for part in text.split("; ").filter(|_| !text.is_empty()) {
        let (name, values) = halves(part, " ");
        let fact = position_of(name, &names);
        condition[fact] = admitted(values, &facts[fact], groups);
        restricted.push(name.to_owned());
    }
    distinct(restricted);
    condition
}

fn admitted(text: &str, fact: &Fact, groups: &Groups) -> u16 {
    let Some((base, exceptions)) = text.split_once(" but ") else {
        return listed(text, fact, groups);
    };
    let exceptions = listed(exceptions, fact, groups);
    let base = match base {
        "all" => fact.all(),
        list => listed(list, fact, groups),
    };
    assert!(exceptions & !base == 0 && exceptions != base, "{text}");
    base & !exceptions
}

fn listed(text: &str, fact: &Fact, groups: &Groups) -> u16 {
    let bit = |value: &String| 1 << position_of(value, &fact.values);
    values_of(text, groups).iter().map(bit).sum()
}

/// ``AZURE, `azure_reservation` ``: groups and values.
fn values_of(text: &str, groups: &Groups) -> Vec<String> {
    let mut values = Vec::new();
    for member in text.split(", ") {
        match groups.iter().find(|(name, _)| name == member) {
            Some((_, group)) => values.extend(group.iter().cloned()),
            None => values.push(quoted(member)),
        }
    }
    distinct(values)
}

/// `2016-12-01 …`, `2016-12-01 – 2017-01-27`.
fn parse_dates(text: &str) -> (String, Option<String>) {
    if let Some(from) = text.strip_suffix(" …") {
        return (date(from), None);
    }
    let (from, until) = halves(text, " – ");
    assert!(from < until, "not in order: {text}");
    (date(from), Some(date(until)))
}

fn date(text: &str) -> String {
    let shape = text.replace(|c: char| c.is_ascii_digit(), "0");
    assert_eq!(shape, "0000-00-00", "not a date: {text}");
    text.to_owned()
}

/// The rows below the one line that is this header, up to a blank line.
fn table<'a>(text: &'a str, header: &str) -> Vec<Vec<&'a str>> {
    assert_eq!(text.matches(header).count(), 1, "tables {header}");
    let (_, below) = halves(text, header);
    let mut lines = below.lines().skip(1);
    assert!(lines.next().is_some_and(is_ruler), "nothing below {header}");
    let lines = lines.take_while(|line| !line.is_empty());
    let rows: Vec<Vec<&str>> = lines.map(cells).collect();
    let columns = cells(header).len();
    assert!(rows.iter().all(|row| row.len() == columns), "{rows:?}");
    rows
}

fn is_ruler(line: &str) -> bool {
    line.starts_with("| ---") && cells(line).iter().all(|cell| *cell == "---")
}

fn cells(line: &str) -> Vec<&str> {
    enclosed(line, '|').split('|').map(str::trim).collect()
}

/// A name in backticks.
fn quoted(text: &str) -> String {
    let name = enclosed(text, '`');
    let plain = |c: char| c.is_ascii_lowercase() || matches!(c, '_' | '-');
    assert!(!name.is_empty() && name.chars().all(plain), "{text}");
    name.to_owned()
}

fn enclosed(text: &str, by: char) -> &str {
    let inner = text.strip_prefix(by).and_then(|text| text.strip_suffix(by));
    inner.unwrap_or_else(|| panic!("not between {by} and {by}: {text}"))
}

fn halves<'a>(text: &'a str, separator: &str) -> (&'a str, &'a str) {
    let halves = text.split_once(separator);
    halves.unwrap_or_else(|| panic!("no {separator:?} in {text}"))
}

fn position_of(name: &str, list: &[impl AsRef<str>]) -> usize {
    let position = list.iter().position(|known| known.as_ref() == name);
    position.unwrap_or_else(|| panic!("{name} is not known"))
}

fn distinct(names: Vec<String>) -> Vec<String> {
    let once: BTreeSet<&String> = names.iter().collect();
    assert_eq!(once.len(), names.len(), "twice: {names:?}");
    names
}
