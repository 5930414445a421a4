//! The decision classes, and the verdict of each.

use std::sync::Arc;

use hashbrown::HashMap;

use super::projection::Projection;
use crate::{
    engine::{
        answer::{Entity, Tally, UnknownFact, Verdict},
        attributes,
        ids::{ClassId, Index, SliceId},
    },
    resolve::ResolvedSnapshot,
};

/// Maximum number of classes of all slices. With more, few queries share a class, and the table costs more memory than
/// it saves time.
const MAX_CLASSES: usize = 1 << 17;

/// Decision classes, by slice and projection.
pub(super) struct ClassTable {
    by_projection: HashMap<Box<[u32]>, ClassId>,
    classes: Vec<Class>,
    /// Classes that have a number and wait for their verdict.
    pending: usize,
    /// Number of classes, by slice.
    per_slice: HashMap<SliceId, usize>,
    max_per_slice: usize,
}

/// A decision class.
pub(super) struct Class {
    check: usize,
    pub(super) verdict: Arc<Verdict>,
    /// The unknown facts of the verdict, each by the number of its entity in the projection. `None` if the verdict does
    /// not hold for other members: each is evaluated individually.
    unknown: Option<Vec<(usize, Arc<str>)>>,
}

impl Class {
    /// Whether the verdict holds for every member.
    pub(super) fn is_shared(&self) -> bool {
        self.unknown.is_some()
    }

    /// The verdict on the member with this projection, or `None` if members have no common verdict.
    pub(super) fn verdict_on(
        &self,
        resolved: &ResolvedSnapshot<'_>,
        projection: &Projection<'_>,
    ) -> Option<Arc<Verdict>> {
        let unknown = self.unknown.as_ref()?;
        if unknown.is_empty() {
            return Some(self.verdict.clone());
        }
        let facts = unknown.iter().map(|(at, fact)| {
            let (entity, _) = *projection.entities.get(*at)?;
            let reason = attributes::unknown(resolved, entity)?.get(fact)?.clone();
            Some(UnknownFact { entity: uid_text(resolved, entity), fact: fact.clone(), reason })
        });
        let mut facts: Vec<UnknownFact> = facts.collect::<Option<_>>()?;
        facts.sort();
        facts.dedup();
        Some(Arc::new(Verdict { unknown: facts, ..(*self.verdict).clone() }))
    }
}

impl ClassTable {
    pub(super) fn new(max_per_slice: usize) -> Self {
        ClassTable {
            by_projection: HashMap::new(),
            classes: Vec::new(),
            pending: 0,
            per_slice: HashMap::new(),
            max_per_slice,
        }
    }

    /// The class of a projection.
    pub(super) fn find(&self, projection: &Projection<'_>) -> Option<ClassId> {
        self.by_projection.get(projection.key.as_slice()).copied()
    }

    pub(super) fn get(&self, class: ClassId) -> Option<&Class> {
        class.get(&self.classes)
    }

    /// Whether a slice has as many classes as it may have.
    pub(super) fn is_full(&self, slice: SliceId) -> bool {
        self.per_slice.get(&slice).copied().unwrap_or_default() >= self.max_per_slice
    }

    /// Adds a class without a verdict; [`ClassTable::complete`] gives the verdicts, in the order of the calls. `None` if
    /// the table or the slice is full.
    pub(super) fn add(&mut self, slice: SliceId, projection: &Projection<'_>) -> Option<ClassId> {
        let number = self.classes.len() + self.pending;
        if number >= MAX_CLASSES || self.is_full(slice) {
            return None;
        }
        let class = ClassId::next(number);
        *self.per_slice.entry(slice).or_default() += 1;
        self.pending += 1;
        self.by_projection.insert(projection.key.as_slice().into(), class);
        Some(class)
    }

    /// Gives the oldest class without a verdict its verdict, which Cedar gave the query with this projection.
    pub(super) fn complete(
        &mut self,
        resolved: &ResolvedSnapshot<'_>,
        check: usize,
        verdict: Verdict,
        projection: &Projection<'_>,
    ) {
        let unknown = if verdict.errors.is_empty() { numbered(resolved, &verdict, projection) } else { None };
        self.classes.push(Class { check, verdict: Arc::new(verdict), unknown });
        self.pending = self.pending.saturating_sub(1);
    }

    /// Adds the counts of answers, by class, to the tallies, by check.
    pub(super) fn count(&self, counts: &[usize], tallies: &mut [Tally]) {
        for (class, count) in self.classes.iter().zip(counts).filter(|(_, count)| **count > 0) {
            let tally = tallies.get_mut(class.check);
            tally.into_iter().for_each(|tally| tally.add(&class.verdict, *count));
        }
    }

    /// The number of classes.
    pub(super) fn len(&self) -> usize {
        self.classes.len()
    }
}

/// The unknown facts of a verdict by the numbers of their entities in the projection. `None` if the projection lacks one
/// of the entities.
fn numbered(
    resolved: &ResolvedSnapshot<'_>,
    verdict: &Verdict,
    projection: &Projection<'_>,
) -> Option<Vec<(usize, Arc<str>)>> {
    let position = |fact: &UnknownFact| {
        // A person's holdings are reported as facts of the person.
        let is_unknown =
            |entity| attributes::unknown(resolved, entity).is_some_and(|unknown| unknown.contains_key(&fact.fact));
        projection
            .entities
            .iter()
            .position(|(entity, _)| uid_text(resolved, *entity) == fact.entity && is_unknown(*entity))
    };
    verdict.unknown.iter().map(|fact| Some((position(fact)?, fact.fact.clone()))).collect()
}

/// An entity as Cedar writes it: `Person::"p7"`.
fn uid_text(resolved: &ResolvedSnapshot<'_>, entity: Entity<'_>) -> String {
    let (kind, id) = attributes::own(resolved, entity);
    format!("{kind}::\"{id}\"")
}
