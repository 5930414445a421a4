//! Verdicts on many subjects: each question is put into its decision class, and each class to Cedar once.
//!
//! Subjects come in batches, so that they need not all be there at a time. Classes stay from batch to batch; what a
//! batch asks that no earlier one did is found out at its end, in one go. [`quiet`] tells at one look those subjects of
//! whom nothing is to be said, which are most.

mod places;
mod quiet;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use hashbrown::{HashMap, HashSet};
use rayon::prelude::*;

use self::{places::Place, quiet::Quiet};
use super::{
    ask::ask,
    classes::{Projection, Projector},
    decide::Verdict,
    evaluate::{Answer, Keep, Options, Subject},
    named::Named,
    questions::{Asking, Questions},
    reach::Literals,
    slice::Slicer,
    slices::Slices,
    unknown::UnknownFact,
    values::{self, Entity},
};
use crate::{
    bundle::{Bundle, Outcome},
    resolve::Situation,
};

/// How many subjects or questions a thread looks at before it offers others to the next.
const BLOCK: usize = 1024;

/// How many questions of no class yet are looked at one after another before the others are looked at again; and how
/// many times as many the next time.
const ONE_BY_ONE: usize = 1024;
const GROWTH: usize = 4;

/// How many classes are remembered of one slice, and of all. Where there are more, hardly any two questions are alike, and
/// remembering them takes more memory than it saves time.
const CLASSES: usize = 1 << 14;
const ALL_CLASSES: usize = 1 << 17;

/// How many questions of no class are asked at a time; Cedar's entities of their subjects are large.
const ALONE: usize = 1 << 13;

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
    projector: Projector,
    slicer: Slicer,
    literals: Literals,
    slices: Slices,
    /// By check, slice and projection: the class.
    classes: HashMap<Box<[u32]>, u32>,
    known: Vec<Class>,
    /// How many classes are remembered of one slice.
    most: usize,
    quiet: Quiet,
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
    unknown: Option<Vec<(usize, Arc<str>)>>,
}

/// What was found out about some subjects.
#[derive(Default)]
struct Looked<'s> {
    /// How many questions are of each class.
    counts: Vec<usize>,
    /// How many subjects are of each quiet kind.
    quiet: Vec<usize>,
    /// One each of subjects that might be told to be quiet at one look, next time; and how they look.
    unmet: Vec<Subject>,
    looks: HashSet<Box<[u32]>>,
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
    askings: Vec<Asking<'s>>,
    groups: Vec<u32>,
    numbers: Vec<u32>,
    principal: Option<(Entity<'s>, u32)>,
    resources: Vec<(Entity<'s>, u32)>,
}

impl Looked<'_> {
    /// Both.
    fn and(mut self, other: Self) -> Self {
        add(&mut self.counts, &other.counts);
        add(&mut self.quiet, &other.quiet);
        self.unmet.extend(other.unmet);
        self.answers.extend(other.answers);
        self.open.extend(other.open);
        self.alone.extend(other.alone);
        self
    }
}

/// Adds counts by number.
fn add(counts: &mut Vec<usize>, others: &[usize]) {
    counts.resize(counts.len().max(others.len()), 0);
    counts.iter_mut().zip(others).for_each(|(count, other)| *count += other);
}

impl Scratch<'_> {
    /// How the subject at hand looks, as far as was written.
    fn look(&self) -> &[u32] {
        if self.projection.key.is_empty() { &self.groups } else { &self.projection.key }
    }
}

impl<'a> Assessor<'a> {
    pub(super) fn new(situation: &Situation<'a>, options: &Options) -> Self {
        let bundle = situation.bundle;
        let named = Arc::new(Named::new(situation, &bundle.rules));
        let projector = Projector::new(situation, named.clone());
        #[cfg(test)]
        let projector = projector.tried(options.trial);
        let most = CLASSES;
        #[cfg(test)]
        let most = options.trial.classes.unwrap_or(most);
        Assessor {
            bundle,
            keep: options.keep,
            questions: Questions::new(bundle, options),
            projector,
            slicer: Slicer::new(&bundle.checks, &bundle.rules, &named, |rule| situation.reaches(rule)),
            named,
            literals: Literals::of(bundle),
            slices: Slices::default(),
            classes: HashMap::new(),
            known: Vec::new(),
            most,
            quiet: Quiet::default(),
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
        let mut found: Looked<'_> = subjects
            .par_chunks(BLOCK)
            .map(|some| {
                let mut looked = Looked::default();
                some.iter().try_for_each(|subject| self.look(situation, *subject, wanted, &mut looked))?;
                Ok::<_, String>(looked)
            })
            .try_reduce(Looked::default, |all, looked| Ok(all.and(looked)))?;
        self.count_quiet(&found.quiet);
        self.settle(situation, wanted, &mut found)?;
        self.count(&found.counts);
        let alone = std::mem::take(&mut found.alone);
        for some in alone.chunks(ALONE) {
            let verdicts = ask(situation, some, &self.slices.rules, &self.literals)?;
            self.answer_alone(some, verdicts, wanted, &mut found.answers);
        }
        self.remember_quiet(situation, &found.unmet, &mut found.scratch)?;
        Ok(found.answers)
    }

    /// The answers to questions of which each was asked by itself.
    fn answer_alone(
        &mut self,
        alone: &[(Asking<'_>, u32)],
        verdicts: Vec<Verdict>,
        wanted: &(dyn Fn(Subject) -> bool + Sync),
        answers: &mut Vec<Answer>,
    ) {
        for ((asking, slice), verdict) in alone.iter().zip(verdicts) {
            if self.slices.reading(*slice).is_none() || self.slices.classes_of(*slice) >= self.most {
                self.told_apart.insert(asking.check);
            }
            self.tallies.get_mut(asking.check).into_iter().for_each(|tally| tally.add(&verdict, 1));
            if self.keeps(&verdict, asking.subject, wanted) {
                answers.push(Answer::new(asking, Arc::new(verdict)));
            }
        }
    }

    /// Finds out about the questions that are of no class yet: of some, one after another, and then of the others, most
    /// of which are of the same classes.
    fn settle<'s>(
        &mut self,
        situation: &'s Situation<'_>,
        wanted: &(dyn Fn(Subject) -> bool + Sync),
        found: &mut Looked<'s>,
    ) -> Result<(), String> {
        let mut size = ONE_BY_ONE;
        while !found.open.is_empty() {
            let mut some = std::mem::take(&mut found.open);
            let others = some.split_off(size.min(some.len()));
            for (asking, slice, class) in self.place_new(situation, some, found)? {
                if let Some(reading) = self.slices.reading(slice) {
                    let projection = &mut found.scratch.projection;
                    self.projector.project_question(situation, reading, &asking, slice, projection);
                }
                match self.answer(situation, &asking, class, wanted, &found.scratch.projection) {
                    Some(answer) => {
                        count(&mut found.counts, class);
                        found.answers.extend(answer);
                    }
                    None => found.alone.push((asking, slice)),
                }
            }
            let looked: Looked<'_> = others
                .par_chunks(BLOCK)
                .map(|some| {
                    let mut looked = Looked::default();
                    for asking in some {
                        self.look_at(situation, *asking, wanted, &mut looked);
                    }
                    looked
                })
                .reduce(Looked::default, Looked::and);
            *found = std::mem::take(found).and(looked);
            size = size.saturating_mul(GROWTH);
        }
        Ok(())
    }

    fn keeps(&self, verdict: &Verdict, subject: Subject, wanted: &(dyn Fn(Subject) -> bool + Sync)) -> bool {
        self.keep == Keep::All || !verdict.outcome.is_quiet() || wanted(subject)
    }

    fn look<'s>(
        &self,
        situation: &'s Situation<'_>,
        subject: Subject,
        wanted: &(dyn Fn(Subject) -> bool + Sync),
        looked: &mut Looked<'s>,
    ) -> Result<(), String> {
        let scratch = &mut looked.scratch;
        scratch.askings.clear();
        self.questions.about(situation, subject, |asking| scratch.askings.push(asking))?;
        let may_be_quiet = self.keep == Keep::Noteworthy && !scratch.askings.is_empty() && !wanted(subject);
        if let Some(kind) = may_be_quiet.then(|| self.quiet_kind(situation, scratch)).flatten() {
            count(&mut looked.quiet, kind);
            return Ok(());
        }
        let is_first = may_be_quiet && looked.looks.len() < UNMET && looked.looks.insert(scratch.look().into());
        let mut is_quiet = true;
        let askings = std::mem::take(&mut scratch.askings);
        for asking in &askings {
            is_quiet &= self.look_at(situation, *asking, wanted, looked);
        }
        looked.scratch.askings = askings;
        looked.unmet.extend((is_first && is_quiet).then_some(subject));
        Ok(())
    }

    /// Looks at one question; whether nothing is to be said of it.
    fn look_at<'s>(
        &self,
        situation: &'s Situation<'_>,
        asking: Asking<'s>,
        wanted: &(dyn Fn(Subject) -> bool + Sync),
        looked: &mut Looked<'s>,
    ) -> bool {
        match self.place(situation, &asking, &mut looked.scratch) {
            Place::New => looked.open.push(asking),
            Place::Alone(slice) => looked.alone.push((asking, slice)),
            Place::Class(class) => match self.answer(situation, &asking, class, wanted, &looked.scratch.projection) {
                Some(answer) => {
                    count(&mut looked.counts, class);
                    let is_quiet = answer.is_none();
                    looked.answers.extend(answer);
                    return is_quiet;
                }
                None => looked.open.push(asking),
            },
        }
        false
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
        if !self.keeps(verdict, asking.subject, wanted) {
            return Some(None);
        }
        if unknown.is_empty() {
            return Some(Some(Answer::new(asking, verdict.clone())));
        }
        let facts = unknown.iter().map(|(at, fact)| {
            let (entity, _) = *projection.entities.get(*at)?;
            let reason = values::unknown(situation, entity)?.get(fact)?.clone();
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

/// How many subjects are noted at a time that might be told to be quiet at one look.
const UNMET: usize = 1024;

fn count(counts: &mut Vec<usize>, number: u32) {
    let number = usize::try_from(number).unwrap_or(usize::MAX);
    if counts.len() <= number {
        counts.resize(number + 1, 0);
    }
    counts.get_mut(number).into_iter().for_each(|count| *count += 1);
}

fn name(situation: &Situation<'_>, entity: Entity<'_>) -> String {
    let (kind, id) = values::own(situation, entity);
    format!("{kind}::\"{id}\"")
}
