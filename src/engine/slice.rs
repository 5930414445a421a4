//! Which rules can matter to a question, by their scopes alone.
//!
//! Cedar looks at every policy of a set for every request, about a microsecond each. So the rules are indexed by the
//! entities in their scopes, and a question is put to those rules only whose scope can match it. A rule left out is one
//! whose scope is false for the question: it would neither be satisfied nor err. Where memberships of the subject are
//! unknown, every rule whose scope asks for such a membership stays in.

use std::collections::{BTreeSet, HashMap};

use cedar_policy::pst;
use pst::{EntityOrSlot, PrincipalConstraint, ResourceConstraint};

use crate::bundle::{Check, Rule};

/// What a scope asks of the principal or the resource.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Asked {
    /// Nothing, or no more than its type.
    Anything,
    /// To be this entity or in it: the index of the entity among those that scopes name.
    Entity(usize),
}

/// The rules of a bundle, indexed by their scopes.
#[derive(Debug)]
pub struct Slicer {
    /// Entities named in scopes.
    literals: HashMap<String, usize>,
    /// Literals by entity type, for unknown memberships.
    by_type: HashMap<String, Vec<usize>>,
    /// Per action: resource → principal → rules.
    actions: HashMap<String, HashMap<Asked, HashMap<Asked, Vec<u32>>>>,
}

/// The entities of one side of a question that scopes name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Keys(Vec<usize>);

impl Slicer {
    /// Indexes rules for these checks.
    #[must_use]
    pub fn new(checks: &[Check], rules: &[Rule]) -> Self {
        let mut slicer = Slicer { literals: HashMap::new(), by_type: HashMap::new(), actions: HashMap::new() };
        for (index, rule) in rules.iter().enumerate() {
            let principal = match &rule.policy.principal {
                PrincipalConstraint::Eq(of) | PrincipalConstraint::In(of) | PrincipalConstraint::IsIn(_, of) => {
                    slicer.asked(of)
                }
                PrincipalConstraint::Any | PrincipalConstraint::Is(_) => Asked::Anything,
            };
            let resource = match &rule.policy.resource {
                ResourceConstraint::Eq(of) | ResourceConstraint::In(of) | ResourceConstraint::IsIn(_, of) => {
                    slicer.asked(of)
                }
                ResourceConstraint::Any | ResourceConstraint::Is(_) => Asked::Anything,
            };
            let Ok(number) = u32::try_from(index) else { continue };
            for check in checks.iter().filter(|check| rule.speaks_of(check)) {
                let action = slicer.actions.entry(check.id.clone()).or_default();
                let principals = action.entry(resource.clone()).or_default();
                principals.entry(principal.clone()).or_default().push(number);
            }
        }
        slicer
    }

    fn asked(&mut self, of: &EntityOrSlot) -> Asked {
        let EntityOrSlot::Entity(uid) = of else { return Asked::Anything };
        let (entity_type, id) = (uid.ty.to_string(), uid.eid.as_str());
        let key = key(&entity_type, id);
        let next = self.literals.len();
        let index = *self.literals.entry(key).or_insert(next);
        if index == next {
            self.by_type.entry(entity_type).or_default().push(index);
        }
        Asked::Entity(index)
    }

    /// The keys of an entity: itself and what it is in, as types and ids, of which scopes name some, and everything of the types whose
    /// memberships are unknown.
    pub fn keys<'a>(
        &self,
        entities: impl Iterator<Item = (&'a str, &'a str)>,
        unknown_types: impl Iterator<Item = &'a str>,
    ) -> Keys {
        let named = entities.filter_map(|(entity_type, id)| self.literals.get(&key(entity_type, id)));
        let open = unknown_types.filter_map(|entity_type| self.by_type.get(entity_type)).flatten();
        let keys: BTreeSet<usize> = named.chain(open).copied().collect();
        Keys(keys.into_iter().collect())
    }

    /// The rules that can matter, as indices into the bundle's, in order.
    #[must_use]
    pub fn rules(&self, check: &str, principal: &Keys, resource: &Keys) -> Vec<u32> {
        let Some(action) = self.actions.get(check) else { return Vec::new() };
        let mut rules = Vec::new();
        for principals in each(resource).filter_map(|asked| action.get(&asked)) {
            for found in each(principal).filter_map(|asked| principals.get(&asked)) {
                rules.extend_from_slice(found);
            }
        }
        rules.sort_unstable();
        rules
    }
}

fn each(keys: &Keys) -> impl Iterator<Item = Asked> + '_ {
    std::iter::once(Asked::Anything).chain(keys.0.iter().map(|index| Asked::Entity(*index)))
}

fn key(entity_type: &str, id: &str) -> String {
    format!("{entity_type}::{id}")
}
