//! The fuzz targets. Each is a function of any bytes that panics if a property does not hold.
//!
//! `cargo fuzz` runs them on inputs of its own, `tests/replay.rs` on those in `corpus/`.

pub mod cases;
pub mod dates;
pub mod decisions;
pub mod engine;
pub mod json;
mod reader;
pub mod rulebooks;
pub mod tables;

/// Defines the binary of a target: the fuzzer under `cargo fuzz`, and elsewhere nothing.
#[macro_export]
macro_rules! target {
    ($name:ident) => {
        #[cfg(fuzzing)]
        libfuzzer_sys::fuzz_target!(|bytes: &[u8]| $crate::$name::run(bytes));

        #[cfg(not(fuzzing))]
        fn main() {}
    };
}

/// Asserts that an error is one line without control characters.
fn assert_one_line(error: &str) {
    assert!(!error.is_empty() && !error.contains(char::is_control), "{error:?}");
}

/// Asserts that a value is written as JSON and read back equal.
fn assert_reads_back<T>(value: &T)
where
    T: serde::Serialize + serde::de::DeserializeOwned + PartialEq + std::fmt::Debug,
{
    let text = serde_json::to_string(value).expect("JSON");
    let back: T = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
    assert_eq!(&back, value, "{text}");
}

/// Returns a number that depends on every byte, to choose by: FNV-1a.
fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// Returns a number below another.
fn pick(choice: &mut u64, below: usize) -> usize {
    *choice = choice.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
    usize::try_from(*choice >> 33).expect("31 bits") % below
}
