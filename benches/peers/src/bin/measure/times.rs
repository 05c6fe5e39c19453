//! How long deciding takes, peer beside peer.

use std::hint::black_box;
use std::time::{Duration, Instant};

use csp_multichannel::{Assignment, Facts};
use peers::{Answer, Peer, Visitor, edition, visit_all};

/// How long a measurement goes on at least.
const AT_LEAST: Duration = Duration::from_millis(200);
/// How many cases the peers decide in turn.
const CASES: usize = 4096;
/// How long a batch may take: of a slower peer, a part is timed.
const BATCH_AT_MOST: Duration = Duration::from_secs(2);

/// What was measured of a peer, in nanoseconds; medians.
pub struct Times {
    pub name: &'static str,
    pub feature: &'static str,
    /// From typed facts to verdicts.
    pub decision: f64,
    /// The same, from a case as the peer takes it.
    pub prepared: f64,
    /// A million cases.
    pub batch: f64,
    /// Whether only a part of the million was timed.
    pub in_part: bool,
    /// From its text in memory to the first decision.
    pub start: f64,
}

/// Times all peers, in turn, some rounds.
pub fn measure(rounds: u32) -> Vec<Times> {
    let all: Vec<Facts> = Assignment::all().map(Facts::from).collect();
    // Steps of a prime walk through all of them, far from neighbour to neighbour.
    let million: Vec<Facts> = (0..1_000_000).map(|number| all[number * 104_729 % all.len()]).collect();
    let mut timing = Timing { million, rounds: Vec::new() };
    for round in 1..=rounds {
        eprintln!("timing, round {round} of {rounds}");
        timing.rounds.push(Vec::new());
        visit_all(&mut timing);
    }
    let peers = timing.rounds.first().map_or(0, Vec::len);
    (0..peers).map(|peer| median_of(&timing.rounds.iter().map(|round| &round[peer]).collect::<Vec<_>>())).collect()
}

fn median_of(rounds: &[&Times]) -> Times {
    let median = |of: fn(&Times) -> f64| {
        let mut values: Vec<f64> = rounds.iter().map(|times| of(times)).collect();
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    Times {
        decision: median(|times| times.decision),
        prepared: median(|times| times.prepared),
        batch: median(|times| times.batch),
        start: median(|times| times.start),
        in_part: rounds.iter().any(|times| times.in_part),
        ..*rounds[0]
    }
}

struct Timing {
    million: Vec<Facts>,
    rounds: Vec<Vec<Times>>,
}

impl Visitor for Timing {
    fn visit<P: Peer>(&mut self) {
        let text = P::text(edition());
        let peer = P::load(&text);
        let cases = &self.million[..CASES];
        let mut case = cases.iter().cycle();
        let mut next = || *case.next().expect("a cycle");
        let decision = each(|| {
            let facts = black_box(next());
            black_box(peer.decide(&mut peer.input(facts)).read());
        });
        let mut inputs: Vec<P::Input> = cases.iter().map(|&facts| peer.input(facts)).collect();
        let mut place = 0;
        let prepared = each(|| {
            black_box(peer.decide(black_box(&mut inputs[place])).read());
            place = (place + 1) % CASES;
        });
        let start = each(|| {
            let peer = P::load(black_box(&text));
            black_box(peer.decide(&mut peer.input(cases[0])).read());
        });

        let fits = (BATCH_AT_MOST.as_nanos() as f64 / decision) as usize;
        let part = &self.million[..fits.clamp(CASES, self.million.len())];
        let mut answers = Vec::new();
        // Once before, so that the memory for the answers is there.
        peer.decide_all(&part[..CASES], &mut answers);
        answers.reserve(part.len());
        let began = Instant::now();
        peer.decide_all(black_box(part), &mut answers);
        let batch = began.elapsed().as_nanos() as f64 * self.million.len() as f64 / part.len() as f64;
        black_box(answers);

        self.rounds.last_mut().expect("a round").push(Times {
            name: P::NAME,
            feature: P::FEATURE,
            decision,
            prepared,
            batch,
            in_part: part.len() < self.million.len(),
            start,
        });
    }
}

/// Does something again and again; how long it takes once.
fn each(mut work: impl FnMut()) -> f64 {
    work();
    let (mut count, mut at_once) = (0_u32, 1);
    let began = Instant::now();
    loop {
        for _ in 0..at_once {
            work();
        }
        count += at_once;
        let elapsed = began.elapsed();
        if elapsed >= AT_LEAST {
            return elapsed.as_nanos() as f64 / f64::from(count);
        }
        at_once *= 2;
    }
}
