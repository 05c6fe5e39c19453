//! Inputs of any length are read in constant memory.

mod support;

use std::io::{Cursor, Read};

use allocation_counter::measure;
use csp_partner_center::Reader;

/// A text that is repeated.
struct Repeated {
    text: Cursor<&'static str>,
    times: usize,
}

impl Read for Repeated {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let mut count = 0;
        while self.times > 0 && count < buffer.len() {
            let read = self.text.read(&mut buffer[count..])?;
            count += read;
            if read == 0 {
                self.times -= 1;
                self.text.set_position(0);
            }
        }
        Ok(count)
    }
}

/// Returns the number of items, and the most bytes in use.
fn most(begin: &'static str, text: &'static str, times: usize) -> (u64, u64) {
    let mut items = 0;
    let memory = measure(|| {
        let repeated = Repeated { text: Cursor::new(text), times };
        let mut reader = Reader::new(begin.as_bytes().chain(repeated));
        while reader.next().expect("text").is_some() {
            items += 1;
        }
    });
    (items, memory.bytes_max)
}

/// Twice the length takes no more memory.
#[track_caller]
fn assert_constant(begin: &'static str, text: &'static str, bytes: usize, items: u64) {
    let times = bytes / text.len();
    let (found, short) = most(begin, text, times);
    let (_, long) = most(begin, text, 2 * times);
    assert!(found >= items * times as u64, "{begin}{text}: {found} items");
    assert!(long <= short + (1 << 16), "{begin}{text}: {short} bytes, then {long}");
}

#[test]
fn no_input_takes_more_memory_if_it_is_longer() {
    let bytes = 1 << 19;
    assert_constant("[", r#"{"id":"a","offerId":"x"},"#, bytes, 1);
    assert_constant("", "{\"id\":\"a\",\"channel\":\"open\"}\n", bytes, 1);
    assert_constant("{\"items\":[", r#"{"id":"a","offerId":"x"},"#, bytes, 1);
    assert_constant("id,channel,note\n", "a,open,\"x\ny\"\n", bytes, 1);
}

#[test]
fn what_cannot_be_read_takes_no_more_memory_if_it_is_longer() {
    let bytes = 1 << 19;
    assert_constant("[", "{\"id\":\"a\n{\"id\":\"b\",\"offerId\":\"x\"}\n", bytes, 2);
    assert_constant("[{\"id\":\"a\"}", "null, ", bytes, 1);
    // What belongs to a broken object.
    assert_constant("[{\"id\":\"a\"},{\"id\":\"b\n", r#"{"x":"a"},"#, bytes, 0);
    assert_constant("[{\"id\":\"a\"},{\"id\":\"b\",", r#"{"x":"a"},"#, bytes, 0);
    assert_constant("id,channel\n", "\n", bytes, 0);
    assert_constant("", "       ", 1 << 21, 0);
    // Longer than an object or a row can be.
    assert_constant("[{\"id\":\"", "a longer text than one", 1 << 21, 0);
    assert_constant("id,channel\n", "a longer text than one", 1 << 21, 0);
}
