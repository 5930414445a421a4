//! One account on the day: its owner, its class, and the requests that concern it.

use std::{borrow::Cow, collections::BTreeMap, sync::Arc};

use hashbrown::HashMap;
use jiff::civil::Date;

use super::{
    Reasons, ResolvedAccount, ResolvedRequest,
    identity::{Among, Identity},
    people::People,
};
use crate::model::{Account, AccountClass, Fact, Snapshot, snapshot::ACCESS_REQUESTS};

/// The entity types that an account is in through its owner.
const THROUGH_OWNER: [&str; 5] = ["in Person", "in OrgRole", "in OrgRoleGroup", "in Department", "in Organization"];

pub(super) fn resolve<'a>(
    record: Cow<'a, Account>,
    system: Option<usize>,
    among: Among<'_, 'a>,
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
            unknown.insert(attribute, reason.unwrap_or_else(|| format!("`{fact}` is unknown")));
        }
    }
    let mapping = among.mapping(&record);
    let (owner, identity_issue, candidates) = match among.identity(&record, mapping) {
        Identity::Person(person) => (Fact::Known(person), Fact::Empty, Vec::new()),
        Identity::Declared => (Fact::Empty, Fact::Empty, Vec::new()),
        Identity::Nobody(issue, candidates) => (Fact::Empty, Fact::Known(issue), candidates),
        Identity::Unknown(reason) => {
            let through: Arc<str> = format!("the owner is unknown: {reason}").into();
            let reason: Arc<str> = reason.into();
            for attribute in ["owner", "identityIssue"] {
                unknown.insert(attribute, reason.clone());
            }
            for membership in THROUGH_OWNER {
                unknown.insert(membership, through.clone());
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
            unknown.insert("class", format!("the owner is unknown: {reason}"));
            Fact::Unknown
        }
        (None, class, _) => *class,
    };
    match &class {
        Fact::Unknown => {
            let reason = unknown.get("class").cloned().unwrap_or_default();
            unknown.insert("in AccountClass", reason);
        }
        Fact::Known(_) | Fact::Empty => {
            unknown.remove("class");
        }
    }
    let responsible = match mapping.and_then(|mapping| mapping.entry.owner.as_deref()) {
        None => Fact::Empty,
        Some(id) => match (among.person(id), &among.identities.incomplete) {
            (Some(person), _) => Fact::Known(person),
            (None, None) => Fact::Empty,
            (None, Some(incomplete)) => {
                let reason = format!("the declared owner `{id}` is not in the people list, and {incomplete}");
                unknown.insert("responsible", reason);
                Fact::Unknown
            }
        },
    };
    let requests = match requests.of(&record, &owner) {
        Ok(requests) => Fact::Known(requests),
        Err(reason) => {
            unknown.insert("requests", reason.clone());
            unknown.insert("in AccessRequest", reason);
            Fact::Unknown
        }
    };
    // It is in whatever its owner is in, so what is unknown of the owner's memberships is unknown of its own.
    inherit(&mut unknown, &owner, among.people);
    ResolvedAccount {
        record,
        system,
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

fn inherit(unknown: &mut Reasons, owner: &Fact<usize>, people: &People<'_>) {
    let owner = owner.known().and_then(|owner| people.get(*owner));
    let memberships = owner.into_iter().flat_map(|owner| owner.unknown.iter());
    for (fact, reason) in memberships.filter(|(fact, _)| fact.starts_with("in ")) {
        unknown.insert(fact, reason.clone());
    }
}

/// Somebody's requests, or why nobody can say.
type Readable = Result<Vec<ResolvedRequest>, Arc<str>>;

/// Requests for access by person and system.
#[derive(Debug)]
pub(super) struct Requests {
    by_person: HashMap<usize, BTreeMap<String, Readable>>,
    /// By system: why nobody's requests there can be known.
    unreadable: BTreeMap<String, Arc<str>>,
    /// Why no list of requests is whole.
    incomplete: Option<Arc<str>>,
}

impl Requests {
    pub(super) fn new(snapshot: &Snapshot, among: Among<'_, '_>, today: Date) -> Self {
        let mut by_person: HashMap<usize, BTreeMap<String, Readable>> = HashMap::new();
        let mut unreadable: BTreeMap<String, Arc<str>> = BTreeMap::new();
        for (index, request) in snapshot.access_requests.iter().enumerate() {
            let person = match &request.person {
                Fact::Known(person) => match among.person(person) {
                    Some(person) => person,
                    None => match among.by_address(person) {
                        Identity::Person(person) => person,
                        // Nobody of this snapshot gains anything by it.
                        _ => continue,
                    },
                },
                Fact::Empty => continue,
                Fact::Unknown => {
                    let reason = format!("for whom the access request `{}` is, is unknown", request.id);
                    unreadable.insert(request.system.clone(), reason.into());
                    continue;
                }
            };
            let requests = by_person.entry(person).or_default();
            let requests = requests.entry(request.system.clone()).or_insert_with(|| Ok(Vec::new()));
            let (Fact::Known(status), expires) = (&request.status, &request.expires) else {
                *requests = Err(format!("the status of the access request `{}` is unknown", request.id).into());
                continue;
            };
            if expires.is_unknown() {
                *requests = Err(format!("when the access request `{}` expires is unknown", request.id).into());
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
        Requests { by_person, unreadable, incomplete: incomplete.map(Arc::from) }
    }

    fn of(&self, account: &Account, owner: &Fact<usize>) -> Readable {
        if let Some(reason) = self.unreadable.get(&account.system).or(self.incomplete.as_ref()) {
            return Err(reason.clone());
        }
        match owner {
            Fact::Known(person) => {
                let known = self.by_person.get(person).and_then(|systems| systems.get(&account.system));
                known.cloned().unwrap_or_else(|| Ok(Vec::new()))
            }
            Fact::Empty => Ok(Vec::new()),
            Fact::Unknown => Err("the owner is unknown".into()),
        }
    }
}
