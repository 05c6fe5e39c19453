//! The common part of the functions: name, rulebook, signature and documentation.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use csp_multichannel::Rulebook;
use datafusion::arrow::array::{ArrayRef, AsArray};
use datafusion::common::{Result, ScalarValue, exec_err};
use datafusion::logical_expr::{
    ColumnarValue, DocSection, Documentation, DocumentationBuilder, Signature, Volatility,
};

use crate::cases::Cases;

/// A function that decides by a rulebook.
pub(crate) struct Function {
    pub(crate) name: String,
    pub(crate) rulebook: Arc<Rulebook>,
    /// Whether an invalid row is `NULL` instead of an error.
    pub(crate) lenient: bool,
    pub(crate) signature: Signature,
    pub(crate) documentation: Documentation,
}

impl Function {
    pub(crate) fn new(
        name: String,
        rulebook: Arc<Rulebook>,
        lenient: bool,
        arguments: usize,
        documentation: Documentation,
    ) -> Self {
        let signature = Signature::any(arguments, Volatility::Immutable);
        Self { name, rulebook, lenient, signature, documentation }
    }

    /// Reads the rows as cases, and returns the output column.
    ///
    /// # Errors
    ///
    /// For an invalid row, if the function is not lenient.
    pub(crate) fn decide(
        &self,
        [as_of, facts]: [&ColumnarValue; 2],
        rows: usize,
        output: impl FnOnce(&Cases<'_, '_>) -> Result<ArrayRef>,
    ) -> Result<ColumnarValue> {
        let constant = [as_of, facts].iter().all(|value| matches!(value, ColumnarValue::Scalar(_)));
        let rows = if constant { 1 } else { rows };
        let (as_of, facts) = (as_of.to_array(rows)?, facts.to_array(rows)?);
        let cases = Cases::new(&self.rulebook, &as_of, facts.as_struct())?;
        if let Some(problem) = cases.refused.values().next().filter(|_| !self.lenient) {
            return exec_err!("{}: {problem}", self.name);
        }
        let column = output(&cases)?;
        Ok(if constant {
            ColumnarValue::Scalar(ScalarValue::try_from_array(&column, 0)?)
        } else {
            ColumnarValue::Array(column)
        })
    }
}

/// Starts the documentation of a function with the common parts.
pub(crate) fn documented(
    description: &str,
    syntax: &str,
    example: &str,
    lenient: bool,
) -> DocumentationBuilder {
    let refused = if lenient { "is `NULL`" } else { "is an error that says why" };
    Documentation::builder(
        DocSection { include: true, label: "Subscription Functions", description: None },
        format!("{description} A row that can't be decided {refused}."),
        syntax,
    )
    .with_sql_example(format!("```sql\n{example}\n```"))
    .with_argument(
        "as_of",
        "The instant asked about: a date, which is 00:00 UTC, a timestamp, or a text of either.",
    )
    .with_argument(
        "facts",
        "A struct of what is known, with any of the eleven facts as texts, dictionaries or lists of \
         possible values, and instead of `term_phase` the dates `purchased_at`, `ends_on` and \
         `cancellable_until`. A field that is left out or `NULL` is unknown.",
    )
}

/// Functions are equal if they have the same name and rulebook.
impl PartialEq for Function {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.rulebook == other.rulebook
    }
}

impl Eq for Function {}

impl Hash for Function {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}
