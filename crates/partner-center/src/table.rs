//! Tables: cells separated by commas, semicolons, tabs or bars, and columns by common names.

use std::collections::HashMap;
use std::sync::LazyLock;

use chrono::{DateTime, NaiveDate, Utc};
use csp_multichannel::{
    Action, Cancellation, Fact, Facts, Service, Subscription, Term, UnknownWord,
};
use csv_core::ReadRecordResult;
use memchr::{memchr, memchr_iter};
use serde::Deserialize;
use serde::de::value::{Error as ValueError, MapDeserializer};

use crate::date::{self, DateOrder};
use crate::note::{Note, NoteKind};
use crate::record::{Record, RecordError};
use crate::resource::{Resource, ResourceKind};
use crate::term::with_cancellation;
use crate::value::plain;

/// The contents of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    Id,
    Customer,
    /// A fact, and whether the column has exactly its name; then an unknown word is an error.
    Fact(Fact, bool),
    PurchasedAt,
    EndsOn,
    CancellableUntil,
    /// A field of a subscription of Partner Center.
    Field(&'static str),
    /// The error for the row in a report.
    Error,
    /// A known column that is not needed.
    Unused,
    /// An unknown column.
    Extra,
}

/// The names of columns, in lower case and without separators, and their contents.
const NAMES: &[(&str, Column)] = &[
    ("subscriptionid id subscription subscriptionguid subscriptionkey", Column::Id),
    ("name subscriptionname friendlyname nickname displayname", Column::Field("friendlyName")),
    ("customername customer company companyname client account organization", Column::Customer),
    ("boughtfrom purchasechannel saleschannel", Column::Fact(Fact::Channel, false)),
    ("purchasedat purchasedon purchased purchasedate datepurchased", Column::PurchasedAt),
    ("endson lastday termend termendson", Column::EndsOn),
    ("cancellableuntil cancelableuntil", Column::CancellableUntil),
    ("offerid offer productid", Column::Field("offerId")),
    ("offername productname product plan", Column::Field("offerName")),
    ("quantity qty seats licenses", Column::Field("quantity")),
    ("unittype", Column::Field("unitType")),
    ("parentsubscriptionid", Column::Field("parentSubscriptionId")),
    ("creationdate created createddate datecreated", Column::Field("creationDate")),
    ("effectivestartdate startdate start termstartdate", Column::Field("effectiveStartDate")),
    (
        "commitmentenddate enddate end termenddate expirydate expirationdate expires",
        Column::Field("commitmentEndDate"),
    ),
    ("commitmentenddatetime", Column::Field("commitmentEndDateTime")),
    ("cancellationalloweduntildate cancelby", Column::Field("cancellationAllowedUntilDate")),
    ("status subscriptionstatus", Column::Field("status")),
    ("autorenewenabled autorenew autorenewal automaticrenewal", Column::Field("autoRenewEnabled")),
    ("billingtype", Column::Field("billingType")),
    ("billingcycle billingfrequency billingplan", Column::Field("billingCycle")),
    ("termduration term termlength commitmentterm", Column::Field("termDuration")),
    ("istrial trial", Column::Field("isTrial")),
    ("ismicrosoftproduct", Column::Field("isMicrosoftProduct")),
    ("publishername publisher", Column::Field("publisherName")),
    ("producttype", Column::Field("productType")),
    ("customerid customertenantid tenantid tenant partnertenant", Column::Field("customerId")),
    ("iseligible", Column::Field("isEligible")),
    ("reason", Column::Field("reason")),
    ("relationshiptopartner", Column::Field("relationshipToPartner")),
    ("commercesubscriptionid", Column::Field("commerceSubscriptionId")),
    ("nextlifecycledatetime", Column::Field("nextLifecycleDateTime")),
    ("ownertenantid", Column::Field("ownerTenantId")),
    ("skupartnumber", Column::Field("skuPartNumber")),
    ("state", Column::Field("state")),
    ("cloudname environmentname", Column::Field("cloudName")),
    ("quotaid", Column::Field("quotaId")),
    (
        "actiontaken actions attentionneeded entitlementid haspurchasableaddons partnerid refundoptions \
         suspensionreasons orderid links attributes contracttype",
        Column::Unused,
    ),
];

/// Words in place of an identifier in a row of totals.
const TOTALS: &str = "total totals grandtotal subtotal count sum summe gesamt insgesamt gesamtsumme somme totale \
    totalgénéral totaal suma итого 合計";

/// The columns of a report that contain neither facts nor verdicts.
const OF_REPORT: &str = "file line origins notes changed";

/// Returns the known names of table columns, each with the field that the column contains.
///
/// Names are in lower case and without separators; in a table, case and separators are ignored.
/// The field is one of a case, `customer_name`, or a field of a Partner Center resource.
///
/// ```
/// use csp_partner_center::columns;
///
/// let names = columns().filter(|(_, field)| *field == "billingCycle").map(|(name, _)| name);
/// let names: Vec<&str> = names.collect();
/// assert_eq!(names, ["billingcycle", "billingfrequency", "billingplan"]);
/// ```
pub fn columns() -> impl Iterator<Item = (&'static str, &'static str)> {
    let facts = Fact::ALL.iter().map(|fact| (fact.as_str(), fact.as_str()));
    let named = NAMES.iter().filter_map(|(names, column)| {
        let holds = match column {
            Column::Id => "id",
            Column::Customer => "customer_name",
            Column::Fact(fact, _) => fact.as_str(),
            Column::PurchasedAt => "purchased_at",
            Column::EndsOn => "ends_on",
            Column::CancellableUntil => "cancellable_until",
            Column::Field(field) => field,
            Column::Error | Column::Unused | Column::Extra => return None,
        };
        Some(names.split(' ').map(move |name| (name, holds)))
    });
    // The status is both a fact and a field.
    let is_fact = |&(name, field): &(&str, &str)| {
        name != field || Fact::ALL.iter().all(|fact| fact.as_str() != name)
    };
    facts.chain(named.flatten().filter(is_fact))
}

impl Column {
    fn of(header: &str, of_report: bool) -> Self {
        let name = plain(header);
        let is_in = |names: &str| names.split(' ').any(|known| known == name);
        let by_name = NAMES.iter().find(|(names, _)| is_in(names)).map(|(_, column)| *column);
        match (Fact::ALL.iter().find(|fact| plain(fact.as_str()) == name), by_name) {
            // The status is also a field of Partner Center, which has more words.
            (Some(Fact::Status) | None, Some(column)) => column,
            (Some(&fact), _) => Self::Fact(fact, header == fact.as_str()),
            (None, None) if of_report && name == "error" => Self::Error,
            (None, None) if of_report && (is_in(OF_REPORT) || is_of_report(header)) => Self::Unused,
            (None, None) => Self::Extra,
        }
    }

    /// Whether two columns have the same contents, under any names.
    fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Fact(one, _), Self::Fact(other, _)) => one == other,
            _ => self == other,
        }
    }
}

/// Whether only reports have this column: a verdict, or a detail of one.
fn is_of_report(header: &str) -> bool {
    Action::ALL.iter().any(|action| header.starts_with(action.as_str()))
}

/// The number of unknown columns for which the nearest name is searched: nobody reads more.
const MOST_HINTS: usize = 100;

/// The columns of a table, and the kind of its rows.
#[derive(Debug)]
pub(crate) struct Header {
    columns: Vec<Column>,
    id: usize,
    kind: ResourceKind,
}

impl Header {
    /// A header without columns.
    pub(crate) const EMPTY: Self = Self { columns: Vec::new(), id: 0, kind: ResourceKind::Case };

    /// A header with one column of identifiers.
    pub(crate) fn of_identifiers() -> Self {
        Self { columns: vec![Column::Id], ..Self::EMPTY }
    }

    /// Returns the header for the names of columns, with notes on the ignored ones.
    ///
    /// Returns `None` if no column has the identifier, and an error with the kind of the rows if
    /// that kind is not supported.
    pub(crate) fn of(names: &[&str]) -> Option<Result<(Self, Vec<Note>), ResourceKind>> {
        let fields: Vec<String> = names.iter().map(|name| plain(name)).collect();
        let of_report = names.iter().any(|name| is_of_report(name));
        // With the identifier of a subscription as well, an `id` identifies something else.
        let is_exact = |name: &str| plain(name) == "subscriptionid";
        let has_exact = names.iter().any(|name| is_exact(name));
        let mut columns = Vec::new();
        for name in names {
            let column = Column::of(name.trim(), of_report);
            let is_other_id = column == Column::Id && has_exact && !is_exact(name);
            // The first of two columns with the same contents counts.
            let is_second =
                column != Column::Unused && columns.iter().any(|other| column.is_same(other));
            columns.push(if is_other_id || is_second { Column::Extra } else { column });
        }
        // In a table of customers or of partners, the tenants are the identifiers.
        let of_tenant = Column::Field("customerId");
        let has_fields = |column: &Column| matches!(column, Column::Field(field) if !matches!(*field, "customerId" | "friendlyName" | "relationshipToPartner"));
        let or_its_own = || {
            let is_of_tenants = !columns.iter().any(has_fields);
            columns.iter().position(|column| is_of_tenants && *column == of_tenant)
        };
        let id = columns.iter().position(|column| *column == Column::Id).or_else(or_its_own)?;
        let extra = names.iter().zip(&columns).filter(|(_, column)| **column == Column::Extra);
        let extra = extra.map(|(name, _)| name.trim()).filter(|name| !name.is_empty());
        let notes = extra.enumerate().map(|(at, name)| Note {
            field: Some(name.to_owned().into()),
            nearest: nearest(name).filter(|_| at < MOST_HINTS).map(Into::into),
            ..Note::new(NoteKind::ExtraColumn)
        });
        let notes = notes.collect();
        let is_other = |column: &Column| matches!(column, Column::Field(field) if !matches!(*field, "isEligible" | "reason"));
        let kind = match ResourceKind::of(None, &fields) {
            // An eligibility with other fields belongs to the subscription of the row.
            ResourceKind::TransferEligibility if columns.iter().any(is_other) => ResourceKind::Case,
            kind @ (ResourceKind::Customer
            | ResourceKind::TransferEligibility
            | ResourceKind::DirectorySubscription
            | ResourceKind::AzureSubscription) => kind,
            kind if kind.is_foreign() => return Some(Err(kind)),
            _ => ResourceKind::Case,
        };
        Some(Ok((Self { columns, id, kind }, notes)))
    }

    /// Whether a row is empty except for unused columns.
    pub(crate) fn is_blank(&self, cells: &[&str]) -> bool {
        let is_unused = |at| self.columns.get(at) == Some(&Column::Unused);
        let mut cells = cells.iter().enumerate();
        cells.all(|(at, cell)| is_unused(at) || cell.trim().is_empty())
    }

    /// Returns the number of columns.
    pub(crate) const fn len(&self) -> usize {
        self.columns.len()
    }

    /// Reads a row.
    pub(crate) fn row(
        &self,
        cells: &[&str],
        line: usize,
        order: Option<DateOrder>,
    ) -> Result<Record, RecordError> {
        let is_total = |id: &str| {
            // Identifiers are GUIDs, which are longer than any word for a total.
            if id.len() >= 32 {
                return false;
            }
            let word = plain(id);
            let word = word.trim_matches(|c: char| c.is_numeric());
            id.starts_with('#')
                || plain(id).is_empty()
                || TOTALS.split(' ').any(|total| total == word)
        };
        let id = cells.get(self.id).copied().map(text).filter(|id| !id.is_empty() && !is_total(id));
        let refused = |error: String| RecordError::new(id.map(Into::into), line, error);
        let Some(id) = id else {
            let shown: Vec<&str> =
                cells.iter().map(|cell| text(cell)).filter(|cell| !cell.is_empty()).collect();
            return Err(refused(format!("the row `{}` has no identifier", shown.join(", "))));
        };
        let beyond = cells.get(self.columns.len()..).unwrap_or_default();
        if beyond.iter().any(|cell| !cell.trim().is_empty()) {
            return Err(refused(format!("{} cells, expected {}", cells.len(), self.columns.len())));
        }
        let (mut stated, mut customer, mut notes) = (Facts::UNKNOWN, None, Vec::new());
        let (mut purchased_at, mut ends_on, mut cancellable) = (None, None, None);
        let mut fields = Vec::new();
        let cells = self.columns.iter().zip(cells).map(|(column, cell)| (column, text(cell)));
        let is_something = |cell: &str| !matches!(cell, "" | "-" | "–" | "n/a" | "N/A");
        for (column, cell) in cells.filter(|(_, cell)| is_something(cell)) {
            match *column {
                Column::Customer => customer = Some(cell.into()),
                Column::Fact(fact, is_exact) => match words(fact, cell) {
                    Ok(facts) => stated = stated.with(facts),
                    // The column has the name of the customer instead.
                    Err(error) if fact == Fact::Customer && error.nearest().is_none() => {
                        customer = Some(cell.into());
                    }
                    Err(error) if is_exact => return Err(refused(error.to_string())),
                    Err(error) => {
                        let note = Note::on(NoteKind::Undocumented, fact.as_str(), cell);
                        notes.push(Note { nearest: error.nearest().map(Into::into), ..note });
                    }
                },
                Column::PurchasedAt => purchased_at = Some(cell),
                Column::EndsOn => ends_on = Some(cell),
                Column::CancellableUntil => cancellable = Some(cell),
                // APIs have more states, which the mapping reads, but never several at once.
                Column::Field("status") => match words(Fact::Status, cell) {
                    Ok(facts) => stated = stated.with(facts),
                    Err(_) => fields.push(("status", cell)),
                },
                Column::Field(field) => fields.push((field, cell)),
                Column::Error => return Err(refused(cell.into())),
                Column::Id | Column::Unused | Column::Extra => {}
            }
        }
        // The dates of a case and those of a resource complete each other.
        let field =
            |name: &str| fields.iter().find(|(field, _)| *field == name).map(|(_, cell)| *cell);
        if ends_on.is_some() {
            purchased_at = purchased_at.or(field("effectiveStartDate")).or(field("creationDate"));
        } else if field("commitmentEndDate").or(field("commitmentEndDateTime")).is_some() {
            let start = purchased_at.take().filter(|_| field("effectiveStartDate").is_none());
            let until = cancellable.take();
            fields.extend(start.map(|cell| ("effectiveStartDate", cell)));
            fields.extend(until.map(|cell| ("cancellationAllowedUntilDate", cell)));
        }
        let date = |name: &str, cell: &str| {
            date::parse(cell, order)
                .map_err(|reason| refused(format!("`{name}` is `{cell}`, expected {reason}")))
        };
        let purchased_at = purchased_at.map(|cell| date("purchased_at", cell)).transpose()?;
        let ends_on = ends_on.map(|cell| date("ends_on", cell)).transpose()?;
        let cancellation = match cancellable {
            None => Cancellation::ByService,
            Some("null" | "never" | "Never") => Cancellation::Never,
            Some(cell) => Cancellation::Until(date("cancellable_until", cell)?.at),
        };
        let ends_on = ends_on.map(|date| date.at.date_naive());
        let term =
            term(purchased_at.map(|date| date.at), ends_on, cancellation).map_err(refused)?;
        if term.is_some() && stated.possible().is_subset(Service::USAGE_BASED) {
            return Err(refused(
                "dates of a term for a service that is paid by use, expected none".into(),
            ));
        }
        if term.is_some() && stated.narrowed().contains(Fact::TermPhase) {
            return Err(refused("both `ends_on` and `term_phase`, expected one of them".into()));
        }
        let mut resource = None;
        if !fields.is_empty() {
            let fields = MapDeserializer::<_, ValueError>::new(fields.into_iter());
            resource = Resource::deserialize(fields).ok().map(Box::new);
        }
        let stated = Subscription::from(stated).with_term(term);
        let (kind, id) = (self.kind, id.into());
        Ok(Record { line, kind, id, resource, stated, customer, notes })
    }
}

/// Returns a cell without spaces, and without the marks for text of spreadsheets: an apostrophe or
/// `="…"`.
fn text(cell: &str) -> &str {
    // Most cells are plain words.
    if let [b'0'..=b'9' | b'A'..=b'z', .., b'0'..=b'9' | b'A'..=b'z'] = cell.as_bytes() {
        return cell;
    }
    let cell = cell.trim();
    let formula = cell.strip_prefix("=\"").and_then(|cell| cell.strip_suffix('"'));
    formula.or_else(|| cell.strip_prefix('\'')).unwrap_or(cell)
}

/// Reads one or more words of a fact, in any case and with any separators.
pub(crate) fn words(fact: Fact, cell: &str) -> Result<Facts, UnknownWord> {
    if let Ok(exact) = Facts::parse(fact, cell) {
        return Ok(exact);
    }
    let mut all = None;
    for word in cell.split([',', ';', '|']).map(str::trim) {
        let spelled = fact.words().iter().find(|known| plain(known) == plain(word));
        let known = Facts::parse(fact, spelled.unwrap_or(&word))?;
        all = Some(all.map_or(known, |all: Facts| all.union(known)));
    }
    Ok(all.unwrap_or_default())
}

fn term(
    purchased_at: Option<DateTime<Utc>>,
    ends_on: Option<NaiveDate>,
    cancellation: Cancellation,
) -> Result<Option<Term>, String> {
    let Some(ends_on) = ends_on else {
        let nothing = purchased_at.is_none() && cancellation == Cancellation::ByService;
        let missing =
            || Err("`ends_on` is missing, expected it with the other dates of the term".into());
        return if nothing { Ok(None) } else { missing() };
    };
    let term = match purchased_at {
        Some(at) => Term::new(at, ends_on).map_err(|error| error.to_string())?,
        None => Term::ending(ends_on),
    };
    Ok(Some(with_cancellation(term, cancellation)))
}

/// The names of fields by their names in lower case.
static FIELDS: LazyLock<HashMap<String, &str>> = LazyLock::new(|| {
    let fields = NAMES.iter().filter_map(|(_, column)| match column {
        Column::Field(field) => Some(*field),
        _ => None,
    });
    fields.chain(["id"]).map(|field| (field.to_ascii_lowercase(), field)).collect()
});

/// Returns the name of a field in Partner Center's spelling, for a name in any case.
pub(crate) fn field_named(name: &str) -> Option<&'static str> {
    FIELDS.get(&name.to_ascii_lowercase()).copied()
}

/// Returns the known column name that is nearest to an unknown one.
fn nearest(name: &str) -> Option<&'static str> {
    let name = plain(name);
    let is_long = name.len() > 40;
    if is_long || columns().any(|(known, _)| plain(known) == name) {
        return None;
    }
    let distance = |known: &&str| strsim::damerau_levenshtein(&plain(known), &name);
    let nearest = columns().map(|(name, _)| name).min_by_key(distance)?;
    (distance(&nearest) <= 1 + nearest.len() / 8).then_some(nearest)
}

/// The splitter of records into cells; text between quotes is one cell.
pub(crate) struct Cells {
    reader: csv_core::Reader,
    pub(crate) delimiter: u8,
    text: Vec<u8>,
    ends: Vec<usize>,
}

impl Cells {
    /// Creates a splitter for the most frequent delimiter in a header.
    pub(crate) fn of(header: &[u8]) -> Self {
        let line = header.get(..memchr(b'\n', header).unwrap_or(header.len())).unwrap_or_default();
        let count = |delimiter: &u8| memchr_iter(*delimiter, line).count();
        let delimiter =
            [b',', b';', b'\t', b'|'].into_iter().rev().max_by_key(count).unwrap_or(b',');
        Self::by(delimiter)
    }

    pub(crate) fn by(delimiter: u8) -> Self {
        let reader = csv_core::ReaderBuilder::new().delimiter(delimiter).build();
        Self { reader, delimiter, text: Vec::new(), ends: Vec::new() }
    }

    /// Appends the cells of a record, which is UTF-8.
    pub(crate) fn split<'c>(&'c mut self, record: &'c [u8], cells: &mut Vec<&'c str>) {
        if memchr(b'"', record).is_none() {
            let record = std::str::from_utf8(record).unwrap_or_default();
            let ends = memchr_iter(self.delimiter, record.as_bytes()).chain([record.len()]);
            let mut from = 0;
            for end in ends {
                cells.push(record.get(from..end).unwrap_or_default());
                from = end + 1;
            }
            return;
        }
        self.reader.reset();
        self.text.resize(record.len(), 0);
        self.ends.resize(memchr_iter(self.delimiter, record).count() + 2, 0);
        let (mut read, mut written, mut count) = (0, 0, 0);
        loop {
            // An empty piece signals the end of the input.
            let piece = record.get(read..).unwrap_or_default();
            let text = self.text.get_mut(written..).unwrap_or_default();
            let ends = self.ends.get_mut(count..).unwrap_or_default();
            let (result, used, output, ended) = self.reader.read_record(piece, text, ends);
            read += used;
            written += output;
            count += ended;
            if !matches!(result, ReadRecordResult::InputEmpty) {
                break;
            }
        }
        let text = self.text.get(..written).unwrap_or_default();
        let text = std::str::from_utf8(text).unwrap_or_default();
        let mut from = 0;
        cells.reserve(count);
        for &end in self.ends.get(..count).unwrap_or_default() {
            cells.push(text.get(from..end).unwrap_or_default());
            from = end;
        }
    }
}
