//! Rulebooks as data, in the shape of the register: written, and read with everything that is wrong in one go.
//!
//! `docs/rulebook.schema.json` is generated from the same tables.

use std::string::String;
use std::vec::Vec;

use chrono::NaiveDate;
use serde::de::{Deserialize, Deserializer, Error};
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::Overlay;
use super::data::Data;
use crate::records::date::parse_day;
use crate::rulebook::{Accepted, Place, Placed, Problem, ProblemKind, Rulebook, RulebookError};
use crate::rules::{Condition, Rule, Source};
use crate::vocabulary::{Action, ActionSet, Basis, Effect, Excerpt, Fact, ValueSet, nearest};

/// The name of the built-in register, as a base.
const PARTNER_CENTER: &str = "partner_center";

/// What a rulebook has.
const DOCUMENT: &[&str] = &["name", "base", "withdraw", "rules"];
/// What a rule has.
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
    "replaces",
    "origin",
];
/// What one of its sources has.
const SOURCE: &[&str] = &["code", "page"];
/// What a withdrawal has.
const WITHDRAWAL: &[&str] = &["id", "from"];

/// Why a rulebook could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LoadError<E> {
    /// What is wrong with the rules.
    #[error(transparent)]
    Rulebook(RulebookError),
    /// The format's own error: it is no JSON, say.
    #[error(transparent)]
    Format(E),
}

impl Rulebook {
    /// Reads a rulebook from any format that describes itself: rules, or changes to the built-in register.
    ///
    /// As its `Deserialize`, but with an error that can be gone through.
    ///
    /// # Errors
    ///
    /// [`LoadError`], with everything that is wrong.
    ///
    /// ```
    /// use csp_multichannel::authoring::LoadError;
    /// use csp_multichannel::Rulebook;
    ///
    /// let text = r#"{
    ///     "name": "northwind",
    ///     "base": "partner_center",
    ///     "rules": [{
    ///         "id": "open-needs-a-letter", "effect": "require", "requirement": "letter_of_release",
    ///         "actions": ["recreate_and_cancel"], "when": {"chanel": ["open"]}, "from": "2026-01-01",
    ///         "reason": "we take over with a letter of release only"
    ///     }]
    /// }"#;
    /// let Err(LoadError::Rulebook(error)) = Rulebook::read(&mut serde_json::Deserializer::from_str(text)) else { panic!() };
    /// assert!(error.to_string().starts_with("rules[0].when.chanel (`open-needs-a-letter`): there is no field `chanel` here"));
    /// assert!(error.to_string().ends_with("; `channel` is probably meant"));
    ///
    /// let text = text.replace("chanel", "channel");
    /// let rulebook = Rulebook::read(&mut serde_json::Deserializer::from_str(&text))?;
    /// assert_eq!(rulebook.rules().last().and_then(|rule| rule.origin()), Some("northwind"));
    /// # Ok::<(), LoadError<serde_json::Error>>(())
    /// ```
    pub fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, LoadError<D::Error>> {
        let data = Data::deserialize(deserializer).map_err(LoadError::Format)?;
        Reader::default().rulebook(&data).map_err(LoadError::Rulebook)
    }
}

impl<'de> Deserialize<'de> for Rulebook {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::read(deserializer).map_err(|error| match error {
            LoadError::Rulebook(error) => D::Error::custom(error),
            LoadError::Format(error) => error,
        })
    }
}

/// All of its rules, in a shape that reads back equal.
impl Serialize for Rulebook {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut document = serializer.serialize_map(Some(1))?;
        document.serialize_entry("rules", self.rules())?;
        document.end()
    }
}

/// A rule as an entry of a rulebook.
impl Serialize for Rule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut rule = serializer.serialize_map(None)?;
        rule.serialize_entry("id", self.id())?;
        rule.serialize_entry("effect", &self.effect())?;
        if let Some(requirement) = self.requirement() {
            rule.serialize_entry("requirement", requirement)?;
        }
        rule.serialize_entry("actions", &self.actions())?;
        if self.condition() != Condition::ALWAYS {
            rule.serialize_entry("when", &self.condition())?;
        }
        rule.serialize_entry("from", &self.validity().from())?;
        if let Some(until) = self.validity().until() {
            rule.serialize_entry("until", &until)?;
        }
        rule.serialize_entry("basis", &self.basis())?;
        if !self.sources().is_empty() {
            rule.serialize_entry("sources", self.sources())?;
        }
        rule.serialize_entry("reason", self.reason())?;
        if let Some(origin) = self.origin() {
            rule.serialize_entry("origin", origin)?;
        }
        rule.end()
    }
}

impl Serialize for Source {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut source = serializer.serialize_map(Some(2))?;
        source.serialize_entry("code", self.code())?;
        source.serialize_entry("page", self.page())?;
        source.end()
    }
}

/// Reads data, and goes on where something is wrong.
#[derive(Default)]
struct Reader {
    problems: Vec<Problem>,
}

/// The fields of an object, with its place.
struct Fields<'d> {
    place: Place,
    entries: Vec<(&'static str, &'d Data)>,
}

impl<'d> Fields<'d> {
    /// A field, unless it is absent.
    fn get(&self, field: &str) -> Option<&'d Data> {
        self.entries.iter().find(|(name, _)| *name == field).map(|&(_, data)| data)
    }
}

impl Reader {
    fn rulebook(mut self, data: &Data) -> Result<Rulebook, RulebookError> {
        let Some(document) = self.object(data, Place::whole(), DOCUMENT) else {
            return Err(RulebookError::new(self.problems));
        };
        let name = self.text(&document, "name");
        let base = document.get("base").map(|base| self.base(base, document.place.field("base")));
        let mut withdrawn = Vec::new();
        for (place, data) in self.objects(&document, "withdraw") {
            withdrawn.extend(self.withdrawal(data, place));
        }
        let mut rules = Vec::new();
        for (place, data) in self.objects(&document, "rules") {
            rules.extend(self.rule(data, place, name));
        }

        let Some(base) = base else {
            let replacing = rules.iter().filter(|(_, replaces)| !replaces.is_empty());
            let replacing = replacing.map(|(placed, _)| (placed.place.field("replaces"), placed.rule.id()));
            let without_base = |place: Place, id: &str| Problem::new(place, ProblemKind::NoBase).of(id);
            let withdrawing = withdrawn.iter().map(|(place, id, _)| (place.clone(), id.as_str()));
            self.problems.extend(withdrawing.chain(replacing).map(|(place, id)| without_base(place, id)));
            return Rulebook::build(rules.into_iter().map(|(placed, _)| placed).collect(), self.problems);
        };
        let mut overlay = Overlay::new();
        for (place, id, from) in withdrawn {
            overlay = overlay.withdrawing_at(place, id, from);
        }
        for (Placed { rule, place }, replaces) in rules {
            overlay = overlay.replacing_at(place, replaces, rule);
        }
        overlay.compose(base.unwrap_or_else(Rulebook::partner_center), self.problems)
    }

    /// The rulebook to build on; none where it is not known.
    fn base(&mut self, data: &Data, place: Place) -> Option<&'static Rulebook> {
        self.word(data, place, &[PARTNER_CENTER]).map(|_| Rulebook::partner_center())
    }

    fn withdrawal(&mut self, data: &Data, place: Place) -> Option<(Place, String, NaiveDate)> {
        let fields = self.object(data, place, WITHDRAWAL)?;
        let id = self.required(&fields, "id", Accepted::Text, Self::as_text);
        let from = self.required(&fields, "from", Accepted::Day, Self::as_day);
        Some((fields.place, id?.into(), from?))
    }

    /// A rule with what it replaces; none where that is not enough for a rule.
    fn rule(&mut self, data: &Data, place: Place, origin: Option<&str>) -> Option<(Placed, Vec<String>)> {
        let first_problem = self.problems.len();
        let fields = self.object(data, place, RULE)?;
        let id = self.required(&fields, "id", Accepted::Text, Self::as_text);
        let effect = self.required(&fields, "effect", Accepted::Word(Effect::WORDS), |reader, data, place| {
            reader.word(data, place, Effect::WORDS).and_then(|word| word.parse::<Effect>().ok())
        });
        let actions = self.required(&fields, "actions", Accepted::Words(Action::WORDS), |reader, data, place| {
            let words = reader.words(data, place, Action::WORDS)?;
            Some(words.into_iter().filter_map(|word| word.parse::<Action>().ok()).collect::<ActionSet>())
        });
        let from = self.required(&fields, "from", Accepted::Day, Self::as_day);
        let reason = self.required(&fields, "reason", Accepted::Text, Self::as_text);
        let requirement = self.text(&fields, "requirement");
        let condition = fields.get("when").map(|when| self.condition(when, fields.place.field("when")));
        let until = fields.get("until").map(|until| self.as_day(until, fields.place.field("until")));
        let basis = fields.get("basis").map(|basis| self.word(basis, fields.place.field("basis"), Basis::WORDS));
        let mut sources = Vec::new();
        for (place, data) in self.objects(&fields, "sources") {
            sources.extend(self.source(data, place));
        }
        let replaces = fields.get("replaces").map(|ids| self.texts(ids, fields.place.field("replaces")));
        let origin = self.text(&fields, "origin").or(origin);

        if let Some(id) = id {
            for problem in self.problems.iter_mut().skip(first_problem) {
                *problem = problem.clone().of(id);
            }
        }
        let mut rule = Rule::new(String::from(id?), effect?, actions?, from?).with_reason(String::from(reason?));
        if let Some(requirement) = requirement {
            rule = rule.with_requirement(String::from(requirement));
        }
        if let Some(condition) = condition {
            rule = rule.with_condition(condition?);
        }
        if let Some(until) = until {
            rule = rule.until(until?);
        }
        if let Some(basis) = basis {
            rule = rule.with_basis(basis?.parse().ok()?);
        }
        for (code, page) in sources {
            rule = rule.with_source(code, page);
        }
        if let Some(origin) = origin {
            rule = rule.with_origin(String::from(origin));
        }
        Some((Placed { rule, place: fields.place }, replaces.unwrap_or_default()))
    }

    fn source(&mut self, data: &Data, place: Place) -> Option<(String, String)> {
        let fields = self.object(data, place, SOURCE)?;
        let code = self.required(&fields, "code", Accepted::Text, Self::as_text);
        let page = self.required(&fields, "page", Accepted::Text, Self::as_text);
        Some((code?.into(), page?.into()))
    }

    /// For each fact that it names, the values that it admits.
    fn condition(&mut self, data: &Data, place: Place) -> Option<Condition> {
        let fields = self.object(data, place, Fact::WORDS)?;
        let mut admitted = Condition::ALWAYS.values();
        for &fact in Fact::ALL {
            let Some(data) = fields.get(fact.as_str()) else { continue };
            let words = self.words(data, fields.place.field(fact.as_str()), fact.words())?;
            let named = fact.values().iter().filter(|value| words.contains(&value.as_str()));
            admitted = admitted.difference(fact.values()).union(named.collect::<ValueSet>());
        }
        Some(Condition::admitting(admitted))
    }

    /// The fields of an object that are there, of those that it may have.
    fn object<'d>(&mut self, data: &'d Data, place: Place, accepted: &'static [&'static str]) -> Option<Fields<'d>> {
        let Data::Object(object) = data else {
            self.refuse(data, place, Accepted::Object);
            return None;
        };
        let mut fields = Fields { place, entries: Vec::new() };
        for (name, data) in object {
            let found = accepted.iter().find(|field| **field == name);
            let kind = match found {
                None => ProblemKind::UnknownField {
                    given: Excerpt::of(name),
                    accepted,
                    meant: nearest(name, accepted.iter().copied()),
                },
                Some(field) if fields.get(field).is_some() => ProblemKind::RepeatedField,
                Some(_) if matches!(data, Data::Null) => continue,
                Some(field) => {
                    fields.entries.push((field, data));
                    continue;
                }
            };
            self.problems.push(Problem::new(fields.place.field(String::from(Excerpt::of(name).as_str())), kind));
        }
        Some(fields)
    }

    /// The items of a list, each with its place; none where it is absent.
    fn objects<'d>(&mut self, fields: &Fields<'d>, field: &'static str) -> Vec<(Place, &'d Data)> {
        let place = fields.place.field(field);
        match fields.get(field) {
            Some(Data::List(items)) => items.iter().enumerate().map(|(at, data)| (place.item(at), data)).collect(),
            Some(data) => {
                self.refuse(data, place, Accepted::Objects);
                Vec::new()
            }
            None => Vec::new(),
        }
    }

    fn required<'d, T>(
        &mut self,
        fields: &Fields<'d>,
        field: &'static str,
        expected: Accepted,
        read: impl FnOnce(&mut Self, &'d Data, Place) -> Option<T>,
    ) -> Option<T> {
        let Some(data) = fields.get(field) else {
            self.problems.push(Problem::new(fields.place.clone(), ProblemKind::MissingField { field, expected }));
            return None;
        };
        read(self, data, fields.place.field(field))
    }

    fn text<'d>(&mut self, fields: &Fields<'d>, field: &'static str) -> Option<&'d str> {
        self.as_text(fields.get(field)?, fields.place.field(field))
    }

    fn as_text<'d>(&mut self, data: &'d Data, place: Place) -> Option<&'d str> {
        if let Data::Text(text) = data {
            return Some(text);
        }
        self.refuse(data, place, Accepted::Text);
        None
    }

    fn as_day(&mut self, data: &Data, place: Place) -> Option<NaiveDate> {
        let day = match data {
            Data::Text(text) => parse_day(text),
            // Formats with dates of their own hand them over as an object around the text.
            Data::Object(fields) => match fields.as_slice() {
                [(_, Data::Text(text))] => parse_day(text),
                _ => None,
            },
            _ => None,
        };
        if day.is_none() {
            self.refuse(data, place, Accepted::Day);
        }
        day
    }

    fn texts(&mut self, data: &Data, place: Place) -> Vec<String> {
        let Data::List(items) = data else {
            self.refuse(data, place, Accepted::Texts);
            return Vec::new();
        };
        let items = items.iter().enumerate();
        items.filter_map(|(at, data)| self.as_text(data, place.item(at)).map(Into::into)).collect()
    }

    /// A word, of those that are accepted.
    fn word(&mut self, data: &Data, place: Place, accepted: &'static [&'static str]) -> Option<&'static str> {
        let found = accepted.iter().copied().find(|word| matches!(data, Data::Text(text) if text == word));
        if found.is_none() {
            self.refuse(data, place, Accepted::Word(accepted));
        }
        found
    }

    /// The words of a list; those that are wrong are told.
    fn words(&mut self, data: &Data, place: Place, accepted: &'static [&'static str]) -> Option<Vec<&'static str>> {
        let Data::List(items) = data else {
            self.refuse(data, place, Accepted::Words(accepted));
            return None;
        };
        let problems = self.problems.len();
        let items = items.iter().enumerate();
        let words = items.filter_map(|(at, data)| self.word(data, place.item(at), accepted)).collect();
        (self.problems.len() == problems).then_some(words)
    }

    fn refuse(&mut self, data: &Data, place: Place, expected: Accepted) {
        let meant = match (data, expected) {
            (Data::Text(text), Accepted::Word(words) | Accepted::Words(words)) => nearest(text, words.iter().copied()),
            _ => None,
        };
        let kind = ProblemKind::Value { found: data.excerpt(), expected, meant };
        self.problems.push(Problem::new(place, kind));
    }
}
