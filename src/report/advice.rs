//! What to do about a finding.

use std::collections::BTreeSet;

use super::model::{Action, Advice, Remedy};
use crate::{
    bundle::{Check, Outcome, Rule},
    engine::answer::{Answer, Subject},
    resolve::ResolvedSnapshot,
};

/// Advice for an answer. `revoke` says that the same check fails for the login of the same account; `granting` are the
/// access rules that grant the level asked for, where access rules speak of the check.
pub(super) fn advice(
    resolved: &ResolvedSnapshot<'_>,
    check: &Check,
    answer: &Answer,
    revoke: bool,
    granting: Option<&[&Rule]>,
) -> Option<(Advice, Remedy)> {
    let advice = match (answer.verdict.outcome, answer.subject, &answer.level) {
        (Outcome::Fail, Subject::Account(account), Some(level)) if granting.is_some() => {
            return Some(access(resolved, account, level, revoke, granting.unwrap_or_default()));
        }
        (Outcome::Fail, ..) => {
            let action = if check.revokes { Action::Revoke } else { Action::Remediate };
            check.remediation.clone().map(|text| plain(action, text))
        }
        (Outcome::Unknown, ..) if !answer.verdict.errors.is_empty() => {
            Some(plain(Action::Remediate, "Mend the rule that could not be evaluated.".to_owned()))
        }
        (Outcome::Unknown, ..) if !answer.verdict.unknown.is_empty() => {
            let reasons: BTreeSet<&str> = answer.verdict.unknown.iter().map(|fact| &*fact.reason).collect();
            let reasons = reasons.into_iter().collect::<Vec<_>>().join("; ");
            Some(plain(Action::SupplyEvidence, format!("Add the missing evidence: {reasons}.")))
        }
        (Outcome::Unknown, ..) => {
            Some(plain(Action::SupplyEvidence, "First resolve what keeps Tenure from judging this.".to_owned()))
        }
        _ => None,
    };
    let advice = advice?;
    let mapping = mapping(resolved, answer);
    let remedy = Remedy {
        text: advice.text.clone(),
        file: mapping.as_ref().map(|_| IDENTITIES.to_owned()),
        line: None,
        yaml: mapping,
    };
    Some((advice, remedy))
}

/// Where accounts are mapped to people.
const IDENTITIES: &str = "identities.yaml";

/// The entry that links an account to a person, where no person is behind it and nothing is declared.
fn mapping(resolved: &ResolvedSnapshot<'_>, answer: &Answer) -> Option<String> {
    let Subject::Account(account) = answer.subject else { return None };
    let account = resolved.account_at(account)?;
    let is_unlinked = account.identity_issue.known().is_some() && account.mapping.is_none();
    let (system, id) = (&account.record.system, &account.record.id);
    is_unlinked.then(|| format!("- {{ system: {}, account: {}, person: <HRIS id> }}", quoted(system), quoted(id)))
}

/// A text as a scalar of YAML in flow style.
fn quoted(text: &str) -> String {
    let is_plain = text.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.'));
    if is_plain && text.starts_with(|letter: char| letter.is_ascii_alphabetic()) {
        text.to_owned()
    } else {
        serde_json::Value::from(text).to_string()
    }
}

fn plain(action: Action, text: String) -> Advice {
    Advice { action, text, org_roles: Vec::new() }
}

/// An access that no rule covers: take it away, or let an access rule cover it.
fn access(
    resolved: &ResolvedSnapshot<'_>,
    account: usize,
    level: &str,
    revoke: bool,
    granting: &[&Rule],
) -> (Advice, Remedy) {
    let remedy = |text: &str| Remedy { text: text.to_owned(), file: None, line: None, yaml: None };
    let Some(account) = resolved.account_at(account) else {
        return (plain(Action::Revoke, String::new()), remedy(""));
    };
    let (system, id) = (&account.record.system, &account.record.id);
    let name = resolved.system(system).and_then(|system| system.rules).map_or(system.as_str(), |rules| &rules.name);
    let (action, mut text) = if revoke {
        (Action::Revoke, format!("Revoke the account `{id}` in {name}"))
    } else {
        (Action::Downgrade, format!("Downgrade: take `{level}` away from the account `{id}` in {name}"))
    };
    let to_roles = |rule: &&&Rule| {
        let to = rule.grants.as_ref().and_then(|grants| grants.to.as_ref());
        to.is_some_and(|(entity_type, _)| entity_type.starts_with("OrgRole"))
    };
    let org_roles: BTreeSet<String> = granting
        .iter()
        .filter(to_roles)
        .filter_map(|rule| rule.grants.as_ref()?.to.as_ref().map(|(_, id)| id.clone()))
        .collect();
    let owner = account.owner.known().and_then(|owner| resolved.person(*owner));
    let own = owner.and_then(|owner| owner.org_roles.known().copied()).into_iter().flatten();
    let ids: Vec<&str> =
        own.filter_map(|index| resolved.bundle.org_roles.get(*index)).map(|role| role.id.as_str()).collect();
    let own: Vec<String> = ids.iter().map(|id| format!("`{id}`")).collect();
    let place = match (granting.iter().find(|rule| to_roles(rule)), resolved.bundle.systems.get(system)) {
        (Some(rule), _) => Some(format!("to the access rule at {}:{}", rule.location.file, rule.location.line)),
        (None, Some(rules)) => Some(format!("to a new access rule for `{level}` in {}", rules.location.file)),
        (None, None) => None,
    };
    match (own.as_slice(), place) {
        ([], _) | (_, None) => {}
        (own, Some(place)) => {
            let role = if own.len() == 1 { "the org role" } else { "one of the org roles" };
            text.push_str(&format!("; or, if the access is right, add {role} {} {place}", own.join(", ")));
        }
    }
    text.push('.');
    let mut remedy = remedy(&text);
    if let (false, Some(rules)) = (own.is_empty(), resolved.bundle.systems.get(system)) {
        let covering = granting.iter().find(|rule| to_roles(rule));
        remedy.file = Some(covering.map_or(&rules.location.file, |rule| &rule.location.file).to_string());
        remedy.line = covering.map(|rule| rule.location.line);
        // The name of an access type that goes to org roles is the bundle's own.
        let access_type = covering.copied().or_else(|| resolved.bundle.rules.iter().find(|rule| to_roles(&rule)));
        remedy.yaml = access_type.and_then(|rule| rule.grants.as_ref()).map(|grants| {
            let to = ids.iter().map(|id| quoted(id)).collect::<Vec<_>>().join(", ");
            format!("- {{ type: {}, to: [{to}], levels: [{}] }}", quoted(&grants.access_type), quoted(level))
        });
    }
    (Advice { action, text, org_roles: org_roles.into_iter().collect() }, remedy)
}
