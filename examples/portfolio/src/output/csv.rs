//! CSV: a row for each subscription, in order; what was refused in its place, with the error.

use std::borrow::Cow;
use std::io::{self, Write};
use std::rc::Rc;

use chrono::{DateTime, SecondsFormat, Utc};
use csp_multichannel::{Action, Cancellation, Fact};

use super::Report;
use crate::entry::{Entry, Refused};
use crate::outcome::Outcome;
use crate::summary::Summary;

pub(super) struct Csv {
    table: ::csv::Writer<Box<dyn Write>>,
}

/// The columns before and after the facts.
const FIRST: [&str; 3] = ["id", "customer_name", "name"];
const DATES: [&str; 3] = ["purchased_at", "ends_on", "cancellable_until"];
/// The columns of each action, as [`Outcome::cells`] has them.
const OF_ACTION: [&str; 4] = ["", ".rules", ".requirements", ".depends_on"];
const OF_REFUSED: [&str; 3] = ["file", "place", "error"];

impl Csv {
    pub(super) fn to(file: Box<dyn Write>) -> io::Result<Self> {
        let mut table = ::csv::Writer::from_writer(file);
        let actions = Action::ALL.iter().flat_map(|action| OF_ACTION.map(|column| format!("{action}{column}")));
        let facts = Fact::ALL.iter().map(|fact| fact.as_str()).map(Into::into);
        let texts = |columns: [&'static str; 3]| columns.into_iter().map(str::to_owned);
        table.write_record(texts(FIRST).chain(facts).chain(texts(DATES)).chain(actions).chain(texts(OF_REFUSED)))?;
        Ok(Self { table })
    }
}

/// Text that a spreadsheet takes as text, and a terminal as well: an apostrophe stands before what begins like a formula, also behind what
/// could part cells elsewhere, and control characters are escaped.
fn inert(text: &str) -> Cow<'_, str> {
    let runs = |c: char| matches!(c, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠');
    let invisible =
        |c: char| c.is_whitespace() || c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}');
    let begins = |cell: &str| cell.trim_start_matches(invisible).starts_with(runs);
    if !text.split([';', '\t', '\n', '\r']).any(begins) && !text.contains(char::is_control) {
        return text.into();
    }
    let mut safe = String::new();
    for cell in text.split_inclusive([';', '\t', '\n', '\r']) {
        safe.push_str(if begins(cell) { "'" } else { "" });
        for c in cell.chars() {
            if c.is_control() && c != '\n' && c != '\t' { safe.extend(c.escape_default()) } else { safe.push(c) }
        }
    }
    safe.into()
}

impl Report for Csv {
    fn entry(&mut self, entry: &Entry, outcome: &Rc<Outcome>, _: DateTime<Utc>) -> io::Result<()> {
        let table = &mut self.table;
        for text in [&entry.case.id, entry.customer.as_ref(), entry.name.as_deref().unwrap_or_default()] {
            table.write_field(inert(text).as_bytes())?;
        }
        for &fact in Fact::ALL {
            table.write_field(entry.values(fact).unwrap_or_default())?;
        }
        let instant = |instant: DateTime<Utc>| instant.to_rfc3339_opts(SecondsFormat::AutoSi, true);
        let dates = entry.case.subscription.term().map_or_else(Default::default, |term| {
            let until = match term.cancellation() {
                Cancellation::ByService => String::new(),
                Cancellation::Never => "null".into(),
                Cancellation::Until(until) => instant(until),
            };
            [instant(term.purchased_at()), term.ends_on().to_string(), until]
        });
        for date in dates {
            table.write_field(date)?;
        }
        for cell in outcome.cells() {
            table.write_field(cell)?;
        }
        table.write_record(OF_REFUSED.map(|_| ""))?;
        Ok(())
    }

    fn refused(&mut self, refused: &Refused) -> io::Result<()> {
        let between = FIRST.len() - 1 + Fact::ALL.len() + DATES.len() + Action::ALL.len() * OF_ACTION.len();
        self.table.write_field(inert(refused.id.as_deref().unwrap_or_default()).as_bytes())?;
        for _ in 0..between {
            self.table.write_field("")?;
        }
        let place = refused.place.to_string();
        self.table.write_record([inert(&refused.file).as_ref(), &place, inert(&refused.error).as_ref()])?;
        Ok(())
    }

    fn finish(mut self: Box<Self>, _: &Summary) -> io::Result<()> {
        self.table.flush()
    }
}
