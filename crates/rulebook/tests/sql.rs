//! Exported SQL decides rows in a database as the library decides their cases.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use csp_multichannel::{
    Action, Edition, Effect, Fact, Facts, Rule, Rulebook, Service, Set, Subscription, Term,
    Verdict, parse_instant,
};
use csp_multichannel_rulebook::{Sql, from_toml, to_sql};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use rusqlite::{Connection, params_from_iter};

const ROWS: usize = 500;
const COLUMNS: usize = Fact::ALL.len() + 3;

/// Words that no fact has.
const HOSTILE: [&str; 6] = ["", "Public", " public", "x' OR '1'='1", "NULL", "💥"];

/// The words of the facts, `None` where they are unknown, and the dates of the term.
#[derive(Clone, Debug)]
struct Row {
    words: Vec<Option<&'static str>>,
    purchased_at: Option<DateTime<Utc>>,
    ends_on: Option<NaiveDate>,
    cancellable_until: Option<DateTime<Utc>>,
}

fn at(text: &str) -> DateTime<Utc> {
    parse_instant(text).expect("an instant")
}

fn row(now: DateTime<Utc>) -> impl Strategy<Value = Row> {
    let word = |fact: Fact| {
        let of_fact = any::<Index>().prop_map(move |index| Some(*index.get(fact.words())));
        // The service with the most dates in its rules.
        let license = Just(Some("new_commerce_license"));
        let licenses = if fact == Fact::Service { 100 } else { 0 };
        let hostile = select(&HOSTILE[..]).prop_map(Some);
        prop_oneof![200 => of_fact, 30 => Just(None), licenses => license, 1 => hostile]
    };
    let words: Vec<_> = Fact::ALL.iter().map(|fact| word(*fact)).collect();
    // Around each limit, and anywhere.
    let start = select(vec![now, now, at("2026-05-04"), at("2022-03-12")]);
    let near = prop_oneof![select(vec![0, 72, 100, 168, 24, -24, 24 * 365]), -9000..9000_i64];
    let instant = (start, near, -1..=1_i64).prop_map(|(start, hours, seconds)| {
        start - TimeDelta::hours(hours) + TimeDelta::seconds(seconds)
    });
    let later = (1..400_i64).prop_map(move |days| now + TimeDelta::days(days));
    let end = prop_oneof![instant.clone(), later].prop_map(|at| at.date_naive());
    let instant = |probability| prop::option::weighted(probability, instant.clone());
    (words, instant(0.8), prop::option::weighted(0.8, end), instant(0.3)).prop_map(
        |(words, purchased_at, ends_on, cancellable_until)| Row {
            words,
            purchased_at,
            ends_on,
            cancellable_until,
        },
    )
}

impl Row {
    fn columns(&self) -> [Option<String>; COLUMNS] {
        let instant = |at: DateTime<Utc>| at.naive_utc().to_string();
        let dates = [
            self.purchased_at.map(instant),
            self.ends_on.map(|day| day.to_string()),
            self.cancellable_until.map(instant),
        ];
        let words = self.words.iter().map(|word| word.map(ToOwned::to_owned));
        words.chain(dates).collect::<Vec<_>>().try_into().expect("as many columns")
    }

    /// The subscription, or the columns of which one is invalid.
    fn subscription(&self, has_dates: bool) -> Result<Subscription, Vec<&'static str>> {
        let mut facts = Facts::UNKNOWN;
        let mut invalid = Vec::new();
        for (&fact, word) in Fact::ALL.iter().zip(&self.words) {
            if has_dates && fact == Fact::TermPhase {
                continue;
            }
            match word.map(|word| Facts::parse(fact, word)).transpose() {
                Ok(known) => facts = facts.with(known.unwrap_or(Facts::UNKNOWN.about(fact))),
                Err(_) => invalid.push(fact.as_str()),
            }
        }
        let is_usage = facts.known().is_some_and(|of: Service| Service::USAGE_BASED.contains(of));
        let term = self.ends_on.filter(|_| has_dates && !is_usage).map(|ends_on| {
            let term = match self.purchased_at {
                Some(purchased_at) => Term::new(purchased_at, ends_on).ok()?,
                None => Term::ending(ends_on),
            };
            Some(self.cancellable_until.map_or(term, |until| term.cancellable_until(until)))
        });
        if term == Some(None) {
            invalid.push("ends_on");
        }
        let subscription = Subscription::from(facts).with_term(term.flatten());
        if invalid.is_empty() { Ok(subscription) } else { Err(invalid) }
    }
}

/// Compares an edition; returns how many rows were decided, and refused.
fn compare(edition: Edition<'_>, now: DateTime<Utc>, has_dates: bool) -> (usize, usize) {
    let mut runner = TestRunner::deterministic();
    let rows = prop::collection::vec(row(now), ROWS).new_tree(&mut runner).expect("rows").current();

    let database = Connection::open_in_memory().expect("a database");
    let facts = Fact::ALL.iter().map(|fact| fact.as_str());
    let names: Vec<_> = facts
        .chain(["purchased_at", "ends_on", "cancellable_until"])
        .map(|of| format!("{of} TEXT"))
        .collect();
    // With dates, from a table with another name, by a view.
    let table = if has_dates { r#""dated cases""# } else { "cases" };
    let create = format!("CREATE TABLE {table} ({})", names.join(", "));
    database.execute(&create, []).expect("a table");
    let places = vec!["?"; COLUMNS].join(", ");
    let mut insert =
        database.prepare(&format!("INSERT INTO {table} VALUES ({places})")).expect("SQL");
    for row in &rows {
        insert.execute(params_from_iter(row.columns())).expect("a row");
    }
    let options = Sql::new().with_reasons();
    let query = if has_dates {
        let options = options.with_dates_at(now).from_table("main.dated cases").as_view("decided");
        database.execute_batch(&to_sql(edition, &options)).expect("a view");
        "SELECT * FROM decided".to_owned()
    } else {
        to_sql(edition, &options)
    };
    let mut select = database.prepare(&query).expect("SQL");
    let mut found = select.query([]).expect("rows");

    let (mut decided, mut refused) = (0, 0);
    for row in &rows {
        let found = found.next().expect("a row").expect("as many rows");
        let text = |column: &str| found.get::<_, Option<String>>(column).expect("text");
        let invalid = text("invalid_column");
        let answers = Action::ALL
            .iter()
            .map(|action| (text(action.as_str()), text(&format!("{action}_rules"))));
        let answers: Vec<(Option<String>, Option<String>)> = answers.collect();
        match row.subscription(has_dates) {
            Err(columns) => {
                assert!(columns.contains(&&*invalid.expect("an invalid column")), "{row:?}");
                assert!(answers.iter().all(|answer| *answer == (None, None)), "{row:?}");
                refused += 1;
            }
            Ok(subscription) => {
                assert_eq!(invalid, None, "{row:?}");
                let decision = edition.decide(subscription.facts_at(now));
                let expected = Action::ALL.iter().map(|&action| {
                    let verdict = decision.verdict(action);
                    let rules: Vec<_> = decision.reasons(action).map(Rule::id).collect();
                    let is_open = verdict == Verdict::Undetermined;
                    (Some(verdict.to_string()), (!is_open).then(|| rules.join(", ")))
                });
                assert_eq!(answers, expected.collect::<Vec<_>>(), "{now}: {row:?}");
                decided += 1;
            }
        }
    }
    (decided, refused)
}

#[test]
fn rows_are_decided_as_cases() {
    let veto = from_toml(include_str!("data/veto.toml")).expect("a rulebook");
    let northwind = from_toml(include_str!("data/northwind.toml")).expect("a rulebook");
    // With dates, a service that is unknown has a term.
    let services = Facts::try_from(Set::<Service>::all().difference(Service::USAGE_BASED));
    let terms =
        Rule::new("terms", Effect::Permit, Action::MOVES, "2026-01-01".parse().expect("a day"))
            .when(services.expect("services"))
            .with_reason("what has a term");
    let terms = Rulebook::new([terms]).expect("a rulebook");
    let published = Rulebook::partner_center();
    // The days around changes in what dates mean, and others.
    let days = ["2017-02-01", "2022-03-18", "2022-03-19", "2026-05-03", "2026-11-27"];
    let published = days.iter().map(|day| (published, *day));
    let (mut decided, mut refused) = (0, 0);
    for (rulebook, day) in
        published.chain([&veto, &northwind, &terms].map(|own| (own, "2026-11-27")))
    {
        for has_dates in [false, true] {
            let edition = rulebook.edition_at(at(day)).expect("an edition");
            let counts = compare(edition, at(day), has_dates);
            decided += counts.0;
            refused += counts.1;
        }
    }
    assert_eq!(decided + refused, 16 * ROWS);
    assert!(decided > 6000 && refused > 500, "{decided} decided, {refused} refused");
}
