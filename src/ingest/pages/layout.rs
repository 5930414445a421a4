//! How a vendor's pages look.

use crate::json::KeyCase;

/// How a vendor's pages look.
#[derive(Debug)]
pub struct Layout {
    /// Lists of records.
    pub collections: &'static [CollectionLayout],
    /// Objects that are not lists, with the keys of them that are kept.
    pub objects: &'static [(&'static str, &'static [&'static str])],
    /// What stands around the records of a page.
    pub envelope: Envelope,
    /// The numbers of records at which the vendor ends a page: the default and the most. A list without a total and
    /// without the name of a next page that ends there may go on.
    pub page_limits: &'static [usize],
    /// By collection, the keys that name a record which has no id of its own, the best first.
    pub other_ids: &'static [(&'static str, &'static [&'static str])],
    /// How keys of its pages are compared.
    pub(crate) key_case: KeyCase,
}

/// How the records of one collection look.
#[derive(Debug)]
pub struct CollectionLayout {
    /// The vendor's name for it.
    pub name: &'static str,
    /// The key of a record's id.
    pub id: &'static str,
    /// The keys that are kept.
    pub keep: &'static [&'static str],
    /// The keys whose lists are sets: those of two records with one id add up.
    pub sets: &'static [&'static str],
    /// The key whose `true` marks a record that does not count: a demonstration, or one that is deleted at the source.
    pub excluded: Option<&'static str>,
}

impl CollectionLayout {
    /// A collection without sets and without records that do not count.
    #[must_use]
    pub const fn new(name: &'static str, id: &'static str, keep: &'static [&'static str]) -> Self {
        CollectionLayout { name, id, keep, sets: &[], excluded: None }
    }

    /// The same with these keys as sets.
    #[must_use]
    pub const fn sets(mut self, sets: &'static [&'static str]) -> Self {
        self.sets = sets;
        self
    }

    /// The same with a key that marks records that do not count.
    #[must_use]
    pub const fn excluding(mut self, key: &'static str) -> Self {
        self.excluded = Some(key);
        self
    }
}

/// What stands around the records of a page. Bare lists and single records are understood as well.
#[derive(Debug)]
pub struct Envelope {
    /// The key of the list.
    pub records: &'static str,
    /// The key of the number of records on all pages together.
    pub total: Option<&'static str>,
    /// The key of the name of the next page; null or empty on the last one.
    pub next: Option<&'static str>,
    /// The key of the name of the page before; null, empty or missing on the first one.
    pub previous: Option<&'static str>,
    /// The key of a page's place among all records, and the place of the first record.
    pub start: Option<(&'static str, usize)>,
    /// Whether the list may be missing where there are no records.
    pub may_lack_records: bool,
}

impl Envelope {
    /// An envelope of a list alone.
    #[must_use]
    pub const fn of(records: &'static str) -> Self {
        Envelope { records, total: None, next: None, previous: None, start: None, may_lack_records: false }
    }
}

impl Layout {
    /// The collection to which a file belongs that is the only one, whatever its name. In SCIM, users come first; else it is
    /// the one that the envelope names.
    pub(super) fn lone_collection(&self) -> Option<&'static str> {
        let is_scim = self.key_case == KeyCase::Insensitive;
        let is_only = self.collections.len() == 1 && self.objects.is_empty();
        let named = || self.collections.iter().find(|one| one.name == self.envelope.records);
        self.collections.first().filter(|_| is_only || is_scim).or_else(named).map(|one| one.name)
    }

    /// The names of all collections and objects.
    #[must_use]
    pub fn names(&self) -> Vec<&'static str> {
        self.collections.iter().map(|one| one.name).chain(self.objects.iter().map(|(name, _)| *name)).collect()
    }
}
