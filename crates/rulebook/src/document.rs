//! Rulebooks as JSON or TOML: read with every problem at its place, and written.

use std::collections::HashSet;
use std::fmt;

use chrono::NaiveDate;
use csp_multichannel::{
    Action, Basis, Effect, Fact, Facts, Rule, Rulebook, Set, Source, UnknownWord, parse_instant,
};

use crate::overlay::{Lines, Overlay, OverlayProblem, nearest};
use crate::tree::{Entry, FormatError, Node, Value, line_and_column};

/// Reads a rulebook from JSON: rules of its own, or changes to the published policy.
///
/// # Errors
///
/// [`DocumentError`] with every problem, each at its place.
///
/// ```
/// use csp_multichannel_rulebook::from_json;
///
/// let text = r#"{
///   "name": "northwind",
///   "base": "partner_center",
///   "rules": [{
///     "id": "no-open-licenses", "effect": "veto", "actions": "moves",
///     "when": {"chanel": "open"}, "from": "2026-01-01",
///     "reason": "we do not take over licenses from volume licensing"
///   }]
/// }"#;
/// assert_eq!(
///     from_json(text).unwrap_err().to_string(),
///     "6:14: rules[0].when: unknown fact `chanel`, expected one of `channel`, `service`, `cloud`, \
///      `partner`, `relationship`, `customer`, `region`, `term_phase`, `at_term_end`, `status`, `transfer`; \
///      did you mean `channel`?",
/// );
/// assert!(from_json(&text.replace("chanel", "channel")).is_ok());
/// ```
pub fn from_json(text: &str) -> Result<Rulebook, DocumentError> {
    read(text, Node::from_json)
}

/// Reads a rulebook from TOML: rules of its own, or changes to the published policy.
///
/// # Errors
///
/// [`DocumentError`] with every problem, each at its place.
///
/// ```
/// use csp_multichannel::{Action, Channel, Facts, Verdict, parse_instant};
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
/// assert_eq!(decision.verdict(Action::Switch), Verdict::Denied);
/// assert!(decision.reasons(Action::Switch).all(|rule| rule.rulebook() == Some("northwind")));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn from_toml(text: &str) -> Result<Rulebook, DocumentError> {
    read(text, Node::from_toml)
}

/// A rulebook that can't be read, with every problem.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", Lines(.problems))]
pub struct DocumentError {
    problems: Vec<DocumentProblem>,
}

impl DocumentError {
    /// Returns the problems, in the order of the text.
    #[must_use]
    pub fn problems(&self) -> &[DocumentProblem] {
        &self.problems
    }
}

/// One problem of a document: where it is, and what would have been accepted.
///
/// `Display` writes `7:11: rules[0].from: …`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DocumentProblem {
    line: usize,
    column: usize,
    path: String,
    reason: String,
}

impl DocumentProblem {
    /// Returns the line, from 1.
    #[must_use]
    pub const fn line(&self) -> usize {
        self.line
    }

    /// Returns the column, from 1, in characters.
    #[must_use]
    pub const fn column(&self) -> usize {
        self.column
    }

    /// Returns the path of the value, for example `rules[0].when`; empty for the whole document.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns what is wrong, what would have been accepted, and the nearest match if one is near.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

impl fmt::Display for DocumentProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, column, path, reason } = self;
        let colon = if path.is_empty() { "" } else { ": " };
        write!(f, "{line}:{column}: {path}{colon}{reason}")
    }
}

/// The longest document in bytes: no rulebook is near it, and no document needs more memory than another.
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
        Err(FormatError { at, reason }) => {
            reader.report(at, "", reason);
            Err(reader.error())
        }
    }
}

/// Reads on where something is wrong.
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

    /// Where a field is, or an item of it as in `replaces[0]`; else where the table is.
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
const SOURCE: &[&str] = &["code", "page", "url", "read"];
const WITHDRAWAL: &[&str] = &["id", "from"];

impl Reader<'_> {
    fn report(&mut self, at: usize, path: impl Into<String>, reason: impl Into<String>) {
        let (line, column) = line_and_column(self.text, at);
        let (path, reason) = (path.into(), reason.into());
        self.problems.push(DocumentProblem { line, column, path, reason });
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
        // Without a name, nobody could tell custom rules from those of the base.
        let name =
            if has_base { self.required(&fields, "name") } else { self.text(&fields, "name") };
        let name = name.unwrap_or_default();
        if !has_base && let Some(withdraw) = fields.get("withdraw") {
            let reason = "nothing can be withdrawn without a `base`, expected `base` as well";
            self.report(withdraw.span.start, "withdraw", reason);
        }
        if fields.get("rules").is_none() && fields.get("withdraw").is_none() {
            self.report(
                fields.at,
                "",
                "`rules` are missing, expected a list of rules, or `base` and `withdraw`",
            );
        }
        let mut overlay = Overlay::new(if has_base { name } else { String::new() });
        // For each change of the overlay, where it is.
        let mut changes: Vec<Fields<'_>> = Vec::new();
        for (path, node) in self.items(&fields, "withdraw") {
            let mut fields = self.fields(node, &path, WITHDRAWAL);
            let id = self.required(&fields, "id").unwrap_or_default();
            let from = self.day(&fields, "from", true);
            fields.reported.extend(id.is_empty().then_some("id"));
            changes.push(fields);
            overlay = overlay.withdraw(id, from.unwrap_or(NaiveDate::MIN));
        }
        for (path, node) in self.items(&fields, "rules") {
            let mut fields = self.fields(node, &path, RULE);
            let rule = self.rule(&mut fields);
            let replaces: Vec<String> = self.texts(&fields, "replaces");
            if !replaces.is_empty() && !has_base {
                let reason = "nothing can be replaced without a `base`, expected `base` as well";
                self.report(fields.at, fields.path_of("replaces"), reason);
            }
            changes.push(fields);
            let replaces = if has_base { replaces } else { Vec::new() };
            overlay = overlay.replace(replaces, rule);
        }
        // Whatever it is called, the base can only be the published policy.
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
                self.report(0, "", problem.reason());
            }
            return;
        };
        let field = problem.field();
        let name = field.split('[').next().unwrap_or_default();
        let is_reported = |name| fields.reported.contains(&name);
        // Nothing can be said about what depends on a field that can't be read.
        let depends_on = match name {
            "until" => "from",
            "requirement" => "effect",
            name => name,
        };
        if !is_reported(name) && !is_reported(depends_on) {
            self.report(fields.place(field), fields.path_of(field), problem.reason());
        }
    }

    /// Reads a rule; what can't be read gets a value that is in order, and is named.
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
        if let Some(rulebook) = self.text(fields, "rulebook") {
            rule = rule.with_rulebook(rulebook);
        }
        let basis = self
            .word(fields, "basis", |word| word.parse::<Basis>().map_err(|error| error.to_string()));
        if let Some(basis) = basis {
            rule = rule.with_basis(basis);
        }
        for (path, node) in self.items(fields, "sources") {
            let source = self.fields(node, &path, SOURCE);
            let code = self.required(&source, "code").unwrap_or_default();
            let page = self.required(&source, "page").unwrap_or_default();
            let read = self.text(&source, "read").unwrap_or_default();
            let of = Source::new(code, page, read);
            rule = rule.with_source(match self.text(&source, "url") {
                Some(url) => of.with_url(url),
                None => of,
            });
        }
        rule
    }

    /// The actions of a rule: a word or a list of words, `all` for every one and `moves` for all but the request.
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
                Err(reason) => {
                    is_known = false;
                    self.report(word.span.start, fields.path_of("actions"), reason);
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
            let reason = format!("{}, expected an object of facts", described(&node.value));
            self.report(node.span.start, path(), reason);
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
                let reason = format!("is empty, expected at least one value of `{fact}`");
                self.report(node.span.start, path(), reason);
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
                    Err(reason) => self.report(word.span.start, path(), reason),
                }
            }
            condition = condition.with(admitted);
        }
        condition
    }

    /// The fields of a table. Unknown ones, and those that are given twice, are reported.
    fn fields<'n>(
        &mut self,
        node: &'n Node<'n>,
        path: &str,
        known: &'static [&'static str],
    ) -> Fields<'n> {
        let (path_of, at) = (path.into(), node.span.start);
        let mut fields = Fields { path: path_of, at, entries: Vec::new(), reported: Vec::new() };
        let Value::Table(entries) = &node.value else {
            let reason = format!("{}, expected an object", described(&node.value));
            self.report(node.span.start, path, reason);
            return fields;
        };
        for Entry { key, key_span, node } in entries {
            match known.iter().find(|name| **name == *key) {
                Some(name) if fields.get(name).is_some() => {
                    let reason = format!("`{key}` is given twice, expected once");
                    self.report(key_span.start, path, reason);
                }
                Some(name) => fields.entries.push((name, node)),
                None => {
                    let hint = nearest(key, known.iter().copied());
                    let known: Vec<_> = known.iter().map(|name| format!("`{name}`")).collect();
                    let reason = format!(
                        "unknown field `{key}`, expected one of {}{hint}",
                        known.join(", ")
                    );
                    self.report(key_span.start, path, reason);
                }
            }
        }
        fields
    }

    /// The items of a list, each with its path.
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
            Err(reason) => {
                self.report(node.span.start, fields.path_of(field), reason);
                None
            }
        }
    }
}

/// What a value is, for a message.
fn described(value: &Value<'_>) -> String {
    match value {
        Value::Text(text) => format!("found `{text}`"),
        Value::Other(text) => format!("found `{text}`"),
        Value::List(_) => "found a list".into(),
        Value::Table(_) => "found an object".into(),
    }
}
