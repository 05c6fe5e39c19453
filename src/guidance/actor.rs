//! Who does what.

use crate::vocabulary::words;

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
