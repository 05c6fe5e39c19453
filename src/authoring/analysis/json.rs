//! An analysis as JSON, in any format of serde's: rules by their ids, words as everywhere, an absent end left out.

use std::vec::Vec;

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::{Analysis, Finding, FindingKind, Span};

impl Serialize for Analysis<'_> {
    /// The findings, as a list.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.findings().serialize(serializer)
    }
}

impl Serialize for Finding<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut record = serializer.serialize_map(None)?;
        record.serialize_entry("kind", self.kind().as_str())?;
        match self.kind() {
            FindingKind::Idle { rule, by } => {
                record.serialize_entry("rule", rule.id())?;
                record.serialize_entry("by", &by.iter().map(|rule| rule.id()).collect::<Vec<_>>())?;
            }
            FindingKind::Meeting { permit, forbid } => {
                record.serialize_entry("permit", permit.id())?;
                record.serialize_entry("forbid", forbid.id())?;
            }
            FindingKind::Gap { condition } => record.serialize_entry("condition", condition)?,
            FindingKind::Same { rule, other } => {
                record.serialize_entry("rule", rule.id())?;
                record.serialize_entry("other", other.id())?;
            }
            FindingKind::Covered { rule, by } => {
                record.serialize_entry("rule", rule.id())?;
                record.serialize_entry("by", by.id())?;
            }
            FindingKind::Unmeetable { rule } => record.serialize_entry("rule", rule.id())?,
        }
        record.serialize_entry("actions", &self.actions())?;
        record.serialize_entry("spans", self.spans())?;
        record.end()
    }
}

impl Serialize for Span {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut record = serializer.serialize_map(None)?;
        record.serialize_entry("from", &self.from())?;
        if let Some(until) = self.until() {
            record.serialize_entry("until", &until)?;
        }
        record.serialize_entry("example", &self.example())?;
        record.end()
    }
}
