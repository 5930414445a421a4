//! What the rules can look at, as Rego is told it.

use std::collections::BTreeMap;

use regorus::Value;
use serde_json::json;
use tenure::{bundle::data::systems::LOGIN, resolve::{ResolvedSnapshot, ResolvedAccount, ResolvedPerson}, model::Fact};

fn day(date: Option<&jiff::civil::Date>) -> Option<String> {
    date.map(ToString::to_string)
}

/// The ids of a person's org roles and of the groups of these.
fn roles(resolved: &ResolvedSnapshot<'_>, person: ResolvedPerson<'_>) -> Vec<String> {
    let roles = person.org_roles.known().copied().unwrap_or_default().iter();
    let roles = roles.filter_map(|role| resolved.bundle.org_roles.get(*role));
    roles.flat_map(|role| std::iter::once(role.id.clone()).chain(role.groups.clone())).collect()
}

/// Every person.
pub(crate) fn people(resolved: &ResolvedSnapshot<'_>) -> Vec<Value> {
    resolved.people.iter().map(|one| person(resolved, one)).collect()
}

fn person(resolved: &ResolvedSnapshot<'_>, person: ResolvedPerson<'_>) -> Value {
    let manager = person.manager.known().and_then(|index| resolved.person(*index));
    json!({
        "today": resolved.today.to_string(),
        "in_scope": person.in_scope,
        "status": person.status.known().map(|status| status.word()),
        "start_date": day(person.start_date.known()),
        "end_date": day(person.end_date.known()),
        "job_title": person.job_title.known(),
        "top_management": roles(resolved, person).iter().any(|group| group == "top-management"),
        "manager": manager.map(employment),
        "manager_issue": person.manager_issue.known().map(|issue| issue.word()),
    })
    .into()
}

fn employment(person: ResolvedPerson<'_>) -> serde_json::Value {
    json!({
        "id": person.id,
        "status": person.status.known().map(|status| status.word()),
        "end_date": day(person.end_date.known()),
    })
}

/// Every account.
pub(crate) fn accounts(resolved: &ResolvedSnapshot<'_>) -> Vec<Value> {
    resolved.accounts.all_at_hand().iter().map(|one| account(resolved, one)).collect()
}

fn account(resolved: &ResolvedSnapshot<'_>, account: &ResolvedAccount<'_>) -> Value {
    let person = |of: &Fact<usize>| of.known().and_then(|index| resolved.person(*index));
    let system = account.system.and_then(|system| resolved.systems.get(system));
    let further = account.record.levels.known().into_iter().flatten().map(String::as_str);
    let levels: Vec<&str> = std::iter::once(LOGIN).chain(further).collect();
    json!({
        "today": resolved.today.to_string(),
        "system": account.record.system,
        "access_rules": system.map(|system| system.access_rules),
        "status": account.record.status.known().map(|status| status.word()),
        "owner": person(&account.owner).map(employment),
        "roles": person(&account.owner).map(|owner| roles(resolved, owner)).unwrap_or_default(),
        "identity_issue": account.identity_issue.known().map(|issue| issue.word()),
        "class": account.class.known().map(|class| class.word()),
        "responsible": person(&account.responsible).map(employment),
        "review_by": account.review_by.map(|date| date.to_string()),
        "levels": levels,
    })
    .into()
}

/// Every system.
pub(crate) fn systems(resolved: &ResolvedSnapshot<'_>) -> Vec<Value> {
    let inputs = resolved.systems.iter().map(|system| {
        let list = system.list.map(|(pulled_at, complete)| {
            json!({ "complete": complete, "hours": resolved.as_of.duration_since(pulled_at).as_hours().abs() })
        });
        json!({ "access_rules": system.access_rules, "max_age_hours": system.max_age_hours, "list": list }).into()
    });
    inputs.collect()
}

/// The access rules that have not expired, by system and level.
pub(crate) fn access(resolved: &ResolvedSnapshot<'_>) -> Value {
    let mut access: BTreeMap<&str, BTreeMap<&str, Vec<serde_json::Value>>> = BTreeMap::new();
    for grants in resolved.bundle.rules.iter().filter_map(|rule| rule.grants.as_ref()) {
        if grants.expires.is_some_and(|last| last < resolved.today) {
            continue;
        }
        let to = grants.to.as_ref().map(|(_, id)| id);
        let levels = access.entry(&grants.system).or_default().entry(&grants.level).or_default();
        levels.push(json!({ "type": grants.access_type, "to": to }));
    }
    json!({ "access": access }).into()
}
