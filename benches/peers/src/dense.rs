//! Every case decided beforehand, and looked up.

use csp_multichannel::{
    AtTermEnd, Channel, Cloud, Customer, Facts, Partner, Region, Relationship, Service, Status,
    TermPhase, Transfer, Verdicts,
};

use crate::{Peer, edition, known};

#[path = "../../rivals/mod.rs"]
mod rivals;

/// A table of all verdicts.
pub struct Dense(rivals::Dense);

impl Peer for Dense {
    const NAME: &'static str = "a dense table";
    const FEATURE: &'static str = "dense";
    /// A bit for each value.
    type Input = u64;

    fn load(_: &str) -> Self {
        Self(rivals::Dense::new(edition()))
    }

    fn input(&self, case: Facts) -> u64 {
        let (mut bits, mut offset) = (0, 0);
        macro_rules! add {
            ($($Fact:ident)+) => {$(
                bits |= 1 << (offset + known::<$Fact>(case) as usize);
                offset += $Fact::ALL.len();
            )+};
        }
        add!(Channel Service Cloud Partner Relationship Customer Region TermPhase AtTermEnd Status);
        bits | 1 << (offset + known::<Transfer>(case) as usize)
    }

    fn decide(&mut self, bits: &mut u64) -> Verdicts {
        self.0.verdicts(*bits)
    }
}
