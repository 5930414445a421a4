//! What the pages of an export show of their completeness.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::model::Completeness;
use crate::{
    ingest::pages::{self, Doubt, PageList, PageNumbers, RawCollection, Remedy},
    model::Basis,
};

/// What the pages say of themselves.
#[derive(Default)]
pub(super) struct Proof {
    /// The number of all records together.
    total: Option<usize>,
    /// The last page of every list of pages; those of files without a number are one.
    last: BTreeMap<Option<PageList>, LastPage>,
    /// The numbers of the pages of every list that has some.
    numbers: BTreeMap<PageList, PageNumbers>,
}

/// What one page says.
#[derive(Clone, Copy, Default)]
pub(super) struct Stated {
    /// The number of records on all pages together.
    total: Option<usize>,
    /// Whether it names a next page.
    has_next: bool,
    /// Whether it has the key of the next page.
    says_next: bool,
    /// Whether it is an object, and no bare list.
    is_object: bool,
}

struct LastPage {
    stated: Stated,
    records: usize,
}

impl Stated {
    pub(super) fn of(completeness: &Completeness, page: &Value) -> Stated {
        let at = |pointer: &Option<String>| pointer.as_deref().and_then(|pointer| page.pointer(pointer));
        let total = at(&completeness.total).and_then(Value::as_u64).and_then(|total| usize::try_from(total).ok());
        let next = at(&completeness.next);
        let further = completeness.continues.iter().filter_map(|pointer| page.pointer(pointer));
        let names_one = |next: &Value| !matches!(next, Value::Null | Value::Bool(false)) && *next != "";
        let has_next = next.into_iter().chain(further).any(names_one);
        Stated { total, has_next, says_next: next.is_some(), is_object: page.is_object() }
    }
}

impl Proof {
    /// Notes the numbers of pages. A file without a number is the first page of the list that it names.
    pub(super) fn number<'n>(&mut self, files: impl Iterator<Item = &'n str>) {
        let names: Vec<(PageList, Option<usize>)> = files.map(pages::numbered).collect();
        let lists: BTreeSet<&PageList> =
            names.iter().filter(|(_, number)| number.is_some()).map(|(list, _)| list).collect();
        for (list, number) in names.iter().filter(|(list, _)| lists.contains(list)) {
            self.numbers.entry(list.clone()).or_default().extend([number.unwrap_or(1)]);
        }
    }

    /// Notes a page. The pages of a list come in their order.
    pub(super) fn page(&mut self, file: &str, stated: Stated, records: usize) {
        let list = Some(pages::numbered(file).0).filter(|list| self.numbers.contains_key(list));
        self.total = self.total.max(stated.total);
        self.last.insert(list, LastPage { stated, records });
    }

    /// Notes a table or a file of lines, which say nothing of themselves.
    pub(super) fn table(&mut self, records: usize) {
        self.last.insert(None, LastPage { stated: Stated::default(), records });
    }

    /// Weighs what the pages say. `distinct`: how many records with different ids are here.
    pub(super) fn weigh(&self, completeness: Option<&Completeness>, distinct: usize, list: &mut RawCollection) {
        list.count = distinct;
        list.basis = Some(Basis::Assumed);
        self.find_gaps(list);
        let Some(completeness) = completeness else { return };
        let count = distinct + list.rejected.len();
        list.total = self.total;
        let mut last = self.last.values().map(|page| page.stated);
        let all = |is: fn(&Stated) -> bool| !self.last.is_empty() && self.last.values().all(|page| is(&page.stated));
        let mut doubt = |reason: String| list.doubts.push(Doubt::new(reason, Remedy::State));
        match (self.total, &completeness.next) {
            (Some(total), _) if count != total => {
                list.reasons.push(format!("{count} records are here, where {total} are said to be there"));
            }
            (Some(_), _) => list.basis = Some(Basis::Total),
            (None, _) if last.any(|page| page.has_next) => {
                list.reasons.push("its last page names a further one, which is not here".to_owned());
            }
            (None, Some(_)) if all(|page| page.says_next) => list.basis = Some(Basis::LastPage),
            // Many vendors leave the key out on the last page. That proves nothing, so the list stays assumed.
            (None, Some(_)) if all(|page| page.is_object) => {}
            (None, Some(next)) => {
                doubt(format!("its last page has no `{next}`, so nothing shows whether there is more"));
            }
            (None, None) => match &completeness.total {
                Some(total) => doubt(format!("it has no `{total}`, so nothing shows whether there is more")),
                None => self.weigh_lengths(&completeness.page_limits, list),
            },
        }
        for lacks in &completeness.lacks {
            let reason = format!("{lacks} are not in this file");
            list.doubts.push(Doubt::new(reason, Remedy::StateComplete));
        }
    }

    /// Without a total, a gap in the numbers of pages is all that tells of a missing one.
    fn find_gaps(&self, list: &mut RawCollection) {
        for numbers in self.numbers.values().filter(|_| self.total.is_none()) {
            let Some(gap) = numbers.gap() else { continue };
            if gap.is_certain {
                list.reasons.push(gap.reason());
            } else {
                list.doubts.push(Doubt::new(gap.reason(), Remedy::State));
            }
        }
    }

    fn weigh_lengths(&self, limits: &[usize], list: &mut RawCollection) {
        let Some(most) = limits.iter().max() else { return };
        let mut lengths = self.last.values().map(|last| last.records);
        match lengths.find(|last| limits.contains(last) || (*last > 0 && last.is_multiple_of(*most))) {
            Some(last) => {
                let doubt = format!("it ends just where a page of {last} records may end, so there may be more");
                list.doubts.push(Doubt::new(doubt, Remedy::State));
            }
            None => list.basis = Some(Basis::LastPage),
        }
    }
}
