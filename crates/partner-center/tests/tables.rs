//! Tables as people keep them: names of columns, cells, delimiters, titles and totals.

mod support;

use csp_multichannel::{Cancellation, Fact, Facts, Service, Term};
use csp_partner_center::{
    Context, FieldValue, Item, Reader, Record, Resource, ResourceKind, columns,
};
use support::{at, parts, transcript};

/// Returns the transcript of an input, with an empty context.
fn read(input: &str) -> String {
    let reader = Reader::new(input.as_bytes());
    transcript(reader, &Context::new(), Facts::UNKNOWN, at("2026-08-12"))
}

#[track_caller]
fn assert_reads(input: &str, expected: &[&str]) {
    assert_eq!(read(input).lines().collect::<Vec<_>>(), expected, "{input}");
}

/// Returns the only record of a table.
#[track_caller]
fn only(input: &str) -> Record {
    let (items, error) = parts(Reader::new(input.as_bytes()));
    assert_eq!(error, None, "{input}");
    let [Item::Record(record)] = items.as_slice() else { panic!("{input}: {items:?}") };
    record.as_ref().clone()
}

/// Returns the field of a resource for a column.
#[track_caller]
fn field<'r>(resource: &'r Resource, name: &str) -> &'r FieldValue {
    match name {
        "friendlyName" => &resource.friendly_name,
        "offerId" => &resource.offer_id,
        "offerName" => &resource.offer_name,
        "quantity" => &resource.quantity,
        "unitType" => &resource.unit_type,
        "parentSubscriptionId" => &resource.parent_subscription_id,
        "creationDate" => &resource.creation_date,
        "effectiveStartDate" => &resource.effective_start_date,
        "commitmentEndDate" => &resource.commitment_end_date,
        "commitmentEndDateTime" => &resource.commitment_end_date_time,
        "cancellationAllowedUntilDate" => &resource.cancellation_allowed_until_date,
        "status" => &resource.status,
        "autoRenewEnabled" => &resource.auto_renew_enabled,
        "billingType" => &resource.billing_type,
        "billingCycle" => &resource.billing_cycle,
        "termDuration" => &resource.term_duration,
        "isTrial" => &resource.is_trial,
        "isMicrosoftProduct" => &resource.is_microsoft_product,
        "publisherName" => &resource.publisher_name,
        "productType" => &resource.product_type,
        "customerId" => &resource.customer_id,
        "isEligible" => &resource.is_eligible,
        "reason" => &resource.reason,
        "relationshipToPartner" => &resource.relationship_to_partner,
        "commerceSubscriptionId" => &resource.commerce_subscription_id,
        "nextLifecycleDateTime" => &resource.next_lifecycle_date_time,
        "ownerTenantId" => &resource.owner_tenant_id,
        "skuPartNumber" => &resource.sku_part_number,
        "state" => &resource.state,
        "cloudName" => &resource.cloud_name,
        "quotaId" => &resource.quota_id,
        other => panic!("no field `{other}`"),
    }
}

/// Asserts that a column of this name is read into this field.
#[track_caller]
fn assert_holds(name: &str, holds: &str) {
    if holds == "id" {
        let record = only(&format!("{name},channel\n83ef,open\n"));
        assert_eq!(
            (record.id(), record.stated.facts().to_string()),
            ("83ef", "channel: open".into()),
            "{name}"
        );
        return;
    }
    if let Ok(fact) = holds.parse::<Fact>()
        && (fact != Fact::Status || name == "status")
    {
        for word in fact.words() {
            let record = only(&format!("subscription id,{name}\n83ef,{word}\n"));
            assert_eq!(
                record.stated.facts(),
                Facts::parse(fact, word).expect(word),
                "{name} {word}"
            );
        }
        return;
    }
    let day = "2026-09-15";
    let date =
        || only(&format!("subscription id,{name},endsOn\n83ef,{day},2027-09-14\n")).stated.term();
    match holds {
        "customer_name" => {
            let record = only(&format!("subscription id,{name}\n83ef,Northwind Ltd\n"));
            assert_eq!(record.customer.as_deref(), Some("Northwind Ltd"), "{name}");
        }
        "purchased_at" => {
            assert_eq!(date().and_then(Term::purchased_at), Some(at(day)), "{name}");
        }
        "cancellable_until" => {
            let until = date().map(Term::cancellation);
            assert_eq!(until, Some(Cancellation::Until(at(day))), "{name}");
        }
        "ends_on" => {
            let record = only(&format!("subscription id,{name}\n83ef,{day}\n"));
            let ends_on = record.stated.term().map(|term| term.ends_on().to_string());
            assert_eq!(ends_on.as_deref(), Some(day), "{name}");
        }
        holds => {
            let record = only(&format!("subscription id,{name}\n83ef,odd word\n"));
            let resource = record.resource.expect("a resource");
            assert_eq!(field(&resource, holds), &FieldValue::from("odd word"), "{name}");
        }
    }
}

/// A name as people write it, with spaces and capitals.
fn spaced(name: &str) -> String {
    let (begin, end) = name.split_at(name.len() / 2);
    format!(" {begin}_{} ", end.to_uppercase())
}

#[test]
fn each_name_of_a_column_is_read_as_what_it_holds() {
    let mut count = 0;
    for (name, holds) in columns() {
        count += 1;
        // With exactly this name the column has the fact of a case, which has its own row.
        let is_fact = matches!((name, holds), ("customer", "customer_name"));
        if !is_fact {
            assert_holds(name, holds);
        }
        if name != "id" || holds != "id" {
            assert_holds(&spaced(name), holds);
        }
    }
    assert!(count > 100, "{count}");
}

/// The fields of a subscription, named as in JSON and as in the PowerShell module.
#[test]
fn fields_are_named_as_in_json() {
    for (_, holds) in columns().filter(|(_, holds)| holds.contains(char::is_uppercase)) {
        assert_holds(holds, holds);
        assert_holds(&(holds[..1].to_uppercase() + &holds[1..]), holds);
    }
}

#[test]
fn a_name_of_a_customer_is_no_fact() {
    for (header, customer) in
        [("Customer", "Northwind"), ("CUSTOMER", "Northwind"), ("Company name", "end_customer")]
    {
        let record = only(&format!("id,{header}\na,{customer}\n"));
        assert_eq!(
            (record.customer.as_deref(), record.stated.facts()),
            (Some(customer), Facts::UNKNOWN),
            "{header}"
        );
    }
    assert_reads("id,Customer\na,End customer\n", &["2 a: customer: end_customer"]);
    assert_reads("id,customer\na,Northwind\n", &["2 a: nothing known"]);
    assert_reads(
        "id,customer\na,end_custmer\n",
        &[
            "2 refused: a: unknown customer `end_custmer`, expected one of `end_customer`, `csp_tenant`; did you mean \
           `end_customer`?",
        ],
    );
}

#[test]
fn facts_are_words_in_any_case_and_several() {
    assert_reads(
        "id,service,channel\na,\"license, azure\",Other CSP partner\nb,License;New-Commerce License,DIRECT|open\n",
        &[
            "2 a: channel: other_csp_partner; service: license, azure",
            "3 b: channel: direct, open; service: license, new_commerce_license",
        ],
    );
    assert_reads(
        "id,service\na,lisense\nb,license\n",
        &[
            "2 refused: a: unknown service `lisense`, expected one of `license`, `new_commerce_license`, `azure`, `azure_plan`, `azure_reservation`, `azure_savings_plan`, `software`, `marketplace`; did you mean `license`?",
            "3 b: service: license",
        ],
    );
}

#[test]
fn states_are_those_of_the_policy_or_of_partner_center() {
    assert_reads(
        "id,status\na,active\nb,\"active, suspended\"\nc,Expired\nd,4\ne,paused\n",
        &[
            "2 a: status: active",
            "3 b: status: active, suspended",
            "4 c: status: suspended, deleted",
            "5 d: status: suspended, deleted",
            "6 e: nothing known",
            "  `status` `paused`: the value is not documented, so no fact is derived from it",
        ],
    );
}

/// A column of exactly this name is a part of a case, which is refused; others may hold anything.
#[test]
fn an_unknown_word_is_never_lost_in_silence() {
    let refused = &read("id,channel\na,Opn\n");
    assert!(refused.starts_with("2 refused: a: unknown channel `Opn`"), "{refused}");
    let note = "the value is not documented, so no fact is derived from it; did you mean `open`?";
    for name in ["Channel", "Purchase channel", "bought from"] {
        assert_reads(
            &format!("id,{name}\na,Opn\n"),
            &["2 a: nothing known", &format!("  `channel` `Opn`: {note}")],
        );
    }
}

#[test]
fn a_hundred_columns_have_a_hint() {
    let found = read(&format!("id{}\na\n", ",stauts".repeat(101)));
    assert_eq!(found.matches("did you mean `status`?").count(), 100);
    assert_eq!(found.matches("`stauts`: the column is ignored").count(), 101);
}

#[test]
fn other_columns_are_named_once_with_the_nearest_name() {
    assert_reads(
        "id,channel,Notes,stauts,Bilingtype\na,open,call,active,license\nb,direct,,,\n",
        &[
            "note: `Notes`: the column is ignored",
            "note: `stauts`: the column is ignored; did you mean `status`?",
            "note: `Bilingtype`: the column is ignored; did you mean `billingtype`?",
            "2 a: channel: open",
            "3 b: channel: direct",
        ],
    );
    // Columns of an export of Partner Center's objects that are not needed.
    assert_reads(
        "id,orderId,RefundOptions,PartnerId,,channel\na,1,2,3,4,open\n",
        &["2 a: channel: open"],
    );
}

#[test]
fn delimiters_and_the_line_that_names_one() {
    for delimiter in [",", ";", "\t", "|"] {
        let table = ["id,channel,customer name\n", "83ef,open,North\n"]
            .map(|row| row.replace(',', delimiter));
        assert_reads(&table.concat(), &["2 83ef: channel: open"]);
        let named = format!("sep={delimiter}\r\n{}", table.concat());
        assert_reads(&named, &["3 83ef: channel: open"]);
    }
    assert_reads("sep=;\nid;channel\na,b;open\n", &["3 a,b: channel: open"]);
    assert_reads("id;service\na;license,azure\n", &["2 a: service: license, azure"]);
}

#[test]
fn the_line_of_types_is_nothing() {
    assert_reads(
        "#TYPE Microsoft.Store.PartnerCenter.PowerShell.Models.Subscriptions.PSSubscription\n\
         \"SubscriptionId\",\"Status\",\"AutoRenewEnabled\",\"RefundOptions\"\n\
         \"a\",\"Active\",\"True\",\"System.Collections.Generic.List`1[RefundOption]\"\n",
        &["3 a: at_term_end: renew; status: active"],
    );
    assert_reads(
        "#TYPE Selected.System.Object\nsep=;\nid;channel\na;open\n",
        &["4 a: channel: open"],
    );
}

#[test]
fn titles_above_the_header_are_named() {
    assert_reads(
        "Subscriptions\n\nid,channel\na,open\n",
        &[
            "note: `lines` `Subscriptions`: the lines before the header are ignored",
            "4 a: channel: open",
        ],
    );
    assert_reads(
        "Subscriptions,\nby,Bob\n,\nid,channel\na,open\n",
        &[
            "note: `lines` `Subscriptions, … ,`: the lines before the header are ignored",
            "5 a: channel: open",
        ],
    );
    let titles = |count| "title\n".repeat(count) + "id,channel\na,open\n";
    assert!(read(&titles(9)).ends_with("\n11 a: channel: open"), "{}", read(&titles(9)));
    let missing = "error: no column has the identifier of the subscription in `title`, expected `id` or `Subscription ID`";
    assert_reads(&titles(10), &[missing]);
}

#[test]
fn a_table_without_an_identifier_is_refused() {
    assert_reads(
        "name,company\na,b\n",
        &[
            "error: no column has the identifier of the subscription in `name,company`, expected `id` or `Subscription ID`",
        ],
    );
    assert_reads("id,channel\n", &["note: The input has no records"]);
}

#[test]
fn totals_and_blank_rows() {
    for total in [
        "Total",
        "TOTALS",
        "Grand total",
        "Sum",
        "Summe",
        "Gesamt",
        "Somme",
        "Totale",
        "Totaal",
        "Suma",
        "#REF!",
        "***",
        "",
    ] {
        let row = [total, "12"]
            .into_iter()
            .filter(|cell| !cell.is_empty())
            .collect::<Vec<_>>()
            .join(", ");
        let refused = format!("3 refused: the row `{row}` has no identifier");
        assert_reads(
            &format!("id,channel\na,open\n{total},12\n"),
            &["2 a: channel: open", &refused],
        );
    }
    assert_reads("id,channel\n\n,\n \t, \na,open\n\n", &["5 a: channel: open"]);
}

/// A quote inside a cell that does not begin with one is an ordinary character.
#[test]
fn quotes_inside_cells() {
    assert_reads("id\n83\"ef\n", &["2 83\"ef: nothing known"]);
    assert_reads("id,channel\n83\"ef\",open\n", &["2 83\"ef\": channel: open"]);
    assert_reads("id,channel\n\"83\"\"ef\",open\n", &["2 83\"ef: channel: open"]);
}

/// A quote that is not closed is left out, and costs neither the cells after it nor the rows below.
#[test]
fn quotes_that_are_not_closed() {
    for row in ["a,\"Contoso,open", "\"a,Contoso,open", "a,Contoso,\"open", "\"a\",\"Contoso,open"]
    {
        let table = format!("id,customer name,channel\n{row}\nb,Fabrikam,direct\n");
        assert_reads(&table, &["2 a: channel: open", "3 b: channel: direct"]);
    }
    let contoso = only("id,customer name,channel\na,\"Contoso,open\n");
    assert_eq!(contoso.customer.as_deref(), Some("Contoso"));
    let contoso = only("\"id,customer name,channel\na,Contoso,open\n");
    assert_eq!((contoso.id(), contoso.customer.as_deref()), ("a", Some("Contoso")));
    // A quote that closes too early leaves its cell one, and the next ones.
    for begin in ["\"Contoso\" AG", "\"Contoso\" \"AG\""] {
        let row = format!("a,{begin},\"two\nlines\",open");
        let table = format!("id,customer name,notes,channel\n{row}\nb,Fabrikam,x,direct\n");
        let ignored = "note: `notes`: the column is ignored";
        assert_reads(&table, &[ignored, "2 a: channel: open", "4 b: channel: direct"]);
    }
    assert_reads(
        "\"Disk\" no,\"a;b;c;d\",id\nx,y,a\n",
        &[
            "note: `Disk no`: the column is ignored",
            "note: `a;b;c;d`: the column is ignored",
            "2 a: nothing known",
        ],
    );
}

#[test]
fn ragged_rows_cost_themselves() {
    assert_reads(
        "id,channel\na,open,call Bob\nb\nc,direct\n",
        &["2 refused: a: 3 cells, expected 2", "3 b: nothing known", "4 c: channel: direct"],
    );
}

#[test]
fn cells_that_spreadsheets_mark_as_text() {
    for id in [
        "=\"83ef\"",
        "'83ef",
        "\"=\"\"83ef\"\"\"",
        "\"83ef\"",
        " 83ef ",
        "\u{a0}83ef\u{a0}",
        "\u{202f}83ef",
    ] {
        assert_reads(
            &format!("id,channel\n{id},{}\n", id.replace("83ef", "open")),
            &["2 83ef: channel: open"],
        );
    }
    assert_reads(
        "id,ends_on\na,=\"2026-12-31\"\n",
        &[
            "2 a: service: license, new_commerce_license, azure_reservation, azure_savings_plan, software, marketplace; term_phase: cancellable, committed [to 2026-12-31]",
        ],
    );
    for name in ["'t Hooft", "'s-Hertogenbosch"] {
        let record = only(&format!("id,customer name\n'a1,{name}\n"));
        assert_eq!((record.id(), record.customer.as_deref()), ("a1", Some(name)));
    }
    assert_reads("Subscription\u{a0}ID,Channel\u{a0}\na,open\n", &["2 a: channel: open"]);
}

#[test]
fn of_two_columns_for_one_thing_the_first_counts() {
    for second in ["channel", "Channel", "bought from"] {
        let note = format!("note: `{second}`: the column is ignored");
        assert_reads(
            &format!("id,channel,{second}\na,open,direct\n"),
            &[&note, "2 a: channel: open"],
        );
    }
    let note = "note: `Start date`: the column is ignored";
    let input = "id,effectiveStartDate,Start date\na,2026-01-01,2026-02-01\n";
    assert_reads(input, &[note, "2 a: nothing known"]);
}

#[test]
fn an_id_beside_that_of_the_subscription_is_another() {
    let note = "note: `id`: the column is ignored";
    assert_reads("id,Subscription ID,channel\n1,83ef,open\n", &[note, "2 83ef: channel: open"]);
    assert_reads("Subscription ID,id,channel\n83ef,1,open\n", &[note, "2 83ef: channel: open"]);
    let note = "note: `Subscription`: the column is ignored";
    assert_reads("id,Subscription,channel\n83ef,Mail,open\n", &[note, "2 83ef: channel: open"]);
}

#[test]
fn dates_of_a_term() {
    let any = "service: license, new_commerce_license, azure_reservation, azure_savings_plan, software, marketplace; term_phase:";
    assert_reads(
        "id,cancellable_until,ends_on\na,never,2027-01-01\nb,2026-08-20,2027-01-01\nc,2026-08-20,\nd,,2027-01-01\ne,3/4/2026,2027-01-01\n",
        &[
            &format!("2 a: {any} committed [to 2027-01-01, never]"),
            &format!("3 b: {any} cancellable [to 2027-01-01, until 2026-08-20T00:00:00Z]"),
            "4 refused: c: `ends_on` is missing, expected it with the other dates of the term",
            &format!("5 d: {any} cancellable, committed [to 2027-01-01]"),
            "6 refused: e: `cancellable_until` is `3/4/2026`, expected `2026-04-03` or `2026-03-04`, or one order of day and month for all dates",
        ],
    );
    assert_reads(
        "id,service,ends_on,term_phase\na,azure,2027-01-01,\nb,license,2027-01-01,ended\nc,license,,ended\n",
        &[
            "2 refused: a: dates of a term for a service that is paid by use, expected none",
            "3 refused: b: both `ends_on` and `term_phase`, expected one of them",
            "4 c: service: license; term_phase: ended",
        ],
    );
}

/// Returns the kind of the rows of a table, and the identifier of the only row.
#[track_caller]
fn assert_kind(input: &str, kind: ResourceKind, id: &str) {
    let record = only(input);
    assert_eq!((record.kind, record.id()), (kind, id), "{input}");
}

#[test]
fn tables_of_other_things_that_are_read() {
    use ResourceKind::{
        AzureSubscription, Case, Customer, DirectorySubscription, TransferEligibility,
    };

    assert_kind("CustomerId,Name,RelationshipToPartner\nc1,North,Reseller\n", Customer, "c1");
    assert_kind("Id,Name,RelationshipToPartner\nc1,North,None\n", Customer, "c1");
    assert_kind("id,isEligible,reason\na,false,x\n", TransferEligibility, "a");
    assert_kind("Subscription ID,Is eligible\na,FALSCH\n", TransferEligibility, "a");
    assert_kind(
        "Id,CommerceSubscriptionId,Status,OwnerTenantId\nd,a,Enabled,t\n",
        DirectorySubscription,
        "d",
    );
    assert_kind("Id,State,TenantId,CloudName\na,Enabled,t,AzureCloud\n", AzureSubscription, "a");
    assert_kind("SubscriptionId,QuotaId\na,CSP_2015-05-01\n", AzureSubscription, "a");
    assert_kind("Subscription ID,Offer ID,Billing type\na,x,license\n", Case, "a");
    assert_kind("Subscription ID,Status\na,active\n", Case, "a");
}

/// `State` is a word for the status, not a sign of Azure: the service stays unknown.
#[test]
fn a_state_beside_an_identifier_is_no_sign_of_azure() {
    for input in [
        "Subscription ID,Product,State\na,Microsoft 365 E3,Active\n",
        "Subscription ID,Customer,Tenant ID,State\na,Northwind,t,Active\n",
        "Id,Company,Tenant ID,State\na,Northwind,t,Bavaria\n",
    ] {
        let found = read(input);
        assert!(!found.contains("service: azure"), "{input}{found}");
    }
}

#[test]
fn tables_of_nothing_that_is_needed_are_refused_as_a_whole() {
    for (header, kind) in [
        ("InvoiceNumber,SubscriptionId,Quantity", "an invoice"),
        ("PartnerId,SubscriptionId,ChargeStartDate,ChargeEndDate,OfferId", "an invoice"),
        ("Subscription Id,Charge Type,Product Id", "an invoice"),
        ("OrderId,SubscriptionId,LineItems", "an order"),
        ("id,referenceCustomerId,status", "an order"),
        ("id,transferType,customerName", "a transfer"),
        ("id,referenceOrder,quantity", "an entitlement"),
        ("id,capabilityStatus,skuPartNumber", "a license SKU"),
        ("id,currentSubscriptionId,isEligible", "another kind of eligibility"),
        ("id,catalogItemId,isEligible", "another kind of eligibility"),
    ] {
        let expected = format!("error: each row is {kind}, expected a subscription");
        assert_reads(&format!("{header}\n1,a,x\n2,b,y\n"), &[&expected]);
    }
}

/// Returns the identifiers of the records, and the lines and errors of what is refused.
fn ids(input: &str) -> (Vec<String>, Vec<(usize, String)>) {
    let (items, error) = parts(Reader::new(input.as_bytes()));
    assert_eq!(error, None);
    let (mut ids, mut refused) = (Vec::new(), Vec::new());
    for item in items {
        match item {
            Item::Record(record) => ids.push(record.id().into()),
            Item::Invalid(refusal) => refused.push((refusal.line, refusal.error)),
            _ => {}
        }
    }
    (ids, refused)
}

/// A row is refused as a whole: no part of it becomes another row.
#[test]
fn rows_that_are_too_long_cost_themselves() {
    let (most, row) = (1 << 20, "b,open,".len());
    for (length, quote) in [(most - row, ""), (most - row + 1, ""), (1 << 21, ""), (1 << 21, "\"")]
    {
        let long = "x".repeat(length);
        let input = format!("id,channel,note\na,open,x\nb,open,{quote}{long}{quote}\nc,direct,y\n");
        let (ids, refused) = ids(&input);
        if length + row == most {
            assert_eq!((ids, refused), (vec!["a".into(), "b".into(), "c".into()], vec![]));
            continue;
        }
        assert_eq!(ids, ["a", "c"], "{length} bytes, quoted by `{quote}`");
        // A message never contains the whole row.
        assert_eq!(refused, [(3, "the row is longer than 1048576 bytes".into())]);
    }
}

/// A cell spans lines up to a limit, beyond which its quote is an ordinary character.
#[test]
fn cells_that_span_lines_have_a_limit() {
    let row = "b,open,\"\n\"".len();
    for (length, expected) in [
        ((1 << 14) - row, ["a", "b", "c"].as_slice()),
        // The second line is one of its own.
        ((1 << 14) - row + 1, ["a", "b", "z", "c"].as_slice()),
    ] {
        let long = "z".repeat(length);
        let input = format!("id,channel,note\na,open,x\nb,open,\"\n{long}\"\nc,direct,y\n");
        let (ids, refused) = ids(&input);
        let ids: Vec<&str> = ids.iter().map(|id| id.get(..1).unwrap_or_default()).collect();
        assert_eq!(ids, expected, "{length}: {refused:?}");
    }
}

/// After a hundred quotes that were not closed, no cell spans lines.
#[test]
fn many_quotes_that_are_not_closed() {
    let cell = "b,open,\"two\nlines\"\n";
    // A quote that ends at the next one, at no other within the limit, and on its own line.
    let (next, none) = ("a,open,\"x\n", format!("a,open,\"x\na,open,{}\n", "x".repeat(1 << 14)));
    let same = "a,open,\"x\" y\n";
    for (rows, each, times, is_whole) in [
        (next, 1, 99, true),
        (next, 1, 100, false),
        (&none, 2, 99, true),
        (&none, 2, 100, false),
        (same, 1, 1_000, true),
    ] {
        let (ids, refused) = ids(&format!("id,channel,note\n{}{cell}", rows.repeat(times)));
        let mut expected = vec!["a"; each * times];
        expected.extend(["b"].into_iter().chain((!is_whole).then_some("lines\"")));
        assert_eq!(ids, expected, "{times} times {rows:.20}: {refused:?}");
    }
}

#[test]
fn the_csv_of_a_report_is_read_back() {
    assert_reads(
        "file,line,id,name,customer_name,channel,service,switch,switch_rules,notes,error\n\
         x.json,1,a,Mail,North,open,license,denied,license-no-switch,a trial,\n\
         x.json,2,b,,,,,,,,invalid JSON: expected an object\n\
         x.json,3,,,,,,,,,\"a customer, expected a subscription\"\n",
        &[
            "2 a: channel: open; service: license",
            "3 refused: b: invalid JSON: expected an object",
            "4 refused: the row `x.json, 3, a customer, expected a subscription` has no identifier",
        ],
    );
    // In other tables these names are unknown.
    assert_reads(
        "id,channel,line,error\na,open,1,none\n",
        &[
            "note: `line`: the column is ignored",
            "note: `error`: the column is ignored",
            "2 a: channel: open",
        ],
    );
}

/// Dates of a case beside those of an interface are checked as those are, and none of them is lost.
#[test]
fn dates_under_both_kinds_of_names() {
    let phase = |header: &str, row: &str| {
        let record = only(&format!("id,service,{header}\na,new_commerce_license,{row}\n"));
        let at = at("2026-08-12");
        let mapping = Context::new().map(&record, at).expect("a subscription");
        let facts = mapping.case.subscription.facts_at(at);
        let words = facts.possible_words(Fact::TermPhase).collect::<Vec<_>>().join(", ");
        let kinds: Vec<&str> = mapping.notes.iter().map(|note| note.kind.as_str()).collect();
        format!("{words} {}", kinds.join(", ")).trim_end().to_owned()
    };
    for (header, row, expected) in [
        ("Purchased,Ends on", "2026-08-10,2027-08-09", "cancellable"),
        ("Purchased,Ends on", "2026-06-10,2027-06-09", "committed"),
        // Bought for a month, two years ago.
        ("Start date,Ends on,Term", "2024-08-20,2026-09-19,P1M", "cancellable, committed renewed"),
        (
            "Created,Start date,Ends on,Term",
            "2026-08-10,2026-08-01,2027-08-09,P1Y",
            "cancellable, committed purchase_ambiguous",
        ),
        (
            "Purchased,Start date,End date,Term",
            "2025-08-11,2026-08-11,2027-08-10,P1Y",
            "cancellable, committed purchase_ambiguous",
        ),
        (
            "Purchased,Created,Start date,End date,Term",
            "2026-06-10,2026-08-11,2026-08-11,2027-08-10,P1Y",
            "cancellable, committed unusable_date",
        ),
        // The same day in another form contradicts nothing.
        (
            "Purchased,Created,Start date,End date,Ends on,Term",
            "10.06.2026,2026-06-10,2026-06-10,2027-06-09,9 Jun 2027,P1Y",
            "committed",
        ),
        (
            "Start date,End date,Term,cancellable_until",
            "2026-08-11,2027-08-10,P1Y,never",
            "cancellable, committed cancellation_contradicts",
        ),
        (
            "Start date,End date,Term,Cancel by",
            "2026-08-11,2027-08-10,P1Y,never",
            "cancellable, committed cancellation_contradicts",
        ),
        (
            "Start date,End date,Term,cancellable_until",
            "2026-06-11,2027-06-10,P1Y,null",
            "committed",
        ),
        (
            "Start date,End date,Term,cancellable_until,Cancel by",
            "2026-08-11,2027-08-10,P1Y,2026-08-13,2026-08-14",
            "cancellable, committed unusable_date",
        ),
        (
            "Start date,End date,Term,cancellable_until,Cancel by",
            "2026-08-11,2027-08-10,P1Y,2026-08-13,2026-08-13",
            "cancellable",
        ),
        ("End date,Ends on", "2026-01-01,2027-01-01", "cancellable, committed differs"),
    ] {
        assert_eq!(phase(header, row), expected, "{header}: {row}");
    }
    // No cell of the row is lost.
    let record = only(
        "id,Offer ID,End date,cancellable_until,Cancel by,isEligible\ns1,x,2027-01-01,2026-08-01,2026-08-02,false\n",
    );
    let resource = record.resource.expect("fields");
    assert_eq!(resource.is_eligible.as_bool(), Some(false));
    assert_eq!(resource.cancellation_allowed_until_date.text(), Some("2026-08-02, 2026-08-01"));
}

#[test]
fn a_header_with_quotes() {
    // A line break in a cell, whatever is between cells.
    for delimiter in [",", ";", "\t", "|"] {
        for mark in ["", "sep=;\n"].into_iter().filter(|mark| mark.is_empty() || delimiter == ";") {
            let input = "id;\"Auto\nrenew\";status\ns1;yes;active\ns2;no;suspended\n";
            let input = mark.to_owned() + &input.replace(';', delimiter);
            let expected = [
                "s1: at_term_end: renew; status: active",
                "s2: at_term_end: extend, end; status: suspended",
            ];
            let read = read(&input);
            let lines: Vec<&str> =
                read.lines().filter_map(|line| Some(line.split_once(' ')?.1)).collect();
            assert_eq!(lines, expected, "{input}");
        }
    }
    // What is in quotes is between no cells.
    assert_reads(
        "id;channel;\"Notes, comments, remarks\"\ns1;open;x\n",
        &["note: `Notes, comments, remarks`: the column is ignored", "2 s1: channel: open"],
    );
}

#[test]
fn a_header_in_the_middle_is_passed_over() {
    assert_reads(
        "Subscription ID,Bought from\na,open\nSubscription ID,Bought from\nb,direct\n",
        &["2 a: channel: open", "4 b: channel: direct"],
    );
    assert_reads(
        "Subscription ID,Bought from\na,open\nsubscription id,bought from\nNULL,open\n",
        &["2 a: channel: open", "4 refused: the row `NULL, open` has no identifier"],
    );
    // As files are joined: lines of another system, a mark of the encoding, cells without a name, the delimiter.
    for (input, lines) in [
        (
            "Subscription ID,Bought from\r\na,open\r\nSubscription ID,Bought from\r\nb,direct\r\n",
            [2, 4],
        ),
        (
            "\u{feff}Subscription ID,Bought from\na,open\n\u{feff}\"Subscription ID\",Bought from,,\nb,direct\n",
            [2, 4],
        ),
        (
            "sep=;\nSubscription ID;Bought from\na;open\nsep=;\nSubscription ID;Bought from\nb;direct\n",
            [3, 6],
        ),
    ] {
        let [first, last] = lines;
        assert_reads(
            input,
            &[&format!("{first} a: channel: open"), &format!("{last} b: channel: direct")],
        );
    }
    // With more beside it, it is an identifier.
    assert_reads("id,channel\nsep=;x,open\n", &["2 sep=;x: channel: open"]);
    assert_reads("id,channel\nsep=,open\n", &["2 sep=: channel: open"]);
    assert_reads("id,channel\nsep=ab,\n", &["2 sep=ab: nothing known"]);
    // Dates without an end are none of a term, unless an interface has one.
    let purchase = read("id,Name,Purchased\na,Mail,2026-01-01\n");
    assert!(purchase.contains("`ends_on` is missing"), "{purchase}");
}

/// The note on a header in the middle.
fn other(line: usize, names: &str) -> String {
    format!("note: `line {line}` `{names}`: the rows below this header have other columns")
}

/// Files that were joined have other columns, another order of columns or another delimiter below the first.
#[test]
fn another_header_in_the_middle() {
    assert_reads(
        "id,offer id,channel\na,MS-AZR-DE-0003P,open\nchannel,ID,Offer ID\ndirect,b,\nopen,c,\n",
        &[
            "2 a: channel: open; service: azure; cloud: germany",
            &other(3, "channel, ID, Offer ID"),
            "4 b: channel: direct",
            "5 c: channel: open",
        ],
    );
    // The place of the identifier may be empty, or beyond the end.
    assert_reads(
        "cloud,region,id\npublic,same,a\nid,channel\nb,open\n,id,channel\n,c,direct\n",
        &[
            "2 a: cloud: public; region: same",
            &other(3, "id, channel"),
            "4 b: channel: open",
            "6 c: channel: direct",
        ],
    );
    // Columns that are ignored get their notes; those of the first file are known again.
    assert_reads(
        "Subscription ID,Notes\na,x\nSubscription ID,Region\nb,same\nSubscription ID,Notes\nc,other\n",
        &[
            "note: `Notes`: the column is ignored",
            "2 a: nothing known",
            &other(3, "Subscription ID, Region"),
            "4 b: region: same",
            &other(5, "Subscription ID, Notes"),
            "note: `Notes`: the column is ignored",
            "6 c: nothing known",
        ],
    );
    assert_reads(
        "id,notes 1\na,open\nnotes 1,id\nx,b\n",
        &[
            "note: `notes 1`: the column is ignored",
            "2 a: nothing known",
            &other(3, "notes 1, id"),
            "note: `notes 1`: the column is ignored",
            "4 b: nothing known",
        ],
    );
    // Beside `Subscription ID`, in whatever spaces, an `id` identifies something else.
    assert_reads(
        "id,      Subscription ID      ,channel\nx,a,open\n",
        &["note: `id`: the column is ignored", "2 a: channel: open"],
    );
    // The most certain name may be in any place.
    assert_reads(
        "Subscription ID,Bought from\na,open\nReference,\"Subscription ID\",Channel\nx1,b,direct\n",
        &[
            "2 a: channel: open",
            &other(3, "Reference, Subscription ID, Channel"),
            "note: `Reference`: the column is ignored",
            "4 b: channel: direct",
        ],
    );
    assert_reads(
        "id,customer name,notes 1\nalpha,Subscription GUID,x\n",
        &["note: `notes 1`: the column is ignored", "2 alpha: nothing known"],
    );
    assert_reads(
        "id,Name,channel\n83ef9d05-68e9-4762-94ee-31ece98783b9,Subscription ID,open\n",
        &["2 83ef9d05-68e9-4762-94ee-31ece98783b9: channel: open"],
    );
    // A table without other columns, and lists of identifiers.
    assert_reads(
        "Subscription ID;\na;\nSubscription ID;\nb;\n",
        &["2 a: nothing known", "4 b: nothing known"],
    );
    assert_reads("id\na\nID\nb\n", &["2 a: nothing known", "4 b: nothing known"]);
    assert_reads(
        "id,channel\na,open\nSubscription ID\nb\n",
        &["2 a: channel: open", &other(3, "Subscription ID"), "4 b: nothing known"],
    );
    let id = "83ef9d05-68e9-4762-94ee-31ece98783b9";
    assert_reads(
        &format!("\"{id}\"\n\"b\"\n"),
        &[&format!("1 {id}: nothing known"), "2 b: nothing known"],
    );
    assert_reads(
        &format!("{id}\nid;channel\nb;open\n"),
        &[&format!("1 {id}: nothing known"), &other(2, "id, channel"), "3 b: channel: open"],
    );
}

/// Another delimiter is that of a header, or of a line that names it.
#[test]
fn another_delimiter_in_the_middle() {
    assert_reads(
        "id,channel\na,open\nid;channel\nb;direct\nid,channel\nc,open\n",
        &["2 a: channel: open", "4 b: channel: direct", "6 c: channel: open"],
    );
    // A name can have a delimiter that is none.
    assert_reads(
        "id,channel\na,open\nid;channel;Order, ID\nb;direct;o\n",
        &["2 a: channel: open", &other(3, "id, channel, Order, ID"), "4 b: channel: direct"],
    );
    assert_reads(
        "id;channel\na;open\n\"id,\"\nb;\n",
        &["2 a: channel: open", &other(3, "id,"), "4 b: nothing known"],
    );
    assert_reads(
        "sep=;\nName, first, last;id\nx;a\nName, first, last;id\ny;b\n",
        &[
            "note: `Name, first, last`: the column is ignored",
            "3 a: nothing known",
            "5 b: nothing known",
        ],
    );
    // A cell that only begins as a line with the delimiter does.
    assert_reads(
        "id,channel\na,open\nsep=-,direct\n",
        &["2 a: channel: open", "3 sep=-: channel: direct"],
    );
    for mark in [
        "sep=;",
        "SEP=;",
        "\"sep=;\"",
        "sep=\";\"",
        "sep= ;",
        "\u{feff}sep=;,,",
        "\"sep=;\",",
        "\"sep=;,\"",
    ] {
        let table = format!("id,channel\na,open\n{mark}\nb;direct\n\u{feff}#TYPE X.Y\nc;open\n");
        let rows = ["2 a: channel: open", "4 b: channel: direct", "6 c: channel: open"];
        assert_reads(&table, &rows);
        assert_reads(&format!("{mark}\nid;channel\na;open\n"), &["3 a: channel: open"]);
    }
    assert_reads(
        "id,channel\na,open\nsep=\nb\tdirect\n",
        &["2 a: channel: open", "4 b: channel: direct"],
    );
    // In the middle are columns that are not used, or a list of identifiers.
    assert_reads(
        "Order ID,Subscription ID,channel\no,a,open\nid;channel\nb;direct\n\
         Order ID,Subscription ID,channel\no,c,open\nSubscription ID\nd\n",
        &[
            "2 a: channel: open",
            &other(3, "id, channel"),
            "4 b: channel: direct",
            &other(5, "Order ID, Subscription ID, channel"),
            "6 c: channel: open",
            &other(7, "Subscription ID"),
            "8 d: nothing known",
        ],
    );
    // Rows of license SKUs are refused.
    assert_reads(
        "id,channel\na,open\nid,SkuPartNumber,CapabilityStatus\nb,E5,Enabled\nid,channel\nc,direct\n",
        &[
            "2 a: channel: open",
            &other(3, "id, SkuPartNumber, CapabilityStatus"),
            "note: `CapabilityStatus`: the column is ignored",
            "4 refused: b: a license SKU, expected a subscription",
            &other(5, "id, channel"),
            "6 c: channel: direct",
        ],
    );
}

#[test]
fn names_of_columns_in_rows() {
    // These are identifiers.
    assert_reads("id,channel\nname,open\n", &["2 name: channel: open"]);
    assert_reads("id,name\nname,customer\n", &["2 name: nothing known"]);
    assert_reads(
        "id,country\na1,ID\n",
        &["note: `country`: the column is ignored", "2 a1: nothing known"],
    );
    assert_reads("id,channel\nsep=x,open\n", &["2 sep=x: channel: open"]);
    // A carriage return ends no row, whether there are quotes or not.
    assert_reads("id,channel\na\rb,\"open\"\r\n", &["2 a\rb: channel: open"]);
    assert_reads("id,channel\na\rb,open\r\n", &["2 a\rb: channel: open"]);
    // A country, or a word that a subscription has, makes no header of a row with or without an identifier.
    let ignored = "note: `country`: the column is ignored";
    assert_reads("id,country\nabc,ID\n", &[ignored, "2 abc: nothing known"]);
    assert_reads("name,id,country\nTrial,a,ID\n", &[ignored, "2 a: nothing known"]);
    assert_reads(
        "id,name,country,channel\n,Fabrikam,ID,open\na,Tailspin,ID,open\n",
        &[
            ignored,
            "2 refused: the row `Fabrikam, ID, open` has no identifier",
            "3 a: channel: open",
        ],
    );
    assert_reads(
        "id,Product\n,Subscription\na,Mail\n",
        &["2 refused: the row `Subscription` has no identifier", "3 a: nothing known"],
    );
}

#[test]
fn a_quote_in_a_name_and_a_title_before_quotes() {
    assert_reads(
        "Disk 5\";id;channel\n5;a;open\n",
        &["note: `Disk 5\"`: the column is ignored", "2 a: channel: open"],
    );
    let input = "Report\nid;\"Auto\nrenew\";status\ns1;yes;active\n";
    let read = read(input);
    assert!(read.ends_with("s1: at_term_end: renew; status: active"), "{read}");
}

/// A last day under the name of a case is stated: it counts without a service, and has to be a day.
#[test]
fn a_stated_last_day_beside_dates_of_an_interface() {
    let record = only("id,Start date,Ends on\na,2025-01-02,2026-01-01\n");
    assert_eq!(record.stated.term(), Some(Term::ending("2026-01-01".parse().unwrap())));
    for (header, row) in [
        ("Start date,Ends on", "2026-01-01,soon"),
        ("Term,Ends on", "P1Y,3/4/2027"),
        ("Term,Ends on,Service", "P1Y,2027-03-04,azure_plan"),
    ] {
        let read = read(&format!("id,{header}\na,{row}\n"));
        assert!(read.starts_with("2 refused: "), "{read}");
    }
    let record =
        only("id,Start date,End date,Ends on,Term\na,2025-03-01,2027-02-28,2028-02-28,P3Y\n");
    let at = at("2026-08-12");
    let context = Context::new().with_defaults(Service::NewCommerceLicense.into());
    let mapping = context.map(&record, at).expect("a subscription");
    let ends_on = mapping.case.subscription.term().expect("a term").ends_on();
    assert_eq!(ends_on.to_string(), "2028-02-28");
    assert_eq!(mapping.notes.len(), 1, "{:?}", mapping.notes);
    // A cell that a database leaves empty says nothing.
    let record = only("id,Service,End date,Cancel by\na,new_commerce_license,2027-01-01,NULL\n");
    let mapping = context.map(&record, at).expect("a subscription");
    let phases = mapping.case.subscription.facts_at(at).possible_words(Fact::TermPhase).count();
    assert_eq!((phases, mapping.notes.len()), (2, 0));
}
