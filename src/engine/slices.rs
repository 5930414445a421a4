//! Sets of rules that questions are put to: few, since many questions share one.

use std::sync::Arc;

use hashbrown::HashMap;

use super::{classes::Reading, named::Named};
use crate::bundle::Bundle;

/// Sets of rules that questions are put to.
#[derive(Default)]
pub(super) struct Slices {
    /// By the sorted numbers of what an entity is in: the number of that group.
    pub(super) groups: HashMap<Box<[u32]>, u32>,
    /// By check and the groups of principal and resource: the slice.
    pub(super) by_groups: HashMap<(usize, u32, u32), u32>,
    by_rules: HashMap<Arc<[u32]>, u32>,
    pub(super) rules: Vec<Arc<[u32]>>,
    /// What the rules look at; none where that cannot be told.
    readings: Vec<Option<Reading>>,
    /// How many classes the questions to each are of.
    classes: Vec<usize>,
}

impl Slices {
    /// What the rules of a slice look at; none where that cannot be told.
    pub(super) fn reading(&self, slice: u32) -> Option<&Reading> {
        self.readings.get(usize::try_from(slice).ok()?)?.as_ref()
    }

    /// How many classes the questions to a slice are of.
    pub(super) fn classes_of(&self, slice: u32) -> usize {
        usize::try_from(slice).ok().and_then(|slice| self.classes.get(slice).copied()).unwrap_or_default()
    }

    /// Counts a class of a slice, unless there are as many already.
    pub(super) fn take_class(&mut self, slice: u32, most: usize) -> bool {
        let classes = usize::try_from(slice).ok().and_then(|slice| self.classes.get_mut(slice));
        let room = classes.filter(|classes| **classes < most);
        room.map(|classes| *classes += 1).is_some()
    }

    /// The number of a group of entities.
    pub(super) fn group(&mut self, numbers: &[u32]) -> u32 {
        if let Some(group) = self.groups.get(numbers) {
            return *group;
        }
        let group = u32::try_from(self.groups.len()).unwrap_or(u32::MAX);
        self.groups.insert(numbers.into(), group);
        group
    }

    /// The slice of these rules.
    pub(super) fn of(&mut self, rules: Arc<[u32]>, bundle: &Bundle, named: &Named) -> u32 {
        if let Some(slice) = self.by_rules.get(&rules) {
            return *slice;
        }
        let slice = u32::try_from(self.rules.len()).unwrap_or(u32::MAX);
        let tree = |rule: &u32| Some(&bundle.rules.get(usize::try_from(*rule).ok()?)?.policy);
        // What a rule reads that is not there cannot be told.
        let trees: Option<Vec<_>> = rules.iter().map(tree).collect();
        self.readings.push(trees.and_then(|trees| Reading::of(trees.into_iter(), named)));
        self.classes.push(0);
        self.rules.push(rules.clone());
        self.by_rules.insert(rules, slice);
        slice
    }
}
