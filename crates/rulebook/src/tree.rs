//! Parsed documents with the place of each value, so that all problems can be reported at once.

use std::borrow::Cow;
use std::ops::Range;

use jsonc_parser::ast;
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A value with its place in the text.
pub(crate) struct Node<'t> {
    pub(crate) span: Range<usize>,
    pub(crate) value: Value<'t>,
}

pub(crate) enum Value<'t> {
    Text(Cow<'t, str>),
    List(Vec<Node<'t>>),
    Table(Vec<Entry<'t>>),
    /// Any other value, in its original spelling.
    Other(&'t str),
}

/// A key of a table with its value.
pub(crate) struct Entry<'t> {
    pub(crate) key: Cow<'t, str>,
    pub(crate) key_span: Range<usize>,
    pub(crate) node: Node<'t>,
}

/// A syntax error: its place and message.
pub(crate) struct FormatError {
    pub(crate) at: usize,
    pub(crate) message: String,
}

impl<'t> Node<'t> {
    pub(crate) fn from_json(text: &'t str) -> Result<Self, FormatError> {
        let strict = ParseOptions {
            allow_comments: false,
            allow_loose_object_property_names: false,
            allow_trailing_commas: false,
            allow_missing_commas: false,
            allow_single_quoted_strings: false,
            allow_hexadecimal_numbers: false,
            allow_unary_plus_numbers: false,
            allow_bare_decimal_point_numbers: false,
            allow_non_finite_numbers: false,
            allow_extended_string_escapes: false,
        };
        let parsed = parse_to_ast(text, &CollectOptions::default(), &strict);
        let parsed = parsed.map_err(|error| FormatError {
            at: error.range().start,
            message: format!("invalid JSON: {}", sentence(&error.kind().to_string())),
        })?;
        let nothing = || FormatError { at: 0, message: "invalid JSON: expected an object".into() };
        parsed.value.map(|value| Self::of_json(value, text)).ok_or_else(nothing)
    }

    fn of_json(value: ast::Value<'t>, text: &'t str) -> Self {
        let range = value.range();
        let span = range.start..range.end;
        let value = match value {
            ast::Value::StringLit(literal) => Value::Text(literal.value),
            ast::Value::Array(array) => Value::List(
                array.elements.into_iter().map(|element| Self::of_json(element, text)).collect(),
            ),
            ast::Value::Object(object) => {
                let entry = |property: ast::ObjectProp<'t>| {
                    let range = property.name.range();
                    Entry {
                        key: match property.name {
                            ast::ObjectPropName::String(name) => name.value,
                            ast::ObjectPropName::Word(word) => word.value.into(),
                        },
                        key_span: range.start..range.end,
                        node: Self::of_json(property.value, text),
                    }
                };
                Value::Table(object.properties.into_iter().map(entry).collect())
            }
            _ => Value::Other(text.get(span.clone()).unwrap_or_default()),
        };
        Self { span, value }
    }

    pub(crate) fn from_toml(text: &'t str) -> Result<Self, FormatError> {
        let table = DeTable::parse(text).map_err(|error| FormatError {
            at: error.span().map_or(0, |span| span.start),
            message: format!("invalid TOML: {}", sentence(error.message())),
        })?;
        let span = table.span();
        Ok(Self { span, value: Self::of_toml_table(table.into_inner(), text) })
    }

    fn of_toml_table(table: DeTable<'t>, text: &'t str) -> Value<'t> {
        let entries = table.into_iter().map(|(key, value)| Entry {
            key_span: key.span(),
            key: key.into_inner(),
            node: Self::of_toml(value, text),
        });
        let mut entries: Vec<Entry<'t>> = entries.collect();
        entries.sort_by_key(|entry| entry.key_span.start);
        Value::Table(entries)
    }

    fn of_toml(value: Spanned<DeValue<'t>>, text: &'t str) -> Self {
        let span = value.span();
        let value = match value.into_inner() {
            DeValue::String(string) => Value::Text(string),
            // Days are strings, as in JSON.
            DeValue::Datetime(day) => Value::Text(day.to_string().into()),
            DeValue::Array(items) => {
                Value::List(items.into_iter().map(|item| Self::of_toml(item, text)).collect())
            }
            DeValue::Table(table) => Self::of_toml_table(table, text),
            _ => Value::Other(text.get(span.clone()).unwrap_or_default()),
        };
        Self { span, value }
    }
}

/// Adapts a message to the style of all others: lowercase at the start, no full stop, one line.
fn sentence(message: &str) -> String {
    let message = message.trim().trim_end_matches('.').replace('\n', ", ");
    let mut rest = message.chars();
    rest.next().map_or_else(String::new, |first| first.to_lowercase().chain(rest).collect())
}

/// Returns the line and the column of a place in a text, both from 1.
pub(crate) fn line_and_column(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let column = before.get(line_start..).unwrap_or_default().chars().count() + 1;
    (before.matches('\n').count() + 1, column)
}
