//! Deciding and reading decisions allocates nothing, whether all is known or nothing.

use csp_multichannel::*;

/// What a service does with a decision, but for writing it.
fn read_all(decision: &Decision<'_>) -> usize {
    let mut read = decision.open().len();
    for &action in Action::ALL {
        read += decision.rules(action).chain(decision.advice(action)).map(|rule| rule.reason().len()).sum::<usize>();
        read += decision.requirements(action).map(str::len).sum::<usize>();
        read += decision.possible(action).len() + decision.depends_on(action).len();
    }
    read
}

#[test]
fn deciding_allocates_nothing() {
    let at = parse_instant("2018-09-15").expect("a day");
    let term = Term::new(at, "2019-09-14".parse().expect("a day"), Cancellation::ByService).expect("a term");
    let license = Subscription::new(Service::License).with_channel(Channel::Open).with_term(term).expect("a term");
    let known = Facts::UNKNOWN
        .given(ValueSet::from_iter([
            Channel::OtherCspPartner.into(),
            Service::Azure.into(),
            Cloud::Public.into(),
            Partner::DirectBill.into(),
            Relationship::None.into(),
            Customer::EndCustomer.into(),
            Market::Same.into(),
            AutoRenew::Off.into(),
            Status::Active.into(),
            Transfer::None.into(),
        ]))
        .expect("possible");
    assert!(known.assignment().is_some());

    let mut read = 0;
    let allocations = allocation_counter::measure(|| {
        for edition in Rulebook::partner_center().editions() {
            read += read_all(&edition.decide(known));
            read += read_all(&edition.decide(Facts::UNKNOWN));
            let mut verdicts = [Verdicts::default(); 2];
            read += edition.decide_all(&[known, Facts::UNKNOWN], &mut verdicts);
        }
        read += decide(&license, &Engagement::new(), at).map_or(0, |decision| read_all(&decision));
        read += Facts::UNKNOWN.given(Channel::Open).and_then(|facts| facts.given(Channel::Direct)).map_or(1, |_| 0);
        read += usize::from(decide(&license, &Engagement::new(), chrono::DateTime::UNIX_EPOCH).is_err());
    });
    assert!(read > 5_000, "{read} bytes of explanations are too few to have read them");
    assert_eq!(allocations.count_total, 0);
}

/// The counter counts.
#[test]
fn an_allocation_is_counted() {
    let allocations = allocation_counter::measure(|| {
        std::hint::black_box(vec![1_u8]);
    });
    assert_eq!(allocations.count_total, 1);
}
