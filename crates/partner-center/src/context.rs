//! The context of a mapping: what is known in addition to the subscriptions.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use csp_multichannel::{Channel, Fact, Facts, Partner, Set, Subscription, Transfer};

use crate::date::DateOrder;
use crate::mapping::{Draft, Mapping};
use crate::note::{Note, NoteKind, words};
use crate::origin::{MappingRule, Origin, UnknownReason};
use crate::record::Record;
use crate::resource::{Resource, ResourceKind};
use crate::value::FieldValue;

/// A context for mapping records to cases: what is known in addition to the subscriptions.
///
/// It contains customers, eligibilities for a transfer, a table of facts, the tenants of partners,
/// and the defaults for all subscriptions. Identifiers match in any case, with or without braces.
///
/// ```
/// use csp_multichannel::{Channel, Fact, Facts, Transfer, parse_instant};
/// use csp_partner_center::{Context, Record};
///
/// let mut context = Context::new().with_defaults(Facts::from(Channel::OtherCspPartner));
/// let answer = Record::from_json(r#"{"id": "83EF9D05", "isEligible": false}"#)?;
/// context.add_eligibility(answer)?;
///
/// let record = Record::from_json(r#"{"id": "83ef9d05", "offerId": "MS-AZR-0145P"}"#)?;
/// let mapping = context.map(&record, parse_instant("2026-11-27")?)?;
/// let facts = mapping.case.subscription.facts();
/// assert_eq!(facts.known(), Some(Transfer::Ineligible));
/// assert_eq!(mapping.origins[Fact::Channel].to_string(), "default");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Context {
    defaults: Facts,
    order: Option<DateOrder>,
    customers: HashMap<String, Vec<Record>>,
    eligibility: HashMap<String, Vec<Record>>,
    facts: HashMap<String, Vec<Record>>,
    partner_tenant: Option<String>,
    /// The tenants of known partners, each with its channel if it is stated.
    partners: HashMap<String, Result<Facts, UnknownReason>>,
}

/// Returns the key of an identifier: a GUID in lower case, without braces.
fn key(id: &str) -> String {
    id.trim_matches(|c: char| c.is_whitespace() || matches!(c, '{' | '}')).to_ascii_lowercase()
}

impl Context {
    /// Creates an empty context.
    ///
    /// ```
    /// use csp_multichannel::{Fact, parse_instant};
    /// use csp_partner_center::{Context, Record};
    ///
    /// let record = Record::from_json(r#"{"id": "83ef9d05", "offerName": "Mail"}"#)?;
    /// let mapping = Context::new().map(&record, parse_instant("2026-11-27")?)?;
    /// assert_eq!(mapping.case.subscription.facts().to_string(), "nothing known");
    /// assert_eq!(mapping.origins[Fact::Channel].to_string(), "unknown: no field");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the default facts of all subscriptions, used where no other source states a fact.
    ///
    /// ```
    /// use csp_multichannel::{Channel, Facts, parse_instant};
    /// use csp_partner_center::{Context, Record};
    ///
    /// let context = Context::new().with_defaults(Facts::from(Channel::OtherCspPartner));
    /// let record = Record::from_json(r#"{"id": "83ef9d05", "channel": "open"}"#)?;
    /// let mapping = context.map(&record, parse_instant("2026-11-27")?)?;
    /// assert_eq!(mapping.case.subscription.facts().known(), Some(Channel::Open));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_defaults(self, defaults: Facts) -> Self {
        Self { defaults, ..self }
    }

    /// Sets the order of day and month in ambiguous dates of resources.
    ///
    /// Without it, such a date is not used, and a note shows both readings.
    ///
    /// ```
    /// use csp_multichannel::parse_instant;
    /// use csp_partner_center::{Context, DateOrder, Record};
    ///
    /// let record = Record::from_json(
    ///     r#"{"id": "83ef", "offerId": "DZH318Z0BQ36:004G", "commitmentEndDate": "3/4/2027"}"#,
    /// )?;
    /// let as_of = parse_instant("2026-11-27")?;
    /// let note = Context::new().map(&record, as_of)?.notes[0].to_string();
    /// assert_eq!(
    ///     note,
    ///     "`commitmentEndDate` `3/4/2027`: the date can't be used, expected `2027-04-03` or \
    ///      `2027-03-04`, or one order of day and month for all dates",
    /// );
    ///
    /// let context = Context::new().with_date_order(DateOrder::MonthFirst);
    /// let term = context.map(&record, as_of)?.case.subscription.term();
    /// assert_eq!(term.map(|term| term.ends_on().to_string()).as_deref(), Some("2027-03-04"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_date_order(self, order: impl Into<Option<DateOrder>>) -> Self {
        Self { order: order.into(), ..self }
    }

    /// Sets the tenant of the asking partner.
    ///
    /// A directory subscription that this tenant owns was bought from the asking partner.
    ///
    /// ```
    /// use csp_multichannel::{Channel, parse_instant};
    /// use csp_partner_center::{Context, Record};
    ///
    /// let context = Context::new().with_partner_tenant("t0");
    /// let record = Record::from_json(r#"{"id": "83ef9d05", "ownerTenantId": "T0"}"#)?;
    /// let mapping = context.map(&record, parse_instant("2026-11-27")?)?;
    /// assert_eq!(mapping.case.subscription.facts().known(), Some(Channel::ThisPartner));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_partner_tenant(self, tenant: &str) -> Self {
        Self { partner_tenant: Some(key(tenant)), ..self }
    }

    /// Adds the tenant of another partner.
    ///
    /// A directory subscription that this tenant owns was bought from that partner. The record can
    /// state the channel, for example for a partner that lost its authorization. Otherwise the
    /// channel is `other_csp_partner`, or also `this_partner` if the asking partner can be an
    /// indirect reseller.
    ///
    /// # Errors
    ///
    /// [`UnexpectedKind`] if the record is neither a case nor a row of a table.
    ///
    /// ```
    /// use csp_multichannel::{Channel, parse_instant};
    /// use csp_partner_center::{Context, Record};
    ///
    /// let mut context = Context::new();
    /// let partner = r#"{"id": "t1", "channel": "former_csp_partner"}"#;
    /// context.add_partner(&Record::from_json(partner)?)?;
    ///
    /// let record = Record::from_json(r#"{"id": "83ef9d05", "ownerTenantId": "t1"}"#)?;
    /// let mapping = context.map(&record, parse_instant("2026-11-27")?)?;
    /// assert_eq!(mapping.case.subscription.facts().known(), Some(Channel::FormerCspPartner));
    ///
    /// let error = context.add_partner(&record).unwrap_err();
    /// assert_eq!(error.to_string(), "a directory subscription, expected a case");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn add_partner(&mut self, record: &Record) -> Result<(), UnexpectedKind> {
        record.expect(ResourceKind::Case)?;
        let stated = record.stated.facts().about(Fact::Channel);
        let is_unreadable = record.unreadable.contains(Fact::Channel);
        let channel = if is_unreadable { Err(UnknownReason::UnknownValue) } else { Ok(stated) };
        let known = self.partners.entry(key(record.id())).or_insert(channel);
        *known = match (*known, channel) {
            (Ok(known), Ok(channel)) if known == Facts::UNKNOWN => Ok(channel),
            (Ok(known), Ok(Facts::UNKNOWN)) => Ok(known),
            (Ok(known), Ok(channel)) => Ok(known.union(channel)),
            _ => Err(UnknownReason::UnknownValue),
        };
        Ok(())
    }

    /// Adds a customer, which determines the relationship and the name of the customer; what its record states counts
    /// as well.
    ///
    /// Several records of one customer are allowed. If they contradict each other, each of their
    /// values stays possible.
    ///
    /// # Errors
    ///
    /// [`UnexpectedKind`] if the record is not a customer.
    ///
    /// ```
    /// use csp_multichannel::{Relationship, parse_instant};
    /// use csp_partner_center::{Context, Record};
    ///
    /// let mut context = Context::new();
    /// let customer = r#"{"id": "c1", "relationshipToPartner": "reseller"}"#;
    /// context.add_customer(Record::from_json(customer)?)?;
    ///
    /// let record = r#"{"id": "83ef9d05", "offerName": "Mail", "customerId": "C1"}"#;
    /// let record = Record::from_json(record)?;
    /// let mapping = context.map(&record, parse_instant("2026-11-27")?)?;
    /// assert_eq!(mapping.case.subscription.facts().known(), Some(Relationship::Active));
    ///
    /// let error = context.add_customer(record).unwrap_err();
    /// assert_eq!(error.to_string(), "a subscription, expected a customer");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn add_customer(&mut self, record: Record) -> Result<(), UnexpectedKind> {
        record.expect(ResourceKind::Customer)?;
        self.customers.entry(key(record.id())).or_default().push(record);
        Ok(())
    }

    /// Adds the eligibility of a subscription for a transfer to another partner.
    ///
    /// Several records of one subscription are allowed. The most negative one counts first, and what they state counts
    /// as well.
    ///
    /// # Errors
    ///
    /// [`UnexpectedKind`] if the record is not an eligibility for a transfer.
    ///
    /// ```
    /// use csp_multichannel::{Transfer, parse_instant};
    /// use csp_partner_center::{Context, Record};
    ///
    /// let mut context = Context::new();
    /// for answer in ["true", "false", "true"] {
    ///     let eligibility = format!(r#"{{"id": "83ef", "isEligible": {answer}}}"#);
    ///     context.add_eligibility(Record::from_json(&eligibility)?)?;
    /// }
    /// let record = Record::from_json(r#"{"id": "83ef", "offerName": "Mail"}"#)?;
    /// let mapping = context.map(&record, parse_instant("2026-11-27")?)?;
    /// assert_eq!(mapping.case.subscription.facts().known(), Some(Transfer::Ineligible));
    ///
    /// let error = context.add_eligibility(record).unwrap_err();
    /// assert_eq!(error.to_string(), "a subscription, expected a transfer eligibility");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn add_eligibility(&mut self, record: Record) -> Result<(), UnexpectedKind> {
        record.expect(ResourceKind::TransferEligibility)?;
        self.eligibility.entry(key(record.id())).or_default().push(record);
        Ok(())
    }

    /// Adds a row of the table of facts: facts and dates of one subscription.
    ///
    /// Several rows of one subscription are allowed. A row that excludes a transfer counts first,
    /// then the earlier rows.
    ///
    /// # Errors
    ///
    /// [`UnexpectedKind`] if the record is neither a case nor a row of a table.
    ///
    /// ```
    /// use csp_multichannel::{Fact, parse_instant};
    /// use csp_partner_center::{Context, Record};
    ///
    /// let mut context = Context::new();
    /// context.add_facts(Record::from_json(r#"{"id": "83ef9d05", "channel": "open"}"#)?)?;
    ///
    /// let record = Record::from_json(r#"{"id": "83EF9D05", "offerName": "Mail"}"#)?;
    /// let mapping = context.map(&record, parse_instant("2026-11-27")?)?;
    /// assert_eq!(mapping.case.subscription.facts().to_string(), "channel: open");
    /// assert_eq!(mapping.origins[Fact::Channel].to_string(), "table");
    ///
    /// let error = context.add_facts(record).unwrap_err();
    /// assert_eq!(error.to_string(), "a subscription, expected a case");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn add_facts(&mut self, record: Record) -> Result<(), UnexpectedKind> {
        record.expect(ResourceKind::Case)?;
        self.facts.entry(key(record.id())).or_default().push(record);
        Ok(())
    }

    /// Returns the identifiers in the table of facts, in lower case and in any order.
    ///
    /// ```
    /// use csp_partner_center::{Context, Record};
    ///
    /// let mut context = Context::new();
    /// context.add_facts(Record::from_json(r#"{"id": "83EF9D05", "channel": "open"}"#)?)?;
    /// assert_eq!(context.ids_of_facts().collect::<Vec<_>>(), ["83ef9d05"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn ids_of_facts(&self) -> impl Iterator<Item = &str> {
        self.facts.keys().map(String::as_str)
    }

    /// Maps a record to a case at an instant, in UTC.
    ///
    /// Eligibilities and facts match a directory subscription by either of its identifiers: `id` or
    /// `commerceSubscriptionId`.
    ///
    /// # Errors
    ///
    /// [`UnexpectedKind`] if the record is neither a subscription nor a case.
    ///
    /// ```
    /// use csp_multichannel::parse_instant;
    /// use csp_partner_center::{Context, Record};
    ///
    /// let record = Record::from_json(r#"{"id": "83ef9d05", "offerId": "DZH318Z0BQ36:004G"}"#)?;
    /// let as_of = parse_instant("2026-11-27")?;
    /// let mapping = Context::new().map(&record, as_of)?;
    /// let facts = mapping.case.subscription.facts();
    /// assert_eq!(facts.to_string(), "service: azure_reservation");
    ///
    /// let customer = Record::from_json(r#"{"id": "c1", "companyProfile": {}}"#)?;
    /// let error = Context::new().map(&customer, as_of).unwrap_err();
    /// assert_eq!(error.to_string(), "a customer, expected a subscription");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn map(&self, record: &Record, as_of: DateTime<Utc>) -> Result<Mapping, UnexpectedKind> {
        let resource = record.resource.as_deref();
        let commerce_id = resource.and_then(|resource| resource.commerce_subscription_id.text());
        let by_ids = |records| -> Vec<&Record> {
            let found = [Some(record.id()), commerce_id].map(|id| find(records, id));
            found.into_iter().flatten().collect()
        };
        let (rows, answers) = (by_ids(&self.facts), by_ids(&self.eligibility));
        let rows_resources = || rows.iter().filter_map(|row| row.resource.as_deref());
        let is_described = matches!(record.kind, ResourceKind::Subscription | ResourceKind::Case);
        let described = || resource.filter(|_| is_described).into_iter().chain(rows_resources());
        let answers_resources = || answers.iter().filter_map(|answer| answer.resource.as_deref());
        let mut eligibility: Vec<&Resource> =
            answers_resources().chain(resource).chain(rows_resources()).collect();
        // Doubts come before what is positive.
        eligibility.sort_by_key(|answer| answer.transfer().is_some());
        let customer_id = described().find_map(Resource::customer_id);
        let customers = find(&self.customers, customer_id);
        let beside = || answers.iter().copied().chain(customers);
        let all = || [record].into_iter().chain(beside()).chain(rows.iter().copied());

        let mut draft = Draft::new(self.order);
        for fact in all().flat_map(|record| record.unreadable) {
            draft.cannot_read(fact);
        }
        draft.unknown(Fact::Transfer, UnknownReason::FieldAbsent);
        // The most negative answer counts first, whoever gives it.
        let transfer = |record: &Record| record.stated.facts().about(Fact::Transfer);
        let of_fields = eligibility.iter().filter_map(|answer| answer.transfer());
        let stated = [record].into_iter().chain(beside()).map(|by| (transfer(by), Origin::Record));
        let mut noes: Vec<(Facts, Origin)> = of_fields
            .map(|facts| (facts, Origin::Rule(MappingRule::Eligibility)))
            .chain(stated)
            .chain(rows.iter().map(|row| (transfer(row), Origin::Table)))
            .filter(|(facts, _)| is_no(*facts))
            .collect();
        noes.sort_by_key(|(facts, _)| facts.known() != Some(Transfer::Ineligible));
        for (facts, origin) in noes {
            draft.state(Fact::Transfer, facts, origin);
        }
        draft.state_all(record.stated, Origin::Record);
        for answer in &eligibility {
            draft.read_eligibility(answer);
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
        for customer in customers.iter().filter_map(|customer| customer.resource.as_deref()) {
            draft.read_customer(customer);
        }
        for answer in answers_resources() {
            draft.read_status(&answer.status);
        }
        for eligibility in eligibility {
            draft.read_reason(eligibility);
        }
        let of_beside = united(&mut draft, beside());
        // The meaning of dates and renewal depends on the service, so it is stated before them. All
        // other facts are stated after the fields.
        let of_rows = rows.iter().map(|row| (row.stated, Origin::Table));
        let stated = || {
            let of_beside = [(of_beside, Origin::Record)].into_iter();
            of_beside.chain(of_rows.clone()).chain([(self.defaults.into(), Origin::Default)])
        };
        for (stated, origin) in stated() {
            draft.state_all(stated.facts().about(Fact::Service).into(), origin);
        }
        for resource in described() {
            draft.read_term(resource, as_of);
        }
        for (stated, origin) in stated() {
            draft.state_all(stated, origin);
        }
        for note in all().flat_map(|record| &record.notes) {
            draft.note(note.clone());
        }
        let name = resource.into_iter().chain(rows_resources()).find_map(Resource::name);
        let of_rows = || rows.iter().find_map(|row| row.customer.as_deref());
        let stated = record.customer.as_deref().or_else(of_rows);
        let company = customers.iter().find_map(|customer| {
            let name = customer.resource.as_deref().and_then(Resource::name);
            name.or(customer.customer.as_deref())
        });
        let customer = company.or(stated).or(customer_id);
        Ok(draft.finish(record.id(), name, customer, customer_id))
    }

    /// Returns the channel that follows from the owner of a directory subscription.
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
            // Without an owner it was bought directly. An SDK also writes `null` for each property
            // that was not selected.
            let others = [&resource.sku_part_number, &resource.next_lifecycle_date_time];
            let is_selected = others.into_iter().any(|value| *value != FieldValue::Null);
            return match value {
                FieldValue::Null if is_selected => Ok(Channel::Direct.into()),
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
            Some(&stated) if stated != Ok(Facts::UNKNOWN) => stated,
            Some(_) => {
                let asking: Set<Partner> = self.defaults.possible();
                Ok(draft.channel_of_partner(asking.contains(Partner::IndirectReseller)))
            }
            None => Err(UnknownReason::OwnerUnknown),
        }
    }
}

/// Whether no transfer is possible now.
fn is_no(facts: Facts) -> bool {
    matches!(facts.known(), Some(Transfer::Ineligible | Transfer::Pending))
}

/// Returns what several records state; where they contradict each other, each of their values is possible.
fn united<'r>(
    draft: &mut Draft,
    records: impl Iterator<Item = &'r Record> + Clone,
) -> Subscription {
    let mut all = Subscription::new();
    let stated =
        records.clone().fold(Set::EMPTY, |facts, by| by.stated.facts().narrowed().union(facts));
    for fact in stated {
        let stated = records.clone().map(|record| record.stated.facts().about(fact));
        let mut stated = stated.filter(|facts| *facts != Facts::UNKNOWN);
        let Some(first) = stated.next() else { continue };
        let either = stated.clone().fold(first, Facts::union);
        if stated.any(|other| !other.overlaps(first)) {
            draft.note(Note::on(NoteKind::Contradiction, fact.as_str(), words(either, fact)));
        }
        all = all.with(either);
    }
    let mut terms = records.filter_map(|record| record.stated.term());
    all.with_term(terms.next())
}

/// Finds the records of an identifier. Most maps are empty, so the key is made only when needed.
fn find<'m>(records: &'m HashMap<String, Vec<Record>>, id: Option<&str>) -> &'m [Record] {
    let id = id.filter(|_| !records.is_empty());
    id.and_then(|id| records.get(&key(id))).map_or(&[], Vec::as_slice)
}

/// The error for a record of another kind than expected.
///
/// ```
/// use csp_partner_center::{Context, Record, ResourceKind};
///
/// let record = Record::from_json(r#"{"id": "83ef9d05", "isEligible": true}"#)?;
/// let error = Context::new().add_customer(record).unwrap_err();
/// assert_eq!(error.kind(), ResourceKind::TransferEligibility);
/// assert_eq!(error.expected(), ResourceKind::Customer);
/// assert_eq!(error.to_string(), "a transfer eligibility, expected a customer");
/// # Ok::<(), csp_partner_center::RecordError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}, expected {}", .kind.with_article(), .expected.with_article())]
pub struct UnexpectedKind {
    pub(crate) kind: ResourceKind,
    pub(crate) expected: ResourceKind,
}

impl UnexpectedKind {
    /// Returns the kind of the record.
    #[must_use]
    pub const fn kind(&self) -> ResourceKind {
        self.kind
    }

    /// Returns the expected kind.
    #[must_use]
    pub const fn expected(&self) -> ResourceKind {
        self.expected
    }
}
