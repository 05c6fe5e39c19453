//! Measures all peers in one run: `cargo run --release --manifest-path benches/peers/Cargo.toml --features measure --bin measure`.
//!
//! With `--write`, the tables and the chart in `docs/` are written anew.

#![allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "measurements"
)]

mod builds;
mod chart;
mod tables;
mod times;

use std::error::Error;
use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

/// Times all peers, builds a program with each, and prints what came of it as Markdown.
#[derive(Parser)]
struct Options {
    /// Put the tables into docs/performance.md, and the chart beside it.
    #[arg(long)]
    write: bool,
    /// How often each peer is timed; the medians are told.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
}

/// Between these the tables stand in the document.
const MARKS: [&str; 2] = ["<!-- measured: beside other engines -->", "<!-- end -->"];

fn run(options: &Options) -> Result<(), Box<dyn Error>> {
    let times = times::measure(options.rounds);
    let builds = builds::measure(&times)?;
    let tables = tables::of(&times, &builds);
    println!("{tables}");
    if options.write {
        let docs = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs"));
        let page = docs.join("performance.md");
        let text = fs::read_to_string(&page)?;
        let between = MARKS.map(|mark| text.find(mark));
        let [Some(begin), Some(end)] = between else {
            return Err(format!("{} has no place for the tables", page.display()).into());
        };
        fs::write(&page, format!("{}{}\n\n{tables}\n{}", &text[..begin], MARKS[0], &text[end..]))?;
        fs::write(docs.join("peers.svg"), chart::of(&times))?;
    }
    Ok(())
}

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
