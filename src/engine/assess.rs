//! Verdicts on many subjects: each question is put into its decision class, and each class to Cedar once.
//!
//! Subjects come in batches, so that they need not all be there at a time. Classes stay from batch to batch; what a
//! batch asks that no earlier one did is found out at its end, in one go.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use hashbrown::HashMap;
use rayon::prelude::*;

use super::{
    ask::ask,
    classes::{Projection, Projector},
    decide::Verdict,
    evaluate::{Answer, Keep, Options, Subject},
    named::Named,
    questions::{Asking, Questions},
    reach::Literals,
    resolve::Situation,
    slice::Slicer,
    slices::Slices,
    unknown::UnknownFact,
    values::{self, Entity},
};
use crate::bundle::{Bundle, Outcome};

/// How many subjects a thread looks at before it offers others to the next.
const BLOCK: usize = 512;

/// How many answers of a check there are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// By outcome.
    pub outcomes: BTreeMap<Outcome, usize>,
    /// Of them, those of which a rule erred.
    pub errors: usize,
}

impl Tally {
    pub(super) fn add(&mut self, verdict: &Verdict, count: usize) {
        *self.outcomes.entry(verdict.outcome).or_default() += count;
        self.errors += if verdict.errors.is_empty() { 0 } else { count };
    }

    /// How many there are.
    #[must_use]
    pub fn total(&self) -> usize {
        self.outcomes.values().sum()
    }
}

/// What is known of all batches.
pub(super) struct Assessor<'a> {
    bundle: &'a Bundle,
    keep: Keep,
    questions: Questions,
    named: Arc<Named>,
    projector: Arc<Projector>,
    slicer: Slicer,
    literals: Literals,
    slices: Slices,
    /// By check, slice and projection: the class.
    classes: HashMap<Box<[u8]>, u32>,
    known: Vec<Class>,
    /// By check: what came of it.
    pub(super) tallies: Vec<Tally>,
    /// Checks of which every subject had to be asked.
    pub(super) told_apart: BTreeSet<usize>,
}

/// A decision class.
struct Class {
    check: usize,
    verdict: Arc<Verdict>,
    /// The unknown facts of the verdict, each by the number of its entity in the projection; none where the class
    /// cannot speak for its members, each of which is then asked.
    unknown: Option<Vec<(usize, String)>>,
}

/// What was found out about some subjects.
#[derive(Default)]
struct Looked<'s> {
    /// How many questions are of each class.
    counts: Vec<usize>,
    /// Answers to be kept.
    answers: Vec<Answer>,
    /// Questions of no class yet.
    open: Vec<Asking<'s>>,
    /// Questions that belong to no class, with their slices.
    alone: Vec<(Asking<'s>, u32)>,
    scratch: Scratch<'s>,
}

/// What is written into, and remembered from question to question.
#[derive(Default)]
struct Scratch<'s> {
    projection: Projection<'s>,
    numbers: Vec<u32>,
    principal: Option<(Entity<'s>, u32)>,
    resources: Vec<(Entity<'s>, u32)>,
}

/// How many resources are remembered.
const REMEMBERED: usize = 32;

/// Where a question belongs.
enum Place {
    Class(u32),
    /// To a slice or a class that has not been met.
    New,
    /// To no class of its slice.
    Alone(u32),
}

impl<'a> Assessor<'a> {
    pub(super) fn new(situation: &Situation<'a>, options: &Options) -> Self {
        let bundle = situation.bundle;
        let named = Arc::new(Named::new(situation, &bundle.rules));
        let projector = Projector::new(situation, named.clone());
        #[cfg(test)]
        let projector = projector.blind_to(options.blind_to);
        Assessor {
            bundle,
            keep: options.keep,
            questions: Questions::new(bundle, options),
            projector: Arc::new(projector),
            slicer: Slicer::new(&bundle.checks, &bundle.rules, &named),
            named,
            literals: Literals::of(bundle),
            slices: Slices::default(),
            classes: HashMap::new(),
            known: Vec::new(),
            tallies: vec![Tally::default(); bundle.checks.len()],
            told_apart: BTreeSet::new(),
        }
    }

    /// The answers about these subjects that are to be kept: all, or those that are noteworthy or about somebody of
    /// whom `wanted` says so. All are counted.
    ///
    /// # Errors
    /// Cedar's reason, were a fact not one that it can be told, or a rule not one that it can evaluate.
    pub(super) fn assess(
        &mut self,
        situation: &Situation<'_>,
        subjects: &[Subject],
        wanted: &(dyn Fn(Subject) -> bool + Sync),
    ) -> Result<Vec<Answer>, String> {
        let looked: Vec<Looked<'_>> = subjects
            .par_iter()
            .with_min_len(BLOCK)
            .try_fold(Looked::default, |looked, subject| self.look(situation, *subject, wanted, looked))
            .collect::<Result<_, String>>()?;
        let mut answers = Vec::new();
        let (mut open, mut alone) = (Vec::new(), Vec::new());
        for mut one in looked {
            self.count(&one.counts);
            answers.append(&mut one.answers);
            open.append(&mut one.open);
            alone.append(&mut one.alone);
        }
        let mut scratch = Projection::default();
        let placed = self.place_new(situation, open, &mut alone, &mut scratch)?;
        let mut counts = Vec::new();
        for (asking, slice, class) in placed {
            if let Some(reading) = self.slices.reading(slice) {
                self.projector.project(situation, reading, &asking, slice, &mut scratch);
            }
            match self.answer(situation, &asking, class, wanted, &scratch) {
                Some(answer) => {
                    count(&mut counts, class);
                    answers.extend(answer);
                }
                None => alone.push((asking, slice)),
            }
        }
        self.count(&counts);
        for ((asking, slice), verdict) in alone.iter().zip(ask(situation, &alone, &self.slices.rules, &self.literals)?)
        {
            if self.slices.reading(*slice).is_none() {
                self.told_apart.insert(asking.check);
            }
            self.tallies.get_mut(asking.check).into_iter().for_each(|tally| tally.add(&verdict, 1));
            if self.keeps(&verdict, asking, wanted) {
                answers.push(Answer::new(asking, Arc::new(verdict)));
            }
        }
        Ok(answers)
    }

    fn keeps(&self, verdict: &Verdict, asking: &Asking<'_>, wanted: &(dyn Fn(Subject) -> bool + Sync)) -> bool {
        self.keep == Keep::All || !verdict.outcome.is_quiet() || wanted(asking.subject)
    }

    fn look<'s>(
        &self,
        situation: &'s Situation<'_>,
        subject: Subject,
        wanted: &(dyn Fn(Subject) -> bool + Sync),
        mut looked: Looked<'s>,
    ) -> Result<Looked<'s>, String> {
        let mut scratch = std::mem::take(&mut looked.scratch);
        self.questions.about(situation, subject, |asking| match self.place(situation, &asking, &mut scratch) {
            Place::New => looked.open.push(asking),
            Place::Alone(slice) => looked.alone.push((asking, slice)),
            Place::Class(class) => match self.answer(situation, &asking, class, wanted, &scratch.projection) {
                Some(answer) => {
                    count(&mut looked.counts, class);
                    looked.answers.extend(answer);
                }
                None => looked.open.push(asking),
            },
        })?;
        looked.scratch = scratch;
        Ok(looked)
    }

    /// Where a question belongs, as far as earlier batches show; its projection is written.
    fn place<'s>(&self, situation: &'s Situation<'_>, asking: &Asking<'s>, scratch: &mut Scratch<'s>) -> Place {
        let Some(slice) = self.slice_of(situation, asking, scratch) else { return Place::New };
        let Some(reading) = self.slices.reading(slice) else { return Place::Alone(slice) };
        let projection = &mut scratch.projection;
        self.projector.project(situation, reading, asking, slice, projection);
        let Some(class) = self.classes.get(projection.key.as_slice()).copied() else { return Place::New };
        match self.class(class) {
            Some(Class { unknown: Some(_), .. }) => Place::Class(class),
            _ => Place::Alone(slice),
        }
    }

    /// The slice of a question, where it has been met.
    fn slice_of<'s>(
        &self,
        situation: &'s Situation<'_>,
        asking: &Asking<'s>,
        scratch: &mut Scratch<'s>,
    ) -> Option<u32> {
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
        self.slices.by_groups.get(&(asking.check, principal, resource)).copied()
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
    fn place_new<'s>(
        &mut self,
        situation: &'s Situation<'_>,
        open: Vec<Asking<'s>>,
        alone: &mut Vec<(Asking<'s>, u32)>,
        scratch: &mut Projection<'s>,
    ) -> Result<Vec<(Asking<'s>, u32, u32)>, String> {
        let mut placed = Vec::with_capacity(open.len());
        let mut first: Vec<(Asking<'s>, u32)> = Vec::new();
        for asking in open {
            let slice = self.slice(situation, &asking);
            let Some(reading) = self.slices.reading(slice) else {
                alone.push((asking, slice));
                continue;
            };
            self.projector.project(situation, reading, &asking, slice, scratch);
            let known = self.classes.get(scratch.key.as_slice()).copied();
            let class = known.unwrap_or_else(|| {
                let class = u32::try_from(self.known.len() + first.len()).unwrap_or(u32::MAX);
                self.classes.insert(scratch.key.as_slice().into(), class);
                first.push((asking, slice));
                class
            });
            placed.push((asking, slice, class));
        }
        let verdicts = ask(situation, &first, &self.slices.rules, &self.literals)?;
        for ((asking, slice), verdict) in first.iter().zip(verdicts) {
            if let Some(reading) = self.slices.reading(*slice) {
                self.projector.project(situation, reading, asking, *slice, scratch);
            }
            let unknown = if verdict.errors.is_empty() { numbered(situation, &verdict, scratch) } else { None };
            self.known.push(Class { check: asking.check, verdict: Arc::new(verdict), unknown });
        }
        Ok(placed)
    }

    fn class(&self, class: u32) -> Option<&Class> {
        self.known.get(usize::try_from(class).ok()?)
    }

    /// The answer to a question of a class, where it is to be kept; none where the class cannot speak for it.
    fn answer(
        &self,
        situation: &Situation<'_>,
        asking: &Asking<'_>,
        class: u32,
        wanted: &(dyn Fn(Subject) -> bool + Sync),
        projection: &Projection<'_>,
    ) -> Option<Option<Answer>> {
        let Class { verdict, unknown, .. } = self.class(class)?;
        let unknown = unknown.as_ref()?;
        if !self.keeps(verdict, asking, wanted) {
            return Some(None);
        }
        if unknown.is_empty() {
            return Some(Some(Answer::new(asking, verdict.clone())));
        }
        let facts = unknown.iter().map(|(at, fact)| {
            let (entity, _) = *projection.entities.get(*at)?;
            let reason = values::unknown(situation, entity)?.get(fact)?.to_string();
            Some(UnknownFact { entity: name(situation, entity), fact: fact.clone(), reason })
        });
        let mut facts: Vec<UnknownFact> = facts.collect::<Option<_>>()?;
        facts.sort();
        facts.dedup();
        Some(Some(Answer::new(asking, Arc::new(Verdict { unknown: facts, ..(**verdict).clone() }))))
    }

    /// Counts answers, by class.
    fn count(&mut self, counts: &[usize]) {
        for (known, count) in self.known.iter().zip(counts).filter(|(_, count)| **count > 0) {
            let tally = self.tallies.get_mut(known.check);
            tally.into_iter().for_each(|tally| tally.add(&known.verdict, *count));
        }
    }
}

fn count(counts: &mut Vec<usize>, class: u32) {
    let class = usize::try_from(class).unwrap_or(usize::MAX);
    if counts.len() <= class {
        counts.resize(class + 1, 0);
    }
    counts.get_mut(class).into_iter().for_each(|count| *count += 1);
}

/// The unknown facts of a verdict by the numbers of their entities in the projection of its question; none where one
/// of them is not in it.
fn numbered(situation: &Situation<'_>, verdict: &Verdict, projection: &Projection<'_>) -> Option<Vec<(usize, String)>> {
    let at = |fact: &UnknownFact| projection.entities.iter().position(|(one, _)| name(situation, *one) == fact.entity);
    verdict.unknown.iter().map(|fact| Some((at(fact)?, fact.fact.clone()))).collect()
}

fn name(situation: &Situation<'_>, entity: Entity<'_>) -> String {
    let (kind, id) = values::own(situation, entity);
    format!("{kind}::\"{id}\"")
}
