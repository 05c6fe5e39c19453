//! Tables: cells separated by commas, semicolons, tabs or bars, and columns by common names.

use csp_multichannel::{Action, Cancellation, Fact, Service, Term};
use csv_core::ReadRecordResult;
use memchr::{memchr, memchr_iter, memchr3};

use crate::date::{self, DateOrder};
use crate::note::{Note, NoteKind};
use crate::record::{Record, RecordError};
use crate::resource::{Resource, ResourceKind};
use crate::rows::Quotes;
use crate::service::is_guid;
use crate::stated::Stated;
use crate::term::{is_never, with_cancellation};
use crate::value::{FieldValue, plain};

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
/// Names are in lower case, and without separators unless they are those of facts. In a table, case and separators are
/// ignored. The field is one of a case, `customer_name`, or a field of a Partner Center resource.
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
        let is_fact = |fact: &&Fact| fact.as_str().split('_').flat_map(str::bytes).eq(name.bytes());
        match (Fact::ALL.iter().find(is_fact), by_name) {
            // The status is also a field of Partner Center, which has more words.
            (Some(Fact::Status) | None, Some(column)) => column,
            (Some(&fact), _) => Self::Fact(fact, header == fact.as_str()),
            (None, None) if of_report && name == "error" => Self::Error,
            (None, None) if of_report && (is_in(OF_REPORT) || is_of_report(header)) => Self::Unused,
            (None, None) => Self::Extra,
        }
    }

    /// Whether the column has exactly the name of a fact.
    const fn is_of_case(&self) -> bool {
        matches!(self, Self::Fact(_, true))
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
    names: Vec<String>,
    columns: Vec<Column>,
    id: usize,
    pub(crate) kind: ResourceKind,
}

impl Header {
    /// A header without columns.
    pub(crate) const EMPTY: Self =
        Self { names: Vec::new(), columns: Vec::new(), id: 0, kind: ResourceKind::Case };

    /// A header with one column of identifiers.
    pub(crate) fn of_identifiers() -> Self {
        Self { columns: vec![Column::Id], ..Self::EMPTY }
    }

    /// Returns the header for the names of columns, or `None` if no column has the identifier.
    pub(crate) fn of(names: &[&str]) -> Option<Self> {
        let fields: Vec<String> = names.iter().map(|name| plain(name)).collect();
        let of_report = names.iter().any(|name| is_of_report(name));
        // With the identifier of a subscription as well, an `id` identifies something else.
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
        let is_other = |column: &Column| matches!(column, Column::Field(field) if !matches!(*field, "isEligible" | "reason"));
        let kind = match ResourceKind::of(None, &fields) {
            // An eligibility with other fields belongs to the subscription of the row.
            ResourceKind::TransferEligibility
                if columns.iter().any(|column| is_other(column) || column.is_of_case()) =>
            {
                ResourceKind::Case
            }
            kind @ (ResourceKind::Customer
            | ResourceKind::TransferEligibility
            | ResourceKind::DirectorySubscription
            | ResourceKind::AzureSubscription) => kind,
            foreign if foreign.is_foreign() => foreign,
            _ => ResourceKind::Case,
        };
        let names = names.iter().map(|name| name.trim().to_owned()).collect();
        Some(Self { names, columns, id, kind })
    }

    /// Whether a row is empty except for unused columns.
    pub(crate) fn is_blank(&self, cells: &[&str]) -> bool {
        let is_unused = |at| self.columns.get(at) == Some(&Column::Unused);
        let mut cells = cells.iter().enumerate();
        cells.all(|(at, cell)| is_unused(at) || cell.trim().is_empty())
    }

    /// Returns the header that a row is, as where files were joined: it has a name for the identifier, and a name in its
    /// place. If nothing is in its place, the row has only known names. `Subscription ID` may be in any place.
    pub(crate) fn of_row(&self, cells: &[&str]) -> Option<Self> {
        let is_known = |cell: &str| Column::of(cell, true) != Column::Extra;
        let place = if cells.len() == 1 { 0 } else { self.id };
        let id = cells.get(place).map_or("", |cell| bare(cell));
        // Most identifiers have digits, and no known name has: it need not be looked for.
        let has_digit = id.bytes().any(|byte| byte.is_ascii_digit());
        let is_id = |name: &String| name.len() >= id.len() && bare(name).eq_ignore_ascii_case(id);
        let is_own = || self.names.iter().any(is_id);
        let is_name = || is_own() || !has_digit && is_known(id);
        let mut named = cells.iter().map(|cell| bare(cell)).filter(|cell| !cell.is_empty());
        let are_names = if id.is_empty() {
            named.clone().count() >= 2 && named.all(is_known)
        } else {
            is_name()
        };
        // Most cells are shorter, or begin with another letter.
        let is_likely = |cell: &&&str| cell.len() >= 14 && bare(cell).starts_with(['s', 'S']);
        let mut likely = cells.iter().filter(is_likely);
        let mut is_certain = || likely.any(|cell| is_exact(cell)) && !is_guid(id);
        if !are_names && !is_certain() {
            return None;
        }
        let cells: Vec<&str> = cells.iter().map(|cell| bare(cell)).collect();
        Self::of(&cells)
    }

    /// Returns the header that a record is with another delimiter, and the splitter by it.
    pub(crate) fn of_record(
        &self,
        record: &str,
        is_closed: bool,
        cells: &[&str],
    ) -> Option<(Self, Cells)> {
        let [a, b, c, d] = DELIMITERS;
        let first = cells.first()?.as_bytes();
        memchr3(a, b, c, first).or_else(|| memchr(d, first))?;
        let (mut others, mut names) = (Cells::of(record), Vec::new());
        others.split(record, is_closed, &mut names);
        let header = self.of_row(&names)?;
        Some((header, others))
    }

    /// Returns notes on the columns below this header, which another was above, unless both have the same names.
    pub(crate) fn notes_below(&self, above: &Self, line: usize) -> Vec<Note> {
        let [names, others] = [self, above].map(|header| {
            let names = header.names.iter().map(|name| bare(name)).filter(|name| !name.is_empty());
            names.collect::<Vec<_>>().join(", ")
        });
        if names.eq_ignore_ascii_case(&others) {
            return Vec::new();
        }
        let mut notes = self.notes();
        notes.insert(0, Note::on(NoteKind::OtherHeader, format!("line {line}"), names));
        notes
    }

    /// Returns notes on the columns that are ignored.
    pub(crate) fn notes(&self) -> Vec<Note> {
        let extra = self.names.iter().zip(&self.columns);
        let extra = extra.filter(|(name, column)| **column == Column::Extra && !name.is_empty());
        let note = |(at, (name, _)): (usize, (&String, _))| Note {
            field: Some(name.clone().into()),
            nearest: nearest(name).filter(|_| at < MOST_HINTS).map(Into::into),
            ..Note::new(NoteKind::ExtraColumn)
        };
        extra.enumerate().map(note).collect()
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
        let id = cells.get(self.id).copied().map(text);
        let id = id.filter(|id| is_something(id) && !is_total(id));
        let refused = |error: String| RecordError::new(id.map(Into::into), line, error);
        let Some(id) = id else {
            let shown: Vec<&str> =
                cells.iter().map(|cell| text(cell)).filter(|cell| !cell.is_empty()).collect();
            return Err(refused(format!("the row `{}` has no identifier", shown.join(", "))));
        };
        if self.kind.is_foreign() {
            return Err(refused(format!("{}, expected a subscription", self.kind.with_article())));
        }
        let beyond = cells.get(self.columns.len()..).unwrap_or_default();
        if beyond.iter().any(|cell| !cell.trim().is_empty()) {
            return Err(refused(format!("{} cells, expected {}", cells.len(), self.columns.len())));
        }
        let mut stated = Stated::default();
        let mut term = TermCells::default();
        let mut resource: Option<Box<Resource>> = None;
        let mut set = |field, cell| {
            if let Some(value) = resource.get_or_insert_default().field_mut(field) {
                *value = FieldValue::from(cell);
            }
        };
        let cells = self.columns.iter().zip(cells).map(|(column, cell)| (column, text(cell)));
        for (column, cell) in cells.filter(|(_, cell)| is_something(cell)) {
            match *column {
                Column::Customer => stated.customer = Some(cell.into()),
                Column::Fact(fact, true) => {
                    stated.read(fact, cell).map_err(|error| refused(error.to_string()))?;
                }
                Column::Fact(fact, false) => stated.read_any(fact, cell),
                Column::PurchasedAt => term.purchased_at = Some(cell),
                Column::EndsOn => term.ends_on = Some(cell),
                Column::CancellableUntil => term.cancellable_until = Some(cell),
                // APIs have more states, which the mapping reads, but never several at once.
                Column::Field("status") if stated.read(Fact::Status, cell).is_ok() => {}
                Column::Field(field) => set(field, cell),
                Column::Error => return Err(refused(cell.into())),
                Column::Id | Column::Unused | Column::Extra => {}
            }
        }
        // Without a last day, the dates of a case complete those of an interface. With one, it is checked with them.
        match &mut resource {
            Some(resource) if resource.has_dates() => {
                if term.ends_on.is_some() {
                    stated.term = term.read(order).map_err(refused)?;
                }
                term.complete(resource, order);
            }
            _ => stated.term = term.read(order).map_err(refused)?,
        }
        if stated.term.is_some() && stated.facts.possible().is_subset(Service::USAGE_BASED) {
            return Err(refused(
                "dates of a term for a service that is paid by use, expected none".into(),
            ));
        }
        if stated.term.is_some() && stated.facts.narrowed().contains(Fact::TermPhase) {
            return Err(refused("both `ends_on` and `term_phase`, expected one of them".into()));
        }
        Ok(Record::of(self.kind, line, id.into(), resource, stated))
    }
}

/// The cells with the dates of a case.
#[derive(Default)]
struct TermCells<'c> {
    purchased_at: Option<&'c str>,
    ends_on: Option<&'c str>,
    cancellable_until: Option<&'c str>,
}

impl TermCells<'_> {
    /// Reads the term that they state.
    fn read(&self, order: Option<DateOrder>) -> Result<Option<Term>, String> {
        let date = |name: &str, cell: Option<&str>| {
            let parsed = cell.map(|cell| date::parse(cell, order).map_err(|reason| (cell, reason)));
            parsed
                .transpose()
                .map_err(|(cell, reason)| format!("`{name}` is `{cell}`, expected {reason}"))
        };
        let purchased_at = date("purchased_at", self.purchased_at)?.map(|date| date.at);
        let ends_on = date("ends_on", self.ends_on)?.map(|date| date.at.date_naive());
        let cancellation = match self.cancellable_until {
            // A report has `null`.
            Some(cell) if cell == "null" || is_never(cell) => Cancellation::Never,
            cell => date("cancellable_until", cell)?
                .map_or(Cancellation::ByService, |date| Cancellation::Until(date.at)),
        };
        let Some(ends_on) = ends_on else {
            let nothing = purchased_at.is_none() && cancellation == Cancellation::ByService;
            let missing = "`ends_on` is missing, expected it with the other dates of the term";
            return if nothing { Ok(None) } else { Err(missing.into()) };
        };
        let term = match purchased_at {
            Some(at) => Term::new(at, ends_on).map_err(|error| error.to_string())?,
            None => Term::ending(ends_on),
        };
        Ok(Some(with_cancellation(term, cancellation)))
    }

    /// Adds the dates to those of a resource, where that has none; of two purchases or windows that differ, neither
    /// counts.
    fn complete(&self, resource: &mut Resource, order: Option<DateOrder>) {
        let ends = [&resource.commitment_end_date, &resource.commitment_end_date_time];
        if let Some(ends_on) = self.ends_on
            && ends.into_iter().all(FieldValue::is_absent)
        {
            resource.commitment_end_date = ends_on.into();
        }
        let add = |cell: &str, fields: &mut [&mut FieldValue]| {
            let parsed = date::parse(cell, order);
            let is_same = |field: &&mut FieldValue| {
                let is_date =
                    |text| text == cell || parsed.is_ok() && date::parse(text, order) == parsed;
                field.text().is_some_and(is_date)
            };
            if fields.iter().any(is_same) {
                return;
            }
            let free = fields.iter().position(|field| field.is_absent());
            if let Some(field) = free.and_then(|place| fields.get_mut(place)) {
                **field = cell.into();
            } else if let Some(field) = fields.last_mut() {
                **field = FieldValue::Text(format!("{field}, {cell}"));
            }
        };
        if let Some(cell) = self.purchased_at {
            add(cell, &mut [&mut resource.effective_start_date, &mut resource.creation_date]);
        }
        if let Some(cell) = self.cancellable_until {
            let cell = if cell == "null" || is_never(cell) { "never" } else { cell };
            add(cell, &mut [&mut resource.cancellation_allowed_until_date]);
        }
    }
}

/// Returns the delimiter that a line such as `sep=;` names; spreadsheets write quotes and delimiters around it.
pub(crate) fn delimiter(line: &str) -> Option<u8> {
    let (mark, rest) = bare(line).split_at_checked("sep=".len())?;
    let mut rest = rest.bytes().filter(|byte| !matches!(byte, b'"' | b' '));
    // A tab at the end of its line was trimmed.
    let delimiter = rest.next().unwrap_or(b'\t');
    let is_mark = mark.eq_ignore_ascii_case("sep=") && !delimiter.is_ascii_alphanumeric();
    (is_mark && rest.all(|byte| DELIMITERS.contains(&byte))).then_some(delimiter)
}

/// Whether PowerShell wrote a line for the type of the rows below it.
pub(crate) fn is_type(line: &str) -> bool {
    bare(line).starts_with("#TYPE")
}

/// Whether a column certainly has the identifier of the subscription.
fn is_exact(name: &str) -> bool {
    plain(name) == "subscriptionid"
}

/// Whether a cell says something: no mark of an empty one, as people and databases write it.
fn is_something(cell: &str) -> bool {
    !matches!(cell, "" | "-" | "–" | "n/a" | "N/A" | "#N/A" | "NULL" | "nan" | "NaN")
}

/// Returns a cell without spaces, quotes and byte order marks around it.
pub(crate) fn bare(cell: &str) -> &str {
    cell.trim_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\u{feff}'))
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
    // A name such as 't Hooft begins with an apostrophe.
    let is_name = |marked: &&str| {
        let mut marked = marked.chars();
        marked.next().is_some_and(char::is_alphabetic)
            && marked.next().is_some_and(|c| !c.is_alphanumeric())
    };
    let marked = || cell.strip_prefix('\'').filter(|marked| !is_name(marked));
    formula.or_else(marked).unwrap_or(cell)
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

/// What can be between cells.
pub(crate) const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// The splitter of records into cells; text between quotes is one cell.
pub(crate) struct Cells {
    reader: csv_core::Reader,
    delimiter: Option<u8>,
    text: Vec<u8>,
    ends: Vec<usize>,
}

impl Cells {
    /// Creates a splitter for the most frequent delimiter in a header, outside of quotes.
    pub(crate) fn of(header: &str) -> Self {
        let mut quotes = Quotes::CellBegins;
        let outside = header.bytes().filter(|byte| {
            quotes = quotes.pass(*byte, DELIMITERS.contains(byte));
            quotes != Quotes::Inside
        });
        let outside: Vec<u8> = outside.collect();
        let count = |delimiter: &u8| memchr_iter(*delimiter, &outside).count();
        Self::by(DELIMITERS.into_iter().rev().max_by_key(count))
    }

    /// Creates a splitter for a delimiter; without one, each can be it.
    pub(crate) fn by(delimiter: Option<u8>) -> Self {
        // A carriage return alone is a part of its cell.
        let reader = csv_core::ReaderBuilder::new()
            .delimiter(delimiter.unwrap_or(b','))
            .terminator(csv_core::Terminator::Any(b'\n'))
            .build();
        Self { reader, delimiter, text: Vec::new(), ends: Vec::new() }
    }

    pub(crate) fn is_delimiter(&self, byte: u8) -> bool {
        self.delimiter.map_or(DELIMITERS.contains(&byte), |delimiter| byte == delimiter)
    }

    /// Returns the position of a quote that begins a cell and is not closed.
    fn unclosed(&self, record: &str) -> Option<usize> {
        let (mut quotes, mut begins) = (Quotes::CellBegins, 0);
        for (at, byte) in record.bytes().enumerate() {
            if quotes == Quotes::CellBegins {
                begins = at;
            }
            quotes = quotes.pass(byte, self.is_delimiter(byte));
        }
        (quotes == Quotes::Inside).then_some(begins)
    }

    /// Appends the cells of a record; a quote that is not closed is left out.
    pub(crate) fn split<'c>(
        &'c mut self,
        record: &'c str,
        is_closed: bool,
        cells: &mut Vec<&'c str>,
    ) {
        let delimiter = self.delimiter.unwrap_or(b',');
        let plain = |text: &'c str, cells: &mut Vec<&'c str>| {
            let ends = memchr_iter(delimiter, text.as_bytes()).chain([text.len()]);
            let mut from = 0;
            for end in ends {
                cells.push(text.get(from..end).unwrap_or_default());
                from = end + 1;
            }
        };
        if memchr(b'"', record.as_bytes()).is_none() {
            return plain(record, cells);
        }
        if !is_closed && let Some(unclosed) = self.unclosed(record) {
            let (before, after) = record.split_at(unclosed);
            if !before.is_empty() {
                self.split(before, true, cells);
                // What is after the last delimiter.
                cells.pop();
            }
            return plain(after.strip_prefix('"').unwrap_or(after), cells);
        }
        let record = record.as_bytes();
        self.reader.reset();
        self.text.resize(record.len(), 0);
        self.ends.resize(memchr_iter(delimiter, record).count() + 2, 0);
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
