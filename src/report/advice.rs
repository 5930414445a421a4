//! What to do about a finding.

use std::collections::BTreeSet;

use super::model::{Action, Advice, Remedy};
use crate::{
    bundle::{Check, Outcome, Rule, reads::Read},
    engine::{
        account_id,
        answer::{Answer, Basis, Subject, UnknownFact},
        is_about_unknown_levels,
    },
    resolve::ResolvedSnapshot,
    yaml::scalar,
};

/// What advice about an access depends on beside its answer.
#[derive(Clone, Copy)]
pub(super) struct Access<'r> {
    /// Whether the check fails for the login of the account too.
    pub(super) revoke: bool,
    /// The access rules that grant the level.
    pub(super) granting: &'r [&'r Rule],
}

/// Advice for an answer. `access` is given for a check of access rules; `reads` has what each rule reads that decided,
/// or that would have let the subject pass.
pub(super) fn advice<'r, R: Iterator<Item = &'r [Read]>>(
    resolved: &ResolvedSnapshot<'_>,
    check: &Check,
    answer: &Answer,
    access: Option<Access<'_>>,
    reads: impl Fn() -> R,
) -> Option<(Advice, Remedy)> {
    let advice = match (answer.verdict.outcome, answer.subject, &answer.level, access) {
        (Outcome::Fail, Subject::Account(account), Some(level), Some(access)) => {
            return self::access(resolved, answer, account, level, access);
        }
        (Outcome::Fail, ..) => {
            let action = if check.revokes { Action::Revoke } else { Action::Remediate };
            check.remediation.clone().map(|text| plain(action, text))
        }
        (Outcome::Unknown, ..) if !answer.verdict.errors.is_empty() => {
            Some(plain(Action::Remediate, "Fix the rule that could not be evaluated.".to_owned()))
        }
        (Outcome::Unknown, ..) if is_about_unknown_levels(answer, check) && levels(resolved, answer).is_some() => {
            return levels(resolved, answer);
        }
        (Outcome::Unknown, ..) if !answer.verdict.unknown.is_empty() => {
            let reasons: BTreeSet<&str> = answer.verdict.unknown.iter().map(|fact| &*fact.reason).collect();
            let reasons = reasons.into_iter().collect::<Vec<_>>().join("; ");
            let or = if owner_is_unknown(resolved, answer) {
                "; or say in identities.yaml whose account it is (`tenure identities suggest` looks for candidates)"
            } else {
                ""
            };
            Some(plain(Action::SupplyEvidence, format!("Add the missing evidence: {reasons}{or}.")))
        }
        (Outcome::Unknown, ..) => {
            let rules = answer
                .verdict
                .rules
                .iter()
                .filter_map(|rule| resolved.bundle.rules.get(usize::try_from(*rule).ok()?)?.remediation.as_deref());
            let texts: BTreeSet<&str> = rules.collect();
            let text = if texts.is_empty() {
                "First resolve what keeps Tenure from judging this.".to_owned()
            } else {
                texts.into_iter().collect::<Vec<_>>().join(" ")
            };
            Some(plain(Action::SupplyEvidence, text))
        }
        _ => None,
    };
    let advice = advice?;
    let is_linkable = owner_is_unknown(resolved, answer) || depends_on_link(answer.verdict.basis, reads);
    let mapping = if is_linkable { mapping(resolved, answer) } else { None };
    let (file, yaml) = mapping.unzip();
    let remedy = Remedy { text: advice.text.clone(), file, line: None, yaml };
    Some((advice, remedy))
}

/// Whether a link from the account to a person would change the answer: a rule that decided reads of the account alone,
/// and reads why it has no owner; or a rule that reads nothing but the owner would let it pass.
fn depends_on_link<'r, R: Iterator<Item = &'r [Read]>>(basis: Basis, reads: impl Fn() -> R) -> bool {
    let is = |read: &Read, attribute: &str| matches!(read.path.as_slice(), [root, name] if root == "principal" && name == attribute);
    let is_of_account = |read: &Read| read.path.first().is_some_and(|root| root == "principal");
    match basis {
        Basis::Undetermined => false,
        Basis::Satisfied => {
            reads().any(|rule| rule.iter().any(|read| is(read, "identityIssue")) && rule.iter().all(is_of_account))
        }
        Basis::NothingMatched => reads().any(|rule| !rule.is_empty() && rule.iter().all(|read| is(read, "owner"))),
    }
}

/// Whether an answer is unknown since the owner of its account is, and nothing is declared about that account.
fn owner_is_unknown(resolved: &ResolvedSnapshot<'_>, answer: &Answer) -> bool {
    let Subject::Account(account) = answer.subject else { return false };
    let Some(account) = resolved.account_at(account) else { return false };
    let entity = format!("Account::\"{}\"", account_id(&account));
    let is_of_owner = |fact: &UnknownFact| {
        fact.entity == entity && (matches!(&*fact.fact, "owner" | "identityIssue") || fact.fact.starts_with("in "))
    };
    account.owner.is_unknown() && account.mapping.is_none() && answer.verdict.unknown.iter().any(is_of_owner)
}

/// The file for a bundle that declares no identities.
const IDENTITIES: &str = "identities.yaml";

/// The file and the entry that link an account to a person, if no person is behind it and nothing is declared.
fn mapping(resolved: &ResolvedSnapshot<'_>, answer: &Answer) -> Option<(String, String)> {
    let Subject::Account(account) = answer.subject else { return None };
    let account = resolved.account_at(account)?;
    if account.owner.known().is_some() || account.identity_issue.is_empty().is_true() || account.mapping.is_some() {
        return None;
    }
    let (system, id) = (scalar::flow(&account.record.system), scalar::flow(&account.record.id));
    let entry = format!("- {{ system: {system}, account: {id}, person: <HRIS id> }}");
    let bundle = resolved.bundle;
    // A file that declares accounts has the list; any other needs its key too.
    if let Some(declared) = bundle.accounts.first() {
        return Some((declared.location.file.to_string(), entry));
    }
    let file = bundle.people.first().map_or_else(|| IDENTITIES.to_owned(), |person| person.location.file.to_string());
    Some((file, format!("accounts:\n  {entry}")))
}

/// The line that says which levels of a system are judged, if no file says so.
fn levels(resolved: &ResolvedSnapshot<'_>, answer: &Answer) -> Option<(Advice, Remedy)> {
    let system = match answer.subject {
        Subject::System(index) => index,
        Subject::Account(index) => resolved.account_at(index)?.system?,
        Subject::Person(_) | Subject::Organization => return None,
    };
    if !resolved.says_no_levels(system) {
        return None;
    }
    let system = resolved.systems.get(system)?;
    let (file, line, yaml) = match system.rules {
        Some(rules) => (rules.location.file.to_string(), Some(rules.location.line), LOGIN_ONLY.to_owned()),
        None => {
            let yaml = format!("system: {}\n{LOGIN_ONLY}", scalar::flow(system.id));
            (format!("systems/{}.yaml", system.id), None, yaml)
        }
    };
    let text = format!(
        "Export the levels of `{}`. If having an account is all that counts there, add `{LOGIN_ONLY}` to {file}.",
        system.id
    );
    let remedy = Remedy { text: text.clone(), file: Some(file), line, yaml: Some(yaml) };
    Some((plain(Action::SupplyEvidence, text), remedy))
}

/// The line by which having an account is the only level that is judged.
const LOGIN_ONLY: &str = "levels: login-only";

fn plain(action: Action, text: String) -> Advice {
    Advice { action, text, org_roles: Vec::new() }
}

/// An access that fails: take it away, or, if no rule grants it and none forbids it, let an access rule cover it.
fn access(
    resolved: &ResolvedSnapshot<'_>,
    answer: &Answer,
    account: usize,
    level: &str,
    Access { revoke, granting }: Access<'_>,
) -> Option<(Advice, Remedy)> {
    let account = resolved.account_at(account)?;
    let (system, id) = (&account.record.system, &account.record.id);
    let rules = resolved.bundle.systems.get(system);
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
    // A rule that forbids an access does so whatever an access rule grants.
    let is_uncovered = answer.verdict.basis == Basis::NothingMatched;
    let owner = account.owner.known().filter(|_| is_uncovered).and_then(|owner| resolved.person(*owner));
    let own = owner.and_then(|owner| owner.org_roles.known().copied()).into_iter().flatten();
    let own: Vec<&str> =
        own.filter_map(|index| resolved.bundle.org_roles.get(*index)).map(|role| role.id.as_str()).collect();
    let (mut file, mut line, mut yaml) = (None, None, None);
    if let (false, Some(rules)) = (own.is_empty(), rules) {
        let covering = granting.iter().find(|rule| to_roles(rule));
        let place = match covering {
            Some(rule) => format!("to the access rule at {}:{}", rule.location.file, rule.location.line),
            None => format!("to a new access rule for `{level}` in {}", rules.location.file),
        };
        let role = if own.len() == 1 { "the org role" } else { "one of the org roles" };
        let quoted = own.iter().map(|id| format!("`{id}`")).collect::<Vec<_>>().join(", ");
        text.push_str(&format!("; or, if the access is right, add {role} {quoted} {place}"));
        file = Some(covering.map_or(&rules.location.file, |rule| &rule.location.file).to_string());
        line = covering.map(|rule| rule.location.line);
        // The name of an access type that goes to org roles is the bundle's own.
        let access_type = covering.copied().or_else(|| resolved.bundle.rules.iter().find(|rule| to_roles(&rule)));
        yaml = access_type.and_then(|rule| rule.grants.as_ref()).map(|grants| {
            let to = own.iter().map(|id| scalar::flow(id)).collect::<Vec<_>>().join(", ");
            let (access_type, level) = (scalar::flow(&grants.access_type), scalar::flow(level));
            format!("- {{ type: {access_type}, to: [{to}], levels: [{level}] }}")
        });
    }
    text.push('.');
    let remedy = Remedy { text: text.clone(), file, line, yaml };
    Some((Advice { action, text, org_roles: org_roles.into_iter().collect() }, remedy))
}
