//! The closed value sets: one spelling each, and what is no word.

#![cfg(all(feature = "std", feature = "serde"))]

use csp_multichannel::*;

/// Every word has one spelling, in `Display`, `FromStr`, `as_str` and serde.
#[test]
fn words_have_one_spelling() {
    fn check<T>(words: &[T], mut unknown: Vec<String>) -> usize
    where
        T: Member + PartialEq + std::fmt::Debug + serde::Serialize + serde::de::DeserializeOwned,
        T: std::str::FromStr<Err = UnknownWord>,
    {
        for &word in words {
            let text = word.to_string();
            assert_eq!(text.parse::<T>(), Ok(word));
            assert_eq!(serde_json::to_string(&word).expect("JSON"), format!("\"{text}\""));
            assert_eq!(serde_json::from_str::<T>(&format!("\"{text}\"")).expect("a word"), word);
            unknown.extend([text.to_uppercase(), format!(" {text}"), format!("{text}s")]);
        }
        for text in unknown {
            let error = text.parse::<T>().expect_err("no such word");
            assert_eq!(error.given().as_str(), text);
            assert_eq!(error.accepted().len(), words.len());
            let accepted = error.accepted().iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
            let told = format!("unknown {} `{text}`, expected one of {accepted}", error.kind());
            assert_eq!(error.to_string(), told);
            let read = serde_json::from_str::<T>(&serde_json::to_string(&text).expect("JSON"));
            assert!(read.expect_err("no such word").to_string().starts_with(&error.to_string()));
        }
        words.len()
    }
    let empty = || vec![String::new()];
    assert_eq!("opne".parse::<Channel>().map_err(|error| error.kind()), Err("channel"));
    let facts = check(Channel::ALL, empty())
        + check(Service::ALL, empty())
        + check(Cloud::ALL, empty())
        + check(Partner::ALL, empty())
        + check(Relationship::ALL, empty())
        + check(Customer::ALL, empty())
        + check(Market::ALL, empty())
        + check(TermPhase::ALL, empty())
        + check(AutoRenew::ALL, empty())
        + check(Status::ALL, empty())
        + check(Transfer::ALL, empty());
    let others = check(Action::ALL, empty())
        + check(Verdict::ALL, empty())
        + check(Effect::ALL, empty())
        + check(Basis::ALL, empty())
        + check(Fact::ALL, empty());
    assert_eq!((facts, others), (42, 5 + 5 + 5 + 4 + 11));
}

#[test]
fn every_value_finds_its_fact() {
    let values: Vec<Value> = Set::<Value>::all().iter().collect();
    assert_eq!(values.len(), 42);
    for &fact in Fact::ALL {
        assert!(fact.values().iter().all(|value| value.fact() == fact && values.contains(&value)));
    }
    assert_eq!(Fact::ALL.iter().map(|fact| fact.values().len()).sum::<usize>(), 42);
    let azure = Value::from(Service::Azure);
    assert_eq!((azure.fact(), azure.as_str()), (Fact::Service, "azure"));
}

#[test]
fn sets() {
    let some = Set::from([Channel::Open, Channel::Direct]);
    assert_eq!(some.to_string(), "direct, open");
    assert_eq!(format!("{some:?}"), "{Direct, Open}");
    assert_eq!(some.single(), None);
    assert_eq!(some.difference(Channel::Open.into()).single(), Some(Channel::Direct));
    assert_eq!(some.union(Set::from([Channel::Advisor])).len(), 3);
    assert!(some.intersection(Set::from([Channel::Advisor])).is_empty());
    assert!(Set::from(Channel::Open).is_subset(some) && some.is_subset(some) && Set::EMPTY.is_subset(some));
    assert!(!some.is_subset(Channel::Open.into()) && !some.is_subset(Channel::Advisor.into()));
    assert_eq!(Set::<Channel>::all().len(), Channel::ALL.len());
    let mut more = some;
    more.extend([Channel::Open, Channel::Advisor]);
    assert_eq!(more, some.union(Channel::Advisor.into()));
    assert_eq!((more.iter().size_hint(), more.iter().skip(1).len()), ((3, Some(3)), 2));
    assert_eq!(serde_json::to_string(&some).expect("JSON"), r#"["direct","open"]"#);
    let wrong = serde_json::from_str::<Set<Channel>>("7").expect_err("no list").to_string();
    assert!(wrong.starts_with("invalid type: integer `7`, expected a list"), "{wrong}");
    assert_eq!(serde_json::from_str::<Set<Channel>>(r#"["open","direct","open"]"#).expect("a set"), some);
}

#[test]
fn groups() {
    let of = |group: fn(Service) -> bool| Service::ALL.iter().copied().filter(|&service| group(service)).collect();
    assert_eq!(Service::LICENSE_BASED, of(Service::is_license_based));
    assert_eq!(Service::LICENSE_BASED.to_string(), "license, new_commerce_license");
    assert_eq!(Service::USAGE_BASED.to_string(), "azure, azure_plan");
    assert_eq!(Action::MOVES.to_string(), "recreate_and_cancel, switch, wait_until_term_end, cancel_then_move");
    assert_eq!(Action::MOVES, Action::ALL.iter().copied().filter(|action| action.is_move()).collect());
}

/// What is given is known: a value as its own type has it, as any value, and as a set of them.
#[test]
fn what_is_given_is_known() {
    let given = |facts: Facts, value: Value| facts.given(value).expect("possible");
    assert_eq!(Facts::UNKNOWN.unknown(), Set::all());
    assert_eq!(Facts::UNKNOWN.known::<Channel>(), None);
    let open = given(Facts::UNKNOWN, Channel::Open.into());
    assert_eq!(open, Facts::UNKNOWN.given(Channel::Open).expect("possible"));
    assert_eq!(open, Facts::UNKNOWN.given(ValueSet::only(Channel::Open.into())).expect("possible"));
    assert_eq!(open.known(), Some(Channel::Open));
    assert_eq!(open.unknown(), Set::all().difference(Fact::Channel.into()));
    // A usage-based service has no term.
    let azure = given(open, Service::Azure.into());
    assert_eq!(azure.known(), Some(TermPhase::None));
    assert_eq!(open.unknown().difference(azure.unknown()), Set::from([Fact::Service, Fact::Term]));
    let both = azure.given(TermPhase::Ended).expect_err("a contradiction");
    assert_eq!(both.to_string(), "contradictory facts: `term` cannot be `ended`, expected one of `none`");
}

#[test]
fn excerpts() {
    assert_eq!(Excerpt::of("opne").to_string(), "opne");
    assert_eq!(Excerpt::of("").to_string(), "");
    // Cut between characters.
    let text = "é".repeat(1000);
    assert!(Excerpt::of(&text).is_cut());
    assert_eq!(Excerpt::of(&text).to_string(), format!("{}…", "é".repeat(23)));
    assert_eq!(Excerpt::of(&format!("x{text}")).as_str(), format!("x{}", "é".repeat(22)));
    // Nothing that steers a terminal.
    assert_eq!(Excerpt::of("a\u{1b}[2J\n").to_string(), "a\\u{1b}[2J\\n");
}

#[test]
fn instants() {
    let utc = |text| parse_instant(text).map(|instant| instant.to_rfc3339());
    assert_eq!(utc("2020-02-29").as_deref(), Ok("2020-02-29T00:00:00+00:00"));
    assert_eq!(utc("2018-09-15T01:30:00+02:00").as_deref(), Ok("2018-09-14T23:30:00+00:00"));
    assert_eq!(utc("2018-09-15T00:00:00.25Z").as_deref(), Ok("2018-09-15T00:00:00.250+00:00"));
    // A fraction of any length, and the digits of an offset are none of it.
    assert_eq!(utc("2018-09-15T01:30:00.1234567+02:00").as_deref(), Ok("2018-09-14T23:30:00.123456700+00:00"));
    assert_eq!(utc("2018-09-15T01:30:00.25-11:59").as_deref(), Ok("2018-09-15T13:29:00.250+00:00"));
    // A space or a small letter may stand between day and time, and for UTC; zeros may follow the nanoseconds.
    for good in
        ["2018-09-15T00:00:00Z", "2018-09-15 00:00:00Z", "2018-09-15t00:00:00z", "2018-09-15T00:00:00.0000000000Z"]
    {
        assert_eq!(parse_instant(good), parse_instant("2018-09-15"), "{good}");
    }
    assert_eq!(utc("2016-12-31T23:59:60Z").as_deref(), Ok("2016-12-31T23:59:60+00:00"));
    assert_eq!(utc("2017-01-01T08:59:60.5+09:00").as_deref(), Ok("2016-12-31T23:59:60.500+00:00"));
    for bad in [
        // No leap second there, a minus that is none, and a fraction that could not be kept.
        "2018-09-15T10:00:60Z",
        "2018-09-15T23:59:60Z",
        "2018-09-15T10:00:00\u{2212}02:00",
        "2018-09-15T00:00:00.0000000001Z",
        "",
        "2018-8-31",
        "2018-02-29",
        "2018-13-01",
        "2018-00-10",
        "+2018-08-31",
        " 2018-08-31",
        "2018-08-31Z",
        "2018/08/31",
        "２018-08-1",
        "2018-09-15T00:00:00",
        "2018-09-15T24:00:00Z",
        "2018-09-15T00:00Z",
        "9999-12-31T23:59:59-01:00",
        "0000-01-01T00:00:00+01:00",
    ] {
        assert_eq!(parse_instant(bad).expect_err("no instant").given().as_str(), bad);
    }
}

#[test]
fn an_excerpt_shows_whether_the_text_went_on() {
    let whole = "x".repeat(Excerpt::CAPACITY);
    let excerpt = Excerpt::of(&whole);
    assert!(!excerpt.is_cut());
    assert_eq!(format!("{excerpt:?}"), format!("{whole:?}"));
    let excerpt = Excerpt::of(&format!("{whole}x"));
    assert!(excerpt.is_cut());
    assert_eq!(format!("{excerpt:?}"), format!("{whole:?}…"));
    assert_eq!(excerpt.as_str(), whole);
}

/// Every assignment is its own bits, and no other bits are one; its `Debug` says which case it is.
#[test]
fn assignments_are_their_bits() {
    let bits: Vec<u32> = Assignment::all().map(Assignment::to_bits).collect();
    assert_eq!(bits.len(), 293_760);
    assert!(bits.is_sorted_by(|one, other| one < other));
    for case in Assignment::all().step_by(997) {
        assert_eq!(Assignment::from_bits(case.to_bits()), Some(case));
        assert_eq!(Facts::from(case).assignment(), Some(case));
        assert_eq!(format!("{case:?}"), format!("Assignment({})", Facts::from(case)));
    }
    for none in [1 << Assignment::BITS, u32::MAX, bits[0] | 1 << 31] {
        assert_eq!(Assignment::from_bits(none), None);
    }
}

/// What a failed assertion of a user's shows: words, not bits.
#[test]
fn debugging_shows_words() {
    let from = "2026-01-01".parse().expect("a day");
    let rules = [
        Rule::new("p", Effect::Permit, Action::Switch, from).when(Channel::Open),
        Rule::new("q", Effect::Forbid, Action::WaitUntilTermEnd, from).when(Channel::Open),
    ];
    let rulebook = Rulebook::new(rules).expect("rules");
    let edition = rulebook.editions().next().expect("one");
    let facts = Facts::UNKNOWN.given(Channel::Open).expect("no contradiction");
    let decision = edition.decide(facts);
    let verdicts = "{RequestRelationship: NotCovered, RecreateAndCancel: NotCovered, Switch: Allowed, WaitUntilTermEnd: Denied, \
                    CancelThenMove: NotCovered}";
    assert_eq!(format!("{:?}", decision.verdicts()), verdicts);
    assert_eq!(
        format!("{decision:?}"),
        format!(
            r#"Decision {{ edition: Edition(2026-01-01), facts: Facts(channel: open), verdicts: {verdicts}, firing: ["p", "q"] }}"#
        )
    );
    assert_eq!(format!("{:?}", rulebook.rules()[0].condition()), "Condition(channel: open)");
    let channels = Set::from([Channel::Open, Channel::Direct]);
    assert_eq!(format!("{channels:?}"), "{Direct, Open}");
    assert_eq!(format!("{:?}", channels.iter()), "SetIter({Direct, Open})");
}
