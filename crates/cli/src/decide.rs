//! `multichannel decide`: decides cases.

use std::cell::RefCell;
use std::io::{self, BufWriter, Write};

use chrono::{DateTime, Utc};
use clap::Args;
use csp_multichannel::{Case, Decision, Edition, Facts};

use crate::Failure;
use crate::by_rulebook::ByRulebook;
use crate::input::{AsOf, Cases, Input, Source};
use crate::overview;
use crate::records::RecordError;
use crate::text::{paragraph, printable, stdout, terminal_width, write_json};

/// Decide cases: the verdict on each of five actions
///
/// Reads JSON: one case a line, one array, or objects one after the other, each case up to 1 MiB. Without a file,
/// reads standard input; in a terminal, decides sample cases.
#[derive(Args)]
pub(crate) struct Options {
    #[command(flatten)]
    input: Input,

    #[command(flatten)]
    as_of: AsOf,

    #[command(flatten)]
    by: ByRulebook,

    /// Write one JSON record for each case, as soon as it is decided
    #[arg(long)]
    json: bool,

    /// Add the reasons, requirements, advice and sources of each verdict
    #[arg(long)]
    explain: bool,
}

/// The most cases to show as text; they are kept in memory.
const MOST_ROWS: usize = 1000;

pub(crate) const SAMPLE: &[u8] = include_bytes!("sample.jsonl");

/// Decides the sample, without reading any input; returns the number of invalid records.
pub(crate) fn sample(as_of: AsOf, by: ByRulebook) -> Result<usize, Failure> {
    let options = Options { input: Input::SAMPLE, as_of, by, json: false, explain: false };
    run_on(&options, &Source::Sample)
}

/// Decides the cases of the input; returns the number of invalid records.
pub(crate) fn run(options: &Options) -> Result<usize, Failure> {
    run_on(options, &options.input.source())
}

fn run_on(options: &Options, source: &Source<'_>) -> Result<usize, Failure> {
    let as_of = options.as_of.instant();
    let edition = options.by.rulebook(&[("the cases", source)])?.edition_at(as_of)?;
    let output = RefCell::new(BufWriter::new(stdout()));
    let cases = source.cases(SAMPLE, &output)?;
    let mut run = Run { as_of, edition, cases };
    if options.json {
        run.write_json(&output, options.explain)?;
    } else {
        run.write_text(&output, options, source)?;
    }
    output.borrow_mut().flush()?;
    Ok(run.cases.refused)
}

/// A case with its decision, or the error in its place.
type Answer = Result<(Case, Decision<'static>), RecordError>;

/// The state of a run.
struct Run<'o, W: Write> {
    as_of: DateTime<Utc>,
    edition: Edition<'static>,
    cases: Cases<'o, W>,
}

impl<W: Write> Run<'_, W> {
    fn next(&mut self) -> Result<Option<Answer>, Failure> {
        Ok(self.cases.next()?.map(|case| {
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
                    write_json(output, &decision.explained(case.id, self.as_of))?;
                }
                Ok((case, decision)) => {
                    write_json(output, &decision.record(case.id, self.as_of))?;
                }
                Err(refusal) => write_json(output, &refusal)?,
            }
        }
        Ok(())
    }

    /// Writes text: the overview or each case with its reasons, then the errors.
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
            writeln!(output, "{}\n", overview::draw("case", &shown, terminal_width()))?;
        }
        for refusal in &refusals {
            writeln!(output, "{}", paragraph("", &refusal.to_string()))?;
        }
        let hidden =
            self.cases.refused - refusals.len() + if explain { 0 } else { decided - shown.len() };
        if hidden > 0 {
            writeln!(output, "{hidden} more are not shown; `--json` writes all")?;
        }
        let (refused, edition) = (self.cases.refused, self.edition);
        let as_of = options.as_of.text();
        writeln!(
            output,
            "{decided} decided, {refused} invalid, as of {as_of} (edition {edition})"
        )?;
        match source {
            Source::Sample => {
                if !explain {
                    writeln!(output, "for the reasons: `multichannel decide --explain`")?;
                }
                writeln!(output, "for your own cases: `multichannel decide FILE`")?;
            }
            _ if explain || decided == 0 => {}
            _ => writeln!(output, "for the reasons, add `--explain`")?,
        }
        Ok(())
    }
}

/// Writes the known facts, one a line.
fn write_facts(output: &mut impl Write, facts: Facts) -> io::Result<()> {
    for fact in facts.narrowed() {
        let words: Vec<&str> = facts.possible_words(fact).collect();
        writeln!(output, "    {fact}: {}", words.join(", "))?;
    }
    Ok(())
}
