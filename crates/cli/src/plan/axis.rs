//! A time axis: coordinates of instants, and ticks.

use std::iter;

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, TimeDelta, Utc};

/// A time axis from left to right.
#[derive(Clone, Copy)]
pub(crate) struct Axis {
    pub(crate) from: DateTime<Utc>,
    pub(crate) until: DateTime<Utc>,
    pub(crate) left: f64,
    pub(crate) right: f64,
}

/// The distance between ticks.
#[derive(Clone, Copy)]
enum Step {
    Days(u16),
    Months(u16),
}

/// From a day to a millennium.
const STEPS: [Step; 17] = [
    Step::Days(1),
    Step::Days(2),
    Step::Days(7),
    Step::Days(14),
    Step::Months(1),
    Step::Months(3),
    Step::Months(6),
    Step::Months(12),
    Step::Months(2 * 12),
    Step::Months(5 * 12),
    Step::Months(10 * 12),
    Step::Months(20 * 12),
    Step::Months(50 * 12),
    Step::Months(100 * 12),
    Step::Months(200 * 12),
    Step::Months(500 * 12),
    Step::Months(1000 * 12),
];

impl Axis {
    /// The least distance between ticks that keeps their labels apart.
    const ROOM: f64 = 84.0;

    pub(crate) fn x(&self, at: DateTime<Utc>) -> f64 {
        let share = seconds(at - self.from) / seconds(self.until - self.from);
        self.left + share.clamp(0.0, 1.0) * (self.right - self.left)
    }

    /// Returns the ticks with their labels.
    pub(crate) fn ticks(&self) -> Vec<(DateTime<Utc>, String)> {
        let most = (self.right - self.left) / Self::ROOM;
        let length = seconds(self.until - self.from);
        let [.., longest] = STEPS;
        let fits = |step: &Step| length / step.seconds() <= most;
        let step = STEPS.into_iter().find(fits).unwrap_or(longest);
        let ticks = iter::successors(step.first_after(self.from), |&tick| step.next(tick));
        ticks.take_while(|&tick| tick <= self.until).map(|tick| (tick, step.label(tick))).collect()
    }
}

#[expect(clippy::cast_precision_loss, reason = "coordinates are rounded to a tenth of a pixel")]
fn seconds(span: TimeDelta) -> f64 {
    span.num_seconds().max(1) as f64
}

impl Step {
    /// Returns the approximate length in seconds.
    fn seconds(self) -> f64 {
        match self {
            Self::Days(days) => f64::from(days) * 86_400.0,
            Self::Months(months) => f64::from(months) * 365.25 / 12.0 * 86_400.0,
        }
    }

    /// Returns the first tick after an instant: a multiple of the step, at a full day, Monday, month or year.
    fn first_after(self, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let mut tick = match self {
            Self::Days(_) => midnight(at.date_naive()),
            Self::Months(_) => midnight(at.date_naive().with_day(1)?),
        };
        while tick <= at || !self.divides(tick) {
            tick = match self {
                Self::Days(_) => tick + Days::new(1),
                Self::Months(_) => next_month(tick, 1)?,
            };
        }
        Some(tick)
    }

    fn divides(self, tick: DateTime<Utc>) -> bool {
        match self {
            // Day 1 of the common era was a Monday.
            Self::Days(days) => (tick.num_days_from_ce() - 1) % i32::from(days) == 0,
            Self::Months(months) => {
                let years = i32::from(months / 12).max(1);
                tick.month0().is_multiple_of(months.min(12).into()) && tick.year() % years == 0
            }
        }
    }

    fn next(self, tick: DateTime<Utc>) -> Option<DateTime<Utc>> {
        match self {
            Self::Days(days) => Some(tick + Days::new(days.into())),
            Self::Months(months) => next_month(tick, months),
        }
    }

    fn label(self, tick: DateTime<Utc>) -> String {
        match self {
            Self::Days(_) => tick.date_naive().to_string(),
            Self::Months(months) if months % 12 > 0 => tick.format("%Y-%m").to_string(),
            Self::Months(_) => tick.format("%Y").to_string(),
        }
    }
}

fn midnight(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::MIN).and_utc()
}

fn next_month(at: DateTime<Utc>, months: u16) -> Option<DateTime<Utc>> {
    at.checked_add_months(chrono::Months::new(months.into()))
}
