//! Names of files: the collection and the number of a page, and whether a file holds records.

use std::{collections::BTreeSet, ops::RangeInclusive};

use crate::files::RawFile;

/// The numbers of the pages of one list.
#[derive(Debug, Default)]
pub(in crate::ingest) struct PageNumbers(BTreeSet<usize>);

/// A page that seems to be missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::ingest) struct Gap {
    pub(in crate::ingest) missing: usize,
    /// Whether the numbers are those of pages: they begin at 0 or 1. Other numbers may mean anything, such as a branch.
    pub(in crate::ingest) is_certain: bool,
}

impl Gap {
    pub(in crate::ingest) fn reason(self) -> String {
        format!("page {} is not here", self.missing)
    }
}

impl PageNumbers {
    /// The first page that is missing.
    pub(in crate::ingest) fn gap(&self) -> Option<Gap> {
        let first = *self.0.first()?;
        // A great number may be a date or an id.
        let missing = if (2..1000).contains(&first) { Some(1) } else { self.hole() };
        missing.map(|missing| Gap { missing, is_certain: first <= 1 })
    }

    /// The first page that is missing of those that a pull numbered. It drops the first ones if it begins a list anew.
    pub(in crate::ingest) fn gap_of_pull(&self) -> Option<Gap> {
        self.hole().map(|missing| Gap { missing, is_certain: true })
    }

    /// The first number that is missing between two others.
    fn hole(&self) -> Option<usize> {
        let next = self.0.iter().skip(1);
        self.0.iter().zip(next).find(|(one, next)| **next > *one + 1 && **next < 100_000).map(|(one, _)| one + 1)
    }
}

impl Extend<usize> for PageNumbers {
    fn extend<I: IntoIterator<Item = usize>>(&mut self, numbers: I) {
        self.0.extend(numbers);
    }
}

/// The list that a file is a page of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::ingest) struct PageList {
    /// Its name with its folders, without a date and the number of the page.
    name: String,
    /// The date of the export, as the file's name gives it; empty if it gives none.
    date: String,
}

/// The list that a file's name stands for, and the number of its page: `raw/Users_2.json` is page 2 of `raw/users`. A
/// date is no number: `users-2026-11-20.json` has none, and `users-2026-11-20-2.json` is page 2 of that day's list.
pub(in crate::ingest) fn numbered(path: &str) -> (PageList, Option<usize>) {
    let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem).to_lowercase().replace('_', "-");
    let is_separator = |letter: char| matches!(letter, '-' | '.' | ' ');
    let name = stem.trim_end_matches(|letter: char| letter.is_ascii_digit() || is_separator(letter));
    let numbers = stem.get(name.len()..).unwrap_or_default();
    let parts: Vec<&str> = numbers.split(is_separator).filter(|part| !part.is_empty()).collect();
    let (date, number) = match date_parts(&parts) {
        // What follows a date is the number of a page, or a time of day.
        Some(count) => match parts.get(count..) {
            Some([page]) if page.len() <= 3 => (parts.get(..count).unwrap_or_default().join("-"), page.parse().ok()),
            _ => (parts.join("-"), None),
        },
        None => (String::new(), parts.last().and_then(|digits| digits.parse().ok())),
    };
    // Of `team-42-3`, the list is `team-42`.
    let before = match parts.split_last() {
        Some((last, [_, ..])) if date.is_empty() => {
            stem.strip_suffix(last).unwrap_or(&stem).trim_end_matches(is_separator)
        }
        _ => name,
    };
    let name = if folder.is_empty() { before.to_owned() } else { format!("{folder}/{before}") };
    (PageList { name, date }, number)
}

/// How many of these numbers, from the first on, are a year, a month or a day: `2026`, `202611`, `2026-11`,
/// `20261120` or `2026-11-20`.
fn date_parts(parts: &[&str]) -> Option<usize> {
    let is = |text: Option<&str>, length: usize, range: RangeInclusive<u32>| {
        text.is_some_and(|text| text.len() == length && text.parse().is_ok_and(|number| range.contains(&number)))
    };
    let is_year = |text: Option<&str>| is(text, 4, 1970..=2199);
    let is_month = |text: Option<&str>| is(text, 2, 1..=12);
    let is_day = |text: Option<&str>| is(text, 2, 1..=31);
    let first = *parts.first()?;
    if first.len() > 4 {
        let is_date =
            is_year(first.get(..4)) && is_month(first.get(4..6)) && (first.len() == 6 || is_day(first.get(6..)));
        return is_date.then_some(1);
    }
    let part = |index: usize| parts.get(index).copied();
    match (is_year(part(0)), is_month(part(1)), is_day(part(2))) {
        (false, _, _) => None,
        (true, true, true) => Some(3),
        (true, true, false) => Some(2),
        (true, false, _) => Some(1),
    }
}

/// The number of a collection's page, after the date of its export: `users-12.json`, `users/12.json` and
/// `users/page-12.json` are page 12 of `users`. A file without a number is the first one.
pub(super) fn page_number(path: &str, collection: &str) -> Option<(String, usize)> {
    let (list, number) = numbered(path);
    let (folders, name) = list.name.rsplit_once('/').unwrap_or(("", &list.name));
    let is_named = name.eq_ignore_ascii_case(collection);
    let is_in_folder = || folders.split('/').map(stem).any(|folder| folder.eq_ignore_ascii_case(collection));
    let number = match number {
        None if is_named => 1,
        Some(number) if is_named || (matches!(name, "" | "page") && is_in_folder()) => number,
        _ => return None,
    };
    Some((list.date, number))
}

/// Whether a file holds records, by its name or by how it begins.
pub(in crate::ingest) fn holds_data(file: &RawFile) -> bool {
    let extension = file.name.rsplit('/').next().and_then(|file| file.rsplit_once('.')).map(|(_, extension)| extension);
    let data = ["json", "jsonl", "ndjson", "csv", "tsv", "xlsx", "zip", "gz"];
    extension.is_some_and(|extension| data.iter().any(|known| extension.eq_ignore_ascii_case(known)))
        || begins_like_records(&file.bytes)
}

/// Whether a text begins like a JSON object or a list of objects. A link in Markdown begins with a bracket as well.
fn begins_like_records(bytes: &[u8]) -> bool {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    let after = text.get(1..).and_then(|rest| rest.trim_ascii_start().first());
    match text.first() {
        Some(b'{') => matches!(after, None | Some(b'"' | b'}')),
        Some(b'[') => matches!(after, None | Some(b'{' | b'[' | b']')),
        _ => false,
    }
}

/// `people.json` before `people-2.json`, and that before `people-10.json`.
pub(in crate::ingest) fn in_order(name: &str) -> Vec<(String, usize)> {
    let mut parts = Vec::new();
    let file = name.rfind('/').map_or(0, |slash| slash + 1);
    let dot = name.get(file..).and_then(|file| file.rfind('.')).map_or(name.len(), |dot| file + dot);
    let mut rest = name.get(..dot).unwrap_or(name);
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

/// The collection to which a file belongs by its own name or that of a folder.
pub(super) fn collection_of(path: &str, names: &[&'static str]) -> Option<&'static str> {
    let is_json = path.rsplit('.').next().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
    if !is_json {
        return None;
    }
    path.rsplit('/').map(stem).find_map(|part| names.iter().copied().find(|name| name.eq_ignore_ascii_case(&part)))
}

/// `People_2.json` → `people`.
pub(super) fn stem(file: &str) -> String {
    let stem = file.split('.').next().unwrap_or(file).to_lowercase().replace('_', "-");
    stem.trim_end_matches(|letter: char| letter.is_ascii_digit() || letter == '-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_have_numbers_and_dates_are_none() {
        for (path, number) in [
            ("users-12.json", Some(12)),
            ("raw/Users_2.json", Some(2)),
            ("users2.json", Some(2)),
            ("users/7.json", Some(7)),
            ("users/page-3.json", Some(3)),
            ("users.json", Some(1)),
            ("users-2026-11-20.json", Some(1)),
            ("users-2026-11-20-2.json", Some(2)),
            ("users/2026-11-20-3.json", Some(3)),
            ("users/2026-11-20.json", None),
            ("truto-2026-11-20.json", None),
            ("others-2.json", None),
            ("others/2.json", None),
        ] {
            assert_eq!(page_number(path, "users").map(|(_, number)| number), number, "{path}");
        }
        for (path, name, date, number) in [
            ("raw/Team_4.json", "raw/team", "", Some(4)),
            ("team-42-3.json", "team-42", "", Some(3)),
            ("team-2026-11-20.json", "team", "2026-11-20", None),
            ("team-2026-11-20-2.json", "team", "2026-11-20", Some(2)),
            ("team_20261120_2.json", "team", "20261120", Some(2)),
            ("team-2026-11-2.json", "team", "2026-11", Some(2)),
            ("team-2026.json", "team", "2026", None),
            ("team-2026-11-20-093000.json", "team", "2026-11-20-093000", None),
            ("team-20261320.json", "team", "", Some(20_261_320)),
        ] {
            let (list, found) = numbered(path);
            assert_eq!((list.name.as_str(), list.date.as_str(), found), (name, date, number), "{path}");
        }
    }

    #[test]
    fn gaps_of_numbers_that_begin_elsewhere_are_uncertain() {
        for (numbers, gap) in [
            (&[1, 2, 3][..], None),
            (&[0, 1, 3], Some((2, true))),
            (&[1, 3], Some((2, true))),
            (&[2, 3], Some((1, false))),
            (&[42, 57], Some((1, false))),
            (&[4711, 4712, 4714], Some((4713, false))),
            (&[1, 1_732_000_000], None),
        ] {
            let mut all = PageNumbers::default();
            all.extend(numbers.iter().copied());
            assert_eq!(all.gap().map(|gap| (gap.missing, gap.is_certain)), gap, "{numbers:?}");
        }
    }

    #[test]
    fn pages_come_in_the_order_of_their_numbers() {
        let mut names = ["b/users-10.json", "b/users.json", "users-10.json", "users-9.json", "users.json"];
        names.sort_by_key(|name| in_order(name));
        assert_eq!(names, ["b/users.json", "b/users-10.json", "users.json", "users-9.json", "users-10.json"]);
    }

    #[test]
    fn records_are_told_by_name_or_by_how_they_begin() {
        let is_data = |name: &str, text: &str| holds_data(&RawFile::new(name, text));
        for (name, text) in [
            ("users.JSON", ""),
            ("page1", "[ {\"id\": 1}]"),
            ("users-2", "\u{feff}{\"users\": []}"),
            ("users-2.txt", "[]"),
            ("users-2.json.bak", "[[]]"),
            ("users.json.gz", ""),
        ] {
            assert!(is_data(name, text), "{name}");
        }
        for (name, text) in
            [("README.md", "[docs](x)"), ("notes.txt", "see {x}"), ("LICENSE", ""), ("x.md", "[![b](c)]")]
        {
            assert!(!is_data(name, text), "{name}");
        }
    }
}
