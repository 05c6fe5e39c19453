//! The actors: who takes a step, and who can change a fact.

use csp_multichannel::{
    AtTermEnd, Channel, Fact, Facts, Partner, Relationship, Service, Set, Status, TermPhase,
    Transfer,
};

csp_multichannel::words! {
    /// A party that takes a step, or that can change a fact.
    ///
    /// ```
    /// use csp_multichannel_guidance::Actor;
    ///
    /// let actor: Actor = "new_partner".parse()?;
    /// assert_eq!(actor, Actor::NewPartner);
    /// assert_eq!(actor.meaning(), "The asking partner.");
    /// assert_eq!(
    ///     "partner".parse::<Actor>().unwrap_err().to_string(),
    ///     "unknown actor `partner`, expected one of `customer`, `current_partner`, \
    ///      `new_partner`, `indirect_provider`, `microsoft`, `time`",
    /// );
    /// # Ok::<(), csp_multichannel::UnknownWord>(())
    /// ```
    #[non_exhaustive]
    pub enum Actor, actor {
        /// The customer.
        Customer = customer,
        /// The partner or seller that holds the subscription now.
        CurrentPartner = current_partner,
        /// The asking partner.
        NewPartner = new_partner,
        /// The asking partner's indirect provider.
        IndirectProvider = indirect_provider,
        /// Microsoft.
        Microsoft = microsoft,
        /// No party: it happens as time passes.
        Time = time,
    }
}

impl Actor {
    /// Returns the party that holds a subscription: it can set it to end, reactivate it, cancel it,
    /// or answer a transfer request.
    ///
    /// The customer holds what was bought from Microsoft. Where the possible channels disagree, the
    /// result is the current partner.
    ///
    /// ```
    /// use csp_multichannel::Channel;
    /// use csp_multichannel_guidance::Actor;
    ///
    /// assert_eq!(Actor::holder(Channel::Direct), Actor::Customer);
    /// assert_eq!(Actor::holder(Channel::OwnAdvisor), Actor::NewPartner);
    /// ```
    #[must_use]
    pub fn holder(facts: impl Into<Facts>) -> Self {
        let channels: Set<Channel> = facts.into().possible();
        let all_of = |holder: [Channel; 2]| channels.is_subset(holder.into());
        if all_of([Channel::Direct, Channel::McaEnterprise]) {
            Self::Customer
        } else if all_of([Channel::ThisPartner, Channel::OwnAdvisor]) {
            Self::NewPartner
        } else {
            Self::CurrentPartner
        }
    }

    /// Returns the party that answers a request for a transfer: under an agreement the customer, as its
    /// administrator (MO, step 3), else the holder (TP, step 4).
    pub(crate) fn asked(facts: Facts) -> Self {
        let agreements = [Channel::EnterpriseAgreement, Channel::McaEnterprise];
        let channels: Set<Channel> = facts.possible();
        if channels.is_subset(agreements.into()) { Self::Customer } else { Self::holder(facts) }
    }

    /// Returns who can change a fact with one possible value to another value.
    pub(crate) fn who_changes(fact: Fact, from: Facts, to: Facts) -> Option<Self> {
        let holder = Some(Self::holder(from));
        match fact {
            Fact::Relationship => match (from.known()?, to.known()?) {
                (Relationship::None, Relationship::Requested) => Some(Self::NewPartner),
                (Relationship::None | Relationship::Requested, Relationship::Active) => {
                    Some(Self::Customer)
                }
                _ => None,
            },
            // An indirect reseller acts through its provider.
            Fact::Partner => match (from.known()?, to.known()?) {
                (Partner::IndirectReseller, Partner::IndirectProvider) => {
                    Some(Self::IndirectProvider)
                }
                _ => None,
            },
            Fact::TermPhase => match (from.known()?, to.known()?) {
                (TermPhase::Cancellable, TermPhase::Committed) => Some(Self::Time),
                // A term that renews does not end; a license can then be cancelled again for a
                // while.
                (TermPhase::Cancellable | TermPhase::Committed, TermPhase::Ended) => {
                    let at_term_end: Set<AtTermEnd> = from.possible();
                    (!at_term_end.contains(AtTermEnd::Renew)).then_some(Self::Time)
                }
                (TermPhase::Committed, TermPhase::Cancellable) => {
                    let services: Set<Service> = from.possible();
                    let renews = from.known() == Some(AtTermEnd::Renew);
                    let licenses = Set::from([Service::License, Service::NewCommerceLicense]);
                    (renews && services.is_subset(licenses)).then_some(Self::Time)
                }
                _ => None,
            },
            Fact::AtTermEnd => holder.filter(|_| is_running(from)),
            // An expired subscription can't be reactivated (`terms.md`).
            Fact::Status => match (from.known()?, to.known()?) {
                (Status::Suspended, Status::Active) | (Status::Active, Status::Suspended) => {
                    holder.filter(|_| is_running(from))
                }
                _ => None,
            },
            // Whoever requested the transfer, it needs an answer.
            Fact::Transfer => match (from.known()?, to.known()?) {
                (Transfer::Pending, Transfer::None) => Some(Self::asked(from)),
                _ => None,
            },
            _ => None,
        }
    }
}

/// Whether the term has certainly not ended. Usage-based services have no term.
fn is_running(facts: Facts) -> bool {
    let services: Set<Service> = facts.possible();
    let phases: Set<TermPhase> = facts.possible();
    services.is_subset(Service::USAGE_BASED) || !phases.contains(TermPhase::Ended)
}
