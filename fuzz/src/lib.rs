//! The bodies of the fuzz targets, each a function of any bytes that panics where a property does not hold.
//!
//! `cargo fuzz` runs them on inputs of its own; `tests/replay.rs` on those in `corpus/`, with any compiler.

pub mod csv;
pub mod dates;
pub mod decide;
pub mod records;
pub mod rest;
pub mod rulebook;

/// The binary of a target: under `cargo fuzz` the fuzzer, elsewhere a replay of the files that are named as arguments.
#[macro_export]
macro_rules! target {
    ($name:ident) => {
        #[cfg(fuzzing)]
        libfuzzer_sys::fuzz_target!(|bytes: &[u8]| $crate::$name::run(bytes));

        #[cfg(not(fuzzing))]
        fn main() -> std::io::Result<()> {
            std::env::args_os().skip(1).try_for_each(|path| std::fs::read(path).map(|bytes| $crate::$name::run(&bytes)))
        }
    };
}

/// What every error is like: it says what was expected, in one line that steers no terminal.
fn assert_telling(error: &str) {
    assert!(error.contains("expected"), "it does not say what was expected: {error:?}");
    assert!(!error.contains(char::is_control), "a control character: {error:?}");
}

/// A number that any change to the bytes changes, to choose by: FNV-1a.
fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
