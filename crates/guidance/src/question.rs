//! Questions about the unknown facts on which verdicts depend, the most useful first.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use csp_multichannel::{
    Action, ByAction, Decision, Effect, ExplainedRule, Fact, FactValue, Facts, Rule, Set,
    UnknownWord, Verdict, Verdicts,
};
use serde::{Deserialize, Serialize};

/// Weights that say how likely the values of unknown facts are: a value of weight 2 is twice as
/// likely as one of weight 1.
///
/// The JSON form is an object of objects. Absent values have the weight 1, and unknown words are
/// errors.
///
/// ```
/// use csp_multichannel::{Channel, Cloud};
/// use csp_multichannel_guidance::Weights;
///
/// let weights =
///     Weights::UNIFORM.with(Cloud::Public, 50).with(Channel::SyndicationPartner, 0);
/// let json = r#"{"channel":{"syndication_partner":0},"cloud":{"public":50}}"#;
/// assert_eq!(serde_json::to_string(&weights)?, json);
/// assert_eq!(serde_json::from_str::<Weights>(json)?, weights);
/// let unknown = serde_json::from_str::<Weights>(r#"{"cloud":{"publik":50}}"#).unwrap_err();
/// assert_eq!(
///     unknown.to_string(),
///     "unknown cloud `publik`, expected one of `public`, `us_government`, `germany`, \
///      `china`; did you mean `public`?",
/// );
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "BTreeMap<Fact, BTreeMap<String, u32>>")]
pub struct Weights(BTreeMap<Fact, BTreeMap<Cow<'static, str>, u32>>);

impl Weights {
    /// Weights by which all values of a fact are equally likely.
    pub const UNIFORM: Self = Self(BTreeMap::new());

    /// Sets the weight of a value; a value of weight 0 is not expected.
    ///
    /// ```
    /// use csp_multichannel::*;
    /// use csp_multichannel_guidance::{Weights, questions};
    ///
    /// let facts = Facts::from([Status::Active, Status::Suspended]).with(Service::Azure);
    /// let edition = Rulebook::partner_center().edition_at(parse_instant("2026-11-27")?)?;
    /// let weights = Weights::UNIFORM.with(Status::Active, 3);
    /// let questions = questions(&edition.decide(facts), Action::Switch, &weights);
    /// let status = questions.iter().find(|question| question.fact == Fact::Status).unwrap();
    /// let likelihoods = status.answers.iter().map(|answer| (&*answer.value, answer.likelihood));
    /// assert_eq!(likelihoods.collect::<Vec<_>>(), [("active", 0.75), ("suspended", 0.25)]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with<T: FactValue>(mut self, value: T, weight: u32) -> Self {
        let word = T::FACT.words().get(value.position()).copied().unwrap_or_default();
        self.0.entry(T::FACT).or_default().insert(word.into(), weight);
        self
    }

    fn weight(&self, fact: Fact, word: &str) -> f32 {
        let weight = self.0.get(&fact).and_then(|of| of.get(word)).copied().unwrap_or(1);
        #[expect(clippy::cast_precision_loss, reason = "likelihoods are rough")]
        let weight = weight as f32;
        weight
    }

    /// Returns the likelihood of each possible value of a fact, in the order of the values.
    ///
    /// If all of them have the weight 0, they are equally likely, because one of them must be the
    /// case.
    fn likelihoods(&self, facts: Facts, fact: Fact) -> Vec<f32> {
        let weights = facts.possible_words(fact).map(|word| self.weight(fact, word));
        let total: f32 = weights.clone().sum();
        let count = weights.clone().count();
        #[expect(clippy::cast_precision_loss, reason = "a fact has a dozen values")]
        let even = 1.0 / count as f32;
        weights.map(|weight| if total > 0.0 { weight / total } else { even }).collect()
    }
}

impl TryFrom<BTreeMap<Fact, BTreeMap<String, u32>>> for Weights {
    type Error = UnknownWord;

    fn try_from(weights: BTreeMap<Fact, BTreeMap<String, u32>>) -> Result<Self, UnknownWord> {
        let checked = weights.into_iter().map(|(fact, of)| {
            let of = of.into_iter().map(|(word, weight)| {
                Facts::parse(fact, &word).map(|_| (Cow::Owned(word), weight))
            });
            of.collect::<Result<_, _>>().map(|of| (fact, of))
        });
        checked.collect::<Result<_, _>>().map(Self)
    }
}

/// A question about an unknown fact on which a verdict depends, with its reasons and answers.
///
/// `Display` writes the reason in one sentence.
///
/// ```
/// use csp_multichannel::*;
/// use csp_multichannel_guidance::{Weights, questions};
///
/// let azure: Case = serde_json::from_str(r#"{
///     "id": "c-17", "channel": "other_csp_partner", "service": "azure_plan",
///     "cloud": "public", "partner": "direct_bill", "relationship": "active",
///     "customer": "end_customer", "status": "active", "transfer": "none"
/// }"#)?;
/// let decision = Rulebook::partner_center()
///     .decide(&azure.subscription, parse_instant("2026-11-27")?)?;
/// let question = questions(&decision, Action::Switch, &Weights::UNIFORM).remove(0);
/// assert_eq!(question.fact, Fact::Region);
/// assert_eq!(
///     question.text,
///     "Are partner and customer in one CSP sales region, \
///      such as the European Union and EFTA together?",
/// );
/// assert_eq!(
///     question.to_string(),
///     "switch (allowed, denied) depends on `region`, by transfer-other-region",
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Question {
    /// The unknown fact.
    pub fact: Fact,
    /// The question in plain English.
    pub text: Cow<'static, str>,
    /// The possible verdicts, for each action whose verdict depends on the fact.
    pub possible: BTreeMap<Action, Set<Verdict>>,
    /// The rules on these actions that admit some of the possible values only.
    pub rules: Vec<ExplainedRule>,
    /// The possible answers, in the order of the policy's table.
    pub answers: Vec<PossibleAnswer>,
    /// The number of requested verdicts that are expected to be undetermined after the answer. The
    /// lower it is, the more useful is the question.
    pub expected_undetermined: f32,
}

/// A possible answer to a question, with the verdicts after it.
///
/// ```
/// use csp_multichannel::*;
/// use csp_multichannel_guidance::{Weights, questions};
///
/// let edition = Rulebook::partner_center().edition_at(parse_instant("2026-11-27")?)?;
/// let decision = edition.decide(Facts::UNKNOWN);
/// let questions = questions(&decision, Action::RequestRelationship, &Weights::UNIFORM);
/// let region = questions.iter().find(|question| question.fact == Fact::Region).unwrap();
/// assert_eq!(
///     serde_json::to_string_pretty(&region.answers[1])?,
///     r#"{
///   "value": "other",
///   "meaning": "They are in different regions.",
///   "likelihood": 0.5,
///   "verdicts": {
///     "request_relationship": "undetermined",
///     "recreate_and_cancel": "undetermined",
///     "switch": "undetermined",
///     "wait_until_term_end": "undetermined",
///     "cancel_then_move": "undetermined"
///   }
/// }"#,
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PossibleAnswer {
    /// The value of the fact.
    pub value: Cow<'static, str>,
    /// The meaning of the value, in plain English.
    pub meaning: Cow<'static, str>,
    /// The likelihood of the answer, from 0 to 1, by the [`Weights`].
    pub likelihood: f32,
    /// The verdicts after the answer.
    pub verdicts: Verdicts,
}

/// Returns the questions that determine the verdicts on some actions, the most useful first.
///
/// There is one question for each unknown fact on which a verdict depends. The first one leaves the
/// fewest verdicts undetermined, as far as the weights show. Asking the first question repeatedly
/// determines all verdicts, after at most as many questions as there are now.
///
/// ```
/// use csp_multichannel::*;
/// use csp_multichannel_guidance::{Weights, questions};
///
/// let edition = Rulebook::partner_center().edition_at(parse_instant("2026-11-27")?)?;
/// let facts = Facts::from(Channel::OtherCspPartner)
///     .with(Service::NewCommerceLicense)
///     .with([TermPhase::Cancellable, TermPhase::Committed])
///     .with(Customer::EndCustomer)
///     .with(Status::Active);
/// let asked = |facts| -> Vec<Fact> {
///     questions(&edition.decide(facts), Action::CancelThenMove, &Weights::UNIFORM)
///         .into_iter()
///         .map(|question| question.fact)
///         .collect()
/// };
/// assert_eq!(asked(facts), [Fact::Cloud, Fact::Region, Fact::TermPhase]);
/// assert_eq!(asked(facts.with(Cloud::China)), []);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn questions(
    decision: &Decision<'_>,
    actions: impl Into<Set<Action>>,
    weights: &Weights,
) -> Vec<Question> {
    let actions = actions.into();
    let depends = ByAction::from_fn(|action| {
        if actions.contains(action) { decision.depends_on(action) } else { Set::EMPTY }
    });
    let missing = depends.iter().fold(Set::EMPTY, |facts, (_, of)| facts.union(*of));
    let mut questions: Vec<_> = missing
        .iter()
        .map(|fact| Question::new(decision, actions, fact, &depends, weights))
        .collect();
    // The sort is stable: equally useful questions keep the order of the policy's table.
    questions
        .sort_by(|one, other| one.expected_undetermined.total_cmp(&other.expected_undetermined));
    questions
}

impl Question {
    fn new(
        decision: &Decision<'_>,
        actions: Set<Action>,
        fact: Fact,
        depends: &ByAction<Set<Fact>>,
        weights: &Weights,
    ) -> Self {
        let facts = decision.facts();
        let likelihoods = weights.likelihoods(facts, fact);
        let mut expected_undetermined = 0.0;
        let answers = facts.split(fact).zip(&likelihoods).filter_map(|(facts, &likelihood)| {
            let verdicts = decision.edition().decide(facts).verdicts();
            let undetermined =
                actions.iter().filter(|&action| *verdicts.on(action) == Verdict::Undetermined);
            expected_undetermined += undetermined.map(|_| likelihood).sum::<f32>();
            let value = facts.possible_words(fact).next()?;
            let mut meanings = fact.words().iter().zip(fact.meanings());
            let meaning =
                meanings.find(|(word, _)| **word == value).map_or("", |(_, meaning)| meaning);
            let (value, meaning) = (value.into(), meaning.into());
            Some(PossibleAnswer { value, meaning, likelihood, verdicts })
        });
        let answers = answers.collect();
        let possible: BTreeMap<_, _> = (depends.iter().filter(|(_, on)| on.contains(fact)))
            .map(|(action, _)| (action, decision.possible(action)))
            .collect();
        let on: Set<Action> = possible.keys().copied().collect();
        let needs = |rule: &&Rule| {
            rule.effect() != Effect::Advise
                && !rule.actions().intersection(on).is_empty()
                && rule.condition().overlaps(facts)
                && !rule.condition().about(fact).contains(facts.about(fact))
        };
        let rules = decision.edition().rules().filter(needs).map(ExplainedRule::from).collect();
        let text = fact.question().into();
        Self { fact, text, possible, rules, answers, expected_undetermined }
    }
}

/// Writes which verdicts depend on the fact, and by which rules.
impl fmt::Display for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const MOST_RULES: usize = 3;
        for (at, (action, verdicts)) in self.possible.iter().enumerate() {
            let separator = match at {
                0 => "",
                _ if at + 1 == self.possible.len() => " and ",
                _ => ", ",
            };
            write!(f, "{separator}{action} ({verdicts})")?;
        }
        f.write_str(if self.possible.len() == 1 { " depends" } else { " depend" })?;
        write!(f, " on `{}`", self.fact)?;
        for (at, rule) in self.rules.iter().take(MOST_RULES).enumerate() {
            write!(f, "{}{}", if at == 0 { ", by " } else { ", " }, rule.id)?;
        }
        match self.rules.len().saturating_sub(MOST_RULES) {
            0 => Ok(()),
            1 => f.write_str(" and another rule"),
            more => write!(f, " and {more} other rules"),
        }
    }
}
