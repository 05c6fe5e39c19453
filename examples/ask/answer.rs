//! Lines as answers.

use core::fmt;

use chrono::NaiveDate;
use csp_multichannel::{
    Cancellation, Contradiction, Excerpt, Fact, InvalidInstant, Term, TermError, UnknownWord, Value, ValueSet,
    parse_instant,
};

use crate::input::NoText;

/// What a line says.
pub(crate) enum Said<'a> {
    /// It is blank, or a comment.
    Nothing,
    Back,
    Why,
    Quit,
    /// An answer, to the question asked or to another.
    Answer {
        to: Option<Fact>,
        text: &'a str,
    },
}

/// What an answer tells.
pub(crate) enum Answer {
    Value(Value),
    Dates(Term),
    Unknown,
}

/// A line that cannot be taken as it is.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Wrong {
    #[error(transparent)]
    NoText(#[from] NoText),
    #[error(transparent)]
    Fact(#[from] UnknownWord),
    #[error("`{given}` is no answer, expected {expected}")]
    Answer { given: Excerpt, expected: Expected },
    #[error("`{}` cannot be `{value}` with what is told, expected {expected}", .value.fact())]
    Impossible { value: Value, expected: Expected },
    #[error("`{}` is known, expected {expected}", .expected.fact)]
    Known { expected: Expected },
    #[error("with that, `{}` cannot be {:#} as told, only {:#}", .0.fact(), .0.given(), .0.possible())]
    Contradiction(#[from] Contradiction),
    #[error("nothing is left to ask, expected `fact: answer`, `back` or `quit`")]
    NothingAsked,
    #[error("nothing has been answered yet, expected an answer, `why` or `quit`")]
    NothingAnswered,
    #[error(transparent)]
    Dates(#[from] NoDates),
    #[error("the dates of the term are told, expected its phase, or `back`")]
    DatesTold,
    #[error("what is paid by use has no term, expected no dates")]
    NoTerm,
}

/// What is wrong with dates.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoDates {
    #[error(
        "`{0}` has not two dates or three, expected purchase, last day, and maybe from when on it cannot be cancelled"
    )]
    Count(Excerpt),
    #[error(transparent)]
    Purchase(#[from] InvalidInstant),
    #[error("`{0}` is no day, expected one such as `2027-01-09`")]
    LastDay(Excerpt),
    #[error("{0}, or `never`")]
    Cancellable(InvalidInstant),
    #[error(transparent)]
    Term(#[from] TermError),
}

/// What a question accepts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Expected {
    pub(crate) fact: Fact,
    pub(crate) possible: ValueSet,
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.possible.len() == 1 {
            return write!(f, "{:#}, `back`, `why` or `quit`", self.possible);
        }
        write!(f, "1 to {}, one of {:#}", self.possible.len(), self.possible)?;
        if self.fact == Fact::Term {
            f.write_str(", dates such as `2026-01-10 2027-01-09`")?;
        }
        f.write_str(", `?`, `back`, `why` or `quit`")
    }
}

/// What a line says, apart from what its answer means.
pub(crate) fn said(line: &str) -> Result<Said<'_>, Wrong> {
    let line = line.strip_prefix('\u{feff}').unwrap_or(line);
    let text = line.split_once('#').map_or(line, |(text, _)| text).trim();
    match text.to_ascii_lowercase().as_str() {
        "" => return Ok(Said::Nothing),
        "back" => return Ok(Said::Back),
        "why" => return Ok(Said::Why),
        "quit" => return Ok(Said::Quit),
        _ => {}
    }
    // An instant has colons too.
    let is_name = |name: &str| name.chars().all(|c| c.is_ascii_alphabetic() || c == '_');
    match text.split_once(':').map(|(name, text)| (name.trim(), text.trim())) {
        Some((name, text)) if is_name(name) => Ok(Said::Answer { to: Some(name.parse()?), text }),
        _ => Ok(Said::Answer { to: None, text }),
    }
}

impl Expected {
    /// What an answer tells.
    pub(crate) fn read(self, given: &str) -> Result<Answer, Wrong> {
        let word = given.to_ascii_lowercase();
        if matches!(word.as_str(), "?" | "skip") {
            return Ok(Answer::Unknown);
        }
        if let Some(value) = self.by_number(&word).or_else(|| self.by_word(&word)).or_else(|| self.by_meaning(&word)) {
            return Ok(Answer::Value(value));
        }
        if let Some(value) = self.fact.values().iter().find(|value| value.as_str() == word) {
            return Err(Wrong::Impossible { value, expected: self });
        }
        let is_date = word.starts_with(|c: char| c.is_ascii_digit()) && word.contains('-');
        if self.fact == Fact::Term && is_date {
            return Ok(Answer::Dates(dates(given)?));
        }
        Err(Wrong::Answer { given: Excerpt::of(given), expected: self })
    }

    fn by_number(self, word: &str) -> Option<Value> {
        let number: usize = word.parse().ok()?;
        self.possible.iter().nth(number.checked_sub(1)?)
    }

    fn by_word(self, word: &str) -> Option<Value> {
        self.possible.iter().find(|value| value.as_str() == word)
    }

    /// `yes` or `no`, where one answer begins so.
    fn by_meaning(self, word: &str) -> Option<Value> {
        let begins = |value: &Value| value.meaning().split([',', ' ']).next() == Some(word);
        let mut answers = self.possible.iter().filter(begins);
        let only = answers.next().filter(|_| matches!(word, "yes" | "no"))?;
        answers.next().is_none().then_some(only)
    }
}

/// The dates of a term: purchase, last day, and maybe from when on it cannot be cancelled.
fn dates(given: &str) -> Result<Term, NoDates> {
    let dates: Vec<&str> = given.split_whitespace().collect();
    let (purchased, ends, cancellation) = match dates[..] {
        [purchased, ends] => (purchased, ends, Cancellation::ByService),
        [purchased, ends, until] if until.eq_ignore_ascii_case("never") => (purchased, ends, Cancellation::Never),
        [purchased, ends, until] => {
            let until = parse_instant(until).map_err(NoDates::Cancellable)?;
            (purchased, ends, Cancellation::Until(until))
        }
        _ => return Err(NoDates::Count(Excerpt::of(given))),
    };
    Ok(Term::new(parse_instant(purchased)?, day(ends)?, cancellation)?)
}

/// A day in the one form that a record has for it.
fn day(text: &str) -> Result<NaiveDate, NoDates> {
    let instant = parse_instant(text).ok().filter(|_| text.len() == "2027-01-09".len());
    instant.map(|instant| instant.date_naive()).ok_or_else(|| NoDates::LastDay(Excerpt::of(text)))
}
