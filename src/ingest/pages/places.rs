//! Where pages lie among all records.

use crate::diagnostic::counted;

/// Where the pages of a collection lie among all its records, as far as they say so.
#[derive(Debug, Clone, Default)]
pub(super) struct Places {
    /// How many pages there are.
    pages: usize,
    /// How many of them say where they begin.
    placed: usize,
    /// How many records come before the first one that is here.
    before: Option<usize>,
    /// How many records there are at least, by the place of the last one.
    reach: usize,
    /// Whether the first page names one before it.
    follows_another: bool,
}

impl Places {
    /// Notes a page. `at`: how many records come before its first one.
    pub(super) fn add(&mut self, at: Option<usize>, records: usize, names_previous: bool) {
        self.follows_another |= self.pages == 0 && names_previous;
        self.pages += 1;
        let Some(at) = at else { return };
        self.placed += 1;
        self.before = Some(self.before.map_or(at, |before| before.min(at)));
        if records > 0 {
            self.reach = self.reach.max(at + records);
        }
    }

    pub(super) fn join(&mut self, other: &Places) {
        self.pages += other.pages;
        self.placed += other.placed;
        self.before = self.before.into_iter().chain(other.before).min();
        self.reach = self.reach.max(other.reach);
    }

    /// Why the pages are not all, by what they say of their places. `count`: how many records are here.
    pub(super) fn missing(&self, count: usize, total: Option<usize>) -> Option<String> {
        let before = self.before.filter(|before| *before > 0 && self.placed == self.pages);
        if let Some(before) = before {
            let records = counted(before, "record comes", "records come");
            return Some(format!("{records} before its first page, which is not here"));
        }
        if self.follows_another {
            return Some("its first page names one before it, which is not here".to_owned());
        }
        let total = total.filter(|total| count <= *total && self.reach > *total)?;
        Some(format!("a page reaches to record {}, where {total} are said to be there", self.reach))
    }
}
