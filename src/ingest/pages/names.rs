//! Names of files: the collection and the number of a page, and whether a file holds records.

use std::collections::BTreeSet;

use crate::files::RawFile;

/// The numbers of the pages of one list.
#[derive(Debug, Default)]
pub(in crate::ingest) struct PageNumbers(BTreeSet<usize>);

impl PageNumbers {
    /// The first page that is missing.
    pub(in crate::ingest) fn missing(&self) -> Option<usize> {
        // A great number may be a date.
        let first = self.0.first().filter(|first| (2..1000).contains(*first)).map(|_| 1);
        first.or_else(|| {
            let next = self.0.iter().skip(1);
            self.0.iter().zip(next).find(|(one, next)| **next > *one + 1 && **next < 100_000).map(|(one, _)| one + 1)
        })
    }

    /// How many pages have a number.
    pub(in crate::ingest) fn len(&self) -> usize {
        self.0.len()
    }
}

impl Extend<usize> for PageNumbers {
    fn extend<I: IntoIterator<Item = usize>>(&mut self, numbers: I) {
        self.0.extend(numbers);
    }
}

/// The list that a file's name stands for, and the number of its page: `raw/Users_2.json` is page 2 of `raw/users`. A date
/// is no number: `users-2026-11-20.json` has none.
pub(in crate::ingest) fn numbered(path: &str) -> (String, Option<usize>) {
    let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem).to_lowercase().replace('_', "-");
    let in_folder = |name: &str| if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
    let prefix = stem.trim_end_matches(|letter: char| letter.is_ascii_digit());
    let number = stem.get(prefix.len()..).and_then(|digits| digits.parse().ok());
    let name = prefix.trim_end_matches(['-', '.', ' ']);
    let before = name.rsplit(['-', '.', ' ']).next().unwrap_or_default();
    let is_date = !before.is_empty() && before.bytes().all(|letter| letter.is_ascii_digit());
    match number.filter(|_| !is_date) {
        Some(number) => (in_folder(name), Some(number)),
        None => (in_folder(&stem), None),
    }
}

/// The number of a collection's page: `users-12.json`, `users/12.json` and `users/page-12.json` are page 12 of `users`. A file
/// without a number is the first one.
pub(super) fn page_number(path: &str, collection: &str) -> Option<usize> {
    let (list, number) = numbered(path);
    let (folders, name) = list.rsplit_once('/').unwrap_or(("", &list));
    let is_named = name.eq_ignore_ascii_case(collection);
    let is_in_folder = || folders.split('/').map(stem).any(|folder| folder.eq_ignore_ascii_case(collection));
    match number {
        None if is_named => Some(1),
        Some(number) if is_named || (matches!(name, "" | "page") && is_in_folder()) => Some(number),
        _ => None,
    }
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
            ("users-2026-11-20.json", None),
            ("users/2026-11-20.json", None),
            ("truto-2026-11-20.json", None),
            ("others-2.json", None),
            ("others/2.json", None),
        ] {
            assert_eq!(page_number(path, "users"), number, "{path}");
        }
        assert_eq!(numbered("raw/Team_4.json"), ("raw/team".to_owned(), Some(4)));
        assert_eq!(numbered("team-2026-11-20.json"), ("team-2026-11-20".to_owned(), None));
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
