//! Findings as OCSF 1.8 Compliance Findings (class 2003), one JSON object a line.
//!
//! `compliance.status_id` tells the outcome, unknown as 2 (no result for want of information); `status_id` tells what
//! became of the finding: 3 where it is waived, 4 where it is resolved.

use std::io::{self, Write};

use jiff::{Timestamp, civil::Date};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{
    json,
    model::{BaselineStatus, CheckSummary, Finding, ResolvedFinding, SubjectReport},
    safe,
    view::View,
};
use crate::{
    bundle::{Outcome, Severity},
    model::time::Zone,
};

/// Writes the findings.
///
/// # Errors
/// Those of the writer, and an unknown time zone.
pub fn write(view: &View<'_>, out: &mut dyn Write) -> io::Result<()> {
    let writer = Events { view, zone: view.zone()? };
    view.findings().try_for_each(|finding| json::write_line(&writer.event(&finding), out))?;
    view.head.removed_findings().try_for_each(|finding| json::write_line(&writer.closed(finding), out))
}

struct Events<'v, 'r> {
    view: &'v View<'r>,
    zone: Zone,
}

/// What happened to a finding, with OCSF's number.
const CREATE: (u64, &str) = (1, "Create");
const UPDATE: (u64, &str) = (2, "Update");
const CLOSE: (u64, &str) = (3, "Close");

impl Events<'_, '_> {
    fn event(&self, finding: &Finding) -> Value {
        let status = finding.baseline.as_ref().map(|note| note.status);
        let activity = match status {
            Some(BaselineStatus::Known | BaselineStatus::Reopened) => UPDATE,
            Some(BaselineStatus::Resolved) => CLOSE,
            Some(BaselineStatus::New) | None => CREATE,
        };
        let state = match (status, &finding.waiver) {
            (Some(BaselineStatus::Resolved), _) => Some((4, "Resolved")),
            (_, Some(_)) => Some((3, "Suppressed")),
            _ if finding.outcome.is_open() => Some((1, "New")),
            _ => None,
        };
        let first_seen = finding.baseline.as_ref().map(|note| note.first_seen.as_str());
        let mut event = self.common(&finding.check, finding.severity, activity, state);
        let message = safe::terminal(&finding.message);
        event.insert("message".to_owned(), json!(message));
        event.insert("finding_info".to_owned(), self.info(&finding.id, &finding.check, Some(&message), first_seen));
        event.insert("compliance".to_owned(), self.compliance(&finding.check, finding.outcome, Some(&message)));
        event.insert("resources".to_owned(), resources(&finding.subject, finding.entitlement.as_deref()));
        if let Some(advice) = &finding.advice {
            event.insert("remediation".to_owned(), json!({ "desc": safe::terminal(&advice.text) }));
        }
        let mut unmapped = json!({ "outcome": finding.outcome });
        set(&mut unmapped, "reasons", filled(&finding.reasons));
        set(&mut unmapped, "waiver", finding.waiver.as_ref());
        set(&mut unmapped, "clock", finding.clock.as_ref());
        event.insert("unmapped".to_owned(), without_nulls(unmapped));
        Value::Object(event)
    }

    /// A finding whose query is not asked any more.
    fn closed(&self, finding: &ResolvedFinding) -> Value {
        let mut event = self.common(&finding.check, finding.severity, CLOSE, Some((4, "Resolved")));
        let message = format!("not asked any more, was {}", finding.was);
        let info = self.info(&finding.id, &finding.check, Some(&message), Some(&finding.first_seen));
        event.insert("finding_info".to_owned(), info);
        event.insert("compliance".to_owned(), self.compliance(&finding.check, Outcome::NotApplicable, Some(&message)));
        event.insert("resources".to_owned(), resources(&finding.subject, finding.entitlement.as_deref()));
        event.insert("message".to_owned(), json!(message));
        Value::Object(event)
    }

    fn common(
        &self,
        check: &str,
        severity: Severity,
        (activity_id, activity): (u64, &str),
        state: Option<(u64, &str)>,
    ) -> Map<String, Value> {
        let run = &self.view.head.run;
        let (severity_id, severity) = severity_id(severity);
        let Value::Object(mut event) = json!({
            "activity_id": activity_id,
            "activity_name": activity,
            "category_uid": 2,
            "category_name": "Findings",
            "class_uid": 2003,
            "class_name": "Compliance Finding",
            "type_uid": 200_300 + activity_id,
            "type_name": format!("Compliance Finding: {activity}"),
            "time": self.instant(&run.as_of),
            "severity_id": severity_id,
            "severity": severity,
            "metadata": {
                "version": "1.8.0",
                "product": { "name": "Tenure", "vendor_name": "Tenure", "version": run.tool_version },
                "tenant_uid": run.organization,
                "labels": [format!("snapshot:{}", run.snapshot), format!("bundle:{}", run.bundle)],
                "event_code": check,
            },
        }) else {
            return Map::new();
        };
        if let Some((id, word)) = state {
            event.insert("status_id".to_owned(), json!(id));
            event.insert("status".to_owned(), json!(word));
        }
        event
    }

    fn info(&self, id: &str, check: &str, message: Option<&str>, first_seen: Option<&str>) -> Value {
        let title = self.view.check(check).map_or(check, |check| check.title.as_str());
        let mut info = json!({
            "uid": id,
            "title": title,
            "last_seen_time": self.instant(&self.view.head.run.as_of),
        });
        set(&mut info, "desc", message);
        let first_seen = first_seen.and_then(|day| day.parse::<Date>().ok()).map(|day| self.zone.midnight(day));
        set(&mut info, "first_seen_time", first_seen.map(Timestamp::as_millisecond));
        info
    }

    fn compliance(&self, check: &str, outcome: Outcome, message: Option<&str>) -> Value {
        let declared = self.view.check(check);
        let (id, word) = status_id(outcome);
        let controls = declared.map(|check| check.controls.clone()).unwrap_or_default();
        let mut frameworks: Vec<&str> =
            controls.iter().filter_map(|control| Some(control.split_once(':')?.0)).collect();
        frameworks.sort_unstable();
        frameworks.dedup();
        let mut compliance = json!({
            "status_id": id,
            "status": word,
            "checks": [check_of(check, declared, id, word, &frameworks)],
        });
        set(&mut compliance, "control", controls.first());
        set(&mut compliance, "requirements", filled(&controls));
        set(&mut compliance, "standards", filled(&frameworks));
        set(&mut compliance, "status_details", message.map(|message| [message]));
        compliance
    }

    /// Milliseconds since 1970.
    fn instant(&self, text: &str) -> i64 {
        text.parse::<Timestamp>().map(|instant| instant.as_millisecond()).unwrap_or_default()
    }
}

fn check_of(id: &str, check: Option<&CheckSummary>, status_id: u64, status: &str, standards: &[&str]) -> Value {
    let severity = check.map(|check| severity_id(check.severity));
    let mut object = json!({
        "uid": id,
        "name": check.map_or(id, |check| check.title.as_str()),
        "status_id": status_id,
        "status": status,
        "severity_id": severity.map_or(0, |(id, _)| id),
        "severity": severity.map_or("Unknown", |(_, word)| word),
    });
    set(&mut object, "desc", check.and_then(|check| check.remediation.as_deref()));
    set(&mut object, "standards", filled(standards));
    object
}

/// Sets a field that has a value. OCSF leaves out a field without one: `null` is of no type.
fn set<T: Serialize>(object: &mut Value, name: &str, value: Option<T>) {
    if let (Some(value), Some(fields)) = (value, object.as_object_mut()) {
        fields.insert(name.to_owned(), json!(value));
    }
}

/// A list that is not empty.
fn filled<T>(list: &[T]) -> Option<&[T]> {
    Some(list).filter(|list| !list.is_empty())
}

/// A value without the fields that are null.
fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let fields = fields.into_iter().filter(|(_, value)| !value.is_null());
            Value::Object(fields.map(|(name, value)| (name, without_nulls(value))).collect())
        }
        Value::Array(list) => Value::Array(list.into_iter().map(without_nulls).collect()),
        value => value,
    }
}

fn resources(subject: &SubjectReport, entitlement: Option<&str>) -> Value {
    let name = subject.label.as_ref().unwrap_or(&subject.id);
    let mut resource =
        json!({ "uid": safe::terminal(&subject.id), "name": safe::terminal(name), "type": subject.kind });
    if let (Some(entitlement), Some(fields)) = (entitlement, resource.as_object_mut()) {
        fields.insert("role".to_owned(), json!(safe::terminal(entitlement)));
    }
    json!([resource])
}

fn severity_id(severity: Severity) -> (u64, &'static str) {
    match severity {
        Severity::Info => (1, "Informational"),
        Severity::Low => (2, "Low"),
        Severity::Medium => (3, "Medium"),
        Severity::High => (4, "High"),
        Severity::Critical => (5, "Critical"),
    }
}

fn status_id(outcome: Outcome) -> (u64, &'static str) {
    match outcome {
        Outcome::Pass => (1, "Pass"),
        Outcome::Unknown => (2, "Warning"),
        Outcome::Fail => (3, "Fail"),
        Outcome::Exempt => (99, "Exempt"),
        Outcome::NotApplicable => (99, "Not applicable"),
    }
}
