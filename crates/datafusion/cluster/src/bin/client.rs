//! Runs SQL statements on a cluster, one after the other, and prints what they return.

use std::time::Instant;

use clap::Parser;
use csp_multichannel_cluster::client;

/// Runs SQL statements on a cluster.
#[derive(Parser)]
struct Arguments {
    /// The scheduler.
    #[arg(long, default_value = "df://127.0.0.1:50050")]
    scheduler: String,
    /// The statements.
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
