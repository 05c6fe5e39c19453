//! The table of facts, which defines them and their values.

use crate::set::Set;
use crate::words;
use crate::words::Word;

/// A value of one fact, such as [`Channel::Open`]. The trait is sealed.
///
/// ```
/// use csp_multichannel::{Cloud, Fact, FactValue, Facts, Set};
///
/// fn describe<T: FactValue>(facts: Facts) -> String {
///     let possible: Set<T> = facts.possible();
///     format!("{}: {possible}", T::FACT)
/// }
///
/// let facts = Facts::from([Cloud::Public, Cloud::China]);
/// assert_eq!(describe::<Cloud>(facts), "cloud: public, china");
/// ```
pub trait FactValue: Word + sealed::Sealed {
    /// The fact to which the value belongs.
    const FACT: Fact;
}

mod sealed {
    pub trait Sealed {}
}

/// Defines the facts: the type, meaning and question of each, an example, and its values with their
/// meanings.
///
/// All code that reads, writes, prints or asks about facts loops over the result.
macro_rules! facts {
    ($(
        #[doc = $meaning:literal]
        $Fact:ident = $fact:ident, $question:literal,
        for example $Example:ident = $example:ident, $explained:literal {
            $( #[doc = $value_meaning:literal] $Value:ident = $word:ident, )+
        }
    )+) => {
        words! {
            /// The eleven facts on which a decision depends, in the order of the policy's table.
            ///
            /// For each variant, the type of the same name has its values.
            #[non_exhaustive]
            pub enum Fact, fact,
            for example csp_multichannel::Cloud = cloud, "The cloud instance." {
                $( #[doc = $meaning] $Fact = $fact, )+
            }
        }

        $(
            words! {
                #[doc = $meaning]
                #[doc = concat!("\n\nThe values of the fact `", stringify!($fact), "`.")]
                #[non_exhaustive]
                pub enum $Fact, $fact,
                for example csp_multichannel::$Example = $example, $explained {
                    $( #[doc = $value_meaning] $Value = $word, )+
                }
            }

            impl sealed::Sealed for $Fact {}

            impl FactValue for $Fact {
                const FACT: Fact = Fact::$Fact;
            }
        )+

        impl Fact {
            /// Returns a question that asks a person for this fact.
            ///
            /// ```
            /// use csp_multichannel::Fact;
            ///
            /// assert_eq!(Fact::Service.question(), "What did the customer buy?");
            /// ```
            #[must_use]
            pub const fn question(self) -> &'static str {
                match self {
                    $( Self::$Fact => $question, )+
                }
            }

            /// Returns the words for its values, in the order of the policy's table.
            ///
            /// ```
            /// use csp_multichannel::Fact;
            ///
            /// assert_eq!(Fact::Relationship.words(), ["none", "requested", "active"]);
            /// ```
            #[must_use]
            pub const fn words(self) -> &'static [&'static str] {
                match self {
                    $( Self::$Fact => $Fact::WORDS, )+
                }
            }

            /// Returns the meanings of its values, in the order of [`Fact::words`].
            ///
            /// ```
            /// use csp_multichannel::Fact;
            ///
            /// let choices = Fact::Partner.words().iter().zip(Fact::Partner.meanings());
            /// let choices: Vec<_> = choices.map(|(word, text)| format!("{word}: {text}")).collect();
            /// assert_eq!(
            ///     choices.join("\n"),
            ///     "direct_bill: A partner billed by Microsoft.\n\
            ///      indirect_provider: A distributor.\n\
            ///      indirect_reseller: A reseller with a distributor.",
            /// );
            /// ```
            #[must_use]
            pub const fn meanings(self) -> &'static [&'static str] {
                match self {
                    $( Self::$Fact => const { &[$( $Fact::$Value.meaning(), )+] }, )+
                }
            }
        }

        /// The bits of each value, with the spelling of the policy.
        #[allow(non_upper_case_globals, dead_code, reason = "the words of the policy, for the register")]
        pub(crate) mod bits {
            $(
                pub(crate) mod $fact {
                    use crate::fact::{$Fact as Type, Fact};

                    pub(crate) const all: u64 = Fact::$Fact.field();
                    $( pub(crate) const $word: u64 = 1 << (Fact::$Fact.offset() + Type::$Value as usize); )+
                }
            )+
        }
    };
}

facts! {
    /// Where the customer bought the subscription.
    Channel = channel, "Where did the customer buy the subscription?",
    for example EnterpriseAgreement = enterprise_agreement, "In an Enterprise Agreement." {
        /// Directly from Microsoft (in `china`: 21Vianet): on the web, or under a Microsoft Customer Agreement for individuals.
        Direct = direct,
        /// In the Advisor program, from some other partner.
        Advisor = advisor,
        /// From the asking partner, when it was in the Advisor program.
        OwnAdvisor = own_advisor,
        /// In volume licensing without an Enterprise Agreement: Open License, Open Value, MPSA.
        Open = open,
        /// In an Enterprise Agreement.
        EnterpriseAgreement = enterprise_agreement,
        /// Under a Microsoft Customer Agreement for enterprises, signed with Microsoft's sales force.
        McaEnterprise = mca_enterprise,
        /// From a seller that is neither in CSP nor a Syndication Partner, outside the programs above.
        ThirdParty = third_party,
        /// From a Syndication Partner: a company, often a telecommunications provider, that alone sells Office 365 to this customer and supports it. Ask the seller: the customer is in its directory with a contract of the type `SyndicationPartner`, and in Partner Center with the relationship `syndication`.
        SyndicationPartner = syndication_partner,
        /// From another CSP partner, whether direct-bill or a reseller with its provider.
        OtherCspPartner = other_csp_partner,
        /// From a CSP partner that is losing, or has lost, its authorization.
        FormerCspPartner = former_csp_partner,
        /// From the asking partner, in CSP.
        ThisPartner = this_partner,
    }

    /// What was bought.
    Service = service, "What did the customer buy?",
    for example AzurePlan = azure_plan, "Azure, paid by use, under an Azure plan." {
        /// A traditional license, per seat.
        License = license,
        /// A license in new commerce, per seat (sold since October 2021).
        NewCommerceLicense = new_commerce_license,
        /// Azure, paid by use, in any offer but the Azure plan.
        Azure = azure,
        /// Azure, paid by use, under an Azure plan.
        AzurePlan = azure_plan,
        /// An Azure reservation.
        AzureReservation = azure_reservation,
        /// An Azure savings plan.
        AzureSavingsPlan = azure_savings_plan,
        /// Software, perpetual or by subscription.
        Software = software,
        /// An offer of the commercial marketplace.
        Marketplace = marketplace,
    }

    /// The cloud instance.
    Cloud = cloud, "In which cloud is the subscription (GCC is in the public one)?",
    for example China = china, "The cloud operated by 21Vianet." {
        /// The public cloud, in which GCC subscriptions are sold as well.
        Public = public,
        /// The US Government cloud that has a Partner Center of its own (not GCC).
        UsGovernment = us_government,
        /// Microsoft Cloud Germany (closed since).
        Germany = germany,
        /// The cloud operated by 21Vianet.
        China = china,
    }

    /// The asking partner's role in the Cloud Solution Provider program (CSP).
    Partner = partner, "Which role does the asking partner have in CSP?",
    for example IndirectReseller = indirect_reseller, "A reseller with a distributor." {
        /// A partner billed by Microsoft.
        DirectBill = direct_bill,
        /// A distributor.
        IndirectProvider = indirect_provider,
        /// A reseller with a distributor.
        IndirectReseller = indirect_reseller,
    }

    /// The reseller relationship between asking partner and customer.
    Relationship = relationship, "Does the asking partner have a reseller relationship with the customer?",
    for example Requested = requested, "It was requested and is not accepted yet." {
        /// There is no relationship.
        None = none,
        /// It was requested and is not accepted yet.
        Requested = requested,
        /// The customer has accepted it.
        Active = active,
    }

    /// What the customer's tenant is.
    Customer = customer, "What is the customer's tenant?",
    for example EndCustomer = end_customer, "An ordinary customer." {
        /// An ordinary customer.
        EndCustomer = end_customer,
        /// A tenant that another CSP partner uses for its CSP business.
        CspTenant = csp_tenant,
    }

    /// Whether the asking partner can sell in the customer's country.
    Region = region, "Are partner and customer in one CSP sales region, such as the European Union and EFTA together?",
    for example Other = other, "They are in different regions." {
        /// Partner and customer are in one CSP sales region. A region often spans many countries: the European Union and EFTA are one.
        Same = same,
        /// They are in different regions.
        Other = other,
    }

    /// The phase of the subscription's term at the instant asked about. Usage-based services have none, and no rule names it there.
    TermPhase = term_phase, "Can the subscription be cancelled now, is it committed until its term ends, or has its term ended?",
    for example Committed = committed, "It runs and can't be cancelled." {
        /// It can be cancelled now.
        Cancellable = cancellable,
        /// It runs and can't be cancelled.
        Committed = committed,
        /// Its last day has passed and no new term has begun.
        Ended = ended,
    }

    /// What happens when the term ends.
    AtTermEnd = at_term_end, "What happens when the term ends: does it renew, is only automatic renewal off, or is its end scheduled as well?",
    for example Renew = renew, "It renews automatically." {
        /// It renews automatically.
        Renew = renew,
        /// It is neither renewed nor set to end: a new-commerce license whose term ends on or after 2026-05-04 then continues as a paid extended service term. For anything else it means the same as `end`.
        Extend = extend,
        /// It ends: automatic renewal is off, and for a new-commerce license whose term ends on or after 2026-05-04 its end has been scheduled as well.
        End = end,
    }

    /// The state of the subscription.
    Status = status, "In which state is the subscription?",
    for example Active = active, "It is in use." {
        /// It is in use.
        Active = active,
        /// It is disabled (by the partner, for non-payment, or after its end) but not yet deleted.
        Suspended = suspended,
        /// It is gone.
        Deleted = deleted,
    }

    /// Whether a transfer of the subscription is open, or refused by Partner Center.
    Transfer = transfer, "Is a transfer of the subscription open, or refused by Partner Center?",
    for example Pending = pending, "It is part of an open transfer request." {
        /// No transfer is open.
        None = none,
        /// It is part of an open transfer request.
        Pending = pending,
        /// Partner Center's own eligibility check refuses it.
        Ineligible = ineligible,
    }
}

impl Service {
    /// The usage-based services, which have no term (AZURE in the policy).
    ///
    /// ```
    /// use csp_multichannel::Service;
    ///
    /// assert_eq!(Service::USAGE_BASED.to_string(), "azure, azure_plan");
    /// ```
    pub const USAGE_BASED: Set<Self> =
        Set::from_bits(1 << Self::Azure as u32 | 1 << Self::AzurePlan as u32);
}

#[expect(clippy::indexing_slicing, reason = "the array has an entry for each fact")]
impl Fact {
    /// The number of facts.
    pub(crate) const COUNT: usize = Self::ALL.len();

    /// The number of values of all facts, and so of bits.
    pub(crate) const BITS: usize = {
        let mut bits = 0;
        let mut facts = Self::ALL;
        while let [fact, rest @ ..] = facts {
            bits += fact.words().len();
            facts = rest;
        }
        bits
    };

    /// The bits of all values of each fact.
    pub(crate) const FIELDS: [u64; Self::COUNT] = {
        let mut fields = [0; Self::COUNT];
        let mut offset = 0;
        let mut facts = Self::ALL;
        while let [fact, rest @ ..] = facts {
            let values = fact.words().len();
            fields[*fact as usize] = ((1 << values) - 1) << offset;
            offset += values;
            facts = rest;
        }
        fields
    };

    /// The fact to which the lowest of some bits belongs.
    #[inline]
    pub(crate) const fn of_lowest(values: u64) -> Self {
        const FACTS: [Fact; u64::BITS as usize + 1] = {
            let mut facts = [Fact::Channel; u64::BITS as usize + 1];
            let mut place = 0;
            let mut rest = Fact::ALL;
            while let [fact, later @ ..] = rest {
                let end = place + fact.words().len();
                while place < end {
                    facts[place] = *fact;
                    place += 1;
                }
                rest = later;
            }
            facts
        };
        FACTS[values.trailing_zeros() as usize]
    }

    /// The bits of all values.
    #[inline]
    pub(crate) const fn field(self) -> u64 {
        Self::FIELDS[self as usize]
    }

    /// The position of the bit of the first value.
    #[inline]
    pub(crate) const fn offset(self) -> usize {
        self.field().trailing_zeros() as usize
    }
}
