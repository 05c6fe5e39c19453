//! The whole program, from a file to a report, answers the rows that its reader of CSV hands over: over every table of the corpus.

use std::fs;
use std::path::Path;

use clap::Parser;
use csp_multichannel::{Engagement, Subscription, parse_instant};
use portfolio::Options;
use serde::Deserialize;

/// A line of the report.
#[derive(Deserialize)]
struct Answer {
    id: Option<String>,
    line: Option<u64>,
    error: Option<String>,
}

#[test]
fn each_row_has_its_line_in_the_report() {
    const AS_OF: &str = "2026-11-24";
    let folder = tempfile::tempdir().expect("a folder");
    let [rows, report] = ["rows.csv", "report.jsonl"].map(|name| folder.path().join(name));
    let arguments = ["portfolio", "--as-of", AS_OF, "-o"].map(AsRef::as_ref);
    let options = Options::parse_from(arguments.into_iter().chain([report.as_os_str(), rows.as_os_str()]));
    let as_of = parse_instant(AS_OF).expect("a day");

    let tables = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/csv")).expect("a corpus");
    let mut answered = 0;
    for table in tables {
        let bytes = fs::read(table.expect("a table").path()).expect("a table");
        fs::write(&rows, &bytes).expect("a file");
        let run = portfolio::run(&options).expect("a report");
        let text = fs::read_to_string(&report).expect("a report");
        let answers: Vec<Answer> = text.lines().map(|line| serde_json::from_str(line).expect("a record")).collect();
        assert_eq!(run.decided + run.refused, answers.len() as u64);

        let read = portfolio_csv::read(&bytes, "rows.csv", (Subscription::default(), Engagement::new()), as_of);
        assert_eq!(answers.len(), read.len(), "{}", bytes.escape_ascii());
        for (answer, row) in answers.iter().zip(read) {
            match row {
                Ok(row) => assert_eq!((&answer.id, &answer.error), (&Some(row.case.id), &None)),
                Err(refused) => {
                    assert_eq!(answer.error.as_ref(), Some(&refused.error));
                    assert_eq!((&answer.id, answer.line), (&refused.id, Some(refused.line)));
                }
            }
        }
        answered += answers.len();
    }
    assert!(answered > 40, "{answered} rows");
}
