//! `waivers:` — time-bound, reasoned exceptions that are laid over findings.
//!
//! A malformed waiver is reported and not applied; it does not keep the rest from being evaluated, since that would
//! hide findings behind a typing error.

use std::collections::BTreeSet;

use cedar_policy::EntityUid;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_yaml::Value;

use crate::{
    diagnostic::{Code, Diagnostic, Location},
    model::{Mailbox, time},
    yaml::Document,
};

/// A file of waivers.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WaiversFile {
    /// The waivers.
    pub waivers: Vec<WaiverText>,
}

/// One waiver as written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WaiverText {
    /// Short id.
    pub id: String,
    /// The check whose finding is waived.
    pub check: String,
    /// The subject, such as `Account::"github/octo-old"`.
    pub subject: String,
    /// One entitlement only, such as `Entitlement::"github/admin"`; every one by default.
    pub entitlement: Option<String>,
    /// Why.
    pub reason: String,
    /// Who agreed: one e-mail address, or a name with one address in angle brackets.
    pub approved_by: String,
    /// The day it was agreed.
    #[schemars(schema_with = "time::date_schema")]
    pub created: Date,
    /// The last day it holds.
    #[schemars(schema_with = "time::date_schema")]
    pub expires: Date,
}

/// A well-formed waiver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiver {
    /// Short id.
    pub id: String,
    /// The check whose finding is waived.
    pub check: String,
    /// The subject's entity.
    pub subject: EntityUid,
    /// One entitlement only.
    pub entitlement: Option<EntityUid>,
    /// Why.
    pub reason: String,
    /// Who agreed, as written.
    pub approved_by: String,
    /// Who agreed.
    pub approver: Mailbox,
    /// The day it was agreed.
    pub created: Date,
    /// The last day it holds, to the end of that day in the organisation's zone.
    pub expires: Date,
    /// Where it stands.
    pub location: Location,
}

/// A waiver, or what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WaiverEntry {
    /// It can be applied.
    Wellformed(Box<Waiver>),
    /// It cannot.
    Malformed {
        /// Its id, or its path where it has none.
        id: String,
        /// Why not.
        reason: String,
        /// Where it stands.
        location: Location,
    },
}

impl WaiverEntry {
    /// The waiver, where it can be applied.
    #[must_use]
    pub fn wellformed(&self) -> Option<&Waiver> {
        match self {
            WaiverEntry::Wellformed(waiver) => Some(waiver),
            WaiverEntry::Malformed { .. } => None,
        }
    }
}

pub(super) fn read(document: &Document, waivers: &mut Vec<WaiverEntry>, problems: &mut Vec<Diagnostic>) {
    let mut ids: BTreeSet<String> = BTreeSet::new();
    for (path, value) in super::entries::items(document, "waivers", problems) {
        let id = value.get("id").and_then(Value::as_str).unwrap_or(&path).to_owned();
        let location = document.location(&path);
        let read = document.decode::<WaiverText>(&path, value).and_then(|text| {
            let wrong = |reason: String, key: &str| {
                let span = document.span(&format!("{path}.{key}"));
                Diagnostic::error(Code::MalformedWaiver, reason).at(&document.file, span)
            };
            if ids.contains(&text.id) {
                return Err(vec![wrong(format!("the id `{}` is used twice", text.id), "id")]);
            }
            waiver(text, location.clone()).map_err(|(key, reason)| vec![wrong(reason, key)])
        });
        ids.insert(id.clone());
        match read {
            Ok(waiver) => waivers.push(WaiverEntry::Wellformed(Box::new(waiver))),
            Err(found) => {
                let reasons: Vec<&str> = found.iter().map(|problem| problem.message.as_str()).collect();
                let reason = reasons.join("; ");
                problems.extend(found.into_iter().map(|problem| Diagnostic {
                    code: Code::MalformedWaiver,
                    level: crate::diagnostic::Level::Warning,
                    message: format!("the waiver `{id}` is malformed and not applied: {}", problem.message),
                    ..problem
                }));
                waivers.push(WaiverEntry::Malformed { id, reason, location });
            }
        }
    }
}

fn waiver(text: WaiverText, location: Location) -> Result<Waiver, (&'static str, String)> {
    let uid = |key: &'static str, text: &str| {
        text.parse::<EntityUid>()
            .map_err(|_| (key, format!("`{text}` is not an entity such as `Account::\"github/octo\"`")))
    };
    for (key, value) in [("reason", &text.reason), ("approved_by", &text.approved_by), ("id", &text.id)] {
        if value.trim().is_empty() {
            return Err((key, format!("`{key}` is empty")));
        }
    }
    if text.expires < text.created {
        return Err(("expires", format!("it expires on {}, before it was created", text.expires)));
    }
    let approver = Mailbox::parse(&text.approved_by).map_err(|error| {
        let form = "write one address, or a name with one address as in `Ann Ames <ann@example.com>`";
        ("approved_by", format!("`{}` {error}; {form}", text.approved_by))
    })?;
    Ok(Waiver {
        subject: uid("subject", &text.subject)?,
        entitlement: text.entitlement.as_deref().map(|text| uid("entitlement", text)).transpose()?,
        id: text.id,
        check: text.check,
        reason: text.reason,
        approved_by: text.approved_by,
        approver,
        created: text.created,
        expires: text.expires,
        location,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::SourceFile;

    #[test]
    fn malformed_waivers_are_reported_one_by_one_and_the_others_stand() {
        let good = "  - { id: W-1, check: c, subject: 'Person::\"p\"', reason: r, approved_by: a@x.example, created: 2026-01-01, expires: 2026-02-01 }\n";
        let text = format!(
            "waivers:\n{good}{}{}{}{}",
            good.replace("2026-02-01", "2026-02-30").replace("W-1", "W-2"),
            good.replace("Person::", "").replace("W-1", "W-3"),
            good.replace("reason: r, ", "").replace("W-1", "W-4"),
            good.replace("a@x.example", "'a@x.example, b@x.example'").replace("W-1", "W-5") + good
        );
        let document = Document::parse(&SourceFile::new("w.yaml", text)).unwrap();
        let (mut waivers, mut problems) = (Vec::new(), Vec::new());
        read(&document, &mut waivers, &mut problems);
        let malformed: Vec<&str> = waivers
            .iter()
            .filter_map(|entry| match entry {
                WaiverEntry::Malformed { id, .. } => Some(id.as_str()),
                WaiverEntry::Wellformed(_) => None,
            })
            .collect();
        assert_eq!(malformed, ["W-2", "W-3", "W-4", "W-5", "W-1"]);
        assert_eq!(problems.len(), 5);
        assert_eq!(problems[1].position().as_deref(), Some("w.yaml:4:35"));
        let approver = problems[3].message.as_str();
        assert!(approver.contains("`a@x.example, b@x.example` is not one address"), "{approver}");
    }
}
