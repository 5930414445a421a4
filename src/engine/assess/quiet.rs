//! Subjects of whom nothing is to be said, told at one look.
//!
//! A subject is asked about by several checks, and of most every check says that they pass or that it does not apply.
//! So all that any of the rules can look at is projected once, with every resource of the subject's questions beside
//! it; subjects that are equal in this are equal in the projection of each question, and of the same decision classes.
//! A kind of subject is remembered where all of its classes are quiet; every other subject is looked at closely.

use std::collections::BTreeSet;

use hashbrown::HashMap;

use super::{Assessor, Class, Scratch, places::Place};
use crate::{
    bundle::Rule,
    engine::{
        classes::{Reading, Scope},
        evaluate::Subject,
    },
    resolve::Situation,
};

/// How many kinds are remembered. Where there are more, hardly any two subjects are alike.
const KINDS: usize = 1 << 15;

/// Kinds of subjects of whom nothing is to be said.
#[derive(Default)]
pub(super) struct Quiet {
    /// By checks and groups of principal and resources, as [`Assessor::groups`] has them: the number of the reading.
    by_groups: HashMap<Box<[u32]>, Option<u32>>,
    /// What all the rules together can look at.
    readings: Vec<Reading>,
    /// By reading and projection: the number of the kind.
    by_projection: HashMap<Box<[u32]>, u32>,
    /// The decision classes of each kind, one a question.
    classes: Vec<Box<[u32]>>,
}

impl Assessor<'_> {
    /// The kind of the subject whose questions these are, where nothing is to be said of it.
    pub(super) fn quiet_kind<'s>(&self, situation: &'s Situation<'_>, scratch: &mut Scratch<'s>) -> Option<u32> {
        scratch.projection.key.clear();
        self.write_groups(situation, scratch)?;
        let number = (*self.quiet.by_groups.get(scratch.groups.as_slice())?)?;
        self.project_subject(situation, number, scratch)?;
        self.quiet.by_projection.get(scratch.projection.key.as_slice()).copied()
    }

    /// Writes checks, and groups of principal and resources.
    fn write_groups<'s>(&self, situation: &'s Situation<'_>, scratch: &mut Scratch<'s>) -> Option<()> {
        let mut written = std::mem::take(&mut scratch.groups);
        written.clear();
        for at in 0..scratch.askings.len() {
            let asking = *scratch.askings.get(at)?;
            let (principal, resource) = self.groups(situation, &asking, scratch)?;
            written.extend([u32::try_from(asking.check).ok()?, principal, resource]);
        }
        scratch.groups = written;
        Some(())
    }

    fn project_subject<'s>(&self, situation: &'s Situation<'_>, number: u32, scratch: &mut Scratch<'s>) -> Option<()> {
        let reading = self.quiet.readings.get(usize::try_from(number).ok()?)?;
        let principal = scratch.askings.first()?.principal;
        let resources = scratch.askings.iter().map(|asking| asking.resource);
        let roots = std::iter::once(principal).chain(resources);
        self.projector.project(situation, reading, Scope::Subject(number), roots, &mut scratch.projection);
        Some(())
    }

    /// Remembers subjects of whom nothing is to be said, as far as earlier batches show their classes.
    pub(super) fn remember_quiet<'s>(
        &mut self,
        situation: &'s Situation<'_>,
        subjects: &[Subject],
        scratch: &mut Scratch<'s>,
    ) -> Result<(), String> {
        for subject in subjects {
            if self.quiet.classes.len() == KINDS {
                break;
            }
            scratch.askings.clear();
            self.questions.about(situation, *subject, |asking| scratch.askings.push(asking))?;
            let Some(classes) = self.quiet_classes(situation, scratch) else { continue };
            let Some(number) = self.union(situation, scratch) else { continue };
            if self.project_subject(situation, number, scratch).is_none() {
                continue;
            }
            let key = scratch.projection.key.as_slice();
            if !self.quiet.by_projection.contains_key(key) {
                let kind = u32::try_from(self.quiet.classes.len()).unwrap_or(u32::MAX);
                self.quiet.by_projection.insert(key.into(), kind);
                self.quiet.classes.push(classes);
            }
        }
        Ok(())
    }

    /// The classes of the questions at hand, where all are known and quiet.
    fn quiet_classes<'s>(&self, situation: &'s Situation<'_>, scratch: &mut Scratch<'s>) -> Option<Box<[u32]>> {
        let mut classes = Vec::new();
        for at in 0..scratch.askings.len() {
            let asking = *scratch.askings.get(at)?;
            let Place::Class(class) = self.place(situation, &asking, scratch) else { return None };
            let Class { verdict, unknown: Some(_), .. } = self.class(class)? else { return None };
            if !verdict.outcome.is_quiet() {
                return None;
            }
            classes.push(class);
        }
        Some(classes.into())
    }

    /// The number of what all the rules together can look at to which the questions at hand are put; none where that
    /// cannot be told.
    fn union<'s>(&mut self, situation: &'s Situation<'_>, scratch: &mut Scratch<'s>) -> Option<u32> {
        self.write_groups(situation, scratch)?;
        if let Some(known) = self.quiet.by_groups.get(scratch.groups.as_slice()) {
            return *known;
        }
        let mut rules: BTreeSet<u32> = BTreeSet::new();
        for at in 0..scratch.askings.len() {
            let asking = *scratch.askings.get(at)?;
            let slice = usize::try_from(self.slice_of(situation, &asking, scratch)?).ok()?;
            rules.extend(self.slices.rules.get(slice)?.iter());
        }
        let rule = |rule: &u32| -> Option<&Rule> { self.bundle.rules.get(usize::try_from(*rule).ok()?) };
        let trees: Option<Vec<_>> = rules.iter().map(|number| Some(&rule(number)?.policy)).collect();
        let number = trees.and_then(|trees| Reading::of(trees.into_iter(), &self.named)).and_then(|reading| {
            self.quiet.readings.push(reading);
            u32::try_from(self.quiet.readings.len() - 1).ok()
        });
        self.quiet.by_groups.insert(scratch.groups.as_slice().into(), number);
        number
    }

    /// Counts subjects of each quiet kind.
    pub(super) fn count_quiet(&mut self, counts: &[usize]) {
        let mut by_class = vec![0; self.known.len()];
        for (classes, count) in self.quiet.classes.iter().zip(counts).filter(|(_, count)| **count > 0) {
            for class in classes {
                let class = usize::try_from(*class).ok().and_then(|class| by_class.get_mut(class));
                class.into_iter().for_each(|all| *all += count);
            }
        }
        self.count(&by_class);
    }
}
