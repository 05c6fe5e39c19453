//! The least that a program can be that decides by a peer: ready, one decision, and ten thousand more. It prints how much memory it had at most, in KiB,
//! after each.
//!
//! Built with the feature of one peer, it shows what that peer costs to build and to carry; with none, what it costs besides.

use std::fs;
use std::hint::black_box;

use csp_multichannel::{Assignment, Facts};
use peers::{Peer, Visitor, edition, visit_all};

struct Deciding;

impl Visitor for Deciding {
    fn visit<P: Peer>(&mut self) {
        let peer = P::load(&P::text(edition()));
        for cases in [1, 10_000] {
            for case in Assignment::all().step_by(29).take(cases).map(Facts::from) {
                black_box(peer.decide(&mut peer.input(case)));
            }
            println!("{}", peak().unwrap_or_default());
        }
    }
}

/// Most of the memory that this process has had, in KiB, where the system tells.
fn peak() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?.trim().split(' ').next()?.parse().ok()
}

fn main() {
    visit_all(&mut Deciding);
}
