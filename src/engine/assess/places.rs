//! Where a question belongs: to which rules, and to which decision class.

use std::sync::Arc;

use super::{ALL_CLASSES, Assessor, Class, Looked, Scratch, name};
use crate::{
    engine::{
        ask::ask,
        classes::Projection,
        decide::Verdict,
        questions::Asking,
        unknown::UnknownFact,
        values::{self, Entity},
    },
    resolve::Situation,
};

/// How many resources are remembered.
const REMEMBERED: usize = 32;

/// Where a question belongs.
pub(super) enum Place {
    Class(u32),
    /// To a slice or a class that has not been met.
    New,
    /// To no class of its slice.
    Alone(u32),
}

impl Assessor<'_> {
    /// Where a question belongs, as far as earlier batches show; its projection is written.
    pub(super) fn place<'s>(
        &self,
        situation: &'s Situation<'_>,
        asking: &Asking<'s>,
        scratch: &mut Scratch<'s>,
    ) -> Place {
        let Some(slice) = self.slice_of(situation, asking, scratch) else { return Place::New };
        let Some(reading) = self.slices.reading(slice) else { return Place::Alone(slice) };
        let projection = &mut scratch.projection;
        self.projector.project_question(situation, reading, asking, slice, projection);
        let Some(class) = self.classes.get(projection.key.as_slice()).copied() else { return Place::New };
        match self.class(class) {
            Some(Class { unknown: Some(_), .. }) => Place::Class(class),
            _ => Place::Alone(slice),
        }
    }

    /// The slice of a question, where it has been met.
    pub(super) fn slice_of<'s>(
        &self,
        situation: &'s Situation<'_>,
        asking: &Asking<'s>,
        scratch: &mut Scratch<'s>,
    ) -> Option<u32> {
        let (principal, resource) = self.groups(situation, asking, scratch)?;
        self.slices.by_groups.get(&(asking.check, principal, resource)).copied()
    }

    /// The groups of principal and resource, where they have been met.
    pub(super) fn groups<'s>(
        &self,
        situation: &'s Situation<'_>,
        asking: &Asking<'s>,
        scratch: &mut Scratch<'s>,
    ) -> Option<(u32, u32)> {
        let principal = match scratch.principal {
            Some((known, group)) if known == asking.principal => group,
            _ => {
                self.numbers(situation, asking.principal, &mut scratch.numbers);
                let group = *self.slices.groups.get(scratch.numbers.as_slice())?;
                scratch.principal = Some((asking.principal, group));
                group
            }
        };
        let known = scratch.resources.iter().find(|(known, _)| *known == asking.resource);
        let resource = match known {
            Some((_, group)) => *group,
            None => {
                self.numbers(situation, asking.resource, &mut scratch.numbers);
                let group = *self.slices.groups.get(scratch.numbers.as_slice())?;
                if scratch.resources.len() < REMEMBERED {
                    scratch.resources.push((asking.resource, group));
                }
                group
            }
        };
        Some((principal, resource))
    }

    /// The numbers of what an entity is in or may be in, in order.
    fn numbers(&self, situation: &Situation<'_>, entity: Entity<'_>, numbers: &mut Vec<u32>) {
        numbers.clear();
        self.named.held(situation, entity, numbers);
        for fact in values::unknown(situation, entity).into_iter().flat_map(|unknown| unknown.keys()) {
            numbers.extend(fact.strip_prefix("in ").into_iter().flat_map(|of| self.named.of_type(of)));
        }
        numbers.sort_unstable();
        numbers.dedup();
    }

    /// The slice of a question; a new one where there is none.
    fn slice(&mut self, situation: &Situation<'_>, asking: &Asking<'_>) -> u32 {
        let (mut principal, mut resource) = (Vec::new(), Vec::new());
        self.numbers(situation, asking.principal, &mut principal);
        self.numbers(situation, asking.resource, &mut resource);
        let groups = (asking.check, self.slices.group(&principal), self.slices.group(&resource));
        if let Some(slice) = self.slices.by_groups.get(&groups) {
            return *slice;
        }
        let rules: Arc<[u32]> = self.slicer.rules(asking.check, &principal, &resource).into();
        let slice = self.slices.of(rules, self.bundle, &self.named);
        self.slices.by_groups.insert(groups, slice);
        slice
    }

    /// Finds the slices and classes of questions that no earlier batch asked; Cedar decides the new classes. Questions,
    /// each with its slice and its class.
    pub(super) fn place_new<'s>(
        &mut self,
        situation: &'s Situation<'_>,
        open: Vec<Asking<'s>>,
        found: &mut Looked<'s>,
    ) -> Result<Vec<(Asking<'s>, u32, u32)>, String> {
        let Looked { alone, scratch: Scratch { projection: scratch, .. }, .. } = found;
        let mut placed = Vec::with_capacity(open.len());
        let mut first: Vec<(Asking<'s>, u32)> = Vec::new();
        for asking in open {
            let slice = self.slice(situation, &asking);
            let Some(reading) = self.slices.reading(slice) else {
                alone.push((asking, slice));
                continue;
            };
            self.projector.project_question(situation, reading, &asking, slice, scratch);
            let known = self.classes.get(scratch.key.as_slice()).copied();
            let number = self.known.len() + first.len();
            if known.is_none() && !(number < ALL_CLASSES && self.slices.take_class(slice, self.most)) {
                alone.push((asking, slice));
                continue;
            }
            let class = known.unwrap_or_else(|| {
                let class = u32::try_from(number).unwrap_or(u32::MAX);
                self.classes.insert(scratch.key.as_slice().into(), class);
                first.push((asking, slice));
                class
            });
            placed.push((asking, slice, class));
        }
        let verdicts = ask(situation, &first, &self.slices.rules, &self.literals)?;
        for ((asking, slice), verdict) in first.iter().zip(verdicts) {
            if let Some(reading) = self.slices.reading(*slice) {
                self.projector.project_question(situation, reading, asking, *slice, scratch);
            }
            let unknown = if verdict.errors.is_empty() { numbered(situation, &verdict, scratch) } else { None };
            self.known.push(Class { check: asking.check, verdict: Arc::new(verdict), unknown });
        }
        Ok(placed)
    }
}

/// The unknown facts of a verdict by the numbers of their entities in the projection of its question; none where one
/// of them is not in it.
fn numbered(
    situation: &Situation<'_>,
    verdict: &Verdict,
    projection: &Projection<'_>,
) -> Option<Vec<(usize, Arc<str>)>> {
    let at = |fact: &UnknownFact| projection.entities.iter().position(|(one, _)| name(situation, *one) == fact.entity);
    verdict.unknown.iter().map(|fact| Some((at(fact)?, fact.fact.clone()))).collect()
}
