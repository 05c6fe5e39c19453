//! Asks, one question at a time, what has to be known of a subscription; ends in verdicts and a plan.

mod answer;
mod dialogue;
mod input;
mod interview;
mod report;
mod text;
mod told;

use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use chrono::{DateTime, SubsecRound, Utc};
use clap::Parser;
use csp_multichannel::guidance::Goal;
use csp_multichannel::{
    Action, BeforeFirstEdition, Case, Engagement, Refusal, Rulebook, Set, Subscription, parse_instant,
};

use answer::Wrong;
use dialogue::Dialogue;
use input::{Event, Events};
use interview::{Interview, Reply};
use report::Report;
use text::{NARROW, WIDE};

/// Ask what has to be known of a subscription, and say which ways are open to manage or move it, and how.
#[derive(Parser)]
#[command(after_help = "\
An answer is the number or the word of the policy, `?` or `skip` where it is not known. `fact: answer` answers another question, such as \
`term: 2026-01-10 2027-01-09`. `back` takes the last answer back, `why` tells what each answer leads to, `quit` ends. Blank lines and what \
follows `#` are skipped.\n\n\
The questions go to standard error, and only where they are answered in a terminal; what comes of them goes to standard output.\n\n\
Exit status: 0, all is answered, or `quit`; 1, the answers ended before, or a line of them was wrong; 2, unusable arguments, input that \
cannot be read, or an instant before the first edition; 130, Ctrl-C.\n\n\
Example: printf '%s\\n' 'channel: direct' 'service: azure' 'cloud: public' | ask --action wait_until_term_end --as-of 2026-11-24")]
struct Options {
    /// Answers, one a line, `-` for standard input [default: standard input]
    answers: Option<PathBuf>,

    /// The instant to decide for: a day, taken at 00:00 UTC, or an RFC 3339 instant [default: now]
    #[arg(long, value_name = "INSTANT", value_parser = parse_instant)]
    as_of: Option<DateTime<Utc>>,

    /// What the plan is to reach: `manage` or `move`
    #[arg(long, default_value = "move")]
    goal: Goal,

    /// An action to ask about, such as `switch`; may be repeated [default: all]
    #[arg(long = "action", value_name = "ACTION")]
    actions: Vec<Action>,

    /// Begin with what the record of a case knows, as this program writes it
    #[arg(long, value_name = "FILE")]
    case: Option<PathBuf>,

    /// Write one JSON object at the end: the case, its decision, the plans, and the questions that are left
    #[arg(long)]
    json: bool,
}

impl Options {
    fn actions(&self) -> Set<Action> {
        if self.actions.is_empty() { Set::all() } else { self.actions.iter().copied().collect() }
    }

    /// The file with the answers; none for standard input.
    fn file(&self) -> Option<&Path> {
        self.answers.as_deref().filter(|path| *path != Path::new("-"))
    }
}

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(ending) => ending.status(),
        Err(failure) => {
            complain(&failure.to_string());
            ExitCode::from(2)
        }
    }
}

/// Why nothing can be asked, or told.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Instant(#[from] BeforeFirstEdition),
    #[error("cannot read `{}`: {error}", .path.display())]
    Input { path: PathBuf, error: io::Error },
    #[error("`{}` is no record of a case: {reason}", .path.display())]
    Case { path: PathBuf, reason: String },
    #[error("cannot wait for Ctrl-C: {0}")]
    Signal(#[from] ctrlc::Error),
    #[error("cannot write: {0}")]
    Output(#[from] io::Error),
}

/// How an interview ended.
#[derive(Debug)]
pub(crate) enum Ending {
    /// Nothing is left to ask.
    Finished,
    Quit,
    /// Ctrl-C.
    Interrupted,
    /// The answers ended before the questions did.
    EndOfInput,
    /// A line that is no answer, of answers that were not given in a terminal.
    Wrong {
        line: u64,
        wrong: Wrong,
    },
    Unreadable(io::Error),
}

impl Ending {
    fn status(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Finished | Self::Quit => 0,
            Self::EndOfInput | Self::Wrong { .. } => 1,
            Self::Unreadable(_) => 2,
            Self::Interrupted => 130,
        })
    }

    /// What went wrong.
    fn error(&self) -> Option<String> {
        match self {
            Self::Finished | Self::Quit | Self::Interrupted => None,
            Self::EndOfInput => Some("the answers ended before the questions did".into()),
            Self::Wrong { line, wrong } => Some(format!("line {line}: {wrong}")),
            Self::Unreadable(error) => Some(format!("cannot read the answers: {error}")),
        }
    }
}

fn run(options: &Options) -> Result<Ending, Failure> {
    let as_of = options.as_of.unwrap_or_else(|| Utc::now().trunc_subsecs(0));
    let edition = Rulebook::partner_center().edition_at(as_of)?;
    let case = options.case.as_deref().map(read_case).transpose()?;
    let case = case.unwrap_or_else(|| Case::new("interview", Subscription::default(), Engagement::new()));
    let mut interview = Interview::of(&case, edition, as_of, options.actions());

    let in_terminal = options.file().is_none() && io::stdin().is_terminal();
    let answers = open(options.file())?;
    // The events are dropped with the interview: from then on Ctrl-C ends at once.
    let ending = converse(&mut interview, Events::of(answers)?, &mut Dialogue::of(in_terminal))?;

    let output = io::stdout();
    let width = if output.is_terminal() { NARROW } else { WIDE };
    let report = Report { output: BufWriter::new(output.lock()), width, interview: &interview, goal: options.goal };
    let written = report.write(&ending, options.json);
    if let Some(error) = ending.error() {
        complain(&error);
    }
    match written {
        // A reader that has gone away is no error.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(ending),
    }
}

/// Tells an error; where nobody can be told, it stays with the exit status.
fn complain(error: &str) {
    let _ = writeln!(io::stderr(), "error: {error}");
}

fn open(file: Option<&Path>) -> Result<Box<dyn Read + Send>, Failure> {
    let Some(path) = file else { return Ok(Box::new(io::stdin())) };
    let open = || {
        let file = File::open(path)?;
        // It opens, and only then cannot be read.
        if file.metadata()?.is_dir() { Err(io::ErrorKind::IsADirectory.into()) } else { Ok(file) }
    };
    Ok(Box::new(open().map_err(|error| Failure::Input { path: path.into(), error })?))
}

fn read_case(path: &Path) -> Result<Case, Failure> {
    /// A record takes some 400 bytes.
    const LONGEST: u64 = 1 << 20;
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(LONGEST + 1).read_to_end(&mut bytes));
    let read = read.map_err(|error| Failure::Input { path: path.into(), error })?;
    let refused = |reason: String| Failure::Case { path: path.into(), reason };
    if read as u64 > LONGEST {
        return Err(refused(format!("it is longer than {LONGEST} bytes")));
    }
    let mut json = serde_json::Deserializer::from_slice(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes));
    let case = Case::read(&mut json).map_err(|error| refused(wording(&error.reason)))?;
    json.end().map_err(|error| refused(wording(&Refusal::Format(error))))?;
    Ok(case)
}

fn wording(reason: &Refusal<serde_json::Error>) -> String {
    match reason {
        Refusal::Record(error) => error.to_string(),
        Refusal::Format(error) => format!("no valid JSON: {error}"),
    }
}

/// Asks and takes answers, until nothing is left to ask or the answers end.
fn converse(interview: &mut Interview, events: Events, dialogue: &mut Dialogue) -> io::Result<Ending> {
    dialogue.begin(interview)?;
    if dialogue.in_terminal() && interview.to_ask().is_empty() {
        return Ok(Ending::Finished);
    }
    for event in events {
        let settled = interview.to_ask().is_empty();
        let line = match event {
            Event::Line(line) => line,
            Event::End => {
                dialogue.break_off()?;
                return Ok(if settled { Ending::Finished } else { Ending::EndOfInput });
            }
            Event::Interrupted => {
                dialogue.break_off()?;
                return Ok(Ending::Interrupted);
            }
            Event::Unreadable(error) => return Ok(Ending::Unreadable(error)),
        };
        let reply = line.text.map_err(Wrong::from).and_then(|text| interview.reply(&text));
        match reply {
            Ok(Reply::Quit) => return Ok(if settled { Ending::Finished } else { Ending::Quit }),
            Ok(Reply::Nothing) if settled && dialogue.in_terminal() => return Ok(Ending::Finished),
            Ok(reply) => dialogue.reply(interview, &reply)?,
            Err(wrong) if dialogue.in_terminal() => dialogue::refuse(interview, &wrong)?,
            Err(wrong) => return Ok(Ending::Wrong { line: line.number, wrong }),
        }
    }
    Ok(Ending::EndOfInput)
}
