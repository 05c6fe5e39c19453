//! How many instructions the hot paths take: a guard against slow-down that no other load on the machine disturbs.
//!
//! `cargo bench --bench instructions` has `valgrind` count them, and holds the counts against those recorded in `instructions.json`; with
//! `RECORD_INSTRUCTIONS=1` it records them. The record is of one compiler: under another the counts are told, and held against nothing.

#![allow(clippy::cast_precision_loss, reason = "counts are far below 2^52")]

mod cases;

use std::collections::BTreeMap;
use std::error::Error;
use std::hint::black_box;
use std::process::{Command, ExitCode};
use std::{env, fs};

use cases::{edition, mixed, record, three_unknown};
use comfy_table::presets::ASCII_MARKDOWN;
use comfy_table::{CellAlignment, Table};
use csp_multichannel::guidance::{Goal, Plans, Weights};
use csp_multichannel::{Action, Answer, Case, Facts, Rulebook, Set, Verdicts, decide, parse_instant, rest};
use serde::{Deserialize, Serialize};

/// By what part of it a count may be over its record.
const TOLERANCE: f64 = 0.02;

const RECORD: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/instructions.json");
/// Set in the process that is counted.
const COUNTED: &str = "INSTRUCTIONS_COUNTED";

/// The counts of one compiler, a case each.
#[derive(Serialize, Deserialize)]
struct Record {
    compiler: String,
    instructions: BTreeMap<String, f64>,
}

/// Every hot path, in its turn: its name, how many cases one run of it takes, and the run. What it needs is made ready before.
fn paths(mut each: impl FnMut(&'static str, usize, &mut dyn FnMut())) {
    const CASES: usize = 4096;
    let at = parse_instant("2018-09-15").expect("a day");
    let edition = edition("2018-09-15");
    let packed = mixed(CASES);
    let known: Vec<Facts> = packed.iter().map(|&case| case.into()).collect();
    let mut verdicts = vec![Verdicts::default(); CASES];

    each("a known case", CASES, &mut || {
        for &facts in &known {
            black_box(edition.decide(black_box(facts)).verdicts());
        }
    });
    each("a known case, and its rules", CASES, &mut || {
        for &facts in &known {
            let decision = edition.decide(black_box(facts));
            black_box(
                Action::ALL
                    .iter()
                    .flat_map(|&action| decision.rules(action))
                    .map(|rule| rule.id().len())
                    .sum::<usize>(),
            );
        }
    });
    let case = record();
    each("a case from records", 1, &mut || {
        let decision = decide(black_box(&case.subscription), black_box(&case.engagement), black_box(at));
        black_box(decision.expect("an edition").verdicts());
    });
    each("a batch, from facts", CASES, &mut || {
        black_box(edition.decide_all(black_box(&known), &mut verdicts));
    });
    each("a batch, packed", CASES, &mut || {
        black_box(edition.decide_all_known(black_box(&packed), &mut verdicts));
    });
    let compiled = edition.compile();
    each("a batch, packed, the edition compiled", CASES, &mut || {
        black_box(compiled.decide_all_known(black_box(&packed), &mut verdicts));
    });

    let unknown = three_unknown().map(|(_, facts)| facts);
    each("three facts unknown", unknown.len(), &mut || {
        for facts in unknown {
            black_box(edition.decide(black_box(facts)).verdicts());
        }
    });
    each("three facts unknown, and what verdicts turn on", unknown.len(), &mut || {
        for facts in unknown {
            let decision = edition.decide(black_box(facts));
            black_box(Action::ALL.iter().map(|&action| decision.depends_on(action).len()).sum::<usize>());
        }
    });
    each("three facts unknown, the next question", unknown.len(), &mut || {
        for facts in unknown {
            black_box(edition.decide(black_box(facts)).questions(Set::<Action>::all(), &Weights::EVEN));
        }
    });
    each("the plans of a case", 1, &mut || {
        black_box(Plans::of(black_box(&case), Goal::Move, at, Rulebook::partner_center()).expect("an edition"));
    });

    let line = serde_json::to_string(&case).expect("JSON");
    let mut output = Vec::new();
    each("a line of JSON to a line of JSON", 1, &mut || {
        output.clear();
        let case = Case::read(&mut serde_json::Deserializer::from_str(black_box(&line))).expect("a case");
        let decision = edition.decide(case.facts(at));
        serde_json::to_writer(&mut output, &Answer { id: &case.id, as_of: at, decision }).expect("JSON");
    });
    let scenario = include_str!("../tests/data/rest-scenarios.jsonl").lines().next().expect("a scenario");
    let scenario: serde_json::Value = serde_json::from_str(scenario).expect("JSON");
    let resource = scenario["subscription"].to_string();
    each("a subscription of Partner Center's, read and mapped", 1, &mut || {
        let subscription: rest::Subscription = serde_json::from_str(black_box(&resource)).expect("a subscription");
        black_box(rest::Mapped::of(&subscription).facts(at));
    });
}

/// What is counted, and dumped when it returns: `valgrind` is told by its name.
#[inline(never)]
fn counted(work: &mut dyn FnMut()) {
    work();
}

/// The instructions of each path, a case.
fn count() -> Result<BTreeMap<String, f64>, Box<dyn Error>> {
    let folder = env::temp_dir().join(format!("instructions-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    let status = Command::new("valgrind")
        .args([
            "--tool=callgrind",
            "--quiet",
            "--toggle-collect=instructions::counted",
            "--dump-after=instructions::counted",
        ])
        .arg(format!("--callgrind-out-file={}", folder.join("counts").display()))
        .arg(env::current_exe()?)
        .env(COUNTED, "1")
        .status()
        .map_err(|error| format!("valgrind cannot be run: {error}"))?;
    if !status.success() {
        return Err(format!("valgrind failed: {status}").into());
    }
    let mut counts = BTreeMap::new();
    let mut dumps = 0;
    let mut failure = None;
    paths(|name, cases, _| {
        dumps += 1;
        match read_total(&fs::read_to_string(folder.join(format!("counts.{dumps}"))).unwrap_or_default()) {
            Some(total) => drop(counts.insert(name.to_owned(), total / cases as f64)),
            None => failure = Some(format!("valgrind has not counted \"{name}\"")),
        }
    });
    fs::remove_dir_all(&folder)?;
    failure.map_or(Ok(counts), |failure| Err(failure.into()))
}

/// The total of a dump.
fn read_total(dump: &str) -> Option<f64> {
    dump.lines().find_map(|line| line.strip_prefix("totals: "))?.trim().parse().ok()
}

/// The compiler at hand.
fn compiler() -> Result<String, Box<dyn Error>> {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).arg("-vV").output()?;
    let text = String::from_utf8(output.stdout)?;
    let line = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default().trim();
    Ok(format!("{}, {}", line("release:"), line("host:")))
}

fn run() -> Result<bool, Box<dyn Error>> {
    let instructions = count()?;
    let found = Record { compiler: compiler()?, instructions };
    if env::var_os("RECORD_INSTRUCTIONS").is_some() {
        fs::write(RECORD, serde_json::to_string_pretty(&found)? + "\n")?;
        println!("recorded");
        return Ok(true);
    }
    let recorded: Record = serde_json::from_str(&fs::read_to_string(RECORD)?)?;
    let mut table = Table::new();
    table.load_preset(ASCII_MARKDOWN).set_header(["instructions", "recorded", "found", "ratio"]);
    let mut over = Vec::new();
    for (name, found) in &found.instructions {
        let recorded = recorded.instructions.get(name).ok_or_else(|| format!("\"{name}\" is not recorded"))?;
        let ratio = found / recorded;
        table.add_row([name.clone(), format!("{recorded:.1}"), format!("{found:.1}"), format!("{ratio:.3}")]);
        if ratio > 1.0 + TOLERANCE {
            over.push(name);
        }
    }
    table.column_iter_mut().skip(1).for_each(|column| column.set_cell_alignment(CellAlignment::Right));
    println!("{table}");
    if found.compiler != recorded.compiler {
        println!("recorded under {}, counted under {}: not comparable", recorded.compiler, found.compiler);
        return Ok(true);
    }
    for name in &over {
        println!("\"{name}\" takes more than {} % over what is recorded", TOLERANCE * 100.0);
    }
    Ok(over.is_empty())
}

fn main() -> ExitCode {
    if env::var_os(COUNTED).is_some() {
        paths(|_, _, work| {
            // Once before, for what is only made ready at the first run.
            work();
            counted(work);
        });
        return ExitCode::SUCCESS;
    }
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
