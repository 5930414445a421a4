//! What the findings of an OSCAL document refer to.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    ids::{subject_id, uuid},
    risks::acceptance,
};
use crate::report::{model::SubjectReport, safe, view::View};

/// What the findings refer to.
#[derive(Default)]
pub(super) struct References {
    /// Labels by type and id.
    subjects: BTreeMap<(String, String), Option<String>>,
    /// By check: its observations and its risks.
    pub(super) related: BTreeMap<String, (Vec<Uuid>, Vec<Uuid>)>,
}

impl References {
    pub(super) fn of(view: &View<'_>) -> Self {
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

    pub(super) fn is_empty(&self) -> bool {
        self.related.is_empty()
    }

    pub(super) fn has_risks(&self) -> bool {
        self.related.values().any(|(_, risks)| !risks.is_empty())
    }

    /// People, as parties.
    pub(super) fn parties(&self, view: &View<'_>) -> Vec<Value> {
        let people = self.subjects.iter().filter(|((kind, _), _)| is_party(kind));
        let parties = people.map(|((kind, id), label)| {
            json!({ "uuid": subject_id(view, kind, id), "type": "person", "name": name(label.as_deref(), id) })
        });
        parties.collect()
    }

    /// Accounts, systems and whatever else checks are asked of, as components.
    pub(super) fn components(&self, view: &View<'_>) -> Vec<Value> {
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

pub(super) fn is_party(kind: &str) -> bool {
    kind == "Person"
}

/// A name for people that is not blank.
pub(super) fn name(label: Option<&str>, id: &str) -> String {
    let label = label.map(|label| safe::terminal(label).trim().to_owned()).filter(|label| !label.is_empty());
    label.unwrap_or_else(|| safe::terminal(id).trim().to_owned())
}
