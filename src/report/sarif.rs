//! The report as SARIF 2.1.0, for code scanning.
//!
//! A finding stands at the line of the policy that it rests on, since people and accounts are in no file; its subject is
//! its logical location. Code scanning shows every result as an alert, so only open findings are results, unless the
//! report lists everything or a filter asks for other outcomes. SARIF allows a level for the kind `fail` alone, so what is unknown has that kind, a lower level,
//! and `unknown` in its message and its properties.

use std::{
    borrow::Cow,
    io::{self, Write},
};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use serde_json::{Value, json};

use super::{
    contents::Contents,
    json::{self, Lazy},
    model::{BaselineStatus, CheckSummary, Finding, Report, ResolvedFinding},
    safe,
    view::View,
};
use crate::bundle::{Outcome, Severity};

/// Code scanning refuses a run of more results.
const RESULTS: usize = 25_000;
/// The base of relative addresses.
const ROOT: &str = "%SRCROOT%";
/// Code scanning shows no more tags of a rule.
const TAGS: usize = 10;

#[derive(Serialize)]
struct Log<R> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<R>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<R> {
    tool: Value,
    invocations: [Value; 1],
    automation_details: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    original_uri_base_ids: Option<Value>,
    properties: Value,
    results: R,
}

/// Writes the report.
///
/// # Errors
/// Those of the writer.
pub fn write(view: &View<'_>, out: &mut dyn Write) -> io::Result<()> {
    let total = listed(view).count() + removed(view).count();
    let results = Lazy(|| results(view));
    let run = &view.head.run;
    let log = Log {
        schema: "https://json.schemastore.org/sarif-2.1.0.json",
        version: "2.1.0",
        runs: [Run {
            tool: json!({ "driver": {
                "name": "Tenure",
                "version": run.tool_version,
                "rules": view.head.summary.checks.iter().map(rule).collect::<Vec<_>>(),
            } }),
            invocations: [invocation(view.head, total.saturating_sub(RESULTS))],
            original_uri_base_ids: view.policies.map(|_| {
                // Where the root is on a machine is no part of a report, so the base has no address of its own.
                let text = "the root of the repository or project that holds the policies";
                json!({ ROOT: { "description": { "text": text } } })
            }),
            automation_details: json!({ "id": format!("tenure/{}/", run.organization) }),
            properties: json!({
                "organization": run.organization,
                "asOf": run.as_of,
                "snapshot": run.snapshot,
                "bundle": run.bundle,
            }),
            results,
        }],
    };
    json::write_value(&log, out)
}

fn results<'r>(view: &'r View<'r>) -> impl Iterator<Item = Value> + use<'r> {
    // The worst come first, so that what does not fit is the rest.
    let findings = listed(view).map(move |finding| result(view, &finding));
    findings.chain(removed(view).map(move |finding| absent(view, finding))).take(RESULTS)
}

/// The findings that are results: those that are open; all if the report lists everything or a filter names outcomes.
fn listed<'r>(view: &View<'r>) -> impl Iterator<Item = Cow<'r, Finding>> + use<'r> {
    let names_outcomes = view.head.filter.as_ref().is_some_and(|filter| !filter.outcomes.is_empty());
    let lists_all = view.contents == Contents::All || names_outcomes;
    view.findings().filter(move |finding| lists_all || finding.outcome.is_open())
}

/// What is resolved since the earlier report and not asked any more.
fn removed<'r>(view: &View<'r>) -> impl Iterator<Item = &'r ResolvedFinding> + use<'r> {
    let lists_all = view.contents == Contents::All;
    view.head.removed_findings().filter(move |_| lists_all)
}

fn rule(check: &CheckSummary) -> Value {
    let remediation = check.remediation.as_deref().unwrap_or("See the rules of this check.");
    let tags: Vec<&str> = check.controls.iter().map(String::as_str).take(TAGS).collect();
    // Code scanning tells severities of security findings by a score.
    let score = match check.severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "2.0",
        Severity::Info => "0.0",
    };
    let mut rule = json!({
        "id": check.check,
        "name": name(&check.check),
        "shortDescription": { "text": check.title },
        "fullDescription": { "text": check.title },
        "help": { "text": remediation },
        "defaultConfiguration": { "level": level(check.severity) },
        "properties": { "tags": tags, "controls": check.controls, "security-severity": score, "severity": check.severity },
    });
    if let (Some(help), Some(fields)) = (&check.help, rule.as_object_mut()) {
        fields.insert("helpUri".to_owned(), json!(help));
    }
    rule
}

/// The id of a check as SARIF writes names: `access-valid` becomes `AccessValid`.
fn name(id: &str) -> String {
    let words = id.split(|letter: char| !letter.is_alphanumeric());
    let capitalised = words.flat_map(|word| {
        let mut letters = word.chars();
        letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect::<Vec<char>>()
    });
    capitalised.collect()
}

/// The level of what is unknown: lower than that of a failure, and shown nevertheless.
fn unknown_level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "warning",
        Severity::Medium | Severity::Low | Severity::Info => "note",
    }
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "note",
    }
}

/// How the run went: what was left out, what erred, what the evidence lacks.
fn invocation(report: &Report, left_out: usize) -> Value {
    let note = |level: &str, text: String| json!({ "level": level, "message": { "text": safe::terminal(&text) } });
    let mut notes = Vec::new();
    notes.extend(report.filter.as_ref().map(|filter| note("warning", filter.listing())));
    if left_out > 0 {
        notes.push(note("warning", format!("{left_out} further findings are left out: a run holds {RESULTS} results")));
    }
    if report.summary.errors > 0 {
        notes.push(note("error", format!("{} findings rest on a rule that erred", report.summary.errors)));
    }
    for source in &report.sources {
        let incomplete = source.incomplete.iter();
        notes.extend(
            incomplete.map(|(name, why)| note("warning", format!("{}: {name} is incomplete: {why}", source.id))),
        );
        if !source.rejected.is_empty() {
            notes.push(note("error", format!("{}: {} records were rejected", source.id, source.rejected.len())));
        }
    }
    notes.extend(report.complete_lists().into_iter().map(|list| note("note", format!("complete lists of {list}"))));
    let by_login = report.judged_by_login().into_iter();
    notes.extend(by_login.map(|system| note("note", format!("judged by login only: {system}"))));
    for waiver in report.unapplied_waivers() {
        notes.push(note("note", format!("waiver {}: {}", waiver.id, waiver.message)));
    }
    let is_whole = report.summary.errors == 0 && report.summary.rejected_records == 0;
    json!({ "executionSuccessful": is_whole, "toolExecutionNotifications": notes })
}

fn result(view: &View<'_>, finding: &Finding) -> Value {
    let kind = match finding.outcome {
        Outcome::Pass => "pass",
        Outcome::Fail | Outcome::Unknown => "fail",
        Outcome::Exempt => "informational",
        Outcome::NotApplicable => "notApplicable",
    };
    let (level, prefix) = match finding.outcome {
        Outcome::Fail => (level(finding.severity), ""),
        Outcome::Unknown => (unknown_level(finding.severity), "unknown: "),
        Outcome::Pass | Outcome::Exempt | Outcome::NotApplicable => ("none", ""),
    };
    let subject = &finding.subject;
    let id = finding.entitlement.as_ref().map_or(subject.id.clone(), |held| format!("{} {held}", subject.id));
    let label = subject.label.as_ref().map(|label| format!(" ({label})")).unwrap_or_default();
    let mut result = json!({
        "ruleId": finding.check,
        "kind": kind,
        "level": level,
        "message": { "text": safe::terminal(&format!("{prefix}{id}{label}: {}", finding.message)) },
        "locations": [location(view.place(finding), &subject.kind, &id)],
        "partialFingerprints": { "tenureFinding/v1": finding.id },
        "properties": {
            "outcome": finding.outcome,
            "severity": finding.severity,
            "advice": finding.advice.as_ref().map(|advice| safe::terminal(&advice.text)),
            "clock": finding.clock,
            "firstSeen": finding.baseline.as_ref().map(|note| &note.first_seen),
            "baseline": finding.baseline.as_ref().map(|note| note.status),
        },
    });
    let Some(fields) = result.as_object_mut() else { return result };
    let index = view.head.summary.checks.iter().position(|check| check.check == finding.check);
    fields.extend(index.map(|index| ("ruleIndex".to_owned(), json!(index))));
    if view.head.baseline.is_some() {
        let state = match finding.baseline.as_ref().map(|note| note.status) {
            Some(BaselineStatus::New | BaselineStatus::Reopened) => "new",
            Some(BaselineStatus::Resolved) => "absent",
            Some(BaselineStatus::Known) | None => "unchanged",
        };
        fields.insert("baselineState".to_owned(), json!(state));
    }
    if let Some(waiver) = &finding.waiver {
        let text = format!("{} until {}: {} ({})", waiver.id, waiver.expires, waiver.reason, waiver.approved_by);
        let text = safe::terminal(&text);
        let suppression = json!({ "kind": "external", "status": "accepted", "justification": text });
        fields.insert("suppressions".to_owned(), json!([suppression]));
    }
    result
}

fn location(place: Option<(String, usize)>, kind: &str, id: &str) -> Value {
    let id = safe::terminal(id);
    let mut location = json!({ "logicalLocations": [{ "fullyQualifiedName": id, "kind": kind }] });
    if let (Some((file, line)), Some(fields)) = (place, location.as_object_mut()) {
        let place = json!({ "artifactLocation": { "uri": uri(&file), "uriBaseId": ROOT }, "region": { "startLine": line.max(1) } });
        fields.insert("physicalLocation".to_owned(), place);
    }
    location
}

fn absent(view: &View<'_>, finding: &ResolvedFinding) -> Value {
    let place = view.check(&finding.check).filter(|_| view.policies.is_some());
    let place = place.map(|check| (view.path(&check.file), check.line));
    let id = finding
        .entitlement
        .as_ref()
        .map_or(finding.subject.id.clone(), |held| format!("{} {held}", finding.subject.id));
    json!({
        "ruleId": finding.check,
        "kind": "notApplicable",
        "level": "none",
        "message": { "text": safe::terminal(&format!("{id}: not asked any more, was {}", finding.was)) },
        "locations": [location(place, &finding.subject.kind, &id)],
        "partialFingerprints": { "tenureFinding/v1": finding.id },
        "baselineState": "absent",
        "properties": { "outcome": null, "severity": finding.severity, "firstSeen": finding.first_seen },
    })
}

/// What a path may hold in a URI as it is.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A path as a relative reference.
pub(super) fn uri(path: &str) -> String {
    utf8_percent_encode(path, PLAIN).to_string()
}
