//! Reads a report that was written earlier, to compare a later one with it.

mod validity;

use validity::not_a_report;

use std::{collections::BTreeSet, fmt, path::Path};

use serde::{
    Deserialize,
    de::{IgnoredAny, MapAccess, Visitor},
};

use super::{Report, model::SCHEMA_VERSION};
use crate::{
    diagnostic::{Code, Diagnostic, words},
    files,
    format_version::is_readable,
    json::{KeyCase, check_keys, general_path, skipped_fields},
};

/// A report that was read.
#[derive(Debug, Clone)]
pub struct ReadReport {
    /// The report.
    pub report: Report,
    /// Fields that this version of Tenure does not know, by their paths.
    pub unknown_fields: BTreeSet<String>,
}

impl ReadReport {
    /// A warning that names the fields that were skipped; `None` if there are none.
    #[must_use]
    pub fn warning(&self, file: &str) -> Option<Diagnostic> {
        let version = &self.report.run.tool_version;
        let help = format!("tenure {version} wrote the report; use that version to read everything in it");
        skipped_fields(&self.unknown_fields, file, help)
    }
}

/// Reads the report in a file.
///
/// # Errors
/// Returns an error if the file cannot be read, is not JSON, is something else than a report or one of another version,
/// or says what no report can say: the first problem of its form with its JSON path, or every impossible day.
pub fn file(path: &Path) -> Result<ReadReport, Vec<Diagnostic>> {
    let name = path.display().to_string();
    let bytes = files::read_file(path).map_err(|problem| vec![problem])?;
    let in_file = |problem: Diagnostic| problem.in_file(name.clone());
    report(&bytes).map_err(|problems| problems.into_iter().map(in_file).collect())
}

/// Reads a report out of the bytes of a file.
///
/// # Errors
/// As for [`file`].
pub fn report(bytes: &[u8]) -> Result<ReadReport, Vec<Diagnostic>> {
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let mut track = serde_path_to_error::Track::new();
    let mut unknown_fields = BTreeSet::new();
    let read: Result<Report, serde_json::Error> = {
        let tracked = serde_path_to_error::Deserializer::new(&mut reader, &mut track);
        serde_ignored::deserialize(tracked, |path| {
            unknown_fields.insert(general_path(&path.to_string()));
        })
    };
    let report = read.map_err(|error| vec![problem(bytes, &track.path(), &error)])?;
    reader.end().map_err(|error| vec![not_json(&error)])?;
    check_report_keys(bytes)?;
    if !is_readable(&report.schema_version, SCHEMA_VERSION) {
        return Err(vec![another_version(&report.schema_version)]);
    }
    let problems = validity::problems(&report);
    if problems.is_empty() { Ok(ReadReport { report, unknown_fields }) } else { Err(problems) }
}

/// Refuses an object that gives one key twice, in fields of a later version too.
fn check_report_keys(bytes: &[u8]) -> Result<(), Vec<Diagnostic>> {
    let text =
        std::str::from_utf8(bytes).map_err(|error| vec![not_a_report(&format!("it is not UTF-8 text: {error}"))])?;
    check_keys("", text, KeyCase::Sensitive).map_err(|problem| vec![not_a_report(&problem.message)])
}

/// What a file of Tenure's is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A report.
    Report,
    /// A snapshot.
    Snapshot,
    /// Something else.
    Other,
}

/// What the bytes of a file are, told by their outermost keys.
#[must_use]
pub fn kind(bytes: &[u8]) -> Kind {
    match serde_json::from_slice::<Keys>(bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes)) {
        Ok(Keys { people: Some(_), .. }) => Kind::Snapshot,
        Ok(Keys { run: Some(_), summary: Some(_), .. }) => Kind::Report,
        _ => Kind::Other,
    }
}

/// The keys that tell one kind of file from another. A key that is given twice does not keep them from being read.
#[derive(Default)]
struct Keys {
    schema_version: Option<String>,
    run: Option<IgnoredAny>,
    summary: Option<IgnoredAny>,
    people: Option<IgnoredAny>,
}

impl<'de> Deserialize<'de> for Keys {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Keys;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Keys, M::Error> {
                let mut keys = Keys::default();
                while let Some(key) = map.next_key::<String>()? {
                    match key.as_str() {
                        "schema_version" => keys.schema_version = map.next_value::<Version>()?.0,
                        "run" => keys.run = Some(map.next_value()?),
                        "summary" => keys.summary = Some(map.next_value()?),
                        "people" => keys.people = Some(map.next_value()?),
                        _ => drop(map.next_value::<IgnoredAny>()?),
                    }
                }
                Ok(keys)
            }
        }
        deserializer.deserialize_map(Reader)
    }
}

/// A version; anything but a text is none.
struct Version(Option<String>);

impl<'de> Deserialize<'de> for Version {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = serde_json::Value::deserialize(deserializer)?;
        Ok(Version(value.as_str().map(str::to_owned)))
    }
}

fn problem(bytes: &[u8], path: &serde_path_to_error::Path, error: &serde_json::Error) -> Diagnostic {
    let keys = match serde_json::from_slice::<Keys>(bytes) {
        Ok(keys) => keys,
        Err(error) if error.is_data() => return not_a_report("it is not a report of `tenure check`"),
        Err(error) => return not_json(&error),
    };
    if keys.people.is_some() {
        return not_a_report("it is a snapshot, not a report");
    }
    if keys.run.is_none() {
        return not_a_report("it is not a report of `tenure check`");
    }
    match keys.schema_version {
        Some(version) if !is_readable(&version, SCHEMA_VERSION) => another_version(&version),
        _ => {
            let (reason, _) = words::plain(&error.to_string(), None);
            let place = if path.iter().next().is_none() { "$".to_owned() } else { format!("$.{path}") };
            not_a_report(&format!("`{place}`, line {}, column {}: {reason}", error.line(), error.column()))
        }
    }
}

fn not_json(error: &serde_json::Error) -> Diagnostic {
    let (reason, _) = words::plain(&error.to_string(), None);
    not_a_report(&format!("it is not JSON at line {}, column {}: {reason}", error.line(), error.column()))
}

fn another_version(version: &str) -> Diagnostic {
    let message = format!("it is a report of version \"{version}\"; this version of tenure reads \"{SCHEMA_VERSION}\"");
    Diagnostic::error(Code::ReportForm, message)
        .help("use the version of tenure that wrote it, or judge the snapshot anew")
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPORT: &str = include_str!("../../fixtures/acme/report.json");

    fn said(text: &str) -> String {
        report(text.as_bytes()).unwrap_err().remove(0).message
    }

    #[test]
    fn a_report_is_read_as_it_was_written() {
        let ReadReport { report, unknown_fields } = report(REPORT.as_bytes()).unwrap();
        assert_eq!(unknown_fields, BTreeSet::new());
        let mut written = Vec::new();
        crate::report::json::write(&crate::report::View::of(&report), &mut written).unwrap();
        assert_eq!(String::from_utf8(written).unwrap(), REPORT);
    }

    #[test]
    fn what_is_no_report_is_told_by_what_it_is() {
        assert!(said("{ \"run\": ").starts_with("it is not JSON at line 1, column "));
        assert_eq!(said("[]"), "it is not a report of `tenure check`");
        assert_eq!(said(include_str!("../../fixtures/acme/snapshot.json")), "it is a snapshot, not a report");
        let other = REPORT.replacen("\"schema_version\": \"1\"", "\"schema_version\": \"2\"", 1);
        assert_eq!(said(&other), "it is a report of version \"2\"; this version of tenure reads \"1\"");
        let broken = REPORT.replacen("\"pass\": ", "\"pass\": \"x\", \"passed\": ", 1);
        assert!(said(&broken).starts_with("`$.summary.totals.pass`, line "), "{}", said(&broken));
        assert!(said(&format!("{REPORT}x")).starts_with("it is not JSON at line "));
    }

    #[test]
    fn a_key_given_twice_is_named_as_the_cause() {
        for (key, name, place) in [("\"findings\": [", "findings", "$"), ("\"pass\": ", "pass", "$.summary.totals")] {
            let (head, tail) = REPORT.split_once(key).unwrap();
            let value = if key.ends_with('[') { "[]" } else { "1" };
            let message = said(&format!("{head}\"{name}\": {value}, {key}{tail}"));
            assert!(message.contains(&format!("the key `{name}` is given twice")), "{message}");
            assert!(message.starts_with(&format!("`{place}")), "{message}");
        }
    }

    #[test]
    fn fields_of_later_versions_are_skipped_and_named_once() {
        let mut later = REPORT.to_owned();
        for place in ["\"run\": {", "\"totals\": {", "\"subject\": {"] {
            later = later.replace(place, &format!("{place} \"added_later\": [1, {{ \"x\": 2 }}],"));
        }
        let read = report(later.as_bytes()).unwrap();
        let names: Vec<&str> = read.unknown_fields.iter().map(String::as_str).collect();
        assert_eq!(names, ["findings[].subject.added_later", "run.added_later", "summary.totals.added_later"]);
        let warning = read.warning("later.json").unwrap();
        assert!(warning.message.contains("`run.added_later`"), "{}", warning.message);
        assert_eq!(read.report, report(REPORT.as_bytes()).unwrap().report);
    }

    #[test]
    fn days_that_no_report_can_say_are_refused_and_named() {
        let today = "\"today\": \"2026-11-20\"";
        assert!(REPORT.contains(today));
        let message = said(&REPORT.replacen(today, "\"today\": \"2099-01-01\"", 1));
        assert!(message.contains("`$.run.today`"), "{message}");
        let first = REPORT.find("\"outcome\": \"fail\"").unwrap();
        let (head, tail) = REPORT.split_at(first);
        for day in ["2026-11-21", "9999-12-31", "soon", "2026-11-1", "20261120", ""] {
            let note = format!("\"baseline\": {{ \"status\": \"known\", \"first_seen\": \"{day}\" }}, ");
            let message = said(&format!("{head}{note}{tail}"));
            assert!(message.contains("first_seen") && message.contains(day), "{message}");
            assert!(message.contains("finding `"), "{message}");
        }
        let note = "\"baseline\": { \"status\": \"known\", \"first_seen\": \"2026-11-20\" }, ";
        assert!(report(format!("{head}{note}{tail}").as_bytes()).is_ok());
    }
}
