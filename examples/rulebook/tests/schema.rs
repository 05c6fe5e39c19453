//! The JSON Schema of rulebooks, by a validator: it accepts what loads, and refuses what no rulebook can have.

use csp_multichannel::Rulebook;
use jsonschema::Validator;
use serde_json::{Value, json};

fn validator() -> Validator {
    let schema: Value = serde_json::from_str(include_str!("../../../docs/rulebook.schema.json")).expect("JSON");
    assert!(jsonschema::meta::is_valid(&schema), "a schema by its own schema");
    jsonschema::validator_for(&schema).expect("a schema")
}

fn northwind() -> Value {
    serde_json::from_str(include_str!("../sample/northwind.json")).expect("JSON")
}

#[test]
fn what_loads_is_accepted() {
    let validator = validator();
    let built_in = serde_json::to_value(Rulebook::partner_center()).expect("JSON");
    let standalone: Rulebook = toml::from_str(include_str!("../sample/standalone.toml")).expect("a rulebook");
    for data in [built_in, northwind(), serde_json::to_value(standalone).expect("JSON")] {
        assert!(Rulebook::read(&data).is_ok());
        let errors: Vec<String> = validator.iter_errors(&data).map(|error| error.to_string()).collect();
        assert_eq!(errors, [""; 0]);
    }
    let wrong: Value = serde_json::from_str(include_str!("../sample/wrong.json")).expect("JSON");
    assert!(!validator.is_valid(&wrong));
}

/// Every value in a document, put in the place of others and left out: the schema accepts what loads, and what it refuses does not load.
#[test]
fn what_is_refused_does_not_load() {
    let validator = validator();
    let others = [
        json!(null),
        json!(true),
        json!(7),
        json!(""),
        json!("x"),
        json!("a b"),
        json!("x\u{7}"),
        json!("2026-01-01"),
        json!("switch"),
        json!("require"),
        json!("public"),
        json!([]),
        json!([7]),
        json!(["switch"]),
        json!(["open", "public"]),
        json!({}),
        json!({"x": 1}),
    ];
    let document = northwind();
    let (mut loaded, mut refused) = (0, 0);
    for place in places(&document) {
        for other in others.iter().map(Some).chain([None]) {
            let mut changed = document.clone();
            replace(&mut changed, &place, other);
            let loads = Rulebook::read(&changed);
            let accepted = validator.is_valid(&changed);
            assert!(accepted || loads.is_err(), "{place} as {other:?} loads, and is refused");
            loaded += usize::from(loads.is_ok());
            refused += usize::from(!accepted);
        }
        let mut changed = document.clone();
        if let Some(Value::Object(object)) = changed.pointer_mut(&place) {
            object.insert("colour".into(), json!("red"));
            assert!(!validator.is_valid(&changed) && Rulebook::read(&changed).is_err(), "{place} has a colour");
        }
    }
    assert!(loaded > 50 && refused > 500, "{loaded} loaded, {refused} refused");
}

/// The pointers to all values in a document.
fn places(document: &Value) -> Vec<String> {
    let within: Vec<(String, &Value)> = match document {
        Value::Object(object) => object.iter().map(|(name, value)| (format!("/{name}"), value)).collect(),
        Value::Array(items) => items.iter().enumerate().map(|(at, value)| (format!("/{at}"), value)).collect(),
        _ => Vec::new(),
    };
    let deeper = |(name, value): (String, &Value)| places(value).into_iter().map(move |place| format!("{name}{place}"));
    [String::new()].into_iter().chain(within.into_iter().flat_map(deeper)).collect()
}

/// Puts another value in a place, or leaves the place out.
fn replace(document: &mut Value, place: &str, other: Option<&Value>) {
    if let Some(other) = other {
        *document.pointer_mut(place).expect("the place") = other.clone();
        return;
    }
    let (outer, name) = place.rsplit_once('/').unwrap_or_default();
    match document.pointer_mut(outer) {
        Some(Value::Object(object)) => drop(object.remove(name)),
        Some(Value::Array(items)) if !name.is_empty() => drop(items.remove(name.parse().expect("a position"))),
        _ => {}
    }
}
