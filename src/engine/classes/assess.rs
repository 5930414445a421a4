//! Verdicts on batches of subjects: each query gets the verdict of its decision class.
//!
//! Classes persist from batch to batch. A batch first classifies its queries in parallel against the known classes.
//! Cedar then evaluates one query of each new class, and the queries without a class one by one.

use std::{collections::BTreeSet, sync::Arc};

use rayon::prelude::*;

use super::{
    batch::{BatchOutcome, Classification, Scratch, count},
    class_table::ClassTable,
    clean_profiles::CleanProfiles,
    numbering::EntityNumbering,
    projection::{Projection, Projector, Scope},
    slice_table::SliceTable,
};
use crate::{
    bundle::Bundle,
    engine::{
        answer::{Answer, Options, Query, Retention, Subject, Tally, Verdict},
        cedar::{authorize::authorize, reachable::Literals},
        error::Error,
        ids::{ClassId, FootprintId, ProfileId, SliceId},
        queries::QueryPlan,
    },
    resolve::ResolvedSnapshot,
};

/// Number of subjects or queries per parallel task.
const TASK_SIZE: usize = 1024;

/// Number of queries without a class in the first round of [`Assessor::classify_new`], and its growth per round.
const FIRST_ROUND: usize = 1024;
const ROUND_GROWTH: usize = 4;

/// Maximum number of queries that are evaluated individually at a time. The Cedar entities of their subjects are large.
const MAX_INDIVIDUAL: usize = 1 << 13;

/// Maximum number of new profiles per batch.
const MAX_CANDIDATES: usize = 1024;

/// Limits that a test may lower.
#[derive(Debug, Clone, Copy)]
pub(in crate::engine) struct Limits {
    /// Maximum number of classes of one slice.
    pub(in crate::engine) classes_per_slice: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { classes_per_slice: 1 << 14 }
    }
}

/// Selects subjects whose answers are all retained.
pub(in crate::engine) type Wanted<'w> = &'w (dyn Fn(Subject) -> bool + Sync);

/// Classifies queries, and asks Cedar about new classes.
pub(in crate::engine) struct Assessor<'a> {
    keep: Retention,
    plan: QueryPlan,
    projector: Projector,
    literals: Literals,
    slices: SliceTable<'a>,
    classes: ClassTable,
    profiles: CleanProfiles,
    /// Counts of all answers, by check.
    pub(in crate::engine) tallies: Vec<Tally>,
    /// The checks with queries that were evaluated individually.
    pub(in crate::engine) evaluated_individually: BTreeSet<usize>,
}

impl<'a> Assessor<'a> {
    pub(in crate::engine) fn new(
        resolved: &ResolvedSnapshot<'a>,
        options: &Options,
        limits: Limits,
        adjust: impl FnOnce(Projector) -> Projector,
    ) -> Self {
        let bundle: &'a Bundle = resolved.bundle;
        let numbering = Arc::new(EntityNumbering::new(resolved, &bundle.rules));
        Assessor {
            keep: options.keep,
            plan: QueryPlan::new(bundle, options),
            projector: adjust(Projector::new(resolved, numbering.clone())),
            literals: Literals::of(bundle),
            slices: SliceTable::new(resolved, numbering),
            classes: ClassTable::new(limits.classes_per_slice),
            profiles: CleanProfiles::default(),
            tallies: vec![Tally::default(); bundle.checks.len()],
            evaluated_individually: BTreeSet::new(),
        }
    }

    /// Evaluates every query about these subjects, and returns the answers to retain: all of them, or those that are
    /// not clean or about a `wanted` subject.
    ///
    /// # Errors
    /// Returns Cedar's error if a fact is not a valid Cedar value, or if a rule cannot be evaluated; and an error if an
    /// account is not loaded.
    pub(in crate::engine) fn assess(
        &mut self,
        resolved: &ResolvedSnapshot<'_>,
        subjects: &[Subject],
        wanted: Wanted<'_>,
    ) -> Result<Vec<Answer>, Error> {
        let mut batch: BatchOutcome<'_> = subjects
            .par_chunks(TASK_SIZE)
            .map(|chunk| {
                let mut outcome = BatchOutcome::default();
                chunk.iter().try_for_each(|subject| self.add_subject(resolved, *subject, wanted, &mut outcome))?;
                Ok::<_, Error>(outcome)
            })
            .try_reduce(BatchOutcome::default, |all, outcome| Ok(all.merge(outcome)))?;
        let of_profiles = self.profiles.class_counts(&batch.profile_counts, self.classes.len());
        self.classes.count(&of_profiles, &mut self.tallies);
        self.classify_new(resolved, wanted, &mut batch)?;
        self.classes.count(&batch.class_counts, &mut self.tallies);
        let individual = std::mem::take(&mut batch.individual);
        for chunk in individual.chunks(MAX_INDIVIDUAL) {
            let verdicts = authorize(resolved, chunk, self.slices.rules(), &self.literals)?;
            self.add_individual(chunk, verdicts, wanted, &mut batch.answers);
        }
        self.add_profiles(resolved, &batch.candidates, &mut batch.scratch)?;
        Ok(batch.answers)
    }

    fn retains(&self, verdict: &Verdict, subject: Subject, wanted: Wanted<'_>) -> bool {
        self.keep == Retention::All || !verdict.outcome.is_clean() || wanted(subject)
    }

    /// Adds the answers to queries that were evaluated individually.
    fn add_individual(
        &mut self,
        queries: &[(Query<'_>, SliceId)],
        verdicts: Vec<Verdict>,
        wanted: Wanted<'_>,
        answers: &mut Vec<Answer>,
    ) {
        for ((query, slice), verdict) in queries.iter().zip(verdicts) {
            if self.slices.footprint(*slice).is_none() || self.classes.is_full(*slice) {
                self.evaluated_individually.insert(query.check);
            }
            self.tallies.get_mut(query.check).into_iter().for_each(|tally| tally.add(&verdict, 1));
            if self.retains(&verdict, query.subject, wanted) {
                answers.push(Answer::new(query, Arc::new(verdict)));
            }
        }
    }

    /// Adds one subject with all its queries.
    fn add_subject<'s>(
        &self,
        resolved: &'s ResolvedSnapshot<'_>,
        subject: Subject,
        wanted: Wanted<'_>,
        outcome: &mut BatchOutcome<'s>,
    ) -> Result<(), Error> {
        let scratch = &mut outcome.scratch;
        scratch.queries.clear();
        self.plan.queries(resolved, subject, |query| scratch.queries.push(query))?;
        let may_be_clean = self.keep == Retention::Reportable && !scratch.queries.is_empty() && !wanted(subject);
        if let Some(profile) = may_be_clean.then(|| self.clean_profile(resolved, scratch)).flatten() {
            count(&mut outcome.profile_counts, profile.0);
            return Ok(());
        }
        let is_candidate = may_be_clean
            && outcome.signatures.len() < MAX_CANDIDATES
            && outcome.signatures.insert(scratch.signature().into());
        let mut is_clean = true;
        let queries = std::mem::take(&mut scratch.queries);
        for query in &queries {
            is_clean &= self.add_query(resolved, *query, wanted, outcome);
        }
        outcome.scratch.queries = queries;
        outcome.candidates.extend((is_candidate && is_clean).then_some(subject));
        Ok(())
    }

    /// Adds one query. Returns whether its verdict is known and clean.
    fn add_query<'s>(
        &self,
        resolved: &'s ResolvedSnapshot<'_>,
        query: Query<'s>,
        wanted: Wanted<'_>,
        outcome: &mut BatchOutcome<'s>,
    ) -> bool {
        match self.classify(resolved, &query, &mut outcome.scratch) {
            Classification::New => outcome.unclassified.push(query),
            Classification::Individual(slice) => outcome.individual.push((query, slice)),
            Classification::Class(class) => {
                match self.answer(resolved, &query, class, wanted, &outcome.scratch.projection) {
                    Some(answer) => {
                        count(&mut outcome.class_counts, class.0);
                        let is_clean = answer.is_none();
                        outcome.answers.extend(answer);
                        return is_clean;
                    }
                    None => outcome.unclassified.push(query),
                }
            }
        }
        false
    }

    /// Finds the class of a query among the known ones. Leaves the projection in `scratch`.
    fn classify<'s>(
        &self,
        resolved: &'s ResolvedSnapshot<'_>,
        query: &Query<'s>,
        scratch: &mut Scratch<'s>,
    ) -> Classification {
        let Some(slice) = self.slices.find(resolved, query, &mut scratch.cache) else { return Classification::New };
        let Some(footprint) = self.slices.footprint(slice) else { return Classification::Individual(slice) };
        self.projector.project_query(resolved, footprint, query, slice, &mut scratch.projection);
        let Some(class) = self.classes.find(&scratch.projection) else { return Classification::New };
        match self.classes.get(class) {
            Some(known) if known.is_shared() => Classification::Class(class),
            _ => Classification::Individual(slice),
        }
    }

    /// The answer to a query of a class: `Some(None)` if it is not retained, `None` if the class has no verdict for it.
    fn answer(
        &self,
        resolved: &ResolvedSnapshot<'_>,
        query: &Query<'_>,
        class: ClassId,
        wanted: Wanted<'_>,
        projection: &Projection<'_>,
    ) -> Option<Option<Answer>> {
        let class = self.classes.get(class).filter(|class| class.is_shared())?;
        if !self.retains(&class.verdict, query.subject, wanted) {
            return Some(None);
        }
        Some(Some(Answer::new(query, class.verdict_on(resolved, projection)?)))
    }

    /// Classifies the queries without a class, in rounds: Cedar evaluates the new classes among the first queries, and
    /// most of the others then belong to one of these.
    fn classify_new<'s>(
        &mut self,
        resolved: &'s ResolvedSnapshot<'_>,
        wanted: Wanted<'_>,
        batch: &mut BatchOutcome<'s>,
    ) -> Result<(), Error> {
        let mut round = FIRST_ROUND;
        while !batch.unclassified.is_empty() {
            let mut first = std::mem::take(&mut batch.unclassified);
            let others = first.split_off(round.min(first.len()));
            for (query, slice, class) in self.add_classes(resolved, first, batch)? {
                let projection = &mut batch.scratch.projection;
                if let Some(footprint) = self.slices.footprint(slice) {
                    self.projector.project_query(resolved, footprint, &query, slice, projection);
                }
                match self.answer(resolved, &query, class, wanted, projection) {
                    Some(answer) => {
                        count(&mut batch.class_counts, class.0);
                        batch.answers.extend(answer);
                    }
                    None => batch.individual.push((query, slice)),
                }
            }
            let outcome: BatchOutcome<'_> = others
                .par_chunks(TASK_SIZE)
                .map(|chunk| {
                    let mut outcome = BatchOutcome::default();
                    for query in chunk {
                        self.add_query(resolved, *query, wanted, &mut outcome);
                    }
                    outcome
                })
                .reduce(BatchOutcome::default, BatchOutcome::merge);
            *batch = std::mem::take(batch).merge(outcome);
            round = round.saturating_mul(ROUND_GROWTH);
        }
        Ok(())
    }

    /// Adds the slices and classes of queries, and lets Cedar decide the new classes. Returns the queries that have a
    /// class; the others go to `batch.individual`.
    fn add_classes<'s>(
        &mut self,
        resolved: &'s ResolvedSnapshot<'_>,
        queries: Vec<Query<'s>>,
        batch: &mut BatchOutcome<'s>,
    ) -> Result<Vec<(Query<'s>, SliceId, ClassId)>, Error> {
        let BatchOutcome { individual, scratch: Scratch { projection, .. }, .. } = batch;
        let mut classified = Vec::with_capacity(queries.len());
        let mut representatives: Vec<(Query<'s>, SliceId)> = Vec::new();
        for query in queries {
            let slice = self.slices.find_or_add(resolved, &query);
            let Some(footprint) = self.slices.footprint(slice) else {
                individual.push((query, slice));
                continue;
            };
            self.projector.project_query(resolved, footprint, &query, slice, projection);
            let class = self.classes.find(projection).or_else(|| {
                let class = self.classes.add(slice, projection)?;
                representatives.push((query, slice));
                Some(class)
            });
            match class {
                Some(class) => classified.push((query, slice, class)),
                None => individual.push((query, slice)),
            }
        }
        let verdicts = authorize(resolved, &representatives, self.slices.rules(), &self.literals)?;
        for ((query, slice), verdict) in representatives.iter().zip(verdicts) {
            if let Some(footprint) = self.slices.footprint(*slice) {
                self.projector.project_query(resolved, footprint, query, *slice, projection);
            }
            self.classes.complete(resolved, query.check, verdict, projection);
        }
        Ok(classified)
    }

    /// The clean profile of the subject whose queries are in `scratch`.
    fn clean_profile<'s>(&self, resolved: &'s ResolvedSnapshot<'_>, scratch: &mut Scratch<'s>) -> Option<ProfileId> {
        scratch.projection.key.clear();
        self.write_groups(resolved, scratch)?;
        let footprint = self.profiles.footprint_of(&scratch.groups)??;
        self.project_subject(resolved, footprint, scratch)?;
        self.profiles.find(&scratch.projection)
    }

    /// Writes the checks and the group sets of principal and resources.
    fn write_groups<'s>(&self, resolved: &'s ResolvedSnapshot<'_>, scratch: &mut Scratch<'s>) -> Option<()> {
        let Scratch { queries, groups, cache, .. } = scratch;
        groups.clear();
        for query in queries.iter() {
            let (principal, resource) = self.slices.groups(resolved, query, cache)?;
            groups.extend([u32::try_from(query.check).ok()?, principal.0, resource.0]);
        }
        Some(())
    }

    fn project_subject<'s>(
        &self,
        resolved: &'s ResolvedSnapshot<'_>,
        id: FootprintId,
        scratch: &mut Scratch<'s>,
    ) -> Option<()> {
        let Scratch { queries, projection, .. } = scratch;
        let principal = queries.first()?.principal;
        let roots = std::iter::once(principal).chain(queries.iter().map(|query| query.resource));
        self.projector.project(resolved, self.profiles.footprint(id)?, Scope::Subject(id), roots, projection);
        Some(())
    }

    /// Stores the profiles of these subjects, if the classes of all their queries are known and clean.
    fn add_profiles<'s>(
        &mut self,
        resolved: &'s ResolvedSnapshot<'_>,
        subjects: &[Subject],
        scratch: &mut Scratch<'s>,
    ) -> Result<(), Error> {
        for subject in subjects {
            if self.profiles.is_full() {
                break;
            }
            scratch.queries.clear();
            self.plan.queries(resolved, *subject, |query| scratch.queries.push(query))?;
            let Some(classes) = self.clean_classes(resolved, scratch) else { continue };
            let Some(footprint) = self.union(resolved, scratch) else { continue };
            if self.project_subject(resolved, footprint, scratch).is_some() {
                self.profiles.add(&scratch.projection, classes);
            }
        }
        Ok(())
    }

    /// The classes of the queries in `scratch`, if all are known and clean.
    fn clean_classes<'s>(
        &self,
        resolved: &'s ResolvedSnapshot<'_>,
        scratch: &mut Scratch<'s>,
    ) -> Option<Box<[ClassId]>> {
        let queries = std::mem::take(&mut scratch.queries);
        let classes = queries.iter().map(|query| match self.classify(resolved, query, scratch) {
            Classification::Class(class) if self.classes.get(class)?.verdict.outcome.is_clean() => Some(class),
            Classification::Class(_) | Classification::New | Classification::Individual(_) => None,
        });
        let classes = classes.collect();
        scratch.queries = queries;
        classes
    }

    /// The union of the footprints of the queries in `scratch`.
    fn union<'s>(&mut self, resolved: &'s ResolvedSnapshot<'_>, scratch: &mut Scratch<'s>) -> Option<FootprintId> {
        self.write_groups(resolved, scratch)?;
        if let Some(known) = self.profiles.footprint_of(&scratch.groups) {
            return known;
        }
        let Scratch { queries, groups, cache, .. } = scratch;
        let slices = queries.iter().map(|query| self.slices.find(resolved, query, cache));
        let slices: Vec<SliceId> = slices.collect::<Option<_>>()?;
        self.profiles.add_footprint(groups, self.slices.union(slices.into_iter()))
    }
}
