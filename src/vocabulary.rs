//! The closed value sets: the eleven facts with their values, the actions, and the words of a verdict.
//!
//! Every word has one spelling, that of the policy files. `Display`, `FromStr`, serde and
//! `as_str` share it.

mod excerpt;
#[cfg(feature = "std")]
mod nearest;
mod set;
mod words;

pub use excerpt::Excerpt;
#[cfg(feature = "std")]
pub(crate) use nearest::nearest;
pub(crate) use set::Sealed;
pub use set::{ActionSet, FactSet, Member, Set, SetIter, ValueSet};
#[cfg(any(feature = "serde", feature = "std"))]
pub(crate) use words::OneOf;
pub use words::UnknownWord;
#[cfg(all(feature = "serde", feature = "std"))]
pub(crate) use words::Words;
pub(crate) use words::words;

use core::fmt;

words! {
    /// What the customer and the asking partner may want to do.
    ///
    /// Exhaustive on purpose, as [`Verdict`] is: a decision answers for every action.
    pub enum Action, action {
        /// Ask the customer for a reseller relationship, and with it permission to manage.
        RequestRelationship = request_relationship,
        /// Create a new Azure subscription with the asking partner, enter its details by hand,
        /// then cancel single services or the whole old subscription.
        RecreateAndCancel = recreate_and_cancel,
        /// Transfer the subscription to the asking partner.
        Switch = switch,
        /// Let the term run out, then buy from the asking partner.
        WaitUntilTermEnd = wait_until_term_end,
        /// Cancel before the term ends, then buy from the asking partner.
        CancelThenMove = cancel_then_move,
    }
}

words! {
    /// The answer for one action.
    ///
    /// Exhaustive on purpose: a further verdict would be one that callers have to handle.
    pub enum Verdict, verdict {
        /// A permit fires, nothing forbids, nothing is required.
        Allowed = allowed,
        /// As allowed, once what is required has been met.
        Conditional = conditional,
        /// A rule forbids it.
        Denied = denied,
        /// The policy does not speak of such a case: a rule excludes it and says why,
        /// or the documents are silent. It is no permission and no prohibition.
        NotCovered = not_covered,
        /// What is not known decides: see [`Decision::possible`] and [`Decision::depends_on`].
        ///
        /// [`Decision::possible`]: crate::Decision::possible
        /// [`Decision::depends_on`]: crate::Decision::depends_on
        Undetermined = undetermined,
    }
}

words! {
    /// What a rule does when it fires.
    pub enum Effect, effect {
        /// The policy does not speak of such a case; comes before every other effect.
        Exclude = exclude,
        /// Denies; comes before permits.
        Forbid = forbid,
        /// Allows.
        Permit = permit,
        /// Makes what is permitted conditional.
        Require = require,
        /// Tells what to know before acting; changes no verdict.
        Advise = advise,
    }
}

words! {
    /// How firmly the documents carry a rule.
    #[non_exhaustive]
    pub enum Basis, basis {
        /// The multi-channel page itself says it.
        Stated = stated,
        /// A page that it links to, or another page of the same documentation, says it.
        Linked = linked,
        /// Follows from those, by a reading of a passage that can be read in two ways.
        Inferred = inferred,
        /// Only third parties, or undated copies of the page, say it.
        Reported = reported,
    }
}

/// A type whose values are those of one fact.
pub trait FactValue: Member + Into<Value> {
    /// The fact.
    const FACT: Fact;
}

/// What is said of some facts: a value such as `Channel::Open`, a set of the values of one fact, or a [`ValueSet`]
/// of several.
pub trait Given: Sealed {
    /// The facts that it speaks of: of a value or a set of one fact's values, that fact, even where the
    /// set is empty; of a [`ValueSet`], those that it has values of.
    fn facts(self) -> FactSet;

    /// The values that it admits.
    fn values(self) -> ValueSet;
}

impl<T: Copy> Sealed for Set<T> {}

impl Given for Value {
    fn facts(self) -> FactSet {
        self.fact().into()
    }

    fn values(self) -> ValueSet {
        self.into()
    }
}

impl Given for ValueSet {
    fn facts(self) -> FactSet {
        self.iter().map(Value::fact).collect()
    }

    fn values(self) -> ValueSet {
        self
    }
}

impl ValueSet {
    /// The values of one fact among them.
    ///
    /// ```
    /// use csp_multichannel::{Facts, Market, Set};
    ///
    /// assert_eq!(Facts::UNKNOWN.values().of(), Set::from([Market::Same, Market::Other]));
    /// ```
    #[must_use]
    pub const fn of<T: FactValue>(self) -> Set<T> {
        Set::from_bits(self.intersection(T::FACT.values()).bits() >> T::FACT.offset())
    }
}

/// The facts: an enumeration each, and for all of them together [`Fact`], [`Value`] and the words in
/// which the register is written.
macro_rules! facts {
    ($(
        $(#[$meta:meta])*
        $fact:ident: $Type:ident, $Fact:ident {
            $( $(#[$value_meta:meta])* $Value:ident = $word:ident, )+
        }
    )+) => {
        words! {
            /// The eleven facts that a decision turns on, in the order of the policy's table.
            #[non_exhaustive]
            pub enum Fact, fact {
                $( #[doc = concat!("Its values are those of [`", stringify!($Type), "`].")] $Fact = $fact, )+
            }
        }

        $(
            words! {
                $(#[$meta])*
                #[non_exhaustive]
                pub enum $Type, $fact {
                    $( $(#[$value_meta])* $Value = $word, )+
                }
            }

            impl $Type {
                /// The values of this fact in `set`, among those of all facts.
                #[must_use]
                pub(crate) const fn values(set: Set<Self>) -> ValueSet {
                    Set::from_bits(set.bits() << Fact::$Fact.offset())
                }
            }

            impl FactValue for $Type {
                const FACT: Fact = Fact::$Fact;
            }

            impl From<$Type> for Value {
                fn from(value: $Type) -> Self {
                    Self(Fact::$Fact.offset() as u8 + value as u8)
                }
            }

            impl From<$Type> for ValueSet {
                fn from(value: $Type) -> Self {
                    Self::only(value.into())
                }
            }

            impl Given for $Type {
                fn facts(self) -> FactSet {
                    Fact::$Fact.into()
                }

                fn values(self) -> ValueSet {
                    self.into()
                }
            }

            impl Given for Set<$Type> {
                fn facts(self) -> FactSet {
                    Fact::$Fact.into()
                }

                fn values(self) -> ValueSet {
                    self.into()
                }
            }

            impl From<Set<$Type>> for ValueSet {
                fn from(set: Set<$Type>) -> Self {
                    $Type::values(set)
                }
            }
        )+

        /// The words of each fact, as the policy's tables write them.
        #[expect(non_upper_case_globals, reason = "the policy's own spelling")]
        pub(crate) mod register_words {
            $(
                #[allow(dead_code, reason = "the register does not name every value")]
                pub(crate) mod $fact {
                    use crate::vocabulary::{Set, $Type, ValueSet};

                    pub(crate) const all: ValueSet = $Type::values(Set::from_bits((1 << $Type::ALL.len()) - 1));
                    $( pub(crate) const $word: ValueSet = $Type::values(Set::from_bits(1 << $Type::$Value as u8)); )+
                }
            )+
        }

        const VALUE_WORDS: [&[&str]; Fact::ALL.len()] = [$( $Type::WORDS ),+];
    };
}

facts! {
    /// Where the customer bought the subscription.
    channel: Channel, Channel {
        /// From Microsoft; in the cloud `china`, from 21Vianet.
        Direct = direct,
        /// In the Advisor program.
        Advisor = advisor,
        /// From the asking partner, at a time when it was an Advisor.
        OwnAdvisor = own_advisor,
        /// In the Open program.
        Open = open,
        /// Under an Enterprise Agreement.
        EnterpriseAgreement = enterprise_agreement,
        /// From a seller that is neither in the Cloud Solution Provider program nor a Syndication Partner.
        ThirdParty = third_party,
        /// From a Syndication Partner.
        SyndicationPartner = syndication_partner,
        /// From another partner of the Cloud Solution Provider program.
        OtherCspPartner = other_csp_partner,
        /// From a seller that is no longer authorised in the Cloud Solution Provider program.
        FormerCspPartner = former_csp_partner,
        /// From the asking partner, in the Cloud Solution Provider program.
        ThisPartner = this_partner,
    }

    /// What was bought.
    service: Service, Service {
        /// License-based, per seat, traditional commerce.
        License = license,
        /// License-based, per seat, new commerce (since 2022).
        NewCommerceLicense = new_commerce_license,
        /// Usage-based: any Azure offer but the Azure plan.
        Azure = azure,
        /// Usage-based: the Azure plan.
        AzurePlan = azure_plan,
        /// A reservation of Azure capacity.
        AzureReservation = azure_reservation,
        /// Software, perpetual or by subscription.
        Software = software,
        /// An offer of the commercial marketplace.
        Marketplace = marketplace,
    }

    /// The cloud instance.
    cloud: Cloud, Cloud {
        /// The public cloud.
        Public = public,
        /// Microsoft Cloud for US Government.
        UsGovernment = us_government,
        /// Microsoft Cloud Germany.
        Germany = germany,
        /// The cloud in China that 21Vianet operates.
        China = china,
    }

    /// The asking partner's role in the Cloud Solution Provider program.
    partner: Partner, Partner {
        /// Buys from Microsoft and bills its customers.
        DirectBill = direct_bill,
        /// Buys from Microsoft and sells through indirect resellers.
        IndirectProvider = indirect_provider,
        /// Buys from an indirect provider.
        IndirectReseller = indirect_reseller,
    }

    /// The reseller relationship between the asking partner and the customer.
    relationship: Relationship, Relationship {
        /// There is none.
        None = none,
        /// Asked for, and not accepted yet.
        Requested = requested,
        /// Accepted by the customer.
        Active = active,
    }

    /// What the customer is.
    customer: Customer, Customer {
        /// A customer that uses what it buys.
        EndCustomer = end_customer,
        /// A tenant that itself transacts in the Cloud Solution Provider program as a partner.
        CspTenant = csp_tenant,
    }

    /// Whether partner and customer tenant are in the same country or region.
    market: Market, Market {
        /// They are.
        Same = same,
        /// They are not.
        Other = other,
    }

    /// The phase of the subscription's term at the instant asked about; derived from dates by
    /// [`Term::phases`](crate::Term::phases).
    term: TermPhase, Term {
        /// Usage-based services have no term; all others have one.
        None = none,
        /// The term runs and can be cancelled.
        Cancellable = cancellable,
        /// The term runs and cannot be cancelled.
        Committed = committed,
        /// The term is over.
        Ended = ended,
    }

    /// Whether the term renews by itself.
    auto_renew: AutoRenew, AutoRenew {
        /// It does.
        On = on,
        /// It does not.
        Off = off,
    }

    /// The state of the subscription.
    status: Status, Status {
        /// In use.
        Active = active,
        /// Suspended.
        Suspended = suspended,
        /// Deleted.
        Deleted = deleted,
    }

    /// Whether the subscription is already part of an open transfer request.
    transfer: Transfer, Transfer {
        /// It is not.
        None = none,
        /// It is.
        Pending = pending,
    }
}

impl Service {
    /// The services in per-seat licenses (LICENSE in the policy).
    pub const LICENSE_BASED: Set<Self> = Set::from_bits(1 << Self::License as u8 | 1 << Self::NewCommerceLicense as u8);

    /// The usage-based services (AZURE in the policy); they have no term.
    pub const USAGE_BASED: Set<Self> = Set::from_bits(1 << Self::Azure as u8 | 1 << Self::AzurePlan as u8);

    /// Whether it is a per-seat license.
    #[must_use]
    pub fn is_license_based(self) -> bool {
        Self::LICENSE_BASED.contains(self)
    }

    /// Whether it is paid by use, and so has no term.
    #[must_use]
    pub fn is_usage_based(self) -> bool {
        Self::USAGE_BASED.contains(self)
    }
}

impl Action {
    /// All actions.
    pub(crate) const EVERY: ActionSet = ActionSet::from_bits((1 << Self::ALL.len()) - 1);

    /// All actions but the request: those that bring the subscription to the asking partner (MOVES in the policy).
    pub const MOVES: ActionSet = Self::EVERY.difference(Self::RequestRelationship.alone());

    /// The set with only this action.
    pub(crate) const fn alone(self) -> ActionSet {
        ActionSet::from_bits(1 << self as u8)
    }

    /// Whether it brings the subscription to the asking partner.
    #[must_use]
    pub fn is_move(self) -> bool {
        Self::MOVES.contains(self)
    }
}

impl Fact {
    /// How many facts there are.
    pub(crate) const COUNT: usize = Self::ALL.len();

    #[expect(clippy::indexing_slicing, reason = "at compile time")]
    const OFFSETS: [u32; Self::COUNT] = {
        let mut offsets = [0; Self::COUNT];
        let mut fact = 1;
        while fact < Self::COUNT {
            offsets[fact] = offsets[fact - 1] + VALUE_WORDS[fact - 1].len() as u32;
            fact += 1;
        }
        offsets
    };

    /// The position of its first value among the values of all facts.
    #[expect(clippy::indexing_slicing, reason = "both arrays have an entry for each fact")]
    pub(crate) const fn offset(self) -> u32 {
        Self::OFFSETS[self as usize]
    }

    /// How many values it has.
    #[expect(clippy::indexing_slicing, reason = "the array has an entry for each fact")]
    pub(crate) const fn size(self) -> u32 {
        VALUE_WORDS[self as usize].len() as u32
    }

    /// The words of its values.
    #[cfg(all(feature = "serde", feature = "std"))]
    pub(crate) fn words(self) -> &'static [&'static str] {
        VALUE_WORDS.get(self as usize).copied().unwrap_or_default()
    }

    /// All values of this fact.
    #[must_use]
    pub const fn values(self) -> ValueSet {
        ValueSet::from_bits(((1 << self.size()) - 1) << self.offset())
    }
}

/// One value of one fact.
///
/// ```
/// use csp_multichannel::{Fact, Service, Value};
///
/// let value = Value::from(Service::AzurePlan);
/// assert_eq!((value.fact(), value.as_str()), (Fact::Service, "azure_plan"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Value(u8);

impl Value {
    /// How many values all facts have together.
    pub(crate) const COUNT: usize = match Fact::ALL {
        [.., last] => (last.offset() + last.size()) as usize,
        [] => 0,
    };

    #[expect(clippy::indexing_slicing, reason = "at compile time")]
    const ALL: [Self; Self::COUNT] = {
        let mut all = [Self(0); Self::COUNT];
        let mut position = 0;
        while position < Self::COUNT {
            all[position] = Self(position as u8);
            position += 1;
        }
        all
    };

    /// The fact that it is a value of.
    #[must_use]
    pub fn fact(self) -> Fact {
        let after = Fact::ALL.partition_point(|fact| fact.offset() <= u32::from(self.0));
        Fact::ALL.get(after.saturating_sub(1)).copied().unwrap_or(Fact::Channel)
    }

    /// Its place among the values of all facts.
    pub(crate) const fn index(self) -> usize {
        self.0 as usize
    }

    /// The word, as it is written in the policy and in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        let fact = self.fact();
        let position = u32::from(self.0) - fact.offset();
        VALUE_WORDS.get(fact as usize).and_then(|words| words.get(position as usize)).copied().unwrap_or_default()
    }
}

impl Sealed for Value {}

impl Member for Value {
    const MEMBERS: &'static [Self] = &Self::ALL;

    fn position(self) -> u32 {
        u32::from(self.0)
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
