//! Every peer gives the library's verdicts on every case of the edition.
//!
//! In a build without optimization the slow ones take many minutes: `cargo test --release`.

use csp_multichannel::{Assignment, Facts};
use peers::{Answer, Peer, Visitor, edition, visit_all};

/// How many cases there are, written down so that a walk over none cannot pass.
const CASES: usize = 293_760;

struct Comparing {
    cases: Vec<Facts>,
    peers: usize,
}

impl Visitor for Comparing {
    fn visit<P: Peer>(&mut self) {
        let text = P::text(edition());
        let halves = self.cases.chunks(self.cases.len().div_ceil(2));
        let compared: usize = std::thread::scope(|scope| {
            let threads: Vec<_> = halves.map(|cases| scope.spawn(|| compare::<P>(&text, cases))).collect();
            threads.into_iter().map(|thread| thread.join().expect("agreement")).sum()
        });
        assert_eq!(compared, CASES, "{}", P::NAME);
        println!("{}: {compared} cases", P::NAME);
        self.peers += 1;
    }
}

/// Returns how many cases were compared.
fn compare<P: Peer>(text: &str, cases: &[Facts]) -> usize {
    let (peer, edition) = (P::load(text), edition());
    let mut answers = Vec::new();
    peer.decide_all(cases, &mut answers);
    let compared = cases.iter().zip(answers).map(|(&case, answer)| {
        let expected = edition.decide(case).verdicts().read();
        assert_eq!(answer.read(), expected, "{}: {case}", P::NAME);
        let mut input = peer.input(case);
        // Twice, because the first decision must not change the case for the second.
        let again = [peer.decide(&mut input), peer.decide(&mut input)].map(Answer::read);
        assert_eq!(again, [expected; 2], "{}, one by one: {case}", P::NAME);
    });
    compared.count()
}

#[test]
fn every_peer_agrees_with_the_library_on_every_case() {
    let mut comparing = Comparing { cases: Assignment::all().map(Facts::from).collect(), peers: 0 };
    visit_all(&mut comparing);
    assert_eq!(comparing.peers, 9, "all of them");
}
