//! A synthetic portfolio has the same verdicts in each file format.

use csp_multichannel_datafusion::register_all;
use datafusion::arrow::util::pretty::pretty_format_batches;
use datafusion::prelude::SessionContext;

async fn run(context: &SessionContext, statement: &str) -> String {
    let batches = context.sql(statement).await.unwrap().collect().await.unwrap();
    pretty_format_batches(&batches).unwrap().to_string()
}

async fn verdicts(context: &SessionContext, table: &str) -> String {
    let facts = "named_struct('channel', channel, 'service', service, 'cloud', cloud, 'term_phase', term_phase)";
    let query = format!(
        "SELECT csp_verdict('switch', month, {facts}) AS verdict, count(*) FROM {table} GROUP BY verdict ORDER BY verdict"
    );
    run(context, &query).await
}

#[tokio::test]
async fn parquet_csv_and_json_lines_say_the_same() {
    let context = SessionContext::new();
    register_all(&context).unwrap();
    let expected = verdicts(&context, "csp_portfolio(12000, 7)").await;
    assert!(expected.contains("undetermined"), "{expected}");
    for format in ["PARQUET", "CSV", "JSON"] {
        let file = format!("{}/portfolio.{}", env!("CARGO_TARGET_TMPDIR"), format.to_lowercase());
        let copy =
            format!("COPY (SELECT * FROM csp_portfolio(12000, 7)) TO '{file}' STORED AS {format}");
        run(&context, &copy).await;
        run(
            &context,
            &format!("CREATE EXTERNAL TABLE {format} STORED AS {format} LOCATION '{file}'"),
        )
        .await;
        assert_eq!(verdicts(&context, format).await, expected, "{format}");
    }
}
