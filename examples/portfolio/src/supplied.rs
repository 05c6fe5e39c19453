//! What the caller knows beside the records: facts for all of them or by subscription, customers, eligibility.

use std::cell::Cell;
use std::collections::HashMap;
use std::collections::hash_map::Entry::{Occupied, Vacant};
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
    /// Whether some subscription had a customer, and an eligibility.
    used: [Cell<bool>; 2],
    /// The first customer of each name.
    names: HashMap<String, String>,
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

    /// Facts of a subscription; what an earlier row told of it counts first.
    pub(crate) fn add_facts(&mut self, row: Row) -> Result<(), (String, UsageHasNoTerm)> {
        match self.facts.entry(key(&row.case.id)) {
            Vacant(place) => drop(place.insert((row, Cell::new(false)))),
            Occupied(mut place) => {
                let (known, _) = place.get_mut();
                match known.case.subscription.or(row.case.subscription) {
                    Ok(subscription) => known.case.subscription = subscription,
                    Err(error) => return Err((row.case.id, error)),
                }
                known.case.engagement = known.case.engagement.or(row.case.engagement);
                known.name = known.name.take().or(row.name);
                known.customer = known.customer.take().or(row.customer);
            }
        }
        Ok(())
    }

    /// A customer; what an earlier record told of it counts first.
    pub(crate) fn add_customer(&mut self, customer: Customer) {
        let id = key(&customer.id);
        match self.customers.entry(id.clone()) {
            Vacant(place) => drop(place.insert((None, customer))),
            Occupied(mut place) => {
                let (_, known) = place.get_mut();
                known.relationship_to_partner =
                    known.relationship_to_partner.take().or(customer.relationship_to_partner);
                known.company_profile = known.company_profile.take().or(customer.company_profile);
            }
        }
        let Some((name, known)) = self.customers.get(&id) else { return };
        let company = known.company_profile.as_ref().and_then(|company| company.company_name.clone());
        let (None, Some(company)) = (name, company) else { return };
        // Two of one name are told apart by their ids.
        let other = self.names.get(&company).filter(|other| **other != id).cloned();
        for (id, shared) in [(Some(id.clone()), other.is_some()), (other, true)] {
            if let Some((name, known)) = id.and_then(|id| self.customers.get_mut(&id)) {
                let shown = if shared { format!("{company} ({})", known.id) } else { company.clone() };
                *name = Some(shown.into());
            }
        }
        self.names.entry(company).or_insert(id);
    }

    /// The eligibility of a subscription; the first one counts.
    pub(crate) fn add_eligibility(&mut self, eligibility: TransferEligibility) {
        self.eligibility.entry(key(&eligibility.id)).or_insert(eligibility);
    }

    fn of(&self, id: &str) -> Option<&Row> {
        if self.facts.is_empty() {
            return None;
        }
        let (row, used) = self.facts.get(&key(id))?;
        used.set(true);
        Some(row)
    }

    /// What was read beside the subscriptions, and is of none of them.
    pub(crate) fn useless(&self) -> impl Iterator<Item = &'static str> {
        let read = [("customers", !self.customers.is_empty()), ("eligibility", !self.eligibility.is_empty())];
        read.into_iter().zip(&self.used).filter(|((_, read), used)| *read && !used.get()).map(|((what, _), _)| what)
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
        self.used[0].set(self.used[0].get() || customer.is_some());
        if let Some((_, customer)) = customer {
            mapped = mapped.with_customer(customer);
        }
        let eligibility = if self.eligibility.is_empty() { None } else { self.eligibility.get(&key(&subscription.id)) };
        self.used[1].set(self.used[1].get() || eligibility.is_some());
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
