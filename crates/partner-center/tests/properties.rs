//! Properties of the mapping, for resources generated from documented and undocumented values.

mod support;

use csp_multichannel::chrono::{DateTime, TimeDelta, Utc};
use csp_multichannel::{
    Action, Case, Effect, Fact, Facts, Rulebook, Subscription, Transfer, Verdict, decide,
};
use csp_partner_center::{Context, Item, Mapping, NoteKind, Origin, Reader, Record, ResourceKind};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};
use support::{at, parts};

/// The fields of a resource, in any order.
type Fields = Vec<(String, Value)>;

/// The data that a partner has on one subscription.
#[derive(Clone, Debug)]
struct Situation {
    record: Fields,
    customer: Fields,
    eligibility: Fields,
    as_of: DateTime<Utc>,
}

const PARTNER: &str = "feedbeef-0000-4000-8000-0000000000f1";
const ASKING: &str = "feedbeef-0000-4000-8000-0000000000f2";

fn text(fields: &[(String, Value)]) -> String {
    let fields = fields.iter().map(|(name, value)| format!("{}:{value}", json!(name)));
    format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
}

/// Generates some of the fields, each with one of its values.
fn fields(pools: Vec<(&'static str, Vec<Value>)>) -> BoxedStrategy<Fields> {
    let fields: Vec<_> = pools
        .into_iter()
        .map(|(name, values)| {
            prop::option::weighted(0.7, select(values))
                .prop_map(move |value| value.map(|value| (name.to_owned(), value)))
        })
        .collect();
    fields.prop_map(|fields| fields.into_iter().flatten().collect()).boxed()
}

fn with(fixed: Vec<(&'static str, Value)>, some: BoxedStrategy<Fields>) -> BoxedStrategy<Fields> {
    let fixed: Fields = fixed.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    some.prop_map(move |some| fixed.iter().cloned().chain(some).collect()).boxed()
}

fn values(values: &[&str]) -> Vec<Value> {
    values.iter().map(|value| json!(value)).collect()
}

/// Adds values that no API documents for the field.
fn odd(mut documented: Vec<Value>) -> Vec<Value> {
    documented.extend([
        json!(null),
        json!(""),
        json!("odd"),
        json!(9),
        json!([1]),
        json!({"a": 1}),
    ]);
    documented
}

/// Returns an instant as the API writes it.
fn written(at: DateTime<Utc>) -> String {
    format!("{at:?}")
}

/// Instants of purchase: before new commerce, when its window changed, and recent ones.
const PURCHASES: [&str; 4] = [
    "2018-03-01T09:00:00Z",
    "2022-03-14T10:00:00Z",
    "2025-08-10T09:00:00Z",
    "2026-06-01T09:00:00Z",
];

fn starts(purchase: &str) -> Vec<Value> {
    let purchase = at(purchase);
    let after = |delta: TimeDelta| json!(written(purchase + delta));
    odd(vec![
        after(TimeDelta::zero()),
        after(TimeDelta::zero()),
        after(TimeDelta::zero()),
        after(TimeDelta::seconds(20)),
        after(TimeDelta::days(-2)),
        after(TimeDelta::days(40)),
        json!(format!("/Date({})/", purchase.timestamp_millis())),
        json!("0001-01-01T00:00:00"),
    ])
}

fn ends(purchase: &str) -> Vec<Value> {
    let purchase = at(purchase);
    let mut ends = Vec::new();
    for days in [30, 364, 365, 1095, -10] {
        let day = (purchase + TimeDelta::days(days)).date_naive();
        ends.extend([
            json!(day.to_string()),
            json!(format!("{day}T00:00:00Z")),
            json!(format!("{day}T23:59:59Z")),
        ]);
    }
    ends.push(json!("9999-12-31T00:00:00Z"));
    odd(ends)
}

fn cancellations(purchase: &str) -> Vec<Value> {
    let purchase = at(purchase);
    let after = |days| json!(written(purchase + TimeDelta::days(days)));
    odd(vec![json!(null), json!(null), after(7), after(7), after(-1), after(30), after(364)])
}

fn subscription(purchase: &'static str) -> BoxedStrategy<Fields> {
    let switches = odd(vec![json!(true), json!(false), json!("False"), json!("VRAI")]);
    let some = fields(vec![
        (
            "offerId",
            odd(values(&[
                "0A1B2C3D-1111-4222-8333-444455556666",
                "CFQ7TTC0LH18:0001:CFQ7TTC0K971",
                "CFQ7TTC0LH18:0001:CFQ7TTC0K971",
                "MS-AZR-0145P",
                "MS-AZR-DE-0003P",
                "MS-MC-AZR-0044P",
                "DZH318Z0BPS6:0001:DZH318Z0BML6",
                "DZH318Z0BQ36:004G:DZH318Z08C0S",
                "DZH318Z0BXWC:0001:DZH318Z0BMJX",
            ])),
        ),
        (
            "productType",
            odd(vec![
                json!({"id": "OnlineServicesNCE", "displayName": "OnlineServicesNCE"}),
                json!("OnlineServicesNCE"),
                json!({"id": "Azure"}),
                json!({"id": "Software"}),
                json!({"id": "AzureReservation"}),
                json!({"id": "AzureSavingsPlan"}),
                json!("@{id=OnlineServicesNCE; displayName=OnlineServicesNCE}"),
            ]),
        ),
        (
            "billingType",
            odd(vec![
                json!("license"),
                json!("license"),
                json!(2),
                json!("usage"),
                json!(1),
                json!("none"),
                json!("benefit"),
            ]),
        ),
        ("unitType", odd(values(&["Licenses", "License(s)", "Usage-based", "none", "Benefit"]))),
        ("creationDate", starts(purchase)),
        ("effectiveStartDate", starts(purchase)),
        ("commitmentEndDate", ends(purchase)),
        ("commitmentEndDateTime", ends(purchase)),
        ("cancellationAllowedUntilDate", cancellations(purchase)),
        (
            "status",
            odd(values(&[
                "active",
                "Active",
                "suspended",
                "deleted",
                "expired",
                "disabled",
                "none",
            ])),
        ),
        ("autoRenewEnabled", switches.clone()),
        ("billingCycle", odd(values(&["monthly", "annual", "triennial", "one_time"]))),
        ("termDuration", odd(values(&["P1M", "P1Y", "P3Y", "P12M"]))),
        ("isTrial", switches.clone()),
        ("isMicrosoftProduct", switches),
        ("publisherName", odd(values(&["Contoso", "Microsoft Corporation"]))),
        ("quantity", odd(vec![json!(1), json!("1")])),
        ("parentSubscriptionId", values(&["p"])),
        ("links", odd(vec![json!({"self": {"uri": "/customers/c1/subscriptions/a"}})])),
    ]);
    let fixed = vec![
        ("id", json!("a")),
        ("offerName", json!("Mail")),
        ("customerId", json!("c1")),
        ("attributes", json!({"objectType": "Subscription"})),
    ];
    with(fixed, some)
}

fn directory() -> BoxedStrategy<Fields> {
    let some = fields(vec![
        ("commerceSubscriptionId", odd(values(&["A"]))),
        (
            "status",
            odd(values(&["Enabled", "Enabled", "Warning", "Suspended", "LockedOut", "Deleted"])),
        ),
        ("nextLifecycleDateTime", ends(PURCHASES[3])),
        ("ownerTenantId", odd(values(&[PARTNER, ASKING, "00000000-0000-0000-0000-000000000000"]))),
        ("isTrial", odd(vec![json!(true), json!(false)])),
    ]);
    with(vec![("id", json!("d")), ("skuPartNumber", json!("O365"))], some)
}

fn azure() -> BoxedStrategy<Fields> {
    let some = fields(vec![
        ("state", odd(values(&["Enabled", "Warned", "PastDue", "Disabled", "Deleted"]))),
        (
            "cloudName",
            odd(values(&[
                "AzureCloud",
                "AzureUSGovernment",
                "AzureChinaCloud",
                "AzureGermanCloud",
            ])),
        ),
        (
            "subscriptionPolicies",
            odd(vec![
                json!({"quotaId": "CSP_2015-05-01"}),
                json!({"quotaId": "EnterpriseAgreement_2014-09-01"}),
                json!({"quotaId": "AzureInOpen_2014-09-01"}),
            ]),
        ),
    ]);
    with(vec![("id", json!("a")), ("homeTenantId", json!("t"))], some)
}

fn record() -> BoxedStrategy<Fields> {
    let subscription = select(&PURCHASES[..]).prop_flat_map(subscription);
    prop_oneof![4 => subscription, 1 => directory(), 1 => azure()].boxed()
}

fn customer() -> BoxedStrategy<Fields> {
    let words = ["reseller", "none", "advisor", "unknown", "microsoft_support"];
    let some = fields(vec![("relationshipToPartner", odd(values(&words)))]);
    with(vec![("id", json!("c1")), ("companyProfile", json!({"companyName": "Northwind"}))], some)
}

const REASONS: [&str; 5] = [
    "Subscription: a is in state: Deleted",
    "Subscription: a is in state: Suspended",
    "Subscription: a is in state: Expired",
    "subscription is already part of another transfer request id : 31a06eac",
    "Subscription is a trial",
];

fn eligibility(answers: Vec<Value>) -> BoxedStrategy<Fields> {
    let some = fields(vec![("reason", odd(values(&REASONS)))]);
    (some, select(answers))
        .prop_map(|(some, answer)| {
            let fixed = [("id".to_owned(), json!("A")), ("isEligible".to_owned(), answer)];
            fixed.into_iter().chain(some).collect()
        })
        .boxed()
}

/// Generates an instant from the first edition on, often near a purchase or an end, where most
/// changes are.
fn instant() -> impl Strategy<Value = DateTime<Utc>> {
    let first = at("2016-12-01");
    let any = (0..4_000_i64 * 86_400).prop_map(move |seconds| first + TimeDelta::seconds(seconds));
    let window = (select(&PURCHASES[..]), -86_400..10_i64 * 86_400)
        .prop_map(|(purchase, seconds)| at(purchase) + TimeDelta::seconds(seconds));
    let end =
        (select(&PURCHASES[..]), select(&[30_i64, 364, 365, 1095][..]), -86_400..2_i64 * 86_400)
            .prop_map(|(purchase, days, seconds)| {
                at(purchase) + TimeDelta::days(days) + TimeDelta::seconds(seconds)
            });
    let of_transfers = (0..90_i64).prop_map(|days| at("2020-01-20") + TimeDelta::days(days));
    prop_oneof![3 => any, 3 => window, 3 => end, 1 => of_transfers]
}

fn situation() -> impl Strategy<Value = Situation> {
    let answers = odd(vec![json!(true), json!(false), json!("False"), json!("True")]);
    (record(), customer(), eligibility(answers), instant()).prop_map(
        |(record, customer, eligibility, as_of)| Situation { record, customer, eligibility, as_of },
    )
}

/// Generates facts, some of them known.
fn supplied() -> impl Strategy<Value = Facts> {
    let facts: Vec<_> = Fact::ALL
        .iter()
        .map(|&fact| {
            let words = prop::option::of(select(fact.words()));
            words.prop_map(move |word| word.map(|word| Facts::parse(fact, word).unwrap()))
        })
        .collect();
    facts.prop_map(|facts| facts.into_iter().flatten().fold(Facts::UNKNOWN, Facts::with))
}

impl Situation {
    fn context(&self) -> Context {
        let mut context = Context::new().with_partner_tenant(ASKING);
        let partner = Record::from(Case::new(PARTNER, Subscription::new()));
        context.add_partner(&partner).expect("a case");
        // Without a field, the kind may be unknown.
        for resource in [&self.customer, &self.eligibility] {
            if let Ok(record) = Record::from_json(&text(resource)) {
                match record.kind {
                    ResourceKind::Customer => context.add_customer(record).unwrap(),
                    ResourceKind::TransferEligibility => context.add_eligibility(record).unwrap(),
                    _ => {}
                }
            }
        }
        context
    }

    /// Maps the record without supplied facts; returns `None` if the record is refused.
    fn map(&self) -> Option<Mapping> {
        let record = Record::from_json(&text(&self.record)).ok()?;
        Some(self.context().map(&record, self.as_of).expect("a subscription"))
    }

    fn resources(&mut self) -> [&mut Fields; 3] {
        [&mut self.record, &mut self.customer, &mut self.eligibility]
    }

    /// Returns the situations with one field, other than the identifier, removed or replaced.
    fn changed(&self, mut change: impl FnMut(&str) -> Vec<Option<Value>>) -> Vec<(String, Self)> {
        let mut all = Vec::new();
        for resource in 0..3 {
            for field in 0..self.clone().resources()[resource].len() {
                let (name, was) = self.clone().resources()[resource][field].clone();
                if name == "id" {
                    continue;
                }
                for value in change(&name) {
                    let shown = match &value {
                        Some(value) => format!("{name}: {was} replaced by {value}"),
                        None => format!("{name}: {was} taken away"),
                    };
                    let mut changed = self.clone();
                    let fields = changed.resources().into_iter().nth(resource).expect("a resource");
                    match value {
                        Some(value) => fields[field].1 = value,
                        None => drop(fields.remove(field)),
                    }
                    all.push((shown, changed));
                }
            }
        }
        all
    }

    fn shown(&self) -> String {
        format!(
            "{}\n  {}\n  {}\n  at {:?}",
            text(&self.record),
            text(&self.customer),
            text(&self.eligibility),
            self.as_of
        )
    }
}

fn verdicts(facts: Facts, as_of: DateTime<Utc>) -> Vec<Verdict> {
    let edition = Rulebook::partner_center().edition_at(as_of).expect("an edition");
    let decision = edition.decide(facts);
    Action::ALL.iter().map(|action| decision.verdict(*action)).collect()
}

fn quick(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..Default::default() }
}

proptest! {
    #![proptest_config(quick(500))]

    /// A determined verdict stays the same or becomes undetermined when a field is removed, for any
    /// values of the facts that no field determines.
    #[test]
    fn taking_a_field_away_never_turns_a_verdict(situation in situation(), supplied in supplied()) {
        let Some(whole) = situation.map() else { return Ok(()) };
        let facts = whole.case.subscription.facts_at(situation.as_of);
        for (change, less) in situation.changed(|_| vec![None]) {
            let Some(mapping) = less.map() else { continue };
            let left = mapping.case.subscription.facts_at(situation.as_of);
            let said = facts.narrowed().union(left.narrowed());
            let beside = said.iter().fold(supplied, Facts::without);
            for known in [Facts::UNKNOWN, beside] {
                let before = verdicts(facts.with(known), situation.as_of);
                let after = verdicts(left.with(known), situation.as_of);
                for ((action, before), after) in Action::ALL.iter().zip(before).zip(after) {
                    prop_assert!(
                        before == Verdict::Undetermined || after == Verdict::Undetermined || before == after,
                        "{action}: {before} became {after}, {change}\n  {}\n  {facts}\n  {left}\n  {known}",
                        situation.shown()
                    );
                }
            }
        }
    }

    /// The facts with a field and without it never exclude each other. The exception is one
    /// negative answer in place of another: without its reason, a pending transfer is ineligible.
    #[test]
    fn taking_a_field_away_never_turns_a_fact(situation in situation()) {
        let Some(whole) = situation.map() else { return Ok(()) };
        let facts = whole.case.subscription.facts_at(situation.as_of).without(Fact::Transfer);
        for (change, less) in situation.changed(|_| vec![None]) {
            let Some(mapping) = less.map() else { continue };
            let left = mapping.case.subscription.facts_at(situation.as_of);
            prop_assert!(facts.overlaps(left), "{change}\n  {}\n  {facts}\n  {left}", situation.shown());
        }
    }

    /// After a negative answer of Partner Center, a switch is never allowed, from 2020-04-12 on.
    #[test]
    fn a_no_is_never_lost(
        record in record(),
        no in eligibility(vec![json!(false), json!("False"), json!("no"), json!(0), json!("FALSCH")]),
        yes in prop::option::of(eligibility(vec![json!(true)])),
        (defaults, table) in (supplied(), supplied()),
        after in 0..6_000_i64 * 86_400,
    ) {
        let as_of = at("2020-04-12") + TimeDelta::seconds(after);
        let situation = Situation { record, customer: Vec::new(), eligibility: no, as_of };
        let Ok(record) = Record::from_json(&text(&situation.record)) else { return Ok(()) };
        let mut context = situation.context().with_defaults(defaults);
        if let Some(yes) = yes {
            context.add_eligibility(Record::from_json(&text(&yes)).unwrap()).unwrap();
        }
        context.add_facts(Record::from(Case::new("a", table))).unwrap();
        let mapping = context.map(&record, as_of).unwrap();
        let facts = mapping.case.subscription.facts_at(as_of);
        let is_found = record.id() == "a" || text(&situation.record).contains("\"commerceSubscriptionId\":\"A\"");
        let verdict = decide(&facts.into(), as_of).unwrap().verdict(Action::Switch);
        prop_assert!(
            !is_found || !matches!(verdict, Verdict::Allowed | Verdict::Conditional),
            "{verdict}: {facts}\n  {}", situation.shown()
        );
    }

    /// The table and the defaults narrow the facts from fields, and never change them.
    #[test]
    fn what_is_supplied_never_changes_what_fields_state(
        situation in situation(),
        defaults in supplied(),
        table in supplied(),
    ) {
        let Some(whole) = situation.map() else { return Ok(()) };
        let record = Record::from_json(&text(&situation.record)).unwrap();
        let mut context = situation.context().with_defaults(defaults);
        context.add_facts(Record::from(Case::new("a", table))).unwrap();
        let mapping = context.map(&record, situation.as_of).unwrap();
        // A service that turns out to be paid by use loses its term, and with it the phase.
        let has_no_term = mapping.notes.iter().any(|note| note.kind == NoteKind::UsageHasNoTerm);
        let before = whole.case.subscription.facts_at(situation.as_of);
        let after = mapping.case.subscription.facts_at(situation.as_of);
        for (fact, origin) in whole.origins.iter() {
            if !matches!(origin, Origin::Rule(_)) || fact == Fact::TermPhase && has_no_term {
                continue;
            }
            // A no counts whoever gives it.
            let says_no = |word: &str| matches!(word, "pending" | "ineligible");
            if fact == Fact::Transfer && table.possible_words(fact).all(says_no) {
                continue;
            }
            let known: Vec<&str> = before.possible_words(fact).collect();
            prop_assert!(
                after.possible_words(fact).all(|word| known.contains(&word)),
                "{fact}\n  {}\n  {before}\n  {after}\n  default {defaults}\n  table {table}",
                situation.shown()
            );
        }
    }

    /// A mapping and its case survive a round trip through JSON.
    #[test]
    fn written_and_read_is_the_same(situation in situation(), defaults in supplied(), table in supplied()) {
        let Ok(record) = Record::from_json(&text(&situation.record)) else { return Ok(()) };
        let mut context = situation.context().with_defaults(defaults);
        context.add_facts(Record::from(Case::new("a", table))).unwrap();
        let mapping = context.map(&record, situation.as_of).unwrap();
        let json = serde_json::to_string(&mapping).unwrap();
        let read = serde_json::from_str::<Mapping>(&json).map_err(|error| error.to_string());
        prop_assert_eq!(read, Ok(mapping.clone()), "{}", json);

        let line = serde_json::to_string(&mapping.case).unwrap();
        let (items, error) = parts(Reader::new(line.as_bytes()));
        prop_assert_eq!(error, None);
        let [Item::Record(read)] = items.as_slice() else {
            return Err(TestCaseError::fail(format!("{line}: {items:?}")));
        };
        let subscription = mapping.case.subscription;
        if subscription.facts() != Facts::UNKNOWN || subscription.term().is_some() {
            let again = Context::new().map(read, situation.as_of).unwrap();
            prop_assert_eq!(&again.case, &mapping.case);
        }
    }

    /// The order of fields does not matter.
    #[test]
    fn the_order_of_fields_does_not_matter(
        situation in situation(),
        seed in any::<prop::sample::Index>(),
    ) {
        let mut other = situation.clone();
        for fields in other.resources() {
            let middle = seed.index(fields.len());
            fields.rotate_left(middle);
            fields[middle..].reverse();
        }
        prop_assert_eq!(other.map(), situation.map(), "{}\n  {}", situation.shown(), other.shown());
    }

    /// A value of a wrong type loses at most the facts from its field.
    #[test]
    fn no_type_loses_a_record(situation in situation(), shape in 0..8_usize) {
        let wrong = [
            json!(17), json!(-1.5), json!(true), json!([{"id": 1}]), json!({"id": {"id": []}}),
            json!("odd"), json!(u64::MAX), json!(null),
        ];
        let Some(whole) = situation.map() else { return Ok(()) };
        for (change, changed) in situation.changed(|_| vec![Some(wrong[shape].clone())]) {
            let mapping = changed.map();
            prop_assert!(mapping.is_some_and(|mapping| mapping.case.id == whole.case.id), "{change}\n  {}", situation.shown());
            for (shown, resource) in [("customer", &changed.customer), ("eligibility", &changed.eligibility)] {
                let read = Record::from_json(&text(resource));
                prop_assert!(read.is_ok(), "{change}: {shown} {} {read:?}", text(resource));
            }
        }
    }

    /// `null`, the empty string and an absent field have the same meaning.
    #[test]
    fn null_empty_and_absent_are_the_same(situation in situation()) {
        // `null` means no cancellation, or no owner; the other fields determine the kind of the
        // record.
        let says_something = ["cancellationAllowedUntilDate", "ownerTenantId"]
            .into_iter()
            .chain(["attributes", "offerName", "companyProfile", "skuPartNumber", "homeTenantId"])
            .collect::<Vec<_>>();
        let change = |name: &str| {
            if says_something.contains(&name) {
                return Vec::new();
            }
            vec![Some(json!(null)), Some(json!("")), None]
        };
        let changed = situation.changed(change);
        for same in changed.chunks(3) {
            let [null, empty, absent] = [0, 1, 2].map(|index| same[index].1.map());
            prop_assert_eq!(&null, &empty, "{}\n  {}", same[0].0, situation.shown());
            prop_assert_eq!(&null, &absent, "{}\n  {}", same[0].0, situation.shown());
        }
    }
}

/// Returns cases whose switch is allowed or conditional at an instant, at least one for each rule
/// that permits it.
fn switches(as_of: DateTime<Utc>) -> Vec<Facts> {
    let permits = Rulebook::partner_center().rules().iter().filter(|rule| {
        rule.effect() == Effect::Permit
            && rule.actions().contains(Action::Switch)
            && rule.validity().covers(as_of.date_naive())
    });
    let cases = permits.filter_map(|rule| {
        let mut assignments = rule.condition().assignments();
        assignments.find(|facts| is_open(*facts, as_of))
    });
    cases.map(|facts| facts.without(Fact::Transfer).without(Fact::TermPhase)).collect()
}

fn is_open(facts: Facts, as_of: DateTime<Utc>) -> bool {
    let verdict = decide(&facts.into(), as_of).expect("an edition").verdict(Action::Switch);
    matches!(verdict, Verdict::Allowed | Verdict::Conditional)
}

/// Each place that can state facts, with `transfer: none` and a negative answer of Partner Center.
#[test]
fn a_no_counts_before_transfer_none_wherever_that_is_stated() {
    for as_of in ["2020-04-12", "2022-06-01", "2026-08-12"].map(at) {
        let cases = switches(as_of);
        assert!(!cases.is_empty(), "{as_of}");
        for facts in cases.into_iter().map(|facts| facts.with(Transfer::None)) {
            let no = Record::from_json(r#"{"id":"a","isEligible":false}"#).unwrap();
            let mut context = Context::new();
            context.add_eligibility(no).unwrap();
            let bare = Record::from(Case::new("a", Facts::UNKNOWN));
            let stated = Record::from(Case::new("a", facts));
            let mut table = context.clone();
            table.add_facts(stated.clone()).unwrap();
            let default = context.clone().with_defaults(facts);
            for (place, context, record) in [
                ("record", &context, &stated),
                ("table", &table, &bare),
                ("default", &default, &bare),
            ] {
                let mapping = context.map(record, as_of).unwrap();
                let found = mapping.case.subscription.facts_at(as_of);
                assert!(!is_open(found, as_of), "stated in the {place} at {as_of}: {found}");
            }
        }
    }
}

/// The eligibility is in the record itself if somebody joined the two.
#[test]
fn a_no_inside_the_record_is_not_lost() {
    let as_of = at("2026-08-12");
    let offer = r#""offerId":"MS-AZR-0145P","billingType":"usage","status":"active""#;
    let [open, lost] = ["", r#","isEligible":false"#].map(|answer| {
        let record = Record::from_json(&format!(r#"{{"id":"a",{offer}{answer}}}"#)).unwrap();
        let facts = switches(as_of).into_iter().filter_map(|facts| {
            let mapping = Context::new().with_defaults(facts).map(&record, as_of).unwrap();
            Some(mapping.case.subscription.facts_at(as_of).with(Transfer::None)).filter(|facts| {
                mapping.case.subscription.facts().narrow(Transfer::None).is_ok()
                    && is_open(*facts, as_of)
            })
        });
        facts.count()
    });
    assert!(open > 0);
    assert_eq!(lost, 0, "switches are open in spite of `isEligible: false` inside the record");
}

/// A table with the eligibility in a column next to those of subscriptions.
#[test]
fn a_no_in_a_column_is_not_lost() {
    let csv = "id,offer id,billing type,status,isEligible\na,MS-AZR-0145P,usage,active,false\n";
    let (items, _) = parts(Reader::new(csv.as_bytes()));
    let [Item::Record(record)] = items.as_slice() else { panic!("{items:?}") };
    if let Ok(mapping) = Context::new().map(record, at("2026-08-12")) {
        assert_eq!(mapping.case.subscription.facts().known(), Some(Transfer::Ineligible));
    }
}

/// Regression test: records with two contradictory fields, found by the properties above. Each row
/// has the record, the field, and the reason of the eligibility.
#[test]
fn contradictions_that_were_found_are_no_claims() {
    const NEW: &str = r#""offerId":"CFQ7TTC0LH18:0001:CFQ7TTC0K971","billingType":"license","termDuration":"P1Y","effectiveStartDate":"2026-06-01T09:00:00Z","commitmentEndDate":"2027-05-31""#;
    const OLD: &str = r#""offerId":"0A1B2C3D-1111-4222-8333-444455556666""#;
    let until = r#","cancellationAllowedUntilDate":"2027-05-31T00:00:00Z""#;
    let dates =
        r#","billingType":"license","autoRenewEnabled":false,"commitmentEndDate":"2026-08-12""#;
    // Some of the possible services have their own cancellation window.
    let [early, late] = ["2026-08-01", "2026-09-30"].map(|until| {
        format!(
            r#""billingType":"license","commitmentEndDate":"2026-12-31","cancellationAllowedUntilDate":"{until}""#
        )
    });
    // The window of a new-commerce license that was bought two days ago is open.
    let before = NEW
        .replace("2026-06-01", "2026-08-10")
        .replace(r#""effectiveStartDate":"2026-08-10T09:00:00Z","#, "")
        + r#","cancellationAllowedUntilDate":"2026-08-09T00:00:00Z""#;
    let mut failures = Vec::new();
    for (record, field, reason) in [
        (before, r#","creationDate":"2026-08-10T10:00:00Z""#, ""),
        (early, r#","productType":{"id":"AzureReservation"}"#, ""),
        (late, r#","productType":{"id":"AzureSavingsPlan"}"#, ""),
        (NEW.to_owned(), until, ""),
        (OLD.to_owned() + dates, r#","commitmentEndDateTime":"2026-08-12T00:00:00Z""#, ""),
        (OLD.to_owned() + r#","unitType":"Usage-based""#, r#","billingType":"license""#, ""),
        (OLD.to_owned(), r#","status":"active""#, "Subscription: a is in state: Expired"),
    ] {
        let as_of = at("2026-08-12");
        let mut context = Context::new();
        let no = json!({"id": "a", "isEligible": false, "reason": reason}).to_string();
        context.add_eligibility(Record::from_json(&no).unwrap()).unwrap();
        let [with, without] = [field, ""].map(|field| {
            let record = Record::from_json(&format!(r#"{{"id":"a",{record}{field}}}"#)).unwrap();
            context.map(&record, as_of).unwrap().case.subscription.facts_at(as_of)
        });
        if !with.overlaps(without) {
            failures.push(format!("{field}: {with}\n  without: {without}"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Dates are stated before the service is known to be paid by use.
#[test]
fn dates_of_what_is_paid_by_use_are_written_and_read() {
    let defaults = Facts::from(csp_multichannel::Service::Azure);
    for input in [
        "id,ends_on\na,2027-01-01\n",
        r#"{"id":"a","skuPartNumber":"x","status":"Enabled","nextLifecycleDateTime":"2027-01-01"}"#,
    ] {
        let (items, _) = parts(Reader::new(input.as_bytes()));
        let [Item::Record(record)] = items.as_slice() else { panic!("{items:?}") };
        let context = Context::new().with_defaults(defaults);
        let mapping = context.map(record, at("2026-08-12")).unwrap();
        let json = serde_json::to_string(&mapping).unwrap();
        assert_eq!(serde_json::from_str::<Mapping>(&json).unwrap(), mapping, "{input}");
    }
}
