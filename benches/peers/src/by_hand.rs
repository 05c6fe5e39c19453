//! The edition written by hand in Rust, as for a policy that never changes and whose reasons nobody asks for.

use csp_multichannel::{
    Action, AtTermEnd, ByAction, Channel, Cloud, Customer, Facts, Partner, Region, Relationship,
    Service, Status, TermPhase, Transfer, Verdict, Verdicts,
};

use crate::{Peer, known};

/// Needs nothing.
pub struct ByHand;

/// A case as a struct.
pub struct Case {
    channel: Channel,
    service: Service,
    cloud: Cloud,
    partner: Partner,
    relationship: Relationship,
    customer: Customer,
    region: Region,
    term_phase: TermPhase,
    at_term_end: AtTermEnd,
    status: Status,
    transfer: Transfer,
}

impl Peer for ByHand {
    const NAME: &'static str = "`match` by hand";
    const FEATURE: &'static str = "by_hand";
    type Input = Case;

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
            region: known(case),
            term_phase: known(case),
            at_term_end: known(case),
            status: known(case),
            transfer: known(case),
        }
    }

    fn decide(&mut self, case: &mut Case) -> Verdicts {
        case.verdicts()
    }
}

impl Case {
    fn verdicts(&self) -> Verdicts {
        let covered = self.cloud != Cloud::Germany
            && !matches!(self.service, Service::Software | Service::Marketplace)
            && !matches!(self.channel, Channel::ThisPartner | Channel::SyndicationPartner);
        if !covered {
            return Verdicts::default();
        }
        ByAction::from_fn(|action| match action {
            Action::RequestRelationship => self.request(),
            _ if self.cloud == Cloud::China => Verdict::NotCovered,
            _ if self.customer == Customer::CspTenant => Verdict::Denied,
            Action::RecreateAndCancel => self.recreate(),
            Action::Switch => self.switch(),
            Action::WaitUntilTermEnd => self.wait(),
            Action::CancelThenMove => self.cancel(),
        })
    }

    fn request(&self) -> Verdict {
        let china = self.cloud == Cloud::China;
        let named_in_china = self.is_license()
            && matches!(
                self.channel,
                Channel::Direct | Channel::OwnAdvisor | Channel::OtherCspPartner
            );
        if china && !named_in_china {
            Verdict::NotCovered
        } else if self.relationship != Relationship::None || self.region == Region::Other {
            Verdict::Denied
        } else {
            permitted(china && self.partner == Partner::IndirectReseller)
        }
    }

    fn recreate(&self) -> Verdict {
        if self.status == Status::Deleted {
            Verdict::Denied
        } else if !self.is_azure() {
            Verdict::NotCovered
        } else if self.region == Region::Other {
            Verdict::Denied
        } else {
            permitted(self.needs_somebody())
        }
    }

    fn switch(&self) -> Verdict {
        let public = self.cloud == Cloud::Public;
        let active = self.status == Status::Active;
        let ended = self.term_phase == TermPhase::Ended;
        let from_partner =
            matches!(self.channel, Channel::OtherCspPartner | Channel::FormerCspPartner);
        let from_agreement =
            matches!(self.channel, Channel::EnterpriseAgreement | Channel::McaEnterprise);
        let possible = match self.service {
            Service::NewCommerceLicense => {
                let runs = !ended || self.at_term_end == AtTermEnd::Extend;
                from_partner && public && active && runs
            }
            // Between two partners there is a manual form, for any cloud and state.
            Service::Azure => match self.channel {
                Channel::OtherCspPartner => self.status != Status::Deleted,
                _ => (from_partner || from_agreement) && public && active,
            },
            Service::AzurePlan => (from_partner || from_agreement) && public && active,
            Service::AzureReservation | Service::AzureSavingsPlan => {
                (from_partner || from_agreement) && public && active && !ended
            }
            _ => false,
        };
        if possible && self.region == Region::Same && self.transfer == Transfer::None {
            permitted(self.needs_somebody() || from_agreement)
        } else {
            Verdict::Denied
        }
    }

    fn wait(&self) -> Verdict {
        let extends =
            self.service == Service::NewCommerceLicense && self.at_term_end == AtTermEnd::Extend;
        let deleted = self.status == Status::Deleted;
        if self.is_azure() || self.region == Region::Other {
            return Verdict::Denied;
        }
        match self.term_phase {
            TermPhase::Ended if extends && !deleted => Verdict::Denied,
            TermPhase::Ended => Verdict::Allowed,
            _ if deleted => Verdict::Denied,
            _ => permitted(extends || self.at_term_end == AtTermEnd::Renew),
        }
    }

    fn cancel(&self) -> Verdict {
        if self.status == Status::Deleted {
            return Verdict::Denied;
        }
        if self.is_azure() {
            return Verdict::NotCovered;
        }
        if self.region == Region::Other {
            return Verdict::Denied;
        }
        match (self.term_phase, self.service, self.at_term_end) {
            (TermPhase::Cancellable, Service::AzureSavingsPlan, _) => Verdict::NotCovered,
            (TermPhase::Cancellable, ..)
            | (TermPhase::Ended, Service::NewCommerceLicense, AtTermEnd::Extend) => {
                Verdict::Allowed
            }
            _ => Verdict::Denied,
        }
    }

    fn is_license(&self) -> bool {
        matches!(self.service, Service::License | Service::NewCommerceLicense)
    }

    fn is_azure(&self) -> bool {
        matches!(self.service, Service::Azure | Service::AzurePlan)
    }

    /// Whether the customer or a provider has to do something first.
    fn needs_somebody(&self) -> bool {
        self.relationship != Relationship::Active || self.partner == Partner::IndirectReseller
    }
}

fn permitted(required: bool) -> Verdict {
    if required { Verdict::Conditional } else { Verdict::Allowed }
}
