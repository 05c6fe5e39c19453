//! Any bytes as resources of Partner Center's REST interface, and what they are mapped to.

use std::fmt::Debug;

use csp_multichannel::chrono::{DateTime, Utc};
use csp_multichannel::rest::{
    Collection, Customer, Mapped, Origin, RefusedResource, RelationshipRequest, Resource, Subscription,
    TransferEligibility, read_each,
};
use csp_multichannel::{
    self as csp, AutoRenew, Cancellation, Case, Channel, Cloud, Customer as CustomerKind, Engagement, Fact, Facts,
    Market, Partner, Relationship, Service, Status, Term, Transfer, parse_instant,
};
use serde::de::{Deserialize, DeserializeOwned};
use serde::ser::Serialize;
use serde_json::Deserializer;
use serde_json::value::RawValue;

use crate::{assert_telling, hash};

/// Reads the bytes as a collection of each resource; what is one reads back equal, and becomes a case with its origins.
pub fn run(bytes: &[u8]) {
    assert_of_reader::<Subscription>(bytes);
    let subscriptions = read::<Subscription>(bytes, r#"{"id":"good","autoRenewEnabled":true}"#);
    let customers = read::<Customer>(bytes, r#"{"id":"good","relationshipToPartner":"reseller"}"#);
    let eligibility = read::<TransferEligibility>(bytes, r#"{"id":"good","isEligible":true}"#);
    read::<RelationshipRequest>(bytes, r#"{"url":"good"}"#);

    let choice = hash(bytes);
    for (turn, subscription) in (0_u32..4).zip(&subscriptions) {
        let at = turn as usize;
        let sources = (customers.get(at), eligibility.get(at), choice.rotate_left(16 * turn));
        assert_maps(subscription, sources);
    }
}

trait Whole: Resource + DeserializeOwned + Serialize + PartialEq + Debug {}

impl<T: Resource + DeserializeOwned + Serialize + PartialEq + Debug> Whole for T {}

/// The resources in a collection, which is read in every way there is.
fn read<T: Whole>(bytes: &[u8], good: &str) -> Vec<T> {
    let mut items: Vec<Result<T, RefusedResource>> = Vec::new();
    let page = read_each(&mut Deserializer::from_slice(bytes), |item| {
        items.push(item);
        Ok::<_, &str>(())
    });
    let collection = Collection::<T>::deserialize(&mut Deserializer::from_slice(bytes));
    match (&page, &collection) {
        (Ok(page), Ok(collection)) => assert_eq!((&collection.items, &collection.page), (&items, page)),
        (Err(error), Err(of_collection)) => assert_eq!(error.to_string(), of_collection.to_string()),
        found => panic!("{found:?}"),
    }

    if let Ok(alone) = serde_json::from_slice::<&RawValue>(bytes) {
        assert_costs_no_other::<T>(alone.get(), good);
        if let Ok(each) = serde_json::from_str::<Vec<&RawValue>>(alone.get())
            && page.is_ok()
        {
            assert_eq!(each.len(), items.len());
            each.iter().zip(&items).for_each(|(alone, item)| assert_same(&serde_json::from_str(alone.get()), item));
        }
    }
    for item in &items {
        match item {
            Ok(resource) => {
                let text = serde_json::to_string(resource).expect("JSON");
                let back: T = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
                assert_eq!(&back, resource, "{text}");
            }
            Err(refused) => assert_telling(&refused.to_string()),
        }
    }
    items.into_iter().filter_map(Result::ok).collect()
}

/// A reader hands over text of its own, a slice lends it.
fn assert_of_reader<T: Whole>(bytes: &[u8]) {
    let of_slice = Collection::<T>::deserialize(&mut Deserializer::from_slice(bytes));
    let of_reader = Collection::<T>::deserialize(&mut Deserializer::from_reader(bytes));
    match (of_slice, of_reader) {
        (Ok(of_slice), Ok(of_reader)) => assert_eq!(of_slice, of_reader),
        (Err(of_slice), Err(of_reader)) => assert_eq!(of_slice.classify(), of_reader.classify()),
        found => panic!("{found:?}"),
    }
}

/// Whatever a value is, in the list of a page it leaves its neighbours alone.
fn assert_costs_no_other<T: Whole>(text: &str, good: &str) {
    let alone = serde_json::from_str::<T>(text);
    // Numbers and characters that JSON can write and no reader keep are the format's own error, which ends the reading.
    if alone.as_ref().is_err_and(|error| !error.is_data()) {
        return;
    }
    let neighbour: T = serde_json::from_str(good).expect("a resource");
    let page = format!(r#"{{"totalCount":3,"items":[{good},{text},{good}]}}"#);
    let page: Collection<T> = serde_json::from_str(&page).unwrap_or_else(|error| panic!("{page}: {error}"));
    let [Ok(first), item, Ok(last)] = &page.items[..] else { panic!("{page:?}") };
    assert_eq!([first, last], [&neighbour; 2]);
    assert_same(&alone, item);
}

/// The same resource, or the same thing wrong with it; `serde_json` adds the place.
fn assert_same<T: Whole>(alone: &serde_json::Result<T>, item: &Result<T, RefusedResource>) {
    match (alone, item) {
        (Ok(resource), Ok(item)) => assert_eq!(resource, item),
        (Err(error), Err(refused)) => {
            assert!(error.to_string().starts_with(&refused.to_string()), "{error}; {refused}");
        }
        (alone, item) => panic!("{alone:?} and {item:?}"),
    }
}

/// Maps a subscription, with what more is known of it one after the other: what is known stays, and has an origin.
fn assert_maps(subscription: &Subscription, sources: (Option<&Customer>, Option<&TransferEligibility>, u64)) {
    let (customer, eligibility, choice) = sources;
    let dates = [
        subscription.effective_start_date,
        subscription.commitment_end_date,
        subscription.cancellation_allowed_until_date.flatten(),
        parse_instant("2026-11-24").ok(),
    ];
    let mut mapped = Mapped::of(subscription);
    assert_has_origins(&mapped, &dates);
    if let Some(customer) = customer {
        mapped = assert_adds(&mapped, mapped.clone().with_customer(customer), &dates);
    }
    if let Some(eligibility) = eligibility {
        mapped = assert_adds(&mapped, mapped.clone().with_eligibility(eligibility), &dates);
    }
    let (subscription, engagement) = supplied(choice);
    let mapped = assert_adds(&mapped, mapped.clone().with_supplied(&subscription, &engagement), &dates);
    let again = mapped.clone().with_supplied(&subscription, &engagement);
    assert_eq!((again.case(), again.origins().collect()), (mapped.case(), mapped.origins().collect::<Vec<_>>()));

    let case = mapped.into_case();
    let text = serde_json::to_string(&case).expect("JSON");
    let back = Case::read(&mut Deserializer::from_str(&text));
    assert_eq!(back.as_ref().ok(), Some(&case), "{text}: {back:?}");
}

fn assert_adds<'s>(before: &Mapped<'_>, after: Mapped<'s>, dates: &[Option<DateTime<Utc>>]) -> Mapped<'s> {
    for &at in dates.iter().flatten() {
        let (before, after) = (before.facts(at), after.facts(at));
        assert!(after.values().is_subset(before.values()), "{before}, then {after}");
    }
    for (fact, origin) in before.origins() {
        if !matches!(origin, Origin::Unknown { .. } | Origin::Narrowed { .. }) {
            assert_eq!(after.origin(fact), origin, "{fact}");
        }
    }
    assert!(after.remarks().starts_with(before.remarks()));
    assert_has_origins(&after, dates);
    after
}

/// A fact that is known has the origin of something known, and one that is not has a reason; what remains is possible.
fn assert_has_origins(mapped: &Mapped<'_>, dates: &[Option<DateTime<Utc>>]) {
    for &at in dates.iter().flatten() {
        let facts = mapped.facts(at);
        assert!(Facts::UNKNOWN.given(facts.values()) == Ok(facts), "{facts}");
        for (fact, origin) in mapped.origins() {
            let left = facts.possible(fact);
            match origin {
                Origin::Taken { .. } | Origin::Derived { .. } | Origin::Supplied if fact != Fact::Term => {
                    assert_eq!(left.len(), 1, "{fact}: {origin}");
                }
                Origin::Taken { .. } | Origin::Derived { .. } | Origin::Supplied | Origin::Narrowed { .. } => {
                    assert!(left != fact.values(), "{fact}: {origin}");
                }
                // The service says whether there is a term, and the term something of the service.
                _ if matches!(fact, Fact::Term | Fact::Service) => {}
                _ => assert_eq!(left, fact.values(), "{fact}: {origin}"),
            }
        }
    }
    for remark in mapped.remarks() {
        let text = remark.to_string();
        assert!(!text.is_empty() && !text.contains(char::is_control), "{text:?}");
    }
}

/// What a caller may know: each fact, or not, by some bits.
fn supplied(choice: u64) -> (csp::Subscription, Engagement) {
    let mut bits = choice;
    let mut pick = |count: usize| {
        let (knows, at) = (bits & 1 == 1, (bits >> 1) as usize % count);
        bits = bits.rotate_right(5);
        knows.then_some(at)
    };
    let mut subscription = csp::Subscription::new(pick(Service::ALL.len()).map(|at| Service::ALL[at]));
    let mut engagement = Engagement::new();
    macro_rules! known {
        ($( $record:ident.$with:ident: $Type:ident; )+) => {
            $( if let Some(at) = pick($Type::ALL.len()) { $record = $record.$with($Type::ALL[at]); } )+
        };
    }
    known! {
        subscription.with_channel: Channel; subscription.with_cloud: Cloud; subscription.with_auto_renew: AutoRenew;
        subscription.with_status: Status; subscription.with_transfer: Transfer;
        engagement.with_partner: Partner; engagement.with_relationship: Relationship;
        engagement.with_customer: CustomerKind; engagement.with_market: Market;
    }
    if let Some(at) = pick(2) {
        let cancellation = [Cancellation::ByService, Cancellation::Never][at];
        let bought = parse_instant("2026-06-01T09:00:00Z").expect("an instant");
        let ends = parse_instant("2027-05-31").expect("a day").date_naive();
        let term = Term::new(bought, ends, cancellation).expect("a term");
        subscription = subscription.with_term(term).unwrap_or(subscription);
    }
    (subscription, engagement)
}
