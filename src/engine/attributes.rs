//! The attributes and parents of Tenure's entities, as values: Cedar's entities are built of them, and subjects are
//! told apart by them. The names and types are those of the entity schema.

use std::{borrow::Cow, collections::BTreeSet};

use jiff::{Timestamp, civil::Date};

use super::answer::{Entity, Subject};
use crate::{
    bundle::{Bundle, DeclaredFact, FactEntity, OrgRole, TypedValue, data::systems::LOGIN, holdings::HOLDINGS},
    model::{Fact, fold::fold},
    resolve::{Holdings, Number, People, ReadFacts, Reasons, ResolvedAccount, ResolvedSnapshot, ResolvedSystem, Row},
};

/// One entity of each kind.
pub(in crate::engine) const KINDS: [Entity<'static>; 6] = [
    Entity::Organization,
    Entity::Person(0),
    Entity::Account(0),
    Entity::System(0),
    Entity::Level(0, ""),
    Entity::Holdings(Subject::Organization),
];

/// A value of an attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::engine) enum Value<'s> {
    Bool(bool),
    Long(i64),
    Text(Cow<'s, str>),
    /// A text that has a number of its own in the resolved snapshot.
    Symbol(u32, &'s str),
    /// A `datetime`.
    Instant(Timestamp),
    /// A `datetime`: the beginning of this day in the organisation's zone.
    Day(Date),
    /// A `duration` of so many hours.
    Hours(i64),
    Word(Word),
    Entity(Entity<'s>),
    /// A set of texts.
    Texts(BTreeSet<&'s str>),
    /// `Set<RequestedLevel>`: level, status, whether it has expired.
    Requests(BTreeSet<(&'s str, Word, bool)>),
}

/// A word of an enumerated entity type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::engine) struct Word {
    pub(in crate::engine) entity_type: &'static str,
    pub(in crate::engine) word: &'static str,
    /// Its place among the words of its type.
    pub(in crate::engine) number: u32,
}

/// A word of a vocabulary, as a value.
macro_rules! word {
    ($vocabulary:ident, $word:expr) => {
        Word { entity_type: stringify!($vocabulary), word: $word.word(), number: $word as u32 }
    };
}

/// Which of [`KINDS`] it is.
pub(in crate::engine) fn kind(entity: Entity<'_>) -> usize {
    match entity {
        Entity::Organization => 0,
        Entity::Person(_) => 1,
        Entity::Account(_) => 2,
        Entity::System(_) => 3,
        Entity::Level(..) => 4,
        Entity::Holdings(_) => 5,
    }
}

/// Its type.
pub(in crate::engine) fn entity_type(entity: Entity<'_>) -> &'static str {
    match entity {
        Entity::Organization => "Organization",
        Entity::Person(_) => "Person",
        Entity::Account(_) => "Account",
        Entity::System(_) => "System",
        Entity::Level(..) => "Entitlement",
        Entity::Holdings(_) => "Holdings",
    }
}

/// The attributes that the entity can have; of the facts that only some sources give, those that a rule reads.
pub(in crate::engine) fn attributes<'b>(
    bundle: &'b Bundle,
    entity: Entity<'_>,
) -> impl Iterator<Item = Attribute> + use<'b> {
    let declared = match entity {
        Entity::Person(_) => Some(FactEntity::Person),
        Entity::Account(_) => Some(FactEntity::Account),
        Entity::Organization | Entity::System(_) | Entity::Level(..) | Entity::Holdings(_) => None,
    };
    let declared = declared.into_iter().flat_map(|entity| bundle.facts_read(entity)).map(Attribute::Declared);
    let holdings = (declares_holdings(entity) && !bundle.holding_targets.is_empty()).then_some(Attribute::Holdings);
    core(entity).iter().copied().chain(holdings).chain(declared)
}

/// Whether entities of this kind have `holdings`, which is only worked out if a rule asks for it.
fn declares_holdings(entity: Entity<'_>) -> bool {
    matches!(entity, Entity::Person(_) | Entity::Account(_))
}

/// The attributes that every bundle has.
fn core(entity: Entity<'_>) -> &'static [Attribute] {
    use Attribute as Has;
    match entity {
        Entity::Organization => &[Has::StaffAsOf, Has::StaffComplete, Has::PeopleListed],
        Entity::Person(_) => &[
            Has::InScope,
            Has::ListedAt,
            Has::Status,
            Has::StartDate,
            Has::EndDate,
            Has::JobTitle,
            Has::Department,
            Has::Manager,
            Has::ManagerIssue,
            Has::WorkEmail,
        ],
        Entity::Account(_) => &[
            Has::System,
            Has::Status,
            Has::Owner,
            Has::IdentityIssue,
            Has::Class,
            Has::Responsible,
            Has::ReviewBy,
            Has::ReviewedOn,
            Has::Declaration,
            Has::LastLogin,
            Has::Requests,
        ],
        Entity::System(_) => &[Has::Critical, Has::AccessRules, Has::MaxAge, Has::AccountsAsOf, Has::AccountsComplete],
        Entity::Level(..) => &[Has::Level, Has::System],
        Entity::Holdings(_) => &[],
    }
}

/// An attribute of the entity schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::engine) enum Attribute {
    AccessRules,
    AccountsAsOf,
    AccountsComplete,
    Class,
    Critical,
    Declaration,
    Department,
    EndDate,
    Holdings,
    IdentityIssue,
    InScope,
    JobTitle,
    LastLogin,
    Level,
    ListedAt,
    Manager,
    ManagerIssue,
    MaxAge,
    Owner,
    Requests,
    Responsible,
    PeopleListed,
    ReviewBy,
    ReviewedOn,
    StaffAsOf,
    StaffComplete,
    StartDate,
    Status,
    System,
    WorkEmail,
    /// A fact that only some sources give.
    Declared(DeclaredFact),
}

impl Attribute {
    /// As it stands in the schema.
    pub(in crate::engine) fn name(self) -> &'static str {
        match self {
            Attribute::AccessRules => "accessRules",
            Attribute::AccountsAsOf => "accountsAsOf",
            Attribute::AccountsComplete => "accountsComplete",
            Attribute::Class => "class",
            Attribute::Critical => "critical",
            Attribute::Declaration => "declaration",
            Attribute::Department => "department",
            Attribute::EndDate => "endDate",
            Attribute::Holdings => HOLDINGS,
            Attribute::IdentityIssue => "identityIssue",
            Attribute::InScope => "inScope",
            Attribute::JobTitle => "jobTitle",
            Attribute::LastLogin => "lastLogin",
            Attribute::Level => "level",
            Attribute::ListedAt => "listedAt",
            Attribute::Manager => "manager",
            Attribute::ManagerIssue => "managerIssue",
            Attribute::MaxAge => "maxAge",
            Attribute::Owner => "owner",
            Attribute::Requests => "requests",
            Attribute::Responsible => "responsible",
            Attribute::PeopleListed => "peopleListed",
            Attribute::ReviewBy => "reviewBy",
            Attribute::ReviewedOn => "reviewedOn",
            Attribute::StaffAsOf => "staffAsOf",
            Attribute::StaffComplete => "staffComplete",
            Attribute::StartDate => "startDate",
            Attribute::Status => "status",
            Attribute::System => "system",
            Attribute::WorkEmail => "workEmail",
            Attribute::Declared(fact) => fact.name,
        }
    }
}

/// The value of an attribute; none where it is known to be empty, unknown, or not one of the entity's.
pub(in crate::engine) fn attribute<'s>(
    resolved: &'s ResolvedSnapshot<'_>,
    of: Entity<'s>,
    attribute: Attribute,
) -> Option<Value<'s>> {
    match of {
        Entity::Person(index) if attribute == Attribute::Holdings => {
            Some(Value::Entity(Entity::Holdings(Subject::Person(index))))
        }
        Entity::Account(index) if attribute == Attribute::Holdings => {
            Some(Value::Entity(Entity::Holdings(Subject::Account(index))))
        }
        Entity::Organization => organization(resolved, attribute),
        Entity::Person(index) => person(&resolved.people, resolved.people.row(index)?, attribute),
        Entity::Account(index) => account(resolved, resolved.accounts.loaded(index)?, attribute),
        Entity::System(index) => system(resolved.systems.get(index)?, attribute),
        Entity::Level(system, level) => match attribute {
            Attribute::Level => Some(Value::Text(level.into())),
            Attribute::System => Some(Value::Entity(Entity::System(system))),
            _ => None,
        },
        Entity::Holdings(_) => None,
    }
}

/// What a person or an account holds.
pub(in crate::engine) fn holdings<'s>(resolved: &'s ResolvedSnapshot<'_>, of: Subject) -> Option<&'s Holdings> {
    match of {
        Subject::Person(index) => resolved.holdings.get(index),
        Subject::Account(index) => resolved.accounts.loaded(index).map(|account| &account.holdings),
        Subject::System(_) | Subject::Organization => None,
    }
}

/// What is unknown about an entity.
pub(in crate::engine) fn unknown<'s>(resolved: &'s ResolvedSnapshot<'_>, of: Entity<'s>) -> Option<&'s Reasons> {
    match of {
        Entity::Person(index) => Some(resolved.people.unknown_of(resolved.people.row(index)?)),
        Entity::Account(index) => resolved.accounts.loaded(index).map(|account| &account.unknown),
        Entity::System(index) => resolved.systems.get(index).map(|system| &system.unknown),
        Entity::Organization => Some(&resolved.staff.unknown),
        Entity::Level(..) => None,
        Entity::Holdings(holder) => holdings(resolved, holder).map(|holdings| &holdings.unknown),
    }
}

fn organization<'s>(resolved: &'s ResolvedSnapshot<'_>, attribute: Attribute) -> Option<Value<'s>> {
    let staff = &resolved.staff;
    match attribute {
        Attribute::StaffAsOf => staff.listed.map(|(pulled_at, _)| Value::Instant(pulled_at)),
        Attribute::StaffComplete => staff.listed.map(|(_, complete)| Value::Bool(complete)),
        Attribute::PeopleListed => Some(Value::Long(i64::try_from(resolved.people.len()).unwrap_or(i64::MAX))),
        _ => None,
    }
}

fn person<'s>(people: &'s People<'_>, row: &'s Row, attribute: Attribute) -> Option<Value<'s>> {
    match attribute {
        Attribute::InScope => Some(Value::Bool(row.in_scope)),
        Attribute::ListedAt => people.listed_at(row).map(Value::Instant),
        Attribute::Status => row.status.known().map(|status| Value::Word(word!(EmploymentStatus, *status))),
        Attribute::StartDate => row.start_date.known().copied().map(Value::Day),
        Attribute::EndDate => row.end_date.known().copied().map(Value::Day),
        Attribute::JobTitle => word(people, people.post_of(row)?.job_title),
        Attribute::Department => word(people, people.post_of(row)?.department),
        Attribute::Manager => row.manager.index().known().map(|manager| Value::Entity(Entity::Person(*manager))),
        Attribute::ManagerIssue => row.manager_issue.known().map(|issue| Value::Word(word!(ManagerIssue, *issue))),
        Attribute::WorkEmail => people.address_of(row).known().map(|address| {
            let (local, domain) = address.folded();
            Value::Text((local + domain).into_owned().into())
        }),
        Attribute::Declared(fact) => declared(people.facts_of(row), &fact),
        _ => None,
    }
}

/// A job title or department.
fn word<'s>(people: &'s People<'_>, number: Number) -> Option<Value<'s>> {
    number.fact().known().map(|number| Value::Symbol(*number, people.word(*number)))
}

fn account<'s>(
    resolved: &'s ResolvedSnapshot<'_>,
    account: &'s ResolvedAccount<'_>,
    attribute: Attribute,
) -> Option<Value<'s>> {
    let person = |person: &Fact<usize>| person.known().map(|person| Value::Entity(Entity::Person(*person)));
    match attribute {
        Attribute::System => account.system.map(|system| Value::Entity(Entity::System(system))),
        Attribute::Status => account.record.status.known().map(|status| Value::Word(word!(AccountStatus, *status))),
        Attribute::Owner => person(&account.owner),
        Attribute::IdentityIssue => {
            account.identity_issue.known().map(|issue| Value::Word(word!(IdentityIssue, *issue)))
        }
        Attribute::Class => account.class.known().map(|class| Value::Word(word!(AccountClass, *class))),
        Attribute::Responsible => person(&account.responsible),
        Attribute::ReviewBy => account.review_by.known().copied().map(Value::Day),
        Attribute::ReviewedOn => account.reviewed_on.known().copied().map(Value::Day),
        Attribute::Declaration => {
            account.declaration.known().map(|status| Value::Word(word!(DeclarationStatus, *status)))
        }
        Attribute::LastLogin => account.record.last_login.known().map(|instant| Value::Instant(*instant)),
        Attribute::Requests => {
            let requests = account.requests.known()?.iter().filter_map(|request| {
                let ticket = resolved.snapshot.access_requests.get(request.index)?;
                let levels = ticket.levels.iter().map(String::as_str).chain([LOGIN]);
                let status = word!(AccessRequestStatus, request.status);
                Some(levels.map(move |level| (level, status, request.expired)))
            });
            Some(Value::Requests(requests.flatten().collect()))
        }
        Attribute::Declared(fact) => declared(&account.facts, &fact),
        _ => None,
    }
}

/// The value of a fact that only some sources give.
fn declared<'s>(facts: &'s ReadFacts, fact: &DeclaredFact) -> Option<Value<'s>> {
    Some(match facts.typed(fact)? {
        TypedValue::Bool(value) => Value::Bool(value),
        TypedValue::Long(value) => Value::Long(value),
        TypedValue::Text(text) => Value::Text(text.into()),
        TypedValue::Date(date) => Value::Day(date),
        TypedValue::Instant(instant) => Value::Instant(instant),
        TypedValue::Set(texts) => Value::Texts(texts),
        TypedValue::Word(words, place) => Value::Word(Word {
            entity_type: &words.entity_type,
            word: words.words.get(place)?,
            number: u32::try_from(place).ok()?,
        }),
    })
}

fn system<'s>(system: &ResolvedSystem<'_>, attribute: Attribute) -> Option<Value<'s>> {
    match attribute {
        Attribute::Critical => Some(Value::Bool(system.rules.is_some_and(|rules| rules.critical))),
        Attribute::AccessRules => Some(Value::Long(i64::try_from(system.access_rules).unwrap_or(i64::MAX))),
        Attribute::MaxAge => Some(Value::Hours(system.max_age_hours)),
        Attribute::AccountsAsOf => system.list.map(|(pulled_at, _)| Value::Instant(pulled_at)),
        Attribute::AccountsComplete => system.list.map(|(_, complete)| Value::Bool(complete)),
        _ => None,
    }
}

/// What an entity is directly in: entity types and ids.
pub(in crate::engine) fn parents<'s>(
    resolved: &'s ResolvedSnapshot<'_>,
    of: Entity<'s>,
) -> Vec<(&'static str, Cow<'s, str>)> {
    match of {
        Entity::Organization | Entity::System(_) => Vec::new(),
        Entity::Person(index) => {
            let Some(person) = resolved.people.get(index) else { return Vec::new() };
            let roles = person.org_roles.known().copied().into_iter().flatten();
            let roles = roles.filter_map(|role| resolved.bundle.org_roles.get(*role));
            let mut parents: Vec<(&str, Cow<'s, str>)> =
                roles.map(|role| ("OrgRole", role.id.as_str().into())).collect();
            parents.push(("Organization", resolved.snapshot.organization.id.as_str().into()));
            parents.extend(person.department.known().map(|name| ("Department", fold(name))));
            parents
        }
        Entity::Account(index) => {
            let Some(account) = resolved.accounts.loaded(index) else { return Vec::new() };
            let mut parents: Vec<(&str, Cow<'s, str>)> = vec![("System", account.record.system.as_str().into())];
            let owner = account.owner.known().and_then(|owner| resolved.people.get(*owner));
            parents.extend(owner.map(|owner| ("Person", owner.id.into())));
            parents.extend(account.class.known().map(|class| ("AccountClass", class.word().into())));
            let requests = account.requests.known().into_iter().flatten();
            let tickets = requests.filter_map(|request| resolved.snapshot.access_requests.get(request.index));
            parents.extend(tickets.map(|ticket| ("AccessRequest", ticket.id.as_str().into())));
            parents
        }
        Entity::Level(system, level) => {
            let Some(system) = resolved.systems.get(system) else { return Vec::new() };
            let groups = resolved.groups_of_level(system.id, level).map(|group| ("EntitlementGroup", group.into()));
            std::iter::once(("System", system.id.into())).chain(groups).collect()
        }
        Entity::Holdings(holder) => {
            let held = holdings(resolved, holder).into_iter().flat_map(|holdings| &holdings.held);
            let targets = held.filter_map(|target| resolved.bundle.holding_targets.all().get(*target));
            targets.map(|target| (target.entity_type, target.id.as_str().into())).collect()
        }
    }
}

/// An entity and everything that it is in, by way of others too: entity types and ids.
pub(in crate::engine) fn ancestors<'s>(
    resolved: &'s ResolvedSnapshot<'_>,
    of: Entity<'s>,
) -> Vec<(&'static str, Cow<'s, str>)> {
    let mut found = vec![own(resolved, of)];
    found.extend(parents(resolved, of));
    if let Entity::Account(index) = of {
        let owner = resolved.accounts.loaded(index).and_then(|account| account.owner.known().copied());
        found.extend(owner.into_iter().flat_map(|owner| parents(resolved, Entity::Person(owner))));
    }
    let roles: Vec<&OrgRole> = match of {
        Entity::Person(index) => roles(resolved, Some(index)),
        Entity::Account(index) => {
            roles(resolved, resolved.accounts.loaded(index).and_then(|account| account.owner.known().copied()))
        }
        Entity::Organization | Entity::System(_) | Entity::Level(..) | Entity::Holdings(_) => Vec::new(),
    };
    let groups = roles.into_iter().flat_map(|role| &role.groups);
    found.extend(groups.map(|group| ("OrgRoleGroup", group.as_str().into())));
    found
}

fn roles<'s>(resolved: &'s ResolvedSnapshot<'_>, person: Option<usize>) -> Vec<&'s OrgRole> {
    let roles =
        person.and_then(|index| resolved.people.get(index)).and_then(|person| person.org_roles.known().copied());
    roles.into_iter().flatten().filter_map(|role| resolved.bundle.org_roles.get(*role)).collect()
}

/// The type and id of an entity.
pub(in crate::engine) fn own<'s>(resolved: &'s ResolvedSnapshot<'_>, of: Entity<'s>) -> (&'static str, Cow<'s, str>) {
    match of {
        Entity::Organization => ("Organization", resolved.snapshot.organization.id.as_str().into()),
        Entity::Person(index) => ("Person", resolved.people.get(index).map_or("", |person| person.id).into()),
        Entity::Account(index) => {
            let id = resolved.accounts.loaded(index).map(account_id);
            ("Account", id.unwrap_or_default().into())
        }
        Entity::System(index) => ("System", resolved.systems.get(index).map_or("", |system| system.id).into()),
        Entity::Level(system, level) => {
            let system = resolved.systems.get(system).map_or("", |system| system.id);
            ("Entitlement", format!("{system}/{level}").into())
        }
        // Reports speak of the person or account.
        Entity::Holdings(Subject::Person(index)) => own(resolved, Entity::Person(index)),
        Entity::Holdings(Subject::Account(index)) => own(resolved, Entity::Account(index)),
        Entity::Holdings(Subject::System(_) | Subject::Organization) => ("Holdings", "".into()),
    }
}

/// The levels of an account that are judged: those that it is known to hold, or the login alone.
pub(crate) fn judged<'s>(
    resolved: &ResolvedSnapshot<'_>,
    system: usize,
    levels: &'s Fact<Vec<String>>,
) -> impl Iterator<Item = &'s str> {
    let is_login_only = resolved.is_login_only(system);
    held(levels).filter(move |level| !is_login_only || *level == LOGIN)
}

/// The levels that an account is known to hold, the login first.
pub(crate) fn held(levels: &Fact<Vec<String>>) -> impl Iterator<Item = &str> {
    let further = levels.known().into_iter().flatten().map(String::as_str).filter(|level| *level != LOGIN);
    std::iter::once(LOGIN).chain(further)
}

/// The id of an account's entity: `<system>/<account id>`.
#[must_use]
pub(crate) fn account_id(account: &ResolvedAccount<'_>) -> String {
    format!("{}/{}", account.record.system, account.record.id)
}
