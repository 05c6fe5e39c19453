//! Deciding and reading decisions allocates nothing, whether all is known or nothing.

use csp_multichannel::{
    Action, AtTermEnd, Channel, Cloud, Customer, Decision, Facts, Partner, Region, Relationship,
    Rulebook, Service, Status, Subscription, Term, TermPhase, Transfer, Verdicts, decide,
    parse_instant,
};

/// What a service does with a decision, but for writing it.
fn read_all(decision: &Decision<'_>) -> usize {
    let mut read = decision.allowed().len() + decision.conditional().len();
    for &action in Action::ALL {
        let rules = decision.reasons(action).chain(decision.advice(action));
        read += rules.map(|rule| rule.reason().len()).sum::<usize>();
        read += decision.requirements(action).map(str::len).sum::<usize>();
        read += decision.possible(action).len() + decision.depends_on(action).len();
    }
    read
}

#[test]
fn deciding_allocates_nothing() {
    let at = parse_instant("2018-09-15").expect("an instant");
    let term = Term::parse("2018-09-15T00:00:00Z", "2019-09-14").expect("a term");
    let license = Subscription::new().with(Service::License).with(Channel::Open).with_term(term);
    let known = Facts::UNKNOWN
        .with(Channel::OtherCspPartner)
        .with(Service::Azure)
        .with(Cloud::Public)
        .with(Partner::DirectBill)
        .with(Relationship::None)
        .with(Customer::EndCustomer)
        .with(Region::Same)
        .with(TermPhase::Committed)
        .with(AtTermEnd::End)
        .with(Status::Active)
        .with(Transfer::None);
    assert!(known.is_known());

    let mut read = 0;
    let allocations = allocation_counter::measure(|| {
        for edition in Rulebook::partner_center().editions() {
            read += read_all(&edition.decide(known));
            read += read_all(&edition.decide(known.with([Channel::Open, Channel::Direct])));
            read += read_all(&edition.decide(Facts::UNKNOWN));
            let mut verdicts = [Verdicts::default(); 2];
            read += edition.decide_all(&[known, Facts::UNKNOWN], &mut verdicts);
        }
        read += decide(&license, at).map_or(0, |decision| read_all(&decision));
        read += usize::from(known.narrow(Channel::Open).is_err());
        read += usize::from(decide(&license, chrono::DateTime::UNIX_EPOCH).is_err());
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
