//! Rulebooks read from JSON or TOML, with every problem at its place.

use std::collections::HashSet;
use std::fmt;

use chrono::NaiveDate;
use csp_multichannel::{
    Action, Basis, Effect, Fact, Facts, Rule, Rulebook, Set, Source, UnknownWord, parse_instant,
};

use crate::overlay::{Lines, Overlay, OverlayProblem, nearest, printable};
use crate::tree::{Entry, FormatError, Node, Value, line_and_column};

/// Reads a rulebook from JSON: a rulebook without a base, or changes to the published policy.
///
/// # Errors
///
/// [`DocumentError`] with every problem, each at its place.
///
/// ```
/// use csp_multichannel::Rulebook;
/// use csp_multichannel_rulebook::from_json;
///
/// let text = r#"{
///   "name": "northwind",
///   "base": "partner_center",
///   "rules": [{
///     "id": "no-open-licenses", "effect": "veto", "actions": "moves",
///     "when": {"channel": "open"}, "from": "2026-01-01",
///     "reason": "we do not take over licenses from volume licensing"
///   }]
/// }"#;
/// let rulebook = from_json(text)?;
/// assert_eq!(rulebook.rules().len(), Rulebook::partner_center().rules().len() + 1);
///
/// assert_eq!(
///     from_json(&text.replace("veto", "vetoes")).unwrap_err().to_string(),
///     "5:41: rules[0].effect: unknown effect `vetoes`, expected one of `veto`, `exclude`, \
///      `forbid`, `permit`, `require`, `advise`; did you mean `veto`?",
/// );
/// # Ok::<(), csp_multichannel_rulebook::DocumentError>(())
/// ```
pub fn from_json(text: &str) -> Result<Rulebook, DocumentError> {
    read(text, Node::from_json)
}

/// Reads a rulebook from TOML: a rulebook without a base, or changes to the published policy.
///
/// # Errors
///
/// [`DocumentError`] with every problem, each at its place.
///
/// ```
/// use csp_multichannel::{Action, Channel, Facts, parse_instant};
/// use csp_multichannel_rulebook::from_toml;
///
/// let rulebook = from_toml(r#"
/// name = "northwind"
/// base = "partner_center"
///
/// [[rules]]
/// id = "no-open-licenses"
/// effect = "veto"
/// actions = "moves"
/// when = { channel = "open" }
/// from = 2026-01-01
/// reason = "we do not take over licenses from volume licensing"
/// "#)?;
/// let edition = rulebook.edition_at(parse_instant("2026-11-27")?)?;
/// let decision = edition.decide(Facts::from(Channel::Open));
/// let reasons = decision.reasons(Action::Switch).map(|rule| (rule.rulebook(), rule.id()));
/// assert_eq!(reasons.collect::<Vec<_>>(), [(Some("northwind"), "no-open-licenses")]);
///
/// assert_eq!(
///     from_toml("rules = [").unwrap_err().to_string(),
///     "1:10: invalid TOML: unclosed array, expected `]`",
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn from_toml(text: &str) -> Result<Rulebook, DocumentError> {
    read(text, Node::from_toml)
}

/// The error of a document that is not a rulebook, with every problem.
///
/// `Display` writes one problem a line.
///
/// ```
/// use csp_multichannel_rulebook::from_toml;
///
/// let error = from_toml(r#"
/// [[rules]]
/// id = "no-open-licenses"
/// effect = "veto"
/// actions = "moves"
/// when = { chanel = "open" }
/// from = "spring 2026"
/// "#)
/// .unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "2:1: rules[0]: `reason` is missing, expected a string\n\
///      6:10: rules[0].when: unknown fact `chanel`, expected one of `channel`, `service`, \
///      `cloud`, `partner`, `relationship`, `customer`, `region`, `term_phase`, \
///      `at_term_end`, `status`, `transfer`; did you mean `channel`?\n\
///      7:8: rules[0].from: `spring 2026` is not a day, expected a day such as `2026-01-01`",
/// );
/// assert_eq!(error.problems().len(), 3);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", Lines(.problems))]
pub struct DocumentError {
    problems: Vec<DocumentProblem>,
}

impl DocumentError {
    /// Returns the problems, in the order of the text.
    ///
    /// ```
    /// use csp_multichannel_rulebook::from_json;
    ///
    /// // Invalid syntax is the only problem that is reported.
    /// let error = from_json(r#"{"rules": []"#).unwrap_err();
    /// let [problem] = error.problems() else { panic!("{error}") };
    /// assert_eq!(problem.to_string(), "1:1: invalid JSON: unterminated object");
    /// ```
    #[must_use]
    pub fn problems(&self) -> &[DocumentProblem] {
        &self.problems
    }
}

/// A problem in a document: its place, what is wrong, and what would be accepted.
///
/// `Display` writes `7:11: rules[0].from: …`.
///
/// ```
/// use csp_multichannel_rulebook::from_json;
///
/// let error = from_json(r#"{"name": "ours", "base": "partner_centre"}"#).unwrap_err();
/// let problem = error.problems().last().unwrap();
/// assert_eq!((problem.line(), problem.column(), problem.path()), (1, 26, "base"));
/// assert_eq!(
///     problem.message(),
///     "unknown base `partner_centre`, expected `partner_center`; \
///      did you mean `partner_center`?",
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DocumentProblem {
    line: usize,
    column: usize,
    path: String,
    message: String,
}

impl DocumentProblem {
    /// Returns the line of the problem, from 1.
    #[must_use]
    pub const fn line(&self) -> usize {
        self.line
    }

    /// Returns the column of the problem, from 1, in characters.
    #[must_use]
    pub const fn column(&self) -> usize {
        self.column
    }

    /// Returns the path of the invalid value, for example `rules[0].when`; empty for the whole
    /// document.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns what is wrong, what would be accepted, and the nearest match if one is near.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for DocumentProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, column, path, message } = self;
        let colon = if path.is_empty() { "" } else { ": " };
        write!(f, "{line}:{column}: {path}{colon}{message}")
    }
}

/// The longest document in bytes: no rulebook is near it, and no document needs more memory than
/// another.
const LONGEST: usize = 1 << 20;

fn read<'t>(
    text: &'t str,
    parse: fn(&'t str) -> Result<Node<'t>, FormatError>,
) -> Result<Rulebook, DocumentError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = Reader { text, problems: Vec::new() };
    if text.len() > LONGEST {
        reader.report(0, "", format!("{} bytes, expected at most {LONGEST}", text.len()));
        return Err(reader.error());
    }
    match parse(text) {
        Ok(node) => reader.rulebook(&node),
        Err(FormatError { at, message }) => {
            reader.report(at, "", message);
            Err(reader.error())
        }
    }
}

/// The reader: it continues after a problem, to report all of them.
struct Reader<'t> {
    text: &'t str,
    problems: Vec<DocumentProblem>,
}

/// The fields of a table: each at most once, none unknown.
struct Fields<'n> {
    path: String,
    at: usize,
    entries: Vec<(&'static str, &'n Node<'n>)>,
    /// The fields about which a problem has been reported.
    reported: Vec<&'static str>,
}

impl<'n> Fields<'n> {
    fn get(&self, field: &str) -> Option<&'n Node<'n>> {
        self.entries.iter().find(|(name, _)| *name == field).map(|(_, node)| *node)
    }

    /// Returns the place of a field, or of an item such as `replaces[0]`. For an absent field, it
    /// is that of the table.
    fn place(&self, field: &str) -> usize {
        let (name, item) = field.split_once('[').unwrap_or((field, ""));
        let Some(node) = self.get(name) else { return self.at };
        let item = match (&node.value, item.trim_end_matches(']').parse::<usize>()) {
            (Value::List(items), Ok(item)) => items.get(item),
            _ => None,
        };
        item.unwrap_or(node).span.start
    }

    fn path_of(&self, field: &str) -> String {
        if self.path.is_empty() { field.into() } else { format!("{}.{field}", self.path) }
    }
}

/// The name of the published policy, as a base.
const PARTNER_CENTER: &str = "partner_center";

const DOCUMENT: &[&str] = &["name", "base", "withdraw", "rules"];
const RULE: &[&str] = &[
    "id",
    "effect",
    "requirement",
    "actions",
    "when",
    "from",
    "until",
    "basis",
    "sources",
    "reason",
    "rulebook",
    "replaces",
];
const ACTIONS: &[&str] = &[
    "all",
    "moves",
    Action::RequestRelationship.as_str(),
    Action::RecreateAndCancel.as_str(),
    Action::Switch.as_str(),
    Action::WaitUntilTermEnd.as_str(),
    Action::CancelThenMove.as_str(),
];
const SOURCE: &[&str] = &["code", "page", "url", "newest_text"];
const WITHDRAWAL: &[&str] = &["id", "from"];

impl Reader<'_> {
    fn report(&mut self, at: usize, path: impl Into<String>, message: impl Into<String>) {
        let (line, column) = line_and_column(self.text, at);
        let (path, message) = (printable(&path.into()), printable(&message.into()));
        self.problems.push(DocumentProblem { line, column, path, message });
    }

    fn error(mut self) -> DocumentError {
        self.problems.sort();
        self.problems.dedup();
        DocumentError { problems: self.problems }
    }

    fn rulebook(mut self, node: &Node<'_>) -> Result<Rulebook, DocumentError> {
        let fields = self.fields(node, "", DOCUMENT);
        if !matches!(node.value, Value::Table(_)) {
            return Err(self.error());
        }
        self.word(&fields, "base", |word| {
            if word == PARTNER_CENTER {
                return Ok(());
            }
            let hint = nearest(word, [PARTNER_CENTER].into_iter());
            Err(format!("unknown base `{word}`, expected `{PARTNER_CENTER}`{hint}"))
        });
        let has_base = fields.get("base").is_some();
        // The name distinguishes custom rules from those of the base.
        let name = if has_base { self.named(&fields, "name") } else { self.text(&fields, "name") };
        let name = name.unwrap_or_default();
        if !has_base && let Some(withdraw) = fields.get("withdraw") {
            let message = "nothing can be withdrawn without a `base`, expected `base` as well";
            self.report(withdraw.span.start, "withdraw", message);
        }
        if fields.get("rules").is_none() && fields.get("withdraw").is_none() {
            self.report(
                fields.at,
                "",
                "`rules` are missing, expected a list of rules, or `base` and `withdraw`",
            );
        }
        let mut overlay = Overlay::new(if has_base { name } else { String::new() });
        // The fields of each change of the overlay, for the places of its problems.
        let mut changes: Vec<Fields<'_>> = Vec::new();
        for (path, node) in self.items(&fields, "withdraw") {
            let fields = self.fields(node, &path, WITHDRAWAL);
            let id = self.named(&fields, "id");
            let from = self.day(&fields, "from", true);
            // What follows from a day that nobody wrote would only confuse.
            let (Some(id), Some(from)) = (id, from) else { continue };
            changes.push(fields);
            overlay = overlay.withdraw(id, from);
        }
        for (path, node) in self.items(&fields, "rules") {
            let mut fields = self.fields(node, &path, RULE);
            let rule = self.rule(&mut fields);
            let replaces: Vec<String> = self.texts(&fields, "replaces");
            if !replaces.is_empty() && !has_base {
                let message = "nothing can be replaced without a `base`, expected `base` as well";
                self.report(fields.at, fields.path_of("replaces"), message);
            }
            changes.push(fields);
            let replaces = if has_base { replaces } else { Vec::new() };
            overlay = overlay.replace(replaces, rule);
        }
        // Even a wrong base can only mean the published policy.
        let base = if has_base { Rulebook::partner_center().rules() } else { &[] };
        match overlay.apply_to_rules(base) {
            Ok(rulebook) if self.problems.is_empty() => return Ok(rulebook),
            Ok(_) => {}
            Err(error) => {
                let problems = error.problems().iter();
                problems.for_each(|problem| self.report_change(problem, &changes));
            }
        }
        Err(self.error())
    }

    /// Reports a problem of a change at its place, unless one was reported about the same field.
    fn report_change(&mut self, problem: &OverlayProblem, changes: &[Fields<'_>]) {
        let Some(fields) = problem.change().and_then(|change| changes.get(change)) else {
            if self.problems.is_empty() {
                self.report(0, "", problem.message());
            }
            return;
        };
        let field = problem.field();
        let name = field.split('[').next().unwrap_or_default();
        let is_reported = |name| fields.reported.contains(&name);
        // A field that depends on an unreadable one can't be checked.
        let depends_on = match name {
            "until" => "from",
            "requirement" => "effect",
            name => name,
        };
        if !is_reported(name) && !is_reported(depends_on) {
            self.report(fields.place(field), fields.path_of(field), problem.message());
        }
    }

    /// Reads a rule. An unreadable field gets a valid value, and is added to the reported ones.
    fn rule(&mut self, fields: &mut Fields<'_>) -> Rule {
        let id = self.required(fields, "id");
        let effect = self.word(fields, "effect", |word| {
            word.parse::<Effect>().map_err(|error| error.to_string())
        });
        if fields.get("effect").is_none() {
            self.report(
                fields.at,
                &*fields.path,
                "`effect` is missing, expected what the rule does",
            );
        }
        let actions = self.actions(fields);
        let from = self.day(fields, "from", true);
        let until = self.day(fields, "until", false);
        let reason = self.required(fields, "reason");
        let condition = self.condition(fields);
        let requirement = self.text(fields, "requirement");
        let is_given = |field| fields.get(field).is_some();
        let unread = [
            ("id", id.is_none()),
            ("effect", effect.is_none()),
            ("actions", actions.is_none()),
            ("from", from.is_none()),
            ("until", until.is_none() && is_given("until")),
            ("reason", reason.is_none()),
            ("requirement", requirement.is_none() && is_given("requirement")),
        ];
        let unread = unread.into_iter().filter(|(_, unread)| *unread);
        let unread: Vec<&'static str> = unread.map(|(field, _)| field).collect();
        fields.reported.extend(unread);
        let first_day = NaiveDate::from_ymd_opt(2016, 12, 1).unwrap_or_default();
        let mut rule = Rule::new(
            id.unwrap_or_else(|| "?".into()),
            effect.unwrap_or(Effect::Permit),
            actions.unwrap_or(Set::all()),
            from.unwrap_or(first_day),
        )
        .when(condition)
        .with_reason(reason.unwrap_or_else(|| "?".into()));
        if let Some(until) = until {
            rule = rule.until(until);
        }
        if let Some(requirement) = requirement {
            rule = rule.with_requirement(requirement);
        }
        if fields.get("rulebook").is_some()
            && let Some(rulebook) = self.named(fields, "rulebook")
        {
            rule = rule.with_rulebook(rulebook);
        }
        let basis = self
            .word(fields, "basis", |word| word.parse::<Basis>().map_err(|error| error.to_string()));
        if let Some(basis) = basis {
            rule = rule.with_basis(basis);
        }
        for (path, node) in self.items(fields, "sources") {
            let source = self.fields(node, &path, SOURCE);
            let code = self.named(&source, "code").unwrap_or_default();
            let page = self.named(&source, "page").unwrap_or_default();
            let newest_text = self.text(&source, "newest_text").unwrap_or_default();
            let of = Source::new(code, page, newest_text);
            rule = rule.with_source(match self.text(&source, "url") {
                Some(url) => of.with_url(url),
                None => of,
            });
        }
        rule
    }

    /// The actions of a rule: a word or a list of words, `all` for every one and `moves` for all
    /// but the request.
    fn actions(&mut self, fields: &Fields<'_>) -> Option<Set<Action>> {
        const EXPECTED: &str = "expected `all`, `moves`, or a list of actions";
        let Some(node) = fields.get("actions") else {
            self.report(fields.at, &*fields.path, format!("`actions` are missing, {EXPECTED}"));
            return None;
        };
        let words: Vec<&Node<'_>> = match &node.value {
            Value::List(items) => items.iter().collect(),
            _ => vec![node],
        };
        let mut actions = Set::EMPTY;
        let mut is_known = true;
        for word in words {
            let found = match &word.value {
                Value::Text(text) if text == "all" => Ok(Set::all()),
                Value::Text(text) if text == "moves" => Ok(Action::MOVES),
                Value::Text(text) => text
                    .parse::<Action>()
                    .map(Set::from)
                    .map_err(|_| UnknownWord::new("action", text, ACTIONS).to_string()),
                other => Err(format!("{}, {EXPECTED}", described(other))),
            };
            match found {
                Ok(some) => actions = actions.union(some),
                Err(message) => {
                    is_known = false;
                    self.report(word.span.start, fields.path_of("actions"), message);
                }
            }
        }
        is_known.then_some(actions)
    }

    /// The condition of a rule: for each fact a word, or the list of words that it admits.
    fn condition(&mut self, fields: &Fields<'_>) -> Facts {
        // Only a problem needs a path.
        let path = || fields.path_of("when");
        let Some(node) = fields.get("when") else { return Facts::UNKNOWN };
        let Value::Table(entries) = &node.value else {
            let message = format!("{}, expected an object of facts", described(&node.value));
            self.report(node.span.start, path(), message);
            return Facts::UNKNOWN;
        };
        let mut condition = Facts::UNKNOWN;
        let mut seen = HashSet::new();
        for Entry { key, key_span, node } in entries {
            let fact = match key.parse::<Fact>() {
                Ok(fact) if seen.insert(fact) => fact,
                Ok(_) => {
                    self.report(
                        key_span.start,
                        path(),
                        format!("`{key}` is given twice, expected once"),
                    );
                    continue;
                }
                Err(error) => {
                    self.report(key_span.start, path(), error.to_string());
                    continue;
                }
            };
            let path = || format!("{}.{key}", path());
            let words: Vec<&Node<'_>> = match &node.value {
                Value::List(items) => items.iter().collect(),
                _ => vec![node],
            };
            if words.is_empty() {
                let message = format!("is empty, expected at least one value of `{fact}`");
                self.report(node.span.start, path(), message);
            }
            let mut admitted: Option<Facts> = None;
            for word in words {
                let value = match &word.value {
                    Value::Text(text) => {
                        Facts::parse(fact, text).map_err(|error| error.to_string())
                    }
                    other => Err(format!("{}, expected a value of `{fact}`", described(other))),
                };
                match value {
                    Ok(value) => {
                        admitted = Some(admitted.map_or(value, |others| others.union(value)));
                    }
                    Err(message) => self.report(word.span.start, path(), message),
                }
            }
            condition = condition.with(admitted);
        }
        condition
    }

    /// Returns the fields of a table; reports unknown and repeated ones.
    fn fields<'n>(
        &mut self,
        node: &'n Node<'n>,
        path: &str,
        known: &'static [&'static str],
    ) -> Fields<'n> {
        let (path_of, at) = (path.into(), node.span.start);
        let mut fields = Fields { path: path_of, at, entries: Vec::new(), reported: Vec::new() };
        let Value::Table(entries) = &node.value else {
            let message = format!("{}, expected an object", described(&node.value));
            self.report(node.span.start, path, message);
            return fields;
        };
        for Entry { key, key_span, node } in entries {
            match known.iter().find(|name| **name == *key) {
                Some(name) if fields.get(name).is_some() => {
                    let message = format!("`{key}` is given twice, expected once");
                    self.report(key_span.start, path, message);
                }
                Some(name) => fields.entries.push((name, node)),
                None => {
                    let hint = nearest(key, known.iter().copied());
                    let known: Vec<_> = known.iter().map(|name| format!("`{name}`")).collect();
                    let message = format!(
                        "unknown field `{key}`, expected one of {}{hint}",
                        known.join(", ")
                    );
                    self.report(key_span.start, path, message);
                }
            }
        }
        fields
    }

    /// Returns the items of a list, each with its path.
    fn items<'n>(&mut self, fields: &Fields<'n>, field: &str) -> Vec<(String, &'n Node<'n>)> {
        let path = fields.path_of(field);
        match fields.get(field) {
            None => Vec::new(),
            Some(Node { value: Value::List(items), .. }) => {
                (0..).zip(items).map(|(place, item)| (format!("{path}[{place}]"), item)).collect()
            }
            Some(Node { span, value }) => {
                self.report(span.start, path, format!("{}, expected a list", described(value)));
                Vec::new()
            }
        }
    }

    fn texts(&mut self, fields: &Fields<'_>, field: &str) -> Vec<String> {
        let items = self.items(fields, field).into_iter();
        let text = |(path, node): (String, &Node<'_>)| match &node.value {
            Value::Text(text) => Some(text.clone().into_owned()),
            other => {
                self.report(
                    node.span.start,
                    path,
                    format!("{}, expected a string", described(other)),
                );
                None
            }
        };
        items.filter_map(text).collect()
    }

    fn text(&mut self, fields: &Fields<'_>, field: &str) -> Option<String> {
        self.word(fields, field, |text| Ok(text.to_owned()))
    }

    fn required(&mut self, fields: &Fields<'_>, field: &str) -> Option<String> {
        if fields.get(field).is_none() {
            self.report(
                fields.at,
                &*fields.path,
                format!("`{field}` is missing, expected a string"),
            );
        }
        self.text(fields, field)
    }

    /// Reads text that people refer to, so that it can't be empty.
    fn named(&mut self, fields: &Fields<'_>, field: &str) -> Option<String> {
        self.required(fields, field)?;
        self.word(fields, field, |text| {
            let is_empty = text.trim().is_empty();
            if is_empty { Err("is empty, expected text".into()) } else { Ok(text.to_owned()) }
        })
    }

    fn day(&mut self, fields: &Fields<'_>, field: &str, is_required: bool) -> Option<NaiveDate> {
        const EXPECTED: &str = "expected a day such as `2026-01-01`";
        if is_required && fields.get(field).is_none() {
            self.report(fields.at, &*fields.path, format!("`{field}` is missing, {EXPECTED}"));
        }
        self.word(fields, field, |text| match parse_instant(text) {
            Ok(at) if text.len() == "2026-01-01".len() => Ok(at.date_naive()),
            _ => Err(format!("`{text}` is not a day, {EXPECTED}")),
        })
    }

    fn word<T>(
        &mut self,
        fields: &Fields<'_>,
        field: &str,
        read: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        let node = fields.get(field)?;
        let read = match &node.value {
            Value::Text(text) => read(text),
            other => Err(format!("{}, expected a string", described(other))),
        };
        match read {
            Ok(value) => Some(value),
            Err(message) => {
                self.report(node.span.start, fields.path_of(field), message);
                None
            }
        }
    }
}

/// Describes a value, for a message.
fn described(value: &Value<'_>) -> String {
    match value {
        Value::Text(text) => format!("found `{text}`"),
        Value::Other(text) => format!("found `{text}`"),
        Value::List(_) => "found a list".into(),
        Value::Table(_) => "found an object".into(),
    }
}
