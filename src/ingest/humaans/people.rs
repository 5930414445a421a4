//! `/people` and `/job-roles` → staff.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::{
    diagnostic::Diagnostic,
    ingest::{
        SourceIdentity,
        leavers::UnlistedRows,
        pages::{Pages, RawCollection, RawRecord},
        record::{self, Fields, NotUnderstood},
    },
    model::{EmploymentStatus, Fact, JobRole, Person},
};

/// Staff, and how many records were demonstration data.
pub(super) struct Staff {
    pub(super) people: Vec<Person>,
    pub(super) excluded: usize,
    pub(super) warnings: Vec<Diagnostic>,
}

/// Takes the raw people and job roles out of the pages, which are the most of them.
pub(super) fn people(identity: &SourceIdentity, pages: &mut Pages, not_understood: &NotUnderstood) -> Staff {
    let take = |collection: Option<&mut RawCollection>| collection.map(|list| std::mem::take(&mut list.records));
    let records = take(pages.collections.get_mut("people")).unwrap_or_default();
    let mut warnings = Vec::new();
    let managers = listed_managers(&records, &mut warnings);
    let rows = take(pages.collections.get_mut("job-roles")).unwrap_or_default();
    let empty = RawCollection::default();
    let collection = pages.collections.get("job-roles").unwrap_or(&empty);
    let mut job_roles = JobRoles::new(collection, rows, not_understood);

    let mut people = Vec::with_capacity(records.len());
    let mut excluded = 0;
    for raw in records {
        let rows = job_roles.take(&raw.id);
        if is_demonstration(&raw) {
            excluded += 1;
            continue;
        }
        let mut fields = Fields::new("people", &raw.id, &raw.values, not_understood);
        let status = fields.word("status", "status", status);
        let start_date = fields.date("start_date", "employmentStartDate");
        let keys = ["employmentEndDate", "employmentStartDate"];
        let mut person = Person {
            id: raw.id.clone(),
            source: identity.id.clone(),
            name: record::name(&mut fields, &raw.values, ["preferredName", "firstName", "lastName"]),
            employee_number: fields.identifier("employee_number", "employeeId"),
            work_email: fields.address("work_email", "email"),
            end_date: record::end_date(&mut fields, keys, &status, &start_date, identity.pulled_at),
            status,
            start_date,
            last_working_day: fields.date("last_working_day", "lastWorkingDay"),
            job_roles: match rows {
                Ok(rows) => Fact::Known(rows),
                Err(reason) => fields.unknown("job_roles", reason),
            },
            listed_manager: managers.get(raw.id.as_str()).cloned(),
            supplied: BTreeMap::new(),
            unknown: BTreeMap::new(),
        };
        person.unknown = fields.into_unknown();
        people.push(person);
    }
    job_roles.left_over().mark("job-roles", "people", pages.collections.get_mut("people"));
    Staff { people, excluded, warnings }
}

/// `demo: true` marks the vendor's sample people.
fn is_demonstration(raw: &RawRecord) -> bool {
    raw.values.get("demo") == Some(&Value::Bool(true))
}

/// Humaans' words for the employment status; clients spell the second one both ways.
pub(super) fn status(word: &str) -> Option<EmploymentStatus> {
    match word {
        "active" => Some(EmploymentStatus::Active),
        "newHire" | "new_hire" => Some(EmploymentStatus::NewHire),
        "offboarded" => Some(EmploymentStatus::Offboarded),
        _ => None,
    }
}

/// Person → the one person whose `directReports` name them.
fn listed_managers(records: &[RawRecord], warnings: &mut Vec<Diagnostic>) -> BTreeMap<String, String> {
    let mut managers: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for raw in records {
        let reports = raw.values.get("directReports").and_then(Value::as_array);
        for report in reports.into_iter().flatten().filter_map(Value::as_str) {
            managers.entry(report).or_default().insert(&raw.id);
        }
    }
    let mut one = BTreeMap::new();
    for (report, managers) in managers {
        match managers.first() {
            Some(manager) if managers.len() == 1 => {
                one.insert(report.to_owned(), (*manager).to_owned());
            }
            _ => {
                let names: Vec<&str> = managers.into_iter().collect();
                let message = format!("`people.directReports`: `{report}` is listed by several: {}", names.join(", "));
                warnings.push(Diagnostic::warning("several-managers", message).help("none of them is taken"));
            }
        }
    }
    one
}

/// The rows of `/job-roles` by person.
struct JobRoles {
    /// Why they cannot be known. A list with holes may lack the very row that counts.
    missing: Option<String>,
    by_person: BTreeMap<String, Vec<JobRole>>,
}

impl JobRoles {
    fn new(collection: &RawCollection, rows: Vec<RawRecord>, not_understood: &NotUnderstood) -> Self {
        let missing = if !collection.provided && collection.reasons == ["not provided"] {
            Some("the collection `job-roles` was not provided".to_owned())
        } else if !collection.complete() || !collection.provided {
            Some(format!("the collection `job-roles` is incomplete: {}", collection.why()))
        } else {
            None
        };
        let mut by_person: BTreeMap<String, Vec<JobRole>> = BTreeMap::new();
        for raw in rows {
            if let Some(person) = raw.values.get("personId").and_then(Value::as_str) {
                by_person.entry(person.to_owned()).or_default().push(job_role(&raw, not_understood));
            }
        }
        JobRoles { missing, by_person }
    }

    /// Every row of a person, or why they cannot be known.
    fn take(&mut self, person: &str) -> Result<Vec<JobRole>, String> {
        let rows = self.by_person.remove(person).unwrap_or_default();
        match &self.missing {
            Some(reason) => Err(reason.clone()),
            None => Ok(rows),
        }
    }

    /// Rows that nobody took.
    fn left_over(&self) -> UnlistedRows {
        let mut left = UnlistedRows::default();
        for (person, rows) in &self.by_person {
            rows.iter().for_each(|row| left.add(&row.id, Some(person)));
        }
        left
    }
}

fn job_role(raw: &RawRecord, not_understood: &NotUnderstood) -> JobRole {
    let mut fields = Fields::new("job-roles", &raw.id, &raw.values, not_understood);
    let mut row = JobRole {
        id: raw.id.clone(),
        job_title: fields.text("job_title", "jobTitle"),
        department: fields.fact("department", "department", department),
        manager: fields.text("manager", "reportingTo"),
        effective_date: fields.date("effective_date", "effectiveDate"),
        end_date: fields.date("end_date", "endDate"),
        updated_at: fields.instant("updated_at", "updatedAt"),
        unknown: BTreeMap::new(),
    };
    row.unknown = fields.into_unknown();
    row
}

/// A text, or an object with a `name`.
fn department(value: &Value) -> Result<Option<String>, String> {
    match value.get("name") {
        Some(Value::Null) => Ok(None),
        Some(name) => record::text(name),
        None => record::text(value),
    }
}
