//! The entities that rules name, numbered; and which of them an entity is or is in.

use std::collections::HashMap;

use cedar_policy::pst;

use super::{
    entities::account_id,
    expression::literals,
    resolve::{Row, Situation},
    values::Entity,
};
use crate::{
    bundle::{Rule, data::org_roles::fold},
    model::AccountClass,
};

/// Numbers of the entities that rules name, with what is the same for many looked up beforehand.
pub(super) struct Named {
    numbers: HashMap<String, HashMap<String, u32>>,
    /// People, accounts and requests are told by their own ids.
    people: HashMap<String, u32>,
    accounts: HashMap<String, u32>,
    requests: HashMap<String, u32>,
    /// By org role: itself and its groups.
    org_roles: Vec<Vec<u32>>,
    /// By number of a department.
    departments: Vec<Option<u32>>,
    classes: Vec<(AccountClass, u32)>,
    organization: Option<u32>,
    /// By system: itself, and its levels.
    systems: Vec<(Option<u32>, HashMap<String, u32>)>,
}

impl Named {
    pub(super) fn new(situation: &Situation<'_>, rules: &[Rule]) -> Self {
        let mut numbers: HashMap<String, HashMap<String, u32>> = HashMap::new();
        let mut next = 0;
        for uid in rules.iter().flat_map(|rule| literals(&rule.policy)) {
            numbers.entry(uid.ty.to_string()).or_default().entry(uid.eid.to_string()).or_insert_with(|| {
                next += 1;
                next
            });
        }
        let of_type = |name: &str| numbers.get(name).cloned().unwrap_or_default();
        let number = |entity_type: &str, id: &str| numbers.get(entity_type)?.get(id).copied();
        let org_roles = situation.bundle.org_roles.iter().map(|role| {
            let groups = role.groups.iter().filter_map(|group| number("OrgRoleGroup", group));
            number("OrgRole", &role.id).into_iter().chain(groups).collect()
        });
        let departments = situation.people.departments().map(|name| number("Department", &fold(name)));
        let levels = of_type("Entitlement");
        let systems = situation.systems.iter().map(|system| {
            let own = levels.iter().filter_map(|(id, number)| {
                let level = id.strip_prefix(system.id)?.strip_prefix('/')?;
                Some((level.to_owned(), *number))
            });
            (number("System", system.id), own.collect())
        });
        let classes =
            AccountClass::ALL.iter().filter_map(|class| Some((*class, number("AccountClass", class.word())?)));
        Named {
            people: of_type("Person"),
            accounts: of_type("Account"),
            requests: of_type("AccessRequest"),
            org_roles: org_roles.collect(),
            departments: departments.collect(),
            classes: classes.collect(),
            organization: number("Organization", &situation.snapshot.organization.id),
            systems: systems.collect(),
            numbers,
        }
    }

    /// The number of an entity, where rules name it.
    pub(super) fn number(&self, entity_type: &str, id: &str) -> Option<u32> {
        self.numbers.get(entity_type)?.get(id).copied()
    }

    /// The number of an entity that a rule's syntax tree names.
    pub(super) fn of(&self, uid: &pst::EntityUID) -> Option<u32> {
        self.number(&uid.ty.to_string(), uid.eid.as_str())
    }

    /// Of all entities of a type.
    pub(super) fn of_type(&self, entity_type: &str) -> impl Iterator<Item = u32> {
        self.numbers.get(entity_type).into_iter().flat_map(HashMap::values).copied()
    }

    /// The entity's own number, where rules name it.
    pub(super) fn own(&self, situation: &Situation<'_>, entity: Entity<'_>) -> Option<u32> {
        match entity {
            Entity::Organization => self.organization,
            Entity::Person(index) => self.person(situation, situation.people.row(index)?),
            Entity::Account(_) if self.accounts.is_empty() => None,
            Entity::Account(index) => self.accounts.get(&account_id(situation.accounts.get(index)?)).copied(),
            Entity::System(index) => self.systems.get(index)?.0,
            Entity::Level(system, level) => self.systems.get(system)?.1.get(level).copied(),
        }
    }

    fn person(&self, situation: &Situation<'_>, row: &Row) -> Option<u32> {
        if self.people.is_empty() { None } else { self.people.get(situation.people.row_id(row)).copied() }
    }

    /// What an entity is and is in, by way of others too, at the end of the list.
    pub(super) fn held(&self, situation: &Situation<'_>, entity: Entity<'_>, numbers: &mut Vec<u32>) {
        match entity {
            Entity::Organization | Entity::System(_) => numbers.extend(self.own(situation, entity)),
            Entity::Person(index) => {
                if let Some(row) = situation.people.row(index) {
                    self.held_by_person(situation, row, numbers);
                }
            }
            Entity::Level(system, level) => {
                if let Some((own, levels)) = self.systems.get(system) {
                    numbers.extend(levels.get(level));
                    numbers.extend(own);
                }
            }
            Entity::Account(index) => {
                numbers.extend(self.own(situation, entity));
                let Some(account) = situation.accounts.get(index) else { return };
                numbers.extend(account.system.and_then(|system| self.systems.get(system)?.0));
                let class = account.class.known();
                numbers.extend(self.classes.iter().find(|(one, _)| Some(one) == class).map(|(_, number)| number));
                if let Some(row) = account.owner.known().and_then(|owner| situation.people.row(*owner)) {
                    self.held_by_person(situation, row, numbers);
                }
                if !self.requests.is_empty() {
                    let own = account.requests.known().into_iter().flatten();
                    let own = own.filter_map(|request| situation.snapshot.access_requests.get(request.index));
                    numbers.extend(own.filter_map(|request| self.requests.get(&request.id)));
                }
            }
        }
    }

    fn held_by_person(&self, situation: &Situation<'_>, row: &Row, numbers: &mut Vec<u32>) {
        numbers.extend(self.person(situation, row));
        let roles = situation.people.row_org_roles(row).iter();
        numbers.extend(roles.filter_map(|role| self.org_roles.get(*role)).flatten());
        let department = row.department.index();
        numbers.extend(department.known().and_then(|number| self.departments.get(*number).copied().flatten()));
        numbers.extend(self.organization);
    }
}
