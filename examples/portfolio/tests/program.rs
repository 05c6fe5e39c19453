//! The program, run as a user would.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use csp_multichannel::{Answer, Case, Channel, DecisionRecord, Rulebook, Service, Verdict, parse_instant};
use serde::Deserialize;
use tempfile::TempDir;

const AS_OF: &str = "2026-11-24";

fn sample(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("sample").join(name).display().to_string()
}

fn run(arguments: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_portfolio"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program");
    let mut stdin = child.stdin.take().expect("a pipe");
    let input = input.to_vec();
    let writer = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().expect("it ends");
    // A program that refuses its arguments does not read its input.
    let _ = writer.join().expect("no panic");
    output
}

/// A folder of a test's own, and files in it.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn name(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) -> String {
        fs::write(self.path(name), text).expect("a file");
        self.name(name)
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).expect("a report")
    }
}

/// A line of a report as JSON Lines.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Line {
    Decided(DecisionRecord),
    Refused(Refused),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Refused {
    id: Option<String>,
    file: String,
    line: Option<u64>,
    item: Option<u64>,
    error: String,
}

/// Runs to JSON Lines; exit status 1 where something was refused.
#[track_caller]
fn lines(arguments: &[&str]) -> Vec<Line> {
    let folder = Folder::new();
    let report = folder.name("report.jsonl");
    let output = run(&[&["--as-of", AS_OF, "--output", &report], arguments].concat(), b"");
    let text = folder.read("report.jsonl");
    let lines: Vec<Line> = text.lines().map(|line| serde_json::from_str(line).expect("a record")).collect();
    let refused = lines.iter().any(|line| matches!(line, Line::Refused(_)));
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(i32::from(refused)), "{said}");
    lines
}

fn decided(lines: &[Line]) -> Vec<&DecisionRecord> {
    lines.iter().filter_map(|line| if let Line::Decided(record) = line { Some(record) } else { None }).collect()
}

fn refused(lines: &[Line]) -> Vec<&Refused> {
    lines.iter().filter_map(|line| if let Line::Refused(refused) = line { Some(refused) } else { None }).collect()
}

#[test]
fn the_sample_is_forty_subscriptions_in_a_terminal_report() {
    let output = run(&["--as-of", AS_OF], b"");
    assert_eq!((output.status.code(), output.stderr.len()), (Some(0), 0));
    let text = String::from_utf8(output.stdout).expect("text");
    assert!(text.starts_with(
        "As of 2026-11-24T00:00:00Z, by the edition of 2026-05-04: 40 subscriptions decided, 0 refused\n"
    ));
    for heading in
        ["Ways open", "What stands in the way", "What has to be met first", "Facts worth asking for", "Next to close"]
    {
        assert!(text.contains(&format!("\n{heading}\n")), "{heading}");
    }
    let customers = ["Alpine Ski Schools AG", "مكتبة النور", "Harbor County Water District", "Fjell & Fjord Drift AS"];
    for customer in customers {
        assert!(text.contains(&format!("\n{customer}\n")), "{customer}");
    }
    // Not a terminal: no colour, and no wider than can be read.
    assert!(!text.contains('\u{1b}'));
    let summary = run(&["--as-of", AS_OF, "--summary"], b"");
    let summary = String::from_utf8(summary.stdout).expect("text");
    assert!(
        summary.ends_with("\nNot listed here: 40 subscriptions. --output report.csv or report.jsonl has all of them\n")
    );
    assert!(text.starts_with(summary.split("\nNot listed here").next().expect("a summary")));
}

/// Every channel and service occurs, and every verdict.
#[test]
fn the_sample_has_a_bit_of_everything() {
    let folder = Folder::new();
    run(&["--as-of", AS_OF, "--output", &folder.name("r.csv"), "--output", &folder.name("r.jsonl")], b"");
    let table = folder.read("r.csv");
    let words = Channel::ALL.iter().map(|word| word.as_str()).chain(Service::ALL.iter().map(|word| word.as_str()));
    for word in words {
        assert!(table.lines().any(|line| line.split(',').any(|cell| cell == word)), "{word}");
    }
    let decisions = folder.read("r.jsonl");
    for verdict in Verdict::ALL {
        assert!(decisions.contains(&format!(r#":{{"verdict":"{verdict}""#)), "{verdict}");
    }
}

/// The same portfolio as REST pages and as our own records: where both know a verdict, it is the same.
#[test]
fn rest_and_csv_agree() {
    let rest = lines(&[]);
    let csv = lines(&[&sample("portfolio.csv")]);
    let (rest, csv) = (decided(&rest), decided(&csv));
    assert_eq!((rest.len(), csv.len()), (40, 40));
    let mut same = 0;
    for (rest, csv) in rest.iter().zip(csv) {
        assert_eq!(rest.id, csv.id);
        for (action, told) in &csv.verdicts {
            // The interface narrows some facts to a few values, which a record cannot hold.
            if told.verdict == Verdict::Undetermined {
                assert!(
                    told.possible.contains(&rest.verdicts[action].verdict) || rest.verdicts[action] == *told || {
                        rest.verdicts[action].possible.iter().all(|verdict| told.possible.contains(verdict))
                    }
                );
            } else {
                assert_eq!(rest.verdicts[action], *told, "{} {action}", rest.id);
                same += 1;
            }
        }
    }
    assert!(same > 150, "{same}");
}

/// JSON Lines in, JSON Lines out: what the library says of each case, to the letter.
#[test]
fn a_report_as_json_lines_is_the_librarys_own_record() {
    let scenarios = include_str!("../../../tests/data/scenarios.jsonl");
    let at = parse_instant(AS_OF).expect("a day");
    let edition = Rulebook::partner_center().edition_at(at).expect("an edition");
    let mut input = String::new();
    let mut expected = String::new();
    for scenario in scenarios.lines() {
        let scenario: serde_json::Value = serde_json::from_str(scenario).expect("a scenario");
        let case: Case = serde_json::from_value(scenario["case"].clone()).expect("a case");
        let answer = Answer { id: &case.id, as_of: at, decision: edition.decide(case.facts(at)) };
        for (text, record) in
            [(&mut input, serde_json::to_string(&case)), (&mut expected, serde_json::to_string(&answer))]
        {
            text.push_str(&record.expect("JSON"));
            text.push('\n');
        }
    }
    let folder = Folder::new();
    let output =
        run(&["--as-of", AS_OF, "--output", &folder.name("r.jsonl"), &folder.write("cases.jsonl", &input)], b"");
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(folder.read("r.jsonl"), expected);
}

/// Where each refused subscription of a file stands, and what is said of it.
#[track_caller]
fn holds_refused(file: &str, decided_count: usize, expected: &[(u64, Option<&str>, &str)]) {
    let lines = lines(&[&sample(file)]);
    let found = refused(&lines);
    for refused in &found {
        assert!(refused.file.ends_with(file), "{refused:?}");
        assert!(refused.line.is_some() != refused.item.is_some(), "{refused:?}");
    }
    let places: Vec<u64> = found.iter().filter_map(|refused| refused.line.or(refused.item)).collect();
    assert_eq!(places, expected.iter().map(|&(place, ..)| place).collect::<Vec<_>>());
    for (refused, &(place, id, error)) in found.iter().zip(expected) {
        assert_eq!(refused.id.as_deref(), id, "{place}");
        assert!(refused.error.contains(error), "{place}: {}", refused.error);
    }
    assert_eq!(decided(&lines).len(), decided_count);
}

#[test]
fn what_is_wrong_in_rest_costs_itself_alone() {
    let lines = lines(&[&sample("wrong.json")]);
    let found: Vec<(u64, bool, &str)> = refused(&lines)
        .into_iter()
        .map(|refused| (refused.item.expect("an item"), refused.id.is_some(), refused.error.as_str()))
        .collect();
    let expected = [
        (2, false, "`id` of the Subscription is missing, expected a string"),
        (3, false, "`id` of the Subscription is 3, expected a string"),
        (5, true, "`effectiveStartDate` of the Subscription is"),
        (7, true, "`autoRenewEnabled` of the Subscription is \"yes\", expected `true` or `false`"),
        (8, false, "expected a Subscription as an object, found null"),
        (10, false, "expected a Subscription as an object, found […]"),
        (11, false, "expected a Subscription as an object, found \""),
        (12, true, "`offerId` of the Subscription is given twice, expected at most once"),
        (17, true, "`quantity` of the Subscription is 0.5, expected a whole number"),
        (18, true, "`productType` of the Subscription is \""),
        (19, true, "`expiresAfter` of the refundOptions is \"tomorrow\", expected an RFC 3339 instant"),
        (20, true, "`commitmentEndDate` of the Subscription is "),
    ];
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for (found, expected) in found.iter().zip(expected) {
        assert_eq!((found.0, found.1), (expected.0, expected.1));
        assert!(found.2.contains(expected.2), "{found:?}");
    }
    assert_eq!(decided(&lines).len(), 10);
}

#[test]
fn what_is_wrong_in_csv_costs_itself_alone() {
    holds_refused(
        "wrong.csv",
        8,
        &[
            (3, Some("line-03"), "`channel` is \"opne\", expected one of `direct`, "),
            (4, Some("line-04"), "`ends_on` is \"2027-02-29\", expected a day such as"),
            (5, Some("line-05"), "`purchased_at` is \"02.03.2026 09:15\", expected an RFC 3339 instant"),
            (7, Some("line-07"), "the row has 7 cells, expected 16, as there are columns"),
            (8, Some("line-08"), "the row has 18 cells, expected 16, as there are columns"),
            (11, Some("line-11"), "the usage-based service `azure` has no term"),
            (12, None, "`id` is missing, expected a string"),
            (14, Some("line-14"), "is before `purchased_at`"),
            (16, Some("line-16"), "`auto_renew` is \"yes\", expected `true` or `false`"),
            (17, Some("line-17"), "`ends_on` is missing"),
            (21, Some("line-21"), "`purchased_at` is missing"),
        ],
    );
}

#[test]
fn what_is_wrong_in_json_lines_costs_itself_alone() {
    let lines = lines(&[&sample("wrong.jsonl")]);
    let places: Vec<u64> = refused(&lines).iter().filter_map(|refused| refused.line).collect();
    assert_eq!(places, [2, 3, 4, 5, 7, 8, 9, 10, 13, 14, 15, 16, 17, 18, 20, 21, 22, 23, 24, 25, 27]);
    let ids: Vec<&str> = decided(&lines).iter().map(|record| record.id.as_str()).collect();
    assert_eq!(ids.len(), 6, "{ids:?}");
    assert!(ids.contains(&"line-26-good-\"quoted\"-<b>-🎿"), "{ids:?}");
}

#[test]
fn one_bad_subscription_among_ten_thousand() {
    let item = |number| match number {
        7_777 => format!(r#"{{"id":"s-{number}","commitmentEndDate":"soon"}}"#),
        _ => format!(r#"{{"id":"s-{number}","offerId":"MS-AZR-0145P","billingType":"usage","status":"active"}}"#),
    };
    let items: Vec<String> = (1..=10_000).map(item).collect();
    let folder = Folder::new();
    let path = folder.write("page.json", format!(r#"{{"totalCount":10000,"items":[{}]}}"#, items.join(",\n")));
    let lines = lines(&[&path]);
    let refused = refused(&lines);
    assert_eq!((decided(&lines).len(), refused.len()), (9_999, 1));
    let Refused { id, file, item, error, .. } = refused[0];
    assert_eq!((id.as_deref(), file.as_str(), *item), (Some("s-7777"), path.as_str(), Some(7_777)));
    assert!(
        error.starts_with("`commitmentEndDate` of the Subscription is \"soon\", expected an RFC 3339 instant"),
        "{error}"
    );
}

/// What was read before the break is decided; the rest of that file is told as lost, and other files are read.
#[test]
fn a_truncated_file_costs_its_end() {
    let folder = Folder::new();
    let broken = folder.write("broken.json", r#"{"items":[{"id":"a"},{"id":"b"},{"id":"c","offerId"#);
    let good = folder.write(
        "good.json",
        r#"[{"id":"d"}]{"id":"e"}
        {"items":[{"id":"f"}]}"#,
    );
    let lines = lines(&[&broken, &good]);
    let ids: Vec<&str> = decided(&lines).iter().map(|record| record.id.as_str()).collect();
    assert_eq!(ids, ["a", "b", "d", "e", "f"]);
    let refused = refused(&lines);
    assert_eq!((refused.len(), refused[0].line), (1, Some(1)));
    assert!(refused[0].error.ends_with("; nothing behind it in this file was read"), "{}", refused[0].error);
}

#[test]
fn flags_fill_in_what_records_leave_open() {
    let folder = Folder::new();
    let cases = folder.write("cases.csv", "id,channel,service\na,open,azure\nb,,azure\nc,,\nd,,license\n");
    let facts = folder.write("facts.csv", "\u{feff}ID;Channel;Service\nB;advisor;license\nx;open;\n");
    let report = folder.name("report.csv");
    let output = run(&["--as-of", AS_OF, "--channel", "direct", "--facts", &facts, "--output", &report, &cases], b"");
    assert_eq!(output.status.code(), Some(0));
    let said = String::from_utf8(output.stderr).expect("text");
    assert!(said.starts_with("facts that are of no subscription: 1, such as those of `x`\n"), "{said}");
    let report = folder.read("report.csv");
    let rows: Vec<Vec<&str>> = report.lines().map(|line| line.split(',').take(5).collect()).collect();
    assert_eq!(rows[0], ["id", "customer_name", "name", "channel", "service"]);
    let told: Vec<[&str; 3]> = rows[1..].iter().map(|row| [row[0], row[3], row[4]]).collect();
    // The record comes first, then the facts by id, then the flags.
    assert_eq!(
        told,
        [["a", "open", "azure"], ["b", "advisor", "azure"], ["c", "direct", ""], ["d", "direct", "license"]]
    );
}

/// A flag that contradicts a record's dates costs that record.
#[test]
fn a_flag_that_contradicts_a_record() {
    let folder = Folder::new();
    let cases = folder.write("cases.csv", "id,purchased_at,ends_on\na,2026-01-01T00:00:00Z,2026-12-31\nb,,\n");
    let lines = lines(&["--service", "azure", &cases]);
    let refused = refused(&lines);
    assert_eq!((refused[0].id.as_deref(), refused[0].line), (Some("a"), Some(2)));
    assert!(refused[0].error.starts_with("the usage-based service `azure` has no term"));
    assert_eq!(decided(&lines).len(), 1);
}

#[test]
fn tables_of_spreadsheets() {
    let folder = Folder::new();
    for (name, text) in [
        (
            "semicolons.csv",
            "id;auto_renew;cancellable_until;purchased_at;ends_on\n\"a;b\";TRUE;null;2026-01-01T00:00:00Z;2027-01-01\n",
        ),
        ("tabs.tsv", "\u{feff}ID\tAuto_Renew\r\na;b\tFalse\r\n\r\n"),
    ] {
        let lines = lines(&[&folder.write(name, text)]);
        let ids: Vec<&str> = decided(&lines).iter().map(|record| record.id.as_str()).collect();
        assert_eq!(ids, ["a;b"], "{name}");
    }
    for (text, error) in [
        ("id,chanel\na,open\n", "there is no column \"chanel\", expected some of `id`, `channel`, "),
        ("id,id\na,b\n", "column `id` is given twice, expected at most once"),
        ("channel\nopen\n", "there is no column `id`, expected it among some of `id`, "),
        ("", "there is no column `id`"),
        ("id,term\na,b\n", "there is no column \"term\""),
    ] {
        let lines = lines(&[&folder.write("table.csv", text), &sample("portfolio.csv")]);
        assert_eq!(decided(&lines).len(), 40);
        assert!(refused(&lines)[0].error.starts_with(error), "{text:?}: {}", refused(&lines)[0].error);
    }
    let lines = lines(&[&folder.write("latin.csv", b"id,name\na,\xe9t\xe9\nb,\n")]);
    assert_eq!(decided(&lines).len(), 1);
    assert_eq!(
        (refused(&lines)[0].line, refused(&lines)[0].error.as_str()),
        (Some(2), "the row is no UTF-8, expected text")
    );
}

/// A spreadsheet takes every cell as text, and Markdown shows what was written.
#[test]
fn names_are_text_in_every_report() {
    let names = ["=1+1", "+1", "-1", "@sum", "<b>&\"'|`*_[x](y)", "a\u{202e}b", "two\nlines"];
    let mut table = csv::Writer::from_writer(Vec::new());
    table.write_record(["id", "name", "customer_name"]).expect("a row");
    for name in names {
        table.write_record([name, name, name]).expect("a row");
    }
    let folder = Folder::new();
    let cases = folder.write("cases.csv", table.into_inner().expect("a table"));
    let reports = ["r.csv", "r.md", "r.html"].map(|name| folder.name(name));
    let output = run(&["--as-of", AS_OF, "-o", &reports[0], "-o", &reports[1], "-o", &reports[2], &cases], b"");
    assert_eq!(output.status.code(), Some(0));

    let mut report = csv::Reader::from_path(&reports[0]).expect("a table");
    let cells: Vec<[String; 3]> =
        report.records().map(|row| row.expect("a row")).map(|row| [0, 1, 2].map(|at| row[at].to_owned())).collect();
    for (cells, name) in cells.iter().zip(names) {
        let runs = name.starts_with(['=', '+', '-', '@']);
        let expected = if runs { format!("'{name}") } else { name.to_owned() };
        assert_eq!(*cells, [0, 1, 2].map(|_| expected.clone()));
    }
    let markdown = folder.read("r.md");
    assert!(markdown.contains("&lt;b&gt;&amp;\"'\\|\\`\\*\\_\\[x\\](y)"), "{markdown}");
    assert!(markdown.contains("a\\\\u{202e}b") && markdown.contains("two\\\\nlines"), "{markdown}");
    let html = folder.read("r.html");
    assert!(!html.contains("<b>&") && html.contains("&#60;b&#62;&#38;"), "escaped");
}

#[test]
fn standard_input_needs_a_format() {
    let output = run(&["--as-of", AS_OF, "-"], b"");
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).expect("text");
    assert_eq!(said, "error: what standard input is written in is not told, expected --format rest, jsonl or csv\n");
    let output = run(&["--as-of", AS_OF, "--format", "rest", "-"], br#"[{"id":"a"}]"#);
    assert_eq!(output.status.code(), Some(0));
    assert!(String::from_utf8_lossy(&output.stdout).contains(": 1 subscription decided, 0 refused\n"));
}

#[test]
fn unusable_arguments() {
    let folder = Folder::new();
    let cases = folder.write("cases.csv", "id\na\n");
    for (arguments, error) in [
        (&["--as-of", "2016-11-30"][..], "no rule is in force at 2016-11-30T00:00:00Z"),
        (&["--channel", "opne"], "unknown channel `opne`, expected one of `direct`, "),
        (&["no-such-file.csv"], "cannot read `no-such-file.csv`"),
        (&["cases.txt"], "what cases.txt is written in is not told"),
        (&["--output", "report.pdf"], "`report.pdf` does not say what to write, expected a name that ends in .html"),
        (&["--output", &cases, &cases], "is read and cannot be written as well"),
        (&["--output", "/no/such/folder/r.csv"], "cannot write `/no/such/folder/r.csv`"),
    ] {
        let output = run(arguments, b"");
        let said = String::from_utf8(output.stderr).expect("text");
        assert_eq!(output.status.code(), Some(2), "{arguments:?} {said}");
        assert!(said.contains(error), "{said}");
    }
    assert_eq!(folder.read("cases.csv"), "id\na\n");
}

/// What is told of every subscription of a page comes from the customer's record, and its eligibility.
#[test]
fn customers_and_eligibility() {
    let folder = Folder::new();
    let subscriptions = folder.write(
        "s.json",
        r#"[{"id":"A1","offerId":"DZH318Z0BPS6:0001:X","billingType":"usage","status":"active",
            "links":{"self":{"uri":"/customers/C-1/subscriptions/A1"}}}]"#,
    );
    let customers = folder.write(
        "c.json",
        r#"{"items":[{"id":"c-1","relationshipToPartner":"reseller","companyProfile":{"companyName":"Contoso"}},{"id":2}]}"#,
    );
    let eligibility = folder.write("e.json", r#"[{"id":"a1","isEligible":true}]"#);
    let report = folder.name("r.csv");
    let output = run(
        &["--as-of", AS_OF, "--customers", &customers, "--eligibility", &eligibility, "-o", &report, &subscriptions],
        b"",
    );
    // The bad customer is told like a bad subscription.
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).expect("text");
    assert!(said.contains("c.json, item 2: `id` of the Customer is 2, expected a string\n"), "{said}");
    let report = folder.read("r.csv");
    let row: Vec<&str> = report.lines().last().expect("a row").split(',').collect();
    assert_eq!(row[..5], ["A1", "Contoso", "", "", "azure_plan"]);
    assert_eq!((row[7], row[13]), ("active", "none"));
}

/// A report takes its place when it is whole: a run that fails leaves the old one, and an input under another name is not touched.
#[cfg(unix)]
#[test]
fn a_report_takes_its_place_when_it_is_whole() {
    let folder = Folder::new();
    let cases = folder.write("cases.csv", "id\na\n");
    for arguments in [&["nope.jsonl"][..], &[&cases, "--facts", "nope.csv"], &[&cases, "--output", "bad.txt"]] {
        let old = folder.write("old.html", "OLD");
        let output = run(&[&["--as-of", AS_OF, "--output", &old], arguments].concat(), b"");
        assert_eq!((output.status.code(), folder.read("old.html").as_str()), (Some(2), "OLD"), "{arguments:?}");
    }
    fs::hard_link(&cases, folder.path("other.csv")).expect("a link");
    let output = run(&["--as-of", AS_OF, "--output", &folder.name("other.csv"), &cases], b"");
    assert_eq!((output.status.code(), folder.read("cases.csv").as_str()), (Some(0), "id\na\n"));
    assert!(folder.read("other.csv").starts_with("id,customer_name,name,"));

    let again = folder.path(".").join("once.csv").display().to_string();
    let output = run(&["--as-of", AS_OF, "-o", &folder.name("once.csv"), "-o", &again, &cases], b"");
    let said = String::from_utf8(output.stderr).expect("text");
    assert!(said.contains("is to be written twice, expected each report once"), "{said}");
    // Nothing unfinished is left.
    let left = fs::read_dir(folder.0.path()).expect("the folder").filter_map(Result::ok);
    assert!(left.into_iter().all(|file| !file.file_name().to_string_lossy().starts_with(".portfolio-")));
}

#[test]
fn what_is_told_twice_is_filled_in_and_the_first_counts() {
    let folder = Folder::new();
    let cases = folder.write(
        "s.json",
        r#"[{"id":"a","links":{"self":{"uri":"/customers/c1/subscriptions/a"}}},
        {"id":"b","links":{"self":{"uri":"/customers/c2/subscriptions/b"}}}]"#,
    );
    let one = folder.write("one.csv", "id,channel\na,open\n");
    let two = folder.write("two.csv", "id,channel,market\nA,direct,same\n");
    let customers = folder.write(
        "c.json",
        r#"[{"id":"c1","companyProfile":{"companyName":"Contoso"}},{"id":"C1","relationshipToPartner":"reseller"},
            {"id":"c2","companyProfile":{"companyName":"Contoso"}}]"#,
    );
    let report = folder.name("r.csv");
    let facts = ["--facts", &one, "--facts", &two, "--customers", &customers];
    let output = run(&[&["--as-of", AS_OF, "-o", &report, &cases][..], &facts].concat(), b"");
    assert_eq!(output.status.code(), Some(0));
    let text = folder.read("r.csv");
    let rows: Vec<Vec<&str>> = text.lines().skip(1).map(|line| line.split(',').collect()).collect();
    assert_eq!([rows[0][1], rows[0][3], rows[0][7], rows[0][9]], ["Contoso (c1)", "open", "active", "same"]);
    assert_eq!(rows[1][1], "Contoso (c2)");

    // The caller's facts come before the sample's own.
    let id = "f3c95789-ace1-4954-ac5d-6baed2eac902";
    let facts = folder.write("f.csv", format!("id,channel\n{id},open\n"));
    run(&["--as-of", AS_OF, "-o", &report, "--facts", &facts], b"");
    let text = folder.read("r.csv");
    assert!(text.lines().any(|line| line.starts_with(id) && line.contains(",open,")), "{text}");
}

#[test]
fn what_is_of_no_use_is_told() {
    let folder = Folder::new();
    let (cases, empty) = (folder.write("s.json", r#"[{"id":"a"}]"#), folder.write("empty.json", ""));
    let customers = sample("customers.json");
    let output = run(&["--as-of", AS_OF, "--summary", "--customers", &customers, &cases], b"");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "nothing in --customers is of any subscription\n");
    let output = run(&["--as-of", AS_OF, "--summary", &empty], b"");
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        "nothing was read: there is no subscription in what was given\n"
    );
    let help = String::from_utf8(run(&["--help"], b"").stdout).expect("text");
    assert!(help.contains("Where it was bought: direct, advisor, own_advisor, open, "), "{help}");
}

#[test]
fn a_quote_that_is_not_closed_is_told() {
    let folder = Folder::new();
    for (text, count, line) in [
        ("id,name\na,x\nb,\"unclosed\nc,z\n".to_owned(), 1, 3),
        ("id,name\na,x\nb,\"unclosed".to_owned(), 1, 3),
        ("id,\"name\na,x\n".to_owned(), 0, 1),
        (format!("id,name\na,x\nb,\"{}", "y\n".repeat(3 << 20)), 1, 3),
    ] {
        let lines = lines(&[&folder.write("table.csv", text)]);
        let refused = refused(&lines);
        assert_eq!((decided(&lines).len(), refused.len(), refused[0].line), (count, 1, Some(line)));
        assert!(refused[0].error.starts_with("a quote is not closed"), "{}", refused[0].error);
    }
    // Of an id that is not closed, nobody knows where it ends.
    {
        let lines = lines(&[&folder.write("table.csv", "id,name\n\"a,x\nb,y\n")]);
        assert_eq!((refused(&lines)[0].line, &refused(&lines)[0].id), (Some(2), &None));
    }
    // Closed quotes at the end, and none at all.
    for text in ["id,name\na,\"x\"", "id,name\na,x", "\n\nid;name\na;\"x;\ny\"\n"] {
        let lines = lines(&[&folder.write("table.csv", text)]);
        assert_eq!((decided(&lines).len(), refused(&lines).len()), (1, 0), "{text:?}");
    }
}

/// Lines as Windows or an old Mac ends them, blank ones, cells of several; and what the program itself puts behind an input.
#[test]
fn a_row_is_told_with_the_line_on_which_it_begins() {
    let folder = Folder::new();
    let tables: [(&[u8], u64, usize); 7] = [
        (b"id,name\r\na,x\r\n\r\nb\r\n", 4, 1),
        (b"id,name\ra,x\r\rb", 4, 1),
        (b"\n\nid,name\n\na,\"x\r\ny\"\n\nb\n", 8, 1),
        (b"id,name\r\n\r\nb,\"x\r\ny\r\n", 3, 0),
        (b"id\n\x03\na\nb,c\n", 4, 2),
        (b"id,name\na,\"x\n\x03\n\"\nb\nc,x\n", 5, 2),
        (b"id,name\na,x\nb,\"\xff\nc,x\n", 3, 1),
    ];
    for (text, line, count) in tables {
        let lines = lines(&[&folder.write("table.csv", text)]);
        let found: Vec<Option<u64>> = refused(&lines).iter().map(|refused| refused.line).collect();
        assert_eq!((found, decided(&lines).len()), (vec![Some(line)], count), "{}", text.escape_ascii());
    }
}

#[test]
fn formulas_in_disguise() {
    let folder = Folder::new();
    let names = ["＝1+1", "x;=1+1;y", "\u{feff}=1", "\u{0}=1", " =1", "a\u{1b}[31m", "a;b", "x-1"];
    let items: Vec<_> = names.iter().map(|name| serde_json::json!({"id": "a", "friendlyName": name})).collect();
    let cases = folder.write("s.json", serde_json::to_string(&items).expect("JSON"));
    let report = folder.name("r.csv");
    run(&["--as-of", AS_OF, "-o", &report, &cases], b"");
    let mut table = csv::Reader::from_path(&report).expect("a table");
    let found: Vec<String> = table.records().map(|row| row.expect("a row")[2].to_owned()).collect();
    let expected = ["'＝1+1", "x;'=1+1;y", "'\u{feff}=1", "'\\u{0}=1", "' =1", "a\\u{1b}[31m", "a;b", "x-1"];
    assert_eq!(found, expected);
}

/// A word as long as a file does not keep the terminal's report from ending.
#[test]
fn a_long_name_is_cut() {
    let folder = Folder::new();
    let name = "N".repeat(1 << 20);
    let cases = folder.write("s.json", format!(r#"[{{"id":"a","friendlyName":"{name}"}}]"#));
    let output = run(&["--as-of", AS_OF, &cases], b"");
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stdout.len() < 20_000 && String::from_utf8_lossy(&output.stdout).contains('…'));
}

/// A reader that goes away is no error, and hides none.
#[test]
fn a_reader_that_goes_away() {
    for (file, status) in [("portfolio.csv", 0), ("wrong.csv", 1)] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_portfolio"))
            .args(["--as-of", AS_OF, &sample(file)])
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program");
        drop(child.stdout.take());
        assert_eq!(child.wait().expect("it ends").code(), Some(status));
    }
}
