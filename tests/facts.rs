//! Facts, sets and a decision as text: what examples do not show.

mod support;

use csp_multichannel::{
    Action, Channel, Cloud, Effect, Fact, Facts, NoValue, Region, Relationship, Rule, Rulebook,
    Service, Set, Source, Subscription, decide,
};
use support::{at, edition};

#[test]
fn sets_of_values_become_facts() {
    let set = Set::from([Channel::Open, Channel::Direct]);
    assert_eq!(Facts::try_from(set), Ok(Facts::from([Channel::Direct, Channel::Open])));
    assert_eq!(Facts::try_from(Set::<Channel>::all()), Ok(Facts::UNKNOWN));
    assert_eq!(Facts::try_from(Set::from(Region::Other)), Ok(Region::Other.into()));
    let error: NoValue = Facts::try_from(Set::<Cloud>::EMPTY).unwrap_err();
    assert_eq!(error.fact(), Fact::Cloud);
    assert_eq!(
        error.to_string(),
        "no value of `cloud`, expected at least one of `public`, `us_government`, `germany`, `china`"
    );
}

#[test]
fn with_replaces_what_the_argument_narrows() {
    let facts = Facts::from(Channel::Open).with(Cloud::Public);
    assert_eq!(facts.with(Channel::Direct), Facts::from(Channel::Direct).with(Cloud::Public));
    assert_eq!(facts.with(Facts::UNKNOWN), facts);
    assert_eq!(facts.with(None::<Channel>), facts);
    assert_eq!(facts.with(Some([Channel::Direct, Channel::Open])).known(), None::<Channel>);
    // All values at once narrow nothing.
    assert_eq!(facts.with([Region::Same, Region::Other]), facts);
    assert_eq!(facts.without(Fact::Channel), Cloud::Public.into());
    assert_eq!(facts.narrowed(), Set::from([Fact::Channel, Fact::Cloud]));
}

/// One fact of others, one fact alone, and all but one: for each fact and each of its values.
#[test]
fn one_fact() {
    let known = |nth: usize| Facts::UNKNOWN.assignments().nth(nth).expect("a case");
    let (ours, others) = (known(0), known(1_026_431));
    let words = |facts: Facts, fact| facts.possible_words(fact).collect::<Vec<_>>();
    for &fact in Fact::ALL {
        let (mixed, alone, without) =
            (ours.replace(fact, others), ours.about(fact), ours.without(fact));
        for &other in Fact::ALL {
            let is_same = other == fact;
            assert_eq!(words(mixed, other), words(if is_same { others } else { ours }, other));
            assert_eq!(
                words(alone, other),
                words(if is_same { ours } else { Facts::UNKNOWN }, other)
            );
            assert_eq!(
                words(without, other),
                words(if is_same { Facts::UNKNOWN } else { ours }, other)
            );
        }
    }
}

#[test]
fn a_contradiction_says_what_was_possible() {
    let facts = Facts::from([Channel::Direct, Channel::Open]).with(Cloud::Public);
    let error = facts.narrow(Facts::from(Channel::Advisor).with(Cloud::China)).unwrap_err();
    assert_eq!(error.fact(), Fact::Channel);
    assert_eq!(error.given().known(), Some(Channel::Advisor));
    assert_eq!(error.possible(), facts);
}

#[test]
fn splits_and_assignments() {
    let facts = Facts::from([Channel::Direct, Channel::Open]);
    assert!(facts.split(Fact::Channel).eq([Channel::Direct, Channel::Open].map(Facts::from)));
    assert_eq!(facts.split(Fact::Cloud).count(), 4);
}

#[test]
fn sets() {
    let one = Set::from([Action::Switch, Action::RequestRelationship]);
    let other = Set::from(Action::Switch);
    assert_eq!(one.union(other), one);
    assert_eq!(one.intersection(other), other);
    assert_eq!(one.difference(other).single(), Some(Action::RequestRelationship));
    assert!(other.is_subset(one) && !one.is_subset(other));
    assert_eq!((one.len(), one.is_empty(), Set::<Action>::EMPTY.is_empty()), (2, false, true));
    assert_eq!(one.single(), None);
    assert_eq!(Action::MOVES.union(Action::RequestRelationship.into()), Set::all());
    assert_eq!(format!("{one} {other:?}"), "request_relationship, switch {Switch}");
    let mut values = one.iter();
    for left in [2, 1, 0, 0] {
        assert_eq!((values.len(), values.size_hint()), (left, (left, Some(left))));
        assert_eq!(values.next().is_some(), left > 0);
    }
    let mut extended = other;
    extended.extend([Action::RequestRelationship]);
    assert_eq!(extended, one);
}

#[test]
fn before_the_first_edition() {
    let error = decide(&Subscription::new(), at("2016-11-30T23:59:59Z")).unwrap_err();
    assert_eq!(
        (error.asked(), error.first()),
        (at("2016-11-30T23:59:59Z"), "2016-12-01".parse().unwrap())
    );
    assert!(Rulebook::partner_center().edition_at(at("2016-12-01")).is_ok());
}

/// Whole texts: an undetermined verdict, and a rule of a custom rulebook.
#[test]
fn decisions_as_text() {
    let facts = Facts::from(Channel::OtherCspPartner).with(Service::License).with(Cloud::Public);
    let decision = edition("2018-09-15").decide(facts);
    let text = decision.to_string();
    assert!(
        text.contains(
            "\n\nwait_until_term_end   undetermined\
             \n    possible    allowed, conditional, denied\
             \n    depends on  customer, region, term_phase, at_term_end, status\n"
        ),
        "{text}"
    );
    assert!(
        text.starts_with("edition 2018-09-13\n\nrequest_relationship  undetermined\n"),
        "{text}"
    );

    let from = chrono::NaiveDate::from_ymd_opt(2026, 1, 1).unwrap();
    let rule = |id: &'static str| {
        Rule::new(id, Effect::Forbid, Action::Switch, from).with_reason("not by us")
    };
    let rulebook =
        Rulebook::new([rule("plain"), rule("named").with_rulebook("northwind")]).unwrap();
    let text = rulebook.editions().next().unwrap().decide(Relationship::Active.into()).to_string();
    assert!(
        text.contains(
            "\nswitch                denied\
             \n    because     not by us\
             \n                plain: stated\
             \n    because     not by us\
             \n                named: stated in northwind\n"
        ),
        "{text}"
    );
}

/// Lines are filled up to 80 columns; a word that is too long has a line of its own.
#[test]
fn lines_of_text() {
    let from = chrono::NaiveDate::from_ymd_opt(2026, 1, 1).unwrap();
    let rule = |id: &'static str, reason: &str| {
        Rule::new(id, Effect::Forbid, Action::Switch, from).with_reason(reason.to_owned())
    };
    let (full, too_long) = ("f".repeat(64), "t".repeat(65));
    let lines = [
        "a".repeat(31),
        format!("{} {}", "b".repeat(33), "c".repeat(30)),
        full,
        too_long.clone(),
        format!("d {} {}", "e".repeat(20), "g".repeat(40)),
        "hh".into(),
    ];
    // Without the comma after it, the page would fill its line.
    let page = "p".repeat(49);
    let source = |page: &str| Source::new("H", page.to_owned(), "2026-01-01");
    let with_pages =
        rule("lines", &lines.join(" ")).with_source(source(&page)).with_source(source("q"));
    let rules = [rule("long", &too_long), with_pages];
    let rulebook = Rulebook::new(rules).unwrap();
    let text = rulebook.editions().next().unwrap().decide(Facts::UNKNOWN).to_string();
    let lines = lines.join(&format!("\n{:16}", ""));
    let expected = format!(
        "\n    because     {too_long}\
         \n                long: stated\
         \n    because     {lines}\
         \n                lines: stated,\n                {page}, q\n"
    );
    assert!(text.contains(&expected), "{text}\n{expected}");
}

/// A condition with its requirement and advice; a verdict without any rule.
#[test]
fn requirements_and_advice_as_text() {
    let from = chrono::NaiveDate::from_ymd_opt(2026, 1, 1).unwrap();
    let rule = |id: &'static str, effect| {
        Rule::new(id, effect, Action::Switch, from).with_reason("as agreed")
    };
    let rulebook = Rulebook::new([
        rule("transfer", Effect::Permit),
        rule("signed", Effect::Require).with_requirement("contract"),
        rule("call", Effect::Advise),
    ])
    .unwrap();
    let decision = rulebook.editions().next().unwrap().decide(Facts::UNKNOWN);
    assert_eq!(
        decision.to_string(),
        "edition 2026-01-01\
         \n\nrequest_relationship  not_covered\
         \n    because     no rule covers this case\
         \n\nrecreate_and_cancel   not_covered\
         \n    because     no rule covers this case\
         \n\nswitch                conditional\
         \n    because     as agreed\
         \n                transfer: stated\
         \n    requires    contract: as agreed\
         \n                signed: stated\
         \n    advice      as agreed\
         \n                call: stated\
         \n\nwait_until_term_end   not_covered\
         \n    because     no rule covers this case\
         \n\ncancel_then_move      not_covered\
         \n    because     no rule covers this case"
    );

    let rulebook = Rulebook::new([rule("not-ours", Effect::Exclude)]).unwrap();
    let text = rulebook.editions().next().unwrap().decide(Facts::default()).to_string();
    let excluded = "\nswitch                not_covered\
                    \n    because     as agreed\
                    \n                not-ours: stated\n";
    assert!(text.contains(excluded), "{text}");
}

/// What a failed assertion shows.
#[test]
fn debug_output() {
    let facts = Facts::default().with(Channel::ThisPartner);
    assert_eq!(format!("{facts:?}"), "Facts(channel: this_partner)");
    let edition = edition("2018-09-15");
    assert_eq!(format!("{edition:?}"), "Edition(2018-09-13)");
    let decision = edition.decide(facts);
    assert_eq!(format!("{:?}", decision.reasons(Action::Switch)), r#"["not-bought-elsewhere"]"#);
    let text = format!("{decision:?}");
    assert!(text.starts_with("Decision { edition: Edition(2018-09-13), facts: Facts("), "{text}");
    assert!(text.ends_with(r#""request-grants-administration-only"], .. }"#), "{text}");
}
