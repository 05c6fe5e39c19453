//! The program, run as a user would.

#[path = "../support/mod.rs"]
mod support;

mod analyse;
mod check;
mod decide;
mod diff;
mod export;
mod hostile;
mod scenarios;
mod terminal;
