//! The inputs of a report: subscriptions, and further facts about them.

use std::collections::HashSet;
use std::io::{self, Cursor, IsTerminal};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use chrono::{DateTime, TimeDelta, Utc};
use csp_multichannel::Facts;
use csp_partner_center::{
    Context, Format, Item, Mapping, Reader, Record, RecordError, ResourceKind, UnexpectedKind,
};
use serde::Serialize;

use super::Options;
use crate::Failure;
use crate::input::{Source, refuse_same};
use crate::text::counted;

/// One part of the input.
pub(crate) enum Part {
    Mapped(Box<Mapped>),
    Refused(Refused),
    Noticed(Noticed),
}

/// A subscription that can be decided.
pub(crate) struct Mapped {
    pub(crate) mapping: Mapping,
    /// The facts on the compared day.
    pub(crate) facts_then: Option<Facts>,
    pub(crate) file: Rc<str>,
    pub(crate) line: usize,
}

/// An invalid record.
#[derive(Serialize)]
pub(crate) struct Refused {
    pub(crate) file: String,
    #[serde(flatten)]
    pub(crate) refusal: RecordError,
}

/// A note on an input as a whole.
#[derive(Serialize)]
pub(crate) struct Noticed {
    pub(crate) file: String,
    note: &'static str,
    pub(crate) message: String,
}

type Take<'t> = &'t mut dyn FnMut(Part) -> Result<(), Failure>;
type Act<'a> = &'a mut dyn FnMut(Record, &Rc<str>) -> Result<Option<Part>, UnexpectedKind>;

/// The inputs of one option, with the text of the sample.
struct List<'p> {
    option: &'static str,
    /// What the input lists, as a noun.
    thing: &'static str,
    sources: Vec<(Source<'p>, &'static str)>,
}

const SUBSCRIPTIONS: &str = include_str!("sample/subscriptions.json");
const FACTS: &str = include_str!("sample/facts.csv");
const CUSTOMERS: &str = include_str!("sample/customers.json");
const ELIGIBILITY: &str = include_str!("sample/eligibility.json");

/// All inputs of a run, the subscriptions last.
pub(crate) struct Inputs<'p>([List<'p>; 5]);

impl<'p> Inputs<'p> {
    /// Finds and checks the inputs and the output paths.
    pub(crate) fn new(options: &'p Options) -> Result<Self, Failure> {
        let is_sample = options.files.is_empty() && io::stdin().is_terminal();
        let list = |option, thing, paths: &'p [PathBuf], sample: &'static str| {
            let mut sources: Vec<_> =
                paths.iter().map(|path| (Source::of(Some(path)), "")).collect();
            sources.extend((is_sample && !sample.is_empty()).then_some((Source::Sample, sample)));
            List { option, thing, sources }
        };
        let mut files = list("", "subscription", &options.files, SUBSCRIPTIONS);
        if files.sources.is_empty() {
            files.sources.push((Source::StandardInput, ""));
        }
        let inputs = Self([
            list("--other-tenants", "tenant", options.other_tenants.as_slice(), ""),
            list("--facts", "row", &options.facts, FACTS),
            list("--customers", "customer", &options.customers, CUSTOMERS),
            list("--eligibility", "eligibility record", &options.eligibility, ELIGIBILITY),
            files,
        ]);
        let mut read = vec![options.by.source()];
        for (source, _) in inputs.0.iter().flat_map(|list| &list.sources) {
            source.check()?;
            if matches!(source, Source::StandardInput) && read.contains(&Some(source.clone())) {
                return Err(Failure::SameFile("-".into()));
            }
            read.push(Some(source.clone()));
        }
        let read: Vec<_> = read.iter().map(Option::as_ref).collect();
        refuse_same(&read, &options.output.iter().map(|path| &**path).collect::<Vec<&Path>>())?;
        Ok(inputs)
    }

    /// Reads everything.
    pub(crate) fn read(
        &self,
        options: &Options,
        as_of: DateTime<Utc>,
        take: Take<'_>,
    ) -> Result<(), Failure> {
        let context = Context::new().with_defaults(options.known.0);
        let mut context = context.with_date_order(options.date_order);
        if let Some(tenant) = &options.own_tenant {
            context = context.with_partner_tenant(tenant);
        }
        // Further facts by option and id that have matched no subscription yet.
        let mut unmatched: HashSet<(&'static str, String)> = HashSet::new();
        let [known @ .., subscriptions] = &self.0;
        for list in known {
            list.read(options, as_of, take, &mut |record, _| {
                let id = key(record.id());
                match list.option {
                    "--other-tenants" => return context.add_partner(&record).map(|()| None),
                    "--facts" => context.add_facts(record)?,
                    "--customers" => context.add_customer(record)?,
                    _ => context.add_eligibility(record)?,
                }
                unmatched.insert((list.option, id));
                Ok(None)
            })?;
        }
        let count = |unmatched: &HashSet<(&'static str, String)>, option| {
            unmatched.iter().filter(|(of, _)| *of == option).count()
        };
        let read = known.each_ref().map(|list| count(&unmatched, list.option));
        subscriptions.read(options, as_of, take, &mut |record, file| {
            let mapping = context.map(&record, as_of)?;
            let then = |day| Ok(context.map(&record, day)?.case.subscription.facts_at(day));
            let facts_then = options.compare.map(then).transpose()?;
            let resource = record.resource.as_deref();
            let other = resource.and_then(|resource| resource.commerce_subscription_id.text());
            for id in [Some(record.id()), other].into_iter().flatten() {
                forget(&mut unmatched, &["--facts", "--eligibility"], id);
            }
            let customer = mapping.customer_id.as_deref();
            forget(&mut unmatched, &["--customers"], customer.unwrap_or_default());
            let (file, line) = (Rc::clone(file), record.line);
            let mapped = Mapped { mapping, facts_then, file, line };
            Ok(Some(Part::Mapped(Box::new(mapped))))
        })?;
        for (list, read) in known.iter().zip(read) {
            let count = count(&unmatched, list.option);
            // Lists of customers and eligibility usually cover more than the subscriptions.
            if count == 0 || count < read && list.option != "--facts" {
                continue;
            }
            let ids = unmatched.iter().filter(|(option, _)| *option == list.option);
            let first = ids.map(|(_, id)| id.as_str()).min().unwrap_or_default();
            let (all, verb) =
                (counted(read, list.thing), if read == 1 { "matches" } else { "match" });
            let message = format!("{count} of {all} {verb} no subscription, such as `{first}`");
            take(Part::Noticed(Noticed { file: list.option.into(), note: "unmatched", message }))?;
        }
        Ok(())
    }
}

/// Normalizes an identifier: GUIDs can be in either case, and in braces.
fn key(id: &str) -> String {
    id.trim_matches(['{', '}', ' ']).to_ascii_lowercase()
}

/// Removes a matched identifier.
fn forget(unmatched: &mut HashSet<(&'static str, String)>, options: &[&'static str], id: &str) {
    if !unmatched.is_empty() {
        for option in options {
            unmatched.remove(&(option, key(id)));
        }
    }
}

impl List<'_> {
    /// Reads the inputs in order, and passes each record to `act`.
    fn read(
        &self,
        options: &Options,
        as_of: DateTime<Utc>,
        take: Take<'_>,
        act: Act<'_>,
    ) -> Result<(), Failure> {
        let mut pages = Pages { thing: self.thing, file: String::new(), read: None };
        for (source, sample) in &self.sources {
            let name = source.name();
            let file: Rc<str> = name.as_str().into();
            let refused = |refusal| Some(Part::Refused(Refused { file: name.clone(), refusal }));
            let failed = |error| Failure::Input { name: name.clone(), error };
            let mut input = source.open(&[])?;
            if !sample.is_empty() {
                input = Box::new(Cursor::new(dated(sample, as_of)));
            }
            let format = options.format.or_else(|| format_of(source));
            let reader = Reader::new(input).with_format(format);
            let mut reader = reader.with_date_order(options.date_order);
            while let Some(item) = reader.next().map_err(failed)? {
                let part = match item {
                    Item::Record(record) => {
                        let (id, line) = (record.id().to_owned(), record.line);
                        act(*record, &file).unwrap_or_else(|error| {
                            let error = format!("{error}: {}", option_for(error.kind()));
                            refused(RecordError::new(Some(id), line, error))
                        })
                    }
                    Item::Invalid(refusal) => refused(refusal),
                    Item::Page { items, total, has_next } => {
                        pages.add(&name, items, total, has_next)
                    }
                    Item::Note(note) => {
                        let (file, message) = (name.clone(), note.to_string());
                        Some(Part::Noticed(Noticed { file, note: note.kind.as_str(), message }))
                    }
                    _ => None,
                };
                part.map_or(Ok(()), &mut *take)?;
            }
        }
        pages.end().map_or(Ok(()), take)
    }
}

/// Returns a hint on which option reads records of a kind.
fn option_for(kind: ResourceKind) -> &'static str {
    match kind {
        ResourceKind::Customer => "give the file to `--customers`",
        ResourceKind::TransferEligibility => "give the file to `--eligibility`",
        ResourceKind::Case => "give the file to `--facts`, or without an option",
        _ => "give the file without an option",
    }
}

/// The pages of one list, which can be in several files: items read, total, and whether another
/// page follows.
struct Pages {
    thing: &'static str,
    file: String,
    read: Option<(u64, Option<u64>, bool)>,
}

impl Pages {
    /// Adds a page to its list, or begins a new list and returns a note if the previous one is
    /// incomplete.
    fn add(&mut self, file: &str, items: u64, total: Option<u64>, has_next: bool) -> Option<Part> {
        // Only a next link shows that the next page can belong to the same list, and then it has the same total.
        let is_same = |of: Option<u64>| of.is_none() || total.is_none() || of == total;
        let before = self.read.filter(|&(_, of, has_next)| has_next && is_same(of));
        let total = total.max(before.and_then(|(_, total, _)| total));
        let missing = if before.is_some() { None } else { self.end() };
        self.file = file.into();
        self.read = Some((before.map_or(0, |(read, ..)| read) + items, total, has_next));
        missing
    }

    /// Ends the list; returns a note if it is incomplete.
    fn end(&mut self) -> Option<Part> {
        let (items, total, has_next) = self.read.take()?;
        let next = if has_next { ", and a next page exists" } else { "" };
        let things = |count: u64| counted(usize::try_from(count).unwrap_or(usize::MAX), self.thing);
        let message = match total {
            Some(total) if items < total => {
                format!("{items} of {}: {} missing{next}", things(total), total - items)
            }
            _ if has_next => format!("a page of {}{next}", things(items)),
            _ => return None,
        };
        Some(Part::Noticed(Noticed { file: self.file.clone(), note: "incomplete", message }))
    }
}

/// Returns the format by the extension; `None` detects it.
fn format_of(source: &Source<'_>) -> Option<Format> {
    let Source::File(path) = source else { return None };
    match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
        "json" | "jsonl" | "ndjson" => Some(Format::Json),
        "csv" | "tsv" => Some(Format::Table),
        _ => None,
    }
}

/// Replaces `{day-3}` by the day three days before an instant, so that the sample stays current.
fn dated(text: &str, as_of: DateTime<Utc>) -> String {
    let mut parts = text.split("{day");
    let mut dated = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (days, rest) = part.split_once('}').unwrap_or(("0", part));
        let days = TimeDelta::days(days.parse().unwrap_or_default());
        let day = as_of.date_naive().checked_add_signed(days).unwrap_or_default();
        dated.extend([&day.to_string(), rest]);
    }
    dated
}
