//! Facts and dates that a record states in the words of a case.

use csp_multichannel::{Fact, Facts, Set, Term, UnknownWord};
use serde::Deserialize;
use serde::de::Error;

use crate::note::{Note, NoteKind};
use crate::object::names;
use crate::record::read_case;
use crate::value::plain;

/// What a record states: in columns of a table, or in fields that people add to those of an API.
#[derive(Default)]
pub(crate) struct Stated {
    pub(crate) facts: Facts,
    pub(crate) term: Option<Term>,
    /// The facts that are stated in words that no fact has.
    pub(crate) unreadable: Set<Fact>,
    /// The name of the customer.
    pub(crate) customer: Option<String>,
    pub(crate) notes: Vec<Note>,
}

impl Stated {
    /// Reads one or more words of a fact; other text in place of a customer is its name.
    pub(crate) fn read(&mut self, fact: Fact, text: &str) -> Result<(), UnknownWord> {
        match words(fact, text) {
            Ok(facts) => self.facts = self.facts.replace(fact, facts),
            Err(error)
                if fact == Fact::Customer && !has_word(fact, text) && error.nearest().is_none() =>
            {
                self.customer = Some(text.into());
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Reads the words of a fact; a word that it does not have becomes a note.
    pub(crate) fn read_any(&mut self, fact: Fact, text: &str) {
        if let Err(error) = self.read(fact, text) {
            let note = Note::on(NoteKind::Undocumented, fact.as_str(), text);
            let nearest = error.nearest().map(Into::into);
            self.cannot_read(fact, Note { nearest, ..note });
        }
    }

    /// Reads the value of a field that has the name of a fact; an object is something else.
    pub(crate) fn read_json<E: Error>(&mut self, fact: Fact, value: &str) -> Result<(), E> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Words {
            One(String),
            Many(Vec<String>),
        }

        let known = self.facts.narrowed().union(self.unreadable);
        if known.contains(fact) || fact == Fact::Customer && self.customer.is_some() {
            return Err(E::duplicate_field(fact.as_str()));
        }
        match serde_json::from_str(value) {
            Ok(None) => {}
            Ok(Some(Words::One(text))) if text.trim().is_empty() => {}
            Ok(Some(Words::One(text))) => self.read_any(fact, &text),
            Ok(Some(Words::Many(texts))) if !texts.is_empty() => {
                self.read_any(fact, &texts.join(","));
            }
            Err(_) if value.starts_with('{') => {}
            // The number of a customer is its name.
            Err(_) if fact == Fact::Customer && value.starts_with(|c: char| c.is_ascii_digit()) => {
                self.customer = Some(value.into());
            }
            _ => {
                let note = Note::on(NoteKind::Undocumented, fact.as_str(), value);
                self.cannot_read(fact, note);
            }
        }
        Ok(())
    }

    /// Reads the dates of a case; an object with other fields is something else.
    pub(crate) fn read_term<E: Error>(&mut self, value: &str) -> Result<(), E> {
        if self.term.is_some() {
            return Err(E::duplicate_field("term"));
        }
        let of_case = ["purchased_at", "ends_on", "cancellable_until"];
        if names(value).iter().any(|name| of_case.contains(&name.as_str())) {
            let case = read_case(&format!(r#"{{"id":"","term":{value}}}"#), 1, 1);
            self.term = case.ok().and_then(|case| case.stated.term());
            if self.term.is_none() {
                let note = Note::on(NoteKind::UnusableDate, "term", value);
                let expected = Some("the dates of a case, with `ends_on` at least".into());
                self.cannot_read(Fact::TermPhase, Note { expected, ..note });
            }
        }
        Ok(())
    }

    fn cannot_read(&mut self, fact: Fact, note: Note) {
        self.notes.push(note);
        self.unreadable = self.unreadable.union(fact.into());
    }
}

/// Whether a text has a word of the fact among others.
fn has_word(fact: Fact, text: &str) -> bool {
    text.split(SEPARATORS).any(|word| words(fact, word.trim()).is_ok())
}

/// What can be between words.
const SEPARATORS: [char; 3] = [',', ';', '|'];

/// Reads one or more words of a fact, in any case and with any separators.
fn words(fact: Fact, cell: &str) -> Result<Facts, UnknownWord> {
    if let Ok(exact) = Facts::parse(fact, cell) {
        return Ok(exact);
    }
    let mut all = None;
    for word in cell.split(SEPARATORS).map(str::trim) {
        let spelled = fact.words().iter().find(|known| plain(known) == plain(word));
        let known = Facts::parse(fact, spelled.unwrap_or(&word))?;
        all = Some(all.map_or(known, |all: Facts| all.union(known)));
    }
    Ok(all.unwrap_or_default())
}
