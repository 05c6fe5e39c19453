//! Resources of Partner Center's REST interface: pages, lists, or resources, one after another in a file.

use std::io::Read;

use csp_multichannel::rest::{RefusedResource, Resource, Subscription, read_each};
use serde_json::error::Category;

use super::{Reading, buffered};
use crate::Failure;
use crate::entry::{Entry, Place, Refused};
use crate::lines::Unreadable;

pub(super) fn read(
    input: Box<dyn Read>,
    reading: &Reading<'_>,
    each: &mut dyn FnMut(Result<Entry, Refused>) -> Result<(), Failure>,
) -> Result<(), Failure> {
    resources(input, &reading.file, &mut |item: Result<Subscription, Refused>| {
        each(item.map(|subscription| reading.supplied.map(&subscription, &reading.file, reading.as_of)))
    })
}

/// Reads all resources of a file. What is no JSON costs the rest of the file, and is handed over as refused.
pub(crate) fn resources<T: Resource>(
    input: Box<dyn Read>,
    file: &str,
    each: &mut dyn FnMut(Result<T, Refused>) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut json = serde_json::Deserializer::from_reader(buffered(input, file)?);
    let mut item = 0;
    // At the end there is nothing but white space.
    while let Err(more) = json.end() {
        let mut failure = None;
        let read = match more.classify() {
            Category::Io => Err(more),
            _ => read_each(&mut json, |resource| {
                item += 1;
                let place = Place::Item(item);
                let resource = resource.map_err(|RefusedResource { id, reason, .. }| Refused {
                    file: file.into(),
                    place,
                    id,
                    error: reason.to_string(),
                });
                each(resource).map_err(|error| {
                    failure = Some(error);
                    "nothing more is wanted"
                })
            })
            .map(drop),
        };
        match (failure, read) {
            (Some(failure), _) => return Err(failure),
            (None, Ok(())) => {}
            (None, Err(error)) if error.is_io() => {
                return Err(Unreadable { name: file.into(), error: error.into() }.into());
            }
            (None, Err(error)) => {
                let place = Place::Line(error.line() as u64);
                let error = format!("{error}; nothing behind it in this file was read");
                return each(Err(Refused { file: file.into(), place, id: None, error }));
            }
        }
    }
    Ok(())
}
