//! The portfolio's reader of CSV, of its own source.

#![allow(dead_code, reason = "what reports need besides")]

#[path = "../../../examples/portfolio/src/entry.rs"]
mod entry;
#[path = "../../../examples/decide/lines.rs"]
mod lines;
#[path = "../../../examples/portfolio/src/supplied.rs"]
mod supplied;

/// What the reader takes from around it.
#[path = "."]
mod input {
    use std::io::{BufRead, BufReader, Cursor, Read};
    use std::rc::Rc;

    use chrono::{DateTime, Utc};

    use crate::Failure;
    use crate::entry::{Entry, Refused};
    use crate::lines::Unreadable;
    use crate::supplied::Supplied;

    #[path = "../../../examples/portfolio/src/input/csv.rs"]
    pub(crate) mod csv;

    pub(crate) struct Reading<'a> {
        pub(crate) file: Rc<str>,
        pub(crate) supplied: &'a Supplied,
        pub(crate) as_of: DateTime<Utc>,
    }

    /// Longer than an input, whose first line has to be in it as a whole.
    const BUFFER: usize = 1 << 10;

    fn buffered(input: Box<dyn Read>, file: &str) -> Result<BufReader<Box<dyn Read>>, Unreadable> {
        let mut input = BufReader::with_capacity(BUFFER, input);
        let mark = "\u{feff}".as_bytes();
        if input.fill_buf().map_err(|error| Unreadable { name: file.into(), error })?.starts_with(mark) {
            input.consume(mark.len());
        }
        Ok(input)
    }

    pub(crate) fn read(
        bytes: &[u8],
        reading: &Reading<'_>,
        each: &mut dyn FnMut(Result<Entry, Refused>) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        csv::read(Box::new(Cursor::new(bytes.to_vec())), reading, each)
    }
}

use chrono::{DateTime, Utc};
use csp_multichannel::{Case, Engagement, Facts, Subscription};

use entry::Place;
use input::Reading;
use supplied::Supplied;

/// Why reading ends; of bytes in memory, never.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Input(#[from] lines::Unreadable),
}

/// A row that is a case, with what is known of it.
#[derive(Debug)]
pub struct Row {
    /// The case.
    pub case: Case,
    /// What is known of it.
    pub facts: Facts,
    /// Its name.
    pub name: Option<String>,
    /// Whose it is.
    pub customer: String,
}

/// A row that is none.
#[derive(Debug)]
pub struct Refused {
    /// The line on which it begins.
    pub line: u64,
    /// Its id, where it has one.
    pub id: Option<String>,
    /// What is wrong.
    pub error: String,
}

/// What the rows of a file come to, with what is known of every subscription.
#[must_use]
pub fn read(
    bytes: &[u8],
    file: &str,
    known: (Subscription, Engagement),
    as_of: DateTime<Utc>,
) -> Vec<Result<Row, Refused>> {
    let supplied = Supplied::of_all(known.0, known.1);
    let reading = Reading { file: file.into(), supplied: &supplied, as_of };
    let mut rows = Vec::new();
    let read = input::read(bytes, &reading, &mut |row| {
        rows.push(match row {
            Ok(entry::Entry { case, facts, name, customer, .. }) => {
                Ok(Row { case, facts, name, customer: customer.to_string() })
            }
            Err(entry::Refused { place: Place::Line(line), id, error, .. }) => Err(Refused { line, id, error }),
            Err(entry::Refused { place, .. }) => unreachable!("a row at {place}"),
        });
        Ok(())
    });
    match read {
        Ok(()) => rows,
        Err(error) => unreachable!("{error}"),
    }
}
