#![doc = include_str!("links.md")]
//!
#![doc = include_str!("../README.md")]
#![cfg_attr(
    not(test),
    deny(
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::unreachable,
        clippy::unwrap_used
    )
)]

mod cases;
mod codes;
mod decide;
mod fields;
mod function;
mod memory;
mod portfolio;
mod verdict;

use std::sync::Arc;

use csp_multichannel::Rulebook;
use datafusion::common::{Result, plan_err};
use datafusion::logical_expr::ScalarUDF;
use datafusion::prelude::SessionContext;

pub use portfolio::Portfolio;

use decide::DecideFunction;
use verdict::VerdictFunction;

/// The prefix of the functions that decide by the published policy.
const PARTNER_CENTER: &str = "csp";

/// Registers the functions that decide by the published policy, and the table function
/// `csp_portfolio`.
///
/// # Errors
///
/// None in practice: the names are valid.
///
/// ```
/// use csp_multichannel_datafusion::register_all;
/// use datafusion::prelude::SessionContext;
///
/// # #[tokio::main]
/// # async fn main() -> datafusion::error::Result<()> {
/// let context = SessionContext::new();
/// register_all(&context)?;
/// let facts = "named_struct('channel', 'this_partner')";
/// let verdict = format!("csp_verdict('switch', DATE '2018-09-15', {facts})");
/// let query = format!("SELECT 1 WHERE {verdict} = 'not_covered'");
/// assert_eq!(context.sql(&query).await?.count().await?, 1);
/// # Ok(())
/// # }
/// ```
pub fn register_all(context: &SessionContext) -> Result<()> {
    context.register_udtf("csp_portfolio", Arc::new(Portfolio));
    register(context, PARTNER_CENTER, &Arc::new(Rulebook::partner_center().clone()))
}

fn register(context: &SessionContext, name: &str, rulebook: &Arc<Rulebook>) -> Result<()> {
    functions(name, rulebook)?.into_iter().for_each(|function| context.register_udf(function));
    Ok(())
}

/// Registers functions that decide by a custom rulebook, with the prefix `name`.
///
/// # Errors
///
/// If the name is `csp`, which is reserved for the published policy, ends in `_try`, or needs
/// quotes in SQL.
pub fn register_rulebook(
    context: &SessionContext,
    name: &str,
    rulebook: &Arc<Rulebook>,
) -> Result<()> {
    if name == PARTNER_CENTER {
        return plan_err!("the name `{name}` is that of the published policy, expected another");
    }
    register(context, name, rulebook)
}

/// Returns functions that decide by a rulebook: `NAME_verdict`, `NAME_decide`, `NAME_try_verdict`
/// and `NAME_try_decide`.
///
/// For registries other than a session, such as an executor.
///
/// # Errors
///
/// If the name ends in `_try`, or needs quotes in SQL.
pub fn functions(name: &str, rulebook: &Arc<Rulebook>) -> Result<Vec<ScalarUDF>> {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    let begins = name.starts_with(|first: char| first.is_ascii_lowercase());
    // `a_try` has the strict function `a_try_verdict`, which is also the lenient one of `a`.
    if !begins || !name.bytes().all(fits) || name.ends_with("_try") {
        return plan_err!(
            "the name `{name}` is not one of lower-case letters, digits and underscores without `_try` at its end, \
             expected one such as `northwind`"
        );
    }
    let both = [false, true].into_iter();
    let functions = both.flat_map(|lenient| {
        [
            VerdictFunction::new(name, Arc::clone(rulebook), lenient).into(),
            DecideFunction::new(name, Arc::clone(rulebook), lenient).into(),
        ]
    });
    Ok(functions.collect())
}
