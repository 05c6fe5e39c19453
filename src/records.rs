//! The records of a case, and how they become facts at an instant.

pub(crate) mod date;
mod term;

pub use date::{InvalidInstant, parse_instant};
pub use term::{Cancellation, Term, TermError};

use chrono::{DateTime, Utc};

use crate::facts::Facts;
use crate::vocabulary::{
    AutoRenew, Channel, Cloud, Customer, Fact, FactValue, Market, Partner, Relationship, Service, Status, Transfer,
    ValueSet,
};

/// A subscription that a customer bought somewhere, as far as it is known.
///
/// ```
/// use csp_multichannel::{AutoRenew, Channel, Cloud, Service, Subscription};
///
/// let subscription = Subscription::new(Service::License)
///     .with_channel(Channel::Open)
///     .with_cloud(Cloud::Public)
///     .with_auto_renew(AutoRenew::On);
/// assert_eq!(subscription.status(), None);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Subscription {
    pub(crate) channel: Option<Channel>,
    pub(crate) service: Option<Service>,
    pub(crate) cloud: Option<Cloud>,
    pub(crate) auto_renew: Option<AutoRenew>,
    pub(crate) status: Option<Status>,
    pub(crate) transfer: Option<Transfer>,
    /// None on a usage-based service.
    term: Option<Term>,
}

/// Setters and getters of facts that a record may know.
macro_rules! known {
    ($( $(#[$meta:meta])* $with:ident, $fact:ident: $Type:ident; )+) => {
        $(
            $(#[$meta])*
            #[must_use]
            pub const fn $with(mut self, $fact: $Type) -> Self {
                self.$fact = Some($fact);
                self
            }

            $(#[$meta])*
            #[doc = "\n\n`None` where it is not known."]
            #[must_use]
            pub const fn $fact(&self) -> Option<$Type> {
                self.$fact
            }
        )+
    };
}

impl Subscription {
    /// A subscription of which at most the service is known: `Service::License`, or `None`.
    #[must_use]
    pub fn new(service: impl Into<Option<Service>>) -> Self {
        Self { service: service.into(), ..Self::default() }
    }

    known! {
        /// Where the customer bought it.
        with_channel, channel: Channel;
        /// The cloud instance.
        with_cloud, cloud: Cloud;
        /// Whether its term renews by itself.
        with_auto_renew, auto_renew: AutoRenew;
        /// Its state.
        with_status, status: Status;
        /// Whether it is part of an open transfer request.
        with_transfer, transfer: Transfer;
    }

    /// The dates of its term.
    ///
    /// # Errors
    ///
    /// [`UsageHasNoTerm`] for a usage-based service (`azure`, `azure_plan`).
    pub fn with_term(self, term: Term) -> Result<Self, UsageHasNoTerm> {
        match self.service {
            Some(service) if service.is_usage_based() => Err(UsageHasNoTerm { service }),
            _ => Ok(Self { term: Some(term), ..self }),
        }
    }

    /// What is known here, and for the rest what `other` knows.
    ///
    /// The dates of a term in `other` are left out where this is a usage-based service.
    ///
    /// # Errors
    ///
    /// [`UsageHasNoTerm`] where this has the dates of a term, and `other` knows that the service is usage-based.
    ///
    /// ```
    /// use csp_multichannel::{Channel, Service, Subscription};
    ///
    /// let bought = Subscription::new(None).with_channel(Channel::Open).or(Subscription::new(Service::Azure))?;
    /// assert_eq!((bought.channel(), bought.service()), (Some(Channel::Open), Some(Service::Azure)));
    /// # Ok::<(), csp_multichannel::UsageHasNoTerm>(())
    /// ```
    pub fn or(self, other: Self) -> Result<Self, UsageHasNoTerm> {
        let known = Self {
            channel: self.channel.or(other.channel),
            service: self.service.or(other.service),
            cloud: self.cloud.or(other.cloud),
            auto_renew: self.auto_renew.or(other.auto_renew),
            status: self.status.or(other.status),
            transfer: self.transfer.or(other.transfer),
            term: None,
        };
        match (self.term, other.term) {
            (Some(term), _) => known.with_term(term),
            (None, Some(term)) => Ok(known.with_term(term).unwrap_or(known)),
            (None, None) => Ok(known),
        }
    }

    /// What was bought.
    ///
    /// `None` where it is not known.
    #[must_use]
    pub const fn service(&self) -> Option<Service> {
        self.service
    }

    /// The dates of its term.
    ///
    /// `None` where they are not known, or there is no term.
    #[must_use]
    pub const fn term(&self) -> Option<Term> {
        self.term
    }
}

/// A usage-based service was given the dates of a term.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the usage-based service `{service}` has no term, expected none, or a service that has one")]
pub struct UsageHasNoTerm {
    service: Service,
}

impl UsageHasNoTerm {
    /// The service.
    #[must_use]
    pub const fn service(&self) -> Service {
        self.service
    }
}

/// The asking partner and its customer, as far as they are known.
///
/// ```
/// use csp_multichannel::{Engagement, Partner, Relationship};
///
/// let engagement = Engagement::new().with_partner(Partner::DirectBill).with_relationship(Relationship::None);
/// assert_eq!(engagement.customer(), None);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Engagement {
    pub(crate) partner: Option<Partner>,
    pub(crate) relationship: Option<Relationship>,
    pub(crate) customer: Option<Customer>,
    pub(crate) market: Option<Market>,
}

impl Engagement {
    /// An engagement of which nothing is known.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What is known here, and for the rest what `other` knows.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            partner: self.partner.or(other.partner),
            relationship: self.relationship.or(other.relationship),
            customer: self.customer.or(other.customer),
            market: self.market.or(other.market),
        }
    }

    known! {
        /// The asking partner's role.
        with_partner, partner: Partner;
        /// The reseller relationship between the two.
        with_relationship, relationship: Relationship;
        /// What the customer is.
        with_customer, customer: Customer;
        /// Whether the two are in the same country or region.
        with_market, market: Market;
    }
}

/// One case to decide, with an id of the caller's.
///
/// With the feature `serde`, [one JSON object](crate::records_as_json); `Case::read` has an error that can be matched.
#[cfg(feature = "std")]
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Case {
    /// The caller's id; ids may repeat.
    pub id: std::string::String,
    /// What was bought.
    pub subscription: Subscription,
    /// Who asks for whom.
    pub engagement: Engagement,
}

#[cfg(feature = "std")]
impl Case {
    /// A case.
    #[must_use]
    pub fn new(id: impl Into<std::string::String>, subscription: Subscription, engagement: Engagement) -> Self {
        Self { id: id.into(), subscription, engagement }
    }

    /// What is known of it at an instant.
    #[must_use]
    pub fn facts(&self, at: DateTime<Utc>) -> Facts {
        Facts::of(&self.subscription, &self.engagement, at)
    }
}

impl Facts {
    /// What is known of a subscription and an engagement at an instant: the term's dates become
    /// its phase (see [`Term::phases`]), all else is taken as it is.
    #[must_use]
    pub fn of(subscription: &Subscription, engagement: &Engagement, at: DateTime<Utc>) -> Self {
        let phases = subscription.term.map(|term| term.phases(subscription.service, at));
        let known = [
            narrowed(subscription.channel),
            narrowed(subscription.service),
            narrowed(subscription.cloud),
            narrowed(engagement.partner),
            narrowed(engagement.relationship),
            narrowed(engagement.customer),
            narrowed(engagement.market),
            phases.map_or(ValueSet::EMPTY, |phases| Fact::Term.values().difference(phases.into())),
            narrowed(subscription.auto_renew),
            narrowed(subscription.status),
            narrowed(subscription.transfer),
        ];
        let values = known.into_iter().fold(Self::UNKNOWN.values(), ValueSet::difference);
        // A usage-based service cannot have dates, so nothing here is contradictory.
        Self::tightened(values).unwrap_or_default()
    }
}

/// The values that a fact does not have.
fn narrowed<T: FactValue>(known: Option<T>) -> ValueSet {
    known.map_or(ValueSet::EMPTY, |value| T::FACT.values().difference(ValueSet::only(value.into())))
}
