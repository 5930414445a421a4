//! Finding records of a snapshot, and what they come to.

use super::{Basis, Collection, LISTED_MANAGER, Person, Rejected, Snapshot, Source, System};
use crate::model::Fact;

impl Snapshot {
    /// The source of this id.
    #[must_use]
    pub fn source(&self, id: &str) -> Option<&Source> {
        by_id(&self.sources, id, |source| &source.id)
    }

    /// The system of this id.
    pub(crate) fn system(&self, id: &str) -> Option<&System> {
        by_id(&self.systems, id, |system| &system.id)
    }

    /// The collections that list staff, each with its source; none where no source does.
    pub fn staff(&self) -> impl Iterator<Item = (&Source, &Collection)> {
        self.sources.iter().filter_map(|source| Some((source, source.collection(source.staff.as_deref()?)?)))
    }
    /// Whether any source lists staff.
    #[must_use]
    pub fn has_staff(&self) -> bool {
        self.staff().next().is_some()
    }

    /// The collections that list the accounts of a system, each with its source. All of them have to be complete for
    /// the system's accounts to be.
    pub fn account_lists(&self, system: &str) -> impl Iterator<Item = (&Source, &Collection)> {
        let lists = self.system(system).into_iter().flat_map(System::lists);
        lists.filter_map(|(source, collection)| {
            let source = self.source(source)?;
            Some((source, source.collection(collection)?))
        })
    }

    /// The list that says least about the accounts of a system: an incomplete one, else the oldest.
    #[must_use]
    pub fn account_list(&self, system: &str) -> Option<(&Source, &Collection)> {
        self.account_lists(system).min_by_key(|(source, list)| (list.complete, source.pulled_at))
    }

    /// Every record of every source that could not be used, with its source and collection.
    pub fn rejected(&self) -> impl Iterator<Item = (&Source, &Collection, &Rejected)> {
        self.sources.iter().flat_map(|source| {
            source.collections.iter().flat_map(move |collection| {
                collection.rejected.iter().map(move |rejected| (source, collection, rejected))
            })
        })
    }
}

/// The record of an id. Snapshots that Tenure writes are in the order of their ids; others are searched one by one.
fn by_id<'r, T>(records: &'r [T], id: &str, id_of: impl Fn(&T) -> &str) -> Option<&'r T> {
    let found = records.binary_search_by(|record| id_of(record).cmp(id)).ok().and_then(|at| records.get(at));
    found.or_else(|| records.iter().find(|record| id_of(record) == id))
}

impl Person {
    /// The manager beside the job roles: empty if the source names none, unknown if the record says why.
    pub(crate) fn manager_listed(&self) -> Fact<&str> {
        match &self.listed_manager {
            Some(manager) => Fact::Known(manager),
            None if self.unknown.contains_key(LISTED_MANAGER) => Fact::Unknown,
            None => Fact::Empty,
        }
    }
}

impl Collection {
    /// On which basis the list is complete, with the stated reason; or that it is not.
    #[must_use]
    pub fn basis_text(&self) -> String {
        match (self.basis, &self.stated_reason) {
            (None, _) => "incomplete".to_owned(),
            (Some(basis), Some(reason)) => format!("{basis}: {reason}"),
            (Some(basis), None) => basis.to_string(),
        }
    }

    /// Whether the list is complete, and shown to be so at least as well as by this basis.
    #[must_use]
    pub fn is_complete_by(&self, least: Option<Basis>) -> bool {
        self.complete && least.is_none_or(|least| self.basis >= Some(least))
    }
}

impl Source {
    /// The collection of this name.
    #[must_use]
    pub fn collection(&self, name: &str) -> Option<&Collection> {
        self.collections.iter().find(|collection| collection.name == name)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn records_in_order_are_found_without_a_look_at_each() {
        let mut ids: Vec<String> = (0..10_000).map(|n| format!("s{n:05}")).collect();
        let looks = Cell::new(0);
        let find = |ids: &[String], id: &str| {
            let found = by_id(ids, id, |one| {
                looks.set(looks.get() + 1);
                one.as_str()
            });
            found.cloned()
        };
        assert_eq!(find(&ids, "s09999").as_deref(), Some("s09999"));
        assert!(looks.get() < 50, "{}", looks.get());
        // Others are found as well.
        ids.swap(0, 9_999);
        assert_eq!(find(&ids, "s09999").as_deref(), Some("s09999"));
        assert_eq!(find(&ids, "x"), None);
    }
}
