//! Every input of the corpora holds, with any compiler.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// Replays the inputs of a target; so many there are at least, so that this cannot pass on nothing.
fn replay(target: &str, least: usize, run: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
    let entries = fs::read_dir(&folder).expect("a corpus").map(|entry| entry.expect("an input").path());
    let mut inputs: Vec<_> = entries.collect();
    inputs.sort();
    assert!(inputs.len() >= least, "{} inputs, expected {least} or more", inputs.len());
    for input in inputs {
        let bytes = fs::read(&input).expect("an input");
        let holds = catch_unwind(AssertUnwindSafe(|| run(&bytes))).is_ok();
        assert!(holds, "{} does not hold", input.display());
    }
}

macro_rules! replay {
    ($( $target:ident: $least:literal, )+) => {
        $(
            #[test]
            fn $target() {
                replay(stringify!($target), $least, fuzz::$target::run);
            }
        )+
    };
}

replay! {
    records: 25,
    rest: 25,
    csv: 25,
    rulebook: 20,
    dates: 25,
    decide: 15,
}
