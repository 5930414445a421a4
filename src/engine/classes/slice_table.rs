//! The slice of each query: the rules whose scopes can match it.

use std::sync::Arc;

use hashbrown::HashMap;

use super::{footprint::RuleFootprint, numbering::EntityNumbering, slicer::Slicer};
use crate::{
    bundle::Bundle,
    engine::{
        answer::{Entity, Query},
        attributes,
        ids::{GroupSetId, Index, SliceId},
    },
    resolve::ResolvedSnapshot,
};

/// Resources whose group sets a [`GroupCache`] remembers.
const CACHED_RESOURCES: usize = 32;

/// Slices, by check and the groups of principal and resource. Many queries share one.
pub(super) struct SliceTable<'a> {
    bundle: &'a Bundle,
    numbering: Arc<EntityNumbering>,
    slicer: Slicer,
    /// By sorted numbers.
    group_sets: HashMap<Box<[u32]>, GroupSetId>,
    by_groups: HashMap<(usize, GroupSetId, GroupSetId), SliceId>,
    by_rules: HashMap<Arc<[u32]>, SliceId>,
    rules: Vec<Arc<[u32]>>,
    /// `None` for slices that decision classes do not support.
    footprints: Vec<Option<RuleFootprint>>,
}

/// The group sets of recent entities.
#[derive(Default)]
pub(super) struct GroupCache<'s> {
    numbers: Vec<u32>,
    principal: Option<(Entity<'s>, GroupSetId)>,
    resources: Vec<(Entity<'s>, GroupSetId)>,
}

impl<'a> SliceTable<'a> {
    pub(super) fn new(resolved: &ResolvedSnapshot<'a>, numbering: Arc<EntityNumbering>) -> Self {
        let bundle = resolved.bundle;
        SliceTable {
            bundle,
            slicer: Slicer::new(&bundle.checks, &bundle.rules, &numbering, |rule| resolved.reaches(rule)),
            numbering,
            group_sets: HashMap::new(),
            by_groups: HashMap::new(),
            by_rules: HashMap::new(),
            rules: Vec::new(),
            footprints: Vec::new(),
        }
    }

    /// The rules of every slice, by [`SliceId`].
    pub(super) fn rules(&self) -> &[Arc<[u32]>] {
        &self.rules
    }

    /// The footprint of a slice, or `None` if decision classes do not support its rules.
    pub(super) fn footprint(&self, slice: SliceId) -> Option<&RuleFootprint> {
        slice.get(&self.footprints)?.as_ref()
    }

    /// The footprint of the rules of several slices together.
    pub(super) fn union(&self, slices: impl Iterator<Item = SliceId>) -> Option<RuleFootprint> {
        let mut rules: Vec<u32> = Vec::new();
        for slice in slices {
            rules.extend(slice.get(&self.rules)?.iter());
        }
        rules.sort_unstable();
        rules.dedup();
        self.footprint_of(&rules)
    }

    /// The slice of a query, if an earlier query had the same check and groups.
    pub(super) fn find<'s>(
        &self,
        resolved: &'s ResolvedSnapshot<'_>,
        query: &Query<'s>,
        cache: &mut GroupCache<'s>,
    ) -> Option<SliceId> {
        let (principal, resource) = self.groups(resolved, query, cache)?;
        self.by_groups.get(&(query.check, principal, resource)).copied()
    }

    /// The slice of a query.
    pub(super) fn find_or_add(&mut self, resolved: &ResolvedSnapshot<'_>, query: &Query<'_>) -> SliceId {
        let (mut principal, mut resource) = (Vec::new(), Vec::new());
        self.numbers(resolved, query.principal, &mut principal);
        self.numbers(resolved, query.resource, &mut resource);
        let groups = (query.check, self.group_set(&principal), self.group_set(&resource));
        if let Some(slice) = self.by_groups.get(&groups) {
            return *slice;
        }
        let rules: Arc<[u32]> = self.slicer.rules(query.check, &principal, &resource).into();
        let slice = self.slice_of(rules);
        self.by_groups.insert(groups, slice);
        slice
    }

    /// The group sets of principal and resource, if earlier queries had them.
    pub(super) fn groups<'s>(
        &self,
        resolved: &'s ResolvedSnapshot<'_>,
        query: &Query<'s>,
        cache: &mut GroupCache<'s>,
    ) -> Option<(GroupSetId, GroupSetId)> {
        let principal = match cache.principal {
            Some((known, groups)) if known == query.principal => groups,
            _ => {
                let groups = self.find_group_set(resolved, query.principal, &mut cache.numbers)?;
                cache.principal = Some((query.principal, groups));
                groups
            }
        };
        let known = cache.resources.iter().find(|(known, _)| *known == query.resource);
        let resource = match known {
            Some((_, groups)) => *groups,
            None => {
                let groups = self.find_group_set(resolved, query.resource, &mut cache.numbers)?;
                if cache.resources.len() < CACHED_RESOURCES {
                    cache.resources.push((query.resource, groups));
                }
                groups
            }
        };
        Some((principal, resource))
    }

    fn find_group_set(
        &self,
        resolved: &ResolvedSnapshot<'_>,
        entity: Entity<'_>,
        numbers: &mut Vec<u32>,
    ) -> Option<GroupSetId> {
        self.numbers(resolved, entity, numbers);
        self.group_sets.get(numbers.as_slice()).copied()
    }

    /// The sorted numbers of the entities that an entity is in or may be in.
    fn numbers(&self, resolved: &ResolvedSnapshot<'_>, entity: Entity<'_>, numbers: &mut Vec<u32>) {
        numbers.clear();
        self.numbering.ancestors(resolved, entity, numbers);
        for fact in attributes::unknown(resolved, entity).into_iter().flat_map(|unknown| unknown.keys()) {
            numbers.extend(fact.strip_prefix("in ").into_iter().flat_map(|of| self.numbering.of_type(of)));
        }
        numbers.sort_unstable();
        numbers.dedup();
    }

    fn group_set(&mut self, numbers: &[u32]) -> GroupSetId {
        if let Some(set) = self.group_sets.get(numbers) {
            return *set;
        }
        let set = GroupSetId::next(self.group_sets.len());
        self.group_sets.insert(numbers.into(), set);
        set
    }

    fn slice_of(&mut self, rules: Arc<[u32]>) -> SliceId {
        if let Some(slice) = self.by_rules.get(&rules) {
            return *slice;
        }
        let slice = SliceId::next(self.rules.len());
        self.footprints.push(self.footprint_of(&rules));
        self.rules.push(rules.clone());
        self.by_rules.insert(rules, slice);
        slice
    }

    fn footprint_of(&self, rules: &[u32]) -> Option<RuleFootprint> {
        let rules = rules.iter().map(|rule| self.bundle.rules.get(usize::try_from(*rule).ok()?));
        let rules: Option<Vec<_>> = rules.collect();
        RuleFootprint::of(rules?.into_iter().map(|rule| &rule.policy), self.bundle, &self.numbering)
    }
}
