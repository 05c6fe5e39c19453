//! The analysis of rulebooks: every finding, and none besides, as plain definitions find them over all cases.

#![cfg(feature = "std")]

mod support;

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::OnceLock;

use chrono::NaiveDate;
use csp_multichannel::authoring::{Analysis, Finding, FindingKind, Span};
use csp_multichannel::{
    Action, ActionSet, Channel, Cloud, Condition, Edition, Effect, Fact, Facts, Market, Relationship, Rule, Rulebook,
    Service, Set, Status, TermPhase, ValueSet, parse_instant,
};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use support::reference;

// Plain definitions, over cases as positions: nothing of the library's own.

/// A rule, as far as an analysis looks at it.
struct PlainRule {
    id: String,
    effect: Effect,
    actions: Vec<usize>,
    /// What two rules that say the same have in common, besides their effect.
    says: String,
    /// The values that it admits, those of all facts one behind the other, a bit each.
    condition: u64,
}

impl PlainRule {
    fn of_policy(rule: &reference::Rule) -> Self {
        let says = rule.requirement.clone().unwrap_or_default();
        Self {
            id: rule.id.clone(),
            effect: rule.effect.parse().expect("an effect"),
            actions: rule.actions.clone(),
            says: if rule.effect == "advise" { rule.reason.clone() } else { says },
            condition: rule
                .condition
                .iter()
                .zip(offsets())
                .fold(0, |bits, (&of_fact, at)| bits | u64::from(of_fact) << at),
        }
    }

    fn of(rule: &Rule) -> Self {
        let says = rule.requirement().unwrap_or_default();
        Self {
            id: rule.id().to_owned(),
            effect: rule.effect(),
            actions: rule.actions().iter().map(|action| action as usize).collect(),
            says: if rule.effect() == Effect::Advise { rule.reason() } else { says }.to_owned(),
            condition: bits_of(rule.condition().values()),
        }
    }

    fn fires(&self, case: u64) -> bool {
        case & !self.condition == 0
    }
}

/// Where the values of each fact begin.
fn offsets() -> impl Iterator<Item = usize> {
    Fact::ALL.iter().scan(0, |next, fact| {
        let at = *next;
        *next += fact.values().len();
        Some(at)
    })
}

type Case = [u8; 11];

/// All possible cases, in the order of the policy's tables, each with its values as bits.
fn cases() -> &'static [(Case, u64)] {
    static CASES: OnceLock<Vec<(Case, u64)>> = OnceLock::new();
    CASES.get_or_init(|| {
        let bits = |case: &Case| case.iter().zip(offsets()).fold(0, |bits, (value, at)| bits | 1 << value << at);
        support::all_cases(&support::policy()).into_iter().map(|case| (case, bits(&case))).collect()
    })
}

/// Where a case stands among all combinations of values, possible or not.
fn place(case: &Case) -> usize {
    let sizes = Fact::ALL.iter().map(|fact| fact.values().len());
    case.iter().zip(sizes).fold(0, |place, (&value, size)| place * size + usize::from(value))
}

/// Who can change what: `docs/what-would-change-it.md`.
const CHANGES: &[(Fact, &str, &str)] = &[
    (Fact::Partner, "indirect_reseller", "indirect_provider"),
    (Fact::Relationship, "none", "requested"),
    (Fact::Relationship, "none", "active"),
    (Fact::Relationship, "requested", "active"),
    (Fact::Term, "cancellable", "committed"),
    (Fact::Term, "cancellable", "ended"),
    (Fact::Term, "committed", "ended"),
    (Fact::AutoRenew, "on", "off"),
    (Fact::AutoRenew, "off", "on"),
    (Fact::Status, "active", "suspended"),
    (Fact::Status, "suspended", "active"),
    (Fact::Transfer, "pending", "none"),
];

/// What holds of some rules: of each kind the rules and the action, with the first case that shows it.
#[derive(Default, Debug, PartialEq)]
struct Findings {
    idle: BTreeMap<(String, usize), Case>,
    meetings: BTreeMap<(String, String, usize), Case>,
    same: BTreeMap<(String, String, usize), Case>,
    covered: BTreeMap<(String, String, usize), Case>,
    unmeetable: BTreeMap<(String, usize), Case>,
}

/// The rules in force on a day, and which of them fire in each case.
struct Plain {
    rules: Vec<PlainRule>,
    /// For each case, a bit a rule.
    firing: Vec<u128>,
}

impl Plain {
    fn new(rules: Vec<PlainRule>) -> Self {
        let of_case = |case: u64| {
            let fires = rules.iter().enumerate().filter(|(_, rule)| rule.fires(case));
            fires.fold(0, |bits, (at, _)| bits | 1 << at)
        };
        let firing = cases().iter().map(|&(_, case)| of_case(case)).collect();
        Self { rules, firing }
    }

    /// The rules with an effect on an action, as bits.
    fn speaking(&self, action: usize, effect: Effect) -> u128 {
        let rules = self.rules.iter().enumerate();
        let speaking = rules.filter(|(_, rule)| rule.effect == effect && rule.actions.contains(&action));
        speaking.fold(0, |bits, (at, _)| bits | 1 << at)
    }

    fn findings(&self) -> Findings {
        let mut found = Findings::default();
        let id = |at: usize| self.rules[at].id.clone();
        let each = |bits: u128| (0..self.rules.len()).filter(move |at| bits >> at & 1 == 1);

        // For each rule its first case, and the rules that do not fire in one of its cases.
        let mut first: Vec<Option<Case>> = vec![None; self.rules.len()];
        let mut apart = vec![0_u128; self.rules.len()];
        for ((case, _), &firing) in cases().iter().zip(&self.firing) {
            for at in each(firing) {
                first[at].get_or_insert(*case);
                apart[at] |= !firing;
            }
        }
        let is_within = |one: usize, other: usize| apart[one] >> other & 1 == 0;

        for (one, rule) in self.rules.iter().enumerate() {
            for (other, of_other) in self.rules.iter().enumerate() {
                if one == other
                    || (rule.effect, &rule.says) != (of_other.effect, &of_other.says)
                    || !is_within(one, other)
                {
                    continue;
                }
                for &action in rule.actions.iter().filter(|action| of_other.actions.contains(action)) {
                    let example = first[one].expect("a case");
                    match is_within(other, one) {
                        true if one < other => found.same.insert((id(one), id(other), action), example),
                        true => None,
                        false => found.covered.insert((id(one), id(other), action), example),
                    };
                }
            }
        }

        for action in 0..5 {
            let [excludes, forbids, permits, requires, advises] =
                [0, 1, 2, 3, 4].map(|effect| self.speaking(action, Effect::ALL[effect]));
            let mut at_work = 0;
            let mut conditional: BTreeMap<usize, Vec<Case>> = BTreeMap::new();
            for ((case, _), &firing) in cases().iter().zip(&self.firing) {
                if firing & excludes != 0 {
                    at_work |= firing & excludes;
                    continue;
                }
                for permit in each(firing & permits) {
                    for forbid in each(firing & forbids)
                        .filter(|&forbid| !is_within(permit, forbid) && !is_within(forbid, permit))
                    {
                        found.meetings.entry((id(permit), id(forbid), action)).or_insert(*case);
                    }
                }
                if firing & forbids != 0 {
                    at_work |= firing & forbids;
                } else if firing & permits != 0 {
                    at_work |= firing & (permits | requires | advises);
                    each(firing & requires).for_each(|at| conditional.entry(at).or_default().push(*case));
                }
            }
            for at in each((excludes | forbids | permits | requires | advises) & !at_work) {
                found.idle.insert((id(at), action), first[at].expect("a case"));
            }
            for (at, cases) in conditional {
                let met = self.met(action, at);
                if !cases.iter().any(|case| met[place(case)]) {
                    found.unmeetable.insert((id(at), action), cases[0]);
                }
            }
        }
        found
    }

    /// The cases from which changes lead to one in which an action is open, and a rule does not fire.
    fn met(&self, action: usize, without: usize) -> Vec<bool> {
        let [excludes, forbids, permits] =
            [Effect::Exclude, Effect::Forbid, Effect::Permit].map(|effect| self.speaking(action, effect));
        let combinations = Fact::ALL.iter().map(|fact| fact.values().len()).product();
        let mut met = vec![false; combinations];
        for ((case, _), &firing) in cases().iter().zip(&self.firing) {
            met[place(case)] = firing & (excludes | forbids | 1 << without) == 0 && firing & permits != 0;
        }
        let position = |fact: Fact, word: &str| {
            let position = fact.values().iter().position(|value| value.as_str() == word);
            u8::try_from(position.expect("a value")).expect("few values")
        };
        // Until nothing more follows.
        loop {
            let before = met.iter().filter(|met| **met).count();
            for &(fact, from, to) in CHANGES {
                let (from, to) = (position(fact, from), position(fact, to));
                for (case, _) in cases().iter().filter(|(case, _)| case[fact as usize] == from) {
                    let mut changed = *case;
                    changed[fact as usize] = to;
                    met[place(case)] |= met[place(&changed)];
                }
            }
            if met.iter().filter(|met| **met).count() == before {
                return met;
            }
        }
    }

    /// Gaps hold every case that no rule speaks of, once, and no other; none two of them differ in one fact only.
    fn assert_gaps(&self, action: usize, gaps: &[(Condition, Facts)]) {
        let deciding = [Effect::Exclude, Effect::Forbid, Effect::Permit];
        let speaking = deciding.iter().fold(0, |bits, &effect| bits | self.speaking(action, effect));
        let admitted: Vec<u64> = gaps.iter().map(|(gap, _)| bits_of(gap.values())).collect();
        let mut first = vec![None; gaps.len()];
        for ((case, bits), &firing) in cases().iter().zip(&self.firing) {
            let met: Vec<usize> = (0..gaps.len()).filter(|&at| bits & !admitted[at] == 0).collect();
            assert_eq!(met.len(), usize::from(firing & speaking == 0), "{case:?} on {action}");
            if let [at] = met[..] {
                first[at].get_or_insert(*case);
            }
        }
        for (at, &(gap, example)) in gaps.iter().enumerate() {
            assert_eq!(first[at], Some(positions(example)), "the first case of a gap, and no gap is empty");
            for &(other, _) in &gaps[..at] {
                let differ = Fact::ALL.iter().filter(|&&fact| gap.admitted(fact) != other.admitted(fact));
                assert!(differ.count() > 1, "{gap} and {other} could be one");
            }
        }
    }

    /// Rules that outrank an idle one do so wherever it could come to something, and none of them could be left out.
    fn assert_outranked(&self, action: usize, idle: &str, by: &[&str]) {
        let position = |id: &str| self.rules.iter().position(|rule| rule.id == id).expect("a rule in force");
        let at = position(idle);
        let permits = self.speaking(action, Effect::Permit);
        let (needed, outranking) = match self.rules[at].effect {
            Effect::Exclude => panic!("an exclusion is never idle"),
            Effect::Forbid => (u128::MAX, self.speaking(action, Effect::Exclude)),
            effect => {
                let before = [Effect::Exclude, Effect::Forbid].map(|effect| self.speaking(action, effect));
                (if effect == Effect::Permit { u128::MAX } else { permits }, before[0] | before[1])
            }
        };
        let by = by.iter().fold(0_u128, |bits, id| bits | 1 << position(id));
        assert_eq!(by & !outranking, 0, "{idle} is outranked by rules of higher rank");
        let could = || self.firing.iter().filter(|&&firing| firing >> at & 1 == 1 && firing & needed != 0);
        assert!(could().all(|firing| firing & by != 0), "{idle} comes to something without {by:b}");
        for one in (0..self.rules.len()).map(|at| 1 << at).filter(|one| by & one != 0) {
            assert!(could().any(|firing| firing & by & !one == 0), "{idle} is outranked without {one:b}");
        }
    }
}

// What the library finds, in the same words.

fn bits_of(values: ValueSet) -> u64 {
    let all = Fact::ALL.iter().flat_map(|fact| fact.values().iter()).enumerate();
    all.filter(|&(_, value)| values.contains(value)).fold(0, |bits, (at, _)| bits | 1 << at)
}

fn positions(case: Facts) -> Case {
    std::array::from_fn(|at| {
        let value = case.possible(Fact::ALL[at]).single().expect("everything is known");
        let position = Fact::ALL[at].values().iter().position(|other| other == value);
        position.and_then(|position| u8::try_from(position).ok()).expect("few values")
    })
}

/// The findings that hold on a day, each with the example of that day.
fn on_day<'a>(
    analysis: &'a Analysis<'a>,
    day: NaiveDate,
) -> impl Iterator<Item = (&'a FindingKind<'a>, ActionSet, Facts)> {
    let covers = move |span: &&Span| span.from() <= day && span.until().is_none_or(|until| day < until);
    analysis.findings().iter().filter_map(move |finding| {
        let mut spans = finding.spans().iter().filter(covers);
        let span = spans.next()?;
        assert_eq!(spans.next(), None, "spans do not overlap: {finding}");
        Some((finding.kind(), finding.actions(), span.example()))
    })
}

/// The findings of an analysis on a day, held against plain definitions.
#[track_caller]
fn assert_found(analysis: &Analysis<'_>, day: NaiveDate, plain: &Plain) {
    let mut found = Findings::default();
    let mut gaps: [Vec<(Condition, Facts)>; 5] = Default::default();
    for (kind, actions, example) in on_day(analysis, day) {
        let case = positions(example);
        assert!(!actions.is_empty());
        for action in actions {
            let action_at = action as usize;
            let twice = match kind {
                FindingKind::Idle { rule, by } => {
                    plain.assert_outranked(action_at, rule.id(), &by.iter().map(|rule| rule.id()).collect::<Vec<_>>());
                    found.idle.insert((rule.id().into(), action_at), case)
                }
                FindingKind::Meeting { permit, forbid } => {
                    found.meetings.insert((permit.id().into(), forbid.id().into(), action_at), case)
                }
                FindingKind::Gap { condition } => {
                    gaps[action_at].push((*condition, example));
                    None
                }
                FindingKind::Same { rule, other } => {
                    found.same.insert((rule.id().into(), other.id().into(), action_at), case)
                }
                FindingKind::Covered { rule, by } => {
                    found.covered.insert((rule.id().into(), by.id().into(), action_at), case)
                }
                FindingKind::Unmeetable { rule } => found.unmeetable.insert((rule.id().into(), action_at), case),
                other => panic!("{other:?} has no plain definition here"),
            };
            assert_eq!(twice, None, "found twice: {kind:?}");
        }
    }
    assert_eq!(found, plain.findings(), "on {day}");
    for (action, gaps) in gaps.iter().enumerate() {
        plain.assert_gaps(action, gaps);
    }
}

/// The built-in register in each edition, its rules read from the policy's own tables.
#[test]
fn the_register() {
    let policy = support::policy();
    let rulebook = Rulebook::partner_center();
    let analysis = Analysis::of(rulebook);
    let editions: Vec<Edition<'_>> = rulebook.editions().collect();
    let check = |odd: usize| {
        for edition in editions.iter().skip(odd).step_by(2) {
            let in_force = policy.in_force(&edition.since().to_string());
            let plain = Plain::new(in_force.iter().map(|&at| PlainRule::of_policy(&policy.rules[at])).collect());
            assert_found(&analysis, edition.since(), &plain);
            // One edition alone says the same.
            let alone = Analysis::of_edition(*edition);
            let [of_one, of_all] = [&alone, &analysis].map(|of| on_day(of, edition.since()).collect::<HashSet<_>>());
            assert_eq!(of_one, of_all);
            assert!(alone.findings().iter().flat_map(Finding::spans).all(|span| span.until() == edition.until()));
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(|| check(1));
        check(0);
    });

    let mut counts = BTreeMap::new();
    analysis.findings().iter().for_each(|finding| *counts.entry(finding.kind().as_str()).or_insert(0) += 1);
    assert_eq!(counts, BTreeMap::from([("gap", 37), ("meeting", 53)]));
    // In the order of the kinds, of each those first that hold first.
    let order = ["idle", "meeting", "gap", "same", "covered", "unmeetable"];
    let key = |finding: &Finding<'_>| {
        (order.iter().position(|kind| *kind == finding.kind().as_str()), finding.spans()[0].from())
    };
    assert!(analysis.findings().is_sorted_by_key(key));
}

/// A condition on a few facts.
fn condition() -> impl Strategy<Value = ValueSet> {
    const FACTS: &[Fact] = &[Fact::Service, Fact::Relationship, Fact::Term, Fact::AutoRenew];
    prop::collection::vec((select(FACTS), any::<u16>()), 0..=3).prop_map(|named| {
        let admitted = |&(fact, bits): &(Fact, u16)| -> ValueSet {
            let values = fact.values().iter().enumerate();
            values.filter(|&(at, _)| bits >> at & 1 == 1).map(|(_, value)| value).collect()
        };
        named.iter().fold(ValueSet::EMPTY, |all, named| all.union(admitted(named)))
    })
}

prop_compose! {
    /// A few rules of any effect, over three editions.
    fn small_rulebook()(
        rules in prop::collection::vec(
            (select(Effect::ALL), subsequence(&[Action::Switch, Action::WaitUntilTermEnd][..], 1..=2), condition(), 0..3_usize, 1..4_usize),
            1..12,
        ),
    ) -> Option<Rulebook> {
        const DAYS: [&str; 4] = ["2018-01-01", "2019-01-01", "2020-01-01", "2021-01-01"];
        let rules = rules.into_iter().enumerate().map(|(number, (effect, actions, condition, from, length))| {
            let actions: ActionSet = actions.into_iter().collect();
            let rule = Rule::new(format!("rule-{number}"), effect, actions, day(DAYS[from])).when(condition);
            let rule = DAYS.get(from + length).map_or(rule.clone(), |until| rule.until(day(until)));
            // Some say the same.
            let rule = rule.with_reason(["a reason", "another"][number % 2]);
            if effect == Effect::Require { rule.with_requirement(["a_letter", "a_form"][number % 2]) } else { rule }
        });
        // Without those that never fire.
        let rules = rules.filter(|rule| Rulebook::new([rule.clone()]).is_ok()).collect::<Vec<_>>();
        (!rules.is_empty()).then(|| Rulebook::new(rules).expect("rules in order"))
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn small_rulebooks(rulebook in small_rulebook().prop_filter_map("rules", |rulebook| rulebook)) {
        let analysis = Analysis::of(&rulebook);
        for edition in rulebook.editions() {
            let plain = Plain::new(edition.rules().map(PlainRule::of).collect());
            assert_found(&analysis, edition.since(), &plain);
        }
        for span in analysis.findings().iter().flat_map(Finding::spans) {
            let begins = rulebook.editions().any(|edition| edition.since() == span.from());
            let ends = rulebook.editions().any(|edition| edition.until() == span.until());
            prop_assert!(begins && ends && span.until().is_none_or(|until| span.from() < until));
        }
    }
}

// A rulebook for each finding, which shows that finding and no other.

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

fn rule(id: &'static str, effect: Effect, actions: impl Into<ActionSet>) -> Rule {
    Rule::new(id, effect, actions, day("2020-01-01"))
}

/// All actions but switching.
fn others() -> ActionSet {
    Set::all().difference(Action::Switch.into())
}

/// Rules on switching; every other action is excluded.
fn on_switching(rules: impl IntoIterator<Item = Rule>) -> Rulebook {
    let others = rule("others", Effect::Exclude, others());
    Rulebook::new(rules.into_iter().chain([others]).collect::<Vec<_>>()).expect("a rulebook")
}

/// What is found, without the examples.
fn told(rulebook: &Rulebook) -> Vec<String> {
    let analysis = Analysis::of(rulebook);
    assert_eq!(analysis.to_string() == "no findings", analysis.findings().is_empty());
    analysis.findings().iter().filter_map(|finding| finding.to_string().lines().next().map(str::to_owned)).collect()
}

fn but<T: csp_multichannel::Member>(member: T) -> Set<T> {
    Set::all().difference(member.into())
}

#[test]
fn rules_that_are_idle() {
    let excluded = rule("excluded", Effect::Exclude, Action::Switch);
    let forbidden = rule("forbidden", Effect::Forbid, Action::Switch);
    let open = |id, effect| rule(id, effect, Action::Switch).when(Channel::Open);
    for (rules, finding) in [
        (
            vec![excluded.clone(), open("f", Effect::Forbid)],
            "forbid f never decides switch: it is outranked by excluded",
        ),
        // Together only; what the third could do, the others do as well.
        (
            vec![
                excluded.clone().when(Status::Active),
                rule("some", Effect::Exclude, Action::Switch).when(but(Status::Deleted)).when(Market::Same),
                rule("gone", Effect::Exclude, Action::Switch).when(but(Status::Active)),
                open("f", Effect::Forbid).when(but(Status::Suspended)),
            ],
            "forbid f never decides switch: it is outranked by excluded, gone",
        ),
        (
            vec![forbidden.clone(), open("p", Effect::Permit)],
            "permit p never decides switch: it is outranked by forbidden",
        ),
        (
            vec![forbidden.clone(), open("r", Effect::Require).with_requirement("a_letter")],
            "require r never makes switch conditional: nothing is permitted where it fires",
        ),
        (
            vec![
                excluded.clone().when(Status::Deleted),
                rule("closed", Effect::Forbid, Action::Switch).when(but(Channel::Open)),
                open("p", Effect::Permit),
                rule("a", Effect::Advise, Action::Switch).when(Status::Deleted),
            ],
            "advise a never goes with an open switch: where something is permitted, it is outranked by excluded",
        ),
    ] {
        assert_eq!(told(&on_switching(rules)), [finding]);
    }

    // What was of use at first, and then no more: `both` is in most of the sets, and `left` and `right` are needed besides.
    let near = |id: &'static str, channel: Channel| {
        rule(id, Effect::Exclude, Action::Switch).when(Set::from([Channel::Open, channel]))
    };
    let rules = [
        near("both", Channel::Direct).when(Set::from([Cloud::Public, Cloud::UsGovernment])),
        near("left", Channel::Direct).when(Set::from([Cloud::Public, Cloud::Germany])),
        near("right", Channel::Direct).when(Set::from([Cloud::UsGovernment, Cloud::China])),
        near("now_and_then", Channel::Advisor)
            .when(Set::from([Cloud::Public, Cloud::UsGovernment]))
            .when(Market::Other),
        open("f", Effect::Forbid),
        rule("rest", Effect::Forbid, Action::Switch).when(but(Channel::Open)),
    ];
    assert_eq!(told(&on_switching(rules)), ["forbid f never decides switch: it is outranked by left, right"]);

    // One instead of two, although it comes after them.
    let rules = [
        near("active", Channel::Advisor).when(Status::Active),
        near("gone", Channel::Advisor).when(but(Status::Active)),
        near("both", Channel::Direct),
        open("f", Effect::Forbid),
        rule("rest", Effect::Forbid, Action::Switch).when(but(Channel::Open)),
    ];
    assert_eq!(told(&on_switching(rules)), ["forbid f never decides switch: it is outranked by both"]);

    // On one of its actions.
    let never = rule("f", Effect::Forbid, Set::from([Action::Switch, Action::CancelThenMove])).when(Channel::Open);
    let finding = "forbid f never decides cancel_then_move: it is outranked by others";
    assert_eq!(
        told(&on_switching([never, rule("rest", Effect::Forbid, Action::Switch).when(but(Channel::Open))])),
        [finding]
    );
}

/// Each with what outranks it and the first case that shows it, and nothing of the others.
#[test]
fn several_rules_that_are_idle() {
    let on = |id, effect, channel: Channel| rule(id, effect, Action::Switch).when(channel);
    let rulebook = on_switching([
        on("no-open", Effect::Exclude, Channel::Open),
        on("no-advisor", Effect::Exclude, Channel::Advisor),
        on("no-third-party", Effect::Exclude, Channel::ThirdParty),
        on("open", Effect::Forbid, Channel::Open),
        on("third-party", Effect::Forbid, Channel::ThirdParty),
        on("advisor", Effect::Forbid, Channel::Advisor),
        rule("rest", Effect::Forbid, Action::Switch).when(Set::all().difference(Set::from([
            Channel::Open,
            Channel::Advisor,
            Channel::ThirdParty,
        ]))),
    ]);
    let analysis = Analysis::of(&rulebook);
    let shown =
        analysis.findings().iter().map(|finding| finding.spans()[0].example().possible(Fact::Channel).to_string());
    assert_eq!(shown.collect::<Vec<_>>(), ["open", "third_party", "advisor"]);
    assert_eq!(
        told(&rulebook),
        [
            "forbid open never decides switch: it is outranked by no-open",
            "forbid third-party never decides switch: it is outranked by no-third-party",
            "forbid advisor never decides switch: it is outranked by no-advisor"
        ]
    );
}

#[test]
fn a_permit_and_a_forbid_that_meet() {
    let closed = rule("closed", Effect::Exclude, Action::Switch).when(but(Channel::Open));
    let permit = rule("p", Effect::Permit, Action::Switch).when(Channel::Open);
    let forbid = rule("f", Effect::Forbid, Action::Switch).when(Status::Deleted);
    let meet = "permit p and forbid f meet on switch";
    assert_eq!(told(&on_switching([closed.clone(), permit.clone(), forbid.clone()])), [meet]);
    // An exception to the permit is none.
    assert_eq!(told(&on_switching([closed.clone(), permit.clone(), forbid.clone().when(Channel::Open)])), [""; 0]);
    // Nor is one where the cases in which both fire are excluded.
    let deleted = rule("deleted", Effect::Exclude, Action::Switch).when(Status::Deleted).when(Channel::Open);
    let elsewhere = rule("elsewhere", Effect::Forbid, Action::Switch).when(but(Channel::Open));
    assert_eq!(told(&on_switching([deleted, permit, forbid, elsewhere])), [""; 0]);
}

#[test]
fn cases_of_which_no_rule_speaks() {
    let licenses = rule("licenses", Effect::Permit, Action::Switch).when(Service::LICENSE_BASED);
    let gap = "no rule speaks of switch where service: azure, azure_plan, azure_reservation, software, marketplace";
    assert_eq!(told(&on_switching([licenses])), [gap]);
    let advice = rule("a", Effect::Advise, Action::Switch);
    let idle = "advise a never goes with an open switch: nothing is permitted where it fires";
    assert_eq!(told(&on_switching([advice])), [idle, "no rule speaks of switch"]);
    // Of several actions at once.
    let one = Rulebook::new([rule("p", Effect::Permit, Action::Switch)]).expect("a rulebook");
    let gap = "no rule speaks of request_relationship, recreate_and_cancel, wait_until_term_end, cancel_then_move";
    assert_eq!(told(&one), [gap]);
}

#[test]
fn rules_that_say_the_same() {
    let forbid = |id| rule(id, Effect::Forbid, Action::Switch);
    assert_eq!(told(&on_switching([forbid("a"), forbid("b")])), ["forbid a and b say the same of switch"]);
    let covered = "forbid b says of switch what a says in more cases";
    assert_eq!(told(&on_switching([forbid("a"), forbid("b").when(Channel::Open)])), [covered]);
    // The term tells the service, so that the same cases are meant.
    let services = forbid("a").when(Service::USAGE_BASED);
    let rest =
        rule("rest", Effect::Permit, Action::Switch).when(Set::<Service>::all().difference(Service::USAGE_BASED));
    let terms = forbid("b").when(TermPhase::None);
    assert_eq!(told(&on_switching([services, terms, rest])), ["forbid a and b say the same of switch"]);
    // What is required, and what is advised, is a part of what they say.
    let permit = rule("p", Effect::Permit, Action::Switch);
    let need = |id, what| rule(id, Effect::Require, Action::Switch).when(Relationship::None).with_requirement(what);
    let know = |id, why| rule(id, Effect::Advise, Action::Switch).with_reason(why);
    let differ = [permit.clone(), need("a", "a_letter"), need("b", "a_form"), know("c", "this"), know("d", "that")];
    assert_eq!(told(&on_switching(differ)), [""; 0]);
    let agree = [permit, need("a", "a_letter"), need("b", "a_letter"), know("c", "this"), know("d", "this")];
    let same = ["require a and b say the same of switch", "advise c and d say the same of switch"];
    assert_eq!(told(&on_switching(agree)), same);
}

#[test]
fn requirements_that_no_change_meets() {
    let permit = rule("p", Effect::Permit, Action::Switch);
    let need = rule("r", Effect::Require, Action::Switch).with_requirement("a_letter");
    let finding = ["require r is met by no change that someone can make, for switch"];
    // Nobody changes where it was bought.
    assert_eq!(told(&on_switching([permit.clone(), need.clone().when(Channel::Open)])), finding);
    assert_eq!(told(&on_switching([permit.clone(), need.clone().when(Relationship::Requested)])), [""; 0]);
    // One of two facts is enough, and one of several values.
    let either = need.clone().when(Channel::Open).when(Status::Suspended);
    assert_eq!(told(&on_switching([permit.clone(), either])), [""; 0]);
    assert_eq!(told(&on_switching([permit.clone(), need.clone().when(but(Status::Active))])), [""; 0]);
    // Once the term is over the requirement is gone, but so is the way.
    let over = rule("over", Effect::Forbid, Action::Switch).when(TermPhase::Ended);
    let begun = permit.when(but(TermPhase::Ended));
    assert_eq!(told(&on_switching([begun.clone(), over, need.clone().when(TermPhase::Committed)])), finding);
    let gone = rule("gone", Effect::Permit, Action::Switch).when(TermPhase::Ended);
    assert_eq!(told(&on_switching([begun, gone, need.when(TermPhase::Committed)])), [""; 0]);
    // What helps in cases that were not permitted before is of no use in those that were.
    let when = |id, effect, channel: Channel, relationships: Set<Relationship>| {
        rule(id, effect, Action::Switch).when(channel).when(relationships)
    };
    let rules = [
        rule("elsewhere", Effect::Exclude, Action::Switch)
            .when(Set::<Channel>::all().difference(Set::from([Channel::Open, Channel::Direct]))),
        when("begun", Effect::Forbid, Channel::Open, but(Relationship::None)),
        when("first", Effect::Permit, Channel::Open, Relationship::None.into()),
        when("not_yet", Effect::Forbid, Channel::Direct, but(Relationship::Active)),
        when("then", Effect::Permit, Channel::Direct, Relationship::Active.into()),
        rule("r", Effect::Require, Action::Switch).when(Relationship::None).with_requirement("a_letter"),
    ];
    assert_eq!(told(&on_switching(rules)), finding);
}

/// A finding that is not there for some time, and one whose example is another from some day on.
#[test]
fn findings_over_time() {
    let since = |rule: Rule, from: &str| {
        let (id, effect, actions) = (rule.id().to_owned(), rule.effect(), rule.actions());
        Rule::new(id, effect, actions, day(from)).when(rule.condition().values())
    };
    let forbid = rule("f", Effect::Forbid, Action::Switch);
    let excluded = rule("excluded", Effect::Exclude, Action::Switch).until(day("2021-01-01"));
    let again = since(rule("again", Effect::Exclude, Action::Switch), "2022-01-01");
    let book = on_switching([forbid, excluded, again]);
    let example = "channel: direct; service: license; cloud: public; partner: direct_bill; relationship: none; customer: end_customer; \
                   market: same; term: cancellable; auto_renew: on; status: active; transfer: none";
    let text = format!(
        "forbid f never decides switch: it is outranked by excluded\n  from 2020-01-01 until 2021-01-01: {example}\n\
         forbid f never decides switch: it is outranked by again\n  since 2022-01-01: {example}"
    );
    assert_eq!(Analysis::of(&book).to_string(), text);
    let at = parse_instant("2021-06-01").expect("an instant");
    assert_eq!(Analysis::of_edition(book.edition_at(at).expect("an edition")).to_string(), "no findings");

    let permit = rule("p", Effect::Permit, Action::Switch).when(Channel::Open);
    let forbid = rule("f", Effect::Forbid, Action::Switch).when(Status::Deleted);
    let closed = rule("closed", Effect::Exclude, Action::Switch).when(but(Channel::Open));
    let public = rule("public", Effect::Exclude, Action::Switch).when(Cloud::Public);
    let between = since(public, "2021-01-01").until(day("2022-01-01"));
    let unrelated = since(rule("unrelated", Effect::Advise, Action::Switch), "2023-01-01");
    let book = on_switching([permit, forbid, closed, between, unrelated]);
    let analysis = Analysis::of(&book);
    let [finding] = analysis.findings() else { panic!("{analysis}") };
    let cloud = |facts: Facts| facts.possible(Fact::Cloud).to_string();
    let spans: Vec<_> = finding.spans().iter().map(|span| (span.from(), span.until(), cloud(span.example()))).collect();
    assert_eq!(
        spans,
        [
            (day("2020-01-01"), Some(day("2021-01-01")), "public".to_owned()),
            (day("2021-01-01"), Some(day("2022-01-01")), "us_government".to_owned()),
            // Two editions that say the same are one span.
            (day("2022-01-01"), None, "public".to_owned()),
        ]
    );
}

#[cfg(feature = "serde")]
#[test]
fn as_json() {
    use serde_json::json;

    let deleted = |id, effect| rule(id, effect, Action::Switch).when(Status::Deleted);
    let rules = [
        deleted("excluded", Effect::Exclude),
        deleted("idle", Effect::Forbid),
        rule("p", Effect::Permit, Action::Switch).when(Channel::Open),
        rule("f", Effect::Forbid, Action::Switch).when(Relationship::Active),
        rule("same", Effect::Forbid, Action::Switch).when(Relationship::Active).until(day("2021-01-01")),
        rule("covered", Effect::Permit, Action::Switch).when(Channel::Open).when(Status::Active),
        rule("r", Effect::Require, Action::Switch).when(Service::Azure).with_requirement("a_letter"),
    ];
    let found = serde_json::to_value(Analysis::of(&on_switching(rules))).expect("JSON");
    let found: Vec<_> = found
        .as_array()
        .expect("a list")
        .iter()
        .cloned()
        .map(|mut finding| {
            assert!(finding["spans"][0]["example"]["status"].is_array(), "{finding}");
            for span in finding["spans"].as_array_mut().expect("spans") {
                span.as_object_mut().expect("a span").remove("example");
            }
            finding
        })
        .collect();
    let always = json!([{"from": "2020-01-01"}]);
    let first = json!([{"from": "2020-01-01", "until": "2021-01-01"}]);
    let but_open = [
        "direct",
        "advisor",
        "own_advisor",
        "enterprise_agreement",
        "third_party",
        "syndication_partner",
        "other_csp_partner",
        "former_csp_partner",
        "this_partner",
    ];
    let gap = json!({"channel": but_open, "relationship": ["none", "requested"], "status": ["active", "suspended"]});
    let expected = [
        json!({"kind": "idle", "rule": "idle", "by": ["excluded"], "actions": ["switch"], "spans": always}),
        json!({"kind": "meeting", "permit": "p", "forbid": "f", "actions": ["switch"], "spans": always}),
        json!({"kind": "meeting", "permit": "p", "forbid": "same", "actions": ["switch"], "spans": first}),
        json!({"kind": "meeting", "permit": "covered", "forbid": "f", "actions": ["switch"], "spans": always}),
        json!({"kind": "meeting", "permit": "covered", "forbid": "same", "actions": ["switch"], "spans": first}),
        json!({"kind": "gap", "condition": gap, "actions": ["switch"], "spans": always}),
        json!({"kind": "same", "rule": "f", "other": "same", "actions": ["switch"], "spans": first}),
        json!({"kind": "covered", "rule": "covered", "by": "p", "actions": ["switch"], "spans": always}),
        json!({"kind": "unmeetable", "rule": "r", "actions": ["switch"], "spans": always}),
    ];
    assert_eq!(found, expected);
}

/// The rules of a finding are compared as what they say, so that two rulebooks can be told apart.
#[test]
fn findings_are_values() {
    let book = |reason: &'static str| {
        let forbid = |id| rule(id, Effect::Forbid, Action::Switch).with_reason(reason);
        on_switching([forbid("a"), forbid("b")])
    };
    let (one, same, other) = (book("this"), book("this"), book("that"));
    assert_eq!(Analysis::of(&one), Analysis::of(&same));
    assert_ne!(Analysis::of(&one), Analysis::of(&other));
    let kinds: BTreeSet<&str> = Analysis::of(&one).findings().iter().map(|finding| finding.kind().as_str()).collect();
    assert_eq!(kinds, BTreeSet::from(["same"]));
}
