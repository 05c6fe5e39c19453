//! `multichannel decide`: records of cases in, decisions out.

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};

use chrono::{DateTime, NaiveTime, SubsecRound, Utc};
use clap::Args;
use csp_multichannel::{Case, Decision, Edition, Facts, Rulebook, parse_instant};

use crate::Failure;
use crate::overview::{self, Terminal};
use crate::records::{Records, Refusal};

/// Decide cases: for each of five actions whether it is allowed, on what condition, or why not
///
/// Reads records of cases as JSON: one a line, or one array, or one object. Without a file, reads standard input, or
/// decides sample cases where that is a terminal. A record can have 1 MiB.
#[derive(Args)]
pub(crate) struct Options {
    /// The file with the cases; `-` for standard input
    cases: Option<PathBuf>,

    /// The instant to decide for: a day, taken at 00:00 UTC, or an RFC 3339 instant [default: now]
    #[arg(long, value_name = "INSTANT", value_parser = parse_instant)]
    as_of: Option<DateTime<Utc>>,

    /// Write one JSON record for each case, as soon as it is read
    #[arg(long)]
    json: bool,

    /// Write the reasons, requirements, advice and sources of each verdict
    #[arg(long)]
    explain: bool,
}

/// How many cases people are shown: nobody reads more, and they are kept in memory.
const MOST_ROWS: usize = 1000;

const SAMPLE: &[u8] = include_bytes!("sample.jsonl");

/// Decides the sample, without reading any input; returns the number of refused records.
pub(crate) fn sample() -> Result<usize, Failure> {
    run_on(&Options { cases: None, as_of: None, json: false, explain: false }, &Source::Sample)
}

/// Decides the cases of the input; returns the number of refused records.
pub(crate) fn run(options: &Options) -> Result<usize, Failure> {
    let source = match options.cases.as_deref() {
        Some(path) if path == Path::new("-") => Source::StandardInput,
        Some(path) => Source::File(path),
        None if io::stdin().is_terminal() => Source::Sample,
        None => Source::StandardInput,
    };
    run_on(options, &source)
}

/// Where the cases are.
enum Source<'p> {
    Sample,
    StandardInput,
    File(&'p Path),
}

impl Source<'_> {
    fn name(&self) -> String {
        match self {
            Self::Sample => "the sample".into(),
            Self::StandardInput => "standard input".into(),
            Self::File(path) => path.display().to_string(),
        }
    }

    fn open(&self) -> io::Result<Box<dyn Read>> {
        Ok(match self {
            Self::Sample => Box::new(SAMPLE),
            Self::StandardInput => Box::new(io::stdin()),
            Self::File(path) => Box::new(File::open(path)?),
        })
    }
}

/// An input before each read of which the output is flushed: nobody waits for an answer that is ready.
struct FlushFirst<'o, W: Write> {
    input: Box<dyn Read>,
    output: &'o RefCell<W>,
}

impl<W: Write> Read for FlushFirst<'_, W> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        // An output that fails is noticed by the next write to it.
        let _ = self.output.borrow_mut().flush();
        self.input.read(buffer)
    }
}

fn run_on(options: &Options, source: &Source<'_>) -> Result<usize, Failure> {
    let as_of = options.as_of.unwrap_or_else(|| Utc::now().trunc_subsecs(0));
    let edition = Rulebook::partner_center().edition_at(as_of)?;
    let unreadable = |error| Failure::Input { name: source.name(), error };
    let input = source.open().map_err(unreadable)?;
    let output = RefCell::new(BufWriter::new(io::stdout().lock()));
    let records =
        Records::new(BufReader::new(FlushFirst { input, output: &output })).map_err(unreadable)?;

    let mut run = Run { as_of, edition, records, unreadable, refused: 0 };
    if options.json {
        run.write_json(&output, options.explain)?;
    } else {
        run.write_text(&output, options, source)?;
    }
    output.borrow_mut().flush()?;
    Ok(run.refused)
}

/// A case with its decision, or the refusal in its place.
type Answer = Result<(Case, Decision<'static>), Refusal>;

/// What a run needs to know.
struct Run<R, E> {
    as_of: DateTime<Utc>,
    edition: Edition<'static>,
    records: Records<R>,
    unreadable: E,
    refused: usize,
}

impl<R: BufRead, E: Fn(io::Error) -> Failure> Run<R, E> {
    fn next(&mut self) -> Result<Option<Answer>, Failure> {
        let next = self.records.next().map_err(&self.unreadable)?;
        self.refused += usize::from(matches!(next, Some(Err(_))));
        Ok(next.map(|case| {
            case.map(|case| {
                let decision = self.edition.decide(case.subscription.facts_at(self.as_of));
                (case, decision)
            })
        }))
    }

    fn write_json(&mut self, output: &RefCell<impl Write>, explain: bool) -> Result<(), Failure> {
        while let Some(next) = self.next()? {
            let output = &mut *output.borrow_mut();
            match next {
                Ok((case, decision)) if explain => {
                    serde_json::to_writer(&mut *output, &decision.explained(case.id, self.as_of))
                }
                Ok((case, decision)) => {
                    serde_json::to_writer(&mut *output, &decision.record(case.id, self.as_of))
                }
                Err(refusal) => serde_json::to_writer(&mut *output, &refusal),
            }
            .map_err(io::Error::from)?;
            output.write_all(b"\n")?;
        }
        Ok(())
    }

    /// Writes what people read: the overview or each case with its reasons, then what was refused.
    fn write_text(
        &mut self,
        output: &RefCell<impl Write>,
        options: &Options,
        source: &Source<'_>,
    ) -> Result<(), Failure> {
        let explain = options.explain;
        let mut decided = 0;
        let mut shown = Vec::new();
        let mut refusals = Vec::new();
        while let Some(next) = self.next()? {
            match next {
                Ok((case, decision)) => {
                    decided += 1;
                    let id = printable(&case.id);
                    if explain {
                        let output = &mut *output.borrow_mut();
                        writeln!(output, "{id}")?;
                        write_facts(output, decision.facts())?;
                        writeln!(output, "\n{decision}\n\n")?;
                    } else if shown.len() < MOST_ROWS {
                        shown.push((id, decision.verdicts()));
                    }
                }
                Err(refusal) if refusals.len() < MOST_ROWS => refusals.push(refusal),
                Err(_) => {}
            }
        }
        let output = &mut *output.borrow_mut();
        if !shown.is_empty() {
            writeln!(output, "{}\n", overview::draw(&shown, &Terminal::of_output()))?;
        }
        for Refusal { id, line, error } in &refusals {
            let id = id.as_ref().map(|id| format!(" ({})", printable(id))).unwrap_or_default();
            writeln!(output, "line {line}{id} refused: {}", printable(error))?;
        }
        let hidden =
            self.refused - refusals.len() + if explain { 0 } else { decided - shown.len() };
        if hidden > 0 {
            writeln!(output, "{hidden} more are not shown: all of them with --json")?;
        }
        let (refused, edition) = (self.refused, self.edition);
        // Of now, nobody needs more than the day.
        let as_of = match options.as_of {
            Some(instant) if instant.time() != NaiveTime::MIN => format!("{instant:?}"),
            _ => self.as_of.date_naive().to_string(),
        };
        writeln!(
            output,
            "{decided} decided, {refused} refused, as of {as_of} (edition {edition})"
        )?;
        match source {
            Source::Sample => {
                if !explain {
                    writeln!(output, "the reasons: multichannel decide --explain")?;
                }
                writeln!(output, "your own cases: multichannel decide FILE")?;
            }
            _ if explain || decided == 0 => {}
            _ => writeln!(output, "the reasons: the same with --explain")?,
        }
        Ok(())
    }
}

/// Writes what is known, one fact a line.
fn write_facts(output: &mut impl Write, facts: Facts) -> io::Result<()> {
    for fact in facts.narrowed() {
        let words: Vec<&str> = facts.possible_words(fact).collect();
        writeln!(output, "    {fact}: {}", words.join(", "))?;
    }
    Ok(())
}

/// A text without what could steer a terminal.
fn printable(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { c.escape_default().to_string() } else { c.into() })
        .collect()
}
