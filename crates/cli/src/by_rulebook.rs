//! The option `--rulebook`: which rulebook decides.

use clap::Args;
use csp_multichannel::Rulebook;

use crate::Failure;
use crate::input::Source;

/// The rulebook of a run.
#[derive(Args)]
pub(crate) struct ByRulebook {
    /// Use a custom rulebook, in TOML or JSON; `-` for standard input [default: the published
    /// policy]
    #[cfg(feature = "rulebook")]
    #[arg(long, value_name = "FILE")]
    rulebook: Option<std::path::PathBuf>,
}

#[cfg(feature = "rulebook")]
impl ByRulebook {
    /// Returns the source of the rulebook, unless it is the published policy.
    pub(crate) fn source(&self) -> Option<Source<'_>> {
        let path = self.rulebook.as_deref().filter(|path| !crate::rulebook::is_published(path));
        path.map(|path| Source::of(Some(path)))
    }

    /// Reads the rulebook. Standard input can be read only once: `others` are the other inputs.
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
            // Used until the end of the run.
            Some(path) => Ok(Box::leak(Box::new(crate::rulebook::load(path)?))),
            None => Ok(Rulebook::partner_center()),
        }
    }
}

#[cfg(not(feature = "rulebook"))]
#[allow(clippy::unused_self, clippy::unnecessary_wraps, reason = "as with the option")]
impl ByRulebook {
    pub(crate) fn source(&self) -> Option<Source<'_>> {
        None
    }

    pub(crate) fn rulebook(
        &self,
        _: &[(&'static str, &Source<'_>)],
    ) -> Result<&'static Rulebook, Failure> {
        Ok(Rulebook::partner_center())
    }
}
