//! `multichannel policy`: the editions, rules and changes of the policy.

use std::io::{self, BufWriter, Write};

use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};
use csp_multichannel::{Action, Edition, ExplainedRule, Facts, Rule, Rulebook, Set, parse_instant};
use csp_multichannel_rulebook::{Witnesses, difference, witnesses};
use serde::Serialize;

use crate::Failure;
use crate::by_rulebook::ByRulebook;
use crate::difference;
use crate::input::{AsOf, one_of};
use crate::text::{STRONG, counted, paragraph, stdout, words, write_json};

/// Show the editions, rules and changes of the policy
///
/// Without a command, lists the editions.
#[derive(Args)]
#[command(mut_arg("rulebook", |rulebook| rulebook.global(true)))]
pub(crate) struct Options {
    #[command(subcommand)]
    command: Option<Command>,

    #[command(flatten)]
    by: ByRulebook,

    /// Write JSON: one record for each edition, rule or difference
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Subcommand)]
enum Command {
    /// List the editions, with the rules that ended (-) and began (+)
    Editions {
        /// Omit editions after this day or RFC 3339 instant [default: list all]
        #[arg(long, value_name = "INSTANT", value_parser = parse_instant)]
        as_of: Option<DateTime<Utc>>,
    },
    /// List the rules in force
    Rules {
        #[command(flatten)]
        as_of: AsOf,

        /// List only rules on this action
        #[arg(long, value_parser = one_of(Action::ALL, Action::as_str))]
        action: Option<Action>,
    },
    /// Show one rule, in force or not, with example cases
    Rule {
        /// The id of the rule, such as `license-no-switch`
        id: String,
    },
    /// Compare two days: the rules that changed, and the cases with other verdicts
    Diff {
        /// The earlier day (00:00 UTC) or RFC 3339 instant
        #[arg(value_parser = parse_instant)]
        from: DateTime<Utc>,

        /// The later day or instant
        #[arg(value_parser = parse_instant)]
        to: DateTime<Utc>,
    },
}

/// The error of an unknown rule id.
#[derive(Debug, thiserror::Error)]
#[error("unknown rule `{id}`, expected an id that `multichannel policy` lists{hint}")]
pub(crate) struct UnknownRule {
    id: String,
    hint: String,
}

/// A rule as JSON.
#[derive(Serialize)]
pub(crate) struct RuleRecord<'r> {
    effect: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    requirement: Option<&'r str>,
    actions: Set<Action>,
    condition: Facts,
    #[serde(flatten)]
    rule: ExplainedRule,
    #[serde(skip_serializing_if = "Option::is_none")]
    witnesses: Option<Witnesses>,
}

impl<'r> From<&'r Rule> for RuleRecord<'r> {
    fn from(rule: &'r Rule) -> Self {
        Self {
            effect: rule.effect().as_str(),
            requirement: rule.requirement(),
            actions: rule.actions(),
            condition: rule.condition(),
            rule: rule.into(),
            witnesses: None,
        }
    }
}

/// An edition as JSON.
#[derive(Serialize)]
struct EditionRecord<'r> {
    edition: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<String>,
    rules: usize,
    ended: Vec<&'r str>,
    begun: Vec<&'r str>,
}

pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let rulebook = options.by.rulebook(&[])?;
    let mut output = BufWriter::new(stdout());
    match &options.command {
        None => write_editions(&mut output, rulebook, None, options.json)?,
        Some(Command::Editions { as_of }) => {
            as_of.map(|at| rulebook.edition_at(at)).transpose()?;
            write_editions(&mut output, rulebook, *as_of, options.json)?;
        }
        Some(Command::Rules { as_of, action }) => {
            let edition = rulebook.edition_at(as_of.instant())?;
            for rule in edition.rules() {
                if action.is_none_or(|action| rule.actions().contains(action)) {
                    if options.json {
                        write_json(&mut output, &RuleRecord::from(rule))?;
                    } else {
                        write_rule(&mut output, "", rule)?;
                    }
                }
            }
        }
        Some(Command::Rule { id }) => {
            let rule = rulebook.rules().iter().find(|rule| rule.id() == *id);
            let rule = rule.ok_or_else(|| unknown(id, rulebook))?;
            let mut in_force =
                rulebook.editions().filter(|edition| rule.validity().covers(edition.since()));
            let witnesses = in_force.next_back().and_then(|edition| witnesses(edition, id));
            if options.json {
                write_json(&mut output, &RuleRecord { witnesses, ..rule.into() })?;
            } else {
                write_rule(&mut output, "", rule)?;
                witnesses.iter().try_for_each(|pair| write_witnesses(&mut output, pair))?;
            }
        }
        Some(Command::Diff { from, to }) => {
            let [first, last] = [from, to].map(chrono::DateTime::date_naive);
            if last < first {
                return Err(Failure::Order { from: first, to: last });
            }
            let (from, to) = (rulebook.edition_at(*from)?, rulebook.edition_at(*to)?);
            let difference = difference(from, to);
            if options.json {
                write_json(&mut output, &difference::Record::new(from, to, &difference))?;
            } else {
                let lead = format!("From the edition of {from} to that of {to}");
                difference::write(&mut output, &lead, from, to, &difference)?;
            }
        }
    }
    Ok(output.flush()?)
}

fn unknown(id: &str, rulebook: &Rulebook) -> UnknownRule {
    let ids = rulebook.rules().iter().map(Rule::id);
    let near = |known: &&str| strsim::damerau_levenshtein(known, id) <= known.len() / 3;
    let nearest = ids.filter(near).min_by_key(|known| strsim::damerau_levenshtein(known, id));
    let hint = nearest.map(|nearest| format!("; did you mean `{nearest}`?"));
    UnknownRule { id: id.into(), hint: hint.unwrap_or_default() }
}

/// Returns the ids of the rules that end and begin with an edition.
fn changes(edition: Edition<'_>) -> (Vec<&str>, Vec<&str>) {
    let rules = edition.rulebook().rules().iter();
    let ended = rules.clone().filter(|rule| rule.validity().until() == Some(edition.since()));
    let begun = rules.filter(|rule| rule.validity().from() == edition.since());
    (ended.map(Rule::id).collect(), begun.map(Rule::id).collect())
}

/// Writes all editions, or those that began by an instant.
fn write_editions(
    output: &mut impl Write,
    rulebook: &Rulebook,
    at: Option<DateTime<Utc>>,
    json: bool,
) -> io::Result<()> {
    let has_begun = |edition: &Edition<'_>| at.is_none_or(|at| edition.since() <= at.date_naive());
    let mut editions = rulebook.editions().filter(has_begun);
    editions.try_for_each(|edition| write_edition(output, edition, json))
}

fn write_edition(output: &mut impl Write, edition: Edition<'_>, json: bool) -> io::Result<()> {
    let (ended, begun) = changes(edition);
    let rules = edition.rules().count();
    if json {
        let until = edition.until().map(|day| day.to_string());
        let record = EditionRecord { edition: edition.to_string(), until, rules, ended, begun };
        return write_json(output, &record);
    }
    writeln!(output, "{STRONG}{edition}{STRONG:#}  {}", counted(rules, "rule"))?;
    for (lead, ids) in [("  - ", ended), ("  + ", begun)] {
        if !ids.is_empty() {
            writeln!(output, "{}", paragraph(lead, &ids.join(", ")))?;
        }
    }
    Ok(())
}

/// Writes the effect, condition, reason and origin of a rule.
pub(crate) fn write_rule(output: &mut impl Write, sign: &str, rule: &Rule) -> io::Result<()> {
    writeln!(output, "{sign}{STRONG}{}{STRONG:#}", rule.id())?;
    let required = rule.requirement().map(|requirement| format!("{requirement} for "));
    let required = required.unwrap_or_default();
    let condition = rule.condition();
    let condition = (condition != Facts::UNKNOWN).then(|| format!(", where {condition}"));
    let (effect, actions) = (rule.effect(), actions(rule.actions()));
    let effect = format!("{effect} {required}{actions}{}", condition.unwrap_or_default());
    writeln!(output, "{}", paragraph("    ", &effect))?;
    writeln!(output, "{}", paragraph("    because ", rule.reason()))?;
    // The day on which it ends is the first on which it is no longer in force.
    let last = rule.validity().until().and_then(|day| day.pred_opt());
    let to = last.map(|day| format!(" to {day}")).unwrap_or_default();
    let rulebook = rule.rulebook().map(|rulebook| format!(" in {rulebook}")).unwrap_or_default();
    let basis = format!("{}{rulebook}", rule.basis());
    let mut origin = vec![&*basis];
    origin.extend(rule.sources().iter().map(csp_multichannel::Source::page));
    let origin = format!("{}; from {}{to}", origin.join(", "), rule.validity().from());
    writeln!(output, "{}", paragraph("    ", &origin))
}

/// Writes a case in which the rule counts, and the most similar case in which it does not.
fn write_witnesses(output: &mut impl Write, pair: &Witnesses) -> io::Result<()> {
    let text = format!("{}, where {}", words(pair.action), pair.with);
    writeln!(output, "{}", paragraph("    for example ", &text))?;
    let text = format!("with {}", pair.without.about(pair.fact));
    writeln!(output, "{}", paragraph("    but not ", &text))
}

fn actions(actions: Set<Action>) -> String {
    match actions {
        all if all == Set::all() => "every action".into(),
        moves if moves == Action::MOVES => "every move".into(),
        some => some.to_string(),
    }
}
