#![doc = include_str!("links.md")]
//!
#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![cfg_attr(
    not(test),
    deny(
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::todo,
        clippy::unreachable,
        clippy::unwrap_used
    )
)]

mod context;
mod date;
mod elements;
mod mapping;
mod note;
mod object;
mod offer;
mod origin;
mod reader;
mod record;
mod resource;
mod rows;
mod service;
mod stated;
mod table;
mod term;
mod text;
mod value;

pub use context::{Context, UnexpectedKind};
pub use date::DateOrder;
pub use mapping::Mapping;
pub use note::{Note, NoteKind};
pub use offer::{OFFERS_AS_OF, Offer, offer, offers};
pub use origin::{MappingRule, Origin, Origins, UnknownReason};
pub use reader::{Format, Item, Reader};
pub use record::{Record, RecordError};
pub use resource::{Resource, ResourceKind};
pub use table::columns;
pub use value::{FieldValue, NestedObject};
