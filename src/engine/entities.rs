//! Cedar entities out of a [`Situation`].
//!
//! A fact that is known to be empty is an absent attribute. A fact that is unknown is an absent attribute *and* a
//! marker attribute, which the rewritten rules of [`super::unknown`] run into; see there.

use std::collections::{BTreeSet, HashMap, HashSet};

use cedar_policy::{Entities, Entity, EntityId, EntityTypeName, EntityUid, RestrictedExpression};
use jiff::{Timestamp, civil::Date};
use rayon::prelude::*;

use super::{
    reach::Reach,
    resolve::{Reasons, ResolvedAccount, ResolvedPerson, ResolvedSystem, Situation},
    unknown,
};
use crate::{
    bundle::data::{org_roles::fold, systems::LOGIN},
    model::{Fact, Zone},
};

/// Cedar's types of the entities, parsed once.
#[derive(Debug, Clone)]
pub struct Types {
    names: HashMap<&'static str, EntityTypeName>,
}

impl Types {
    /// All of them.
    ///
    /// # Errors
    /// Cedar's reason, were one of the names not a name.
    pub fn new() -> Result<Self, String> {
        let names = [
            "Organization",
            "Department",
            "OrgRoleGroup",
            "OrgRole",
            "Person",
            "System",
            "Entitlement",
            "AccessRequest",
            "Account",
            "EmploymentStatus",
            "ManagerIssue",
            "AccountStatus",
            "AccountClass",
            "IdentityIssue",
            "AccessRequestStatus",
            "Action",
            unknown::UNKNOWN_TYPE,
        ];
        let parse = |name: &'static str| match name.parse::<EntityTypeName>() {
            Ok(parsed) => Ok((name, parsed)),
            Err(error) => Err(error.to_string()),
        };
        Ok(Types { names: names.into_iter().map(parse).collect::<Result<_, _>>()? })
    }

    /// The entity of this type and id; `None` where the type is not one of Tenure's.
    #[must_use]
    pub fn uid(&self, name: &'static str, id: &str) -> Option<EntityUid> {
        self.names.get(name).map(|name| EntityUid::from_type_name_and_id(name.clone(), EntityId::new(id)))
    }
}

/// What Cedar is asked about.
#[derive(Debug)]
pub struct World {
    /// Every entity.
    pub entities: Entities,
    /// The organisation.
    pub organization: EntityUid,
    /// What is unknown anywhere; rules are rewritten for these.
    pub markers: unknown::Markers,
    /// Cedar's types.
    pub types: Types,
}

impl World {
    /// Builds every entity, or of the people and accounts only those within reach.
    ///
    /// # Errors
    /// Cedar's reason, were a value not one of Cedar's.
    pub fn new(situation: &Situation<'_>, reach: Option<&Reach>) -> Result<Self, String> {
        let types = Types::new()?;
        let builder = Builder { situation, types: &types, zone: &situation.snapshot.organization.time_zone };
        let people: Vec<Entity> = situation
            .people
            .par_iter()
            .enumerate()
            .filter(|(index, _)| reach.is_none_or(|reach| reach.people.contains(index)))
            .map(|(index, person)| builder.person(index, person))
            .collect::<Result<_, _>>()?;
        let accounts: Vec<Entity> = situation
            .accounts
            .par_iter()
            .enumerate()
            .filter(|(index, _)| reach.is_none_or(|reach| reach.accounts.contains(index)))
            .map(|(index, account)| builder.account(index, account))
            .collect::<Result<_, _>>()?;
        let mut others = builder.systems()?;
        others.extend(builder.rest()?);
        // Actions with their groups: `action in Action::"people-management"` asks for them.
        let actions = situation.bundle.schema.action_entities().map_err(|error| error.to_string())?;
        let all = people.into_iter().chain(accounts).chain(others).chain(actions);
        let entities = Entities::from_entities(all, None).map_err(|error| error.to_string())?;
        let organization = builder.uid("Organization", &situation.snapshot.organization.id)?;
        Ok(World { entities, organization, markers: unknown::Markers::of(situation), types })
    }
}

/// An instant in Cedar's notation. Years that Cedar cannot write are pinned to its first and last.
#[must_use]
pub fn cedar_datetime(instant: Timestamp) -> String {
    let text = instant.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string();
    match instant.to_zoned(jiff::tz::TimeZone::UTC).year() {
        ..0 => "0000-01-01T00:00:00.000Z".to_owned(),
        0..=9999 => text,
        _ => "9999-12-31T23:59:59.000Z".to_owned(),
    }
}

type Attributes = HashMap<String, RestrictedExpression>;

struct Builder<'s, 'a> {
    situation: &'s Situation<'a>,
    types: &'s Types,
    zone: &'s Zone,
}

impl Builder<'_, '_> {
    fn uid(&self, name: &'static str, id: &str) -> Result<EntityUid, String> {
        self.types.uid(name, id).ok_or_else(|| format!("`{name}` is not an entity type"))
    }

    fn reference(&self, name: &'static str, id: &str) -> Result<RestrictedExpression, String> {
        Ok(RestrictedExpression::new_entity_uid(self.uid(name, id)?))
    }

    fn day(&self, date: Date) -> RestrictedExpression {
        RestrictedExpression::new_datetime(cedar_datetime(self.zone.midnight(date)))
    }

    fn entity(&self, uid: EntityUid, attributes: Attributes, parents: HashSet<EntityUid>) -> Result<Entity, String> {
        Entity::new(uid, attributes, parents).map_err(|error| error.to_string())
    }

    /// Marks what is unknown about the entity at an index.
    fn mark(
        &self,
        attributes: &mut Attributes,
        entity_type: &str,
        index: usize,
        unknown: &Reasons,
    ) -> Result<(), String> {
        for fact in unknown.keys() {
            let id = unknown::marker_id(entity_type, index, fact);
            attributes.insert(unknown::marker(fact), self.reference(unknown::UNKNOWN_TYPE, &id)?);
        }
        Ok(())
    }

    fn person_id(&self, index: usize) -> &str {
        self.situation.person(index).map_or("", |person| person.record.id.as_str())
    }

    fn person(&self, index: usize, person: &ResolvedPerson<'_>) -> Result<Entity, String> {
        let mut attributes = Attributes::new();
        let mut set = |name: &str, value: RestrictedExpression| attributes.insert(name.to_owned(), value);
        set("inScope", RestrictedExpression::new_bool(person.in_scope));
        if let Some(listed_at) = self.situation.snapshot.listed_at(person.record) {
            set("listedAt", RestrictedExpression::new_datetime(cedar_datetime(listed_at)));
        }
        if let Fact::Known(status) = &person.status {
            set("status", self.reference("EmploymentStatus", status.word())?);
        }
        if let Fact::Known(date) = &person.start_date {
            set("startDate", self.day(*date));
        }
        if let Fact::Known(date) = &person.end_date {
            set("endDate", self.day(*date));
        }
        if let Fact::Known(title) = &person.job_title {
            set("jobTitle", RestrictedExpression::new_string((*title).to_owned()));
        }
        if let Fact::Known(department) = &person.department {
            set("department", RestrictedExpression::new_string((*department).to_owned()));
        }
        if let Fact::Known(manager) = &person.manager {
            set("manager", self.reference("Person", self.person_id(*manager))?);
        }
        if let Fact::Known(issue) = &person.manager_issue {
            set("managerIssue", self.reference("ManagerIssue", issue.word())?);
        }
        if let Fact::Known(address) = &person.record.work_email {
            set("workEmail", RestrictedExpression::new_string(fold(address)));
        }
        self.mark(&mut attributes, "Person", index, &person.unknown)?;
        let mut parents = HashSet::from([self.uid("Organization", &self.situation.snapshot.organization.id)?]);
        for role in person.org_roles.known().into_iter().flatten() {
            if let Some(role) = self.situation.bundle.org_roles.get(*role) {
                parents.insert(self.uid("OrgRole", &role.id)?);
            }
        }
        if let Fact::Known(department) = &person.department {
            parents.insert(self.uid("Department", &fold(department))?);
        }
        self.entity(self.uid("Person", &person.record.id)?, attributes, parents)
    }

    fn account(&self, index: usize, account: &ResolvedAccount<'_>) -> Result<Entity, String> {
        let record = account.record;
        let mut attributes = Attributes::new();
        let mut parents = HashSet::from([self.uid("System", &record.system)?]);
        let mut set = |name: &str, value: RestrictedExpression| attributes.insert(name.to_owned(), value);
        set("system", self.reference("System", &record.system)?);
        if let Fact::Known(status) = &record.status {
            set("status", self.reference("AccountStatus", status.word())?);
        }
        if let Fact::Known(owner) = &account.owner {
            let owner = self.uid("Person", self.person_id(*owner))?;
            parents.insert(owner.clone());
            set("owner", RestrictedExpression::new_entity_uid(owner));
        }
        if let Fact::Known(issue) = &account.identity_issue {
            set("identityIssue", self.reference("IdentityIssue", issue.word())?);
        }
        if let Fact::Known(class) = &account.class {
            parents.insert(self.uid("AccountClass", class.word())?);
            set("class", self.reference("AccountClass", class.word())?);
        }
        if let Fact::Known(responsible) = &account.responsible {
            set("responsible", self.reference("Person", self.person_id(*responsible))?);
        }
        if let Some(date) = account.review_by {
            set("reviewBy", self.day(date));
        }
        if let Fact::Known(instant) = &record.last_login {
            set("lastLogin", RestrictedExpression::new_datetime(cedar_datetime(*instant)));
        }
        if let Fact::Known(requests) = &account.requests {
            let mut requested = Vec::new();
            for request in requests {
                let Some(ticket) = self.situation.snapshot.access_requests.get(request.index) else { continue };
                parents.insert(self.uid("AccessRequest", &ticket.id)?);
                let levels: BTreeSet<&str> = ticket.levels.iter().map(String::as_str).chain([LOGIN]).collect();
                for level in levels {
                    let fields = [
                        ("level".to_owned(), RestrictedExpression::new_string(level.to_owned())),
                        ("status".to_owned(), self.reference("AccessRequestStatus", request.status.word())?),
                        ("expired".to_owned(), RestrictedExpression::new_bool(request.expired)),
                    ];
                    requested.push(RestrictedExpression::new_record(fields).map_err(|error| error.to_string())?);
                }
            }
            set("requests", RestrictedExpression::new_set(requested));
        }
        self.mark(&mut attributes, "Account", index, &account.unknown)?;
        self.entity(self.uid("Account", &account_id(account))?, attributes, parents)
    }

    /// Systems and their levels: those that accounts hold and those that rules grant.
    fn systems(&self) -> Result<Vec<Entity>, String> {
        let mut entities = Vec::new();
        for (index, system) in self.situation.systems.iter().enumerate() {
            entities.push(self.system(index, system)?);
        }
        let held = self.situation.accounts.iter().flat_map(|account| {
            let levels = account.record.levels.known().into_iter().flatten().map(String::as_str);
            levels.map(|level| (account.record.system.as_str(), level))
        });
        let granted = self.situation.bundle.rules.iter().filter_map(|rule| rule.grants.as_ref());
        let levels: BTreeSet<(&str, &str)> = held
            .chain(granted.map(|grants| (grants.system.as_str(), grants.level.as_str())))
            .chain(self.situation.systems.iter().map(|system| (system.id, LOGIN)))
            .collect();
        for (system, level) in levels {
            let attributes = Attributes::from([
                ("level".to_owned(), RestrictedExpression::new_string(level.to_owned())),
                ("system".to_owned(), self.reference("System", system)?),
            ]);
            let parents = HashSet::from([self.uid("System", system)?]);
            entities.push(self.entity(self.uid("Entitlement", &format!("{system}/{level}"))?, attributes, parents)?);
        }
        Ok(entities)
    }

    fn system(&self, index: usize, system: &ResolvedSystem<'_>) -> Result<Entity, String> {
        let rules = system.rules;
        let count = i64::try_from(system.access_rules(self.situation.today)).unwrap_or(i64::MAX);
        let mut attributes = Attributes::from([
            ("critical".to_owned(), RestrictedExpression::new_bool(rules.is_some_and(|rules| rules.critical))),
            ("accessRules".to_owned(), RestrictedExpression::new_long(count)),
        ]);
        if let Some(hours) = rules.and_then(|rules| rules.max_age_hours) {
            attributes.insert("maxAge".to_owned(), RestrictedExpression::new_duration(format!("{hours}h")));
        }
        if let Some((pulled_at, complete)) = system.list {
            let instant = RestrictedExpression::new_datetime(cedar_datetime(pulled_at));
            attributes.insert("accountsAsOf".to_owned(), instant);
            attributes.insert("accountsComplete".to_owned(), RestrictedExpression::new_bool(complete));
        }
        self.mark(&mut attributes, "System", index, &system.unknown)?;
        self.entity(self.uid("System", system.id)?, attributes, HashSet::new())
    }

    /// The organisation, departments, org roles, requests.
    fn rest(&self) -> Result<Vec<Entity>, String> {
        let situation = self.situation;
        let mut entities = vec![self.entity(
            self.uid("Organization", &situation.snapshot.organization.id)?,
            Attributes::new(),
            HashSet::new(),
        )?];
        let departments: BTreeSet<String> =
            situation.people.iter().filter_map(|person| person.department.known()).map(|name| fold(name)).collect();
        for department in departments {
            entities.push(self.entity(self.uid("Department", &department)?, Attributes::new(), HashSet::new())?);
        }
        for role in &situation.bundle.org_roles {
            let groups = role.groups.iter().map(|group| self.uid("OrgRoleGroup", group));
            let groups = groups.collect::<Result<HashSet<_>, _>>()?;
            entities.push(self.entity(self.uid("OrgRole", &role.id)?, Attributes::new(), groups)?);
        }
        for request in &situation.snapshot.access_requests {
            let mut attributes = Attributes::new();
            if let Fact::Known(status) = &request.status {
                attributes.insert("status".to_owned(), self.reference("AccessRequestStatus", status.word())?);
            }
            for (name, date) in [("created", &request.created), ("expires", &request.expires)] {
                if let Fact::Known(date) = date {
                    attributes.insert(name.to_owned(), self.day(*date));
                }
            }
            entities.push(self.entity(self.uid("AccessRequest", &request.id)?, attributes, HashSet::new())?);
        }
        Ok(entities)
    }
}

/// The id of an account's entity: `<system>/<account id>`.
#[must_use]
pub fn account_id(account: &ResolvedAccount<'_>) -> String {
    format!("{}/{}", account.record.system, account.record.id)
}
