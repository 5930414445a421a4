//! Raw API pages: which collection a file belongs to, envelopes and bare lists, several pages of one list, and whether
//! all of it is there. Of a record only the keys that the vendor's normaliser reads are kept, so that nothing else gets
//! further than the page it came in.

mod collector;
pub(in crate::ingest) mod hidden;
mod names;
mod parse;
mod values;

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    Statements,
    statements::{STATE_COMPLETE, STATE_SEES_LEAVERS, STATE_WHOLE},
};
use crate::{
    diagnostic::{Diagnostic, suggest},
    files::RawFile,
    json::KeyCase,
    model::{Basis, Collection, MayLack, Rejected},
};

pub(crate) use collector::api_message;
pub use collector::{Collector, PageFacts};
use names::{Gap, collection_of, page_number, stem};
pub(in crate::ingest) use names::{PageList, PageNumbers, holds_data, in_order, numbered};
pub use values::Values;

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
    fn lone_collection(&self) -> Option<&'static str> {
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

/// A record as it came, and where it stands.
#[derive(Debug, Clone)]
pub struct RawRecord {
    /// The vendor's id.
    pub id: String,
    /// Its kept keys and values, without the id.
    pub values: Values,
}

/// All pages of one collection put together.
#[derive(Debug, Clone, Default)]
pub struct RawCollection {
    /// Whether there was any page of it.
    pub provided: bool,
    /// Distinct records by id, in the order of ids.
    pub records: Vec<RawRecord>,
    /// How many of them there are; they may have been taken away since.
    pub count: usize,
    /// How many of them are marked as records that do not count.
    pub excluded: usize,
    /// How many the vendor said there are.
    pub total: Option<usize>,
    /// Whether pages or records are missing, or contradict each other; unlike those that came and cannot be used.
    pub short: bool,
    /// Whether the vendor says that records are shown in part.
    pub partial: bool,
    /// Records that cannot be used.
    pub rejected: Vec<Rejected>,
    /// Why not all of it is here: evidence that no statement outweighs.
    pub reasons: Vec<String>,
    /// Why not all of it may be here; a statement or a matching total settles them.
    pub(crate) doubts: Vec<Doubt>,
    /// Why people who have left or not started yet may be missing.
    pub(crate) hidden_leavers: Vec<Doubt>,
    /// What shows that it is complete, if nothing speaks against it.
    pub basis: Option<Basis>,
    /// The reason that is stated, if it is complete by a statement.
    pub stated_reason: Option<String>,
}

/// Why a list may not be whole, and what settles it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Doubt {
    pub(crate) reason: String,
    pub(crate) remedy: Remedy,
}

/// What settles a doubt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Remedy {
    /// The statement that the list is complete, or the number of its records.
    State,
    /// The statement that the list is complete. A number does not settle it, since a whole part is not here.
    StateComplete,
    /// The statement that the source shows people who have left.
    StateSeesLeavers,
    /// Nothing but another token.
    OtherToken,
}

impl Doubt {
    pub(crate) fn new(reason: impl Into<String>, remedy: Remedy) -> Self {
        Doubt { reason: reason.into(), remedy }
    }
}

impl Remedy {
    fn advice(self) -> &'static str {
        match self {
            Remedy::State => STATE_COMPLETE,
            Remedy::StateComplete => STATE_WHOLE,
            Remedy::StateSeesLeavers => STATE_SEES_LEAVERS,
            Remedy::OtherToken => "pull it again with a token that has the scope",
        }
    }
}

impl RawCollection {
    /// Whether every record is believed to be here.
    #[must_use]
    pub fn complete(&self) -> bool {
        self.reasons.is_empty() && self.doubts.is_empty() && self.hidden_leavers.is_empty()
    }

    /// Whether the source was read without it, unlike one that could not be had.
    #[must_use]
    pub(crate) fn is_absent(&self) -> bool {
        !self.provided && self.reasons.iter().any(|reason| reason == NOT_PROVIDED)
    }

    /// Whether it is not complete, and lacks people who have left or not started yet at most.
    #[must_use]
    pub(crate) fn lacks_only_leavers(&self) -> bool {
        self.reasons.is_empty() && self.doubts.is_empty() && !self.hidden_leavers.is_empty()
    }

    /// Why it is not complete, in one line.
    #[must_use]
    pub fn why(&self) -> String {
        self.all_reasons().join("; ")
    }

    fn all_reasons(&self) -> Vec<String> {
        let doubts: Vec<&Doubt> = self.doubts.iter().chain(&self.hidden_leavers).collect();
        // Advice comes once, with the last reason that it fits.
        let with_advice = doubts.iter().enumerate().map(|(at, doubt)| {
            let is_last = doubts.iter().skip(at + 1).all(|later| later.remedy != doubt.remedy);
            let advice = if is_last { format!(" ({})", doubt.remedy.advice()) } else { String::new() };
            format!("{}{advice}", doubt.reason)
        });
        self.reasons.iter().cloned().chain(with_advice).collect()
    }

    /// Weighs what the user states against what the pages show. `is_main`: the list whose records `expected:` counts.
    pub(crate) fn weigh(&mut self, statements: &Statements, is_main: bool) {
        if !self.provided {
            return;
        }
        if is_main && let Some(expected) = statements.expected {
            let records = self.count.saturating_sub(self.excluded);
            if expected == records {
                self.doubts.retain(|doubt| doubt.remedy != Remedy::State);
                self.basis = Some(Basis::Total);
            }
            self.reasons.extend(statements.refuted(records));
        }
        let is_weak = !self.doubts.is_empty() || matches!(self.basis, None | Some(Basis::Assumed));
        if statements.complete && is_weak {
            self.doubts.clear();
            self.basis = Some(Basis::Stated);
            self.stated_reason = statements.stated_reason();
        }
        self.weigh_leavers(statements);
    }

    /// Settles that leavers may be missing, if the user states that the source shows them.
    pub(crate) fn weigh_leavers(&mut self, statements: &Statements) {
        let is_settled = |doubt: &Doubt| doubt.remedy == Remedy::StateSeesLeavers;
        if statements.sees_leavers && self.hidden_leavers.iter().any(is_settled) {
            self.hidden_leavers.retain(|doubt| !is_settled(doubt));
            self.basis = Some(Basis::Stated);
            self.stated_reason = statements.stated_reason();
        }
    }

    /// The collection as the snapshot's source describes it.
    #[must_use]
    pub fn describe(&self, name: &str, excluded: usize) -> Collection {
        Collection {
            name: name.to_owned(),
            records: self.count.saturating_sub(excluded),
            total: self.total,
            complete: self.complete(),
            basis: self.complete().then(|| self.basis.unwrap_or(Basis::Assumed)),
            stated_reason: self.stated_reason.clone().filter(|_| self.complete()),
            may_lack: match self.lacks_only_leavers() {
                true => MayLack::LeaversAndNewHires,
                false => MayLack::Anyone,
            },
            reasons: self.all_reasons(),
            excluded,
            rejected: self.rejected.clone(),
        }
    }
}

/// Why a collection is not complete of which there are no pages.
pub(super) const NOT_PROVIDED: &str = "not provided";

/// The pages of several collections.
#[derive(Debug, Clone, Default)]
pub struct Pages {
    /// By the vendor's name of the collection.
    pub collections: BTreeMap<&'static str, RawCollection>,
    /// Objects that are not lists, by name.
    pub objects: BTreeMap<&'static str, Value>,
    /// Objects that could not be had, each with why.
    pub failed_objects: BTreeMap<&'static str, String>,
    /// Files with data that belong to no collection.
    pub unread: Vec<String>,
    /// Hidden files with data in its folder.
    pub(crate) hidden: Vec<String>,
    /// What a person should know.
    pub warnings: Vec<Diagnostic>,
}

impl Pages {
    /// Weighs what the user states against what the pages show. `main` are the lists of people and accounts. A file that
    /// was not read may hold more of any list.
    pub(crate) fn weigh(&mut self, statements: &Statements, main: &[&str]) {
        let unread = self.unread_reason();
        for (name, collection) in &mut self.collections {
            let is_main = main.contains(name);
            // What was not read may be another list of people, whatever the total of this one.
            if collection.provided && (is_main || collection.basis != Some(Basis::Total)) {
                collection.doubts.extend(unread.clone());
            }
            if collection.provided {
                collection.doubts.extend(hidden::doubt(&self.hidden, collection.basis));
            }
            collection.weigh(statements, is_main);
        }
    }

    /// Why a list may be incomplete because files beside its pages were not read.
    pub(crate) fn unread_reason(&self) -> Option<Doubt> {
        if self.unread.is_empty() {
            return None;
        }
        let names: Vec<String> = self.unread.iter().map(|name| format!("`{name}`")).collect();
        let names = names.join(", ");
        let reason = format!("files of its folder were not read: {names}; rename them or move them away");
        Some(Doubt::new(reason, Remedy::State))
    }
}

/// Sorts files into the collections of a vendor.
///
/// A file belongs to the collection that its name (`people.json`, `people-2.json`, `people_3.json`) or its folder
/// (`people/1.json`) names. Files of other names are reported and left alone.
///
/// # Errors
/// Every file that is not JSON or neither a list, an envelope nor a record.
pub fn sort(files: &[RawFile], layout: &'static Layout) -> Result<Pages, Vec<Diagnostic>> {
    let mut collector = Collector::new(layout);
    sort_into(&mut collector, files, layout)?;
    find_gaps(&mut collector, files, layout, PageNumbers::gap);
    Ok(collector.finish())
}

/// Doubts collections with a gap in the numbers of their pages. Where the pages do not say how many records there are,
/// that is all that tells of a missing one.
pub(super) fn find_gaps(
    collector: &mut Collector,
    files: &[RawFile],
    layout: &'static Layout,
    gap: impl Fn(&PageNumbers) -> Option<Gap>,
) {
    let names = layout.names();
    let mut numbers: BTreeMap<(&'static str, String), PageNumbers> = BTreeMap::new();
    for file in files {
        if let Some(name) = collection_of(&file.name, &names)
            && let Some((date, number)) = page_number(&file.name, name)
        {
            numbers.entry((name, date)).or_default().extend([number]);
        }
    }
    for ((name, _), numbers) in numbers {
        match gap(&numbers).filter(|_| !collector.has_total(name)) {
            Some(gap) if gap.is_certain => collector.doubt(name, gap.reason()),
            Some(gap) => collector.suspect(name, gap.reason()),
            None => {}
        }
    }
}

/// Sorts files on top of what a collector has already. Gaps in the numbers of pages are not looked for.
///
/// # Errors
/// As [`sort`].
pub(super) fn sort_into(
    collector: &mut Collector,
    files: &[RawFile],
    layout: &'static Layout,
) -> Result<(), Vec<Diagnostic>> {
    let names = layout.names();
    let mut problems = Vec::new();
    let mut files: Vec<&RawFile> = files.iter().collect();
    files.sort_by_key(|file| in_order(&file.name));
    let only = layout.lone_collection().filter(|_| files.len() == 1);
    for file in files {
        match collection_of(&file.name, &names).or(only) {
            Some(name) => problems.extend(collector.add(name, file).err()),
            None => {
                let stem = stem(file.name.rsplit('/').next().unwrap_or(&file.name));
                let problem = Diagnostic::warning("unused-file", format!("`{}` belongs to no collection", file.shown));
                if holds_data(file) {
                    collector.leave_unread(file.name.clone());
                }
                collector.warn(problem.in_file(&file.shown).help(suggest(&stem, names.iter().copied())));
            }
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(problems) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAYOUT: Layout = Layout {
        collections: &[
            CollectionLayout::new("people", "id", &["id", "updatedAt", "v"]),
            CollectionLayout::new("job-roles", "id", &["id"]),
        ],
        objects: &[("token-info", &["scopes"])],
        envelope: Envelope {
            total: Some("total"),
            next: Some("next"),
            previous: Some("previous"),
            start: Some(("skip", 0)),
            ..Envelope::of("data")
        },
        page_limits: &[30, 100],
        other_ids: &[],
        key_case: KeyCase::Sensitive,
    };

    fn file(name: &str, text: &str) -> RawFile {
        RawFile::new(name, text)
    }

    fn people(files: &[RawFile]) -> RawCollection {
        sort(files, &LAYOUT).unwrap().collections["people"].clone()
    }

    #[test]
    fn pages_come_as_files_folders_envelopes_lists_and_single_records() {
        let all = people(&[
            file("people-1.json", r#"{"total":4,"limit":1,"skip":0,"data":[{"id":"a"}]}"#),
            file("people/2.json", r#"{"total":4,"limit":1,"skip":1,"data":[{"id":"b"},{"id":"a"}]}"#),
            file("raw/People_3.json", r#"[{"id":"c"}]"#),
            file("people.json", r#"{"id":"d"}"#),
        ]);
        assert_eq!(all.records.iter().map(|record| record.id.as_str()).collect::<Vec<_>>(), ["a", "b", "c", "d"]);
        assert!(all.complete(), "{:?}", all.reasons);
    }

    #[test]
    fn a_short_count_is_incomplete() {
        let short = people(&[file("people.json", r#"{"total":3,"limit":250,"skip":0,"data":[{"id":"a"}]}"#)]);
        assert_eq!(short.reasons, ["1 of 3 records are here"]);
        assert_eq!(people(&[]).reasons, ["not provided"]);
    }

    #[test]
    fn a_page_that_names_a_further_one_is_not_the_last() {
        let first = file("people-1.json", r#"{"next":"abc","data":[{"id":"a"}]}"#);
        let between = |page: usize| file(&format!("people-{page}.json"), r#"{"next":"abc","data":[{"id":"a"}]}"#);
        let last = |end: &str| file("people-10.json", &format!(r#"{{"next":{end},"data":[{{"id":"b"}}]}}"#));
        assert_eq!(
            people(std::slice::from_ref(&first)).reasons,
            ["its last page names a further one, which is not here"]
        );
        for end in ["null", r#""""#] {
            let mut pages: Vec<RawFile> = (1..10).map(between).collect();
            pages.insert(0, last(end));
            let all = people(&pages);
            assert!(all.complete(), "{end}: {:?}", all.doubts);
            assert_eq!(all.basis, Some(Basis::LastPage));
            pages.remove(4);
            assert_eq!(people(&pages).reasons, ["page 4 is not here"]);
        }
    }

    #[test]
    fn the_first_page_is_asked_for_wherever_no_total_counts() {
        let reasons = |names: &[&str], text: &str| {
            let files: Vec<RawFile> = names.iter().map(|name| file(name, text)).collect();
            let list = people(&files);
            assert!(list.reasons.is_empty(), "a statement settles it: {:?}", list.reasons);
            list.doubts.into_iter().map(|doubt| doubt.reason).collect::<Vec<_>>()
        };
        let missing = ["page 1 is not here"];
        assert_eq!(reasons(&["people-2.json", "people-3.json"], r#"[{"id":"a"}]"#), missing, "bare lists");
        assert_eq!(reasons(&["people/2.json"], r#"[{"id":"a"}]"#), missing);
        assert_eq!(reasons(&["people-2.json"], r#"{"next":null,"data":[{"id":"a"}]}"#), missing);
        for (names, text) in [
            (&["people-2.json"][..], r#"{"total":1,"data":[{"id":"a"}]}"#),
            (&["people.json", "people-2.json"], r#"[{"id":"a"}]"#),
            (&["people-2026-11-20.json"], r#"[{"id":"a"}]"#),
            (&["people/2026-11-20.json"], r#"[{"id":"a"}]"#),
            (&["people-2026-11-20.json", "people-2026-11-20-2.json"], r#"[{"id":"a"}]"#),
            (&["people-2026-11-19.json", "people-2026-11-21.json"], r#"[{"id":"a"}]"#),
        ] {
            assert!(reasons(names, text).is_empty(), "{names:?}: {:?}", reasons(names, text));
        }
    }

    #[test]
    fn a_page_after_a_date_has_a_number() {
        let names = ["people-2026-11-20.json", "people-2026-11-20-3.json"];
        let files: Vec<RawFile> = names.iter().map(|name| file(name, r#"[{"id":"a"}]"#)).collect();
        assert_eq!(people(&files).reasons, ["page 2 is not here"]);
    }

    #[test]
    fn data_without_a_known_ending_is_named() {
        for name in ["page1", "people-2", "people-2.txt", "people-2.json.bak"] {
            let files = [file("people.json", r#"[{"id":"a"}]"#), file(name, r#"[{"id":"b"}]"#)];
            let mut pages = sort(&files, &LAYOUT).unwrap();
            pages.weigh(&Statements::default(), &["people"]);
            let list = &pages.collections["people"];
            assert!(!list.complete() && list.why().contains(&format!("`{name}`")), "{name}: {}", list.why());
        }
        let files = [file("people.json", r#"[{"id":"a"}]"#), file("README.md", "[notes](x)")];
        assert!(sort(&files, &LAYOUT).unwrap().unread.is_empty());
    }

    #[test]
    fn hidden_data_doubts_every_list_without_a_matching_total() {
        let weighed = |people: &str, statements: &Statements| {
            let files = [file("people.json", people), file("job-roles.json", r#"[{"id":"r"}]"#)];
            let mut pages = sort(&files, &LAYOUT).unwrap();
            pages.hidden.push(".job-roles-2.json".to_owned());
            pages.weigh(statements, &["people"]);
            ["people", "job-roles"].map(|name| pages.collections[name].complete())
        };
        let none = Statements::default();
        assert_eq!(weighed(r#"[{"id":"a"}]"#, &none), [false, false]);
        assert_eq!(weighed(r#"{"total":1,"data":[{"id":"a"}]}"#, &none), [true, false]);
        assert_eq!(weighed(r#"[{"id":"a"}]"#, &Statements { expected: Some(1), ..none.clone() }), [true, false]);
        assert_eq!(weighed(r#"[{"id":"a"}]"#, &Statements { complete: true, ..none }), [true, true]);
    }

    #[test]
    fn data_that_is_not_read_doubts_every_list_without_a_total() {
        let complete = |roles: &str| {
            let files = [("people.json", r#"[{"id":"a"}]"#), ("job-roles.json", roles), ("jobroles2.json", "[]")];
            let files = files.map(|(name, text)| file(name, text));
            let mut pages = sort(&files, &LAYOUT).unwrap();
            pages.weigh(&Statements::default(), &["people"]);
            ["people", "job-roles"].map(|name| pages.collections[name].complete())
        };
        assert_eq!(complete(r#"[{"id":"r"}]"#), [false, false]);
        assert_eq!(complete(r#"{"total":1,"data":[{"id":"r"}]}"#), [false, true]);
    }

    #[test]
    fn objects_that_differ_are_not_known() {
        let of = |second: &str| {
            let first = file("token-info-1.json", r#"{"scopes":["private:read"],"other":1}"#);
            sort(&[first, file("token-info-2.json", second)], &LAYOUT).unwrap()
        };
        let pages = of(r#"{"scopes":["public:read"]}"#);
        assert!(!pages.objects.contains_key("token-info"));
        assert_eq!(pages.failed_objects["token-info"], "`token-info-1.json` and `token-info-2.json` differ");
        let equal = of(r#"{"scopes":["private:read"],"other":2}"#);
        assert!(equal.objects.contains_key("token-info") && equal.failed_objects.is_empty());
    }

    #[test]
    fn pages_that_begin_later_lack_those_before() {
        let page =
            |name: &str, around: &str, id: &str| file(name, &format!(r#"{{{around},"data":[{{"id":"{id}"}}]}}"#));
        let first = page("people-1.json", r#""next":"b","previous":null"#, "a");
        let last = page("people-2.json", r#""next":null,"previous":"a""#, "b");
        assert!(people(&[first.clone(), last.clone()]).complete());
        let alone = people(&[RawFile::new("people.json", last.bytes.clone())]);
        assert_eq!(alone.reasons, ["its first page names one before it, which is not here"]);
        let at =
            |skip: usize, id: &str| page(&format!("people-{skip}.json"), &format!(r#""total":2,"skip":{skip}"#), id);
        assert!(people(&[at(0, "a"), at(1, "b")]).complete());
        let later = people(&[page("people.json", r#""total":1,"skip":4"#, "e")]);
        assert_eq!(later.reasons, ["4 records come before its first page, which is not here"]);
        // A page without a place may be the first one.
        assert!(
            people(&[page("people-1.json", r#""total":2"#, "a"), page("people-2.json", r#""total":2,"skip":1"#, "b")])
                .complete()
        );
    }

    #[test]
    fn advice_fits_the_doubt() {
        let mut list = RawCollection { provided: true, ..RawCollection::default() };
        list.hidden_leavers.push(Doubt::new("no scope", Remedy::OtherToken));
        assert_eq!(list.why(), "no scope (pull it again with a token that has the scope)");
        list.hidden_leavers.push(Doubt::new("no leaver", Remedy::StateSeesLeavers));
        assert!(list.all_reasons()[1].contains("sees_leavers: true"), "{:?}", list.all_reasons());
        let stated = Statements { sees_leavers: true, reason: Some("seen".to_owned()), ..Statements::default() };
        list.weigh(&stated, true);
        assert_eq!(list.hidden_leavers.len(), 1, "a statement does not outweigh a missing scope");
    }

    #[test]
    fn what_shows_that_a_list_is_complete() {
        let rows = |count: usize| (0..count).map(|at| format!(r#"{{"id":"{at}"}}"#)).collect::<Vec<_>>().join(",");
        for (text, basis) in [
            (format!(r#"{{"total":2,"data":[{}]}}"#, rows(2)), Some(Basis::Total)),
            (format!("[{}]", rows(2)), Some(Basis::LastPage)),
            (format!("[{}]", rows(30)), None),
            (format!("[{}]", rows(300)), None),
            (r#"{"id":"a"}"#.to_owned(), Some(Basis::Assumed)),
        ] {
            let all = people(&[file("people.json", &text)]);
            assert_eq!((all.complete(), all.basis), (basis.is_some(), basis), "{text}");
        }
    }

    #[test]
    fn statements_settle_doubts_and_no_more() {
        let rows: Vec<String> = (0..30).map(|at| format!(r#"{{"id":"{at}"}}"#)).collect();
        let stated = Statements { complete: true, reason: Some("counted".to_owned()), ..Statements::default() };
        let weighed = |text: &str, statements: &Statements| {
            let mut all = people(&[file("people.json", text)]);
            all.weigh(statements, true);
            all.describe("people", 0)
        };
        let page = format!("[{}]", rows.join(","));
        let list = weighed(&page, &stated);
        assert_eq!((list.basis, list.stated_reason.as_deref()), (Some(Basis::Stated), Some("counted")));
        let short = r#"{"total":3,"data":[{"id":"a"}]}"#;
        assert!(!weighed(short, &stated).complete, "evidence outweighs a statement");
        let expect = |expected| Statements { expected: Some(expected), ..Statements::default() };
        assert_eq!(weighed(&page, &expect(30)).basis, Some(Basis::Total));
        let refuted = weighed(r#"{"total":1,"data":[{"id":"a"}]}"#, &expect(2));
        assert_eq!(refuted.reasons, ["1 record is here, and tenure.yaml states `expected: 2`"]);
    }

    #[test]
    fn keys_that_nothing_reads_are_not_kept() {
        let all = people(&[file("people.json", r#"[{"id":"a","v":1,"taxId":"SECRET"}]"#)]);
        assert!(!format!("{all:?}").contains("SECRET"));
    }

    #[test]
    fn records_without_id_are_rejected_by_name() {
        let all = people(&[file("people.json", r#"[{"id":"a"}, {"id":5}, {}, "x"]"#)]);
        let named: Vec<String> = all.rejected.iter().map(|no| format!("{}: {}", no.record, no.reason)).collect();
        assert_eq!(
            named,
            [
                "people.json, record 2: its `id` is a number",
                "people.json, record 3: it has no `id`",
                "people.json, record 4: it is a text, not an object",
            ]
        );
        assert!(!all.complete());
    }

    #[test]
    fn the_later_state_of_a_moved_record_is_kept_whatever_the_order() {
        let old = file("people-1.json", r#"[{"id":"a","updatedAt":"2026-01-01T00:00:00Z","v":1}]"#);
        let new = file("people-2.json", r#"[{"id":"a","updatedAt":"2026-02-01T00:00:00Z","v":2}]"#);
        for files in [[old.clone(), new.clone()], [new, old]] {
            assert_eq!(people(&files).records[0].values.get("v"), Some(&2.into()));
        }
    }

    #[test]
    fn a_key_that_an_object_gives_twice_is_an_error() {
        for page in [r#"[{"id":"a","v":1,"v":2}]"#, r#"[{"id":"a","other":{"x":1,"x":1}}]"#, r#"{"data":[],"data":[]}"#]
        {
            let problems = sort(&[file("people.json", page)], &LAYOUT).unwrap_err();
            assert!(problems[0].code == "duplicate-key" && problems[0].message.contains("people.json:1:"), "{page}");
        }
        let token = file("token-info.json", r#"{"scopes":[],"scopes":["private:read"]}"#);
        assert_eq!(sort(&[token], &LAYOUT).unwrap_err()[0].code, "duplicate-key");
    }

    #[test]
    fn an_api_error_is_not_a_page() {
        let body = r#"{"id":"e1","code":"Forbidden","message":"no access"}"#;
        let problems = sort(&[file("people.json", body)], &LAYOUT).unwrap_err();
        assert!(problems[0].message.contains("no access"));
        let pages = sort(&[file("peple.json", "[]")], &LAYOUT).unwrap();
        assert_eq!(pages.warnings[0].help.as_deref(), Some("did you mean `people`?"));
    }
}
