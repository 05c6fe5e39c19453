//! What is wrong with rules that make no rulebook: all of it at once.

use core::fmt;
use std::borrow::Cow;
use std::string::String;
use std::vec::Vec;

use chrono::NaiveDate;

use super::Index;
use crate::vocabulary::{Excerpt, OneOf};

/// Rules that make no rulebook, with everything that is wrong with them.
///
/// `Display` writes a line a problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RulebookError {
    problems: Vec<Problem>,
}

impl RulebookError {
    pub(crate) const fn new(problems: Vec<Problem>) -> Self {
        Self { problems }
    }

    /// What is wrong, in the order in which it was found; never empty.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }
}

impl fmt::Display for RulebookError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, problem) in self.problems.iter().enumerate() {
            write!(f, "{}{problem}", if at == 0 { "" } else { "\n" })?;
        }
        Ok(())
    }
}

impl core::error::Error for RulebookError {}

/// Something that is wrong, with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    place: Place,
    id: Option<Excerpt>,
    kind: ProblemKind,
}

impl Problem {
    pub(crate) const fn new(place: Place, kind: ProblemKind) -> Self {
        Self { place, id: None, kind }
    }

    /// With the id of the rule in which it is.
    pub(crate) fn of(self, id: &str) -> Self {
        Self { id: Some(Excerpt::of(id)), ..self }
    }

    /// Where it is.
    #[must_use]
    pub const fn place(&self) -> &Place {
        &self.place
    }

    /// The id of the rule in which it is, where it has one.
    #[must_use]
    pub const fn id(&self) -> Option<&Excerpt> {
        self.id.as_ref()
    }

    /// What it is.
    #[must_use]
    pub const fn kind(&self) -> &ProblemKind {
        &self.kind
    }
}

/// Writes ``rules[3].when.channel (`open-needs-a-letter`): expected one of …, found "opne"; …``.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { place, id, kind } = self;
        match (place.is_whole(), id) {
            (true, _) => {}
            (false, Some(id)) => write!(f, "{place} (`{id}`): ")?,
            (false, None) => write!(f, "{place}: ")?,
        }
        kind.fmt(f)
    }
}

/// Where something stands in the data of a rulebook: a path of fields and positions.
///
/// `Display` writes it as `rules[3].when.channel[0]`, with positions from 0.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Place {
    path: Vec<Segment>,
}

/// A step into data.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Segment {
    /// The field of this name.
    Field(Cow<'static, str>),
    /// The item at this position of a list, from 0.
    Item(usize),
}

impl Place {
    /// The whole of the data.
    #[must_use]
    pub const fn whole() -> Self {
        Self { path: Vec::new() }
    }

    /// Whether it is the whole of the data.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.path.is_empty()
    }

    /// The rule at a position.
    pub(crate) fn rule(position: usize) -> Self {
        Self::whole().field("rules").item(position)
    }

    /// A field of it.
    pub(crate) fn field(&self, name: impl Into<Cow<'static, str>>) -> Self {
        self.with(Segment::Field(name.into()))
    }

    /// An item of it.
    pub(crate) fn item(&self, position: usize) -> Self {
        self.with(Segment::Item(position))
    }

    fn with(&self, segment: Segment) -> Self {
        Self { path: self.path.iter().cloned().chain([segment]).collect() }
    }

    /// The way there.
    #[must_use]
    pub fn path(&self) -> &[Segment] {
        &self.path
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, segment) in self.path.iter().enumerate() {
            match segment {
                Segment::Field(name) => write!(f, "{}{}", if at == 0 { "" } else { "." }, Excerpt::of(name))?,
                Segment::Item(position) => write!(f, "[{position}]")?,
            }
        }
        Ok(())
    }
}

/// What can be wrong with a rulebook.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProblemKind {
    /// There are no rules, or too many to number.
    #[error("{rules} rules, expected 1 to 4294967295")]
    NumberOfRules {
        /// How many there are.
        rules: usize,
    },
    /// An id or the name of a requirement that could not be told apart in a report.
    #[error("`{given}` is no {of}, expected 1 to 64 of the ASCII letters, digits, `-`, `_` and `.`")]
    MalformedName {
        /// What it names: `id` or `requirement`.
        of: &'static str,
        /// The name.
        given: Excerpt,
    },
    /// A control character in text that is written out, to a terminal among others.
    #[error("{found:?} holds a control character, expected text in one line")]
    ControlCharacter {
        /// The text.
        found: Excerpt,
    },
    /// Two rules have the same id.
    #[error("the id `{id}` is given twice, expected each once")]
    RepeatedId {
        /// The id.
        id: Excerpt,
    },
    /// A rule is never in force.
    #[error("in force from {from} until {until}, expected a later end")]
    EndsBeforeItBegins {
        /// Its first day.
        from: NaiveDate,
        /// The first day on which it is no longer in force.
        until: NaiveDate,
    },
    /// A rule speaks of no action.
    #[error("the rule speaks of no action, expected at least one")]
    NoActions,
    /// A rule's condition leaves a fact without a value, or has a term on a usage-based service, or none on another.
    #[error("the rule never fires, expected a condition that some case can meet")]
    NeverFires,
    /// A rule that requires does not name what, or another does.
    #[error("expected a requirement with the effect `require`, and only there")]
    Requirement,
    /// More rules are in force at once than an index can hold.
    #[error("{in_force} rules are in force on {day}, expected at most {}", Index::CAPACITY)]
    TooManyInForce {
        /// The first such day.
        day: NaiveDate,
        /// How many are in force.
        in_force: usize,
    },
    /// A value of the wrong type, or a word that is none of those accepted.
    #[error("expected {expected}, found {found}{}", Meant(*.meant))]
    Value {
        /// What stands there, as in JSON.
        found: Excerpt,
        /// What would have been accepted.
        expected: Accepted,
        /// The word that was probably meant.
        meant: Option<&'static str>,
    },
    /// A field that there is not.
    #[error("there is no field `{given}` here, expected {}{}", OneOf(.accepted), Meant(*.meant))]
    UnknownField {
        /// The field.
        given: Excerpt,
        /// Those that there are.
        accepted: &'static [&'static str],
        /// The one that was probably meant.
        meant: Option<&'static str>,
    },
    /// A field that was given twice.
    #[error("given twice, expected at most once")]
    RepeatedField,
    /// A field that is required.
    #[error("`{field}` is missing, expected {expected}")]
    MissingField {
        /// The field.
        field: &'static str,
        /// What would have been accepted.
        expected: Accepted,
    },
    /// A rule of the base is replaced or withdrawn, where there is no base.
    #[error("there is nothing to replace or withdraw from, expected a `base`")]
    NoBase,
    /// There is no such rule to replace or withdraw.
    #[error("there is no rule `{id}` to replace or withdraw{}", Meant(.meant.as_deref()))]
    UnknownRule {
        /// The id.
        id: Excerpt,
        /// The id that was probably meant.
        meant: Option<String>,
    },
    /// A rule is replaced or withdrawn when it is no longer in force.
    #[error("`{id}` ends on {until} by itself, expected an earlier day than {from} to replace or withdraw it")]
    EndsAnyway {
        /// The id.
        id: Excerpt,
        /// The first day on which it is no longer in force.
        until: NaiveDate,
        /// The day from which it was to be withdrawn.
        from: NaiveDate,
    },
}

/// What the data of a rulebook may hold in a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Accepted {
    /// A string.
    Text,
    /// A day, `YYYY-MM-DD`.
    Day,
    /// A word, of these.
    Word(&'static [&'static str]),
    /// A list of words, of these.
    Words(&'static [&'static str]),
    /// A list of strings.
    Texts,
    /// An object.
    Object,
    /// A list of objects.
    Objects,
}

impl fmt::Display for Accepted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Word(words) => return OneOf(words).fmt(f),
            Self::Words(words) => return write!(f, "a list with {}", OneOf(words)),
            Self::Text => "a string",
            Self::Day => "a day such as `2018-09-15`",
            Self::Texts => "a list of strings",
            Self::Object => "an object",
            Self::Objects => "a list of objects",
        })
    }
}

/// Writes ``; `open` is probably meant``, or nothing.
struct Meant<'m>(Option<&'m str>);

impl fmt::Display for Meant<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |meant| write!(f, "; `{meant}` is probably meant"))
    }
}
