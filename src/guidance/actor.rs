//! Who does what.

use crate::facts::Facts;
use crate::vocabulary::{Channel, words};

words! {
    /// Who takes a step, or can change a fact.
    #[non_exhaustive]
    pub enum Actor, actor {
        /// The customer.
        Customer = customer,
        /// The partner or seller that holds the subscription now; for subscriptions without a partner, the customer.
        CurrentPartner = current_partner,
        /// The asking partner.
        NewPartner = new_partner,
        /// The asking partner's indirect provider.
        IndirectProvider = indirect_provider,
        /// Microsoft.
        Microsoft = microsoft,
        /// Nobody: it happens with time.
        Time = time,
    }
}

/// Who holds the subscription, and so can turn off its renewal, suspend it, reactivate it, cancel it or answer for it in a transfer.
pub(super) fn holder(facts: Facts) -> Actor {
    match facts.known() {
        // What was bought from Microsoft has no partner.
        Some(Channel::Direct) => Actor::Customer,
        Some(Channel::ThisPartner) => Actor::NewPartner,
        _ => Actor::CurrentPartner,
    }
}
