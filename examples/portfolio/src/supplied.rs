//! What the caller knows beside the records: facts for all of them or by subscription, customers, eligibility.

use std::cell::Cell;
use std::collections::HashMap;
use std::rc::Rc;

use chrono::{DateTime, Utc};
use csp_multichannel::rest::{self, Customer, Mapped, TransferEligibility};
use csp_multichannel::{Engagement, Fact, Subscription, UsageHasNoTerm};

use crate::entry::{Entry, Sources};
use crate::input::csv::Row;

/// Facts to fill in where records leave them open; never against a record.
#[derive(Default)]
pub(crate) struct Supplied {
    /// For every subscription.
    subscription: Subscription,
    engagement: Engagement,
    /// By subscription; these come first. With whether there was such a subscription.
    facts: HashMap<String, (Row, Cell<bool>)>,
    /// With their names.
    customers: HashMap<String, (Option<Rc<str>>, Customer)>,
    eligibility: HashMap<String, TransferEligibility>,
}

/// Identifiers are GUIDs, written in either case.
fn key(id: &str) -> String {
    id.to_ascii_lowercase()
}

impl Supplied {
    /// What is known of every subscription.
    pub(crate) fn of_all(subscription: Subscription, engagement: Engagement) -> Self {
        Self { subscription, engagement, ..Self::default() }
    }

    pub(crate) fn add_facts(&mut self, row: Row) {
        self.facts.insert(key(&row.case.id), (row, Cell::new(false)));
    }

    pub(crate) fn add_customer(&mut self, customer: Customer) {
        let name = customer.company_profile.as_ref().and_then(|company| company.company_name.as_deref());
        self.customers.insert(key(&customer.id), (name.map(Into::into), customer));
    }

    pub(crate) fn add_eligibility(&mut self, eligibility: TransferEligibility) {
        self.eligibility.insert(key(&eligibility.id), eligibility);
    }

    fn of(&self, id: &str) -> Option<&Row> {
        if self.facts.is_empty() {
            return None;
        }
        let (row, used) = self.facts.get(&key(id))?;
        used.set(true);
        Some(row)
    }

    /// The ids of facts that no subscription has, in order.
    pub(crate) fn unused(&self) -> Vec<&str> {
        let rows = self.facts.values().filter(|(_, used)| !used.get());
        let mut ids: Vec<&str> = rows.map(|(row, _)| row.case.id.as_str()).collect();
        ids.sort_unstable();
        ids
    }

    /// A record of ours, with what it leaves open filled in; the id, where that contradicts itself.
    pub(crate) fn complete(
        &self,
        row: Row,
        file: &Rc<str>,
        at: DateTime<Utc>,
    ) -> Result<Entry, (String, UsageHasNoTerm)> {
        let Row { mut case, name, customer } = row;
        let sources = Sources::Record { given: case.facts(at) };
        let more = self.of(&case.id);
        let records = more.map(|more| (more.case.subscription, more.case.engagement));
        for (subscription, engagement) in records.into_iter().chain([(self.subscription, self.engagement)]) {
            match case.subscription.or(subscription) {
                Ok(known) => case.subscription = known,
                Err(error) => return Err((case.id, error)),
            }
            case.engagement = case.engagement.or(engagement);
        }
        Ok(Entry {
            name: name.or_else(|| more?.name.clone()),
            customer: customer.or_else(|| more?.customer.clone()).unwrap_or_else(|| Rc::clone(file)),
            facts: case.facts(at),
            case,
            sources,
            remarks: Vec::new(),
        })
    }

    /// A subscription of Partner Center's, with what is known beside it.
    pub(crate) fn map(&self, subscription: &rest::Subscription, file: &Rc<str>, at: DateTime<Utc>) -> Entry {
        let more = self.of(&subscription.id);
        let customer_id = subscription.customer_id().filter(|_| !self.customers.is_empty());
        let customer = customer_id.and_then(|id| self.customers.get(&key(id)));
        let mut mapped = Mapped::of(subscription);
        if let Some((_, customer)) = customer {
            mapped = mapped.with_customer(customer);
        }
        let eligibility = if self.eligibility.is_empty() { None } else { self.eligibility.get(&key(&subscription.id)) };
        if let Some(eligibility) = eligibility {
            mapped = mapped.with_eligibility(eligibility);
        }
        if let Some(more) = more {
            mapped = mapped.with_supplied(&more.case.subscription, &more.case.engagement);
        }
        let mapped = mapped.with_supplied(&self.subscription, &self.engagement);

        let mut names = [&subscription.friendly_name, &subscription.offer_name].into_iter().flatten();
        let name = names.find(|name| !name.trim().is_empty()).cloned();
        Entry {
            name: name.or_else(|| more?.name.clone()),
            customer: customer
                .and_then(|(name, _)| name.clone())
                .or_else(|| more?.customer.clone())
                .or_else(|| subscription.customer_id().map(Into::into))
                .unwrap_or_else(|| Rc::clone(file)),
            facts: mapped.facts(at),
            sources: Sources::Mapped(Box::new(std::array::from_fn(|fact| mapped.origin(Fact::ALL[fact])))),
            remarks: mapped.remarks().to_vec(),
            case: mapped.into_case(),
        }
    }
}
