//! JSON Lines: the record of a decision for each subscription, in order; what was refused in its place.

use std::io::{self, Write};
use std::rc::Rc;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::Report;
use crate::entry::{Entry, Place, Refused};
use crate::outcome::Outcome;
use crate::summary::Summary;

pub(super) struct JsonLines {
    file: Box<dyn Write>,
    /// `,"as_of":…,`, once there was a subscription.
    as_of: String,
}

impl JsonLines {
    pub(super) fn to(file: Box<dyn Write>) -> Self {
        Self { file, as_of: String::new() }
    }
}

/// A subscription that was refused.
#[derive(Serialize)]
struct RefusedRecord<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    file: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    item: Option<u64>,
    error: &'a str,
}

impl Report for JsonLines {
    fn entry(&mut self, entry: &Entry, outcome: &Rc<Outcome>, as_of: DateTime<Utc>) -> io::Result<()> {
        self.file.write_all(b"{\"id\":")?;
        serde_json::to_writer(&mut self.file, &entry.case.id)?;
        if self.as_of.is_empty() {
            self.as_of = format!(",\"as_of\":{},", serde_json::to_string(&as_of)?);
        }
        self.file.write_all(self.as_of.as_bytes())?;
        self.file.write_all(outcome.json().as_bytes())?;
        self.file.write_all(b"}\n")
    }

    fn refused(&mut self, refused: &Refused) -> io::Result<()> {
        let (line, item) = match refused.place {
            Place::Line(line) => (Some(line), None),
            Place::Item(item) => (None, Some(item)),
        };
        let record =
            RefusedRecord { id: refused.id.as_deref(), file: &refused.file, line, item, error: &refused.error };
        serde_json::to_writer(&mut self.file, &record)?;
        self.file.write_all(b"\n")
    }

    fn finish(mut self: Box<Self>, _: &Summary) -> io::Result<()> {
        self.file.flush()
    }
}
