//! Cedar: each rule a policy, the actions Cedar's own, the facts the context of a request.
//!
//! Cedar allows or denies, and names the policies that determined it. Vetoes, exclusions and forbids become `forbid`,
//! permits and requirements `permit`. An annotation says which of them a policy was. That makes four verdicts of
//! two decisions, with one request for each action.

use std::collections::HashMap;
use std::fmt::Write;

use cedar_policy::{
    Authorizer, Context, Decision, Entities, EntityUid, PolicyId, PolicySet, Request,
    RestrictedExpression,
};
use csp_multichannel::{Action, ByAction, Edition, Effect, Facts, Rule, Verdict, Verdicts};

use crate::{Peer, quoted, words};

/// A set of policies, parsed once.
pub struct Cedar {
    authorizer: Authorizer,
    policies: PolicySet,
    effects: HashMap<PolicyId, Effect>,
    entities: Entities,
    actions: ByAction<EntityUid>,
    partner: EntityUid,
    subscription: EntityUid,
}

impl Peer for Cedar {
    const NAME: &'static str = "cedar-policy";
    const FEATURE: &'static str = "cedar";
    type Input = Context;

    fn text(edition: Edition<'_>) -> String {
        let mut text = String::new();
        for rule in edition.rules() {
            write_policy(&mut text, rule);
        }
        text
    }

    fn load(text: &str) -> Self {
        let policies: PolicySet = text.parse().expect("policies");
        let effect = |annotation: &str| annotation.parse().expect("an effect");
        let effects = policies.policies().map(|policy| {
            (policy.id().clone(), effect(policy.annotation("effect").expect("an annotation")))
        });
        let entity = |text: &str| text.parse().expect("an entity");
        Self {
            authorizer: Authorizer::new(),
            effects: effects.collect(),
            entities: Entities::empty(),
            actions: ByAction::from_fn(|action| entity(&format!("Action::\"{action}\""))),
            partner: entity("Partner::\"asking\""),
            subscription: entity("Subscription::\"asked_about\""),
            policies,
        }
    }

    fn input(&self, case: Facts) -> Context {
        let string = |word: &str| RestrictedExpression::new_string(word.into());
        let pairs = words(case).map(|(fact, word)| (fact.into(), string(word)));
        Context::from_pairs(pairs).expect("each fact once")
    }

    fn decide(&mut self, context: &mut Context) -> Verdicts {
        ByAction::from_fn(|action| self.verdict(action, context.clone()))
    }
}

impl Cedar {
    fn verdict(&self, action: Action, context: Context) -> Verdict {
        let (partner, subscription) = (self.partner.clone(), self.subscription.clone());
        let request =
            Request::new(partner, self.actions.on(action).clone(), subscription, context, None);
        let request = request.expect("no schema that refuses it");
        let response = self.authorizer.is_authorized(&request, &self.policies, &self.entities);
        let diagnostics = response.diagnostics();
        assert!(diagnostics.errors().next().is_none(), "a condition without a value");
        let by = |effect| diagnostics.reason().any(|policy| self.effects[policy] == effect);
        match response.decision() {
            Decision::Deny if by(Effect::Veto) => Verdict::Denied,
            Decision::Deny if by(Effect::Exclude) || !by(Effect::Forbid) => Verdict::NotCovered,
            Decision::Deny => Verdict::Denied,
            Decision::Allow if !by(Effect::Permit) => Verdict::NotCovered,
            Decision::Allow if by(Effect::Require) => Verdict::Conditional,
            Decision::Allow => Verdict::Allowed,
        }
    }
}

fn write_policy(text: &mut String, rule: &Rule) {
    let keyword = match rule.effect() {
        Effect::Veto | Effect::Exclude | Effect::Forbid => "forbid",
        Effect::Permit | Effect::Require => "permit",
        _ => return,
    };
    let actions = rule.actions().iter().map(|action| format!("Action::\"{action}\""));
    let actions = actions.collect::<Vec<_>>().join(", ");
    let _ = writeln!(text, "@id(\"{}\")\n@effect(\"{}\")", rule.id(), rule.effect());
    let _ = writeln!(text, "{keyword} (principal, action in [{actions}], resource)");
    for fact in rule.condition().narrowed() {
        let admitted = quoted(rule.condition().possible_words(fact));
        let _ = writeln!(text, "when {{ [{admitted}].contains(context.{fact}) }}");
    }
    text.push_str(";\n");
}
