//! An edition laid out for many known cases: two loads a case.

use std::boxed::Box;
use std::collections::HashMap;
use std::vec::Vec;

use super::{Verdicts, each};
use crate::facts::Assignment;
use crate::rulebook::{Edition, RuleMask};

/// How many combinations of values there are in a group of facts.
const OF_GROUP: usize = 1 << Assignment::GROUP_BITS;
/// How many in all groups but the last.
const OF_OTHERS: usize = 1 << (Assignment::BITS - Assignment::GROUP_BITS);

/// An edition laid out for many cases of which everything is known: verdicts alone, without rules, two loads a case.
///
/// The facts matter to verdicts in few different ways: for all the values of the first groups of an [`Assignment`] there are some dozen rows, each with
/// the verdicts for the values of the last group. That is packet classification once more, by recursive flow classification (P. Gupta and
/// N. `McKeown`, SIGCOMM 1999).
///
/// Laying the built-in register out takes as long as deciding some 80,000 cases without, and its tables 41 KiB: for many cases.
///
/// ```
/// use csp_multichannel::*;
///
/// let edition = Rulebook::partner_center().edition_at(parse_instant("2018-08-31")?)?;
/// let compiled = edition.compile();
/// let cases: Vec<Assignment> = Assignment::all().collect();
/// let mut verdicts = vec![Verdicts::default(); cases.len()];
/// assert_eq!(compiled.decide_all_known(&cases, &mut verdicts), 293_760);
/// assert_eq!(verdicts[0], edition.decide(cases[0].into()).verdicts());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Compiled<'r> {
    edition: Edition<'r>,
    /// For the values of all groups but the last, the row that they lead to.
    rows: Box<[u16; OF_OTHERS]>,
    /// Of each row, the verdicts for the values of the last group.
    verdicts: Vec<[Verdicts; OF_GROUP]>,
}

impl<'r> Edition<'r> {
    /// Lays it out for many known cases.
    #[must_use]
    pub fn compile(self) -> Compiled<'r> {
        let relevant = self.in_force() & self.index().deciding();
        let [first, second, last] = self.index().groups().map(|group| Classes::of(group, relevant));
        let mut verdicts = Vec::new();
        let mut numbers = HashMap::new();
        let mut row = |admitting: RuleMask| {
            let of_classes: Vec<Verdicts> = last
                .admitting
                .iter()
                .map(|of_class| {
                    let effects = self.index().effects(admitting & of_class);
                    Verdicts::possible_with(effects, effects)
                })
                .collect();
            let row = last.of_values.map(|class| of_classes.get(usize::from(class)).copied().unwrap_or_default());
            *numbers.entry(row).or_insert_with(|| {
                verdicts.push(row);
                // There are no more rows than values of the other groups.
                (verdicts.len() - 1) as u16
            })
        };
        let by_class: Vec<Vec<u16>> = second
            .admitting
            .iter()
            .map(|of_second| first.admitting.iter().map(|of_first| row(of_first & of_second)).collect())
            .collect();

        #[expect(clippy::large_stack_arrays, reason = "32 KiB, on their way to the heap")]
        let mut rows = Box::new([0; OF_OTHERS]);
        let of_second = rows.chunks_exact_mut(OF_GROUP).zip(second.of_values);
        for (rows, by_class) in of_second.filter_map(|(rows, class)| Some((rows, by_class.get(usize::from(class))?))) {
            for (row, class) in rows.iter_mut().zip(first.of_values) {
                *row = by_class.get(usize::from(class)).copied().unwrap_or_default();
            }
        }
        Compiled { edition: self, rows, verdicts }
    }
}

/// The values of a group, by the rules that admit them.
struct Classes {
    of_values: [u8; OF_GROUP],
    /// Of each class.
    admitting: Vec<RuleMask>,
}

impl Classes {
    fn of(group: &[RuleMask; OF_GROUP], relevant: RuleMask) -> Self {
        let mut admitting = Vec::new();
        let of_values = group.map(|mask| {
            let mask = mask & relevant;
            let class = admitting.iter().position(|&of_class| of_class == mask).unwrap_or_else(|| {
                admitting.push(mask);
                admitting.len() - 1
            });
            class as u8
        });
        Self { of_values, admitting }
    }
}

impl<'r> Compiled<'r> {
    /// The edition.
    #[must_use]
    pub const fn edition(&self) -> Edition<'r> {
        self.edition
    }

    /// The verdicts on a case.
    #[must_use]
    #[inline]
    #[expect(
        clippy::indexing_slicing,
        reason = "both parts of a case are masked to their table's length, and each row is there"
    )]
    pub fn verdicts(&self, case: Assignment) -> Verdicts {
        let row = self.rows[case.to_bits() as usize & (OF_OTHERS - 1)];
        self.verdicts[usize::from(row)][case.group(Assignment::GROUPS - 1)]
    }

    /// As [`Edition::decide_all_known`].
    pub fn decide_all_known(&self, cases: &[Assignment], verdicts: &mut [Verdicts]) -> usize {
        each(cases, verdicts, |&case| self.verdicts(case))
    }
}
