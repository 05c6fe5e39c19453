//! Any bytes as CSV of the portfolio's.

use csp_multichannel::{
    AutoRenew, Case, Channel, Cloud, Customer, Engagement, Field, Market, Partner, RecordKind, Refusal, Refused,
    Relationship, Service, Status, Subscription, Transfer, parse_instant,
};
use serde_json::Deserializer;

use crate::assert_telling;

/// Reads the bytes as a file, and where they begin with no headers, as rows between good ones as well: each row is told once and
/// in order, as what its cells say.
pub fn run(bytes: &[u8]) {
    if !assert_told(bytes) {
        assert_told(&[HEADERS, GOOD, bytes, GOOD].join(&b"\n"[..]));
    }
}

const HEADERS: &[u8] = b"id,channel,service,purchased_at,ends_on";

const GOOD: &[u8] = b"good,open,license,2026-03-01T09:00:00Z,2027-02-28";

const FILE: &str = "rows.csv";

/// What is known where a row leaves it open.
fn known() -> (Subscription, Engagement) {
    let subscription = Subscription::new(Service::Azure)
        .with_channel(Channel::Open)
        .with_cloud(Cloud::Public)
        .with_auto_renew(AutoRenew::Off)
        .with_status(Status::Active)
        .with_transfer(Transfer::None);
    let engagement = Engagement::new()
        .with_partner(Partner::DirectBill)
        .with_relationship(Relationship::Active)
        .with_customer(Customer::EndCustomer)
        .with_market(Market::Same);
    (subscription, engagement)
}

/// What a row comes to.
type Told = Result<portfolio_csv::Row, portfolio_csv::Refused>;

/// Whether the file has headers.
fn assert_told(bytes: &[u8]) -> bool {
    let text = || bytes.escape_ascii();
    let as_of = parse_instant("2026-11-24").expect("a day");
    let mut told = portfolio_csv::read(bytes, FILE, known(), as_of).into_iter();

    let table = Table::of(bytes);
    let mut rows = table.rows.iter();
    let columns = rows.next().and_then(|(_, headers)| columns(headers)).filter(|_| table.closes_in(1));
    if let Some(columns) = &columns {
        for (at, (line, cells)) in rows.enumerate() {
            let row = told.next().unwrap_or_else(|| panic!("{cells:?} is not told: {}", text()));
            assert_row(row, *line, columns, cells, table.closes_in(at + 2));
        }
    } else {
        let refused = told.next().expect("what is wrong").expect_err("no headers");
        assert_eq!((refused.line, &refused.id), (1, &None), "{}", text());
        assert_told_well(&refused);
    }
    assert!(told.next().is_none(), "{}", text());
    columns.is_some()
}

/// A row comes to what the same record does as JSON.
fn assert_row(told: Told, line: u64, columns: &[&str], cells: &[Vec<u8>], closes: bool) {
    let as_of = parse_instant("2026-11-24").expect("a day");
    let texts: Option<Vec<&str>> = cells.iter().map(|cell| str::from_utf8(cell).ok()).collect();
    let cell = |column: &str| {
        let at = columns.iter().position(|name| *name == column)?;
        texts.as_ref()?.get(at).map(|cell| cell.trim_ascii()).filter(|cell| !cell.is_empty())
    };
    let id = cell("id").map(str::to_owned);
    let expected = match &texts {
        // The last cell takes with it what follows.
        _ if !closes => {
            let last = columns.get(cells.len() - 1).is_some_and(|column| *column == "id");
            Err((id.filter(|_| !last), "a quote is not closed".to_owned()))
        }
        None => Err((None, "the row is no UTF-8".to_owned())),
        Some(texts) if texts.len() != columns.len() => Err((id, format!("the row has {} cells", texts.len()))),
        Some(_) => case(columns, cell),
    };
    match (told, expected) {
        (Ok(row), Ok(case)) => {
            assert_eq!(row.facts, case.facts(as_of));
            assert_eq!(row.case, case);
            assert_eq!(row.name.as_deref(), cell("name"));
            assert_eq!(row.customer, cell("customer_name").unwrap_or(FILE));
        }
        (Err(refused), Err((id, error))) => {
            assert_eq!((refused.line, &refused.id), (line, &id), "{error}");
            assert!(refused.error.starts_with(&error), "{}: {error}", refused.error);
            assert_told_well(&refused);
        }
        (row, case) => panic!("{row:?} and {case:?}"),
    }
}

/// The record of a row as JSON, read and completed; or the id and what is wrong.
fn case<'c>(columns: &[&str], cell: impl Fn(&str) -> Option<&'c str>) -> Result<Case, (Option<String>, String)> {
    let of = |record: RecordKind| {
        let told = columns.iter().filter_map(|name| Some((*name, cell(name)?)));
        let fields = told.filter(|(name, _)| name.parse().is_ok_and(|field: Field| record.fields().contains(field)));
        fields.map(|(name, cell)| format!("\"{name}\":{}", json(name, cell))).collect::<Vec<_>>()
    };
    let (mut fields, term) = (of(RecordKind::Case), of(RecordKind::Term));
    if !term.is_empty() {
        fields.push(format!("\"term\":{{{}}}", term.join(",")));
    }
    let record = format!("{{{}}}", fields.join(","));
    match Case::read(&mut Deserializer::from_str(&record)) {
        Ok(Case { id, subscription, engagement, .. }) => match subscription.or(known().0) {
            Ok(subscription) => Ok(Case::new(id, subscription, engagement.or(known().1))),
            Err(error) => Err((Some(id), error.to_string())),
        },
        Err(Refused { id, reason: Refusal::Record(error), .. }) => Err((id, error.to_string())),
        Err(error) => panic!("{record}: {error:?}"),
    }
}

fn assert_told_well(refused: &portfolio_csv::Refused) {
    if !refused.error.contains("nothing behind it in this file was read") {
        assert_telling(&refused.error);
    }
}

/// A cell as JSON.
fn json(column: &str, cell: &str) -> String {
    let word = cell.to_ascii_lowercase();
    match (column, word.as_str()) {
        ("auto_renew" | "transfer_pending", "true" | "false") | ("cancellable_until", "null") => word,
        _ => serde_json::to_string(cell).expect("JSON"),
    }
}

/// The names of the columns, where there is `id` among them, and none is given twice.
fn columns(headers: &[Vec<u8>]) -> Option<Vec<&'static str>> {
    const NAMES: [&str; 16] = [
        "id",
        "channel",
        "service",
        "cloud",
        "partner",
        "relationship",
        "customer",
        "market",
        "auto_renew",
        "status",
        "transfer_pending",
        "purchased_at",
        "ends_on",
        "cancellable_until",
        "name",
        "customer_name",
    ];
    let mut columns = Vec::new();
    for header in headers {
        let header = str::from_utf8(header).ok()?.trim().to_ascii_lowercase();
        let name = NAMES.into_iter().find(|name| *name == header).filter(|name| !columns.contains(name));
        columns.push(name?);
    }
    columns.contains(&"id").then_some(columns)
}

/// A second reading of CSV, byte by byte.
struct Table {
    /// Each with the line on which it begins.
    rows: Vec<(u64, Vec<Vec<u8>>)>,
    /// Whether the last cell of the last row is in quotes that are not closed.
    is_open: bool,
}

impl Table {
    fn of(bytes: &[u8]) -> Self {
        // The mark of an encoding; a second one is the CSV reader's to take.
        let unmarked = |bytes| <[u8]>::strip_prefix(bytes, "\u{feff}".as_bytes()).unwrap_or(bytes);
        let bytes = unmarked(unmarked(bytes));
        let mut lines = bytes.split(|byte| b"\r\n".contains(byte));
        let first = lines.find(|line| !line.trim_ascii().is_empty()).unwrap_or_default();
        let delimiter = *b",;\t".iter().find(|delimiter| first.contains(delimiter)).unwrap_or(&b',');

        let mut rows = Vec::new();
        let (mut row, mut cell) = (Vec::new(), Vec::new());
        // Whether there is something of the row, and of the cell, and whether that is within quotes.
        let (mut begun, mut cell_begun, mut quoted) = (false, false, false);
        let (mut line, mut begins) = (1, 1);
        let mut rest = bytes.iter().copied().peekable();
        while let Some(byte) = rest.next() {
            let ends_row = !quoted && b"\r\n".contains(&byte);
            if !begun && !ends_row {
                begins = line;
            }
            line += u64::from(byte == b'\n' || byte == b'\r' && rest.peek() != Some(&b'\n'));
            match byte {
                b'"' if quoted && rest.peek() == Some(&b'"') => cell.push(rest.next().unwrap_or_default()),
                b'"' if quoted => quoted = false,
                b'"' if !cell_begun => quoted = true,
                _ if quoted => cell.push(byte),
                _ if byte == delimiter => row.push(std::mem::take(&mut cell)),
                _ if ends_row => {
                    if begun {
                        row.push(std::mem::take(&mut cell));
                        rows.push((begins, std::mem::take(&mut row)));
                    }
                    (begun, cell_begun) = (false, false);
                    continue;
                }
                _ => cell.push(byte),
            }
            (begun, cell_begun) = (true, quoted || byte != delimiter);
        }
        if begun {
            row.push(cell);
            rows.push((begins, row));
        }
        Self { rows, is_open: quoted }
    }

    /// Whether the row with this number, from 1, ends before the file does.
    fn closes_in(&self, number: usize) -> bool {
        !self.is_open || number < self.rows.len()
    }
}
