//! What to ask next: the unknown facts on which verdicts depend, the most useful first.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use csp_multichannel::{
    Action, ByAction, Decision, Effect, ExplainedRule, Fact, FactValue, Facts, Rule, Set,
    UnknownWord, Verdict, Verdicts,
};
use serde::{Deserialize, Serialize};

/// How likely the values of unknown facts are, as weights: a value of weight 2 is twice as likely as one of
/// weight 1.
///
/// As JSON: an object of objects, in which absent values weigh 1.
///
/// ```
/// use csp_multichannel::{Channel, Cloud};
/// use csp_multichannel_guidance::Weights;
///
/// let weights = Weights::UNIFORM.with(Cloud::Public, 50).with(Channel::SyndicationPartner, 0);
/// let json = r#"{"channel":{"syndication_partner":0},"cloud":{"public":50}}"#;
/// assert_eq!(serde_json::to_string(&weights)?, json);
/// assert_eq!(serde_json::from_str::<Weights>(json)?, weights);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "BTreeMap<Fact, BTreeMap<String, u32>>")]
pub struct Weights(BTreeMap<Fact, BTreeMap<Cow<'static, str>, u32>>);

impl Weights {
    /// All values of a fact are equally likely.
    pub const UNIFORM: Self = Self(BTreeMap::new());

    /// Sets the weight of one value.
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

    /// Returns how likely each possible value of a fact is, in the order of its values.
    ///
    /// If none of them has any weight, all are equally likely: what is known can't be wrong.
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

/// A question about an unknown fact on which a verdict depends, with why it is asked and what follows.
///
/// `Display` writes why it is asked, in one sentence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Question {
    /// The fact that it asks for.
    pub fact: Fact,
    /// The question in plain English.
    pub text: Cow<'static, str>,
    /// For each action whose verdict depends on the fact: the verdicts that are still possible.
    pub possible: BTreeMap<Action, Set<Verdict>>,
    /// The rules on these actions that admit some of the possible values and not others.
    pub rules: Vec<ExplainedRule>,
    /// The possible answers, in the order of the policy's table.
    pub answers: Vec<PossibleAnswer>,
    /// How many of the verdicts asked about are expected to be undetermined after the answer: the fewer, the
    /// more the question settles.
    pub expected_undetermined: f32,
}

/// An answer to a question, and the verdicts that it leads to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PossibleAnswer {
    /// The value of the fact.
    pub value: Cow<'static, str>,
    /// What the value means, in plain English.
    pub meaning: Cow<'static, str>,
    /// How likely it is, from 0 to 1, by the [`Weights`].
    pub likelihood: f32,
    /// The verdicts that it leads to.
    pub verdicts: Verdicts,
}

/// Returns the questions worth asking to learn the verdicts on some actions: one for each unknown fact on
/// which a verdict depends, the one first after which the fewest verdicts are expected to be undetermined.
///
/// Asking the first one again and again ends in verdicts that are not undetermined, after at most as many
/// questions as there are now.
///
/// ```
/// use csp_multichannel::*;
/// use csp_multichannel_guidance::{Weights, questions};
///
/// let edition = Rulebook::partner_center().edition_at(parse_instant("2026-11-27")?)?;
/// let facts = Facts::UNKNOWN
///     .with(Channel::OtherCspPartner)
///     .with(Service::NewCommerceLicense)
///     .with([TermPhase::Cancellable, TermPhase::Committed])
///     .with(AtTermEnd::End);
/// let questions = questions(&edition.decide(facts), Action::CancelThenMove, &Weights::UNIFORM);
/// assert_eq!(questions[0].text, "In which cloud is the subscription (GCC is in the public one)?");
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
    // A stable sort: where two settle as much, the order of the policy's table.
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
            let open = verdicts.actions_with(Verdict::Undetermined).intersection(actions);
            expected_undetermined += open.iter().map(|_| likelihood).sum::<f32>();
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

/// Writes why the question is asked: which verdicts depend on it, and by which rules.
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
