//! Every peer gives the library's verdicts.

use csp_multichannel::{Case, Facts, parse_instant};
use peers::{DAY, Peer, Visitor, edition, visit_all};

#[path = "../../rivals/mod.rs"]
mod rivals;

/// The distance between the cases of the sample: a prime, so that each value occurs with each other.
const SAMPLE: usize = 499;

struct Comparing {
    cases: Vec<Facts>,
    peers: usize,
}

impl Visitor for Comparing {
    fn visit<P: Peer>(&mut self) {
        let mut peer = P::load(&P::text(edition()));
        let mut compare = |times, case: Facts| {
            let expected = edition().decide(case).verdicts();
            let mut input = peer.input(case);
            for _ in 0..times {
                assert_eq!(peer.decide(&mut input), expected, "{}: {case}", P::NAME);
            }
        };
        self.cases.iter().for_each(|&case| compare(1, case));
        // The input is unchanged by a decision.
        self.cases.iter().step_by(10).for_each(|&case| compare(2, case));
        // No rules are printed for it: nothing but a comparison shows that it is right.
        if P::FEATURE == "by_hand" {
            Facts::UNKNOWN.assignments().for_each(|case| compare(1, case));
        }
        self.peers += 1;
    }
}

#[test]
fn all_peers_agree() {
    let at = parse_instant(DAY).expect("a day");
    // Where a scenario leaves facts open, the first of its possible cases.
    let scenarios = rivals::scenario_lines().into_iter().map(|line| {
        let case: Case = serde_json::from_str(line).expect("a case");
        case.subscription.facts_at(at).assignments().next().expect("a possible case")
    });
    let cases: Vec<Facts> = Facts::UNKNOWN.assignments().step_by(SAMPLE).chain(scenarios).collect();
    assert!(cases.len() > 2_200, "{} cases", cases.len());
    let mut comparing = Comparing { cases, peers: 0 };
    visit_all(&mut comparing);
    let features = [
        cfg!(feature = "by_hand"),
        cfg!(feature = "cedar"),
        cfg!(feature = "dense"),
        cfg!(feature = "library"),
        cfg!(feature = "rego"),
        cfg!(feature = "rhai"),
        cfg!(feature = "zen"),
    ];
    assert_eq!(comparing.peers, features.into_iter().filter(|on| *on).count());
}
