//! Access requests as JSON: a list of objects with the keys `id`, `person`, `system`, `levels`, `status`, `created`
//! and `expires`. `levels` is a list, or a text separated by `;`.

use serde_json::Value;

use super::{
    Format, Normalized, SourceIdentity,
    pages::{CollectionLayout, Envelope, Layout, Pages, RawRecord},
    record::{self, Fields, NotUnderstood},
    table,
};
use crate::{
    diagnostic::Diagnostic,
    json::KeyCase,
    model::{AccessRequest, AccessRequestStatus, slug, snapshot::Unknown},
};

/// How its pages look.
pub const LAYOUT: Layout = Layout {
    collections: &[CollectionLayout::new(
        "access-requests",
        "id",
        &["person", "system", "levels", "status", "created", "expires"],
    )
    .sets(&["levels"])],
    objects: &[],
    envelope: Envelope::of("access_requests"),
    page_limits: &[],
    other_ids: &[],
    key_case: KeyCase::Sensitive,
};

/// Normalises one list of access requests.
///
/// # Errors
/// That there are no requests in the pages at all.
pub fn normalize(identity: &SourceIdentity, mut pages: Pages) -> Result<Normalized, Vec<Diagnostic>> {
    record::require(&pages, "access-requests", "", &identity.endpoint)?;
    let not_understood = NotUnderstood::new(&identity.zone);
    // A request that names no system could be for any of them.
    record::reject_unless(&mut pages, "access-requests", "system", |system| !slug(system).is_empty());
    let records = pages.collections.get("access-requests").into_iter().flat_map(|list| &list.records);
    let access_requests = records.map(|raw| request(identity, raw, &not_understood)).collect();
    let mut one = Normalized::of_pages(identity, Format::AccessRequestsJson, &mut pages);
    one.access_requests = access_requests;
    one.warnings.extend(not_understood.warnings(&identity.id));
    Ok(one)
}

fn request(identity: &SourceIdentity, raw: &RawRecord, not_understood: &NotUnderstood) -> AccessRequest {
    let mut fields = Fields::new("access-requests", &raw.id, &raw.values, not_understood);
    let system = raw.values.get("system").and_then(Value::as_str).unwrap_or_default();
    let mut request = AccessRequest {
        id: raw.id.clone(),
        source: identity.id.clone(),
        person: fields.text("person", "person"),
        system: slug(system),
        levels: Vec::new(),
        status: fields.word("status", "status", |word| AccessRequestStatus::from_word(&slug(word))),
        created: fields.date("created", "created"),
        expires: fields.date("expires", "expires"),
        unknown: Unknown::new(),
    };
    match levels(raw.values.get("levels")) {
        Ok(levels) => request.levels = levels,
        // What is asked for is unknown, so whether it was granted is unknown.
        Err(reason) => {
            let reason = fields.not_understood("levels", &reason);
            request.status = fields.unknown("status", format!("what is asked for is unknown: {reason}"));
        }
    }
    request.unknown = fields.into_unknown();
    request
}

fn levels(value: Option<&Value>) -> Result<Vec<String>, String> {
    match value {
        None => Err("it is missing".to_owned()),
        Some(Value::Null) => Ok(Vec::new()),
        Some(Value::String(text)) => table::level_names(text),
        Some(Value::Array(levels)) => {
            let mut slugs = Vec::new();
            for level in levels {
                let level = level.as_str().ok_or_else(|| "one of them is not a text".to_owned())?;
                slugs.extend(table::level_names(level)?);
            }
            slugs.sort();
            slugs.dedup();
            Ok(slugs)
        }
        Some(_) => Err("a list or a text is expected".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{files::RawFile, ingest::pages};

    fn identity() -> SourceIdentity {
        SourceIdentity {
            id: "tickets".into(),
            system: String::new(),
            endpoint: "raw".into(),
            pulled_at: "2026-11-20T09:00:00Z".parse().unwrap(),
            levels: Vec::new(),
            statements: Default::default(),
            zone: crate::model::Zone::utc(),
        }
    }

    #[test]
    fn levels_that_are_not_given_leave_the_status_unknown() {
        let requests = json!([
            { "id": "T-1", "person": "p1", "system": "github", "status": "approved" },
            { "id": "T-2", "person": "p1", "system": "github", "status": "approved", "levels": [] },
        ]);
        let file = RawFile::new("access-requests.json", requests.to_string());
        let all = normalize(&identity(), pages::sort(&[file], &LAYOUT).unwrap()).unwrap();
        let [one, two] = all.access_requests.as_slice() else { panic!("{:?}", all.access_requests) };
        assert!(one.status.is_unknown() && one.unknown["status"].contains("levels"), "{one:?}");
        assert!(!two.status.is_unknown());
    }

    #[test]
    fn a_request_without_a_system_is_rejected() {
        for system in [json!(""), json!(" "), json!("***"), json!(null), json!(5), json!(["github"])] {
            let requests = json!([
                { "id": "T-1", "person": "p1", "system": system, "status": "approved", "levels": [] },
                { "id": "T-2", "person": "p1", "system": "github", "status": "approved", "levels": [] },
            ]);
            let file = RawFile::new("access-requests.json", requests.to_string());
            let all = normalize(&identity(), pages::sort(&[file], &LAYOUT).unwrap()).unwrap();
            let list = &all.source.collections[0];
            assert_eq!((all.access_requests.len(), list.complete, list.rejected.len()), (1, false, 1), "{system}");
        }
    }
}
