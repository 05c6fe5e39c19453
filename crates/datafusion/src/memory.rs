//! A cache of verdicts.

use std::hash::BuildHasher;
use std::sync::{Mutex, PoisonError};

use csp_multichannel::chrono::NaiveDate;
use csp_multichannel::{Action, Facts, Verdict};
use datafusion::common::hash_utils::RandomState;

use crate::cases::Case;

/// One cache for each thread: most cases of a batch also occur in earlier ones.
#[derive(Debug, Default)]
pub(crate) struct Memories(Mutex<Vec<Memory>>);

impl Memories {
    pub(crate) fn take(&self) -> Memory {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default()
    }

    pub(crate) fn put_back(&self, memory: Memory) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(memory);
    }
}

/// Half a megabyte, which fits in the cache of a core.
const PLACES: usize = 1 << 15;

/// A direct-mapped cache: the hash of a case is its index.
#[derive(Debug)]
pub(crate) struct Memory {
    places: Vec<Option<Remembered>>,
    hash: RandomState,
}

/// A cached verdict with its key: action, first day of the edition, known facts.
#[derive(Clone, Copy, Debug)]
struct Remembered {
    action: Action,
    since: NaiveDate,
    facts: Facts,
    verdict: Verdict,
}

impl Default for Memory {
    fn default() -> Self {
        Self { places: vec![None; PLACES], hash: RandomState::default() }
    }
}

impl Memory {
    /// Returns the cached verdict of a case, or decides it.
    pub(crate) fn verdict(&mut self, action: Action, case: Case<'_>) -> Verdict {
        let Case { edition, facts } = case;
        let decide = || edition.decide(facts).verdict(action);
        // Deciding a fully known case is faster than the cache.
        if facts.is_known() {
            return decide();
        }
        let since = edition.since();
        let hash = self.hash.hash_one((action, since, facts));
        let place = usize::try_from(hash).unwrap_or_default() % PLACES;
        let is_same = |known: &Remembered| {
            known.facts == facts && known.since == since && known.action == action
        };
        match self.places.get_mut(place) {
            Some(Some(known)) if is_same(known) => known.verdict,
            Some(place) => {
                place.insert(Remembered { action, since, facts, verdict: decide() }).verdict
            }
            None => decide(),
        }
    }
}
