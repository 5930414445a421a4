//! The report as OSCAL 1.1.3 assessment results.
//!
//! A check is the objective of an OSCAL finding, satisfied only where something was judged and nothing is open; every
//! finding of Tenure's is an observation, so that what is unknown is seen and never satisfied; waivers and due days are
//! risks. Ids are UUIDs of version 5 over the organisation, both digests and the instant judged by.

use std::{
    borrow::Cow,
    cell::RefCell,
    collections::BTreeSet,
    io::{self, Write},
    iter::Peekable,
};

use serde::{Serialize, Serializer, ser::SerializeSeq};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    json::{self, Lazy},
    model::{CheckSummary, Counts, Finding},
    safe,
    view::View,
};

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
struct Result<'v, 'r, O, R> {
    uuid: String,
    title: String,
    description: String,
    start: String,
    reviewed_controls: Value,
    // Lists must not be empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    observations: Option<O>,
    #[serde(skip_serializing_if = "Option::is_none")]
    risks: Option<R>,
    #[serde(skip_serializing_if = "Option::is_none")]
    findings: Option<Objectives<'v, 'r>>,
}

/// Writes the report.
///
/// # Errors
/// Those of the writer.
pub fn write(view: &View<'_>, out: &mut dyn Write) -> io::Result<()> {
    let run = &view.head.run;
    let plan = id(view, "plan", "");
    let checks = &view.head.summary.checks;
    let result = Result {
        uuid: id(view, "result", ""),
        title: format!("Tenure as of {}", run.today),
        description: format!(
            "Judged by Tenure {} on the snapshot {} by the policies {}.",
            run.tool_version, run.snapshot, run.bundle
        ),
        start: run.as_of.clone(),
        reviewed_controls: reviewed(checks),
        observations: view
            .findings()
            .next()
            .map(|_| Lazy(|| view.findings().map(|finding| observation(view, &finding)))),
        risks: view
            .findings()
            .find_map(|finding| risk(view, &finding))
            .map(|_| Lazy(|| view.findings().filter_map(|finding| risk(view, &finding)))),
        findings: (!checks.is_empty()).then_some(Objectives { view }),
    };
    let assessment_results = Assessment {
        uuid: id(view, "assessment-results", ""),
        metadata: json!({
            "title": format!("People and access compliance of {}", safe::terminal(&run.organization_name)),
            "last-modified": run.as_of,
            "version": run.today,
            "oscal-version": "1.1.3",
        }),
        import_ap: json!({ "href": format!("#{plan}") }),
        results: [result],
        back_matter: json!({ "resources": [{
            "uuid": plan,
            "title": "The policies that were judged by",
            "description": format!("The bundle of policies with the digest {} is the assessment plan.", run.bundle),
        }] }),
    };
    json::write_value(&Document { assessment_results }, out)
}

/// An id that is the same for the same thing in the same run.
fn id(view: &View<'_>, kind: &str, key: &str) -> String {
    let run = &view.head.run;
    let name = [&run.organization, &run.snapshot, &run.bundle, &run.as_of, kind, key].join("\u{1f}");
    Uuid::new_v5(&NAMESPACE, name.as_bytes()).to_string()
}

/// The controls that the checks serve.
fn reviewed(checks: &[CheckSummary]) -> Value {
    let controls: BTreeSet<String> = checks.iter().flat_map(|check| &check.controls).map(|id| token(id)).collect();
    let selection = if controls.is_empty() {
        json!({ "include-all": {} })
    } else {
        let controls: Vec<Value> = controls.into_iter().map(|control| json!({ "control-id": control })).collect();
        json!({ "include-controls": controls })
    };
    json!({ "control-selections": [selection] })
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
        "subject-uuid": id(view, "subject", &format!("{} {}", subject.kind, subject.id)),
        "type": if subject.kind == "Person" { "party" } else { "component" },
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
            json!({ "description": safe::terminal(&text) })
        })
        .collect();
    if let (false, Some(fields)) = (evidence.is_empty(), observation.as_object_mut()) {
        fields.insert("relevant-evidence".to_owned(), json!(evidence));
    }
    observation
}

fn prop(name: &str, value: &str) -> Value {
    json!({ "name": name, "value": value })
}

/// What is accepted for a time, and what has a due day.
fn risk(view: &View<'_>, finding: &Finding) -> Option<Value> {
    if !finding.outcome.is_open() {
        return None;
    }
    let due = finding.clock.as_ref().and_then(|clock| clock.due.as_ref());
    let (status, deadline, statement) = match (&finding.waiver, due) {
        (Some(waiver), _) => {
            let statement = format!("{}: {} (approved by {})", waiver.id, waiver.reason, waiver.approved_by);
            ("deviation-approved", &waiver.expires, statement)
        }
        (None, Some(due)) => ("open", due, format!("To be resolved by {due}.")),
        (None, None) => return None,
    };
    Some(json!({
        "uuid": id(view, "risk", &finding.id),
        "title": safe::terminal(&format!("{}: {}", finding.check, finding.subject.id)),
        "description": safe::terminal(&finding.message),
        "statement": safe::terminal(&statement),
        "status": status,
        "deadline": format!("{deadline}T23:59:59Z"),
        "related-observations": [{ "observation-uuid": id(view, "observation", &finding.id) }],
    }))
}

type Findings<'r> = Peekable<Box<dyn Iterator<Item = Cow<'r, Finding>> + 'r>>;

/// The checks as findings, written one by one.
struct Objectives<'v, 'r> {
    view: &'v View<'r>,
}

impl Serialize for Objectives<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let view = self.view;
        // Findings come check by check, so that one pass over them serves all checks.
        let observations: RefCell<Findings<'_>> = RefCell::new(view.findings().peekable());
        let with_risk = view.findings().filter(|finding| risk(view, finding).is_some());
        let risks: RefCell<Findings<'_>> =
            RefCell::new((Box::new(with_risk) as Box<dyn Iterator<Item = _>>).peekable());
        let mut list = serializer.serialize_seq(Some(view.head.summary.checks.len()))?;
        for check in &view.head.summary.checks {
            let related = |findings, kind, key| Related { view, check: &check.check, findings, kind, key };
            list.serialize_element(&Objective {
                uuid: id(view, "finding", &check.check),
                title: safe::terminal(&check.title),
                description: safe::terminal(check.remediation.as_deref().unwrap_or(&check.title)),
                props: check.controls.iter().map(|control| prop("control", control)).collect(),
                target: target(check),
                related_observations: related(&observations, "observation", "observation-uuid"),
                related_risks: related(&risks, "risk", "risk-uuid"),
            })?;
        }
        list.end()
    }
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Objective<'c, 'r> {
    uuid: String,
    title: String,
    description: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    props: Vec<Value>,
    target: Value,
    #[serde(skip_serializing_if = "Related::is_empty")]
    related_observations: Related<'c, 'r>,
    #[serde(skip_serializing_if = "Related::is_empty")]
    related_risks: Related<'c, 'r>,
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

/// References to what belongs to the findings of a check, taken from where the pass over them stands.
struct Related<'c, 'r> {
    view: &'c View<'r>,
    check: &'c str,
    findings: &'c RefCell<Findings<'r>>,
    kind: &'static str,
    key: &'static str,
}

impl Related<'_, '_> {
    fn is_empty(&self) -> bool {
        self.findings.borrow_mut().peek().is_none_or(|finding| finding.check != self.check)
    }
}

impl Serialize for Related<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let next = || self.findings.borrow_mut().next_if(|finding| finding.check == self.check);
        let references =
            std::iter::from_fn(next).map(|finding| json!({ (self.key): id(self.view, self.kind, &finding.id) }));
        serializer.collect_seq(references)
    }
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
