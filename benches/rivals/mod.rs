//! What deciding is measured beside: cases, and other ways to decide them.

#![allow(dead_code, reason = "each target uses a part")]

use csp_multichannel::{
    Action, Edition, Fact, Facts, Rulebook, Subscription, Verdict, Verdicts, parse_instant,
};

/// The day on which cases are decided.
pub const DAY: &str = "2026-11-27";

pub fn edition() -> Edition<'static> {
    Rulebook::partner_center().edition_at(parse_instant(DAY).expect("a day")).expect("an edition")
}

/// Known cases in no order, drawn uniformly from the whole space.
pub fn uniform(count: usize) -> Vec<Facts> {
    let all: Vec<Facts> = Facts::UNKNOWN.assignments().collect();
    // Steps of a prime walk through all of them, far from neighbor to neighbor.
    (0..count).map(|n| all[n * 104_729 % all.len()]).collect()
}

/// Records as people have them, in no order: the cases of the scenarios, mostly known.
pub fn records(count: usize) -> Vec<Subscription> {
    let scenarios: Vec<Subscription> = scenario_lines()
        .iter()
        .map(|line| {
            serde_json::from_str::<csp_multichannel::Case>(line).expect("a case").subscription
        })
        .collect();
    (0..count).map(|n| scenarios[n * 31 % scenarios.len()]).collect()
}

/// The cases of the scenarios, a line each.
pub fn scenario_lines() -> Vec<&'static str> {
    #[derive(serde::Deserialize)]
    struct Scenario<'s> {
        #[serde(borrow)]
        case: &'s serde_json::value::RawValue,
    }
    let lines = include_str!("../../tests/data/scenarios.jsonl").lines();
    lines
        .map(|line| serde_json::from_str::<Scenario<'_>>(line).expect("a scenario").case.get())
        .collect()
}

/// Every case decided beforehand: the least that deciding can cost. It knows no rules, no reasons and no unknown
/// facts.
pub struct Dense {
    /// For each case, its place among the verdicts that occur.
    places: Vec<u8>,
    verdicts: Vec<Verdicts>,
}

impl Dense {
    pub fn new(edition: Edition<'_>) -> Self {
        let mut dense = Self { places: Vec::new(), verdicts: Vec::new() };
        for facts in Facts::UNKNOWN.assignments() {
            let decided = edition.decide(facts).verdicts();
            let place =
                dense.verdicts.iter().position(|&known| known == decided).unwrap_or_else(|| {
                    dense.verdicts.push(decided);
                    dense.verdicts.len() - 1
                });
            dense.places.push(place.try_into().expect("at most 256 different verdicts"));
        }
        dense
    }

    /// From the bits of the facts, as the engine takes them.
    #[inline]
    pub fn verdicts(&self, bits: u64) -> Verdicts {
        const SIZES: [usize; 11] = {
            let mut sizes = [0; 11];
            let mut fact = 0;
            while fact < sizes.len() {
                sizes[fact] = Fact::ALL[fact].words().len();
                fact += 1;
            }
            sizes
        };
        let (mut place, mut offset) = (0, 0);
        for size in SIZES {
            let field = bits >> offset & ((1 << size) - 1);
            place = place * size + field.trailing_zeros() as usize;
            offset += size;
        }
        self.verdicts[usize::from(self.places[place])]
    }
}

/// The possible values of facts as bits: what the library keeps inside.
pub fn bits(facts: Facts) -> u64 {
    let words = |&fact: &Fact| fact.words().iter().map(move |word| (fact, word));
    let values = Fact::ALL.iter().flat_map(words);
    let possible = values.map(|(fact, word)| facts.possible_words(fact).any(|of| of == *word));
    possible.enumerate().fold(0, |bits, (place, is)| bits | u64::from(is) << place)
}

/// The index with six bits of the facts looked up at a time, instead of one fact: fewer instructions, and more than three
/// times the memory.
pub struct Chunks {
    /// For each pattern of six bits, the rules that admit its values.
    admitting: [[u128; 64]; 8],
    effects: [[u128; 6]; 5],
}

impl Chunks {
    pub fn new(edition: Edition<'_>) -> Self {
        let rules: Vec<_> = edition.rules().collect();
        let mut chunks = Self { admitting: [[0; 64]; 8], effects: [[0; 6]; 5] };
        for (place, rule) in rules.iter().enumerate() {
            let admitted = bits(rule.condition());
            for (chunk, patterns) in chunks.admitting.iter_mut().enumerate() {
                for (pattern, rules) in (0_u64..).zip(patterns) {
                    let is_admitted = pattern & !(admitted >> (chunk * 6)) == 0;
                    *rules |= u128::from(is_admitted) << place;
                }
            }
            for action in rule.actions() {
                chunks.effects[action as usize][rule.effect() as usize] |= 1 << place;
            }
        }
        chunks
    }

    /// From the bits of a known case.
    #[inline]
    pub fn verdicts(&self, bits: u64) -> Verdicts {
        let mut fired = u128::MAX;
        for (chunk, patterns) in self.admitting.iter().enumerate() {
            fired &= patterns[(bits >> (chunk * 6) & 63) as usize];
        }
        Verdicts::from_fn(|action| {
            let [veto, exclude, forbid, permit, require, _] = self.effects[action as usize];
            match () {
                () if fired & veto != 0 => Verdict::Denied,
                () if fired & exclude != 0 => Verdict::NotCovered,
                () if fired & forbid != 0 => Verdict::Denied,
                () if fired & permit == 0 => Verdict::NotCovered,
                () if fired & require != 0 => Verdict::Conditional,
                () => Verdict::Allowed,
            }
        })
    }
}

/// Rule after rule, each condition compared by its facts: what anyone would write first.
pub struct Scan<'r> {
    rules: Vec<&'r csp_multichannel::Rule>,
}

impl<'r> Scan<'r> {
    pub fn new(edition: Edition<'r>) -> Self {
        Self { rules: edition.rules().collect() }
    }

    pub fn verdicts(&self, facts: Facts) -> Verdicts {
        let mut effects = [[false; 6]; 5];
        for rule in self.rules.iter().filter(|rule| rule.condition().contains(facts)) {
            for action in rule.actions() {
                effects[action as usize][rule.effect() as usize] = true;
            }
        }
        Verdicts::from_fn(|action: Action| match effects[action as usize] {
            [true, ..] => Verdict::Denied,
            [_, true, ..] => Verdict::NotCovered,
            [_, _, true, ..] => Verdict::Denied,
            [_, _, _, false, ..] => Verdict::NotCovered,
            [_, _, _, _, true, _] => Verdict::Conditional,
            _ => Verdict::Allowed,
        })
    }
}
