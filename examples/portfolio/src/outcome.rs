//! Decisions, each made once for all subscriptions of which the same is known.

use std::cell::{Cell, OnceCell};
use std::collections::HashMap;
use std::rc::Rc;

use csp_multichannel::{Action, Decision, Edition, FactSet, Facts, Verdict};

/// A decision, and for how many subscriptions it was made.
pub(crate) struct Outcome {
    pub(crate) decision: Decision<'static>,
    pub(crate) count: Cell<u64>,
    depends_on: OnceCell<FactSet>,
    json: OnceCell<String>,
    cells: OnceCell<Vec<String>>,
}

impl Outcome {
    /// The unknown facts on which some verdict turns.
    pub(crate) fn depends_on(&self) -> FactSet {
        *self.depends_on.get_or_init(|| {
            let facts = Action::ALL.iter().map(|&action| self.decision.depends_on(action));
            facts.fold(FactSet::EMPTY, FactSet::union)
        })
    }

    /// The fields of its record, without id and instant: `"edition":…,"verdicts":…`.
    pub(crate) fn json(&self) -> &str {
        self.json.get_or_init(|| {
            let object = serde_json::to_string(&self.decision).unwrap_or_default();
            object.trim_start_matches('{').strip_suffix('}').unwrap_or_default().to_owned()
        })
    }

    /// The verdict on each action, with what follows from it, as cells of a table.
    pub(crate) fn cells(&self) -> &[String] {
        self.cells.get_or_init(|| {
            let cells = |&action: &Action| {
                let decision = &self.decision;
                let rules: Vec<&str> = decision.rules(action).map(csp_multichannel::Rule::id).collect();
                let requirements: Vec<&str> = decision.requirements(action).collect();
                [
                    decision.verdict(action).to_string(),
                    rules.join(", "),
                    requirements.join(", "),
                    decision.depends_on(action).to_string(),
                ]
            };
            Action::ALL.iter().flat_map(cells).collect()
        })
    }

    /// How far the way is open: the best of its verdicts.
    pub(crate) fn way(&self) -> Way {
        let verdicts = self.decision.verdicts();
        let any = |wanted| verdicts.iter().any(|(_, verdict)| verdict == wanted);
        if any(Verdict::Allowed) {
            Way::Open
        } else if any(Verdict::Conditional) {
            Way::OnConditions
        } else if any(Verdict::Undetermined) {
            Way::NotYetKnown
        } else {
            Way::None
        }
    }
}

/// How far a way is open to do something with a subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Way {
    /// Some action is allowed.
    Open,
    /// Some action is allowed once something has been met, none without.
    OnConditions,
    /// Nothing is open, and something may be.
    NotYetKnown,
    /// Nothing is open.
    None,
}

/// The decisions of an edition, by what is known.
pub(crate) struct Outcomes {
    edition: Edition<'static>,
    by_facts: HashMap<Facts, Rc<Outcome>>,
}

impl Outcomes {
    /// How many are kept, so that no input takes more memory than another.
    const MOST: usize = 1 << 16;

    pub(crate) fn of(edition: Edition<'static>) -> Self {
        Self { edition, by_facts: HashMap::new() }
    }

    pub(crate) fn decide(&mut self, facts: Facts) -> Rc<Outcome> {
        let outcome = self.by_facts.entry(facts).or_insert_with(|| {
            Rc::new(Outcome {
                decision: self.edition.decide(facts),
                count: Cell::new(0),
                depends_on: OnceCell::new(),
                json: OnceCell::new(),
                cells: OnceCell::new(),
            })
        });
        Rc::clone(outcome)
    }

    /// Hands over the outcomes that are kept, and forgets them: where there are too many, or all at the end.
    pub(crate) fn drain(&mut self, at_the_end: bool) -> impl Iterator<Item = Rc<Outcome>> {
        let drains = at_the_end || self.by_facts.len() > Self::MOST;
        let drained = if drains { std::mem::take(&mut self.by_facts) } else { HashMap::new() };
        drained.into_values()
    }
}
