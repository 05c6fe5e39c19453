//! Rulebooks as data: written so that they read back equal.

use chrono::NaiveDate;
use csp_multichannel::{Action, Basis, Effect, Facts, Rule, Rulebook, Set, Source};
use serde::Serialize;

/// Writes all rules of a rulebook as JSON.
///
/// ```
/// use csp_multichannel::Rulebook;
/// use csp_multichannel_rulebook::{from_json, to_json};
///
/// let text = to_json(Rulebook::partner_center());
/// assert_eq!(&from_json(&text)?, Rulebook::partner_center());
/// # Ok::<(), csp_multichannel_rulebook::DocumentError>(())
/// ```
#[must_use]
pub fn to_json(rulebook: &Rulebook) -> String {
    // Words, texts and days can always be written.
    serde_json::to_string_pretty(&Document::new(rulebook)).unwrap_or_default()
}

/// Writes all rules of a rulebook as TOML.
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
    read: &'r str,
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
        let (code, page, url, read) = (source.code(), source.page(), source.url(), source.read());
        Self { code, page, url, read }
    }
}
