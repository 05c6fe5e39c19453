//! Runs SQL statements on a cluster in order, and prints the results.

use std::time::Instant;

use clap::Parser;
use csp_multichannel_cluster::client;

/// Run SQL statements on a cluster.
#[derive(Parser)]
struct Arguments {
    /// The address of the scheduler.
    #[arg(long, default_value = "df://127.0.0.1:50050")]
    scheduler: String,
    /// The SQL statements.
    #[arg(required = true)]
    statements: Vec<String>,
}

#[tokio::main]
async fn main() -> datafusion::error::Result<()> {
    env_logger::init();
    let Arguments { scheduler, statements } = Arguments::parse();
    let context = client(&scheduler).await?;
    for statement in statements {
        let start = Instant::now();
        context.sql(&statement).await?.show().await?;
        println!("{:.2} s\n", start.elapsed().as_secs_f64());
    }
    Ok(())
}
