//! The report as newline-delimited JSON: a line for its head, and one for each finding.

use std::io::{self, Write};

use serde::Serialize;

use super::{
    json,
    model::{
        BaselineReport, FilterReport, Finding, Note, Report, Run, SourceReport, Summary, SystemReport, UnmatchedTitle,
        WaiverReport,
    },
    view::View,
};

/// A line, told by its `type`.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
enum Line<'r> {
    /// The first one.
    Report(Head<'r>),
    /// Every other.
    Finding(&'r Finding),
}

/// Everything of a report but its findings.
#[derive(Serialize)]
struct Head<'r> {
    schema_version: &'r str,
    run: &'r Run,
    summary: &'r Summary,
    #[serde(skip_serializing_if = "Option::is_none")]
    baseline: Option<&'r BaselineReport>,
    #[serde(skip_serializing_if = "Option::is_none")]
    filter: Option<&'r FilterReport>,
    waivers: &'r [WaiverReport],
    sources: &'r [SourceReport],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    systems: &'r [SystemReport],
    unmatched_titles: &'r [UnmatchedTitle],
    notes: &'r [Note],
}

/// Writes the report.
///
/// # Errors
/// Those of the writer.
pub fn write(view: &View<'_>, out: &mut dyn Write) -> io::Result<()> {
    let Report {
        schema_version,
        run,
        summary,
        baseline,
        filter,
        findings: _,
        waivers,
        sources,
        systems,
        unmatched_titles,
        notes,
    } = view.head;
    let (baseline, filter) = (baseline.as_ref(), filter.as_ref());
    let head =
        Head { schema_version, run, summary, baseline, filter, waivers, sources, systems, unmatched_titles, notes };
    json::write_line(&Line::Report(head), out)?;
    view.findings().try_for_each(|finding| json::write_line(&Line::Finding(&finding), out))
}
