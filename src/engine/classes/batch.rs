//! What a batch of subjects comes to.

use hashbrown::HashSet;

use super::{projection::Projection, slice_table::GroupCache};
use crate::engine::{
    answer::{Answer, Query, Subject},
    ids::{ClassId, SliceId},
};

/// The place of a query among the known classes.
pub(super) enum Classification {
    /// The query is a member of this class.
    Class(ClassId),
    /// The slice or the class is not known yet.
    New,
    /// Queries to this slice, or of this class, are evaluated individually.
    Individual(SliceId),
}

/// The outcome of a batch, or of a part of it.
#[derive(Default)]
pub(super) struct BatchOutcome<'s> {
    /// Number of answers, by class.
    pub(super) class_counts: Vec<usize>,
    /// Number of subjects, by clean profile.
    pub(super) profile_counts: Vec<usize>,
    /// Clean subjects without a profile, one for each signature.
    pub(super) candidates: Vec<Subject>,
    pub(super) signatures: HashSet<Box<[u32]>>,
    /// The answers to retain.
    pub(super) answers: Vec<Answer>,
    /// Queries without a class.
    pub(super) unclassified: Vec<Query<'s>>,
    /// Queries to evaluate individually.
    pub(super) individual: Vec<(Query<'s>, SliceId)>,
    pub(super) scratch: Scratch<'s>,
}

/// Buffers that are reused from query to query.
#[derive(Default)]
pub(super) struct Scratch<'s> {
    pub(super) projection: Projection<'s>,
    pub(super) queries: Vec<Query<'s>>,
    pub(super) groups: Vec<u32>,
    pub(super) cache: GroupCache<'s>,
}

impl BatchOutcome<'_> {
    pub(super) fn merge(mut self, other: Self) -> Self {
        add(&mut self.class_counts, &other.class_counts);
        add(&mut self.profile_counts, &other.profile_counts);
        self.candidates.extend(other.candidates);
        self.answers.extend(other.answers);
        self.unclassified.extend(other.unclassified);
        self.individual.extend(other.individual);
        self
    }
}

fn add(counts: &mut Vec<usize>, others: &[usize]) {
    counts.resize(counts.len().max(others.len()), 0);
    counts.iter_mut().zip(others).for_each(|(count, other)| *count += other);
}

impl Scratch<'_> {
    /// What is known of the subject's profile: its projection, or else its groups.
    pub(super) fn signature(&self) -> &[u32] {
        if self.projection.key.is_empty() { &self.groups } else { &self.projection.key }
    }
}

/// Counts one more of a number.
pub(super) fn count(counts: &mut Vec<usize>, number: u32) {
    let number = usize::try_from(number).unwrap_or(usize::MAX);
    if counts.len() <= number {
        counts.resize(number + 1, 0);
    }
    counts.get_mut(number).into_iter().for_each(|count| *count += 1);
}
