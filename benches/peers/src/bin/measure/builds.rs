//! What it takes to build a program with each peer, and what the program takes.

use std::collections::HashSet;
use std::error::Error;
use std::path::Path;
use std::process::Command;
use std::{env, fs};

use crate::times::Times;

/// A program with one peer. Sizes and crates are those that the peer adds.
pub struct Build {
    pub name: &'static str,
    /// Seconds of processors to build it from nothing, with all of its crates.
    pub seconds: u64,
    pub crates: usize,
    /// Bytes.
    pub size: u64,
    /// Bytes at most.
    pub memory: u64,
}

/// Builds and runs a program with each peer that others could use: all but those that are written for this policy.
pub fn measure(peers: &[Times]) -> Result<Vec<Build>, Box<dyn Error>> {
    let none = build("none", "")?;
    let peers = peers.iter().filter(|peer| !matches!(peer.feature, "dense" | "by_hand"));
    let with = |peer: &Times| {
        let with = build(peer.name, peer.feature)?;
        let (crates, size) = (with.crates - none.crates, with.size.saturating_sub(none.size));
        Ok(Build { crates, size, ..with })
    };
    peers.map(with).collect()
}

fn build(name: &'static str, feature: &str) -> Result<Build, Box<dyn Error>> {
    eprintln!("building a program with {name}");
    // Beside this program, which is in a folder of Cargo's.
    let target = env::current_exe()?.with_file_name("builds");
    let before = seconds_of_children()?;
    let arguments = ["--release", "--quiet", "--bin", "decide", "--target-dir"];
    let built = cargo("build", feature).args(arguments).arg(&target).status()?;
    let seconds = seconds_of_children()? - before;
    if !built.success() {
        return Err(format!("no program with {name}").into());
    }
    let program = target.join("release/decide");
    let size = fs::metadata(&program)?.len();
    let memory = memory(&program)?;
    fs::remove_dir_all(target)?;
    Ok(Build { name, seconds, crates: crates(feature)?, size, memory })
}

fn cargo(command: &str, feature: &str) -> Command {
    let mut cargo = Command::new("cargo");
    cargo.args([command, "--locked", "--no-default-features", "--features", feature]);
    cargo.args(["--manifest-path", concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")]);
    cargo
}

/// The crates of a program, without the program itself.
fn crates(feature: &str) -> Result<usize, Box<dyn Error>> {
    let arguments = ["--edges", "normal,build", "--prefix", "none"];
    let output = cargo("tree", feature).args(arguments).output()?;
    if !output.status.success() {
        return Err(format!("no tree of crates with {feature}").into());
    }
    let text = String::from_utf8(output.stdout)?;
    let crates: HashSet<&str> = text.lines().map(|line| line.trim_end_matches(" (*)")).collect();
    Ok(crates.len() - 1)
}

fn memory(program: &Path) -> Result<u64, Box<dyn Error>> {
    let output = Command::new(program).output()?;
    let kib: u64 = String::from_utf8(output.stdout)?.trim().parse()?;
    Ok(kib * 1024)
}

/// The time that processors have spent on the children of this process.
fn seconds_of_children() -> Result<u64, Box<dyn Error>> {
    let statistics = fs::read_to_string("/proc/self/stat")?;
    // The name of the program, in parentheses, can contain anything.
    let (_, fields) = statistics.rsplit_once(") ").ok_or("no statistics of this process")?;
    let times = fields.split(' ').skip(13).take(2).map(str::parse::<u64>);
    Ok(times.sum::<Result<u64, _>>()? / 100)
}
