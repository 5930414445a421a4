//! One account on the day: its owner, its class, and the requests that concern it.

use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;

use super::{
    Reasons, ResolvedAccount, ResolvedRequest,
    identity::{Identities, Identity},
};
use crate::model::{Account, AccountClass, Fact, Snapshot, snapshot::ACCESS_REQUESTS};

/// The entity types that an account is in through its owner.
const THROUGH_OWNER: [&str; 5] = ["Person", "OrgRole", "OrgRoleGroup", "Department", "Organization"];

pub(super) fn resolve<'a>(
    record: &'a Account,
    identities: &Identities<'_, 'a>,
    requests: &Requests,
) -> ResolvedAccount<'a> {
    let mut unknown = Reasons::new();
    for (attribute, fact, missing) in [
        ("status", "status", !matches!(record.status, Fact::Known(_))),
        ("class", "class", record.class.is_unknown()),
        ("lastLogin", "last_login", record.last_login.is_unknown()),
        ("levels", "levels", record.levels.is_unknown()),
    ] {
        if missing {
            let reason = record.unknown.get(fact).cloned();
            unknown.insert(attribute.to_owned(), reason.unwrap_or_else(|| format!("`{fact}` is unknown")));
        }
    }
    let mapping = identities.mapping(record);
    let (owner, identity_issue, candidates) = match identities.identity(record) {
        Identity::Person(person) => (Fact::Known(person), Fact::Empty, Vec::new()),
        Identity::Declared => (Fact::Empty, Fact::Empty, Vec::new()),
        Identity::Nobody(issue, candidates) => (Fact::Empty, Fact::Known(issue), candidates),
        Identity::Unknown(reason) => {
            for attribute in ["owner", "identityIssue"] {
                unknown.insert(attribute.to_owned(), reason.clone());
            }
            for membership in THROUGH_OWNER {
                unknown.insert(format!("in {membership}"), format!("the owner is unknown: {reason}"));
            }
            (Fact::Unknown, Fact::Unknown, Vec::new())
        }
    };
    let declared = mapping.and_then(|mapping| mapping.entry.class);
    let class = match (declared, &record.class, &owner) {
        (Some(class), _, _) => Fact::Known(class),
        (None, Fact::Empty, Fact::Known(_)) => Fact::Known(AccountClass::Staff),
        // With an owner it would be a staff account.
        (None, Fact::Empty, Fact::Unknown) => {
            let reason = unknown.get("owner").cloned().unwrap_or_default();
            unknown.insert("class".to_owned(), format!("the owner is unknown: {reason}"));
            Fact::Unknown
        }
        (None, class, _) => class.clone(),
    };
    match &class {
        Fact::Unknown => {
            let reason = unknown.get("class").cloned().unwrap_or_default();
            unknown.insert("in AccountClass".to_owned(), reason);
        }
        Fact::Known(_) | Fact::Empty => {
            unknown.remove("class");
        }
    }
    let responsible = match mapping.and_then(|mapping| mapping.entry.owner.as_deref()) {
        None => Fact::Empty,
        Some(id) => match (identities.person(id), &identities.incomplete) {
            (Some(person), _) => Fact::Known(person),
            (None, None) => Fact::Empty,
            (None, Some(incomplete)) => {
                let reason = format!("the declared owner `{id}` is not in the people list, and {incomplete}");
                unknown.insert("responsible".to_owned(), reason);
                Fact::Unknown
            }
        },
    };
    let requests = match requests.of(record, &owner) {
        Ok(requests) => Fact::Known(requests),
        Err(reason) => {
            unknown.insert("requests".to_owned(), reason.clone());
            unknown.insert("in AccessRequest".to_owned(), reason);
            Fact::Unknown
        }
    };
    ResolvedAccount {
        record,
        owner,
        identity_issue,
        candidates,
        class,
        responsible,
        mapping,
        review_by: mapping.and_then(|mapping| mapping.entry.review_by),
        requests,
        unknown,
    }
}

/// Requests for access by person and system.
pub(super) struct Requests {
    by_person: HashMap<(usize, String), Result<Vec<ResolvedRequest>, String>>,
    /// By system: why nobody's requests there can be known.
    unreadable: BTreeMap<String, String>,
    /// Why no list of requests is whole.
    incomplete: Option<String>,
}

impl Requests {
    pub(super) fn new(snapshot: &Snapshot, identities: &Identities<'_, '_>, today: Date) -> Self {
        let mut by_person: HashMap<(usize, String), Result<Vec<ResolvedRequest>, String>> = HashMap::new();
        let mut unreadable = BTreeMap::new();
        for (index, request) in snapshot.access_requests.iter().enumerate() {
            let person = match &request.person {
                Fact::Known(person) => match identities.person(person) {
                    Some(person) => person,
                    None => match identities.by_address(person) {
                        Identity::Person(person) => person,
                        // Nobody of this snapshot gains anything by it.
                        _ => continue,
                    },
                },
                Fact::Empty => continue,
                Fact::Unknown => {
                    let reason = format!("for whom the access request `{}` is, is unknown", request.id);
                    unreadable.insert(request.system.clone(), reason);
                    continue;
                }
            };
            let requests = by_person.entry((person, request.system.clone())).or_insert_with(|| Ok(Vec::new()));
            let (Fact::Known(status), expires) = (&request.status, &request.expires) else {
                *requests = Err(format!("the status of the access request `{}` is unknown", request.id));
                continue;
            };
            if expires.is_unknown() {
                *requests = Err(format!("when the access request `{}` expires is unknown", request.id));
            } else if let Ok(requests) = requests {
                let expired = expires.known().is_some_and(|last| *last < today);
                requests.push(ResolvedRequest { index, status: *status, expired });
            }
        }
        let mut lists =
            snapshot.sources.iter().filter_map(|source| Some((source, source.collection(ACCESS_REQUESTS)?)));
        let incomplete = match lists.clone().find(|(_, list)| !list.complete) {
            Some((source, list)) => {
                Some(format!("the access requests of `{}` are incomplete: {}", source.id, list.reasons.join("; ")))
            }
            None if lists.next().is_none() && snapshot.access_requests.is_empty() => {
                Some("no source of the snapshot lists access requests".to_owned())
            }
            None => None,
        };
        Requests { by_person, unreadable, incomplete }
    }

    fn of(&self, account: &Account, owner: &Fact<usize>) -> Result<Vec<ResolvedRequest>, String> {
        if let Some(reason) = self.unreadable.get(&account.system).or(self.incomplete.as_ref()) {
            return Err(reason.clone());
        }
        match owner {
            Fact::Known(person) => {
                self.by_person.get(&(*person, account.system.clone())).cloned().unwrap_or_else(|| Ok(Vec::new()))
            }
            Fact::Empty => Ok(Vec::new()),
            Fact::Unknown => Err("the owner is unknown".to_owned()),
        }
    }
}
