//! Markdown: what all comes to, then the subscriptions by customer.

use std::fmt::Write as _;
use std::io::{self, Write};
use std::rc::Rc;

use chrono::{DateTime, Utc};
use csp_multichannel::{Action, Fact, Verdict};

use super::{Listing, Report, counted, printable, words};
use crate::entry::{Entry, Refused};
use crate::outcome::{Outcome, Way};
use crate::summary::Summary;

pub(super) struct Markdown {
    file: Box<dyn Write>,
    listing: Listing,
}

impl Markdown {
    pub(super) fn to(file: Box<dyn Write>, listing: Listing) -> Self {
        Self { file, listing }
    }
}

/// Text that stays text in Markdown, in a cell of a table too.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for c in printable(text).chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            // Neither addresses nor mentions become links.
            ':' => escaped.push_str("&#58;"),
            '@' => escaped.push_str("&#64;"),
            '.' if escaped.to_ascii_lowercase().ends_with("www") => escaped.push_str("&#46;"),
            '>' => escaped.push_str("&gt;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '~' | '!' => escaped.extend(['\\', c]),
            _ => escaped.push(c),
        }
    }
    escaped
}

/// A section with a table, where there is something in it.
fn section(
    text: &mut String,
    heading: &str,
    columns: impl IntoIterator<Item = impl Into<String>>,
    rows: impl IntoIterator<Item = Vec<String>>,
) {
    let mut rows = rows.into_iter().peekable();
    if rows.peek().is_none() {
        return;
    }
    let columns: Vec<String> = columns.into_iter().map(Into::into).collect();
    let _ = write!(text, "\n## {heading}\n\n| {} |\n|{}\n", columns.join(" | "), " --- |".repeat(columns.len()));
    for row in rows {
        let _ = writeln!(text, "| {} |", row.join(" | "));
    }
}

impl Report for Markdown {
    fn entry(&mut self, entry: &Entry, outcome: &Rc<Outcome>, _: DateTime<Utc>) -> io::Result<()> {
        self.listing.add(entry, outcome);
        Ok(())
    }

    fn refused(&mut self, refused: &Refused) -> io::Result<()> {
        self.listing.add_refused(refused);
        Ok(())
    }

    fn finish(mut self: Box<Self>, summary: &Summary) -> io::Result<()> {
        let mut text = format!(
            "# Portfolio as of {:?}\n\nBy the edition of {}: {} decided, {} refused.\n",
            summary.as_of,
            summary.edition.since(),
            counted(summary.decided),
            summary.refused
        );
        let ways = Action::ALL.iter().map(|&action| {
            let counts = Verdict::ALL.iter().map(|&verdict| summary.with(action, verdict).to_string());
            [words(action)].into_iter().chain(counts).collect()
        });
        let headings = ["action"].into_iter().map(Into::into).chain(Verdict::ALL.iter().map(words));
        section(&mut text, "Ways open", headings, ways);
        let _ = writeln!(
            text,
            "\nA way is open for {}, only on conditions for {} more; for {} it cannot be told yet, for {} none is open.",
            summary.ways(Way::Open),
            summary.ways(Way::OnConditions),
            summary.ways(Way::NotYetKnown),
            summary.ways(Way::None)
        );
        let in_the_way = summary.in_the_way().into_iter();
        let in_the_way =
            in_the_way.map(|(rule, count)| vec![count.to_string(), code(rule.id()), rule.reason().to_owned()]);
        section(&mut text, "What stands in the way", ["subscriptions", "rule", "reason"], in_the_way);
        let required = summary.required().into_iter();
        let required = required.map(|(name, reason, count)| vec![count.to_string(), code(name), reason.to_owned()]);
        section(&mut text, "What has to be met first", ["subscriptions", "requirement", "reason"], required);
        let missing = summary.missing().into_iter();
        let missing =
            missing.map(|(fact, count)| vec![count.to_string(), code(fact.as_str()), format!("{:#}", fact.values())]);
        section(&mut text, "Facts worth asking for", ["subscriptions", "fact", "one of"], missing);
        let soonest = summary.soonest();
        let soonest = soonest.iter().map(|change| {
            vec![change.when(), change.kind.as_str().into(), escaped(&change.title), escaped(&change.customer)]
        });
        section(&mut text, "Next to close", ["when", "what", "subscription", "customer"], soonest);
        let refused = self.listing.refused.iter().map(|refused| {
            let id = escaped(refused.id.as_deref().unwrap_or_default());
            vec![escaped(&refused.file), refused.place.to_string(), id, escaped(&refused.error)]
        });
        section(&mut text, "Refused", ["file", "place", "id", "error"], refused);

        for (customer, entries) in &self.listing.customers {
            let columns = ["subscription", "id", "service", "channel"].map(Into::into).into_iter();
            let rows = entries.iter().map(|(entry, outcome)| row(entry, outcome));
            section(&mut text, &escaped(customer), columns.chain(Action::ALL.iter().map(words)), rows);
        }
        if self.listing.more > 0 {
            let _ = writeln!(text, "\nNot listed here: {}.", counted(self.listing.more));
        }
        self.file.write_all(text.as_bytes())?;
        self.file.flush()
    }
}

fn code(id: &str) -> String {
    format!("`{id}`")
}

fn row(entry: &Entry, outcome: &Outcome) -> Vec<String> {
    let fact = |fact| entry.values(fact).map_or_else(|| "?".into(), words);
    let verdicts = outcome.decision.verdicts().iter().map(|(action, verdict)| {
        let requirements: Vec<&str> = outcome.decision.requirements(action).collect();
        if requirements.is_empty() {
            words(verdict)
        } else {
            format!("{} ({})", words(verdict), words(requirements.join(", ")))
        }
    });
    let about = [escaped(entry.title()), escaped(&entry.case.id), fact(Fact::Service), fact(Fact::Channel)];
    about.into_iter().chain(verdicts).collect()
}
