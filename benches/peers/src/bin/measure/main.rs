//! Measures all peers in one run.
//!
//! ```console
//! $ cargo run --release --bin measure              # prints tables
//! $ cargo run --release --bin measure -- --write   # writes them, and the chart, into docs
//! $ cargo run --bin measure -- --quick             # shows that it works
//! ```

mod builds;
mod report;
mod times;

use std::error::Error;
use std::{env, fs};

/// In the document the tables are between these.
const MARKS: [&str; 2] = ["<!-- peers -->\n", "<!-- end of peers -->"];

fn main() -> Result<(), Box<dyn Error>> {
    let (mut quick, mut write) = (false, false);
    for option in env::args().skip(1) {
        match option.as_str() {
            "--quick" => quick = true,
            "--write" => write = true,
            _ => return Err(format!("unknown option `{option}`").into()),
        }
    }
    if quick && write {
        return Err("`--quick` measures too little to be written".into());
    }
    let times = times::measure(quick);
    let chart = report::chart(&times);
    let mut tables = report::of_times(&times);
    println!("{tables}");
    if !quick {
        let builds = report::of_builds(&builds::measure(&times)?);
        println!("{builds}");
        tables = format!("{tables}\n{builds}");
    }
    if write {
        let docs = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs");
        let page = format!("{docs}/performance.md");
        let text = fs::read_to_string(&page)?;
        let (before, rest) = text.split_once(MARKS[0]).ok_or("no place for the tables")?;
        let (_, after) = rest.split_once(MARKS[1]).ok_or("no end of the tables")?;
        fs::write(page, format!("{before}{}\n{tables}\n{}{after}", MARKS[0], MARKS[1]))?;
        fs::write(format!("{docs}/peers.svg"), chart)?;
    }
    Ok(())
}
