//! A cluster of separate processes makes the same decisions as one process and the library, also if
//! an executor dies.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::process::{Child, Command};
use std::time::Duration;

use csp_multichannel::{Action, Fact, Facts, Rulebook, parse_instant};
use csp_multichannel_cluster::client;
use csp_multichannel_datafusion::register_all;
use datafusion::arrow::array::{Array, RecordBatch};
use datafusion::arrow::util::display::array_value_to_string;
use datafusion::prelude::SessionContext;

const ROWS: usize = 60_000;

const QUERY: &str = "
    SELECT
      CAST(month AS DATE) AS day,
      csp_verdict('switch', CAST(month AS DATE), named_struct('channel', channel, 'service', service, 'cloud', cloud,
        'partner', partner, 'relationship', relationship, 'customer', customer, 'region', region, 'term_phase', term_phase,
        'at_term_end', at_term_end, 'status', status, 'transfer', transfer)) AS verdict,
      count(*)
    FROM cases
    GROUP BY day, verdict
    ORDER BY day, verdict";

/// A process that is killed at the end of the test.
struct Process(Child);

impl Process {
    fn start(program: &str, arguments: &[&str]) -> Self {
        Self(Command::new(program).args(arguments).spawn().unwrap())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

/// A free local address; the next port is also free.
fn free_address() -> String {
    loop {
        let first = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        if first.port() < u16::MAX && TcpListener::bind(("127.0.0.1", first.port() + 1)).is_ok() {
            return first.to_string();
        }
    }
}

/// The table of cases, read from files.
async fn with_cases(context: SessionContext, location: &str) -> SessionContext {
    let table = format!(
        "CREATE EXTERNAL TABLE cases STORED AS PARQUET PARTITIONED BY (month) LOCATION '{location}'"
    );
    context.sql(&table).await.unwrap().collect().await.unwrap();
    context
}

async fn counts(context: &SessionContext) -> BTreeMap<(String, String), usize> {
    let batches = context.sql(QUERY).await.unwrap().collect().await.unwrap();
    rows(&batches).map(|row| ((row[0].clone(), row[1].clone()), row[2].parse().unwrap())).collect()
}

fn rows(batches: &[RecordBatch]) -> impl Iterator<Item = Vec<String>> {
    batches.iter().flat_map(|batch| {
        let cell = |row, column: &dyn Array| array_value_to_string(column, row).unwrap();
        (0..batch.num_rows())
            .map(move |row| batch.columns().iter().map(|column| cell(row, column)).collect())
    })
}

/// The decisions of the library on the same portfolio.
async fn by_the_library(context: &SessionContext) -> BTreeMap<(String, String), usize> {
    let all = format!("SELECT * FROM csp_portfolio({ROWS}, 7)");
    let batches = context.sql(&all).await.unwrap().collect().await.unwrap();
    let schema = batches[0].schema();
    let facts: Vec<(Fact, usize)> =
        Fact::ALL.iter().map(|fact| (*fact, schema.index_of(fact.as_str()).unwrap())).collect();
    let mut counts = BTreeMap::new();
    for row in rows(&batches) {
        let known = facts.iter().filter(|(_, column)| !row[*column].is_empty());
        let known = known.fold(Facts::UNKNOWN, |known, (fact, column)| {
            known.with(Facts::parse(*fact, &row[*column]).unwrap())
        });
        let edition =
            Rulebook::partner_center().edition_at(parse_instant(&row[0]).unwrap()).unwrap();
        let verdict = edition.decide(known).verdict(Action::Switch);
        *counts.entry((row[0].clone(), verdict.to_string())).or_default() += 1;
    }
    counts
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_decides_as_one_process_and_as_the_library() {
    let folder = tempfile::tempdir().unwrap();
    let location = format!("{}/", folder.path().display());
    let alone = SessionContext::new();
    register_all(&alone).unwrap();
    let copy = format!(
        "COPY (SELECT * FROM csp_portfolio({ROWS}, 7)) TO '{location}' STORED AS PARQUET PARTITIONED BY (month)"
    );
    alone.sql(&copy).await.unwrap().collect().await.unwrap();
    let expected = by_the_library(&alone).await;
    assert!(expected.len() >= 36 && expected.values().sum::<usize>() == ROWS);
    let alone = with_cases(alone, &location).await;
    assert_eq!(counts(&alone).await, expected);

    let scheduler = free_address();
    let _scheduler = Process::start(
        env!("CARGO_BIN_EXE_scheduler"),
        &["--listen", &scheduler, "--lost-after", "3"],
    );
    let executor = || {
        let arguments = ["--scheduler", &scheduler, "--listen", &free_address(), "--cores", "1"];
        Process::start(env!("CARGO_BIN_EXE_executor"), &arguments)
    };
    let (_staying, dying) = (executor(), executor());
    let cluster = loop {
        // Waits for the scheduler.
        if let Ok(context) = client(&format!("df://{scheduler}")).await {
            break context;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    let cluster = with_cases(cluster, &location).await;
    assert_eq!(counts(&cluster).await, expected);

    // The other executor repeats the work of the dead one.
    let query = tokio::spawn({
        let cluster = cluster.clone();
        async move { counts(&cluster).await }
    });
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(!query.is_finished());
    drop(dying);
    let found = tokio::time::timeout(Duration::from_mins(2), query).await;
    assert_eq!(found.expect("the query ends").unwrap(), expected);
    assert_eq!(counts(&cluster).await, expected);
}
