//! A cluster of Ballista's whose processes know the functions that decide about subscriptions.
//!
//! Plans name functions, so that the scheduler, each executor and the client have to know them.

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

/// Creates a session of the scheduler.
///
/// # Errors
///
/// If the engine can't create it.
pub fn scheduler_session(config: SessionConfig) -> Result<SessionState> {
    let context = SessionContext::new_with_state(default_session_builder(config)?);
    register_all(&context)?;
    Ok(context.state())
}

/// Returns the functions that an executor knows.
///
/// # Errors
///
/// None with the names that stand here.
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
/// If the address is none.
pub async fn client(scheduler: &str) -> Result<SessionContext> {
    // With plans that adapt, Ballista 55.0 never ends a query that loses an executor while it merges.
    let config = SessionConfig::new_with_ballista().with_ballista_adaptive_query_planner(false);
    let state = SessionStateBuilder::new().with_default_features().with_config(config).build();
    let context = SessionContext::remote_with_state(scheduler, state).await?;
    register_all(&context)?;
    Ok(context)
}
