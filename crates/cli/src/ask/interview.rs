//! What is known so far, what to ask next, and what a line means as an answer.

use std::io::Write;

use chrono::{DateTime, NaiveDate, Utc};
use csp_multichannel::{
    Action, Case, Decision, Edition, Fact, Facts, Service, Set, Subscription, Term, UnknownWord,
    parse_instant,
};
use csp_multichannel_guidance::{Question, Weights, questions};

use crate::text::{paragraph, words};

/// An interview about one subscription.
pub(crate) struct Interview {
    case: Case,
    edition: Edition<'static>,
    as_of: DateTime<Utc>,
    actions: Set<Action>,
    /// Facts that nobody knows.
    skipped: Set<Fact>,
    /// What was known before each answer.
    before: Vec<(Fact, Subscription, Set<Fact>)>,
}

/// What a line results in.
pub(crate) enum Reply {
    Nothing,
    /// A fact was answered, or an answer taken back; in words.
    Answered(String),
    /// Why the question is asked, and what follows from each answer; in words.
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

    /// The questions that are left, the next one first.
    pub(crate) fn questions(&self) -> Vec<Question> {
        let mut left = questions(&self.decision(), self.actions, &Weights::UNIFORM);
        left.retain(|question| !self.skipped.contains(question.fact));
        left
    }

    pub(crate) fn introduce(&self) {
        let text = format!(
            "What is allowed as of {}? Answer with a number or a word, or with ? if you do not know. \
             `back` takes the last answer back, `why` shows why a question is asked, `quit` ends.",
            self.as_of.date_naive()
        );
        eprintln!("{}", paragraph("", &text));
        let known = self.case.subscription.facts_at(self.as_of);
        if known != Facts::UNKNOWN {
            eprintln!("{}", paragraph("Known: ", &known.to_string()));
        }
    }

    /// Asks the next question, if there is one.
    pub(crate) fn ask(&self) {
        let questions = self.questions();
        let Some(question) = questions.first() else { return };
        eprintln!("\n{}", paragraph("", &question.text));
        for (number, answer) in question.answers.iter().enumerate() {
            let text = format!("{} [{}]", answer.meaning, answer.value);
            eprintln!("{}", paragraph(&format!("{:4}  ", number + 1), &text));
        }
        if question.fact == Fact::TermPhase {
            let dates = "its dates, which a plan needs: purchase and last day, such as 2026-01-10 2027-01-09";
            eprintln!("{}", paragraph("   or ", dates));
        }
        let left = match questions.len() - 1 {
            0 => "This is the last question.".into(),
            1 => "At most 1 more question after this one.".into(),
            more => format!("At most {more} more questions after this one."),
        };
        eprintln!("{left}");
        self.prompt();
    }

    pub(crate) fn prompt(&self) {
        if let Some(question) = self.questions().first() {
            eprint!("{}> ", question.fact);
            let _ = std::io::stderr().flush();
        }
    }

    /// Takes a line.
    pub(crate) fn reply(&mut self, line: &str) -> Result<Reply, String> {
        let line = line.split('#').next().unwrap_or_default().trim();
        let questions = self.questions();
        let asked = questions.first();
        match line {
            "" => return Ok(Reply::Nothing),
            "quit" => return Ok(Reply::Quit),
            "back" => return self.take_back(),
            "why" => return Ok(asked.map_or(Reply::Nothing, |question| Reply::Why(why(question)))),
            _ => {}
        }
        let (fact, answer) = match line.split_once(':') {
            // A time of day has colons as well.
            Some((name, answer))
                if !name.contains(' ') && !name.starts_with(|c: char| c.is_ascii_digit()) =>
            {
                let fact = if name == "term" { Ok(Fact::TermPhase) } else { name.parse() };
                (fact.map_err(|error: UnknownWord| error.to_string())?, answer.trim())
            }
            _ => {
                let asked = asked
                    .ok_or("nothing is left to ask, expected `fact: answer`, `back` or `quit`")?;
                (asked.fact, line)
            }
        };
        let (subscription, skipped) = if matches!(answer, "?" | "skip") {
            (self.case.subscription.without(fact), self.skipped.union(fact.into()))
        } else {
            let answered =
                self.answered(fact, answer, asked.filter(|question| question.fact == fact))?;
            (answered, self.skipped.difference(fact.into()))
        };
        self.before.push((fact, self.case.subscription, self.skipped));
        self.case.subscription = subscription;
        self.skipped = skipped;
        let known: Vec<_> = subscription.facts_at(self.as_of).possible_words(fact).collect();
        let known = if self.skipped.contains(fact) { "not known".into() } else { known.join(", ") };
        Ok(Reply::Answered(format!("    {fact}: {known}")))
    }

    fn take_back(&mut self) -> Result<Reply, String> {
        let (fact, subscription, skipped) =
            self.before.pop().ok_or("there is no answer to take back")?;
        self.case.subscription = subscription;
        self.skipped = skipped;
        Ok(Reply::Answered(format!("    {fact}: taken back")))
    }

    /// The subscription with the answer for a fact.
    fn answered(
        &self,
        fact: Fact,
        answer: &str,
        asked: Option<&Question>,
    ) -> Result<Subscription, String> {
        let subscription = self.case.subscription;
        if fact == Fact::TermPhase && answer.contains('-') {
            let services: Set<Service> = subscription.facts().possible();
            if services.is_subset(Service::USAGE_BASED) {
                return Err(format!("unexpected dates: `{services}` has no term, expected none"));
            }
            return Ok(subscription.with_term(term(answer)?));
        }
        let mut known: Option<Facts> = None;
        for word in answer.split(',').map(str::trim) {
            let value = match (word.parse::<usize>(), asked) {
                (Ok(number), Some(question)) => {
                    let answers = &question.answers;
                    let chosen = number.checked_sub(1).and_then(|place| answers.get(place));
                    let count = answers.len();
                    &*chosen
                        .ok_or_else(|| {
                            format!("`{number}` is not an answer, expected 1 to {count}")
                        })?
                        .value
                }
                _ => word,
            };
            let value = Facts::parse(fact, value).map_err(|error| error.to_string())?;
            known = Some(known.map_or(value, |known| known.union(value)));
        }
        Ok(known.map_or(subscription, |known| subscription.with(known)))
    }
}

/// The dates of a term: purchase, last day and, perhaps, until when it can be cancelled.
fn term(text: &str) -> Result<Term, String> {
    const EXPECTED: &str = "expected the purchase (or `?`), the last day and, if it is known, until when the \
        subscription can be cancelled (or `never`), such as `2026-01-10 2027-01-09`";
    let dates: Vec<&str> = text.split_whitespace().collect();
    let (purchase, last_day, until) = match dates[..] {
        [purchase, last_day] => (purchase, last_day, None),
        [purchase, last_day, until] => (purchase, last_day, Some(until)),
        _ => return Err(format!("`{text}` is not a term, {EXPECTED}")),
    };
    let day: NaiveDate = match parse_instant(last_day) {
        Ok(at) if last_day.len() == "2027-01-09".len() => at.date_naive(),
        _ => return Err(format!("the last day is `{last_day}`, {EXPECTED}")),
    };
    let instant = |text: &str| parse_instant(text).map_err(|error| error.to_string());
    let term = match purchase {
        "?" => Term::ending(day),
        _ => Term::new(instant(purchase)?, day).map_err(|error| error.to_string())?,
    };
    Ok(match until {
        None => term,
        Some("never") => term.never_cancellable(),
        Some(until) => term.cancellable_until(instant(until)?),
    })
}

/// Why a question is asked, and the verdicts that each answer leads to.
fn why(question: &Question) -> String {
    let mut text = paragraph("", &question.to_string());
    for answer in &question.answers {
        let verdicts =
            answer.verdicts.iter().filter(|(action, _)| question.possible.contains_key(action));
        let verdicts: Vec<_> =
            verdicts.map(|(action, &verdict)| format!("{action} {}", words(verdict))).collect();
        text.push('\n');
        text.push_str(&paragraph(&format!("    {:21} ", answer.value), &verdicts.join(", ")));
    }
    text
}
