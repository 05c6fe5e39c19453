//! One subscription of a portfolio, and one that was refused.

use std::fmt;
use std::rc::Rc;

use csp_multichannel::rest::{Origin, Remark};
use csp_multichannel::{Case, Fact, Facts};

/// A subscription with what is known of it.
#[derive(Clone)]
pub(crate) struct Entry {
    pub(crate) case: Case,
    /// Its name, for people.
    pub(crate) name: Option<String>,
    /// Whose it is, for people: cases are grouped by this.
    pub(crate) customer: Rc<str>,
    /// What is known at the instant asked about.
    pub(crate) facts: Facts,
    pub(crate) sources: Sources,
    /// What was noticed in mapping.
    pub(crate) remarks: Vec<Remark>,
}

impl Entry {
    /// The name, or else the id.
    pub(crate) fn title(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.case.id)
    }

    pub(crate) fn source(&self, fact: Fact) -> Source {
        let given = match &self.sources {
            Sources::Mapped(origins) => return Source::Mapped(origins[fact as usize]),
            Sources::Record { given } => *given,
        };
        let dated = fact != Fact::Term || self.case.subscription.term().is_some();
        match (is_narrowed(given, fact), is_narrowed(self.facts, fact)) {
            (_, false) => Source::Unknown,
            _ if !dated => Source::Follows,
            (true, true) => Source::Given,
            (false, true) => Source::Supplied,
        }
    }

    /// The values of a fact that are possible; none where all are.
    pub(crate) fn values(&self, fact: Fact) -> Option<String> {
        let possible = self.facts.possible(fact);
        (possible != fact.values()).then(|| possible.to_string())
    }
}

/// Whether something is known of a fact.
fn is_narrowed(facts: Facts, fact: Fact) -> bool {
    facts.possible(fact) != fact.values()
}

/// Where the facts of an entry come from.
#[derive(Clone)]
pub(crate) enum Sources {
    /// From a record of ours that gave some of them.
    Record { given: Facts },
    /// From Partner Center's resources.
    Mapped(Box<[Origin; Fact::ALL.len()]>),
}

/// Where a fact comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// From the record, as it is.
    Given,
    /// From the flags, or the file of facts.
    Supplied,
    /// From Partner Center's fields.
    Mapped(Origin),
    /// From the dates of the term, or from the service.
    Follows,
    Unknown,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Given => f.write_str("given"),
            Self::Supplied => f.write_str("supplied"),
            Self::Mapped(origin) => origin.fmt(f),
            Self::Follows => f.write_str("follows from the service"),
            Self::Unknown => f.write_str("unknown"),
        }
    }
}

/// What could not be decided, with where it stands and why.
#[derive(Clone, Debug)]
pub(crate) struct Refused {
    pub(crate) file: String,
    pub(crate) place: Place,
    pub(crate) id: Option<String>,
    pub(crate) error: String,
}

/// A place in a file, from 1.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Place {
    /// A line.
    Line(u64),
    /// A resource, counted over all pages in the file.
    Item(u64),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(number) => write!(f, "line {number}"),
            Self::Item(number) => write!(f, "item {number}"),
        }
    }
}

/// `page-1.json, item 17 (83ef9d05): …`
impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}", self.file, self.place)?;
        if let Some(id) = &self.id {
            write!(f, " ({id})")?;
        }
        write!(f, ": {}", self.error)
    }
}
