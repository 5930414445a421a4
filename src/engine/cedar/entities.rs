//! Cedar entities out of a [`ResolvedSnapshot`].
//!
//! A fact that is known to be empty is an absent attribute. A fact that is unknown is an absent attribute *and* a
//! marker attribute, which the rewritten rules of [`super::rewrite`] run into; see there.

use std::{
    borrow::Cow,
    collections::{BTreeSet, HashMap, HashSet},
    sync::{LazyLock, Mutex, PoisonError},
};

use cedar_policy::{Entities, Entity, EntityId, EntityTypeName, EntityUid, RestrictedExpression};
use jiff::Timestamp;
use rayon::prelude::*;

use super::{
    markers::Markers,
    reachable::ReachableEntities,
    syntax::{UNKNOWN_TYPE, marker, marker_id},
};
use crate::{
    engine::{
        answer::{Entity as ValueEntity, Evaluation, Subject},
        attributes::{self, Value, Word, account_id},
        error::{Error, ErrorKind},
    },
    model::{AccessRequest, Fact, Zone, fold::fold},
    resolve::{Reasons, ResolvedSnapshot},
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
    pub fn parsed() -> Result<&'static Self, Error> {
        static PARSED: LazyLock<Result<Types, String>> = LazyLock::new(Types::parse);
        PARSED.as_ref().map_err(|reason| Error::from(reason.clone()))
    }

    fn parse() -> Result<Self, String> {
        let names = [
            "Organization",
            "Department",
            "OrgRoleGroup",
            "OrgRole",
            "Person",
            "System",
            "Entitlement",
            "EntitlementGroup",
            "Holdings",
            "AccessRequest",
            "Account",
            "EmploymentStatus",
            "ManagerIssue",
            "AccountStatus",
            "AccountClass",
            "IdentityIssue",
            "DeclarationStatus",
            "EmploymentType",
            "AccessRequestStatus",
            "Action",
            UNKNOWN_TYPE,
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
pub struct CedarEntities {
    /// Every entity.
    pub entities: Entities,
    /// The organisation.
    pub organization: EntityUid,
    /// What is unknown anywhere; rules are rewritten for these.
    pub markers: Markers,
    /// Cedar's types.
    pub types: &'static Types,
}

impl CedarEntities {
    /// The entities that rules can reach from these subjects of an evaluation, or from all.
    ///
    /// # Errors
    /// Returns Cedar's error if a fact is not a valid Cedar value, and an error if accounts were evicted because the
    /// snapshot was streamed.
    pub fn of(evaluation: &Evaluation<'_>, subjects: Option<&HashSet<Subject>>) -> Result<CedarEntities, Error> {
        let resolved = &evaluation.resolved;
        if resolved.accounts.partially_evicted() {
            return Err(ErrorKind::Evicted.into());
        }
        let reach = subjects
            .map_or_else(|| ReachableEntities::all(resolved), |subjects| ReachableEntities::of(resolved, subjects));
        CedarEntities::new(resolved, &reach)
    }

    /// Builds the entities within reach.
    ///
    /// # Errors
    /// Cedar's reason, were a value not one of Cedar's.
    pub fn new(resolved: &ResolvedSnapshot<'_>, reach: &ReachableEntities) -> Result<Self, Error> {
        let markers = markers(resolved, reach);
        CedarEntities::with(resolved, reach, markers)
    }

    /// The same, with what is unknown anywhere within reach.
    pub(in crate::engine) fn with(
        resolved: &ResolvedSnapshot<'_>,
        reach: &ReachableEntities,
        markers: Markers,
    ) -> Result<Self, Error> {
        let types = Types::parsed()?;
        let builder =
            Builder { resolved, types, datetimes: Mutex::default(), zone: &resolved.snapshot.organization.time_zone };
        let subjects: Vec<ValueEntity<'_>> = subjects(resolved, reach).collect();
        let subjects: Vec<Entity> =
            subjects.into_par_iter().map(|entity| builder.built(entity)).collect::<Result<_, _>>()?;
        // Actions with their groups: `action in Action::"people-management"` asks for them.
        let actions = resolved.bundle.schema.action_entities().map_err(|error| error.to_string())?;
        let all = subjects.into_iter().chain(builder.rest(reach)?).chain(actions);
        let entities = Entities::from_entities(all, None).map_err(|error| error.to_string())?;
        let organization = builder.uid("Organization", &resolved.snapshot.organization.id)?;
        Ok(CedarEntities { entities, organization, markers, types })
    }
}

/// The entities within reach of which something may be unknown.
fn subjects<'s>(
    resolved: &'s ResolvedSnapshot<'_>,
    reach: &'s ReachableEntities,
) -> impl Iterator<Item = ValueEntity<'s>> {
    let people = reach.people.iter().map(|index| ValueEntity::Person(*index));
    let accounts = reach.accounts.iter().map(|index| ValueEntity::Account(*index));
    let systems = (0..resolved.systems.len()).map(ValueEntity::System);
    let levels = reach.levels.iter().map(|(system, level)| ValueEntity::Level(*system, level));
    let asked = !resolved.bundle.holding_targets.is_empty();
    let holders = reach.people.iter().map(|index| Subject::Person(*index));
    let holders = holders.chain(reach.accounts.iter().map(|index| Subject::Account(*index)));
    let holdings = holders.filter(move |_| asked).map(ValueEntity::Holdings);
    people.chain(accounts).chain(systems).chain(levels).chain(holdings)
}

/// What is unknown anywhere within reach.
pub(in crate::engine) fn markers(resolved: &ResolvedSnapshot<'_>, reach: &ReachableEntities) -> Markers {
    let all = std::iter::once(ValueEntity::Organization).chain(subjects(resolved, reach));
    let unknown = all.filter_map(|entity| attributes::unknown(resolved, entity));
    let requests = reach.requests.iter().filter_map(|index| resolved.snapshot.access_requests.get(*index));
    Markers::of(unknown.flat_map(Reasons::keys).chain(requests.flat_map(unknown_of_request)))
}

/// The attributes of a request for access that are unknown.
fn unknown_of_request(request: &AccessRequest) -> impl Iterator<Item = &'static str> {
    let facts = [
        ("status", request.status.is_unknown()),
        ("created", request.created.is_unknown()),
        ("expires", request.expires.is_unknown()),
    ];
    facts.into_iter().filter(|(_, is_unknown)| *is_unknown).map(|(name, _)| name)
}

/// An instant in Cedar's notation. Years that Cedar cannot write are pinned to its first and last.
#[must_use]
pub fn cedar_datetime(instant: Timestamp) -> String {
    let text = instant.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string();
    match instant.to_zoned_datetime(jiff::tz::TimeZone::UTC).year() {
        ..0 => "0000-01-01T00:00:00.000Z".to_owned(),
        0..=9999 => text,
        _ => "9999-12-31T23:59:59.000Z".to_owned(),
    }
}

type Attributes = HashMap<String, RestrictedExpression>;

struct Builder<'s, 'a> {
    resolved: &'s ResolvedSnapshot<'a>,
    types: &'static Types,
    zone: &'s Zone,
    /// Instants as Cedar has them; it parses the name of the function for each that it makes.
    datetimes: Mutex<HashMap<Timestamp, RestrictedExpression>>,
}

impl Builder<'_, '_> {
    fn uid(&self, name: &'static str, id: &str) -> Result<EntityUid, String> {
        self.types.uid(name, id).ok_or_else(|| format!("`{name}` is not an entity type"))
    }

    fn reference(&self, name: &'static str, id: &str) -> Result<RestrictedExpression, String> {
        Ok(RestrictedExpression::new_entity_uid(self.uid(name, id)?))
    }

    /// A word of a closed vocabulary, one of Tenure's or one that the bundle declares.
    fn word(&self, word: Word) -> Result<RestrictedExpression, String> {
        let uid = match self.types.uid(word.entity_type, word.word) {
            Some(uid) => uid,
            None => {
                let name: EntityTypeName = word.entity_type.parse().map_err(|error| format!("{error}"))?;
                EntityUid::from_type_name_and_id(name, EntityId::new(word.word))
            }
        };
        Ok(RestrictedExpression::new_entity_uid(uid))
    }

    fn datetime(&self, instant: Timestamp) -> RestrictedExpression {
        let known = || self.datetimes.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(datetime) = known().get(&instant) {
            return datetime.clone();
        }
        let datetime = RestrictedExpression::new_datetime(cedar_datetime(instant));
        known().insert(instant, datetime.clone());
        datetime
    }

    /// A value as Cedar has it.
    fn value(&self, value: Value<'_>) -> Result<RestrictedExpression, String> {
        Ok(match value {
            Value::Bool(value) => RestrictedExpression::new_bool(value),
            Value::Long(value) => RestrictedExpression::new_long(value),
            Value::Text(text) => RestrictedExpression::new_string(text.into_owned()),
            Value::Symbol(_, text) => RestrictedExpression::new_string(text.to_owned()),
            Value::Instant(instant) => self.datetime(instant),
            Value::Day(date) => self.datetime(self.zone.midnight(date)),
            Value::Hours(hours) => RestrictedExpression::new_duration(format!("{hours}h")),
            Value::Word(word) => self.word(word)?,
            Value::Texts(texts) => RestrictedExpression::new_set(
                texts.into_iter().map(|text| RestrictedExpression::new_string(text.to_owned())),
            ),
            Value::Entity(entity) => RestrictedExpression::new_entity_uid(self.uid_of(entity)?),
            Value::Requests(requests) => {
                let requests = requests.into_iter().map(|(level, status, expired)| {
                    let fields = [
                        ("level".to_owned(), RestrictedExpression::new_string(level.to_owned())),
                        ("status".to_owned(), self.reference(status.entity_type, status.word)?),
                        ("expired".to_owned(), RestrictedExpression::new_bool(expired)),
                    ];
                    RestrictedExpression::new_record(fields).map_err(|error| error.to_string())
                });
                RestrictedExpression::new_set(requests.collect::<Result<Vec<_>, String>>()?)
            }
        })
    }

    fn uid_of(&self, entity: ValueEntity<'_>) -> Result<EntityUid, String> {
        let resolved = self.resolved;
        match entity {
            ValueEntity::Organization => self.uid("Organization", &resolved.snapshot.organization.id),
            // An entity without an id would be in no group, and a rule about groups would pass it over.
            ValueEntity::Person(index) => {
                self.uid("Person", resolved.person(index).ok_or("a person that a rule reads is not there")?.id)
            }
            ValueEntity::Account(index) => {
                let account = resolved.accounts.loaded(index).ok_or("an account that a rule reads is not there")?;
                self.uid("Account", &account_id(account))
            }
            ValueEntity::System(index) => {
                self.uid("System", resolved.systems.get(index).ok_or("a system that a rule reads is not there")?.id)
            }
            ValueEntity::Level(system, level) => {
                let system =
                    resolved.systems.get(system).ok_or("the system of a level that a rule reads is not there")?;
                self.uid("Entitlement", &format!("{}/{level}", system.id))
            }
            ValueEntity::Holdings(_) => {
                let (holder, id) = attributes::own(resolved, entity);
                self.uid("Holdings", &format!("{holder} {id}"))
            }
        }
    }

    /// An entity with its attributes and parents, and the marks of what is unknown about it.
    fn built(&self, of: ValueEntity<'_>) -> Result<Entity, String> {
        let mut attributes = Attributes::new();
        for attribute in attributes::attributes(self.resolved.bundle, of) {
            if let Some(value) = attributes::attribute(self.resolved, of, attribute) {
                attributes.insert(attribute.name().to_owned(), self.value(value)?);
            }
        }
        let marked = match of {
            ValueEntity::Person(index) => Some(("Person", index)),
            ValueEntity::Account(index) => Some(("Account", index)),
            ValueEntity::System(index) => Some(("System", index)),
            ValueEntity::Organization => Some(("Organization", 0)),
            ValueEntity::Level(..) => None,
            ValueEntity::Holdings(Subject::Person(index)) => Some(("Person", index)),
            ValueEntity::Holdings(Subject::Account(index)) => Some(("Account", index)),
            ValueEntity::Holdings(Subject::System(_) | Subject::Organization) => None,
        };
        if let (Some((name, index)), Some(unknown)) = (marked, attributes::unknown(self.resolved, of)) {
            self.mark(&mut attributes, name, index, unknown.keys())?;
        }
        let parents = attributes::parents(self.resolved, of);
        let parents = parents.iter().map(|(name, id)| self.uid(name, id)).collect::<Result<HashSet<_>, _>>()?;
        self.entity(self.uid_of(of)?, attributes, parents)
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
        unknown: impl Iterator<Item = &'static str>,
    ) -> Result<(), String> {
        for fact in unknown {
            let id = marker_id(entity_type, index, fact);
            attributes.insert(marker(fact), self.reference(UNKNOWN_TYPE, &id)?);
        }
        Ok(())
    }

    /// The organisation, departments, org roles, requests.
    fn rest(&self, reach: &ReachableEntities) -> Result<Vec<Entity>, String> {
        let resolved = self.resolved;
        let mut entities = vec![self.built(ValueEntity::Organization)?];
        let people = reach.people.iter().filter_map(|index| resolved.person(*index));
        let departments: BTreeSet<Cow<'_, str>> =
            people.filter_map(|person| person.department.known().copied().map(fold)).collect();
        for department in departments {
            entities.push(self.entity(self.uid("Department", &department)?, Attributes::new(), HashSet::new())?);
        }
        let people = reach.people.iter().filter_map(|index| resolved.person(*index));
        let held = people.filter_map(|person| person.org_roles.known().copied()).flatten();
        let roles: BTreeSet<usize> = held.chain(&reach.org_roles).copied().collect();
        for role in roles.into_iter().filter_map(|role| resolved.bundle.org_roles.get(role)) {
            let groups = role.groups.iter().map(|group| self.uid("OrgRoleGroup", group));
            let groups = groups.collect::<Result<HashSet<_>, _>>()?;
            entities.push(self.entity(self.uid("OrgRole", &role.id)?, Attributes::new(), groups)?);
        }
        for index in &reach.requests {
            let request = resolved.snapshot.access_requests.get(*index);
            let request = request.ok_or("an access request that a rule may ask about is not in the snapshot")?;
            let mut attributes = Attributes::new();
            if let Fact::Known(status) = &request.status {
                attributes.insert("status".to_owned(), self.reference("AccessRequestStatus", status.word())?);
            }
            for (name, date) in [("created", &request.created), ("expires", &request.expires)] {
                if let Fact::Known(date) = date {
                    attributes.insert(name.to_owned(), self.datetime(self.zone.midnight(*date)));
                }
            }
            self.mark(&mut attributes, "AccessRequest", *index, unknown_of_request(request))?;
            entities.push(self.entity(self.uid("AccessRequest", &request.id)?, attributes, HashSet::new())?);
        }
        Ok(entities)
    }
}
