//! What it takes to build a program with each peer, and what the program takes.

use std::collections::HashSet;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::times::Times;

/// What was measured of a program with one peer, besides what it takes with none.
pub struct Build {
    /// Bytes of the program.
    pub size: u64,
    /// Crates that it is built of.
    pub crates: usize,
    /// From nothing, with all of its crates.
    pub time: Duration,
    /// Most memory, in KiB: after the first decision, and after ten thousand more.
    pub memory: [u64; 2],
}

/// Builds and runs a program for each peer.
pub fn measure(peers: &[Times]) -> Result<Vec<Build>, Box<dyn Error>> {
    let empty = build("")?;
    peers
        .iter()
        .map(|peer| {
            let with = build(peer.feature)?;
            Ok(Build {
                size: with.size.saturating_sub(empty.size),
                crates: with.crates.saturating_sub(empty.crates),
                ..with
            })
        })
        .collect()
}

fn build(feature: &str) -> Result<Build, Box<dyn Error>> {
    eprintln!("building with {}", if feature.is_empty() { "none" } else { feature });
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/target/builds")).join(format!("with-{feature}"));
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    let began = Instant::now();
    let status = cargo("build", feature)
        .args(["--release", "--quiet", "--bin", "decide", "--target-dir"])
        .arg(&folder)
        .status()?;
    let time = began.elapsed();
    if !status.success() {
        return Err(format!("no program with {feature}").into());
    }
    let program = folder.join("release/decide");
    Ok(Build { size: fs::metadata(&program)?.len(), crates: crates(feature)?, time, memory: memory(&program)? })
}

fn cargo(command: &str, feature: &str) -> Command {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args([command, "--locked", "--no-default-features", "--features", feature, "--manifest-path"]);
    cargo.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"));
    cargo
}

/// How many crates there are in a program, this package's own aside.
fn crates(feature: &str) -> Result<usize, Box<dyn Error>> {
    let output = cargo("tree", feature).args(["--edges", "normal,build", "--prefix", "none"]).output()?;
    let text = String::from_utf8(output.stdout)?;
    let crates: HashSet<&str> = text.lines().map(|line| line.trim_end_matches(" (*)")).collect();
    Ok(crates.len() - 1)
}

fn memory(program: &Path) -> Result<[u64; 2], Box<dyn Error>> {
    let output = Command::new(program).stderr(Stdio::inherit()).output()?;
    let text = String::from_utf8(output.stdout)?;
    let mut lines = text.lines().map(|line| line.parse().unwrap_or_default());
    Ok([lines.next().unwrap_or_default(), lines.next().unwrap_or_default()])
}
