//! The command line.

use clap::{Parser, Subcommand};

use crate::analyse::Analyse;
use crate::check::Check;
use crate::decide::Decide;
use crate::diff::Diff;
use crate::export::Export;
use crate::test::Test;

/// Check, analyse, test, compare and publish rulebooks of your own, and decide by them.
#[derive(Debug, Parser)]
#[command(
    name = "rulebook",
    version,
    after_help = "Exit status: 0, all is in order; 1, something is not: problems, findings that are denied, scenarios that fail, \
    lines that are no cases, verdicts that differ if asked for; 2, unusable arguments, files that cannot be read or written, a rulebook \
    to work with that is none, or an instant before its first edition.\n\n\
    Example: rulebook check northwind.toml"
)]
pub struct Options {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Check(Check),
    Analyse(Analyse),
    Test(Test),
    Diff(Diff),
    Export(Export),
    Decide(Decide),
}
