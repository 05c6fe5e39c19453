//! The generated documents are current, and the README's figures are those of the register.
//!
//! `UPDATE_DOCUMENTS=1 cargo test --test documents` writes them anew.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use csp_multichannel::{
    Action, Basis, Effect, Fact, Facts, Rule, Rulebook, Service, Set, Source, Verdict,
};
use serde_json::{Map, Value, json};

fn document(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(name)
}

/// Compares a generated document with the one in `docs`, or replaces it.
fn assert_current(name: &str, text: &str) {
    let path = document(name);
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
        "properties": {"code": text, "page": text, "url": text, "newest_text": {"type": "string"}},
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
fn page_of_the_facts() {
    let mut page = "# Facts, actions and verdicts\n\nThe words of the policy, as JSON, tables and the program use \
                    them. This page is generated.\n"
        .to_string();
    let mut add = |title: &str, line: &str, values: &mut dyn Iterator<Item = (&str, &str)>| {
        write!(page, "\n## {title}\n\n{line}\n\n").unwrap();
        for (word, meaning) in values {
            writeln!(page, "- `{word}`: {meaning}").unwrap();
        }
    };
    for fact in Fact::ALL {
        let mut values = fact.words().iter().copied().zip(fact.meanings().iter().copied());
        add(fact.as_str(), fact.question(), &mut values);
    }
    let actions = Action::ALL.iter().map(|action| (action.as_str(), action.meaning()));
    add("Actions", "What the partner may want to do.", &mut { actions });
    let verdicts = Verdict::ALL.iter().map(|verdict| (verdict.as_str(), verdict.meaning()));
    add("Verdicts", "The answer for one action.", &mut { verdicts });
    assert_current("facts.md", &page);
}

/// A page or an address of a document, as a link where there is one.
fn linked(source: &Source) -> String {
    match source.url() {
        Some(url) => format!("[{}]({url})", source.page()),
        None => source.page().into(),
    }
}

#[test]
fn page_of_the_rules() {
    let rulebook = Rulebook::partner_center();
    let mut page = format!(
        "# The rules\n\nAll {} rules of the register, in its order, by effect. `src/register.rs` has them as data; \
         this page is generated.\n",
        rulebook.rules().len()
    );
    let mut effect = None;
    for rule in rulebook.rules() {
        if effect.replace(rule.effect()) != Some(rule.effect()) {
            let name = rule.effect().as_str();
            let meaning = rule.effect().meaning();
            write!(page, "\n## {}{}\n\n{meaning}\n", name[..1].to_uppercase(), &name[1..]).unwrap();
        }
        let last = rule.validity().until().and_then(|day| day.pred_opt());
        let to = last.map(|day| format!(" to {day}")).unwrap_or_default();
        let sources: Vec<String> = rule.sources().iter().map(linked).collect();
        let actions = match rule.actions() {
            all if all == Set::all() => "all actions".into(),
            Action::MOVES => "all moves".into(),
            some => some.to_string(),
        };
        write!(page, "\n### {}\n\n{}.\n\n", rule.id(), capitalized(rule.reason())).unwrap();
        write!(page, "- Actions: {actions}").unwrap();
        if let Some(requirement) = rule.requirement() {
            write!(page, "; requirement: `{requirement}`").unwrap();
        }
        write!(
            page,
            "\n- Where: {}\n- In force: from {}{to}; {} in {}\n",
            if rule.condition() == Facts::UNKNOWN {
                "every case".into()
            } else {
                rule.condition().to_string()
            },
            rule.validity().from(),
            rule.basis(),
            sources.join(", ")
        )
        .unwrap();
    }
    assert_current("rules.md", &page);
}

fn capitalized(text: &str) -> String {
    text[..1].to_uppercase() + &text[1..]
}

#[test]
fn tables_of_the_policy() {
    let rules = Rulebook::partner_center().rules();
    let mut bases = String::new();
    for basis in Basis::ALL {
        let count = rules.iter().filter(|rule| rule.basis() == *basis).count();
        writeln!(bases, "- `{basis}`, {count} rules: {}", basis.meaning()).unwrap();
    }
    let mut sources: Vec<&Source> = Vec::new();
    for source in rules.iter().flat_map(Rule::sources) {
        if !sources.contains(&source) {
            sources.push(source);
        }
    }
    let mut table = "| code | page | newest text read |\n| --- | --- | --- |\n".to_string();
    for source in sources {
        writeln!(table, "| {} | {} | {} |", source.code(), linked(source), source.newest_text())
            .unwrap();
    }
    let written = std::fs::read_to_string(document("the-policy.md")).expect("a page");
    let mut expected = written;
    for (name, table) in [("bases", bases), ("sources", table)] {
        let begin = format!("<!-- {name} -->\n");
        let (before, rest) = expected.split_once(&begin).expect(name);
        let (_, after) = rest.split_once("<!-- end -->").expect(name);
        expected = format!("{before}{begin}{table}<!-- end -->{after}");
    }
    assert_current("the-policy.md", &expected);
}

/// The guides of the front page.
const GUIDES: [&str; 11] = [
    "decide-a-case",
    "what-is-not-known",
    "any-day-since-2016",
    "where-a-fact-comes-from",
    "ask-change-plan",
    "your-own-rules",
    "from-your-data",
    "a-hundred-million-subscriptions",
    "in-a-service",
    "how-it-works",
    "the-policy",
];

#[test]
fn guides_are_short_and_one_step_away() {
    let front = include_str!("../README.md");
    for guide in GUIDES {
        let text = std::fs::read_to_string(document(&format!("{guide}.md"))).expect("a guide");
        let prose = text.split("```").step_by(2).flat_map(str::split_whitespace);
        let words = prose.filter(|word| word.contains(char::is_alphanumeric)).count();
        assert!((1..=1000).contains(&words), "{guide} has {words} words");
        let shows = text.contains("| --- |") || text.contains("```text\n");
        assert!(shows, "{guide} has neither a table nor a picture");
        assert!(front.contains(&format!("][{guide}]")), "the front page should link to {guide}");
    }
}

/// No line of code runs out of a page: in documents, and in documentation.
#[test]
fn code_is_narrow() {
    const WIDEST: usize = 90;
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders = vec![root.join("docs"), root.join("src"), root.join("crates")];
    let mut files = vec![root.join("README.md"), root.join("CONTRIBUTING.md")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            let name = path.file_name().and_then(|name| name.to_str()).expect("a name");
            if path.is_dir() {
                if !["target", "tests", "benches", "templates"].contains(&name) {
                    folders.push(path);
                }
            } else if path.extension().is_some_and(|end| end == "md" || end == "rs") {
                files.push(path);
            }
        }
    }
    assert!(files.len() > 100, "{} files", files.len());
    let mut wide = Vec::new();
    for file in files {
        let is_rust = file.extension().is_some_and(|extension| extension == "rs");
        let mut in_code = false;
        let text = std::fs::read_to_string(&file).expect("a text");
        for (number, line) in (1..).zip(text.lines()) {
            let line = match (is_rust, line.trim_start()) {
                (false, _) => line,
                (true, line) if line.starts_with("///") || line.starts_with("//!") => {
                    line.get(4..).unwrap_or_default()
                }
                (true, _) => continue,
            };
            if line.trim_start().starts_with("```") {
                in_code = !in_code;
            } else if in_code && line.chars().count() > WIDEST {
                wide.push(format!("{}:{number}", file.display()));
            }
        }
    }
    assert!(wide.is_empty(), "wider than {WIDEST} columns:\n{}", wide.join("\n"));
}

#[test]
fn documents_count_right() {
    let rulebook = Rulebook::partner_center();
    let editions: Vec<String> = rulebook.editions().map(|edition| edition.to_string()).collect();
    let last = editions.last().expect("an edition");
    let in_force = rulebook.editions().next_back().expect("an edition").rules().count();
    let cases = Facts::UNKNOWN.assignments().count();
    let (rules, count) = (rulebook.rules().len(), editions.len());
    let readme = format!("{rules} rules in {count} editions, from {} to {last}", editions[0]);
    let all_cases = format!("{} cases", thousands(cases * count));
    let sentences = [
        ("README.md", readme),
        ("README.md", format!("{in_force} of them are in force")),
        ("CHANGELOG.md", format!("Policy: edition of {last}")),
        ("docs/proof.md", format!("all {all_cases}")),
        ("docs/any-day-since-2016.md", format!("changed {} times", count - 1)),
        ("docs/any-day-since-2016.md", format!("the last edition, {last}")),
        ("docs/any-day-since-2016.md", format!("These are eight of {count};")),
        ("docs/how-it-works.md", format!("each of {in_force} rules")),
        ("docs/how-it-works.md", format!("into editions, {count} for the published policy")),
        ("docs/how-it-works.md", format!("of every edition: {}", thousands(cases * count))),
        ("docs/decisions.md", format!("because {in_force} rules are in force")),
        ("docs/decisions.md", format!("{in_force} rules in force |")),
        ("docs/decisions.md", format!("There are {} cases", thousands(cases))),
        ("docs/performance.md", format!("uniformly from {}", thousands(cases))),
    ];
    let mut wrong = Vec::new();
    for (name, sentence) in sentences {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
        let text = std::fs::read_to_string(path).expect("a document");
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if !text.contains(&sentence) {
            wrong.push(format!("{name} should say: {sentence}"));
        }
    }
    // Wherever else editions are counted.
    for page in std::fs::read_dir(document("")).expect("a folder") {
        let path = page.expect("a page").path();
        if path.extension().is_none_or(|extension| extension != "md") {
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("a page");
        let prose: Vec<&str> =
            text.split("```").step_by(2).flat_map(str::split_whitespace).collect();
        for pair in prose.windows(2) {
            let counted = pair[0].parse::<usize>().ok().filter(|_| pair[1].starts_with("editions"));
            if counted.is_some_and(|counted| counted != count) {
                wrong.push(format!("{}: {} {}", path.display(), pair[0], pair[1]));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A number with commas between its thousands.
fn thousands(number: usize) -> String {
    match number {
        0..1000 => number.to_string(),
        _ => format!("{},{:03}", thousands(number / 1000), number % 1000),
    }
}
