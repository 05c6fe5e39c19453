//! An executor of a cluster: runs parts of queries.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use ballista_core::config::TaskSchedulingPolicy;
use ballista_core::error::Result;
use ballista_executor::executor_process::{ExecutorProcessConfig, start_executor_process};
use clap::Parser;
use csp_multichannel_cluster::executor_functions;

/// Run parts of queries.
#[derive(Parser)]
struct Arguments {
    /// The address of the scheduler.
    #[arg(long, default_value = "127.0.0.1:50050")]
    scheduler: SocketAddr,
    /// The address where executors and clients fetch results; the scheduler uses the next port.
    #[arg(long, default_value = "127.0.0.1:50051")]
    listen: SocketAddr,
    /// The number of parts to run in parallel; 0 for all cores.
    #[arg(long, default_value_t = 0)]
    cores: usize,
    /// The folder for intermediate results; a temporary one by default.
    #[arg(long)]
    work: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> Result<()> {
    env_logger::init();
    let Arguments { scheduler, listen, cores, work } = Arguments::parse();
    let config = ExecutorProcessConfig {
        bind_host: listen.ip().to_string(),
        external_host: Some(listen.ip().to_string()),
        port: listen.port(),
        grpc_port: listen.port() + 1,
        scheduler_host: scheduler.ip().to_string(),
        scheduler_port: scheduler.port(),
        scheduler_connect_timeout_seconds: 30,
        vcores: cores,
        work_dir: work.map(|folder| folder.to_string_lossy().into_owned()),
        task_scheduling_policy: TaskSchedulingPolicy::PullStaged,
        executor_heartbeat_interval_seconds: 1,
        override_function_registry: Some(Arc::new(executor_functions()?)),
        ..ExecutorProcessConfig::default()
    };
    start_executor_process(Arc::new(config)).await
}
