//! The queries in `tests/queries`, with their expected results.

use std::path::Path;
use std::sync::Arc;

use csp_multichannel_datafusion::{register_all, register_rulebook};
use csp_multichannel_rulebook::from_toml;
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};
use datafusion::error::DataFusionError;
use datafusion::prelude::{SessionConfig, SessionContext};
use sqllogictest::{AsyncDB, DBOutput, DefaultColumnType, Runner};

/// A session with the functions of the published policy and of a custom rulebook.
struct Engine(SessionContext);

impl Engine {
    fn new() -> Self {
        let context =
            SessionContext::new_with_config(SessionConfig::new().with_target_partitions(1));
        register_all(&context).unwrap();
        let veto = from_toml(include_str!("../../rulebook/tests/data/veto.toml")).unwrap();
        register_rulebook(&context, "northwind", &Arc::new(veto)).unwrap();
        Self(context)
    }
}

#[async_trait::async_trait]
impl AsyncDB for Engine {
    type Error = DataFusionError;
    type ColumnType = DefaultColumnType;

    async fn run(&mut self, sql: &str) -> Result<DBOutput<DefaultColumnType>, DataFusionError> {
        let batches = self.0.sql(sql).await?.collect().await?;
        if batches.is_empty() {
            return Ok(DBOutput::StatementComplete(0));
        }
        let types =
            vec![DefaultColumnType::Any; batches.first().map_or(0, RecordBatch::num_columns)];
        let mut rows = Vec::new();
        for batch in &batches {
            let options = FormatOptions::new().with_null("NULL");
            let columns =
                batch.columns().iter().map(|column| ArrayFormatter::try_new(column, &options));
            let columns: Vec<ArrayFormatter<'_>> = columns.collect::<Result<_, _>>()?;
            rows.extend(
                (0..batch.num_rows()).map(|row| {
                    columns.iter().map(|column| column.value(row).to_string()).collect()
                }),
            );
        }
        Ok(DBOutput::Rows { types, rows })
    }

    async fn shutdown(&mut self) {}
}

#[tokio::test]
async fn queries_return_what_their_files_say() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/queries");
    let mut count = 0;
    for file in folder.read_dir().unwrap() {
        let mut runner = Runner::new(|| async { Ok(Engine::new()) });
        let file = file.unwrap().path();
        // With UPDATE, the results are written to the files.
        if std::env::var_os("UPDATE").is_some() {
            let labels = sqllogictest::strict_column_validator;
            runner
                .update_test_file(
                    file,
                    "\t",
                    sqllogictest::default_validator,
                    sqllogictest::default_normalizer,
                    labels,
                )
                .await
                .unwrap();
        } else if let Err(problem) = runner.run_file_async(file).await {
            panic!("{}", problem.display(false));
        }
        count += 1;
    }
    assert!(count >= 6, "{count}");
}
