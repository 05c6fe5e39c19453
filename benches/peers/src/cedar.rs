//! Cedar: each rule a policy, the actions Cedar's own, the facts the context of a request.
//!
//! Cedar allows or denies, and names the policies that were decisive. Rules that exclude and rules that forbid both become `forbid`; rules that permit and
//! rules that require both `permit`. Which of the two a decisive policy was says its annotation: that makes four verdicts of two decisions, in one request
//! for each action.

use std::collections::HashMap;
use std::fmt::Write;

use cedar_policy::{
    Authorizer, Context, Decision, Entities, EntityUid, PolicyId, PolicySet, Request, RestrictedExpression,
};
use csp_multichannel::{Action, Edition, Effect, Facts, Rule, Verdict};

use crate::{Peer, words};

/// A set of policies, read once.
#[derive(Debug)]
pub struct Cedar {
    authorizer: Authorizer,
    policies: PolicySet,
    effects: HashMap<PolicyId, Effect>,
    entities: Entities,
    actions: [EntityUid; 5],
    partner: EntityUid,
    subscription: EntityUid,
}

impl Peer for Cedar {
    const NAME: &'static str = "cedar-policy";
    const FEATURE: &'static str = "cedar";
    type Input = Context;
    type Answer = [Verdict; 5];

    fn text(edition: Edition<'_>) -> String {
        let mut text = String::new();
        for rule in edition.rules() {
            write_policy(&mut text, rule);
        }
        text
    }

    fn load(text: &str) -> Self {
        let policies: PolicySet = text.parse().expect("the register is Cedar");
        let effect = |annotation: &str| annotation.parse().expect("an effect");
        let effects = policies
            .policies()
            .map(|policy| (policy.id().clone(), effect(policy.annotation("effect").expect("each has it"))))
            .collect();
        let entity = |text: &str| text.parse().expect("an entity");
        Self {
            authorizer: Authorizer::new(),
            policies,
            effects,
            entities: Entities::empty(),
            actions: std::array::from_fn(|action| entity(&format!("Action::\"{}\"", Action::ALL[action]))),
            partner: entity("Partner::\"asking\""),
            subscription: entity("Subscription::\"asked_about\""),
        }
    }

    fn input(&self, case: Facts) -> Context {
        let pairs = words(case).map(|(fact, word)| (fact.into(), RestrictedExpression::new_string(word.into())));
        Context::from_pairs(pairs).expect("each fact once")
    }

    fn decide(&self, context: &mut Context) -> [Verdict; 5] {
        std::array::from_fn(|action| self.verdict(&self.actions[action], context.clone()))
    }
}

impl Cedar {
    fn verdict(&self, action: &EntityUid, context: Context) -> Verdict {
        let (partner, subscription) = (self.partner.clone(), self.subscription.clone());
        let request =
            Request::new(partner, action.clone(), subscription, context, None).expect("no schema that refuses it");
        let response = self.authorizer.is_authorized(&request, &self.policies, &self.entities);
        assert!(response.diagnostics().errors().next().is_none(), "a condition that cannot be evaluated");
        let decisive = |effect| response.diagnostics().reason().any(|policy| self.effects[policy] == effect);
        match response.decision() {
            Decision::Deny if decisive(Effect::Forbid) && !decisive(Effect::Exclude) => Verdict::Denied,
            Decision::Deny => Verdict::NotCovered,
            Decision::Allow if !decisive(Effect::Permit) => Verdict::NotCovered,
            Decision::Allow if decisive(Effect::Require) => Verdict::Conditional,
            Decision::Allow => Verdict::Allowed,
        }
    }
}

fn write_policy(text: &mut String, rule: &Rule) {
    let keyword = match rule.effect() {
        Effect::Exclude | Effect::Forbid => "forbid",
        Effect::Permit | Effect::Require => "permit",
        Effect::Advise => return,
    };
    let actions: Vec<String> = rule.actions().iter().map(|action| format!("Action::\"{action}\"")).collect();
    let _ = write!(
        text,
        "@id(\"{}\")\n@effect(\"{}\")\n{keyword} (principal, action in [{}], resource)",
        rule.id(),
        rule.effect(),
        actions.join(", ")
    );
    let conditions: Vec<String> = rule
        .condition()
        .facts()
        .iter()
        .map(|fact| {
            let admitted = rule.condition().admitted(fact);
            let words: Vec<String> = admitted.iter().map(|value| format!("\"{value}\"")).collect();
            format!("[{}].contains(context.{fact})", words.join(", "))
        })
        .collect();
    let _ = if conditions.is_empty() {
        writeln!(text, ";")
    } else {
        writeln!(text, "\nwhen {{ {} }};", conditions.join(" && "))
    };
}
