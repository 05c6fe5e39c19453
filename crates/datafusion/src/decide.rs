//! `csp_decide` and `csp_try_decide`: all verdicts, with their rules and the facts they depend on.

use std::sync::Arc;

use csp_multichannel::{Action, Decision, Fact, Rule, Rulebook, Set, Verdict};
use datafusion::arrow::array::{
    ArrayRef, Date32Array, ListBuilder, StringBuilder, StringViewArray, StructArray, UInt32Array,
};
use datafusion::arrow::buffer::NullBuffer;
use datafusion::arrow::compute::take;
use datafusion::arrow::datatypes::{DataType, Date32Type, Field, FieldRef, Fields};
use datafusion::common::{HashMap, Result, internal_err};
use datafusion::logical_expr::{
    ColumnarValue, Documentation, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDFImpl, Signature,
};

use crate::cases::Case;
use crate::fields::check_types;
use crate::function::{Function, documented};

/// The function that returns whole decisions.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) struct DecideFunction(Function);

impl DecideFunction {
    pub(crate) fn new(prefix: &str, rulebook: Arc<Rulebook>, lenient: bool) -> Self {
        let name = format!("{prefix}{}_decide", if lenient { "_try" } else { "" });
        let documentation = documented(
            "The decision: the first day of its edition, and for each action a struct of the verdict, \
             the ids of the rules that decide it, what is required, the rules that say what to know \
             before acting and, where it is undetermined, the verdicts that are possible and the facts \
             on which it depends.",
            &format!("{name}(as_of, facts)"),
            &format!(
                "SELECT {name}(DATE '2026-11-27', named_struct('channel', channel))['switch']['rules']"
            ),
            lenient,
        );
        Self(Function::new(name, rulebook, lenient, 2, documentation.build()))
    }
}

impl ScalarUDFImpl for DecideFunction {
    fn name(&self) -> &str {
        &self.0.name
    }

    fn signature(&self) -> &Signature {
        &self.0.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Struct(fields()))
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        let [as_of, facts] = args.arg_fields else { return internal_err!("two arguments") };
        check_types(as_of.data_type(), facts.data_type())?;
        Ok(Arc::new(Field::new_struct(self.name(), fields(), self.0.lenient)))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [as_of, facts] = args.args.as_slice() else { return internal_err!("two arguments") };
        self.0.decide([as_of, facts], args.number_rows, |cases| {
            let mut distinct = Vec::new();
            let mut places = HashMap::new();
            let place = |case| {
                *places.entry(case).or_insert_with(|| {
                    distinct.push(case);
                    // A batch has fewer rows than `u32::MAX`.
                    u32::try_from(distinct.len() - 1).unwrap_or(u32::MAX)
                })
            };
            let of_rows: UInt32Array = cases.rows().map(place).collect();
            Ok(take(&decisions(&distinct)?, &of_rows, None)?)
        })
    }

    fn documentation(&self) -> Option<&Documentation> {
        Some(&self.0.documentation)
    }
}

/// The list fields of a verdict.
const LISTS: [&str; 5] = ["rules", "requirements", "advice", "possible", "depends_on"];

/// Returns the words of these lists for an action.
fn words<'r>(decision: &Decision<'r>, action: Action) -> [Vec<&'r str>; 5] {
    let undetermined = decision.verdict(action) == Verdict::Undetermined;
    let possible = if undetermined { decision.possible(action) } else { Set::EMPTY };
    [
        decision.reasons(action).map(Rule::id).collect(),
        decision.requirements(action).collect(),
        decision.advice(action).map(Rule::id).collect(),
        possible.iter().map(Verdict::as_str).collect(),
        decision.depends_on(action).iter().map(Fact::as_str).collect(),
    ]
}

fn fields() -> Fields {
    let day = Field::new("edition", DataType::Date32, true);
    let action = |action: &Action| Field::new_struct(action.as_str(), fields_of_action(), true);
    std::iter::once(day).chain(Action::ALL.iter().map(action)).collect()
}

fn fields_of_action() -> Fields {
    let verdict = Field::new("verdict", DataType::Utf8View, true);
    let word = Field::new_list_field(DataType::Utf8, true);
    let lists = LISTS.map(|name| Field::new_list(name, word.clone(), true));
    std::iter::once(verdict).chain(lists).collect()
}

/// Returns the decisions as a column.
fn decisions(cases: &[Option<Case<'_>>]) -> Result<ArrayRef> {
    let decisions: Vec<Option<Decision<'_>>> =
        cases.iter().map(|case| case.map(|case| case.edition.decide(case.facts))).collect();
    let day = |of: &Option<Decision<'_>>| {
        of.map(|decision| Date32Type::from_naive_date(decision.edition().since()))
    };
    let days: Date32Array = decisions.iter().map(day).collect();
    let decided: NullBuffer = decisions.iter().map(Option::is_some).collect::<Vec<_>>().into();
    let mut columns: Vec<ArrayRef> = vec![Arc::new(days)];
    for action in Action::ALL {
        columns.push(Arc::new(verdicts(&decisions, &decided, *action)?));
    }
    Ok(Arc::new(StructArray::try_new(fields(), columns, Some(decided))?))
}

/// Returns the verdicts on an action as a column, each with its lists.
///
/// An invalid row is `NULL` at each level, because the engine does not check the levels above.
fn verdicts(
    decisions: &[Option<Decision<'_>>],
    decided: &NullBuffer,
    action: Action,
) -> Result<StructArray> {
    let verdict = |of: &Option<Decision<'_>>| of.map(|decision| decision.verdict(action).as_str());
    let verdicts: StringViewArray = decisions.iter().map(verdict).collect();
    let mut columns: Vec<ArrayRef> = vec![Arc::new(verdicts)];
    let mut lists = LISTS.map(|_| ListBuilder::new(StringBuilder::new()));
    for decision in decisions {
        let words = decision.as_ref().map(|decision| words(decision, action).map(Some));
        for (list, words) in lists.iter_mut().zip(words.unwrap_or_default()) {
            list.append_option(words.map(|words| words.into_iter().map(Some)));
        }
    }
    columns.extend(lists.iter_mut().map(|list| Arc::new(list.finish()) as ArrayRef));
    Ok(StructArray::try_new(fields_of_action(), columns, Some(decided.clone()))?)
}
