//! The Humaans login *is* the person record: active person → active account, offboarded → deactivated, new hire → no
//! account. Its levels are `/role-members` joined with `/roles`, plus `people.role`; never the job title.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::{
    ingest::{SourceIdentity, leavers::UnlistedRows, pages::Pages, record::NotUnderstood},
    model::{Account, AccountStatus, EmploymentStatus, Fact, Facts, LinkHints, Person, level_name},
};

pub(super) fn accounts(
    identity: &SourceIdentity,
    pages: &Pages,
    own_roles: &OwnRoles,
    people: &[Person],
    unlisted: &Unlisted,
) -> Vec<Account> {
    let assigned = AssignedRoles::new(pages);
    let of_people = people.iter().filter_map(|person| account(identity, person, &assigned, own_roles));
    let of_others = unlisted.people.iter().map(|person| unlisted_account(identity, person, &assigned));
    of_people.chain(of_others).collect()
}

/// People who hold a role and are not in `people`, with the rows that name them.
pub(super) struct Unlisted {
    people: BTreeSet<String>,
    pub(super) rows: UnlistedRows,
}

/// Finds the holders of roles who are not in `people`.
pub(super) fn unlisted(pages: &Pages) -> Unlisted {
    let records = |name: &str| pages.collections.get(name).into_iter().flat_map(|list| &list.records);
    let listed: BTreeSet<&str> = records("people").map(|raw| raw.id.as_str()).collect();
    let mut unlisted = Unlisted { people: BTreeSet::new(), rows: UnlistedRows::default() };
    for raw in records("role-members") {
        let person = raw.values.get("personId").and_then(Value::as_str);
        if let Some(person) = person.filter(|person| !listed.contains(person)) {
            unlisted.rows.add(&raw.id, Some(person));
            unlisted.people.insert(person.to_owned());
        }
    }
    unlisted
}

/// The account of a person who holds a role and is not in `people`: whose it is, and whether it can be used, is unknown.
fn unlisted_account(identity: &SourceIdentity, person: &str, assigned: &AssignedRoles) -> Account {
    let reason = format!("`role-members` names `{person}`, who is not in `people`");
    let roles = match assigned.of(person) {
        Ok(roles) => format!("{reason}; held is at least {}", roles.into_iter().collect::<Vec<_>>().join(", ")),
        Err(why) => why,
    };
    let mut unknown: BTreeMap<String, String> =
        ["email", "status", "class"].map(|fact| (fact.to_owned(), reason.clone())).into_iter().collect();
    unknown.insert("levels".to_owned(), roles);
    unknown.insert("last_login".to_owned(), "the Humaans API does not give it".to_owned());
    Account {
        id: person.to_owned(),
        system: identity.system.clone(),
        source: identity.id.clone(),
        email: Fact::Unknown,
        person: None,
        hints: LinkHints::default(),
        status: Fact::Unknown,
        levels: Fact::Unknown,
        class: Fact::Unknown,
        last_login: Fact::Unknown,
        supplied: Default::default(),
        facts: Facts::new(),
        unknown,
    }
}

/// Every organisation has an owner: roles that nobody holds are a list that the token may not see.
pub(super) fn doubt_unheld_roles(pages: &mut Pages) {
    let has_roles = pages.collections.get("roles").is_some_and(|roles| !roles.records.is_empty());
    let members = pages.collections.get_mut("role-members");
    if let Some(members) = members.filter(|members| has_roles && members.complete() && members.records.is_empty()) {
        let reason =
            "no person holds a role, but every organisation has an owner: the token may not see who holds which role";
        members.reasons.push(reason.to_owned());
    }
}

fn account(
    identity: &SourceIdentity,
    person: &Person,
    assigned: &AssignedRoles,
    own_roles: &OwnRoles,
) -> Option<Account> {
    let mut unknown = BTreeMap::new();
    let status = match &person.status {
        Fact::Known(EmploymentStatus::NewHire) => return None,
        Fact::Known(EmploymentStatus::Active) => Fact::Known(AccountStatus::Active),
        Fact::Known(EmploymentStatus::Offboarded) => Fact::Known(AccountStatus::Deactivated),
        Fact::Empty | Fact::Unknown => {
            let reason = person.unknown.get("status").cloned();
            unknown.insert("status".to_owned(), reason.unwrap_or_else(|| "`people.status` is null".to_owned()));
            Fact::Unknown
        }
    };
    let own = match own_roles.get(person.id.as_str()) {
        Some(own) => own.clone(),
        None => Err("`people` gave no `role`".to_owned()),
    };
    let levels = assigned.of(&person.id).and_then(|mut levels| {
        levels.extend(own?);
        Ok(levels)
    });
    let levels = match levels {
        Ok(levels) => Fact::Known(levels.into_iter().collect()),
        Err(reason) => {
            unknown.insert("levels".to_owned(), reason);
            Fact::Unknown
        }
    };
    if let Some(reason) = person.unknown.get("work_email") {
        unknown.insert("email".to_owned(), reason.clone());
    }
    unknown.insert("last_login".to_owned(), "the Humaans API does not give it".to_owned());
    Some(Account {
        id: person.id.clone(),
        system: identity.system.clone(),
        source: identity.id.clone(),
        email: person.work_email.clone(),
        person: Some(person.id.clone()),
        hints: LinkHints::default(),
        status,
        levels,
        class: Fact::Empty,
        last_login: Fact::Unknown,
        supplied: Default::default(),
        facts: Facts::new(),
        unknown,
    })
}

/// `people.role` by person: one word, open vocabulary.
pub(super) type OwnRoles = BTreeMap<String, Result<Option<String>, String>>;

pub(super) fn own_roles(pages: &Pages, not_understood: &NotUnderstood) -> OwnRoles {
    let mut roles = BTreeMap::new();
    for raw in pages.collections.get("people").into_iter().flat_map(|people| &people.records) {
        let role = match raw.values.get("role") {
            None => continue,
            Some(Value::Null) => Ok(None),
            Some(Value::String(role)) => Ok(Some(level_name(role)).filter(|name| !name.is_empty())),
            Some(_) => {
                let reason = "`people.role`: a text is expected".to_owned();
                not_understood.add(reason.clone(), &raw.id);
                Err(reason)
            }
        };
        roles.insert(raw.id.clone(), role);
    }
    roles
}

/// `/role-members` joined with `/roles`.
struct AssignedRoles {
    by_person: BTreeMap<String, Result<BTreeSet<String>, String>>,
    /// Why nobody's roles can be known.
    missing: Option<String>,
}

impl AssignedRoles {
    fn new(pages: &Pages) -> Self {
        let mut missing = None;
        for name in ["roles", "role-members"] {
            match pages.collections.get(name) {
                Some(collection) if collection.complete() => {}
                Some(collection) => {
                    let reasons = collection.why();
                    missing = Some(format!("the collection `{name}` is incomplete: {reasons}"));
                }
                None => missing = Some(format!("the collection `{name}` was not provided")),
            }
        }
        let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
        let records = |name: &str| pages.collections.get(name).into_iter().flat_map(|list| &list.records);
        let roles: BTreeMap<&str, Option<String>> =
            records("roles").map(|raw| (raw.id.as_str(), text(raw.values.get("name")))).collect();
        let mut by_person: BTreeMap<String, Result<BTreeSet<String>, String>> = BTreeMap::new();
        for raw in records("role-members") {
            let Some(person) = text(raw.values.get("personId")) else {
                missing = Some(format!("the role member `{}` names no person", raw.id));
                continue;
            };
            let role = text(raw.values.get("roleId"));
            let known = role.as_deref().and_then(|role| roles.get(role));
            let is_listed = known.is_some();
            let name = known.cloned().flatten().filter(|name| !level_name(name).is_empty());
            let held = by_person.entry(person).or_insert_with(|| Ok(BTreeSet::new()));
            match name {
                Some(name) => {
                    if let Ok(held) = held {
                        held.insert(level_name(&name));
                    }
                }
                None => {
                    let role = role.unwrap_or_default();
                    let why = if is_listed { "which has no name" } else { "which is not in `roles`" };
                    *held = Err(format!("the role member `{}` names the role `{role}`, {why}", raw.id));
                }
            }
        }
        AssignedRoles { by_person, missing }
    }

    fn of(&self, person: &str) -> Result<BTreeSet<String>, String> {
        match &self.missing {
            Some(reason) => Err(reason.clone()),
            None => self.by_person.get(person).cloned().unwrap_or_else(|| Ok(BTreeSet::new())),
        }
    }
}
