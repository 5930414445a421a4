//! The report as OSCAL 1.2.2 assessment results.
//!
//! A check is the objective of an OSCAL finding, satisfied only where something was judged and nothing is open; every
//! finding of Tenure's is an observation, so that what is unknown is seen and never satisfied; waivers and due days are
//! risks. Every reference leads somewhere: subjects are declared, and the checks are embedded. Ids are UUIDs of version 5
//! over the organisation, both digests and the instant judged by; those of subjects over the organisation alone.

mod ids;
mod references;
mod risks;

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{self, Write},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Serialize;
use serde_json::{Value, json};

use self::{
    ids::{id, subject_id},
    references::{References, is_party},
    risks::risk,
};
use super::{
    json::{self, Lazy},
    model::{CheckSummary, Counts, Finding},
    safe,
    sarif::uri,
    view::View,
};

/// The namespace of properties that are not OSCAL's own.
const NS: &str = "urn:tenure:oscal";

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
