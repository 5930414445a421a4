//! The canonical order of a snapshot's lists: by id.

use std::borrow::Cow;

use super::Snapshot;
use crate::model::Fact;

impl Snapshot {
    /// The snapshot with every list in its canonical order: itself, where that is so already.
    #[must_use]
    pub(crate) fn in_order(&self) -> Cow<'_, Snapshot> {
        if self.is_sorted() {
            return Cow::Borrowed(self);
        }
        let mut sorted = self.clone();
        sorted.sort();
        Cow::Owned(sorted)
    }

    /// Puts every list into its canonical order (by id).
    pub fn sort(&mut self) {
        self.sources.sort_by(|a, b| a.id.cmp(&b.id));
        self.people.sort_by(|a, b| a.id.cmp(&b.id));
        self.systems.sort_by(|a, b| a.id.cmp(&b.id));
        self.accounts.sort_by(|a, b| (&a.system, &a.id).cmp(&(&b.system, &b.id)));
        self.access_requests.sort_by(|a, b| a.id.cmp(&b.id));
        for source in &mut self.sources {
            source.collections.sort_by(|a, b| a.name.cmp(&b.name));
            for collection in &mut source.collections {
                collection.rejected.sort();
            }
        }
        for person in &mut self.people {
            if let Fact::Known(rows) = &mut person.job_roles {
                rows.sort_by(|a, b| a.id.cmp(&b.id));
            }
        }
        for account in &mut self.accounts {
            if let Fact::Known(levels) = &mut account.levels {
                levels.sort();
                levels.dedup();
            }
        }
        for request in &mut self.access_requests {
            request.levels.sort();
            request.levels.dedup();
        }
    }

    /// Whether every list is in its canonical order already.
    #[must_use]
    pub fn is_sorted(&self) -> bool {
        fn strictly<T: Ord>(keys: impl Iterator<Item = T>) -> bool {
            keys.is_sorted_by(|a, b| a < b)
        }
        strictly(self.people.iter().map(|one| &one.id))
            && strictly(self.systems.iter().map(|one| &one.id))
            && strictly(self.accounts.iter().map(|one| (&one.system, &one.id)))
            && strictly(self.access_requests.iter().map(|one| &one.id))
            && strictly(self.sources.iter().map(|one| &one.id))
            && self.sources.iter().all(|source| {
                strictly(source.collections.iter().map(|one| &one.name))
                    && source.collections.iter().all(|one| one.rejected.is_sorted())
            })
            && self
                .people
                .iter()
                .filter_map(|one| one.job_roles.known())
                .all(|rows| strictly(rows.iter().map(|r| &r.id)))
            && self.accounts.iter().filter_map(|one| one.levels.known()).all(|levels| strictly(levels.iter()))
            && self.access_requests.iter().all(|one| strictly(one.levels.iter()))
    }
}
