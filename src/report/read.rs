//! Reads a report that was written earlier, to compare a later one with it.

use std::path::Path;

use serde::de::IgnoredAny;

use super::{Report, model::SCHEMA_VERSION};
use crate::{
    diagnostic::{Diagnostic, words},
    files,
};

/// Reads the report in a file.
///
/// # Errors
/// That the file cannot be read, is not JSON, is something else than a report, or one of another version; the first
/// problem of its form, with its JSON path.
pub fn file(path: &Path) -> Result<Report, Vec<Diagnostic>> {
    let name = path.display().to_string();
    let bytes = files::read_file(path).map_err(|problem| vec![problem])?;
    report(&bytes).map_err(|problem| vec![problem.in_file(name)])
}

/// Reads a report out of the bytes of a file.
///
/// # Errors
/// As for [`file`].
pub fn report(bytes: &[u8]) -> Result<Report, Diagnostic> {
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let read = serde_path_to_error::deserialize::<_, Report>(&mut reader).map_err(|error| problem(bytes, &error));
    let report = read?;
    reader.end().map_err(|error| not_json(&error))?;
    if report.schema_version == SCHEMA_VERSION { Ok(report) } else { Err(another_version(&report.schema_version)) }
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

/// The keys that tell one kind of file from another.
#[derive(serde::Deserialize)]
struct Keys {
    schema_version: Option<String>,
    run: Option<IgnoredAny>,
    summary: Option<IgnoredAny>,
    people: Option<IgnoredAny>,
}

fn problem(bytes: &[u8], error: &serde_path_to_error::Error<serde_json::Error>) -> Diagnostic {
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
        Some(version) if version != SCHEMA_VERSION => another_version(&version),
        _ => {
            let (reason, _) = words::plain(&error.inner().to_string(), None);
            not_a_report(&format!("`$.{}`: {reason}", error.path()))
        }
    }
}

fn not_a_report(reason: &str) -> Diagnostic {
    let help = "make a report with `tenure check snapshot.json --format json -o report.json`";
    Diagnostic::error("report-form", reason).help(help)
}

fn not_json(error: &serde_json::Error) -> Diagnostic {
    let (reason, _) = words::plain(&error.to_string(), None);
    not_a_report(&format!("it is not JSON at line {}, column {}: {reason}", error.line(), error.column()))
}

fn another_version(version: &str) -> Diagnostic {
    let message = format!("it is a report of version \"{version}\"; this version of tenure reads \"{SCHEMA_VERSION}\"");
    Diagnostic::error("report-form", message)
        .help("use the version of tenure that wrote it, or judge the snapshot anew")
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPORT: &str = include_str!("../../fixtures/acme/report.json");

    fn said(text: &str) -> String {
        report(text.as_bytes()).unwrap_err().message
    }

    #[test]
    fn a_report_is_read_as_it_was_written() {
        let report = report(REPORT.as_bytes()).unwrap();
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
        assert!(said(&broken).starts_with("`$.summary.totals.pass`: "), "{}", said(&broken));
        assert!(said(&format!("{REPORT}x")).starts_with("it is not JSON at line "));
    }
}
