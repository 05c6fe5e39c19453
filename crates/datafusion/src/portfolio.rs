//! `csp_portfolio`: synthetic subscriptions for trials and tests.

use std::ops::Range;
use std::sync::Arc;

use csp_multichannel::chrono::{Months, NaiveDate, NaiveTime, TimeDelta};
use csp_multichannel::{AtTermEnd, Fact, Facts, Service, Subscription, Term};
use datafusion::arrow::array::{
    ArrayRef, Date32Array, DictionaryArray, Int8Array, Int64Array, RecordBatch, StringArray,
    TimestampMillisecondArray,
};
use datafusion::arrow::datatypes::{DataType, Date32Type, Field, Schema, SchemaRef, TimeUnit};
use datafusion::catalog::streaming::StreamingTable;
use datafusion::catalog::{TableFunctionArgs, TableFunctionImpl, TableProvider};
use datafusion::common::{Result, ScalarValue, plan_err};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::logical_expr::Expr;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::streaming::PartitionStream;
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

/// The frequency of each value of a fact, per thousand, in the order of [`Fact::words`]; the rest
/// is unknown.
type Weights = (Fact, &'static [u32]);

/// The facts that all subscriptions of a customer share.
const OF_CUSTOMERS: [Weights; 5] = [
    (Fact::Cloud, &[930, 25, 5, 20]),
    (Fact::Partner, &[300, 250, 400]),
    (Fact::Relationship, &[350, 50, 550]),
    (Fact::Customer, &[940, 20]),
    (Fact::Region, &[900, 40]),
];

/// The facts that differ between subscriptions.
const OF_SUBSCRIPTIONS: [Weights; 5] = [
    (Fact::Channel, &[180, 6, 4, 90, 160, 60, 30, 4, 400, 12, 20]),
    (Fact::Service, &[220, 430, 60, 120, 60, 30, 40, 25]),
    (Fact::AtTermEnd, &[700, 40, 160]),
    (Fact::Status, &[900, 50, 30]),
    (Fact::Transfer, &[850, 30, 20]),
];

/// The frequency of terms of a month, a year and three years, per thousand; the rest has unknown
/// dates.
const TERMS: &[u32] = &[150, 700, 100];
const TERM_DAYS: [i64; 3] = [30, 365, 1095];

/// The number of snapshots, one a month from December 2025.
const MONTHS: u64 = 12;
const FIRST_MONTH: NaiveDate = NaiveDate::from_ymd_opt(2025, 12, 1).unwrap();

/// The average number of subscriptions of a customer.
const OF_EACH_CUSTOMER: u64 = 40;

/// The table function `csp_portfolio(rows, seed)`: synthetic subscriptions, the same for the same
/// seed.
///
/// The table has twelve snapshots of one portfolio, on the first of each month from December 2025.
/// As in real portfolios, the distribution is uneven: the largest 1 % of the customers has a third
/// of the subscriptions. Some facts are unknown. The columns are `month`, `id`, `customer_id`, the
/// eleven facts as dictionaries, `purchased_at` and `ends_on`.
///
/// ```
/// use csp_multichannel_datafusion::register_all;
/// use datafusion::prelude::SessionContext;
///
/// # #[tokio::main]
/// # async fn main() -> datafusion::error::Result<()> {
/// let context = SessionContext::new();
/// register_all(&context)?;
/// let query = "SELECT * FROM csp_portfolio(1200, 7) WHERE channel = 'open'";
/// let open = context.sql(query).await?;
/// assert_eq!(open.count().await?, 132);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Portfolio;

impl TableFunctionImpl for Portfolio {
    fn call_with_args(&self, args: TableFunctionArgs<'_, '_>) -> Result<Arc<dyn TableProvider>> {
        let number = |argument: &Expr| match argument {
            Expr::Literal(ScalarValue::Int64(Some(number)), _) => u64::try_from(*number).ok(),
            _ => None,
        };
        let numbers: Option<Vec<u64>> = args.exprs().iter().map(number).collect();
        let Some([rows, seed]) = numbers.as_deref() else {
            return plan_err!(
                "csp_portfolio takes the number of rows and a seed, such as csp_portfolio(1000000, 1)"
            );
        };
        if *rows > MOST_ROWS {
            return plan_err!("csp_portfolio can't make {rows} rows, expected at most {MOST_ROWS}");
        }
        let schema = schema();
        let snapshots = Snapshots { rows: *rows, seed: *seed };
        let partition = |first: u64| {
            let until = (first + OF_PARTITION).min(snapshots.rows);
            Arc::new(Partition { schema: Arc::clone(&schema), snapshots, first, until }) as _
        };
        let firsts = (0..=*rows / OF_PARTITION).map(|part| part * OF_PARTITION);
        let partitions = firsts.map(partition).collect();
        Ok(Arc::new(StreamingTable::try_new(schema, partitions)?))
    }
}

/// The number of rows of a partition; partitions are generated in parallel.
const OF_PARTITION: u64 = 1 << 20;
const MOST_ROWS: u64 = 100_000_000_000;
const OF_BATCH: usize = 1 << 13;

fn schema() -> SchemaRef {
    let words = DataType::Dictionary(Box::new(DataType::Int8), Box::new(DataType::Utf8));
    let instant = DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into()));
    let fields = [
        Field::new("month", DataType::Date32, false),
        Field::new("id", DataType::Int64, false),
        Field::new("customer_id", DataType::Int64, false),
    ];
    let facts = Fact::ALL.iter().map(|fact| Field::new(fact.as_str(), words.clone(), true));
    let dates =
        [Field::new("purchased_at", instant, true), Field::new("ends_on", DataType::Date32, true)];
    let fields: Vec<Field> = fields.into_iter().chain(facts).chain(dates).collect();
    Arc::new(Schema::new(fields))
}

/// All rows: one snapshot after the other.
#[derive(Clone, Copy, Debug)]
struct Snapshots {
    rows: u64,
    seed: u64,
}

/// A range of the rows.
#[derive(Debug)]
struct Partition {
    schema: SchemaRef,
    snapshots: Snapshots,
    first: u64,
    until: u64,
}

impl PartitionStream for Partition {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, _: Arc<TaskContext>) -> SendableRecordBatchStream {
        let schema = Arc::clone(&self.schema);
        let Self { snapshots, first, until, .. } = *self;
        let batches = (first..until).step_by(OF_BATCH).map(move |first| {
            let rows = first..until.min(first + OF_BATCH as u64);
            snapshots.batch(&schema, rows)
        });
        let batches = futures::stream::iter(batches);
        Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&self.schema), batches))
    }
}

impl Snapshots {
    fn batch(self, schema: &SchemaRef, rows: Range<u64>) -> Result<RecordBatch> {
        let rows: Vec<Row> = rows.map(|row| self.row(row)).collect();
        let months = rows.iter().map(|row| Some(Date32Type::from_naive_date(row.month)));
        let mut columns: Vec<ArrayRef> = vec![
            Arc::new(months.collect::<Date32Array>()),
            Arc::new(rows.iter().map(|row| row.id.cast_signed()).collect::<Int64Array>()),
            Arc::new(rows.iter().map(|row| row.customer.cast_signed()).collect::<Int64Array>()),
        ];
        for fact in Fact::ALL {
            let keys: Int8Array = rows.iter().map(|row| key(row.facts, *fact)).collect();
            let words: StringArray = fact.words().iter().copied().map(Some).collect();
            columns.push(Arc::new(DictionaryArray::try_new(keys, Arc::new(words))?));
        }
        let purchases = rows.iter().map(|row| Some(row.term?.purchased_at()?.timestamp_millis()));
        let purchases: TimestampMillisecondArray = purchases.collect();
        let ends = rows.iter().map(|row| Some(Date32Type::from_naive_date(row.term?.ends_on())));
        columns.push(Arc::new(purchases.with_timezone("UTC")));
        columns.push(Arc::new(ends.collect::<Date32Array>()));
        Ok(RecordBatch::try_new(Arc::clone(schema), columns)?)
    }

    fn row(self, row: u64) -> Row {
        let subscriptions = self.rows.div_ceil(MONTHS).max(1);
        let id = row % subscriptions;
        let month = u32::try_from(row / subscriptions).unwrap_or_default();
        let month = FIRST_MONTH.checked_add_months(Months::new(month)).unwrap_or(FIRST_MONTH);

        let mut chance = self.chance(id);
        // Each draw is at most the one before, so that few customers are frequent.
        let all = subscriptions / OF_EACH_CUSTOMER;
        let customer = (0..4).fold(all, |below, _| chance.random_range(0..=below));
        let mut of_customer = self.chance(!customer);
        let of_customer = OF_CUSTOMERS.iter().map(|weights| draw(weights, &mut of_customer));
        let of_subscription = OF_SUBSCRIPTIONS.iter().map(|weights| draw(weights, &mut chance));
        let facts = of_customer.chain(of_subscription);
        let facts = facts.fold(Facts::UNKNOWN, Facts::with);

        let usage_based = facts.possible().is_subset(Service::USAGE_BASED);
        let term = if usage_based { None } else { term(facts, month, &mut chance) };
        let at = month.and_time(NaiveTime::MIN).and_utc();
        let facts = Subscription::from(facts).with_term(term).facts_at(at);
        Row { month, id, customer, facts, term }
    }

    /// Returns the random numbers of a subscription or a customer, the same in each snapshot.
    fn chance(self, of: u64) -> ChaCha8Rng {
        let mut chance = ChaCha8Rng::seed_from_u64(self.seed);
        chance.set_stream(of);
        chance
    }
}

/// A subscription in a snapshot.
struct Row {
    month: NaiveDate,
    id: u64,
    customer: u64,
    facts: Facts,
    term: Option<Term>,
}

/// Draws an index in a list of weights, or `None` for the rest.
fn draw_place(weights: &[u32], chance: &mut ChaCha8Rng) -> Option<usize> {
    let mut left = chance.random_range(0..1000);
    weights.iter().position(|&weight| {
        let here = left < weight;
        left = left.saturating_sub(weight);
        here
    })
}

/// Draws a value of a fact, or `None` for unknown.
fn draw(&(fact, weights): &Weights, chance: &mut ChaCha8Rng) -> Option<Facts> {
    let word = fact.words().get(draw_place(weights, chance)?)?;
    Facts::parse(fact, word).ok()
}

/// Draws the dates of a term that is current on a day, or ended before it.
fn term(facts: Facts, day: NaiveDate, chance: &mut ChaCha8Rng) -> Option<Term> {
    let days = TERM_DAYS.get(draw_place(TERMS, chance)?)?;
    let length = TimeDelta::days(*days);
    let now = day.and_time(NaiveTime::MIN).and_utc();
    let first = FIRST_MONTH.and_time(NaiveTime::MIN).and_utc();
    let mut purchase = first - TimeDelta::seconds(chance.random_range(0..3 * 365 * 86_400));
    while facts.known() != Some(AtTermEnd::End) && purchase + length <= now {
        purchase += length;
    }
    Term::new(purchase, (purchase + length).date_naive().pred_opt()?).ok()
}

/// Returns the dictionary key of a fact, if its value is known.
fn key(facts: Facts, fact: Fact) -> Option<i8> {
    let mut possible = facts.possible_words(fact);
    let word = possible.next().filter(|_| possible.next().is_none())?;
    i8::try_from(fact.words().iter().position(|known| *known == word)?).ok()
}
