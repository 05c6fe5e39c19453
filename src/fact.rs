//! The table of facts: the one place that lists them and their values.

use crate::set::Set;
use crate::words;
use crate::words::Word;

/// A value of one fact, such as [`Channel::Open`]. Implemented by the types of the facts alone.
pub trait FactValue: Word + sealed::Sealed {
    /// The fact.
    const FACT: Fact;
}

mod sealed {
    pub trait Sealed {}
}

/// The facts: for each its type, its meaning, its question, and its values with their meaning.
///
/// Everything that reads, writes, prints or asks about facts loops over what is derived from here.
macro_rules! facts {
    ($(
        #[doc = $meaning:literal]
        $Fact:ident = $fact:ident, $question:literal {
            $( #[doc = $value_meaning:literal] $Value:ident = $word:ident, )+
        }
    )+) => {
        words! {
            /// The eleven facts on which a decision depends, in the order of the policy's table.
            ///
            /// Each variant has a type of the same name with its values.
            #[non_exhaustive]
            pub enum Fact, fact {
                $( #[doc = $meaning] $Fact = $fact, )+
            }
        }

        $(
            words! {
                #[doc = $meaning]
                #[doc = concat!("\n\nThe values of the fact `", stringify!($fact), "`.")]
                #[non_exhaustive]
                pub enum $Fact, $fact {
                    $( #[doc = $value_meaning] $Value = $word, )+
                }
            }

            impl sealed::Sealed for $Fact {}

            impl FactValue for $Fact {
                const FACT: Fact = Fact::$Fact;
            }
        )+

        impl Fact {
            /// Returns the question that asks for this fact.
            #[must_use]
            pub const fn question(self) -> &'static str {
                match self {
                    $( Self::$Fact => $question, )+
                }
            }

            /// Returns the words for its values, in the order of the policy's table.
            #[must_use]
            pub const fn words(self) -> &'static [&'static str] {
                match self {
                    $( Self::$Fact => $Fact::WORDS, )+
                }
            }

            /// Returns the meanings of its values, in the order of [`Fact::words`].
            #[must_use]
            pub const fn meanings(self) -> &'static [&'static str] {
                match self {
                    $( Self::$Fact => const { &[$( $Fact::$Value.meaning(), )+] }, )+
                }
            }
        }

        /// The bits of each value, under the policy's own spelling.
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
    Channel = channel, "Where did the customer buy the subscription?" {
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
    Service = service, "What did the customer buy?" {
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
    Cloud = cloud, "In which cloud is the subscription (GCC is in the public one)?" {
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
    Partner = partner, "Which role does the asking partner have in CSP?" {
        /// A partner billed by Microsoft.
        DirectBill = direct_bill,
        /// A distributor.
        IndirectProvider = indirect_provider,
        /// A reseller with a distributor.
        IndirectReseller = indirect_reseller,
    }

    /// The reseller relationship between asking partner and customer.
    Relationship = relationship, "Does the asking partner have a reseller relationship with the customer?" {
        /// There is no relationship.
        None = none,
        /// It was requested and is not accepted yet.
        Requested = requested,
        /// The customer has accepted it.
        Active = active,
    }

    /// What the customer's tenant is.
    Customer = customer, "What is the customer's tenant?" {
        /// An ordinary customer.
        EndCustomer = end_customer,
        /// A tenant that another CSP partner uses for its CSP business.
        CspTenant = csp_tenant,
    }

    /// Whether the asking partner can sell in the customer's country.
    Region = region, "Are partner and customer in one CSP sales region, such as the European Union and EFTA together?" {
        /// Partner and customer are in one CSP sales region. A region often spans many countries: the European Union and EFTA are one.
        Same = same,
        /// They are in different regions.
        Other = other,
    }

    /// The phase of the subscription's term at the instant asked about. Usage-based services have none, and no rule names it there.
    TermPhase = term_phase, "Can the subscription be cancelled now, does it run without that, or has its term ended?" {
        /// It can be cancelled now.
        Cancellable = cancellable,
        /// It runs and can't be cancelled.
        Committed = committed,
        /// Its last day has passed and no new term has begun.
        Ended = ended,
    }

    /// What happens when the term ends.
    AtTermEnd = at_term_end, "What happens when the term ends: does it renew, is only automatic renewal off, or is its end scheduled as well?" {
        /// It renews automatically.
        Renew = renew,
        /// It is neither renewed nor set to end: a new-commerce license whose term ends on or after 2026-05-04 then continues as a paid extended service term. For anything else it means the same as `end`.
        Extend = extend,
        /// It ends: automatic renewal is off, and for a new-commerce license whose term ends on or after 2026-05-04 its end has been scheduled as well.
        End = end,
    }

    /// The state of the subscription.
    Status = status, "In which state is the subscription?" {
        /// It is in use.
        Active = active,
        /// It is disabled (by the partner, for non-payment, or after its end) but not yet deleted.
        Suspended = suspended,
        /// It is gone.
        Deleted = deleted,
    }

    /// Whether a transfer of the subscription is open, or refused by Partner Center.
    Transfer = transfer, "Is a transfer of the subscription open, or refused by Partner Center?" {
        /// No transfer is open.
        None = none,
        /// It is part of an open transfer request.
        Pending = pending,
        /// Partner Center's own eligibility check refuses it.
        Ineligible = ineligible,
    }
}

impl Service {
    /// The licenses per seat (LICENSE in the policy).
    pub const LICENSE_BASED: Set<Self> =
        Set::from_bits(1 << Self::License as u32 | 1 << Self::NewCommerceLicense as u32);
    /// The usage-based services, which have no term (AZURE in the policy).
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

    /// For each fact the bits of all its values.
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

    /// The fact of the lowest of some bits.
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

    /// The place of the first value's bit.
    #[inline]
    pub(crate) const fn offset(self) -> usize {
        self.field().trailing_zeros() as usize
    }
}
