//! Custom rulebooks: by which rules a run decides.

use std::io::Read;
use std::path::{Path, PathBuf};

use clap::Args;
use csp_multichannel::Rulebook;
use csp_multichannel_rulebook::{from_json, from_toml};

use crate::Failure;
use crate::input::Source;

/// The longest rulebook, in bytes: the library reads no longer one.
pub(crate) const LONGEST: usize = 1 << 20;

/// The name of the published policy.
const PARTNER_CENTER: &str = "partner_center";

/// The rulebook of a run.
#[derive(Args)]
pub(crate) struct ByRulebook {
    /// Decide by your own rulebook, in JSON or TOML; `-` for standard input [default: the published policy]
    #[arg(long, value_name = "FILE")]
    rulebook: Option<PathBuf>,
}

impl ByRulebook {
    /// Returns where the rulebook is read from, unless it is the published policy.
    pub(crate) fn source(&self) -> Option<Source<'_>> {
        let path = self.rulebook.as_deref().filter(|path| !is_published(path));
        path.map(|path| Source::of(Some(path)))
    }

    /// Reads the rulebook. Standard input can be read once only: `others` are the other inputs of the run.
    pub(crate) fn rulebook(
        &self,
        others: &[(&'static str, &Source<'_>)],
    ) -> Result<&'static Rulebook, Failure> {
        if matches!(self.source(), Some(Source::StandardInput))
            && let Some((other, _)) =
                others.iter().find(|(_, other)| matches!(other, Source::StandardInput))
        {
            return Err(Failure::StandardInputTwice(other));
        }
        match &self.rulebook {
            // One rulebook a run, in use until its end.
            Some(path) => Ok(Box::leak(Box::new(load(path)?))),
            None => Ok(Rulebook::partner_center()),
        }
    }
}

/// Whether a name is that of the published policy: a file of this name has priority.
fn is_published(path: &Path) -> bool {
    path == Path::new(PARTNER_CENTER) && !path.exists()
}

/// Reads a rulebook: a file, standard input for `-`, or the published policy by its name.
pub(crate) fn load(path: &Path) -> Result<Rulebook, Failure> {
    if is_published(path) {
        return Ok(Rulebook::partner_center().clone());
    }
    let source = Source::of(Some(path));
    let name = source.name();
    let mut text = Vec::new();
    let input = source.open(&[])?;
    let longest = u64::try_from(LONGEST).unwrap_or(u64::MAX);
    if let Err(error) = input.take(longest.saturating_add(1)).read_to_end(&mut text) {
        return Err(Failure::Input { name, error });
    }
    if text.len() > LONGEST {
        return Err(Failure::TooLong { name });
    }
    let text = match String::from_utf8(text) {
        Ok(text) => text,
        Err(error) => {
            return Err(Failure::Utf8 { name, offset: error.utf8_error().valid_up_to() });
        }
    };
    let read = if is_json(path, &text) { from_json(&text) } else { from_toml(&text) };
    read.map_err(|error| Failure::Rulebook { name, error })
}

/// Whether a document is JSON: by the extension of its name, else by its first character.
fn is_json(path: &Path, text: &str) -> bool {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("json") => true,
        Some("toml") => false,
        _ => text.trim_start_matches('\u{feff}').trim_start().starts_with('{'),
    }
}
