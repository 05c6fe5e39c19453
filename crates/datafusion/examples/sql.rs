//! Runs SQL statements with these functions, and prints the results.
//!
//! ```console
//! $ cargo run --release --example sql -- \
//!     "SELECT csp_verdict('switch', '2026-11-27', named_struct('channel', 'open'))"
//! ```
//!
//! Settings come from the environment, such as `DATAFUSION_EXECUTION_TARGET_PARTITIONS=1`.

use std::time::Instant;

use csp_multichannel_datafusion::register_all;
use datafusion::prelude::{SessionConfig, SessionContext};

#[tokio::main]
async fn main() -> datafusion::error::Result<()> {
    // Files are tables: `FROM 'cases.parquet'`.
    let context = SessionContext::new_with_config(SessionConfig::from_env()?).enable_url_table();
    register_all(&context)?;
    for statement in std::env::args().skip(1) {
        let start = Instant::now();
        context.sql(&statement).await?.show().await?;
        println!("{:.2} s\n", start.elapsed().as_secs_f64());
    }
    Ok(())
}
