//! Merge HRIS: `employees`, `employments`, `groups` and `sync-status` become staff.
//!
//! Merge keeps a copy of the HRIS that it makes anew from time to time; what it says is as old as its last sync. The
//! wire facts are those of Merge's OpenAPI description of `/hris/v1`.

mod people;

use jiff::Timestamp;
use serde_json::Value;

use super::{
    Format, Normalized, SourceIdentity, leavers,
    pages::{CollectionLayout, Envelope, Layout, Pages, RawRecord},
    record::{self, NotUnderstood},
};
use crate::{diagnostic::Diagnostic, json::KeyCase};

/// How its pages look.
pub const LAYOUT: Layout = Layout {
    collections: &[
        CollectionLayout::new(
            "employees",
            "id",
            &[
                "remote_id",
                "first_name",
                "last_name",
                "preferred_name",
                "employee_number",
                "work_email",
                "groups",
                "employments",
                "manager",
                "start_date",
                "employment_status",
                "termination_date",
                "remote_was_deleted",
                "modified_at",
            ],
        )
        .excluding("remote_was_deleted"),
        CollectionLayout::new(
            "employments",
            "id",
            &[
                "remote_id",
                "employee",
                "job_title",
                "effective_date",
                "employment_type",
                "remote_was_deleted",
                "modified_at",
            ],
        ),
        CollectionLayout::new("groups", "id", &["name", "type", "remote_was_deleted", "modified_at"]),
        CollectionLayout::new(
            "sync-status",
            "model_id",
            &["model_name", "status", "is_initial_sync", "last_sync_finished"],
        ),
    ],
    objects: &[],
    envelope: Envelope { next: Some("next"), previous: Some("previous"), ..Envelope::of("results") },
    // `page_size` is 100 at most; the default is not documented.
    page_limits: &[100],
    other_ids: &[],
    key_case: KeyCase::Sensitive,
};

/// Normalises raw pages.
///
/// # Errors
/// That there are no employees in the pages at all.
pub fn normalize(identity: &SourceIdentity, mut pages: Pages) -> Result<Normalized, Vec<Diagnostic>> {
    record::require(&pages, "employees", "Merge", &identity.endpoint)?;
    let synced = gate(&mut pages);
    reject_unusable(&mut pages);
    record::doubt_without_relation(&mut pages, "employments", "employee", |row| !people::is_deleted(row));

    record::doubt_people_of_unseen_rows(&mut pages, "employments", "employees");
    record::doubt_named_rows(&mut pages, "employments", "employees", |raw| !people::is_deleted(raw));
    let not_understood = NotUnderstood::new(&identity.zone);
    let mut staff = people::people(identity, &pages, &not_understood);
    staff.unlisted_rows.mark("employments", "employees", pages.collections.get_mut("employees"));
    let pulled_on = identity.zone.date(identity.pulled_at);
    leavers::weigh(&mut pages, "employees", "Merge", &mut staff.people, &identity.statements, pulled_on);
    let mut one = Normalized::of_pages(identity, Format::Merge, &mut pages);
    one.source.job_roles = Some("employments".to_owned());
    if let Some(synced) = synced {
        one.source.pulled_at = synced.min(identity.pulled_at);
    }
    one.exclude("employees", staff.deleted);
    one.people = Some(staff.people);
    one.not_given = staff.not_given;
    one.warnings.extend(staff.warnings);
    one.warnings.extend(not_understood.warnings(&identity.id));
    Ok(one)
}

/// Merge's names of the models that a collection is synced from.
const MODELS: [(&str, &str); 3] = [("Employee", "employees"), ("Employment", "employments"), ("Group", "groups")];

/// A collection counts as whole only where Merge says that its sync is done. Gives the oldest sync that the staff rest
/// on, since what Merge says is as old as that.
fn gate(pages: &mut Pages) -> Option<Timestamp> {
    let mut statuses = Vec::new();
    let mut unusable = None;
    match pages.collections.get("sync-status") {
        // Further files may hold more models, and a model without a status is not whole anyway.
        Some(list) if list.provided && list.reasons.is_empty() => statuses.clone_from(&list.records),
        Some(list) => unusable = Some(format!("the sync status is not known: {}", list.why())),
        None => unusable = Some("the sync status is not known".to_owned()),
    }
    let mut oldest: Option<Timestamp> = None;
    for (model, collection) in MODELS {
        let status = statuses.iter().find(|status| {
            let named = |key: &str| status.values.get(key).and_then(Value::as_str).unwrap_or_default();
            // `Employee`, or `hris.Employee`.
            [named("model_name"), &status.id].iter().any(|name| name.rsplit('.').next() == Some(model))
        });
        let reason = match (&unusable, status) {
            (Some(reason), _) => Some(reason.clone()),
            (None, None) => Some(format!("Merge says nothing of the sync of `{model}`")),
            (None, Some(status)) => {
                let text = |key: &str| status.values.get(key).and_then(Value::as_str).unwrap_or_default();
                let first = status.values.get("is_initial_sync") == Some(&Value::Bool(true));
                let finished = text("last_sync_finished").parse::<Timestamp>().ok();
                if let Some(finished) = finished {
                    oldest = Some(oldest.map_or(finished, |oldest| oldest.min(finished)));
                }
                match text("status") {
                    "DONE" if first => Some(format!("Merge's first sync of `{model}` is not over")),
                    "DONE" if finished.is_none() => Some(format!("Merge does not say when `{model}` was synced")),
                    "DONE" => None,
                    other => Some(format!("Merge's sync of `{model}` is {}", record::quoted(other))),
                }
            }
        };
        if let (Some(reason), Some(collection)) = (reason, pages.collections.get_mut(collection)) {
            collection.reasons.push(reason);
        }
    }
    oldest
}

/// Rejects employees without the HRIS's own id, who cannot be told apart from one link to the next, and those who may be
/// gone from the HRIS.
fn reject_unusable(pages: &mut Pages) {
    for (key, is_usable) in [
        ("remote_was_deleted", people::says_deleted as fn(&RawRecord) -> bool),
        ("remote_id", |raw| people::is_deleted(raw) || people::remote_id(raw).is_some()),
    ] {
        record::reject_records(pages, "employees", key, is_usable);
    }
}

#[cfg(test)]
mod tests;
