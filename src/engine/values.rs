//! The attributes and parents of Tenure's entities, as values: Cedar's entities are built of them, and subjects are
//! told apart by them. The names and types are those of the entity schema.

use std::{borrow::Cow, collections::BTreeSet};

use jiff::{Timestamp, civil::Date};

use super::{
    entities::account_id,
    resolve::{People, Reasons, Row, Situation},
};
use crate::{
    bundle::{
        OrgRole,
        data::{org_roles::fold, systems::LOGIN},
    },
    model::Fact,
};

/// An entity that a question can be about or reach, as indices into the situation's lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Entity<'s> {
    Organization,
    Person(usize),
    Account(usize),
    System(usize),
    /// A level of a system.
    Level(usize, &'s str),
}

/// One entity of each kind.
pub(super) const KINDS: [Entity<'static>; 5] =
    [Entity::Organization, Entity::Person(0), Entity::Account(0), Entity::System(0), Entity::Level(0, "")];

/// A value of an attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value<'s> {
    Bool(bool),
    Long(i64),
    Text(Cow<'s, str>),
    /// A `datetime`.
    Instant(Timestamp),
    /// A `datetime`: the beginning of this day in the organisation's zone.
    Day(Date),
    /// A `duration` of so many hours.
    Hours(i64),
    /// A word of an enumerated entity type.
    Word(&'static str, &'static str),
    Entity(Entity<'s>),
    /// `Set<RequestedLevel>`: level, status, whether it has expired.
    Requests(BTreeSet<(&'s str, &'static str, bool)>),
}

impl Entity<'_> {
    /// Which of [`KINDS`] it is.
    pub(super) fn kind(self) -> usize {
        match self {
            Entity::Organization => 0,
            Entity::Person(_) => 1,
            Entity::Account(_) => 2,
            Entity::System(_) => 3,
            Entity::Level(..) => 4,
        }
    }

    /// Its type.
    pub(super) fn entity_type(self) -> &'static str {
        match self {
            Entity::Organization => "Organization",
            Entity::Person(_) => "Person",
            Entity::Account(_) => "Account",
            Entity::System(_) => "System",
            Entity::Level(..) => "Entitlement",
        }
    }

    /// The attributes that the entity can have.
    pub(super) fn attributes(self) -> &'static [&'static str] {
        match self {
            Entity::Organization => &[],
            Entity::Person(_) => &[
                "inScope",
                "listedAt",
                "status",
                "startDate",
                "endDate",
                "jobTitle",
                "department",
                "manager",
                "managerIssue",
                "workEmail",
            ],
            Entity::Account(_) => &[
                "system",
                "status",
                "owner",
                "identityIssue",
                "class",
                "responsible",
                "reviewBy",
                "lastLogin",
                "requests",
            ],
            Entity::System(_) => &["critical", "accessRules", "maxAge", "accountsAsOf", "accountsComplete"],
            Entity::Level(..) => &["level", "system"],
        }
    }
}

/// The value of an attribute; none where it is known to be empty, unknown, or not one of the entity's.
pub(super) fn attribute<'s>(situation: &'s Situation<'_>, of: Entity<'s>, name: &str) -> Option<Value<'s>> {
    match of {
        Entity::Organization => None,
        Entity::Person(index) => person(&situation.people, situation.people.row(index)?, name),
        Entity::Account(index) => account(situation, index, name),
        Entity::System(index) => system(situation, index, name),
        Entity::Level(system, level) => match name {
            "level" => Some(Value::Text(level.into())),
            "system" => Some(Value::Entity(Entity::System(system))),
            _ => None,
        },
    }
}

/// What is unknown about an entity.
pub(super) fn unknown<'s>(situation: &'s Situation<'_>, of: Entity<'s>) -> Option<&'s Reasons> {
    match of {
        Entity::Person(index) => situation.people.row(index).map(Row::unknown),
        Entity::Account(index) => situation.accounts.get(index).map(|account| &account.unknown),
        Entity::System(index) => situation.systems.get(index).map(|system| &system.unknown),
        Entity::Organization | Entity::Level(..) => None,
    }
}

/// The value of an attribute of a person.
pub(super) fn person<'s>(people: &'s People<'_>, row: &'s Row, name: &str) -> Option<Value<'s>> {
    match name {
        "inScope" => Some(Value::Bool(row.in_scope)),
        "listedAt" => people.row_listed_at(row).map(Value::Instant),
        "status" => row.status.known().map(|status| Value::Word("EmploymentStatus", status.word())),
        "startDate" => row.start_date.known().copied().map(Value::Day),
        "endDate" => row.end_date.known().copied().map(Value::Day),
        "jobTitle" => people.row_title(row).map(|title| Value::Text(title.into())),
        "department" => people.row_department(row).map(|name| Value::Text(name.into())),
        "manager" => row.manager.index().known().map(|manager| Value::Entity(Entity::Person(*manager))),
        "managerIssue" => row.manager_issue.known().map(|issue| Value::Word("ManagerIssue", issue.word())),
        "workEmail" => people.row_address(row).map(|address| Value::Text(fold(address).into())),
        _ => None,
    }
}

fn account<'s>(situation: &'s Situation<'_>, index: usize, name: &str) -> Option<Value<'s>> {
    let account = situation.accounts.get(index)?;
    let person = |person: &Fact<usize>| person.known().map(|person| Value::Entity(Entity::Person(*person)));
    match name {
        "system" => account.system.map(|system| Value::Entity(Entity::System(system))),
        "status" => account.record.status.known().map(|status| Value::Word("AccountStatus", status.word())),
        "owner" => person(&account.owner),
        "identityIssue" => account.identity_issue.known().map(|issue| Value::Word("IdentityIssue", issue.word())),
        "class" => account.class.known().map(|class| Value::Word("AccountClass", class.word())),
        "responsible" => person(&account.responsible),
        "reviewBy" => account.review_by.map(Value::Day),
        "lastLogin" => account.record.last_login.known().map(|instant| Value::Instant(*instant)),
        "requests" => {
            let requests = account.requests.known()?.iter().filter_map(|request| {
                let ticket = situation.snapshot.access_requests.get(request.index)?;
                let levels = ticket.levels.iter().map(String::as_str).chain([LOGIN]);
                Some(levels.map(|level| (level, request.status.word(), request.expired)))
            });
            Some(Value::Requests(requests.flatten().collect()))
        }
        _ => None,
    }
}

fn system<'s>(situation: &'s Situation<'_>, index: usize, name: &str) -> Option<Value<'s>> {
    let system = situation.systems.get(index)?;
    match name {
        "critical" => Some(Value::Bool(system.rules.is_some_and(|rules| rules.critical))),
        "accessRules" => Some(Value::Long(i64::try_from(system.access_rules).unwrap_or(i64::MAX))),
        "maxAge" => system.rules.and_then(|rules| rules.max_age_hours).map(Value::Hours),
        "accountsAsOf" => system.list.map(|(pulled_at, _)| Value::Instant(pulled_at)),
        "accountsComplete" => system.list.map(|(_, complete)| Value::Bool(complete)),
        _ => None,
    }
}

/// What an entity is directly in: entity types and ids.
pub(super) fn parents<'s>(situation: &'s Situation<'_>, of: Entity<'s>) -> Vec<(&'static str, Cow<'s, str>)> {
    match of {
        Entity::Organization | Entity::System(_) => Vec::new(),
        Entity::Person(index) => {
            let Some(person) = situation.people.get(index) else { return Vec::new() };
            let roles = person.org_roles.known().copied().into_iter().flatten();
            let roles = roles.filter_map(|role| situation.bundle.org_roles.get(*role));
            let mut parents: Vec<(&str, Cow<'s, str>)> =
                roles.map(|role| ("OrgRole", role.id.as_str().into())).collect();
            parents.push(("Organization", situation.snapshot.organization.id.as_str().into()));
            parents.extend(person.department.known().map(|name| ("Department", fold(name).into())));
            parents
        }
        Entity::Account(index) => {
            let Some(account) = situation.accounts.get(index) else { return Vec::new() };
            let mut parents: Vec<(&str, Cow<'s, str>)> = vec![("System", account.record.system.as_str().into())];
            let owner = account.owner.known().and_then(|owner| situation.people.get(*owner));
            parents.extend(owner.map(|owner| ("Person", owner.id.into())));
            parents.extend(account.class.known().map(|class| ("AccountClass", class.word().into())));
            let requests = account.requests.known().into_iter().flatten();
            let tickets = requests.filter_map(|request| situation.snapshot.access_requests.get(request.index));
            parents.extend(tickets.map(|ticket| ("AccessRequest", ticket.id.as_str().into())));
            parents
        }
        Entity::Level(system, _) => {
            let system = situation.systems.get(system);
            system.map(|system| ("System", system.id.into())).into_iter().collect()
        }
    }
}

/// An entity and everything that it is in, by way of others too: entity types and ids.
pub(super) fn ancestors<'s>(situation: &'s Situation<'_>, of: Entity<'s>) -> Vec<(&'static str, Cow<'s, str>)> {
    let mut found = vec![own(situation, of)];
    found.extend(parents(situation, of));
    if let Entity::Account(index) = of {
        let owner = situation.accounts.get(index).and_then(|account| account.owner.known().copied());
        found.extend(owner.into_iter().flat_map(|owner| parents(situation, Entity::Person(owner))));
    }
    let roles: Vec<&OrgRole> = match of {
        Entity::Person(index) => roles(situation, Some(index)),
        Entity::Account(index) => {
            roles(situation, situation.accounts.get(index).and_then(|account| account.owner.known().copied()))
        }
        Entity::Organization | Entity::System(_) | Entity::Level(..) => Vec::new(),
    };
    let groups = roles.into_iter().flat_map(|role| &role.groups);
    found.extend(groups.map(|group| ("OrgRoleGroup", group.as_str().into())));
    found
}

fn roles<'s>(situation: &'s Situation<'_>, person: Option<usize>) -> Vec<&'s OrgRole> {
    let roles =
        person.and_then(|index| situation.people.get(index)).and_then(|person| person.org_roles.known().copied());
    roles.into_iter().flatten().filter_map(|role| situation.bundle.org_roles.get(*role)).collect()
}

/// The type and id of an entity.
pub(super) fn own<'s>(situation: &'s Situation<'_>, of: Entity<'s>) -> (&'static str, Cow<'s, str>) {
    match of {
        Entity::Organization => ("Organization", situation.snapshot.organization.id.as_str().into()),
        Entity::Person(index) => ("Person", situation.people.get(index).map_or("", |person| person.id).into()),
        Entity::Account(index) => {
            let id = situation.accounts.get(index).map(account_id);
            ("Account", id.unwrap_or_default().into())
        }
        Entity::System(index) => ("System", situation.systems.get(index).map_or("", |system| system.id).into()),
        Entity::Level(system, level) => {
            let system = situation.systems.get(system).map_or("", |system| system.id);
            ("Entitlement", format!("{system}/{level}").into())
        }
    }
}
