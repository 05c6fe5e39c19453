//! Rulebooks of one's own: checked, analysed, tested, compared, published, used.

mod analyse;
mod check;
mod decide;
mod diff;
mod export;
mod input;
#[path = "../../decide/lines.rs"]
mod lines;
mod options;
mod output;
mod position;
mod problem;
#[path = "../../policy/rule.rs"]
mod rule;
mod test;
#[path = "../../plan/text.rs"]
#[allow(dead_code, reason = "plans have words for more than is told here")]
mod text;

use csp_multichannel::BeforeFirstEdition;

pub use lines::Unreadable;
use options::Command;
pub use options::Options;
pub use output::Unwritable;
pub use problem::Located;

/// Whether what was looked into is in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is.
    InOrder,
    /// It is not, as was written out.
    NotInOrder,
}

impl Outcome {
    const fn of(is_in_order: bool) -> Self {
        if is_in_order { Self::InOrder } else { Self::NotInOrder }
    }
}

/// Why the program cannot do as it is told.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Arguments that cannot be used.
    #[error("{0}")]
    Usage(String),
    /// Input that cannot be read.
    #[error(transparent)]
    Input(#[from] Unreadable),
    /// A rulebook to work with that is none.
    #[error("the rulebook is not in order: {}", text::counted(.0.len(), "problem"))]
    Rulebook(Vec<Located>),
    /// No rule is in force yet at the instant asked about.
    #[error(transparent)]
    Instant(#[from] BeforeFirstEdition),
    /// Output that cannot be written.
    #[error(transparent)]
    Output(#[from] Unwritable),
}

impl Failure {
    /// Whether the reader of standard output went away.
    #[must_use]
    pub fn is_closed_pipe(&self) -> bool {
        matches!(self, Self::Output(unwritable) if unwritable.is_closed_pipe())
    }
}

/// Does as it is told.
///
/// # Errors
///
/// [`Failure`], where it cannot.
pub fn run(options: &Options) -> Result<Outcome, Failure> {
    match &options.command {
        Command::Check(check) => check.run(),
        Command::Analyse(analyse) => analyse.run(),
        Command::Test(test) => test.run(),
        Command::Diff(diff) => diff.run(),
        Command::Export(export) => export.run(),
        Command::Decide(decide) => decide.run(),
    }
}

/// Text without what would steer a terminal or break its line.
#[must_use]
pub fn printable(text: &str) -> String {
    text::printable(text)
}
