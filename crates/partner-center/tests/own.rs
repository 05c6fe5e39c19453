//! More invented inputs in each format: the whole result for each.

mod support;

use support::assert_transcripts;

#[test]
fn each_file_gives_what_is_expected() {
    assert_transcripts("own", include_str!("data/own.expected"), &[]);
}
