//! What happens while the program waits: a line arrives, the lines end, or Ctrl-C is pressed.

use std::io::{BufRead, BufReader, Read};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::{io, process, thread};

/// What happens, in order.
pub(crate) struct Events(Receiver<Event>);

pub(crate) enum Event {
    Line(Line),
    End,
    Unreadable(io::Error),
    /// Ctrl-C.
    Interrupted,
}

pub(crate) struct Line {
    /// Its number, from 1.
    pub(crate) number: u64,
    pub(crate) text: Result<String, NoText>,
}

/// A line that cannot be an answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoText {
    #[error("the line is longer than {} bytes", Lines::LONGEST)]
    TooLong,
    #[error("the line is no UTF-8")]
    NoUtf8,
}

impl Events {
    /// Reads lines in a thread of its own, so that Ctrl-C is heard while none arrives.
    pub(crate) fn of(input: Box<dyn Read + Send>) -> Result<Self, ctrlc::Error> {
        // No line is read before the one before it is taken.
        let (sender, receiver) = sync_channel(0);
        let interrupt = sender.clone();
        ctrlc::set_handler(move || {
            if interrupt.send(Event::Interrupted).is_err() {
                // Nobody waits any more.
                process::exit(130);
            }
        })?;
        thread::spawn(move || Lines::of(input).send(&sender));
        Ok(Self(receiver))
    }
}

impl Iterator for Events {
    type Item = Event;

    fn next(&mut self) -> Option<Event> {
        self.0.recv().ok()
    }
}

/// Lines of bounded length.
struct Lines {
    input: BufReader<Box<dyn Read + Send>>,
    bytes: Vec<u8>,
    number: u64,
}

impl Lines {
    /// The longest line that is read; an answer takes some 80 bytes.
    const LONGEST: usize = 1 << 10;

    fn of(input: Box<dyn Read + Send>) -> Self {
        Self { input: BufReader::new(input), bytes: Vec::new(), number: 0 }
    }

    /// Sends all lines, and what ends them, as long as somebody waits.
    fn send(mut self, sender: &SyncSender<Event>) {
        loop {
            let event = match self.next() {
                Ok(Some(line)) => Event::Line(line),
                Ok(None) => Event::End,
                Err(error) => Event::Unreadable(error),
            };
            let goes_on = matches!(event, Event::Line(_));
            if sender.send(event).is_err() || !goes_on {
                return;
            }
        }
    }

    fn next(&mut self) -> io::Result<Option<Line>> {
        self.bytes.clear();
        // One more than is accepted, and the end of the line.
        let longest = Self::LONGEST as u64 + 2;
        if self.input.by_ref().take(longest).read_until(b'\n', &mut self.bytes)? == 0 {
            return Ok(None);
        }
        self.number += 1;
        let line = self.bytes.strip_suffix(b"\n").unwrap_or(&self.bytes);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let is_long = line.len() > Self::LONGEST;
        let text =
            if is_long { Err(NoText::TooLong) } else { String::from_utf8(line.to_vec()).map_err(|_| NoText::NoUtf8) };
        if is_long && !self.bytes.ends_with(b"\n") {
            self.input.skip_until(b'\n')?;
        }
        Ok(Some(Line { number: self.number, text }))
    }
}
