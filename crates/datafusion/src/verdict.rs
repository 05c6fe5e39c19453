//! `csp_verdict` and `csp_try_verdict`: the verdict on one action.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use csp_multichannel::{Action, Rulebook, Verdict};
use datafusion::arrow::array::{StringViewArray, UInt32Array};
use datafusion::arrow::compute::take;
use datafusion::arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::{Result, ScalarValue, internal_err, plan_datafusion_err, plan_err};
use datafusion::logical_expr::{
    ColumnarValue, Documentation, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDFImpl, Signature,
};

use crate::cases::Case;
use crate::fields::check_types;
use crate::function::{Function, documented};
use crate::memory::Memories;

/// The function that returns the verdict on one action.
#[derive(Debug)]
pub(crate) struct VerdictFunction {
    function: Function,
    memories: Memories,
}

impl VerdictFunction {
    pub(crate) fn new(prefix: &str, rulebook: Arc<Rulebook>, lenient: bool) -> Self {
        let name = format!("{prefix}{}_verdict", if lenient { "_try" } else { "" });
        let documentation = documented(
            "The verdict on an action.",
            &format!("{name}(action, as_of, facts)"),
            &format!(
                "SELECT {name}('switch', DATE '2026-11-27', named_struct('channel', channel)) FROM cases"
            ),
            lenient,
        );
        let documentation =
            documentation.with_argument("action", "One of the five actions, a constant.");
        let function = Function::new(name, rulebook, lenient, 3, documentation.build());
        Self { function, memories: Memories::default() }
    }
}

/// Parses the action, which must be a constant.
fn action(argument: Option<&ScalarValue>) -> Result<Action> {
    let Some(Some(Some(word))) = argument.map(ScalarValue::try_as_str) else {
        return plan_err!("the action is not a constant text, expected one such as 'switch'");
    };
    word.parse().map_err(|error| plan_datafusion_err!("{error}"))
}

impl PartialEq for VerdictFunction {
    fn eq(&self, other: &Self) -> bool {
        self.function == other.function
    }
}

impl Eq for VerdictFunction {}

impl Hash for VerdictFunction {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.function.hash(state);
    }
}

impl ScalarUDFImpl for VerdictFunction {
    fn name(&self) -> &str {
        &self.function.name
    }

    fn signature(&self) -> &Signature {
        &self.function.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        internal_err!("asked without arguments")
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        let [_, as_of, facts] = args.arg_fields else { return internal_err!("three arguments") };
        action(args.scalar_arguments.first().copied().flatten())?;
        check_types(as_of.data_type(), facts.data_type())?;
        Ok(Arc::new(Field::new(self.name(), DataType::Utf8View, self.function.lenient)))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [word, as_of, facts] = args.args.as_slice() else {
            return internal_err!("three arguments");
        };
        let action = match word {
            ColumnarValue::Scalar(word) => action(Some(word))?,
            ColumnarValue::Array(_) => action(None)?,
        };
        self.function.decide([as_of, facts], args.number_rows, |cases| {
            let mut memory = self.memories.take();
            let verdict =
                |case: Option<Case<'_>>| case.map(|case| memory.verdict(action, case) as u32);
            let of_rows: UInt32Array = cases.rows().map(verdict).collect();
            self.memories.put_back(memory);
            let words: StringViewArray =
                Verdict::ALL.iter().map(|verdict| Some(verdict.as_str())).collect();
            Ok(take(&words, &of_rows, None)?)
        })
    }

    fn documentation(&self) -> Option<&Documentation> {
        Some(&self.function.documentation)
    }
}
