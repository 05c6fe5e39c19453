//! How many instructions the hot paths take: a guard against slow-down that no load on the machine
//! disturbs.
//!
//! `cargo bench --bench instructions` has `valgrind` count them. A count more than 2 % away from
//! its record in `benches/instructions.txt` is an error; `UPDATE_DOCUMENTS=1` writes the record
//! anew. The record is of one compiler. With another one the counts are shown, and nothing is
//! compared.

mod rivals;

use std::error::Error;
use std::hint::black_box;
use std::process::{Command, ExitCode};
use std::{env, fs};

use csp_multichannel::{Action, Case, Fact, Facts, Rulebook, Verdicts, decide, parse_instant};
use csp_multichannel_guidance::{Goal, Weights, plans, questions};
use csp_partner_center::{Context, Item, Reader};
use rivals::{DAY, edition, scenario_lines, uniform};

const RECORD: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/instructions.txt");

/// By what part a count may differ from its record.
const TOLERANCE: f64 = 0.02;

/// Set in the process whose instructions are counted.
const COUNTED: &str = "COUNT_INSTRUCTIONS";

/// Calls `each` with every path in turn: its name, how many cases one run takes, and the run.
fn paths(mut each: impl FnMut(&str, u32, &mut dyn FnMut())) {
    const CASES: u32 = 4096;
    let at = parse_instant(DAY).expect("a day");
    let edition = edition();
    let known = uniform(CASES as usize);

    each("a known case, five verdicts", CASES, &mut || {
        for &facts in &known {
            black_box(edition.decide(black_box(facts)).verdicts());
        }
    });
    each("the same, with reasons", CASES, &mut || {
        for &facts in &known {
            let decision = edition.decide(black_box(facts));
            let reasons = Action::ALL.iter().flat_map(|&action| decision.reasons(action));
            black_box(reasons.map(|rule| rule.id().len()).sum::<usize>());
        }
    });
    let mut verdicts = vec![Verdicts::default(); CASES as usize];
    each("a case of a slice", CASES, &mut || {
        black_box(edition.decide_all(black_box(&known), &mut verdicts));
    });

    let three_unknown =
        known[0].without(Fact::Service).without(Fact::Relationship).without(Fact::TermPhase);
    for (name, facts) in
        [("three facts unknown", three_unknown), ("all eleven unknown", Facts::UNKNOWN)]
    {
        each(&format!("{name}, five verdicts"), 1, &mut || {
            black_box(edition.decide(black_box(facts)).verdicts());
        });
        each(&format!("{name}, what they depend on"), 1, &mut || {
            let decision = edition.decide(black_box(facts));
            black_box(
                Action::ALL.iter().map(|&action| decision.depends_on(action)).collect::<Vec<_>>(),
            );
        });
    }
    each("three facts unknown, questions", 1, &mut || {
        let decision = edition.decide(black_box(three_unknown));
        black_box(questions(&decision, csp_multichannel::Set::all(), &Weights::default()));
    });

    let line = scenario_lines()[0];
    let case: Case = serde_json::from_str(line).expect("a case");
    each("a record with a term, at an instant", 1, &mut || {
        let decision = decide(black_box(&case.subscription), black_box(at));
        black_box(decision.expect("an edition").verdicts());
    });
    each("its plans", 1, &mut || {
        let plans =
            plans(black_box(&case.subscription), Goal::Move, at, Rulebook::partner_center());
        black_box(plans.expect("an edition"));
    });
    let mut output = Vec::new();
    each("a line of JSON to a line of JSON", 1, &mut || {
        output.clear();
        let case: Case = serde_json::from_str(black_box(line)).expect("a case");
        let decision = edition.decide(case.subscription.facts_at(at));
        serde_json::to_writer(&mut output, &decision.record(case.id, at)).expect("JSON");
    });
    let page = include_str!("../crates/partner-center/tests/data/field/25-subscriptions.json");
    let context = Context::new();
    let read = || {
        let mut reader = Reader::new(black_box(page.as_bytes()));
        let mut count = 0;
        while let Some(item) = reader.next().expect("text in memory") {
            if let Item::Record(record) = item {
                black_box(context.map(&record, at).expect("a subscription"));
                count += 1;
            }
        }
        count
    };
    each("a subscription of Partner Center, read and mapped", read(), &mut || {
        read();
    });
}

/// The counted work, by the name that `valgrind` gets.
#[inline(never)]
fn counted(work: &mut dyn FnMut()) {
    work();
}

/// The instructions of each path for one case.
fn count() -> Result<Vec<(String, f64)>, Box<dyn Error>> {
    let folder = env::temp_dir().join(format!("instructions-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    let status = Command::new("valgrind")
        .args(["--tool=callgrind", "--quiet"])
        .args(["--toggle-collect=instructions::counted", "--dump-after=instructions::counted"])
        .arg(format!("--callgrind-out-file={}", folder.join("counts").display()))
        .arg(env::current_exe()?)
        .env(COUNTED, "1")
        .status()?;
    if !status.success() {
        return Err(format!("`valgrind` failed: {status}").into());
    }
    let mut counts = Vec::new();
    paths(|name, cases, _| {
        let dump = folder.join(format!("counts.{}", counts.len() + 1));
        let dump = fs::read_to_string(dump).unwrap_or_default();
        let total =
            dump.lines().find_map(|line| line.strip_prefix("totals: ")?.trim().parse().ok());
        let total: Option<f64> = total;
        counts.push((name.to_owned(), total.map(|total| total / f64::from(cases))));
    });
    fs::remove_dir_all(&folder)?;
    let found = |(name, count): (String, Option<f64>)| match count {
        Some(count) => Ok((name, count)),
        None => Err(format!("`valgrind` counted nothing for {name}").into()),
    };
    counts.into_iter().map(found).collect()
}

/// The compiler of this program, as the first line of the record has it.
fn compiler() -> Result<String, Box<dyn Error>> {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = String::from_utf8(Command::new(rustc).arg("-vV").output()?.stdout)?;
    let line = |name| output.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
    Ok(format!("rustc{},{}", line("release:"), line("host:")))
}

/// Counts, shows and compares.
fn run() -> Result<(), Box<dyn Error>> {
    let (compiler, counts) = (compiler()?, count()?);
    let lines = counts.iter().map(|(name, count)| format!("{count:>12.1}  {name}"));
    let lines: Vec<_> = std::iter::once(compiler.clone()).chain(lines).collect();
    println!("{}", lines.join("\n"));
    if env::var_os("UPDATE_DOCUMENTS").is_some() {
        return Ok(fs::write(RECORD, lines.join("\n") + "\n")?);
    }
    let record = fs::read_to_string(RECORD)?;
    let mut recorded = record.lines();
    let recorded_with = recorded.next().unwrap_or_default();
    if recorded_with != compiler {
        println!("not compared: the record is of {recorded_with}");
        return Ok(());
    }
    let mut differ = Vec::new();
    for (name, count) in &counts {
        let line = recorded.next().unwrap_or_default().trim_start();
        let Some(recorded) = line.strip_suffix(name) else {
            return Err(format!("{RECORD} has `{line}`, expected a count of `{name}`").into());
        };
        let ratio = count / recorded.trim_end().parse::<f64>()?;
        let is_near = (ratio - 1.0).abs() <= TOLERANCE;
        differ.extend((!is_near).then(|| format!("{name}: {ratio:.3} of the recorded count")));
    }
    if let Some(line) = recorded.next() {
        return Err(format!("{RECORD} has `{line}`, which was not counted").into());
    }
    if differ.is_empty() { Ok(()) } else { Err(differ.join("\n").into()) }
}

fn main() -> ExitCode {
    if env::var_os(COUNTED).is_some() {
        paths(|_, _, work| {
            // Once before, for what is prepared at the first run.
            work();
            counted(work);
        });
        return ExitCode::SUCCESS;
    }
    if Command::new("valgrind").arg("--version").output().is_err() {
        println!("not counted: `valgrind` is not installed");
        return ExitCode::SUCCESS;
    }
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
