//! The scheduler of a cluster: accepts queries, and distributes their parts to executors.

use std::net::SocketAddr;
use std::sync::Arc;

use ballista_core::config::TaskSchedulingPolicy;
use ballista_core::error::Result;
use ballista_scheduler::cluster::BallistaCluster;
use ballista_scheduler::config::SchedulerConfig;
use ballista_scheduler::scheduler_process::start_server;
use clap::Parser;
use csp_multichannel_cluster::scheduler_session;

/// Accept queries, and distribute their parts to executors.
#[derive(Parser)]
struct Arguments {
    /// The address for clients and executors.
    #[arg(long, default_value = "127.0.0.1:50050")]
    listen: SocketAddr,
    /// The seconds without a heartbeat after which an executor is lost.
    #[arg(long, default_value_t = 10)]
    lost_after: u64,
}

#[tokio::main]
async fn main() -> Result<()> {
    env_logger::init();
    let Arguments { listen, lost_after } = Arguments::parse();
    let config = SchedulerConfig {
        bind_host: listen.ip().to_string(),
        external_host: listen.ip().to_string(),
        bind_port: listen.port(),
        // Executors poll for work, so the others take over the work of a lost one.
        scheduling_policy: TaskSchedulingPolicy::PullStaged,
        executor_timeout_seconds: lost_after,
        expire_dead_executor_interval_seconds: 1,
        no_executors_grace_period_seconds: lost_after,
        override_session_builder: Some(Arc::new(scheduler_session)),
        ..SchedulerConfig::default()
    };
    let cluster = BallistaCluster::new_from_config(&config).await?;
    start_server(cluster, listen, Arc::new(config)).await
}
