//! The report as OSCAL 1.2.2 assessment results.
//!
//! A check is the objective of an OSCAL finding, satisfied only where something was judged and nothing is open; every
//! finding of Tenure's is an observation, so that what is unknown is seen and never satisfied; waivers and due days are
//! risks. Every reference leads somewhere: subjects are declared, and the checks are embedded. Ids are UUIDs of version 5
//! over the organisation, both digests and the instant judged by; those of subjects over the organisation alone.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{self, Write},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::{Timestamp, ToSpan, civil::Date};
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    json::{self, Lazy},
    model::{CheckSummary, Counts, Finding, SubjectReport},
    safe,
    sarif::uri,
    view::View,
};
use crate::model::time::Zone;

/// The namespace of properties that are not OSCAL's own.
const NS: &str = "urn:tenure:oscal";

/// The namespace of the ids; a constant of this crate, never to be changed.
const NAMESPACE: Uuid = Uuid::from_u128(0x6c1d_0f6a_83e2_5d37_a4b1_5b2f_0e9c_7a44);

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Document<A> {
    assessment_results: A,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Assessment<R> {
    uuid: String,
    metadata: Value,
    import_ap: Value,
    results: [R; 1],
    back_matter: Value,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Result<O, R> {
    uuid: String,
    title: String,
    description: String,
    start: String,
    // Lists must not be empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    local_definitions: Option<Value>,
    reviewed_controls: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    observations: Option<O>,
    #[serde(skip_serializing_if = "Option::is_none")]
    risks: Option<R>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    findings: Vec<Value>,
}

/// What the findings refer to.
#[derive(Default)]
struct References {
    /// Labels by type and id.
    subjects: BTreeMap<(String, String), Option<String>>,
    /// By check: its observations and its risks.
    related: BTreeMap<String, (Vec<Uuid>, Vec<Uuid>)>,
}

impl References {
    fn of(view: &View<'_>) -> Self {
        let mut references = References::default();
        for finding in view.findings() {
            let SubjectReport { kind, id: subject, label } = &finding.subject;
            references.subjects.entry((kind.clone(), subject.clone())).or_insert_with(|| label.clone());
            let (observations, risks) = references.related.entry(finding.check.clone()).or_default();
            observations.push(uuid(view, "observation", &finding.id));
            risks.extend(acceptance(&finding).map(|_| uuid(view, "risk", &finding.id)));
        }
        references
    }

    fn is_empty(&self) -> bool {
        self.related.is_empty()
    }

    fn has_risks(&self) -> bool {
        self.related.values().any(|(_, risks)| !risks.is_empty())
    }

    /// People, as parties.
    fn parties(&self, view: &View<'_>) -> Vec<Value> {
        let people = self.subjects.iter().filter(|((kind, _), _)| is_party(kind));
        let parties = people.map(|((kind, id), label)| {
            json!({ "uuid": subject_id(view, kind, id), "type": "person", "name": name(label.as_deref(), id) })
        });
        parties.collect()
    }

    /// Accounts, systems and whatever else checks are asked of, as components.
    fn components(&self, view: &View<'_>) -> Vec<Value> {
        let things = self.subjects.iter().filter(|((kind, _), _)| !is_party(kind));
        let components = things.map(|((kind, id), label)| {
            json!({
                "uuid": subject_id(view, kind, id),
                "type": kind.to_lowercase(),
                "title": safe::terminal(id),
                "description": name(label.as_deref(), id),
                "status": { "state": "other", "remarks": "Tenure judges who has access, not how a system runs." },
            })
        });
        components.collect()
    }
}

fn is_party(kind: &str) -> bool {
    kind == "Person"
}

/// A name for people that is not blank.
fn name(label: Option<&str>, id: &str) -> String {
    let label = label.map(|label| safe::terminal(label).trim().to_owned()).filter(|label| !label.is_empty());
    label.unwrap_or_else(|| safe::terminal(id).trim().to_owned())
}

/// Writes the report.
///
/// # Errors
/// Those of the writer, and an unknown time zone.
pub fn write(view: &View<'_>, out: &mut dyn Write) -> io::Result<()> {
    let zone = view.zone()?;
    let run = &view.head.run;
    let plan = id(view, "plan", "");
    let checks = &view.head.summary.checks;
    let references = References::of(view);
    let components = references.components(view);
    let filter =
        view.head.filter.as_ref().map(|filter| format!(" Observations: {}.", safe::terminal(&filter.listing())));
    let result = Result {
        uuid: id(view, "result", ""),
        title: format!("Tenure as of {}", run.today),
        description: format!(
            "Judged by Tenure {} on the snapshot {} by the policies {}.{}",
            run.tool_version,
            run.snapshot,
            run.bundle,
            filter.unwrap_or_default()
        ),
        start: run.as_of.clone(),
        local_definitions: (!components.is_empty()).then(|| json!({ "components": components })),
        reviewed_controls: reviewed(checks),
        observations: (!references.is_empty())
            .then_some(Lazy(|| view.findings().map(|finding| observation(view, &finding)))),
        risks: references
            .has_risks()
            .then_some(Lazy(|| view.findings().filter_map(|finding| risk(view, &zone, &finding)))),
        findings: checks.iter().map(|check| objective(view, check, &references)).collect(),
    };
    let mut metadata = json!({
        "title": format!("People and access compliance of {}", safe::terminal(&run.organization_name)),
        "last-modified": run.as_of,
        "version": run.today,
        "oscal-version": "1.2.2",
    });
    let parties = references.parties(view);
    if let (false, Some(fields)) = (parties.is_empty(), metadata.as_object_mut()) {
        fields.insert("parties".to_owned(), json!(parties));
    }
    let assessment_results = Assessment {
        uuid: id(view, "assessment-results", ""),
        metadata,
        import_ap: json!({ "href": format!("#{plan}") }),
        results: [result],
        back_matter: json!({ "resources": [policies(view, &plan)] }),
    };
    json::write_value(&Document { assessment_results }, out)
}

/// The policies as a resource: what they ask is embedded, and their folder is linked where it has a place.
fn policies(view: &View<'_>, plan: &str) -> Value {
    let run = &view.head.run;
    let asked = |check: &CheckSummary| {
        json!({
            "check": check.check, "title": check.title, "severity": check.severity, "controls": check.controls,
            "file": check.file, "line": check.line,
        })
    };
    let checks: Vec<Value> = view.head.summary.checks.iter().map(asked).collect();
    let embedded = json!({ "bundle": run.bundle, "checks": checks }).to_string();
    let mut resource = json!({
        "uuid": plan,
        "title": "The policies that were judged by",
        "description": format!("The bundle of policies with the digest {} is the assessment plan.", run.bundle),
        "base64": {
            "filename": "checks.json",
            "media-type": "application/json",
            "value": STANDARD.encode(embedded),
        },
    });
    if let (Some(_), Some(fields)) = (view.policies, resource.as_object_mut()) {
        fields.insert("rlinks".to_owned(), json!([{ "href": uri(&view.path("")) }]));
    }
    resource
}

/// An id that is the same for the same thing in the same run.
fn uuid(view: &View<'_>, kind: &str, key: &str) -> Uuid {
    let run = &view.head.run;
    let name = [&run.organization, &run.snapshot, &run.bundle, &run.as_of, kind, key].join("\u{1f}");
    Uuid::new_v5(&NAMESPACE, name.as_bytes())
}

fn id(view: &View<'_>, kind: &str, key: &str) -> String {
    uuid(view, kind, key).to_string()
}

/// The id of a subject, the same in every run.
fn subject_id(view: &View<'_>, kind: &str, id: &str) -> String {
    let name = [&view.head.run.organization, "subject", kind, id].join("\u{1f}");
    Uuid::new_v5(&NAMESPACE, name.as_bytes()).to_string()
}

/// The controls that the checks serve, a selection for each catalogue. Checks without controls claim no coverage.
fn reviewed(checks: &[CheckSummary]) -> Value {
    let mut catalogues: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for control in checks.iter().flat_map(|check| &check.controls) {
        let catalogue = control.split_once(':').map_or("unnamed", |(catalogue, _)| catalogue);
        catalogues.entry(catalogue).or_default().insert(token(control));
    }
    let selection = |(catalogue, controls): (&str, BTreeSet<String>)| {
        let controls: Vec<Value> = controls.into_iter().map(|control| json!({ "control-id": control })).collect();
        json!({
            "description": format!("Controls of {}", safe::terminal(catalogue)),
            "props": [prop("catalog", &safe::terminal(catalogue))],
            "include-controls": controls,
        })
    };
    let mut selections: Vec<Value> = catalogues.into_iter().map(selection).collect();
    if selections.is_empty() {
        selections.push(json!({ "description": "No check names a control.", "props": [prop("catalog", "none")] }));
    }
    json!({ "control-selections": selections })
}

/// The id as a token of OSCAL's: letters, digits, `.`, `-` and `_`, beginning with a letter. `HIPAA:164.308(a)(3)` becomes
/// `HIPAA_164.308_a_3`.
fn token(id: &str) -> String {
    let mut token = String::with_capacity(id.len());
    for letter in id.chars() {
        let letter = if letter.is_alphanumeric() || matches!(letter, '.' | '-') { letter } else { '_' };
        if letter != '_' || !token.ends_with('_') {
            token.push(letter);
        }
    }
    let token = token.trim_end_matches('_');
    if token.starts_with(|letter: char| letter.is_alphabetic() || letter == '_') {
        token.to_owned()
    } else {
        format!("_{token}")
    }
}

fn observation(view: &View<'_>, finding: &Finding) -> Value {
    let subject = &finding.subject;
    let name = finding.entitlement.as_ref().map_or(subject.id.clone(), |held| format!("{} {held}", subject.id));
    let mut described = vec![finding.message.clone()];
    described.extend(finding.advice.as_ref().map(|advice| advice.text.clone()));
    let mut about = json!({
        "subject-uuid": subject_id(view, &subject.kind, &subject.id),
        "type": if is_party(&subject.kind) { "party" } else { "component" },
        "title": safe::terminal(&name),
    });
    if let (Some(label), Some(fields)) = (&subject.label, about.as_object_mut()) {
        fields.insert("remarks".to_owned(), json!(safe::terminal(label)));
    }
    let mut props = vec![prop("check", &finding.check), prop("outcome", finding.outcome.word())];
    props.push(prop("severity", finding.severity.word()));
    props.extend(finding.baseline.as_ref().map(|note| prop("baseline", note.status.word())));
    props.extend(finding.clock.as_ref().and_then(|clock| clock.state).map(|state| prop("clock", state.word())));
    let mut observation = json!({
        "uuid": id(view, "observation", &finding.id),
        "title": safe::terminal(&name),
        "description": safe::terminal(&described.join(" ")),
        "props": props,
        "methods": ["TEST"],
        "types": ["finding"],
        "subjects": [about],
        "collected": view.head.run.collected_at,
    });
    let evidence: Vec<Value> = finding
        .reasons
        .iter()
        .map(|reason| {
            let text = format!("rule {} at {}:{}", reason.rule, view.path(&reason.file), reason.line);
            let href = match view.policies {
                Some(_) => format!("{}#L{}", uri(&view.path(&reason.file)), reason.line),
                None => format!("#{}", id(view, "plan", "")),
            };
            json!({ "href": href, "description": safe::terminal(&text) })
        })
        .collect();
    if let (false, Some(fields)) = (evidence.is_empty(), observation.as_object_mut()) {
        fields.insert("relevant-evidence".to_owned(), json!(evidence));
    }
    observation
}

fn prop(name: &str, value: &str) -> Value {
    json!({ "name": name, "ns": NS, "value": value })
}

/// Status, last day and statement of what is accepted for a time or has a due day.
fn acceptance(finding: &Finding) -> Option<(&'static str, &str, String)> {
    if !finding.outcome.is_open() {
        return None;
    }
    let due = finding.clock.as_ref().and_then(|clock| clock.due.as_ref());
    match (&finding.waiver, due) {
        (Some(waiver), _) => {
            let statement = format!("{}: {} (approved by {})", waiver.id, waiver.reason, waiver.approved_by);
            Some(("deviation-approved", &waiver.expires, statement))
        }
        (None, Some(due)) => Some(("open", due, format!("To be resolved by {due}."))),
        (None, None) => None,
    }
}

/// The risk of a finding that is accepted for a time or has a due day.
fn risk(view: &View<'_>, zone: &Zone, finding: &Finding) -> Option<Value> {
    let (status, deadline, statement) = acceptance(finding)?;
    Some(json!({
        "uuid": id(view, "risk", &finding.id),
        "title": safe::terminal(&format!("{}: {}", finding.check, finding.subject.id)),
        "description": safe::terminal(&finding.message),
        "statement": safe::terminal(&statement),
        "status": status,
        "deadline": end_of(zone, deadline),
        "related-observations": [{ "observation-uuid": id(view, "observation", &finding.id) }],
    }))
}

/// The last second of a day in the organisation's time zone; of the last day that there is, in UTC.
fn end_of(zone: &Zone, day: &str) -> String {
    let next = day.parse::<Date>().and_then(|day| day.checked_add(1.day()));
    let end = next.and_then(|next| zone.midnight(next).checked_sub(1.second()));
    end.as_ref().map_or_else(|_| format!("{day}T23:59:59Z"), Timestamp::to_string)
}

/// A check as an OSCAL finding.
fn objective(view: &View<'_>, check: &CheckSummary, references: &References) -> Value {
    let mut objective = json!({
        "uuid": id(view, "finding", &check.check),
        "title": safe::terminal(&check.title),
        "description": safe::terminal(check.remediation.as_deref().unwrap_or(&check.title)),
        "target": target(check),
    });
    let Some(fields) = objective.as_object_mut() else { return objective };
    let mut set = |name: &str, list: Vec<Value>| {
        if !list.is_empty() {
            fields.insert(name.to_owned(), Value::Array(list));
        }
    };
    set("props", check.controls.iter().map(|control| prop("control", control)).collect());
    if let Some((observations, risks)) = references.related.get(&check.check) {
        set(
            "related-observations",
            observations.iter().map(|id| json!({ "observation-uuid": id.to_string() })).collect(),
        );
        set("related-risks", risks.iter().map(|id| json!({ "risk-uuid": id.to_string() })).collect());
    }
    objective
}

fn target(check: &CheckSummary) -> Value {
    let Counts { pass, fail, unknown, exempt, .. } = check.counts;
    let (state, reason) = match (fail, unknown, pass + exempt) {
        (0, 0, 1..) => ("satisfied", "pass"),
        (0, ..) => ("not-satisfied", "other"),
        _ => ("not-satisfied", "fail"),
    };
    json!({
        "type": "objective-id",
        "target-id": token(&check.check),
        "title": safe::terminal(&check.title),
        "status": { "state": state, "reason": reason },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_controls_become_tokens() {
        assert_eq!(token("HIPAA:164.308(a)(3)(ii)(A)"), "HIPAA_164.308_a_3_ii_A");
        assert_eq!(token("SOC2:CC6.1"), "SOC2_CC6.1");
        assert_eq!(token("8.2.5"), "_8.2.5");
    }

    #[test]
    fn nothing_judged_is_not_satisfied() {
        let counts = |pass, fail, unknown| Counts { pass, fail, unknown, ..Counts::default() };
        let state = |counts| {
            let check: CheckSummary = serde_json::from_value(json!({
                "check": "c", "title": "C", "severity": "low", "controls": [], "counts": counts
            }))
            .unwrap();
            let target = target(&check);
            (target["status"]["state"].clone(), target["status"]["reason"].clone())
        };
        assert_eq!(state(counts(1, 0, 0)), (json!("satisfied"), json!("pass")));
        assert_eq!(state(counts(9, 0, 1)), (json!("not-satisfied"), json!("other")));
        assert_eq!(state(counts(9, 1, 1)), (json!("not-satisfied"), json!("fail")));
        assert_eq!(state(counts(0, 0, 0)), (json!("not-satisfied"), json!("other")));
    }
}
