//! A Ballista cluster with the functions that decide subscriptions.
//!
//! Plans refer to functions by name, so the scheduler, each executor and the client must register
//! them.

use std::sync::Arc;

use ballista::prelude::{SessionConfigExt, SessionContextExt};
use ballista_core::extension::ballista_scalar_functions;
use ballista_core::registry::BallistaFunctionRegistry;
use ballista_core::utils::default_session_builder;
use csp_multichannel::Rulebook;
use csp_multichannel_datafusion::{functions, register_all};
use datafusion::common::Result;
use datafusion::execution::{SessionState, SessionStateBuilder};
use datafusion::prelude::{SessionConfig, SessionContext};

/// Creates a session for the scheduler.
///
/// # Errors
///
/// If the engine can't create it.
pub fn scheduler_session(config: SessionConfig) -> Result<SessionState> {
    let context = SessionContext::new_with_state(default_session_builder(config)?);
    register_all(&context)?;
    Ok(context.state())
}

/// Returns the functions for an executor.
///
/// # Errors
///
/// None in practice: the names are valid.
pub fn executor_functions() -> Result<BallistaFunctionRegistry> {
    let policy = Arc::new(Rulebook::partner_center().clone());
    let ours = functions("csp", &policy)?.into_iter().map(Arc::new);
    let mut registry = BallistaFunctionRegistry::default();
    let all = ballista_scalar_functions().into_iter().chain(ours);
    registry.scalar_functions.extend(all.map(|function| (function.name().to_owned(), function)));
    Ok(registry)
}

/// Connects a client to a scheduler, such as `df://localhost:50050`.
///
/// # Errors
///
/// If the address is invalid.
pub async fn client(scheduler: &str) -> Result<SessionContext> {
    // With adaptive plans, Ballista 55.0 never ends a query that loses an executor during a merge.
    let config = SessionConfig::new_with_ballista().with_ballista_adaptive_query_planner(false);
    let state = SessionStateBuilder::new().with_default_features().with_config(config).build();
    let context = SessionContext::remote_with_state(scheduler, state).await?;
    register_all(&context)?;
    Ok(context)
}
