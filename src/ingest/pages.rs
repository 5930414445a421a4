//! Raw API pages: which collection a file belongs to, envelopes and bare lists, several pages of one list, and whether
//! all of it is there. Of a record only the keys that the vendor's normaliser reads are kept, so that nothing else gets
//! further than the page it came in.

mod collector;
mod parse;
mod values;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{
    diagnostic::{Diagnostic, suggest},
    files::RawFile,
    json::KeyCase,
    model::{Collection, Rejected},
};

pub(crate) use collector::api_message;
pub use collector::{Collector, PageFacts};
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
    /// Whether the list may be missing where there are no records.
    pub may_lack_records: bool,
}

impl Layout {
    /// How keys of its pages are compared. SCIM's list response is the one envelope whose names have no case.
    #[must_use]
    pub(crate) fn key_case(&self) -> KeyCase {
        let is_scim = self.envelope.total.is_some_and(|total| total == "totalResults");
        if is_scim { KeyCase::Insensitive } else { KeyCase::Sensitive }
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
    /// How many the vendor said there are.
    pub total: Option<usize>,
    /// Whether pages or records are missing, or contradict each other; unlike those that came and cannot be used.
    pub short: bool,
    /// Whether the vendor says that records are shown in part.
    pub partial: bool,
    /// Records that cannot be used.
    pub rejected: Vec<Rejected>,
    /// Why not all of it is here.
    pub reasons: Vec<String>,
}

impl RawCollection {
    /// Whether every record is believed to be here.
    #[must_use]
    pub fn complete(&self) -> bool {
        self.reasons.is_empty()
    }

    /// The collection as the snapshot's source describes it.
    #[must_use]
    pub fn describe(&self, name: &str, excluded: usize) -> Collection {
        Collection {
            name: name.to_owned(),
            records: self.count.saturating_sub(excluded),
            total: self.total,
            complete: self.complete(),
            reasons: self.reasons.clone(),
            excluded,
            rejected: self.rejected.clone(),
        }
    }
}

/// The pages of several collections.
#[derive(Debug, Clone, Default)]
pub struct Pages {
    /// By the vendor's name of the collection.
    pub collections: BTreeMap<&'static str, RawCollection>,
    /// Objects that are not lists, by name.
    pub objects: BTreeMap<&'static str, Value>,
    /// Objects that could not be had, each with why.
    pub failed_objects: BTreeMap<&'static str, String>,
    /// What a person should know.
    pub warnings: Vec<Diagnostic>,
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
    Ok(collector.finish())
}

/// The same, on top of what a collector has already.
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
    // Where there is just one collection and just one file, the name does not matter.
    let only = match (names.as_slice(), files.as_slice()) {
        ([name], [_]) => Some(*name),
        _ => None,
    };
    let mut numbers: BTreeMap<&'static str, Vec<usize>> = BTreeMap::new();
    for file in files {
        match collection_of(&file.name, &names).or(only) {
            Some(name) => {
                numbers.entry(name).or_default().extend(page_number(&file.name));
                problems.extend(collector.add(name, file).err());
            }
            None => {
                let stem = stem(file.name.rsplit('/').next().unwrap_or(&file.name));
                let problem = Diagnostic::warning("unused-file", format!("`{}` belongs to no collection", file.shown));
                collector.warn(problem.in_file(&file.shown).help(suggest(&stem, names.iter().copied())));
            }
        }
    }
    // Where the pages do not say how many records there are, a gap in their numbers is all that tells.
    if layout.envelope.total.is_none() {
        for (name, mut numbers) in numbers {
            numbers.sort_unstable();
            if let Some(missing) = gap(&numbers, layout.envelope.next.is_some()) {
                collector.doubt(name, format!("page {missing} is not here"));
            }
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(problems) }
}

/// `users-12.json` → 12.
fn page_number(path: &str) -> Option<usize> {
    let file = path.rsplit('/').next()?;
    let stem = file.split('.').next()?;
    let digits = stem.len() - stem.trim_end_matches(|letter: char| letter.is_ascii_digit()).len();
    stem.get(stem.len() - digits..)?.parse().ok()
}

/// The first number that is missing between others.
fn gap(numbers: &[usize], from_one: bool) -> Option<usize> {
    // A great number may be a date.
    let first = numbers.first().filter(|first| from_one && (2..1000).contains(*first)).map(|_| 1);
    first.or_else(|| {
        numbers.windows(2).find_map(|two| match two {
            [one, next] if *next > one + 1 && *next < 100_000 => Some(one + 1),
            _ => None,
        })
    })
}

/// `people-2.json` before `people-10.json`.
fn in_order(name: &str) -> Vec<(String, usize)> {
    let mut parts = Vec::new();
    let mut rest = name;
    while !rest.is_empty() {
        let text = rest.find(|letter: char| letter.is_ascii_digit()).unwrap_or(rest.len());
        let (before, after) = rest.split_at(text);
        let digits = after.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(after.len());
        let (number, after) = after.split_at(digits);
        parts.push((before.to_owned(), number.parse().unwrap_or_default()));
        rest = after;
    }
    parts
}

fn collection_of(path: &str, names: &[&'static str]) -> Option<&'static str> {
    let is_json = path.rsplit('.').next().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
    if !is_json {
        return None;
    }
    path.rsplit('/').map(stem).find_map(|part| names.iter().copied().find(|name| name.eq_ignore_ascii_case(&part)))
}

/// `People_2.json` → `people`.
fn stem(file: &str) -> String {
    let stem = file.split('.').next().unwrap_or(file).to_lowercase().replace('_', "-");
    stem.trim_end_matches(|letter: char| letter.is_ascii_digit() || letter == '-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAYOUT: Layout = Layout {
        collections: &[
            CollectionLayout { name: "people", id: "id", keep: &["id", "updatedAt", "v"] },
            CollectionLayout { name: "job-roles", id: "id", keep: &["id"] },
        ],
        objects: &[("token-info", &["scopes"])],
        envelope: Envelope { records: "data", total: Some("total"), next: Some("next"), may_lack_records: false },
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
        let first = file("people-2.json", r#"{"next":"abc","data":[{"id":"a"}]}"#);
        let last = |end: &str| file("people-10.json", &format!(r#"{{"next":{end},"data":[{{"id":"b"}}]}}"#));
        assert_eq!(
            people(std::slice::from_ref(&first)).reasons,
            ["its last page names a further one, which is not here"]
        );
        for end in ["null", r#""""#] {
            assert!(people(&[last(end), first.clone()]).complete(), "{end}");
        }
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
