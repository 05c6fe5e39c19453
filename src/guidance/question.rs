//! The next question: which unknown fact to ask for first, and what each answer would lead to.

use core::fmt;
use std::vec::Vec;

use crate::decision::{Decision, Verdicts};
use crate::facts::Facts;
use crate::vocabulary::{Action, ActionSet, Fact, FactSet, Member, Service, TermPhase, Value, Verdict};

/// How likely the values of unknown facts are, as weights: a value of weight 2 is twice as likely as one of weight 1.
///
/// A fact all of whose possible values weigh nothing has no likelihoods of its own: [`Weights::EVEN`] count for it instead, and
/// [`Weights::silent_on`] names it.
///
/// `Display` writes the weights that are not 1, or `even`: `channel: syndication_partner 0; cloud: public 50`. With the feature `serde`
/// they are read from and written as an object, `{"cloud": {"public": 50}}`; values that are left out weigh 1.
///
/// ```
/// use csp_multichannel::guidance::Weights;
/// use csp_multichannel::{Channel, Cloud};
///
/// let weights = Weights::EVEN.with(Cloud::Public, 50).with(Channel::SyndicationPartner, 0);
/// assert_eq!(weights.of(Cloud::Public), 50);
/// assert_eq!(weights.of(Cloud::China), 1);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weights([u32; Value::COUNT]);

impl Weights {
    /// All possible assignments are equally likely.
    pub const EVEN: Self = Self([1; Value::COUNT]);

    /// The same, with another weight for one value.
    #[must_use]
    pub fn with(mut self, value: impl Into<Value>, weight: u32) -> Self {
        if let Some(place) = self.0.get_mut(value.into().position() as usize) {
            *place = weight;
        }
        self
    }

    /// The weight of a value.
    #[must_use]
    pub fn of(&self, value: impl Into<Value>) -> u32 {
        self.0.get(value.into().position() as usize).copied().unwrap_or_default()
    }

    /// The unknown facts all of whose possible values weigh nothing: by the weights, what is known of them cannot be. [`Weights::EVEN`]
    /// count for them instead.
    ///
    /// Service and term go together: a service weighs nothing where no phase does that can go with it, and the other way round.
    ///
    /// ```
    /// use csp_multichannel::guidance::Weights;
    /// use csp_multichannel::{Facts, Set, Status};
    ///
    /// let weights = Weights::EVEN.with(Status::Suspended, 0).with(Status::Deleted, 0);
    /// assert!(weights.silent_on(Facts::UNKNOWN).is_empty());
    /// let not_active = Facts::UNKNOWN.given(Set::from([Status::Suspended, Status::Deleted]))?;
    /// assert_eq!(weights.silent_on(not_active).to_string(), "status");
    /// # Ok::<(), csp_multichannel::Contradiction>(())
    /// ```
    #[must_use]
    pub fn silent_on(&self, facts: Facts) -> FactSet {
        facts.unknown().iter().filter(|&fact| self.total(facts, fact) == 0.0).collect()
    }

    /// How likely one value of an unknown fact is, of those that are possible.
    fn likelihood(&self, facts: Facts, value: Value) -> f64 {
        let weights = if self.total(facts, value.fact()) > 0.0 { self } else { &Self::EVEN };
        weights.mass(facts, value) / weights.total(facts, value.fact())
    }

    /// What the possible values of a fact weigh together.
    fn total(&self, facts: Facts, fact: Fact) -> f64 {
        facts.possible(fact).iter().map(|value| self.mass(facts, value)).sum()
    }

    /// The weight of a value, with that of the phases or services that go with it.
    fn mass(&self, facts: Facts, value: Value) -> f64 {
        let weight = f64::from(self.of(value));
        let partner = match value.fact() {
            Fact::Service => Fact::Term,
            Fact::Term => Fact::Service,
            _ => return weight,
        };
        let with_it = facts
            .given(value)
            .map_or(weight, |given| given.possible(partner).iter().map(|value| f64::from(self.of(value))).sum());
        weight * with_it
    }
}

impl Default for Weights {
    fn default() -> Self {
        Self::EVEN
    }
}

impl fmt::Display for Weights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let uneven = || Value::MEMBERS.iter().copied().filter(|&value| self.of(value) != 1);
        let mut last = None;
        for value in uneven() {
            match last.replace(value.fact()) {
                Some(fact) if fact == value.fact() => f.write_str(", ")?,
                Some(_) => write!(f, "; {}: ", value.fact())?,
                None => write!(f, "{}: ", value.fact())?,
            }
            write!(f, "{value} {}", self.of(value))?;
        }
        f.write_str(if last.is_none() { "even" } else { "" })
    }
}

/// A question worth asking: for an unknown fact on which a verdict turns.
///
/// `Display` writes the question, and what each answer leads to.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    fact: Fact,
    actions: ActionSet,
    answers: Vec<PossibleAnswer>,
    left: f64,
}

/// An answer that is possible, and what it leads to.
///
/// `Display` writes the value and the verdicts on all actions: `open: switch denied; recreate_and_cancel not settled yet`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PossibleAnswer {
    value: Value,
    likelihood: f64,
    verdicts: Verdicts,
    left: u64,
}

impl PossibleAnswer {
    /// The value that it gives to the fact.
    #[must_use]
    pub const fn value(&self) -> Value {
        self.value
    }

    /// How likely it is, from 0 to 1, by the [`Weights`].
    #[must_use]
    pub const fn likelihood(&self) -> f64 {
        self.likelihood
    }

    /// The verdicts that it leads to.
    #[must_use]
    pub const fn verdicts(&self) -> Verdicts {
        self.verdicts
    }

    /// How many assignments of values to the facts are possible after it.
    #[must_use]
    pub const fn assignments(&self) -> u64 {
        self.left
    }
}

impl Question {
    /// The fact that it asks for.
    #[must_use]
    pub const fn fact(&self) -> Fact {
        self.fact
    }

    /// Its id, such as `ask-channel`: it does not change.
    #[must_use]
    pub const fn id(&self) -> &'static str {
        match self.fact {
            Fact::Channel => "ask-channel",
            Fact::Service => "ask-service",
            Fact::Cloud => "ask-cloud",
            Fact::Partner => "ask-partner",
            Fact::Relationship => "ask-relationship",
            Fact::Customer => "ask-customer",
            Fact::Market => "ask-market",
            Fact::Term => "ask-term",
            Fact::AutoRenew => "ask-auto-renew",
            Fact::Status => "ask-status",
            Fact::Transfer => "ask-transfer",
        }
    }

    /// The question in plain English.
    #[must_use]
    pub const fn text(&self) -> &'static str {
        match self.fact {
            Fact::Channel => "Where did the customer buy the subscription?",
            Fact::Service => "What was bought?",
            Fact::Cloud => "In which cloud is it?",
            Fact::Partner => "What is your role in the Cloud Solution Provider program?",
            Fact::Relationship => "Is there a reseller relationship between you and the customer?",
            Fact::Customer => {
                "Is the customer's tenant itself a partner that sells in the Cloud Solution Provider program?"
            }
            Fact::Market => "Are you and the customer in the same country or region?",
            Fact::Term => "Where is the subscription in its term?",
            Fact::AutoRenew => "Does the term renew by itself?",
            Fact::Status => "What state is the subscription in?",
            Fact::Transfer => "Is the subscription part of an open transfer request?",
        }
    }

    /// The answers that are possible, in the order of the policy's table.
    #[must_use]
    pub fn answers(&self) -> &[PossibleAnswer] {
        &self.answers
    }

    /// How many assignments are expected to be left undecided after the answer, summed up over the actions asked about: the less, the
    /// more it settles.
    #[must_use]
    pub const fn expected_left(&self) -> f64 {
        self.left
    }

    fn of(decision: &Decision<'_>, actions: ActionSet, fact: Fact, weights: &Weights) -> Self {
        let answer = |value| {
            let facts = decision.facts().given(value).unwrap_or(decision.facts());
            PossibleAnswer {
                value,
                likelihood: weights.likelihood(decision.facts(), value),
                verdicts: decision.edition().decide(facts).verdicts(),
                left: facts.assignments(),
            }
        };
        let answers: Vec<PossibleAnswer> = decision.facts().possible(fact).iter().map(answer).collect();
        let left = answers.iter().map(|answer| {
            let open = answer.verdicts.actions_with(Verdict::Undetermined).intersection(actions).len();
            #[expect(clippy::cast_precision_loss, reason = "there are less than 2^19 assignments")]
            let undecided = (answer.left * open as u64) as f64;
            answer.likelihood * undecided
        });
        let left = left.sum();
        Self { fact, actions, answers, left }
    }
}

impl Decision<'_> {
    /// The questions worth asking, for one action or several, the one first that is expected to settle most.
    ///
    /// Each asks for an unknown fact on which a verdict turns. Answered one by one, always the first one, they end in verdicts that are not
    /// undetermined, after at most as many questions as there are such facts now.
    ///
    /// ```
    /// use csp_multichannel::guidance::Weights;
    /// use csp_multichannel::*;
    ///
    /// let edition = Rulebook::partner_center().edition_at(parse_instant("2026-11-24")?)?;
    /// let facts = Facts::UNKNOWN.given(Service::Azure)?.given(Channel::OtherCspPartner)?;
    /// let questions = edition.decide(facts).questions(Action::Switch, &Weights::EVEN);
    /// assert_eq!(questions[0].text(), "In which cloud is it?");
    /// let ids: Vec<_> = questions.iter().map(|question| question.id()).collect();
    /// assert_eq!(ids.len(), 7);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn questions(&self, actions: impl Into<ActionSet>, weights: &Weights) -> Vec<Question> {
        let actions = actions.into();
        let turns_on = actions.iter().fold(FactSet::EMPTY, |facts, action| facts.union(self.depends_on(action)));
        let mut questions: Vec<_> = turns_on.iter().map(|fact| Question::of(self, actions, fact, weights)).collect();
        // A stable sort: where two settle as much, the order of the policy's table.
        questions.sort_by(|one, other| one.left.total_cmp(&other.left));
        questions
    }
}

/// Writes the question, and a line an answer: `    open: switch denied; recreate_and_cancel not settled yet`.
impl fmt::Display for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.text(), self.fact)?;
        for answer in &self.answers {
            f.write_str("\n    ")?;
            answer.fmt_on(self.actions, f)?;
        }
        Ok(())
    }
}

impl fmt::Display for PossibleAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.fmt_on(Action::EVERY, f)
    }
}

impl PossibleAnswer {
    /// Writes the value, and the verdicts on some actions.
    fn fmt_on(&self, actions: ActionSet, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.value)?;
        let undetermined = self.verdicts.actions_with(Verdict::Undetermined).intersection(actions);
        let mut separator = "";
        for (action, verdict) in self.verdicts.iter().filter(|&(action, _)| actions.contains(action)) {
            if verdict != Verdict::Undetermined {
                write!(f, "{separator}{action} {verdict}")?;
                separator = ", ";
            }
        }
        match undetermined.len() {
            0 => Ok(()),
            left if left == actions.len() => f.write_str("nothing is settled yet"),
            _ => write!(f, "; {undetermined} not settled yet"),
        }
    }
}

impl Facts {
    /// How many assignments of one value to each fact are possible.
    ///
    /// ```
    /// assert_eq!(csp_multichannel::Facts::UNKNOWN.assignments(), 293_760);
    /// ```
    #[must_use]
    pub fn assignments(self) -> u64 {
        let together = [Fact::Service, Fact::Term];
        let apart = Fact::ALL.iter().filter(|fact| !together.contains(fact));
        let count: u64 = apart.map(|&fact| self.possible(fact).len() as u64).product();
        let services = self.values().of::<Service>();
        let phases = self.values().of::<TermPhase>();
        let usage_based = services.intersection(Service::USAGE_BASED).len();
        let without_term = usize::from(phases.contains(TermPhase::None));
        let with_term = (services.len() - usage_based) * (phases.len() - without_term);
        count * (usage_based * without_term + with_term) as u64
    }
}

impl Value {
    /// What it means as an answer to the [`Question`](crate::guidance::Question) about its fact, in plain English.
    #[must_use]
    #[expect(clippy::match_same_arms, reason = "a row a value, in the order of the policy's table")]
    pub fn meaning(self) -> &'static str {
        match (self.fact(), self.as_str()) {
            (Fact::Channel, "direct") => "from Microsoft (in China: from 21Vianet)",
            (Fact::Channel, "advisor") => "in the Advisor program",
            (Fact::Channel, "own_advisor") => "from you, at a time when you were an Advisor",
            (Fact::Channel, "open") => "in the Open program",
            (Fact::Channel, "enterprise_agreement") => "under an Enterprise Agreement",
            (Fact::Channel, "third_party") => "from a seller outside the Cloud Solution Provider program",
            (Fact::Channel, "syndication_partner") => "from a Syndication Partner",
            (Fact::Channel, "other_csp_partner") => "from another partner of the Cloud Solution Provider program",
            (Fact::Channel, "former_csp_partner") => "from a seller that is no longer authorised in that program",
            (Fact::Channel, "this_partner") => "from you, in the Cloud Solution Provider program",
            (Fact::Service, "license") => "licenses per seat, traditional",
            (Fact::Service, "new_commerce_license") => "licenses per seat, new commerce",
            (Fact::Service, "azure") => "Azure outside the Azure plan",
            (Fact::Service, "azure_plan") => "an Azure plan",
            (Fact::Service, "azure_reservation") => "an Azure reservation",
            (Fact::Service, "software") => "software",
            (Fact::Service, "marketplace") => "an offer of the commercial marketplace",
            (Fact::Cloud, "public") => "the public cloud",
            (Fact::Cloud, "us_government") => "Microsoft Cloud for US Government",
            (Fact::Cloud, "germany") => "Microsoft Cloud Germany",
            (Fact::Cloud, "china") => "the cloud in China that 21Vianet operates",
            (Fact::Partner, "direct_bill") => "a direct-bill partner",
            (Fact::Partner, "indirect_provider") => "an indirect provider",
            (Fact::Partner, "indirect_reseller") => "an indirect reseller",
            (Fact::Relationship, "none") => "no",
            (Fact::Relationship, "requested") => "it has been asked for, and not accepted yet",
            (Fact::Relationship, "active") => "yes, the customer has accepted it",
            (Fact::Customer, "end_customer") => "no, it uses what it buys",
            (Fact::Customer, "csp_tenant") => "yes",
            (Fact::Market, "same") => "yes",
            (Fact::Market, "other") => "no",
            (Fact::Term, "none") => "it has no term: it is paid by use",
            (Fact::Term, "cancellable") => "the term runs and can be cancelled",
            (Fact::Term, "committed") => "the term runs and can no longer be cancelled",
            (Fact::Term, "ended") => "the term is over",
            (Fact::AutoRenew, "on") => "yes",
            (Fact::AutoRenew, "off") => "no",
            (Fact::Status, "active") => "in use",
            (Fact::Status, "suspended") => "suspended",
            (Fact::Status, "deleted") => "deleted",
            (Fact::Transfer, "none") => "no",
            (Fact::Transfer, "pending") => "yes",
            _ => "",
        }
    }
}
