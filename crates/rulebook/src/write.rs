//! Rulebooks written as JSON or TOML, for a round trip.

use chrono::NaiveDate;
use csp_multichannel::{Action, Basis, Effect, Facts, Rule, Rulebook, Set, Source};
use serde::Serialize;

/// Writes all rules of a rulebook as JSON. [`from_json`](crate::from_json) reads them back equal.
///
/// ```
/// use csp_multichannel::{Action, Effect, Region, Rule, Rulebook};
/// use csp_multichannel_rulebook::{from_json, to_json};
///
/// let from = "2026-01-01".parse().unwrap();
/// let rule = Rule::new("switch-at-home", Effect::Permit, Action::Switch, from)
///     .when(Region::Same)
///     .with_reason("we sell at home only");
/// let rulebook = Rulebook::new([rule])?;
/// let text = to_json(&rulebook);
/// assert_eq!(
///     text,
///     r#"{
///   "rules": [
///     {
///       "id": "switch-at-home",
///       "effect": "permit",
///       "actions": [
///         "switch"
///       ],
///       "from": "2026-01-01",
///       "basis": "stated",
///       "reason": "we sell at home only",
///       "when": {
///         "region": "same"
///       }
///     }
///   ]
/// }"#,
/// );
/// assert_eq!(from_json(&text)?, rulebook);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn to_json(rulebook: &Rulebook) -> String {
    // Words, texts and days can always be written.
    serde_json::to_string_pretty(&Document::new(rulebook)).unwrap_or_default()
}

/// Writes all rules of a rulebook as TOML. [`from_toml`](crate::from_toml) reads them back equal.
///
/// ```
/// use csp_multichannel_rulebook::{from_json, from_toml, to_toml};
///
/// let rulebook = from_json(r#"{"rules": [{
///     "id": "switch-at-home", "effect": "permit", "actions": ["switch"],
///     "when": {"region": "same"}, "from": "2026-01-01", "reason": "we sell at home only"
/// }]}"#)?;
/// let text = to_toml(&rulebook);
/// assert_eq!(
///     text,
///     r#"[[rules]]
/// id = "switch-at-home"
/// effect = "permit"
/// actions = ["switch"]
/// from = "2026-01-01"
/// basis = "stated"
/// reason = "we sell at home only"
///
/// [rules.when]
/// region = "same"
/// "#,
/// );
/// assert_eq!(from_toml(&text)?, rulebook);
/// # Ok::<(), csp_multichannel_rulebook::DocumentError>(())
/// ```
#[must_use]
pub fn to_toml(rulebook: &Rulebook) -> String {
    toml::to_string(&Document::new(rulebook)).unwrap_or_default()
}

#[derive(Serialize)]
struct Document<'r> {
    rules: Vec<RuleData<'r>>,
}

#[derive(Serialize)]
struct RuleData<'r> {
    id: &'r str,
    effect: Effect,
    #[serde(skip_serializing_if = "Option::is_none")]
    requirement: Option<&'r str>,
    actions: Set<Action>,
    from: NaiveDate,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<NaiveDate>,
    basis: Basis,
    reason: &'r str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rulebook: Option<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    when: Option<Facts>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    sources: Vec<SourceData<'r>>,
}

#[derive(Serialize)]
struct SourceData<'r> {
    code: &'r str,
    page: &'r str,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'r str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    newest_text: &'r str,
}

impl<'r> Document<'r> {
    fn new(rulebook: &'r Rulebook) -> Self {
        Self { rules: rulebook.rules().iter().map(RuleData::new).collect() }
    }
}

impl<'r> RuleData<'r> {
    fn new(rule: &'r Rule) -> Self {
        Self {
            id: rule.id(),
            effect: rule.effect(),
            requirement: rule.requirement(),
            actions: rule.actions(),
            from: rule.validity().from(),
            until: rule.validity().until(),
            basis: rule.basis(),
            reason: rule.reason(),
            rulebook: rule.rulebook(),
            when: Some(rule.condition()).filter(|condition| *condition != Facts::UNKNOWN),
            sources: rule.sources().iter().map(SourceData::new).collect(),
        }
    }
}

impl<'r> SourceData<'r> {
    fn new(source: &'r Source) -> Self {
        let (code, page) = (source.code(), source.page());
        let (url, newest_text) = (source.url(), source.newest_text());
        Self { code, page, url, newest_text }
    }
}
