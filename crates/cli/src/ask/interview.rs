//! The state of an interview: known facts, remaining questions, and parsing of answers.

use std::io::Write;

use chrono::{DateTime, NaiveDate, Utc};
use csp_multichannel::{
    Action, Case, Decision, Edition, Fact, Facts, Service, Set, Subscription, Term, UnknownWord,
    Verdict, parse_instant,
};
use csp_multichannel_guidance::{Question, Weights, questions};

use crate::text::{announce, instant, paragraph};

/// An interview about one subscription.
pub(crate) struct Interview {
    case: Case,
    edition: Edition<'static>,
    as_of: DateTime<Utc>,
    actions: Set<Action>,
    /// Facts answered as unknown.
    skipped: Set<Fact>,
    /// The state before each answer.
    before: Vec<(Fact, Subscription, Set<Fact>)>,
}

/// The result of a line.
pub(crate) enum Reply {
    Nothing,
    /// An answer was given or undone, as text.
    Answered(String),
    /// The explanation of the question, as text.
    Why(String),
    Quit,
}

impl Interview {
    pub(crate) const fn new(
        case: Case,
        edition: Edition<'static>,
        as_of: DateTime<Utc>,
        actions: Set<Action>,
    ) -> Self {
        Self { case, edition, as_of, actions, skipped: Set::EMPTY, before: Vec::new() }
    }

    pub(crate) fn case(&self) -> Case {
        self.case.clone()
    }

    pub(crate) const fn as_of(&self) -> DateTime<Utc> {
        self.as_of
    }

    pub(crate) fn decision(&self) -> Decision<'static> {
        self.edition.decide(self.case.subscription.facts_at(self.as_of))
    }

    /// Returns the remaining questions, the next one first.
    pub(crate) fn questions(&self) -> Vec<Question> {
        let mut left = questions(&self.decision(), self.actions, &Weights::UNIFORM);
        left.retain(|question| !self.skipped.contains(question.fact));
        left
    }

    pub(crate) fn introduce(&self) {
        let text = format!(
            "What is allowed as of {}? Answer with a number or a word, or with `?` for unknown. \
             `back` undoes the last answer, `why` explains the question, `quit` ends the interview.",
            instant(self.as_of)
        );
        announce(paragraph("", &text));
        let known = self.case.subscription.facts_at(self.as_of);
        if known != Facts::UNKNOWN {
            announce(paragraph("Known: ", &known.to_string()));
        }
    }

    /// Asks the next question, if there is one.
    pub(crate) fn ask(&self) {
        let questions = self.questions();
        let Some(question) = questions.first() else { return };
        announce(format_args!("\n{}", paragraph("", &question.text)));
        for (number, answer) in question.answers.iter().enumerate() {
            let text = format!("{} [{}]", answer.meaning, answer.value);
            announce(paragraph(&format!("{:4}  ", number + 1), &text));
        }
        if question.fact == Fact::TermPhase {
            let dates = "the dates of the term, for plans: purchase and last day, such as 2026-01-10 2027-01-09";
            announce(paragraph("   or ", dates));
        }
        let left: String = match questions.len() - 1 {
            0 => "This is the last question.".into(),
            1 => "At most 1 more question after this one.".into(),
            more => format!("At most {more} more questions after this one."),
        };
        announce(paragraph("", &left));
        self.prompt();
    }

    pub(crate) fn prompt(&self) {
        if let Some(question) = self.questions().first() {
            let mut terminal = std::io::stderr();
            let _ = write!(terminal, "{}> ", question.fact).and_then(|()| terminal.flush());
        }
    }

    /// Processes a line.
    pub(crate) fn reply(&mut self, line: &str) -> Result<Reply, String> {
        // Words are lower case; dates are read in any case.
        let line = line.split('#').next().unwrap_or_default().trim().to_lowercase();
        let questions = self.questions();
        let asked = questions.first();
        match line.as_str() {
            "" => return Ok(Reply::Nothing),
            "quit" | "exit" => return Ok(Reply::Quit),
            "back" => return self.take_back(),
            "why" | "help" => {
                return Ok(asked.map_or(Reply::Nothing, |question| Reply::Why(why(question))));
            }
            _ => {}
        }
        let named = line.split_once(':').map(|(name, answer)| (name.trim(), answer.trim()));
        // A time of day also has colons.
        let named = named.filter(|(name, _)| !name.starts_with(|c: char| c.is_ascii_digit()));
        let dates = named.filter(|(name, _)| *name == "term").map(|(_, dates)| dates);
        let (fact, answer) = match (named, asked) {
            (Some((_, answer)), _) if dates.is_some() => (Fact::TermPhase, answer),
            (Some((name, answer)), _) => {
                (name.parse().map_err(|error: UnknownWord| error.to_string())?, answer)
            }
            (None, Some(question)) => (question.fact, line.as_str()),
            (None, None) => {
                return Err("no question is left, expected `FACT: ANSWER`, `back` or `quit`".into());
            }
        };
        let (subscription, skipped) = if matches!(answer, "?" | "skip") {
            // A question that is not answered leaves what is known, such as dates or several values.
            let subscription = self.case.subscription;
            let left = if named.is_some() { subscription.without(fact) } else { subscription };
            (left, self.skipped.union(fact.into()))
        } else if dates.is_some() || fact == Fact::TermPhase && answer.contains('-') {
            (self.dated(answer)?, self.skipped.difference(fact.into()))
        } else {
            let asked = asked.filter(|question| question.fact == fact);
            let known = values(fact, answer, asked)?;
            (self.case.subscription.with(known), self.skipped.difference(fact.into()))
        };
        let is_dropped = has_dates(self.case.subscription) && !has_dates(subscription);
        if is_dropped && !skipped.contains(fact) {
            let first = "expected `term: ?` first to remove them";
            return Err(format!("`{fact}: {answer}` contradicts the dates of the term, {first}"));
        }
        self.before.push((fact, self.case.subscription, self.skipped));
        self.case.subscription = subscription;
        self.skipped = skipped;
        let known: Vec<_> = subscription.facts_at(self.as_of).possible_words(fact).collect();
        let known = if self.skipped.contains(fact) { "unknown".into() } else { known.join(", ") };
        Ok(Reply::Answered(format!("    {fact}: {known}")))
    }

    fn take_back(&mut self) -> Result<Reply, String> {
        let (fact, subscription, skipped) =
            self.before.pop().ok_or("there is no answer to undo")?;
        self.case.subscription = subscription;
        self.skipped = skipped;
        Ok(Reply::Answered(format!("    {fact}: answer undone")))
    }

    /// Returns the subscription with the dates of its term.
    fn dated(&self, answer: &str) -> Result<Subscription, String> {
        let subscription = self.case.subscription;
        let services: Set<Service> = subscription.facts().possible();
        if services.is_subset(Service::USAGE_BASED) {
            return Err(format!("unexpected dates: `{services}` has no term, expected none"));
        }
        Ok(subscription.with_term(term(answer)?))
    }
}

/// Whether the subscription has relevant dates: usage-based services have no term.
fn has_dates(subscription: Subscription) -> bool {
    let services: Set<Service> = subscription.facts().possible();
    subscription.term().is_some() && !services.is_subset(Service::USAGE_BASED)
}

/// Parses an answer, as words or as numbers of the current question, into the possible values of a
/// fact.
fn values(fact: Fact, answer: &str, asked: Option<&Question>) -> Result<Facts, String> {
    let mut known: Option<Facts> = None;
    for word in answer.split(',').map(str::trim) {
        let value = match (word.parse::<usize>(), asked) {
            (Ok(number), Some(question)) => {
                let answers = &question.answers;
                let chosen = number.checked_sub(1).and_then(|place| answers.get(place));
                let count = answers.len();
                let wrong = || format!("invalid answer `{number}`, expected 1 to {count}");
                &*chosen.ok_or_else(wrong)?.value
            }
            _ => word,
        };
        let value = Facts::parse(fact, value).map_err(|error| {
            let other =
                "; also `?`, `why`, `back`, `quit`, and dates as `term: 2026-01-10 2027-01-09`";
            format!("{error}{}", if asked.is_some() { other } else { "" })
        })?;
        known = Some(known.map_or(value, |known| known.union(value)));
    }
    known.ok_or_else(|| format!("no answer for `{fact}`"))
}

/// Parses the dates of a term: purchase, last day and, optionally, the end of cancellation.
fn term(text: &str) -> Result<Term, String> {
    const EXPECTED: &str = "expected the purchase (or `?`), the last day and, optionally, the end of the \
        cancellation window (or `never`), such as `2026-01-10 2027-01-09`";
    let dates: Vec<&str> = text.split_whitespace().collect();
    let (purchase, last_day, until) = match dates[..] {
        [purchase, last_day] => (purchase, last_day, None),
        [purchase, last_day, until] => (purchase, last_day, Some(until)),
        _ => return Err(format!("invalid dates `{text}`, {EXPECTED}")),
    };
    let day: NaiveDate = match parse_instant(last_day) {
        Ok(at) if last_day.len() == "2027-01-09".len() => at.date_naive(),
        _ => {
            return Err(format!(
                "invalid last day `{last_day}`, expected a day such as `2027-01-09`"
            ));
        }
    };
    let instant = |text: &str| parse_instant(text).map_err(|error| error.to_string());
    let term = match purchase {
        "?" => Term::ending(day),
        _ => Term::new(instant(purchase)?, day).map_err(|_| {
            format!("the last day `{last_day}` is before the purchase, expected the same day or a later one")
        })?,
    };
    Ok(match until {
        None => term,
        Some("never") => term.never_cancellable(),
        Some(until) => term.cancellable_until(instant(until)?),
    })
}

/// Explains a question: why it is asked, and the verdicts that follow from each answer.
fn why(question: &Question) -> String {
    let mut text = paragraph("", &question.to_string());
    for answer in &question.answers {
        let verdicts = answer.verdicts.iter();
        let of_question = verdicts.filter(|(action, _)| question.possible.contains_key(action));
        let settled: Vec<String> = of_question
            .filter(|&(_, &verdict)| verdict != Verdict::Undetermined)
            .map(|(action, verdict)| format!("{action} {verdict}"))
            .collect();
        let open = question.possible.len() - settled.len();
        let open = (open > 0).then(|| format!("{open} undetermined"));
        let all: Vec<String> = settled.into_iter().chain(open).collect();
        text.push('\n');
        text.push_str(&paragraph("    ", &format!("{}: {}", answer.value, all.join(", "))));
    }
    text
}
