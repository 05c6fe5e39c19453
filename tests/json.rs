//! The details of the JSON of cases, decisions and explained decisions.

mod support;

use csp_multichannel::{
    Action, Case, Channel, Cloud, DecisionRecord, Edition, Effect, ExplainedVerdict, Fact, Facts,
    Rule, Rulebook, Service, Set, Source, Subscription, Term, TermPhase, Verdict, Verdicts,
};
use support::at;

fn read(text: &str) -> Result<Case, String> {
    serde_json::from_str(text).map_err(|error| {
        let place = format!(" at line {} column {}", error.line(), error.column());
        error.to_string().replace(&place, "")
    })
}

fn facts(text: &str) -> Facts {
    let case = read(text).expect(text);
    assert_eq!(case.subscription.term(), None);
    case.subscription.facts()
}

#[test]
fn a_fact_is_a_word_or_a_list_of_words() {
    assert_eq!(facts(r#"{"id":"","channel":"open"}"#), Channel::Open.into());
    assert_eq!(
        facts(r#"{"channel":["open","direct"],"id":""}"#),
        [Channel::Open, Channel::Direct].into()
    );
    assert_eq!(facts(r#"{"id":"","channel":["open"]}"#), Channel::Open.into());
    assert_eq!(
        facts(r#"{"id":"","term_phase":["cancellable","ended"]}"#),
        [TermPhase::Cancellable, TermPhase::Ended].into()
    );
    // Escapes in keys and words are read like any other text.
    assert_eq!(facts(r#"{"\u0069d":"","channel":"\u006fpen"}"#), Channel::Open.into());
}

#[test]
fn absent_null_and_all_values_are_unknown() {
    for text in [
        r#"{"id":""}"#,
        r#"{"id":"","channel":null,"term":null,"term_phase":null}"#,
        r#"{"id":"","cloud":["china","germany","us_government","public"]}"#,
    ] {
        assert_eq!(facts(text), Facts::UNKNOWN, "{text}");
    }
}

#[test]
fn terms() {
    let term = |text: &str| {
        read(&format!(r#"{{"id":"","term":{text}}}"#))
            .map(|case| case.subscription.term().expect("a term"))
    };
    let year = Term::parse("2018-01-10T09:00:00Z", "2019-01-09").unwrap();
    assert_eq!(
        term(r#"{"purchased_at":"2018-01-10T10:00:00+01:00","ends_on":"2019-01-09"}"#),
        Ok(year)
    );
    assert_eq!(
        term(r#"{"ends_on":"2019-01-09","purchased_at":"2018-01-10t09:00:00.000z"}"#),
        Ok(year)
    );
    assert_eq!(term(r#"{"ends_on":"2019-01-09"}"#), Ok(Term::ending(year.ends_on())));
    assert_eq!(
        term(r#"{"ends_on":"2019-01-09","purchased_at":null}"#),
        Ok(Term::ending(year.ends_on()))
    );
    let until = at("2018-02-09T09:00:00Z");
    assert_eq!(
        term(
            r#"{"purchased_at":"2018-01-10T09:00:00Z","ends_on":"2019-01-09","cancellable_until":"2018-02-09T09:00:00Z"}"#
        ),
        Ok(year.cancellable_until(until))
    );
    assert_eq!(
        term(
            r#"{"purchased_at":"2018-01-10T09:00:00Z","ends_on":"2019-01-09","cancellable_until":null}"#
        ),
        Ok(year.never_cancellable())
    );
    // Not refused: a window that closes before the purchase, and a service that may have a term.
    assert!(term(r#"{"purchased_at":"2018-01-10T09:00:00Z","ends_on":"2019-01-09","cancellable_until":"2017-01-01T00:00:00Z"}"#).is_ok());
    assert!(
        read(r#"{"id":"","service":["azure","license"],"term":{"ends_on":"2019-01-09"}}"#).is_ok()
    );
    // A list of all phases is the same as none.
    assert!(read(r#"{"id":"","term_phase":["cancellable","committed","ended"],"term":{"ends_on":"2019-01-09"}}"#).is_ok());
}

/// Every kind of problem; the message names the field, the value, what is accepted, and the nearest word.
#[test]
fn refusals() {
    const FIELDS: &str = "`id`, `channel`, `service`, `cloud`, `partner`, `relationship`, `customer`, `region`, \
        `term_phase`, `at_term_end`, `status`, `transfer`, `term`";
    const CLOUDS: &str = "`public`, `us_government`, `germany`, `china`";
    const INSTANT: &str = "an RFC 3339 instant such as `2018-09-15T12:30:00Z`";
    for (text, message) in [
        ("5", "invalid type: integer `5`, expected a case as an object".to_owned()),
        ("[]", "invalid type: sequence, expected a case as an object".into()),
        ("{}", "`id` is missing, expected a string".into()),
        (r#"{"id":null}"#, "invalid type: null, expected `id` as a string".into()),
        (r#"{"id":7}"#, "invalid type: integer `7`, expected `id` as a string".into()),
        (r#"{"id":"a","id":"b"}"#, "`id` is given twice, expected once".into()),
        (r#"{"id":"a","cloud":null,"cloud":"china"}"#, "`cloud` is given twice, expected once".into()),
        (r#"{"id":"a","regoin":"same"}"#, format!("unknown field `regoin`, expected one of {FIELDS}; did you mean `region`?")),
        (r#"{"id":"a","color":1}"#, format!("unknown field `color`, expected one of {FIELDS}")),
        (r#"{"id":"a","cloud":"Public"}"#, format!("unknown cloud `Public`, expected one of {CLOUDS}; did you mean `public`?")),
        (r#"{"id":"a","cloud":""}"#, format!("unknown cloud ``, expected one of {CLOUDS}")),
        (r#"{"id":"a","cloud":true}"#, format!("invalid type: boolean `true`, expected `cloud` as one of {CLOUDS}, or a list of these")),
        (r#"{"id":"a","cloud":{}}"#, format!("invalid type: map, expected `cloud` as one of {CLOUDS}, or a list of these")),
        (r#"{"id":"a","cloud":[]}"#, format!("`cloud` is an empty list, expected one of {CLOUDS}")),
        (r#"{"id":"a","cloud":["china","china"]}"#, "`cloud` has `china` twice, expected once".into()),
        (r#"{"id":"a","cloud":["china",null]}"#, format!("invalid type: null, expected `cloud` as one of {CLOUDS}")),
        (r#"{"id":"a","cloud":["china",["public"]]}"#, format!("invalid type: sequence, expected `cloud` as one of {CLOUDS}")),
        (r#"{"id":"a","term":"2019"}"#, "invalid type: string \"2019\", expected `term` as an object".into()),
        (r#"{"id":"a","term":{}}"#, "`ends_on` is missing, expected a day such as `2018-09-15`".into()),
        (r#"{"id":"a","term":{"ends_on":null}}"#, "`ends_on` is missing, expected a day such as `2018-09-15`".into()),
        (r#"{"id":"a","term":{"ends":"2019-01-09"}}"#, "unknown field `ends`, expected one of `purchased_at`, `ends_on`, `cancellable_until`".into()),
        (r#"{"id":"a","term":{"ends-on":1}}"#, "unknown field `ends-on`, expected one of `purchased_at`, `ends_on`, `cancellable_until`; did you mean `ends_on`?".into()),
        (r#"{"id":"a","term":{"ends_on":"2019-01-09","ends_on":null}}"#, "`ends_on` is given twice, expected once".into()),
        (r#"{"id":"a","term":{"ends_on":"9.1.2019"}}"#, "`ends_on` is `9.1.2019`, expected a day such as `2018-09-15`".into()),
        (r#"{"id":"a","term":{"ends_on":"10000-01-01"}}"#, "`ends_on` is `10000-01-01`, expected a day such as `2018-09-15`".into()),
        (r#"{"id":"a","term":{"ends_on":20190109}}"#, "invalid type: integer `20190109`, expected `ends_on` as a day such as `2018-09-15`".into()),
        (r#"{"id":"a","term":{"ends_on":"2019-01-09","purchased_at":"2018-01-10"}}"#, format!("`purchased_at` is `2018-01-10`, expected {INSTANT}")),
        (r#"{"id":"a","term":{"ends_on":"2019-01-09","cancellable_until":"soon"}}"#, format!("`cancellable_until` is `soon`, expected {INSTANT}")),
        (r#"{"id":"a","term":{"purchased_at":"2019-01-10T00:00:00Z","ends_on":"2019-01-09"}}"#, "`ends_on` is `2019-01-09`, expected the UTC day of `purchased_at` or a later one".into()),
        (r#"{"id":"a","term":{"ends_on":"2019-01-09"},"term_phase":"ended"}"#, "`term` and `term_phase` are both given, expected one of the two".into()),
        (r#"{"id":"a","term_phase":["ended","committed"],"term":{"ends_on":"2019-01-09"}}"#, "`term` and `term_phase` are both given, expected one of the two".into()),
        (r#"{"id":"a","service":"azure","term":{"ends_on":"2019-01-09"}}"#, "`term` is given for a usage-based service (azure), expected none".into()),
        (r#"{"id":"a","service":["azure_plan","azure"],"term":{"ends_on":"2019-01-09"}}"#, "`term` is given for a usage-based service (azure, azure_plan), expected none".into()),
        (r#"{"id":"a"} {"#, "trailing characters".into()),
        (r#"{"id":"\ud800"}"#, "unexpected end of hex escape".into()),
    ] {
        assert_eq!(read(text), Err(message), "{text}");
    }
}

/// Invalid UTF-8 is refused at its byte: what comes before is refused first.
#[test]
fn invalid_utf_8() {
    let read = |bytes: &[u8]| {
        let mut id = None;
        let error =
            Case::read(&mut serde_json::Deserializer::from_slice(bytes), &mut id).unwrap_err();
        (id, error.to_string())
    };
    let (id, error) = read(b"{\"id\":\"a\",\"cloud\":\"\xff\"}");
    assert!(
        id.as_deref() == Some("a") && error.starts_with("invalid unicode code point"),
        "{error}"
    );
    let (id, error) = read(b"{\"color\":\"\xff\",\"id\":\"a\"}");
    assert!(id.is_none() && error.starts_with("unknown field `color`"), "{error}");
}

/// The id is known as soon as it is read, and not before; an earlier record's is forgotten.
#[test]
fn the_id_of_what_is_refused() {
    let mut old = Some("old".to_owned());
    let without_id = r#"{"cloud":"china"}"#;
    assert!(Case::read(&mut serde_json::Deserializer::from_str(without_id), &mut old).is_err());
    assert_eq!(old, None);
    let id = |text: &str| {
        let mut id = None;
        Case::read(&mut serde_json::Deserializer::from_str(text), &mut id).expect_err(text);
        id
    };
    assert_eq!(id(r#"{"color":1,"id":"x"}"#), None);
    assert_eq!(id(r#"{"id":"a","id":"b"}"#).as_deref(), Some("a"));
    assert_eq!(id(r#"{"id":"a","cloud":"#).as_deref(), Some("a"));
    assert_eq!(id(r#"{"id":3}"#), None);
}

/// A long or hostile value does not make a long or hostile message.
#[test]
fn messages_are_bounded() {
    let error =
        read(&format!(r#"{{"id":"a","cloud":"{}\u001b[2J"}}"#, "x".repeat(100_000))).unwrap_err();
    assert!(error.len() < 300, "{error}");
    let long = "x".repeat(100_000);
    for text in [
        format!(r#"{{"id":"a","term":"{long}"}}"#),
        format!(r#""{long}""#),
        format!(r#"{{"{long}":1}}"#),
    ] {
        let error = read(&text).unwrap_err();
        assert!(error.len() < 300, "{error}");
    }
    let error = read(r#"{"id":"a","cloud":"\u001b[2J"}"#).unwrap_err();
    assert!(error.starts_with(r"unknown cloud `\u{1b}[2J`"), "{error}");
}

#[test]
fn cases_are_written_in_the_order_of_the_table() {
    let subscription = Subscription::new()
        .with(Cloud::Public)
        .with([Channel::Open, Channel::Direct])
        .with(Service::License)
        .with_term(
            Term::parse("2018-01-10T10:00:00.250+01:00", "2019-01-09").unwrap().never_cancellable(),
        );
    assert_eq!(
        serde_json::to_string(&Case::new("c-17", subscription)).unwrap(),
        r#"{"id":"c-17","channel":["direct","open"],"service":"license","cloud":"public","term":{"purchased_at":"2018-01-10T09:00:00.25Z","ends_on":"2019-01-09","cancellable_until":null}}"#
    );
    assert_eq!(
        serde_json::to_string(&subscription.facts()).unwrap(),
        r#"{"channel":["direct","open"],"service":"license","cloud":"public"}"#
    );
}

#[test]
fn parts_of_a_case_are_read_alone() {
    let text = r#"{"channel":"open","term":{"ends_on":"2019-01-09"}}"#;
    let subscription: Subscription = serde_json::from_str(text).unwrap();
    assert_eq!(serde_json::to_string(&subscription).unwrap(), text);
    assert!(
        serde_json::from_str::<Subscription>(r#"{"id":"a"}"#)
            .unwrap_err()
            .to_string()
            .starts_with("unknown field `id`")
    );
    assert_eq!(
        serde_json::from_str::<Facts>(r#"{"channel":"open"}"#).unwrap(),
        Channel::Open.into()
    );
    assert!(
        serde_json::from_str::<Facts>(r#"{"term":null}"#)
            .unwrap_err()
            .to_string()
            .starts_with("unknown field `term`")
    );
    let term = Term::parse("2018-01-10T09:00:00Z", "2019-01-09").unwrap();
    assert_eq!(serde_json::from_str::<Term>(&serde_json::to_string(&term).unwrap()).unwrap(), term);
}

/// A row with columns of its own.
#[test]
fn a_subscription_among_other_fields() {
    #[derive(serde::Deserialize)]
    struct Row {
        note: String,
        #[serde(flatten)]
        subscription: Subscription,
    }
    let text = r#"{"channel":"open","note":"by mail","cloud":null,"term":null}"#;
    let row: Row = serde_json::from_str(text).unwrap();
    assert_eq!((&*row.note, row.subscription.facts()), ("by mail", Channel::Open.into()));
}

/// Errors of formats whose keys are not text, or that have no `null`.
#[test]
fn wrong_types_of_other_formats() {
    use serde::Deserialize;
    use serde::de::value::{Error, MapDeserializer};

    let key = MapDeserializer::<_, Error>::new([(5_u8, "open")].into_iter());
    let error = Facts::deserialize(key).unwrap_err().to_string();
    assert!(error.starts_with("invalid type: integer `5`, expected one of `channel`, "), "{error}");
    let value = MapDeserializer::<_, Error>::new([("channel", 5_u8)].into_iter());
    let error = Facts::deserialize(value).unwrap_err().to_string();
    assert_eq!(error, "invalid type: integer `5`, expected a value or `null`");
}

/// What can't be read back is not written.
#[test]
fn years_of_more_than_four_digits_are_not_written() {
    let far = chrono::NaiveDate::from_ymd_opt(10_000, 1, 1).unwrap();
    let error = serde_json::to_string(&Term::ending(far)).unwrap_err();
    assert_eq!(error.to_string(), "year 10000 can't be written, expected 0 to 9999");
    let midnight = far.and_hms_opt(0, 0, 0).unwrap().and_utc();
    let record = support::edition("2018-09-15").decide(Facts::UNKNOWN).record("a", midnight);
    assert!(serde_json::to_string(&record).is_err());
}

#[test]
fn words_sets_and_verdicts() {
    assert_eq!(serde_json::to_string(&Channel::OwnAdvisor).unwrap(), r#""own_advisor""#);
    assert_eq!(serde_json::from_str::<Fact>(r#""at_term_end""#).unwrap(), Fact::AtTermEnd);
    assert!(
        serde_json::from_str::<Fact>(r#""term""#)
            .unwrap_err()
            .to_string()
            .starts_with("unknown fact `term`")
    );
    let set = Set::from([Verdict::NotCovered, Verdict::Allowed]);
    assert_eq!(serde_json::to_string(&set).unwrap(), r#"["allowed","not_covered"]"#);
    assert_eq!(serde_json::from_str::<Set<Verdict>>(r#"["not_covered","allowed"]"#).unwrap(), set);
    let verdicts = support::edition("2018-09-15").decide(Facts::from(Service::Azure)).verdicts();
    let text = serde_json::to_string(&verdicts).unwrap();
    assert_eq!(
        text,
        r#"{"request_relationship":"undetermined","recreate_and_cancel":"undetermined","switch":"undetermined","wait_until_term_end":"undetermined","cancel_then_move":"undetermined"}"#
    );
    assert_eq!(serde_json::from_str::<Verdicts>(&text).unwrap(), verdicts);
    let twice = text.replace("\"switch\"", "\"request_relationship\"");
    let twice = serde_json::from_str::<Verdicts>(&twice).unwrap_err();
    assert!(twice.to_string().starts_with("`request_relationship` is given twice"), "{twice}");
    let partial = serde_json::from_str::<Verdicts>(r#"{"switch":"denied"}"#).unwrap_err();
    assert!(
        partial
            .to_string()
            .starts_with("an action is missing, expected each of request_relationship, "),
        "{partial}"
    );
}

fn custom(rules: Vec<Rule>) -> Rulebook {
    Rulebook::new(rules).expect("valid rules")
}

fn rule(id: &'static str, effect: Effect) -> Rule {
    Rule::new(id, effect, Action::Switch, chrono::NaiveDate::from_ymd_opt(2020, 1, 1).unwrap())
        .with_reason("because")
}

fn last(rulebook: &Rulebook) -> Edition<'_> {
    rulebook.editions().next_back().expect("an edition")
}

/// Rules of a custom rulebook carry its name; entries that apply in some cases only are marked.
#[test]
fn the_explained_form() {
    let rulebook = custom(vec![
        rule("open", Effect::Permit).when(Channel::Open).with_rulebook("northwind"),
        rule("direct", Effect::Permit)
            .when(Channel::Direct)
            .with_source(Source::new("N1", "handbook", "2026").with_url("https://example.org")),
        rule("letter", Effect::Require).with_requirement("letter"),
        rule("stamp", Effect::Require).when(Channel::Open).with_requirement("stamp"),
        rule("hint", Effect::Advise).when(Channel::Direct),
    ]);
    let decision = last(&rulebook).decide([Channel::Open, Channel::Direct].into());
    let explained = decision.explained("a", at("2026-11-27"));
    let record = serde_json::to_value(&explained).unwrap();
    assert_eq!(serde_json::from_value(record.clone()).ok(), Some(explained));
    let in_force = serde_json::json!({"from": "2020-01-01"});
    assert_eq!(
        record["verdicts"]["switch"],
        serde_json::json!({
            "verdict": "conditional",
            "rules": [
                {"id": "open", "reason": "because", "basis": "stated", "in_force": in_force, "rulebook": "northwind", "always": false},
                {"id": "direct", "reason": "because", "basis": "stated", "sources": [{"code": "N1", "page": "handbook", "url": "https://example.org"}], "in_force": in_force, "always": false},
            ],
            "requirements": [{"id": "letter", "reason": "because", "rule": "letter"}],
            "advice": [{"id": "hint", "reason": "because", "basis": "stated", "in_force": in_force, "always": false}],
        })
    );
}

/// Two rules can together require in every case what neither requires alone.
#[test]
fn requirements_are_named_apart_from_rules() {
    let rulebook = custom(vec![
        rule("permit", Effect::Permit),
        rule("of-open", Effect::Require).when(Channel::Open).with_requirement("letter"),
        rule("of-direct", Effect::Require).when(Channel::Direct).with_requirement("letter"),
    ]);
    let decision = last(&rulebook).decide([Channel::Open, Channel::Direct].into());
    assert!(decision.requirements(Action::Switch).eq(["letter"]));
    let record: DecisionRecord = decision.record("a", at("2026-11-27"));
    assert_eq!(record.verdicts.on(Action::Switch).requirements, ["letter"]);
    let explained = decision.explained("a", at("2026-11-27"));
    let [requirement] = &explained.verdicts.on(Action::Switch).requirements[..] else {
        panic!("one requirement")
    };
    assert_eq!((&*requirement.rule, requirement.always), ("of-open", true));
}

/// Where cases require different things, each is named, and marked; what is not marked always holds.
#[test]
fn requirements_of_some_cases() {
    let rulebook = custom(vec![
        rule("permit", Effect::Permit),
        rule("of-open", Effect::Require).when(Channel::Open).with_requirement("letter"),
        rule("of-direct", Effect::Require).when(Channel::Direct).with_requirement("stamp"),
    ]);
    let decision = last(&rulebook).decide([Channel::Open, Channel::Direct].into());
    assert_eq!(decision.requirements(Action::Switch).count(), 0);
    let explained = decision.explained("a", at("2026-11-27"));
    let requirements = &explained.verdicts.on(Action::Switch).requirements;
    let named: Vec<_> = requirements.iter().map(|of| (&*of.id, of.always)).collect();
    assert_eq!(named, [("letter", false), ("stamp", false)]);

    let mut text = serde_json::to_string(&explained).unwrap();
    assert_eq!(serde_json::from_str::<DecisionRecord<ExplainedVerdict>>(&text).unwrap(), explained);
    text = text.replace(r#","always":false"#, "");
    let read: DecisionRecord<ExplainedVerdict> = serde_json::from_str(&text).unwrap();
    assert!(read.verdicts.on(Action::Switch).requirements.iter().all(|of| of.always));
}

/// The error for a value of a wrong JSON type names the expected one.
#[test]
fn values_of_another_kind() {
    fn refused<T: serde::de::DeserializeOwned + std::fmt::Debug>(text: &str) -> String {
        serde_json::from_str::<T>(text).unwrap_err().to_string()
    }
    for (error, expected) in [
        (refused::<Case>("7"), "a case as an object"),
        (refused::<Subscription>("7"), "a subscription as an object"),
        (refused::<Facts>("[]"), "facts as an object"),
        (refused::<Verdicts>("[]"), "an object with an entry for each action"),
        (refused::<Channel>("7"), "one of `direct`, `advisor`"),
        (refused::<DecisionRecord>("7"), "DecisionRecord"),
    ] {
        assert!(error.contains("expected "), "{error}");
        assert!(error.contains(expected), "{error}");
    }
}
