//! More inputs of each kind that people have, made up: what is read of each, whole.

mod support;

use support::assert_transcripts;

#[test]
fn each_file_gives_what_is_expected() {
    assert_transcripts("own", include_str!("data/own.expected"), &[]);
}
