//! What a record may hold, and what is wrong with one.

use core::fmt;
use std::string::String;

use crate::records::{TermError, UsageHasNoTerm};
use crate::vocabulary::{
    Channel, Cloud, Customer, Excerpt, Market, OneOf, Partner, Relationship, Service, Set, Status, words,
};

words! {
    /// The records that a case is read from.
    #[non_exhaustive]
    pub enum RecordKind, record {
        /// A [`Case`](crate::Case).
        Case = case,
        /// A [`Subscription`](crate::Subscription).
        Subscription = subscription,
        /// An [`Engagement`](crate::Engagement).
        Engagement = engagement,
        /// A [`Term`](crate::Term).
        Term = term,
    }
}

words! {
    /// The fields of these records.
    #[non_exhaustive]
    pub enum Field, field {
        /// The caller's id.
        Id = id,
        /// See [`Channel`].
        Channel = channel,
        /// See [`Service`].
        Service = service,
        /// See [`Cloud`].
        Cloud = cloud,
        /// See [`Partner`].
        Partner = partner,
        /// See [`Relationship`].
        Relationship = relationship,
        /// See [`Customer`].
        Customer = customer,
        /// See [`Market`].
        Market = market,
        /// See [`AutoRenew`](crate::AutoRenew).
        AutoRenew = auto_renew,
        /// See [`Status`].
        Status = status,
        /// See [`Transfer`](crate::Transfer).
        TransferPending = transfer_pending,
        /// See [`Term`](crate::Term).
        Term = term,
        /// See [`Term`](crate::Term).
        PurchasedAt = purchased_at,
        /// See [`Term`](crate::Term).
        EndsOn = ends_on,
        /// See [`Cancellation`](crate::Cancellation).
        CancellableUntil = cancellable_until,
    }
}

impl RecordKind {
    /// The fields that it may have.
    #[must_use]
    pub const fn fields(self) -> Set<Field> {
        const ALL: u64 = (1 << Field::ALL.len()) - 1;
        const ID: u64 = 1 << Field::Id as u8;
        const TERM: u64 = 1 << Field::PurchasedAt as u8 | 1 << Field::EndsOn as u8 | 1 << Field::CancellableUntil as u8;
        const ENGAGEMENT: u64 = 1 << Field::Partner as u8
            | 1 << Field::Relationship as u8
            | 1 << Field::Customer as u8
            | 1 << Field::Market as u8;
        Set::from_bits(match self {
            Self::Case => ALL & !TERM,
            Self::Subscription => ALL & !TERM & !ENGAGEMENT & !ID,
            Self::Engagement => ENGAGEMENT,
            Self::Term => TERM,
        })
    }

    const fn article(self) -> &'static str {
        if matches!(self, Self::Engagement) { "an" } else { "a" }
    }
}

impl Field {
    /// What it may hold.
    #[must_use]
    pub const fn expected(self) -> Expected {
        match self {
            Self::Id => Expected::Text,
            Self::Channel => Expected::OneOf(Channel::WORDS),
            Self::Service => Expected::OneOf(Service::WORDS),
            Self::Cloud => Expected::OneOf(Cloud::WORDS),
            Self::Partner => Expected::OneOf(Partner::WORDS),
            Self::Relationship => Expected::OneOf(Relationship::WORDS),
            Self::Customer => Expected::OneOf(Customer::WORDS),
            Self::Market => Expected::OneOf(Market::WORDS),
            Self::Status => Expected::OneOf(Status::WORDS),
            Self::AutoRenew | Self::TransferPending => Expected::Flag,
            Self::Term => Expected::Object,
            Self::PurchasedAt => Expected::Instant,
            Self::EndsOn => Expected::Day,
            Self::CancellableUntil => Expected::InstantOrNull,
        }
    }
}

/// What a field may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Expected {
    /// A string.
    Text,
    /// `true` or `false`.
    Flag,
    /// A whole number, not negative.
    Count,
    /// One of some words.
    OneOf(&'static [&'static str]),
    /// A day, `YYYY-MM-DD`.
    Day,
    /// An RFC 3339 instant of the years 0 to 9999.
    Instant,
    /// The same, or `null`.
    InstantOrNull,
    /// An object.
    Object,
    /// A list of objects.
    List,
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OneOf(words) => return OneOf(words).fmt(f),
            Self::Text => "a string",
            Self::Flag => "`true` or `false`",
            Self::Count => "a whole number",
            Self::Day => "a day such as `2018-09-15`",
            Self::Instant => "an RFC 3339 instant such as `2018-09-15T12:30:00Z`",
            Self::InstantOrNull => "an RFC 3339 instant such as `2018-09-15T12:30:00Z`, or `null`",
            Self::Object => "an object",
            Self::List => "a list of objects",
        })
    }
}

/// What is wrong with the record of a case; the first thing, where there are several.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// The record itself is no object.
    #[error("expected {} {record} as an object, found {found}", .record.article())]
    NoObject {
        /// The record.
        record: RecordKind,
        /// What stands in its place, as in JSON.
        found: Excerpt,
    },
    /// A value of the wrong type, a word that is none of those accepted, a malformed date.
    #[error("`{field}` is {found}, expected {}", .field.expected())]
    Value {
        /// The field.
        field: Field,
        /// What it holds, as in JSON.
        found: Excerpt,
    },
    /// A field that the record does not have.
    #[error("{} {record} has no field `{given}`, expected one of {:#}", .record.article(), .record.fields())]
    UnknownField {
        /// The record.
        record: RecordKind,
        /// The field.
        given: Excerpt,
    },
    /// A field that was given twice.
    #[error("`{field}` is given twice, expected at most once")]
    RepeatedField {
        /// The field.
        field: Field,
    },
    /// A field that is required.
    #[error("`{field}` is missing, expected {}", .field.expected())]
    MissingField {
        /// The field.
        field: Field,
    },
    /// The dates are no term.
    #[error(transparent)]
    Term(#[from] TermError),
    /// A usage-based service with a term.
    #[error(transparent)]
    UsageHasNoTerm(#[from] UsageHasNoTerm),
}

/// A case that was refused, with its id where one could be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the case was refused")]
pub struct Refused<E> {
    /// The id of the case.
    pub id: Option<String>,
    /// What is wrong.
    #[source]
    pub reason: Refusal<E>,
}

/// Why a case was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal<E> {
    /// It is no record of a case.
    #[error(transparent)]
    Record(RecordError),
    /// The format's own error: it is no JSON, say.
    #[error(transparent)]
    Format(E),
}
