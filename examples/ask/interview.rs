//! The interview: what has been told, answer by answer, and what to ask next.

use chrono::{DateTime, Utc};
use csp_multichannel::guidance::{Question, Weights};
use csp_multichannel::{ActionSet, Case, Decision, Edition, Fact, Term, TermPhase};

use crate::answer::{Answer, Expected, Said, Wrong, said};
use crate::told::Told;

pub(crate) struct Interview {
    id: String,
    edition: Edition<'static>,
    as_of: DateTime<Utc>,
    actions: ActionSet,
    /// What was known before the first answer.
    start: Told,
    turns: Vec<Turn>,
}

/// An answer, and all that is told with it.
struct Turn {
    fact: Fact,
    told: Told,
}

/// What comes of a line.
pub(crate) enum Reply {
    /// The line is blank, or a comment.
    Nothing,
    /// A fact was told, or that it is not known.
    Told(Fact),
    TakenBack(Fact),
    /// What each answer to the question leads to.
    Why(Question),
    Quit,
}

impl Interview {
    pub(crate) fn of(case: &Case, edition: Edition<'static>, as_of: DateTime<Utc>, actions: ActionSet) -> Self {
        Self { id: case.id.clone(), edition, as_of, actions, start: Told::of(case, as_of), turns: Vec::new() }
    }

    pub(crate) const fn as_of(&self) -> DateTime<Utc> {
        self.as_of
    }

    pub(crate) const fn actions(&self) -> ActionSet {
        self.actions
    }

    /// What is told by now.
    pub(crate) fn told(&self) -> &Told {
        self.turns.last().map_or(&self.start, |turn| &turn.told)
    }

    pub(crate) fn case(&self) -> Case {
        self.told().case(&self.id)
    }

    /// The phase of the term, where it was told and the record does not tell it.
    pub(crate) fn phase_beside_record(&self) -> Option<TermPhase> {
        self.told().phase_beside_record(self.as_of)
    }

    pub(crate) fn decision(&self) -> Decision<'static> {
        self.edition.decide(self.told().facts())
    }

    /// All on which verdicts turn, skipped or not.
    pub(crate) fn questions(&self) -> Vec<Question> {
        self.decision().questions(self.actions, &Weights::EVEN)
    }

    /// The questions that may still be asked, the next one first.
    ///
    /// None is asked twice, so that there are never more than these. Dates answer for the term, too: where they leave the phase open and
    /// it matters, the service tells it.
    pub(crate) fn to_ask(&self) -> Vec<Question> {
        let told = self.told();
        let mut questions = self.questions();
        questions.retain(|question| {
            let dated = question.fact() == Fact::Term && told.term().is_some();
            !told.skipped().contains(question.fact()) && !dated
        });
        questions
    }

    /// Takes a line; where it is wrong, nothing changes.
    pub(crate) fn reply(&mut self, line: &str) -> Result<Reply, Wrong> {
        match said(line)? {
            Said::Nothing => Ok(Reply::Nothing),
            Said::Quit => Ok(Reply::Quit),
            Said::Back => self.turns.pop().map(|turn| Reply::TakenBack(turn.fact)).ok_or(Wrong::NothingAnswered),
            Said::Why => self.next().map(Reply::Why),
            Said::Answer { to: Some(fact), text } => self.answer(fact, text),
            Said::Answer { to: None, text } => self.answer(self.next()?.fact(), text),
        }
    }

    fn next(&self) -> Result<Question, Wrong> {
        self.to_ask().into_iter().next().ok_or(Wrong::NothingAsked)
    }

    fn answer(&mut self, fact: Fact, text: &str) -> Result<Reply, Wrong> {
        let told = *self.told();
        let expected = Expected { fact, possible: told.facts().possible(fact) };
        let told = match expected.read(text)? {
            Answer::Value(value) => told.with_value(value, self.as_of)?,
            Answer::Dates(term) => self.with_term(told, term)?,
            Answer::Unknown if expected.possible.len() == 1 => return Err(Wrong::Known { expected }),
            Answer::Unknown => told.without(fact),
        };
        self.turns.push(Turn { fact, told });
        Ok(Reply::Told(fact))
    }

    fn with_term(&self, told: Told, term: Term) -> Result<Told, Wrong> {
        if told.facts().known() == Some(TermPhase::None) {
            return Err(Wrong::NoTerm);
        }
        if told.term().is_some_and(|other| other != term) {
            return Err(Wrong::DatesTold);
        }
        Ok(told.with_term(term, self.as_of)?)
    }
}
