//! `multichannel ask`: an interview that results in verdicts and plans.

mod interview;

use std::cell::RefCell;
use std::io::{self, BufRead, BufReader, BufWriter, IsTerminal, Read, Write};
use std::path::PathBuf;

use clap::Args;
use csp_multichannel::{Action, Case, DecisionRecord, Rulebook, Set, Subscription};
use csp_multichannel_guidance::{Goal, Plans, Question};
use serde::Serialize;

use crate::Failure;
use crate::by_rulebook::ByRulebook;
use crate::input::{AsOf, Source, one_of};
use crate::overview;
use crate::plan::{plan_for, report};
use crate::text::{announce, paragraph, printable, stdout, terminal_width, write_json};
use interview::{Interview, Reply};

/// Ask for the unknown facts of a subscription, one at a time, then decide and plan
///
/// An answer is a number, a word, several of these separated by commas, or `?` for unknown. `FACT:
/// ANSWER` answers another question. `back` undoes the last answer, `why` explains the question,
/// `quit` ends the interview. Blank lines and text after `#` are ignored.
///
/// `term: 2026-01-10 2027-01-09` answers with the dates of the term: the purchase (or `?`), the
/// last day and, optionally, the end of the cancellation window (a day, an instant or `never`).
///
/// Questions are shown in a terminal only, on standard error. The result goes to standard output.
#[derive(Args)]
pub(crate) struct Options {
    /// The file with the answers, one a line; `-` for standard input
    answers: Option<PathBuf>,

    #[command(flatten)]
    as_of: AsOf,

    #[command(flatten)]
    by: ByRulebook,

    /// The goal of the plans
    #[arg(long, default_value = Goal::Move.as_str(), value_parser = one_of(Goal::ALL, Goal::as_str))]
    goal: Goal,

    /// Ask only for facts that this action depends on; can be repeated [default: all actions]
    #[arg(long = "action", value_name = "ACTION", value_parser = one_of(Action::ALL, Action::as_str))]
    actions: Vec<Action>,

    /// Start from the first case of a file; `-` for standard input
    #[arg(long, value_name = "FILE")]
    case: Option<PathBuf>,

    /// Write one JSON record at the end: case, decision, plans and remaining questions
    #[arg(long)]
    json: bool,
}

/// The result of an interview as JSON.
#[derive(Serialize)]
struct Record<'a> {
    case: &'a Case,
    decision: DecisionRecord,
    plans: &'a Plans,
    questions: Vec<Question>,
}

/// How an interview ended.
enum Ending {
    /// No question is left, or the user quit.
    Done,
    /// The answers end before the last question.
    Early,
    /// An invalid answer outside a terminal.
    Wrong { line: usize, error: String },
}

/// The longest line that can be an answer, in bytes.
const LONGEST: u64 = 1 << 16;

/// Holds the interview and writes the result; returns the number of invalid or missing answers.
pub(crate) fn run(options: &Options) -> Result<usize, Failure> {
    let as_of = options.as_of.instant();
    let source = Source::of(options.answers.as_deref());
    let case = options.case.as_deref().map(|path| Source::of(Some(path)));
    if case.as_ref() == Some(&source) && matches!(source, Source::StandardInput) {
        return Err(Failure::SameFile("-".into()));
    }
    let mut others = vec![("the answers", &source)];
    others.extend(case.iter().map(|case| ("the case", case)));
    let rulebook = options.by.rulebook(&others)?;
    let edition = rulebook.edition_at(as_of)?;
    let case = match &case {
        Some(source) => read_case(source)?,
        None => Case::new("interview", Subscription::new()),
    };
    let actions: Set<Action> = if options.actions.is_empty() {
        Set::all()
    } else {
        options.actions.iter().copied().collect()
    };
    let in_terminal = matches!(source, Source::StandardInput) && io::stdin().is_terminal();
    let mut interview = Interview::new(case, edition, as_of, actions);
    let mut answers = BufReader::new(source.open(&[])?);
    let unreadable = |error| Failure::Input { name: source.name(), error };
    let ending = converse(&mut interview, &mut answers, in_terminal).map_err(unreadable)?;
    write_result(options, &interview, rulebook)?;
    match ending {
        Ending::Done => Ok(0),
        Ending::Early => {
            announce("error: the answers end before the last question");
            Ok(1)
        }
        Ending::Wrong { line, error } => {
            announce(format_args!("error: line {line}: {error}"));
            Ok(1)
        }
    }
}

fn read_case(source: &Source<'_>) -> Result<Case, Failure> {
    let name = source.name();
    let nowhere = RefCell::new(io::sink());
    match source.cases(&[], &nowhere)?.next()? {
        Some(Ok(case)) => Ok(case),
        Some(Err(refusal)) => Err(Failure::Case { name, refusal }),
        None => Err(Failure::NoCase { name }),
    }
}

/// Asks questions until none is left, or the answers end.
fn converse(
    interview: &mut Interview,
    answers: &mut impl BufRead,
    in_terminal: bool,
) -> io::Result<Ending> {
    if in_terminal {
        interview.introduce();
        interview.ask();
    }
    for number in 1.. {
        if in_terminal && interview.questions().is_empty() {
            return Ok(Ending::Done);
        }
        let mut line = Vec::new();
        if answers.by_ref().take(LONGEST).read_until(b'\n', &mut line)? == 0 {
            if in_terminal {
                // Ends the line of the prompt.
                announce("");
            }
            break;
        }
        let reply = match String::from_utf8(line) {
            // A file can begin with a byte order mark.
            Ok(line) => interview.reply(line.strip_prefix('\u{feff}').unwrap_or(&line)),
            Err(_) => Err("invalid answer, expected UTF-8".into()),
        };
        match reply {
            Ok(Reply::Quit) => return Ok(Ending::Done),
            Ok(Reply::Why(why)) => {
                announce(why);
                if in_terminal {
                    interview.prompt();
                }
            }
            Ok(Reply::Answered(known)) if in_terminal => {
                announce(known);
                interview.ask();
            }
            Ok(Reply::Nothing) if in_terminal => interview.prompt(),
            Ok(Reply::Answered(_) | Reply::Nothing) => {}
            Err(error) if in_terminal => {
                announce(paragraph("    ", &error));
                interview.prompt();
            }
            Err(error) => return Ok(Ending::Wrong { line: number, error }),
        }
    }
    Ok(if interview.questions().is_empty() { Ending::Done } else { Ending::Early })
}

fn write_result(
    options: &Options,
    interview: &Interview,
    rulebook: &Rulebook,
) -> Result<(), Failure> {
    let decision = interview.decision();
    let planned = plan_for(interview.case(), options.goal, interview.as_of(), rulebook)?;
    let mut output = BufWriter::new(stdout());
    if options.json {
        let record = Record {
            case: &planned.case,
            decision: decision.record(planned.case.id.clone(), interview.as_of()),
            plans: &planned.plans,
            questions: interview.questions(),
        };
        write_json(&mut output, &record)?;
    } else {
        let row = [(printable(&planned.case.id), decision.verdicts())];
        writeln!(output, "{}\n", overview::draw("case", &row, terminal_width()))?;
        let missing = interview.questions().first().map(|question| question.fact);
        let (as_of, day) = (interview.as_of(), options.as_of.text());
        report::write(&mut output, &planned, as_of, &day, missing, false)?;
    }
    Ok(output.flush()?)
}
