//! The entities that rules name, numbered; and which of them an entity is or is in.

use cedar_policy::pst;
use hashbrown::HashMap;

use crate::{
    bundle::{
        Rule,
        expression::{each_named, type_name},
    },
    engine::{
        answer::Entity,
        attributes::{account_id, holdings},
    },
    model::{AccountClass, fold::fold},
    resolve::ResolvedSnapshot,
};

/// Numbers of the entities that rules name, with what is the same for many looked up beforehand.
pub(in crate::engine) struct EntityNumbering {
    numbers: HashMap<String, HashMap<String, u32>>,
    /// People and requests, by index.
    people: HashMap<usize, u32>,
    requests: HashMap<usize, u32>,
    /// By id.
    accounts: HashMap<String, u32>,
    /// By post: its org roles with their groups, and its department.
    posts: Vec<Vec<u32>>,
    classes: Vec<(AccountClass, u32)>,
    organization: Option<u32>,
    /// By system: itself, and its levels.
    systems: Vec<(Option<u32>, HashMap<String, u32>)>,
    /// Entitlement groups, by id.
    groups: HashMap<String, u32>,
    /// What rules ask of holdings, by the bundle's order.
    targets: Vec<Option<u32>>,
}

impl EntityNumbering {
    pub(in crate::engine) fn new(resolved: &ResolvedSnapshot<'_>, rules: &[Rule]) -> Self {
        let mut numbers: HashMap<String, HashMap<String, u32>> = HashMap::new();
        let mut next = 0;
        for rule in rules {
            each_named(&rule.policy, &mut |uid| {
                numbers.entry_ref(&*type_name(uid)).or_default().entry_ref(uid.eid.as_str()).or_insert_with(|| {
                    next += 1;
                    next
                });
            });
        }
        let of_type = |name: &str| numbers.get(name).cloned().unwrap_or_default();
        let number = |entity_type: &str, id: &str| numbers.get(entity_type)?.get(id).copied();
        let requests = &resolved.snapshot.access_requests;
        let index_of = |entity_type: &str, find: &dyn Fn(&str) -> Option<usize>| {
            let named = numbers.get(entity_type).into_iter().flatten();
            named.filter_map(|(id, number)| Some((find(id)?, *number))).collect::<HashMap<usize, u32>>()
        };
        let org_roles: Vec<Vec<u32>> = resolved
            .bundle
            .org_roles
            .iter()
            .map(|role| {
                let groups = role.groups.iter().filter_map(|group| number("OrgRoleGroup", group));
                number("OrgRole", &role.id).into_iter().chain(groups).collect()
            })
            .collect();
        let people = &resolved.people;
        let posts = people.posts().iter().map(|post| {
            let roles = people.org_roles(post.org_roles).iter().filter_map(|role| org_roles.get(*role)).flatten();
            let department = post.department.fact().known().map(|name| fold(people.word(*name)));
            roles.copied().chain(department.and_then(|name| number("Department", &name))).collect()
        });
        let levels = of_type("Entitlement");
        let systems = resolved.systems.iter().map(|system| {
            let own = levels.iter().filter_map(|(id, number)| {
                let level = id.strip_prefix(system.id)?.strip_prefix('/')?;
                Some((level.to_owned(), *number))
            });
            (number("System", system.id), own.collect())
        });
        let targets = resolved.bundle.holding_targets.all().iter().map(|target| number(target.entity_type, &target.id));
        let classes =
            AccountClass::ALL.iter().filter_map(|class| Some((*class, number("AccountClass", class.word())?)));
        EntityNumbering {
            people: index_of("Person", &|id| resolved.person_index(id)),
            requests: index_of("AccessRequest", &|id| requests.iter().position(|request| request.id == id)),
            accounts: of_type("Account"),
            posts: posts.collect(),
            classes: classes.collect(),
            organization: number("Organization", &resolved.snapshot.organization.id),
            systems: systems.collect(),
            groups: of_type("EntitlementGroup"),
            targets: targets.collect(),
            numbers,
        }
    }

    /// The number of an entity, where rules name it.
    pub(in crate::engine) fn number(&self, entity_type: &str, id: &str) -> Option<u32> {
        self.numbers.get(entity_type)?.get(id).copied()
    }

    /// The number of an entity that a rule's syntax tree names.
    pub(in crate::engine) fn of(&self, uid: &pst::EntityUID) -> Option<u32> {
        self.number(&type_name(uid), uid.eid.as_str())
    }

    /// Of all entities of a type.
    pub(in crate::engine) fn of_type(&self, entity_type: &str) -> impl Iterator<Item = u32> {
        self.numbers.get(entity_type).into_iter().flat_map(HashMap::values).copied()
    }

    /// The entity's own number, where rules name it.
    pub(in crate::engine) fn own(&self, resolved: &ResolvedSnapshot<'_>, entity: Entity<'_>) -> Option<u32> {
        match entity {
            Entity::Organization => self.organization,
            Entity::Person(index) => self.person(index),
            Entity::Account(_) if self.accounts.is_empty() => None,
            Entity::Account(index) => self.accounts.get(&account_id(resolved.accounts.loaded(index)?)).copied(),
            Entity::System(index) => self.systems.get(index)?.0,
            Entity::Level(system, level) => self.systems.get(system)?.1.get(level).copied(),
            Entity::Holdings(_) => None,
        }
    }

    fn person(&self, index: usize) -> Option<u32> {
        if self.people.is_empty() { None } else { self.people.get(&index).copied() }
    }

    /// What an entity is and is in, by way of others too, at the end of the list.
    pub(in crate::engine) fn ancestors(
        &self,
        resolved: &ResolvedSnapshot<'_>,
        entity: Entity<'_>,
        numbers: &mut Vec<u32>,
    ) {
        match entity {
            Entity::Organization | Entity::System(_) => numbers.extend(self.own(resolved, entity)),
            Entity::Person(index) => self.ancestors_of_person(resolved, index, numbers),
            Entity::Level(system, level) => {
                if let Some((own, levels)) = self.systems.get(system) {
                    numbers.extend(levels.get(level));
                    numbers.extend(own);
                }
                if !self.groups.is_empty() {
                    let system = resolved.systems.get(system).map_or("", |system| system.id);
                    numbers.extend(resolved.groups_of_level(system, level).filter_map(|group| self.groups.get(group)));
                }
            }
            Entity::Holdings(holder) => {
                let held = holdings(resolved, holder).into_iter().flat_map(|holdings| &holdings.held);
                numbers.extend(held.filter_map(|target| *self.targets.get(*target)?));
            }
            Entity::Account(index) => {
                numbers.extend(self.own(resolved, entity));
                let Some(account) = resolved.accounts.loaded(index) else { return };
                numbers.extend(account.system.and_then(|system| self.systems.get(system)?.0));
                let class = account.class.known();
                numbers.extend(self.classes.iter().find(|(one, _)| Some(one) == class).map(|(_, number)| number));
                if let Some(owner) = account.owner.known() {
                    self.ancestors_of_person(resolved, *owner, numbers);
                }
                if !self.requests.is_empty() {
                    let own = account.requests.known().into_iter().flatten();
                    numbers.extend(own.filter_map(|request| self.requests.get(&request.index)));
                }
            }
        }
    }

    fn ancestors_of_person(&self, resolved: &ResolvedSnapshot<'_>, index: usize, numbers: &mut Vec<u32>) {
        let Some(row) = resolved.people.row(index) else { return };
        numbers.extend(self.person(index));
        let post = usize::try_from(row.post).ok().and_then(|post| self.posts.get(post));
        numbers.extend(post.into_iter().flatten());
        numbers.extend(self.organization);
    }
}
