//! What is known beside the subscriptions, by which they are mapped.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use csp_multichannel::{Channel, Fact, Facts, Partner, Set, Transfer};

use crate::date::DateOrder;
use crate::mapping::{Draft, Mapping};
use crate::note::{Note, Origin, UnknownReason};
use crate::record::Record;
use crate::resource::{Resource, ResourceKind};
use crate::value::Value;

/// What is known beside the subscriptions: their customers, their eligibility for a transfer, a table of facts, the
/// tenants of partners, and what holds for all of them.
///
/// ```
/// use csp_multichannel::{Channel, Fact, Facts, Transfer, parse_instant};
/// use csp_partner_center::{Context, Record};
///
/// let mut context = Context::new().with_defaults(Facts::from(Channel::OtherCspPartner));
/// context.add_eligibility(Record::from_json(r#"{"id": "83EF9D05", "isEligible": false}"#)?)?;
///
/// let record = Record::from_json(r#"{"id": "83ef9d05", "offerId": "MS-AZR-0145P"}"#)?;
/// let mapping = context.map(&record, parse_instant("2026-11-27")?)?;
/// let facts = mapping.case.subscription.facts();
/// assert_eq!(facts.known(), Some(Transfer::Ineligible));
/// assert_eq!(mapping.origins[&Fact::Channel].to_string(), "default");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Context {
    defaults: Facts,
    order: Option<DateOrder>,
    customers: HashMap<String, Vec<Resource>>,
    eligibility: HashMap<String, Vec<Resource>>,
    facts: HashMap<String, Vec<Record>>,
    partner_tenant: Option<String>,
    /// The tenants of known partners, each with the channel where it is stated.
    partners: HashMap<String, Facts>,
}

/// Identifiers are GUIDs, in either case.
fn key(id: &str) -> String {
    id.trim_matches(|c: char| c.is_whitespace() || matches!(c, '{' | '}')).to_ascii_lowercase()
}

impl Context {
    /// Creates a context in which nothing is known.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets what holds for all subscriptions where nothing else says so.
    #[must_use]
    pub fn with_defaults(self, defaults: Facts) -> Self {
        Self { defaults, ..self }
    }

    /// Sets how dates of resources are read that can be read in two ways.
    #[must_use]
    pub fn with_date_order(self, order: impl Into<Option<DateOrder>>) -> Self {
        Self { order: order.into(), ..self }
    }

    /// Sets the tenant of the asking partner: what it owns in a directory is its own.
    #[must_use]
    pub fn with_partner_tenant(self, tenant: &str) -> Self {
        Self { partner_tenant: Some(key(tenant)), ..self }
    }

    /// Adds the tenant of another partner: what it owns in a directory was bought from it.
    ///
    /// The channel counts where it is stated: a partner can have lost its authorization.
    ///
    /// # Errors
    ///
    /// What the record is, if it is no row of a table.
    pub fn add_partner(&mut self, record: &Record) -> Result<(), UnexpectedKind> {
        record.expect(ResourceKind::Case)?;
        let channel = record.stated.facts().about(Fact::Channel);
        let known = self.partners.entry(key(record.id())).or_insert(channel);
        *known = known.union(channel);
        Ok(())
    }

    /// Adds a customer; of several records of one, the answer that there is no relationship is not lost.
    ///
    /// # Errors
    ///
    /// What the record is, if it is no customer.
    pub fn add_customer(&mut self, record: Record) -> Result<(), UnexpectedKind> {
        record.expect(ResourceKind::Customer)?;
        let known = self.customers.entry(key(record.id())).or_default();
        known.extend(record.resource.map(|resource| *resource));
        Ok(())
    }

    /// Adds the eligibility of a subscription; of several, a negative one is not lost.
    ///
    /// # Errors
    ///
    /// What the record is, if it is no eligibility for a transfer.
    pub fn add_eligibility(&mut self, record: Record) -> Result<(), UnexpectedKind> {
        record.expect(ResourceKind::TransferEligibility)?;
        let known = self.eligibility.entry(key(record.id())).or_default();
        known.extend(record.resource.map(|resource| *resource));
        Ok(())
    }

    /// Adds facts of one subscription; what an earlier row states of it counts first.
    ///
    /// # Errors
    ///
    /// What the record is, if it is neither a case nor a row of a table.
    pub fn add_facts(&mut self, record: Record) -> Result<(), UnexpectedKind> {
        record.expect(ResourceKind::Case)?;
        self.facts.entry(key(record.id())).or_default().push(record);
        Ok(())
    }

    /// Returns the identifiers in the table of facts, in lower case and in no order.
    pub fn ids_of_facts(&self) -> impl Iterator<Item = &str> {
        self.facts.keys().map(String::as_str)
    }

    /// Maps a record at an instant, in UTC.
    ///
    /// A subscription of the directory is found by either of its identifiers.
    ///
    /// # Errors
    ///
    /// What the record is, if it is no subscription.
    pub fn map(&self, record: &Record, as_of: DateTime<Utc>) -> Result<Mapping, UnexpectedKind> {
        let resource = record.resource.as_deref();
        let ids = [
            Some(record.id()),
            resource.and_then(|resource| resource.commerce_subscription_id.text()),
        ];
        // Of several rows, one that excludes a transfer counts first.
        let mut rows: Vec<&Record> =
            ids.iter().filter_map(|id| find(&self.facts, *id)).flatten().collect();
        rows.sort_by_key(|row| row.stated.facts().overlaps(Transfer::None.into()));
        let rows_resources = || rows.iter().filter_map(|row| row.resource.as_deref());
        let is_described = matches!(record.kind, ResourceKind::Subscription | ResourceKind::Case);
        let described = || resource.filter(|_| is_described).into_iter().chain(rows_resources());
        // Of several answers, a negative one counts first.
        let found = ids.iter().filter_map(|id| find(&self.eligibility, *id)).flatten();
        let mut eligibility: Vec<&Resource> =
            found.chain(resource).chain(rows_resources()).collect();
        eligibility.sort_by_key(|eligibility| eligibility.is_eligible.switch() != Some(false));
        let customer_id = described().find_map(Resource::customer_id);
        let found = find(&self.customers, customer_id).into_iter().flatten();
        let mut customers: Vec<&Resource> = found.collect();
        let is_reseller = |customer: &&Resource| {
            customer.relationship_to_partner.word().as_deref() == Some("reseller")
        };
        customers.sort_by_key(is_reseller);

        let mut draft = Draft::new(self.order);
        draft.unknown(Fact::Transfer, UnknownReason::FieldAbsent);
        for eligibility in &eligibility {
            draft.read_eligibility(eligibility);
        }
        draft.state_all(record.stated, Origin::Record);
        if let Some(resource) = resource {
            draft.read_channel(resource);
        }
        match (record.kind, resource) {
            (ResourceKind::DirectorySubscription, Some(resource)) => {
                let owner = self.channel_of_owner(&mut draft, resource);
                draft.read_directory(resource, owner, as_of);
            }
            (ResourceKind::AzureSubscription, Some(resource)) => draft.read_azure(resource),
            _ if is_described => {}
            _ => record.expect(ResourceKind::Subscription)?,
        }
        for resource in described() {
            draft.read_subscription(resource);
        }
        for customer in &customers {
            draft.read_customer(customer);
        }
        for eligibility in eligibility {
            draft.read_reason(eligibility);
        }
        // The service decides what dates and renewal mean; all else is stated after what fields say.
        let of_rows = rows.iter().map(|row| (row.stated, Origin::Table));
        let stated = || of_rows.clone().chain([(self.defaults.into(), Origin::Default)]);
        for (stated, origin) in stated() {
            draft.state_all(stated.facts().about(Fact::Service).into(), origin);
        }
        for resource in described() {
            draft.read_term(resource, as_of);
        }
        for (stated, origin) in stated() {
            draft.state_all(stated, origin);
        }
        for note in [record].iter().chain(&rows).flat_map(|record| &record.notes) {
            draft.note(note.clone());
        }
        let name = resource.into_iter().chain(rows_resources()).find_map(Resource::name);
        let of_rows = || rows.iter().find_map(|row| row.customer.as_deref());
        let stated = record.customer.as_deref().or_else(of_rows);
        let company = customers.iter().find_map(|customer| customer.name());
        Ok(draft.finish(record.id(), name, company.or(stated).or(customer_id)))
    }

    /// What the owner of a subscription in a directory says of the channel.
    fn channel_of_owner(
        &self,
        draft: &mut Draft,
        resource: &Resource,
    ) -> Result<Facts, UnknownReason> {
        if self.partner_tenant.is_none() && self.partners.is_empty() {
            return Err(UnknownReason::NoField);
        }
        let value = &resource.owner_tenant_id;
        let is_somebody = |owner: &&str| owner.chars().any(|c| c.is_alphanumeric() && c != '0');
        let Some(owner) = value.text().filter(is_somebody).map(key) else {
            // Without an owner it was bought directly. An SDK writes `null` for all that was not selected.
            let others = [&resource.sku_part_number, &resource.next_lifecycle_date_time];
            let is_selected = others.into_iter().any(|value| *value != Value::Null);
            return match value {
                Value::Null if is_selected => Ok(Channel::Direct.into()),
                value if value.is_absent() => Err(UnknownReason::FieldAbsent),
                value => {
                    draft.note(Note::undocumented("ownerTenantId", value));
                    Err(UnknownReason::UnknownValue)
                }
            };
        };
        if self.partner_tenant.as_ref() == Some(&owner) {
            return Ok(Channel::ThisPartner.into());
        }
        match self.partners.get(&owner) {
            Some(&stated) if stated != Facts::UNKNOWN => Ok(stated),
            Some(_) => {
                let asking: Set<Partner> = self.defaults.possible();
                Ok(draft.channel_of_partner(asking.contains(Partner::IndirectReseller)))
            }
            None => Err(UnknownReason::OwnerUnknown),
        }
    }
}

/// Finds what is known by an identifier; mostly there is nothing to look in.
fn find<'m, T>(map: &'m HashMap<String, T>, id: Option<&str>) -> Option<&'m T> {
    if map.is_empty() { None } else { map.get(&key(id?)) }
}

/// A record of another kind than was expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}, expected {}", .kind.with_article(), .expected.with_article())]
pub struct UnexpectedKind {
    pub(crate) kind: ResourceKind,
    pub(crate) expected: ResourceKind,
}

impl UnexpectedKind {
    /// Returns what the record is.
    #[must_use]
    pub const fn kind(&self) -> ResourceKind {
        self.kind
    }

    /// Returns what was expected.
    #[must_use]
    pub const fn expected(&self) -> ResourceKind {
        self.expected
    }
}
