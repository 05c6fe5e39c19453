//! Plans as text, one step a line.

use std::fmt;

use csp_multichannel::Verdict;

use crate::plan::{Obstacle, Plan, Plans, Step};

/// Writes the plans, one step a line, then the obstacles to the other actions.
impl fmt::Display for Plans {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        if self.nothing_to_move {
            f.write_str("nothing is left to move")?;
            separator = "\n\n";
        }
        for plan in &self.plans {
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

/// Writes `switch, from 2026-11-27T00:00:00Z, by 2026-12-30T00:00:00Z`, then one step a line.
impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.action.map_or("buy a new subscription", |action| action.as_str()))?;
        if self.steps.is_empty() {
            return f.write_str(": reached already");
        }
        if let Some(earliest) = self.earliest {
            write!(f, ", from {earliest:?}")?;
        }
        if let Some(by) = self.expected_by {
            write!(f, ", by {by:?}")?;
        }
        for prerequisite in &self.prerequisites {
            write!(f, "\n  required: {}", prerequisite.requirement)?;
        }
        for (at, step) in self.steps.iter().enumerate() {
            write!(f, "\n  {}. {step}", at + 1)?;
        }
        Ok(())
    }
}

/// Writes `customer: accept the relationship, from 2026-11-27T00:00:00Z, after 1`.
impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.actor, self.text())?;
        if let Some(earliest) = self.earliest {
            write!(f, ", from {earliest:?}")?;
        }
        if let Some(by) = self.expected_by.filter(|by| Some(*by) != self.earliest) {
            write!(f, ", by {by:?}")?;
        }
        if let Some(deadline) = self.deadline {
            write!(f, ", before {deadline:?}")?;
        }
        for (at, step) in self.after.iter().enumerate() {
            write!(f, "{}{}", if at == 0 { ", after " } else { ", " }, step + 1)?;
        }
        Ok(())
    }
}

/// Writes `switch denied from … until …: azure-no-transfer-from-channel`, then the obstacle to the
/// relationship.
impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} from {:?}", self.action, self.verdict, self.from)?;
        if let Some(until) = self.until {
            write!(f, " until {until:?}")?;
        }
        for (at, rule) in self.rules.iter().enumerate() {
            write!(f, "{}{}", if at == 0 { ": " } else { ", " }, rule.id)?;
        }
        if !self.depends_on.is_empty() {
            write!(f, ": depends on {}", self.depends_on)?;
        } else if self.rules.is_empty() {
            f.write_str(match self.verdict {
                Verdict::Allowed | Verdict::Conditional => ": a purchase requires the relationship",
                Verdict::NotCovered => ": no rule covers this case",
                Verdict::Denied | Verdict::Undetermined => "",
            })?;
        }
        self.relationship.as_ref().map_or(Ok(()), |relationship| write!(f, "; {relationship}"))
    }
}
