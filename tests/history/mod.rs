//! The history of the policy: a page, and the picture that belongs to it.

mod lanes;
mod page;
mod picture;

pub use page::page;
pub use picture::picture;
