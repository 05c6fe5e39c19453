//! `rulebook decide`: cases, by a rulebook of one's own.

use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use chrono::{DateTime, Utc};
use clap::Args;
use csp_multichannel::{Answer, parse_instant};

use crate::input::{self, Source, Written, or_now};
use crate::lines::Lines;
use crate::output::{self, Unwritable};
use crate::text::{printable, write_refused};
use crate::{Failure, Outcome};

/// Decide cases by a rulebook
#[derive(Debug, Args)]
#[command(
    override_usage = "rulebook decide [OPTIONS] [FILE] <CASES>",
    after_help = "Example: rulebook decide northwind.toml cases.jsonl --as-of 2026-11-24 --json"
)]
pub(crate) struct Decide {
    /// A rulebook, unless it is the built-in register, and JSON Lines with a case each; `-` for standard input
    #[arg(value_names = ["FILE", "CASES"], num_args = 1..=2, required = true)]
    files: Vec<PathBuf>,

    #[command(flatten)]
    written: Written,

    /// The instant to decide for: a day, taken at 00:00 UTC, or an RFC 3339 instant [default: now]
    #[arg(long, value_name = "INSTANT", value_parser = parse_instant)]
    as_of: Option<DateTime<Utc>>,

    /// Write one JSON line a case, as each is read
    #[arg(long)]
    json: bool,
}

impl Decide {
    pub(crate) fn run(&self) -> Result<Outcome, Failure> {
        let (rulebook, cases) = match self.files.as_slice() {
            [rulebook, cases] => (rulebook.clone().into_os_string().into(), cases),
            files => (Source::BuiltIn, files.first().ok_or_else(|| Failure::Usage("there are no cases".into()))?),
        };
        let cases = Source::of_path(cases.clone());
        input::standard_once([&rulebook, &cases])?;
        let as_of = or_now(self.as_of);
        let rulebook = self.written.rulebook(&rulebook)?;
        let edition = rulebook.edition_at(as_of)?;

        let mut lines = Lines::of(cases.open()?, cases.to_string());
        let mut output = BufWriter::new(io::stdout().lock());
        let mut refused = 0;
        while let Some(line) = lines.next(|| output.flush().map_err(Unwritable::standard).map_err(Failure::Output))? {
            let written = match line.case() {
                Ok(case) => {
                    let decision = edition.decide(case.facts(as_of));
                    if self.json {
                        output::json(&mut output, &Answer { id: &case.id, as_of, decision })
                    } else {
                        let (id, facts) = (printable(&case.id), decision.facts());
                        output::tell(&mut output, |output| writeln!(output, "{id}\n    {facts}\n\n{decision}\n\n"))
                    }
                }
                Err(line) => {
                    refused += 1;
                    if self.json {
                        output::json(&mut output, &line)
                    } else {
                        output::tell(&mut output, |output| write_refused(output, &line))
                    }
                }
            };
            written.map_err(Unwritable::standard)?;
        }
        output.flush().map_err(Unwritable::standard)?;
        Ok(Outcome::of(refused == 0))
    }
}
