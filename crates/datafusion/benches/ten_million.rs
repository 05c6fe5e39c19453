//! Decides ten million rows of dictionary-encoded Parquet, compared with reading and grouping the
//! same columns without decisions, and with exported SQL in the same engine and in DuckDB.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use csp_multichannel::{Fact, Rulebook, parse_instant};
use csp_multichannel_datafusion::register_all;
use csp_multichannel_rulebook::{Sql, to_sql};
use datafusion::arrow::array::RecordBatch;
use datafusion::prelude::{ParquetReadOptions, SessionConfig, SessionContext};
use tokio::runtime::Runtime;

const DAY: &str = "2026-11-27";

/// Ten million; few if the benchmarks are only tested.
fn rows() -> u64 {
    if std::env::args().any(|argument| argument == "--test") { 12_000 } else { 10_000_000 }
}

fn session(threads: usize) -> SessionContext {
    let context =
        SessionContext::new_with_config(SessionConfig::new().with_target_partitions(threads));
    register_all(&context).expect("the names fit");
    context
}

async fn run(context: &SessionContext, query: &str) -> usize {
    let batches = context.sql(query).await.expect("a plan").collect().await.expect("a result");
    batches.iter().map(RecordBatch::num_rows).sum()
}

fn facts(as_struct: bool) -> String {
    let column = |fact: &Fact| {
        if as_struct { format!("'{fact}', {fact}") } else { format!("count({fact})") }
    };
    Fact::ALL.iter().map(column).collect::<Vec<_>>().join(", ")
}

/// The seconds that DuckDB takes, by its Python package; `None` without it.
fn duckdb(query: &str, threads: usize, times: u64) -> Option<Duration> {
    let script = "
import sys, time, duckdb
query, threads, times = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
database = duckdb.connect(config={'threads': threads})
database.execute(query).fetchall()
start = time.perf_counter()
for _ in range(times):
    database.execute(query).fetchall()
print(time.perf_counter() - start)
";
    let arguments = ["-c", script, query, &threads.to_string(), &times.to_string()];
    let output = Command::new("python3").args(arguments).output().ok()?;
    let seconds = String::from_utf8(output.stdout).ok()?.trim().parse().ok()?;
    Some(Duration::from_secs_f64(seconds))
}

fn ten_million(criterion: &mut Criterion) {
    let runtime = Runtime::new().expect("a runtime");
    let rows = rows();
    let path = format!("{}/{rows}.parquet", env!("CARGO_TARGET_TMPDIR"));
    if !Path::new(&path).exists() {
        let copy =
            format!("COPY (SELECT * FROM csp_portfolio({rows}, 7)) TO '{path}' STORED AS PARQUET");
        runtime.block_on(run(&session(2), &copy));
    }
    let edition = Rulebook::partner_center()
        .edition_at(parse_instant(DAY).expect("a day"))
        .expect("an edition");
    let exported = to_sql(edition, &Sql::new().from_table("cases"));
    let floor = format!("SELECT month, {} FROM cases GROUP BY month", facts(false));
    let by_two = floor.replace("count(channel)", "channel") + ", channel";
    let function = format!(
        "SELECT month, csp_verdict('switch', DATE '{DAY}', named_struct({})) AS verdict, count(*) FROM cases GROUP BY month, verdict",
        facts(true)
    );
    let history = function.replace(&format!("DATE '{DAY}'"), "month");
    let dates = function
        .replace("'term_phase', term_phase", "'purchased_at', purchased_at, 'ends_on', ends_on");
    let sql = format!(
        "SELECT month, \"switch\" AS verdict, count(*) FROM ({exported}) GROUP BY month, verdict"
    );

    for threads in [1, 2] {
        let mut group = criterion.benchmark_group(format!("ten million rows, {threads} threads"));
        group.sample_size(10).throughput(Throughput::Elements(rows));
        let context = session(threads);
        runtime
            .block_on(context.register_parquet("cases", &path, ParquetReadOptions::default()))
            .expect("a table");
        let mut queries = vec![
            ("read, grouped by month", &floor),
            ("read, grouped by month and channel", &by_two),
            ("csp_verdict", &function),
        ];
        // These take minutes.
        if threads == 1 {
            queries.push(("csp_verdict, on the day of each row", &history));
            queries.push(("csp_verdict, with dates", &dates));
            queries.push(("exported SQL", &sql));
        }
        for (name, query) in queries {
            group.bench_function(name, |bencher| {
                bencher.to_async(&runtime).iter(|| run(&context, query));
            });
        }
        let on_files = sql.replace("\"cases\"", &format!("'{path}'"));
        if threads == 1 && duckdb("SELECT 1", threads, 1).is_some() {
            group.bench_function("exported SQL in DuckDB", |bencher| {
                bencher.iter_custom(|times| duckdb(&on_files, threads, times).expect("seconds"));
            });
        }
        group.finish();
    }
}

criterion_group!(benches, ten_million);
criterion_main!(benches);
