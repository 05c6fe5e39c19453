//! The generated documents are current, and the README's figures are those of the register.
//!
//! `UPDATE_DOCUMENTS=1 cargo test --test documents` writes them anew.

use std::path::Path;

use csp_multichannel::{Action, Basis, Effect, Fact, Rulebook, Service, Verdict};
use serde_json::{Map, Value, json};

/// Compares a generated document with the one in `docs`, or replaces it.
fn assert_current(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(name);
    if std::env::var_os("UPDATE_DOCUMENTS").is_some() {
        std::fs::write(&path, text).expect("docs can be written");
    }
    let current = std::fs::read_to_string(&path).expect("the document is there");
    assert!(
        current == text,
        "docs/{name} is not current: UPDATE_DOCUMENTS=1 cargo test --test documents"
    );
}

fn schema(title: &str, mut schema: Value) -> String {
    let mut whole = Map::new();
    whole.insert("$schema".into(), "https://json-schema.org/draft/2020-12/schema".into());
    whole.insert("title".into(), title.into());
    whole.append(schema.as_object_mut().expect("an object"));
    serde_json::to_string_pretty(&whole).expect("JSON") + "\n"
}

fn list_of(items: &Value) -> Value {
    json!({"type": "array", "items": items, "minItems": 1})
}

fn words(words: &[&str]) -> Value {
    json!({"enum": words})
}

const INSTANT: &str = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})$";
const WRITTEN_INSTANT: &str =
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?Z$";
const DAY: &str = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$";

#[test]
fn schema_of_a_case() {
    let mut properties = Map::new();
    properties.insert("id".into(), json!({"description": "The caller's id.", "type": "string"}));
    for fact in Fact::ALL {
        let values = fact.words().iter().zip(fact.meanings());
        let values: Vec<Value> =
            values.map(|(word, meaning)| json!({"const": word, "description": meaning})).collect();
        let one = json!({"oneOf": values});
        let mut list = list_of(&words(fact.words()));
        list["uniqueItems"] = true.into();
        let possible =
            json!({"description": fact.meaning(), "anyOf": [one, list, {"type": "null"}]});
        properties.insert(fact.as_str().into(), possible);
    }
    let instant = json!({"type": ["string", "null"], "pattern": INSTANT});
    let mut purchased_at = instant.clone();
    purchased_at["description"] = "The purchase or last renewal.".into();
    let mut cancellable_until = instant;
    cancellable_until["description"] =
        "The first instant at which the term can't be cancelled; `null` where it never can.".into();
    properties.insert(
        "term".into(),
        json!({
            "description": "The dates of the term, in place of `term_phase`.",
            "type": ["object", "null"],
            "properties": {
                "purchased_at": purchased_at,
                "ends_on": {"description": "The last day, inclusive.", "type": "string", "pattern": DAY},
                "cancellable_until": cancellable_until,
            },
            "required": ["ends_on"],
            "additionalProperties": false,
        }),
    );
    // Dates and a stated phase exclude each other; usage-based services have no dates.
    let dates = json!({"type": "object"});
    let phase = json!({"anyOf": [{"type": "string"}, {"type": "array", "maxItems": 2}]});
    let usage: Vec<&str> = Service::USAGE_BASED.iter().map(Service::as_str).collect();
    let usage = json!({"anyOf": [words(&usage), {"type": "array", "items": words(&usage)}]});
    let both = |field: &str, value: &Value| json!({"not": {"properties": {"term": dates, field: value}, "required": ["term", field]}});
    let case = json!({
        "type": "object",
        "properties": properties,
        "required": ["id"],
        "additionalProperties": false,
        "allOf": [both("term_phase", &phase), both("service", &usage)],
    });
    assert_current("case.schema.json", &schema("Case", case));
}

/// The record of a decision, around the fields of a verdict.
fn decision(verdict: &Value) -> Value {
    let names: Vec<&str> = Action::ALL.iter().map(|action| action.as_str()).collect();
    let verdicts: Map<String, Value> = names
        .iter()
        .zip(Action::ALL)
        .map(|(name, action)| {
            let described =
                json!({"description": action.meaning(), "allOf": [{"$ref": "#/$defs/verdict"}]});
            ((*name).into(), described)
        })
        .collect();
    json!({
        "type": "object",
        "properties": {
            "id": {"type": "string"},
            "as_of": {"description": "The instant asked about.", "type": "string", "pattern": WRITTEN_INSTANT},
            "edition": {"description": "The first day of the edition.", "type": "string", "pattern": DAY},
            "verdicts": {"type": "object", "properties": verdicts, "required": names},
        },
        "required": ["id", "as_of", "edition", "verdicts"],
        "$defs": {"verdict": verdict},
    })
}

fn verdict_words() -> Value {
    words(&Verdict::ALL.iter().map(|verdict| verdict.as_str()).collect::<Vec<_>>())
}

/// The verdicts that can remain possible.
fn determined_words() -> Value {
    let determined = Verdict::ALL.iter().filter(|&&verdict| verdict != Verdict::Undetermined);
    words(&determined.map(|verdict| verdict.as_str()).collect::<Vec<_>>())
}

fn fact_words() -> Value {
    words(&Fact::ALL.iter().map(|fact| fact.as_str()).collect::<Vec<_>>())
}

/// For editors that complete and check as one types.
#[test]
fn schema_of_a_rulebook() {
    let text = json!({"type": "string", "pattern": r"\S"});
    let name = json!({"type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$"});
    let day = json!({"type": "string", "pattern": DAY});
    let one_or_more = |word: &Value| json!({"anyOf": [word, list_of(word)]});
    let described = |words: Vec<(&str, &str)>| {
        let one = |(word, meaning)| json!({"const": word, "description": meaning});
        json!({"oneOf": words.into_iter().map(one).collect::<Vec<Value>>()})
    };
    let condition: Map<String, Value> = Fact::ALL
        .iter()
        .map(|&fact| {
            let mut values = one_or_more(&words(fact.words()));
            values["description"] = fact.question().into();
            (fact.as_str().into(), values)
        })
        .collect();
    let effects = Effect::ALL.iter().map(|effect| (effect.as_str(), effect.meaning()));
    let actions: Vec<&str> = Action::ALL.iter().map(|action| action.as_str()).collect();
    let bases: Vec<(&str, &str)> =
        Basis::ALL.iter().map(|basis| (basis.as_str(), basis.meaning())).collect();
    let source = json!({
        "type": "object",
        "properties": {"code": text, "page": text, "url": text, "read": {"type": "string"}},
        "required": ["code", "page"],
        "additionalProperties": false,
    });
    let rule = json!({
        "type": "object",
        "properties": {
            "id": name,
            "effect": described(effects.collect()),
            "requirement": name,
            "actions": one_or_more(&words(&[&actions[..], &["all", "moves"]].concat())),
            "when": {"type": "object", "properties": condition, "additionalProperties": false},
            "from": day,
            "until": day,
            "basis": described(bases),
            "sources": {"type": "array", "items": source},
            "reason": text,
            "rulebook": {"type": "string"},
            "replaces": {"type": "array", "items": name},
        },
        "required": ["id", "effect", "actions", "from", "reason"],
        "additionalProperties": false,
        "if": {"properties": {"effect": {"const": "require"}}, "required": ["effect"]},
        "then": {"required": ["requirement"]},
        "else": {"properties": {"requirement": false}},
    });
    let withdrawal = json!({
        "type": "object",
        "properties": {"id": name, "from": day},
        "required": ["id", "from"],
        "additionalProperties": false,
    });
    let rulebook = json!({
        "type": "object",
        "properties": {
            "name": {"type": "string"},
            "base": {"const": "partner_center"},
            "withdraw": {"type": "array", "items": withdrawal},
            "rules": {"type": "array", "items": rule},
        },
        "anyOf": [{"required": ["rules"]}, {"required": ["withdraw"]}],
        "dependentRequired": {"withdraw": ["base"], "base": ["name"]},
        "additionalProperties": false,
    });
    assert_current("rulebook.schema.json", &schema("Rulebook", rulebook));
}

#[test]
fn schema_of_a_decision() {
    let ids = list_of(&json!({"type": "string"}));
    let verdict = json!({
        "type": "object",
        "properties": {
            "verdict": verdict_words(),
            "rules": ids,
            "requirements": ids,
            "advice": ids,
            "possible": list_of(&determined_words()),
            "depends_on": list_of(&fact_words()),
        },
        "required": ["verdict"],
    });
    assert_current("decision.schema.json", &schema("Decision", decision(&verdict)));
}

#[test]
fn schema_of_an_explained_decision() {
    let text = json!({"type": "string"});
    let basis = words(&Basis::ALL.iter().map(|basis| basis.as_str()).collect::<Vec<_>>());
    let day = json!({"type": "string", "pattern": DAY});
    let rules = list_of(&json!({
        "type": "object",
        "properties": {
            "id": text,
            "reason": text,
            "basis": basis,
            "sources": list_of(&json!({
                "type": "object",
                "properties": {"code": text, "page": text, "url": text},
                "required": ["code", "page"],
            })),
            "in_force": {
                "description": "From the first day, inclusive, until the second, exclusive.",
                "type": "object", "properties": {"from": day, "until": day}, "required": ["from"],
            },
            "rulebook": text,
            "always": {"description": "Present where it applies in some possible cases only.", "const": false},
        },
        "required": ["id", "reason", "basis", "in_force"],
    }));
    let requirements = list_of(&json!({
        "type": "object",
        "properties": {"id": text, "reason": text, "rule": text, "always": {"const": false}},
        "required": ["id", "reason", "rule"],
    }));
    let possible = list_of(&json!({
        "type": "object", "properties": {"verdict": determined_words(), "rules": rules}, "required": ["verdict"],
    }));
    let verdict = json!({
        "type": "object",
        "properties": {
            "verdict": verdict_words(),
            "rules": rules,
            "requirements": requirements,
            "advice": rules,
            "possible": possible,
            "depends_on": list_of(&fact_words()),
        },
        "required": ["verdict"],
    });
    assert_current(
        "explained-decision.schema.json",
        &schema("Explained decision", decision(&verdict)),
    );
}

#[test]
fn the_readme_counts_right() {
    let readme = include_str!("../README.md").replace('\n', " ");
    let rulebook = Rulebook::partner_center();
    let editions: Vec<String> = rulebook.editions().map(|edition| edition.to_string()).collect();
    let (rules, count) = (rulebook.rules().len(), editions.len());
    let (first, last) = (&editions[0], &editions[count - 1]);
    let in_force = rulebook.editions().next_back().expect("an edition").rules().count();
    for sentence in [
        format!("{rules} rules in {count} editions, from {first} to {last}"),
        format!("{in_force} of them are in force"),
    ] {
        assert!(readme.contains(&sentence), "the README should say: {sentence}");
    }
}
