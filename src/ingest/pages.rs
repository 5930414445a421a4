//! Raw API pages as files: which collection a file belongs to, envelopes and bare lists, several pages of one list,
//! and whether all of it is there.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::{
    diagnostic::{Diagnostic, suggest},
    files::RawFile,
    model::{Collection, Rejected, read},
};

/// A record as it came, and where it stands.
#[derive(Debug, Clone)]
pub struct RawRecord {
    /// The vendor's id.
    pub id: String,
    /// Its keys and values.
    pub values: Map<String, Value>,
}

/// All pages of one collection put together.
#[derive(Debug, Clone, Default)]
pub struct RawCollection {
    /// Whether there was any page of it.
    pub provided: bool,
    /// Distinct records by id, in the order of ids.
    pub records: Vec<RawRecord>,
    /// How many the vendor said there are.
    pub total: Option<usize>,
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
    pub fn describe(&self, name: &str, records: usize, excluded: usize) -> Collection {
        Collection {
            name: name.to_owned(),
            records,
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
pub fn sort(
    files: &[RawFile],
    collections: &[&'static str],
    objects: &[&'static str],
) -> Result<Pages, Vec<Diagnostic>> {
    let names: Vec<&'static str> = collections.iter().chain(objects).copied().collect();
    let mut pages = Pages::default();
    let mut problems = Vec::new();
    let mut parts: BTreeMap<&'static str, Parts> = BTreeMap::new();
    for file in files {
        let Some(name) = collection_of(&file.name, &names) else {
            let stem = stem(file.name.rsplit('/').next().unwrap_or(&file.name));
            let problem = Diagnostic::warning("unused-file", format!("`{}` belongs to no collection", file.shown));
            pages.warnings.push(problem.in_file(&file.shown).help(suggest(&stem, names.iter().copied())));
            continue;
        };
        match read::json(&file.shown, &file.bytes) {
            Err(problem) => problems.push(problem),
            Ok(value) if objects.contains(&name) => {
                pages.objects.insert(name, value);
            }
            Ok(value) => {
                if let Err(problem) = parts.entry(name).or_default().add(file, value) {
                    problems.push(problem);
                }
            }
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    for name in collections {
        let collection = match parts.remove(name) {
            Some(parts) => parts.join(name, &mut pages.warnings),
            None => RawCollection { reasons: vec!["not provided".to_owned()], ..RawCollection::default() },
        };
        pages.collections.insert(name, collection);
    }
    Ok(pages)
}

fn collection_of(path: &str, names: &[&'static str]) -> Option<&'static str> {
    let is_json = path.rsplit('.').next().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
    if !is_json {
        return None;
    }
    path.rsplit('/').map(stem).find_map(|part| names.iter().copied().find(|name| *name == part))
}

/// `People_2.json` → `people`.
fn stem(file: &str) -> String {
    let stem = file.split('.').next().unwrap_or(file).to_lowercase().replace('_', "-");
    stem.trim_end_matches(|letter: char| letter.is_ascii_digit() || letter == '-').to_owned()
}

/// The pages of one collection on their way together.
#[derive(Default)]
struct Parts {
    records: BTreeMap<String, Map<String, Value>>,
    totals: Vec<usize>,
    rejected: Vec<Rejected>,
    conflicting: Vec<String>,
}

impl Parts {
    fn add(&mut self, file: &RawFile, value: Value) -> Result<(), Diagnostic> {
        let (shown, file) = (&file.shown, &file.name);
        let wrong = |reason: String| {
            Diagnostic::error("not-a-page", format!("`{shown}` is not a page of records: {reason}"))
                .in_file(shown)
                .help("expected is a list of records, or an object with `total`, `limit`, `skip` and `data`")
        };
        match value {
            Value::Array(records) => self.records(file, records),
            Value::Object(mut envelope) => match envelope.remove("data") {
                Some(Value::Array(records)) => {
                    match envelope.get("total") {
                        None | Some(Value::Null) => {}
                        Some(total) => {
                            let count = total.as_u64().and_then(|total| usize::try_from(total).ok());
                            self.totals.push(count.ok_or_else(|| wrong(format!("`total` is {total}")))?);
                        }
                    }
                    self.records(file, records);
                }
                Some(other) => return Err(wrong(format!("`data` is {}", read::kind(&other)))),
                None if envelope.contains_key("id") && !envelope.contains_key("code") => {
                    self.records(file, vec![Value::Object(envelope)]);
                }
                None => {
                    let message = envelope.get("message").and_then(Value::as_str);
                    return Err(wrong(match message {
                        Some(message) => format!("it holds the API's error \"{message}\""),
                        None => "it has no `data`".to_owned(),
                    }));
                }
            },
            other => return Err(wrong(format!("it holds {}", read::kind(&other)))),
        }
        Ok(())
    }

    fn records(&mut self, file: &str, records: Vec<Value>) {
        for (index, record) in records.into_iter().enumerate() {
            let at = format!("{file}, record {}", index + 1);
            let Value::Object(values) = record else {
                let reason = format!("it is {}, not an object", read::kind(&record));
                self.rejected.push(Rejected { record: at, reason });
                continue;
            };
            let id = match values.get("id") {
                Some(Value::String(id)) if !id.trim().is_empty() => id.clone(),
                Some(other) if !other.is_string() => {
                    let reason = format!("its `id` is {}", read::kind(other));
                    self.rejected.push(Rejected { record: at, reason });
                    continue;
                }
                _ => {
                    self.rejected.push(Rejected { record: at, reason: "it has no `id`".to_owned() });
                    continue;
                }
            };
            self.keep(id, values);
        }
    }

    /// Rows move between offset pages: the same record may come twice, and the later state of it counts.
    fn keep(&mut self, id: String, values: Map<String, Value>) {
        let changed = |values: &Map<String, Value>| {
            let updated = values.get("updatedAt").and_then(Value::as_str).unwrap_or_default().to_owned();
            (updated, serde_json::to_string(values).unwrap_or_default())
        };
        match self.records.get_mut(&id) {
            None => {
                self.records.insert(id, values);
            }
            Some(kept) if *kept == values => {}
            Some(kept) => {
                if changed(&values) > changed(kept) {
                    *kept = values;
                }
                self.conflicting.push(id);
            }
        }
    }

    fn join(mut self, name: &str, warnings: &mut Vec<Diagnostic>) -> RawCollection {
        let mut reasons = Vec::new();
        let total = self.totals.iter().copied().max();
        let count = self.records.len();
        if let Some(total) = total.filter(|total| count < *total) {
            reasons.push(format!("{count} of {total} records are here"));
        }
        if !self.rejected.is_empty() {
            let count = self.rejected.len();
            reasons.push(format!("{count} {} rejected", if count == 1 { "record was" } else { "records were" }));
        }
        self.conflicting.sort();
        self.conflicting.dedup();
        for id in &self.conflicting {
            let message = format!("`{name}`: the record `{id}` comes twice and differs; the later state of it is kept");
            warnings.push(Diagnostic::warning("moved-record", message));
        }
        RawCollection {
            provided: true,
            records: self.records.into_iter().map(|(id, values)| RawRecord { id, values }).collect(),
            total,
            rejected: self.rejected,
            reasons,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, text: &str) -> RawFile {
        RawFile::new(name, text)
    }

    fn people(files: &[RawFile]) -> RawCollection {
        sort(files, &["people", "job-roles"], &["token-info"]).unwrap().collections["people"].clone()
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
            assert_eq!(people(&files).records[0].values["v"], 2);
        }
    }

    #[test]
    fn an_api_error_is_not_a_page() {
        let body = r#"{"id":"e1","code":"Forbidden","message":"no access"}"#;
        let problems = sort(&[file("people.json", body)], &["people"], &[]).unwrap_err();
        assert!(problems[0].message.contains("no access"));
        let pages = sort(&[file("peple.json", "[]")], &["people"], &[]).unwrap();
        assert_eq!(pages.warnings[0].help.as_deref(), Some("did you mean `people`?"));
    }
}
