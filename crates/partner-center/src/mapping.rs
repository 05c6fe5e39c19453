//! The mapping of a record to a case, with the origin of each fact.

use chrono::{DateTime, Utc};
use csp_multichannel::{
    AtTermEnd, Cancellation, Case, Channel, Cloud, Fact, Facts, Relationship, Service, Set, Status,
    Subscription, Term, Transfer,
};
use serde::{Deserialize, Serialize};

use crate::date::{self, Date, DateOrder, NoDate};
use crate::note::{Note, NoteKind, words};
use crate::origin::{MappingRule, Origin, Origins, UnknownReason};
use crate::resource::Resource;
use crate::value::{FieldValue, plain};
use crate::{offer, service, term};

/// The mapping of one record to a case, with the origin of each fact.
///
/// Sources are used in this order: the record, its customer and its eligibility, the table of
/// facts, the defaults. The fields of resources together narrow the possible values of a fact. A
/// later source fills in unknown facts and never changes a known one; a [`Note`] shows where it
/// differs.
///
/// ```
/// use csp_multichannel::{Fact, parse_instant};
/// use csp_partner_center::{Context, Mapping, Record};
///
/// let record = Record::from_json(
///     r#"{"id": "83ef9d05", "offerId": "MS-AZR-DE-0003P", "status": "paused"}"#,
/// )?;
/// let mapping = Context::new().map(&record, parse_instant("2026-11-27")?)?;
/// let facts = mapping.case.subscription.facts();
/// assert_eq!(facts.to_string(), "service: azure; cloud: germany");
/// assert_eq!(mapping.origins[Fact::Cloud].to_string(), "rule offer");
/// assert_eq!(
///     mapping.notes[0].to_string(),
///     "`status` `paused`: the value is not documented, so no fact is derived from it",
/// );
///
/// let json = serde_json::to_string(&mapping)?;
/// assert_eq!(serde_json::from_str::<Mapping>(&json)?, mapping);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Mapping {
    /// The case, which can be decided.
    pub case: Case,
    /// The name of the subscription, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The name of the customer, or its identifier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<String>,
    /// The identifier of the customer, from the record or from the table of facts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer_id: Option<String>,
    /// The origin of each fact.
    pub origins: Origins,
    /// The notes, in the order in which they were made.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Note>,
}

/// The facts by the words of a field, letters and digits in lower case. Some leave the fact
/// open.
type Words = &'static [(&'static [&'static str], fn() -> Facts)];

/// The states of a subscription, as words or as numbers of the SDK's enumeration; 0 is the default.
const STATES: Words = &[
    (&["active", "1"], || Status::Active.into()),
    (&["suspended", "2"], || Status::Suspended.into()),
    (&["deleted", "3"], || Status::Deleted.into()),
    // No longer in use; the API reference does not mention whether it is suspended.
    (&["expired", "4", "disabled", "6"], || [Status::Suspended, Status::Deleted].into()),
    (&["none", "0", "pending", "5"], || Facts::UNKNOWN),
];

/// The states in the directory and in Azure Resource Manager.
const OTHER_STATES: Words = &[
    (&["enabled"], || Status::Active.into()),
    // Past its end or unpaid, and users keep access.
    (&["warning", "warned", "pastdue"], || [Status::Active, Status::Suspended].into()),
    (&["suspended", "disabled"], || Status::Suspended.into()),
    (&["lockedout"], || [Status::Suspended, Status::Deleted].into()),
    (&["deleted"], || Status::Deleted.into()),
];

const CLOUDS: Words = &[
    (&["azurecloud"], || Cloud::Public.into()),
    (&["azureusgovernment"], || Cloud::UsGovernment.into()),
    (&["azuregermancloud"], || Cloud::Germany.into()),
    (&["azurechinacloud"], || Cloud::China.into()),
];

/// The program in which the partner serves a customer.
const RELATIONSHIPS: Words = &[
    (&["reseller", "1"], || Relationship::Active.into()),
    // The API does not show a request that is not accepted yet.
    (&["none", "5"], || [Relationship::None, Relationship::Requested].into()),
    // Another program, in addition to which a relationship can exist.
    (&["unknown", "0", "advisor", "2", "syndication", "3", "microsoftsupport", "4"], || {
        Facts::UNKNOWN
    }),
];

/// Returns the facts of a word, if it is one of these.
fn known(words: Words, word: &str) -> Option<Facts> {
    words.iter().find(|(words, _)| words.contains(&word)).map(|(_, known)| known())
}

/// Returns the facts of a word that is a state in any interface.
fn any_state(value: &FieldValue) -> Option<Facts> {
    let word =
        value.text().map(plain).filter(|word| !word.bytes().all(|byte| byte.is_ascii_digit()))?;
    known(STATES, &word).or_else(|| known(OTHER_STATES, &word))
}

/// Whether a value is a state in the words of an API, and not in those of a case.
pub(crate) fn is_state(value: &FieldValue) -> bool {
    let word = value.word().unwrap_or_default();
    let is_of_case = value.text().is_some_and(|text| text.parse::<Status>().is_ok());
    !is_of_case && [STATES, OTHER_STATES].iter().any(|words| known(words, &word).is_some())
}

/// A case under construction.
pub(crate) struct Draft {
    pub(crate) facts: Facts,
    pub(crate) term: Option<Term>,
    origins: Origins,
    /// The facts about which fields contradict each other.
    contradicted: Set<Fact>,
    /// The facts with a value that can't be read.
    unreadable: Set<Fact>,
    notes: Vec<Note>,
    order: Option<DateOrder>,
}

impl Draft {
    pub(crate) fn new(order: Option<DateOrder>) -> Self {
        let (origins, contradicted, unreadable) = Default::default();
        let (facts, term, notes) = (Facts::UNKNOWN, None, Vec::new());
        Self { facts, term, origins, contradicted, unreadable, notes, order }
    }

    pub(crate) fn finish(
        mut self,
        id: &str,
        name: Option<&str>,
        customer: Option<&str>,
        customer_id: Option<&str>,
    ) -> Mapping {
        if self.term.is_some() && self.is_usage_based() {
            self.note(Note::new(NoteKind::UsageHasNoTerm));
            self.term = None;
            self.unknown(Fact::TermPhase, UnknownReason::NoField);
        }
        let subscription = Subscription::from(self.facts).with_term(self.term);
        Mapping {
            case: Case::new(id, subscription),
            name: name.map(Into::into),
            customer: customer.map(Into::into),
            customer_id: customer_id.map(Into::into),
            origins: self.origins,
            notes: self.notes,
        }
    }

    /// Narrows one fact by a rule; where fields contradict each other, each of their values stays possible.
    pub(crate) fn narrow(&mut self, fact: Fact, known: impl Into<Facts>, rule: MappingRule) {
        let known = known.into();
        let was_contradicted = self.contradicted.contains(fact);
        let is_outvoted = matches!(fact, Fact::Status | Fact::Relationship);
        if is_outvoted && self.unreadable.contains(fact) {
            return;
        }
        // In a table the status is both a fact and a field.
        let is_derived = match self.origins[fact] {
            Origin::Rule(_) => true,
            Origin::Record => fact == Fact::Status,
            _ => false,
        };
        if is_derived && self.facts.narrow(known).is_err() {
            self.contradicted = self.contradicted.union(fact.into());
        }
        if self.contradicted.contains(fact) && known.narrowed().contains(fact) {
            let either = self.facts.union(known).about(fact);
            self.facts = self.facts.without(fact).with(either);
            self.unknown(fact, UnknownReason::Contradiction);
            if !was_contradicted || either != Facts::UNKNOWN {
                self.note(Note::on(NoteKind::Contradiction, fact.as_str(), words(either, fact)));
            }
        } else {
            self.state(fact, known, Origin::Rule(rule));
        }
    }

    /// Keeps that a fact is stated in words that it does not have; no default takes their place.
    pub(crate) fn cannot_read(&mut self, fact: Fact) {
        self.unreadable = self.unreadable.union(fact.into());
        self.unknown(fact, UnknownReason::UnknownValue);
    }

    /// Sets the reason why a fact is unknown, if it is.
    pub(crate) fn unknown(&mut self, fact: Fact, reason: UnknownReason) {
        match reason {
            UnknownReason::Contradiction => {
                self.contradicted = self.contradicted.union(fact.into());
            }
            // Offers are too many to know, so one that is not known says nothing of the service.
            UnknownReason::UnknownValue if fact != Fact::Service => {
                self.unreadable = self.unreadable.union(fact.into());
            }
            _ => {}
        }
        let reason = match reason {
            _ if self.contradicted.contains(fact) => UnknownReason::Contradiction,
            _ if self.unreadable.contains(fact) => UnknownReason::UnknownValue,
            reason => reason,
        };
        let has_dates = fact == Fact::TermPhase && self.term.is_some();
        if !has_dates && !self.facts.narrowed().contains(fact) {
            self.origins.set(fact, Origin::Unknown(reason));
        }
    }

    pub(crate) fn note(&mut self, note: Note) {
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    pub(crate) fn state(&mut self, fact: Fact, known: Facts, origin: Origin) {
        // A default replaces neither values that can't be read nor those that contradict each other.
        let is_doubtful = self.contradicted.union(self.unreadable).contains(fact);
        if origin == Origin::Default && is_doubtful {
            return;
        }
        match self.facts.narrow(known) {
            Ok(facts) if facts != self.facts => {
                self.facts = facts;
                self.origins.set(fact, origin);
            }
            Ok(_) => {}
            // A default gives way to what is stated for one subscription.
            Err(_) if origin == Origin::Default && self.is_stated(fact) => {}
            Err(_) => self.note(Note::on(NoteKind::Differs, fact.as_str(), words(known, fact))),
        }
    }

    /// Whether a fact was stated, not derived.
    fn is_stated(&self, fact: Fact) -> bool {
        matches!(self.origins[fact], Origin::Record | Origin::Table)
    }

    /// Narrows a fact by the word in a field.
    fn read_word(
        &mut self,
        fact: Fact,
        field: &'static str,
        value: &FieldValue,
        words: Words,
        rule: MappingRule,
    ) {
        if value.is_absent() {
            return self.unknown(fact, UnknownReason::FieldAbsent);
        }
        match known(words, &value.word().unwrap_or_default()) {
            Some(Facts::UNKNOWN) => self.unknown(fact, UnknownReason::FieldAbsent),
            Some(known) => self.narrow(fact, known, rule),
            None => {
                self.note(Note::undocumented(field, value));
                self.unknown(fact, UnknownReason::UnknownValue);
            }
        }
    }

    /// Adds the facts and dates that one source states.
    pub(crate) fn state_all(&mut self, stated: Subscription, origin: Origin) {
        let facts = stated.facts();
        // Most sources state nothing.
        if facts == Facts::UNKNOWN && stated.term().is_none() {
            return;
        }
        // The first source needs no comparison.
        let is_first = self.facts == Facts::UNKNOWN && self.term.is_none();
        if is_first && origin == Origin::Record {
            self.facts = facts;
        }
        for fact in facts.narrowed() {
            if is_first && origin == Origin::Record {
                self.origins.set(fact, origin);
                continue;
            }
            // With dates, a stated phase could be the phase of another day.
            if fact != Fact::TermPhase || self.term.is_none() {
                self.state(fact, facts.about(fact), origin);
            } else if origin != Origin::Default {
                self.note(Note::on(NoteKind::Differs, fact.as_str(), words(facts, fact)));
            }
        }
        let Some(term) = stated.term() else { return };
        match self.term {
            Some(kept) if kept == term => {}
            // Dates without a cancellation window are completed.
            Some(kept) if is_completed_by(kept, term) => self.set_term(term, origin),
            Some(_) => self.note(Note::on(NoteKind::Differs, "term", term.ends_on())),
            None => self.set_term(term, origin),
        }
    }

    /// Takes a term that fields lead to, unless another one is known; completes one that is known without a window.
    fn derive_term(&mut self, term: Term, rule: MappingRule) {
        match self.term {
            None if self.contradicted.contains(Fact::TermPhase) => {}
            Some(known) if known == term || is_completed_by(term, known) => {}
            Some(known) if !is_completed_by(known, term) => {
                self.note(Note::on(NoteKind::Differs, "term", term.ends_on()));
            }
            _ => self.set_term(term, Origin::Rule(rule)),
        }
    }

    fn set_term(&mut self, term: Term, origin: Origin) {
        if self.facts.narrowed().contains(Fact::TermPhase) {
            self.note(Note::on(
                NoteKind::Differs,
                "term_phase",
                words(self.facts, Fact::TermPhase),
            ));
            self.facts = self.facts.without(Fact::TermPhase);
        }
        self.term = Some(term);
        self.origins.set(Fact::TermPhase, origin);
    }

    /// Whether every possible service is paid by use.
    fn is_usage_based(&self) -> bool {
        self.facts.possible().is_subset(Service::USAGE_BASED)
    }

    /// Reads a date; an unusable date becomes a note.
    ///
    /// # Errors
    ///
    /// The reason if it may be any day. A day before 2000 or after 2100 stands for no date.
    pub(crate) fn date(
        &mut self,
        field: &'static str,
        value: &FieldValue,
    ) -> Result<Option<Date>, UnknownReason> {
        // An old PowerShell writes a date as an object with a `value`.
        let value = value.object().map_or(value, |object| &object.value);
        if value.is_absent() {
            return Ok(None);
        }
        let text = value.text().ok_or(NoDate::Malformed);
        text.and_then(|text| date::parse(text, self.order)).map(Some).or_else(|reason| {
            let note = Note::on(NoteKind::UnusableDate, field, value);
            self.note(Note { expected: Some(reason.to_string()), ..note });
            if reason == NoDate::OutOfRange { Ok(None) } else { Err(UnknownReason::UnknownValue) }
        })
    }

    /// Reads a subscription of Partner Center, except its term and renewal.
    pub(crate) fn read_subscription(&mut self, resource: &Resource) {
        if resource.is_trial.as_bool() == Some(true) {
            self.note(Note::new(NoteKind::Trial));
        }
        if resource.parent_subscription_id.text().is_some() {
            self.note(Note::new(NoteKind::AddOn));
        }
        for (field, value) in [
            ("productType", &resource.product_type),
            ("links", &resource.links),
            ("attributes", &resource.attributes),
        ] {
            if value.is_flattened() {
                self.note(Note::on(NoteKind::Flattened, field, value));
            }
        }
        let quantity = resource.quantity.text();
        if quantity.is_some_and(|text| text.parse::<f64>().is_err()) {
            self.note(Note::undocumented("quantity", &resource.quantity));
        }
        service::read(self, resource);
        self.read_offer(resource);
        if resource.relationship_to_partner.is_absent() {
            self.unknown(Fact::Relationship, UnknownReason::FieldAbsent);
        } else {
            self.read_customer(resource);
        }
        self.read_word(Fact::Status, "status", &resource.status, STATES, MappingRule::Status);
        // In a table it can also be a part of a country.
        self.read_other_state(&resource.state);
    }

    /// Reads a word that is a state in any interface; a number means something else in each.
    fn read_other_state(&mut self, value: &FieldValue) {
        if let Some(state) = any_state(value) {
            self.narrow(Fact::Status, state, MappingRule::Status);
        }
    }

    /// Reads a status that an interface does not have, so that somebody added it.
    pub(crate) fn read_status(&mut self, value: &FieldValue) {
        if !value.is_absent() && any_state(value).is_none() {
            self.note(Note::undocumented("status", value));
            self.unknown(Fact::Status, UnknownReason::UnknownValue);
        }
        self.read_other_state(value);
    }

    /// Reads the cloud and the channel of an offer that is sold in only one of them.
    fn read_offer(&mut self, resource: &Resource) {
        let facts = resource.offer_id.text().map(offer::facts).unwrap_or_default();
        for fact in [Fact::Cloud, Fact::Channel] {
            self.narrow(fact, facts.about(fact), MappingRule::Offer);
        }
    }

    /// Reads the relationship of a customer.
    pub(crate) fn read_customer(&mut self, customer: &Resource) {
        let (field, value) = ("relationshipToPartner", &customer.relationship_to_partner);
        let rule = MappingRule::RelationshipToPartner;
        self.read_word(Fact::Relationship, field, value, RELATIONSHIPS, rule);
    }

    /// Reads the result of Partner Center's check: whether a transfer is pending or ineligible.
    ///
    /// A negative answer has to be stated before, so that no other source can replace it.
    pub(crate) fn read_eligibility(&mut self, eligibility: &Resource) {
        let is_positive = |transfer: &Facts| transfer.overlaps(Transfer::None.into());
        let Some(transfer) = eligibility.transfer() else {
            let fields =
                [("isEligible", &eligibility.is_eligible), ("reason", &eligibility.reason)];
            if let Some((field, value)) = fields.into_iter().find(|(_, value)| !value.is_absent()) {
                self.note(Note::undocumented(field, value));
                self.unknown(Fact::Transfer, UnknownReason::UnknownValue);
            }
            return;
        };
        // What can't be read may be a no.
        if !is_positive(&transfer) || !self.unreadable.contains(Fact::Transfer) {
            self.state(Fact::Transfer, transfer, Origin::Rule(MappingRule::Eligibility));
        }
    }

    /// Reads the state that the reason of an eligibility names.
    pub(crate) fn read_reason(&mut self, eligibility: &Resource) {
        let state = eligibility.reason_has("is in state:").and_then(|rest| {
            known(STATES, rest.trim_start().split(|c: char| !c.is_alphanumeric()).next()?)
        });
        if let Some(state) = state {
            self.narrow(Fact::Status, state, MappingRule::Eligibility);
        }
    }

    /// Reads what depends on the service: the term, and what happens at its end.
    ///
    /// All fields that determine the service must have been read before.
    pub(crate) fn read_term(&mut self, resource: &Resource, as_of: DateTime<Utc>) {
        let services: Set<Service> = self.facts.possible();
        let paid_by_use = services.intersection(Service::USAGE_BASED);
        if paid_by_use.is_empty() {
            match term::read(self, resource, services, as_of) {
                Ok(term) => self.derive_term(term, MappingRule::TermDates),
                Err(reason) => self.unknown(Fact::TermPhase, reason),
            }
        } else if paid_by_use != services {
            self.unknown(Fact::TermPhase, UnknownReason::ServiceUnknown);
        }
        let value = &resource.auto_renew_enabled;
        let Some(renews) = value.as_bool() else {
            if value.is_absent() {
                return self.unknown(Fact::AtTermEnd, UnknownReason::FieldAbsent);
            }
            self.note(Note::undocumented("autoRenewEnabled", value));
            return self.unknown(Fact::AtTermEnd, UnknownReason::UnknownValue);
        };
        let known = if renews {
            Facts::from(AtTermEnd::Renew)
        } else if !services.contains(Service::NewCommerceLicense) {
            AtTermEnd::End.into()
        } else {
            // It ends only if its end is scheduled as well, which no field shows. For a term that
            // ends before 2026-05-04 both are the same, which `facts_at` derives from the dates.
            let either = Subscription::new().with([AtTermEnd::Extend, AtTermEnd::End]);
            either.with_term(self.term).facts_at(as_of).about(Fact::AtTermEnd)
        };
        let is_active = self.facts.known() == Some(Status::Active);
        let mut last_day = self.term.map(Term::ends_on);
        if last_day.is_none() && paid_by_use != services {
            last_day = term::ends_on(self, resource).ok().flatten().map(|(last, _)| last);
        }
        match last_day.filter(|&last| renews && as_of.date_naive() > last) {
            Some(_) if is_active && self.term.is_none() => {}
            Some(last) if is_active => {
                self.note(Note::on(NoteKind::OlderThanRenewal, "commitmentEndDate", last));
            }
            // It is past its end and not in use, so it may not have been renewed.
            Some(_) => return self.unknown(Fact::AtTermEnd, UnknownReason::Contradiction),
            None => {}
        }
        self.narrow(Fact::AtTermEnd, known, MappingRule::AutoRenewEnabled);
    }

    /// Reads a directory subscription; `owner` is the channel that follows from its owner.
    pub(crate) fn read_directory(
        &mut self,
        resource: &Resource,
        owner: Result<Facts, UnknownReason>,
        as_of: DateTime<Utc>,
    ) {
        if resource.is_trial.as_bool() == Some(true) {
            self.note(Note::new(NoteKind::Trial));
        }
        match owner {
            Ok(channel) => self.narrow(Fact::Channel, channel, MappingRule::OwnerTenant),
            Err(reason) => self.unknown(Fact::Channel, reason),
        }
        self.read_word(Fact::Status, "status", &resource.status, OTHER_STATES, MappingRule::Status);
        self.read_other_state(&resource.state);
        let next = self.date("nextLifecycleDateTime", &resource.next_lifecycle_date_time);
        // In any other state it is the day on which that state ends, not the end of a term.
        let is_enabled = resource.status.word().as_deref() == Some("enabled");
        match next.map(|next| next.filter(|_| is_enabled)) {
            Ok(Some(next)) if next.at <= as_of => {
                let field = "nextLifecycleDateTime";
                self.note(Note::on(NoteKind::OlderThanRenewal, field, term::last_day(next)));
                self.unknown(Fact::TermPhase, UnknownReason::Contradiction);
            }
            Ok(Some(next)) => {
                let term = Term::ending(term::last_day(next));
                self.derive_term(term, MappingRule::NextLifecycleDate);
            }
            Ok(None) => self.unknown(Fact::TermPhase, UnknownReason::FieldAbsent),
            Err(reason) => self.unknown(Fact::TermPhase, reason),
        }
    }

    /// Reads an Azure subscription.
    pub(crate) fn read_azure(&mut self, resource: &Resource) {
        self.note(Note::new(NoteKind::ResourceManager));
        let paid_by_use = [Service::Azure, Service::AzurePlan];
        self.narrow(Fact::Service, paid_by_use, MappingRule::ResourceManager);
        self.read_status(&resource.status);
        self.read_word(Fact::Status, "state", &resource.state, OTHER_STATES, MappingRule::Status);
        let names = [&resource.cloud_name, &resource.environment_name];
        let name = names.into_iter().find(|name| !name.is_absent()).unwrap_or(&FieldValue::Absent);
        self.read_word(Fact::Cloud, "cloudName", name, CLOUDS, MappingRule::CloudName);
        let policies = resource.subscription_policies.object();
        let quota = resource.quota_id.text().or_else(|| policies?.quota_id.text());
        let (quota, offer) = (quota.map(offer::facts), resource.offer_id.text().map(offer::facts));
        for fact in [Fact::Service, Fact::Channel] {
            self.narrow(fact, quota.unwrap_or_default().about(fact), MappingRule::QuotaId);
        }
        self.narrow(
            Fact::Service,
            offer.unwrap_or_default().about(Fact::Service),
            MappingRule::Offer,
        );
        self.read_offer(resource);
    }

    /// Returns the channel of a subscription that a known partner's tenant owns.
    ///
    /// A distributor's tenant also owns what its resellers sell, and the asking partner may be one.
    pub(crate) fn channel_of_partner(&mut self, may_be_reseller: bool) -> Facts {
        if may_be_reseller {
            self.note(Note::new(NoteKind::OwnerMayBeProvider));
            return [Channel::OtherCspPartner, Channel::ThisPartner].into();
        }
        Channel::OtherCspPartner.into()
    }
}

/// Whether the other dates are the same, and perhaps have a purchase or a cancellation window as well.
fn is_completed_by(term: Term, other: Term) -> bool {
    let is_same = term.purchased_at().is_none_or(|at| other.purchased_at() == Some(at));
    let windows = [Cancellation::ByService, other.cancellation()];
    term.ends_on() == other.ends_on() && is_same && windows.contains(&term.cancellation())
}
