//! The fast path: subjects whose checks all pass or do not apply.
//!
//! Most subjects are clean: each of their checks passes or does not apply. One projection covers all queries about a
//! subject (see the module above), so one lookup recognises a subject whose profile is known to be clean. All other
//! subjects take the path through their decision classes.

use hashbrown::HashMap;

use super::{footprint::RuleFootprint, projection::Projection};
use crate::engine::ids::{ClassId, FootprintId, Index, ProfileId};

/// Maximum number of profiles. With more, few subjects share one.
const MAX_PROFILES: usize = 1 << 15;

/// Profiles of clean subjects.
#[derive(Default)]
pub(super) struct CleanProfiles {
    /// By checks and group sets of principal and resources. `None` if the rules have no footprint.
    by_groups: HashMap<Box<[u32]>, Option<FootprintId>>,
    footprints: Vec<RuleFootprint>,
    by_projection: HashMap<Box<[u32]>, ProfileId>,
    /// The decision classes of a subject's queries, by profile.
    classes: Vec<Box<[ClassId]>>,
}

impl CleanProfiles {
    /// The footprint of the queries with these checks and groups: not yet computed, not possible, or its index.
    pub(super) fn footprint_of(&self, groups: &[u32]) -> Option<Option<FootprintId>> {
        self.by_groups.get(groups).copied()
    }

    /// Stores the footprint of the queries with these checks and groups.
    pub(super) fn add_footprint(&mut self, groups: &[u32], footprint: Option<RuleFootprint>) -> Option<FootprintId> {
        let id = footprint.map(|footprint| {
            let id = FootprintId::next(self.footprints.len());
            self.footprints.push(footprint);
            id
        });
        self.by_groups.insert(groups.into(), id);
        id
    }

    pub(super) fn footprint(&self, id: FootprintId) -> Option<&RuleFootprint> {
        id.get(&self.footprints)
    }

    /// The clean profile with this projection.
    pub(super) fn find(&self, projection: &Projection<'_>) -> Option<ProfileId> {
        self.by_projection.get(projection.key.as_slice()).copied()
    }

    /// Whether no further profile fits.
    pub(super) fn is_full(&self) -> bool {
        self.classes.len() >= MAX_PROFILES
    }

    /// Stores a clean profile, with the classes of its queries.
    pub(super) fn add(&mut self, projection: &Projection<'_>, classes: Box<[ClassId]>) {
        let key = projection.key.as_slice();
        if !self.by_projection.contains_key(key) {
            self.by_projection.insert(key.into(), ProfileId::next(self.classes.len()));
            self.classes.push(classes);
        }
    }

    /// Counts of answers by class, from counts of subjects by profile.
    pub(super) fn class_counts(&self, counts: &[usize], classes: usize) -> Vec<usize> {
        let mut by_class = vec![0; classes];
        for (of_profile, count) in self.classes.iter().zip(counts).filter(|(_, count)| **count > 0) {
            for class in of_profile {
                class.get_mut(&mut by_class).into_iter().for_each(|all| *all += count);
            }
        }
        by_class
    }
}
