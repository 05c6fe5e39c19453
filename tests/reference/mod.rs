//! A second reading of the policy, as plain as its prose: it takes facts and rules from the policy's own tables
//! and applies the sentences of `rules.md` and `terms.md` in their order.
//!
//! The library is held against it, so it shares nothing with it, neither code nor data. It is test code: on a
//! text that it does not understand it panics, and never skips.

#![allow(dead_code, reason = "each test uses a part")]
#![allow(clippy::option_option, reason = "absent and `null` mean different things")]

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

/// The facts and rules of the policy's tables.
pub struct Policy {
    /// Each fact with its values.
    pub facts: Vec<(String, Vec<String>)>,
    pub actions: Vec<String>,
    /// In register order.
    pub rules: Vec<Rule>,
}

#[derive(Clone, Debug)]
pub struct Rule {
    pub id: String,
    pub effect: String,
    pub requirement: Option<String>,
    pub actions: Vec<String>,
    /// The facts that it names, by their place in the table, and the values that it admits.
    pub condition: Vec<(usize, Vec<String>)>,
    pub from: String,
    pub until: Option<String>,
    pub basis: String,
    pub sources: Vec<String>,
    pub reason: String,
}

/// The number of facts.
pub const FACTS: usize = 11;

/// A word for each fact, in the order of the table.
pub type Case<'p> = [&'p str; FACTS];

/// What is decided on one action.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome<'p> {
    pub verdict: &'p str,
    pub rules: Vec<&'p str>,
    pub requirements: Vec<&'p str>,
    pub advice: Vec<&'p str>,
}

impl Rule {
    pub fn in_force(&self, day: &str) -> bool {
        // ISO dates sort as text.
        self.from.as_str() <= day && self.until.as_deref().is_none_or(|until| day < until)
    }

    pub fn fires(&self, case: &Case<'_>) -> bool {
        self.condition
            .iter()
            .all(|(fact, admitted)| admitted.iter().any(|word| word == case[*fact]))
    }

    /// Whether the condition admits a value of a fact, by its place in the table.
    pub fn admits(&self, fact: usize, value: &str) -> bool {
        let named = self.condition.iter().find(|(named, _)| *named == fact);
        named.is_none_or(|(_, admitted)| admitted.iter().any(|word| word == value))
    }

    pub fn is_on(&self, action: &str) -> bool {
        self.actions.iter().any(|on| on == action)
    }
}

impl Policy {
    /// All dates on which any rule, advice included, begins or ends.
    pub fn editions(&self) -> Vec<&str> {
        let begin = self.rules.iter().map(|rule| rule.from.as_str());
        let end = self.rules.iter().filter_map(|rule| rule.until.as_deref());
        begin.chain(end).collect::<BTreeSet<_>>().into_iter().collect()
    }

    pub fn in_force(&self, day: &str) -> Vec<&Rule> {
        self.rules.iter().filter(|rule| rule.in_force(day)).collect()
    }
}

/// The rules of `rules.md`, "How rules become a verdict", for an action with all facts known.
pub fn decide<'p>(in_force: &[&'p Rule], action: &str, case: &Case<'_>) -> Outcome<'p> {
    let fired: Vec<&Rule> =
        in_force.iter().copied().filter(|rule| rule.is_on(action) && rule.fires(case)).collect();
    let with = |effect: &str| -> Vec<&'p Rule> {
        fired.iter().copied().filter(|rule| rule.effect == effect).collect()
    };
    let ids = |rules: Vec<&'p Rule>| rules.iter().map(|rule| rule.id.as_str()).collect();

    let [vetoes, excludes, forbids] = ["veto", "exclude", "forbid"].map(with);
    if !vetoes.is_empty() {
        return Outcome { verdict: "denied", rules: ids(vetoes), ..Outcome::default() };
    }
    if !excludes.is_empty() {
        return Outcome { verdict: "not_covered", rules: ids(excludes), ..Outcome::default() };
    }
    if !forbids.is_empty() {
        return Outcome { verdict: "denied", rules: ids(forbids), ..Outcome::default() };
    }
    let permits = with("permit");
    if permits.is_empty() {
        return Outcome { verdict: "not_covered", ..Outcome::default() };
    }
    let mut requirements = Vec::new();
    for rule in with("require") {
        let requirement = rule.requirement.as_deref().expect("a requirement");
        if !requirements.contains(&requirement) {
            requirements.push(requirement);
        }
    }
    let verdict = if requirements.is_empty() { "allowed" } else { "conditional" };
    Outcome { verdict, rules: ids(permits), requirements, advice: ids(with("advise")) }
}

/// What is decided on one action with unknown facts.
#[derive(Debug, PartialEq, Eq)]
pub struct UnknownOutcome<'p> {
    pub common: Outcome<'p>,
    /// The verdicts that occur, each with the rules that decide it in some assignment.
    pub possible: Vec<(&'p str, BTreeSet<&'p str>)>,
    /// Requirements and advice of some assignment.
    pub some_requirements: BTreeSet<&'p str>,
    pub some_advice: BTreeSet<&'p str>,
    /// The places of the facts on which an undetermined verdict depends.
    pub depends_on: Vec<usize>,
}

/// All choices of one possible value for each fact.
pub fn assignments<'v>(possible: &[Vec<&'v str>; FACTS]) -> Vec<Case<'v>> {
    let mut all = vec![[""; FACTS]];
    for (fact, values) in possible.iter().enumerate() {
        let longer = all.iter().flat_map(|case| {
            values.iter().map(move |value| {
                let mut case = *case;
                case[fact] = value;
                case
            })
        });
        all = longer.collect();
    }
    all
}

/// The same, with unknown facts: by every assignment.
pub fn decide_unknown<'p>(
    in_force: &[&'p Rule],
    action: &str,
    possible: &[Vec<&str>; FACTS],
) -> UnknownOutcome<'p> {
    let cases = assignments(possible);
    let outcomes: Vec<Outcome<'p>> =
        cases.iter().map(|case| decide(in_force, action, case)).collect();

    let agree = outcomes.iter().all(|outcome| outcome.verdict == outcomes[0].verdict);
    let common = |list: for<'o> fn(&'o Outcome<'p>) -> &'o Vec<&'p str>| -> Vec<&'p str> {
        let in_all = |entry: &&&str| outcomes.iter().all(|outcome| list(outcome).contains(entry));
        list(&outcomes[0]).iter().filter(in_all).copied().collect()
    };
    // Several rules may require the same: its place is that of the first that fires in some assignment.
    let first_to_require = |requirement: &&str| {
        in_force.iter().position(|rule| {
            let requires = rule.requirement.as_deref() == Some(*requirement);
            requires && rule.is_on(action) && cases.iter().any(|case| rule.fires(case))
        })
    };
    let mut requirements = common(|outcome| &outcome.requirements);
    requirements.sort_by_key(first_to_require);
    let common = if agree {
        Outcome {
            verdict: outcomes[0].verdict,
            rules: common(|outcome| &outcome.rules),
            requirements,
            advice: common(|outcome| &outcome.advice),
        }
    } else {
        Outcome { verdict: "undetermined", ..Outcome::default() }
    };

    let verdicts = ["allowed", "conditional", "denied", "not_covered"].into_iter();
    let possible_verdicts = verdicts.filter_map(|verdict| {
        let with = outcomes.iter().filter(|outcome| outcome.verdict == verdict);
        let rules = with.clone().flat_map(|outcome| outcome.rules.iter().copied()).collect();
        with.clone().next().map(|_| (verdict, rules))
    });

    let mut depends_on = Vec::new();
    let mut later = outcomes.len();
    for (fact, values) in possible.iter().enumerate() {
        // Assignments that differ in this fact alone are this far apart: the last fact turns fastest.
        let block = later;
        later /= values.len();
        let differs = |at: usize| {
            let first = at / block * block + at % later;
            outcomes[first].verdict != outcomes[at].verdict
        };
        if (0..outcomes.len()).any(differs) {
            depends_on.push(fact);
        }
    }

    UnknownOutcome {
        common,
        possible: possible_verdicts.collect(),
        some_requirements: outcomes
            .iter()
            .flat_map(|outcome| outcome.requirements.clone())
            .collect(),
        some_advice: outcomes.iter().flat_map(|outcome| outcome.advice.clone()).collect(),
        depends_on,
    }
}

/// The dates of a term.
#[derive(Clone, Copy, Debug)]
pub struct Dates {
    pub purchased_at: Option<DateTime<Utc>>,
    pub ends_on: NaiveDate,
    /// Absent: derive it; `None` within: it can't be cancelled.
    pub cancellable_until: Option<Option<DateTime<Utc>>>,
}

const SERVICE: usize = 1;
const CHANNEL: usize = 0;
const TERM_PHASE: usize = 7;
const AT_TERM_END: usize = 8;

/// The steps of `terms.md`: what dates leave possible at an instant.
pub fn settle<'v>(
    possible: &[Vec<&'v str>; FACTS],
    dates: Dates,
    t: DateTime<Utc>,
) -> [Vec<&'v str>; FACTS] {
    let mut settled = possible.clone();
    // 2. Where the service is unknown, dates exclude the services in AZURE.
    settled[SERVICE].retain(|service| !["azure", "azure_plan"].contains(service));
    if settled[SERVICE].is_empty() {
        return possible.clone();
    }
    // 3. For earlier terms `extend` counts as `end`.
    if dates.ends_on < NaiveDate::from_ymd_opt(2026, 5, 4).unwrap() {
        for value in &mut settled[AT_TERM_END] {
            if *value == "extend" {
                *value = "end";
            }
        }
        settled[AT_TERM_END].dedup();
    }
    let mut phases = BTreeSet::new();
    let day_after = dates.ends_on.succ_opt().unwrap().and_hms_opt(0, 0, 0).unwrap().and_utc();
    if t >= day_after {
        // 4. The term that the dates describe is over.
        for at_term_end in &settled[AT_TERM_END] {
            if *at_term_end == "renew" {
                phases.extend(["cancellable", "committed"]);
            } else {
                phases.insert("ended");
            }
        }
    } else if let Some(until) = dates.cancellable_until {
        // 5. What the record says.
        phases.insert(if until.is_some_and(|until| t < until) {
            "cancellable"
        } else {
            "committed"
        });
    } else {
        // 6. Derived from the service.
        for service in &settled[SERVICE] {
            match *service {
                "license" => {
                    for channel in &settled[CHANNEL] {
                        phases.insert("cancellable");
                        if ["open", "enterprise_agreement", "mca_enterprise", "third_party"]
                            .contains(channel)
                        {
                            phases.insert("committed");
                        }
                    }
                }
                "azure_reservation" => {
                    phases.insert("cancellable");
                }
                "azure_savings_plan" => {
                    phases.insert("committed");
                }
                "new_commerce_license" => match dates.purchased_at {
                    None => phases.extend(["cancellable", "committed"]),
                    Some(purchase) => {
                        let instant = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
                        let hours = if t < instant("2022-03-19T00:00:00Z")
                            || purchase < instant("2022-03-12T00:00:00Z")
                        {
                            72
                        } else {
                            168
                        };
                        let closes = purchase + TimeDelta::hours(hours);
                        phases.insert(if t < closes { "cancellable" } else { "committed" });
                    }
                },
                "software" | "marketplace" => phases.extend(["cancellable", "committed"]),
                other => panic!("no such service: {other}"),
            }
        }
    }
    // A stated phase is not kept beside dates.
    settled[TERM_PHASE] = phases.into_iter().collect();
    settled
}

// Reading the tables.

type Groups = Vec<(String, Vec<String>)>;

impl Policy {
    pub fn read() -> Policy {
        Policy::parse(include_str!("../data/facts.md"), include_str!("../data/rules.md"))
    }

    fn parse(facts_md: &str, rules_md: &str) -> Policy {
        let facts: Vec<(String, Vec<String>)> = table(facts_md, "| fact | values | meaning |")
            .into_iter()
            .map(|row| (quoted(row[0]), distinct(row[1].split(' ').map(quoted).collect())))
            .collect();
        assert_eq!(facts.len(), FACTS, "number of facts");
        for (place, name) in [
            (CHANNEL, "channel"),
            (SERVICE, "service"),
            (TERM_PHASE, "term_phase"),
            (AT_TERM_END, "at_term_end"),
        ] {
            assert_eq!(facts[place].0, name);
        }
        let actions: Vec<String> =
            table(facts_md, "| action | meaning |").iter().map(|row| quoted(row[0])).collect();
        assert_eq!(actions.len(), 5, "number of actions");
        assert!(facts_md.contains("\nMOVES = the last four. ALL = all five.\n"));
        let rules = parse_rules(rules_md, &facts, &actions, &parse_groups(facts_md));
        Policy { facts, actions, rules }
    }
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
fn parse_rules(
    rules_md: &str,
    facts: &[(String, Vec<String>)],
    actions: &[String],
    groups: &Groups,
) -> Vec<Rule> {
    let mut effect = String::new();
    let mut rules = Vec::new();
    for line in rules_md.lines().skip_while(|line| *line != "## Exclude") {
        if let Some(heading) = line.strip_prefix("## ") {
            effect = heading.to_lowercase();
            assert!(
                ["exclude", "forbid", "permit", "require", "advise"].contains(&effect.as_str())
            );
        } else if line.starts_with("| id |") {
            // The column more, or its lack, shows in the rows.
            let line = line.replace("| requirement |", "|");
            assert_eq!(line, "| id | actions | condition | in force | basis | source | reason |");
        } else if !line.is_empty() && !is_ruler(line) {
            rules.push(parse_rule(&effect, cells(line), facts, actions, groups));
        }
    }
    assert!(!rules.is_empty());
    distinct(rules.iter().map(|rule| rule.id.clone()).collect());
    rules
}

fn parse_rule(
    effect: &str,
    mut row: Vec<&str>,
    facts: &[(String, Vec<String>)],
    actions: &[String],
    groups: &Groups,
) -> Rule {
    let requirement = (effect == "require").then(|| quoted(row.remove(1)));
    let [id, on, condition, dates, basis, sources, reason] = row[..] else {
        panic!("not a rule: {row:?}")
    };
    let (from, until) = dates.strip_suffix(" …").map_or_else(
        || {
            let (from, until) = halves(dates, " – ");
            assert!(from < until, "not in order: {dates}");
            (date(from), Some(date(until)))
        },
        |from| (date(from), None),
    );
    assert!(["stated", "linked", "inferred", "reported"].contains(&basis), "{row:?}");
    assert!(!reason.is_empty(), "no reason: {row:?}");
    let actions = match on {
        "ALL" => actions.to_vec(),
        "MOVES" => actions[1..].to_vec(),
        list => distinct(list.split(", ").map(quoted).collect()),
    };
    Rule {
        id: quoted(id),
        effect: effect.to_owned(),
        requirement,
        actions,
        condition: parse_condition(condition, facts, groups),
        from,
        until,
        basis: basis.to_owned(),
        sources: sources.split(", ").map(str::to_owned).collect(),
        reason: reason.to_owned(),
    }
}

/// ``cloud `china`; service all but LICENSE``: the facts named, each once, and what is admitted.
fn parse_condition(
    text: &str,
    facts: &[(String, Vec<String>)],
    groups: &Groups,
) -> Vec<(usize, Vec<String>)> {
    let mut condition = Vec::new();
    for part in text.split("; ").filter(|_| !text.is_empty()) {
        let (name, values) = halves(part, " ");
        let fact = facts.iter().position(|(fact, _)| fact == name).expect(name);
        let (base, exceptions) = values.split_once(" but ").unwrap_or((values, ""));
        let base = if base == "all" { facts[fact].1.clone() } else { values_of(base, groups) };
        let exceptions =
            if exceptions.is_empty() { Vec::new() } else { values_of(exceptions, groups) };
        assert!(base.iter().all(|value| facts[fact].1.contains(value)), "{part}");
        assert!(exceptions.iter().all(|value| base.contains(value)), "{part}");
        let admitted: Vec<String> =
            base.into_iter().filter(|value| !exceptions.contains(value)).collect();
        assert!(!admitted.is_empty(), "{part}");
        assert!(condition.iter().all(|(named, _)| *named != fact), "{text}");
        condition.push((fact, admitted));
    }
    condition
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

fn date(text: &str) -> String {
    let shape = text.replace(|c: char| c.is_ascii_digit(), "0");
    assert_eq!(shape, "0000-00-00", "not a date: {text}");
    text.to_owned()
}

/// The rows below the one line that is this header, up to a blank line.
pub fn table<'a>(text: &'a str, header: &str) -> Vec<Vec<&'a str>> {
    assert_eq!(text.matches(header).count(), 1, "tables {header}");
    let (_, below) = halves(text, header);
    let mut lines = below.lines().skip(1);
    assert!(lines.next().is_some_and(is_ruler), "nothing below {header}");
    let rows: Vec<Vec<&str>> = lines.take_while(|line| !line.is_empty()).map(cells).collect();
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
pub fn quoted(text: &str) -> String {
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
    text.split_once(separator).unwrap_or_else(|| panic!("no {separator:?} in {text}"))
}

fn distinct(names: Vec<String>) -> Vec<String> {
    let once: BTreeSet<&String> = names.iter().collect();
    assert_eq!(once.len(), names.len(), "twice: {names:?}");
    names
}
