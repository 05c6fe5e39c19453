//! A million random rows: the functions in the engine and the library from JSON make the same
//! decisions, and reject the same rows.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use csp_multichannel::chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use csp_multichannel::{Action, Case, Edition, Fact, Rulebook, Service, Verdict};
use csp_multichannel_datafusion::register_all;
use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, ListBuilder, RecordBatch, StringArray, StringBuilder,
    TimestampNanosecondArray,
};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Field, TimeUnit};
use datafusion::prelude::{SessionConfig, SessionContext};
use rand::rngs::ChaCha8Rng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use serde_json::{Map, Value, json};

const ROWS: usize = 8000;
const BATCHES: u64 = 125;

/// Invalid values in columns.
const HOSTILE: [&str; 8] =
    ["", " public", "Public", "publiс", "x' OR '1'='1", "NULL", "💥", "none\n"];

/// The value of a fact in a row: unknown, or possible words, where `None` is any word.
type Words = Option<Vec<Option<&'static str>>>;

/// A row, before it is written to columns or as a JSON case.
struct Row {
    as_of: Option<DateTime<Utc>>,
    words: Vec<(Fact, Words)>,
    ends_on: Option<NaiveDate>,
    purchased_at: Option<DateTime<Utc>>,
    cancellable_until: Option<DateTime<Utc>>,
}

/// The columns of a batch, and their types.
struct Layout {
    /// The facts with a column, whether it is a list, and its text type.
    facts: Vec<(Fact, bool, DataType)>,
    /// The type of instants; `None` without date columns.
    has_dates: bool,
    unit: TimeUnit,
    as_of: DataType,
    /// Whether there are unknown words, and days before the first edition.
    hostile: bool,
}

fn dictionary(keys: DataType, values: DataType) -> DataType {
    DataType::Dictionary(Box::new(keys), Box::new(values))
}

impl Layout {
    fn draw(chance: &mut ChaCha8Rng) -> Self {
        let texts = [
            dictionary(DataType::Int8, DataType::Utf8),
            dictionary(DataType::UInt16, DataType::Utf8View),
            dictionary(DataType::Int32, DataType::LargeUtf8),
            DataType::Utf8,
            DataType::LargeUtf8,
            DataType::Utf8View,
        ];
        let units =
            [TimeUnit::Second, TimeUnit::Millisecond, TimeUnit::Microsecond, TimeUnit::Nanosecond];
        let unit = *units.choose(chance).unwrap();
        let instants = DataType::Timestamp(unit, chance.random::<bool>().then(|| "+00:00".into()));
        let days = [DataType::Date32, DataType::Date64, instants.clone(), instants, DataType::Utf8];
        let has_dates: bool = chance.random();
        // A phase together with dates is invalid.
        let has_phase = !has_dates || chance.random_range(0..8) == 0;
        let facts = Fact::ALL.iter().copied().filter(|fact| match fact {
            Fact::TermPhase => has_phase,
            _ => chance.random_range(0..10) > 0,
        });
        let facts: Vec<Fact> = facts.collect();
        let column =
            |fact| (fact, chance.random_range(0..6) == 0, texts.choose(chance).unwrap().clone());
        Self {
            facts: facts.into_iter().map(column).collect(),
            has_dates,
            unit,
            as_of: days.choose(chance).unwrap().clone(),
            hostile: chance.random_range(0..3) > 0,
        }
    }

    /// The smallest step of time that the columns can hold.
    fn tick(&self) -> TimeDelta {
        match self.unit {
            TimeUnit::Second => TimeDelta::seconds(1),
            TimeUnit::Millisecond => TimeDelta::milliseconds(1),
            TimeUnit::Microsecond => TimeDelta::microseconds(1),
            TimeUnit::Nanosecond => TimeDelta::nanoseconds(1),
        }
    }

    fn row(&self, chance: &mut ChaCha8Rng) -> Row {
        let first = Rulebook::partner_center().editions().map(Edition::since);
        let days: Vec<NaiveDate> =
            first.chain([day("2022-03-19"), day("2026-05-04"), day("2026-11-27")]).collect();
        let midnight = |day: NaiveDate| day.and_hms_opt(0, 0, 0).unwrap().and_utc();

        let near = |at: DateTime<Utc>, chance: &mut ChaCha8Rng| {
            at + self.tick() * chance.random_range(-1..=1)
        };
        let mut as_of = near(midnight(*days.choose(chance).unwrap()), chance);
        if !self.hostile || matches!(self.as_of, DataType::Date32 | DataType::Date64) {
            as_of = midnight(as_of.date_naive().max(day("2016-12-01")));
        }
        let as_of = (!self.hostile || chance.random_range(0..500) > 0).then_some(as_of);

        let at = as_of.unwrap_or_default();
        let edge = |chance: &mut ChaCha8Rng| {
            let starts = [at, at, at, midnight(day("2026-05-04")), midnight(day("2022-03-12"))];
            let hours = [0, 0, 72, 168, 24, -24, 24 * 365, chance.random_range(-9000..9000)];
            near(
                *starts.choose(chance).unwrap() - TimeDelta::hours(*hours.choose(chance).unwrap()),
                chance,
            )
        };
        let words = |(fact, in_lists, _): &(Fact, bool, DataType)| {
            (*fact, self.words(*fact, *in_lists, chance))
        };
        let words = self.facts.iter().map(words).collect();
        let percent = |percent, chance: &mut ChaCha8Rng| chance.random_range(0..100) < percent;
        let ends_on = percent(80, chance).then(|| edge(chance).date_naive());
        let may_be_late = self.hostile && percent(5, chance);
        let in_time =
            |at: &DateTime<Utc>| may_be_late || ends_on.is_none_or(|day| at.date_naive() <= day);
        let purchased_at = percent(80, chance).then(|| edge(chance)).filter(in_time);
        let cancellable_until = percent(20, chance).then(|| edge(chance));
        let has_dates = self.has_dates;
        Row {
            as_of,
            words,
            ends_on: ends_on.filter(|_| has_dates),
            purchased_at: purchased_at.filter(|_| has_dates),
            cancellable_until: cancellable_until.filter(|_| has_dates),
        }
    }

    fn words(&self, fact: Fact, in_lists: bool, chance: &mut ChaCha8Rng) -> Words {
        let word = |chance: &mut ChaCha8Rng| match chance.random_range(0..1000) {
            0..3 if self.hostile => HOSTILE.choose(chance).copied(),
            0..100 => None,
            _ => fact.words().choose(chance).copied(),
        };
        if !in_lists {
            return word(chance).map(|word| vec![Some(word)]);
        }
        let shortest = usize::from(!self.hostile || chance.random_range(0..200) > 0);
        let count = chance.random_range(shortest..4);
        (chance.random_range(0..10) > 0).then(|| (0..count).map(|_| word(chance)).collect())
    }
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

impl Row {
    /// Returns the row as a JSON case, as far as JSON can represent it.
    fn case(&self) -> Option<Case> {
        let mut case = Map::from_iter([("id".to_owned(), json!(""))]);
        for (fact, words) in &self.words {
            let Some(words) = words else { continue };
            let known: Option<BTreeSet<&str>> = words.iter().copied().collect();
            let unknown_words = words.iter().flatten().any(|word| !fact.words().contains(word));
            match known {
                // `None` makes the fact unknown, if the other words are valid.
                None if !unknown_words => {}
                _ => drop(case.insert(
                    fact.to_string(),
                    json!(words.iter().flatten().collect::<BTreeSet<_>>()),
                )),
            }
        }
        if let Some(ends_on) = self.ends_on {
            let phases = case.get("term_phase").map(|phases| phases.as_array().unwrap().len());
            let phase_is_stated = phases.is_some_and(|count| count < 3);
            let services = case.get("service").and_then(Value::as_array);
            let usage_based = services.is_some_and(|services| {
                let usage_based =
                    |word: &Value| Service::USAGE_BASED.iter().any(|of| word == of.as_str());
                services.iter().all(usage_based)
            });
            // Dates have no meaning for usage-based services.
            if phase_is_stated || !usage_based {
                let mut term = Map::from_iter([("ends_on".to_owned(), json!(ends_on.to_string()))]);
                let instants = [
                    ("purchased_at", self.purchased_at),
                    ("cancellable_until", self.cancellable_until),
                ];
                for (name, at) in instants {
                    let text = at.map(|at| json!(at.format("%Y-%m-%dT%H:%M:%S%.fZ").to_string()));
                    term.extend(text.map(|text| (name.to_owned(), text)));
                }
                case.insert("term".into(), Value::Object(term));
            }
        }
        serde_json::from_value(Value::Object(case)).ok()
    }
}

impl Layout {
    /// Returns the rows as columns.
    fn batch(&self, rows: &[Row]) -> RecordBatch {
        let instants = |of: &dyn Fn(&Row) -> Option<DateTime<Utc>>| -> ArrayRef {
            let nanoseconds =
                rows.iter().map(|row| of(row).map(|at| at.timestamp_nanos_opt().unwrap()));
            Arc::new(nanoseconds.collect::<TimestampNanosecondArray>())
        };
        let mut columns = vec![(
            "as_of",
            match &self.as_of {
                DataType::Utf8 => {
                    let text = |row: &Row| row.as_of.map(written);
                    Arc::new(rows.iter().map(text).collect::<StringArray>()) as ArrayRef
                }
                kind => cast(&instants(&|row| row.as_of), kind).unwrap(),
            },
        )];
        for (place, (fact, in_lists, kind)) in self.facts.iter().enumerate() {
            let words = rows.iter().map(|row| &row.words[place].1);
            let column = if *in_lists {
                let mut lists = ListBuilder::new(StringBuilder::new());
                words.for_each(|words| lists.append_option(words.clone()));
                let item = Arc::new(Field::new_list_field(kind.clone(), true));
                cast(&lists.finish(), &DataType::List(item)).unwrap()
            } else {
                let words: StringArray =
                    words.map(|words| words.as_ref().and_then(|words| words[0])).collect();
                cast(&words, kind).unwrap()
            };
            columns.push((fact.as_str(), column));
        }
        if self.has_dates {
            let kind = DataType::Timestamp(self.unit, None);
            let midnight = |day: NaiveDate| day.and_hms_opt(0, 0, 0).unwrap().and_utc();
            columns.push((
                "ends_on",
                cast(&instants(&|row| row.ends_on.map(midnight)), &DataType::Date32).unwrap(),
            ));
            columns
                .push(("purchased_at", cast(&instants(&|row| row.purchased_at), &kind).unwrap()));
            columns.push((
                "cancellable_until",
                cast(&instants(&|row| row.cancellable_until), &kind).unwrap(),
            ));
        }
        RecordBatch::try_from_iter_with_nullable(
            columns.into_iter().map(|(name, column)| (name, column, true)),
        )
        .unwrap()
    }
}

fn written(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%S%.fZ").to_string()
}

/// Returns the decision of the library: for each action, the verdict and its lists.
fn expected(row: &Row) -> Option<Vec<Vec<String>>> {
    let at = row.as_of?;
    let case = row.case()?;
    let decision = Rulebook::partner_center().decide(&case.subscription, at).ok()?;
    let record = decision.record("", at);
    let of = |action: &Action| {
        let of = record.verdicts.on(*action);
        let joined = |words: &[Cow<str>]| words.join(" ");
        let possible: Vec<&str> = of.possible.iter().map(Verdict::as_str).collect();
        let depends_on: Vec<&str> = of.depends_on.iter().map(Fact::as_str).collect();
        let lists = [
            joined(&of.rules),
            joined(&of.requirements),
            joined(&of.advice),
            possible.join(" "),
            depends_on.join(" "),
        ];
        std::iter::once(of.verdict.to_string()).chain(lists).collect()
    };
    Some(Action::ALL.iter().map(of).collect())
}

/// Returns the decision of the engine.
fn decided(decisions: &dyn Array, row: usize) -> Option<Vec<Vec<String>>> {
    let decisions = decisions.as_struct();
    let list = |column: &ArrayRef| {
        let words = column.as_list::<i32>().value(row);
        words.as_string::<i32>().iter().flatten().collect::<Vec<_>>().join(" ")
    };
    let of = |column: &ArrayRef| {
        let of = column.as_struct();
        let verdict = of.column(0).as_string_view().value(row).to_owned();
        std::iter::once(verdict).chain(of.columns()[1..].iter().map(list)).collect()
    };
    decisions.is_valid(row).then(|| decisions.columns()[1..].iter().map(of).collect())
}

/// Compares batches; returns the numbers of decided and invalid rows.
async fn compare(seeds: std::ops::Range<u64>) -> (usize, usize) {
    let (mut compared, mut refused) = (0, 0);
    for seed in seeds {
        let chance = &mut ChaCha8Rng::seed_from_u64(seed);
        let layout = Layout::draw(chance);
        let rows: Vec<Row> = (0..ROWS).map(|_| layout.row(chance)).collect();
        let batch = layout.batch(&rows);
        let fields = batch
            .schema()
            .fields()
            .iter()
            .skip(1)
            .map(|field| format!("'{0}', {0}", field.name()))
            .collect::<Vec<_>>()
            .join(", ");
        let action = *Action::ALL.choose(chance).unwrap();

        let context =
            SessionContext::new_with_config(SessionConfig::new().with_target_partitions(1));
        register_all(&context).unwrap();
        context.register_batch("cases", batch).unwrap();
        let query = format!(
            "SELECT csp_try_decide(as_of, facts), csp_try_verdict('{action}', as_of, facts) FROM (SELECT as_of, named_struct({fields}) AS facts FROM cases)"
        );
        let batches = context.sql(&query).await.unwrap().collect().await.unwrap();
        let strict = query.replace("_try_", "_");
        let strict = context.sql(&strict).await.unwrap().collect().await;

        let mut rows = rows.iter();
        let mut refused_here = 0;
        for batch in batches {
            for place in 0..batch.num_rows() {
                let row = rows.next().unwrap();
                let (engine, library) = (decided(batch.column(0), place), expected(row));
                assert_eq!(engine, library, "seed {seed}: {:?} {:?}", row.as_of, row.case());
                let verdicts = batch.column(1).as_string_view();
                let verdict = verdicts.is_valid(place).then(|| verdicts.value(place));
                assert_eq!(verdict, library.as_ref().map(|of| of[action as usize][0].as_str()));
                compared += 1;
                refused_here += usize::from(library.is_none());
            }
        }
        assert!(rows.next().is_none());
        assert_eq!(strict.is_err(), refused_here > 0, "seed {seed}");
        refused += refused_here;
    }
    (compared, refused)
}

/// Half of the rows each, on two threads.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_million_random_rows_are_decided_as_by_the_library() {
    let halves = [0..BATCHES / 2, BATCHES / 2..BATCHES].map(|seeds| tokio::spawn(compare(seeds)));
    let (mut compared, mut refused) = (0, 0);
    for half in halves {
        let of_half = half.await.unwrap();
        compared += of_half.0;
        refused += of_half.1;
    }
    assert_eq!(compared, 1_000_000);
    assert!((10_000..200_000).contains(&refused), "{refused}");
}
