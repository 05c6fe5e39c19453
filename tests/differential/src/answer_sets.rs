//! The register, and what the library says of all cases, as facts of an answer-set program, with laws for a solver.
//!
//! The library's side are its editions and its decision tables, complete for each action and edition. A law is
//! proved if the solver finds no case on any day that breaks it.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::process::{Child, Command, Stdio};

use csp_multichannel::chrono::{Datelike, NaiveDate};
use csp_multichannel::{Action, Fact, Facts, Rulebook};
use csp_multichannel_rulebook::decision_table;

/// What rules mean.
pub const SEMANTICS: &str = include_str!("semantics.lp");

/// Laws over all cases of all editions, each with its name.
pub const LAWS: [(&str, &str); 4] = [
    ("editions", include_str!("laws/editions.lp")),
    ("one verdict", include_str!("laws/one_verdict.lp")),
    ("reasons", include_str!("laws/reasons.lp")),
    ("agreement", include_str!("laws/agreement.lp")),
];

/// Prints the words of facts and actions.
#[must_use]
pub fn vocabulary() -> String {
    let mut text = String::new();
    for fact in Fact::ALL {
        let _ = writeln!(text, "fact({}).", quoted(fact.as_str()));
        for value in fact.words() {
            let _ = writeln!(text, "value({}, {}).", quoted(fact.as_str()), quoted(value));
        }
    }
    for action in Action::ALL {
        let _ = writeln!(text, "action({}).", quoted(action.as_str()));
    }
    text
}

/// Prints what the rules say.
#[must_use]
pub fn rules(rulebook: &Rulebook) -> String {
    let mut text = String::new();
    for rule in rulebook.rules() {
        let id = quoted(rule.id());
        let _ = writeln!(text, "effect({id}, {}).", quoted(rule.effect().as_str()));
        for action in rule.actions() {
            let _ = writeln!(text, "on({id}, {}).", quoted(action.as_str()));
        }
        write_condition(&mut text, "", &id, rule.condition());
        let _ = writeln!(text, "from({id}, {}).", day(rule.validity().from()));
        if let Some(until) = rule.validity().until() {
            let _ = writeln!(text, "until({id}, {}).", day(until));
        }
        if let Some(requirement) = rule.requirement() {
            let _ = writeln!(text, "requirement({id}, {}).", quoted(requirement));
        }
    }
    text
}

/// Prints what the library makes of them: its editions with their rules, and its decision tables.
#[must_use]
pub fn library(rulebook: &Rulebook) -> String {
    let mut text = String::new();
    for edition in rulebook.editions() {
        let since = day(edition.since());
        let _ = writeln!(text, "edition({since}).");
        if let Some(until) = edition.until() {
            let _ = writeln!(text, "edition_until({since}, {}).", day(until));
        }
        for rule in edition.rules() {
            let _ = writeln!(text, "in_edition({since}, {}).", quoted(rule.id()));
        }
        for &action in Action::ALL {
            for (position, row) in decision_table(edition, action).rows.iter().enumerate() {
                let place = format!("{since}, {}, {position}", quoted(action.as_str()));
                let _ = writeln!(text, "row({place}, {}).", quoted(row.verdict.as_str()));
                write_condition(&mut text, "row_", &place, row.condition);
                for requirement in &row.requirements {
                    let _ = writeln!(text, "row_requires({place}, {}).", quoted(requirement));
                }
            }
        }
    }
    text
}

fn write_condition(text: &mut String, of: &str, place: &str, condition: Facts) {
    for fact in condition.narrowed() {
        let name = quoted(fact.as_str());
        let _ = writeln!(text, "{of}names({place}, {name}).");
        for value in condition.possible_words(fact) {
            let _ = writeln!(text, "{of}admits({place}, {name}, {}).", quoted(value));
        }
    }
}

/// Returns a day as a number, which the solver can compare.
fn day(date: NaiveDate) -> i32 {
    date.num_days_from_ce()
}

/// Ids and words have no character that would need an escape.
fn quoted(word: &str) -> String {
    format!("\"{word}\"")
}

/// What a solver found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// No case on any day breaks the law.
    Holds,
    /// This one does.
    Broken(String),
}

/// Has `clingo` look for a case that breaks a law.
///
/// # Errors
///
/// If `clingo` is not there, neither as a program nor as a package of Python, or refuses the text.
pub fn prove(law: &str, rules: &str, library: &str) -> io::Result<Proof> {
    let program = [SEMANTICS, law, &vocabulary(), rules, library].concat();
    let python = std::env::var("CLINGO_PYTHON").unwrap_or_else(|_| "python3".into());
    let mut child = solver(&["clingo"]).or_else(|_| solver(&[&python, "-m", "clingo"]))?;
    // All is written before anything is read: the solver answers only then.
    if let Some(mut input) = child.stdin.take() {
        input.write_all(program.as_bytes())?;
    }
    let output = child.wait_with_output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    if text.contains("UNSATISFIABLE") {
        return Ok(Proof::Holds);
    }
    let model = text.lines().skip_while(|line| !line.starts_with("Answer")).nth(1);
    let errors = String::from_utf8_lossy(&output.stderr);
    let no_answer = || io::Error::other(format!("no answer: {text}{errors}"));
    model.map(|model| Proof::Broken(model.into())).ok_or_else(no_answer)
}

fn solver(command: &[&str]) -> io::Result<Child> {
    Command::new(command[0])
        .args(&command[1..])
        .args(["--warn=none", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
}
