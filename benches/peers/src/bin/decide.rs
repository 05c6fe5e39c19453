//! The smallest program that decides by a peer: it makes the peer ready, decides 10,000 cases, and prints how much
//! memory it had at most, in KiB.
//!
//! Built with the feature of one peer it shows what that peer adds to a program; with none, what the rest takes.

use std::fs;
use std::hint::black_box;

use csp_multichannel::Facts;
use peers::{Peer, Visitor, edition, visit_all};

struct Deciding;

impl Visitor for Deciding {
    fn visit<P: Peer>(&mut self) {
        let mut peer = P::load(&P::text(edition()));
        for case in Facts::UNKNOWN.assignments().step_by(101).take(10_000) {
            black_box(peer.decide(&mut peer.input(case)));
        }
    }
}

fn main() {
    visit_all(&mut Deciding);
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    println!("{}", peak.unwrap_or("0").trim_end_matches("kB").trim());
}
