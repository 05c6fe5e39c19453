//! DMN 1.3, the Object Management Group's Decision Model and Notation.

use std::io::{self, Write};

use csp_multichannel::{Edition, Fact, Set, Verdict};
use quick_xml::Writer;
use quick_xml::escape::minimal_escape;
use quick_xml::events::{BytesDecl, BytesText, Event};

use super::in_memory;
use crate::table::{DecisionTable, TableRow};

const NAMESPACE: &str = "https://www.omg.org/spec/DMN/20191111/MODEL/";
/// The expression language, by its namespace.
const FEEL: &str = "https://www.omg.org/spec/DMN/20191111/FEEL/";

type Xml<'w> = Writer<&'w mut dyn Write>;

/// Writes the decision tables of an edition in DMN 1.3, for other engines, as one decision each.
///
/// The facts that matter are the inputs. A decision returns a context with a `verdict` and a list
/// of `requirements`.
///
/// ```
/// use csp_multichannel::{Action, parse_instant};
/// use csp_multichannel_rulebook::{decision_table, from_json, to_dmn};
///
/// let rulebook = from_json(r#"{"rules": [{
///     "id": "switch-at-home", "effect": "permit", "actions": ["switch"],
///     "when": {"region": "same"}, "from": "2026-01-01", "reason": "we sell at home only"
/// }]}"#)?;
/// let edition = rulebook.edition_at(parse_instant("2026-11-27")?)?;
/// let xml = to_dmn(edition, &[decision_table(edition, Action::Switch)]);
/// let (_, first_row) = xml.split_once("<rule id=\"switch_row_1\">").unwrap();
/// let (first_row, _) = first_row.split_once("</rule>").unwrap();
/// let cells = first_row.lines().map(str::trim).filter(|line| line.starts_with("<text>"));
/// assert_eq!(
///     cells.collect::<Vec<_>>(),
///     [r#"<text>"same"</text>"#, r#"<text>"allowed"</text>"#, "<text>[]</text>"],
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn to_dmn(edition: Edition<'_>, tables: &[DecisionTable]) -> String {
    in_memory(|bytes| write(bytes, edition, tables))
}

/// Writes the types of facts and answers, the facts as inputs, and the decisions.
fn write(bytes: &mut dyn Write, edition: Edition<'_>, tables: &[DecisionTable]) -> io::Result<()> {
    let facts = tables.iter().fold(Set::EMPTY, |facts, table| facts.union(table.facts()));
    let known = Verdict::ALL.iter().filter(|verdict| **verdict != Verdict::Undetermined);

    let mut xml = Writer::new_with_indent(bytes, b' ', 2);
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let attributes = [
        ("xmlns", NAMESPACE),
        ("id", "definitions"),
        ("name", &format!("csp-multichannel {edition}")),
        ("namespace", &format!("urn:csp-multichannel:edition:{edition}")),
        ("expressionLanguage", FEEL),
        ("exporter", env!("CARGO_PKG_NAME")),
        ("exporterVersion", env!("CARGO_PKG_VERSION")),
    ];
    element(&mut xml, "definitions", &attributes, |xml| {
        for fact in facts {
            word_type(xml, &type_of(fact), &strings(fact.words()))?;
        }
        word_type(xml, "t_verdict", &strings(known))?;
        let attributes = [("name", "t_requirements"), ("isCollection", "true")];
        element(xml, "itemDefinition", &attributes, |xml| text(xml, "typeRef", "string"))?;
        element(xml, "itemDefinition", &[("name", "t_answer")], |xml| {
            ["verdict", "requirements"].into_iter().try_for_each(|part| {
                element(xml, "itemComponent", &[("name", part)], |xml| {
                    text(xml, "typeRef", &format!("t_{part}"))
                })
            })
        })?;
        for fact in facts {
            let attributes = [("id", &*format!("input_{fact}")), ("name", fact.as_str())];
            element(xml, "inputData", &attributes, |xml| {
                variable(xml, fact.as_str(), &type_of(fact))
            })?;
        }
        tables.iter().try_for_each(|table| decision(xml, table))
    })?;
    xml.get_mut().write_all(b"\n")
}

fn decision(xml: &mut Xml<'_>, table: &DecisionTable) -> io::Result<()> {
    let action = table.action.as_str();
    element(xml, "decision", &[("id", action), ("name", action)], |xml| {
        let question = format!("What is the verdict on {action}, and what is required first?");
        text(xml, "question", &question)?;
        variable(xml, action, "t_answer")?;
        for fact in table.facts() {
            let id = format!("{action}_{fact}");
            element(xml, "informationRequirement", &[("id", &*id)], |xml| {
                empty(xml, "requiredInput", &[("href", &*format!("#input_{fact}"))])
            })?;
        }
        let id = format!("{action}_table");
        let attributes = [("id", &*id), ("hitPolicy", "UNIQUE"), ("outputLabel", action)];
        element(xml, "decisionTable", &attributes, |xml| {
            for fact in table.facts() {
                element(xml, "input", &[("id", &*format!("{id}_{fact}"))], |xml| {
                    element(xml, "inputExpression", &[("typeRef", &*type_of(fact))], |xml| {
                        text(xml, "text", fact.as_str())
                    })?;
                    element(xml, "inputValues", &[], |xml| {
                        text(xml, "text", &strings(fact.words()))
                    })
                })?;
            }
            for part in ["verdict", "requirements"] {
                let (id, type_ref) = (format!("{id}_{part}"), format!("t_{part}"));
                empty(xml, "output", &[("id", &*id), ("name", part), ("typeRef", &*type_ref)])?;
            }
            let mut rows = (1..).zip(&table.rows);
            rows.try_for_each(|(number, row)| {
                rule(xml, &format!("{action}_row_{number}"), table.facts(), row)
            })
        })
    })
}

/// Writes a row: for each fact the values that it admits, `-` for any.
fn rule(xml: &mut Xml<'_>, id: &str, facts: Set<Fact>, row: &TableRow) -> io::Result<()> {
    element(xml, "rule", &[("id", id)], |xml| {
        for fact in facts {
            let test = row.admitted(fact).map_or("-".into(), strings);
            element(xml, "inputEntry", &[], |xml| text(xml, "text", &test))?;
        }
        for answer in [strings([row.verdict]), format!("[{}]", strings(&row.requirements))] {
            element(xml, "outputEntry", &[], |xml| text(xml, "text", &answer))?;
        }
        Ok(())
    })
}

/// Returns the name of a fact's type.
fn type_of(fact: Fact) -> String {
    format!("t_{fact}")
}

/// Strings of FEEL. No word of a fact and no name of a requirement has a character that needs an
/// escape there.
fn strings(words: impl IntoIterator<Item = impl std::fmt::Display>) -> String {
    words.into_iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(", ")
}

/// Writes a type with some words.
fn word_type(xml: &mut Xml<'_>, name: &str, words: &str) -> io::Result<()> {
    element(xml, "itemDefinition", &[("name", name)], |xml| {
        text(xml, "typeRef", "string")?;
        element(xml, "allowedValues", &[], |xml| text(xml, "text", words))
    })
}

fn variable(xml: &mut Xml<'_>, name: &str, type_ref: &str) -> io::Result<()> {
    empty(xml, "variable", &[("name", name), ("typeRef", type_ref)])
}

fn element(
    xml: &mut Xml<'_>,
    name: &str,
    attributes: &[(&str, &str)],
    content: impl FnOnce(&mut Xml<'_>) -> io::Result<()>,
) -> io::Result<()> {
    let element = xml.create_element(name).with_attributes(attributes.iter().copied());
    element.write_inner_content(content).map(drop)
}

fn empty(xml: &mut Xml<'_>, name: &str, attributes: &[(&str, &str)]) -> io::Result<()> {
    xml.create_element(name).with_attributes(attributes.iter().copied()).write_empty().map(drop)
}

fn text(xml: &mut Xml<'_>, name: &str, text: &str) -> io::Result<()> {
    // Quotation marks stay readable.
    let text = BytesText::from_escaped(minimal_escape(text));
    xml.create_element(name).write_text_content(text).map(drop)
}
