//! Every input of the corpora holds.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// Replays the inputs of a target, of which there are at least so many.
fn replay(target: &str, least: usize, run: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
    let entries = fs::read_dir(&folder).expect("a corpus");
    let mut inputs: Vec<_> = entries.map(|entry| entry.expect("an input").path()).collect();
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
    cases: 35,
    decisions: 35,
    rulebooks: 35,
    json: 35,
    tables: 35,
    dates: 35,
    engine: 30,
}
