//! Humaans: `people`, `job-roles`, `roles`, `role-members`, `companies` and `token-info` become staff, and the accounts
//! of the system that Humaans itself is.
//!
//! The wire facts (field names, envelopes, scopes) are those of the Humaans REST API, `https://app.humaans.io/api`.

mod accounts;
mod people;
mod token;

use serde_json::Value;

use super::{
    Normalized, SourceIdentity,
    pages::{CollectionLayout, Envelope, Layout, Pages},
    record::{self, NotUnderstood},
};
use crate::{
    diagnostic::{Code, Diagnostic},
    json::KeyCase,
    model::{AccountList, Source, System},
};

/// How its pages look.
pub const LAYOUT: Layout = Layout {
    collections: &[
        CollectionLayout::new(
            "people",
            "id",
            &[
                "firstName",
                "lastName",
                "preferredName",
                "email",
                "employeeId",
                "status",
                "contractType",
                "role",
                "employmentStartDate",
                "employmentEndDate",
                "lastWorkingDay",
                "directReports",
                "demo",
                "updatedAt",
            ],
        )
        .excluding("demo"),
        CollectionLayout::new(
            "job-roles",
            "id",
            &["personId", "jobTitle", "department", "reportingTo", "effectiveDate", "endDate", "updatedAt"],
        ),
        CollectionLayout::new("roles", "id", &["name", "updatedAt"]),
        CollectionLayout::new("role-members", "id", &["personId", "roleId", "updatedAt"]),
        CollectionLayout::new("companies", "id", &["name", "updatedAt"]),
    ],
    objects: &[("token-info", &["scopes", "personId"])],
    envelope: Envelope { total: Some("total"), start: Some(("skip", 0)), ..Envelope::of("data") },
    // `$limit` is 100 by default and 250 at most.
    page_limits: &[100, 250],
    other_ids: &[],
    key_case: KeyCase::Sensitive,
};

/// Normalises raw pages.
///
/// # Errors
/// Every file that is not a page, or that there are no people in the files at all.
pub fn normalize(identity: &SourceIdentity, mut pages: Pages) -> Result<Normalized, Vec<Diagnostic>> {
    if !pages.collections.get("people").is_some_and(|people| people.provided) {
        let message = format!("`{}` holds no pages of Humaans `people`", identity.endpoint);
        let help = "name a directory that holds `people.json` (or `people-1.json` …), `job-roles.json` and so on";
        return Err(vec![Diagnostic::error(Code::NoPeople, message).in_file(&identity.endpoint).help(help)]);
    }
    let mut warnings = std::mem::take(&mut pages.warnings);
    let token_scopes = scopes(&pages);
    token::weigh(&mut pages, token_scopes.as_deref(), &identity.statements, &mut warnings);
    record::reject_without(&mut pages, "job-roles", "personId");
    record::reject_without(&mut pages, "role-members", "personId");
    for rows in ["job-roles", "role-members"] {
        record::doubt_people_of_unseen_rows(&mut pages, rows, "people");
    }
    // A row that names no role names a person all the same.
    let unlisted = accounts::unlisted(&pages);
    record::reject_without(&mut pages, "role-members", "roleId");

    accounts::doubt_unheld_roles(&mut pages);
    unlisted.rows.mark("role-members", "people", pages.collections.get_mut("people"));

    let not_understood = NotUnderstood::new(&identity.zone);
    let own_roles = accounts::own_roles(&pages, &not_understood);
    let staff = people::people(identity, &mut pages, &not_understood);
    warnings.extend(staff.warnings);
    let accounts = accounts::accounts(identity, &pages, &own_roles, &staff.people, &unlisted);
    warnings.extend(not_understood.warnings(&identity.id));

    let mut system = System::new(&identity.system, &identity.id, "people");
    // A role names its holder even if `people` does not, so accounts may be missing with the rows that are.
    if pages.collections.get("role-members").is_some_and(|members| !members.complete()) {
        let collection = "role-members".to_owned();
        system.further.push(AccountList { source: identity.id.clone(), collection });
    }
    let mut collections = Vec::new();
    for (name, collection) in &pages.collections {
        let excluded = if *name == "people" { staff.excluded } else { 0 };
        collections.push(collection.describe(name, excluded));
        // The company only names the organisation; nothing is lost without it.
        if !collection.complete() && *name != "companies" {
            let reason = collection.why();
            let message = format!("{}: the collection `{name}` is incomplete: {reason}", identity.id);
            warnings.push(
                Diagnostic::warning(Code::IncompleteCollection, message)
                    .help("what depends on it is unknown; export or pull it again"),
            );
        }
    }
    Ok(Normalized {
        source: Source {
            id: identity.id.clone(),
            kind: "humaans".to_owned(),
            endpoint: identity.endpoint.clone(),
            pulled_at: identity.pulled_at,
            pulled_at_assumed: false,
            token_scopes,
            staff: Some("people".to_owned()),
            job_roles: Some("job-roles".to_owned()),
            collections,
        },
        organization_name: company(&pages),
        people: Some(staff.people),
        not_given: staff.not_given,
        systems: vec![system],
        accounts,
        access_requests: Vec::new(),
        realm: None,
        joined_facts: None,
        warnings,
    })
}

/// `token-info.scopes`; none where an answer is here that names no scopes, such as an error.
fn scopes(pages: &Pages) -> Option<Vec<String>> {
    let scopes = pages.objects.get("token-info")?.get("scopes").and_then(Value::as_array);
    let mut scopes: Vec<String> = scopes.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
    scopes.sort();
    Some(scopes)
}

/// The organisation's name, where there is just one company.
fn company(pages: &Pages) -> Option<String> {
    let companies = &pages.collections.get("companies")?.records;
    match companies.as_slice() {
        [one] => one.values.get("name").and_then(Value::as_str).map(str::to_owned),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
