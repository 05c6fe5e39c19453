//! What is said in a terminal, on standard error, so that standard output has the result alone.

use std::io::{self, Write};

use csp_multichannel::Fact;
use csp_multichannel::guidance::Question;

use crate::answer::Wrong;
use crate::interview::{Interview, Reply};
use crate::report::{fact_as_told, label, told};
use crate::text::{NARROW, wrapped};

pub(crate) struct Dialogue {
    in_terminal: bool,
}

const HELP: &str = "Answer with the number, or with the word in brackets; with `?` what you do not know. `back` takes the last answer \
    back, `why` tells what each answer leads to, `quit` ends.";

const DATES: &str = "its dates, such as 2026-01-10 2027-01-09, which a plan needs: purchase, last day and, if you know it, from when on \
    it cannot be cancelled (a day, an instant, or never)";

impl Dialogue {
    /// Where the answers come from no terminal, only what they ask for is said.
    pub(crate) const fn of(in_terminal: bool) -> Self {
        Self { in_terminal }
    }

    pub(crate) const fn in_terminal(&self) -> bool {
        self.in_terminal
    }

    pub(crate) fn begin(&self, interview: &Interview) -> io::Result<()> {
        if !self.in_terminal || interview.to_ask().is_empty() {
            return Ok(());
        }
        say("", &format!("Which ways are open as of {:?}?", interview.as_of()))?;
        say("", HELP)?;
        told(interview, NARROW).try_for_each(|line| writeln!(io::stderr(), "{line}"))?;
        ask(interview)
    }

    /// Says what came of a line, and asks the next question.
    pub(crate) fn reply(&self, interview: &Interview, reply: &Reply) -> io::Result<()> {
        if let Reply::Why(question) = reply {
            explain(question)?;
        }
        if !self.in_terminal {
            return Ok(());
        }
        match reply {
            Reply::Told(fact) => {
                writeln!(io::stderr(), "{}", fact_as_told(interview, *fact, NARROW).unwrap_or_default())?;
                ask(interview)
            }
            Reply::TakenBack(fact) => {
                say(&label(*fact), "taken back")?;
                ask(interview)
            }
            Reply::Nothing | Reply::Why(_) | Reply::Quit => prompt(interview),
        }
    }

    /// Leaves the line of the prompt, on which nothing was entered.
    pub(crate) fn break_off(&self) -> io::Result<()> {
        if self.in_terminal { writeln!(io::stderr()) } else { Ok(()) }
    }
}

/// Says what is wrong with a line, and waits for another.
pub(crate) fn refuse(interview: &Interview, wrong: &Wrong) -> io::Result<()> {
    say("    ", &wrong.to_string())?;
    prompt(interview)
}

/// Says something behind a label; further lines stand below it.
fn say(label: &str, text: &str) -> io::Result<()> {
    writeln!(io::stderr(), "{}", wrapped(label, label.chars().count(), text, NARROW))
}

fn ask(interview: &Interview) -> io::Result<()> {
    let questions = interview.to_ask();
    writeln!(io::stderr())?;
    let Some(question) = questions.first() else {
        say("", "Nothing is left to ask. Press Enter for the result, or take an answer `back`.")?;
        return prompt(interview);
    };
    say("", question.text())?;
    for (at, answer) in question.answers().iter().enumerate() {
        say(&format!("{:4}  ", at + 1), &format!("{} [{}]", answer.value().meaning(), answer.value()))?;
    }
    if question.fact() == Fact::Term {
        say("   or ", DATES)?;
    }
    match questions.len() - 1 {
        0 => say("", "This is the last question."),
        1 => say("", "At most 1 question after this one."),
        more => say("", &format!("At most {more} questions after this one.")),
    }?;
    prompt(interview)
}

fn prompt(interview: &Interview) -> io::Result<()> {
    let questions = interview.to_ask();
    let asked = questions.first().map_or("done", |question| question.fact().as_str());
    let mut dialogue = io::stderr();
    write!(dialogue, "{asked}> ")?;
    dialogue.flush()
}

/// What each answer leads to.
fn explain(question: &Question) -> io::Result<()> {
    for line in question.to_string().lines() {
        let (label, text) = line.strip_prefix("    ").map_or(("", line), |answer| ("    ", answer));
        writeln!(io::stderr(), "{}", wrapped(label, label.len() + 2, text, NARROW))?;
    }
    Ok(())
}
