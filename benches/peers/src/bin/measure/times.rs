//! How long deciding takes, each peer beside the others in several rounds.

use std::hint::black_box;
use std::time::{Duration, Instant};

use csp_multichannel::Facts;
use peers::{Peer, Visitor, edition, visit_all};

#[path = "../../../../rivals/mod.rs"]
mod rivals;

/// What was measured of a peer: medians of all rounds, in nanoseconds.
pub struct Times {
    pub name: &'static str,
    pub feature: &'static str,
    /// From the peer's own input to verdicts.
    pub decision: f64,
    /// The same, in multiples of the library's time in the same round.
    pub decision_ratio: f64,
    /// From facts to verdicts: its input is built from them.
    pub from_facts: f64,
    /// The same, in multiples of the library's time in the same round.
    pub from_facts_ratio: f64,
    /// From its text in memory to the first verdicts.
    pub start: f64,
}

/// Times all peers.
pub fn measure(quick: bool) -> Vec<Times> {
    let (rounds, cases, at_least) =
        if quick { (1, 64, Duration::ZERO) } else { (9, 4096, Duration::from_millis(200)) };
    let mut timing = Timing { cases: rivals::uniform(cases), at_least, round: Vec::new() };
    let mut all = Vec::new();
    for round in 1..=rounds {
        eprintln!("round {round} of {rounds}");
        visit_all(&mut timing);
        let library = timing.round.iter().find(|times| times.feature == "library");
        let library = library.expect("the library");
        let (decision, from_facts) = (library.decision, library.from_facts);
        for times in &mut timing.round {
            times.decision_ratio = times.decision / decision;
            times.from_facts_ratio = times.from_facts / from_facts;
        }
        all.push(std::mem::take(&mut timing.round));
    }
    let median = |peer: usize, of: fn(&Times) -> f64| {
        let mut values: Vec<f64> = all.iter().map(|round| of(&round[peer])).collect();
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    let peers = all[0].iter().enumerate().map(|(peer, first)| Times {
        decision: median(peer, |times| times.decision),
        decision_ratio: median(peer, |times| times.decision_ratio),
        from_facts: median(peer, |times| times.from_facts),
        from_facts_ratio: median(peer, |times| times.from_facts_ratio),
        start: median(peer, |times| times.start),
        ..*first
    });
    peers.collect()
}

struct Timing {
    cases: Vec<Facts>,
    at_least: Duration,
    round: Vec<Times>,
}

impl Visitor for Timing {
    fn visit<P: Peer>(&mut self) {
        let text = P::text(edition());
        let mut peer = P::load(&text);
        let mut inputs: Vec<P::Input> = self.cases.iter().map(|&case| peer.input(case)).collect();
        let decision = each(self.at_least, inputs.len(), || {
            for input in &mut inputs {
                black_box(peer.decide(black_box(input)));
            }
        });
        let from_facts = each(self.at_least, self.cases.len(), || {
            for &case in &self.cases {
                let mut input = peer.input(black_box(case));
                black_box(peer.decide(&mut input));
            }
        });
        let start = each(self.at_least, 1, || {
            let mut peer = P::load(black_box(&text));
            black_box(peer.decide(&mut peer.input(self.cases[0])));
        });
        self.round.push(Times {
            name: P::NAME,
            feature: P::FEATURE,
            decision,
            decision_ratio: 1.0,
            from_facts,
            from_facts_ratio: 1.0,
            start,
        });
    }
}

/// Repeats some work, which does something so many times, and returns the nanoseconds for each.
#[expect(clippy::cast_precision_loss, reason = "measurements")]
fn each(at_least: Duration, times: usize, mut work: impl FnMut()) -> f64 {
    // Once to warm up.
    work();
    let (mut done, mut at_once) = (0, 1);
    let began = Instant::now();
    loop {
        for _ in 0..at_once {
            work();
        }
        done += at_once;
        let elapsed = began.elapsed();
        if elapsed >= at_least {
            return elapsed.as_nanos() as f64 / (done * times) as f64;
        }
        at_once *= 2;
    }
}
