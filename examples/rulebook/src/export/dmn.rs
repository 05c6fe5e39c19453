//! Decision tables in DMN 1.3, the Object Management Group's Decision Model and Notation: one decision an action, of one edition.

use std::io::{self, Write};

use csp_multichannel::authoring::{DecisionTable, Row};
use csp_multichannel::{Edition, Fact, FactSet, Value, Verdict};
use quick_xml::Writer;
use quick_xml::escape::minimal_escape;
use quick_xml::events::{BytesDecl, BytesText, Event};

const NAMESPACE: &str = "https://www.omg.org/spec/DMN/20191111/MODEL/";
/// The expression language, by the name of its own namespace.
const FEEL: &str = "https://www.omg.org/spec/DMN/20191111/FEEL/";

type Xml<'w> = Writer<&'w mut dyn Write>;

/// Writes the types of facts and answers, the facts as inputs, and the decisions.
pub(super) fn write(output: &mut dyn Write, edition: Edition<'_>, tables: &[DecisionTable<'_>]) -> io::Result<()> {
    let name = format!("csp-multichannel {}", edition.since());
    let namespace = format!("urn:csp-multichannel:edition:{}", edition.since());
    let facts = tables.iter().fold(FactSet::EMPTY, |facts, table| facts.union(table.facts()));

    let known = Verdict::ALL.iter().filter(|verdict| **verdict != Verdict::Undetermined);

    let mut xml = Writer::new_with_indent(output, b' ', 2);
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let attributes = [
        ("xmlns", NAMESPACE),
        ("id", "definitions"),
        ("name", &name),
        ("namespace", &namespace),
        ("expressionLanguage", FEEL),
        ("exporter", env!("CARGO_PKG_NAME")),
        ("exporterVersion", env!("CARGO_PKG_VERSION")),
    ];
    element(&mut xml, "definitions", &attributes, |xml| {
        for fact in facts {
            word_type(xml, &type_of(fact), &values_of(fact))?;
        }
        word_type(xml, "t_verdict", &words(known.map(|verdict| verdict.as_str())))?;
        element(xml, "itemDefinition", &[("name", "t_requirements"), ("isCollection", "true")], |xml| {
            text(xml, "typeRef", "string")
        })?;
        element(xml, "itemDefinition", &[("name", "t_answer")], |xml| {
            for part in ["verdict", "requirements"] {
                let of_part = |xml: &mut Xml<'_>| text(xml, "typeRef", &format!("t_{part}"));
                element(xml, "itemComponent", &[("name", part)], of_part)?;
            }
            Ok(())
        })?;
        for fact in facts {
            let attributes = [("id", &*format!("input_{fact}")), ("name", fact.as_str())];
            element(xml, "inputData", &attributes, |xml| variable(xml, fact.as_str(), &type_of(fact)))?;
        }
        tables.iter().try_for_each(|table| decision(xml, table))
    })?;
    xml.get_mut().write_all(b"\n")
}

fn decision(xml: &mut Xml<'_>, table: &DecisionTable<'_>) -> io::Result<()> {
    let action = table.action().as_str();
    element(xml, "decision", &[("id", action), ("name", action)], |xml| {
        text(xml, "question", &format!("What is the verdict on {action}, and what is required first?"))?;
        variable(xml, action, "t_answer")?;
        for fact in table.facts() {
            element(xml, "informationRequirement", &[("id", &*format!("{action}_{fact}"))], |xml| {
                empty(xml, "requiredInput", &[("href", &*format!("#input_{fact}"))])
            })?;
        }
        let attributes = [("id", &*format!("{action}_table")), ("hitPolicy", "UNIQUE"), ("outputLabel", action)];
        element(xml, "decisionTable", &attributes, |xml| {
            for fact in table.facts() {
                element(xml, "input", &[("id", &*format!("{action}_table_{fact}"))], |xml| {
                    let type_ref = type_of(fact);
                    let read = |xml: &mut Xml<'_>| text(xml, "text", fact.as_str());
                    element(xml, "inputExpression", &[("typeRef", &*type_ref)], read)?;
                    element(xml, "inputValues", &[], |xml| text(xml, "text", &values_of(fact)))
                })?;
            }
            for part in ["verdict", "requirements"] {
                let id = format!("{action}_table_{part}");
                empty(xml, "output", &[("id", &*id), ("name", part), ("typeRef", &*format!("t_{part}"))])?;
            }
            let rows = (1..).zip(table.rows());
            rows.into_iter()
                .try_for_each(|(number, row)| rule(xml, &format!("{action}_row_{number}"), table.facts(), row))
        })
    })
}

/// A row: for each fact the values that it admits, `-` for any.
fn rule(xml: &mut Xml<'_>, id: &str, facts: FactSet, row: &Row<'_>) -> io::Result<()> {
    element(xml, "rule", &[("id", id)], |xml| {
        for fact in facts {
            let admitted = row.condition().admitted(fact);
            let is_any = admitted == fact.values();
            let test = if is_any { "-".into() } else { words(admitted.iter().map(Value::as_str)) };
            element(xml, "inputEntry", &[], |xml| text(xml, "text", &test))?;
        }
        let requirements = format!("[{}]", words(row.requirements().iter().copied()));
        for answer in [words([row.verdict().as_str()]), requirements] {
            element(xml, "outputEntry", &[], |xml| text(xml, "text", &answer))?;
        }
        Ok(())
    })
}

/// The name of a fact's type.
fn type_of(fact: Fact) -> String {
    format!("t_{fact}")
}

fn values_of(fact: Fact) -> String {
    words(fact.values().iter().map(Value::as_str))
}

/// Words as FEEL has them. Nothing in them ends a string: they are the vocabulary's, or names of requirements.
fn words<'w>(words: impl IntoIterator<Item = &'w str>) -> String {
    words.into_iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(", ")
}

/// A type that has some words and no others.
fn word_type(xml: &mut Xml<'_>, name: &str, values: &str) -> io::Result<()> {
    element(xml, "itemDefinition", &[("name", name)], |xml| {
        text(xml, "typeRef", "string")?;
        element(xml, "allowedValues", &[], |xml| text(xml, "text", values))
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
    xml.create_element(name).with_attributes(attributes.iter().copied()).write_inner_content(content).map(drop)
}

fn empty(xml: &mut Xml<'_>, name: &str, attributes: &[(&str, &str)]) -> io::Result<()> {
    xml.create_element(name).with_attributes(attributes.iter().copied()).write_empty().map(drop)
}

fn text(xml: &mut Xml<'_>, name: &str, text: &str) -> io::Result<()> {
    // Quotation marks stand as they are, to be read.
    xml.create_element(name).write_text_content(BytesText::from_escaped(minimal_escape(text))).map(drop)
}
