//! JSON Lines, a record of a case each.

use std::io::Read;

use csp_multichannel::RefusedLine;

use super::Reading;
use super::csv::Row;
use crate::Failure;
use crate::entry::{Entry, Place, Refused};
use crate::lines::Lines;

pub(super) fn read(
    input: Box<dyn Read>,
    reading: &Reading<'_>,
    each: &mut dyn FnMut(Result<Entry, Refused>) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut lines = Lines::of(input, reading.file.to_string());
    while let Some(line) = lines.next(|| Ok::<(), Failure>(()))? {
        let number = line.number;
        let refused = |id, error| Refused { file: reading.file.to_string(), place: Place::Line(number), id, error };
        let entry = match line.case() {
            Ok(case) => {
                let row = Row { case, name: None, customer: None };
                let entry = reading.supplied.complete(row, &reading.file, reading.as_of);
                entry.map_err(|(id, error)| refused(Some(id), error.to_string()))
            }
            Err(RefusedLine { id, error, .. }) => Err(refused(id, error)),
        };
        each(entry)?;
    }
    Ok(())
}
