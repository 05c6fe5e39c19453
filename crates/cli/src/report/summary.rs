//! The summary of all subscriptions, in bounded memory.

use std::cell::Cell;
use std::cmp::{Ordering, Reverse};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, SecondsFormat, TimeDelta, Utc};
use csp_multichannel::{
    Action, Channel, Decision, Edition, ExplainedRule, ExplainedVerdict, Fact, Facts, Rule,
    Service, Set, Subscription, TermPhase, Verdict, VerdictRecord,
};
use csp_partner_center::{NoteKind, Origin};

use super::input::{Mapped, Noticed, Refused};
use crate::text::{cells, instant, words};

type Counts<K> = BTreeMap<K, u64>;
type Day = (DateTime<Utc>, Edition<'static>);

csp_multichannel::words! {
    /// The best verdict on the four moves of a subscription.
    pub enum BestMove, best_move {
        /// A move is allowed.
        Allowed = allowed,
        /// A move is allowed when its requirements are met.
        Conditional = conditional,
        /// A move depends on unknown facts.
        Undetermined = undetermined,
        /// No move is allowed.
        None = none,
        /// The asking partner's own subscription.
        Own = own,
    }
}

/// A decision, shared by all subscriptions with the same known facts.
pub(crate) struct Outcome {
    pub(crate) decision: Decision<'static>,
    then: Option<Decision<'static>>,
    pub(crate) best_move: BestMove,
    count: Cell<u64>,
    /// The fields of the JSON record after the id, with the changed verdicts.
    pub(crate) json: String,
    /// The verdict on each action with its details, as cells of CSV.
    pub(crate) cells: String,
    pub(crate) changed: String,
}

impl Outcome {
    fn new(
        (as_of, decision): (DateTime<Utc>, Decision<'static>),
        then: Option<(DateTime<Utc>, Decision<'static>)>,
    ) -> Self {
        let verdicts = decision.verdicts();
        let has = |verdict| Action::MOVES.iter().any(|action| *verdicts.on(action) == verdict);
        let best_move = match decision.facts().known() {
            Some(Channel::ThisPartner) => BestMove::Own,
            _ if has(Verdict::Allowed) => BestMove::Allowed,
            _ if has(Verdict::Conditional) => BestMove::Conditional,
            _ if has(Verdict::Undetermined) => BestMove::Undetermined,
            _ => BestMove::None,
        };
        let record = serde_json::to_string(&decision.record("", as_of)).unwrap_or_default();
        let record = record.strip_prefix("{\"id\":\"\"").unwrap_or(&record);
        let json = record.strip_suffix('}').unwrap_or(record).to_owned();
        let texts = Action::ALL.iter().flat_map(|&action| {
            let requirements: Vec<&str> = decision.requirements(action).collect();
            let verdict = decision.verdict(action).to_string();
            let depends_on = decision.depends_on(action).to_string();
            [verdict, ids(&decision, action), requirements.join(", "), depends_on]
        });
        let cells = cells(texts);
        let (day, then) = then.unzip();
        let mut outcome = Self {
            decision,
            then,
            best_move,
            count: Cell::new(0),
            json,
            cells,
            changed: String::new(),
        };
        let changes: Vec<_> = outcome.changes().collect();
        if let (Some(then), Some(day), false) = (then, day, changes.is_empty()) {
            let record = then.record("", day);
            let verdicts: BTreeMap<Action, &VerdictRecord> =
                changes.iter().map(|(action, ..)| (*action, record.verdicts.on(*action))).collect();
            let verdicts = serde_json::to_string(&verdicts).unwrap_or_default();
            let (at, edition) = (day.to_rfc3339_opts(SecondsFormat::AutoSi, true), record.edition);
            let then = [",\"then\":{\"as_of\":\"", &at, "\",\"edition\":\"", &edition.to_string()];
            outcome.json.extend(then.into_iter().chain(["\",\"verdicts\":", &verdicts, "}"]));
            let texts =
                changes.iter().map(|(action, was, is)| format!("{action}: was {was}, is {is}"));
            outcome.changed = texts.collect::<Vec<_>>().join("; ");
        }
        outcome
    }

    /// Returns each action with its explained verdict.
    pub(crate) fn explained(&self) -> Vec<(Action, ExplainedVerdict)> {
        let record = self.decision.explained("", DateTime::default());
        record.verdicts.iter().map(|(action, why)| (action, why.clone())).collect()
    }

    /// Returns the verdict on the compared day, if it differs.
    pub(crate) fn was(&self, action: Action) -> Option<Verdict> {
        let was = self.then.as_ref().map(|then| then.verdict(action));
        was.filter(|was| *was != self.decision.verdict(action))
    }

    /// Returns the actions with changed verdicts: before and after, with the rules behind both.
    fn changes(&self) -> impl Iterator<Item = (Action, String, String)> {
        let changed = Action::ALL.iter().filter(|action| self.was(**action).is_some());
        changed.filter_map(|&action| {
            Some((action, answer(self.then.as_ref()?, action), answer(&self.decision, action)))
        })
    }
}

fn ids(decision: &Decision<'_>, action: Action) -> String {
    decision.reasons(action).map(Rule::id).collect::<Vec<_>>().join(", ")
}

/// Formats a verdict with the deciding rules: `denied (license-no-switch)`.
fn answer(decision: &Decision<'_>, action: Action) -> String {
    let verdict = words(decision.verdict(action));
    let depends_on = decision.depends_on(action);
    match ids(decision, action) {
        _ if !depends_on.is_empty() => format!("{verdict} (depends on {depends_on})"),
        ids if ids.is_empty() => format!("{verdict} (no rule)"),
        ids => format!("{verdict} ({ids})"),
    }
}

/// A decided subscription.
pub(crate) struct Entry {
    pub(crate) mapped: Mapped,
    pub(crate) outcome: Rc<Outcome>,
    pub(crate) changes: Vec<Change>,
}

impl Entry {
    /// Returns the name, otherwise the id.
    pub(crate) fn title(&self) -> &str {
        self.mapped.mapping.name.as_deref().unwrap_or(&self.mapped.mapping.case.id)
    }

    pub(crate) fn next(&self) -> Option<&Change> {
        self.changes.first()
    }

    /// Returns each fact with its possible values and origin.
    pub(crate) fn facts(&self) -> Vec<(String, String, String)> {
        let facts = self.outcome.decision.facts();
        let narrowed = facts.narrowed();
        let known = |(fact, origin): (Fact, Origin)| {
            let possible: Vec<String> = facts.possible_words(fact).map(words).collect();
            let values = if narrowed.contains(fact) { possible.join(" or ") } else { "?".into() };
            (words(fact), values, origin.to_string())
        };
        self.mapped.mapping.origins.iter().map(known).collect()
    }
}

/// A change that happens if nothing is done, with its first instant.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Change {
    pub(crate) at: DateTime<Utc>,
    pub(crate) what: &'static str,
}

impl Change {
    pub(crate) const ENDS: &str = "term ends";
    pub(crate) const CLOSES: &str = "cancellation window closes";

    /// Returns all changes of a subscription after an instant, in order. A term also ends where that changes
    /// no fact.
    fn all(subscription: Subscription, from: DateTime<Utc>) -> impl Iterator<Item = Self> {
        let services: Set<Service> = subscription.facts().possible();
        let term = subscription.term().filter(|_| !services.is_subset(Service::USAGE_BASED));
        let over = term.and_then(|term| term.ends_on().succ_opt());
        let over = over.map(|day| day.and_time(NaiveTime::MIN).and_utc());
        let next = move |at| {
            let end = over.filter(|&over| over > at);
            let at = [subscription.next_change(at), end].into_iter().flatten().min()?;
            let is_over = over.is_some_and(|over| over <= at);
            let phase = subscription.facts_at(at).known();
            let what = match phase {
                _ if is_over => Self::ENDS,
                Some(TermPhase::Cancellable) => "cancellation window opens",
                Some(_) => Self::CLOSES,
                None => "cancellation window may close",
            };
            Some(Self { at, what })
        };
        std::iter::successors(next(from), move |change| next(change.at))
    }

    /// Returns the day of the change; for a term, its last day.
    fn day(&self) -> NaiveDate {
        (self.at - TimeDelta::nanoseconds(i64::from(self.what == Self::ENDS))).date_naive()
    }

    pub(crate) fn when(&self) -> String {
        if self.what == Self::ENDS { self.day().to_string() } else { instant(self.at) }
    }
}

/// In the order of the days that people read.
impl Ord for Change {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.day(), self.at, self.what).cmp(&(other.day(), other.at, other.what))
    }
}

impl PartialOrd for Change {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The subscriptions of one customer.
#[derive(Default)]
pub(crate) struct Customer {
    best_moves: Counts<BestMove>,
    pub(crate) next: Option<Change>,
    entries: Vec<Entry>,
}

impl Customer {
    /// Returns the number of subscriptions with a best move.
    pub(crate) fn with(&self, best_move: &BestMove) -> u64 {
        self.best_moves.get(best_move).copied().unwrap_or_default()
    }

    /// Returns the listed subscriptions, sorted by best move and next date.
    pub(crate) fn entries(&self) -> Vec<&Entry> {
        let mut entries: Vec<&Entry> = self.entries.iter().collect();
        entries
            .sort_by_key(|entry| (entry.outcome.best_move, entry.next().is_none(), entry.next()));
        entries
    }
}

#[derive(Default)]
pub(crate) struct Summary {
    pub(crate) as_of: DateTime<Utc>,
    pub(crate) edition: Option<Edition<'static>>,
    /// The compared day.
    pub(crate) then: Option<Day>,
    pub(crate) decided: u64,
    pub(crate) refused: usize,
    /// The number of subscriptions with a changed verdict.
    pub(crate) changed: u64,
    /// The number of subscriptions that are not listed.
    pub(crate) unlisted: u64,
    verdicts: Counts<(Action, Verdict)>,
    pub(crate) best_moves: Counts<BestMove>,
    pub(crate) changes: Counts<(Action, String, String)>,
    obstacles: Counts<&'static str>,
    requirements: Counts<&'static str>,
    pub(crate) missing: Counts<Fact>,
    pub(crate) origins: Counts<(Fact, Origin)>,
    /// By kind and field: the count and the first note.
    pub(crate) notes: BTreeMap<(NoteKind, String), (u64, String)>,
    pub(crate) noticed: Counts<(String, String)>,
    /// By file and error: the count, and the line and id of the first record.
    pub(crate) refusals: BTreeMap<(String, String), (u64, usize, Option<String>)>,
    /// The numbers of closing windows and ending terms by month, from the current one.
    pub(crate) months: BTreeMap<NaiveDate, (u64, u64)>,
    pub(crate) soonest: BTreeSet<(Change, String, String)>,
    /// By name and id.
    customers: HashMap<(String, Option<String>), Customer>,
    most_listed: usize,
    by_facts: HashMap<(Facts, Option<Facts>), Rc<Outcome>>,
}

impl Summary {
    /// The most subscriptions, customers, errors and decisions to keep, and the most rules and
    /// dates to show.
    const MOST: usize = 10_000;
    const FEW: usize = 12;

    pub(crate) fn new((as_of, edition): Day, then: Option<Day>, is_short: bool) -> Self {
        let most_listed = if is_short { 0 } else { Self::MOST };
        let first = as_of.date_naive().with_day(1);
        let month = |month| first?.checked_add_months(chrono::Months::new(month));
        let months = (0..12).filter_map(month).map(|first| (first, (0, 0))).collect();
        Self { as_of, edition: Some(edition), then, most_listed, months, ..Self::default() }
    }

    /// Decides a subscription.
    pub(crate) fn decide(&mut self, mapped: Mapped) -> Option<Entry> {
        if self.by_facts.len() > Self::MOST {
            self.finish();
        }
        let (as_of, edition, then) = (self.as_of, self.edition?, self.then);
        let subscription = mapped.mapping.case.subscription;
        let facts = subscription.facts_at(as_of);
        let outcome = self.by_facts.entry((facts, mapped.facts_then)).or_insert_with(|| {
            let then = then.zip(mapped.facts_then);
            let then = then.map(|((day, edition), facts)| (day, edition.decide(facts)));
            Rc::new(Outcome::new((as_of, edition.decide(facts)), then))
        });
        let changes = Change::all(subscription, as_of).collect();
        Some(Entry { mapped, outcome: Rc::clone(outcome), changes })
    }

    /// Counts a subscription, and keeps it for the list if there is room.
    pub(crate) fn keep(&mut self, entry: Entry) {
        let mapping = &entry.mapped.mapping;
        self.decided += 1;
        entry.outcome.count.update(|count| count + 1);
        add(&mut self.origins, mapping.origins.iter(), 1);
        for note in &mapping.notes {
            let key = (note.kind, note.field.as_deref().unwrap_or_default().to_owned());
            self.notes.entry(key).or_insert_with(|| (0, note.to_string())).0 += 1;
        }
        let is_own = entry.outcome.best_move == BestMove::Own;
        let file = || entry.mapped.file.rsplit(['/', '\\']).next();
        let name = mapping.customer.as_deref().or_else(file).unwrap_or_default();
        for change in entry.changes.iter().filter(|_| !is_own) {
            let month = change.day().with_day(1).and_then(|first| self.months.get_mut(&first));
            let Some((closing, ending)) = month else { break };
            *closing += u64::from(change.what == Change::CLOSES);
            *ending += u64::from(change.what == Change::ENDS);
            let is_soon = self.soonest.last().is_none_or(|(last, ..)| change < last);
            if is_soon || self.soonest.len() < Self::FEW {
                self.soonest.insert((change.clone(), entry.title().into(), name.into()));
            }
            if self.soonest.len() > Self::FEW {
                self.soonest.pop_last();
            }
        }
        // Without a customer, the subscriptions of each file are apart.
        let is_of_file = mapping.customer.is_none();
        let id = mapping.customer_id.as_ref().map(|id| id.to_ascii_lowercase());
        let id = id.or_else(|| is_of_file.then(|| entry.mapped.file.to_string()));
        let mut key = (name.to_owned(), id);
        if self.customers.len() > Self::MOST && !self.customers.contains_key(&key) {
            key = ("other customers".into(), None);
        }
        let is_listed = self.most_listed > 0;
        self.unlisted += u64::from(!is_listed);
        self.most_listed = self.most_listed.saturating_sub(1);
        let customer = self.customers.entry(key).or_default();
        *customer.best_moves.entry(entry.outcome.best_move).or_default() += 1;
        let next = entry.next().filter(|_| !is_own).cloned();
        customer.next = [customer.next.take(), next].into_iter().flatten().min();
        customer.entries.extend(Some(entry).filter(|_| is_listed));
    }

    pub(crate) fn refuse(&mut self, Refused { file, refusal }: Refused) {
        self.refused += 1;
        let key = (file, refusal.error);
        if self.refusals.len() < Self::MOST || self.refusals.contains_key(&key) {
            self.refusals.entry(key).or_insert((0, refusal.line, refusal.id)).0 += 1;
        }
    }

    pub(crate) fn notice(&mut self, noticed: Noticed) {
        let key = (noticed.file, noticed.message);
        if self.noticed.len() < Self::MOST || self.noticed.contains_key(&key) {
            add(&mut self.noticed, [key], 1);
        }
    }

    /// Adds the cached decisions to the counts, and clears the cache.
    pub(crate) fn finish(&mut self) {
        for outcome in std::mem::take(&mut self.by_facts).into_values() {
            let (count, decision) = (outcome.count.get(), &outcome.decision);
            let verdicts = decision.verdicts();
            let of_actions = verdicts.iter().map(|(action, verdict)| (action, *verdict));
            add(&mut self.verdicts, of_actions, count);
            add(&mut self.best_moves, [outcome.best_move], count);
            add(&mut self.changes, outcome.changes(), count);
            self.changed += if outcome.changed.is_empty() { 0 } else { count };
            if outcome.best_move == BestMove::Own {
                continue;
            }
            let moves = Action::MOVES.iter();
            let closed = moves.clone().filter(|action| {
                matches!(verdicts.on(*action), Verdict::Denied | Verdict::NotCovered)
            });
            let rules: BTreeSet<_> =
                closed.flat_map(|action| decision.reasons(action)).map(Rule::id).collect();
            let required: BTreeSet<_> =
                moves.clone().flat_map(|action| decision.requirements(action)).collect();
            let missing: Set<Fact> = moves.flat_map(|action| decision.depends_on(action)).collect();
            add(&mut self.obstacles, rules, count);
            add(&mut self.requirements, required, count);
            add(&mut self.missing, missing, count);
        }
    }

    pub(crate) fn with(&self, action: &Action, verdict: &Verdict) -> u64 {
        self.verdicts.get(&(*action, *verdict)).copied().unwrap_or_default()
    }

    /// Returns the first matching rule in force.
    fn find(&self, is_it: impl Fn(&Rule) -> bool) -> Option<ExplainedRule> {
        self.edition?.rules().find(|rule| is_it(rule)).map(Into::into)
    }

    pub(crate) fn rule(&self, id: &str) -> Option<ExplainedRule> {
        self.find(|rule| rule.id() == id)
    }

    /// Returns the rules that exclude or forbid a move, with counts.
    pub(crate) fn obstacles(&self) -> Vec<(ExplainedRule, u64)> {
        let rules = by_count(&self.obstacles).into_iter().take(Self::FEW);
        rules.filter_map(|(id, count)| Some((self.rule(id)?, count))).collect()
    }

    /// Returns the requirements of moves, each with the first rule that requires it.
    pub(crate) fn requirements(&self) -> Vec<(&'static str, ExplainedRule, u64)> {
        let required = by_count(&self.requirements).into_iter();
        let rule = |id| self.find(|rule| rule.requirement() == Some(id));
        required.filter_map(|(id, count)| Some((id, rule(id)?, count))).collect()
    }

    /// Returns the customers, sorted by best move and next date; equal names get their ids.
    pub(crate) fn customers(&self) -> Vec<(String, &Customer)> {
        let mut customers: Vec<_> = self.customers.iter().collect();
        customers.sort_by_key(|(key, of)| {
            (of.best_moves.keys().next(), of.next.is_none(), &of.next, *key)
        });
        let mut names: Counts<&str> = BTreeMap::new();
        add(&mut names, customers.iter().map(|((name, _), _)| name.as_str()), 1);
        let labelled = customers.into_iter().map(|((name, id), customer)| match id {
            Some(id) if names.get(&**name) > Some(&1) => (format!("{name} ({id})"), customer),
            _ => (name.clone(), customer),
        });
        labelled.collect()
    }
}

fn add<K: Ord>(counts: &mut Counts<K>, keys: impl IntoIterator<Item = K>, count: u64) {
    keys.into_iter().for_each(|key| *counts.entry(key).or_default() += count);
}

/// Returns the counts, highest first.
pub(crate) fn by_count<K: Clone + Ord>(counts: &Counts<K>) -> Vec<(K, u64)> {
    let mut counts: Vec<_> = counts.iter().map(|(key, count)| (key.clone(), *count)).collect();
    counts.sort_by_key(|(_, count)| Reverse(*count));
    counts
}
