//! What the token could see. A token acts as the person who made it: it sees what its scopes and that person's roles
//! both allow.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::{
    diagnostic::{Code, Diagnostic},
    ingest::{
        Statements,
        pages::{Doubt, Pages, Remedy},
    },
    model::{EmploymentStatus, level_id},
};

/// The scope without which new hires and leavers are invisible; the vendor's UI calls it "view public and private
/// data".
const PRIVATE_SCOPE: &str = "private:read";

/// The roles, as level_ids, whose holders see everybody: owners see everything, admins everybody. Custom roles can hide
/// people, and so can the others.
const SEES_EVERYBODY: [&str; 4] = ["owner", "owners", "admin", "admins"];

/// Marks lists that the token could not see whole as incomplete, however full they look.
pub(super) fn weigh(
    pages: &mut Pages,
    scopes: Option<&[String]>,
    statements: &Statements,
    warnings: &mut Vec<Diagnostic>,
) {
    let failed = pages.failed_objects.get("token-info").cloned();
    let mut hidden = |reason: &str, is_about_leavers: bool| {
        for name in ["people", "job-roles", "role-members"] {
            let Some(collection) = pages.collections.get_mut(name).filter(|collection| collection.provided) else {
                continue;
            };
            // The other lists lack rows of people whom `people` does not show.
            if is_about_leavers && name == "people" {
                // The scope is evidence, which no statement outweighs.
                collection.hidden_leavers.push(Doubt::new(reason, Remedy::OtherToken));
            } else {
                collection.reasons.push(reason.to_owned());
            }
        }
    };
    let mut has_scope = true;
    match (scopes, failed) {
        // Refused, or said differently by two files.
        (None, Some(reason)) => {
            hidden(&format!("what the token may see is unknown, since `token-info` cannot be used: {reason}"), false);
        }
        (None, None) => warnings.push(
            Diagnostic::warning(Code::ScopesNotKnown, "there is no `token-info`, so what the token may see is unknown")
                .help("keep the answer of `GET /token-info` beside the pages"),
        ),
        (Some(scopes), _) if !scopes.iter().any(|scope| scope == PRIVATE_SCOPE) => {
            let reason = format!("the token lacks the scope `{PRIVATE_SCOPE}`, so new hires and leavers are not shown");
            hidden(&reason, true);
            has_scope = false;
        }
        (Some(_), _) => {}
    }
    let doubts = [owner_doubt(pages), no_leaver(pages)];
    let Some(people) = pages.collections.get_mut("people") else { return };
    for doubt in doubts.into_iter().flatten() {
        match doubt {
            Hidden::Anyone(reason) => people.reasons.push(reason),
            // The missing scope says as much, and no statement settles it.
            Hidden::Leavers(_) if !has_scope => {}
            Hidden::Leavers(reason) => people.hidden_leavers.push(Doubt::new(reason, Remedy::StateSeesLeavers)),
        }
    }
    people.weigh_leavers(statements);
}

/// Why the list may lack people.
enum Hidden {
    /// Anyone.
    Anyone(String),
    /// People who have left or not started yet.
    Leavers(String),
}

/// What the person whom the token acts as may not see.
fn owner_doubt(pages: &Pages) -> Option<Hidden> {
    let Some(token) = pages.objects.get("token-info") else {
        if pages.failed_objects.contains_key("token-info") {
            return None;
        }
        return Some(Hidden::Leavers("there is no `token-info`, and the token may not see leavers".to_owned()));
    };
    let id = token.get("personId").and_then(Value::as_str);
    let Some(person) = id.filter(|id| !id.trim().is_empty()) else {
        return Some(Hidden::Leavers("`token-info` names no person, so what the token may see is unknown".to_owned()));
    };
    let records = |name: &str| pages.collections.get(name).into_iter().flat_map(|list| &list.records);
    let Some(record) = records("people").find(|raw| raw.id == person) else {
        return Some(Hidden::Anyone(format!("the token acts as `{person}`, who is not in `people`")));
    };
    let mut roles: BTreeSet<String> = BTreeSet::new();
    roles.extend(record.values.get("role").and_then(Value::as_str).map(level_id));
    let text = |raw: &crate::ingest::pages::RawRecord, key: &str| {
        raw.values.get(key).and_then(Value::as_str).map(str::to_owned)
    };
    for member in records("role-members").filter(|raw| text(raw, "personId").as_deref() == Some(person)) {
        let role = text(member, "roleId");
        let named = records("roles").find(|raw| Some(&raw.id) == role.as_ref());
        roles.extend(named.and_then(|raw| text(raw, "name")).map(|name| level_id(&name)));
    }
    if roles.iter().any(|role| SEES_EVERYBODY.contains(&role.as_str())) {
        return None;
    }
    let roles: Vec<String> = roles.iter().filter(|role| !role.is_empty()).map(|role| format!("`{role}`")).collect();
    Some(Hidden::Leavers(match roles.as_slice() {
        [] => format!("the token acts as `{person}`, whose role is unknown, and an owner or admin sees more"),
        roles => format!(
            "the token acts as `{person}`, who is neither owner nor admin ({}) and may not see leavers",
            roles.join(", ")
        ),
    }))
}

/// Why a list without a leaver is in doubt.
fn no_leaver(pages: &Pages) -> Option<Hidden> {
    let people = pages.collections.get("people").filter(|people| !people.records.is_empty())?;
    let mut statuses = people.records.iter().filter_map(|raw| raw.values.get("status").and_then(Value::as_str));
    let has_leaver = statuses.any(|word| super::people::status(word) == Some(EmploymentStatus::Offboarded));
    (!has_leaver).then(|| Hidden::Leavers("it shows no leaver".to_owned()))
}
