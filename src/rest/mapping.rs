//! What the resources say of a case, and for each fact where that comes from.

use core::fmt;
use std::string::String;
use std::vec::Vec;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::read::{Open, Resource};
use super::resources::{
    BillingType, Customer, RelationshipToPartner, Subscription, SubscriptionStatus, TermDuration, TransferEligibility,
};
use crate::facts::Facts;
use crate::records::{self, Cancellation, Case, Engagement, Term};
use crate::vocabulary::{
    AutoRenew, Cloud, Fact, FactValue, Relationship, Service, Set, Status, Transfer, Value, ValueSet, words,
};

words! {
    /// The rules by which a fact is derived from fields that do not name it.
    #[non_exhaustive]
    pub enum Derivation, derivation {
        /// `isMicrosoftProduct` is false: a marketplace offer.
        ThirdPartyProduct = third_party_product,
        /// `productType.id` is `OnlineServicesNCE`: a new-commerce license.
        NewCommerceProductType = new_commerce_product_type,
        /// `productType.id` is `Software`, perhaps with `Perpetual` or `Subscription`: software.
        SoftwareProductType = software_product_type,
        /// `productType.id` begins with `AzureReservation`: a reservation.
        ReservationProductType = reservation_product_type,
        /// `offerId` names the product of the Azure plan (`DZH318Z0BPS6`), or its old name (`MS-AZR-0017G`).
        AzurePlanProduct = azure_plan_product,
        /// `offerId` begins with `MS-AZR-`: Azure outside the Azure plan.
        AzureOffer = azure_offer,
        /// `offerId` has colons and a product of the online services (`CFQ7TTC0…`), billed by license: a new-commerce license.
        NewCommerceOffer = new_commerce_offer,
        /// `offerId` is a GUID, billed by license: a traditional license.
        TraditionalOffer = traditional_offer,
        /// An `offerId` of Azure outside the Azure plan names its cloud: `MS-AZR-DE-…`, `MS-AZR-USGOV-…`, or public.
        AzureOfferCloud = azure_offer_cloud,
        /// What is paid by use has no term.
        UsageHasNoTerm = usage_has_no_term,
        /// The dates of the term: its end from `commitmentEndDate` or `commitmentEndDateTime`, its beginning from
        /// `effectiveStartDate` or `creationDate`, the cancellation from `cancellationAllowedUntilDate`.
        TermDates = term_dates,
        /// `relationshipToPartner` is `reseller`: an active relationship.
        ResellerOfCustomer = reseller_of_customer,
        /// `isEligible` is true: in no transfer.
        EligibleForTransfer = eligible_for_transfer,
        /// `reason` says that it is part of another transfer.
        ReasonNamesTransfer = reason_names_transfer,
        /// `reason` says which state it is in.
        ReasonNamesState = reason_names_state,
    }
}

impl Derivation {
    /// The field that it derives from, or the first of several.
    #[must_use]
    pub const fn field(self) -> &'static str {
        match self {
            Self::ThirdPartyProduct => "isMicrosoftProduct",
            Self::NewCommerceProductType | Self::SoftwareProductType | Self::ReservationProductType => "productType",
            Self::AzurePlanProduct
            | Self::AzureOffer
            | Self::NewCommerceOffer
            | Self::TraditionalOffer
            | Self::AzureOfferCloud => "offerId",
            Self::UsageHasNoTerm => "service",
            Self::TermDates => "commitmentEndDate",
            Self::ResellerOfCustomer => "relationshipToPartner",
            Self::EligibleForTransfer => "isEligible",
            Self::ReasonNamesTransfer | Self::ReasonNamesState => "reason",
        }
    }
}

words! {
    /// Why a fact is unknown.
    #[non_exhaustive]
    pub enum Gap, gap {
        /// No field of the interface tells it: supply it.
        NoFieldTellsIt = no_field_tells_it,
        /// The field that could tell it is absent, or says nothing.
        FieldIsAbsent = field_is_absent,
        /// The field holds a word that is not documented, or that is none of the fact's values.
        NoSuchValue = no_such_value,
        /// Fields contradict each other.
        FieldsContradict = fields_contradict,
        /// Fields can be read in two ways.
        Ambiguous = ambiguous,
        /// It turns on the service, which is unknown.
        ServiceIsUnknown = service_is_unknown,
    }
}

/// Where a fact of a case comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Origin {
    /// From a field that names it, as it is.
    Taken {
        /// The field.
        field: &'static str,
    },
    /// From fields that do not name it, by a rule.
    Derived {
        /// The rule.
        by: Derivation,
    },
    /// A field excludes some values, and several are left: [`Mapped::facts`] knows them, the record cannot.
    Narrowed {
        /// The field.
        field: &'static str,
    },
    /// From the caller.
    Supplied,
    /// From nowhere.
    Unknown {
        /// Why.
        because: Gap,
    },
}

/// Writes ``taken from `status` ``, ``derived by `azure_offer` from `offerId` ``, ``narrowed by `status` ``, `supplied`, or
/// `unknown: no field tells it`.
impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Taken { field } => write!(f, "taken from `{field}`"),
            Self::Derived { by } => write!(f, "derived by `{by}` from `{}`", by.field()),
            Self::Narrowed { field } => write!(f, "narrowed by `{field}`"),
            Self::Supplied => f.write_str("supplied"),
            Self::Unknown { because } => {
                f.write_str("unknown: ")?;
                because.as_str().split('_').enumerate().try_for_each(|(at, word)| {
                    f.write_str(if at == 0 { "" } else { " " })?;
                    f.write_str(word)
                })
            }
        }
    }
}

/// What was noticed in mapping, and changes nothing.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Remark {
    /// A word that is not documented.
    Undocumented {
        /// The field.
        field: &'static str,
        /// The word.
        word: String,
    },
    /// Two sources tell a fact differently; the first one counts.
    Differs {
        /// The value that counts.
        kept: Value,
        /// The other one.
        other: Value,
    },
    /// A later source tells a value that an earlier one excludes; it does not count.
    Excluded {
        /// The value that does not count.
        other: Value,
    },
    /// Two sources give different dates of the term; the first one counts.
    TermDiffers,
    /// The end of the term is no date of a term: so far away that it stands for none.
    EndIsFarAway {
        /// The day that was given.
        ends_on: NaiveDate,
    },
    /// The end of the term lies before its beginning.
    EndsBeforeItBegins {
        /// The beginning.
        from: DateTime<Utc>,
        /// The last day, inclusive.
        ends_on: NaiveDate,
    },
    /// The window for cancelling runs from the purchase, and two fields disagree on it by more than a minute.
    PurchaseIsAmbiguous {
        /// `creationDate`.
        created: DateTime<Utc>,
        /// `effectiveStartDate`.
        effective: DateTime<Utc>,
    },
    /// The term is longer than `termDuration`: it was renewed since it began, and the window for cancelling with it.
    RenewedSince {
        /// The beginning.
        from: DateTime<Utc>,
        /// The last day, inclusive.
        ends_on: NaiveDate,
    },
    /// Dates of a term are told for a service that is paid by use; they do not count.
    UsageHasNoTerm,
    /// It is a trial, of which the policy does not speak.
    Trial,
    /// It is a part of another subscription, and moves with it.
    AddOn,
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Undocumented { field, word } => write!(f, "`{field}` is {word:?}, which is not documented"),
            Self::Differs { kept, other } => {
                write!(f, "`{}` is told as `{other}` too; `{kept}` counts", kept.fact())
            }
            Self::Excluded { other } => {
                write!(f, "`{}` is told as `{other}` too, which is excluded", other.fact())
            }
            Self::TermDiffers => f.write_str("`term` is told with other dates too; the interface's count"),
            Self::EndIsFarAway { ends_on } => write!(f, "the end of the term on {ends_on} stands for no end"),
            Self::EndsBeforeItBegins { from, ends_on } => {
                write!(f, "the term ends on {ends_on}, before it begins at {from:?}")
            }
            Self::PurchaseIsAmbiguous { created, effective } => write!(
                f,
                "`creationDate` {created:?} and `effectiveStartDate` {effective:?} are apart: the window for cancelling is \
                 not derived"
            ),
            Self::RenewedSince { from, ends_on } => write!(
                f,
                "the term from {from:?} to {ends_on} is longer than `termDuration`: it was renewed, and the window for \
                 cancelling is not derived"
            ),
            Self::UsageHasNoTerm => f.write_str("`term` is told too, which a usage-based service does not have"),
            Self::Trial => f.write_str("it is a trial, of which the policy does not speak"),
            Self::AddOn => f.write_str("it is an add-on of another subscription"),
        }
    }
}

/// A case made from Partner Center's resources, with the origin of each fact.
///
/// Sources are asked in the order in which they are given: the subscription itself, then what [`with_customer`](Self::with_customer),
/// [`with_eligibility`](Self::with_eligibility) and [`with_supplied`](Self::with_supplied) add. A later one fills in what is still
/// unknown and never changes what is known; where it differs, a [`Remark`] says so.
///
/// ```
/// use csp_multichannel::rest::{Gap, Mapped, Origin, Remark, Subscription};
/// use csp_multichannel::{Fact, Status};
///
/// let subscription: Subscription = serde_json::from_str(
///     r#"{"id": "83ef9d05", "offerId": "MS-AZR-DE-0146P", "billingType": "usage", "status": "paused"}"#,
/// )?;
/// let mapped = Mapped::of(&subscription);
/// assert_eq!(mapped.origin(Fact::Cloud).to_string(), "derived by `azure_offer_cloud` from `offerId`");
/// assert_eq!(mapped.origin(Fact::Status), Origin::Unknown { because: Gap::NoSuchValue });
/// assert_eq!(mapped.remarks()[0].to_string(), r#"`status` is "paused", which is not documented"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mapped<'s> {
    subscription: &'s Subscription,
    case: Case,
    /// The values that no field excludes.
    left: ValueSet,
    origins: [Origin; Fact::COUNT],
    remarks: Vec<Remark>,
}

impl<'s> Mapped<'s> {
    /// What a subscription says by itself.
    #[must_use]
    pub fn of(subscription: &'s Subscription) -> Self {
        let untold = Origin::Unknown { because: Gap::NoFieldTellsIt };
        let case = Case::new(subscription.id.as_str(), records::Subscription::default(), Engagement::default());
        let left = Facts::UNKNOWN.values();
        let mut mapped = Self { subscription, case, left, origins: [untold; Fact::COUNT], remarks: Vec::new() };

        let undocumented = subscription.undocumented();
        mapped.remarks.extend(undocumented.map(|(field, word)| Remark::Undocumented { field, word: word.into() }));
        if subscription.is_trial == Some(true) {
            mapped.remarks.push(Remark::Trial);
        }
        if subscription.parent_subscription_id.as_ref().is_some_and(|id| !id.is_empty()) {
            mapped.remarks.push(Remark::AddOn);
        }

        mapped.learn(service(subscription));
        mapped.learn(cloud(subscription));
        mapped.learn(auto_renew(subscription));
        mapped.learn_status();
        mapped.learn::<Transfer>(Err(Gap::FieldIsAbsent));
        mapped.learn::<Relationship>(Err(Gap::FieldIsAbsent));
        mapped.learn_term();
        mapped
    }

    /// What its customer's record adds: whether there is a relationship. That it is its customer's is up to the caller.
    #[must_use]
    pub fn with_customer(mut self, customer: &Customer) -> Self {
        if let Some(Open::Other(word)) = &customer.relationship_to_partner {
            self.remarks.push(Remark::Undocumented { field: "relationshipToPartner", word: word.clone() });
        }
        match customer.relationship_to_partner.as_ref().map(Open::documented) {
            None => self.learn::<Relationship>(Err(Gap::FieldIsAbsent)),
            Some(Some(RelationshipToPartner::Reseller)) => {
                self.learn(Ok(derived(Relationship::Active, Derivation::ResellerOfCustomer)));
            }
            // A request that waits for its acceptance does not show.
            Some(Some(RelationshipToPartner::None)) => {
                self.narrow(Set::from([Relationship::None, Relationship::Requested]), "relationshipToPartner");
            }
            // The field holds one program; whether there is a relationship beside it is not told.
            Some(_) => self.learn::<Relationship>(Err(Gap::NoSuchValue)),
        }
        self
    }

    /// What its eligibility for a transfer adds: whether it is in one, and its state. That the ids agree is up to the caller.
    #[must_use]
    pub fn with_eligibility(mut self, eligibility: &TransferEligibility) -> Self {
        self.learn(transfer(eligibility));
        self.learn(state(eligibility));
        self
    }

    /// What the caller knows: the channel, first of all, which no field tells.
    #[must_use]
    pub fn with_supplied(mut self, subscription: &records::Subscription, engagement: &Engagement) -> Self {
        fn supplied<T>(known: Option<T>) -> Result<(T, Origin), Gap> {
            known.map(|value| (value, Origin::Supplied)).ok_or(Gap::NoFieldTellsIt)
        }

        self.learn(supplied(subscription.channel));
        self.learn(supplied(subscription.service));
        self.learn(supplied(subscription.cloud));
        self.learn(supplied(engagement.partner));
        self.learn(supplied(engagement.relationship));
        self.learn(supplied(engagement.customer));
        self.learn(supplied(engagement.market));
        self.learn(supplied(subscription.auto_renew));
        self.learn(supplied(subscription.status));
        self.learn(supplied(subscription.transfer));
        // With a service that was unknown, the dates may be those of a term.
        self.learn_term();
        if let Some(term) = subscription.term() {
            self.learn_dates(term, Origin::Supplied);
        }
        self
    }

    /// The case.
    #[must_use]
    pub const fn case(&self) -> &Case {
        &self.case
    }

    /// What is known of it at an instant: of its case, and what fields exclude.
    #[must_use]
    pub fn facts(&self, at: DateTime<Utc>) -> Facts {
        let facts = self.case.facts(at);
        // No field excludes what another tells.
        facts.given(self.left).unwrap_or(facts)
    }

    /// The case by itself.
    #[must_use]
    pub fn into_case(self) -> Case {
        self.case
    }

    /// Where a fact comes from.
    #[must_use]
    #[expect(clippy::indexing_slicing, reason = "the array has an entry for each fact")]
    pub const fn origin(&self, fact: Fact) -> Origin {
        self.origins[fact as usize]
    }

    /// Each fact with its origin, in the order of the policy's table.
    #[must_use]
    pub fn origins(&self) -> impl ExactSizeIterator<Item = (Fact, Origin)> {
        Fact::ALL.iter().map(|&fact| (fact, self.origin(fact)))
    }

    /// What was noticed, in the order in which it was.
    #[must_use]
    pub fn remarks(&self) -> &[Remark] {
        &self.remarks
    }

    #[expect(clippy::indexing_slicing, reason = "the array has an entry for each fact")]
    fn origin_mut(&mut self, fact: Fact) -> &mut Origin {
        &mut self.origins[fact as usize]
    }

    /// Learns a fact, or why it stays unknown.
    fn learn<T: Place>(&mut self, told: Told<T>) {
        let left = self.left.of::<T>();
        // With dates there is a term, and the service is none of these.
        let dated = self.case.subscription.term().is_some();
        let usage_based = Service::values(Service::USAGE_BASED);
        let place = T::place(&mut self.case);
        match (*place, told) {
            (None, Ok((other, _))) if !left.contains(other) || (dated && usage_based.contains(other.into())) => {
                self.remarks.push(Remark::Excluded { other: other.into() });
            }
            (Some(kept), Ok((other, _))) if kept.into() != other.into() => {
                self.remarks.push(Remark::Differs { kept: kept.into(), other: other.into() });
            }
            (None, Ok((value, origin))) => {
                *place = Some(value);
                *self.origin_mut(T::FACT) = origin;
            }
            // The first reason stays: what a field told of it is more than that nobody supplied it.
            (None, Err(because)) if because != Gap::NoFieldTellsIt => match self.origin_mut(T::FACT) {
                Origin::Narrowed { .. } => {}
                origin => *origin = Origin::Unknown { because },
            },
            _ => {}
        }
    }

    /// Learns that only some values are possible.
    fn narrow<T: Place>(&mut self, possible: Set<T>, field: &'static str)
    where
        Set<T>: Into<ValueSet>,
    {
        if let Some(kept) = *T::place(&mut self.case) {
            if let Some(other) = possible.iter().next().filter(|_| !possible.contains(kept)) {
                self.remarks.push(Remark::Differs { kept: kept.into(), other: other.into() });
            }
        } else {
            self.left = self.left.difference(T::FACT.values()).union(possible.into());
            *self.origin_mut(T::FACT) = Origin::Narrowed { field };
        }
    }

    fn learn_status(&mut self) {
        const FIELD: &str = "status";
        let taken = |status| Ok((status, Origin::Taken { field: FIELD }));
        self.learn(match self.subscription.status.as_ref().map(Open::documented) {
            None | Some(Some(SubscriptionStatus::None)) => Err(Gap::FieldIsAbsent),
            Some(Some(SubscriptionStatus::Active)) => taken(Status::Active),
            Some(Some(SubscriptionStatus::Suspended)) => taken(Status::Suspended),
            Some(Some(SubscriptionStatus::Deleted)) => taken(Status::Deleted),
            // Not in use; the reference does not say that it is suspended.
            Some(Some(SubscriptionStatus::Expired | SubscriptionStatus::Disabled)) => {
                return self.narrow(Set::from([Status::Suspended, Status::Deleted]), FIELD);
            }
            Some(_) => Err(Gap::NoSuchValue),
        });
    }

    /// Learns the term from the subscription's own dates, where the service is known.
    fn learn_term(&mut self) {
        if self.case.subscription.term().is_some() {
            return;
        }
        *self.origin_mut(Fact::Term) = match self.case.subscription.service {
            None => Origin::Unknown { because: Gap::ServiceIsUnknown },
            Some(service) if service.is_usage_based() => Origin::Derived { by: Derivation::UsageHasNoTerm },
            Some(service) => match term(self.subscription, service) {
                Ok(term) => return self.learn_dates(term, Origin::Derived { by: Derivation::TermDates }),
                Err((because, remark)) => {
                    self.remarks.extend(remark.filter(|remark| !self.remarks.contains(remark)));
                    Origin::Unknown { because }
                }
            },
        };
    }

    fn learn_dates(&mut self, term: Term, origin: Origin) {
        match self.case.subscription.term() {
            Some(kept) if kept != term => self.remarks.push(Remark::TermDiffers),
            Some(_) => {}
            None => match self.case.subscription.with_term(term) {
                Ok(subscription) => {
                    self.case.subscription = subscription;
                    *self.origin_mut(Fact::Term) = origin;
                }
                Err(_) => self.remarks.push(Remark::UsageHasNoTerm),
            },
        }
    }
}

/// A fact that a case keeps as it is.
trait Place: FactValue {
    fn place(case: &mut Case) -> &mut Option<Self>;
}

macro_rules! places {
    ($( $Type:ident: $record:ident.$field:ident, )+) => {
        $(
            impl Place for crate::vocabulary::$Type {
                fn place(case: &mut Case) -> &mut Option<Self> {
                    &mut case.$record.$field
                }
            }
        )+
    };
}

places! {
    Channel: subscription.channel,
    Service: subscription.service,
    Cloud: subscription.cloud,
    AutoRenew: subscription.auto_renew,
    Status: subscription.status,
    Transfer: subscription.transfer,
    Partner: engagement.partner,
    Relationship: engagement.relationship,
    Customer: engagement.customer,
    Market: engagement.market,
}

/// What is told of a fact, and where; or why nothing is.
type Told<T> = Result<(T, Origin), Gap>;

fn derived<T>(value: T, by: Derivation) -> (T, Origin) {
    (value, Origin::Derived { by })
}

/// What one rule after the other says of the service; where they differ, nothing is claimed.
fn service(subscription: &Subscription) -> Told<Service> {
    let rules = [by_publisher(subscription), by_product_type(subscription), by_offer(subscription)];
    let mut told = None;
    for (service, by) in rules.into_iter().flatten() {
        if told.is_some_and(|(other, _)| other != service) || contradicts(billing(subscription), service) {
            return Err(Gap::FieldsContradict);
        }
        told = told.or(Some((service, by)));
    }
    let product_type = subscription.product_type.as_ref().and_then(|product_type| product_type.id.as_ref());
    match told {
        Some((service, by)) => Ok(derived(service, by)),
        // How it is billed would tell, or nothing is there that could.
        None if by_billing(subscription).is_some() && billing(subscription).is_none() => Err(Gap::FieldIsAbsent),
        None if subscription.offer_id.is_none() && product_type.is_none() => Err(Gap::FieldIsAbsent),
        None => Err(Gap::NoSuchValue),
    }
}

type Rule = Option<(Service, Derivation)>;

fn by_publisher(subscription: &Subscription) -> Rule {
    (subscription.is_microsoft_product == Some(false)).then_some((Service::Marketplace, Derivation::ThirdPartyProduct))
}

fn by_product_type(subscription: &Subscription) -> Rule {
    let id = subscription.product_type.as_ref()?.id.as_ref()?.to_ascii_lowercase();
    match id.as_str() {
        "onlineservicesnce" => Some((Service::NewCommerceLicense, Derivation::NewCommerceProductType)),
        "software" | "softwareperpetual" | "softwaresubscription" => {
            Some((Service::Software, Derivation::SoftwareProductType))
        }
        _ if id.starts_with("azurereservation") => {
            Some((Service::AzureReservation, Derivation::ReservationProductType))
        }
        _ => None,
    }
}

fn by_offer(subscription: &Subscription) -> Rule {
    let offer = offer(subscription)?;
    match offer.split(':').next()? {
        "DZH318Z0BPS6" | AZURE_PLAN_OFFER => Some((Service::AzurePlan, Derivation::AzurePlanProduct)),
        name if name.starts_with(AZURE_OFFER) => Some((Service::Azure, Derivation::AzureOffer)),
        _ => by_billing(subscription).filter(|_| billing(subscription) == Some(BillingType::License)),
    }
}

/// What an offer is, if it is billed by license. One with colons names product, SKU and availability in the catalogue of new commerce.
fn by_billing(subscription: &Subscription) -> Rule {
    let offer = offer(subscription)?;
    if offer.contains(':') && offer.starts_with("CFQ7TTC0") {
        Some((Service::NewCommerceLicense, Derivation::NewCommerceOffer))
    } else if is_guid(&offer) {
        Some((Service::License, Derivation::TraditionalOffer))
    } else {
        None
    }
}

fn offer(subscription: &Subscription) -> Option<String> {
    Some(subscription.offer_id.as_ref()?.trim().to_ascii_uppercase())
}

const AZURE_OFFER: &str = "MS-AZR-";
/// The Azure plan's old name, in every cloud.
const AZURE_PLAN_OFFER: &str = "MS-AZR-0017G";

fn is_guid(text: &str) -> bool {
    let groups = text.split('-').map(|group| (group.len(), group.bytes().all(|byte| byte.is_ascii_hexdigit())));
    groups.eq([8, 4, 4, 4, 12].map(|length| (length, true)))
}

/// How it is billed, as the field for that or the name of its units tells.
fn billing(subscription: &Subscription) -> Option<BillingType> {
    let told = subscription.billing_type.as_ref().and_then(Open::documented);
    told.filter(|&billing| billing != BillingType::None).or_else(|| {
        match subscription.unit_type.as_ref()?.to_ascii_lowercase().as_str() {
            "license" | "licenses" | "license(s)" => Some(BillingType::License),
            "usage-based" | "usage" => Some(BillingType::Usage),
            "benefit" => Some(BillingType::Benefit),
            _ => None,
        }
    })
}

/// Whether a service is never billed like this. Marketplace offers are billed in every way.
fn contradicts(billing: Option<BillingType>, service: Service) -> bool {
    match billing {
        Some(BillingType::Benefit) => true,
        Some(BillingType::Usage) => !service.is_usage_based() && service != Service::Marketplace,
        Some(BillingType::License) => service.is_usage_based(),
        _ => false,
    }
}

fn cloud(subscription: &Subscription) -> Told<Cloud> {
    let offer = offer(subscription).ok_or(Gap::NoFieldTellsIt)?;
    let number = offer.strip_prefix(AZURE_OFFER).filter(|_| offer != AZURE_PLAN_OFFER).ok_or(Gap::NoFieldTellsIt)?;
    let cloud = match number.split_once('-') {
        Some(("DE", _)) => Cloud::Germany,
        Some(("USGOV", _)) => Cloud::UsGovernment,
        None if number.starts_with(|first: char| first.is_ascii_digit()) => Cloud::Public,
        _ => return Err(Gap::NoSuchValue),
    };
    Ok(derived(cloud, Derivation::AzureOfferCloud))
}

fn auto_renew(subscription: &Subscription) -> Told<AutoRenew> {
    let enabled = subscription.auto_renew_enabled.ok_or(Gap::FieldIsAbsent)?;
    let value = if enabled { AutoRenew::On } else { AutoRenew::Off };
    Ok((value, Origin::Taken { field: "autoRenewEnabled" }))
}

fn transfer(eligibility: &TransferEligibility) -> Told<Transfer> {
    match (eligibility.is_eligible, says(eligibility, "already part of another transfer")) {
        (Some(true), false) => Ok(derived(Transfer::None, Derivation::EligibleForTransfer)),
        (Some(true), true) => Err(Gap::FieldsContradict),
        (_, true) => Ok(derived(Transfer::Pending, Derivation::ReasonNamesTransfer)),
        (None, false) if eligibility.reason.is_none() => Err(Gap::FieldIsAbsent),
        (_, false) => Err(Gap::NoSuchValue),
    }
}

fn state(eligibility: &TransferEligibility) -> Told<Status> {
    let named = [("suspended", Status::Suspended), ("deleted", Status::Deleted)];
    let named = named.into_iter().find(|(state, _)| says(eligibility, &std::format!("is in state: {state}")));
    let (_, status) = named.ok_or(Gap::NoFieldTellsIt)?;
    Ok(derived(status, Derivation::ReasonNamesState))
}

/// Whether the reason, which is free text, contains a phrase of the reference's examples.
fn says(eligibility: &TransferEligibility, phrase: &str) -> bool {
    eligibility.reason.as_ref().is_some_and(|reason| reason.to_ascii_lowercase().contains(phrase))
}

/// Beyond ten years an end stands for none, as the reference has it for subscriptions that do not renew; the longest term on offer
/// is three.
const LONGEST: TimeDelta = TimeDelta::days(3_653);

/// How far apart creation and effective start are where they tell of one purchase.
const SAME_MOMENT: TimeDelta = TimeDelta::minutes(1);

impl TermDuration {
    /// The most days that such a term can have.
    const fn most(self) -> TimeDelta {
        TimeDelta::days(match self {
            Self::P1M => 31,
            Self::P1Y => 366,
            Self::P3Y => 1_096,
        })
    }
}

/// The term of a subscription to a service that has one.
fn term(subscription: &Subscription, service: Service) -> Result<Term, (Gap, Option<Remark>)> {
    const ABSENT: (Gap, Option<Remark>) = (Gap::FieldIsAbsent, None);
    let (created, effective) = (subscription.creation_date, subscription.effective_start_date);
    let from = effective.or(created).ok_or(ABSENT)?;
    // An instant is the end itself, and the last day is that of the moment before it; a day is inclusive.
    let ends_on = match (subscription.commitment_end_date, subscription.commitment_end_date_time) {
        (_, Some(end)) => (end - TimeDelta::nanoseconds(1)).date_naive(),
        (Some(day), None) => day.date_naive(),
        (None, None) => return Err(ABSENT),
    };
    if ends_on - from.date_naive() > LONGEST {
        return Err((Gap::FieldIsAbsent, Some(Remark::EndIsFarAway { ends_on })));
    }
    let cancellation = match subscription.cancellation_allowed_until_date {
        None => Cancellation::ByService,
        // The field speaks of new commerce; a traditional license can be cancelled at any time.
        Some(None) if service == Service::License => Cancellation::ByService,
        Some(None) => Cancellation::Never,
        Some(Some(until)) => Cancellation::Until(until),
    };
    // Only here does it matter when exactly the term began.
    if cancellation == Cancellation::ByService && service == Service::NewCommerceLicense {
        let apart = created.zip(effective).filter(|&(created, effective)| (created - effective).abs() > SAME_MOMENT);
        if let Some((created, effective)) = apart {
            return Err((Gap::Ambiguous, Some(Remark::PurchaseIsAmbiguous { created, effective })));
        }
        let duration = subscription.term_duration.as_ref().and_then(Open::documented).map(TermDuration::most);
        if duration.is_some_and(|most| ends_on - from.date_naive() > most) {
            return Err((Gap::Ambiguous, Some(Remark::RenewedSince { from, ends_on })));
        }
    }
    Term::new(from, ends_on, cancellation)
        .map_err(|_| (Gap::FieldsContradict, Some(Remark::EndsBeforeItBegins { from, ends_on })))
}
