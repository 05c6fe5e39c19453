//! `multichannel report` in terminals and pipes.

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use serde_json::{Value, json};
use support::{program, run, text};

/// The flags for the files in `field`.
const P: &[&str] = &[
    "report",
    "--as-of",
    "2026-08-12",
    "--channel",
    "other_csp_partner",
    "--cloud",
    "public",
    "--partner",
    "direct_bill",
    "--customer",
    "end_customer",
    "--region",
    "same",
    "--relationship",
    "active",
];

/// A directory for a test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("report").join(name);
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).expect("a directory");
        Self(path)
    }

    fn name(&self, name: &str) -> String {
        self.0.join(name).display().to_string()
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        fs::write(self.0.join(name), content).expect("a file");
        self.name(name)
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.0.join(name)).expect("a report")
    }

    /// The files after a run.
    fn files(&self) -> Vec<String> {
        let files = fs::read_dir(&self.0).expect("a directory");
        let names = files.map(|file| file.expect("a file").file_name().into_string().unwrap());
        let mut names: Vec<_> = names.collect();
        names.sort();
        names
    }
}

fn field(name: &str) -> String {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../partner-center/tests/data/field");
    data.join(name).display().to_string()
}

/// The JSON Lines of a run.
struct Report {
    status: Option<i32>,
    decided: Vec<Value>,
    refused: Vec<Value>,
    /// The notes on inputs.
    noticed: Vec<String>,
}

impl Report {
    fn new(name: &str, arguments: &[&str]) -> Self {
        let folder = Folder::new(name);
        let output = run(&[arguments, &["-o", &folder.name("r.jsonl")]].concat(), b"");
        let lines = folder.read("r.jsonl");
        let lines: Vec<Value> =
            lines.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
        let with = |field: &str| {
            lines.iter().filter(|line| line.get(field).is_some()).cloned().collect::<Vec<_>>()
        };
        let noticed = with("message").iter().map(|line| string(&line["message"])).collect();
        assert_eq!(
            lines.len(),
            with("verdicts").len() + with("error").len() + with("message").len(),
            "{lines:?}"
        );
        let (decided, refused) = (with("verdicts"), with("error"));
        Self { status: output.status.code(), decided, refused, noticed }
    }

    /// The verdicts on the five actions, by subscription.
    fn verdicts(&self) -> Vec<String> {
        let verdicts = |record: &Value| {
            let on = |action: &str| string(&record["verdicts"][action]["verdict"]);
            let actions = ["recreate_and_cancel", "switch", "wait_until_term_end"];
            let verdicts: Vec<_> =
                actions.iter().chain(&["cancel_then_move"]).map(|a| on(a)).collect();
            verdicts.join(" ")
        };
        self.decided.iter().map(verdicts).collect()
    }

    /// The kinds of notes on each subscription, with the field.
    fn notes(&self) -> Vec<Vec<String>> {
        let note = |note: &Value| match note.get("field") {
            Some(field) => format!("{} {}", string(&note["note"]), string(field)),
            None => string(&note["note"]),
        };
        let notes = |record: &Value| match record["notes"].as_array() {
            Some(notes) => notes.iter().map(note).collect(),
            None => Vec::new(),
        };
        self.decided.iter().map(notes).collect()
    }

    fn errors(&self) -> Vec<String> {
        self.refused.iter().map(|refused| string(&refused["error"])).collect()
    }

    /// A fact of the subscription with an id.
    fn fact(&self, id: &str, fact: &str) -> &Value {
        let record = self.decided.iter().find(|record| record["id"] == id).expect(id);
        &record["case"][fact]
    }
}

fn string(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value}")).into()
}

/// The results for files as text.
fn transcript(name: &str, arguments: &[&str]) -> String {
    let report = Report::new(name, &[P, arguments].concat());
    let mut lines = vec![format!("exit {}", report.status.expect("an exit status"))];
    let decided = report.decided.iter().zip(report.verdicts()).zip(report.notes());
    for ((record, verdicts), notes) in decided {
        lines.push(format!("{}: {verdicts}", string(&record["id"])));
        lines.extend(notes.into_iter().map(|note| format!("  note {note}")));
    }
    lines.extend(report.errors().into_iter().map(|error| format!("refused: {error}")));
    lines.extend(report.noticed.into_iter().map(|noticed| format!("file: {noticed}")));
    lines.join("\n") + "\n"
}

/// Each file in `field`, with its verdicts, notes and exit status.
#[test]
fn the_files_of_the_field() {
    let mut all = Vec::new();
    let files = fs::read_dir(field("")).expect("the files");
    let mut files: Vec<_> =
        files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    files.sort();
    let read = files.iter().filter(|file| {
        // These are read together with others, below.
        *file != "README.md" && !file.contains("eligib") && !file.starts_with("24")
    });
    for file in read {
        all.push(format!("== {file}\n{}", transcript("field", &[&field(file)])));
    }
    for (eligibility, subscriptions) in [
        ("24-eligibility.json", "24-subscriptions.json"),
        ("25-noneligible-other-reason.json", "25-subscriptions.json"),
    ] {
        let arguments = ["--eligibility", &field(eligibility), &field(subscriptions)];
        let found = transcript("field", &arguments);
        all.push(format!("== {eligibility} {subscriptions}\n{found}"));
    }
    let all = all.join("\n");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/field.expected");
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        fs::write(&path, &all).expect("a file");
    }
    let expected = fs::read_to_string(&path).expect("what is expected");
    for (found, expected) in all.split("\n\n").zip(expected.split("\n\n")) {
        assert_eq!(found, expected);
    }
    assert_eq!(all, expected);
}

#[test]
fn a_plain_no_denies_and_a_page_that_lacks_items_is_reported() {
    let eligibility = field("25-noneligible-other-reason.json");
    let arguments = ["--eligibility", &eligibility, &field("25-subscriptions.json")];
    let report = Report::new("no", &[P, &arguments].concat());
    assert_eq!(report.decided.len(), 4);
    for record in &report.decided {
        let switch = &record["verdicts"]["switch"];
        assert_eq!(switch["verdict"], "denied", "{record}");
        let rules = switch["rules"].as_array().expect("rules");
        assert!(rules.contains(&json!("transfer-ineligible")), "{record}");
    }
    let message = "4 of 37 subscriptions: 33 missing, and a next page exists";
    assert_eq!((report.noticed, report.status), (vec![message.into()], Some(0)));
}

#[test]
fn what_is_no_subscription_is_sent_to_the_right_option() {
    let report = Report::new("customers", &[P, &[&field("23-customers-list.json")]].concat());
    let error = "a customer, expected a subscription: give the file to `--customers`";
    assert_eq!((report.errors(), report.status), (vec![error.into(); 2], Some(1)));
    let report = Report::new("eligibility", &[P, &[&field("24-eligibility.json")]].concat());
    assert!(
        report.errors().iter().all(|error| error.ends_with("give the file to `--eligibility`"))
    );
    let subscriptions = field("24-subscriptions.json");
    let report =
        Report::new("facts", &[P, &["--customers", &subscriptions, &subscriptions]].concat());
    let error = "a subscription, expected a customer: give the file without an option";
    assert_eq!((report.errors()[0].as_str(), report.decided.len()), (error, report.refused.len()));
}

const PAGE: &str = r#"{"totalCount": 3, "items": [
{"id": "a", "offerId": "MS-AZR-0145P", "status": "active", "links": {"self": {"uri": "/customers/c1/subscriptions/a"}}},
{"id": "b", "offerId": "MS-AZR-0145P", "status": "active"}], "links": {"next": {"uri": "/next"}}}"#;

/// Pages of one list count together, also across files; a complete list has no note.
#[test]
fn pages_of_one_list() {
    let folder = Folder::new("pages");
    let first = folder.write("1.json", PAGE);
    let last = folder.write("2.json", PAGE.replace("next", "self").replace(r#""b""#, r#""c""#));
    let other =
        folder.write("3.json", r#"{"totalCount": 1, "items": [{"id": "d", "offerId": "x"}]}"#);
    let noticed = |files: &[&str]| Report::new("pages-of", &[&["report"], files].concat()).noticed;
    assert_eq!(noticed(&[&first, &last, &other]), [""; 0]);
    assert_eq!(noticed(&[&first]), ["2 of 3 subscriptions: 1 missing, and a next page exists"]);
    assert_eq!(noticed(&[&other, &last]), ["2 of 3 subscriptions: 1 missing"]);
    assert_eq!(
        noticed(&[&last, &other, &first]),
        [
            "2 of 3 subscriptions: 1 missing",
            "2 of 3 subscriptions: 1 missing, and a next page exists"
        ]
    );
    // A page of another list does not complete it.
    for (page, its_own) in
        [(r#"{"totalCount": 40, "items": []}"#, 1), (r#"{"totalCount": 0, "items": []}"#, 0)]
    {
        let page = folder.write("4.json", page);
        let noticed = noticed(&[&first, &page]);
        assert_eq!(noticed.len(), 1 + its_own, "{noticed:?}");
        assert_eq!(noticed[0], "2 of 3 subscriptions: 1 missing, and a next page exists");
    }
    let customers = folder.write(
        "c.json",
        r#"{"totalCount": 9, "items": [{"id": "c1", "relationshipToPartner": "reseller"}]}"#,
    );
    let eligibility = folder.write(
        "e.json",
        r#"{"items": [{"id": "a", "isEligible": true}], "links": {"next": {"uri": "/e"}}}"#,
    );
    let beside = ["--customers", &customers, "--eligibility", &eligibility, &first, &last];
    assert_eq!(
        noticed(&beside),
        ["1 of 9 customers: 8 missing", "a page of 1 eligibility record, and a next page exists"]
    );
}

const TABLE: &str = "\
id,customer_name,name,channel,service,cloud,partner,relationship,region,at_term_end,status,transfer,purchased_at,ends_on,cancellable_until
mail,Contoso,Office,other_csp_partner,new_commerce_license,public,direct_bill,active,same,renew,active,none,2026-03-01T09:00:00Z,2027-02-28,
never,Contoso,\"Long, and \"\"quoted\"\"\",\"direct, open\",license,public,direct_bill,none,same,\"renew, end\",active,none,2026-01-10T09:00:00Z,2027-01-09,null
azure,=Fabrikam,+1,,azure_plan,public,direct_bill,active,same,,\"active, suspended\",,,,
own,Contoso,Ours,this_partner,license,public,direct_bill,active,same,,active,,,,
";

/// Round trip: a report as CSV reads back with the same ids, facts, verdicts and errors.
#[test]
fn its_own_csv_reads_back() {
    let folder = Folder::new("round-trip");
    let more =
        "until,,,open,license,,,,,,,,,2027-01-09,2026-12-01T09:30:00Z\nwrong,,,opne,,,,,,,,,,,\n";
    let first = folder.write("0.csv", format!("{TABLE}{more}"));
    let mut input = first;
    let mut tables = Vec::new();
    for output in ["1.csv", "2.csv", "3.csv"] {
        let report = folder.name(output);
        let run = run(
            &[
                "report",
                "--as-of",
                "2026-08-12",
                "--customer",
                "end_customer",
                "-o",
                &report,
                &input,
            ],
            b"",
        );
        assert_eq!(run.status.code(), Some(1), "{}", text(&run.stderr));
        let mut table = csv::Reader::from_path(&report).expect("a table");
        let columns: Vec<usize> = table
            .headers()
            .expect("columns")
            .iter()
            .enumerate()
            .filter(|(_, name)| !["origins", "notes", "file", "line"].contains(name))
            .map(|(at, _)| at)
            .collect();
        let rows = table.records().map(|row| row.expect("a row"));
        tables.push(
            rows.filter(|row| !row[0].is_empty())
                .map(|row| columns.iter().map(|&at| row[at].to_owned()).collect::<Vec<_>>())
                .collect::<Vec<_>>(),
        );
        input = report;
    }
    assert_eq!(tables[0].len(), 6);
    let unknown = "unknown channel `opne`, expected one of ";
    assert!(tables[0][5].last().is_some_and(|error| error.starts_with(unknown)), "{tables:?}");
    assert_eq!(tables[0][4][15..17], ["2027-01-09", "2026-12-01T09:30:00Z"]);
    assert_eq!(tables[0][1][3..5], ["direct, open", "license"]);
    assert_eq!(tables[0][1][14..17], ["2026-01-10T09:00:00Z", "2027-01-09", "null"]);
    assert_eq!(tables[0][2][1..3], ["'=Fabrikam", "'+1"]);
    assert_eq!(tables[0], tables[1]);
    assert_eq!(tables[1], tables[2]);
}

/// The comparison with another day agrees with a report of that day.
#[test]
fn a_day_compared() {
    let folder = Folder::new("compare");
    let table = folder.write("t.csv", TABLE);
    let customer = ["report", "--customer", "end_customer"];
    let days = ["--as-of", "2026-08-12", "--compare", "2026-03-02", &*table];
    let compared = [&customer[..], &days].concat();
    let now = Report::new("now", &compared);
    let then = Report::new(
        "then",
        &["report", "--customer", "end_customer", "--as-of", "2026-03-02", &table],
    );
    let mut changed = 0;
    for (now, then) in now.decided.iter().zip(&then.decided) {
        for (action, verdict) in now["verdicts"].as_object().expect("verdicts") {
            let before = &then["verdicts"][action];
            let differs = verdict["verdict"] != before["verdict"];
            changed += usize::from(differs);
            let expected = if differs { before } else { &Value::Null };
            assert_eq!(now["then"]["verdicts"][action], *expected, "{action}: {now}");
        }
        assert!(now.get("then").is_none_or(|then| then["as_of"] == "2026-03-02T00:00:00Z"));
    }
    assert_eq!(changed, 1);
    assert_eq!(now.decided[0]["then"]["verdicts"]["cancel_then_move"]["verdict"], "allowed");

    let output = run(&compared, b"");
    let printed = text(&output.stdout);
    assert!(
        printed.contains(
            "changed verdicts compared with 2026-03-02 (edition 2026-02-16): 1 subscription\n"
        ),
        "{printed}"
    );
    assert!(
        printed.contains("1  cancel then move: was allowed (license-cancel), is denied"),
        "{printed}"
    );
    let reports = ["r.csv", "r.md", "r.html"].map(|name| folder.name(name));
    let [csv, markdown, html] = &reports;
    run(
        &[
            "report",
            "--customer",
            "end_customer",
            "--as-of",
            "2026-08-12",
            "--compare",
            "2026-03-02",
            "-o",
            csv,
            "-o",
            markdown,
            "-o",
            html,
            &table,
        ],
        b"",
    );
    let change =
        "cancel_then_move: was allowed (license-cancel), is denied (cancellation-window-closed)";
    assert!(folder.read("r.csv").lines().nth(1).expect("a row").contains(change));
    assert!(folder.read("r.md").contains(
        "| 1 | cancel then move | allowed (license-cancel) | denied (cancellation-window-closed) |"
    ));
    assert!(folder.read("r.html").contains("<small>was allowed</small>"));
}

/// Facts come from the record, then from the table, then from the flags; a flag can have several
/// words.
#[test]
fn facts_from_flags_and_tables() {
    let folder = Folder::new("facts");
    let cases =
        folder.write("c.csv", "id,channel,service\na,open,azure\nb,,azure\nc,,\nd,,license\n");
    let facts = folder.write("f.csv", "\u{feff}ID;Channel;Service\nB;advisor;license\nx;open;\n");
    let report = Report::new(
        "facts-of",
        &[
            "report",
            "--channel",
            "direct,open",
            "--channel",
            "advisor",
            "--term-phase",
            "ended",
            "--facts",
            &facts,
            &cases,
        ],
    );
    assert_eq!(report.status, Some(0));
    assert_eq!(report.fact("a", "channel"), "open");
    assert_eq!(report.fact("b", "channel"), "advisor");
    assert_eq!(report.fact("b", "service"), "azure");
    assert_eq!(*report.fact("c", "channel"), json!(["direct", "advisor", "open"]));
    assert_eq!(report.fact("d", "term_phase"), "ended");
    assert_eq!(report.notes()[1], ["differs service"]);
    assert_eq!(report.noticed, ["1 of 2 rows match no subscription, such as `x`"]);
    assert_eq!(report.decided[1]["origins"]["channel"], "table");
    assert_eq!(report.decided[3]["origins"]["term_phase"], "default");
    let refused = run(&["report", "--channel", "opne", &cases], b"");
    assert_eq!(refused.status.code(), Some(2));
    assert!(text(&refused.stderr).contains("other_csp_partner"), "{}", text(&refused.stderr));
    let help = run(&["report", "--help"], b"");
    assert!(text(&help.stdout).contains("Where did the customer buy the subscription?"));
}

/// The channel of a directory subscription depends on the known tenants.
#[test]
fn tenants_of_partners() {
    let folder = Folder::new("tenants");
    let directory = folder.write(
        "d.json",
        r#"{"value": [{"id": "1", "status": "Enabled", "ownerTenantId": "AA"}, {"id": "2", "status": "Enabled", "ownerTenantId": "bb"},
            {"id": "3", "status": "Enabled", "ownerTenantId": null}, {"id": "4", "status": "Enabled", "ownerTenantId": "dd"},
            {"id": "5", "status": "Enabled", "ownerTenantId": "ee"}]}"#,
    );
    let tenants = folder.write("t.csv", "id,channel\nbb,\ndd,former_csp_partner\n");
    let flags =
        ["report", "--partner", "direct_bill", "--own-tenant", "aa", "--other-tenants", &tenants];
    let report = Report::new("tenants-of", &[&flags[..], &[&directory]].concat());
    let channels = ["1", "2", "3", "4", "5"].map(|id| report.fact(id, "channel").clone());
    let expected =
        json!(["this_partner", "other_csp_partner", "direct", "former_csp_partner", null]);
    assert_eq!(json!(channels), expected);
}

/// Identical errors are one line, with the position of the first.
#[test]
fn refusals_are_grouped() {
    let folder = Folder::new("grouped");
    let bad: Vec<_> =
        (1..=9).map(|at| format!("{{\"id\":\"{at}\",\"isEligible\":true}}")).collect();
    let bad = bad.join("\n");
    let file = folder.write("bad.jsonl", format!("{{\"id\":\"x\",\"channel\":\"open\"}}\n{bad}"));
    let output = run(&["report", "--as-of", "2026-08-12", &file], b"");
    assert_eq!(output.status.code(), Some(1));
    let printed = text(&output.stdout).replace('\n', " ");
    let printed = printed.split_whitespace().collect::<Vec<_>>().join(" ");
    let line = "bad.jsonl, line 2 (1): a transfer eligibility, expected a subscription: give the file to `--eligibility`";
    assert!(printed.contains(&format!("9 {}", folder.name(line))), "{printed}");
    let (markdown, html) = (folder.name("r.md"), folder.name("r.html"));
    run(&["report", "-o", &markdown, "-o", &html, &file], b"");
    assert_eq!(folder.read("r.md").matches("transfer eligibility").count(), 1);
    assert_eq!(folder.read("r.html").matches("transfer eligibility").count(), 1);
}

/// Names stay text in terminals, pages, spreadsheets and tables.
#[test]
fn names_are_text_in_every_report() {
    let names = [
        "=1+1",
        "+1",
        "-1",
        "@sum",
        "<b>&\"'|`*_[x](y)",
        "a\u{202e}b",
        "two\nlines",
        "x;=1",
        "\u{1b}[31m",
    ];
    let folder = Folder::new("names");
    let items: Vec<_> = names.iter().enumerate()
        .map(|(at, name)| json!({"id": format!("{at}"), "offerId": "x", "friendlyName": name, "customerId": name}))
        .collect();
    let cases = folder.write("s.json", json!(items).to_string());
    let reports = ["r.csv", "r.md", "r.html", "r.jsonl"].map(|name| folder.name(name));
    let outputs: Vec<&str> = reports.iter().flat_map(|report| ["-o", report]).collect();
    let output = run(&[&["report"], &outputs[..], &[&cases]].concat(), b"");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let mut table = csv::Reader::from_path(&reports[0]).expect("a table");
    let found: Vec<String> = table.records().map(|row| row.expect("a row")[2].to_owned()).collect();
    let expected =
        ["'=1+1", "'+1", "'-1", "'@sum", names[4], names[5], "two\nlines", "x;'=1", "\\u{1b}[31m"];
    assert_eq!(found, expected);
    let markdown = folder.read("r.md");
    assert!(markdown.contains("&lt;b&gt;&amp;\"'\\|\\`\\*\\_\\[x\\](y)"), "{markdown}");
    assert!(markdown.contains("a\\\\u{202e}b") && markdown.contains("two\\\\nlines"), "{markdown}");
    let html = folder.read("r.html");
    assert!(!html.contains("<b>&") && html.contains("&#60;b&#62;&#38;"), "escaped");
    assert!(!html.contains(['\u{202e}', '\u{1b}']), "steers");
    for explain in [&[][..], &["--explain"]] {
        let output = run(&[&["report", &cases], explain].concat(), b"");
        assert!(!text(&output.stdout).contains(['\u{202e}', '\u{1b}']), "steers");
    }
}

/// A source of a custom rulebook is a link only if it is a valid address.
#[test]
fn sources_are_links() {
    let folder = Folder::new("links");
    let html = folder.name("r.html");
    run(&[P, &["-o", &html, &field("25-subscriptions.json")]].concat(), b"");
    let page = folder.read("r.html");
    assert!(page.contains(r#"<a href="https://"#), "links");
    assert!(!page.contains("<script src") && !page.contains("http-equiv=\"refresh\""));
    let policy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'";
    assert!(page.contains(policy));
}

/// Text, Markdown and HTML show origins and notes.
#[test]
fn origins_and_notes_in_every_format() {
    let folder = Folder::new("origins");
    let (markdown, html, csv) = (folder.name("r.md"), folder.name("r.html"), folder.name("r.csv"));
    let file = field("02-psmodule-converttojson51.json");
    let output = run(&[P, &[&file]].concat(), b"");
    run(&[P, &["-o", &markdown, "-o", &html, "-o", &csv, "--explain", &file]].concat(), b"");
    let explained = run(&[P, &["--explain", &file]].concat(), b"");
    for printed in [text(&output.stdout), &folder.read("r.md"), &folder.read("r.html")] {
        assert!(printed.contains("Origins of facts"), "{printed}");
        let words: Vec<&str> = printed.split_whitespace().collect();
        assert!(words.join(" ").contains("the list is older than the renewal"), "{printed}");
    }
    for (printed, fact) in [
        (text(&explained.stdout), "channel: other csp partner (default)"),
        (&folder.read("r.md"), "- channel: other csp partner (default)"),
        (&folder.read("r.html"), "<dt>channel<dd>other csp partner <i>default</i>"),
        (&folder.read("r.csv"), "channel: default; service: rule "),
    ] {
        assert!(printed.contains(fact), "{printed}");
    }
    assert!(folder.read("r.csv").contains("`commitmentEndDate`"));
    let totals = "1 subscription decided, 0 invalid, as of 2026-08-12 (edition 2026-05-04)\n";
    assert!(text(&output.stdout).starts_with(totals));
    assert_eq!(text(&output.stdout).matches(totals).count(), 2);
    assert!(text(&output.stdout).lines().all(|line| line.chars().count() <= 80));
}

#[test]
fn standard_input_of_any_format() {
    for input in [&br#"[{"id":"a"}]"#[..], b"{\"id\":\"a\"}\n", b"id,channel\na,open\n"] {
        for file in [&["-"][..], &[]] {
            let output = run(&[&["report", "--as-of", "2026-08-12"], file].concat(), input);
            assert_eq!(output.status.code(), Some(0));
            assert!(text(&output.stdout).starts_with("1 subscription decided, 0 invalid"));
        }
    }
}

#[track_caller]
fn refuses(arguments: &[&str], error: &str) {
    let output: Output = run(&[&["report"], arguments].concat(), b"");
    let printed = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {printed}");
    assert!(printed.contains(error), "{arguments:?}: {printed}");
}

#[test]
fn files_that_cannot_be_used() {
    let folder = Folder::new("unusable");
    let table = folder.write("subscriptions.csv", "id\na\n");
    let sheet = folder.write("book.xlsx", b"PK\x03\x04rest");
    let near = folder.name("subscription.csv");
    refuses(&[&near], &format!("there is no such file; did you mean `{table}`?"));
    refuses(&[&folder.name("quite-another.json")], "there is no such file\n");
    refuses(&[&folder.name("")], "a folder, expected a file");
    refuses(&[&sheet], "a spreadsheet file or an archive, expected text: save it as CSV or JSON");
    refuses(&["--facts", &near, &table], "did you mean");
    refuses(
        &["-o", "report.pdf", &table],
        "`report.pdf` has an unknown report format, expected `.html`",
    );
    refuses(&["-o", &table, &table], "is already an input or output");
    refuses(&["-o", &folder.name("no/r.csv"), &table], "can't write");
    refuses(&["-", "--facts", "-"], "`-` is already an input or output");
    refuses(&["--as-of", "2016-11-30", &table], "no rule is in force");
    refuses(&["--compare", "2016-11-30", &table], "no rule is in force");
    refuses(&["--summary", "--explain", &table], "cannot be used with");
    // A failed run keeps the existing files.
    let old = folder.write("old.html", "OLD");
    refuses(&["-o", &old, &table, &sheet], "spreadsheet");
    assert_eq!(folder.read("old.html"), "OLD");
    assert_eq!(folder.files(), ["book.xlsx", "old.html", "subscriptions.csv"]);
}

/// Customers are sorted by best move; an existing relationship is not an obstacle.
#[test]
fn customers_in_order_of_what_can_be_done() {
    let folder = Folder::new("customers");
    let table = folder.write("t.csv", format!("{TABLE}gone,Aardvark,Gone,other_csp_partner,azure_plan,public,direct_bill,active,same,,deleted,none,,,\n"));
    let output =
        run(&["report", "--as-of", "2026-08-12", "--customer", "end_customer", &table], b"");
    let printed = text(&output.stdout);
    let order = ["Contoso ", "=Fabrikam ", "Aardvark "].map(|name| {
        printed.find(&format!("\n{name}")).unwrap_or_else(|| panic!("{name}: {printed}"))
    });
    assert!(order.is_sorted(), "{printed}");
    let obstacles = printed.split("Obstacles to a move").nth(1).expect("obstacles");
    let obstacles = obstacles.split("\n\n").next().expect("a section");
    assert!(!obstacles.contains("relationship-in-place"), "{obstacles}");
    assert!(!obstacles.contains("not-bought-elsewhere"), "{obstacles}");
    assert!(printed.contains(" 1 own"), "{printed}");
    let summary = run(&["report", "--as-of", "2026-08-12", "--summary", &table], b"");
    let summary = text(&summary.stdout);
    assert!(summary.contains("\nContoso ") && !summary.contains("\nOffice "), "{summary}");
    assert!(
        summary.contains("Not listed: 5 subscriptions; `--output report.csv` lists all"),
        "{summary}"
    );
}

/// A page of subscriptions does not name its customer: the table of facts does.
#[test]
fn customers_by_the_table_of_facts() {
    let folder = Folder::new("customers-of-facts");
    let subscriptions =
        folder.write("s.json", r#"{"items": [{"id": "83ef", "offerId": "MS-AZR-0145P"}]}"#);
    let facts = folder.write("facts.csv", "Subscription ID,Customer ID\n83ef,c1\n");
    let customers = folder.write(
        "customers.json",
        r#"{"items": [{"id": "C1", "companyProfile": {"companyName": "Contoso"}, "relationshipToPartner": "reseller"}]}"#,
    );
    let arguments = ["report", "--facts", &facts, "--customers", &customers, &subscriptions];
    let output = run(&arguments, b"");
    let printed = text(&output.stdout);
    assert!(printed.contains("\nContoso "), "{printed}");
    assert!(!printed.contains("matches no subscription"), "{printed}");
}

/// Without a customer, files of one name are apart.
#[test]
fn files_of_one_name() {
    let folder = Folder::new("files-of-one-name");
    let files = ["contoso", "fabrikam"].map(|name| {
        std::fs::create_dir_all(folder.name(name)).expect("a folder");
        folder.write(&format!("{name}/s.csv"), format!("id,channel\n{name},open\n"))
    });
    let output = run(&["report", &files[0], &files[1]], b"");
    let printed = text(&output.stdout);
    for file in &files {
        let joined = printed.replace('\n', "");
        assert!(
            joined.contains(&format!("s.csv ({file})")) || printed.contains("contoso/s.csv"),
            "{printed}"
        );
    }
}

/// The end of a term is a date even where nothing else changes then; dates are in the order of the days shown.
#[test]
fn ends_of_terms_are_next_dates() {
    let folder = Folder::new("ends");
    let table = folder.write(
        "ends.csv",
        "ID;Service;Channel;Auto renew;Purchased at;Ends on\n\
         renews;license;open;yes;2026-03-01;2027-02-28\n\
         window;new_commerce_license;open;yes;2026-11-24;2027-11-23\n\
         day;license;open;no;2026-01-01;2026-11-30\n\
         either;license,new_commerce_license;direct;no;2026-11-24;2027-11-23\n",
    );
    let output = run(&["report", "--as-of", "2026-11-27", &table], b"");
    let (_, dates) = text(&output.stdout).split_once("Next dates\n").expect("dates");
    let rows = dates.lines().skip(1).take_while(|line| !line.is_empty());
    let first = |row: &str| row.split_whitespace().take(3).collect::<Vec<_>>().join(" ");
    let days: Vec<String> = rows.map(first).collect();
    assert_eq!(
        days,
        [
            "2026-11-30 term ends",
            // Of two services, only one has a window that closes.
            "2026-12-01 cancellation window",
            "2026-12-01 cancellation window",
            "2027-02-28 term ends",
        ]
    );
}

/// Customers with the same name are kept apart.
#[test]
fn customers_of_one_name() {
    let folder = Folder::new("one-name");
    let item = |id: &str, of: &str| json!({"id": id, "offerId": "x", "customerId": of});
    let cases = folder
        .write("s.json", json!([item("a", "c1"), item("b", "C2"), item("c", "C1")]).to_string());
    let customer = |id: &str| json!({"id": id, "companyProfile": {"companyName": "Contoso"}});
    let customers = folder.write("c.json", json!([customer("c1"), customer("c2")]).to_string());
    let markdown = folder.name("r.md");
    run(&["report", "-o", &markdown, "--customers", &customers, &cases], b"");
    let report = folder.read("r.md");
    assert!(
        report.contains("## Contoso (c1)\n") && report.contains("## Contoso (c2)\n"),
        "{report}"
    );
}

#[test]
fn one_bad_subscription_among_ten_thousand() {
    let folder = Folder::new("ten-thousand");
    let item = |number| match number {
        7_777 => r#"{"id":"s-7777","code":1,"lineItems":[]}"#.into(),
        _ => format!(
            r#"{{"id":"s-{number}","offerId":"MS-AZR-0145P","billingType":"usage","status":"active"}}"#
        ),
    };
    let items: Vec<String> = (1..=10_002).map(item).collect();
    let page = folder
        .write("page.json", format!(r#"{{"totalCount":10002,"items":[{}]}}"#, items.join(",\n")));
    let report = Report::new("ten-thousand-of", &[P, &[&page]].concat());
    assert_eq!((report.decided.len(), report.refused.len(), report.noticed.len()), (10_001, 1, 0));
    assert_eq!(report.refused[0]["line"], 7_777);
    let output = run(&[P, &[&page]].concat(), b"");
    assert!(text(&output.stdout).contains("Not listed: 1 subscription; "));
    assert!(text(&output.stdout).contains("10,001 subscriptions decided, 1 invalid"));
}

#[test]
fn a_custom_rulebook_decides() {
    let rulebook = Path::new(env!("CARGO_MANIFEST_DIR")).join("../rulebook/tests/data/veto.toml");
    let portfolio =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../rulebook/tests/data/portfolio.jsonl");
    let (rulebook, portfolio) = (rulebook.display().to_string(), portfolio.display().to_string());
    let mut verdicts: BTreeMap<bool, Vec<String>> = BTreeMap::new();
    for by in [&[][..], &["--rulebook", &rulebook]] {
        let report = Report::new(
            "rulebook",
            &[&["report", "--as-of", "2026-11-27", &portfolio], by].concat(),
        );
        verdicts.insert(by.is_empty(), report.verdicts());
    }
    assert_ne!(verdicts[&true], verdicts[&false]);
}

#[cfg(unix)]
mod unix {
    use std::process::{Command, Stdio};
    use std::thread::sleep;
    use std::time::Duration;

    use super::{Folder, P, field, program, text};

    /// A run that is ended while it waits for input leaves no temporary file.
    #[test]
    fn signals_remove_what_was_begun() {
        for signal in ["INT", "TERM", "HUP"] {
            let folder = Folder::new(&format!("signal-{signal}"));
            let (csv, html) = (folder.name("r.csv"), folder.name("r.html"));
            let mut child = program(&["report", "-o", &csv, "-o", &html, "-"])
                .stdin(Stdio::piped())
                .spawn()
                .expect("the program starts");
            // Kept open: the end of the input would also end the run.
            let input = child.stdin.take();
            let begun = (0..500).find(|_| {
                sleep(Duration::from_millis(10));
                folder.files().len() == 2
            });
            assert!(begun.is_some(), "{:?}", folder.files());
            sleep(Duration::from_millis(50));
            let kill = ["-s", signal, &child.id().to_string()].map(str::to_owned);
            assert!(Command::new("kill").args(kill).status().expect("kill").success());
            assert!(!child.wait().expect("it ends").success());
            drop(input);
            assert_eq!(folder.files(), [""; 0], "{signal}");
        }
    }

    /// A closed pipe is not an error.
    #[test]
    fn closed_pipes() {
        let mut child =
            program(&[P, &[&field("25-subscriptions.json")]].concat()).spawn().expect("a start");
        drop(child.stdout.take());
        assert_eq!(child.wait().expect("it ends").code(), Some(0));
        for form in ["csv", "jsonl", "md", "html"] {
            let folder = Folder::new(&format!("pipe-{form}"));
            let pipe = folder.name(&format!("r.{form}"));
            assert!(Command::new("mkfifo").arg(&pipe).status().expect("mkfifo").success());
            let other = folder.name("other.csv");
            let child = program(
                &[P, &["-o", &pipe, "-o", &other, &field("25-subscriptions.json")]].concat(),
            )
            .spawn()
            .expect("a start");
            drop(std::fs::File::open(&pipe).expect("the other end"));
            let output = child.wait_with_output().expect("it ends");
            assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
            assert!(folder.read("other.csv").starts_with("id,customer_name,name,"));
        }
    }

    /// A report has the permissions of any new file, and a link stays a link.
    #[test]
    fn reports_take_their_places() {
        use std::os::unix::fs::PermissionsExt;

        let folder = Folder::new("places");
        folder.write("plain", "");
        folder.write("real.csv", "OLD");
        std::os::unix::fs::symlink("real.csv", folder.name("link.csv")).expect("a link");
        let (csv, link) = (folder.name("r.csv"), folder.name("link.csv"));
        let output =
            program(&[P, &["-o", &csv, "-o", &link, &field("25-subscriptions.json")]].concat())
                .output()
                .expect("a run");
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        let mode =
            |name: &str| std::fs::metadata(folder.name(name)).expect("a file").permissions().mode();
        assert_eq!(mode("r.csv"), mode("plain"));
        assert!(std::fs::symlink_metadata(&link).expect("a link").is_symlink());
        assert!(folder.read("real.csv").starts_with("id,"));
        assert_eq!(folder.files(), ["link.csv", "plain", "r.csv", "real.csv"]);
        // A folder can't be replaced, and nothing else is then.
        let inside = folder.name("folder.csv");
        std::fs::create_dir(&inside).expect("a folder");
        let arguments = [P, &["-o", &link, "-o", &inside]].concat();
        let output = program(&arguments).stdin(Stdio::null()).output().expect("a run");
        assert_eq!(output.status.code(), Some(2));
        assert!(text(&output.stderr).contains("it is a folder"), "{}", text(&output.stderr));
        assert!(folder.read("real.csv").lines().count() > 1);
    }

    /// In a terminal without a file, the sample is used, with current dates.
    #[test]
    fn a_sample_in_a_terminal() {
        let program = env!("CARGO_BIN_EXE_multichannel");
        for day in ["2026-11-24", "2031-02-03"] {
            let command = format!("{program} report --as-of {day} --partner direct_bill --summary");
            let mut session = rexpect::spawn(&command, Some(20_000)).expect("a terminal");
            session.exp_string("40 subscriptions decided, 0 invalid").expect("the totals");
            session.exp_string("best verdict on a move: 1").expect("something open");
            session.exp_string("Alpine Ski Schools").expect("a customer");
            session.exp_eof().expect("the end");
        }
    }
}
