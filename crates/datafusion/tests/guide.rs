//! The statements of the guide run in order.

use csp_multichannel_datafusion::register_all;
use datafusion::arrow::array::RecordBatch;
use datafusion::prelude::SessionContext;

const GUIDE: &str = include_str!("../../../docs/a-hundred-million-subscriptions.md");

#[tokio::test]
async fn the_statements_of_the_guide_return_rows() {
    let context = SessionContext::new().enable_url_table();
    register_all(&context).unwrap();
    let file = format!("{}/guide.parquet", env!("CARGO_TARGET_TMPDIR"));
    let mut results = 0;
    for block in GUIDE.split("```sql\n").skip(1) {
        let statement = block.split("```").next().unwrap();
        let statement = statement.replace("100000000", "12000").replace("cases.parquet", &file);
        let batches = context.sql(&statement).await.unwrap().collect().await.unwrap();
        let rows: usize = batches.iter().map(RecordBatch::num_rows).sum();
        assert!(rows > 0 || statement.starts_with("CREATE VIEW"), "{statement}");
        results += rows;
    }
    assert!(results > 10, "{results}");
}
