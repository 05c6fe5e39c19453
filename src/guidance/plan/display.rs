//! Plans as text, for a terminal.

use core::fmt;

use super::{Deed, Obstacle, Plan, Plans, Step};
use crate::vocabulary::{Action, AutoRenew, Partner, Relationship, Status, Transfer, Verdict};

/// Writes the ways, a step a line, and then what stands in the way of the other actions.
impl fmt::Display for Plans<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for plan in &self.ways {
            write!(f, "{separator}{plan}")?;
            separator = "\n\n";
        }
        for obstacle in &self.obstacles {
            write!(f, "{separator}{obstacle}")?;
            separator = "\n";
        }
        Ok(())
    }
}

/// Writes `switch, done from 2026-11-24T00:00:00Z on`, and a line a step: `  2. customer: accept the relationship, after 1`.
impl fmt::Display for Plan<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.action)?;
        if let Some(done) = self.done {
            write!(f, ", done from {done:?} on")?;
        }
        if self.steps.is_empty() {
            f.write_str(": reached already")?;
        }
        for (at, step) in self.steps.iter().enumerate() {
            write!(f, "\n  {}. {step}", at + 1)?;
        }
        Ok(())
    }
}

/// Writes `customer: accept the relationship, from 2026-11-24T00:00:00Z, before 2027-03-31T00:00:00Z, after 1`.
impl fmt::Display for Step<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}, from {:?}", self.actor, self.deed, self.earliest)?;
        if let Some(latest) = self.latest {
            write!(f, ", before {latest:?}")?;
        }
        for (at, step) in self.after.iter().enumerate() {
            write!(f, "{}{}", if at == 0 { ", after " } else { ", " }, step + 1)?;
        }
        Ok(())
    }
}

/// Writes `accept the relationship`.
impl fmt::Display for Deed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::Act(Action::RequestRelationship) => "request the relationship",
            Self::Act(Action::RecreateAndCancel) => "create a new subscription, and cancel the old one",
            Self::Act(Action::Switch) => "transfer the subscription",
            Self::Act(Action::WaitUntilTermEnd) => "let the term end, and the subscription expire",
            Self::Act(Action::CancelThenMove) => "cancel the old subscription",
            Self::Bring(value) if *value == Relationship::Active.into() => "accept the relationship",
            Self::Bring(value) if *value == AutoRenew::Off.into() => "turn off auto-renew",
            Self::Bring(value) if *value == Partner::IndirectProvider.into() => "act through the indirect provider",
            Self::Bring(value) if *value == Status::Active.into() => "reactivate the subscription",
            Self::Bring(value) if *value == Transfer::None.into() => "end the open transfer",
            Self::Bring(value) => return write!(f, "bring {} to {value}", value.fact()),
            Self::Buy => "buy the same offer",
            Self::Wait => "wait",
        };
        f.pad(text)
    }
}

/// Writes `switch denied from … until …: azure-no-partner-to-switch-from`, and behind a semicolon what stands in the way of a relationship.
impl fmt::Display for Obstacle<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} from {:?}", self.action, self.verdict, self.from)?;
        if let Some(until) = self.until {
            write!(f, " until {until:?}")?;
        }
        for (at, rule) in self.rules.iter().enumerate() {
            write!(f, "{}{}", if at == 0 { ": " } else { ", " }, rule.id())?;
        }
        if !self.turns_on.is_empty() {
            write!(f, ": turns on {}", self.turns_on)?;
        }
        if self.rules.is_empty() && self.turns_on.is_empty() {
            f.write_str(match self.verdict {
                Verdict::Allowed | Verdict::Conditional => ": without a relationship nothing can be bought",
                Verdict::NotCovered => ": the documents are silent",
                Verdict::Denied | Verdict::Undetermined => "",
            })?;
        }
        self.relationship().map_or(Ok(()), |relationship| write!(f, "; {relationship}"))
    }
}
