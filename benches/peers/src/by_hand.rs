//! The edition written out in Rust, as one would write a policy that never changes and whose reasons nobody asks for.

use csp_multichannel::{
    AutoRenew, Channel, Cloud, Customer, Facts, Market, Partner, Relationship, Service, Status, TermPhase, Verdict,
};

use crate::{Peer, known};

/// Needs nothing.
#[derive(Debug)]
pub struct ByHand;

/// The facts that the edition turns on.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "the vocabulary's own names")]
pub struct Case {
    pub channel: Channel,
    pub service: Service,
    pub cloud: Cloud,
    pub partner: Partner,
    pub relationship: Relationship,
    pub customer: Customer,
    pub market: Market,
    pub term: TermPhase,
    pub auto_renew: AutoRenew,
    pub status: Status,
}

impl Peer for ByHand {
    const NAME: &'static str = "match by hand";
    const FEATURE: &'static str = "by_hand";
    type Input = Case;
    type Answer = [Verdict; 5];

    fn load(_: &str) -> Self {
        Self
    }

    fn input(&self, case: Facts) -> Case {
        Case {
            channel: known(case),
            service: known(case),
            cloud: known(case),
            partner: known(case),
            relationship: known(case),
            customer: known(case),
            market: known(case),
            term: known(case),
            auto_renew: known(case),
            status: known(case),
        }
    }

    fn decide(&self, case: &mut Case) -> [Verdict; 5] {
        case.verdicts()
    }
}

/// What the policy tells services apart by.
#[derive(Clone, Copy)]
enum Kind {
    License,
    Azure,
    Reservation,
}

impl Case {
    fn verdicts(&self) -> [Verdict; 5] {
        let kind = match self.service {
            Service::License | Service::NewCommerceLicense => Kind::License,
            Service::Azure | Service::AzurePlan => Kind::Azure,
            Service::AzureReservation => Kind::Reservation,
            // Software and the marketplace; services to come would have to be looked at.
            _ => return [Verdict::NotCovered; 5],
        };
        if matches!(self.channel, Channel::ThisPartner | Channel::SyndicationPartner) {
            return [Verdict::NotCovered; 5];
        }
        let request = self.request(kind);
        if self.cloud == Cloud::China {
            let [recreate, switch, wait, cancel] = [Verdict::NotCovered; 4];
            return [request, recreate, switch, wait, cancel];
        }
        if self.customer == Customer::CspTenant {
            let [recreate, switch, wait, cancel] = [Verdict::Denied; 4];
            return [request, recreate, switch, wait, cancel];
        }
        [request, self.recreate(kind), self.switch(kind), self.wait(kind), self.cancel(kind)]
    }

    fn request(&self, kind: Kind) -> Verdict {
        let named_in_china =
            matches!(kind, Kind::License) && matches!(self.channel, Channel::Direct | Channel::OwnAdvisor);
        match self.relationship {
            _ if self.cloud == Cloud::China && !named_in_china => Verdict::NotCovered,
            Relationship::None => Verdict::Allowed,
            // Active or requested.
            _ => Verdict::Denied,
        }
    }

    fn recreate(&self, kind: Kind) -> Verdict {
        match kind {
            _ if self.status == Status::Deleted => Verdict::Denied,
            Kind::Azure if self.channel != Channel::OtherCspPartner => {
                let alone = self.relationship == Relationship::Active && self.partner != Partner::IndirectReseller;
                if alone { Verdict::Allowed } else { Verdict::Conditional }
            }
            _ => Verdict::NotCovered,
        }
    }

    fn switch(&self, kind: Kind) -> Verdict {
        if self.partner == Partner::IndirectReseller
            || self.market == Market::Other
            || self.channel != Channel::OtherCspPartner
        {
            return Verdict::Denied;
        }
        match (kind, self.service, self.relationship) {
            (Kind::License | Kind::Reservation, ..) => Verdict::Denied,
            (Kind::Azure, Service::Azure, Relationship::Active) => Verdict::Allowed,
            (Kind::Azure, Service::Azure, _) => Verdict::Conditional,
            (Kind::Azure, ..) => Verdict::NotCovered,
        }
    }

    fn wait(&self, kind: Kind) -> Verdict {
        match (kind, self.term, self.market) {
            _ if self.status == Status::Deleted => Verdict::Denied,
            (_, TermPhase::None | TermPhase::Ended, _) | (Kind::License, _, Market::Other) => Verdict::Denied,
            (Kind::License, ..) if self.auto_renew == AutoRenew::On => Verdict::Conditional,
            (Kind::License, ..) => Verdict::Allowed,
            (Kind::Azure | Kind::Reservation, ..) => Verdict::NotCovered,
        }
    }

    fn cancel(&self, kind: Kind) -> Verdict {
        match (kind, self.term, self.market) {
            _ if self.status == Status::Deleted => Verdict::Denied,
            (_, TermPhase::Committed | TermPhase::Ended, _) | (Kind::License, _, Market::Other) => Verdict::Denied,
            (Kind::License, ..) => Verdict::Allowed,
            (Kind::Azure | Kind::Reservation, ..) => Verdict::NotCovered,
        }
    }
}
